// The KINDs that event envelopes are known to hold, under their names on the wire.
#pragma once

#include <array>
#include <string_view>

#include "recant/event.h"

namespace recant::decode {

struct KnownKind {
  std::string_view name;
  EventKind kind;
};

/// `delete` is kTweetDelete, also of a favorite: what it holds tells.
inline constexpr std::array<KnownKind, 15> kKinds = {{
    {"delete", EventKind::kTweetDelete},
    {"withheld", EventKind::kTweetWithheld},
    {"status_withheld", EventKind::kTweetWithheld},
    {"drop", EventKind::kTweetDrop},
    {"undrop", EventKind::kTweetUndrop},
    {"tweet_edit", EventKind::kTweetEdit},
    {"user_delete", EventKind::kUserDelete},
    {"user_undelete", EventKind::kUserUndelete},
    {"user_protect", EventKind::kUserProtect},
    {"user_unprotect", EventKind::kUserUnprotect},
    {"user_suspend", EventKind::kUserSuspend},
    {"user_unsuspend", EventKind::kUserUnsuspend},
    {"user_withheld", EventKind::kUserWithheld},
    {"scrub_geo", EventKind::kScrubGeo},
    {"user_profile_modification", EventKind::kUserProfileModification},
}};

}  // namespace recant::decode
