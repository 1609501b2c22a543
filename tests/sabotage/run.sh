#!/usr/bin/env bash
# Does each sabotage (tests/sabotage/NAME.patch) to a copy of the tree and requires that a test fails.
#   tests/sabotage/run.sh [NAME...]
# The second line of a patch names the tests that are tried first; then all of them.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$root/build/sabotage
tree=$work/tree
jobs=${JOBS:-$(nproc)}
export GIT_CEILING_DIRECTORIES=$work  # `git apply` must not see the tree around the copy

# Makes the copy what the tree is, whatever an earlier run left there. What differs gets the time of
# now, not that of the tree: what was built of a sabotaged file would look newer than the good one.
update_copy() {
  local file
  mkdir -p "$tree"
  cd "$root"
  git ls-files -z | while IFS= read -r -d '' file; do
    if [ -e "$file" ]; then printf '%s\0' "$file"; fi
  done | sort -z >"$work/files"
  while IFS= read -r -d '' file; do
    cmp -s "$file" "$tree/$file" || cp --parents --preserve=mode -f "$file" "$tree"
  done <"$work/files"
  (cd "$tree" && find . -path ./build -prune -o ! -type d -printf '%P\0' | sort -z |
    comm -z -13 "$work/files" - | xargs -0 -r rm)
}
(update_copy)
launcher=()
if command -v ccache >/dev/null; then
  launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
linker=()
if command -v ld.lld >/dev/null; then
  linker=(-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld)
fi
(cd "$tree" && cmake --log-level=WARNING --preset dev "${launcher[@]}" "${linker[@]}") >"$work/log"

build() { (cd "$tree" && cmake --build --preset dev -j "$jobs" --target recant_tests recant_out_of_memory) >"$work/log" 2>&1; }
# The first test that fails of those that are asked for; nothing if all pass.
failing() {
  if [ "$1" = out_of_memory ]; then
    (cd "$tree" && timeout 900 build/dev/recant_out_of_memory build/out-of-memory 2>&1 >/dev/null) |
      sed -n 's|^out_of_memory: .*|tests/memory/out_of_memory.cc|p' | head -1 || true
    return
  fi
  (cd "$tree" && timeout 900 build/dev/recant_tests "$@" --abort --reporter compact 2>&1) |
    sed -nE 's/^(.*:[0-9]+): (failed|FAILED).*/\1/p' | sed 's|^[./]*||' | head -1 || true
}
tree_is_good() { build && [ -z "$(failing '[oracle]')" ]; }
tree_is_good || { echo "the tree fails without a sabotage: see $work/log"; exit 1; }

[ $# -gt 0 ] || set -- $(cd "$root/tests/sabotage" && ls ./*.patch | sed 's|^./||; s|\.patch$||')
missed=0
printf '| sabotage | what it does | caught by |\n|---|---|---|\n'
for name in "$@"; do
  patch=$root/tests/sabotage/$name.patch
  (cd "$tree" && git apply "$patch")
  caught=
  if build; then
    tags=$(sed -n 's/^Tests: //p' "$patch")
    caught=$(failing "$tags")
    # Tests that talk over sockets may fail for other reasons on a busy machine.
    [ -n "$caught" ] || caught=$(failing out_of_memory)
    [ -n "$caught" ] || caught=$(failing "~[feed]~[follow]~[kill]")
  else
    caught="the compiler"
  fi
  (cd "$tree" && git apply -R "$patch")
  [ -n "$caught" ] || missed=1
  printf '| %s | %s | %s |\n' "$name" "$(head -1 "$patch")" "${caught:-**nothing**}"
done
exit $missed
