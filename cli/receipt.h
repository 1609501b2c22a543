// A receipt of scrub: which bytes became which, by what knowledge.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/dataset/scrub.h"
#include "engine/files/input.h"
#include "engine/files/output.h"
#include "engine/files/sha256.h"
#include "recant/recant.h"

namespace recant::cli {

class Receipt {
 public:
  /// Watches a file from its first byte on.
  void watch(files::Input& input);
  void watch(const std::string& role, const std::string& name, files::Output& output);

  /// One line of JSON with its newline. Every watched file has been read or finished.
  [[nodiscard]] std::string json(const dataset::ScrubOptions& options,
                                 const dataset::ScrubSummary& summary, const std::string& digest,
                                 SequenceNumber last_sequence, Time begin, Time end);

 private:
  struct File {
    std::string role;
    std::string name;
    std::shared_ptr<files::Sha256> hash;
  };
  std::vector<File> inputs_;
  std::vector<File> outputs_;
};

/// What scrub took out, by name.
[[nodiscard]] std::string_view removed_name(dataset::RemovedPart part);

}  // namespace recant::cli
