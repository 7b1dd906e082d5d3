"""The data of Beijing-Tianjin-Hebei: complete where it says so, and every flag as its rule has it."""

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

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "data/beijing-tianjin-hebei"
YEARS = range(2006, 2020)
SECTORS = ["primary", "secondary", "tertiary"]
GDP = ["gdp_yearbook", "gdp_revised", "gdp_sector_accounts"]
VALUE_ADDED = [f"va_{sector}" for sector in SECTORS]
RESIDENTS = ["population_resident", "population_resident_unrevised"]
CARBON = ["co2_edgar", "co2_ceads", "co2_county"]
SHARES = [f"employment_units_share_{sector}" for sector in SECTORS]
COLUMNS = [*GDP, "gdp_index", *VALUE_ADDED, *RESIDENTS, "population_urban", *CARBON, "energy_three_carriers", "fdi",
           "employment_units", *SHARES]
PARTIAL = {"population_resident_unrevised": 169, "population_urban": 169, "co2_ceads": 155, "co2_county": 156,
           "employment_units": 151, **dict.fromkeys(SHARES, 157)}

flagged = partial(raw.flagged, FOLDER)


@pytest.fixture(scope="module")
def panel():
    return data.load("beijing-tianjin-hebei")


@pytest.fixture(scope="module")
def before(panel):
    return panel[COLUMNS].groupby("region", sort=False).shift(1)


@pytest.fixture(scope="module")
def after(panel):
    return panel[COLUMNS].groupby("region", sort=False).shift(-1)


def beyond(now, other, factor):
    """Whether one figure is more than so many times the other, or less than the inverse."""
    return (now / other > factor) | (now / other < 1 / factor)


# ------------------------------------------------------------------------- shapes
def test_thirteen_cities_and_fourteen_years(panel):
    cities = list(data.load("beijing-tianjin-hebei", "regions").index)
    assert len(cities) == 13 and list(panel.index) == list(itertools.product(cities, YEARS))
    assert set(panel) == set(COLUMNS) | {name for name in panel if name.endswith(("_flag", "_source"))}


def test_complete_where_the_descriptor_says_so():
    counts = data.coverage("beijing-tianjin-hebei").groupby("column")["observed"].sum().to_dict()
    assert counts == dict.fromkeys(COLUMNS, 182) | PARTIAL
    gaps = data.tables("beijing-tianjin-hebei").set_index("table").loc["panel", "gaps"]
    assert {int(count) for count in re.findall(r"(\d+) of 182 cells", gaps)} == set(PARTIAL.values())


def test_every_flag_and_source_is_declared_and_used(panel):
    package = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))
    used = set(data.flagged("beijing-tianjin-hebei")["flag"])
    assert {flag["name"] for flag in package["flags"]} == used
    named = {source for name in panel if name.endswith("_source") for source in panel[name].unique() if source}
    assert {source["name"] for source in package["sources"]} == named


# --------------------------------------------------------------------- identities
def test_sectors_add_up(panel):
    assert panel[VALUE_ADDED].sum(axis=1).div(panel["gdp_sector_accounts"]).sub(1).abs().max() < 2e-4
    assert panel[SHARES].sum(axis=1, skipna=False).dropna().sub(100).abs().max() < 0.011
    census = data.load("beijing-tianjin-hebei", "census")
    assert len(census) == 26 and census.sum(axis=1).sub(100).abs().max() < 1e-3


def test_units_are_not_all_workers(panel):
    # formal units hold next to no farmers; the census of the same year counts many
    units = panel[SHARES[0]].xs(2010, level="year")
    everyone = data.load("beijing-tianjin-hebei", "census").xs(2010)["employed_share_primary"]
    assert (units < 4).all() and (everyone[units.index] > units).all()
    assert everyone.drop(["Beijing", "Tianjin"]).between(48, 77).all()


def test_urban_residents_are_residents(panel):
    assert (panel["population_urban"].dropna() < panel["population_resident_unrevised"].dropna()).all()


