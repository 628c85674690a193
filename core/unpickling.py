"""Reads a pickle without executing anything of it.

The operations of pickle protocols 0 to 5, after Python's pickletools.py, for the harmless machine
in `pickle_machine`.
"""

from __future__ import annotations

import codecs
import struct
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from trialdeck.core.pickle_machine import BadPickle, Forbidden, Machine, Operation, dict_of
from trialdeck.core.pickled_types import OPAQUE

if TYPE_CHECKING:
    from collections.abc import Callable

HIGHEST_PROTOCOL = 5
LONGEST_INTEGER = 1000  # bytes
_DAMAGE = (ValueError, TypeError, IndexError, KeyError, OverflowError, struct.error)


class Unpickled(NamedTuple):
    """What a pickle holds, and how many bytes it takes of those that were read."""

    value: Any
    size: int


def unpickle(data: bytes) -> Unpickled:
    """Return what a pickle holds, in plain data, `Instance`s and `OPAQUE`s. Raises `BadPickle`."""
    machine = Machine(data)
    try:
        machine.run(_OPERATIONS)
    except _DAMAGE as error:
        raise BadPickle(f"it is damaged at byte {machine.position}") from error
    except MemoryError as error:
        raise BadPickle("this machine has not enough memory for it") from error
    return Unpickled(machine.stack[-1], machine.position)


# -- the values that are written out ----------------------------------------------------------


