"""The data of the chapters on provinces: what is observed, every flag as its rule has it, vintages apart, what is printed."""

import itertools
import json
import re
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import raw
from raw import cells, rows

from casebook import data
from casebook.spatial import contiguity

ROOT = Path(__file__).resolve().parents[1]
PROVINCES, CHINA, PUBLISHED = (ROOT / "data" / name for name in ("provinces", "china", "published"))
SECTORS = ["primary", "secondary", "tertiary"]
THREE = [f"employed_{sector}" for sector in SECTORS]
TOTALS = ["employed_total_compiled", "employed_total_yearbook"]
CO2 = ["co2_ceads", "co2_ceads_manufacturing"]
COUNTS = {  # cells of 868
    "gdp_rev5": 775, "va_primary_rev5": 687, "va_secondary_rev5": 868, "va_tertiary_rev5": 687, "gdp_per_head_rev5": 868,
    "gdp_rev4": 744, "va_primary_rev4": 688, "va_secondary_rev4": 688, "va_tertiary_rev4": 688, "va_industry_rev4": 743,
    "va_construction_rev4": 620, "gdp_index_rev4": 620, "gdp_index_first": 270, "population_resident": 775,
    "urbanisation_rate": 620, "employed_manufacturing_urban": 527, "employed_urban": 527, "employed_manufacturing_private": 496,
    "employed_industry_above_scale": 720, "employed_primary": 510, "employed_secondary": 510, "employed_tertiary": 510,
    "employed_total_compiled": 682, "employed_total_yearbook": 340, "energy_use": 600, "electricity_use": 769,
    "exports_operator": 620, "exports_origin": 620, "co2_ceads": 780, "co2_ceads_manufacturing": 780, "co2_edgar": 837,
    "industrial_so2": 720, "industrial_wastewater": 720}
VALUE_ADDED = [name for name in COUNTS if name.startswith("va_")]

flagged = partial(raw.flagged, PROVINCES)


@pytest.fixture(scope="module")
def panel():
    return data.load("provinces")


@pytest.fixture(scope="module")
def china():
    return data.load("china")


def beside(panel, name):
    """A column, the year before and the year after; the index is complete, so a shift is a year."""
    groups = panel[name].groupby("region", sort=False)
    return panel[name], groups.shift(1), groups.shift(-1)


def beyond(one, two, factor):
    """Whether one figure is more than so many times the other, either way; with a gap, no."""
    return (one > factor * two) | (two > factor * one)


# ------------------------------------------------------------------ what is observed
def test_every_province_and_year_has_a_row_and_every_column_is_there(panel):
    regions = data.load("provinces", "regions").index
    assert list(panel.index) == list(itertools.product(regions, range(1997, 2025))) and len(regions) == 31
    assert data.coverage("provinces").groupby("column")["observed"].sum().to_dict() == COUNTS
    assert not [value for row in rows(PROVINCES) for value in row.values() if re.fullmatch(r"-?\d+\.0+", value)]


def test_gaps_are_told_with_the_right_counts():
    told = data.tables("provinces").set_index("table").loc["panel", "gaps"]
    assert dict(re.findall(r"(\w+): (\d+) of 868", told)) == {name: str(count) for name, count in COUNTS.items() if count < 868}


@pytest.mark.parametrize(("region", "year", "name", "text"), [
    ("Guangdong", 2023, "gdp_rev4", "135673.2"),  # 135,673.16 in the communiqué of the province
    ("Jiangsu", 2023, "gdp_rev4", "128222.2"), ("Chongqing", 2023, "gdp_rev4", "30145.8"),  # 30,145.79
    ("Tianjin", 2018, "gdp_rev4", "13362.9"),  # 18,809.64 before the fourth census
    ("Shandong", 2018, "gdp_rev4", "66648.9"),  # 76,469.67 before it
    ("Jilin", 2018, "gdp_rev4", "11253.8"),  # 15,074.62 before it
    ("Beijing", 2020, "population_resident", "2189"), ("Tibet", 2020, "population_resident", "365.58"),
    ("Shanghai", 2020, "urbanisation_rate", "89.3"), ("Guangdong", 2020, "urbanisation_rate", "74.15"),  # census bulletin
    ("Liaoning", 2016, "gdp_index_first", "97.5"), ("Liaoning", 2016, "gdp_index_rev4", "100.5"),
    ("Hubei", 2020, "gdp_index_first", "95"), ("Beijing", 2008, "gdp_index_rev4", "109"),
    ("Yunnan", 2019, "co2_ceads", "223.2793"), ("Hebei", 2019, "energy_use", "32545"),
    ("Guangdong", 2012, "employed_manufacturing_urban", "540.938"),
])
def test_known_cells_stand_with_their_digits(region, year, name, text):
    assert {(row["region"], int(row["year"])): row for row in rows(PROVINCES)}[region, year][name] == text


