// One line in, events out. What a line becomes is semantics.md, section 1; wire shapes are in the
// platform's reference, sections 1.2, 1.3, 1.5 and 3.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recant/event.h"

namespace recant::decode {

enum class LineClass : std::uint8_t {
  kEvents,    ///< one or more events were added (an unknown one among them, perhaps)
  kNotice,    ///< a stream message that is no event
  kBlank,     ///< white space only
  kRejected,  ///< nothing was added; `why` says why, in one clause
};

struct LineResult {
  LineClass line_class = LineClass::kRejected;
  std::string why;
};

/// What the ids of batch result lines are; kUnsaid rejects them, naming the option.
enum class BatchIds : std::uint8_t { kUnsaid, kTweets, kUsers };

struct DecodeOptions {
  std::optional<Time> default_at;  ///< for events without a time
  BatchIds batch_ids = BatchIds::kUnsaid;
};

/// Bytes past the end of a line that must be readable (their content does not matter).
inline constexpr std::size_t kLinePadding = 64;

/// Keeps its parser's memory between lines. One thread at a time.
class EventDecoder {
 public:
  explicit EventDecoder(DecodeOptions options);
  EventDecoder(EventDecoder&&) noexcept;
  EventDecoder& operator=(EventDecoder&&) noexcept;
  ~EventDecoder();

  /// Decodes one line (without its newline; a trailing CR is white space) and appends what it holds
  /// to `out`. Leaves `received_at` 0 and `source` empty unless the line itself gives them.
  /// Memory up to line.data() + line.size() + kLinePadding must be readable.
  [[nodiscard]] LineResult decode(std::string_view line, std::vector<Event>& out);

  /// The same without the fast path for lines of the usual form: what that path is tested against.
  [[nodiscard]] LineResult decode_generally(std::string_view line, std::vector<Event>& out);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Appends the canonical line of `event` (cli.md, "Canonical event lines") without a newline.
/// `sequence` 0 leaves out seq; `receipt` false leaves out received_at and source.
void append_canonical_line(const Event& event, SequenceNumber sequence, bool receipt,
                           std::string& out);

}  // namespace recant::decode
