"""Do economy and environment advance together, region by region?

Indicators of two systems are brought to a common scale, weighted into a level of
each, and the two levels held against each other (:mod:`casebook.coupling`).  The
choices are arguments; a grid of them shows what hangs on each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from casebook import composite, coupling, panels, precedence
from casebook.convergence import checks
from casebook.panels import need, one_of, tidy


def indicators(panel: pd.DataFrame, wanted: Mapping[str, Mapping], *, first: int, last: int, without: Sequence[str] = ()) -> pd.DataFrame:
    """Indicators of a system, each a column or one column over another.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
    wanted : mapping of indicator to mapping
        ``part``, a column; optionally ``whole``, the column it is divided by.
    first, last : int
        Years kept.
    without : sequence of str
        Regions left out by name, because a figure of theirs is missing.

    Returns
    -------
    DataFrame indexed by (region, year), a column per indicator

    Raises
    ------
    ValueError
        For an unknown column or region, years that aren't there, a region without a row for a year or with two,
        a figure missing or infinite, or a whole of zero: it names region, year and column.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A"], [2010, 2011]], names=["region", "year"])
    >>> panel = pd.DataFrame({"co2": [6.0, 6.0], "gdp": [2.0, 3.0]}, key)
    >>> indicators(panel, {"intensity": {"part": "co2", "whole": "gdp"}}, first=2010, last=2011)["intensity"].tolist()
    [3.0, 2.0]
    """
    columns = _columns(wanted)
    need(panel, columns)
    regions, years = panel.index.get_level_values("region"), panel.index.get_level_values("year")
    _among(without, regions)
    absent = sorted(set(range(first, last + 1)) - set(years))
    if absent or first > last:
        raise ValueError(f"the panel has no year {absent[0]}" if absent else f"{first} is after {last}")
    kept = panel[(years >= first) & (years <= last) & ~regions.isin(list(without))]
    wholes = {one["whole"] for one in wanted.values() if "whole" in one}
    for column in columns:
        _refuse(kept, column, column in wholes, range(first, last + 1))
    figures = {name: kept[one["part"]] / kept[one["whole"]] if "whole" in one else kept[one["part"]] for name, one in wanted.items()}
    return pd.DataFrame(figures).astype(float)


def lacking(panel: pd.DataFrame, wanted: Mapping[str, Mapping], *, first: int, last: int, without: Sequence[str] = ()) -> list[tuple[str, int, str]]:
    """The figures for want of which :func:`indicators` refuses a panel.

    Parameters
    ----------
    panel, wanted, first, last, without
        As for :func:`indicators`.

    Returns
    -------
    list of (region, year, column)

    Raises
    ------
    ValueError
        For an unknown column or region.
    """
    regions = panel.index.get_level_values("region")
    _among(without, regions)
    return panels.lacking(panel[~regions.isin(list(without))], [(column, range(first, last + 1)) for column in _columns(wanted)])


def _columns(wanted: Mapping[str, Mapping]) -> list[str]:
    return list(dict.fromkeys(column for one in wanted.values() for column in (one["part"], one.get("whole", one["part"]))))


def _among(without: Sequence[str], regions: pd.Index) -> None:
    unknown = [region for region in without if region not in regions]
    if unknown:
        raise ValueError(f"{unknown[0]}, to be left out, is not among the regions: correct the spelling")


def _refuse(kept: pd.DataFrame, column: str, whole: bool, years: range) -> None:
    """Name the first figure that no indicator can be made of."""
    table = checks.wide(kept[column], column, years=years, least=1, positive=False, known=False)
    faults = {"missing": table.isna()} | ({"zero, and nothing can be divided by it,": table == 0} if whole else {})
    for word, fault in faults.items():
        if fault.any(axis=None):
            region, year = fault.stack().idxmax()
            raise ValueError(f"{column} of {region} is {word} in {year}: choose other years or another indicator, or leave {region} out by name")


def scaled(
    panel: pd.DataFrame, systems: Mapping[str, Mapping[str, Mapping]], *, first: int, last: int, pooling: str = "pooled",
    to: tuple[float, float] = (0.0, 1.0), without: Sequence[str] = (), environment: Mapping[str, Mapping] | None = None,
) -> pd.DataFrame:
    """Indicators of all systems on one scale, more being better.

    Parameters
    ----------
    panel, first, last, without
        As for :func:`indicators`.
    systems : mapping of system to indicators
        As for :func:`indicators`; ``direction``, 1 or -1, says whether more is better.
    pooling : {"pooled", "by-year"}
        Scaled over all years, so that levels can be compared in time, or within each.
    to : (float, float)
        The interval.
    environment : mapping, optional
        Indicators that take the place of the system "environment".

    Returns
    -------
    DataFrame indexed by (region, year), columns (system, indicator)

    Raises
    ------
    ValueError
        As :func:`indicators` and :func:`casebook.composite.minmax`, such as for a constant indicator; where there is
        no system "environment" to replace.
    """
    if environment and "environment" not in systems:
        raise ValueError(f"there is no system 'environment' to replace; there are {', '.join(systems)}")
    parts = {}
    for system, wanted in (dict(systems) | ({"environment": environment} if environment else {})).items():
        raw = indicators(panel, wanted, first=first, last=last, without=without)
        direction = {name: one.get("direction", 1) for name, one in wanted.items()}
        parts[system] = composite.minmax(raw, to=tuple(to), pooling=pooling, direction=direction)
    return pd.concat(parts, axis=1, names=["system", "indicator"])


def levels(
    panel: pd.DataFrame, systems: Mapping[str, Mapping[str, Mapping]], *, first: int, last: int, weighting: str = "entropy",
    pooling: str = "pooled", to: tuple[float, float] = (0.0, 1.0), without: Sequence[str] = (),
    environment: Mapping[str, Mapping] | None = None,
) -> tuple[pd.DataFrame, pd.Series]:
    """Level of each system and the weights of its indicators.

    Parameters
    ----------
    panel, systems, first, last, pooling, to, without, environment
        As for :func:`scaled`.
    weighting : one of ``casebook.composite.WEIGHTINGS``

    Returns
    -------
    levels : DataFrame indexed by (region, year), a column per system
    weights : Series indexed by (system, indicator), adding up to one in each system

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A", "B"], [2010]], names=["region", "year"])
    >>> panel = pd.DataFrame({"gdp": [1.0, 3.0], "so2": [5.0, 2.0]}, key)
    >>> systems = {"economy": {"output": {"part": "gdp"}}, "environment": {"SO2": {"part": "so2", "direction": -1}}}
    >>> levels(panel, systems, first=2010, last=2010, weighting="equal")[0].loc["B"].values.tolist()
    [[1.0, 1.0]]
    """
    whole = scaled(panel, systems, first=first, last=last, pooling=pooling, to=to, without=without, environment=environment)
    names = whole.columns.unique("system")
    weighed = {system: composite.weights(whole[system], method=weighting) for system in names}
    told = {system: composite.weighted_sum(whole[system], weighed[system]) for system in names}
    return pd.DataFrame(told), pd.concat(weighed, names=["system", "indicator"])


def outcomes(
    panel: pd.DataFrame, systems: Mapping[str, Mapping[str, Mapping]], *, first: int, last: int, weighting: str = "entropy",
    pooling: str = "pooled", form: str = "standard", to: tuple[float, float] = (0.0, 1.0), without: Sequence[str] = (),
    environment: Mapping[str, Mapping] | None = None,
) -> pd.DataFrame:
    """Coupling and coordination of every region and year, as tidy rows for :func:`casebook.readings.run`.

    Parameters
    ----------
    panel, systems, first, last, weighting, pooling, to, without, environment
        As for :func:`levels`.
    form : one of ``casebook.coupling.FORMS``, or a misprint by name

    Returns
    -------
    DataFrame
        Quantities "coupling", "development" and "coordination" at each year.

    Raises
    ------
    ValueError
        As :func:`scaled` and :func:`casebook.coupling.coupling`, such as for two systems at zero.
    """
    found, _ = levels(panel, systems, first=first, last=last, weighting=weighting, pooling=pooling, to=to, without=without, environment=environment)
    told = coupling.coordination(found, form=form)
    regions, years = (told.index.get_level_values(level) for level in ("region", "year"))
    return pd.concat([tidy(quantity, told[quantity].to_numpy(), region=list(regions), when=list(years)) for quantity in told], ignore_index=True)


def closeness(income: pd.Series, people: pd.Series) -> pd.Series:
    """How near each region's income is to that of all together: minus the absolute log gap.

    Parameters
    ----------
    income, people : Series indexed by (region, year)
        Income per head and residents.

    Returns
    -------
    Series indexed by (region, year)
        Zero at the common mean, below it otherwise; in log points.

    Raises
    ------
    ValueError
        For figures missing, zero or less, infinite or twice there, and people without income or income without people:
        the common mean is then another one.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A", "B"], [2010]], names=["region", "year"])
    >>> closeness(pd.Series([1.0, 3.0], key), pd.Series([1.0, 1.0], key)).round(4).tolist()
    [-0.6931, -0.4055]
    """
    own = checks.wide(income, "income", least=1)
    heads = checks.alike(people, own, "people", "income")
    near = -np.log(own / ((own * heads).sum() / heads.sum())).abs()
    return near.stack().reindex(income.index).rename("closeness")


def order(
    ones: Mapping[str, pd.Series], others: Mapping[str, pd.Series], *, one: str, other: str, lags: int = 1, trend: str = "differences, demeaned",
    without: Sequence[str] = (), draws: int = 499, seed: int = 0,
) -> pd.DataFrame:
    """Which of two series comes first, as tidy rows for :func:`casebook.readings.run`.

    Parameters
    ----------
    ones, others : mapping of name to Series indexed by (region, year)
        The candidates for each of the two.
    one, other : str
        Those taken.
    without : sequence of str
        Regions left out by name.
    lags, trend, draws, seed
        As for :func:`casebook.precedence.both_ways`.

    Returns
    -------
    DataFrame
        Quantities "forward", the first before the second, and "backward": ``value`` is the p-value,
        ``label`` the outcome of both.  "W" and "coefficients" of each region, forward, are those of
        :func:`casebook.precedence.granger`.

    Raises
    ------
    ValueError
        For a series that isn't among the candidates, and as :func:`casebook.precedence.both_ways`.
    """
    one_of(one, ones, "one")
    one_of(other, others, "other")
    _among(without, ones[one].index.unique("region"))
    pair = [series.drop(index=list(without), level="region") for series in (ones[one], others[other])]
    found = precedence.both_ways(*pair, lags=lags, trend=trend, draws=draws, seed=seed)
    alone = found.forward.granger.by_region
    return pd.concat([tidy(["forward", "backward"], [found.p_forward, found.p_backward], [found.outcome] * 2),
                      *(tidy(name, alone[name].array, region=alone.index) for name in ("W", "coefficients"))], ignore_index=True)