def test_provinces_add_up_to_the_nation(panel, china):
    sums = panel.groupby("year").sum(numeric_only=True, min_count=31)
    urban = china["employed_manufacturing_urban"].dropna()
    both = sums["employed_manufacturing_urban"].dropna().index.intersection(urban.index)
    assert list(both) == list(range(2008, 2020))
    np.testing.assert_allclose(sums.loc[both, "employed_manufacturing_urban"], urban.loc[both], rtol=2e-5)
    assert (sums.loc[2020:, "employed_total_yearbook"] == china.loc[2020:2024, "employed_total"]).all()
    assert (sums.loc[2007, "employed_total_yearbook"] / china.loc[2007, "employed_total"]) < 0.95  # incomplete, as told
    np.testing.assert_allclose(sums["exports_operator"].dropna(), sums["exports_origin"].dropna(), rtol=1e-7)


def test_per_head_figures_of_four_regions_follow_from_the_provinces(panel):
    group = panel.index.get_level_values("region").map(data.load("provinces", "regions")["group"])
    sums = panel[["gdp_rev5", "population_resident"]].groupby([group, panel.index.get_level_values("year")]).sum()
    per_head = 1e4 * sums["gdp_rev5"] / sums["population_resident"]
    told = data.load("china", "four_regions")["gdp_per_head_rev5"].dropna()
    assert len(told) == 4 * 19
    assert (told - per_head.reindex(told.index)).abs().max() <= 0.00501


def test_manufacturing_jobs_are_part_of_the_jobs_they_are_a_share_of(panel):
    share = panel["employed_manufacturing_urban"] / panel["employed_urban"]
    assert share.dropna().between(0.005, 0.7).all() and share.notna().sum() == 527
    assert (panel["employed_manufacturing_private"] < panel["employed_total_compiled"]).sum() == 15 * 31


# ---------------------------------------------------------------------------- vintages
@pytest.mark.parametrize("vintage", ["rev4", "rev5"])
def test_sectors_of_one_vintage_add_up_to_its_gdp(panel, vintage):
    sums = panel[[f"va_{sector}_{vintage}" for sector in SECTORS]].sum(axis=1, skipna=False).dropna()
    off = (sums - panel[f"gdp_{vintage}"].reindex(sums.index)).abs()
    assert off.max() <= 0.2001 and len(sums) == {"rev4": 688, "rev5": 687}[vintage]  # each rounded to 0.1


def test_sectors_of_one_vintage_do_not_add_up_to_the_gdp_of_another(panel):
    sums = panel[[f"va_{sector}_rev4" for sector in SECTORS]].sum(axis=1, skipna=False).dropna()
    off = (sums / panel["gdp_rev5"].reindex(sums.index) - 1).abs()
    assert off.median() > 0.01
    pair = panel[["gdp_rev4", "gdp_rev5"]].dropna()
    assert (pair["gdp_rev4"] != pair["gdp_rev5"]).all()


def test_industry_exceeds_the_secondary_sector_only_across_vintages(panel):
    own = panel["va_industry_rev4"] / panel["va_secondary_rev4"]
    assert own.max() < 0.97
    mixed = panel["va_industry_rev4"] / panel["va_secondary_rev5"]
    assert list(mixed.index[mixed > 1]) == [("Shanxi", 2022), ("Shanxi", 2023)]  # 103 % in 2023
    assert mixed.max() == pytest.approx(1.027, abs=5e-4)
    assert 0.5 < (panel["va_industry_rev4"] / panel["gdp_rev4"]).max() < 0.6


def vintage(name):
    return name.rpartition("_")[2] if re.search(r"_(rev4|rev5|first|2015|precensus)$", name) else "none"


