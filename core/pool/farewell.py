"""What a pool has to say to places before it ends, when a search or a launch is over with it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from trialdeck.core.errors import TrialdeckError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.writers import Liveness

PATIENCE = 20.0  # seconds; a place that does not answer keeps no pool from ending


def release_all(paths: HistoryPaths, liveness: Liveness) -> str:
    """Cancel whatever of this search's launches has not begun; return what went wrong, or ""."""

    def release() -> None:
        from trialdeck.core.launching import Launcher

        Launcher(paths, liveness).release_all()

    return _within(PATIENCE, release, "what has not begun could not be cancelled")


def give_up_launch(paths: HistoryPaths, liveness: Liveness, name: str, why: str) -> str:
    """Cancel what has not begun of the launch `name`, and note why; return what went wrong."""

    def give_up() -> None:
        from trialdeck.core.launching import Launcher

        Launcher(paths, liveness).give_up(name, why)

    return _within(PATIENCE, give_up, f"the rest of the launch {name} could not be cancelled")


def _within(seconds: float, task: Callable[[], None], failed: str) -> str:
    """Run `task` in a thread for so long at most; return what went wrong, or ""."""
    said = [f"{failed}: there was no answer within {seconds:g} s"]

    def run() -> None:
        try:
            task()
        except (TrialdeckError, OSError) as error:
            said[0] = f"{failed}: {error}"
        except Exception as error:  # noqa: BLE001 - a pool's end must not fail over it; it is told
            said[0] = f"{failed}: {type(error).__name__}: {error}"
        else:
            said[0] = ""

    thread = threading.Thread(target=run, name="farewell", daemon=True)
    thread.start()
    thread.join(seconds)
    return said[0]
