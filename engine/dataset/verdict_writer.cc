#include "engine/dataset/verdict_writer.h"

#include <csv.h>

#include <array>
#include <charconv>
#include <cstring>

#include "recant/time.h"

namespace recant::dataset {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

// Appends what `write` puts behind the pointer it is given, at most `bytes_max`, and returns the
// end of. Appending field by field to a string took longer than judging.
template <class Write>
void append_with(std::string& out, std::size_t bytes_max, Write write) {
  const std::size_t size = out.size();
  out.resize_and_overwrite(size + bytes_max, [&](char* text, std::size_t) {
    return static_cast<std::size_t>(write(text + size) - text);
  });
}

char* put(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put_number(std::uint64_t number, char* out) {
  return std::to_chars(out, out + 20, number).ptr;
}

// `before`, the id and a quote; nothing for 0, which is no id.
char* put_id(std::string_view before, std::uint64_t id, char* out) {
  if (id == 0) return out;
  out = put_number(id, put(before, out));
  *out = '"';
  return out + 1;
}

void append_number(std::uint64_t number, std::string& out) {
  append_with(out, 20, [number](char* to) { return put_number(number, to); });
}

void append_time(Time at, std::string& out) {
  append_with(out, 24, [at](char* to) { return write_time(at, to); });
}

// A JSON string. What is no ASCII stays as it is. [RFC 8259, 7]
void append_string(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

// A JSON array of strings that `text_of` makes of each element; nothing for an empty one.
template <class Values, class TextOf>
void append_array(std::string_view name, const Values& values, TextOf text_of, std::string& out) {
  if (values.empty()) return;
  out.append(",\"").append(name).append("\":[");
  bool first = true;
  for (const auto& value : values) {
    if (!first) out += ',';
    first = false;
    append_string(text_of(value), out);
  }
  out += ']';
}

// What every reason has. `item` is the text of the id of the item, `item_id`, which most reasons
// name again.
char* put_reason(const Reason& reason, std::uint64_t item_id, std::string_view item, char* to) {
  to = put(action_name(reason.action), put("{\"action\":\"", to));
  to = put(event_kind_name(reason.event), put("\",\"event\":\"", to));
  to = put(via_name(reason.via), put("\",\"via\":\"", to));
  *to++ = '"';
  if (reason.tweet == item_id) {
    to = put("\"", put(item, put(",\"tweet_id\":\"", to)));
  } else {
    to = put_id(",\"tweet_id\":\"", reason.tweet, to);
  }
  to = put_id(",\"user_id\":\"", reason.user, to);
  to = write_time(reason.at, put(",\"at\":\"", to));
  *to++ = '"';
  return to;
}

// What only some reasons have.
void append_details(const Reason& reason, std::string& out) {
  append_array("countries", reason.countries, country_name, out);
  append_with(out, 96, [&reason](char* to) {
    to = put_id(",\"up_to_tweet_id\":\"", reason.up_to_tweet, to);
    return put_id(",\"latest_tweet_id\":\"", reason.latest_tweet, to);
  });
  append_array("fields", reason.fields, [](std::string_view field) { return field; }, out);
  if (reason.grace_expired) out += ",\"grace_expired\":true";
  if (reason.why != Why::kNone) {
    out.append(",\"why\":\"").append(why_name(reason.why)).append("\"");
  }
}

bool has_details(const Reason& reason) {
  return !reason.countries.empty() || reason.up_to_tweet != 0 || reason.latest_tweet != 0 ||
         !reason.fields.empty() || reason.grace_expired || reason.why != Why::kNone;
}

// The platform's word for the strongest reason. It has none for several of our events, and an
// item that must go is `deleted` then.
std::string_view batch_reason(const Reason& reason) {
  switch (reason.event) {
    case EventKind::kUserDelete:
      return "deactivated";
    case EventKind::kUserProtect:
      return "protected";
    case EventKind::kUserSuspend:
      return "suspended";
    case EventKind::kScrubGeo:
    case EventKind::kTweetScrubGeo:
      return "scrub_geo";
    case EventKind::kTweetUnavailable:
      if (reason.why == Why::kNotFound || reason.why == Why::kRemoved) return "deleted";
      return reason.why == Why::kNone ? "deleted" : why_name(reason.why);
    default:
      return "deleted";
  }
}

bool in_batch(Action action) {
  return action == Action::kDelete || action == Action::kSuppress || action == Action::kStripGeo;
}

}  // namespace

void append_check_line(const Item& item, const Verdict& verdict, std::string& out) {
  std::array<char, 20> id_text{};
  const std::string_view id(id_text.data(), put_number(item.id, id_text.data()));
  append_with(out, 160, [&](char* to) {
    const bool like = item.type == ItemType::kLike;
    to = put(id, put(like ? "{\"tweet_id\":\"" : "{\"id\":\"", to));
    *to++ = '"';
    if (like) to = put_id(",\"user_id\":\"", item.user, to);
    to = put(action_name(verdict.action), put(",\"action\":\"", to));
    return put("\",\"reasons\":[", to);
  });
  bool first = true;
  for (const Reason& reason : verdict.reasons) {
    // Longest names and ids: under 300 bytes.
    append_with(out, 512, [&](char* to) {
      if (!first) *to++ = ',';
      return put_reason(reason, item.id, id, to);
    });
    first = false;
    if (has_details(reason)) append_details(reason, out);
    out += '}';
  }
  out += "]}";
}

void append_csv_cell(std::string_view text, std::string& out) {
  std::string guarded;
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos) {
    guarded.append("'").append(text);
    text = guarded;
  }
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    out.append(text);
    return;
  }
  const std::size_t begin = out.size();
  out.resize(begin + 2 * text.size() + 2);  // every byte doubled, and the quotes
  out.resize(begin + csv_write(out.data() + begin, out.size() - begin, text.data(), text.size()));
}

