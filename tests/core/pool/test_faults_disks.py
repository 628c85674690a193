"""Real pools on disks that are full: once there is room again, they go on by themselves."""

from pathlib import Path

from tests.conditions import until
from tests.core.history.disks import filled, small_disk
from tests.core.pool import odd
from tests.core.pool.disks import (
    BUDGET,
    a_search_on,
    disk_of_few_files,
    no_more_files,
    without_journal,
)
from tests.core.pool.exactly import assert_exact, results
from tests.searching import a_pool, wait_for
from trialdeck.core.pool.cores import Core, ForkServer
from trialdeck.core.pool.messages import Ready, Setup


def test_a_full_disk(tmp_path):
    with small_disk(tmp_path / "disk", 1024) as disk:
        search = a_search_on(disk)
        with a_pool(search) as pool:
            wait_for(search, lambda s: s.counts.ok >= 4)
            with filled(disk):
                without_journal(search, pool)
                before = results(search.snapshot())
                assert pool.poll() is None
            assert pool.wait(30) == 0
        assert_exact(search, BUDGET, before)
        assert all(len(t.attempts) == 1 for t in search.snapshot().trials.values())
        assert len(list(search.paths.journal.iterdir())) == 2


def test_a_core_trains_where_there_is_no_room_for_its_log(tmp_path):
    with disk_of_few_files(tmp_path / "disk", 50) as disk:
        log = disk / "logs" / "0.log"
        setup = Setup(
            objective=f"{Path(odd.__file__)}:fine",
            folder=str(tmp_path),
            log=str(log),
            core=0,
            threads=1,
        )
        server = ForkServer([], threads=1)
        with no_more_files(disk):
            core = Core(0, setup, server)
            ready = until(lambda: list(core.receive()), 20, "the core")
        core.close()
        server.close()
        assert isinstance(ready[0], Ready), ready
        assert not log.exists()
