"""Questions of places, asked on the command line."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import click

from trialdeck.backends.base import LaunchError, Question

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.search import Search

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


def let_in(search: Search) -> None:
    """Connect to the machines where a search has anything, asking the user whatever it takes.

    Those that cannot be reached, and those that ask where there is no terminal, are left to
    whoever wants something of them.
    """
    from trialdeck.core import hosts

    names = [row.name for row in search.sites()]
    problems = hosts.reach_all(search, names)
    for name in names:
        if isinstance(problems.get(name), Question) and _has_terminal():
            with suppress(LaunchError):
                with_answers(partial(hosts.reach, search, name))


def _ask(question: Question) -> None:
    while True:
        try:
            question.answer(_answer(question))
        except Question as further:
            question = further
        else:
            return


def _answer(question: Question) -> str:
    if not _has_terminal():
        way = ", or give the key to an agent: `ssh-add`" if question.secret else ", once"
        raise LaunchError(f"{question.text}\nNobody can be asked here: do it at a terminal{way}")
    *above, last = question.text.splitlines()
    for line in above:
        click.echo(line, err=True)
    if question.yes_no:
        return "yes" if click.confirm(last, err=True) else "no"
    prompt = last.rstrip(":?")
    said: str = click.prompt(prompt, hide_input=question.secret, err=True)
    return said


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
