// The members of one JSON object that a decoder reads, found in one pass. Rules for ids, times and
// repeated fields: semantics.md, section 1; cli.md, "Times, ids, files".
#pragma once

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decode/decoded.h"
#include "recant/event.h"

namespace recant::decode {

/// A member that is there and not null; `name` is empty where there is none.
struct Member {
  std::string_view name;
  simdjson::dom::element value;

  explicit operator bool() const { return !name.empty(); }
};

/// Every reader below takes slots (places in `names`) in order of preference: the first that is
/// there and not null is read, the later ones are not even looked at. A slot that is looked at and
/// was given twice rejects the line.
class Fields {
 public:
  using Slots = std::initializer_list<std::size_t>;

  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  /// There and not null.
  [[nodiscard]] bool has(std::size_t slot) const {
    return (present_ >> slot & 1U) != 0 && !values_[slot].is_null();
  }
  /// The slots that are there, null or not, as bits.
  [[nodiscard]] std::uint32_t present() const { return present_; }

  [[nodiscard]] Decoded<Member> find(Slots slots) const;
  /// The id, exactly; 0 where there is none.
  [[nodiscard]] Decoded<std::uint64_t> id(Slots slots) const;
  [[nodiscard]] Decoded<std::optional<Time>> time(Slots slots) const;
  [[nodiscard]] Decoded<std::optional<std::string_view>> text(std::size_t slot) const;
  [[nodiscard]] Decoded<std::optional<simdjson::dom::object>> object(Slots slots) const;
  /// A whole number from 0 to 2^64-1, as an integer or decimal text; 0 where there is none.
  [[nodiscard]] Decoded<std::uint64_t> count(std::size_t slot) const;
  /// Sorted, distinct, upper-cased; empty where there are none.
  [[nodiscard]] Decoded<std::vector<Country>> countries(std::size_t slot) const;
  [[nodiscard]] Decoded<std::vector<TweetId>> ids(std::size_t slot) const;

 protected:
  Fields(std::span<const std::string_view> names, std::span<simdjson::dom::element> values)
      : names_(names), values_(values) {}
  ~Fields() = default;
  void collect(simdjson::dom::object object);

 private:
  std::span<const std::string_view> names_;
  std::span<simdjson::dom::element> values_;
  std::uint32_t present_ = 0;
  std::uint32_t twice_ = 0;
};

/// Fields with room for the members named in `names`, which must outlive it.
template <std::size_t N>
class FieldsOf : public Fields {
 public:
  static_assert(N <= 32);
  FieldsOf(const std::array<std::string_view, N>& names, simdjson::dom::object object)
      : Fields(names, storage_) {
    collect(object);
  }

 private:
  std::array<simdjson::dom::element, N> storage_;
};

/// RFC 3339 or decimal milliseconds as text, or milliseconds as an integer.
[[nodiscard]] std::optional<Time> read_time(simdjson::dom::element value);
/// An id as text or integer.
[[nodiscard]] std::optional<std::uint64_t> read_id(simdjson::dom::element value);

}  // namespace recant::decode
