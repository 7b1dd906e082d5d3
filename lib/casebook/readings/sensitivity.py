"""Which reading is closest, and which choice matters most?"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from casebook.readings.grid import Grid

STILL = 1e-12
"""An outcome that moves by a smaller part of its size doesn't move: floating point does."""


def closest(observed: pd.DataFrame, printed: pd.Series, rounding: pd.Series) -> pd.DataFrame:
    """Rank readings by their distance from printed figures.

    The rule: among readings that give every figure, the smallest mean of
    \\|observed - printed\\| / \\|printed\\| comes first; of equals, the first declared.

    Parameters
    ----------
    observed : DataFrame indexed by reading, one column per figure
    printed : Series indexed by figure
        Not zero.
    rounding : Series indexed by figure
        Half the last printed digit; a figure within it is hit.

    Returns
    -------
    DataFrame indexed by reading, nearest first
        ``distance`` (fraction; missing, and last, where a figure is missing),
        ``hits``.

    Examples
    --------
    >>> observed = pd.DataFrame({"D": [2.48, 1.41], "count": [20, 16]})
    >>> closest(observed, pd.Series({"D": 2.2, "count": 16}), pd.Series({"D": 0.05, "count": 0}))
       distance  hits
    1  0.179545     1
    0  0.188636     0
    """
    columns = list(printed.index)
    gap = (observed[columns] - printed).abs()
    hits = (gap <= rounding[columns] + 1e-9).sum(axis=1)
    distance = (gap / printed.abs()).mean(axis=1, skipna=False).round(12)
    ranked = pd.DataFrame({"distance": distance, "hits": hits})
    return ranked.sort_values("distance", kind="stable", na_position="last")


def decisive(holds: pd.Series) -> pd.DataFrame:
    """Which choice decides whether a statement holds?

    Parameters
    ----------
    holds : Series of bool indexed by choices
        Readings that can't tell are left out of it.

    Returns
    -------
    DataFrame indexed by (choice, level)
        ``share`` of readings in which the statement holds, ``readings``;
        choices in descending order of the range of their shares.

    Examples
    --------
    >>> from casebook.readings import Choices
    >>> index = Choices({"a": {"x": {}, "y": {}}, "b": {"u": {}, "v": {}}}).readings()
    >>> decisive(pd.Series([True, True, False, True], index)).loc["a"]
           share  readings
    level                 
    x        1.0         2
    y        0.5         2
    """
    held = holds.dropna().astype(float)
    parts = {c: held.groupby(level=c, sort=False).agg(["mean", "size"]) for c in holds.index.names}
    order = sorted(parts, key=lambda c: parts[c]["mean"].min() - parts[c]["mean"].max())
    out = pd.concat({c: parts[c] for c in order}, names=["choice", "level"])
    return out.set_axis(["share", "readings"], axis=1)


def curve(values: pd.Series) -> pd.DataFrame:
    """The specification curve: a figure under every reading, sorted, beside the choices that make each reading.

    Parameters
    ----------
    values : Series indexed by choices
        Missing readings are left out.

    Returns
    -------
    DataFrame indexed by rank, from 1
        The level of each choice, and ``value``, ascending; of equals, the first declared.

    Notes
    -----
    Simonsohn, Simmons and Nelson (2020), doi:10.1038/s41562-020-0912-z.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["x", "y"], ["u", "v"]], names=["a", "b"])
    >>> curve(pd.Series([4.0, 1.0, float("nan"), 2.0], index))
          a  b  value
    rank
    1     x  v    1.0
    2     y  v    2.0
    3     x  u    4.0
    """
    order = values.dropna().sort_values(kind="stable").rename("value")
    return order.index.to_frame(index=False).assign(value=order.array).set_axis(pd.RangeIndex(1, len(order) + 1, name="rank"))


