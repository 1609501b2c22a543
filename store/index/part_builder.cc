#include "store/index/part_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "store/index/fold.h"
#include "store/index/part_writer.h"
#include "store/index/radix_sort.h"
#include "store/model/join.h"
#include "store/work/ordered_work.h"

namespace recant::index {
namespace {

// Address space only: LMDB grows the file as pages are written. A fact makes a few rows of well
// under 100 bytes, doubled for values that go to pages of their own.
std::uint64_t map_bytes_for(std::uint64_t facts) {
  constexpr std::uint64_t kBytesPerFact = 512;
  constexpr std::uint64_t kFixed = std::uint64_t{64} << 20;
  constexpr std::uint64_t kPageBytes = 4096;
  return kFixed + (facts * kBytesPerFact + kPageBytes - 1) / kPageBytes * kPageBytes;
}

std::uint64_t facts_of(const Sources& sources) {
  std::uint64_t facts = 0;
  for (const auto& part : sources.parts) facts += part->info().facts;
  for (const auto& run : sources.runs) facts += run->facts().total;
  return facts;
}

Result<Ids> originals_of(const Sources& sources) {
  Ids originals;
  for (const Table table : {Table::kRetweetedBy, Table::kQuotedBy}) {
    RECANT_TRY(for_each_ids(sources, table,
                            [&](TweetId original, const Ids&) { originals.push_back(original); }));
  }
  model::sort_distinct(originals);
  return originals;
}

class Builder {
 public:
  Builder(const Sources& sources, const BuildOptions& options, PartWriter& writer)
      : sources_(sources),
        writer_(writer),
        whole_(options.whole),
        threads_(work::ordered_work_threads(options.threads)),
        digest_(options.digest),
        others_(options.others) {}

  Result<void> write_all() {
    RECANT_ASSIGN(originals_, originals_of(sources_));
    RECANT_TRY(write_tweets());
    RECANT_TRY(write_users());
    for (const Table table :
         {Table::kRetweets, Table::kRetweetedBy, Table::kQuotes, Table::kQuotedBy}) {
      RECANT_TRY(for_each_ids(sources_, table, [&](std::uint64_t id, const Ids& ids) {
        const bool is_forward = table == Table::kRetweets || table == Table::kQuotes;
        if (digest_ != nullptr && is_forward) digest_->add_relation(table, id, ids);
        for (const std::uint64_t other : ids) writer_.append(table, {id, other});
      }));
    }
    RECANT_TRY(write_favorites());
    RECANT_TRY(write_coverage());
    RECANT_TRY(write_losses());
    RECANT_TRY(write_author_tweets());
    radix_sort(user_deletes_);
    for (const model::Pair& pair : user_deletes_) {
      writer_.append(Table::kUserDeletes, {pair.key, pair.value});
    }
    for (const TweetId id : candidates_) writer_.append(Table::kCandidates, {id});
    return {};
  }

  [[nodiscard]] std::uint64_t candidate_count() const { return candidates_.size(); }

 private:
  void append(Table table, const std::array<std::uint64_t, kColumnsMax>& numbers,
              std::string_view extra, unsigned absent) {
    writer_.append(table, std::span(numbers).first(info_of(table).columns), extra, absent);
  }
  void append(Table table, const RowBatch& rows) {
    rows.for_each([&](const auto& numbers, std::string_view extra, unsigned absent) {
      append(table, numbers, extra, absent);
    });
  }

  Result<void> write_tweets() {
    Ids held;
    const TweetContext context{
        .originals = originals_, .others = others_, .with_digest = digest_ != nullptr};
    RECANT_TRY(fold_tweets(sources_, context, threads_, [&](const TweetBatch& batch) {
      append(Table::kTweets, batch.rows);
      if (digest_ != nullptr) digest_->add(batch.digest);
      held.insert(held.end(), batch.held.begin(), batch.held.end());
      pairs_.insert(pairs_.end(), batch.author_tweets.begin(), batch.author_tweets.end());
    }));
    std::ranges::set_union(held, originals_, std::back_inserter(candidates_));
    return resolve_candidates();
  }

  // Authors that other parts know of the tweets that are held or referred to here.
  Result<void> resolve_candidates() {
    for (const auto& other : others_) {
      for (const TweetId id : candidates_) {
        TweetState state;
        RECANT_TRY(other->add_tweet(id, state));
        for (const UserId author : state.authors) pairs_.push_back({.key = author, .value = id});
      }
    }
    return {};
  }

