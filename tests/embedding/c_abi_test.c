/* The C interface as a C11 program meets it: the layout that other languages copy, and every call once,
 * with good and with bad arguments. Ends with 0 if all is well. */
#include <recant/c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#define PLACE(type, member, bytes) _Static_assert(offsetof(type, member) == (bytes), #type "." #member)
SIZE(recant_error, 1024);
PLACE(recant_error, offset, 8);
PLACE(recant_error, message, 16);
SIZE(recant_store_options, 64);
PLACE(recant_store_options, lock_wait_ms, 16);
PLACE(recant_store_options, on_diagnostic, 48);
SIZE(recant_event, 144);
PLACE(recant_event, at, 8);
PLACE(recant_event, countries, 96);
PLACE(recant_event, source, 136);
SIZE(recant_items, 72);
PLACE(recant_items, count, 8);
PLACE(recant_items, quoted_authors, 64);
SIZE(recant_policy, 16);
SIZE(recant_reason, 56);
PLACE(recant_reason, countries_begin, 32);
PLACE(recant_reason, action, 48);
SIZE(recant_reasons_table, 64);
SIZE(recant_changes_options, 40);
SIZE(recant_changes_table, 48);

static int failures = 0;

static void check(int good, const char *what, int line) {
  if (good) return;
  printf("line %d: %s\n", line, what);
  ++failures;
}
#define CHECK(condition) check((condition), #condition, __LINE__)
#define WORKS(call) check((call) == RECANT_OK, error.message, __LINE__)

static int diagnostics = 0;
static void on_diagnostic(void *user, const char *line) {
  (void)line;
  ++*(int *)user;
}

static int stop_after_two(void *user, uint64_t sequence, const recant_event *event) {
  uint64_t *seen = user;
  seen[*seen + 1] = event->tweet;
  ++*seen;
  return sequence == 2;
}

static int cancel(void *user, uint64_t done, uint64_t all) {
  (void)user;
  (void)done;
  (void)all;
  return 1;
}

static recant_store *open_store(const char *directory, recant_error *failed) {
  recant_error error = {.size = sizeof error};
  recant_store_options options = {.size = sizeof options,
                                  .flags = RECANT_CREATE,
                                  .directory = directory,
                                  .on_diagnostic = on_diagnostic,
                                  .user = &diagnostics};
  recant_store *store = NULL;
  WORKS(recant_store_open(&options, &store, &error));
  options.flags = 64;
  CHECK(recant_store_open(&options, &store, failed) == RECANT_INVALID_ARGUMENT);
  CHECK(recant_store_open(NULL, &store, failed) == RECANT_INVALID_ARGUMENT);
  options.flags = 0;
  options.directory = "/nowhere/at/all";
  CHECK(recant_store_open(&options, &store, failed) == RECANT_IO);
  CHECK(failed->code == RECANT_IO && strstr(failed->message, "/nowhere") != NULL);
  return store;
}

/* A struct of a version to come, which has one member more. */
struct newer_items {
  recant_items known;
  uint64_t unknown;
};

static void check_sizes(const recant_snapshot *snapshot, recant_error *failed) {
  uint64_t id = 154;
  uint8_t action = 99;
  struct newer_items newer = {.known = {.size = sizeof newer, .count = 1, .ids = &id}};
  CHECK(recant_check(snapshot, &newer.known, 5000, NULL, &action, NULL, NULL) == RECANT_OK);
  CHECK(action == RECANT_DELETE);
  newer.unknown = 1;
  CHECK(recant_check(snapshot, &newer.known, 5000, NULL, &action, NULL, failed) ==
        RECANT_INVALID_ARGUMENT);
  /* An older program, whose struct ends with the ids. */
  recant_items older = {.count = 1, .ids = &id, .users = (const uint64_t *)1};
  older.size = offsetof(recant_items, users);
  CHECK(recant_check(snapshot, &older, 5000, NULL, &action, NULL, NULL) == RECANT_OK);
  struct {
    uint32_t size;
    recant_code code;
    uint64_t offset;
    char message[8];
    char guard[8];
  } small = {.size = 24, .guard = "guarded"};
  older.size = 0;
  CHECK(recant_check(snapshot, &older, 5000, NULL, &action, NULL, (recant_error *)&small) ==
        RECANT_INVALID_ARGUMENT);
  CHECK(strlen(small.message) == 7 && strcmp(small.guard, "guarded") == 0);
}

