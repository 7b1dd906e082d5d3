"""The data of the Shenzhen chapter: what is observed, every flag as its rule has it, and what the document prints."""

import itertools
import json
import re
import runpy
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import raw
from raw import rows

from casebook import data

ROOT = Path(__file__).resolve().parents[1]
FOLDER, TOWN = ROOT / "data/shenzhen", ROOT / "data/templates/shenzhen"
YEARS = range(2005, 2023)
GDP, RESIDENTS = ["gdp_revised", "gdp_first"], ["population_resident", "population_resident_unrevised"]
PER_HEAD = ["gdp_per_head_revised", "gdp_per_head_first"]
INDICATORS = ["water_use", "energy_use", "industrial_waste_gas", "industrial_so2", "industrial_nox", "pm10",
              "industrial_wastewater", "sewage_treated", "industrial_solid_waste", "household_waste"]
EXTRAS = ["industrial_smoke_dust", "pm25", "co2_edgar", "energy_three_carriers"]
COLUMNS = [*GDP, "gdp_index", *RESIDENTS, *PER_HEAD, *INDICATORS, *EXTRAS]
WHOLE = ["industrial_so2", "industrial_nox", "industrial_wastewater", "industrial_smoke_dust"]  # published in whole units
COUNTS = {"gdp_revised": 18, "gdp_first": 18, "gdp_index": 18, "population_resident": 18, "population_resident_unrevised": 14,
          "gdp_per_head_revised": 17, "gdp_per_head_first": 10, "water_use": 6, "energy_use": 1, "industrial_waste_gas": 0,
          "industrial_so2": 15, "industrial_nox": 3, "pm10": 8, "industrial_wastewater": 15, "sewage_treated": 0,
          "industrial_solid_waste": 0, "household_waste": 13, "industrial_smoke_dust": 14, "pm25": 10, "co2_edgar": 17,
          "energy_three_carriers": 14}


@pytest.fixture(scope="module")
def panel():
    return data.load("shenzhen").xs("Shenzhen")


@pytest.fixture(scope="module")
def second():
    return data.load("shenzhen", "second_readings").xs("Shenzhen")


def flagged(code):
    """Cells of the city that carry a flag, read from the file without the library."""
    return {cell[1:] for cell in raw.flagged(FOLDER, code)}


def cells(mask, name):
    return {(int(year), name) for year, hit in mask.items() if hit}


def beyond(now, other, factor):
    """Whether one figure is more than so many times the other, or less than the inverse."""
    return (now / other > factor) | (now / other < 1 / factor)


# ------------------------------------------------------------------ what is observed
def test_every_year_has_a_row_and_every_column_is_there(panel):
    assert list(panel.index) == list(YEARS)
    assert set(panel) == {*COLUMNS, *(f"{name}{end}" for name in COLUMNS for end in ("_flag", "_source"))}
    assert data.coverage("shenzhen").groupby("column")["observed"].sum().to_dict() == COUNTS


def test_gaps_are_told_with_the_right_counts():
    told = data.tables("shenzhen").set_index("table").loc["panel", "gaps"]
    for name, count in COUNTS.items():
        if name in INDICATORS and 1 < count < 10:
            assert re.search(rf"{name}: .*\b{count} of 18", told), name
    assert "industrial_waste_gas, sewage_treated and industrial_solid_waste: nothing was found (0 of 18 cells)" in told


