"""Faults against the shared history that take long to play through: ``make soak``."""

import pytest

from tests.core.pool.crowd import crowded
from tests.core.pool.disks import (
    BUDGET,
    a_device,
    a_search_on,
    disk_of_few_files,
    no_more_files,
    without_journal,
)
from tests.core.pool.exactly import assert_exact, results
from tests.core.pool.stopping import a_zombie, freeze, thaw
from tests.searching import a_pool, wait_for
from trialdeck.core.history.reader import History


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("whole", [False, True], ids=["the pool alone", "with all below it"])
def test_a_pool_that_stood_still(tmp_path, whole):
    a_zombie(tmp_path, 200, whole=whole)


@pytest.mark.soak
def test_a_disk_that_cannot_be_written_until_it_is_mounted_anew(tmp_path):
    with a_device(tmp_path / "disk") as device:
        search = a_search_on(device.folder)
        with a_pool(search) as pool:
            wait_for(search, lambda s: s.counts.ok >= 4)
            frozen = freeze(pool.pid, whole=True)
            device.fail()
            thaw(frozen)
            without_journal(search, pool)
            before = results(History(search.paths).refresh())
            device.mount()
            assert pool.wait(30) == 0
        assert_exact(search, BUDGET, before)
        assert all(len(t.attempts) == 1 for t in search.snapshot().trials.values())


@pytest.mark.soak
def test_a_disk_without_room_for_another_file(tmp_path):
    with disk_of_few_files(tmp_path / "disk", 300) as disk:
        search = a_search_on(disk)
        with a_pool(search) as pool:
            wait_for(search, lambda s: s.counts.ok >= 4)
            with no_more_files(disk):
                wait_for(search, lambda s: s.troubles)
                before = results(search.snapshot())
                (trouble,) = search.snapshot().troubles
                assert "cannot be claimed" in trouble.text
                assert "the disk has no room for another file" in trouble.text
            assert pool.wait(30) == 0
        assert_exact(search, BUDGET, before)
        assert len(search.snapshot().troubles) == 1


@pytest.mark.soak
def test_two_hundred_writers_run_a_thousand_trials(tmp_path):
    crowded(tmp_path, count=200, budget=1000)
