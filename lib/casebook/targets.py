"""Was a target met, and when?

A target names a value and a year.  The figures up to that year say whether it was met there,
when it was met first, and whether the question is still open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from casebook.kuznets.checks import figures
from casebook.panels import one_of

CHANGES = ("level", "relative", "chained", "cut")
"""What a target is held against: the figures themselves; their change since the base year in per cent; that change from
yearly changes in per cent, multiplied up; or figures that are cuts since the base year already, taken as falls."""

DIRECTIONS = ("up", "down")
STATES = ("met", "missed", "open", "no figure")
"""In the year of the target: there or beyond, not there, not yet known though figures go on, and not known."""


@dataclass(frozen=True)
class Followed:
    """What became of a target; made by :func:`follow`.

    Attributes
    ----------
    state : one of ``STATES``
    last : float
        The last figure by the year of the target, in the unit of the target; missing if there is none.
    year, first : int or None
        The year of that figure; the first year in which the target was met, whatever followed.
    """

    state: str
    last: float
    year: int | None
    first: int | None


def follow(series: pd.Series, goal: float, by: int, *, direction: str, start: int, latest: int, change: str = "level") -> Followed:
    """Follow a series up to the year of its target.

    Parameters
    ----------
    series : Series indexed by year
        Missing years are allowed.
    goal : float
        In the unit of what it is held against.
    by : int
        Its year.
    direction : {"up", "down"}
        Whether a figure at the goal or above it meets it, or one at the goal or below.
    start : int
        The base year; figures count from the year after.
    latest : int
        The last year for which figures could be had: a later target is open.
    change : one of ``CHANGES``

    Returns
    -------
    Followed

    Raises
    ------
    ValueError
        For an unknown direction or change, a year of the target that isn't after the base, a series that isn't one of
        years, and a relative change of a series without a figure for the base year.

    Examples
    --------
    A cut by a tenth: 5 per cent, then 6 per cent of the rest, make 0.95 * 0.94 = 0.893.

    >>> found = follow(pd.Series({2016: -5.0, 2017: -6.0}), -10, 2017, direction="down", start=2015, latest=2020, change="chained")
    >>> found.state, round(found.last, 9), found.first
    ('met', -10.7, 2017)
    """
    one_of(direction, DIRECTIONS, "direction")
    one_of(change, CHANGES, "change")
    if by <= start:
        raise ValueError(f"the target is of {by}, not after its base year {start}: correct one of the two")
    held = _against(figures(series, "the series", panel=False).dropna(), start, change).loc[start + 1:by]
    met = held.index[held >= goal if direction == "up" else held <= goal]
    state = "met" if by in met else "missed" if by in held.index else "open" if by > latest and len(held) else "no figure"
    last, year = (float(held.iloc[-1]), int(held.index[-1])) if len(held) else (np.nan, None)
    return Followed(state, last, year, int(met[0]) if len(met) else None)


def _against(known: pd.Series, start: int, change: str) -> pd.Series:
    if change == "level" or known.empty:
        return known
    if change == "cut":
        return -known
    if change == "chained":
        return 100 * ((1 + known.loc[start + 1:] / 100).cumprod() - 1)
    if start not in known.index:
        raise ValueError(f"{known.name} has no figure for the base year {start}: a change since then can't be told; add it")
    return 100 * (known / known[start] - 1)
