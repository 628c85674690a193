"""What the launch form has to say about a launch, and what its button says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from trialdeck.core.log_text import tame_text
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.check import Finding
    from trialdeck.tui.launching import Plan, Remarks


@dataclass
class Known:
    """What is known of the launch that the form shows.

    `plan` is what would run, or `trouble` says why there is none. `remarks` are those of the
    place, `silent` says why it cannot be asked, and `asking` names it while it is being asked.
    `findings` are what the check of the search has found, None before it has. `refused` says why
    the last launch was none.
    """

    plan: Plan | None = None
    trouble: str = ""
    remarks: Remarks | None = None
    silent: str = ""
    asking: str = ""
    findings: Sequence[Finding] | None = None
    refused: str = ""
    launching: bool = False

    @property
    def hopeless(self) -> bool:
        """Whether such a launch would be refused: there is no "anyway"."""
        return any(self._against)

    @property
    def _against(self) -> tuple[str, str, str]:
        refusal = self.remarks.refusal if self.remarks is not None else ""
        over = self.plan.over if self.plan is not None else ""
        return self.trouble, over, refusal

    @property
    def errors(self) -> list[str]:
        """What keeps the launch from working, each thing once."""
        found = [f.text for f in self.findings or () if f.level == "error"]
        return _once(self.refused, *self._against, *found)

    @property
    def warnings(self) -> list[str]:
        """What the user should know before it."""
        known = self.remarks.warnings if self.remarks is not None else ()
        found = [f.text for f in self.findings or () if f.level == "warning"]
        # What is wrong with the launch itself is an error already.
        silent = "" if self.silent == self.trouble else self.silent
        return _once(silent, *known, *found)

    @property
    def label(self) -> str:
        """What the button says."""
        if self.launching:
            return "Launching" + glyph("cut")
        return "Launch anyway (enter)" if self.errors and not self.hopeless else "Launch (enter)"

    def notes(self) -> list[Content]:
        """Return all that is to be said, the errors first."""
        errors, warnings = self.errors, self.warnings
        notes = [_note(text, "failed") for text in errors]
        notes += [_note(text, "warning") for text in warnings]
        awaited = [f"asking {self.asking}"] if self.asking else []
        awaited += ["checking the search"] if self.findings is None else []
        notes += [Content.styled(text + glyph("cut"), MUTED) for text in awaited]
        if not notes and self.plan is not None:
            notes.append(_note("the check found nothing wrong", "ok"))
        return notes

    def counts(self) -> Content:
        """Return how many errors and warnings there are, for those who do not see them now."""
        found = (("failed", len(self.errors)), ("warning", len(self.warnings)))
        parts = [Content.styled(f"{glyph(k)} {count}", STYLES[k]) for k, count in found if count]
        return Content("  ").join(parts)


def _once(*texts: str) -> list[str]:
    return list(dict.fromkeys(filter(None, texts)))


def _note(text: str, kind: str) -> Content:
    """Return a text behind its sign; its further lines are indented."""
    lines = tame_text(text.strip()).split("\n")
    return Content.styled(f"{glyph(kind)} " + "\n  ".join(lines), STYLES[kind])
