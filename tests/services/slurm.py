"""A real Slurm on this machine, for tests: its own daemons, folder and ports, gone afterwards.

Two nodes of 8 CPUs each, `node1` and `node2`; node2 has two GPUs (device files that are none) and
the feature GPU. Partitions: `main` (both nodes), `gpu` (node2), `short` (node1, 10 minutes at
most), and below them `low` and `lowc`, whose jobs make room for jobs of the others: in `low` by
being requeued, in `lowc` by being cancelled. A job that is told to end is killed 3 s later.

Nothing is installed, nothing is written outside the folder, and systemd is not asked: the daemons
are children of the tests. Slurm wants root for it.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from tests.conditions import until
from tests.services.job_processes import kill_processes
from tests.services.slurm_conf import CONFIGURATION

NODES = ("node1", "node2")
CORES = 8  # of each node
DAEMONS = ("munged", "slurmctld", "slurmd")
COMMANDS = ("sbatch", "squeue", "scancel", "scontrol", "sinfo")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class Slurm:
    """A Slurm that there is: the cluster's own, where `partition` may be used for tests."""

    def __init__(self, partition: str) -> None:
        self.partition = partition
        self.environment: dict[str, str] = {}

    def run(self, *argv: str) -> str:
        """Run one of Slurm's commands and return what it writes. Raises CalledProcessError."""
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **self.environment}
        answer = subprocess.run(
            argv, env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        return answer.stdout

    def jobs(self, *, states: str = "PD,R,CG,CF,S") -> dict[str, str]:
        """Return this user's jobs and elements of arrays, by id, with their states."""
        user = str(os.getuid())
        lines = self.run("squeue", "-h", "-r", "-u", user, "-t", states, "-o", "%i %T").splitlines()
        return dict(line.split() for line in lines)

    def requeue_now(self, job: str) -> None:
        """Let what was requeued of a job (or array) begin again soon, not after Slurm's pause.

        In two seconds: what the nodes know of the old job counts in whole seconds, and they would
        refuse the new one.
        """
        lines = self.run("squeue", "-h", "-r", "-t", "PD", "-j", job, "-o", "%i %r").splitlines()
        for line in lines:
            element, reason = line.split()
            if reason == "BeginTime":
                self.run("scontrol", "update", f"jobid={element}", "StartTime=now+2")


class Cluster(Slurm):
    """A Slurm of our own, which can be broken in every way that real ones are.

    `conf` is its configuration, `environment` what a process needs to find it.
    """

    def __init__(self) -> None:
        super().__init__("main")
        # Sockets live in it, whose paths may not be long.
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
        self.conf = self.folder / "slurm.conf"
        self.environment = {"SLURM_CONF": str(self.conf)}
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    # --- beginning and end ---

    def start(self) -> None:
        """Write the configuration, start the daemons and wait until both nodes are idle."""
        self._write_files()
        socket_file = self.folder / "munge.socket"
        munge = [f"--{key}-file={self.folder / 'munge'}.{key}" for key in ("key", "seed", "pid")]
        self._start("munged", "--foreground", "--force", f"--socket={socket_file}", *munge)
        until(socket_file.exists, 20, self.logs)
        self.start_controller()
        for node in NODES:
            self._start_node(node)
        self._wait_for_nodes()

    def stop(self) -> None:
        """End the daemons and every process of every job, and remove the folder."""
        # Munge goes last, and the jobs after the nodes, which might be starting more.
        for name in ("slurmctld", *NODES):
            self._kill(name)
        until(lambda: not kill_processes(self.conf), 20, f"the processes of {self.folder}")
        self._kill("munged")
        shutil.rmtree(self.folder)

    def reset(self) -> None:
        """Mend what a test broke and cancel all jobs."""
        self.thaw_controller()
        self.start_controller()
        for node in NODES:
            self.node_up(node)
        self.run("scancel", "-u", str(os.getuid()))
        until(lambda: not self.jobs(), 30, lambda: f"the end of {self.jobs()}")
        self._wait_for_nodes()

    def logs(self) -> str:
        """Return the ends of the daemons' logs."""
        texts = {log.name: log.read_text(errors="replace") for log in self.folder.glob("*.log")}
        return "\n".join(f"{name}:\n{text[-2000:]}" for name, text in sorted(texts.items()))

    # --- what can go wrong ---

    def stop_controller(self) -> None:
        """End slurmctld: the commands fail, after 9 s or so. Jobs go on."""
        self._daemons["slurmctld"].terminate()
        self._daemons.pop("slurmctld").wait(30)

    def start_controller(self) -> None:
        """Start slurmctld again, with the jobs that it knew, unless it runs."""
        if "slurmctld" in self._daemons:
            return
        self._start("slurmctld", "-D", "-f", str(self.conf))
        until(self._answers, 30, self.logs)

    def freeze_controller(self) -> None:
        """Let slurmctld stand still: the commands wait for its answer."""
        self._daemons["slurmctld"].send_signal(signal.SIGSTOP)

    def thaw_controller(self) -> None:
        """Let slurmctld go on."""
        if "slurmctld" in self._daemons:
            self._daemons["slurmctld"].send_signal(signal.SIGCONT)

    def node_down(self, node: str, *, at_once: bool = False) -> None:
        """Take a node away: the jobs on it fail or are requeued.

        As an administrator does it, who leaves the jobs their time to end; `at_once` as when its
        power is cut: no process of it lives to say anything.
        """
        if at_once:
            self._kill(node)
            until(lambda: not kill_processes(self.conf, node), 20, f"the processes of {node}")
        self.run("scontrol", "update", f"nodename={node}", "state=down", "reason=test")

    def node_up(self, node: str) -> None:
        """Give a node back."""
        if node not in self._daemons:
            self._start_node(node)
        until(lambda: self._resumed(node), 30, self.logs)

    def preempt(self, *nodes: str, cores: int = CORES) -> str:
        """Let a job of a better partition take cores of each of the nodes; return its id.

        Jobs in `low` and `lowc` that are in its way have to go. It stays until it is cancelled.
        """
        where = ["-w", ",".join(nodes), "-N", str(len(nodes)), "-c", str(cores)]
        words = ["--parsable", "-p", "main", "-o", "/dev/null", "--mem", "100"]
        return self.run("sbatch", *words, *where, "--wrap", "exec sleep 3600").strip()

    def time_out(self, job: str, seconds: int = 1) -> None:
        """Bring the end of a job's time near: it ends so many seconds from now."""
        end = f"EndTime=now+{seconds}"
        self.run("scontrol", "update", f"jobid={job}", end)

    # --- the daemons ---

    def _write_files(self) -> None:
        self.folder.chmod(0o711)  # munge's clients may be anybody
        for name in ("state", "node1", "node2"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(1024))
        controller, *nodes = free_ports(1 + len(NODES))
        text = CONFIGURATION.format(
            folder=self.folder,
            host=socket.gethostname().partition(".")[0],
            controller=controller,
            node1=nodes[0],
            node2=nodes[1],
        )
        self.conf.write_text(text)
        (self.folder / "gres.conf").write_text(f"NodeName=node2 Name=gpu {self._gpus()}\n")
        # Without a word slurmd looks for cgroups, even where no plugin needs them.
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")

    def _gpus(self) -> str:
        null = Path("/dev/null").stat().st_rdev
        for number in range(2):
            try:
                os.mknod(self.folder / f"nvidia{number}", 0o20666, null)
            except PermissionError:  # in some containers: then jobs see no CUDA_VISIBLE_DEVICES
                return "Count=2"
        return f"File={self.folder}/nvidia[0-1]"

    def _start_node(self, node: str) -> None:
        self._start("slurmd", "-D", "-f", str(self.conf), "-N", node, name=node)

    def _start(self, program: str, *words: str, name: str = "") -> None:
        """Start a daemon with a clean environment, which goes with the thread that starts it."""
        name = name or program
        with (self.folder / f"{name}.out.log").open("ab") as log:
            self._daemons[name] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", program, *words],
                env={"PATH": PATH, "LANG": "C.UTF-8", **self.environment},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _kill(self, name: str) -> None:
        if daemon := self._daemons.pop(name, None):
            daemon.kill()
            daemon.wait(10)

    def _answers(self) -> bool:
        with contextlib.suppress(subprocess.CalledProcessError):
            return "is UP" in self.run("scontrol", "ping")
        return False

    def _node_states(self) -> dict[str, str]:
        with contextlib.suppress(subprocess.CalledProcessError):
            lines = self.run("sinfo", "-h", "-N", "-o", "%N %t").splitlines()
            return dict(line.split() for line in lines)
        return {}

    def _resumed(self, node: str) -> bool:
        # A node that a daemon has just reported may be up by itself, and is not to be resumed.
        if not self._node_states().get(node, "down").startswith("down"):
            return True
        with contextlib.suppress(subprocess.CalledProcessError):
            self.run("scontrol", "update", f"nodename={node}", "state=resume")
        return False

    def _wait_for_nodes(self) -> None:
        wanted = dict.fromkeys(NODES, "idle")
        until(lambda: self._node_states() == wanted, 60, self.logs)


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody uses, and that no connection is given by chance."""
    ports: list[int] = []
    for port in random.SystemRandom().sample(range(20000, 32000), 1000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            ports.append(port)
        if len(ports) == count:
            return ports
    raise AssertionError("1000 ports were tried, and hardly one is free")


def missing() -> str:
    """Return what this machine lacks for a Slurm of our own, or ""."""
    if os.getuid() != 0:
        return "a Slurm of the tests' own needs root"
    there = os.environ["PATH"] + os.pathsep + PATH
    lacking = [name for name in (*DAEMONS, *COMMANDS) if not shutil.which(name, path=there)]
    return f"{', '.join(lacking)} not installed (make .tools installs them)" if lacking else ""
