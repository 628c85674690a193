import tomllib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trialdeck.core.errors import ParamsError
from trialdeck.core.params.starter import demo, starter
from trialdeck.core.params.toml_text import dotted
from trialdeck.core.params.write import (
    difference,
    set_values,
    with_backends_of,
    without_backends,
)

TEXT = """\
# about the file
[search]
name = "x"        # the name
max_trials = 100  # how many

# about fixed
[fixed]
a = 1
# deep.b = 5

# about space
[space]
rate = { type = "loguniform", low = 1e-6, high = 0.1 }  # of learning

[space.optimizer]  # nested
type = "choice"
options = [
  { name = "adam", beta = { type = "uniform", low = 0.1, high = 1 } }, # usual
  { name = "sgd" },
]

# about backends
[backends.local]
cores = 3  # this machine

# about cores
[cores]
count = 3
"""


def changed_lines(old, new):
    """Return the lines of `new` that are not in `old`, and those of `old` that are gone."""
    before, after = old.splitlines(), new.splitlines()
    return [one for one in after if one not in before], [one for one in before if one not in after]


@pytest.mark.parametrize(
    ("key", "value", "added", "gone"),
    [
        (
            "search.max_trials",
            200,
            ["max_trials = 200  # how many"],
            ["max_trials = 100  # how many"],
        ),
        (
            "search.name",
            'a"b',
            ['name = "a\\"b"        # the name'],
            ['name = "x"        # the name'],
        ),
        ("search.seed", 3, ["seed = 3"], []),
        ("fixed.zz", {"a": [1, "x"]}, ['zz = { a = [1, "x"] }'], []),
        ('fixed."odd key"', True, ['"odd key" = true'], []),
        (
            "space.rate.high",
            1,
            ['rate = { type = "loguniform", low = 1e-6, high = 1 }  # of learning'],
            ['rate = { type = "loguniform", low = 1e-6, high = 0.1 }  # of learning'],
        ),
        (
            "space.rate.q",
            2,
            ['rate = { type = "loguniform", low = 1e-6, high = 0.1, q = 2 }  # of learning'],
            ['rate = { type = "loguniform", low = 1e-6, high = 0.1 }  # of learning'],
        ),
        (
            "space.rate",
            {"type": "uniform", "low": 0},
            ['rate = { type = "uniform", low = 0 }  # of learning'],
            ['rate = { type = "loguniform", low = 1e-6, high = 0.1 }  # of learning'],
        ),
        ("space.optimizer.options", ["a"], ['options = ["a"]'], TEXT.splitlines()[16:20]),
        ("quick.fixed.jets", 5, ["[quick.fixed]", "jets = 5"], []),
        ("quick.max_trials", 5, ["[quick]", "max_trials = 5"], []),
        ("fixed.deep.er", 5, ["deep.er = 5"], []),
        ("search.max_trials", None, [], ["max_trials = 100  # how many"]),
        ("search.seed", None, [], []),
        ("cores", None, [], ["# about cores", "[cores]", "count = 3"]),
    ],
)
def test_only_what_is_meant_changes(key, value, added, gone):
    assert changed_lines(TEXT, set_values(TEXT, {key: value})) == (added, gone)


def test_a_new_key_stands_above_the_comment_of_the_next_table():
    assert set_values(TEXT, {"search.seed": 3}) == TEXT.replace(
        "# how many\n", "# how many\nseed = 3\n"
    )


def test_a_new_table_stands_at_the_end():
    assert set_values(TEXT, {"quick.a": 1, "quick.b": 2}) == TEXT + "\n[quick]\na = 1\nb = 2\n"
    assert set_values("", {"quick.a": 1}) == "[quick]\na = 1\n"
    assert set_values("x.y = 1", {"x.z": 2}) == "x.y = 1\nx.z = 2\n"


def test_options_of_a_table_in_several_lines():
    new = set_values(TEXT, {"space.optimizer.options": [{"name": "a"}, {"name": "b"}]})
    assert 'options = [\n  { name = "a" },\n  { name = "b" },\n]\n' in new


def test_a_table_of_its_own_can_become_one_in_braces():
    new = set_values(TEXT, {"space.optimizer": {"type": "choice", "options": ["a", "b"]}})
    assert '# of learning\noptimizer = { type = "choice", options = ["a", "b"] }\n' in new
    assert "[space.optimizer]" not in new


def test_equal_values_keep_their_spelling():
    text = "[a]\nx = 1_000\ny = 1e-06\nz = 'a'\n"
    assert set_values(text, {"a.x": 1000, "a.y": 1e-6, "a.z": "a"}) == text
    assert set_values(text, {"a.x": 1000.0}) == text.replace("1_000", "1000.0")


