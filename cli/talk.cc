#include "cli/talk.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "cli/text.h"

namespace recant::cli {
namespace {

constexpr std::uint64_t kRejectionsShown = 10;
constexpr auto kQuietAtFirst = std::chrono::seconds(1);
constexpr auto kBetweenProgress = std::chrono::milliseconds(100);
constexpr auto kBetweenLines = std::chrono::seconds(10);
constexpr std::size_t kProgressColumns = 78;
// Up so many lines, and clear from there: what every terminal has understood since the VT100.
std::string up_and_clear(std::size_t lines) { return fmt::format("\x1b[{}A\r\x1b[J", lines); }

// Stderr is the last resort: where it cannot be written there is nobody left to tell.
void put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

Talk::Talk() { set_progress(ProgressMode::kAuto); }

void Talk::set_progress(ProgressMode mode) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const char* kind = std::getenv("TERM");
  terminal_ = terminal && kind != nullptr && std::string_view(kind) != "dumb";
  shown_ = mode == ProgressMode::kNever    ? Shown::kNothing
           : terminal                      ? Shown::kLine
           : mode == ProgressMode::kAlways ? Shown::kLines
                                           : Shown::kNothing;
  next_progress_ = Clock::now() + (terminal ? kQuietAtFirst : kBetweenLines);
}

void Talk::say(std::string_view text) {
  const std::lock_guard guard(mutex_);
  clear();
  put("recant: " + printable(text) + "\n");
}

void Talk::progress(const std::function<std::string()>& text) {
  const auto now = Clock::now();
  if (shown_ == Shown::kNothing || now < next_progress_) return;
  if (shown_ == Shown::kLines) {
    next_progress_ = now + kBetweenLines;
    return say(text());
  }
  const std::lock_guard guard(mutex_);
  next_progress_ = now + kBetweenProgress;
  progress_shown_ = true;
  put(fmt::format("\r{:<{}}", printable(text(), kProgressColumns), kProgressColumns));
  std::fflush(stderr);
}

void Talk::clear_progress() {
  const std::lock_guard guard(mutex_);
  clear();
}

void Talk::clear() {
  if (std::exchange(progress_shown_, false)) put(fmt::format("\r{:{}}\r", "", kProgressColumns));
  if (table_lines_ > 0) put(up_and_clear(table_lines_));
  table_lines_ = 0;
}

std::optional<TableSize> Talk::table_size() const {
  if (!terminal_ || shown_ != Shown::kLine) return {};
  const char* no_color = std::getenv("NO_COLOR");
  TableSize size{.rows = 24, .columns = 80, .color = no_color == nullptr || *no_color == '\0'};
  winsize window{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_row > 0 && window.ws_col > 0) {
    size.rows = window.ws_row;
    size.columns = window.ws_col;
  }
  return size;
}

void Talk::table(const std::vector<std::string>& lines) {
  const std::lock_guard guard(mutex_);
  // In one piece, so that no half of it is seen.
  std::string text;
  if (table_lines_ > 0) text += up_and_clear(table_lines_);
  for (const std::string& line : lines) text += line + "\n";
  table_lines_ = lines.size();
  put(text);
  std::fflush(stderr);
}

void RejectionReport::add(std::string_view file, std::uint64_t line, std::string_view why,
                          std::string_view text) {
  if (++count_ <= kRejectionsShown) talk_.say(fmt::format("{}:{}: {}", file, line, why));
  if (!rejects_ || failed_ || text.empty()) return;
  auto written = rejects_->write(text);
  if (written) written = rejects_->write("\n");
  if (!written) failed_ = std::move(written).error();
}

Result<void> RejectionReport::finish() {
  if (count_ > kRejectionsShown) {
    talk_.say(fmt::format("... and {} more rejected", grouped(count_ - kRejectionsShown)));
  }
  if (failed_) return std::unexpected(*failed_);
  if (rejects_) return rejects_->finish();
  return {};
}

}  // namespace recant::cli
