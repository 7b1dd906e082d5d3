"""One round: what would stop a chapter later is told at once, each thing once, and where it stands."""

import json
import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from test_spreadsheets import both, cell, changed, content, panel, square, text, wide, without, workbook
from typer.testing import CliRunner

from casebook import cli, convergence, data, gaps, green_growth, productivity, readings, run

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "data/templates"


def copied(chapter, target):
    return shutil.copytree(TEMPLATES / chapter, target, ignore=shutil.ignore_patterns("datapackage.json"))


@pytest.fixture
def folder(tmp_path):
    return copied("yangtze", tmp_path / "mine")


@pytest.fixture
def spatial(tmp_path):
    return copied("beijing-tianjin-hebei", tmp_path / "mine")


def told(folder, chapter="yangtze", **reading):
    return run.gathered(run.chapters()[chapter], folder, reading).problems


def sentences(found, severity="error"):
    return [str(one) for one in found if one.severity == severity]


def rewritten(folder, table, change):
    frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
    change(frame).to_csv(folder / f"{table}.csv", index=False)


def emptied(folder, region, years, *columns):
    def change(frame):
        frame.loc[(frame["region"] == region) & frame["year"].isin(list(map(str, years))), list(columns)] = ""
        return frame
    rewritten(folder, "panel", change)


# ------------------------------------------------------------ gaps at which a chapter would stop
NEEDED = "no figure, though the chapter needs one; fill it in, choose other periods or another reading, or leave the region out under [without] in settings.toml"


def test_every_gap_that_would_stop_the_chapter_is_told_at_once(folder):
    emptied(folder, "Ashwick", [2004], "population")
    emptied(folder, "Brinmoor", [2003, 2005, 2006], "gdp_index")
    emptied(folder, "Dunfold", [2002], "so2")  # between the ends of periods: not needed
    found = sorted(sentences(told(folder)), reverse=True)
    assert found == [f"panel.csv, line 5: region Ashwick, year 2004, column population: {NEEDED}",
                     f"panel.csv, line 12: region Brinmoor, year 2003, 2005-2006, column gdp_index: {NEEDED}"]
    [others] = [one for one in told(folder) if one.severity == "warning"]
    assert (others.region, others.year, others.column) == ("Dunfold", "2002", "so2") and "can't tell" in others.expected


def test_the_gaps_told_are_those_at_which_the_chapter_stops(folder):
    """By another route: fill what was told, and the chapter has no more to say."""
    emptied(folder, "Ashwick", [2001, 2004, 2005, 2008], "population", "so2", "gdp")
    emptied(folder, "Brinmoor", range(2001, 2009), "wastewater")
    frame = pd.read_csv(folder / "panel.csv").set_index(["region", "year"])
    settings = data.settings(TEMPLATES / "yangtze")
    own = productivity.Reading(**readings.Choices(settings["choices"]).fields(settings["reading"]))
    cells = {(one.region, int(year), column) for one in told(folder) if one.severity == "error" for column in one.column.split(", ")
             for part in one.year.split(", ") for year in range(int(part[:4]), int(part[-4:]) + 1)}
    with pytest.raises(ValueError, match="though this reading needs one"):
        productivity.refuse_gaps(frame, settings, own)
    for region, year, column in cells:
        assert np.isnan(frame.loc[(region, year), column])
        frame.loc[(region, year), column] = 100.0
    productivity.refuse_gaps(frame, settings, own)
    assert len(cells) == 4 + 4 + 1 + 4  # so2 and people at four ends, GDP in the base year; waste water at four ends


def test_a_gap_of_all_regions_is_told_once(folder):
    changed(lambda frame: frame.assign(so2=frame["so2"].where(frame.index.get_level_values("year") != "2004", "")))(folder)
    assert sentences(told(folder)) == [f"panel.csv: year 2004, column so2: {NEEDED.replace('no figure', 'no figure of any region')}"]


def test_gaps_depend_on_the_reading(folder):
    emptied(folder, "Ashwick", [2001], "wastewater")
    assert len(sentences(told(folder))) == 1 and not sentences(told(folder, pollutants="SO2 alone"))


def test_a_region_left_out_by_name_may_have_gaps(folder):
    emptied(folder, "Ashwick", [2001], "so2")
    text("settings.toml", "#   [without] ", "[without]  # ")(folder)
    text("settings.toml", '#   Ashwick = "no', 'Ashwick = "no')(folder)
    assert not sentences(told(folder))
    text("settings.toml", "Ashwick = ", "Ashwik = ")(folder)
    assert "'Ashwik', to be left out, is not among the regions" in sentences(told(folder))[0]


