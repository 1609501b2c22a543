// Groups of rows and the directory over them, against the rows they were made of.
#include "store/index/row_group.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <random>

#include "store/index/directory.h"

using namespace recant::index;

namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

struct PlainRow {
  std::array<std::uint64_t, kColumnsMax> numbers{};
  unsigned absent = 0;
  std::string extra;
};

std::string encode(const std::vector<PlainRow>& rows, std::size_t columns) {
  GroupRows group;
  for (const PlainRow& row : rows) {
    for (std::size_t column = 0; column < columns; ++column) {
      group.numbers[column][group.count] = row.numbers[column];
      group.absent[column] |= (row.absent >> column & 1) << group.count;
    }
    group.extra_sizes[group.count] = row.extra.size();
    group.extras += row.extra;
    ++group.count;
  }
  std::string bytes;
  encode_group(group, columns, bytes);
  return bytes;
}

// In memory of its own size, so that a sanitizer sees a read past the end.
std::vector<std::byte> exact(std::string bytes) {
  bytes.append(kBitsSlack, '\0');
  const auto span = std::as_bytes(std::span(bytes));
  return {span.begin(), span.end()};
}

bool is_same(const Row& row, const PlainRow& plain, std::size_t columns) {
  for (std::size_t column = 0; column < columns; ++column) {
    const bool absent = (plain.absent >> column & 1) != 0;
    if (!absent && row.numbers[column] != plain.numbers[column]) return false;
  }
  const auto extra = std::as_bytes(std::span(plain.extra));
  return std::ranges::equal(row.extra, extra);
}

void check_group(const std::vector<PlainRow>& rows, std::size_t columns) {
  const auto bytes = exact(encode(rows, columns));
  RowGroup group;
  REQUIRE(group.open(bytes, rows.front().numbers[0]));
  REQUIRE(group.count() == rows.size());
  for (const PlainRow& plain : rows) {
    const auto first = std::ranges::find(rows, plain.numbers[0],
                                         [](const PlainRow& row) { return row.numbers[0]; });
    CHECK(group.find(plain.numbers[0]) == static_cast<std::size_t>(first - rows.begin()));
    for (const std::uint64_t near : {plain.numbers[0] - 1, plain.numbers[0] + 1}) {
      const bool known =
          std::ranges::any_of(rows, [near](const PlainRow& row) { return row.numbers[0] == near; });
      CHECK((group.find(near) < group.count()) == known);
    }
  }
  REQUIRE(group.open_rest(columns));
  std::array<Row, kGroupRows> all;
  REQUIRE(group.rows(all));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Row row;
    REQUIRE(group.row(i, row));
    CHECK(is_same(row, rows[i], columns));
    CHECK(is_same(all[i], rows[i], columns));
  }
}

// Numbers of very different sizes and kinds.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  std::uint64_t next(unsigned kind) {
    switch (kind % 7) {
      case 0:
        return random_() >> (random_() % 64);
      case 1:
        return 1'671'798'896'789 + below(2'600'000'000);
      case 2:
        return (below(1'000'000) << 22) + (std::uint64_t{1} << 60) + below(4);
      case 3:
        return below(5) == 0 ? random_() : below(3'000'000'000);
      case 4:
        return kMax - below(3);
      case 5:
        return below(2);
      default:
        return 42;
    }
  }

 private:
  std::mt19937_64 random_;
};

std::vector<PlainRow> random_rows(Numbers& numbers, std::size_t count, std::size_t columns) {
  std::vector<PlainRow> rows(count);
  std::array<unsigned, kColumnsMax> kinds{};
  for (unsigned& kind : kinds) kind = static_cast<unsigned>(numbers.below(7));
  const bool with_extras = numbers.below(2) == 0;
  for (PlainRow& row : rows) {
    for (std::size_t column = 0; column < columns; ++column) {
      row.numbers[column] = numbers.next(kinds[column]);
    }
    if (columns > 1) row.absent = numbers.below(4) == 0 ? 2 : 0;
    if (with_extras && numbers.below(3) == 0) row.extra.assign(numbers.below(300), 'x');
  }
  std::ranges::sort(rows, {}, [](const PlainRow& row) { return row.numbers; });
  return rows;
}

}  // namespace

TEST_CASE("a group gives back its rows, by place and by key", "[index]") {
  Numbers numbers(17);
  for (int i = 0; i < 3000; ++i) {
    const std::size_t columns = 1 + numbers.below(kColumnsMax);
    check_group(random_rows(numbers, 1 + numbers.below(kGroupRows), columns), columns);
  }
}

TEST_CASE("groups of one row, of extreme numbers and of equal keys", "[index]") {
  for (const std::uint64_t key : {std::uint64_t{0}, std::uint64_t{1}, kMax}) {
    for (const std::uint64_t number : {std::uint64_t{0}, kMax}) {
      check_group({{.numbers = {key, number, kMax - number}, .extra = {}}}, 3);
      check_group(std::vector<PlainRow>(32, {.numbers = {key, number}, .extra = "e"}), 2);
    }
  }
  check_group({{.numbers = {0, kMax, 0}, .extra = {}}, {.numbers = {kMax, 0, kMax}, .extra = {}}},
              3);
  check_group({{.numbers = {9, 7}, .absent = 2, .extra = std::string(5000, 'y')}}, 2);
}

