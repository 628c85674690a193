"""The process that suggests, so that a slow suggestion never delays a pool's heartbeat.

It reads the history by itself; the pool asks for one tid at a time and gets one line of JSON.
"""

from __future__ import annotations

import os
import select
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.params import revisions
from trialdeck.core.suggest.algorithms import Suggester

if TYPE_CHECKING:
    from io import RawIOBase
    from typing import BinaryIO


class Ask(msgspec.Struct, frozen=True):
    """Pool to child: suggest a point for `tid` in the space of this revision."""

    tid: int
    revision: int


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Child to pool: the point, or what went wrong."""

    tid: int
    revision: int
    point: dict[str, Any] = {}
    error: str = ""
    traceback: str = ""


def serve(paths: HistoryPaths, questions: RawIOBase, answers: BinaryIO) -> None:
    """Answer until the pool hangs up."""
    history = History(paths)
    suggester = Suggester(lambda number: revisions.fixed_of(paths, number))
    ask = msgspec.json.Decoder(Ask)
    while True:
        if not select.select([questions], [], [], 0)[0]:
            suggester.prepare()  # nothing to do yet, and the first points do without it
        line = questions.readline()
        if not line:
            return
        answers.write(msgspec.json.encode(_answer(paths, history, suggester, ask.decode(line))))
        answers.write(b"\n")
        answers.flush()


def _answer(paths: HistoryPaths, history: History, suggester: Suggester, ask: Ask) -> Answer:
    try:
        params = revisions.load(paths, ask.revision)
        point = suggester.suggest(params, history.refresh(), ask.tid)
    except Exception as error:  # noqa: BLE001 - told to the pool, which pauses the search with it
        text = f"{type(error).__name__}: {error}"
        return Answer(ask.tid, ask.revision, error=text, traceback=traceback.format_exc())
    return Answer(ask.tid, ask.revision, point=point)


if __name__ == "__main__":
    # Unbuffered: select must not be told of nothing while a line waits in a buffer.
    with open(0, "rb", buffering=0) as stdin:
        # What a library prints must not come between the answers.
        answers = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        serve(HistoryPaths(Path(sys.argv[1])), stdin, answers)
