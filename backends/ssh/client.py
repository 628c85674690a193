"""The near end of a conversation with an agent on a host (see `agent`)."""

from __future__ import annotations

import gzip
import json
import shlex
import struct
import tarfile
import threading
import time
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

from trialdeck.backends.base import LaunchError, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD = struct.Struct(">II")
LARGEST = 64 << 20
CHUNK = 1 << 18  # bytes of a stream in one frame
SILENCE_SECONDS = 25.0  # an agent gives a sign of life every ten
START_SECONDS = 15.0
ANSWER_SECONDS = 20.0
COMMAND = "exec /bin/sh -s"  # the same words in every login shell
MARK, NO_PYTHON = b"<trialdeck agent>", b"<trialdeck finds no python>"
MINIMUM = (3, 11)
# What the Python of a host runs at first: it reads the agent, whose length comes before it.
_BOOT = (
    "import os,sys\n"
    f'os.write(1,b"\\n" + b"{MARK.decode()}" + b"\\n")\n'
    'b=b""\n'
    "while len(b)<16 or len(b)<16+int(b[:16]):\n"
    " p=os.read(0,65536)\n"
    " if not p:sys.exit()\n"
    " b+=p\n"
    'exec(compile(b[16:],"agent","exec"),{"__name__":"__main__"})'
)
_LOOK_FOR = ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python")


class Stream(Protocol):
    """The two ends of a command that runs on a host."""

    def send(self, data: bytes) -> None:
        """Send all of it. Raises NoAnswer when the other side is gone."""
        ...

    def receive(self, timeout: float) -> bytes:
        """Return what has come, b"" at the end. Raises TimeoutError, and NoAnswer."""
        ...

    def errors(self) -> bytes:
        """Return the end of what the command has written to its standard error."""
        ...

    def close(self) -> None:
        """End it."""
        ...


def start_script(python: str) -> str:
    """Return what the shell of a host does: find a Python that is new enough, and become it.

    `python` is the command of the host's settings; "" looks for one.
    """
    words = shlex.split(python)
    commands = [words] if words else [[name] for name in _LOOK_FOR]
    tries = "\n".join(
        f"try {' '.join(_word(word, first=not i) for i, word in enumerate(command))}"
        for command in commands
    )
    return f"""umask 077
try() {{
  command -v "$1" >/dev/null 2>&1 || return 0
  v=$("$@" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null </dev/null)
  found="$found $1 ($v)"
  "$@" -I -c 'import sys; sys.exit(sys.version_info < {MINIMUM})' 2>/dev/null </dev/null || return 0
  exec "$@" -I -c '{_BOOT}'
}}
found=
{tries}
printf '\\n%s%s\\n' '{NO_PYTHON.decode()}' "$found"
"""


def _word(word: str, *, first: bool) -> str:
    if first and word.startswith("~/"):
        return f'"$HOME"/{shlex.quote(word[2:])}'
    return shlex.quote(word)