static void check_reasons(const recant_snapshot *snapshot) {
  recant_error error = {.size = sizeof error};
  uint64_t ids[3] = {155, 154, 156};
  uint64_t authors[3] = {0, 0, 7};
  uint8_t actions[3];
  recant_items items = {.size = sizeof items, .count = 3, .ids = ids, .authors = authors};
  recant_policy policy = {.size = sizeof policy, .delete_on = 1U << recant_event_kind("user_protect")};
  recant_reasons *reasons = NULL;
  recant_reasons_table table = {.size = sizeof table};
  for (int round = 0; round < 2; ++round) { /* the second one fills the same object anew */
    WORKS(recant_check(snapshot, &items, 5000, round == 0 ? NULL : &policy, actions, &reasons, &error));
    WORKS(recant_reasons_read(reasons, &table, &error));
    CHECK(table.item_count == 3 && table.count == 3);
    CHECK(table.offsets[0] == 0 && table.offsets[1] == 1 && table.offsets[2] == 2);
    CHECK(actions[0] == RECANT_WITHHOLD && actions[1] == RECANT_DELETE);
    CHECK(actions[2] == (round == 0 ? RECANT_SUPPRESS : RECANT_DELETE));
    CHECK(table.reasons[0].country_count == 2);
    CHECK(table.countries[table.reasons[0].countries_begin] == ('D' << 8 | 'E'));
    CHECK(table.reasons[1].tweet == 154 && table.reasons[1].at == 1000);
    CHECK(strcmp(recant_event_name(table.reasons[2].event), "user_protect") == 0);
    CHECK(strcmp(recant_via_name(table.reasons[2].via), "author") == 0);
    CHECK(table.without_author[1] == 1 && table.without_author[2] == 0);
  }
  recant_reasons_free(reasons);
  CHECK(recant_check(snapshot, &items, 500, NULL, actions, NULL, NULL) == RECANT_OK);
  CHECK(actions[1] == RECANT_KEEP);
  items.type = RECANT_LIKES;
  CHECK(recant_check(snapshot, &items, 500, NULL, actions, NULL, NULL) == RECANT_INVALID_ARGUMENT);
  policy.delete_on = 1U << recant_event_kind("tweet_delete");
  items.type = RECANT_TWEETS;
  CHECK(recant_check(snapshot, &items, 500, &policy, actions, NULL, NULL) == RECANT_INVALID_ARGUMENT);
  items.count = 0;
  items.ids = NULL;
  WORKS(recant_check(snapshot, &items, 500, NULL, NULL, NULL, &error));
}

/* What would be judged "keep" because nothing matches it. */
static void check_nothings(const recant_snapshot *snapshot, recant_error *failed) {
  uint64_t ids[3] = {154, 155, 0};
  uint64_t users[3] = {7, 0, 7};
  uint8_t actions[3] = {99, 99, 99};
  recant_items items = {.size = sizeof items, .count = 3, .ids = ids, .users = users};
  CHECK(recant_check(snapshot, &items, 5000, NULL, actions, NULL, failed) == RECANT_INVALID_ARGUMENT);
  CHECK(strstr(failed->message, "ids[2]") != NULL && actions[0] == 99);
  items.count = 2;
  CHECK(recant_check(snapshot, &items, 5000, NULL, actions, NULL, failed) == RECANT_OK);
  items.type = RECANT_LIKES;
  CHECK(recant_check(snapshot, &items, 5000, NULL, actions, NULL, failed) == RECANT_INVALID_ARGUMENT);
  CHECK(strstr(failed->message, "users[1]") != NULL);
  items.type = RECANT_TWEETS;
  recant_policy policy = {.size = sizeof policy, .country = 'D' << 8 | 'E'};
  recant_changes_options changes = {.size = sizeof changes, .as_of = 5000, .policy = &policy};
  recant_changes_page *page = NULL;
  CHECK(recant_check(snapshot, &items, 5000, &policy, actions, NULL, failed) == RECANT_OK);
  CHECK(actions[1] == RECANT_SUPPRESS);
  const uint16_t none[] = {'d' << 8 | 'e', 'D' << 8 | 'e', 7, 'D', 'D' << 8, '1' << 8 | '2', '[' << 8 | 'A', 65535};
  for (size_t i = 0; i < sizeof none / sizeof none[0]; ++i) {
    policy.country = none[i];
    CHECK(recant_check(snapshot, &items, 5000, &policy, actions, NULL, failed) == RECANT_INVALID_ARGUMENT);
    CHECK(strstr(failed->message, "country") != NULL);
    CHECK(recant_changes(snapshot, &changes, &page, failed) == RECANT_INVALID_ARGUMENT);
  }
  uint64_t *related = NULL;
  uint64_t count = 0;
  CHECK(recant_related_ids(snapshot, RECANT_QUOTED, 0, &related, &count, failed) == RECANT_INVALID_ARGUMENT);
}

static void check_lookups(const recant_snapshot *snapshot, recant_error *failed) {
  recant_error error = {.size = sizeof error};
  char *json = NULL;
  WORKS(recant_describe(snapshot, RECANT_TWEETS, 154, 5000, &json, &error));
  CHECK(strstr(json, "\"action\":\"delete\"") != NULL);
  recant_free(json);
  CHECK(recant_describe(snapshot, RECANT_LIKES, 154, 5000, &json, failed) == RECANT_INVALID_ARGUMENT);
  uint64_t *ids = NULL;
  uint64_t count = 0;
  WORKS(recant_related_ids(snapshot, RECANT_AUTHOR_TWEETS, 7, &ids, &count, &error));
  CHECK(count == 1 && ids[0] == 156);
  recant_free(ids);
  CHECK(recant_related_ids(snapshot, 9, 7, &ids, &count, failed) == RECANT_INVALID_ARGUMENT);
  char digest[33];
  WORKS(recant_snapshot_digest(snapshot, digest, &error));
  CHECK(strlen(digest) == 32);
  int64_t as_of = 0;
  WORKS(recant_snapshot_default_as_of(snapshot, &as_of, &error));
  CHECK(as_of >= recant_parse_time("2024-01-01T00:00:00Z"));
  CHECK(recant_snapshot_last_sequence(snapshot) == 4);
}

