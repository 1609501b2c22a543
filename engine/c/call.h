// What every function of the C interface is made of: arguments that are checked, errors that are
// handed over, and exceptions that end here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <span>
#include <string_view>

#include "recant/c.h"
#include "recant/recant.h"

namespace recant::c {

/// Writes code, message and offset to `error`, as much of it as the caller has. Returns the code.
recant_code hand_over(const Error& error, recant_error* out) noexcept;

/// Runs `call`, a Result<void>, for a function of the interface.
template <class Call>
recant_code run(recant_error* error, Call call) noexcept {
  try {
    const Result<void> done = call();
    return done ? RECANT_OK : hand_over(done.error(), error);
  } catch (const std::bad_alloc&) {
    return hand_over({.code = ErrorCode::kNoMemory, .what = "out of memory"}, error);
  } catch (...) {
    return hand_over({.code = ErrorCode::kIo, .what = "bug of recant"}, error);  // short: no memory
  }
}

[[nodiscard]] inline std::unexpected<Error> invalid(std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, std::string(what));
}

/// A struct of the caller's, whichever version it is of: what it does not have is 0.
template <class Struct>
[[nodiscard]] Result<Struct> take(const Struct* given, std::string_view name) {
  Struct taken{};
  if (given == nullptr || given->size < sizeof(given->size)) {
    return invalid(std::string(name) + ": it is NULL, or its size is not set");
  }
  const auto* bytes = reinterpret_cast<const std::byte*>(given);
  const std::size_t known = std::min<std::size_t>(given->size, sizeof(Struct));
  const std::span<const std::byte> unknown(bytes + known, given->size - known);
  if (!std::ranges::all_of(unknown, [](std::byte byte) { return byte == std::byte{}; })) {
    return invalid(std::string(name) + ": it asks for what this version of recant does not know");
  }
  std::memcpy(&taken, bytes, known);
  return taken;
}

/// Fills a struct of the caller's, as much of it as it has; its size says how much that was.
template <class Struct>
[[nodiscard]] Result<void> give(Struct from, Struct* out, std::string_view name) {
  if (out == nullptr || out->size < sizeof(out->size)) {
    return invalid(std::string(name) + ": it is NULL, or its size is not set");
  }
  from.size = static_cast<std::uint32_t>(std::min<std::size_t>(out->size, sizeof(Struct)));
  std::memcpy(static_cast<void*>(out), &from, from.size);
  return {};
}

/// NULL is an empty policy. Errors: kInvalidArgument.
[[nodiscard]] Result<Policy> take_policy(const recant_policy* given);

/// A copy that recant_free frees. Throws std::bad_alloc.
[[nodiscard]] void* copy_of(const void* bytes, std::size_t size);

}  // namespace recant::c

struct recant_store {
  recant::Store store;
};
struct recant_snapshot {
  recant::Snapshot snapshot;
};
