#include "store/index/row_group.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace recant::index {
namespace {

// The head of a group.
constexpr std::uint8_t kCountMask = 0x1f;  // rows less one
constexpr std::uint8_t kHasExtras = 0x20;
constexpr std::uint8_t kUnusedHead = 0xc0;

// The form of a column: how a packed number p stands for a number.
constexpr std::uint8_t kLowMask = 0x0f;     // 0 to 12: that many low bits of p are the low 12 of it
constexpr std::uint8_t kPlain = 13;         // base + p
constexpr std::uint8_t kFromKey = 0x10;     // counted from the time of the key, a snowflake
constexpr std::uint8_t kTwoClasses = 0x20;  // numbers below 2^32 stand by themselves
constexpr std::uint8_t kUnusedForm = 0xc0;

// The last bits of a snowflake count the ids of one machine and millisecond: mostly zeros.
constexpr unsigned kSequenceBits = 12;
constexpr std::uint64_t kSequenceMask = (1U << kSequenceBits) - 1;
constexpr unsigned kSnowflakeTimeShift = 22;
constexpr std::uint64_t kSnowflakeEpochMs = 1'288'834'974'657;
// A number of so many bits is in the 8 bytes from its first one on.
constexpr unsigned kOneLoadWidth = 57;
constexpr std::uint64_t kSmallEnd = std::uint64_t{1} << 32;

unsigned width_of(std::uint64_t number) { return static_cast<unsigned>(std::bit_width(number)); }

// std::popcount is a call where the machine is not known to have the instruction.
std::size_t count_bits(std::uint32_t bits) {
  bits -= bits >> 1 & 0x55555555;
  bits = (bits & 0x33333333) + (bits >> 2 & 0x33333333);
  bits = (bits + (bits >> 4)) & 0x0f0f0f0f;
  return bits * 0x01010101 >> 24;
}

std::uint64_t time_of(std::uint64_t key) {
  return (key >> kSnowflakeTimeShift) + kSnowflakeEpochMs;
}

void put_byte(std::uint64_t value, std::string& out) {
  out.push_back(static_cast<char>(value & 0xff));
}

void put_varint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) put_byte(value | 0x80, out);
  put_byte(value, out);
}

std::uint64_t pack(std::uint64_t number, std::uint64_t base, std::uint8_t low) {
  if (low == kPlain) return number - base;
  return ((number >> kSequenceBits) - (base >> kSequenceBits)) << low | (number & kSequenceMask);
}

std::uint64_t unpack(std::uint64_t packed, std::uint64_t base, std::uint8_t low) {
  if (low == kPlain) return base + packed;
  return ((base >> kSequenceBits) + (packed >> low)) << kSequenceBits | (packed & low_bits(low));
}

// What is known of the numbers that one frame is to hold.
struct Spread {
  std::uint64_t least = ~std::uint64_t{0};
  std::uint64_t greatest = 0;
  std::uint64_t low_ored = 0;
  std::size_t count = 0;

  void add(std::uint64_t number) {
    least = std::min(least, number);
    greatest = std::max(greatest, number);
    low_ored |= number & kSequenceMask;
    ++count;
  }
};

struct Frame {
  std::uint64_t base = 0;
  unsigned width = 0;
  std::uint8_t low = kPlain;
};

// The narrower of the two ways to pack numbers of this spread.
Frame frame_of(const Spread& spread) {
  if (spread.count == 0) return {};
  Frame plain{.base = spread.least, .width = width_of(spread.greatest - spread.least)};
  const unsigned low = width_of(spread.low_ored);
  const unsigned high =
      width_of((spread.greatest >> kSequenceBits) - (spread.least >> kSequenceBits));
  if (high + low >= plain.width) return plain;
  return {.base = spread.least, .width = high + low, .low = static_cast<std::uint8_t>(low)};
}

// One way to write a column, and what it costs.
struct Plan {
  std::uint8_t form = kPlain;
  Frame frame;
  unsigned small_width = 0;
  std::uint32_t large = 0;
  std::size_t bits = 0;
};

