"""What a host has of all that a job needs, as a table with the command that would mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import Finding
from trialdeck.backends.ssh.packages import POOL
from trialdeck.backends.ssh.place import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trialdeck.backends.ssh.place import HostPlace

ROOM = 2 << 30  # bytes; with less there is a word about it
GIB = 1 << 30


def findings(place: HostPlace, needs: Sequence[str], route: str) -> list[Finding]:
    """Ask a host, and return what was found. Raises LaunchError when it cannot be asked."""
    facts = place.facts(needs)
    return list(_rows(place, facts, [name for name in needs if name != SAMPLE], route))


def _rows(
    place: HostPlace, facts: Mapping[str, Any], needs: Sequence[str], route: str
) -> Iterator[Finding]:
    version = ".".join(map(str, facts["version"]))
    yield Finding("Python", good=True, said=f"{version}, {facts['executable']}")
    yield _packages(place, facts)
    yield from (_module(place, facts, name, route) for name in needs if name not in POOL)
    yield _disk(place, facts)
    gpus = facts["gpus"]
    yield Finding("GPUs", good=None, said=", ".join(gpus) or "none that nvidia-smi shows")
    memory = facts["memory"] / GIB
    yield Finding("CPUs", good=None, said=f"{facts['cpus']}, {memory:.0f} GiB of memory")
    yield Finding("shell", good=True, said=facts["shell"] or "/bin/sh")


def _packages(place: HostPlace, facts: Mapping[str, Any]) -> Finding:
    lacking = [name for name in POOL if name in facts["missing"]]
    what = "engine"
    if not lacking:
        return Finding(what, good=True, said=f"{', '.join(POOL)} are there")
    if place.environment:
        return Finding(what, good=True, said="an environment is made at the first launch")
    return Finding(
        what, good=True, said=f"{', '.join(lacking)}: sent from here at the first launch"
    )


def _module(place: HostPlace, facts: Mapping[str, Any], name: str, route: str) -> Finding:
    if name not in facts["missing"]:
        return Finding(name, good=True, said="is there")
    if name in " ".join(place.host.environment):
        return Finding(name, good=True, said="installed into the environment at the first launch")
    pip = f"{facts['executable']} -m pip install {name}"
    table = f"[backends.ssh.hosts.{place.host.name}]"
    cure = f'ssh {route} {pip}; or environment = ["{name}"] below {table}'
    return Finding(name, good=False, said="the objective imports it; it is not there", cure=cure)


def _disk(place: HostPlace, facts: Mapping[str, Any]) -> Finding:
    free = facts["free"]
    room = f"{free / GIB:.1f} GiB free" if free is not None else "its room is not known"
    if facts["trouble"]:
        cure = f'folder = "/a/folder/to/write/to" below [backends.ssh.hosts.{place.host.name}]'
        return Finding("folder", good=False, said=facts["trouble"], cure=cure)
    little = free is not None and free < ROOM
    said = f"{place.folder}, {room}"
    return Finding("folder", good=not little or None, said=f"{said}: little" if little else said)