def test_the_super_table_of_another():
    text = "[quick.fixed.deep]\na = 1\n"
    assert tomllib.loads(set_values(text, {"quick.fixed.jets": 1})) == {
        "quick": {"fixed": {"deep": {"a": 1}, "jets": 1}}
    }


@pytest.mark.parametrize("key", ["search.name.x", "space.optimizer.options.name"])
def test_no_way_through_a_value(key):
    with pytest.raises(ParamsError, match="which holds no keys"):
        set_values(TEXT, {key: 1})


@pytest.mark.parametrize("key", ["", "a b", "a..b"])
def test_what_is_no_key(key):
    with pytest.raises(ParamsError, match="this is no key"):
        set_values(TEXT, {key: 1})


def test_what_is_no_toml():
    with pytest.raises(ParamsError, match="line 1"):
        set_values("a = ", {"b.c": 1})


def test_lines_keep_their_ends_and_the_file_its_mark():
    windows = "\ufeff" + TEXT.replace("\n", "\r\n")
    new = set_values(windows, {"search.seed": 3, "quick.a": 1})
    assert new.startswith("\ufeff#")
    assert new.count("\n") == new.count("\r\n") == windows.count("\n") + 4
    plain = new.removeprefix("\ufeff").replace("\r\n", "\n")
    assert plain == set_values(TEXT, {"search.seed": 3, "quick.a": 1})


names = st.sampled_from(["search", "fixed", "space", "quick", "a", "rate", "optimizer", "b c"])
texts = st.text("a#\"'\n[=", max_size=4)
values = st.recursive(
    st.integers(-9, 9) | st.floats(allow_nan=False) | st.booleans() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=2),
    max_leaves=4,
)


@given(
    st.sampled_from([TEXT, starter(), demo(), ""]),
    st.lists(st.tuples(st.lists(names, min_size=2, max_size=4), values), max_size=3),
)
def test_any_value_can_be_set_and_comments_stay(text, settings):
    new, expected = text, tomllib.loads(text)
    for path, value in settings:
        tree = expected
        for part in path[:-1]:
            tree = tree.setdefault(part, {})
            assume(isinstance(tree, dict))
        tree[path[-1]] = value
        new = set_values(new, {dotted(path): value})
    assert repr(sorted(tomllib.loads(new).items())) == repr(sorted(expected.items())) or (
        tomllib.loads(new) == expected
    )
    touched = {path[0] for path, _ in settings}
    kept = [line for line in text.splitlines() if line.startswith("# ") and "space" not in touched]
    assert [line for line in kept if line not in new.splitlines()] == []


BACKENDS = [
    "[backends.local]\ncores = 3\n",
    "# about it\n[backends.local]\n# within\ncores = 3\n# below\n\n[backends.other]\n",
    "[[backends.ssh]]\nx = 1\n[backends.ssh.deep]\ny = '''\n[cores]\n'''\n",
    "[backends]\nlocal = { cores = 3 }\n",
]


@pytest.mark.parametrize("backends", BACKENDS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_without_backends(backends, ends):
    before, after = "# top\n[a]\nx = 1\n", "# about b\n[b]\ny = 2\n"
    for text, rest in [
        (before + "\n" + backends + "\n" + after, before + "\n" + after),
        (before + "\n" + backends, before),
        (backends + "\n" + after, after),
        (backends + after, after),
        (backends, ""),
    ]:
        assert without_backends(text.replace("\n", ends)) == rest.replace("\n", ends)


def test_backends_above_all_tables():
    assert without_backends("backends.local.cores = 3\n[a]\nx = 1\n") == "[a]\nx = 1\n"
    assert without_backends("# hi\nbackends = {}\n") == "# hi\n"


@pytest.mark.parametrize("backends", [*BACKENDS, "backends.local.cores = 3\n"])
def test_taking_over_backends(backends):
    text = "# top\n[a]\nx = 1\n"
    draft = (backends if backends.startswith("backends") else "") + "[a]\nx = 2\n\n"
    draft += "" if backends.startswith("backends") else backends
    new = with_backends_of(text, draft)
    assert tomllib.loads(new) == {**tomllib.loads(text), **tomllib.loads(backends)}
    assert without_backends(new) == text
    assert all(line in new for line in backends.splitlines())


def test_difference():
    assert difference("a = 1\nb = 2\nc = 3\n", "a = 1\r\nb = 4\r\nc = 3\r\n", "old", "new") == (
        "--- old\n+++ new\n  …\n a = 1\n-b = 2\n+b = 4\n c = 3"
    )
    assert difference("a", "a", "old", "new") == ""
