// Options whose values CLI11 does not know to read: times, sizes, ids.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

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
/// An option of one word, `A,B,...`, that may be repeated; `take` meets every entry, and throws
/// CLI::ValidationError. (CLI11's own lists take the words behind them too, and pass over empty
/// entries.)
CLI::Option* add_list(CLI::App* command, const std::string& name, const std::string& what,
                      const std::string& type, std::function<void(const std::string&)> take);
/// `--as-of T`.
CLI::Option* add_as_of(CLI::App* command, std::optional<Time>& out);
/// To be given to check(): refuses the empty name.
[[nodiscard]] std::string refuse_empty(const std::string& name);
/// The same: refuses numbers below 0.
[[nodiscard]] std::string refuse_negative(const std::string& number);
/// An option that names a file to write; an empty name is refused.
CLI::Option* add_output(CLI::App* command, const std::string& name, std::string& out,
                        const std::string& what);
/// `--summary FILE`.
CLI::Option* add_summary(CLI::App* command, std::string& out);
/// `--max-line SIZE`, the same for every command that reads lines.
CLI::Option* add_max_line(CLI::App* command, std::uint64_t& out);

/// Accepts the words of `choices` alone, and turns one into its value. (CLI11's own transformer
/// shows the values, not only the words, in what it says of a wrong one.)
template <class Choice>
CLI::Validator one_of(std::map<std::string, Choice> choices) {
  return CLI::Validator(
      [choices = std::move(choices)](std::string& word) -> std::string {
        if (const auto found = choices.find(word); found != choices.end()) {
          word = std::to_string(static_cast<int>(found->second));
          return {};
        }
        std::string words;
        for (const auto& [name, value] : choices) words += (words.empty() ? "" : ", ") + name;
        return word + " is none of " + words;
      },
      "");
}

}  // namespace recant::cli
