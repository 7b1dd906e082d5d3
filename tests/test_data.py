"""The data: what stands in the folders, and what loading refuses."""

import hashlib
import itertools
import json
import re
import shutil
import warnings
from functools import partial
from pathlib import Path

import frictionless
import pandas as pd
import pytest
import raw
from raw import cells, rows

from casebook import data, soundness

ROOT = Path(__file__).resolve().parents[1]
FIVE, YANGTZE = ROOT / "data/templates/yangtze", ROOT / "data/yangtze"
FOLDERS = sorted(file.parent for file in ROOT.glob("data/**/datapackage.json"))
GDP = ["gdp_yearbook", "gdp_revised", "gdp_sector_accounts"]
POPULATION = ["population_resident", "population_resident_unrevised", "population_registered"]
POLLUTANTS = ["industrial_wastewater", "industrial_so2", "industrial_smoke_dust"]
LEVELS = GDP + POPULATION + POLLUTANTS

flagged = partial(raw.flagged, YANGTZE)


# ---------------------------------------------------------- the folders themselves
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
class TestFolder:
    def test_frictionless_accepts_descriptor_and_tables(self, folder):
        report = frictionless.validate(str(folder / "datapackage.json"))
        assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])

    def test_seal_holds(self, folder):
        for resource in json.loads((folder / "datapackage.json").read_text())["resources"]:
            content = (folder / resource["path"]).read_bytes()
            assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest(), resource["path"]
            assert (resource["bytes"], resource["rows"]) == (len(content), len(rows(folder, resource["path"].removesuffix(".csv"))))

    def test_every_table_loads_without_a_word(self, folder):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for table in data.tables(folder)["table"]:
                assert len(data.load(folder, table))

    def test_every_column_is_explained(self, folder):
        columns = data.dictionary(folder)
        assert (columns[["meaning", "term_zh"]] != "").all(axis=None)
        figures = columns[columns["table"].eq("panel") & columns["unit"].ne("")]
        assert (figures[["source", "licence", "vintage"]] != "").all(axis=None)
        assert (data.tables(folder)[["coverage", "status", "sha256"]] != "").all(axis=None)


# ------------------------------------------------------------------ the Yangtze panel
@pytest.fixture(scope="module")
def panel():
    return data.load("yangtze")


def test_complete_where_the_descriptor_says_so(panel):
    # 26 cities x 12 years = 312; the partial columns as counted in the gaps of the descriptor
    partial = {"population_resident_unrevised": 287, "population_registered": 182, "industrial_smoke_dust": 281}
    counts = data.coverage("yangtze").groupby("column")["observed"].sum().to_dict()
    assert counts == dict.fromkeys([*LEVELS, "gdp_index"], 312) | partial
    assert list(panel.index.unique("region")[[0, 1, 10, 18]]) == ["Shanghai", "Nanjing", "Hangzhou", "Hefei"]


def test_digits_stand_as_in_the_source():
    cells = {(row["region"], row["year"]): row for row in rows(YANGTZE)}
    row = cells["Hangzhou", "2005"]
    assert (row["gdp_yearbook"], row["gdp_revised"], row["gdp_sector_accounts"]) == ("2942.6519", "2973.74", "2942.65")
    assert cells["Suzhou", "2010"]["industrial_so2"] == "496377"
    assert not [value for row in cells.values() for value in row.values() if re.fullmatch(r"-?\d+\.0+", value)]


@pytest.mark.parametrize("folder", ["yangtze", "beijing-tianjin-hebei", "shenzhen", "countries", "provinces", "china"])
def test_sources_and_flags_only_beside_values(folder):
    for row in rows(ROOT / "data" / folder):
        for name in row:
            own = name.removesuffix("_flag").removesuffix("_source")
            if own != name and not row[own]:
                assert row[name] == "", (row["region"], row["year"], name)
            if name.endswith("_source") and row[own]:
                assert row[name], (row["region"], row["year"], name)


