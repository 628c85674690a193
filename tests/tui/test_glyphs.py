import io
import sys

import pytest

from trialdeck.tui import glyphs


@pytest.mark.parametrize(
    ("encoding", "variables", "expected"),
    [
        ("utf-8", {"LANG": "de_DE.UTF-8"}, True),
        ("utf-8", {"LANG": "en_US.utf8"}, True),
        ("utf-8", {}, True),
        ("utf-8", {"LANG": "C"}, False),
        ("utf-8", {"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, False),
        ("utf-8", {"LC_ALL": "", "LC_CTYPE": "de_DE.UTF-8", "LANG": "C"}, True),
        ("utf-8", {"LC_CTYPE": "C.UTF-8", "LANG": "C"}, False),  # LC_CTYPE set by Python
        ("utf-8", {"LC_CTYPE": "C.UTF-8"}, True),
        ("latin-1", {"LANG": "de_DE.UTF-8"}, False),
        ("ascii", {}, False),
    ],
)
def test_signs_are_plain_unless_the_locale_and_the_encoding_are_utf8(
    monkeypatch, encoding, variables, expected
):
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert glyphs.is_unicode() is expected
    assert glyphs.glyph("ok").isascii() is not expected


def test_every_sign_has_a_plain_one_of_the_same_width():
    for name, (fine, plain) in glyphs._GLYPHS.items():
        assert plain.isascii(), name
        assert len(fine) == len(plain), name


def test_the_plain_signs_of_states_differ():
    plain = [glyphs._GLYPHS[name][1] for name in glyphs.COLORS]
    assert len(set(plain)) == len(plain)
