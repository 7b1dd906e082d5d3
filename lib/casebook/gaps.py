"""Which regions grew faster, and did the gaps between them narrow?

Income per head of regions, or of groups of them, from totals of one vintage; and
one way among many to ask who grew faster and whether dispersion fell.  Figures
of different vintages are never joined unless the caller says ``mixed=True``: a
change across their seam is a revision, not growth.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from casebook import convergence, panels
from casebook.convergence import checks
from casebook.panels import need, one_of, tidy

AMONG = ("regions", "groups")

WAYS = ("sum", "mean")
"""A group as one economy, or the mean of its regions."""


def _among_regions(measure: str, income: pd.Series, people: pd.Series) -> pd.Series:
    return convergence.dispersion(income, measure=measure)


def _among_people(income: pd.Series, people: pd.Series) -> pd.Series:
    return convergence.dispersion(income, weights=people)


DISPERSIONS = {
    "variation": partial(_among_regions, "variation"), "weighted variation": _among_people,
    "log-deviation": partial(_among_regions, "log-deviation"), "theil": convergence.theil, "gini": convergence.gini,
}
"""Measures of dispersion by name, each of income and people; the weighted variation, Theil's and Gini's count people, the others regions."""

SEAM = "splice"
"""Flag of the first figure after a change of vintage."""


def roles(groups: pd.Series, named: Mapping) -> tuple[str, list[str], str | None]:
    """Which group leads, which are held against it, and which is said to lag.

    Parameters
    ----------
    groups : Series indexed by region
        The group of each region.
    named : mapping
        ``labels``, all groups; ``leading``, one of them; optionally ``lagging``, one, and ``followers``, several:
        by default all but these two or, where none is left, all but the leading one.

    Returns
    -------
    leading : str
    followers : list of str
    lagging : str or None

    Raises
    ------
    ValueError
        For fewer than two groups, a region in none of them, a group without a region, and a role of a group
        that isn't there or that leads already.

    Examples
    --------
    >>> groups = pd.Series({"A": "coast", "B": "upland"})
    >>> roles(groups, {"labels": ["coast", "upland"], "leading": "coast"})
    ('coast', ['upland'], None)
    """
    labels, leading, lagging = list(named["labels"]), named["leading"], named.get("lagging")
    listed = ", ".join(labels)
    if len(labels) < 2:
        raise ValueError(f"groups.labels names {listed or 'no group'}: two groups at least have a gap between them; add another")
    for region, group in groups.items():
        if group not in labels:
            raise ValueError(f"the group of {region} is {group!r}, not among groups.labels: {listed}; correct one of the two")
    for label in labels:
        if label not in groups.to_numpy():
            raise ValueError(f"no region is in the group {label!r} of groups.labels; give it one, or remove it")
    followers = list(named.get("followers") or [g for g in labels if g not in (leading, lagging)] or [g for g in labels if g != leading])
    for role, group in [("leading", leading), *(("followers", g) for g in followers), *([("lagging", lagging)] if lagging else [])]:
        if group not in labels:
            raise ValueError(f"groups.{role} names {group!r}, not among groups.labels: {listed}; correct the spelling")
        if role != "leading" and group == leading:
            raise ValueError(f"groups.{role} names {group!r}, which is groups.leading; choose another group")
    return leading, followers, lagging


def one_vintage(panel: pd.DataFrame, column: str, first: int, last: int, *, mixed: bool = False) -> pd.Series:
    """A column between two years, refused if its vintage changes among them.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
        A seam is marked ``splice`` in ``<column>_flag``, at the first figure of the new vintage.
    column : str
    first, last : int
    mixed : bool
        Take the figures all the same.

    Returns
    -------
    Series indexed by (region, year)

    Raises
    ------
    ValueError
        For an unknown column, years that aren't there or not in order, an index of other levels, two figures
        for one year, or a seam after `first` that the caller hasn't agreed to.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A"], [2018, 2019]], names=["region", "year"])
    >>> panel = pd.DataFrame({"income": [10.0, 9.0], "income_flag": ["", "splice"]}, key)
    >>> one_vintage(panel, "income", 2018, 2019)
    Traceback (most recent call last):
    ValueError: income of A joins two vintages at 2019: a change from 2018 to 2019 would be a revision, not growth; pass mixed=True to take it all the same
    >>> one_vintage(panel, "income", 2018, 2019, mixed=True).tolist()
    [10.0, 9.0]
    """
    need(panel, [column])
    checks.period(first, last)
    checks.wide(panel[column], column, years=(first, last), least=1, positive=False, known=False)
    year = panel.index.get_level_values("year")
    within = panel[(year >= first) & (year <= last)]
    if not mixed and f"{column}_flag" in within:
        flags = within[f"{column}_flag"].fillna("").astype(str).str.split(";")
        seams = flags[flags.map(lambda own: SEAM in own) & (within.index.get_level_values("year") > first)]
        if len(seams):
            region, at = seams.index[0]
            raise ValueError(f"{column} of {region} joins two vintages at {at}: a change from {first} to {last} would be "
                             "a revision, not growth; pass mixed=True to take it all the same")
    return within[column].astype(float)


def volume(value: pd.Series, index: pd.Series, base: int) -> pd.Series:
    """Output at the prices of one year, from its value there and yearly indices.

    Parameters
    ----------
    value : Series indexed by (region, year)
        Output at current prices.
    index : Series indexed by (region, year)
        Volume, the year before = 100.
    base : int

    Returns
    -------
    Series indexed by (region, year)
        In the units of `value`; missing where the chain from the base is broken.

    Raises
    ------
    ValueError
        When the base year isn't among the years, or a year between them is lacking; for figures
        of zero or less, infinite or twice there.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A"], [2014, 2015, 2016]], names=["region", "year"])
    >>> volume(pd.Series([95.0, 100.0, 120.0], key), pd.Series([np.nan, 125.0, 110.0], key), 2015).round(6).tolist()
    [80.0, 100.0, 110.0]
    """
    wide, steps = (checks.wide(series, what, least=1, known=False) for series, what in ((value, "value"), (index, "index")))
    steps = steps.reindex(index=wide.index, columns=wide.columns)
    if base not in wide:
        raise ValueError(f"no year {base} among {wide.columns.min()} to {wide.columns.max()}: choose a base year that is there")
    years = list(wide.columns)
    apart = [b for a, b in zip(years, years[1:]) if b != a + 1]
    if apart:
        raise ValueError(f"the chain of yearly indices lacks the year {apart[0] - 1}: give every year")
    at, chained = years.index(base), pd.DataFrame(index=wide.index, columns=years, dtype=float)
    chained[base] = wide[base]
    for year in years[at + 1:]:
        chained[year] = chained[year - 1] * steps[year] / 100
    for year in reversed(years[:at]):
        chained[year] = chained[year + 1] / steps[year + 1] * 100
    return chained.stack(future_stack=True).reindex(value.index).rename(value.name)


def per_head(total: pd.Series, people: pd.Series, groups: pd.Series | None = None, *, way: str = "sum") -> pd.Series:
    """Income per head of regions, or of groups of them.

    Parameters
    ----------
    total, people : Series indexed by (region, year)
        Output and residents.
    groups : Series indexed by region, optional
        The group of each region.
    way : {"sum", "mean"}
        The group's output over its residents, or the geometric mean over its regions,
        whose growth is the mean of theirs.

    Returns
    -------
    Series indexed by (region, year)
        In units of `total` per unit of `people`; groups take the place of regions.
        A group is missing in years in which one of its regions is.

    Raises
    ------
    ValueError
        For a region without a group or in two, a region of a group that isn't among the figures, one that only
        total or people know, figures of zero or less, infinite or twice there, or an unknown way.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A", "B"], [2020]], names=["region", "year"])
    >>> total, people = pd.Series([10.0, 80.0], key), pd.Series([10.0, 20.0], key)
    >>> group = pd.Series({"A": "all", "B": "all"})
    >>> float(per_head(total, people, group).iloc[0]), float(per_head(total, people, group, way="mean").iloc[0])
    (3.0, 2.0)
    """
    one_of(way, WAYS, "way")
    for series, what in ((total, "total"), (people, "people")):
        checks.wide(series, what, least=1, known=False)
    regions = total.index.unique("region")
    apart = regions.symmetric_difference(people.index.unique("region"))
    if len(apart):
        raise ValueError(f"{apart[0]} is among the totals or the people, but not in both: add it, or leave it out of both")
    people = people.reindex(total.index)
    own = total / people
    if groups is None:
        return own.rename("income")
    without, absent = regions.difference(groups.dropna().index), groups.index.difference(regions)
    if groups.index.has_duplicates:
        raise ValueError(f"{groups.index[groups.index.duplicated()][0]} has two groups: a region is in one")
    if len(without):
        raise ValueError(f"{without[0]} has no group: name one for it")
    if len(absent):
        raise ValueError(f"{absent[0]}, of the group {groups[absent[0]]!r}, is not among the figures: the group would be another one")
    if way == "sum":
        return (_summed(total, groups) / _summed(people, groups)).rename("income")
    return np.exp(_summed(np.log(own), groups) / _summed(pd.Series(1.0, own.index), groups)).rename("income")


def _summed(series: pd.Series, groups: pd.Series) -> pd.Series:
    """Sum over the regions of each group, year by year; missing where one of them is."""
    wide = series.unstack("year").loc[series.index.unique("region")]
    return wide.groupby(groups.reindex(wide.index), sort=False).sum(skipna=False).rename_axis("region").stack(future_stack=True)


def pace(income: pd.Series, first: int, last: int) -> pd.Series:
    """Growth a year between two years, compound, in per cent.

    Parameters
    ----------
    income : Series indexed by (region, year)
    first, last : int

    Returns
    -------
    Series indexed by region
        Missing where a figure is.

    Raises
    ------
    ValueError
        When the years are not in order or not among the figures; for figures of zero or less, infinite or twice there.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A"], [2018, 2020]], names=["region", "year"])
    >>> round(float(pace(pd.Series([100.0, 121.0], key), 2018, 2020)["A"]), 9)
    10.0
    """
    checks.period(first, last)
    wide = checks.wide(income, "income", years=(first, last), least=1, known=False)
    return (100 * ((wide[last] / wide[first]) ** (1 / (last - first)) - 1)).rename("growth")


def income_of(
    panel: pd.DataFrame, *, total: str, people: str, index: str | None = None, base: int | None = None,
    groups: pd.Series | None = None, way: str = "sum",
) -> pd.Series:
    """Income per head from the columns of a panel, at current prices or, with an index, at those of one year.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
    total, people : str
        Columns of output at current prices and of residents.
    index : str, optional
        Column of yearly indices of volume, the year before = 100: output is then as :func:`volume` gives it.
    base : int, optional
        The year of the prices; needed with `index`, without effect otherwise.
    groups, way
        As for :func:`per_head`.

    Returns
    -------
    Series indexed by (region, year)
        In units of `total` per unit of `people`; missing where a figure is, or the chain of indices is broken.

    Raises
    ------
    ValueError
        For an unknown column, and as :func:`volume` and :func:`per_head`.

    Examples
    --------
    Output goes from 100 to 126, its volume up by 5 per cent; the rest is prices.

    >>> key = pd.MultiIndex.from_product([["A"], [2015, 2016]], names=["region", "year"])
    >>> panel = pd.DataFrame({"gdp": [100.0, 126.0], "index": [np.nan, 105.0], "residents": [10.0, 10.0]}, key)
    >>> income_of(panel, total="gdp", people="residents").tolist()
    [10.0, 12.6]
    >>> income_of(panel, total="gdp", people="residents", index="index", base=2015).tolist()
    [10.0, 10.5]
    """
    need(panel, [total, people, *([index] if index else [])])
    amount = panel[total].astype(float)
    amount = volume(amount, panel[index], base) if index else amount
    return per_head(amount, panel[people].astype(float), groups, way=way)


def lacking(panel: pd.DataFrame, *, total: str, first: int, last: int, people: str | None = None, index: str | None = None, base: int | None = None) -> list[tuple[str, int, str]]:
    """The figures for want of which :func:`income_of`, or without people :func:`volume`, has a gap between two years.

    Parameters
    ----------
    panel, total, people, index, base
        As for :func:`income_of`.
    first, last : int
        Both inclusive.

    Returns
    -------
    list of (region, year, column)
        Of a broken chain the index that is missing, not the years beyond it.

    Raises
    ------
    ValueError
        For an unknown column.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A"], [2014, 2015, 2016]], names=["region", "year"])
    >>> panel = pd.DataFrame({"gdp": [None, 100.0, None], "index": [None, None, 110.0]}, key)
    >>> lacking(panel, total="gdp", index="index", base=2015, first=2014, last=2016)
    [('A', 2015, 'index')]
    """
    years = range(first, last + 1)
    output = [(total, [base]), (index, range(min(first, base) + 1, max(last, base) + 1))] if index else [(total, years)]
    return panels.lacking(panel, [*output, *([(people, years)] if people else [])])


def outcomes(
    panel: pd.DataFrame, published: pd.DataFrame | None, groups: pd.Series, *, first: int, last: int, people: str, total: str | None = None,
    index: str | None = None, base: int | None = None, column: str | None = None, mixed: bool = False, way: str = "sum",
) -> pd.DataFrame:
    """How fast each group grew, as tidy rows for :func:`casebook.readings.run`.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
        Totals of regions.
    published : DataFrame indexed by (region, year)
        Income per head of the groups, ready made, a group as one economy; None where nobody gives it.
    groups : Series indexed by region
    first, last : int
    people, total, index, base, way
        As for :func:`income_of`.
    column : str, optional
        A column of `published`, in place of totals.
    mixed : bool
        As for :func:`one_vintage`.

    Returns
    -------
    DataFrame
        Quantity "growth", per cent a year; missing where a figure is, and where the mean of
        regions is asked of ready-made figures.

    Raises
    ------
    ValueError
        Unless one of `total` and `column` is named, and for a column where nothing is published; as :func:`one_vintage`, :func:`income_of` and :func:`pace`.
    """
    one_of(way, WAYS, "way")
    if (total is None) == (column is None):
        raise ValueError(f"name a total or a column, one of them; got {total!r} and {column!r}")
    if column and published is None:
        raise ValueError(f"{column!r} is to be taken as published, but there are no published figures of the groups: give them, or name a total")
    if column:
        if way != "sum":
            return tidy("growth", [np.nan] * published.index.unique("region").size, region=list(published.index.unique("region")))
        income = one_vintage(published, column, first, last, mixed=mixed)
    else:
        _refuse_seams(panel, index or total, people, first, last, mixed)
        income = income_of(panel, total=total, people=people, index=index, base=base, groups=groups, way=way)
    grown = pace(income, first, last)
    return tidy("growth", grown.to_numpy(), region=list(grown.index))


def _refuse_seams(panel: pd.DataFrame, output: str, people: str, first: int, last: int, mixed: bool) -> None:
    """No vintage may change in the figures that growth is taken from; of output at constant prices these are the indices."""
    for column in (output, people):
        one_vintage(panel, column, first, last, mixed=mixed)


def narrowing(
    panel: pd.DataFrame, *, first: int, last: int, people: str, total: str, measure: str = "variation",
    index: str | None = None, base: int | None = None, groups: pd.Series | None = None, of: str = "regions", mixed: bool = False,
) -> pd.DataFrame:
    """By how much dispersion changed, as tidy rows for :func:`casebook.readings.run`.

    Parameters
    ----------
    panel, people, total, index, base, groups
        As for :func:`income_of`.
    first, last : int
    measure : one of ``DISPERSIONS``
    of : {"regions", "groups"}
        Dispersion among regions, or among the groups as wholes.
    mixed : bool
        As for :func:`one_vintage`.

    Returns
    -------
    DataFrame
        Quantity "dispersion", last less first, in the measure's own unit; missing where a figure is.

    Raises
    ------
    ValueError
        For an unknown measure, `of` neither regions nor groups, or groups that aren't given;
        as :func:`one_vintage` and :func:`income_of`.

    Examples
    --------
    Two regions of one size go from 1 and 3, half of the mean apart from it, to 2 and 2.

    >>> key = pd.MultiIndex.from_product([["A", "B"], [2010, 2020]], names=["region", "year"])
    >>> panel = pd.DataFrame({"gdp": [1.0, 2.0, 3.0, 2.0], "residents": 1.0}, key)
    >>> narrowing(panel, first=2010, last=2020, people="residents", total="gdp")["value"].tolist()
    [-0.5]
    """
    one_of(of, AMONG, "of")
    one_of(measure, DISPERSIONS, "measure")
    whole = of == "groups"
    if whole and groups is None:
        raise ValueError("dispersion of groups needs groups: name the group of each region, or take of='regions'")
    _refuse_seams(panel, index or total, people, first, last, mixed)
    income = income_of(panel, total=total, people=people, index=index, base=base, groups=groups if whole else None)
    heads = panel[people].astype(float)
    heads = _summed(heads, groups) if whole else heads
    both = pd.DataFrame({"income": income, "people": heads})
    ends = both[both.index.get_level_values("year").isin([first, last])]
    if ends.isna().any(axis=None):
        return tidy("dispersion", [np.nan], region="all")
    told = DISPERSIONS[measure](ends["income"], ends["people"])
    return tidy("dispersion", [told[last] - told[first]], region="all")

