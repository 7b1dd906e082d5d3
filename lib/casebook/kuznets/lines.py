"""Does pollution turn, if nothing is assumed about the form of the curve?

A parabola is symmetric and can turn where the data only flatten.  Simonsohn
(2018) asks for less: on either side of some income, lines of opposite slope.

Simonsohn (2018), Advances in Methods and Practices in Psychological Science 1(4),
doi:10.1177/2515245918805755.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.gam.api import BSplines, GLMGam
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from casebook.kuznets import checks
from casebook.kuznets.curve import fit
from casebook.kuznets.turning import CannotTell, ratio
from casebook.panels import one_of

PENALTIES = np.logspace(-5, 5, 41)
"""Weights of the smoother's penalty among which the least generalised cross-validation is sought."""

KNOTS = 10
"""Most functions of the smoother's basis."""

EACH = 3
"""Observations needed on each side of the break for a slope with an error."""


@dataclass(frozen=True)
class TwoLines:
    """Slopes below and above a break; made by :func:`two_lines`.

    Attributes
    ----------
    breakpoint : float
        In units of income.
    slope_low, slope_high, se_low, se_high, p_low, p_high : float
        Of the line below and of the line above, with two-sided p.
    shape : {"inverted U", "U", "neither"}
        By the two signs, if both slopes are significant.
    reason : str
        Why it is neither.
    nobs : (int, int)
        Observations below or at the break, and above it.
    """

    breakpoint: float
    slope_low: float
    slope_high: float
    se_low: float
    se_high: float
    p_low: float
    p_high: float
    shape: str
    reason: str
    nobs: tuple[int, int]


def two_lines(
    pollution: pd.Series, income: pd.Series, *, breakpoint: str | float = "robin hood", errors: str = "HC3",
    level: float = 0.95, gaps: str = "refuse",
) -> TwoLines:
    """Test for a turn by two lines.

    Parameters
    ----------
    pollution, income, gaps
        As for :func:`casebook.kuznets.fit`.
    breakpoint : {"robin hood", "vertex"} or float
        Where the lines part: by Simonsohn's rule, which gives more observations
        to the weaker line; where a quadratic turns; or at a given income.
    errors : {"HC3", "HC1", "classical"}
    level : float
        Slopes are significant at one minus it.

    Returns
    -------
    TwoLines

    Raises
    ------
    ValueError
        As :func:`casebook.kuznets.fit`; and if fewer than three observations lie on one side.

    Notes
    -----
    The rule: smooth the data, take the incomes between the tenth and the
    ninetieth percentile whose smoothed value is within one standard error of the
    most extreme one, part the lines at their median, and move the break within
    them in proportion to the strength of the other line.  Simonsohn smooths with
    cubic regression splines of R's mgcv, here penalised B-splines of statsmodels
    are used, weighted by generalised cross-validation too.  An observation at the
    break counts with the line below for its slope, and with the line above for that one's.
    His script takes p from the normal distribution, this one from t with n - 4 degrees of freedom.

    Examples
    --------
    A roof, three up and three down:

    >>> x = pd.Series([0.0, 1, 2, 3, 4, 5, 6, 7], range(2011, 2019))
    >>> y = 4 - (x - 3.5).abs() + [0.01, -0.01, -0.01, 0.01, 0.01, -0.01, -0.01, 0.01]
    >>> found = two_lines(y, x, breakpoint=3.5)
    >>> found.shape, round(found.slope_low, 6), round(found.slope_high, 6)
    ('inverted U', 1.0, -1.0)
    """
    one_of(errors, ("HC3", "HC1", "classical"), "errors")
    curve = fit(pollution, income, gaps=gaps, level=level)
    x, y = curve.data["income"].to_numpy(), curve.data["pollution"].to_numpy()
    rule = breakpoint if isinstance(breakpoint, str) else ""
    if rule not in ("", "robin hood", "vertex") or not (rule or isinstance(breakpoint, (int, float, np.number))):
        raise ValueError(f'breakpoint must be "robin hood", "vertex" or an income; got {breakpoint!r}')
    if rule == "robin hood":
        breakpoint = _robin_hood(x, y, inverted=curve.slope(x.min())[0] > 0, errors=errors)
    elif rule == "vertex":
        breakpoint = curve.turning_points()[0].income
    below, above = int((x <= breakpoint).sum()), int((x > breakpoint).sum())
    if min(below, above) < EACH:
        raise CannotTell(f"cannot tell: {below} observations lie below or at the break of {breakpoint:g} and {above} above; each line needs {EACH}")
    if min(checks.distinct(x[x <= breakpoint]), checks.distinct(x[x >= breakpoint])) < 2:
        raise CannotTell(f"cannot tell: on one side of the break of {breakpoint:g} all observations have the same income")
    (low, se_low), (high, se_high) = _slopes(x, y, float(breakpoint), errors)
    nil = checks.NEGLIGIBLE * np.ptp(y) / np.ptp(x)  # less is rounding
    low, high = (0.0 if abs(slope) < nil else slope for slope in (low, high))
    p = 2 * stats.t.sf(np.abs(ratio(np.array([low, high]), np.array([se_low, se_high]))), len(x) - 4)
    shape, reason = _judged(low, high, *p, 1 - level)
    return TwoLines(float(breakpoint), low, high, se_low, se_high, float(p[0]), float(p[1]), shape, reason, (below, above))


