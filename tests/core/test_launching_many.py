"""Launches of several jobs, at a place that does what the test tells it to."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.tui.command_line import a_search
from trialdeck.backends.base import Handle, Jobs, LaunchError, NoAnswer, SingleJobs, State, Status
from trialdeck.core.history import commands
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.writers import WriterFile, WriterFiles

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.launches import Launch
    from trialdeck.core.search import Search

RUNS = Status(State.RUNNING)


@dataclass
class Cluster(SingleJobs):
    """Takes launches of four jobs with four cores each; says `says`, and keeps what it is told."""

    name: str = "slurm"
    many: bool = True
    says: Status = field(default_factory=lambda: Status(State.QUEUED, "Priority", queued=4))
    refuses: LaunchError | None = None
    told: list[tuple[str, object]] = field(default_factory=list)

    def jobs(self, spec):
        return Jobs(4, 40)

    def submit(self, spec):
        if self.refuses is not None:
            raise self.refuses
        return Handle("slurm", "12")

    def poll(self, handles):
        return dict.fromkeys(handles, self.says)

    def cancel(self, handles):
        self.told.append(("cancel", [handle.job for handle in handles]))

    def release(self, handles):
        self.told.append(("release", [handle.job for handle in handles]))

    def resize(self, handle, cores):
        self.told.append(("resize", (handle.job, cores)))


@pytest.fixture
def search(tmp_path: Path) -> Search:
    return a_search(tmp_path)


@pytest.fixture
def place(search: Search, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    place = Cluster()
    monkeypatch.setattr(search.launcher, "_backend", lambda *_: place)
    return place


@pytest.fixture
def launch(search: Search, place: Cluster) -> Launch:
    return search.launch("slurm", 16)


def a_pool(search: Search, number: int, name: str, **more) -> WriterFile:
    given = {"backend": "slurm", "job": f"12_{number}", "cores_wanted": 4, "state": "running"}
    given = {"identity": Identity.of(os.getpid()), **given, **more}
    file = WriterFile(id=f"w{number}", name=name, **given)
    WriterFiles(search.paths).write(file)
    search.snapshot()
    return file


def pools(search: Search, name: str, count: int) -> None:
    for number in range(count):
        a_pool(search, number, name)


def words(search: Search) -> list[tuple[str, str]]:
    return [(core.state, core.job) for core in search.cores() if not core.writer]


def noted(search: Search, launch: Launch) -> Launch:
    found = search.launcher._files.read(launch.name)
    assert found is not None
    return found


def test_a_launch_is_noted_with_what_its_jobs_are(search, launch):
    assert launch == noted(search, launch)
    assert (launch.many, launch.job, launch.cores_per_job) == (True, "12", 4)
    with pytest.raises(LaunchError, match=r"7 trials at most: .* set max_trials below"):
        search.launch("slurm", 16, trials=7)


def test_a_launch_whose_reply_was_lost_is_kept_and_one_that_was_refused_is_not(search, place):
    place.refuses = LaunchError("Invalid partition")
    with pytest.raises(LaunchError, match="Invalid partition"):
        search.launch("slurm", 4)
    assert search.launcher.launches() == []
    place.refuses = NoAnswer("sbatch: no reply")
    with pytest.raises(LaunchError, match="no reply"):
        search.launch("slurm", 4)
    (lost,) = search.launcher.launches()
    assert lost.job == ""
    assert words(search) == [("queued", lost.name)]


def test_pools_and_what_waits_are_shown_side_by_side(search, place, launch):
    pools(search, launch.name, 2)
    jobs = {f"12_{number}": RUNS for number in range(3)}
    place.says = Status(State.RUNNING, "Priority", queued=1, reserve=36, jobs=jobs)
    look = search.look()
    states = [(core.state, core.count) for core in look.cores if not core.writer]
    assert states == [("starting", 4), ("queued", 4), ("reserve", 144)]
    assert len([core for core in look.cores if core.writer]) == 8
    assert look.launches == (launch,)
    assert look.status.reason == "1 job on slurm is queued (Priority)"
    place.says = Status(State.RUNNING, reserve=36, jobs={"12_0": RUNS, "12_1": RUNS})
    assert words(search) == [("reserve", "12")]
    assert search.status().reason == "cores are starting"


def test_what_is_stuck_is_told_also_while_pools_run(search, place, launch):
    pools(search, launch.name, 2)
    jobs = {"12_0": RUNS, "12_1": RUNS}
    place.says = Status(State.RUNNING, "lower `time`", stuck=True, queued=2, jobs=jobs)
    assert search.status().stuck == "2 jobs on slurm cannot start: lower `time`"
    assert ("stuck", "12") in words(search)


def test_a_launch_is_asked_about_until_its_place_says_that_it_is_over(search, place, launch):
    a_pool(search, 0, launch.name)
    search.launcher._files.change(launch.name, at=time.time() - 1e6)
    assert words(search) == [("queued", "12")]
    place.says = Status(State.ENDED)
    assert words(search) == []
    assert noted(search, launch).over
    assert search.look().launches == ()


def test_a_launch_that_never_became_a_pool_says_why_for_as_long_as_it_is_the_newest(
    search, place, launch
):
    (search.paths.logs / f"pool-{launch.name}_0.log").write_text("No module named trialdeck\n")
    place.says = Status(State.FAILED, "exit status 1")
    reason = f"the slurm launch {launch.name} could not start: No module named trialdeck"
    for _ in range(2):  # the second time it is noted that it is over
        assert search.status().reason == reason
        assert words(search) == [("failed", "12")]
    assert noted(search, launch).why == reason
    place.says = Status(State.QUEUED, "Priority", queued=4)
    search.launch("slurm", 16)
    assert words(search) == [("queued", "12")]


def test_what_has_vanished_is_told_by_what_it_printed(search, place, launch):
    place.says = Status(State.VANISHED)
    assert words(search) == []
    assert not noted(search, launch).over  # its place may know it again
    (search.paths.logs / f"pool-{launch.name}_3.log").write_text("no\nnothing\n")
    assert words(search) == [("failed", "12")]
    assert search.status().reason.endswith("could not start: nothing")
    place.says = Status(State.QUEUED, queued=4)
    assert words(search) == [("queued", "12")]


def test_a_pool_without_a_sign_of_life_is_gone_when_its_place_says_so(search, place, launch):
    elsewhere = Identity(host="node1", boot="b", pid=1)
    file = a_pool(search, 0, launch.name, identity=elsewhere)
    place.says = Status(State.RUNNING, queued=1, jobs={"12_0": Status(State.FAILED, "NODE_FAIL")})
    search.cores()
    assert [pool.id for pool in search.launcher.pools()] == [file.id]
    os.utime(search.paths.writers / f"{file.id}.json", (1.0, 1.0))
    assert search.launcher.pools() == []
    end = search.liveness.job_end(file.id)
    assert end is not None
    assert end.reason == "NODE_FAIL"


def test_the_size_of_a_launch_is_that_of_all_its_jobs(search, place, launch):
    pools(search, launch.name, 1)
    search.resize("w0", 20)
    assert place.told == [("resize", ("12", 20))]
    assert noted(search, launch).cores == 20
    assert commands.read(search.paths, "w0").cores is None
    with pytest.raises(LaunchError, match="keeps at least one"):
        search.resize("w0", 0)


def test_a_pool_of_one_job_is_told_itself(search):
    a_pool(search, 0, "", backend="local", job="1124-010203-abcdef")
    search.resize("w0", 3)
    assert commands.read(search.paths, "w0").cores == 3


def test_stopping_all_releases_what_waits_and_ends_what_starts(search, place, launch):
    pools(search, launch.name, 1)
    jobs = {"12_0": RUNS, "12_1": RUNS}
    place.says = Status(State.RUNNING, queued=2, reserve=36, jobs=jobs)
    assert search.stop() == 1
    assert place.told == [("release", ["12"]), ("cancel", ["12_1"])]
    assert search.launcher.stopped(launch.name)
    assert not noted(search, launch).over
    assert commands.read(search.paths, "w0").stop == "after trial"


def test_stopping_all_cancels_a_launch_without_pools(search, place, launch):
    assert not search.launcher.stopped(launch.name)
    assert search.stop(now=True) == 1
    assert place.told == [("cancel", ["12"])]
    assert search.launcher.stopped(launch.name)
    assert words(search) == []


def test_no_other_job_takes_the_place_of_a_pool_that_is_stopped(search, place, launch):
    pools(search, launch.name, 4)
    assert search.stop(writers=["w1"]) == 1
    assert place.told == [("resize", ("12", 12))]
    assert search.stop(writers=["w0", "w2", "w3"]) == 3
    assert place.told[1:] == [("release", ["12"])]
    assert search.launcher.stopped(launch.name)


def test_a_place_that_does_not_answer_is_told_of_after_the_pools_were_stopped(
    search, place, launch, monkeypatch
):
    pools(search, launch.name, 1)
    monkeypatch.setattr(place, "release", lambda _: (_ for _ in ()).throw(LaunchError("silent")))
    with pytest.raises(LaunchError, match="silent"):
        search.stop()
    assert commands.read(search.paths, "w0").stop == "after trial"


def test_cancelling_ends_what_has_not_begun_and_no_pool(search, place, launch):
    assert not search.cancel("slurm", "13")
    assert search.cancel("slurm", "12")
    assert place.told == [("cancel", ["12"])]
    assert noted(search, launch).over


def test_cancelling_a_launch_with_pools_releases_it(search, place, launch):
    pools(search, launch.name, 1)
    place.says = Status(State.RUNNING, queued=2, jobs={"12_0": RUNS, "12_1": RUNS})
    assert search.cancel("slurm", "12_1")
    assert search.cancel("slurm", "12")
    assert not search.cancel("slurm", "12_0")
    assert place.told == [("cancel", ["12_1"]), ("release", ["12"])]
    assert not noted(search, launch).over


def test_a_search_that_is_finished_releases_every_launch(search, place, launch):
    a_pool(search, 7, "sbatch-99", job="99_7")  # of a script that was submitted by hand
    a_pool(search, 8, "", backend="", job="")
    search.launcher.release_all()
    assert place.told == [("release", ["12", "99"])]


def test_pools_of_a_script_that_was_submitted_by_hand_are_a_launch_too(search, place):
    for number in range(2):
        a_pool(search, number, "sbatch-99", job=f"99_{number}")
    (by_hand,) = search.look().launches
    assert (by_hand.backend, by_hand.job, by_hand.cores, by_hand.many) == ("slurm", "99", 8, True)
    search.resize("w0", 12)
    search.stop(writers=["w1"])
    assert place.told == [("resize", ("99", 12)), ("resize", ("99", 4))]
    place.told.clear()
    place.says = Status(State.RUNNING, reserve=3, jobs={"99_0": RUNS, "99_1": RUNS})
    assert words(search) == [("reserve", "99")]
    assert search.stop() == 2
    assert place.told == [("release", ["99"])]


def test_a_launch_that_has_few_jobs_left_is_made_smaller_than_those(search, place, launch):
    pools(search, launch.name, 2)
    jobs = {"12_0": RUNS, "12_1": RUNS}
    place.says = Status(State.RUNNING, queued=1, jobs=jobs)
    search.stop(writers=["w0"])
    assert place.told == [("resize", ("12", 8))]
    place.says = Status(State.RUNNING, jobs=jobs)
    search.stop(writers=["w0", "w1"])
    assert place.told[1:] == [("release", ["12"])]


def test_a_launch_that_is_given_up_says_why_when_nothing_runs(search, place, launch):
    search.launcher.give_up(launch.name, "the jobs of 12 are too short: raise `time`")
    assert place.told == [("release", ["12"])]
    assert search.launcher.stopped(launch.name)
    place.says = Status(State.ENDED)
    assert search.status().reason == "the jobs of 12 are too short: raise `time`"
    search.launcher.give_up("unknown", "why")
