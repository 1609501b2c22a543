#include "store/index/directory.h"

#include <algorithm>
#include <bit>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace recant::index {
namespace {

constexpr std::uint64_t kMagic = 0x522d544e41434552;  // "RECANT-R"
constexpr std::uint32_t kVersion = 2;
// magic, version and key words, rows, groups, chunks, and 8 bytes of 0: with the 16 bytes that
// LMDB puts before a value on pages of its own, the keys begin at a cache line.
constexpr std::size_t kHeadBytes = 48;
constexpr std::size_t kWordBytes = 8;
constexpr std::size_t kPlaceBytes = 4;
constexpr std::size_t kFanOutOf = 16;
constexpr std::uint64_t kPad = ~std::uint64_t{0};

constexpr std::uint64_t kStepsInChunk = kChunkBytes / kGroupAlign;

std::size_t padded(std::size_t size) { return (size + kFanOutOf - 1) / kFanOutOf * kFanOutOf; }

void put_word(std::uint64_t word, std::string& out) {
  out.append(reinterpret_cast<const char*>(&word), sizeof word);
}

void put_level(const std::vector<std::uint64_t>& keys, std::string& out) {
  out.append(reinterpret_cast<const char*>(keys.data()), keys.size() * kWordBytes);
  for (std::size_t i = keys.size(); i < padded(keys.size()); ++i) put_word(kPad, out);
}

void prefetch(const std::byte* at) { __builtin_prefetch(at); }

// How many of a node's keys are not greater.
std::size_t count_not_greater(const std::byte* node, std::uint64_t key) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kFanOutOf; ++i) {
    count += static_cast<std::size_t>(load_word(node + i * kWordBytes) <= key);
  }
  return count;
}

// For each key: its node of a level becomes the place of the last key there that is not greater.
// What pads the last node may count too, and is taken off again.
struct Level {
  const std::byte* keys = nullptr;
  std::size_t size = 0;

  [[nodiscard]] const std::byte* node(std::size_t number) const {
    return keys + number * kFanOutOf * kWordBytes;
  }
  [[nodiscard]] std::uint32_t place(std::size_t number, std::size_t count) const {
    const std::size_t place = number * kFanOutOf + count - (count == 0 ? 0 : 1);
    return static_cast<std::uint32_t>(std::min(place, size - 1));
  }
};

void descend_plain(const Level& level, std::span<const std::uint64_t> keys,
                   std::span<std::uint32_t> nodes) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    nodes[i] = level.place(nodes[i], count_not_greater(level.node(nodes[i]), keys[i]));
  }
}

#if defined(__x86_64__)
constexpr bool kVectorsKnown = true;

__attribute__((target("avx2,popcnt"))) void descend_vectors(const Level& level,
                                                            std::span<const std::uint64_t> keys,
                                                            std::span<std::uint32_t> nodes) {
  constexpr std::size_t kVectorBytes = 32;
  constexpr std::size_t kVectors = kFanOutOf * kWordBytes / kVectorBytes;
  constexpr int kLanes = 4;
  // The comparison knows signed numbers only.
  const __m256i sign = _mm256_set1_epi64x(std::numeric_limits<std::int64_t>::min());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const __m256i key =
        _mm256_xor_si256(_mm256_set1_epi64x(static_cast<std::int64_t>(keys[i])), sign);
    const std::byte* node = level.node(nodes[i]);
    unsigned greater = 0;
    for (std::size_t v = 0; v < kVectors; ++v) {
      const __m256i some = _mm256_xor_si256(
          _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(node + v * kVectorBytes)), sign);
      const int mask = _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(some, key)));
      greater = greater << kLanes | static_cast<unsigned>(mask);
    }
    nodes[i] = level.place(nodes[i], kFanOutOf - static_cast<std::size_t>(std::popcount(greater)));
  }
}

bool has_vectors() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}
#else
constexpr bool kVectorsKnown = false;
void descend_vectors(const Level&, std::span<const std::uint64_t>, std::span<std::uint32_t>) {}
bool has_vectors() { return false; }
#endif

void descend(const Level& level, std::span<const std::uint64_t> keys,
             std::span<std::uint32_t> nodes) {
  if (kVectorsKnown && has_vectors()) {
    descend_vectors(level, keys, nodes);
  } else {
    descend_plain(level, keys, nodes);
  }
}

}  // namespace

void DirectoryBuilder::add(std::uint64_t first, std::uint64_t second, GroupPlace place) {
  firsts_.push_back(first);
  if (key_words_ > 1) seconds_.push_back(second);
  places_.push_back(
      static_cast<std::uint32_t>(place.chunk * kStepsInChunk + place.offset / kGroupAlign));
}

