"""A connection to a host by paramiko, and the commands that run through it.

Everything is bounded in time. Nothing is forwarded, not even the agent, and nothing listens.
"""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import LaunchError, NoAnswer
from trialdeck.backends.ssh import host_keys
from trialdeck.backends.ssh.keys import passphrase_question, wallet_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.backends.ssh.config import Route

CONNECT_SECONDS = 10.0
DEAD_MS = 15_000  # after so long without an acknowledgement the system gives a connection up
SEND_SECONDS = 20.0
AT_ONCE = 5  # connections that are being made to one machine: sshd refuses more (MaxStartups)
ERRORS_KEPT = 4096  # bytes
BLOCK = 1 << 18

_starting: dict[tuple[str, int], threading.Semaphore] = {}
_starting_lock = threading.Lock()


class ChannelStream:
    """A command on a host, as a `client.Stream`."""

    def __init__(self, host: str, channel: Any) -> None:
        self._host = host
        self._channel = channel
        self._errors = bytearray()
        channel.settimeout(SEND_SECONDS)

    def send(self, data: bytes) -> None:
        """Send all of it. Raises NoAnswer when the other side is gone."""
        try:
            self._channel.sendall(data)
        except (OSError, EOFError) as error:  # a time-out is an OSError, too
            why = str(error) or "the connection was lost"
            raise NoAnswer(f"{self._host} takes nothing any more: {why}") from None

    def receive(self, timeout: float) -> bytes:
        """Return what has come, b"" at the end. Raises TimeoutError, and NoAnswer."""
        self._channel.settimeout(max(timeout, 0.01))
        try:
            data: bytes = self._channel.recv(BLOCK)
        except TimeoutError:
            raise
        except (OSError, EOFError) as error:
            raise NoAnswer(f"the connection to {self._host} was lost: {error}") from None
        self._drain()
        return data

    def errors(self) -> bytes:
        """Return the end of what the command has written to its standard error."""
        self._drain()
        return bytes(self._errors)

    def close(self) -> None:
        """End it."""
        with suppress(OSError, EOFError):
            self._channel.close()

    def _drain(self) -> None:
        # Unread, it would fill the window in the end, and nothing would come any more.
        with suppress(OSError, EOFError):
            while self._channel.recv_stderr_ready():
                data = self._channel.recv_stderr(BLOCK)
                if not data:
                    return
                self._errors = (self._errors + data)[-ERRORS_KEPT:]


class Connection:
    """An open connection to a host, over others perhaps."""

    def __init__(self, host: str, transports: list[Any]) -> None:
        self.host = host
        self._transports = transports

    @property
    def alive(self) -> bool:
        """Whether it is open, as far as is known."""
        return bool(self._transports) and all(t.is_active() for t in self._transports)

    def open(self, command: str) -> ChannelStream:
        """Run a command, in the user's login shell there. Raises LaunchError."""
        from paramiko import SSHException

        try:
            channel = self._transports[-1].open_session(timeout=CONNECT_SECONDS)
            channel.exec_command(command)
        except (SSHException, OSError, EOFError) as error:
            raise NoAnswer(f"{self.host} starts no session: {error}") from None
        return ChannelStream(self.host, channel)

    def close(self) -> None:
        """Close it; what was started detached lives on."""
        for transport in reversed(self._transports):
            with suppress(OSError, EOFError):
                transport.close()


def connect(route: Route) -> Connection:
    """Connect to a host. Raises LaunchError, and Question when only the user can decide."""
    _quieten()
    transports: list[Any] = []
    try:
        for hop in (*route.jumps, route):
            with _turn(hop):
                transports.append(_hop(hop, transports[-1] if transports else None))
    except BaseException:
        Connection(route.name, transports).close()
        raise
    return Connection(route.name, transports)


def _turn(hop: Route) -> threading.Semaphore:
    with _starting_lock:
        return _starting.setdefault((hop.hostname, hop.port), threading.Semaphore(AT_ONCE))


def _hop(hop: Route, through: Any) -> Any:
    """Return a transport to one host, opened and authenticated."""
    from paramiko import SSHException, Transport

    link = _socket(hop) if through is None else _channel(hop, through)
    transport = None
    try:
        transport = Transport(link)
        transport.banner_timeout = CONNECT_SECONDS
        transport.handshake_timeout = CONNECT_SECONDS
        transport.auth_timeout = CONNECT_SECONDS
        _prefer_known(hop, transport)
        transport.start_client(timeout=CONNECT_SECONDS)
        key = transport.get_remote_server_key()
        host_keys.check(hop, key.get_name(), key.asbytes(), key.fingerprint)
        _authenticate(hop, transport)
    except (SSHException, EOFError, OSError) as error:
        _shut(transport, link)
        raise NoAnswer(_why(hop, error)) from None
    except BaseException:
        _shut(transport, link)
        raise
    return transport


