// recant follow: keeps compliance streams and the firehose connected, and stores what they tell.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <memory>
#include <set>

#include "cli/command.h"
#include "cli/follow_report.h"
#include "cli/network.h"
#include "cli/options.h"
#include "cli/text.h"
#include "engine/feed/firehose_replay.h"
#include "engine/feed/follow.h"
#include "engine/feed/url.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

constexpr std::int64_t kMetricsEverySeconds = 10;
// Follow never waits long for the lock at once: what it received is safe in its queue meanwhile.
constexpr std::int64_t kLockWaitMs = 1000;

struct Source {
  const char* name;
  const char* path;  ///< null: the firehose's own URL
  unsigned partitions;
};
constexpr Source kSources[] = {{"v2-tweets", "/2/tweets/compliance/stream", 4},
                               {"v2-users", "/2/users/compliance/stream", 4},
                               {"v2-likes", "/2/likes/compliance/stream", 1},
                               {"firehose", nullptr, 8}};

struct Options {
  NetworkOptions network{};
  std::vector<std::string> sources{};
  std::vector<unsigned> partitions{};
  std::string firehose_url{};
  std::string basic_file{};
  std::optional<int> basic_descriptor{};
  std::int64_t duration_ms = 0;
  std::string backfill = "auto";
  std::string metrics_file{};
  std::string replay{};
  std::string replay_url{};
  bool json = false;
};

std::atomic<bool> stop_asked = false;

void ask_to_stop(int) { stop_asked = true; }

void catch_signals() {
  struct sigaction action{};
  action.sa_handler = &ask_to_stop;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

const Source* source_named(const std::string& name) {
  const auto* found =
      std::ranges::find_if(kSources, [&](const Source& source) { return name == source.name; });
  return found == std::end(kSources) ? nullptr : found;
}

Result<feed::StreamRules> rules_for(const Options& options, bool firehose) {
  feed::StreamRules rules{.heartbeat_ms = firehose ? 35'000 : 30'000};
  if (options.backfill == "auto") return rules;
  if (options.backfill == "off") {
    rules.backfill_minutes_max = 0;
    return rules;
  }
  const std::string& text = options.backfill;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), rules.backfill_minutes_fixed);
  if (error != std::errc() || end != text.data() + text.size() ||
      rules.backfill_minutes_fixed < 1 || rules.backfill_minutes_fixed > 5) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--backfill {}: auto, off, or 1 to 5 minutes", text));
  }
  return rules;
}

