"""Does a region's industrial structure lower its carbon intensity, and that of its neighbours?

Carries a panel of regions from raw figures to the logged variables of a spatial
Durbin model, to its estimates and effects, and to Moran's I by year.  Every
choice that a published study may leave unsaid is a field of :class:`Reading`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from casebook import panels, upgrading
from casebook.spatial import SpatialDurbin, SpatialResults, contiguity, inverse_distance, nearest
from casebook.spatial.moran import LIKE, moran, scatter
from casebook.units import size

UPGRADING = ("ratio", "level", "linear", "root")
"""Tertiary over secondary; level of the shares; shares times productivity, or its root."""

WEIGHTS = ("contiguity", "undoubted", "distance", "nearest")
"""Shared borders; those beyond doubt; inverse distance; the nearest regions."""

ISOLATES = ("refuse", "keep", "drop", "join")
"""A region without neighbour: refused; a row of zeros; left out; joined to the nearest region."""

FREEDOM = 30
"""A reading with fewer residual degrees of freedom than this, or with a flagged estimate, can't tell."""

FEWEST = 4
"""Regions without which no spatial pattern can be told from chance."""

CONTROLS = ("income", "energy", "openness", "urban")
"""Regressors beside upgrading, in the order of every table."""

ALL_PAIRS = 600
"""Weights by inverse distance link every region with every other: for more regions than this they are refused."""

SIZES = {"co2": 1e6, "gdp": 1e8, "population": 1e4, "energy": 1e4, "sectors": 1e8, "openness": 1e6, "urban": 1e4, "urban_whole": 1e4}
"""The size of unit in which each field of a reading wants its column."""

LIMITS = {"left out": 60, "draws": 50_000}
"""What many regions would make slow: regions left out one at a time, and regions times panels drawn at random."""


@dataclass(frozen=True)
class Reading:
    """The choices behind one estimate.

    Attributes
    ----------
    co2 : str
        Column of emissions, 1e6 t; or of energy, 1e4 tce, where emissions are
        computed from energy with one factor.
    co2_scale : float
        What brings `co2` over `gdp` to tonnes per 1e4 of currency: 100 for
        1e6 t, 1 for 1e4 tce.
    gdp : str
        Column of GDP, 1e8 of local currency at current prices.
    population : str
        Column of the people by whom GDP is divided, 1e4.
    measure : one of ``UPGRADING``
    energy : str
        Column of energy use, 1e4 tce.
    sectors : tuple of str
        Columns of the value added of the three sectors, 1e8.
    openness : str
        Column of the money that comes from abroad, such as foreign investment or exports, 1e6 of its currency.
    urban, urban_whole : str
        Columns of the people in towns, and of all; without the second the first is their share in per cent.
    controls : tuple of ``CONTROLS``
    weights : one of ``WEIGHTS``
    k : int
        Number of nearest regions.
    isolates : one of ``ISOLATES``
    group : str
        Regions of this group only, by the column ``group`` of the places; all by default.
    first, last : int or None
        Bounds of the years; within them the largest balanced block is taken.
    method : str
        Of :meth:`casebook.spatial.SpatialDurbin.fit`.
    effects : str
        Fixed effects.
    of : {"intensity", "emissions"}
        Whose spatial correlation is asked.
    scale : {"log", "level"}
        Of that variable.
    standardise : bool
        Rows of the weights sum to one in Moran's I; else these are ones for
        borders and nearest regions, and fall with the distance unscaled.
    """

    co2: str = "co2_edgar"
    co2_scale: float = 100.0
    gdp: str = "gdp_revised"
    population: str = "population_resident"
    measure: str = "ratio"
    energy: str = "energy_three_carriers"
    sectors: tuple[str, ...] = tuple(f"va_{s}" for s in upgrading.SECTORS)
    openness: str = "fdi"
    urban: str = "population_urban"
    urban_whole: str = "population_resident_unrevised"
    controls: tuple[str, ...] = CONTROLS
    weights: str = "contiguity"
    k: int = 3
    isolates: str = "refuse"
    group: str = ""
    first: int | None = None
    last: int | None = None
    method: str = "transformation"
    effects: str = "twoways"
    of: str = "intensity"
    scale: str = "log"
    standardise: bool = True

    def __post_init__(self):
        for field in ("controls", "sectors"):
            object.__setattr__(self, field, tuple(getattr(self, field)))
        for field, known in (("measure", UPGRADING), ("weights", WEIGHTS), ("isolates", ISOLATES),
                             ("of", ("intensity", "emissions")), ("scale", ("log", "level"))):
            panels.one_of(getattr(self, field), known, field)
        if len(self.sectors) != len(upgrading.SECTORS):
            raise ValueError(f"sectors names a column for each of {', '.join(upgrading.SECTORS)}; got {', '.join(self.sectors)}")
        unknown = [c for c in self.controls if c not in CONTROLS]
        if unknown:
            raise ValueError(f"no control {unknown[0]!r}; there are {', '.join(CONTROLS)}")


