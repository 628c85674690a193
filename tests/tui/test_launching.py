"""What the launch form has done in the worker thread, with real parameter files and searches."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from tests.core import places
from tests.tui.command_line import a_search, some_trials
from trialdeck import backends
from trialdeck.core.errors import LaunchError, ParamsError, SearchError
from trialdeck.core.params.starter import demo
from trialdeck.core.params.write import set_values
from trialdeck.core.searches import start
from trialdeck.tui import launching
from trialdeck.tui.deck import Deck
from trialdeck.tui.launching import Wanted
from trialdeck.tui.session import Session

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "params.toml"
    file.write_text(demo() + "\n[backends.local]\ncores = 3\n")
    return file


def test_places_are_the_backends_with_their_numbers_of_cores(file: Path):
    found = launching.places(Session(Deck(file)))
    assert [place.name for place in found] == list(backends.BACKENDS)
    assert found[0].cores == 3
    assert "This machine" in found[0].about


def test_places_are_there_in_spite_of_a_draft_with_mistakes(file: Path):
    file.write_text("[search]\n")
    assert launching.places(Session(Deck(file)))[0].cores >= 1


def test_the_plan_of_a_search_that_has_not_begun(file: Path):
    session, wanted = Session(Deck(file)), Wanted("local", 4096, 25)
    plan = launching.plan(session, wanted)
    words = shlex.split(plan.command.partition("setsid ")[2])
    assert words[words.index("--cores") + 1] == "4096"
    assert words[words.index("--trials") + 1] == "25"
    assert str(file.parent / "history" / "demo") in words
    remarks = launching.remarks(session, wanted)
    assert any("4096 cores share" in warning for warning in remarks.warnings)
    assert (remarks.refusal, launching.choices(session, "local")) == ("", [])
    assert not (file.parent / "history").exists()


def test_a_plan_that_cannot_be(file: Path):
    session = Session(Deck(file))
    with pytest.raises(LaunchError, match='no backend called "lokal"'):
        launching.plan(session, Wanted("lokal", 1))
    file.write_text("[search]\n")
    with pytest.raises(ParamsError, match="mistake"):
        launching.plan(session, Wanted("local", 1))
    file.unlink()
    with pytest.raises(SearchError, match="there is no search"):
        launching.plan(session, Wanted("local", 1))


def test_another_search_that_is_looked_at_is_launched_as_it_is(file: Path):
    start(file)
    file.write_text(set_values(demo(), {"search.name": "other"}))
    session = Session(Deck(file, "demo"))
    assert (
        str(file.parent / "history" / "demo") in launching.plan(session, Wanted("local", 1)).command
    )
    assert launching.findings(session) == []


def test_the_check_is_that_of_the_command_line(file: Path):
    file.write_text(set_values(demo(), {"search.objective": "trialdeck.core.demo:brannin"}))
    levels = [finding.level for finding in launching.findings(Session(Deck(file)))]
    assert "error" in levels


def test_a_finished_search_needs_a_higher_max_trials(tmp_path: Path):
    search = a_search(tmp_path, *some_trials(1))
    session = Session(Deck(tmp_path / "params.toml"))
    session.file.write_text(set_values(session.file.read_text(), {"search.max_trials": 1}))
    outcome = launching.launch(session, Wanted("local", 1))
    assert not outcome.started
    assert outcome.text == (
        "t is finished: all 1 trials have finished; "
        "a higher max_trials below [search] gives it more to do."
    )
    assert search.revision == 2  # the draft has been published all the same


def test_losses_that_would_mean_something_else(tmp_path: Path):
    search = a_search(tmp_path, *some_trials(1))
    session = Session(Deck(tmp_path / "params.toml"))
    changed = {"search.metric": "loss", "search.max_trials": 1}
    session.file.write_text(set_values(session.file.read_text(), changed))
    outcome = launching.launch(session, Wanted("local", 1))
    assert outcome.way_out == launching.KEEP_LOSSES
    assert "were measured differently" in outcome.text
    assert search.revision == 1
    after = launching.launch(session, Wanted("local", 1), [launching.KEEP_LOSSES])
    assert "is finished" in after.text
    assert search.revision == 2


def test_a_draft_that_others_have_overtaken(file: Path, monkeypatch: pytest.MonkeyPatch):
    places.settle(monkeypatch)
    search = start(file)
    other = file.with_name("other.toml")
    other.write_text(set_values(demo(), {"search.max_trials": 7}))
    start(other, force=True)
    file.write_text(set_values(demo(), {"search.max_trials": 9}))
    session = Session(Deck(file))
    wanted = Wanted(places.NAME, 4)
    outcome = launching.launch(session, wanted)
    assert (outcome.started, outcome.way_out) == (False, launching.FORCE)
    assert (search.revision, search.params.search.max_trials) == (2, 7)
    outcome = launching.launch(session, wanted, [launching.FORCE])
    assert (outcome.started, outcome.text) == (True, "4 cores queued on cluster: job 12")
    assert (search.revision, search.params.search.max_trials) == (3, 9)


def test_a_draft_with_mistakes_is_not_launched(file: Path):
    file.write_text(set_values(demo(), {"search.max_trials": 0.5}))
    outcome = launching.launch(Session(Deck(file)), Wanted("lokal", 1))
    assert (outcome.started, outcome.way_out) == (False, "")
    assert "one mistake" in outcome.text


def test_a_refused_launch(file: Path):
    outcome = launching.launch(Session(Deck(file)), Wanted("lokal", 1))
    assert (outcome.started, outcome.way_out) == (False, "")
    assert 'no backend called "lokal"' in outcome.text


@pytest.fixture
def cluster(file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A parameter file, and a place with partitions."""
    places.settle(monkeypatch)
    return file


