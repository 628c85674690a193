"""Pictures of the space's view; each was looked at."""

import pytest

from tests.tui.app.scenes import Scene, StillFeed
from tests.tui.views.spaces import PARAMS, SpaceApp, run_trials, write
from trialdeck.core.params.starter import starter
from trialdeck.tui.deck import Deck
from trialdeck.tui.seen import Seen
from trialdeck.tui.session import Session


@pytest.fixture
def picture(tmp_path, snap_compare):
    """Compare the application on a file with its picture."""

    def compare(*press: str, text: str = PARAMS, size=(80, 24), trials: int = 0, before=None):
        file = write(tmp_path, text)
        if trials:
            run_trials(file, trials)
        seen = Scene(file=file).seen() if trials else Seen(file, has_draft=True)
        app = SpaceApp(StillFeed(seen, Session(Deck(file))))
        return snap_compare(app, terminal_size=size, press=press, run_before=before)

    return compare


def test_list_and_form(picture):
    assert picture("j", trials=1, text=PARAMS)


def test_a_mistake_with_its_cure(picture):
    assert picture("j", "left_square_bracket", "1")


def test_options_that_carry_dimensions(picture):
    assert picture("j", "j", "j", "enter", "j")


def test_the_text_with_a_mistake(picture):
    assert picture("j", "f2", text=PARAMS.replace("low = 1e-4", "low = 4"))


def test_saving_with_what_becomes_of_the_trials(picture):
    keys = ("j", "right_square_bracket", "0", "full_stop", "0", "0", "1", "ctrl+s")
    assert picture(*keys, trials=42)


def test_the_first_run(tmp_path, snap_compare):
    file = tmp_path / "params.toml"
    app = SpaceApp(StillFeed(Seen(file), Session(Deck(file))))
    assert snap_compare(app, terminal_size=(80, 24))


def test_a_large_terminal(picture):
    assert picture("j", "j", "j", "j", text=starter(), size=(120, 40))
