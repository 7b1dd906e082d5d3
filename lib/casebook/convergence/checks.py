"""Are these figures such that regions can be compared by them?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from casebook.kuznets.checks import figures, listed

LEVELS = ["region", "year"]


def between(value, low: float, high: float, what: str) -> None:
    """Refuse a number that doesn't lie between two others."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not low < value < high:
        raise ValueError(f"{what} must lie between {low:g} and {high:g}; got {value!r}")


def wide(series: pd.Series, what: str, *, years=None, least: int = 2, positive: bool = True, known: bool = True) -> pd.DataFrame:
    """A panel as a table of regions by years, or why it can't be used.

    Parameters
    ----------
    series : Series indexed by (region, year)
    what : str
        Its name, if it has none.
    years : sequence of int, optional
        Take these, which must be there; all by default.
    least : int
        Regions needed.
    positive : bool
        Refuse zero and less.
    known : bool
        Refuse what is missing; else it stays missing.

    Returns
    -------
    DataFrame of float
        Regions in the order of the series, years ascending.

    Raises
    ------
    ValueError
        For another index, figures that occur twice, infinite, zero or negative ones, and those missing.
    """
    if isinstance(series, pd.Series) and list(series.index.names) != LEVELS:
        raise ValueError(f"{_name(series, what)} must be indexed by (region, year), not by ({', '.join(map(str, series.index.names))})")
    values = figures(series, what)
    table = values.unstack("year").reindex(series.index.get_level_values("region").unique())
    absent = [year for year in years or () if year not in table]
    if absent:
        raise ValueError(f"{values.name} has no year {absent[0]}; it has {listed(table.columns)}")
    table = table[list(years)] if years else table
    low = (table <= 0).to_numpy()
    if positive and low.any():
        region, year = _where(table, low)
        raise ValueError(f"{_name(series, what)!r} of {region} is not positive in {year}; correct it, or leave the region out")
    gaps = table.isna().to_numpy()
    if known and gaps.any():
        region, year = _where(table, gaps)
        raise ValueError(f"{values.name} of {region} is missing in {year}; add it, or leave the region or the year out")
    if len(table) < least:
        raise ValueError(f"{values.name} needs at least {_count(least)} regions; it has {len(table)}")
    return table


def alike(weights: pd.Series, table: pd.DataFrame, what: str = "weights", values: str = "values") -> pd.DataFrame:
    """Weights of the cells of a table, or whose are lacking or too many.

    Parameters
    ----------
    weights : Series indexed by (region, year)
        Positive; years that the table lacks aren't used.
    table : DataFrame, regions by years
    what, values : str
        What the two are called.

    Returns
    -------
    DataFrame like `table`

    Raises
    ------
    ValueError
        Names the region and year where weights are missing though the table has a figure,
        and the region that only the weights have.
    """
    own = wide(weights, what, least=1, known=False)
    what = _name(weights, what)
    extra = own.index.difference(table.index)
    if len(extra):
        raise ValueError(f"{what} names {listed(extra)}, which {values} lacks: leave it out, or add it there")
    own = own.reindex(index=table.index, columns=table.columns)
    gaps = (own.isna() & table.notna()).to_numpy()
    if gaps.any():
        region, year = _where(table, gaps)
        raise ValueError(f"{what} of {region} is missing in {year}; add it, or leave the region or the year out of both")
    return own


def period(start, end) -> None:
    """Refuse a period that doesn't end after it starts."""
    whole = all(isinstance(year, (int, np.integer)) and not isinstance(year, bool) for year in (start, end))
    if not whole or start >= end:
        raise ValueError(f"the period must start and end in a whole year, and end after it starts; got {start!r} to {end!r}")


def spaced(years: pd.Index, what: str) -> int:
    """Distance of the years, or which is missing between them.

    Examples
    --------
    >>> spaced(pd.Index([2000, 2005, 2010]), "income")
    5
    """
    gaps = np.diff(years)
    if len(gaps) and gaps.min() < gaps.max():
        after = years[int(np.argmax(gaps > gaps.min()))]
        raise ValueError(f"{what} has no year {after + gaps.min()}, though its years are {gaps.min()} apart elsewhere; "
                         "add it, or take years evenly apart")
    return int(gaps[0]) if len(gaps) else 0


def _where(table: pd.DataFrame, mask: np.ndarray) -> tuple:
    row, column = np.argwhere(mask)[0]
    return table.index[row], table.columns[column]


def _name(series: pd.Series, what: str) -> str:
    return str(series.name if series.name is not None else what)


def _count(number: int) -> str:
    return {1: "one", 2: "two", 3: "three", 4: "four"}.get(number, str(number))
