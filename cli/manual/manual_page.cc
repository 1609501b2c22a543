#include <fmt/format.h>

#include <algorithm>

#include "cli/exit_code.h"
#include "cli/manual/pages.h"

namespace recant::cli {
namespace {

// Text as roff shows it: nothing in it is a request, and a dash is a dash.
std::string shown(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    line_begins = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string without_space(std::string_view text) {
  const std::size_t end = text.find_last_not_of(' ');
  return std::string(text.substr(0, end == std::string_view::npos ? 0 : end + 1));
}

void add_list(const std::vector<OptionWords>& options, std::string& page) {
  for (const OptionWords& option : options) {
    page += fmt::format(".TP\n\\fB{}\\fR\n{}\n", shown(without_space(option.shown)),
                        shown(option.what.empty() ? "see above" : option.what));
  }
}

std::string synopsis(const CommandWords& command) {
  std::string line = command.name(' ');
  if (!command.options.empty()) line += " [OPTIONS]";
  for (const OptionWords& argument : command.arguments) {
    line += " " + without_space(argument.shown);
  }
  if (command.path.empty()) line += " COMMAND ...";
  return line;
}

void add_exit_codes(std::string& page) {
  page += ".SH EXIT STATUS\nThe greatest of those that apply.\n";
  for (const ExitMeaning& meaning : kExitMeanings) {
    page += fmt::format(".TP\n.B {}\n{}\n", static_cast<int>(meaning.code), shown(meaning.text));
  }
}

}  // namespace

std::string manual_page(const CommandWords& root, const CommandWords& command) {
  const bool program = command.path.empty();
  std::string page = fmt::format(".TH {} 1 \"\" \"recant {}\" \"recant\"\n",
                                 shown(command.name('-')), RECANT_VERSION);
  page += fmt::format(".SH NAME\n{} \\- {}\n", shown(command.name('-')), shown(command.what));
  page += fmt::format(".SH SYNOPSIS\n.nf\n{}\n", shown(synopsis(command)));
  for (const CommandWords& below : command.commands) {
    if (!program) page += shown(synopsis(below)) + "\n";
  }
  page += fmt::format(".fi\n.SH EXAMPLE\n.nf\n{}\n.fi\n", shown(command.example));
  if (!command.arguments.empty()) {
    page += ".SH ARGUMENTS\n";
    add_list(command.arguments, page);
  }
  page += ".SH OPTIONS\n";
  add_list(command.options, page);
  if (!program) {
    page += ".SH OPTIONS OF EVERY COMMAND\n";
    add_list(root.options, page);
  }
  if (!command.commands.empty()) page += ".SH COMMANDS\n";
  for (const CommandWords& below : command.commands) {
    page += fmt::format(".TP\n.BR {} (1)\n{}\n", shown(below.name('-')), shown(below.what));
  }
  if (program) {
    page +=
        ".SH ENVIRONMENT\n.TP\n.B RECANT_STORE\nthe store's directory, where "
        "\\-\\-store names none\n.TP\n.B NO_COLOR\nno colour on stderr\n";
    add_exit_codes(page);
  } else {
    page += ".SH SEE ALSO\n.BR recant (1)\n";
  }
  return page;
}

}  // namespace recant::cli
