// What the shared library shows: everything else of it is hidden (-fvisibility=hidden).
#pragma once

#define RECANT_API __attribute__((visibility("default")))
/// For a class that stands inside one that is shown, and is not to be.
#define RECANT_HIDDEN __attribute__((visibility("hidden")))