def last_line(folder, chapter):
    return CliRunner().invoke(cli.app, ["validate", chapter, "--data", str(folder)]).output.strip().split("\n")[-1]


def test_what_the_chapter_takes_is_counted(tmp_path):
    """Regions under [without] count as left out where the chapter leaves them out, in years within the bounds."""
    folder = copied("yangtze", tmp_path / "mine")
    assert last_line(folder, "yangtze").startswith(f"No error in {folder}: 5 regions x 8 years (regions 5 rows, panel 40 rows, ")
    text("settings.toml", "base_year", 'without = { Ashwick = "no figures" }\nbase_year')(folder)
    assert last_line(folder, "yangtze").startswith(f"No error in {folder}: 4 regions x 8 years; 1 region left out under [without] (")
    both(text("settings.toml", "last_year = 2008", "last_year = 2007"), text("settings.toml", "second = [2005, 2008]", "second = [2005, 2007]"),
         text("settings.toml", "whole = [2001, 2008]", "whole = [2001, 2007]"))(folder)
    assert "4 regions x 7 years; 1 region" in last_line(folder, "yangtze")
    other = copied("coordination", tmp_path / "other")  # which leaves nobody out
    text("settings.toml", "base_year", 'without = { Averin = "far away" }\nbase_year')(other)
    assert ": 9 regions x 16 years (" in last_line(other, "coordination")
    assert ": 1 region x 14 years (regions 1 row, panel 14 rows" in last_line(copied("shenzhen", tmp_path / "town"), "shenzhen")


def test_a_mark_for_a_missing_figure_and_the_gap_it_leaves_are_told_at_once(folder):
    cell("Ashwick", "2004", "so2", "…")(folder)
    mark, gap = sentences(told(folder))
    assert "leave the cell empty" in mark and NEEDED in gap


def test_what_was_told_of_a_cell_or_its_name_is_no_gap(folder):
    both(cell("Ashwick", "2004", "so2", "1,234"), text("panel.csv", "\nBrinmoor,2004", "\nBrinmor,2004"), text("panel.csv", "\nDunfold,2004", "\nDunfold,2004*"))(folder)
    assert not [one for one in sentences(told(folder)) if "no figure" in one]


def test_gaps_are_told_beside_a_sheet_that_cannot_be_read(folder):
    """The figures of the one sheet are unknown, those of the other lack one."""
    def spoil(book, sheet):
        sheet.title = "notes"
        for column in panel():
            page = book.create_sheet(column)
            rows = [list(wide(column)), *wide(column).values.tolist()]
            rows[1][1] = "" if column == "so2" else rows[1][1]
            for row in ([["All regions"]] if column == "gdp" else []) + rows:
                page.append(row)
    workbook(spoil)(folder)
    found = sentences(told(folder))
    assert len(found) == 2 and "stands where the heads should" in found[0]
    assert found[1].startswith("panel.xlsx, sheet so2, line 2: region Ashwick, year 2001, column so2: no figure")


def test_a_period_before_the_base_year_is_told(folder):
    text("settings.toml", "base_year = 2001", "base_year = 2002")(folder)
    assert "periods.first begins in 2001, before base_year = 2002" in sentences(told(folder))[0]


# ------------------------------------------------------------ what a chapter would leave out
def test_a_region_that_would_be_left_out_is_told(spatial):
    emptied(spatial, "Arkwold", [2004, 2005], "fdi", "gdp")
    found = sentences(told(spatial, "beijing-tianjin-hebei"), "warning")
    assert "panel.csv, line 5: region Arkwold, year 2004-2005, column gdp, fdi: no figure, so the main estimates leave the region out; fill it in if it is known" in found


def test_years_that_would_be_left_out_are_told(spatial):
    for region in pd.read_csv(spatial / "regions.csv")["region"]:
        emptied(spatial, region, [2010], "gdp")
    assert [one for one in sentences(told(spatial, "beijing-tianjin-hebei"), "warning") if "2010" in one and "leave these years out" in one]


def test_a_group_too_small_is_told(spatial):
    rewritten(spatial, "regions", lambda frame: frame.assign(group=["upland"] * 3 + ["coast"] * 7))
    [found] = [one for one in told(spatial, "beijing-tianjin-hebei") if one.column == "group"]
    assert found.file == "regions.csv" and "'upland'" in found.found and "4 regions are the fewest" in found.expected