def test_settings_fit_the_panel_and_never_mix_vintages(panel):
    common = data.settings("provinces", require=["title_zh", "groups.labels"])
    assert common["groups"]["labels"] == ["east", "central", "west", "north-east"]
    assert set(common["groups"]["labels"]) == set(data.load("provinces", "regions")["group"])
    chosen = data.settings("provinces", chapter="deindustrialisation", require=["title_zh", "document", "periods.whole", "reading.measure"])
    assert chosen["document"] in data.documents().index
    for level in chosen["choices"]["measure"].values():
        assert {level["part"], level["whole"]} <= set(COUNTS)
        assert vintage(level["part"]) == vintage(level["whole"]) != "none"
        share = (panel[level["part"]] / panel[level["whole"]]).dropna()
        assert share.between(0.05, 0.7).all() and set(share.index.get_level_values("region")) == set(panel.index.unique("region"))
    for level in chosen["choices"]["employment"].values():
        assert {level["part"], *level["whole"]} <= set(COUNTS)
        whole = panel[level["whole"]].sum(axis=1, skipna=False)
        assert (panel[level["part"]] / whole).dropna().between(0, 0.8).all()
    names = {flag["name"] for flag in json.loads((PROVINCES / "datapackage.json").read_text(encoding="utf-8"))["flags"]}
    assert {flag for level in chosen["choices"]["flagged"].values() for flag in level["without"]} <= names
    complete = panel[["va_industry_rev4", "gdp_rev4", "va_secondary_rev5"]].drop("Tibet", level="region").notna().all(axis=1).groupby("year").all()
    assert (common["first_year"], common["last_year"]) == (chosen["first_year"], chosen["last_year"]) == (complete.idxmax(), complete.index[complete][-1])
    printed = data.load("published", "deind_regions").query("kind == 'province'")
    for direction, places in chosen["named"].items():
        assert places == list(printed.index[printed["employment_share"] == direction])


