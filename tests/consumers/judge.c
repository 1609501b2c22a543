/* What every C consumer builds: one deletion, two verdicts. */
#include <recant/c.h>
#include <stdio.h>

int main(int argc, char **argv) {
  recant_store_options options = {
      .size = sizeof options, .flags = RECANT_CREATE, .directory = argv[argc - 1]};
  recant_error error = {.size = sizeof error};
  recant_store *store = NULL;
  recant_snapshot *snapshot = NULL;
  recant_event event = {.kind = recant_event_kind("tweet_delete"), .at = 1000, .tweet = 154};
  if (recant_store_open(&options, &store, &error) != RECANT_OK ||
      recant_store_append(store, &event, 1, sizeof event, NULL, &error) != RECANT_OK ||
      recant_store_snapshot(store, &snapshot, &error) != RECANT_OK) {
    return puts(error.message), 1;
  }
  uint64_t ids[2] = {154, 155};
  uint8_t actions[2];
  recant_items items = {.size = sizeof items, .type = RECANT_TWEETS, .count = 2, .ids = ids};
  if (recant_check(snapshot, &items, recant_now(), NULL, actions, NULL, &error) != RECANT_OK) {
    return puts(error.message), 1;
  }
  puts(recant_action_name(actions[0]));
  puts(recant_action_name(actions[1]));
  recant_snapshot_free(snapshot);
  recant_store_close(store);
  return 0;
}