def test_a_figure_without_logarithm_is_told(spatial):
    """Of a column of one's own, of which no descriptor says that zero can't be."""
    rewritten(spatial, "panel", lambda frame: frame.assign(fdi=["0", *frame["fdi"][1:]]).rename(columns={"fdi": "exports"}))
    text("settings.toml", 'openness = "fdi"', 'openness = "exports"')(spatial)
    names = pd.read_csv(spatial / "panel.csv", nrows=0).columns
    (spatial / "dictionary.csv").write_text("table,column\n" + "".join(f"panel,{name}\n" for name in names))
    assert sentences(told(spatial, "beijing-tianjin-hebei")) == [
        "panel.csv, line 2: region Arkwold, year 2001, column exports: 0 has no logarithm; correct it, or leave the cell empty"]


def test_a_group_without_region_is_told(tmp_path):
    folder = copied("coordination", tmp_path / "mine")
    text("settings.toml", 'labels = ["coast",', 'labels = ["isles", "coast",')(folder)
    assert "no region is in the group 'isles' of groups.labels; give it one, or remove it" in sentences(told(folder, "coordination"))[0]


# ------------------------------------------------------------ gaps between regions, and both systems
@pytest.fixture
def gapped(tmp_path):
    return copied("coordination", tmp_path / "mine")


def gaps_told(folder):
    found = [one for one in told(folder, "coordination") if one.severity == "error"]
    assert all(one.found == "no figure," and one.expected == "though the chapter needs one" for one in found)
    return {(one.region, int(year), column) for one in found for column in one.column.split(", ") for part in one.year.split(", ") for year in range(int(part[:4]), int(part[-4:]) + 1)}


def computed(panel, places, settings):
    """What the chapter on coordination computes of its figures, as it does."""
    real, (first, last) = settings["real"], settings["periods"]["coupling"]
    panel = panel.assign(gdp_real=gaps.volume(panel[real["total"]], panel[real["index"]], settings["base_year"]))
    for level in settings["choices"]["environment"].values():
        green_growth.outcomes(panel, settings["systems"], first=first, last=last, to=(0.01, 1.0), **level)
    income = gaps.income_of(panel, people=settings["people"], base=settings["base_year"], **settings["choices"]["income"]["constant prices"]).dropna()
    income = income[income.index.get_level_values("year") >= settings["periods"]["whole"][0]]
    convergence.decompose(income, panel[settings["people"]].reindex(income.index), places["group"])


def test_every_gap_of_both_systems_is_told_at_once_and_no_other(gapped):
    """By another route: each figure told stops what the chapter computes, and filled in they let it through."""
    emptied(gapped, "Averin", [2001, 2010], "sulphur", "residents", "energy")  # nothing begins in 2001
    emptied(gapped, "Ilmark", [2002, 2003], "carbon", "energy")                # whom one level leaves out, and the other not
    emptied(gapped, "Ilmark", [2007], "gdp_index")
    regions = pd.read_csv(gapped / "regions.csv")["region"]
    emptied(gapped, regions[1], [2005], "gdp")  # of the base year
    emptied(gapped, regions[1], [2006], "urban_share")
    cells = {("Averin", 2010, column) for column in ("sulphur", "residents", "energy")} | {("Ilmark", year, "carbon") for year in (2002, 2003)} | {
        ("Ilmark", 2007, "gdp_index"), (regions[1], 2005, "gdp"), (regions[1], 2006, "urban_share")}
    assert gaps_told(gapped) == cells
    panel, places, settings = pd.read_csv(gapped / "panel.csv").set_index(["region", "year"]), pd.read_csv(gapped / "regions.csv").set_index("region"), data.settings(TEMPLATES / "coordination")
    good = pd.read_csv(TEMPLATES / "coordination/panel.csv").set_index(["region", "year"])
    for one in sorted(cells):
        spoilt = panel.copy()
        for region, year, column in cells - {one}:
            spoilt.loc[(region, year), column] = good.loc[(region, year), column]
        with pytest.raises(ValueError):
            computed(spoilt, places, settings)
    for region, year, column in cells:
        panel.loc[(region, year), column] = good.loc[(region, year), column]
    computed(panel, places, settings)


def test_a_gap_of_the_years_described_is_told_though_no_system_needs_it(gapped):
    text("settings.toml", "coupling = [2002, 2016]", "coupling = [2004, 2016]")(gapped)
    emptied(gapped, "Averin", [2003], "residents", "sulphur")
    [found] = sentences(told(gapped, "coordination"))
    assert found == "panel.csv, line 4: region Averin, year 2003, column residents: no figure, though the chapter needs one; fill it in, or choose other years for periods.whole"


