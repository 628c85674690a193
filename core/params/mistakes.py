"""A value that is not what a key wants, in words for people.

`convert` checks a value against a type as msgspec does; when it does not fit, the sentence is made
from the type and the value, and the cure by trying what people usually meant.
"""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.errors import Problem
from trialdeck.core.params.toml_text import dotted, render
from trialdeck.core.reading import fix_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Mistake(Exception):
    """A value that cannot be used: `text` says why, `cure` what to write instead.

    `right` are the values that the cure names, where they are certain.
    """

    def __init__(self, text: str, cure: str = "", right: Sequence[Any] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.cure = cure
        self.right = right

    def at(self, *path: str) -> Problem:
        """Return it as the problem of one key."""
        key = dotted(path)
        fixes = tuple(fix_of({key: value}) for value in self.right)
        return Problem(key, self.text, self.cure, fixes)


def convert(value: Any, kind: Any) -> Any:
    """Return `value` as `kind` (a type for msgspec). Raises Mistake when it is no such thing."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _explain(value, kind) from error


def finite(value: Any) -> float:
    """Return a finite number. Raises Mistake for everything else."""
    number: float = convert(value, float)
    if not math.isfinite(number):
        raise Mistake(f"{shown(value)} is not finite; a number is wanted")
    return number


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was probably meant, or ""."""
    words = {name.lower(): name for name in known}
    # "hyperopt.rand.suggest" is "rand", and "hyperopt.tpe.suggest" is "hyperopt.tpe"
    if held := [name for name in words if f".{name}." in f".{word.lower()}."]:
        return words[max(held, key=len)]
    for part in [word, *reversed(word.split("."))]:
        found = difflib.get_close_matches(part.lower(), words, n=1, cutoff=0.54)
        if found:
            return words[found[0]]
    return ""


def what(value: Any) -> str:
    """Say what a TOML value is."""
    if isinstance(value, bool):
        return "a yes or no"
    names = {str: "text", int: "a whole number", float: "a number", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")


def _explain(value: Any, kind: Any) -> Mistake:
    import msgspec.inspect  # only a mistake needs it

    types = _alternatives(msgspec.inspect.type_info(kind))
    complaint = _complaint(value, types)
    wanted = " or ".join(_wanted(one, top=complaint.endswith("large")) for one in types)
    return Mistake(f"{complaint}; {wanted} is wanted", *_cure(value, kind, types))


def _alternatives(info: Any) -> list[Any]:
    nested = info.types if hasattr(info, "types") else (info,)
    return [one for one in nested if type(one).__name__ != "NoneType"]


def _complaint(value: Any, types: list[Any]) -> str:
    names = {type(one).__name__ for one in types}
    reason = what(value)
    if isinstance(value, float):
        reason = "a number with a decimal point" if math.isfinite(value) else "not finite"
    elif isinstance(value, str) and "LiteralType" in names:
        reason = "not known"
    elif isinstance(value, list) and "ListType" in names:
        reason = "a list of something else"
    elif type(value) is int and "IntType" in names:
        least = min(one.ge for one in types if type(one).__name__ == "IntType")
        reason = "too small" if value < least else "too large"
    return f"{shown(value)} is {reason}"


def _wanted(info: Any, *, top: bool) -> str:
    """Say what a type is; `top` when the highest number matters."""
    name = type(info).__name__
    if name == "IntType":
        limit = f" and at most {info.le:,}" if top else ""
        return f"a whole number of at least {info.ge}{limit}"
    if name == "LiteralType":
        return " or ".join(render(value) for value in info.values)
    if name == "ListType":
        return f"a list, each {_wanted(info.item_type, top=top)},"
    plain = {"FloatType": "a number", "StrType": "text in quotes", "BoolType": "true or false"}
    return plain.get(name, "a table")


def _cure(value: Any, kind: Any, types: list[Any]) -> tuple[str, list[Any]]:
    """Return the cure in words, and the value that it names."""
    words = [word for one in types for word in getattr(one, "values", ())]
    if isinstance(value, str) and words and (word := closest(value, words)):
        return f"Did you mean {render(word)}?", [word]
    for meant in _meant(value):
        try:
            msgspec.convert(meant, kind)
        except msgspec.ValidationError:
            continue
        return f"Write {render(meant)}", [meant]
    return "", []


def _meant(value: Any) -> Iterator[Any]:
    """Try what somebody may have meant by a value of the wrong type, most likely first."""
    if isinstance(value, str):
        for number in (int, float):
            try:
                yield number(value.replace("_", "").strip())
            except ValueError:
                continue
    if isinstance(value, float) and value.is_integer():
        yield int(value)
    if isinstance(value, (bool, int, float)):
        yield render(value)
    if isinstance(value, list) and len(value) == 1:
        yield value[0]
    if not isinstance(value, list):
        yield [value]
