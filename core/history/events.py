"""What a journal says: one event per line, each a plain JSON object with a checksum at its end.

Events name (tid, attempt, writer) and carry the site, the epoch and the stage of their trial
(left out of the line where they are the defaults), so that the journals of several sites can be
put into one folder and mean the same. Times are seconds since 1970 for people; nothing is decided
by them.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

FORMAT_VERSION = 1

Outcome = Literal["ok", "pruned", "failed", "interrupted"]
# final at once: error, not_finite, time_limit, out_of_memory; after retries: killed, lost;
# after three interrupted attempts in a row: preempted; an interrupted attempt: stopped, killed,
# queued (by a user, who said at which point)
Cause = Literal[
    "",
    "error",
    "not_finite",
    "time_limit",
    "out_of_memory",
    "killed",
    "lost",
    "preempted",
    "stopped",
    "queued",
]


class Event(msgspec.Struct, frozen=True, tag_field="e", omit_defaults=True, kw_only=True, gc=False):
    """What every event carries."""

    writer: str
    at: float = 0.0  # seconds since 1970
    site: str = "home"
    epoch: int = 0


class Opened(Event, tag="opened", frozen=True, kw_only=True):
    """The first line of a journal."""

    v: int  # FORMAT_VERSION; a reader refuses a higher one
    kind: str  # pool, controller, script, import
    host: str = ""


class Environment(Event, tag="environment", frozen=True, kw_only=True):
    """Which code ran where; `started` events of this writer refer to it by `id`."""

    id: str
    objective: str = ""
    objective_hash: str = ""  # sha256 of the objective's file
    git_commit: str = ""
    git_dirty: bool = False
    python: str = ""
    versions: dict[str, str] = {}
    host: str = ""
    device: str = ""


class Setting(Event, tag="setting", frozen=True, kw_only=True):
    """What many starts have in common; those written as rows (see `rows`) refer to it by `id`."""

    id: str
    names: list[str]  # of the values of a point, in order
    revision: int = 0
    environment: str = ""


class TrialEvent(Event, frozen=True, kw_only=True):
    """An event of one attempt at one trial."""

    tid: int
    attempt: int = 0
    stage: int = 0


class Started(TrialEvent, tag="started", frozen=True, kw_only=True):
    """An attempt begins at `point`, as the objective sees it (options by name)."""

    point: dict[str, Any]
    revision: int = 0
    core: int = 0
    seed: int = 0
    environment: str = ""
    origin: str = ""  # where the point comes from: "" suggested, "retry 17", "import", …


class Finished(TrialEvent, tag="finished", frozen=True, kw_only=True):
    """An attempt has ended. `interrupted` is followed by another attempt; the rest is final."""

    outcome: Outcome
    loss: float | None = None  # finite; what is minimised: minus the metric where it is maximised
    metrics: dict[str, Any] = {}  # numbers (non-finite ones as "nan", "inf", "-inf") and texts
    cause: Cause = ""
    message: str = ""
    traceback: str = ""
    seconds: float = 0.0
    steps: int = 0  # reports of this attempt


class Superseded(TrialEvent, tag="superseded", frozen=True, kw_only=True):
    """This attempt ended after another writer had taken the trial over; it never counts."""

    outcome: Outcome
    loss: float | None = None


class Lost(TrialEvent, tag="lost", frozen=True, kw_only=True):
    """`writer` believes that `holder`, who ran this attempt, is gone. An opinion.

    `message` says what the place where `holder` ran has to say of that. `cause` is preempted where
    the place ended it, whatever the trial did; it is no death of the trial then.
    """

    holder: str
    cause: Cause = ""
    message: str = ""


class Voided(TrialEvent, tag="voided", frozen=True, kw_only=True):
    """A trial that was granted to the site `to` and will not be run there any more.

    Another tid takes its place. A result that comes home all the same counts.
    """

    to: str
    message: str = ""  # why


class Granted(Event, tag="granted", frozen=True, kw_only=True):
    """The trial `tid` is for the pools of the site `to`, and for no others."""

    tid: int
    to: str


class Trouble(Event, tag="trouble", frozen=True, kw_only=True):
    """Something that kept a writer from running trials, for the user to read."""

    text: str


class Mended(Event, tag="mended", frozen=True, kw_only=True):
    """Damage that has been looked at: what could be saved of it is in this journal.

    `file` is the damaged journal's name, `start` and `end` are the bytes.
    """

    file: str
    start: int
    end: int


class Closed(Event, tag="closed", frozen=True, kw_only=True):
    """The last line of a journal."""


AnyEvent = (
    Opened
    | Environment
    | Setting
    | Started
    | Finished
    | Superseded
    | Lost
    | Voided
    | Granted
    | Trouble
    | Mended
    | Closed
)

KINDS = tuple(str(kind.__struct_config__.tag) for kind in AnyEvent.__args__)