class ColumnEncoder {
 public:
  ColumnEncoder(const GroupRows& rows, std::size_t column)
      : numbers_(rows.numbers[column]),
        keys_(rows.numbers[0]),
        absent_(rows.absent[column]),
        count_(rows.count),
        is_key_(column == 0) {}

  void encode(std::string& out) {
    Plan plan = plain();
    if (!is_key_) {
      if (Plan other = from_key(); other.bits < plan.bits) plan = other;
      if (Plan other = two_classes(); other.bits < plan.bits) plan = other;
    }
    write(plan, out);
  }

 private:
  [[nodiscard]] bool is_absent(std::size_t row) const { return ((absent_ >> row) & 1) != 0; }

  [[nodiscard]] Plan plain() const {
    Spread spread;
    for (std::size_t i = 0; i < count_; ++i) {
      if (!is_absent(i)) spread.add(numbers_[i]);
    }
    const Frame frame = frame_of(spread);
    return {.form = frame.low, .frame = frame, .bits = frame.width * count_};
  }

  [[nodiscard]] Plan from_key() const {
    Spread spread;
    for (std::size_t i = 0; i < count_; ++i) {
      if (!is_absent(i)) spread.add(numbers_[i] - time_of(keys_[i]));
    }
    const Frame frame = frame_of(spread);
    return {.form = static_cast<std::uint8_t>(frame.low | kFromKey),
            .frame = frame,
            .bits = frame.width * count_};
  }

  [[nodiscard]] Plan two_classes() const {
    Plan plan;
    Spread spread;
    std::size_t small = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      if (!is_absent(i) && numbers_[i] >= kSmallEnd) {
        spread.add(numbers_[i]);
        plan.large |= std::uint32_t{1} << i;
        continue;
      }
      ++small;
      if (!is_absent(i)) plan.small_width = std::max(plan.small_width, width_of(numbers_[i]));
    }
    plan.frame = frame_of(spread);
    plan.form = plan.frame.low | kTwoClasses;
    constexpr std::size_t kOwnHeadBits = 40;
    plan.bits = spread.count * plan.frame.width + small * plan.small_width + kOwnHeadBits;
    return plan;
  }

  void write(const Plan& plan, std::string& out) const {
    put_byte(plan.form, out);
    put_byte(plan.frame.width, out);
    const unsigned base_bytes = is_key_ ? 0 : (width_of(plan.frame.base) + 7) / 8;
    put_byte(base_bytes, out);
    for (unsigned i = 0; i < base_bytes; ++i) put_byte(plan.frame.base >> (8 * i), out);
    const bool split = (plan.form & kTwoClasses) != 0;
    if (split) {
      put_byte(plan.small_width, out);
      for (unsigned i = 0; i < sizeof plan.large; ++i) put_byte(plan.large >> (8 * i), out);
      BitPacker packer(plan.small_width, out);
      for (std::size_t i = 0; i < count_; ++i) {
        if (((plan.large >> i) & 1) == 0) packer.add(is_absent(i) ? 0 : numbers_[i]);
      }
    }
    BitPacker packer(plan.frame.width, out);
    for (std::size_t i = 0; i < count_; ++i) {
      if (split && ((plan.large >> i) & 1) == 0) continue;
      const std::uint64_t from = (plan.form & kFromKey) != 0 ? time_of(keys_[i]) : 0;
      packer.add(is_absent(i) ? 0 : pack(numbers_[i] - from, plan.frame.base, plan.frame.low));
    }
  }

  const std::array<std::uint64_t, kGroupRows>& numbers_;
  const std::array<std::uint64_t, kGroupRows>& keys_;
  std::uint32_t absent_;
  std::size_t count_;
  bool is_key_;
};

// Takes a byte, or as many as are asked for, off the front; nothing where there are too few.
std::optional<std::uint8_t> take_byte(Bytes& bytes) {
  if (bytes.empty()) return {};
  const auto value = std::to_integer<std::uint8_t>(bytes.front());
  bytes = bytes.subspan(1);
  return value;
}

