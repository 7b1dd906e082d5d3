"""Which figures look wrong?

Checks of a typed table that need no knowledge of what it is about: figures in
another unit than the years beside them, copied or invented ones, shares and totals
that cannot be, and names that look like another.  Each hit is a
`casebook.problems.Problem`; what may be true is a warning, what cannot be is an
error.  Nothing is mended.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casebook.doubts.copies import carried, constant_columns, copied_columns, copied_regions, copied_years, straight
from casebook.doubts.grid import read
from casebook.doubts.levels import spikes_and_breaks
from casebook.doubts.shares import (
    bounds, contradicted_indices, disguised_totals, impossible_shares, totals, yearly_indices,
)
from casebook.doubts.spelling import meant, names
from casebook.doubts.units import region_slips, unit_slips
from casebook.problems import Problem

CHECKS = (
    bounds, impossible_shares, yearly_indices, totals, contradicted_indices, disguised_totals,
    unit_slips, region_slips, spikes_and_breaks,
    copied_years, copied_regions, copied_columns, constant_columns, carried, straight,
)
"""Each takes a `casebook.doubts.grid.Table` and answers one question; see their docstrings."""

__all__ = ["CHECKS", "figures", "meant", "names"]


def figures(panel: pd.DataFrame, fields: Mapping[str, Mapping], rows: pd.Series | None = None) -> list[Problem]:
    """Find figures that look wrong.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year), or by year
        Figures; columns of other types are left out, missing cells are allowed.
    fields : mapping of column to its field of the descriptor
        Used are ``unit``, ``positive``, ``constraints``, ``share`` (``per cent`` or ``fraction``), ``parts`` (columns
        that add up to this one), ``index_of`` (the level that a yearly index belongs to), ``constant``.
    rows : Series with the index of `panel`, optional
        Line numbers for the problems.

    Returns
    -------
    list of Problem
        By check, column, region and year; `file` is left to the caller.

    Raises
    ------
    ValueError
        If the index has other levels or a row twice, or ``share`` is unknown.

    Examples
    --------
    >>> gdp = [45.0, 47.0, 510000.0, 52.0, 55.0]
    >>> key = pd.MultiIndex.from_product([["North"], range(2001, 2006)], names=["region", "year"])
    >>> for problem in figures(pd.DataFrame({"gdp": gdp}, key), {}):
    ...     print(problem)
    region North, year 2003, column gdp: 510,000 is about 10,000 times the years beside it (47 in 2002 and 52 in 2004); divide by 10,000, which gives 51
    """
    table = read(panel, fields, rows)
    return [problem for check in CHECKS for problem in check(table)]
