"""What does one reading give, and what do all of them?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from casebook import panels
from casebook.intensity.neighbourhood import block, of_group
from casebook.intensity.reading import Reading, variables
from casebook.spatial import SpatialDurbin, SpatialResults
from casebook.spatial.moran import LIKE, moran, scatter

FREEDOM = 30
"""A reading with fewer residual degrees of freedom than this, or with a flagged estimate, can't tell."""

LIMITS = {"left out": 60, "draws": 50_000}
"""What many regions would make slow: regions left out one at a time, and regions times panels drawn at random."""

MATTERS = {
    "effects": ("co2", "measure", "energy", "openness", "urban", "controls", "weights", "k", "first", "last", "method"),
    "groups": ("co2", "measure", "energy", "openness", "urban", "controls", "isolates", "method"),
    "correlation": ("co2", "weights", "k", "of", "scale", "standardise"),
}
"""Fields that the effects of all regions, those of a group of them, and Moran's I are varied over."""


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
    data = variables(of_group(panel, places, reading), exchange, reading)
    data, weights = block(data, places, borders, reading)
    return model(data["carbon"], data.drop(columns="carbon"), weights, effects=reading.effects).fit(reading.method)


def correlation(panel, places, borders, exchange, reading: Reading) -> pd.DataFrame:
    """Moran's I of carbon intensity or emissions by year; columns as :func:`casebook.spatial.moran.moran` has them."""
    return moran(*_valued(panel, places, borders, reading), permutations=0)


def _valued(panel, places, borders, reading: Reading):
    """What neighbours may be alike in, and the weights that say who is whose neighbour."""
    panels.need(panel, [reading.co2, reading.gdp] if reading.of == "intensity" else [reading.co2])
    panel = of_group(panel, places, reading)
    values = panel[reading.co2] / (panel[reading.gdp] if reading.of == "intensity" else 1)
    data, weights = block(values.to_frame("values"), places, borders, reading)
    if not reading.standardise:
        weights.transform = "O"
    return np.log(data["values"]) if reading.scale == "log" else data["values"], weights


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
