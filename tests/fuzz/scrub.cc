// Scrubbed datasets: what scrub wrote can be read, nothing in it is due any more, and scrubbing it
// again changes nothing. The same for what it set aside.
#include "engine/dataset/scrub.h"

#include <stdlib.h>

#include <filesystem>

#include "tests/fuzz/dataset_support.h"

namespace recant::fuzz {
namespace {

// A store where small ids, and those of fixtures/shapes, have every kind of trouble.
class Judge {
 public:
  Judge() {
    std::string name = "/dev/shm/recant-fuzz-XXXXXX";
    require(::mkdtemp(name.data()) != nullptr, "no directory in memory");
    directory_ = name;
    Store store = must(Store::open({.directory = name + "/store", .create = true}));
    const auto events = troubles();
    must(store.append(events));
    snapshot_.emplace(must(store.snapshot()));
  }
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;
  ~Judge() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  [[nodiscard]] const Snapshot& snapshot() const { return *snapshot_; }

 private:
  static std::vector<Event> troubles() {
    std::vector<Event> events;
    const auto add = [&](EventKind kind) -> Event& {
      events.emplace_back();
      events.back().kind = kind;
      events.back().at = 1'000;
      return events.back();
    };
    for (std::uint64_t id = 1; id <= 60; ++id) {
      constexpr std::array kTweetKinds = {EventKind::kTweetDelete, EventKind::kTweetDrop,
                                          EventKind::kTweetScrubGeo};
      constexpr std::array kUserKinds = {EventKind::kUserDelete, EventKind::kUserProtect,
                                         EventKind::kUserSuspend};
      if (id % 5 < 3) add(kTweetKinds[id % 5]).tweet = id;
      if (id % 7 < 3) add(kUserKinds[id % 7]).user = id;
    }
    for (const UserId user : {UserId{61}, UserId{40551327}}) {
      Event& event = add(EventKind::kScrubGeo);
      event.user = user;
      event.payload.make().up_to_tweet = 1'102'131'496'350'646'279;
    }
    add(EventKind::kTweetDelete).tweet = 947'618'370'155'446'273;
    add(EventKind::kTweetDelete).tweet = 1'102'139'046'097'846'281;
    add(EventKind::kTweetDrop).tweet = 1'101'436'919'608'246'274;
    add(EventKind::kUserProtect).user = 700'000'000'000'000'123;
    return events;
  }

  std::string directory_;
  std::optional<Snapshot> snapshot_;
};

struct Scrubbed {
  std::string output;
  std::string held;
  dataset::ScrubSummary summary;
  std::string rejected;
};

std::optional<Scrubbed> scrub_text(std::string_view text, const dataset::ReaderOptions& reader) {
  static const Judge judge;
  const FileInMemory file(text);
  std::vector<files::Input> inputs;
  inputs.push_back(must(files::Input::open(file.path())));
  Scrubbed done;
  auto output = must(files::Output::open("/dev/null"));
  auto held = must(files::Output::open("/dev/null"));
  output.set_tap([&](std::string_view bytes) { done.output += bytes; });
  held.set_tap([&](std::string_view bytes) { done.held += bytes; });
  const dataset::ScrubOptions options{
      .reader = reader,
      .as_of = 2'000,
      .on_reject = [&](const replay::Rejection& one) { (done.rejected += one.why) += "\n"; },
      .threads = 1};
  auto summary = dataset::scrub(judge.snapshot(), std::move(inputs), options,
                                {.output = &output, .held = &held});
  if (!summary) {
    require(summary.error().code == ErrorCode::kInvalidArgument, summary.error().what);
    return {};
  }
  must(output.finish());
  must(held.finish());
  done.summary = *summary;
  return done;
}

void require_settled(const Scrubbed& done, const std::string& output, const std::string& held) {
  require(done.summary.check.rejected == 0, "can no longer be read: " + done.rejected + output);
  require(done.output == output, "scrubbing again changed something:\n" + done.output);
  require(done.held == held, "scrubbing again set something aside:\n" + done.held);
  for (const std::uint64_t removed : done.summary.removed) require(removed == 0, "still due");
}

}  // namespace

void scrub(Data data) {
  Taker in(data);
  dataset::ReaderOptions options = reader_options(in.byte());
  options.line_bytes_max = dataset::ReaderOptions{}.line_bytes_max;
  // What the first line tells goes with it when it is left out of a file of many kinds of lines.
  if (options.format == dataset::Format::kAuto) options.format = dataset::Format::kJson;
  const auto done = scrub_text(in.rest_text(), options);
  if (!done) return;
  const auto again = scrub_text(done->output, options);
  require(again.has_value(), "what was written is no dataset");
  require_settled(*again, done->output, "");
  const auto& by_action = again->summary.check.by_action;
  require(by_action[static_cast<std::size_t>(Action::kDelete)] == 0, "to be deleted, and kept");
  require(by_action[static_cast<std::size_t>(Action::kSuppress)] == 0, "suppressed, and kept");
}

}  // namespace recant::fuzz
