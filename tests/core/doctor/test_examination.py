"""What the doctor says of histories that were hurt, and what it saves."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.core.doctor.conftest import findings, finished_search, record, seen
from tests.core.history.making import finished, started
from trialdeck.core.doctor import examination
from trialdeck.core.doctor.mending import mend
from trialdeck.core.errors import FormatTooNew
from trialdeck.core.history import claims
from trialdeck.core.history.journal import Journal
from trialdeck.core.history.reader import History

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths


def hurt(paths: HistoryPaths, change, writer: str = "writer0") -> Path:
    """Change the lines of a journal."""
    path = paths.journal / f"{writer}.jsonl"
    path.write_bytes(b"\n".join(change(path.read_bytes().split(b"\n"))))
    return path


def at(number: int, change):
    """Return what changes one line."""

    def changed(lines):
        lines[number] = change(lines[number])
        return lines

    return changed


def grow_old(path: Path) -> None:
    """Let nobody have touched a file for two days."""
    old = time.time() - 2 * examination.LEFT_OVER_SECONDS
    os.utime(path, (old, old))


def run_together(lines):
    return [*lines[:5], lines[5] + lines[6], *lines[7:]]


def test_a_healthy_history_is_healthy(paths: HistoryPaths) -> None:
    report = examination.report(examination.look(paths))
    assert report.healthy
    assert not report.mendable
    assert (report.trials, report.writers) == (12, 3)
    sizes = {size.kind: size.files for size in report.sizes}
    assert sizes == {"journal": 3, "reports": 3, "claims": 24, "writers": 3, "params": 1}
    assert mend(examination.look(paths)) == []


@pytest.mark.parametrize(
    ("change", "saved"),
    [
        (at(3, lambda line: b"\0" * 512 + line), 1),
        (at(3, lambda line: b'{"e":"finished","tid' + line), 1),
        (at(3, lambda line: line[: len(line) // 2] + line), 1),
        (run_together, 2),
        (at(3, lambda line: line + b"\xff garbage"), 1),
    ],
    ids=["a NUL page", "half an object", "half a row", "two in one", "garbage behind"],
)
def test_what_can_be_read_is_saved(paths: HistoryPaths, change, saved: int) -> None:
    before = seen(paths)
    path = hurt(paths, change)
    content = path.read_bytes()
    assert next(finding.mends for finding in findings(paths))
    assert seen(paths) != before
    done = mend(examination.look(paths))
    assert f"saved {saved} record" in done[0]
    assert seen(paths) == before
    assert findings(paths) == []
    assert not History(paths).refresh().damaged
    assert path.read_bytes() == content
    assert mend(examination.look(paths)) == []


def test_the_names_of_values_are_never_lost_in_one_place(tmp_path: Path) -> None:
    paths = finished_search(tmp_path, trials=3, writers=1)
    before = seen(paths)
    hurt(paths, at(1, lambda line: line[:20] + b"\0" * len(line[20:])))
    assert seen(paths) == before
    assert [finding.lost for finding in findings(paths) if finding.mends] == ["nothing"]


def test_it_says_what_is_lost(paths: HistoryPaths) -> None:
    hurt(paths, at(3, lambda line: line.replace(b"ok", b"OK")))
    hurt(paths, at(2, lambda line: line.replace(b"]", b" ]")), "writer1")
    said = [finding.lost for finding in findings(paths)]
    assert said[:2] == [
        "the result of trial 0: it runs again",
        "the start of trial 4, with its point",
    ]
    assert "with it, the point" in said
    assert any(said_of.startswith("the result") for said_of in said[2:])
    mend(examination.look(paths))
    assert not any(finding.mends for finding in findings(paths))  # the loss stays said


def test_a_journal_cut_anywhere_is_no_riddle(tmp_path: Path) -> None:
    paths = finished_search(tmp_path, trials=3, writers=1)
    path = paths.journal / "writer0.jsonl"
    whole, before = path.read_bytes(), seen(paths)
    grow_old(paths.writers / "writer0.json")
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        now = seen(paths)
        report = examination.report(examination.look(paths))
        lost = sum(len(events) for events in before.values()) - sum(map(len, now.values()))
        assert report.healthy == (not lost and whole[length - 1 : length] == b"\n")
        said = {finding.lost for finding in report.findings} - {"", "nothing"}
        assert said if lost else said <= {"what it said is not known"}
    path.write_bytes(whole[:-5])
    mend(examination.look(paths))
    assert seen(paths) == before


def test_claims_are_made_again(paths: HistoryPaths) -> None:
    paths.claim(3, 0).unlink()
    paths.claim(5, 1).unlink()
    (finding,) = findings(paths)
    assert (finding.level, finding.mends) == ("warning", True)
    assert mend(examination.look(paths)) == ["made 2 claims again"]
    assert claims.holder(paths, 3, 0) == "writer0"
    assert claims.holder(paths, 5, 1) == "writer1"
    assert findings(paths) == []


def test_a_journal_that_vanished_is_missed(paths: HistoryPaths) -> None:
    (paths.journal / "writer1.jsonl").unlink()
    (paths.writers / "writer1.json").unlink()
    (finding,) = findings(paths)
    assert "the journal of writer1, who claimed 8 trials, is not there" in finding.text


def test_a_result_that_was_about_to_be_written_is_missed(paths: HistoryPaths) -> None:
    hurt(paths, lambda lines: [*lines[:-3], b""])  # neither the last result nor the end
    grow_old(paths.writers / "writer0.json")
    said = [finding for finding in findings(paths) if "trial 3" in finding.text]
    assert said
    assert said[0].lost == "the result: it runs again"


def test_other_things_that_lie_about(paths: HistoryPaths) -> None:
    (paths.journal / "notes.txt").touch()
    (paths.claim(1, 0).parent / "notes").touch()
    (paths.writers / "writer1.json").write_text("{")
    (paths.params / "0001.toml").write_text("[script")
    (paths.reports / "writer0.jsonl").write_bytes(b"nonsense\n")
    left = paths.journal / ".x.jsonl.1.tmp"
    left.touch()
    grow_old(left)
    said = "\n".join(finding.text for finding in findings(paths))
    for part in ("notes.txt is no journal", "claims/0/notes", "writers/writer1 cannot be read"):
        assert part in said
    for part in ("0001.toml", "1 point of a learning curve is damaged", "left over by somebody"):
        assert part in said
    assert "removed 1 temporary file" in mend(examination.look(paths))
    assert not left.exists()


def test_what_finished_trials_have_left_is_removed(paths: HistoryPaths) -> None:
    for folder in (paths.checkpoint(3, 0), *(paths.model(tid, 0) for tid in (0, 1, 2, 3, 99))):
        folder.mkdir(parents=True)
        (folder / "net").touch()
    (finding,) = findings(paths)
    assert finding.mends
    assert finding.text.endswith("have their result: checkpoints/3, models/3")
    assert mend(examination.look(paths)) == ["removed 2 folders of trials that have their result"]
    assert findings(paths) == []
    assert sorted(int(path.name) for path in paths.models.iterdir()) == [0, 1, 2, 99]


def test_what_a_pool_may_be_about_to_remove_is_no_fault(paths: HistoryPaths) -> None:
    journal = Journal.create(paths, "now", "pool")
    about = {"writer": "now", "at": time.time()}
    journal.append(started(12, **about), finished(12, loss=0.5, **about))
    journal.close()
    paths.checkpoint(12, 0).mkdir(parents=True)
    assert not [finding for finding in findings(paths) if "left over" in finding.text]


def test_networks_stay_when_nobody_can_say_how_many_are_wanted(paths: HistoryPaths) -> None:
    for tid in range(5):
        paths.model(tid, 0).mkdir(parents=True)
        (paths.model(tid, 0) / "net").touch()
    (paths.params / "0001.toml").write_text("[script")
    assert not [finding for finding in findings(paths) if "left over" in finding.text]


def test_a_newer_format_is_left_alone(paths: HistoryPaths) -> None:
    hurt(paths, at(0, lambda line: line))
    path = paths.journal / "writer0.jsonl"
    from trialdeck.core.history.codec import encode
    from trialdeck.core.history.events import Opened

    path.write_bytes(encode(Opened(writer="writer0", v=99, kind="pool")))
    with pytest.raises(FormatTooNew, match="newer Trialdeck"):
        examination.look(paths)


def test_who_may_still_write_is_not_called_damaged(paths: HistoryPaths) -> None:
    record(paths, "living", range(12, 14), close=False)
    path = paths.journal / "living.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    assert not [finding for finding in findings(paths) if "living" in finding.text]
