"""Does one quantity move faster or slower than another?

Tapio's elasticity compares the growth of a value (emissions, productivity) with
the growth of its driver (usually income); :func:`state` names the eight cases,
:func:`score` grades them finely and :func:`catch_up` asks the same of the gap
between an ordinary region and its model.

Tapio (2005), Transport Policy 12(2), doi:10.1016/j.tranpol.2005.01.001.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from casebook.panels import one_of

RULES = ("end-to-end", "mean-annual", "chained")
GAPS = ("absolute", "signed")

LOWER, UPPER = 0.8, 1.2
"""Tapio's bounds of coupling; both belong to coupling."""

TOLERANCE = 1e-9
"""Slack in comparisons with a bound: in floating point 0.08 / 0.10 is 0.7999999999999999."""

STATES = pd.DataFrame(
    [
        ("expansive negative decoupling", "扩张负脱钩", 1, UPPER, np.inf),
        ("expansive coupling", "扩张连接", 1, LOWER, UPPER),
        ("weak decoupling", "弱脱钩", 1, 0.0, LOWER),
        ("strong decoupling", "强脱钩", 1, -np.inf, 0.0),
        ("strong negative decoupling", "强负脱钩", -1, -np.inf, 0.0),
        ("weak negative decoupling", "弱负脱钩", -1, 0.0, LOWER),
        ("recessive coupling", "衰退连接", -1, LOWER, UPPER),
        ("recessive decoupling", "衰退脱钩", -1, UPPER, np.inf),
    ],
    columns=["state", "state_zh", "driver", "above", "below"],
).set_index("state")
"""The eight states: sign of the driver's growth and the interval of the elasticity."""


def growth(series: pd.Series, start: int, end: int) -> pd.Series:
    """Growth of each region from one year to another, as a fraction of the first.

    Parameters
    ----------
    series : Series indexed by (region, year)
    start, end : int

    Returns
    -------
    Series indexed by region
        0.1 is ten per cent.

    Raises
    ------
    ValueError
        When a region lacks one of the years or starts at zero.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A"], [2005, 2010]], names=["region", "year"])
    >>> growth(pd.Series([100.0, 110.0], key), 2005, 2010).round(6).to_dict()
    {'A': 0.1}
    """
    wide = _wide(series)
    _need_years(series, wide, [start, end])
    if (wide[start] == 0).any():
        region = wide.index[wide[start] == 0][0]
        raise ValueError(f"{_name(series)} of {region} is zero in {start}: its growth is undefined")
    return wide[end] / wide[start] - 1


def elasticity(
    value: pd.Series, driver: pd.Series, start: int, end: int, *, rule: str = "end-to-end"
) -> pd.Series:
    """Tapio's elasticity of a value with respect to its driver.

    Parameters
    ----------
    value, driver : Series indexed by (region, year)
        Levels, in any unit.
    start, end : int
        First and last year of the period.
    rule : {"end-to-end", "mean-annual", "chained"}
        Growth over the whole period, divided; the mean of the annual
        elasticities; the sum of annual growth rates, divided (the annual
        elasticities weighted by the driver's growth).

    Returns
    -------
    Series indexed by region
        No unit.  Missing where the driver doesn't change (for the mean: in any
        year), because the ratio is then undefined, not zero.

    Raises
    ------
    ValueError
        When a region lacks a year that the rule needs or starts at zero.

    Examples
    --------
    Value +5 %, driver +10 %:

    >>> key = pd.MultiIndex.from_product([["A"], [2005, 2010]], names=["region", "year"])
    >>> v, g = pd.Series([100.0, 105.0], key), pd.Series([100.0, 110.0], key)
    >>> elasticity(v, g, 2005, 2010).round(9).to_dict()
    {'A': 0.5}
    """
    one_of(rule, RULES, "rule")
    if end <= start:
        raise ValueError(f"the period must end after it starts; got {start} to {end}")
    if rule == "end-to-end":
        return _ratio(growth(value, start, end), growth(driver, start, end))
    dv, dg = _annual_growth(value, start, end), _annual_growth(driver, start, end)
    if rule == "chained":
        return _ratio(dv.sum(axis=1, skipna=False), dg.sum(axis=1, skipna=False))
    return _ratio(dv, dg).mean(axis=1, skipna=False)


