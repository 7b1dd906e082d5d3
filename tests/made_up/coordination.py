"""Invent the tables of data/templates/coordination, with a seed, and describe them: python tests/made_up/coordination.py"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from descriptor import field, resource

from casebook import data

HERE = Path(__file__).resolve().parents[2] / "data/templates/coordination"
YEARS, CENSUS, COUNTED_ANEW = range(2001, 2017), 2010, 2011
PLACES = {  # longitude, latitude, group, output per head in the first year over that of the richest
    "Averin": (12.1, 44.0, "coast", 1.00), "Bolvast": (12.0, 44.8, "coast", 0.85), "Cendra": (12.3, 45.6, "coast", 0.75),
    "Dromer": (13.0, 44.2, "plain", 0.50), "Estvik": (13.1, 44.9, "plain", 0.45), "Fallone": (13.2, 45.7, "plain", 0.38),
    "Gorrin": (14.0, 44.1, "hills", 0.40), "Hestra": (14.1, 45.0, "hills", 0.33), "Ilmark": (14.2, 45.8, "hills", 0.28),
}
BORDERS = """Averin-Bolvast Averin-Dromer Bolvast-Cendra Bolvast-Dromer Bolvast-Estvik Cendra-Fallone Dromer-Estvik Dromer-Gorrin
Estvik-Fallone Estvik-Hestra Fallone-Ilmark Gorrin-Hestra Hestra-Ilmark"""
GAPS = {"gdp": [("Gorrin", 2001)], "energy": [("Ilmark", year) for year in range(2001, 2005)]}
MONEY = "million dorins, current prices"
COLUMNS = {  # column of the panel: title, title_zh, what it is, unit, decimals
    "gdp": ("GDP", "地区生产总值", "Output of the region in the year, at the prices of that year; all years of one edition of the accounts.", MONEY, 1),
    "gdp_index": ("GDP index", "地区生产总值指数", "Volume of output over that of the year before: growth without the change of prices.", "previous year = 100", 1),
    "va_secondary": ("value added, secondary sector", "第二产业增加值", "Value added by industry and construction, a part of gdp.", MONEY, 1),
    "va_tertiary": ("value added, tertiary sector", "第三产业增加值", "Value added by services, a part of gdp.", MONEY, 1),
    "residents": ("residents", "常住人口", "People who live in the region at the end of the year, registered there or not.", "1000 persons", 1),
    "urban_share": ("urban share", "城镇化率", "Residents of towns over all residents.", "per cent", 2),
    "energy": ("energy use", "能源消费量", "Energy used in the region, in tonnes of coal equivalent.", "1000 tce", 1),
    "sulphur": ("sulphur dioxide", "二氧化硫排放量", "Sulphur dioxide from industry.", "t", 0),
    "carbon": ("carbon dioxide", "二氧化碳排放量", "Carbon dioxide from energy, summed over the area of the region.", "1000 t", 1),
}
FLAGS = {
    "jump": ("The count of residents moves far from the year before, because a census ends a run of estimates.", "residents: Fallone in 2010."),
    "break": ("Counted otherwise from this year on; the years before and after do not compare.", "energy: all regions in 2011."),
}


def tables():
    """Poorer regions begin by growing faster and then stop to; output grows cleaner, unevenly."""
    rng, regions, count = np.random.default_rng(9), list(PLACES), len(YEARS)
    index = pd.MultiIndex.from_product([regions, YEARS], names=["region", "year"])
    shape = (len(regions), count)

    def paths(values):
        return pd.Series(np.broadcast_to(values, shape).ravel(), index)

    def walk(step):
        return np.cumsum(rng.normal(0, step, shape), axis=1)

    start = np.log([place[3] for place in PLACES.values()])[:, None]
    early = np.minimum(np.arange(count), 9) / 9
    rich = 2.5 + start * (1 - 0.35 * early) + 0.06 * np.arange(count) + walk(0.012)
    people = np.exp(7 + rng.normal(0, 0.5, (len(regions), 1)) + 0.004 * np.arange(count) + walk(0.002))
    people[regions.index("Fallone"), YEARS.index(CENSUS):] *= 0.93
    volume, prices = np.exp(rich) * people, 1.02 ** np.arange(count)
    gdp, towns = volume * prices, 100 / (1 + np.exp(0.9 - 0.5 * (rich - 2.5) - rng.normal(0, 0.4, (len(regions), 1)) - walk(0.01)))
    services = 0.3 + 0.1 * (rich - rich.min()) / np.ptp(rich) + 0.006 * np.arange(count) + walk(0.004)
    clean = 0.05 * np.arange(count) + 0.3 * (rich - 2.5) + walk(0.03)
    energy = 0.8 * volume * np.exp(-0.6 * clean + walk(0.015))
    energy[:, YEARS.index(COUNTED_ANEW):] *= 1.08
    panel = pd.DataFrame({name: paths(values) for name, values in {
        "gdp": gdp, "gdp_index": np.insert(100 * volume[:, 1:] / volume[:, :-1], 0, 106, axis=1), "va_secondary": gdp * (0.85 - services), "va_tertiary": gdp * services,
        "residents": people, "urban_share": towns, "energy": energy, "sulphur": 6 * volume * np.exp(-1.3 * clean + walk(0.05)), "carbon": 2.1 * energy * np.exp(walk(0.01)),
    }.items()})
    panel = panel.round({name: told[-1] for name, told in COLUMNS.items()})
    for column, cells in GAPS.items():
        panel.loc[cells, column] = np.nan
    year = panel.index.get_level_values("year")
    panel.insert(panel.columns.get_loc("residents") + 1, "residents_flag", np.where(panel.index == ("Fallone", CENSUS), "jump", ""))
    panel.insert(panel.columns.get_loc("energy") + 1, "energy_flag", np.where(year == COUNTED_ANEW, "break", ""))
    places = pd.DataFrame([(region, region, *place[:3]) for region, place in PLACES.items()], columns=["region", "label", "longitude", "latitude", "group"])
    borders = pd.DataFrame([pair.split("-") for pair in BORDERS.split()], columns=["region", "neighbour"])
    return {"panel": panel.reset_index(), "regions": places, "adjacency": borders}


def package():
    region = field("region", "string", "region", "地区", "Name of the region, the same in all tables.", required=True)
    year = field("year", "year", "year", "年份", "Calendar year.", required=True, minimum=YEARS[0], maximum=YEARS[-1])
    figures, count, span = [], {"regions": len(PLACES)}, [YEARS[0], YEARS[-1]]
    for name, (title, zh, what, unit, _) in COLUMNS.items():
        figures.append(field(name, "number", title, zh, what, unit, positive=True, minimum=0, required=name not in GAPS))
        if name in ("residents", "energy"):
            figures.append(field(f"{name}_flag", "string", "flag", "标记", f"Known defects of {name}: names from the list of flags, joined by a semicolon; empty where nothing is known against the figure.", pattern="[a-z-]+(;[a-z-]+)*"))
    resources = [
        resource("panel", f"Nine made-up regions, {span[0]}-{span[1]}", "Invented figures of output, people, towns, energy and emissions: gaps narrow at first and then no more.", ["region", "year"],
                 [region, year, *figures], count | {"years": span}, points=["region"], gaps=[f"{column}: {cells[0][0]} lacks {data.spans(y for _, y in cells)}." for column, cells in GAPS.items()]),
        resource("regions", "The nine made-up regions", "Names, places on the map, and groups.", "region",
                 [region, field("label", "string", "label", "标签", "Name to show on maps; may be shorter.", required=True, unique=True),
                  field("longitude", "number", "longitude", "经度", "Where the region is drawn, roughly its middle.", "degrees east", required=True, minimum=-180, maximum=180),
                  field("latitude", "number", "latitude", "纬度", "Where the region is drawn, roughly its middle.", "degrees north", required=True, minimum=-90, maximum=90),
                  field("group", "string", "group", "组", "Group of the region; every group is named in settings.toml, under groups.labels.", required=True)], count),
        resource("adjacency", "Which of the made-up regions touch", "A common border a row, each once. May be left out: the spatial form then is.", ["region", "neighbour"],
                 [region, field("neighbour", "string", "neighbour", "相邻地区", "Region on the other side of the border.", required=True)], count,
                 points=["region", "neighbour"], optional=True),
    ]
    return {"profile": "tabular-data-package", "name": "coordination", "title": "Nine made-up regions", "title_zh": "九个虚构地区",
            "description": "Invented figures, to run a chapter on data it was not written for.",
            "licenses": [{"name": "CC0-1.0", "title": "Creative Commons Zero", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
            "sources": [{"name": "made-up", "title": "Made up for the tests"}],
            "flags": [{"name": name, "meaning": meaning, "rule": rule} for name, (meaning, rule) in FLAGS.items()],
            "method": "gaps", "resources": resources}


if __name__ == "__main__":
    for name, table in tables().items():
        table.to_csv(HERE / f"{name}.csv", index=False)
    (HERE / "datapackage.json").write_text(json.dumps(package(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    data.seal(HERE)
