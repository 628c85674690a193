"""A chart of series and clouds of points: axes, legend, zoom, and a crosshair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from trialdeck.tui.format import metric, number
from trialdeck.tui.widgets.grid_paint import empty_strip
from trialdeck.tui.widgets.plot_cloud import Cloud
from trialdeck.tui.widgets.plot_keys import PLOT_KEYS
from trialdeck.tui.widgets.plot_picture import Content, Picture
from trialdeck.tui.widgets.plot_pointer import Pointer
from trialdeck.tui.widgets.plot_series import Series
from trialdeck.tui.widgets.plot_view import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.style import Style
    from textual import events
    from textual.binding import BindingType
    from textual.geometry import Size

__all__ = ["Cloud", "Plot", "Series"]

COLORS = {
    "primary": "$text-primary",
    "secondary": "$text-secondary",
    "success": "$text-success",
    "warning": "$text-warning",
    "error": "$text-error",
    "accent": "$text-accent",
    "text": "$foreground",
    "muted": "$text-muted",
    "title": "$foreground",
    "label": "$text-muted",
    "axis": "$text-muted",
    "crosshair": "$text-muted",
    "pointer": "$text-accent",
}
BETTER = {"low": "lower is better", "high": "higher is better"}


class Plot(Widget, can_focus=True):
    """Draws what `show` gave it; nothing is painted as long as that stays the same.

    The crosshair goes along the points of the first series. `empty` is said where there are no
    points. `log_x` and `log_y` hold where all values are positive; the title says if they do not.
    """

    DEFAULT_CSS = (
        "Plot { height: 1fr; width: 1fr; }\n"
        + "\n".join(f"Plot > .plot--{name} {{ color: {c}; }}" for name, c in COLORS.items())
        + """
        Plot > .plot--title { text-style: bold; }
        Plot > .plot--pointer { text-style: bold; }
        Plot:focus > .plot--axis { color: $text-primary; }
        Plot:focus > .plot--title { color: $text-primary; }
        """
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"plot--{name}" for name in COLORS}
    BINDINGS: ClassVar[list[BindingType]] = [*PLOT_KEYS]

    @dataclass
    class Pointed(Message):
        """The crosshair is at another x; None when it is gone."""

        plot: Plot
        x: float | None

        @property
        def control(self) -> Plot:
            """The plot, for `@on(Plot.Pointed, "#id")`."""
            return self.plot

        def can_replace(self, message: Message) -> bool:
            """Only the last of several is of interest."""
            return isinstance(message, Plot.Pointed) and message.plot is self.plot

    @dataclass
    class Chosen(Message):
        """Enter was pressed with the crosshair at `x`, or the point was clicked twice."""

        plot: Plot
        x: float

        @property
        def control(self) -> Plot:
            """The plot, for `@on(Plot.Chosen, "#id")`."""
            return self.plot

    def __init__(
        self,
        *,
        empty: str = "",
        log_x: bool = False,
        log_y: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._empty = empty
        self._series: tuple[Series | Cloud, ...] = ()
        self._title, self._better = "", ""
        self._label: Callable[[float], str] | None = None
        self._said: object = None  # what `show` was last given
        self._window = Window()
        self._window.log_x, self._window.log_y = log_x, log_y
        self._pointer = Pointer()
        self._picture = Picture()
        self._strips: list[Strip] = []
        self._drawn_for: Size | None = None  # the size that the strips have; None if they are old
        self._drawn_label = ""
        self._styles: dict[str, Style] = {}

    # What the caller says and asks.

    def show(
        self,
        series: Sequence[Series | Cloud],
        *,
        title: str = "",
        label: Callable[[float], str] | None = None,
        better: Literal["", "low", "high"] = "",
    ) -> None:
        """Show these; the first series is the one that can be pointed at.

        `label` says what is at an x, in the line below the chart; `better` is said in the title.
        """
        frozen = tuple(one.frozen() for one in series)
        self._label = label
        said = tuple((type(one), one.version) for one in frozen), title, better
        if said != self._said:
            self._pointer.take(frozen[0] if frozen else None)
            self._series, self._title, self._better, self._said = frozen, title, better, said
            self._redraw()
        elif self._said_of_point() != self._drawn_label:
            self._redraw()

    @property
    def pointed(self) -> float | None:
        """The x that the crosshair is at; None without one."""
        point = self._pointer.at
        return None if point is None else point[0]

    def point_at(self, x: float | None) -> None:
        """Put the crosshair at the value nearest to an x, or take it away."""
        self._moved(changed=self._pointer.to(x))

    @property
    def log_x(self) -> bool:
        """Whether the x axis is to be logarithmic."""
        return self._window.log_x

    @log_x.setter
    def log_x(self, log: bool) -> None:
        self._window.log_x = log
        self._redraw()

    @property
    def log_y(self) -> bool:
        """Whether the y axis is to be logarithmic."""
        return self._window.log_y

    @log_y.setter
    def log_y(self, log: bool) -> None:
        self._window.log_y = log
        self._redraw()

    # Keys and the mouse.

    def action_point(self, points: int) -> None:
        """Point at another value of the first series."""
        self._moved(changed=self._pointer.move(points))

    def action_point_first(self) -> None:
        """Point at the first value."""
        self._moved(changed=self._pointer.to_first())

    def action_point_last(self) -> None:
        """Point at the last value."""
        self._moved(changed=self._pointer.to_last())

    def action_unpoint(self) -> None:
        """Point at nothing."""
        self.point_at(None)

    def action_choose(self) -> None:
        """Say that the point was chosen."""
        if self.pointed is not None:
            self.post_message(self.Chosen(self, self.pointed))

    def action_zoom_in(self) -> None:
        """Show half as much of the x axis."""
        self._redraw(self._window.zoom(self._series, 0.5, self.pointed))

    def action_zoom_out(self) -> None:
        """Show twice as much of the x axis."""
        self._redraw(self._window.zoom(self._series, 2, self.pointed))

    def action_pan_left(self) -> None:
        """Show what is left of this part."""
        self._redraw(self._window.pan(self._series, -0.25))

    def action_pan_right(self) -> None:
        """Show what is right of this part."""
        self._redraw(self._window.pan(self._series, 0.25))

    def action_reset(self) -> None:
        """Show everything."""
        self._redraw(self._window.reset())

    def action_log_x(self) -> None:
        """Change between a linear and a logarithmic x axis."""
        self.log_x = not self.log_x

    def action_log_y(self) -> None:
        """Change between a linear and a logarithmic y axis."""
        self.log_y = not self.log_y

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave escape and enter to others while nothing is pointed at."""
        return self.pointed is not None if action in ("unpoint", "choose") else True

    def on_click(self, event: events.Click) -> None:
        """Point at the nearest value; choose it at the second click."""
        place = event.get_content_offset(self)
        x = self._picture.x_at(place.x) if place is not None else None
        if x is not None:
            self.point_at(x)
            if event.chain == 2:
                self.action_choose()

    def _moved(self, *, changed: bool) -> None:
        if changed:
            if self.pointed is not None:
                self._window.reveal(self._series, self.pointed)
            self.post_message(self.Pointed(self, self.pointed))
            self._redraw()

    # Painting.

    def _redraw(self, changed: bool = True) -> None:  # noqa: FBT001, FBT002 - what others return
        if changed:
            self._drawn_for = None
            self.refresh()

    def notify_style_update(self) -> None:
        """Forget the colours of another theme."""
        super().notify_style_update()
        self._styles.clear()
        self._drawn_for = None

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen."""
        if self._drawn_for != self.size:
            self._strips = self._draw(self.size)
            self._drawn_for = self.size
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)

    def _draw(self, size: Size) -> list[Strip]:
        view = self._window.view(self._series)
        self._drawn_label = self._said_of_point()
        if view is None:
            return [
                empty_strip(self._empty, y, size.width, size.height, self._style_of_empty)
                for y in range(size.height)
            ]
        content = Content(
            self._series,
            self._title,
            (BETTER[self._better],) if self._better else (),
            self._pointer.at,
            self._drawn_label,
        )
        lines = self._picture.lines(content, view, size.width, size.height)
        base = self._style("")
        return [
            Strip([Segment(text, self._style(name)) for text, name in line]).adjust_cell_length(
                size.width, base
            )
            for line in lines
        ]

    def _said_of_point(self) -> str:
        point = self._pointer.at
        if point is None:
            return ""
        return self._label(point[0]) if self._label else f"{number(point[0])}: {metric(point[1])}"

    def _style_of_empty(self, name: str) -> Style:
        return self._style("label" if name else "")

    def _style(self, name: str) -> Style:
        """Return the style of a component; of the widget itself for ""."""
        if name not in self._styles:
            found = self.get_component_rich_style(f"plot--{name}") if name else self.rich_style
            self._styles[name] = found
        return self._styles[name]
