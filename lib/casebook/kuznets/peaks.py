"""In which year did a series peak, and could it have shown otherwise? Does it move one way?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from casebook.kuznets import checks
from casebook.kuznets.turning import CannotTell


@dataclass(frozen=True)
class Peak:
    """The highest (or lowest) observation of a series.

    Attributes
    ----------
    year : int
    value : float
    position : int
        From 1, among the years observed.
    nobs : int
    censored : {"", "first", "second", "last"}
        *first*: what came before is unknown, so that the series may only be seen to fall;
        *second*: one earlier year stands against it; *last*: what follows is unknown.
    later : int
        Years observed after it.
    tied : tuple of int
        Other years with the same value.
    kind : {"peak", "trough"}
    """

    year: int
    value: float
    position: int
    nobs: int
    censored: str
    later: int
    tied: tuple[int, ...] = ()
    kind: str = "peak"

    @property
    def sentence(self) -> str:
        """What the observations support, in words."""
        most, turned, next_way = ("highest", "peaked", "fall") if self.kind == "peak" else ("lowest", "turned", "rise")
        if self.censored == "first":
            return f"{most} in {self.year}, the first year observed: whether it {turned} then can't be known"
        if self.censored == "last":
            return f"{most} in {self.year}, the last year observed: it hasn't been seen to {next_way}"
        if self.censored == "second":
            return f"{most} in {self.year}, with a single earlier year"
        return f"{most} in {self.year}, with {self.position - 1} years before and {self.later} after"

    def __str__(self) -> str:
        return self.sentence


def peak(series: pd.Series, kind: str = "peak") -> Peak:
    """Find the peak of a series and say whether it is censored.

    Parameters
    ----------
    series : Series indexed by year
        Missing years are left out; the positions count those observed.
    kind : {"peak", "trough"}

    Returns
    -------
    Peak
        Of equal values the first year.

    Raises
    ------
    CannotTell
        For fewer than three years observed; it is a ValueError.
    ValueError
        For duplicated years, a panel, or values that aren't numbers.

    Examples
    --------
    >>> str(peak(pd.Series([9.8, 8.2, 8.1], [2012, 2013, 2014])))
    "highest in 2012, the first year observed: whether it peaked then can't be known"
    >>> peak(pd.Series([1.0, 3.0, 2.0, 1.5], range(2011, 2015))).censored
    'second'
    """
    if kind not in ("peak", "trough"):
        raise ValueError(f'kind must be "peak" or "trough"; got {kind!r}')
    series = checks.figures(series, "the series", panel=False)
    known = series.dropna()
    if len(known) < 3:
        raise CannotTell(f"cannot tell: {series.name} is known in {len(known)} years; a peak needs three at least")
    best = known.max() if kind == "peak" else known.min()
    years = [int(year) for year in known.index[known == best]]
    position = known.index.get_loc(years[0]) + 1
    censored = {1: "first", len(known): "last", 2: "second"}.get(position, "")
    return Peak(years[0], float(best), position, len(known), censored, len(known) - position, tuple(years[1:]), kind)


@dataclass(frozen=True)
class Steady:
    """Whether a series moves one way in every year of a span; made by :func:`steady`.

    Attributes
    ----------
    holds : bool or None
        None if nothing stands against it and years are missing.
    against : tuple of (int, int)
        Pairs of years, each the next one known, between which it doesn't move that way.
    missing : tuple of int
    """

    holds: bool | None
    against: tuple[tuple[int, int], ...]
    missing: tuple[int, ...]


def steady(series: pd.Series, first: int, last: int, direction: str) -> Steady:
    """Does a series rise (or fall) in every year from one to another?

    One step against it refutes it, whatever is missing; only a full series can prove it.

    Parameters
    ----------
    series : Series indexed by year
    first, last : int
    direction : {"rising", "falling"}

    Returns
    -------
    Steady

    Examples
    --------
    >>> smoke = pd.Series([9.0, 8.0, 8.5], [2012, 2013, 2016])
    >>> steady(smoke, 2012, 2016, "falling")
    Steady(holds=False, against=((2013, 2016),), missing=(2014, 2015))
    >>> print(steady(smoke, 2011, 2013, "falling").holds)
    None
    """
    if direction not in ("rising", "falling"):
        raise ValueError(f'direction must be "rising" or "falling"; got {direction!r}')
    if first >= last:
        raise ValueError(f"the span must end after it begins; got {first} to {last}")
    known = checks.figures(series, "the series", panel=False).dropna().loc[first:last]
    steps = known.diff().iloc[1:] * (1 if direction == "rising" else -1)
    years = [int(year) for year in known.index]
    against = tuple((before, after) for before, after, step in zip(years, years[1:], steps) if step <= 0)
    missing = tuple(year for year in range(first, last + 1) if year not in years)
    return Steady(False if against else None if missing else True, against, missing)
