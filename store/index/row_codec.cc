#include "store/index/row_codec.h"

#include <array>
#include <string_view>
#include <utility>

namespace recant::index {
namespace {

// Flags of what a tweet's row says beyond its columns, in the order in which the pieces follow.
constexpr std::uint8_t kDeleted = 1;  // the column counts
constexpr std::uint8_t kAuthors = 4;  // several; the column does not count
constexpr std::uint8_t kVisibility = 8;
constexpr std::uint8_t kWithheld = 16;
constexpr std::uint8_t kGeoScrubbed = 32;
constexpr std::uint8_t kEdits = 64;
constexpr std::uint8_t kHeld = 128;
constexpr std::size_t kAuthorColumn = 1;
constexpr std::size_t kDeletedColumn = 2;

// Flags of a user's row.
constexpr std::uint8_t kUserWithheld = 32;
constexpr std::uint8_t kElsewhere = 64;
constexpr std::uint8_t kUnusedUserFlag = 128;
constexpr std::size_t kHistoryCount = 5;
constexpr std::size_t kFieldsMax = 60'000;

constexpr std::uint8_t history_bit(History piece) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(piece));
}

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
      flag(state.deleted_at.has_value(), kDeleted) | flag(state.authors.size() > 1, kAuthors) |
      flag(!state.visibility.empty(), kVisibility) | flag(!state.withheld.empty(), kWithheld) |
      flag(state.geo_scrubbed_at.has_value(), kGeoScrubbed) | flag(!state.edits.empty(), kEdits) |
      flag(state.held.has_value(), kHeld));
}

void put_ids(const std::vector<std::uint64_t>& ids, std::string& out) {
  std::uint64_t last = 0;
  put_all(ids, out, [&](std::uint64_t id) { put(id - std::exchange(last, id), out); });
}

