from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest

from trialdeck.core.history.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as running:
        try:
            yield running
        finally:
            running.kill()


def changed(identity: Identity, **changes: object) -> Identity:
    return msgspec.structs.replace(identity, **changes)


def test_this_process_lives_here() -> None:
    me = Identity.current()
    assert me.pid == os.getpid()
    assert me.started > 0
    assert me.alive()
    assert me.same_machine(Identity.current())
    assert me == Identity.of(os.getpid())


def test_another_boot_or_namespace_is_another_machine() -> None:
    me = Identity.current()
    assert not me.same_machine(changed(me, boot="other"))
    assert not me.same_machine(changed(me, namespace=me.namespace + 1))
    nothing = changed(me, boot="", namespace=0)
    assert not nothing.same_machine(nothing)


def test_a_process_lives_until_it_is_killed() -> None:
    with process() as other:
        identity = Identity.of(other.pid)
        assert identity.alive()
        other.kill()
        # It has ended and nobody has collected it: a zombie.
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert not identity.alive()
        other.wait()
        assert not identity.alive()


def test_a_stopped_process_is_not_dead() -> None:
    with process() as other:
        other.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, other.pid, os.WSTOPPED | os.WNOWAIT)
        assert Identity.of(other.pid).alive()


def test_a_number_used_again_is_another_process() -> None:
    with process() as other:
        identity = Identity.of(other.pid)
        assert not changed(identity, started=identity.started - 1).alive()


def test_a_name_with_brackets_and_spaces_does_not_confuse() -> None:
    script = "open('/proc/self/comm', 'w').write('a) Z 1 2'); print('named', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as odd:
        assert odd.stdout
        assert odd.stdout.readline() == b"named\n"
        assert Identity.of(odd.pid).alive()
        odd.communicate(b"\n")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_process_of_another_user_lives() -> None:
    me = Identity.current()
    script = (
        "import msgspec, os, sys; from trialdeck.core.history.identity import Identity;"
        "os.setuid(65534);"
        "print(msgspec.json.decode(sys.argv[1].encode(), type=Identity).alive())"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, msgspec.json.encode(me).decode()],
        capture_output=True,
        check=True,
        text=True,
    )
    assert said.stdout == "True\n"
