"""Which variable did the authors use?

A published study prints mean, deviation, minimum and maximum of its variables
but seldom how they were made.  Candidates are described in the same way and
ranked by their distance from the print, with and without a change of unit.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

STATISTICS = ("mean", "sd", "minimum", "maximum")
"""What a table of descriptive statistics prints."""


def describe(candidates: pd.DataFrame, ddof: int = 1) -> pd.DataFrame:
    """Describe variables the way published tables do.

    Parameters
    ----------
    candidates : DataFrame
        A column for each variable; cells that are missing are left out and counted.
    ddof : {0, 1}

    Returns
    -------
    DataFrame indexed by variable
        ``n`` and ``STATISTICS``.

    Examples
    --------
    >>> describe(pd.DataFrame({"x": [1.0, 2.0, 3.0, None]})).loc["x"].tolist()
    [3.0, 2.0, 1.0, 1.0, 3.0]
    """
    return pd.DataFrame({
        "n": candidates.count(), "mean": candidates.mean(), "sd": candidates.std(ddof=ddof),
        "minimum": candidates.min(), "maximum": candidates.max(),
    })


def distance(described: pd.DataFrame, printed: pd.Series, free_unit: bool = False) -> pd.DataFrame:
    """How far candidates lie from a printed line of descriptive statistics.

    Parameters
    ----------
    described : DataFrame indexed by candidate
        With the columns ``STATISTICS``, in logs.
    printed : Series indexed by ``STATISTICS``
    free_unit : bool
        Shift each candidate first by the constant that brings its mean,
        minimum and maximum nearest: in logs, a change of unit.  It means
        something only where the printed unit isn't known.

    Returns
    -------
    DataFrame indexed by candidate, nearest first, those without all four statistics last
        ``distance``: root mean square difference of the four statistics, in
        printed standard deviations; ``shift``: what was added, zero without
        `free_unit`.

    Examples
    --------
    Twice the unit, else the same: a shift of ln 2 and no distance.

    >>> printed = pd.Series({"mean": 1.0, "sd": 0.5, "minimum": 0.0, "maximum": 2.0})
    >>> doubled = pd.DataFrame([printed - [np.log(2), 0, np.log(2), np.log(2)]], ["halves"])
    >>> distance(doubled, printed, free_unit=True).round(3).loc["halves"].tolist()
    [0.0, 0.693]
    """
    if not printed.reindex(STATISTICS).notna().all() or not printed["sd"] > 0:
        raise ValueError(f"the printed line must have {', '.join(STATISTICS)}, the deviation above zero")
    gap = printed[list(STATISTICS)] - described[list(STATISTICS)]
    shift = gap[["mean", "minimum", "maximum"]].mean(axis=1, skipna=False) * float(free_unit)
    gap[["mean", "minimum", "maximum"]] = gap[["mean", "minimum", "maximum"]].sub(shift, axis=0)
    far = np.sqrt(np.square(gap / printed["sd"]).mean(axis=1, skipna=False))
    return pd.DataFrame({"distance": far, "shift": shift}).sort_values("distance", kind="stable")
