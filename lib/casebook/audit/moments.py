"""Do means, deviations and other moments belong to the same numbers?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats as distributions

from casebook.audit.printed import Check, extent, interval, magnitude, meet, positive, ratio


@dataclass(frozen=True)
class Moran:
    """What Moran's I, its z and its p say of one another; made by :func:`moran`.

    Attributes
    ----------
    one_sided, two_sided : (float, float)
        Ranges of p by the normal distribution.
    sides : tuple of int
        The tests that the printed p agrees with: 1, 2, both or none.
    sd : (float, float)
        Standard deviation of I that leads to z.
    normal : bool or None
        Whether it is the one under normality; None if that wasn't given.
    kurtosis : (float, float) or None
        The kurtosis of the variable that leads to it under randomisation.
    possible : bool
        Whether the standard deviation is positive and follows from one of the
        assumptions given.
    """

    one_sided: tuple[float, float]
    two_sided: tuple[float, float]
    sides: tuple[int, ...]
    sd: tuple[float, float]
    normal: bool | None
    kurtosis: tuple[float, float] | None
    possible: bool


def sigma2_floor(sigma2: str, std_error: str, nobs: int) -> Check:
    """Is the standard error of a residual variance at least what maximum likelihood allows?

    The information of `nobs` normal residuals gives sigma2 sqrt(2 / nobs), and
    more where other parameters are estimated with it.  A robust standard error
    isn't bound by it.

    Returns
    -------
    Check
        Of `std_error`; implied is the number of observations at which it meets
        the floor, which is the fewest there can be.

    Examples
    --------
    2 (0.5 / 0.1)² = 50 observations.

    >>> sigma2_floor("0.500", "0.100", 50).holds, sigma2_floor("0.500", "0.100", 40).holds
    (True, False)
    """
    value, error = positive(sigma2), positive(std_error)
    floor = value[0] * np.sqrt(2 / nobs)
    implied = tuple(2 * ratio(a, b) ** 2 for a, b in zip(value, error[::-1], strict=True))
    return Check((float(floor), np.inf), meet((floor, np.inf), error), implied)


def description(
    mean: str, sd: str, minimum: str, maximum: str, nobs: int, *, ddof: int = 1, bounds=(None, None)
) -> pd.DataFrame:
    """Can these describe one variable?

    Parameters
    ----------
    mean, sd, minimum, maximum : str
    nobs, ddof : int
        Observations; divisor nobs - ddof of the variance.
    bounds : (float or None, float or None)
        What the variable can be at all, such as (None, log(100)) for the log of a percentage.

    Returns
    -------
    DataFrame indexed by statistic
        ``printed``; ``low`` and ``high``, what the others and the bounds allow; ``holds``.

    Notes
    -----
    With minimum and maximum among the values, the deviation is largest if all
    values are at these ends (Bhatia and Davis 2000, doi:10.1080/00029890.2000.12005203)
    and smallest if all others are alike.

    Examples
    --------
    Of four values 0, x, y, 10 with mean 5 the deviation is between 4.08 (x = y = 5) and 5.77,
    or a little more by rounding.

    >>> description("5.00", "6.00", "0.00", "10.00", 4).loc["sd", ["low", "high"]].astype(float).round(2).tolist()
    [4.08, 5.78]
    """
    if nobs < 2:
        raise ValueError(f"a deviation needs two observations or more; got {nobs}")
    mu, least, most = interval(mean), interval(minimum), interval(maximum)
    middle = np.clip((least[0] + most[1]) / 2, *mu)
    wide = max((most[1] - middle) * (middle - least[0]), 0) * nobs
    middle = np.clip((least[1] + most[0]) / 2, *mu)
    a, b = max(middle - least[1], 0), max(most[0] - middle, 0)
    a, b = max(a, b / (nobs - 1)), max(b, a / (nobs - 1))  # the others can't lie outside the ends
    narrow = a * a + b * b + (a - b) ** 2 / max(nobs - 2, 1)
    low, high = (-np.inf if bounds[0] is None else bounds[0]), (np.inf if bounds[1] is None else bounds[1])
    allowed = {
        "mean": (((nobs - 1) * least[0] + most[0]) / nobs, (least[1] + (nobs - 1) * most[1]) / nobs),
        "sd": tuple(np.sqrt(np.array([narrow, wide]) / (nobs - ddof))),
        "minimum": (low, min(most[1], high)),
        "maximum": (max(least[0], low), high),
    }
    printed = dict(zip(allowed, (mean, sd, minimum, maximum), strict=True))
    rows = {s: (printed[s], *allowed[s], meet(allowed[s], interval(printed[s]))) for s in allowed}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["printed", "low", "high", "holds"]).rename_axis("statistic")


def moran(
    index: str, z: str, p: str, n: int, *, sd_normal: float | None = None, variance: tuple[float, float] | None = None
) -> Moran:
    """Do Moran's I, its z and its p belong together?

    Parameters
    ----------
    index, z, p : str
    n : int
        Regions; the expectation of I is -1 / (n - 1).
    sd_normal : float, optional
        Standard deviation of I under normality, a number of W alone.
    variance : (float, float), optional
        a and b of the variance a + b k under randomisation, k being the
        kurtosis of the variable (3 for a normal one).

    Notes
    -----
    Cliff and Ord (1981), *Spatial Processes*, for the variances.  The kurtosis
    of n numbers lies between 1 and n - 2 + 1 / (n - 1), where all but one are
    equal: Cox (2010), doi:10.1177/1536867X1001000311.

    Examples
    --------
    The sum 0.25 + 1 / 4 over z = 2 is 0.25; 0.0625 = 0.1 - 0.0125 k where k = 3.

    >>> found = moran("0.250", "2.000", "0.023", 5, variance=(0.1, -0.0125))
    >>> found.sides, [round(k, 2) for k in found.kurtosis], found.possible
    ((1,), [2.99, 3.01], True)
    """
    scores, printed = interval(z), interval(p)
    upper = extent(distributions.norm.sf(scores))
    two = extent(2 * distributions.norm.sf(magnitude(scores)))
    tails = {1: (upper, extent(1 - np.array(upper))), 2: (two,)}
    sides = tuple(s for s, ranges in tails.items() if any(meet(printed, r) for r in ranges))
    over = np.add(interval(index), 1 / (n - 1))
    spans = scores[0] <= 0 <= scores[1]
    sd = (0.0, np.inf) if spans else extent(np.divide.outer(over, scores))
    normal = None if sd_normal is None else meet(sd, (sd_normal, sd_normal))
    ends = None if variance is None else extent((np.square(np.maximum(sd, 0)) - variance[0]) / variance[1])
    random = ends is not None and meet(ends, (1, n - 2 + 1 / (n - 1)))
    given = normal is not None or ends is not None
    return Moran(upper, two, sides, sd, normal, ends, sd[1] > 0 and (bool(normal) or random or not given))
