"""The Python package beside the program: both must say the same of the same store."""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import threading

import numpy
import pandas
import pytest

import recant

EXAMPLES = pathlib.Path(__file__).parents[2] / "engine/python/examples"
AT = "2022-07-01T00:00:00Z"
AS_OF = "2024-01-01T00:00:00Z"
EVENTS = [
    {"event": "tweet_delete", "at": AT, "tweet_id": 154},
    {"event": "tweet_withheld", "at": AT, "tweet_id": 155, "countries": ["FR", "DE"]},
    {"event": "user_protect", "at": AT, "user_id": 7},
    {"event": "tweet_held", "at": AT, "tweet_id": 2**64 - 1, "author_id": 7, "source": "python"},
    {"event": "scrub_geo", "at": AT, "user_id": 8, "up_to_tweet_id": 400},
    {"event": "user_profile_modification", "at": AT, "user_id": 9, "field": "name"},
    {"event": "tweet_edit", "at": AT, "tweet_id": 302, "initial_tweet_id": 300, "edit_tweet_ids": [300, 301, 302]},
]


@pytest.fixture
def directory(tmp_path):
    path = tmp_path / "store"
    with recant.Store(path, create=True) as store:
        assert store.append(EVENTS) == len(EVENTS)
    return path


@pytest.fixture
def store(directory):
    with recant.Store(directory) as opened:
        yield opened


def program(directory, *words, stdin=""):
    done = subprocess.run(
        [os.environ["RECANT_BINARY"], "--store", directory, *words], input=stdin, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_check_says_what_the_program_says(directory, store):
    rows = [(154, 0), (155, 0), (300, 8), (301, 0), (350, 8), (401, 8), (500, 9), (600, 7), (2**64 - 1, 0), (700, 0)]
    table = "id,author_id\n" + "".join(f"{id},{author or ''}\n" for id, author in rows)
    lines = program(directory, "check", "-", "--all", "--as-of", AS_OF, stdin=table)
    result = store.check([id for id, _ in rows], authors=[author for _, author in rows], as_of=AS_OF)
    assert result.action_names() == [line["action"] for line in lines]
    assert set(result.action_names()) >= {"delete", "withhold", "strip_geo", "refresh", "refresh_profile", "keep"}
    for place, line in enumerate(lines):
        reasons = result.reasons(place)
        assert len(reasons) == len(line["reasons"])
        for mine, theirs in zip(reasons, line["reasons"]):
            assert (mine.action, mine.event, mine.via) == (theirs["action"], theirs["event"], theirs["via"])
            assert mine.tweet_id == int(theirs.get("tweet_id", 0))
            assert mine.user_id == int(theirs.get("user_id", 0))
            assert list(mine.countries) == theirs.get("countries", [])
            assert list(mine.fields) == theirs.get("fields", [])
            assert mine.latest_tweet_id == int(theirs.get("latest_tweet_id", 0))
            assert mine.up_to_tweet_id == int(theirs.get("up_to_tweet_id", 0))
            assert mine.grace_expired == theirs.get("grace_expired", False)


def test_columns_come_as_arrays_lists_text_and_series(store):
    ids = [154, 155, 2**64 - 1]
    expected = ["delete", "withhold", "suppress"]
    for column in (
        ids,
        tuple(ids),
        numpy.array(ids, dtype=numpy.uint64),
        numpy.array([0, *ids, 0], dtype=numpy.uint64)[1:-1],
        [str(id) for id in ids],
        pandas.Series([str(id) for id in ids]),
        numpy.array([[id, 0] for id in ids], dtype=numpy.uint64)[:, 0],
    ):
        result = store.check(column, as_of=AS_OF)
        assert result.action_names() == expected
        assert isinstance(result.actions, numpy.ndarray)
        assert list(result.keep()) == [False] * 3
    assert store.check(iter(ids), as_of=AS_OF).action_names() == expected
    authors = pandas.Series([None, float("nan"), "7"], dtype=object)
    assert store.check(ids, authors=authors, as_of=AS_OF).action_names() == expected
    assert len(store.check([], as_of=AS_OF)) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        {"ids": [1.5e18]},
        {"ids": numpy.array([1.0])},
        {"ids": [-1]},
        {"ids": [2**64]},
        {"ids": ["x"]},
        {"ids": [1, 2], "authors": [1]},
        {"ids": [1], "type": "posts"},
        {"ids": [1], "delete_on": ["nothing"]},
        {"ids": [1], "country": "Germany"},
        {"ids": [1], "as_of": "yesterday"},
        {"ids": [1], "as_of": datetime.datetime(2024, 1, 1)},
        {"ids": [[1, 2]]},
    ],
)
def test_what_is_no_column_is_refused(store, arguments):
    with pytest.raises((ValueError, OverflowError)):
        store.check(**arguments)


@pytest.mark.parametrize("missing", [0, None, "", float("nan"), pandas.NA])
def test_a_missing_id_is_refused_by_its_place(store, missing):
    for column in ([154, missing], pandas.Series(["154", missing], dtype=object)):
        with pytest.raises(ValueError, match=r"ids\[1\]"):
            store.check(column)
        with pytest.raises(ValueError, match=r"users\[1\]"):
            store.check([154, 155], type="likes", users=column)
        assert store.check([154, 155], authors=column, users=column).action_names() == ["delete", "withhold"]
    with pytest.raises(ValueError, match=r"ids\[2\]"):
        store.check(numpy.array([154, 155, 0, 0], dtype=numpy.uint64))


