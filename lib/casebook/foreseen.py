"""What will a chapter say of these figures: at what will it stop, and what will it leave out?

What a table's descriptor can't say, for it hangs on the reading.  A chapter stops
at the first fault; here all are told.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from casebook import data, gaps, green_growth, intensity, kuznets, panels, precedence, productivity, readings, structure
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
    places, named, choices = tables.get("regions", pd.DataFrame()), settings.get("groups", {}), settings["choices"]
    sound = "group" in places and set(places["group"]) <= set(named.get("labels", []))  # else that was told
    _, fault = panels.tried(gaps.roles, places["group"], named) if sound else (None, "")
    found, real = _stop(fault) if fault else [], settings["real"]
    systems = [settings["systems"] | ({"environment": level["environment"]} if "environment" in level else {}) for level in choices["environment"].values()]
    columns = {settings["people"], *real.values(), *(level[key] for level in choices["income"].values() for key in ("total", "index") if key in level),
               *(one[key] for wanted in systems for system in wanted.values() for one in system.values() for key in ("part", "whole") if key in one)} - {"gdp_real"}
    absent = columns.difference(tables["panel"])
    panel = tables["panel"].assign(**dict.fromkeys(absent, 1.0))  # that they are absent was told
    total = panel[real["total"]]
    output, fault = panels.tried(gaps.volume, total, panel[real["index"]], settings["base_year"]) if "index" in real else (total, "")
    lacking, fault = (None, fault) if output is None else panels.tried(_lacking, panel.assign(gdp_real=output), settings, settings["reading"] | reading)
    if lacking is None:
        return found + _stop(fault)
    found += [Problem("no figure,", "though the chapter needs one", mend, region=region, year=str(year), column=column) for (region, year, column), mend in lacking.items()]
    return found if absent or found or not sound else _grids(panel.assign(gdp_real=output), places["group"], settings)


def _lacking(panel: pd.DataFrame, settings: dict, chosen: Mapping[str, str]) -> dict[tuple[str, int, str], str]:
    """The figures that the chapter on gaps needs and a panel lacks, each with what to do."""
    choices, people, base, real = settings["choices"], settings["people"], settings["base_year"], settings["real"]
    level = choices["income"][chosen["income"]]
    level = level if "total" in level else next(one for one in choices["income"].values() if "total" in one)  # ready-made figures are of groups alone
    fields = {"total": level["total"], "index": level.get("index"), "base": base, "people": people}
    income = gaps.income_of(panel, **fields).dropna()
    years = income.index.get_level_values("year")
    income = income[(years >= settings["periods"]["whole"][0]) & (years <= settings["periods"]["whole"][1])]
    known = panel[panel.index.get_level_values("region").isin(income.index.unique("region"))]
    years = income.index.unique("year")
    cells = dict.fromkeys(gaps.lacking(known, **fields, first=years.min(), last=years.max()) if len(years) else (), "fill it in, or choose other years for periods.whole")
    first, last = settings["periods"]["coupling"]
    mend = "fill it in, choose other years for periods.coupling or other indicators, or leave the region out by name, as without = [...] in each level of choices.environment"
    chain = {"total": real["total"], "index": real.get("index"), "base": base, "first": first, "last": last}
    for own in choices["environment"].values():
        systems = settings["systems"] | ({"environment": own["environment"]} if "environment" in own else {})
        for wanted in systems.values():
            found = green_growth.lacking(panel, wanted, first=first, last=last, without=own.get("without", []))
            broken = {region for region, _, column in found if column == "gdp_real"}
            roots = [cell for cell in gaps.lacking(panel, **chain) if cell[0] in broken]
            cells = dict.fromkeys([*roots, *(cell for cell in found if cell[2] != "gdp_real")], mend) | cells
    unknown = {region for region, _, _ in green_growth.lacking(panel, {name: {"part": one["part"]} for name, one in settings["systems"]["environment"].items()}, first=first, last=last)}
    kept = panel[~panel.index.get_level_values("region").isin({*unknown, *choices["environment"][chosen["environment"]].get("without", [])})]
    return dict.fromkeys(gaps.lacking(kept, **chain, people=people), mend) | cells


def _grids(panel: pd.DataFrame, groups: pd.Series, settings: dict) -> list[Problem]:
    """Why a reading of the chapter on gaps would stop it."""
    choices, of_income = settings["choices"], {"people": settings["people"], "base": settings["base_year"]}
    (first, last), levels = settings["periods"]["coupling"], {name: list(choices[name].values()) for name in choices}
    own = [level for level in levels["income"] if "total" in level]
    every = lambda *fields: [dict(item for level in row for item in level.items()) for row in itertools.product(*fields)]
    runs = [partial(gaps.outcomes, panel, None, groups, **of_income, **row) for row in every(own, levels["window"], levels["way"])]
    runs += [partial(gaps.narrowing, panel, **of_income, groups=groups, **row) for row in every(own, levels["window"], levels["measure"], levels["among"])]
    runs += [partial(green_growth.outcomes, panel, settings["systems"], first=first, last=last, to=tuple(settings.get("scale", (0.0, 1.0))), **row)
             for row in every(levels["weighting"], levels["pooling"], levels["form"], levels["environment"])]
    runs += [partial(precedence.usable, last - first + 1, **row) for row in every(levels["lags"], levels["trend"])]
    return [one for fault in dict.fromkeys(panels.tried(run)[1] for run in runs) if fault for one in _stop(fault)]


def _curves(tables: Tables, settings: dict, reading: Mapping[str, str]) -> list[Problem]:
    own, fault = panels.tried(_chosen, kuznets.Reading, settings, reading)
    if own is None:
        return _stop(fault)
    panel, region, indicators = tables["panel"], settings["region"], list(settings["indicators"])
    if not {own.income, *indicators} <= set(panel) or region not in panel.index.get_level_values("region"):  # which was told
        return []
    known = {column: len(kuznets.sample(panel, region, column, own).dropna()) for column in indicators}
    fitted = [column for column in indicators if known[column] >= kuznets.ENOUGH and panels.tried(kuznets.estimate, panel, region, column, own)[0]]
    best = max(indicators, key=known.get)
    few = [] if fitted else [Problem(f"no indicator of {region}", f"can be fitted, with {own.income}, in {kuznets.ENOUGH} years or more: the one known best, {best}, is in {known[best]}",
                                     "give more years, choose other years under [reading], or name other indicators", file="panel")]
    return few + _one_by_one(settings, reading, kuznets.MATTERS["curve"], partial(kuznets.outcomes, panel, region, tuple(indicators)))


def _shares(tables: Tables, settings: dict, reading: Mapping[str, str]) -> list[Problem]:
    panel, found = tables["panel"], []
    regions = panel.index.unique("region")
    for key, names in settings.get("named", {}).items():
        found += [Problem(f"named.{key} = {names}", f"names {name}, which is not among the regions", "correct the spelling, or take it out") for name in names if name not in regions]
    for side, other in (("measure", "employment"), ("employment", "measure")):
        levels = {choice: level for choice, level in settings["choices"].items() if choice != other}
        chosen = {**settings["reading"], **settings.get(f"reading_{side}", {}), **reading}
        found += _one_by_one(settings | {"choices": levels, "reading": chosen}, {}, (), partial(structure.outcomes, panel))
    return list(dict.fromkeys(found))


def _one_by_one(settings: dict, reading: Mapping[str, str], fields: Iterable[str], function: Callable) -> list[Problem]:
    """Why a level of some choice would stop the chapter, the others being as chosen; a column that is absent was told."""
    choices = readings.Choices(settings["choices"])
    choices = choices.touching(fields) if fields else choices
    chosen = {name: label for name, label in (settings["reading"] | reading).items() if name in choices.levels}
    faults = [panels.tried(function, **choices.fields(chosen | {name: label}))[1] for name, levels in choices.levels.items() for label in levels]
    return [one for fault in dict.fromkeys(faults) if fault and not fault.startswith("the panel lacks the column") for one in _stop(fault)]


def _chosen(kind, settings: dict, reading: Mapping[str, str]):
    """The reading that the settings and the command line choose."""
    try:
        return kind(**readings.Choices(settings["choices"]).fields(settings["reading"] | reading))
    except (KeyError, TypeError) as fault:
        raise ValueError(f"the choices can't be read ({fault}); compare them with the template's") from None


def _stop(fault: str) -> list[Problem]:
    found, _, mend = fault.partition("; ")
    return [Problem(found, "", mend or "correct the settings")]


METHODS = {"productivity": _decoupling, "intensity": _spillovers, "gaps": _gaps, "kuznets": _curves, "structure": _shares}
"""What each method would refuse or leave out."""
