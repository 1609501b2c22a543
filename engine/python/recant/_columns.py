"""Columns of ids, in and out: numpy arrays without a copy where numpy is there."""

from __future__ import annotations

import array
import ctypes
from collections.abc import Iterable, Sequence
from typing import Any, Union

try:
    import numpy
except ImportError:  # arrays of the standard library do
    numpy = None  # type: ignore[assignment]

Ids = Union[Sequence[int], Iterable[int], Any]

_ID_MAX = 2**64 - 1


def _is_missing(value: Any) -> bool:
    """None, NaN, NA and "": what a data frame holds of a column with gaps."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return value == "" or (isinstance(value, float) and value != value)


def _from_objects(values: Any) -> Any:
    """Ids as text, None and NaN among them."""

    def to_id(value: Any) -> int:
        if _is_missing(value):
            return 0
        if isinstance(value, float):
            raise ValueError(f"{value!r} is no id: a float cannot hold one exactly (read ids as text or uint64)")
        try:
            number = int(value)
        except TypeError:
            raise ValueError(f"{value!r} is no id: ids are one column of integers, or of text") from None
        if not 0 <= number <= _ID_MAX:
            raise ValueError(f"{value!r} is no id: ids are 1 to 2**64 - 1")
        return number

    return [to_id(value) for value in values]


def require_ids(name: str, owner: Any) -> None:
    """Every id of an id_column's owner is there: what is missing must not be judged "keep"."""
    if numpy is None:
        place = next((place for place, id in enumerate(owner) if id == 0), None)
    else:
        place = None if owner.all() else int((owner == 0).argmax())
    if place is not None:
        raise ValueError(f"{name}[{place}] is 0 or missing, which is no id (leave such rows out)")


def id_column(values: Ids) -> tuple[Any, int, int]:
    """The column's owner, the address of its uint64 values, and how many there are."""
    if numpy is None:
        memory = array.array("Q", _from_objects(values))
        return memory, memory.buffer_info()[0], len(memory)
    if not hasattr(values, "dtype"):  # numpy would make floats of large integers
        values = numpy.asarray(_from_objects(values), dtype=numpy.uint64)
    column = numpy.asarray(values)
    if column.ndim != 1:
        raise ValueError("ids are one column")
    if column.dtype.kind == "f" and column.size:
        raise ValueError("ids came as floats, which cannot hold them exactly (read ids as text or uint64)")
    if column.dtype.kind == "i" and column.size and int(column.min()) < 0:
        raise ValueError("ids are 1 to 2**64 - 1")
    if column.dtype.kind not in "ui":
        column = numpy.asarray(_from_objects(column.tolist()), dtype=numpy.uint64)
    column = numpy.ascontiguousarray(column, dtype=numpy.uint64)
    return column, column.ctypes.data, len(column)


def byte_column(size: int) -> tuple[Any, int]:
    """A column of `size` bytes to be filled, and its address."""
    if numpy is None:
        memory = bytearray(max(size, 1))
        return memory, ctypes.addressof(ctypes.c_char.from_buffer(memory))
    column = numpy.empty(size, dtype=numpy.uint8)
    return column, column.ctypes.data


def finished(column: Any, size: int) -> Any:
    """What the user gets of a byte_column."""
    return bytes(column[:size]) if numpy is None else column


def ids_out(pointer: Any, count: int) -> Any:
    """A copy of `count` ids."""
    if numpy is None:
        return [int(pointer[i]) for i in range(count)]
    if count == 0:
        return numpy.empty(0, dtype=numpy.uint64)
    return numpy.ctypeslib.as_array(pointer, shape=(count,)).copy()
