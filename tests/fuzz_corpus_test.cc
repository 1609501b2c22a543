// Every kept input of every fuzz target, on the build at hand: what was found once stays found.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <vector>

#include "tests/files_support.h"
#include "tests/fuzz/fuzz.h"

namespace recant::test {
namespace {

namespace fs = std::filesystem;

void run_kept_inputs(const fuzz::Target& target) {
  const fs::path directory = fs::path(RECANT_FIXTURES "/fuzz") / target.name;
  std::size_t inputs = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const std::string bytes = read_file(entry.path());
    INFO(entry.path());
    const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
    REQUIRE_NOTHROW(target.run(exact));
    ++inputs;
  }
  REQUIRE(inputs > 0);
}

TEST_CASE("what is true of foreign bytes is true of every kept input", "[fuzz]") {
  for (const fuzz::Target& target : fuzz::kTargets) {
    INFO(target.name);
    run_kept_inputs(target);
  }
}

}  // namespace
}  // namespace recant::test
