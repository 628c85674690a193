from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core.errors import ParamsError, Problem
from trialdeck.core.params.read import parse_params
from trialdeck.core.params.syntax import _unreadable, load_toml, read_text

INLINE = "A key is missing here; a table in braces stands on one line, without a comma at its end"


def problem_in(text):
    with pytest.raises(ParamsError) as caught:
        load_toml(text, "params.toml")
    (problem,) = caught.value.problems
    return problem


def problem_of(path):
    with pytest.raises(ParamsError) as caught:
        read_text(path)
    assert caught.value.source == str(path)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("text", "place", "cure", "marked"),
    [
        ("name = top", "line 1, column 8", 'Write text in quotes: "top"', "t"),
        ("a = 1\nb = True", "line 2, column 5", "Write true", "T"),
        ("a = None", "line 1, column 5", "Leave the key out: TOML has no empty value", "N"),
        ("a = .5", "line 1, column 5", "Write a digit before the point: 0.5", "."),
        ("a = \u201cx\u201d", "line 1, column 5", 'Write plain quotes: "text"', "\u201c"),
        ("a = # nothing\n", "line 1, column 5", "A value is missing here, or a closing ]", "#"),
        ("a: 1", "line 1, column 2", "Write = instead of :", ":"),
        ('a = "x\nb = 1', "line 1, column 7", "Close the text with a quote on the same line", ""),
        ('a = """x\n\n', "line 1, column 9", "Close the text with a quote", ""),
        ("a = [1,\n", "line 1, column 8", "A value is missing here, or a closing ]", ""),
        ("a = [1\n", "line 1, column 7", "Close the list with ]", ""),
        (
            "[a]\nx = 1\n[a]\n",
            "line 3, column 3",
            "This table stands in the file twice: keep one",
            "]",
        ),
        (
            "a = { b = 1,\n  c = 2 }",
            "line 1, column 13",
            INLINE,
            "",
        ),
        (
            'path = "C:\\data"',
            "line 1, column 13",
            "Write \\\\ for a backslash, or the text in 'single quotes'",
            "a",
        ),
    ],
)
def test_the_place_is_shown(text, place, cure, marked):
    for variant in (text, text.replace("\n", "\r\n"), "\ufeff" + text):
        problem = problem_in(variant)
        advice, line, caret = problem.cure.split("\n")
        assert (problem.key, advice) == (place, cure)
        assert line[4:] == text.split("\n")[int(place.split(",")[0].split()[1]) - 1]
        assert line[len(caret) - 1 :][:1] == marked


def test_a_long_line_is_cut_around_the_place():
    line, caret = problem_in("a = [" + "1, " * 500 + "x]").cure.split("\n")[1:]
    assert len(line) <= 104
    assert line[len(caret) - 1] == "x"


def test_what_no_parser_should_be_given():
    assert problem_in("a = " + "[" * 5000).text == "brackets are nested too deeply"
    assert "too long" in problem_in("a = " + "1" * 5000).text


@given(st.text(alphabet=list("ab=[]{}\"'#.,\n\r\t 01e-\\\u201c")))
def test_any_text_is_read_or_explained(text):
    with pytest.raises(ParamsError) as caught:  # nothing so short is a whole file
        parse_params(text, "params.toml", Path("/nowhere"))
    assert all(problem.key and problem.text for problem in caught.value.problems)


def test_no_file(tmp_path):
    problem = problem_of(tmp_path / "params.toml")
    assert problem.text == f"there is no file {tmp_path}/params.toml"
    assert problem.cure == "`trialdeck init` writes one"


def test_no_file_but_one_like_it(tmp_path):
    (tmp_path / "parms.toml").touch()
    problem = problem_of(tmp_path / "params.toml")
    assert problem.cure == "Did you mean parms.toml? `trialdeck init` writes one"


def test_no_folder(tmp_path):
    (tmp_path / "file").touch()
    assert "there is no file" in problem_of(tmp_path / "file" / "params.toml").text
    assert "there is no file" in problem_of(tmp_path / "none" / "params.toml").text


def test_a_folder(tmp_path):
    assert problem_of(tmp_path).text == "this is a folder"
    assert problem_of(tmp_path).cure == "Name the file in it"
    (tmp_path / "params.toml").touch()
    assert problem_of(tmp_path).cure == "Add /params.toml"


def test_a_file_that_may_not_be_read():  # root may read everything, so no real one
    problem = _unreadable(Path("params.toml"), PermissionError(13, "Permission denied"))
    assert problem == Problem("file", "this file may not be read", "Try: chmod u+r params.toml")


def test_a_file_on_a_broken_disk():
    problem = _unreadable(Path("params.toml"), OSError(5, "Input/output error"))
    assert problem.text == "this file cannot be read: Input/output error"


def test_other_encodings(tmp_path):
    file = tmp_path / "params.toml"
    file.write_bytes(b"a = 1\nb = '\xe4'\n")
    problem = problem_of(file)
    assert (problem.key, problem.text) == ("line 2", "byte 0xe4 is not UTF-8")
    assert problem.cure == "Save the file as UTF-8"
    file.write_text("a = 1", encoding="utf-16")
    assert problem_of(file).cure == "Save the file as UTF-8 (it looks like UTF-16)"
