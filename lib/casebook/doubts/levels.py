"""Which figures leave the path of their series, once or for good?

A figure off both neighbours is a spike; a jump that stays is a break, of one
region or, where the regions jump together, of the column.
"""

from __future__ import annotations

import numpy as np

from casebook.doubts import motion
from casebook.doubts.grid import Table, say, shared
from casebook.doubts.units import mended, slips
from casebook.problems import Problem

SPIKE_REACH, BREAK_REACH = 4, 7
"""So many usual deviations make a spike or break.  Regional series have heavy tails: the bounds for returns to
surveys (Hidiroglou and Berthelot, Survey Methodology 12, 1986, 73-83) would flag too many."""
ENDS = 2
"""The first and last figure can be held against one neighbour alone, so they must be so many times as far off."""
LEAST = np.log10(1.3)
"""The least spike or break: smaller ones may be true."""
TOGETHER = np.log10(1.35)
"""The least break of a whole column: beyond it a revision or another method is likelier than a crisis."""
ERRORS = 3
"""So many standard errors of the median region's jump make a break of the column."""
MEDIAN = np.pi / 2
"""The variance of a median of normal values, in variances of their mean."""
STAYS = 0.6
"""The part of a jump that must remain in the medians of the years around it."""
AROUND = 3
"""Years on each side that say whether a jump remains."""


def spikes_and_breaks(table: Table) -> list[Problem]:
    """Figures off both neighbours, jumps that stay, and years in which a whole column jumps.

    Slips of unit are put right first, and spikes taken out before breaks are
    sought.  What the regions do together in a year is taken off each of them:
    a revision of all is one break of the column.
    """
    found = []
    for column, values in table.levels():
        values = mended(values, slips(values, table.years))
        levels, scatter = motion.logs(values), motion.noise(values)
        lone = spikes(levels, table.years, scatter)
        found += [_column_break(table, column, *jump) for jump in column_breaks(levels, table.years, scatter)]
        found += [_spike(table, column, values, region, year) for region, year in _cells(lone)]
        found += _breaks(table, column, values, breaks(np.where(lone, np.nan, levels), table.years, scatter))
    return found


def column_breaks(levels: np.ndarray, years: np.ndarray, scatter: np.ndarray) -> list[tuple[int, float, bool]]:
    """Years (positions) in which the median region jumps, the jump beyond its usual growth, and whether it stays.

    A jump must stand out from the median's other years, and from what the
    median of so many regions scatters.

    Examples
    --------
    >>> steady = np.arange(6) * 0.01 + np.arange(5)[:, None]
    >>> found = column_breaks(steady + (np.arange(6) >= 3), np.arange(2001, 2007), np.zeros((5, 6)))
    >>> [(year, round(float(size), 2), stays) for year, size, stays in found]
    [(3, 1.0, True)]
    """
    together = motion.common(levels)
    step = np.diff(levels, axis=1, prepend=np.nan)
    chance = motion.spread_of(step - together, 0)**2 + 2 * motion.median(scatter, 0)
    error = np.nan_to_num(MEDIAN * chance / np.maximum((~np.isnan(step)).sum(axis=0), 1))
    jump = motion.excess(together, years)
    least = np.maximum(max(TOGETHER, np.nan_to_num(BREAK_REACH * motion.spread_of(jump[1:]))), ERRORS * np.sqrt(error))
    found: list[tuple[int, float, bool]] = []
    for year in np.flatnonzero(np.abs(jump) > least).tolist():
        size = float(jump[year])
        if found and found[-1][0] == year - 1 and abs(found[-1][1] + size) < (1 - STAYS) * abs(size):
            found[-1] = (*found[-1][:2], False)  # back where it was
        else:
            found.append((year, size, True))
    return found


def spikes(levels: np.ndarray, years: np.ndarray, scatter: np.ndarray) -> np.ndarray:
    """Which cells stand far above both neighbours in time, or far below both (regions x years, bool).

    The first and the last figure have one neighbour, and must be `ENDS` times as far from it.
    """
    moves = motion.motion(levels - np.cumsum(motion.common(levels)), years)
    later = motion.after(~np.isnan(levels))
    up = _alone(levels, years, moves) / np.maximum(LEAST, SPIKE_REACH * _width(moves, levels, scatter))
    down = -motion.at(up, later)
    off = np.where(up * down > 0, np.minimum(np.abs(up), np.abs(down)), 0)
    off = np.fmax(off, np.where(np.isnan(up * down), np.abs(np.fmax(up, down)), 0) / ENDS)
    beside = [motion.at(off, side) for side in (motion.before(~np.isnan(levels)), later)]
    return (off > 1) & ~np.isnan(levels) & ~(off < np.fmax(*beside))  # beside a high spike the next figure looks low


