"""Are these figures of a kind that a share, a trend or a decomposition can be asked of?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from casebook.kuznets.checks import figures, listed

ROUNDING = 1e-9
"""Two figures that differ by less, as a fraction, are one figure."""


def amounts(series: pd.Series, what: str, *, panel: bool = True, positive: bool = False) -> pd.Series:
    """The series as floats in the order of its index, if nothing in it is negative.

    Parameters
    ----------
    series : Series indexed by year or, if `panel`, by (region, year)
    what : str
        Its name, if it has none.
    panel : bool
    positive : bool
        Refuse zero, too.

    Returns
    -------
    Series of float
        Named; missing where it is unknown.

    Raises
    ------
    ValueError
        As :func:`casebook.kuznets.checks.figures`, and for a figure below zero (or at it).

    Examples
    --------
    >>> amounts(pd.Series([3.0, -1.0], [2011, 2012], name="output"), "output")
    Traceback (most recent call last):
    ValueError: output is negative in 2012; correct it or leave it empty
    """
    values = figures(series, what, panel=panel)
    low = values.index[values <= 0 if positive else values < 0]
    if len(low):
        fault = "negative" if values[low[0]] < 0 else "zero"
        raise ValueError(f"{values.name} is {fault} in {listed(low[:1])}; correct it or leave it empty")
    return values


def as_share(series: pd.Series, what: str) -> pd.Series:
    """A series by year if it can be a share, as a fraction or in per cent.

    Parameters
    ----------
    series : Series indexed by year
    what : str
        Its name, if it has none.

    Returns
    -------
    Series of float

    Raises
    ------
    ValueError
        For a figure below zero or above a hundred.
    """
    values = amounts(series, what, panel=False)
    above = values.index[values > 100 * (1 + ROUNDING)]
    if len(above):
        raise ValueError(f"{values.name} is {values[above[0]]:g} in {listed(above[:1])}: "
                         "no share exceeds 1, or 100 per cent; divide by the whole first")
    return values


def table(frame: pd.DataFrame, what: str, *, sectors: Iterable[str] | None = None, like: str = "", years: bool = True) -> pd.DataFrame:
    """The sectors of a frame as floats, its rows as they were, if each row is known whole or not at all.

    Parameters
    ----------
    frame : DataFrame
        A column per sector.
    what : str
    sectors : iterable of str, optional
        Columns that must be there, and are returned; all by default.
    like : str
        What has just these sectors: refuse any other.
    years : bool
        Rows are years, or (region, year); else they are regions.

    Returns
    -------
    DataFrame of float

    Raises
    ------
    ValueError
        For another type, absent or doubled or fewer than two sectors, rows that occur
        twice, values that aren't numbers, infinite or negative ones, and rows in which
        some sectors are missing.
    """
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"{what} must be a DataFrame with a column per sector; got {type(frame).__name__}")
    columns = list(frame.columns if sectors is None else sectors)
    absent = [column for column in columns if column not in frame]
    if absent:
        raise ValueError(f"{what} lacks the sector {absent[0]!r}; it has {', '.join(map(str, frame.columns))}")
    other = [column for column in frame if column not in columns]
    if like and other:
        raise ValueError(f"{like} lacks the sector {other[0]!r}, which {what} has; take the same sectors")
    if len(columns) < 2 or frame.columns.has_duplicates or len(set(columns)) < len(columns):
        raise ValueError(f"{what} needs two different sectors at least; got {', '.join(map(str, columns)) or 'none'}")
    if years:
        figures(pd.Series(0.0, frame.index), what)
    elif frame.index.has_duplicates:
        raise ValueError(f"{what} has two rows for {listed(frame.index[frame.index.duplicated()][:1])}; keep one of each")
    return _cells(frame[columns], what)


def _cells(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    for sector, column in frame.items():
        if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column) or pd.api.types.is_complex_dtype(column):
            raise ValueError(f"{what} of {sector} holds no numbers but {column.dtype}")
    cells = frame.astype(float)
    partly = cells.isna() & cells.notna().any(axis=1).to_numpy()[:, None]
    for fault, wrong in (("infinite", np.isinf(cells)), ("negative", cells < 0), ("missing, while other sectors are known,", partly)):
        if wrong.to_numpy().any():
            row, column = np.argwhere(wrong.to_numpy())[0]
            raise ValueError(f"{what} of {cells.columns[column]} is {fault} in {listed([cells.index[row]])}; correct it or leave the row out")
    return cells


def known_in(frame: pd.DataFrame | pd.Series, what: str, rows: pd.Index) -> None:
    """Refuse a frame or series that doesn't know every one of these rows.

    Parameters
    ----------
    frame : DataFrame or Series
    what : str
    rows : Index
    """
    known = frame.dropna().index
    lacking = rows[~rows.isin(known)]
    if len(lacking):
        raise ValueError(f"{what} is not known in {listed(lacking)}; add it, or leave the row out of the others")
