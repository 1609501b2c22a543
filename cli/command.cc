#include "cli/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/text.h"
#include "engine/replay/sealed_snapshot.h"
#include "recant/time.h"
#include "store/io/file_system.h"

namespace recant::cli {
namespace {

// A file in a store's place would be told as a disk that fails.
Result<void> refuse_file(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status) || std::filesystem::is_directory(status)) return {};
  return fail(ErrorCode::kIo, fmt::format("{}: this is no directory, and so no store (--store DIR "
                                          "or $RECANT_STORE names another)",
                                          path));
}

Result<void> refuse_snapshot(const Context& context) {
  const std::string& directory = context.store.directory;
  RECANT_TRY(refuse_file(directory));
  RECANT_ASSIGN(const bool sealed, replay::is_sealed(io::real_file_system(), directory));
  if (!sealed) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: this is a snapshot, which has no log and never changes (name the "
                          "store that it was made from)",
                          directory));
}

}  // namespace

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& example) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->footer(example);  // HelpFormatter shows it first
  command->fallthrough();    // --store and its like may also follow the command
  return command;
}

Result<Store> create_store(const Context& context, std::int64_t lock_wait_ms_max) {
  RECANT_TRY(refuse_snapshot(context));
  StoreOptions options = context.store;
  options.create = true;
  options.lock_wait_ms = std::min(options.lock_wait_ms, lock_wait_ms_max);
  return Store::open(options);
}

Result<Store> open_store(Context& context) {
  RECANT_TRY(require_store(context));
  auto store = Store::open(context.store);
  if (store && store->sealed()) {
    context.talk.say(fmt::format("{}: a snapshot of {}: what came after it is not known",
                                 context.store.directory, format_time(store->sealed()->taken_at)));
  }
  return store;
}

Result<void> seal_if_free(Store& store) {
  auto sealed = store.seal();
  if (!sealed && sealed.error().code == ErrorCode::kLocked) return {};
  return sealed;
}

Result<void> require_store(const Context& context) {
  const std::string& directory = context.store.directory;
  RECANT_TRY(refuse_file(directory));
  RECANT_ASSIGN(const auto info, io::real_file_system().info(directory + "/."));
  if (info && info->directory) return {};
  return fail(ErrorCode::kIo,
              fmt::format("{}: there is no store (`recant ingest` makes one; --store DIR or "
                          "$RECANT_STORE names another)",
                          directory));
}

Result<void> require_log(const Context& context) {
  RECANT_TRY(require_store(context));
  return refuse_snapshot(context);
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

std::string progress_text(const files::Progress& progress, std::string_view noun, double seconds) {
  const double rate = static_cast<double>(progress.count) / std::max(seconds, 0.001);
  const std::string counts = fmt::format("{}, {}/s", counted(progress.count, noun),
                                         grouped(static_cast<std::uint64_t>(rate)));
  const std::uint64_t total = progress.bytes_total.value_or(0);
  if (total == 0)
    return fmt::format("{}, {}: {}", human_bytes(progress.bytes), counts, progress.file);
  const double share =
      std::min(1.0, static_cast<double>(progress.bytes) / static_cast<double>(total));
  std::string left;
  if (share > 0) {
    const auto eta = static_cast<std::uint64_t>(seconds / share - seconds);
    left = fmt::format(", {}:{:02}:{:02} left", eta / 3600, eta / 60 % 60, eta % 60);
  }
  return fmt::format("{:.0f} % of {}, {}{}: {}", std::floor(100 * share), human_bytes(total),
                     counts, left, progress.file);
}

void ProgressTeller::operator()(const files::Progress& progress) const {
  talk_.progress([&] {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
    return progress_text(progress, noun_, seconds.count());
  });
}

void ProgressTeller::operator()(const files::Input& input, std::uint64_t count) const {
  (*this)(files::Progress{.file = input.name(),
                          .bytes = input.bytes_consumed(),
                          .bytes_total = input.bytes_total(),
                          .count = count});
}

}  // namespace recant::cli
