"""Which figures cannot be, by what their column says of itself?

Bounds, shares, parts of totals and yearly indices, as the descriptor declares
them: ``constraints``, ``positive``, ``share``, ``parts``, ``unit`` and
``index_of``.
"""

from __future__ import annotations

import numpy as np

from casebook.doubts import motion
from casebook.doubts.copies import CELLS, decimals
from casebook.doubts.grid import MOST, Table, cells, counted, gathered, listed, say, shared
from casebook.problems import Problem

SHARES = {"per cent": 100, "fraction": 1}
"""What a field's ``share`` may be, and the whole."""
ROUNDING = 0.005
"""Parts may miss their total by so much of it: published figures are rounded, and totals adjusted."""
TOTAL = 0.001
"""A region is the sum of the others if it differs by no more than this in a column."""
TOTAL_YEARS = 0.8
"""In so many of the years at least: a figure may be missing or revised."""
INDEX = (50, 200)
"""A yearly index outside says that something halved or doubled within a year."""
RATIO = (0.8, 1.3)
"""Values of a yearly index that look like 1.08 for 108."""
GROWTH = (-20, 30)
"""Values of a yearly index that look like 8 for 108."""
PRICES = (0.85, 1.2)
"""Price changes between a level and its yearly index; further, and beyond `REACH`, the two contradict each other."""
REACH = 4
"""So many usual deviations of the column's implied price changes."""


def bounds(table: Table) -> list[Problem]:
    """Figures outside the declared minimum and maximum, and figures not above zero where ``positive`` is declared."""
    found = []
    for column, values in table.values.items():
        field = table.fields.get(column, {})
        least, most = (field.get("constraints", {}).get(name) for name in ("minimum", "maximum"))
        mend = "correct it, or change the descriptor if it may be so"
        wrong = [(values <= 0, "must be above 0")] if field.get("positive") else []
        if least is not None and not (field.get("positive") and float(least) <= 0):
            wrong.append((values < float(least), f"must not be below {say(float(least))}"))
        if most is not None and "share" not in field:
            wrong.append((values > float(most), f"must not be above {say(float(most))}"))
        for cell, expected in wrong:
            found += cells(table, column, cell, expected, mend, "error")
    return found


def impossible_shares(table: Table) -> list[Problem]:
    """Shares outside 0 to 100 (or 0 to 1), and columns of fractions declared as per cent, or the reverse."""
    found = []
    for column, values in table.values.items():
        kind = table.fields.get(column, {}).get("share")
        if kind is None:
            continue
        if kind not in SHARES:
            raise ValueError(f"column {column}: share {kind!r} is unknown; use one of {', '.join(SHARES)}")
        whole, known = SHARES[kind], values[~np.isnan(values)]
        outside = (values < 0) | (values > whole * (1 + ROUNDING))
        if kind == "fraction" and (values > 1 + ROUNDING).sum() > max(CELLS, MOST * len(known)):
            found.append(_declared(table, column, known, "look like per cent, though fractions are declared", "per cent"))
        else:
            found += cells(table, column, outside, f"must lie in 0 to {whole}", "correct it, or the column's unit", "error")
        if kind == "per cent" and len(known) >= CELLS and (known > 0).any() and (np.abs(known) <= 1).all():
            found.append(_declared(table, column, known, "look like fractions, though per cent is declared", "fraction"))
    return found


def _declared(table: Table, column: str, known: np.ndarray, expected: str, kind: str) -> Problem:
    factor = "multiply by 100" if kind == "fraction" else "divide by 100"
    return table.problem(f"all {len(known)} figures, from {say(known.min())} to {say(known.max())},", expected,
                         f"{factor}, or declare share = {kind!r}", column=column,
                         severity="error" if kind == "per cent" else "warning")


def totals(table: Table) -> list[Problem]:
    """Totals that differ from the sum of their ``parts``, and parts that exceed their total."""
    found = []
    for column, total in table.values.items():
        field = table.fields.get(column, {})
        names = [name for name in field.get("parts", []) if name in table.values]
        if not names:
            continue
        slack = np.abs(total) * ROUNDING + sum(_half_digit(table.values[name]) for name in [column, *names])
        if len(names) == len(field["parts"]):
            found += _sums(table, column, names, slack)
        for name in names:
            part = table.values[name]
            over = (part > total + slack) & (total >= 0)
            found += cells(table, name, over, f"is a part of {column}, and must not exceed it",
                           f"correct it, or {column}", "error")
    return found


def _half_digit(values: np.ndarray) -> float:
    known = decimals(values)
    return 0.0 if np.isnan(known).all() else 0.5 * 10.0**-np.nanmax(known)


