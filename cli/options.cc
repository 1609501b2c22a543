#include "cli/options.h"

#include <algorithm>
#include <utility>

#include "cli/text.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

// An option read by `parse`; what it refuses is a usage error that says what was `expected`.
template <class T, class Parse>
CLI::Option* add_parsed(CLI::App* command, const std::string& name, T& out, const std::string& what,
                        const std::string& type, const std::string& expected, Parse parse) {
  return command
      ->add_option(
          name,
          [&out, name, expected, parse](const CLI::results_t& words) {
            const auto value = parse(words.back());
            if (!value) throw CLI::ValidationError(name, words.back() + " is not " + expected);
            out = *value;
            return true;
          },
          what)
      ->type_name(type);
}

}  // namespace

CLI::Option* add_time(CLI::App* command, const std::string& name, std::optional<Time>& out,
                      const std::string& what) {
  return add_parsed(command, name, out, what, "TIME",
                    "a time like 2022-07-01T21:48:43Z or 1656712123030",
                    [](const std::string& text) { return parse_time(text); });
}

CLI::Option* add_size(CLI::App* command, const std::string& name, std::uint64_t& out,
                      const std::string& what) {
  return add_parsed(command, name, out, what, "SIZE", "a size like 64M or 2GiB",
                    [](const std::string& text) { return parse_size(text); });
}

CLI::Option* add_id(CLI::App* command, const std::string& name, std::uint64_t& out,
                    const std::string& what) {
  return add_parsed(command, name, out, what, "N", "a number from 1 to 2^64-1",
                    [](const std::string& text) { return parse_id(text); });
}

CLI::Option* add_seconds(CLI::App* command, const std::string& name, std::int64_t& out_ms,
                         const std::string& what) {
  return add_parsed(command, name, out_ms, what, "SECONDS", "a number of seconds like 10 or 0.5",
                    [](const std::string& text) { return parse_seconds(text); });
}

CLI::Option* add_list(CLI::App* command, const std::string& name, const std::string& what,
                      const std::string& type, std::function<void(const std::string&)> take) {
  return command
      ->add_option(
          name,
          [name, take = std::move(take)](const CLI::results_t& words) {
            for (const std::string& word : words) {
              for (std::size_t begin = 0; begin <= word.size();) {
                const std::size_t end = std::min(word.find(',', begin), word.size());
                if (end == begin) {
                  throw CLI::ValidationError(name, "an entry of \"" + word + "\" is empty");
                }
                take(word.substr(begin, end - begin));
                begin = end + 1;
              }
            }
            return true;
          },
          what)
      ->type_name(type)
      ->expected(1)
      ->take_all();
}

CLI::Option* add_max_line(CLI::App* command, std::uint64_t& out) {
  return add_size(command, "--max-line", out, "reject lines longer than this (default 16M)");
}

CLI::Option* add_as_of(CLI::App* command, std::optional<Time>& out) {
  return add_time(command, "--as-of", out, "judge by the events up to this time (default now)");
}

std::string refuse_empty(const std::string& name) {
  return name.empty() ? "the name is empty" : "";
}

std::string refuse_negative(const std::string& number) {
  return number.starts_with('-') ? number + " is below 0" : "";
}

CLI::Option* add_output(CLI::App* command, const std::string& name, std::string& out,
                        const std::string& what) {
  return command->add_option(name, out, what)->option_text("FILE")->check(refuse_empty);
}

CLI::Option* add_summary(CLI::App* command, std::string& out) {
  return add_output(command, "--summary", out, "write counts here, as JSON");
}

}  // namespace recant::cli
