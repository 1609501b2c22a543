// Input and LineReader: every compressed form, whole, in members, cut and damaged.
#include <bzlib.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

#include "engine/files/input.h"
#include "tests/files_support.h"

namespace recant {
namespace {

using files::Input;
using files::Line;
using files::LineReader;
using test::TempDirectory;

template <class T>
T must(Result<T> result) {
  INFO((result ? std::string() : result.error().what));
  REQUIRE(result.has_value());
  return *std::move(result);
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view text, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  // Streamed, so that the frame does not tell its size and the window counts.
  REQUIRE(ZSTD_isError(ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue)) == 0);
  REQUIRE(ZSTD_compressStream2(context, &to, &in, ZSTD_e_end) == 0);
  out.resize(to.pos);
  ZSTD_freeCCtx(context);
  return out;
}

std::string bzip2(std::string_view text) {
  std::string out(text.size() + text.size() / 50 + 700, '\0');
  auto size = static_cast<unsigned int>(out.size());
  REQUIRE(BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()),
                                   static_cast<unsigned int>(text.size()), 1, 0, 0) == BZ_OK);
  out.resize(size);
  return out;
}

std::string compress(std::string_view form, std::string_view text) {
  if (form == "gzip") return gzip(text);
  if (form == "zstd") return zstd(text);
  if (form == "bzip2") return bzip2(text);
  return std::string(text);
}

struct ReadAll {
  std::string bytes;
  std::optional<Error> error;
};

ReadAll read_all(const std::string& path, std::size_t piece = 70'000) {
  ReadAll all;
  auto input = Input::open(path);
  REQUIRE(input);
  std::string buffer(piece, '\0');
  for (;;) {
    auto count = input->read({buffer.data(), buffer.size()});
    if (!count) {
      all.error = count.error();
      REQUIRE_FALSE(input->read({buffer.data(), buffer.size()}));
      return all;
    }
    if (*count == 0) return all;
    all.bytes.append(buffer, 0, *count);
  }
}

struct Lines {
  std::vector<std::string> texts;
  std::optional<Error> error;
};

Lines read_lines(const std::string& path, std::uint64_t cap = 1 << 20) {
  Lines lines;
  auto input = Input::open(path);
  REQUIRE(input);
  LineReader reader(std::move(*input), cap);
  Line line;
  for (;;) {
    auto more = reader.next(line);
    if (!more) {
      lines.error = more.error();
      auto again = reader.next(line);
      REQUIRE(again);
      REQUIRE_FALSE(*again);
      return lines;
    }
    if (!*more) return lines;
    REQUIRE(line.number == lines.texts.size() + 1);
    lines.texts.emplace_back(line.text);
  }
}

// Text that compresses a little, many lines, several blocks of every format.
std::string sample_text(std::size_t lines = 60'000) {
  std::mt19937_64 random(7);
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) text += std::to_string(random()) + "\n";
  return text;
}

TEST_CASE("every compressed form is told by its first bytes and read to its end", "[files]") {
  const TempDirectory directory;
  const std::string text = sample_text();
  for (const std::string form : {"plain", "gzip", "zstd", "bzip2"}) {
    INFO(form);
    const std::string bytes = compress(form, text);
    const std::string path = directory.file(form, bytes);
    REQUIRE(read_all(path).bytes == text);
    REQUIRE(read_all(path, 1).bytes == text);
    auto input = Input::open(path);
    REQUIRE(input->compressed() == (form != "plain"));
    REQUIRE(input->seekable());
    REQUIRE(input->bytes_total() == bytes.size());
    REQUIRE(input->name() == path);
  }
}

TEST_CASE("several members after another are one stream, an empty one among them", "[files]") {
  const TempDirectory directory;
  const std::string text = sample_text(3000);
  for (const std::string form : {"gzip", "zstd", "bzip2"}) {
    INFO(form);
    const std::string bytes = compress(form, text) + compress(form, "") + compress(form, "last\n");
    REQUIRE(read_all(directory.file(form, bytes)).bytes == text + "last\n");
  }
}

TEST_CASE("skippable zstd frames are skipped, also at the beginning", "[files]") {
  const TempDirectory directory;
  using namespace std::string_literals;
  const std::string skippable = "\x53\x2a\x4d\x18\x05\x00\x00\x00hello"s;
  const std::string path =
      directory.file("x", skippable + zstd("one\n") + skippable + zstd("two\n") + skippable);
  const ReadAll all = read_all(path);
  REQUIRE_FALSE(all.error);
  REQUIRE(all.bytes == "one\ntwo\n");
}

