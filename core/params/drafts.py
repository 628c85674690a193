"""What publishing a draft means: which revision it was made from, and what it may replace.

The draft (params.toml) and the newest revision can go apart: flags of a command line publish
without changing the draft, and others publish drafts of their own. A draft is known by its base:
the newest revision when it was last published or compared, and what the draft said then.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.errors import DraftConflict
from trialdeck.core.params.files import replace_text
from trialdeck.core.params.syntax import load_toml
from trialdeck.core.params.write import difference, set_values, without_backends

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Revision:
    """A published revision: its number from 1, and its text. `changed`: it has just been made."""

    number: int
    text: str
    changed: bool = False


class Base(msgspec.Struct, frozen=True):
    """The newest revision when the draft was last in step with it, and the draft's digest then."""

    revision: int
    draft: str


@dataclass(frozen=True, slots=True)
class Step:
    """What to do: publish `text` (None: the newest revision says it all), then keep the base.

    `rebase`: the draft is in step with the revision that results; otherwise its base revision
    stays what it was, so that its next change is not taken for one of the newest revision.
    """

    text: str | None
    rebase: bool


def digest(text: str) -> str:
    """Return a digest of what parameters say: comments, order and [backends] do not matter."""
    data = load_toml(text, "the parameters")
    data.pop("backends", None)
    plain = json.dumps(data, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


def next_step(
    newest: Revision | None,
    base: Base | None,
    draft: str,
    overrides: Mapping[str, Any],
    *,
    force: bool = False,
) -> Step:
    """Decide what publishing `draft` with `overrides` laid over it does.

    | the draft                               | then                                           |
    |-----------------------------------------|------------------------------------------------|
    | is the first, or `force`                | the draft, with the overrides                  |
    | says what the newest revision says      | the newest revision, with the overrides        |
    | says what it said at its base           | the newest revision, with the overrides        |
    | is changed; its base is the newest      | the draft, with the overrides                  |
    | is changed; the newest is not its base  | refused, unless with the overrides it is equal |

    Raises DraftConflict when it is refused.
    """
    in_step, start = True, draft
    if newest is not None and not force:
        says = digest(draft)
        on_newest = base is not None and base.revision == newest.number
        if says == digest(newest.text):
            start = newest.text
        elif base is not None and says == base.draft:
            in_step, start = on_newest, newest.text
        elif not on_newest and digest(set_values(draft, overrides)) != digest(newest.text):
            raise _conflict(newest, base, draft)
    text = without_backends(set_values(start, overrides))
    if newest is not None and digest(text) == digest(newest.text):
        return Step(None, in_step)
    return Step(text, in_step)


def read_base(folder: Path, draft_path: Path) -> Base | None:
    """Return the base of a draft; None when it has none (that can be read)."""
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(_base_path(folder, draft_path).read_bytes(), type=Base)
    return None


def write_base(folder: Path, draft_path: Path, base: Base) -> None:
    """Record the base of a draft. Raises OSError."""
    if base != read_base(folder, draft_path):
        path = _base_path(folder, draft_path)
        replace_text(path, msgspec.json.encode(base).decode())


def _base_path(folder: Path, draft_path: Path) -> Path:
    name = hashlib.sha256(str(draft_path.resolve()).encode()).hexdigest()[:16]
    return folder / ".base" / f"{name}.json"


def _conflict(newest: Revision, base: Base | None, draft: str) -> DraftConflict:
    made_from = f"revision {base.revision}" if base else "no revision that is known here"
    changes = difference(
        newest.text,
        without_backends(draft),
        f"revision {newest.number}, the newest",
        "your draft",
    )
    return DraftConflict(
        f"The draft was made from {made_from}, but the newest is revision {newest.number}:\n"
        f"{changes}\n"
        "Take over the newest revision with `trialdeck params --pull` (the draft is kept beside "
        "it), or publish the draft all the same with `--force`."
    )
