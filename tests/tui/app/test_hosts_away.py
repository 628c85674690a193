"""What the application says of machines whose links are cut, while pools run there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.tui.app import asking
from tests.tui.app.asking import HEARD, Asking, an_app
from tests.tui.app.scenes import an_app as still_app
from tests.tui.views.cores_scenes import (
    ONE_POOL,
    eventually,
    pool,
    said,
    screen,
    seen_with,
    some_cores,
    words,
)
from trialdeck.backends.base import Contact, Question
from trialdeck.core.links import SiteRow
from trialdeck.tui.bells import news
from trialdeck.tui.format import clock
from trialdeck.tui.screens.question import QuestionScreen
from trialdeck.tui.sites import away, works_on

if TYPE_CHECKING:
    from pathlib import Path

CUT = SiteRow(
    "gpu1",
    Contact("cut", "", HEARD, HEARD + 30),
    cores=3,
    ahead=4,
    trouble="gpu1 cannot be reached: no route to host",
)
FINE = SiteRow("gpu1", Contact("connected"), cores=3, ahead=1)
WORDS = (
    f"gpu1 cannot be reached since {clock(HEARD)} (no route to host); it works on, with 4 trials "
    f"in advance. It is tried again at {clock(HEARD + 30)}."
)
POOL = seen_with(some_cores(backend="ssh"), (pool(backend="ssh", site="gpu1"),))


def test_what_is_said_of_a_machine_that_is_cut_off() -> None:
    assert away(CUT) == WORDS
    assert away(replace(CUT, cores=0, trouble="")).startswith(
        f"gpu1 cannot be reached since {clock(HEARD)}. It is"
    )
    assert works_on([CUT, replace(CUT, name="gpu2", cores=0)]) == [
        "gpu1 works on: 3 cores, 4 trials in advance."
    ]


def test_it_is_news_when_a_link_breaks_and_when_it_heals_and_when_something_is_asked() -> None:
    before, after = replace(POOL, sites=(FINE,)), replace(POOL, sites=(CUT,))
    assert list(news(after, before)) == [(WORDS, "warning")]
    assert list(news(after, after)) == []
    assert list(news(before, after)) == [("gpu1 is connected again", "information")]
    row = replace(CUT, question=Question("gpu1 is new here:\nmore", lambda _said: None))
    asked = replace(POOL, sites=(row,))
    assert list(news(asked, before)) == [("gpu1 asks: gpu1 is new here\na answers", "warning")]
    assert list(news(asked, asked)) == []


async def test_what_was_known_last_stays_on_the_screen() -> None:
    app = still_app(replace(POOL, sites=(CUT,)))
    async with app.run_test(size=(80, 24)) as pilot:
        await eventually(pilot, lambda: f"! {WORDS}" in words(app))
        assert screen(app).splitlines()[0].endswith("running !")
        await pilot.press("4")
        await eventually(pilot, lambda: "ssh on gpu1 ! 3 cores, cut off" in words(app))
        assert "0 ◌ training 8" in words(app)
        assert WORDS in words(app)


async def test_nothing_is_said_while_all_is_well() -> None:
    app = still_app(replace(ONE_POOL, sites=(FINE,)))
    async with app.run_test(size=(80, 24)) as pilot:
        await eventually(pilot, lambda: "running" in words(app))
        assert "gpu1" not in words(app)
        await pilot.press("a")
        assert said(app) == ["No machine asks anything."]


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    asking.settle(monkeypatch, tmp_path / "machines")
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


async def test_a_launch_that_is_asked_about_and_cut_off_and_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Asking, "retry_at", HEARD)
    app = an_app(folder, ("gpu1",), trials=100, objective="until_stopped")
    Asking.ask("gpu1", "yes", yes_no=True)
    async with app.run_test(size=(120, 40)) as pilot:
        try:
            await pilot.press("n")
            await eventually(pilot, lambda: "ssh" in words(app), 20)
            await pilot.press("shift+tab", "end")
            await eventually(pilot, lambda: "You are asked at the launch" in words(app), 20)
            await pilot.press("enter", "enter")
            await eventually(pilot, lambda: isinstance(app.screen, QuestionScreen), 20)
            await pilot.press("y")
            await eventually(pilot, lambda: len(app.screen_stack) == 1, 30)
            await pilot.press("4")
            await eventually(pilot, lambda: "▸ training" in words(app), 30)
            assert "ssh on gpu1" in words(app)
            await pilot.press("j", "o")
            await eventually(pilot, lambda: "attempt 0 ---" in screen(app), 20)
            Asking.cut.add("gpu1")
            await pilot.press("4")
            await eventually(pilot, lambda: "2 cores, cut off" in words(app), 30)
            await eventually(pilot, lambda: "it works on, with" in words(app), 20)
            assert "gpu1 works on: 2 cores" in works_on(app.seen.sites)[0]
            Asking.cut.clear()
            await eventually(pilot, lambda: "gpu1 is connected again" in said(app), 30)
        finally:
            Asking.cut.clear()
            search = app.feed.session.search  # type: ignore[attr-defined]
            await eventually(pilot, lambda: search.stop(now=True) is not None, 20)
            await eventually(pilot, lambda: not search.launcher.pools(), 30)
