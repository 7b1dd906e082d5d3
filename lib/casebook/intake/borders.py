"""Are the neighbours known, and from where?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from casebook.intake.neighbours import neighbours
from casebook.intake.origins import Origin
from casebook.problems import Problem

KEY = ["region", "neighbour"]


def add_neighbours(tables: dict, origins: dict[str, Origin], outlines: Path | None, settings: Mapping, file: str, needed: bool) -> list[Problem]:
    """Neighbours from places or outlines, where no pairs are listed.

    Parameters
    ----------
    tables : dict of name to DataFrame
        With ``regions``; ``adjacency`` is added.
    origins : dict of name to Origin
        The same.
    outlines : Path or None
        A GeoJSON file of the regions.
    settings : mapping
        ``neighbours.nearest`` is preferred to outlines, for it was asked for.
    file : str
        Where they stand.
    needed : bool
        Whether the chapter can't do without.

    Returns
    -------
    list of Problem
    """
    k, drawn = nearest(settings), settings.get("geojson")
    if outlines is None and k is None:
        return [Problem("no neighbours", "are known", "add adjacency.csv with pairs, a .geojson with outlines, or nearest = 4 under [neighbours] in "
                        "settings.toml", "adjacency.csv")] if needed else []
    places = tables["regions"].dropna(subset=["region"]).drop_duplicates("region").set_index("region")
    places = places.assign(**{name: pd.to_numeric(places[name], errors="coerce") for name in ("longitude", "latitude") if name in places})
    problems = []
    if k is not None:
        if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k < len(places):
            return [Problem(f"neighbours.nearest = {k!r}", f"must be a whole number from 1 to {len(places) - 1}, for there are {len(places)} regions", "correct it", file)]
        if outlines is not None and drawn != outlines.name:
            problems = [Problem("the outlines", f"say nothing of neighbours where nearest = {k} is set", f"remove nearest from {file} to take the regions that touch",
                                outlines.name, severity="warning")]
    pairs, faults = neighbours(places, None if k is not None else outlines, k)
    if not faults:
        tables["adjacency"] = pairs.set_axis([0] * len(pairs))
        origins["adjacency"] = Origin([(file if k is not None else outlines.name, tables["adjacency"])], KEY)
    return problems + [fault if fault.file else origins["regions"].place(fault) for fault in faults]


def nearest(settings: Mapping):
    """How many nearest regions the settings ask for, or None."""
    return settings["neighbours"].get("nearest") if isinstance(settings.get("neighbours"), Mapping) else None


def check_pairs(tables: Mapping, origin: Origin | None, settings: Mapping, template: str | Path | None) -> list[Problem]:
    """Regions that border themselves, and regions without a neighbour.

    Parameters
    ----------
    tables : mapping of name to DataFrame
    origin : Origin or None
        Of the pairs.
    settings : mapping
        Those in ``links`` have a neighbour by hand.
    template : path, optional
        Folder of an example; its settings show whether the chapter knows links.

    Returns
    -------
    list of Problem
    """
    if origin is None or "region" not in tables.get("regions", ()) or not set(KEY) <= set(tables["adjacency"]):
        return []
    pairs, listed = tables["adjacency"].dropna(subset=KEY), not origin.file.endswith(".geojson")
    problems = [Problem("a region as its own neighbour", "", "delete the line", origin.file, region, row=int(line))
                for line, region in pairs.loc[pairs["region"] == pairs["neighbour"], "region"].items()]
    links = settings.get("links", {})
    joined = {*pairs["region"], *pairs["neighbour"], *links, *(other for other in links.values() if isinstance(other, str))}
    return problems + [Problem("no neighbour" if listed else "the outline", "is listed" if listed else "touches no other", _mend(settings, template), origin.file, region,
                               severity="warning") for region in tables["regions"]["region"].dropna() if region not in joined]


def _mend(settings: Mapping, template: str | Path | None) -> str:
    """What may be done about a region without a neighbour; chapters differ."""
    shown = Path(template, "settings.toml") if template else None
    ways = ["add one"]
    if shown and shown.is_file() and "[links]" in shown.read_text(encoding="utf-8"):
        ways.append("join it by hand under [links] in settings.toml")
    if any("isolates" in level for levels in settings.get("choices", {}).values() for level in levels.values()):
        ways.append("choose under [choices.isolates] how a region without neighbours is treated")
    return "add one if there is any; else nothing need be done" if len(ways) == 1 else ", or ".join(filter(None, [", ".join(ways[:-1]), ways[-1]]))
