"""From four-momenta to the columns that a network sees, alike for jets that are alike.

A jet looks the same wherever it flew. So constituents are taken relative to the jet's axis, turned
so that the axis along which the jet spreads points one way, and mirrored so that the hardest
constituent lies at positive values. On top come numbers of the whole jet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

VERSION: Final = 1  # to be raised with every change of what the columns hold
PER_CONSTITUENT: Final = 3  # log share of the transverse momentum, two coordinates
BETAS: Final = (2.0, 1.0, 0.5)  # each half of the one before: see `_correlations`
CORRELATED: Final = 40  # the hardest constituents, which enter the energy correlations
SMALLEST: Final = 1e-4  # added to shares of the momentum before the logarithm

# The columns lie in this order, so that each set is one slice: what it names and all behind it.
_BEHIND: Final = {"substructure": 2 * len(BETAS), "jet": 3, "constituents": 0}
FEATURES: Final = tuple(reversed(_BEHIND))  # "constituents" is the smallest set
EXTRA: Final = sum(_BEHIND.values())


def width(constituents: int) -> int:
    """Return how many columns `columns` makes."""
    return EXTRA + PER_CONSTITUENT * constituents


def chosen(features: str, constituents: int) -> slice:
    """Return the columns of a feature set with so many of the hardest constituents.

    "constituents": log of the share of the jet's transverse momentum and the two coordinates, of
    each; "jet": besides, the jet's mass, number of constituents and transverse momentum;
    "substructure": besides, energy correlations.
    """
    names = list(_BEHIND)
    start = sum(_BEHIND[name] for name in names[: names.index(features)])
    return slice(start, width(constituents))


def columns(momenta: npt.NDArray[np.floating], constituents: int) -> Floats:
    """Return (n, width(constituents)) columns of jets (n, m, 4), as E, px, py, pz in GeV.

    Missing constituents are rows of zeros, in any place; the order does not matter.
    """
    momenta = _hardest_first(momenta.astype(np.float32, copy=False))
    lacking = max(0, constituents - momenta.shape[1])
    momenta = np.pad(momenta, ((0, 0), (0, lacking), (0, 0)))
    pt = np.hypot(momenta[..., 1], momenta[..., 2])  # (n, m)
    energy, px, py, pz = momenta.sum(axis=1, dtype=np.float64).T  # (n,) each
    jet_pt = np.maximum(np.hypot(px, py), 1e-9)
    mass = np.sqrt(np.maximum(energy**2 - px**2 - py**2 - pz**2, 0.0))
    axis = np.arcsinh(pz / jet_pt), np.arctan2(py, px)
    share = (pt / jet_pt[:, None]).astype(np.float32)
    along, across = _upright(share, *_relative(momenta, pt, *axis))
    whole = np.stack([mass, np.count_nonzero(pt, axis=1), jet_pt], axis=1)  # (n, 3)
    each = np.stack([np.log(share + SMALLEST), along, across], axis=2)  # (n, m, 3)
    each = each[:, :constituents].reshape(len(each), -1)
    return np.concatenate([_correlations(share, along, across), whole, each], axis=1, dtype="f4")


def _hardest_first(momenta: Floats) -> Floats:
    pt = np.hypot(momenta[..., 1], momenta[..., 2])
    used = np.count_nonzero(pt, axis=1).max(initial=1)  # files keep room for more than there are
    order = np.argsort(-pt, axis=1, kind="stable")[:, :used]
    return np.take_along_axis(momenta, order[..., None], axis=1)


def _relative(
    momenta: Floats, pt: Floats, eta: npt.NDArray[np.float64], phi: npt.NDArray[np.float64]
) -> tuple[Floats, Floats]:
    """Return pseudorapidity and azimuth (n, m) relative to the jet's axis; 0 where none is."""
    there = pt > 0
    d_eta = np.arcsinh(momenta[..., 3] / np.where(there, pt, 1)) - eta[:, None]
    d_phi = np.arctan2(momenta[..., 2], momenta[..., 1]) - phi[:, None]
    d_phi = (d_phi + np.pi) % (2 * np.pi) - np.pi
    return (d_eta * there).astype(np.float32), (d_phi * there).astype(np.float32)


def _upright(share: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Turn the principal axis of the momentum to the first coordinate; mirror to the hardest."""
    spread = (share * (x * x - y * y)).sum(axis=1)
    mixed = (share * x * y).sum(axis=1)
    angle = 0.5 * np.arctan2(2 * mixed, spread)[:, None]
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    return along * _sign(along[:, :1]), across * _sign(across[:, :1])


def _sign(values: Floats) -> Floats:
    return np.where(values < 0, -1, 1).astype(np.float32)


def _correlations(share: Floats, x: Floats, y: Floats) -> Floats:
    """Return log e2 and log D2 (n, 6) of the hardest constituents, for each exponent beta.

    e2 sums z_i z_j R_ij^beta over pairs, e3 z_i z_j z_k (R_ij R_jk R_ki)^beta over triples, and
    D2 = e3 / e2^3 (Larkoski, Moult, Neill, arXiv:1409.6298). The triples are the trace of a
    third power: with M_ij = R_ij^beta z_j, e3 = tr(M M M) / 6.
    """
    z, x, y = (values[:, :CORRELATED] for values in (share, x, y))
    power = (x[:, :, None] - x[:, None]) ** 2 + (y[:, :, None] - y[:, None]) ** 2  # R^2
    found = []
    for _ in BETAS:
        matrix = power * z[:, None, :]
        pairs = np.einsum("ni,nij->n", z, matrix) / 2
        triples = np.einsum("nij,nji->n", matrix @ matrix, matrix) / 6
        log_e2 = np.log(pairs + 1e-8)  # a jet of one constituent has none
        found += [log_e2, np.log(triples + 1e-12) - 3 * log_e2]
        power = np.sqrt(power)
    return np.stack(found, axis=1)
