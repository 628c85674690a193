"""Has one log read in the worker thread: its end again and again, older text when it is wanted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trialdeck.core.errors import SearchError
from trialdeck.tui.feed import Job
from trialdeck.tui.views.logs_sources import Opened, Source, fetch, grows, is_far, open_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from trialdeck.core.log_following import News
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.session import Session
    from trialdeck.tui.views.logs_text import LogText

FETCH_SECONDS = 2.0  # at least, between two questions to another machine
NOTHING = "Nothing has been printed yet."


class LogReader:
    """Fills `text` with a log, and calls `told` when there is something new to say about it.

    One read at a time is under way. After `close` whatever still comes is of no interest. What lies
    at another machine is fetched before it is read, in a thread of its own; `trouble` says why that
    cannot be done.
    """

    def __init__(
        self, app: TrialdeckApp, source: Source, text: LogText, told: Callable[[], None]
    ) -> None:
        self.source = source
        self.opened: Opened | None = None
        self._app = app
        self._text = text
        self._told = told
        self._busy = False
        self._grew = True  # whether the log grew when this was asked last
        self._closed = False
        self._fetched = 0.0  # when that was last begun, by the monotonic clock
        self.trouble = self._told_trouble = ""
        self._ask(self._open, self._begin, text.clear)

    def close(self) -> None:
        """Read no more."""
        self._closed = True

    @property
    def growing(self) -> bool:
        """Whether more may be written into the log."""
        return self.opened is not None and grows(self._app.seen, self.opened)

    def read_on(self) -> None:
        """Ask for what is new, if there may be something."""
        opened = self.opened
        if opened is None or self._busy or opened.follower.ended or self._text.lines.lacks_end:
            return
        before, self._grew = self._grew, self.growing
        if self._is_far and time.monotonic() - self._fetched < FETCH_SECONDS:
            self._grew = self._grew or before
            return
        if self._grew or before:  # what has just ceased to grow is read once more
            self._ask(lambda session: self._read(session, opened), self._take)

    def read_back(self, *, searching: bool) -> None:
        """Ask for older text; `searching` for a match in it."""
        opened = self.opened
        if opened is None or self._busy:
            return
        if not opened.follower.is_whole:
            take = self._search_older if searching else self._take_older
            self._ask(lambda _: opened.follower.older(), take)
        elif searching:
            self._app.say("There is no match above.")

    # -- what comes back --------------------------------------------------------------------

    def _ask(
        self,
        work: Callable[[Session], Any],
        then: Callable[[Any], None],
        otherwise: Callable[[str], None] | None = None,
    ) -> None:
        def take(result: Any) -> None:
            self._busy = False
            if not self._closed:
                then(result)

        def failed(text: str) -> None:
            if not self._closed:
                (otherwise or self._fail)(text)

        self._busy = True
        self._app.feed.do(Job(work, take, failed, apart=self._is_far, asks=False))

    def _fail(self, text: str) -> None:
        self.close()
        self._app.say(text, "error")

    @property
    def _is_far(self) -> bool:
        return is_far(self._app.seen, self.source)

    def _open(self, session: Session) -> tuple[Opened, News]:
        self._fetch(session)
        try:
            opened = open_source(session, self.source)
        except SearchError as error:
            raise SearchError(self.trouble or str(error)) from error
        return opened, opened.follower.read()

    def _read(self, session: Session, opened: Opened) -> News:
        self._fetch(session)
        return opened.follower.read()

    def _fetch(self, session: Session) -> None:
        """Bring a log here; in the thread that reads it."""
        if self._is_far:
            self._fetched = time.monotonic()
            self.trouble = fetch(session, self.source)

    def _begin(self, result: tuple[Opened, News]) -> None:
        self.opened, news = result
        self._text.clear(NOTHING)
        self._take(news)
        self._told()

    def _take(self, news: News) -> None:
        if not self._text.lines.lacks_end:
            self._text.take(news)
            if news.lines or self.trouble != self._told_trouble:
                self._told_trouble = self.trouble
                self._told()

    def _take_older(self, lines: list[str]) -> None:
        self._text.take_older(lines)
        self._told()

    def _search_older(self, lines: list[str]) -> None:
        self._take_older(lines)
        found = self._text.lines.next_match(self._text.line, -1)
        if found is not None:
            self._text.go_to_line(found)
        else:
            self._app.say("No match in what has been read: N reads further back.")
