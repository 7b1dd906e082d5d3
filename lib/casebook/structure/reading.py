"""One way among many to ask whether a region's industry falls back."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from casebook.panels import kept, need, one_of
from casebook.structure.decline import LEAST, directions

BASES = ("own", "nation")
"""A part's share of the region's own whole, or of all regions' part."""


def measured(panel: pd.DataFrame, part: str, whole: str | Sequence[str], *, base: str = "own", without: Sequence[str] = ()) -> pd.Series:
    """The share of a part, in fractions.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
    part : str
        Column of the part, such as manufacturing jobs.
    whole : str or list of str
        Column of the whole, or several that sum to it; not used if `base` is "nation".
    base : {"own", "nation"}
    without : sequence of str
        Flags; figures of the part and of the whole that carry one of them are left out.

    Returns
    -------
    Series indexed by (region, year)
        Missing where a figure is; of the nation also where any region's is.

    Raises
    ------
    ValueError
        For unknown columns or bases.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A", "B"], [2001]], names=["region", "year"])
    >>> panel = pd.DataFrame({"made": [2.0, 6.0], "all": [10.0, 10.0]}, key)
    >>> measured(panel, "made", "all").tolist(), measured(panel, "made", "all", base="nation").tolist()
    ([0.2, 0.6], [0.25, 0.75])
    """
    one_of(base, BASES, "base")
    wholes = [whole] if isinstance(whole, str) else list(whole)
    need(panel, [part, *wholes])
    figures = {column: kept(panel, column, without) for column in (part, *wholes)}
    if base == "own":
        total = sum(figures[column] for column in wholes)
    else:
        wide = figures[part].unstack("region")
        total = wide.sum(axis=1, skipna=False).reindex(panel.index, level="year")
    return (figures[part] / total).rename("share")


def outcomes(
    panel: pd.DataFrame, *, part: str, whole: str | Sequence[str], base: str = "own", first: int | None = None, last: int | None = None,
    rule: str = "trend", without: Sequence[str] = (), quantity: str = "share", least: int = LEAST,
) -> pd.DataFrame:
    """Which way the share of every region moves, as tidy rows for :func:`casebook.readings.run`.

    Parameters
    ----------
    panel, part, whole, base, without
        As for :func:`measured`.
    first, last : int, optional
        Years looked at; of those the years a region has figures for.
    rule : {"trend", "monotone", "both"}
        As for :func:`casebook.structure.sustained`.
    quantity : str
        Its name among the outcomes.
    least : int
        Years needed.

    Returns
    -------
    DataFrame
        Per region ``value``, the change a year as a fraction of the window's mean, and
        ``label``, "rising", "falling", "none" or, where too little is known, "undefined".
    """
    share = measured(panel, part, whole, base=base, without=without).rename(quantity)
    years = share.index.get_level_values("year")
    inside = (years >= (years.min() if first is None else first)) & (years <= (years.max() if last is None else last))
    found = directions(share.where(inside), rule=rule, least=least)
    unknown = found["label"] == "cannot tell"
    return found.assign(when=None, value=found["value"].mask(unknown), label=found["label"].mask(unknown, "undefined"))
