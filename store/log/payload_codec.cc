#include "store/log/payload_codec.h"

#include <string>

#include "store/log/little_endian.h"

namespace recant::log {
namespace {

// The bits of the first varint, and the order of the members. Never renumber, only append.
enum Member : unsigned {
  kCountries,
  kInitialTweet,
  kEditTweets,
  kUpToTweet,
  kField,
  kRetweeted,
  kRetweetedAuthor,
  kQuoted,
  kQuotedAuthor,
  kPartition,
  kFrom,
  kTo,
  kFirst,
  kLast,
  kBytes,
  kRaw,
  kMemberCount,
};

void write_varint(std::uint64_t value, std::vector<std::byte>& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::byte>(value | 0x80));
  out.push_back(static_cast<std::byte>(value));
}

template <class T>
void write_le(T value, std::vector<std::byte>& out) {
  out.resize(out.size() + sizeof value);
  store_le(out.data() + out.size() - sizeof value, value);
}

void write_text(const std::string& text, std::vector<std::byte>& out) {
  write_varint(text.size(), out);
  const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
  out.insert(out.end(), bytes, bytes + text.size());
}

void read_text(RawCursor& in, std::string& text) {
  const std::uint64_t size = in.take_varint();
  const std::byte* const bytes = in.take(size);
  if (bytes != nullptr) text.assign(reinterpret_cast<const char*>(bytes), size);
}

// Reads `count` numbers of type T; a count that the rest of the block cannot hold fails before
// anything is allocated for it.
template <class T>
void read_list(RawCursor& in, std::vector<T>& list) {
  const std::uint64_t count = in.take_varint();
  if (count > in.remaining() / sizeof(T)) in.fail();
  const std::byte* const bytes = in.take(count * sizeof(T));
  if (bytes == nullptr) return;
  list.resize(count);
  for (std::size_t i = 0; i < count; ++i) list[i] = load_le<T>(bytes + i * sizeof(T));
}

// The members that are plain numbers of 8 bytes; null for the others.
template <class P>
auto* number_member(P& payload, Member member) {
  switch (member) {
    case kInitialTweet:
      return &payload.initial_tweet;
    case kUpToTweet:
      return &payload.up_to_tweet;
    case kRetweeted:
      return &payload.retweeted;
    case kRetweetedAuthor:
      return &payload.retweeted_author;
    case kQuoted:
      return &payload.quoted;
    case kQuotedAuthor:
      return &payload.quoted_author;
    case kFirst:
      return &payload.first;
    case kLast:
      return &payload.last;
    case kBytes:
      return &payload.bytes;
    default:
      return static_cast<decltype(&payload.bytes)>(nullptr);
  }
}

bool has_member(const Payload& payload, Member member) {
  switch (member) {
    case kCountries:
      return !payload.countries.empty();
    case kEditTweets:
      return !payload.edit_tweets.empty();
    case kField:
      return !payload.field.empty();
    case kPartition:
      return !payload.partition.empty();
    case kFrom:
      return payload.from != 0;
    case kTo:
      return payload.to != 0;
    case kRaw:
      return !payload.raw.empty();
    default:
      return *number_member(payload, member) != 0;
  }
}

void write_member(const Payload& payload, Member member, std::vector<std::byte>& out) {
  switch (member) {
    case kCountries:
      write_varint(payload.countries.size(), out);
      for (const Country code : payload.countries) write_le(code, out);
      break;
    case kEditTweets:
      write_varint(payload.edit_tweets.size(), out);
      for (const TweetId tweet : payload.edit_tweets) write_le(tweet, out);
      break;
    case kField:
      write_text(payload.field, out);
      break;
    case kPartition:
      write_text(payload.partition, out);
      break;
    case kFrom:
      write_le(static_cast<std::uint64_t>(payload.from), out);
      break;
    case kTo:
      write_le(static_cast<std::uint64_t>(payload.to), out);
      break;
    case kRaw:
      write_text(payload.raw, out);
      break;
    default:
      write_le(*number_member(payload, member), out);
  }
}

void read_member(RawCursor& in, Member member, Payload& payload) {
  switch (member) {
    case kCountries:
      read_list(in, payload.countries);
      break;
    case kEditTweets:
      read_list(in, payload.edit_tweets);
      break;
    case kField:
      read_text(in, payload.field);
      break;
    case kPartition:
      read_text(in, payload.partition);
      break;
    case kFrom:
      payload.from = static_cast<Time>(in.take_u64());
      break;
    case kTo:
      payload.to = static_cast<Time>(in.take_u64());
      break;
    case kRaw:
      read_text(in, payload.raw);
      break;
    default:
      *number_member(payload, member) = in.take_u64();
  }
}

}  // namespace

std::size_t payload_bytes_bound(const Payload& payload) {
  // Ten bytes are more than any member takes beside its text or list, its length included.
  return std::size_t{10} * (kMemberCount + 1) + sizeof(Country) * payload.countries.size() +
         sizeof(TweetId) * payload.edit_tweets.size() + payload.field.size() +
         payload.partition.size() + payload.raw.size();
}

void write_payload(const Payload& payload, std::vector<std::byte>& out) {
  std::uint64_t members = 0;
  for (unsigned i = 0; i < kMemberCount; ++i) {
    if (has_member(payload, static_cast<Member>(i))) members |= std::uint64_t{1} << i;
  }
  write_varint(members, out);
  for (unsigned i = 0; i < kMemberCount; ++i) {
    if ((members >> i & 1) != 0) write_member(payload, static_cast<Member>(i), out);
  }
}

bool read_payload(RawCursor& in, Payload& payload) {
  const std::uint64_t members = in.take_varint();
  if (members >> kMemberCount != 0) return false;
  for (unsigned i = 0; i < kMemberCount; ++i) {
    if ((members >> i & 1) != 0) read_member(in, static_cast<Member>(i), payload);
  }
  return !in.failed();
}

}  // namespace recant::log