# -------------------------------------------------------------------------------- flags
class TestFlags:
    """The rule of every flag, computed anew from the values."""

    def test_declared_and_used(self):
        for folder in ("provinces", "china"):
            package = json.loads((ROOT / "data" / folder / "datapackage.json").read_text(encoding="utf-8"))
            used = {code for table in package["resources"] if any(name.endswith("_flag") for name in rows(ROOT / "data" / folder, table["name"])[0])
                    for row in rows(ROOT / "data" / folder, table["name"]) for name in row if name.endswith("_flag")
                    for code in filter(None, row[name].split(";"))}
            assert used == {flag["name"] for flag in package["flags"]}, folder
            named = {value for table in package["resources"] for row in rows(ROOT / "data" / folder, table["name"]) for name, value in row.items()
                     if name.endswith("source") and value and table["name"] != "manufacturing_series"}
            assert named == {source["name"] for source in package["sources"]}, folder

    def test_vintages(self, panel):
        expected = set()
        for one, two, factor in (("gdp_rev5", "gdp_rev4", 1.05), ("va_secondary_rev5", "va_secondary_rev4", 1.03)):
            expected |= cells(beyond(panel[one], panel[two], factor), one, two)
        apart = (panel["gdp_index_rev4"] - panel["gdp_index_first"]).abs() > 0.5001
        expected |= cells(apart, "gdp_index_rev4", "gdp_index_first")
        assert flagged("vintages") == expected
        assert {(region, year) for region, year, name in expected if name == "gdp_index_first"} == {
            *(("Tianjin", year) for year in (2014, 2015, 2016)), ("Liaoning", 2016), ("Heilongjiang", 2016), ("Ningxia", 2016)}

    def test_not_revised_carried_computed(self, panel):
        same = panel["va_secondary_rev5"] == panel["va_secondary_rev4"]
        assert flagged("not-revised") == cells(same, "va_secondary_rev5")
        to_2018 = same[panel["va_secondary_rev4"].notna()].loc[lambda hit: hit.index.get_level_values("year") <= 2018]
        assert set(to_2018.index[~to_2018].get_level_values("region")) >= {"Henan"} and to_2018.mean() > 0.95
        assert flagged("carried") == cells(panel["va_primary_rev5"] == panel["va_primary_rev4"], "va_primary_rev5")
        assert flagged("computed") == cells(panel["va_tertiary_rev5"].notna(), "va_tertiary_rev5")

    def test_over_whole(self, panel):
        over = panel["va_industry_rev4"] + panel["va_construction_rev4"] - panel["va_secondary_rev4"]
        hit = (over > 0.15001) & (over > 0.001 * panel["va_secondary_rev4"])
        assert flagged("over-whole") == cells(hit, "va_industry_rev4", "va_construction_rev4")
        assert hit["Heilongjiang", 2018] and not hit["Chongqing", 2018]
        assert (over < -0.151).sum() == 0  # never below the whole beyond rounding

    def test_break_revised_doubtful_deviates(self, panel):
        year = panel.index.get_level_values("year")
        breaks = {"employed_manufacturing_urban": 2013, "employed_urban": 2013, "energy_use": 2013, "industrial_so2": 2016}
        assert flagged("break") == set().union(*(cells(panel[name].notna() & (year == at), name) for name, at in breaks.items()))
        sums = panel.groupby("year")[list(breaks)].sum(min_count=30).pct_change(fill_method=None)
        moved = [sums.loc[at, name] for name, at in breaks.items()]
        assert moved[0] > 0.2 and moved[1] > 0.15 and moved[2] < -0.03 and moved[3] < -0.45
        between = pd.Series((year >= 2011) & (year <= 2019), panel.index)
        assert flagged("revised") == cells(between, "population_resident", "urbanisation_rate")
        assert flagged("doubtful") == (cells(panel["industrial_wastewater"].notna() & (year >= 2016), "industrial_wastewater")
                                       | cells(panel["employed_industry_above_scale"].notna() & (year >= 2020), "employed_industry_above_scale"))
        assert flagged("deviates") == {(region, 2004, "energy_use") for region in ("Hebei", "Fujian", "Hunan", "Chongqing", "Guizhou")}

    def test_disagree_and_apart(self, panel):
        second = data.load("provinces", "second_readings")
        expected = {(region, year, name) for (region, year, name), row in second.iterrows()
                    if abs(panel.loc[(region, year), name] / row["value"] - 1) > 0.01}
        assert flagged("disagree") == expected
        assert {cell[:2] for cell in expected if cell[2] == "co2_ceads"} == {("Yunnan", 2019), ("Beijing", 2017)}
        assert flagged("apart") == cells(beyond(panel["co2_edgar"], panel["co2_ceads"], 1.5), "co2_edgar", "co2_ceads")
        assert ("Ningxia", 2001, "co2_ceads") in flagged("apart")  # a thirtieth of the other inventory

    def test_totals_apart(self, panel):
        readings = {"sum": (panel[THREE].sum(axis=1, skipna=False), THREE), **{name: (panel[name], [name]) for name in TOTALS}}
        expected = set()
        for (one, first), (two, others) in itertools.combinations(readings.values(), 2):
            expected |= cells(beyond(one, two, 1.05), *first, *others)
        assert flagged("totals-apart") == expected
        assert ("Shaanxi", 2012, "employed_secondary") in expected  # 24 % apart

    def test_identity(self, panel):
        _, before, _ = beside(panel, "population_resident")
        implied = 1e4 * panel["gdp_rev5"] / ((panel["population_resident"] + before) / 2)
        off = (implied / panel["gdp_per_head_rev5"] - 1).abs()
        assert off.notna().sum() == 31 * 24
        assert flagged("identity") == cells(off > 0.01, "gdp_per_head_rev5") == {("Anhui", 2001, "gdp_per_head_rev5")}

    def test_spike(self, panel):
        expected = set()
        for name, factor in {"employed_manufacturing_private": 1.5, **dict.fromkeys([*CO2, "industrial_wastewater"], 1.3)}.items():
            now, before, after = beside(panel, name)
            up, down = (now > factor * before) & (now > factor * after), (now * factor < before) & (now * factor < after)
            expected |= cells(up | down, name)
        assert flagged("spike") == expected
        assert {("Hainan", 2013, "employed_manufacturing_private"), ("Ningxia", 2007, "employed_manufacturing_private")} < expected

    def test_jump(self, panel):
        factors = {"population_resident": 1.04, **dict.fromkeys(TOTALS, 1.15),
                   **dict.fromkeys(["gdp_rev5", "gdp_rev4", "co2_edgar", "employed_industry_above_scale", *THREE], 1.3),
                   **dict.fromkeys(["energy_use", "electricity_use"], 1.35),
                   **dict.fromkeys([*VALUE_ADDED, *CO2, "employed_manufacturing_urban", "employed_urban", "employed_manufacturing_private"], 1.4),
                   **dict.fromkeys(["exports_operator", "exports_origin", "industrial_so2", "industrial_wastewater"], 2)}
        expected = set()
        for name, factor in factors.items():
            now, before, _ = beside(panel, name)
            expected |= cells(beyond(now, before, factor), name)
        spikes = flagged("spike")
        explained = spikes | flagged("break") | {(region, year + 1, name) for region, year, name in spikes}
        assert flagged("jump") == expected - explained
        assert {("Henan", 2018, "employed_manufacturing_urban"), ("Shaanxi", 2012, "employed_secondary")} < flagged("jump")

    def test_midpoint_repeated_decimals_not_whole(self, panel):
        now, before, after = beside(panel, "industrial_wastewater")
        middle = cells((now - (before + after) / 2).abs() <= 0.5001, "industrial_wastewater")
        assert flagged("midpoint") == middle and len(middle) == 26 and min(year for _, year, _ in middle) >= 2011
        finest = {"gdp_index_first": 1, "employed_industry_above_scale": 2, "employed_total_compiled": 2}
        fine, whole, twice = set(), set(), set()
        skipped = ("gdp_index_rev4", "gdp_index_first", "urbanisation_rate", "population_resident", "gdp_per_head_rev5")
        for one, two in itertools.pairwise([dict.fromkeys(rows(PROVINCES)[0], ""), *rows(PROVINCES)]):
            where = two["region"], int(two["year"])
            fine |= {(*where, name) for name, most in finest.items() if len(two[name].partition(".")[2]) > most}
            whole |= {(*where, "energy_use")} if "." in two["energy_use"] else set()
            for name in COUNTS.keys() - set(skipped):
                if one["region"] == two["region"] and one[name] == two[name] and len(two[name].replace(".", "").lstrip("0")) >= 4:
                    twice |= {(*where, name), (where[0], where[1] - 1, name)}
        assert flagged("decimals") == fine and flagged("repeated") == twice
        assert flagged("not-whole") == whole == {("Ningxia", 2001, "energy_use")}


