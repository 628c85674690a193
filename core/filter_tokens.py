"""The words, numbers and signs of a filter expression."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from trialdeck.core.errors import FilterError

LONGEST = 1000  # characters of an expression
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIGNS = {"=": "=="}
_KEYWORDS = {"and", "or", "not", "in"}
_FOREIGN = {"&&": "and", "&": "and", "||": "or", "|": "or", "!": "not"}
_PATTERN = re.compile(
    r"""\s*(?:
      (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?P<unit>[smhd]?)(?![\w.])
    | (?P<word>[^\W\d][\w.-]*)
    | (?P<text>"[^"]*"|'[^']*')
    | `(?P<name>[^`]+)`
    | (?P<sign><=|>=|==|!=|[<>=~(),])
    | (?P<foreign>&&?|\|\|?|!)
    | (?P<end>$)
    )""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A token: word, name, literal, end, or (as its own kind) a keyword or sign; `at` from 0."""

    kind: str
    text: str
    at: int
    value: Any = None


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of an expression, the last of which is its end. Raises FilterError."""
    if len(text) > LONGEST:
        raise FilterError(text[:LONGEST], LONGEST, f"more than {LONGEST} characters are too many")
    tokens: list[Token] = []
    at = 0
    while not tokens or tokens[-1].kind != "end":
        match = _PATTERN.match(text, at)
        if match is None:
            raise _mistake(text, at)
        tokens.append(_token(text, match))
        at = match.end()
    return tokens


def _token(text: str, match: re.Match[str]) -> Token:
    start = match.end() - len(match[0].lstrip())
    written = match[0].strip()
    if match["number"] is not None:
        return Token("literal", written, start, _number(match["number"], match["unit"]))
    if match["word"] is not None:
        kind = written.lower() if written.lower() in _KEYWORDS else "word"
        return Token(kind, written, start, written)
    if match["text"] is not None:
        return Token("literal", written, start, written[1:-1])
    if match["name"] is not None:
        return Token("name", written, start, match["name"])
    if match["foreign"] is not None:
        raise FilterError(text, start, f"{written} is not known", f"Write {_FOREIGN[written]}")
    kind = _SIGNS.get(written, written) or "end"
    return Token(kind, written, start)


def _number(digits: str, unit: str) -> float | int:
    try:
        plain: float | int = int(digits)
    except ValueError:
        plain = float(digits)
    return plain * _UNITS.get(unit, 1)


def _mistake(text: str, at: int) -> FilterError:
    """Return what is wrong where no token begins."""
    at += len(text[at:]) - len(text[at:].lstrip())
    sign = text[at]
    if sign in "\"'`":
        return FilterError(
            text, at, f"the text that begins with {sign} does not end", f"Add {sign}"
        )
    if sign.isdigit() or sign in "+-.":
        word = re.match(r"\S[\w.+-]*", text[at:])
        found = word[0] if word else sign
        cure = f'Write "{found}" if it is a text'
        return FilterError(text, at, f"{found} is no number", cure)
    return FilterError(text, at, f"{sign} has no meaning here")
