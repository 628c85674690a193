"""The view "Logs": what cores, trials and pools print."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, OptionList

from trialdeck.core.log_following import trial_begun
from trialdeck.tui.format import one_line
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.messages import OpenTrial
from trialdeck.tui.screens.choose import Answer, Answers, Choose
from trialdeck.tui.views.logs_reader import LogReader
from trialdeck.tui.views.logs_sources import (
    Entry,
    Source,
    entries,
    find_logs,
    source_of,
    trial_before,
)
from trialdeck.tui.views.logs_text import LogText
from trialdeck.tui.views.logs_title import LogTitle, how_shown
from trialdeck.tui.views.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.core.logs import LogFile
    from trialdeck.tui.messages import OpenLog
    from trialdeck.tui.seen import Seen

POLL_SECONDS = 0.5
WIDE = 120  # columns from which the list of logs stands beside the text
NO_LOG = "No log yet. What cores print is shown here.\nn launches cores."


class LogsView(View):
    """One log at a time: followed, searched, wrapped."""

    DEFAULT_CSS = """
    LogsView Horizontal { height: 1fr; }
    LogsView Answers { width: 44; height: 1fr; max-height: 100%; margin-right: 1; display: none; }
    LogsView.-wide Answers { display: block; }
    LogsView LogText { width: 1fr; height: 1fr; }
    LogsView Input { height: 1; border: none; padding: 0 1; background: $surface; display: none; }
    LogsView.-searching Input { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "choose", "Other log", id="logs.choose", tooltip="Choose another log."),
        Binding("slash", "search", "Search", id="logs.search", tooltip="Search a text in the log."),
        Binding(
            "t",
            "trial",
            "Trial",
            id="logs.trial",
            tooltip="Open the trial whose output the cursor is in.",
        ),
        Binding(
            "escape",
            "to_text",
            "To the text",
            show=False,
            id="logs.to_text",
            tooltip="Leave the list or the search.",
        ),
    ]

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._reader: LogReader | None = None  # of the log that was asked for last
        self._files: Sequence[LogFile] = ()
        self._entries: list[Entry] = []
        self._cores: Any = None  # those that the list was made for

    def compose(self) -> ComposeResult:
        """Lay out the title, the list, the text, the field to search."""
        yield LogTitle(id="log-title", markup=False)
        with Horizontal():
            yield Answers()
            yield LogText(id="log-text")
        yield Input(placeholder="text to search; enter goes to the newest match", compact=True)

    def on_mount(self) -> None:
        """Begin to look whether the log grows."""
        self.set_interval(POLL_SECONDS, self._poll)
        self._text.clear(NO_LOG)

    @property
    def _text(self) -> LogText:
        return self.query_one(LogText)

    # -- which log --------------------------------------------------------------------------

    def draw(self, seen: Seen, before: Seen) -> None:
        """Look for other logs when other cores run."""
        cores = {(core.writer, core.index, core.job) for core in seen.cores}
        if cores != self._cores and seen.look is not None:
            self._cores = cores
            self.ask(find_logs, self._take_files)
        elif seen.cores is not before.cores:
            self._list()
        self._tell()

    def take_focus(self) -> None:
        """Read at once."""
        self._text.focus()

    def open(self, message: OpenLog) -> None:
        """Show the log of a trial, a core or a pool."""
        self._open(source_of(message))

    def _open(self, source: Source) -> None:
        if self._reader is not None:
            self._reader.close()
        self._text.follow = True
        self._text.clear("It is being read" + glyph("cut"))
        self._reader = LogReader(self.deck_app, source, self._text, self._tell)
        self._tell()
        self._text.focus()

    def _take_files(self, files: Sequence[LogFile]) -> None:
        self._files = files
        self._list()
        if self._reader is None and self._entries:
            self._open(self._entries[0].source)

    def _list(self) -> None:
        """Show which logs there are, where there is room."""
        old, self._entries = self._entries, entries(self.seen, self._files)
        if [(e.source, e.title) for e in old] != [(e.source, e.title) for e in self._entries]:
            answers = self.query_one(Answers)
            answers.show(self._answers())
            sources = [entry.source for entry in self._entries]
            if self._source in sources:
                answers.highlighted = sources.index(self._source)

    def _answers(self) -> list[Answer]:
        return [Answer(str(n), e.title, e.about) for n, e in enumerate(self._entries)]

    def action_choose(self) -> None:
        """Choose another log."""
        self.ask(find_logs, self._take_files_and_choose)

    def _take_files_and_choose(self, files: Sequence[LogFile]) -> None:
        self._files = files
        self._list()
        if not self._entries:
            self.deck_app.say("There is no log yet. n launches cores.")
        elif self.has_class("-wide"):
            self.query_one(Answers).focus()
        else:
            chosen = list(self._entries)
            here = next((str(n) for n, e in enumerate(chosen) if e.source == self._source), "")
            screen = Choose("Which log?", self._answers(), here=here)
            self.app.push_screen(screen, lambda answer: self._chosen(chosen, answer))

    def _chosen(self, offered: Sequence[Entry], answer: str | None) -> None:
        if answer is not None:
            self._open(offered[int(answer)].source)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._chosen(self._entries, event.option.id)

    # -- reading ----------------------------------------------------------------------------

    def _poll(self) -> None:
        """Ask for what is new, while somebody can see it."""
        if self._reader is not None and self.deck_app.view is self:
            self._reader.read_on()

    @on(LogText.AtTop)
    def _read_back(self, message: LogText.AtTop) -> None:
        if self._reader is not None:
            self._reader.read_back(searching=message.searching)

    @on(LogText.Behind)
    def _read_end_again(self) -> None:
        if self._reader is not None:
            self._open(self._reader.source)

    # -- the title --------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Show the list where there is room for it."""
        self.set_class(self.size.width >= WIDE, "-wide")
        self._tell()

    @on(LogText.Changed)
    def _tell(self) -> None:
        """Say which log this is, and in what way it is shown."""
        growing = self._reader is not None and self._reader.growing
        how = how_shown(self._text, growing=growing)
        self.query_one(LogTitle).show(self._which(), how, self.size.width)

    def _which(self) -> str:
        reader, source = self._reader, self._source
        if reader is None or source is None:
            return "no log"
        doubt = f"{glyph('warning')} {one_line(reader.trouble)}: " if reader.trouble else ""
        entry = next((e for e in self._entries if e.source == source), None)
        if entry is not None:
            return doubt + (f"{entry.title}  {entry.about}" if source.writer else entry.title)
        return doubt + (reader.opened.title if reader.opened is not None else "")

    @property
    def _source(self) -> Source | None:
        """What the log that was asked for last is of."""
        return self._reader.source if self._reader is not None else None

    # -- searching --------------------------------------------------------------------------

    def action_search(self) -> None:
        """Ask for the text to search."""
        self.add_class("-searching")
        field = self.query_one(Input)
        field.value = self._text.query_text
        field.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.has_class("-searching"):
            self._text.search(event.value)

    @on(Input.Submitted)
    def _search(self, event: Input.Submitted) -> None:
        event.stop()
        self.remove_class("-searching")
        text = self._text
        text.focus()
        if not event.value:
            return
        if not text.lines.found:
            text.action_match(-1)
        elif text.line not in text.lines.found:
            above = text.lines.next_match(text.line, -1)
            text.go_to_line(text.lines.found[-1] if above is None else above)
        else:
            text.go_to_line(text.line)

    def action_to_text(self) -> None:
        """Leave the list or the search, which then marks nothing."""
        if self.has_class("-searching"):
            self.remove_class("-searching")
            self._text.search("")
        self._text.focus()

    # -- what else the user does ------------------------------------------------------------

    def action_trial(self) -> None:
        """Open the trial whose output the cursor is in."""
        opened, text = self._reader.opened if self._reader is not None else None, self._text
        if opened is None or opened.pool:
            self.deck_app.say("This is no trial's output.")
        elif opened.tid is not None:
            self.post_message(OpenTrial(opened.tid))
        else:
            for line in range(min(text.line, len(text.lines) - 1), -1, -1):
                if (tid := trial_begun(text.lines[line])) is not None:
                    self.post_message(OpenTrial(tid))
                    return
            self.ask(partial(trial_before, opened=opened), self._open_trial)

    def _open_trial(self, tid: int | None) -> None:
        if tid is None:
            self.deck_app.say("No trial has begun there.")
        else:
            self.post_message(OpenTrial(tid))

    def action_copy(self) -> None:
        """Copy the line under the cursor."""
        text = self._text
        if len(text.lines):
            self.app.copy_to_clipboard(text.lines[text.line])
            self.deck_app.say("Copied the line.")