TEST_CASE("zstd frames with a window of 128 MiB are read", "[files]") {
  const TempDirectory directory;
  const std::string text = sample_text(1000);
  REQUIRE(read_all(directory.file("x", zstd(text, 27))).bytes == text);
}

TEST_CASE("compressed input that is cut anywhere gives what came before and its offset",
          "[files]") {
  const TempDirectory directory;
  const std::string text = sample_text(200);
  for (const std::string form : {"gzip", "zstd", "bzip2"}) {
    const std::string bytes = compress(form, text);
    for (std::size_t size = form == "bzip2" ? 10 : 4; size < bytes.size(); size += 7) {
      INFO(form << " cut at " << size);
      const ReadAll all = read_all(directory.file("x", bytes.substr(0, size)));
      REQUIRE(all.error);
      REQUIRE(all.error->code == ErrorCode::kCorruption);
      REQUIRE(all.error->offset == size);
      REQUIRE(text.starts_with(all.bytes));
    }
  }
}

TEST_CASE("a damaged block keeps every block before it", "[files]") {
  const TempDirectory directory;
  const std::string text = sample_text();
  for (const std::string form : {"gzip", "zstd", "bzip2"}) {
    INFO(form);
    std::string bytes = compress(form, text);
    const std::size_t at = bytes.size() * 3 / 4;
    for (std::size_t i = at; i < at + 600; ++i) bytes[i] = static_cast<char>(bytes[i] ^ 0x5a);
    const ReadAll all = read_all(directory.file("x", bytes));
    REQUIRE(all.error);
    REQUIRE(all.error->code == ErrorCode::kCorruption);
    REQUIRE(all.error->offset > bytes.size() / 2);
    REQUIRE(all.bytes.size() > text.size() / 3);
    // Only bzip2 has a checksum a block: elsewhere garbage may come out before the damage shows.
    if (form == "bzip2") REQUIRE(text.starts_with(all.bytes));
    REQUIRE(all.bytes.starts_with(std::string_view(text).substr(0, text.size() / 3)));
  }
}

TEST_CASE("bytes after a compressed stream are garbage with an offset", "[files]") {
  const TempDirectory directory;
  for (const std::string form : {"gzip", "zstd", "bzip2"}) {
    for (const std::string garbage : {"x", "garbage that is long enough", "\x1f", "BZ"}) {
      INFO(form << " and " << garbage);
      const std::string bytes = compress(form, "one\ntwo\n");
      const ReadAll all = read_all(directory.file("x", bytes + garbage));
      REQUIRE(all.bytes == "one\ntwo\n");
      REQUIRE(all.error);
      REQUIRE(all.error->code == ErrorCode::kCorruption);
      REQUIRE(all.error->offset >= bytes.size());
      REQUIRE(all.error->what.find("byte " + std::to_string(all.error->offset)) !=
              std::string::npos);
    }
  }
}

TEST_CASE("what only looks like the beginning of a signature is plain text", "[files]") {
  const TempDirectory directory;
  for (const std::string text : {"", "B", "BZ", "BZh9 is no stream\n", "P", "\x1f", "(", "P1\n"}) {
    const ReadAll all = read_all(directory.file("x", text));
    REQUIRE_FALSE(all.error);
    REQUIRE(all.bytes == text);
  }
}

TEST_CASE("a whole input that is the begin of a signature is compressed input that is cut off",
          "[files]") {
  const TempDirectory directory;
  const std::string skippable = "P\x2a\x4d\x18";
  for (const std::string& whole : {gzip("x"), zstd("x"), bzip2("x"), bzip2(""), skippable}) {
    const std::size_t least = whole[0] == 'B' || whole[0] == 'P' ? 3 : 2;
    for (std::size_t size = least; size < std::min<std::size_t>(whole.size(), 10); ++size) {
      INFO(size << " bytes of " << whole);
      const ReadAll all = read_all(directory.file("x", whole.substr(0, size)));
      REQUIRE(all.error);
      REQUIRE(all.error->code == ErrorCode::kCorruption);
      REQUIRE(all.error->what.find("cut off") != std::string::npos);
      REQUIRE(all.bytes.empty());
    }
  }
}

