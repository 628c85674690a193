"""Whole pools that keep the best networks, together, and when they are killed."""

import shutil
from pathlib import Path

from tests.searching import a_pool, project, wait_for
from trialdeck.core.history.reader import History
from trialdeck.core.kept_network import kept_network
from trialdeck.core.searches import start


def keeping_search(folder, max_trials, keep_best, search=""):
    """Return a search of trials that leave a network each."""
    shutil.copy(Path(__file__).with_name("networks.py"), folder)
    cores = f"retries = 1000\n[checkpoints]\nkeep_best = {keep_best}"
    file = project(folder, "leaves_a_network", max_trials, cores=cores, search=search)
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


def test_what_killed_pools_leave_over_is_removed_by_the_next(tmp_path):
    search = keeping_search(tmp_path, 400, 2)
    for killed in range(1, 3):
        with a_pool(search) as pool:
            wait_for(search, lambda s, least=8 * killed: s.counts.ok >= least)
            pool.kill()
            pool.wait()
            assert best(search.paths, 2).items() <= networks(search.paths).items(), (
                "too much, never too little"
            )
    with a_pool(search) as pool:
        wait_for(search, lambda s: s.counts.ok >= 30)
        search.stop()
        assert pool.wait(20) == 0
    assert networks(search.paths) == best(search.paths, 2)
