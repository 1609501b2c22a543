#include "cli/receipt.h"

#include <nlohmann/json.hpp>

#include "cli/summary.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string_view type_name(ItemType type) {
  switch (type) {
    case ItemType::kTweet:
      return "tweets";
    case ItemType::kUser:
      return "users";
    case ItemType::kLike:
      return "likes";
  }
  return {};
}

Json policy_json(const Policy& policy) {
  Json json = Json::object();
  if (policy.country) json["country"] = country_name(*policy.country);
  json["delete_on"] = Json::array();
  for (const EventKind kind : policy.delete_on) {
    json["delete_on"].push_back(std::string(event_kind_name(kind)));
  }
  return json;
}

}  // namespace

std::string_view removed_name(dataset::RemovedPart part) {
  switch (part) {
    case dataset::RemovedPart::kNone:
      return {};
    case dataset::RemovedPart::kGeo:
      return "geo_fields";
    case dataset::RemovedPart::kCopy:
      return "embedded_posts";
    case dataset::RemovedPart::kIncludedTweet:
      return "included_posts";
    case dataset::RemovedPart::kIncluded:
      return "included_objects";
  }
  return {};
}

void Receipt::watch(files::Input& input) {
  auto hash = std::make_shared<files::Sha256>();
  inputs_.push_back({.role = {}, .name = input.name(), .hash = hash});
  input.set_tap([hash](std::string_view bytes) { hash->add(bytes); });
}

void Receipt::watch(const std::string& role, const std::string& name, files::Output& output) {
  auto hash = std::make_shared<files::Sha256>();
  outputs_.push_back({.role = role, .name = name == "-" ? "stdout" : name, .hash = hash});
  output.set_tap([hash](std::string_view bytes) { hash->add(bytes); });
}

std::string Receipt::json(const dataset::ScrubOptions& options,
                          const dataset::ScrubSummary& summary, const std::string& digest,
                          SequenceNumber last_sequence, Time begin, Time end) {
  const auto file_json = [](const File& file) {
    const std::uint64_t bytes = file.hash->bytes();
    return Json{{"name", file.name}, {"bytes", bytes}, {"sha256", file.hash->finish()}};
  };
  Json json = {{"tool", "recant"}, {"version", RECANT_VERSION}};
  json["inputs"] = Json::array();
  for (const File& file : inputs_) json["inputs"].push_back(file_json(file));
  for (const File& file : outputs_) json[file.role] = file_json(file);
  json["type"] = std::string(type_name(options.reader.type));
  json.update(Json::parse(check_summary_json(summary.check)));
  for (std::size_t part = 1; part < dataset::kRemovedPartCount; ++part) {
    const std::string_view name = removed_name(static_cast<dataset::RemovedPart>(part));
    json["removed"][std::string(name)] = summary.removed[part];
  }
  json["last_seq"] = std::to_string(last_sequence);
  json["digest"] = digest;
  json["policy"] = policy_json(options.policy);
  json["began_at"] = format_time(begin);
  json["ended_at"] = format_time(end);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace recant::cli
