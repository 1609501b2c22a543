// Sorting by 64-bit keys in linear time.
#pragma once

#include <vector>

#include "store/model/facts.h"

namespace recant::index {

/// Sorts by key, with the help of `scratch`; equal keys keep their order.
void radix_sort_by_key(std::vector<model::Fact>& facts, std::vector<model::Fact>& scratch);

/// Sorts by key and value.
void radix_sort(std::vector<model::Pair>& pairs);

}  // namespace recant::index
