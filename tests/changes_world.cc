#include "changes_world.h"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "describe.h"

namespace recant::laws {

ChangesWorld::ChangesWorld(std::uint64_t seed)
    : world_(seed), plan_(world_.fork(1)), policy_(plan_.policy()) {
  open();
}

void ChangesWorld::open() {
  store_.reset();
  auto store = Store::open({.directory = directory_.path("store"),
                            .create = true,
                            .segment_bytes_max = plan_.one_in(2) ? 1024U : 1U << 20,
                            .seal_events_min = plan_.below(20)});
  if (!store) return wrong(store.error().what);
  store_ = *std::move(store);
}

void ChangesWorld::wrong(const std::string& what) {
  if (wrong_.empty()) wrong_ = what;
}

bool ChangesWorld::is_held(TweetId id) const {
  const auto held = oracle_.tweet(id).held;
  return held && held->held;
}

// Most tweets are to be held, or there would be nothing to tell.
Event ChangesWorld::next_event() {
  Event event = world_.event();
  while (event.kind == EventKind::kTweetReleased && !plan_.one_in(3)) event = world_.event();
  while (plan_.one_in(5) && event.kind != EventKind::kTweetHeld) event = world_.event();
  return event;
}

void ChangesWorld::write_events() {
  std::vector<Event> events;
  for (std::size_t left = plan_.below(9); left > 0; --left) events.push_back(next_event());
  for (const Event& event : events) oracle_.add(event);
  if (!events.empty()) {
    const std::span<const Event> all(events);
    if (plan_.one_in(3)) {
      auto import = store_->begin_import();
      const std::size_t half = plan_.below(all.size() + 1);
      const bool written = import && import->append(all.first(half)) &&
                           import->append(all.subspan(half)) && import->finish();
      if (!written) wrong("an import failed");
    } else if (const auto written = store_->append(all); !written) {
      wrong(written.error().what);
    }
  }
  if (plan_.one_in(3) && !store_->seal(plan_.one_in(2))) wrong("seal failed");
  if (plan_.one_in(40) && !store_->rebuild({})) wrong("rebuild failed");
  if (plan_.one_in(10) && !store_->compact()) wrong("compact failed");
  if (plan_.one_in(8)) open();
}

std::optional<bool> ChangesWorld::call(Time as_of, std::uint64_t limit) {
  const auto snapshot = store_->snapshot();
  if (!snapshot) {
    wrong(snapshot.error().what);
    return {};
  }
  // Sometimes the consumer itself stops: what it did not take comes again.
  const std::size_t stop_after = plan_.one_in(6) ? plan_.below(4) : 1000;
  std::map<TweetId, Verdict> told;
  const auto emit = [&](const Item& item, const Verdict& verdict) {
    if (told.size() == stop_after) return false;
    if (!told.emplace(item.id, verdict).second) wrong(fmt::format("{} is told twice", item.id));
    if (!is_held(item.id)) wrong(fmt::format("{} is told and not held", item.id));
    return true;
  };
  const auto cursor = snapshot->changes({.since = cursor_,
                                         .limit = limit,
                                         .as_of = as_of,
                                         .policy = policy_,
                                         .stretch_events = 1 + plan_.below(6)},
                                        emit);
  if (!cursor) {
    wrong(cursor.error().what);
    return {};
  }
  if (limit != 0 && told.size() > limit) wrong("the limit is exceeded");
  for (auto& [id, verdict] : told) lines_[id] = std::move(verdict);
  cursor_ = *cursor;
  return stop_after == 1000 && (limit == 0 || told.size() < limit);
}

bool ChangesWorld::call_until_level(Time as_of) {
  constexpr int kCallsMax = 1000;
  for (int calls = 0; calls < kCallsMax; ++calls) {
    const auto level = call(as_of, plan_.one_in(3) ? 0 : 1 + plan_.below(4));
    if (!level) return false;
    if (*level) return true;
  }
  wrong("it never comes to an end");
  return false;
}

void ChangesWorld::compare_line(TweetId id, Time as_of, const Snapshot& snapshot) {
  const Item item{.id = id};
  Verdict checked;
  if (const auto done = snapshot.check({&item, 1}, as_of, policy_, {&checked, 1}); !done) {
    return wrong(done.error().what);
  }
  const auto line = lines_.find(id);
  if (line == lines_.end()) return wrong(fmt::format("{} is held and was never told", id));
  if (!same(line->second, checked)) {
    wrong(fmt::format("as-of {} of {}, consumer: {}check: {}", as_of, id, describe(line->second),
                      describe(checked)));
  }
  if (!plan_.one_in(4)) return;
  const Verdict law = oracle_.verdict(item, as_of, policy_);
  if (!same(line->second, law)) {
    wrong(fmt::format("as-of {} of {}, consumer: {}law: {}", as_of, id, describe(line->second),
                      describe(law)));
  }
}

void ChangesWorld::compare(Time as_of) {
  const auto snapshot = store_->snapshot();
  if (!snapshot) return wrong(snapshot.error().what);
  for (const TweetId id : oracle_.tweet_ids()) {
    if (is_held(id)) compare_line(id, as_of, *snapshot);
  }
  // Level is level: another call says nothing, and the cursor stays.
  const auto again = snapshot->changes({.since = cursor_, .as_of = as_of, .policy = policy_},
                                       [this](const Item& item, const Verdict&) {
                                         wrong(fmt::format("{} is told without a change", item.id));
                                         return true;
                                       });
  if (!again || *again != cursor_) wrong("a level cursor does not stay");
}

std::string ChangesWorld::run() {
  const std::size_t rounds = 2 + plan_.below(9);
  for (std::size_t round = 0; round < rounds && wrong_.empty(); ++round) {
    write_events();
    if (plan_.one_in(30)) policy_ = plan_.policy();
    // A pass that was cut is gone on with after more events, as of another time.
    for (std::size_t left = plan_.below(4); left > 0 && wrong_.empty(); --left) {
      (void)call(plan_.as_of(), 1 + plan_.below(3));
      if (plan_.one_in(2)) write_events();
    }
    // A consumer forgets what it holds no more, by itself.
    std::erase_if(lines_, [this](const auto& line) { return !is_held(line.first); });
    if (plan_.one_in(3)) continue;
    const Time as_of = plan_.as_of();
    if (call_until_level(as_of)) compare(as_of);
  }
  return wrong_;
}

}  // namespace recant::laws
