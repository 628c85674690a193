"""What a crash leaves: where it happened and why, never the values of variables."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from contextlib import suppress

from rich.text import Text


def explain() -> Text:
    """Return what to print for the exception that is being handled."""
    kind, error, trace = sys.exc_info()
    lines = "".join(traceback.format_exception(kind, error, trace))
    last = traceback.format_exception_only(kind, error)[-1].strip() if error else "it is not known"
    text = (
        f"Trialdeck's window broke: {last}\n"
        f"The search is not harmed; `trialdeck` opens the window again, "
        f"`trialdeck status` works without it.\n"
    )
    where = keep(lines)
    return Text(text + (f"Where it happened is written in {where}\n" if where else lines))


def keep(trace: str) -> str:
    """Write a traceback to a private file and return its path; "" when that cannot be done."""
    with suppress(OSError):
        descriptor, path = tempfile.mkstemp(prefix="trialdeck-crash-", suffix=".txt")
        with os.fdopen(descriptor, "w") as file:
            file.write(trace)
        return path
    return ""
