#!/bin/bash
# Makes the Debian packages, unpacks them into an empty root, and runs what they hold from there, on the
# libraries of this machine: check_packages.sh BUILD SOURCE WORK.
set -euo pipefail
build=$1 source=$2 work=$3
rm -rf "$work"
mkdir -p "$work/root" "$work/home"
cd "$work"
fail() { echo "$1"; exit 1; }

cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/packages" >cpack.log 2>&1 || { tail -20 cpack.log; exit 1; }
packages=$(find packages -maxdepth 1 -name '*.deb' | sort)
for package in $packages; do
  dpkg -x "$package" root
  echo "$(dpkg-deb -f "$package" Package): $(dpkg-deb -f "$package" Depends)"
  dpkg-deb -c "$package" | awk '$1 !~ /^d/ {print "  " $6 " " $7 $8}'
done >contents
for name in librecant0 librecant-dev recant python3-recant; do
  grep -q "^$name: " contents || fail "there is no package $name"
done
for path in usr/bin/recant usr/include/recant/recant.h usr/include/recant/c.h usr/share/man/man1/recant.1 \
  usr/share/man/man1/recant-check.1 usr/share/bash-completion/completions/recant usr/lib/python3/dist-packages/recant/__init__.py; do
  [ -s "root/$path" ] || fail "no package has $path"
done
grep -q "^recant: .*liblmdb0" contents || fail "recant does not depend on the libraries that it needs"
grep -q "^librecant0: .*liblmdb0" contents || fail "librecant0 does not depend on the libraries that it needs"

library=$(dirname "$(find "$work/root" -name librecant.so.0)")
printf '{"event":"tweet_delete","at":"2022-07-01T00:00:00Z","tweet_id":"154"}\n' |
  env -i HOME="$work/home" root/usr/bin/recant --store store ingest - 2>/dev/null
verdicts=$(printf '154\n155\n' | env -i root/usr/bin/recant --store store check - 2>/dev/null)
[ "${verdicts:0:31}" = '{"id":"154","action":"delete","' ] || fail "recant says $verdicts"
actions=$(env -i LD_LIBRARY_PATH="$library" PYTHONPATH="$work/root/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1 \
  /usr/bin/python3 -c 'import recant; print(*recant.Store("store").check([154, 155]).action_names())')
[ "$actions" = "delete keep" ] || fail "Python says $actions"
cc -std=c11 -I root/usr/include -o judge "$source/tests/consumers/judge.c" -L "$library" -lrecant
[ "$(LD_LIBRARY_PATH=$library ./judge store2 | tr '\n' ' ')" = "delete keep " ] || fail "C says something else"
cat contents
