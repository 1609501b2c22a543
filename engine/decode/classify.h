// What a line is that holds no known KIND: told by the members of its object.
// Rules: semantics.md, section 1; the platform's reference, sections 1.5 and 5.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>

#include "engine/decode/decoded.h"

namespace recant::decode {

enum class Shape : std::uint8_t {
  kBatchResult,
  kActivityDelete,
  kDataset,  ///< a tweet, a user or a page of them
  kUnknown,  ///< an event envelope with an unknown KIND
  kNotice,
  kNothing,
};

struct Classified {
  Shape shape = Shape::kNothing;
  std::optional<simdjson::dom::object> body;  ///< of the unknown KIND
};

[[nodiscard]] Decoded<Classified> classify(simdjson::dom::object root);

}  // namespace recant::decode
