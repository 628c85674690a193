"""`trialdeck demo`, `init` and `check`: the first steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialdeck.core.params.beginning import begin, begin_demo
from trialdeck.core.params.model import DEFAULT_OBJECTIVE
from trialdeck.tui.commands.common import as_json, command, leave, mark, say, say_json
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.exits import Exit
from trialdeck.tui.format import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.check import Finding

DEMO_FOLDER = Path("trialdeck-demo")
MARKS = {"ok": "ok", "warning": "warning", "error": "failed"}


@command()
@click.option(
    "--cores", type=click.IntRange(1), default=4, show_default=True, help="So many trials at once."
)
@click.option("--trials", type=click.IntRange(1), help="So many trials in all.")
@pass_deck
def demo(deck: Deck, *, cores: int, trials: int | None) -> None:
    """Watch a small search that needs no data and no torch, in ./trialdeck-demo.

    It looks for the minimum of a function that is known. Ctrl+C ends it like any other search;
    the folder can be looked at with all other commands, and deleted.
    """
    from trialdeck.tui.commands.run import Wish, run_search

    folder = deck.params_file.absolute().parent / DEMO_FOLDER
    file = folder / "params.toml"
    if begin_demo(file):
        say([f"A small search in ./{DEMO_FOLDER}, as its params.toml there describes it."])
    there = replace(deck, params_file=file, search_name=None)
    run_search(there, Wish(cores=cores, max_trials=trials))


@command()
@click.option(
    "--objective",
    default=DEFAULT_OBJECTIVE,
    metavar="FILE:FUNC",
    help="Your own function, such as train.py:train; the file is made if it is missing.",
)
@click.option("--force", is_flag=True, help="Replace a params.toml; it is kept as params.toml.old.")
@pass_deck
def init(deck: Deck, *, objective: str, force: bool) -> None:
    """Write a params.toml to start from.

    It searches the default network on the jets that come with Trialdeck, or the hyperparameters
    of your own function with --objective.
    """
    file = deck.params_file
    code = begin(file, objective, force=force)
    say([mark("ok", f"wrote {name}") for name in (file, code) if name])
    say(["", "What to do next:", *_next_steps(file, code)])


def _next_steps(file: Path, code: Path | None) -> list[str]:
    steps = (
        [("edit", f"{code} and {file}")] if code else [("edit", f"{file}, or leave it as it is")]
    )
    steps += [
        ("trialdeck check", "find what is wrong before anything starts"),
        ("trialdeck run --quick", "try it, with a few short trials"),
        ("trialdeck run", "search"),
    ]
    return [f"  {what:<23}{why}" for what, why in steps]


@command()
@as_json
@pass_deck
def check(deck: Deck, *, as_json: bool) -> None:
    """Find what is wrong before anything starts.

    Reads the parameter file, imports the objective in a process of its own, and looks at the
    history. Nothing is trained or changed.
    """
    from trialdeck.core.check import check as check_all

    findings = check_all(deck.params_file)
    errors = sum(finding.level == "error" for finding in findings)
    if as_json:
        say_json(findings)
    else:
        say([*_finding_lines(findings), "", _verdict(findings, errors)])
    leave(Exit.FAILED if errors else Exit.FINE)


def _finding_lines(findings: Sequence[Finding]) -> list[str]:
    lines = []
    for finding in findings:
        first, *rest = finding.text.splitlines() or [""]
        lines += [mark(MARKS[finding.level], first), *(f"  {line}" for line in rest)]
    return lines


def _verdict(findings: Sequence[Finding], errors: int) -> str:
    warnings = sum(finding.level == "warning" for finding in findings)
    if errors:
        return f"{plural(errors, 'error')}, {plural(warnings, 'warning')}."
    said = f"Nothing is wrong, {plural(warnings, 'warning')}." if warnings else "All is well."
    return f"{said} `trialdeck run` starts the search."
