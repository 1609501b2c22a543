// Tweet and user lookups of the fake platform, v2 and v1.1. Source: the platform's reference,
// section 4.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/platform/server.h"

namespace recant::platform {

enum class Fate : std::uint8_t { kThere, kProtected, kSuspended, kGone };

struct LookupWorld {
  std::string token = "token";
  std::map<std::uint64_t, Fate> tweets{};  ///< an id that is not here never was
  std::map<std::uint64_t, Fate> users{};
};

/// `world` may change between requests. Outlives the server.
void add_lookups(Server& server, const LookupWorld& world);

}  // namespace recant::platform
