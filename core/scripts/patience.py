"""Waiting for a full disk: a result is worth more than the time."""

from __future__ import annotations

import errno
import logging
import time

logger = logging.getLogger("trialdeck")

PATIENCE = 1.0  # seconds between two tries to write what a full disk did not take
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Patience:
    """Waits between two tries, and says what for when that is new."""

    def __init__(self) -> None:
        self._told = ""

    def wait(self, complaint: str) -> None:
        """Return when it is time to try again."""
        if complaint != self._told:
            self._told = complaint
            logger.warning("the history cannot be written, trying again: %s", complaint)
        time.sleep(PATIENCE)


def is_full(error: BaseException | None) -> bool:
    """Whether an error says that there is no room, which may come back."""
    return isinstance(error, OSError) and error.errno in _FULL