@pytest.mark.parametrize(("year", "name", "text"), [
    (2012, "gdp_first", "12950.08"),                  # communiqué of 2012
    (2022, "gdp_first", "32387.68"),                  # communiqué of 2022
    (2017, "gdp_per_head_first", "183544"),           # Shenzhen yearbook of 2018
    (2019, "gdp_per_head_first", "203489"),           # communiqué of 2019
    (2021, "gdp_per_head_revised", "173663"),         # as the communiqué of 2021 has it
    (2018, "population_resident_unrevised", "1302.66"),
    (2020, "water_use", "20.65"),                     # article on the water bulletins
    (2016, "water_use", "19.934227"),                 # 199,342.27 of 10,000 m3 in the bulletin
    (2019, "energy_use", "4534"),                     # 21st Century Business Herald
    (2016, "pm10", "42"), (2014, "pm10", "53"), (2020, "pm10", "35"),  # environment bulletins
    (2011, "industrial_so2", "4928"), (2015, "industrial_wastewater", "19077"),
    (2018, "household_waste", "702.27"), (2017, "industrial_nox", "6638"), (2013, "pm25", "39.6"),
])
def test_known_cells_stand_with_their_digits(year, name, text):
    assert {int(row["year"]): row for row in rows(FOLDER)}[year][name] == text


def test_what_only_the_document_prints_is_not_in_the_panel(panel):
    printed = data.load("published", "sz_values")
    only = [key for key in printed.index if key != (2019, "water_use") and key != (2011, "household_waste")]
    assert len(only) == 5
    for year, name in only:  # the panel is empty there, or has a figure of its own with other digits
        assert pd.isna(panel.loc[year, name]) or (year, name) == (2019, "energy_use")
    assert (str(panel.loc[2019, "energy_use"]), printed.loc[(2019, "energy_use"), "value"]) == ("4534.0", "4534.14")
    assert panel[["industrial_waste_gas", "sewage_treated", "industrial_solid_waste"]].isna().all(axis=None)
    assert panel.loc[2012:2014, "water_use"].isna().all() and panel.loc[:2018, "energy_use"].isna().all()
    assert panel.loc[2019:, "household_waste"].isna().all()


def test_gdp_per_head_follows_from_its_columns(panel):
    expected = 1e4 * panel["gdp_revised"] / panel["population_resident"].rolling(2).mean()
    assert (panel["gdp_per_head_revised"] - expected).dropna().abs().max() <= 0.5
    assert cells(panel["gdp_per_head_revised"].notna(), PER_HEAD[0]) | {(2018, PER_HEAD[1])} == flagged("computed")
    pair = panel["population_resident_unrevised"].loc[[2017, 2018]].mean()
    assert panel.loc[2018, PER_HEAD[1]] == pytest.approx(1e4 * panel.loc[2018, "gdp_first"] / pair, abs=0.5)


def test_gdp_per_head_agrees_with_what_is_stated(panel, second):
    stated = second.xs("gdp_per_head_revised", level="column").query("basis == 'same'")["value"]
    assert dict(stated.droplevel("source")) == {2021: 173663, 2022: 183274}
    assert (panel.loc[stated.index.get_level_values("year"), PER_HEAD[0]].to_numpy() == stated).all()


def test_the_printed_axis_tells_the_vintages_apart(panel):
    axis = data.load("published", "sz_axes").loc["x", "label"].astype(int)
    window = panel.loc[2011:2021]
    assert window[PER_HEAD[0]].between(axis.min(), axis.max()).all()
    assert (window[PER_HEAD[1]].dropna() > axis.max()).any()
    labels = data.load("published", "sz_axes").loc["points", "label"].astype(int)
    assert sorted(labels) == list(window.index)
    # left to right along the revised vintage the labels of 2014 and 2015, and of 2019 and 2020, stand as in the text
    assert panel.loc[2020, PER_HEAD[0]] < panel.loc[2019, PER_HEAD[0]]
    assert list(labels)[8:10] == [2020, 2019]


def test_derived_cells_follow_from_what_is_stated(panel):
    table = data.load("shenzhen", "derivations").xs("Shenzhen")
    step = {"minus change": lambda b, c: b - c, "over growth": lambda b, c: b / (1 + c / 100), "ratio times GDP": lambda b, c: b * c / 1e4}
    for (year, name), row in table.iterrows():
        value = step[row["method"]](row["base"], row["change"])
        assert panel.loc[year, name] == pytest.approx(value, abs=0.5001 * 10.0 ** -row["decimals"]), (year, name)
        assert row["low"] - 1e-4 <= value <= row["high"] + 1e-4  # bounds have six digits
        if name in panel and row["base_of"] in ("water use", "PM10", "PM2.5"):
            assert panel.loc[row["base_year"], name] == row["base"]
    assert flagged("derived") == set(table.index)


