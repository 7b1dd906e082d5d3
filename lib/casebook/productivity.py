"""How much output does a region earn per unit of pollution, and is it catching up?

Green productivity is real output over a composite index of pollutants.  This
module carries a panel of regions from raw figures to that productivity, to its
elasticity with respect to income, to its dispersion, and to the gap between
ordinary and model regions.  Every choice that a published study may leave
unsaid is a field of :class:`Reading`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from casebook import composite, convergence, decoupling, panels


@dataclass(frozen=True)
class Reading:
    """The choices behind one computation of green productivity.

    Attributes
    ----------
    pollutants : tuple of str
        Columns that enter the pollution index.
    weights : one of ``composite.WEIGHTINGS``
    pooling : one of ``composite.POOLINGS``
        Of the smallest and largest value.
    interval : (float, float)
        Onto which each pollutant is brought.
    gdp : str
        Column of GDP at current prices; its base-year value is carried on by
        the growth index.
    growth : str
        Column of the growth index of GDP, previous year = 100.
    population : str
        Column by which GDP is divided to give income.
    population_year : {"each", "first"}
        The population of each year or of the base year throughout.
    rule : one of ``decoupling.RULES``
    second_start : int or None
        First year of the second period; None leaves it as the settings say.
    ddof : {0, 1}
        Divisor N or N - 1 of the dispersion.
    spread_over : {"all", "unbroken"}
        The dispersion of all regions, or of those whose boundary never changed:
        no flag ``boundary`` in the column ``<population>_flag``.
    gap : one of ``decoupling.GAPS``
        Of the catch-up index.
    stage_population : str, optional
        Column that gives the base-year income by which stages are cut; by default `population`.
    """

    pollutants: tuple[str, ...]
    weights: str = "equal"
    pooling: str = "pooled"
    interval: tuple[float, float] = (50.0, 100.0)
    gdp: str = "gdp"
    growth: str = "gdp_index"
    population: str = "population"
    population_year: str = "each"
    rule: str = "end-to-end"
    second_start: int | None = None
    ddof: int = 0
    spread_over: str = "all"
    gap: str = "absolute"
    stage_population: str | None = None

    def __post_init__(self):
        object.__setattr__(self, "pollutants", tuple(self.pollutants))
        object.__setattr__(self, "interval", tuple(self.interval))
        if self.population_year not in ("each", "first"):
            raise ValueError(f"population_year must be each or first; got {self.population_year!r}")
        if self.spread_over not in ("all", "unbroken"):
            raise ValueError(f"spread_over must be all or unbroken; got {self.spread_over!r}")
        if not self.pollutants:
            raise ValueError("a reading needs at least one pollutant")


def real_gdp(panel: pd.DataFrame, reading: Reading, base_year: int) -> pd.Series:
    """GDP at prices of the base year: its base-year value times chained growth.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
        Needs the columns ``reading.gdp`` (any currency unit) and
        ``reading.growth`` (previous year = 100).
    reading : Reading
    base_year : int

    Returns
    -------
    Series indexed by (region, year)
        From the base year on, in the unit of the GDP column.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A"], [2005, 2006]], names=["region", "year"])
    >>> panel = pd.DataFrame({"gdp": [200.0, 230.0], "gdp_index": [112.0, 110.0]}, key)
    >>> real_gdp(panel, Reading(pollutants=("so2",)), 2005).round(6).tolist()
    [200.0, 220.0]
    """
    panels.need(panel, [reading.gdp, reading.growth])
    level = panel[reading.gdp].unstack("year").loc[_regions(panel)]
    factor = panel[reading.growth].unstack("year").loc[_regions(panel)] / 100
    if base_year not in level:
        raise ValueError(f"no figures for the base year {base_year}")
    factor = factor.reindex(columns=range(base_year, level.columns.max() + 1))  # a year without rows breaks the chain
    factor[base_year] = 1.0
    chained = factor.cumprod(axis=1, skipna=False).mul(level[base_year], axis=0)
    return _long(chained, panel, "real GDP")


def income(panel: pd.DataFrame, reading: Reading, base_year: int) -> pd.Series:
    """Real GDP per person.

    Parameters
    ----------
    panel, reading, base_year
        As for :func:`real_gdp`; needs the column ``reading.population``.

    Returns
    -------
    Series indexed by (region, year)
        Unit of GDP over unit of population.
    """
    gdp = real_gdp(panel, reading, base_year)
    return (gdp / _people(panel, reading, base_year).reindex(gdp.index)).rename("income")


def _people(panel: pd.DataFrame, reading: Reading, base_year: int) -> pd.Series:
    panels.need(panel, [reading.population])
    people = panel[reading.population]
    if (people <= 0).any():
        region, year = people.index[people <= 0][0]
        raise ValueError(f"{reading.population!r} of {region} is not positive in {year}")
    if reading.population_year == "first":
        first = people.xs(base_year, level="year")
        people = pd.Series(first.reindex(panel.index.get_level_values("region")).to_numpy(), panel.index)
    return people


def pollution_index(panel: pd.DataFrame, reading: Reading) -> pd.Series:
    """Composite index of the reading's pollutants.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
        Needs the columns ``reading.pollutants``, in any units.
    reading : Reading

    Returns
    -------
    Series indexed by (region, year)
        Between the ends of ``reading.interval``.  Missing in every year in
        which any region lacks a pollutant: a smallest and largest value of
        fewer regions would be another index.
    """
    panels.need(panel, list(reading.pollutants))
    raw = panel[list(reading.pollutants)]
    rows = raw.notna().all(axis=1).groupby(level="year").transform("sum")
    complete = rows == len(_regions(panel))
    if not complete.any():
        raise ValueError(f"no year in which every region has {', '.join(reading.pollutants)}")
    used = raw[complete]
    share = composite.minmax(used, pooling=reading.pooling)
    basis = used if reading.weights == "variation" else share
    weights = composite.weights(basis, method=reading.weights)
    low, high = reading.interval
    index = composite.weighted_sum(low + (high - low) * share, weights)
    return index.reindex(panel.index).rename("pollution index")


def stages(income: pd.Series, cuts, labels) -> pd.Series:
    """Stage of industrialisation of each region, by cuts in its income.

    Parameters
    ----------
    income : Series indexed by region
    cuts : sequence of k increasing floats
        In the unit of `income`; a cut belongs to the stage above it.
    labels : sequence of k + 1 str
        From the poorest stage to the richest.

    Returns
    -------
    Series of str indexed by region
        Missing where income is.

    Notes
    -----
    Chenery, Robinson and Syrquin (1986), *Industrialization and Growth*.

    Examples
    --------
    >>> stages(pd.Series({"A": 9.0, "B": 10.0}), [10], ["early", "late"]).to_dict()
    {'A': 'early', 'B': 'late'}
    """
    cuts = list(cuts)
    if len(labels) != len(cuts) + 1 or sorted(set(cuts)) != cuts:
        raise ValueError(f"{len(cuts)} increasing cuts need {len(cuts) + 1} labels; got {labels}")
    bins = [-float("inf"), *cuts, float("inf")]
    return pd.cut(income, bins, right=False, labels=list(labels)).astype(object).rename("stage")


def leaders(productivity: pd.Series, stages: pd.Series) -> dict[str, str]:
    """The region with the highest productivity in each stage.

    Parameters
    ----------
    productivity : Series indexed by region
        Of one year, or a mean over years.
    stages : Series indexed by region

    Returns
    -------
    dict of stage to region

    Examples
    --------
    >>> leaders(pd.Series({"A": 1.0, "B": 2.0}), pd.Series({"A": "early", "B": "early"}))
    {'early': 'B'}
    """
    return productivity.groupby(stages, sort=False).idxmax().to_dict()


@dataclass(frozen=True)
class Study:
    """Everything one reading gives; made by :func:`study`.

    Attributes
    ----------
    reading : Reading
    panel : DataFrame indexed by (region, year)
        ``gdp`` (real), ``income``, ``pollution`` (index) and ``productivity``.
    elasticities : DataFrame indexed by (period, region)
        ``start``, ``end``, ``income_growth``, ``elasticity``, ``state``, ``score``.
    dispersion : DataFrame indexed by year
        Coefficient of variation of ``income`` and ``productivity``.
    stages : DataFrame indexed by region
        Base-year ``income`` of the stage cut, ``stage``, ``model``.
    catch_up : DataFrame indexed by region
        As :func:`casebook.decoupling.catch_up` returns it.
    """

    reading: Reading
    panel: pd.DataFrame
    elasticities: pd.DataFrame
    dispersion: pd.DataFrame
    stages: pd.DataFrame
    catch_up: pd.DataFrame

    def elasticity(self, period: str) -> pd.Series:
        """Elasticities of one period, indexed by region."""
        return self.elasticities.loc[period, "elasticity"]


ONE_STAGE = {"labels": ["all regions"], "cuts": []}
"""The stages where the settings name none."""


def study(panel: pd.DataFrame, settings: Mapping, reading: Reading) -> Study:
    """Carry a panel of regions through the whole analysis under one reading.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
    settings : mapping
        ``base_year``; ``periods`` (name to first and last year; one named
        ``second`` follows ``reading.second_start``); optionally ``stages`` with ``labels``
        and ``cuts`` in the unit of income, otherwise ``ONE_STAGE``; optionally ``models`` (stage to
        region), otherwise the leaders of the last year in which productivity
        is known.
    reading : Reading

    Returns
    -------
    Study
    """
    levels = _levels(panel, settings, reading)
    staged = _stages(panel, levels, settings, reading)
    return Study(
        reading, levels, _elasticities(levels, settings, reading), _dispersion(panel, levels, reading),
        staged, _catch_up(levels, staged, settings, reading),
    )


def gaps(panel: pd.DataFrame, settings: Mapping, reading: Reading) -> list[tuple[str, int, str]]:
    """The figures that the elasticities of a reading need and a panel lacks.

    Needed are GDP in the base year, its growth in every later year, and population
    and pollutants at both ends of each period, or in every year if the rule is annual.

    Parameters
    ----------
    panel, settings, reading
        As for :func:`study`.

    Returns
    -------
    list of (region, year, column)

    Raises
    ------
    ValueError
        For fewer than two regions, a period that begins before the base year, and a column that is absent.
    """
    base, spans = settings["base_year"], _spans(settings, reading)
    early = [name for name, (start, _) in spans.items() if start < base]
    if len(_regions(panel)) < 2:
        raise ValueError(f"{_regions(panel)[0]} alone can't be compared with others; give two regions or more")
    if early:
        raise ValueError(f"periods.{early[0]} begins in {spans[early[0]][0]}, before base_year = {base}, from which growth is carried on; "
                         "set an earlier base_year, or begin the period later")
    ends = {year for span in spans.values() for year in (span if reading.rule == "end-to-end" else range(span[0], span[1] + 1))}
    people = {base} if reading.population_year == "first" else ends
    needed = [(reading.gdp, {base}), (reading.growth, range(base + 1, max(ends) + 1)), (reading.population, people),
              (reading.stage_population or reading.population, {base}), *((pollutant, ends) for pollutant in reading.pollutants)]
    return panels.lacking(panel, needed)  # each once: the stages may need what incomes do


def refuse_gaps(panel: pd.DataFrame, settings: Mapping, reading: Reading) -> None:
    """Refuse a panel that lacks a figure which the elasticities of a reading need; see :func:`gaps`.

    Parameters
    ----------
    panel, settings, reading
        As for :func:`study`.

    Raises
    ------
    ValueError
        As :func:`gaps`, and for gaps: names region, year and column of the first.
    """
    if found := gaps(panel, settings, reading):
        region, year, column = found[0]
        more = f" (and {len(found) - 1:,} more)" if len(found) > 1 else ""
        raise ValueError(f"region {region}, year {year}, column {column}: no figure, though this reading needs one{more}; fill it in, "
                         "choose other periods or another reading, or leave the region out under [without] in the settings")


LEVELS = ("pollutants", "weights", "pooling", "interval", "growth", "population", "population_year")
"""Fields of a reading that every outcome depends on."""

MATTERS = {
    "elasticity": (*LEVELS, "rule", "second_start"),
    "dispersion": (*LEVELS, "gdp", "ddof", "spread_over"),
    "catch-up": (*LEVELS, "gdp", "stage_population", "gap"),
}
"""Fields that each part of a study depends on; the elasticity has no unit, so GDP's level drops out."""


