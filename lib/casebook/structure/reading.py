"""One way among many to ask whether a region's industry falls back."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from casebook.kuznets.turning import CannotTell
from casebook.panels import need, tidy
from casebook.structure.decline import LEAST, sustained

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
    if base not in BASES:
        raise ValueError(f"base must be one of {', '.join(BASES)}; got {base!r}")
    wholes = [whole] if isinstance(whole, str) else list(whole)
    need(panel, [part, *wholes])
    figures = {column: _kept(panel, column, without) for column in (part, *wholes)}
    if base == "own":
        total = sum(figures[column] for column in wholes)
    else:
        wide = figures[part].unstack("region")
        total = wide.sum(axis=1, skipna=False).reindex(panel.index, level="year")
    return (figures[part] / total).rename("share")


def _kept(panel: pd.DataFrame, column: str, without: Sequence[str]) -> pd.Series:
    values = panel[column].astype(float)
    if not len(without) or f"{column}_flag" not in panel:
        return values
    flags = panel[f"{column}_flag"].fillna("").astype(str)
    return values.mask(flags.map(lambda own: not set(without).isdisjoint(own.split(";"))))


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
    share = measured(panel, part, whole, base=base, without=without)
    rows = []
    for region, values in share.groupby(level="region", sort=False):
        known = values.droplevel("region").sort_index().loc[first:last].dropna()
        try:
            found = sustained(known, rule=rule, least=least) if len(known) >= least else None
        except CannotTell:
            found = None
        told = (found.pace, found.direction) if found and found.direction != "cannot tell" else (float("nan"), "undefined")
        rows.append(tidy([quantity], [told[0]], [told[1]], region=region))
    return pd.concat(rows, ignore_index=True)
