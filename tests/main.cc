// The program's own main, so that Catch2's heavy header is compiled once.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
