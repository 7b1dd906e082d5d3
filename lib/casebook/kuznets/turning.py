"""Where does a fitted curve turn, and does it turn inside the data?

Plain functions of a polynomial's coefficients and their covariance, on the scale
on which it was fitted; :class:`casebook.kuznets.Curve` brings the results back to
units of income.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats


class CannotTell(ValueError):
    """The figures are too few, or not such as to give an answer: not a mistake of the caller's."""


@dataclass(frozen=True)
class FiellerSet:
    """The incomes at which a slope of zero is not rejected (Fieller 1954).

    Attributes
    ----------
    kind : {"interval", "two rays", "ray", "line"}
        Bounded; everything outside two bounds; everything beyond one bound; everything.
    lower, upper : float
        Bounds, in units of income; of two rays the gap between them; infinite where there is none.
    positive : bool
        Whether incomes below zero are out of the question, so that a lower bound below zero is none.

    Notes
    -----
    The set is an interval only where the curvature itself is significant.  If it
    isn't, the data don't exclude a straight line, whose turning point lies at infinity.

    Fieller (1954), Journal of the Royal Statistical Society B 16(2), doi:10.1111/j.2517-6161.1954.tb00159.x.
    """

    kind: str
    lower: float
    upper: float
    positive: bool = False

    def per(self, unit: float) -> FiellerSet:
        """The same set in another unit of income, such as thousands."""
        return FiellerSet(self.kind, self.lower / unit, self.upper / unit, self.positive)

    def __contains__(self, income: float) -> bool:
        if self.kind == "two rays":
            return income <= self.lower or income >= self.upper
        return self.lower <= income <= self.upper

    def __str__(self) -> str:
        low, high = number(self.lower), number(self.upper)
        if self.positive and self.upper <= 0:
            return "any income" if self.kind == "two rays" else "no income"
        if self.positive and self.lower < 0 and np.isfinite(self.lower):
            return {"two rays": f"above {high}", "interval": f"below {high}"}.get(self.kind, "any income")
        if self.kind == "interval":
            return f"{low} to {high}"
        if self.kind == "two rays":
            return f"below {low} or above {high}"
        if self.kind == "ray":
            return f"above {low}" if np.isinf(self.upper) else f"below {high}"
        return "any income"


@dataclass(frozen=True)
class TurningPoint:
    """An income at which a fitted curve is level.

    Attributes
    ----------
    income, std_error : float
        In units of income; the error by the delta method.
    lower, upper : float
        The delta method's interval.
    kind : {"peak", "trough"}
    inside : bool
        Whether it lies strictly between the lowest and the highest income observed.
    below : int
        Observations at a lower income.
    fieller, paired : FiellerSet or None
        For quadratics: the set at the level of the curve, and the one that pairs with
        the U test, whose slopes are tested on one side: of 90% for tests at 5%.  It is
        an interval inside the data exactly where the U test proves the turn.
    """

    income: float
    std_error: float
    lower: float
    upper: float
    kind: str
    inside: bool
    below: int
    fieller: FiellerSet | None
    paired: FiellerSet | None = None


@dataclass(frozen=True)
class UTest:
    """Do the slopes at both ends of the data have opposite signs? (Lind and Mehlum 2010, Sasabuchi 1980)

    Attributes
    ----------
    shape : {"inverted U", "U"}
        What is tested, by the sign of the curvature.
    slope_low, slope_high, t_low, t_high : float
        At the lowest and the highest income.
    p_low, p_high : float
        One-sided, of each slope's expected sign.
    statistic, pvalue : float
        Of the weaker end, because both must hold; missing if the curve turns outside the data.
    reason : str
        Why there is no p-value.

    Notes
    -----
    Sasabuchi (1980), Biometrika 67(2), doi:10.1093/biomet/67.2.429; Lind and Mehlum
    (2010), Oxford Bulletin of Economics and Statistics 72(1), doi:10.1111/j.1468-0084.2009.00569.x.
    """

    shape: str
    slope_low: float
    slope_high: float
    t_low: float
    t_high: float
    p_low: float
    p_high: float
    statistic: float
    pvalue: float
    reason: str


def number(value: float) -> str:
    """An income as a reader wants it: whole above a thousand, else four digits.

    Examples
    --------
    >>> number(159308.71), number(1.98567)
    ('159,309', '1.986')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def gradient(x, degree: int) -> np.ndarray:
    """Derivatives of the slope at x by each coefficient: rows 0, 1, 2 x, 3 x^2.

    Examples
    --------
    >>> gradient(2.0, 2).tolist()
    [0.0, 1.0, 4.0]
    """
    powers = np.arange(degree + 1)
    x = np.asarray(x, dtype=float)[..., None]
    return powers * x ** np.maximum(powers - 1, 0)


def slope(x, coefficients: np.ndarray, cov: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope of a polynomial at x, and its standard error.

    Parameters
    ----------
    x : float or array
    coefficients : array of degree + 1
        In ascending powers.
    cov : array of (degree + 1) x (degree + 1)

    Returns
    -------
    slope, std_error : arrays like x

    Examples
    --------
    >>> value, error = slope(1.0, np.array([0.0, 3.0, -1.0]), np.diag([0.0, 0.09, 0.04]))
    >>> float(value), float(error)
    (1.0, 0.5)
    """
    g = gradient(x, len(coefficients) - 1)
    return g @ coefficients, np.sqrt(np.einsum("...i,ij,...j->...", g, cov, g))


