#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/text.h"

namespace recant::cli {
namespace {

// The innermost command that was recognized.
CLI::App* parsed_command(CLI::App& app) {
  CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return command;
}

// "log cat", after the program's own name, which every line on stderr begins with anyway.
std::string words_of(const CLI::App* command) {
  if (command->get_parent() == nullptr) return {};
  const std::string before = words_of(command->get_parent());
  return before.empty() ? command->get_name() : before + " " + command->get_name();
}

bool has_commands(CLI::App* command) {
  return !command->get_subcommands([](CLI::App*) { return true; }).empty();
}

std::vector<std::string> option_names(const CLI::App* command) {
  std::vector<std::string> names;
  for (; command != nullptr; command = command->get_parent()) {
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> command_names(CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::string unknown_word(CLI::App* command, const std::string& word) {
  const bool is_option = word.starts_with("-");
  const std::string text = word.substr(0, word.find('='));
  const auto names = is_option ? option_names(command) : command_names(*command);
  const auto meant = closest(text, names);
  return fmt::format(
      "unknown {} {}: {}", is_option ? "option" : "command", text,
      meant ? fmt::format("did you mean {}?", *meant) : "there is none of that name");
}

}  // namespace

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  std::string example = app->get_footer();
  if (!example.empty()) example = "\nExample:\n" + example + "\n\n";
  return example + CLI::Formatter::make_usage(app, std::move(name));
}

std::string explain_usage_error(CLI::App& app, const CLI::ParseError& error) {
  CLI::App* command = parsed_command(app);
  const std::string words = words_of(command);
  const std::string place = words.empty() ? "" : words + ": ";
  const std::string hint =
      fmt::format("(recant {}{}--help shows how)", words, words.empty() ? "" : " ");
  // An unknown word explains what is missing or too much after it, so it comes first.
  const auto unknown = app.remaining(true);
  if (!unknown.empty()) {
    const std::string& word = unknown.front();
    if (word.starts_with("-") || has_commands(command)) {
      return fmt::format("{}{} {}", place, unknown_word(command, word), hint);
    }
    return fmt::format("{}unexpected argument: {} {}", place, word, hint);
  }
  if (has_commands(command)) return fmt::format("{}no command was given {}", place, hint);
  return fmt::format("{}{} {}", place, error.what(), hint);
}

Result<std::string> help_of(CLI::App& app, const std::vector<std::string>& words) {
  CLI::App* command = &app;
  std::string name = app.get_name();
  for (const std::string& word : words) {
    const auto all = command->get_subcommands([](CLI::App*) { return true; });
    const auto below =
        std::ranges::find(all, word, [](CLI::App* each) { return each->get_name(); });
    if (below == all.end()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("help: {} (recant --help shows all)", unknown_word(command, word)));
    }
    command = *below;
    name += " " + word;
  }
  return command->get_formatter()->make_help(command, name, CLI::AppFormatMode::Normal);
}

bool given_command_takes(CLI::App& app, const std::string& name) {
  return parsed_command(app)->get_option_no_throw(name) != nullptr;
}

}  // namespace recant::cli
