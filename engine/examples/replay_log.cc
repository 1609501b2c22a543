// Replays a log: counts its events by kind, in the order in which they came, and stops at Ctrl-C or
// where the log ends.
//   replay_log STORE
#include <recant/recant.h>

#include <array>
#include <csignal>
#include <cstdio>

namespace {

volatile std::sig_atomic_t interrupted = 0;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::signal(SIGINT, [](int) { interrupted = 1; });
  const auto store = recant::Store::open({.directory = argv[1], .read_only = true});
  if (!store) return std::fprintf(stderr, "%s\n", store.error().what.c_str()), 1;
  std::array<unsigned long long, recant::kEventKindCount + 1> counts{};
  const auto done = store->read_events({}, [&](recant::SequenceNumber, const recant::Event& event) {
    ++counts[static_cast<std::size_t>(event.kind)];
    return interrupted == 0;
  });
  if (!done) return std::fprintf(stderr, "%s\n", done.error().what.c_str()), 1;
  for (std::size_t kind = 1; kind < counts.size(); ++kind) {
    if (counts[kind] == 0) continue;
    std::printf("%s %llu\n", recant::event_kind_name(static_cast<recant::EventKind>(kind)).data(),
                counts[kind]);
  }
}