def _shut(transport: Any, link: Any) -> None:
    # One that is left open keeps a place of those that sshd has for strangers.
    for one in (transport, link):
        if one is not None:
            with suppress(OSError, EOFError):
                one.close()


def _why(hop: Route, error: BaseException) -> str:
    text = str(error) or type(error).__name__
    # paramiko has several texts for a server that takes a connection and says nothing.
    silent = any(word in text for word in ("banner", "Timeout", "No existing session"))
    if silent or isinstance(error, TimeoutError):
        return f"{hop.name} ({hop}) takes connections, but its sshd does not answer"
    return f"{hop.name} ({hop}) breaks the connection off: {text}"


def _socket(hop: Route) -> socket.socket:
    where = f"{hop.name} ({hop.hostname}, port {hop.port})"
    try:
        link = socket.create_connection((hop.hostname, hop.port), CONNECT_SECONDS)
    except socket.gaierror as error:
        raise NoAnswer(f"{where} cannot be found: {error.strerror}") from None
    except TimeoutError:
        raise NoAnswer(f"{where} does not answer within {CONNECT_SECONDS:g} s") from None
    except OSError as error:
        raise NoAnswer(f"{where} cannot be reached: {error.strerror or error}") from None
    for level, option, value in _options():
        with suppress(OSError):
            link.setsockopt(level, option, value)
    return link


def _options() -> Iterator[tuple[int, int, int]]:
    """Yield what has a lost connection noticed in seconds, and small packets sent at once."""
    yield socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
    yield socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1
    for name, value in (
        ("TCP_KEEPIDLE", 5),
        ("TCP_KEEPINTVL", 2),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", DEAD_MS),
    ):
        if hasattr(socket, name):
            yield socket.IPPROTO_TCP, getattr(socket, name), value


def _channel(hop: Route, through: Any) -> Any:
    """Return a channel to a host through another."""
    from paramiko import SSHException

    try:
        return through.open_channel(
            "direct-tcpip", (hop.hostname, hop.port), ("127.0.0.1", 0), timeout=CONNECT_SECONDS
        )
    except (SSHException, EOFError, OSError) as error:
        raise NoAnswer(f"{hop.name} ({hop}) cannot be reached from there: {error}") from None


def _prefer_known(hop: Route, transport: Any) -> None:
    """Ask for a key of the types that are known, so that no other is taken for a changed one."""
    options = transport.get_security_options()
    known = {key.kind for key in host_keys.known_keys(hop) if not key.marker}
    if "ssh-rsa" in known:
        known |= {"rsa-sha2-512", "rsa-sha2-256"}
    options.key_types = sorted(options.key_types, key=lambda kind: kind not in known)


def _authenticate(hop: Route, transport: Any) -> None:
    """Offer the user's keys, one after another."""
    from paramiko import AuthenticationException, BadAuthenticationType, SSHException

    wallet = wallet_for(hop)
    tried = []
    for name, key in wallet.offers:
        try:
            left = transport.auth_publickey(hop.user, key)
        except BadAuthenticationType as error:
            raise LaunchError(
                f"{hop.name} ({hop}) takes no keys, only {', '.join(error.allowed_types)}: log in "
                f"there and allow PubkeyAuthentication"
            ) from None
        except AuthenticationException:
            tried.append(name)
            continue
        except SSHException as error:  # a key that cannot sign: the next one may
            if not transport.is_active():
                raise
            tried.append(f"{name} ({error})")
            continue
        if left:
            raise LaunchError(
                f"{hop.name} ({hop}) wants more than a key ({', '.join(left)}), which cannot be "
                f"given here"
            )
        return
    if wallet.locked:
        raise passphrase_question(hop, wallet.locked[0])
    keys = ", ".join([*tried, *wallet.troubles]) or "there is none"
    raise LaunchError(
        f"no key opens {hop.name} ({hop}); tried: {keys}. `ssh-copy-id {hop}` puts yours there, or "
        f"name it by `key` below [backends.ssh.hosts.{hop.name}]"
    )


def _quieten() -> None:
    """Keep paramiko from writing tracebacks onto the terminal."""
    logger = logging.getLogger("paramiko")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
