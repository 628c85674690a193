"""Densities of one variable, beside those that hyperopt computes itself."""

from __future__ import annotations

import numpy as np
import pytest
from hyperopt import tpe as theirs
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from trialdeck.core.suggest.normal import cdf
from trialdeck.core.suggest.parzen import HYPEROPT, categorical_log, forgetting, mixture
from trialdeck.core.suggest.priors import prior_of

PRIORS = {
    "uniform": (-3.0, 2.0),
    "quniform": (-0.5, 9.5, 1.0),
    "uniformint": (0.5, 20.5),
    "loguniform": (-4.0, 1.0),
    "qloguniform": (0.5, 5.0, 2.0),
    "normal": (1.0, 3.0),
    "qnormal": (0.0, 10.0, 2.0),
    "lognormal": (-1.0, 2.0),
    "qlognormal": (0.0, 2.0, 1.0),
}
shares = st.lists(st.floats(0.001, 0.999), max_size=60)


def theirs_of(name: str, observed: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return hyperopt's log density, by the functions that its `tpe` puts together."""
    prior = prior_of(name, PRIORS[name], {})
    if prior.log:
        observed = np.log(np.maximum(observed, prior.least))
    weights, mus, sigmas = theirs.adaptive_parzen_normal(observed, 1.0, prior.mu, prior.sigma)
    bounds = {} if prior.low == -np.inf else {"low": prior.low, "high": prior.high}
    density = theirs.LGMM1_lpdf if prior.log else theirs.GMM1_lpdf
    logs = density(values, weights, mus, sigmas, q=prior.q or None, **bounds)
    if prior.log and bounds and not prior.q:
        # hyperopt forgets what the bounds cut off, a constant that makes no difference to it
        cut = theirs.normal_cdf(np.array(list(bounds.values()))[:, None], mus, sigmas) @ weights
        logs -= np.log(cut[1] - cut[0])
    return logs


@pytest.mark.parametrize("name", PRIORS)
@given(seen=shares, asked=shares.filter(bool))
def test_densities_with_hyperopts_settings_are_hyperopts(name, seen, asked):
    prior = prior_of(name, PRIORS[name], {})
    observed = np.array([prior.quantile(share) for share in seen])
    values = np.array([prior.quantile(share) for share in asked])
    ours = mixture(prior, observed, HYPEROPT).log_density(values)
    them = theirs_of(name, observed, values)
    assert np.exp(ours) == pytest.approx(np.exp(them), abs=1e-9, rel=1e-9)
    likely = them > -7  # of steps that are rarer, hyperopt's own differences have no more digits
    assert ours[likely] == pytest.approx(them[likely], abs=1e-9)


@given(st.lists(st.integers(0, 3), max_size=60))
def test_probabilities_of_options_are_hyperopts(seen):
    prior = prior_of("categorical", ((0.1, 0.2, 0.3, 0.4),), {})
    counts = np.bincount(seen, theirs.linear_forgetting_weights(len(seen), 25), 4)
    them = theirs.tpe_cat_pseudocounts(counts, 1.0, np.array(prior.probabilities), (1,))
    weights = np.append(forgetting(len(seen), 25), 1.0)
    ours = np.exp(categorical_log(prior, np.array(seen, float), weights))
    assert ours == pytest.approx(them, abs=1e-12)


@given(st.lists(st.integers(12, 19), max_size=60))
def test_probabilities_of_whole_numbers_are_hyperopts(seen):
    prior = prior_of("randint", (12, 20), {})
    counts = np.bincount(
        np.array(seen, int) - 12, theirs.linear_forgetting_weights(len(seen), 25), 8
    )
    weights = np.append(forgetting(len(seen), 25), 1.0)
    ours = np.exp(categorical_log(prior, np.array(seen, float), weights))
    assert ours == pytest.approx((counts + 1) / (counts + 1).sum(), abs=1e-12)


@given(st.lists(st.floats(-40, 40), min_size=1))
def test_the_normal_distribution(places):
    z = np.array(places)
    assert cdf(z) == pytest.approx(norm.cdf(z), abs=1e-12)
    assert cdf(np.array([-np.inf, np.inf])).tolist() == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize("name", PRIORS)
def test_what_is_drawn_has_the_density(name):
    prior = prior_of(name, PRIORS[name], {})
    observed = np.array([prior.quantile(share) for share in (0.3, 0.32, 0.4, 0.9)])
    density = mixture(prior, observed, HYPEROPT)
    drawn = density.draw(4000, np.random.default_rng(1))
    if prior.q:
        values, counts = np.unique(drawn, return_counts=True)
        share = np.exp(density.log_density(values))
        if name == "qlognormal":  # as hyperopt's, without what lies below the smallest logarithm
            counts, share = counts[1:], share[1:]
    else:
        counts, edges = np.histogram(drawn, np.quantile(drawn, np.linspace(0, 1, 21)))
        fine = np.linspace(edges[:-1], edges[1:], 201)
        heights = np.exp(density.log_density(fine.ravel())).reshape(fine.shape)
        share = np.trapezoid(heights, fine, axis=0)
    assert np.abs(counts / 4000 - share).max() < 0.04
