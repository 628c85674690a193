"""The keys of a log's text."""

from textual.binding import Binding


def _key(keys: str, action: str, name: str, tooltip: str, text: str = "") -> Binding:
    return Binding(
        keys,
        action,
        text or tooltip.rstrip("."),
        show=bool(text),
        id=f"log.{name}",
        tooltip=tooltip,
    )


LOG_KEYS = [
    _key("F", "follow", "follow", "Stay at the end while the log grows, or stay here.", "Follow"),
    _key("w", "wrap", "wrap", "Wrap long lines, or move them sideways.", "Wrap"),
    _key("n", "match(1)", "next", "While something is searched: the next match below.", "Next"),
    _key("N", "match(-1)", "previous", "While something is searched: the match above."),
    _key("escape", "end_search", "end_search", "Search no more: n launches cores again."),
    _key("down,j", "move(1)", "down", "One line down."),
    _key("up,k", "move(-1)", "up", "One line up, and follow no more."),
    _key("home,g", "first", "first", "To the first line that is loaded; once more loads older."),
    _key("end,G", "last", "last", "To the last line, and follow."),
    _key("pagedown,space", "page(1.0)", "page_down", "One page down."),
    _key("pageup", "page(-1.0)", "page_up", "One page up."),
    _key("ctrl+d", "page(0.5)", "half_down", "Half a page down."),
    _key("ctrl+u", "page(-0.5)", "half_up", "Half a page up."),
    _key("left,h", "sideways(-8)", "left", "To the left, where lines are not wrapped."),
    _key("right,l", "sideways(8)", "right", "To the right, where lines are not wrapped."),
]