def breaks(levels: np.ndarray, years: np.ndarray, scatter: np.ndarray) -> np.ndarray:
    """Size of the lasting jumps, in the year that begins the new level; zero elsewhere (regions x years)."""
    moves = motion.motion(levels - np.cumsum(motion.common(levels)), years)
    jump = _alone(levels, years, moves)
    levels = levels - np.cumsum(motion.common(levels))
    far = np.abs(jump) > np.maximum(LEAST, BREAK_REACH * _width(moves, levels, scatter))
    level = levels - moves.growth[:, None] * (years - years[0])
    found = np.zeros(levels.shape)
    for region, year in zip(*np.nonzero(far)):
        row = level[region]
        old, new = row[:year][~np.isnan(row[:year])][-AROUND:], row[year:][~np.isnan(row[year:])][:AROUND]
        stays = (np.median(new) - np.median(old)) * np.sign(jump[region, year])
        if min(len(old), len(new)) > 1 and stays > STAYS * abs(jump[region, year]):
            found[region, year] = jump[region, year]
    return found


def _alone(levels: np.ndarray, years: np.ndarray, moves: motion.Motion) -> np.ndarray:
    """What surprises in each step, the lesser of with and without the others: who stays when all jump did not jump."""
    own, with_others = motion.motion(levels, years).surprise, moves.surprise
    return np.where(own * with_others > 0, np.sign(own) * np.minimum(np.abs(own), np.abs(with_others)), own * 0)


def _width(moves: motion.Motion, levels: np.ndarray, scatter: np.ndarray) -> np.ndarray:
    """Usual deviation of each step: the region's, or that of all regions in a restless year."""
    scatter = np.nan_to_num(scatter)
    chance = scatter + motion.at(scatter, motion.before(~np.isnan(levels)))
    year = np.nan_to_num(motion.spread_of(moves.surprise, 0))
    return np.sqrt(np.maximum(moves.spread[:, None]**2 * moves.gap, year**2) + chance)


def _cells(where: np.ndarray) -> list[tuple[int, int]]:
    return [tuple(cell) for cell in np.argwhere(where).tolist()]


def _factor(size: float) -> str:
    """A change of the logarithm in words.

    Examples
    --------
    >>> _factor(np.log10(2.5)), _factor(np.log10(0.5))
    ('2.5 times', '0.5 times')
    """
    return f"{say(float(f'{10**size:.2g}'))} times"


def _spike(table: Table, column: str, values: np.ndarray, region: int, year: int) -> Problem:
    row = values[region]
    known = np.flatnonzero(~np.isnan(row) & (row > 0))
    beside = [*known[known < year][-1:], *known[known > year][:1]]
    shown = " and ".join(f"{say(row[other])} in {table.years[other]}" for other in beside)
    size = np.log10(row[year]) - np.log10(row[beside]).mean()
    return table.problem(say(row[year]), f"is {_factor(size)} the year{'s'[:len(beside) > 1]} beside it ({shown})",
                         "compare it with the source", column=column, region=region, years=[year])


def _column_break(table: Table, column: str, year: int, size: float, stays: bool) -> Problem:
    then = "in the last year" if year == len(table.years) - 1 else "and stay there" if stays else "and back in the year after"
    return table.problem("the figures of most regions", f"move together, the middle one to {_factor(size)} what "
                         f"{table.years[year - 1]} lets expect, {then}",
                         "look for a revision, a census, another definition or another area", column=column, years=[year])


def _breaks(table: Table, column: str, values: np.ndarray, found: np.ndarray) -> list[Problem]:
    problems = []
    for year in np.flatnonzero(found.any(axis=0)).tolist():
        regions = np.flatnonzero(found[:, year]).tolist()
        known = int((~np.isnan(values[:, year])).sum())
        if shared(regions, known):
            problems.append(table.problem(f"the figures of {len(regions)} of {known} regions ({table.names(regions)})",
                                          "leave their level for good", "look for a revision or another definition",
                                          column=column, years=[year]))
        else:
            problems += [_break(table, column, values[region], region, year, found[region, year]) for region in regions]
    return problems


def _break(table: Table, column: str, row: np.ndarray, region: int, year: int, size: float) -> Problem:
    last = np.flatnonzero(row[:year] > 0)[-1]
    return table.problem(say(row[year]), f"is {_factor(size)} what {say(row[last])} in {table.years[last]} lets expect, and later "
                         "years stay there", "look for a new boundary, a revision or another definition",
                         column=column, region=region, years=[year])
