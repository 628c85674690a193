"""The keys of the view "Trials"; those of one trial are also keys of its page."""

from textual.binding import Binding


def _key(keys: str, action: str, text: str, tooltip: str, *, show: bool = False) -> Binding:
    return Binding(keys, action, text, show=show, id=f"trials.{action}", tooltip=tooltip)


TRIAL_KEYS = [
    _key("r", "retry", "Retry", "Run the point of this trial again, as a new trial.", show=True),
    _key(
        "E",
        "enqueue",
        "Enqueue",
        "Edit a copy of this trial's point, or a new one, and enqueue it: it is tried first.",
    ),
    _key("y", "copy", "Copy", "Copy the point as a [fixed] table."),
    _key("w", "write", "Write", "Write the point into trial-N.toml, to start another search from."),
    _key("L", "log", "Log", "Show what the trial printed.", show=True),
]
TRIALS_KEYS = [
    _key(
        "slash,ctrl+f",
        "filter",
        "Filter",
        "Choose trials by an expression such as loss < 0.1 and layers == 3.",
        show=True,
    ),
    _key("f", "state", "State", "Show the trials of the next state only, at last all.", show=True),
    _key("escape", "show_all", "Show all", "Show all trials again."),
    _key("o", "sort", "Sort", "Choose what to sort by; the same once more turns it.", show=True),
    _key("O", "turn", "Turn", "Turn the order around."),
    _key("c", "columns", "Columns", "Choose the columns and their order.", show=True),
    *TRIAL_KEYS,
]
