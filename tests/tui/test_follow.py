import click

from tests.tui.command_line import a_search
from trialdeck.core.history.events import Finished, Started
from trialdeck.tui.follow import failures


def test_the_first_failures_are_told_as_they_come(tmp_path):
    empty = a_search(tmp_path).snapshot()
    point = {"x1": 1.0}
    starts = [Started(writer="w", tid=tid, point=point) for tid in range(5)]
    about = {"writer": "w", "outcome": "failed", "cause": "error", "message": "boom\nmore"}
    now = a_search(tmp_path, *starts, *(Finished(tid=tid, **about) for tid in range(5)), name="u")
    said = [click.unstyle(line) for line in failures(empty, now.snapshot())]
    assert said[0] == "✗ trial 0 failed: boom (`trialdeck show 0`)"
    assert said[3:] == ["✗ and 2 more trials failed"]
    assert list(failures(now.snapshot(), now.snapshot())) == []
