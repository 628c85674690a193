"""The agent, started by a shell of this machine."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.backends.ssh.conftest import Pipes, let_go
from tests.conditions import until
from trialdeck.backends.base import LaunchError, NoAnswer, Piece
from trialdeck.backends.process import this_process
from trialdeck.backends.ssh import client as clients
from trialdeck.backends.ssh.client import Client
from trialdeck.backends.ssh.site import SshSite

if TYPE_CHECKING:
    from pathlib import Path


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
    older, elsewhere = replace(me, start=me.start - 1), replace(me, host="x", boot="y")
    assert site.alive([me, older, elsewhere]) == [True, False, None]


def test_changes_are_told(site: SshSite, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    site.watch(["a"])
    assert not site.changed(0.7)
    (tmp_path / "a" / "new").write_text("x")
    until(lambda: site.changed(0.5), 5)
    assert not site.changed(0.7)


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
    pipes.process.send_signal(signal.SIGSTOP)
    with pytest.raises(NoAnswer, match="has not answered"):
        client.ask("sizes", root="/", folders=[], seconds=0.3)
    assert client.broken
    assert clients.SILENCE_SECONDS > 2 * 10.0
    pipes.process.send_signal(signal.SIGCONT)


def test_an_agent_gives_signs_of_life_while_it_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "SILENCE_SECONDS", 1.0)
    faster = "from trialdeck.backends.ssh import agent; agent.BEAT_SECONDS = 0.2; agent.main()"
    pipes = Pipes(sys.executable, "-c", faster)
    hello, rest = clients._first_frame("here", pipes, b"")
    client = Client("here", pipes, hello)
    client.listen(rest)
    client.ask("run", argv=["sleep", "2"], environment={}, within=9.0)
    assert not client.broken
    let_go(client)
    pipes.end()
