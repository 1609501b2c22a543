// Times lookups: random ids by the C++ batch, by the C interface over plain arrays, and one by one.
//   benchmark_lookups STORE [ITEMS]
#include <recant/c.h>
#include <recant/recant.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace {

constexpr std::size_t kBatchItems = 4096;

// Ids that the store knows, each second one moved by one so that it mostly does not.
std::vector<std::uint64_t> some_ids(const recant::Store& store, std::size_t count) {
  std::vector<std::uint64_t> known;
  const auto read =
      store.read_events({}, [&known](recant::SequenceNumber, const recant::Event& event) {
        if (event.tweet != 0) known.push_back(event.tweet);
        return known.size() < 10'000'000;
      });
  if (!read || known.empty()) return {};
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> ids(count);
  for (std::size_t i = 0; i < count; ++i) ids[i] = known[random() % known.size()] + i % 2;
  return ids;
}

template <class Work>
void time_items(const char* name, std::size_t items, Work work) {
  const auto begin = std::chrono::steady_clock::now();
  const bool good = work();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("%-12s %12.0f items/s%s\n", name, static_cast<double>(items) / seconds.count(),
              good ? "" : " (failed)");
}

bool by_batch(const recant::Snapshot& snapshot, std::span<const std::uint64_t> ids) {
  std::vector<recant::Item> items(kBatchItems);
  std::vector<recant::Verdict> verdicts(kBatchItems);
  auto judge = snapshot.batch_judge(recant::now(), {});
  if (!judge) return false;
  for (std::size_t at = 0; at < ids.size(); at += kBatchItems) {
    const std::size_t size = std::min(kBatchItems, ids.size() - at);
    for (std::size_t i = 0; i < size; ++i) items[i].id = ids[at + i];
    if (!judge->judge(std::span(items).first(size), std::span(verdicts).first(size))) {
      return false;
    }
  }
  return true;
}

bool one_by_one(const recant::Snapshot& snapshot, std::span<const std::uint64_t> ids) {
  const auto reader = snapshot.reader();
  if (!reader) return false;
  recant::Judge judge(*reader, {}, recant::now());
  recant::Verdict verdict;
  for (const std::uint64_t id : ids) {
    if (!judge.judge({.id = id}, verdict)) return false;
  }
  return true;
}

bool by_c(const char* directory, std::span<const std::uint64_t> ids, bool with_reasons) {
  recant_store_options options = {};
  options.size = sizeof options;
  options.directory = directory;
  recant_store* store = nullptr;
  recant_snapshot* snapshot = nullptr;
  recant_reasons* reasons = nullptr;
  std::vector<std::uint8_t> actions(ids.size());
  recant_items items = {};
  items.size = sizeof items;
  items.count = ids.size();
  items.ids = ids.data();
  const bool good = recant_store_open(&options, &store, nullptr) == RECANT_OK &&
                    recant_store_snapshot(store, &snapshot, nullptr) == RECANT_OK &&
                    recant_check(snapshot, &items, recant_now(), nullptr, actions.data(),
                                 with_reasons ? &reasons : nullptr, nullptr) == RECANT_OK;
  recant_reasons_free(reasons);
  recant_snapshot_free(snapshot);
  recant_store_close(store);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::size_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  auto store = recant::Store::open({.directory = argv[1], .read_only = true});
  if (!store) return std::fprintf(stderr, "%s\n", store.error().what.c_str()), 1;
  const auto snapshot = store->snapshot();
  if (!snapshot) return std::fprintf(stderr, "%s\n", snapshot.error().what.c_str()), 1;
  const auto ids = some_ids(*store, count);
  if (ids.empty()) return std::fprintf(stderr, "the log names no tweet\n"), 1;
  time_items("C++ batch", count, [&] { return by_batch(*snapshot, ids); });
  time_items("C", count, [&] { return by_c(argv[1], ids, false); });
  time_items("C + reasons", count, [&] { return by_c(argv[1], ids, true); });
  time_items("one by one", count, [&] { return one_by_one(*snapshot, ids); });
}
