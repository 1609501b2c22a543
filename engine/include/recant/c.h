/* clang-format off: it would take the example apart. */
/* recant for C, and for every language that can call C: the same store, snapshots and verdicts as
 * <recant/recant.h>, over plain arrays. This header is the whole interface of librecant.so.
 *
 *   recant_store_options options = {.size = sizeof options, .directory = "my-store"};
 *   recant_error error = {.size = sizeof error};
 *   recant_store* store = NULL;
 *   recant_snapshot* snapshot = NULL;
 *   if (recant_store_open(&options, &store, &error) != RECANT_OK ||
 *       recant_store_snapshot(store, &snapshot, &error) != RECANT_OK) {
 *     return puts(error.message), 1;
 *   }
 *   uint64_t ids[2] = {154, 155};
 *   uint8_t actions[2];
 *   recant_items items = {.size = sizeof items, .type = RECANT_TWEETS, .count = 2, .ids = ids};
 *   recant_check(snapshot, &items, recant_now(), NULL, actions, NULL, &error);
 *   recant_snapshot_free(snapshot);
 *   recant_store_close(store);
 *
 * Structs begin with their size, which the caller sets: a newer library takes an older, shorter
 * one; an older library refuses a longer one only where what it does not know is not 0. Members of
 * new structs that are not set are 0, which always means the default.
 *
 * Errors: every call that can fail returns a recant_code and, where `error` is not NULL, fills it.
 * On failure outputs are untouched unless said otherwise. Nothing is thrown, nothing is printed.
 * Threads: any number may share a recant_store and a recant_snapshot; a recant_reasons, a
 * recant_changes_page and a recant_error serve one at a time.
 * Times are milliseconds since 1970-01-01T00:00:00Z; ids are 1 to 2^64-1, 0 is none; texts are
 * UTF-8 and end with NUL. Rules: semantics.md; kinds and names: <recant/event.h>,
 * <recant/verdict.h>. */
/* clang-format on */
#ifndef RECANT_C_H
#define RECANT_C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RECANT_EXPORT __attribute__((visibility("default")))

/* Grows with every addition; the name of the library (librecant.so.0) changes where something that
 * was there changes. */
#define RECANT_C_VERSION 1

typedef int32_t recant_code;
enum {
  RECANT_OK = 0,
  RECANT_INVALID_ARGUMENT = 1, /* the call was wrong; nothing was done */
  RECANT_IO = 2,               /* a file operation failed, or the file or store is not there */
  RECANT_NO_SPACE = 3,
  RECANT_CORRUPTION = 4, /* damage was found in the log or an index */
  RECANT_LOCKED = 5,     /* another writer holds the store */
  RECANT_REFUSED = 6,    /* credentials or TLS refused (only network calls of the C++ library) */
  RECANT_NETWORK = 7,
  RECANT_NO_MEMORY = 8,
  RECANT_CANCELLED = 9 /* a callback asked to stop */
};

typedef struct recant_error {
  uint32_t size;
  recant_code code;
  uint64_t offset;    /* byte position in the file that the message names, for RECANT_CORRUPTION */
  char message[1008]; /* one sentence a person can act on */
} recant_error;

/* Strongest first; what a check writes to `actions`. */
enum {
  RECANT_DELETE = 0,
  RECANT_SUPPRESS = 1,
  RECANT_WITHHOLD = 2,
  RECANT_STRIP_GEO = 3,
  RECANT_STRIP_QUOTE = 4,
  RECANT_REFRESH = 5,
  RECANT_REFRESH_PROFILE = 6,
  RECANT_KEEP = 7
};

enum { RECANT_TWEETS = 0, RECANT_USERS = 1, RECANT_LIKES = 2 };

typedef struct recant_store recant_store;
typedef struct recant_snapshot recant_snapshot;
typedef struct recant_reasons recant_reasons;
typedef struct recant_changes_page recant_changes_page;

/* "0.1.0", and RECANT_C_VERSION as the library was built. */
RECANT_EXPORT const char* recant_version(void);
RECANT_EXPORT uint32_t recant_c_version(void);