def _judged(low: float, high: float, p_low: float, p_high: float, alpha: float) -> tuple[str, str]:
    if low * high >= 0:
        return "neither", "both lines slope the same way"
    weak = [side for side, p in (("below", p_low), ("above", p_high)) if not p < alpha]
    if weak:
        return "neither", f"the line {' and the line '.join(weak)} the break could be level"
    return ("inverted U" if low > 0 else "U"), ""


def _slopes(x: np.ndarray, y: np.ndarray, at: float, errors: str) -> list[tuple[float, float]]:
    """Slope and error of each line of an interrupted regression; what lies at the break counts with either."""
    found = []
    for side, above in ((1, x > at), (2, x >= at)):
        parts = [np.ones_like(x), np.where(above, 0, x - at), np.where(above, x - at, 0), above]
        other = x[above if side == 1 else ~above]
        if checks.distinct(other) < 2:  # the other line is a point, and has no slope
            parts.pop(3 - side)
        design = np.column_stack(parts)
        kind = "HC1" if errors == "HC3" and checks.leverage_one(design).any() else errors
        fitted = sm.OLS(y, design).fit(use_t=True, **({} if kind == "classical" else {"cov_type": kind}))
        place = min(side, len(parts) - 2)
        found.append((float(fitted.params[place]), float(fitted.bse[place])))
    return found


def _robin_hood(x: np.ndarray, y: np.ndarray, inverted: bool, errors: str) -> float:
    """Simonsohn's breakpoint."""
    smooth, error = _smoothed(x, y)
    sign = 1 if inverted else -1
    inner = (x > np.quantile(x, 0.1)) & (x < np.quantile(x, 0.9))
    most = (sign * smooth[inner]).max()
    flat = x[inner & (sign * smooth + error > most)]
    middle = float(np.median(flat))
    if min((x <= middle).sum(), (x > middle).sum()) < EACH:
        return middle  # too few on one side: refused where the lines are fitted
    strength = [abs(value / se) if np.isfinite(se) and se > 0 else 0.0 for value, se in _slopes(x, y, middle, errors)]
    total = sum(strength)
    return float(np.quantile(flat, strength[1] / total if total else 0.5))


def _smoothed(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Penalised splines and the standard error of their mean."""
    z, scale = (x - x.mean()) / x.std(), y.std() or 1.0
    basis = BSplines(z[:, None], df=[int(np.clip(len(np.unique(x)) - 1, 4, KNOTS))], degree=[3])
    try:
        fits = [GLMGam(y / scale, exog=np.ones((len(y), 1)), smoother=basis, alpha=[a]).fit() for a in PENALTIES]
    except PerfectSeparationError:
        raise CannotTell("cannot tell: without noise there is no flat part to put a break in; give the breakpoint") from None
    best = min(fits, key=lambda fitted: fitted.gcv)
    return best.fittedvalues * scale, np.asarray(best.get_prediction().se) * scale
