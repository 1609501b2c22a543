#include "engine/replay/ingest.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

#include "engine/replay/spool.h"

namespace recant::replay {
namespace {

// A group is appended when it has so many events, or came from so many bytes of lines: unknown
// events keep their line, so that their number alone would not bound the memory.
constexpr std::size_t kGroupEventsMax = 32 * 1024;
constexpr std::size_t kGroupBytesMax = std::size_t{16} << 20;
constexpr std::uint64_t kLinesBetweenProgress = 8 * 1024;
constexpr Time kFutureMs = 86'400'000;

/// Reads the lines of one input and decodes them, counting as it goes.
class Lines {
 public:
  Lines(files::LineReader reader, std::string name, const IngestOptions& options)
      : options_(options),
        name_(std::move(name)),
        reader_(std::move(reader)),
        decoder_(options.decode) {}

  enum class Step : std::uint8_t { kLine, kRejected, kEnd };

  /// Adds the events of the next line to `out`. A rejection is counted and reported. Errors: kIo.
  Result<Step> next(std::vector<Event>& out, IngestSummary& summary) {
    auto more = reader_.next(line_);
    if (!more) {
      if (more.error().code != ErrorCode::kCorruption) {
        return std::unexpected(std::move(more).error());
      }
      // Damaged compressed data: what came before is kept, and the next call ends the input.
      reject(last_line_ + 1, more.error().what, {}, summary);
      return Step::kRejected;
    }
    if (!*more) return Step::kEnd;
    ++summary.lines;
    last_line_ = line_.number;
    if (options_.on_progress && last_line_ % kLinesBetweenProgress == 0) {
      options_.on_progress(reader_.input(), last_line_);
    }
    if (line_.too_long) {
      reject(line_.number,
             fmt::format("a line of {} bytes, over the limit of {} (see --max-line)", line_.bytes,
                         options_.line_bytes_max),
             line_.text, summary);
      return Step::kRejected;
    }
    return decode(out, summary);
  }

  [[nodiscard]] const files::Line& line() const { return line_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Step decode(std::vector<Event>& out, IngestSummary& summary) {
    const decode::LineResult result = decoder_.decode(line_.text, out);
    switch (result.line_class) {
      case decode::LineClass::kEvents:
        return Step::kLine;
      case decode::LineClass::kNotice:
        ++summary.notices;
        return Step::kLine;
      case decode::LineClass::kBlank:
        ++summary.blank;
        return Step::kLine;
      case decode::LineClass::kRejected:
        break;
    }
    reject(line_.number, result.why, line_.text, summary);
    return Step::kRejected;
  }

  void reject(std::uint64_t line, std::string_view why, std::string_view text,
              IngestSummary& summary) {
    ++summary.rejected;
    if (options_.on_reject) options_.on_reject({name_, line, why, text});
  }

  const IngestOptions& options_;
  std::string name_;
  files::LineReader reader_;
  decode::EventDecoder decoder_;
  files::Line line_;
  std::uint64_t last_line_ = 0;
};

void count(const std::vector<Event>& events, IngestSummary& summary) {
  const Time future = now() + kFutureMs;
  for (const Event& event : events) {
    ++summary.by_kind.at(static_cast<std::size_t>(event.kind));
    if (event.at > future) ++summary.future;
  }
  summary.accepted += events.size();
  summary.unknown = summary.by_kind[static_cast<std::size_t>(EventKind::kUnknown)];
}

/// One import: groups of events into the log.
class Groups {
 public:
  Groups(Import import, const IngestOptions& options)
      : import_(std::move(import)), options_(options) {
    events_.reserve(kGroupEventsMax);
  }

  std::vector<Event>& events() { return events_; }

  Result<void> added_line(std::size_t line_bytes, IngestSummary& summary) {
    bytes_ += line_bytes;
    if (events_.size() < kGroupEventsMax && bytes_ < kGroupBytesMax) return {};
    return append(summary);
  }

