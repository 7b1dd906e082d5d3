"""Which figures stand in another unit than the years beside them, or the other regions?

Thousands entered as units are the classic systematic error of statistical
offices (de Waal, Pannekoek and Scholtus, Handbook of Statistical Data Editing
and Imputation, Wiley 2011, chapter 2; Statistics Norway's ``Kostra::ThError``
compares consecutive years on the same scale).  China's units of ten thousand
and a hundred million add two more.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from casebook.doubts import motion
from casebook.doubts.grid import Table, between, listed, say, shared, span
from casebook.problems import Problem

POWERS = (1, 2, 3, 4, 6, 8)
"""Units differ by these powers of ten: 10 (a decimal point), 100 (per cent), 1,000, 10,000, a million, 100 million."""
NEAR = 0.2
"""A factor is one of them if its logarithm is so near: 6.3 to 16 passes for ten."""
SURE = 0.05
"""In a calm series a factor must be nearer, by three usual deviations and this much."""
REACH = 6
"""A power must be so many usual deviations: a volatile series moves tenfold by itself."""
REGIONS = 5
"""So many regions at least, before one is held against the others."""
STEPS, MANY_STEPS = 5, 20
"""So many steps of a region, or of a column, at least, before their middle is taken to be free of slips."""
NEAR_OTHERS = 0.45
"""A whole region can only be held against other regions, which differ: 35 to 280 passes for a hundred."""
LEAST = 2
"""The least power for a whole region: one may well have a tenth of what the others let expect."""


@dataclass(frozen=True)
class Slip:
    """Years `first` to `last` (positions) of a region stand `power` powers of ten off the figures `beside` them."""

    region: int
    first: int
    last: int
    power: int
    beside: tuple[int, ...]
    alone: bool = False  # as many years on either side: either may be wrong

    @property
    def years(self) -> range:
        return range(self.first, self.last + 1)


def power(distance: np.ndarray, near: float = NEAR) -> np.ndarray:
    """The power in `POWERS` that each distance of logarithms is nearest to, 0 where none is `near`.

    Examples
    --------
    >>> power(np.array([4.1, -2.9, 0.3, 5.0])).tolist()
    [4, -3, 0, 0]
    """
    signed = np.array([0, *POWERS, *(-step for step in POWERS)])
    distance = np.nan_to_num(distance)[..., None]
    nearest = signed[np.abs(distance - signed).argmin(axis=-1)]
    return np.where(np.abs(distance[..., 0] - nearest) <= near, nearest, 0)


def slips(values: np.ndarray, years: np.ndarray) -> list[Slip]:
    """Find figures that stand in another unit than the region's other years.

    A step between two years counts as a change of unit if it lies close to a
    power of ten, if that power is far beyond the usual moves of the series
    (`REACH`), and if what is left without it is usual.  What the regions do
    together in a year is taken off first, unless it is itself a power of ten.
    Small counts have the scatter of counts added (see `motion.noise`).  The
    unit in which a region has most years is taken as right.
    """
    levels = motion.logs(values)
    together = motion.common(levels)
    levels = levels - np.cumsum(together - power(motion.excess(together, years)))
    step, gap = motion.steps(levels, years)
    growth, spread = _usual(step, gap)
    rest = step - growth[:, None] * gap
    scatter = np.nan_to_num(motion.noise(values))
    width = np.sqrt(spread[:, None]**2 * gap + scatter + motion.at(scatter, motion.before(~np.isnan(levels))))
    found = power(rest)
    fits = (np.abs(rest - found) <= np.minimum(NEAR, 3 * width + SURE)) & (np.abs(found) >= REACH * width)
    found = np.where(fits, found, 0)
    return [slip for region in np.flatnonzero(found.any(axis=1)).tolist()
            for slip in _runs(region, levels[region], years, found[region], growth[region], spread[region])]


def _usual(step: np.ndarray, gap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Growth and spread apart from slips: most steps of a long series are none, from those of a short one powers are taken off."""
    growth, spread = motion.usual(step - power(step), gap)
    known = ~np.isnan(step)
    whole = motion.usual(step, gap)[1]
    if known.sum() >= MANY_STEPS:  # a column that is volatile is so in short series too
        spread = np.maximum(spread, motion.spread_of((step - growth[:, None] * gap) / np.sqrt(gap)))
    return growth, np.where(known.sum(axis=1) >= STEPS, whole, spread)


