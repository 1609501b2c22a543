// Reads a dataset out of a string, and tells its records in one line each.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/dataset/dataset_reader.h"
#include "tests/files_support.h"

namespace recant::test {

/// "id", then the members that are there.
inline std::string tell(const Item& item) {
  std::string out = std::to_string(item.id);
  const auto add = [&out](std::string_view name, std::uint64_t id) {
    if (id != 0) out += fmt::format(" {}={}", name, id);
  };
  add("user", item.user);
  add("author", item.author);
  add("rt", item.retweeted);
  add("rt_author", item.retweeted_author);
  add("q", item.quoted);
  add("q_author", item.quoted_author);
  add("rtq", item.retweeted_quoted);
  add("rtq_author", item.retweeted_quoted_author);
  for (const auto& history : item.edit_histories)
    out += fmt::format(" [{}]", fmt::join(history, ","));
  return out;
}

struct Told {
  std::vector<std::string> records;  ///< "3: item; item", "3: -" if skipped, "3: ! why"
  std::vector<Item> items;
  std::string why;  ///< of the last rejection
};

inline Told read_dataset(const std::string& path, dataset::ReaderOptions options = {}) {
  auto input = files::Input::open(path);
  REQUIRE(input);
  dataset::DatasetReader reader(std::move(*input), options);
  dataset::Record record;
  Told told;
  for (;;) {
    const auto more = reader.next(record);
    REQUIRE(more);
    if (!*more) return told;
    std::string text = std::to_string(record.line) + ":";
    if (record.record_class == dataset::RecordClass::kSkipped) text += " -";
    if (record.record_class == dataset::RecordClass::kRejected) text += " ! " + record.why;
    if (record.record_class == dataset::RecordClass::kRejected) told.why = record.why;
    REQUIRE(record.items.empty() == (record.record_class != dataset::RecordClass::kItems));
    REQUIRE(record.why.empty() == (record.record_class != dataset::RecordClass::kRejected));
    for (const Item& item : record.items) {
      REQUIRE(item.type == options.type);
      text += (text.ends_with(':') ? " " : "; ") + tell(item);
      told.items.push_back(item);
    }
    told.records.push_back(text);
  }
}

inline Told read_text(std::string_view text, dataset::ReaderOptions options = {}) {
  const TempDirectory directory;
  return read_dataset(directory.file("dataset", text), options);
}

/// The one record of a line of JSON, without its line number.
inline std::string read_json(std::string_view line, ItemType type = ItemType::kTweet) {
  const Told told = read_text(line, {.type = type, .format = dataset::Format::kJson});
  REQUIRE(told.records.size() == 1);
  return told.records.front().substr(3);
}

}  // namespace recant::test