def importance(values: pd.Series | pd.DataFrame) -> pd.DataFrame:
    """Which choice matters most: how much of the variance over the readings goes with each.

    Parameters
    ----------
    values : Series or DataFrame indexed by choices
        An outcome under each reading: numbers, yes or no, or words, which count
        as one yes or no each.  Several columns are looked at together: their
        variances are added up.  Readings in which any is missing are left out.

    Returns
    -------
    DataFrame indexed by choice
        ``alone``, the share of the variance that goes with this choice whatever
        the others are; ``with others``, the share with which it has to do in any
        way, alone or in that its effect depends on other choices.  What matters
        most comes first.  Missing where nothing varies.

    Raises
    ------
    ValueError
        For readings that occur twice, and for infinite outcomes.

    Notes
    -----
    Each reading counts alike.  On a full grid the two are exact: they are the
    first-order and the total index of Sobol' (2001), doi:10.1016/S0378-4754(00)00270-6,
    that is, shares in the analysis of variance of the outcome as a function of
    the choices.  The first add up to one at most and the second to one at least,
    both to one exactly if no choice depends on another.  Several outcomes
    together: Gamboa, Janon, Klein and Lagnoux (2014), doi:10.1214/14-EJS895.

    Where readings are missing, or only a sample was drawn, choices are entangled
    and shares no longer add up.  Then ``alone`` is how much less of the variance
    the other choices explain by themselves, in a linear model of main effects
    (type II sums of squares; on a full grid the same number), and ``with others``
    is missing: it would take pairs of readings that differ in one choice alone,
    which a sample seldom has.  A sample so small that the model fits whatever it
    is given can't tell at all.

    Examples
    --------
    The choice a moves the outcome by 2 and b by 1, each by itself: variances are 1 and 1/4.

    >>> index = pd.MultiIndex.from_product([["x", "y"], ["u", "v"]], names=["a", "b"])
    >>> importance(pd.Series([0.0, 1.0, 2.0, 3.0], index))
            alone  with others
    choice
    a         0.8          0.8
    b         0.2          0.2
    """
    table = _numbers(values)
    alone, entire, whole = (parts.sum(axis=-1) for parts in _variances(table))
    shares = np.array([alone, entire]) / whole if whole > 0 else np.full((2, len(alone)), np.nan)
    found = pd.DataFrame(shares.T, pd.Index(table.index.names, name="choice"), ["alone", "with others"])
    by = "alone" if found["with others"].isna().all() else "with others"
    return found.iloc[np.argsort(-found[by].round(12).to_numpy(), kind="stable")]


def decompose(values: pd.Series | pd.DataFrame) -> pd.Series:
    """The whole analysis of variance: the share of every choice, and of every set of choices that act together.

    Parameters
    ----------
    values : Series or DataFrame indexed by choices
        As for :func:`importance`, on a full grid.

    Returns
    -------
    Series indexed by text
        Choices joined by " × "; adds up to one.  Missing where nothing varies.

    Raises
    ------
    ValueError
        If a reading is missing; and as :func:`importance`.

    Notes
    -----
    Saltelli et al. (2008), Global Sensitivity Analysis: The Primer, chapter 4.

    Examples
    --------
    An outcome that is one where both choices agree depends on neither alone.

    >>> index = pd.MultiIndex.from_product([["x", "y"], ["u", "v"]], names=["a", "b"])
    >>> decompose(pd.Series([1.0, 0.0, 0.0, 1.0], index)).to_dict()
    {'a': 0.0, 'b': 0.0, 'a × b': 1.0}
    """
    table = _numbers(values)
    cube = _cube(table)
    if cube is None:
        raise ValueError("some readings are missing, and without them shares don't add up; ask `importance` instead")
    names = list(table.index.names)
    shares, every = {}, range(len(names))
    for some in itertools.chain.from_iterable(itertools.combinations(every, n) for n in range(1, len(names) + 1)):
        part = cube.mean(axis=tuple(axis for axis in every if axis not in some), keepdims=True)
        for axis in some:
            part = part - part.mean(axis=axis, keepdims=True)
        shares[" × ".join(names[axis] for axis in some)] = (part**2).mean(axis=tuple(every)).sum()
    return pd.Series(shares) / (sum(shares.values()) or np.nan)