def neighbours(series):
    """A column beside its values of the year before and after."""
    groups = series.groupby("region", sort=False)
    return series, groups.shift(1), groups.shift(-1)


class TestFlags:
    """The rule of every flag, computed anew from the values."""

    def test_repeated(self):
        expected = set()
        for one, two in itertools.pairwise(rows(YANGTZE)):
            for name in LEVELS:
                digits = one[name].replace(".", "").lstrip("0")
                if one["region"] == two["region"] and one[name] == two[name] and len(digits) >= 4:
                    expected |= {(one["region"], int(row["year"]), name) for row in (one, two)}
        assert flagged("repeated") == expected
        for name in POLLUTANTS:
            assert {cell for cell in expected if cell[2] == name} == {
                ("Suzhou", 2006, name), ("Suzhou", 2007, name), ("Tongling", 2008, name), ("Tongling", 2009, name)}

    def test_spike(self, panel):
        expected = set()
        for names, factor in ((POLLUTANTS, 2.5), (POPULATION, 1.05)):
            for name in names:
                now, before, after = neighbours(panel[name])
                up = (now > factor * before) & (now > factor * after)
                down = (now * factor < before) & (now * factor < after)
                expected |= cells((up | down).rename(name))
        assert flagged("spike") == expected == {
            ("Suzhou", 2010, "industrial_so2"), ("Taizhou-ZJ", 2013, "industrial_wastewater"),
            ("Changzhou", 2015, "population_resident")}

    def test_collapse_and_surge(self, panel):
        hits = {"collapse": set(), "surge": set()}
        for name in POLLUTANTS:
            now, before, _ = neighbours(panel[name])
            both = pd.DataFrame({"now": now, "before": before}).dropna().groupby("year").sum()
            growth = (both["now"] / both["before"] - 1).drop(2011 if name == "industrial_smoke_dust" else [])
            hits["collapse"] |= {(year, name) for year in growth.index[growth < -0.35]}
            hits["surge"] |= {(year, name) for year in growth.index[growth > 0.35]}
        assert hits == {"collapse": {(2016, "industrial_so2"), (2016, "industrial_smoke_dust")},
                        "surge": {(2014, "industrial_smoke_dust")}}
        for code, hit in hits.items():
            assert flagged(code) == {(region, *cell) for region in panel.index.unique("region") for cell in hit}

    def test_definition(self, panel):
        name = "industrial_smoke_dust"
        late = panel.index.get_level_values("year") >= 2011
        assert flagged("definition") == cells(panel[name].notna() & late)

    def test_boundary(self, panel):
        moved = [(region, 2011) for region in ("Hefei", "Wuhu", "Maanshan")]
        moved += [(region, year) for region in ("Anqing", "Tongling") for year in (2015, 2016)]
        known = panel[LEVELS].notna()
        assert flagged("boundary") == {(*cell, name) for cell in moved for name in LEVELS if known.loc[cell, name]}

    def test_vintages(self, panel):
        expected = set()
        for name in GDP:
            apart = [abs(panel[name] / panel[other] - 1) > 0.01 for other in GDP if other != name]
            expected |= cells((apart[0] | apart[1]).rename(name))
        revised, unrevised = POPULATION[:2]
        apart = abs(panel[revised] / panel[unrevised] - 1) > 0.05
        assert apart.sum() == 41
        expected |= cells(apart.rename(revised)) | cells(apart.rename(unrevised))
        assert flagged("vintages") == expected

    def test_copy_and_not_revised(self, panel):
        yearbook, revised, accounts = (panel[name] for name in GDP)
        same = (abs(accounts / yearbook - 1) < 1e-4) | (abs(accounts / revised - 1) < 1e-4)
        assert flagged("copy") == cells(same.rename(GDP[2]))
        same = abs(panel[POPULATION[0]] / panel[POPULATION[1]] - 1) < 5e-4
        same &= panel.index.get_level_values("year") >= 2011
        assert flagged("not-revised") == cells(same.rename(POPULATION[0]))

    def test_rounded_decimals_single_source(self, panel):
        rounded, decimals, single = set(), set(), set()
        for name in POLLUTANTS:
            rounded |= cells(panel[name].ge(10_000) & panel[name].mod(1000).eq(0))
            decimals |= cells(panel[name].notna() & panel[name].mod(1).ne(0))
            single |= cells((panel[f"{name}_source"] == "yearbook-translated").rename(name))
        assert flagged("rounded") == rounded
        assert flagged("decimals") == decimals
        assert flagged("single-source") == single
        assert {("Shanghai", year, "industrial_wastewater") for year in range(2012, 2017)} <= single

    def test_disagree(self, panel):
        second = data.load("yangtze", "second_readings")["value"]
        assert flagged("disagree") == {
            (region, year, name) for (region, year, name), value in second.items()
            if abs(panel.loc[(region, year), name] / value - 1) > 0.01}

    def test_jump(self, panel):
        explained = set.union(*map(flagged, ("boundary", "collapse", "surge", "spike")))
        explained |= {(region, year + 1, name) for region, year, name in flagged("spike")}
        explained |= {(region, 2011, "industrial_smoke_dust") for region in panel.index.unique("region")}
        expected = set()
        for names, factor in ((GDP, 1.25), (POPULATION, 1.1), (POLLUTANTS, 2)):
            for name in names:
                now, before, _ = neighbours(panel[name])
                expected |= cells(((now / before > factor) | (now / before < 1 / factor)).rename(name))
        assert flagged("jump") == expected - explained
        assert ("Hangzhou", 2014, "population_resident") in expected - explained

    def test_every_flag_is_explained_and_used(self):
        explained = {flag["name"] for flag in _descriptor(ROOT / "data/yangtze")["flags"]}
        used = set(data.flagged("yangtze")["flag"]) | set(data.flagged("yangtze", "nation")["flag"])
        assert explained == used
        assert (data.flagged("yangtze")["meaning"].str.len() > 20).all()


