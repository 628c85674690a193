"""Whole pools that keep the best networks, together, and when they are killed."""

import shutil
from pathlib import Path

from tests.conditions import until
from tests.core.pool.faulty import a_faulty_pool
from tests.core.pool.stopping import freeze, thaw
from tests.searching import a_pool, project, wait_for
from trialdeck.core.history.reader import History
from trialdeck.core.kept_network import kept_network
from trialdeck.core.searches import start


def keeping_search(folder, max_trials, keep_best, search="", objective="leaves_a_network"):
    """Return a search of trials that leave a network each."""
    shutil.copy(Path(__file__).with_name("networks.py"), folder)
    cores = f"retries = 1000\n[checkpoints]\nkeep_best = {keep_best}"
    file = project(folder, objective, max_trials, cores=cores, search=search)
    file.write_text(file.read_text().replace("odd.py:", "networks.py:"))
    return start(file)


def networks(paths):
    """Return the tids that have a network, and what is in it."""
    found = paths.models.glob("*/*/net.txt")
    return {int(file.parts[-3]): float(file.read_text()) for file in found}


def best(paths, count):
    """Return the points of the best trials by tid: those nearest to 0."""
    trials = [t for t in History(paths).refresh().trials.values() if t.state == "ok"]
    ranked = sorted(trials, key=lambda t: (abs(t.point["x"]), t.tid))
    return {t.tid: t.point["x"] for t in ranked[:count]}


def test_two_pools_keep_the_best_of_both(tmp_path):
    search = keeping_search(tmp_path, 20, 3, search='metric = "auc"\ndirection = "maximize"')
    with a_pool(search) as one, a_pool(search) as two:
        assert one.wait(30) == two.wait(30) == 0
    assert networks(search.paths) == best(search.paths, 3)
    assert [path.name for path in search.paths.checkpoints.iterdir()] == ["written"]
    snapshot = search.snapshot()
    kept = kept_network(search, snapshot, snapshot.best)
    assert kept.files == ("net.txt",)
    assert kept.python == "", "only the default network's is known"
    assert (
        float((Path(kept.folder) / "net.txt").read_text()) == best(search.paths, 1)[snapshot.best]
    )
    gone = next(tid for tid in snapshot.trials if tid not in networks(search.paths))
    assert kept_network(search, snapshot, gone) is None


def test_what_a_killed_pool_leaves_over_is_removed_by_the_next(tmp_path):
    search = keeping_search(tmp_path, 400, 2)
    with a_pool(search) as pool:
        wait_for(search, lambda s: s.counts.ok >= 12)
        pool.kill()
        pool.wait()
        found, wanted = networks(search.paths), best(search.paths, 2)
        assert wanted.items() <= found.items(), "too much, never too little"
    with a_pool(search) as pool:
        wait_for(search, lambda s: s.counts.ok >= 24)
        search.stop()
        assert pool.wait(20) == 0
    assert networks(search.paths) == best(search.paths, 2)


def test_an_attempt_that_is_believed_dead_neither_harms_nor_leaves_anything(tmp_path):
    search = keeping_search(tmp_path, 30, 1, objective="may_be_believed_dead")
    with a_faulty_pool(search, "none:0", 1) as zombie:
        until((tmp_path / "held").exists, 20, "a trial that is half done")
        frozen = freeze(zombie.pid, whole=True)
        with a_faulty_pool(search, "none:0", 1, TRIALDECK_STALE_SECONDS="0.2") as other:
            assert other.wait(30) == 0
        (tmp_path / "go").touch()
        thaw(frozen)
        assert zombie.wait(30) == 0
    trial = search.snapshot().trials[0]
    assert [attempt.state for attempt in trial.attempts] == ["superseded", "ok"]
    assert trial.metrics == {"loss": 1.0, "found": "half done"}
    assert (tmp_path / "no place").exists()
    assert networks(search.paths) == {0: 1.0}
    assert [path.name for path in search.paths.checkpoints.iterdir()] == ["written"]
