"""Which figures go into the model, and how are they made into its variables?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casebook import panels, upgrading
from casebook.units import size

UPGRADING = ("ratio", "level", "linear", "root")
"""Tertiary over secondary; level of the shares; shares times productivity, or its root."""

WEIGHTS = ("contiguity", "undoubted", "distance", "nearest")
"""Shared borders; those beyond doubt; inverse distance; the nearest regions."""

ISOLATES = ("refuse", "keep", "drop", "join")
"""A region without neighbour: refused; a row of zeros; left out; joined to the nearest region."""

CONTROLS = ("income", "energy", "openness", "urban")
"""Regressors beside upgrading, in the order of every table."""

SIZES = {"co2": 1e6, "gdp": 1e8, "population": 1e4, "energy": 1e4, "sectors": 1e8, "openness": 1e6, "urban": 1e4, "urban_whole": 1e4}
"""The size of unit in which each field of a reading wants its column."""


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
