"""Invent the tables of data/templates/beijing-tianjin-hebei, with a seed, and describe them: python tests/made_up/ten_regions.py"""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import descriptor
from descriptor import resource

from casebook import data

HERE = Path(__file__).resolve().parents[2] / "data/templates/beijing-tianjin-hebei"
YEARS, CENSUS = range(2001, 2011), [2005, 2010]
PLACES = {  # longitude, latitude, group
    "Arkwold": (20.2, 50.1, "coast"), "Bexmoor": (21.1, 50.3, "coast"), "Corrane": (22.0, 50.0, "coast"),
    "Drumfell": (20.0, 50.9, "coast"), "Elverne": (21.0, 51.1, "coast"), "Fennick": (22.1, 50.8, "coast"),
    "Hethmark": (20.3, 51.7, "upland"), "Ivorne": (21.2, 51.9, "upland"),
    "Skerrow": (22.9, 50.4, "upland"), "Tolvane": (19.2, 50.5, "upland"),
}
PAIRS = [tuple(pair.split("-")) for pair in """Arkwold-Bexmoor Arkwold-Drumfell Arkwold-Tolvane Bexmoor-Corrane Bexmoor-Elverne Corrane-Fennick Corrane-Skerrow
Drumfell-Elverne Drumfell-Hethmark Drumfell-Tolvane Elverne-Fennick Elverne-Hethmark Elverne-Ivorne Fennick-Skerrow Hethmark-Ivorne""".split()]
DOUBTFUL = {("Bexmoor", "Elverne")}
MONEY, HEADS = "1e8 crowns, current prices", "1e4 persons"
COLUMNS = {  # column of the panel: title, title_zh, unit, what it is, decimals
    "gdp": ("GDP", "地区生产总值", MONEY, "Gross regional product of the year.", 2),
    "va_primary": ("value added, primary sector", "第一产业增加值", MONEY, "Part of GDP made by farming, forestry and fishing.", 2),
    "va_secondary": ("value added, secondary sector", "第二产业增加值", MONEY, "Part of GDP made by mining, manufacturing, utilities and construction.", 2),
    "va_tertiary": ("value added, tertiary sector", "第三产业增加值", MONEY, "Part of GDP made by services.", 2),
    "population_resident": ("residents", "常住人口", HEADS, "People who live in the region, by whom GDP is divided.", 2),
    "population_resident_unrevised": ("residents, unrevised", "常住人口（修订前）", HEADS, "Residents as first published: the whole that urban residents are a part of.", 2),
    "population_urban": ("urban residents", "城镇人口", HEADS, "Residents of towns, as first published.", 2),
    "co2_register": ("CO2, register", "二氧化碳排放量（登记）", "1e6 t", "Emissions of carbon dioxide as the works report them.", 3),
    "co2_satellite": ("CO2, satellite", "二氧化碳排放量（卫星）", "1e6 t", "The same emissions as seen from above; leave a cell empty where it is unknown.", 3),
    "energy_three_carriers": ("energy", "能源消费量", "1e4 tce", "Energy used, in tonnes of standard coal.", 2),
    "fdi": ("foreign investment", "外商直接投资", "1e6 dollars", "Direct investment from abroad that was used in the year.", 2),
    "employment_units": ("unit employment", "城镇单位就业人员", "1e4 persons", "Workers of firms and offices, without farms and family firms.", 2),
    "employment_units_share_primary": ("unit employment, primary sector", "第一产业单位就业比重", "per cent", "Part of these workers in farming, forestry and fishing.", 2),
    "employment_units_share_secondary": ("unit employment, secondary sector", "第二产业单位就业比重", "per cent", "Part of these workers in industry and construction.", 2),
    "employment_units_share_tertiary": ("unit employment, tertiary sector", "第三产业单位就业比重", "per cent", "Part of these workers in services.", 2),
}
SECTORS = ("primary", "secondary", "tertiary")


