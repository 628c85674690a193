"""Other machines for long: everything that can happen to them and to the way to them."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from tests.searching import project
from tests.services.ssh import Network
from trialdeck.core import hosts
from trialdeck.core.searches import find, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.core.search import Search

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
TRIALS = 150
MACHINES = ("h1", "h2", "inner")


def trialdeck(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """Run the command line in a project; what it says goes into a file there."""
    with (folder / "said.log").open("ab") as log:
        argv = [str(Path(sys.executable).with_name("trialdeck")), *words]
        return subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


class Controller:
    """Somebody who watches with `trialdeck run`, is killed now and then, and comes back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = trialdeck(folder, "run", "--cores", "2")
        self.deaths = 0

    def die_and_come_back(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.deaths += 1
        self.process = trialdeck(self.folder, "run")


def test_three_machines_and_this_one_under_fire(tmp_path: Path, ssh_hosts: Network) -> None:
    file = project(tmp_path, "slow", TRIALS, cores="retries = 1000", fixed="seconds = 2.0")
    for name in MACHINES:
        hosts.add(file, name, ssh_hosts.table(name, cores=2))
    search = start(file)
    for name in MACHINES:
        search.launch("ssh", 2, options={"host": name})
    controller = Controller(tmp_path)
    over = threading.Event()
    done: list[str] = []
    chaos = threading.Thread(target=fire, args=(ssh_hosts, controller, over, done))
    chaos.start()
    began = time.monotonic()
    try:
        until(
            lambda: find(file).snapshot().counts.ok >= TRIALS, 600, lambda: told(search, tmp_path)
        )
    finally:
        over.set()
        chaos.join()
        controller.process.kill()
        controller.process.wait()
    seconds = time.monotonic() - began
    for host in ssh_hosts.hosts.values():
        host.sh("pkill -CONT -x sshd; true")
    find(file).sync(20)
    report(find(file), seconds, done, controller)
    find(file).stop(now=True)


def told(search: Search, folder: Path) -> str:
    said = (folder / "said.log").read_text(errors="replace")[-2000:]
    return f"the trials: {search.snapshot().counts}, {search.sites()}\n{said}"


def fire(net: Network, controller: Controller, over: threading.Event, done: list[str]) -> None:
    """Have things go wrong until `over`, one after another."""
    rng = random.Random(5)

    def cut() -> None:
        net["h1"].cut()
        over.wait(rng.uniform(3, 20))
        net["h1"].heal()

    def reboot() -> None:
        net["h2"].crash()
        over.wait(3)
        net["h2"].boot()

    def freeze() -> None:
        net["inner"].stop()
        over.wait(rng.uniform(5, 30))
        net["inner"].cont()

    def kill_sessions() -> None:
        net["h1"].kill_sessions()
        net["h1"].start_sshd()

    acts = [cut, controller.die_and_come_back, reboot, freeze, kill_sessions]
    while not over.is_set():
        for act in rng.sample(acts, len(acts)):
            if over.wait(rng.uniform(1, 4)):
                return
            done.append(act.__name__)
            act()


def report(search: Search, seconds: float, done: list[str], controller: Controller) -> None:
    snapshot = search.snapshot()
    trials = list(snapshot.trials.values())
    ok = [trial for trial in trials if trial.state == "ok"]
    results = sum(a.state == "ok" for trial in ok for a in trial.attempts)
    where = {site: sum(t.site == site for t in ok) for site in sorted({t.site for t in ok})}
    interrupted = sum(len(trial.attempts) - 1 for trial in ok)
    print(
        f"{len(ok)} ok in {seconds:.0f} s at {where}; {snapshot.counts.voided} tids taken back, "
        f"{interrupted} attempts interrupted; {controller.deaths} deaths of the controller; {done}"
    )
    assert len(ok) == results == TRIALS
    assert snapshot.counts.finished == TRIALS
    assert not snapshot.damaged


@pytest.fixture
def many_hosts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    network = Network(20)
    try:
        network.up()
        monkeypatch.setenv("TRIALDECK_SSH_CONFIG", str(network.config))
        yield network
    finally:
        network.down()


WATCH = """
import resource, sys, time
from pathlib import Path
from trialdeck.core.searches import find
search = find(Path("params.toml"))
search.connect()
while sum(row.contact.state == "connected" for row in search.sites()) < 20:
    search.look()
    time.sleep(0.5)
time.sleep(10)
begin, cpu = time.monotonic(), time.process_time()
while time.monotonic() - begin < 30:
    search.look()
    time.sleep(0.5)
print((time.process_time() - cpu) / (time.monotonic() - begin))
"""


def test_twenty_idle_machines_cost_little(tmp_path: Path, many_hosts: Network) -> None:
    file = project(tmp_path, "fine", 100)
    for number in range(1, 21):
        hosts.add(file, f"h{number}", many_hosts.table(f"h{number}"))
    search = start(file)
    search.pause()
    for number in range(1, 21):
        search.launch("ssh", 1, options={"host": f"h{number}"})
    said = subprocess.run(
        [sys.executable, "-c", WATCH],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    search.stop(now=True)
    share = float(said.stdout)
    print(f"{100 * share:.1f} % of a core for twenty machines, with a look twice a second")
    assert share < 0.05, said
