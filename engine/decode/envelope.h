// `{"data":{KIND:{...}}}` and `{KIND:{...}}`: which KIND a line holds, and the decoders of each.
// Wire shapes: the platform's reference, sections 1.2 and 1.3; rules: semantics.md, section 1.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

#include "engine/decode/context.h"

namespace recant::decode {

/// A KIND that is known, under its name on the wire.
struct KindBody {
  std::string_view name;
  EventKind kind = EventKind::kUnknown;  ///< kTweetDelete for `delete`, also of a favorite
  simdjson::dom::object body;
};

/// The one known KIND among the members of `holder` (the line's object, or its `data`), if any.
[[nodiscard]] Decoded<std::optional<KindBody>> find_kind(simdjson::dom::object holder);

/// Any KIND of the two lists.
[[nodiscard]] Decoded<void> decode_kind(const Context& context, const KindBody& kind);

[[nodiscard]] Decoded<void> decode_tweet_kind(const Context& context, const KindBody& kind);
[[nodiscard]] Decoded<void> decode_user_kind(const Context& context, const KindBody& kind);

}  // namespace recant::decode
