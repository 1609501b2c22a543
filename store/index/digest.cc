#include "store/index/digest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstring>

namespace recant::index {
namespace {

// All numbers are little-endian; part.cc asserts that the machine is.
template <class T>
void put(T value, std::string& row) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  row.append(bytes, sizeof value);
}

void put_count(std::size_t count, std::string& row) { put(static_cast<std::uint64_t>(count), row); }

void put_optional(const std::optional<Time>& at, std::string& row) {
  put(static_cast<std::uint8_t>(at ? 1 : 0), row);
  if (at) put(*at, row);
}

void put_withheld(const std::vector<WithheldEntry>& withheld, std::string& row) {
  put_count(withheld.size(), row);
  for (const WithheldEntry& entry : withheld) {
    put(entry.country, row);
    put(entry.at, row);
  }
}

void put_toggle(const std::vector<ToggleEntry>& toggle, std::string& row) {
  put_count(toggle.size(), row);
  for (const ToggleEntry& entry : toggle) {
    put(entry.at, row);
    put(static_cast<std::uint8_t>(entry.on ? 1 : 0), row);
  }
}

}  // namespace

void Digest::add_row() {
  const XXH128_hash_t hash = XXH3_128bits(row_.data(), row_.size());
  add_sum(hash.low64, hash.high64);
}

void Digest::add_sum(std::uint64_t low, std::uint64_t high) {
  sum_low_ += low;
  sum_high_ += high + (sum_low_ < low ? 1 : 0);
}

void Digest::add(const Digest& other) { add_sum(other.sum_low_, other.sum_high_); }

void Digest::add_tweet(TweetId id, const TweetState& state) {
  // What `track` recorded as held is not part of the state that is compared.
  if (state.authors.empty() && !state.deleted_at && state.visibility.empty() &&
      state.withheld.empty() && !state.geo_scrubbed_at && state.edits.empty()) {
    return;
  }
  row_.assign(1, 'T');
  put(id, row_);
  put_count(state.authors.size(), row_);
  for (const UserId author : state.authors) put(author, row_);
  put_optional(state.deleted_at, row_);
  put_count(state.visibility.size(), row_);
  for (const VisibilityEntry& entry : state.visibility) {
    put(entry.at, row_);
    put(static_cast<std::uint8_t>(entry.visibility), row_);
    put(static_cast<std::uint8_t>(entry.why), row_);
  }
  put_withheld(state.withheld, row_);
  put_optional(state.geo_scrubbed_at, row_);
  put_count(state.edits.size(), row_);
  for (const EditPair& pair : state.edits) {
    put(pair.initial, row_);
    put(pair.version, row_);
    put(pair.at, row_);
  }
  add_row();
}

void Digest::add_user(UserId id, const UserState& state) {
  row_.assign(1, 'U');
  put(id, row_);
  put_toggle(state.deleted, row_);
  put_toggle(state.protected_, row_);
  put_toggle(state.suspended, row_);
  put_withheld(state.withheld, row_);
  put_count(state.scrub_geo.size(), row_);
  for (const ScrubGeoEntry& entry : state.scrub_geo) {
    put(entry.at, row_);
    put(entry.up_to_tweet, row_);
  }
  put_count(state.profile.size(), row_);
  for (const ProfileEntry& entry : state.profile) {
    put_count(entry.field.size(), row_);
    row_ += entry.field;
    put(entry.at, row_);
  }
  add_row();
}

void Digest::add_relation(Table table, std::uint64_t id, const Ids& originals) {
  row_.assign(1, table == Table::kRetweets ? 'R' : 'Q');
  put(id, row_);
  put_count(originals.size(), row_);
  for (const std::uint64_t original : originals) put(original, row_);
  add_row();
}

void Digest::add_favorite(TweetId tweet, UserId user, Time at) {
  row_.assign(1, 'F');
  put(tweet, row_);
  put(user, row_);
  put(at, row_);
  add_row();
}

std::string Digest::hex() const { return fmt::format("{:016x}{:016x}", sum_high_, sum_low_); }

Result<std::string> digest_of(const Sources& sources) {
  Digest digest;
  RECANT_TRY(for_each_tweet(
      sources, [&](TweetId id, const TweetState& state) { digest.add_tweet(id, state); }));
  RECANT_TRY(for_each_user(sources,
                           [&](UserId id, const UserState& state) { digest.add_user(id, state); }));
  for (const Table table : {Table::kRetweets, Table::kQuotes}) {
    RECANT_TRY(for_each_ids(sources, table, [&](std::uint64_t id, const Ids& originals) {
      digest.add_relation(table, id, originals);
    }));
  }
  RECANT_TRY(for_each_favorite(
      sources, [&](TweetId tweet, UserId user, Time at) { digest.add_favorite(tweet, user, at); }));
  return digest.hex();
}

}  // namespace recant::index
