"""What a look at a history has found."""

from __future__ import annotations

from typing import Literal

import msgspec

Level = Literal["ok", "warning", "error"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was looked at.

    `lost` says what cannot be had back, or what happens instead, "" when nothing is lost; `mends`
    whether `mend` does something about it.
    """

    level: Level
    text: str
    lost: str = ""
    mends: bool = False


class Size(msgspec.Struct, frozen=True):
    """How much of one kind there is: `bytes` as files have them, without what folders take."""

    kind: str
    files: int
    bytes: int


class Report(msgspec.Struct, frozen=True):
    """All that was found. `trials` are those that there is any record of."""

    search: str
    trials: int
    writers: int
    sizes: tuple[Size, ...]
    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return all(finding.level == "ok" for finding in self.findings)

    @property
    def mendable(self) -> bool:
        """Whether `mend` would do anything."""
        return any(finding.mends for finding in self.findings)
