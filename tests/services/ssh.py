"""Real machines with OpenSSH servers on this one, for tests: each in namespaces of its own.

`h1` to `hN` and `bastion` are in one network, `inner` is behind the bastion. Each has its own
processes, host key, boot id, /tmp and /home, and the users root, worker (bash), fishy (fish), cshy
(tcsh), full (whose disk is full), rohome (whose home is read-only) and nologin. Their homes are
folders that tests can read. Nothing outside of the folder is written, and no packet leaves.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.conditions import until

SSHD = "/usr/sbin/sshd"
TOOLS = ("ip", "nsenter", "unshare", "ssh", "ssh-keygen", "mount", SSHD)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USERS = {"worker": "bash", "fishy": "fish", "cshy": "tcsh", "full": "sh", "rohome": "sh"}

SSHD_CONFIG = f"""\
HostKey /run/etc/host_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
UseDNS no
LogLevel VERBOSE
Subsystem sftp /usr/lib/openssh/sftp-server
Port 22
PidFile /run/sshd.pid
AuthorizedKeysFile /run/etc/authorized_keys
SetEnv PATH={PATH}
"""

# The first process of a host: what it ends with, ends with the host.
INIT = f"""\
mount -t tmpfs -o mode=755,size=64m run /run; mkdir -p /run/sshd /run/etc
cp @/etc/sshd_config @/etc/authorized_keys @/host_key /run/etc/; chmod 600 /run/etc/host_key
cp -a /etc /run/etc.all 2>/dev/null; rm -f /run/etc.all/shadow /run/etc.all/nologin
cp @/etc/passwd @/etc/shadow @/etc/group /run/etc.all/
mount --bind /run/etc.all /etc
mount --bind @/home /home
mount -t tmpfs -o mode=755,uid=2004,gid=2001,size=1m full /home/full
mount --bind /home/rohome /home/rohome; mount -o remount,ro,bind /home/rohome
hostname %; cat /proc/sys/kernel/random/uuid >/run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
exec >>@/log 2>&1
for m in /tmp /var/tmp; do mount -t tmpfs -o mode=1777,size=2g tmp $m; done
cd /; unset HOME; export PATH={PATH}
dd if=/dev/zero of=/home/full/fill bs=64k 2>/dev/null
{SSHD} -D -e -f /run/etc/sshd_config &
while :; do sleep 86400 & wait; done
"""


class Host:
    """One machine: `folder` has its log, and `home` what its users see as /home."""

    def __init__(self, net: Network, name: str, address: str) -> None:
        self.net = net
        self.name = name
        self.address = address
        self.folder = net.folder / name
        self.home = self.folder / "home"
        self.space = f"{net.bridge}-{name}"

    # -- what happens to machines -----------------------------------------------------------

    def cut(self) -> None:
        """Let nothing through to it."""
        run("ip", "link", "set", self.space, "down")

    def heal(self) -> None:
        """Let everything through again."""
        run("ip", "link", "set", self.space, "up")

    def kill_sshd(self) -> None:
        """Kill the server; sessions live on."""
        self.sh("kill -9 $(cat /run/sshd.pid)")

    def kill_sessions(self) -> None:
        """Kill the server and every session, not what was started detached."""
        self.sh("pkill -9 -x sshd; true")

    def start_sshd(self) -> None:
        """Start the server again."""
        self.sh(f"exec setsid -f env -i {SSHD} -D -e -f /run/etc/sshd_config >/dev/null 2>&1")
        self.await_sshd()

    def stop(self) -> None:
        """Freeze the server and its sessions: connections are taken, and nobody answers."""
        self.sh("pkill -STOP -x sshd")

    def cont(self) -> None:
        """Let them go on."""
        self.sh("pkill -CONT -x sshd")

    def crash(self) -> None:
        """End every process at once."""
        pid = self.init()
        if pid:
            os.kill(pid, signal.SIGKILL)
        until(lambda: not self.pids(), 10, f"the end of {self.name}")

    def boot(self) -> None:
        """Start it (again); its files are as they were."""
        argv = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child"]
        argv += ["--mount-proc", "bash", str(self.folder / "init")]
        with (self.folder / "log").open("ab") as log:
            subprocess.Popen(
                [
                    "setsid",
                    "-f",
                    "env",
                    "-i",
                    f"PATH={PATH}",
                    "ip",
                    "netns",
                    "exec",
                    self.space,
                    *argv,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            ).wait(10)
        self.await_sshd()

    def rekey(self) -> None:
        """Give it another host key."""
        for old in self.folder.glob("host_key*"):
            old.unlink()
        new_key(self.folder / "host_key")
        key = (self.folder / "host_key").read_text()
        self.sh(f"umask 077; cat >/run/etc/host_key <<'END'\n{key}END\n")
        self.sh("kill -HUP $(cat /run/sshd.pid)")

    # -- looking in -------------------------------------------------------------------------

    def sh(self, script: str) -> str:
        """Run a script on the host, not through its server; return what it writes."""
        argv = ["nsenter", "-t", str(self.init()), "-m", "-p", "-n", "-u", "-i", "sh", "-c", script]
        return run(*argv)

    def init(self) -> int:
        """Return its first process, as seen from here; 0 when it is off."""
        for pid in self.pids():
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text()
                spaces = next(line for line in status.splitlines() if line.startswith("NSpid"))
                if spaces.split()[1:] == [str(pid), "1"]:
                    return pid
        return 0

    def pids(self) -> list[int]:
        """Return all its processes, as seen from here."""
        return [int(pid) for pid in run("ip", "netns", "pids", self.space).split()]

    def await_sshd(self) -> None:
        """Wait until its server takes connections."""
        argv = ["ip", "netns", "exec", self.space, "bash", "-c", ": </dev/tcp/127.0.0.1/22"]
        until(
            lambda: subprocess.run(argv, capture_output=True, check=False).returncode == 0,
            20,
            self.log,
        )

    def log(self) -> str:
        """Return what it has said."""
        return (self.folder / "log").read_text(errors="replace")

    def key_line(self) -> str:
        """Return its public key as known_hosts has it."""
        kind, blob, *_ = (self.folder / "host_key.pub").read_text().split()
        return f"{self.address} {kind} {blob}\n"


class Network:
    """All machines; `config` is an ssh_config that knows them, `key` opens them."""

    def __init__(self, count: int = 3) -> None:
        # Host folders hold unix sockets and long paths: not below pytest's.
        self.folder = Path(tempfile.mkdtemp(prefix="hosts-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.key = self.folder / "key"
        self.known_hosts = self.folder / "known_hosts"
        self.config = self.folder / "ssh_config"
        self.number, self.bridge = _bridge()
        self.hosts: dict[str, Host] = {}
        names = [*(f"h{number}" for number in range(1, count + 1)), "bastion"]
        addresses = {name: f"198.18.{self.number}.{10 + at}" for at, name in enumerate(names, 1)}
        self.hosts = {name: Host(self, name, address) for name, address in addresses.items()}
        self.hosts["inner"] = Host(self, "inner", f"198.19.{self.number}.2")

    def __getitem__(self, name: str) -> Host:
        return self.hosts[name]

    def up(self) -> None:
        """Start everything."""
        new_key(self.key)
        # Nothing for a host may ever leave this machine, be it up or not.
        run("ip", "route", "replace", "unreachable", "198.18.0.0/15", "metric", "4294967295")
        run("ip", "addr", "add", f"198.18.{self.number}.1/24", "dev", self.bridge)
        run("ip", "link", "set", self.bridge, "up")
        for host in self.hosts.values():
            self._make(host)
        self._wire_inner()
        for host in self.hosts.values():
            host.boot()
        self.reset_client()

    def down(self) -> None:
        """End everything, and remove it."""
        for host in self.hosts.values():
            with contextlib.suppress(subprocess.CalledProcessError):
                for pid in host.pids():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                until(lambda host=host: not host.pids(), 10, "their ends")
                run("ip", "netns", "del", host.space)
        # A link would go with its namespace, but when the kernel comes to it.
        for name in (*(host.space for host in self.hosts.values()), self.bridge):
            with contextlib.suppress(subprocess.CalledProcessError):
                run("ip", "link", "del", name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def mend(self) -> None:
        """Undo whatever a test has done to the machines."""
        for host in self.hosts.values():
            if host.name != "inner":
                host.heal()
            if not host.init():
                host.boot()
            host.sh("pkill -CONT -x sshd; true")
            if not host.sh("pgrep -x sshd; true"):
                host.start_sshd()
            host.sh("pkill -9 -f '[t]rialdeck.(core|backends)'; true")
        self.reset_client()

    @property
    def python(self) -> str:
        """A Python that is new enough for a host, and that it sees."""
        plain = shutil.which("python3", path=PATH)
        check = "import sys; sys.exit(sys.version_info < (3, 11))"
        if plain and subprocess.run([plain, "-I", "-c", check], check=False).returncode == 0:
            return plain
        return str(Path(sys._base_executable).resolve())

    def table(self, name: str, **more: Any) -> dict[str, Any]:
        """Return what a parameter file says of a machine."""
        return {"address": name, "python": self.python, **more}

    def reset_client(self) -> None:
        """Write what ssh knows of the machines as it was."""
        self.known_hosts.write_text("".join(host.key_line() for host in self.hosts.values()))
        self.config.write_text("".join(self._entry(host) for host in self.hosts.values()))

    def _entry(self, host: Host) -> str:
        jump = "  ProxyJump bastion\n" if host.name == "inner" else ""
        return (
            f"Host {host.name}\n  HostName {host.address}\n  User root\n{jump}"
            f"  IdentityFile {self.key}\n  IdentitiesOnly yes\n"
            f"  UserKnownHostsFile {self.known_hosts}\n  GlobalKnownHostsFile /dev/null\n"
        )

    def _make(self, host: Host) -> None:
        (host.folder / "etc").mkdir(parents=True)
        for name in ("root", "full", *USERS):
            (host.home / name).mkdir(parents=True, exist_ok=True)
        for uid, name in enumerate(USERS, 2001):
            os.chown(host.home / name, uid, 2001)
        new_key(host.folder / "host_key")
        files = {"sshd_config": SSHD_CONFIG, "authorized_keys": _text(self.key.with_suffix(".pub"))}
        files |= {
            "passwd": _passwd(),
            "group": "root:x:0:\nwork:x:2001:\nnogroup:x:65534:\ntty:x:5:\n",
        }
        files["shadow"] = "".join(
            f"{line.split(':')[0]}:*:19000:0:99999:7:::\n" for line in _passwd().splitlines()
        )
        for name, content in files.items():
            (host.folder / "etc" / name).write_text(content)
        (host.folder / "etc" / "shadow").chmod(0o600)
        init = INIT.replace("@", str(host.folder)).replace("%", host.name)
        (host.folder / "init").write_text(init)
        run("ip", "netns", "add", host.space)
        run("ip", "-n", host.space, "link", "set", "lo", "up")
        if host.name != "inner":
            far = ["peer", "name", "eth0", "netns", host.space]
            run("ip", "link", "add", host.space, "type", "veth", *far)
            run("ip", "link", "set", host.space, "master", self.bridge)
            run("ip", "link", "set", host.space, "up")
            self._address(host.space, "eth0", f"{host.address}/24")

    def _wire_inner(self) -> None:
        """Lay a cable from the bastion to the machine behind it."""
        bastion, inner = self["bastion"].space, self["inner"].space
        far = ["peer", "name", "eth0", "netns", inner]
        run("ip", "link", "add", "eth1", "netns", bastion, "type", "veth", *far)
        self._address(bastion, "eth1", f"198.19.{self.number}.1/24")
        self._address(inner, "eth0", f"198.19.{self.number}.2/24")

    @staticmethod
    def _address(space: str, device: str, address: str) -> None:
        run("ip", "-n", space, "addr", "add", address, "dev", device)
        run("ip", "-n", space, "link", "set", device, "up")


def why_not() -> str:
    """Return why there can be no such machines here, or ""."""
    if os.getuid() != 0:
        return "network namespaces need root"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"there is no {', '.join(missing)}"
    probe = ["unshare", "--net", "--mount", "--pid", "--fork", "--uts", "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        return "no namespaces can be made here"
    return ""


def new_key(path: Path, passphrase: str = "") -> None:
    """Make a key."""
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", path.name, "-f", str(path))


def run(*argv: str) -> str:
    """Run a command and return what it writes. Raises CalledProcessError."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, argv, done.stdout, done.stderr)
    return done.stdout


def _bridge() -> tuple[int, str]:
    for number in range(1, 150):
        with contextlib.suppress(subprocess.CalledProcessError):
            run("ip", "link", "add", f"td{number}", "type", "bridge", "forward_delay", "0")
            return 100 + number, f"td{number}"
    raise RuntimeError("no bridge can be made")


def _text(path: Path) -> str:
    return path.read_text()


def _passwd() -> str:
    lines = ["root:x:0:0::/home/root:/bin/bash"]
    for uid, (name, shell) in enumerate(USERS.items(), 2001):
        lines.append(f"{name}:x:{uid}:2001::/home/{name}:{shutil.which(shell) or '/bin/sh'}")
    lines.append("nologin:x:2006:2001::/home/worker:/usr/sbin/nologin")
    lines += ["sshd:x:107:65534::/run/sshd:/usr/sbin/nologin"]
    return "\n".join([*lines, "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin", ""])
