"""What the keys of the space's view do to the document, without a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from trialdeck.core.distributions import DISTRIBUTIONS
from trialdeck.core.errors import EditError, ParamsError
from trialdeck.core.params.rows import parent_key
from trialdeck.core.reading import key_of
from trialdeck.tui.views.space_values import value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.errors import Fix, Problem
    from trialdeck.core.params.document import Document, Row

NUMBERS = ("low", "high", "q", "mu", "sigma")


class Place(NamedTuple):
    """Where a mistake is: the dimension of a key, or a line of the text."""

    key: str
    line: int | None


class SpaceEditor:
    """A document, which dimension and option of it are chosen, and what is being typed."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.key = document.rows[0].key if document.rows else ""
        self.option = 0
        self._typing: str | None = None  # the key when typing began
        self._written = False  # whether what was typed is in the document as its last step

    # -- what is chosen ---------------------------------------------------------------------

    @property
    def row(self) -> Row | None:
        """The dimension that is chosen."""
        return self.document.row(self.key)

    @property
    def options(self) -> list[Any]:
        """The options of the dimension that is chosen."""
        row = self.row
        options = row.table.get("options") if row is not None else None
        return options if isinstance(options, list) else []

    def choose(self, key: str) -> None:
        """Go to a dimension."""
        if key != self.key:
            self.key, self.option = key, 0
            self.end_typing()

    def _index(self) -> int:
        keys = [row.key for row in self.document.rows]
        return keys.index(self.key) if self.key in keys else 0

    def _stay(self, index: int) -> None:
        """Choose what stands where the chosen one stood, if that is gone."""
        rows = self.document.rows
        if self.row is None:
            self.key = rows[min(index, len(rows) - 1)].key if rows else ""
        self.option = max(0, min(self.option, len(self.options) - 1))
        self.end_typing()

    # -- typing -----------------------------------------------------------------------------

    def end_typing(self) -> None:
        """Let what is typed next be another change."""
        self._typing, self._written = None, False

    def type(self, field: str, text: str) -> str:
        """Write what a field says now; return why that cannot be written, or "".

        All that is typed into a field is one change: the last one is taken back first.
        """
        if self._typing is None:
            self._typing = self.key
        elif self._written:
            self.document.undo()
        before, self.key = self.document.text, self._typing
        try:
            self._write(field, text.strip())
        except EditError as error:
            return str(error)
        finally:
            self._written = self.document.text != before
        return ""

    def _write(self, field: str, text: str) -> None:
        document, key = self.document, self.key
        if field == "name":
            if text:
                self.key = document.rename(key, text)
        elif field == "option":
            if text and self.options:
                document.rename_option(key, self.option, value_of(text))
        elif field == "probability":
            document.set_value(key_of(key, "probabilities"), self._probabilities(value_of(text)))
        else:
            document.set_value(key_of(key, field), value_of(text))

    def _probabilities(self, value: Any) -> list[Any]:
        """Return the list with the value of the chosen option; 0 where there was none."""
        row = self.row
        old = row.table.get("probabilities") if row is not None else None
        new = list(old) if isinstance(old, list) else []
        new += [0.0] * (len(self.options) - len(new))
        if new:
            new[min(self.option, len(new) - 1)] = 0.0 if value is None else value
        return new

    # -- the list ---------------------------------------------------------------------------

    def do(self, change: Callable[[], str | None]) -> str:
        """Make a change, go to the dimension that it returns; return why it cannot be, or ""."""
        index = self._index()
        self.end_typing()
        try:
            key = change()
        except (EditError, ParamsError) as error:
            return str(error)
        if key:
            self.choose(key)
        self._stay(index)
        return ""

    def add(self, kind: str) -> str:
        """Add a dimension below the chosen one."""
        after = self.key or None
        return self.do(lambda: self.document.add(kind, after=after))

    def add_inside(self, kind: str) -> str:
        """Add a dimension that only the chosen option carries."""
        option = self.options[self.option] if self.options else ""
        name = option.get("name", self.option) if isinstance(option, dict) else self.option
        return self.do(lambda: self.document.add(kind, under=(self.key, name)))

    def duplicate(self) -> str:
        """Add another dimension like this one."""
        return self.do(lambda: self.document.duplicate(self.key))

    def delete(self) -> str:
        """Delete the dimension."""
        return self.do(lambda: self.document.delete(self.key))

    def rename(self, name: str) -> str:
        """Give the dimension another name."""
        return self.do(lambda: self.document.rename(self.key, name))

    def move(self, by: int) -> str:
        """Let the dimension and a neighbour change places."""
        return self.do(lambda: self.document.move(self.key, by))

    def retype(self, kind: str) -> str:
        """Make it another distribution."""
        return self.do(lambda: self.document.change_type(self.key, kind))

    def undo(self) -> str:
        """Take a change back; return which, or ""."""
        text = self.document.undo_text
        self.do(self.document.undo)
        return text

    def redo(self) -> str:
        """Make a change again; return which, or ""."""
        text = self.document.redo_text
        self.do(self.document.redo)
        return text

    # -- options ----------------------------------------------------------------------------

    def add_option(self) -> str:
        """Add an option at the end, and go to it."""
        wrong = self.do(lambda: self.document.add_option(self.key))
        self.option = max(0, len(self.options) - 1)
        return wrong

    def delete_option(self) -> str:
        """Delete the chosen option."""
        return self.do(lambda: self.document.delete_option(self.key, self.option))

    def move_option(self, by: int) -> str:
        """Let the chosen option and a neighbour change places, with their probabilities."""
        there = self.option + by
        if not 0 <= there < len(self.options):
            return ""
        values = {}
        for name in ("options", "probabilities"):
            written = self.document.value(key_of(self.key, name))
            if isinstance(written, list) and there < len(written):
                written = list(written)
                written[self.option], written[there] = written[there], written[self.option]
                values[key_of(self.key, name)] = written
        wrong = self.do(lambda: self.document.set_values(values, "move an option"))
        self.option = self.option if wrong else there
        return wrong

    # -- mistakes ---------------------------------------------------------------------------

    def fixes(self, field: str = "") -> tuple[Fix, ...]:
        """Return the cures of the first mistake that has any: of a field, else of the dimension."""
        row = self.row
        problems = row.problems if row is not None else self.document.problems
        here = [p for p in problems if row is not None and field_of(p, row) == field]
        return next((problem.fixes for problem in [*here, *problems] if problem.fixes), ())

    def apply(self, fix: Fix) -> str:
        """Write a cure, and stay with the dimension under its new name."""
        return self.do(lambda: self.document.apply(fix))

    def places(self) -> list[Place]:
        """Return where the mistakes are, each dimension once."""
        found: dict[Place, None] = {}
        for problem in self.document.problems:
            found.setdefault(self.place_of(problem), None)
        return list(found)

    def place_of(self, problem: Problem) -> Place:
        """Return where a mistake is; the line of what is outside of the space."""
        for row in self.document.rows:
            if problem in row.problems:
                return Place(row.key, None)
        return Place("", self.line_of(problem) or 1)

    def line_of(self, problem: Problem) -> int | None:
        """Return the line of a mistake, or of the table that it is in, None when there is none."""
        if problem.place is not None:
            return problem.place[0]
        key = problem.key
        while key:
            line = self.document.line_of(key)
            if line is not None:
                return line
            key = parent_key(key)
        return None

    def choose_line(self, line: int) -> None:
        """Choose the dimension that is written on a line, or begins last above it."""
        lines = [(self.document.line_of(row.key) or 0, row.key) for row in self.document.rows]
        above = [each for each in lines if 0 < each[0] <= line]
        if above:
            self.choose(max(above, key=lambda each: each[0])[1])
        elif self.row is None:
            self._stay(0)

    def next_mistake(self) -> Place | None:
        """Return the place of the mistake after the chosen dimension, None when there is none."""
        places = self.places()
        here = [number for number, place in enumerate(places) if place.key == self.key]
        return places[(here[0] + 1) % len(places) if here else 0] if places else None


def fields_of(row: Row) -> list[str]:
    """Return the names of the values that its form has, in their order."""
    kind = DISTRIBUTIONS.get(row.type)
    known = [*NUMBERS, "options", "probabilities"]
    if kind is None:
        mine = [name for name in known if name in row.table]
    else:
        mine = [name for name in known if name in kind.__dataclass_fields__]
    return ["name", "type", *mine, "default"]


def field_of(problem: Problem, row: Row) -> str:
    """Return the value of the form below which a mistake is shown.

    One in how values go together stands below the last value that its cure changes.
    """
    fields = fields_of(row)
    keys = [problem.key] if problem.key != row.key else []
    keys += [key for fix in problem.fixes[:1] for key in fix.values]
    shown = [name for name in fields for key in keys[:1] if _is_in(key, key_of(row.key, name))]
    if not shown or problem.key == row.key:
        shown = [name for name in fields for key in keys if _is_in(key, key_of(row.key, name))]
    if not shown:
        shown = ["high"] if problem.key == row.key and "high" in fields else ["name"]
    return shown[-1]


def _is_in(key: str, field: str) -> bool:
    return key == field or key.startswith(f"{field}.")
