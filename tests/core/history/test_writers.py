from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import msgspec
import pytest

from trialdeck.core.errors import HistoryError
from trialdeck.core.history.events import Closed
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.state import State
from trialdeck.core.history.writers import (
    CoreInfo,
    JobEnd,
    Life,
    Liveness,
    WriterFile,
    WriterFiles,
)

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = Identity(host="far", boot="other", namespace=1, pid=1, started=1)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Scene:
    """A watcher that looks every ten seconds, and writers that beat or do not."""

    def __init__(self, paths: HistoryPaths) -> None:
        self.clock = Clock()
        self.files = WriterFiles(paths)
        self.watcher = Liveness(paths, stale_seconds=600, clock=self.clock)
        self.beats = 0

    def beat(self, writer: str = "w", identity: Identity = ELSEWHERE, **more: str) -> WriterFile:
        self.beats += 1
        file = WriterFile(id=writer, identity=identity, beat=self.beats, **more)
        self.files.write(file)
        return file

    def watch(self, seconds: float, step: float = 10.0) -> Life:
        for _ in range(int(seconds / step)):
            self.clock.now += step
            self.watcher.observe()
        return self.watcher.life("w")


@pytest.fixture
def scene(paths: HistoryPaths) -> Scene:
    scene = Scene(paths)
    scene.watcher.observe()
    return scene


def test_files_survive(paths: HistoryPaths) -> None:
    files = WriterFiles(paths)
    file = WriterFile(
        id="w",
        identity=Identity.current(),
        backend="slurm",
        job="12",
        name="launch",
        log="logs/w/pool.log",
        cores_wanted=2,
        cores=(CoreInfo(0, "training", 7, 1, 5.0), CoreInfo(1, "idle")),
        beat=3,
        state="running",
        why="",
    )
    files.write(file)
    assert files.read("w") == file
    assert files.read_all() == {"w": file}
    assert [path.name for path in paths.writers.iterdir()] == ["w.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\0" * 9, b'{"id":"other"}'])
def test_files_that_make_no_sense_are_passed_over(paths: HistoryPaths, content: bytes) -> None:
    (paths.writers / "w.json").write_bytes(content)
    (paths.writers / ".v.json.1.tmp").write_bytes(b'{"id":"v"}')
    assert WriterFiles(paths).read_all() == {}
    watcher = Liveness(paths)
    watcher.observe()
    assert watcher.life("w") is Life.UNKNOWN


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "writers").touch()
    with pytest.raises(HistoryError, match="no sign of life"):
        WriterFiles(HistoryPaths(tmp_path)).write(WriterFile(id="w"))


def test_a_heart_that_beats_is_alive(scene: Scene) -> None:
    scene.beat()
    assert scene.watch(30) is Life.UNKNOWN
    scene.beat()
    assert scene.watch(30) is Life.ALIVE
    assert scene.watch(90) is Life.QUIET
    scene.beat()
    assert scene.watch(10) is Life.ALIVE
    assert scene.watcher.writers["w"].beat == scene.beats


def test_ten_minutes_without_a_beat_are_stale_and_a_beat_revives(scene: Scene) -> None:
    scene.beat()
    scene.watch(10)
    scene.beat()
    assert scene.watch(600) is Life.QUIET  # it was seen to beat ten seconds after the start
    assert not scene.watcher.gone("w")
    assert scene.watch(10) is Life.STALE
    assert scene.watcher.gone("w")
    scene.beat()
    assert scene.watch(10) is Life.ALIVE


def test_a_writer_without_a_file_is_watched_from_the_first_question(scene: Scene) -> None:
    scene.watch(1000)
    assert scene.watcher.life("w") is Life.UNKNOWN
    assert scene.watch(590) is Life.UNKNOWN
    assert scene.watch(10) is Life.STALE


def test_a_watcher_that_did_not_look_gives_nobody_up(scene: Scene) -> None:
    scene.beat()
    scene.watch(10)
    assert scene.watch(4000, step=4000) is Life.UNKNOWN
    assert scene.watch(36000, step=4000) is Life.STALE  # it did look ten times


def test_a_watcher_that_cannot_see_gives_nobody_up(scene: Scene, paths: HistoryPaths) -> None:
    scene.beat()
    scene.watch(10)
    paths.writers.rename(paths.root / "away")
    paths.writers.touch()
    assert scene.watch(3000) is Life.UNKNOWN
    paths.writers.unlink()
    (paths.root / "away").rename(paths.writers)
    assert scene.watch(10) is Life.UNKNOWN


def test_a_backends_word_shortens_the_wait(scene: Scene) -> None:
    scene.beat()
    scene.watch(10)
    scene.watcher.job_is_over("w")
    assert not scene.watch(50).gone
    assert scene.watch(10) is Life.STALE
    scene.beat()
    assert scene.watch(10) is Life.ALIVE


