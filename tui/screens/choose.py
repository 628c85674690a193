"""A question with a few answers, each on a line of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from trialdeck.tui.format import one_line, width_of
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType


class Answer(NamedTuple):
    """What can be chosen: its name in the program, its words, and a few more behind them."""

    id: str
    label: str
    about: str = ""


class Answers(OptionList):
    """The answers, each with what it means behind it; also for those who like vim's keys."""

    DEFAULT_CSS = """
    Answers { height: auto; max-height: 14; border: none; padding: 0; background: $surface; }
    Answers:focus { border: none; background-tint: $foreground 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(markup=False)

    def show(self, answers: Sequence[Answer]) -> None:
        """Offer other answers."""
        self.set_options(self._made(answers))
        self.highlighted = 0 if answers else None

    @staticmethod
    def _made(answers: Sequence[Answer]) -> list[Option]:
        wide = max((width_of(one_line(answer.label)) for answer in answers), default=0)
        return [Option(_line(answer, wide), id=answer.id) for answer in answers]


def _line(answer: Answer, wide: int) -> Content:
    label = one_line(answer.label)
    gap = " " * (wide - width_of(label) + 2) if answer.about else ""
    return Content.assemble(label, gap, (one_line(answer.about), MUTED))


class Choose(ModalScreen[str | None]):
    """Asks; the result is the id of the answer, None when it was closed without one."""

    DEFAULT_CSS = """
    Choose { align: center middle; }
    Choose > Vertical {
        width: 90%; max-width: 100; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    Choose .choose--title { text-style: bold; height: auto; }
    Choose VerticalScroll {
        height: auto; max-height: 50vh; margin: 1 0; scrollbar-size-vertical: 1;
    }
    Choose .choose--keys { color: $text-muted; height: 1; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", show=False),
        Binding("pagedown,ctrl+down,ctrl+d", "page(1)", show=False),
        Binding("pageup,ctrl+up,ctrl+u", "page(-1)", show=False),
    ]

    def __init__(
        self, title: str, answers: Sequence[Answer], text: str | Content = "", here: str = ""
    ) -> None:
        super().__init__()
        self._title_text = title
        self._answers = answers
        self._about = text
        self._here = here

    def compose(self) -> ComposeResult:
        """Lay out the question, what is known, the answers."""
        with Vertical():
            yield Static(self._title_text, markup=False, classes="choose--title")
            with VerticalScroll(can_focus=False):
                yield Static("", markup=False, id="about")
            yield Answers()
            yield Static("enter chooses, esc closes", classes="choose--keys")

    def on_mount(self) -> None:
        """Put the cursor on the first answer, or on that of now."""
        about = self.about()
        self.query_one("#about", Static).update(about)
        self.query_one(VerticalScroll).display = bool(about)
        answers = self.query_one(Answers)
        answers.show(self._answers)
        ids = [answer.id for answer in self._answers]
        answers.highlighted = ids.index(self._here) if self._here in ids else 0
        answers.focus()

    def about(self) -> str | Content:
        """Return what stands above the answers."""
        return self._about

    def action_page(self, pages: int) -> None:
        """Scroll the text above the answers."""
        area = self.query_one(VerticalScroll)
        (area.scroll_page_down if pages > 0 else area.scroll_page_up)(animate=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the answer."""
        event.stop()
        self.answer(event.option.id or "")

    def answer(self, answer: str) -> None:
        """Close with an answer; a subclass may act on it."""
        self.dismiss(answer)


def difference_content(text: str) -> Content:
    """Return a difference with what is new in green and what is gone in red.

    The signs in front say it too, for terminals without colours.
    """
    lines = [Content.styled(_tamed(line), _style(line)) for line in text.splitlines()]
    return Content("\n").join(lines)


def _tamed(line: str) -> str:
    """Return a line with the blanks at its beginning, and nothing that moves the cursor."""
    blanks = len(line) - len(line.lstrip(" "))
    return line[:blanks] + one_line(line)


def _style(line: str) -> str:
    if line.startswith(("+++", "---")):
        return "bold"
    return {"+": STYLES["ok"], "-": STYLES["failed"]}.get(line[:1], MUTED)
