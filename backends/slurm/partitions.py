"""What a cluster has: its partitions with their limits and nodes, as `sinfo` lists them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trialdeck.backends.base import LaunchError
from trialdeck.backends.slurm.commands import run

_FORMAT = "%P|%a|%l|%L|%D|%t|%c|%m|%G"


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition. Times are in seconds, None without a limit; memory is in MB of one node."""

    name: str
    default: bool
    up: bool
    longest: float | None
    usual: float | None  # a job that names no time
    nodes: int
    idle: int
    usable: int  # nodes that are not down or drained
    cpus: int
    memory: int
    gpus: tuple[str, ...]

    @property
    def about(self) -> str:
        """What a user wants to know before choosing it."""
        limit = f"up to {clock(self.longest)}" if self.longest is not None else "no time limit"
        nodes = f"{self.idle} of {self.nodes} nodes idle"
        size = f"{self.cpus} CPUs, {self.memory / 1024:.3g} GB each"
        gpus = [f"GPUs {', '.join(self.gpus)}"] if self.gpus else []
        state = [] if self.up else ["takes no jobs at present"]
        default = ["the default"] if self.default else []
        return ", ".join([limit, nodes, size, *gpus, *state, *default])


def partitions() -> dict[str, Partition]:
    """Return the partitions that this user may see, by name. Raises LaunchError."""
    answer = run("sinfo", "-h", "-o", _FORMAT)
    if answer.status:
        raise LaunchError(f"sinfo failed: {answer.complaint}")
    found: dict[str, Partition] = {}
    for line in answer.out.splitlines():
        if (read := _partition(line)) is not None:
            known = found.get(read.name)
            found[read.name] = read if known is None else _together(known, read)
    return found


def _partition(line: str) -> Partition | None:
    words = line.strip().split("|")
    if len(words) != 9:
        return None
    name, up, longest, usual, nodes, state, cpus, memory, gres = words
    count = _number(nodes)
    # The signs behind a state: * does not answer, ~ # % powered down or up, $ maintenance, …
    plain = state.rstrip("*~#!%$@+-^")
    return Partition(
        name=name.rstrip("*"),
        default=name.endswith("*"),
        up=up == "up",
        longest=seconds(longest),
        usual=seconds(usual) if seconds(usual) is not None else seconds(longest),
        nodes=count,
        idle=count if plain == "idle" and "*" not in state else 0,
        usable=count if plain in ("idle", "mix", "alloc", "comp", "plnd", "resv") else 0,
        cpus=_number(cpus),
        memory=_number(memory),
        gpus=tuple(part for part in _parts(gres) if part.startswith("gpu")),
    )


def _together(one: Partition, other: Partition) -> Partition:
    return Partition(
        name=one.name,
        default=one.default,
        up=one.up,
        longest=one.longest,
        usual=one.usual,
        nodes=one.nodes + other.nodes,
        idle=one.idle + other.idle,
        usable=one.usable + other.usable,
        cpus=max(one.cpus, other.cpus),
        memory=max(one.memory, other.memory),
        gpus=tuple(dict.fromkeys((*one.gpus, *other.gpus))),
    )


def _parts(gres: str) -> list[str]:
    """Return "gpu:a100:4(S:0-1),shard:8" in parts, without where their sockets are."""
    return [part.strip() for part in re.sub(r"\([^)]*\)", "", gres).split(",") if part.strip()]


def _number(text: str) -> int:
    digits = re.match(r"\d+", text)
    return int(digits[0]) if digits else 0


def seconds(text: str) -> float | None:
    """Return a time of Slurm's ("30", "10:00", "1-02:00:00") in seconds; None for no limit."""
    match = re.fullmatch(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?", text.strip())
    if match is None:
        return None
    days, *rest = match.groups()
    parts = [int(part) for part in rest if part is not None]
    if days is not None:  # D-HH[:MM[:SS]]
        hours, minutes, secs = (*parts, 0, 0)[:3]
    elif len(parts) == 3:
        hours, minutes, secs = parts
    else:  # MM[:SS]
        hours, (minutes, secs) = 0, (*parts, 0)[:2]
    return 86400.0 * int(days or 0) + 3600 * hours + 60 * minutes + secs


def clock(time: float) -> str:
    """Return seconds as Slurm writes them: "10:00", "1-02:00:00"."""
    minutes, secs = divmod(round(time), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}-{hours:02}:{minutes:02}:{secs:02}"
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"
