"""Reading one table of a parameter file: mistakes are collected, never raised.

Every mistake says what is wrong with the value in it, and what to write instead.
"""

from __future__ import annotations

import difflib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else "Known are: " + ", ".join(known)


def is_number(value: object) -> bool:
    """Return whether `value` is an integer or a finite float (a bool is neither)."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def key_of(prefix: str, name: str) -> str:
    """Return the path of `name` in the table `prefix`, quoted where TOML needs it."""
    bare = name.isascii() and name.replace("_", "a").replace("-", "a").isalnum()
    return f"{prefix}.{name if bare else shown(name)}"


@dataclass(frozen=True)
class Reading:
    """One table, the path to it, what is called after it, and where its mistakes go."""

    table: Mapping[str, Any]
    key: str
    name: str
    problems: list[Problem]

    def complain(self, name: str, text: str, cure: str = "") -> None:
        """Add a mistake in the value called `name` ("": in the table itself)."""
        self.problems.append(Problem(key_of(self.key, name) if name else self.key, text, cure))

    def unknown_keys(self, known: Iterable[str]) -> None:
        """Complain about every key that is not `known`."""
        known = list(known)
        for name in self.table:
            if name not in known:
                self.complain(name, f"unknown key {name}", did_you_mean(name, known))

    def number(self, name: str, *, whole: bool = False, default: Any = None) -> float | int | None:
        """Return the finite number called `name`, an int if `whole`; None after complaining."""
        value = self.table.get(name, default)
        if value is None:
            self.complain(name, "is missing", f"Write {name} = … (a number)")
            return None
        text, cure = _wrong_number(value, whole=whole)
        if text:
            self.complain(name, text, cure.replace("NAME", name))
            return None
        return int(value) if whole else value


def _wrong_number(value: object, *, whole: bool) -> tuple[str, str]:
    """Return what is wrong with a number and its cure (NAME stands for its name), or two ""."""
    text = shown(value)
    if isinstance(value, str):
        return f"{text} is text, not a number", _number_in(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{text} is not a number", "Write NAME = … (a number)"
    if not -math.inf < value < math.inf:
        return f"{text} is not finite", "Write a number that is"
    if whole and value != math.floor(value):
        below = math.floor(value)
        return f"{text} is not a whole number", f"Write NAME = {below} or NAME = {below + 1}"
    return _wrong_size(value, whole=whole or isinstance(value, int))


def _wrong_size(value: float, *, whole: bool) -> tuple[str, str]:
    sign = -1 if value < 0 else 1
    nearest = min(max(abs(value), SMALLEST), LARGEST_WHOLE if whole else LARGEST)
    if value == 0 or abs(value) == nearest:
        return "", ""
    wrong = "too near to 0" if nearest == SMALLEST else "too large"
    kind = " for a whole number" if whole else ""
    return f"{shown(value)} is {wrong}{kind}", f"Write NAME = {shown(sign * nearest)}"


def _number_in(text: str) -> str:
    """Return the cure for a number that was written as text, logarithms included."""
    inner = text.strip().removeprefix("np.").removeprefix("numpy.").removeprefix("math.")
    is_log = inner.startswith("log(") and inner.endswith(")")
    try:
        number = float(inner[4:-1] if is_log else inner)
    except ValueError:
        return "Write NAME = … (a number)"
    if not math.isfinite(number):
        return "Write NAME = … (a finite number)"
    value = shown(int(number) if number.is_integer() and "." not in inner else number)
    if is_log:
        return f"Write the real bound, not its logarithm: NAME = {value}"
    return f"Remove the quotes: NAME = {value}"
