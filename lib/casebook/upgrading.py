"""How far has the structure of a region's economy moved up?

Three measures of industrial upgrading (产业结构升级) in use: the ratio of the
tertiary to the secondary sector, an index of the level of the three sectors'
shares, and the sum of sector shares times labour productivity.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from casebook.panels import one_of

SECTORS = ("primary", "secondary", "tertiary")
"""The three sectors, in the order of every frame of this module."""

FORMS = ("linear", "root")
"""Labour productivity as it is, or its square root."""


def sector_ratio(value_added: pd.DataFrame) -> pd.Series:
    """Tertiary over secondary value added.

    Parameters
    ----------
    value_added : DataFrame with the columns ``SECTORS``
        In one unit of money, above zero.

    Returns
    -------
    Series with the same index
        Without unit.

    Examples
    --------
    >>> sector_ratio(pd.DataFrame({"primary": [10.0], "secondary": [40.0], "tertiary": [50.0]})).tolist()
    [1.25]
    """
    _check(value_added, "value added")
    return (value_added["tertiary"] / value_added["secondary"]).rename("tertiary over secondary")


def level(value_added: pd.DataFrame) -> pd.Series:
    """Index of the level of structure: shares weighted 1, 2 and 3.

    Parameters
    ----------
    value_added : DataFrame with the columns ``SECTORS``

    Returns
    -------
    Series with the same index
        Between 1 (all primary) and 3 (all tertiary).

    Notes
    -----
    Known in Chinese studies as the coefficient of the structure's level (产业结构层次系数).

    Examples
    --------
    Shares of 10, 40 and 50 per cent: 0.1 + 2 * 0.4 + 3 * 0.5.

    >>> level(pd.DataFrame({"primary": [10.0], "secondary": [40.0], "tertiary": [50.0]})).round(6).tolist()
    [2.4]
    """
    _check(value_added, "value added")
    return (_shares(value_added) @ np.array([1.0, 2.0, 3.0])).rename("level of structure")


def productivity_weighted(value_added: pd.DataFrame, workers: pd.DataFrame, form: str = "linear") -> pd.Series:
    """Sum over sectors of the share in value added times labour productivity.

    Parameters
    ----------
    value_added : DataFrame with the columns ``SECTORS``
    workers : DataFrame with the same columns
        Missing where unknown, or without the row; then the result is missing, too.
    form : one of ``FORMS``

    Returns
    -------
    Series with the same index
        Value added per worker, in the units given, or the square root of that.

    Notes
    -----
    Whose workers are counted decides the level: where only formal urban units
    count, farming has next to none, and output per worker there is enormous.

    Examples
    --------
    Shares 0.1, 0.4, 0.5 and productivity 1, 4, 9: 0.1 + 1.6 + 4.5, and with roots 0.1 + 0.8 + 1.5.

    >>> value = pd.DataFrame({"primary": [10.0], "secondary": [40.0], "tertiary": [50.0]})
    >>> workers = pd.DataFrame({"primary": [10.0], "secondary": [10.0], "tertiary": [50 / 9]})
    >>> [round(productivity_weighted(value, workers, form).item(), 6) for form in FORMS]
    [6.2, 2.4]
    """
    one_of(form, FORMS, "form")
    _check(value_added, "value added")
    _check(workers, "workers", unknown=True)
    productivity = value_added[list(SECTORS)] / workers[list(SECTORS)].reindex(value_added.index)
    if form == "root":
        productivity = np.sqrt(productivity)
    return (_shares(value_added) * productivity).sum(axis=1, skipna=False).rename(f"shares times {form} productivity")


def _shares(value_added: pd.DataFrame) -> pd.DataFrame:
    sectors = value_added[list(SECTORS)]
    return sectors.div(sectors.sum(axis=1), axis=0)


def _check(frame: pd.DataFrame, what: str, unknown: bool = False) -> None:
    """Refuse what is not positive and finite, and what is missing unless it may be."""
    absent = [s for s in SECTORS if s not in frame]
    if absent:
        raise ValueError(f"{what}: no column {absent[0]!r}; there must be {', '.join(SECTORS)}")
    cells = frame[list(SECTORS)].stack()
    bad = cells.index[~((cells > 0) & (cells < np.inf) | unknown & cells.isna())]
    if len(bad):
        *row, sector = bad[0]
        fault = "missing" if cells.isna()[bad[0]] else "not positive and finite"
        raise ValueError(f"{what} of the {sector} sector is {fault} in {' '.join(map(str, row))}")