def test_sources_and_flags_are_declared_and_used(panel):
    package = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))
    assert {flag["name"] for flag in package["flags"]} == set(data.flagged("shenzhen")["flag"])
    known = {source["name"] for source in package["sources"]}
    named = {row[name] for table in package["resources"] if "record" not in table["name"] for row in rows(FOLDER, table["name"])
             for name in row if name.endswith("source") and row[name]}
    assert named <= known <= named | {"c40-list"}
    assert all(source["title"] for source in package["sources"])


def test_settings_fit_the_panel(panel):
    chosen = data.settings("shenzhen", require=["title", "title_zh", "region", "document", "indicators", "extras", "reading"])
    assert list(chosen["indicators"]) == INDICATORS and list(chosen["extras"]) == EXTRAS
    assert chosen["document"] in data.documents().index and chosen["region"] in data.load("shenzhen", "regions").index
    assert {level["income"] for level in chosen["choices"]["income"].values()} == set(PER_HEAD)
    package = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))
    assert {flag for level in chosen["choices"]["flagged"].values() for flag in level["without"]} <= {flag["name"] for flag in package["flags"]}
    curves = data.load("published", "sz_curves")
    assert list(curves["indicator"]) == INDICATORS
    assert (chosen["first_year"], chosen["last_year"]) == (curves["first_year"].mode()[0], curves["last_year"].mode()[0])


