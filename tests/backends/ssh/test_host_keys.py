from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.services.ssh import new_key
from trialdeck.backends.base import LaunchError, Question
from trialdeck.backends.ssh import host_keys
from trialdeck.backends.ssh.config import Route

if TYPE_CHECKING:
    from pathlib import Path

FINGERPRINT = "SHA256:abc"


class Machine:
    """A host key, and a known_hosts file."""

    def __init__(self, folder: Path, port: int = 22) -> None:
        new_key(folder / "host")
        self.kind, text = (folder / "host.pub").read_text().split()[:2]
        self.blob = base64.b64decode(text)
        self.file = folder / "ssh" / "known_hosts"
        name = "box" if port == 22 else f"[box]:{port}"
        self.route = Route("box", "box", port, "me", known_hosts=(self.file,), key_name=name)
        self.line = f"{name} {self.kind} {text}\n"

    def check(self) -> None:
        host_keys.check(self.route, self.kind, self.blob, FINGERPRINT)

    def write(self, text: str) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(text)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_known_key_is_taken(machine: Machine) -> None:
    machine.write("# mine\n\njunk\nother ssh-ed25519 AAAA broken\n" + machine.line)
    machine.check()


def test_hashed_names_and_patterns_are_known(machine: Machine) -> None:
    machine.write(machine.line)
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", machine.file], check=True)
    assert b"box" not in machine.file.read_bytes()
    machine.check()
    machine.write(machine.line.replace("box", "b*"))
    machine.check()


def test_an_unknown_key_is_a_question_and_yes_adds_one_line(machine: Machine) -> None:
    machine.write("other ssh-ed25519 AAAA\n# the last line has no end")
    with pytest.raises(Question, match=FINGERPRINT) as asked:
        machine.check()
    assert asked.value.yes_no
    asked.value.answer("yes")
    text = machine.file.read_text()
    assert text == "other ssh-ed25519 AAAA\n# the last line has no end\n" + machine.line
    machine.check()


def test_no_adds_nothing(machine: Machine) -> None:
    with pytest.raises(Question) as asked:
        machine.check()
    with pytest.raises(LaunchError, match="not trusted"):
        asked.value.answer("no")
    assert not machine.file.exists()


def test_a_new_file_is_private(tmp_path: Path) -> None:
    machine = Machine(tmp_path, port=2222)
    with pytest.raises(Question) as asked:
        machine.check()
    asked.value.answer("yes")
    assert machine.file.stat().st_mode & 0o777 == 0o600
    assert machine.file.read_text().startswith("[box]:2222 ")
    machine.check()


def test_another_key_than_before_is_refused_with_what_it_may_mean(machine: Machine) -> None:
    machine.write(f"box {machine.kind} {base64.b64encode(b'another').decode()}\n")
    with pytest.raises(LaunchError, match=r"another key.*installed anew.*ssh-keygen -R") as refused:
        machine.check()
    assert not isinstance(refused.value, Question)


def test_a_revoked_key_is_refused(machine: Machine) -> None:
    machine.write(f"@revoked {machine.line}{machine.line}")
    with pytest.raises(LaunchError, match="revoked"):
        machine.check()