TEST_CASE("a missing file and a directory are I/O errors that name them", "[files]") {
  const TempDirectory directory;
  const auto missing = Input::open(directory.path("missing"));
  REQUIRE_FALSE(missing);
  REQUIRE(missing.error().code == ErrorCode::kIo);
  REQUIRE(missing.error().what.find("missing") != std::string::npos);
  REQUIRE_FALSE(Input::open(directory.path("")));
}

// Stdin, for as long as this lives.
class StdinAs {
 public:
  explicit StdinAs(int descriptor) : before_(dup(STDIN_FILENO)) {
    REQUIRE(before_ >= 0);
    REQUIRE(dup2(descriptor, STDIN_FILENO) == STDIN_FILENO);
  }
  StdinAs(const StdinAs&) = delete;
  StdinAs& operator=(const StdinAs&) = delete;
  ~StdinAs() {
    dup2(before_, STDIN_FILENO);
    close(before_);
  }

 private:
  int before_;
};

TEST_CASE("a stdin that cannot be read is no empty one", "[files]") {
  const int directory = ::open("/", O_PATH);
  const int write_only = ::open("/dev/null", O_WRONLY);
  for (const int descriptor : {directory, write_only}) {
    const StdinAs stdin_as(descriptor);
    const auto input = Input::open("-");
    REQUIRE_FALSE(input);
    REQUIRE(input.error().code == ErrorCode::kIo);
    REQUIRE(input.error().what.find("stdin") != std::string::npos);
    ::close(descriptor);
  }
}

TEST_CASE("a read that fails is told with its byte, and is not taken for the end", "[files]") {
  const auto unreadable = Input::open("/proc/self/mem");  // nothing is mapped at address 0
  REQUIRE_FALSE(unreadable);
  CHECK(unreadable.error().code == ErrorCode::kIo);
  CHECK(unreadable.error().what.find("reading /proc/self/mem at byte 0: Input/output error") == 0);

  // A terminal whose other side is gone: what was written is read, then comes EIO.
  int terminal = -1;
  int other_side = -1;
  termios raw{};
  cfmakeraw(&raw);
  REQUIRE(openpty(&terminal, &other_side, nullptr, &raw, nullptr) == 0);
  REQUIRE(write(other_side, "one\ntwo\nthr", 11) == 11);
  close(other_side);
  {
    const StdinAs stdin_now(terminal);
    LineReader reader(must(Input::open("-")), 1 << 20);
    Line line;
    REQUIRE(must(reader.next(line)));
    CHECK(line.text == "one");
    REQUIRE(must(reader.next(line)));
    CHECK(line.text == "two");
    const auto got = reader.next(line);  // half a line is none
    REQUIRE_FALSE(got);
    CHECK(got.error().code == ErrorCode::kIo);
    CHECK(got.error().what.find("reading stdin at byte 11: Input/output error") == 0);
  }
  close(terminal);
}

TEST_CASE("stdin that somebody made non-blocking is waited for", "[files]") {
  std::array<int, 2> ends{};
  REQUIRE(pipe2(ends.data(), O_NONBLOCK) == 0);
  const StdinAs stdin_now(ends[0]);
  std::jthread writer([&] {
    for (int i = 0; i < 5; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      if (write(ends[1], "line\n", 5) != 5) break;
    }
    close(ends[1]);
  });
  LineReader reader(must(Input::open("-")), 1 << 20);
  Line line;
  for (int i = 0; i < 5; ++i) {
    REQUIRE(must(reader.next(line)));
    CHECK(line.text == "line");
  }
  CHECK_FALSE(must(reader.next(line)));
  close(ends[0]);
}

TEST_CASE("lines end at newlines, the last one also without", "[files]") {
  const TempDirectory directory;
  REQUIRE(read_lines(directory.file("a", "")).texts.empty());
  REQUIRE(read_lines(directory.file("b", "\n\n")).texts == std::vector<std::string>{"", ""});
  REQUIRE(read_lines(directory.file("c", "one\r\n\ntwo")).texts ==
          std::vector<std::string>{"one\r", "", "two"});
}

