#!/usr/bin/env bash
# How much memory `recant follow` needs at 17,000 lines a second (about 20,000 with the repeats that
# streams send), 17 partitions, some of them cut and refused, while storing stands still for a time
# in between: whoever holds the log's lock is to recant what a stalled disk is.
# Usage: bench/soak_follow.sh PATH/TO/recant PATH/TO/recant_platform [SECONDS [STALL_SECONDS]]
# Prints the resident set every tenth of the time, its maxima, and what arrived.
set -euo pipefail
recant=$(realpath "$1")
platform=$(realpath "$2")
seconds=${3:-600}
stall=${4:-30}
work=$(mktemp -d)
cd "$work"
export RECANT_STORE=$work/store
mkfifo stdin
"$platform" 7 1 $((seconds * 1000)) <stdin >url &
exec 9>stdin
trap 'exec 9>&-; kill "${follow:-}" 2>/dev/null; wait; rm -rf "$work"' EXIT
while [ ! -s url ]; do sleep 0.1; done
url=$(cat url)
(umask 077 && echo token >token && echo user:password >basic)

"$recant" follow v2-tweets v2-users v2-likes firehose --api-url "$url" --allow-http --token-file token \
  --firehose-url "$url/stream/compliance/accounts/a/publishers/twitter/prod.json" --basic-file basic \
  --duration "$seconds" --backfill 5 --json >report 2>talk &
follow=$!

rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$follow/status" 2>/dev/null || true; }
stall_at=$((seconds * 2 / 5))
before=0 during=0 after=0
for ((second = 1; second <= seconds; second++)); do
  sleep 1
  rss=$(rss_kb)
  [ -n "$rss" ] || break
  if ((second < stall_at)); then
    ((rss > before)) && before=$rss
  elif ((second < stall_at + stall + 5)); then
    ((rss > during)) && during=$rss
  else
    ((rss > after)) && after=$rss
  fi
  if ((second == stall_at)); then
    echo "$second s: the log's lock is held for $stall s"
    flock "$RECANT_STORE/lock" sleep "$stall" 9>&- &
  fi
  if ((second % (seconds / 10) == 0)); then echo "$second s: $((rss / 1024)) MiB"; fi
done
status=0
wait "$follow" || status=$?
follow=
echo "largest before, during and after: $((before / 1024)), $((during / 1024)), $((after / 1024)) MiB"
echo "exit $status, pauses: $(tail -1 report | grep -o '"pauses":[0-9]*' | cut -d: -f2 | awk '{ n += $1 } END { print n }')"
tail -1 talk
"$recant" verify && echo "verify: the log and its index agree"
"$recant" stats | head -20
