"""How much of a region's change stays at home, and how much reaches its neighbours?

In y = rho W y + X beta + W X theta + e a coefficient is not an effect: what a
regressor does at home feeds back through the neighbours.  The *direct effect* is
the mean response of a region to its own regressor, the *indirect effect*
(spillover) the mean sum of all others' responses, the *total effect* their sum.

References
----------
LeSage and Pace (2009), Introduction to Spatial Econometrics, doi:10.1201/9781420064254.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from casebook.spatial.determinant import Eigenvalues, Factorisation, factor

EFFECTS = ("direct", "indirect", "total")
"""The kinds of effects, in the order of every table."""


@dataclass(frozen=True)
class Multiplier:
    """What the spatial multiplier S = (I - rho W)^-1 makes of a unit change, as functions of rho.

    Attributes
    ----------
    own : (float, float)
        Mean diagonal of S and of S W.
    all : (float, float)
        Mean row sum of S and of S W.
    own_slope, all_slope : (float, float)
        Their derivatives with respect to rho.
    """

    own: tuple[float, float]
    all: tuple[float, float]
    own_slope: tuple[float, float]
    all_slope: tuple[float, float]


def multiplier(matrix, rho: float, det: Eigenvalues | Factorisation) -> Multiplier:
    """Means of the multiplier from two traces and a handful of solved systems.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> two = csr_array([[0.0, 1.0], [1.0, 0.0]])
    >>> found = multiplier(two, 0.5, Eigenvalues(two))
    >>> [round(float(v), 6) for v in (*found.own, *found.all)]  # S = [[4, 2], [2, 4]] / 3
    [1.333333, 0.666667, 2.0, 2.0]
    """
    regions = matrix.shape[0]
    first, second = (t / regions for t in det.near(rho, rho).traces(rho))
    solver, ones = factor(matrix, rho), np.ones(regions)
    rows, columns, lagged = solver.solve(ones), solver.solve(ones, "T"), matrix @ ones
    return Multiplier(
        own=(1 + rho * first, first),
        all=(rows.mean(), columns @ lagged / regions),
        own_slope=(first + rho * second, second),
        all_slope=(columns @ (matrix @ rows) / regions, columns @ (matrix @ solver.solve(lagged)) / regions),
    )


def means(beta: np.ndarray, theta: np.ndarray, of: Multiplier) -> np.ndarray:
    """Direct, indirect and total effects.

    Parameters
    ----------
    beta, theta : (..., K)
        Coefficients of the regressors and of their lags, zero where there is none.
    of : Multiplier

    Returns
    -------
    (..., K, 3) array
    """
    direct = beta * of.own[0] + theta * of.own[1]
    total = beta * of.all[0] + theta * of.all[1]
    return np.stack([direct, total - direct, total], axis=-1)


def gradients(beta: np.ndarray, theta: np.ndarray, of: Multiplier) -> np.ndarray:
    """Derivatives of each effect with respect to its beta, its theta and rho: (K, 3, 3)."""
    size = len(beta)
    direct = np.stack([np.full(size, of.own[0]), np.full(size, of.own[1]),
                       beta * of.own_slope[0] + theta * of.own_slope[1]], axis=-1)
    total = np.stack([np.full(size, of.all[0]), np.full(size, of.all[1]),
                      beta * of.all_slope[0] + theta * of.all_slope[1]], axis=-1)
    return np.stack([direct, total - direct, total], axis=1)


def delta(beta, theta, of: Multiplier, cov) -> np.ndarray:
    """Standard errors of the effects by the delta method.

    Parameters
    ----------
    beta, theta : (K,)
    of : Multiplier
    cov : (K, 3, 3)
        Covariance of each regressor's beta and theta with rho.

    Returns
    -------
    (K, 3) array
    """
    gradient = gradients(beta, theta, of)
    variance = np.einsum("kea,kab,keb->ke", gradient, cov, gradient)
    return np.sqrt(np.maximum(variance, 0))


def draws(matrix, det, params: np.ndarray, cov: np.ndarray, places: np.ndarray, number: int, seed: int):
    """Effects of coefficients drawn from their estimated distribution.

    Parameters
    ----------
    matrix, det
        The weights and their log-determinant.
    params : (P,)
        The last is rho.
    cov : (P, P)
    places : (K, 2) of int
        Where the beta and the theta of each regressor stand in `params`; -1 where there is none.
    number, seed : int

    Returns
    -------
    effects : (M, K, 3) array
    outside : int
        Draws whose rho lies outside its interval, left out of `effects`.
    """
    drawn = np.random.default_rng(seed).multivariate_normal(params, cov, size=number, method="eigh")
    rho = drawn[:, -1]
    low, high = det.interval
    inside = (rho > low) & (rho < high)
    drawn, rho = drawn[inside], rho[inside]
    padded = np.column_stack([drawn, np.zeros(len(drawn))])  # a place of -1 reads zero
    beta, theta = padded[:, places[:, 0]], padded[:, places[:, 1]]
    regions = matrix.shape[0]
    first = np.asarray(det.near(rho.min(), rho.max()).traces(rho)[0]) / regions
    whole, lagged = _row_sums(matrix, rho)
    of = Multiplier((1 + (rho * first)[:, None], first[:, None]), (whole[:, None], lagged[:, None]), (0, 0), (0, 0))
    return means(beta, theta, of), int((~inside).sum())


def _row_sums(matrix, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ones = np.ones(matrix.shape[0])
    sums = matrix @ ones
    if np.allclose(sums, 1, atol=1e-12):
        return 1 / (1 - rho), 1 / (1 - rho)
    pairs = [(lambda solver: (solver.solve(ones).mean(), solver.solve(sums).mean()))(factor(matrix, r)) for r in rho]
    return tuple(np.array(pairs).T)


def table(estimate: np.ndarray, std_error: np.ndarray, level: float, interval: np.ndarray | None = None) -> np.ndarray:
    """Estimate, standard error, z, two-sided p and interval in a last axis of six."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(std_error > 0, estimate / std_error, np.nan)
    reach = stats.norm.ppf((1 + level) / 2) * std_error
    low, high = (estimate - reach, estimate + reach) if interval is None else interval
    return np.stack([estimate, std_error, z, 2 * stats.norm.sf(np.abs(z)), low, high], axis=-1)
