// The part of the walk that knows the members of tweets and of their users.
#include <algorithm>
#include <string>

#include "engine/dataset/outline_walk.h"

namespace recant::dataset {

namespace ondemand = simdjson::ondemand;
using enum OutlineKey;
using simdjson::SUCCESS;

OutlineWalk::Status OutlineWalk::tweet(Object& object, std::uint32_t place) {
  const std::size_t parts_begin = out_.parts.size();
  Seen seen;
  OUTLINE_TRY(each_member(object, [&](Member member, Value& value) -> Status {
    return tweet_member(member, value, place, seen);
  }));
  finish_tweet(place, parts_begin, seen);
  return SUCCESS;
}

OutlineWalk::Status OutlineWalk::tweet_member(Member member, Value& value, std::uint32_t place,
                                              Seen& seen) {
  std::string memory;
  std::string_view text;
  switch (member.key) {
    case kId:
      seen.has_id = true;
      return id(value, seen.id);
    case kIdStr:
      seen.has_id = true;
      return id(value, seen.id_str);
    case kAuthorId:
      return id(value, seen.author_id);
    case kUser:
      return user(value, place, seen.user);
    case kAuthor:
      return user(value, place, seen.author);
    case kActor:
      seen.actor = true;
      return user(value, place, seen.actor_id);
    case kOtherUser: {
      std::uint64_t ignored = 0;
      return user(value, place, ignored);
    }
    case kGeo:
    case kLocation:
      return geo(member, value, place);
    case kHistory:
    case kHistoryIds:
      return history(member, value, place);
    case kVerb:
      seen.verb = true;
      OUTLINE_TRY(token(value, memory, text));
      seen.share = text == "share";
      return SUCCESS;
    case kObjectType:
      OUTLINE_TRY(token(value, memory, text));
      seen.activity = text == "activity";
      return SUCCESS;
    case kToldQuoted:
      return id(value, seen.told);
    case kToldQuotedStr:
      return id(value, seen.told_str);
    default:
      return relation(member, value, place, seen);
  }
}

OutlineWalk::Status OutlineWalk::relation(Member member, Value& value, std::uint32_t place,
                                          Seen& seen) {
  switch (member.key) {
    case kRetweetedStatus:
      return embedded(member, value, Role::kOriginal, place);
    case kQuotedStatus:
      return embedded(member, value, Role::kQuoted, place);
    case kObject:
      return embedded(member, value, Role::kOther, place, &seen.object);
    case kReferences:
      return references(value, place);
    case kExtendedTweet:
      return extended(value, place);
    default:
      return SUCCESS;
  }
}

void OutlineWalk::finish_tweet(std::uint32_t index, std::size_t parts_begin, const Seen& seen) {
  Place& place = out_.places[index];
  place.id = seen.own_id();
  for (const std::uint64_t author : {seen.author_id, seen.user, seen.author, seen.actor_id}) {
    if (place.author == 0) place.author = author;
  }
  place.told_quoted = seen.told_str != 0 ? seen.told_str : seen.told;
  place.activity = seen.activity || (seen.verb && seen.actor);
  if (seen.object != Place::kNoParent && seen.share) {
    out_.places[seen.object].role = Role::kOriginal;
    out_.places[seen.object].retweeted = true;
  }
  for (std::size_t i = parts_begin; i < out_.parts.size(); ++i) {
    Part& part = out_.parts[i];
    if (part.place != index || part.kind != Part::Kind::kLocation) continue;
    part.kind = place.activity ? Part::Kind::kGeo : Part::Kind::kIgnored;
  }
  // A tweet that names its first version is itself a version. One id alone is the tweet, unedited.
  if (!place.history.empty() && place.id != 0) place.history.push_back(place.id);
  std::ranges::sort(place.history);
  place.history.erase(std::ranges::unique(place.history).begin(), place.history.end());
  if (place.history.size() < 2) place.history.clear();
}

OutlineWalk::Status OutlineWalk::user(Value& value, std::uint32_t place, std::uint64_t& out) {
  const auto begin = static_cast<std::uint32_t>(out_.places.size());
  Seen seen;
  OUTLINE_TRY(each_object(value, [&](Object& object) -> Status {
    return each_member(object, [&](Member member, Value& inner) -> Status {
      return user_member(member, inner, place, seen);
    });
  }));
  out = seen.own_id();
  set_author(begin, place, out);
  return SUCCESS;
}

void OutlineWalk::set_author(std::uint32_t begin, std::uint32_t parent, UserId author) {
  for (std::uint32_t i = begin; i < out_.places.size(); ++i) {
    Place& embedded_tweet = out_.places[i];
    if (embedded_tweet.parent == parent && embedded_tweet.author == 0) {
      embedded_tweet.author = author;
    }
  }
}

OutlineWalk::Status OutlineWalk::user_member(Member member, Value& value, std::uint32_t place,
                                             Seen& seen) {
  switch (member.key) {
    case kId:
      seen.has_id = true;
      return id(value, seen.id);
    case kIdStr:
      seen.has_id = true;
      return id(value, seen.id_str);
    case kTweetOfUser:
      return embedded(member, value, Role::kOther, place);
    default:
      return SUCCESS;
  }
}

// Its members are the tweet's, but for its ids.
OutlineWalk::Status OutlineWalk::extended(Value& value, std::uint32_t place) {
  return each_object(value, [&](Object& object) -> Status {
    return each_member(object, [&](Member member, Value& inner) -> Status {
      if (member.key == kGeo) return geo(member, inner, place);
      Seen ignored;
      return relation(member, inner, place, ignored);
    });
  });
}

OutlineWalk::Status OutlineWalk::embedded(Member member, Value& value, Role role,
                                          std::uint32_t parent, std::uint32_t* index) {
  ondemand::json_type type{};
  OUTLINE_TRY(value.type().get(type));
  if (type != ondemand::json_type::object) return SUCCESS;
  return each_span(value, [&](Object& object, Span span) -> Status {
    const std::uint32_t place =
        add_place(role, parent, {.begin = member.begin, .end = span.end}, span);
    out_.places[place].retweeted = role == Role::kOriginal;
    if (index != nullptr) *index = place;
    return tweet(object, place);
  });
}

OutlineWalk::Status OutlineWalk::references(Value& value, std::uint32_t parent) {
  return each_span(
      value, [&](Object& object, Span span) -> Status { return reference(object, span, parent); });
}

OutlineWalk::Status OutlineWalk::reference(Object& object, Span member, std::uint32_t parent) {
  const std::uint32_t place = add_place(Role::kReference, parent, member, member);
  // Where the members stand, then what they say.
  const auto take_part = [&](Member part, Value& value) -> Status {
    if (part.key == kType) {
      std::string memory;
      std::string_view type;
      OUTLINE_TRY(token(value, memory, type));
      out_.places[place].retweeted = type == "retweeted";
    }
    if (part.key == kType || part.key == kId || part.key == kIdStr) return SUCCESS;
    std::string_view bytes;
    OUTLINE_TRY(raw(value, bytes));
    out_.parts.push_back({.kind = Part::Kind::kBody,
                          .place = place,
                          .member = {.begin = part.begin, .end = span_of(bytes).end}});
    return SUCCESS;
  };
  OUTLINE_TRY(each_member(object, take_part));
  OUTLINE_TRY(object.reset().error());
  return tweet(object, place);
}

OutlineWalk::Status OutlineWalk::geo(Member member, Value& value, std::uint32_t place) {
  std::string_view bytes;
  OUTLINE_TRY(raw(value, bytes));
  const Span span = span_of(bytes);
  const std::string_view text = text_.substr(span.begin, span.end - span.begin);
  out_.parts.push_back({.kind = member.key == kLocation ? Part::Kind::kLocation : Part::Kind::kGeo,
                        .null = text == "null",
                        .place = place,
                        .member = {.begin = member.begin, .end = span.end}});
  return SUCCESS;
}

OutlineWalk::Status OutlineWalk::history(Member member, Value& value, std::uint32_t place) {
  if (member.key == kHistory) {
    return each_object(value, [&](Object& object) -> Status {
      return each_member(object, [&](Member inner, Value& ids) -> Status {
        return inner.key == kHistoryIds ? history(inner, ids, place) : SUCCESS;
      });
    });
  }
  const auto add = [&](Value& one) -> Status {
    std::uint64_t version = 0;
    OUTLINE_TRY(id(one, version));
    if (version != 0) out_.places[place].history.push_back(version);
    return SUCCESS;
  };
  ondemand::json_type type{};
  OUTLINE_TRY(value.type().get(type));
  if (type != ondemand::json_type::array) return add(value);
  Array array;
  OUTLINE_TRY(value.get_array().get(array));
  for (auto result : array) {
    Value one;
    OUTLINE_TRY(std::move(result).get(one));
    OUTLINE_TRY(add(one));
  }
  return SUCCESS;
}

}  // namespace recant::dataset
