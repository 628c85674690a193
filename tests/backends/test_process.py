"""Who a process is, and ending it with all it started."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from trialdeck.backends import process
from trialdeck.backends.process import (
    ProcessId,
    alive,
    children,
    descendants,
    identify,
    kill_descendants,
    send,
    signal_descendants,
    this_process,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A child and a grandchild, each printing its pid; the grandchild is out of the session.
FAMILY = "echo $$; setsid sh -c 'trap \"\" TERM; echo $$; while :; do sleep 9; done' & wait"


@pytest.fixture
def echo() -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process that answers as long as it lives."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        yield started
        started.kill()


def answers(echo: subprocess.Popen[bytes]) -> bool:
    """Whether the process lives: a signal sent before would have come before the answer."""
    assert echo.stdin is not None
    assert echo.stdout is not None
    echo.stdin.write(b"\n")
    echo.stdin.flush()
    return echo.stdout.readline() == b"\n"


def who(pid: int) -> ProcessId:
    found = identify(pid)
    assert found is not None
    return found


def test_this_process_lives() -> None:
    assert this_process().pid == os.getpid()
    assert alive(this_process()) is True
    assert identify(os.getpid()) == this_process()


def test_nobody_has_a_pid_that_was_reaped() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert identify(ended.pid) is None


def test_a_zombie_is_dead() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as started:
        was = who(started.pid)
        assert alive(was) is True
        started.kill()
        os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
        assert alive(was) is False
        assert identify(started.pid) is None
        assert started.pid not in {child.pid for child in children(os.getpid())}


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"start": 1}, False),
        ({"boot": "before"}, False),
        ({"boot": "before", "namespace": "pid:[1]"}, False),
        ({"namespace": "pid:[1]"}, None),
        ({"host": "elsewhere", "boot": "theirs"}, None),
    ],
)
def test_the_same_pid_elsewhere(change: dict[str, object], answer: bool | None) -> None:
    other = dataclasses.replace(this_process(), **change)  # type: ignore[arg-type] # its fields
    assert other != this_process()
    assert alive(other) is answer


def test_a_name_with_brackets_and_spaces(tmp_path: Path) -> None:
    program = tmp_path / ") S 1 (x"
    shutil.copy(shutil.which("cat") or "", program)
    with subprocess.Popen([program], stdin=subprocess.PIPE) as started:
        until(lambda: program.name in _comm(started.pid), message="the program to start")
        assert who(started.pid) in children(os.getpid())
        started.kill()


def _comm(pid: int) -> str:
    return (process.PROC / str(pid) / "comm").read_text()


@pytest.mark.parametrize("kernel", ["new", "old"])
def test_a_signal_goes_to_this_process_only(
    echo: subprocess.Popen[bytes], kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kernel == "old":
        monkeypatch.delattr(os, "pidfd_open")
    real = who(echo.pid)
    assert not send(dataclasses.replace(real, start=real.start + 1), signal.SIGTERM)
    assert not send(dataclasses.replace(real, boot="before"), signal.SIGTERM)
    assert not send(dataclasses.replace(real, namespace="pid:[1]"), signal.SIGTERM)
    assert answers(echo)
    assert send(real, signal.SIGTERM)
    assert echo.wait() == -signal.SIGTERM
    assert not send(real, signal.SIGTERM)


@contextmanager
def family() -> Iterator[tuple[subprocess.Popen[bytes], ProcessId, ProcessId]]:
    """Start a child and a grandchild, which end with the block."""
    with subprocess.Popen(["sh", "-c", FAMILY], stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        child, grandchild = (who(int(started.stdout.readline())) for _ in range(2))
        yield started, child, grandchild
        kill_descendants(child.pid)
        kill_descendants(grandchild.pid)
        send(grandchild, signal.SIGKILL)
        started.kill()


def test_descendants_of_any_session() -> None:
    with family() as (_, child, grandchild):
        assert child in children(os.getpid())
        assert grandchild in children(child.pid)
        assert grandchild not in children(os.getpid())
        below = descendants(os.getpid())
        assert below.index(child) < below.index(grandchild)


def test_sparing_a_process_spares_what_is_below_it() -> None:
    with family() as (_, child, grandchild):
        below = descendants(os.getpid(), spare={child.pid})
        assert child not in below
        assert grandchild not in below
        assert kill_descendants(child.pid, spare={grandchild.pid})
        assert alive(grandchild)


def test_killing_what_left_the_session_and_ignores_signals() -> None:
    with family() as (_, child, grandchild):
        assert signal_descendants(child.pid, signal.SIGTERM) >= 1
        assert alive(grandchild)
        assert kill_descendants(child.pid)
        assert not alive(grandchild)


def test_an_orphan_is_below_nobody() -> None:
    with family() as (started, child, grandchild):
        started.terminate()
        assert started.wait() == -signal.SIGTERM
        assert not alive(child)
        assert alive(grandchild)
        assert grandchild not in descendants(os.getpid())


def test_a_subreaper_loses_nobody_and_keeps_no_zombie() -> None:
    code = (
        "import os, subprocess, sys; from trialdeck.backends import process\n"
        "process.become_subreaper()\n"
        "orphan = 'setsid sleep 99 >/dev/null & echo $!'\n"
        "pid = int(subprocess.run(['sh', '-c', orphan], stdout=-1).stdout)\n"
        "print([child.pid for child in process.children(os.getpid())] == [pid])\n"
        "print(process.kill_descendants(os.getpid()), os.path.exists(f'/proc/{pid}'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"True\nTrue False\n"


def test_dying_with_the_parent() -> None:
    code = (
        "import os, signal; from trialdeck.backends import process\n"
        "if os.fork() == 0:\n"
        "    process.die_with_parent()\n"
        "    print(os.getpid(), flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = who(int(parent.stdout.readline()))
        parent.kill()
        until(lambda: not alive(child), message="the child to die with its parent")