  /// Makes everything added durable.
  Result<void> finish(IngestSummary& summary) {
    RECANT_TRY(append(summary));
    RECANT_ASSIGN(const SequenceNumber last, import_.finish());
    if (summary.first_seq != 0) summary.last_seq = last;
    return {};
  }

 private:
  Result<void> append(IngestSummary& summary) {
    bytes_ = 0;
    if (events_.empty()) return {};
    for (Event& event : events_) {
      if (event.source.empty()) event.source = options_.source;
    }
    const SequenceNumber before = import_.last_sequence();
    RECANT_TRY(import_.append(events_));
    if (summary.first_seq == 0) summary.first_seq = before + 1;
    count(events_, summary);
    events_.clear();
    return {};
  }

  Import import_;
  const IngestOptions& options_;
  std::vector<Event> events_;
  std::size_t bytes_ = 0;
};

// Reads to the end. What came before a failed read is kept, as what came before damage is.
Result<void> append_all(Store& store, Lines& lines, const IngestOptions& options,
                        IngestSummary& summary) {
  RECANT_ASSIGN(auto import, store.begin_import());
  Groups groups(std::move(import), options);
  while (true) {
    auto step = lines.next(groups.events(), summary);
    if (!step) {
      RECANT_TRY(groups.finish(summary));
      return std::unexpected(std::move(step).error());
    }
    if (*step == Lines::Step::kEnd) return groups.finish(summary);
    RECANT_TRY(groups.added_line(lines.line().text.size(), summary));
  }
}

// Decodes every line and appends nothing; false at the first rejection, which is in `summary` then.
// What can be read only once is copied to `spool`.
Result<bool> all_accepted(Lines& lines, std::optional<Spool>& spool, IngestSummary& summary) {
  std::vector<Event> events;
  IngestSummary checked = summary;
  while (true) {
    RECANT_ASSIGN(const Lines::Step step, lines.next(events, checked));
    if (step == Lines::Step::kEnd) return true;
    if (step == Lines::Step::kRejected) {
      summary.rejected = checked.rejected;
      summary.lines = checked.lines;
      return false;
    }
    events.clear();
    if (spool) RECANT_TRY(spool->add_line(lines.line().text));
  }
}

// False where the file has a line to reject: nothing of it was appended then.
Result<bool> ingest_strictly(Store& store, files::Input input, const IngestOptions& options,
                             IngestSummary& summary) {
  const std::string name = input.name();
  std::optional<Spool> spool;
  if (!input.seekable()) {
    RECANT_ASSIGN(spool, Spool::create(store.directory()));
  }
  Lines checked(files::LineReader(std::move(input), options.line_bytes_max), name, options);
  RECANT_ASSIGN(const bool accepted, all_accepted(checked, spool, summary));
  if (!accepted) return false;
  RECANT_ASSIGN(auto again, spool ? spool->read() : files::Input::open(name));
  Lines lines(files::LineReader(std::move(again), options.line_bytes_max), name, options);
  const std::uint64_t rejected = summary.rejected;
  RECANT_TRY(append_all(store, lines, options, summary));
  if (summary.rejected > rejected) {
    return fail(ErrorCode::kIo,
                name +
                    ": the file changed while it was read, and what is well "
                    "formed of it was appended (ingest it again when it is complete)");
  }
  return true;
}

}  // namespace

Result<IngestSummary> ingest(Store& store, std::vector<files::Input> inputs,
                             const IngestOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  IngestSummary summary;
  for (files::Input& input : inputs) {
    if (options.strict) {
      RECANT_ASSIGN(const bool accepted,
                    ingest_strictly(store, std::move(input), options, summary));
      if (!accepted) break;
    } else {
      const std::string name = input.name();
      Lines lines(files::LineReader(std::move(input), options.line_bytes_max), name, options);
      RECANT_TRY(append_all(store, lines, options, summary));
    }
  }
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

}  // namespace recant::replay