std::optional<std::size_t> take_size(Bytes& bytes) {
  std::size_t value = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    const auto next = take_byte(bytes);
    if (!next) return {};
    value |= static_cast<std::size_t>(*next & 0x7f) << shift;
    if (*next < 0x80) return value;
  }
  return {};
}

}  // namespace

void GroupRows::clear() {
  count = 0;
  absent = {};
  extras.clear();
}

void encode_group(const GroupRows& rows, std::size_t columns, std::string& out) {
  const bool has_extras = !rows.extras.empty();
  put_byte((rows.count - 1) | (has_extras ? kHasExtras : 0), out);
  for (std::size_t column = 0; column < columns; ++column) {
    ColumnEncoder(rows, column).encode(out);
  }
  if (!has_extras) return;
  std::uint32_t with_extra = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (rows.extra_sizes[i] != 0) with_extra |= std::uint32_t{1} << i;
  }
  for (unsigned i = 0; i < sizeof with_extra; ++i) put_byte(with_extra >> (8 * i), out);
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (rows.extra_sizes[i] != 0) put_varint(rows.extra_sizes[i], out);
  }
  out += rows.extras;
}

bool PackedColumn::open(std::size_t count, Bytes& bytes) {
  constexpr std::size_t kHeadBytes = 3;
  if (bytes.size() < kHeadBytes + sizeof(std::uint64_t)) return false;
  form_ = std::to_integer<std::uint8_t>(bytes[0]);
  width_ = std::to_integer<std::uint8_t>(bytes[1]);
  const auto base_bytes = std::to_integer<unsigned>(bytes[2]);
  const unsigned low = form_ & kLowMask;
  if ((form_ & kUnusedForm) != 0 || low > kPlain || width_ > 64 || base_bytes > 8) return false;
  if (low != kPlain && low > width_) return false;
  base_ = load_word(bytes.data() + kHeadBytes) & low_bits(8 * base_bytes);
  bytes = bytes.subspan(kHeadBytes + base_bytes);
  std::size_t size = packed_bytes(count, width_);
  if ((form_ & kTwoClasses) != 0) {
    if (bytes.size() < 1 + sizeof large_) return false;
    small_width_ = std::to_integer<std::uint8_t>(bytes[0]);
    large_ = load_half(bytes.data() + 1) &
             static_cast<std::uint32_t>(low_bits(static_cast<unsigned>(count)));
    if (small_width_ > 64) return false;
    bytes = bytes.subspan(1 + sizeof large_);
    const std::size_t large = count_bits(large_);
    size = packed_bytes(count - large, small_width_) + packed_bytes(large, width_);
  }
  count_ = static_cast<std::uint8_t>(count);
  if (bytes.size() < size + kBitsSlack) return false;
  data_ = bytes.data();
  bytes = bytes.subspan(size);
  return true;
}

std::uint64_t PackedColumn::at(std::size_t row, std::uint64_t key) const {
  const auto low = static_cast<std::uint8_t>(form_ & kLowMask);
  if ((form_ & kTwoClasses) != 0) {
    const std::uint32_t before =
        large_ & static_cast<std::uint32_t>(low_bits(static_cast<unsigned>(row)));
    const std::size_t large_before = count_bits(before);
    if (((large_ >> row) & 1) == 0) return load_bits(data_, row - large_before, small_width_);
    const std::size_t small = count_ - count_bits(large_);
    const std::byte* large = data_ + packed_bytes(small, small_width_);
    return unpack(load_bits(large, large_before, width_), base_, low);
  }
  const std::uint64_t number = unpack(load_bits(data_, row, width_), base_, low);
  return (form_ & kFromKey) != 0 ? number + time_of(key) : number;
}

bool PackedColumn::is_ordered() const { return (form_ & (kFromKey | kTwoClasses)) == 0; }

