#include "engine/dataset/outline.h"

#include <string>

#include "engine/dataset/outline_walk.h"

namespace recant::dataset {

void Outline::clear() {
  array = false;
  elements.clear();
  places.clear();
  parts.clear();
  includes.clear();
}

Outliner::Outliner() : parser_(std::make_unique<simdjson::ondemand::parser>()) {}
Outliner::Outliner(Outliner&&) noexcept = default;
Outliner& Outliner::operator=(Outliner&&) noexcept = default;
Outliner::~Outliner() = default;

bool Outliner::read(std::string_view value, ItemType type, std::span<const std::uint32_t> items,
                    Outline& out) {
  out.clear();
  OutlineWalk walk(value, type, items, out);
  return walk.run(*parser_);
}

}  // namespace recant::dataset
