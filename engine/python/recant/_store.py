"""Stores, snapshots and what they answer."""

from __future__ import annotations

import ctypes
import datetime
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

from recant import _columns, _library
from recant._columns import Ids
from recant._library import call, name_of

Time = Union[int, str, datetime.datetime]
KEEP = 7
_TYPES = {"tweets": 0, "users": 1, "likes": 2}


def _milliseconds(time: Time) -> int:
    if isinstance(time, datetime.datetime):
        if time.tzinfo is None:
            raise ValueError("a datetime without a time zone is no moment (give it one, such as timezone.utc)")
        since = time - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return since // datetime.timedelta(milliseconds=1)
    if isinstance(time, str):
        parsed = int(call("parse_time", time.encode()))  # type: ignore[call-overload]
        if parsed < 0:
            raise ValueError(f"{time!r} is no time (2022-07-01T21:48:43Z is one)")
        return parsed
    return int(time)


def _country(code: int) -> str:
    return chr(code >> 8) + chr(code & 255)


def _policy(delete_on: Sequence[str], country: Optional[str]) -> _library.Policy:
    bits = 0
    for name in delete_on:
        kind = int(call("event_kind", name.encode()))  # type: ignore[call-overload]
        if kind == 0:
            raise ValueError(f"{name!r} is no kind of event")
        bits |= 1 << kind
    number = 0
    if country is not None:
        if len(country) != 2 or not (country.isascii() and country.isalpha()):
            raise ValueError(f"{country!r} is no country: two letters are")
        number = ord(country[0].upper()) << 8 | ord(country[1].upper())
    return _library.Policy(delete_on=bits, country=number)


@dataclass(frozen=True)
class Reason:
    """Why an action is due; the meaning of every field is in semantics.md, section 3."""

    action: str
    event: str
    via: str
    tweet_id: int  # 0: none, as for the ids below
    user_id: int
    at: int  # milliseconds since 1970
    countries: tuple[str, ...] = ()
    up_to_tweet_id: int = 0
    latest_tweet_id: int = 0
    fields: tuple[str, ...] = ()
    grace_expired: bool = False
    why: str = ""


class _Reasons:
    """Owns the reasons of a batch, which the library keeps."""

    def __init__(self, handle: ctypes.c_void_p, owner: Any = None) -> None:
        self._handle = handle
        self._owner = owner  # frees them, if there is one
        self.table = _library.ReasonsTable()
        call("reasons_read", handle, ctypes.byref(self.table))

    def __del__(self) -> None:
        if self._owner is None:
            call("reasons_free", self._handle)

    def of(self, item: int) -> list[Reason]:
        if not 0 <= item < self.table.item_count:
            raise IndexError(item)
        begin, end = self.table.offsets[item], self.table.offsets[item + 1]
        return [self._reason(self.table.reasons[i]) for i in range(begin, end)]

    def _reason(self, row: _library.ReasonRow) -> Reason:
        countries = range(row.countries_begin, row.countries_begin + row.country_count)
        fields = range(row.fields_begin, row.fields_begin + row.field_count)
        event = name_of("event", row.event)
        return Reason(
            action=name_of("action", row.action),
            event=event,
            via=name_of("via", row.via),
            tweet_id=row.tweet,
            user_id=row.user,
            at=row.at,
            countries=tuple(_country(self.table.countries[i]) for i in countries),
            up_to_tweet_id=row.detail if event == "scrub_geo" else 0,
            latest_tweet_id=row.detail if event == "tweet_edit" else 0,
            fields=tuple(self.table.fields[i].decode() for i in fields),
            grace_expired=bool(row.grace_expired),
            why=name_of("why", row.why) if row.why else "",
        )


