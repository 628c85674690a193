from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tests.core.params.documents import OPTIMIZER, TEXT, document
from trialdeck.core.errors import EditError, ParamsError, TrialdeckError


def test_rows_are_the_dimensions_as_written() -> None:
    rows = document().rows
    assert [(row.key, row.depth, row.option, row.type) for row in rows] == [
        ("space.rate", 0, "", "loguniform"),
        ("space.nodes", 0, "", "quniform"),
        ('space."odd name"', 0, "", "uniform"),
        ("space.optimizer", 0, "", "choice"),
        (f"{OPTIMIZER}.adam.beta2", 1, "adam", "uniform"),
        (f"{OPTIMIZER}.sgd.momentum", 1, "sgd", "uniform"),
        (f"{OPTIMIZER}.sgd.nesterov", 1, "sgd", "choice"),
        ("space.depth", 0, "", "uniformint"),
    ]
    assert rows[0].summary == "1e-4 … 0.1 (log)"
    assert rows[1].table == {"type": "quniform", "low": 8, "high": 256, "q": 8}


def test_what_is_there_without_mistakes() -> None:
    made = document()
    assert made.problems == ()
    assert made.params is not None
    assert len(made.params.space) == 8
    assert made.value(f"{OPTIMIZER}.sgd.momentum.high") == 0.99
    assert made.value("search.seed") is None
    assert made.row("space.nothing") is None


def test_broken_dimensions_are_rows_too_with_their_own_problems() -> None:
    text = TEXT.replace("high = 0.99 }", "high = -1 }").replace("q = 8", "q = 9, step = 1")
    text = text.replace('"lbfgs"', '{ name = "sgd", m = { low = 0, high = 1 } }')
    made = document(text + "\n[space.bad]\ntype = 3\n[space.worse]\n")
    assert made.params is None
    rows = {row.key: row for row in made.rows}
    assert [p.key for p in rows["space.nodes"].problems] == ["space.nodes.step", "space.nodes"]
    # of the second option called sgd, too: that it is there twice is the mistake
    keys = {p.key for p in rows["space.optimizer"].problems}
    assert keys == {"space.optimizer.options", f"{OPTIMIZER}.sgd.m.type"}
    (problem,) = rows[f"{OPTIMIZER}.sgd.momentum"].problems
    assert "above high" in problem.text
    assert rows["space.nodes"].summary == "low = 8, high = 256, q = 9, step = 1"
    assert rows["space.optimizer"].summary == "adam | sgd | sgd"
    assert rows["space.bad"].type == "3"
    assert rows["space.worse"].type == ""
    # keys are unique, although two options have one name
    assert f"{OPTIMIZER}.2.m" in rows
    assert len(rows) == len(made.rows)


def test_a_value_that_is_no_table_is_a_row() -> None:
    made = document("[space]\nx = 3\n")
    (row,) = made.rows
    assert (row.key, row.type, row.table, row.summary) == ("space.x", "", {}, "3")
    assert len(row.problems) == 1


def test_problems_of_a_key_and_of_a_field() -> None:
    made = document(TEXT.replace("low = 8", 'low = "8"').replace("q = 8", 'q = "q"') + "x = 1\n")
    assert [p.key for p in made.problems_of("space.nodes")] == ["space.nodes.low", "space.nodes.q"]
    assert [p.key for p in made.problems_of("space.nodes", "low")] == ["space.nodes.low"]
    assert made.problems_of("space.rate") == ()
    assert [p.key for p in made.problems_of("cores")] == ["cores.x"]
    assert [p.key for p in made.problems_of("cores", "x")] == ["cores.x"]


def test_where_the_text_is_no_toml() -> None:
    made = document()
    made.with_text(TEXT.replace("high = 6", "high ="))
    assert made.rows == ()
    assert made.params is None
    assert not made.is_toml
    (problem,) = made.problems
    line = TEXT.splitlines().index("high = 6") + 1
    assert problem.place == (line, 7)
    changes = (
        lambda: made.set_value("search.name", "y"),
        lambda: made.add("uniform"),
        lambda: made.rename("space.rate", "x"),
        lambda: made.delete("space.rate"),
    )
    for change in changes:
        with pytest.raises(ParamsError, match=f"line {line}, column 7"):
            change()
    assert made.value("search.name") is None
    assert made.line_of("search.name") is None
    made.undo()
    assert made.text == TEXT


