// Asks what had to be done with a tweet on several days, and tells its history.
//   as_of_query STORE TWEET TIME...
#include <recant/recant.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  auto store = recant::Store::open({.directory = argv[1], .read_only = true});
  if (!store) return std::fprintf(stderr, "%s\n", store.error().what.c_str()), 1;
  const auto snapshot = store->snapshot();
  if (!snapshot) return std::fprintf(stderr, "%s\n", snapshot.error().what.c_str()), 1;
  const auto id = recant::parse_id(argv[2]);
  if (!id) return std::fprintf(stderr, "%s: not an id\n", argv[2]), 2;
  const recant::Item item{.id = *id};
  for (int i = 3; i < argc; ++i) {
    const auto as_of = recant::parse_time(argv[i]);
    if (!as_of) return std::fprintf(stderr, "%s: not a time\n", argv[i]), 2;
    recant::Verdict verdict;
    if (auto done = snapshot->check({&item, 1}, *as_of, {}, {&verdict, 1}); !done) {
      return std::fprintf(stderr, "%s\n", done.error().what.c_str()), 1;
    }
    std::printf("%s %s\n", recant::format_time(*as_of).c_str(),
                recant::action_name(verdict.action).data());
  }
  const auto history = snapshot->tweet_history(*id);
  if (!history) return std::fprintf(stderr, "%s\n", history.error().what.c_str()), 1;
  for (const recant::Event& event : *history) {
    std::printf("%s at %s\n", recant::event_kind_name(event.kind).data(),
                recant::format_time(event.at).c_str());
  }
}
