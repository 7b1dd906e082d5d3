"""How unequal are regions, and how much of that lies between groups of them?

Theil (1967), Economics and Information Theory, North-Holland; Bourguignon (1979),
doi:10.2307/1914138; Shorrocks (1980), doi:10.2307/1913126.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from casebook.convergence import checks
from casebook.kuznets.checks import listed
from casebook.panels import one_of

INDICES = ("T", "L")
"""Theil's T, weighted by shares of income, and his L, the mean logarithmic deviation, by shares of people."""


EQUAL = 1e-24
"""An index so small is rounding: it goes with the square of differences."""


def gini(values: pd.Series, weights: pd.Series | None = None) -> pd.Series | float:
    """Gini coefficient of regions, year by year.

    Parameters
    ----------
    values : Series indexed by (region, year), or one-dimensional
        Positive, in any unit.
    weights : alike, optional
        Such as population; a region then counts as so many people of its mean.

    Returns
    -------
    Series indexed by year, or float
        From 0 to 1 - 1/N, or less than 1 with weights.  Missing in a year in which any region is missing.

    Raises
    ------
    ValueError
        For values or weights of zero or less, infinite, doubled, and where weights are missing
        or name a region without values.

    Notes
    -----
    Half the mean absolute difference of all pairs, a region paired with itself among
    them, over the mean.  Without the factor N / (N - 1) that some packages apply.

    Examples
    --------
    Of 1 and 3 half of all pairs differ, by 2: mean difference 1, halved, over the mean 2.

    >>> gini([1.0, 3.0])
    0.25
    """
    return _yearly(values, weights, _gini, "gini")


def theil(values: pd.Series, weights: pd.Series | None = None, *, index: str = "T") -> pd.Series | float:
    """Theil index of regions, year by year.

    Parameters
    ----------
    values, weights
        As for :func:`gini`.
    index : {"T", "L"}
        With r = value / mean, the mean of r ln r, or that of ln(1 / r); means by `weights`.

    Returns
    -------
    Series indexed by year, or float
        Zero if all are equal.  Missing in a year in which any region is missing.

    Raises
    ------
    ValueError
        As :func:`gini`, and for an unknown index.

    Examples
    --------
    1 and 3 are 1/2 and 3/2 of their mean: L is -(ln(1/2) + ln(3/2)) / 2 = ln(4/3) / 2.

    >>> round(theil([1.0, 3.0], index="L") / float(np.log(4 / 3)), 9)
    0.5
    """
    one_of(index, INDICES, "index")
    return _yearly(values, weights, _theil_t if index == "T" else _theil_l, f"theil {index}")


@dataclass(frozen=True)
class Decomposition:
    """Inequality between and within groups; made by :func:`decompose`.

    Attributes
    ----------
    index : {"T", "L"}
    total, between, within : Series indexed by year
        Between and within sum to the total.
    between_share : Series indexed by year
        Missing in a year without inequality.
    groups : DataFrame indexed by (group, year)
        ``population`` and ``income``, shares of the year's whole; ``inequality``, the index
        within the group; ``within`` and ``between``, what it adds to either part, the
        latter negative for some; ``contribution``, their sum.
    """

    index: str
    total: pd.Series
    between: pd.Series
    within: pd.Series
    between_share: pd.Series
    groups: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """Total, between, within and the share between, by year."""
        return pd.concat([self.total, self.between, self.within, self.between_share], axis=1)

    def _repr_html_(self) -> str:
        return f"<p>Theil {self.index}, between and within groups</p>" + self.table.to_html()


def decompose(income_per_head: pd.Series, population: pd.Series, groups: pd.Series, *, index: str = "T") -> Decomposition:
    """Split the Theil index of regions into inequality between and within groups.

    Parameters
    ----------
    income_per_head, population : Series indexed by (region, year)
        Of the same regions; years that only `population` has aren't used.
    groups : Series indexed by region, or mapping of region to group
        One group for each region.
    index : {"T", "L"}

    Returns
    -------
    Decomposition

    Raises
    ------
    ValueError
        For figures missing, zero or negative, a region without population, without
        group or in two of them, and a group whose regions aren't among the figures.

    Notes
    -----
    With shares of income q and of people p, T is the sum of q ln(q / p) over regions; over
    groups the same sum is the part between, and each group's own T weighted by its q the part
    within.  L exchanges q and p.

    Examples
    --------
    Two groups of one region each: all inequality lies between them.

    >>> key = pd.MultiIndex.from_product([["A", "B"], [2005]], names=["region", "year"])
    >>> parts = decompose(pd.Series([1.0, 3.0], key), pd.Series([1.0, 1.0], key), pd.Series({"A": "west", "B": "east"}))
    >>> float(parts.between_share[2005]), float(parts.within[2005])
    (1.0, 0.0)
    """
    one_of(index, INDICES, "index")
    income = checks.wide(income_per_head, "income per head", least=1)
    people = checks.alike(population, income, "population", str(income_per_head.name or "income per head"))
    group = _grouped(groups, income.index)
    money = income * people
    p, q = people / people.sum(), money / money.sum()
    own_p, own_q = (share.groupby(group, sort=True).sum() for share in (p, q))
    own = pd.DataFrame({year: {name: _theil(index, income.loc[part, year].to_numpy(), people.loc[part, year].to_numpy())
                               for name, part in income.groupby(group, sort=True).groups.items()} for year in income})
    over, under = (own_q, own_p) if index == "T" else (own_p, own_q)
    between, within = over * np.log(over / under), over * own
    parts = {"population": own_p, "income": own_q, "inequality": own, "within": within, "between": between, "contribution": between + within}
    heads = people.groupby(group, sort=True).sum()
    means = money.groupby(group, sort=True).sum() / heads
    total, apart = (pd.Series({year: _theil(index, x[year].to_numpy(), w[year].to_numpy()) for year in income})
                    for x, w in ((income, people), (means, heads)))
    names = {"total": total, "between": apart, "within": within.sum()}
    sums = {name: part.rename(name).rename_axis("year") for name, part in names.items()}
    share = (sums["between"] / sums["total"].where(sums["total"] > EQUAL)).rename("between_share")
    frame = pd.concat({name: part.rename_axis(index="group", columns="year").stack() for name, part in parts.items()}, axis=1)
    return Decomposition(index, **sums, between_share=share, groups=frame)


