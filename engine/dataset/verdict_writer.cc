#include "engine/dataset/verdict_writer.h"

#include <csv.h>

#include <array>

#include "engine/dataset/reason_text.h"
#include "engine/dataset/text_pieces.h"
#include "recant/time.h"

namespace recant::dataset {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

void append_number(std::uint64_t number, std::string& out) {
  append_with(out, 20, [number](char* to) { return put_number(number, to); });
}

void append_time(Time at, std::string& out) {
  append_with(out, 24, [at](char* to) { return write_time(at, to); });
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

void append_check_line(const Item& item, const verdict::Ruling& ruling, std::string& out) {
  std::array<char, 20> id_text{};
  const std::string_view id(id_text.data(), put_number(item.id, id_text.data()));
  append_with(out, 160, [&](char* to) {
    const bool like = item.type == ItemType::kLike;
    to = put(id, put(like ? "{\"tweet_id\":\"" : "{\"id\":\"", to));
    *to++ = '"';
    if (like) to = put_id(",\"user_id\":\"", item.user, to);
    to = put(action_name(ruling.action), put(",\"action\":\"", to));
    return put("\",\"reasons\":[", to);
  });
  for (const Reason* reason : ruling.reasons) {
    if (reason != ruling.reasons.front()) out += ',';
    append_reason(*reason, item.id, id, out);
  }
  out += "]}";
}

void append_check_line(const Item& item, const Verdict& verdict, std::string& out) {
  std::vector<const Reason*> reasons;
  append_check_line(item, verdict::ruling_of(verdict, reasons), out);
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

void append_csv_line(const Item& item, const verdict::Ruling& ruling, std::string& out) {
  append_number(item.id, out);
  out += ',';
  if (item.type == ItemType::kLike) {
    append_number(item.user, out);
    out += ',';
  }
  append_csv_cell(action_name(ruling.action), out);
  out += ',';
  if (ruling.reasons.empty()) {
    out += ",,,0\n";
    return;
  }
  const Reason& strongest = *ruling.reasons.front();
  append_csv_cell(event_kind_name(strongest.event), out);
  out += ',';
  append_csv_cell(via_name(strongest.via), out);
  out += ',';
  append_time(strongest.at, out);
  out += ',';
  append_number(ruling.reasons.size(), out);
  out += '\n';
}

void append_batch_line(const Item& item, const verdict::Ruling& ruling, std::string& out) {
  if (!in_batch(ruling.action) || ruling.reasons.empty()) return;
  const Reason& strongest = *ruling.reasons.front();
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

void VerdictFormat::append(const Item& item, const verdict::Ruling& ruling,
                           std::string& out) const {
  if (ruling.action == Action::kKeep && !all_) return;
  switch (format_) {
    case OutputFormat::kNdjson:
      append_check_line(item, ruling, out);
      out += '\n';
      return;
    case OutputFormat::kCsv:
      return append_csv_line(item, ruling, out);
    case OutputFormat::kBatch:
      return append_batch_line(item, ruling, out);
  }
}

VerdictWriter::VerdictWriter(files::Output& out, const VerdictFormat& format)
    : out_(out), format_(format) {
  buffer_.reserve(kBufferBytes + kBufferBytes / 4);
  format_.append_header(buffer_);
}

Result<void> VerdictWriter::write(const Item& item, const Verdict& verdict) {
  format_.append(item, verdict::ruling_of(verdict, reasons_), buffer_);
  if (buffer_.size() < kBufferBytes) return {};
  return flush();
}

Result<void> VerdictWriter::flush() {
  auto written = out_.write(buffer_);
  buffer_.clear();
  return written;
}

}  // namespace recant::dataset
