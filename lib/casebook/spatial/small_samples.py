"""How far off is an estimator in a panel this small?

Panels with a known spatial parameter are drawn on the map at hand and estimated
by each method.  What the average estimate misses is the bias of the method, and
how often its interval holds the truth is what its standard errors are worth.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from libpysal.weights import W as Weights
from scipy import sparse, stats
from tqdm import tqdm

from casebook.spatial import likelihood
from casebook.spatial import weights as spatial_weights
from casebook.spatial.determinant import determinant, factor, lag
from casebook.spatial.durbin import METHODS

COVERED = stats.norm.ppf(0.975)
"""Standard errors to either side of an estimate that make a 95 % interval."""


def bias(weights, years: int, rhos: Iterable[float], *, beta, theta, sigma: float = 1.0, replications: int = 400,
         seed: int = 0, methods: Iterable[str] = METHODS, jobs: int = 1, progress: bool | None = None) -> pd.DataFrame:
    """Bias and coverage of the spatial parameter in simulated spatial Durbin panels.

    Each panel is y = (I - rho W)^-1 (X beta + W X theta + mu + xi + e) with the
    regressors, the effects of regions and of years, and e / sigma standard normal,
    and is estimated with both effects.  Every rho meets the same draws, so that
    rows differ by rho and method alone.

    Parameters
    ----------
    weights : libpysal W, or array of shape (N, N)
        Rows sum to one, unless ``ml`` is the only method.
    years : int
    rhos : iterable of float
        True values, each within the interval in which I - rho W can be inverted.
    beta, theta : (K,) of float
        True coefficients of the regressors and of their lags.
    sigma : float
        Standard deviation of e.
    replications, seed : int
    methods : iterable of str
        Of :data:`casebook.spatial.durbin.METHODS`.
    jobs : int
        Processes; -1 takes every core.
    progress : bool, optional
        Show a bar; by default only on a terminal.

    Returns
    -------
    DataFrame indexed by (rho, method)
        ``mean`` of the estimates, ``bias`` (it less the truth), ``mc_error`` (the
        standard error of both that the number of replications leaves),
        ``coverage95`` (share of 95 % intervals that hold the truth), ``flagged``
        (share of fits with a warning, such as a rho on the boundary).

    Raises
    ------
    ValueError
        For a rho that the map doesn't allow, an unknown method, weights that a
        method can't use, and numbers out of range.

    References
    ----------
    Lee and Yu (2010), doi:10.1016/j.jeconom.2009.08.001, derive the bias.

    Examples
    --------
    Twelve regions on a ring and five years: with every dummy estimated rho comes
    out too low.

    >>> ring = np.roll(np.eye(12), 1, axis=1) / 2 + np.roll(np.eye(12), -1, axis=1) / 2
    >>> found = bias(ring, 5, [0.3], beta=[1], theta=[0.5], replications=30)
    >>> [bool(found.loc[(0.3, method), "bias"] < -0.05) for method in ("ml", "transformation")]
    [True, False]
    """
    matrix, rhos, methods = _matrix(weights), [float(r) for r in rhos], list(methods)
    beta, theta = (np.asarray(c, dtype=float) for c in (beta, theta))
    det = determinant(matrix)
    _check(matrix, det.interval, years, rhos, beta, theta, sigma, replications, methods)
    shown = sys.stderr.isatty() if progress is None else progress
    panels = tqdm(range(replications), desc="panels", disable=not shown)
    found = Parallel(n_jobs=jobs)(
        delayed(_one)(matrix, det, years, rhos, np.append(beta, theta), sigma, methods, [seed, number]) for number in panels
    )
    estimate, error, flagged = np.moveaxis(np.array(found), -1, 0)  # each replications x rhos x methods
    truth = np.array(rhos)[:, None]
    cells = {
        "mean": estimate.mean(axis=0), "bias": estimate.mean(axis=0) - truth,
        "mc_error": estimate.std(axis=0, ddof=1) / np.sqrt(replications),
        "coverage95": (np.abs(estimate - truth) < COVERED * error).mean(axis=0), "flagged": flagged.mean(axis=0),
    }
    index = pd.MultiIndex.from_product([rhos, methods], names=["rho", "method"])
    return pd.DataFrame({name: cell.ravel() for name, cell in cells.items()}, index)


def _one(matrix, det, years, rhos, coefficients, sigma, methods, seed) -> list:
    """Estimate, standard error and whether there is a flag, of each method at each rho."""
    rng, regions, columns = np.random.default_rng(seed), matrix.shape[0], len(coefficients) // 2
    x = rng.normal(size=(years, regions, columns))
    z = np.concatenate([x, lag(matrix, x)], axis=-1)
    effects = rng.normal(size=regions) + rng.normal(size=(years, 1))
    mean = z @ coefficients + effects + sigma * rng.normal(size=(years, regions))
    proper, rows = spatial_weights.is_row_standardised(matrix), []
    for rho in rhos:
        y = factor(matrix, rho).solve(mean.T).T
        fits = [likelihood.fit(y, z, matrix, effects="twoways", method=m, proper=proper, det=det) for m in methods]
        rows.append([(fit.rho, np.sqrt(fit.cov[-2, -2]), bool(fit.flags)) for fit in fits])
    return rows


def _matrix(weights) -> sparse.csr_array:
    if isinstance(weights, Weights):
        return spatial_weights.matrix(weights, weights.id_order)
    return sparse.csr_array(weights, dtype=float)


def _check(matrix, interval, years, rhos, beta, theta, sigma, replications, methods) -> None:
    unknown = [m for m in methods if m not in METHODS]
    if unknown or not methods:
        raise ValueError(f"methods must be some of {', '.join(METHODS)}; got {', '.join(map(repr, unknown)) or 'none'}")
    if beta.ndim != 1 or beta.shape != theta.shape or not len(beta):
        raise ValueError(f"beta and theta need a number for each regressor; got {beta.size} and {theta.size}")
    outside = [r for r in rhos if not interval[0] < r < interval[1]]
    if outside:
        raise ValueError(f"rho = {outside[0]:g} is outside ({interval[0]:.3f}, {interval[1]:.3f}), "
                         "where the model has a solution")
    if years < 2 or replications < 2 or not sigma > 0:
        raise ValueError("this needs two years or more, two replications or more, and a positive sigma")
    if set(methods) != {"ml"} and not spatial_weights.is_row_standardised(matrix):
        raise ValueError("transformation and lee-yu need weights whose rows all sum to one; take methods=('ml',)")
    spare = (years - 1) * (matrix.shape[0] - 1) - 2 * len(beta) - 2
    if spare <= 0:
        raise ValueError(f"{years} years of {matrix.shape[0]} regions can't carry {2 * len(beta)} coefficients "
                         "and both effects")