def _runs(region: int, levels: np.ndarray, years: np.ndarray, found: np.ndarray, growth: float, spread: float) -> list[Slip]:
    """Runs of years off the unit that most years have, if they fit once mended."""
    known = np.flatnonzero(~np.isnan(levels))
    units = np.cumsum(found)[known]
    kinds, counts = np.unique(units, return_counts=True)
    base = kinds[counts.argmax()]
    usual, slips = known[units == base], []
    for start in np.flatnonzero((units != base) & (np.diff(units, prepend=base) != 0)):
        end = start
        while end + 1 < len(known) and units[end + 1] == units[start]:
            end += 1
        run = known[start:end + 1]
        beside = [*usual[usual < run[0]][-1:], *usual[usual > run[-1]][:1]]
        slope = growth if len(beside) == 1 else np.diff(levels[beside])[0] / np.diff(years[beside])[0]
        left = levels[run] - levels[beside[0]] - slope * (years[run] - years[beside[0]]) - (units[start] - base)
        if np.abs(np.median(left)) <= NEAR and np.abs(left).max() <= NEAR + 3 * spread * np.sqrt(len(run)):
            tied = len(kinds) == 2 and counts.min() == counts.max()
            slips.append(Slip(region, int(run[0]), int(run[-1]), int(units[start] - base), tuple(map(int, beside)), tied))
    return slips


def mended(values: np.ndarray, found: list[Slip]) -> np.ndarray:
    """The figures with the slips put right."""
    values = values.copy()
    for slip in found:
        values[slip.region, slip.first:slip.last + 1] /= 10.0**slip.power
    return values


def unit_slips(table: Table) -> list[Problem]:
    """Figures, or runs of them, in another unit than the region's other years; see `slips`.

    Reported once where most regions have the same slip in the same years.
    """
    return [problem for column, values in table.levels()
            for problem in _said(table, column, values, slips(values, table.years))]


def _said(table: Table, column: str, values: np.ndarray, found: list[Slip]) -> list[Problem]:
    alike: dict[tuple, list[Slip]] = {}
    for slip in found:
        alike.setdefault((slip.first, slip.last, slip.power), []).append(slip)
    problems = []
    for (first, last, _), group in alike.items():
        known = int((~np.isnan(values[:, first:last + 1])).any(axis=1).sum())
        if shared(group, known):
            problems.append(_together(table, column, group, known))
        else:
            problems += [_one(table, column, values[slip.region], slip) for slip in group]
    return problems


def _times(power: int) -> str:
    """A factor in words.

    Examples
    --------
    >>> _times(4), _times(-3)
    ('10,000 times', 'a 1,000th of')
    """
    return f"{10**power:,} times" if power > 0 else f"a {10**-power:,}th of"


def _act(power: int) -> str:
    return f"divide by {10**power:,}" if power > 0 else f"multiply by {10**-power:,}"


def _one(table: Table, column: str, values: np.ndarray, slip: Slip) -> Problem:
    run = values[slip.first:slip.last + 1]
    run = run[~np.isnan(run)]
    shown = " and ".join(f"{say(values[year])} in {table.years[year]}" for year in slip.beside)
    noun = f"the year{'s'[:len(slip.beside) > 1]} beside {'it' if len(run) == 1 else 'them'}"
    expected = f"{'is' if len(run) == 1 else 'are each'} about {_times(slip.power)} {noun} ({shown})"
    mend = f"{_act(slip.power)}, which gives {between(run / 10.0**slip.power)}"
    if slip.alone:
        mend += f", or else mend the other years ({_act(-slip.power)})"
    return table.problem(between(run), expected, mend, column=column, region=slip.region, years=list(slip.years))


