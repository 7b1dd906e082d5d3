"""Why did manufacturing employment change: fewer hands per output, a smaller sector, or less growth?

Employment is labour intensity times the sector's share of GDP times GDP,
L = (L / Q) (Q / Y) Y; its share of all employment, in the same way,
L / N = (L / Q) (Q / Y) (Y / N).

Tregenna (2009), Cambridge Journal of Economics 33(3), doi:10.1093/cje/ben032, for the
identities and what they mean; the weights are those of the additive log-mean Divisia
index (LMDI-I), Ang (2005), Energy Policy 33(7), doi:10.1016/j.enpol.2003.10.010.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from casebook.kuznets.checks import listed
from casebook.structure import checks

LEVEL = ("labour intensity", "sector share", "growth")
"""Effects on employment: of L / Q, Q / Y and Y."""

SHARE = ("labour intensity", "sector share", "productivity")
"""Effects on the employment share: of L / Q, Q / Y and Y / N, the output of all who work."""


@dataclass(frozen=True)
class Decomposition:
    """Effects that sum to a change; made by :func:`decompose`.

    Attributes
    ----------
    level : DataFrame indexed by region
        ``start`` and ``end``, ``change`` and its effects ``labour intensity``,
        ``sector share`` and ``growth``, in the unit of employment.  The one
        row of series without regions is called by the name of employment.
    share : DataFrame or None
        The same of the share of all employment, in fractions, with the
        effect ``productivity`` in place of ``growth``.
    start, end : int
    """

    level: pd.DataFrame
    share: pd.DataFrame | None
    start: int
    end: int

    def _repr_html_(self) -> str:
        parts = [("Employment", self.level)] + ([] if self.share is None else [("Share of all employment", self.share)])
        return "".join(f"<p>{name}, {self.start} to {self.end}</p>" + part.to_html() for name, part in parts)


def decompose(
    employment: pd.Series, value_added: pd.Series, gdp: pd.Series, total_employment: pd.Series | None = None, *, start: int, end: int
) -> Decomposition:
    """Split the change of manufacturing employment into effects that sum to it exactly.

    Parameters
    ----------
    employment, value_added : Series indexed by year or by (region, year)
        Of manufacturing: persons, and output at constant prices.
    gdp : Series with the same regions
        In the unit of `value_added`, at the same prices.
    total_employment : Series with the same regions, optional
        In the unit of `employment`; gives the share's decomposition as well.
    start, end : int
        Other years aren't used.

    Returns
    -------
    Decomposition

    Raises
    ------
    ValueError
        For figures that are zero, negative or unknown in one of the two years,
        regions that one of the series lacks, and parts above their whole.

    Notes
    -----
    The effect of a factor x is M ln(x1 / x0) with the logarithmic mean
    M = (L1 - L0) / ln(L1 / L0).  The effects of two halves of a period don't sum
    to those of the whole.  At current prices the effect of growth is that of money.

    Examples
    --------
    Employment halves from 80 to 40 while output stays at 20 and GDP doubles from 100 to 200.
    M = 40 / ln 2; L / Q falls to a half, M ln(1/2) = -40, and so does Q / Y; Y doubles, +40:

    >>> year = lambda *values: pd.Series(values, [2000, 2010], dtype=float, name="manufacturing")
    >>> decompose(year(80, 40), year(20, 20), year(100, 200), start=2000, end=2010).level.round(9).T
                      manufacturing
    start                      80.0
    end                        40.0
    change                    -40.0
    labour intensity          -40.0
    sector share              -40.0
    growth                     40.0
    """
    if not all(isinstance(year, (int, np.integer)) for year in (start, end)) or start >= end:
        raise ValueError(f"the period must start and end in a whole year, and end after it starts; got {start!r} to {end!r}")
    series = {"employment": employment, "value added": value_added, "GDP": gdp, "total employment": total_employment}
    given = {what: checks.amounts(values, what) for what, values in series.items() if values is not None}
    if len({values.index.nlevels for values in given.values()}) > 1:
        raise ValueError(f"{', '.join(given)} must be indexed alike: all by year, or all by region and year")
    regions = employment.index.get_level_values(0).unique() if employment.index.nlevels == 2 else None
    ends = {what: _ends(values, regions, start, end) for what, values in given.items()}
    _below(ends, "value added", "GDP")
    logs = {what: _log_change(values["start"], values["end"]) for what, values in ends.items()}
    effects = [logs["employment"] - logs["value added"], logs["value added"] - logs["GDP"]]
    level = _effects(ends["employment"], dict(zip(LEVEL, [*effects, logs["GDP"]])))
    share = None
    if total_employment is not None:
        _below(ends, "employment", "total employment")
        share = _effects(ends["employment"] / ends["total employment"], dict(zip(SHARE, [*effects, logs["GDP"] - logs["total employment"]])))
    names = level.index if regions is not None else [given["employment"].name]
    return Decomposition(level.set_axis(names), None if share is None else share.set_axis(names), int(start), int(end))


def _ends(values: pd.Series, regions: pd.Index | None, start: int, end: int) -> pd.DataFrame:
    """The figures of two years, a row per region; all known and positive."""
    wanted = pd.Index([start, end]) if regions is None else pd.MultiIndex.from_product([regions, [start, end]])
    checks.known_in(values, str(values.name), wanted)
    two = checks.amounts(values.reindex(wanted), str(values.name), positive=True).reindex(wanted)
    return pd.DataFrame(two.to_numpy().reshape(-1, 2), index=regions, columns=["start", "end"])


def _below(ends: dict[str, pd.DataFrame], part: str, whole: str) -> None:
    above = (ends[part] > ends[whole] * (1 + checks.ROUNDING)).any(axis=1)
    if above.any():
        place = "" if isinstance(above.index, pd.RangeIndex) else f" in {listed(above.index[above][:1])}"
        raise ValueError(f"{part} exceeds {whole}{place} at the start or the end; compare units, prices and definitions")


def _log_change(start: pd.Series, end: pd.Series) -> pd.Series:
    """ln(end / start), exact however small or large the change is."""
    return np.sign(end - start) * np.log1p((end - start).abs() / np.minimum(start, end))


def _effects(ends: pd.DataFrame, logs: dict[str, pd.Series]) -> pd.DataFrame:
    """A change and its effects: the logarithmic mean times the logarithm of each factor's change."""
    change = ends["end"] - ends["start"]
    own = _log_change(ends["start"], ends["end"])
    mean = (change / own.where(own != 0)).fillna(ends["start"])
    return ends.assign(change=change, **{name: mean * log for name, log in logs.items()})
