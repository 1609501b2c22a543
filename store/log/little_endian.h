// Little-endian loads and stores. The log never holds a number in the machine's own byte order.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>

namespace recant::log {

template <std::unsigned_integral T>
[[nodiscard]] inline T load_le(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}

template <std::unsigned_integral T>
inline void store_le(std::byte* to, T value) {
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace recant::log
