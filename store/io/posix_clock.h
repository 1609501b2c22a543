// How the operating system tells time.
#pragma once

#include <ctime>

#include "recant/event.h"

namespace recant::io {

/// The time that the wall clock tells, within what can be stored: 1970 to 9999.
[[nodiscard]] Time milliseconds_of(const timespec& since_1970);

}  // namespace recant::io
