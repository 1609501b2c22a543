// recant_peer NAME load|ask DIR EVENTS IDS: one peer doing one half of the job, in a process of its
// own so that its peak memory is its own. Prints one JSON object. Run by compare.py.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <exception>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/peers/peer.h"
#include "engine/files/input.h"
#include "recant/time.h"

namespace {

using namespace recant;
using namespace recant::bench;
namespace fs = std::filesystem;

constexpr std::size_t kLookups = 1'000'000;

template <class Work>
double seconds(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::vector<TweetId> read_ids(const std::string& path) {
  auto input = files::Input::open(path);
  require(input.has_value(), "cannot read " + path);
  files::LineReader lines(*std::move(input));
  files::Line line;
  std::vector<TweetId> ids;
  while (true) {
    const auto more = lines.next(line);
    require(more.has_value(), "cannot read " + path);
    if (!*more) return ids;
    const auto id = parse_id(line.text);
    require(id.has_value(), "a bad id");
    ids.push_back(*id);
  }
}

std::uint64_t bytes_below(const fs::path& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    // LMDB's map and RocksDB's files may be longer than what they fill.
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

std::unique_ptr<Peer> make(const std::string& name, const fs::path& directory) {
  const std::map<std::string, decltype(&make_recant)> peers = {{"recant", make_recant},
                                                               {"lmdb", make_lmdb},
                                                               {"rocksdb", make_rocksdb},
                                                               {"sqlite", make_sqlite}};
  const auto found = peers.find(name);
  require(found != peers.end(), "no such peer: " + name);
  return found->second(directory);
}

nlohmann::ordered_json load(Peer& peer, const fs::path& directory, const std::string& events) {
  const double took = seconds([&] { peer.load(events); });
  return {{"load_seconds", took}, {"bytes", bytes_below(directory)}};
}

nlohmann::ordered_json ask(Peer& peer, const std::string& ids_path) {
  const std::vector<TweetId> ids = read_ids(ids_path);
  const double open = seconds([&] { peer.open(); });
  std::uint64_t found = 0;
  const std::size_t lookups = std::min(kLookups, ids.size());
  const double one = seconds([&] {
    for (std::size_t i = 0; i < lookups; ++i) found += peer.lookup(ids[i]) ? 1U : 0U;
  });
  std::uint64_t due = 0;
  const double all = seconds([&] { due = peer.check(ids); });
  return {{"open_seconds", open},
          {"lookups_per_second", static_cast<double>(lookups) / one},
          {"checks_per_second", static_cast<double>(ids.size()) / all},
          {"found", found},
          {"due", due}};
}

int run(int argc, char** argv) {
  require(argc == 6, "usage: recant_peer NAME load|ask DIR EVENTS IDS");
  const fs::path directory = argv[3];
  fs::create_directories(directory);
  const auto peer = make(argv[1], directory);
  nlohmann::ordered_json told =
      std::string(argv[2]) == "load" ? load(*peer, directory, argv[4]) : ask(*peer, argv[5]);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  told["peak_bytes"] = static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
  fmt::print("{}\n", told.dump());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "recant_peer: {}\n", error.what());
    return 3;
  }
}
