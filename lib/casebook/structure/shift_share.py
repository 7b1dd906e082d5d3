"""Did a region's jobs follow the nation, its mix of sectors, or a way of its own?

With x a sector's employment in a region at the start, g the growth of the
nation's employment, g_s of the nation's sector and g_rs of the region's sector:
national x g, industry mix x (g_s - g), competitive x (g_rs - g_s).
They sum to the change.

Dunn (1960), Papers in Regional Science 6(1), doi:10.1111/j.1435-5597.1960.tb01705.x.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from casebook.kuznets.checks import listed
from casebook.structure import checks

EFFECTS = {"dunn": ("national", "industry mix", "competitive"), "esteban": ("national", "industry mix", "competitive", "allocation")}
"""Effects of each form; they sum to the change."""


@dataclass(frozen=True)
class ShiftShare:
    """Effects by region and sector; made by :func:`dunn` and :func:`esteban`.

    Attributes
    ----------
    form : {"dunn", "esteban"}
    effects : DataFrame indexed by (region, sector)
        A column per effect and ``change``, in the unit of employment.
    annual : DataFrame indexed by (region, sector, year)
        The same of every step, by the year in which it ends; one step if static.
    start, end : int
    dynamic : bool
    """

    form: str
    effects: pd.DataFrame
    annual: pd.DataFrame
    start: int
    end: int
    dynamic: bool

    @property
    def by_region(self) -> pd.DataFrame:
        """Effects summed over sectors, in the order of the regions."""
        return self.effects.groupby(level="region", sort=False).sum()

    def _repr_html_(self) -> str:
        kind = "dynamic" if self.dynamic else "static"
        return f"<p>Shift-share, {self.form.capitalize()}'s form, {kind}, {self.start} to {self.end}</p>" + self.by_region.to_html()


def dunn(employment: pd.DataFrame, start: int, end: int, *, dynamic: bool = False, nation: pd.DataFrame | None = None) -> ShiftShare:
    """Shift-share in the classical form.

    Parameters
    ----------
    employment : DataFrame indexed by (region, year), a column per sector
        Persons, or output in one unit.
    start, end : int
        Other years aren't used, unless `dynamic`.
    dynamic : bool
        Sum the effects of every year instead of comparing the ends.
    nation : DataFrame indexed by year, optional
        The same sectors of the nation; by default the sum of the regions.

    Returns
    -------
    ShiftShare

    Raises
    ------
    ValueError
        For one region only without a `nation`, a region or year that is
        missing, negative figures, sectors in which the nation has nothing.

    Notes
    -----
    Dynamic: Barff and Knight (1988), Growth and Change 19(2), doi:10.1111/j.1468-2257.1988.tb00465.x.
    Where the nation is the sum of the regions, each sector's competitive effects sum to zero.

    Examples
    --------
    The nation grows from 200 to 220, by a tenth; its manufacturing from 100 to 90, by minus a tenth.
    A's manufacturing falls from 40 to 30: national 4, mix 40 (-0.1 - 0.1) = -8, competitive
    40 (-0.25 + 0.1) = -6.

    >>> key = pd.MultiIndex.from_product([["A", "B"], [2000, 2010]], names=["region", "year"])
    >>> jobs = pd.DataFrame({"manufacturing": [40.0, 30, 60, 60], "services": [50.0, 70, 50, 60]}, key)
    >>> dunn(jobs, 2000, 2010).effects.loc[("A", "manufacturing")].round(9).to_dict()
    {'national': 4.0, 'industry mix': -8.0, 'competitive': -6.0, 'change': -10.0}
    """
    return _shift_share("dunn", employment, start, end, dynamic, nation)


def esteban(employment: pd.DataFrame, start: int, end: int, *, dynamic: bool = False, nation: pd.DataFrame | None = None) -> ShiftShare:
    """Shift-share with an allocation effect.

    The competitive effect is taken at homothetic employment h, what the sector would
    have in the region if the region had the nation's mix; the allocation effect,
    (x - h) (g_rs - g_s), is positive where a region is specialised in sectors
    in which it outgrows the nation, or the reverse of both.

    Parameters
    ----------
    employment, start, end, dynamic, nation
        As for :func:`dunn`.

    Returns
    -------
    ShiftShare

    Raises
    ------
    ValueError
        As :func:`dunn`; and for a sector that starts at zero in a region: its growth isn't defined.

    Notes
    -----
    Esteban-Marquillas (1972), Regional and Urban Economics 2(3), doi:10.1016/0034-3331(72)90033-4.

    Examples
    --------
    As in :func:`dunn`, where A's manufacturing outgrows the nation's by -0.15.  With the nation's
    mix A would have 90 * 100 / 200 = 45 in it: competitive 45 (-0.15), allocation -5 (-0.15).

    >>> key = pd.MultiIndex.from_product([["A", "B"], [2000, 2010]], names=["region", "year"])
    >>> jobs = pd.DataFrame({"manufacturing": [40.0, 30, 60, 60], "services": [50.0, 70, 50, 60]}, key)
    >>> esteban(jobs, 2000, 2010).effects.loc[("A", "manufacturing"), ["competitive", "allocation"]].round(9).to_dict()
    {'competitive': -6.75, 'allocation': 0.75}
    """
    return _shift_share("esteban", employment, start, end, dynamic, nation)


def _shift_share(form: str, employment, start: int, end: int, dynamic: bool, nation) -> ShiftShare:
    if not all(isinstance(year, (int, np.integer)) for year in (start, end)) or start >= end:
        raise ValueError(f"the period must start and end in a whole year, and end after it starts; got {start!r} to {end!r}")
    cells = checks.table(employment, "employment")
    if cells.index.nlevels != 2:
        raise ValueError("employment must be indexed by region and year; one region's shift isn't known without the others")
    years = range(start, end + 1) if dynamic else (start, end)
    regions = cells.index.get_level_values(0).unique()
    if nation is None and len(regions) < 2:
        raise ValueError(f"{listed(regions) or 'none'} is one region only, and no nation; add regions or give the nation")
    checks.known_in(cells, "employment", pd.MultiIndex.from_product([regions, years]))
    whole = _nation(cells, years, nation)
    by_year = {year: cells.xs(year, level=1).loc[regions] for year in years}
    steps = {after: _step(form, by_year[before], by_year[after], whole.loc[before], whole.loc[after], before)
             for before, after in pairwise(years)}
    annual = pd.concat(steps, names=["year", "region", "sector"])
    effects = sum(steps.values())
    return ShiftShare(form, effects, annual.reorder_levels(["region", "sector", "year"]), int(start), int(end), bool(dynamic))


def _nation(cells: pd.DataFrame, years, nation: pd.DataFrame | None) -> pd.DataFrame:
    """The nation's sectors, by year; nowhere zero."""
    whole = cells.groupby(level=1).sum() if nation is None else checks.table(nation, "the nation", sectors=cells.columns, like="employment")
    if whole.index.nlevels != 1:
        raise ValueError("the nation must be indexed by year alone")
    checks.known_in(whole, "the nation", pd.Index(list(years)))
    whole = whole.loc[list(years)]
    if (whole == 0).any(axis=None):
        row, column = np.argwhere(whole.to_numpy() == 0)[0]
        raise ValueError(f"the nation has nothing in {whole.columns[column]} in {whole.index[row]}; leave the sector out, or merge it with another")
    return whole


def _step(form: str, x: pd.DataFrame, later: pd.DataFrame, nation: pd.Series, nation_later: pd.Series, year: int) -> pd.DataFrame:
    """Effects from one year to a later one, a row per (region, sector)."""
    growth, sector = nation_later.sum() / nation.sum() - 1, nation_later / nation - 1
    parts = {"national": x * growth, "industry mix": x * (sector - growth), "competitive": later - x - x * sector}
    if form == "esteban":
        if (x == 0).any(axis=None):
            row, column = np.argwhere(x.to_numpy() == 0)[0]
            raise ValueError(f"{x.index[row]} has nothing in {x.columns[column]} in {year}: its growth isn't defined; "
                             "take Dunn's form or merge sectors")
        own = later / x - 1 - sector
        homothetic = pd.DataFrame(np.outer(x.sum(axis=1), nation / nation.sum()), x.index, x.columns)
        parts |= {"competitive": homothetic * own, "allocation": (x - homothetic) * own}
    parts["change"] = later - x
    return pd.DataFrame({name: part.rename_axis(index="region", columns="sector").stack() for name, part in parts.items()})
