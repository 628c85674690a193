"""Reading one table of a parameter file: mistakes are collected, never raised.

Every mistake says what is wrong with the value in it, and what to write instead.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple

from trialdeck.core.errors import Fix, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

# New values by name, None for what is to go. The name "" stands for the dimension itself, which is
# to keep this one value.
Offer = Mapping[str, Any]

# Neither the difference nor the square of two such numbers overflows or vanishes.
LARGEST = 1e150
SMALLEST = 1e-150
# Up to here a float tells x - 0.5 from x, which is how hyperopt draws whole numbers.
LARGEST_WHOLE = 2**50


def shown(value: object) -> str:
    """Return `value` as a parameter file would have it, cut when it is long."""
    text = _written(value)
    return text if len(text) <= 200 else text[:199] + "…"


def _written(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_written(v)}" for k, v in value.items()) + " }"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    return _written_number(value) if isinstance(value, int | float) else str(value)


def _written_number(value: float) -> str:
    if isinstance(value, float):
        return _short_float(value)
    # Python refuses to write whole numbers of thousands of digits
    return str(value) if abs(value) < 10**100 else f"a number of {_digits(value)} digits"


def _digits(value: int) -> int:
    return math.floor(math.log10(abs(value))) + 1


def _short_float(value: float) -> str:
    digits = repr(value)
    if 0 < abs(value) < 0.001 and "e" not in digits:
        mantissa, exponent = f"{value:.17e}".split("e")
        places = len(digits.lstrip("-0.").rstrip("0")) - 1
        mantissa = f"{value:.{places}e}".split("e")[0]
        scientific = f"{mantissa}e{int(exponent)}"
        return scientific if len(scientific) < len(digits) else digits
    return digits.replace("e-0", "e-").replace("e+", "e")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the cure of a misspelt `word`: the nearest of the `known` ones, or all of them."""
    known = list(known)
    near = nearest_word(word, known)
    return f"Did you mean {near}?" if near else "Known are: " + ", ".join(known)


def nearest_word(word: str, known: Iterable[str]) -> str:
    """Return the known word that is most like this one, "" if none is like it."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return near[0] if near else ""


def is_number(value: object) -> bool:
    """Return whether `value` is an integer or a finite float (a bool is neither)."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def key_of(prefix: str, name: str) -> str:
    """Return the path of `name` in the table `prefix`, quoted where TOML needs it."""
    bare = name.isascii() and name.replace("_", "a").replace("-", "a").isalnum()
    return f"{prefix}.{name if bare else shown(name)}"


def fix_of(values: Mapping[str, Any], text: str = "") -> Fix:
    """Return the fix that writes `values`; by default its text says what is written."""
    return Fix(text or ", ".join(starmap(_words, values.items())), values)


def _words(key: str, value: Any) -> str:
    name = key.rpartition(".")[2]
    if name.isdecimal():  # in a list
        return f"without number {int(name) + 1}" if value is None else shown(value)
    return f"without {name}" if value is None else f"{name} = {shown(value)}"


def rename_fix(prefix: str, old: str, new: str, value: Any) -> Fix:
    """Return the fix that gives a key of the table `prefix` ("": of the file) another name."""
    keys = [key_of(prefix, name).removeprefix(".") for name in (old, new)]
    return Fix(f"rename it {new}", {keys[0]: None, keys[1]: value})


def keep_fix(key: str, value: Any) -> Fix:
    """Return the fix that makes a dimension one fixed value.

    One of an option becomes a constant of that option.
    """
    prefix, _, name = key.partition(".")
    if prefix != "space" or ".options." in key:
        return Fix(f"always {shown(value)}", {key: value})
    return Fix(f"always {shown(value)}, in [fixed]", {key: None, f"fixed.{name}": value})


