"""The script of a launch, run by bash as Slurm would."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from trialdeck import backends
from trialdeck.backends.base import CORES, JobSpec, LaunchError
from trialdeck.backends.slurm.partitions import clock, seconds
from trialdeck.backends.slurm.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def a_spec(
    folder: Path, cores: int = 4, *argv: str, name: str = "n1", **environment: str
) -> JobSpec:
    log = folder / "logs" / f"pool-{name}.log"
    return JobSpec(name, argv or ("echo", CORES, name), folder, log, cores, environment)


def options(text: str) -> dict[str, str]:
    lines = [line.removeprefix("#SBATCH --") for line in text.splitlines() if "#SBATCH" in line]
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def run(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    about = {**os.environ, "SLURM_ARRAY_JOB_ID": "12", "SLURM_ARRAY_TASK_ID": "3"}
    return subprocess.run(
        ["bash"], input=text, cwd=folder, env=about, capture_output=True, text=True, check=False
    )


def test_the_array_has_a_reserve_and_is_bounded(tmp_path):
    def array(cores: int, **settings: int) -> str:
        backend = backends.create("slurm", settings, tmp_path)
        return options(backend.preview(a_spec(tmp_path, cores)))["array"]

    assert array(4) == "0-39%4"
    assert array(5, cores_per_job=2, refill=3) == "0-8%3"
    assert array(1, refill=1) == "0-0%1"
    assert array(500) == "0-999%500"
    assert array(3000) == "0-2999%3000"  # Slurm itself says that this is too long


def test_settings_become_options(tmp_path):
    settings = {
        "partition": "low", "time": 5400.0, "cpus": 3, "memory": "4G", "gpus": "a100:1",
        "account": "hep", "qos": "long", "constraint": "a|b", "sbatch": ["--exclude=n7"],
    }  # fmt: skip
    said = options(backends.create("slurm", settings, tmp_path).preview(a_spec(tmp_path)))
    assert (
        said
        | {
            "partition": "low",
            "time": "1:30:00",
            "cpus-per-task": "3",
            "mem": "4G",
            "gres": "gpu:a100:1",
            "account": "hep",
            "qos": "long",
            "constraint": '"a|b"',
            "exclude": "n7",
            "signal": "B:USR1@60",
        }
        == said
    )


def test_paths_with_spaces_and_signs(tmp_path):
    folder = tmp_path / "5% of it"
    folder.mkdir()
    said = options(backends.create("slurm", {}, tmp_path).preview(a_spec(folder)))
    assert said["chdir"] == f'"{folder}"'
    assert said["output"] == f'"{tmp_path}/5%% of it/logs/pool-n1_%a.log"'
    with pytest.raises(LaunchError, match="cannot be told"):
        backends.create("slurm", {}, tmp_path).preview(a_spec(tmp_path / 'a"b'))


def test_the_script_sets_up_and_becomes_the_pool(tmp_path):
    settings = {"setup": ["WORD=set  # up", "export WORD"], "cores_per_job": 2}
    argv = ("sh", "-c", 'echo $WORD "$KEY" $TRIALDECK_BACKEND $TRIALDECK_JOB $0', CORES)
    spec = a_spec(tmp_path, 4, *argv, KEY="two  'words'")
    done = run(
        backends.create("slurm", settings, tmp_path).preview(spec).partition("\n\n")[2], tmp_path
    )
    assert (done.stdout, done.stderr) == ("set two  'words' slurm 12_3 2\n", "")


def test_a_line_of_setup_that_fails_ends_the_job_and_is_named(tmp_path):
    backend = backends.create("slurm", {"setup": ["false  # it's wrong"]}, tmp_path)
    done = run(backend.preview(a_spec(tmp_path)).partition("\n\n")[2], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "this line of setup failed: false  # it's wrong\n"


def test_by_hand_each_submission_has_a_name_of_its_own(tmp_path):
    text = backends.create("slurm", {}, tmp_path).script(a_spec(tmp_path, name="sbatch"))
    assert run(text, tmp_path).stdout == "1 sbatch-12\n"
    assert options(text)["output"].endswith("/pool-sbatch-%A_%a.log")
    commented = [line for line in text.splitlines() if line.startswith("# ")]
    assert len(commented) > len(options(text))


def test_cores_are_shared_out_evenly(tmp_path):
    spec = a_spec(tmp_path, 5)
    assert Settings(cores_per_job=4).cores_of_one(spec) == 3
    assert Settings(cores_per_job=8).cores_of_one(spec) == 5
    assert Settings(cores_per_job=8).cpus_of_one == 8


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("30", 1800.0), ("10:00", 600.0), ("1:00:00", 3600.0), ("1-02:03:04", 93784.0),
        ("2-0", 172800.0), ("infinite", None), ("UNLIMITED", None), ("n/a", None), ("", None),
    ],
)  # fmt: skip
def test_times_of_slurm(text, time):
    assert seconds(text) == time
    if time:
        assert seconds(clock(time)) == time
