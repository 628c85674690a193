"""The user's own editor, with the terminal to itself."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.tui.app import TrialdeckApp

EDITORS = ("sensible-editor", "nano", "vim", "vi")


def editor() -> list[str]:
    """Return the command of the user's editor, [] when there is none."""
    for variable in ("VISUAL", "EDITOR"):
        if words := shlex.split(os.environ.get(variable, "")):
            return words
    return [name for name in EDITORS if shutil.which(name)][:1]


def edit(app: TrialdeckApp, file: Path) -> bool:
    """Open a file in the editor and wait for its end; return whether it could be opened."""
    command = editor()
    if not command:
        app.say("There is no editor: set $VISUAL or $EDITOR.", "warning")
        return False
    try:
        with app.suspend():
            subprocess.run([*command, str(file)], check=False)
    except OSError as error:
        app.say(f"{command[0]} cannot be started: {error.strerror}", "warning")
        return False
    except SuspendNotSupported:
        app.say("This terminal cannot be given to an editor.", "warning")
        return False
    app.feed.look_now()
    return True
