"""Saving, question by question: mistakes, the difference, what others have changed meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialdeck.tui.format import plural
from trialdeck.tui.messages import DraftSaved
from trialdeck.tui.screens.choose import Answer, Choose
from trialdeck.tui.screens.draft_changed import DraftChangedScreen, PublishConflictScreen
from trialdeck.tui.screens.save import SaveScreen
from trialdeck.tui.views import space_saving

if TYPE_CHECKING:
    from trialdeck.core.errors import Problem
    from trialdeck.core.params.document import Document
    from trialdeck.tui.views.space import SpaceView
    from trialdeck.tui.views.space_saving import Plan, Saved


class SaveFlow:
    """Leads the user of a view from ctrl+s to a saved file; each step may be the last."""

    def __init__(self, view: SpaceView) -> None:
        self.view = view
        self._plan: Plan | None = None
        self._how: dict[str, Any] = {}

    def begin(self) -> None:
        """Refuse mistakes; otherwise show the difference and work out what follows."""
        document = self.view.document
        if document is None:
            return
        if document.problems:
            self._show_mistakes(document.problems)
            return
        self._plan, self._how = None, {}
        screen = SaveScreen(document.path.name, document.difference()) if document.changed else None
        if screen is not None:
            self.view.app.push_screen(screen, self._answered)
        self.view.ask(
            lambda session: space_saving.plan(session, document),
            lambda plan: self._planned(document, screen, plan),
            self._failed,
        )

    def _planned(self, document: Document, screen: SaveScreen | None, plan: Plan) -> None:
        self._plan = plan
        if screen is None and not plan.publishes:
            self.view.deck_app.say("Nothing has changed since it was saved.")
            return
        if screen is None:
            text = f"{document.path.name} is saved as it is; the revision differs from it."
            screen = SaveScreen(document.path.name, text)
            self.view.app.push_screen(screen, self._answered)
        screen.show_plan(plan)

    def _failed(self, text: str) -> None:
        if isinstance(self.view.app.screen, SaveScreen):
            self.view.app.screen.dismiss(None)
        self.view.deck_app.say(text, "error")

    def _answered(self, answer: str | None) -> None:
        document, editor = self.view.document, self.view.editor
        if answer is None or document is None or editor is None or self._plan is None:
            return
        if answer == "rename":
            name = self._plan.free_name
            editor.do(lambda: document.set_value("search.name", name))
        self._save(keep_losses=answer == "keep")

    def _save(self, **how: bool) -> None:
        document = self.view.document
        self._how |= how
        if document is not None:
            given = dict(self._how)
            self.view.ask(
                lambda session: space_saving.save(session, document, **given), self._saved
            )

    def _saved(self, saved: Saved) -> None:
        if saved.changed:
            document = self.view.document
            name = document.path.name if document is not None else ""
            screen = DraftChangedScreen(name, saved.changed)
            self.view.app.push_screen(screen, self._changed_answered)
        elif saved.conflict:
            self._refresh()
            self.view.app.push_screen(
                PublishConflictScreen(saved.conflict), self._conflict_answered
            )
        else:
            self._refresh()
            self.view.deck_app.say(saved.text)

    def _refresh(self) -> None:
        self.view.foreign = False
        self.view.redraw(anew=True)
        self.view.post_message(DraftSaved())

    def _changed_answered(self, answer: str | None) -> None:
        if answer == "theirs":
            self.view.load()
        elif answer == "mine":
            self._save(overwrite=True)

    def _conflict_answered(self, answer: str | None) -> None:
        document = self.view.document
        if answer == "force":
            self._save(force=True)
        elif answer == "pull" and document is not None:
            self.view.ask(lambda session: space_saving.pull(session, document), self.view.loaded)

    def _show_mistakes(self, problems: tuple[Problem, ...]) -> None:
        answers = [
            Answer(str(number), f"{problem.key}: {problem.text}", problem.cure.split("\n")[0])
            for number, problem in enumerate(problems)
        ]
        title = f"Not saved: {plural(len(problems), 'mistake')} first. Enter goes there."
        self.view.app.push_screen(Choose(title, answers), self._go_to_mistake)

    def _go_to_mistake(self, number: str | None) -> None:
        editor, document = self.view.editor, self.view.document
        if number is not None and editor is not None and document is not None:
            place = editor.place_of(document.problems[int(number)])
            self.view.app.call_later(self.view.go_to_mistake, place)
