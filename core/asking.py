"""Asking backends what became of launches, without being held up by one that does not answer."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trialdeck.backends.base import Handle, State, Status
from trialdeck.core.errors import LaunchError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from trialdeck.core.launches import Launch

    Poll = Callable[[str, Sequence[Handle]], dict[Handle, Status]]

WAIT_SECONDS = 0.3  # somebody who looks again and again waits for an answer at most so long
SLOW_SECONDS = 3.0  # a question that takes longer is one that is not answered
BEING_ASKED = "being asked"


def handle_of(launch: Launch) -> Handle:
    """Return what finds a launch at its backend, also when the reply to it was lost."""
    return Handle(launch.backend, launch.job or launch.name)


@dataclass(slots=True)
class _Place:
    """What is known of asking one backend; `began` and `answered` are times, None without any."""

    began: float | None = None  # of the question that it is being asked, of a clock of our own
    answered: float | None = None  # in seconds since 1970
    trouble: str = ""  # why the last question was not answered


@dataclass(slots=True)
class _Answer:
    """What was said last of a launch, and when it was asked for, in seconds of our own clock."""

    asked: float = -math.inf
    status: Status = field(default_factory=lambda: Status(State.UNKNOWN, BEING_ASKED))


class Asking:
    """Asks each backend once about all its launches, and keeps the answers.

    `poll` is given a backend's name and handles, and may raise LaunchError. For several threads
    at once.
    """

    def __init__(self, poll: Poll) -> None:
        self._poll = poll
        self._lock = threading.Lock()
        self._places: dict[str, _Place] = {}
        self._answers: dict[str, _Answer] = {}  # by the names of launches

    def ask(self, launches: Sequence[Launch], patience: float = 0.0) -> dict[str, Status]:
        """Return what backends say of launches, by the names of these.

        With `patience`, answers that are so many seconds old will do, and the last ones do where a
        backend takes longer than a moment; without, this waits. Where a backend cannot be asked
        the last answers count too.
        """
        by_backend: dict[str, list[Launch]] = {}
        for launch in launches:
            if self._is_due(launch, patience):
                by_backend.setdefault(launch.backend, []).append(launch)
        if patience <= 0:
            for backend, its in by_backend.items():
                self._question(backend, its)
        else:
            self._ask_in_threads(by_backend)
        with self._lock:
            return {one.name: self._answers.get(one.name, _Answer()).status for one in launches}

    def silent(self, backends: Collection[str]) -> str:
        """Return which of these backends cannot be asked at present, and why, or ""."""
        now = time.monotonic()
        with self._lock:
            known = [(name, self._places[name]) for name in backends if name in self._places]
        texts = [text for name, place in known if (text := _silence(name, place, now))]
        return "; ".join(texts)

    def _is_due(self, launch: Launch, patience: float) -> bool:
        with self._lock:
            answer = self._answers.get(launch.name)
        if answer is None:
            return True
        # While the job's own name is not noted, the backend may be about to start it; and what
        # became of many jobs is asked until it is noted that they are over.
        if answer.status.state.final and launch.job and not launch.many:
            return False
        return time.monotonic() - answer.asked >= patience

    def _ask_in_threads(self, by_backend: dict[str, list[Launch]]) -> None:
        """Ask those backends that are not being asked already, and wait a moment for them."""
        threads = []
        for backend, its in by_backend.items():
            with self._lock:
                place = self._places.setdefault(backend, _Place())
                if place.began is not None:
                    continue
                place.began = time.monotonic()
            thread = threading.Thread(
                target=self._question_apart, args=(backend, its), name="ask", daemon=True
            )
            thread.start()
            threads.append(thread)
        deadline = time.monotonic() + WAIT_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _question_apart(self, backend: str, launches: Sequence[Launch]) -> None:
        try:
            self._question(backend, launches)
        except Exception as error:  # noqa: BLE001 - it would be lost in the thread, so it is told
            self._take(backend, launches, {}, f"{type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._places[backend].began = None

    def _question(self, backend: str, launches: Sequence[Launch]) -> None:
        handles = {launch.name: handle_of(launch) for launch in launches}
        try:
            said = self._poll(backend, list(handles.values()))
        except LaunchError as error:
            self._take(backend, launches, {}, str(error))
        else:
            answers = {name: said[handle] for name, handle in handles.items()}
            self._take(backend, launches, answers, "")

    def _take(
        self, backend: str, launches: Sequence[Launch], answers: dict[str, Status], trouble: str
    ) -> None:
        now = time.monotonic()
        with self._lock:
            place = self._places.setdefault(backend, _Place())
            place.trouble = trouble
            if not trouble:
                place.answered = time.time()
            for launch in launches:
                answer = self._answers.setdefault(launch.name, _Answer())
                answer.asked = now
                if launch.name in answers:
                    answer.status = answers[launch.name]
                elif answer.status.reason == BEING_ASKED:
                    answer.status = Status(State.UNKNOWN, trouble)


def _silence(name: str, place: _Place, now: float) -> str:
    slow = place.began is not None and now - place.began > SLOW_SECONDS
    if not place.trouble and not slow:
        return ""
    text = place.trouble or "there has been no answer for some time"
    if not text.lower().startswith(name):
        text = f"{name} cannot be asked: {text}"
    if place.answered is None:
        return text
    # A time, not an age: what is shown must not change while nothing happens.
    known = time.strftime("%H:%M:%S", time.localtime(place.answered))
    return f"{text}; shown is what was known at {known}"
