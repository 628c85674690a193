"""Real cores: what becomes of every kind of objective."""

import os
import signal
from pathlib import Path

import pytest

from tests.conditions import until
from tests.core.pool.said import said_until
from trialdeck.backends import process
from trialdeck.backends.process import become_subreaper, descendants, identify
from trialdeck.core.pool.cores import Core, ForkServer, Gone, describe_end, kill_strays
from trialdeck.core.pool.messages import Broken, Done, Ready, Reported, Run, Setup

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def server():
    become_subreaper()
    server = ForkServer([], threads=1)
    yield server
    server.close()
    process._prctl(process.PR_SET_CHILD_SUBREAPER, 0)  # other tests count on being none


@pytest.fixture
def start(server, tmp_path):
    """Return a function that starts a core with an objective of odd.py and waits for it."""
    cores = []

    def started(function, *, module=HERE / "odd.py", **fixed):
        setup = Setup(
            objective=f"{module}:{function}",
            folder=str(tmp_path),
            log=str(tmp_path / "core.log"),
            core=0,
            threads=1,
            fixed=fixed,
        )
        core = Core(0, setup, server)
        cores.append(core)
        return core

    yield started
    for core in cores:
        core.close()


def train(core, tmp_path, point=None, **fixed):
    [ready] = [m for m in said_until(core, (Ready, Broken)) if isinstance(m, (Ready, Broken))]
    assert isinstance(ready, Ready), ready
    run = Run(
        tid=3,
        attempt=0,
        seed=1,
        point=point or {"x": 2.0},
        fixed=fixed,
        metric="",
        maximize=False,
        checkpoint=str(tmp_path / "checkpoints" / "3" / "0"),
        model=str(tmp_path / "models" / "3" / "0"),
    )
    core.start(run)


def outcome(core, tmp_path, **fixed):
    train(core, tmp_path, **fixed)
    return said_until(core, (Done, Gone))[-1]


def test_a_number_is_the_loss(start, tmp_path):
    assert outcome(start("fine"), tmp_path) == Done(outcome="ok", loss=4.0, metrics={"loss": 4.0})


def test_one_core_runs_many_trials(start, tmp_path):
    core = start("fine")
    train(core, tmp_path)
    said_until(core, Done)
    for x in range(5):
        run = Run(
            tid=x,
            attempt=0,
            seed=0,
            point={"x": x},
            fixed={},
            metric="",
            maximize=True,
            checkpoint="",
            model="",
        )
        core.start(run)
        [done] = said_until(core, Done)
        assert done.loss == -(x**2)


@pytest.mark.parametrize(
    ("function", "cause", "text"),
    [
        ("returns_none", "error", "returned None"),
        ("returns_text", "error", "'0.5' (str), not a number"),
        ("returns_nan", "not_finite", "loss is nan"),
        ("returns_array", "error", "array of several values"),
        ("returns_true", "error", "True (bool), not a number"),
        ("returns_huge_int", "not_finite", "too large"),
        ("raises_odd", "error", "OddError: (its text raises RuntimeError)"),
        ("raises_surrogate", "error", "ValueError: bad name ?"),
        ("raises_base", "error", "very base"),
        ("raises_interrupt", "error", "KeyboardInterrupt"),
        ("raises_memory", "out_of_memory", "MemoryError"),
        ("exits", "error", "sys.exit(3)"),
    ],
)
def test_failures_say_why_and_the_core_goes_on(start, tmp_path, function, cause, text):
    core = start(function)
    done = outcome(core, tmp_path)
    assert isinstance(done, Done)
    assert (done.outcome, done.cause) == ("failed", cause)
    assert text in done.message
    assert not list(core.receive()), "the core lives"


@pytest.mark.parametrize(
    ("function", "cause", "text"),
    [
        ("exits_hard", "error", "exit code 3"),
        ("segfaults", "error", "SIGSEGV"),
        ("kills_itself", "killed", "SIGKILL"),
    ],
)
def test_deaths_are_told_apart(start, tmp_path, function, cause, text):
    gone = outcome(start(function), tmp_path)
    assert isinstance(gone, Gone)
    assert describe_end(gone)[0] == cause
    assert text in describe_end(gone)[1]


def test_a_crash_leaves_its_traceback_in_the_log(start, tmp_path):
    outcome(start("segfaults"), tmp_path)
    log = (tmp_path / "core.log").read_text()
    assert "--- trial 3 attempt 0 ---" in log
    assert "Segmentation fault" in log
    assert "odd.py" in log


def test_megabytes_of_output_go_to_the_log(start, tmp_path):
    assert outcome(start("prints_megabytes"), tmp_path).outcome == "ok"
    assert (tmp_path / "core.log").stat().st_size > 3_000_000


def test_numpy_values_become_plain_numbers(start, tmp_path):
    done = outcome(start("returns_numpy"), tmp_path)
    assert done.loss == 0.5
    assert done.metrics == {"loss": 0.5, "epochs": 3, "auc": 0.75}