def _grouped(groups, regions: pd.Index) -> pd.Series:
    """The group of each region, in the order of the regions."""
    groups = pd.Series(groups, dtype=object)
    if groups.index.nlevels > 1:
        raise ValueError(f"groups must be indexed by region, not by ({', '.join(map(str, groups.index.names))})")
    twice = groups.index[groups.index.duplicated()]
    if len(twice):
        raise ValueError(f"groups name {listed(twice[:1])} twice; a region has one group")
    lacking = regions.difference(groups[groups.notna()].index, sort=False)
    if len(lacking):
        raise ValueError(f"{listed(lacking)} has no group; name one for each region")
    extra = groups.index.difference(regions, sort=False)
    if len(extra):
        raise ValueError(f"groups name {extra[0]}, of {groups[extra[0]]!r}, which the figures lack: "
                         "without it the group would be another one; add it, or leave it out of the groups")
    return groups.reindex(regions)


def _yearly(values, weights, measure, name: str) -> pd.Series | float:
    """A measure for each year, or of the one set of values."""
    if isinstance(values, pd.Series) and values.index.nlevels > 1:
        table = checks.wide(values, "values", known=False)
        if weights is None:
            heads = pd.DataFrame(1.0, table.index, table.columns)
        else:
            heads = checks.alike(weights, table, values=str(values.name or "values"))
        told = {year: measure(table[year].to_numpy(), heads[year].to_numpy()) for year in table}  # what is missing stays so
        return pd.Series(told, name=name, dtype=float).rename_axis("year")
    x, w = _plain(values, "values"), None if weights is None else _plain(weights, "weights")
    if w is None:
        return measure(x.to_numpy(), np.ones(len(x)))
    only = x.index.symmetric_difference(w.index)
    if len(only):
        raise ValueError(f"{listed(only[:1])} is in the values or in the weights, but not in both")
    return measure(x.to_numpy(), w.reindex(x.index).to_numpy())


def _plain(values, what: str) -> pd.Series:
    """Values of one set of regions, each positive."""
    series = pd.Series(values)
    if series.index.nlevels > 1 or series.index.has_duplicates:
        raise ValueError(f"{what} must have one row for each region, as the other argument has")
    if not pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series) or pd.api.types.is_complex_dtype(series):
        raise ValueError(f"{what} hold no numbers but {series.dtype}")
    series = series.astype(float)
    bad = series.index[~((series > 0) & np.isfinite(series))]
    if len(bad):
        raise ValueError(f"{what} must be positive and finite; that of {bad[0]} is {series[bad[0]]:g}")
    if len(series) < 2:
        raise ValueError(f"{what} must be of two regions at least; there is {len(series)}")
    return series


def _gini(x: np.ndarray, w: np.ndarray) -> float:
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order] / w.sum()
    below = np.cumsum(w)
    return float((w * x * (2 * below - w - 1)).sum() / (w * x).sum())


def _theil(index: str, x: np.ndarray, w: np.ndarray) -> float:
    return _theil_t(x, w) if index == "T" else _theil_l(x, w)


def _theil_t(x: np.ndarray, w: np.ndarray) -> float:
    share, gap = _gaps(x, w)
    return float((share * ((1 + gap) * np.log1p(gap) - gap)).sum())


def _theil_l(x: np.ndarray, w: np.ndarray) -> float:
    share, gap = _gaps(x, w)
    return float((share * (gap - np.log1p(gap))).sum())


def _gaps(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights as shares, and value / mean - 1: with these, whose mean is zero, small indices keep their digits."""
    share = w / w.sum()
    mean = (share * x).sum()
    return share, (x - mean) / mean
