"""The distributions of hyperopt: what values a dimension takes, and how likely each is.

One class is one distribution: its fields are its keys in the parameter file, `type` is its name
there, and deriving from Distribution makes it known. Three differ from hyperopt on purpose: the
bounds of loguniform and qloguniform are the real ones, quniform is the grid from low to high, and
no end of a range is half as likely as the rest.
"""

from trialdeck.core.distributions.base import DISTRIBUTIONS, Distribution, Misfit, Numeric
from trialdeck.core.distributions.bounded import Bounded, LogUniform, RandInt, Uniform, UniformInt
from trialdeck.core.distributions.choice import Choice, PChoice
from trialdeck.core.distributions.normal import LogNormal, Normal, QLogNormal, QNormal
from trialdeck.core.distributions.stepped import QLogUniform, QUniform

__all__ = [
    "DISTRIBUTIONS",
    "Bounded",
    "Choice",
    "Distribution",
    "LogNormal",
    "LogUniform",
    "Misfit",
    "Normal",
    "Numeric",
    "PChoice",
    "QLogNormal",
    "QLogUniform",
    "QNormal",
    "QUniform",
    "RandInt",
    "Uniform",
    "UniformInt",
]
