"""How are several indicators made into one index?

Two steps, each with its choices named: indicators are brought to a common
interval (:func:`minmax`), then added with weights (:func:`weights`,
:func:`weighted_sum`).  The module is pure: arrays or DataFrames in, DataFrames out.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from casebook.panels import one_of

WEIGHTINGS = ("equal", "entropy", "variation", "principal-component")
POOLINGS = ("pooled", "by-year")


def minmax(
    data,
    *,
    to: tuple[float, float] = (0.0, 1.0),
    pooling: str = "pooled",
    direction: int | Mapping[str, int] = 1,
) -> pd.DataFrame:
    """Bring each indicator onto an interval by its smallest and largest value.

    Parameters
    ----------
    data : DataFrame or array, shape (n, k)
        One column per indicator, in any unit.  ``pooling="by-year"`` needs an
        index level named ``year``.  Missing values stay missing.
    to : (float, float)
        The interval; its lower end is reached by the smallest value.
    pooling : {"pooled", "by-year"}
        Smallest and largest over all rows, which keeps years comparable, or
        within each year, which keeps only the order inside a year.
    direction : {1, -1} or mapping of column to {1, -1}
        With -1 the smallest value reaches the upper end.

    Returns
    -------
    DataFrame, shape (n, k)
        In the units of ``to``.

    Raises
    ------
    ValueError
        When an indicator is constant, so that its position is undefined.

    Notes
    -----
    OECD and JRC (2008), *Handbook on Constructing Composite Indicators*,
    doi:10.1787/9789264043466-en, section 5.

    Examples
    --------
    >>> minmax([[2.0], [4.0], [10.0]], to=(50, 100))[0].tolist()
    [50.0, 62.5, 100.0]
    """
    one_of(pooling, POOLINGS, "pooling")
    frame = pd.DataFrame(data).astype(float)
    if pooling == "by-year":
        if "year" not in frame.index.names:
            raise ValueError("pooling='by-year' needs an index level named 'year'")
        groups = frame.groupby(level="year")
        low, high = groups.transform("min"), groups.transform("max")
    else:
        low, high = frame.min(), frame.max()
    _refuse_constant(frame, low, high)
    share = (frame - low) / (high - low)
    for column in frame:
        sign = direction.get(column, 1) if isinstance(direction, Mapping) else direction
        if sign not in (1, -1):
            raise ValueError(f"direction of {column!r} must be 1 or -1, not {sign!r}")
        if sign == -1:
            share[column] = 1 - share[column]
    return to[0] + (to[1] - to[0]) * share


def weights(data, *, method: str = "equal") -> pd.Series:
    """Weights of the indicators, adding up to one.

    Parameters
    ----------
    data : DataFrame or array, shape (n, k)
        Indicators that all point the same way, without missing or negative
        values.  Entropy weights are meant for indicators already on [0, 1].
    method : {"equal", "entropy", "variation", "principal-component"}
        The same for all; one minus the normalised Shannon entropy of each
        column's shares (0 ln 0 = 0, divisor ln n); the coefficient of
        variation; the loadings of the first principal component of the
        correlation matrix.

    Returns
    -------
    Series, shape (k,)
        No unit.

    Raises
    ------
    ValueError
        When a value is missing or negative, a column is constant (its weight
        is undefined), or the first component loads with mixed signs.

    Notes
    -----
    Shannon (1948), doi:10.1002/j.1538-7305.1948.tb01338.x, for the entropy.
    With two indicators the first principal component always loads equally.

    Examples
    --------
    Four regions share the first indicator unevenly, the second less so.

    >>> x = pd.DataFrame({"a": [0, 0, 1, 1], "b": [0, 1, 1, 1]})
    >>> weights(x, method="entropy").round(4).to_dict()
    {'a': 0.7067, 'b': 0.2933}
    """
    one_of(method, WEIGHTINGS, "method")
    frame = pd.DataFrame(data).astype(float)
    if where := _first(frame.isna(), "missing"):
        raise ValueError(
            f"weights need complete indicators: {where}; leave out the indicator or the rows, by name"
        )
    if where := _first(frame < 0, "negative"):
        raise ValueError(f"weights need indicators of zero or more: {where}; correct it or turn its direction")
    if method != "equal":
        _refuse_constant(frame, frame.min(), frame.max())
    raw = {
        "equal": lambda: np.ones(frame.shape[1]),
        "entropy": lambda: 1 - _entropy(frame),
        "variation": lambda: (frame.std(ddof=0) / frame.mean()).to_numpy(),
        "principal-component": lambda: _first_component(frame),
    }[method]()
    return pd.Series(raw / raw.sum(), index=frame.columns, name="weight")


def weighted_sum(data, weights: pd.Series) -> pd.Series:
    """Add the indicators with their weights; missing where any of them is.

    Parameters
    ----------
    data : DataFrame, shape (n, k)
    weights : Series, shape (k,)
        Indexed by the columns of `data`, adding up to one.

    Returns
    -------
    Series, shape (n,)

    Raises
    ------
    ValueError
        When the names differ or the weights don't add up to one.

    Examples
    --------
    >>> x = pd.DataFrame({"a": [50.0, 100.0], "b": [100.0, 60.0]})
    >>> weighted_sum(x, pd.Series({"a": 0.25, "b": 0.75})).tolist()
    [87.5, 70.0]
    """
    frame = pd.DataFrame(data)
    if set(frame.columns) != set(weights.index):
        raise ValueError(f"weights name {list(weights.index)}, the data {list(frame.columns)}")
    if not np.isclose(weights.sum(), 1.0):
        raise ValueError(f"weights add up to {weights.sum():.6g}, not to one")
    return frame.mul(weights).sum(axis=1, skipna=False)


def _first(fault: pd.DataFrame, word: str) -> str:
    """The first cell with a fault, in words; empty if there is none."""
    if not fault.any(axis=None):
        return ""
    row, column = np.argwhere(fault.to_numpy())[0]
    key = fault.index[row]
    where = ", ".join(map(str, key)) if isinstance(key, tuple) else key
    return f"{fault.columns[column]!r} is {word} at {where}"


def _entropy(frame: pd.DataFrame) -> np.ndarray:
    share = (frame / frame.sum()).to_numpy()
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    return -(share * logs).sum(axis=0) / np.log(len(frame))


def _first_component(frame: pd.DataFrame) -> np.ndarray:
    loadings = np.linalg.eigh(frame.corr().to_numpy())[1][:, -1]
    loadings = loadings * np.sign(loadings.sum())
    if (loadings < 0).any():
        mixed = ", ".join(f"{c} {v:+.2f}" for c, v in zip(frame.columns, loadings))
        raise ValueError(f"the first principal component has mixed signs, no weights: {mixed}")
    return loadings


def _refuse_constant(frame, low, high) -> None:
    flat = (low == high)
    if not flat.any(axis=None):
        return
    column = frame.columns[flat.any() if isinstance(flat, pd.DataFrame) else flat][0]
    year = ""
    if isinstance(flat, pd.DataFrame):
        year = f" in {flat.index[flat[column]].get_level_values('year')[0]}"
    raise ValueError(
        f"indicator {column!r} is constant{year}: it carries no information and its "
        "position and weight are undefined; leave it out"
    )
