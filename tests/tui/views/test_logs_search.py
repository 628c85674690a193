"""Searching logs, and reading back to what is older."""

from __future__ import annotations

import pytest

from tests.tui.views.cores_scenes import bare, eventually, lines, said
from tests.tui.views.logs_scenes import Logs, logs, look, output, shown, the_view
from trialdeck.core import log_following
from trialdeck.tui.screens.launch import LaunchScreen
from trialdeck.tui.views import logs_lines

__all__ = ["bare", "logs"]
pytestmark = pytest.mark.usefixtures("bare")


async def test_searching(logs: Logs, monkeypatch: pytest.MonkeyPatch):
    logs.write(output(last=9))
    async with the_view(logs, monkeypatch) as (pilot, _, text):
        await pilot.press("slash", *"epoch 2", "enter")
        await pilot.pause()
        found = [n for n in range(len(text.lines)) if "epoch 2" in text.lines[n]]
        assert (text.line, text.follow) == (found[-1], False)
        assert '"epoch 2" 9 of 9' in lines(pilot.app)[1]
        await pilot.press("N")
        assert text.line == found[-2]
        await pilot.press("n", "n")
        await pilot.pause()
        assert text.line == found[-1]
        assert said(pilot.app) == ["There is no match below."]  # type: ignore[arg-type]
        await pilot.press("escape")
        assert text.lines.query == ""
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LaunchScreen)


async def test_a_search_is_given_up_and_one_without_a_match_is_told(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
):
    logs.write(output())
    async with the_view(logs, monkeypatch) as (pilot, view, text):
        await pilot.press("slash", "x", "escape")
        assert (text.lines.query, view.has_class("-searching"), text.has_focus) == ("", False, True)
        await pilot.press("slash", *"nowhere", "enter")
        await pilot.pause()
        assert said(pilot.app) == ["There is no match above."]  # type: ignore[arg-type]
        assert '"nowhere" 0 of 0' in lines(pilot.app)[1]


async def test_older_text_is_read_at_the_top(logs: Logs, monkeypatch: pytest.MonkeyPatch):
    path = logs.write("needle\n" + output(last=300))
    monkeypatch.setattr(log_following, "FIRST", 3000)
    monkeypatch.setattr(log_following.Follower.__init__, "__defaults__", (3000,))
    async with the_view(logs, monkeypatch) as (pilot, _, text):
        known = len(text.lines)
        assert known < 150
        await pilot.press("g")
        await pilot.pause()
        before = shown(pilot)
        await pilot.press("k")
        await eventually(pilot, lambda: len(text.lines) > known)
        await pilot.pause()
        assert shown(pilot)[1:] == before[:-1]  # it stays where it was, one line up
        await pilot.press("slash", *"needle", "enter")
        for _ in range(100):
            if text.lines.found:
                break
            await pilot.press("N")
            await pilot.pause()
        assert text.lines[text.line] == "needle"
        assert len(text.lines) == len(path.read_text().splitlines())


async def test_what_had_to_go_for_older_text_comes_back(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
):
    logs.write("".join(f"line {number}\n" for number in range(1000)))
    monkeypatch.setattr(log_following.Follower.__init__, "__defaults__", (1000,))
    monkeypatch.setattr(logs_lines, "MOST_LINES", 150)
    async with the_view(logs, monkeypatch) as (pilot, view, text):
        await pilot.press("g", "k")
        await eventually(pilot, lambda: text.lines.lacks_end)
        logs.write("the end\n")
        await look(pilot, view)
        assert text.lines[len(text.lines) - 1] != "the end"
        await pilot.press("G")
        await eventually(pilot, lambda: shown(pilot)[-1:] == ["the end"])
        assert text.follow
