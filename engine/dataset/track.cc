#include "engine/dataset/track.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "engine/dataset/item_batches.h"

namespace recant::dataset {
namespace {

/// What an item says of its tweet, as tweet_held has it. The quoted tweet of a retweet's original
/// counts as the retweet's own: v1.1 and activities show it so, and v2 only hides it.
struct HeldFacts {
  TweetId tweet = 0;
  UserId author = 0;
  TweetId retweeted = 0;
  UserId retweeted_author = 0;
  TweetId quoted = 0;
  UserId quoted_author = 0;
};

HeldFacts facts_of(const Item& item) {
  const bool own = item.quoted != 0;
  return {.tweet = item.id,
          .author = item.author,
          .retweeted = item.retweeted,
          .retweeted_author = item.retweeted_author,
          .quoted = own ? item.quoted : item.retweeted_quoted,
          .quoted_author = own ? item.quoted_author : item.retweeted_quoted_author};
}

bool holds(const std::vector<std::uint64_t>& sorted, std::uint64_t id) {
  return std::ranges::binary_search(sorted, id);
}

/// One hold of the lock: judges what is new against the state at its begin and what it wrote since.
class Group {
 public:
  static Result<std::unique_ptr<Group>> begin(Store& store, TrackAction action) {
    // The first snapshot folds (and may seal) a long tail before the lock is taken, so that the
    // second one, which no other writer can overtake, has little to do.
    RECANT_TRY(store.snapshot());
    RECANT_ASSIGN(auto import, store.begin_import());
    RECANT_ASSIGN(const Snapshot snapshot, store.snapshot());
    return std::unique_ptr<Group>(new Group(std::move(import), snapshot.reader(), action));
  }

  /// Adds the event of an item, if it changes something; true if it did.
  Result<bool> add(const Item& item) {
    const HeldFacts facts = facts_of(item);
    Known& known = known_tweet(facts.tweet);
    const bool held = known.held && known.held->held;
    const bool changes = action_ == TrackAction::kTrack ? learn(facts) || !held : held;
    // What could not be read looks unknown: nothing is written from it.
    RECANT_TRY(reader_->status());
    if (!changes) return false;
    if (action_ == TrackAction::kTrack) {
      write(EventKind::kTweetHeld, facts, known);
    } else {
      write(EventKind::kTweetReleased, {.tweet = facts.tweet}, known);
    }
    if (events_.size() == kAppendEvents) RECANT_TRY(append());
    return true;
  }

  /// Tweets that it remembers.
  [[nodiscard]] std::size_t size() const { return known_.size(); }

  Result<void> finish() {
    RECANT_TRY(append());
    RECANT_TRY(import_.finish());
    return {};
  }

 private:
  static constexpr std::size_t kAppendEvents = 16 * 1024;

  /// A tweet's part of the state, with what this group adds to it.
  struct Known {
    std::optional<HeldEntry> held;
    std::vector<UserId> authors;  // the three are sorted
    std::optional<std::vector<TweetId>> retweeted;
    std::optional<std::vector<TweetId>> quoted;
  };

  Group(Import import, std::unique_ptr<StateReader> reader, TrackAction action)
      : import_(std::move(import)), reader_(std::move(reader)), action_(action), now_(now()) {}

  Known& known_tweet(TweetId id) {
    const auto [at, added] = known_.try_emplace(id);
    if (added) {
      TweetState state;
      reader_->tweet(id, state);
      at->second.held = state.held;
      at->second.authors = std::move(state.authors);
    }
    return at->second;
  }

  static bool insert(std::vector<std::uint64_t>& sorted, std::uint64_t id) {
    if (id == 0 || holds(sorted, id)) return false;
    sorted.insert(std::ranges::lower_bound(sorted, id), id);
    return true;
  }

  // Adds the facts to what is known; true if one of them was new.
  bool learn(const HeldFacts& facts) {
    Known& known = known_tweet(facts.tweet);
    bool fresh = insert(known.authors, facts.author);
    if (facts.retweeted != 0) {
      if (!known.retweeted) reader_->retweeted(facts.tweet, known.retweeted.emplace());
      fresh |= insert(*known.retweeted, facts.retweeted);
    }
    if (facts.quoted != 0) {
      if (!known.quoted) reader_->quoted(facts.tweet, known.quoted.emplace());
      fresh |= insert(*known.quoted, facts.quoted);
    }
    if (facts.retweeted_author != 0) {
      fresh |= insert(known_tweet(facts.retweeted).authors, facts.retweeted_author);
    }
    if (facts.quoted_author != 0) {
      fresh |= insert(known_tweet(facts.quoted).authors, facts.quoted_author);
    }
    return fresh;
  }

  void write(EventKind kind, const HeldFacts& facts, Known& known) {
    Event event;
    event.kind = kind;
    event.at = known.held ? std::max(now_, known.held->at + 1) : now_;
    event.tweet = facts.tweet;
    event.author = facts.author;
    event.source = "track";
    if (facts.retweeted != 0 || facts.quoted != 0) {
      Payload& payload = event.payload.make();
      payload.retweeted = facts.retweeted;
      payload.retweeted_author = facts.retweeted_author;
      payload.quoted = facts.quoted;
      payload.quoted_author = facts.quoted_author;
    }
    known.held = HeldEntry{.at = event.at, .held = kind == EventKind::kTweetHeld};
    events_.push_back(std::move(event));
  }

  Result<void> append() {
    if (events_.empty()) return {};
    RECANT_TRY(import_.append(events_));
    events_.clear();
    return {};
  }

  Import import_;
  std::unique_ptr<StateReader> reader_;
  TrackAction action_;
  Time now_;
  // References into it stay good while it grows.
  std::unordered_map<TweetId, Known> known_;
  std::vector<Event> events_;
};

// A read that fails ends the input; what came before it is kept.
Result<void> track_input(Store& store, files::Input input, const TrackOptions& options,
                         ItemBatches::Counts& counts, TrackSummary& summary) {
  ItemBatches batches(std::move(input), options.reader, options.on_reject, counts);
  std::unique_ptr<Group> group;
  for (;;) {
    const auto items = batches.next();
    if (!items || items->empty()) {
      if (group) RECANT_TRY(group->finish());
      if (!items) return std::unexpected(items.error());
      return {};
    }
    for (const Item& item : *items) {
      if (!group) {
        RECANT_ASSIGN(group, Group::begin(store, options.action));
      }
      RECANT_ASSIGN(const bool written, group->add(item));
      ++(written ? summary.written : summary.unchanged);
      if (group->size() < options.group_tweets_max) continue;
      RECANT_TRY(group->finish());
      group.reset();
    }
    if (options.on_progress) options.on_progress(batches.input(), counts.items);
  }
}

}  // namespace

Result<TrackSummary> track(Store& store, std::vector<files::Input> inputs,
                           const TrackOptions& options) {
  if (options.reader.type != ItemType::kTweet) {
    return fail(ErrorCode::kInvalidArgument, "cannot track: only tweets are tracked");
  }
  const auto begin = std::chrono::steady_clock::now();
  TrackSummary summary;
  ItemBatches::Counts counts;
  for (files::Input& input : inputs) {
    RECANT_TRY(track_input(store, std::move(input), options, counts, summary));
  }
  summary.items = counts.items;
  summary.skipped = counts.skipped;
  summary.rejected = counts.rejected;
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

}  // namespace recant::dataset
