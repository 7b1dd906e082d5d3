"""Which regions converge with which?

The clubs that Phillips and Sul (2007), doi:10.1111/j.1468-0262.2007.00811.x, find by
their log t test; beside them clubs by the initial income alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from casebook.convergence import checks
from casebook.convergence.logt import CRITICAL, LogT, log_t, ratio, regress, spread, suits
from casebook.panels import one_of

ROUNDING = 1e-12
"""What lies above a cut by less, as a fraction, is at it."""

RULES = ("log-t", "initial mean", "initial terciles")

ALONE = 0
"""The club of regions that belong to none."""


@dataclass(frozen=True)
class Clubs:
    """Which region is in which club; made by :func:`clubs`.

    Attributes
    ----------
    rule : str
    members : Series indexed by region
        The number of its club, 1 for the richest; ``ALONE``, 0, in none.
    table : DataFrame indexed by club
        ``regions``, how many; ``names``; ``slope``, ``std_error`` and ``t`` of the club's log t;
        ``converges``, missing for a single region.
    whole : LogT
        Of all regions.
    """

    rule: str
    members: pd.Series
    table: pd.DataFrame
    whole: LogT

    def __str__(self) -> str:
        alone = ", ".join(map(str, self.members.index[self.members == ALONE]))
        told = "; ".join(f"{club}: {', '.join(map(str, names))}" for club, names in self.table["names"].items())
        return f"{len(self.table)} club(s) by {self.rule}: {told}" + (f"; in none: {alone}" if alone else "")

    def _repr_html_(self) -> str:
        return f"<p>{self.whole}</p>" + self.table.to_html()


def clubs(
    panel: pd.Series, *, rule: str = "log-t", trim: float = 1 / 3, critical: float = CRITICAL, sieve: float = 0.0, lags: int | None = None,
) -> Clubs:
    """Split regions into clubs that converge, or by where they started.

    Parameters
    ----------
    panel, trim, critical, lags
        As for :func:`log_t`.
    rule : {"log-t", "initial mean", "initial terciles"}
        The clustering of Phillips and Sul; above or below the mean of the first year; its thirds.
    sieve : float
        t from which the first rule lets a region join a core.

    Returns
    -------
    Clubs
        With the log t of each club, whichever the rule.

    Raises
    ------
    CannotTell, ValueError
        As :func:`log_t`, and for an unknown rule.

    Notes
    -----
    The rule "log-t": all regions are one club if the test doesn't reject.  Otherwise (1) they are ordered by
    the last year, highest first; (2) from the first neighbours in this order whose t isn't below `critical`
    regions are added one by one while t stays there, and the core is the group with the highest t; (3) each other
    region is tried with the core, and joins if t exceeds `sieve`; while the club so made fails the test, the
    region with the lowest such t leaves, as a sieve raised step by step has it; (4) those left are tested,
    and if they fail, begin at (1).  Regions that no core takes are in no club.  Left out: the later merging of
    clubs (Phillips and Sul 2009, doi:10.1002/jae.1080), and the order by the mean of several years.
    """
    one_of(rule, RULES, "rule")
    checks.between(sieve, -10, 10, "sieve")
    table, lags = suits(panel, trim, critical, lags)
    whole = log_t(panel, trim=trim, critical=critical, lags=lags)

    def test(rows):
        part = table.iloc[rows]
        slope, error = regress(part, spread(part.to_numpy()), trim, lags)
        return slope, error, ratio(slope, error)

    if rule == "log-t":
        found = _cluster(table.iloc[:, -1].to_numpy(), lambda rows: test(rows)[2], critical, sieve)
    else:
        found = _by_start(table.iloc[:, 0].to_numpy(), rule)
    members, rows = pd.Series(ALONE, table.index, name="club"), {}
    for number, club in enumerate(found, start=1):
        members.iloc[club] = number
        told = test(club) if len(club) > 1 else (np.nan,) * 3
        rows[number] = (len(club), tuple(table.index[club]), *told, bool(told[2] >= critical) if len(club) > 1 else None)
    columns = ["regions", "names", "slope", "std_error", "t", "converges"]
    return Clubs(rule, members, pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("club"), whole)


def _cluster(last: np.ndarray, t, critical: float, sieve: float) -> list[list[int]]:
    """Clubs of row numbers, the richest core first; who is in none belongs to no club."""
    left, found = list(np.argsort(-last, kind="stable")), []
    while len(left) > 1:
        if t(left) >= critical:
            return [*found, left]
        core = _core(left, t, critical)
        if core is None:
            break
        tried = {row: t([*core, row]) for row in left if row not in core}
        joined = sorted((row for row in tried if tried[row] > sieve), key=lambda row: -tried[row])
        while joined and t([*core, *joined]) < critical:
            joined.pop()
        found.append([row for row in left if row in core or row in joined])
        left = [row for row in left if row not in found[-1]]
    return found


def _core(ordered: list[int], t, critical: float) -> list[int] | None:
    for start in range(len(ordered) - 1):
        best, core = -np.inf, None
        for stop in range(start + 2, len(ordered) + 1):
            value = t(ordered[start:stop])
            if value < critical:
                break
            if value > best:
                best, core = value, ordered[start:stop]
        if core is not None:
            return core
    return None


def _by_start(first: np.ndarray, rule: str) -> list[list[int]]:
    cuts = [first.mean()] if rule == "initial mean" else np.quantile(first, [1 / 3, 2 / 3])
    place = (first[:, None] > np.asarray(cuts) * (1 + ROUNDING)).sum(axis=1)  # a region at a cut is in the lower club
    return [list(np.flatnonzero(place == number)) for number in range(len(cuts), -1, -1) if (place == number).any()]
