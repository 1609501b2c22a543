// Lookups of one key and of 4096 at once in a sealed part, beside mdb_get of the same rows in a
// plain LMDB file: all in one run, so that their ratio is worth something. RECANT_BENCH_ROWS says
// how many rows (default 10 million); files go to TMPDIR, else /dev/shm.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <lmdb.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/index/batch_reader.h"
#include "store/index/part_builder.h"
#include "store/index/radix_sort.h"
#include "store/model/facts.h"

namespace {

using namespace recant;
namespace fs = std::filesystem;

constexpr std::size_t kBatch = 4096;
constexpr std::size_t kQueries = std::size_t{1} << 20;

struct PlainRow {
  std::uint64_t author = 0;
  Time at = 0;
};

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

class World {
 public:
  static World& get() {
    static World world;
    return world;
  }

  [[nodiscard]] const std::vector<std::uint64_t>& queries(bool hits) const {
    return hits ? hits_ : misses_;
  }
  [[nodiscard]] MDB_txn* txn() const { return txn_; }
  [[nodiscard]] MDB_dbi dbi() const { return dbi_; }
  [[nodiscard]] const std::shared_ptr<const index::View>& view() const { return view_; }
  [[nodiscard]] std::uint64_t plain_bytes() const { return fs::file_size(directory_ / "plain"); }
  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  World() {
    const char* wanted = std::getenv("RECANT_BENCH_ROWS");
    rows_ = wanted == nullptr ? 10'000'000 : std::stoull(wanted);
    const char* place = std::getenv("TMPDIR");
    directory_ = fs::path(place == nullptr ? "/dev/shm" : place) / "recant-lookup-bench";
    fs::remove_all(directory_);
    fs::create_directories(directory_);
    make();
  }
  ~World() {
    mdb_txn_abort(txn_);
    mdb_env_close(environment_);
    view_.reset();
    fs::remove_all(directory_);
  }

  // Snowflakes a random while apart, by authors of both kinds, deleted within a month.
  void make() {
    std::mt19937_64 random(7);
    model::Facts facts;
    facts.tweets.reserve(rows_);
    begin_plain();
    std::uint64_t ms = std::uint64_t{380'000'000'000};
    for (std::size_t i = 0; i < rows_; ++i) {
      ms += 1 + random() % 600;
      const TweetId id = ms << 22 | (300 + random() % 400) << 12 | random() % 3;
      const UserId author = random() % 10 < 6 ? 12 + random() % 3'000'000'000
                                              : (std::uint64_t{1} << 59) + (random() >> 6);
      const auto at = static_cast<Time>(1'700'000'000'000 + random() % 2'600'000'000);
      facts.tweets.push_back(
          {.key = id, .value = author, .at = at, .kind = model::FactKind::kDeleted});
      put_plain(id, {.author = author, .at = at});
      const bool chosen = random() % rows_ < 2 * kQueries && hits_.size() < kQueries;
      if (chosen) hits_.push_back(id);
      if (chosen) misses_.push_back(id + (7 << 12));
    }
    facts.total = rows_;
    end_plain();
    std::ranges::shuffle(hits_, random);
    std::ranges::shuffle(misses_, random);
    const auto info = index::build_part(
        io::real_file_system(),
        {.parts = {}, .runs = {std::make_shared<const index::Run>(std::move(facts))}},
        {.directory = directory_.string(), .first = 1, .last = rows_, .others = {}});
    require(info.has_value(), "cannot build the part");
    auto part = index::Part::open(io::real_file_system(), directory_.string(), *info, true);
    require(part.has_value(), "cannot open the part");
    fmt::print("{} rows: {:.2f} bytes a row in the part, {:.2f} in plain LMDB\n", rows_,
               static_cast<double>(info->bytes) / static_cast<double>(rows_),
               static_cast<double>(plain_bytes()) / static_cast<double>(rows_));
    view_ = std::make_shared<const index::View>(index::Sources{.parts = {*part}, .runs = {}});
  }

  void begin_plain() {
    require(mdb_env_create(&environment_) == 0, "mdb_env_create");
    mdb_env_set_mapsize(environment_, (std::size_t{64} << 20) + rows_ * 64);
    constexpr unsigned kFlags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC | MDB_NORDAHEAD;
    require(mdb_env_open(environment_, (directory_ / "plain").c_str(), kFlags, 0600) == 0, "open");
    require(mdb_txn_begin(environment_, nullptr, 0, &txn_) == 0, "begin");
    require(mdb_dbi_open(txn_, nullptr, MDB_INTEGERKEY, &dbi_) == 0, "dbi");
  }
  void put_plain(TweetId id, PlainRow row) {
    MDB_val key{sizeof id, &id};
    MDB_val value{sizeof row, &row};
    require(mdb_put(txn_, dbi_, &key, &value, MDB_APPEND) == 0, "put");
  }
  void end_plain() {
    require(mdb_txn_commit(txn_) == 0, "commit");
    require(mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &txn_) == 0, "begin");
  }

  std::size_t rows_ = 0;
  fs::path directory_;
  MDB_env* environment_ = nullptr;
  MDB_txn* txn_ = nullptr;
  MDB_dbi dbi_ = 0;
  std::vector<std::uint64_t> hits_;
  std::vector<std::uint64_t> misses_;
  std::shared_ptr<const index::View> view_;
};

// Queries are taken in turn, so that none is in cache when it comes again.
class Turns {
 public:
  explicit Turns(const std::vector<std::uint64_t>& keys) : keys_(keys) {}
  std::uint64_t next() {
    if (place_ == keys_.size()) place_ = 0;
    return keys_[place_++];
  }
  std::span<const std::uint64_t> next(std::size_t count) {
    if (place_ + count > keys_.size()) place_ = 0;
    const auto some = std::span(keys_).subspan(place_, count);
    place_ += count;
    return some;
  }

