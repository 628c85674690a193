"""Tries the objective without training: in a process of its own, as it is the user's code.

``python -P -m trialdeck.core.preflight`` reads a Question as JSON and prints an Answer.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core import objective as objectives
from trialdeck.core.errors import TrialdeckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECONDS = 120.0  # an import of everything that the objective needs, on a slow file system


class Question(msgspec.Struct, frozen=True):
    """What to try: an example point, and the fixed values."""

    objective: str
    folder: str
    point: dict[str, Any]
    fixed: dict[str, Any]
    reduced: bool = False  # whether trials see only a part of the sample
    pruning: bool = False  # whether trials are judged by what they report


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong, or "" and a sentence for the user."""

    error: str = ""
    traceback: str = ""
    note: str = ""
    warnings: list[str] = []


def check_values(loaded: objectives.Objective, values: Mapping[str, Any]) -> str:
    """Call `check(values)` of an objective that has one; it raises when trials could not run.

    Returns what it says when all is well.
    """
    check = getattr(loaded.function, "check", None)
    said = check(dict(values)) if callable(check) else None
    return said if isinstance(said, str) else ""


def examine(question: Question) -> Answer:
    """Import the objective, match its parameters, and check the fixed values."""
    folder = Path(question.folder)
    os.chdir(folder)
    try:
        loaded = objectives.load(question.objective, folder)
        trial = objectives.Trial(
            tid=0,
            seed=0,
            fraction=1.0,
            device="cpu",
            checkpoint=folder,
            model=folder,
            send_report=lambda _step, _values: None,
            asked_to_stop=lambda: False,
        )
        objectives.bind(loaded.function, question.point, question.fixed, trial)
        note = check_values(loaded, {**question.fixed, **question.point})
        return Answer(note=note, warnings=list(_warnings(loaded, question)))
    except TrialdeckError as error:
        return Answer(error=str(error))
    except BaseException as error:  # noqa: BLE001 - the user's code may raise anything; it is told
        text = f"{type(error).__name__}: {error}"
        return Answer(error=text, traceback=traceback.format_exc())


def _warnings(loaded: objectives.Objective, question: Question) -> Iterator[str]:
    if question.reduced and (said := ignored_fraction(loaded)):
        yield said
    if question.pruning and (said := never_reports(loaded)):
        yield said


def ignored_fraction(loaded: objectives.Objective) -> str:
    """Return that an objective does not seem to use a part of the sample only, or ""."""
    if not objectives.takes_trial(loaded.function):
        name = _name(loaded)
        return f"[reduced_sample]: {name}() takes no trial, and so cannot know trial.fraction"
    if _mentions(loaded, r"\bfraction\b"):
        return ""
    return (
        f"[reduced_sample]: {loaded.file} says nothing of trial.fraction: if it trains on the "
        f"whole sample all the same, nothing is gained"
    )


def never_reports(loaded: objectives.Objective) -> str:
    """Return that nothing can be pruned, as an objective does not seem to report, or ""."""
    if not objectives.takes_trial(loaded.function):
        name = _name(loaded)
        return (
            f"[pruning]: {name}() takes no trial, and so cannot call trial.report: none is pruned"
        )
    if _mentions(loaded, r"(?i)report|callback"):
        return ""
    return (
        f"[pruning]: {loaded.file} says nothing of trial.report: a trial that reports nothing "
        f"after its epochs is never pruned"
    )


def _name(loaded: objectives.Objective) -> str:
    return getattr(loaded.function, "__name__", "the objective")


def _mentions(loaded: objectives.Objective, pattern: str) -> bool:
    """Whether an objective's own file says something; what it calls elsewhere is not looked at."""
    try:
        source = loaded.file.read_text() if loaded.file is not None else None
    except (OSError, UnicodeDecodeError):
        source = None
    return source is None or re.search(pattern, source) is not None


def ask(question: Question, python: str = sys.executable) -> Answer:
    """Examine in a child process, so that nothing of the objective reaches this one."""
    try:
        child = subprocess.run(
            [python, "-P", "-m", "trialdeck.core.preflight"],
            input=msgspec.json.encode(question),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(error=f"importing {question.objective} took longer than {SECONDS:g} s")
    try:
        # What the objective itself prints comes before the last line.
        return msgspec.json.decode(child.stdout.rstrip().rsplit(b"\n", 1)[-1], type=Answer)
    except msgspec.DecodeError:
        tail = child.stderr.decode(errors="replace").strip()[-2000:]
        return Answer(
            error=f"the import ended the process (exit {child.returncode})", traceback=tail
        )


def main() -> None:
    """Answer one question."""
    answer = examine(msgspec.json.decode(sys.stdin.buffer.read(), type=Question))
    sys.stdout.write("\n" + msgspec.json.encode(answer).decode() + "\n")


if __name__ == "__main__":
    main()
