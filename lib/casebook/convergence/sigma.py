"""Did the differences between regions shrink, and by more than chance?

Sigma convergence is a fall of dispersion over time.  Dispersion has several
measures, and the divisor, the weights and the scale change the printed digits: each
is named.  Two years hold the same regions, so that a test has to allow for their
correlation: Pitman and Morgan's does, Lichtenberg's doesn't.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from casebook.convergence import checks
from casebook.kuznets.checks import distinct
from casebook.kuznets.turning import CannotTell
from casebook.panels import one_of

MEASURES = ("variation", "log-deviation")

TESTS = ("pitman-morgan", "likelihood-ratio", "lichtenberg")
"""Tests of equal dispersion in two years; the last ignores that they hold the same regions."""

SCALES = ("log", "level")

EXACT_LINE = 1e-12
"""1 - r^2 of two years below which one is an exact function of the other."""


def dispersion(series: pd.Series, *, measure: str = "variation", ddof: int = 0, weights: pd.Series | None = None) -> pd.Series:
    """Dispersion across regions, year by year.

    Parameters
    ----------
    series : Series indexed by (region, year)
        Positive levels.
    measure : {"variation", "log-deviation"}
        Standard deviation over mean, or standard deviation of natural logs.
    ddof : {0, 1}
        Divisor N (population) or N - 1 (sample).
    weights : Series indexed by (region, year), optional
        Such as population.  Mean and deviations are then weighted by shares of the
        year's sum; with `measure` "variation" that is Williamson's coefficient.

    Returns
    -------
    Series indexed by year
        No unit.  Missing in a year in which any region is missing: the
        dispersion of fewer regions is another quantity.

    Raises
    ------
    ValueError
        For an unknown measure or divisor, values or weights of zero or less, one
        region only, a region without weight, and weights with a divisor N - 1.

    Notes
    -----
    Barro and Sala-i-Martin (1992), doi:10.1086/261816, for sigma convergence;
    Williamson (1965), doi:10.1086/450136, for the weighted coefficient.

    Examples
    --------
    Two regions at 1 and 3: mean 2, population deviation 1.

    >>> key = pd.MultiIndex.from_product([["A", "B"], [2005]], names=["region", "year"])
    >>> dispersion(pd.Series([1.0, 3.0], key)).to_dict()
    {2005: 0.5}
    >>> round(float(dispersion(pd.Series([1.0, 3.0], key), ddof=1)[2005]), 6)
    0.707107

    With three people in A and one in B the mean is 1.5 and the variance 3/4 * 0.25 + 1/4 * 2.25 = 0.75:

    >>> round(float(dispersion(pd.Series([1.0, 3.0], key), weights=pd.Series([3.0, 1.0], key))[2005]) ** 2 * 3, 9)
    1.0
    """
    one_of(measure, MEASURES, "measure")
    if ddof not in (0, 1):
        raise ValueError(f"ddof must be 0 (divisor N) or 1 (divisor N - 1); got {ddof!r}")
    if weights is not None and ddof:
        raise ValueError("weights are shares of a whole: take them with ddof=0")
    wide = checks.wide(series, "series", known=False)
    x = wide.to_numpy()
    if measure == "log-deviation":
        x = np.log(x)
    if weights is None:
        mean, spread = x.mean(axis=0), x.std(axis=0, ddof=ddof)
    else:
        share = checks.alike(weights, wide, values=str(series.name or "series")).to_numpy()
        share = share / share.sum(axis=0)
        mean = (share * x).sum(axis=0)
        spread = np.sqrt((share * (x - mean) ** 2).sum(axis=0))
    return pd.Series(spread / mean if measure == "variation" else spread, index=wide.columns, name=measure)


@dataclass(frozen=True)
class SigmaConvergence:
    """Outcome of :func:`sigma_convergence`.

    Attributes
    ----------
    verdict : {"consistent", "by stages", "none"}
        Dispersion falls every year; it falls in some stages and rises in
        others; it never falls.
    stages : DataFrame
        Maximal runs of one direction: start, end, direction, change.
    net : float
        Last minus first dispersion.
    """

    verdict: str
    stages: pd.DataFrame
    net: float

    def _repr_html_(self) -> str:
        return f"<p>Sigma convergence: {self.verdict}</p>" + self.stages.to_html(index=False)


def sigma_convergence(dispersion: pd.Series) -> SigmaConvergence:
    """Judge sigma convergence strictly and by stages.

    Parameters
    ----------
    dispersion : Series indexed by year
        As :func:`dispersion` returns it.

    Returns
    -------
    SigmaConvergence

    Raises
    ------
    ValueError
        With fewer than two years or a missing one.

    Examples
    --------
    >>> sigma_convergence(pd.Series({2005: 0.5, 2006: 0.4, 2007: 0.45})).verdict
    'by stages'
    """
    if len(dispersion) < 2 or dispersion.isna().any():
        raise ValueError("sigma convergence needs two or more years and none missing")
    ordered = dispersion.sort_index()
    change = ordered.diff().dropna()
    direction = change.apply(lambda c: "falls" if c < 0 else "rises" if c > 0 else "level")
    run = (direction != direction.shift()).cumsum()
    years = ordered.index.to_series().shift().dropna().astype(int)
    stages = pd.DataFrame(
        [
            (int(years[part.index[0]]), int(part.index[-1]), direction[part.index[0]], part.sum())
            for _, part in change.groupby(run)
        ],
        columns=["start", "end", "direction", "change"],
    )
    falls = set(stages["direction"])
    verdict = "consistent" if falls == {"falls"} else "by stages" if "falls" in falls else "none"
    return SigmaConvergence(verdict, stages, float(ordered.iloc[-1] - ordered.iloc[0]))


@dataclass(frozen=True)
class SigmaTest:
    """Whether the variance among regions changed between two years; made by :func:`sigma_test`.

    Attributes
    ----------
    test, scale : str
    start, end : int
    nobs : int
        Regions.
    statistic : float
        Student's t, chi-squared or F, by `test`; t and F are large where variance fell.
    df : tuple of int
        Degrees of freedom of the statistic.
    pvalue : float
        Of equal variances, against either direction.
    pvalue_fall : float
        Of equal variances, against a fall.
    direction : {"falls", "rises", "level"}
        Of the variance observed, significant or not.
    variances : tuple of float
        At start and end, divisor N - 1.
    correlation : float
        Of the two years.
    ratio, lower, upper : float
        Variance at start over that at end, above one where it fell, and the interval
        that inverts Pitman and Morgan's test, whatever `test` is.
    level : float
        Coverage of the interval.
    """

    test: str
    scale: str
    start: int
    end: int
    nobs: int
    statistic: float
    df: tuple[int, ...]
    pvalue: float
    pvalue_fall: float
    direction: str
    variances: tuple[float, float]
    correlation: float
    ratio: float
    lower: float
    upper: float
    level: float

    def __str__(self) -> str:
        return (f"variance {self.direction} from {self.start} to {self.end}, {self.nobs} regions: ratio {self.ratio:.3f} "
                f"[{self.lower:.3f}, {self.upper:.3f}], {self.test} {self.statistic:.3f}, p = {self.pvalue:.2g}")


def sigma_test(
    series: pd.Series, start: int, end: int, *, test: str = "pitman-morgan", scale: str = "log", level: float = 0.95,
) -> SigmaTest:
    """Test whether dispersion differs between two years of the same regions.

    Parameters
    ----------
    series : Series indexed by (region, year)
        Of the same regions in both years; other years aren't used.
    start, end : int
    test : {"pitman-morgan", "likelihood-ratio", "lichtenberg"}
        The first is exact if the two years are jointly normal over regions: the
        correlation of their sum and difference is zero only if variances are equal.  The
        second is Carree and Klomp's T2, (N - 2.5) ln[1 + (s0 - sT)^2 / (4 (s0 sT - c^2))] for variances s0, sT
        and covariance c, chi-squared with one degree of freedom.  The third is the plain
        ratio s0 / sT as an F with N - 2 and N - 2 degrees of freedom: it takes the two
        years for independent samples and seldom rejects where they are alike; for
        comparison with published numbers.
    scale : {"log", "level"}
        Variance of natural logs, or of the levels themselves, which units and growth of all change.
    level : float
        Coverage of the interval of the ratio.

    Returns
    -------
    SigmaTest

    Raises
    ------
    CannotTell
        When all regions are equal in a year, or the variances are equal and one year is an exact linear
        function of the other, as when every region grows at one rate; it is a ValueError.
    ValueError
        For fewer than three regions, figures missing or, on the log scale, not positive,
        years that aren't there, and unknown options.

    Notes
    -----
    Pitman (1939), doi:10.1093/biomet/31.1-2.9; Morgan (1939), doi:10.1093/biomet/31.1-2.13;
    Carree and Klomp (1997), doi:10.1162/003465397557114; Lichtenberg (1994), Review of Economics and Statistics 76(3).
    With r the correlation of the two years and t the quantile of N - 2 degrees of
    freedom, the interval is F (K -+ sqrt(K^2 - 1)), K = 1 + 2 (1 - r^2) t^2 / (N - 2).
    None of the tests is robust to heavy tails, and neighbours that move together count as independent.

    Examples
    --------
    On the level scale 1, 2, 3, 6 against 2, 2, 3, 5: variances 14/3 and 2, covariance 3.
    t = (14/3 - 2) sqrt(2) / (2 sqrt(28/3 - 9)) = 8 / sqrt(6):

    >>> key = pd.MultiIndex.from_product([[2000, 2010], list("ABCD")], names=["year", "region"]).swaplevel()
    >>> found = sigma_test(pd.Series([1.0, 2, 3, 6, 2, 2, 3, 5], key), 2000, 2010, scale="level")
    >>> round(found.statistic**2 * 6, 9), found.direction, found.df
    (64.0, 'falls', (2,))
    """
    one_of(test, TESTS, "test")
    one_of(scale, SCALES, "scale")
    checks.between(level, 0, 1, "level")
    checks.period(start, end)
    wide = checks.wide(series, "series", years=(start, end), least=3, positive=scale == "log")
    for year in wide:
        if distinct(wide[year]) < 2:
            raise CannotTell(f"cannot tell: all regions are equal in {year}")
    x, y = (np.log(wide) if scale == "log" else wide).to_numpy().T
    (first, between), (_, last) = np.cov(x, y)
    n, ratio, rest = len(wide), first / last, max(first * last - between**2, 0.0)
    apart = rest / (first * last)
    if apart <= EXACT_LINE and np.isclose(first, last, rtol=1e-9):
        raise CannotTell(f"cannot tell: {end} is an exact linear function of {start} with the same variance, as when every region grows alike")
    t = np.sign(first - last) * np.inf if apart <= EXACT_LINE else (first - last) * np.sqrt(n - 2) / (2 * np.sqrt(rest))
    statistic, df, p, fall = _tested(test, float(t), float(ratio), n)
    k = 1 + 2 * apart * stats.t.ppf((1 + level) / 2, n - 2) ** 2 / (n - 2)
    lower, upper = (float(ratio * (k + side * np.sqrt(k**2 - 1))) for side in (-1, 1))
    direction = "falls" if first > last else "rises" if first < last else "level"
    return SigmaTest(test, scale, int(start), int(end), n, statistic, df, p, fall, direction, (float(first), float(last)),
                     float(np.corrcoef(x, y)[0, 1]), float(ratio), lower, upper, level)


def _tested(test: str, t: float, ratio: float, n: int) -> tuple[float, tuple[int, ...], float, float]:
    """Statistic, degrees of freedom, two-sided p and p against a fall; all follow from t, but Lichtenberg's."""
    if test == "pitman-morgan":
        return t, (n - 2,), float(2 * stats.t.sf(abs(t), n - 2)), float(stats.t.sf(t, n - 2))
    if test == "likelihood-ratio":
        statistic = (n - 2.5) * np.log1p(t**2 / (n - 2))  # (s0 - sT)^2 / (4 (s0 sT - c^2)) is t^2 / (N - 2)
        return float(statistic), (1,), float(stats.chi2.sf(statistic, 1)), float(stats.norm.sf(np.sign(t) * np.sqrt(statistic)))
    fall = float(stats.f.sf(ratio, n - 2, n - 2))
    return ratio, (n - 2, n - 2), 2 * min(fall, float(stats.f.cdf(ratio, n - 2, n - 2))), fall
