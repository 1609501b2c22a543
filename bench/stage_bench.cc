// Each stage of ingest and rebuild alone, on one thread, on events as the generator makes them:
// RECANT_BENCH_EVENTS of them (default 1 million). Lookups are in lookup_bench.cc.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/event_source.h"
#include "bench/wire_lines.h"
#include "engine/decode/decode.h"
#include "engine/files/line_blocks.h"
#include "store/index/fact_stretches.h"
#include "store/index/fold.h"
#include "store/index/part_builder.h"
#include "store/index/radix_sort.h"
#include "store/log/block_decoder.h"
#include "store/log/block_encoder.h"
#include "store/model/facts.h"

namespace {

using namespace recant;
using bench::WireFormat;
namespace fs = std::filesystem;

constexpr std::uint32_t kBlockEvents = 32 * 1024;
constexpr std::size_t kRunFacts = 128 * 1024;

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

std::uint64_t event_count() {
  const char* wanted = std::getenv("RECANT_BENCH_EVENTS");
  return wanted == nullptr ? 1'000'000 : std::stoull(wanted);
}

fs::path work_directory() {
  const char* place = std::getenv("TMPDIR");
  return fs::path(place == nullptr ? "/dev/shm" : place) / "recant-stage-bench";
}

const std::vector<Event>& events() {
  static const std::vector<Event> made = [] {
    bench::EventSource source({.events = event_count()});
    std::vector<Event> all;
    for (std::uint64_t i = 0; i < event_count(); ++i) all.push_back(source.next());
    return all;
  }();
  return made;
}

const std::string& lines(WireFormat format) {
  static std::array<std::string, 3> made;
  std::string& text = made.at(static_cast<std::size_t>(format));
  if (text.empty()) {
    for (const Event& event : events()) bench::append_line(event, format, text);
  }
  return text;
}

void count(benchmark::State& state, std::uint64_t items, std::uint64_t bytes = 0) {
  const auto turns = static_cast<std::uint64_t>(state.iterations());
  state.SetItemsProcessed(static_cast<std::int64_t>(turns * items));
  if (bytes != 0) state.SetBytesProcessed(static_cast<std::int64_t>(turns * bytes));
}

void split_lines(benchmark::State& state) {
  const std::string& text = lines(WireFormat::kV2);
  fs::create_directories(work_directory());
  const fs::path path = work_directory() / "lines";
  std::ofstream(path, std::ios::binary) << text;
  for ([[maybe_unused]] auto turn : state) {
    auto input = files::Input::open(path.string());
    require(input.has_value(), "open");
    files::LineBlocks blocks(*std::move(input), std::uint64_t{16} << 20, 256 << 10);
    files::LineBlock block;
    files::Line line;
    std::uint64_t seen = 0;
    while (*blocks.next(block)) {
      while (block.next(line)) ++seen;
    }
    require(seen == events().size(), "lines");
  }
  fs::remove_all(work_directory());
  count(state, events().size(), text.size());
}

void decode_lines(benchmark::State& state, WireFormat format, bool generally) {
  std::string text = lines(format);
  text.append(decode::kLinePadding, '\0');
  const std::size_t size = text.size() - decode::kLinePadding;
  decode::EventDecoder decoder({});
  std::vector<Event> out;
  for ([[maybe_unused]] auto turn : state) {
    for (std::size_t at = 0; at < size;) {
      const std::size_t end = text.find('\n', at);
      const auto line = std::string_view(text).substr(at, end - at);
      out.clear();
      const auto result =
          generally ? decoder.decode_generally(line, out) : decoder.decode(line, out);
      require(result.line_class == decode::LineClass::kEvents, "a bad line");
      at = end + 1;
    }
  }
  count(state, events().size(), size);
}

std::vector<std::vector<std::byte>> encoded_blocks() {
  log::BlockEncoder encoder(kBlockEvents);
  std::vector<std::vector<std::byte>> blocks;
  SequenceNumber sequence = 0;
  SequenceNumber written = 0;
  const auto finish = [&] {
    require(encoder.finish({}, written + 1, sequence, written, blocks.emplace_back()).has_value(),
            "encode");
    written = sequence;
  };
  for (const Event& event : events()) {
    encoder.add(++sequence, event, event.at);
    if (encoder.full()) finish();
  }
  if (!encoder.empty()) finish();
  return blocks;
}

void encode_and_compress(benchmark::State& state) {
  std::uint64_t bytes = 0;
  for ([[maybe_unused]] auto turn : state) {
    bytes = 0;
    for (const auto& block : encoded_blocks()) bytes += block.size();
  }
  count(state, events().size());
  state.counters["bytes_an_event"] =
      static_cast<double>(bytes) / static_cast<double>(events().size());
}

void decompress_and_decode(benchmark::State& state) {
  const auto blocks = encoded_blocks();
  log::BlockDecoder decoder;
  std::vector<SequenceNumber> sequences;
  std::vector<Event> out;
  for ([[maybe_unused]] auto turn : state) {
    for (const auto& block : blocks) {
      const log::Header header = log::parse_header(block);
      const auto payload = std::span(block).subspan(log::kBlockHeaderBytes);
      require(!decoder.decode(header.block, payload, sequences, out), "decode");
    }
  }
  count(state, events().size());
}

std::vector<model::Fact> tweet_facts() {
  model::Facts facts;
  for (const Event& event : events()) facts.add(event);
  return facts.tweets;
}

void take_apart(benchmark::State& state) {
  for ([[maybe_unused]] auto turn : state) {
    model::Facts facts;
    for (const Event& event : events()) facts.add(event);
    benchmark::DoNotOptimize(facts.tweets.data());
  }
  count(state, events().size());
}

std::vector<std::vector<model::Fact>> runs_of(const std::vector<model::Fact>& facts) {
  std::vector<std::vector<model::Fact>> runs;
  for (std::size_t at = 0; at < facts.size(); at += kRunFacts) {
    const std::size_t end = std::min(at + kRunFacts, facts.size());
    runs.emplace_back(facts.begin() + static_cast<std::ptrdiff_t>(at),
                      facts.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return runs;
}

void sort_runs(benchmark::State& state) {
  const std::vector<model::Fact> facts = tweet_facts();
  std::vector<model::Fact> scratch;
  for ([[maybe_unused]] auto turn : state) {
    state.PauseTiming();
    auto runs = runs_of(facts);
    state.ResumeTiming();
    for (auto& run : runs) index::radix_sort_by_key(run, scratch);
    benchmark::DoNotOptimize(runs.data());
  }
  count(state, facts.size());
}

void gather_stretches(benchmark::State& state) {
  const std::vector<model::Fact> facts = tweet_facts();
  auto runs = runs_of(facts);
  std::vector<model::Fact> scratch;
  for (auto& run : runs) index::radix_sort_by_key(run, scratch);
  index::FactGatherer gatherer;
  std::vector<index::FactSpan> pieces;
  for ([[maybe_unused]] auto turn : state) {
    index::FactStretches stretches({runs.begin(), runs.end()});
    std::uint64_t seen = 0;
    while (stretches.next(pieces)) seen += gatherer.gather(pieces).size();
    require(seen == facts.size(), "facts");
  }
  count(state, facts.size());
}

index::Sources one_run() {
  model::Facts facts;
  for (const Event& event : events()) facts.add(event);
  return {.parts = {}, .runs = {std::make_shared<const index::Run>(std::move(facts))}};
}

void fold_rows(benchmark::State& state) {
  const index::Sources sources = one_run();
  const index::Ids originals;
  const std::vector<std::shared_ptr<const index::Part>> others;
  const index::TweetContext context{.originals = originals, .others = others, .with_digest = true};
  for ([[maybe_unused]] auto turn : state) {
    std::uint64_t rows = 0;
    require(index::fold_tweets(sources, context, 1,
                               [&](const index::TweetBatch& batch) { rows += batch.rows.size(); })
                .has_value(),
            "fold");
    benchmark::DoNotOptimize(rows);
  }
  count(state, sources.runs.front()->tweets().size());
}

void append_part(benchmark::State& state) {
  const index::Sources sources = one_run();
  fs::create_directories(work_directory());
  for ([[maybe_unused]] auto turn : state) {
    require(index::build_part(io::real_file_system(), sources,
                              {.directory = work_directory().string(),
                               .first = 1,
                               .last = events().size(),
                               .others = {},
                               .threads = 1})
                .has_value(),
            "build");
  }
  fs::remove_all(work_directory());
  count(state, events().size());
}

BENCHMARK(split_lines);
BENCHMARK_CAPTURE(decode_lines, v2, WireFormat::kV2, false);
BENCHMARK_CAPTURE(decode_lines, gnip, WireFormat::kGnip, false);
BENCHMARK_CAPTURE(decode_lines, canonical, WireFormat::kCanonical, false);
BENCHMARK_CAPTURE(decode_lines, v2_generally, WireFormat::kV2, true);
BENCHMARK(encode_and_compress);
BENCHMARK(decompress_and_decode);
BENCHMARK(take_apart);
BENCHMARK(sort_runs);
BENCHMARK(gather_stretches);
BENCHMARK(fold_rows);
BENCHMARK(append_part);

}  // namespace

BENCHMARK_MAIN();
