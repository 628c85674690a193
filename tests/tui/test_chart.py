import math
import re

import pytest

from trialdeck.tui import chart as charts
from trialdeck.tui.chart import chart


@pytest.fixture(params=[True, False], ids=["unicode", "ascii"])
def fine(request, monkeypatch):
    monkeypatch.setattr(charts, "is_unicode", lambda: request.param)
    return request.param


def test_a_falling_curve_falls_from_the_upper_left_to_the_lower_right(fine):
    lines = chart([0, 1, 2, 3], [4.0, 3.0, 2.0, 1.0], width=40, height=4)
    assert len(lines) == 5
    assert lines[0].startswith("4 ")
    assert lines[3].startswith("1 ")
    marks = [[n for n, c in enumerate(line) if n > 3 and c != " "] for line in lines[:4]]
    assert all(marks)
    assert [min(row) for row in marks] == sorted(min(row) for row in marks)
    assert max(marks[3]) == 39
    assert all(line.isascii() for line in lines) is not fine or any("│" in x for x in lines)


def test_all_lines_fit(fine):
    ys = [math.sin(x / 3) * 1e-7 for x in range(500)]
    assert all(len(line) <= 60 for line in chart(range(500), ys, width=60))


@pytest.mark.parametrize("ys", [[1.0], [2.0, 2.0, 2.0], [math.nan, 3.0, math.inf]])
def test_odd_curves_are_drawn(fine, ys):
    lines = chart(list(range(len(ys))), ys, width=30)
    drawn = [re.split(r"[│|]", line)[1] for line in lines[:-1]]
    assert any(row.strip() for row in drawn)
    if len(set(ys)) == 1:
        label, row = re.split(r"[│|]", lines[3])
        assert label.strip() == charts.number(ys[0])
        assert row.strip()


def test_no_points_are_no_chart():
    assert chart([], [], width=30) == []
    assert chart([0], [math.nan], width=30) == []
