from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialdeck.core.errors import ParamsError
from trialdeck.tui.config import Config, config_file, read_config

if TYPE_CHECKING:
    from pathlib import Path


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(text)
    return file


def test_without_a_file_everything_is_as_the_terminal_has_it(tmp_path: Path) -> None:
    assert read_config(tmp_path / "none.toml") == Config()


def test_the_file_is_where_the_desktop_standard_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRIALDECK_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config_file() == tmp_path / "trialdeck" / "config.toml"
    monkeypatch.setenv("TRIALDECK_CONFIG", str(tmp_path / "mine.toml"))
    assert config_file() == tmp_path / "mine.toml"


def test_settings_and_keys_are_read(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        'theme = "nord"\nascii = true\nbell = false\n[keys]\n"app.leave" = "x,f10"\n',
    )
    config = read_config(file)
    assert (config.theme, config.ascii, config.bell) == ("nord", True, False)
    assert config.keymap == {"app.leave": "x,f10"}


def test_every_mistake_is_told_with_its_cure(tmp_path: Path) -> None:
    file = written(tmp_path, 'thema = "nord"\nbell = "no"\n[keys]\n"app.leave" = 7\n')
    with pytest.raises(ParamsError) as caught:
        read_config(file)
    text = str(caught.value)
    assert str(file) in text
    assert "Did you mean theme?" in text
    assert "bell" in text


def test_a_key_that_is_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="Write it as"):
        read_config(written(tmp_path, '[keys]\n"app.leave" = 7\n'))