# ----------------------------------------------------------------- the tables beside it
def test_second_readings_are_the_older_release(panel):
    second = data.load("provinces", "second_readings")
    assert second.loc[("Yunnan", 2019, "co2_ceads"), "value"] == 185.9559
    assert len(second) == 75 and set(second.index.get_level_values("column")) == set(CO2)
    for (region, year, name), row in second.iterrows():
        assert abs(panel.loc[(region, year), name] / row["value"] - 1) > 0.001
        assert panel.loc[(region, year), f"{name}_source"] == "ceads-2022"


@pytest.mark.parametrize("name", CO2)
def test_release_of_the_carbon_inventory_is_told_cell_by_cell(panel, name):
    older = panel.index[panel[f"{name}_source"] == "ceads-2019"]
    assert set(older.get_level_values("year")) == {1997, 1998, 1999, 2000, 2003} and len(older) == 5 * 30
    assert panel.loc["Tibet", name].isna().all() and (panel[name].notna() == panel[f"{name}_source"].ne("")).all()


def test_regions_and_groups():
    regions = data.load("provinces", "regions")
    assert regions["group"].value_counts().to_dict() == {"west": 12, "east": 10, "central": 6, "north-east": 3}
    assert set(regions.index[regions["group"] == "north-east"]) == {"Liaoning", "Jilin", "Heilongjiang"}
    assert set(regions.index[regions["group"] == "central"]) == {"Shanxi", "Anhui", "Jiangxi", "Henan", "Hubei", "Hunan"}
    assert regions["code"].is_monotonic_increasing and (regions["code"] % 10_000 == 0).all()
    assert (regions["latitude"].idxmax(), regions["latitude"].idxmin(), regions["longitude"].idxmin(), regions["longitude"].idxmax()) == (
        "Heilongjiang", "Hainan", "Xinjiang", "Heilongjiang")
    assert not regions[["longitude", "latitude"]].duplicated().any() and regions["name_zh"].str.len().between(2, 3).all()
    assert regions.loc[["Shanxi", "Shaanxi"], "name_zh"].to_list() == ["山西", "陕西"]


def test_adjacency_lists_each_pair_once_and_is_symmetric():
    regions, pairs = data.load("provinces", "regions").index, data.load("provinces", "adjacency").reset_index()
    assert len(pairs) == 68 == len({frozenset(pair) for pair in pairs.to_numpy().tolist()})
    W = contiguity(pairs, regions, isolates="keep", standardise=False)
    matrix = W.full()[0]
    assert (matrix == matrix.T).all() and matrix.trace() == 0 and matrix.sum() == 2 * 68
    degree = pd.Series(matrix.sum(axis=1), W.full()[1])
    assert list(degree.index[degree == 0]) == ["Hainan"] and W.n_components == 2
    # in the order of regions.csv, counted on a map
    assert degree.to_list() == [2, 2, 7, 4, 8, 3, 3, 2, 2, 4, 5, 6, 3, 6, 4, 6, 6, 6, 4, 4, 0, 5, 7, 5, 4, 4, 8, 6, 4, 3, 3]
    assert set(pairs.query("neighbour == 'Chongqing'")["region"]) | set(pairs.query("region == 'Chongqing'")["neighbour"]) == {
        "Hubei", "Hunan", "Sichuan", "Guizhou", "Shaanxi"}


