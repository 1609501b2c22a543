// Verdicts as plain arrays.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "recant/c.h"
#include "recant/verdict.h"

/// Reused: it keeps its memory.
struct recant_reasons {
  void clear();
  void add(const recant::Verdict& verdict);
  [[nodiscard]] recant_reasons_table table() const;

 private:
  const char* field(const std::string& name);

  std::vector<std::uint64_t> offsets_{0};
  std::vector<recant_reason> reasons_;
  std::vector<std::uint16_t> countries_;
  std::vector<const char*> fields_;
  std::deque<std::string> names_;  // of fields, each once: there are few
  std::vector<std::uint8_t> without_author_;
};
