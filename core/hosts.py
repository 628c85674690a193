"""The other machines of a parameter file: listing, adding, checking and forgetting them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import EditError, LaunchError, SearchError
from trialdeck.core.params.draft_file import DraftFile
from trialdeck.core.params.edits import load, set_value
from trialdeck.core.params.read import parse_params, read_params
from trialdeck.core.params.revisions import history_paths
from trialdeck.core.params.ssh_keys import host_name_problem
from trialdeck.core.params.toml_text import dotted
from trialdeck.core.search import Search

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trialdeck.backends.base import Contact, Finding
    from trialdeck.core.params.model import Params

SSH = "ssh"


@dataclass(frozen=True, slots=True)
class Host:
    """A machine as the parameter file has it, and what is known of the way to it."""

    name: str
    address: str
    cores: int
    contact: Contact


def hosts(params_file: Path) -> list[Host]:
    """Return the machines of a parameter file; none is asked. Raises ParamsError."""
    params = read_params(params_file)
    if not _tables(params):
        return []
    place = _search(params).launcher.place(SSH)
    return [
        Host(
            name,
            table.get("address", "") or name,
            int(table.get("cores", 1)),
            place.contact(name),
        )
        for name, table in _tables(params).items()
    ]


def check(params_file: Path, name: str, table: Mapping[str, Any] | None = None) -> list[Finding]:
    """Connect to a machine and return what it has of all that the search needs.

    `table` is for one that is not in the file yet. Raises LaunchError, Question too, SearchError
    and ParamsError.
    """
    params = read_params(params_file)
    tables = _tables(params)
    if table is not None:
        tables = {**tables, name: dict(table)}
    if name not in tables:
        raise SearchError(_no_such(name, params_file, tables))
    settings = {**params.backends, SSH: {**params.backends.get(SSH, {}), "hosts": tables}}
    return Search(history_paths(params), settings).preflight(SSH, name)


def knock(params_file: Path, name: str) -> None:
    """Connect to a machine. Raises LaunchError, Question too, and ParamsError."""
    reach(_search(read_params(params_file)), name)


def knock_all(params_file: Path, names: Sequence[str]) -> dict[str, LaunchError]:
    """Connect to machines, all at once; return by name why some cannot be reached, or ask."""
    return reach_all(_search(read_params(params_file)), names)


def reach_all(search: Search, names: Sequence[str]) -> dict[str, LaunchError]:
    """Connect to machines for a search, all at once; return what `reach` raises, by name."""
    found: dict[str, LaunchError] = {}

    def try_one(name: str) -> None:
        try:
            reach(search, name)
        except LaunchError as error:
            found[name] = error

    if names:
        with ThreadPoolExecutor(len(names), "knock") as pool:
            list(pool.map(try_one, names))
    return found


def reach(search: Search, name: str) -> None:
    """Connect to a machine for a search, however soon it would be tried again.

    Raises LaunchError, Question too.
    """
    place = search.launcher.place(SSH)
    if place.contact(name).state in ("cut", "refused"):
        place.disconnect(name)  # which forgets how long to wait
    place.site(name, search.paths.project).sizes([])


def add(params_file: Path, name: str, table: Mapping[str, Any]) -> None:
    """Write a machine's table into a parameter file, whose comments stay.

    Raises EditError for a name that cannot be or is taken, and ParamsError for a value that cannot
    be used, with every cure.
    """
    file = DraftFile(params_file)
    file.write(_added(file, name, table))


def check_addition(params_file: Path, name: str, table: Mapping[str, Any]) -> None:
    """Raise what `add` would, and write nothing."""
    _added(DraftFile(params_file), name, table)


def _added(file: DraftFile, name: str, table: Mapping[str, Any]) -> str:
    if problem := host_name_problem(name):
        raise EditError(problem)
    text = file.read()
    if name in load(text).get("backends", {}).get(SSH, {}).get("hosts", {}):
        raise EditError(f"there is a host {name} already: change it in {file.path}")
    for key, value in table.items():
        text = set_value(text, dotted(["backends", SSH, "hosts", name, key]), value)
    parse_params(text, str(file.path), file.path.absolute().parent)
    return text


def forget(params_file: Path, name: str) -> int:
    """Take a machine out of a parameter file, and replace the trials that it has not finished.

    Returns how many trials those were. Raises SearchError when there is no such machine.
    """
    params = read_params(params_file)
    if name not in _tables(params):
        raise SearchError(_no_such(name, params_file, _tables(params)))
    search = _search(params)
    count = search.give_up_site(name) if search.paths.journal.is_dir() else 0
    search.launcher.place(SSH).disconnect(name)
    file = DraftFile(params_file)
    text = file.read()
    written = load(text)["backends"][SSH]
    if written.get("host") == name:
        text = set_value(text, f"backends.{SSH}.host", None)
    text = set_value(text, dotted(["backends", SSH, "hosts", name]), None)
    file.write(text)
    return count


def _tables(params: Params) -> dict[str, dict[str, Any]]:
    return dict(params.backends.get(SSH, {}).get("hosts", {}))


def _search(params: Params) -> Search:
    return Search(history_paths(params), params.backends)


def _no_such(name: str, params_file: Path, tables: Mapping[str, Any]) -> str:
    there = f"there is {', '.join(tables)}" if tables else "there are none"
    return f"there is no host {name} in {params_file} ({there}): `trialdeck hosts add {name}`"