def outcomes(panel: pd.DataFrame, settings: Mapping, part: str, **fields) -> pd.DataFrame:
    """One part of a study as a long frame; for a grid of readings.

    Parameters
    ----------
    panel, settings
        As for :func:`study`.
    part : {"elasticity", "dispersion", "catch-up"}
        A key of ``MATTERS``.
    **fields
        Fields of :class:`Reading`.

    Returns
    -------
    DataFrame
        ``quantity``, ``region``, ``when``, ``value``, ``label``; the catch-up
        part also gives ``stage`` and the last year's ``productivity``.
    """
    panels.one_of(part, MATTERS, "part")
    reading = Reading(**fields)
    levels = _levels(panel, settings, reading)
    if part == "elasticity":
        e = _elasticities(levels, settings, reading).reset_index()
        frames = [panels.tidy("elasticity", e["elasticity"], e["state"], e["region"], e["period"])]
    elif part == "dispersion":
        d = _dispersion(panel, levels, reading)
        frames = [panels.tidy(f"dispersion of {name}", d[name].array, when=d.index.astype(str)) for name in d]
    else:
        staged = _stages(panel, levels, settings, reading)
        c = _catch_up(levels, staged, settings, reading)
        last = levels["productivity"].xs(levels.index.get_level_values("year").max(), level="year")
        frames = [panels.tidy("catch-up", c["index"].array, c["type"].array, c.index),
                  panels.tidy("stage", staged["income"].array, staged["stage"].array, staged.index),
                  panels.tidy("productivity", last.array, region=last.index)]
    return pd.concat(frames, ignore_index=True)


