#include "engine/dataset/tweet_facts.h"

#include <algorithm>

#include "recant/error.h"
#include "recant/time.h"

namespace recant::dataset {
namespace {

using simdjson::dom::array;
using simdjson::dom::object;

std::unexpected<std::string> reject(Key key, std::string_view why) {
  return std::unexpected(std::string(key_name(key)) + std::string(why));
}

constexpr KeySet kHistories = {Key::kEditHistory, Key::kEditHistoryTweetIds,
                               Key::kEditHistoryPostIds};
constexpr KeySet kReferences = {Key::kReferencedTweets, Key::kReferencedPosts};
constexpr KeySet kQuotes = {Key::kQuotedStatus, Key::kQuotedStatusId, Key::kQuotedStatusIdStr,
                            Key::kReferencedTweets, Key::kReferencedPosts};

// The id of a user object; 0 where there is none.
Read<UserId> user_id(const Fields& fields, Key key) {
  RECANT_ASSIGN(const auto user, fields.get_object(key));
  if (!user) return 0;
  auto id = own_id(*user);
  if (!id) return reject(key, "." + id.error());
  return *id;
}

Read<UserId> author_id(const Fields& fields) {
  RECANT_ASSIGN(const UserId told, fields.get_id(Key::kAuthorId));
  if (told != 0) return told;
  RECANT_ASSIGN(const UserId native, user_id(fields, Key::kUser));
  if (native != 0) return native;
  return user_id(fields, Key::kAuthor);
}

// Adds the ids of `ids` that `history` does not have yet.
Read<void> add_history(const array& ids, Key key, std::vector<TweetId>& history) {
  for (const auto value : ids) {
    RECANT_ASSIGN(const TweetId id, id_value(value, key_name(key)));
    if (std::find(history.begin(), history.end(), id) != history.end()) continue;
    if (history.size() == kEditTweetsMax) return reject(key, " has over 1000 ids");
    history.push_back(id);
  }
  return {};
}

// All lists that it has are of one tweet, which is a version itself whether they name it or not.
Read<void> read_history(const Fields& fields, Identity& out) {
  std::vector<TweetId>& history = out.history;
  history.clear();
  if (!fields.has_any(kHistories)) return {};
  RECANT_ASSIGN(const auto native, fields.get_object(Key::kEditHistory));
  if (native) {
    const Fields edits(*native);
    RECANT_ASSIGN(const TweetId initial, edits.get_id(Key::kInitialTweetId));
    if (initial != 0) history.push_back(initial);
    RECANT_ASSIGN(const auto ids, edits.get_array(Key::kEditTweetIds));
    if (ids) RECANT_TRY(add_history(*ids, Key::kEditTweetIds, history));
  }
  for (const Key key : {Key::kEditHistoryTweetIds, Key::kEditHistoryPostIds}) {
    RECANT_ASSIGN(const auto ids, fields.get_array(key));
    if (ids) RECANT_TRY(add_history(*ids, key, history));
  }
  const bool names_itself = std::find(history.begin(), history.end(), out.id) != history.end();
  if (out.id != 0 && !names_itself && !history.empty()) history.push_back(out.id);
  // One id is the tweet itself, unedited: most tweets since 2022 carry that.
  if (history.size() < 2) history.clear();
  return {};
}

Read<void> read_self(const Fields& fields, Identity& out) {
  RECANT_ASSIGN(out.id, fields.get_id(Key::kIdStr, Key::kId));
  RECANT_ASSIGN(out.author, author_id(fields));
  return read_history(fields, out);
}

// The entry of this type in the v2 list of references.
Read<std::optional<object>> find_reference(const Fields& fields, std::string_view type) {
  if (!fields.has_any(kReferences)) return std::nullopt;
  for (const Key key : {Key::kReferencedTweets, Key::kReferencedPosts}) {
    RECANT_ASSIGN(const auto entries, fields.get_array(key));
    if (!entries) continue;
    std::optional<object> found;
    for (const auto value : *entries) {
      object entry;
      if (value.get(entry) != simdjson::SUCCESS)
        return reject(key, " has an entry that is no object");
      RECANT_ASSIGN(const std::string_view entry_type, Fields(entry).get_string(Key::kType));
      if (entry_type != type) continue;
      if (found) return reject(key, " has two entries that are " + std::string(type));
      found = entry;
    }
    if (found) return found;
  }
  return std::nullopt;
}

Read<void> read_quoted(const Fields& fields, Identity& out) {
  out.clear();
  if (!fields.has_any(kQuotes)) return {};
  RECANT_ASSIGN(const TweetId told, fields.get_id(Key::kQuotedStatusIdStr, Key::kQuotedStatusId));
  RECANT_ASSIGN(const auto status, fields.get_object(Key::kQuotedStatus));
  if (status) {
    RECANT_TRY(read_self(Fields(*status), out));
    if (told == 0 && out.id == 0) return reject(Key::kQuotedStatus, " has no id");
  }
  if (told != 0 && told != out.id) {  // the object is another tweet: it says nothing of this one
    out.clear();
    out.id = told;
  }
  if (out.id != 0) return {};
  RECANT_ASSIGN(const auto entry, find_reference(fields, "quoted"));
  if (!entry) return {};
  RECANT_TRY(read_self(Fields(*entry), out));
  if (out.id == 0) return reject(Key::kReferencedTweets, " has an entry without an id");
  return {};
}

// "tag:search.twitter.com,2005:123" and "id:x.com:123" to 123.
Read<std::uint64_t> tagged_id(const Fields& fields) {
  RECANT_ASSIGN(const auto value, fields.get(Key::kId));
  if (!value) return 0;
  if (!value->is_string()) return id_value(*value, key_name(Key::kId));
  std::string_view text = value->get_string().value_unsafe();
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) text.remove_prefix(colon + 1);
  if (const auto id = parse_id(text)) return *id;
  return std::unexpected("id does not end in an id");
}

Read<void> read_activity_self(const Fields& fields, Identity& out) {
  RECANT_ASSIGN(out.id, tagged_id(fields));
  RECANT_ASSIGN(const auto actor, fields.get_object(Key::kActor));
  out.author = 0;
  if (actor) {
    auto author = tagged_id(Fields(*actor));
    if (!author) return reject(Key::kActor, "." + author.error());
    out.author = *author;
  }
  return read_history(fields, out);
}

Read<void> read_activity(const Fields& fields, TweetFacts& out) {
  RECANT_TRY(read_activity_self(fields, out.self));
  out.quoted.clear();
  RECANT_ASSIGN(const auto quoted, fields.get_object(Key::kTwitterQuotedStatus));
  if (!quoted) return {};
  RECANT_TRY(read_activity_self(Fields(*quoted), out.quoted));
  if (out.quoted.id == 0) return reject(Key::kTwitterQuotedStatus, " has no id");
  return {};
}

}  // namespace

