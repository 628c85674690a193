"""Whether a host is the one that it was: its key against those in the known_hosts files.

The files are searched by `ssh-keygen`, which knows hashed names and patterns. An unknown key is a
question to the user, whose "yes" adds one line; a changed one is refused.
"""

from __future__ import annotations

import base64
import os
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.backends.base import LaunchError, Question

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trialdeck.backends.ssh.config import Route

SECONDS = 10.0


class HostKey(NamedTuple):
    """A key as known_hosts has it: its type and its content, and what marks its line."""

    kind: str
    blob: bytes
    marker: str = ""


def known_keys(route: Route) -> list[HostKey]:
    """Return the keys that a host is known by, marked ones too. Raises LaunchError."""
    return [key for file in route.known_hosts for key in _keys_in(file, route.key_name)]


def check(route: Route, kind: str, blob: bytes, fingerprint: str) -> None:
    """Return if the host shows a key that it is known by.

    Raises Question when it is not known at all, and LaunchError when it is known by another.
    """
    known = known_keys(route)
    if any(key.marker == "@revoked" and key.blob == blob for key in known):
        raise LaunchError(f"the key of {route.name} is revoked in known_hosts: it is not used")
    plain = [key for key in known if not key.marker]
    if any(key.kind == kind and key.blob == blob for key in plain):
        return
    if plain:
        raise LaunchError(_changed(route, kind, fingerprint))
    shown = f"{kind.removeprefix('ssh-').upper()} {fingerprint}"

    def answer(said: str) -> None:
        if said.strip().lower() not in ("yes", "y"):
            raise LaunchError(f"{route.name} is not trusted, so nothing is done there")
        _append(route, kind, blob)

    raise Question(
        f"{route.name} ({route}) is not known yet.\n"
        f"Its key is {shown}\n"
        f"On its own console `ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub` shows the same if it is "
        f"the right machine.\n"
        f"Is it, and shall the key be added to {route.known_hosts[0]}?",
        answer,
        yes_no=True,
    )


def _changed(route: Route, kind: str, fingerprint: str) -> str:
    file = route.known_hosts[0]
    return (
        f"{route.name} ({route}) shows another key than before: {kind} {fingerprint}. Either it "
        f"was installed anew, or its address belongs to another machine now, or somebody listens "
        f"in between. Ask whoever looks after it; if the key is right, "
        f"`ssh-keygen -R '{route.key_name}' -f {file}` forgets the old one"
    )


def _keys_in(file: Path, name: str) -> Iterator[HostKey]:
    if not file.is_file():
        return
    argv = ["ssh-keygen", "-F", name, "-f", str(file)]
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except FileNotFoundError:
        raise LaunchError("there is no `ssh-keygen` here: install OpenSSH's client") from None
    except subprocess.TimeoutExpired:
        raise LaunchError(f"{file} cannot be searched within {SECONDS:g} s") from None
    for line in done.stdout.decode(errors="replace").splitlines():
        if line.startswith("#"):
            continue
        words = line.split()
        marker = words.pop(0) if words and words[0].startswith("@") else ""
        if len(words) >= 3:
            try:
                yield HostKey(words[1], base64.b64decode(words[2], validate=True), marker)
            except ValueError:
                continue


def _append(route: Route, kind: str, blob: bytes) -> None:
    file = route.known_hosts[0]
    line = f"{route.key_name} {kind} {base64.b64encode(blob).decode()}\n"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
            os.write(descriptor, (b"\n" if torn else b"") + line.encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        raise LaunchError(f"{file} cannot be written: {error.strerror}") from error
