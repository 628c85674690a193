import json
import signal

import pytest

from tests.searching import a_pool, finish, searching, wait_for
from tests.tui.command_line import run
from trialdeck.core.confirming import Spread
from trialdeck.core.stages import confirming
from trialdeck.tui.confirmed import with_spread

REDUCED = "[reduced_sample]\nfraction = 0.5\npromote = 2\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_best_points_are_confirmed_by_cores_of_their_own(tmp_path):
    search = searching(tmp_path, "by_fraction", 4, cores=REDUCED)
    assert "there is nothing to confirm" in run("confirm", rc=2).stderr
    finish(search)
    text = run("confirm", "--top", "2", "--seeds", "2", "--cores", "2").output
    best = search.snapshot().best
    assert f"trial {best}, {best % 100} on the full sample: 2 seeds" in text
    assert "when it was found" in text
    assert "To be quoted: the first point" in text
    assert search.status().state == "finished"
    again = json.loads(run("confirm", "--top", "2", "--seeds", "2", "--json").output)
    assert (again["metric"], again["direction"]) == ("loss", "minimize")
    (one, two) = again["points"]
    assert one["tid"] in (best, two["tid"])
    assert len(one["metrics"]["test_loss"]["values"]) == len(one["seeds"]) == 2
    assert len(search.snapshot().trials) == 4 + 2 + 4
    shown = run("best").output
    assert "test_loss" not in shown
    assert f"{best % 100} on the full sample" in shown


def test_a_pool_that_runs_here_takes_them_on(tmp_path):
    search = searching(tmp_path, "by_fraction_slowly", 100, fixed="seconds = 0.1")
    with a_pool(search, 2) as pool:
        wait_for(search, lambda s: s.counts.ok >= 2)
        said = run("confirm", "--top", "1", "--seeds", "2").output
        assert "2 seeds" in said
        assert pool.poll() is None
        writers = {t.writer for t in search.snapshot().trials.values()}
    assert len(writers) == 1


def test_cores_of_their_own_begin_nothing_else_while_others_run(tmp_path):
    search = searching(tmp_path, "by_fraction_slowly", 100, fixed="seconds = 0.5")
    with a_pool(search, 2) as pool:
        wait_for(search, lambda s: s.counts.ok >= 2 and s.counts.running == 2)
        pool.send_signal(signal.SIGSTOP)  # it runs for as long as this takes, and takes nothing
        before = search.snapshot()
        assert before.counts.running
        run("confirm", "--top", "1", "--seeds", "1", "--cores", "1")
        known = set(before.writers)
        after = wait_for(
            search, lambda s: any(s.writers[w].closed for w in s.writers.keys() - known)
        )
    assert [tid for tid in after.trials if tid not in before.trials] == [confirming(before.best, 0)]


@pytest.mark.parametrize(
    ("mean", "deviation", "text"),
    [
        (0.98123, 0.00061, "0.98123 ± 0.00061"),
        (210.4, 12.3, "210 ± 12"),
        (0.5, 0.0, "0.5 ± 0"),
        (0.5, None, "0.5"),
        (1e9, 3e7, "1e+09 ± 3e+07"),
    ],
)
def test_a_spread_in_digits(mean, deviation, text):
    assert with_spread(Spread(mean, deviation, ())) == text
