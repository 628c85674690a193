"""Waiting for a full disk: a result is worth more than the time."""

from __future__ import annotations

import errno
import logging
import math
import time

logger = logging.getLogger("trialdeck")

PATIENCE = 1.0  # seconds between two tries to write what a full disk did not take
TELL_SECONDS = 60.0  # between two warnings: each try may name another file
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Patience:
    """Waits between two tries, and says what for: at once, and now and then when that is new."""

    def __init__(self) -> None:
        self._told = ""
        self._told_at = -math.inf

    def wait(self, complaint: str) -> None:
        """Return when it is time to try again."""
        now = time.monotonic()
        if complaint != self._told and now - self._told_at >= TELL_SECONDS:
            self._told, self._told_at = complaint, now
            logger.warning("the history cannot be written, trying again: %s", complaint)
        time.sleep(PATIENCE)


def is_full(error: BaseException | None) -> bool:
    """Whether an error says that there is no room, which may come back."""
    return isinstance(error, OSError) and error.errno in _FULL
