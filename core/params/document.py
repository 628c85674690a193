"""The parameters while they are edited: text, mistakes and dimensions after every change, undo.

What a change does to the text is in `edits`, `dimension_edits` and `option_edits`. Reading the
text again after every key that is pressed takes a few milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import ParamsError
from trialdeck.core.params import dimension_edits, edits, option_edits
from trialdeck.core.params.draft_file import DraftFile
from trialdeck.core.params.read import check_params
from trialdeck.core.params.rows import Row, parent_key, rows_of, steps_to, value_of
from trialdeck.core.params.syntax import load_toml
from trialdeck.core.params.toml_text import split_key
from trialdeck.core.params.write import difference
from trialdeck.core.reading import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trialdeck.core.errors import Fix, Problem
    from trialdeck.core.params.model import Params

__all__ = ["Document", "Row"]

Under = tuple[str, "str | int"]  # the key of a choice, and one of its options


@dataclass(frozen=True, slots=True)
class _State:
    """One text and all that follows from it; `label` says what made it of the one before."""

    text: str
    label: str
    data: Mapping[str, Any] | None  # None where the text is no TOML
    params: Params | None
    problems: tuple[Problem, ...]
    rows: tuple[Row, ...]


def _read(text: str, label: str, folder: Path) -> _State:
    try:
        data = load_toml(text, "the parameters")
    except ParamsError as error:
        return _State(text, label, None, None, error.problems, ())
    params, problems = check_params(data, folder)
    return _State(text, label, data, params, tuple(problems), rows_of(data, problems))


class Document:
    """The text of a parameter file that is being changed; every change can be undone.

    Keys are dotted paths, as in `Problem.key` and `Row.key`; an option goes by its name in them.
    An option is given by its name, or by its number from 0. Every change but `with_text` raises
    EditError when it cannot be made, and ParamsError while the text is no TOML.
    """

    def __init__(self, text: str, path: Path) -> None:
        """Edit `text`, which is to be saved as `path`: nothing is read."""
        self.path = path
        self._file = DraftFile(path)
        self._folder = path.absolute().parent
        self._past: list[_State] = []
        self._future: list[_State] = []
        self._now = _read(text, "", self._folder)

    @classmethod
    def load(cls, path: Path) -> Document:
        """Read a file. Raises ParamsError when there is none, or it is not UTF-8."""
        file = DraftFile(path)
        document = cls(file.read(), path)
        document._file = file
        return document

    # -- what there is ----------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The TOML as it is now, with comments and spacing as they were written."""
        return self._now.text

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every mistake in the file; where it is no TOML this one alone, with its `place`."""
        return self._now.problems

    @property
    def params(self) -> Params | None:
        """The parameters, None while there are mistakes."""
        return self._now.params

    @property
    def rows(self) -> tuple[Row, ...]:
        """The dimensions, nested ones after their choice; none while the text is no TOML."""
        return self._now.rows

    @property
    def is_toml(self) -> bool:
        """Whether anything but the text can be changed just now."""
        return self._now.data is not None

    def row(self, key: str) -> Row | None:
        """Return the dimension of that key."""
        return next((row for row in self.rows if row.key == key), None)

    def value(self, key: str) -> Any:
        """Return the value at a key, None when there is none (or the text is no TOML)."""
        if self._now.data is None:
            return None
        return value_of(self._now.data, steps_to(self._now.data, key))

    def problems_of(self, key: str, field: str | None = None) -> tuple[Problem, ...]:
        """Return the problems of a dimension, or of everything below any other key.

        With a `field`, only those of this key below it: a mistake in how several values go together
        has the key of the dimension itself, and no field.
        """
        row = self.row(key)
        problems = self.problems if row is None else row.problems
        wanted = key if field is None else key_of(key, field)
        return tuple(problem for problem in problems if _is_below(problem.key, wanted))

    def line_of(self, key: str) -> int | None:
        """Return the line (from 1) on which a key is written, None when it is not."""
        return edits.line_of(self.text, key) if self.is_toml else None

    # -- changes ----------------------------------------------------------------------------

    def with_text(self, text: str, label: str = "edit the text", *, merge: bool = False) -> None:
        """Take another text as it is, TOML or not.

        With `merge` it is one step with the change before, if that has the same label: for changes
        that come with every key that is pressed.
        """
        if text == self.text:
            return
        if not (merge and self._past and self._now.label == label):
            self._past.append(self._now)
        self._future.clear()
        self._now = _read(text, label, self._folder)

    def set_value(self, key: str, value: Any, *, merge: bool = False) -> None:
        """Write one value, as Python has it; None takes the key away."""
        text = edits.set_value(self.text, key, value)
        self.with_text(text, f"change {_last(key)}", merge=merge)

    def set_values(self, values: Mapping[str, Any], label: str) -> None:
        """Write several values in one step; None takes a key away."""
        text = self.text
        for key, value in values.items():
            text = edits.set_value(text, key, value)
        self.with_text(text, label)

    def apply(self, fix: Fix) -> None:
        """Write what a fix says."""
        self.with_text(edits.fixed(self.text, fix), f"fix: {fix.text}")

    def add(
        self,
        type: str,  # noqa: A002 - the word in the file
        name: str | None = None,
        after: str | None = None,
        under: Under | None = None,
    ) -> str:
        """Add a dimension with sensible values, and return its key.

        Without a `name` it is called x, or x_2 … when that is taken. It stands below the dimension
        `after` (a key), else at the end: of [space], or of what the option `under` carries.
        """
        text, key = dimension_edits.add(self.text, type, name, after, under)
        self.with_text(text, f"add {_last(key)}")
        return key

    def duplicate(self, key: str) -> str:
        """Copy a dimension below itself under a new name, and return its key."""
        text, new = dimension_edits.duplicate(self.text, key)
        self.with_text(text, f"duplicate {_last(key)}")
        return new

    def rename(self, key: str, new: str) -> str:
        """Give a dimension another name in its place, and return its key.

        A name that is no name, or is taken elsewhere in the file, is found in `problems` then; one
        that stands in the same table raises EditError.
        """
        text, renamed = edits.renamed(self.text, key, new)
        self.with_text(text, f"rename {_last(key)}")
        return renamed

    def delete(self, key: str) -> None:
        """Take a dimension away, with the comment directly above it."""
        self.with_text(dimension_edits.deleted(self.text, key), f"delete {_last(key)}")

    def move(self, key: str, by: int) -> None:
        """Let a dimension and the one above (-1) or below (+1) change places, at the ends none.

        Where one of them is a pair and the other a table, which stand below all pairs in TOML, the
        pair becomes a table too.
        """
        self.with_text(dimension_edits.moved(self.text, key, by), f"move {_last(key)}")

    def change_type(self, key: str, type: str) -> None:  # noqa: A002 - the word in the file
        """Make it another distribution; what has a meaning there is taken over."""
        text = dimension_edits.retyped(self.text, key, type)
        self.with_text(text, f"change the type of {_last(key)}")

    def add_option(self, key: str, option: Any = None) -> None:
        """Add an option at the end of a choice; without one it is a text that is not there yet."""
        text = option_edits.added(self.text, key, option)
        self.with_text(text, f"add an option to {_last(key)}")

    def rename_option(self, key: str, option: str | int, new: Any) -> None:
        """Write another name, or another value, for an option; what it carries stays."""
        text = option_edits.renamed(self.text, key, option, new)
        self.with_text(text, f"rename an option of {_last(key)}")

    def delete_option(self, key: str, option: str | int) -> None:
        """Take an option away, with all that it carries."""
        text = option_edits.deleted(self.text, key, option)
        self.with_text(text, f"delete an option of {_last(key)}")

    # -- undo -------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether a change was taken back."""
        return bool(self._future)

    @property
    def undo_text(self) -> str:
        """What `undo` takes back: "rename nodes"; "" for nothing."""
        return self._now.label if self._past else ""

    @property
    def redo_text(self) -> str:
        """What `redo` makes again; "" for nothing."""
        return self._future[-1].label if self._future else ""

    def undo(self) -> None:
        """Take the last change back, if there is one."""
        if self._past:
            self._future.append(self._now)
            self._now = self._past.pop()

    def redo(self) -> None:
        """Make the change again that was taken back last, if there is one."""
        if self._future:
            self._past.append(self._now)
            self._now = self._future.pop()

    # -- the file ---------------------------------------------------------------------------

    @property
    def changed(self) -> bool:
        """Whether the text is not the one that was read or saved last."""
        return self.text != self._file.text

    def difference(self) -> str:
        """Return how the text differs from what was read or saved last, "" if it does not."""
        saved = f"{self.path.name}, saved"
        return difference(self._file.text or "", self.text, saved, "as edited")

    def changed_on_disk(self) -> bool:
        """Return whether the file is not the one that was read or saved last."""
        return self._file.is_changed()

    def save(self, path: Path | None = None, *, overwrite: bool = False) -> None:
        """Write the text, whole or not at all; mistakes in it are no obstacle.

        Raises DraftChanged when the file is not the one that was read, unless `overwrite`, and
        EditError when it cannot be written.
        """
        self._file.write(self.text, path, overwrite=overwrite)


def _is_below(key: str, wanted: str) -> bool:
    while key:
        if key == wanted:
            return True
        key = parent_key(key)
    return False


def _last(key: str) -> str:
    return split_key(key)[-1]