# ------------------------------------------------------------------------------ the nation
@pytest.mark.parametrize(("year", "name", "text"), [
    (1952, "gdp_rev4", "679.1"), (1978, "gdp_rev4", "3678.7"), (2018, "gdp_rev4", "919281.1"),
    (2010, "employed_total", "76105"), (2023, "employed_total", "74041"), (1978, "employed_primary", "28318"),
    (2020, "population", "141212"), (2023, "share_secondary_rev5", "36.8"), (2019, "employed_total_precensus", "77471"),
])
def test_known_cells_of_the_nation(year, name, text):
    assert {int(row["year"]): row for row in rows(CHINA)}[year][name] == text


def test_sectors_of_the_nation_add_up(china):
    years = list(range(1952, 2024))
    assert list(china.index[china["gdp_rev4"].notna()]) == years and list(china.index) == list(range(1949, 2025))
    off = china[[f"va_{sector}_rev4" for sector in SECTORS]].sum(axis=1, skipna=False) / china["gdp_rev4"] - 1
    assert off.dropna().abs().max() < 1.01e-4 and off.notna().sum() == len(years)
    for ending in ("", "_precensus"):
        off = china[[f"employed_{sector}{ending}" for sector in SECTORS]].sum(axis=1, skipna=False) - china[f"employed_total{ending}"]
        assert off.abs().max() <= 1
    for vintage in ("rev5", "2015"):
        assert china[[f"share_{sector}_{vintage}" for sector in SECTORS]].sum(axis=1, skipna=False).dropna().between(99.8, 100.2).all()
    assert china["va_industry_2015"].dropna().lt(china["gdp_2015"].dropna()).all()
    assert china.loc[2000:2014, "va_industry_2015"].div(china["gdp_2015"]).mul(100).sub(china["share_industry_rev4"]).dropna().abs().max() < 0.6


def china_flags(code, table="panel"):
    return {(int(row["year"]), name.removesuffix("_flag")) for row in rows(CHINA, table) for name in row
            if name.endswith("_flag") and code in row[name].split(";")}


def test_flags_of_the_nation(china):
    employed = [f"employed_{kind}" for kind in ("total", *SECTORS)]
    assert china_flags("break") == {*((1990, name) for name in employed), (2013, "employed_manufacturing_urban")}
    total = china["employed_total"].dropna()
    steps = total / total.shift() - 1
    assert list(steps.loc[1979:].index[steps.loc[1979:].abs() > 0.04]) == [1990]
    expected = set()
    for name in employed:
        off = (china[name] / china[f"{name}_precensus"] - 1).abs() > 0.01
        expected |= {(year, end) for year in china.index[off] for end in (name, f"{name}_precensus")}
    off = (china["gdp_rev4"] / china["gdp_2015"] - 1).abs() > 0.005
    expected |= {(year, name) for year in china.index[off] for name in ("gdp_rev4", "gdp_2015")}
    for sector in SECTORS:
        pair = [f"share_{sector}_rev5", f"share_{sector}_2015"]
        off = (china[pair[0]] - china[pair[1]]).abs() > 0.5001
        expected |= {(year, name) for year in china.index[off] for name in pair}
    assert china_flags("vintages") == expected


def test_second_readings_of_the_nation_are_the_figures_before_the_census(china):
    second = data.load("china", "second_readings")
    assert len(second) == 15 and set(second.index.get_level_values("source")) == {"download-2015"}
    for (year, name, _), row in second.iterrows():
        assert abs(china.loc[year, name] / row["value"] - 1) > 5e-4
        assert row["value"] == pytest.approx(china.loc[year, f"{name}_precensus"], abs=0.5)


def test_seven_sources_of_the_share_of_manufacturing():
    shares, series = data.load("china", "manufacturing"), data.load("china", "manufacturing_series")
    assert shares.groupby("series").size().to_dict() == {
        "etd-jobs": 29, "etd-va": 29, "ggdc-jobs": 60, "ggdc-va": 60, "nbs-io": 9, "oecd-io": 24, "wdi-2013": 46}
    assert {(one, two) for one, two, _ in shares.index} == set(series["measure"].items())
    peaks = shares["share"].groupby("series").idxmax().map(lambda key: key[2])
    assert peaks.to_dict() == {"etd-jobs": 1995, "etd-va": 1997, "ggdc-jobs": 1958, "ggdc-va": 1978, "nbs-io": 2007, "oecd-io": 2006, "wdi-2013": 1978}
    assert shares.loc[("nbs-io", "value added", 2020), "share"] == 24.856
    assert shares.loc[("wdi-2013", "value added", 2010), "share"] == 32.4585  # 32.4584629937712
    assert shares["share"].between(5, 45).all()


