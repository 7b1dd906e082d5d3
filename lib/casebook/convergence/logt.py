"""Do all regions converge in the end, whatever their paths?

Phillips and Sul (2007), doi:10.1111/j.1468-0262.2007.00811.x.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from casebook.convergence import checks
from casebook.kuznets.checks import listed
from casebook.kuznets.turning import CannotTell

CRITICAL = -1.65
"""t below which convergence is rejected, at five per cent one-sided."""

LEAST = 5
"""Years that a regression on log t needs."""


@dataclass(frozen=True)
class LogT:
    """A regression on log t; made by :func:`log_t`.

    Attributes
    ----------
    slope, std_error, t : float
        Of ln t: twice the speed at which relative differences vanish, beyond what ln t does.
    pvalue : float
        Of convergence, against divergence: normal, one-sided.
    converges : bool
        Whether t is not below `critical`.
    nobs, lags : int
        Years in the regression; lags of its errors.
    H : Series indexed by year
        Mean square of relative income less one.
    critical : float
    """

    slope: float
    std_error: float
    t: float
    pvalue: float
    converges: bool
    nobs: int
    lags: int
    H: pd.Series = field(repr=False)
    critical: float

    def __str__(self) -> str:
        told = "convergence isn't rejected" if self.converges else "convergence is rejected"
        return f"{told}: slope {self.slope:.3f}, t = {self.t:.2f} against {self.critical:g}, {self.nobs} years"


def log_t(panel: pd.Series, *, trim: float = 1 / 3, critical: float = CRITICAL, lags: int | None = None) -> LogT:
    """Test whether regions converge, by a regression on log t.

    Parameters
    ----------
    panel : Series indexed by (region, year)
        Positive, every region in every year, years evenly apart.  Used as it stands: Phillips and
        Sul take the logarithm of income, of which h depends on the unit, and smooth the cycle out of it first.
    trim : float
        r, the part of the years that comes before the regression: it runs over t = [rT], ..., T.
    critical : float
        Convergence is rejected where t is below.
    lags : int, optional
        Of the Newey-West errors; by default the whole part of 4 (n / 100)^(2/9).

    Returns
    -------
    LogT

    Raises
    ------
    CannotTell
        When all regions are equal in a year, or fewer than ``LEAST`` years are left; it is a ValueError.
    ValueError
        For figures missing or not positive, years unevenly apart, one region, options out of range.

    Notes
    -----
    With h = income over the year's mean and H the mean of (h - 1)^2, ln(H_1 / H_t) - 2 ln ln t
    is regressed on a constant and ln t.  Phillips and Sul take Andrews' errors; R's ConvergenceClubs
    starts at the year after [rT].

    Examples
    --------
    Two regions at 1 + d and 1 - d with d = 1 / (t ln t) from the second year on: H is d^2,
    and the left-hand side 2 ln t and a constant.

    >>> t = np.arange(1, 25)
    >>> d = np.append(0.9, 1 / (t[1:] * np.log(t[1:])))
    >>> key = pd.MultiIndex.from_product([["A", "B"], 2000 + t], names=["region", "year"])
    >>> found = log_t(pd.Series(np.append(1 + d, 1 - d), key))
    >>> round(found.slope, 6), found.converges
    (2.0, True)
    """
    table, lags = suits(panel, trim, critical, lags)
    H = spread(table.to_numpy())
    slope, error = regress(table, H, trim, lags)
    t = ratio(slope, error)
    n = table.shape[1] - _first(table.shape[1], trim) + 1
    return LogT(slope, error, t, float(stats.norm.cdf(t)), bool(t >= critical), n, lags, pd.Series(H, table.columns, name="H"), critical)


def suits(panel: pd.Series, trim: float, critical: float, lags: int | None) -> tuple[pd.DataFrame, int]:
    """The table of a panel fit for the regression, and the lags of its errors."""
    checks.between(trim, 0, 1, "trim")
    checks.between(critical, -10, 10, "critical")
    table = checks.wide(panel, "panel")
    checks.spaced(table.columns, str(panel.name or "panel"))
    years = table.shape[1]
    n = years - _first(years, trim) + 1
    if n < LEAST:
        raise CannotTell(f"cannot tell: with trim {trim:.3g} {max(n, 0)} of {years} years are left for the regression, which needs {LEAST}")
    if lags is None:
        return table, int(4 * (n / 100) ** (2 / 9))
    if isinstance(lags, bool) or not isinstance(lags, (int, np.integer)) or not 0 <= lags < n:
        raise ValueError(f"lags must be a whole number from 0 to {n - 1}, the years less one; got {lags!r}")
    return table, int(lags)


def _first(years: int, trim: float) -> int:
    """[rT], from two on: ln ln 1 isn't defined."""
    return max(int(trim * years + 1e-9), 2)


def spread(x: np.ndarray) -> np.ndarray:
    """H: the mean square of relative income less one, a column per year."""
    return ((x / x.mean(axis=0) - 1) ** 2).mean(axis=0)


def ratio(slope: float, error: float) -> float:
    """t, also of a perfect fit."""
    return slope / error if error > 0 else float(np.sign(slope) * np.inf) if slope else 0.0


def regress(table: pd.DataFrame, H: np.ndarray, trim: float, lags: int) -> tuple[float, float]:
    """Slope on ln t and its error."""
    flat = H <= 1e-24
    if flat.any():
        raise CannotTell(f"cannot tell: {listed(table.index)} are equal in {table.columns[flat][0]}, so that their differences have no logarithm")
    t = np.arange(_first(len(H), trim), len(H) + 1)
    y = np.log(H[0] / H[t - 1]) - 2 * np.log(np.log(t))
    fitted = sm.OLS(y, sm.add_constant(np.log(t))).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True})
    return float(fitted.params[1]), float(fitted.bse[1])
