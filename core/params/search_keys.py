"""The two keys of [search] that are more than a text: its name and its objective."""

from __future__ import annotations

import difflib
import keyword
import re
from typing import TYPE_CHECKING, Any

from trialdeck.core.params.mistakes import Mistake, convert
from trialdeck.core.params.model import DEFAULT_OBJECTIVE, QUICK_SUFFIX
from trialdeck.core.reading import shown

if TYPE_CHECKING:
    from pathlib import Path

NAME_LENGTH = 100
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_FORMS = 'Write "package.module:function" or "path/to/file.py:function"'


def read_name(value: Any, *, published: bool) -> str:
    """Return the name of a search, which is also that of a folder. Raises Mistake.

    Only a `published` file may have the name of a quick scan.
    """
    name: str = convert(value, str)
    plain = name.removesuffix(QUICK_SUFFIX)
    if not _NAME.fullmatch(name) or not plain:
        text = f"{shown(name)} cannot be the name of a folder"
        rule = "Use letters, digits and . _ - and start with a letter or digit"
        meant = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-.")[:NAME_LENGTH]
        usable = [meant] if _NAME.fullmatch(meant) else []
        raise Mistake(text, rule + (f', such as "{meant}"' if meant else ""), usable)
    if len(plain) > NAME_LENGTH:
        raise Mistake(f"{shown(name)} has {len(name)} characters; at most {NAME_LENGTH} are wanted")
    if plain != name and not published:
        text = f"{shown(name)} ends in {QUICK_SUFFIX}, which is for quick scans"
        raise Mistake(text, f'Write name = "{plain}" and start it with --quick', [plain])
    return name


def read_objective(value: Any, folder: Path, *, published: bool) -> str:
    """Return "package.module:function" or "path/to/file.py:function". Raises Mistake.

    A file must exist below `folder`, unless the parameters are `published`: an old search can be
    looked at without the code that it ran.
    """
    spec: str = convert(value, str)
    place, colon, function = spec.rpartition(":")
    if not colon:
        raise Mistake(f"{shown(spec)} names no function", *_without_function(spec))
    if not _is_name(function):
        cure = f'Write "{place}:train", say' if not function and place else _FORMS
        text = "the function is missing" if not function else f"{function} is no function's name"
        raise Mistake(f"{shown(spec)}: {text}", cure)
    if not place:
        raise Mistake(f"{shown(spec)}: the module or file before the colon is missing", _FORMS)
    if place.endswith(".py"):
        if not published:
            _check_file(spec, place, folder)
    elif "/" in place:
        text = f"{shown(spec)}: {place} is a path, but not of a Python file"
        raise Mistake(text, f'Write "{place}.py:{function}"', [f"{place}.py:{function}"])
    elif not all(_is_name(part) for part in place.split(".")):
        raise Mistake(f"{shown(spec)}: {place} is no module's name", _FORMS)
    return spec


def _is_name(word: str) -> bool:
    return word.isidentifier() and not keyword.iskeyword(word)


def _without_function(spec: str) -> tuple[str, list[str]]:
    """Return the cure, and the objective that was probably meant."""
    if spec.endswith(".py"):
        return f'Write "{spec}:train", with the name of your function', [f"{spec}:train"]
    module, dot, function = spec.rpartition(".")
    if dot and "/" not in spec and all(_is_name(part) for part in spec.split(".")):
        return f'Write "{module}:{function}"', [f"{module}:{function}"]
    return f"{_FORMS}; the default network is {shown(DEFAULT_OBJECTIVE)}", []


def _check_file(spec: str, place: str, folder: Path) -> None:
    file = (folder / place).absolute()
    if file.is_file():
        return
    if file.is_dir():
        raise Mistake(f"{shown(spec)}: {file} is a folder", "Name a Python file in it")
    text = f"{shown(spec)}: there is no file {file}"
    parent = next(one for one in file.parents if one.is_dir())
    if parent != file.parent:
        raise Mistake(f"{text}, and no folder {file.parent}", _folders(parent, file))
    names = sorted(path.name for path in parent.glob("*.py"))
    close = difflib.get_close_matches(file.name, names, n=3)
    folder_in_spec, _, function = spec.rpartition(file.name)
    right = [f"{folder_in_spec}{name}{function}" for name in close]
    raise Mistake(text, _meant(close) if close else _present(parent, names), right)


def _meant(names: list[str]) -> str:
    return f"Did you mean {' or '.join(names)}?"


def _present(folder: Path, names: list[str]) -> str:
    if not names:
        return f"There is no Python file in {folder}"
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"In {folder} are {', '.join(names[:5])}{more}"


def _folders(parent: Path, file: Path) -> str:
    missing = file.relative_to(parent).parts[0]
    names = [path.name for path in parent.glob("*/")]
    close = difflib.get_close_matches(missing, names, n=3)
    return _meant([f"{name}/" for name in close]) if close else f"{parent} exists"