 private:
  const std::vector<std::uint64_t>& keys_;
  std::size_t place_ = 0;
};

void count_items(benchmark::State& state, std::size_t each) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(each));
}

void plain_get(benchmark::State& state, bool hits) {
  const World& world = World::get();
  Turns turns(world.queries(hits));
  for ([[maybe_unused]] auto turn : state) {
    std::uint64_t id = turns.next();
    MDB_val key{sizeof id, &id};
    MDB_val value{};
    benchmark::DoNotOptimize(mdb_get(world.txn(), world.dbi(), &key, &value));
  }
  count_items(state, 1);
}

void part_one(benchmark::State& state, bool hits) {
  const index::Reader reader(World::get().view());
  Turns turns(World::get().queries(hits));
  TweetState tweet;
  for ([[maybe_unused]] auto turn : state) {
    tweet.clear();
    require(reader.tweet(turns.next(), tweet).has_value(), "read");
    benchmark::DoNotOptimize(tweet.deleted_at);
  }
  count_items(state, 1);
}

void part_rows(benchmark::State& state, bool hits) {
  const index::PartTable& table =
      World::get().view()->sources().parts.front()->table(index::Table::kTweets);
  Turns turns(World::get().queries(hits));
  std::uint64_t sum = 0;
  for ([[maybe_unused]] auto turn : state) {
    require(table.find_all(turns.next(kBatch),
                           [&sum](std::size_t, const index::Row& row) {
                             sum += row.numbers[1] + row.numbers[2];
                             return true;
                           }),
            "read");
  }
  benchmark::DoNotOptimize(sum);
  count_items(state, kBatch);
}

// The keys are sorted first, and the rows found in order: what merging a large batch with the table
// would gain. The sort is part of the time, giving the answers back in the order of the questions
// is not.
void part_rows_sorted(benchmark::State& state, bool hits) {
  const index::PartTable& table =
      World::get().view()->sources().parts.front()->table(index::Table::kTweets);
  const auto batch = static_cast<std::size_t>(state.range(0));
  Turns turns(World::get().queries(hits));
  std::vector<model::Fact> keys;
  std::vector<model::Fact> scratch;
  std::vector<std::uint64_t> sorted;
  std::uint64_t sum = 0;
  for ([[maybe_unused]] auto turn : state) {
    keys.clear();
    for (const std::uint64_t key : turns.next(batch)) keys.push_back({.key = key});
    index::radix_sort_by_key(keys, scratch);
    sorted.clear();
    for (const model::Fact& fact : keys) sorted.push_back(fact.key);
    require(table.find_all(sorted,
                           [&sum](std::size_t, const index::Row& row) {
                             sum += row.numbers[1] + row.numbers[2];
                             return true;
                           }),
            "read");
  }
  benchmark::DoNotOptimize(sum);
  count_items(state, batch);
}

void part_states(benchmark::State& state, bool hits) {
  index::BatchReader reader(World::get().view());
  Turns turns(World::get().queries(hits));
  for ([[maybe_unused]] auto turn : state) {
    reader.clear();
    for (const TweetId id : turns.next(kBatch)) reader.want_tweet(id);
    require(reader.fetch().has_value(), "read");
    benchmark::DoNotOptimize(reader.new_tweets().size());
  }
  count_items(state, kBatch);
}

BENCHMARK_CAPTURE(plain_get, hit, true);
BENCHMARK_CAPTURE(plain_get, miss, false);
BENCHMARK_CAPTURE(part_one, hit, true);
BENCHMARK_CAPTURE(part_one, miss, false);
BENCHMARK_CAPTURE(part_rows, hit_4096, true);
BENCHMARK_CAPTURE(part_rows, miss_4096, false);
BENCHMARK_CAPTURE(part_rows_sorted, hit, true)->Arg(4096)->Arg(1 << 16)->Arg(1 << 20);
BENCHMARK_CAPTURE(part_rows_sorted, miss, false)->Arg(4096)->Arg(1 << 16)->Arg(1 << 20);
BENCHMARK_CAPTURE(part_states, hit_4096, true);
BENCHMARK_CAPTURE(part_states, miss_4096, false);

}  // namespace

BENCHMARK_MAIN();
