"""What the application knows at one moment. Frozen: the views draw it, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from trialdeck.core.history.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.happenings import Happening
    from trialdeck.core.history.reports import Curve
    from trialdeck.core.launching import Core
    from trialdeck.core.links import SiteRow
    from trialdeck.core.looking import Look
    from trialdeck.core.params.model import Params
    from trialdeck.core.status import Status

_EMPTY = Snapshot()
_BY_IDENTITY = ("look", "params", "curves", "happenings")
_BY_VALUE = ("file", "name", "has_draft", "reading", "revision", "trouble", "sites")


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The search as it was looked at last.

    `look` is None while the history is being read for the first time, and when there is no search
    yet; `params` are those of its newest revision. `curves` are the learning curves of running
    trials, `sites` the machines with copies of the history. `has_draft` says whether there is a
    parameter file, `trouble` why nothing can be shown.
    """

    file: Path = Path("params.toml")
    name: str = ""
    has_draft: bool = False
    reading: bool = False
    look: Look | None = None
    params: Params | None = None
    revision: int = 0
    curves: Mapping[int, Curve] = field(default_factory=lambda: MappingProxyType({}))
    happenings: tuple[Happening, ...] = ()
    trouble: str = ""
    sites: tuple[SiteRow, ...] = ()

    @property
    def snapshot(self) -> Snapshot:
        """The history, empty when there is none."""
        return self.look.snapshot if self.look is not None else _EMPTY

    @property
    def status(self) -> Status | None:
        """Where the search stands, None when there is none."""
        return self.look.status if self.look is not None else None

    @property
    def cores(self) -> tuple[Core, ...]:
        """Every core of every backend."""
        return self.look.cores if self.look is not None else ()

    @property
    def is_of_script(self) -> bool:
        """Whether a script runs the search, and no parameter file is about it."""
        script = self.params.script if self.params is not None else None
        return script is not None and not self.has_draft

    def same_as(self, other: Seen | None) -> bool:
        """Whether nothing is new. Compares by identity: what has not changed is the same object."""
        if other is None:
            return False
        return all(getattr(self, name) is getattr(other, name) for name in _BY_IDENTITY) and all(
            getattr(self, name) == getattr(other, name) for name in _BY_VALUE
        )

    @property
    def is_new(self) -> bool:
        """Whether there is neither a parameter file nor a search."""
        return not self.has_draft and not self.name and not self.reading