def ranking(grid: Grid) -> pd.DataFrame:
    """Which choice matters most for each outcome of a grid.

    Parameters
    ----------
    grid : Grid
        With the columns ``quantity``, ``region``, ``when``, ``value``, ``label``.

    Returns
    -------
    DataFrame
        A row per outcome (``quantity``, ``when``, ``region``) and ``choice``, with
        ``alone``, ``with others`` (as :func:`importance`), ``readings`` that can
        tell, and ``place``, 1 for what matters most.  A quantity that has words
        and the same number everywhere is told by its words.  Outcomes that don't
        vary are left out; a number that is missing or infinite can't tell, whatever its word.
    """
    parts = []
    for quantity, rows in grid.outcomes.groupby("quantity", sort=False):
        rows = rows.assign(value=rows["value"].replace([np.inf, -np.inf], np.nan)).dropna(subset="value")
        words = rows["value"].nunique() == 1 and rows["label"].nunique() > 1
        cells = rows["label"].mask(rows["label"] == "undefined") if words else rows["value"]
        keys = [rows[column].where(rows[column].notna(), "") for column in ("when", "region")]
        for (when, region), own in cells.groupby(keys, sort=False):
            told = pd.Series(own.array, grid.readings[rows.loc[own.index, "reading"]]).dropna()
            if told.nunique() > 1 and (found := importance(told)).notna().any(axis=None):
                parts.append(found.reset_index().assign(quantity=quantity, when=when, region=region, readings=len(told), place=range(1, len(found) + 1)))
    columns = ["quantity", "when", "region", "choice", "alone", "with others", "readings", "place"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _numbers(values: pd.Series | pd.DataFrame) -> pd.DataFrame:
    """Outcomes as numbers, those readings only that know all of them."""
    known = values.dropna()
    if not known.index.is_unique:
        raise ValueError(f"the reading {known.index[known.index.duplicated()][0]} occurs twice")
    table = known.to_frame() if isinstance(known, pd.Series) else known
    words = [column for column in table if pd.api.types.infer_dtype(table[column]) == "string"]
    table = pd.get_dummies(table, columns=words).astype(float)
    if np.isinf(table.to_numpy()).any():
        raise ValueError(f"the outcome of the reading {table.index[np.isinf(table.to_numpy()).any(axis=1)][0]} is infinite; leave it out, or take ranks")
    return table


def _cube(table: pd.DataFrame) -> np.ndarray | None:
    """Outcomes with an axis for each choice, the columns along the last; None where a combination is missing."""
    codes = [pd.factorize(table.index.get_level_values(choice))[0] for choice in table.index.names]
    sizes = [code.max(initial=-1) + 1 for code in codes]
    if not len(table) or np.prod(sizes, dtype=float) != len(table):
        return None
    cube = np.empty((*sizes, table.shape[1]))
    cube[tuple(codes)] = _centred(table)
    return cube


def _centred(table: pd.DataFrame) -> np.ndarray:
    """Outcomes less their means, exactly zero where they don't move."""
    values = table.to_numpy()
    moves = np.ptp(values, axis=0) > STILL * np.abs(values).max(axis=0)
    return np.where(moves, values - values.mean(axis=0), 0.0)


def _variances(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each choice has alone and in all, by choices and outcomes, and the variance of each outcome."""
    count = table.index.nlevels
    missing = np.full((count, table.shape[1]), np.nan)
    if not len(table):
        return missing, missing, np.zeros(table.shape[1])
    cube = _cube(table)
    if cube is None:
        values = _centred(table)
        return _main_effects(table.index, values), missing, (values**2).mean(axis=0)
    every = tuple(range(count))
    alone = [cube.mean(axis=tuple(a for a in every if a != axis)).var(axis=0) for axis in every]
    entire = [cube.var(axis=axis).mean(axis=tuple(range(count - 1))) for axis in every]
    return np.array(alone), np.array(entire), (cube**2).mean(axis=every)


def _main_effects(readings: pd.MultiIndex, values: np.ndarray) -> np.ndarray:
    """By how much the residual variance of a model of main effects grows without each choice."""
    levels = [pd.get_dummies(readings.get_level_values(choice)).to_numpy(dtype=float)[:, 1:] for choice in readings.names]

    def left(design: list[np.ndarray]) -> tuple[np.ndarray, int]:
        matrix = np.column_stack([np.ones(len(readings)), *design])
        coefficients, _, rank, _ = np.linalg.lstsq(matrix, values, rcond=None)
        return ((values - matrix @ coefficients) ** 2).mean(axis=0), rank

    rest, rank = left(levels)
    if rank >= len(readings):
        return np.full((len(levels), values.shape[1]), np.nan)
    return np.array([(left(levels[:i] + levels[i + 1:])[0] - rest).clip(min=0) for i in range(len(levels))])
