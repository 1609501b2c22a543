// The order in which a line is told: known KINDs first, so that nothing beside one can hide it.
#include "engine/decode/activity.h"
#include "engine/decode/batch.h"
#include "engine/decode/canonical.h"
#include "engine/decode/classify.h"
#include "engine/decode/context.h"
#include "engine/decode/decode.h"
#include "engine/decode/envelope.h"
#include "engine/decode/fast_line.h"
#include "engine/decode/fields.h"
#include "engine/decode/unknown.h"
#include "engine/decode/webhook.h"
#include "engine/json/json_line.h"

namespace recant::decode {
namespace {

enum Slot : std::size_t { kData, kEvent, kTweetDeleteEvents, kSlots };
constexpr std::array<std::string_view, kSlots> kNames = {"data", "event", "tweet_delete_events"};

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// `data` where it is an object; of anything else classify() makes the best.
std::optional<simdjson::dom::object> data_object(const Member& data) {
  simdjson::dom::object object;
  if (!data || data.value.get(object)) return {};
  return object;
}

bool is_text(const Member& member) { return member && member.value.is_string(); }

Decoded<LineClass> decode_by_shape(const Context& context, simdjson::dom::object root) {
  RECANT_ASSIGN(const Classified line, classify(root));
  switch (line.shape) {
    case Shape::kNotice:
      return LineClass::kNotice;
    case Shape::kDataset:
      return reject("this is a dataset: use check or track");
    case Shape::kNothing:
      return reject("no event in it");
    case Shape::kBatchResult:
      RECANT_TRY(decode_batch_result(context, root));
      break;
    case Shape::kActivityDelete:
      RECANT_TRY(decode_activity_delete(context, root));
      break;
    case Shape::kUnknown:
      RECANT_TRY(append_unknown(context, line.body));
      break;
  }
  return LineClass::kEvents;
}

}  // namespace

class EventDecoder::Impl {
 public:
  explicit Impl(DecodeOptions options) : options_(options) {}

  LineResult decode(std::string_view line, std::vector<Event>& out) {
    if (fast_.decode(options_, line, out)) return {LineClass::kEvents, {}};
    return decode_generally(line, out);
  }

  // All events of the line, or none of them.
  LineResult decode_generally(std::string_view line, std::vector<Event>& out) {
    if (is_blank(line)) return {LineClass::kBlank, {}};
    const std::size_t before = out.size();
    auto decoded = decode_line({options_, line, false, out});
    for (std::size_t i = before; decoded && i < out.size(); ++i) {
      if (auto why = why_malformed(out[i])) decoded = reject(*std::move(why));
    }
    if (decoded) return {*decoded, {}};
    out.resize(before);
    return {LineClass::kRejected, std::move(decoded).error()};
  }

 private:
  Decoded<LineClass> decode_line(const Context& context) {
    RECANT_ASSIGN(const simdjson::dom::element value, json_.parse(context.line));
    simdjson::dom::object root;
    if (value.get(root)) return reject("not an object");
    const FieldsOf<kSlots> fields(kNames, root);

    RECANT_ASSIGN(auto kind, find_kind(root));
    RECANT_ASSIGN(const Member data, fields.find({kData}));
    if (const auto object = data_object(data)) {
      RECANT_ASSIGN(const auto data_kind, find_kind(*object));
      if (kind && data_kind) return reject("two kinds in one envelope");
      if (data_kind) kind = data_kind;
    }
    RECANT_ASSIGN(const Member deletes, fields.find({kTweetDeleteEvents}));
    if (kind && deletes) return reject("two kinds in one envelope");
    if (kind) {
      RECANT_TRY(decode_kind(context, *kind));
      return LineClass::kEvents;
    }
    if (deletes) {
      RECANT_TRY(decode_webhook(context, deletes.value));
      return LineClass::kEvents;
    }
    RECANT_ASSIGN(const Member event, fields.find({kEvent}));
    if (is_text(event)) return decode_canonical_line(context, root);
    return decode_by_shape(context, root);
  }

  Decoded<LineClass> decode_canonical_line(const Context& context, simdjson::dom::object root) {
    if (context.inside_unknown) return reject("raw is itself a canonical line");
    RECANT_ASSIGN(const auto unknown, decode_canonical(context, root));
    if (unknown) RECANT_TRY(decode_unknown_again(context, *unknown));
    return LineClass::kEvents;
  }

  // A newer version may know the kind; if not, the line is blanked again, because this one may have
  // been written by anyone.
  Decoded<void> decode_unknown_again(const Context& context, const UnknownLine& unknown) {
    const std::size_t before = context.out.size();
    std::string padded = unknown.raw;
    padded.append(kLinePadding, ' ');
    const std::string_view raw = std::string_view(padded).substr(0, unknown.raw.size());
    if (is_blank(raw)) return reject("raw is blank");
    RECANT_ASSIGN(const LineClass line_class,
                  decode_line({context.options, raw, true, context.out}));
    if (line_class != LineClass::kEvents) return reject("raw is no event");
    for (std::size_t i = before; i < context.out.size(); ++i) {
      context.out[i].received_at = unknown.received_at;
      context.out[i].source = unknown.source;
    }
    return {};
  }

  DecodeOptions options_;
  FastLine fast_;
  json::JsonLine json_;
};

EventDecoder::EventDecoder(DecodeOptions options) : impl_(std::make_unique<Impl>(options)) {}
EventDecoder::EventDecoder(EventDecoder&&) noexcept = default;
EventDecoder& EventDecoder::operator=(EventDecoder&&) noexcept = default;
EventDecoder::~EventDecoder() = default;

LineResult EventDecoder::decode(std::string_view line, std::vector<Event>& out) {
  return impl_->decode(line, out);
}

LineResult EventDecoder::decode_generally(std::string_view line, std::vector<Event>& out) {
  return impl_->decode_generally(line, out);
}

}  // namespace recant::decode
