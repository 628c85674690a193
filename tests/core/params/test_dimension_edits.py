from __future__ import annotations

import pytest

from tests.core.params.documents import OPTIMIZER, TEXT, changed_lines, document
from trialdeck.core.errors import EditError
from trialdeck.core.params.rows import value_of

UNIFORM = '{ type = "uniform", low = 0.0, high = 1.0 }'
RATE = 'rate   = { type = "loguniform", low = 1e-4, high = 1e-1 }  # learning'
DEPTH = ["[space.depth]", 'type = "uniformint"', "low = 1  # at least", "high = 6"]
NODES = 'nodes  = { type = "quniform", low = 8, high = 256, q = 8 }'


def names(text: str) -> list[str]:
    return [row.name for row in document(text).rows]


def test_a_new_dimension_stands_below_the_pairs_of_space() -> None:
    made = document()
    assert made.add("uniform") == "space.x"
    assert made.text == TEXT.replace("high = 1 }\n", f"high = 1 }}\nx = {UNIFORM}\n")
    assert made.add("uniform") == "space.x_2"
    assert made.problems == ()


@pytest.mark.parametrize("text", ["", "[search]\n", "[space]\n", "[space]", "space = {}\n"])
def test_the_first_dimension_of_all(text: str) -> None:
    made = document(text)
    assert made.add("choice", "act") == "space.act"
    assert [row.key for row in made.rows] == ["space.act"]


def test_a_new_dimension_below_another() -> None:
    made = document()
    made.add("uniform", "a", after="space.rate")
    assert made.text == TEXT.replace(RATE, f"{RATE}\na = {UNIFORM}")
    made.add("uniform", "b", after="space.optimizer")
    assert (
        '"lbfgs",\n]\n\n[space.b]\ntype = "uniform"\nlow = 0.0\nhigh = 1.0\n\n[space.d' in made.text
    )
    made.add("uniform", "c", after=f"{OPTIMIZER}.sgd.momentum")
    assert f"high = 0.99 }}, c = {UNIFORM}, nesterov" in made.text
    made.add("uniform", "d", after="space.depth")
    assert "high = 6\n\n[space.d]\n" in made.text
    assert names(made.text)[:2] == ["rate", "a"]
    assert made.problems == ()


def test_a_new_dimension_of_an_option() -> None:
    made = document()
    assert made.add("uniform", "a", under=("space.optimizer", "adam")) == f"{OPTIMIZER}.adam.a"
    assert f"high = 0.999 }}, a = {UNIFORM} }},  # c\n" in made.text
    assert made.add("uniform", under=("space.optimizer", 2)) == f"{OPTIMIZER}.lbfgs.x"
    assert f'  {{ name = "lbfgs", x = {UNIFORM} }},\n' in made.text
    with pytest.raises(EditError, match="can carry nothing"):
        made.add("uniform", under=(f"{OPTIMIZER}.sgd.nesterov", 0))


def test_a_copy_stands_below_with_new_names() -> None:
    made = document()
    assert made.duplicate("space.rate") == "space.rate_2"
    assert changed_lines(TEXT, made.text) == ([RATE.replace("rate  ", "rate_2")], [])
    assert made.duplicate("space.rate_2") == "space.rate_3"
    assert made.duplicate("space.optimizer") == "space.optimizer_2"
    nested = [row.name for row in made.rows if "optimizer_2" in row.key]
    assert nested == ["optimizer_2", "beta2_2", "momentum_2", "nesterov_2"]
    assert made.text.count("# of optimizer") == 1
    assert made.duplicate(f"{OPTIMIZER}.adam.beta2") == f"{OPTIMIZER}.adam.beta2_3"
    assert made.duplicate("space.depth") == "space.depth_2"
    assert "\n[space.depth_2]\ntype = " in made.text
    assert made.problems == ()


@pytest.mark.parametrize(
    ("key", "gone"),
    [
        ("space.rate", ["# of rate", RATE]),
        ("space.nodes", [NODES]),
        ('space."odd name"', ['"odd name" = { type = "uniform", low = 0, high = 1 }']),
        (
            "space.depth",
            DEPTH,
        ),
    ],
)
def test_a_dimension_goes_with_its_comment(key: str, gone: list[str]) -> None:
    made = document()
    made.delete(key)
    assert changed_lines(TEXT, made.text) == ([], gone)
    assert "\n\n\n" not in made.text
    assert made.problems == ()


def test_a_choice_goes_with_all_that_it_carries() -> None:
    made = document()
    made.delete("space.optimizer")
    start, end = TEXT.index("# of optimizer"), TEXT.index("[space.depth]")
    assert made.text == TEXT[:start] + TEXT[end:]


def test_what_an_option_carries_goes_alone() -> None:
    made = document()
    made.delete(f"{OPTIMIZER}.sgd.momentum")
    assert '  { name = "sgd", nesterov = { type' in made.text
    made.delete(f"{OPTIMIZER}.sgd.nesterov")
    assert '  { name = "sgd" },\n' in made.text
    made.delete(f"{OPTIMIZER}.adam.beta2")
    assert '  { name = "adam", eps = 1e-8 },  # c\n' in made.text


def test_names_are_changed_in_their_places() -> None:
    made = document()
    assert made.rename("space.rate", "lr") == "space.lr"
    assert made.rename("space.nodes", "a b") == 'space."a b"'
    assert made.rename("space.optimizer", "opt") == "space.opt"
    assert made.rename("space.opt.options.adam.beta2", "b") == "space.opt.options.adam.b"
    assert changed_lines(TEXT, made.text)[0][:3] == [
        RATE.replace("rate  ", "lr    "),
        NODES.replace("nodes  ", '"a b"  '),
        "[space.opt]",
    ]
    assert [row.name for row in made.rows][:5] == ["lr", "a b", "odd name", "opt", "b"]