/* --- The store ------------------------------------------------------------------------------- */

enum { RECANT_CREATE = 1, RECANT_READ_ONLY = 2 };
enum { RECANT_INTEGRITY_BOOT = 0, RECANT_INTEGRITY_ALWAYS = 1, RECANT_INTEGRITY_OFF = 2 };

typedef struct recant_store_options {
  uint32_t size;
  uint32_t flags; /* RECANT_CREATE, RECANT_READ_ONLY */
  const char* directory;
  int64_t lock_wait_ms;      /* 0: 10 seconds; negative: not at all */
  uint64_t memory_bytes_max; /* 0: a quarter of the machine */
  uint64_t seal_events_min;  /* 0: 200,000 */
  uint32_t integrity;        /* when checksums of parts are compared: RECANT_INTEGRITY_... */
  uint32_t reserved;
  /* Told what an operator should know, one line each; may be NULL. */
  void (*on_diagnostic)(void* user, const char* line);
  void* user;
} recant_store_options;

/* Opens a store, or a sealed snapshot (read-only), into `*out`, to be closed. Errors:
 * RECANT_INVALID_ARGUMENT, RECANT_IO (no store; a live store on a network file system; a newer
 * format), RECANT_CORRUPTION. */
RECANT_EXPORT recant_code recant_store_open(const recant_store_options* options, recant_store** out,
                                            recant_error* error);
/* Snapshots stay readable. NULL is nothing. */
RECANT_EXPORT void recant_store_close(recant_store* store);

/* One fact. Which members a kind uses is the table of semantics.md, section 1; the others are 0. */
typedef struct recant_event {
  uint8_t kind; /* the numbers of EventKind, <recant/event.h>; recant_event_kind() by name */
  uint8_t why;  /* the numbers of Why */
  uint8_t reserved[6];
  int64_t at;
  uint64_t tweet;
  uint64_t author;
  uint64_t user;
  uint64_t quote_tweet;
  uint64_t initial_tweet;
  uint64_t up_to_tweet;
  uint64_t retweeted;
  uint64_t retweeted_author;
  uint64_t quoted;
  uint64_t quoted_author;
  const uint16_t* countries; /* two letters each, the first in the high byte; any order */
  uint64_t country_count;
  const uint64_t* edit_tweets; /* oldest first */
  uint64_t edit_count;
  const char* field;  /* of user_profile_modification; NULL is none, as for source */
  const char* source; /* who told; at most 32 bytes */
} recant_event;

/* Appends `count` events and makes them durable together. `event_size` is sizeof(recant_event).
 * `*last_sequence`, where not NULL, gets the last one's sequence number. Errors:
 * RECANT_INVALID_ARGUMENT (a malformed event, named; none was appended), RECANT_LOCKED, RECANT_IO,
 * RECANT_NO_SPACE, RECANT_CORRUPTION. */
RECANT_EXPORT recant_code recant_store_append(recant_store* store, const recant_event* events,
                                              uint64_t count, uint64_t event_size,
                                              uint64_t* last_sequence, recant_error* error);
/* Calls `on_event` for the events [first, last] (0: to the end) in order; it returns 0 to go on.
 * The event is valid during the call. Errors: RECANT_IO, RECANT_CORRUPTION, RECANT_INVALID_ARGUMENT
 * (a sealed snapshot). */
RECANT_EXPORT recant_code recant_store_read_events(recant_store* store, uint64_t first,
                                                   uint64_t last,
                                                   int (*on_event)(void* user, uint64_t sequence,
                                                                   const recant_event* event),
                                                   void* user, recant_error* error);
/* Seals a long tail, and merges many parts. Errors: RECANT_LOCKED, RECANT_IO, RECANT_NO_SPACE. */
RECANT_EXPORT recant_code recant_store_seal(recant_store* store, recant_error* error);
/* Builds the index anew. `on_progress` may be NULL; other than 0 cancels. `digest`, where not NULL,
 * has room for 33 bytes. */
