"""Putting the many files of a finished search together into few, which say the same.

A pack is a journal like any other: it holds the lines of those that it stands for, as they are. It
is whole and on the disk before the first of these is removed, and as equal events are one, a crash
in between loses nothing and doubles nothing.
"""

from __future__ import annotations

import os
import platform
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.budget import all_ended
from trialdeck.core.budgets import budget_of
from trialdeck.core.errors import HistoryError, SearchError
from trialdeck.core.history import claims as claim_files
from trialdeck.core.history import disk
from trialdeck.core.history.codec import encode
from trialdeck.core.history.events import FORMAT_VERSION, Closed, Opened
from trialdeck.core.history.journal import new_writer_id
from trialdeck.core.history.parts import PACK, part_name, part_of
from trialdeck.core.history.writers import Life, WriterFiles
from trialdeck.core.params import revisions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from trialdeck.core.doctor.examination import Examined

BLOCK = 1000  # tids whose claims lie in one folder
_ASIDE = ".aside"
_LEAST = 2  # journals, or it is not worth it


class Packed(msgspec.Struct, frozen=True):
    """How many files there were of each kind that was packed, and how many there are now."""

    journals: tuple[int, int]
    reports: tuple[int, int]
    writers: tuple[int, int]
    claims: tuple[int, int]


def pack(examined: Examined) -> Packed:
    """Pack what belongs to ended writers. Raises SearchError while that is too early, HistoryError.

    Journals with damage in them stay as they are, and those of writers that may still be alive.
    """
    _refuse_early(examined)
    paths = examined.paths
    whole = _packable(examined)
    try:
        journals = _pack_journals(examined, whole)
        reports = _pack_reports(paths.reports, whole)
        writers = _pack_writers(examined, whole)
        blocks = _pack_claims(examined)
    except OSError as error:
        raise HistoryError(f"the history cannot be packed: {disk.explain(error)}") from error
    return Packed(journals, reports, writers, blocks)


def _refuse_early(examined: Examined) -> None:
    paths, snapshot = examined.paths, examined.snapshot
    number = revisions.newest_number(paths)
    params = revisions.load(paths, number) if number else None
    script = params.script if params is not None else None
    endless = script is not None and script.max_evals is None
    if params is None or snapshot.unfinished:
        raise SearchError(
            f"{paths.name} is not finished: {len(snapshot.unfinished)} trials are not"
        )
    budget = budget_of(params, snapshot)
    if not endless and not all_ended(snapshot, budget):
        left = budget.trials - snapshot.counts.finished
        raise SearchError(f"{paths.name} is not finished: {left} trials are left")
    lively = [w for w in WriterFiles(paths).ids() if not examined.gone(w)]
    if lively:
        raise SearchError(f"{len(lively)} writers may still be at work: `trialdeck stop` ends them")


def _packable(examined: Examined) -> set[str]:
    """Return the writers that certainly write no more and whose journals are whole.

    Damage that has been looked at is damage: what is missing there may still come.
    """
    files = {wound.damage.file for wound in examined.wounds} | examined.mended
    hurt = {part[0] for file in files if (part := part_of(file))}
    life = examined.liveness.life
    sure = (Life.ENDED, Life.DEAD)
    return {w for w in examined.snapshot.writers if w not in hurt and life(w) in sure}


# -- journals and reports -------------------------------------------------------------------


def _pack_journals(examined: Examined, writers: set[str]) -> tuple[int, int]:
    folder = examined.paths.journal
    names = _files_of(folder, writers)
    before = len(_parts(folder))
    if len(names) < _LEAST:
        return before, before
    writer, at = f"{PACK}{new_writer_id()}", round(time.time(), 3)
    opened = Opened(writer=writer, at=at, v=FORMAT_VERSION, kind="pack", host=platform.node())
    # The dead have not said so themselves; their own files, which show it, are packed as well.
    silent = [w for w in sorted(writers) if not examined.snapshot.writers[w].closed]
    ends = [encode(Closed(writer=w, at=at)) for w in [*silent, writer]]
    _write(folder, part_name(writer, 0), [encode(opened)], names, ends)
    _remove(folder, names)
    return before, len(_parts(folder))