def test_cities_sum_to_their_provinces(panel):
    nation = data.load("beijing-tianjin-hebei", "nation")
    provinces = data.load("beijing-tianjin-hebei", "regions")["province"]
    groups = [panel.index.get_level_values("region").map(provinces), panel.index.get_level_values("year")]
    summed = panel[["co2_edgar", "gdp_revised"]].groupby(groups).sum().unstack(0)
    for name in ("Beijing", "Tianjin", "Hebei"):
        assert np.allclose(summed["co2_edgar"][name], nation[f"co2_edgar_{name.lower()}"], rtol=1e-4)
    for name in ("Beijing", "Tianjin"):
        assert np.allclose(summed["gdp_revised"][name], nation[f"gdp_{name.lower()}"], rtol=1e-4)


def test_nation_is_complete_and_the_region_a_part_of_it():
    nation = data.load("beijing-tianjin-hebei", "nation")
    assert list(nation.index) == list(YEARS) and nation.notna().all(axis=None)
    assert set(nation["n_provinces_ceads"]) == {30} and set(nation["n_provinces_edgar"]) == {31}
    for name in ("co2_ceads", "co2_edgar"):
        share = nation[[f"{name}_{p}" for p in ("beijing", "tianjin", "hebei")]].sum(axis=1) / nation[f"{name}_provinces"]
        assert share.between(0.08, 0.13).all()
    for sector in ("secondary", "tertiary"):  # one census apart
        levels = 100 * nation[f"va_{sector}_nation"] / nation["gdp_nation"]
        assert levels.sub(nation[f"{sector}_share_nation"]).abs().max() < 1.6
    assert nation["cny_per_usd"].between(6, 8).all()


def test_adjacency_lists_each_pair_once():
    pairs = data.load("beijing-tianjin-hebei", "adjacency")
    assert len(pairs) == 24 == len({frozenset(pair) for pair in pairs.index})
    assert (pairs[["contiguous_census", "contiguous_second_file"]] == 1).all(axis=None)
    assert pairs["doubtful"].sum() == 3 and pairs.loc[("Tianjin", "Chengde"), "doubtful"] == 1


def test_cut_to_the_other_group_one_city_stands_alone():
    other = data.load("beijing-tianjin-hebei", "regions").query("group == 'other'").index
    pairs = data.load("beijing-tianjin-hebei", "adjacency").index
    linked = {city for pair in pairs if set(pair) <= set(other) for city in pair}
    assert len(other) == 8 and set(other) - linked == {"Qinhuangdao"}


def test_settings_name_the_document_and_the_groups():
    chosen = data.settings("beijing-tianjin-hebei", require=["title", "title_zh", "document", "groups.labels"])
    assert chosen["document"] in data.documents().index
    assert (chosen["first_year"], chosen["last_year"]) == (min(YEARS), max(YEARS))
    groups = data.load("beijing-tianjin-hebei", "regions")["group"]
    assert groups.value_counts().to_dict() == {"other": 8, "resource-dependent": 5}
    assert set(groups) == set(chosen["groups"]["labels"])