# -------------------------------------------------------------------------- flags
class TestFlags:
    """The rule of every flag, computed anew from the values."""

    def test_scope_and_linked(self):
        table = data.load("shenzhen", "derivations").xs("Shenzhen")
        assert flagged("scope") == set(table.index[table["scope"] != "city"]) == {(2021, "water_use")}
        assert flagged("linked") == set(table.index[table["linked"]]) == {(2019, "water_use")}

    def test_rounded(self):
        table, expected = data.load("shenzhen", "derivations").xs("Shenzhen"), set()
        expected |= set(table.index[table["high"] / table["low"] - 1 > 0.01])
        for row in rows(FOLDER):
            for name in (*INDICATORS, *EXTRAS):
                if row[name] and (int(row["year"]), name) not in table.index:
                    half = 0.5 * 10.0 ** -len(row[name].partition(".")[2])
                    expected |= {(int(row["year"]), name)} if half / float(row[name]) > 0.005 else set()
        assert flagged("rounded") == expected
        assert {name for _, name in expected} == {"pm10", "pm25"}
        loose = {row["city"] for row in rows(FOLDER, "cities") if float(row["gdp_2022"]) % 100 == 0}
        assert loose == {row["city"] for row in rows(FOLDER, "cities") if "rounded" in row["gdp_2022_flag"]} == {"Chengdu"}

    def test_spike_and_level_break(self, panel):
        spikes, breaks = set(), set()
        for name in [*WHOLE, "household_waste", "energy_three_carriers"]:
            now, before, after = panel[name], panel[name].shift(1), panel[name].shift(-1)
            above = (now > 1.5 * before) & (now > 1.5 * after)
            spikes |= cells(above | (now * 1.5 < before) & (now * 1.5 < after), name)
            if name in WHOLE:
                breaks |= cells(beyond(now, before, 5), name)
        assert flagged("spike") == spikes and flagged("level-break") == breaks == {(2011, "industrial_so2")}
        assert {(2015, "industrial_wastewater"), (2011, "industrial_so2")} < spikes

    def test_jump(self, panel):
        factors = {**dict.fromkeys([*WHOLE, "household_waste"], 1.75), **dict.fromkeys([*GDP, *PER_HEAD], 1.25),
                   **dict.fromkeys(["energy_three_carriers", "water_use", "pm10", "pm25", "co2_edgar"], 1.3),
                   **dict.fromkeys(RESIDENTS, 1.07)}
        expected = set().union(*(cells(beyond(panel[name], panel[name].shift(1), factor), name) for name, factor in factors.items()))
        spikes = flagged("spike")
        explained = spikes | flagged("level-break") | {(year + 1, name) for year, name in spikes} | {(2011, "industrial_smoke_dust")}
        assert flagged("jump") == expected - explained
        assert {(2017, "industrial_so2"), (2011, "population_resident"), (2011, "energy_three_carriers")} < expected - explained

    def test_not_whole_decimals_single_source_definition(self, panel):
        single, fine = set(), set()
        for row in rows(FOLDER):
            year = int(row["year"])
            single |= {(year, name) for name in COLUMNS if row[f"{name}_source"] == "yearbook-translated"}
            fine |= {(year, name) for name in ("household_waste", RESIDENTS[1]) if len(row[name].partition(".")[2]) > 2}
        assert flagged("single-source") == single and flagged("decimals") == fine
        assert flagged("not-whole") == set().union(*(cells(panel[name].mod(1).gt(0), name) for name in WHOLE)) == {(2019, "industrial_so2")}
        late = panel["industrial_smoke_dust"].notna() & (panel.index >= 2011)
        assert flagged("definition") == cells(late, "industrial_smoke_dust")

    def test_disagree_and_apart(self, panel, second):
        expected = {"disagree": set(), "apart": set()}
        for (year, name, _), row in second.iterrows():
            ratio = panel.loc[year, name] / row["value"]
            if row["basis"] == "same" and abs(ratio - 1) > 0.01:
                expected["disagree"].add((year, name))
            if row["basis"] == "inventory" and (ratio > 1.5 or ratio < 1 / 1.5):
                expected["apart"].add((year, name))
        assert flagged("disagree") == expected["disagree"] == {(2017, "household_waste"), (2013, "gdp_index")}
        assert flagged("apart") == expected["apart"] and {name for _, name in expected["apart"]} == {"co2_edgar"}

    def test_vintages_and_not_revised(self, panel):
        expected = set()
        for (one, two), limit in {tuple(GDP): 0.01, tuple(RESIDENTS): 0.05, tuple(PER_HEAD): 0.05}.items():
            ratio = panel[one] / panel[two]
            apart = (ratio.sub(1).abs() > limit) | ((1 / ratio).sub(1).abs() > limit)
            expected |= cells(apart, one) | cells(apart, two)
        assert flagged("vintages") == expected
        same = (panel["gdp_revised"] / panel["gdp_first"] - 1).abs() < 1e-4
        assert flagged("not-revised") == cells(same, "gdp_revised") == {(year, "gdp_revised") for year in (2020, 2021, 2022)}

    def test_splice(self, panel):
        behind = panel[PER_HEAD[1]] * panel[RESIDENTS[1]].rolling(2).mean() / 1e4
        expected = set()
        for name, gdp in (("gdp_first", panel["gdp_first"]), (PER_HEAD[1], behind)):
            expected |= cells((panel["gdp_revised"] / gdp).diff().abs() > 0.025, name)
        assert flagged("splice") == expected == {(2017, "gdp_first"), (2019, "gdp_first"), (2019, PER_HEAD[1])}


# --------------------------------------------------------------- the tables beside it
def test_second_readings_speak_of_columns_of_the_panel(second):
    assert set(second.index.get_level_values("column")) <= set(COLUMNS)
    narrow = second.xs("household_waste", level="column").query("basis == 'scope'")["value"]
    assert dict(narrow.loc[2020:].droplevel("source")) == {2020: 667.1, 2021: 694.5}
    assert second.loc[(2019, "water_use", "water-bulletin-2020-news"), "value"] == pytest.approx(20.22 / (1 - 0.0194), abs=0.005)


