"""A parameter file with everything that an editor meets."""

from __future__ import annotations

from pathlib import Path

from trialdeck.core.params.document import Document

TEXT = """\
# of the file
[search]
name = "x"  # the name
objective = "trialdeck.core.demo:branin"

# of space
[space]
# of rate
rate   = { type = "loguniform", low = 1e-4, high = 1e-1 }  # learning
nodes  = { type = "quniform", low = 8, high = 256, q = 8 }
"odd name" = { type = "uniform", low = 0, high = 1 }

# of optimizer
[space.optimizer]
type = "choice"
options = [
  # the usual one
  { name = "adam", eps = 1e-8, beta2 = { type = "uniform", low = 0.9, high = 0.999 } },  # c
  { name = "sgd", momentum = { type = "uniform", low = 0.0, high = 0.99 }, nesterov = { type = "choice", options = [true, false] } },
  "lbfgs",
]

[space.depth]
type = "uniformint"
low = 1  # at least
high = 6

# of cores
[cores]
count = 2
"""  # noqa: E501 - a table in braces stands on one line
OPTIMIZER = "space.optimizer.options"


def document(text: str = TEXT) -> Document:
    """The text as it is edited, without a file."""
    return Document(text, Path("/nowhere/params.toml"))


def changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines that are only in the new text, and those only in the old one."""
    before, after = old.splitlines(), new.splitlines()
    return [one for one in after if one not in before], [one for one in before if one not in after]
