"""What part of the whole is it, and which sector comes first?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from casebook.kuznets.checks import figures, listed
from casebook.panels import need, tidy
from casebook.structure import checks
from casebook.upgrading import SECTORS

TOLERANCE = 0.02
"""How far, as a fraction of the total, sectors may miss it: rounding and statistical discrepancy."""

UNITS = (1.0, 100.0)
"""Totals of shares that are printed as shares: fractions or per cent."""


def share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """A part as a fraction of its whole.

    Parameters
    ----------
    part : Series indexed by year or by (region, year)
    whole : Series indexed in the same way, or by year alone for all regions alike
        In the unit of `part`; it must have every row, or year, of it.

    Returns
    -------
    Series with the index of `part`
        Fractions between 0 and 1; missing where either is.

    Raises
    ------
    ValueError
        For negative figures, a part above its whole, a whole of zero, and rows
        that the whole lacks; names the region and year.

    Examples
    --------
    20 of 80 workers:

    >>> share(pd.Series([20.0], [2011], name="manufacturing"), pd.Series([80.0], [2011], name="workers")).to_dict()
    {2011: 0.25}
    """
    top, bottom = checks.amounts(part, "the part"), checks.amounts(whole, "the whole", positive=True)
    if bottom.index.nlevels > top.index.nlevels:
        raise ValueError(f"{bottom.name} has regions and {top.name} has none; take the whole of one region")
    rows = top.index.get_level_values(-1) if bottom.index.nlevels < top.index.nlevels else top.index
    absent = rows[~rows.isin(bottom.index)].unique()
    if len(absent):
        raise ValueError(f"{bottom.name} has no row for {listed(absent)}, where {top.name} has one")
    bottom = bottom.reindex(rows).set_axis(top.index)
    above = top.index[top > bottom * (1 + checks.ROUNDING)]
    if len(above):
        raise ValueError(f"{top.name} is {top[above[0]]:g} in {listed(above[:1])}, above {bottom.name}, {bottom[above[0]]:g}: "
                         "a part can't exceed its whole; compare units and definitions")
    return (top / bottom).reindex(part.index).rename(f"share of {top.name}")


def shares(
    frame: pd.DataFrame, total: pd.Series | None = None, *, tolerance: float = TOLERANCE, sectors: Iterable[str] | None = None
) -> pd.DataFrame:
    """Sectors as fractions of a total to which they add up.

    Parameters
    ----------
    frame : DataFrame indexed by year or (region, year), a column per sector
        Amounts in the unit of `total`; without one, fractions or per cent.
    total : Series with the same rows, optional
    tolerance : float
        How far a row's sum may miss the total, as a fraction of it.
    sectors : iterable of str, optional
        Columns that must be there; all by default.

    Returns
    -------
    DataFrame with the same rows
        Fractions of the total, not rescaled: they sum to one within the tolerance.
        Rows in which nothing is known stay missing.

    Raises
    ------
    ValueError
        For rows that don't add up (names region, year and sum), sectors that
        are absent or missing in a row, and negative figures.

    Examples
    --------
    >>> printed = pd.DataFrame({"primary": [10.1], "secondary": [45.3], "tertiary": [44.6]}, [2012])
    >>> shares(printed).round(3).loc[2012].to_dict()
    {'primary': 0.101, 'secondary': 0.453, 'tertiary': 0.446}
    >>> shares(printed.assign(tertiary=34.6))
    Traceback (most recent call last):
    ValueError: the sectors sum to 90 in 2012, not to 100 within 0.02 of it; a sector is missing or twice there, or give the total
    """
    if not tolerance >= 0:
        raise ValueError(f"tolerance is a fraction of the total, zero or more; got {tolerance!r}")
    cells = checks.table(frame, "the frame of sectors", sectors=sectors)
    sums = cells.sum(axis=1, skipna=False)
    whole = _unit(sums) if total is None else checks.amounts(total, "the total", positive=True).reindex(cells.index)
    if total is not None:
        checks.known_in(whole, "the total", sums.dropna().index)
    wrong = sums.index[(sums - whole).abs() > (tolerance + checks.ROUNDING) * whole]
    if len(wrong):
        raise ValueError(f"the sectors sum to {sums[wrong[0]]:g} in {listed(wrong[:1])}, not to {whole[wrong[0]]:g} within {tolerance:g} of it; "
                         f"a sector is missing or twice there{', or give the total' * (total is None)}")
    return cells.div(whole, axis=0)


def _unit(sums: pd.Series) -> pd.Series:
    """One or a hundred, whichever most sums are nearer to."""
    return pd.Series(UNITS[int(sums.median() > 10)], sums.index)


def location_quotient(frame: pd.DataFrame, nation: pd.DataFrame | pd.Series | None = None) -> pd.DataFrame:
    """A sector's share in a region over its share in the nation.

    Parameters
    ----------
    frame : DataFrame indexed by region, of one year, or by (region, year)
        A column per sector: employment or output, in one unit.
    nation : DataFrame indexed by year or, for one year, Series, optional
        The same sectors of the nation; by default the sum of the regions.

    Returns
    -------
    DataFrame with the same rows and columns
        Without unit; above one where the region is specialised.

    Raises
    ------
    ValueError
        For one region only without a `nation`, a region that is not known in
        every year, and regions or national sectors of zero.

    Notes
    -----
    Isard (1960), Methods of Regional Analysis, MIT Press, pp. 123-126.

    Examples
    --------
    A has 30 of 40 in manufacturing, the nation 40 of 100: 0.75 / 0.4.

    >>> regions = pd.DataFrame({"manufacturing": [30.0, 10.0], "services": [10.0, 50.0]}, ["A", "B"])
    >>> location_quotient(regions).round(6).loc["A"].to_dict()
    {'manufacturing': 1.875, 'services': 0.416667}
    """
    by_year = isinstance(frame, pd.DataFrame) and frame.index.nlevels == 2
    if isinstance(frame, pd.DataFrame) and frame.index.names == ["year"]:
        raise ValueError("the frame of regions has years and no regions; a quotient compares regions: index it by region, or by region and year")
    cells = checks.table(frame, "the frame of regions", years=by_year)
    year = cells.index.get_level_values(1) if by_year else pd.Index([0] * len(cells))
    reference = _sum_of_regions(cells, year, by_year) if nation is None else _nation(nation, cells, year, by_year)
    own, whole = cells.sum(axis=1, skipna=False), reference.sum(axis=1)
    if (own == 0).any():
        raise ValueError(f"{listed(own.index[own == 0][:1])} has nothing in any sector; leave the row out")
    if (reference == 0).any(axis=None):
        row, column = np.argwhere(reference.to_numpy() == 0)[0]
        raise ValueError(f"the nation has nothing in {reference.columns[column]}{f' in {reference.index[row]}' * by_year}; leave the sector out")
    return cells.div(own, axis=0) / reference.div(whole, axis=0).loc[year].to_numpy()


def _sum_of_regions(cells: pd.DataFrame, year: pd.Index, by_year: bool) -> pd.DataFrame:
    """What all regions have together, by year, if the same regions are known in each."""
    regions = cells.index.get_level_values(0).unique()
    if len(regions) < 2:
        raise ValueError(f"{listed(regions) or 'none'} is one region only, and no nation; add regions or give the nation")
    checks.known_in(cells, "the frame of regions", pd.MultiIndex.from_product([regions, year.unique()]) if by_year else cells.index)
    return cells.groupby(year).sum()


def _nation(nation: pd.DataFrame | pd.Series, cells: pd.DataFrame, year: pd.Index, by_year: bool) -> pd.DataFrame:
    """The nation's sectors in the order of the regions', by year."""
    if not isinstance(nation, pd.DataFrame if by_year else pd.Series):
        form = "DataFrame indexed by year" if by_year else "Series indexed by sector"
        raise ValueError(f"the nation must be a {form}; got {type(nation).__name__}")
    reference = checks.table(nation if by_year else nation.to_frame(0).T, "the nation", sectors=cells.columns, like="the frame of regions")
    checks.known_in(reference, "the nation", year.unique())
    return reference


def ordering(shares: pd.DataFrame, *, labels: Mapping[str, str] | None = None, tie: float = 0.0) -> pd.Series:
    """The sectors of each year from the largest to the smallest.

    Parameters
    ----------
    shares : DataFrame indexed by year or (region, year), a column per sector
    labels : mapping of column to str, optional
        By default the three sectors' numbers.
    tie : float
        Neighbours in the order that differ by no more are tied, one after another; in the unit of the shares.

    Returns
    -------
    Series of str
        Such as "3-2-1"; ties are joined by "=", as in "2=3-1".  Missing where all shares are.

    Raises
    ------
    ValueError
        For sectors without a label, and as :func:`shares` for what is missing or negative.

    Examples
    --------
    >>> printed = pd.DataFrame({"primary": [10.1, 9.4], "secondary": [45.3, 44.2], "tertiary": [44.6, 46.4]}, [2012, 2013])
    >>> ordering(printed).tolist(), ordering(printed, tie=1.0).tolist()
    (['2-3-1', '3-2-1'], ['2=3-1', '3-2-1'])
    """
    if not tie >= 0:
        raise ValueError(f"tie is the largest difference that counts as none, zero or more; got {tie!r}")
    cells = checks.table(shares, "the frame of shares")
    labels = {sector: str(place) for place, sector in enumerate(SECTORS, 1)} if labels is None else labels
    unnamed = [column for column in cells if column not in labels]
    if unnamed:
        raise ValueError(f"the sector {unnamed[0]!r} has no label; it is none of {', '.join(map(str, labels))}: give labels")
    return pd.Series([_ranked(row, labels, tie) for _, row in cells.iterrows()], cells.index, dtype=object, name="order")


def _ranked(row: pd.Series, labels: Mapping[str, str], tie: float) -> str | float:
    if row.isna().all():
        return np.nan
    down = row.sort_values(ascending=False)
    groups = (-down.diff().fillna(0) > tie + checks.ROUNDING).cumsum()
    return "-".join("=".join(sorted(labels[sector] for sector in part.index)) for _, part in down.groupby(groups.to_numpy()))


def orders(panel: pd.DataFrame, **sectors: str) -> pd.DataFrame:
    """The runs of years with one order of sectors, as tidy rows for :func:`casebook.readings.run`.

    Parameters
    ----------
    panel : DataFrame indexed by year
    **sectors : str
        The column of each sector, under its name; years in which one is missing are left out.

    Returns
    -------
    DataFrame
        A row for each run: ``when`` its first year, ``value`` its last, ``label`` the order, as :func:`ordering` writes it.

    Examples
    --------
    >>> panel = pd.DataFrame({"a": [1.0, 1], "b": [3.0, 3], "c": [2.0, 4]}, pd.Index([2011, 2012], name="year"))
    >>> orders(panel, primary="a", secondary="b", tertiary="c")[["when", "value", "label"]].to_numpy().tolist()
    [['2011', 2011, '2-3-1'], ['2012', 2012, '3-2-1']]
    """
    need(panel, sectors.values())
    known = panel[list(sectors.values())].set_axis(list(sectors), axis=1).dropna()
    runs = stages(ordering(known.div(known.sum(axis=1), axis=0)))
    return tidy("order", runs["last"], runs["order"], when=runs["first"].astype(str))


def stages(ordering: pd.Series) -> pd.DataFrame:
    """Runs of years with one order of sectors.

    Parameters
    ----------
    ordering : Series of str indexed by year
        As :func:`ordering` returns it for one region.

    Returns
    -------
    DataFrame
        ``order``, ``first`` and ``last`` year, in the order of years.  A year
        that is absent or missing ends a run: what held in it isn't known.

    Raises
    ------
    ValueError
        For years that occur twice, and for more regions than one.

    Examples
    --------
    >>> stages(pd.Series(["2-3-1", "2-3-1", "3-2-1"], [2011, 2012, 2013])).to_dict("list")
    {'order': ['2-3-1', '3-2-1'], 'first': [2011, 2013], 'last': [2012, 2013]}
    """
    if not isinstance(ordering, pd.Series):
        raise ValueError(f"the orders must be a Series indexed by year; got {type(ordering).__name__}")
    figures(pd.Series(0.0, ordering.index), "the orders", panel=False)
    known = ordering.sort_index().dropna()
    years = known.index.to_series()
    run = ((known != known.shift()) | (years.diff() != 1)).cumsum()
    rows = [(part.iloc[0], int(part.index[0]), int(part.index[-1])) for _, part in known.groupby(run)]
    return pd.DataFrame(rows, columns=["order", "first", "last"])
