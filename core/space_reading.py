"""The table [space] of a parameter file: its dimensions and constants, or its mistakes."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from trialdeck.core.dimension import Constants, Dimension, Parent
from trialdeck.core.distributions import DISTRIBUTIONS, Choice
from trialdeck.core.distributions.options import value_mistake
from trialdeck.core.errors import Problem
from trialdeck.core.reading import (
    Reading,
    did_you_mean,
    fix_of,
    keep_fix,
    key_of,
    nearest_word,
    rename_fix,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trialdeck.core.distributions import Distribution
    from trialdeck.core.errors import Fix

Path = tuple[Parent, ...]  # the options on the way from [space] to where something is written


class Place(NamedTuple):
    """Where a name is written."""

    key: str
    path: Path
    is_dimension: bool


@dataclass
class SpaceReader:
    """Goes down the table [space], filling `dimensions`, `constants` and `problems`."""

    problems: list[Problem]
    dimensions: list[Dimension] = field(default_factory=list)
    constants: list[Constants] = field(default_factory=list)
    places: dict[str, list[Place]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)  # every key there is, at any depth

    def read(self, table: Mapping[str, Any], key: str) -> None:
        """Read [space] itself, whose every value is a dimension."""
        if not table:
            example = f'{key}.x = {{ type = "uniform", low = 0, high = 1 }}'
            fix = fix_of({f"{key}.x": {"type": "uniform", "low": 0, "high": 1}})
            self.problems.append(
                Problem(key, "there is nothing to search", f"Write {example}", (fix,))
            )
        self.names |= set(names_in(table))
        for name, value in table.items():
            if isinstance(value, dict):
                self._read_dimension(name, value, key_of(key, name), ())
            else:
                self._complain_of_value(name, value, key_of(key, name))

    def _complain_of_value(self, name: str, value: Any, key: str) -> None:
        """Complain about what is no dimension below [space]."""
        cure = f"To keep it so, write it under [fixed]: {name} = {shown(value)}"
        fix = keep_fix(key, value)
        if isinstance(value, list):
            choice = {"type": "choice", "options": value}
            cure = f"To choose from it, write {name} = {shown(choice)}"
            fix = fix_of({key: choice}, "choose from it")
        text = f"{shown(value)} is no table with a type"
        self.problems.append(Problem(key, text, cure, (fix,)))

    def _read_dimension(self, name: str, table: Mapping[str, Any], key: str, path: Path) -> None:
        self._claim(name, table, Place(key, path, is_dimension=True))
        reading = Reading(table, key, name, self.problems)
        kind = _read_type(reading)
        if kind is None:
            return
        reading.unknown_keys(["type", *(each.name for each in fields(kind)), "default"])
        distribution = kind.parse(reading)
        if distribution is not None:
            default = _read_default(reading, distribution)
            parent = path[-1] if path else None
            written = copy.deepcopy(dict(table))
            self.dimensions.append(Dimension(name, distribution, parent, default, written))
        options = table.get("options")
        if issubclass(kind, Choice) and isinstance(options, list):
            for option in options:
                if isinstance(option, dict) and isinstance(option.get("name"), str):
                    option_key = key_of(f"{key}.options", option["name"])
                    self._read_option(option, option_key, (*path, Parent(name, option["name"])))

    def _read_option(self, option: Mapping[str, Any], key: str, path: Path) -> None:
        """Read what an option carries: tables with a type are dimensions, all else is constant."""
        constants = {}
        for name, value in option.items():
            here = key_of(key, name)
            if name == "name" or (name == "type" and value in DISTRIBUTIONS):
                continue  # the latter is told with the option
            if isinstance(value, dict) and ("type" in value or {"low", "high"} <= set(value)):
                self._read_dimension(name, value, here, path)
                continue
            self._claim(name, value, Place(here, path, is_dimension=False))
            mistake = value_mistake(value)
            if mistake:
                text = f"{shown(value)} cannot be kept: {mistake}"
                cure = f'Write it as text: "{value}"'
                fixes = () if isinstance(value, list | dict) else (fix_of({here: str(value)}),)
                self.problems.append(Problem(here, text, cure, fixes))
            constants[name] = copy.deepcopy(value)
        if constants:
            self.constants.append(Constants(path[-1], constants))

    def _claim(self, name: str, value: Any, place: Place) -> None:
        """Complain about a name that is no name, or that something else has."""
        if not name or "." in name or name != name.strip() or not name.isprintable():
            usable = "".join(c if c.isalnum() else "_" for c in name).strip("_") or "x"
            cure = f"Use letters, digits and _, as in {usable}"
            text = f"{shown(name)} is not a usable name"
            fixes = self._renaming(name, usable, value, place)
            self.problems.append(Problem(place.key, text, cure, fixes))
        for other in self.places.setdefault(name, []):
            if (place.is_dimension and other.is_dimension) or not _exclude(place.path, other.path):
                text = f"the name {name} is already taken by {other.key}"
                better = f"{place.path[-1].option if place.path else 'other'}_{name}"
                cure = f"Give one of the two another name, such as {better}"
                fixes = self._renaming(name, better, value, place)
                self.problems.append(Problem(place.key, text, cure, fixes))
                break
        self.places[name].append(place)

    def _renaming(self, name: str, new: str, value: Any, place: Place) -> tuple[Fix, ...]:
        """Return the fix that renames something, unless another has the new name already."""
        above = place.key.removesuffix(key_of("", name))
        return () if new in self.names else (rename_fix(above, name, new, value),)


def names_in(value: Any) -> Iterator[str]:
    """Yield the keys of tables in tables and lists."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from names_in(item)


def _exclude(one: Path, other: Path) -> bool:
    """Return whether two places are never active together: other options of one choice."""
    return any(a.choice == b.choice and a.option != b.option for a in one for b in other)


def _read_type(reading: Reading) -> type[Distribution] | None:
    """Return the class that the key `type` names, None after complaining."""
    name = reading.table.get("type")
    if isinstance(name, str) and name in DISTRIBUTIONS:
        return DISTRIBUTIONS[name]
    known = list(DISTRIBUTIONS)
    if isinstance(name, str):
        near = nearest_word(name, known)
        offers = ({"type": near},) if near else ()
        text = f"unknown type {shown(name)}"
        reading.complain("type", text, did_you_mean(name, known), *offers)
    elif name is None:
        fitting = [
            kind
            for kind, each in DISTRIBUTIONS.items()
            if {f.name for f in fields(each)} == set(reading.table) - {"default"}
        ]
        cure = "Write type = " + " or ".join(map(shown, fitting or known))
        reading.complain("type", "is missing", cure, *({"type": kind} for kind in fitting))
    else:
        reading.complain("type", f"{shown(name)} is no text", "Write one of " + ", ".join(known))
    return None


def _read_default(reading: Reading, distribution: Distribution) -> Any:
    """Return the default, None if there is none or after complaining."""
    default = reading.table.get("default")
    misfit = None if default is None else distribution.misfit(default)
    if misfit:
        nearest = distribution.nearest(default)
        cure = f"Write default = {shown(nearest)}"
        reading.complain("default", misfit.text, cure, {"default": nearest})
    if default is None or misfit:
        return None
    return distribution.nearest(default)