def test_ten_cities_are_those_of_the_document():
    cities, printed = data.load("shenzhen", "cities"), data.load("published", "sz_cities")
    assert list(cities.index) == list(printed.index) and (cities["name_zh"] == printed["name_zh"]).all()
    known = cities["gdp_2022_flag"] == ""
    assert (cities["gdp_2022"] - printed["gdp_2022"].astype(float))[known].abs().max() < 0.5
    assert cities["gdp_2022"].is_monotonic_decreasing


def test_net_zero_ranks_are_the_first_ten_of_each_report():
    ranks = data.load("shenzhen", "net_zero_ranks")
    for report, size in ((2021, 22), (2022, 30)):
        part = ranks.xs(report)
        assert list(part["rank"]) == list(range(1, 11)) and set(part["n_ranked"]) == {size}
    assert ranks.loc[(2022, "Wuhan"), "rank"] == 4 and ranks.loc[(2022, "Hangzhou"), "rank"] == 6
    assert ranks.loc[(2021, "Wuhan"), "rank"] == 7


def test_five_cities_and_their_peaks():
    emissions, peaks = data.load("shenzhen", "city_emissions").sort_index(), data.load("shenzhen", "city_peaks")
    assert len(emissions) == 118 and not emissions.index.duplicated().any()
    own = emissions.xs("C40 tracker, city inventory", level="inventory")["emissions"]
    assert own.loc["Tokyo"].idxmax() == 2003 and own.loc["London"].idxmax() == 2000 and own.loc["New York"].idxmax() == 2006
    assert emissions.loc[("Paris", 2004, "C40 tracker, city inventory, GPC"), "emissions"] == 6259428
    assert peaks["in_list"].sum() == 30 and peaks["in_draft"].sum() == 28
    assert not peaks.loc["Tokyo", ["in_draft", "in_list"]].any() and pd.isna(peaks.loc["Tokyo", "peak_year"])
    assert (peaks["peak_year"].notna() == peaks["in_draft"]).all()
    assert dict(peaks.loc[["Los Angeles", "London", "Paris", "New York"], "peak_year"]) == {
        "Los Angeles": 1990, "London": 2000, "Paris": 2004, "New York": 2006}
    # the highest year of each of the four is in the tracker with the same figure
    for city in ("Los Angeles", "London", "Paris", "New York"):
        assert peaks.loc[city, "emissions"] in set(emissions.loc[(city, peaks.loc[city, "peak_year"]), "emissions"])


# ------------------------------------------------------------- what the document prints
TABLES = ["sz_curves", "sz_statements", "sz_values", "sz_axes", "sz_cities", "sz_city_peaks", "sz_international", "sz_ppp", "sz_others"]
SAME_UNIT = {("10^4 GBP", "million GBP"): 0.01}  # printed unit, unit of the claim: factor


def single_values():
    """Rows of the printed tables that one claim repeats: table, row, value, unit, claim."""
    for table, value in (("sz_values", "value"), ("sz_city_peaks", "peak_year"), ("sz_international", "value"), ("sz_ppp", "value"),
                         ("sz_others", "value")):
        for row in rows(ROOT / "data/published", table):
            yield pytest.param(row[value], row.get("unit", "year"), row["claim"], id=f"{table} {row['claim']}")


@pytest.mark.parametrize(("value", "unit", "claim"), list(single_values()))
def test_printed_value_is_that_of_the_claim(value, unit, claim):
    told = data.claims().loc[claim]
    if told["unit"] == "list":
        assert int(value) == len(told["value"].split(";"))
    elif (unit, told["unit"]) in SAME_UNIT:
        assert float(value) * SAME_UNIT[unit, told["unit"]] == pytest.approx(float(told["value"]))
    elif claim == "sz-062":  # the claim is about a direction, the table has its years
        assert value == f"{told['year_from']}-{told['year_to']}"
    else:
        assert value == told["value"] and unit == told["unit"]