class CheckResult:
    """The verdicts of one batch: position i is for item i."""

    def __init__(self, actions: Any, as_of: int, reasons: Optional[_Reasons]) -> None:
        self.actions = actions  #: numbers, strongest first: 0 delete to 7 keep
        self.as_of = as_of  #: what they were judged by, milliseconds since 1970
        self._reasons = reasons

    def __len__(self) -> int:
        return len(self.actions)

    def keep(self) -> Any:
        """Where nothing is due: a numpy bool array where numpy is there, else a list."""
        if _columns.numpy is not None:
            return self.actions == KEEP
        return [action == KEEP for action in self.actions]

    def action_names(self) -> list[str]:
        """"delete", "suppress", "withhold", "strip_geo", "strip_quote", "refresh", "refresh_profile" or "keep"."""
        names = [name_of("action", number) for number in range(KEEP + 1)]
        return [names[action] for action in self.actions]

    def reasons(self, item: int) -> list[Reason]:
        """Why, strongest first. Needs check(..., reasons=True)."""
        if self._reasons is None:
            raise ValueError("reasons were not asked for (check(..., reasons=True))")
        return self._reasons.of(item)

    def without_author(self, item: int) -> bool:
        """Whether no author was known: the user rules could not be applied."""
        if self._reasons is None:
            raise ValueError("reasons were not asked for (check(..., reasons=True))")
        self._reasons.of(item)
        return bool(self._reasons.table.without_author[item])


@dataclass(frozen=True)
class Change:
    """A tweet whose verdict may have changed."""

    id: int
    action: str
    reasons: list[Reason]


class Snapshot:
    """The state at one moment. It never changes, and may be used by any number of threads."""

    def __init__(self, handle: ctypes.c_void_p) -> None:
        self._handle = handle

    def __del__(self) -> None:
        call("snapshot_free", self._handle)

    @property
    def last_sequence(self) -> int:
        """The last event that the snapshot knows."""
        return int(call("snapshot_last_sequence", self._handle))  # type: ignore[call-overload]

    def default_as_of(self) -> int:
        """Now, or the newest time in the store that is at most 24 hours later."""
        out = ctypes.c_int64()
        call("snapshot_default_as_of", self._handle, ctypes.byref(out))
        return out.value

    def digest(self) -> str:
        """32 hex digits, the same for the same events. Reads everything."""
        out = (ctypes.c_char * 33)()
        call("snapshot_digest", self._handle, out)
        return out.value.decode()

    def check(
        self,
        ids: Ids,
        *,
        type: str = "tweets",
        users: Optional[Ids] = None,
        authors: Optional[Ids] = None,
        retweeted: Optional[Ids] = None,
        retweeted_authors: Optional[Ids] = None,
        quoted: Optional[Ids] = None,
        quoted_authors: Optional[Ids] = None,
        as_of: Optional[Time] = None,
        delete_on: Sequence[str] = (),
        country: Optional[str] = None,
        reasons: bool = True,
    ) -> CheckResult:
        """Judges a batch of "tweets", "users" or "likes" (which need `users`: who liked).

        Columns are numpy arrays (uint64 ones are not copied), sequences of integers, or of text that
        holds them; all of one length. 0, None, NaN and "" are not known: among `ids`, and `users` of
        likes, they are refused. `delete_on` names kinds whose suppress becomes delete; `country`
        judges for display there. Without `reasons` less is made.

        Raises ValueError for columns that are none, RecantError for a damaged store.
        """
        if type not in _TYPES:
            raise ValueError(f"{type!r} is none of {', '.join(_TYPES)}")
        columns: Mapping[str, Optional[Ids]] = {
            "ids": ids,
            "users": users,
            "authors": authors,
            "retweeted": retweeted,
            "retweeted_authors": retweeted_authors,
            "quoted": quoted,
            "quoted_authors": quoted_authors,
        }
        taken = {name: _columns.id_column(column) for name, column in columns.items() if column is not None}
        count = taken["ids"][2]
        for name, (_, _, size) in taken.items():
            if size != count:
                raise ValueError(f"{name} has {size} values, ids {count}")
        for name in ("ids", "users") if type == "likes" else ("ids",):
            if name in taken:
                _columns.require_ids(name, taken[name][0])
        items = _library.Items(type=_TYPES[type], count=count)
        for name, (_, address, _) in taken.items():
            setattr(items, name, address)
        when = self.default_as_of() if as_of is None else _milliseconds(as_of)
        policy = _policy(delete_on, country)
        actions, address = _columns.byte_column(count)
        handle = ctypes.c_void_p()
        call(
            "check",
            self._handle,
            ctypes.byref(items),
            when,
            ctypes.byref(policy),
            address,
            ctypes.byref(handle) if reasons else None,
        )
        kept = _Reasons(handle) if reasons else None
        return CheckResult(_columns.finished(actions, count), when, kept)

    def _describe(self, type: str, id: int, as_of: Optional[Time]) -> dict[str, Any]:
        when = self.default_as_of() if as_of is None else _milliseconds(as_of)
        text = ctypes.c_void_p()
        call("describe", self._handle, _TYPES[type], id, when, ctypes.byref(text))
        try:
            return json.loads(ctypes.string_at(text))  # type: ignore[arg-type]
        finally:
            call("free", text)

    def tweet(self, id: int, as_of: Optional[Time] = None) -> dict[str, Any]:
        """What is known of a tweet: "id", "state", "history" and "verdict", as `recant tweet` prints."""
        return self._describe("tweets", id, as_of)

    def user(self, id: int, as_of: Optional[Time] = None) -> dict[str, Any]:
        """What is known of a user, likewise."""
        return self._describe("users", id, as_of)

    def _related(self, relation: int, id: int) -> Any:
        ids = ctypes.POINTER(ctypes.c_uint64)()
        count = ctypes.c_uint64()
        call("related_ids", self._handle, relation, id, ctypes.byref(ids), ctypes.byref(count))
        try:
            return _columns.ids_out(ids, count.value)
        finally:
            call("free", ids)

    def author_tweets(self, user: int) -> Any:
        """The tweets of a user that are held, or are originals of held ones, ascending."""
        return self._related(0, user)

    def retweets_of(self, tweet: int) -> Any:
        """The known retweets of a tweet, ascending."""
        return self._related(2, tweet)

    def quotes_of(self, tweet: int) -> Any:
        """The known tweets that quote a tweet, ascending."""
        return self._related(4, tweet)

    def changes_page(
        self,
        since: str = "",
        limit: int = 0,
        as_of: Optional[Time] = None,
        delete_on: Sequence[str] = (),
        country: Optional[str] = None,
    ) -> tuple[list[Change], str]:
        """The held tweets whose verdict may have changed since a cursor, and the next cursor.

        Fewer than `limit` (0: no limit) means that this was all. Apply them, then store the cursor.
        """
        policy = _policy(delete_on, country)
        options = _library.ChangesOptions(
            since=since.encode(),
            limit=limit,
            as_of=self.default_as_of() if as_of is None else _milliseconds(as_of),
            policy=ctypes.pointer(policy),
        )
        page = ctypes.c_void_p()
        call("changes", self._handle, ctypes.byref(options), ctypes.byref(page))
        try:
            table = _library.ChangesTable()
            call("changes_read", page, ctypes.byref(table))
            reasons = _Reasons(ctypes.c_void_p(table.reasons), owner=page)
            changes = [
                Change(table.ids[i], name_of("action", table.actions[i]), reasons.of(i)) for i in range(table.count)
            ]
            return changes, table.cursor.decode()
        finally:
            call("changes_free", page)


