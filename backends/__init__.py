"""Where pools run. A backend is one file; another one needs its line in `BACKENDS`."""

from __future__ import annotations

import difflib
import importlib
import inspect
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import LaunchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from trialdeck.backends.base import Backend

# Only the chosen one is imported. What its class takes by keyword are its settings, or what its
# `Settings` takes, where it has such a class.
BACKENDS = {
    "local": "trialdeck.backends.local:LocalBackend",
    "slurm": "trialdeck.backends.slurm:SlurmBackend",
    "ssh": "trialdeck.backends.ssh:SSHBackend",
}


def create(name: str, settings: Mapping[str, Any], state: Path) -> Backend:
    """Return the backend called `name`, which keeps what it must remember below `state`.

    Raises LaunchError for an unknown name or setting, or a setting's value that does not fit.
    """
    if name not in BACKENDS:
        raise LaunchError(
            f'there is no backend called "{name}"{_did_you_mean(name, BACKENDS)}; '
            f"there is {', '.join(BACKENDS)}"
        )
    _check_settings(name, settings)
    backend: Backend = _class_of(name)(state / name, **settings)
    return backend


def known_settings(name: str) -> dict[str, Any]:
    """Return the settings that this backend has, each with its default."""
    kind = _class_of(name)
    parameters = inspect.signature(getattr(kind, "Settings", kind)).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def described() -> dict[str, str]:
    """Return every backend's name with what its module says of it in the first line."""
    modules = {name: where.partition(":")[0] for name, where in BACKENDS.items()}
    texts = {name: importlib.import_module(module).__doc__ for name, module in modules.items()}
    return {name: (text or name).strip().splitlines()[0] for name, text in texts.items()}


def is_scarce(name: str) -> bool:
    """Return whether jobs of this backend take up what others wait for; no if it is unknown."""
    return name in BACKENDS and bool(_class_of(name).scarce)


def is_many(name: str) -> bool:
    """Return whether a launch on this backend may be several jobs; no if it is unknown."""
    return name in BACKENDS and bool(_class_of(name).many)


def is_far(name: str) -> bool:
    """Return whether this backend's machines have files of their own; no if it is unknown."""
    return name in BACKENDS and bool(_class_of(name).far)


def _class_of(name: str) -> Any:
    module, _, attribute = BACKENDS[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def _check_settings(name: str, settings: Mapping[str, Any]) -> None:
    known = known_settings(name)
    for key in settings:
        if key not in known:
            there = ", ".join(f"{key} (default {value!r})" for key, value in known.items())
            raise LaunchError(
                f'the backend {name} has no setting "{key}"{_did_you_mean(key, known)}; '
                f"there is {there}"
            )


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f": did you mean {close[0]}?" if close else ""
