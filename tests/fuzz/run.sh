#!/usr/bin/env bash
# Runs every fuzz target for some seconds on its kept inputs and on what earlier runs found.
#   tests/fuzz/run.sh BUILD SECONDS [TARGET...]
# What a target fails on is left in BUILD/found/: keep it in fixtures/fuzz/TARGET/ and mend the code.
set -euo pipefail
build=$1 seconds=$2
shift 2
kept=$(cd "$(dirname "$0")/../../fixtures/fuzz" && pwd)
[ $# -gt 0 ] || set -- $(ls "$kept")
mkdir -p "$build/found"
failed=0
for target in "$@"; do
  mkdir -p "$build/corpus/$target"
  log=$build/corpus/$target.log
  if "$build/fuzz_$target" -max_total_time="$seconds" -max_len=8192 -timeout=30 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$build/found/$target-" \
    "$build/corpus/$target" "$kept/$target" >"$log" 2>&1; then
    inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
    printf '%-12s %4d s %10d inputs %6d edges\n' "$target" "$seconds" "$inputs" "$edges"
  else
    failed=1
    printf '%-12s FAILED, see %s\n' "$target" "$log"
  fi
done
exit $failed
