// What the tests of the log share: events of every kind, and a log read as a whole.
#pragma once

#include <string>
#include <vector>

#include "recant/event.h"
#include "store/log/log_reader.h"
#include "store/log/log_writer.h"
#include "tests/memory_file_system.h"

namespace recant::test {

inline constexpr Time kNow = 1'700'000'000'000;
inline const std::string kStore = "store";
inline const std::string kLog = "store/log";

/// One event of each kind with each payload, and extreme ids and times.
[[nodiscard]] std::vector<Event> all_kinds();
/// `count` well-formed events, no two alike: the `number`th is the same in every call.
[[nodiscard]] std::vector<Event> numbered(std::uint64_t first, std::uint64_t count);

/// A log as far as it can be read, and how that ended.
struct ReadBack {
  std::vector<Event> events;
  std::vector<SequenceNumber> sequences;
  std::optional<Error> error;
};
[[nodiscard]] ReadBack read_all(io::FileSystem& files, SequenceNumber durable_hint = 0,
                                SequenceNumber from = 1);

/// Opens a writer with small blocks; fails the test if it cannot.
[[nodiscard]] log::LogWriter open_writer(io::FileSystem& files, log::LogOptions options = {},
                                         SequenceNumber durable_hint = 0);

/// Appends and syncs `groups` groups of `size` numbered events, then a mark.
void write_groups(io::FileSystem& files, std::uint64_t groups, std::uint64_t size,
                  log::LogOptions options = {}, bool mark = true);

}  // namespace recant::test