TEST_CASE("plain deleted tweets take no more than their entropy and a little", "[index]") {
  Numbers numbers(3);
  std::vector<PlainRow> rows;
  for (int i = 0; i < 32; ++i) {
    rows.push_back({.numbers = {(numbers.below(10'000) << 22) + (std::uint64_t{3} << 60) +
                                    (numbers.below(400) << 12) + numbers.below(3),
                                numbers.below(3'000'000'000),
                                1'700'000'000'000 + numbers.below(2'600'000'000)},
                    .extra = {}});
  }
  std::ranges::sort(rows, {}, [](const PlainRow& row) { return row.numbers; });
  // 13 + 10 + 2 bits, 32 bits and 32 bits are 11.1 bytes.
  CHECK(encode(rows, 3).size() <= 32 * 12);
}

TEST_CASE("groups cut short, flipped or random are refused or read, never past their end",
          "[index]") {
  Numbers numbers(5);
  const auto read_all = [](Bytes bytes, std::size_t columns) {
    RowGroup group;
    if (!group.open(bytes, 70)) return;
    (void)group.find(77);
    if (!group.open_rest(columns)) return;
    std::array<Row, kGroupRows> rows;
    (void)group.rows(rows);
    for (std::size_t i = 0; i < group.count(); ++i) (void)group.row(i, rows[i]);
  };
  for (int i = 0; i < 60; ++i) {
    const std::size_t columns = 1 + numbers.below(kColumnsMax);
    const auto rows = random_rows(numbers, 1 + numbers.below(kGroupRows), columns);
    auto good = exact(encode(rows, columns));
    for (std::size_t size = 0; size < good.size(); ++size) {
      const std::vector<std::byte> cut(good.begin(), good.begin() + static_cast<long>(size));
      read_all(cut, columns);
    }
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
      const auto mask = static_cast<std::byte>(1U << bit % 8);
      good[bit / 8] ^= mask;
      read_all(good, columns);
      good[bit / 8] ^= mask;
    }
  }
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::byte> noise(numbers.below(200));
    for (std::byte& byte : noise) byte = static_cast<std::byte>(numbers.below(256));
    read_all(noise, 1 + numbers.below(kColumnsMax));
  }
}

TEST_CASE("a directory finds the group of every key, one by one and many at once", "[index]") {
  Numbers numbers(23);
  for (const std::size_t groups : {1UL, 2UL, 15UL, 16UL, 17UL, 255UL, 256UL, 257UL, 5000UL}) {
    std::vector<std::uint64_t> firsts;
    for (std::size_t i = 0; i < groups; ++i) firsts.push_back(numbers.next(i % 2 == 0 ? 2 : 0));
    if (groups > 2) firsts.back() = kMax;
    std::ranges::sort(firsts);
    DirectoryBuilder builder(1);
    for (std::size_t i = 0; i < groups; ++i) {
      builder.add(firsts[i], 0, {.chunk = i / 100, .offset = i % 100 * kGroupAlign});
    }
    const std::string bytes = builder.finish(1);
    Directory directory;
    REQUIRE(directory.open(std::as_bytes(std::span(bytes)), 1));
    CHECK_FALSE(Directory().open(std::as_bytes(std::span(bytes)), 2));
    CHECK_FALSE(Directory().open(std::as_bytes(std::span(bytes)).first(bytes.size() - 1), 1));
    std::vector<std::uint64_t> keys = {0, 1, kMax, kMax - 1};
    for (const std::uint64_t first : firsts) {
      for (const std::uint64_t key : {first - 1, first, first + 1}) keys.push_back(key);
    }
    std::vector<std::uint32_t> found(keys.size());
    directory.find(keys, found);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto end = std::ranges::upper_bound(firsts, keys[i]);
      const auto expected = static_cast<std::size_t>(end - firsts.begin());
      CHECK(directory.find(keys[i]) == (expected == 0 ? groups : expected - 1));
      CHECK(found[i] == (expected == 0 ? 0 : expected - 1));
      CHECK(directory.place(found[i]).chunk == found[i] / 100);
      CHECK(directory.place(found[i]).offset == found[i] % 100 * kGroupAlign);
    }
  }
}

TEST_CASE("a directory of pairs goes to the group before which no wanted row stands", "[index]") {
  Numbers numbers(29);
  using Pair = std::pair<std::uint64_t, std::uint64_t>;
  for (int round = 0; round < 50; ++round) {
    std::vector<Pair> firsts;
    for (std::size_t i = 0; i < 300; ++i) firsts.emplace_back(numbers.below(6), numbers.below(400));
    std::ranges::sort(firsts);
    DirectoryBuilder builder(2);
    for (const Pair& pair : firsts) builder.add(pair.first, pair.second, {});
    const std::string bytes = builder.finish(1);
    Directory directory;
    REQUIRE(directory.open(std::as_bytes(std::span(bytes)), 2));
    for (int i = 0; i < 200; ++i) {
      const Pair wanted{numbers.below(8), numbers.below(402)};
      const auto lower = std::ranges::lower_bound(firsts, wanted);
      const auto expected = static_cast<std::size_t>(lower - firsts.begin());
      CHECK(directory.lower_bound(wanted.first, wanted.second) ==
            (expected == 0 ? 0 : expected - 1));
    }
  }
}
