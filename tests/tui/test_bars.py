import pytest

from trialdeck.tui import bars
from trialdeck.tui.bars import lying, upright
from trialdeck.tui.format import width_of


@pytest.fixture(autouse=True)
def unicode(monkeypatch):
    monkeypatch.setattr(bars, "is_unicode", lambda: True)


def test_the_largest_count_is_as_high_as_there_is_room_and_a_small_one_is_seen():
    assert upright([8, 4, 1, 0], 1) == ["█▄▁ "]
    assert upright([2, 1, 0], 2) == ["█  ", "██ "]
    assert upright([1000, 1], 2) == ["█ ", "█▁"]
    assert upright([0, 0], 3) == []
    assert upright([], 3) == []


def test_bars_without_block_characters(monkeypatch):
    monkeypatch.setattr(bars, "is_unicode", lambda: False)
    assert upright([3, 2, 1], 1) == ["#:."]
    assert lying(["a"], [1.0], 13) == ["a  #### 100%"]


def test_options_have_bars_as_long_as_their_shares():
    lines = lying(["relu", "gelu", "never"], [0.75, 0.25, 0.0], 33)
    assert [line.count("█") for line in lines] == [20, 7, 0]
    assert lines[2] == "never   0%"
    assert all(width_of(line) <= 33 for line in lines)


def test_a_long_name_is_cut_with_a_sign():
    (line,) = lying(["x" * 80], [1.0], 30)
    assert "…" in line
    assert width_of(line) <= 30