def test_a_broken_chain_is_told_where_it_breaks(gapped):
    """Ilmark is left out of the chapter's own reading, but not of the other: output of the years before the break is unknown there."""
    both(text("settings.toml", "whole = [2002, 2016]", "whole = [2008, 2016]"), text("settings.toml", "before = [2002, 2009]", "before = [2008, 2009]"))(gapped)
    emptied(gapped, "Ilmark", [2004], "gdp_index")
    assert gaps_told(gapped) == {("Ilmark", 2004, "gdp_index")}


def test_a_region_left_out_by_name_may_lack_what_it_is_left_out_for(gapped):
    emptied(gapped, "Averin", [2010], "sulphur", "carbon")
    assert len(gaps_told(gapped)) == 2
    both(text("settings.toml", '["Ilmark"]', '["Ilmark", "Averin"]'), text("settings.toml", "{ environment = {", '{ without = ["Averin"], environment = {'))(gapped)
    assert not sentences(told(gapped, "coordination"))


@pytest.mark.parametrize(("old", "new", "words"), [
    ('"2010-2014" = { first = 2010, last = 2014 }', '"2010-2019" = { first = 2010, last = 2019 }', ["gdp has no year 2019", "gdp_index has no year 2019"]),
    ('["Ilmark"]', '["Ilmarch"]', ["Ilmarch, to be left out, is not among the regions"]),
    ("coupling = [2002, 2016]", "coupling = [2007, 2016]", ["lags=2 and trend='differences, demeaned' leave 7 usable years of 10", "lags=2 and trend='demeaned' leave 8 usable years of 10"]),
    ("scale = [0.01, 1.0]", "scale = [0.0, 1.0]", ["coupling"]),
])
def test_a_choice_that_would_stop_the_chapter_is_told(gapped, old, new, words):
    text("settings.toml", old, new)(gapped)
    found = [one for one in told(gapped, "coordination") if one.severity == "error"]
    assert len(found) == len(words) and all(word in str(one) and one.file == "settings.toml" for one, word in zip(found, words))


def test_an_absent_column_of_a_system_is_told_once(gapped):
    rewritten(gapped, "panel", lambda frame: frame.rename(columns={"sulphur": "soot"}))
    assert {one.found for one in told(gapped, "coordination") if one.severity == "error" and one.column != "sulphur"} <= {
        f"{key}.part = 'sulphur'" for key in ("systems.environment.sulphur dioxide", "choices.environment.sulphur and carbon.environment.sulphur dioxide")}


# ------------------------------------------------------------ curves, and shares that fall
@pytest.fixture
def town(tmp_path):
    return copied("shenzhen", tmp_path / "mine")


def errors_of(folder, chapter):
    return [str(one) for one in told(folder, chapter) if one.severity == "error"]


def test_a_region_of_which_no_curve_can_be_fitted_is_told(town):
    text("settings.toml", '"from 2006" = { first = 2006 }', '"from 2006" = { first = 2012 }')(town)
    assert not errors_of(town, "shenzhen")  # a reading beside the chapter's own
    text("settings.toml", 'years = "all known"', 'years = "from 2006"')(town)
    assert errors_of(town, "shenzhen") == ["panel.csv: no indicator of Harrowfen can be fitted, with income_late, in 7 years or more: the one known best, peat_smoke, is in 5; "
                                           "give more years, choose other years under [reading], or name other indicators"]


def test_a_curve_s_choice_that_would_stop_the_chapter_is_told(town):
    both(text("settings.toml", "cubic = { degree = 3 }", "cubic = { degree = 7 }"), text("settings.toml", 'HC3 = { errors = "HC3" }', 'HC3 = { errors = "HC9" }'))(town)
    found = errors_of(town, "shenzhen")
    assert len(found) == 2 and all(one.startswith("settings.toml") for one in found) and "degree" in found[0] and "'HC9'" in found[1]


def test_what_would_stop_the_chapter_on_industry_is_told(tmp_path):
    folder = copied("deindustrialisation", tmp_path / "mine")
    assert not errors_of(folder, "deindustrialisation")
    emptied(folder, "Ashmere", range(2003, 2023), "va_manufacturing", "employed_manufacturing")  # which stops nothing
    assert not errors_of(folder, "deindustrialisation")
    both(text("settings.toml", "# [named]", "[named]"), text("settings.toml", "# falling = [", 'falling = ["Ashmeer", '), text("settings.toml", 'rule = "monotone"', 'rule = "steady"'))(folder)
    named, rule = sorted(errors_of(folder, "deindustrialisation"), key=lambda one: "rule must" in one)
    assert "named.falling = ['Ashmeer', 'Ashmere'] names Ashmeer, which is not among the regions" in named and "rule must be one of trend, monotone, both" in rule


