#include "engine/dataset/json_items.h"

#include <algorithm>
#include <utility>

#include "recant/error.h"

namespace recant::dataset {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::unexpected<std::string> reject(std::string_view why) {
  return std::unexpected(std::string(why));
}

constexpr KeySet kIds = {Key::kId, Key::kIdStr};
constexpr KeySet kEventKinds = KeySet::range(Key::kDelete, Key::kStatusWithheld);
constexpr KeySet kTweetFields = KeySet::range(Key::kText, Key::kConversationId);
constexpr KeySet kNotices = KeySet::range(Key::kErrors, Key::kMeta);

bool has_id(const Fields& fields) { return fields.has_any(kIds); }

bool has_tweet_fields(const Fields& fields) { return fields.has_any(kTweetFields); }

// An object under one event kind. v2 tweets and users have a field `withheld` beside their id.
Read<bool> is_envelope(const Fields& fields) {
  if (!fields.has_any(kEventKinds)) return false;
  std::size_t kinds = 0;
  for (auto key = Key::kDelete; key <= Key::kStatusWithheld;
       key = static_cast<Key>(static_cast<int>(key) + 1)) {
    if (!fields.has_object(key) || (key == Key::kWithheld && has_id(fields))) continue;
    RECANT_TRY(fields.get(key));
    ++kinds;
  }
  if (kinds > 1) return reject("two event kinds in one object");
  return kinds == 1;
}

// One key that is not known, with an object: an event of a later day. Where that object is a
// tweet's, saying nothing would lose the tweet.
bool is_unknown_envelope(const Fields& fields) {
  const auto only = fields.only_unknown_object();
  return only && !has_tweet_fields(Fields(*only));
}

// Every other form of an event that an archive may hold.
bool is_other_event(const Fields& fields) {
  if (has_tweet_fields(fields)) return false;
  const bool canonical = fields.has(Key::kEvent) && (fields.has(Key::kAt) || fields.has(Key::kSeq));
  const bool batch_result = has_id(fields) && fields.has(Key::kAction) &&
                            (fields.has(Key::kReason) || fields.has(Key::kRedactedAt));
  return canonical || batch_result || fields.has(Key::kTweetDeleteEvents);
}

bool is_notice(const Fields& fields) {
  return !has_id(fields) &&
         (fields.has_any(kNotices) || (fields.has(Key::kTitle) && fields.has(Key::kType)));
}

bool is_activity(const Fields& fields) {
  const auto type = fields.get_string(Key::kObjectType);
  return (type && *type == "activity") || (fields.has(Key::kVerb) && fields.has(Key::kActor));
}

}  // namespace

void JsonItems::read(std::string_view line, Record& out) {
  items_ = &out.items;
  item_count_ = 0;
  element_items_ = &out.element_items;
  out.element_items.clear();
  out.why.clear();
  const auto root = parser_.parse(line);
  if (root) root_ = *root;
  Read<void> done = root ? read_root(*root) : reject(root.error());
  if (!done) {
    out.record_class = RecordClass::kRejected;
    out.why = std::move(done).error();
    item_count_ = 0;
  } else {
    out.record_class = item_count_ > 0 ? RecordClass::kItems : RecordClass::kSkipped;
  }
  out.items.resize(item_count_);
}

Item& JsonItems::add_item() {
  if (item_count_ == items_->size()) items_->emplace_back();
  return (*items_)[item_count_++];
}

Read<void> JsonItems::read_root(element root) {
  object one;
  if (root.get(one) == simdjson::SUCCESS) return read_object(one);
  array all;
  if (root.get(all) != simdjson::SUCCESS) return reject("neither an object nor an array");
  std::size_t number = 0;
  for (const element value : all) {
    ++number;
    if (value.get(one) != simdjson::SUCCESS)
      return reject("an array with something else than objects");
    const std::size_t before = item_count_;
    auto read = read_object(one);
    if (!read) return reject("element " + std::to_string(number) + ": " + read.error());
    element_items_->push_back(static_cast<std::uint32_t>(item_count_ - before));
  }
  return {};
}

Read<void> JsonItems::read_object(object value) {
  const Fields fields(value);
  RECANT_ASSIGN(const bool envelope, is_envelope(fields));
  if (envelope || is_other_event(fields)) return {};
  if (is_activity(fields)) {
    RECANT_ASSIGN(const std::string_view verb, fields.get_string(Key::kVerb));
    if (verb == "delete") return {};
    if (type_ != ItemType::kTweet) return reject("this is a tweet");
    RECANT_TRY(read_activity_item(fields, facts_));
    facts_.write(add_item());
    return {};
  }
  RECANT_ASSIGN(const auto data, fields.get(Key::kData));
  if (data && !has_id(fields)) return read_page(fields, *data);
  if (is_notice(fields) || (fields.has(Key::kData) && !has_id(fields))) return {};
  if (is_unknown_envelope(fields)) return {};
  return read_plain(fields);
}

