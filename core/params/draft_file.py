"""The file of a draft: read once, and never written over what another wrote meanwhile."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from trialdeck.core.errors import DraftChanged, EditError
from trialdeck.core.params.files import replace_text
from trialdeck.core.params.syntax import read_text
from trialdeck.core.params.write import difference

if TYPE_CHECKING:
    from pathlib import Path

_MARK = "\ufeff"  # the byte order mark that some editors put in front


class DraftFile:
    """A file, and what it said when it was read or written last (`text`, None before that).

    It is known by its content, not by its time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text: str | None = None
        self._digest = ""
        self._mark = ""

    def read(self) -> str:
        """Return the text. Raises ParamsError when there is none, or it is not UTF-8."""
        self.text = read_text(self.path)
        raw = self.path.read_bytes()
        self._digest = _digest(raw)
        self._mark = _MARK if raw.startswith(_MARK.encode()) else ""
        return self.text

    def is_changed(self) -> bool:
        """Return whether there is a file and it says something else now."""
        with suppress(OSError):
            return _digest(self.path.read_bytes()) != self._digest
        return False

    def write(self, text: str, path: Path | None = None, *, overwrite: bool = False) -> None:
        """Write the text, here or to another path, whole or not at all; the mode stays.

        Raises DraftChanged when the file there is not the one that was read, unless `overwrite`,
        and EditError when it cannot be written.
        """
        path = path or self.path
        raw = (self._mark + text).encode()
        try:
            if not overwrite:
                self._check_unchanged(path, raw)
            replace_text(path, raw.decode())
        except OSError as error:
            raise EditError(f"{path} cannot be written: {error.strerror or error}") from error
        if path == self.path:
            self.text, self._digest = text, _digest(raw)

    def _check_unchanged(self, path: Path, new: bytes) -> None:
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return  # nothing can be lost
        if raw == new or (path == self.path and _digest(raw) == self._digest):
            return
        there = raw.decode("utf-8", errors="replace").removeprefix(_MARK)
        found = difference(self.text or "", there, "as it was read", "as it is now")
        raise DraftChanged(
            f"{path} was changed since it was read:\n{found}\n"
            f"Read it again, or overwrite it with what is here."
        )


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
