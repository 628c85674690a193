"""What a filter expression asks of each trial, put together once and asked 100,000 times."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from trialdeck.core.reading import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trialdeck.core.history.snapshot import Trial

    Test = Callable[[Trial], bool]
    Getter = Callable[[Trial], Any]
    Relation = Callable[[Any, Any], bool]


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same; true is not 1."""
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def contains(left: Any, right: Any) -> bool:
    """Whether the text of `right` is in that of `left`, in upper or lower case."""
    return _text(right) in _text(left)


def _text(value: Any) -> str:
    return (value if isinstance(value, str) else shown(value)).casefold()


def _ordered(relation: Relation) -> Relation:
    """Return the relation for numbers and for texts; between the two it is false."""

    def related(left: Any, right: Any) -> bool:
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            return relation(left, right)
        return isinstance(left, str) and isinstance(right, str) and relation(left, right)

    return related


RELATIONS: dict[str, Relation] = {
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "~": contains,
}


def compare(left: Getter, relation: str, right: Getter) -> Test:
    """Return a comparison of two values, which is false where one of the two is missing."""
    related = RELATIONS[relation]

    def test(trial: Trial) -> bool:
        one, other = left(trial), right(trial)
        return one is not None and other is not None and related(one, other)

    return test


def compare_with(value: Getter, relation: str, literal: Any, *, turned: bool = False) -> Test:
    """Return a comparison with something that never changes; `turned` when that is at the left."""
    related = RELATIONS[relation]

    def test(trial: Trial) -> bool:
        found = value(trial)
        if found is None:
            return False
        return related(literal, found) if turned else related(found, literal)

    return test


def is_one_of(value: Getter, literals: Sequence[Any], *, negated: bool) -> Test:
    """Return whether a value is one of several, or none of them; false where it is missing."""
    texts = frozenset(literal for literal in literals if isinstance(literal, str))

    def test(trial: Trial) -> bool:
        found = value(trial)
        if found is None:
            return False
        if isinstance(found, str):
            return (found in texts) != negated
        return any(equal(found, literal) for literal in literals) != negated

    return test


def all_of(tests: Sequence[Test]) -> Test:
    """Return whether all are true; asks no more than it must."""
    if len(tests) == 1:
        return tests[0]

    def test(trial: Trial) -> bool:
        for each in tests:  # noqa: SIM110 - a generator for each trial would cost twice as much
            if not each(trial):
                return False
        return True

    return test


def any_of(tests: Sequence[Test]) -> Test:
    """Return whether one is true; asks no more than it must."""
    if len(tests) == 1:
        return tests[0]

    def test(trial: Trial) -> bool:
        for each in tests:  # noqa: SIM110 - see above
            if each(trial):
                return True
        return False

    return test
