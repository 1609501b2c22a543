#!/usr/bin/env bash
# The long versions of the random tests, and the fuzzers, within TORTURE_MINUTES (480) in all; adds
# what was run to tests/TORTURE.md.
#   tests/torture.sh BUILD [FUZZ_BUILD]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 fuzz_build=${2:-}
minutes=${TORTURE_MINUTES:-480}
page=tests/TORTURE.md

# name, tests, cases that tell how long one takes, cases of the contract (reliability.md, "Numbers")
stages=(
  "kills at random and at exact calls|[kill]|30|20000"
  "states of the log after power cuts|[log][crash]|500|100000"
  "states of the index after power cuts|[index][crash]|20|5000"
  "flipped bits and bytes, cuts|[rot]|200|600000"
  "laws and oracles|[laws],[oracle],[verdict],[changes]|200|1000000"
  "network seeds|whatever the network does*|100|100000"
  "limits of the machine|[limits]|10|2000"
)
share_ms=$((minutes * 60000 / (${#stages[@]} + 2)))  # the fuzzers have two

now_ms() { date +%s%3N; }
run() { RECANT_TEST_CASES=$1 timeout $((share_ms * 4 / 1000 + 60)) "$build/recant_tests" "$2" >"$build/torture.log" 2>&1; }
# Of a stage that did not pass: too long for its share (124), or wrong.
judge() {
  if [ "$1" = 124 ]; then
    result="not finished in its time, no finding until then"
  else
    failed=1
    cp "$build/torture.log" "$build/torture-failed-$quick-$full.log"
    result="FAILED: $build/torture-failed-$quick-$full.log"
  fi
}
row() { printf '| %s | %s | %s | %s | %s |\n' "$@" | tee -a "$page"; }

printf '\n### %s, commit %s, %s minutes\n\n' "$(date -u +%Y-%m-%dT%H:%MZ)" \
  "$(git rev-parse --short HEAD)" "$minutes" | tee -a "$page"
printf '| what | RECANT_TEST_CASES | of | minutes | result |\n|---|---|---|---|---|\n' | tee -a "$page"
failed=0
for stage in "${stages[@]}"; do
  IFS='|' read -r name tests quick full <<<"$stage"
  begin=$(now_ms)
  result="no finding"
  cases=$quick
  if run "$quick" "$tests"; then
    took=$(($(now_ms) - begin + 1))
    long=$((quick * share_ms / took))
    [ "$long" -le "$full" ] || long=$full
    if [ "$long" -gt "$quick" ]; then
      cases=$long
      run "$long" "$tests" || judge $?
    fi
  else
    judge $?
  fi
  row "$name" "$cases" "$full" "$((($(now_ms) - begin) / 60000)).$((($(now_ms) - begin) / 6000 % 10))" "$result"
done
if [ -n "$fuzz_build" ]; then
  targets=$(ls fixtures/fuzz | wc -l)
  seconds=$((share_ms * 2 / 1000 / targets))
  result="no finding"
  tests/fuzz/run.sh "$fuzz_build" "$seconds" | tee "$build/torture.log" || { result="FAILED: $fuzz_build/found"; failed=1; }
  row "fuzzing, $targets targets" "$seconds s each" "7200 s each" "$((share_ms * 2 / 60000))" "$result"
fi
exit $failed
