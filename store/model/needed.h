// Which events make the state: the others can be left out of a log without changing what it folds
// to. Every rule here is one of the joins of join.cc and facts.cc, read backwards.
#pragma once

#include <span>
#include <vector>

#include "store/model/facts.h"

namespace recant::model {

/// A fact and the event that told it.
struct ToldFact {
  Fact fact;
  SequenceNumber sequence = 0;
};

/// Appends the sequences of events that together tell of one key what all of `facts` do: of those
/// that say the same the first. `facts` are all of one tweet, or all of one user; they are put into
/// another order.
void add_needed(std::span<ToldFact> facts, std::vector<SequenceNumber>& needed);

}  // namespace recant::model