def test_undo_and_redo_with_what_they_say() -> None:
    made = document()
    assert (made.can_undo, made.undo_text, made.can_redo, made.redo_text) == (False, "", False, "")
    made.undo()
    made.rename("space.nodes", "width")
    made.set_value("space.width.low", 16)
    assert made.undo_text == "change low"
    made.undo()
    assert (made.undo_text, made.redo_text) == ("rename nodes", "change low")
    made.redo()
    assert made.value("space.width.low") == 16
    made.undo()
    made.undo()
    assert made.text == TEXT
    made.add("uniform")
    assert not made.can_redo
    made.redo()
    assert made.undo_text == "add x"


def test_changes_of_one_value_can_be_one_step() -> None:
    made = document()
    for value in (1, 12, 120):
        made.set_value("search.max_trials", value, merge=True)
    made.set_value("search.seed", 1, merge=True)
    made.undo()
    assert made.value("search.max_trials") == 120
    made.undo()
    assert made.text == TEXT


def test_a_change_that_changes_nothing_is_no_step() -> None:
    made = document()
    made.set_value("space.nodes.low", 8)
    made.with_text(TEXT)
    made.move("space.rate", -1)
    assert not made.can_undo


def test_several_values_in_one_step() -> None:
    made = document()
    made.set_values({"space.nodes.low": 16, f"{OPTIMIZER}.sgd.momentum.low": 0.5}, "set bounds")
    assert made.undo_text == "set bounds"
    made.undo()
    assert made.text == TEXT


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("search", "[search]"),
        ("search.name", 'name = "x"  # the name'),
        ("space.nodes.q", "nodes  = { type ="),
        ("space.depth.high", "high = 6"),
        (f"{OPTIMIZER}.sgd.momentum.low", '  { name = "sgd"'),
        (f"{OPTIMIZER}.adam", '  { name = "adam"'),
    ],
)
def test_the_line_of_a_key(key: str, line: str) -> None:
    number = document().line_of(key)
    assert number is not None
    assert TEXT.splitlines()[number - 1].startswith(line)
    assert document(TEXT.replace("\n", "\r\n")).line_of(key) == number


def test_there_is_no_line_of_what_is_not_written() -> None:
    assert document().line_of("search.seed") is None
    assert document().line_of("no key") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made.rename("space.nodes", "rate"),
        lambda made: made.rename("space.gone", "x"),
        lambda made: made.delete(f"{OPTIMIZER}.adam.gone"),
        lambda made: made.add("unifrom"),
        lambda made: made.add("uniform", "rate"),
        lambda made: made.add("uniform", under=("space.optimizer", "gone")),
        lambda made: made.add("uniform", under=("space.rate", "a")),
        lambda made: made.add("uniform", under=("space.optimizer", 7)),
        lambda made: made.set_value("a b", 1),
        lambda made: made.set_value("search.name.x.y", 1),
        lambda made: made.change_type("space.gone", "uniform"),
    ],
)
def test_what_cannot_be_done_says_so_and_changes_nothing(change) -> None:
    made = document()
    with pytest.raises(TrialdeckError) as caught:
        change(made)
    assert isinstance(caught.value, EditError | ParamsError)
    assert str(caught.value)
    assert made.text == TEXT
    assert not made.can_undo


def test_every_key_that_is_pressed_is_cheap() -> None:
    made = document()
    for _ in range(13):
        made.add("quniform")
    assert len(made.rows) == 21
    took = []
    for number in range(15):
        text = made.text + f"# {number}\n"
        start = time.perf_counter()
        made.with_text(text, merge=True)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.010  # 5 ms on a machine that does nothing else


def test_editing_loads_nothing_slow_before_a_value_is_written() -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from trialdeck.core.params.document import Document;"
        "d = Document('[space]\\nx = {type = \"uniform\", low = 0, high = 1}\\n', Path('p'));"
        "d.with_text(d.text + '#'); d.rows; d.duplicate('space.x');"
        "d.set_value('space.x.low', 0.5);"
        "import trialdeck.core.sampling, trialdeck.core.migration;"
        "print(*{'numpy', 'hyperopt', 'scipy', 'tomlkit', 'textual'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
