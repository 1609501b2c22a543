#include "cli/talk.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "cli/text.h"

namespace recant::cli {
namespace {

constexpr std::uint64_t kRejectionsShown = 10;
constexpr auto kQuietAtFirst = std::chrono::seconds(1);
constexpr auto kBetweenProgress = std::chrono::milliseconds(100);
constexpr auto kBetweenLines = std::chrono::seconds(10);
constexpr std::size_t kProgressColumns = 78;

// Stderr is the last resort: where it cannot be written there is nobody left to tell.
void put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

Talk::Talk() { set_progress(ProgressMode::kAuto); }

void Talk::set_progress(ProgressMode mode) {
  const bool line =
      mode == ProgressMode::kAlways || (mode == ProgressMode::kAuto && isatty(STDERR_FILENO) == 1);
  shown_ = line ? Shown::kLine : Shown::kLines;
  if (mode == ProgressMode::kNever) shown_ = Shown::kNothing;
  next_progress_ = Clock::now() + (line ? kQuietAtFirst : kBetweenLines);
}

void Talk::say(std::string_view text) {
  clear_progress();
  put("recant: " + printable(text) + "\n");
}

void Talk::progress(const std::function<std::string()>& text) {
  const auto now = Clock::now();
  if (shown_ == Shown::kNothing || now < next_progress_) return;
  if (shown_ == Shown::kLines) {
    next_progress_ = now + kBetweenLines;
    return say(text());
  }
  next_progress_ = now + kBetweenProgress;
  progress_shown_ = true;
  put(fmt::format("\r{:<{}}", printable(text(), kProgressColumns), kProgressColumns));
  std::fflush(stderr);
}

void Talk::clear_progress() {
  if (!progress_shown_) return;
  progress_shown_ = false;
  put(fmt::format("\r{:{}}\r", "", kProgressColumns));
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