class Client:
    """Asks one agent. For several threads at once; every question is bounded in time.

    Everything raises LaunchError when the host refuses, and NoAnswer when the conversation has
    broken off: then it is over, and another one has to be begun.
    """

    def __init__(self, host: str, stream: Stream, hello: dict[str, Any]) -> None:
        """For `talk_to`."""
        self.host = host
        self.version: tuple[int, int, int] = tuple(hello["hello"])
        self.python: str = hello["python"]
        self.home: str = hello["home"]
        self.boot: str = hello["boot"]
        self.heard = time.time()
        self.broken = ""  # why the conversation is over
        self.pouring = False  # whether a stream is being sent, behind which questions wait
        self._stream = stream
        self._news = threading.Condition()
        self._changes = 0
        self._told: dict[int, int] = {}  # how many changes each thread was told of
        self._number = 0
        self._waiting: dict[int, Future[tuple[dict[str, Any], bytes]]] = {}
        self._sending = threading.Lock()
        self._thread: threading.Thread | None = None

    def listen(self, rest: bytes) -> None:
        """Begin to take what the agent says; `rest` is what has come already."""
        self._thread = threading.Thread(
            target=self._listen, args=(rest,), name=f"agent {self.host}", daemon=True
        )
        self._thread.start()

    def ask(
        self, word: str, load: bytes = b"", *, seconds: float = ANSWER_SECONDS, **said: Any
    ) -> tuple[dict[str, Any], bytes]:
        """Return the answer to a question, and the bytes with it."""
        answer = self._send(word, load, said)
        return self._await(answer, seconds)

    def pour(self, word: str, fill: Callable[[Any], None], seconds: float, **said: Any) -> None:
        """Ask, and send what `fill` writes into the file that it is given, as a stream.

        `seconds` is how long nothing may be taken or answered.
        """
        with self._sending:
            answer = self._send_locked(word, b"", said)
            pipe = _Pipe(self._frame)
            self.pouring = True
            try:
                fill(pipe)
                pipe.end()
            except BaseException:
                # Half of an archive looks whole to those who unpack it.
                with suppress(NoAnswer):
                    self._frame({"broken": True})
                raise
            finally:
                self.pouring = False
        self._await(answer, seconds)

    def changed(self, timeout: float) -> bool:
        """Wait for the word that something has changed since this thread was last told."""
        me = threading.get_ident()
        with self._news:
            self._news.wait_for(
                lambda: self._changes > self._told.get(me, 0) or self.broken, timeout
            )
            if self.broken:
                raise NoAnswer(self.broken)
            news = self._changes > self._told.get(me, 0)
            self._told[me] = self._changes
            return news

    def close(self) -> None:
        """End the conversation."""
        self._break("the connection was closed")

    # -- sending ----------------------------------------------------------------------------

    def _send(
        self, word: str, load: bytes, said: dict[str, Any]
    ) -> Future[tuple[dict[str, Any], bytes]]:
        with self._sending:
            return self._send_locked(word, load, said)

    def _send_locked(
        self, word: str, load: bytes, said: dict[str, Any]
    ) -> Future[tuple[dict[str, Any], bytes]]:
        self._number += 1
        answer: Future[tuple[dict[str, Any], bytes]] = Future()
        self._waiting[self._number] = answer
        if self.broken:
            raise NoAnswer(self.broken)
        self._frame({**said, "do": word, "n": self._number}, load)
        return answer

    def _frame(self, said: dict[str, Any], load: bytes = b"") -> None:
        head = json.dumps(said).encode()
        try:
            self._stream.send(HEAD.pack(len(head), len(load)) + head + load)
        except NoAnswer as error:
            self._break(str(error))
            raise

    def _await(
        self, answer: Future[tuple[dict[str, Any], bytes]], seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        try:
            said, load = answer.result(seconds)
        except FutureTimeoutError:
            why = f"{self.host} has not answered for {seconds:.0f} s"
            self._break(why)
            raise NoAnswer(why) from None
        if error := said.get("error"):
            raise LaunchError(f"{self.host}: {error}")
        return said, load

    # -- listening --------------------------------------------------------------------------

    def _listen(self, rest: bytes) -> None:
        buffer = bytearray(rest)
        try:
            while not self.broken:
                while (taken := self._take(buffer)) is not None:
                    del buffer[:taken]
                data = self._stream.receive(SILENCE_SECONDS)
                if not data:
                    self._break(f"{self.host} has ended the connection{_said(self._stream)}")
                buffer += data
                self.heard = time.time()
        except TimeoutError:
            self._break(f"nothing was heard from {self.host} for {SILENCE_SECONDS:.0f} s")
        except Exception as error:  # noqa: BLE001 - whoever waits for an answer is told
            self._break(str(error) or type(error).__name__)

    def _take(self, buffer: bytearray) -> int | None:
        """Deal with the first frame in a buffer; return its length, None if it is not all there."""
        if len(buffer) < HEAD.size:
            return None
        head, load = HEAD.unpack(buffer[: HEAD.size])
        if head > LARGEST or load > LARGEST:
            raise NoAnswer(f"{self.host} sends what makes no sense")
        length: int = HEAD.size + head + load
        if len(buffer) < length:
            return None
        said = json.loads(bytes(buffer[HEAD.size : HEAD.size + head]))
        self._hear(said, bytes(buffer[HEAD.size + head : length]))
        return length

    def _hear(self, said: dict[str, Any], load: bytes) -> None:
        if "n" in said:
            answer = self._waiting.pop(said["n"], None)
            if answer is not None:
                with suppress(InvalidStateError):
                    answer.set_result((said, load))
        elif "news" in said:
            with self._news:
                self._changes += 1
                self._news.notify_all()

    def _break(self, why: str) -> None:
        with self._news:
            if self.broken:
                return
            self.broken = why
            self._news.notify_all()
        self._stream.close()
        for number in list(self._waiting):
            answer = self._waiting.pop(number, None)
            if answer is not None:
                with suppress(InvalidStateError):
                    answer.set_exception(NoAnswer(why))


class _Pipe:
    """A file for writing whose content goes to the agent in frames."""

    def __init__(self, send: Callable[[dict[str, Any], bytes], None]) -> None:
        self._send = send
        self._buffer = bytearray()

    def write(self, data: bytes) -> int:
        """Take bytes. Raises NoAnswer."""
        self._buffer += data
        while len(self._buffer) >= CHUNK:
            self._send({}, bytes(self._buffer[:CHUNK]))
            del self._buffer[:CHUNK]
        return len(data)

    def flush(self) -> None:
        """Keep what is there until there is enough of it."""

    def end(self) -> None:
        """Send the rest, and that this was all."""
        if self._buffer:
            self._send({}, bytes(self._buffer))
        self._send({}, b"")


def talk_to(host: str, stream: Stream, python: str) -> Client:
    """Start the agent on a host through the standard input of a shell there.

    Raises LaunchError when there is no Python that can run it.
    """
    try:
        stream.send(start_script(python).encode())
        rest = _await_mark(host, stream, python)
        source = resources.files("trialdeck.backends.ssh").joinpath("agent.py").read_bytes()
        stream.send(b"%016d" % len(source) + source)
        hello, rest = _first_frame(host, stream, rest)
        client = Client(host, stream, hello)
        client.listen(rest)
    except TimeoutError:
        stream.close()
        raise NoAnswer(f"{host} does not start a shell: it said nothing for a while") from None
    except Exception:
        stream.close()
        raise
    return client


def _await_mark(host: str, stream: Stream, python: str) -> bytes:
    """Return what came after the sign that the agent can be sent; what rc files print is left."""
    deadline = time.monotonic() + START_SECONDS
    seen = b""
    while True:
        for mark in (MARK, NO_PYTHON):
            _, found, after = seen.partition(b"\n" + mark)
            line, newline, rest = after.partition(b"\n")
            if found and newline:
                if mark == MARK:
                    return rest
                raise LaunchError(_no_python(host, python, line.decode(errors="replace").strip()))
        data = stream.receive(max(0.1, deadline - time.monotonic()))
        if not data:
            said = _last_line(seen) or _last_line(stream.errors())
            raise LaunchError(f"{host} runs no shell for this user: " + (said or "it said nothing"))
        seen = (seen + data)[-65536:]


def _no_python(host: str, python: str, found: str) -> str:
    least = ".".join(map(str, MINIMUM))
    what = f"{python} on {host}" if python else f"a Python on {host}"
    there = f"found: {found}" if found else "there is none in its PATH"
    if python:
        there = f"it is {found}" if found else "there is no such command"
    return (
        f"{what} has to be {least} or newer ({there}): install one there, or name one by `python` "
        f"below [backends.ssh.hosts.{host}]"
    )


def _first_frame(host: str, stream: Stream, rest: bytes) -> tuple[dict[str, Any], bytes]:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if len(rest) >= HEAD.size:
            head, load = HEAD.unpack(rest[: HEAD.size])
            if head > LARGEST:
                raise NoAnswer(f"{host} sends what makes no sense")
            if len(rest) >= HEAD.size + head + load:
                return json.loads(rest[HEAD.size : HEAD.size + head]), rest[HEAD.size + head :]
        data = stream.receive(max(0.1, deadline - time.monotonic()))
        if not data:
            raise NoAnswer(f"the agent on {host} ended at once{_said(stream)}")
        rest += data


def _said(stream: Stream) -> str:
    text = _last_line(stream.errors())
    return f": {text}" if text else ""


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").split("\n")
    shown = ("".join(c for c in line if c.isprintable()).strip() for line in reversed(lines))
    return next(filter(None, shown), "")


@contextmanager
def tar_into(pipe: Any) -> Iterator[tarfile.TarFile]:
    """Write an archive to a stream, lightly compressed."""
    with (
        gzip.GzipFile(fileobj=pipe, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        yield archive