void put_text(std::string_view text, std::string& out) {
  put(text.size(), out);
  out += text;
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

// Adds what a tweet's row says beyond its columns.
bool take_extra(const Row& row, TweetState& state) {
  const TweetId key = row.numbers[0];
  Cursor cursor(row.extra);
  const std::uint8_t flags = cursor.byte();
  if ((flags & kDeleted) != 0) {
    const auto at = static_cast<Time>(row.numbers[kDeletedColumn]);
    if (!state.deleted_at || at < *state.deleted_at) state.deleted_at = at;
  }
  if ((flags & kAuthors) != 0) {
    UserId author = 0;
    take_all(cursor, [&] { state.authors.push_back(author += cursor.number()); });
  } else if (row.numbers[kAuthorColumn] != 0) {
    state.authors.push_back(row.numbers[kAuthorColumn]);
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

struct ToggleOf {
  History piece;
  std::vector<ToggleEntry> UserState::* entries;
};
constexpr std::array<ToggleOf, 3> kToggles = {{{History::kDeleted, &UserState::deleted},
                                               {History::kProtected, &UserState::protected_},
                                               {History::kSuspended, &UserState::suspended}}};

std::vector<std::string> fields_of(const UserState& state) {
  std::vector<std::string> fields;
  for (const ProfileEntry& entry : state.profile) {
    if (fields.empty() || fields.back() != entry.field) fields.push_back(entry.field);
  }
  return fields;
}

using HistoryRows = std::vector<std::array<std::uint64_t, 3>>;

void add_histories(UserId id, const UserState& state, const UserRowHead& head, HistoryRows& rows) {
  for (const ToggleOf& toggle : kToggles) {
    if (!head.is_elsewhere(toggle.piece)) continue;
    for (const bool on : {false, true}) {
      for (const ToggleEntry& entry : state.*toggle.entries) {
        if (entry.on == on) {
          rows.push_back({id, history_key(toggle_kind(toggle.piece, on), entry.at), 0});
        }
      }
    }
  }
  if (head.is_elsewhere(History::kScrubGeo)) {
    for (const ScrubGeoEntry& entry : state.scrub_geo) {
      rows.push_back({id, history_key(kScrubGeoKind, entry.at), entry.up_to_tweet});
    }
  }
  if (!head.is_elsewhere(History::kProfile)) return;
  std::uint64_t field = 0;
  for (const ProfileEntry& entry : state.profile) {
    if (entry.field != head.fields[field]) ++field;
    rows.push_back({id, history_key(kProfileKind + field, entry.at), 0});
  }
}

UserRowHead head_of(const UserState& state) {
  UserRowHead head;
  const auto note = [&](History piece, std::size_t size) {
    if (size > kInlineHistoryMax) head.elsewhere |= history_bit(piece);
  };
  for (const ToggleOf& toggle : kToggles) note(toggle.piece, (state.*toggle.entries).size());
  note(History::kScrubGeo, state.scrub_geo.size());
  if (state.profile.size() <= kInlineHistoryMax) return head;
  head.fields = fields_of(state);
  if (head.fields.size() <= kFieldsMax) note(History::kProfile, state.profile.size());
  return head;
}

}  // namespace

void encode_tweet(TweetId id, const TweetState& state, EncodedRow& row) {
  row.extra.clear();
  row.numbers = {id, state.authors.size() == 1 ? state.authors.front() : 0,
                 static_cast<std::uint64_t>(state.deleted_at.value_or(0)), 0};
  row.absent = state.deleted_at ? 0 : 1U << kDeletedColumn;
  const std::uint8_t flags = flags_of(state);
  if (flags == kDeleted) return;
  std::string& out = row.extra;
  put_byte(flags, out);
  if (state.authors.size() > 1) put_ids(state.authors, out);
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

bool decode_tweet(const Row& row, TweetState& state) {
  if (!row.extra.empty()) return take_extra(row, state);
  const auto at = static_cast<Time>(row.numbers[kDeletedColumn]);
  if (!state.deleted_at || at < *state.deleted_at) state.deleted_at = at;
  if (row.numbers[kAuthorColumn] != 0) state.authors.push_back(row.numbers[kAuthorColumn]);
  return true;
}

void encode_user(UserId id, const UserState& state, EncodedRow& row, HistoryRows& histories) {
  const UserRowHead head = head_of(state);
  histories.clear();
  row.numbers = {id, 0, 0, 0};
  row.absent = 0;
  std::string& out = row.extra;
  out.assign(1, '\0');
  std::uint8_t flags = head.elsewhere != 0 ? kElsewhere : 0;
  if (head.elsewhere != 0) {
    put_byte(head.elsewhere, out);
    add_histories(id, state, head, histories);
  }
  const auto stands_here = [&](History piece, std::size_t size) {
    if (size == 0 || head.is_elsewhere(piece)) return false;
    flags |= history_bit(piece);
    return true;
  };
  for (const ToggleOf& toggle : kToggles) {
    const auto& entries = state.*toggle.entries;
    if (stands_here(toggle.piece, entries.size())) put_toggle(entries, out);
  }
  if (stands_here(History::kScrubGeo, state.scrub_geo.size())) {
    put_all(state.scrub_geo, out, [&](const ScrubGeoEntry& entry) {
      put_time(entry.at, out);
      put(entry.up_to_tweet, out);
    });
  }
  if (stands_here(History::kProfile, state.profile.size())) {
    put_all(state.profile, out, [&](const ProfileEntry& entry) {
      put_text(entry.field, out);
      put_time(entry.at, out);
    });
  }
  if (head.is_elsewhere(History::kProfile)) {
    put_all(head.fields, out, [&](const std::string& field) { put_text(field, out); });
  }
  if (!state.withheld.empty()) {
    flags |= kUserWithheld;
    put_withheld(state.withheld, out);
  }
  out.front() = static_cast<char>(flags);
}

bool decode_user(const Row& row, UserState& state, UserRowHead& head) {
  Cursor cursor(row.extra);
  const std::uint8_t flags = cursor.byte();
  const auto stands_here = [&](History piece) { return (flags & history_bit(piece)) != 0; };
  head.elsewhere = (flags & kElsewhere) != 0 ? cursor.byte() : 0;
  if ((flags & kUnusedUserFlag) != 0 || head.elsewhere >> kHistoryCount != 0) return false;
  for (const ToggleOf& toggle : kToggles) {
    if (stands_here(toggle.piece)) take_toggle(cursor, state.*toggle.entries);
  }
  if (stands_here(History::kScrubGeo)) {
    take_all(cursor, [&] {
      const Time at = cursor.time();
      state.scrub_geo.push_back({.at = at, .up_to_tweet = cursor.number()});
    });
  }
  if (stands_here(History::kProfile)) {
    take_all(cursor, [&] {
      std::string field = cursor.text();
      state.profile.push_back({.field = std::move(field), .at = cursor.time()});
    });
  }
  head.fields.clear();
  if (head.is_elsewhere(History::kProfile)) {
    take_all(cursor, [&] { head.fields.push_back(cursor.text()); });
  }
  if ((flags & kUserWithheld) != 0) take_withheld(cursor, state.withheld);
  return cursor.finished();
}

bool decode_history(const Row& row, const UserRowHead& head, UserState& state) {
  const std::uint64_t kind = row.numbers[1] >> 48;
  const auto at = static_cast<Time>(row.numbers[1] & low_bits(48));
  if (kind >= kProfileKind) {
    if (kind - kProfileKind >= head.fields.size()) return false;
    state.profile.push_back({.field = head.fields[kind - kProfileKind], .at = at});
    return true;
  }
  if (kind == kScrubGeoKind) {
    state.scrub_geo.push_back({.at = at, .up_to_tweet = row.numbers[2]});
    return true;
  }
  if (kind > kScrubGeoKind) return false;
  (state.*kToggles.at(kind / 2).entries).push_back({.at = at, .on = kind % 2 != 0});
  return true;
}

void encode_coverage(const model::CoverageKey& key, const model::Coverage& coverage,
                     std::string& extra) {
  extra.clear();
  put_text(key.first, extra);
  put_text(key.second, extra);
  put_all(coverage, extra, [&](const model::Interval& interval) {
    put_time(interval.from, extra);
    put_time(interval.to - interval.from, extra);
  });
}

bool decode_coverage(Bytes extra, model::CoverageKey& key, model::Coverage& coverage) {
  Cursor cursor(extra);
  key.first = cursor.text();
  key.second = cursor.text();
  coverage.clear();
  take_all(cursor, [&] {
    const Time from = cursor.time();
    coverage.push_back({.from = from, .to = from + cursor.time()});
  });
  return cursor.finished();
}

}  // namespace recant::index