std::size_t PackedColumn::find(std::uint64_t number) const {
  const std::size_t count = count_;
  const auto low = static_cast<std::uint8_t>(form_ & kLowMask);
  std::uint64_t packed = 0;
  if (low == kPlain) {
    if (number < base_) return count;
    packed = number - base_;
  } else {
    const std::uint64_t high = (number >> kSequenceBits) - (base_ >> kSequenceBits);
    if ((number >> kSequenceBits) < (base_ >> kSequenceBits)) return count;
    if ((number & kSequenceMask) > low_bits(low) || high > low_bits(width_ - low)) return count;
    packed = high << low | (number & kSequenceMask);
  }
  if (packed > low_bits(width_)) return count;
  return width_ <= kOneLoadWidth ? find_packed<true>(packed) : find_packed<false>(packed);
}

template <bool kOneLoad>
std::size_t PackedColumn::find_packed(std::uint64_t packed) const {
  const auto load = [this](std::size_t index) {
    if constexpr (!kOneLoad) return load_bits(data_, index, width_);
    const std::size_t bit = index * width_;
    return load_word(data_ + bit / 8) >> bit % 8 & low_bits(width_);
  };
  // Without branches that depend on the numbers: no guess would be better than chance.
  std::size_t first = 0;
  std::size_t size = count_;
  while (size > 1) {
    const std::size_t half = size / 2;
    first += load(first + half - 1) < packed ? half : 0;
    size -= half;
  }
  first += static_cast<std::size_t>(load(first) < packed);
  return first < count_ && load(first) == packed ? first : count_;
}

bool RowGroup::open(Bytes bytes, std::uint64_t first_key) {
  if (bytes.empty()) return false;
  const auto head = std::to_integer<std::uint8_t>(bytes[0]);
  if ((head & kUnusedHead) != 0) return false;
  count_ = (head & kCountMask) + std::size_t{1};
  has_extras_ = (head & kHasExtras) != 0;
  rest_ = bytes.subspan(1);
  if (!keys_.open(count_, rest_)) return false;
  keys_.set_base(first_key);
  return keys_.is_ordered();
}

bool RowGroup::open_rest(std::size_t columns) {
  columns_ = columns;
  for (std::size_t column = 1; column < columns; ++column) {
    if (!others_[column - 1].open(count_, rest_)) return false;
  }
  with_extra_ = 0;
  if (!has_extras_) return true;
  if (rest_.size() < sizeof with_extra_) return false;
  with_extra_ = load_half(rest_.data());
  rest_ = rest_.subspan(sizeof with_extra_);
  return (with_extra_ & ~low_bits(static_cast<unsigned>(count_))) == 0;
}

void RowGroup::numbers(std::size_t index, Row& row) const {
  const std::uint64_t key = keys_.at(index, 0);
  row.numbers[0] = key;
  for (std::size_t column = 1; column < columns_; ++column) {
    row.numbers[column] = others_[column - 1].at(index, key);
  }
  row.extra = {};
}

bool RowGroup::row(std::size_t index, Row& row) const {
  numbers(index, row);
  if (((with_extra_ >> index) & 1) == 0) return true;
  Bytes rest = rest_;
  std::size_t before = 0;
  std::size_t own = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (((with_extra_ >> i) & 1) == 0) continue;
    const auto size = take_size(rest);
    if (!size || *size > rest_.size()) return false;
    if (i < index) before += *size;
    if (i == index) own = *size;
  }
  if (before + own > rest.size()) return false;
  row.extra = rest.subspan(before, own);
  return true;
}

bool RowGroup::rows(std::span<Row, kGroupRows> rows) const {
  for (std::size_t i = 0; i < count_; ++i) numbers(i, rows[i]);
  if (with_extra_ == 0) return true;
  Bytes rest = rest_;
  std::array<std::size_t, kGroupRows> sizes{};
  for (std::size_t i = 0; i < count_; ++i) {
    if (((with_extra_ >> i) & 1) == 0) continue;
    const auto size = take_size(rest);
    if (!size) return false;
    sizes[i] = *size;
  }
  for (std::size_t i = 0; i < count_; ++i) {
    if (sizes[i] > rest.size()) return false;
    rows[i].extra = rest.first(sizes[i]);
    rest = rest.subspan(sizes[i]);
  }
  return true;
}

}  // namespace recant::index
