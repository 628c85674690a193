"""What is wrong with a search, found before anything starts."""

from __future__ import annotations

import random
import shutil
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Literal

import msgspec

from trialdeck import backends
from trialdeck.backends import base
from trialdeck.core.errors import ParamsError, TrialdeckError
from trialdeck.core.history.probe import probe
from trialdeck.core.machine import default_cores, usable_cpus
from trialdeck.core.params import revisions
from trialdeck.core.params.read import read_params
from trialdeck.core.pool.gpus import chosen_gpus
from trialdeck.core.preflight import Question, ask
from trialdeck.core.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.params.model import Params

LITTLE_SPACE = 1 << 30  # bytes; logs and checkpoints of a search soon need as much
PLACE_SECONDS = 20.0  # a place that has not answered by then is said to be silent


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    level: Literal["ok", "warning", "error"]
    text: str


def check(params_file: Path) -> list[Finding]:
    """Look at everything that can be known without training."""
    try:
        params = read_params(params_file)
    except ParamsError as error:
        return [Finding("error", str(error))]
    paths = revisions.history_paths(params)
    return [
        *_space(params),
        *_objective(params),
        *_history(params_file, paths),
        *_machine(params, paths),
        *_places(params, paths),
    ]


def _space(params: Params) -> Iterator[Finding]:
    space, search = params.space, params.search
    count = f"{len(space)} dimensions" if len(space) > 1 else "one dimension"
    size = space.size()
    points = f", {size:,} different points" if size is not None else ""
    yield Finding("ok", f"{params.folder.name}/params.toml: {search.name}, {count}{points}")
    if size is not None and size < search.max_trials:
        yield Finding(
            "warning",
            f"max_trials = {search.max_trials}, but the space has only {size:,} different points: "
            f"some will be tried more than once",
        )
    reduced = params.reduced_sample
    if reduced is not None and reduced.promote >= search.max_trials:
        yield Finding(
            "warning",
            f"[reduced_sample] promote = {reduced.promote}, but max_trials = {search.max_trials}: "
            f"every point would run on the full sample as well",
        )


def _objective(params: Params) -> Iterator[Finding]:
    # The point is only an example of names and types: which one does not matter.
    point = params.space.sample(random.Random(params.search.seed))  # noqa: S311
    question = Question(
        params.search.objective,
        str(params.folder),
        params.space.complete(point),
        params.fixed,
        reduced=params.reduced_sample is not None,
        pruning=params.pruning.algorithm != "none",
    )
    answer = ask(question)
    if answer.error:
        text = f"the objective {params.search.objective} cannot run: {answer.error}"
        yield Finding("error", f"{text}\n{answer.traceback}".rstrip())
    else:
        note = f": {answer.note}" if answer.note else ""
        yield Finding("ok", f"the objective {params.search.objective} can be called{note}")
    for warning in answer.warnings:
        yield Finding("warning", warning)


def _history(params_file: Path, paths: HistoryPaths) -> Iterator[Finding]:
    problems = [a.problem for a in probe(paths) if a.problem]
    for problem in problems:
        yield Finding("error", f"{paths.root}: {problem}")
    if problems:
        return
    yield Finding("ok", f"{paths.root} can be written, and claims can be made there")
    free = shutil.disk_usage(paths.root).free
    if free < LITTLE_SPACE:
        yield Finding("warning", f"{paths.root}: only {free / 2**20:,.0f} MiB of disk are free")
    try:
        newest = revisions.newest(paths)
        if newest is not None:
            revisions.load(paths, newest.number)
    except TrialdeckError as error:
        yield Finding("error", f"what is published of {params_file}: {error}")


def _machine(params: Params, paths: HistoryPaths) -> Iterator[Finding]:
    cores = default_cores("local", params)
    gpus = chosen_gpus(params.cores.gpus)
    with_gpus = f", GPUs {', '.join(gpus)} ({params.cores.per_gpu} cores on each)" if gpus else ""
    yield Finding("ok", f"this machine: {usable_cpus()} CPUs, {cores} cores by default{with_gpus}")
    if isinstance(params.cores.gpus, int) and len(gpus) < params.cores.gpus:
        yield Finding(
            "error",
            f"[cores] gpus = {params.cores.gpus}, but {len(gpus)} can be seen here (nvidia-smi)",
        )
    if gpus and cores > len(gpus) * params.cores.per_gpu:
        room = len(gpus) * params.cores.per_gpu
        yield Finding(
            "warning",
            f"{cores} cores, but the GPUs have room for {room}: the others wait; "
            f"set [cores] per_gpu to share them, or gpus = 0 to train on the CPU",
        )
    for text in Search(paths, params.backends).warnings("local", cores):
        yield Finding("warning", text)


def _places(params: Params, paths: HistoryPaths) -> Iterator[Finding]:
    """Ask the other places that the file has tables for, and their machines, all at once."""
    tasks: dict[tuple[str, str], Callable[[], Iterator[Finding]]] = {}  # by backend and host
    for name, table in params.backends.items():
        if backends.is_far(name):
            for host in table.get("hosts", {}):
                tasks[name, host] = partial(_host, name, host, params, paths)
        elif name != "local":
            tasks[name, ""] = partial(_place, name, params, paths)
    found: dict[tuple[str, str], list[Finding]] = {}

    def work(key: tuple[str, str]) -> None:
        found[key] = list(tasks[key]())

    threads = [threading.Thread(target=work, args=(key,), daemon=True) for key in tasks]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PLACE_SECONDS
    for key, thread in zip(tasks, threads, strict=True):
        thread.join(max(0.0, deadline - time.monotonic()))
        backend, host = key
        text = f"{host or backend} has not answered within {PLACE_SECONDS:g} s"
        yield from found.get(key, [Finding("warning", text)])


def _host(backend: str, name: str, params: Params, paths: HistoryPaths) -> Iterator[Finding]:
    """Yield what a machine lacks of all that the search needs."""
    try:
        rows = Search(paths, params.backends).preflight(backend, name)
    except base.Question as question:  # nobody is asked here
        first = question.text.partition("\n")[0]
        yield Finding("warning", f"{first}\n`trialdeck hosts check {name}` asks you.")
        return
    except TrialdeckError as error:
        text = str(error)
        yield Finding("warning", text if text.startswith(f"{name} ") else f"{name}: {text}")
        return
    bad = [row for row in rows if row.good is False]
    for row in bad:
        yield Finding("error", f"{name}: {row.what}: {row.said}\n{row.cure}".rstrip())
    if not bad:
        count = default_cores(backend, params, name)
        cores = "1 core" if count == 1 else f"{count} cores"
        yield Finding("ok", f"{name}: {cores} by default; it has all that is needed")


def _place(name: str, params: Params, paths: HistoryPaths) -> Iterator[Finding]:
    """Yield what a place says of a launch of as many cores as it gets by default."""
    search, cores = Search(paths, params.backends), default_cores(name, params)
    try:
        refusal = search.refusal(name, cores)
        warnings = search.warnings(name, cores)
    except TrialdeckError as error:
        # It may be there where the search will run.
        yield Finding("warning", f"{name}: {error}")
        return
    if refusal:
        yield Finding("error", f"{name}: {refusal}")
    else:
        yield Finding("ok", f"{name}: {cores} cores by default, which it would take")
    for text in warnings:
        yield Finding("warning", f"{name}: {text}")
