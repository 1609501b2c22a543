#include "engine/c/reason_table.h"

#include <algorithm>

void recant_reasons::clear() {
  offsets_.assign(1, 0);
  reasons_.clear();
  countries_.clear();
  fields_.clear();
  without_author_.clear();
}

const char* recant_reasons::field(const std::string& name) {
  const auto known = std::ranges::find(names_, name);
  return known != names_.end() ? known->c_str() : names_.emplace_back(name).c_str();
}

void recant_reasons::add(const recant::Verdict& verdict) {
  for (const recant::Reason& reason : verdict.reasons) {
    recant_reason& row = reasons_.emplace_back();
    row.tweet = reason.tweet;
    row.user = reason.user;
    row.at = reason.at;
    row.detail = reason.up_to_tweet != 0 ? reason.up_to_tweet : reason.latest_tweet;
    row.countries_begin = static_cast<std::uint32_t>(countries_.size());
    row.country_count = static_cast<std::uint32_t>(reason.countries.size());
    row.fields_begin = static_cast<std::uint32_t>(fields_.size());
    row.field_count = static_cast<std::uint32_t>(reason.fields.size());
    row.action = static_cast<std::uint8_t>(reason.action);
    row.event = static_cast<std::uint8_t>(reason.event);
    row.via = static_cast<std::uint8_t>(reason.via);
    row.why = static_cast<std::uint8_t>(reason.why);
    row.grace_expired = reason.grace_expired ? 1 : 0;
    countries_.insert(countries_.end(), reason.countries.begin(), reason.countries.end());
    for (const std::string& name : reason.fields) fields_.push_back(field(name));
  }
  offsets_.push_back(reasons_.size());
  without_author_.push_back(verdict.without_author ? 1 : 0);
}

recant_reasons_table recant_reasons::table() const {
  return {.size = sizeof(recant_reasons_table),
          .reserved = 0,
          .item_count = without_author_.size(),
          .offsets = offsets_.data(),
          .count = reasons_.size(),
          .reasons = reasons_.data(),
          .countries = countries_.data(),
          .fields = fields_.data(),
          .without_author = without_author_.data()};
}
