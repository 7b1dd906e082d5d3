"""Is the panel fit for a spatial model?

Data by (region, year) in any order become arrays of shape (T, N); what makes a
model impossible is refused here, with the region, the year and the column named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from casebook.spatial import weights as spatial_weights
from casebook.spatial.determinant import lag
from casebook.spatial.likelihood import within

FLAT = 1e-9
"""What is left of a column after its effects are taken out, as a part of it, if nothing is left."""

RESERVED = ("const", "rho", "sigma2")
"""Names that results give to what is no regressor."""


@dataclass(frozen=True)
class Arrays:
    """A balanced panel and its weights.

    Attributes
    ----------
    y : (T, N)
    z : (T, N, K)
        Regressors, with a constant first where `names` says so, lags last.
    names : tuple of K str
    matrix : sparse array, N x N
    regions, years : Index
    """

    y: np.ndarray
    z: np.ndarray
    names: tuple[str, ...]
    matrix: sparse.csr_array
    regions: pd.Index
    years: pd.Index


def arrays(dependent: pd.Series, exog: pd.DataFrame, weights, effects: str, durbin) -> Arrays:
    """Check a panel and lay it out.

    Parameters
    ----------
    dependent : Series indexed by (region, year)
    exog : DataFrame with the same index
    weights : libpysal W
        Its ids are the regions.
    effects : str
    durbin : list of str
        Regressors that enter with their spatial lag.

    Returns
    -------
    Arrays

    Raises
    ------
    TypeError, ValueError
        Name the column, region and year at fault.
    """
    data = _frame(dependent, exog)
    absent = [name for name in durbin if name not in exog]
    if absent:
        raise ValueError(f"no regressor {absent[0]!r} to lag; there are {', '.join(map(str, exog))}")
    twice = [name for i, name in enumerate(durbin) if name in durbin[:i]]
    if twice:
        raise ValueError(f"durbin names {twice[0]!r} twice")
    taken = [name for name in exog if name in RESERVED or name in [f"W*{other}" for other in durbin]]
    if taken:
        raise ValueError(f"a regressor is called {taken[0]!r}, which the results call something else; rename it")
    regions, years = _balanced(data)
    cube = data.to_numpy(float).reshape(len(regions), len(years), -1).swapaxes(0, 1)
    matrix = spatial_weights.matrix(weights, list(regions))
    if not matrix.nnz:
        raise ValueError("the weights link no two regions: there is nothing spatial to estimate")
    _enough_years(len(years), effects)
    y, x = cube[..., 0], cube[..., 1:]
    names, parts = list(exog), [x]
    if effects in ("none", "random"):
        names, parts = ["const", *names], [np.ones_like(x[..., :1]), x]
    if durbin:
        parts.append(lag(matrix, x[..., [list(exog).index(name) for name in durbin]]))
        names += [f"W*{name}" for name in durbin]
    ready = Arrays(y, np.concatenate(parts, axis=-1), tuple(names), matrix, regions, years)
    _identified(ready, str(dependent.name), effects)
    return ready


def _frame(dependent, exog) -> pd.DataFrame:
    if not isinstance(dependent, pd.Series) or not isinstance(exog, pd.DataFrame):
        raise TypeError("give the dependent variable as a Series and the regressors as a DataFrame, both indexed by (region, year)")
    for name, part in (("the dependent variable", dependent), ("the regressors", exog)):
        if part.index.nlevels != 2:
            raise ValueError(f"{name} must be indexed by (region, year); use set_index")
        if list(part.index.names) == ["year", "region"]:
            raise ValueError(f"{name} must be indexed by (region, year), not (year, region); use swaplevel")
        twice = part.index[part.index.duplicated()]
        if len(twice):
            region, year = twice[0]
            raise ValueError(f"{name}: {region} has more than one row for {year}")
    same = exog.columns[exog.columns.duplicated()]
    if len(same):
        raise ValueError(f"more than one regressor is called {same[0]!r}")
    if exog.shape[1] == 0:
        raise ValueError("there is no regressor")
    if not len(dependent):
        raise ValueError("the panel has no rows")
    only = dependent.index.symmetric_difference(exog.index)
    if len(only):
        region, year = only[0]
        raise ValueError(f"{region} {year} is in the dependent variable or in the regressors, but not in both")
    data = pd.concat([dependent.rename("\0dependent"), exog], axis=1)
    for column in data:
        shown = dependent.name if column == "\0dependent" else column
        if not pd.api.types.is_numeric_dtype(data[column]) or pd.api.types.is_complex_dtype(data[column]):
            raise TypeError(f"{shown!r} is not a column of real numbers; it is {data[column].dtype}")
        bad = data.index[~np.isfinite(data[column].astype(float))]
        if len(bad):
            region, year = bad[0]
            raise ValueError(f"{shown!r} of {region} is missing or not finite in {year} ({len(bad)} such cells); "
                             "drop the region or the year, or choose another column")
    return data.sort_index()


def _balanced(data: pd.DataFrame) -> tuple[pd.Index, pd.Index]:
    regions = data.index.get_level_values(0).unique()
    years = data.index.get_level_values(1).unique().sort_values()
    whole = pd.MultiIndex.from_product([regions, years])
    absent = whole.difference(data.index)
    if len(absent):
        region, year = absent[0]
        raise ValueError(f"the panel is unbalanced: {region} has no row for {year} ({len(absent)} rows are missing); "
                         "a spatial lag needs every region in every year")
    return regions, years


def _enough_years(years: int, effects: str) -> None:
    if years == 1 and effects not in ("none", "time"):
        raise ValueError(f"{effects} effects need more than one year; use effects='none'")


def _identified(panel: Arrays, dependent: str, effects: str) -> None:
    if np.ptp(panel.y) <= FLAT * np.abs(panel.y).max():
        raise ValueError(f"{dependent!r} is the same everywhere: there is nothing to explain")
    kept = {"random": "none", "random+time": "time"}.get(effects, effects)
    data = np.concatenate([panel.y[..., None], panel.z], axis=-1)
    names = [dependent, *panel.names]
    size = np.sqrt(np.square(data).sum(axis=(0, 1)))
    left = np.sqrt(np.square(within(data, kept)).sum(axis=(0, 1)))
    for name, whole, part, column in zip(names, size, left, np.moveaxis(data, -1, 0)):
        if part <= FLAT * max(whole, np.finfo(float).tiny):
            raise ValueError(f"{name!r} {_why_flat(column, effects)}; drop it or choose other effects")
    flat = within(panel.z, kept).reshape(-1, len(panel.names)) / left[1:]
    for position, name in enumerate(panel.names):
        before = flat[:, :position]
        if not position:
            continue
        b = np.linalg.lstsq(before, flat[:, position], rcond=None)[0]
        if np.linalg.norm(flat[:, position] - before @ b) < 1e-7:
            others = [n for n, share in zip(panel.names, b) if abs(share) > 1e-6]
            raise ValueError(f"{name!r} is a linear combination of {', '.join(others)} "
                             "once the effects are taken out: drop one of them")
    y = within(panel.y, kept).ravel() / left[0]
    if np.linalg.norm(y - flat @ np.linalg.lstsq(flat, y, rcond=None)[0]) < 1e-7:
        raise ValueError(f"the regressors determine {dependent!r} exactly: it is made from them, "
                         "and nothing is left to estimate")
    cells, parameters = panel.y.size, len(panel.names) + 2
    dummies = {"entity": len(panel.regions), "time": len(panel.years),
               "twoways": len(panel.regions) + len(panel.years) - 1}.get(effects, 0)
    if cells - dummies <= parameters:
        raise ValueError(f"{cells} observations can't carry {parameters} parameters and {dummies} effects")


def _why_flat(column: np.ndarray, effects: str) -> str:
    def flat(kind):
        return np.abs(within(column, kind)).max() <= FLAT * np.abs(column).max()

    if not np.any(column):
        return "is zero everywhere"
    if effects != "time" and flat("entity"):
        return "doesn't change over the years in any region, so that the region effects absorb it"
    if effects != "entity" and flat("time"):
        return "is the same for all regions in each year, so that the year effects absorb it"
    return "is a sum of region and year effects"
