import pytest

from trialdeck.core.params.files import create_text, replace_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_created_once(tmp_path):
    file = tmp_path / "deep" / "0001.toml"
    assert create_text(file, "one\r\n")
    assert not create_text(file, "two")
    assert file.read_bytes() == b"one\r\n"
    assert names(file.parent) == ["0001.toml"]
    assert file.stat().st_nlink == 1


def test_a_file_is_replaced_with_its_permissions(tmp_path):
    file = tmp_path / "params.toml"
    file.write_text("old")
    file.chmod(0o640)
    (tmp_path / "link").symlink_to("params.toml")
    replace_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == ["link", "params.toml"]


def test_nothing_is_left_where_it_fails(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        replace_text(tmp_path / "folder", "x")
    assert names(tmp_path) == ["folder"]
