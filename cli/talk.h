// Everything that goes to stderr: errors, notes, rejected lines and the progress line.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/files/output.h"
#include "recant/error.h"

namespace recant::cli {

enum class ProgressMode : std::uint8_t { kAuto, kAlways, kNever };

/// Room for a table on the terminal, and whether it may be coloured.
struct TableSize {
  std::size_t rows = 0;
  std::size_t columns = 0;
  bool color = false;  ///< not where NO_COLOR is set
};

/// Any thread may talk.
class Talk {
 public:
  Talk();
  ~Talk() { clear_progress(); }
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  void set_progress(ProgressMode mode);

  /// One line, "recant: " before it.
  void say(std::string_view text);
  /// On a terminal replaces the progress line, at most ten times a second and not in the first
  /// second. Elsewhere says a line every ten seconds under kAlways, and nothing under kAuto: logs
  /// and mails of cron are for results. `text` is called only when it is shown.
  void progress(const std::function<std::string()>& text);
  void clear_progress();

  /// The terminal's size, where stderr is one that tables can be redrawn on and progress is shown.
  [[nodiscard]] std::optional<TableSize> table_size() const;
  /// Shows `lines`, each short enough for the terminal, instead of those of the last call. What is
  /// said in between goes above.
  void table(const std::vector<std::string>& lines);

 private:
  using Clock = std::chrono::steady_clock;

  enum class Shown : std::uint8_t { kNothing, kLine, kLines };

  void clear();

  std::mutex mutex_;
  Shown shown_ = Shown::kNothing;
  bool terminal_ = false;
  std::size_t table_lines_ = 0;
  bool progress_shown_ = false;
  Clock::time_point next_progress_;
};

/// Reports the first ten rejected lines, counts the others, and keeps all of them in a file if one
/// was asked for.
class RejectionReport {
 public:
  RejectionReport(Talk& talk, std::optional<files::Output> rejects)
      : talk_(talk), rejects_(std::move(rejects)) {}

  /// `text` is the line as it came; empty where no line is to blame (damaged compressed input).
  void add(std::string_view file, std::uint64_t line, std::string_view why, std::string_view text);
  /// Says how many more there were, and puts the file of rejects into place.
  /// Errors: kIo, kNoSpace (of any write to it).
  [[nodiscard]] Result<void> finish();

 private:
  Talk& talk_;
  std::optional<files::Output> rejects_;
  std::optional<Error> failed_;
  std::uint64_t count_ = 0;
};

}  // namespace recant::cli
