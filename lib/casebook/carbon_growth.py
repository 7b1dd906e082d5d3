"""Do economies grow in income or in emissions?

Compares, between two years, what a group of economies gained in income per head
with what it added in carbon dioxide, per head and in all, and how much it emits
per head against the world.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

import pandas as pd

from casebook.panels import need, one_of, tidy

STATISTICS = ("median", "mean", "pooled")
"""Ways to speak of a group: its middle economy, the average one, or all as one (weighted by population)."""

MATTERS = {"trap": ("trap", "statistic"), "resources": ("resources",)}
"""Choices that can change what is said of economies without growth, and of those with resources."""


def changes(panel: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """What each economy gained and added between two years.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
        Columns ``gdp_per_head`` (at constant prices), ``co2_per_head``, ``population_index``.
    start, end : int

    Returns
    -------
    DataFrame indexed by region
        ``income_change`` (in units of GDP per head), ``income_growth``,
        ``co2_per_head_growth``, ``co2_growth`` (per cent over the span);
        missing where a figure is.  Total emissions grow as emissions per head times population.

    Raises
    ------
    ValueError
        For a column or a year that the panel lacks.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A"], [2013, 2022]], names=["region", "year"])
    >>> panel = pd.DataFrame({"gdp_per_head": [1000.0, 1500], "co2_per_head": [2.0, 2.2], "population_index": [100.0, 110]}, key)
    >>> changes(panel, 2013, 2022).loc["A"].round(6).to_dict()
    {'income_change': 500.0, 'income_growth': 50.0, 'co2_per_head_growth': 10.0, 'co2_growth': 21.0}
    """
    need(panel, ("gdp_per_head", "co2_per_head", "population_index"))
    years = panel.index.get_level_values("year")
    for year in (start, end):
        if year not in years:
            raise ValueError(f"the panel has no year {year}; it runs from {years.min()} to {years.max()}")
    before, after = (panel.xs(year, level="year") for year in (start, end))
    ratio = (after[["gdp_per_head", "co2_per_head", "population_index"]] / before[["gdp_per_head", "co2_per_head", "population_index"]]).reindex(panel.index.unique("region"))
    return pd.DataFrame({
        "income_change": (after["gdp_per_head"] - before["gdp_per_head"]).reindex(ratio.index),
        "income_growth": (ratio["gdp_per_head"] - 1) * 100,
        "co2_per_head_growth": (ratio["co2_per_head"] - 1) * 100,
        "co2_growth": (ratio["co2_per_head"] * ratio["population_index"] - 1) * 100,
    })


def group(panel: pd.DataFrame, members: Iterable[str], start: int, end: int, statistic: str = "median") -> pd.Series:
    """The same changes of a group of economies.

    Parameters
    ----------
    panel, start, end
        As for :func:`changes`; for "pooled" also ``population``, persons, in some year.
    members : iterable of str
    statistic : {"median", "mean", "pooled"}

    Returns
    -------
    Series
        As a row of :func:`changes`, with ``economies``, the number with every figure.

    Raises
    ------
    ValueError
        For a member the panel doesn't have, or an unknown statistic.
    """
    one_of(statistic, STATISTICS, "statistic")
    known = _of(changes(panel, start, end), members).dropna()
    if statistic != "pooled":
        told = known.agg(statistic)
    else:
        told = _pooled(panel, list(known.index), start, end)
    return pd.concat([told, pd.Series({"economies": float(len(known))})])


def _pooled(panel: pd.DataFrame, members: list[str], start: int, end: int) -> pd.Series:
    """All members as one economy."""
    need(panel, ("population",))
    wide = {c: panel[c].unstack("year").loc[members].astype(float) for c in ("population", "population_index", "gdp_per_head", "co2_per_head")}
    size = (wide["population"] / wide["population_index"]).bfill(axis=1).iloc[:, 0]  # by the first year known
    if size.isna().any():
        raise ValueError(f'no population of {size.index[size.isna()][0]}; give one year of it, or take statistic="median"')
    sizes = {year: size * wide["population_index"][year] for year in (start, end)}
    (income_0, income_1), (co2_0, co2_1) = (
        [(wide[c][year] * sizes[year]).sum() / sizes[year].sum() for year in (start, end)] for c in ("gdp_per_head", "co2_per_head"))
    growth = sizes[end].sum() / sizes[start].sum()
    return pd.Series({"income_change": income_1 - income_0, "income_growth": (income_1 / income_0 - 1) * 100,
                      "co2_per_head_growth": (co2_1 / co2_0 - 1) * 100, "co2_growth": (co2_1 / co2_0 * growth - 1) * 100})


def per_head(panel: pd.DataFrame, members: Iterable[str], start: int, end: int) -> pd.Series:
    """Mean emissions per head of each member over a span of years.

    Parameters
    ----------
    panel, members, start, end
        As for :func:`group`.

    Returns
    -------
    Series indexed by region
        In units of ``co2_per_head``; missing where a year is.
    """
    need(panel, ("co2_per_head",))
    wide = panel["co2_per_head"].unstack("year")
    return _of(wide, members).reindex(columns=range(start, end + 1)).mean(axis=1, skipna=False)


def outcomes(
    panel: pd.DataFrame, start: int, end: int, *, part: str, trap: Iterable[str] = (), resources: Iterable[str] = (),
    statistic: str = "median", more_than: float = 0.0, within: tuple[float, float] = (0.0, inf), world: str = "World",
) -> pd.DataFrame:
    """What a list of economies gives, as tidy rows for :func:`casebook.readings.run`.

    Parameters
    ----------
    panel, start, end, statistic
        As for :func:`group`.
    part : {"trap", "resources"}
    trap, resources : iterable of str
        The members of the group.
    more_than : float
        Growth of emissions to be exceeded, per cent.
    within : (float, float)
        Bounds of emissions per head.
    world : str
        The region against which emissions per head are held.

    Returns
    -------
    DataFrame
        For "trap" the changes of the group, those of the span of the same length
        before it (``earlier ...``) and ``share above``, per cent of members whose
        emissions grew by more; for "resources" ``lowest``, ``highest``, ``median``
        emissions per head, ``above world``, ``within`` the bounds, ``at least``
        the lower and ``at most`` the upper one (per cent of members), and ``income_growth`` of the group; two of them for all others too.
        The label of ``lowest`` and of ``highest`` is the economy.
    """
    if part == "trap":
        who = {}
        now, before = (group(panel, trap, a, b, statistic) for a, b in ((start, end), (2 * start - end, start)))
        grew = _of(changes(panel, start, end), trap)["co2_growth"].dropna()
        told = now.to_dict() | {f"earlier {k}": v for k, v in before.items()} | {"share above": 100 * float((grew > more_than).mean())}
    else:
        levels = per_head(panel, resources, start, end).dropna()
        who = {"lowest": levels.idxmin(), "highest": levels.idxmax()} if len(levels) else {}
        whole = float(per_head(panel, [world], start, end).iloc[0])
        told = {"lowest": levels.min(), "highest": levels.max(), "median": levels.median(), "world": whole, "above world": 100 * float((levels > whole).mean()),
                "within": 100 * float(levels.between(*within).mean()), "at least": 100 * float((levels >= within[0]).mean()),
                "at most": 100 * float((levels <= within[1]).mean()), "economies": float(len(levels)),
                "income_growth": group(panel, resources, start, end)["income_growth"]}
        others = [name for name in panel.index.unique("region") if name not in {world, *resources}]
        told |= {"others median": per_head(panel, others, start, end).median(), "others income_growth": group(panel, others, start, end)["income_growth"]}
    return tidy(list(told), list(told.values()), [who.get(name) for name in told], region=part)


def _of(frame: pd.DataFrame, members: Iterable[str]) -> pd.DataFrame:
    members = list(members)
    unknown = [name for name in members if name not in frame.index]
    if unknown:
        raise ValueError(f"no economy {unknown[0]!r} in the panel; it has {', '.join(map(str, frame.index[:6]))} and others")
    return frame.loc[members]
