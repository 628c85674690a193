"""What a program has written for a terminal, as plain lines that move no cursor."""

from __future__ import annotations

import re

TAB = 8
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*(?:[@-~]|$)"  # CSI: colours, cursor movements
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC: titles, links
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # strings for devices
    r"|\x1b[ -/]*[0-~]?"
)
_ERASES = re.compile(r"(?:\x1b\[|\x9b)([012]?)K")
_MOVES = re.compile("([\r\x08\x0e\x0f])")
_ERASE_REST, _ERASE_ALL = "\x0e", "\x0f"  # stand for the two ways to erase a part of a line


def tame(line: str) -> str:
    """Return what a line shows in the end: a progress bar is as it was written last."""
    if line.isprintable():
        return line
    line = line.rstrip("\r\n").replace("\x0e", "").replace("\x0f", "")
    line = _ESCAPES.sub("", _ERASES.sub(_erase, line))
    if _MOVES.search(line):
        line = _overwritten(line)
    line = line.expandtabs(TAB)
    return line if line.isprintable() else "".join(map(_plain, line))


def tame_text(text: str) -> str:
    """Return a text of several lines, each tamed."""
    return "\n".join(tame(line) for line in text.split("\n"))


def _erase(match: re.Match[str]) -> str:
    return {"": _ERASE_REST, "0": _ERASE_REST, "2": _ERASE_ALL}.get(match[1], "")


def _overwritten(line: str) -> str:
    """Return what is left of a line in which the cursor went back."""
    text, cursor = "", 0
    for part in _MOVES.split(line):
        if part == "\r":
            cursor = 0
        elif part == "\x08":
            cursor = max(0, cursor - 1)
        elif part == _ERASE_REST:
            text = text[:cursor]
        elif part == _ERASE_ALL:
            text = ""
        elif part:
            text = text[:cursor].ljust(cursor) + part + text[cursor + len(part) :]
            cursor += len(part)
    return text.rstrip() if text.isspace() else text


def _plain(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "?"