def test_a_name_that_is_taken_elsewhere_is_a_problem() -> None:
    made = document()
    made.rename(f"{OPTIMIZER}.adam.beta2", "rate")
    assert "already taken" in made.problems[0].text
    made.undo()
    made.rename("space.rate", "")
    assert "not a usable name" in made.problems[0].text


def test_moving_pairs_and_tables() -> None:
    made = document()
    made.move("space.rate", 1)
    assert f"[space]\n{NODES}\n# of rate\n{RATE}\n" in made.text
    made.move("space.rate", -1)
    assert made.text == TEXT
    made.move("space.depth", -1)
    assert names(made.text)[3:5] == ["depth", "optimizer"]
    made.move("space.depth", 1)
    assert made.text == TEXT
    made.move("space.depth", 1)
    assert made.text == TEXT


def test_a_pair_that_goes_below_a_table_becomes_one() -> None:
    made = document()
    made.delete('space."odd name"')
    before = made.params
    made.move("space.nodes", 1)
    assert names(made.text)[1] == "optimizer"
    assert '\n[space.nodes]\ntype = "quniform"\nlow = 8\nhigh = 256\nq = 8\n\n[sp' in made.text
    assert made.params is not None
    assert before is not None
    assert {d.name for d in made.params.space.dimensions} == {
        d.name for d in before.space.dimensions
    }
    made.move("space.optimizer", -1)
    assert names(made.text)[0] == "optimizer"
    assert "# of rate\n[space.rate]  # learning\n" in made.text
    assert made.problems == ()


def test_moving_what_an_option_carries() -> None:
    made = document()
    made.move(f"{OPTIMIZER}.sgd.momentum", 1)
    line = next(one for one in made.text.splitlines() if '"sgd"' in one)
    assert line.index("nesterov") < line.index("momentum")
    made.move(f"{OPTIMIZER}.sgd.momentum", -1)
    assert made.text == TEXT


SCATTERED = """\
[space]
x.type = "uniform"
y = { type = "uniform", low = 0, high = 1 }
x.low = 0
x.high = 1
"""


def test_what_is_scattered_is_left_to_the_text() -> None:
    made = document(SCATTERED)
    with pytest.raises(EditError, match="several places"):
        made.delete("space.x")
    made.set_value("space.x.low", 0.5)
    made.rename("space.x", "z")
    assert made.text == SCATTERED.replace("x.", "z.").replace("low = 0\n", "low = 0.5\n")


ARRAYS = """\
[space.opt]
type = "choice"
# first
[[space.opt.options]]
name = "a"
m.type = "uniform"
m.low = 0
m.high = 1
[[space.opt.options]]
name = "b"
[[space.opt.options]]
name = "c"
"""


def test_options_written_as_tables_of_their_own_become_one_list() -> None:
    changes = {
        "set": lambda made: made.set_value("space.opt.options.a.m.low", 0.5),
        "delete": lambda made: made.delete("space.opt.options.a.m"),
        "rename": lambda made: made.rename("space.opt.options.a.m", "k"),
        "duplicate": lambda made: made.duplicate("space.opt.options.a.m"),
        "add": lambda made: made.add("uniform", "k", under=("space.opt", "b")),
        "option": lambda made: made.rename_option("space.opt", "b", "d"),
    }
    for name, change in changes.items():
        made = document(ARRAYS)
        before = made.value("space.opt")
        change(made)
        assert made.value("space.opt") != before, name
        assert made.row("space.opt") is not None
        assert not any(problem.key.startswith("space") for problem in made.problems), name
    made = document(ARRAYS)
    made.duplicate("space.opt")
    assert value_of(made.value("space.opt_2"), ["options", 0, "m_2", "high"]) == 1


def test_dimensions_in_one_pair_or_above_all_tables() -> None:
    inline = f"space = {{ a = {UNIFORM}, b = {UNIFORM} }}\n"
    made = document(inline)
    made.move("space.a", 1)
    assert names(made.text) == ["b", "a"]
    made.delete("space.b")
    assert made.text == f"space = {{ a = {UNIFORM} }}\n"
    made = document(f"space.a = {UNIFORM}\n")
    made.add("uniform", "b", after="space.a")
    made.rename("space.a", "c")
    assert made.text == f"space.c = {UNIFORM}\nspace.b = {UNIFORM}\n"


def test_another_type_keeps_what_has_a_meaning() -> None:
    made = document()
    made.change_type("space.rate", "uniform")
    assert RATE.replace("loguniform", "uniform") in made.text
    made.change_type("space.nodes", "uniformint")
    assert 'nodes  = { type = "uniformint", low = 8, high = 256 }' in made.text
    made.change_type("space.depth", "randint")
    assert '[space.depth]\ntype = "randint"\nlow = 1  # at least\nhigh = 7\n' in made.text
    made.change_type(f"{OPTIMIZER}.sgd.momentum", "loguniform")
    assert made.value(f"{OPTIMIZER}.sgd.momentum.low") == 0.00099
    made.change_type("space.optimizer", "pchoice")
    assert made.value("space.optimizer.probabilities") == [0.3334, 0.3333, 0.3333]
    assert made.problems == ()
