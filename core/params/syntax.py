"""The bytes of a parameter file -> TOML's tables; where and why that fails."""

from __future__ import annotations

import difflib
import re
import tomllib
from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import ParamsError, Problem

if TYPE_CHECKING:
    from pathlib import Path

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_WIDTH = 100  # characters shown of an offending line

# What Python's parser says -> what to do. The first that fits is taken.
_ADVICE = {
    "Illegal character '\\n'": "Close the text with a quote on the same line",
    "Unterminated string": "Close the text with a quote",
    "Unclosed array": "Close the list with ]",
    "Unclosed inline table": "Close the table with }, on the same line",
    "Invalid initial character for a key part": (
        "A key is missing here; a table in braces stands on one line, without a comma at its end"
    ),
    "Expected '=' after a key": 'Write key = value; text as value stands in quotes: "text"',
    "Expected ']' at the end of a table": "Close the name of the table with ]",
    "Cannot declare": "This table stands in the file twice: keep one",
    "Cannot overwrite a value": "This key or table stands in the file twice: keep one",
    "Unescaped '\\' in a string": "Write \\\\ for a backslash, or the text in 'single quotes'",
    "Expected newline or end of document": "Write one key = value per line, text in quotes",
    "Invalid statement": "A line is a [table], key = value, or a # comment",
}
_VALUE_ADVICE = {
    r"(true|false)\b": "Write {lower}",
    r"(none|null|nil)\b": "Leave the key out: TOML has no empty value",
    "[\u201c\u201d\u2018\u2019\u201e\u00ab]": 'Write plain quotes: "text"',
    r"\.\d": "Write a digit before the point: 0{value}",
    r"[a-z/~]": 'Write text in quotes: "{value}"',
    "": 'Write a number, true, false, or text in quotes: "text"',
}


def read_text(path: Path) -> str:
    """Return the text of a parameter file, without a byte order mark.

    Raises ParamsError when there is none, or when it is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ParamsError(str(path), [_unreadable(path, error)]) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        text = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        kind = " (it looks like UTF-16)" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        cure = f"Save the file as UTF-8{kind}"
        raise ParamsError(str(path), [Problem(f"line {line}", text, cure)]) from error


def load_toml(text: str, source: str) -> dict[str, Any]:
    """Return the tables of `text`. Raises ParamsError that shows the place of a mistake."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        problem = Problem("file", "brackets are nested too deeply", "Use fewer of them")
    except tomllib.TOMLDecodeError as error:
        problem = _syntax_problem(text, str(error))
    except ValueError as error:  # Python reads no number of thousands of digits
        problem = Problem("file", f"a value is too long: {error}", "Write it shorter")
    raise ParamsError(source, [problem])


def _unreadable(path: Path, error: OSError) -> Problem:
    if isinstance(error, IsADirectoryError):
        cure = "Name the file in it" if not (path / "params.toml").exists() else "Add /params.toml"
        return Problem("file", "this is a folder", cure)
    if isinstance(error, PermissionError):
        return Problem("file", "this file may not be read", f"Try: chmod u+r {path}")
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return Problem("file", f"this file cannot be read: {error.strerror or error}")
    names = [other.name for other in path.parent.glob("*.toml")]
    close = difflib.get_close_matches(path.name, names, n=1)
    cure = "`trialdeck init` writes one"
    return Problem(
        "file",
        f"there is no file {path.absolute()}",
        f"Did you mean {close[0]}? {cure}" if close else cure,
    )


def _syntax_problem(text: str, message: str) -> Problem:
    lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    place = _PLACE.search(message)
    what = message[: place.start()] if place else message
    if place is None or place[1] is None:
        last = max((n for n, line in enumerate(lines, 1) if line.strip()), default=1)
        row, column = last, len(lines[last - 1]) + 1
    else:
        row, column = int(place[1]), int(place[2])
    cure = f"{_advice(what, lines[row - 1][column - 1 :])}\n{_marked(lines[row - 1], column)}"
    return Problem(f"line {row}, column {column}", what[:200], cure, place=(row, column))


def _advice(what: str, rest: str) -> str:
    if what == "Invalid value":
        return _value_advice(rest.split("#", maxsplit=1)[0].strip())
    if what.startswith("Expected '='") and rest.startswith(":"):
        return "Write = instead of :"
    found = (advice for start, advice in _ADVICE.items() if what.startswith(start))
    return next(found, "The place is marked")


def _value_advice(value: str) -> str:
    if not value:
        return "A value is missing here, or a closing ]"
    return next(
        advice.format(value=value, lower=value.lower())
        for pattern, advice in _VALUE_ADVICE.items()
        if re.match(pattern, value, re.IGNORECASE)
    )


def _marked(line: str, column: int) -> str:
    """Return the line with a caret below the column, cut to a window if it is long."""
    start = max(0, column - 1 - _WIDTH * 2 // 3) if len(line) > _WIDTH else 0
    shown = line[start : start + _WIDTH].replace("\t", " ")
    return f"    {shown}\n    {' ' * (column - 1 - start)}^"