def test_jobs_in_manufacturing_of_the_whole_economy(china):
    jobs = data.load("china", "employment_industries")
    assert jobs.loc[[2004, 2013, 2018], "employed_manufacturing"].to_list() == [9547, 13238, 10493]
    both = china.loc[2000:2018, "employed_total_precensus"]
    assert (jobs.loc[2000:, "employed_total"] - both).abs().max() <= 0.5
    goods = jobs[["employed_mining", "employed_manufacturing", "employed_utilities", "employed_construction"]].sum(axis=1)
    ratio = goods.loc[2000:] / china.loc[2000:2018, "employed_secondary_precensus"]
    assert 0.75 < ratio.min() and ratio.max() < 0.91
    assert 1.02 < (jobs.loc[2000:, "employed_agriculture"] / china.loc[2000:2018, "employed_primary_precensus"]).min()


def test_economic_censuses_agree_with_themselves():
    census = data.load("china", "economic_census")
    firms = census.xs("firms", level="scope")
    assert firms["industry"].to_dict() == {2004: 9643.8, 2018: 11521.5, 2023: 11428.9}
    share = firms.loc[2023, "manufacturing"] / firms.loc[2023, "industry"]
    assert 100 * share == pytest.approx(firms.loc[2023, "manufacturing_share"], abs=0.05)
    assert 100 * (firms.loc[2023, "industry"] / firms.loc[2018, "industry"] - 1) == pytest.approx(firms.loc[2023, "change"], abs=0.05)
    # legal units of all trades hold a little more manufacturing than industrial firms: 90.8 % of 11,521.5 is 10,461.5
    assert census.loc[(2018, "legal units"), "manufacturing"] == pytest.approx(0.908 * 11521.5, rel=0.002)
    study = data.load("china", "employment_industries").loc[2018, "employed_manufacturing"]
    assert study / census.loc[(2018, "legal units"), "manufacturing"] == pytest.approx(1.002, abs=0.001)


def test_urbanisation_by_vintage(china):
    rate = data.load("china", "urbanisation")
    assert rate.loc[("resident-first", 2019), "rate"] == 60.6 and rate.loc[("resident-revised", 2019), "rate"] == 62.71
    assert rate.loc[("registered", 2019), "rate"] == 44.38 and rate.loc["registered", "rate"].isna().sum() == 3
    first, revised = rate.loc["resident-first", "rate"], rate.loc["resident-revised", "rate"]
    apart = (first - revised).abs() > 0.1
    flags = {code: {(row["series"], int(row["year"])) for row in rows(CHINA, "urbanisation") if code in row["rate_flag"].split(";")}
             for code in ("vintages", "definition", "derived", "quoted")}
    assert flags["vintages"] == {(series, year) for year in apart.index[apart] for series in ("resident-first", "resident-revised")}
    assert flags["definition"] == {("registered", year) for year in range(2001, 2013)}
    assert flags["derived"] == {("registered", 2015)} and flags["quoted"] == {("registered", 2023)}
    assert rate.loc[("registered", 2015), "rate"] == pytest.approx(43.37 - 3.47)
    assert revised.gt(60).idxmax() == 2017 and first.gt(60).idxmax() == 2019  # the share passes sixty two years apart


def test_north_east_falls_only_across_vintages():
    regions = data.load("china", "four_regions")
    per_head = regions[["gdp_per_head_mixed", "gdp_per_head_rev5"]].loc["north-east"]
    change = per_head.loc[2020] / per_head.loc[2015]
    assert change["gdp_per_head_mixed"] < 0.95 and change["gdp_per_head_rev5"] > 1.25
    others = regions.loc[["east", "central", "west"], "gdp_per_head_mixed"].unstack()
    assert (others[2020] > 1.3 * others[2015]).all()
    apart = (regions["gdp_per_head_mixed"] / regions["gdp_per_head_rev5"] - 1).abs() > 0.05
    for name in ("gdp_per_head_mixed", "gdp_per_head_rev5"):
        hit = {(row["region"], int(row["year"])) for row in rows(CHINA, "four_regions") if "vintages" in row[f"{name}_flag"]}
        assert hit == set(apart.index[apart])
    splice = {(row["region"], int(row["year"])) for row in rows(CHINA, "four_regions") if "splice" in row["gdp_per_head_mixed_flag"]}
    assert splice == {(region, year) for region in regions.index.unique("region") for year in (2019, 2024)}
    steps = (regions["gdp_per_head_mixed"] / regions["gdp_per_head_rev5"]).unstack().diff(axis=1)
    assert steps.loc["north-east", 2019] < -0.15 and (steps[2024] > 0.015).all()


