from __future__ import annotations

import re
from pathlib import Path

from tests.tui.app.scenes import Scene, an_app
from trialdeck.tui import crash


def test_a_crash_names_its_file_and_no_values() -> None:
    secret = "the password"
    try:
        raise ValueError(len(secret))  # noqa: TRY301 - it is what is tested
    except ValueError:
        text = crash.explain().plain
    assert "Trialdeck's window broke: ValueError: 12" in text
    found = re.search(r"written in (\S+)", text)
    assert found
    file = Path(found[1])
    kept = file.read_text()
    assert "test_crash.py" in kept
    assert secret not in text + kept
    assert file.stat().st_mode & 0o077 == 0
    file.unlink()


def test_the_application_ends_with_it() -> None:
    app = an_app(Scene().seen())
    try:
        raise ZeroDivisionError  # noqa: TRY301 - it is what is tested
    except ZeroDivisionError:
        app._fatal_error()
    (said,) = app._exit_renderables
    assert "ZeroDivisionError" in str(said)
    for file in re.findall(r"/\S+crash\S+\.txt", str(said)):
        Path(file).unlink()
