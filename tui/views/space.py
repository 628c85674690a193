"""The view "Space": the editor of what is searched."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from trialdeck.tui.editing import edit
from trialdeck.tui.views import space_saving
from trialdeck.tui.views.space_actions import SpaceActions
from trialdeck.tui.views.space_editor import SpaceEditor
from trialdeck.tui.views.space_keys import KEYS
from trialdeck.tui.views.space_line import SpaceLine
from trialdeck.tui.views.space_notice import SpaceNotice
from trialdeck.tui.views.space_save_flow import SaveFlow
from trialdeck.tui.views.view import View
from trialdeck.tui.widgets.dimension_form import DimensionForm
from trialdeck.tui.widgets.dimension_list import DimensionList
from trialdeck.tui.widgets.form_field import Field
from trialdeck.tui.widgets.histogram import Histogram
from trialdeck.tui.widgets.lines import hint
from trialdeck.tui.widgets.option_rows import OptionRows
from trialdeck.tui.widgets.type_field import TypeField

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.core.params.document import Document
    from trialdeck.tui.seen import Seen
    from trialdeck.tui.views.space_editor import Place
    from trialdeck.tui.widgets.toml_editor import TomlEditor

LOOK_SECONDS = 2.0  # between two looks at the file, which another program may have changed
NOTHING = Content.assemble("Nothing is searched yet. ", hint("a", "adds a dimension"))
NARROW = 70  # columns below which the form stands under the list


class SpaceView(View):
    """Lists the dimensions, with a form for one of them; F2 shows the text of the same document."""

    DEFAULT_CSS = """
    SpaceView { padding: 0 1; }
    SpaceView SpaceLine { margin-bottom: 1; }
    SpaceView #panes { height: 1fr; }
    SpaceView DimensionList { width: 13fr; margin-right: 2; }
    SpaceView #nothing { width: 10fr; }
    SpaceView #right { width: 10fr; max-width: 90; height: 1fr; }
    SpaceView DimensionForm { max-height: 70%; }
    SpaceView Histogram { margin-top: 1; height: 1fr; max-height: 14; }
    SpaceView.-narrow #panes { layout: vertical; }
    SpaceView.-narrow DimensionList { width: 1fr; height: 40%; margin: 0 0 1 0; }
    SpaceView.-narrow #right { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - a widget's
        super().__init__(id=id)
        self.editor: SpaceEditor | None = None
        self.toml: TomlEditor | None = None
        self.in_text = False
        self.foreign = False  # another program has changed the file meanwhile
        self._trouble = ""  # why there is nothing to edit
        self._loading = False
        self._looked_at = 0.0
        self._drawn: Document | None = None
        self._actions = SpaceActions(self)
        self._saving = SaveFlow(self)

    def compose(self) -> ComposeResult:
        """Lay out the parts; the text editor comes at its first visit."""
        yield SpaceLine()
        with Horizontal(id="panes"):
            yield DimensionList()
            yield Static(NOTHING, id="nothing")
            with Vertical(id="right"):
                yield DimensionForm()
                yield Histogram()
        yield SpaceNotice()

    # -- what is there ----------------------------------------------------------------------

    @property
    def document(self) -> Document | None:
        """What is edited."""
        return self.editor.document if self.editor is not None else None

    @property
    def unsaved(self) -> bool:
        """Whether there are changes that no file has."""
        self.take_text()
        return self.document is not None and self.document.changed

    def draw(self, seen: Seen, before: Seen) -> None:  # noqa: ARG002 - only what is known now matters
        """Read the file at the first visit; then only the first line depends on what is seen."""
        if self.editor is None and (seen.has_draft or (seen.name and not seen.is_of_script)):
            self.load()
        if self.document is None or self.document is not self._drawn:
            self.redraw()
        self.query_one(SpaceLine).show(self.document, seen, foreign=self.foreign)
        self.look_at_file()

    def tick(self) -> None:
        """Notice what other programs do."""
        self.look_at_file()

    def on_resize(self) -> None:
        """Put the form below the list where there is no room beside it."""
        self.set_class(self.size.width < NARROW, "-narrow")

    def take_focus(self) -> None:
        """Go to the list, to the text, or to what stands in their place."""
        if self.in_text and self.toml is not None:
            self.toml.area.focus()
        elif self.query_one("#panes").display:
            self.query_one(DimensionList).focus()
        else:
            self.query_one(SpaceNotice).focus()

    # -- reading ----------------------------------------------------------------------------

    def load(self) -> None:
        """Read the file (again); what was not saved can be had back by redo."""
        if not self._loading:
            self._loading = True
            self.ask(space_saving.load, self.loaded, self._not_loaded)

    def loaded(self, document: Document) -> None:
        """Take a document that was read."""
        self._loading, self.foreign, self._trouble = False, False, ""
        old = self.editor
        if old is not None and old.document.changed and old.document.text != document.text:
            document.with_text(old.document.text, "your changes")
            document.undo()
        self.editor = SpaceEditor(document)
        if old is not None and document.row(old.key) is not None:
            self.editor.choose(old.key)
        if self.toml is not None:
            self.toml.load(document.text)
        had_focus = self.screen.focused is None or self in self.screen.focused.ancestors
        self.redraw(anew=True)
        if had_focus and not self.in_text:
            self.take_focus()

    def _not_loaded(self, text: str) -> None:
        self._loading, self._trouble = False, text
        self.redraw()

    def look_at_file(self) -> None:
        """Ask whether another program has changed the file, now and then."""
        now, document = time.monotonic(), self.document
        if document is None or self._loading or now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        self.ask(
            lambda _: document.changed_on_disk(), lambda is_so: self._compared(document, is_so)
        )

    def _compared(self, document: Document, is_changed: bool) -> None:  # noqa: FBT001 - a result
        if document is not self.document or is_changed == self.foreign:
            return
        if is_changed and not document.changed:
            self.load()
            self.deck_app.say(f"{document.path.name} was changed by another program: read again.")
            return
        self.foreign = is_changed
        self.redraw()

    # -- drawing ----------------------------------------------------------------------------

    def redraw(self, *, anew: bool = False) -> None:
        """Draw the document; with `anew` also the line that the user types in."""
        document, editor = self.document, self.editor
        self._drawn = document
        self.query_one(SpaceLine).show(document, self.seen, foreign=self.foreign)
        is_broken = document is None or not document.is_toml
        has_notice = is_broken and not self.in_text
        notice = self.query_one(SpaceNotice)
        notice.display = has_notice
        self.query_one("#panes").display = not has_notice and not self.in_text
        if has_notice:
            notice.show(self.seen, document, self._trouble)
            if self.screen.focused is None and self.is_on_screen:
                notice.focus()
        elif editor is not None and self.toml is not None and self.in_text:
            self.toml.complain([(each, editor.line_of(each)) for each in editor.document.problems])
        elif editor is not None:
            is_empty = not editor.document.rows
            self.query_one("#nothing").display = is_empty
            self.query_one("#right").display = not is_empty
            form = self.query_one(DimensionForm)
            self.query_one(DimensionList).show(editor.document.rows, editor.key)
            form.show(editor, anew=anew)
            self.query_one(Histogram).show(editor.row)

    def take_text(self) -> None:
        """Take what has been typed into the text and not been looked at yet."""
        if self.toml is not None and self.toml.settle():
            self._actions.take_text(self.toml.area.text)

    def take_focus_if_lost(self) -> None:
        """Go to the list if what had the focus is gone."""
        focused = self.screen.focused
        if focused is None or not focused.display:
            self.take_focus()

    async def go_to_mistake(self, place: Place) -> None:
        """Go to where a mistake is."""
        await self._actions.go_to(place.key, place.line)

    # -- what the user does -----------------------------------------------------------------

    @on(OptionList.OptionHighlighted, "DimensionList")
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        # Where it is by now: two messages on their way would send it back and forth for ever.
        key = self.query_one(DimensionList).key
        if self.editor is not None and key and key != self.editor.key:
            self.editor.choose(key)
            self.redraw(anew=True)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()  # a click on the dimension that is chosen

    @on(DimensionList.Asked)
    def _list_asked(self, message: DimensionList.Asked) -> None:
        self._actions.of_list(message.what)

    @on(OptionRows.Asked)
    def _options_asked(self, message: OptionRows.Asked) -> None:
        self._actions.of_options(message.what, message.option)

    @on(OptionRows.Chosen)
    def _option_chosen(self) -> None:
        option = self.query_one(OptionRows).highlighted  # as above: where it is by now
        if option is not None:
            self._actions.choose_option(option)

    @on(TypeField.Asked)
    def _type_asked(self) -> None:
        self._actions.change_type()

    @on(Field.Begun)
    def _begun(self) -> None:
        if self.editor is not None:
            self.editor.end_typing()

    @on(Field.Typed)
    def _typed(self, message: Field.Typed) -> None:
        self._actions.type(message.field, message.text)

    @on(DimensionForm.Left)
    def _left(self) -> None:
        self.redraw(anew=True)
        self.query_one(DimensionList).focus()

    def on_toml_editor_edited(self, message: TomlEditor.Edited) -> None:
        """Parse the text."""
        self._actions.take_text(message.text)

    async def on_toml_text_left(self) -> None:
        """Go back to the form."""
        await self.action_text()

    # -- actions ----------------------------------------------------------------------------

    async def action_text(self) -> None:
        """Go between the form and the text."""
        await self._actions.turn()

    def action_undo(self) -> None:
        """Take a change back."""
        self._actions.undo()

    def action_redo(self) -> None:
        """Make it again."""
        self._actions.redo()

    def action_fix(self) -> None:
        """Write the cure."""
        self._actions.fix()

    async def action_next_mistake(self) -> None:
        """Go to the next mistake."""
        await self._actions.next_mistake()

    def action_save(self) -> None:
        """Show what saving would do."""
        self.take_text()
        self._saving.begin()

    def action_edit_file(self) -> None:
        """Open the file in the user's editor."""
        if self.unsaved:
            self.deck_app.say("Save your changes first (ctrl+s), or undo them.", "warning")
        elif edit(self.deck_app, self.seen.file):
            self.load()
