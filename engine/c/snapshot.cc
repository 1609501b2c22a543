// Snapshots of the C interface: batches judged over plain arrays, and lookups.
#include <algorithm>
#include <memory>
#include <vector>

#include "engine/c/call.h"
#include "engine/c/reason_table.h"
#include "engine/dataset/describe.h"

namespace {

using namespace recant;

// As many as the index likes to look up together, and as stay in a second-level cache.
constexpr std::size_t kBatchItems = 4096;

class Columns {
 public:
  explicit Columns(const recant_items& items) : items_(items) {}

  // Assigned member by member: what an item keeps its memory for is not touched.
  void copy(std::size_t from, std::span<Item> out) const {
    const auto column = [&](const uint64_t* values, std::uint64_t Item::* member) {
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].*member = values == nullptr ? 0 : values[from + i];
      }
    };
    for (Item& item : out) item.type = static_cast<ItemType>(items_.type);
    column(items_.ids, &Item::id);
    if (items_.type == RECANT_LIKES) column(items_.users, &Item::user);
    if (items_.type != RECANT_TWEETS) return;
    column(items_.authors, &Item::author);
    column(items_.retweeted, &Item::retweeted);
    column(items_.retweeted_authors, &Item::retweeted_author);
    column(items_.quoted, &Item::quoted);
    column(items_.quoted_authors, &Item::quoted_author);
  }

 private:
  const recant_items& items_;
};

Result<void> require_items(const recant_items& items) {
  if (items.type > RECANT_LIKES) return c::invalid("recant_items: its type is none");
  if (items.count == 0) return {};
  if (items.ids == nullptr) return c::invalid("recant_items: ids is NULL");
  if (items.type == RECANT_LIKES && items.users == nullptr) {
    return c::invalid("recant_items: users is NULL, and a like is of a user");
  }
  return {};
}

// By their places in the caller's columns, before anything is written.
Result<void> require_ids(const char* name, const uint64_t* ids, std::uint64_t count) {
  const auto* const none = std::find(ids, ids + count, 0);
  if (none == ids + count) return {};
  return c::invalid(std::string("recant_items: ") + name + "[" + std::to_string(none - ids) +
                    "] is 0, which is no id");
}

Result<void> check(const Snapshot& snapshot, const recant_items& items, Time as_of,
                   const Policy& policy, uint8_t* actions, recant_reasons* reasons) {
  RECANT_TRY(require_ids("ids", items.ids, items.count));
  if (items.type == RECANT_LIKES) RECANT_TRY(require_ids("users", items.users, items.count));
  const Columns columns(items);
  const std::size_t batch = std::min<std::size_t>(items.count, kBatchItems);
  std::vector<Item> memory(batch);
  std::vector<Verdict> verdicts(batch);
  RECANT_ASSIGN(BatchJudge judge, snapshot.batch_judge(as_of, policy));
  for (std::size_t done = 0; done < items.count; done += batch) {
    const std::size_t size = std::min<std::size_t>(batch, items.count - done);
    columns.copy(done, std::span(memory).first(size));
    RECANT_TRY(judge.judge(std::span(memory).first(size), std::span(verdicts).first(size)));
    for (std::size_t i = 0; i < size; ++i) {
      actions[done + i] = static_cast<uint8_t>(verdicts[i].action);
      if (reasons != nullptr) reasons->add(verdicts[i]);
    }
  }
  return {};
}

Result<std::vector<TweetId>> related(const Snapshot& snapshot, uint8_t relation, uint64_t id) {
  switch (relation) {
    case RECANT_AUTHOR_TWEETS:
      return snapshot.author_tweets(id);
    case RECANT_RETWEETED:
      return snapshot.retweeted(id);
    case RECANT_RETWEETS_OF:
      return snapshot.retweets_of(id);
    case RECANT_QUOTED:
      return snapshot.quoted(id);
    case RECANT_QUOTES_OF:
      return snapshot.quotes_of(id);
    default:
      return c::invalid("recant_related_ids: the relation is none");
  }
}

}  // namespace

struct recant_changes_page {
  std::vector<uint64_t> ids;
  std::vector<uint8_t> actions;
  recant_reasons reasons;
  std::string cursor;
};

void recant_snapshot_free(recant_snapshot* snapshot) { delete snapshot; }

uint64_t recant_snapshot_last_sequence(const recant_snapshot* snapshot) {
  return snapshot == nullptr ? 0 : snapshot->snapshot.last_sequence();
}

recant_code recant_snapshot_default_as_of(const recant_snapshot* snapshot, int64_t* out,
                                          recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (snapshot == nullptr || out == nullptr) {
      return c::invalid("recant_snapshot_default_as_of: snapshot or out is NULL");
    }
    RECANT_ASSIGN(*out, snapshot->snapshot.default_as_of(now()));
    return {};
  });
}

