#!/usr/bin/env bash
# Times the main job, ingest --log-only, rebuild and check, beside `zstd -1` of the same file in the
# same run: the ratio outlives the machine. Usage: bench/main_job.sh BUILD_DIRECTORY
# BENCH_FULL=1 adds 10 million events. BENCH_DIR is where the files go (default: a temporary place).
set -euo pipefail
build=$(realpath "$1")
work=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/recant-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

# measured NAME COMMAND...: runs it, and sets wall (seconds) and peak (MB).
measured() {
  local name=$1
  shift
  "$build/recant_run_measured" "$work/measured.json" "$@" >"$work/out" 2>"$work/err" || {
    local code=$?
    # 1 means "done, and something was found".
    if [ "$code" -ne 1 ]; then
      echo "$name failed with exit $code:" >&2
      cat "$work/err" >&2
      exit 1
    fi
  }
  wall=$(sed 's/.*"wall_seconds":\([0-9.]*\).*/\1/' "$work/measured.json")
  peak=$(sed 's/.*"peak_bytes":\([0-9]*\).*/\1/' "$work/measured.json")
}
per_second() { awk -v n="$1" -v s="$2" 'BEGIN { printf "%.2f M/s", n / (s > 0 ? s : 0.001) / 1e6 }'; }
divided() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }'; }
megabytes() { awk -v b="$1" 'BEGIN { printf "%.0f MB", b / 1e6 }'; }
field() { sed "s/.*\"$1\":\([0-9.]*\).*/\1/" "$2"; }
row() { printf '  %-26s %10s %14s  %10s  %s\n' "$@"; }

bench() {
  local events=$1
  local lines=$work/events.jsonl ids=$work/ids.txt store=$work/store
  rm -rf "$store"
  "$build/recant_generate" --events "$events" --seed 1 >"$lines"
  "$build/recant_generate" --events "$events" --seed 1 --queries "$events" >"$ids"
  printf '%s events, %s of lines\n' "$events" "$(megabytes "$(stat -c %s "$lines")")"
  row job seconds rate peak "times zstd -1"

  cat "$lines" >/dev/null  # both start from a warm page cache
  measured zstd zstd -q -1 --single-thread -c "$lines"
  local reference=$wall
  row "zstd -1 --single-thread" "$wall" "$(per_second "$events" "$wall")" "$(megabytes "$peak")" 1.00

  measured ingest "$build/recant" --store "$store" ingest --log-only "$lines"
  row "ingest --log-only" "$wall" "$(per_second "$events" "$wall")" "$(megabytes "$peak")" \
    "$(divided "$reference" "$wall")"

  measured rebuild "$build/recant" --store "$store" rebuild
  row rebuild "$wall" "$(per_second "$events" "$wall")" "$(megabytes "$peak")" \
    "$(divided "$reference" "$wall")"

  measured check "$build/recant" --store "$store" check "$ids" --output "$work/actions.jsonl"
  row "check, half of ids known" "$wall" "$(per_second "$events" "$wall")" "$(megabytes "$peak")" \
    "$(divided "$reference" "$wall")"

  "$build/recant" --store "$store" stats --json >"$work/stats.json"
  local index tweets
  index=$(field index_bytes "$work/stats.json")
  tweets=$(field tweets "$work/stats.json")
  printf '  %s bytes an event in the log, %s bytes a tweet in the index (all tables)\n\n' \
    "$(field bytes_per_event "$work/stats.json")" "$(divided "$index" "$tweets")"
}

bench 1000000
if [ "${BENCH_FULL:-0}" = 1 ]; then bench 10000000; fi
