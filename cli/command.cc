#include "cli/command.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/text.h"
#include "store/io/file_system.h"

namespace recant::cli {

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& example) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->footer(example);  // HelpFormatter shows it first
  command->fallthrough();    // --store and its like may also follow the command
  return command;
}

Result<Store> create_store(const Context& context) {
  StoreOptions options = context.store;
  options.create = true;
  return Store::open(options);
}

Result<Store> open_store(const Context& context) {
  RECANT_TRY(require_store(context));
  return Store::open(context.store);
}

Result<void> seal_if_free(Store& store) {
  auto sealed = store.seal();
  if (!sealed && sealed.error().code == ErrorCode::kLocked) return {};
  return sealed;
}

Result<void> require_store(const Context& context) {
  const std::string& directory = context.store.directory;
  RECANT_ASSIGN(const auto info, io::real_file_system().info(directory + "/."));
  if (info && info->directory) return {};
  return fail(ErrorCode::kIo,
              fmt::format("{}: there is no store (`recant ingest` makes one; --store DIR or "
                          "$RECANT_STORE names another)",
                          directory));
}

Result<std::vector<files::Input>> open_inputs(const std::vector<std::string>& paths) {
  if (std::ranges::count(paths, "-") > 1) {
    return fail(ErrorCode::kInvalidArgument, "-: stdin can be read only once (name it once)");
  }
  std::vector<files::Input> inputs;
  for (const std::string& path : paths) {
    RECANT_ASSIGN(auto input, files::Input::open(path));
    inputs.push_back(std::move(input));
  }
  return inputs;
}

Result<std::optional<files::Output>> open_output(const std::string& path) {
  if (path.empty()) return std::optional<files::Output>();
  RECANT_ASSIGN(auto output, files::Output::open(path));
  return std::optional<files::Output>(std::move(output));
}

Result<void> write_output(const std::string& path, std::string_view bytes) {
  RECANT_ASSIGN(auto output, files::Output::open(path));
  RECANT_TRY(output.write(bytes));
  return output.finish();
}

std::string progress_text(const files::Input& input, std::uint64_t count, std::string_view noun) {
  const auto total = input.bytes_total();
  const std::string read =
      total && *total > 0
          ? fmt::format("{} %", std::min<std::uint64_t>(100, input.bytes_consumed() * 100 / *total))
          : human_bytes(input.bytes_consumed());
  return fmt::format("{}: {}, {}", input.name(), counted(count, noun), read);
}

}  // namespace recant::cli
