"""`trialdeck hosts`, and launches on what it lists, on real servers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conditions import until
from tests.searching import project
from tests.services.ssh import new_key
from tests.tui.command_line import Terminal, run
from trialdeck.backends.ssh import connection, link
from trialdeck.core.params.read import read_params

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.ssh import Network


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 3.0)
    monkeypatch.chdir(tmp_path)
    return project(tmp_path, "fine", 4)


def written(file: Path) -> dict[str, Any]:
    return read_params(file).backends.get("ssh", {}).get("hosts", {})


def add(net: Network, name: str, *words: str, rc: int = 0) -> str:
    result = run("hosts", "add", name, "--python", net.python, *words, rc=rc)
    return result.stdout + result.stderr


def test_without_machines_it_says_how_to_add_one() -> None:
    assert "`trialdeck hosts add NAME" in run("hosts").stdout
    assert "`trialdeck hosts add NAME" in run("hosts", "check").stdout
    assert "there is no host gpu1" in run("hosts", "forget", "gpu1", rc=2).stderr


def test_a_machine_from_its_addition_to_its_end(ssh_hosts: Network, here: Path) -> None:
    said = add(ssh_hosts, "h1", "--cores", "2", "--fixed", "data=/data", "--gpus", "[0]")
    assert "Python: 3." in said
    assert "✓ h1 is in params.toml now." in said
    table = {"cores": 2, "fixed": {"data": "/data"}, "gpus": [0], "python": ssh_hosts.python}
    assert written(here) == {"h1": table}
    assert run("hosts").stdout.splitlines()[1].split() == ["h1", "h1", "2", "connected"]
    (record,) = json.loads(run("hosts", "list", "--json").stdout)
    assert record["state"] == "connected"
    assert "Python: 3." in run("hosts", "check", "h1").stdout
    assert "already" in add(ssh_hosts, "h1", rc=2)
    assert "h1 is forgotten" in run("hosts", "forget", "h1").stdout
    assert written(here) == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a b"], "no name for a host"),
        (["h1", "--fixed", "data"], '"data" is not KEY=VALUE'),
        (["h1", "--gpus", "many"], "gpus"),
        (["h1", "--files", "/etc"], "is not in the folder of this file"),
        (["h1", "what is this"], "is no address"),
    ],
)
def test_a_mistake_is_told_before_anybody_is_asked(here: Path, words: list[str], said: str) -> None:
    result = run("hosts", "add", *words, rc=None)
    assert result.exit_code != 0
    assert said in result.stderr
    assert written(here) == {}


def test_who_cannot_be_reached_is_written_down_only_without_a_check(
    ssh_hosts: Network, here: Path
) -> None:
    ssh_hosts["h3"].kill_sshd()
    assert "cannot be reached: Connection refused" in add(ssh_hosts, "h3", rc=5)
    assert written(here) == {}
    add(ssh_hosts, "h3", "--no-check")
    add(ssh_hosts, "h2")
    _, down, up = run("hosts").stdout.splitlines()
    assert "cannot be reached" in down
    assert up.endswith("connected")
    result = run("hosts", "check", rc=5)
    assert "cannot be reached" in result.stdout
    assert "Python: 3." in result.stdout  # of the other one all the same
    assert "something is missing on h3" in result.stderr


def test_a_question_needs_a_terminal(ssh_hosts: Network, here: Path) -> None:
    ssh_hosts.known_hosts.write_text("")
    said = add(ssh_hosts, "h1", rc=5)
    assert "SHA256:" in said
    assert "Nobody can be asked here: do it at a terminal, once" in said
    assert written(here) == {}
    assert ssh_hosts.known_hosts.read_text() == ""


@pytest.mark.parametrize("agrees", [False, True])
def test_an_unknown_key_is_asked_about(ssh_hosts: Network, here: Path, *, agrees: bool) -> None:
    ssh_hosts.known_hosts.write_text("")
    terminal = Terminal(here.parent, "hosts", "add", "h1", "--python", ssh_hosts.python)
    until(lambda: "[y/N]" in terminal.read(), 20, lambda: terminal.text)
    assert "SHA256:" in terminal.text
    terminal.press(b"y\n" if agrees else b"n\n")
    assert (terminal.process.wait(20) == 0) is agrees
    terminal.close()
    assert set(written(here)) == ({"h1"} if agrees else set())
    assert ssh_hosts.known_hosts.read_text() == (ssh_hosts["h1"].key_line() if agrees else "")


def test_a_passphrase_is_asked_for_and_seen_nowhere(ssh_hosts: Network, here: Path) -> None:
    new_key(here.parent / "mine", "open sesame")
    public = (here.parent / "mine.pub").read_text().strip()
    ssh_hosts["h1"].sh(f"echo '{public}' >>/run/etc/authorized_keys")
    key = str(here.parent / "mine")
    terminal = Terminal(
        here.parent, "hosts", "add", "h1", "--python", ssh_hosts.python, "--key", key
    )
    until(lambda: "passphrase" in terminal.read(), 20, lambda: terminal.text)
    terminal.press(b"open barley\n")
    until(lambda: "That was not it" in terminal.read(), 20, lambda: terminal.text)
    terminal.press(b"open sesame\n")
    until(lambda: "is in params.toml now" in terminal.read(), 20, lambda: terminal.text)
    terminal.process.wait(20)
    terminal.close()
    assert "sesame" not in terminal.text
    assert "barley" not in terminal.text
    assert "sesame" not in here.read_text()


def test_cores_on_a_machine(ssh_hosts: Network, here: Path) -> None:
    for name in ("h1", "h2"):
        add(ssh_hosts, name)
    assert "which host?" in run("launch", "ssh", rc=5).stderr
    assert "there is no host h9" in run("launch", "ssh", "--set", "host=h9", rc=5).stderr
    said = run("launch", "ssh", "--host", "h1", "--cores", "2").stdout
    assert "Started 2 cores on h1 for t: job h1/" in said
    until(lambda: json.loads(run("status", "--json").stdout)["state"] == "finished", 40)
    trials = json.loads(run("trials", "--json").stdout)
    assert [trial["state"] for trial in trials] == ["ok"] * 4
    (attempt,) = trials[0]["attempts"]
    assert not (here.parent / "history/t/logs" / attempt["writer"]).exists()
    log = run("log", "--core", f"{attempt['writer']}/{attempt['core']}").stdout
    assert "--- trial 0 attempt 0 ---" in log
    assert run("log", "0").stdout in log
    assert run("log", "0", "--follow").stdout == run("log", "0").stdout


def test_a_machine_that_has_gone_away_is_told_in_a_line(ssh_hosts: Network, here: Path) -> None:
    project(here.parent, "hangs", 4)
    add(ssh_hosts, "h1")
    run("launch", "ssh")
    until(lambda: json.loads(run("status", "--json").stdout)["running"] == 1, 30)
    ssh_hosts["h1"].kill_sessions()
    link.close_all()  # as in another process
    result = run("status")
    (line,) = result.stderr.splitlines()
    assert line.startswith("! h1 (")
    assert line.endswith("cannot be reached: Connection refused; shown is what was known before")
    assert "4 trials" in result.stdout
    warned = run("stop", "--now", rc=5)
    assert "it is told once it can be reached" in warned.stderr
    said = run("hosts", "forget", "h1").stdout
    assert "3 trials that it had are run elsewhere" in said
