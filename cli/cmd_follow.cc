// recant follow: keeps compliance streams and the firehose connected, and stores what they tell.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>

#include "cli/command.h"
#include "cli/follow_options.h"
#include "cli/follow_report.h"
#include "cli/follow_table.h"
#include "cli/output_guard.h"
#include "cli/text.h"
#include "engine/feed/firehose_replay.h"
#include "engine/feed/follow.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

constexpr std::int64_t kMetricsEverySeconds = 10;
// Follow never waits long for the lock at once: what it received is safe in its queue meanwhile.
constexpr std::int64_t kLockWaitMs = 1000;

std::atomic<bool> stop_asked = false;

void ask_to_stop(int) { stop_asked = true; }

void catch_signals() {
  struct sigaction action{};
  action.sa_handler = &ask_to_stop;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

// Whoever reads the lines may be slower than they come, or have stopped: the streams do not wait.
bool is_backed_up(int descriptor) {
  int unread = 0;
  const int capacity = ::fcntl(descriptor, F_GETPIPE_SZ);
  return capacity > 0 && ::ioctl(descriptor, FIONREAD, &unread) == 0 && unread > capacity / 2;
}

/// Shows the report of each second where it was asked for.
class Showing {
 public:
  Showing(Context& context, const FollowWords& words) : context_(context), words_(words) {}

  void operator()(const feed::FollowReport& report) {
    const Time at = now();
    if (words_.json && !is_backed_up(STDOUT_FILENO)) {
      note(write_output("-", follow_json(report, at)));
    }
    if (const auto size = context_.talk.table_size()) {
      context_.talk.table(follow_table(report, before_, at, *size));
    } else {
      context_.talk.progress([&] { return follow_line(report, events_of(before_), at); });
    }
    before_ = report;
    if (seconds_++ % kMetricsEverySeconds == 0) write_metrics(report);
  }
  void write_metrics(const feed::FollowReport& report) {
    if (words_.metrics_file.empty()) return;
    note(write_output(words_.metrics_file, follow_metrics(report)));
  }

 private:
  // The streams go on whatever becomes of what is shown of them.
  void note(const Result<void>& written) {
    if (!written && !failed_) context_.talk.say(written.error().what);
    failed_ = !written;
  }

  Context& context_;
  const FollowWords& words_;
  feed::FollowReport before_{};
  std::int64_t seconds_ = 0;
  bool failed_ = false;
};

Result<feed::Interval> replay_range(const std::string& text) {
  const std::size_t dots = text.find("..");
  const auto from = parse_time(text.substr(0, dots));
  const auto to = dots == std::string::npos ? std::nullopt : parse_time(text.substr(dots + 2));
  if (from && to) return feed::Interval{*from, *to};
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("--replay {}: two times like 2026-03-01T10:00:00Z..2026-03-01T12:00:00Z", text));
}

Result<ExitCode> run_replay(Context& context, const FollowWords& words) {
  if (words.sources != std::vector<std::string>{"firehose"}) {
    return fail(ErrorCode::kInvalidArgument,
                "--replay: there is none but of the firehose (name firehose as the only SOURCE)");
  }
  feed::ReplayOptions replay{.url = words.replay_url};
  RECANT_ASSIGN(replay.range, replay_range(words.replay));
  replay.stop = &stop_asked;
  Connections connections;
  RECANT_TRY(load_credential(words, true, connections));
  RECANT_ASSIGN(const auto http, feed::make_http_client(std::move(connections.firehose)));
  RECANT_ASSIGN(auto store, create_store(context, kLockWaitMs));
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
  return summary.missed.empty() && summary.rejected == 0 ? kExitDone : kExitFound;
}

ExitCode say_end(Talk& talk, const feed::FollowReport& report) {
  std::size_t holes = 0;
  std::uint64_t rejected = 0;
  for (const feed::StreamReport& stream : report.streams) {
    holes += stream.holes.size();
    rejected += stream.rejected;
  }
  talk.say(fmt::format("{} from {}, {} that backfill could not close",
                       counted(events_of(report), "event"),
                       counted(report.streams.size(), "stream"), counted(holes, "gap")));
  if (rejected == 0) return kExitDone;
  talk.say(counted(rejected, "line") + " rejected");
  return kExitFound;
}

Result<ExitCode> run(Context& context, FollowWords& words) {
  catch_signals();
  std::vector<std::string> read = files_of(words.network);
  read.push_back(words.basic_file);
  RECANT_TRY(guard_outputs({.store = context.store.directory,
                            .inputs = std::move(read),
                            .outputs = {{"--metrics-file", words.metrics_file}}}));
  // Metrics that cannot be written are told before anything is followed.
  RECANT_ASSIGN(auto metrics, open_output(words.metrics_file));
  metrics.reset();
  feed::forbid_core_files();
  if (!words.replay.empty()) return run_replay(context, words);
  Connections connections;
  feed::FollowOptions follow;
  RECANT_ASSIGN(follow.streams, make_streams(words, connections));
  RECANT_ASSIGN(auto store, create_store(context, kLockWaitMs));
  const auto pace = feed::make_pace();
  Showing showing(context, words);
  follow.duration_ms = words.duration_ms;
  follow.stop = &stop_asked;
  follow.say = [&context](std::string_view text) { context.talk.say(text); };
  follow.on_second = [&showing](const feed::FollowReport& report) { showing(report); };
  const auto report = feed::follow(
      {.store = store, .clock = io::real_clock(), .pace = *pace, .redact = connections.redact},
      follow);
  RECANT_TRY(report);
  showing.write_metrics(*report);
  return say_end(context.talk, *report);
}

}  // namespace

void add_follow(CLI::App& app, Context& context) {
  auto options = std::make_shared<FollowWords>();
  CLI::App* command = add_command(
      app, "follow", "Keeps compliance streams connected, and stores what they tell",
      "  recant follow v2-tweets v2-users --token-file token --metrics-file recant.prom\n"
      "  recant follow firehose --firehose-url https://... --basic-file login");
  add_follow_options(command, *options);
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