@pytest.mark.parametrize("country", ["", "D", "de1", "\u00e4\u00f6", "D1"])
def test_what_is_no_country_is_refused(store, country):
    with pytest.raises(ValueError, match="country"):
        store.check([155], country=country)
    with pytest.raises(ValueError, match="country"):
        store.snapshot().changes_page(country=country)


def test_times_policies_and_types(store):
    protected = {"ids": [600], "authors": [7]}
    before = datetime.datetime(2022, 6, 30, tzinfo=datetime.timezone.utc)
    assert store.check(**protected, as_of=before).action_names() == ["keep"]
    assert store.check(**protected, as_of=1_656_633_600_000).action_names() == ["suppress"]
    assert store.check(**protected, delete_on=["user_protect"]).action_names() == ["delete"]
    assert store.check([155], country="de").action_names() == ["suppress"]
    assert store.check([155], country="US").action_names() == ["keep"]
    assert store.check([7, 8], type="users").action_names() == ["suppress", "strip_geo"]
    likes = store.check([154], type="likes", users=[1])
    assert likes.action_names() == ["delete"]
    with pytest.raises(recant.RecantError) as refused:
        store.check([154], type="likes")
    assert refused.value.code == "invalid_argument"
    assert store.check([700]).without_author(0)
    with pytest.raises(IndexError):
        likes.reasons(1)
    with pytest.raises(ValueError):
        store.check([1], reasons=False).reasons(0)


def test_tweets_and_users_are_what_the_program_prints(directory, store):
    assert [store.tweet(154, AS_OF)] == program(directory, "tweet", "154", "--as-of", AS_OF)
    assert [store.user(7, AS_OF)] == program(directory, "user", "7", "--as-of", AS_OF)
    assert list(store.snapshot().author_tweets(7)) == [2**64 - 1]
    assert list(store.snapshot().retweets_of(1)) == []


def test_changes_go_on_from_their_cursor(store):
    store.append({"event": "tweet_held", "at": AT, "tweet_id": id} for id in range(1000, 1025))
    seen = {}
    cursor = ""
    for change, after in store.changes(page=10):
        seen[change.id] = change.action
        cursor = after or cursor
    assert len(seen) == 26
    assert seen[2**64 - 1] == "suppress"
    assert list(store.changes(cursor)) == []
    store.append([{"event": "tweet_delete", "at": AT, "tweet_id": 1007}])
    assert [(change.id, change.action) for change, _ in store.changes(cursor)] == [(1007, "delete")]
    assert [change.reasons[0].event for change, _ in store.changes(cursor)] == ["tweet_delete"]


def test_a_snapshot_stays_what_it_was(store, tmp_path):
    snapshot = store.snapshot()
    digest = snapshot.digest()
    store.append([{"event": "tweet_delete", "at": AT, "tweet_id": 1}])
    assert snapshot.check([1]).action_names() == ["keep"]
    assert store.check([1]).action_names() == ["delete"]
    store.write_snapshot(tmp_path / "sealed")
    store.close()
    store.close()
    assert snapshot.digest() == digest
    sealed = recant.Store(tmp_path / "sealed")
    assert sealed.check([1]).action_names() == ["delete"]
    with pytest.raises(recant.RecantError) as refused:
        sealed.append(EVENTS)
    assert refused.value.code == "invalid_argument"


def test_errors_say_what_to_do(tmp_path):
    with pytest.raises(recant.RecantError, match="there is no store") as failed:
        recant.Store(tmp_path / "none")
    assert failed.value.code == "io"


def test_many_threads_share_a_snapshot(store):
    snapshot = store.snapshot()
    ids = numpy.arange(1, 20_001, dtype=numpy.uint64)
    results = []
    threads = [threading.Thread(target=lambda: results.append(snapshot.check(ids, as_of=AS_OF))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for result in results:
        assert (result.actions == results[0].actions).all()
        assert result.action_names()[153] == "delete"


def test_the_package_works_without_numpy(directory):
    script = (
        "import sys; sys.modules['numpy'] = None\n"
        "import recant\n"
        f"store = recant.Store({str(directory)!r})\n"
        f"result = store.check(['154', 155, 700], authors=[None, '', 1], as_of={AS_OF!r})\n"
        "assert result.actions == bytes([0, 2, 7]), result.actions\n"
        "assert result.keep() == [False, False, True]\n"
        "assert store.snapshot().author_tweets(7) == [2**64 - 1]\n"
        "try: store.check([154, None])\n"
        "except ValueError as refused: assert 'ids[1]' in str(refused)\n"
        "else: raise AssertionError\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_examples_clean_frames(directory, tmp_path, store):
    source = tmp_path / "tweets.csv"
    source.write_text("id,author_id,text\n154,1,gone\n600,7,hidden\n700,,stays\n155,2,withheld\n")
    target = tmp_path / "clean.csv"
    done = subprocess.run(
        [sys.executable, EXAMPLES / "clean_dataframe.py", directory, source, target],
        capture_output=True, text=True, check=True,
    )
    assert done.stdout == "4 rows, 2 kept\n"
    assert target.read_text() == "id,author_id,text\n700,,stays\n155,2,withheld\n"
    store.write_snapshot(tmp_path / "sealed")
    done = subprocess.run(
        [sys.executable, EXAMPLES / "spark_map_in_pandas.py", tmp_path / "sealed", AS_OF, source],
        capture_output=True, text=True, check=True,
    )
    assert done.stdout == "700,,stays\n155,2,withheld\n"
