"""Questions of places, asked on the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

import click

from trialdeck.backends.base import LaunchError, Question

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def with_answers(action: Callable[[], T]) -> T:
    """Do something, asking the user whatever it takes.

    Without a terminal a question is a LaunchError that says what to do.
    """
    while True:
        try:
            return action()
        except Question as question:
            _ask(question)


def _ask(question: Question) -> None:
    while True:
        try:
            question.answer(_answer(question))
        except Question as further:
            question = further
        else:
            return


def _answer(question: Question) -> str:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise LaunchError(
            f"{question.text}\nThis has to be answered at a terminal: `trialdeck hosts check`"
        )
    *above, last = question.text.splitlines()
    for line in above:
        click.echo(line, err=True)
    if question.yes_no:
        return "yes" if click.confirm(last, err=True) else "no"
    prompt = last.rstrip(":?")
    said: str = click.prompt(prompt, hide_input=question.secret, err=True)
    return said
