"""Other machines in the application: their screen, their questions, launching on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.app import asking
from tests.tui.app.asking import HEARD, SECRET, Asking, an_app
from tests.tui.views.cores_scenes import eventually, said, screen, words
from trialdeck.core.params.read import read_params
from trialdeck.tui.format import clock
from trialdeck.tui.screens.add_host import AddHost
from trialdeck.tui.screens.hosts import HostsScreen
from trialdeck.tui.screens.launch import LaunchScreen
from trialdeck.tui.screens.question import QuestionScreen

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from trialdeck.tui.app import TrialdeckApp

LOW = (80, 24)


@pytest.fixture(autouse=True)
def _machines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asking.settle(monkeypatch, tmp_path / "machines")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def written(app: TrialdeckApp) -> dict[str, object]:
    """Return the machines in the parameter file."""
    return dict(read_params(app.seen.file).backends.get("ssh", {}).get("hosts", {}))


async def shown(pilot: Pilot[None], text: str, app: TrialdeckApp) -> None:
    await eventually(pilot, lambda: text in words(app), 20)


async def opened(pilot: Pilot[None], app: TrialdeckApp) -> None:
    """Open the screen of machines from the view of the cores."""
    await pilot.press("4")
    await shown(pilot, "No cores are running", app)
    await pilot.press("h")
    await eventually(pilot, lambda: isinstance(app.screen, HostsScreen))


async def test_how_every_machine_stands_with_the_time_of_its_last_word(folder: Path) -> None:
    app = an_app(folder, ("gpu1", "gpu2", "gpu3"))
    Asking.cut.add("gpu2")
    Asking.ask("gpu3", "yes", yes_no=True)
    async with app.run_test(size=LOW) as pilot:
        await opened(pilot, app)
        await shown(pilot, "gpu3", app)
        rows = [line.split() for line in screen(app).splitlines() if " gpu" in line]
        assert rows[0][:5] == ["gpu1", "✓", "connected", clock(HEARD), "2"]
        assert rows[1][:5] == ["gpu2", "!", "cut", "off", clock(HEARD)]
        assert rows[2][:4] == ["gpu3", "✗", "refused", "—"]
        assert "me@gpu1" in rows[0]
        await pilot.press("j")
        await shown(pilot, f"gpu2 cannot be reached. It is tried again at {clock(HEARD + 30)}", app)


async def test_a_machine_is_added_once_its_key_is_believed(folder: Path) -> None:
    app = an_app(folder)
    Asking.ask("gpu1", "yes", yes_no=True)
    async with app.run_test(size=LOW) as pilot:
        await opened(pilot, app)
        await shown(pilot, "There are no other machines yet: a adds one", app)
        await pilot.press("a", *"me@gpu1", "enter")
        await eventually(pilot, lambda: isinstance(app.screen, QuestionScreen))
        assert "its key is SHA256:abc" in screen(app)
        assert written(app) == {}
        await pilot.press("y")
        await shown(pilot, "gpu1 is in the parameter file now", app)
        assert Asking.told == ["yes"]
        assert written(app) == {"gpu1": {"address": "me@gpu1", "cores": 1}}
        await shown(pilot, "gpu1 ✓ connected", app)
        await shown(pilot, "✗ torch it is not there python3 -m pip install torch", app)


async def test_what_was_typed_is_kept_when_a_machine_is_not_reached(folder: Path) -> None:
    app = an_app(folder, ("gpu1",))
    Asking.cut.add("gpu2")
    async with app.run_test(size=LOW) as pilot:
        await opened(pilot, app)
        await shown(pilot, "gpu1", app)
        await pilot.press("a", *"gpu1", "enter")
        await shown(pilot, "a machine called gpu1 already", app)
        await pilot.press("backspace", "2", "tab", "tab", "up", "tab", *"jump=b key", "enter")
        await shown(pilot, '"key" is not key=value', app)
        await pilot.press(*"=k", "enter")
        await shown(pilot, "✗ gpu2 cannot be reached", app)
        assert list(written(app)) == ["gpu1"]
        assert isinstance(app.screen, AddHost)
        await pilot.click("#unseen")
        await shown(pilot, "gpu2 ! cut off", app)
        assert written(app)["gpu2"] == {"jump": "b", "key": "k", "cores": 2}


async def test_a_check_says_what_is_missing_and_can_be_copied(folder: Path) -> None:
    app = an_app(folder, ("gpu1",))
    async with app.run_test(size=LOW) as pilot:
        await opened(pilot, app)
        await shown(pilot, "gpu1 ✓ connected", app)
        await pilot.press("y")
        assert "Nothing has been checked yet: enter does." in said(app)
        await pilot.press("enter")
        await shown(pilot, "something is missing", app)
        await shown(pilot, "✓ Python 3.11.2, /usr/bin/python3", app)
        await pilot.press("y")
        assert app.clipboard.splitlines()[1:4] == [
            "  ok      Python: 3.11.2, /usr/bin/python3",
            "  missing torch: it is not there",
            "          python3 -m pip install torch",
        ]
        await pilot.press("question_mark")
        await shown(pilot, "hosts.forget", app)


async def test_a_machine_is_forgotten_when_the_user_agrees(folder: Path) -> None:
    app = an_app(folder, ("gpu1", "gpu2"))
    async with app.run_test(size=LOW) as pilot:
        await opened(pilot, app)
        await shown(pilot, "gpu2", app)
        await pilot.press("f", "n")
        assert len(written(app)) == 2
        await pilot.press("f", "y")
        await eventually(pilot, lambda: "gpu1 is forgotten." in said(app))
        assert list(written(app)) == ["gpu2"]
        await eventually(pilot, lambda: "gpu1 " not in screen(app))


async def test_one_that_is_cut_off_is_tried_at_once_when_the_user_wants_it(folder: Path) -> None:
    app = an_app(folder, ("gpu1",))
    Asking.cut.add("gpu1")
    async with app.run_test(size=LOW) as pilot:
        await opened(pilot, app)
        await shown(pilot, "gpu1 ! cut off", app)
        await pilot.press("t")
        await shown(pilot, "✗ gpu1 cannot be reached", app)
        Asking.cut.clear()
        await pilot.press("t")
        await shown(pilot, "✓ gpu1 answers.", app)


async def test_a_passphrase_is_asked_until_it_is_right_and_stays_nowhere(folder: Path) -> None:
    app = an_app(folder, ("gpu1",))
    Asking.ask("gpu1", SECRET, secret=True)
    async with app.run_test(size=LOW) as pilot:
        await opened(pilot, app)
        await shown(pilot, "gpu1 ✗ refused", app)
        await pilot.press("enter")
        await eventually(pilot, lambda: isinstance(app.screen, QuestionScreen))
        first = app.screen
        await pilot.press(*"wrong", "enter")
        await eventually(pilot, lambda: isinstance(app.screen, QuestionScreen))
        await eventually(pilot, lambda: app.screen is not first)
        field = app.screen.query_one("Secret")
        await pilot.press(*(key.replace(" ", "space") for key in SECRET), "ctrl+a", "ctrl+c")
        assert SECRET not in screen(app)
        assert "•" * len(SECRET) in screen(app)
        await pilot.press("enter")
        await shown(pilot, "something is missing", app)
        assert Asking.told == ["wrong", SECRET]
        assert app.clipboard == ""
        assert getattr(field, "value", None) == ""
        assert not any(SECRET in text for text in said(app))


async def test_not_to_answer_leaves_all_as_it_is(folder: Path) -> None:
    app = an_app(folder, ("gpu1",))
    Asking.ask("gpu1", "yes", yes_no=True)
    async with app.run_test(size=LOW) as pilot:
        await opened(pilot, app)
        await shown(pilot, "gpu1 ✗ refused", app)
        await pilot.press("c")
        await eventually(pilot, lambda: isinstance(app.screen, QuestionScreen))
        await pilot.press("escape")
        await shown(pilot, "✗ Not answered: gpu1 is new here", app)
        await pilot.press("c")
        await eventually(pilot, lambda: isinstance(app.screen, QuestionScreen))
        await pilot.press("n")
        await shown(pilot, "✗ gpu1 is not trusted", app)
        assert Asking.told == ["no"]


async def test_the_form_knows_the_cores_of_every_machine(folder: Path) -> None:
    app = an_app(folder, ("gpu1", "gpu2"))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await shown(pilot, "gpu2", app)
        await pilot.press("j", "n")
        await eventually(pilot, lambda: isinstance(app.screen, LaunchScreen))
        await shown(pilot, "host < gpu2 >", app)
        await shown(pilot, "cores 3 ", app)
        await pilot.press("tab", "tab", "left")
        await shown(pilot, "host < gpu1 >", app)
        await shown(pilot, "cores 2 ", app)


async def test_machines_are_added_from_the_form(folder: Path) -> None:
    app = an_app(folder)
    async with app.run_test(size=LOW) as pilot:
        await pilot.press("n")
        await eventually(pilot, lambda: isinstance(app.screen, LaunchScreen))
        await shown(pilot, "ssh", app)
        await pilot.press("shift+tab", "end")
        await shown(pilot, "f2 adds one", app)
        await pilot.press("f2", "a", *"gpu7", "enter")
        await shown(pilot, "gpu7 is in the parameter file now", app)
        await pilot.press("n")
        await shown(pilot, "host < gpu7 >", app)