def resized(panel: pd.DataFrame, units: Mapping[str, str], readings) -> pd.DataFrame:
    """The panel with its figures in the sizes in which they are reckoned here, see ``SIZES``.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
    units : mapping of column to str
        As the dictionary has them, such as ``"1e4 t"``; a share in per cent stays as it is.
    readings : iterable of Reading
        Those that will be asked for; the others' columns stay as they are.

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> panel = pd.DataFrame({"soot": [700.0]}, index=pd.MultiIndex.from_tuples([("A", 2001)], names=["region", "year"]))
    >>> resized(panel, {"soot": "1e4 t"}, [Reading(co2="soot")])["soot"].tolist()
    [7.0]
    """
    wanted = {"employment_units": 1e4}
    for reading in readings:
        for field, whole in SIZES.items():
            columns = getattr(reading, field)
            for column in [columns] if isinstance(columns, str) else columns:
                if wanted.setdefault(column, whole) != whole and field != "co2":  # emissions computed from energy keep its unit
                    wanted[column] = whole
    factors = {column: (size(units[column]) or 1.0) / whole for column, whole in wanted.items()
               if column in panel and column in units and not re.match("per ?cent|%", units[column])}
    return panel.assign(**{column: panel[column] * factor for column, factor in factors.items() if factor != 1})


def variables(panel: pd.DataFrame, exchange: pd.Series, reading: Reading) -> pd.DataFrame:
    """The logged variables of the model.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
        Needs the columns the reading names; for productivity also
        ``employment_units`` (1e4) and its shares in per cent.
    exchange : Series indexed by year, optional
        Local currency per unit of that of openness.  Without it openness stays in
        its own: one rate for all regions is a year effect of the logs.
    reading : Reading

    Returns
    -------
    DataFrame indexed by (region, year)
        ``carbon`` (t per 1e4 of currency; tce where made from energy),
        ``upgrading``, ``income`` (currency per person), ``energy`` (tce per 1e4),
        ``openness`` (per cent of GDP), ``urban`` (per cent), all in logs.

    Examples
    --------
    200 Mt for a GDP of 1000 x 1e8: 20 t per 1e4; ln 20.

    >>> from casebook import data
    >>> panel = data.load("beijing-tianjin-hebei").assign(co2_edgar=200.0, gdp_revised=1000.0)
    >>> exchange = data.load("beijing-tianjin-hebei", "nation")["cny_per_usd"]
    >>> variables(panel, exchange, Reading())["carbon"].iloc[0].round(6) == round(float(np.log(20)), 6)
    np.True_
    """
    panels.need(panel, [reading.co2, reading.gdp])
    gdp = panel[reading.gdp]
    out = pd.DataFrame({"carbon": reading.co2_scale * panel[reading.co2] / gdp, "upgrading": measure(panel, reading.measure, reading.sectors)})
    years = panel.index.get_level_values("year")
    if "income" in reading.controls:
        panels.need(panel, [reading.population])
        out["income"] = 1e4 * gdp / panel[reading.population]
    if "energy" in reading.controls:
        panels.need(panel, [reading.energy])
        out["energy"] = panel[reading.energy] / gdp
    if "openness" in reading.controls:
        panels.need(panel, [reading.openness])
        rate = 1.0 if exchange is None else exchange.reindex(years).to_numpy()
        out["openness"] = panel[reading.openness] * rate / gdp  # 1e6 x rate / 1e8, in per cent
    if "urban" in reading.controls:
        panels.need(panel, [c for c in (reading.urban, reading.urban_whole) if c])
        out["urban"] = 100 * panel[reading.urban] / panel[reading.urban_whole] if reading.urban_whole else panel[reading.urban]
    for column in out:
        bad = out.index[(out[column] <= 0) | np.isinf(out[column])]
        if len(bad):
            region, year = bad[0]
            raise ValueError(f"{column} of {region} is not positive and finite in {year}: it has no logarithm; "
                             "correct the figure, or leave it empty")
    return np.log(out)


