"""Which regions and years are used, and who is whose neighbour?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casebook import panels
from casebook.intensity.reading import Reading
from casebook.spatial import contiguity, inverse_distance, nearest

FEWEST = 4
"""Regions without which no spatial pattern can be told from chance."""

ALL_PAIRS = 600
"""Weights by inverse distance link every region with every other: for more regions than this they are refused."""


def linked(borders: pd.DataFrame, links: Mapping[str, str], regions) -> pd.DataFrame:
    """Borders, and the links that are made by hand where a region borders no other.

    Parameters
    ----------
    borders : DataFrame indexed by (region, neighbour)
    links : mapping of region to region
    regions : iterable of str
        Those that there are.

    Returns
    -------
    DataFrame indexed as `borders`

    Raises
    ------
    ValueError
        For a link of a region that there isn't.

    Examples
    --------
    >>> sea = pd.DataFrame(index=pd.MultiIndex.from_tuples([("A", "B")], names=["region", "neighbour"]))
    >>> linked(sea, {"Isle": "B"}, ["A", "B", "Isle"]).index.tolist()
    [('A', 'B'), ('Isle', 'B')]
    """
    unknown = [r for pair in links.items() for r in pair if r not in set(regions)]
    if unknown:
        raise ValueError(f"the links name {unknown[0]!r}, which is no region; there are {panels.listed(regions)}")
    added = pd.DataFrame(links.items(), columns=["region", "neighbour"]).set_index(["region", "neighbour"])
    return pd.concat([borders, added]) if len(added) else borders


def neighbours(places: pd.DataFrame, borders: pd.DataFrame, regions, reading: Reading):
    """Spatial weights of some regions.

    Parameters
    ----------
    places : DataFrame indexed by region
        ``longitude``, ``latitude``.
    borders : DataFrame
        ``region``, ``neighbour`` and, for "undoubted", ``doubtful``.
    regions : list of str
    reading : Reading

    Returns
    -------
    libpysal W
        Row-standardised; without the isolates where they are dropped.
    """
    regions = list(regions)
    if reading.weights == "distance":
        if len(regions) > ALL_PAIRS:
            raise ValueError(f"weights by inverse distance link all of {len(regions)} regions with each other; take contiguity or nearest")
        return inverse_distance(places.loc[regions])
    if reading.weights == "nearest":
        return nearest(places.loc[regions], reading.k)
    pairs = borders.reset_index() if "region" not in borders else borders
    if reading.weights == "undoubted":
        panels.need(pairs, ["doubtful"], "the table of borders")
        pairs = pairs[pairs["doubtful"] != 1]
    pairs = pairs.loc[pairs["region"].isin(regions) & pairs["neighbour"].isin(regions), ["region", "neighbour"]]
    if pairs.empty:
        raise ValueError(f"the table of borders links no two of {panels.listed(regions)}: "
                         "list the pairs that touch, or choose weights by distance or of the nearest regions")
    linked = {*pairs["region"], *pairs["neighbour"]}
    alone = [r for r in regions if r not in linked]
    if alone and reading.isolates == "drop":
        return contiguity(pairs, [r for r in regions if r not in alone])
    if alone and reading.isolates == "join":
        closest = nearest(places.loc[regions], 1)
        joined = pd.DataFrame([(r, closest.neighbors[r][0]) for r in alone], columns=["region", "neighbour"])
        pairs = pd.concat([pairs, joined], ignore_index=True)
    return contiguity(pairs, regions, isolates="keep" if reading.isolates == "keep" else "refuse")


def sample(data: pd.DataFrame, first: int | None = None, last: int | None = None) -> pd.DataFrame:
    """The largest balanced block of a panel with gaps: years in a row, and the regions known in all of them.

    Parameters
    ----------
    data : DataFrame indexed by (region, year)
    first, last : int, optional
        Bounds of the years.

    Returns
    -------
    DataFrame
        Of blocks with equally many cells the one with more regions;
        ``attrs["left out"]`` lists the regions that are not in it.

    Examples
    --------
    Two regions know two years, one knows three: four cells beat three.

    >>> index = pd.MultiIndex.from_product([["A", "B"], [2001, 2002, 2003]], names=["region", "year"])
    >>> sample(pd.DataFrame({"x": [1, 2, 3, None, 5, 6]}, index)).index.tolist()
    [('A', 2002), ('A', 2003), ('B', 2002), ('B', 2003)]
    """
    known = data.notna().all(axis=1).unstack("year", fill_value=False).sort_index(axis=1)
    known = known.loc[data.index.get_level_values("region").unique(), slice(first, last)]
    cells, years = known.to_numpy(dtype=bool), list(known.columns)
    if not years:
        raise ValueError(f"the panel has no year between {first} and {last}")
    best = max(
        ((complete.sum() * (j - i + 1), complete.sum(), i, j, complete)
         for i in range(len(years)) for j in range(i, len(years)) for complete in [cells[:, i:j + 1].all(axis=1)]),
        key=lambda block: block[:2], default=(0,),
    )
    if not best[0]:
        column = data.isna().sum().idxmax()
        raise ValueError(f"no region has every variable in any of these years; most often {column} is missing")
    _, _, i, j, complete = best
    regions, year = known.index[complete], data.index.get_level_values("year")
    out = data[data.index.get_level_values("region").isin(regions) & (year >= years[i]) & (year <= years[j])]
    out.attrs["left out"] = list(known.index[~complete])
    return out


def of_group(panel: pd.DataFrame, places: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """The regions of a reading's group; all, if it names none.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
    places : DataFrame indexed by region
        With a column ``group`` if the reading names one.
    reading : Reading

    Returns
    -------
    DataFrame

    Raises
    ------
    ValueError
        For a group that no region is of.

    Examples
    --------
    >>> panel = pd.DataFrame({"x": [1, 2]}, pd.MultiIndex.from_tuples([("A", 2001), ("B", 2001)], names=["region", "year"]))
    >>> of_group(panel, pd.DataFrame({"group": {"A": "coast", "B": "hills"}}), Reading(group="hills")).index.tolist()
    [('B', 2001)]
    """
    if not reading.group:
        return panel
    if reading.group not in set(places["group"]):
        raise ValueError(f"no region is of the group {reading.group!r}; there are {', '.join(places['group'].unique())}")
    return panel[panel.index.get_level_values("region").isin(places.index[places["group"] == reading.group])]


def block(data: pd.DataFrame, places: pd.DataFrame, borders: pd.DataFrame, reading: Reading):
    """The balanced block of a reading, without the isolates that are dropped, and its weights.

    Parameters
    ----------
    data
        As for :func:`sample`.
    places, borders, reading
        As for :func:`neighbours`.

    Returns
    -------
    data : DataFrame indexed by (region, year)
    weights : libpysal W

    Raises
    ------
    ValueError
        For fewer than ``FEWEST`` regions, and as :func:`sample` and :func:`neighbours`.

    Examples
    --------
    >>> ring = pd.DataFrame({"region": list("ABCD"), "neighbour": list("BCDA")})
    >>> data = pd.DataFrame({"x": 1.0}, pd.MultiIndex.from_product([list("ABCD"), [2001]], names=["region", "year"]))
    >>> _, weights = block(data, pd.DataFrame(index=list("ABCD")), ring, Reading())
    >>> sorted(weights["A"].items())
    [('B', 0.5), ('D', 0.5)]
    """
    data = sample(data, reading.first, reading.last)
    regions = data.index.get_level_values("region").unique()
    if len(regions) < FEWEST:
        raise ValueError(f"{panels.listed(regions)}: {len(regions)} {'regions are' if len(regions) > 1 else 'region is'} not enough to say anything "
                         f"about neighbours, which takes {FEWEST}; add regions, or fill the columns that the others lack")
    weights = neighbours(places, borders, regions, reading)
    return data[data.index.get_level_values("region").isin(list(weights.neighbors))], weights
