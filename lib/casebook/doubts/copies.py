"""Which figures were copied, carried forward or drawn with a ruler?

Observed figures differ: two years, regions or columns that agree to the last
digit, a series that stands still or runs along a straight line, are more
likely filled than observed.  Figures with few digits agree by chance, which
each check allows for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from casebook.doubts import motion
from casebook.doubts.grid import Table, between, listed, say, shared
from casebook.problems import Problem

CELLS = 3
"""So many figures at least, before two columns or regions are said to be equal."""
STILL = 4
"""So many years at least with the same figure."""
LINE = 5
"""So many years at least on one line."""
CHANCE = 0.01
"""Copies and runs are reported if fewer are expected by chance."""
ENOUGH = 20
"""So many cells outside runs at least, before their own frequency is used."""
FIXED = 2 / 3
"""A column in which so many steps are zero changes seldom by nature: areas, distances, prices set by law."""
DECIMALS = range(-8, 10)
SLACK = 1.001
"""Last digits by which rounding moves a figure off the line between its neighbours, half for it and half for them."""
EXACT = 1e-9
"""Relative difference below which two numbers are the same but for the arithmetic of a computer."""


def decimals(values: np.ndarray) -> np.ndarray:
    """Decimals of each figure; negative for round thousands.

    Examples
    --------
    >>> decimals(np.array([12.5, 300.0, 0.125, np.nan])).tolist()
    [1.0, -2.0, 3.0, nan]
    """
    found = np.full(values.shape, float(DECIMALS[-1]))
    for places in reversed(DECIMALS):
        unit = 10.0**places
        found[np.abs(np.round(values * unit) - values * unit) <= EXACT * np.abs(values * unit)] = places
    return np.where(np.isnan(values) | (values == 0), np.nan, found)


def chance(values: np.ndarray) -> np.ndarray:
    """Chance that two figures of a region's series agree: two last digits of its range; one for each region.

    Examples
    --------
    >>> chance(np.array([[10.0, 15.0, 30.0], [7.0, 7.0, 7.0]])).tolist()
    [0.1, 1.0]
    """
    high, low = _ends(values, axis=1)
    digit = 10.0**-np.nan_to_num(decimals(values), nan=DECIMALS[0]).max(axis=1)
    return np.where(high > low, np.minimum(1, 2 * digit / np.where(high > low, high - low, 1)), 1.0)


def copied_years(table: Table) -> list[Problem]:
    """Years of a region that equal another year of it in every column known in both, in two columns at least."""
    columns = [values for values in table.values.values() if _varies(values)]
    if len(columns) < 2:
        return []
    figures = np.stack(columns, axis=-1)
    chances = np.stack([chance(values) for values in columns], axis=-1)
    pairs = len(table.regions) * len(table.years)**2 / 2
    found, taken = [], set()
    for one, other in combinations(range(len(table.years)), 2):
        both = ~np.isnan(figures[:, one] + figures[:, other])
        same = np.where(both, figures[:, one] == figures[:, other], True).all(axis=1)
        same &= (both & (chances < 1)).sum(axis=1) >= 2
        rare = pairs * np.where(both, chances, 1).prod(axis=1) < CHANCE
        hits = [region for region in np.flatnonzero(same & rare).tolist() if (region, other) not in taken]
        taken.update((region, other) for region in hits)
        found += _copied_year(table, hits, int((both.sum(axis=1) >= 2).sum()), one, other)
    return found


def _ends(values: np.ndarray, axis: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The largest and the least known figure, infinitely far on the wrong side where none is known."""
    missing = np.isnan(values)
    return np.where(missing, -np.inf, values).max(axis=axis), np.where(missing, np.inf, values).min(axis=axis)


