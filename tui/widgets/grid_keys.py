"""The keys of a grid."""

from textual.binding import Binding


def _key(keys: str, action: str, name: str, tooltip: str) -> Binding:
    return Binding(keys, action, tooltip, show=False, id=f"grid.{name}", tooltip=f"{tooltip}.")


GRID_KEYS = [
    _key("down,j", "move(1)", "down", "Next row"),
    _key("up,k", "move(-1)", "up", "Previous row"),
    _key("home,g", "first", "first", "First row"),
    _key("end,G", "last", "last", "Last row"),
    _key("pagedown", "page(1.0)", "page_down", "One page down"),
    _key("pageup", "page(-1.0)", "page_up", "One page up"),
    _key("ctrl+d", "page(0.5)", "half_down", "Half a page down"),
    _key("ctrl+u", "page(-0.5)", "half_up", "Half a page up"),
    _key("left,h", "columns(-1)", "left", "Columns to the left"),
    _key("right,l", "columns(1)", "right", "Columns to the right"),
    _key("enter", "choose", "choose", "Open the row"),
]