recant_code recant_snapshot_digest(const recant_snapshot* snapshot, char out[33],
                                   recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (snapshot == nullptr || out == nullptr) {
      return c::invalid("recant_snapshot_digest: snapshot or out is NULL");
    }
    RECANT_ASSIGN(const std::string digest, snapshot->snapshot.digest());
    out[digest.copy(out, 32)] = '\0';
    return {};
  });
}

recant_code recant_check(const recant_snapshot* snapshot, const recant_items* items, int64_t as_of,
                         const recant_policy* policy, uint8_t* actions, recant_reasons** reasons,
                         recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    RECANT_ASSIGN(const recant_items taken, c::take(items, "recant_items"));
    RECANT_TRY(require_items(taken));
    if (snapshot == nullptr || (actions == nullptr && taken.count > 0)) {
      return c::invalid("recant_check: snapshot or actions is NULL");
    }
    RECANT_ASSIGN(const Policy judged_by, c::take_policy(policy));
    if (reasons == nullptr) {
      return check(snapshot->snapshot, taken, as_of, judged_by, actions, nullptr);
    }
    auto made = std::unique_ptr<recant_reasons>(*reasons == nullptr ? new recant_reasons : nullptr);
    recant_reasons& out = made ? *made : **reasons;
    out.clear();
    RECANT_TRY(check(snapshot->snapshot, taken, as_of, judged_by, actions, &out));
    if (made) *reasons = made.release();
    return {};
  });
}

recant_code recant_reasons_read(const recant_reasons* reasons, recant_reasons_table* out,
                                recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (reasons == nullptr) return c::invalid("recant_reasons_read: reasons is NULL");
    return c::give(reasons->table(), out, "recant_reasons_table");
  });
}

void recant_reasons_free(recant_reasons* reasons) { delete reasons; }

recant_code recant_describe(const recant_snapshot* snapshot, uint8_t type, uint64_t id,
                            int64_t as_of, char** json, recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (snapshot == nullptr || json == nullptr || id == 0 || type > RECANT_USERS) {
      return c::invalid("recant_describe: snapshot or json is NULL, or id or type is none");
    }
    const auto describe = type == RECANT_USERS ? dataset::describe_user : dataset::describe_tweet;
    RECANT_ASSIGN(const auto object, describe(snapshot->snapshot, id, as_of));
    const std::string text = object.dump();
    *json = static_cast<char*>(c::copy_of(text.c_str(), text.size() + 1));
    return {};
  });
}

recant_code recant_related_ids(const recant_snapshot* snapshot, uint8_t relation, uint64_t id,
                               uint64_t** ids, uint64_t* count, recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (snapshot == nullptr || ids == nullptr || count == nullptr) {
      return c::invalid("recant_related_ids: snapshot, ids or count is NULL");
    }
    if (id == 0) return c::invalid("recant_related_ids: the id is 0, which is none");
    RECANT_ASSIGN(const auto found, related(snapshot->snapshot, relation, id));
    *ids = static_cast<uint64_t*>(c::copy_of(found.data(), found.size() * sizeof(uint64_t)));
    *count = found.size();
    return {};
  });
}

recant_code recant_changes(const recant_snapshot* snapshot, const recant_changes_options* options,
                           recant_changes_page** out, recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (snapshot == nullptr || out == nullptr) {
      return c::invalid("recant_changes: snapshot or out is NULL");
    }
    RECANT_ASSIGN(const recant_changes_options taken, c::take(options, "recant_changes_options"));
    ChangesOptions wanted{.limit = taken.limit, .as_of = taken.as_of};
    if (taken.since != nullptr) wanted.since = taken.since;
    RECANT_ASSIGN(wanted.policy, c::take_policy(taken.policy));
    auto page = std::make_unique<recant_changes_page>();
    RECANT_ASSIGN(page->cursor,
                  snapshot->snapshot.changes(wanted, [&](const Item& item, const Verdict& verdict) {
                    page->ids.push_back(item.id);
                    page->actions.push_back(static_cast<uint8_t>(verdict.action));
                    page->reasons.add(verdict);
                    return true;
                  }));
    *out = page.release();
    return {};
  });
}

recant_code recant_changes_read(const recant_changes_page* page, recant_changes_table* out,
                                recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (page == nullptr) return c::invalid("recant_changes_read: page is NULL");
    return c::give({.size = 0,
                    .reserved = 0,
                    .count = page->ids.size(),
                    .ids = page->ids.data(),
                    .actions = page->actions.data(),
                    .reasons = &page->reasons,
                    .cursor = page->cursor.c_str()},
                   out, "recant_changes_table");
  });
}

void recant_changes_free(recant_changes_page* page) { delete page; }
