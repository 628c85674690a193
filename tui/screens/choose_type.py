"""The distributions, with a few words about what each of them draws."""

from __future__ import annotations

from trialdeck.tui.screens.choose import Answer, Choose

TYPES = {
    "uniform": "any number between two bounds",
    "quniform": "numbers between two bounds, a step apart",
    "uniformint": "whole numbers between two bounds",
    "loguniform": "numbers whose magnitude matters: learning rates",
    "qloguniform": "the same, rounded to steps",
    "normal": "numbers around a middle, without bounds",
    "qnormal": "the same, rounded to steps",
    "lognormal": "positive numbers around a magnitude",
    "qlognormal": "the same, rounded to steps",
    "randint": "whole numbers in no order: seeds",
    "choice": "one of several options, which may carry dimensions",
    "pchoice": "the same, with a probability for each option",
}


class ChooseType(Choose):
    """Asks which distribution; the result is its name, None for none."""

    def __init__(self, title: str, here: str = "") -> None:
        answers = [Answer(name, name, about) for name, about in TYPES.items()]
        super().__init__(title, answers, here=here)