def logged(panel: pd.DataFrame, exchange: pd.Series, *, variable: str, **fields) -> pd.DataFrame:
    """One logged variable, as tidy rows for :func:`casebook.readings.run`.

    Parameters
    ----------
    panel, exchange
        As for :func:`variables`.
    variable : str
        A column of what that returns.
    **fields
        Of :class:`Reading`.

    Returns
    -------
    DataFrame with a row for each of the panel, in its order
        ``region``, ``when`` (the year), ``value``.
    """
    values = variables(panel, exchange, Reading(**fields))
    panels.one_of(variable, list(values), "variable")
    return panels.tidy(variable, values[variable].array, region=values.index.get_level_values("region"), when=values.index.get_level_values("year").astype(str))


def columns(reading: Reading) -> list[str]:
    """The columns of a panel that a reading's model needs.

    Examples
    --------
    >>> columns(Reading(controls=("energy",)))
    ['co2_edgar', 'gdp_revised', 'va_primary', 'va_secondary', 'va_tertiary', 'energy_three_carriers']
    """
    of = {"income": [reading.population], "energy": [reading.energy], "openness": [reading.openness], "urban": [reading.urban, reading.urban_whole]}
    workers = ["employment_units", *(f"employment_units_share_{s}" for s in upgrading.SECTORS)] if reading.measure in ("linear", "root") else []
    named = [reading.co2, reading.gdp, *reading.sectors, *workers, *(column for control in reading.controls for column in of[control])]
    return list(dict.fromkeys(filter(None, named)))


def measure(panel: pd.DataFrame, kind: str, sectors=Reading.sectors) -> pd.Series:
    """A measure of industrial upgrading, see :mod:`casebook.upgrading`.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
        As for :func:`variables`.
    kind : one of ``UPGRADING``
    sectors : sequence of str
        Columns of the value added of the three sectors.

    Returns
    -------
    Series indexed by (region, year)
        Productivity-weighted measures with shares in per cent and value added
        per worker in 1e4 of currency; missing where a sector is.
    """
    panels.need(panel, sectors)
    value = panel[list(sectors)].set_axis(upgrading.SECTORS, axis=1).dropna()
    if kind in ("ratio", "level"):
        return {"ratio": upgrading.sector_ratio, "level": upgrading.level}[kind](value).reindex(panel.index)
    shares = [f"employment_units_share_{s}" for s in upgrading.SECTORS]
    panels.need(panel, ["employment_units", *shares])
    workers = panel[shares].mul(panel["employment_units"], axis=0).set_axis(upgrading.SECTORS, axis=1) / 100
    return 100 * upgrading.productivity_weighted(value, workers, kind).reindex(panel.index)


def linked(borders: pd.DataFrame, links: Mapping[str, str], regions) -> pd.DataFrame:
    """Borders, and the links that are made by hand where a region borders no other.

    Parameters
    ----------
    borders : DataFrame indexed by (region, neighbour)
    links : mapping of region to region
    regions : iterable of str
        Those that there are.

    Returns
    -------
    DataFrame indexed as `borders`

    Raises
    ------
    ValueError
        For a link of a region that there isn't.

    Examples
    --------
    >>> sea = pd.DataFrame(index=pd.MultiIndex.from_tuples([("A", "B")], names=["region", "neighbour"]))
    >>> linked(sea, {"Isle": "B"}, ["A", "B", "Isle"]).index.tolist()
    [('A', 'B'), ('Isle', 'B')]
    """
    unknown = [r for pair in links.items() for r in pair if r not in set(regions)]
    if unknown:
        raise ValueError(f"the links name {unknown[0]!r}, which is no region; there are {panels.listed(regions)}")
    added = pd.DataFrame(links.items(), columns=["region", "neighbour"]).set_index(["region", "neighbour"])
    return pd.concat([borders, added]) if len(added) else borders


