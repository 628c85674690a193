"""The quick scan: the same search with few trials and little data, in a history of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.params.model import QUICK_SUFFIX
from trialdeck.core.params.write import set_values
from trialdeck.core.reading import key_of

if TYPE_CHECKING:
    from trialdeck.core.params.model import Params

QUICK_TRIALS = 10


def quick_text(text: str, params: Params) -> str:
    """Return the text of the quick scan of `params`, which were read from `text`."""
    trials = params.quick.max_trials or min(params.search.max_trials, QUICK_TRIALS)
    fixed = {key_of("fixed", name): value for name, value in params.quick.fixed.items()}
    name = params.search.name + QUICK_SUFFIX
    values = {"search.name": name, "search.max_trials": trials, **fixed}
    if params.reduced_sample is not None:  # one is enough to see that it works
        values["reduced_sample.promote"] = 1
    return set_values(text, values)
