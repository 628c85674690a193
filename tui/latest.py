"""Questions of which only the newest counts, and which may take long."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from trialdeck.tui.feed import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.tui.feed import Feed


class Latest:
    """Has questions of one kind answered in threads of their own, one at a time.

    While one is being answered only the newest of those that come is kept, and then the answer to
    the older one is of no interest. So a scheduler that is slow is not asked at every key, and
    nobody has to answer the questions of a place while typing.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._asking = False
        self._next: Job | None = None

    def ask(self, job: Job) -> None:
        """Have this done, now or when the one before is over."""
        if self._asking:
            self._next = job
            return
        self._asking = True
        then, otherwise = partial(self._over, job.then), partial(self._over, job.otherwise)
        self._feed.do(Job(job.work, then, otherwise, apart=True, asks=False))

    def _over(self, tell: Callable[[Any], None] | None, answer: Any) -> None:
        self._asking = False
        following, self._next = self._next, None
        if following is not None:
            self.ask(following)
        elif tell is not None:
            tell(answer)