def _pack_reports(folder: Path, writers: set[str]) -> tuple[int, int]:
    names = _files_of(folder, writers, packs=True)
    before = len(_parts(folder))
    if len(names) < _LEAST:
        return before, before
    _write(folder, part_name(f"{PACK}{new_writer_id()}", 0), [], names, [])
    _remove(folder, names)
    return before, len(_parts(folder))


def _write(
    folder: Path, name: str, head: Iterable[bytes], names: Sequence[str], ends: Iterable[bytes]
) -> None:
    """Write a pack as a whole: it appears under its name once it is on the disk."""
    temporary = folder / f".{name}.tmp"
    with temporary.open("xb") as file:
        file.writelines(head)
        for one in names:
            _append_lines(file, folder / one)
        file.writelines(ends)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(folder / name)
    disk.sync_folder(folder)


def _append_lines(file: BinaryIO, path: Path) -> None:
    """Append the lines of a file, without what may be torn at its end."""
    with path.open("rb") as source:
        rest = b""
        while block := source.read(1 << 20):
            data = rest + block
            whole = data.rfind(b"\n") + 1
            file.write(data[:whole])
            rest = data[whole:]


def _remove(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)
    disk.sync_folder(folder)


def _parts(folder: Path) -> list[str]:
    with suppress(FileNotFoundError):
        return sorted(name for name in os.listdir(folder) if part_of(name))  # noqa: PTH208
    return []


def _files_of(folder: Path, writers: set[str], *, packs: bool = False) -> list[str]:
    """Return the parts of these writers, and with `packs` of earlier packs, in order."""
    found = [(part, name) for name in _parts(folder) if (part := part_of(name))]
    return [
        name
        for (writer, _), name in sorted(found)
        if writer in writers or (packs and writer.startswith(PACK))
    ]


# -- writers and claims ---------------------------------------------------------------------


def _pack_writers(examined: Examined, writers: set[str]) -> tuple[int, int]:
    """Put the last words of ended writers into one file; nobody asks for them any more."""
    files = WriterFiles(examined.paths)
    ids = files.ids()
    ended = [writer for writer in ids if writer in writers]
    if len(ended) < _LEAST:
        return len(ids), len(ids)
    folder = examined.paths.writers
    names = [f"{writer}.json" for writer in ended]
    lines = [(folder / name).read_bytes().replace(b"\n", b" ") + b"\n" for name in names]
    _write(folder, f"{PACK}{new_writer_id()}.jsonl", lines, [], [])
    _remove(folder, names)
    return len(ids), len(ids) - len(ended)


def _pack_claims(examined: Examined) -> tuple[int, int]:
    """Turn each folder of claims whose trials are all settled into one file."""
    root = examined.paths.root / "claims"
    _put_back(root)
    before = _count(root)
    trials = examined.snapshot.trials
    for block in _blocks(root):
        first = int(block.name) * BLOCK
        every = range(first, first + BLOCK)
        if all(tid in trials and trials[tid].state.settled for tid in every):
            _pack_block(block)
    return before, _count(root)


def _pack_block(block: Path) -> None:
    found = [(name, os.readlink(block / name)) for name in os.listdir(block)]  # noqa: PTH115, PTH208
    aside, temporary = (
        block.with_name(f"{block.name}{_ASIDE}"),
        block.with_name(f".{block.name}.tmp"),
    )
    disk.replace(temporary, claim_files.packed(found))
    block.rename(aside)
    temporary.rename(block)
    disk.sync_folder(block.parent)
    shutil.rmtree(aside)


def _put_back(root: Path) -> None:
    """Undo what was broken off between two steps: a folder set aside goes back, or is done with."""
    for aside in root.glob(f"*{_ASIDE}"):
        block = aside.with_name(aside.name.removesuffix(_ASIDE))
        if block.is_file():
            shutil.rmtree(aside)
        elif not block.exists():
            aside.rename(block)
        else:  # somebody has claimed meanwhile: both are claims
            for link in aside.iterdir():
                if not os.path.lexists(block / link.name):
                    link.rename(block / link.name)
            shutil.rmtree(aside)


def _blocks(root: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from sorted(p for p in root.iterdir() if p.name.isdecimal() and p.is_dir())


def _count(root: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(root))
