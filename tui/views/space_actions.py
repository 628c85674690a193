"""What the keys of the space's view do: to the document, then to the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.tui.format import one_line
from trialdeck.tui.screens.choose import Answer, Choose
from trialdeck.tui.screens.choose_type import ChooseType
from trialdeck.tui.widgets.dimension_form import DimensionForm
from trialdeck.tui.widgets.dimension_list import DimensionList

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.tui.views.space import SpaceView
    from trialdeck.tui.views.space_editor import SpaceEditor

TEXT_CHANGE = "edit the text"


class SpaceActions:
    """Acts for a view on its editor."""

    def __init__(self, view: SpaceView) -> None:
        self.view = view
        self._begun = False  # whether the text has been changed since it was shown

    @property
    def editor(self) -> SpaceEditor | None:
        """The editor, once there is something to edit."""
        return self.view.editor

    # -- the list ---------------------------------------------------------------------------

    def of_list(self, what: str) -> None:
        """Do what a key of the list asks for."""
        editor = self.editor
        if editor is None:
            return
        form = self.view.query_one(DimensionForm)
        steps: dict[str, Callable[[], object]] = {
            "edit": lambda: form.go_to("low", "mu", "options", "name"),
            "low": lambda: form.go_to("low", "mu", "options"),
            "high": lambda: form.go_to("high", "sigma", "option"),
            "rename": lambda: form.go_to("name"),
            "add": self.add,
            "duplicate": lambda: self.done(editor.duplicate()),
            "delete": self.delete,
            "up": lambda: self.done(editor.move(-1)),
            "down": lambda: self.done(editor.move(1)),
            "fix": self.fix,
        }
        if editor.row is not None or what == "add":
            steps[what]()

    def done(self, wrong: str) -> None:
        """Draw what was changed, or say why it could not be."""
        if wrong:
            self.view.deck_app.say(wrong, "warning")
        self.view.redraw(anew=True)
        self.view.look_at_file()

    def add(self) -> None:
        """Ask which distribution, and add a dimension."""
        self._ask_type("Add a dimension", lambda editor, kind: editor.add(kind))

    def _ask_type(
        self, title: str, change: Callable[[SpaceEditor, str], str], here: str = ""
    ) -> None:
        def chosen(kind: str | None) -> None:
            if kind is not None and self.editor is not None:
                self.done(change(self.editor, kind))
                if not here:
                    self.view.query_one(DimensionForm).go_to("name")

        self.view.app.push_screen(ChooseType(title, here), chosen)

    def delete(self) -> None:
        """Delete the dimension, and say how to have it back."""
        editor = self.editor
        if editor is None or editor.row is None:
            return
        name = editor.row.name
        wrong = editor.delete()
        self.done(wrong)
        if not wrong:
            self.view.deck_app.say(f"Deleted {name}; u brings it back.")

    def change_type(self) -> None:
        """Ask for another distribution."""
        if self.editor is not None and self.editor.row is not None:
            kind = self.editor.row.type
            self._ask_type(
                f"What does {self.editor.row.name} draw?",
                lambda editor, kind: editor.retype(kind),
                kind or "uniform",
            )

    # -- options ----------------------------------------------------------------------------

    def choose_option(self, option: int) -> None:
        """Show another option in the line below the list."""
        if self.editor is not None and option != self.editor.option:
            self.editor.option = option
            self.editor.end_typing()
            self.view.redraw()

    def of_options(self, what: str, option: int) -> None:
        """Do what a key of the list of options asks for."""
        editor = self.editor
        if editor is None:
            return
        editor.option = option
        form = self.view.query_one(DimensionForm)
        if what == "inside":
            title = "Add a dimension that only this option carries"
            self._ask_type(title, lambda editor, kind: editor.add_inside(kind))
        elif what == "edit":
            form.go_to("option")
        else:
            changes: dict[str, Callable[[], str]] = {
                "add": editor.add_option,
                "delete": editor.delete_option,
                "up": lambda: editor.move_option(-1),
                "down": lambda: editor.move_option(1),
            }
            self.done(changes[what]())
            if what == "add":
                form.go_to("option")

    # -- typing -----------------------------------------------------------------------------

    def type(self, field: str, text: str) -> None:
        """Write what is typed into a field of the form."""
        if self.editor is not None:
            wrong = self.editor.type(field, text)
            self.view.query_one(DimensionForm).complain(field, wrong)
            self.view.redraw()
            self.view.look_at_file()

    def undo(self) -> None:
        """Take a change back, and say which."""
        if self.editor is not None:
            self.view.take_text()
            self._say("Undone", self.editor.undo(), "There is nothing to undo.")

    def redo(self) -> None:
        """Make a change again, and say which."""
        if self.editor is not None:
            self._say("Done again", self.editor.redo(), "There is nothing to redo.")

    def _say(self, what: str, change: str, nothing: str) -> None:
        self.view.deck_app.say(f"{what}: {change}." if change else nothing)
        self._show_text()
        self.view.redraw(anew=True)
        self.view.take_focus_if_lost()

    # -- mistakes ---------------------------------------------------------------------------

    def fix(self) -> None:
        """Write the cure; ask which where there are several."""
        editor = self.editor
        if editor is None:
            return
        self.view.take_text()
        if self.view.in_text and self.view.toml is not None:
            editor.choose_line(self.view.toml.line)
        fixes = editor.fixes(self.view.query_one(DimensionForm).here)
        if not fixes:
            self.view.deck_app.say(_why_no_fix(editor))
        elif len(fixes) == 1:
            self._apply("0")
        else:
            answers = [Answer(str(number), fix.text) for number, fix in enumerate(fixes)]
            self.view.app.push_screen(Choose("What shall be written?", answers), self._apply)

    def _apply(self, number: str | None) -> None:
        editor = self.editor
        if number is None or editor is None:
            return
        fixes = editor.fixes(self.view.query_one(DimensionForm).here)
        wrong = editor.apply(fixes[int(number)])
        self._show_text()
        self.done(wrong)

    async def next_mistake(self) -> None:
        """Go to the next dimension with a mistake, or to the line of one in another table."""
        editor = self.editor
        if editor is None:
            return
        if self.view.in_text and self.view.toml is not None:
            self.view.toml.action_next_mistake()
            return
        place = editor.next_mistake()
        if place is None:
            self.view.deck_app.say("There is no mistake.")
        else:
            await self.go_to(place.key, place.line)

    async def go_to(self, key: str, line: int | None) -> None:
        """Go to a dimension, or to a line of the text."""
        if self.editor is None:
            return
        if key:
            if self.view.in_text:
                await self.turn()
            self.editor.choose(key)
            self.view.redraw(anew=True)
            self.view.query_one(DimensionList).focus()
            return
        if not self.view.in_text:
            await self.turn()
        if self.view.toml is not None:
            self.view.toml.go_to(line or 1)

    # -- the text ---------------------------------------------------------------------------

    async def turn(self) -> None:
        """Show the text instead of the form, or the form again."""
        view, editor = self.view, self.editor
        if editor is None:
            return
        if view.toml is None:
            from trialdeck.tui.widgets.toml_editor import TomlEditor

            view.toml = TomlEditor()
            await view.mount(view.toml)
        view.take_text()
        view.in_text = not view.in_text
        view.toml.display = view.in_text
        if view.in_text:
            self._begun = False
            view.toml.load(editor.document.text)
            view.redraw()
            line = editor.document.line_of(editor.key) if editor.key else None
            view.toml.go_to(line or _line_of(editor) or view.toml.line)
        else:
            editor.choose_line(view.toml.line)
            view.redraw(anew=True)
            view.take_focus()

    def take_text(self, text: str) -> None:
        """Take what the text says now; all that is typed at one visit is one change."""
        editor = self.editor
        if editor is None or text == editor.document.text:
            return
        editor.document.with_text(text, TEXT_CHANGE, merge=self._begun)
        self._begun = True
        self.view.redraw()

    def _show_text(self) -> None:
        if self.view.in_text and self.view.toml is not None and self.editor is not None:
            self.view.toml.load(self.editor.document.text)
            self._begun = False


def _why_no_fix(editor: SpaceEditor) -> str:
    """Return why there is no cure to write where the user is."""
    if not editor.document.problems:
        return "There is no mistake."
    if editor.row is not None and not editor.row.problems:
        return f"{one_line(editor.row.name)} has no mistake; m in the list goes to the next one."
    return "Nothing can be written for this mistake: see its text."


def _line_of(editor: SpaceEditor) -> int | None:
    """Return the line of the first mistake, where the text is no TOML."""
    places = editor.places() if not editor.document.is_toml else []
    return places[0].line if places else None
