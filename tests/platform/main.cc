// The fake platform as a program, for trying things out: streams, batch jobs and lookups on
// loopback. Prints where it listens; ends with its stdin.
// Usage: recant_platform [SEED [LINE_EVERY_MS [LINES_A_PARTITION]]]
#include <cstdio>
#include <string>
#include <vector>

#include "tests/platform/batch_service.h"
#include "tests/platform/lookup_service.h"
#include "tests/platform/stream_service.h"

int main(int argc, char** argv) {
  using namespace recant::platform;
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&words](std::size_t i, unsigned usual) {
    return words.size() > i ? static_cast<unsigned>(std::stoul(words[i])) : usual;
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
