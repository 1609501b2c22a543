// A user whose histories are long, read for verdicts as of one time: a few entries of each history
// that answer as all of them would. [semantics.md, 2, "A history"; 3, "its since"]
#include <algorithm>

#include "store/index/view.h"
#include "store/model/join.h"

namespace recant::index {
namespace {

struct LongUser {
  std::shared_ptr<const Part> part;
  UserRowHead head;
};

class AsOf {
 public:
  AsOf(UserId id, Time as_of, std::vector<LongUser> parts)
      : id_(id), as_of_(std::min(as_of, kTimeMax)), parts_(std::move(parts)) {}

  Result<void> reduce(UserState& state) {
    RECANT_TRY(reduce_toggle(History::kDeleted, state.deleted));
    RECANT_TRY(reduce_toggle(History::kProtected, state.protected_));
    RECANT_TRY(reduce_toggle(History::kSuspended, state.suspended));
    RECANT_TRY(add_scrub_geo(state.scrub_geo));
    return add_profile(state.profile);
  }

 private:
  [[nodiscard]] bool is_long(History piece) const {
    return std::ranges::any_of(
        parts_, [piece](const LongUser& user) { return user.head.is_elsewhere(piece); });
  }

  // The last entry of this kind in a part with at <= `at`.
  Result<std::optional<Time>> last_in(const Part& part, std::uint64_t kind, Time at) {
    if (at < 0) return std::nullopt;
    TableCursor cursor(part.table(Table::kHistories));
    cursor.seek_before(id_, history_key(kind, at) + 1);
    return entry_at(part, cursor, kind);
  }

  Result<std::optional<Time>> first_in(const Part& part, std::uint64_t kind, Time from) {
    TableCursor cursor(part.table(Table::kHistories));
    cursor.seek(id_, history_key(kind, from));
    return entry_at(part, cursor, kind);
  }

  Result<std::optional<Time>> entry_at(const Part& part, const TableCursor& cursor,
                                       std::uint64_t kind) {
    if (cursor.damaged()) return part.damaged(Table::kHistories, id_);
    if (!cursor.valid()) return std::nullopt;
    const auto& numbers = cursor.row().numbers;
    if (numbers[0] != id_ || numbers[1] >> 48 != kind) return std::nullopt;
    return static_cast<Time>(numbers[1] & low_bits(48));
  }

  // The last `on` or off with at <= `at`, here or in a part; the first with at >= `from`.
  Result<std::optional<Time>> last(History piece, const std::vector<ToggleEntry>& here, bool on,
                                   Time at) {
    std::optional<Time> found;
    for (const ToggleEntry& entry : here) {
      if (entry.on == on && entry.at <= at) found = std::max(found, std::optional(entry.at));
    }
    for (const LongUser& user : parts_) {
      if (!user.head.is_elsewhere(piece)) continue;
      RECANT_ASSIGN(const auto there, last_in(*user.part, toggle_kind(piece, on), at));
      found = std::max(found, there);
    }
    return found;
  }

  Result<std::optional<Time>> first(History piece, const std::vector<ToggleEntry>& here, bool on,
                                    Time from) {
    std::optional<Time> found;
    const auto note = [&found](std::optional<Time> at) {
      if (at && (!found || *at < *found)) found = at;
    };
    for (const ToggleEntry& entry : here) {
      if (entry.on == on && entry.at >= from) note(entry.at);
    }
    for (const LongUser& user : parts_) {
      if (!user.head.is_elsewhere(piece)) continue;
      RECANT_ASSIGN(const auto there, first_in(*user.part, toggle_kind(piece, on), from));
      note(there);
    }
    return found;
  }

  // The last time that undid it, and the first `on` after that, where the run in force begins.
  Result<void> reduce_toggle(History piece, std::vector<ToggleEntry>& entries) {
    if (!is_long(piece)) return {};
    std::vector<ToggleEntry> reduced;
    RECANT_ASSIGN(auto off, last(piece, entries, false, as_of_));
    while (off) {
      // Of one time `on` counts: that off undoes nothing.
      RECANT_ASSIGN(const auto on, last(piece, entries, true, *off));
      if (on != off) break;
      RECANT_ASSIGN(off, last(piece, entries, false, *off - 1));
    }
    if (off) reduced.push_back({.at = *off, .on = false});
    RECANT_ASSIGN(const auto on, first(piece, entries, true, off ? *off + 1 : 0));
    if (on && *on <= as_of_) reduced.push_back({.at = *on, .on = true});
    entries = std::move(reduced);
    return {};
  }

  Result<void> add_scrub_geo(std::vector<ScrubGeoEntry>& entries) {
    for (const LongUser& user : parts_) {
      if (!user.head.is_elsewhere(History::kScrubGeo)) continue;
      TableCursor cursor(user.part->table(Table::kHistories));
      for (cursor.seek(id_, history_key(kScrubGeoKind, 0)); cursor.valid(); cursor.next()) {
        const auto& numbers = cursor.row().numbers;
        const bool counts = as_of_ >= 0 && numbers[1] <= history_key(kScrubGeoKind, as_of_);
        if (numbers[0] != id_ || !counts) break;
        entries.push_back(
            {.at = static_cast<Time>(numbers[1] & low_bits(48)), .up_to_tweet = numbers[2]});
      }
      if (cursor.damaged()) return user.part->damaged(Table::kHistories, id_);
    }
    model::sort_distinct(entries);
    return {};
  }

  // A field has changed if any entry counts, at the time of the last one.
  Result<void> add_profile(std::vector<ProfileEntry>& entries) {
    for (const LongUser& user : parts_) {
      if (!user.head.is_elsewhere(History::kProfile)) continue;
      for (std::size_t field = 0; field < user.head.fields.size(); ++field) {
        RECANT_ASSIGN(const auto at, last_in(*user.part, kProfileKind + field, as_of_));
        if (at) entries.push_back({.field = user.head.fields[field], .at = *at});
      }
    }
    model::sort_distinct(entries);
    return {};
  }

  UserId id_;
  Time as_of_;
  std::vector<LongUser> parts_;
};

}  // namespace

Result<void> Reader::user_as_of(UserId id, Time as_of, UserState& out) const {
  std::vector<LongUser> parts;
  UserRowHead head;
  for (const auto& part : view_->sources().parts) {
    RECANT_TRY(part->add_user_inline(id, out, head));
    if (head.elsewhere != 0) parts.push_back({.part = part, .head = std::move(head)});
  }
  for (const auto& run : view_->sources().runs) {
    for (const model::Fact& fact : run->user(id)) model::add_fact(fact, run->fields(), out);
  }
  model::normalize(out);
  if (parts.empty()) return {};
  return AsOf(id, as_of, std::move(parts)).reduce(out);
}

}  // namespace recant::index
