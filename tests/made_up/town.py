"""Invent the tables of data/templates/shenzhen, with a seed, and describe them: python tests/made_up/town.py"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from descriptor import field, resource

from casebook import data

HERE = Path(__file__).resolve().parents[2] / "data/templates/shenzhen"
TOWN, YEARS = "Harrowfen", range(2003, 2017)  # 14 years
CHANGED = 2010  # from here on the early vintage of income knows of fewer residents
SPIKE = 2008
COLUMNS = {  # column of the panel: title, title_zh, meaning, unit, decimals
    "gdp": ("GDP", "地区生产总值", "Output of the year, at its prices.", "1e8 crowns, current prices", 2),
    "population_resident": ("residents", "常住人口", "People who live there.", "1e4 persons", 2),
    "income_late": ("income, late vintage", "人均地区生产总值（后期）", "Income per head as known at last.", "crowns per person", 0),
    "income_early": ("income, early vintage", "人均地区生产总值（早期）", "Income per head as first known.", "crowns per person", 0),
    "peat_smoke": ("peat smoke", "泥炭烟", "Smoke of peat fires.", "t", 0),
    "rags": ("rags collected", "废布清运量", "Rags that were collected.", "t", 0),
    "soot": ("soot", "煤烟", "Soot of chimneys.", "t", 0),
    "well_water": ("well water", "井水用量", "Water drawn from wells.", "1e4 m3", 1),
    "tallow": ("tallow", "牛脂", "Tallow that was thrown away; nothing is known.", "t", 0),
}
INDICATORS = list(COLUMNS)[4:]
GAPS = {"well_water": (2003, 2006, 2007, 2011), "tallow": tuple(YEARS)}
FLAGS = {("soot", SPIKE): "spike"}


def tables():
    """One indicator turns, one rises, one falls, one has gaps and one is empty; figures scatter by a per cent."""
    rng, years = np.random.default_rng(14), np.arange(len(YEARS))
    residents = 80 * 1.02 ** years
    rich = 20_000 * 1.07 ** years * (1 + rng.normal(0, 0.004, len(years)))
    noise = {name: 1 + rng.normal(0, 0.01, len(years)) for name in INDICATORS}
    top = 0.5 * (rich[0] + rich[-1])
    panel = pd.DataFrame({
        "region": TOWN, "year": YEARS, "gdp": rich * residents / 1e4, "population_resident": residents, "income_late": rich,
        "income_early": rich * np.where(np.array(YEARS) >= CHANGED, 1 + 0.03 * (np.array(YEARS) - CHANGED + 1), 1.0),
        "peat_smoke": 9_000 * (1 - 0.6 * ((rich - top) / (rich[-1] - top)) ** 2) * noise["peat_smoke"],
        "rags": 200 * (rich / 20_000) ** 0.8 * noise["rags"],
        "soot": 5_000 * (rich / 20_000) ** -1.1 * noise["soot"],
        "well_water": 600 * (rich / 20_000) ** 0.3 * noise["well_water"],
        "tallow": 100.0,
    })
    for name, years_missing in GAPS.items():
        panel.loc[panel["year"].isin(years_missing), name] = np.nan
    panel.loc[panel["year"] == SPIKE, "soot"] *= 2
    order = ["region", "year"]
    for name, (*_, decimals) in COLUMNS.items():
        panel[name] = panel[name].round(decimals)
        if name in INDICATORS:
            panel[f"{name}_flag"] = [FLAGS.get((name, year), "") for year in YEARS]
            panel[f"{name}_source"] = np.where(panel[name].notna(), "made-up", "")
        order += [column for column in panel if column.removesuffix("_flag").removesuffix("_source") == name]
    towns = pd.DataFrame({"region": [TOWN], "name_zh": ["哈罗芬"], "label": [TOWN], "province": ["Lowmark"]})
    second = pd.DataFrame({"region": [TOWN], "year": [SPIKE], "column": ["soot"], "value": [round(panel.set_index("year")["soot"][SPIKE] / 2)],
                           "basis": ["same"], "source": ["made-up"], "what": ["another invented figure"]})
    return {"panel": panel[order], "regions": towns, "second_readings": second}


def figures():
    """Describe the columns of the panel, each indicator with its flag and source."""
    found = []
    for name, (title, zh, about, unit, _) in COLUMNS.items():
        found.append(field(name, "number", title, zh, about, unit, positive=True, minimum=0, required=name not in INDICATORS))
        if name in INDICATORS:
            found += [field(f"{name}_flag", "string", "flag", "标记", f"Known defects of {name}.", pattern="[a-z-]+(;[a-z-]+)*"),
                      field(f"{name}_source", "string", "source", "来源", f"Source of the cell of {name}.", pattern="[a-z-]+")]
    return found


def package():
    region = field("region", "string", "region", "地区", "Name of the town, the same in every table.", required=True)
    year = field("year", "year", "year", "年份", "Calendar year.", required=True, minimum=YEARS[0], maximum=YEARS[-1])
    extent = {"regions": 1, "years": [YEARS[0], YEARS[-1]]}
    text = {name: field(name, "string", name, zh, about, required=True)
            for name, zh, about in (("name_zh", "中文名", "Name in Chinese."), ("label", "标签", "Name that figures show."), ("province", "省份", "Where it lies."),
                                    ("source", "来源", "Whose figure it is."), ("what", "说明", "What it is."))}
    resources = [
        resource("panel", f"A made-up town, {YEARS[0]}-{YEARS[-1]}", "Invented figures about a curve that turns, and others.", ["region", "year"],
                 [region, year, *figures()], extent,
                 gaps=["well_water: four years are missing.", "tallow: nothing was found; every cell is empty."], points=["region"]),
        resource("regions", "The made-up town", "Its name.", "region", [region, text["name_zh"], text["label"], text["province"]], {"regions": 1}),
        resource("second_readings", "A second figure", "Another invented figure for a cell.", ["region", "year", "column", "source"],
                 [region, year, field("column", "string", "column", "列", "Column of the panel.", required=True, enum=list(COLUMNS)),
                  field("value", "number", "second value", "第二数值", "The other figure.", "as in the panel", required=True),
                  field("basis", "string", "basis", "口径", "Whether the two mean the same thing.", required=True, enum=["same", "vintage", "scope", "inventory"]),
                  text["source"], text["what"]], extent, points=["region"], optional=True),
    ]
    return {"profile": "tabular-data-package", "name": "town", "title": "A made-up town", "title_zh": "一个虚构小镇",
            "description": "Invented figures, to run a chapter on data it was not written for.",
            "licenses": [{"name": "CC0-1.0", "title": "Creative Commons Zero", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
            "sources": [{"name": "made-up", "title": "Made up for the tests", "via": ""}],
            "flags": [{"name": "spike", "meaning": "The cell stands far above both neighbours.", "rule": "soot: by more than 1.5 times both neighbours."}],
            "method": "kuznets", "resources": resources}


if __name__ == "__main__":
    for name, table in tables().items():
        whole = {column: "Int64" for column, told in COLUMNS.items() if column in table and told[-1] == 0}
        table.astype(whole).to_csv(HERE / f"{name}.csv", index=False)
    (HERE / "datapackage.json").write_text(json.dumps(package(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    data.seal(HERE)
