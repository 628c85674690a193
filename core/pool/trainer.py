"""The process that trains: it imports the objective once and runs one trial after another.

It is forked by its guard and ends when the pool's end of its connection closes. Whatever the
objective does (raise, exit, fork, print, return nonsense) becomes one `Done` message, or the death
of this process, which the guard reports.
"""

from __future__ import annotations

import faulthandler
import math
import os
import random
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialdeck.core import objective as objectives
from trialdeck.core import provenance
from trialdeck.core.errors import DataError, ObjectiveError
from trialdeck.core.pool import messages
from trialdeck.core.pool.messages import Broken, Done, Ready, Run, Setup
from trialdeck.core.pool.talk import Talk
from trialdeck.core.preflight import check_values
from trialdeck.core.resuming import move_on
from trialdeck.core.stages import CONFIRMING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from trialdeck.core.objective import Objective, Trial

# An exception this soon after a stop, or after being pruned, is a consequence of it (a broken pipe
# to a data loader, say).
AROUND_A_STOP = 30.0
TEXT_LIMIT = 20_000


class Trainer:
    """Trains what the pool sends over `connection`."""

    def __init__(self, connection: Connection, setup: Setup) -> None:
        self.connection = connection
        self.setup = setup

    def main(self) -> None:
        """Serve until the pool hangs up."""
        faulthandler.enable()
        with suppress(EOFError, OSError):  # the pool is gone: so are we
            loaded = self._load()
            while loaded:
                message = messages.to_core(self.connection.recv_bytes())
                if isinstance(message, Run):
                    self._train(loaded, message)

    def _load(self) -> Objective | None:
        os.environ.update(self.setup.environment)
        _limit_threads(self.setup.threads)
        folder = Path(self.setup.folder)
        try:
            os.chdir(folder)
            loaded = objectives.load(self.setup.objective, folder)
            check_values(loaded, self.setup.fixed)
        except BaseException as error:  # noqa: BLE001 - an import runs the user's code; it is reported
            self._send(Broken(text=_one_line(error), traceback=_traceback(error)))
            return None
        commit, dirty = provenance.git_state(folder)
        self._send(
            Ready(
                objective_hash=provenance.file_hash(loaded.file),
                git_commit=commit,
                git_dirty=dirty,
                python=provenance.python_version(),
                versions=provenance.versions(),
            )
        )
        return loaded

    def _train(self, objective: Objective, run: Run) -> None:
        _log(f"--- trial {run.tid} attempt {run.attempt} ---")
        _seed(run.seed)
        talk = Talk(self.connection, run.pruning)
        trial = self._trial(run, talk)
        if run.attempt:  # its network may be finished, and not be asked for again
            with suppress(OSError):
                move_on(trial.model)
        pid = os.getpid()
        try:
            returned = objective(run.point, run.fixed, trial)
            if talk.pruned_at is None:
                done = _read(returned, run, trial)
            else:
                done = _pruned(talk.why_prune(), run, trial, talk, returned)
        except BaseException as error:  # noqa: BLE001 - recorded with its traceback; nothing escapes
            done = _failure(error, run, trial, talk)
        if os.getpid() != pid:
            os._exit(0)  # the objective forked and came back twice: only the original reports
        if talk.stopped_at is not None and done.outcome == "failed" and done.cause == "error":
            done = Done(outcome="interrupted", cause="stopped", message=done.message)
        _flush()
        self._send(done)

    def _trial(self, run: Run, talk: Talk) -> Trial:
        return objectives.Trial(
            tid=run.tid,
            seed=run.seed,
            fraction=run.fraction,
            device=self.setup.device,
            checkpoint=Path(run.checkpoint),
            model=Path(run.model),
            send_report=talk.report,
            asked_to_stop=talk.asked_to_stop,
            why_prune=talk.why_prune,
            confirming=run.stage == CONFIRMING,
        )

    def _send(self, message: messages.FromCore) -> None:
        self.connection.send_bytes(messages.encode(message))