# -------------------------------------------------------------------------- flags
class TestFlags:
    """The rule of every flag, computed anew from the values."""

    def test_districts(self, panel):
        low = panel["gdp_yearbook"] < 0.8 * panel["gdp_sector_accounts"]
        assert flagged("districts") == cells(low, "gdp_yearbook")
        assert {year for _, year, _ in flagged("districts")} == {2017} and low.sum() == 11

    def test_splice(self, panel, before):
        expected, districts = set(), flagged("districts")
        for name in GDP:
            price = panel[name] / before[name] / panel["gdp_index"] * 100 - 1
            expected |= cells((price < -0.10) | (price > 0.15), name)
        expected -= districts | {(region, year + 1, name) for region, year, name in districts}
        assert flagged("splice") == expected
        assert {("Tianjin", 2019, "gdp_yearbook"), ("Tangshan", 2012, "gdp_revised")} < expected

    def test_vintages(self, panel):
        districts, expected = panel["gdp_yearbook_flag"].str.contains("districts"), set()
        for one, two in itertools.permutations(GDP, 2):
            apart = (panel[one] / panel[two] - 1).abs() > 0.01
            expected |= cells(apart & ~districts if "gdp_yearbook" in (one, two) else apart, one)
        apart = (panel[RESIDENTS[0]] / panel[RESIDENTS[1]] - 1).abs() > 0.05
        expected |= cells(apart, RESIDENTS[0]) | cells(apart, RESIDENTS[1])
        assert flagged("vintages") == expected
        assert cells(apart, RESIDENTS[0]) == {("Tianjin", year, RESIDENTS[0]) for year in range(2014, 2019)}

    def test_copy_not_revised_and_census(self, panel):
        same = [(panel["gdp_sector_accounts"] / panel[name] - 1).abs() < 1e-4 for name in GDP[:2]]
        assert flagged("copy") == cells(same[0] | same[1], "gdp_sector_accounts")
        year = panel.index.get_level_values("year")
        same = (panel[RESIDENTS[0]] / panel[RESIDENTS[1]] - 1).abs() < 5e-4
        assert flagged("not-revised") == cells(same & (year >= 2011), RESIDENTS[0])
        counts = data.load("beijing-tianjin-hebei", "regions")
        expected = {(region, year, RESIDENTS[0]) for year, count in ((2010, "population_2010"), (2019, "population_2020"))
                    for region in counts.index
                    if abs(panel.loc[(region, year), RESIDENTS[0]] * 1e4 / counts.loc[region, count] - 1) > 0.03}
        assert flagged("census") == expected

    def test_apart(self, panel):
        expected = set()
        for one, two in itertools.permutations(CARBON, 2):
            expected |= cells(beyond(panel[one], panel[two], 1.5), one)
        assert flagged("apart") == expected

    def test_surge(self, panel):
        hebei = panel["energy_three_carriers"].drop(["Beijing", "Tianjin"], level="region")
        growth = hebei.groupby("year").sum().pct_change()
        assert flagged("surge") == {(*cell, "energy_three_carriers") for cell in hebei.index if growth[cell[1]] > 0.35}
        assert growth.idxmax() == 2017

    def test_spike(self, panel, before, after):
        factors = {**dict.fromkeys(CARBON, 1.25), "energy_three_carriers": 1.3, "fdi": 1.5, "employment_units": 1.1,
                   SHARES[0]: 2.5, **dict.fromkeys([*RESIDENTS, "population_urban"], 1.05)}
        expected = set()
        for name, factor in factors.items():
            near = pd.concat([before[name], after[name]], axis=1)
            above, below = (panel[name] / near.max(axis=1, skipna=False), panel[name] / near.min(axis=1, skipna=False))
            expected |= cells((above > factor) | (below < 1 / factor), name)
        assert flagged("spike") == expected
        assert {cell for cell in expected if cell[2] == SHARES[0]} == {
            ("Handan", 2011, SHARES[0]), ("Langfang", 2017, SHARES[0]), ("Cangzhou", 2018, SHARES[0])}

    def test_jump(self, panel, before):
        factors = {**dict.fromkeys(GDP, 1.25), **dict.fromkeys(VALUE_ADDED, 1.3), **dict.fromkeys(RESIDENTS, 1.05),
                   **dict.fromkeys(CARBON, 1.35), "energy_three_carriers": 2, "fdi": 2, "employment_units": 1.15}
        expected = set().union(*(cells(beyond(panel[name], before[name], factor), name) for name, factor in factors.items()))
        urban = panel["population_urban"] / before["population_urban"]
        expected |= cells((urban > 1.10) | (urban < 0.99), "population_urban")
        for name in SHARES[1:]:
            expected |= cells((panel[name] - before[name]).abs() > 5, name)
        passing = flagged("districts") | flagged("spike")
        expected -= passing | flagged("splice") | {(region, year + 1, name) for region, year, name in passing}
        assert flagged("jump") == expected
        # the threefold rise of 2017, and the breaks in unit employment
        for city in ("Baoding", "Cangzhou", "Chengde", "Langfang", "Xingtai"):
            assert (city, 2017, "energy_three_carriers") in expected
        years = [year for _, year, name in expected if name == SHARES[1]]
        assert sum(year in (2011, 2012, 2013, 2017) for year in years) > 0.7 * len(years)

    def test_twin(self, panel):
        share = (100 * panel["population_urban"] / panel["population_resident_unrevised"]).unstack()
        expected = set()
        for one, two in itertools.combinations(share.index, 2):
            same = (share.loc[one] - share.loc[two]).abs() < 0.02
            if same.sum() >= 5:
                expected |= {(city, year, "population_urban") for city in (one, two) for year in same.index[same]}
        assert flagged("twin") == expected and {city for city, _, _ in expected} == {"Shijiazhuang", "Tangshan"}

    def test_repeated_decimals_single_source(self, panel):
        repeated, decimals = set(), set()
        for one, two in itertools.pairwise(rows(FOLDER)):
            for name in (name for name in COLUMNS if name != "gdp_index"):
                if one["region"] == two["region"] and one[name] == two[name]:
                    if len(one[name].replace(".", "").lstrip("0")) >= 4:
                        repeated |= {(row["region"], int(row["year"]), name) for row in (one, two)}
        for row in rows(FOLDER):
            decimals |= {(row["region"], int(row["year"]), name) for name in (RESIDENTS[1], "population_urban")
                         if len(row[name].partition(".")[2]) > 4}
        assert flagged("repeated") == repeated
        assert flagged("decimals") == decimals
        single = [cells(panel[f"{name}_source"] == "yearbook-translated", name) for name in ("employment_units", *SHARES)]
        assert flagged("single-source") == set().union(*single)

    def test_disagree(self, panel):
        second = data.load("beijing-tianjin-hebei", "second_readings")["value"]
        assert len(second) == 117
        assert flagged("disagree") == {(region, year, name) for (region, year, name), value in second.items()
                                       if abs(panel.loc[(region, year), name] / value - 1) > 0.01}


