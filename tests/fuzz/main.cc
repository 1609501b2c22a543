// The door that libFuzzer knows, to the target that this program is built for.
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  recant::fuzz::RECANT_FUZZ_TARGET({data, size});
  return 0;
}