def state(elasticity, driver_growth, *, lower=LOWER, upper=UPPER, tolerance=TOLERANCE):
    """Name the decoupling state: the driver's direction and the elasticity's interval.

    Parameters
    ----------
    elasticity, driver_growth : Series of one index, or scalars
    lower, upper : float
        Bounds of coupling, both inclusive.
    tolerance : float
        Slack in comparisons with 0, `lower` and `upper`.

    Returns
    -------
    Series of str, or str
        One of the eight of ``STATES``, or ``"undefined"`` where the driver
        doesn't change or the elasticity is missing.

    Notes
    -----
    The names were made for a *bad* (emissions), where strong decoupling is
    best.  For a *good* such as productivity the order of merit turns round:
    expansive negative decoupling is best and strong decoupling worst.

    Examples
    --------
    >>> state(0.08 / 0.10, 0.10), state(-0.5, -0.1), state(0.0, 0.0)
    ('expansive coupling', 'strong negative decoupling', 'undefined')
    """
    e, g = pd.Series(elasticity, dtype=float), pd.Series(driver_growth, dtype=float)
    band = np.select(
        [e < -tolerance, e < lower - tolerance, e <= upper + tolerance], [3, 2, 1], default=0
    )
    names = np.array(STATES.index)
    result = pd.Series(np.where(g > 0, names[band], names[7 - band]), e.index, name="state")
    result[e.isna() | g.isna() | (g.abs() <= tolerance)] = "undefined"
    return result.iloc[0] if np.isscalar(elasticity) else result


def score(elasticity, *, width: float = 0.2, origin: int = 4, tolerance=TOLERANCE):
    """Grade elasticities in steps of equal width; more is better for a good.

    Parameters
    ----------
    elasticity : Series or scalar
    width : float
        Width of a step.
    origin : int
        The score of the step that begins at zero.  With 0.2 and 4, nine points
        are [1.0, 1.2) and ten points [1.2, 1.4).
    tolerance : float
        A value this close below the edge of a step belongs to the upper step.

    Returns
    -------
    Series of nullable integers, or int
        Missing where the elasticity is.

    Examples
    --------
    >>> [score(d) for d in (0.0, 0.99, 1.0, 1.2, 2.199)]
    [4, 8, 9, 10, 14]
    """
    if width <= 0:
        raise ValueError(f"width must be positive; got {width}")
    steps = np.floor((pd.Series(elasticity, dtype=float) + tolerance) / width) + origin
    result = steps.astype("Int64").rename("score")
    return int(result.iloc[0]) if np.isscalar(elasticity) else result


def productivity_elasticity(income, population, pollution):
    """End-to-end elasticity of green productivity, from three growth factors.

    With productivity = GDP / pollution and GDP = income x population,
    ``D = (income * population / pollution - 1) / (income - 1)``.  For growing
    income, D > 1 exactly when pollution grows less than population.

    Parameters
    ----------
    income, population, pollution : float or array
        Last value over first value.

    Returns
    -------
    float or array
        Missing where income doesn't change.

    Examples
    --------
    Pollution constant, population +20 %, income +50 %: no abatement at all,
    and still "expansive negative decoupling".

    >>> round(float(productivity_elasticity(1.5, 1.2, 1.0)), 9)
    1.6
    """
    income = np.asarray(income, dtype=float)
    gain = income - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        result = (income * population / pollution - 1) / gain
    return np.where(gain == 0, np.nan, result)[()]


