"""The keys of [backends.slurm] that are more than their types.

The backend is imported where it is needed: most parameter files have no such table.
"""

from __future__ import annotations

import re
from typing import Any

from trialdeck.core.params.durations import duration
from trialdeck.core.params.mistakes import Mistake, convert
from trialdeck.core.reading import shown

_TIMES = 'Write "90m", "4h", "1d 12h", or as Slurm does "1-12:00:00" or "04:00:00"'


def read_time(value: Any) -> float:
    """Return seconds. Raises Mistake; a bare number too, which is minutes to Slurm."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        cures = [f"{value}m", f"{value}s"]
        raise Mistake(f"{shown(value)} could be minutes or seconds", _TIMES, cures)
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and re.fullmatch(r"[\d:-]+", text, re.ASCII):
        if text.isdecimal():
            raise Mistake(f"{shown(value)} could be minutes or seconds", _TIMES, [f"{text}m"])
        from trialdeck.backends.slurm.partitions import seconds

        found = seconds(text)
        if not found:
            raise Mistake(f"{shown(value)} is no time", _TIMES)
        return found
    return duration(text)


def read_memory(value: Any) -> str:
    """Return the memory of a job. Raises Mistake."""
    text: str = convert(value, str) if not isinstance(value, int) else str(value)
    if not re.fullmatch(r"[1-9]\d*[KMGT]B?", text.strip(), re.ASCII | re.IGNORECASE):
        cures = [f"{text.strip()}G", f"{text.strip()}M"] if text.strip().isdecimal() else []
        cure = 'Write a whole number with its unit, such as "8G" or "500M"'
        raise Mistake(f"{shown(value)} is no amount of memory", cure, cures)
    return text.strip().upper().removesuffix("B")


def read_gpus(value: Any) -> int | str:
    """Return how many GPUs a job gets, perhaps of a type. Raises Mistake."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch(r"(gpu:)?([\w.-]+:)?\d+", value.strip()):
        return value.strip()
    raise Mistake(f"{shown(value)} are no GPUs", 'Write a number, or a type with it: "a100:1"')


def read_word(value: Any) -> str:
    """Return a name that Slurm knows. Raises Mistake."""
    text: str = convert(value, str)
    if re.search(r"[\s\"\\]", text):
        raise Mistake(f"{shown(value)} is no name: it has spaces or quotes", "")
    return text


def read_options(value: Any) -> list[str]:
    """Return further options of sbatch. Raises Mistake."""
    from trialdeck.backends.slurm.settings import option_problem

    options: list[str] = convert([value] if isinstance(value, str) else value, list[str])
    for option in options:
        if problem := option_problem(option):
            raise Mistake(problem, "")
    return options


def read_setup(value: Any) -> list[str]:
    """Return lines for the shell. Raises Mistake."""
    lines: list[str] = convert([value] if isinstance(value, str) else value, list[str])
    for line in lines:
        if "\n" in line:
            raise Mistake(f"{shown(line)} is more than one line", "Write a list of lines")
    return [line for line in lines if line.strip()]