def test_share_of_the_nation(panel):
    # 332,206 of 1,491,133: the document prints about 21 percent
    nation = data.load("yangtze", "nation")
    assert nation.loc[2016, "industrial_wastewater_flag"] == "doubtful"
    assert set(nation["n_provinces"]) == {30}
    share = panel["industrial_wastewater"].xs(2016, level="year").sum() / nation.loc[2016, "industrial_wastewater"]
    assert 100 * share == pytest.approx(22.28, abs=0.005)


def test_adjacency_lists_each_pair_once():
    pairs = data.load("yangtze", "adjacency")
    assert len(pairs) == 60 == len({frozenset(pair) for pair in pairs.index})
    assert list(pairs.index[pairs["contiguous_census"] == 0]) == [("Ningbo", "Zhoushan")]


# --------------------------------------------------------------- the published claims
def test_claims_are_all_there():
    claims = data.claims()
    counts = {"yangtze": 113, "coordination": 48, "shenzhen": 141, "beijing-tianjin-hebei": 245,
              "deindustrialisation": 64}
    assert claims["document"].value_counts().to_dict() == counts == data.documents()["n_claims"].to_dict()
    assert sum(counts.values()) == 611
    prefixes = claims.index.str.split("-").str[0]
    assert (prefixes == claims["document"].map(data.documents()["prefix"])).all()


def test_claims_keep_printed_digits():
    value = data.claims()["value"]
    printed = {"yrd-062": "2.199", "yrd-077": "0.930", "yrd-087": "65.21", "sz-009": "4.60", "bth-055": "-1.610",
               "deind-030": "7.0"}
    assert {claim: value[claim] for claim in printed} == printed


def test_claims_point_to_places_not_lines():
    for row in rows(ROOT / "data/published", "claims"):
        assert "note" not in row
        assert not re.search(r"\bL\d+|\bline \d", " ".join(row.values())), row["claim_id"]


