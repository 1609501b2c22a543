#include "cli/help.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "cli/text.h"

namespace recant::cli {
namespace {

// The innermost command that was recognized.
CLI::App* parsed_command(CLI::App& app) {
  CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return command;
}

std::string full_name(const CLI::App* command) {
  std::string name = command->get_name();
  for (command = command->get_parent(); command != nullptr; command = command->get_parent()) {
    name = command->get_name() + " " + name;
  }
  return name;
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
  if (!example.empty()) example = "Example:\n" + example + "\n\n";
  return example + CLI::Formatter::make_usage(app, std::move(name));
}

std::string explain_usage_error(CLI::App& app, const CLI::ParseError& error) {
  CLI::App* command = parsed_command(app);
  const std::string hint = fmt::format("({} --help shows how)", full_name(command));
  // An unknown word explains what is missing or too much after it, so it comes first.
  const auto unknown = app.remaining(true);
  if (!unknown.empty()) {
    const std::string& word = unknown.front();
    if (word.starts_with("-") ||
        !command->get_subcommands([](CLI::App*) { return true; }).empty()) {
      return fmt::format("{} {}", unknown_word(command, word), hint);
    }
    return fmt::format("{}: unexpected argument {} {}", full_name(command), word, hint);
  }
  return fmt::format("{}: {} {}", full_name(command), error.what(), hint);
}

}  // namespace recant::cli
