#!/usr/bin/env bash
# Follows the fake platform for a few seconds, in a temporary directory: connections are cut and
# refused, and everything arrives.
# Usage: cli/demo_feeds.sh PATH/TO/recant PATH/TO/recant_platform
set -euo pipefail
recant=$(realpath "$1")
platform=$(realpath "$2")
work=$(mktemp -d)
cd "$work"
export RECANT_STORE=$work/store
mkfifo stdin
"$platform" 7 <stdin >url &
exec 9>stdin
trap 'exec 9>&-; wait; rm -rf "$work"' EXIT
while [ ! -s url ]; do sleep 0.1; done
url=$(cat url)
(umask 077 && echo token >token)
network=(--api-url "$url" --allow-http --token-file token)

say() { printf '\n# %s\n' "$*"; }
# Shows a command and runs it; 1 means "done, and something was found".
run() {
  printf '$ recant %s\n' "$*"
  "$recant" "$@" 2>&1 || [ $? -eq 1 ]
}

say "A platform of our own listens at $url: it cuts a third of its streams, and refuses some."
say "Two compliance streams, four partitions each, for 15 seconds."
run follow v2-tweets v2-users "${network[@]}" --duration 15 --progress always --metrics-file metrics.prom

say "What was heard, until when."
run status

say "What became of it."
run stats
run verify

say "A batch job asks about every id of a dataset."
printf '1542990000000000001\n1542990000000000002\n1542990000000000003\n' >ids.txt
run batch run ids.txt --type tweets "${network[@]}" --poll 0.2
run check ids.txt

say "A lookup asks again, 100 ids a call (on this platform no tweet is to be seen)."
run lookup ids.txt "${network[@]}"

say "Metrics for Prometheus."
grep -m 3 '^recant_stream_open' metrics.prom
