"""A parameter file -> Params, or every mistake in it at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import Fix, ParamsError, Problem
from trialdeck.core.params.model import (
    DEFAULT_OBJECTIVE,
    CheckpointsTable,
    CoresTable,
    Params,
    PruningTable,
    QuickTable,
    ReducedSampleTable,
    SearchTable,
)
from trialdeck.core.params.pruning_keys import check_direction
from trialdeck.core.params.search_keys import read_name, read_objective
from trialdeck.core.params.syntax import load_toml, read_text
from trialdeck.core.params.tables import (
    TABLES,
    check_json,
    check_names,
    read_backends,
    read_table,
    table_in,
)
from trialdeck.core.reading import fix_of, key_of, shown
from trialdeck.core.space import Space, parse_space

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

QUICK_FIXED = {"jets": 2000}  # what a quick scan of the default network trains on
_SPACE_EXAMPLE = """Add what to search, for example:
    [space]
    learning_rate = { type = "loguniform", low = 1e-4, high = 1e-1 }"""


def read_params(path: Path) -> Params:
    """Read a draft. Raises ParamsError with every mistake in it."""
    return parse_params(read_text(path), str(path), path.absolute().parent)


def parse_params(text: str, source: str, folder: Path, *, published: bool = False) -> Params:
    """Return the parameters in `text`; `source` names it in messages.

    Of a `published` revision (or one about to be), the objective's file need not exist, and its
    name may be that of a quick scan. Raises ParamsError with every mistake.
    """
    params, problems = check_params(load_toml(text, source), folder, published=published)
    if params is None:
        raise ParamsError(source, problems)
    return params


def check_params(
    data: Mapping[str, Any], folder: Path, *, published: bool = False
) -> tuple[Params | None, list[Problem]]:
    """Return the parameters of a parsed file, None when there are problems, and the problems."""
    problems: list[Problem] = []
    check_names(data, tuple(TABLES), (), problems)
    tables = {name: table_in(data, (name,), problems) for name in TABLES}
    search = _search(tables["search"], folder, problems, published=published)
    cores = read_table(CoresTable, tables["cores"], ("cores",), problems)
    checkpoints = read_table(CheckpointsTable, tables["checkpoints"], ("checkpoints",), problems)
    pruning = read_table(PruningTable, tables["pruning"], ("pruning",), problems)
    quick = read_table(QuickTable, tables["quick"], ("quick",), problems)
    reduced = None
    if "reduced_sample" in data:
        table = tables["reduced_sample"]
        reduced = read_table(ReducedSampleTable, table, ("reduced_sample",), problems)
    fixed = tables["fixed"]
    check_json(fixed, ("fixed",), problems)
    if quick is not None:
        check_json(quick.fixed, ("quick", "fixed"), problems)
    space = _space(data, tables["space"], problems)
    backends = read_backends(tables["backends"], problems)
    _check_shared_names(space, fixed, "fixed", problems)
    _check_shared_names(space, quick.fixed if quick else {}, "quick.fixed", problems)
    if search is not None and pruning is not None:
        check_direction(search, pruning, problems)
    if search is None or pruning is None or cores is None or checkpoints is None or quick is None:
        return None, problems
    if problems:
        return None, problems
    if "quick" not in data and search.objective == DEFAULT_OBJECTIVE:
        quick = QuickTable(fixed=QUICK_FIXED)
    params = Params(
        search=search,
        fixed=fixed,
        space=space,
        cores=cores,
        checkpoints=checkpoints,
        quick=quick,
        reduced_sample=reduced,
        backends=backends,
        folder=folder,
        pruning=pruning,
    )
    return params, []


def _search(
    table: Mapping[str, Any], folder: Path, problems: list[Problem], *, published: bool
) -> SearchTable | None:
    readers = {
        "name": partial(read_name, published=published),
        "objective": partial(read_objective, folder=folder, published=published),
    }
    return read_table(SearchTable, table, ("search",), problems, readers)


def _space(data: Mapping[str, Any], table: Mapping[str, Any], problems: list[Problem]) -> Space:
    if not table and isinstance(data.get("space", {}), dict):
        rate = {"type": "loguniform", "low": 1e-4, "high": 1e-1}
        fixes = (fix_of({"space.learning_rate": rate}),)
        problems.append(Problem("space", "there is nothing to search", _SPACE_EXAMPLE, fixes))
    return parse_space(table, problems) if table else Space()


def _check_shared_names(
    space: Space, fixed: Mapping[str, Any], table: str, problems: list[Problem]
) -> None:
    places = {dimension.name: "searched in [space]" for dimension in space.dimensions}
    for parent, constants in space.constants:
        places |= {name: f"set by {parent.choice} = {shown(parent.option)}" for name in constants}
    for name in fixed:
        if name in places:
            cure = "Keep one of the two, or rename one"
            key = key_of(table, name)
            fixes = [Fix(f"keep the one that is {places[name]}", {key: None})]
            if name in space and space[name].parent is None:
                here = f"keep the one in [{table}]"
                fixes.append(Fix(here, {key_of("space", name): None}))
            problems.append(Problem(key, f"{name} is also {places[name]}", cure, tuple(fixes)))
