"""What an objective is made of: its own source files, and the modules that it imports besides.

Found by reading the sources, never by running them. What is imported in a way that only shows when
it runs (by a name in a variable) is not found.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.core.errors import ObjectiveError
from trialdeck.core.objective import split_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS = "trialdeck"
_ENGINE = "trialdeck.core"


class ObjectiveFiles(NamedTuple):
    """`files` lie in the project's folder; `needs` are the names of top-level modules."""

    files: tuple[Path, ...]
    needs: tuple[str, ...]


def objective_files(spec: str, folder: Path) -> ObjectiveFiles:
    """Return what the objective `spec` of the project in `folder` needs.

    Raises ObjectiveError when there is no such file, or it lies outside of the folder.
    """
    name, _ = split_spec(spec)
    if name.endswith(".py") or "/" in name:
        start = (folder / name).resolve()
        if not start.is_file():
            raise ObjectiveError(f'objective = "{spec}": there is no {folder / name}')
        if not start.is_relative_to(folder.resolve()):
            raise ObjectiveError(
                f'objective = "{spec}": {start} is not in {folder}, and only what is there can be '
                f"sent to another machine: move it"
            )
    else:
        found = _module(name, folder.resolve())
        if found is None:
            return ObjectiveFiles((), _foreign(name))
        start = found
    scan = _Scan(folder.resolve())
    scan.add(start)
    return ObjectiveFiles(tuple(sorted(scan.files)), tuple(sorted(scan.needs)))


def _foreign(name: str) -> tuple[str, ...]:
    """Return what an installed module needs that is not part of the project."""
    top = name.partition(".")[0]
    if top != _OURS:
        return (top,)
    package = importlib.util.find_spec(_ENGINE)
    folder = Path((package.submodule_search_locations or [""])[0]) if package else Path()
    start = _module(name.removeprefix(f"{_ENGINE}."), folder)
    if start is None:
        return ()
    scan = _Scan(folder, f"{_ENGINE}.")
    scan.add(start)
    return tuple(sorted(scan.needs & _requirements()))


def _requirements() -> set[str]:
    """Return what Trialdeck cannot do without: extras are for those who want them."""
    lines = metadata.requires(_OURS) or []
    plain = [line for line in lines if "extra ==" not in line]
    return {match[0] for line in plain if (match := re.match(r"[\w-]+", line))}


class _Scan:
    """Follows imports from file to file, as far as they stay in `folder`.

    Its modules may be called by a `prefix`, where the folder is a package.
    """

    def __init__(self, folder: Path, prefix: str = "") -> None:
        self.folder = folder
        self.prefix = prefix
        self.files: set[Path] = set()
        self.needs: set[str] = set()

    def add(self, file: Path) -> None:
        """Take a file, and what it imports."""
        waiting = [file]
        while waiting:
            path = waiting.pop()
            if path in self.files:
                continue
            self.files.add(path)
            waiting += self._packages(path)
            if path.suffix == ".py":
                waiting += self._imported(path)

    def _packages(self, path: Path) -> Iterator[Path]:
        """Yield what makes the folders above a file packages."""
        for parent in path.parents:
            if parent == self.folder or not (parent / "__init__.py").is_file():
                return
            yield parent / "__init__.py"

    def _imported(self, path: Path) -> Iterator[Path]:
        try:
            tree = ast.parse(path.read_bytes())
        except SyntaxError:  # running it says so better
            return
        package = ".".join(path.relative_to(self.folder).parent.parts)
        for full in sorted(_imports(tree, package)):
            name = full.removeprefix(self.prefix)
            found = _module(name, self.folder)
            if found is not None:
                yield found
                continue
            above = name.rpartition(".")[0]  # `from module import function`
            if above and (found := _module(above, self.folder)) is not None:
                yield found
            elif _module(name.partition(".")[0], self.folder) is None:
                self._need(name.partition(".")[0])

    def _need(self, top: str) -> None:
        if top and top != _OURS and top not in sys.stdlib_module_names:
            self.needs.add(top)


def _module(name: str, folder: Path) -> Path | None:
    """Return the source of a module of the project, None when it is none."""
    base = folder.joinpath(*name.split("."))
    if (base / "__init__.py").is_file():
        return base / "__init__.py"
    source = base.with_name(f"{base.name}.py")
    return source if source.is_file() else None


def _imports(tree: ast.AST, package: str) -> set[str]:
    """Return the full names that a source imports, itself being in `package`.

    Those of `from a import b` are "a.b", whichever of the two is the module.
    """
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".") if node.level else []
            parts = parts[: len(parts) - (node.level - 1)] if node.level else []
            base = ".".join([*filter(None, parts), *([node.module] if node.module else [])])
            found.update(f"{base}.{alias.name}" if base else alias.name for alias in node.names)
    return found
