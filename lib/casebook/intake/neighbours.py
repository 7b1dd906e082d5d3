"""Who borders whom, where only outlines or places are known?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from casebook.problems import Problem

if TYPE_CHECKING:
    import geopandas


def neighbours(regions: pd.DataFrame, outlines: Path | None = None, k: int | None = None) -> tuple[pd.DataFrame, list[Problem]]:
    """Pairs of regions whose outlines touch, or of each region and its nearest.

    Parameters
    ----------
    regions : DataFrame indexed by region
        With ``longitude`` and ``latitude`` in degrees if there are no outlines.
    outlines : Path, optional
        A GeoJSON file of polygons; an outline belongs to the region whose name
        is among its properties.
    k : int, optional
        How many nearest regions count as neighbours where there are no outlines.

    Returns
    -------
    pairs : DataFrame with columns region and neighbour
        Each pair once, in the order of the regions; empty where there is a problem.
    problems : list of Problem
    """
    from libpysal.graph import Graph  # here, for maps take seconds to load and few folders have one

    from casebook.spatial import nearest

    nothing = pd.DataFrame({"region": [], "neighbour": []}, dtype="str")
    if outlines is not None:
        shapes, problems = _shapes(list(regions.index), outlines)
        if problems:
            return nothing, problems
        graph = Graph.build_contiguity(shapes, rook=False, strict=True)
        found = graph.adjacency[graph.adjacency > 0].index
        links = [(a, b) for a, b in found]
    else:
        try:
            links = [(a, b) for a, those in nearest(regions, k).neighbors.items() for b in those]
        except ValueError as fault:
            return nothing, [Problem("the nearest regions", f"can't be found: {fault}", "correct the table of regions, or list the pairs in adjacency.csv")]
    order = {region: i for i, region in enumerate(regions.index)}
    pairs = dict.fromkeys(tuple(sorted(pair, key=order.get)) for pair in sorted(links, key=lambda pair: (order[pair[0]], order[pair[1]])))
    return pd.DataFrame(list(pairs), columns=["region", "neighbour"], dtype="str"), []


def _shapes(names: list[str], outlines: Path) -> tuple[geopandas.GeoSeries | None, list[Problem]]:
    """The outline of each region, by its name."""
    import geopandas

    try:
        features = json.loads(outlines.read_text(encoding="utf-8-sig"))["features"]
        shapes = geopandas.GeoDataFrame.from_features(features)
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        return None, [Problem(f"not a collection of outlines in GeoJSON ({type(error).__name__}: {error}),", "", "export it anew", outlines.name)]
    known, taken = set(names), {}
    for i, feature in enumerate(features):
        own = [str(value).strip() for value in (feature.get("properties") or {}).values() if str(value).strip() in known]
        taken.setdefault(own[0], i) if own else None
    problems = [Problem("no outline", "has this name among its properties", "correct the name, or add the outline", outlines.name, region=name)
                for name in names if name not in taken]
    empty = [name for name, i in taken.items() if shapes.geometry.iloc[i] is None or shapes.geometry.iloc[i].is_empty]
    problems += [Problem("the outline", "is empty", "draw it, or list the pairs in adjacency.csv", outlines.name, region=name) for name in empty]
    if problems:
        return None, problems
    return shapes.geometry.iloc[[taken[name] for name in names]].set_axis(names), []
