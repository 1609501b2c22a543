#include "store/log/log_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>
#include <vector>

#include "store/log/block_encoder.h"
#include "store/log/payload_codec.h"
#include "store/log/recovery.h"
#include "store/log/rewrite.h"
#include "store/log/segment.h"

namespace recant::log {
namespace {

constexpr std::size_t kAhead = 16;  // events: what memory takes to answer

// why_malformed() for millions of events: those without a payload are well formed if one of the
// same kind, why, source and presence of ids was, and their times are in range.
class EventChecker {
 public:
  [[nodiscard]] std::optional<std::string> check(const Event& event) {
    const auto kind = static_cast<std::size_t>(event.kind);
    const auto why = static_cast<std::size_t>(event.why);
    if (kind > kEventKindCount || why >= kWhyCount) return "no known kind or why";
    if (event.payload.present()) return check_payload(event);
    if (event.source != source_) {
      source_ = event.source;
      known_.fill(false);
    }
    bool& known = known_[(kind * kWhyCount + why) * 4 + (event.tweet != 0 ? 2U : 0U) +
                         (event.user != 0 ? 1U : 0U)];
    if (known && in_range(event.at) && in_range(event.received_at)) return {};
    auto malformed = why_malformed(event);
    known = !malformed;
    return malformed;
  }

 private:
  static constexpr std::size_t kWhyCount = static_cast<std::size_t>(Why::kSuspended) + 1;

  static bool in_range(Time at) { return at >= 0 && at <= kTimeMax; }

  static std::optional<std::string> check_payload(const Event& event) {
    if (auto malformed = why_malformed(event)) return malformed;
    if (payload_bytes_bound(event.payload.get()) > kPayloadBytesMax) {
      return fmt::format("a payload over {} bytes", kPayloadBytesMax);
    }
    return {};
  }

  std::string source_;
  std::array<bool, (kEventKindCount + 1) * kWhyCount * 4> known_{};
};

}  // namespace

class LogWriter::Impl {
 public:
  Impl(io::FileSystem& files, io::Clock& clock, const std::string& directory, LogOptions options,
       Recovered recovered)
      : files_(files),
        clock_(clock),
        store_directory_(directory),
        directory_(log_directory(directory)),
        options_(options),
        encoder_(options.block_events_max),
        segment_(std::move(recovered.segment)),
        torn_tail_(std::move(recovered.torn_tail)),
        last_(recovered.next - 1),
        written_(last_),
        durable_(last_) {}

  Result<void> append(std::span<const Event> events);
  Result<void> sync() {
    return final([this] { return try_sync(); });
  }
  Result<void> mark() {
    return final([this] { return try_mark(); });
  }
  Result<void> finish_segment() {
    return final([this] { return try_finish_segment(); });
  }
  /// A writer to take this one's place, or null if the log is as this one left it.
  Result<std::unique_ptr<Impl>> refreshed(SequenceNumber durable_hint);

  [[nodiscard]] SequenceNumber last_sequence() const { return last_; }
  [[nodiscard]] SequenceNumber durable_sequence() const { return durable_; }
  [[nodiscard]] const std::optional<TornTail>& torn_tail() const { return torn_tail_; }
  [[nodiscard]] const StoreId& store() const { return segment_.header.store; }

 private:
  // After a failed write or sync the file's tail is unknown, and the kernel may call pages clean
  // that never reached the disk: whatever is asked next gets the same error (A8). The same goes
  // for memory that ran out: between two segments it leaves a writer that would go on in the wrong
  // one.
  template <class Step>
  Result<void> final(Step step) {
    if (failure_) return std::unexpected(*failure_);
    try {
      auto result = step();
      if (!result) failure_ = result.error();
      return result;
    } catch (const std::bad_alloc&) {
      failure_ = Error{ErrorCode::kNoMemory, "out of memory"};  // short: it must need none itself
      return std::unexpected(*failure_);
    }
  }

  Result<void> add(std::span<const Event> events);
  Result<void> try_sync();
  Result<void> try_mark();
  Result<void> try_finish_segment();
  Result<void> write_block();
  Result<void> sync_written();
  Result<void> write_mark();
  Result<void> rotate();

  io::FileSystem& files_;
  io::Clock& clock_;
  std::string store_directory_;
  std::string directory_;
  LogOptions options_;
  EventChecker checker_;
  BlockEncoder encoder_;
  OpenSegment segment_;
  std::optional<TornTail> torn_tail_;
  SequenceNumber last_;     // given to an event
  SequenceNumber written_;  // in a block of the file
  SequenceNumber durable_;
  bool mark_synced_ = false;  // by this writer
  std::vector<std::byte> bytes_;
  std::optional<Error> failure_;
};

Result<void> LogWriter::Impl::append(std::span<const Event> events) {
  if (failure_) return std::unexpected(*failure_);
  for (const Event& event : events) {
    if (const auto malformed = checker_.check(event)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("cannot append event {} of {} to the log: {} (nothing was appended)",
                              &event - events.data() + 1, events.size(), *malformed));
    }
  }
  return final([&] { return add(events); });
}

Result<void> LogWriter::Impl::add(std::span<const Event> events) {
  const Time now = clock_.now();
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    if (i + kAhead < events.size()) encoder_.expect(events[i + kAhead]);
    if (encoder_.full()) {
      RECANT_TRY(write_block());
    }
    encoder_.add(++last_, event, event.received_at != 0 ? event.received_at : now);
  }
  if (encoder_.full()) return write_block();
  return {};
}

