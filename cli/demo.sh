#!/usr/bin/env bash
# The main job on the shipped fixtures, step by step, in a temporary directory.
# Usage: cli/demo.sh PATH/TO/recant
set -euo pipefail
recant=$(realpath "$1")
samples=$(realpath "$(dirname "$0")/../fixtures/samples")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export RECANT_STORE=$work/store

say() { printf '\n# %s\n' "$*"; }
# Shows a command and runs it; 1 means "done, and something was found".
run() {
  printf '$ recant %s\n' "${*//$samples\//}"
  "$recant" "$@" 2>&1 || [ $? -eq 1 ]
}

say "Compliance events go in: the v2 streams' lines, then the enterprise firehose's."
run ingest "$samples/v2_tweet.jsonl" "$samples/v2_user.jsonl"
run ingest "$samples/gnip.jsonl"

say "What the store holds now."
run stats

say "Your data sets, in three shapes: what must be done with which post, and why?"
for dataset in dataset_ids.txt dataset_v1.jsonl dataset_v2_flat.jsonl; do
  run check "$samples/$dataset"
done

say "One post, with everything that is known of it."
run tweet 1587734789333454849

say "The log is the only truth: the index built anew from it has the same digest."
run digest
run rebuild
