"""`HistoryTrials`: hyperopt's `Trials` in a folder that many processes and machines share.

    from hyperopt import fmin, hp, tpe
    from trialdeck.core.history_trials import HistoryTrials

    fmin(loss, space, algo=tpe.suggest, max_evals=100, trials=HistoryTrials("history/x"))

Start that script as often as there are cores: `max_evals` is the total of all of them, started
again it goes on where it was, and `trialdeck status --search x` shows it like any other search.
"""

from __future__ import annotations

import hashlib
import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hyperopt
import numpy as np
from hyperopt.base import JOB_VALID_STATES, Domain, validate_loss_threshold, validate_timeout

from trialdeck.core.errors import HistoryError
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.params.script import UNLIMITED, Script
from trialdeck.core.scripts.book import Book
from trialdeck.core.scripts.documents import DONE, ERROR, RUNNING
from trialdeck.core.scripts.evaluating import Iterations, ended_by_signals
from trialdeck.core.scripts.expression import labels_of, source_of
from trialdeck.core.scripts.points import vals_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

__all__ = ["HistoryTrials"]

_Document = dict[str, Any]


class HistoryTrials(hyperopt.Trials):  # type: ignore[misc]  # hyperopt has no types
    """A `hyperopt.Trials` over the folder of one search, for many processes at once.

    Everything that a `Trials` has works as there. `len()` counts what this process has, and what
    others have finished; their running trials are shown to algorithms only. With `wait`, `fmin`
    returns when every trial has ended, and takes over those of processes that die; without, as soon
    as there is nothing left to begin. A trial whose process is killed is run again `retries` times.
    Raises HistoryError when the folder cannot be used.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        exp_key: str | None = None,
        *,
        wait: bool = True,
        retries: int = 2,
        refresh: bool = True,
    ) -> None:
        super().__init__(exp_key, refresh=False)
        self.folder = Path(folder).absolute()
        self.wait = wait
        self._share(Book(HistoryPaths(self.folder), retries))
        if refresh:
            self.refresh()

    def _share(self, book: Book) -> None:
        self._book = book
        self._deadline = math.inf
        self._searching = False
        self._shows_running = False
        self._selected = -1  # the version of the documents that `_trials` is of
        self._dynamic_trials = book.documents.all
        self.attachments = book.attachments
        book.documents.exp_key = self._exp_key
        self._select()

    def __repr__(self) -> str:
        return f"<HistoryTrials {self.folder}: {len(self._trials)} trials>"

    def __reduce__(self) -> Any:
        return _again, (str(self.folder), self._exp_key, self.wait, self._book.retries)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the part of this process; what it has not finished, others may run."""
        self._book.close()
        self._select()

    # -- what hyperopt asks of a Trials -----------------------------------------------------

    def view(self, exp_key: str | None = None, refresh: bool = True) -> HistoryTrials:  # noqa: FBT001, FBT002
        """Return the same trials under another key."""
        return self._view(exp_key, refresh=refresh)

    def refresh(self) -> None:
        """Record what has changed here, and read what others have written."""
        self._book.read(now=not self._searching)
        self._select()

    def new_trial_ids(self, n: int) -> list[int]:
        """Claim up to `n` new trials, fewer at the end of the search; return their ids."""
        if self._searching:
            tids = self._book.next_tids(n, self._deadline, wait=self.wait)
        else:
            self._book.read()
            tids = self._book.claim(n)
        self._ids.update(tids)
        return tids

    def delete_all(self) -> None:
        """Refuse: others may be at work there."""
        raise HistoryError(
            f"{self.folder}: a history is never emptied. Use another folder, or remove this one "
            f"with `trialdeck searches delete {self.folder.name}`"
        )

    def _insert_trial_docs(self, docs: list[_Document]) -> list[Any]:
        self._book.insert(docs)
        return [document["tid"] for document in docs]

    def _view(self, exp_key: str | None, *, refresh: bool, running: bool = False) -> HistoryTrials:
        made: HistoryTrials = object.__new__(type(self))
        made.folder, made.wait = self.folder, self.wait
        made._exp_key, made._ids = exp_key, self._ids
        made._book, made._deadline = self._book, math.inf
        made._searching, made._shows_running, made._selected = False, running, -1
        made._dynamic_trials, made.attachments = self._dynamic_trials, self.attachments
        if refresh:
            made.refresh()
        else:
            made._select()
        return made

    def _select(self) -> None:
        documents = self._book.documents
        if self._selected == documents.version:
            return
        self._selected = documents.version
        own, running = documents.own, self._shows_running
        self._trials = [
            made
            for made in self._dynamic_trials
            if made["state"] in JOB_VALID_STATES
            and (running or made["state"] != RUNNING or own.get(made["tid"]) is made)
        ]
        if self._exp_key is not None:
            self._trials = [made for made in self._trials if made["exp_key"] == self._exp_key]

    # -- what `Iterations` asks -------------------------------------------------------------

    def queued(self) -> Iterator[_Document]:
        """Yield the documents that wait to be evaluated here, each once."""
        return self._book.documents.queued()

    def begin(self, document: _Document) -> bool:
        """Record that a trial begins; return, once that is on the disk, whether it may."""
        return self._book.begin(document)

    def end(
        self, document: _Document, *, error: BaseException | None = None, trace: str = ""
    ) -> None:
        """Record the result of a trial; return once it is on the disk."""
        self._book.end(document, error=error, trace=trace)

    def interrupt(self, document: _Document, why: str) -> None:
        """Record that a trial was broken off."""
        self._book.interrupt(document, why)

    def goes_on(self) -> bool:
        """Whether the loop has ended only because what was queued came first."""
        dry, self._book.ran_dry = self._book.ran_dry, False
        return dry

    # -- searching --------------------------------------------------------------------------

    def fmin(  # noqa: PLR0913, PLR0917 - hyperopt's own arguments, in its order
        self,
        fn: Callable[..., Any],
        space: Any,
        algo: Callable[..., Any] | None = None,
        max_evals: int | None = None,
        timeout: float | None = None,
        loss_threshold: float | None = None,
        max_queue_len: int = 1,
        rstate: np.random.Generator | None = None,
        verbose: bool = False,  # noqa: FBT001, FBT002
        pass_expr_memo_ctrl: bool | None = None,  # noqa: FBT001
        catch_eval_exceptions: bool = False,  # noqa: FBT001, FBT002
        return_argmin: bool = True,  # noqa: FBT001, FBT002
        show_progressbar: Any = True,  # noqa: FBT002
        early_stop_fn: Callable[..., Any] | None = None,
        trials_save_file: str = "",
    ) -> Any:
        """Minimise as `hyperopt.fmin` does; `max_evals` is the total of all processes.

        Trials that failed count. Several processes may use equal seeds: they get other points.
        """
        validate_timeout(timeout)
        validate_loss_threshold(loss_threshold)
        domain = Domain(fn, space, pass_expr_memo_ctrl=pass_expr_memo_ctrl)
        objective, file = source_of(fn, self._book.paths.project)
        # Without a limit hyperopt's own fmin makes it sys.maxsize.
        limit = max_evals if max_evals is not None and max_evals < UNLIMITED else None
        self._book.begin_search(Script(objective, limit, labels_of(domain)), file)
        self._searching = True
        self._deadline = math.inf if timeout is None else time.monotonic() + timeout
        try:
            loop = Iterations(
                self._suggesting(algo or hyperopt.tpe.suggest),
                domain,
                self,
                rstate=rstate if rstate is not None else _default_rstate(),
                max_queue_len=max_queue_len,
                max_evals=max_evals if max_evals is not None else math.inf,
                timeout=timeout,
                loss_threshold=loss_threshold,
                verbose=verbose,
                show_progressbar=show_progressbar,
                early_stop_fn=early_stop_fn,
                trials_save_file=trials_save_file,
            )
            loop.catch_eval_exceptions = catch_eval_exceptions
            with ended_by_signals():
                loop.exhaust()
        finally:
            self._searching, self._deadline = False, math.inf
            self._book.end_search()
            self._select()
        return self._best(space, argmin=return_argmin)

    def _best(self, space: Any, *, argmin: bool) -> Any:
        if argmin and not self._trials:
            raise ValueError("There are no evaluation tasks, cannot return argmin of task losses.")
        if argmin:
            return self.argmin
        return hyperopt.space_eval(space, self.argmin) if self._trials else None

    def _suggesting(self, algo: Callable[..., Any]) -> Callable[..., list[_Document]]:
        """Return the algorithm as `fmin` is to call it."""
        drawn = 0

        def suggest(new_ids: list[int], domain: Domain, _trials: Any, seed: int) -> list[_Document]:
            nonlocal drawn
            again = {tid: self._document_again(tid, domain) for tid in new_ids}
            documents = [made for made in again.values() if made is not None]
            fresh = [tid for tid, made in again.items() if made is None]
            if fresh:
                alone, drawn = fresh[0] == drawn, drawn + len(new_ids)
                chosen = int(seed) if alone else _mixed(int(seed), fresh[0])
                documents += algo(fresh, domain, self._for_algorithms(), chosen)
            return documents

        return suggest

    def _document_again(self, tid: int, domain: Domain) -> _Document | None:
        """Return the document of a trial that was begun before, at the point that it had.

        None for a new trial, and when the point is none of the space any more.
        """
        point = self._book.known_point(tid)
        vals = vals_again(domain, self._book.space, point) if point is not None else None
        if vals is None:
            return None
        misc = {
            "tid": tid,
            "cmd": domain.cmd,
            "workdir": domain.workdir,
            "idxs": {label: [tid] if values else [] for label, values in vals.items()},
            "vals": vals,
        }
        (made,) = self.new_trial_docs([tid], [None], [domain.new_result()], [misc])
        return made  # type: ignore[no-any-return]

    def _for_algorithms(self) -> HistoryTrials:
        """Return a view with what others run, and with failures as the worst results there are.

        Left to itself, hyperopt forgets a failure and suggests the like of it again.
        """
        made = self._view(self._exp_key, refresh=False, running=True)
        failed = [_as_worst(one) for one in self._dynamic_trials if one["state"] == ERROR]
        made._trials += failed  # noqa: SLF001 - of this class
        return made


def _as_worst(document: _Document) -> _Document:
    return {**document, "state": DONE, "result": {"status": "fail"}}


def _mixed(seed: int, tid: int) -> int:
    """Return a seed for a trial whose process may have drawn the same as another one has.

    The first process of a search uses what it draws as it is, as `hyperopt.Trials` would.
    """
    digest = hashlib.blake2b(f"{seed} {tid}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") >> 1


def _default_rstate() -> np.random.Generator:
    seed = os.environ.get("HYPEROPT_FMIN_SEED", "")
    return np.random.default_rng(int(seed) if seed else None)


def _again(folder: str, exp_key: str | None, wait: bool, retries: int) -> HistoryTrials:  # noqa: FBT001
    return HistoryTrials(folder, exp_key, wait=wait, retries=retries)
