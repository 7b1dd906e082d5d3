"""Does a quantity rise along an axis, from west to east or from poor to rich?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats


@dataclass(frozen=True)
class Gradient:
    """Spearman's rank correlation of a quantity with an axis; made by :func:`gradient`."""

    correlation: float
    pvalue: float

    def rises(self, level: float = 0.05) -> bool:
        """Whether it rises, at a two-sided level of significance."""
        return self.correlation > 0 and self.pvalue < level

    def __str__(self) -> str:
        p = "p < 0.001" if self.pvalue < 0.001 else f"p {self.pvalue:.3f}"
        return f"rank correlation {self.correlation:.2f}, {p}".replace("-", "−")


def gradient(values: pd.Series, along: pd.Series) -> Gradient:
    """Rank correlation of a quantity with an axis over regions.

    Parameters
    ----------
    values, along : Series indexed by region
        In any units; compared where their regions agree.

    Returns
    -------
    Gradient

    Raises
    ------
    ValueError
        When a region is missing in either, with fewer than three regions, or
        when either is constant: there is no order to compare.

    Notes
    -----
    Spearman (1904), doi:10.2307/1412159.

    Examples
    --------
    Ranks 1 2 3 4 against 1 2 4 3: 1 - 6 * 2 / (4 * 15) = 0.8.

    >>> str(gradient(pd.Series([1, 2, 3, 4]), pd.Series([10, 20, 40, 30])))
    'rank correlation 0.80, p 0.200'
    """
    axis = along.reindex(values.index)
    unknown = values.index[values.isna() | axis.isna()]
    if len(unknown):
        raise ValueError(f"no value for {', '.join(map(str, unknown))}")
    if len(values) < 3 or values.nunique() < 2 or axis.nunique() < 2:
        raise ValueError("a rank correlation needs three regions or more that are not all alike")
    result = stats.spearmanr(values, axis)
    return Gradient(float(result.statistic), float(result.pvalue))


def rises(table: pd.DataFrame, along: pd.Series, *, level: float = 0.05) -> pd.Series:
    """Whether a quantity rises along an axis, row by row.

    Parameters
    ----------
    table : DataFrame, rows by regions
        Rows with a missing region are left out.
    along : Series indexed by region
    level : float
        Two-sided level of significance, by Student's t.

    Returns
    -------
    Series of bool, a row each

    Raises
    ------
    ValueError
        When `along` lacks a region of the table.

    Examples
    --------
    >>> table = pd.DataFrame([[1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5]])
    >>> rises(table, pd.Series(range(6))).tolist()
    [True, True]
    """
    unknown = table.columns.difference(along.dropna().index)
    if len(unknown):
        raise ValueError(f"no place on the axis for {', '.join(map(str, unknown))}")
    known = table.dropna()
    freedom = known.shape[1] - 2
    t = stats.t.ppf(1 - level / 2, freedom)
    critical = t / np.sqrt(t**2 + freedom)
    return known.corrwith(along, axis=1, method="spearman") > critical
