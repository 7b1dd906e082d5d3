"""Invent the tables of data/templates/deindustrialisation, with a seed, and describe them: python tests/made_up/deindustrialisation.py"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from descriptor import field, resource

from casebook import data

HERE = Path(__file__).resolve().parents[2] / "data/templates/deindustrialisation"
YEARS = range(2003, 2023)
PLACES = {  # longitude, latitude; change a year of the logarithm of manufacturing against the rest: output, then jobs, to the middle and from there
    "Ashmere": (8.1, 46.2, (-0.03, -0.03), (-0.04, -0.04)), "Brackwell": (9.0, 46.3, (-0.02, -0.03), (-0.03, -0.03)),
    "Corvane": (9.9, 46.1, (0.0, 0.0), (-0.03, -0.02)), "Dunholt": (8.0, 45.4, (0.03, -0.03), (0.02, -0.04)),
    "Eskford": (8.9, 45.5, (0.02, -0.02), (0.02, -0.02)), "Farrowby": (10.0, 45.3, (0.03, 0.02), (0.02, 0.02)),
    "Glenmark": (8.2, 44.6, (-0.01, 0.0), (-0.02, -0.02)), "Hollinsea": (9.1, 44.7, (0.0, 0.0), (0.0, 0.0)),
    "Islemouth": (10.1, 44.5, (0.01, 0.03), (-0.01, 0.01)),
}
BORDERS = """Ashmere-Brackwell Ashmere-Dunholt Brackwell-Corvane Brackwell-Eskford Corvane-Farrowby Dunholt-Eskford Dunholt-Glenmark
Eskford-Farrowby Eskford-Hollinsea Glenmark-Hollinsea"""
BREAK = 2013  # the survey counts small firms as well from here on
GAP = ("Dunholt", (2008, 2009))  # the survey was not held
MONEY, HEADS = "1e6 thalers, current prices", "1e3 persons"
COLUMNS = {  # column of the panel: title, title_zh, description, unit, decimals
    "gdp": ("GDP", "地区生产总值", "Value added of all sectors: the whole that shares of output are measured against.", MONEY, 1),
    "va_industry": ("value added of industry", "工业增加值", "Value added of manufacturing, mining and utilities together.", MONEY, 1),
    "va_manufacturing": ("value added of manufacturing", "制造业增加值", "Value added of manufacturing alone.", MONEY, 1),
    "employed_total": ("the employed", "就业人员", "All who work, in the middle of the year: the whole that shares of employment are measured against.", HEADS, 1),
    "employed_manufacturing": ("the employed in manufacturing", "制造业就业人员", "All who work in manufacturing, in the middle of the year.", HEADS, 1),
    "surveyed_total": ("the employed of surveyed firms", "调查企业就业人员", "All who work in the firms that answer the survey of firms.", HEADS, 1),
    "surveyed_manufacturing": ("the employed of surveyed manufacturers", "调查制造业企业就业人员", "All who work in the manufacturing firms that answer the survey of firms.", HEADS, 1),
}
SURVEY = ("surveyed_total", "surveyed_manufacturing")


def tables():
    """Shares that move as PLACES has it, with a little noise; a survey of some firms beside the count of all who work."""
    rng, steps = np.random.default_rng(21), np.arange(len(YEARS))
    middle, parts = len(YEARS) // 2, []
    for region, (*_, output, jobs) in PLACES.items():
        before, after = np.minimum(steps, middle), np.maximum(steps - middle, 0)
        noise = lambda spread: np.exp(rng.normal(0, spread, len(YEARS)))  # noqa: E731
        gdp = rng.uniform(8e3, 3e4) * 1.05**steps * noise(0.01)
        workers = gdp[0] / 60 * 1.005**steps * noise(0.003)
        made = 1 / (1 + np.exp(-(rng.uniform(-1.6, -0.9) + output[0] * before + output[1] * after))) * noise(0.012)
        hands = 1 / (1 + np.exp(-(rng.uniform(-1.8, -1.1) + jobs[0] * before + jobs[1] * after))) * noise(0.012)
        reach = np.where(np.array(YEARS) < BREAK, 0.35, 0.5) * noise(0.02)
        parts.append(pd.DataFrame({
            "region": region, "year": YEARS, "gdp": gdp, "va_industry": gdp * (made + 0.04 * noise(0.02)), "va_manufacturing": gdp * made,
            "employed_total": workers, "employed_manufacturing": workers * hands,
            "surveyed_total": workers * reach, "surveyed_manufacturing": workers * reach * np.minimum(1.3 * hands * noise(0.02), 0.9),
        }))
    panel = pd.concat(parts, ignore_index=True).round({column: told[-1] for column, told in COLUMNS.items()})
    for column in SURVEY:
        panel.loc[(panel["region"] == GAP[0]) & panel["year"].isin(GAP[1]), column] = np.nan
        panel.insert(panel.columns.get_loc(column) + 1, f"{column}_flag", np.where(panel["year"] == BREAK, "break", ""))
    places = pd.DataFrame([(r, r, *told[:2]) for r, told in PLACES.items()], columns=["region", "label", "longitude", "latitude"])
    borders = pd.DataFrame([pair.split("-") for pair in BORDERS.split()], columns=["region", "neighbour"])
    return {"panel": panel, "regions": places, "adjacency": borders}


def figures():
    """Describe the columns of the panel; a cell may be empty, and those of the survey carry flags."""
    found = []
    for name, (title, zh, description, unit, _) in COLUMNS.items():
        found.append(field(name, "number", title, zh, description, unit, positive=True, minimum=0))
        if name in SURVEY:
            found.append(field(f"{name}_flag", "string", "flag", "标记", f"Known defects of {name}, by the names of the list of flags.", pattern="[a-z-]+(;[a-z-]+)*"))
    return found


def package():
    region = field("region", "string", "region", "地区", "Name of the county, as in the table of counties.", required=True)
    year = field("year", "year", "year", "年份", "Calendar year of the figures.", required=True, minimum=YEARS[0], maximum=YEARS[-1])
    span, count = [YEARS[0], YEARS[-1]], len(PLACES)
    degrees = [field(name, "number", name, zh, f"{name.capitalize()} of the county seat, for the schematic map.", f"degrees {way}", required=True, minimum=-low, maximum=low)
               for name, zh, way, low in (("longitude", "经度", "east", 180), ("latitude", "纬度", "north", 90))]
    resources = [
        resource("panel", f"Nine made-up counties, {span[0]}-{span[1]}", "Invented figures in which manufacturing falls back here and rises there.", ["region", "year"],
                 [region, year, *figures()], {"regions": count, "years": span},
                 gaps=[f"surveyed_total and surveyed_manufacturing: {GAP[0]} lacks {' and '.join(map(str, GAP[1]))}."], points=["region"]),
        resource("regions", "The nine made-up counties", "Names and invented places.", "region",
                 [region, field("label", "string", "label", "标签", "Name to show on the map.", required=True, unique=True), *degrees], {"regions": count}),
        resource("adjacency", "Which of the made-up counties touch", "Each pair once, in either order; an island has none.", ["region", "neighbour"],
                 [region, field("neighbour", "string", "neighbour", "相邻地区", "Name of the other county.", required=True)],
                 {"regions": count - 1}, points=["region", "neighbour"], optional=True),
    ]
    return {"profile": "tabular-data-package", "name": "counties", "title": "Nine made-up counties", "title_zh": "九个虚构县",
            "description": "Invented figures, to run a chapter on data it was not written for.",
            "licenses": [{"name": "CC0-1.0", "title": "Creative Commons Zero", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
            "sources": [{"name": "made-up", "title": "Made up for the tests", "via": ""}],
            "flags": [{"name": "break", "meaning": "The series starts on another level here; the years before and after do not compare.",
                       "rule": f"surveyed_total and surveyed_manufacturing in {BREAK}: small firms come in."}],
            "method": "structure", "resources": resources}


if __name__ == "__main__":
    for name, table in tables().items():
        table.to_csv(HERE / f"{name}.csv", index=False)
    (HERE / "datapackage.json").write_text(json.dumps(package(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    data.seal(HERE)