RECANT_EXPORT recant_code recant_store_rebuild(recant_store* store,
                                               int (*on_progress)(void* user, uint64_t done,
                                                                  uint64_t all),
                                               void* user, char* digest, recant_error* error);
/* Writes a sealed snapshot into a new directory. Errors: RECANT_INVALID_ARGUMENT (it is there),
 * RECANT_IO, RECANT_NO_SPACE, RECANT_CORRUPTION. */
RECANT_EXPORT recant_code recant_store_write_snapshot(recant_store* store, const char* directory,
                                                      recant_error* error);

/* --- A snapshot: the state at one moment -------------------------------------------------------
 */

/* The state with everything that the log holds now, into `*out`, to be freed. Errors:
 * RECANT_CORRUPTION, RECANT_IO. */
RECANT_EXPORT recant_code recant_store_snapshot(recant_store* store, recant_snapshot** out,
                                                recant_error* error);
RECANT_EXPORT void recant_snapshot_free(recant_snapshot* snapshot);

/* The last event that the snapshot knows. */
RECANT_EXPORT uint64_t recant_snapshot_last_sequence(const recant_snapshot* snapshot);
/* Now, or the newest time in the store that is at most 24 hours later. */
RECANT_EXPORT recant_code recant_snapshot_default_as_of(const recant_snapshot* snapshot,
                                                        int64_t* out, recant_error* error);
/* 32 hex digits and NUL, the same for the same events. Reads everything. */
RECANT_EXPORT recant_code recant_snapshot_digest(const recant_snapshot* snapshot, char out[33],
                                                 recant_error* error);

/* Items to judge, a column each. A column that is NULL, or an id that is 0, is not known; those of
 * `ids`, and of `users` for likes, have to be. */
typedef struct recant_items {
  uint32_t size;
  uint8_t type; /* RECANT_TWEETS, RECANT_USERS, RECANT_LIKES */
  uint8_t reserved[3];
  uint64_t count;
  const uint64_t* ids;   /* tweets; users for RECANT_USERS */
  const uint64_t* users; /* of likes: who liked */
  const uint64_t* authors;
  const uint64_t* retweeted;
  const uint64_t* retweeted_authors;
  const uint64_t* quoted;
  const uint64_t* quoted_authors;
} recant_items;

typedef struct recant_policy {
  uint32_t size;
  uint32_t delete_on; /* bit KIND: its suppress becomes delete (user_suspend, user_protect,
                         user_delete, tweet_drop, tweet_unavailable) */
  uint16_t country;   /* judge for display there: two upper-case letters, the first in the high
                         byte ('D' << 8 | 'E'); 0: for no country */
  uint16_t reserved[3];
} recant_policy;

typedef struct recant_reason {
  uint64_t tweet; /* whose state it is, or 0 */
  uint64_t user;  /* likewise */
  int64_t at;
  uint64_t detail;          /* scrub_geo: up to this tweet; refresh: the latest tweet */
  uint32_t countries_begin; /* in the table's countries */
  uint32_t country_count;
  uint32_t fields_begin; /* in the table's fields */
  uint32_t field_count;
  uint8_t action;
  uint8_t event; /* the numbers of EventKind; recant_event_name() */
  uint8_t via;   /* the numbers of Via; recant_via_name() */
  uint8_t why;
  uint8_t grace_expired;
  uint8_t reserved[3];
} recant_reason;

/* The reasons of item i are reasons[offsets[i]] to reasons[offsets[i+1] - 1], strongest first. */
typedef struct recant_reasons_table {
  uint32_t size;
  uint32_t reserved;
  uint64_t item_count;
  const uint64_t* offsets; /* item_count + 1 */
  uint64_t count;
  const recant_reason* reasons;
  const uint16_t* countries;
  const char* const* fields;
  const uint8_t* without_author; /* item_count: 1 where no author was known */
} recant_reasons_table;