/// What the streams point to.
struct Connections {
  feed::Redactor redact{};
  feed::HttpSettings v2{};
  feed::HttpSettings firehose{};
  feed::ConnectBudget v2_budget{100, 900'000};
  feed::ConnectBudget firehose_budget{10, 60'000};
};

Result<void> load_credential(const Options& options, bool firehose, Connections& out) {
  const bool replay = !options.replay.empty();
  const std::string& base = !firehose ? options.network.api_url
                            : replay  ? options.replay_url
                                      : options.firehose_url;
  if (base.empty()) {
    return fail(
        ErrorCode::kInvalidArgument,
        "follow firehose: where is it? (give --firehose-url, or --replay-url, as the platform "
        "told you)");
  }
  RECANT_ASSIGN(const feed::Url url, feed::parse_url(base, options.network.allow_http));
  RECANT_ASSIGN(
      auto secret,
      feed::load_secret(
          {.name = firehose ? "user:password" : "token",
           .file = firehose ? options.basic_file : options.network.token_file,
           .descriptor = firehose ? options.basic_descriptor : options.network.token_descriptor,
           .variable = firehose ? "RECANT_BASIC" : "RECANT_TOKEN"}));
  if (!secret) {
    return fail(ErrorCode::kRefused,
                firehose ? "no user and password for the firehose (give --basic-file, or set "
                           "RECANT_BASIC)"
                         : "no token: the platform wants to know who asks (give --token-file, or "
                           "set RECANT_TOKEN)");
  }
  out.redact.add(*secret);
  feed::HttpSettings& settings = firehose ? out.firehose : out.v2;
  settings.credential.scheme =
      firehose ? feed::Credential::Scheme::kBasic : feed::Credential::Scheme::kBearer;
  settings.credential.secret = *std::move(secret);
  settings.credential.origin = url.origin;
  settings.ca_file = options.network.ca_file;
  settings.allow_http = options.network.allow_http;
  return {};
}

std::string stream_url(const Options& options, const Source& source, unsigned partition) {
  std::string base = source.path == nullptr ? options.firehose_url : options.network.api_url;
  while (base.ends_with('/')) base.pop_back();
  if (source.path != nullptr) base += source.path;
  if (source.partitions == 1) return base;
  return fmt::format("{}{}partition={}", base, base.find('?') == std::string::npos ? '?' : '&',
                     partition);
}

Result<void> add_source(const Options& options, const Source& source, Connections& connections,
                        std::vector<feed::FollowedStream>& streams) {
  const bool firehose = source.path == nullptr;
  RECANT_ASSIGN(const feed::StreamRules rules, rules_for(options, firehose));
  for (unsigned partition = 1; partition <= source.partitions; ++partition) {
    if (!options.partitions.empty() && std::ranges::count(options.partitions, partition) == 0) {
      continue;
    }
    streams.push_back({.name = {.source = source.name, .partition = std::to_string(partition)},
                       .url = stream_url(options, source, partition),
                       .backfill_parameter = firehose ? "backfillMinutes" : "backfill_minutes",
                       .takes_range = !firehose,
                       .settings = firehose ? &connections.firehose : &connections.v2,
                       .budget = firehose ? &connections.firehose_budget : &connections.v2_budget,
                       .rules = rules});
  }
  return {};
}

Result<std::vector<feed::FollowedStream>> make_streams(const Options& options,
                                                       Connections& connections) {
  std::vector<feed::FollowedStream> streams;
  bool v2 = false;
  bool firehose = false;
  for (const std::string& name : std::set(options.sources.begin(), options.sources.end())) {
    const Source& source = *source_named(name);
    RECANT_TRY(add_source(options, source, connections, streams));
    (source.path == nullptr ? firehose : v2) = true;
  }
  if (streams.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "--partition: none of the sources has such a partition (v2 streams have 1 to 4, "
                "the firehose 1 to 8)");
  }
  if (v2) RECANT_TRY(load_credential(options, false, connections));
  if (firehose) RECANT_TRY(load_credential(options, true, connections));
  return streams;
}

/// Shows the report of each second where it was asked for.
class Showing {
 public:
  Showing(Context& context, const Options& options) : context_(context), options_(options) {}

  void operator()(const feed::FollowReport& report) {
    const Time at = now();
    if (options_.json) note(write_output("-", follow_json(report, at)));
    context_.talk.progress([&] { return follow_line(report, events_before_, at); });
    events_before_ = events_of(report);
    if (seconds_++ % kMetricsEverySeconds == 0) write_metrics(report);
  }
  void write_metrics(const feed::FollowReport& report) {
    if (options_.metrics_file.empty()) return;
    note(write_output(options_.metrics_file, follow_metrics(report)));
  }

 private:
  // The streams go on whatever becomes of what is shown of them.
  void note(const Result<void>& written) {
    if (!written && !failed_) context_.talk.say(written.error().what);
    failed_ = !written;
  }

  Context& context_;
  const Options& options_;
  std::uint64_t events_before_ = 0;
  std::int64_t seconds_ = 0;
  bool failed_ = false;
};

Result<Store> open_followed_store(const Context& context) {
  StoreOptions options = context.store;
  options.create = true;
  options.lock_wait_ms = std::min(options.lock_wait_ms, kLockWaitMs);
  return Store::open(options);
}

Result<feed::Interval> replay_range(const std::string& text) {
  const std::size_t dots = text.find("..");
  const auto from = parse_time(text.substr(0, dots));
  const auto to = dots == std::string::npos ? std::nullopt : parse_time(text.substr(dots + 2));
  if (from && to) return feed::Interval{*from, *to};
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("--replay {}: two times like 2026-03-01T10:00:00Z..2026-03-01T12:00:00Z", text));
}

