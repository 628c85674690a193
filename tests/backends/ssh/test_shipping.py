"""What is sent to a host: whole or not at all, only what differs, and nothing twice."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from trialdeck.backends.base import LaunchError
from trialdeck.backends.ssh.client import HEAD
from trialdeck.backends.ssh.shipping import digest_of, engine_files, ship_files, ship_tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backends.ssh.conftest import Pipes
    from trialdeck.backends.ssh.client import Client
    from trialdeck.backends.ssh.shipping import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "one").write_text("1")
    (tmp_path / "here" / "run").write_text("#!/bin/sh\n")
    (tmp_path / "here" / "run").chmod(0o755)
    return {"a/one": tmp_path / "here" / "one", "run": tmp_path / "here" / "run"}


def test_a_tree_is_there_as_it_was_here(client: Client, tmp_path: Path, files: Files) -> None:
    ship_tree(client, f"{tmp_path}/there", "tree", files)
    tree = tmp_path / "there" / "tree"
    assert (tree / "a" / "one").read_text() == "1"
    modes = {p.name: p.stat().st_mode & 0o777 for p in (tree, *tree.rglob("*"))}
    assert modes == {"tree": 0o700, "a": 0o700, "one": 0o600, "run": 0o700}


def test_a_tree_that_cannot_be_sent_as_a_whole_is_not_there(
    client: Client, tmp_path: Path, files: Files
) -> None:
    with pytest.raises(LaunchError, match="cannot be read"):
        ship_tree(client, f"{tmp_path}/there", "tree", {**files, "z": tmp_path / "missing"})
    # The next question is answered after the last one.
    assert ship_tree(client, f"{tmp_path}/there", "other", files)
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["other"]


def test_of_a_stream_that_is_cut_nothing_is_left(
    pipes: Pipes, client: Client, tmp_path: Path
) -> None:
    root = tmp_path / "there" / "tree"
    question = b'{"do":"unpack","n":1,"root":"%s","whole":true}' % str(root).encode()
    pipes.send(HEAD.pack(len(question), 0) + question + HEAD.pack(2, 100) + b"{}half of it")
    until(lambda: list(root.parent.glob("*.part")), 5)
    client.close()
    assert pipes.process.wait(5) == 0
    assert list(root.parent.iterdir()) == []


def test_a_tree_that_is_there_is_not_sent_again(
    client: Client, tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship_tree(client, f"{tmp_path}/there", "tree", files)
    monkeypatch.setattr(client, "pour", None)
    assert ship_tree(client, f"{tmp_path}/there", "tree", files) == f"{tmp_path}/there/tree"


def test_what_is_there_already_is_unpacked_by_nobody(
    client: Client, tmp_path: Path, files: Files
) -> None:
    root = tmp_path / "there" / "tree"
    root.mkdir(parents=True)
    client.pour("unpack", lambda pipe: pipe.write(b"x" * 10_000), 5.0, root=str(root), whole=True)
    assert list(root.parent.iterdir()) == [root]


def test_an_archive_whose_paths_lead_out_is_refused(
    client: Client, tmp_path: Path, files: Files
) -> None:
    for name in ("../out", "/tmp/trialdeck-out"):
        with pytest.raises(LaunchError, match="is not below"):
            ship_files(client, f"{tmp_path}/there", {name: files["run"]})
    assert not (tmp_path / "out").exists()


def test_the_engine_is_named_by_its_content_and_runs_alone(
    client: Client, tmp_path: Path, files: Files
) -> None:
    engine = engine_files()
    assert digest_of(engine) == digest_of(engine_files()) != digest_of({**engine, **files})
    assert not any("tui" in name.split("/") or "tests" in name.split("/") for name in engine)
    root = ship_tree(client, f"{tmp_path}/engine", digest_of(engine), engine)
    script = "import trialdeck.core, trialdeck.backends as b; print(b.__file__)"
    argv = [sys.executable, "-P", "-c", script]
    done = subprocess.run(argv, env={"PYTHONPATH": root}, capture_output=True, check=True)
    assert done.stdout.decode().startswith(root)