std::string DirectoryBuilder::finish(std::uint64_t chunks) const {
  std::string out;
  put_word(kMagic, out);
  put_word(kVersion | static_cast<std::uint64_t>(key_words_) << 32, out);
  for (const std::uint64_t word : {rows_, static_cast<std::uint64_t>(firsts_.size()), chunks}) {
    put_word(word, out);
  }
  put_word(0, out);
  put_level(firsts_, out);
  for (std::vector<std::uint64_t> level = firsts_; level.size() > kFanOutOf;) {
    std::vector<std::uint64_t> above;
    for (std::size_t i = 0; i < level.size(); i += kFanOutOf) above.push_back(level[i]);
    put_level(above, out);
    level = std::move(above);
  }
  out.append(reinterpret_cast<const char*>(seconds_.data()), seconds_.size() * kWordBytes);
  out.append(reinterpret_cast<const char*>(places_.data()), places_.size() * kPlaceBytes);
  return out;
}

bool Directory::open(Bytes bytes, std::size_t key_words) {
  if (bytes.size() < kHeadBytes || load_word(bytes.data()) != kMagic) return false;
  const auto word = [&](std::size_t index) { return load_word(bytes.data() + kWordBytes * index); };
  if (word(1) != (kVersion | static_cast<std::uint64_t>(key_words) << 32) || word(5) != 0) {
    return false;
  }
  rows_ = word(2);
  chunks_ = word(4);
  // Every group takes at least a place and a key here, so that no product overflows below.
  if (word(3) == 0 || word(3) > bytes.size()) return false;
  groups_ = word(3);
  std::size_t offset = kHeadBytes;
  levels_ = 0;
  for (std::size_t size = groups_;; size = (size + kFanOut - 1) / kFanOut) {
    if (levels_ == kLevelsMax || offset > bytes.size()) return false;
    level_[levels_] = bytes.data() + offset;
    level_size_[levels_++] = size;
    offset += padded(size) * kWordBytes;
    if (size <= kFanOut) break;
  }
  firsts_ = level_[0];
  seconds_ = key_words > 1 ? bytes.data() + offset : nullptr;
  if (key_words > 1) offset += groups_ * kWordBytes;
  places_ = bytes.data() + offset;
  return offset + groups_ * kPlaceBytes == bytes.size();
}

GroupPlace Directory::place(std::size_t group) const {
  const std::uint64_t steps = load_half(places_ + kPlaceBytes * group);
  return {.chunk = steps / kStepsInChunk, .offset = steps % kStepsInChunk * kGroupAlign};
}

std::size_t Directory::find(std::uint64_t key) const {
  if (groups_ == 0 || first(0) > key) return groups_;
  std::uint32_t node = 0;
  find({&key, 1}, {&node, 1});
  return node;
}

void Directory::find(std::span<const std::uint64_t> keys, std::span<std::uint32_t> groups) const {
  constexpr std::size_t kAtOnce = 32;
  for (std::size_t begin = 0; begin < keys.size(); begin += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, keys.size() - begin);
    const auto some = groups.subspan(begin, count);
    std::ranges::fill(some, 0);
    for (std::size_t level = levels_; level-- > 0;) {
      descend({level_[level], level_size_[level]}, keys.subspan(begin, count), some);
      if (count == 1) continue;
      for (const std::uint32_t node : some) {
        const std::byte* next = level == 0 ? places_ + kPlaceBytes * node
                                           : level_[level - 1] + node * kFanOut * kWordBytes;
        prefetch(next);
        if (level != 0) prefetch(next + kFanOut * kWordBytes / 2);
      }
    }
  }
}

std::size_t Directory::lower_bound(std::uint64_t first_word, std::uint64_t second) const {
  if (groups_ == 0) return 0;
  // Groups from `low` on begin with first_word or more, but for `low` itself, which may begin with
  // less and end with it.
  const std::size_t before = first_word == 0 ? groups_ : find(first_word - 1);
  std::size_t low = before == groups_ ? 0 : before;
  if (seconds_ == nullptr) return low;
  const std::size_t last = find(first_word);
  if (last == groups_) return low;
  std::size_t begin = before == groups_ ? 0 : before + 1;
  std::size_t size = last + 1 > begin ? last + 1 - begin : 0;
  while (size > 0) {
    const std::size_t half = size / 2;
    const bool less = load_word(seconds_ + kWordBytes * (begin + half)) < second;
    if (less) {
      low = begin + half;
      begin += half + 1;
      size -= half + 1;
    } else {
      size = half;
    }
  }
  return low;
}

}  // namespace recant::index
