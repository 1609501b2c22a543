// The live table of `recant follow` on a terminal: one row a stream.
#pragma once

#include <string>
#include <vector>

#include "cli/talk.h"
#include "engine/feed/follow.h"

namespace recant::cli {

/// Lines that fit `size`: a header, a row a stream (what does not fit is counted), and the sum.
/// `before` is the report of a second ago, or empty. Plain ASCII, but for colours where they are
/// wanted.
[[nodiscard]] std::vector<std::string> follow_table(const feed::FollowReport& report,
                                                    const feed::FollowReport& before, Time at,
                                                    const TableSize& size);

}  // namespace recant::cli
