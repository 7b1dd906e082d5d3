"""How closely do systems, such as economy and environment, go together, and how well developed are they together?

:func:`coupling` (耦合度) asks how equal the levels of the systems are, :func:`coordination`
(耦合协调度) joins to this how high they are, :func:`classes` gives the result a name, and
:func:`obstacle` (障碍度) says which indicators hold a region back.

Wang Shujia, Kong Wei, Ren Liang, Zhi Dandan and Dai Binting (2021), 国内耦合协调度模型的误区及修正
(Research on misuses and modification of coupling coordination degree model in China),
Journal of Natural Resources 36(3), 793-810, doi:10.31497/zrzyxb.20210319.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from casebook import composite

FORMS = ("standard", "corrected")
"""How coupling C is made from the levels U of n systems.  Both lie in [0, 1] and reach one when all levels are equal.

``standard``
    C = n (U1 ... Un)^(1/n) / (U1 + ... + Un): the geometric over the arithmetic mean.
    Feels the ratios of the levels alone: (0.02, 0.01) is coupled as (1, 0.5) is.
    Values crowd near one: two systems of which one is twice as high as the other are at 0.943.
``corrected``
    C = sqrt([1 - d] (U1/m ... Un/m)^(1/(n-1))), d the mean distance of two levels, m the
    highest level (Wang et al. 2021).  Feels distances as well as ratios, and spreads over
    the interval.  Of two systems it is never above the standard form; of more it may be.
"""

MISPRINTS = ("missing-coefficient", "missing-root", "missing-power")
"""Forms that are printed in error, to show what they do; beside them their formula for two systems.

``missing-coefficient``
    sqrt(u v) / (u + v).  In general the standard form over n, from 0 to 1/n: two systems
    in perfect step reach a half.
``missing-root``
    4 u v / (u + v)^2.  In general the standard form to the power n, from 0 to 1, so that
    it agrees with the standard form at the ends and is lower between them.
``missing-power``
    sqrt(u v / (u + v)).  In general (U1 ... Un / (U1 + ... + Un))^(1/n), from 0 to n^(-1/n),
    0.7071 for two systems.  A measure of level as much as of coupling: systems in
    perfect step at half the level lose a factor 2^((n-1)/n).

