// What the fuzz targets share. A target takes any bytes and must neither crash nor throw: it states
// what is true of every input by require(). Each is a program of its own for libFuzzer (`make
// fuzz`), and runs on its kept inputs, fixtures/fuzz/NAME/, in recant_tests too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "recant/error.h"

namespace recant::fuzz {

using Data = std::span<const std::uint8_t>;

// One for each decoder of foreign bytes; the file of the same name says what it checks.
void answer(Data data);
void csv(Data data);
void dataset(Data data);
void event_line(Data data);
void index_table(Data data);
void input(Data data);
void json_lines(Data data);
void log_block(Data data);
void log_segment(Data data);
void manifest(Data data);
void scrub(Data data);
void stream(Data data);
void text(Data data);

struct Target {
  std::string_view name;
  void (*run)(Data data);
};
inline constexpr std::array<Target, 13> kTargets = {{{"answer", answer},
                                                     {"csv", csv},
                                                     {"dataset", dataset},
                                                     {"event_line", event_line},
                                                     {"index_table", index_table},
                                                     {"input", input},
                                                     {"json_lines", json_lines},
                                                     {"log_block", log_block},
                                                     {"log_segment", log_segment},
                                                     {"manifest", manifest},
                                                     {"scrub", scrub},
                                                     {"stream", stream},
                                                     {"text", text}}};

/// Throws, which ends the fuzzer and fails the test, unless `holds`.
void require(bool holds, const std::string& what);
template <class T>
T must(Result<T> result) {
  require(result.has_value(), result ? "" : result.error().what);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// Takes an input apart from its front; zeros where it has ended.
class Taker {
 public:
  explicit Taker(Data data) : data_(data) {}
  [[nodiscard]] std::uint8_t byte();
  /// Of `width` bytes, little-endian.
  [[nodiscard]] std::uint64_t number(std::size_t width);
  [[nodiscard]] Data take(std::size_t size);
  [[nodiscard]] Data rest() { return take(data_.size()); }
  [[nodiscard]] std::string_view rest_text();

 private:
  Data data_;
};

/// Bytes as a file that can be opened by its path, in memory.
class FileInMemory {
 public:
  explicit FileInMemory(std::string_view bytes);
  FileInMemory(const FileInMemory&) = delete;
  FileInMemory& operator=(const FileInMemory&) = delete;
  ~FileInMemory();
  [[nodiscard]] std::string path() const;

 private:
  int descriptor_ = -1;
};

}  // namespace recant::fuzz
