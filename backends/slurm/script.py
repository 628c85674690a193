"""The .sbatch script of a launch: an array of jobs, each of which becomes a pool."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from trialdeck.backends.base import BACKEND_VARIABLE, JOB_VARIABLE, LaunchError
from trialdeck.backends.slurm.partitions import clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trialdeck.backends.base import JobSpec
    from trialdeck.backends.slurm.settings import Settings

_INDEX = "%a"
_ELEMENT = "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
_Line = tuple[str, str]  # an option, and what it is for


def script_of(spec: JobSpec, settings: Settings) -> str:
    """Return the script that `sbatch` is given. Raises LaunchError for what it cannot hold."""
    lines = ["#!/bin/bash"]
    lines += [f"#SBATCH {option}" for option, _ in _options(spec, settings, by_hand=False)]
    return _text([*lines, "", *_body(spec, settings, by_hand=False)])


def script_by_hand(spec: JobSpec, settings: Settings) -> str:
    """Return the same with comments, to be submitted any number of times.

    The name of the launch, `spec.name`, is followed by the number of the array there. Raises
    LaunchError for what it cannot hold.
    """
    at_once, in_all = settings.jobs(spec)
    lines = [
        "#!/bin/bash",
        "# Cores of a Trialdeck search as jobs of Slurm. Submit it, as often as you like, with",
        "#     sbatch FILE",
        f"# {in_all} jobs, of which {at_once} run at a time: each of the others takes the place of",
        "# one that has ended. When the search is finished, what waits is cancelled.",
        "# More or fewer at a time, while it runs:",
        "#     scontrol update jobid=NUMBER ArrayTaskThrottle=8",
        "",
    ]
    for option, about in _options(spec, settings, by_hand=True):
        lines += [f"# {about}", f"#SBATCH {option}"]
    return _text([*lines, "", *_body(spec, settings, by_hand=True)])


def _options(spec: JobSpec, settings: Settings, *, by_hand: bool) -> Iterator[_Line]:
    at_once, in_all = settings.jobs(spec)
    log = spec.log.absolute()
    name = f"{log.stem}-%A" if by_hand else _pattern(log.stem)
    output = f"{_pattern(str(log.parent))}/{name}_{_INDEX}{_pattern(log.suffix)}"
    yield f"--job-name={spec.name}", "What squeue calls it."
    yield f"--array=0-{in_all - 1}%{at_once}", f"{in_all} jobs, {at_once} of them at a time."
    yield f"--output={_quoted(output)}", "What each prints (the folder must be there)."
    yield "--open-mode=append", "A job that is started again goes on in the same file."
    yield f"--chdir={_quoted(str(spec.folder.absolute()))}", "Where they run."
    yield "--requeue", "When it is preempted, or its node fails, it is started again."
    yield (
        f"--signal=B:USR1@{settings.warning}",
        "A warning so many seconds before its time is over.",
    )
    yield "--nodes=1", "A job is on one node,"
    yield "--ntasks=1", "and one process to Slurm,"
    yield f"--cpus-per-task={settings.cpus_of_one}", "with so many CPUs."
    if settings.partition:
        yield f"--partition={settings.partition}", "Where it waits."
    if settings.time is not None:
        yield f"--time={clock(settings.time)}", "How long a job may take; then the next goes on."
    if settings.memory:
        yield f"--mem={settings.memory}", "Memory of a job."
    if settings.gres:
        yield f"--gres={settings.gres}", "GPUs of a job."
    for key in ("constraint", "account", "qos"):
        if value := getattr(settings, key):
            yield f"--{key}={_quoted(value)}", "As your cluster calls it."
    for option in settings.sbatch:
        yield option, "From `sbatch` below [backends.slurm]."


def _body(spec: JobSpec, settings: Settings, *, by_hand: bool) -> Iterator[str]:
    if by_hand:
        yield "# How a core knows its job."
    yield f"export {BACKEND_VARIABLE}=slurm"
    yield f'export {JOB_VARIABLE}="{_ELEMENT}"'
    for name, value in spec.environment.items():
        yield f"export {name}={shlex.quote(value)}"
    if settings.setup:
        yield ""
    if settings.setup and by_hand:
        yield "# From `setup` below [backends.slurm]."
    for line in settings.setup:
        failed = shlex.quote(f"this line of setup failed: {line}")
        # The braces keep what follows a # or a ; in the line inside.
        yield from ("{ " + line, "} || { " + f"echo {failed} >&2; exit 1; " + "}")
    yield ""
    if by_hand:
        yield "# exec: Slurm's signals then reach the cores themselves."
    yield f"exec {' '.join(_words(spec, settings, by_hand=by_hand))}"


def _words(spec: JobSpec, settings: Settings, *, by_hand: bool) -> Iterator[str]:
    for word in spec.command(settings.cores_of_one(spec)):
        if by_hand and word == spec.name:
            yield f'"{word}-${{SLURM_ARRAY_JOB_ID}}"'
        else:
            yield shlex.quote(word)


def _pattern(text: str) -> str:
    """Return a path in which Slurm replaces nothing."""
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    """Return a value as sbatch reads it in a line #SBATCH, where a path may have spaces."""
    if '"' in text or "\\" in text:
        raise LaunchError(f'{text}: Slurm cannot be told of paths and names with " or \\ in them')
    return f'"{text}"' if any(c.isspace() or c in "#';&|<>()$`" for c in text) else text


def _text(lines: list[str]) -> str:
    for line in lines:
        if "\n" in line and not line.startswith("export "):
            raise LaunchError(f"a setting for Slurm has more than one line: {line!r}")
    return "\n".join(lines) + "\n"


def script_path(folder: Path, name: str) -> Path:
    """Return where the script of a launch is kept."""
    return folder / f"{name}.sbatch"
