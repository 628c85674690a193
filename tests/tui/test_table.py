import click
import pytest

from trialdeck.tui.format import width_of
from trialdeck.tui.table import Cell, Column, pairs, table


def test_columns_stand_below_each_other_numbers_to_the_right():
    lines = table([Column("name"), Column("n", right=True)], [["a", "1"], ["bcd", "200"]], 80)
    assert [click.unstyle(line) for line in lines] == ["name    n", "a       1", "bcd   200"]


@pytest.mark.parametrize("text", ["x" * 200, "日" * 100])
def test_the_widest_columns_are_cut_until_the_table_fits(text):
    columns = [Column("a", cuts=True), Column("b", cuts=True), Column("c")]
    lines = [click.unstyle(line) for line in table(columns, [[text, "y" * 30, "z" * 20]], 80)]
    assert all(width_of(line) <= 80 for line in lines)
    assert "z" * 20 in lines[1]
    assert "y" * 20 in lines[1]


def test_colours_change_nothing_but_the_colour():
    columns = [Column("s", right=True), Column("t")]
    plain = table(columns, [["ok", "ok"], ["", "b"]], 80)
    colored = table(columns, [[Cell("ok", "green", bold=True), "ok"], [Cell("", "red"), "b"]], 80)
    assert [click.unstyle(line) for line in colored] == [click.unstyle(line) for line in plain]
    assert colored != plain


def test_pairs_wrap_long_values_below_themselves():
    assert pairs([("name", "v" * 40 + " and more"), ("n", "")], indent=2, width=40) == [
        "  name  " + "v" * 32,
        "        " + "v" * 8 + " and more",
        "  n",
    ]


def test_an_empty_table_has_its_titles():
    assert [click.unstyle(line) for line in table([Column("a")], [], 80)] == ["a"]