namespace {

void append_csv_line(const Item& item, const Verdict& verdict, std::string& out) {
  append_number(item.id, out);
  out += ',';
  if (item.type == ItemType::kLike) {
    append_number(item.user, out);
    out += ',';
  }
  append_csv_cell(action_name(verdict.action), out);
  out += ',';
  if (verdict.reasons.empty()) {
    out += ",,,0\n";
    return;
  }
  const Reason& strongest = verdict.reasons.front();
  append_csv_cell(event_kind_name(strongest.event), out);
  out += ',';
  append_csv_cell(via_name(strongest.via), out);
  out += ',';
  append_time(strongest.at, out);
  out += ',';
  append_number(verdict.reasons.size(), out);
  out += '\n';
}

void append_batch_line(const Item& item, const Verdict& verdict, std::string& out) {
  if (!in_batch(verdict.action) || verdict.reasons.empty()) return;
  const Reason& strongest = verdict.reasons.front();
  out += "{\"id\":\"";
  append_number(item.id, out);
  out += "\",\"action\":\"delete\"";
  const auto created_at =
      item.type == ItemType::kTweet ? snowflake_time(item.id) : std::optional<Time>();
  if (created_at) {
    out += ",\"created_at\":\"";
    append_time(*created_at, out);
    out += '"';
  }
  out += ",\"redacted_at\":\"";
  append_time(strongest.at, out);
  out.append("\",\"reason\":\"").append(batch_reason(strongest)).append("\"}\n");
}

}  // namespace

void VerdictFormat::append_header(std::string& out) const {
  if (format_ != OutputFormat::kCsv) return;
  out += type_ == ItemType::kLike ? "tweet_id,user_id," : "id,";
  out += "action,event,via,at,reasons\n";
}

void VerdictFormat::append(const Item& item, const Verdict& verdict, std::string& out) const {
  if (verdict.action == Action::kKeep && !all_) return;
  switch (format_) {
    case OutputFormat::kNdjson:
      append_check_line(item, verdict, out);
      out += '\n';
      return;
    case OutputFormat::kCsv:
      return append_csv_line(item, verdict, out);
    case OutputFormat::kBatch:
      return append_batch_line(item, verdict, out);
  }
}

VerdictWriter::VerdictWriter(files::Output& out, const VerdictFormat& format)
    : out_(out), format_(format) {
  buffer_.reserve(kBufferBytes + kBufferBytes / 4);
  format_.append_header(buffer_);
}

Result<void> VerdictWriter::write(const Item& item, const Verdict& verdict) {
  format_.append(item, verdict, buffer_);
  if (buffer_.size() < kBufferBytes) return {};
  return flush();
}

Result<void> VerdictWriter::flush() {
  auto written = out_.write(buffer_);
  buffer_.clear();
  return written;
}

}  // namespace recant::dataset
