#include "engine/replay/fact_collector.h"

#include <utility>

namespace recant::replay {

void FactCollector::sort_tweets() {
  model::Facts tweets;
  tweets.tweets = std::exchange(facts_.tweets, {});
  run_bytes_ += tweets.bytes();
  runs_.push_back(std::make_shared<const index::Run>(std::move(tweets), scratch_));
  facts_.tweets.reserve(kTweetsInRun);
}

std::vector<std::shared_ptr<const index::Run>> FactCollector::take() {
  runs_.push_back(std::make_shared<const index::Run>(std::exchange(facts_, {}), scratch_));
  run_bytes_ = 0;
  return std::exchange(runs_, {});
}

}  // namespace recant::replay
