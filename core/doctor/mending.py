"""Mending a history by adding to it: no journal is ever rewritten."""

from __future__ import annotations

import platform
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from trialdeck.core.doctor import claims_check
from trialdeck.core.doctor.examination import leftovers
from trialdeck.core.doctor.remains import remains
from trialdeck.core.errors import HistoryError
from trialdeck.core.history import claims, disk
from trialdeck.core.history.codec import encode
from trialdeck.core.history.events import FORMAT_VERSION, Closed, Mended, Opened
from trialdeck.core.history.journal import new_writer_id
from trialdeck.core.history.parts import Parts

if TYPE_CHECKING:
    from trialdeck.core.doctor.examination import Examined


def mend(examined: Examined) -> list[str]:
    """Do what can be done; return what that was, a sentence each. Raises HistoryError.

    Done twice, there is nothing to do the second time.
    """
    return [*_save(examined), *_claim(examined), *_clear(examined), *_remove(examined)]


def _save(examined: Examined) -> list[str]:
    """Write what can be read of damaged bytes into a new journal, and that they were looked at."""
    if not examined.wounds:
        return []
    paths, writer = examined.paths, new_writer_id()
    at = round(time.time(), 3)
    opened = Opened(writer=writer, at=at, v=FORMAT_VERSION, kind="doctor", host=platform.node())
    saved = [line for wound in examined.wounds for line in wound.lines]
    marks = [
        Mended(
            writer=writer, at=at, file=one.damage.file, start=one.damage.start, end=one.damage.end
        )
        for one in examined.wounds
    ]
    lines = [*saved, *map(encode, marks), encode(Closed(writer=writer, at=at))]
    parts = Parts(paths.journal, writer, header=encode(opened))
    try:
        parts.write(b"".join(lines))
    except OSError as error:
        raise HistoryError(f"nothing can be mended: {disk.explain(error)}") from error
    finally:
        parts.close()
    places = "one damaged place" if len(marks) == 1 else f"{len(marks)} damaged places"
    records = f"{len(saved)} record{'' if len(saved) == 1 else 's'}"
    return [f"{places}: saved {records}, and noted it as seen, in journal/{writer}.jsonl"]


def _claim(examined: Examined) -> list[str]:
    missing = claims_check.missing(examined.claims, examined.snapshot)
    made = sum(
        claims.take(examined.paths, tid, attempt, writer) == writer
        for (tid, attempt), writer in missing.items()
    )
    return [f"made {made} claim{'' if made == 1 else 's'} again"] if made else []


def _clear(examined: Examined) -> list[str]:
    found = leftovers(examined.paths)
    for path in found:
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
    return [f"removed {len(found)} temporary file{'' if len(found) == 1 else 's'}"] if found else []


def _remove(examined: Examined) -> list[str]:
    found = remains(examined.paths, examined.snapshot)
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    count = len(found)
    trials = "a trial that has its result" if count == 1 else "trials that have their result"
    return [f"removed {count} folder{'' if count == 1 else 's'} of {trials}"] if found else []