def test_settings_of_the_nation(china):
    chosen = data.settings("china", require=["title_zh", "reading.sectors", "choices.employment"])
    for level in chosen["choices"]["sectors"].values():
        assert list(level) == SECTORS and len({vintage(name) for name in level.values()}) == 1
        assert set(level.values()) <= set(china)
    parts, series = chosen["decomposition"], data.load("china", "manufacturing").index.droplevel("year").unique()
    assert {(parts["jobs"], "employment"), (parts["output"], "value added")} <= set(series) and {parts["employed"], parts["growth"]} <= set(china)
    for choice in ("employment", "value_added"):
        for level in chosen["choices"][choice].values():
            table = data.load("china", level["table"]).reset_index()
            assert level["series"] in set(table["series"]) if "series" in level else {level["part"], level["whole"]} <= set(table)


# ------------------------------------------------------------------ what the document prints
TABLES = ["deind_figures", "deind_regions", "deind_statements"]


@pytest.mark.parametrize("row", [pytest.param(row, id=row["claim"]) for row in rows(PUBLISHED, "deind_figures")])
def test_printed_figure_is_that_of_its_claims(row):
    for claim in row["claim"].split(";"):
        told = data.claims().loc[claim]
        if row["unit"] == told["unit"]:
            assert row["value"] == told["value"]
        elif row["unit"] == "years":  # the claim is about the year of issue, the figure is the span in the title
            assert row["value"] == f"{told['year_from']}-{told['year_to']}" and told["value"] in row["value"]
        elif row["unit"] == "year":
            assert int(row["value"]) in (told["year_from"], told["year_to"])
        else:
            assert claim == "deind-035" and row["value"] == "500"  # the number is in the names of the lists


def test_figures_of_germany_keep_their_digits():
    germany = data.load("published", "deind_figures").xs("Germany")["value"]
    assert germany.to_list() == ["7.7", "-4.7", "7.0", "1991", "1.21"]
    ahead = 100 * (1 - 0.047) * (1 + 0.0121)
    assert ahead == pytest.approx(96.5, abs=0.05)  # two printed rates leave output below 2008


@pytest.mark.parametrize("table", TABLES)
def test_claims_named_in_printed_tables_exist(table):
    named = {claim for row in rows(PUBLISHED, table) for claim in row["claim"].split(";")}
    assert named and named <= set(data.claims().query("document == 'deindustrialisation'").index)


def test_regions_are_those_of_the_claims(panel):
    claims, printed = data.claims(), data.load("published", "deind_regions")
    for region, row in printed.query("kind == 'province'").iterrows():
        jobs, output, listed = row["claim"].split(";")
        words = {"falling": "decreasing", "rising": "increasing"}
        assert claims.loc[jobs, "value"] == words[row["employment_share"]] and "employment share" in claims.loc[jobs, "quantity"]
        assert claims.loc[output, "value"] == words[row["value_added_share"]] and "value-added share" in claims.loc[output, "quantity"]
        assert claims.loc[jobs, "regions"] == claims.loc[output, "regions"] == region
        assert region in claims.loc[listed, "value"].split("; ") and region in panel.index.unique("region")
    for region, row in printed.query("kind == 'economy'").iterrows():
        assert region in data.load("countries", "economies").index
    assert list(printed.index[printed["class"] == "aggregate deindustrialisation"]) == ["USA", "UK", "Spain"]
    assert claims.loc["deind-024", "value"] in "aggregate" and claims.loc["deind-015", "value"] in printed.loc["USA and Europe", "class"]
    assert printed.loc["China", "employment_share"] == claims.loc["deind-050", "value"] == "not falling"


def test_statements_stand_where_the_claims_do():
    claims, said = data.claims()["place"], data.load("published", "deind_statements")
    assert said.loc[("kind in the USA and Europe", 1), "says"] != said.loc[("kind in the USA and Europe", 2), "says"]
    placed = [(row["place"], claim) for _, row in said.iterrows() for claim in row["claim"].split(";") if claim != "deind-064"]
    assert all(claims[claim] == place for place, claim in placed)
    assert set(said.xs("figures of its own")["claim"]) == {"deind-064"}  # spans two places, so it stands at neither
