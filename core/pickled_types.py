"""What the pickles of hyperopt's Trials may name, and the plain data that stands for it.

The list is exact. Texts, numbers, lists and dicts are written out in a pickle and need no name;
what is named but never needed (a time zone, an object id, a whole array) becomes `OPAQUE`.
"""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_COPIED = 1000  # bytes: what is longer is no number, no time and no option


class _Opaque:
    """Something that an import has no use for."""

    __slots__ = ()


OPAQUE: Final = _Opaque()


class Known:
    """A class or function on the list; `make` stands for calling it."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[..., Any]) -> None:
        self.make = make


class Instance:
    """An object that is given its state after it was made."""

    def set_state(self, state: Any) -> None:
        """Take over what is needed of `state`."""
        raise NotImplementedError


class TrialsInstance(Instance):
    """A `hyperopt.base.Trials`, of which `attributes` are the attributes."""

    def __init__(self) -> None:
        self.attributes: dict[Any, Any] = {}

    def set_state(self, state: Any) -> None:
        """Keep the dict itself: to copy a large one again and again would take for ever."""
        if type(state) is not dict:
            raise TypeError("the state of Trials is no dict")
        self.attributes = state


class Dtype(Instance):
    """A numpy.dtype: the kind and size of its numbers ("f8"), and the order of their bytes."""

    def __init__(self, code: Any, *_options: Any) -> None:
        self.code = code if type(code) is str else ""
        self.order = "<"

    def set_state(self, state: Any) -> None:
        """Read the order of bytes off numpy's (version, order, …)."""
        if type(state) is not tuple:
            raise TypeError("the state of a dtype is no tuple")
        self.order = ">" if state[1] == ">" else "<"


class Array(Instance):
    """A numpy.ndarray; `item` is its only number, OPAQUE when it has several or none."""

    def __init__(self, *_arguments: Any) -> None:
        self.item: Any = OPAQUE

    def set_state(self, state: Any) -> None:
        """Read numpy's (version, shape, dtype, order of dimensions, bytes)."""
        _version, _shape, dtype, _order, raw = state
        self.item = scalar(dtype, raw)


_FORMATS = {
    "f2": "e",
    "f4": "f",
    "f8": "d",
    "i1": "b",
    "i2": "h",
    "i4": "i",
    "i8": "q",
    "u1": "B",
    "u2": "H",
    "u4": "I",
    "u8": "Q",
    "b1": "?",
}


def scalar(dtype: Any, raw: Any = None) -> Any:
    """Return the number or text that a numpy scalar is, OPAQUE for other kinds.

    hyperopt stores suggested values as numpy scalars, whose bytes are written out in a pickle.
    """
    if type(dtype) is not Dtype or (content := as_bytes(raw)) is None:
        return OPAQUE
    if dtype.code in _FORMATS:
        layout = struct.Struct(dtype.order + _FORMATS[dtype.code])
        return layout.unpack(content)[0] if len(content) == layout.size else OPAQUE
    if dtype.code[:1] == "U":
        encoding = "utf-32-be" if dtype.order == ">" else "utf-32-le"
        return content.decode(encoding, "replace").rstrip("\0")
    return OPAQUE


def as_bytes(raw: Any) -> bytes | None:
    """Return short bytes, also those that Python 2 pickled as a str; None for anything else."""
    if type(raw) is str and len(raw) <= MOST_COPIED and all(ord(c) < 256 for c in raw):
        return raw.encode("latin-1")
    return bytes(raw) if type(raw) in (bytes, bytearray) and len(raw) <= MOST_COPIED else None


def _from_buffer(raw: Any, dtype: Any, _shape: Any, _order: Any) -> Any:
    return scalar(dtype, raw)


def _encode(text: Any, encoding: Any = "utf-8") -> Any:
    """Stand for _codecs.encode, by which the older protocols write bytes."""
    return OPAQUE if encoding != "latin1" or (raw := as_bytes(text)) is None else raw


def _bytes(*content: Any) -> Any:
    """Stand for bytes, by which the older protocols write empty ones."""
    return OPAQUE if content else b""


def _datetime(raw: Any, _zone: Any = None) -> Any:
    """Return the time, taken for UTC as hyperopt's are: they are for people only."""
    packed = as_bytes(raw)
    if packed is None or len(packed) != 10:
        return OPAQUE
    year, month, day, hour, minute, second = struct.unpack(">HBBBBB", packed[:7])
    microsecond = int.from_bytes(packed[7:], "big")
    return datetime(year, month % 128, day, hour, minute, second, microsecond, UTC)


def _reconstruct(known: Known, _base: Any, state: Any) -> Any:
    """Stand for copyreg._reconstructor, by which protocols 0 and 1 make objects."""
    return known.make() if state is None else state


def _opaque(*_arguments: Any) -> Any:
    return OPAQUE


def _items(items: Any = None) -> Any:
    """Stand for a set: the list that it was made of."""
    return [] if items is None else items


def _dict(*pairs: Any) -> Any:
    """Stand for the subclasses of dict that are filled after they were made."""
    return OPAQUE if pairs and type(pairs[0]) is not Known else {}


def _itself(value: Any) -> Any:
    return value


def _names() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Yield module, name and what stands for it, in every spelling that was ever pickled."""
    yield "hyperopt.base", "Trials", TrialsInstance
    for core in ("numpy.core", "numpy._core"):  # before and since numpy 2
        yield f"{core}.multiarray", "scalar", scalar
        yield f"{core}.multiarray", "_reconstruct", Array
        yield f"{core}.numeric", "_frombuffer", _from_buffer
    yield "numpy", "dtype", Dtype
    yield "numpy", "ndarray", Array
    yield "_codecs", "encode", _encode
    yield "datetime", "datetime", _datetime
    for name in ("date", "time", "timedelta", "timezone"):
        yield "datetime", name, _opaque
    for registry in ("copyreg", "copy_reg"):  # Python 3 and 2
        yield registry, "_reconstructor", _reconstruct
    for builtins in ("builtins", "__builtin__"):
        yield builtins, "set", _items
        yield builtins, "frozenset", _items
        yield builtins, "bytes", _bytes
        for name in ("object", "dict", "list", "int", "long", "float", "bytearray"):
            yield builtins, name, _opaque
    yield "collections", "OrderedDict", _dict
    yield "collections", "defaultdict", _dict
    yield "bson.son", "SON", _dict
    yield "bson.int64", "Int64", _itself
    yield "bson.objectid", "ObjectId", _opaque
    yield "bson.tz_util", "FixedOffset", _opaque


KNOWN: Final = {(module, name): Known(make) for module, name, make in _names()}


def plain(value: Any) -> Any:
    """Return the text, finite or infinite number or truth value that `value` is; else OPAQUE."""
    if type(value) is Array:
        value = value.item
    if type(value) is int and abs(value) >= 2**63:
        return math.inf if value > 0 else -math.inf
    return value if type(value) in (str, int, float, bool) else OPAQUE