# ------------------------------------------------------------ where a problem stands
def book_of(folder, **changed):
    """The panel as a workbook with a sheet for each figure; the rows of each may be changed."""
    (folder / "panel.csv").unlink()
    book = openpyxl.Workbook()
    book.remove(book.active)
    for column in panel():
        sheet = book.create_sheet(column)
        rows = [list(wide(column)), *wide(column).values.tolist()]
        for row in changed.get(column, lambda rows: rows)(rows):
            sheet.append(row)
    book.save(folder / "panel.xlsx")


def test_a_problem_of_a_wide_workbook_has_its_sheet_and_line(folder):
    def spoil(rows):
        rows[2][3] = "-7"
        return rows
    book_of(folder, so2=spoil)
    found = sentences(told(folder))
    assert len(found) == 1 and found[0].startswith("panel.xlsx, sheet so2, line 3: region Brinmoor, year 2003, column so2: -7 must not be below 0")


def test_a_wrong_name_in_a_wide_sheet_is_told_once_with_what_it_seems_to_be(folder):
    def spoil(rows):
        rows[1][0] = "Ashwick City"
        return rows + [["合计", *range(100, 108)], ["Nowhereham", *range(100, 108)]]
    book_of(folder, so2=spoil)
    assert [str(one) for one in told(folder)] == [
        "panel.xlsx, sheet so2, line 2: region Ashwick City, year 2001-2008, column region: 'Ashwick City' is not in regions.csv, "
        "and looks like 'Ashwick': the rank of the place is left out in one; write Ashwick",
        "panel.xlsx, sheet so2, line 7: region 合计, year 2001-2008, column region: '合计' is not in regions.csv, and looks like a total; remove the line if it is one",
        "panel.xlsx, sheet so2, line 8: region Nowhereham, year 2001-2008, column region: 'Nowhereham' is not in regions.csv; correct the spelling, or add it to regions.csv"]


def test_a_year_under_a_wrong_name_is_not_missing(folder):
    text("panel.csv", "\nAshwick,2004", "\nAshwik,2004")(folder)
    assert [str(one) for one in told(folder)] == ["panel.csv, line 5: region Ashwik, year 2004, column region: 'Ashwik' is not in regions.csv, "
                                                  "and looks like 'Ashwick': one letter differs; write Ashwick"]


def test_names_that_are_all_unknown_are_told_once(folder):
    changed(lambda frame: frame.rename(index={name: f"{letter}{letter}地" for name, letter in zip(frame.index.unique("region"), "甲乙丙丁戊")}, level="region"))(folder)
    [found] = sentences(told(folder))
    assert found == "panel.csv, line 2: column region: none of the names (甲甲地, 乙乙地, 丙丙地 and 2 more) is in regions.csv; write the same names in both"


def test_marks_in_every_year_of_a_line_are_told_once(folder):
    book_of(folder, wastewater=lambda rows: [rows[0], [rows[1][0], *["—"] * 8], *rows[2:]])
    [mark] = [one for one in told(folder) if "stands for a missing figure" in one.expected]
    assert (mark.file, mark.row, mark.year) == ("panel.xlsx, sheet wastewater", 2, "2001-2008")


def test_years_left_out_are_told_once(folder):
    changed(lambda frame: frame.drop([("Ashwick", "2002"), ("Ashwick", "2003")]))(folder)
    assert [one.year for one in told(folder) if one.column == "year"] == ["2002-2003"]


def test_a_wrong_group_is_told_once_where_it_stands(spatial):
    (spatial / "regions.csv").rename(spatial / "places.csv")
    path = spatial / "places.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",upland", ",uplands"), encoding="utf-8")
    [found] = [one for one in told(spatial, "beijing-tianjin-hebei") if one.column == "group" and one.severity == "error"]
    assert found.file == "places.csv" and found.row > 1
    assert "'uplands' of " in found.found and found.expected == "is not among groups.labels in settings.toml" and found.mend == "write one of coast, upland, or add it there"


def test_a_setting_has_its_line(folder):
    text("settings.toml", "whole = [2001, 2008]", "whole = [2008, 2001]")(folder)
    lines = (folder / "settings.toml").read_text(encoding="utf-8").split("\n")
    [found] = [one for one in told(folder) if one.severity == "error"]
    assert lines[found.row - 1] == "whole = [2008, 2001]" and "write its first and its last year" in found.mend


