"""What runs on a host for as long as somebody is connected to it: answers questions about files.

It is sent over its standard input at every connection, needs nothing but Python, listens nowhere
and ends when its input does. Questions and answers are frames: the length of a JSON object and of
the bytes that follow it (two unsigned 32-bit numbers, big-endian), the object, the bytes. A
question has a number `n` and a word `do`; its answer has the same number, and `error` if it failed.
Without being asked the agent says `{"news": true}` when something it watches has changed, and
`{"beat": true}` every ten seconds, whatever it is busy with.

All paths below are text, as they are in questions: `root` is absolute, others lie below it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import select
import shutil
import struct
import subprocess
import sys
import tarfile
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Said = dict[str, Any]

HEAD = struct.Struct(">II")
LARGEST = 64 << 20  # bytes of a frame; more is no frame of ours
BEAT_SECONDS = 10.0
LOOK_SECONDS = 0.5
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
PIECE, LOAD = 1 << 20, 8 << 20  # bytes of one file and of all files in an answer


_saying = threading.Lock()


class Refused(Exception):
    """Something that cannot be done here; the text says what and where."""


class Gone(Exception):
    """Nobody is there any more."""


def receive(length: int) -> bytes:
    """Return exactly so many bytes of the input."""
    pieces = []
    while length:
        piece = os.read(0, min(length, 1 << 20))
        if not piece:
            raise Gone
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def frame() -> tuple[Said, bytes]:
    """Return the next frame of the input: its object and its bytes."""
    head, load = HEAD.unpack(receive(HEAD.size))
    if head > LARGEST or load > LARGEST:
        raise Gone
    try:
        said = json.loads(receive(head).decode())
    except ValueError:
        raise Gone from None
    return said, receive(load)


def say(said: Said, load: bytes = b"") -> None:
    """Write a frame."""
    head = json.dumps(said).encode()
    rest = memoryview(HEAD.pack(len(head), len(load)) + head + load)
    with _saying:
        while rest:
            try:
                rest = rest[os.write(1, rest) :]
            except BlockingIOError:
                select.select([], [1], [])


def beat() -> None:
    """Give a sign of life now and then, for as long as anybody takes it."""
    with contextlib.suppress(OSError):
        while True:
            time.sleep(BEAT_SECONDS)
            say({"beat": True})


def explain(error: OSError, path: str = "") -> str:
    """Return what the system refused, for a person."""
    where = error.filename or path
    return f"{where}: {error.strerror or error}" if where else str(error)


def below(root: str, path: str) -> str:
    """Return the path of something below `root`, which nothing leads out of."""
    parts = path.split("/")
    if os.path.isabs(path) or ".." in parts:
        raise Refused(f"{path} is not below {root}")
    return os.path.join(root, path)


def make_folder(path: str) -> None:
    """Make a folder for nobody else, and those above it."""
    os.makedirs(path, 0o700, exist_ok=True)


# -- files ----------------------------------------------------------------------------------


def sizes(root: str, folders: Sequence[str]) -> dict[str, list[int]]:
    """Return size and time of change of every plain file directly in some folders."""
    found = {}
    for folder in folders:
        try:
            entries = os.scandir(below(root, folder))
        except OSError:
            continue
        with entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                    continue
                try:
                    info = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                found[f"{folder}/{entry.name}"] = [info.st_size, info.st_mtime_ns]
    return found


def read(root: str, wants: Sequence[tuple[str, int]]) -> tuple[list[Any], bytes]:
    """Return what files have from an offset on: (path, offset, length) each, and all the bytes."""
    told, load = [], []
    left = LOAD
    for path, offset in wants:
        if left <= 0:
            break
        try:
            with open(below(root, path), "rb") as file:
                file.seek(offset)
                data = file.read(min(PIECE, left))
        except OSError:
            continue
        left -= len(data)
        told.append([path, offset, len(data)])
        load.append(data)
    return told, b"".join(load)


def write(root: str, pieces: Sequence[tuple[str, int, int]], load: bytes) -> None:
    """Write (path, offset, length) each from the bytes to where they belong."""
    begin = 0
    for path, first, length in pieces:
        offset, data = first, memoryview(load)[begin : begin + length]
        begin += length
        where = below(root, path)
        make_folder(os.path.dirname(where))
        descriptor = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            if os.fstat(descriptor).st_size < offset:
                raise Refused(f"{where} is shorter than {offset} bytes")
            while data:
                written = os.pwrite(descriptor, data, offset)
                data, offset = data[written:], offset + written
            os.fsync(descriptor)
        except OSError as error:
            raise Refused(explain(error, where)) from None
        finally:
            os.close(descriptor)


def put(root: str, files: Sequence[tuple[str, int]], load: bytes) -> None:
    """Make or replace whole files: (path, length) each, one after another in the bytes."""
    begin = 0
    for path, length in files:
        where = below(root, path)
        make_folder(os.path.dirname(where))
        replace(where, load[begin : begin + length])
        begin += length


def replace(where: str, content: bytes) -> None:
    """Write a whole file so that nobody sees a part of it, and only its owner reads it."""
    draft = f"{os.path.dirname(where)}/.{os.path.basename(where)}.{os.getpid()}"
    try:
        descriptor = os.open(draft, _FRESH, 0o600)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(draft, where)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise Refused(explain(error, where)) from None


def link(root: str, links: dict[str, str]) -> dict[str, str]:
    """Make symbolic links unless they are there; return what each says now."""
    for path, target in links.items():
        where = below(root, path)
        make_folder(os.path.dirname(where))
        with contextlib.suppress(FileExistsError):
            os.symlink(target, where)
    return links_at(root, list(links))


def links_at(root: str, paths: Sequence[str]) -> dict[str, str]:
    """Return what those symbolic links say that are there; "" for what is no link."""
    found = {}
    for path in paths:
        try:
            found[path] = os.readlink(below(root, path))
        except FileNotFoundError:
            pass
        except OSError:
            found[path] = ""
    return found


def remove(root: str, paths: Sequence[str]) -> None:
    """Remove files, if they are there."""
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(below(root, path))


def hashes(root: str, paths: Sequence[str]) -> dict[str, str]:
    """Return the SHA-256 of those files that are there."""
    found = {}
    for path in paths:
        digest = hashlib.sha256()
        try:
            with open(below(root, path), "rb") as file:
                for block in iter(lambda: file.read(1 << 20), b""):
                    digest.update(block)
        except OSError:
            continue
        found[path] = digest.hexdigest()
    return found


class Chunks:
    """The bytes of the frames that follow, up to an empty one, as a file.

    The empty one says `broken` if what came before is not all that there should have been.
    """

    def __init__(self) -> None:
        self.rest = b""
        self.over = False

    def read(self, length: int) -> bytes:
        """Return so many bytes, fewer at the end."""
        while len(self.rest) < length and not self.over:
            self.rest += self.next()
        data, self.rest = self.rest[:length], self.rest[length:]
        return data

    def next(self) -> bytes:
        """Return the bytes of one frame."""
        said, load = frame()
        self.over = not load
        if "broken" in said:
            raise Refused("the rest of the files did not come")
        return load

    def drain(self) -> None:
        """Take the frames that nobody wants."""
        while not self.over:
            self.next()


def unpack(root: str, *, whole: bool) -> None:
    """Unpack the tar stream that follows below `root`; if `whole`, all of it appears at once.

    With `whole`, nothing is done if `root` is there already.
    """
    chunks: Any = Chunks()
    target = f"{root}.{os.getpid()}.part" if whole else root
    try:
        if whole and os.path.isdir(root):
            return
        try:
            make_folder(target)
            with tarfile.open(fileobj=chunks, mode="r|*") as archive:
                for member in archive:
                    if member.isfile():
                        _store(archive, member, target)
            chunks.drain()  # only then it is known that this was all
            if whole:
                os.rename(target, root)
        except (OSError, tarfile.TarError) as error:
            if not (whole and os.path.isdir(root)):  # another was quicker, perhaps
                text = explain(error, target) if isinstance(error, OSError) else str(error)
                raise Refused(text) from None
    finally:
        if whole:
            shutil.rmtree(target, ignore_errors=True)
        chunks.drain()


def _store(archive: tarfile.TarFile, member: tarfile.TarInfo, target: str) -> None:
    where = below(target, member.name)
    make_folder(os.path.dirname(where))
    draft = f"{where}.{os.getpid()}.part"
    source: Any = archive.extractfile(member)
    try:
        descriptor = os.open(draft, _FRESH, 0o700 if member.mode & 0o100 else 0o600)
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        os.rename(draft, where)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise


# -- processes ------------------------------------------------------------------------------


def boot() -> str:
    """Return the kernel's id of the time since the machine was started."""
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def stat(pid: int) -> tuple[str, int] | None:
    """Return the state and the start of a process, None when there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return fields[0].decode(), int(fields[19])


def alive(process: Said) -> bool | None:
    """Return whether a process lives, None when that cannot be told from here.

    From before this machine's last start nothing does.
    """
    if process["boot"] != boot():
        return False if process["host"] == os.uname().nodename else None
    if process["namespace"] != os.readlink("/proc/self/ns/pid"):
        return None
    found = stat(process["pid"])
    return found is not None and found[0] not in "ZXx" and found[1] == process["start"]


def tell(process: Said, number: int) -> bool:
    """Send a signal to a process, if it lives; return whether it did."""
    if not alive(process):
        return False
    try:
        os.kill(process["pid"], number)
    except ProcessLookupError:
        return False
    except PermissionError:
        raise Refused(f"the process {process['pid']} belongs to another user") from None
    return True


def run(
    argv: list[str], given: bytes, environment: dict[str, str], seconds: float
) -> tuple[int, bytes, bytes]:
    """Run a command to its end; return its exit status, and what it wrote."""
    try:
        done = subprocess.run(
            argv,
            input=given,
            env=dict(os.environ, **environment),
            capture_output=True,
            timeout=seconds,
            start_new_session=True,
            check=False,
        )
    except OSError as error:
        raise Refused(f"{argv[0]} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Refused(f"{argv[0]} did not end within {seconds:g} s") from None
    return done.returncode, done.stdout, done.stderr


# -- the conversation -----------------------------------------------------------------------


class Watch:
    """What changes in folders, looked at now and then."""

    def __init__(self) -> None:
        self.folders: dict[str, list[str]] = {}
        self.seen: Said = {}
        self.looked = 0.0

    def set(self, root: str, folders: list[str]) -> None:
        """Watch these folders below `root` from now on."""
        self.folders[root] = folders
        self.seen = self.look()

    def look(self) -> Said:
        """Return what there is."""
        return {root: sizes(root, folders) for root, folders in self.folders.items()}

    def changed(self) -> bool:
        """Return whether anything has changed since the last time; seldom looks itself."""
        now = time.monotonic()
        if not self.folders or now - self.looked < LOOK_SECONDS:
            return False
        self.looked = now
        before, self.seen = self.seen, self.look()
        return self.seen != before


class Asked(NamedTuple):
    """A question: what was said, the bytes with it, and where it is asked about."""

    said: Said
    load: bytes
    root: str
    watch: Watch


def _read(asked: Asked) -> tuple[Said, bytes]:
    told, data = read(asked.root, asked.said["wants"])
    return {"pieces": told}, data


def _run(asked: Asked) -> tuple[Said, bytes]:
    said = asked.said
    code, out, errors = run(said["argv"], asked.load, said["environment"], said["within"])
    return {"code": code, "out": len(out)}, out + errors


def _exists(asked: Asked) -> list[str]:
    paths: list[str] = asked.said["paths"]
    return [path for path in paths if os.path.lexists(below(asked.root, path))]


def _tell(asked: Asked) -> list[bool]:
    return [tell(asked.said["process"], number) for number in asked.said["signals"]]


# What an answer is called, and how it is found.
ANSWERS: dict[str, tuple[str, Callable[[Asked], Any]]] = {
    "sizes": ("files", lambda asked: sizes(asked.root, asked.said["folders"])),
    "write": ("ok", lambda asked: write(asked.root, asked.said["pieces"], asked.load)),
    "put": ("ok", lambda asked: put(asked.root, asked.said["files"], asked.load)),
    "link": ("links", lambda asked: link(asked.root, asked.said["links"])),
    "links": ("links", lambda asked: links_at(asked.root, asked.said["paths"])),
    "remove": ("ok", lambda asked: remove(asked.root, asked.said["paths"])),
    "hashes": ("hashes", lambda asked: hashes(asked.root, asked.said["paths"])),
    "unpack": ("ok", lambda asked: unpack(asked.root, whole=asked.said["whole"])),
    "watch": ("ok", lambda asked: asked.watch.set(asked.root, asked.said["folders"])),
    "alive": ("alive", lambda asked: [alive(process) for process in asked.said["processes"]]),
    "exists": ("there", _exists),
    "tell": ("told", _tell),
}
WITH_BYTES: dict[str, Callable[[Asked], tuple[Said, bytes]]] = {"read": _read, "run": _run}


def answer(asked: Asked) -> tuple[Said, bytes]:
    """Do what is asked; return what to say, and the bytes."""
    word = asked.said["do"]
    if word in WITH_BYTES:
        return WITH_BYTES[word](asked)
    if word not in ANSWERS:
        raise Refused(f"this agent cannot {word}")
    name, find = ANSWERS[word]
    return {name: find(asked)}, b""


def converse() -> None:
    """Answer questions until nobody asks any more."""
    watch = Watch()
    while True:
        if select.select([0], [], [], LOOK_SECONDS)[0]:
            said, load = frame()
            number = said.get("n")
            try:
                reply, data = answer(Asked(said, load, said.get("root", ""), watch))
            except Refused as error:
                reply, data = {"error": str(error)}, b""
            except OSError as error:
                reply, data = {"error": explain(error)}, b""
            say(dict(reply, n=number), data)
        elif watch.changed():
            say({"news": True})


def main() -> None:
    """Say who is here, and converse."""
    os.umask(0o077)
    os.set_blocking(1, True)
    version = list(sys.version_info[:3])
    home = os.path.expanduser("~")
    say({"hello": version, "python": sys.executable, "home": home, "boot": boot()})
    threading.Thread(target=beat, daemon=True).start()
    with contextlib.suppress(Gone, BrokenPipeError, KeyboardInterrupt):
        converse()


if __name__ == "__main__":
    main()
