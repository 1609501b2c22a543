#!/bin/sh
# Runs the example programs on a small store: run_examples.sh RECANT DIRECTORY_OF_EXAMPLES WORK.
set -eu
recant=$1 examples=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
cd "$work"

same() {  # NAME, EXPECTED, ACTUAL
  [ "$2" = "$3" ] || { printf '%s: expected\n%s\ngot\n%s\n' "$1" "$2" "$3"; exit 1; }
  echo "$1: as expected"
}

cat >events.jsonl <<'JSON'
{"event":"tweet_drop","at":"2022-07-01T00:00:00Z","tweet_id":"154"}
{"event":"tweet_undrop","at":"2022-07-02T00:00:00Z","tweet_id":"154"}
{"event":"tweet_delete","at":"2022-07-03T00:00:00Z","tweet_id":"155"}
{"event":"user_protect","at":"2022-07-03T00:00:00Z","user_id":"7"}
JSON
printf 'id,author_id\n154,1\n155,1\n156,7\n' >tweets.csv
"$recant" --store store ingest events.jsonl 2>/dev/null
"$recant" --store store track tweets.csv 2>/dev/null

same batch_job "154 1
157 2" "$(printf '154 1\n155 1\n156 7\n157 2\n' | "$examples/batch_job" store)"
same replay_log "tweet_delete 1
tweet_drop 1
tweet_undrop 1
user_protect 1
tweet_held 3" "$("$examples/replay_log" store)"
same as_of_query "2022-07-01T12:00:00.000Z suppress
2022-07-02T12:00:00.000Z keep
tweet_drop at 2022-07-01T00:00:00.000Z
tweet_undrop at 2022-07-02T00:00:00.000Z" \
  "$("$examples/as_of_query" store 154 2022-07-01T12:00:00Z 2022-07-02T12:00:00Z | grep -v tweet_held)"
same follow_changes "154 keep
155 delete
156 suppress" "$("$examples/follow_changes" store cursor | sort)"
same "follow_changes again" "" "$("$examples/follow_changes" store cursor)"
printf '{"event":"tweet_delete","at":"2022-07-04T00:00:00Z","tweet_id":"154"}\n' | "$recant" --store store ingest - 2>/dev/null
same "follow_changes after an event" "154 delete" "$("$examples/follow_changes" store cursor)"
"$examples/benchmark_lookups" store 10000 >rates
same benchmark_lookups "4 0" "$(grep -c 'items/s$' rates) $(grep -c failed rates || true)"
