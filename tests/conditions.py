"""Waiting for something to become true: the tests' replacement for sleeping."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")

FIRST_LOOK = 0.005  # seconds between looks, at first and at most
LAST_LOOK = 0.1


def until(
    predicate: Callable[[], Answer],
    timeout: float = 10.0,
    message: str | Callable[[], str] = "the condition",
) -> Answer:
    """Look again and again until `predicate()` is true, and return what it returned.

    After `timeout` seconds the test fails; `message` (or what it returns then) says what was
    waited for. The last look is after the whole time, so that a slow machine is not mistaken for
    a wrong program.
    """
    pause = threading.Event()
    deadline = time.monotonic() + timeout
    interval = FIRST_LOOK
    while not (answer := predicate()):
        if time.monotonic() >= deadline:
            said = message if isinstance(message, str) else message()
            raise AssertionError(f"waited {timeout:g} s in vain for {said}")
        pause.wait(min(interval, max(0.0, deadline - time.monotonic())))
        interval = min(interval * 1.5, LAST_LOOK)
    return answer
