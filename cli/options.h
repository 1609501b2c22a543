// Options whose values CLI11 does not know to read: times, sizes, ids.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "recant/event.h"

namespace recant::cli {

/// RFC 3339 or milliseconds since 1970.
CLI::Option* add_time(CLI::App* command, const std::string& name, std::optional<Time>& out,
                      const std::string& what);
/// Bytes, or with K, M, G, T in powers of 1024.
CLI::Option* add_size(CLI::App* command, const std::string& name, std::uint64_t& out,
                      const std::string& what);
/// A tweet id, a user id or a sequence number: 1 to 2^64-1.
CLI::Option* add_id(CLI::App* command, const std::string& name, std::uint64_t& out,
                    const std::string& what);
/// Seconds, with a fraction if need be.
CLI::Option* add_seconds(CLI::App* command, const std::string& name, std::int64_t& out_ms,
                         const std::string& what);
/// `--max-line SIZE`, the same for every command that reads lines.
CLI::Option* add_max_line(CLI::App* command, std::uint64_t& out);

}  // namespace recant::cli
