from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialdeck.core.errors import ObjectiveError
from trialdeck.core.objective_files import objective_files

if TYPE_CHECKING:
    from pathlib import Path


def made(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def found(folder: Path, spec: str) -> tuple[list[str], list[str]]:
    files, needs = objective_files(spec, folder)
    return [str(path.relative_to(folder.resolve())) for path in files], list(needs)


def test_a_file_with_all_that_it_imports(tmp_path: Path) -> None:
    made(
        tmp_path,
        {
            "train.py": "import os, torch\nimport lib.data\nfrom lib import nets\nimport helper\n",
            "helper.py": "from numpy import array\n",
            "lib/__init__.py": "",
            "lib/data.py": "from . import files\nfrom .deep.down import it\n",
            "lib/files.py": "",
            "lib/nets.py": "def f():\n    import sklearn.metrics\n",
            "lib/deep/__init__.py": "",
            "lib/deep/down.py": "from ..files import x\nfrom trialdeck.core import fcn\n",
            "unused.py": "import nothing\n",
        },
    )
    files, needs = found(tmp_path, "train.py:train")
    assert files == sorted(
        ["helper.py", "train.py"]
        + [f"lib/{n}.py" for n in ("__init__", "data", "files", "nets")]
        + ["lib/deep/__init__.py", "lib/deep/down.py"]
    )
    assert needs == ["numpy", "sklearn", "torch"]


def test_a_module_of_the_project(tmp_path: Path) -> None:
    made(tmp_path, {"mine/__init__.py": "", "mine/net.py": "import torch\n"})
    assert found(tmp_path, "mine.net:train") == (["mine/__init__.py", "mine/net.py"], ["torch"])


def test_an_installed_module_is_needed_there(tmp_path: Path) -> None:
    assert found(tmp_path, "their.net:train") == ([], ["their"])


def test_the_default_network_needs_torch(tmp_path: Path) -> None:
    files, needs = found(tmp_path, "trialdeck.core.fcn:train")
    assert files == []
    assert "torch" in needs


def test_a_file_that_cannot_be_read_as_python_is_sent_all_the_same(tmp_path: Path) -> None:
    made(tmp_path, {"train.py": "import lib\n", "lib.py": "def (\n"})
    assert found(tmp_path, "train.py:train")[0] == ["lib.py", "train.py"]


@pytest.mark.parametrize(("spec", "said"), [("no.py:f", "there is no"), ("../x.py:f", "move it")])
def test_what_cannot_be_sent_is_said(tmp_path: Path, spec: str, said: str) -> None:
    made(tmp_path, {"x.py": ""})
    (tmp_path / "project").mkdir()
    with pytest.raises(ObjectiveError, match=said):
        objective_files(spec, tmp_path / "project")
