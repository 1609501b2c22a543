#include "engine/dataset/scrub_edit.h"

#include <algorithm>
#include <utility>

namespace recant::dataset {
namespace {

constexpr std::size_t kNoItem = SIZE_MAX;

}  // namespace

bool LineEditor::edit(std::string_view value, const JudgedLine& line, Destination destination,
                      RemovedParts& removed, std::string& out) {
  value_ = value;
  line_ = &line;
  destination_ = destination;
  cuts_.clear();
  find_elements_left();
  const Outline& outline = line.outline;
  bool anything = false;
  for (std::size_t i = 0; i < outline.elements.size(); ++i) {
    const Element& element = outline.elements[i];
    const bool stays = element.items == 0 ? destination == Destination::kOutput : left_[i] > 0;
    anything |= stays;
    if (!stays) cut(element.member, RemovedPart::kNone);
  }
  // An array that is empty now is still JSON, and says that there was one.
  const bool array_stays = outline.array && destination == Destination::kOutput;
  if (!anything && !array_stays) return false;
  cut_items();
  cut_geo();
  cut_copies();
  for (std::uint32_t i = 0; i < outline.elements.size(); ++i) {
    if (stays(i)) edit_page(i);
  }
  cut_json(value, cuts_, out);
  for (const Cut& done : cuts_) {
    if (done.counter != 0) ++removed[done.counter];
  }
  return true;
}

bool LineEditor::stays(std::size_t element) const {
  if (line_->outline.elements[element].items > 0) return left_[element] > 0;
  return destination_ == Destination::kOutput;  // nothing in it was judged
}

void LineEditor::cut_place(std::size_t place, RemovedPart part) {
  cut_[place] = true;
  cut(line_->outline.places[place].member, part);
}

void LineEditor::find_elements_left() {
  const Outline& outline = line_->outline;
  left_.assign(outline.elements.size(), 0);
  item_of_place_.assign(outline.places.size(), kNoItem);
  geo_cut_.assign(outline.places.size(), false);
  cut_.assign(outline.places.size(), false);
  std::size_t item = 0;
  for (std::size_t i = 0; i < outline.places.size(); ++i) {
    const Place& place = outline.places[i];
    if (place.role != Role::kItem) continue;
    if (goes_to(line_->verdicts[item].action, destination_)) ++left_[place.element];
    item_of_place_[i] = item++;
  }
}

void LineEditor::cut_items() {
  const Outline& outline = line_->outline;
  for (std::size_t i = 0; i < outline.places.size(); ++i) {
    const Place& place = outline.places[i];
    if (place.role != Role::kItem || !outline.elements[place.element].page) continue;
    // Where none is left the page as a whole is cut.
    if (left_[place.element] == 0) continue;
    if (!goes_to(line_->verdicts[item_of_place_[i]].action, destination_)) {
      cut_place(i, RemovedPart::kNone);
    }
  }
}

// A retweet may repeat the geo of its original.
bool LineEditor::geo_due(const Place& place, bool null) const {
  const Due due = line_->due.of(place.element, place.id);
  return due.geo || (due.original_geo && !null);
}

void LineEditor::cut_geo() {
  const Outline& outline = line_->outline;
  for (const Part& part : outline.parts) {
    if (part.kind != Part::Kind::kGeo) continue;
    const Place& place = outline.places[part.place];
    if (place.role == Role::kNone) continue;
    if (!geo_due(place, part.null)) continue;
    geo_cut_[part.place] = true;
    cut(part.member, RemovedPart::kGeo);
  }
}

// What is held keeps the copies in it: they are judged when it comes back.
void LineEditor::cut_copies() {
  if (destination_ == Destination::kHeld) return;
  const Outline& outline = line_->outline;
  for (std::size_t i = 0; i < outline.places.size(); ++i) {
    const Place& place = outline.places[i];
    if (place.role <= Role::kItem || place.role == Role::kIncluded) continue;
    if (!line_->due.of(outline, place).gone) continue;
    cut_[i] = true;
    if (place.role != Role::kReference) cut(place.member, RemovedPart::kCopy);
  }
  std::uint32_t counted = Place::kNoParent;  // a copy is one, however many members it has
  for (const Part& part : outline.parts) {
    if (part.kind != Part::Kind::kBody || !cut_[part.place]) continue;
    cut(part.member, part.place == counted ? RemovedPart::kNone : RemovedPart::kCopy);
    counted = part.place;
  }
}

void LineEditor::edit_page(std::uint32_t index) {
  const Outline& outline = line_->outline;
  const Element& element = outline.elements[index];
  bool included = element.include_begin < element.include_end;
  for (std::uint32_t i = element.place_begin; i < element.place_end; ++i) {
    included |= outline.places[i].role == Role::kIncluded;
  }
  if (!included) return;
  References needed;  // by the items that go to this destination
  for (std::uint32_t i = element.place_begin; i < element.place_end; ++i) {
    const Place& place = outline.places[i];
    if (place.role == Role::kItem && !cut_[i]) pages_.add_tweet(bytes(place.object), needed);
  }
  cut_included_tweets(element, std::move(needed));
  References gone;
  References kept;
  find_references(element, gone, kept);
  cut_includes(element, gone, kept);
}

void LineEditor::find_references(const Element& element, References& gone, References& kept) {
  for (std::uint32_t i = element.place_begin; i < element.place_end; ++i) {
    const Place& place = line_->outline.places[i];
    if (place.role != Role::kItem && place.role != Role::kIncluded) continue;
    if (cut_[i]) {
      pages_.add_tweet(bytes(place.object), gone);
    } else if (geo_cut_[i]) {
      References all;
      References geo;
      pages_.add_tweet(bytes(place.object), all);
      pages_.add_geo(bytes(place.object), geo);
      for (const std::string& name : all) (geo.contains(name) ? gone : kept).insert(name);
    } else {
      pages_.add_tweet(bytes(place.object), kept);
    }
  }
}

// A held page keeps what its items show, whether that may be shown today or not, as a held line
// keeps its quotes. Deleted tweets go all the same: in a page they are tweets of their own.
void LineEditor::cut_included_tweets(const Element& element, References wanted) {
  const Outline& outline = line_->outline;
  const bool held = destination_ == Destination::kHeld;
  std::vector<bool> stays(outline.places.size(), false);
  // What is needed may need more: the quoted tweet of an original.
  for (bool more = true; more;) {
    more = false;
    for (std::uint32_t i = element.place_begin; i < element.place_end; ++i) {
      const Place& place = outline.places[i];
      if (place.role != Role::kIncluded || stays[i]) continue;
      const Due due = line_->due.of(place.element, place.id);
      stays[i] =
          held ? !due.deleted && wanted.contains(PageReferences::tweet_name(place.id)) : !due.gone;
      if (!stays[i] || !held) continue;
      more = true;
      pages_.add_tweet(bytes(place.object), wanted);
    }
  }
  for (std::uint32_t i = element.place_begin; i < element.place_end; ++i) {
    if (outline.places[i].role != Role::kIncluded || stays[i]) continue;
    cut_place(i, held ? RemovedPart::kNone : RemovedPart::kIncludedTweet);
  }
}

void LineEditor::cut_includes(const Element& element, const References& gone,
                              const References& kept) {
  const bool held = destination_ == Destination::kHeld;
  for (std::uint32_t i = element.include_begin; i < element.include_end; ++i) {
    const Include& include = line_->outline.includes[i];
    const References names = pages_.names_of(bytes(include.member), include.kind);
    const auto named_in = [&names](const References& references) {
      return std::ranges::any_of(
          names, [&](const std::string& name) { return references.contains(name); });
    };
    if (named_in(kept) || (!held && !named_in(gone))) continue;
    cut(include.member, held ? RemovedPart::kNone : RemovedPart::kIncluded);
  }
}

}  // namespace recant::dataset