def test_a_column_of_a_choice_has_its_line(folder):
    text("settings.toml", '"SO2 alone" = { pollutants = ["so2"] }', '"SO2 alone" = { pollutants = ["soot"] }')(folder)
    [found] = told(folder)
    assert "soot" in (folder / "settings.toml").read_text(encoding="utf-8").split("\n")[found.row - 1]


# ------------------------------------------------------------ settings
def test_the_fixed_names_of_periods_are_told(folder):
    text("settings.toml", "first = [", "early = [")(folder)
    [found] = [str(one) for one in told(folder) if one.found == "periods.first"]
    assert found.endswith("periods.first is missing; add it: the names under [periods] are fixed, first, second, whole; early may be one of them")


def test_every_problem_of_the_settings_has_its_mend(folder):
    both(text("settings.toml", "base_year = 2001", "base_year = 1999"), text("settings.toml", "cuts = [3.0, 5.0]", "cuts = [5.0, 3.0]"),
         text("settings.toml", "second = [2005, 2008]", "second = [2005, 2018]"), text("settings.toml", 'divisor = "N"', 'divisor = "M"'))(folder)
    found = [one for one in told(folder) if one.severity == "error"]
    assert len(found) >= 4 and all(one.mend for one in found)


@pytest.mark.parametrize(("old", "new", "words"), [("base_year = 2001", 'base_year = "2001"', "must be a year; write four figures"),
                                                   ("first = [2001, 2004]", 'first = ["2001", "2004"]', "must be two years in order")])
def test_a_year_in_quotation_marks_is_told(folder, old, new, words):
    text("settings.toml", old, new)(folder)
    assert words in sentences(told(folder))[0]


def later(folder, years=7):
    """All figures, so many years later."""
    changed(lambda frame: frame.set_axis(frame.index.set_levels([str(int(year) + years) for year in frame.index.levels[1]], level="year")))(folder)


def test_years_and_periods_are_told_in_one_round(folder):
    """Periods within first_year and last_year, which the panel doesn't have: mended by the advice alone, there is no second round."""
    later(folder)
    path = folder / "settings.toml"
    found = {one.found.partition(" = ")[0]: one for one in told(folder) if one.severity == "error" and one.file == path.name}
    assert set(found) == {"base_year", "first_year", "periods.first", "periods.second", "periods.whole"}  # last_year = 2008 is there, as the first year
    assert all("is not among the years of the panel, 2008-2015" in str(found[name]) for name in ("base_year", "first_year"))
    text("settings.toml", "last_year = 2008", "last_year = 2009")(folder)
    found = [one for one in told(folder) if one.found.startswith("periods.")]
    assert len(found) == 3 and all("within the first year of the panel to last_year, 2008 to 2009; write its first and its last year, as in [2008, 2009], or change" in str(one) for one in found)
    text("settings.toml", "last_year = 2009", "last_year = 2008")(folder)
    path.write_text("\n".join(line.replace("2008", "2015").replace("2001", "2008").replace("2004", "2011").replace("2005", "2012") for line in path.read_text(encoding="utf-8").split("\n")), encoding="utf-8")
    assert not sentences(told(folder))


def test_no_year_is_advised_that_the_panel_does_not_have(folder):
    later(folder, 20)
    found = [one for one in told(folder) if one.found.startswith("periods.")]
    assert len(found) == 3 and all(one.expected == "must be two years in order, within the first year of the panel to the last of the panel, 2021 to 2028"
                                   and one.mend == "write its first and its last year, as in [2021, 2028]" for one in found)
    both(text("settings.toml", "first_year = 2001", "first_year = 2028"), text("settings.toml", "last_year = 2008", "last_year = 2021"))(folder)
    assert [one for one in sentences(told(folder)) if "first_year = 2028 must lie before last_year = 2021" in one]


def test_a_year_in_quotation_marks_hides_no_period(folder):
    both(text("settings.toml", "last_year = 2008", 'last_year = "2008"'), text("settings.toml", "second = [2005, 2008]", "second = [2008, 2005]"))(folder)
    assert [one.found for one in told(folder) if one.severity == "error"] == ["last_year = '2008'", "periods.second = [2008, 2005]"]


def test_a_year_that_is_not_there_is_told_once(folder):
    text("settings.toml", "base_year = 2001", "base_year = 1999")(folder)
    [found] = sentences(told(folder))
    assert "base_year = 1999 is not among the years of the panel, 2001-2008" in found