The forms for more than two systems are ours, by the same slip in the standard form.
"""

CUTS = tuple(tenth / 10 for tenth in range(1, 10))
"""Where a class of coordination begins, in the scheme in tenths; the lowest begins at zero."""

LABELS = (
    "extreme imbalance", "severe imbalance", "moderate imbalance", "mild imbalance", "near imbalance",
    "bare coordination", "primary coordination", "intermediate coordination", "good coordination", "superior coordination",
)
"""The ten classes, from the lowest."""

LABELS_ZH = (
    "极度失调", "严重失调", "中度失调", "轻度失调", "濒临失调",
    "勉强协调", "初级协调", "中级协调", "良好协调", "优质协调",
)
"""The names of ``LABELS`` in Chinese."""

TOLERANCE = 1e-9
"""Slack in every comparison with a bound or a cut-off: in floating point 0.7 - 0.4 is 0.29999999999999993."""


def coupling(systems: pd.DataFrame, *, form: str = "standard") -> pd.Series:
    """How equal the levels of the systems are: one if all are the same.

    Parameters
    ----------
    systems : DataFrame, shape (n, k)
        A row per region, or per (region, year), and a column for each of two or more
        systems, their levels on [0, 1].
    form : str
        One of ``FORMS``; or, to see what it does, one of ``MISPRINTS``.

    Returns
    -------
    Series, shape (n,)
        No unit; for its range see ``FORMS`` and ``MISPRINTS``.  Zero, in every
        form, where one system but not all is at zero, however high the others.

    Raises
    ------
    ValueError
        When all systems of a row are zero, where coupling is 0 / 0; when a level is
        missing, infinite or outside [0, 1]; with fewer than two systems, two rows or
        columns of one name, or a panel that isn't indexed by (region, year).

    Notes
    -----
    A level outside [0, 1] by less than ``TOLERANCE`` is rounding and taken for the end.
    A scaling from 0 to 1 puts some row at zero in each system and so forces its coupling
    to zero; ``composite.minmax(..., to=(0.01, 1))`` doesn't, but coupling then depends
    on the lower end chosen.

    Examples
    --------
    Standard: 2 sqrt(0.8 x 0.2) / (0.8 + 0.2) = 0.8.
    Corrected: sqrt((1 - 0.6) x 0.2 / 0.8) = sqrt(0.1).

    >>> levels = pd.DataFrame({"economy": [0.8], "environment": [0.2]}, index=["A"])
    >>> coupling(levels).round(9).to_dict(), coupling(levels, form="corrected").round(4).to_dict()
    ({'A': 0.8}, {'A': 0.3162})
    """
    if form not in FORMS + MISPRINTS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}, or of the misprints {', '.join(MISPRINTS)}; got {form!r}")
    frame = _levels(systems, "system")
    idle = frame.index[(frame == 0).all(axis=1)]
    if len(idle):
        raise ValueError(
            f"all systems are zero in {_place(idle[0])}, and their coupling is 0 / 0; scale them with a lower "
            "end above zero, as composite.minmax(..., to=(0.01, 1)) does, or leave the row out by name"
        )
    return pd.Series(_coupling(frame.to_numpy(), form), frame.index, name="coupling")


def coordination(systems: pd.DataFrame, *, weights: pd.Series | None = None, form: str = "standard") -> pd.DataFrame:
    """How well the systems are developed together: D = sqrt(C T).

    Parameters
    ----------
    systems : DataFrame, shape (n, k)
        As in :func:`coupling`.
    weights : Series, shape (k,), optional
        What each system counts in the development, indexed by the columns of `systems`,
        zero or more and adding up to one; the same for all by default.
    form : str
        Of coupling.

    Returns
    -------
    DataFrame, shape (n, 3)
        ``coupling`` C, ``development`` T (the weighted mean of the levels) and
        ``coordination`` D, without unit, T and D in [0, 1].

    Raises
    ------
    ValueError
        As :func:`coupling`, and for weights of other names than the systems, weights
        that are missing, infinite or negative, or that don't add up to one.

    Notes
    -----
    With equal weights the standard C is the geometric over the arithmetic mean and T the
    arithmetic mean: D is the square root of the geometric mean of the levels, and coupling
    adds nothing to it.  With unequal weights, and in the corrected form, D may fall
    while a system ahead of the others rises; it never falls while the lowest rises
    towards the next.

    Examples
    --------
    C = 2 sqrt(0.5 x 0.125) / 0.625 = 0.8 and T = 0.3125, so that D = sqrt(0.25):

    >>> levels = pd.DataFrame({"economy": [0.5], "environment": [0.125]}, index=["A"])
    >>> coordination(levels).round(9)
       coupling  development  coordination
    A       0.8       0.3125           0.5
    """
    together = coupling(systems, form=form)
    frame = _levels(systems, "system")
    shares = composite.weights(frame) if weights is None else _shares(weights, frame, "system")
    development = composite.weighted_sum(frame, shares)
    return pd.DataFrame({"coupling": together, "development": development, "coordination": np.sqrt(together * development)})


def obstacle(indicators: pd.DataFrame, weights: pd.Series) -> pd.DataFrame:
    """Which indicators hold a region back: their shares in its weighted distance from the best.

    Parameters
    ----------
    indicators : DataFrame, shape (n, k)
        A row per region, or per (region, year), and a column for each of two or more
        indicators on [0, 1], all pointing upwards.  They are used as they are; bring
        them onto the interval first (:func:`casebook.composite.minmax`).
    weights : Series, shape (k,)
        Indexed by the columns of `indicators`, zero or more and adding up to one.

    Returns
    -------
    DataFrame, shape (n, k)
        w_j (1 - x_ij) over the sum of this over all j: fractions that add up to one in
        each row.  Missing in a row that has no shortfall (less than ``TOLERANCE``): where
        nothing is lacking, no indicator has a share in it.

    Raises
    ------
    ValueError
        For indicators as in :func:`coupling`, though a row of zeros is allowed, and for
        weights as in :func:`coordination`.

    Notes
    -----
    R's mathmodels leaves w_j (1 - x_ij) as it is unless called with ``scaled = TRUE``, which
    divides each row by its sum, as here; neither scales the columns.  The shares say
    nothing of how large the shortfall is, and follow from weights and levels alone: an
    obstacle by this count need not be a cause.

    Examples
    --------
    Shortfalls 0.4 x 0.5 = 0.2 and 0.6 x 0.2 = 0.12, of 0.32 together:

    >>> x = pd.DataFrame({"water": [0.5], "air": [0.8]}, index=["A"])
    >>> obstacle(x, pd.Series({"water": 0.4, "air": 0.6})).round(9)
       water    air
    A  0.625  0.375
    """
    frame = _levels(indicators, "indicator")
    shortfall = (1 - frame) * _shares(weights, frame, "indicator")
    total = shortfall.sum(axis=1)
    return shortfall.div(total.where(total > TOLERANCE), axis=0)


def classes(coordination: pd.Series, *, cuts: Sequence[float] = CUTS, labels: Sequence[str] = LABELS) -> pd.Series:
    """Name degrees of coordination.

    Parameters
    ----------
    coordination : Series, shape (n,)
        On [0, 1], as the column of that name from :func:`coordination`.
    cuts : sequence of float
        Where each class but the lowest begins, ascending, between 0 and 1.
    labels : sequence of str
        From the lowest class; one more than `cuts`.  ``LABELS_ZH`` are Chinese.

    Returns
    -------
    Series of ordered categories, shape (n,)
        Named "class"; missing where `coordination` is.

    Raises
    ------
    ValueError
        For cut-offs that don't ascend or lie outside the interval, another number of
        labels, labels that occur twice, values outside [0, 1], or rows of one name.

    Notes
    -----
    A cut-off belongs to the class above it, and a value below it by less than ``TOLERANCE``
    does so too.  The ten classes in tenths are usually traced to Liao Chongbin (1999),
    环境与经济协调发展的定量评判及其分类体系, Tropical Geography 19(2).  They are a convention:
    nothing happens at a cut-off, other studies take other numbers of classes or close
    them above, and with two systems the standard form of coupling never puts a region
    lower than the corrected form does by the same figures.

    Examples
    --------
    0.7 - 0.4 is 0.29999999999999993, and three tenths all the same.

    >>> classes(pd.Series([0.29, 0.7 - 0.4, 0.3, 1.0])).tolist()
    ['moderate imbalance', 'mild imbalance', 'mild imbalance', 'superior coordination']
    """
    edges, names = _scheme(cuts, labels)
    if not isinstance(coordination, pd.Series):
        raise ValueError(f"coordination must be a pandas Series, such as coordination(systems)['coordination']; got {type(coordination).__name__}")
    values = _levels(coordination.rename("coordination").to_frame(), "column", least=1, missing=True)["coordination"]
    codes = np.searchsorted(edges - TOLERANCE, values, side="right")
    named = pd.Categorical.from_codes(np.where(values.isna(), -1, codes), categories=names, ordered=True)
    return pd.Series(named, values.index, name="class")


def _coupling(u: np.ndarray, form: str) -> np.ndarray:
    n = u.shape[1]
    ratio = u / u.max(axis=1, keepdims=True)  # of the highest level: no form but the last feels this, and tiny levels stay apart from zero
    standard = np.minimum(stats.gmean(ratio, axis=1) / ratio.mean(axis=1), 1.0)  # above one by rounding alone
    if form == "corrected":
        i, j = np.triu_indices(n, 1)
        distance = np.abs(u[:, i] - u[:, j]).mean(axis=1)
        return np.sqrt((1 - distance) * ratio.prod(axis=1) ** (1 / (n - 1)))
    if form == "missing-coefficient":
        return standard / n
    if form == "missing-root":
        return standard**n
    if form == "missing-power":
        return stats.gmean(u, axis=1) / u.sum(axis=1) ** (1 / n)
    return standard


def _levels(frame: pd.DataFrame, what: str, *, least: int = 2, missing: bool = False) -> pd.DataFrame:
    """The columns as floats on [0, 1], or what is wrong with them."""
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"{what}s must be a DataFrame with a column for each {what}; got {type(frame).__name__}")
    if frame.columns.has_duplicates:
        raise ValueError(f"{what} {frame.columns[frame.columns.duplicated()][0]!r} has two columns; keep one")
    if frame.shape[1] < least:
        raise ValueError(f"it takes two {what}s at least; got {', '.join(map(str, frame.columns)) or 'none'}")
    if frame.empty:
        raise ValueError(f"there are no rows to read the {what}s from; give one for each region or (region, year)")
    if frame.index.nlevels > 1 and list(frame.index.names) != ["region", "year"]:
        raise ValueError(f"a panel must be indexed by (region, year), not {tuple(frame.index.names)}; name or reorder the levels")
    if frame.index.has_duplicates:
        raise ValueError(f"there are two rows for {_place(frame.index[frame.index.duplicated()][0])}; keep one of each")
    for name, column in frame.items():
        if not _numbers(column):
            raise ValueError(f"{what} {name!r} holds no numbers but {column.dtype}")
    cells = frame.astype(float)
    _refuse(cells, cells.isna() & (not missing), what, "missing", "leave out the row or the column by name, or find the figure")
    _refuse(cells, np.isinf(cells), what, "infinite", "correct it, or leave out the row by name")
    outside = (cells < -TOLERANCE) | (cells > 1 + TOLERANCE)
    _refuse(cells, outside, what, "outside 0 to 1", "bring all rows onto this interval first, as composite.minmax does")
    return cells.clip(0.0, 1.0)


def _refuse(cells: pd.DataFrame, fault: pd.DataFrame, what: str, word: str, remedy: str) -> None:
    if fault.to_numpy().any():
        row, column = np.argwhere(fault.to_numpy())[0]
        value = f", at {cells.iat[row, column]:g}" if word.startswith("outside") else ""
        raise ValueError(f"{what} {cells.columns[column]!r} is {word} in {_place(cells.index[row])}{value}; {remedy}")


def _shares(weights: pd.Series, frame: pd.DataFrame, what: str) -> pd.Series:
    """The weights in the order of the columns, or what is wrong with them."""
    if not isinstance(weights, pd.Series) or not _numbers(weights):
        raise ValueError(f"weights must be a pandas Series of numbers, indexed by the names of the {what}s")
    if weights.index.has_duplicates or set(weights.index) != set(frame.columns):
        raise ValueError(f"weights name {list(weights.index)}, the {what}s are {list(frame.columns)}; give one weight for each")
    shares = weights.astype(float).loc[frame.columns]
    wrong = shares.index[~(np.isfinite(shares) & (shares >= 0))]
    if len(wrong):
        raise ValueError(f"the weight of {wrong[0]!r} is {shares[wrong[0]]:g}; give a number of zero or more")
    if abs(shares.sum() - 1) > TOLERANCE:
        raise ValueError(f"weights add up to {shares.sum():.10g}, not to one; divide them by their sum if that is meant")
    return shares


def _scheme(cuts: Sequence[float], labels: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Cut-offs and names of classes that fit each other, or what is wrong with them."""
    edges, names = np.asarray(cuts, dtype=float), list(labels)
    if edges.ndim != 1 or not len(edges) or not (np.isfinite(edges) & (edges > 0) & (edges < 1)).all() or (np.diff(edges) <= 0).any():
        raise ValueError(f"cuts must ascend and lie between 0 and 1; got {cuts}")
    if len(names) != len(edges) + 1:
        raise ValueError(f"{len(edges)} cuts make {len(edges) + 1} classes; got {len(names)} labels")
    if len(set(names)) < len(names):
        raise ValueError(f"each class needs a label of its own; got {', '.join(map(str, names))}")
    return edges, names


def _numbers(column: pd.Series) -> bool:
    types = pd.api.types
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column) and not types.is_complex_dtype(column)


def _place(label) -> str:
    return " ".join(map(str, label)) if isinstance(label, tuple) else str(label)
