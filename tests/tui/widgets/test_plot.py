from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from tests.tui.widgets.hosts import Host, screen
from trialdeck.tui import glyphs
from trialdeck.tui.widgets.plot import Cloud, Plot, Series

if TYPE_CHECKING:
    from rich.color import Color
    from textual.strip import Strip

FALLING = Series("best", list(range(1, 101)), [100 / x for x in range(1, 101)])


class Watched(Plot):
    """Counts the lines that were painted."""

    painted = 0

    def render_line(self, y: int) -> Strip:
        self.painted += 1
        return super().render_line(y)


def pointed(host: Host) -> list[float | None]:
    return [message.x for message in host.heard if isinstance(message, Plot.Pointed)]


def series_colors(plot: Plot) -> set[Color]:
    dots = [s for s in plot.render_line(8)._segments if "\u2800" < s.text < "\u2900"]
    return {segment.style.color for segment in dots}


@pytest.fixture(autouse=True)
def _unicode(monkeypatch):
    monkeypatch.setattr(glyphs, "_settled", [True])


async def test_a_plot_has_a_title_axes_and_labels():
    async with Host(plot := Watched()).run_test(size=(60, 15)) as pilot:
        plot.show([FALLING], title="loss", better="low")
        await pilot.pause()
        lines = screen(plot)
    assert lines[0] == "loss · lower is better"
    assert [line.split()[0] for line in lines if "┤" in line] == ["100", "50", "0"]
    assert lines[-3].startswith("    └")
    assert lines[-3].endswith("┬")
    assert lines[-2].split() == ["20", "40", "60", "80", "100"]


@pytest.mark.parametrize("height", [1, 4, 5, 7, 8, 11])
async def test_any_height_will_do(height):
    async with Host(plot := Watched()).run_test(size=(60, height)) as pilot:
        plot.show([FALLING], title="loss")
        await pilot.pause()
        lines = screen(plot)
    assert len(lines) == height
    assert lines[0].startswith("loss · 1 ") == (height < 5)
    assert any("┤" in line for line in lines) == (height >= 5)


async def test_without_values_it_says_so():
    async with (host := Host(plot := Plot(empty="no trial yet"))).run_test(size=(30, 7)) as pilot:
        plot.show([Series("a", [1], [math.nan])])
        await pilot.press("right", "z", "L", "x", "enter")
        assert screen(plot)[3].strip() == "no trial yet"
    assert host.heard == []


async def test_nothing_is_painted_while_nothing_changes():
    cloud = Cloud("trials")
    cloud.add([1, 2], [3, 4])
    values = [1.0, 2.0]
    async with Host(plot := Watched()).run_test(size=(60, 15)) as pilot:
        plot.show([Series("a", [1, 2], values), cloud], label=lambda x: f"trial {x}")
        await pilot.pause()
        plot.painted = 0
        plot.show([Series("a", [1, 2], [1.0, 2.0]), cloud], label=lambda x: f"trial {x}")
        await pilot.pause()
        assert plot.painted == 0
        values.append(3.0)
        plot.show([Series("a", [1, 2, 3], values), cloud])
        await pilot.pause()
        assert plot.painted == 15
        cloud.add([2], [1])
        plot.show([Series("a", [1, 2, 3], values), cloud])
        await pilot.pause()
        assert plot.painted == 30


async def test_the_crosshair_names_what_it_is_at():
    async with (host := Host(plot := Plot())).run_test(size=(60, 15)) as pilot:
        plot.show([FALLING], label=lambda x: f"this is trial {x:g}")
        await pilot.press("left", "left", "h", "l")
        assert plot.pointed == 99
        assert screen(plot)[-1] == "this is trial 99"
        assert any("●" in line for line in screen(plot))
        await pilot.press("ctrl+left", "enter", "home", "end", "escape")
        assert plot.pointed is None
        assert "trial" not in screen(plot)[-1]
    assert pointed(host)[-4:] == [89, 1, 100, None]
    assert [message.x for message in host.heard if isinstance(message, Plot.Chosen)] == [89]


