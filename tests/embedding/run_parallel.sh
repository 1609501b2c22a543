#!/bin/bash
# Runs the README's line of GNU parallel, and what follows it there, beside one run without shards:
# run_parallel.sh RECANT README WORK.
set -euo pipefail
recant=$1 readme=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
cd "$work"
PATH=$(dirname "$recant"):$PATH
export PATH RECANT_STORE=$work/store HOME=$work  # parallel keeps files of its own there

for id in $(seq 1 300); do echo '{"id":"'"$id"'","text":"'"$(printf '%*s' $((id % 70)) '')"'"}'; done >big.jsonl
for id in $(seq 3 3 300); do
  echo '{"event":"tweet_delete","at":"2022-07-01T00:00:00Z","tweet_id":"'"$id"'"}'
done | recant ingest - 2>/dev/null

line() { grep -m1 "^$1" "$readme"; }
parallel_line=$(line 'parallel recant check big.jsonl')
bash -c "$parallel_line" </dev/null 2>/dev/null
bash -c "$(line 'cat actions.1.jsonl')"
bash -c "$(line 'recant merge-summaries')" >summary.json

recant check big.jsonl --as-of 2024-06-01T00:00:00Z --output whole.jsonl --summary whole.json 2>/dev/null
cmp actions.jsonl whole.jsonl
[ "$(wc -l <whole.jsonl)" -eq 100 ]
counts() { sed 's/,"seconds.*//' "$1"; }
[ "$(counts summary.json)" = "$(counts whole.json)" ] || { cat summary.json whole.json; exit 1; }

# The line of Slurm is the same job: its words, with the array's number in the place of parallel's.
slurm=$(line 'sbatch' | sed "s/.*--wrap '//; s/'$//; s/\$SLURM_ARRAY_TASK_ID/{}/g")
[ "parallel $slurm ::: 1 2 3 4 5 6 7 8" = "$parallel_line" ] || { echo "the lines differ: $slurm"; exit 1; }
echo "8 shards are one run"
