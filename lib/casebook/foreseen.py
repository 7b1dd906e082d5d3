"""What will a chapter say of these figures: at what will it stop, and what will it leave out?

What a table's descriptor can't say, for it hangs on the reading.  A chapter stops
at the first fault; here all are told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from casebook import data, gaps, intensity, panels, productivity, readings
from casebook.problems import Problem

Tables = Mapping[str, pd.DataFrame]


def of(method: str, reading: Mapping[str, str]) -> Callable[[Tables, dict], list[Problem]]:
    """What to ask of figures for a method, under choices that differ from those in the settings.

    Parameters
    ----------
    method : str
        A key of ``METHODS``; of another nothing is foreseen.
    reading : mapping of choice to label

    Returns
    -------
    callable
        Takes the typed tables by name, indexed by their keys, and the settings, and
        returns problems: of a figure with its region, one year and column; of the
        settings without.
    """
    return lambda tables, settings: METHODS[method](tables, settings, reading) if method in METHODS else []


def _decoupling(tables: Tables, settings: dict, reading: Mapping[str, str]) -> list[Problem]:
    own, fault = panels.tried(_chosen, productivity.Reading, settings, reading)
    if own is None:
        return _stop(fault)
    needed = [own.gdp, own.growth, own.population, *([own.stage_population] if own.stage_population else []), *own.pollutants]
    whole = tables["panel"].assign(**{column: 1.0 for column in needed if column not in tables["panel"]})  # that they are absent was told
    panel, fault = panels.tried(panels.within, whole, settings["first_year"], settings["last_year"], settings.get("without", {}))
    lacking, fault = (None, fault) if panel is None else panels.tried(productivity.gaps, panel, settings, own)
    if lacking is None:
        return _stop(fault)
    told = [Problem("no figure,", "though the chapter needs one", "fill it in, choose other periods or another reading, or leave the region out under [without] in settings.toml",
                    region=region, year=str(year), column=column) for region, year, column in lacking]
    cells, stopping = panel[needed].isna(), set(lacking)
    others = [(*cell, column) for column in needed for cell in cells.index[cells[column]] if (*cell, column) not in stopping]
    follows = "readings that follow every year can't tell"
    return told + [Problem("no figure,", f"so the index of this year is unknown in every region, and {follows}" if column in own.pollutants else f"so {follows}", "fill it in if it is known",
                           region=region, year=str(year), column=column, severity="warning") for region, year, column in others]


def _spillovers(tables: Tables, settings: dict, reading: Mapping[str, str]) -> list[Problem]:
    own, fault = panels.tried(_chosen, intensity.Reading, settings, reading)
    if own is None:
        return _stop(fault)
    panel = tables["panel"]
    columns = [column for column in intensity.columns(own) if column in panel]  # that others are absent was told
    nought = [column for column in columns if column != own.sectors[0]]  # which the ratio of the others does without
    found = [Problem(f"{panel.at[cell, column]:g}", "has no logarithm", "correct it, or leave the cell empty", region=cell[0], year=str(cell[1]), column=column)
             for column in nought for cell in panel.index[panel[column] <= 0]]
    figures, nation = panel[columns], tables.get("nation", {})
    if (rate := settings.get("exchange", "cny_per_usd")) in nation and "openness" in own.controls:
        figures = figures.assign(**{rate: nation[rate].reindex(figures.index.get_level_values("year")).to_numpy()})
    block, fault = panels.tried(intensity.sample, figures, own.first, own.last)
    if block is None:
        return found + [replace(one, file="panel") for one in _stop(fault)]
    found += _left_out(figures, block, own)
    return found + _few(block.index.unique("region"), tables.get("regions", pd.DataFrame()), settings.get("groups", {}).get("labels", []))


def _left_out(figures: pd.DataFrame, block: pd.DataFrame, own: intensity.Reading) -> list[Problem]:
    """Figures for want of which a region is not in the block, and years that are not."""
    regions, years = block.attrs["left out"], set(block.index.unique("year"))
    within = [year for year in sorted(figures.index.unique("year")) if (own.first or year) <= year <= (own.last or year)]
    grid = figures.reindex(pd.MultiIndex.from_product([figures.index.unique("region"), within], names=["region", "year"])).isna()
    where = grid.index.get_level_values
    found = [Problem("no figure,", "so the main estimates leave the region out", "fill it in if it is known", region=region, year=str(year), column=column, severity="warning")
             for (region, year), row in grid[where("region").isin(regions) & where("year").isin(years)].iterrows() for column in row.index[row]]
    early = grid[~where("region").isin(regions) & ~where("year").isin(years)]
    lacking = early[early.any(axis=1)]
    if len(lacking):
        found.append(Problem(f"figures of {panels.listed(lacking.index.unique('region'), most=3)}", "are missing, so the main estimates leave these years out", "fill them in if they are known",
                             file="panel", year=data.spans(lacking.index.unique("year")), column=", ".join(lacking.columns[lacking.any()]), severity="warning"))
    return found


def _few(regions: pd.Index, places: pd.DataFrame, labels: list[str]) -> list[Problem]:
    """Groups of which too few regions are known."""
    if len(regions) < intensity.FEWEST:
        return [Problem(f"{panels.listed(regions)}:", f"too few regions are complete to say anything about neighbours, which takes {intensity.FEWEST}",
                        "add regions, or fill the columns that the others lack", file="panel")]
    if "group" not in places:
        return []
    own = places["group"].reindex(regions)
    return [Problem(f"the group {label!r}", f"has {panels.listed(own.index[own == label])} alone, and {intensity.FEWEST} regions are the fewest for its estimates, which are left out"
                    if (own == label).any() else "has no region, so its estimates are left out", "join it with another group, or add regions",
                    file="regions", column="group", severity="warning") for label in labels if (own == label).sum() < intensity.FEWEST]


def _gaps(tables: Tables, settings: dict, reading: Mapping[str, str]) -> list[Problem]:
    places, named = tables.get("regions", pd.DataFrame()), settings.get("groups", {})
    if "group" not in places or not set(places["group"]) <= set(named.get("labels", [])):
        return []
    _, fault = panels.tried(gaps.roles, places["group"], named)
    return _stop(fault) if fault else []


def _chosen(kind, settings: dict, reading: Mapping[str, str]):
    """The reading that the settings and the command line choose."""
    try:
        return kind(**readings.Choices(settings["choices"]).fields(settings["reading"] | reading))
    except (KeyError, TypeError) as fault:
        raise ValueError(f"the choices can't be read ({fault}); compare them with the template's") from None


def _stop(fault: str) -> list[Problem]:
    found, _, mend = fault.partition("; ")
    return [Problem(found, "", mend or "correct the settings")]


METHODS = {"productivity": _decoupling, "intensity": _spillovers, "gaps": _gaps}
"""What each method would refuse or leave out."""
