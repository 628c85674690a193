"""Expressions that choose trials: ``loss < 0.1 and layers == 3``, ``failed or attempt > 0``.

    expression  = conjunction ("or" conjunction)*
    conjunction = negation ("and" negation)*
    negation    = "not" negation | "(" expression ")" | state | comparison
    comparison  = operand (("<" | "<=" | ">" | ">=" | "==" | "!=" | "~") operand)+
                | operand ["not"] "in" "(" literal ("," literal)* ")"

An operand is a field's name, a number (with a unit if it is a duration: ``5m``), or a text, which
needs quotes only where it could be taken for a name. ``~`` asks whether a text is in the value's,
upper case or not. A comparison is false where a value is missing. Nothing is evaluated by Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from trialdeck.core.errors import FilterError
from trialdeck.core.filter_tests import RELATIONS, all_of, any_of, compare, compare_with, is_one_of
from trialdeck.core.filter_tokens import Token, tokens_of
from trialdeck.core.history.snapshot import TrialState
from trialdeck.core.reading import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.history.snapshot import Trial
    from trialdeck.core.trial_fields import Field, Fields

    Test = Callable[[Trial], bool]

DEEPEST = 40  # parentheses in parentheses
STATES = tuple(state.value for state in TrialState)
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Filter:
    """An expression, what it says of a trial, and the names of the fields that it looks at."""

    text: str
    test: Test
    names: frozenset[str]


def parse_filter(text: str, fields: Fields) -> Filter:
    """Return the filter of an expression. Raises FilterError."""
    parser = _Parser(text, fields)
    test = parser.whole()
    return Filter(text, test, frozenset(parser.names))


@dataclass(frozen=True, slots=True)
class _Operand:
    """One side of a comparison: a field, or a literal."""

    token: Token
    field: Field | None = None
    literal: Any = None
    is_bare: bool = False  # a word without quotes that is no name


class _Parser:
    """Goes through the tokens once, by recursive descent."""

    def __init__(self, text: str, fields: Fields) -> None:
        self.text = text
        self.fields = fields
        self.names: set[str] = set()
        self._tokens = tokens_of(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Test:
        if self._next.kind == "end":
            self._fail(self._next, "there is no expression", "Write one, such as failed")
        test = self._expression()
        if self._next.kind != "end":
            cure = "Join two with and, or or" if self._next.kind != ")" else "Remove it"
            self._fail(self._next, f"{self._next.text} was not expected here", cure)
        return test

    # -- tokens -----------------------------------------------------------------------------

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _takes(self, kind: str) -> bool:
        found = self._next.kind == kind
        self._at += found
        return found

    def _fail(self, token: Token, text: str, cure: str = "") -> NoReturn:
        raise FilterError(self.text, token.at, text, cure)

    # -- expressions ------------------------------------------------------------------------

    def _expression(self) -> Test:
        tests = [self._conjunction()]
        while self._takes("or"):
            tests.append(self._conjunction())
        return any_of(tests)

    def _conjunction(self) -> Test:
        tests = [self._negation()]
        while self._takes("and"):
            tests.append(self._negation())
        return all_of(tests)

    def _negation(self) -> Test:
        token = self._next
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(token, f"more than {DEEPEST} levels are too many", "Write it shorter")
        if self._takes("not"):
            inner = self._negation()
            test: Test = lambda trial: not inner(trial)  # noqa: E731 - a closure, not a function
        elif self._takes("("):
            test = self._expression()
            if not self._takes(")"):
                self._fail(token, "this parenthesis is not closed", "Add a ) at its end")
        else:
            test = self._comparison()
        self._depth -= 1
        return test

    def _comparison(self) -> Test:
        if self._next.text in STATES and self._after.kind not in {*RELATIONS, "in", "not"}:
            return self._state(self._take().text)
        first = self._operand(None)
        if self._next.kind in ("in", "not"):
            return self._membership(first)
        if self._next.kind not in RELATIONS:
            self._alone(first)
        tests, left = [], first
        while self._next.kind in RELATIONS:
            relation = self._take()
            right = self._operand(left)
            tests.append(self._compared(left, relation, right))
            left = right
        return all_of(tests)

    @property
    def _after(self) -> Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def _state(self, word: str) -> Test:
        state = TrialState(word)
        self.names.add("state")
        return lambda trial: trial.state is state

    def _alone(self, operand: _Operand) -> NoReturn:
        token = operand.token
        if operand.field is None and operand.is_bare:
            self._unknown(token)
        if operand.field is None:
            self._fail(token, f"{token.text} alone says nothing", "Compare a name with it")
        cure = f"Compare it, for example {token.text} == {_example(operand.field)}"
        self._fail(token, f"{token.text} alone says nothing", cure)

    # -- operands ---------------------------------------------------------------------------

    def _operand(self, beside: _Operand | None) -> _Operand:
        """Read a name or a literal; `beside` is the other side of the comparison, if known."""
        token = self._take()
        if token.kind == "literal":
            return _Operand(token, literal=token.value)
        if token.kind == "name":  # in backquotes
            return self._named(token)
        if token.kind != "word":
            what = "the end" if token.kind == "end" else token.text
            self._fail(token, f"a name or a value is missing before {what}")
        words = beside.field.words if beside is not None and beside.field is not None else ()
        if token.text in self.fields and token.text not in words:
            return self._named(token)
        literal = _FLAGS.get(token.text.lower(), token.text)
        return _Operand(token, literal=literal, is_bare=isinstance(literal, str))

    def _named(self, token: Token) -> _Operand:
        if token.value not in self.fields:
            self._unknown(token)
        self.names.add(token.value)
        return _Operand(token, field=self.fields[token.value])

    def _unknown(self, token: Token) -> NoReturn:
        import difflib

        near = difflib.get_close_matches(token.value, [*self.fields.names, *STATES], n=1)
        cure = f"Did you mean {near[0]}?" if near else "Names are those of the columns"
        self._fail(token, f'there is no name "{token.value}"', cure)

    # -- comparisons ------------------------------------------------------------------------

    def _compared(self, left: _Operand, relation: Token, right: _Operand) -> Test:
        if left.is_bare and (right.field is None or not right.field.words):
            self._unknown(left.token)
        if left.field is None and right.field is None:
            cure = "Compare a name with a value"
            self._fail(left.token, "two values that never change are compared", cure)
        for one, other in ((left, right), (right, left)):
            if relation.kind != "~":
                self._check_word(one, other.field, relation)
        return _comparison(left, relation.kind, right)

    def _check_word(self, operand: _Operand, field: Field | None, relation: Token) -> None:
        """Complain about a text that the field never has, or that cannot be larger or smaller."""
        if field is None or operand.field is not None or not isinstance(operand.literal, str):
            return
        if field.only_words and operand.literal not in field.words:
            self._wrong_word(operand, field)
        if operand.is_bare and relation.kind not in ("==", "!="):
            self._unknown(operand.token)

    def _wrong_word(self, operand: _Operand, field: Field) -> NoReturn:
        import difflib

        near = difflib.get_close_matches(str(operand.literal), field.words, n=1)
        cure = f"Did you mean {near[0]}?" if near else "It is one of " + ", ".join(field.words)
        self._fail(operand.token, f'{field.name} is never "{operand.literal}"', cure)

    def _membership(self, operand: _Operand) -> Test:
        negated = self._takes("not")
        if not self._takes("in"):
            self._fail(self._next, "in is missing after not", "Write: NAME not in (a, b)")
        if operand.field is None:
            self._unknown(operand.token)
        opening = self._next
        if not self._takes("("):
            self._fail(opening, "a list is missing after in", "Write it as (a, b, c)")
        literals = [self._listed(operand.field)]
        while self._takes(","):
            literals.append(self._listed(operand.field))
        if not self._takes(")"):
            self._fail(opening, "this parenthesis is not closed", "Add a ) at the list's end")
        return is_one_of(operand.field.value, literals, negated=negated)

    def _listed(self, field: Field) -> Any:
        token = self._take()
        if token.kind not in ("word", "literal"):
            what = "the end" if token.kind == "end" else token.text
            self._fail(token, f"a value is missing before {what}")
        literal = _FLAGS.get(token.text.lower(), token.value)
        if field.only_words and literal not in field.words:
            self._wrong_word(_Operand(token, literal=literal), field)
        return literal


def _comparison(left: _Operand, relation: str, right: _Operand) -> Test:
    if left.field is not None and right.field is not None:
        return compare(left.field.value, relation, right.field.value)
    if left.field is not None:
        return compare_with(left.field.value, relation, right.literal)
    assert right.field is not None  # noqa: S101 - two literals were refused
    return compare_with(right.field.value, relation, left.literal, turned=True)


def _example(field: Field) -> str:
    return field.words[0] if field.words else shown("text") if field.kind == "text" else "1"