@dataclass(frozen=True)
class Reading:
    """One table, the path to it, what is called after it, and where its mistakes go."""

    table: Mapping[str, Any]
    key: str
    name: str
    problems: list[Problem]

    def complain(self, name: str, text: str, cure: str = "", *offers: Offer) -> None:
        """Add a mistake in the value called `name` ("": in the table itself), with its fixes."""
        key = key_of(self.key, name) if name else self.key
        self.problems.append(Problem(key, text, cure, tuple(map(self._fix, offers))))

    def _fix(self, offer: Offer) -> Fix:
        if "" in offer:
            return keep_fix(self.key, offer[""])
        return fix_of({f"{self.key}.{name}": value for name, value in offer.items()})

    def unknown_keys(self, known: Iterable[str]) -> None:
        """Complain about every key that is not `known`."""
        known = list(known)
        for name, value in self.table.items():
            if name not in known:
                fixes = [fix_of({key_of(self.key, name): None})]
                near = nearest_word(name, known)
                if near and near not in self.table:
                    fixes.insert(0, rename_fix(self.key, name, near, value))
                key, cure = key_of(self.key, name), did_you_mean(name, known)
                self.problems.append(Problem(key, f"unknown key {name}", cure, tuple(fixes)))

    def number(self, name: str, *, whole: bool = False, default: Any = None) -> float | int | None:
        """Return the finite number called `name`, an int if `whole`; None after complaining."""
        value = self.table.get(name, default)
        if value is None:
            self.complain(name, "is missing", f"Write {name} = … (a number)")
            return None
        text, cure, right = _wrong_number(value, whole=whole)
        if text:
            self.complain(name, text, cure.replace("NAME", name), *({name: n} for n in right))
            return None
        return int(value) if whole else value


class _Wrong(NamedTuple):
    """What is wrong with a number, its cure (NAME stands for its name), and the right ones."""

    text: str
    cure: str
    right: tuple[float, ...] = ()


def _wrong_number(value: object, *, whole: bool) -> _Wrong:
    """Return what is wrong with a number; with nothing, the text is ""."""
    text = shown(value)
    if isinstance(value, str):
        return _Wrong(f"{text} is text, not a number", *_number_in(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _Wrong(f"{text} is not a number", "Write NAME = … (a number)")
    if not -math.inf < value < math.inf:
        return _Wrong(f"{text} is not finite", "Write a number that is")
    if whole and value != math.floor(value):
        below = math.floor(value)
        cure = f"Write NAME = {below} or NAME = {below + 1}"
        return _Wrong(f"{text} is not a whole number", cure, (below, below + 1))
    return _wrong_size(value, whole=whole or isinstance(value, int))


def _wrong_size(value: float, *, whole: bool) -> _Wrong:
    sign = -1 if value < 0 else 1
    nearest = min(max(abs(value), SMALLEST), LARGEST_WHOLE if whole else LARGEST)
    if value == 0 or abs(value) == nearest:
        return _Wrong("", "")
    wrong = "too near to 0" if nearest == SMALLEST else "too large"
    kind = " for a whole number" if whole else ""
    right = sign * nearest
    return _Wrong(f"{shown(value)} is {wrong}{kind}", f"Write NAME = {shown(right)}", (right,))


def _number_in(text: str) -> tuple[str, tuple[float, ...]]:
    """Return the cure for a number that was written as text, logarithms included."""
    inner = text.strip().removeprefix("np.").removeprefix("numpy.").removeprefix("math.")
    is_log = inner.startswith("log(") and inner.endswith(")")
    try:
        number = float(inner[4:-1] if is_log else inner)
    except ValueError:
        return "Write NAME = … (a number)", ()
    if not math.isfinite(number):
        return "Write NAME = … (a finite number)", ()
    right = int(number) if number.is_integer() and "." not in inner else number
    if is_log:
        return f"Write the real bound, not its logarithm: NAME = {shown(right)}", (right,)
    return f"Remove the quotes: NAME = {shown(right)}", (right,)
