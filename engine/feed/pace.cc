#include "engine/feed/pace.h"

#include <chrono>
#include <random>
#include <thread>

namespace recant::feed {
namespace {

class RealPace final : public Pace {
 public:
  void wait(std::int64_t ms) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
  }
  double chance() override { return std::uniform_real_distribution<double>(0, 1)(random_); }

 private:
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace

std::unique_ptr<Pace> make_pace() { return std::make_unique<RealPace>(); }

}  // namespace recant::feed
