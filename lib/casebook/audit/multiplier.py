"""Which spatial parameter leads from printed coefficients to printed effects?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

from casebook.audit.estimates import EFFECTS
from casebook.audit.printed import interval
from casebook.audit.tidy import ESTIMATES, SIZES, tidied


@dataclass(frozen=True)
class Joint:
    """The rho that fits a table best; root mean square and largest misfit in standard errors."""

    rho: float
    rms: float
    worst: float


def implied_rho(
    estimate: str, lag: str, direct: str, indirect: str, total: str, weights
) -> pd.DataFrame:
    """The spatial parameter rho that leads from coefficients to effects in a Durbin model.

    With S = (I - rho W)^-1 the direct effect is (beta tr S + theta tr SW) / N, and
    the total (beta 1'S1 + theta 1'SW1) / N, which is (beta + theta) / (1 - rho) if
    every row of W sums to one.

    Parameters
    ----------
    estimate, lag : str
        The coefficients beta and theta.
    direct, indirect, total : str
    weights : array, shape (N, N)
        W, with real eigenvalues, as contiguity has, row-standardised or not.

    Returns
    -------
    DataFrame indexed by effect
        ``rho`` by the printed numbers and the range ``low`` to ``high`` by
        rounding, inside the domain (1 / smallest, 1 / largest eigenvalue): the solution
        nearest to zero for the total, and to that for the others.  Missing
        where there is none.

    Notes
    -----
    LeSage and Pace (2009), doi:10.1201/9781420064254.  Effects by simulation
    scatter around the formula, so that ranges that don't meet prove nothing alone.

    Examples
    --------
    (0.4 + 0.4) / (1 - rho) = 1.0 gives rho = 0.2.

    >>> implied_rho("0.400", "0.400", "0.50", "0.50", "1.00", [[0, 1], [1, 0]]).loc["total"].round(3).tolist()
    [0.2, 0.195, 0.205]
    """
    spectrum, grid = _spectrum(weights)
    inputs = np.array([interval(estimate), interval(lag)])
    out, near = {}, 0.0
    for effect, printed in zip(("total", "direct", "indirect"), (total, direct, indirect), strict=True):
        row = EFFECTS.index(effect)

        def gap(rho):
            return inputs.mean(axis=1) @ _multipliers(rho, spectrum)[row] - np.mean(interval(printed))

        def room(rho):
            widths = np.ptp(inputs, axis=1) @ np.abs(_multipliers(rho, spectrum)[row])
            return (widths + np.ptp(interval(printed))) / 2 - np.abs(gap(rho))

        out[effect] = _solve(gap, room, grid, near)
        near = out["total"][0] if np.isfinite(out["total"][0]) else 0.0
    return pd.DataFrame(out, index=["rho", "low", "high"]).T.loc[list(EFFECTS)].rename_axis("effect")


def joint_rho(table: pd.DataFrame, weights) -> Joint:
    """The rho that leads best from all coefficients with a printed lag to their effects.

    Parameters
    ----------
    table : DataFrame
        One table, shaped as for :func:`examine`.
    weights
        As for :func:`implied_rho`.

    Returns
    -------
    Joint
        Least squares of (effect by formula - printed effect) / printed standard
        error, over direct and indirect effects; the total is their sum.

    Raises
    ------
    ValueError
        When no variable has its coefficient, its lag and its effects printed,
        or when there are several tables.
    """
    spectrum, grid = _spectrum(weights)
    cells, coefficients = tidied(table.filter(items=[*SIZES, *ESTIMATES]), ESTIMATES)[0], []
    if cells["table"].nunique() > 1:
        raise ValueError(f"rho belongs to one table; got {', '.join(map(str, cells['table'].unique()))}")
    texts = cells.set_index(["variable", "column"])[["estimate", "std_error"]].stack()
    texts = texts[texts != ""]
    for name in cells["variable"].unique():
        wanted = [(name, "regression", "estimate"), (f"W*{name}", "regression", "estimate")]
        wanted += [(name, effect, kind) for kind in ("estimate", "std_error") for effect in EFFECTS[:2]]
        if set(wanted) <= set(texts.index):
            coefficients.append([np.mean(interval(texts[key])) for key in wanted])
    if not coefficients:
        raise ValueError("no variable has a row W*variable and its effects: without them nothing printed tells rho")
    beta, theta, *rest = np.array(coefficients).T
    effects, errors = np.reshape(rest, (2, 2, -1))

    def misfit(rho):
        m = _multipliers(rho, spectrum)[:2]
        return (np.outer(m[:, 0], beta) + np.outer(m[:, 1], theta) - effects) / errors

    best = int(np.argmin([np.sum(misfit(rho) ** 2) for rho in grid]))
    around = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = optimize.minimize_scalar(lambda r: np.sum(misfit(r) ** 2), bounds=around, method="bounded", options={"xatol": 1e-10})
    rho = float(found.x)
    return Joint(rho, float(np.sqrt(np.mean(misfit(rho) ** 2))), float(np.abs(misfit(rho)).max()))


def _multipliers(rho, spectrum: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """What beta and theta count in each effect: shape (3, 2), then that of rho."""
    eigenvalues, shares = spectrum
    inverse = 1 / (1 - np.multiply.outer(rho, eigenvalues))
    direct = np.array([inverse.mean(axis=-1), (inverse * eigenvalues).mean(axis=-1)])
    total = np.array([inverse @ shares, (inverse * eigenvalues) @ shares])
    return np.stack([direct, total - direct, total])


def _spectrum(weights) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Eigenvalues of W, the part each has in its row sums, and a grid over the domain of rho."""
    matrix = np.asarray(weights, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"weights must be a square array; got one of shape {matrix.shape}")
    values, vectors = np.linalg.eig(matrix)
    if np.abs(values.imag).max() > 1e-9:
        raise ValueError("the eigenvalues of W must be real, as those of contiguity are")
    values, vectors, ones = values.real, vectors.real, np.ones(len(matrix))
    if not values.min() < 0 < values.max():
        raise ValueError("W links no two regions")
    shares = (ones @ vectors) * np.linalg.solve(vectors, ones) / len(matrix)
    return (values, shares), np.linspace(1 / values.min(), 1 / values.max(), 4001)[1:-1]


def _solve(gap, room, grid: np.ndarray, near: float) -> tuple[float, float, float]:
    """The root of `gap` nearest to a point, and the stretch around it where there is room."""
    values, free = gap(grid), room(grid)
    turns = np.flatnonzero(values[:-1] * values[1:] < 0)
    roots = [optimize.brentq(gap, grid[i], grid[i + 1], xtol=1e-14) for i in turns] + grid[values == 0].tolist()
    rho = min(roots, key=lambda root: abs(root - near), default=np.nan)
    centre = rho if roots else grid[np.argmax(free)]
    if room(centre) < 0:
        return np.nan, np.nan, np.nan
    below, above = grid[(grid < centre) & (free < 0)], grid[(grid > centre) & (free < 0)]
    low = optimize.brentq(room, below[-1], centre) if len(below) else grid[0]
    high = optimize.brentq(room, centre, above[0]) if len(above) else grid[-1]
    return float(rho), float(low), float(high)