Result<void> LogWriter::Impl::try_sync() {
  if (!encoder_.empty()) {
    RECANT_TRY(write_block());
  }
  return sync_written();
}

Result<void> LogWriter::Impl::try_mark() {
  RECANT_TRY(try_sync());
  if (last_ == 0) return {};
  if (!segment_.ends_in_mark) return write_mark();
  if (mark_synced_) return {};
  // It was there when the log was opened; who wrote it may not have synced it.
  RECANT_TRY(segment_.file->sync_data());
  mark_synced_ = true;
  return {};
}

Result<void> LogWriter::Impl::try_finish_segment() {
  RECANT_TRY(try_mark());
  if (written_ < segment_.header.first) return {};
  return rotate();
}

Result<void> LogWriter::Impl::write_block() {
  if (segment_.bytes >= options_.segment_bytes_max && written_ >= segment_.header.first) {
    RECANT_TRY(rotate());
  }
  bytes_.clear();
  RECANT_TRY(encoder_.finish(store(), written_ + 1, last_, durable_, bytes_));
  RECANT_TRY(segment_.file->append(bytes_));
  segment_.bytes += bytes_.size();
  segment_.ends_in_mark = false;
  written_ = last_;
  return {};
}

Result<void> LogWriter::Impl::sync_written() {
  if (durable_ == written_) return {};
  RECANT_TRY(segment_.file->sync_data());
  durable_ = written_;
  return {};
}

Result<void> LogWriter::Impl::write_mark() {
  RECANT_TRY(segment_.file->append(encode(Mark{.store = store(), .sequence = durable_})));
  segment_.bytes += kMarkBytes;
  RECANT_TRY(segment_.file->sync_data());
  segment_.ends_in_mark = true;
  mark_synced_ = true;
  return {};
}

// A segment is sealed, synced and marked, before the next one exists: recovery relies on it.
Result<void> LogWriter::Impl::rotate() {
  RECANT_TRY(sync_written());
  if (!segment_.ends_in_mark || !mark_synced_) {
    RECANT_TRY(write_mark());
  }
  const std::string finished = segment_name(segment_.header.first);
  RECANT_ASSIGN(segment_, create_segment(files_, directory_,
                                         {.store = store(),
                                          .ordinal = segment_.header.ordinal + 1,
                                          .first = written_ + 1}));
  mark_synced_ = false;
  // The log is whole without it, and `log compact` does it later where there was no room.
  (void)make_dense(files_, store_directory_, finished, options_);
  return {};
}

Result<std::unique_ptr<LogWriter::Impl>> LogWriter::Impl::refreshed(SequenceNumber durable_hint) {
  if (failure_) return std::unexpected(*failure_);
  if (durable_ != last_) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot refresh the writer of {}: events {} to {} were never synced "
                            "(sync before giving up the lock)",
                            directory_, durable_ + 1, last_));
  }
  RECANT_ASSIGN(const auto mine, files_.info(segment_.path));
  const std::string successor = io::join_path(directory_, segment_name(last_ + 1));
  RECANT_ASSIGN(const auto other, files_.info(successor));
  const bool followed = other && successor != segment_.path;
  if (mine && mine->inode == segment_.inode && mine->size == segment_.bytes && !followed) {
    return nullptr;
  }
  RECANT_ASSIGN(Recovered recovered,
                recover(files_, store_directory_, std::max(durable_, durable_hint)));
  return std::make_unique<Impl>(files_, clock_, store_directory_, options_, std::move(recovered));
}

Result<LogWriter> LogWriter::open(io::FileSystem& files, io::Clock& clock,
                                  const std::string& store_directory, LogOptions options,
                                  SequenceNumber durable_hint) {
  RECANT_ASSIGN(Recovered recovered, recover(files, store_directory, durable_hint));
  return LogWriter(
      std::make_unique<Impl>(files, clock, store_directory, options, std::move(recovered)));
}

LogWriter::LogWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
std::string tell(const TornTail& torn) {
  return fmt::format(
      "log/{}: an unfinished last write ({} bytes at offset {}) was moved to {}; nothing that was "
      "acknowledged is lost",
      torn.segment, torn.bytes, torn.offset, torn.quarantine);
}

LogWriter::LogWriter(LogWriter&&) noexcept = default;
LogWriter& LogWriter::operator=(LogWriter&&) noexcept = default;
LogWriter::~LogWriter() = default;

Result<void> LogWriter::append(std::span<const Event> events) { return impl_->append(events); }
Result<void> LogWriter::sync() { return impl_->sync(); }
Result<void> LogWriter::mark() { return impl_->mark(); }
Result<void> LogWriter::finish_segment() { return impl_->finish_segment(); }

Result<void> LogWriter::refresh(SequenceNumber durable_hint) {
  RECANT_ASSIGN(auto refreshed, impl_->refreshed(durable_hint));
  if (refreshed) impl_ = std::move(refreshed);
  return {};
}

SequenceNumber LogWriter::last_sequence() const { return impl_->last_sequence(); }
SequenceNumber LogWriter::durable_sequence() const { return impl_->durable_sequence(); }
const std::optional<TornTail>& LogWriter::torn_tail() const { return impl_->torn_tail(); }
std::string LogWriter::store_id() const { return store_id_text(impl_->store()); }

}  // namespace recant::log
