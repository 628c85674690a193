"""What the parts of the application tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.backends.base import Question
    from trialdeck.tui.feed import Job
    from trialdeck.tui.seen import Seen


class Looked(Message):
    """The search has been looked at, and something is new."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self.seen = seen

    def can_replace(self, message: Message) -> bool:
        """Only the newest look matters."""
        return isinstance(message, Looked)


@dataclass
class JobDone(Message):
    """A job of the worker thread has ended; `then` takes its result."""

    then: Callable[[Any], None] | None
    result: Any


@dataclass
class JobFailed(Message):
    """A job ended with an error: of the user's making, or (`trace` is not "") of ours."""

    text: str
    trace: str = ""
    otherwise: Callable[[str], None] | None = None  # takes the text instead of a dialog


@dataclass
class JobAsks(Message):
    """A job cannot go on before the user has answered; then `job` is to be done again."""

    question: Question
    job: Job


@dataclass
class OpenTrial(Message):
    """Somebody wants to see all about a trial."""

    tid: int


@dataclass
class OpenLog(Message):
    """Somebody wants to read what a trial printed, or one core (`writer`, `core`) has printed.

    `pool` is the name of a launch, or what its backend calls it: what that pool itself printed.
    """

    tid: int | None = None
    attempt: int | None = None
    writer: str = ""
    core: int = 0
    pool: str = ""


@dataclass
class OpenView(Message):
    """Somebody wants to see another view."""

    name: str


@dataclass
class DraftSaved(Message):
    """The parameter file has been written by the application."""