Read<void> JsonItems::read_page(const Fields& page, element data) {
  object one;
  if (data.get(one) == simdjson::SUCCESS) {
    const Fields fields(one);
    RECANT_ASSIGN(const bool envelope, is_envelope(fields));
    if (envelope || is_unknown_envelope(fields)) return {};
    RECANT_TRY(know_page(page, data));
    return read_page_tweet(fields);
  }
  array all;
  if (data.get(all) != simdjson::SUCCESS) return reject("data is neither an object nor an array");
  RECANT_TRY(know_page(page, data));
  std::size_t number = 0;
  for (const element value : all) {
    ++number;
    if (value.get(one) != simdjson::SUCCESS) return reject("data has an entry that is no object");
    auto read = read_page_tweet(Fields(one));
    if (!read) return reject("entry " + std::to_string(number) + " of data: " + read.error());
  }
  return {};
}

Read<void> JsonItems::read_page_tweet(const Fields& fields) {
  if (type_ != ItemType::kTweet) return read_plain(fields);
  const std::size_t before = item_count_;
  RECANT_TRY(read_plain(fields));
  complete_from_page();
  facts_.write((*items_)[before]);
  return {};
}

// Learns the tweets of a page, so that references within it can be followed.
Read<void> JsonItems::know_page(const Fields& page, element data) {
  known_count_ = 0;
  if (type_ != ItemType::kTweet) return {};
  const auto learn = [this](const array& tweets) -> Read<void> {
    for (const element value : tweets) {
      object tweet;
      if (value.get(tweet) != simdjson::SUCCESS)
        return reject("a page with a tweet that is no object");
      if (known_count_ == known_.size()) known_.emplace_back();
      RECANT_TRY(read_tweet(Fields(tweet), known_[known_count_]));
      ++known_count_;
    }
    return {};
  };
  RECANT_ASSIGN(const auto includes, page.get_object(Key::kIncludes));
  if (includes) {
    const Fields included(*includes);
    for (const Key key : {Key::kTweets, Key::kPosts}) {
      RECANT_ASSIGN(const auto tweets, included.get_array(key));
      if (!tweets) continue;
      auto learned = learn(*tweets);
      if (!learned)
        return reject("includes." + std::string(key_name(key)) + ": " + learned.error());
    }
  }
  array all;
  if (data.get(all) == simdjson::SUCCESS && all.size() > 1) {
    auto learned = learn(all);
    if (!learned) return reject("data: " + learned.error());
  }
  std::stable_sort(known_.begin(), known_.begin() + static_cast<std::ptrdiff_t>(known_count_),
                   [](const TweetFacts& a, const TweetFacts& b) { return a.self.id < b.self.id; });
  return {};
}

template <class Take>
void JsonItems::for_known(TweetId id, Take take) const {
  if (id == 0) return;
  const auto end = known_.begin() + static_cast<std::ptrdiff_t>(known_count_);
  auto at = std::lower_bound(known_.begin(), end, id, [](const TweetFacts& facts, TweetId wanted) {
    return facts.self.id < wanted;
  });
  for (; at != end && at->self.id == id; ++at) take(*at);
}

void JsonItems::complete_from_page() {
  const auto complete = [this](Identity& identity) {
    for_known(identity.id, [&](const TweetFacts& known) { identity.complete(known.self); });
  };
  complete(facts_.tweet.self);
  complete(facts_.original.self);
  for_known(facts_.original.self.id, [this](const TweetFacts& known) {
    if (facts_.original.quoted.id == 0) facts_.original.quoted = known.quoted;
  });
  complete(facts_.tweet.quoted);
  complete(facts_.original.quoted);
}

Read<void> JsonItems::read_plain(const Fields& fields) {
  if (type_ == ItemType::kUser) return read_user(fields);
  if (type_ == ItemType::kLike) return read_like(fields);
  if (!has_tweet_fields(fields) && (fields.has(Key::kScreenName) || fields.has(Key::kUsername))) {
    return reject("this is a user: use --type users");
  }
  if (!has_id(fields)) {
    const bool like = fields.has(Key::kTweetId) && fields.has(Key::kUserId);
    return reject(like ? "this is a like: use --type likes"
                       : "no id: this is no tweet that is known");
  }
  RECANT_TRY(read_tweet_item(fields, facts_));
  facts_.write(add_item());
  return {};
}

Read<void> JsonItems::read_user(const Fields& fields) {
  if (has_tweet_fields(fields)) return reject("this is a tweet");
  RECANT_ASSIGN(const UserId id, fields.get_id(Key::kIdStr, Key::kId));
  if (id == 0) return reject("no id: this is no user that is known");
  Item& item = add_item();
  item = Item{};
  item.type = ItemType::kUser;
  item.id = id;
  return {};
}

Read<void> JsonItems::read_like(const Fields& fields) {
  if (has_id(fields) && has_tweet_fields(fields) && !fields.has(Key::kTweetId)) {
    return reject("this is a tweet");
  }
  RECANT_ASSIGN(const TweetId tweet, fields.get_id(Key::kTweetIdStr, Key::kTweetId));
  RECANT_ASSIGN(const UserId user, fields.get_id(Key::kUserIdStr, Key::kUserId));
  if (tweet == 0) return reject("no tweet_id: a like has tweet_id and user_id");
  if (user == 0) return reject("no user_id: a like has tweet_id and user_id");
  Item& item = add_item();
  item = Item{};
  item.type = ItemType::kLike;
  item.id = tweet;
  item.user = user;
  return {};
}

}  // namespace recant::dataset
