"""The pool's side of the process that suggests."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.suggest.child import Answer, Ask

if TYPE_CHECKING:
    from trialdeck.core.history.paths import HistoryPaths


class SuggestClient:
    """Asks for one point at a time; starts the process when it is first needed."""

    def __init__(self, paths: HistoryPaths) -> None:
        self.paths = paths
        self.process: subprocess.Popen[bytes] | None = None
        self.asked: Ask | None = None
        self.buffer = b""
        self.decoder = msgspec.json.Decoder(Answer)

    def ask(self, tid: int, revision: int) -> None:
        """Send a question; `receive` gives the answer some time later."""
        self.asked = Ask(tid, revision)
        self.start()
        if self.process and self.process.stdin:
            with suppress(BrokenPipeError):  # it has just died: `receive` says so
                self.process.stdin.write(msgspec.json.encode(self.asked) + b"\n")

    def start(self) -> None:
        """Start the process if it does not run."""
        if self.process is None:
            module = "trialdeck.core.suggest.child"
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, str(self.paths.root)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                # Of its own session: a ctrl+C meant for the pool must not end it.
                start_new_session=True,
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )

    @property
    def pid(self) -> int | None:
        """The process id, None while it is not running."""
        return self.process.pid if self.process else None

    def fileno(self) -> int | None:
        """Return the descriptor to wait on for an answer."""
        return self.process.stdout.fileno() if self.process and self.process.stdout else None

    def receive(self) -> Answer | None:
        """Read what has come; return the answer once it is whole.

        A process that died answers with an error.
        """
        if self.process is None or self.process.stdout is None or self.asked is None:
            return None
        piece = os.read(self.process.stdout.fileno(), 1 << 16)
        if not piece:
            asked = self.asked
            self.close()
            return Answer(asked.tid, asked.revision, error="the suggesting process ended")
        self.buffer += piece
        if not self.buffer.endswith(b"\n"):
            return None
        answer, self.buffer, self.asked = self.decoder.decode(self.buffer), b"", None
        return answer

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None
        self.asked, self.buffer = None, b""
