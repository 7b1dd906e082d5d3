"""Does a share fall for long, by a rule that could say otherwise?

:func:`trend` asks a line through the years, :func:`monotone` every single year;
:func:`sustained` takes either or both and says rising, falling, none or cannot tell.

Newey and West (1987), Econometrica 55(3), doi:10.2307/1913610.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from casebook.kuznets import checks as kuznets_checks
from casebook.kuznets.checks import figures, listed
from casebook.kuznets.peaks import Peak, Steady, peak, steady
from casebook.kuznets.turning import CannotTell
from casebook.panels import one_of, tidy
from casebook.structure import checks

ERRORS = ("HAC", "classical", "HC1", "HC3")
"""Standard errors of a trend; the first is the default."""

RULES = ("trend", "monotone", "both")

LEAST = 5
"""Years that a rule needs to be known; fewer cannot tell."""


@dataclass(frozen=True)
class Trend:
    """A line through the years; made by :func:`trend`.

    Attributes
    ----------
    slope, std_error, lower, upper : float
        In the unit of the series per year; the bounds hold with `level`.
    pvalue : float
        Two-sided, of a slope of zero, by Student's t.
    first, last : int
        First and last year of the window.
    nobs : int
        Years known in it.
    direction : {"rising", "falling", "none"}
        The sign of the slope if p is below 1 - `level`.
    missing : tuple of int
        Years of the window that aren't known.
    errors : str
    lags : int or None
        Of HAC errors.
    level : float
    """

    slope: float
    std_error: float
    lower: float
    upper: float
    pvalue: float
    first: int
    last: int
    nobs: int
    direction: str
    missing: tuple[int, ...]
    errors: str
    lags: int | None
    level: float

    def __str__(self) -> str:
        gaps = f", {listed(self.missing)} unknown" if self.missing else ""
        return f"{self.direction}: {self.slope:+.4g} a year from {self.first} to {self.last} (p = {self.pvalue:.3f}{gaps})"


def trend(
    series: pd.Series, *, window: tuple[int, int] | None = None, errors: str = ERRORS[0], lags: int | None = None, level: float = 0.95
) -> Trend:
    """Slope of a series on the years, with errors that allow for autocorrelation.

    Parameters
    ----------
    series : Series indexed by year
        Missing years are left out and told.
    window : (first, last), optional
        By default from the first to the last year known.
    errors : {"HAC", "classical", "HC1", "HC3"}
        HAC is Newey and West's with the small-sample correction n / (n - 2).
    lags : int, optional
        Of HAC; by default the whole part of 4 (n / 100)^(2/9).
    level : float

    Returns
    -------
    Trend

    Raises
    ------
    CannotTell
        For fewer than three years known, or a window longer than what is known; it is a ValueError.
    ValueError
        For years that occur twice, a panel, values that aren't numbers, unknown options.

    Notes
    -----
    Least squares by statsmodels.  Lags count the years known: over a gap two of
    them are taken for neighbours, Datta and Du's (2012, International Finance
    Discussion Papers 1060) equal spacing.  HAC errors come out too small where years
    are few: of a dozen years of mere noise two to four times as many have a trend as
    `level` promises, and more if the noise is autocorrelated, by any of the errors.
    A p just below 0.05 is weak evidence; compare the kinds.

    Examples
    --------
    The shares 4, 3, 3, 1 lie on 4.1 - 0.9 t, t = 0 ... 3: with t - 1.5 the slope is
    (-1.5 * 4 - 0.5 * 3 + 0.5 * 3 + 1.5 * 1) / 5; what is left, -0.1, -0.2, 0.7, -0.4, has squares
    that sum to 0.7, so that the classical error is sqrt(0.7 / 2 / 5).

    >>> line = trend(pd.Series([4.0, 3.0, 3.0, 1.0], range(2011, 2015)), errors="classical")
    >>> round(line.slope, 6), round(line.std_error, 6), line.direction
    (-0.9, 0.264575, 'none')
    """
    suits(errors, lags, level)
    known, first, last = _within(series, window, least=3)
    n = len(known)
    if lags is not None and not (isinstance(lags, (int, np.integer)) and 0 <= lags < n):
        raise ValueError(f"lags must be a whole number from 0 to {n - 1}, the years less one; got {lags!r}")
    depth = (int(4 * (n / 100) ** (2 / 9)) if lags is None else int(lags)) if errors == "HAC" else None
    slope, spread = _line(known, errors, depth)
    p = float(2 * stats.t.sf(abs(slope / spread), n - 2)) if spread > 0 else float(slope == 0)
    half = float(stats.t.ppf((1 + level) / 2, n - 2)) * spread
    direction = "none" if p >= 1 - level or slope == 0 else "rising" if slope > 0 else "falling"
    return Trend(slope, spread, slope - half, slope + half, p, first, last, n, direction, _gaps(known, first, last), errors, depth, level)


def suits(errors: str, lags: int | None, level: float, rule: str = RULES[0], least: int = LEAST, margin: float = 0.0) -> None:
    """Refuse options that no series could be asked with."""
    one_of(errors, ERRORS, "errors")
    if not 0 < level < 1:
        raise ValueError(f"level is the coverage of an interval, between 0 and 1; got {level!r}")
    if lags is not None and errors != "HAC":
        raise ValueError(f"lags are an option of HAC errors; got {lags!r} with {errors} ones")
    one_of(rule, RULES, "rule")
    if not (isinstance(least, (int, np.integer)) and least >= 3):
        raise ValueError(f"least must be a whole number of years, three or more; got {least!r}")
    if not margin >= 0:
        raise ValueError(f"margin is a fraction per year, zero or more; got {margin!r}")


def _line(known: pd.Series, errors: str, lags: int | None) -> tuple[float, float]:
    """Slope and its error; both zero if the figures don't vary."""
    if kuznets_checks.distinct(known) == 1:
        return 0.0, 0.0
    years = known.index.to_numpy(dtype=float)
    design = np.column_stack([np.ones(len(years)), years - years.mean()])
    how = {"classical": {}, "HAC": {"cov_type": "HAC", "cov_kwds": {"maxlags": lags, "use_correction": True}}}.get(errors, {"cov_type": errors})
    scale = float(known.abs().max())
    fitted = sm.OLS(known.to_numpy() / scale, design).fit(use_t=True, **how)
    slope, spread = (float(v[1]) for v in (fitted.params, np.sqrt(np.maximum(np.diag(fitted.cov_params()), 0))))
    return slope * scale, spread * scale if spread > 1e-12 * abs(slope) else 0.0


