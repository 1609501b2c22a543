// Canonical event lines, the form that `log cat` prints. Contract: cli.md, "Canonical event lines".
#pragma once

#include <simdjson.h>

#include <string>

#include "engine/decode/context.h"

namespace recant::decode {

/// The `raw` of an unknown canonical line, which is to be decoded anew, and what its events keep.
struct UnknownLine {
  std::string raw;
  Time received_at = 0;
  std::string source;
};

/// `line` has a string `event`. Appends the event, or returns what an unknown one holds.
[[nodiscard]] Decoded<std::optional<UnknownLine>> decode_canonical(const Context& context,
                                                                   simdjson::dom::object line);

}  // namespace recant::decode
