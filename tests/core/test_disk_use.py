import os
import subprocess

import pytest

from trialdeck.core.disk_use import RENEW_SECONDS, DiskMeter, disk_use
from trialdeck.core.history.paths import HistoryPaths


@pytest.fixture
def paths(tmp_path):
    paths = HistoryPaths(tmp_path / "history" / "t")
    paths.create()
    paths.model(3, 0).mkdir(parents=True)
    return paths


def test_it_counts_what_files_take_as_du_does(paths):
    (paths.model(3, 0) / "net").write_bytes(os.urandom(300_001))
    (paths.journal / "one.jsonl").write_text("line\n")
    with (paths.logs / "sparse").open("wb") as file:
        file.truncate(1 << 30)
    (paths.logs / "link").symlink_to("/usr")
    use = disk_use(paths, 60)
    assert use.complete
    folders = ["-S", "-B1", str(paths.model(3, 0))]
    said = subprocess.run(["du", *folders], capture_output=True, text=True, check=True).stdout
    assert 0 <= int(said.split()[0]) - use.kinds["models"] <= 8192  # du counts the folder too
    assert use.kinds["logs"] < 100_000, "a hole takes nothing, and links are not followed"
    assert use.total == sum(use.kinds.values())


def test_it_takes_no_longer_than_said(paths):
    for number in range(50):
        (paths.logs / str(number)).mkdir()
        (paths.logs / str(number) / "0.log").write_text("x" * 5000)
    some = disk_use(paths, 0)
    assert not some.complete
    assert some.total < disk_use(paths, 60).total


def test_a_meter_counts_once_a_minute_and_not_at_first(paths):
    now = [0.0]
    meter = DiskMeter(paths, 60, first=5.0, clock=lambda: now[0])
    assert meter.use() is None
    now[0] += 5.0
    first = meter.use()
    (paths.model(3, 0) / "net").write_bytes(b"x" * 100_000)
    now[0] += RENEW_SECONDS - 1
    assert meter.use() is first
    now[0] += 1
    assert meter.use().total >= first.total + 100_000


def test_what_is_not_there_takes_nothing(tmp_path):
    assert disk_use(HistoryPaths(tmp_path / "none"), 60).total == 0