def _within(series: pd.Series, window, least: int) -> tuple[pd.Series, int, int]:
    """The years known in a window, and its ends."""
    known = figures(series, "the series", panel=False).dropna()
    if len(known) == 0:
        raise CannotTell(f"cannot tell: {known.name} is known in no year")
    first, last = (int(known.index[0]), int(known.index[-1])) if window is None else _ends(window)
    if first < known.index[0] or last > known.index[-1]:
        raise CannotTell(f"cannot tell: the window {first} to {last} is longer than {known.name}, which is known from "
                         f"{known.index[0]} to {known.index[-1]}; take a window within these years")
    known = known.loc[first:last]
    if len(known) < least:
        raise CannotTell(f"cannot tell: {known.name} is known in {len(known)} years from {first} to {last}; {least} are needed")
    return known, first, last


def _ends(window) -> tuple[int, int]:
    try:
        first, last = window
    except (TypeError, ValueError):
        raise ValueError(f"the window must be a first and a last year; got {window!r}") from None
    if not all(isinstance(year, (int, np.integer)) for year in (first, last)) or first >= last:
        raise ValueError(f"the window must be two whole years, the first before the last; got {first!r} to {last!r}")
    return int(first), int(last)


def _gaps(known: pd.Series, first: int, last: int) -> tuple[int, ...]:
    return tuple(year for year in range(first, last + 1) if year not in known.index)


