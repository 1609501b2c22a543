// The summary of a whole from those of its shares.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/summary.h"
#include "cli/text.h"

namespace recant::cli {
namespace {

using Json = nlohmann::ordered_json;

std::unexpected<Error> refused(const NamedText& share, std::string_view why) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", printable(share.name), why));
}

struct Share {
  Json json{};
  std::uint64_t index = 0;
  std::uint64_t count = 0;
};

Result<Share> read_share(const NamedText& text) {
  Share share{.json = Json::parse(text.text, nullptr, false)};
  const Json& json = share.json;
  const auto has = [&json](const char* key, bool (Json::*is)() const noexcept) {
    const auto found = json.find(key);
    return found != json.end() && ((*found).*is)();
  };
  bool whole = json.is_object() && has("shard", &Json::is_string) &&
               has("digest", &Json::is_string) && has("as_of", &Json::is_string) &&
               has("by_action", &Json::is_object) && has("seconds", &Json::is_number);
  for (const char* key : {"items", "skipped", "rejected", "without_author"}) {
    whole = whole && has(key, &Json::is_number_unsigned);
  }
  for (std::size_t action = 0; whole && action < kActionCount; ++action) {
    const auto found = json["by_action"].find(action_name(static_cast<Action>(action)));
    whole = found != json["by_action"].end() && found->is_number_unsigned();
  }
  if (!whole) {
    return refused(text, "this is no summary of a shard (check --shard I/N --summary writes one)");
  }
  const auto word = json["shard"].get<std::string>();
  const std::size_t slash = std::min(word.find('/'), word.size());
  share.index = parse_id(word.substr(0, slash)).value_or(0);
  share.count = parse_id(word.substr(std::min(slash + 1, word.size()))).value_or(0);
  if (share.index == 0 || share.index > share.count) return refused(text, "its shard is none");
  return share;
}

// What must be the same for shares of one run.
Result<void> require_alike(const NamedText& first_text, const Share& first, const NamedText& text,
                           const Share& share) {
  for (const char* key : {"as_of", "digest"}) {
    const auto one = first.json[key].get<std::string>();
    const auto other = share.json[key].get<std::string>();
    if (one == other) continue;
    return refused(text,
                   fmt::format("its {} is {}, that of {} is {}: they are not of one run (run "
                               "all shards anew on one snapshot)",
                               key, printable(other), printable(first_text.name), printable(one)));
  }
  if (first.count == share.count) return {};
  return refused(text, fmt::format("it is one of {} shards, {} one of {}", share.count,
                                   printable(first_text.name), first.count));
}

void add(const Json& share, Json& sum) {
  for (const char* key : {"items", "skipped", "rejected", "without_author"}) {
    sum[key] = sum[key].get<std::uint64_t>() + share[key].get<std::uint64_t>();
  }
  for (auto& [action, count] : sum["by_action"].items()) {
    count = count.get<std::uint64_t>() + share["by_action"][action].get<std::uint64_t>();
  }
  // Shares run side by side: the whole took as long as the longest.
  sum["seconds"] = std::max(sum["seconds"].get<double>(), share["seconds"].get<double>());
}

}  // namespace

Result<std::string> merged_summary_json(const std::vector<NamedText>& shares) {
  std::optional<Share> first;
  Json sum;
  std::set<std::uint64_t> seen;
  for (const NamedText& text : shares) {
    RECANT_ASSIGN(Share share, read_share(text));
    if (!first) {
      sum = share.json;
      first = std::move(share);
      seen.insert(first->index);
      continue;
    }
    RECANT_TRY(require_alike(shares.front(), *first, text, share));
    if (!seen.insert(share.index).second) {
      return refused(text, fmt::format("shard {} of {} is there twice", share.index, share.count));
    }
    add(share.json, sum);
  }
  if (!first) return fail(ErrorCode::kInvalidArgument, "there is no summary to merge");
  for (std::uint64_t index = 1; index <= first->count; ++index) {
    if (seen.contains(index)) continue;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the summary of shard {} of {} is missing", index, first->count));
  }
  const double seconds = std::max(sum["seconds"].get<double>(), 0.001);
  sum["items_per_second"] =
      rounded(static_cast<double>(sum["items"].get<std::uint64_t>()) / seconds);
  sum.erase("shard");
  sum["shards"] = first->count;
  return sum.dump() + "\n";
}

}  // namespace recant::cli
