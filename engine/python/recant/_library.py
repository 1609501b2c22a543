"""The C interface, <recant/c.h>, as ctypes sees it. Nothing here is public but RecantError."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char_p, c_int, c_int32, c_int64, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p
from pathlib import Path

SONAME = "librecant.so.0"
CODES = (
    "ok",
    "invalid_argument",
    "io",
    "no_space",
    "corruption",
    "locked",
    "refused",
    "network",
    "no_memory",
    "cancelled",
)


class RecantError(Exception):
    """What failed, why, and what to do; `code` is a word of CODES, `offset` a place in a damaged file."""

    def __init__(self, code: int, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.code = CODES[code] if 0 <= code < len(CODES) else str(code)
        self.offset = offset


class Sized(ctypes.Structure):
    """A struct that begins with its own size."""

    def __init__(self, **members: object) -> None:
        super().__init__(size=ctypes.sizeof(type(self)), **members)


class Error(Sized):
    _fields_ = [("size", c_uint32), ("code", c_int32), ("offset", c_uint64), ("message", ctypes.c_char * 1008)]


Diagnostic = ctypes.CFUNCTYPE(None, c_void_p, c_char_p)


class StoreOptions(Sized):
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("directory", c_char_p),
        ("lock_wait_ms", c_int64),
        ("memory_bytes_max", c_uint64),
        ("seal_events_min", c_uint64),
        ("integrity", c_uint32),
        ("reserved", c_uint32),
        ("on_diagnostic", Diagnostic),
        ("user", c_void_p),
    ]


class Event(ctypes.Structure):
    _fields_ = [
        ("kind", c_uint8),
        ("why", c_uint8),
        ("reserved", c_uint8 * 6),
        ("at", c_int64),
        ("tweet", c_uint64),
        ("author", c_uint64),
        ("user", c_uint64),
        ("quote_tweet", c_uint64),
        ("initial_tweet", c_uint64),
        ("up_to_tweet", c_uint64),
        ("retweeted", c_uint64),
        ("retweeted_author", c_uint64),
        ("quoted", c_uint64),
        ("quoted_author", c_uint64),
        ("countries", POINTER(c_uint16)),
        ("country_count", c_uint64),
        ("edit_tweets", POINTER(c_uint64)),
        ("edit_count", c_uint64),
        ("field", c_char_p),
        ("source", c_char_p),
    ]


class Items(Sized):
    _fields_ = [
        ("size", c_uint32),
        ("type", c_uint8),
        ("reserved", c_uint8 * 3),
        ("count", c_uint64),
        ("ids", c_void_p),
        ("users", c_void_p),
        ("authors", c_void_p),
        ("retweeted", c_void_p),
        ("retweeted_authors", c_void_p),
        ("quoted", c_void_p),
        ("quoted_authors", c_void_p),
    ]


class Policy(Sized):
    _fields_ = [("size", c_uint32), ("delete_on", c_uint32), ("country", c_uint16), ("reserved", c_uint16 * 3)]


class ReasonRow(ctypes.Structure):
    _fields_ = [
        ("tweet", c_uint64),
        ("user", c_uint64),
        ("at", c_int64),
        ("detail", c_uint64),
        ("countries_begin", c_uint32),
        ("country_count", c_uint32),
        ("fields_begin", c_uint32),
        ("field_count", c_uint32),
        ("action", c_uint8),
        ("event", c_uint8),
        ("via", c_uint8),
        ("why", c_uint8),
        ("grace_expired", c_uint8),
        ("reserved", c_uint8 * 3),
    ]


class ReasonsTable(Sized):
    _fields_ = [
        ("size", c_uint32),
        ("reserved", c_uint32),
        ("item_count", c_uint64),
        ("offsets", POINTER(c_uint64)),
        ("count", c_uint64),
        ("reasons", POINTER(ReasonRow)),
        ("countries", POINTER(c_uint16)),
        ("fields", POINTER(c_char_p)),
        ("without_author", POINTER(c_uint8)),
    ]


class ChangesOptions(Sized):
    _fields_ = [
        ("size", c_uint32),
        ("reserved", c_uint32),
        ("since", c_char_p),
        ("limit", c_uint64),
        ("as_of", c_int64),
        ("policy", POINTER(Policy)),
    ]


class ChangesTable(Sized):
    _fields_ = [
        ("size", c_uint32),
        ("reserved", c_uint32),
        ("count", c_uint64),
        ("ids", POINTER(c_uint64)),
        ("actions", POINTER(c_uint8)),
        ("reasons", c_void_p),
        ("cursor", c_char_p),
    ]


_ERROR = POINTER(Error)
# Name, what it returns, what it takes. Those that return c_int32 and end with an Error can fail.
_FUNCTIONS: tuple[tuple[str, object, list[object]], ...] = (
    ("version", c_char_p, []),
    ("c_version", c_uint32, []),
    ("store_open", c_int32, [POINTER(StoreOptions), POINTER(c_void_p), _ERROR]),
    ("store_close", None, [c_void_p]),
    ("store_append", c_int32, [c_void_p, POINTER(Event), c_uint64, c_uint64, POINTER(c_uint64), _ERROR]),
    ("store_seal", c_int32, [c_void_p, _ERROR]),
    ("store_write_snapshot", c_int32, [c_void_p, c_char_p, _ERROR]),
    ("store_snapshot", c_int32, [c_void_p, POINTER(c_void_p), _ERROR]),
    ("snapshot_free", None, [c_void_p]),
    ("snapshot_last_sequence", c_uint64, [c_void_p]),
    ("snapshot_default_as_of", c_int32, [c_void_p, POINTER(c_int64), _ERROR]),
    ("snapshot_digest", c_int32, [c_void_p, ctypes.c_char * 33, _ERROR]),
    (
        "check",
        c_int32,
        [c_void_p, POINTER(Items), c_int64, POINTER(Policy), c_void_p, POINTER(c_void_p), _ERROR],
    ),
    ("reasons_read", c_int32, [c_void_p, POINTER(ReasonsTable), _ERROR]),
    ("reasons_free", None, [c_void_p]),
    ("describe", c_int32, [c_void_p, c_uint8, c_uint64, c_int64, POINTER(c_void_p), _ERROR]),
    (
        "related_ids",
        c_int32,
        [c_void_p, c_uint8, c_uint64, POINTER(POINTER(c_uint64)), POINTER(c_uint64), _ERROR],
    ),
    ("changes", c_int32, [c_void_p, POINTER(ChangesOptions), POINTER(c_void_p), _ERROR]),
    ("changes_read", c_int32, [c_void_p, POINTER(ChangesTable), _ERROR]),
    ("changes_free", None, [c_void_p]),
    ("free", None, [c_void_p]),
    ("action_name", c_char_p, [c_uint8]),
    ("event_name", c_char_p, [c_uint8]),
    ("via_name", c_char_p, [c_uint8]),
    ("why_name", c_char_p, [c_uint8]),
    ("event_kind", c_uint8, [c_char_p]),
    ("parse_time", c_int64, [c_char_p]),
)


def _load() -> ctypes.CDLL:
    beside = Path(__file__).with_name(SONAME)
    named = os.environ.get("RECANT_LIBRARY") or (str(beside) if beside.exists() else SONAME)
    library = ctypes.CDLL(named)
    for name, result, arguments in _FUNCTIONS:
        function = getattr(library, "recant_" + name)
        function.restype = result
        function.argtypes = arguments
    return library


_library = _load()


def call(name: str, *arguments: object) -> object:
    """Calls recant_NAME. One that can fail raises RecantError."""
    function = getattr(_library, "recant_" + name)
    if not function.argtypes or function.argtypes[-1] is not _ERROR:
        return function(*arguments)
    error = Error()
    if function(*arguments, ctypes.byref(error)) != 0:
        raise RecantError(error.code, error.message.decode("utf-8", "replace"), error.offset)
    return None


def name_of(which: str, number: int) -> str:
    """The name of an action, event, via or why."""
    name = call(which + "_name", number)
    return name.decode() if isinstance(name, bytes) else str(number)


def version() -> str:
    """The library's version, such as "0.1.0"."""
    return call("version").decode()  # type: ignore[union-attr]


def c_version() -> int:
    """RECANT_C_VERSION of the library."""
    return int(call("c_version"))  # type: ignore[call-overload]
