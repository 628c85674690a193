from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.history.making import finished, started
from tests.tui.command_line import WRITER, a_search
from trialdeck.core.errors import SearchError
from trialdeck.core.history.reports import Curve, ReportWriter

if TYPE_CHECKING:
    from pathlib import Path


def test_the_curve_of_a_trial(tmp_path: Path) -> None:
    events = [started(3, writer=WRITER), finished(3, writer=WRITER, loss=1.0)]
    search = a_search(tmp_path, *events)
    assert search.curve(3) == Curve()
    writer = ReportWriter(search.paths, WRITER)
    writer.add(3, 0, 0, {"loss": 2.0})
    writer.add(4, 0, 0, {"loss": 3.0})
    assert writer.close()
    assert search.curve(3) == search.curve(3, 0) == Curve((0,), {"loss": (2.0,)})
    assert search.curve(3, 1) == Curve()
    with pytest.raises(SearchError, match="no trial 4"):
        search.curve(4)
