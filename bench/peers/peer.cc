#include "bench/peers/peer.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "engine/decode/decode.h"
#include "engine/files/input.h"

namespace recant::bench {

void require(bool good, const std::string& what) {
  if (!good) throw std::runtime_error(what);
}

bool add(const Event& event, TweetRow& row) {
  if (event.tweet == 0) return false;
  if (event.author != 0) row.author = event.author;
  if (event.kind == EventKind::kTweetDelete) {
    row.deleted_at =
        row.deleted_at == 0 ? event.at : std::min<std::int64_t>(row.deleted_at, event.at);
  } else if (event.kind == EventKind::kTweetDrop) {
    row.dropped_at = event.at;
  } else if (event.kind == EventKind::kTweetUndrop) {
    row.dropped_at = 0;
  }
  return true;
}

bool add(const Event& event, UserRow& row) {
  const auto later = [&](std::int64_t& at) { at = std::max<std::int64_t>(at, event.at); };
  switch (event.kind) {
    case EventKind::kUserDelete:
      later(row.deleted);
      return true;
    case EventKind::kUserUndelete:
      later(row.undeleted);
      return true;
    case EventKind::kUserProtect:
      later(row.protected_);
      return true;
    case EventKind::kUserUnprotect:
      later(row.unprotected);
      return true;
    case EventKind::kUserSuspend:
      later(row.suspended);
      return true;
    case EventKind::kUserUnsuspend:
      later(row.unsuspended);
      return true;
    default:
      return false;
  }
}

void for_each_event(const std::string& path, const std::function<void(const Event&)>& take) {
  auto input = files::Input::open(path);
  require(input.has_value(), "cannot read " + path);
  files::LineReader lines(*std::move(input));
  decode::EventDecoder decoder({});
  files::Line line;
  std::vector<Event> events;
  while (true) {
    const auto more = lines.next(line);
    require(more.has_value(), "cannot read " + path);
    if (!*more) return;
    events.clear();
    require(decoder.decode(line.text, events).line_class == decode::LineClass::kEvents,
            "a bad line");
    for (const Event& event : events) take(event);
  }
}

FoldedRows fold_events(const std::string& path) {
  std::unordered_map<std::uint64_t, TweetRow> tweets;
  std::unordered_map<std::uint64_t, UserRow> users;
  for_each_event(path, [&](const Event& event) {
    if (event.tweet != 0) add(event, tweets[event.tweet]);
    UserRow row;
    if (event.user != 0 && add(event, row)) add(event, users[event.user]);
  });
  FoldedRows rows{.tweets = {tweets.begin(), tweets.end()}, .users = {users.begin(), users.end()}};
  std::ranges::sort(rows.tweets, {}, [](const auto& row) { return row.first; });
  std::ranges::sort(rows.users, {}, [](const auto& row) { return row.first; });
  return rows;
}

}  // namespace recant::bench