static void check_changes(const recant_snapshot *snapshot, recant_error *failed) {
  recant_error error = {.size = sizeof error};
  recant_changes_options options = {.size = sizeof options, .as_of = 5000};
  recant_changes_page *page = NULL;
  WORKS(recant_changes(snapshot, &options, &page, &error));
  recant_changes_table table = {.size = sizeof table};
  WORKS(recant_changes_read(page, &table, &error));
  CHECK(table.count == 1 && table.ids[0] == 156 && table.actions[0] == RECANT_SUPPRESS);
  options.since = table.cursor;
  recant_changes_page *next = NULL;
  WORKS(recant_changes(snapshot, &options, &next, &error));
  recant_changes_table none = {.size = sizeof none};
  WORKS(recant_changes_read(next, &none, &error));
  CHECK(none.count == 0);
  recant_changes_free(next);
  recant_changes_free(page);
  options.since = "nonsense";
  CHECK(recant_changes(snapshot, &options, &next, failed) == RECANT_INVALID_ARGUMENT);
}

static void check_writing(recant_store *store, recant_error *failed) {
  recant_error error = {.size = sizeof error};
  uint16_t countries[2] = {'F' << 8 | 'R', 'D' << 8 | 'E'};
  recant_event events[4] = {
      {.kind = recant_event_kind("tweet_delete"), .at = 1000, .tweet = 154},
      {.kind = recant_event_kind("tweet_withheld"), .at = 1000, .tweet = 155, .countries = countries, .country_count = 2},
      {.kind = recant_event_kind("user_protect"), .at = 1000, .user = 7},
      {.kind = recant_event_kind("tweet_held"), .at = 1000, .tweet = 156, .author = 7, .source = "c"}};
  uint64_t last = 0;
  WORKS(recant_store_append(store, events, 4, sizeof events[0], &last, &error));
  CHECK(last == 4);
  recant_event bad = {.kind = recant_event_kind("tweet_delete"), .at = 1000};
  CHECK(recant_store_append(store, &bad, 1, sizeof bad, NULL, failed) == RECANT_INVALID_ARGUMENT);
  CHECK(recant_store_append(store, events, 4, 8, NULL, failed) == RECANT_INVALID_ARGUMENT);
  uint64_t seen[5] = {0};
  WORKS(recant_store_read_events(store, 1, 0, stop_after_two, seen, &error));
  CHECK(seen[0] == 2 && seen[1] == 154 && seen[2] == 155);
  WORKS(recant_store_seal(store, &error));
  char digest[33];
  WORKS(recant_store_rebuild(store, NULL, NULL, digest, &error));
  CHECK(recant_store_rebuild(store, cancel, NULL, digest, failed) == RECANT_CANCELLED);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  recant_error error = {.size = sizeof error};
  recant_error failed = {.size = sizeof failed};
  CHECK(recant_c_version() == RECANT_C_VERSION);
  CHECK(strcmp(recant_action_name(RECANT_STRIP_GEO), "strip_geo") == 0);
  CHECK(recant_action_name(8) == NULL && recant_event_name(0) == NULL && recant_event_name(24) == NULL);
  CHECK(recant_via_name(9) == NULL && recant_event_kind("nothing") == 0 && recant_event_kind(NULL) == 0);
  CHECK(strcmp(recant_why_name(2), "not_found") == 0 && recant_why_name(6) == NULL);
  CHECK(recant_parse_time("yesterday") == -1 && recant_parse_time(NULL) == -1);
  recant_store *store = open_store(argv[1], &failed);
  if (store == NULL) return 1;
  check_writing(store, &failed);
  recant_snapshot *snapshot = NULL;
  WORKS(recant_store_snapshot(store, &snapshot, &error));
  if (snapshot == NULL) return 1;
  WORKS(recant_store_write_snapshot(store, argv[2], &error));
  CHECK(recant_store_write_snapshot(store, argv[2], &failed) == RECANT_INVALID_ARGUMENT);
  recant_store_close(store); /* the snapshot stays readable */
  check_sizes(snapshot, &failed);
  check_reasons(snapshot);
  check_nothings(snapshot, &failed);
  check_lookups(snapshot, &failed);
  check_changes(snapshot, &failed);
  recant_snapshot_free(snapshot);
  recant_store_close(NULL);
  recant_snapshot_free(NULL);
  recant_reasons_free(NULL);
  recant_changes_free(NULL);
  recant_free(NULL);
  CHECK(recant_store_seal(NULL, NULL) == RECANT_INVALID_ARGUMENT);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
