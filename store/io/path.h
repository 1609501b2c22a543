// Where a path is.
#pragma once

#include <string>

namespace recant::io {

/// The directory that `path` is in: "." or "/" where it names none.
[[nodiscard]] inline std::string parent_path(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace recant::io