def _varies(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    high, low = _ends(values, axis)
    return high > low


def _copied_year(table: Table, regions: list[int], known: int, one: int, other: int) -> list[Problem]:
    expected = f"equal those of {table.years[one]} in every column"
    mend = "put in the figures of the year, or leave them empty"
    if shared(regions, known):
        return [table.problem(f"the figures of {len(regions)} of {known} regions", expected, mend, years=[other])]
    return [table.problem("the figures", expected, mend, region=region, years=[other]) for region in regions]


def copied_regions(table: Table) -> list[Problem]:
    """Regions whose series equals another region's: throughout, or in some columns."""
    pairs: dict[tuple[int, int], list[str]] = {}
    for column, values in table.values.items():
        known = (~np.isnan(values)).sum(axis=1)
        enough = (known >= CELLS) & (len(table.regions)**2 / 2 * chance(values)**known < CHANCE)
        first: dict[bytes, int] = {}
        for region in np.flatnonzero(enough).tolist():
            other = first.setdefault((values[region] + 0.0).tobytes(), region)
            if other != region:
                pairs.setdefault((other, region), []).append(column)
    found = []
    for (other, region), columns in pairs.items():
        comparable = [column for column, values in table.values.items()
                      if (~np.isnan(values[[other, region]])).all(axis=0).any() and _varies(values[[other, region]])]
        throughout = len(columns) == len(comparable)
        found.append(table.problem(
            "the figures", f"equal those of {table.regions[other]} in every year" + ("" if throughout else f" of {listed(columns)}"),
            "remove one of the two, or put in its own figures", region=region,
            column="" if throughout else columns[0] if len(columns) == 1 else ""))
    return found


def copied_columns(table: Table) -> list[Problem]:
    """Columns that are equal in every cell, or differ by one power of ten."""
    found = []
    for one, other in combinations(table.values, 2):
        left, right = table.values[one], table.values[other]
        both = ~np.isnan(left) & ~np.isnan(right)
        some = both & (left != 0) & (right != 0)
        if some.sum() < CELLS or not _varies(np.where(some, left, np.nan)):
            continue
        ratio = right[some][0] / left[some][0]
        power = np.round(np.log10(ratio)) if ratio > 0 else 0
        if (np.abs(right - left * 10.0**power)[both] <= EXACT * np.abs(right[both])).all():
            times = "" if power == 0 else f"{10**int(abs(power)):,} times " if power > 0 else f"a {10**int(abs(power)):,}th of "
            found.append(table.problem(f"all {both.sum()} figures", f"are {times or 'equal to '}those of {one}",
                                       "remove one of the two columns, or put in its own figures", column=other))
    return found


def constant_columns(table: Table) -> list[Problem]:
    """Columns with one figure throughout, unless their field says ``constant``."""
    found = []
    for column, values in table.values.items():
        known = values[~np.isnan(values)]
        if len(known) >= CELLS and (known == known[0]).all() and not table.fields.get(column, {}).get("constant"):
            found.append(table.problem(f"all {len(known)} figures", f"are {say(known[0])}",
                                       "put in the figures, or leave the column out", column=column))
    return found


def _runs(hits: np.ndarray, least: int) -> Iterator[tuple[int, int]]:
    """First and last position of each run of at least `least` hits."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], hits.astype(int), [0]])))
    yield from ((int(start), int(end) - 1) for start, end in edges.reshape(-1, 2) if end - start >= least)


def carried(table: Table) -> list[Problem]:
    """Figures that stand still for `STILL` years or more, where a year usually moves the last digit.

    The chance that a year leaves a figure unchanged is the last digit over the
    usual move of the column, or how often it happens outside such runs.
    """
    found = []
    for column, values in table.values.items():
        step, _ = motion.steps(np.where(values == 0, np.nan, values), table.years)
        moved = motion.median(np.abs(np.where(step == 0, np.nan, step) / values))
        if np.isnan(moved) or (step == 0).sum() > FIXED * (~np.isnan(step)).sum():
            continue
        runs = [(region, *run) for region in np.flatnonzero((step == 0).sum(axis=1) >= STILL - 1).tolist()
                for run in _still(values[region])]
        inside = sum(np.sum(step[r, a + 1:b + 1] == 0) for r, a, b in runs)
        count = int((~np.isnan(step)).sum())
        often = _frequency((step == 0).sum() - inside, count - inside)
        likely = []
        for region, first, last in runs:
            figure = values[region, first]
            last_digit = 10.0**-np.nanmax(decimals(values[region]))
            still = max(min(1, last_digit / (moved * abs(figure))), often)
            years = int((~np.isnan(values[region, first:last + 1])).sum())
            if count * still**(years - 1) < CHANCE:
                likely.append((region, first, last))
        found += _reported(table, column, likely, "stands unchanged in all these years", "carried forward")
    return found


def _still(row: np.ndarray) -> Iterator[tuple[int, int]]:
    position = np.flatnonzero(~np.isnan(row))
    figures = row[position]
    for first, last in _runs((np.diff(figures) == 0) & (figures[1:] != 0), STILL - 1):
        yield int(position[first]), int(position[last + 1])


def _frequency(hits: float, cells: float) -> float:
    return hits / cells if cells >= ENOUGH else 0.0


def straight(table: Table) -> list[Problem]:
    """Figures that lie on a straight line, or grow at one rate, for `LINE` years or more.

    On the line means: no further from the line between the neighbours than
    rounding moves a figure.  The chance of that is four last digits over the
    step, or how often it happens outside such runs.
    """
    found = []
    for column, values in table.values.items():
        taken = np.zeros(values.shape, bool)
        for words, transform in (("lie on a straight line", _plain), ("grow at exactly one rate", np.log)):
            if transform is np.log and (values <= 0).any():
                continue
            likely = [run for run in _lines(values, table.years, transform) if not taken[run[0], run[1]:run[2] + 1].all()]
            for region, first, last in likely:
                taken[region, first:last + 1] = True
            found += _reported(table, column, likely, words, "interpolated")
    return found


def _lines(values: np.ndarray, years: np.ndarray, transform: Callable) -> list[tuple[int, int, int]]:
    """Runs on a line: region, first and last position."""
    finest = 10.0**-np.nan_to_num(decimals(values), nan=DECIMALS[0]).max(axis=1, initial=DECIMALS[0])
    finest = np.maximum(finest, EXACT * np.nan_to_num(np.abs(values)).max(axis=1))[:, None]
    drawn = transform(values)
    slack = SLACK * np.broadcast_to(finest if transform is _plain else finest / np.abs(values), values.shape)
    bend = np.abs(_bend(drawn, years))
    on = bend <= slack
    runs = [(region, *run) for region in np.flatnonzero(on.sum(axis=1) >= LINE - 2).tolist()
            for run in _on_line(values[region], drawn[region], on[region], years, finest[region, 0], slack[region])]
    inside, cells = sum(length - 2 for *_, length, _ in runs), (~np.isnan(bend)).sum()
    often = _frequency(on.sum() - inside, cells - inside)
    return [(region, first, last) for region, first, last, length, alone in runs
            if cells * max(alone, often)**(length - 2) < CHANCE]


def _on_line(row: np.ndarray, drawn: np.ndarray, on: np.ndarray, years: np.ndarray, finest: float,
             slack: np.ndarray) -> Iterator[tuple[int, int, int, int, float]]:
    """Runs of a region that rise or fall along one line: first and last position, length, and the chance of a year."""
    position = np.flatnonzero(~np.isnan(row))
    for first, last in _runs(on[position[1:-1]], LINE - 2):
        run = position[first:last + 3]
        step = np.abs(np.diff(row[run])).min()
        drift = np.abs(drawn[run] - np.interp(years[run], years[run[[0, -1]]], drawn[run[[0, -1]]])).max()
        if step > 0 and drift <= np.max(slack[run]):
            yield int(run[0]), int(run[-1]), len(run), min(1, 4 * finest / step)


def _bend(drawn: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Distance of each figure from the line between its neighbours; NaN at the ends."""
    known = ~np.isnan(drawn)
    early, late = motion.before(known), motion.after(known)
    when = np.broadcast_to(years.astype(float), drawn.shape)
    part = (when - motion.at(when, early)) / (motion.at(when, late) - motion.at(when, early))
    return drawn - motion.at(drawn, early) - part * (motion.at(drawn, late) - motion.at(drawn, early))


def _plain(values: np.ndarray) -> np.ndarray:
    return values


def _reported(table: Table, column: str, runs: list[tuple[int, int, int]], words: str, how: str) -> list[Problem]:
    """One problem for each run, or one for the years in which most regions have it."""
    alike: dict[tuple[int, int], list[int]] = {}
    for region, first, last in runs:
        alike.setdefault((first, last), []).append(region)
    values, found = table.values[column], []
    mend = f"it seems to have been {how}: put in observed figures, or leave the cells empty"
    for (first, last), regions in alike.items():
        years, known = list(range(first, last + 1)), int((~np.isnan(values[:, first])).sum())
        if shared(regions, known):
            found.append(table.problem(f"the figures of {len(regions)} of {known} regions", words.replace("stands", "stand"), mend,
                                       column=column, years=years))
        else:
            found += [table.problem(between(values[region, years][~np.isnan(values[region, years])]), words, mend,
                                    column=column, region=region, years=years) for region in regions]
    return found