class Store:
    """A store directory, or a sealed snapshot of one. Use it with `with`, or close() it.

    Its checks and lookups each see everything that the log holds when they are called; to judge many
    batches by one state, take `snapshot()` once and `check` there.
    """

    def __init__(
        self,
        directory: Union[str, "os.PathLike[str]"],
        *,
        create: bool = False,
        read_only: bool = False,
        lock_wait_ms: int = 10_000,
        on_diagnostic: Optional[Callable[[str], None]] = None,
    ) -> None:
        """Opens it. `on_diagnostic` is told what an operator should know, a line each."""
        self._handle = ctypes.c_void_p()
        tell = on_diagnostic or (lambda line: None)
        # ctypes calls it as long as the store lives.
        self._diagnostic = _library.Diagnostic(lambda user, line: tell(line.decode("utf-8", "replace")))
        options = _library.StoreOptions(
            flags=(1 if create else 0) | (2 if read_only else 0),
            directory=os.fsencode(directory),
            lock_wait_ms=lock_wait_ms if lock_wait_ms > 0 else -1,
            on_diagnostic=self._diagnostic,
        )
        call("store_open", ctypes.byref(options), ctypes.byref(self._handle))

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Closes it; snapshots stay readable."""
        handle, self._handle = self._handle, ctypes.c_void_p()
        if handle:
            call("store_close", handle)

    def append(self, events: Iterable[Mapping[str, Any]]) -> int:
        """Appends events and makes them durable together; returns the last sequence number.

        An event names "event" and "at" (as of `check`), and "tweet_id", "author_id", "user_id",
        "quote_tweet_id", "up_to_tweet_id", "initial_tweet_id", "edit_tweet_ids", "countries", "field",
        "why" (its number), "retweeted_id", "retweeted_author_id", "quoted_id", "quoted_author_id" and
        "source" where its kind has them, as canonical lines do.
        """
        kept: list[Any] = []
        rows = [_event(event, kept) for event in events]
        last = ctypes.c_uint64()
        call(
            "store_append",
            self._handle,
            (_library.Event * len(rows))(*rows),
            len(rows),
            ctypes.sizeof(_library.Event),
            ctypes.byref(last),
        )
        return last.value

    def snapshot(self) -> Snapshot:
        """The state with everything that the log holds now."""
        handle = ctypes.c_void_p()
        call("store_snapshot", self._handle, ctypes.byref(handle))
        return Snapshot(handle)

    def write_snapshot(self, directory: Union[str, "os.PathLike[str]"]) -> None:
        """Writes a sealed snapshot into a new directory, to be shared, also over NFS."""
        call("store_write_snapshot", self._handle, os.fsencode(directory))

    def check(self, ids: Ids, **columns: Any) -> CheckResult:
        """Snapshot.check on the state of now."""
        return self.snapshot().check(ids, **columns)

    def tweet(self, id: int, as_of: Optional[Time] = None) -> dict[str, Any]:
        """Snapshot.tweet on the state of now."""
        return self.snapshot().tweet(id, as_of)

    def user(self, id: int, as_of: Optional[Time] = None) -> dict[str, Any]:
        """Snapshot.user on the state of now."""
        return self.snapshot().user(id, as_of)

    def changes(self, since: str = "", *, page: int = 10_000, **policy: Any) -> Iterator[tuple[Change, str]]:
        """Each change since a cursor, with the cursor to store once all changes of its page are applied.

        The cursor is "" but for the last change of a page. It is read page by page, so that it may be
        stopped at any time and gone on from the last cursor that was stored.
        """
        while True:
            changes, since = self.snapshot().changes_page(since, page, **policy)
            for place, change in enumerate(changes):
                yield change, since if place + 1 == len(changes) else ""
            if len(changes) < page:
                return


_IDS = {
    "tweet_id": "tweet",
    "author_id": "author",
    "user_id": "user",
    "quote_tweet_id": "quote_tweet",
    "initial_tweet_id": "initial_tweet",
    "up_to_tweet_id": "up_to_tweet",
    "retweeted_id": "retweeted",
    "retweeted_author_id": "retweeted_author",
    "quoted_id": "quoted",
    "quoted_author_id": "quoted_author",
}


def _event(event: Mapping[str, Any], kept: list[Any]) -> _library.Event:
    """One row; what it points to is added to `kept`."""
    row = _library.Event()
    row.kind = int(call("event_kind", str(event["event"]).encode()))  # type: ignore[call-overload]
    row.at = _milliseconds(event["at"])
    for name, value in event.items():
        if name in _IDS:
            setattr(row, _IDS[name], int(value))
        elif name == "countries":
            codes = [ord(code[0]) << 8 | ord(code[1]) for code in value]
            row.countries = (ctypes.c_uint16 * len(codes))(*codes)
            row.country_count = len(codes)
            kept.append(row.countries)
        elif name == "edit_tweet_ids":
            row.edit_tweets = (ctypes.c_uint64 * len(value))(*(int(id) for id in value))
            row.edit_count = len(value)
            kept.append(row.edit_tweets)
        elif name in ("field", "source"):
            setattr(row, name, str(value).encode())
        elif name == "why":
            row.why = int(value)
        elif name not in ("event", "at"):
            raise ValueError(f"{name!r} is nothing that an event has here")
    return row


def clean(frame: Any, store: Union[Store, Snapshot], id_column: str = "id", **columns: str) -> Any:
    """A pandas DataFrame without the rows that must not be kept or shown.

    `columns` name the frame's columns of authors, retweeted, ... as of `check`:
    ``clean(frame, store, "tweet_id", authors="author_id")``. What only has to be changed in part
    (strip_geo, refresh, ...) stays; look at ``store.check(...).actions`` for that.
    """
    given = {name: frame[column].to_numpy() for name, column in columns.items()}
    result = store.check(frame[id_column].to_numpy(), reasons=False, **given)
    return frame[result.actions > 1]  # neither delete nor suppress
