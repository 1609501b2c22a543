#include "engine/feed/compliant_ids.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "engine/files/input.h"
#include "recant/time.h"

namespace recant::feed {
namespace {

std::optional<std::uint64_t> result_id(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return {};
  const auto id = json.find("id");
  if (id == json.end()) return {};
  if (id->is_number_unsigned()) return id->get<std::uint64_t>();
  return id->is_string() ? parse_id(id->get_ref<const std::string&>()) : std::nullopt;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// The results' ids are taken in as many groups as keep each small; which group an id is in, it
// says itself.
class Groups {
 public:
  explicit Groups(std::uint64_t count) : count_(count) {}
  [[nodiscard]] bool holds(std::uint64_t group, std::uint64_t id) const {
    return (id * 0x9E3779B97F4A7C15U >> 32U) % count_ == group;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  std::uint64_t count_;
};

template <class Visit>
Result<void> for_each_line(const std::string& path, Visit visit) {
  RECANT_ASSIGN(auto input, files::Input::open(path));
  files::LineReader reader(std::move(input));
  files::Line line;
  for (;;) {
    RECANT_ASSIGN(const bool more, reader.next(line));
    if (!more) return {};
    if (!is_blank(line.text)) RECANT_TRY(visit(line));
  }
}

struct Counted {
  std::uint64_t lines = 0;
  bool all_known = true;
};

Result<Counted> count_results(const std::string& path) {
  Counted counted;
  RECANT_TRY(for_each_line(path, [&counted](const files::Line& line) -> Result<void> {
    ++counted.lines;
    counted.all_known = counted.all_known && !line.too_long && result_id(line.text).has_value();
    return {};
  }));
  return counted;
}

Result<std::vector<std::uint64_t>> named_ids(const std::string& path, const Groups& groups,
                                             std::uint64_t group) {
  std::vector<std::uint64_t> ids;
  RECANT_TRY(for_each_line(path, [&](const files::Line& line) -> Result<void> {
    const auto id = result_id(line.text);
    if (id && groups.holds(group, *id)) ids.push_back(*id);
    return {};
  }));
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

Result<bool> for_each_compliant_id(const std::string& ids_path, const std::string& results_path,
                                   const std::function<Result<void>(std::uint64_t)>& on_id,
                                   std::size_t ids_max) {
  RECANT_ASSIGN(const Counted results, count_results(results_path));
  if (!results.all_known) return false;
  const Groups groups(results.lines / ids_max + 1);
  for (std::uint64_t group = 0; group < groups.count(); ++group) {
    RECANT_ASSIGN(const auto named, named_ids(results_path, groups, group));
    RECANT_TRY(for_each_line(ids_path, [&](const files::Line& line) -> Result<void> {
      const auto id = parse_id(line.text);
      if (!id || !groups.holds(group, *id) || std::ranges::binary_search(named, *id)) return {};
      return on_id(*id);
    }));
  }
  return true;
}

}  // namespace recant::feed