def _utf8(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


def _latin1(raw: bytes) -> str:
    # Python 2's str: a text or bytes, which only its use can tell. This keeps both.
    return raw.decode("latin-1")


def _long(raw: bytes) -> Any:
    return int.from_bytes(raw, "little", signed=True) if len(raw) <= LONGEST_INTEGER else OPAQUE


def _int_line(raw: bytes) -> int | bool:
    return raw == b"01" if raw in (b"00", b"01") else int(raw)


def _long_line(raw: bytes) -> int:
    return int(raw.removesuffix(b"L"))


def _quoted_line(raw: bytes) -> str:
    raw = raw.strip()
    if len(raw) < 2 or raw[:1] != raw[-1:] or raw[:1] not in (b"'", b'"'):
        raise ValueError("a text without quotes")
    if b"\\" not in raw:
        return _latin1(raw[1:-1])
    with warnings.catch_warnings(action="ignore"):  # of backslashes that escape nothing
        return _latin1(codecs.escape_decode(raw[1:-1])[0])


def _escaped_line(raw: bytes) -> str:
    return raw.decode("raw-unicode-escape")


# -- the operations ---------------------------------------------------------------------------

_BYTE, _SHORT, _INT, _UNSIGNED, _LARGE, _DOUBLE = map(
    struct.Struct, ("<B", "<H", "<i", "<I", "<Q", ">d")
)


def _push(value: Any) -> Operation:
    return lambda machine: machine.push(value)


def _push_new(make: Callable[[], Any]) -> Operation:
    return lambda machine: machine.push(make())


def _push_number(layout: struct.Struct) -> Operation:
    return lambda machine: machine.push(machine.number(layout))


def _push_counted(layout: struct.Struct, read: Callable[[bytes], Any]) -> Operation:
    return lambda machine: machine.push(read(machine.take(machine.number(layout))))


def _push_line(read: Callable[[bytes], Any]) -> Operation:
    return lambda machine: machine.push(read(machine.line()))


def _push_folded(make: Callable[[list[Any]], Any]) -> Operation:
    return lambda machine: machine.push(make(machine.since_mark()))


def _recall(read: Callable[[Machine], int]) -> Operation:
    return lambda machine: machine.push(machine.memo[read(machine)])


def _remember(read: Callable[[Machine], int]) -> Operation:
    return lambda machine: machine.remember(read(machine))


def _refuse(what: str) -> Operation:
    def operation(_machine: Machine) -> NoReturn:
        raise Forbidden(f"it refers to {what}")

    return operation


def _protocol(machine: Machine) -> None:
    protocol = machine.number(_BYTE)
    if protocol > HIGHEST_PROTOCOL:
        raise BadPickle(f"it is of pickle protocol {protocol}, of which nothing is known here")


_NUMBERS: dict[str, struct.Struct] = {"J": _INT, "K": _BYTE, "M": _SHORT, "G": _DOUBLE}
_COUNTED: dict[str, tuple[struct.Struct, Callable[[bytes], Any]]] = {
    "T": (_INT, _latin1),
    "U": (_BYTE, _latin1),
    "B": (_UNSIGNED, bytes),
    "C": (_BYTE, bytes),
    "\x8e": (_LARGE, bytes),
    "\x96": (_LARGE, bytes),
    "X": (_UNSIGNED, _utf8),
    "\x8c": (_BYTE, _utf8),
    "\x8d": (_LARGE, _utf8),
    "\x8a": (_BYTE, _long),
    "\x8b": (_INT, _long),
}
_LINES: dict[str, Callable[[bytes], Any]] = {
    "I": _int_line,
    "L": _long_line,
    "F": float,
    "S": _quoted_line,
    "V": _escaped_line,
}
_REST: dict[str, Operation] = {
    "\x80": _protocol,
    "\x95": lambda m: m.take(_LARGE.size),  # a frame: its length is for readers of streams
    "N": _push(None),
    "\x88": _push(value=True),
    "\x89": _push(value=False),
    ")": _push(()),
    "]": _push_new(list),
    "}": _push_new(dict),
    "\x8f": _push_new(list),  # a set, of which only the items matter
    "(": lambda m: m.mark(),
    "l": _push_folded(list),
    "t": _push_folded(tuple),
    "d": _push_folded(dict_of),
    "\x91": _push_folded(list),
    "\x85": lambda m: m.fold(1),
    "\x86": lambda m: m.fold(2),
    "\x87": lambda m: m.fold(3),
    "0": lambda m: m.pop(),
    "1": lambda m: m.since_mark(),
    "2": lambda m: m.push(m.stack[-1]),
    "a": lambda m: m.extend([m.stack.pop()]),
    "e": lambda m: m.extend(m.since_mark()),
    "\x90": lambda m: m.extend(m.since_mark()),
    "s": lambda m: m.fill([m.stack.pop(-2), m.stack.pop()]),
    "u": lambda m: m.fill(m.since_mark()),
    "p": _remember(lambda m: int(m.line())),
    "q": _remember(lambda m: m.take(1)[0]),
    "r": _remember(lambda m: int(m.number(_UNSIGNED))),
    "\x94": _remember(lambda m: len(m.memo)),
    "g": _recall(lambda m: int(m.line())),
    "h": _recall(lambda m: m.take(1)[0]),
    "j": _recall(lambda m: int(m.number(_UNSIGNED))),
    "c": lambda m: m.push(m.find(_utf8(m.line()), _utf8(m.line()))),
    "\x93": lambda m: m.stack_global(),
    "i": lambda m: m.instance(),
    "o": lambda m: m.object(),
    "R": lambda m: m.reduce(),
    "\x81": lambda m: m.reduce(),
    "\x92": lambda m: m.new_with_names(),
    "b": lambda m: m.build(),
    "P": _refuse("an object outside of it"),
    "Q": _refuse("an object outside of it"),
    "\x82": _refuse("a table of extensions"),
    "\x83": _refuse("a table of extensions"),
    "\x84": _refuse("a table of extensions"),
    "\x97": _refuse("a buffer outside of it"),
    "\x98": _refuse("a buffer outside of it"),
}
_OPERATIONS: dict[int, Operation] = {
    **{ord(code): _push_number(layout) for code, layout in _NUMBERS.items()},
    **{ord(code): _push_counted(*how) for code, how in _COUNTED.items()},
    **{ord(code): _push_line(read) for code, read in _LINES.items()},
    **{ord(code): operation for code, operation in _REST.items()},
}
