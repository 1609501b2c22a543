#include "engine/dataset/reason_text.h"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "engine/dataset/text_pieces.h"
#include "recant/time.h"

namespace recant::dataset {
namespace {

// How a reason begins: its action, event and via. There are few, so each is made once.
struct Beginning {
  static constexpr std::size_t kBytesMax = 95;
  std::array<char, kBytesMax> text{};
  std::uint8_t size = 0;
};

class Beginnings {
 public:
  Beginnings() : all_(kActionCount * kKinds * kVias) {
    for (std::size_t action = 0; action < kActionCount; ++action) {
      for (std::size_t kind = 1; kind < kKinds; ++kind) {
        for (std::size_t via = 0; via < kVias; ++via) {
          write(static_cast<Action>(action), static_cast<EventKind>(kind), static_cast<Via>(via));
        }
      }
    }
  }
  // Copies more than it is long, which takes no loop.
  char* put(const Reason& reason, char* to) const {
    const Beginning& beginning = all_[place(reason.action, reason.event, reason.via)];
    std::memcpy(to, beginning.text.data(), beginning.text.size());
    return to + beginning.size;
  }

 private:
  static constexpr std::size_t kKinds = kEventKindCount + 1;
  static constexpr std::size_t kVias = static_cast<std::size_t>(Via::kQuotedAuthor) + 1;

  static std::size_t place(Action action, EventKind kind, Via via) {
    return (static_cast<std::size_t>(action) * kKinds + static_cast<std::size_t>(kind)) * kVias +
           static_cast<std::size_t>(via);
  }
  void write(Action action, EventKind kind, Via via) {
    std::string text = "{\"action\":\"";
    text.append(action_name(action)).append("\",\"event\":\"").append(event_kind_name(kind));
    text.append("\",\"via\":\"").append(via_name(via)).append("\"");
    Beginning& out = all_[place(action, kind, via)];
    out.size = static_cast<std::uint8_t>(text.copy(out.text.data(), out.text.size()));
  }

  std::vector<Beginning> all_;
};

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

}  // namespace

void append_reason(const Reason& reason, std::uint64_t item_id, std::string_view item_text,
                   std::string& out) {
  static const Beginnings kBeginnings;
  const bool details = has_details(reason);
  // Longest names and ids: under 300 bytes.
  append_with(out, 512, [&](char* to) {
    to = kBeginnings.put(reason, to);
    if (reason.tweet == item_id) {
      to = put("\"", put(item_text, put(",\"tweet_id\":\"", to)));
    } else {
      to = put_id(",\"tweet_id\":\"", reason.tweet, to);
    }
    to = put_id(",\"user_id\":\"", reason.user, to);
    to = write_time(reason.at, put(",\"at\":\"", to));
    *to++ = '"';
    if (!details) *to++ = '}';
    return to;
  });
  if (!details) return;
  append_details(reason, out);
  out += '}';
}

}  // namespace recant::dataset
