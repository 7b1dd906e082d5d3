"""Would so few points find a turn that is really there?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from casebook.kuznets import checks
from casebook.kuznets.curve import Curve


def depth(curve: Curve) -> float:
    """How far a curve falls (or rises) from its turning point to the nearer end of the data, in residual standard deviations.

    Parameters
    ----------
    curve : Curve

    Returns
    -------
    float
        Zero if it turns outside the data.

    Examples
    --------
    Alternating noise of one: the curve turns at -6 / 70, is 3.66 lower at -2, and leaves a
    variance of (6 - 36 / 70) / 3:

    >>> from casebook.kuznets import fit
    >>> x = pd.Series([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0], range(2011, 2017))
    >>> round(depth(fit(-(x**2) + [1, -1, 1, -1, 1, -1], x)), 3)
    2.71
    """
    inside = [point.income for point in curve.turning_points() if point.inside]
    if not inside:
        return 0.0
    ends, turn = curve.predict(np.array(curve.span)), curve.predict(inside[0])
    falls = np.abs(np.log(ends / turn) if curve.form == "logs" else ends - turn)
    return float(falls.min() / curve.sigma)


def power(
    income: pd.Series, depths, *, turn: float = 0.5, replications: int = 2000, seed: int = 0, level: float = 0.05
) -> pd.DataFrame:
    """Share of samples in which the U test finds a real turn, by simulation at these very incomes.

    Parameters
    ----------
    income : Series or array
        The incomes at which pollution is observed.
    depths : sequence of float
        How far the true curve falls from its peak to the nearer end of the data, in standard deviations of the noise.
    turn : float
        Where it peaks, as a fraction of the way from the lowest to the highest income.
    replications : int
    seed : int
    level : float
        Of the test, and one minus that of the Fieller interval.

    Returns
    -------
    DataFrame indexed by depth
        ``found`` (share with p below `level`), ``interval`` (share whose Fieller
        set is an interval), ``nobs``.

    Raises
    ------
    ValueError
        For fewer than five incomes, incomes that don't vary, or a turn at or beyond an end.

    Examples
    --------
    A turn that stands out from the noise is always found:

    >>> power(np.linspace(1, 2, 10), [100], replications=200)["found"].tolist()
    [1.0]
    """
    x = np.asarray(income, dtype=float)
    x = x[~np.isnan(x)]
    if np.isinf(x).any():
        raise ValueError("an income is infinite; leave it empty where it is unknown")
    if len(x) < 5 or checks.distinct(x) < 3:
        raise ValueError(f"a simulation needs five incomes at least, of three values; got {len(x)} incomes of {checks.distinct(x)}")
    if not 0 < turn < 1:
        raise ValueError(f"turn must lie between 0 and 1, the ends of the data; got {turn!r}")
    if not 0 < level <= 0.5:
        raise ValueError(f"level is the size of the test and must lie between 0 and 0.5; got {level!r}")
    if replications < 1:
        raise ValueError(f"replications must be 1 at least; got {replications!r}")
    if not (len(depths) and np.isfinite(depths).all() and np.min(depths) >= 0):
        raise ValueError(f"a depth can't be negative or missing; got {list(depths)}")
    z = (x - x.min()) / np.ptp(x)
    design = np.vander(z, 3, increasing=True)
    inverse = np.linalg.inv(design.T @ design)
    noise = np.random.default_rng(seed).standard_normal((replications, len(z)))
    ends = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 2.0]])  # slopes at both ends
    spread = np.sqrt(np.einsum("ij,jk,ik->i", ends, inverse, ends))
    df, rows = len(z) - 3, []
    for deep in depths:
        bend = deep / min(turn, 1 - turn) ** 2
        y = noise - bend * (z - turn) ** 2
        gamma = y @ design @ inverse
        sigma = np.sqrt(((y - gamma @ design.T) ** 2).sum(axis=1) / df)
        t = (gamma @ ends.T) / (sigma[:, None] * spread)
        found = (t[:, 0] > stats.t.isf(level, df)) & (t[:, 1] < -stats.t.isf(level, df))
        bounded = np.abs(gamma[:, 2]) / (sigma * np.sqrt(inverse[2, 2])) > stats.t.isf(level / 2, df)
        rows.append((found.mean(), bounded.mean(), len(z)))
    return pd.DataFrame(rows, index=pd.Index(depths, name="depth"), columns=["found", "interval", "nobs"])
