"""Packing says the same in fewer files, whenever it is broken off."""

from __future__ import annotations

import multiprocessing
import os
from typing import TYPE_CHECKING

import pytest

from tests.core.doctor.conftest import findings, finished_search, record, seen
from tests.core.history.making import known
from trialdeck.core.doctor import examination, packing
from trialdeck.core.doctor.mending import mend
from trialdeck.core.doctor.packing import pack
from trialdeck.core.errors import SearchError
from trialdeck.core.history import claims
from trialdeck.core.history.reader import History
from trialdeck.core.history.reports import Curves, curve_of
from trialdeck.core.history.writers import Liveness
from trialdeck.core.params.revisions import publish_script
from trialdeck.core.params.script import Script

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths


def files(paths: HistoryPaths) -> int:
    return sum(len(names) for _, _, names in os.walk(paths.root))


def test_a_pack_says_the_same(paths: HistoryPaths) -> None:
    live = History(paths)
    before, live_before = seen(paths), live.refresh()
    packed = pack(examination.look(paths))
    assert (packed.journals, packed.reports, packed.writers) == ((3, 1), (3, 1), (3, 0))
    assert seen(paths) == before
    assert known(live.refresh())["trials"] == known(live_before)["trials"]
    assert findings(paths) == []
    assert pack(examination.look(paths)).journals == (1, 1)


def test_curves_are_found_in_a_pack(paths: HistoryPaths) -> None:
    pack(examination.look(paths))
    trial = History(paths).refresh().trials[7]
    assert curve_of(paths, trial).values == {"loss": (1.0,)}
    curves = Curves(paths)
    assert len(curves.refresh()) == 12


def test_writers_that_are_packed_have_ended(paths: HistoryPaths) -> None:
    pack(examination.look(paths))
    liveness = Liveness(paths)
    liveness.observe(History(paths).refresh())
    assert all(liveness.gone(f"writer{number}") for number in range(3))
    assert liveness.writers == {}


def test_full_blocks_of_claims_become_files(tmp_path: Path) -> None:
    paths = finished_search(tmp_path, trials=2400, writers=2)
    before = seen(paths)
    assert pack(examination.look(paths)).claims == (4800, 802)
    assert seen(paths) == before
    assert findings(paths) == []
    assert (paths.root / "claims" / "0").is_file()
    assert claims.holder(paths, 5, 0) == claims.take(paths, 5, 0, "zombie") == "writer0"
    assert claims.take(paths, 5, 2, "zombie") == claims.VOID
    assert claims.holder(paths, 5, 2) == claims.VOID
    assert claims.take(paths, 2400, 0, "new") == "new"
    assert files(paths) < 820


def test_only_what_is_finished_is_packed(paths: HistoryPaths) -> None:
    publish_script(paths, Script("f.py:f", 13, []))
    with pytest.raises(SearchError, match="1 trials are left"):
        pack(examination.look(paths))
    record(paths, "living", range(12, 13), close=False)
    with pytest.raises(SearchError, match="may still be at work"):
        pack(examination.look(paths))


def test_damage_stays_where_it_is(paths: HistoryPaths) -> None:
    path = paths.journal / "writer1.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"ok"', b'"OK"', 1))
    unfinished = examination.look(paths)
    with pytest.raises(SearchError, match="1 trials are"):
        pack(unfinished)
    publish_script(paths, Script("f.py:f", None, []))
    path.write_bytes(path.read_bytes() + b"torn")
    record(paths, "again", range(4, 5))
    mend(examination.look(paths))  # damage that has been looked at is still damage
    assert pack(examination.look(paths)).journals == (5, 2)
    assert path.exists()
    assert examination.report(examination.look(paths)).healthy


# What a pack is broken off at: the function, which of its calls, and of how many trials. Only a
# thousand have claims that are packed.
STEPS = [
    *((os, "fsync", call, 12) for call in (1, 3)),
    *((os, "unlink", call, 12) for call in (1, 3)),
    *((os, "rename", call, 12) for call in (1, 3)),
    *((os, "rename", call, 1002) for call in (4, 5)),
    *((packing, "_append_lines", call, 12) for call in (1, 3)),
    *((packing, "_remove", call, 12) for call in (1, 2)),
    (packing.shutil, "rmtree", 1, 1002),
]


def _dies(root: Path, module, name: str, call: int) -> None:
    """Pack, and die at the so-manieth call of a function."""
    real, calls = getattr(module, name), 0

    def counted(*given, **named):
        nonlocal calls
        calls += 1
        if calls == call:
            os._exit(9)
        return real(*given, **named)

    setattr(module, name, counted)
    from trialdeck.core.history.paths import HistoryPaths

    pack(examination.look(HistoryPaths(root)))
    os._exit(0)


@pytest.mark.parametrize(("module", "name", "call", "trials"), STEPS)
def test_a_pack_that_is_broken_off_loses_nothing(
    tmp_path: Path, module, name: str, call: int, trials: int
) -> None:
    paths = finished_search(tmp_path, trials=trials, writers=3)
    before = seen(paths)
    child = multiprocessing.get_context("fork").Process(
        target=_dies, args=(paths.root, module, name, call)
    )
    child.start()
    child.join(30)
    assert child.exitcode == 9  # it came that far, and no further
    assert seen(paths) == before
    pack(examination.look(paths))
    assert seen(paths) == before
    assert not [finding for finding in findings(paths) if finding.level == "error"]
    assert len(list(paths.journal.glob("*.jsonl"))) == 1
    assert claims.holder(paths, 3, 1) == "writer0"
