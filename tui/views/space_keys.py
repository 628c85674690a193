"""The keys of the space's view that work everywhere in it; the list and the form have more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from trialdeck.tui.widgets.form_field import FIX_KEY

if TYPE_CHECKING:
    from textual.binding import BindingType

KEYS: list[BindingType] = [
    Binding(
        "ctrl+s",
        "save",
        "Save",
        id="space.save",
        tooltip="Show what saving changes, then save and publish.",
    ),
    Binding(
        "f2,T",
        "text",
        "TOML",
        id="space.text",
        tooltip="Go between the form and the text of the whole file.",
    ),
    Binding("u", "undo", "Undo", id="space.undo", tooltip="Take the last change back."),
    Binding(
        "ctrl+r",
        "redo",
        "Redo",
        show=False,
        id="space.redo",
        tooltip="Make the change again that was taken back.",
    ),
    Binding(
        "m",
        "next_mistake",
        "Next mistake",
        show=False,
        id="space.next_mistake",
        tooltip="Go to the next mistake.",
    ),
    Binding(
        FIX_KEY,
        "fix",
        "Fix",
        show=False,
        id="space.fix",
        tooltip="Write the cure of the mistake, also while typing.",
    ),
    Binding(
        "E",
        "edit_file",
        "Editor",
        show=False,
        id="space.edit_file",
        tooltip="Open the file in $VISUAL or $EDITOR, and read it again.",
    ),
]