def test_the_places_word_is_kept(scene: Scene) -> None:
    assert scene.watcher.job_end("w") is None
    end = JobEnd("node failure (NODE_FAIL)", blameless=True)
    scene.watcher.job_is_over("w", end)
    assert scene.watcher.job_end("w") == end
    scene.watcher.job_is_over("v")
    assert scene.watcher.job_end("v") == JobEnd()


JOB = {"backend": "slurm", "job": "12_3", "name": "n"}


def test_a_job_that_began_again_has_given_up_its_earlier_life(scene: Scene) -> None:
    scene.beat(**JOB)
    scene.beat("other", **{**JOB, "job": "12_4"})
    later = scene.beat("later", **JOB)
    scene.watch(10)
    scene.watcher.replaced_by(later)
    assert scene.watcher.life("w") is Life.DEAD
    assert not scene.watcher.gone("other")
    assert not scene.watcher.gone("later")
    end = scene.watcher.job_end("w")
    assert end == JobEnd("the job 12_3 was started again", blameless=True)


def test_who_watches_learns_it_from_the_later_lifes_heart(scene: Scene) -> None:
    scene.beat(**JOB)
    scene.watch(10)
    scene.beat(**JOB)
    assert scene.watch(10) is Life.ALIVE
    scene.beat("later", **JOB)
    assert scene.watch(10) is Life.ALIVE
    scene.beat("later", **JOB)
    assert scene.watch(10) is Life.DEAD
    scene.beat(**JOB)  # it lives all the same
    assert scene.watch(10) is Life.ALIVE


@pytest.mark.parametrize("changes", [{"job": ""}, {"backend": ""}, {"name": "another"}])
def test_only_a_job_of_the_same_launch_counts(scene: Scene, changes: dict[str, str]) -> None:
    scene.beat(**{**JOB, **changes})
    later = scene.beat("later", **(JOB if "name" in changes else {**JOB, **changes}))
    scene.watch(10)
    scene.watcher.replaced_by(later)
    assert not scene.watcher.gone("w")


def test_a_closed_journal_is_an_end(scene: Scene) -> None:
    state = State()
    state.apply(Closed(writer="w"))
    scene.beat()
    scene.watcher.observe(state.snapshot())
    assert scene.watcher.life("w") is Life.ENDED
    assert scene.watcher.gone("w")
    assert scene.watcher.writers["w"].beat == scene.beats


def test_on_this_machine_a_killed_process_is_dead_at_once(scene: Scene) -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        scene.beat(identity=Identity.of(process.pid))
        assert scene.watch(10) is Life.ALIVE
        process.kill()
        process.wait()
    assert scene.watch(10) is Life.DEAD
    assert scene.watcher.gone("w")


def test_a_process_that_hangs_on_this_machine_is_stale_in_the_end(scene: Scene) -> None:
    scene.beat(identity=Identity.current())
    assert scene.watch(600) is Life.QUIET
    assert scene.watch(10) is Life.STALE


def test_a_dead_process_of_the_same_number_elsewhere_is_not_judged(scene: Scene) -> None:
    gone = msgspec.structs.replace(Identity.current(), boot="other", started=1)
    scene.beat(identity=gone)
    assert scene.watch(10) is Life.UNKNOWN


def test_the_patience_can_be_set(paths: HistoryPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALDECK_STALE_SECONDS", "5")
    assert Liveness(paths).stale_seconds == 5
    monkeypatch.setenv("TRIALDECK_STALE_SECONDS", "soon")
    assert Liveness(paths).stale_seconds == 600


def test_what_ran_before_a_site_s_machine_was_started_is_dead(paths: HistoryPaths) -> None:
    here = Identity.current()
    before = msgspec.structs.replace(here, boot="the time before")
    WriterFiles(paths).write(WriterFile(id="w", identity=before, site="h1", beat=1))
    WriterFiles(paths).write(WriterFile(id="other", identity=before, site="h2", beat=1))
    at_site, at_home = Liveness(paths, site="h1"), Liveness(paths)
    for watcher in (at_site, at_home):
        watcher.observe()
    assert at_site.life("w") is Life.DEAD
    # The home has a copy of the file only, and other sites are other machines.
    assert not at_home.life("w").gone
    assert not at_site.life("other").gone


def test_a_site_is_given_up_on_its_own_word_only(paths: HistoryPaths) -> None:
    clock = Clock()
    watcher = Liveness(paths, stale_seconds=600, clock=clock)
    WriterFiles(paths).write(WriterFile(id="w", identity=ELSEWHERE, site="h1", beat=1))
    for _ in range(100):
        clock.now += 60.0
        watcher.observe()
    assert watcher.life("w") is Life.QUIET
    watcher.is_dead("w")
    assert watcher.life("w") is Life.DEAD