TEST_CASE("a byte-order mark is dropped at the start of the stream only", "[files]") {
  const TempDirectory directory;
  const std::string mark = "\xEF\xBB\xBF";
  REQUIRE(read_lines(directory.file("a", mark + "1\n" + mark + "2\n")).texts ==
          std::vector<std::string>{"1", mark + "2"});
  REQUIRE(read_lines(directory.file("b", gzip(mark + "1\n"))).texts ==
          std::vector<std::string>{"1"});
  REQUIRE(read_lines(directory.file("c", mark)).texts.empty());
}

TEST_CASE("64 bytes after every line are readable", "[files]") {
  const TempDirectory directory;
  auto input = Input::open(directory.file("x", sample_text(30'000) + "tail"));
  REQUIRE(input);
  LineReader reader(std::move(*input));
  Line line;
  unsigned sum = 0;
  for (;;) {
    const auto more = reader.next(line);
    REQUIRE(more);
    if (!*more) break;
    for (std::size_t i = 0; i < 64; ++i) {
      sum += static_cast<unsigned char>(line.text.data()[line.text.size() + i]);
    }
  }
  REQUIRE(sum > 0);
}

TEST_CASE("a line over the cap is told with its length, and the next one is read", "[files]") {
  const TempDirectory directory;
  const std::string mark = "\xEF\xBB\xBF";
  for (const std::size_t size : {101UL, 5000UL, 262'143UL, 262'144UL, 262'145UL, 3'000'000UL}) {
    for (const bool newline : {true, false}) {
      INFO(size << (newline ? " with newline" : " without"));
      const std::string text = mark + std::string(size, 'x') + (newline ? "\nshort\n" : "");
      auto input = Input::open(directory.file("x", text));
      LineReader reader(std::move(*input), 100);
      Line line;
      REQUIRE(*reader.next(line));
      REQUIRE(line.too_long);
      REQUIRE(line.bytes == size);
      REQUIRE(line.newline == newline);
      REQUIRE(line.text == std::string(std::min<std::size_t>(size, 4096), 'x'));
      REQUIRE(*reader.next(line) == newline);
      if (newline) REQUIRE(line.text == "short");
      if (newline) REQUIRE(line.number == 2);
    }
  }
}

TEST_CASE("lines up to the cap pass whole, whatever the buffer holds", "[files]") {
  const TempDirectory directory;
  std::string text;
  std::vector<std::string> expected;
  for (const std::size_t size : {10UL, 262'144UL, 1UL, 700'000UL, 0UL, 1'048'576UL, 5UL}) {
    expected.emplace_back(size, static_cast<char>('a' + expected.size()));
    text += expected.back() + "\n";
  }
  REQUIRE(read_lines(directory.file("x", text)).texts == expected);
}

TEST_CASE("an unfinished line before damage is dropped", "[files]") {
  const TempDirectory directory;
  for (const std::string form : {"gzip", "zstd", "bzip2"}) {
    INFO(form);
    const Lines garbage = read_lines(directory.file("x", compress(form, "1\n2\n345") + "garbage"));
    REQUIRE(garbage.texts == std::vector<std::string>{"1", "2"});
    REQUIRE(garbage.error->code == ErrorCode::kCorruption);
    const Lines long_line = read_lines(
        directory.file("x", compress(form, "1\n" + std::string(500, '2')) + "garbage"), 50);
    REQUIRE(long_line.texts == std::vector<std::string>{"1"});
    REQUIRE(long_line.error);
  }
}

long peak_memory_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST_CASE("a bomb of a gigabyte without a newline is counted in constant memory", "[files]") {
  const TempDirectory directory;
  // Ten frames of 100 MiB of zeros; in all a few dozen KiB.
  const std::string frame = zstd(std::string(100 << 20, '\0'), 20);
  std::string bytes;
  for (int i = 0; i < 10; ++i) bytes += frame;
  const long before = peak_memory_kib();
  auto input = Input::open(directory.file("x", bytes + zstd("\n1\n")));
  LineReader reader(std::move(*input));
  Line line;
  REQUIRE(*reader.next(line));
  REQUIRE(line.too_long);
  REQUIRE(line.bytes == std::uint64_t{1000} << 20);
  REQUIRE(*reader.next(line));
  REQUIRE(line.text == "1");
  REQUIRE_FALSE(*reader.next(line));
  REQUIRE(peak_memory_kib() - before < 100 << 10);
}

}  // namespace
}  // namespace recant
