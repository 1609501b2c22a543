#include "cli/manual/command_tree.h"

#include <utility>

#include "cli/help.h"

namespace recant::cli {
namespace {

OptionWords option_words(const CLI::Option& option) {
  OptionWords words;
  words.shown =
      option.get_name(option.get_positional(), true) + HelpFormatter().make_option_opts(&option);
  for (const std::string& name : option.get_snames()) words.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) words.names.push_back("--" + name);
  words.what = option.get_description();
  return words;
}

CommandWords command_words(const CLI::App& app, std::vector<std::string> path) {
  CommandWords words{
      .path = std::move(path), .what = app.get_description(), .example = app.get_footer()};
  for (const CLI::Option* option : app.get_options()) {
    (option->get_positional() ? words.arguments : words.options).push_back(option_words(*option));
  }
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    auto further = words.path;
    further.push_back(below->get_name());
    words.commands.push_back(command_words(*below, std::move(further)));
  }
  return words;
}

void add_all(const CommandWords& command, std::vector<const CommandWords*>& all) {
  all.push_back(&command);
  for (const CommandWords& below : command.commands) add_all(below, all);
}

}  // namespace

std::string CommandWords::name(char separator) const {
  std::string name = "recant";
  for (const std::string& word : path) name += separator + word;
  return name;
}

CommandWords words_of(const CLI::App& app) { return command_words(app, {}); }

std::vector<const CommandWords*> all_commands(const CommandWords& root) {
  std::vector<const CommandWords*> all;
  add_all(root, all);
  return all;
}

}  // namespace recant::cli