def _sums(table: Table, column: str, names: list[str], slack: np.ndarray) -> list[Problem]:
    total, sums = table.values[column], sum(table.values[name] for name in names)
    wrong, known = np.abs(total - sums) > slack, ~np.isnan(total - sums)
    words, ratio, found = listed(names), sums / np.where(total == 0, np.nan, total), []
    for region, years in gathered(wrong, known):
        if len(years) == 1 and region is not None:
            whole, parts = total[region, years[0]], sums[region, years[0]]
            text = say(whole), f"differs by {say(abs(whole - parts))} from {say(parts)}, the sum of {words}"
            mend = "correct the part that is wrong, or the total"
        else:
            middle = say(float(motion.median((ratio if region is None else ratio[[region]])[:, years])))
            text = counted(table, wrong, known, region, total), f"differ from the sum of {words}, in the middle {middle} times the total"
            mend = "look for a part that is missing, or counted twice"
        found.append(table.problem(*text, mend, column=column, region=region, years=years))
    return found


def yearly_indices(table: Table) -> list[Problem]:
    """Columns with ``previous year = 100`` in their unit whose figures look like 8 or 1.08 for 108, or are far from 100.

    One figure of the kind may be true; where most of a column, or of a region, are,
    everything would vanish within a few years, and that is an error.
    """
    found = []
    for column, values in table.values.items():
        if not table.is_index(column):
            continue
        ratio = (values >= RATIO[0]) & (values <= RATIO[1])
        known = int((~np.isnan(values)).sum())
        if ratio.sum() <= MOST * known:  # among growth rates, 1.08 is one
            growth = (values >= GROWTH[0]) & (values <= GROWTH[1]) & ~(ratio & (ratio.sum() > CELLS))
        else:
            growth = ~ratio & (values >= GROWTH[0]) & (values <= GROWTH[1])
        ratio &= ~growth
        far = ~(ratio | growth) & ((values < INDEX[0]) | (values > INDEX[1]))
        either = growth & (values >= RATIO[0]) & (values <= RATIO[1])
        found += cells(table, column, growth & ~either, "looks like a growth rate, though the previous year is 100", "add 100", "warning", "error")
        found += cells(table, column, either, "looks like a growth rate or a ratio, though the previous year is 100",
                       "add 100 to a rate, multiply a ratio by 100", "warning", "error")
        found += cells(table, column, ratio, "looks like a ratio, though the previous year is 100", "multiply by 100", "warning", "error")
        found += cells(table, column, far, "is far from 100, the previous year", "correct it", "warning")
    return found


def contradicted_indices(table: Table) -> list[Problem]:
    """Yearly indices that the level named by ``index_of`` contradicts by more than prices can move."""
    found = []
    for column, values in table.values.items():
        level = table.fields.get(column, {}).get("index_of")
        if level not in table.values:
            continue
        step, gap = motion.steps(motion.logs(table.values[level]), table.years)
        prices = np.where(gap == 1, step, np.nan) - motion.logs(values / 100)
        rest = prices - motion.median(prices)
        far = (rest > np.log10(PRICES[1])) | (rest < np.log10(PRICES[0]))
        far &= np.abs(rest) > REACH * motion.spread_of(rest)
        for year in np.flatnonzero(far.any(axis=0)).tolist():
            found += _contradicted(table, column, level, np.flatnonzero(far[:, year]).tolist(), year, step, prices)
    return found


def _contradicted(table: Table, column: str, level: str, regions: list[int], year: int, step: np.ndarray,
                  prices: np.ndarray) -> list[Problem]:
    mend = f"compare both with the source, and {level} of the year before"
    known = int((~np.isnan(prices[:, year])).sum())
    if shared(regions, known):
        middle = say(100 * 10**float(motion.median(prices[regions, year])))
        return [table.problem(f"the figures of {len(regions)} of {known} regions", f"contradict {level}: prices would have moved to "
                              f"{middle} of 100", mend, column=column, years=[year])]
    return [table.problem(say(table.values[column][region, year]), f"contradicts {level}, which moved to "
                          f"{say(100 * 10**step[region, year])} of 100: prices would have moved to {say(100 * 10**prices[region, year])}",
                          mend, column=column, region=region, years=[year]) for region in regions]


def disguised_totals(table: Table) -> list[Problem]:
    """Regions that are the sum of all others in most columns that can be added."""
    if len(table.regions) < 3:
        return []
    hits: dict[int, list[str]] = {}
    for column, values in table.levels():
        if "share" in table.fields.get(column, {}):
            continue
        known = ~np.isnan(values) & ((~np.isnan(values)).sum(axis=0) >= 3)
        others = np.nansum(values, axis=0) - np.nan_to_num(values)
        same = known & (values > 0) & (np.abs(values - others) <= TOTAL * np.abs(values))
        for region in np.flatnonzero(same.any(axis=1) & (same.sum(axis=1) >= TOTAL_YEARS * known.sum(axis=1))).tolist():
            hits.setdefault(region, []).extend([column] * int(same[region].sum()))
    return [table.problem("the figures", f"are the sum of all other regions in {listed(list(dict.fromkeys(cells)))}",
                          "remove the row if it is a total, which would count everything twice", region=region)
            for region, cells in hits.items() if len(cells) >= CELLS]
