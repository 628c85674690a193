"""What a pool reads of all writers' reports, in real files."""

from __future__ import annotations

from threading import Lock

import pytest

from tests.conditions import until
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reports import ReportWriter
from trialdeck.core.pool import rung_reader
from trialdeck.core.pool.rung_reader import RungReader
from trialdeck.core.pruning import Rule, Rungs
from trialdeck.core.stages import confirming, promoted

RULE = Rule(algorithm="asha", metrics=(("loss", False),))


class Read:
    """A reader, and what its rungs say of a trial with loss 0.5."""

    def __init__(self, root) -> None:
        self.paths = HistoryPaths(root)
        self.paths.reports.mkdir(parents=True, exist_ok=True)
        self.rungs = Rungs(RULE)
        self.news = 0
        self.reader = RungReader(self.paths, self.rungs, Lock(), self._told)

    def _told(self) -> None:
        self.news += 1

    @property
    def others(self) -> int:
        """How many trials are known to have been at the first rung."""
        why = self.rungs.why_prune(10**6, 1, {"loss": 1e9})
        return int(why.split(" of ")[1].split()[0]) - 1 if why else 0

    def close(self) -> None:
        self.reader.close()


@pytest.fixture
def read(tmp_path):
    made = []

    def begin():
        made.append(Read(tmp_path / "history"))
        until(lambda: made[-1].reader.complete)
        return made[-1]

    yield begin
    for one in made:
        one.close()


def write(writer, *tids):
    for tid in tids:
        writer.add(tid, 0, 1, {"loss": 0.1})
    assert writer.flush()


def test_what_is_there_and_what_comes(read, tmp_path):
    paths = HistoryPaths(tmp_path / "history")
    paths.reports.mkdir(parents=True)
    one, other = ReportWriter(paths, "one"), ReportWriter(paths, "other")
    write(one, 0, 1)
    found = read()
    assert (found.others, found.news) == (2, 1)
    write(one, promoted(0), confirming(1, 2))  # on all of the sample: no measure for the others
    write(one, 2)
    write(other, 3)
    found.reader.look(())
    until(lambda: found.others == 4)
    assert found.news == 1


def test_what_comes_late_of_an_ended_writer_is_read(read):
    """At a site a file comes in pieces, the word that its writer has ended before them."""
    found = read()
    writer = ReportWriter(found.paths, "ended")
    write(writer, 0, 1)
    found.reader.look({"ended"})
    until(lambda: found.others == 2)
    write(writer, 2)
    found.reader.look({"ended"})
    until(lambda: found.others == 3)


def test_torn_lines_count_once_they_are_whole(read):
    found = read()
    writer = ReportWriter(found.paths, "one")
    write(writer, 0)
    path = found.paths.reports / "one.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    found.reader.look(())
    until(lambda: bool(found.reader._tails))
    assert found.others == 0
    path.write_bytes(whole)
    found.reader.look(())
    until(lambda: found.others == 1)


def test_of_a_long_file_only_the_end_is_read(read, tmp_path, monkeypatch):
    monkeypatch.setattr(rung_reader, "FIRST_BYTES", 1000)
    paths = HistoryPaths(tmp_path / "history")
    paths.reports.mkdir(parents=True)
    write(ReportWriter(paths, "one"), *range(100))
    assert 5 < read().others < 20


def test_no_folder_is_nothing_to_read(read, tmp_path):
    found = read()
    found.paths.reports.rmdir()
    found.reader.look(())
    assert (found.others, found.reader.trouble) == (0, "")


def test_what_nobody_expects_is_told(read, monkeypatch):
    found = read()
    monkeypatch.setattr(rung_reader, "report_files", None)
    found.reader.look(())
    until(lambda: "TypeError" in found.reader.trouble)
    assert found.news == 2
