#include "cli/id_warnings.h"

#include <fmt/format.h>

#include "cli/text.h"

namespace recant::cli {
namespace {

// "1 id is", "2 ids are".
std::string ids_are(std::uint64_t count) {
  return counted(count, "id") + (count == 1 ? " is" : " are");
}

void say_warnings(Talk& talk, const std::string& file, const dataset::IdFigures& ids) {
  const auto warn = [&](const std::string& what) {
    talk.say(fmt::format("warning: {}: {}", file, what));
  };
  if (ids.scientific > 0) {
    warn(
        fmt::format("{} written like 1.23E+18: a spreadsheet rounded them, and what they named is "
                    "lost (go back to the original file)",
                    ids_are(ids.scientific)));
  }
  if (ids.rounded > 0) {
    warn(
        fmt::format("{} of {} end in {}, far more than by chance: they were rounded (by a "
                    "spreadsheet, or by a program that reads ids as numbers) and name other "
                    "tweets or none (go back to the original file)",
                    grouped(ids.rounded), counted(ids.ids, "id"), std::string(ids.zeros, '0')));
  }
  if (ids.oversized > 0) {
    warn(fmt::format("{} of more than 19 digits: no tweet has such an id (were digits added?)",
                     ids_are(ids.oversized)));
  }
  if (ids.future > 0) {
    warn(fmt::format("{} from the future, by the time within (were digits added or changed?)",
                     counted(ids.future, "id")));
  }
  if (ids.duplicates > 0) {
    talk.say(fmt::format("{}: {}{} came before in the file", file,
                         ids.duplicates_estimated ? "about " : "",
                         counted(ids.duplicates, "item")));
  }
}

}  // namespace

void say_id_warnings(Talk& talk, std::span<const dataset::FileIds> files) {
  for (const dataset::FileIds& file : files) say_warnings(talk, file.file, file.figures);
}

}  // namespace recant::cli
