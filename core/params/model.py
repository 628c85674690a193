"""What params.toml says, as frozen structs: a field here is a key there.

To accept another key, add a field. A field whose notation is more than its type (durations) also
gets an entry in its table's READERS: a function from the value in the file to the value here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from trialdeck.core.params import slurm_keys, ssh_keys
from trialdeck.core.params.durations import duration, duration_or_zero
from trialdeck.core.params.mistakes import Mistake, finite
from trialdeck.core.reading import shown

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.params.script import Script
    from trialdeck.core.space import Space

Reader = Callable[[Any], Any]  # raises Mistake

DEFAULT_OBJECTIVE = "trialdeck.core.fcn:train"
QUICK_SUFFIX = "-quick"

# The ids of trials of one epoch are below a million.
_Count = Annotated[int, Meta(ge=1, le=1_000_000)]
_CountOrNone = Annotated[int, Meta(ge=0, le=1_000_000)]


def read_fraction(value: Any) -> float:
    """Return a number between 0 and 1. Raises Mistake."""
    number = finite(value)
    if not 0 < number < 1:
        whole = number == 1
        text = "is the whole sample" if whole else "is no part of the sample"
        cure = "Leave out [reduced_sample]" if whole else "Write 0.1 for a tenth"
        raise Mistake(f"{shown(value)} {text}; a number between 0 and 1 is wanted", cure)
    return number


class Table(Struct, frozen=True, kw_only=True):
    """A table of params.toml."""

    READERS: ClassVar[dict[str, Reader]] = {}
    TABLES: ClassVar[dict[str, type[Table]]] = {}  # keys that hold tables by name, of these kinds


class SearchTable(Table, frozen=True, kw_only=True):
    """[search]: what is optimised, how, and for how long."""

    READERS: ClassVar[dict[str, Reader]] = {
        "failed_loss": finite,
        "target": finite,
        "time_limit": duration,
    }

    name: str
    objective: str
    metric: str = ""  # "": the returned number, or "loss"
    direction: Literal["minimize", "maximize"] = "minimize"
    max_trials: _Count = 100
    max_failures: _Count = 5
    patience: _Count | None = None
    target: float | None = None  # of the metric, as the objective returns it
    time_limit: float | None = None  # of the search, in seconds
    algorithm: Literal["tpe", "rand", "anneal", "hyperopt.tpe"] = "hyperopt.tpe"
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0  # what numpy accepts as a seed
    failed_loss: float | None = None


class PruningTable(Table, frozen=True, kw_only=True):
    """[pruning]: which trials are stopped early. See `trialdeck.core.pruning`."""

    algorithm: Literal["none", "asha", "median"] = "none"
    metric: str = ""  # of those that are reported; "": that of [search], else "loss"
    direction: Literal["minimize", "maximize"] | None = None  # only where `metric` is another one
    min_steps: _Count = 1
    reduction_factor: Annotated[int, Meta(ge=2, le=1_000_000)] = 2
    startup_trials: _CountOrNone | None = None


class CoresTable(Table, frozen=True, kw_only=True):
    """[cores]: how many processes train, and what each of them gets. Durations are seconds."""

    READERS: ClassVar[dict[str, Reader]] = {"time_limit": duration, "grace": duration_or_zero}

    count: _Count | None = None
    threads: _Count | None = None
    gpus: Literal["auto"] | list[_CountOrNone] | _CountOrNone = "auto"
    per_gpu: _Count = 1
    time_limit: float | None = None
    retries: _CountOrNone = 2
    preload: list[str] | None = None
    grace: float = 30.0


class CheckpointsTable(Table, frozen=True, kw_only=True):
    """[checkpoints]: of how many of the best trials the trained networks are kept."""

    keep_best: _CountOrNone = 3


class ReducedSampleTable(Table, frozen=True, kw_only=True):
    """[reduced_sample]: trials see a fraction of the training sample, the best then all of it."""

    READERS: ClassVar[dict[str, Reader]] = {"fraction": read_fraction}

    fraction: float
    promote: _Count = 10


class QuickTable(Table, frozen=True, kw_only=True):
    """[quick]: what `--quick` changes; None means as many trials as [search], at most ten."""

    max_trials: _Count | None = None
    fixed: dict[str, Any] = {}


class LocalTable(Table, frozen=True, kw_only=True):
    """[backends.local]: this machine."""

    cores: _Count | None = None


class SlurmTable(Table, frozen=True, kw_only=True):
    """[backends.slurm]: jobs of a cluster. `time` is in seconds; cpus, memory, gpus: of a job."""

    READERS: ClassVar[dict[str, Reader]] = {
        "time": slurm_keys.read_time,
        "memory": slurm_keys.read_memory,
        "gpus": slurm_keys.read_gpus,
        "sbatch": slurm_keys.read_options,
        "setup": slurm_keys.read_setup,
        **dict.fromkeys(("partition", "constraint", "account", "qos"), slurm_keys.read_word),
    }

    cores: _Count | None = None
    cores_per_job: _Count = 1
    partition: str = ""
    time: float | None = None
    cpus: _Count | None = None
    memory: str = ""
    gpus: int | str = ""
    constraint: str = ""
    account: str = ""
    qos: str = ""
    sbatch: list[str] = []
    setup: list[str] = []
    python: str = ""
    refill: _Count = 10


class HostTable(Table, frozen=True, kw_only=True):
    """[backends.ssh.hosts.NAME]: another machine. See `trialdeck.backends.ssh.hosts`."""

    READERS: ClassVar[dict[str, Reader]] = {
        "address": ssh_keys.read_address,
        "jump": ssh_keys.read_address,
        "user": ssh_keys.read_word,
        "port": ssh_keys.read_port,
        "python": ssh_keys.read_command,
        "files": ssh_keys.read_patterns,
        "environment": ssh_keys.read_packages,
        "fixed": ssh_keys.read_fixed,
    }

    address: str = ""
    user: str = ""
    port: int | None = None
    key: str = ""
    jump: str = ""
    cores: _Count = 1
    gpus: Literal["auto"] | list[_CountOrNone] | _CountOrNone | None = None
    python: str = ""
    environment: list[str] = []
    folder: str = "~/.trialdeck"
    files: list[str] = []
    fixed: dict[str, Any] = {}
    ahead: _CountOrNone | None = None


class SSHTable(Table, frozen=True, kw_only=True):
    """[backends.ssh]: other machines, by SSH."""

    TABLES: ClassVar[dict[str, type[Table]]] = {"hosts": HostTable}

    host: str = ""
    hosts: dict[str, Any] = {}


# Another backend needs only its table here.
BACKENDS: dict[str, type[Table]] = {"local": LocalTable, "slurm": SlurmTable, "ssh": SSHTable}


class Params(Struct, frozen=True, kw_only=True):
    """A parameter file without mistakes; relative paths in it are relative to `folder`."""

    search: SearchTable
    fixed: dict[str, Any]
    space: Space
    cores: CoresTable
    quick: QuickTable
    backends: dict[str, dict[str, Any]]
    folder: Path
    checkpoints: CheckpointsTable = CheckpointsTable()
    reduced_sample: ReducedSampleTable | None = None
    pruning: PruningTable = PruningTable()
    script: Script | None = None  # what runs it, where that is no core

    @property
    def fraction(self) -> float:
        """Which part (0 to 1) of the training sample the trials of stage 0 see."""
        return 1.0 if self.reduced_sample is None else self.reduced_sample.fraction

    def limited(self, max_trials: int) -> Params:
        """Return the same with another number of trials."""
        return replace(self, search=replace(self.search, max_trials=max_trials))
