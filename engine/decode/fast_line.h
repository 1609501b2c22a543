// Event lines of the usual form, an order of magnitude faster than by a JSON parser.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/decode/decode.h"
#include "engine/decode/scanner.h"
#include "engine/decode/wire_keys.h"
#include "recant/event.h"

namespace recant::decode {

/// Reads one line as the general decoder would, or leaves it to that one: whatever is not exactly
/// of the usual form (an unknown or repeated key, an escape, other white space than single spaces,
/// an odd spelling of an id or a time, anything to be rejected) is not claimed here.
/// Keeps its memory between lines. One thread at a time.
class FastLine {
 public:
  /// Appends the line's one event, or returns false and leaves `out` as it was. Memory up to
  /// line.data() + line.size() + kLinePadding must be readable.
  [[nodiscard]] bool decode(const DecodeOptions& options, std::string_view line,
                            std::vector<Event>& out);

 private:
  // The members that one object gave: of ids and times the value, of texts a view.
  struct Object {
    KeySet seen;
    std::array<std::uint64_t, kKeyCount> numbers;
    std::array<std::string_view, kKeyCount> texts;

    [[nodiscard]] bool has(Key key) const { return (seen >> key & 1) != 0; }
    // The first that is there, 0 without any: an id is never 0.
    [[nodiscard]] std::uint64_t id(auto... keys) const {
      std::uint64_t id = 0;
      const auto take = [&](Key key) {
        if (has(key)) id = numbers[key];
        return has(key);
      };
      static_cast<void>((take(keys) || ...));
      return id;
    }
  };

  bool scan(std::string_view line);
  bool scan_line();
  bool scan_members(Object& object, KeySet allowed);
  bool scan_value(Object& object, std::size_t key);
  bool scan_ids();
  bool scan_countries();

  bool build(const DecodeOptions& options, Event& event);
  bool build_tweet_event(Event& event);
  bool build_favorite(Event& event) const;
  bool build_user_event(Event& event);
  bool build_canonical(const DecodeOptions& options, Event& event);
  bool build_canonical_facts(Event& event);
  bool build_batch_result(const DecodeOptions& options, Event& event) const;
  bool set_time(const DecodeOptions& options, Event& event, auto... keys) const;
  void set_countries(Event& event);

  Scanner in_;
  std::size_t kind_ = kKeyCount;   // the KIND of an envelope; kKeyCount where the line is flat
  std::size_t inner_ = kKeyCount;  // the key of the object inside it
  Object body_{};
  Object object_{};
  std::vector<TweetId> ids_;
  std::vector<Country> countries_;
};

}  // namespace recant::decode
