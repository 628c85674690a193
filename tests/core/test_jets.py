from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.made_jets import made_jets, momenta
from trialdeck.core import jets

X, LABELS = made_jets(60)
COLUMNS = jets.columns(X, 12)


def close(a: np.ndarray, b: np.ndarray) -> bool:
    return np.allclose(a, b, rtol=2e-3, atol=2e-3)


@given(st.floats(-7, 7))
def test_a_turn_about_the_beam_changes_nothing(angle: float) -> None:
    turned = X.copy()
    turned[..., 1] = X[..., 1] * np.cos(angle) - X[..., 2] * np.sin(angle)
    turned[..., 2] = X[..., 1] * np.sin(angle) + X[..., 2] * np.cos(angle)
    assert close(jets.columns(turned, 12), COLUMNS)


@pytest.mark.parametrize("axis", [1, 2, 3])
def test_a_mirror_image_is_alike(axis: int) -> None:
    mirrored = X.copy()
    mirrored[..., axis] *= -1
    assert close(jets.columns(mirrored, 12), COLUMNS)


@given(st.randoms(use_true_random=False))
def test_the_order_of_constituents_does_not_matter(random) -> None:
    order = list(range(12))
    random.shuffle(order)
    assert close(jets.columns(X[:, order], 12), COLUMNS)


def test_the_scale_of_momenta_matters_to_mass_and_momentum_only() -> None:
    start = jets.chosen("jet", 12).start
    changed = ~np.isclose(jets.columns(2 * X, 12), COLUMNS, rtol=1e-3, atol=1e-3).all(axis=0)
    assert np.flatnonzero(changed).tolist() == [start, start + 2]


def test_padding_adds_columns_at_the_end_only() -> None:
    padded = np.pad(X, ((0, 0), (0, 5), (0, 0)))
    assert close(jets.columns(padded, 12), COLUMNS)
    wide = jets.columns(X, 17)
    assert wide.shape == (60, jets.width(17))
    assert close(wide[:, : jets.width(12)], COLUMNS)


@pytest.mark.parametrize(
    ("features", "columns"), [("constituents", 30), ("jet", 33), ("substructure", 39)]
)
def test_each_feature_set_holds_the_smaller_ones(features: str, columns: int) -> None:
    assert COLUMNS[:, jets.chosen(features, 10)].shape == (60, columns)
    assert jets.chosen(features, 10).stop == jets.width(10)


def test_the_jet_columns_are_mass_number_and_momentum() -> None:
    start = jets.chosen("jet", 12).start
    total = X.sum(axis=1, dtype=float)
    mass = np.sqrt(total[:, 0] ** 2 - (total[:, 1:] ** 2).sum(axis=1))
    whole = [mass, (X[..., 0] > 0).sum(axis=1), np.hypot(total[:, 1], total[:, 2])]
    assert np.allclose(COLUMNS[:, start : start + 3], np.stack(whole, axis=1), rtol=1e-3)


def test_energy_correlations_are_sums_over_pairs_and_triples() -> None:
    pt, eta, phi = np.array([50.0, 30, 20]), np.array([0.0, 0.3, -0.1]), np.array([0, 0.1, 0.4])
    found = jets.columns(momenta(pt, eta, phi)[None], 3)[0, : 2 * len(jets.BETAS)]
    total = momenta(pt, eta, phi).sum(axis=0)
    z = pt / np.hypot(total[1], total[2])
    for i, beta in enumerate(jets.BETAS):
        r = {
            (a, b): np.hypot(eta[a] - eta[b], phi[a] - phi[b]) ** beta
            for a, b in itertools.combinations(range(3), 2)
        }
        e2 = sum(z[a] * z[b] * r[a, b] for a, b in r)
        e3 = z.prod() * r[0, 1] * r[0, 2] * r[1, 2]
        assert found[2 * i : 2 * i + 2] == pytest.approx([np.log(e2), np.log(e3 / e2**3)], 1e-3)


def test_a_jet_of_one_constituent_has_finite_columns() -> None:
    lonely = np.zeros((1, 12, 4), np.float32)
    lonely[0, 4] = momenta(500.0, 0.3, 2.0)
    assert np.isfinite(jets.columns(lonely, 12)).all()


def test_coordinates_lie_along_the_spread_and_towards_the_hardest() -> None:
    each = COLUMNS[:, jets.chosen("constituents", 12)].reshape(60, 12, 3)
    share = np.exp(each[..., 0]) - jets.SMALLEST
    along, across = ((share * each[..., i] ** 2).sum(axis=1) for i in (1, 2))
    assert (along >= across).all()
    assert (each[:, 0, 1:] >= 0).all()
