#include "store/index/digest.h"

#include <fmt/format.h>
// Rows are small, so that the call would cost as much as the hash.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace recant::index {
namespace {

// Each writes behind the pointer it is given and returns the end of what it wrote. All numbers are
// little-endian; part.cc asserts that the machine is.
template <class T>
char* put(T value, char* out) {
  std::memcpy(out, &value, sizeof value);
  return out + sizeof value;
}

char* put_count(std::size_t count, char* out) {
  return put(static_cast<std::uint64_t>(count), out);
}

char* put_optional(const std::optional<Time>& at, char* out) {
  out = put(static_cast<std::uint8_t>(at ? 1 : 0), out);
  return at ? put(*at, out) : out;
}

char* put_withheld(const std::vector<WithheldEntry>& withheld, char* out) {
  out = put_count(withheld.size(), out);
  for (const WithheldEntry& entry : withheld) out = put(entry.at, put(entry.country, out));
  return out;
}

char* put_toggle(const std::vector<ToggleEntry>& toggle, char* out) {
  out = put_count(toggle.size(), out);
  for (const ToggleEntry& entry : toggle) {
    out = put(static_cast<std::uint8_t>(entry.on ? 1 : 0), put(entry.at, out));
  }
  return out;
}

char* put_ids(const std::vector<std::uint64_t>& ids, char* out) {
  out = put_count(ids.size(), out);
  for (const std::uint64_t id : ids) out = put(id, out);
  return out;
}

// More than what a row has beside its lists, and than any entry of a list that has no text.
constexpr std::size_t kFixedBytesMax = 128;
constexpr std::size_t kEntryBytesMax = 24;

}  // namespace

template <class Write>
void Digest::add_row(std::size_t bytes_max, Write write) {
  if (row_.size() < bytes_max) row_.resize(bytes_max);
  const char* const end = write(row_.data());
  const XXH128_hash_t hash = XXH3_128bits(row_.data(), static_cast<std::size_t>(end - row_.data()));
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
  const std::size_t entries =
      state.authors.size() + state.visibility.size() + state.withheld.size() + state.edits.size();
  add_row(kFixedBytesMax + kEntryBytesMax * entries, [&](char* out) {
    out = put_ids(state.authors, put(id, put('T', out)));
    out = put_count(state.visibility.size(), put_optional(state.deleted_at, out));
    for (const VisibilityEntry& entry : state.visibility) {
      out = put(entry.at, out);
      out = put(static_cast<std::uint8_t>(entry.visibility), out);
      out = put(static_cast<std::uint8_t>(entry.why), out);
    }
    out = put_optional(state.geo_scrubbed_at, put_withheld(state.withheld, out));
    out = put_count(state.edits.size(), out);
    for (const EditPair& pair : state.edits) {
      out = put(pair.at, put(pair.version, put(pair.initial, out)));
    }
    return out;
  });
}

void Digest::add_user(UserId id, const UserState& state) {
  const std::size_t entries = state.deleted.size() + state.protected_.size() +
                              state.suspended.size() + state.withheld.size() +
                              state.scrub_geo.size() + state.profile.size();
  std::size_t text = 0;
  for (const ProfileEntry& entry : state.profile) text += entry.field.size();
  add_row(kFixedBytesMax + kEntryBytesMax * entries + text, [&](char* out) {
    out = put(id, put('U', out));
    out = put_toggle(state.suspended, put_toggle(state.protected_, put_toggle(state.deleted, out)));
    out = put_count(state.scrub_geo.size(), put_withheld(state.withheld, out));
    for (const ScrubGeoEntry& entry : state.scrub_geo) {
      out = put(entry.up_to_tweet, put(entry.at, out));
    }
    out = put_count(state.profile.size(), out);
    for (const ProfileEntry& entry : state.profile) {
      out = put_count(entry.field.size(), out);
      out = std::ranges::copy(entry.field, out).out;
      out = put(entry.at, out);
    }
    return out;
  });
}

void Digest::add_relation(Table table, std::uint64_t id, const Ids& originals) {
  add_row(kFixedBytesMax + kEntryBytesMax * originals.size(), [&](char* out) {
    return put_ids(originals, put(id, put(table == Table::kRetweets ? 'R' : 'Q', out)));
  });
}

void Digest::add_favorite(TweetId tweet, UserId user, Time at) {
  add_row(kFixedBytesMax, [&](char* out) { return put(at, put(user, put(tweet, put('F', out)))); });
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
