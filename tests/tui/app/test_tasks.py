"""What people want to know or do, in at most four keys from the Overview."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.app.scenes import NOW, Scene, an_app, core, trials
from tests.tui.views.cores_scenes import words
from trialdeck.tui.app import TrialdeckApp

if TYPE_CHECKING:
    from trialdeck.tui.seen import Seen


@pytest.fixture
def seen() -> Seen:
    cores = (core(0, tid=10, since=NOW), core(1, tid=11, since=NOW + 50))
    return Scene(trials(12, failed=(7,), running=(10, 11)), cores=cores).seen()


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        pytest.param((":", "7", "enter"), "out of luck", id="why did trial 7 fail"),
        pytest.param(("f",), "out of luck", id="why did the last one fail"),
        pytest.param(("f", "r"), "7", id="run it again"),
        pytest.param(("b",), "best", id="what is the best trial"),
        pytest.param((), "▸ 10", id="which has been running longest"),
        pytest.param(("2", "/"), "12 trials", id="choose trials"),
        pytest.param(("4",), "local on", id="what do the cores do"),
        pytest.param(("n",), "Launch cores", id="launch cores"),
        pytest.param(("?",), "everywhere", id="which keys are there"),
    ],
)
async def test_at_most_four_keys(seen: Seen, keys: tuple[str, ...], answer: str) -> None:
    names = {":": "colon", "?": "question_mark", "/": "slash"}
    async with an_app(seen).run_test(size=(100, 50)) as pilot:
        await pilot.press(*(names.get(key, key) for key in keys))
        await pilot.pause()
        assert len(keys) <= 4
        app = pilot.app
        assert isinstance(app, TrialdeckApp)
        assert answer in words(app)
