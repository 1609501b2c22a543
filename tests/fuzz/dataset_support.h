// What the targets that read datasets share.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>

#include "engine/dataset/dataset_reader.h"
#include "tests/fuzz/fuzz.h"

namespace recant::fuzz {

/// Any type and format, and lines that need not be long to be too long.
inline dataset::ReaderOptions reader_options(std::uint8_t choice) {
  dataset::ReaderOptions options;
  options.type = static_cast<ItemType>(choice % 3);
  options.format = static_cast<dataset::Format>(choice / 3 % 5);
  if (choice >= 240) options.line_bytes_max = 100;
  return options;
}

/// Everything that an item says.
inline std::string tell(const Item& item) {
  std::string out =
      fmt::format("{} {} {} {} {} {} {} {} {}", item.id, item.user, item.author, item.retweeted,
                  item.retweeted_author, item.quoted, item.quoted_author, item.retweeted_quoted,
                  item.retweeted_quoted_author);
  for (const auto& history : item.edit_histories) {
    out += fmt::format(" [{}]", fmt::join(history, ","));
  }
  return out;
}

}  // namespace recant::fuzz
