"""What the exit code of a command means."""

from __future__ import annotations

from enum import IntEnum

from trialdeck.core.errors import HistoryError, LaunchError, TrialdeckError


class Exit(IntEnum):
    """The exit codes; `MEANINGS` has them in words."""

    FINE = 0
    FAILED = 1
    USAGE = 2
    PAUSED = 3
    STOPPED = 4
    UNREACHABLE = 5


MEANINGS = {
    Exit.FINE: "all is well",
    Exit.FAILED: "no trial succeeded, or `check` or `doctor` found something wrong",
    Exit.USAGE: "wrong use, or a parameter file with mistakes",
    Exit.PAUSED: "the search has paused itself: too many failures, or a broken objective",
    Exit.STOPPED: "stopped by the user before it was finished",
    Exit.UNREACHABLE: "the history or a backend cannot be read, written or asked",
}


def exit_of(error: TrialdeckError) -> Exit:
    """Return the exit code of a command that ends with this error."""
    return Exit.UNREACHABLE if isinstance(error, HistoryError | LaunchError) else Exit.USAGE
