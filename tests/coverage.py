#!/usr/bin/env python3
"""Prints, for each folder of store/ and engine/, how many lines and branches a run of the tests reached.

    tests/coverage.py BUILD

Sums up what gcov says of each source file (headers are counted by nobody). Every call has a branch
for an exception, which is counted too.
"""
import collections
import pathlib
import re
import subprocess
import sys


class Reached:
    """Counts of lines or branches."""

    def __init__(self):
        self.reached = 0
        self.all = 0

    def add(self, match):
        if match is None:
            return
        count = int(match.group(2))
        self.all += count
        self.reached += round(float(match.group(1)) * count / 100)

    def __str__(self):
        percent = 100 * self.reached / self.all if self.all else 100
        return f"{self.all:8} {percent:6.1f}%"


def figures_of(counts, source):
    """What gcov says of `source`, or "" where it says nothing."""
    out = subprocess.run(["gcov", "-b", "-n", "-o", counts.parent, counts],
                         capture_output=True, text=True, check=True).stdout
    for file in re.split(r"(?m)^(?=File ')", out):
        named = re.match(r"File '([^']+)'", file)
        if named and named.group(1).endswith(source):
            return file
    return ""


def main(build):
    lines = collections.defaultdict(Reached)
    branches = collections.defaultdict(Reached)
    for room in ("store", "engine"):
        for counts in sorted(pathlib.Path(build, room).rglob("*.gcda")):
            source = f"{room}/" + re.sub(r".*\.dir/", "", str(counts)).removesuffix(".gcda")
            file = figures_of(counts, source)
            for folder in (str(pathlib.Path(source).parent), f"{room}/"):
                lines[folder].add(re.search(r"Lines executed:([\d.]+)% of (\d+)", file))
                branches[folder].add(re.search(r"Taken at least once:([\d.]+)% of (\d+)", file))
    if not lines:
        sys.exit(f"coverage: nothing was counted in {build} (is it a build with RECANT_COVERAGE?)")
    print(f"{'folder':16} {'lines':>8} {'run':>7} {'branches':>8} {'taken':>7}")
    for folder in sorted(lines):
        print(f"{folder:16} {lines[folder]} {branches[folder]}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