void Identity::clear() {
  id = 0;
  author = 0;
  history.clear();
}

void Identity::complete(const Identity& other) {
  if (id == 0 || id != other.id) return;
  if (author == 0) author = other.author;
  if (history.empty()) history = other.history;
}

void TweetFacts::clear() {
  self.clear();
  quoted.clear();
}

void ItemFacts::clear() {
  tweet.clear();
  original.clear();
}

void ItemFacts::write(Item& out) {
  // A retweet of a quote shows the quoted tweet in one place or in both.
  tweet.quoted.complete(original.quoted);
  original.quoted.complete(tweet.quoted);
  out.type = ItemType::kTweet;
  out.id = tweet.self.id;
  out.user = 0;
  out.author = tweet.self.author;
  out.retweeted = original.self.id;
  out.retweeted_author = original.self.author;
  out.quoted = tweet.quoted.id;
  out.quoted_author = tweet.quoted.author;
  out.retweeted_quoted = original.quoted.id;
  out.retweeted_quoted_author = original.quoted.author;
  out.edit_histories.clear();
  for (const Identity* one : {&tweet.self, &original.self, &tweet.quoted, &original.quoted}) {
    auto& all = out.edit_histories;
    if (one->history.empty()) continue;
    if (std::find(all.begin(), all.end(), one->history) == all.end()) all.push_back(one->history);
  }
}

Read<void> read_tweet(const Fields& fields, TweetFacts& out) {
  RECANT_TRY(read_self(fields, out.self));
  return read_quoted(fields, out.quoted);
}

Read<void> read_tweet_item(const Fields& fields, ItemFacts& out) {
  out.original.clear();
  RECANT_TRY(read_tweet(fields, out.tweet));
  if (out.tweet.self.id == 0) return std::unexpected("no id");
  RECANT_ASSIGN(const auto status, fields.get_object(Key::kRetweetedStatus));
  if (status) {
    auto read = read_tweet(Fields(*status), out.original);
    if (!read) return reject(Key::kRetweetedStatus, "." + read.error());
    if (out.original.self.id == 0) return reject(Key::kRetweetedStatus, " has no id");
    return {};
  }
  RECANT_ASSIGN(const auto entry, find_reference(fields, "retweeted"));
  if (!entry) return {};
  RECANT_TRY(read_tweet(Fields(*entry), out.original));
  if (out.original.self.id == 0)
    return reject(Key::kReferencedTweets, " has an entry without an id");
  return {};
}

Read<void> read_activity_item(const Fields& fields, ItemFacts& out) {
  out.original.clear();
  RECANT_TRY(read_activity(fields, out.tweet));
  if (out.tweet.self.id == 0) return std::unexpected("no id");
  RECANT_ASSIGN(const std::string_view verb, fields.get_string(Key::kVerb));
  if (verb != "share") return {};  // the object of a post is a note about the post itself
  RECANT_ASSIGN(const auto original, fields.get_object(Key::kObject));
  if (!original) return std::unexpected("a share without its object");
  RECANT_TRY(read_activity(Fields(*original), out.original));
  if (out.original.self.id == 0) return reject(Key::kObject, " has no id");
  return {};
}

}  // namespace recant::dataset
