"""What differs between two versions of the parameters, and what that means for a history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.reading import key_of, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.dimension import Dimension
    from trialdeck.core.params.model import Params, Table
    from trialdeck.core.space import Space

# What a loss means is decided by these keys of [search], and by [fixed].
_MEANING = ("objective", "metric", "direction")
_FRACTION = ("fraction",)  # and by this one of [reduced_sample]


@dataclass(frozen=True, slots=True)
class Changes:
    """The differences as sentences: of the space, of what a loss means, and of the rest."""

    space: tuple[str, ...]
    meaning: tuple[str, ...]
    other: tuple[str, ...]

    @property
    def space_changed(self) -> bool:
        """Whether some trials may no longer fit."""
        return bool(self.space)

    @property
    def meaning_changed(self) -> bool:
        """Whether losses from before cannot be compared with those to come."""
        return bool(self.meaning)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All differences, the weightiest first."""
        return self.meaning + self.space + self.other


def changes(old: Params, new: Params) -> Changes:
    """Return what differs; [backends] does not count."""
    search = msgspec.structs.asdict(old.search), msgspec.structs.asdict(new.search)
    meaning = _values("search", *(_part(table, _MEANING, inside=True) for table in search))
    meaning += _values("fixed", old.fixed, new.fixed)
    other = _values("search", *(_part(table, _MEANING, inside=False) for table in search))
    reduced = _table(old.reduced_sample), _table(new.reduced_sample)
    meaning += _values(
        "reduced_sample", *(_part(table, _FRACTION, inside=True) for table in reduced)
    )
    other += _values(
        "reduced_sample", *(_part(table, _FRACTION, inside=False) for table in reduced)
    )
    for table in ("pruning", "cores", "checkpoints", "quick"):
        both = getattr(old, table), getattr(new, table)
        other += _values(table, *map(msgspec.structs.asdict, both))
    return Changes(_space(old.space, new.space), tuple(meaning), tuple(other))


def _table(table: Table | None) -> dict[str, Any]:
    return {} if table is None else msgspec.structs.asdict(table)


def _part(table: dict[str, Any], keys: tuple[str, ...], *, inside: bool) -> dict[str, Any]:
    return {key: value for key, value in table.items() if (key in keys) == inside}


def _values(table: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Say how the values of a table changed (1, 1.0 and true are three values)."""
    sentences = []
    for name in {**old, **new}:
        key, before, after = key_of(table, name), old.get(name), new.get(name)
        if _same(before, after):
            continue
        if before is None:
            sentences.append(f"{key} is new: {shown(after)}")
        elif after is None:
            sentences.append(f"{key} is gone; it was {shown(before)}")
        else:
            sentences.append(f"{key} was {shown(before)} and is {shown(after)}")
    return sentences


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _space(old: Space, new: Space) -> tuple[str, ...]:
    before = {dimension.name: dimension for dimension in old.dimensions}
    after = {dimension.name: dimension for dimension in new.dimensions}
    gone = [f"{name} is no longer searched" for name in before if name not in after]
    added = [
        f"{name} is searched now: {_described(after[name])}" for name in after if name not in before
    ]
    changed = [_dimension(before[name], after[name]) for name in before if name in after]
    constants = "what the options of a choice set has changed"
    changed.append("" if old.constants == new.constants else constants)
    return tuple(sentence for sentence in gone + added + changed if sentence)


def _dimension(old: Dimension, new: Dimension) -> str:
    if old.distribution != new.distribution:
        return f"{new.name} was {_described(old)} and is {_described(new)}"
    if old.parent != new.parent:
        return f"{new.name} goes with {_where(new)}; it went with {_where(old)}"
    if not _same(old.default, new.default):
        return f"the default of {new.name} has changed"
    return ""


def _described(dimension: Dimension) -> str:
    return f"{dimension.type} {dimension.describe()}"


def _where(dimension: Dimension) -> str:
    if dimension.parent is None:
        return "every point"
    return f"{dimension.parent.choice} = {shown(dimension.parent.option)}"