@pytest.mark.parametrize("table", TABLES)
def test_claims_named_in_printed_tables_exist(table):
    named = {claim for row in rows(ROOT / "data/published", table) for claim in filter(None, row["claim"].split(";"))}
    assert named and named <= set(data.claims().query("document == 'shenzhen'").index)


def test_table_1_is_that_of_the_claims():
    claims = data.claims()["value"]
    for city, row in data.load("published", "sz_cities").iterrows():
        assert [claims[claim] for claim in row["claim"].split(";")] == [row["gdp_2022"], str(row["gdp_rank"]), row["net_zero_rank"]], city
    best = data.load("published", "sz_cities").query("double_excellent").index
    assert set(best) == set(claims["sz-013"].split("; "))


def test_curves_are_those_of_the_claims():
    claims = data.claims()
    for figure, row in data.load("published", "sz_curves").iterrows():
        for claim in row["claim"].split(";"):
            quantity, value = claims.loc[claim, ["quantity", "value"]]
            if quantity.startswith("shape"):
                assert row["shape"] in value, figure
            if quantity.startswith(("peak year", "trough year")):
                assert (str(row["turning_year"]), row["extreme"]) == (value, "minimum" if "trough" in quantity else "maximum"), figure
    known = data.load("published", "sz_curves").dropna(subset="turning_year")
    assert (known["extreme"] != "").all() and len(known) == 8
    axes = data.load("published", "sz_axes")["label"]
    assert claims.loc["sz-101", "value"] == str(len(axes["points"]))
    assert claims.loc["sz-104", "value"] == f"{axes['y'].iloc[0]}-{axes['y'].iloc[-1]}"
    assert [claims.loc[c, "value"] for c in ("sz-102", "sz-103")] == [axes["x"].iloc[0], axes["x"].iloc[-1]]


def test_statements_set_the_contradictions_side_by_side():
    said = data.load("published", "sz_statements")
    assert said.loc[("industrial_solid_waste", "summary of section 3.2"), "decoupled"] == "yes"
    assert said.loc[("industrial_solid_waste", "paragraph of the figure"), "decoupled"] == "no"
    assert said.loc[("industrial_waste_gas", "summary of section 3.2"), "forecast"] == "falls soon"
    assert said.loc[("industrial_waste_gas", "paragraph of the figure"), "forecast"] == "rises"
    assert list(said.loc["household_waste", "from_year"]) == [2019, 2020]
    assert set(said.index.get_level_values("indicator")) == set(INDICATORS)


# ----------------------------------------------------------------------- the economies
@pytest.fixture(scope="module")
def world():
    return data.load("countries")


@pytest.fixture(scope="module")
def economies():
    return data.load("countries", "economies")


def test_economies_and_years(world, economies):
    assert list(world.index.unique("region")) == list(economies.index) and len(economies) == 76
    assert set(world.groupby("region").size()) == {35}
    assert list(economies.index[economies["kind"] == "aggregate"]) == ["World"]
    own = economies.query("kind == 'economy'")
    assert (own[["continent", "income_2013", "income_2013_source", "income_2022", "opec"]] != "").all(axis=None)
    assert own["income_2013"].value_counts().to_dict() == {"high": 35, "middle": 35, "low": 5}
    assert own["income_2022"].value_counts().to_dict() == {"high": 34, "lower middle": 21, "upper middle": 18, "low": 1, "not classified": 1}
    # one moved down from high income, four up from low
    assert list(own.query("income_2013 == 'high' and income_2022 != 'high'").index) == ["Russia"]
    assert set(own.query("income_2013 == 'low' and income_2022 != 'low'").index) == {"Bangladesh", "Cambodia", "Kenya", "Myanmar"}