def _levels(panel, settings, reading) -> pd.DataFrame:
    base = settings["base_year"]
    gdp = real_gdp(panel, reading, base)
    people = _people(panel, reading, base).reindex(gdp.index)
    levels = pd.DataFrame({"gdp": gdp, "income": gdp / people,
                           "pollution": pollution_index(panel, reading).reindex(gdp.index)})
    return levels.assign(productivity=levels["gdp"] / levels["pollution"])


def _dispersion(panel, levels, reading) -> pd.DataFrame:
    if reading.spread_over == "unbroken":
        flags = panel.get(f"{reading.population}_flag", pd.Series("", panel.index))
        broken = flags.str.contains("boundary").groupby(level="region").any()
        levels = levels[~levels.index.get_level_values("region").isin(broken.index[broken])]
    return pd.DataFrame({name: convergence.dispersion(levels[name], ddof=reading.ddof)
                         for name in ("income", "productivity")})


def _catch_up(levels, staged, settings, reading) -> pd.DataFrame:
    first, last = settings["periods"]["whole"]
    return decoupling.catch_up(levels["productivity"], levels["income"], staged["model"].dropna(),
                               first, last, gap=reading.gap)


def _elasticities(levels, settings, reading) -> pd.DataFrame:
    parts = {}
    for name, (start, end) in _spans(settings, reading).items():
        part = pd.DataFrame({"start": start, "end": end}, index=_regions(levels))
        part["income_growth"] = decoupling.growth(levels["income"], start, end)
        part["elasticity"] = decoupling.elasticity(
            levels["productivity"], levels["income"], start, end, rule=reading.rule
        )
        part["state"] = decoupling.state(part["elasticity"], part["income_growth"])
        part["score"] = decoupling.score(part["elasticity"])
        parts[name] = part
    return pd.concat(parts, names=["period", "region"])