def test_classes_add_up_to_the_printed_counts():
    classes = data.load("published", "yangtze_classes")
    assert list(classes.index) == list(data.load("yangtze", "regions").index)
    assert classes["catch_up_type"].value_counts().to_dict() == {"D": 15, "C": 7, "model": 3, "B": 1}
    assert (classes["catch_up_type_origin"] == "derived").sum() == 15
    assert classes["above_one_second_period"].sum() == 25
    assert list(classes.index[~classes["above_one_whole_period"]]) == ["Yancheng", "Zhoushan"]
    assert classes["belt_second_period"].sum() == 9
    assert classes["high_belt_first_period"].isna().sum() == 20  # six are named, the list is open


# ----------------------------------------------------------------------- bad input
@pytest.fixture
def folder(tmp_path):
    """A copy of the made-up regions without a seal, free to be spoilt."""
    folder = tmp_path / "mine"
    shutil.copytree(FIVE, folder)
    package = _descriptor(folder)
    for resource in package["resources"]:
        resource.pop("hash")
    _write_descriptor(folder, package)
    return folder


def _descriptor(folder):
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def _write_descriptor(folder, package):
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")


def spoil(folder, old, new, file="panel.csv"):
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def refused(folder, *words, table="panel"):
    with pytest.raises(data.DataError) as caught:
        data.load(folder, table)
    message = str(caught.value)
    for word in words:
        assert word in message, message
    return message


ROW = "Brinmoor,2003,303.01,107.96,60.54,5355,30821\n"
CELL = ("panel.csv", "region Brinmoor", "year 2003")


@pytest.mark.parametrize(("new", "words"), [
    ("Brinmoor,2003,303.01,107.96,60.54,-5355,30821\n", [*CELL, "column wastewater", "-5355 must not be below 0"]),
    ("Brinmoor,2003,0,107.96,60.54,5355,30821\n", [*CELL, "column gdp:", "0 must be above 0"]),
    ("Brinmoor,2003,-3,107.96,60.54,5355,30821\n", [*CELL, "column gdp:", "-3 must be above 0", "has 1 problem:"]),
    ("Brinmoor,2003,303.01,107.96,0,5355,30821\n", [*CELL, "column population", "0 must be above 0"]),
    ("Brinmoor,2003,n/a,107.96,60.54,5355,30821\n", [*CELL, "column gdp:", "'n/a' is not a number"]),
    ("Brinmoor,2003,inf,107.96,60.54,5355,30821\n", [*CELL, "column gdp:", "'inf' is not a number"]),
    ("Brinmoor,2003,nan,107.96,60.54,5355,30821\n", [*CELL, "column gdp:", "'nan' is not a number"]),
    ("Brinmoor,2003,,107.96,60.54,5355,30821\n", [*CELL, "column gdp:", "empty but a value is required"]),
    ("Brinmoor,20O3,303.01,107.96,60.54,5355,30821\n", ["region Brinmoor", "column year", "'20O3' is not a year"]),
    ("Brinmoor,1903,303.01,107.96,60.54,5355,30821\n",
     ["region Brinmoor", "column year", "1903 must lie between 2001 and 2008"]),
    (",2003,303.01,107.96,60.54,5355,30821\n", ["year 2003", "column region", "empty but a value is required"]),
    ("Brimnoor,2003,303.01,107.96,60.54,5355,30821\n",
     ["region Brimnoor", "year 2003", "column region", "'Brimnoor' is not in regions.csv"]),
    (ROW + ROW, [*CELL, "a row with this region and year stands above"]),
    ("", [*CELL, "column year", "no row, though 2001 and 2008 are there"]),
    ("Brinmoor,2003,303,01,107.96,60.54,5355,30821\n", ["panel.csv", "line 12", "8 cells where the header has 7"]),
])
def test_bad_cell_is_refused_by_name(folder, new, words):
    spoil(folder, ROW, new)
    refused(folder, *words, {"": "", ROW + ROW: "line 13"}.get(new, "line 12"))


