"""Joint densities of several variables: one kernel for each observation, a product over variables.

Numbers have normal kernels on the latent axis, cut off at the bounds; options have the kernel of
Aitchison and Aitken (Biometrika 63, 1976): most of its weight is on the option observed, the rest
is spread as the prior is. A last kernel is the prior's. Bandwidths follow Scott's rule
(``sigma * n ** (-1 / (d + 4))``), the prior being one of the observations, so that they shrink with
what is good. A value that is missing makes its kernel that of the prior, in that variable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialdeck.core.suggest.normal import cdf
from trialdeck.core.suggest.parzen import draw_between, latents_of, log_sum, values_of
from trialdeck.core.suggest.priors import CategoricalPrior, NumericPrior

if TYPE_CHECKING:
    from trialdeck.core.suggest.normal import Floats
    from trialdeck.core.suggest.priors import Prior

SQRT_12 = 12.0**0.5  # how much wider an interval is than its standard deviation


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """How wide kernels are: `least` of the prior's width, and of the step of a grid `of_step`."""

    factor: float = 1.0
    least: float = 0.03
    of_step: float = 0.4
    spread: float = 1.0  # options: how many observations the spreading weight counts for


@dataclass(frozen=True, slots=True)
class Axes:
    """The variables of a joint density, with the columns of the numeric ones apart."""

    priors: tuple[Prior, ...]

    @property
    def numeric(self) -> list[int]:
        """Return the columns of numbers."""
        return [n for n, prior in enumerate(self.priors) if isinstance(prior, NumericPrior)]

    def numbers(self) -> list[tuple[int, NumericPrior]]:
        """Return the columns of numbers with their priors."""
        return [(n, p) for n, p in enumerate(self.priors) if isinstance(p, NumericPrior)]

    def options(self) -> list[tuple[int, CategoricalPrior]]:
        """Return the columns of options with their priors."""
        return [(n, p) for n, p in enumerate(self.priors) if isinstance(p, CategoricalPrior)]

    def scaled(self, values: Floats) -> Floats:
        """Return values, of shape (n, columns), on latent axes of middle 0 and width 1."""
        columns = [(latents_of(p, values[:, n]) - p.mu) / p.sigma for n, p in self.numbers()]
        return np.stack(columns, axis=1) if columns else np.empty((len(values), 0))


class Kernels:
    """A joint density; `values` of shape (n, columns), `weights` (n + 1,), the prior's last."""

    def __init__(self, axes: Axes, values: Floats, weights: Floats, width: Bandwidth) -> None:
        self.axes = axes
        self.weights = weights / weights.sum()
        places = np.vstack([axes.scaled(values), np.zeros(len(axes.numeric))])
        missing = np.isnan(places)
        self.mus = np.where(missing, 0.0, places)
        self.sigmas = self._bandwidths(width)
        self.sigmas[missing] = 1.0
        self.sigmas[-1] = 1.0
        self.observed = values
        count = len(values)
        self.kept = [
            min((count + width.spread) / (count + width.spread * len(prior.probabilities)), 0.999)
            for _, prior in axes.options()
        ]
        self._prepare()

    def _bandwidths(self, width: Bandwidth) -> Floats:
        weights = self.weights[:, None]
        mean = (weights * self.mus).sum(axis=0)
        variance = (weights * (self.mus - mean) ** 2).sum(axis=0) + weights[-1] / 12
        effective = 1.0 / (self.weights**2).sum()
        scott = width.factor * effective ** (-1.0 / (len(self.axes.priors) + 4))
        sigmas = np.clip(scott * np.sqrt(variance), width.least, 1.0)
        widths: Floats = np.maximum(sigmas, self._steps(width.of_step))
        return widths

    def _steps(self, share: float) -> Floats:
        """Return that share of a grid's step around each kernel, on the scaled axes."""
        steps = np.zeros(self.mus.shape)
        for column, (_, prior) in enumerate(self.axes.numbers()):
            if prior.q:
                step = np.full(len(steps), prior.q)
                if prior.log:
                    step = prior.q / np.exp(self.mus[:, column] * prior.sigma + prior.mu)
                steps[:, column] = np.minimum(share * step / prior.sigma, 1.0)
        return steps

    def _prepare(self) -> None:
        """Work out what does not depend on where the density is asked for.

        The square in a normal density is multiplied out, so that all of a column's terms for all
        candidates and kernels are one product of matrices.
        """
        inverse = 1.0 / self.sigmas**2
        inside = np.ones(self.mus.shape)
        for column, (_, prior) in enumerate(self.axes.numbers()):
            if np.isfinite(prior.low):
                mus, sigmas = self.mus[:, column], self.sigmas[:, column]
                inside[:, column] = cdf((0.5 - mus) / sigmas) - cdf((-0.5 - mus) / sigmas)
        constant = -0.5 * self.mus**2 * inverse - np.log(self.sigmas * inside)
        self.matrix = np.hstack([-0.5 * inverse, self.mus * inverse]).T
        with np.errstate(divide="ignore"):
            self.constant = constant.sum(axis=1) + np.log(self.weights)

    def log_density(self, values: Floats) -> Floats:
        """Return logarithms of the density at values of shape (m, columns), up to a constant."""
        x = self.axes.scaled(values)
        logs = np.hstack([x * x, x]) @ self.matrix + self.constant
        for (column, prior), kept in zip(self.axes.options(), self.kept, strict=True):
            numbers = values[:, column]
            p = np.asarray(prior.probabilities)[numbers.astype(np.intp) - prior.offset]
            p = np.maximum(p, 1e-12)[:, None]
            seen = self.observed[:, column]
            same = numbers[:, None] == seen
            logs[:, :-1] += np.log(np.where(same, kept + (1 - kept) * p, (1 - kept) * p))
            logs[:, :-1][:, np.isnan(seen)] += np.log(p) - np.log((1 - kept) * p)
            logs[:, -1:] += np.log(p)
        return log_sum(logs)

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Return so many points, of shape (count, columns)."""
        kernels = rng.choice(len(self.weights), count, p=self.weights)
        points = np.empty((count, len(self.axes.priors)))
        for column, (place, prior) in enumerate(self.axes.numbers()):
            low, high = (prior.low - prior.mu) / prior.sigma, (prior.high - prior.mu) / prior.sigma
            mus, sigmas = self.mus[kernels, column], self.sigmas[kernels, column]
            drawn = draw_between(mus, sigmas, low, high, rng)
            points[:, place] = values_of(prior, drawn * prior.sigma + prior.mu)
        for (place, options), kept in zip(self.axes.options(), self.kept, strict=True):
            p = np.asarray(options.probabilities)
            drawn = np.asarray(rng.choice(len(p), count, p=p / p.sum()) + float(options.offset))
            if len(self.observed):
                seen = self.observed[np.minimum(kernels, len(self.observed) - 1), place]
                takes = (kernels < len(self.observed)) & (rng.random(count) < kept)
                drawn = np.where(takes & ~np.isnan(seen), seen, drawn)
            points[:, place] = drawn
        return points