@dataclass(frozen=True)
class Monotone:
    """Whether a series moves one way in every year; made by :func:`monotone`.

    Attributes
    ----------
    direction : {"rising", "falling", "none", "cannot tell"}
        "cannot tell" if nothing stands against one way and years are missing.
    rising, falling : Steady
        The steps that stand against either way.
    first, last : int
    """

    direction: str
    rising: Steady
    falling: Steady
    first: int
    last: int


def monotone(series: pd.Series, first: int | None = None, last: int | None = None) -> Monotone:
    """Does a series rise, or fall, in every year of a span?

    Parameters
    ----------
    series : Series indexed by year
    first, last : int, optional
        By default the first and the last year known.

    Returns
    -------
    Monotone

    Raises
    ------
    CannotTell
        For fewer than two years known, or a span longer than what is known.
    ValueError
        As :func:`trend`.

    Examples
    --------
    >>> share = pd.Series([0.32, 0.31, 0.29, 0.30], range(2011, 2015))
    >>> monotone(share, 2011, 2013).direction, monotone(share).direction, monotone(share).falling.against
    ('falling', 'none', ((2013, 2014),))
    """
    known, _, _ = _within(series, None, least=2)
    _, first, last = _within(series, (first if first is not None else int(known.index[0]), last if last is not None else int(known.index[-1])), 2)
    rising, falling = (steady(series, first, last, way) for way in ("rising", "falling"))
    holds = {"rising": rising.holds, "falling": falling.holds}  # one step at least is known: it stands against one of them
    direction = next((way for way in holds if holds[way]), "cannot tell" if None in holds.values() else "none")
    return Monotone(direction, rising, falling, first, last)


@dataclass(frozen=True)
class Decline:
    """Whether a series falls (or rises) for long, by a rule; made by :func:`sustained`.

    Attributes
    ----------
    direction : {"rising", "falling", "none", "cannot tell"}
    rule : {"trend", "monotone", "both"}
    trend : Trend or None
    monotone : Monotone or None
        The evidence of each rule that was asked; none if too few years are known.
    first, last : int
        The window.
    nobs : int
        Years known in it.
    pace : float
        Change per year as a fraction of the window's mean: of the line, or from end to end if it wasn't drawn.
    reason : str
        Why it cannot tell, or why a movement counts as none.
    """

    direction: str
    rule: str
    trend: Trend | None
    monotone: Monotone | None
    first: int
    last: int
    nobs: int
    pace: float
    reason: str = ""

    def __str__(self) -> str:
        pace = "" if np.isnan(self.pace) else f" {self.pace:+.2%} a year,"
        return f"{self.direction}:{pace} {self.first} to {self.last}, rule {self.rule}" + (f" ({self.reason})" if self.reason else "")


def sustained(
    series: pd.Series, *, rule: str = "trend", window: tuple[int, int] | None = None, least: int = LEAST, level: float = 0.95,
    margin: float = 0.0, errors: str = ERRORS[0], lags: int | None = None,
) -> Decline:
    """Does a series fall, or rise, for long?

    Parameters
    ----------
    series : Series indexed by year
    rule : {"trend", "monotone", "both"}
        The slope of a line through the years is significant; every year moves the
        same way; or both, and the same way.
    window : (first, last), optional
        By default from the first to the last year known.
    least : int
        Years that must be known in the window; with fewer the answer is "cannot tell".
    level, errors, lags
        As for :func:`trend`.
    margin : float
        A movement slower than this fraction of the window's mean per year counts as none.

    Returns
    -------
    Decline

    Raises
    ------
    CannotTell
        For a window longer than what is known; it is a ValueError.
    ValueError
        As :func:`trend`; for an unknown rule, fewer than three years asked for, a negative margin.

    Examples
    --------
    >>> share = pd.Series([0.32, 0.31, 0.30, 0.295, 0.296, 0.28], range(2011, 2017))
    >>> [sustained(share, rule=rule).direction for rule in RULES]
    ['falling', 'none', 'none']
    >>> str(sustained(share[:3]))
    'cannot tell: 2011 to 2013, rule trend (3 years known, 5 needed)'
    """
    suits(errors, lags, level, rule, least, margin)
    known, first, last = _within(series, window, least=1)
    if len(known) < least:
        return Decline("cannot tell", rule, None, None, first, last, len(known), float("nan"), f"{len(known)} years known, {least} needed")
    line = None if rule == "monotone" else trend(series, window=(first, last), errors=errors, lags=lags, level=level)
    steps = None if rule == "trend" else monotone(series, first, last)
    pace = _pace(known, line)
    direction = _agreed([evidence.direction for evidence in (line, steps) if evidence])
    reason = "years are missing" if direction == "cannot tell" else ""
    if direction in ("rising", "falling") and abs(pace) < margin:
        direction, reason = "none", f"{abs(pace):.2%} a year is slower than {margin:.2%}"
    return Decline(direction, rule, line, steps, first, last, len(known), pace, reason)