@pytest.mark.parametrize(("old", "new", "words"), [
    ("wastewater,so2", "wastewater,sulphur", ["column so2 is missing", "column sulphur is not described"]),
    ("wastewater,so2", "so2,so2", ["column so2 occurs more than once"]),
])
def test_wrong_header_is_refused(folder, old, new, words):
    spoil(folder, old, new)
    refused(folder, "panel.csv", *words)


def test_region_with_one_year_is_refused(folder):
    text = (folder / "panel.csv").read_text()
    (folder / "panel.csv").write_text(re.sub(r"Dunfold,200[2-8].*\n", "", text))
    refused(folder, "panel.csv", "region Dunfold, year 2001, column year: the only year there is")


def test_unknown_flag_or_source_is_refused(folder):
    package = _descriptor(folder)
    for name in ("so2_flag", "so2_source"):
        package["resources"][0]["schema"]["fields"].append({"name": name, "type": "string"})
    package["flags"] = [{"name": "spike", "meaning": "far from both neighbours"}]
    _write_descriptor(folder, package)
    lines = (folder / "panel.csv").read_text().splitlines()
    lines = [lines[0] + ",so2_flag,so2_source"] + [line + ",spike,made-up" for line in lines[1:]]
    (folder / "panel.csv").write_text("\n".join(lines) + "\n")
    assert set(data.flagged(folder)["meaning"]) == {"far from both neighbours"}
    spoil(folder, ROW.strip() + ",spike,made-up", ROW.strip() + ",spike;spkie,hearsay")
    refused(folder, *CELL, "column so2_flag: 'spkie' is not in the list of flags",
            "column so2_source: 'hearsay' is not in the list of sources")


@pytest.mark.parametrize(("old", "new", "words"), [
    ("Hefei,2010,2701.61,", "Hefei,2010,0,", ["region Hefei, year 2010, column gdp_yearbook: 0 must be above 0"]),
    (",496377,spike,", ",-496377,spike,",
     ["region Suzhou, year 2010, column industrial_so2: -496377 must not be below 0"]),
    (",496377,spike,", ",496377,peak,", ["column industrial_so2_flag: 'peak' is not in the list of flags"]),
    ("Zhoushan,2016,", "Zhoushan,2015,", ["region Zhoushan, year 2015: a row with this region and year stands above"]),
])
def test_yangtze_panel_is_guarded(tmp_path, old, new, words):
    shutil.copytree(ROOT / "data/yangtze", tmp_path / "yangtze")
    spoil(tmp_path / "yangtze", old, new)
    with pytest.warns(data.ChangedDataWarning):
        refused(tmp_path / "yangtze", "panel.csv", *words)


def test_many_problems_are_listed_together_but_not_all(folder):
    text = (folder / "panel.csv").read_text()
    (folder / "panel.csv").write_text(re.sub(r",(\d+)\n", r",-\1\n", text))
    message = refused(folder, "has 40 problems", "and 32 more")
    assert message.count("column so2") == 8


def test_type_and_range_are_reported_in_one_go(folder):
    spoil(folder, ROW, "Brinmoor,2003,many,107.96,60.54,-5355,30821\n")
    refused(folder, "has 2 problems", "'many' is not a number", "-5355 must not be below 0")


@pytest.mark.parametrize(("content", "words"), [
    (b"", ["column region is missing"]),
    (b"region,year,gdp,gdp_index,population,wastewater,so2\n", ["no rows"]),
    ("region,year\n\u6e29\u5dde,2001\n".encode("gbk"), ["not in UTF-8"]),
    (b'region,year\n"Ashwick,2001\n', ["not a table of comma-separated values"]),
])
def test_file_that_is_no_table_is_refused(folder, content, words):
    (folder / "panel.csv").write_bytes(content)
    refused(folder, "panel.csv", *words)


