#include "engine/files/unfinished.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstdint>
#include <cstring>

namespace recant::files {
namespace {

enum class Slot : std::uint8_t { kFree, kFilling, kReady, kRemoved };
static_assert(std::atomic<Slot>::is_always_lock_free, "a signal handler reads it");

// Fixed memory: a handler may neither allocate nor meet a string that another thread frees.
struct Entry {
  std::atomic<Slot> state = Slot::kFree;
  std::array<char, PATH_MAX> path{};
};
constinit std::array<Entry, kUnfinishedMax> entries{};

bool change(Entry& entry, Slot from, Slot to) {
  return entry.state.compare_exchange_strong(from, to, std::memory_order_acq_rel);
}

std::size_t enter(const std::string& path) {
  if (path.size() >= PATH_MAX) return kUnfinishedMax;
  for (std::size_t slot = 0; slot < kUnfinishedMax; ++slot) {
    Entry& entry = entries[slot];
    if (!change(entry, Slot::kFree, Slot::kFilling)) continue;
    std::memcpy(entry.path.data(), path.c_str(), path.size() + 1);
    entry.state.store(Slot::kReady, std::memory_order_release);
    return slot;
  }
  return kUnfinishedMax;
}

}  // namespace

Unfinished::Unfinished(const std::string& path) noexcept : slot_(enter(path)) {}

Unfinished::~Unfinished() {
  // Not if a handler has it: the process ends, and the name must stay as it is until then.
  if (slot_ < kUnfinishedMax) change(entries[slot_], Slot::kReady, Slot::kFree);
}

void remove_unfinished() noexcept {
  for (Entry& entry : entries) {
    if (change(entry, Slot::kReady, Slot::kRemoved)) ::unlink(entry.path.data());
  }
}

}  // namespace recant::files
