"""How the trials look. Each picture has been looked at."""

from tests.tui.app.scenes import an_app
from tests.tui.views.trials_scenes import Plain, falling, mixed, mixed_app
from trialdeck.tui.messages import OpenTrial


def test_the_table(snap_compare):
    assert snap_compare(mixed_app(), terminal_size=(80, 24), press=["2", "down"])


def test_a_wide_table_that_is_sorted_and_chosen_from(snap_compare):
    press = ["2", "c", "G", "space", "enter", "f", "f", "f", "o", "down", "down", "enter"]
    assert snap_compare(mixed_app(), terminal_size=(120, 40), press=press)


def test_a_mistake_in_the_filter(snap_compare):
    press = ["2", "slash", *"ok and lyers"]
    assert snap_compare(mixed_app(), terminal_size=(80, 24), press=press)


def test_the_columns(snap_compare):
    press = ["2", "c", "j", "j", "space", "j", "K"]
    assert snap_compare(mixed_app(), terminal_size=(80, 24), press=press)


def test_the_page_of_a_trial_that_is_ok(snap_compare):
    best = mixed().seen().snapshot.best
    app = an_app(mixed().seen(), Plain({best: falling(0.98), 27: falling(0.96)}))

    async def opened(pilot):
        app.post_message(OpenTrial(27))
        await pilot.pause()

    assert snap_compare(app, terminal_size=(80, 24), run_before=opened)


def test_the_page_of_a_trial_that_failed(snap_compare):
    assert snap_compare(mixed_app(), terminal_size=(80, 24), press=["2", "enter"])
