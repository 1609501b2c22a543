#include <fmt/format.h>

#include <string_view>

#include "cli/manual/pages.h"

namespace recant::cli {
namespace {

std::string place_of(const CommandWords& command) {
  std::string place;
  for (const std::string& word : command.path) place += " " + word;
  return place;
}

std::string option_list(const CommandWords& root, const CommandWords& command) {
  std::string list;
  const auto add = [&list](const CommandWords& from) {
    for (const OptionWords& option : from.options) {
      for (const std::string& name : option.names) list += (list.empty() ? "" : " ") + name;
    }
  };
  add(command);
  if (!command.path.empty()) add(root);
  return list;
}

std::string command_list(const CommandWords& command) {
  std::string list;
  for (const CommandWords& below : command.commands) {
    list += (list.empty() ? "" : " ") + below.path.back();
  }
  return list;
}

// What bash and zsh share: which command the words before the cursor are of, and what it takes.
std::string cases(const CommandWords& root) {
  std::string text = "    case \"$place $word\" in\n";
  for (const CommandWords* command : all_commands(root)) {
    if (command->path.empty()) continue;
    text += fmt::format("      \"{0}\") place=\"{0}\" ;;\n", place_of(*command));
  }
  text += "    esac\n  done\n  case \"$place\" in\n";
  for (const CommandWords* command : all_commands(root)) {
    text += fmt::format("    \"{}\") options=\"{}\" commands=\"{}\" ;;\n", place_of(*command),
                        option_list(root, *command), command_list(*command));
  }
  return text + "  esac\n";
}

// Inside single quotes of fish.
std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// True where the words name this command and none below it.
std::string fish_condition(const CommandWords& command) {
  if (command.path.empty()) return "__fish_use_subcommand";
  std::string condition;
  for (const std::string& word : command.path) {
    condition += (condition.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
  }
  return condition;
}

}  // namespace

std::string bash_completion(const CommandWords& root) {
  return "# recant: completion for bash.\n_recant() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\" place=\"\" word options=\"\" "
         "commands=\"\"\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n" +
         cases(root) +
         "  if [[ $current == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -W \"$commands\" -- \"$current\"))\n"
         "    [[ -n $commands && $place != \" snapshot\" ]] || COMPREPLY+=($(compgen -f -- "
         "\"$current\"))\n"
         "  fi\n}\ncomplete -o filenames -F _recant recant\n";
}

std::string zsh_completion(const CommandWords& root) {
  return "#compdef recant\n# recant: completion for zsh.\n_recant() {\n"
         "  local place=\"\" word options=\"\" commands=\"\"\n"
         "  for word in ${words[2,CURRENT-1]}; do\n" +
         cases(root) +
         "  if [[ ${words[CURRENT]} == -* ]]; then\n    compadd -- ${=options}\n"
         "  else\n    compadd -- ${=commands}\n"
         "    [[ -n $commands && $place != \" snapshot\" ]] || _files\n  fi\n}\n_recant \"$@\"\n";
}

std::string fish_completion(const CommandWords& root) {
  std::string text = "# recant: completion for fish.\n";
  for (const CommandWords* command : all_commands(root)) {
    const std::string condition = fish_quoted(fish_condition(*command));
    for (const CommandWords& below : command->commands) {
      text += fmt::format("complete -c recant -n {} -a {} -d {}\n", condition, below.path.back(),
                          fish_quoted(below.what));
    }
    for (const OptionWords& option : command->options) {
      for (const std::string& name : option.names) {
        const bool is_long = name.starts_with("--");
        const std::string where = command->path.empty() ? "" : " -n " + condition;
        text += fmt::format("complete -c recant{} -{} {} -d {}\n", where, is_long ? 'l' : 's',
                            name.substr(is_long ? 2 : 1), fish_quoted(option.what));
      }
    }
  }
  return text;
}

}  // namespace recant::cli
