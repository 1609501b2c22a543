#include "store/index/row_codec.h"

#include <algorithm>

namespace recant::index {
namespace {

// Flags of a tweet row, in the order in which the pieces follow.
constexpr std::uint8_t kDeleted = 1;
constexpr std::uint8_t kOneAuthor = 2;
constexpr std::uint8_t kAuthors = 4;
constexpr std::uint8_t kVisibility = 8;
constexpr std::uint8_t kWithheld = 16;
constexpr std::uint8_t kGeoScrubbed = 32;
constexpr std::uint8_t kEdits = 64;
constexpr std::uint8_t kHeld = 128;

void put_byte(std::uint8_t value, std::string& out) { out.push_back(static_cast<char>(value)); }

void put(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) put_byte(static_cast<std::uint8_t>(value | 0x80), out);
  put_byte(static_cast<std::uint8_t>(value), out);
}

void put_time(Time at, std::string& out) { put(static_cast<std::uint64_t>(at), out); }

// Takes varints off the front of a row; once anything is wrong everything it returns is 0.
class Cursor {
 public:
  explicit Cursor(Bytes row) : rest_(row) {}

  std::uint8_t byte() {
    if (rest_.empty()) return broken();
    const auto value = std::to_integer<std::uint8_t>(rest_.front());
    rest_ = rest_.subspan(1);
    return value;
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      const std::uint64_t digit = next & 0x7f;
      if (shift == 63 && digit > 1) return broken();
      value |= digit << shift;
      if (next < 0x80) return value;
    }
    return broken();
  }

  Time time() { return static_cast<Time>(number()); }

  // A count of elements of at least one byte each: a longer one than there are bytes is damage.
  std::size_t count() {
    const std::uint64_t value = number();
    return value > rest_.size() ? broken() : static_cast<std::size_t>(value);
  }

  std::string text() {
    const std::size_t size = count();
    std::string value(reinterpret_cast<const char*>(rest_.data()), size);
    rest_ = rest_.subspan(size);
    return value;
  }

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool finished() const { return good_ && rest_.empty(); }

 private:
  std::uint8_t broken() {
    good_ = false;
    rest_ = {};
    return 0;
  }

  Bytes rest_;
  bool good_ = true;
};

template <class T, class Put>
void put_all(const std::vector<T>& values, std::string& out, Put put_one) {
  put(values.size(), out);
  for (const T& value : values) put_one(value);
}

template <class Take>
void take_all(Cursor& cursor, Take take_one) {
  const std::size_t count = cursor.count();
  for (std::size_t i = 0; i < count && cursor.good(); ++i) take_one();
}

void put_withheld(const std::vector<WithheldEntry>& withheld, std::string& out) {
  put_all(withheld, out, [&](const WithheldEntry& entry) {
    put(entry.country, out);
    put_time(entry.at, out);
  });
}

void take_withheld(Cursor& cursor, std::vector<WithheldEntry>& withheld) {
  take_all(cursor, [&] {
    const auto code = static_cast<Country>(cursor.number());
    withheld.push_back({.country = code, .at = cursor.time()});
  });
}

void put_toggle(const std::vector<ToggleEntry>& toggle, std::string& out) {
  put_all(toggle, out, [&](const ToggleEntry& entry) {
    put((static_cast<std::uint64_t>(entry.at) << 1) | (entry.on ? 1 : 0), out);
  });
}

void take_toggle(Cursor& cursor, std::vector<ToggleEntry>& toggle) {
  take_all(cursor, [&] {
    const std::uint64_t value = cursor.number();
    toggle.push_back({.at = static_cast<Time>(value >> 1), .on = (value & 1) != 0});
  });
}

std::uint8_t flags_of(const TweetState& state) {
  const auto flag = [](bool there, std::uint8_t bit) { return there ? bit : std::uint8_t{0}; };
  return static_cast<std::uint8_t>(
      flag(state.deleted_at.has_value(), kDeleted) | flag(state.authors.size() == 1, kOneAuthor) |
      flag(state.authors.size() > 1, kAuthors) | flag(!state.visibility.empty(), kVisibility) |
      flag(!state.withheld.empty(), kWithheld) |
      flag(state.geo_scrubbed_at.has_value(), kGeoScrubbed) | flag(!state.edits.empty(), kEdits) |
      flag(state.held.has_value(), kHeld));
}

// A pair names the row's tweet on one side; both are written all the same, since edited tweets are
// few and the key then checks the row.
void put_edits(const TweetState& state, std::string& out) {
  put_all(state.edits, out, [&](const EditPair& pair) {
    put(pair.initial, out);
    put(pair.version, out);
    put_time(pair.at, out);
  });
}

}  // namespace

