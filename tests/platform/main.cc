// The fake platform as a program, for trying things out: streams, batch jobs and lookups on
// loopback. Prints where it listens; ends with its stdin.
#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "tests/platform/batch_service.h"
#include "tests/platform/lookup_service.h"
#include "tests/platform/stream_service.h"

namespace {

constexpr const char* kUsage =
    "usage: recant_platform [SEED [LINE_EVERY_MS [LINES_A_PARTITION]]]\n";

// Nothing where a word is no number, or there are too many.
std::optional<std::vector<unsigned>> numbers_of(const std::vector<std::string>& words) {
  constexpr std::size_t kNumbersMax = 3;
  if (words.size() > kNumbersMax) return {};
  std::vector<unsigned> numbers;
  for (const std::string& word : words) {
    const char* const last = word.data() + word.size();
    const auto [end, error] = std::from_chars(word.data(), last, numbers.emplace_back());
    if (error != std::errc() || end != last) return {};
  }
  return numbers;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace recant::platform;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words == std::vector<std::string>{"--help"}) return std::fputs(kUsage, stdout) < 0 ? 3 : 0;
  const auto numbers = numbers_of(words);
  if (!numbers) return std::fputs(kUsage, stderr), 2;
  const auto number = [&numbers](std::size_t i, unsigned usual) {
    return numbers->size() > i ? (*numbers)[i] : usual;
  };
  Server api;
  Server storage;
  const StreamService streams(api, {.seed = number(0, 1),
                                    .lines = number(2, 30'000),
                                    .line_every_ms = number(1, 20),
                                    .keep_alive_ms = 1000,
                                    .cuts_in = 3,
                                    .refusals_in = 20});
  const BatchService batch(api, storage, {.result_of = [](const std::string& id) {
                             std::optional<std::string> line;
                             if (id.ends_with('1')) {
                               line = R"({"id":")" + id +
                                      R"(","action":"delete","created_at":)"
                                      R"("2019-03-01T10:00:00.000Z","reason":"deleted"})";
                             }
                             return line;
                           }});
  const LookupWorld world;
  add_lookups(api, world);
  api.start();
  storage.start();
  std::printf("%s\n", api.url().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