async def test_a_label_that_changes_is_drawn():
    said = ["one"]
    async with Host(plot := Plot()).run_test(size=(60, 15)) as pilot:
        plot.show([FALLING], label=lambda _: said[0])
        plot.point_at(50)
        await pilot.pause()
        said[0] = "two"
        plot.show([FALLING], label=lambda _: said[0])
        await pilot.pause()
        assert screen(plot)[-1] == "two"


async def test_where_there_is_little_room_the_label_takes_the_title_s_place():
    async with Host(plot := Plot()).run_test(size=(60, 6)):
        plot.show([FALLING], title="loss")
        plot.point_at(50)
        assert screen(plot)[0] == "50: 2"


async def test_zooming_moving_and_showing_everything():
    async with Host(plot := Plot()).run_test(size=(60, 15)) as pilot:
        plot.show([FALLING])
        whole = screen(plot)[-2].split()
        await pilot.press("z")
        assert screen(plot)[-2].split() == ["30", "40", "50", "60", "70"]
        await pilot.press("L")
        assert screen(plot)[-2].split() == ["40", "50", "60", "70", "80"]
        await pilot.press("H", "Z")
        assert screen(plot)[-2].split() == whole
        await pilot.press("z", "z", "0")
        assert screen(plot)[-2].split() == whole


async def test_the_crosshair_takes_the_visible_part_with_it():
    async with Host(plot := Plot()).run_test(size=(60, 15)) as pilot:
        plot.show([FALLING])
        await pilot.press("z", "z", "end")
        assert screen(plot)[-2].split()[-1] == "100"


async def test_axes_can_be_logarithmic():
    async with Host(plot := Plot()).run_test(size=(60, 15)) as pilot:
        plot.show([FALLING], title="loss")
        await pilot.press("x", "v")
        assert (plot.log_x, plot.log_y) == (True, True)
        assert screen(plot)[0] == "loss · log x · log y"
        assert screen(plot)[-2].split() == ["1", "10", "100"]
        plot.show([FALLING._replace(ys=[-1, *FALLING.ys[1:]])], title="loss")
        assert screen(plot)[0].startswith("loss · log x · linear y: not all values are posi")
        await pilot.press("v")
        assert screen(plot)[0] == "loss · log x"


async def test_a_click_points_and_two_choose():
    async with (host := Host(plot := Plot())).run_test(size=(60, 15)) as pilot:
        plot.show([FALLING])
        await pilot.pause()
        await pilot.click(plot, offset=(59, 5))
        assert plot.pointed == 100
        await pilot.click(plot, offset=(5, 5), times=2)
    assert pointed(host) == [100, 1]
    assert [message.x for message in host.heard if isinstance(message, Plot.Chosen)] == [1]


async def test_without_unicode_it_is_ascii(monkeypatch):
    monkeypatch.setattr(glyphs, "_settled", [False])
    async with Host(plot := Plot()).run_test(size=(60, 15)) as pilot:
        plot.show([FALLING, Series("b", [1, 2], [50, 60], "points")], title="loss", better="low")
        await pilot.press("end")
        assert all(line.isascii() for line in screen(plot))
        assert screen(plot)[0].endswith("* best  . b")


async def test_the_first_series_is_seen_where_they_meet():
    async with Host(plot := Plot()).run_test(size=(60, 15)):
        plot.show([FALLING, FALLING._replace(name="b", color="error")])
        assert series_colors(plot) == {plot._style("primary").color}
        plot.show([FALLING, FALLING._replace(name="b", color="error", priority=1)])
        assert series_colors(plot) == {plot._style("error").color}


async def test_another_theme_changes_the_colours():
    async with (host := Host(plot := Plot())).run_test(size=(60, 15)) as pilot:
        plot.show([FALLING], title="loss")
        await pilot.pause()
        before = plot.render_line(8)
        host.theme = "textual-light"
        await pilot.pause()
        assert plot.render_line(8).text == before.text
        assert plot.render_line(8) != before


def test_every_key_can_be_remapped_and_explains_itself():
    assert all(b.id.startswith("plot.") and b.tooltip and not b.show for b in Plot.BINDINGS)