Result<ExitCode> run_replay(Context& context, const Options& options) {
  if (options.sources != std::vector<std::string>{"firehose"}) {
    return fail(ErrorCode::kInvalidArgument, "--replay: the firehose alone can be replayed");
  }
  feed::ReplayOptions replay{.url = options.replay_url};
  RECANT_ASSIGN(replay.range, replay_range(options.replay));
  Connections connections;
  RECANT_TRY(load_credential(options, true, connections));
  feed::forbid_core_files();
  RECANT_ASSIGN(const auto http, feed::make_http_client(std::move(connections.firehose)));
  RECANT_ASSIGN(auto store, open_followed_store(context));
  const auto pace = feed::make_pace();
  replay.say = [&context](std::string_view text) { context.talk.say(text); };
  replay.progress = [&context](std::uint64_t events) {
    context.talk.progress([events] { return counted(events, "event") + " replayed"; });
  };
  RECANT_ASSIGN(
      const auto summary,
      feed::replay_firehose(
          {.store = store, .clock = io::real_clock(), .pace = *pace, .redact = connections.redact},
          *http, replay));
  context.talk.say(fmt::format("{} replayed, {} rejected", counted(summary.events, "event"),
                               grouped(summary.rejected)));
  for (const feed::Interval& missed : summary.missed) {
    context.talk.say(fmt::format("not complete: {} to {} (replay it again)",
                                 format_time(missed.from), format_time(missed.to)));
  }
  RECANT_TRY(seal_if_free(store));
  return summary.missed.empty() ? kExitDone : kExitFound;
}

Result<ExitCode> run(Context& context, Options& options) {
  if (!options.replay.empty()) return run_replay(context, options);
  Connections connections;
  feed::FollowOptions follow;
  RECANT_ASSIGN(follow.streams, make_streams(options, connections));
  feed::forbid_core_files();
  RECANT_ASSIGN(auto store, open_followed_store(context));
  catch_signals();
  const auto pace = feed::make_pace();
  Showing showing(context, options);
  follow.duration_ms = options.duration_ms;
  follow.stop = &stop_asked;
  follow.say = [&context](std::string_view text) { context.talk.say(text); };
  follow.on_second = [&showing](const feed::FollowReport& report) { showing(report); };
  const auto report = feed::follow(
      {.store = store, .clock = io::real_clock(), .pace = *pace, .redact = connections.redact},
      follow);
  RECANT_TRY(report);
  showing.write_metrics(*report);
  std::size_t holes = 0;
  for (const feed::StreamReport& stream : report->streams) holes += stream.holes.size();
  context.talk.say(fmt::format("{} from {}, {} that backfill could not close",
                               counted(events_of(*report), "event"),
                               counted(report->streams.size(), "stream"), counted(holes, "gap")));
  return kExitDone;
}

void add_options(CLI::App* command, Options& options) {
  command->add_option("SOURCE", options.sources, "v2-tweets, v2-users, v2-likes, firehose")
      ->required()
      ->check([](const std::string& name) {
        return source_named(name) != nullptr
                   ? std::string()
                   : name + " is none of v2-tweets, v2-users, v2-likes, firehose";
      })
      ->option_text("...");
  add_network(command, options.network);
  command
      ->add_option("--firehose-url", options.firehose_url,
                   "the firehose's address, without the partition")
      ->option_text("URL");
  command
      ->add_option("--basic-file", options.basic_file,
                   "a file with user:password for the firehose, mode 0600 or tighter (else "
                   "$RECANT_BASIC)")
      ->option_text("FILE");
  command
      ->add_option("--basic-fd", options.basic_descriptor, "read user:password from descriptor N")
      ->option_text("N");
  command->add_option("--partition", options.partitions, "these partitions alone (default all)")
      ->delimiter(',')
      ->option_text("N,...");
  command
      ->add_option("--replay", options.replay,
                   "take in once more what the firehose sent between two times of the last 5 days")
      ->option_text("FROM..TO");
  command->add_option("--replay-url", options.replay_url, "the address of the firehose's Replay")
      ->option_text("URL");
  add_seconds(command, "--duration", options.duration_ms, "end after so long (default: never)");
  command
      ->add_option("--backfill", options.backfill,
                   "minutes to ask for again at each connect: auto (what the gap needs), off, or "
                   "1 to 5")
      ->option_text("N");
  command
      ->add_option("--metrics-file", options.metrics_file,
                   "keep Prometheus metrics here, replaced every 10 seconds")
      ->option_text("FILE");
  command->add_flag("--json", options.json, "print how the streams do, a JSON line a second");
}

}  // namespace

void add_follow(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, "follow", "Keeps compliance streams connected, and stores what they tell",
      "  recant follow v2-tweets v2-users --token-file token --metrics-file recant.prom\n"
      "  recant follow firehose --firehose-url https://... --basic-file login");
  add_options(command, *options);
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
