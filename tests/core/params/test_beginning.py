import pytest

from trialdeck.core.errors import HistoryError, ParamsError, SearchError
from trialdeck.core.params.beginning import begin, begin_demo
from trialdeck.core.params.read import read_params


def test_the_starter_is_a_file_that_can_be_read(tmp_path):
    assert begin(tmp_path / "params.toml") is None
    assert read_params(tmp_path / "params.toml").search.name == "top-tagging"


def test_code_is_made_for_an_objective_whose_file_is_missing_and_only_then(tmp_path):
    file = tmp_path / "params.toml"
    assert begin(file, "train.py:fit") == tmp_path / "train.py"
    assert read_params(file).search.objective == "train.py:fit"
    assert begin(file, "train.py:fit", force=True) is None


def test_nothing_is_written_over_a_file_or_for_what_names_no_function(tmp_path):
    file = tmp_path / "params.toml"
    with pytest.raises(ParamsError, match="names no function"):
        begin(file, "train.py")
    assert list(tmp_path.iterdir()) == []
    assert begin_demo(file)
    assert not begin_demo(file)
    with pytest.raises(SearchError, match="there already"):
        begin(file)
    assert read_params(file).search.name == "demo"


def test_a_folder_that_is_none_is_an_error_of_ours(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match="cannot be written"):
        begin(tmp_path / "file" / "params.toml")
