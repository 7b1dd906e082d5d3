"""How do the figures of a column usually move from year to year?

All in logarithms to base 10, so that a unit is a factor of ten, and by medians
and median absolute deviations, so that what looks wrong does not decide what
is usual.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NORMAL = 1.4826
"""Turns a median absolute deviation into the standard deviation of a normal variable."""
WEIGHT = 4
"""Steps of the whole column that count beside a region's own: a spread from few steps is itself uncertain."""
FEW = 4
"""Below so many steps a region's growth is taken to be that of the column."""
POOL = 5
"""So many regions at least, before what they do together is taken as common."""


@dataclass(frozen=True)
class Motion:
    """Steps between neighbouring known figures, and what is usual.

    Attributes
    ----------
    step, gap : array, regions x years
        Change of the logarithm since the last known year, and the years
        between; NaN where there is none.
    growth, spread : array, one for each region
        Usual change in a year, and the usual deviation from it.
    """

    step: np.ndarray
    gap: np.ndarray
    growth: np.ndarray
    spread: np.ndarray

    @property
    def surprise(self) -> np.ndarray:
        """Steps beyond the usual growth."""
        return self.step - self.growth[:, None] * self.gap


def logs(values: np.ndarray) -> np.ndarray:
    """Logarithms to base 10; zeroes are true zeroes and become missing.

    Examples
    --------
    >>> logs(np.array([[100.0, 0.0]])).tolist()
    [[2.0, nan]]
    """
    return np.log10(np.where(values > 0, values, np.nan))


def median(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Median of the known values; NaN, without a word, where none is known.

    Examples
    --------
    >>> median(np.array([[3.0, np.nan, 1.0], [np.nan] * 3]), axis=1).tolist()
    [2.0, nan]
    """
    rows = np.sort(values.reshape(1, -1) if axis is None else np.moveaxis(values, axis, -1), axis=-1)  # NaN last
    if not rows.shape[-1]:
        rows = np.full((*rows.shape[:-1], 1), np.nan)
    count = (~np.isnan(rows)).sum(axis=-1, keepdims=True)
    middle = [np.take_along_axis(rows, np.maximum(index, 0), -1) for index in ((count - 1) // 2, count // 2)]
    found = np.where(count > 0, (middle[0] + middle[1]) / 2, np.nan)[..., 0]
    return found[0] if axis is None else found


def spread_of(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Robust standard deviation around zero.

    Examples
    --------
    >>> round(float(spread_of(np.array([-1.0, 1.0, 1.0, 90.0]))), 4)
    1.4826
    """
    return NORMAL * median(np.abs(values), axis)


def before(known: np.ndarray) -> np.ndarray:
    """Position of the last known year before each year, -1 where there is none.

    Examples
    --------
    >>> before(np.array([[True, False, True, True]])).tolist()
    [[-1, 0, 0, 2]]
    """
    position = np.maximum.accumulate(np.where(known, np.arange(known.shape[1]), -1), axis=1)
    return np.hstack([np.full((len(known), 1), -1), position[:, :-1]])


def after(known: np.ndarray) -> np.ndarray:
    """Position of the next known year, -1 where there is none."""
    back = before(known[:, ::-1])[:, ::-1]
    return np.where(back < 0, -1, known.shape[1] - 1 - back)


def at(values: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Pick a year for each cell; NaN at position -1."""
    return np.where(position < 0, np.nan, np.take_along_axis(values, np.maximum(position, 0), 1))


def steps(levels: np.ndarray, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Changes since the last known year, and the years between."""
    last = before(~np.isnan(levels))
    step = levels - at(levels, last)
    gap = years - at(np.broadcast_to(years.astype(float), levels.shape), last)
    return step, np.where(np.isnan(step), np.nan, gap)


def usual(step: np.ndarray, gap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Growth and spread of each region; `WEIGHT` and `FEW` say how far the column's own count."""
    count = (~np.isnan(step)).sum(axis=1)
    yearly = step / gap
    own, all_of_them = median(yearly, 1), median(yearly)
    growth = np.where(count >= FEW, own, all_of_them)
    rest = (step - growth[:, None] * gap) / np.sqrt(gap)
    own, pooled = np.nan_to_num(spread_of(rest, 1)), spread_of(rest)
    spread = np.sqrt((count * own**2 + WEIGHT * pooled**2) / (count + WEIGHT))
    return growth, spread


def common(levels: np.ndarray) -> np.ndarray:
    """What the regions do together from one year to the next; zero where fewer than `POOL` are known in both."""
    step = np.diff(levels, axis=1, prepend=np.nan)
    enough = (~np.isnan(step)).sum(axis=0) >= POOL
    return np.where(enough, np.nan_to_num(median(step, 0)), 0)


def excess(together: np.ndarray, years: np.ndarray) -> np.ndarray:
    """What is left of common moves beyond their usual growth in so many years; zero where none is known.

    Examples
    --------
    >>> excess(np.array([0.0, 0.1, 0.5, 0.2]), np.array([2001, 2002, 2003, 2005])).round(2).tolist()
    [0.0, 0.0, 0.4, 0.0]
    """
    gap = np.diff(years, prepend=years[0] - 1)
    growth = np.nan_to_num(median((together / gap)[1:]))
    return np.where(together != 0, together - growth * gap, 0)


def motion(levels: np.ndarray, years: np.ndarray) -> Motion:
    """How the regions of a column move."""
    step, gap = steps(levels, years)
    return Motion(step, gap, *usual(step, gap))


def grain(values: np.ndarray) -> float:
    """The smallest difference between two figures of a column, zero among them.

    Where figures are small counts it is 1, where they are measured it is
    tiny.  It scales with the figures.

    Examples
    --------
    >>> grain(np.array([12.0, 3.0, 5.0, np.nan]))
    2.0
    """
    known = np.unique(np.append(values[~np.isnan(values)], 0))
    return float(np.diff(known).min()) if len(known) > 1 else 0.0


def noise(values: np.ndarray) -> np.ndarray:
    """Variance of the logarithm that a count of that size has by chance (Poisson)."""
    return np.log10(np.e)**2 * grain(values) / np.where(values > 0, values, np.nan)
