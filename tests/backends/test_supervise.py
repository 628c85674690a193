"""A job is on its own: whoever started it may die, close the terminal, or live on for weeks."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.conditions import until
from trialdeck.backends.base import Handle, State, Status
from trialdeck.backends.local import LocalBackend

if TYPE_CHECKING:
    from pathlib import Path

# The program that submits: argv[1] is a folder, argv[2] the job's script, {before} and {after}
# what it does besides.
SUBMIT = """
import fcntl, os, signal, sys, termios, time
from pathlib import Path
from trialdeck.backends.base import JobSpec
from trialdeck.backends.local import LocalBackend

{before}
folder = Path(sys.argv[1])
spec = JobSpec("job", ("sh", "-c", sys.argv[2]), folder, folder / "job.log", 1)
handle = LocalBackend(folder / "state").submit(spec)
{after}
"""
# Sends the job to the supervisor as `submit` does, and dies without waiting for the answer.
DIE_AT_ONCE = """
import subprocess
def die(command, *, input, **_):
    child = subprocess.Popen(command, stdin=-1, stdout=-1, start_new_session=True)
    child.stdout.close()
    child.stdin.write(input)
    child.stdin.flush()
    os._exit(0)
subprocess.run = die
"""
UNUSUAL_STATE = """
os.set_inheritable(os.open("/etc/hostname", os.O_RDONLY), True)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR1])
"""
SEE_THE_END = """
(folder / "go").touch()
backend = LocalBackend(folder / "state")
while not backend.poll([handle])[handle].state.final:
    time.sleep(0.01)
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("no children")
"""
HANG = "print('started', flush=True); signal.pause()"
WAIT = "echo up >up; until [ -e go ]; do sleep 0.02; done; echo done"


def program(folder: Path, script: str, before: str = "", after: str = "") -> list[str]:
    code = SUBMIT.format(before=before, after=after)
    return [sys.executable, "-c", code, str(folder), script]


def status(folder: Path) -> Status:
    handle = Handle("local", "job")
    return LocalBackend(folder / "state").poll([handle])[handle]


def let_go(folder: Path) -> None:
    """Let the job end, and see that it did all it had to do."""
    assert status(folder).state is State.RUNNING
    (folder / "go").touch()
    until(lambda: status(folder).state.final, message="the job's end")
    assert status(folder) == Status(State.ENDED)
    assert (folder / "job.log").read_text().endswith("done\n")


def test_the_terminal_is_closed(tmp_path: Path) -> None:
    master, slave = os.openpty()
    attach = "fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
    with subprocess.Popen(
        program(tmp_path, WAIT, before=attach, after=HANG),
        stdin=slave,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as shell:
        os.close(slave)
        assert shell.stdout is not None
        assert shell.stdout.readline() == b"started\n"
        os.close(master)
        assert shell.wait(10) < 0  # hung up
    let_go(tmp_path)


def test_who_started_it_is_killed_with_its_group(tmp_path: Path) -> None:
    kill = "os.killpg(0, signal.SIGKILL)"
    done = subprocess.run(program(tmp_path, WAIT, after=kill), start_new_session=True, check=False)
    assert done.returncode < 0
    let_go(tmp_path)


def test_nobody_waits_for_the_answer(tmp_path: Path) -> None:
    subprocess.run(program(tmp_path, WAIT, before=DIE_AT_ONCE), check=True)
    until((tmp_path / "up").exists, message="the job's start")
    let_go(tmp_path)


def test_a_long_lived_process_gets_no_zombie(tmp_path: Path) -> None:
    command = program(tmp_path, WAIT, after=SEE_THE_END)
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout == b"no children\n"


def test_nothing_is_inherited(tmp_path: Path) -> None:
    script = (
        "for f in /proc/$$/fd/*; do readlink $f; done; exec cat /proc/self/stat /proc/self/status"
    )
    subprocess.run(program(tmp_path, script, before=UNUSUAL_STATE), check=True)
    until(lambda: status(tmp_path).state.final)
    lines = (tmp_path / "job.log").read_text().splitlines()
    stat = next(line.split() for line in lines if "(cat)" in line)
    pid, group, session, terminal = stat[0], stat[4], stat[5], stat[6]
    assert (group, session, terminal) == (pid, pid, "0")
    assert "/etc/hostname" not in lines
    assert lines.count(str(tmp_path / "job.log")) == 2
    masks = dict(line.split(":\t") for line in lines if line.startswith("Sig"))
    assert int(masks["SigBlk"], 16) == 0
    of_the_c_library = 0b11 << 31  # signals 32 and 33, which no program can set back
    assert int(masks["SigIgn"], 16) & ~of_the_c_library == 1 << 0  # SIGHUP alone


def test_a_supervisor_that_says_nothing(tmp_path: Path) -> None:
    command = program(tmp_path, "true", before="sys.executable = '/bin/false'")
    done = subprocess.run(command, capture_output=True, check=False)
    assert b"LaunchError: the job job was not started: exit status 1 without a word" in done.stderr