def neighbours(places: pd.DataFrame, borders: pd.DataFrame, regions, reading: Reading):
    """Spatial weights of some regions.

    Parameters
    ----------
    places : DataFrame indexed by region
        ``longitude``, ``latitude``.
    borders : DataFrame
        ``region``, ``neighbour`` and, for "undoubted", ``doubtful``.
    regions : list of str
    reading : Reading

    Returns
    -------
    libpysal W
        Row-standardised; without the isolates where they are dropped.
    """
    regions = list(regions)
    if reading.weights == "distance":
        if len(regions) > ALL_PAIRS:
            raise ValueError(f"weights by inverse distance link all of {len(regions)} regions with each other; take contiguity or nearest")
        return inverse_distance(places.loc[regions])
    if reading.weights == "nearest":
        return nearest(places.loc[regions], reading.k)
    pairs = borders.reset_index() if "region" not in borders else borders
    if reading.weights == "undoubted":
        panels.need(pairs, ["doubtful"], "the table of borders")
        pairs = pairs[pairs["doubtful"] != 1]
    pairs = pairs.loc[pairs["region"].isin(regions) & pairs["neighbour"].isin(regions), ["region", "neighbour"]]
    if pairs.empty:
        raise ValueError(f"the table of borders links no two of {panels.listed(regions)}: "
                         "list the pairs that touch, or choose weights by distance or of the nearest regions")
    linked = {*pairs["region"], *pairs["neighbour"]}
    alone = [r for r in regions if r not in linked]
    if alone and reading.isolates == "drop":
        return contiguity(pairs, [r for r in regions if r not in alone])
    if alone and reading.isolates == "join":
        closest = nearest(places.loc[regions], 1)
        joined = pd.DataFrame([(r, closest.neighbors[r][0]) for r in alone], columns=["region", "neighbour"])
        pairs = pd.concat([pairs, joined], ignore_index=True)
    return contiguity(pairs, regions, isolates="keep" if reading.isolates == "keep" else "refuse")


def sample(data: pd.DataFrame, first: int | None = None, last: int | None = None) -> pd.DataFrame:
    """The largest balanced block of a panel with gaps: years in a row, and the regions known in all of them.

    Parameters
    ----------
    data : DataFrame indexed by (region, year)
    first, last : int, optional
        Bounds of the years.

    Returns
    -------
    DataFrame
        Of blocks with equally many cells the one with more regions;
        ``attrs["left out"]`` lists the regions that are not in it.

    Examples
    --------
    Two regions know two years, one knows three: four cells beat three.

    >>> index = pd.MultiIndex.from_product([["A", "B"], [2001, 2002, 2003]], names=["region", "year"])
    >>> sample(pd.DataFrame({"x": [1, 2, 3, None, 5, 6]}, index)).index.tolist()
    [('A', 2002), ('A', 2003), ('B', 2002), ('B', 2003)]
    """
    known = data.notna().all(axis=1).unstack("year", fill_value=False).sort_index(axis=1)
    known = known.loc[data.index.get_level_values("region").unique(), slice(first, last)]
    cells, years = known.to_numpy(dtype=bool), list(known.columns)
    if not years:
        raise ValueError(f"the panel has no year between {first} and {last}")
    best = max(
        ((complete.sum() * (j - i + 1), complete.sum(), i, j, complete)
         for i in range(len(years)) for j in range(i, len(years)) for complete in [cells[:, i:j + 1].all(axis=1)]),
        key=lambda block: block[:2], default=(0,),
    )
    if not best[0]:
        column = data.isna().sum().idxmax()
        raise ValueError(f"no region has every variable in any of these years; most often {column} is missing")
    _, _, i, j, complete = best
    regions, year = known.index[complete], data.index.get_level_values("year")
    out = data[data.index.get_level_values("region").isin(regions) & (year >= years[i]) & (year <= years[j])]
    out.attrs["left out"] = list(known.index[~complete])
    return out


