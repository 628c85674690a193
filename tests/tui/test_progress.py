import click
import msgspec
import pytest

from trialdeck.core.status import Best, Status
from trialdeck.tui import progress
from trialdeck.tui.format import width_of
from trialdeck.tui.overview import overview

NEW = Status(
    search="t",
    state="new",
    reason="nothing has run yet; `trialdeck run` starts it",
    max_trials=100,
    progress=0,
    finished=0,
    ok=0,
    failed=0,
    pruned=0,
    running=0,
    interrupted=0,
    best=None,
    metric="auc",
    direction="maximize",
    trials_per_hour=None,
    eta_seconds=None,
    cores=0,
    pools=0,
    damaged=0,
    history="/somewhere/history/t",
)
BUSY = msgspec.structs.replace(
    NEW,
    search="top-tagging-with-a-long-name",
    state="running",
    reason="",
    progress=37,
    ok=37,
    failed=2,
    pruned=1,
    finished=40,
    running=4,
    interrupted=1,
    best=Best(tid=12, loss=-0.97213, params={}, metrics={"auc": 0.97213}),
    trials_per_hour=45.0,
    eta_seconds=4800.0,
    cores=4,
    pools=1,
)


@pytest.fixture(autouse=True)
def utf8(monkeypatch):
    monkeypatch.setattr("trialdeck.tui.glyphs.is_unicode", lambda: True)


@pytest.mark.parametrize(
    ("done", "full"), [(0, 0), (1, 0), (37, 3), (50, 5), (99, 9), (100, 10), (120, 10)]
)
def test_the_bar_is_full_only_when_everything_is_done(done, full):
    assert click.unstyle(progress.bar(done, 100, 10)) == "━" * full + "─" * (10 - full)


def test_the_headline_has_name_bar_and_progress():
    line = click.unstyle(progress.headline(BUSY, 80))
    assert line.startswith("top-tagging-with-a-long…  ━")
    assert line.endswith("─  37 of 100")
    assert width_of(line) == 80


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_the_details_leave_out_what_does_not_fit(width):
    line = click.unstyle(progress.details(BUSY, width))
    assert width_of(line) <= width
    whole = (
        "best auc 0.97213 (trial 12) · 45/h · 1 h 20 m left · ▸ 4 running · ✗ 2 failed · "
        "✂ 1 pruned · ◌ 1 interrupted"
    )
    assert whole.startswith(line.rstrip("…"))
    assert width < 200 or line == whole


def test_a_line_for_a_log_has_all_in_words():
    assert progress.plain(BUSY) == (
        "37 of 100 trials, best auc 0.97213 (trial 12), 45/h, 1 h 20 m left, "
        "4 running, 2 failed, 1 pruned, 1 interrupted"
    )
    assert progress.plain(NEW) == f"0 of 100 trials, {NEW.reason}"


def test_the_value_shown_is_the_one_that_the_objective_returned():
    only_loss = Best(tid=1, loss=-0.5, params={}, metrics={})
    assert progress.best_value(BUSY) == 0.97213
    assert progress.best_value(msgspec.structs.replace(BUSY, best=only_loss)) == 0.5
    assert progress.best_value(NEW) is None


@pytest.mark.parametrize(
    ("per_hour", "text"), [(0.5, "12/day"), (45, "45/h"), (90, "1.5/min"), (7200, "2/s")]
)
def test_a_rate_has_the_unit_that_suits_it(per_hour, text):
    assert progress.rate(per_hour) == text


def test_the_overview_fits_and_says_everything():
    lines = [click.unstyle(line) for line in overview(BUSY, 80)]
    assert all(width_of(line) <= 80 for line in lines)
    assert lines[0].startswith("top-tagging-with-a-long-name ")
    assert lines[0].endswith(" running")
    text = "\n".join(lines)
    assert "37 of 100 trials" in text
    assert "best auc  0.97213 (trial 12)" in text
    assert "45/h, about 1 h 20 m left" in text
    assert "▸ 4 running on 4 cores in 1 pool" in text
    assert "✓ 37 ok  ✗ 2 failed  ✂ 1 pruned  ◌ 1 interrupted" in text


def test_the_overview_says_why_nothing_runs():
    assert overview(NEW, 80)[-1] == "Nothing has run yet; `trialdeck run` starts it."
    damaged = msgspec.structs.replace(NEW, damaged=2)
    assert overview(damaged, 80)[-1].startswith("! The history is damaged in 2 places")
    unpruned = msgspec.structs.replace(BUSY, unpruned="nothing can be pruned: why")
    assert overview(unpruned, 80)[-1] == "! Nothing can be pruned: why."
