// Asks the platform about ids, 100 a call, and writes what it learns. [semantics.md, section 1]
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/feed/api.h"
#include "engine/feed/batch_run.h"
#include "engine/feed/lookup_answer.h"
#include "recant/recant.h"

namespace recant::feed {

enum class LookupApi : std::uint8_t { kV2, kV1 };

struct LookupOptions {
  LookupType type = LookupType::kTweets;
  LookupApi api = LookupApi::kV2;
  IdSource next_id{};
  std::function<void(std::uint64_t ids)> progress{};
};

struct LookupSummary {
  std::uint64_t ids = 0;         ///< asked about; one that repeats within a call counts once
  std::uint64_t impossible = 0;  ///< not asked about: the platform has no ids of over 19 digits
  std::uint64_t seen = 0;        ///< there to be seen
  std::uint64_t hidden = 0;      ///< unavailable, deleted, suspended, protected
  std::uint64_t events = 0;      ///< written; of those
  std::uint64_t lifted = 0;      ///< that something is there again
};

/// What each answer proves is durable before the next call. Errors: those of Api::call and of
/// Store::append; what was learned before stays.
[[nodiscard]] Result<LookupSummary> lookup(Store& store, Api& api, const LookupOptions& options);

}  // namespace recant::feed