# ------------------------------------------------------------- what the document prints
def test_regressions_have_every_printed_cell():
    printed = data.load("published", "bth_regressions")
    # table 5: 6 x 4 cells, 2 lags, sigma2_e, R2; table 6: one lag more; table 7: as table 5
    assert printed.groupby("table").size().to_dict() == {5: 28, 6: 29, 7: 28}
    assert (printed["nobs"] == printed["n_regions"] * len(YEARS)).all()
    lags = printed[printed.index.get_level_values("variable").str.startswith("W*")]
    assert lags.groupby("table").size().to_dict() == {5: 2, 6: 3, 7: 2}
    without = printed.index.get_level_values("variable")[printed["std_error"] == ""]
    assert list(without) == ["R2"] * 3


def test_printed_digits_are_kept():
    cells = {tuple(row[k] for k in ("table", "variable", "column")): row
             for row in rows(ROOT / "data/published", "bth_regressions")}
    row = cells["6", "lnopen", "total"]
    assert (row["estimate"], row["stars"], row["std_error"]) == ("-0.00450", "", "0.0217")
    assert cells["5", "lnisu", "indirect"]["std_error"] == "0.190"
    assert data.load("published", "bth_descriptives").loc["lnei", "minimum"] == "-3.896"


def test_published_tables_agree_with_the_claims():
    """Every claim that is one cell of tables 3 to 7 stands in those tables with the same digits."""
    values = set(data.claims().query("document == 'beijing-tianjin-hebei' and kind == 'numeric'")["value"])
    moran = data.load("published", "bth_moran")
    assert list(moran.index) == list(YEARS) and set(moran["moran"]) <= values
    assert set(data.load("published", "bth_descriptives")[["mean", "sd", "minimum", "maximum"]].to_numpy().ravel()) <= values


def test_signs_speak_of_cells_that_are_printed():
    signs, printed = data.load("published", "bth_text_signs"), data.load("published", "bth_regressions")
    assert len(signs) == 27 and set(signs.index) <= set(printed.index)
    assert ((signs["sign"] != "") | (signs["significance"] != "")).all()


def test_groups_are_those_of_the_tables():
    sizes = data.load("beijing-tianjin-hebei", "regions")["group"].value_counts().to_dict() | {"all": 13}
    printed = data.load("published", "bth_regressions")
    assert dict(zip(printed["sample"], printed["n_regions"])) == sizes
