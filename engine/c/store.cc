// Stores of the C interface.
#include <optional>
#include <string>
#include <vector>

#include "engine/c/call.h"
#include "store/model/join.h"

namespace {

using namespace recant;

Result<StoreOptions> options_of(const recant_store_options* given) {
  RECANT_ASSIGN(const recant_store_options taken, c::take(given, "recant_store_options"));
  if (taken.directory == nullptr) return c::invalid("recant_store_options: no directory is named");
  if (taken.integrity > RECANT_INTEGRITY_OFF || (taken.flags & ~3U) != 0) {
    return c::invalid("recant_store_options: flags or integrity are none that are known");
  }
  StoreOptions options{.directory = taken.directory};
  options.create = (taken.flags & RECANT_CREATE) != 0;
  options.read_only = (taken.flags & RECANT_READ_ONLY) != 0;
  if (taken.lock_wait_ms != 0) {
    options.lock_wait_ms = std::max<std::int64_t>(taken.lock_wait_ms, 0);
  }
  options.memory_bytes_max = taken.memory_bytes_max;
  if (taken.seal_events_min != 0) options.seal_events_min = taken.seal_events_min;
  options.integrity = static_cast<Integrity>(taken.integrity);
  if (taken.on_diagnostic != nullptr) {
    options.on_diagnostic = [tell = taken.on_diagnostic, user = taken.user](std::string_view line) {
      tell(user, std::string(line).c_str());
    };
  }
  return options;
}

Event event_of(const recant_event& from) {
  Event event{.kind = static_cast<EventKind>(from.kind),
              .why = static_cast<Why>(from.why),
              .at = from.at,
              .tweet = from.tweet,
              .author = from.author,
              .user = from.user,
              .quote_tweet = from.quote_tweet};
  if (from.source != nullptr) event.source = from.source;
  Payload payload{.initial_tweet = from.initial_tweet,
                  .up_to_tweet = from.up_to_tweet,
                  .retweeted = from.retweeted,
                  .retweeted_author = from.retweeted_author,
                  .quoted = from.quoted,
                  .quoted_author = from.quoted_author};
  payload.countries.assign(from.countries, from.countries + from.country_count);
  model::sort_distinct(payload.countries);
  payload.edit_tweets.assign(from.edit_tweets, from.edit_tweets + from.edit_count);
  if (from.field != nullptr) payload.field = from.field;
  if (payload != Payload{}) event.payload.make() = std::move(payload);
  return event;
}

recant_event event_to(const Event& from) {
  const Payload& payload = from.payload.get();
  recant_event event{};
  event.kind = static_cast<std::uint8_t>(from.kind);
  event.why = static_cast<std::uint8_t>(from.why);
  event.at = from.at;
  event.tweet = from.tweet;
  event.author = from.author;
  event.user = from.user;
  event.quote_tweet = from.quote_tweet;
  event.initial_tweet = payload.initial_tweet;
  event.up_to_tweet = payload.up_to_tweet;
  event.retweeted = payload.retweeted;
  event.retweeted_author = payload.retweeted_author;
  event.quoted = payload.quoted;
  event.quoted_author = payload.quoted_author;
  event.countries = payload.countries.data();
  event.country_count = payload.countries.size();
  event.edit_tweets = payload.edit_tweets.data();
  event.edit_count = payload.edit_tweets.size();
  event.field = payload.field.empty() ? nullptr : payload.field.c_str();
  event.source = from.source.empty() ? nullptr : from.source.c_str();
  return event;
}

}  // namespace

recant_code recant_store_open(const recant_store_options* options, recant_store** out,
                              recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (out == nullptr) return c::invalid("recant_store_open: out is NULL");
    RECANT_ASSIGN(const StoreOptions wanted, options_of(options));
    RECANT_ASSIGN(auto store, Store::open(wanted));
    *out = new recant_store{std::move(store)};
    return {};
  });
}

void recant_store_close(recant_store* store) { delete store; }

recant_code recant_store_append(recant_store* store, const recant_event* events, uint64_t count,
                                uint64_t event_size, uint64_t* last_sequence, recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (store == nullptr || (events == nullptr && count > 0)) {
      return c::invalid("recant_store_append: store or events is NULL");
    }
    if (event_size != sizeof(recant_event)) {
      return c::invalid("recant_store_append: event_size is of another version of recant");
    }
    std::vector<Event> all;
    all.reserve(count);
    for (const recant_event& event : std::span(events, count)) all.push_back(event_of(event));
    RECANT_ASSIGN(const SequenceNumber last, store->store.append(all));
    if (last_sequence != nullptr) *last_sequence = last;
    return {};
  });
}

recant_code recant_store_read_events(recant_store* store, uint64_t first, uint64_t last,
                                     int (*on_event)(void* user, uint64_t sequence,
                                                     const recant_event* event),
                                     void* user, recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (store == nullptr || on_event == nullptr) {
      return c::invalid("recant_store_read_events: store or on_event is NULL");
    }
    return store->store.read_events({.first = std::max<uint64_t>(first, 1), .last = last},
                                    [&](SequenceNumber sequence, const Event& event) {
                                      const recant_event row = event_to(event);
                                      return on_event(user, sequence, &row) == 0;
                                    });
  });
}

recant_code recant_store_seal(recant_store* store, recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (store == nullptr) return c::invalid("recant_store_seal: store is NULL");
    return store->store.seal();
  });
}

recant_code recant_store_rebuild(recant_store* store,
                                 int (*on_progress)(void* user, uint64_t done, uint64_t all),
                                 void* user, char* digest, recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (store == nullptr) return c::invalid("recant_store_rebuild: store is NULL");
    std::stop_source source;
    RebuildOptions options;
    options.cancel = source.get_token();
    if (on_progress != nullptr) {
      options.on_progress = [&](SequenceNumber done, SequenceNumber all) {
        if (on_progress(user, done, all) != 0) source.request_stop();
      };
    }
    RECANT_ASSIGN(const RebuildSummary summary, store->store.rebuild(options));
    if (digest != nullptr) digest[summary.digest.copy(digest, 32)] = '\0';
    return {};
  });
}

recant_code recant_store_write_snapshot(recant_store* store, const char* directory,
                                        recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (store == nullptr || directory == nullptr) {
      return c::invalid("recant_store_write_snapshot: store or directory is NULL");
    }
    RECANT_TRY(store->store.write_snapshot(directory));
    return {};
  });
}

recant_code recant_store_snapshot(recant_store* store, recant_snapshot** out, recant_error* error) {
  return c::run(error, [&]() -> Result<void> {
    if (store == nullptr || out == nullptr) {
      return c::invalid("recant_store_snapshot: store or out is NULL");
    }
    RECANT_ASSIGN(auto snapshot, store->store.snapshot());
    *out = new recant_snapshot{std::move(snapshot)};
    return {};
  });
}