def test_a_column_of_one_s_own_for_a_field_that_is_called_like_a_column(folder):
    changed(lambda frame: frame.rename(columns={"population": "residents"}))(folder)
    text("settings.toml", '{ population = "population" }', '{ population = "residents" }')(folder)
    lines = "".join(f"panel,{name}\n" for name in ("region", "year", "gdp", "gdp_index", "residents", "wastewater", "so2"))
    (folder / "dictionary.csv").write_text("table,column\n" + lines)
    assert not sentences(told(folder))


def test_no_column_need_be_named(spatial):
    text("settings.toml", 'urban_whole = "population_resident_unrevised"', 'urban_whole = ""')(spatial)
    assert not sentences(told(spatial, "beijing-tianjin-hebei"))


# ------------------------------------------------------------ settings left from the example
def elsewhere(folder, kept=()):
    """The example's figures under other names, but for some; in the tables alone."""
    names = [name for name in pd.read_csv(folder / "regions.csv")["region"] if name not in kept]
    for path in folder.glob("*.csv"):
        content = path.read_text(encoding="utf-8")
        for name in names:
            content = content.replace(name, name[::-1].capitalize())
        path.write_text(content, encoding="utf-8")
    return folder


def left(folder, chapter):
    found = [one for one in told(folder, chapter) if "the example" in one.expected]
    assert all(one.severity == "warning" and one.row and one.mend.startswith("write your own") for one in found)
    keyed = {one.found.partition(" = ")[0]: one for one in found}
    assert len(keyed) == len(found)  # each once
    return keyed


@pytest.mark.parametrize(("chapter", "keys"), [
    ("yangtze", {"title", "title_zh", "stages.labels", "stages.cuts"}),
    ("beijing-tianjin-hebei", {"title", "title_zh", "currency"}),
    ("coordination", {"title", "title_zh", "period", "money"}),  # the noun is regions, which all are
    ("deindustrialisation", {"title", "title_zh", "noun", "caution"}),
    ("shenzhen", {"title", "title_zh"}),
])
def test_settings_left_from_the_example_are_told(tmp_path, chapter, keys):
    folder = copied(chapter, tmp_path / "mine")
    assert not left(folder, chapter)  # the example itself
    assert set(left(elsewhere(folder), chapter)) == keys


def test_a_setting_of_one_s_own_is_not_told(folder):
    elsewhere(folder)
    text("settings.toml", "cuts = [3.0, 5.0]", "cuts = [3.0, 5.5]")(folder)
    text("settings.toml", "in five made-up regions", "in five towns")(folder)
    text("settings.toml", '["rural", "mixed", "industrial"]', '["early", "middle", "late"]')(folder)
    found = left(folder, "yangtze")
    assert set(found) == {"title_zh", "stages.labels_zh"}
    assert str(found["title_zh"]) == ("settings.toml, line 5: title_zh = '五个虚构地区的绿色发展' is still the example's; "
                                      "write your own; if it fits your regions too, nothing need be done")
    text("settings.toml", "labels_zh =", "# labels_zh =")(folder)
    assert set(left(folder, "yangtze")) == {"title_zh"}


def test_an_example_with_a_few_regions_more_is_still_the_example(folder):
    assert not left(elsewhere(folder, kept=["Ashwick", "Brinmoor", "Dunfold"]), "yangtze")


def test_a_text_that_names_a_region_of_the_example_is_told(tmp_path):
    folder = elsewhere(copied("deindustrialisation", tmp_path / "mine"))
    text("settings.toml", "It was not held in Dunholt", "It wasn't held in Dunholt")(folder)
    found = left(folder, "deindustrialisation")["caution"]
    assert "names Dunholt, a region of the example" in str(found) and found.found.endswith(" …")


# ------------------------------------------------------------ tables not filled in
@pytest.mark.parametrize("chapter", run.chapters())
def test_an_untouched_template_is_told_table_by_table(tmp_path, chapter):
    from casebook import template
    target = tmp_path / "mine"
    target.mkdir()
    template.write(run.chapters()[chapter], target)
    package = json.loads((TEMPLATES / chapter / "datapackage.json").read_text(encoding="utf-8"))
    found = told(target, chapter)
    assert sorted(one.file for one in found) == sorted(f"{one['name']}.csv" for one in package["resources"])
    spared = {f"{one['name']}.csv" for one in package["resources"] if one.get("optional")}
    assert {one.file for one in found if one.severity == "warning"} == spared
    assert all("delete it" in one.mend for one in found if one.file in {*spared, "adjacency.csv"})


def test_an_empty_table_of_pairs_gives_way_to_nearest(spatial):
    content("adjacency.csv", "region,neighbour,doubtful\n")(spatial)
    text("settings.toml", "# A choice has one level", "[neighbours]\nnearest = 3\n# A choice has one level")(spatial)
    [found] = [one for one in told(spatial, "beijing-tianjin-hebei") if one.file == "adjacency.csv"]
    assert found.severity == "warning" and "neighbours come from nearest in settings.toml" in found.expected


