import pytest

from tests.tui.app.scenes import PARAMS, Scene, finished, started, trials
from tests.tui.views.trials_scenes import mixed
from trialdeck.core.errors import FilterError
from trialdeck.tui.views.trials_table import TrialTable


def shown(scene, **how):
    seen = scene.seen()
    table = TrialTable(seen.params, **how)
    table.take(seen)
    return table


def texts(table, tid):
    """Return what a row says, by column."""
    names = [column.key for column in table.columns]
    return dict(zip(names, (cell.text for cell in table.cells(tid)), strict=True))


def test_the_key_of_states_goes_through_those_there_are():
    table = shown(mixed())
    titles = []
    for _ in range(6):
        table.next_state()
        titles.append(table.title().removesuffix(" · newest first"))
    assert titles == [
        *("2 of 32 trials · running", "3 of 32 trials · failed", "25 of 32 trials · ok"),
        *("1 of 32 trials · interrupted", "1 of 32 trials · pruned", "32 trials"),
    ]
    few = shown(Scene(trials(3, failed=(1,))))
    few.next_state()
    assert list(few.tids) == [1]
    few.next_state()
    assert list(few.tids) == [2, 0]


def test_only_rows_that_say_something_else_are_drawn_again():
    scene = Scene(trials(300))
    table = shown(scene)
    seen = scene.seen()
    assert table.take(seen) is None  # another snapshot that shares nothing
    assert table.take(seen) == ()


def test_changes_are_told_by_their_rows():
    from trialdeck.core.history.state import State

    state = State()
    state.apply_all(trials(300, running=(7,)))
    table = shown(Scene())
    seen = Scene().seen()
    table.take(_with(seen, state.snapshot()))
    best = table.snapshot.best
    state.apply_all([finished(7, loss=-0.999, metrics={"auc": 0.999}), started(300)])
    assert set(table.take(_with(seen, state.snapshot()))) == {7, 300, best}
    assert texts(table, 7)["state"].endswith("best")
    assert texts(table, best)["state"].endswith("ok")


def _with(seen, snapshot):
    from dataclasses import replace

    return replace(seen, look=replace(seen.look, snapshot=snapshot))


def test_what_is_returned_becomes_a_column_that_can_be_chosen():
    table = shown(Scene(trials(2)))
    table.chosen = ("trial", "loss", "host", "seed", "started")
    row = texts(table, 1)
    assert (row["loss"], row["host"], row["seed"]) == ("0.0281", "amber", "1")
    assert row["started"].startswith("2023-11-1")


def test_another_search_begins_anew_and_a_revision_keeps_what_was_chosen():
    scene = mixed()
    table = shown(scene)
    table.filter_by("failed and layers == 3")
    assert list(table.tids) == [17]
    scene.params = PARAMS.replace("high = 5", "high = 9")
    assert table.take(scene.seen()) is None
    assert list(table.tids) == [17]
    scene.params = PARAMS.replace("layers ", "depth ")  # old trials still have it
    table.take(scene.seen())
    assert list(table.tids) == [17]
    other = Scene([], params=PARAMS.replace("layers ", "depth "))
    table.take(other.seen())
    assert table.title() == "0 trials · newest first"  # nothing has that name any more


def test_a_running_trial_is_chosen_when_it_has_run_for_long_enough():
    now = 1010.0
    table = shown(Scene([started(0, at=1000.0), started(1, at=1005.0)]), clock=lambda: now)
    table.filter_by("time > 20")
    assert list(table.tids) == []
    now = 1022.0
    assert set(table.grow_older()) == {0, 1}
    assert list(table.tids) == [0]
    now = 1040.0
    table.grow_older()
    assert list(table.tids) == [1, 0]
    assert texts(table, 0)["time"] == "40 s"


def test_a_wrong_expression_leaves_the_table_as_it_is():
    table = shown(mixed())
    table.filter_by("failed")
    assert table.check("  ") is None
    assert table.check("fail").at == 0
    with pytest.raises(FilterError):
        table.filter_by("fail")
    assert table.filter_text == "failed"
    assert len(table.tids) == 3


def test_a_title_has_large_numbers_in_groups_and_a_long_expression_cut():
    table = shown(Scene(trials(1200)))
    assert table.title() == "1,200 trials · newest first"
    table.filter_by("trial < 3 " + "or trial == 7 " * 9)
    assert table.title().startswith("4 of 1,200 trials · trial < 3 or trial == 7")
    assert "… · newest first" in table.title()


def test_a_draw_of_many_trials_reads_only_the_visible_ones():
    """Fifty changes among very many trials: rows are placed, not sorted, and none is read."""
    from trialdeck.core.history.state import State

    state = State()
    state.apply_all(trials(20_000))
    seen = Scene().seen()
    table = shown(Scene())
    table.take(_with(seen, state.snapshot()))
    table.sort_by("auc")
    asked = []
    field = table.fields["auc"]
    real = type(field).sort_value
    try:
        type(field).sort_value = lambda self, trial: (asked.append(trial.tid), real(self, trial))[1]
        state.apply_all([event for tid in range(20_000, 20_025) for event in _both(tid)])
        assert len(table.take(_with(seen, state.snapshot()))) == 25
    finally:
        type(field).sort_value = real
    assert 0 < len(asked) < 25 * 20
    assert len(table.tids) == 20_025


def _both(tid):
    return started(tid, point={"layers": 1}), finished(tid)
