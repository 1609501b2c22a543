// What every C++ consumer builds: one deletion, two verdicts.
#include <recant/recant.h>

#include <cstdio>

int main(int, char** argv) {
  auto store = recant::Store::open({.directory = argv[1], .create = true});
  if (!store) return std::puts(store.error().what.c_str()), 1;
  const recant::Event event{.kind = recant::EventKind::kTweetDelete, .at = 1000, .tweet = 154};
  if (auto done = store->append({&event, 1}); !done) return std::puts(done.error().what.c_str()), 1;
  const auto snapshot = store->snapshot();
  if (!snapshot) return std::puts(snapshot.error().what.c_str()), 1;
  const recant::Item items[] = {{.id = 154}, {.id = 155}};
  recant::Verdict verdicts[2];
  if (!snapshot->check(items, recant::now(), {}, verdicts)) return 1;
  for (const recant::Verdict& verdict : verdicts) {
    std::puts(recant::action_name(verdict.action).data());
  }
}