def test_a_place_is_asked_with_what_was_chosen(cluster: Path):
    session = Session(Deck(cluster))
    (choice,) = launching.choices(session, places.NAME)
    assert (choice.key, choice.value, list(choice.options)) == (
        "partition",
        "main",
        ["main", "short"],
    )
    wanted = Wanted(places.NAME, 4, None, (("partition", "short"), ("time", "5m")))
    assert "--partition=short" in launching.plan(session, wanted).command
    assert launching.remarks(session, wanted) == launching.Remarks()
    assert launching.remarks(session, Wanted(places.NAME, 4)).warnings


def test_what_a_place_would_refuse_is_neither_published_nor_launched(cluster: Path):
    session = Session(Deck(cluster))
    wanted = Wanted(places.NAME, 4, None, (("partition", "moon"),))
    refusal = "there is no partition moon: choose main or short"
    assert launching.remarks(session, wanted).refusal == refusal
    outcome = launching.launch(session, wanted)
    assert (outcome.started, outcome.text) == (False, refusal)
    assert not (cluster.parent / "history").exists()


def test_a_place_of_many_jobs_takes_no_number_of_trials(cluster: Path):
    session = Session(Deck(cluster))
    assert [place.many for place in launching.places(session)][-1]
    with pytest.raises(LaunchError, match="set max_trials below"):
        launching.plan(session, Wanted(places.NAME, 4, 25))


def test_a_wrong_option_is_a_mistake_that_says_how_to_mend_it(cluster: Path):
    with pytest.raises(LaunchError, match="time"):
        launching.plan(Session(Deck(cluster)), Wanted(places.NAME, 4, None, (("time", "soon"),)))


def test_the_plan_of_a_finished_search_says_so(tmp_path: Path):
    a_search(tmp_path, *some_trials(1))
    session = Session(Deck(tmp_path / "params.toml"))
    assert launching.plan(session, Wanted("local", 1)).over == ""
    session.file.write_text(set_values(session.file.read_text(), {"search.max_trials": 1}))
    assert "t is finished: all 1 trials" in launching.plan(session, Wanted("local", 1)).over


@pytest.mark.parametrize("search", [None, "t"])
def test_a_draft_that_cannot_be_read_of_a_finished_search(tmp_path: Path, search: str | None):
    a_search(tmp_path, *some_trials(1))
    session = Session(Deck(tmp_path / "params.toml", search))
    session.file.write_text(session.file.read_text() + "\n[search\n")
    with pytest.raises(ParamsError, match=r"params\.toml"):
        launching.plan(session, Wanted("local", 1))
    outcome = launching.launch(session, Wanted("local", 1))
    assert not outcome.started
    assert "params.toml" in outcome.text