def ratio(values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Values over their errors: infinite where there is no error, missing where there is neither.

    Examples
    --------
    >>> ratio(np.array([1.0, -1.0, 0.0]), np.array([0.5, 0.0, 0.0])).tolist()
    [2.0, -inf, nan]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return values / errors


def fieller(coefficients: np.ndarray, cov: np.ndarray, critical: float) -> tuple[str, float, float]:
    """Every x at which the slope of a quadratic is within `critical` standard errors of zero.

    Parameters
    ----------
    coefficients : array of 3
    cov : array of 3 x 3
    critical : float
        Quantile of t.

    Returns
    -------
    kind, lower, upper
        As in :class:`FiellerSet`.

    Examples
    --------
    Slope 3 - 2x, the curvature exact, the slope at zero with a standard error of 0.5:

    >>> kind, low, high = fieller(np.array([0.0, 3.0, -1.0]), np.diag([0.0, 0.25, 0.0]), 2.0)
    >>> kind, round(float(low), 9), round(float(high), 9)
    ('interval', 1.0, 2.0)
    """
    (b, c), v, q = coefficients[1:], cov[1:, 1:], critical**2
    # q times the variance of the slope, minus the slope squared, as a polynomial of x
    p2, p1, p0 = 4 * (c**2 - q * v[1, 1]), 4 * (b * c - q * v[0, 1]), b**2 - q * v[0, 0]
    if p2 == 0:
        if p1 == 0:
            return "line", -np.inf, np.inf
        edge = -p0 / p1
        return ("ray", -np.inf, edge) if p1 > 0 else ("ray", edge, np.inf)
    inner = p1**2 - 4 * p2 * p0
    if p2 > 0 and inner <= 0:  # without error: the turning point itself
        return "interval", -p1 / (2 * p2), -p1 / (2 * p2)
    if inner <= 0:
        return "line", -np.inf, np.inf  # the slope is nowhere significant
    stable = -0.5 * (p1 + np.copysign(np.sqrt(inner), p1))
    low, high = sorted((stable / p2, p0 / stable))
    return ("interval" if p2 > 0 else "two rays"), low, high


def roots(coefficients: np.ndarray) -> list[float]:
    """Where a quadratic or cubic is level: real roots of its slope, ascending.

    Examples
    --------
    >>> roots(np.array([0.0, 3.0, -1.0])), [round(r, 12) for r in roots(np.array([0.0, 9.0, -6.0, 1.0]))]
    ([1.5], [1.0, 3.0])
    """
    b, c, *d = coefficients[1:]
    if not d or d[0] == 0:
        return [] if c == 0 else [float(-b / (2 * c))]
    inner = c**2 - 3 * b * d[0]
    if inner <= 0:
        return []
    stable = -(c + np.copysign(np.sqrt(inner), c))
    return sorted([float(stable / (3 * d[0])), float(b / stable)])


def delta_error(x: float, coefficients: np.ndarray, cov: np.ndarray) -> float:
    """Standard error of a level point x: that of the slope there over the curvature there.

    Examples
    --------
    >>> round(delta_error(1.5, np.array([0.0, 3.0, -1.0]), np.diag([0.0, 0.25, 0.0])), 9)
    0.25
    """
    curvature = sum(k * (k - 1) * coefficients[k] * x ** (k - 2) for k in range(2, len(coefficients)))
    return float(slope(x, coefficients, cov)[1] / abs(curvature))


def u_test(low: float, high: float, coefficients: np.ndarray, cov: np.ndarray, df: float) -> UTest:
    """Sasabuchi's test of a quadratic between two bounds; see :class:`UTest`.

    Parameters
    ----------
    low, high : float
        Lowest and highest x.
    coefficients : array of 3
    cov : array of 3 x 3
    df : float
        Degrees of freedom of t; infinite for the normal distribution.

    Returns
    -------
    UTest
    """
    slopes, errors = slope(np.array([low, high]), coefficients, cov)
    sign = 1 if coefficients[2] < 0 else -1  # the expected sign of the slope at the lower end
    t = ratio(slopes, errors)
    p = stats.t.sf(t * [sign, -sign], df)
    least = 1e-9 * np.abs(slopes).max()  # less is rounding
    turns = slopes[0] * sign > least and slopes[1] * sign < -least
    weaker = int(np.argmax(p))
    return UTest(
        "inverted U" if sign > 0 else "U", *map(float, (*slopes, *t, *p)),
        statistic=float(abs(t[weaker])) if turns else np.nan, pvalue=float(p[weaker]) if turns else np.nan,
        reason="" if turns else "the curve turns outside the data, so that no slope changes sign within them",
    )
