// Damage for tests: one byte of a file that is not what was written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>

inline void flip_byte(const std::filesystem::path& path, std::uint64_t offset, int bits = 0x10) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ bits));
}
