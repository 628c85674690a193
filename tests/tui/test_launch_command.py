import os

import click
import pytest

from tests.core import places
from tests.tui.command_line import PARAMS, run
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.writers import WriterFile, WriterFiles
from trialdeck.core.launching import Core
from trialdeck.core.searches import find
from trialdeck.tui.commands.look import core_lines


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    places.settle(monkeypatch)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.toml").write_text(PARAMS)
    return tmp_path


def launch(*words, rc=0):
    return run("launch", "cluster", *words, rc=rc)


def published(here):
    return (here / "history" / "t" / "params").is_dir()


def test_a_dry_run_says_what_runs_what_the_place_says_and_what_else_there_is(here):
    result = launch("--cores", "4", "--dry-run")
    assert result.stdout.startswith("run --partition=main ")
    assert "--cores 2 --backend cluster" in result.stdout
    assert "✓ cluster would take it." in result.stdout
    assert "partition = main: where the jobs run\n" in result.stdout
    assert "  main   1 day at most, 2 of 2 nodes idle\n  short  10 minutes" in result.stdout
    assert "! no time is set" in result.stderr
    assert not published(here)


def test_a_refusal_comes_before_anything_is_published(here):
    said = "there is no partition mian: choose main or short"
    assert launch("--set", "partition=mian", rc=5).stderr == f"{said}\n"
    result = launch("--set", "partition=mian", "--dry-run", rc=5)
    assert f"✗ {said.capitalize()}." in result.stdout
    assert "run --partition=mian " in result.stdout
    assert not published(here)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--set", "tiem=2h"], 5, "backends.cluster.tiem: there is no such key"),
        (["--set", "time"], 2, '"time" is not KEY=VALUE, as in --set time=2h'),
        (["--set", "time=soon"], 5, "backends.cluster.time: "),
    ],
)
def test_a_setting_that_cannot_be_used_is_explained(here, words, code, said):
    assert said in launch(*words, rc=code).stderr
    assert said in launch(*words, "--dry-run", rc=code).stderr
    assert not published(here)


def test_settings_are_those_of_this_launch_only(here):
    result = launch("--set", "partition = short", "--set", "time=10m")
    assert result.stdout.startswith("Started 4 cores on cluster for t: job 12.\n")
    assert "no time is set" not in result.stderr
    assert "no time is set" in launch("--cores", "8").stderr
    assert [one.cores for one in find(here / "params.toml").launcher.launches()] == [8, 4]


def test_what_waits_is_shown_and_can_be_stopped_by_its_number(here):
    launch()
    text = run("cores").output
    assert "4 x   cluster" in text
    assert "4 cores queued, 36 cores in reserve" in text
    assert "— 12: 2 jobs wait: Priority" in text
    assert "4 cores on cluster are queued (Priority)" in run("status").output
    assert run("stop", "12").output == "1 pool told to end after the running trials.\n"
    assert run("cores").output.startswith("No cores are running.")
    assert "no pool is running" in run("stop", "12", rc=2).stderr


def test_the_number_of_an_array_stands_for_all_its_pools(here):
    launch()
    search = find(here / "params.toml")
    (launched,) = search.launcher.launches()
    about = {"identity": Identity.of(os.getpid()), "backend": "cluster", "name": launched.name}
    for number in range(2):
        file = WriterFile(id=f"w{number}", job=f"12_{number}", cores_wanted=2, **about)
        WriterFiles(search.paths).write(file)
    assert run("stop", "12", "--now").output.startswith("3 pools told to stop now")
    assert {path.name for path in search.paths.commands.iterdir()} == {"stop-now.w0", "stop-now.w1"}


def test_a_script_is_written_once_and_not_over_what_was_changed(here):
    words = ["slurm-script", "--cores", "6", "--set", "cores_per_job=2"]
    said = run(*words, "-o", "a.sbatch").output
    assert said == "Wrote a.sbatch: submit it with `sbatch a.sbatch`.\n"
    assert published(here)
    script = (here / "a.sbatch").read_text()
    assert "#SBATCH --array=0-29%3\n" in script
    assert '--cores 2 --backend slurm --name "sbatch-${SLURM_ARRAY_JOB_ID}"\n' in script
    assert run(*words).stdout == script
    (here / "a.sbatch").write_text("changed")
    assert "remove it, or choose another name" in run(*words, "-o", "a.sbatch", rc=2).stderr
    assert (here / "a.sbatch").read_text() == "changed"
    refused = run(*words, "-o", "nowhere/a.sbatch", rc=5).stderr
    assert "nowhere/a.sbatch cannot be written" in refused


def test_the_table_of_cores_fits_and_notes_are_wrapped():
    cure = "the time limit is above the partition's (PartitionTimeLimit): lower `time` below "
    rows = [
        Core(backend="slurm", host="a-long-name-of-a-node.cluster", job="1234567_12", index=3,
             writer="0123456789ab", state="training", tid=1234, since=1.0, beat_age=20.0),
        Core(backend="slurm", host="", job="1234567", writer="", index=0, state="stuck",
             since=1.0, note=f"{cure}[backends.slurm]", count=12),
        Core(backend="slurm", host="", job="1234567", writer="", index=0, state="reserve",
             note="36 jobs take the place of those that end", count=144),
    ]  # fmt: skip
    lines = [click.unstyle(line) for line in core_lines(rows, 80)]
    assert all(len(line) <= 80 for line in lines)
    assert "1 core in 1 pool, 12 cores stuck, 144 cores in reserve" in lines
    assert lines[-3].startswith("✗ 1234567: the time limit is above")
    assert lines[-2] == "    `time` below [backends.slurm]"
    assert lines[-1] == "— 1234567: 36 jobs take the place of those that end"
