// Items out of one line of JSON: told by its shape, line by line.
#pragma once

#include <string_view>
#include <vector>

#include "engine/dataset/dataset_reader.h"
#include "engine/dataset/json_fields.h"
#include "engine/dataset/tweet_facts.h"
#include "engine/json/json_line.h"

namespace recant::dataset {

/// Keeps its memory between lines.
class JsonItems {
 public:
  explicit JsonItems(ItemType type) : type_(type) {}

  /// Reads a line that begins with { or [ (64 bytes after it are readable) into everything of `out`
  /// but its line number.
  void read(std::string_view line, Record& out);
  /// As of json::JsonLine.
  void expect(std::string_view lines) { parser_.expect(lines); }
  /// The value of the last line, where that was JSON. Valid until the next.
  [[nodiscard]] simdjson::dom::element root() const { return root_; }

 private:
  [[nodiscard]] Read<void> read_root(simdjson::dom::element root);
  [[nodiscard]] Read<void> read_object(simdjson::dom::object object);
  [[nodiscard]] Read<void> read_page(const Fields& page, simdjson::dom::element data);
  [[nodiscard]] Read<void> read_page_tweet(const Fields& fields);
  [[nodiscard]] Read<void> read_plain(const Fields& fields);
  [[nodiscard]] Read<void> read_user(const Fields& fields);
  [[nodiscard]] Read<void> read_like(const Fields& fields);
  [[nodiscard]] Read<void> know_page(const Fields& page, simdjson::dom::element data);
  void complete_from_page();
  template <class Take>
  void for_known(TweetId id, Take take) const;
  [[nodiscard]] Item& add_item();

  ItemType type_;
  json::JsonLine parser_;
  simdjson::dom::element root_;
  std::vector<Item>* items_ = nullptr;
  std::vector<std::uint32_t>* element_items_ = nullptr;
  std::size_t item_count_ = 0;
  ItemFacts facts_;
  // The tweets of the page at hand, its own and its includes, by id; the first known_count_ count.
  std::vector<TweetFacts> known_;
  std::size_t known_count_ = 0;
};

}  // namespace recant::dataset
