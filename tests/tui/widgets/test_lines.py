from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from trialdeck.tui.widgets.lines import flow, hint, wrapped


@given(st.lists(st.text("abc", min_size=1, max_size=12)), st.integers(12, 60))
def test_parts_are_never_torn_and_lines_never_too_long(texts: list[str], width: int) -> None:
    lines = [line.plain for line in flow(map(Content, texts), width)]
    assert [part for line in lines for part in line.split(" · ")] == texts
    assert all(len(line) <= width for line in lines)


def test_texts_keep_their_lines_and_lose_control_characters() -> None:
    lines = wrapped("one two three\n\n\x1b[31mfour", 8)
    assert [line.plain for line in lines] == ["one two", "three", "", "?[31mfou", "r"]


def test_a_hint_has_the_key_first() -> None:
    assert hint("p", "resumes").plain == "p resumes"
