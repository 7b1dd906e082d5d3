"""Does labour stand where output is made, and how far has productivity come?

Two indices of industrial structure beside those of :mod:`casebook.upgrading`:
Theil's index of rationalisation (产业结构合理化) and the height of the structure
(产业结构高度), its shares weighted by normed labour productivity.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from casebook.kuznets.checks import listed
from casebook.structure import checks


def theil_rationalisation(value_added: pd.DataFrame, employment: pd.DataFrame) -> pd.Series:
    """Theil's index of the mismatch between output and labour, sum (Y_i / Y) ln((Y_i / L_i) / (Y / L)).

    Parameters
    ----------
    value_added, employment : DataFrame indexed by year or (region, year)
        The same sectors; every row of `value_added` must be a row of `employment`.

    Returns
    -------
    Series with the rows of `value_added`
        Without unit; zero where all sectors are equally productive, larger the further
        the structure is from that.  Missing where all sectors of either are.

    Raises
    ------
    ValueError
        For sectors that are absent, or missing in a row; negative figures; output
        without labour, by sector or in all; names region, year and sector.

    Notes
    -----
    Gan, Zheng and Yu (2011), 中国产业结构变迁对经济增长和波动的影响, 经济研究 (5), 4-16.  Their
    index is large where the structure is poor.  A sector without output adds nothing.

    Examples
    --------
    Output 1 : 1 and labour 3 : 1, so that the sectors are 2/3 and 2 times as productive as the
    whole: 0.5 ln(2/3) + 0.5 ln 2 = 0.5 ln(4/3).

    >>> output = pd.DataFrame({"primary": [50.0], "secondary": [50.0]}, [2011])
    >>> labour = pd.DataFrame({"primary": [75.0], "secondary": [25.0]}, [2011])
    >>> theil_rationalisation(output, labour).round(6).to_dict()
    {2011: 0.143841}
    """
    output, labour = _pair(value_added, employment)
    part, hands = (frame.div(frame.sum(axis=1, skipna=False), axis=0) for frame in (output, labour))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = (part * np.log(part / hands)).mask(part == 0, 0.0)
    return terms.sum(axis=1, skipna=False).rename("Theil index")


def structural_height(value_added: pd.DataFrame, employment: pd.DataFrame, *, begin: Mapping[str, float], done: Mapping[str, float]) -> pd.Series:
    """Height of the structure: shares of output times normed labour productivity.

    Parameters
    ----------
    value_added, employment : DataFrame indexed by year or (region, year)
        The same sectors; output in the money and at the prices of `begin` and `done`.
    begin, done : mapping of sector to float
        Output per worker at the beginning of industrialisation and once it is
        done; the norm of each sector is 0 at the first and 1 at the second.

    Returns
    -------
    Series with the rows of `value_added`
        Without unit; 0 at the beginning, 1 when done, and not bounded.

    Raises
    ------
    ValueError
        As :func:`theil_rationalisation`; for sectors without bounds, and bounds that don't rise.

    Notes
    -----
    Liu, Zhang and Huang (2008), 中国产业结构高度与工业化进程和地区差异的考察, 经济学动态 (11).
    The index without norms is :func:`casebook.upgrading.productivity_weighted`.

    Examples
    --------
    Output per worker 2 and 6, normed from 0 ... 4 and 2 ... 10: a half each, whatever the shares.

    >>> output = pd.DataFrame({"primary": [20.0], "secondary": [60.0]}, [2011])
    >>> labour = pd.DataFrame({"primary": [10.0], "secondary": [10.0]}, [2011])
    >>> structural_height(output, labour, begin={"primary": 0, "secondary": 2}, done={"primary": 4, "secondary": 10}).to_dict()
    {2011: 0.5}
    """
    output, labour = _pair(value_added, employment)
    for sector in output:
        if sector not in begin or sector not in done:
            raise ValueError(f"the sector {sector!r} has no bounds; begin and done must name every sector")
        if not begin[sector] < done[sector]:
            raise ValueError(f"productivity of {sector} must rise from begin to done; got {begin[sector]!r} and {done[sector]!r}")
    low, high = (pd.Series({sector: bound[sector] for sector in output}, dtype=float) for bound in (begin, done))
    if (labour == 0).any(axis=None):
        row, column = np.argwhere(labour.to_numpy() == 0)[0]
        raise ValueError(f"{labour.columns[column]} has no labour in {listed([labour.index[row]])}: its productivity isn't defined; merge sectors")
    normed = (output / labour - low) / (high - low)
    return (output.div(output.sum(axis=1, skipna=False), axis=0) * normed).sum(axis=1, skipna=False).rename("height of structure")


def _pair(value_added: pd.DataFrame, employment: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames with the rows and columns of the first; output only where there is labour."""
    output = checks.table(value_added, "value added")
    labour = checks.table(employment, "employment", sectors=output.columns, like="value added")
    absent = output.index[~output.index.isin(labour.index)]
    if len(absent):
        raise ValueError(f"employment has no row for {listed(absent)}, where value added has one")
    labour = labour.reindex(output.index)
    idle = ((output > 0) & (labour == 0)).to_numpy()
    if idle.any():
        row, column = np.argwhere(idle)[0]
        raise ValueError(f"{output.columns[column]} has output but no labour in {listed([output.index[row]])}; merge sectors or leave the row out")
    for frame, what in ((output, "value added"), (labour, "employment")):
        nothing = frame.index[frame.sum(axis=1, skipna=False) == 0]
        if len(nothing):
            raise ValueError(f"{what} is zero in every sector in {listed(nothing[:1])}; correct it or leave the row out")
    return output, labour
