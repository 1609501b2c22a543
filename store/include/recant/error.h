// Errors as values: every fallible call of recant returns Result<T>, and throws nothing: memory
// that ran out is kNoMemory. (Values made by the caller, such as a copy of a Verdict, may throw
// std::bad_alloc as every standard container may.) A callback of the caller's that throws ends the
// call with kIo, and what it threw is told.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace recant {

/// Chosen by what the caller would do next; the command line has one exit code for each.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,  ///< the call was wrong; nothing was done [exit 2]
  kIo,               ///< a file operation failed, or the file or store is not there [exit 3]
  kNoSpace,          ///< the disk or quota is full [exit 3]
  kCorruption,       ///< damage was found in the log or an index [exit 4]
  kLocked,           ///< another writer holds the store [exit 5]
  kRefused,          ///< credentials or TLS refused [exit 6]
  kNetwork,          ///< the network gave up [exit 7]
  kNoMemory,         ///< the machine refused memory; nothing was published [exit 3]
  kCancelled,        ///< the caller asked to stop; nothing was published [exit 3]
};

struct Error {
  ErrorCode code = ErrorCode::kIo;
  /// One sentence a person can act on: "what failed: why (what to do)".
  std::string what;
  /// Byte position in the file that `what` names, for kCorruption.
  std::uint64_t offset = 0;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string what,
                                                 std::uint64_t offset = 0) {
  return std::unexpected(Error{code, std::move(what), offset});
}

}  // namespace recant

// Early return on error. Two macros because g++ 12 has no monadic std::expected.
#define RECANT_CONCAT_INNER(a, b) a##b
#define RECANT_CONCAT(a, b) RECANT_CONCAT_INNER(a, b)
#define RECANT_TRY(expression)                                  \
  do {                                                          \
    if (auto recant_result = (expression); !recant_result)      \
      return std::unexpected(std::move(recant_result).error()); \
  } while (false)
#define RECANT_ASSIGN_INNER(name, declaration, expression)    \
  auto name = (expression);                                   \
  if (!name) return std::unexpected(std::move(name).error()); \
  declaration = *std::move(name)
#define RECANT_ASSIGN(declaration, expression) \
  RECANT_ASSIGN_INNER(RECANT_CONCAT(recant_result_, __LINE__), declaration, expression)