def _together(table: Table, column: str, group: list[Slip], known: int) -> Problem:
    slip = group[0]
    beside = span(table.years[list(slip.beside)]) if len(slip.beside) == 1 else "the years before and after"
    some = "" if len(group) == known else f" ({table.names(one.region for one in group)})"
    return table.problem(f"the figures of {len(group)} of {known} regions{some}",
                         f"are about {_times(slip.power)} those of {beside}", f"{_act(slip.power)} in these years",
                         column=column, years=list(slip.years))


@dataclass(frozen=True)
class Pair:
    """Two columns (or one and nothing) whose ratio is compared over the regions."""

    one: str
    other: str
    width: float
    off: np.ndarray
    power: np.ndarray

    def of(self, column: str) -> int:
        """The sign with which the column enters the ratio, 0 if it doesn't."""
        return (self.one == column) - (self.other == column)


def region_slips(table: Table) -> list[Problem]:
    """Whole regions of a column in another unit than the other regions.

    Each column is held against each other one (and against itself alone): a
    region whose ratio of the two lies a power of ten from the median region's,
    further than `REACH` robust deviations of all ratios, with no other region
    half as far.  A column is at fault if most of those that could tell say so;
    where two have only each other, both are named.
    """
    columns = {column: motion.logs(mended(values, slips(values, table.years))) for column, values in table.levels()}
    place = {column: motion.median(level - motion.median(level, 0), 1) for column, level in columns.items()}
    pairs = [pair for one, other in combinations([*place, ""], 2)
             if (pair := _pair(one, other, place[one] - (place[other] if other else 0))) is not None]
    found = []
    for region in np.flatnonzero(np.any([pair.power != 0 for pair in pairs], axis=0)).tolist() if pairs else []:
        guilty = {column: seen for column in place if (seen := _against(column, region, pairs))}
        names = list(guilty)
        if len(names) == 2 and all(len(guilty[one]) == 1 and guilty[one][0].of(other) for one, other in (names, names[::-1])):
            found.append(_whole(table, region, names[0], guilty[names[0]], names[1]))
        else:
            found += [_whole(table, region, column, seen) for column, seen in guilty.items()]
    return found


def _pair(one: str, other: str, ratio: np.ndarray) -> Pair | None:
    """The regions' ratios around their median, and the power of ten by which some of them lie apart."""
    if (~np.isnan(ratio)).sum() < REGIONS:
        return None
    off = ratio - motion.median(ratio)
    width = float(motion.spread_of(off))
    found = power(off, NEAR_OTHERS)
    fits = (np.abs(found) >= LEAST) & (np.abs(found) >= REACH * width)
    others = np.abs(off[~fits & ~np.isnan(off)]).max(initial=0)
    return Pair(one, other, width, off, np.where(fits & (np.abs(found) / 2 >= others), found, 0))


def _against(column: str, region: int, pairs: list[Pair]) -> list[Pair]:
    """The pairs that find the column of a region apart, the closest first, if most of those that could tell do."""
    seen = sorted((pair for pair in pairs if pair.of(column) and pair.power[region]), key=lambda pair: pair.width)
    if not seen:
        return []
    able = [pair for pair in pairs if pair.of(column) and not np.isnan(pair.off[region])
            and REACH * pair.width <= abs(seen[0].power[region])]
    return seen if 2 * len(seen) > len(able) else []


def _whole(table: Table, region: int, column: str, seen: list[Pair], rival: str = "") -> Problem:
    values = table.values[column][region]
    values = values[values > 0]
    power = int(seen[0].of(column) * seen[0].power[region])
    others = [other for pair in seen if (other := pair.other if pair.one == column else pair.one)]
    against = f", measured by {listed(others)}" if others else ""
    doubt = f", or else mend {rival} ({_act(-power)})" if rival else ""
    return table.problem(f"{between(values)} in all years", f"is about {_times(power)} what the other regions let expect{against}",
                         f"{_act(power)}, which gives {between(values / 10.0**power)}{doubt}", column=column, region=region)