def catch_up(
    value: pd.Series,
    driver: pd.Series,
    models: Mapping[str, str],
    start: int,
    end: int,
    *,
    gap: str = "absolute",
) -> pd.DataFrame:
    """Do ordinary regions close the gap to their model region?

    Parameters
    ----------
    value, driver : Series indexed by (region, year)
        Green productivity and income, say.
    models : mapping of region to model region
        Regions mapped to themselves are models and left out of the result.
    start, end : int
    gap : {"absolute", "signed"}
        The distance to the model, so that a region ahead and drawing away
        widens the gap; or model minus region, so that it narrows it.

    Returns
    -------
    DataFrame indexed by region
        ``model``; the gaps ``value_gap_start``, ``value_gap_end``,
        ``driver_gap_start``, ``driver_gap_end`` in the units of the inputs;
        their growth ``value_gap_growth``, ``driver_gap_growth`` (change over the
        size of the first gap, fractions);
        ``index``, the first growth over the second; ``type``: A both gaps
        narrow, B the value's only, C the driver's only, D both widen, and
        "undefined" where a gap starts at zero or doesn't change.

    Raises
    ------
    ValueError
        When a model or a year is missing.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["M", "A"], [2005, 2016]], names=["region", "year"])
    >>> v = pd.Series([10.0, 14.0, 6.0, 8.0], key)       # gap 4 -> 6: widens by half
    >>> g = pd.Series([50.0, 60.0, 30.0, 44.0], key)     # gap 20 -> 16: narrows by a fifth
    >>> catch_up(v, g, {"M": "M", "A": "M"}, 2005, 2016)[["index", "type"]].round(6).to_dict("index")
    {'A': {'index': -2.5, 'type': 'C'}}
    """
    one_of(gap, GAPS, "gap")
    ordinary = {r: m for r, m in models.items() if r != m}
    known = set(value.index.get_level_values("region"))
    for region, model in ordinary.items():
        if not {region, model} <= known:
            raise ValueError(f"no data for {region!r} or its model {model!r}")
    out = pd.DataFrame({"model": pd.Series(ordinary, dtype=object)}).rename_axis("region")
    for name, series in (("value", value), ("driver", driver)):
        wide = _wide(series)
        _need_years(series, wide, [start, end])
        for label, year in (("start", start), ("end", end)):
            distance = wide[year].loc[out["model"]].to_numpy() - wide[year].loc[out.index].to_numpy()
            out[f"{name}_gap_{label}"] = np.abs(distance) if gap == "absolute" else distance
        first = out[f"{name}_gap_start"]
        out[f"{name}_gap_growth"] = (out[f"{name}_gap_end"] - first) / first.abs().replace(0.0, np.nan)
    out["index"] = _ratio(out["value_gap_growth"], out["driver_gap_growth"])
    v, g = out["value_gap_growth"], out["driver_gap_growth"]
    out["type"] = np.select(
        [(v < 0) & (g < 0), (v < 0) & (g > 0), (v > 0) & (g < 0), (v > 0) & (g > 0)],
        ["A", "B", "C", "D"],
        default="undefined",
    )
    return out


def _wide(series: pd.Series) -> pd.DataFrame:
    if list(series.index.names) != ["region", "year"]:
        raise ValueError(f"{_name(series)} must be indexed by (region, year), not {series.index.names}")
    if series.index.has_duplicates:
        region, year = series.index[series.index.duplicated()][0]
        raise ValueError(f"{_name(series)} has two rows for {region} in {year}")
    wide = series.unstack("year")
    return wide.loc[series.index.get_level_values("region").unique()]


def _need_years(series: pd.Series, wide: pd.DataFrame, years: list[int]) -> None:
    absent = [y for y in years if y not in wide.columns]
    if absent:
        have = f"{wide.columns.min()} to {wide.columns.max()}"
        raise ValueError(f"{_name(series)} has no year {absent[0]}; it runs from {have}")
    present = series.index
    for year in years:
        for region in wide.index[wide[year].isna()]:
            if (region, year) not in present:
                raise ValueError(
                    f"{_name(series)} has no row for {region} in {year}: "
                    "an elasticity needs both ends of the period and, for annual rules, every year"
                )


def _annual_growth(series: pd.Series, start: int, end: int) -> pd.DataFrame:
    wide = _wide(series)
    years = list(range(start, end + 1))
    _need_years(series, wide, years)
    if (wide[years] == 0).any(axis=None):
        region, year = next(iter((wide[years] == 0).stack().loc[lambda s: s].index))
        raise ValueError(f"{_name(series)} of {region} is zero in {year}: its growth is undefined")
    return wide[years].pct_change(axis=1, fill_method=None).iloc[:, 1:]


def _ratio(numerator, denominator):
    return numerator / denominator.where(denominator.abs() > TOLERANCE)


def _name(series: pd.Series) -> str:
    return repr(series.name) if series.name else "the series"