void encode_row(const TweetState& state, std::string& out) {
  put_byte(flags_of(state), out);
  if (state.deleted_at) put_time(*state.deleted_at, out);
  if (state.authors.size() == 1) put(state.authors.front(), out);
  if (state.authors.size() > 1) encode_row(state.authors, out);
  if (!state.visibility.empty()) {
    put_all(state.visibility, out, [&](const VisibilityEntry& entry) {
      put_time(entry.at, out);
      put_byte(static_cast<std::uint8_t>((static_cast<unsigned>(entry.visibility) << 4) |
                                         static_cast<unsigned>(entry.why)),
               out);
    });
  }
  if (!state.withheld.empty()) put_withheld(state.withheld, out);
  if (state.geo_scrubbed_at) put_time(*state.geo_scrubbed_at, out);
  if (!state.edits.empty()) put_edits(state, out);
  if (state.held) {
    put((static_cast<std::uint64_t>(state.held->at) << 1) | (state.held->held ? 1 : 0), out);
  }
}

bool decode_row(Bytes row, TweetId key, TweetState& state) {
  Cursor cursor(row);
  const std::uint8_t flags = cursor.byte();
  if ((flags & kDeleted) != 0) {
    const Time at = cursor.time();
    if (!state.deleted_at || at < *state.deleted_at) state.deleted_at = at;
  }
  if ((flags & kOneAuthor) != 0) state.authors.push_back(cursor.number());
  if ((flags & kAuthors) != 0) {
    UserId author = 0;
    take_all(cursor, [&] { state.authors.push_back(author += cursor.number()); });
  }
  if ((flags & kVisibility) != 0) {
    take_all(cursor, [&] {
      const Time at = cursor.time();
      const std::uint8_t code = cursor.byte();
      state.visibility.push_back({.at = at,
                                  .visibility = static_cast<Visibility>((code >> 4) & 3),
                                  .why = static_cast<Why>(code & 7)});
    });
  }
  if ((flags & kWithheld) != 0) take_withheld(cursor, state.withheld);
  if ((flags & kGeoScrubbed) != 0) {
    const Time at = cursor.time();
    if (!state.geo_scrubbed_at || at < *state.geo_scrubbed_at) state.geo_scrubbed_at = at;
  }
  bool names_key = true;
  if ((flags & kEdits) != 0) {
    take_all(cursor, [&] {
      EditPair pair{.initial = cursor.number(), .version = cursor.number(), .at = cursor.time()};
      names_key = names_key && (pair.initial == key || pair.version == key);
      state.edits.push_back(pair);
    });
  }
  if ((flags & kHeld) != 0) {
    const std::uint64_t value = cursor.number();
    const HeldEntry entry{.at = static_cast<Time>(value >> 1), .held = (value & 1) != 0};
    if (!state.held || entry > *state.held) state.held = entry;
  }
  return cursor.finished() && names_key;
}

void encode_row(const UserState& state, std::string& out) {
  put_toggle(state.deleted, out);
  put_toggle(state.protected_, out);
  put_toggle(state.suspended, out);
  put_withheld(state.withheld, out);
  put_all(state.scrub_geo, out, [&](const ScrubGeoEntry& entry) {
    put_time(entry.at, out);
    put(entry.up_to_tweet, out);
  });
  put_all(state.profile, out, [&](const ProfileEntry& entry) {
    put(entry.field.size(), out);
    out += entry.field;
    put_time(entry.at, out);
  });
}

bool decode_row(Bytes row, UserState& state) {
  Cursor cursor(row);
  take_toggle(cursor, state.deleted);
  take_toggle(cursor, state.protected_);
  take_toggle(cursor, state.suspended);
  take_withheld(cursor, state.withheld);
  take_all(cursor, [&] {
    const Time at = cursor.time();
    state.scrub_geo.push_back({.at = at, .up_to_tweet = cursor.number()});
  });
  take_all(cursor, [&] {
    std::string field = cursor.text();
    state.profile.push_back({.field = std::move(field), .at = cursor.time()});
  });
  return cursor.finished();
}

void encode_row(const std::vector<std::uint64_t>& ids, std::string& out) {
  std::uint64_t last = 0;
  put_all(ids, out, [&](std::uint64_t id) { put(id - std::exchange(last, id), out); });
}

bool decode_row(Bytes row, std::vector<std::uint64_t>& ids) {
  Cursor cursor(row);
  std::uint64_t id = 0;
  take_all(cursor, [&] { ids.push_back(id += cursor.number()); });
  return cursor.finished();
}

void encode_row(Time at, std::string& out) { put_time(at, out); }

bool decode_row(Bytes row, Time& at) {
  Cursor cursor(row);
  at = cursor.time();
  return cursor.finished();
}

void encode_row(const model::Coverage& coverage, std::string& out) {
  put_all(coverage, out, [&](const model::Interval& interval) {
    put_time(interval.from, out);
    put_time(interval.to - interval.from, out);
  });
}

bool decode_row(Bytes row, model::Coverage& coverage) {
  Cursor cursor(row);
  take_all(cursor, [&] {
    const Time from = cursor.time();
    model::add_interval({.from = from, .to = from + cursor.time()}, coverage);
  });
  return cursor.finished();
}

void encode_row(const model::Loss& loss, std::string& out) {
  put(loss.last, out);
  put_time(loss.at, out);
  put(loss.bytes, out);
}

bool decode_row(Bytes row, model::Loss& loss) {
  Cursor cursor(row);
  loss.last = cursor.number();
  loss.at = cursor.time();
  loss.bytes = cursor.number();
  return cursor.finished();
}

}  // namespace recant::index
