#include "engine/dataset/scrub_worker.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "engine/dataset/lone_tweet.h"

namespace recant::dataset {
namespace {

bool strips_geo(const Verdict& verdict) {
  return std::ranges::any_of(
      verdict.reasons, [](const Reason& reason) { return reason.action == Action::kStripGeo; });
}

bool begins_json(std::string_view value) {
  return value.starts_with('{') || value.starts_with('[');
}

// Nothing is due for the item, nor for a part of it.
bool stays_whole(const Verdict& verdict) {
  return goes_to(verdict.action, Destination::kOutput) &&
         std::ranges::all_of(verdict.reasons, [](const Reason& reason) {
           return reason.action > Action::kSuppress && reason.action != Action::kStripGeo;
         });
}

Result<void> judge_all(BatchJudge& judge, std::span<const Item> items,
                       std::vector<Verdict>& verdicts) {
  if (verdicts.size() < items.size()) verdicts.resize(items.size());
  return judge.judge(items, std::span(verdicts).first(items.size()));
}

std::span<const Verdict> verdicts_of(const BatchRecord& record, const ScrubBatch& batch) {
  return record.items.of(std::span(batch.verdicts));
}

}  // namespace

Result<void> ScrubWorker::work(ScrubBatch& batch, BatchTally& counts) {
  if (batch.unparsed) parse(batch);
  RECANT_TRY(judge_all(judge_, batch.items(), batch.verdicts));
  if (batch.format == Format::kJson) {
    find_tweets(batch);
    RECANT_TRY(judge_all(judge_, batch.embedded, batch.embedded_verdicts));
  }
  counts.clear();
  for (BatchRecord& record : batch.records) {
    if (batch.format == Format::kJson) edit(record, batch);
    if (record.record_class != RecordClass::kItems) continue;
    for (std::size_t i = record.items.begin; i < record.items.end; ++i) {
      const Verdict& verdict = batch.verdicts[i];
      counts.add(batch.items()[i], verdict.action, verdict.without_author, work_.latest);
    }
  }
  return {};
}

void ScrubWorker::parse(ScrubBatch& batch) {
  if (!parser_ || file_ != batch.file) parser_.emplace(batch.unparsed->for_later_lines());
  file_ = batch.file;
  batch.text = batch.lines.text();
  parser_->expect(batch.text);
  const auto offset = [&batch](std::string_view part) {
    return static_cast<std::size_t>(part.data() - batch.text.data());
  };
  files::Line line;
  while (batch.lines.next(line)) {
    (void)parser_->take(line, record_);  // each is a record of its own
    const std::size_t begin = offset(line.text);
    const std::size_t newline = line.newline && !line.too_long ? 1 : 0;
    batch.take(record_, {.begin = begin, .end = begin + line.text.size() + newline},
               line.byte_order_mark);
    if (record_.value.empty()) continue;
    const std::size_t value = offset(record_.value);
    BatchRecord& record = batch.records.back();
    record.value = {.begin = value, .end = value + record_.value.size()};
    record.lone_tweet = record.items.size() == 1 && is_lone_tweet(record_.value);
  }
}

bool ScrubWorker::is_lone_tweet(std::string_view value) const {
  if (work_.type != ItemType::kTweet || !value.starts_with('{')) return false;
  return shows_one_tweet(parser_->json().get_object().value_unsafe());
}

// Finds out what else stands in the lines of which anything may stay.
void ScrubWorker::find_tweets(ScrubBatch& batch) {
  const std::size_t rejected = batch.rejected.size();
  for (BatchRecord& record : batch.records) {
    if (record.record_class == RecordClass::kRejected) continue;
    if (!begins_json(record.value.of(batch.text))) continue;
    if (goes_nowhere(record, batch)) {
      record.fate = Fate::kLeftOut;
    } else if (!record.lone_tweet || !stays_whole(verdicts_of(record, batch).front())) {
      outline(record, batch);
    }
  }
  if (batch.rejected.size() == rejected) return;
  std::ranges::stable_sort(batch.rejected, {}, &RejectedRecord::line);
}

// An object all of whose items are deleted, or held where nothing is. (Of an array brackets stay.)
bool ScrubWorker::goes_nowhere(const BatchRecord& record, const ScrubBatch& batch) const {
  if (record.items.empty() || record.value.of(batch.text).starts_with('[')) return false;
  return std::ranges::all_of(verdicts_of(record, batch), [this](const Verdict& verdict) {
    return !goes_to(verdict.action, Destination::kOutput) &&
           !(work_.wants_held && goes_to(verdict.action, Destination::kHeld));
  });
}

void ScrubWorker::outline(BatchRecord& record, ScrubBatch& batch) {
  if (batch.outline_count == batch.outlines.size()) batch.outlines.emplace_back();
  Outline& found = batch.outlines[batch.outline_count];
  const std::string_view value = record.value.of(batch.text);
  const std::array<std::uint32_t, 1> one = {static_cast<std::uint32_t>(record.items.size())};
  std::span<const std::uint32_t> items = one;
  if (value.starts_with('[')) items = record.element_items.of(std::span(batch.element_items));
  if (!outliner_.read(value, work_.type, items, found)) {
    if (record.record_class == RecordClass::kSkipped) --batch.skipped;
    record.record_class = RecordClass::kRejected;
    batch.rejected.push_back(
        {record.line, "its tweets are not found a second time: this is a bug of recant"});
    return;
  }
  record.outline = batch.outline_count++;
  record.embedded.begin = batch.embedded.size();
  add_embedded_items(found, batch.embedded);
  record.embedded.end = batch.embedded.size();
}

void ScrubWorker::edit(BatchRecord& record, ScrubBatch& batch) {
  if (record.record_class == RecordClass::kRejected || record.value.empty()) return;
  if (record.outline) return edit_outlined(record, batch);
  if (!begins_json(record.value.of(batch.text))) edit_id(record, batch);
}

void ScrubWorker::edit_id(BatchRecord& record, ScrubBatch& batch) const {
  const Action action = verdicts_of(record, batch).front().action;
  if (goes_to(action, Destination::kOutput)) return;
  record.fate = Fate::kLeftOut;
  if (!work_.wants_held || !goes_to(action, Destination::kHeld)) return;
  record.held.begin = batch.edited.size();
  batch.edited.append(record.value.of(batch.text));
  record.held.end = batch.edited.size();
}

void ScrubWorker::edit_outlined(BatchRecord& record, ScrubBatch& batch) {
  const Outline& outline = batch.outlines[*record.outline];
  const std::span<const Verdict> verdicts = verdicts_of(record, batch);
  due_.read(outline, record.items.of(batch.items()), verdicts,
            record.embedded.of(std::span<const Verdict>(batch.embedded_verdicts)));
  const bool as_it_is = !due_.any() && std::ranges::all_of(verdicts, [](const Verdict& verdict) {
    return goes_to(verdict.action, Destination::kOutput) && !strips_geo(verdict);
  });
  if (as_it_is) return;
  const std::string_view value = record.value.of(batch.text);
  const JudgedLine line{.outline = outline, .verdicts = verdicts, .due = due_};
  record.edited = edit_for(Destination::kOutput, value, line, batch);
  record.fate = record.edited.empty() ? Fate::kLeftOut : Fate::kEdited;
  const bool holds = std::ranges::any_of(
      verdicts, [](const Verdict& verdict) { return goes_to(verdict.action, Destination::kHeld); });
  if (holds && work_.wants_held) {
    record.held = edit_for(Destination::kHeld, value, line, batch);
  }
}

// Where in the batch's edited text that of `value` is; empty where nothing of it goes there.
BatchRange ScrubWorker::edit_for(Destination destination, std::string_view value,
                                 const JudgedLine& line, ScrubBatch& batch) {
  BatchRange range{.begin = batch.edited.size(), .end = batch.edited.size()};
  if (editor_.edit(value, line, destination, batch.removed, batch.edited)) {
    range.end = batch.edited.size();
  }
  return range;
}

}  // namespace recant::dataset
