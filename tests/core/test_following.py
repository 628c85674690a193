import os
import time

import msgspec
import pytest

from tests.tui.command_line import a_search
from trialdeck.core.following import Following, pools_here
from trialdeck.core.history import commands
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.writers import WriterFile, WriterFiles
from trialdeck.core.launching import Launch


@pytest.fixture
def search(tmp_path):
    return a_search(tmp_path)


def a_pool(search, writer: str, **more) -> None:
    more.setdefault("identity", Identity.of(os.getpid()))
    WriterFiles(search.paths).write(WriterFile(id=writer, cores_wanted=1, **more))


def told(search, writer: str) -> str:
    return commands.read(search.paths, writer).stop


def test_only_pools_of_this_machine_are_here(search):
    a_pool(search, "near")
    a_pool(search, "far", identity=Identity("far", "x", 1, 1, 1))
    assert [pool.id for pool in pools_here(search)] == ["near"]


def test_only_the_followed_pools_are_told_to_stop(search):
    for writer in ("mine", "other"):
        a_pool(search, writer)
    search.snapshot()
    following = Following(search, writers=["mine"])
    assert not following.over()
    following.stop()
    assert (told(search, "mine"), told(search, "other")) == ("after trial", "")
    following.stop(now=True)
    assert (told(search, "mine"), told(search, "other")) == ("now", "")


def test_a_launch_that_becomes_a_pool_later_is_told_then(search):
    launch = Launch(name="l", backend="local", cores=1, at=time.time())
    following = Following(search, launch)
    search.snapshot()
    following.stop()
    a_pool(search, "late", name="l")
    search.snapshot()
    following.pass_on()
    assert told(search, "late") == "after trial"


def test_nothing_to_follow_is_over(search):
    search.snapshot()
    assert Following(search).over()
    assert Following(search, writers=["gone"]).over()
    assert not Following(search).broke


def test_a_pool_that_ended_without_its_last_line_broke(search):
    # The pid of this process, but another start: it has ended, and its number was used again.
    a_pool(search, "dead", identity=msgspec.structs.replace(Identity.current(), started=1))
    search.snapshot()
    following = Following(search, writers=["dead"])
    assert following.over()
    assert following.broke
