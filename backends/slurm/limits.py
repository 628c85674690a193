"""What a launch asks for, beside what the partitions of a cluster give."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from trialdeck.backends.base import Choice
from trialdeck.backends.slurm.partitions import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.backends.base import JobSpec
    from trialdeck.backends.slurm.partitions import Partition
    from trialdeck.backends.slurm.settings import Settings

    Partitions = Mapping[str, Partition]

SHORT_SECONDS = 1800.0  # a partition's default time below this is worth a word
_NODE_LOCAL = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - where not to keep a history


def chosen(settings: Settings, known: Partitions) -> list[Partition]:
    """Return the partitions where jobs would wait."""
    if settings.partition:
        return [known[name] for name in settings.partition.split(",") if name in known]
    return [one for one in known.values() if one.default]


def usual_seconds(settings: Settings, known: Partitions) -> float | None:
    """Return how long a job may take; None without a limit, or where it is not known."""
    if settings.time is not None:
        return settings.time
    places = chosen(settings, known)
    return places[0].usual if places else None


def choices(settings: Settings, known: Partitions) -> list[Choice]:
    """Offer the partitions, and what else differs from launch to launch."""
    default = next((one.name for one in known.values() if one.default), "")
    time = clock(settings.time) if settings.time is not None else ""
    about = {name: one.about for name, one in known.items()}
    found = [
        Choice("partition", settings.partition or default, "where the jobs wait", about),
        Choice("time", time, 'of one job, as "4h" or "1-12:00:00"'),
    ]
    if any(one.gpus for one in known.values()):
        found.append(Choice("gpus", str(settings.gpus), 'of one job, as "1" or "a100:1"'))
    return found


def warnings(settings: Settings, known: Partitions, spec: JobSpec) -> list[str]:
    """Return what of the partition, the time and the folders is worth a thought."""
    found = []
    folder = str(spec.log.absolute())
    if folder.startswith(tuple(f"{place}/" for place in _NODE_LOCAL)):
        found.append(
            f"{spec.log.parent} looks like a folder that every node has for itself: the "
            f"history must lie where all nodes see it."
        )
    places = chosen(settings, known)
    if places and not any(one.up and one.usable for one in places):
        found.append(f"The partition {places[0].name} takes no jobs at present: they wait.")
    usual = places[0].usual if places else None
    if settings.time is None and usual is not None and usual < SHORT_SECONDS:
        found.append(
            f"A job in {places[0].name} ends after {clock(usual)} when nothing else is "
            f"asked for: set `time` below [backends.slurm]."
        )
    return found


def why_never(settings: Settings, known: Partitions) -> str:
    """Return why jobs would never start in any of their partitions, and the cure; or ""."""
    for name in filter(None, settings.partition.split(",")):
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            guess = f": did you mean {close[0]}?" if close else ""
            return (
                f'there is no partition "{name}"{guess}; there is {", ".join(sorted(known))}. '
                f"Change `partition` below [backends.slurm]"
            )
    refusals = [_too_much(settings, one) for one in chosen(settings, known)]
    return refusals[0] if refusals and all(refusals) else ""


def _too_much(settings: Settings, place: Partition) -> str:
    """Return what Slurm would take, and then leave waiting for ever."""
    where = f"the partition {place.name}"
    if settings.time is not None and place.longest is not None and settings.time > place.longest:
        return (
            f"a job of {clock(settings.time)} is longer than {where} allows "
            f"({clock(place.longest)}): lower `time` below [backends.slurm]"
        )
    if settings.gres and not place.gpus:
        return (
            f"{where} has no GPUs: choose another `partition`, or leave out `gpus`, "
            f"below [backends.slurm]"
        )
    if settings.cpus_of_one > place.cpus > 0:
        return (
            f"a job of {settings.cpus_of_one} CPUs is larger than every node of {where} "
            f"({place.cpus}): lower `cpus` or `cores_per_job` below [backends.slurm]"
        )
    if settings.megabytes is not None and settings.megabytes > place.memory > 0:
        return (
            f"a job of {settings.memory} is larger than every node of {where} "
            f"({place.memory / 1024:.3g} GB): lower `memory` below [backends.slurm]"
        )
    return ""