@pytest.mark.parametrize(("region", "year", "name", "value"), [
    ("China", 2015, "co2_per_head", 7.1), ("USA", 2015, "co2_per_head", 16.4), ("World", 2019, "co2_per_head", 4.7),
    ("China", 2020, "gdp_growth", 2.3), ("World", 2020, "gdp_growth", -2.9), ("USA", 2015, "gdp_per_head", 57_000),
    ("Germany", 2009, "unemployment_rate", 7.9), ("China", 2010, "manufacturing_va_share", 31.6),
])
def test_known_figures_of_economies(world, region, year, name, value):
    assert world.loc[(region, year), name] == pytest.approx(value, rel=0.04)


def test_population_is_implied_and_near_the_united_nations(world, economies):
    index = world["population_index"].unstack()
    assert (index[2015].dropna() == 100).all()
    growth = world["gdp_growth"].unstack() / 100 + 1
    per_head = world["gdp_per_head"].unstack()
    chained = 100 * growth.loc[:, 2016:2022].prod(axis=1) / (per_head[2022] / per_head[2015])
    assert np.allclose(index[2022].dropna(), chained[index[2022].notna()], atol=1e-3)
    told = data.load("countries", "population")["population"].unstack("year").astype(float)
    off = pd.concat({year: index[year].reindex(told.index) / 100 / (told[year] / told[2015]) - 1 for year in (2010, 2020, 2022)}, axis=1)
    assert np.nanmedian(off.abs()) < 0.005
    middle = economies.index[economies["income_2013"] == "middle"]
    assert off.loc[middle].abs().max(axis=None) < 0.06
    expected = {(region, year) for region, year in off.stack().index[off.stack().abs() > 0.02]}
    got = {(row["region"], int(row["year"])) for row in rows(ROOT / "data/countries") if "disagree" in row["population_index_flag"]}
    assert got == expected and ("UAE", 2022) in got
    assert told.isna().sum().sum() == 5
    assert told.loc["China", 2022] == 1_425_887_337 and told.loc["India", 2022] == 1_417_173_173


def test_flags_of_economies(world):
    hits = {code: set() for code in ("spike", "over-hundred", "rounded")}
    sectors = ["agriculture_va_share", "industry_va_share", "services_va_share"]
    over = world[sectors].sum(axis=1, skipna=False) > 101
    hits["over-hundred"] = {(*cell, name) for cell in world.index[over] for name in sectors}
    hits["rounded"] = {(*cell, "manufacturing_va_usd") for cell in world.index[world["manufacturing_va_usd"] >= 1e11]}
    for name, amount in (("co2_per_head", 2), ("manufacturing_va_share", 6), ("manufactured_exports_share", 15)):
        wide = world[name].unstack()
        near = [wide.shift(1, axis=1), wide.shift(-1, axis=1)]
        if name == "co2_per_head":
            out = (wide > amount * near[0]) & (wide > amount * near[1]) | (wide * amount < near[0]) & (wide * amount < near[1])
        else:
            out = (wide - near[0] > amount) & (wide - near[1] > amount) | (near[0] - wide > amount) & (near[1] - wide > amount)
        hits["spike"] |= {(*cell, name) for cell in out.stack().loc[lambda hit: hit].index}
    for code, expected in hits.items():
        got = data.flagged("countries").query("flag == @code")
        assert set(zip(got["region"], got["year"], got["column"])) == expected, code
    assert ("Kuwait", 1991, "co2_per_head") in hits["spike"]


