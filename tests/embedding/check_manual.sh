#!/bin/bash
# The manual tells what --help tells, renders without a warning, and the completions complete:
# check_manual.sh RECANT MANUAL_DIRECTORY.
set -euo pipefail
recant=$1 manual=$2
fail() { echo "$1"; exit 1; }

render() { MANWIDTH=1000 man --warnings=w -l "$1" 2>"$2" | sed 's/.\x08//g'; }
faults=$(mktemp) page=$(mktemp)
trap 'rm -f "$faults" "$page"' EXIT
checked=0
for file in "$manual"/man1/*.1; do
  render "$file" "$faults" >"$page"
  [ ! -s "$faults" ] || fail "$file: $(head -1 "$faults")"
done
for command in "" ingest check scrub snapshot "snapshot verify" "log cat" merge-summaries; do
  name=recant${command:+-${command// /-}}
  render "$manual/man1/$name.1" "$faults" >"$page"
  # Every option of --help, and the words that say what it does.
  while read -r option words; do
    grep -qF -- "$option" "$page" || fail "$name.1 lacks $option"
    grep -qF -- "$words" "$page" || fail "$name.1 lacks: $words"
    checked=$((checked + 1))
  done < <($recant $command --help | sed -nE 's/^  (--?[a-z-]+)(,--help)?( [A-Z][A-Z/]*)?  +([^ ].*[^ ]) *$/\1 \4/p')
done
[ "$checked" -gt 40 ] || fail "only $checked options of --help were found"
grep -q "RECANT_STORE" "$manual/man1/recant.1"

bash -n "$manual/recant.bash"
zsh -n "$manual/_recant"
fish --no-execute "$manual/recant.fish"
complete_words() {  # what bash offers for the last of the words
  (
    source "$manual/recant.bash"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _recant
    echo "${COMPREPLY[*]}"
  )
}
[ "$(complete_words recant chec)" = check ] || fail "bash does not complete recant chec"
[ "$(complete_words recant check --sha)" = --shard ] || fail "bash does not complete check --sha"
[ "$(complete_words recant log c)" = "cat compact" ] || fail "bash does not complete log c"
[[ $(complete_words recant snapshot v) = verify* ]] || fail "bash does not complete snapshot v"
[ "$(complete_words recant check --stor)" = --store ] || fail "bash does not complete --stor"
offered=$(HOME=$(mktemp -d) fish --no-config -c "source $manual/recant.fish; complete -C 'recant che'" | cut -f1)
[ "$offered" = check ] || fail "fish does not complete recant che: $offered"
echo "$checked options are told; completions complete"
