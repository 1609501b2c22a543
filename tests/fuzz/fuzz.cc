#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace recant::fuzz {

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error(what);
}

std::uint8_t Taker::byte() { return static_cast<std::uint8_t>(number(1)); }

std::uint64_t Taker::number(std::size_t width) {
  std::uint64_t value = 0;
  const Data bytes = take(width);
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

Data Taker::take(std::size_t size) {
  const Data taken = data_.first(std::min(size, data_.size()));
  data_ = data_.subspan(taken.size());
  return taken;
}

std::string_view Taker::rest_text() {
  const Data data = rest();
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

FileInMemory::FileInMemory(std::string_view bytes) : descriptor_(memfd_create("fuzz", 0)) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    require(written > 0, "no file in memory");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

FileInMemory::~FileInMemory() { ::close(descriptor_); }

std::string FileInMemory::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

}  // namespace recant::fuzz