/* Judges `items` as of `as_of` against one state; some thousands at a time are fastest. `policy`
 * may be NULL. `actions` has room for items->count. `reasons` may be NULL; else `*reasons` is NULL,
 * and becomes a new object to be freed, or one of an earlier call, which is filled anew (it keeps
 * its memory). Errors: RECANT_INVALID_ARGUMENT (an id that is 0 is told by its place; a country
 * that is none), RECANT_CORRUPTION, RECANT_NO_MEMORY: what was written must not be used then. */
RECANT_EXPORT recant_code recant_check(const recant_snapshot* snapshot, const recant_items* items,
                                       int64_t as_of, const recant_policy* policy, uint8_t* actions,
                                       recant_reasons** reasons, recant_error* error);
/* Fills `out`; valid until `reasons` is filled anew or freed. `out->size` says how much is filled.
 */
RECANT_EXPORT recant_code recant_reasons_read(const recant_reasons* reasons,
                                              recant_reasons_table* out, recant_error* error);
RECANT_EXPORT void recant_reasons_free(recant_reasons* reasons);

/* What is known of a tweet (RECANT_TWEETS) or user (RECANT_USERS), as the JSON line of `recant
 * tweet` and `recant user`, into `*json`, to be freed by recant_free. */
RECANT_EXPORT recant_code recant_describe(const recant_snapshot* snapshot, uint8_t type,
                                          uint64_t id, int64_t as_of, char** json,
                                          recant_error* error);

enum {
  RECANT_AUTHOR_TWEETS = 0, /* of a user: tweets that are held, or originals of held ones */
  RECANT_RETWEETED = 1,     /* of a tweet: its originals */
  RECANT_RETWEETS_OF = 2,
  RECANT_QUOTED = 3,
  RECANT_QUOTES_OF = 4
};
/* Ids, ascending, into `*ids`, to be freed by recant_free. */
RECANT_EXPORT recant_code recant_related_ids(const recant_snapshot* snapshot, uint8_t relation,
                                             uint64_t id, uint64_t** ids, uint64_t* count,
                                             recant_error* error);

typedef struct recant_changes_options {
  uint32_t size;
  uint32_t reserved;
  const char* since; /* the cursor of the last call; NULL: from the start */
  uint64_t limit;    /* tweets at most; 0: all */
  int64_t as_of;
  const recant_policy* policy; /* may be NULL */
} recant_changes_options;

typedef struct recant_changes_table {
  uint32_t size;
  uint32_t reserved;
  uint64_t count;
  const uint64_t* ids;
  const uint8_t* actions;
  const recant_reasons* reasons; /* of these items */
  const char* cursor;
} recant_changes_table;

/* The held tweets whose verdict may have changed since a cursor; at least once each. Fewer than
 * `limit`: that is all. Errors: RECANT_INVALID_ARGUMENT (the cursor; a sealed snapshot), RECANT_IO,
 * RECANT_CORRUPTION. */
RECANT_EXPORT recant_code recant_changes(const recant_snapshot* snapshot,
                                         const recant_changes_options* options,
                                         recant_changes_page** out, recant_error* error);
RECANT_EXPORT recant_code recant_changes_read(const recant_changes_page* page,
                                              recant_changes_table* out, recant_error* error);
RECANT_EXPORT void recant_changes_free(recant_changes_page* page);

/* --- Names and times ---------------------------------------------------------------------------
 */

/* Frees what a call said is to be freed by it. NULL is nothing. */
RECANT_EXPORT void recant_free(void* memory);
/* "delete", "tweet_delete", "self", "suspended", ...; NULL for a number that is none. */
RECANT_EXPORT const char* recant_action_name(uint8_t action);
RECANT_EXPORT const char* recant_event_name(uint8_t kind);
RECANT_EXPORT const char* recant_via_name(uint8_t via);
RECANT_EXPORT const char* recant_why_name(uint8_t why);
/* The number of a kind by its name; 0 for none. */
RECANT_EXPORT uint8_t recant_event_kind(const char* name);
RECANT_EXPORT int64_t recant_now(void);
/* RFC 3339 or milliseconds; -1 for what is none. */
RECANT_EXPORT int64_t recant_parse_time(const char* text);

#ifdef __cplusplus
}
#endif

#endif /* RECANT_C_H */
