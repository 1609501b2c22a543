#!/bin/sh
# Builds a consumer in a folder of its own and runs what it built: run.sh KIND SOURCE BUILD PREFIX.
set -eu
kind=$1 source=$2 build=$3 prefix=$4
consumer=$source/tests/consumers/$kind
work=$build/consumers/$kind
rm -rf "$work"
mkdir -p "$work"

case $kind in
  pkg_config)
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name recant.pc)")
    export PKG_CONFIG_PATH
    c++ -std=c++23 -o "$work/by_shared" "$source/tests/consumers/judge.cc" $(pkg-config --cflags --libs recant)
    cc -std=c11 -Wall -Wextra -Werror -pedantic -o "$work/by_c" "$source/tests/consumers/judge.c" $(pkg-config --cflags --libs recant)
    # The archive, by its name: the linker would take the shared library.
    c++ -std=c++23 -o "$work/by_static" "$source/tests/consumers/judge.cc" $(pkg-config --cflags recant) \
      "$(pkg-config --variable=libdir recant)/librecant.a" $(pkg-config --static --libs recant | sed 's/-lrecant//')
    LD_LIBRARY_PATH=$(pkg-config --variable=libdir recant)
    export LD_LIBRARY_PATH
    ;;
  *)
    # "SOURCE OBJECT" a line, of what the build beside compiled.
    sed -nE "s|^  \"command\": \".* -o ([^ ]+) -c ([^ ]+)\",?$|\2 $build/\1|p" "$build/compile_commands.json" >"$work/objects"
    cmake -G Ninja -S "$consumer" -B "$work" --log-level=WARNING --no-warn-unused-cli -DCMAKE_PREFIX_PATH="$prefix" \
      -DRECANT_SOURCE="$source" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O1 \
      -DCMAKE_CXX_COMPILER_LAUNCHER="$source/tests/consumers/reuse_object.sh;$work/objects"
    programs=$(cd "$work" && ninja -t targets all | sed -n 's/^\(by_[a-z]*\): .*LINKER.*/\1/p')
    cmake --build "$work" --target $programs
    ;;
esac

ran=0
for program in "$work"/by_*; do
  [ -x "$program" ] || continue
  rm -rf "$work/store"
  [ "$("$program" "$work/store" | tr '\n' ' ')" = "delete keep " ] || { echo "$program says something else"; exit 1; }
  echo "$kind: $(basename "$program") judged"
  ran=$((ran + 1))
done
[ "$ran" -gt 0 ]
