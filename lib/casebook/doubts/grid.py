"""Where does a figure stand, and how is a doubt about it worded?

A table of figures as the checks read it: each column a matrix of regions by
years.  Problems are made here, so that all of them name their cells alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casebook.problems import Problem

SHOWN = 3
"""Regions named before "and n more"."""
MANY = 3
"""So many regions at least say the same before they are reported as one."""
MOST = 0.5
"""The share of the regions that must say the same before they are reported as one."""
SIGNED = 0.02
"""Up to so many figures below zero for one above are taken for errors; with more the column has signs by nature."""
PLURAL = {"is": "are", "looks": "look"}
YEARLY_INDEX = re.compile(r"(previous|prior|preceding|last) year *= *100|上年 *= *100", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """Figures by column, region and year.

    Attributes
    ----------
    regions : tuple of str
        In the order of the panel; one empty name where the panel has years alone.
    years : array of int
        Ascending; gaps are allowed.
    values : dict of column to array, regions x years
        Missing figures are NaN.
    fields : mapping of column to its field of the descriptor
    rows : array of int, regions x years
        Line numbers; 0 where none is known.
    """

    regions: tuple[str, ...]
    years: np.ndarray
    values: dict[str, np.ndarray]
    fields: Mapping[str, Mapping]
    rows: np.ndarray

    def levels(self) -> Iterator[tuple[str, np.ndarray]]:
        """Columns whose figures compare as multiples: hardly any below zero, most above, no yearly index."""
        for column, values in self.values.items():
            below, above = (values < 0).sum(), (values > 0).sum()
            if not self.is_index(column) and below <= SIGNED * above and above > (values == 0).sum():
                yield column, values

    def is_index(self, column: str) -> bool:
        """Whether the unit says that the previous year is 100."""
        unit = unicodedata.normalize("NFKC", str(self.fields.get(column, {}).get("unit", "")))
        return bool(YEARLY_INDEX.search(unit))

    def problem(self, found: str, expected: str, mend: str, *, column: str = "", region: int | None = None,
                years: Sequence[int] = (), severity: str = "warning") -> Problem:
        """A problem of some years (positions) of a region (position); of all where none is named."""
        row = int(self.rows[region, years[0]]) if region is not None and len(years) else 0
        return Problem(found, expected, mend, region="" if region is None else self.regions[region],
                       year=span(self.years[list(years)]) if len(years) else "", column=column, row=row,
                       severity=severity)

    def names(self, regions: Iterable[int]) -> str:
        """Regions in words: ``A, B, C and 4 more``."""
        names = [self.regions[region] for region in regions]
        return listed(names)


def read(panel: pd.DataFrame, fields: Mapping[str, Mapping], rows: pd.Series | None = None) -> Table:
    """Read a panel into matrices; see `casebook.doubts.figures` for the arguments."""
    if panel.index.nlevels == 1:
        panel = pd.concat({"": panel}, names=["region", *panel.index.names])
        rows = None if rows is None else pd.concat({"": rows})
    if list(panel.index.names) != ["region", "year"]:
        raise ValueError(f"the index must be (region, year) or year, not {tuple(panel.index.names)}; name its levels so")
    if panel.index.has_duplicates:
        region, year = panel.index[panel.index.duplicated()][0]
        raise ValueError(f"region {region}, year {year}: more than one row; keep one")
    regions = panel.index.get_level_values("region").unique()
    years = panel.index.get_level_values("year").unique().sort_values()
    grid = pd.MultiIndex.from_product([regions, years], names=["region", "year"])
    shape = len(regions), len(years)
    known = panel.select_dtypes("number").reindex(grid).astype(float)
    known = known.where(np.isfinite(known))
    lines = np.zeros(shape, int) if rows is None else rows.reindex(grid).fillna(0).to_numpy(int).reshape(shape)
    return Table(tuple(map(str, regions)), years.to_numpy(int),
                 {str(name): known[name].to_numpy().reshape(shape) for name in known}, fields, lines)


def say(figure: float) -> str:
    """A figure to four digits, whole thousands in full.

    Examples
    --------
    >>> say(450000), say(0.45123), say(-3.0), say(1234567.8)
    ('450,000', '0.4512', '-3', '1,234,568')
    """
    if not figure:
        return "0"
    decimals = max(0, 3 - int(np.floor(np.log10(abs(figure)))))
    text = f"{figure:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def span(years: Sequence[int]) -> str:
    """Years in words.

    Examples
    --------
    >>> span([2005]), span([2005, 2006, 2008])
    ('2005', '2005-2008')
    """
    return "-".join(str(year) for year in dict.fromkeys([min(years), max(years)]))


def between(figures: np.ndarray) -> str:
    """Figures in words: one alone, or the least and the largest.

    Examples
    --------
    >>> between(np.array([3.0])), between(np.array([2.0, 7.0, 5.0]))
    ('3', '2 to 7')
    """
    return " to ".join(dict.fromkeys([say(np.min(figures)), say(np.max(figures))]))


def listed(names: Sequence[str]) -> str:
    """Names in words.

    Examples
    --------
    >>> listed(["A", "B"]), listed(["A", "B", "C", "D", "E"])
    ('A and B', 'A, B, C and 2 more')
    """
    if len(names) > SHOWN + 1:
        return f"{', '.join(names[:SHOWN])} and {len(names) - SHOWN} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def shared(hits: Mapping, of: int) -> bool:
    """Whether so many of the regions say the same that it is said once."""
    return len(hits) >= MANY and len(hits) >= MOST * of


def gathered(wrong: np.ndarray, known: np.ndarray) -> Iterator[tuple[int | None, list[int]]]:
    """Cells that are wrong, as one where they are most of the column, or most of a region's figures.

    Yields
    ------
    region, years
        Positions; the region is None where the column is meant.
    """
    if wrong.sum() > MANY and wrong.sum() > MOST * known.sum():
        yield None, np.flatnonzero(wrong.any(axis=0)).tolist()
        return
    for region in np.flatnonzero(wrong.any(axis=1)).tolist():
        years = np.flatnonzero(wrong[region]).tolist()
        most = len(years) > MANY and len(years) > MOST * known[region].sum()
        yield from [(region, years)] if most else ((region, [year]) for year in years)


def counted(table: Table, wrong: np.ndarray, known: np.ndarray, region: int | None, values: np.ndarray) -> str:
    """How many figures are meant, with one of them."""
    rows = slice(None) if region is None else slice(region, region + 1)
    r, t = np.argwhere(wrong[rows])[0].tolist()
    example = " ".join(filter(None, [table.regions[r] if region is None else "", str(table.years[t])]))
    return f"{wrong[rows].sum()} of {known[rows].sum()} figures (for instance {say(values[rows][r, t])} in {example})"


def cells(table: Table, column: str, wrong: np.ndarray, expected: str, mend: str, severity: str, together: str = "") -> list[Problem]:
    """A problem for each cell that is wrong, or one for those that go together, of another severity if need be; see `gathered`."""
    values = table.values[column]
    known, found = ~np.isnan(values), []
    for region, years in gathered(wrong, known):
        one = len(years) == 1 and region is not None
        told = say(values[region, years[0]]) if one else counted(table, wrong, known, region, values)
        verb, _, rest = expected.partition(" ")
        words = expected if one else f"{PLURAL.get(verb, verb)} {rest}"
        found.append(table.problem(told, words, mend, column=column, region=region, years=years, severity=severity if one else together or severity))
    return found
