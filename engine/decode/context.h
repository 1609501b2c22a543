// What every decoder of one line shares.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/decode/decode.h"
#include "engine/decode/decoded.h"
#include "recant/event.h"

namespace recant::decode {

/// Decoders append to `out` in place; whoever began the line takes back what a rejection left.
struct Context {
  const DecodeOptions& options;
  std::string_view line;        ///< the text as it came, for the blanked copy of an unknown event
  bool inside_unknown = false;  ///< `line` is the `raw` of an unknown canonical line
  std::vector<Event>& out;
};

/// The event's time where the line told one, else what semantics.md gives the kind.
[[nodiscard]] inline Decoded<Time> time_of(const Context& context, EventKind kind,
                                           std::optional<Time> told) {
  if (told) return *told;
  if (context.options.default_at) return *context.options.default_at;
  if (is_permanent(kind)) return 0;
  return reject("no time (give one with --default-at)");
}

inline Event& append_event(const Context& context, EventKind kind) {
  Event& event = context.out.emplace_back();
  event.kind = kind;
  return event;
}

}  // namespace recant::decode
