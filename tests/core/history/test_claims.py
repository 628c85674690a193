from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import claims

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths

CLAIMER = """
import random, sys
from pathlib import Path
from trialdeck.core.history import claims
from trialdeck.core.history.paths import HistoryPaths

paths, writer = HistoryPaths(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
tids = list(range(int(sys.argv[3])))
random.Random(0).shuffle(tids)
print(*(tid for tid in tids if claims.take(paths, tid, 0, writer) == writer))
"""


def test_every_trial_has_exactly_one_holder(paths: HistoryPaths) -> None:
    count = 1500  # over two folders, made on the way
    writers = ["a", "b", "c"]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, str(paths.root), writer, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for writer in writers
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    won = {
        writer: [int(tid) for tid in process.communicate()[0].split()]
        for writer, process in zip(writers, processes, strict=True)
    }
    assert Counter(tid for tids in won.values() for tid in tids) == Counter(range(count))
    for writer, tids in won.items():
        assert all(claims.holder(paths, tid, 0) == writer for tid in tids)


def test_the_first_holds_it(paths: HistoryPaths) -> None:
    assert claims.holder(paths, 7, 0) is None
    assert claims.take(paths, 7, 0, "a") == "a"
    assert claims.take(paths, 7, 0, "b") == "a"
    assert claims.holder(paths, 7, 0) == "a"
    assert claims.take(paths, 7, 1, "b") == "b"


def test_a_claim_of_our_own_is_ours(paths: HistoryPaths) -> None:
    claims.take(paths, 7, 0, "a")
    assert claims.take(paths, 7, 0, "a") == "a"


def test_something_else_in_its_place_is_held_by_nobody_alive(paths: HistoryPaths) -> None:
    path = paths.claim(7, 0)
    path.parent.mkdir(parents=True)
    path.touch()
    assert claims.take(paths, 7, 0, "a") == ""


def test_claims_without_a_place_for_them_are_an_error(paths: HistoryPaths) -> None:
    (paths.root / "claims").rmdir()
    (paths.root / "claims").touch()
    with pytest.raises(HistoryError, match=r"trial 7\.0 cannot be claimed"):
        claims.take(paths, 7, 0, "a")
    with pytest.raises(HistoryError, match="cannot be read"):
        claims.holder(paths, 7, 0)


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP])
def test_a_file_system_without_links_is_named(
    paths: HistoryPaths, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(_target: str, _path: Path, *_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "symlink", refuse)  # no such file system is at hand
    with pytest.raises(HistoryError, match=r"symbolic links.*Put the history on another"):
        claims.take(paths, 7, 0, "a")