def _read(returned: object, run: Run, trial: Trial) -> Done:
    result = objectives.read_result(returned, run.metric, maximize=run.maximize)
    if result.left_out:
        _log(f"left out of the history: {', '.join(result.left_out)}")
    # Non-finite metrics travel as texts: JSON has no word for them.
    metrics = {
        name: str(v) if isinstance(v, float) and not abs(v) < float("inf") else v
        for name, v in result.metrics.items()
    }
    return Done(outcome="ok", loss=result.loss, metrics=metrics, steps=trial.steps)


def _failure(error: BaseException, run: Run, trial: Trial, talk: Talk) -> Done:
    """Return what an exception of the objective means."""
    with suppress(EOFError, OSError):
        talk.asked_to_stop()
    if isinstance(error, objectives.TrialPruned):
        return _pruned(_clean(_text(error))[:1000], run, trial, talk)
    if _is_recent(talk.pruned_at):
        _log(_traceback(error))
        return _pruned(talk.why_prune(), run, trial, talk)
    if isinstance(error, objectives.TrialStopped) or _is_recent(talk.stopped_at):
        return Done(
            outcome="interrupted", cause="stopped", message=_one_line(error), steps=trial.steps
        )
    return Done(
        outcome="failed",
        cause=_cause(error),
        message=_one_line(error),
        traceback=_traceback(error),
        steps=trial.steps,
    )


def _is_recent(moment: float | None) -> bool:
    return moment is not None and time.monotonic() - moment < AROUND_A_STOP


def _pruned(why: str, run: Run, trial: Trial, talk: Talk, returned: object = None) -> Done:
    """Return the end of a pruned trial: with what it returned, else with its last report."""
    values = dict(talk.last.values) if talk.last is not None else {}
    loss = _loss(values.get(run.metric or "loss"), maximize=run.maximize)
    metrics: dict[str, Any] = {**values}
    if returned is not None:
        with suppress(objectives.BadResult):
            result = _read(returned, run, trial)
            loss, metrics = result.loss, result.metrics
    return Done(outcome="pruned", loss=loss, metrics=metrics, message=why, steps=trial.steps)


def _loss(value: float | str | None, *, maximize: bool) -> float | None:
    if not isinstance(value, float) or not math.isfinite(value):
        return None  # not reported, or a text such as "nan"
    return -value if maximize else value


def _cause(error: BaseException) -> str:
    if isinstance(error, objectives.BadResult):
        return error.cause
    memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return "out_of_memory" if memory or "CUDA out of memory" in _text(error) else "error"


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as inner:  # noqa: BLE001 - __str__ is the user's code and may raise anything
        return f"(its text raises {type(inner).__name__})"


def _one_line(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"the objective called sys.exit({error.code!r})"
    text = _text(error)
    if isinstance(error, (objectives.BadResult, ObjectiveError, DataError)):
        return _clean(text)[:1000]
    return _clean(f"{type(error).__name__}: {text}" if text else type(error).__name__)[:1000]


def _traceback(error: BaseException) -> str:
    if isinstance(error, (objectives.BadResult, ObjectiveError, DataError)):
        return ""  # its text says it all; the frames would be ours
    try:
        text = "".join(traceback.format_exception(error))
    except Exception as inner:  # noqa: BLE001 - formatting runs the user's __str__
        text = f"(no traceback: formatting it raises {type(inner).__name__})"
    text = _clean(text)
    return text if len(text) <= TEXT_LIMIT else f"{text[:2000]}\n…\n{text[-TEXT_LIMIT + 2000 :]}"


def _clean(text: str) -> str:
    """Replace what UTF-8 cannot carry (lone surrogates from odd file names)."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _seed(seed: int) -> None:
    """Seed the generators that an objective uses without thinking of them."""
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed % 2**32)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)


def _limit_threads(threads: int) -> None:
    # Libraries that the fork server has loaded do not look at the environment any more.
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)


def _log(text: str) -> None:
    with suppress(OSError, ValueError):  # a full disk loses output, no trial
        print(text, flush=True)  # noqa: T201 - standard output is the core's log


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a full disk or a closed stream loses output, no trial
            stream.flush()
