"""The keys of a plot."""

from textual.binding import Binding


def _key(keys: str, action: str, name: str, tooltip: str) -> Binding:
    return Binding(keys, action, tooltip, show=False, id=f"plot.{name}", tooltip=f"{tooltip}.")


PLOT_KEYS = [
    _key("right,l", "point(1)", "next", "Point at the next value"),
    _key("left,h", "point(-1)", "previous", "Point at the value before"),
    _key("ctrl+right", "point(10)", "next_10", "Point ten values further"),
    _key("ctrl+left", "point(-10)", "previous_10", "Point ten values back"),
    _key("home", "point_first", "first", "Point at the first value"),
    _key("end", "point_last", "last", "Point at the last value"),
    _key("escape", "unpoint", "unpoint", "Point at nothing"),
    _key("enter", "choose", "choose", "Open what is pointed at"),
    _key("z", "zoom_in", "zoom_in", "Zoom in"),
    _key("Z", "zoom_out", "zoom_out", "Zoom out"),
    _key("H", "pan_left", "pan_left", "Move to the left"),
    _key("L", "pan_right", "pan_right", "Move to the right"),
    _key("0", "reset", "reset", "Show everything"),
    _key("x", "log_x", "log_x", "Logarithmic or linear x axis"),
    _key("v", "log_y", "log_y", "Logarithmic or linear y axis"),
]