def test_what_is_no_number_or_text_is_left_out(start, tmp_path):
    done = outcome(start("returns_unserialisable"), tmp_path)
    assert done.metrics == {"loss": 0.5, "note": "fine", "worst": "inf"}
    assert (
        "left out of the history: model (object), curve (list)"
        in (tmp_path / "core.log").read_text()
    )


def test_an_objective_that_forks_reports_once(start, tmp_path):
    core = start("forks")
    assert outcome(core, tmp_path).loss == 0.25
    train_again = Run(
        tid=4,
        attempt=0,
        seed=1,
        point={},
        fixed={},
        metric="",
        maximize=False,
        checkpoint="",
        model="",
    )
    core.start(train_again)
    assert [m.loss for m in said_until(core, Done)] == [0.25]


def test_reports_arrive_in_order_and_nan_as_text(start, tmp_path):
    core = start("reports")
    train(core, tmp_path)
    said = said_until(core, Done)
    reports = [m for m in said if isinstance(m, Reported)]
    assert [r.step for r in reports] == list(range(5))
    assert reports[1].values == {"loss": 0.5, "bad": "nan"}
    assert said[-1].steps == 5


@pytest.mark.parametrize("function", ["until_stopped", "reports_until_stopped"])
def test_what_happens_after_a_stop_is_no_error(start, tmp_path, function):
    core = start(function)
    train(core, tmp_path)
    said_until(core, Reported)
    core.ask_to_stop()
    done = said_until(core, Done)[-1]
    assert (done.outcome, done.cause) == ("interrupted", "stopped")


@pytest.mark.parametrize("function", ["hangs", "hangs_and_ignores"])
def test_a_hanging_objective_ends_when_the_pool_hangs_up(start, tmp_path, server, function):
    core = start(function)
    train(core, tmp_path)
    list(core.receive())
    guard = core.pid
    assert len(descendants(guard)) == 1
    core.close()
    until(lambda: identify(guard) is None and not descendants(server.pid), 10, "it still hangs")


@pytest.mark.parametrize("victim", ["guard", "trainer"])
def test_nothing_is_left_when_part_of_a_core_is_killed(start, tmp_path, server, victim):
    note = tmp_path / "pids"
    others = {process.pid for process in descendants(os.getpid())}  # what other tests need
    core = start("leaves_children")
    train(core, tmp_path, note=str(note))
    until(lambda: note.exists() and len(note.read_text().split()) == 2, 10, "no children yet")
    list(core.receive())
    trainer, child = map(int, note.read_text().split())

    os.kill(core.pid if victim == "guard" else trainer, signal.SIGKILL)
    gone = said_until(core, Gone)[-1]
    assert describe_end(gone)[0] == "killed"
    if victim == "guard":
        until(lambda: identify(trainer) is None, 10, "the trainer outlives its guard")
        kill_strays({server.pid, *others})
    until(lambda: identify(child) is None, 10, "a child of the objective is left")


def test_the_fork_server_is_replaced_when_killed(start, tmp_path, server):
    first = start("fine")
    assert outcome(first, tmp_path).loss == 4.0

    old = server.pid
    os.kill(old, signal.SIGKILL)
    until(lambda: server.pid is None, 10, "the fork server lives")
    assert not list(first.receive()), "its cores live on"
    assert outcome(start("fine"), tmp_path).loss == 4.0
    assert server.pid != old


def test_an_objective_that_cannot_be_imported_says_so(start):
    [broken] = _broken(start("nothing_of_this_name"))
    assert "has no function nothing_of_this_name" in broken.text
    [missing] = _broken(start("train", module="no_such_module_anywhere"))
    assert 'no module "no_such_module_anywhere"' in missing.text


def _broken(core):
    return [m for m in said_until(core, Broken) if isinstance(m, Broken)]


def test_the_objectives_of_2020_are_called_by_name(start, tmp_path):
    core = start("Iteration")
    point = {"nLayers": 3, "batch_size": 64.0, "learning_rate": 0.1, "Nodes": 8.0}
    train(core, tmp_path, point=point, Epochs_FCN=10)
    assert said_until(core, Done)[-1].loss == pytest.approx(0.97)


def test_an_earlier_attempts_network_is_there_without_being_asked_for(start, tmp_path):
    core = start("fine")
    said_until(core, Ready)
    earlier = tmp_path / "models" / "3" / "0"
    earlier.mkdir(parents=True)
    (earlier / "net").touch()
    where = {"checkpoint": str(tmp_path / "checkpoints" / "3" / "1")}
    where["model"] = str(earlier.with_name("1"))
    about = {"tid": 3, "attempt": 1, "seed": 1, "metric": "", "maximize": False}
    core.start(Run(**about, **where, point={"x": 1.0}, fixed={}))
    said_until(core, Done)
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("net")] == ["models/3/1/net"]
