#include "engine/feed/stream_notice.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/feed/api.h"

namespace recant::feed {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool mentions(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

NoticeAdvice advice_of_problem(const json& problem) {
  if (!problem.is_object()) return NoticeAdvice::kReconnect;
  std::string type = text_of(problem, "type");
  type = type.substr(type.find_last_of("/#") + 1);  // npos + 1 is 0
  if (type == "client-forbidden" || type == "unsupported-authentication") {
    return NoticeAdvice::kStop;
  }
  const bool crowded = !text_of(problem, "connection_issue").empty() ||
                       type == "streaming-connection" || type == "usage-capped" ||
                       type == "rate-limit-exceeded";
  return crowded ? NoticeAdvice::kBackOff : NoticeAdvice::kReconnect;
}

NoticeAdvice advice_of_message(std::string message) {
  std::ranges::transform(message, message.begin(), [](unsigned char c) {
    return static_cast<char>(c < 0x80 ? std::tolower(c) : c);
  });
  if (mentions(message, "too many connections")) return NoticeAdvice::kBackOff;
  if (mentions(message, "maximum allowed backup") || mentions(message, "buffer size")) {
    return NoticeAdvice::kNoBackfill;
  }
  return NoticeAdvice::kReconnect;
}

NoticeAdvice advice_of(const json& notice) {
  if (!notice.is_object()) return NoticeAdvice::kNone;
  if (const auto errors = notice.find("errors"); errors != notice.end()) {
    const bool any = errors->is_array() && !errors->empty();
    return any ? advice_of_problem(errors->front()) : NoticeAdvice::kReconnect;
  }
  if (const auto error = notice.find("error"); error != notice.end()) {
    return error->is_object() ? advice_of_message(text_of(*error, "message"))
                              : NoticeAdvice::kReconnect;
  }
  if (const auto disconnect = notice.find("disconnect"); disconnect != notice.end()) {
    constexpr int kDuplicateStream = 2;
    const bool duplicate = disconnect->is_object() && disconnect->contains("code") &&
                           (*disconnect)["code"] == kDuplicateStream;
    return duplicate ? NoticeAdvice::kBackOff : NoticeAdvice::kReconnect;
  }
  if (notice.contains("title") && notice.contains("type")) return advice_of_problem(notice);
  return NoticeAdvice::kNone;  // info, warning, limit
}

}  // namespace

StreamNotice read_notice(std::string_view line, const Redactor& redact) {
  const json notice = json::parse(line, nullptr, false);
  return {.advice = advice_of(notice), .words = explain_body(line, redact)};
}

}  // namespace recant::feed
