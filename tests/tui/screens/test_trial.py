from types import SimpleNamespace

from tests.tui.app.scenes import Scene, an_app, core, finished, started, trials
from tests.tui.command_line import a_curve, a_search, some_trials
from tests.tui.views.trials_scenes import (
    Plain,
    falling,
    mixed,
    mixed_app,
    said,
    text_of,
    the_grid,
    the_page,
    the_view,
)
from trialdeck.core.kept_network import KeptNetwork
from trialdeck.core.params.read import parse_params
from trialdeck.tui.app import VIEWS
from trialdeck.tui.screens.trial import TrialScreen
from trialdeck.tui.screens.trial_curve import TrialCurve
from trialdeck.tui.seen import Seen
from trialdeck.tui.widgets.plot import Plot


async def test_why_a_trial_failed_is_at_the_top():
    async with (app := mixed_app()).run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "enter")
        await pilot.pause()
        text = text_of(app)
        assert "trial 31 · ✗ failed: error · 7.0 s · amber, core 1 · best is" in text
        assert "ValueError: layers must be positive\n\n traceback\n Traceback (most" in text
        assert "     raise ValueError(text)" in text
        assert "   optimizer      adam\n     beta2        0.931" in text
        assert "nothing was reported" in text


async def test_the_table_is_gone_through_from_the_page():
    async with (app := mixed_app()).run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "O", "enter", "J", "J", "K")
        await pilot.pause()
        assert the_page(app).tid == 1
        assert "trial 1 · ✓ ok" in text_of(app)
        assert the_grid(app).cursor == 1
        await pilot.press("K", "K", "K", "h")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert the_grid(app).cursor == 0


async def test_a_page_is_live():
    scene = mixed()
    app = an_app(scene.seen(), Plain({21: falling(0.98), 28: falling(0.9)}))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "down", "down", "down", "enter")
        await pilot.pause()
        assert "trial 28 · ▸ running" in text_of(app)
        plot = the_page(app).query_one(Plot)
        assert [series.name for series in plot._series] == ["trial 28", "best, trial 21"]
        app.feed.show(scene.seen(curves={28: falling(0.9, 20)}))
        await pilot.pause()
        assert len(plot._series[0].xs) == 20
        scene.events += [finished(28, at=0.0, loss=-0.999, metrics={"auc": 0.999})]
        app.feed.show(scene.seen())
        await pilot.pause()
        assert "trial 28 · ★ best · auc 0.999 · 7.0 s" in text_of(app)
        assert [series.name for series in plot._series] == ["trial 28"]
        assert app.feed.session.asked == [28, 21, 28]  # once more when it had its result
        app.feed.show(Seen(name="other", has_draft=True))
        await pilot.pause()
        assert len(app.screen_stack) == 1


async def test_the_age_of_a_running_trial_grows():
    scene = Scene([started(0, at=1000.0)], cores=(core(0, tid=0),))
    async with (app := an_app(scene.seen())).run_test() as pilot:
        await pilot.press("2", "enter")
        the_page(app)._clock = lambda: 1200.0
        the_view(app).tick()
        await pilot.pause()
        assert "for 3 m 20 s" in text_of(app)


async def test_other_values_are_drawn_too():
    app = an_app(Scene(trials(3)).seen(), Plain({tid: falling(0.9) for tid in range(3)}))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "down", "enter")
        await pilot.pause()
        plot = the_page(app).query_one(Plot)
        assert plot._series[0].ys[0] == 0.9 - 0.2
        await pilot.press("v")
        await pilot.pause()
        assert "learning curve   loss" in text_of(app)
        assert plot._series[0].ys[0] == 1 - (0.9 - 0.2)
        await pilot.press("v")
        assert plot._series[0].ys[0] == 0.9 - 0.2


async def test_where_the_trained_network_is():
    session = Plain()
    app = an_app(Scene(trials(3)).seen(), session)
    folder = "/far/history/t/models/1/0"
    line = f'from trialdeck.core import fcn; network = fcn.load("{folder}/fcn.pt")'
    session.networks = {
        1: KeptNetwork(1, folder, ("fcn.pt",), "amber", python=line),
        2: KeptNetwork(2, "me@gpu1:~/x/models/2/0", (), "amber", site="gpu1"),
    }
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "down", "enter")
        await pilot.pause()
        assert the_page(app).tid == 1
        assert f" trained network\n   network    {folder}/fcn.pt" in text_of(app)
        assert f"   in Python  {line}" in text_of(app)
        await pilot.press("K")
        await pilot.pause()
        assert "   network  on gpu1, if its objective has left one:" in text_of(app)
        assert "            me@gpu1:~/x/models/2/0" in text_of(app)
        await pilot.press("J", "J")
        await pilot.pause()
        assert the_page(app).tid == 0
        assert "trained network" not in text_of(app)