def test_spreadsheets_byte_order_mark_and_line_ends_are_accepted(folder):
    content = (folder / "panel.csv").read_bytes()
    (folder / "panel.csv").write_bytes(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") + b"\r\n")
    pd.testing.assert_frame_equal(data.load(folder), data.load(FIVE))


def test_missing_folder_table_or_file(folder):
    with pytest.raises(data.DataError, match="yantze: no folder with a datapackage.json.*published, shenzhen, yangtze"):
        data.load("yantze")
    with pytest.raises(data.DataError, match="no table 'panels'. It has: panel, regions, adjacency"):
        data.load(folder, "panels")
    (folder / "panel.csv").unlink()
    refused(folder, "panel.csv does not exist")
    (folder / "datapackage.json").write_text("{")
    refused(folder, "datapackage.json is not JSON")


def test_empty_cells_stay_empty(folder):
    package = _descriptor(folder)
    fields = {field["name"]: field for field in package["resources"][0]["schema"]["fields"]}
    fields["so2"]["constraints"].pop("required")
    _write_descriptor(folder, package)
    spoil(folder, ROW, "Brinmoor,2003,303.01,107.96,60.54,5355,\n")
    assert pd.isna(data.load(folder).loc[("Brinmoor", 2003), "so2"])
    seen = data.coverage(folder).set_index(["region", "year", "column"])["observed"]
    assert not seen["Brinmoor", 2003, "so2"]
    assert seen.sum() == 5 * 8 * 5 - 1


# ------------------------------------------------------------------------- the seal
def test_changed_table_is_noticed_until_sealed(tmp_path):
    folder = tmp_path / "five"
    shutil.copytree(FIVE, folder)
    spoil(folder, ROW, ROW.replace("303.01", "303.02"))
    with pytest.warns(data.ChangedDataWarning, match=r"panel\.csv has changed.*data\.seal") as caught:
        data.load(folder)
    assert caught[0].filename == __file__  # points to the caller
    data.seal(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert data.load(folder).loc[("Brinmoor", 2003), "gdp"] == 303.02
    assert frictionless.validate(str(folder / "datapackage.json")).valid


def test_bad_table_is_not_sealed(folder):
    before = (folder / "datapackage.json").read_bytes()
    spoil(folder, ROW, "Brinmoor,2003,0,107.96,60.54,5355,30821\n")
    with pytest.raises(data.DataError, match="must be above 0"):
        data.seal(folder)
    assert (folder / "datapackage.json").read_bytes() == before


@pytest.mark.parametrize("name", ["yangtze", "beijing-tianjin-hebei", "shenzhen", "countries", "provinces", "china", "published"])
def test_sealing_an_unchanged_folder_changes_nothing(tmp_path, name):
    shutil.copytree(ROOT / "data" / name, tmp_path / name)
    data.seal(tmp_path / name)
    before, after = (folder / name / "datapackage.json" for folder in (ROOT / "data", tmp_path))
    assert before.read_bytes() == after.read_bytes()


def test_unsealed_folder_loads_in_silence(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(data.load(folder)) == 40


# ------------------------------------------------------------------------- settings
def test_settings_of_the_project():
    chosen = data.settings("yangtze", require=["title", "stages.labels", "stages.cuts", "periods.whole", "reading"])
    assert chosen["models"] == {"primary and early": "Nantong", "mid": "Hangzhou", "late": "Shanghai"}
    # 2980 and 5960 dollars at 8.1917 CNY, in 10,000 CNY
    assert chosen["stages"]["cuts"] == [round(dollars * 8.1917 / 10_000, 4) for dollars in (2980, 5960)]
    five = data.settings(FIVE)
    assert (five["models"], five["stages"]["cuts"], five["periods"]["second"]) == ({}, [3.0, 5.0], [2005, 2008])


@pytest.mark.parametrize(("old", "new", "words"), [
    ("base_year = 2001\n", "", ["base_year is missing"]),
    ("base_year = 2001\n", "base_year = 1999\n", ["base_year = 1999 must lie within"]),
    ("cuts = [3.0, 5.0]", "cuts = [5.0, 3.0]", ["stages.cuts = [5.0, 3.0] must rise"]),
    ("cuts = [3.0, 5.0]", "cuts = [3.0]", ["stages.labels has 3 entries and stages.cuts 1"]),
    ("second = [2005, 2008]", "second = [2005, 2009]", ["periods.second = [2005, 2009]"]),
    ("second = [2005, 2008]", "second = 2005", ["periods.second = 2005 must be two years"]),
    ("whole = [2001, 2008]", "whole = [2001, 2007]\nbefore = [2001, 2008]", ["periods.before = [2001, 2008] must lie within periods.whole = [2001, 2007]"]),
    ("whole = [2001, 2008]", "whole = [2002, 2008]\ntested = [2001, 2004]", ["periods.tested = [2001, 2004] must lie within periods.whole = [2002, 2008]"]),
    ("[periods]", "[models]\nrural = 'Dunford'\nurban = 'Ashwick'\n[periods]", ["region 'Dunford'", "stage 'urban'"]),
    ('weights = "equal"\npooling', 'weights = "equall"\npooling', ["reading.weights = 'equall'", "equal, entropy"]),
    ("[periods]", "[periods", ["not a TOML file"]),
])
def test_bad_settings_are_refused_by_key(folder, old, new, words):
    spoil(folder, old, new, file="settings.toml")
    with pytest.raises(data.DataError) as caught:
        data.settings(folder)
    for word in ["settings.toml", *words]:
        assert word in str(caught.value)


def test_settings_name_the_section_that_is_missing(folder):
    with pytest.raises(data.DataError, match="settings.toml has 1 problem:\n  - stages.rate is missing"):
        data.settings(folder, require=["title", "stages.rate"])
    (folder / "settings.toml").unlink()
    with pytest.raises(data.DataError, match="settings.toml does not exist"):
        data.settings(folder)


def test_settings_of_several_studies_share_a_folder(folder):
    study = (folder / "settings.toml").read_text(encoding="utf-8").replace("base_year = 2001", "base_year = 2002")
    (folder / "soot.toml").write_text(study, encoding="utf-8")
    assert (data.settings(folder)["base_year"], data.settings(folder, chapter="soot")["base_year"]) == (2001, 2002)
    spoil(folder, "base_year = 2002", "base_year = 1999", file="soot.toml")
    with pytest.raises(data.DataError, match="soot.toml has 1 problem:\n  - base_year = 1999 must lie within"):
        data.settings(folder, chapter="soot")
    assert data.settings(folder)["base_year"] == 2001
    assert data.settings(folder, chapter="smoke")["base_year"] == 2001
    for chapter in ("deindustrialisation", "coordination"):  # of the project's own
        assert data.settings("provinces", ["document"], chapter=chapter)["document"] == chapter


def test_a_folder_named_by_settings_is_within_or_in_the_project(folder):
    assert data.beside(folder, "china") == "china"
    shutil.copytree(FIVE, folder / "china")
    assert data.beside(folder, "china") == folder / "china"
    with pytest.raises(data.DataError, match="^atlantis: no folder"):
        data.beside(folder, "atlantis")


def test_key_of_a_schema():
    assert soundness.key({"primaryKey": ["region", "year"]}) == ["region", "year"]


def test_a_file_that_the_settings_name_must_be_there():
    with pytest.raises(data.DataError, match="outlines.geojson does not exist, though the settings name it: add it, or take it out"):
        data.file("yangtze", "outlines.geojson")


def test_gaps_are_told_of_the_columns_asked_for_and_of_the_whole_table():
    every, some = data.gaps("provinces"), data.gaps("provinces", columns=["gdp_rev4"])
    assert set(some) < set(every) and [told for told in some if told.startswith("gdp_")] == ["gdp_rev4: 744 of 868 cells, 2000-2023."]
    assert any(told.startswith("Tibet:") for told in some)  # of no column