def estimate(panel, places, borders, exchange, reading: Reading, model=SpatialDurbin) -> SpatialResults:
    """Estimate the model of one reading.

    Parameters
    ----------
    panel, exchange, reading
        As for :func:`variables`.
    places, borders
        As for :func:`neighbours`.
    model : class
        SpatialDurbin or one of its restrictions.

    Returns
    -------
    SpatialResults
    """
    data = variables(_of_group(panel, places, reading), exchange, reading)
    data, weights = _linked(data, places, borders, reading)
    return model(data["carbon"], data.drop(columns="carbon"), weights, effects=reading.effects).fit(reading.method)


def correlation(panel, places, borders, exchange, reading: Reading) -> pd.DataFrame:
    """Moran's I of carbon intensity or emissions by year; columns as :func:`casebook.spatial.moran.moran` has them."""
    return moran(*_valued(panel, places, borders, reading), permutations=0)


def _valued(panel, places, borders, reading: Reading):
    """What neighbours may be alike in, and the weights that say who is whose neighbour."""
    panels.need(panel, [reading.co2, reading.gdp] if reading.of == "intensity" else [reading.co2])
    panel = _of_group(panel, places, reading)
    values = panel[reading.co2] / (panel[reading.gdp] if reading.of == "intensity" else 1)
    data, weights = _linked(values.to_frame("values"), places, borders, reading)
    if not reading.standardise:
        weights.transform = "O"
    return np.log(data["values"]) if reading.scale == "log" else data["values"], weights


