import click
import msgspec
import pytest

from tests.tui.test_progress import BUSY
from trialdeck.tui import watching
from trialdeck.tui.watching import Lines, Redrawn


def at(progress: int, **more):
    return msgspec.structs.replace(BUSY, progress=progress, max_trials=100, **more)


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(watching.time, "monotonic", lambda: now[0])
    return now


def test_a_line_comes_after_five_per_cent_or_ten_seconds_if_it_says_something_new(clock, capsys):
    lines = Lines()
    said = []
    for progress, seconds in [(0, 0), (1, 1), (4, 2), (5, 3), (6, 4), (6, 14), (6, 30), (7, 31)]:
        clock[0] = 1000.0 + seconds
        lines.show(at(progress))
        said += [progress] * bool(capsys.readouterr().out)
    assert said == [0, 5, 6, 7]


def test_a_note_is_printed_once(clock, capsys):
    lines = Lines()
    for note in ("press x", "press x", "stopping", ""):
        lines.show(at(1), note)
    out = capsys.readouterr().out
    assert out.count("(press x)") == 1
    assert out.count("(stopping)") == 1
    assert out.count("1 of 100 trials") == 1


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    with click.Context(click.Command("run")) as context:
        yield context


def test_the_terminal_is_drawn_over_itself_and_only_when_something_changed(terminal, capsys):
    drawn = Redrawn()
    drawn.show(at(1), "note")
    first = capsys.readouterr().out
    assert first.count("\n") == 3
    assert "\x1b[3F" not in first
    drawn.show(at(1), "note")
    assert capsys.readouterr().out == ""
    drawn.show(at(2), "note")
    assert capsys.readouterr().out.startswith("\x1b[3F\x1b[J")
    assert all(len(click.unstyle(line)) < 60 for line in first.splitlines())


def test_what_is_said_stays_above_what_is_drawn(terminal, capsys):
    drawn = Redrawn()
    drawn.show(at(1))
    capsys.readouterr()
    drawn.say("trial 3 failed")
    out = capsys.readouterr().out
    assert out.startswith("\x1b[2F\x1b[Jtrial 3 failed\n")
    assert "1 of 100" in out


def test_without_colour_only_the_cursor_is_moved(terminal, capsys):
    terminal.color = False
    drawn = Redrawn()
    drawn.show(at(1))
    drawn.show(at(2))
    out = capsys.readouterr().out
    assert "\x1b" not in out.replace("\x1b[2F\x1b[J", "")
