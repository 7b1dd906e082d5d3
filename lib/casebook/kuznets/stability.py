"""How far does a turning point hang on single years?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from casebook.kuznets import checks
from casebook.kuznets.curve import Curve, fit
from casebook.kuznets.turning import CannotTell


def leave_one_out(curve: Curve) -> pd.DataFrame:
    """Fit a curve again without each of its observations.

    Parameters
    ----------
    curve : Curve

    Returns
    -------
    DataFrame indexed by the observation left out
        ``turning_point`` (the first inside the data; missing if none), ``shape``,
        ``pvalue``, ``verdict``; where too little is left, ``verdict`` says so.

    Examples
    --------
    >>> x = pd.Series([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], range(2011, 2017))
    >>> leave_one_out(fit(4 * x - x**2, x))["turning_point"].round(9).unique().tolist()
    [2.0]
    """
    options = {key: getattr(curve, key) for key in ("degree", "form", "effects", "errors", "lags", "level", "controls")} | {"gaps": "skip"}
    rows = [_told(curve.data.drop(index=[label]), options) for label in curve.data.index]
    return pd.DataFrame(rows, index=curve.data.index)


def moving_window(pollution: pd.Series, income: pd.Series, width: int, **options) -> pd.DataFrame:
    """Fit the same curve in every window of so many years.

    Parameters
    ----------
    pollution, income : Series indexed by year
    width : int
        Years in a window.
    **options
        As for :func:`casebook.kuznets.fit`.

    Returns
    -------
    DataFrame indexed by the first year of the window
        As :func:`leave_one_out`.

    Raises
    ------
    ValueError
        If a window is wider than the series.

    Examples
    --------
    >>> x = pd.Series(range(8), range(2011, 2019), dtype=float)
    >>> moving_window(6 * x - x**2, x, 6)["turning_point"].round(9).tolist()
    [3.0, 3.0, 3.0]
    """
    if not isinstance(width, (int, np.integer)) or width < 1:
        raise ValueError(f"width must be a whole number of years; got {width!r}")
    pollution, income = checks.figures(pollution, "pollution", panel=False), checks.figures(income, "income", panel=False)
    both = pd.DataFrame({"income": income, "pollution": pollution}).dropna()
    first, last = (int(both.index.min()), int(both.index.max())) if len(both) else (0, -1)
    if last - first + 1 < width:
        raise ValueError(f"windows of {width} years are wider than the series, which has {max(last - first + 1, 0)}")
    starts = pd.RangeIndex(first, last - width + 2, name="first")
    return pd.DataFrame([_told(both.loc[start : start + width - 1], options) for start in starts], index=starts)


def _told(data: pd.DataFrame, options: dict) -> dict:
    try:
        curve = fit(data["pollution"], data["income"], **options)
    except CannotTell as error:
        return {"turning_point": float("nan"), "shape": "", "pvalue": float("nan"), "verdict": str(error)}
    inside = [point.income for point in curve.turning_points() if point.inside]
    return {"turning_point": inside[0] if inside else float("nan"), "shape": curve.shape, "pvalue": curve.pvalue, "verdict": curve.verdict}
