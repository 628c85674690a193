"""The keys of [backends.ssh] and of its hosts that are more than their types."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath
from typing import Any

from trialdeck.core.params.mistakes import Mistake, convert
from trialdeck.core.reading import shown

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def host_name_problem(name: str) -> str:
    """Return why a host cannot be called so, or ""."""
    if name == "home":
        return "home is what this machine is called"
    if not _NAME.fullmatch(name) or len(name) > 60:
        return f"{shown(name)} is no name for a host: letters, digits and . _ - only"
    return ""


def read_address(value: Any) -> str:
    """Return an alias or user@address:port. Raises Mistake."""
    text: str = convert(value, str)
    from trialdeck.backends.base import LaunchError
    from trialdeck.backends.ssh.config import parse_address

    for part in text.split(","):
        try:
            parse_address(part.strip())
        except LaunchError:
            cure = 'Write an alias of ~/.ssh/config, or "user@address:port"'
            raise Mistake(f"{shown(text)} is no address", cure) from None
    return text


def read_word(value: Any) -> str:
    """Return a user's name. Raises Mistake."""
    text: str = convert(value, str)
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._@\\-]*\$?", text):
        raise Mistake(f"{shown(text)} is no user's name", "")
    return text


def read_port(value: Any) -> int:
    """Return a port. Raises Mistake."""
    number: int = convert(value, int)
    if not 1 <= number <= 65535:
        raise Mistake(f"{shown(value)} is no port; they go from 1 to 65535")
    return number


def read_command(value: Any) -> str:
    """Return a command line. Raises Mistake."""
    text: str = convert(value, str)
    try:
        shlex.split(text)
    except ValueError as error:
        raise Mistake(f"{shown(text)} is no command ({error})") from error
    return text


def read_patterns(value: Any) -> list[str]:
    """Return patterns of files in the project's folder. Raises Mistake."""
    patterns: list[str] = convert([value] if isinstance(value, str) else value, list[str])
    for pattern in patterns:
        path = PurePosixPath(pattern)
        if not pattern or path.is_absolute() or ".." in path.parts or pattern.startswith("~"):
            cure = "Write it relative to this file; for data that is there already use fixed"
            raise Mistake(f"{shown(pattern)} is not in the folder of this file", cure)
    return patterns


def read_packages(value: Any) -> list[str]:
    """Return what pip is to install. Raises Mistake."""
    packages: list[str] = convert([value] if isinstance(value, str) else value, list[str])
    for package in packages:
        if not re.match(r"[A-Za-z0-9]", package):
            raise Mistake(f"{shown(package)} is no package", 'Write it as for pip: "torch>=2.4"')
    return packages


def read_fixed(value: Any) -> dict[str, Any]:
    """Return values for [fixed]. Raises Mistake."""
    from trialdeck.core.params.tables import check_json

    table: dict[str, Any] = convert(value, dict[str, Any])
    problems: list[Any] = []
    check_json(table, (), problems)
    if problems:
        raise Mistake(problems[0].text, problems[0].cure)
    return table
