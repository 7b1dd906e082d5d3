"""Are these figures of a kind that a curve, a peak or a test can be asked of?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from casebook.kuznets.turning import CannotTell

DIGITS = 12
"""Figures that agree to so many digits are one figure: what is beyond is rounding."""

NEGLIGIBLE = 1e-9
"""A slope smaller than this fraction of the others is rounding."""


def figures(series: pd.Series, what: str, *, panel: bool = True) -> pd.Series:
    """The series as floats, in the order of its index, or why it can't be used.

    Parameters
    ----------
    series : Series indexed by year or, if `panel`, by (region, year)
    what : str
        Its name, if it has none.
    panel : bool

    Returns
    -------
    Series of float
        Named.

    Raises
    ------
    ValueError
        For another type, values that aren't real numbers, years that aren't
        whole numbers, two figures for one year, or an infinite one.
    """
    if not isinstance(series, pd.Series):
        raise ValueError(f"{what} must be a pandas Series indexed by year{' or by region and year' * panel}; got {type(series).__name__}")
    name = str(series.name if series.name is not None else what)
    if not pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series) or pd.api.types.is_complex_dtype(series):
        raise ValueError(f"{name} holds no numbers but {series.dtype}")
    _years(series.index, name, panel)
    twice = series.index[series.index.duplicated()].unique()
    if len(twice):
        raise ValueError(f"{name} has two figures for {listed(twice)}; keep one of each")
    values = series.astype(float).rename(name)
    endless = values.index[np.isinf(values)]
    if len(endless):
        raise ValueError(f"{name} is infinite in {listed(endless)}; leave it empty where it is unknown")
    return values.sort_index()


def _years(index: pd.Index, name: str, panel: bool) -> None:
    if index.nlevels > (2 if panel else 1):
        raise ValueError(f"{name} must be indexed by year" + (" or by region and year" if panel else ", the years of one region")
                         + f"; its index has {index.nlevels} levels")
    if index.nlevels == 2 and (index.names[0] == "year" or index.names[1] == "region"):
        raise ValueError(f"{name} must be indexed by region and year, in this order; swap the levels")
    if len(index) and not pd.api.types.is_integer_dtype(index.get_level_values(-1)):
        raise ValueError(f"the years of {name} must be whole numbers, such as 2011; got {index.get_level_values(-1)[0]!r}")


def listed(labels, most: int = 6) -> str:
    """Years, or region and year, in words.

    Examples
    --------
    >>> listed([2011, ("A", 2012)]), listed(range(2011, 2019), most=2)
    ('2011, A 2012', '2011, 2012 and 6 more')
    """
    told = [" ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in labels]
    return ", ".join(told[:most]) + (f" and {len(told) - most} more" if len(told) > most else "")


def distinct(values) -> int:
    """How many values there are, if rounding is no difference.

    Examples
    --------
    >>> distinct([0.3, 0.1 + 0.2, 0.4])
    2
    """
    values = np.asarray(values, dtype=float)
    top = np.abs(values).max(initial=0.0)
    return len(np.unique(np.round(values / top, DIGITS))) if top else int(len(values) > 0)


def leverage_one(design: np.ndarray) -> np.ndarray:
    """Which rows of a design are fitted exactly, whatever they hold: HC3 divides by nothing there."""
    q, _ = np.linalg.qr(design)
    return (q**2).sum(axis=1) > 1 - NEGLIGIBLE


def varies(powers: np.ndarray, dummies: np.ndarray, name: str) -> None:
    """Refuse an income that the dummies of a panel explain.

    Parameters
    ----------
    powers : array of n x degree
        Without the constant.
    dummies : array of n x k
    name : str
    """
    if not dummies.shape[1]:
        return
    known = np.column_stack([np.ones(len(powers)), dummies])
    if np.linalg.matrix_rank(known) < known.shape[1]:
        raise CannotTell("cannot tell: some regions share no year with the others, so that effects of regions and years can't be told apart")
    left = powers - known @ np.linalg.lstsq(known, powers, rcond=None)[0]
    scale = np.linalg.norm(powers, axis=0)
    if np.linalg.matrix_rank(left / np.where(scale > 0, scale, 1), tol=1e-8) < powers.shape[1]:
        raise CannotTell(f"cannot tell: {name} doesn't vary apart from the effects; leave an effect out")