# ------------------------------------------------------------ neighbours
@pytest.mark.parametrize("chapter", ["yangtze", "beijing-tianjin-hebei"])
def test_nearest_regions_do_without_a_table_of_pairs(tmp_path, chapter):
    folder = copied(chapter, tmp_path / "mine")
    (folder / "adjacency.csv").unlink()
    text("settings.toml", "# A choice has one level", "[neighbours]\nnearest = 3\n# A choice has one level")(folder)
    assert not sentences(told(folder, chapter))


def with_outlines(folder, apart=()):
    """A row of squares; those of some regions lie apart."""
    names = pd.read_csv(folder / "regions.csv")["region"]
    shapes = [{"type": "Feature", "properties": {"name": name}, "geometry": square(i, 9 if name in apart else 0)} for i, name in enumerate(names)]
    (folder / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": shapes}))
    (folder / "adjacency.csv").unlink(missing_ok=True)


def nearest_of(k):
    return text("settings.toml", "# A choice has one level", f"[neighbours]\nnearest = {k}\n# A choice has one level")


def test_an_outline_apart_is_told_of_its_file(folder):
    with_outlines(folder, apart=["Ashwick"])
    [found] = told(folder)
    assert str(found) == "map.geojson: region Ashwick: the outline touches no other; add one if there is any; else nothing need be done"


def test_nearest_beside_outlines_is_taken_and_told(folder):
    with_outlines(folder)
    nearest_of(1)(folder)
    [found] = told(folder)
    assert found.file == "map.geojson" and "where nearest = 1 is set" in found.expected and found.mend.startswith("remove nearest")
    text("settings.toml", "base_year", 'geojson = "map.geojson"\nbase_year')(folder)  # drawn, and that is all
    assert told(folder) == []


def test_nearest_beside_pairs_is_told(folder):
    nearest_of(1)(folder)
    [found] = told(folder)
    assert (found.file, found.found) == ("settings.toml", "neighbours.nearest = 1") and "is not used, for adjacency.csv lists pairs" in found.expected


def test_too_many_nearest_are_told_of_the_settings(folder):
    both(without("adjacency.csv"), nearest_of(5))(folder)
    [found] = sentences(told(folder))
    assert found.startswith("settings.toml, line ") and "neighbours.nearest = 5 must be a whole number from 1 to 4, for there are 5 regions" in found


def test_places_that_make_nearest_impossible_are_told_of_their_file(folder):
    both(without("adjacency.csv"), nearest_of(2), text("regions.csv", "1.6,50.7", "2.1,50.4"))(folder)
    assert [one.file for one in told(folder)] == ["regions.csv"]
    text("regions.csv", "2.1,50.4", "2.1,504")(folder)
    [found] = told(folder)
    assert found.column == "latitude" and "504" in found.found  # and nothing of the nearest


@pytest.mark.parametrize(("chapter", "mend"), [
    ("yangtze", "add one if there is any; else nothing need be done"),
    ("coordination", "add one, or join it by hand under [links] in settings.toml"),
    ("beijing-tianjin-hebei", "add one, join it by hand under [links] in settings.toml, or choose under [choices.isolates] how a region without neighbours is treated"),
])
def test_a_region_without_neighbour_is_told_what_the_chapter_knows(tmp_path, chapter, mend):
    folder = copied(chapter, tmp_path / "mine")
    pairs = pd.read_csv(folder / "adjacency.csv")
    lone = pairs["region"][0]
    pairs[(pairs["region"] != lone) & (pairs["neighbour"] != lone)].to_csv(folder / "adjacency.csv", index=False)
    [found] = [one for one in told(folder, chapter) if one.region == lone and "neighbour" in one.found]
    assert found.mend == mend
    if chapter == "coordination":
        text("settings.toml", "[links]\n", f'[links]\n{lone} = "{pairs["neighbour"][0]}"\n')(folder)
        assert not [one for one in told(folder, chapter) if one.region == lone and "neighbour" in one.found]


def test_a_gap_is_a_refusal_of_the_run_too(folder, tmp_path):
    emptied(folder, "Ashwick", [2001], "wastewater")
    shown = CliRunner().invoke(cli.app, ["run", "yangtze", "--data", str(folder), "--out", str(tmp_path / "report")])
    assert shown.exit_code == 1 and "no figure, though the chapter needs one" in shown.output and not (tmp_path / "report").exists()
