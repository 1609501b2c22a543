// Names, numbers and times of the C interface.
#include "recant/c.h"
#include "recant/recant.h"

namespace {

// The names are literals, and end with NUL.
const char* text_of(std::string_view name) { return name.empty() ? nullptr : name.data(); }

}  // namespace

const char* recant_version(void) { return RECANT_VERSION; }
uint32_t recant_c_version(void) { return RECANT_C_VERSION; }

const char* recant_action_name(uint8_t action) {
  if (action >= recant::kActionCount) return nullptr;
  return text_of(recant::action_name(static_cast<recant::Action>(action)));
}

const char* recant_event_name(uint8_t kind) {
  if (kind == 0 || kind > recant::kEventKindCount) return nullptr;
  return text_of(recant::event_kind_name(static_cast<recant::EventKind>(kind)));
}

const char* recant_via_name(uint8_t via) {
  if (via > static_cast<uint8_t>(recant::Via::kQuotedAuthor)) return nullptr;
  return text_of(recant::via_name(static_cast<recant::Via>(via)));
}

const char* recant_why_name(uint8_t why) {
  if (why > static_cast<uint8_t>(recant::Why::kSuspended)) return nullptr;
  return text_of(recant::why_name(static_cast<recant::Why>(why)));
}

uint8_t recant_event_kind(const char* name) {
  const auto kind = recant::event_kind_from_name(name == nullptr ? "" : name);
  return kind ? static_cast<uint8_t>(*kind) : uint8_t{0};
}

int64_t recant_now(void) { return recant::now(); }

int64_t recant_parse_time(const char* text) {
  return recant::parse_time(text == nullptr ? "" : text).value_or(-1);
}
