// recant_generate: event lines or query ids to stdout, the same for the same seed.
#include <fmt/compile.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "bench/event_source.h"
#include "bench/tweet_lines.h"
#include "bench/wire_lines.h"

namespace recant::bench {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

struct Options {
  SourceOptions source;
  WireFormat format = WireFormat::kV2;
  std::uint64_t tracked = 0;
  std::uint64_t queries = 0;
  std::uint64_t tweets = 0;
};

/// Stdout in large writes.
class Lines {
 public:
  std::string& buffer() { return buffer_; }
  void flush_if_full() {
    if (buffer_.size() >= kBufferBytes) flush();
  }
  void flush() {
    for (std::string_view rest = buffer_; !rest.empty();) {
      const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw std::runtime_error(std::string("stdout: ") + std::strerror(errno));
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    buffer_.clear();
  }

 private:
  std::string buffer_;
};

// The first `tracked` tweets that the events name, as `track` would record them: one in five is a
// retweet.
void write_tracked(const Options& options, Lines& lines) {
  EventSource source(options.source);
  Random random(options.source.seed ^ 0x7261636b);
  for (std::uint64_t left = options.tracked; left > 0;) {
    const Event& event = source.next();
    if (event.tweet == 0) continue;
    Event held;
    held.kind = EventKind::kTweetHeld;
    held.at = event.at;
    held.tweet = event.tweet;
    held.author = event.author;
    if (random.below(5) == 0) {
      held.payload.make().retweeted = make_tweet_id(event.at - 400'000'000'000, random);
      held.payload.make().retweeted_author = 12 + random.below(1'000'000'000);
    }
    append_line(held, WireFormat::kCanonical, lines.buffer());
    lines.flush_if_full();
    --left;
  }
}

void write_events(const Options& options, Lines& lines) {
  EventSource source(options.source);
  for (std::uint64_t i = 0; i < options.source.events; ++i) {
    append_line(source.next(), options.format, lines.buffer());
    lines.flush_if_full();
  }
}

// Half of the tweets that it gives are tweets of the events, half are not, in no order.
class QuerySource {
 public:
  explicit QuerySource(const SourceOptions& options) : random_(options.seed ^ 0x71756572) {
    EventSource source(options);
    known_.reserve(options.events);
    for (std::uint64_t i = 0; i < options.events; ++i) {
      const Event& event = source.next();
      if (event.tweet != 0) known_.push_back(event.tweet);
    }
    if (known_.empty()) known_.push_back(1);
  }
  TweetId next() {
    const Time created_at = 1'400'000'000'000 + static_cast<Time>(random_.below(300'000'000'000));
    const TweetId unknown = make_tweet_id(created_at, random_);
    const TweetId hit = known_[random_.below(known_.size())];
    return (random_.next() & 1) != 0 ? hit : unknown;
  }
  Random& random() { return random_; }

 private:
  Random random_;
  std::vector<TweetId> known_;
};

void write_queries(const Options& options, Lines& lines) {
  QuerySource source(options.source);
  for (std::uint64_t i = 0; i < options.queries; ++i) {
    fmt::format_to(std::back_inserter(lines.buffer()), FMT_COMPILE("{}\n"), source.next());
    lines.flush_if_full();
  }
}

void write_tweets(const Options& options, Lines& lines) {
  QuerySource source(options.source);
  for (std::uint64_t i = 0; i < options.tweets; ++i) {
    const TweetId id = source.next();
    append_tweet(id, 12 + source.random().below(1'000'000'000), source.random(), lines.buffer());
    lines.flush_if_full();
  }
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Writes event lines (or, with --queries, tweet ids) to stdout.", "recant_generate"};
  app.add_option("--events", options.source.events, "how many events")->capture_default_str();
  app.add_option("--seed", options.source.seed, "the same seed gives the same lines")
      ->capture_default_str();
  app.add_option("--days", options.source.period_days, "the period that they span")
      ->capture_default_str();
  const std::map<std::string, WireFormat> formats = {
      {"v2", WireFormat::kV2}, {"gnip", WireFormat::kGnip}, {"canonical", WireFormat::kCanonical}};
  app.add_option("--format", options.format, "v2, gnip or canonical")
      ->transform(CLI::CheckedTransformer(formats));
  app.add_option("--tracked", options.tracked, "first, tweet_held lines for so many of the tweets");
  app.add_option("--queries", options.queries, "instead, so many ids, half of them of the events");
  app.add_option("--tweets", options.tweets, "instead, so many v1.1 tweets, half of the events");
  CLI11_PARSE(app, argc, argv);
  options.source.events = std::max<std::uint64_t>(options.source.events, 1);
  Lines lines;
  if (options.queries > 0) {
    write_queries(options, lines);
  } else if (options.tweets > 0) {
    write_tweets(options, lines);
  } else {
    write_tracked(options, lines);
    write_events(options, lines);
  }
  lines.flush();
  return 0;
}

}  // namespace
}  // namespace recant::bench

int main(int argc, char** argv) {
  try {
    return recant::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "recant_generate: %s\n", error.what());
    return 3;
  }
}
