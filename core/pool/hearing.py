"""At a site: whether anybody at home still listens."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.history.paths import HistoryPaths

SILENCE_SECONDS = 86_400.0  # TRIALDECK_SILENCE_SECONDS


class Hearing:
    """Counts for how long there has been no word from home (`history/<search>/home.json`)."""

    def __init__(self, paths: HistoryPaths, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = paths.heard
        self._clock = clock
        self._word: bytes = b""
        self._since = clock()

    def gone_quiet(self) -> str:
        """Return for how long nothing has been heard, if that is too long, as a sentence; or ""."""
        word = self._read()
        if word != self._word:
            self._word, self._since = word, self._clock()
        silence = self._clock() - self._since
        if silence < _limit():
            return ""
        return f"there has been no word from home for {silence / 3600:.0f} hours"

    def _read(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError:
            return b""


def _limit() -> float:
    """Return the default, which tests shorten."""
    try:
        return float(os.environ.get("TRIALDECK_SILENCE_SECONDS", ""))
    except ValueError:
        return SILENCE_SECONDS
