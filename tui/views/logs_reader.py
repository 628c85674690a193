"""Has one log read in the worker thread: its end again and again, older text when it is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.tui.views.logs_sources import Opened, Source, grows, open_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from trialdeck.core.log_following import News
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.session import Session
    from trialdeck.tui.views.logs_text import LogText

NOTHING = "Nothing has been printed yet."


class LogReader:
    """Fills `text` with a log, and calls `told` when there is something new to say about it.

    One read at a time is under way. After `close` whatever still comes is of no interest.
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
        if self._grew or before:  # what has just ceased to grow is read once more
            self._ask(lambda _: opened.follower.read(), self._take)

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
        self._app.ask(work, take, failed)

    def _fail(self, text: str) -> None:
        self.close()
        self._app.say(text, "error")

    def _open(self, session: Session) -> tuple[Opened, News]:
        opened = open_source(session, self.source)
        return opened, opened.follower.read()

    def _begin(self, result: tuple[Opened, News]) -> None:
        self.opened, news = result
        self._text.clear(NOTHING)
        self._take(news)
        self._told()

    def _take(self, news: News) -> None:
        if not self._text.lines.lacks_end:
            self._text.take(news)
            if news.lines:
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
