// recant itself, through its library: the log and the index, every rule of the verdict.
#include <algorithm>
#include <optional>

#include "bench/peers/peer.h"
#include "engine/replay/ingest.h"
#include "recant/recant.h"

namespace recant::bench {
namespace {

class RecantPeer final : public Peer {
 public:
  explicit RecantPeer(const std::filesystem::path& directory) : directory_(directory) {}

  void load(const std::string& events) override {
    auto store = Store::open({.directory = directory_.string(), .create = true});
    require(store.has_value(), "open");
    auto input = files::Input::open(events);
    require(input.has_value(), "cannot read " + events);
    std::vector<files::Input> inputs;
    inputs.push_back(*std::move(input));
    require(replay::ingest(*store, std::move(inputs), {}).has_value(), "ingest");
    require(store->rebuild({}).has_value(), "rebuild");
  }

  void open() override {
    auto store = Store::open({.directory = directory_.string(), .read_only = true});
    require(store.has_value(), "open");
    auto snapshot = store->snapshot();
    require(snapshot.has_value(), "snapshot");
    snapshot_ = *std::move(snapshot);
    auto judge = snapshot_->batch_judge(now(), {});
    require(judge.has_value(), "batch_judge");
    judge_ = *std::move(judge);
  }

  bool lookup(TweetId id) override {
    const auto state = snapshot_->tweet(id);
    require(state.has_value(), "tweet");
    return !state->empty();
  }

  std::uint64_t check(std::span<const TweetId> ids) override {
    std::uint64_t due = 0;
    while (!ids.empty()) {
      const auto some = ids.first(std::min<std::size_t>(kAtOnce, ids.size()));
      items_.resize(some.size());
      verdicts_.resize(some.size());
      for (std::size_t i = 0; i < some.size(); ++i) items_[i].id = some[i];
      require(judge_->judge(items_, verdicts_).has_value(), "judge");
      due += static_cast<std::uint64_t>(std::ranges::count_if(
          verdicts_, [](const Verdict& verdict) { return verdict.action <= Action::kSuppress; }));
      ids = ids.subspan(some.size());
    }
    return due;
  }

 private:
  static constexpr std::size_t kAtOnce = 4096;

  std::filesystem::path directory_;
  std::optional<Snapshot> snapshot_;
  std::optional<BatchJudge> judge_;
  std::vector<Item> items_;
  std::vector<Verdict> verdicts_;
};

}  // namespace

std::unique_ptr<Peer> make_recant(const std::filesystem::path& directory) {
  return std::make_unique<RecantPeer>(directory);
}

}  // namespace recant::bench
