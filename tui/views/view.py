"""What every view is: a widget that draws what was seen, and asks the application to act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual.containers import Vertical

from trialdeck.tui.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.session import Session


class View(Vertical):
    """One of the views. A subclass overrides `draw`, and says what takes the focus.

    A view is made at its first visit and kept. It opens no file: what it draws comes by `seen`,
    what it wants done goes to `ask`.
    """

    seen: Seen = Seen()

    @property
    def deck_app(self) -> TrialdeckApp:
        """The application."""
        return cast("TrialdeckApp", self.app)

    def show(self, seen: Seen) -> None:
        """Take what is known now; for a view that is, or comes, on the screen."""
        before, self.seen = self.seen, seen
        self.draw(seen, before)

    def draw(self, seen: Seen, before: Seen) -> None:
        """Draw what is new in `seen` since `before`; must cost little when little is."""
        raise NotImplementedError

    def tick(self) -> None:
        """Draw ages anew: once a second, while cores run and the view is on the screen."""

    def take_focus(self) -> None:
        """Give the focus to what the user steers first."""
        for widget in self.query("*"):
            if widget.focusable:
                widget.focus()
                return

    def ask(
        self,
        work: Callable[[Session], Any],
        then: Callable[[Any], None] | None = None,
        otherwise: Callable[[str], None] | None = None,
    ) -> None:
        """Have something done in the worker thread; `then` gets the result, in this one.

        An error is shown in a dialog, unless `otherwise` takes its text.
        """
        self.deck_app.ask(work, then, otherwise)
