"""The agent, started by a shell of this machine."""

from __future__ import annotations

import os
import select
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from trialdeck.backends.base import LaunchError, NoAnswer, Piece
from trialdeck.backends.process import this_process
from trialdeck.backends.ssh import client as clients
from trialdeck.backends.ssh.client import Client, talk_to
from trialdeck.backends.ssh.shipping import ship_tree
from trialdeck.backends.ssh.site import SshSite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Pipes:
    """A shell of this machine as a `Stream`."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(["/bin/sh", "-s"], stdin=pipe, stdout=pipe, stderr=pipe)

    def send(self, data: bytes) -> None:
        try:
            os.write(self.process.stdin.fileno(), data)
        except OSError as error:
            raise NoAnswer(str(error)) from None

    def receive(self, timeout: float) -> bytes:
        out = self.process.stdout.fileno()
        if not select.select([out], [], [], timeout)[0]:
            raise TimeoutError
        return os.read(out, 65536)

    def errors(self) -> bytes:
        return b""

    def close(self) -> None:
        self.process.stdin.close()


@pytest.fixture
def pipes() -> Iterator[Pipes]:
    pipes = Pipes()
    yield pipes
    pipes.process.kill()
    pipes.process.wait()
    for pipe in (pipes.process.stdout, pipes.process.stderr):
        pipe.close()


@pytest.fixture
def client(pipes: Pipes) -> Iterator[Client]:
    client = talk_to("here", pipes, "python3")
    yield client
    client.close()
    client._thread.join(10)  # or it would read from the next one's pipe, which has the same number


@pytest.fixture
def site(client: Client, tmp_path: Path) -> SshSite:
    return SshSite("here", str(tmp_path), lambda: client)


def test_files_are_written_read_and_replaced(site: SshSite, tmp_path: Path) -> None:
    site.put({"a/one": b"1", "two": b""})
    site.write([Piece("a/one", 1, b"23"), Piece("log", 0, b"x\n")])
    assert (tmp_path / "a" / "one").read_bytes() == b"123"
    assert site.sizes(["a", ".", "none"]).keys() == {"a/one", "./two", "./log"}
    assert site.read([("a/one", 1), ("none", 0)]) == [Piece("a/one", 1, b"23")]
    site.put({"a/one": b"new"})
    assert (tmp_path / "a" / "one").read_bytes() == b"new"
    site.remove(["a/one", "none"])
    assert not site.sizes(["a"])


def test_a_piece_behind_a_file_s_end_is_refused(site: SshSite, tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="shorter than 5"):
        site.write([Piece("a", 5, b"x")])
    assert not (tmp_path / "a").exists() or (tmp_path / "a").read_bytes() == b""


@pytest.mark.parametrize("path", ["/etc/passwd", "../up", "a/../../up"])
def test_nothing_leads_out_of_the_folder(site: SshSite, path: str) -> None:
    with pytest.raises(LaunchError, match="is not below"):
        site.put({path: b"x"})


def test_a_link_is_made_once(site: SshSite) -> None:
    assert site.link({"claims/0/1.0": "me"}) == {"claims/0/1.0": "me"}
    assert site.link({"claims/0/1.0": "you"}) == {"claims/0/1.0": "me"}
    assert site.links(["claims/0/1.0", "claims/0/2.0"]) == {"claims/0/1.0": "me"}


def test_processes_are_told_apart(site: SshSite) -> None:
    me = this_process()
    from dataclasses import replace

    older, elsewhere = replace(me, start=me.start - 1), replace(me, host="x", boot="y")
    assert site.alive([me, older, elsewhere]) == [True, False, None]


def test_changes_are_told(site: SshSite, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    site.watch(["a"])
    assert not site.changed(0.7)
    (tmp_path / "a" / "new").write_text("x")
    until(lambda: site.changed(0.5), 5)
    assert not site.changed(0.7)


def test_a_tree_appears_as_a_whole_or_not_at_all(client: Client, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    there = str(tmp_path / "there")
    ship_tree(client, there, "tree", {"a/b": tmp_path / "file"})
    assert (tmp_path / "there" / "tree" / "a" / "b").read_text() == "content"
    with pytest.raises(LaunchError, match="cannot be read"):
        ship_tree(client, there, "other", {"a": tmp_path / "file", "b": tmp_path / "missing"})


def test_an_agent_that_is_told_nonsense_ends(client: Client, pipes: Pipes) -> None:
    pipes.send(b"\xff" * 100)
    until(lambda: client.broken, 5)
    with pytest.raises(NoAnswer):
        client.ask("sizes", root="/", folders=[])
    assert pipes.process.wait(5) == 0


def test_an_agent_ends_with_its_input(client: Client, pipes: Pipes) -> None:
    client.close()
    assert pipes.process.wait(5) == 0


def test_an_agent_that_says_nothing_is_given_up(
    client: Client, pipes: Pipes, monkeypatch: pytest.MonkeyPatch
) -> None:
    import signal

    pipes.process.send_signal(signal.SIGSTOP)
    with pytest.raises(NoAnswer, match="has not answered"):
        client.ask("sizes", root="/", folders=[], seconds=0.3)
    assert client.broken
    assert clients.SILENCE_SECONDS > 2 * 10.0
    pipes.process.send_signal(signal.SIGCONT)
