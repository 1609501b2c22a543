// Rows of the index as bytes. Layouts: store/FORMAT.md, "Index". Decoders add what a row says to a
// state (normalize() afterwards) and return false for bytes that are no row: never out of bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "store/model/facts.h"

namespace recant::index {

using Bytes = std::span<const std::byte>;

void encode_row(const TweetState& state, std::string& out);
[[nodiscard]] bool decode_row(Bytes row, TweetId key, TweetState& state);

void encode_row(const UserState& state, std::string& out);
[[nodiscard]] bool decode_row(Bytes row, UserState& state);

/// Sorted, distinct ids.
void encode_row(const std::vector<std::uint64_t>& ids, std::string& out);
[[nodiscard]] bool decode_row(Bytes row, std::vector<std::uint64_t>& ids);

void encode_row(Time at, std::string& out);
[[nodiscard]] bool decode_row(Bytes row, Time& at);

void encode_row(const model::Coverage& coverage, std::string& out);
[[nodiscard]] bool decode_row(Bytes row, model::Coverage& coverage);

/// Without its first sequence, which is the key.
void encode_row(const model::Loss& loss, std::string& out);
[[nodiscard]] bool decode_row(Bytes row, model::Loss& loss);

}  // namespace recant::index
