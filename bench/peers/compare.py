#!/usr/bin/env python3
"""recant beside what a user would pick instead, on the same events and questions, in one run.

usage: compare.py BUILD_DIRECTORY [EVENTS] [RESULT.json]

Prints one table, with ratios to recant, and writes the figures as JSON. Files go to BENCH_DIR, else
to a temporary directory.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time

PEERS = ["recant", "lmdb", "rocksdb", "sqlite", "python"]


def python_job(events, ids):
    """A script with dict and json: what one writes first."""
    begin = time.perf_counter()
    tweets, users = {}, {}
    on = {"user_delete": 0, "user_protect": 1, "user_suspend": 2}
    off = {"user_undelete": 0, "user_unprotect": 1, "user_unsuspend": 2}
    with open(events, encoding="utf-8") as lines:
        for line in lines:
            add_line(json.loads(line), tweets, users, on, off)
    loaded = time.perf_counter()
    with open(ids, encoding="utf-8") as lines:
        asked = [int(line) for line in lines]
    begin_one = time.perf_counter()
    found = sum(1 for id in asked[:1_000_000] if id in tweets)
    begin_all = time.perf_counter()
    due = sum(1 for id in asked if is_due(tweets.get(id), users))
    end = time.perf_counter()
    return {
        "load_seconds": loaded - begin,
        "bytes": 0,
        "open_seconds": loaded - begin,
        "lookups_per_second": min(len(asked), 1_000_000) / (begin_all - begin_one),
        "checks_per_second": len(asked) / (end - begin_all),
        "found": found,
        "due": due,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def add_line(event, tweets, users, on, off):
    """Joins one canonical line or stream line of the generator into the rows."""
    kind, tweet, author, user, at = fields_of(event)
    if tweet is not None:
        row = tweets.setdefault(tweet, [None, None, None])
        if author is not None:
            row[0] = author
        if kind in ("tweet_delete", "delete"):
            row[1] = at if row[1] is None else min(row[1], at)
        elif kind in ("tweet_drop", "drop"):
            row[2] = at
        elif kind in ("tweet_undrop", "undrop"):
            row[2] = None
    elif kind in on or kind in off:
        row = users.setdefault(user, [["", ""], ["", ""], ["", ""]])
        place = row[on[kind]] if kind in on else row[off[kind]]
        side = 0 if kind in on else 1
        place[side] = max(place[side], at)


def fields_of(event):
    """Kind, tweet, author, user and time of a v2 stream line."""
    kind, body = next(iter(event["data"].items())) if "data" in event else next(iter(event.items()))
    tweet = body.get("tweet", {})
    user = body.get("user", {})
    tweet_id = int(tweet["id"]) if "id" in tweet else None
    author = int(tweet["author_id"]) if "author_id" in tweet else None
    user_id = int(user["id"]) if "id" in user else None
    return kind, tweet_id, author, user_id, body.get("event_at", "")


def is_due(row, users):
    """Deleted, dropped, or of a hidden author."""
    if row is None:
        return False
    if row[1] is not None or row[2] is not None:
        return True
    toggles = users.get(row[0])
    return toggles is not None and any(at_on > at_off for at_on, at_off in toggles)


def run_json(command):
    """The JSON object that a command prints."""
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def measure(name, build, work, events, ids):
    """Both halves of the job, each in a process of its own."""
    if name == "python":
        return run_json([sys.executable, __file__, "--python-job", events, ids])
    peer = os.path.join(build, "recant_peer")
    place = os.path.join(work, name)
    loaded = run_json([peer, name, "load", place, events, ids])
    asked = run_json([peer, name, "ask", place, events, ids])
    subprocess.run(["rm", "-rf", place], check=True)
    peak = max(loaded.pop("peak_bytes"), asked.pop("peak_bytes"))
    return {**loaded, **asked, "peak_bytes": peak}


def print_table(count, figures):
    """One row a peer; in parentheses how many times recant's figure is better (above 1) or worse."""
    ours = figures["recant"]
    print(f"{count:,} events, as many questions, half of them of known tweets")
    heads = ("", "load, M events/s", "bytes an event", "open, ms", "lookups, M/s", "check, M ids/s", "peak, MB")
    print("  ".join(f"{head:>22}" for head in heads))
    for name, told in figures.items():
        load = count / told["load_seconds"] / 1e6
        our_load = count / ours["load_seconds"] / 1e6
        cells = [
            name,
            f"{load:.2f} ({our_load / load:.1f})",
            f"{told['bytes'] / count:.1f}" + (f" ({told['bytes'] / ours['bytes']:.1f})" if told["bytes"] else ""),
            f"{told['open_seconds'] * 1e3:.1f}",
            f"{told['lookups_per_second'] / 1e6:.2f} ({ours['lookups_per_second'] / told['lookups_per_second']:.1f})",
            f"{told['checks_per_second'] / 1e6:.2f} ({ours['checks_per_second'] / told['checks_per_second']:.1f})",
            f"{told['peak_bytes'] / 1e6:.0f} ({told['peak_bytes'] / ours['peak_bytes']:.1f})",
        ]
        print("  ".join(f"{cell:>22}" for cell in cells))


def main():
    """Makes the events, runs every peer, prints and writes what they took."""
    if sys.argv[1:2] == ["--python-job"]:
        print(json.dumps(python_job(sys.argv[2], sys.argv[3])))
        return
    if len(sys.argv) < 2:
        sys.exit(__doc__.split("\n\n")[1])
    build = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    result = sys.argv[3] if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as work:
        events, ids = os.path.join(work, "events.jsonl"), os.path.join(work, "ids.txt")
        generate = [os.path.join(build, "recant_generate"), "--events", str(count), "--seed", "1"]
        with open(events, "wb") as out:
            subprocess.run(generate, check=True, stdout=out)
        with open(ids, "wb") as out:
            subprocess.run([*generate, "--queries", str(count)], check=True, stdout=out)
        figures = {}
        for name in PEERS:
            figures[name] = measure(name, build, work, events, ids)
            print(f"{name}: done", file=sys.stderr)
    print_table(count, figures)
    if result:
        with open(result, "w", encoding="utf-8") as out:
            json.dump({"events": count, "peers": figures}, out, indent=1)
            out.write("\n")


if __name__ == "__main__":
    main()
