"""Running one of Slurm's commands: in a clean environment, bounded in time, never a prompt."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass

from trialdeck.backends.base import LaunchError, NoAnswer

ASK_SECONDS = 10.0  # its own commands give up after nine
SUBMIT_SECONDS = 20.0

# Set in a job, or by the user as defaults of the commands: both would change what is asked.
_OTHERS = ("SLURM_", "SBATCH_", "SQUEUE_", "SCANCEL_", "SINFO_", "SACCT_", "SCONTROL_", "SALLOC_")
_KEPT = ("SLURM_CONF",)

# What the commands print when they reach nobody.
_UNREACHABLE = (
    "Unable to contact slurm controller",
    "Unable to establish controller machine",
    "Socket timed out",
    "Connection refused",
    "Transport endpoint is not connected",
    "Zero Bytes were transmitted",
    "Communication connection failure",
    "communication error",
    "controller not responding",
    "Protocol authentication error",
    "Unable to process configuration file",
    "Unable to determine",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and its exit status."""

    out: str
    err: str
    status: int

    @property
    def complaint(self) -> str:
        """The lines of its errors, without the words that every one of them begins with."""
        lines = (line.strip() for line in self.err.splitlines())
        return "; ".join(_without_beginning(line) for line in lines if line)


def run(*argv: str, seconds: float = ASK_SECONDS) -> Answer:
    """Run a command of Slurm and return its answer, whatever its exit status.

    Raises LaunchError where there is no such command, and NoAnswer when it takes longer than
    `seconds` or finds nobody to answer.
    """
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(),
            text=True,
            errors="replace",
            start_new_session=True,  # ctrl+C at the terminal is not meant for it
        )
    except OSError as error:
        raise LaunchError(_missing(argv[0], error)) from error
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise NoAnswer(_silent(f"{argv[0]} had no reply within {seconds:g} s")) from error
    answer = Answer(out, err, process.returncode)
    if answer.status and any(text in err for text in _UNREACHABLE):
        raise NoAnswer(_silent(f"{argv[0]}: {answer.complaint}"))
    return answer


def ask_first() -> None:
    """Raise NoAnswer at once where Slurm is known to be down, which others find out in 9 s."""
    answer = run("scontrol", "ping")
    if "UP" not in answer.out and "DOWN" in answer.out:
        raise NoAnswer(_silent(answer.out.strip().splitlines()[0]))


def clean_environment() -> dict[str, str]:
    """Return this process's variables without those that concern an enclosing job."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or not name.startswith(_OTHERS)
    }


def _missing(command: str, error: OSError) -> str:
    if shutil.which(command) is None:
        return (
            f"there is no {command} here: run this on a login node of the Slurm cluster, or put "
            f"the folder of its commands on PATH"
        )
    return f"{command} cannot be run: {error.strerror}"


def _silent(detail: str) -> str:
    return f"Slurm does not answer ({detail}); jobs that run go on"


def _without_beginning(line: str) -> str:
    for beginning in ("error: ", "allocation failure: ", "slurm_load_jobs error: "):
        head, found, tail = line.partition(beginning)
        if found and (not head or head.rstrip().endswith(":")):
            return tail
    return line