def test_lists_of_economies_follow_their_rules(world, economies):
    chosen = data.settings("countries", require=["choices.trap", "choices.resources", "periods.decade", "cuts.rents"])
    middle = economies.query("income_2013 == 'middle' and income_2022.isin(['lower middle', 'upper middle'])")
    three = middle[middle["continent"].isin(["Asia", "Africa", "Latin America"])]
    lists = {name: set(level["trap"]) for name, level in chosen["choices"]["trap"].items()}
    whole = lists.pop("middle income in both years")
    assert whole == set(three.index)
    assert lists.pop("without China") == whole - {"China"} and lists.pop("with Venezuela") == whole | {"Venezuela"}
    for place in ("Asia", "Africa", "Latin America"):
        assert lists.pop(f"{place} only") == set(three.index[three["continent"] == place])
    for kind in ("lower", "upper"):
        assert lists.pop(f"{kind} middle in 2022") == set(three.index[three["income_2022"] == f"{kind} middle"])
    assert not lists
    first, last = chosen["periods"]["decade"]
    exports = world["manufactured_exports_share"].unstack().loc[economies["kind"] == "economy", first:last].mean(axis=1)
    lists = {name: set(level["resources"]) for name, level in chosen["choices"]["resources"].items()}
    for name, cut in zip(("commodities 60 % of exports", "commodities 80 % of exports"), chosen["cuts"]["manufactured_exports"]):
        assert lists.pop(name) == set(exports.index[exports <= cut])
    for name, cut in zip(("rents 10 % of GDP", "rents 20 % of GDP"), chosen["cuts"]["rents"]):
        assert lists.pop(name) == set(economies.index[economies["rents"] >= cut])
    assert lists.pop("OPEC throughout") == set(economies.index[economies["opec"] == "throughout"]) and not lists


def test_sources_of_income_classes_are_declared(economies):
    assert set(economies["income_2013_source"]) - {""} == set(data.sources("countries").index)


# --------------------------------------------------------------------- a made-up town
def test_town_is_sealed_and_loads_in_silence():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        panel = data.load(TOWN)
        chosen = data.settings(TOWN, require=["region", "indicators", "choices.flagged"])
        assert "document" not in chosen and set(panel.index.unique("region")) == {chosen["region"]}
        for table in data.tables(TOWN)["table"]:
            assert len(data.load(TOWN, table))
    own = panel.xs(chosen["region"])
    assert 12 <= len(own) <= 14 and set(chosen["indicators"]) <= set(own)
    counts = own[list(chosen["indicators"])].count()
    assert counts["tallow"] == 0 and 0 < counts["well_water"] < len(own) == counts["peat_smoke"]
    assert own["peat_smoke"].idxmax() not in (own.index[0], own.index[-1])
    assert own["rags"].is_monotonic_increasing and own.loc[own["soot_flag"] == "", "soot"].is_monotonic_decreasing
    assert (own["income_early"] >= own["income_late"]).all() and (own["income_early"] > own["income_late"]).any()


def test_town_is_made_by_its_script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tests/made_up")
    space = runpy.run_path(str(ROOT / "tests/made_up/town.py"))
    for name, table in space["tables"]().items():
        pd.testing.assert_frame_equal(data.load(TOWN, name).reset_index()[list(table)], table, check_dtype=False, obj=name)
    package = json.loads((TOWN / "datapackage.json").read_text(encoding="utf-8"))
    fresh = space["package"]()
    for one, two in itertools.zip_longest(package["resources"], fresh["resources"]):
        assert {k: v for k, v in one.items() if k not in ("hash", "bytes", "rows")} == two


def test_earlier_vintages_of_germany(world):
    then, now = data.load("countries", "vintages").loc["Germany"], world.loc["Germany"]
    assert then.index.tolist() == list(range(1991, 2019)) and then["gdp_growth_2017"].last_valid_index() == 2015
    # German statistics: unification boom, recession of 1993, crisis of 2009; Hartz reforms at the peak of unemployment
    assert then["gdp_growth_2017"].idxmin() == 2009 and then["unemployment_rate_2018"].idxmax() == 2005
    assert round(then.loc[2009, "unemployment_rate_2018"], 1) == 7.7  # as a document of that time prints it
    assert (then["gdp_growth_2017"] - now["gdp_growth"]).abs().max() < 1 and (then["unemployment_rate_2018"] - now["unemployment_rate"]).abs().max() < 1
    assert not (then["gdp_growth_2017"] - now["gdp_growth"]).abs().loc[2008:2011].eq(0).any()  # another vintage, not a copy
