#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/decode/decode.h"
#include "recant/time.h"

namespace recant::decode {
namespace {

// Members in the order they are put. Only `raw` can hold a character that JSON escapes: names have
// the charset of why_malformed(), the rest are digits and letters.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) { out_ += '{'; }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() = default;

  void name(std::string_view key, std::string_view value) {
    begin(key);
    out_ += '"';
    out_ += value;
    out_ += '"';
  }
  void name_if(std::string_view key, std::string_view value) {
    if (!value.empty()) name(key, value);
  }
  void number(std::string_view key, std::uint64_t value) {
    begin(key);
    append_number(value);
  }
  void number_if(std::string_view key, std::uint64_t value) {
    if (value != 0) number(key, value);
  }
  void time(std::string_view key, Time at) {
    char text[24];
    write_time(at, text);
    name(key, {text, sizeof text});
  }
  void countries_if(std::string_view key, const std::vector<Country>& codes) {
    if (codes.empty()) return;
    begin(key);
    char before = '[';
    for (const Country code : codes) {
      out_ += before;
      out_ += '"';
      out_ += static_cast<char>(code >> 8);
      out_ += static_cast<char>(code & 0xff);
      out_ += '"';
      before = ',';
    }
    out_ += ']';
  }
  void ids_if(std::string_view key, const std::vector<TweetId>& ids) {
    if (ids.empty()) return;
    begin(key);
    char before = '[';
    for (const TweetId id : ids) {
      out_ += before;
      append_number(id);
      before = ',';
    }
    out_ += ']';
  }
  void escaped_if(std::string_view key, const std::string& text) {
    if (text.empty()) return;
    begin(key);
    // Bytes that are not UTF-8 cannot come from the decoder; from a damaged caller they must not
    // throw.
    constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
    out_ += nlohmann::json(text).dump(-1, ' ', false, kReplace);
  }
  void end() { out_ += '}'; }

 private:
  void begin(std::string_view key) {
    if (out_.back() != '{') out_ += ',';
    out_ += '"';
    out_ += key;
    out_ += "\":";
  }
  void append_number(std::uint64_t value) {
    char digits[20];
    const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_ += '"';
    out_.append(digits, static_cast<std::size_t>(end - digits));
    out_ += '"';
  }

  std::string& out_;
};

void write_payload(const Payload& payload, Writer& writer) {
  writer.countries_if("countries", payload.countries);
  writer.number_if("initial_tweet_id", payload.initial_tweet);
  writer.ids_if("edit_tweet_ids", payload.edit_tweets);
  writer.number_if("up_to_tweet_id", payload.up_to_tweet);
  writer.name_if("field", payload.field);
}

// What may be 0 and still be there belongs to a kind, not to a value.
void write_rare_payload(const Event& event, Writer& writer) {
  const Payload& payload = event.payload.get();
  writer.number_if("retweeted_id", payload.retweeted);
  writer.number_if("retweeted_author_id", payload.retweeted_author);
  writer.number_if("quoted_id", payload.quoted);
  writer.number_if("quoted_author_id", payload.quoted_author);
  if (event.kind == EventKind::kCoverage) {
    writer.name("partition", payload.partition);
    writer.time("from", payload.from);
    writer.time("to", payload.to);
  }
  if (event.kind == EventKind::kLoss) {
    writer.number("first", payload.first);
    writer.number("last", payload.last);
    writer.number("bytes", payload.bytes);
  }
  writer.escaped_if("raw", payload.raw);
}

}  // namespace

void append_canonical_line(const Event& event, SequenceNumber sequence, bool receipt,
                           std::string& out) {
  Writer writer(out);
  writer.number_if("seq", sequence);
  writer.name("event", event_kind_name(event.kind));
  writer.time("at", event.at);
  writer.number_if("tweet_id", event.tweet);
  writer.number_if("author_id", event.author);
  writer.number_if("user_id", event.user);
  writer.number_if("quote_tweet_id", event.quote_tweet);
  if (event.payload.present()) write_payload(event.payload.get(), writer);
  writer.name_if("why", why_name(event.why));
  if (event.payload.present()) write_rare_payload(event, writer);
  if (receipt) {
    if (event.received_at != 0) writer.time("received_at", event.received_at);
    writer.name_if("source", event.source);
  }
  writer.end();
}

}  // namespace recant::decode