  Result<void> write_users() {
    return fold_users(sources_, digest_ != nullptr, threads_, [&](const UserBatch& batch) {
      std::size_t row = 0;
      std::size_t history = 0;
      // A user's histories follow the user: how pages of two tables alternate is part of the bytes.
      batch.rows.for_each([&](const auto& numbers, std::string_view extra, unsigned absent) {
        append(Table::kUsers, numbers, extra, absent);
        for (; history < batch.history_ends[row]; ++history) {
          writer_.append(Table::kHistories, batch.histories[history]);
        }
        ++row;
      });
      if (digest_ != nullptr) digest_->add(batch.digest);
      user_deletes_.insert(user_deletes_.end(), batch.user_deletes.begin(),
                           batch.user_deletes.end());
    });
  }

  Result<void> write_favorites() {
    return for_each_favorite(sources_, [&](TweetId tweet, UserId user, Time at) {
      if (digest_ != nullptr) digest_->add_favorite(tweet, user, at);
      writer_.append(Table::kFavorites, {tweet, user, static_cast<std::uint64_t>(at)});
    });
  }

  Result<void> write_coverage() {
    std::uint64_t number = 0;
    return for_each_coverage(sources_,
                             [&](const model::CoverageKey& key, const model::Coverage& coverage) {
                               std::string extra;
                               encode_coverage(key, coverage, extra);
                               writer_.append(Table::kCoverage, {number++}, extra);
                             });
  }

  Result<void> write_losses() {
    return for_each_loss(sources_, [&](const model::Loss& loss) {
      writer_.append(Table::kLosses,
                     {loss.first, loss.last, static_cast<std::uint64_t>(loss.at), loss.bytes});
    });
  }

  // Pairs found here, and those that the merged parts had resolved against parts beside them.
  Result<void> write_author_tweets() {
    if (!whole_) {
      RECANT_TRY(
          for_each_ids(sources_, Table::kAuthorTweets, [&](UserId author, const Ids& tweets) {
            for (const TweetId id : tweets) pairs_.push_back({.key = author, .value = id});
          }));
    }
    radix_sort(pairs_);
    const auto rest = std::ranges::unique(pairs_);
    pairs_.erase(rest.begin(), rest.end());
    for (const model::Pair& pair : pairs_) {
      writer_.append(Table::kAuthorTweets, {pair.key, pair.value});
    }
    return {};
  }

  const Sources& sources_;
  PartWriter& writer_;
  bool whole_;
  std::size_t threads_;
  Digest* digest_;
  const std::vector<std::shared_ptr<const Part>>& others_;
  Ids originals_;
  Ids candidates_;
  std::vector<model::Pair> pairs_;         // author, tweet
  std::vector<model::Pair> user_deletes_;  // at, user
};

// An unfinished file is only in the way; if even removing it fails, a later writer will do it.
void discard(io::FileSystem& files, const std::string& path) { (void)files.remove(path); }

Result<std::string> temporary_path(io::FileSystem& files, const std::string& directory) {
  std::uint64_t random = 0;
  RECANT_TRY(files.random(std::as_writable_bytes(std::span(&random, 1))));
  return io::join_path(directory, fmt::format("building-{:016x}.tmp", random));
}

}  // namespace

Result<Ids> candidates_of(const Sources& sources) {
  RECANT_ASSIGN(const Ids originals, originals_of(sources));
  Ids held;
  RECANT_TRY(for_each_tweet(sources, [&](TweetId id, const TweetState& state) {
    if (state.held && state.held->held) held.push_back(id);
  }));
  Ids candidates;
  std::ranges::set_union(held, originals, std::back_inserter(candidates));
  return candidates;
}

Result<PartInfo> build_part(io::FileSystem& files, const Sources& sources,
                            const BuildOptions& options) {
  RECANT_ASSIGN(const std::string path, temporary_path(files, options.directory));
  PartInfo info{
      .file = {}, .first = options.first, .last = options.last, .facts = facts_of(sources)};
  const auto write = [&]() -> Result<void> {
    RECANT_ASSIGN(PartWriter writer, PartWriter::create(path, map_bytes_for(info.facts)));
    Builder builder(sources, options, writer);
    RECANT_TRY(builder.write_all());
    RECANT_ASSIGN(info.rows, writer.finish());
    info.candidates = builder.candidate_count();
    RECANT_ASSIGN(info.checksum, file_checksum(files, path));
    RECANT_ASSIGN(const auto found, files.info(path));
    info.bytes = found ? found->size : 0;
    info.file = fmt::format("part-{:020}-{:020}-{:016x}.mdb", info.first, info.last, info.checksum);
    return files.rename(path, io::join_path(options.directory, info.file));
  };
  if (auto written = write(); !written) {
    discard(files, path);
    return std::unexpected(std::move(written).error());
  }
  return info;
}

}  // namespace recant::index
