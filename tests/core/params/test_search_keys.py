import pytest

from trialdeck.core.params.mistakes import Mistake
from trialdeck.core.params.search_keys import read_name, read_objective

FORMS = 'Write "package.module:function" or "path/to/file.py:function"'
RULE = "Use letters, digits and . _ - and start with a letter or digit"


def mistake_in_name(value, *, published=False):
    with pytest.raises(Mistake) as caught:
        read_name(value, published=published)
    return caught.value.text, caught.value.cure


def mistake_in_objective(value, folder):
    with pytest.raises(Mistake) as caught:
        read_objective(value, folder, published=False)
    return caught.value.text, caught.value.cure


@pytest.mark.parametrize("name", ["a", "top-tagging", "v1.2_b", "2024", "_x", "x" * 100])
def test_names(name):
    assert read_name(name, published=False) == name
    assert read_name(name + "-quick", published=True) == name + "-quick"


@pytest.mark.parametrize(
    ("name", "text", "cure"),
    [
        ("a b", '"a b" cannot be the name of a folder', f'{RULE}, such as "a-b"'),
        ("../x", '"../x" cannot be the name of a folder', f'{RULE}, such as "x"'),
        (".hidden", '".hidden" cannot be the name of a folder', f'{RULE}, such as "hidden"'),
        ("-x", '"-x" cannot be the name of a folder', f'{RULE}, such as "x"'),
        ("größe", '"größe" cannot be the name of a folder', f'{RULE}, such as "gr-e"'),
        ("", '"" cannot be the name of a folder', RULE),
        ("-quick", '"-quick" cannot be the name of a folder', RULE),
        ("a\n", '"a\\n" cannot be the name of a folder', f'{RULE}, such as "a"'),
        (
            "x-quick",
            '"x-quick" ends in -quick, which is for quick scans',
            'Write name = "x" and start it with --quick',
        ),
        (2024, "2024 is a whole number; text in quotes is wanted", 'Write "2024"'),
    ],
)
def test_wrong_names(name, text, cure):
    assert mistake_in_name(name) == (text, cure)


def test_a_long_name():
    text, _ = mistake_in_name("x" * 101)
    assert text.endswith("has 101 characters; at most 100 are wanted")


@pytest.mark.parametrize(
    "spec", ["pack.mod:train", "mytrain:train", "code/mine.py:train", "mine.py:_Train2"]
)
def test_objectives(tmp_path, spec):
    (tmp_path / "code").mkdir()
    for file in ("code/mine.py", "mine.py"):
        (tmp_path / file).touch()
    assert read_objective(spec, tmp_path, published=False) == spec


@pytest.mark.parametrize(
    ("spec", "text", "cure"),
    [
        (
            "mine.py",
            '"mine.py" names no function',
            'Write "mine.py:train", with the name of your function',
        ),
        ("mine.train", '"mine.train" names no function', 'Write "mine:train"'),
        (
            "train",
            '"train" names no function',
            f'{FORMS}; the default network is "trialdeck.core.fcn:train"',
        ),
        ("mine.py:", '"mine.py:": the function is missing', 'Write "mine.py:train", say'),
        (":train", '":train": the module or file before the colon is missing', FORMS),
        (":", '":": the function is missing', FORMS),
        ("mine:a b", '"mine:a b": a b is no function\'s name', FORMS),
        ("mine:class", '"mine:class": class is no function\'s name', FORMS),
        ("my-mod:train", '"my-mod:train": my-mod is no module\'s name', FORMS),
        (
            "code/mine:train",
            '"code/mine:train": code/mine is a path, but not of a Python file',
            'Write "code/mine.py:train"',
        ),
        (True, "true is a yes or no; text in quotes is wanted", 'Write "true"'),
    ],
)
def test_wrong_objectives(tmp_path, spec, text, cure):
    assert mistake_in_objective(spec, tmp_path) == (text, cure)


def test_a_missing_file_is_named_with_the_nearest(tmp_path):
    (tmp_path / "my_train.py").touch()
    (tmp_path / "other.py").touch()
    text, cure = mistake_in_objective("mytrain.py:train", tmp_path)
    assert text == f'"mytrain.py:train": there is no file {tmp_path}/mytrain.py'
    assert cure == "Did you mean my_train.py?"


def test_a_missing_file_among_others(tmp_path):
    for number in range(7):
        (tmp_path / f"{number}.py").touch()
    _, cure = mistake_in_objective("mytrain.py:train", tmp_path)
    assert cure == f"In {tmp_path} are 0.py, 1.py, 2.py, 3.py, 4.py and 2 more"


def test_a_missing_file_alone(tmp_path):
    _, cure = mistake_in_objective("mytrain.py:train", tmp_path)
    assert cure == f"There is no Python file in {tmp_path}"


def test_a_missing_folder(tmp_path):
    (tmp_path / "source").mkdir()
    text, cure = mistake_in_objective("sorce/deep/mytrain.py:train", tmp_path)
    assert text.endswith(f"{tmp_path}/sorce/deep/mytrain.py, and no folder {tmp_path}/sorce/deep")
    assert cure == "Did you mean source/?"


def test_a_folder_with_the_name_of_a_file(tmp_path):
    (tmp_path / "x.py").mkdir()
    text, _ = mistake_in_objective("x.py:train", tmp_path)
    assert text == f'"x.py:train": {tmp_path}/x.py is a folder'


def test_an_old_search_needs_no_file(tmp_path):
    spec = "gone.py:train"
    assert read_objective(spec, tmp_path, published=True) == spec
