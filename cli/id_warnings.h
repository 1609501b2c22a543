// What the ids of datasets tell of damage that was done before they came here, for people.
#pragma once

#include <span>

#include "cli/talk.h"
#include "engine/dataset/check.h"

namespace recant::cli {

/// Says, once for each file and kind of damage, what is wrong with its ids and what to do.
void say_id_warnings(Talk& talk, std::span<const dataset::FileIds> files);

}  // namespace recant::cli
