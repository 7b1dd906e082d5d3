"""When did shares stand highest, and which way have they moved since?"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd

from casebook.kuznets.peaks import peak
from casebook.structure import checks
from casebook.structure.decline import LEAST, sustained

SHORT = "too few years"
"""The direction of a span in which fewer years are known than a rule needs."""


def histories(shares: Mapping[Hashable, pd.Series], *, since: int, least: int = LEAST, rule: str = "trend") -> pd.DataFrame:
    """The peak of each series, and its direction from there and from a year that is the same for all.

    Parameters
    ----------
    shares : mapping of name to Series indexed by year
        Unknown years are left out.
    since : int
        From this year on, or from the first one known after it.
    least, rule
        As for :func:`casebook.structure.sustained`.

    Returns
    -------
    DataFrame with a row for each series, in their order
        ``years``, those known; ``highest``, in the unit of the series; ``peak``, its year;
        ``last``, the value of the last year; ``after`` and ``since``, the directions from the
        peak and from `since` on: "rising", "falling", "none", "cannot tell" or ``SHORT``.

    Raises
    ------
    CannotTell
        For a series known in fewer than three years; it is a ValueError.
    ValueError
        As :func:`casebook.structure.sustained`, and for negative figures.

    Notes
    -----
    From its peak on a series is chosen to fall; from a year that was not chosen by it, it is not.

    Examples
    --------
    >>> share = pd.Series([20.0, 26, 25, 24, 23, 22], range(2001, 2007))
    >>> histories({"jobs": share}, since=2004).drop(columns="years")
          highest  peak  last    after          since
    jobs     26.0  2002  22.0  falling  too few years
    """
    rows = {}
    for name, series in shares.items():
        known = checks.amounts(series, "the share", panel=False).dropna()
        top = peak(known)
        spans = [known.loc[year:] for year in (top.year, since)]
        ways = [SHORT if len(span) < least else sustained(span, rule=rule, least=least).direction for span in spans]
        rows[name] = [tuple(known.index), top.value, top.year, known.iloc[-1], *ways]
    index = pd.Index(list(rows)) if rows else None
    return pd.DataFrame(list(rows.values()), index, columns=["years", "highest", "peak", "last", "after", "since"])