def _agreed(directions: list[str]) -> str:
    """What several rules say together: one that says none refutes, two ways refute each other."""
    said = set(directions)
    if len(said) == 1:
        return said.pop()
    return "cannot tell" if "cannot tell" in said and "none" not in said else "none"


def _pace(known: pd.Series, line: Trend | None) -> float:
    mean = float(known.mean())
    slope = line.slope if line else float(known.iloc[-1] - known.iloc[0]) / (known.index[-1] - known.index[0])
    return slope / abs(mean) if mean else float("nan")


def directions(series: pd.Series, **options) -> pd.DataFrame:
    """The direction of every region, as tidy rows for a grid of readings.

    Parameters
    ----------
    series : Series indexed by (region, year)
    **options
        Of :func:`sustained`.

    Returns
    -------
    DataFrame
        As :func:`casebook.panels.tidy`: ``quantity`` is the name of the series,
        ``when`` the window, ``value`` the change per year as a fraction of the
        window's mean, ``label`` the direction.  A region that is unknown in the
        window, or in part of it, has no value and the label "cannot tell".
        Regions stand in the order in which they occur in the series.

    Raises
    ------
    ValueError
        For an index without regions, and as :func:`sustained`.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A", "B"], range(2011, 2016)], names=["region", "year"])
    >>> directions(pd.Series([5.0, 4, 3, 2, 1, 1, 1, 1, 1, 1], key, name="share"))[["region", "when", "value", "label"]]
      region       when     value    label
    0      A  2011-2015 -0.333333  falling
    1      B  2011-2015  0.000000     none
    """
    values = figures(series, "the series")
    if values.index.nlevels != 2:
        raise ValueError(f"{values.name} must be indexed by region and year; for one region take sustained")
    in_order = values.reindex(series.index).groupby(level=0, sort=False)
    told = {region: _told(part.droplevel(0), **options) for region, part in in_order}
    when, pace, label = zip(*told.values()) if told else ((), (), ())
    return tidy(values.name, list(pace), list(label), region=list(told), when=list(when))


def _told(series: pd.Series, **options) -> tuple[str | None, float, str]:
    try:
        found = sustained(series, **options)
    except CannotTell:
        window = options.get("window")
        return (f"{window[0]}-{window[1]}" if window else None), float("nan"), "cannot tell"
    return f"{found.first}-{found.last}", found.pace, found.direction


def peak_share(series: pd.Series) -> Peak:
    """The year in which a share was largest, and whether that can be known.

    Parameters
    ----------
    series : Series indexed by year
        A share, as a fraction or in per cent.

    Returns
    -------
    casebook.kuznets.Peak

    Raises
    ------
    CannotTell
        For fewer than three years known.
    ValueError
        For a negative share or one above a hundred, and as :func:`casebook.kuznets.peak`.

    Examples
    --------
    >>> str(peak_share(pd.Series([0.30, 0.32, 0.35, 0.31], range(2009, 2013))))
    'highest in 2011, with 2 years before and 1 after'
    """
    return peak(checks.as_share(series, "the share"))
