"""What every backend must do, on the real thing.

A backend joins by a subclass in `test_conformance.py` with a fixture `place`, which describes where
its jobs run. The jobs are shell scripts; what they did is seen in the files that they write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialdeck import backends
from trialdeck.backends.base import CORES, Handle, JobSpec, LaunchError, State

if TYPE_CHECKING:
    from tests.backends.place import Place

# A process that nobody finds by its session or its process group, and that does not go by itself.
STUBBORN = (
    "setsid sh -c 'trap \"\" TERM; echo $$ >pid.tmp; mv pid.tmp pid; while :; do sleep 9; done' &"
)


# A job that runs until a file `go` is there; it writes which one it is.
PATIENT = (
    'echo "$TRIALDECK_JOB" >>up; until [ -e go ]; do sleep 0.05; done; echo "$TRIALDECK_JOB" >>on'
)

ENDED = (State.ENDED, "")
CANCELLED = (State.ENDED, "cancelled")


class BackendConformance:
    """The contract of `backends/base.py`, sentence by sentence."""

    def test_a_job_runs_in_its_folder_with_its_environment(self, place: Place) -> None:
        handle = place.submit("a", 'pwd; echo "$WORDS"; cat', {"WORDS": "two  'words'"})
        assert place.ended(handle) == ENDED
        assert place.log("a").splitlines() == [place.called or str(place.folder), "two  'words'"]

    def test_output_and_errors_are_appended_to_the_log(self, place: Place) -> None:
        log = place.log_file("a")
        log.parent.mkdir(exist_ok=True)
        log.write_text("before\n")
        place.ended(place.submit("a", "echo out; echo err >&2"))
        assert place.log("a").splitlines() == ["before", "out", "err"]

    def test_a_job_is_told_its_own_handle(self, place: Place) -> None:
        handle = place.submit("a", 'echo "$TRIALDECK_BACKEND/$TRIALDECK_JOB"')
        place.ended(handle)
        own = f"{handle.job}_0" if place.backend().many else handle.job
        assert place.log("a") == f"{handle.backend}/{own}\n"

    def test_a_launch_is_found_by_its_name_too(self, place: Place) -> None:
        handle = place.submit("a", PATIENT)
        place.written("up")
        by_name = Handle(handle.backend, place.spec("a", PATIENT).name)
        assert place.status(by_name).state is State.RUNNING
        place.backend().cancel([by_name])
        assert place.ended(by_name) == place.ended(handle) == CANCELLED

    def test_a_job_is_told_how_many_cores_it_has(self, place: Place) -> None:
        spec = place.spec("a", 'echo "$1 cores" >cores', cores=1)
        spec = JobSpec(spec.name, (*spec.argv, "job", CORES), spec.folder, spec.log, spec.cores)
        place.ended(place.backend().submit(spec))
        assert place.written("cores") == "1 cores\n"

    def test_a_job_that_goes_wrong_says_how(self, place: Place) -> None:
        state, reason = place.ended(handle := place.submit("a", "exit 7"))
        assert state is State.FAILED
        assert "7" in reason
        assert not place.status(handle).taken

    def test_a_running_job_is_running(self, place: Place) -> None:
        handle = place.submit("a", PATIENT)
        place.written("up")
        assert place.status(handle).state is State.RUNNING
        (place.folder / "go").touch()
        assert place.ended(handle) == ENDED

    def test_a_repeated_submit_starts_nothing_twice(self, place: Place) -> None:
        first = place.submit("a", "echo once >>runs")
        assert place.submit("a", "echo once >>runs") == first
        place.ended(first)
        assert place.submit("a", "echo once >>runs") == first
        assert place.ended(first) == ENDED
        assert place.written("runs") == "once\n"

    def test_many_jobs_are_asked_for_at_once(self, place: Place) -> None:
        good, bad = place.submit("good", "exit 0"), place.submit("bad", "exit 1")
        unknown = Handle(good.backend, "999999")
        place.ended(good)
        place.ended(bad)
        found = place.backend().poll([good, bad, unknown])
        assert {handle: status.state for handle, status in found.items()} == {
            good: State.ENDED,
            bad: State.FAILED,
            unknown: State.VANISHED,
        }
        assert place.backend().poll([]) == {}

    def test_cancel_first_tells_the_job(self, place: Place) -> None:
        script = "trap 'echo told >end; exit 0' TERM; echo up >up; while :; do sleep 0.05; done"
        handle = place.submit("a", script)
        place.written("up")
        place.backend().cancel([handle])
        assert place.ended(handle) == CANCELLED
        assert place.status(handle).taken
        assert place.written("end") == "told\n"

    def test_cancel_ends_all_that_the_job_started(self, place: Place) -> None:
        handle = place.submit("a", f"trap '' TERM; {STUBBORN} while :; do sleep 9; done")
        pid = int(place.written("pid"))
        assert place.lives(pid)
        place.backend().cancel([handle])
        place.backend().cancel([handle])
        assert place.ended(handle) == CANCELLED
        assert not place.lives(pid)

    def test_cancelling_a_job_that_has_ended_changes_nothing(self, place: Place) -> None:
        handle = place.submit("a", "exit 3")
        place.ended(handle)
        status = place.status(handle)
        place.backend().cancel([handle, Handle(handle.backend, "999999")])
        assert place.status(handle) == status
        assert status.state is State.FAILED

    def test_the_preview_shows_the_command(self, place: Place) -> None:
        preview = place.backend().preview(place.spec("a", "echo it", {"KEY": "value"}))
        for part in ("sh -c 'echo it'", str(place.given or place.folder), "KEY=value", "a.log"):
            assert part in preview

    def test_warnings_are_sentences(self, place: Place) -> None:
        for text in place.backend().warnings(place.spec("a", "exit 0")):
            assert text.endswith(".")

    def test_what_is_taken_is_not_refused(self, place: Place) -> None:
        assert place.backend().refusal(place.spec("a", "exit 0")) == ""

    def test_release_lets_what_runs_live_on(self, place: Place) -> None:
        handle = place.submit("a", PATIENT)
        place.written("up")
        place.backend().release([handle])
        assert place.status(handle).state is State.RUNNING
        (place.folder / "go").touch()
        assert place.ended(handle) == ENDED
        assert place.written("on") == place.written("up")
        place.backend().release([handle])

    def test_a_launch_has_the_cores_it_is_for(self, place: Place) -> None:
        at_once, in_all = place.backend().jobs(place.spec("a", "", cores=3))
        assert 1 <= at_once <= in_all
        assert place.backend().many or (at_once, in_all) == (1, 1)

    def test_only_a_launch_of_several_jobs_changes_its_size(self, place: Place) -> None:
        handle = place.submit("a", PATIENT, cores=2)
        place.written("up")
        if place.backend().many:
            place.backend().resize(handle, 1)
        else:
            with pytest.raises(LaunchError, match="pool"):
                place.backend().resize(handle, 1)
        assert place.status(handle).state is State.RUNNING
        (place.folder / "go").touch()
        assert place.ended(handle) == ENDED
        assert sorted(place.written("on").split()) == sorted(place.written("up").split())

    def test_what_can_be_chosen_are_settings(self, place: Place) -> None:
        backend = place.backend()
        settings = backends.known_settings(backend.name)
        for choice in backend.choices():
            assert choice.key in settings
            assert choice.about
            assert not choice.options or choice.value in choice.options

    def test_machines_with_files_of_their_own_say_where_a_project_is(self, place: Place) -> None:
        backend = place.backend()
        if not backend.far:
            with pytest.raises(LaunchError, match="no machine called h1"):
                backend.where("h1", place.folder)
        for name in backend.sites():
            target, _, folder = backend.where(name, place.given or place.folder).partition(":~/")
            assert target
            assert str(place.folder).endswith(f"/{folder}")

    def test_a_place_says_how_long_jobs_may_take(self, place: Place) -> None:
        seconds = place.backend().seconds_per_job()
        assert seconds is None or seconds > 0

    def test_a_script_to_submit_by_hand_or_why_there_is_none(self, place: Place) -> None:
        backend = place.backend()
        if backend.many:
            assert backend.script(place.spec("a", "echo it")).startswith("#!")
        else:
            with pytest.raises(LaunchError, match=f"trialdeck launch {backend.name}"):
                backend.script(place.spec("a", "echo it"))
