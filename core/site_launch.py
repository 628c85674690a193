"""What the machine of a site needs before a pool can work there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import Finding
from trialdeck.core.budgets import budget_of
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.grants import Granter
from trialdeck.core.history.reader import History
from trialdeck.core.objective_files import ObjectiveFiles, objective_files
from trialdeck.core.params import revisions
from trialdeck.core.params.model import DEFAULT_OBJECTIVE
from trialdeck.core.params.starter import SAMPLE
from trialdeck.core.replica import Replica
from trialdeck.core.site_needs import AHEAD, wanted
from trialdeck.core.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from trialdeck.backends import base
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.params.model import Params


def site_of(name: str, settings: Mapping[str, Any]) -> Site:
    """Return what a machine's table in the parameter file says of the copy there."""
    table = settings.get("hosts", {}).get(name, {})
    return Site(name=name, fixed=dict(table.get("fixed", {})), gpus=table.get("gpus"))


def ahead_of(name: str, settings: Mapping[str, Any]) -> int:
    """Return how many tids a machine gets for each core beside those that run."""
    ahead = settings.get("hosts", {}).get(name, {}).get("ahead")
    return AHEAD if ahead is None else int(ahead)


def make_ready(
    paths: HistoryPaths, files: base.Site, settings: Mapping[str, Any], cores: int
) -> None:
    """Send what a pool of so many cores needs to begin, the first trials too.

    Raises LaunchError and HistoryError.
    """
    site = site_of(files.name, settings)
    replica = Replica(paths, files, site)
    replica.send()
    params = revisions.load(paths, revisions.newest_number(paths))
    snapshot = History(paths).refresh()
    budget = budget_of(params, snapshot)
    count = wanted(snapshot, budget, site.name, cores, ahead_of(site.name, settings))
    granter = Granter(paths)
    try:
        granter.grant(snapshot, budget, site.name, count)
    finally:
        granter.close()
    replica.send()


def what_it_needs(paths: HistoryPaths, fixed: Mapping[str, Any] | None = None) -> ObjectiveFiles:
    """Return the files and modules of the newest revision's objective; none without a revision.

    `fixed` are the values of [fixed] that the machine has otherwise. Raises ObjectiveError.
    """
    number = revisions.newest_number(paths)
    if not number:
        return ObjectiveFiles((), ())
    params = revisions.load(paths, number)
    objective = params.search.objective
    found = objective_files(objective, paths.project)
    data = {**params.fixed, **(fixed or {})}.get("data")
    if objective == DEFAULT_OBJECTIVE and data == SAMPLE:
        return found._replace(needs=(*found.needs, "trialdeck.sample"))
    return found


def findings(paths: HistoryPaths, host: str, table: Mapping[str, Any]) -> list[Finding]:
    """Return what parameters say that will not be so on a machine: folders that are not there."""
    number = revisions.newest_number(paths)
    if not number:
        return []
    try:
        params = revisions.load(paths, number)
    except TrialdeckError:
        return []
    return list(_missing(params, paths.project, host, table))


def _missing(
    params: Params, project: Path, host: str, table: Mapping[str, Any]
) -> Iterator[Finding]:
    sent = [str(name).rstrip("/") for name in table.get("files", [])]
    for key, value in params.fixed.items():
        if key in table.get("fixed", {}) or not isinstance(value, str) or not value:
            continue
        if "/" not in value and not (project / value).exists():
            continue  # a word, and no path
        path = project / value
        if not path.exists() or any(value == name or value.startswith(f"{name}/") for name in sent):
            continue
        there = f'fixed = {{ {key} = "/its/path/there" }}'
        here = f'files = ["{value}"], which sends it, or ' if path.is_relative_to(project) else ""
        yield Finding(
            f"fixed.{key}",
            good=False,
            said=f"{value} is a path on this machine",
            cure=f"below [backends.ssh.hosts.{host}]: {here}{there}",
        )