def _spans(settings, reading) -> dict[str, tuple[int, int]]:
    """First and last year of each period."""
    spans = {name: tuple(span) for name, span in settings["periods"].items()}
    if "second" in spans and reading.second_start is not None:
        spans["second"] = (reading.second_start, spans["second"][1])
    return spans


def _stages(panel, levels, settings, reading) -> pd.DataFrame:
    base, groups = settings["base_year"], settings.get("stages", ONE_STAGE)
    people = reading.stage_population or reading.population
    panels.need(panel, [people])
    gdp = levels["gdp"].xs(base, level="year")
    first_income = gdp / panel[people].xs(base, level="year")
    out = pd.DataFrame({"income": first_income.loc[_regions(panel)]})
    out["stage"] = stages(out["income"], groups["cuts"], groups["labels"])
    known = levels["productivity"].unstack("year").dropna(axis=1)
    models = settings.get("models") or leaders(known.iloc[:, -1], out["stage"])
    out["model"] = out["stage"].map(models)
    for region in models.values():
        if region not in out.index:
            raise ValueError(f"model region {region!r} has no data")
        out.loc[region, "model"] = region
    return out


def _regions(panel) -> pd.Index:
    return panel.index.get_level_values("region").unique()


def _long(wide: pd.DataFrame, like: pd.DataFrame, name: str) -> pd.Series:
    order = like.index[like.index.get_level_values("year") >= wide.columns.min()]
    return wide.stack().reindex(order).rename(name)