async def test_keys_go_to_other_views_and_to_the_log(monkeypatch):
    kept = "", "tests.tui.views.trials_scenes:KeptLogs"
    monkeypatch.setitem(VIEWS, "logs", kept)
    async with (app := mixed_app()).run_test() as pilot:
        await pilot.press("2", "down", "L")
        await pilot.pause()
        await pilot.press("2", "enter", "J", "L")
        await pilot.pause()
        assert [(m.tid, m.attempt) for m in app.view.opened] == [(30, 0), (29, 0)]
        assert len(app.screen_stack) == 1


# -- what can be done with a trial ----------------------------------------------------------------


def real(folder):
    """Return a session on a real search, and what is seen of it."""
    search = a_search(folder, *some_trials())
    a_curve(search, 2, [5.0, 4.0, 3.0])
    seen = Seen(folder / "params.toml", "t", True, look=search.look(), params=search.params)
    return SimpleNamespace(search=search, file=folder / "params.toml"), seen


async def test_a_point_runs_again(tmp_path):
    session, seen = real(tmp_path)
    async with (app := an_app(seen, session)).run_test() as pilot:
        await pilot.press("2", "r")
        await pilot.pause()
        assert "Run the point of trial 5 again?" in text_of(app)
        await pilot.press("n")
        await pilot.pause()
        assert session.search.snapshot().highest_tid == 5
        await pilot.press("enter", "J", "r", "y")
        await pilot.pause()
        new = session.search.snapshot().trials[6]
        assert (new.origin, new.point["x1"]) == ("retry 4", 4.25)
        assert said(app) == (
            "Trial 6 will run at the point of trial 4 once there are cores: n launches some."
        )


async def test_a_point_is_copied_and_written(tmp_path):
    session, seen = real(tmp_path)
    table = '[fixed]\nx1 = 2.25\nx2 = 2e-5\nsurface = "rough"\ndepth = 7.5\nkind = "hills"'
    async with (app := an_app(seen, session)).run_test() as pilot:
        await pilot.press("2", "down", "down", "down", "y", "w")
        await pilot.pause()
        assert app.clipboard == table
        file = tmp_path / "trial-2.toml"
        assert file.read_text().endswith(
            f"\n{table.replace('x1', 'seconds = 0.0' + chr(10) + 'x1')}\n"
        )
        assert "# Trial 2 of the search t, auc 0.902:" in file.read_text()
        assert f"Wrote {file}" in said(app)
        file.write_text("mine")
        await pilot.press("enter", "w", "y")
        await pilot.pause()
        assert file.read_text() == "mine"
        assert f"{file} exists already and was left as it is." in said(app)
        series = app.screen.query_one(TrialCurve).query_one(Plot)._series
        assert list(series[0].ys) == [5.0, 4.0, 3.0]  # read from the reports


def test_what_is_written_is_a_start_of_another_search(tmp_path):
    from trialdeck.tui.views.trials_acts import write_point

    session, seen = real(tmp_path)
    path, is_new = write_point(session, seen.snapshot.trials[0])
    assert is_new
    rest = '\n[search]\nname = "u"\nobjective = "trialdeck.core.demo:branin"\n'
    rest += '[space]\ny = { type = "uniform", low = 0.0, high = 1.0 }\n'
    params = parse_params(path.read_text() + rest, "u.toml", tmp_path)
    assert params.fixed == {"seconds": 0.0, "x1": 0.25, "x2": 0.0, "surface": "smooth"}


async def test_a_trial_without_a_known_start_has_no_point(tmp_path):
    scene = Scene([finished(0)])
    async with (app := an_app(scene.seen())).run_test() as pilot:
        await pilot.press("2", "r", "y", "w")
        assert app.clipboard == ""
        assert app.feed.asked == []
        assert said(app).count("The point of trial 0 is not known") == 3
        await pilot.press("enter")
        await pilot.pause()
        assert "not known: its start is" in text_of(app)


async def test_a_page_that_comes_or_goes_is_left_alone():
    async with (app := mixed_app()).run_test() as pilot:
        await pilot.press("2", "down", "enter")
        await pilot.pause()
        page = the_page(app)
        page.remove_children()
        page.tick()
        coming = TrialScreen(the_view(app), page.tid)
        app.push_screen(coming)
        coming.tick()
        coming.show_seen(app.seen, app.seen)
        await pilot.pause()
        assert app.screen is coming
