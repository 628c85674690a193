"""Parzen densities of one variable: hyperopt's estimator, for whole arrays.

A density is a mixture of normal distributions on the latent axis, one for each observation and one
for the prior, cut off at the bounds (Bergstra et al., "Algorithms for hyper-parameter
optimization", NIPS 2011; the widths are those of hyperopt's `adaptive_parzen_normal`). With
`HYPEROPT` as settings it is the density that hyperopt computes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialdeck.core.suggest.normal import cdf
from trialdeck.core.suggest.priors import LEAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.suggest.normal import Floats
    from trialdeck.core.suggest.priors import CategoricalPrior, NumericPrior

TINY = 1e-300  # instead of a probability of 0, whose logarithm there is none of


@dataclass(frozen=True, slots=True)
class Widths:
    """How wide kernels are at least, as a share of the prior's width.

    `least(n)` is that share for n kernels, the prior's included. `forget` is after how many
    observations older ones begin to count less, 0 for never.
    """

    least: Callable[[int], float]
    forget: int = 0


HYPEROPT = Widths(least=lambda kernels: 1 / min(100.0, 1.0 + kernels), forget=25)


@dataclass(frozen=True, slots=True)
class Mixture:
    """A density of one numeric variable: weights, places and widths of shape (kernels,)."""

    prior: NumericPrior
    weights: Floats
    mus: Floats
    sigmas: Floats

    def log_density(self, values: Floats) -> Floats:
        """Return the logarithm of the density at values; of steps, that of their probability."""
        low, high = self.prior.low, self.prior.high
        inside = self._below(np.array([high]))[0] - self._below(np.array([low]))[0]
        if self.prior.q:
            edges = (self._edge(values - self.prior.q / 2), self._edge(values + self.prior.q / 2))
            share = self._below(np.minimum(edges[1], high)) - self._below(np.maximum(edges[0], low))
            return np.log(np.maximum(share, TINY)) - math.log(inside)
        latents = latents_of(self.prior, values)
        z = (latents[:, None] - self.mus) / self.sigmas
        scale = self.weights / (math.sqrt(2 * math.pi) * self.sigmas * inside)
        logs = log_sum(np.log(scale) - 0.5 * z * z)
        return logs - latents if self.prior.log else logs

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Return so many values."""
        kernels = rng.choice(len(self.weights), count, p=self.weights)
        latents = draw_between(
            self.mus[kernels], self.sigmas[kernels], self.prior.low, self.prior.high, rng
        )
        return values_of(self.prior, latents)

    def _below(self, latents: Floats) -> Floats:
        below: Floats = cdf((latents[:, None] - self.mus) / self.sigmas) @ self.weights
        return below

    def _edge(self, values: Floats) -> Floats:
        return np.log(np.maximum(values, LEAST)) if self.prior.log else values


def mixture(
    prior: NumericPrior, observed: Floats, widths: Widths, weights: Floats | None = None
) -> Mixture:
    """Return the density of observed values, the oldest first, of shape (n,).

    `weights` are those of the observations and, last, of the prior: n + 1 numbers.
    """
    if weights is None:
        weights = np.append(forgetting(len(observed), widths.forget), 1.0)
    latents = latents_of(prior, observed)
    order = np.argsort(latents)
    place = (
        int(np.searchsorted(latents[order], prior.mu))
        if len(order) > 1
        else int(len(order) == 1 and prior.mu >= latents[0])
    )
    order = np.insert(order, place, len(observed))
    mus = np.append(latents, prior.mu)[order]
    sigmas = _gaps(mus) if len(mus) > 2 else np.full(len(mus), 0.5 * prior.sigma)
    sigmas = np.clip(sigmas, prior.sigma * widths.least(len(mus)), prior.sigma)
    sigmas[place] = prior.sigma
    ordered = weights[order]
    return Mixture(prior, ordered / ordered.sum(), mus, sigmas)


def _gaps(mus: Floats) -> Floats:
    """Return how far each of sorted places is from the farther one of its neighbours."""
    gaps = np.diff(mus)
    sigmas = np.empty(len(mus))
    sigmas[1:-1] = np.maximum(gaps[:-1], gaps[1:])
    sigmas[0], sigmas[-1] = gaps[0], gaps[-1]
    return sigmas


def forgetting(count: int, forget: int) -> Floats:
    """Return hyperopt's weights of observations, the oldest first: all but the last ones fade."""
    if not forget or count <= forget:
        return np.ones(count)
    return np.append(np.linspace(1 / count, 1.0, count - forget), np.ones(forget))


def categorical_log(prior: CategoricalPrior, observed: Floats, weights: Floats) -> Floats:
    """Return the logarithms of the probabilities of all options, after hyperopt's counting.

    The prior counts for as many observations as there are options, times the last of `weights`.
    """
    options = np.asarray(prior.probabilities)
    numbers = observed.astype(np.intp) - prior.offset
    counts = np.bincount(numbers, weights[:-1], len(options)) + len(options) * weights[-1] * options
    logs: Floats = np.log(np.maximum(counts / counts.sum(), TINY))
    return logs


def latents_of(prior: NumericPrior, values: Floats) -> Floats:
    """Return the places of values on the latent axis."""
    return np.log(np.maximum(values, prior.least)) if prior.log else values


def values_of(prior: NumericPrior, latents: Floats) -> Floats:
    """Return the values at places of the latent axis."""
    values = np.exp(np.minimum(latents, 709.0)) if prior.log else latents
    return np.round(values / prior.q) * prior.q if prior.q else values


def draw_between(
    mus: Floats, sigmas: Floats, low: float, high: float, rng: np.random.Generator
) -> Floats:
    """Return one number of each normal distribution, cut off at the bounds."""
    drawn = rng.normal(mus, sigmas)
    for _ in range(20):  # each round keeps a third or more of what is left
        outside = np.flatnonzero((drawn < low) | (drawn > high))
        if not len(outside):
            break
        drawn[outside] = rng.normal(mus[outside], sigmas[outside])
    return np.clip(drawn, low, high)


def log_sum(logs: Floats) -> Floats:
    """Return the logarithm of the sum of exponentials along the last axis."""
    most = logs.max(axis=-1, keepdims=True)
    total: Floats = np.log(np.exp(logs - most).sum(axis=-1)) + most[..., 0]
    return total
