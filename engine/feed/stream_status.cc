#include "engine/feed/stream_status.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "recant/time.h"

namespace recant::feed {
namespace {

using nlohmann::json;

constexpr std::string_view kEnding = ".json";
constexpr std::uint64_t kBytesMax = 4096;
constexpr int kReadings = 3;  // one may meet the file while it is written anew

std::string directory_of(const std::string& store) { return io::join_path(store, "streams"); }

std::string text_of(const StreamStatus& status) {
  nlohmann::ordered_json object = {{"source", status.name.source},
                                   {"partition", status.name.partition}};
  const auto add = [&object](const char* key, const std::optional<Time>& at) {
    if (at) object[key] = format_time(*at);
  };
  add("connected_since", status.connected_since);
  add("last_event", status.last_event);
  add("last_keep_alive", status.last_keep_alive);
  return object.dump() + "\n";
}

std::optional<StreamStatus> status_of(const std::string& text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return {};
  const auto word = [&object](const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  StreamStatus status{.name = {word("source"), word("partition")}};
  status.connected_since = parse_rfc3339(word("connected_since"));
  status.last_event = parse_rfc3339(word("last_event"));
  status.last_keep_alive = parse_rfc3339(word("last_keep_alive"));
  if (status.name.source.empty() || status.name.partition.empty()) return {};
  return status;
}

Result<std::string> read_all(io::FileSystem& files, const std::string& path) {
  RECANT_ASSIGN(const auto file, files.open_read(path));
  std::string text(kBytesMax, '\0');
  RECANT_ASSIGN(const std::size_t size,
                file->read_at(0, std::as_writable_bytes(std::span(text.data(), text.size()))));
  text.resize(size);
  return text;
}

// The lock is held by whoever follows, and let go by the kernel when that ends.
bool is_followed(io::FileSystem& files, const std::string& path) {
  const auto file = files.open_lock(path);
  if (!file) return false;
  const auto free = (*file)->try_lock();
  return free && !*free;
}

}  // namespace

StreamStatusFiles::StreamStatusFiles(io::FileSystem& files, const std::string& store_directory)
    : files_(files), directory_(directory_of(store_directory)) {}

io::File* StreamStatusFiles::file_of(const StreamName& name, std::unique_ptr<io::File>& file) {
  if (file) return file.get();
  if (!files_.make_directory(directory_)) return nullptr;
  auto opened = files_.open_lock(
      io::join_path(directory_, name.source + "-" + name.partition + std::string(kEnding)));
  if (!opened) return nullptr;
  const auto mine = (*opened)->try_lock();
  if (!mine || !*mine) return nullptr;
  file = *std::move(opened);
  return file.get();
}

void StreamStatusFiles::write(const std::vector<StreamStatus>& statuses) {
  kept_.resize(statuses.size());
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    Kept& kept = kept_[i];
    if (kept.file && kept.written == statuses[i]) continue;
    io::File* file = file_of(statuses[i].name, kept.file);
    if (file == nullptr) continue;
    const std::string text = text_of(statuses[i]);
    if (file->overwrite(std::as_bytes(std::span(text.data(), text.size())))) {
      kept.written = statuses[i];
    }
  }
}

std::vector<StreamStatus> read_stream_statuses(const std::string& store_directory) {
  io::FileSystem& files = io::real_file_system();
  std::vector<StreamStatus> statuses;
  const std::string directory = directory_of(store_directory);
  const auto names = files.list(directory);
  if (!names) return statuses;
  for (const std::string& name : *names) {
    if (!name.ends_with(kEnding)) continue;
    const std::string path = io::join_path(directory, name);
    std::optional<StreamStatus> status;
    for (int i = 0; i < kReadings && !status; ++i) {
      if (const auto text = read_all(files, path)) status = status_of(*text);
    }
    if (!status) continue;
    status->followed = is_followed(files, path);
    if (!status->followed) status->connected_since.reset();
    statuses.push_back(*std::move(status));
  }
  std::ranges::sort(statuses, {}, &StreamStatus::name);
  return statuses;
}

}  // namespace recant::feed