def tables(places=PLACES, pairs=PAIRS, doubtful=DOUBTFUL, years=YEARS, census_years=CENSUS):
    """Walks that neighbours share: each draw is smoothed over the map before it is added up over the years."""
    rng, regions = np.random.default_rng(10), list(places)
    place, touch = {region: i for i, region in enumerate(regions)}, np.zeros((len(places), len(places)))
    for one, other in pairs:
        touch[place[one], place[other]] = touch[place[other], place[one]] = 1
    smooth = np.linalg.inv(np.eye(len(regions)) - 0.4 * touch / touch.sum(axis=1, keepdims=True))
    index = pd.MultiIndex.from_product([regions, years], names=["region", "year"])

    def walk(start, drift, spread=0.5, step=0.05):
        levels = smooth @ rng.normal(0, spread, len(regions))
        steps = smooth @ rng.normal(0, step, (len(regions), len(years)))
        return pd.Series((start + levels[:, None] + np.cumsum(drift + steps, axis=1)).ravel(), index)

    residents, rich = np.exp(walk(5.5, 0.005, 0.4, 0.004)), walk(0.8, 0.09, 0.3)
    gdp = np.exp(rich) * residents
    weights = pd.DataFrame({"primary": np.exp(walk(-1.2, -0.05, 0.4)), "secondary": 1.0, "tertiary": np.exp(walk(-0.3, 0.03, 0.2))})
    shares = weights.div(weights.sum(axis=1), axis=0)
    energy = np.exp(walk(-1.5, -0.03, 0.3)) * gdp
    clean = walk(0.0, 0.0, 0.2) - 0.3 * np.log(weights["tertiary"])  # services emit less
    jobs = shares.mul([0.1, 1.0, 1.2]) * np.exp(rng.normal(0, 0.05, shares.shape))
    unrevised = residents * np.exp(rng.normal(0, 0.005, len(index)))
    panel = pd.DataFrame({
        "gdp": gdp, **{f"va_{s}": gdp * shares[s] for s in SECTORS},
        "population_resident": residents, "population_resident_unrevised": unrevised,
        "population_urban": unrevised / (1 + np.exp(-walk(-0.2, 0.05, 0.3))),
        "co2_register": 0.03 * np.exp(clean) * gdp ** 0.6 * energy ** 0.4,
        "co2_satellite": 0.04 * np.exp(walk(0.0, -0.02, 0.3)) * gdp, "energy_three_carriers": energy,
        "fdi": 8 * np.exp(walk(-1.5, 0.0, 0.6, 0.2)) * gdp, "employment_units": 0.2 * residents * np.exp(rng.normal(0, 0.02, len(index))),
        **{f"employment_units_share_{s}": 100 * jobs[s] / jobs.sum(axis=1) for s in SECTORS},
    })
    panel.loc[(regions[-2], years[-1]), "co2_satellite"] = np.nan  # a figure is missing in most panels
    panel = panel.round({column: told[-1] for column, told in COLUMNS.items()})
    farm = 45 - 15 * rich[rich.index.isin(census_years, level="year")]
    census = pd.DataFrame({"employed_share_primary": farm.clip(1, 70).round(1), "employed_share_secondary": 28.0}).reset_index()
    census["employed_share_tertiary"] = (72 - census["employed_share_primary"]).round(1)
    places = pd.DataFrame([(r, *places[r]) for r in regions], columns=["region", "longitude", "latitude", "group"])
    borders = pd.DataFrame([(*pair, int(pair in doubtful)) for pair in pairs], columns=["region", "neighbour", "doubtful"])
    nation = pd.DataFrame({"year": years, "cny_per_usd": np.linspace(4, 5, len(years)).round(2)})
    return {"panel": panel.reset_index(), "regions": places, "adjacency": borders, "nation": nation, "census": census}


field = partial(descriptor.field, required=True)  # unless it says otherwise


def package(name="ten", title="Ten made-up regions", title_zh="十个虚构地区", count=len(PLACES), years=YEARS, census=CENSUS):
    region = field("region", "string", "region", "地区", "Name of the region, the same in every table.")
    year = field("year", "year", "year", "年份", "Calendar year.", minimum=years[0], maximum=years[-1])
    span = [years[0], years[-1]]
    figures = [field(name, "number", title, zh, about, unit, positive=True, minimum=0, required=name != "co2_satellite")
               for name, (title, zh, unit, about, _) in COLUMNS.items()]
    shares = [field(f"employed_share_{s}", "number", f"workers, {s} sector", {"primary": "第一产业就业比重", "secondary": "第二产业就业比重", "tertiary": "第三产业就业比重"}[s],
                    f"Part of all workers who are in the {s} sector, farms and family firms counted.", "per cent", minimum=0, maximum=100) for s in SECTORS]
    resources = [
        resource("panel", f"{title}, {span[0]}-{span[1]}", "Invented walks that neighbours share.", ["region", "year"],
                 [region, year, *figures], {"regions": count, "years": span}, points=["region"]),
        resource("regions", f"The {title[0].lower()}{title[1:]}", "Names, invented places and groups.", "region",
                 [region,
                  field("longitude", "number", "longitude", "经度", "Where the region lies: the point from which distances are taken.", "degrees east", minimum=-180, maximum=180),
                  field("latitude", "number", "latitude", "纬度", "As longitude.", "degrees north", minimum=-90, maximum=90),
                  field("group", "string", "group", "组", "Group of regions, one of the labels in settings.toml.")], {"regions": count}),
        resource("adjacency", "Which of the made-up regions touch", "Each pair once.", ["region", "neighbour"],
                 [region, field("neighbour", "string", "neighbour", "相邻地区", "A region that it borders; each pair stands in one row only."),
                  field("doubtful", "integer", "doubtful", "存疑", "1 where the border is short or in doubt, 0 elsewhere.", minimum=0, maximum=1)],
                 {"regions": count}, points=["region", "neighbour"]),
        resource("nation", "The made-up country", "One figure a year.", "year",
                 [year, field("cny_per_usd", "number", "exchange rate", "汇率", "Local money for a dollar, mean of the year.", "crowns per dollar", positive=True, minimum=0)],
                 {"years": span}, optional=True),
        resource("census", "Workers of the made-up regions", "All workers by sector.", ["year", "region"], [region, year, *shares],
                 {"regions": count, "years": census}, points=["region"], optional=True),
    ]
    return {"profile": "tabular-data-package", "name": name, "title": title, "title_zh": title_zh,
            "description": "Invented figures, to run a chapter on data it was not written for.",
            "licenses": [{"name": "CC0-1.0", "title": "Creative Commons Zero", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
            "sources": [{"name": "made-up", "title": "Made up for the tests"}], "flags": [], "method": "intensity", "resources": resources}


def write(folder, frames, descriptor):
    """Write the tables and their descriptor, and seal them."""
    for table in descriptor["resources"]:
        frames[table["name"]].to_csv(folder / table["path"], index=False)
    told = frames["panel"].set_index("region").query("co2_satellite.isna()")["year"]
    descriptor["resources"][0]["gaps"] = [f"co2_satellite: {region} lacks {year}." for region, year in told.items()]
    (folder / "datapackage.json").write_text(json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    data.seal(folder)


if __name__ == "__main__":
    write(HERE, tables(), package())
