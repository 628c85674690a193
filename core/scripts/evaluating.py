"""hyperopt's loop, with the history told of every step."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hyperopt.base import Ctrl, spec_from_misc
from hyperopt.fmin import FMinIter
from hyperopt.utils import coarse_utcnow

from trialdeck.core.scripts.documents import DONE, ERROR, NEW, RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

logger = logging.getLogger("hyperopt.fmin")


class Iterations(FMinIter):  # type: ignore[misc]  # hyperopt has no types
    """`FMinIter` over a `HistoryTrials`: a trial runs once its start is on the disk."""

    def serial_evaluate(self, N: int = -1) -> None:  # noqa: N803 - hyperopt's name
        """Evaluate what is new, `N` documents at most; its result is on the disk afterwards."""
        for trial in self.trials.queued():
            self._evaluate(trial)
            N -= 1  # noqa: N806
            if N == 0:
                break
        self.trials.refresh()

    def exhaust(self) -> Iterations:
        """Go on until there is nothing left to claim, or something says stop."""
        self.run(sys.maxsize, block_until_done=False)
        while self.trials.goes_on():
            self.run(sys.maxsize, block_until_done=False)
        self.trials.refresh()
        return self

    def _evaluate(self, trial: dict[str, Any]) -> None:
        trial["state"] = RUNNING
        trial["book_time"] = trial["refresh_time"] = coarse_utcnow()
        if not self.trials.begin(trial):
            return  # another process has it by now
        try:
            config = spec_from_misc(trial["misc"])
            result = self.domain.evaluate(config, Ctrl(self.trials, current_trial=trial))
        except Exception as error:
            logger.error("job exception: %s", error)  # noqa: TRY400 - as hyperopt says it
            trial["state"] = ERROR
            trial["misc"]["error"] = (str(type(error)), str(error))
            trial["refresh_time"] = coarse_utcnow()
            self.trials.end(trial, error=error, trace=traceback.format_exc())
            if not self.catch_eval_exceptions:
                self.trials.refresh()
                raise
        except BaseException as error:  # ctrl+C, a signal: another process may take it over
            trial["state"] = NEW
            self.trials.interrupt(trial, type(error).__name__)
            raise
        else:
            trial["state"] = DONE
            trial["result"] = result
            trial["refresh_time"] = coarse_utcnow()
            self.trials.end(trial)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Have a SIGTERM end the script as ctrl+C does, so that its trial is known to be interrupted.

    A job's end begins with one. Only where the script has said nothing else of it.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
