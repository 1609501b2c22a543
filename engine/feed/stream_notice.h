// Messages in a stream that are no events: what they ask of the client.
// Source: the platform's reference, section 1.5. Their words are prose, and matched loosely.
#pragma once

#include <string>
#include <string_view>

#include "engine/feed/secret.h"
#include "engine/feed/stream_machine.h"

namespace recant::feed {

struct StreamNotice {
  NoticeAdvice advice = NoticeAdvice::kNone;
  std::string words{};  ///< one line that may be shown
};

/// `line` is a notice, as the decoder tells it.
[[nodiscard]] StreamNotice read_notice(std::string_view line, const Redactor& redact);

}  // namespace recant::feed