def _of_group(panel: pd.DataFrame, places: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    if not reading.group:
        return panel
    if reading.group not in set(places["group"]):
        raise ValueError(f"no region is of the group {reading.group!r}; there are {', '.join(places['group'].unique())}")
    return panel[panel.index.get_level_values("region").isin(places.index[places["group"] == reading.group])]


def _linked(data: pd.DataFrame, places, borders, reading: Reading):
    """The balanced block of a reading, without the isolates that are dropped, and its weights."""
    data = sample(data, reading.first, reading.last)
    regions = data.index.get_level_values("region").unique()
    if len(regions) < FEWEST:
        raise ValueError(f"{panels.listed(regions)}: {len(regions)} {'regions are' if len(regions) > 1 else 'region is'} not enough to say anything "
                         f"about neighbours, which takes {FEWEST}; add regions, or fill the columns that the others lack")
    weights = neighbours(places, borders, regions, reading)
    return data[data.index.get_level_values("region").isin(list(weights.neighbors))], weights


MATTERS = {
    "effects": ("co2", "measure", "energy", "openness", "urban", "controls", "weights", "k", "first", "last", "method"),
    "groups": ("co2", "measure", "energy", "openness", "urban", "controls", "isolates", "method"),
    "correlation": ("co2", "weights", "k", "of", "scale", "standardise"),
}
"""Fields that the effects of all regions, those of a group of them, and Moran's I are varied over."""


def outcomes(panel, places, borders, exchange, part: str, weak: bool = False, **fields) -> pd.DataFrame:
    """One part of the study as a long frame; for a grid of readings.

    Parameters
    ----------
    panel, places, borders, exchange
        As for :func:`estimate`.
    part : {"effects", "correlation"}
    weak : bool
        Also give effects that can't tell, see ``FREEDOM``.
    **fields
        Fields of :class:`Reading`.

    Returns
    -------
    DataFrame
        ``quantity`` ("estimate", "lag", "direct", "indirect", "total" and their
        standard errors, "sd" of the regressor, and of the whole "rho", "sigma2", "R2",
        "regions", "parameters" and "degrees of freedom"; or "I", "z" and
        "likeness", the share of regions in the quadrants of likeness), ``region`` (here: the variable),
        ``when`` (the year), ``value``, ``label``.  What can't be estimated is
        missing, and the label says why.
    """
    reading = Reading(**fields)
    if part == "correlation":
        try:
            values, weights = _valued(panel, places, borders, reading)
            found = moran(values, weights, permutations=0)
        except ValueError as problem:
            years = panel.index.get_level_values("year").unique().astype(str)
            return pd.concat([panels.tidy(name, np.nan, str(problem), when=years) for name in ("I", "z", "likeness")], ignore_index=True)
        found["likeness"] = [scatter(values.xs(year, level="year"), weights)["quadrant"].isin(LIKE).mean() for year in found.index]
        return pd.concat([panels.tidy(name, found[column].array, when=found.index.astype(str))
                          for name, column in (("I", "I"), ("z", "z_random"), ("likeness", "likeness"))], ignore_index=True)
    if part != "effects":
        raise ValueError(f"part must be effects or correlation; got {part!r}")
    names = ["upgrading", *reading.controls]
    try:
        results = estimate(panel, places, borders, exchange, reading)
        if not weak:
            _refuse_weak(results)
    except ValueError as problem:
        return _told(dict.fromkeys(_quantities(names), np.nan), str(problem))
    table, values = results.effects(), {}
    for kind, prefix in (("estimate", ""), ("lag", "W*")):
        for name in names:
            values |= {(kind, name): results.params[prefix + name], (f"{kind} se", name): results.std_errors[prefix + name]}
    spread = dict(zip(results.model.arrays.names, results.model.arrays.z.std(axis=(0, 1), ddof=0)))
    values |= {("sd", name): spread[name] for name in names}
    for (name, kind), row in zip(table.index, table[["estimate", "std_error"]].to_numpy()):
        values |= {(kind, name): row[0], (f"{kind} se", name): row[1]}
    values |= {("rho", None): results.rho, ("rho se", None): results.std_errors["rho"], ("sigma2", None): results.sigma2,
               ("R2", None): results.rsquared["within"], ("regions", None): len(results.model.arrays.regions),
               ("parameters", None): len(results.params), ("degrees of freedom", None): results.df_resid}
    return _told({key: values[key] for key in _quantities(names)})


def signs(grid, quantity: str, variable: str, level: float = 0.1) -> pd.Series:
    """In each reading, is an estimate significantly negative, positive, or neither?

    Parameters
    ----------
    grid : casebook.readings.Grid
        Of :func:`outcomes`, part "effects".
    quantity, variable : str
    level : float
        Two-sided, normal.

    Returns
    -------
    Series indexed by choices
        -1, 1 or 0; missing where the reading can't tell.
    """
    z = grid.spread(quantity)[variable] / grid.spread(f"{quantity} se")[variable]
    return np.sign(z).where(z.abs() > stats.norm.isf(level / 2), 0.0).where(z.notna())


def holding(grid, pattern: dict) -> pd.Series:
    """In which readings do effects have the signs and significance of a pattern?

    Parameters
    ----------
    grid : casebook.readings.Grid
        Of :func:`outcomes`, part "effects".
    pattern : dict of (quantity, variable) to -1, 0 or 1
        As :func:`signs` gives them.

    Returns
    -------
    Series of bool indexed by choices
        Missing where a reading can't tell all of them.
    """
    found = pd.DataFrame({key: signs(grid, *key) for key in pattern})
    return (found == pd.Series(pattern)).all(axis=1).where(found.notna().all(axis=1))


def _refuse_weak(results: SpatialResults) -> None:
    if results.df_resid < FREEDOM:
        raise ValueError(f"fewer than {FREEDOM} degrees of freedom are left")
    grave = [flag for flag in results.flags if "boundary" in flag or "singular" in flag]
    if grave:
        raise ValueError(grave[0])


def _quantities(names: list[str]) -> list[tuple]:
    kinds = [kind + end for kind in ("estimate", "lag", "direct", "indirect", "total") for end in ("", " se")]
    return [(k, n) for k in [*kinds, "sd"] for n in names] + [(k, None) for k in ("rho", "rho se", "sigma2", "R2", "regions", "parameters", "degrees of freedom")]


def _told(values: dict, label: str | None = None) -> pd.DataFrame:
    quantity, region = zip(*values)
    return panels.tidy(list(quantity), list(values.values()), label, list(region), [None if r else "whole" for r in region])
