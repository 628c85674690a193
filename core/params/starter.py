"""What `trialdeck init` writes: three parameter files to start from, and code for one's own."""

from __future__ import annotations

import re
from pathlib import PurePath

from trialdeck.core.params.model import DEFAULT_OBJECTIVE
from trialdeck.core.params.toml_text import render

SAMPLE = "sample"  # as `data`: the jets that come with Trialdeck, wherever it is installed


def starter(data: str = SAMPLE) -> str:
    """Return the search of the default network; `data` is the folder of its jets, or SAMPLE."""
    return _filled(_HEAD + _DEFAULT + _TAIL, NAME="top-tagging", DATA=data)


def starter_for(objective: str, name: str = "") -> str:
    """Return a search of the user's own objective, "mytrain.py:train"."""
    if objective == DEFAULT_OBJECTIVE:
        return starter()
    return _filled(
        _HEAD + _OWN + _TAIL,
        NAME=name or _name_from(objective),
        OBJECTIVE=objective,
    )


def objective_code(objective: str) -> str:
    """Return a Python file with the function that `objective` names, for `starter_for`."""
    return _CODE.replace("@FUNCTION@", objective.rpartition(":")[2] or "train")


def demo() -> str:
    """Return a search that needs neither data nor torch."""
    return _filled(_DEMO, NAME="demo")


def _name_from(objective: str) -> str:
    """Return "mytrain" for "code/mytrain.py:train", and the package for a module."""
    place = objective.rpartition(":")[0]
    stem = PurePath(place).stem if place.endswith(".py") else place.split(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-") or "my-search"


def _filled(template: str, **values: str) -> str:
    for key, value in values.items():
        template = template.replace(f"@{key}@", render(value))
    return template


_HEAD = """\
# What to search, and how. `trialdeck` opens it beside the search itself; `trialdeck run` starts
# at once, `trialdeck run --quick` only tries whether everything works.
#
# Change whatever you like at any time, also while the search runs: finished trials that still
# fit are kept. A mistake here is explained before anything starts.

[search]
# The history of this search is the folder history/<name>/.
name = @NAME@
"""

_DEFAULT = """\
objective = "trialdeck.core.fcn:train"  # the default network; yours: "path/to/file.py:function"
metric = "auc"                          # which of the values that the objective returns
direction = "maximize"                  # or "minimize"
max_trials = 50                         # the search ends when so many trials have finished

# Every trial gets these values as they are …
[fixed]
# A folder with the jets train, val and test; "sample" are those that come with Trialdeck.
data = @DATA@
epochs = 15   # at most: training ends when the validation loss …
patience = 4  # … has not become lower for so many epochs

# … and a value of its own for each of these. Bounds are real ones, also of loguniform.
[space]
layers        = { type = "uniformint", low = 1, high = 5 }
nodes         = { type = "quniform", low = 32, high = 256, q = 32 }
activation    = { type = "choice", options = ["relu", "gelu", "silu"] }
dropout       = { type = "uniform", low = 0.0, high = 0.5 }
learning_rate = { type = "loguniform", low = 3e-4, high = 1e-2 }
weight_decay  = { type = "loguniform", low = 1e-4, high = 1.0 }
batch_size    = { type = "choice", options = [128, 256, 512] }
constituents  = { type = "uniformint", low = 5, high = 40 }  # of each jet, the hardest first
features      = { type = "choice", options = ["constituents", "jet", "substructure"] }

# Which trials end early, by what they report after each epoch: "none", "asha" or "median".
[pruning]
algorithm = "none"       # "asha" takes a quarter of the epochs: raise max_trials with it
# min_steps = 1          # epochs that every trial gets
# reduction_factor = 2   # after 1, 2, 4, 8 … epochs the best half goes on

# What `--quick` changes; it has a history of its own.
[quick]
max_trials = 5
fixed = { jets = 2000, epochs = 5 }
"""

_OWN = """\
objective = @OBJECTIVE@
# metric = "accuracy"      # which of the values it returns; default: the number, or "loss"
direction = "minimize"     # or "maximize"
max_trials = 100           # the search ends when so many trials have finished

# Every trial gets these values as they are …
[fixed]
epochs = 10

# … and a value of its own for each of these. Bounds are real ones, also of loguniform.
[space]
learning_rate = { type = "loguniform", low = 1e-4, high = 1e-1 }
# layers      = { type = "uniformint", low = 1, high = 6 }
# nodes       = { type = "quniform", low = 8, high = 256, q = 8 }
# dropout     = { type = "uniform", low = 0.0, high = 0.5 }
# activation  = { type = "choice", options = ["relu", "gelu"] }

# Which trials end early, by what they report after each epoch: "none", "asha" or "median".
[pruning]
algorithm = "none"
# min_steps = 1          # steps that every trial gets
# reduction_factor = 2   # asha: at steps 1, 2, 4, 8 … the best half goes on

# What `--quick` changes; it has a history of its own.
[quick]
max_trials = 5
fixed = { epochs = 1 }
"""

_TAIL = """
# What stays of finished trials: the networks (in trial.model_dir) of the best so many.
[checkpoints]
keep_best = 3

# How trials run. Everything here has a sensible default.
[cores]
# count = 4            # trials at once; default: what this machine can do
# threads = 1          # of each
# gpus = "auto"        # or how many, or which: [0, 1]
# time_limit = "30m"   # of one trial: "90s", "45m", "2h", "1d"
# retries = 2          # of a trial whose process was killed
"""

_DEMO = """\
# A search to look at: no data, no network, a known answer. The lowest value of the Branin
# function is 0.397887, at (-3.1416, 12.275), (3.1416, 2.275) and (9.4248, 2.475).

[search]
name = @NAME@
objective = "trialdeck.core.demo:branin"
max_trials = 100

[fixed]
seconds = 0.1  # that a trial takes
steps = 10     # of its learning curve

[space]
x1 = { type = "uniform", low = -5.0, high = 10.0 }
x2 = { type = "uniform", low = 0.0, high = 15.0 }

# An option may carry dimensions of its own.
[space.surface]
type = "choice"
options = [
  { name = "smooth" },
  { name = "rough", depth = { type = "uniform", low = 0.0, high = 20.0 } },
]

[quick]
max_trials = 10
fixed = { seconds = 0.02 }

[cores]
preload = []  # this objective needs no library; one with torch starts faster with it loaded
"""

_CODE = '''\
"""The objective of this search: it trains once and returns what is optimised."""


def @FUNCTION@(params, trial):
    """Train with `params`: the values of [fixed] and those suggested for this trial."""
    loss = 1.0
    for epoch in range(params["epochs"]):
        # Here goes a training of one epoch. This line only makes numbers that can be searched.
        loss = abs(params["learning_rate"] - 0.01) + 1 / (epoch + 1)
        trial.report(epoch, loss=loss)  # a point of the learning curve
    return {"loss": loss}
'''
