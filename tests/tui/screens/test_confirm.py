"""Questions: what each key answers, and which answer enter gives."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.widgets import Static

from trialdeck.tui.screens.confirm import Confirm


async def answer(question: Confirm, *keys: str) -> bool:
    """Return what is answered when these keys are pressed."""
    answers: list[bool | None] = []
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(question, answers.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    assert len(answers) == 1, answers
    return bool(answers[0])


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["y"], True),
        (["enter"], True),
        (["n"], False),
        (["escape"], False),
        (["h", "enter"], False),
        (["left", "right", "enter"], True),
        (["tab", "enter"], False),
    ],
)
async def test_keys(keys: list[str], expected: bool):
    assert await answer(Confirm("Stop?"), *keys) is expected


@pytest.mark.parametrize(
    ("keys", "expected"), [(["y"], True), (["enter"], False), (["l", "enter"], True)]
)
async def test_enter_is_harmless_where_something_would_be_lost(keys: list[str], expected: bool):
    assert await answer(Confirm("Stop now?", danger=True), *keys) is expected


async def test_texts_are_shown_as_they_are_and_fit():
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Confirm("Stop [b]pool?", "\n".join(f"line {n}" for n in range(90)), "Do"))
        await pilot.pause()
        question = app.screen.query_one("#question", Static)
        assert str(question.content) == "Stop [b]pool?"
        buttons = app.screen.query_one("#yes").region
        assert buttons.height == 1
        assert buttons.bottom < 24
