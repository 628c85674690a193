from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.conditions import until
from trialdeck.core.errors import SearchError
from trialdeck.core.params.starter import demo
from trialdeck.tui.deck import Deck
from trialdeck.tui.feed import Job, LiveFeed, Watcher, done
from trialdeck.tui.messages import JobDone, JobFailed, Looked
from trialdeck.tui.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.message import Message


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(Deck(tmp_path / "params.toml"))


@pytest.fixture
def messages(session: Session) -> Iterator[tuple[LiveFeed, list[Message]]]:
    feed, found = LiveFeed(session), []
    feed.start(found.append)
    yield feed, found
    feed.stop()


def test_the_first_look_at_a_search_says_that_it_is_being_read(session: Session) -> None:
    session.file.write_text(demo())
    session.publish()
    watcher = Watcher(session)
    first, second = watcher.look(), watcher.look()
    assert first is not None
    assert first.reading
    assert first.name == "demo"
    assert second is not None
    assert second.status is not None
    assert second.params is not None
    assert second.revision == 1


def test_what_is_not_new_is_not_told(session: Session) -> None:
    session.file.write_text(demo())
    session.publish()
    watcher = Watcher(session)
    watcher.look()
    watcher.look()
    assert watcher.look() is None
    session.search.pause("for a test")
    after = watcher.look()
    assert after is not None
    assert after.status is not None
    assert after.status.state == "paused"


def test_an_empty_folder_is_new_until_there_is_a_file(session: Session) -> None:
    watcher = Watcher(session)
    empty = watcher.look()
    assert empty is not None
    assert empty.is_new
    session.file.write_text(demo())
    draft = watcher.look()
    assert draft is not None
    assert draft.has_draft
    assert not draft.is_new
    assert draft.look is None


def test_a_history_that_cannot_be_read_is_told_and_comes_back(session: Session) -> None:
    session.file.write_text(demo())
    paths = session.publish().paths
    watcher = Watcher(session)
    watcher.look()
    watcher.look()
    revision = paths.params / "0001.toml"
    hidden = paths.root / "hidden.toml"
    revision.rename(hidden)
    broken = watcher.look()
    assert broken is not None
    assert "has not been started" in broken.trouble
    hidden.rename(revision)
    mended = watcher.look()
    assert mended is not None
    assert mended.trouble == ""
    assert mended.status is not None


def test_a_job_gives_its_result_or_says_why_not(session: Session) -> None:
    def fails(_session: Session) -> None:
        raise SearchError("not now")

    def breaks(_session: Session) -> None:
        raise ZeroDivisionError

    taken: list[Any] = []
    good = done(Job(lambda s: s.file.name, taken.append), session)
    assert isinstance(good, JobDone)
    assert good.result == "params.toml"
    bad = done(Job(fails), session)
    assert isinstance(bad, JobFailed)
    assert (bad.text, bad.trace) == ("not now", "")
    ours = done(Job(breaks), session)
    assert isinstance(ours, JobFailed)
    assert "ZeroDivisionError" in ours.trace


def test_the_threads_look_and_work_and_end(
    session: Session, messages: tuple[LiveFeed, list[Message]]
) -> None:
    feed, found = messages
    until(lambda: any(isinstance(m, Looked) for m in found))
    feed.do(Job(lambda s: s.has_draft))
    until(lambda: any(isinstance(m, JobDone) for m in found))
    session.file.write_text(demo())
    feed.look_now()
    until(lambda: any(isinstance(m, Looked) and m.seen.has_draft for m in found))
    feed.stop()
    until(lambda: not {"watch", "work"} & {t.name for t in threading.enumerate()})


def test_a_job_apart_keeps_no_other_waiting(messages: tuple[LiveFeed, list[Message]]) -> None:
    feed, found = messages
    may_end = threading.Event()
    feed.do(Job(lambda _: may_end.wait(30), apart=True))
    feed.do(Job(lambda _: "quick"))
    until(lambda: any(isinstance(m, JobDone) and m.result == "quick" for m in found))
    may_end.set()
    until(lambda: any(isinstance(m, JobDone) and m.result is True for m in found))
