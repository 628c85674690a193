from __future__ import annotations

import threading
import time

import pytest

from trialdeck.core.errors import HistoryError
from trialdeck.core.launches import FORGET_SECONDS, Launch, Launches

OLD = time.time() - FORGET_SECONDS - 60.0


@pytest.fixture
def launches(tmp_path) -> Launches:
    return Launches(tmp_path / "launches")


def launch(name: str, **more) -> Launch:
    return Launch(**{"name": name, "backend": "b", "cores": 2, "at": time.time(), **more})


def test_a_launch_that_changes_is_read_again(launches):
    one = launch("one")
    launches.write(one)
    assert launches.recent() == [one]
    launches.change("one", job="12")
    (named,) = launches.recent()
    assert named == launches.read("one") == launch("one", at=one.at, job="12")
    launches.forget(named)
    assert launches.recent() == []
    launches.change("one", over=True)
    assert launches.read("one") is None


def test_a_launch_of_several_jobs_matters_until_it_is_over(launches):
    launches.write(launch("single", at=OLD))
    launches.write(launch("many", at=OLD - 1, many=True))
    assert [one.name for one in launches.recent()] == ["many"]
    launches.change("many", over=True)
    assert launches.recent() == []
    assert launches.is_over("many")
    assert not launches.is_over("single")


def test_the_newest_is_known_also_when_it_is_over_and_why(launches):
    assert launches.newest() is None
    launches.write(launch("first", at=1.0, over=True))
    launches.write(launch("second", at=2.0, over=True))
    assert launches.recent() == []
    launches.change("second", why="the jobs are too short")
    assert launches.recent() == []
    assert launches.newest().why == "the jobs are too short"


def test_what_nobody_can_read_is_passed_over(launches):
    launches.write(launch("one"))
    launches.path("two").write_bytes(b"{")
    launches.path("three").write_bytes(b"[]")
    assert [one.name for one in launches.recent()] == ["one"]
    assert launches.read("two") is launches.read("three") is launches.read("four") is None


def test_what_an_older_version_wrote_is_a_launch_of_one_job(launches):
    launches.folder.mkdir()
    old = b'{"name":"one","backend":"local","cores":2,"at":%f,"job":"one","over":false}'
    launches.path("one").write_bytes(old % time.time())
    (one,) = launches.recent()
    assert not one.many


def test_threads_that_write_at_once_leave_a_whole_file(launches):
    failed = []

    def write(number):
        try:
            for cores in range(1, 50):
                launches.write(launch("one", cores=cores, job=str(number)))
                assert launches.read("one") is not None
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert launches.read("one").cores == 49
    assert list(launches.folder.iterdir()) == [launches.path("one")]


def test_a_folder_that_cannot_be_written_is_told(launches):
    launches.folder.write_text("a file")
    with pytest.raises(HistoryError, match="the launch cannot be noted"):
        launches.write(launch("one"))
