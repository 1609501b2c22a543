// Embeds recant in a batch job: reads "ID AUTHOR" lines from stdin and prints those that may be
// shown, judged a few thousand at a time by one snapshot and one as-of.
//   batch_job STORE < tweets.txt > shown.txt
#include <recant/recant.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kBatchItems = 4096;

recant::Result<void> print_shown(const recant::Snapshot& snapshot, recant::Time as_of,
                                 std::vector<recant::Item>& items) {
  static std::vector<recant::Verdict> verdicts(kBatchItems);
  RECANT_TRY(snapshot.check(items, as_of, {}, std::span(verdicts).first(items.size())));
  for (std::size_t i = 0; i < items.size(); ++i) {
    // Weaker actions change a part of the post; these two take all of it away.
    if (verdicts[i].action <= recant::Action::kSuppress) continue;
    std::cout << items[i].id << ' ' << items[i].author << '\n';
  }
  items.clear();
  return {};
}

recant::Result<void> run(const std::string& directory) {
  RECANT_ASSIGN(auto store, recant::Store::open({.directory = directory, .read_only = true}));
  RECANT_ASSIGN(const auto snapshot, store.snapshot());
  RECANT_ASSIGN(const recant::Time as_of, snapshot.default_as_of(recant::now()));
  std::vector<recant::Item> items;
  recant::Item item;
  while (std::cin >> item.id >> item.author) {
    items.push_back(item);
    if (items.size() == kBatchItems) RECANT_TRY(print_shown(snapshot, as_of, items));
  }
  return print_shown(snapshot, as_of, items);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto done = run(argv[1]);
  if (!done) std::fprintf(stderr, "%s\n", done.error().what.c_str());
  return done ? 0 : 1;
}
