#include "describe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

namespace recant::laws {
namespace {

void add_number(std::string& text, std::string_view name, std::uint64_t value) {
  if (value != 0) text += fmt::format(" {}={}", name, value);
}

void add_list(std::string& text, std::string_view name, const std::vector<std::string>& values) {
  if (!values.empty()) text += fmt::format(" {}={}", name, fmt::join(values, ","));
}

std::vector<std::string> names(const std::vector<Country>& countries) {
  std::vector<std::string> names;
  for (const Country code : countries) names.push_back(country_name(code));
  return names;
}

}  // namespace

std::string describe(const Reason& reason) {
  std::string text = fmt::format("{} {} {}", action_name(reason.action),
                                 event_kind_name(reason.event), via_name(reason.via));
  add_number(text, "tweet", reason.tweet);
  add_number(text, "user", reason.user);
  text += fmt::format(" at={}", reason.at);
  add_list(text, "countries", names(reason.countries));
  add_number(text, "up_to", reason.up_to_tweet);
  add_number(text, "latest", reason.latest_tweet);
  add_list(text, "fields", reason.fields);
  if (reason.grace_expired) text += " grace_expired";
  if (reason.why != Why::kNone) text += fmt::format(" why={}", why_name(reason.why));
  return text;
}

std::vector<std::string> describe(const std::vector<Reason>& reasons) {
  std::vector<std::string> lines;
  for (const Reason& reason : reasons) lines.push_back(describe(reason));
  return lines;
}

std::string describe(const Verdict& verdict) {
  return fmt::format("{}{}\n  {}\n", action_name(verdict.action),
                     verdict.without_author ? " (without author)" : "",
                     fmt::join(describe(verdict.reasons), "\n  "));
}

std::string describe(const Event& event) {
  const Payload& payload = event.payload.get();
  std::string text = fmt::format("{} at={}", event_kind_name(event.kind), event.at);
  add_number(text, "tweet", event.tweet);
  add_number(text, "author", event.author);
  add_number(text, "user", event.user);
  add_number(text, "quote_tweet", event.quote_tweet);
  add_list(text, "countries", names(payload.countries));
  add_number(text, "initial", payload.initial_tweet);
  if (!payload.edit_tweets.empty()) {
    text += fmt::format(" edits={}", fmt::join(payload.edit_tweets, ","));
  }
  add_number(text, "up_to", payload.up_to_tweet);
  if (!payload.field.empty()) text += " field=" + payload.field;
  add_number(text, "retweeted", payload.retweeted);
  add_number(text, "retweeted_author", payload.retweeted_author);
  add_number(text, "quoted", payload.quoted);
  add_number(text, "quoted_author", payload.quoted_author);
  if (event.why != Why::kNone) text += fmt::format(" why={}", why_name(event.why));
  return text;
}

std::string describe(std::span<const Event> events) {
  std::string text;
  for (const Event& event : events) text += describe(event) + "\n";
  return text;
}

std::string describe(const Item& item) {
  constexpr std::string_view kTypes[] = {"tweet", "user", "like"};
  std::string text =
      fmt::format("{} item id={}", kTypes[static_cast<std::size_t>(item.type)], item.id);
  add_number(text, "user", item.user);
  add_number(text, "author", item.author);
  add_number(text, "retweeted", item.retweeted);
  add_number(text, "retweeted_author", item.retweeted_author);
  add_number(text, "quoted", item.quoted);
  add_number(text, "quoted_author", item.quoted_author);
  add_number(text, "retweeted_quoted", item.retweeted_quoted);
  add_number(text, "retweeted_quoted_author", item.retweeted_quoted_author);
  for (const auto& history : item.edit_histories) {
    text += fmt::format(" history={}", fmt::join(history, ","));
  }
  return text;
}

std::string describe(const Policy& policy) {
  std::string text = "policy";
  for (const EventKind kind : policy.delete_on) {
    text += fmt::format(" delete_on={}", event_kind_name(kind));
  }
  if (policy.country) text += " country=" + country_name(*policy.country);
  return text;
}

}  // namespace recant::laws
