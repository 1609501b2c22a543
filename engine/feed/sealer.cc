#include "engine/feed/sealer.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace recant::feed {
namespace {

constexpr auto kPatience = std::chrono::seconds(1);

std::atomic<bool>& let_go() {
  static std::atomic<bool> any{false};
  return any;
}

Result<void> seal(const StoreOptions& options) {
  RECANT_ASSIGN(auto store, Store::open(options));
  return store.seal();
}

}  // namespace

// Kept by the thread too, which may outlive the Sealer.
struct Sealer::State {
  StoreOptions options{};
  std::mutex mutex{};
  std::condition_variable changed{};
  bool asked = false;
  bool ending = false;
  bool ended = false;
  std::optional<Error> failure{};
};

Sealer::Sealer(StoreOptions options) : state_(std::make_shared<State>()) {
  state_->options = std::move(options);
  thread_ = std::thread([state = state_] { run(state); });
}

Sealer::~Sealer() {
  bool ended = false;
  {
    std::unique_lock lock(state_->mutex);
    state_->ending = true;
    state_->changed.notify_all();
    ended = state_->changed.wait_for(lock, kPatience, [this] { return state_->ended; });
  }
  if (ended) {
    thread_.join();
  } else {
    let_go() = true;
    thread_.detach();
  }
}

bool Sealer::left_running() { return let_go(); }

void Sealer::ask() {
  const std::lock_guard guard(state_->mutex);
  state_->asked = true;
  state_->changed.notify_all();
}

std::optional<Error> Sealer::failure() const {
  const std::lock_guard guard(state_->mutex);
  return state_->failure;
}

void Sealer::seal_when_asked(State& state) {
  std::unique_lock lock(state.mutex);
  for (;;) {
    state.changed.wait(lock, [&state] { return state.asked || state.ending; });
    if (state.ending) return;
    state.asked = false;
    lock.unlock();
    auto sealed = seal(state.options);
    lock.lock();
    if (!sealed && sealed.error().code != ErrorCode::kLocked) {
      state.failure = std::move(sealed).error();
    }
  }
}

// Nobody could catch what this thread threw, and the process would end: it is a failure like
// others.
void Sealer::run(const std::shared_ptr<State>& state) noexcept {
  std::optional<Error> thrown;
  try {
    seal_when_asked(*state);
  } catch (...) {
    thrown = Error{ErrorCode::kNoMemory, "out of memory"};  // short: it must need none itself
  }
  const std::lock_guard lock(state->mutex);
  if (thrown) state->failure = std::move(thrown);
  state->ended = true;
  state->changed.notify_all();
}

}  // namespace recant::feed
