import tomllib

import pytest

from trialdeck.core.params.blocks import Kind, join, owned_by, split
from trialdeck.core.params.starter import demo, starter, starter_for

HARD = """\
top = "=" # = [
'a b'."c=d".e = 1

[ a . "b.c" ] # ]
x = '''
[not.a.table]
# no comment
y = 1
'''
list = [ # [
  "]", # "
  [1,
   2],
]
s = "#\\" ["
[[array]]
z = { a = 1, "b" = [1, 2] }
  [array.'sub']
  w = 2024-01-01T00:00:00Z
"""


@pytest.mark.parametrize("text", [HARD, HARD.replace("\n", "\r\n"), starter(), demo(), "", "a = 1"])
def test_statements_put_together_are_the_text(text):
    assert join(split(text)) == text


def test_every_statement_is_known():
    found = [(one.kind, one.path, one.table) for one in split(HARD) if one.kind is not Kind.BLANK]
    table = ("a", "b.c")
    assert found == [
        (Kind.PAIR, ("top",), ()),
        (Kind.PAIR, ("a b", "c=d", "e"), ()),
        (Kind.TABLE, table, ()),
        (Kind.PAIR, (*table, "x"), table),
        (Kind.PAIR, (*table, "list"), table),
        (Kind.PAIR, (*table, "s"), table),
        (Kind.ARRAY, ("array",), table),
        (Kind.PAIR, ("array", "z"), ("array",)),
        (Kind.TABLE, ("array", "sub"), ("array",)),
        (Kind.PAIR, ("array", "sub", "w"), ("array", "sub")),
    ]


def test_each_statement_can_be_read_alone():
    for text in (HARD, starter(), demo(), starter_for("a.py:b")):
        for statement in split(text):
            tomllib.loads(statement.text)


COMMENTED = """\
# of a
[a]
x = 1
# below x

# of nobody

# of b, line 1
# of b, line 2
[b]
# within b
y = 1
# of c
[c]
z = 1
"""


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        (("a",), ["# of a", "[a]", "x = 1", "# below x"]),
        (("b",), ["# of b, line 1", "# of b, line 2", "[b]", "# within b", "y = 1"]),
        (("c",), ["# of c", "[c]", "z = 1"]),
        (("b", "y"), ["y = 1"]),
        (("d",), []),
    ],
)
def test_whose_a_comment_is(path, lines):
    statements = split(COMMENTED)
    owned = sorted(owned_by(statements, path))
    assert [statements[number].text.strip() for number in owned] == lines
