"""A point that somebody types: a text for each dimension, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialdeck.core.points import Wanted, meant, problems_of
from trialdeck.tui.views.space_values import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trialdeck.core.dimension import Dimension
    from trialdeck.core.errors import Problem
    from trialdeck.core.params.model import Params


class PointForm:
    """Holds the texts by name; an empty one is left to the default, or drawn."""

    def __init__(self, params: Params, point: Mapping[str, Any]) -> None:
        self.params = params
        self.texts = {d.name: text_of(point.get(d.name)) for d in params.space.dimensions}

    def active(self) -> list[Dimension]:
        """Return the dimensions that the point has, with what the options carry that it says."""
        return list(self._active())

    def _active(self) -> Iterator[Dimension]:
        said: dict[str, Any] = {}
        for dimension in self.params.space.active(said):
            text = self.texts[dimension.name].strip()
            said[dimension.name] = meant(text, dimension.distribution) if text else None
            if not text and dimension.default is not None:
                said[dimension.name] = dimension.default
            yield dimension

    @property
    def wanted(self) -> Wanted:
        """The point as it is to be asked for."""
        named = {dimension.name: self.texts[dimension.name] for dimension in self._active()}
        return Wanted({name: text for name, text in named.items() if text.strip()}, typed=True)

    def problems(self) -> dict[str, Problem]:
        """Return what is wrong, by the name of the dimension."""
        return {problem.key: problem for problem in problems_of(self.params, self.wanted)}


def gap(dimension: Dimension) -> str:
    """Return what an empty value comes to."""
    if dimension.default is None:
        return "drawn at random"
    return f"default {text_of(dimension.default)}"
