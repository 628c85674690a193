"""Lines written for a terminal become what one would read there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core.log_text import tame, tame_text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("plain", "plain"),
        ("Grüße, 世界", "Grüße, 世界"),
        ("\x1b[31mred\x1b[0m and \x1b[1;38;5;200mmore", "red and more"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (" 10%|#    |\r 50%|###  |\r100%|#####|", "100%|#####|"),
        ("a long first state\rshort", "shortg first state"),
        ("a long first state\r\x1b[Kshort", "short"),
        ("a long first state\x1b[2K\rshort", "short"),
        ("windows\r\n", "windows"),
        ("abc\x08\x08X", "aXc"),
        ("a\tb", "a       b"),
        ("bell\x07 and null\x00", "bell? and null?"),
        ("cut off \x1b[3", "cut off "),
        ("back \u202e wards", "back ? wards"),
    ],
)
def test_lines(line: str, expected: str):
    assert tame(line) == expected


def test_lines_of_a_text_are_kept():
    assert tame_text("one\n  \x1b[1mtwo\x1b[0m\n\nthree") == "one\n  two\n\nthree"


@given(st.text(alphabet=st.characters() | st.sampled_from("\x1b[]KmJ0;\r\x08\t\x07"), max_size=60))
def test_nothing_that_steers_a_terminal_is_left(line: str):
    tamed = tame(line)
    assert tamed == "" or tamed.isprintable()
    assert tame(tamed) == tamed
