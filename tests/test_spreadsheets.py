"""Bad spreadsheets: each is caught with its place and its reason, and none ends in a traceback."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from casebook import cli, data, intake, problems

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "data/templates/yangtze"
PANEL = TEMPLATE / "panel.csv"


@pytest.fixture
def folder(tmp_path):
    """Five made-up regions as a stranger would have them: three tables and the settings."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("panel.csv", "regions.csv", "adjacency.csv", "settings.toml"):
        shutil.copyfile(TEMPLATE / name, folder / name)
    return folder


def gather(folder):
    return intake.gather(folder, TEMPLATE, chapter="yangtze", require=["periods.whole"])


def panel():
    """The cells of the panel as text, indexed by region and year."""
    return pd.read_csv(PANEL, dtype=str, keep_default_na=False).set_index(["region", "year"])


def put(folder, frame, **options):
    frame.reset_index().to_csv(folder / "panel.csv", index=False, **options)


def cell(region, year, column, text):
    """Write a text into one cell of the panel."""
    def spoil(folder):
        frame = panel()
        frame.loc[(region, year), column] = text
        put(folder, frame)
    return spoil


def text(file, old, new):
    """Replace a text in a file, once."""
    def spoil(folder):
        path = folder / file
        content = path.read_text(encoding="utf-8")
        assert old in content, old
        path.write_text(content.replace(old, new, 1), encoding="utf-8")
    return spoil


def content(file, given):
    """Write a file anew."""
    def spoil(folder):
        (folder / file).write_bytes(given if isinstance(given, bytes) else given.encode())
    return spoil


def without(file):
    return lambda folder: (folder / file).unlink()


def changed(change):
    """Change the panel as a frame."""
    return lambda folder: put(folder, change(panel()))


def workbook(change):
    """The panel as a workbook, changed."""
    def spoil(folder):
        (folder / "panel.csv").unlink()
        book = openpyxl.Workbook()
        sheet = book.active
        for row in [list(panel().reset_index()), *panel().reset_index().values.tolist()]:
            sheet.append([float(c) if c.replace(".", "", 1).isdigit() else c for c in row])
        change(book, sheet)
        book.save(folder / "panel.xlsx")
    return spoil


def both(*spoils):
    return lambda folder: [spoil(folder) for spoil in spoils]


def extra(folder, name, frame):
    frame.to_csv(folder / name, index=False)


def _wide(book, title, column):
    """A sheet of one figure with a column for each year."""
    sheet = book.create_sheet(title)
    for row in [list(wide(column)), *wide(column).values.tolist()]:
        sheet.append(row)


def _tall(folder, named={}):
    """A file with a line for each figure and region, and a column for each year."""
    (folder / "panel.csv").unlink()
    tall = pd.concat({({**ZH, **named})[column]: wide(column).set_index("region") for column in panel()}, names=["指标"]).reset_index()
    extra(folder, "yearbook.csv", tall)


HEAD = "region,year,gdp,gdp_index,population,wastewater,so2"
LINE = "Ashwick,2001,520.00,108.10,80.00,9000,42000"  # the second line of the panel

# what is done to the tables; where the problem stands; words of what is found, expected, and to be done
BAD = {
    # files
    "no panel": (without("panel.csv"), {"file": "panel.csv"}, "the table panel is missing; add panel.csv"),
    "old Excel": (both(without("panel.csv"), content("panel.xls", b"\xd0\xcf\x11\xe0")), {"file": "panel.csv"}, "is missing; add panel.csv, .xlsx"),
    "no Excel in .xlsx": (both(without("panel.csv"), content("panel.xlsx", "region,year\n")), {"file": "panel.xlsx"}, "not a workbook .* save it anew as .xlsx"),
    "no Parquet in .parquet": (both(without("panel.csv"), content("panel.parquet", "region,year\n")), {"file": "panel.parquet"}, "not a Parquet file"),
    "no text": (content("panel.csv", b"region,year\n\xff\xfe\xfa\x00\x81"), {"file": "panel.csv"}, "neither UTF-8 nor GB18030; save it as 'CSV UTF-8'"),
    "zeros in the text": (content("panel.csv", b"region,year\0\n"), {"file": "panel.csv"}, "is no text"),
    "empty file": (content("panel.csv", ""), {"file": "panel.csv"}, "no line stands in it"),
    "heads only": (content("panel.csv", HEAD + "\n"), {"file": "panel.csv", "row": 1}, "heads, and no line below them"),
    "a quotation mark without its pair": (text("panel.csv", "Ashwick,2001", '"Ashwick,2001'), {"file": "panel.csv"}, "quotation mark without its pair"),
    "a cell too many": (text("panel.csv", LINE, LINE + ",7"), {"file": "panel.csv", "row": 2}, "8 cells where the header has 7; look for a comma"),
    "twice as file": (lambda f: shutil.copyfile(f / "panel.csv", f / "data.csv"), {"file": "panel.csv", "column": "gdp"}, "stand in data.csv too.*keep one"),
    # heads
    "a title above": (text("panel.csv", HEAD, "Output of five regions,,,,,,\n" + HEAD), {"file": "panel.csv", "row": 1}, "stands where the heads should; delete the lines above"),
    "units below the heads": (text("panel.csv", HEAD, HEAD + "\n,,crowns,,persons,t,t"), {"file": "panel.csv", "row": 2}, "line of units.*delete it"),
    "a head twice": (text("panel.csv", HEAD, HEAD.replace("so2", "gdp")), {"file": "panel.csv", "column": "gdp"}, "occurs more than once; rename or remove one"),
    "a head in two languages": (changed(lambda p: p.assign(**{"人口": p["population"]})), {"column": "population"}, "population and 人口 mean one column; remove or rename"),
    "no head": (changed(lambda p: p.rename(columns={"so2": ""})), {"file": "panel.csv", "row": 1}, "has cells and no head; give it one"),
    "a column missing": (changed(lambda p: p.drop(columns="population")), {"file": "settings.toml"}, "population.residents.population = 'population' is no column of any table"),
    "a column of a choice missing": (changed(lambda p: p.drop(columns="so2")), {"file": "settings.toml"}, "choices.pollutants.SO2 alone.pollutants = 'so2' is no column"),
    "a unit of another size": (changed(lambda p: p.rename(columns={"gdp": "地区生产总值（万元）"})), {"column": "gdp"}, "of another size than the dictionary's unit, 1e8 .*divide by 10,000"),
    "another money": (changed(lambda p: p.rename(columns={"gdp": "地区生产总值（亿元）"})), {"file": "panel.csv", "column": "gdp", "row": 1},
                      "counts in yuan, the dictionary in 1e8 crowns; correct the unit of gdp in dictionary.csv, or convert"),
    "another money in a sheet's name": (workbook(lambda b, s: [setattr(s, "title", "notes"), _wide(b, "地区生产总值（亿美元）", "gdp")]),
                                        {"file": "panel.xlsx, sheet 地区生产总值（亿美元）", "column": "gdp"}, "counts in US dollars"),
    "another money in a line": (both(lambda f: _tall(f, {"gdp": "地区生产总值(亿欧元)"})), {"file": "yearbook.csv", "column": "gdp", "row": 2}, "counts in euros"),
    # notation
    "thousands separator": (cell("Ashwick", "2002", "so2", "39,480"), {"region": "Ashwick", "year": "2002", "column": "so2", "row": 3}, "separator of thousands; write 39480"),
    "thousands by spaces": (cell("Ashwick", "2002", "so2", "39 480"), {"column": "so2"}, "separator of thousands; write 39480"),
    "decimal comma": (cell("Ashwick", "2002", "gdp", "576,7"), {"column": "gdp"}, "decimal comma; write 576.7"),
    "footnote mark": (cell("Ashwick", "2002", "gdp", "576.7①"), {"column": "gdp"}, "carries the mark ①; write 576.7"),
    "footnote in brackets": (cell("Ashwick", "2002", "gdp", "576.7（注1）"), {"column": "gdp"}, "carries the mark （注1）; write 576.7"),
    "provisional figure": (cell("Ashwick", "2002", "gdp", "576.7p"), {"column": "gdp"}, "carries the mark p; write 576.7"),
    "unit in a cell": (cell("Ashwick", "2002", "gdp", "576.7亿元"), {"column": "gdp"}, "carries '亿元'; write 576.7"),
    "per cent sign": (cell("Ashwick", "2002", "gdp_index", "108.5%"), {"column": "gdp_index"}, "per cent sign; write 108.5 where the unit is per cent"),
    "full-width figures": (cell("Ashwick", "2002", "gdp", "５７６.７"), {"column": "gdp"}, "full-width figures; write 576.7"),
    "dash for a missing figure": (cell("Ashwick", "2002", "gdp", "—"), {"column": "gdp"}, "stands for a missing figure; leave the cell empty"),
    "n/a for a missing figure": (cell("Ashwick", "2002", "gdp", "n/a"), {"column": "gdp"}, "stands for a missing figure"),
    "another minus": (cell("Ashwick", "2002", "gdp", "−5"), {"column": "gdp"}, "another sign than the minus; write -5"),
    "error of Excel": (cell("Ashwick", "2002", "gdp", "#DIV/0!"), {"column": "gdp"}, "error of Excel"),
    "infinite": (cell("Ashwick", "2002", "gdp", "inf"), {"column": "gdp"}, "not finite"),
    "words": (cell("Ashwick", "2002", "gdp", "about 570 or so"), {"column": "gdp"}, "'about 570 or so' .*"),
    "a formula without a value": (workbook(lambda b, s: s.__setitem__("C3", "=C2*1.1")), {"file": "panel.xlsx", "row": 3, "column": "C"}, "=C2\\*1.1 has no saved value; open the file in Excel"),
    "two sheets of one figure": (workbook(lambda b, s: [setattr(s, "title", "panel"), b.create_sheet("GDP").append(["region", "2001"]), b["GDP"].append(["Ashwick", 520])]),
                                 {"column": "gdp"}, "stand in panel.xlsx, sheet .* too"),
    # years
    "a day for a year": (text("panel.csv", "Ashwick,2001", "Ashwick,2001-12-31"), {"region": "Ashwick", "column": "year", "row": 2}, "is a date; write 2001"),
    "Excel's number of a day": (text("panel.csv", "Ashwick,2001", "Ashwick,36892"), {"column": "year"}, "Excel stores 2001-01-01; write 2001"),
    "a year of two figures": (text("panel.csv", "Ashwick,2001", "Ashwick,01"), {"column": "year"}, "year of two figures; write all four"),
    "a marked year": (text("panel.csv", "Ashwick,2001", "Ashwick,2001*"), {"column": "year"}, "carries a mark; write 2001"),
    "a year left out": (changed(lambda p: p.drop(("Ashwick", "2003"))), {"region": "Ashwick", "year": "2003"}, "no row, though 2001 and 2008 are there; add it"),
    "a year twice": (changed(lambda p: pd.concat([p, p.loc[[("Ashwick", "2003")]]])), {"region": "Ashwick", "year": "2003", "row": 42}, "stands above; keep one"),
    # regions
    "merged cells": (text("panel.csv", "\nAshwick,2002", "\n,2002"), {"file": "panel.csv", "row": 3, "column": "region"}, "where a region should stand; write it on every line"),
    "a note at the end": (text("panel.csv", LINE, LINE + "\n注：2008年数据为初步核算数,,,,,,"), {"file": "panel.csv", "row": 3}, "looks like a note; delete it"),
    "an unknown region": (text("panel.csv", "\nAshwick,2002", "\nAtlantis,2002"), {"region": "Atlantis", "column": "region", "row": 3}, "'Atlantis' is not in regions"),
    "an unknown neighbour": (text("adjacency.csv", "Ashwick,Brinmoor", "Ashwick,Brimoor"), {"file": "adjacency.csv", "column": "neighbour", "row": 2}, "'Brimoor' is not in regions"),
    "its own neighbour": (text("adjacency.csv", "Ashwick,Brinmoor", "Ashwick,Ashwick"), {"file": "adjacency.csv", "region": "Ashwick", "row": 2}, "a region as its own neighbour; delete"),
    "outlines of others": (both(without("adjacency.csv"), content("map.geojson", '{"type": "FeatureCollection", "features": []}')), {"file": "map.geojson"}, "."),
    "outlines that are none": (both(without("adjacency.csv"), content("map.geojson", "{")), {"file": "map.geojson"}, "not a collection of outlines"),
    "a latitude of 504": (text("regions.csv", "2.1,50.4", "2.1,504"), {"file": "regions.csv", "region": "Ashwick", "column": "latitude", "row": 2}, "504 must not be above 90|504 must lie"),
    # figures
    "a negative figure": (cell("Ashwick", "2002", "so2", "-39480"), {"region": "Ashwick", "year": "2002", "column": "so2", "row": 3}, "-39480 must not be below 0"),
    "a zero where there can't be one": (cell("Ashwick", "2002", "gdp", "0"), {"region": "Ashwick", "year": "2002", "column": "gdp"}, "0 must be above 0"),
    # settings and dictionary
    "no settings": (without("settings.toml"), {"file": "settings.toml"}, "no settings stand in the folder; take settings.toml from the template"),
    "settings that are no TOML": (content("settings.toml", "title = Five"), {"file": "settings.toml"}, "not TOML"),
    "a setting missing": (text("settings.toml", "whole =", "all ="), {"file": "settings.toml"}, "periods.whole is missing; add it"),
    "a base year that isn't there": (text("settings.toml", "base_year = 2001", "base_year = 1999"), {"file": "settings.toml"}, "base_year = 1999 is not among the years of the panel, 2001-2008"),
    "a period turned round": (text("settings.toml", "[2005, 2008]", "[2008, 2005]"), {"file": "settings.toml"}, "periods.second = .* must be two years in order"),
    "a level that isn't there": (text("settings.toml", 'weights = "equal"\n', 'weights = "fair"\n'), {"file": "settings.toml"}, "reading.weights = 'fair' is not among"),
    "a dictionary of unknown tables": (content("dictionary.csv", "table,column\nplanets,mass\n"), {"file": "dictionary.csv", "row": 2}, "the table 'planets' is unknown; use one of panel"),
    "a dictionary of unknown kinds": (content("dictionary.csv", "table,column,kind\npanel,gdp,figure\n"), {"file": "dictionary.csv", "row": 2}, "kind = 'figure' is unknown; use one of number"),
    "a descriptor that is no JSON": (content("datapackage.json", "{"), {"file": "datapackage.json"}, "not JSON in UTF-8"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_spreadsheet_is_refused_with_its_reason(folder, name):
    spoil, where, words = BAD[name]
    spoil(folder)
    _is_told(gather(folder).errors, where, words)
    told = CliRunner().invoke(cli.app, ["validate", "yangtze", "--data", str(folder)])
    assert told.exit_code == 1 and isinstance(told.exception, SystemExit) and "Traceback" not in told.output


def _is_told(found, where, words):
    fitting = [one for one in found if all(getattr(one, key) == value for key, value in where.items())]
    assert any(re.search(words, str(one)) for one in fitting), [str(one) for one in found]
    assert all(one.mend or "must" in one.expected or "not among" in one.expected for one in found)


def times(region, years, column, factor):
    """Multiply the figures of a region in some years."""
    def change(frame):
        chosen = (frame.index.get_level_values("region") == region) & frame.index.get_level_values("year").isin(list(map(str, years)))
        assert chosen.any()
        frame.loc[chosen, column] = [f"{float(text) * factor:.10g}" for text in frame.loc[chosen, column]]
        return frame
    return changed(change)


def of_region(region, column, given):
    """Give a region new figures in all years."""
    def change(frame):
        frame.loc[region, column] = list(map(str, given))
        return frame
    return changed(change)


def with_columns(dictionary, **columns):
    """Add columns to the panel, each with a line in the dictionary."""
    def spoil(folder):
        put(folder, panel().assign(**{name: [str(value) for value in make(panel())] for name, make in columns.items()}))
        lines = pd.read_csv(folder / "panel.csv", nrows=0).columns
        known = "".join(f"panel,{name},,,\n" for name in lines if name not in columns)
        places = "".join(f"{table},{name},,,\n" for table in ("regions", "adjacency") for name in pd.read_csv(folder / f"{table}.csv", nrows=0).columns)
        content("dictionary.csv", "table,column,share,parts,unit\n" + known + places + dictionary)(folder)
    return spoil


def a_total(frame):
    """The sum of all regions as a region of its own."""
    figures = frame.astype(float).groupby(level="year").sum().assign(gdp_index=108.0).round(2).astype(str)
    return pd.concat([frame, pd.concat({"All together": figures}, names=["region", "year"])])


def named(name):
    """Rename Ashwick in the panel."""
    return lambda folder: text("panel.csv", "Ashwick,2002", f"{name},2002")(folder)


def in_chinese(folder, ours, theirs):
    """Call the first region by a Chinese name, in the panel by another spelling of it."""
    for file, name in (("panel.csv", theirs), ("regions.csv", ours), ("adjacency.csv", ours)):
        path = folder / file
        path.write_text(path.read_text(encoding="utf-8").replace("Ashwick", name), encoding="utf-8")


YEARS = range(2001, 2009)

# what is done to the figures; where the problem stands; words of what is found, expected, and to be done
DOUBTFUL = {
    "ten times": (times("Ashwick", [2004], "so2", 10), {"region": "Ashwick", "year": "2004", "column": "so2", "row": 5}, "10 times .*divide"),
    "ten thousand times": (times("Ashwick", [2004], "gdp", 1e4), {"region": "Ashwick", "year": "2004", "column": "gdp"}, "10,000 times"),
    "a hundred million times": (times("Ashwick", [2004], "gdp", 1e8), {"region": "Ashwick", "year": "2004", "column": "gdp"}, "1e8|100,000,000|100 million"),
    "a ten thousandth": (times("Ashwick", [2004], "gdp", 1e-4), {"region": "Ashwick", "year": "2004", "column": "gdp"}, "10,000"),
    "another unit from a year on": (times("Ashwick", range(2005, 2009), "so2", 1e4), {"region": "Ashwick", "column": "so2"}, "10,000"),
    "a region in another unit": (times("Ashwick", YEARS, "gdp", 1e4), {"region": "Ashwick", "column": "gdp"}, "10,000"),
    "a spike": (times("Ashwick", [2004], "so2", 4.3), {"region": "Ashwick", "year": "2004", "column": "so2"}, "4.3 times"),
    "a level break": (times("Ashwick", range(2005, 2009), "so2", 3.1), {"region": "Ashwick", "year": "2005", "column": "so2"}, "look for a new boundary"),
    "a copied year": (changed(lambda p: _assigned(p, ("Ashwick", "2004"), p.loc[("Ashwick", "2003")])), {"region": "Ashwick"}, "2003.*|2004.*"),
    "a copied region": (changed(lambda p: _assigned(p, "Brinmoor", p.loc["Ashwick"])), {}, "Ashwick.*Brinmoor|Brinmoor.*Ashwick"),
    "a copied column": (changed(lambda p: p.assign(so2=p["wastewater"])), {}, "so2.*wastewater|wastewater.*so2"),
    "a figure carried on": (of_region("Ashwick", "so2", [42000, 41000, 40500, 38000, 38000, 38000, 38000, 38000]), {"region": "Ashwick", "column": "so2"}, "38,?000"),
    "a straight line": (of_region("Ashwick", "so2", [42000 - 1234 * i for i in range(8)]), {"region": "Ashwick", "column": "so2"}, "straight line|interpolated"),
    "a constant column": (changed(lambda p: p.assign(so2="7")), {"column": "so2"}, "all .* 7"),
    "growth rates for an index": (changed(lambda p: p.assign(gdp_index=[f"{float(i) - 100:.2f}" for i in p["gdp_index"]])), {"column": "gdp_index"}, "growth|add 100"),
    "factors for an index": (changed(lambda p: p.assign(gdp_index=[f"{float(i) / 100:.4f}" for i in p["gdp_index"]])), {"column": "gdp_index"}, "100"),
    "one factor for an index": (cell("Caldmere", "2004", "gdp_index", "1.089"), {"region": "Caldmere", "year": "2004"}, "a growth rate or a ratio.*multiply a ratio by 100"),
    "an index that contradicts the level": (times("Caldmere", [2004], "gdp_index", 1.9), {"region": "Caldmere"}, "."),
    "a share above a hundred": (with_columns("panel,urban,per cent,,per cent\n", urban=lambda p: [150 if i == 3 else 41 + i * 0.37 for i in range(len(p))]),
                                {"column": "urban", "row": 5}, "150"),
    "a share as a fraction": (with_columns("panel,urban,per cent,,per cent\n", urban=lambda p: [round(0.41 + i * 0.0037 + i % 3 / 100, 4) for i in range(len(p))]),
                              {"column": "urban"}, "fraction|100"),
    "parts that don't add up": (with_columns("panel,town,,,\npanel,country,,,\npanel,people,,town;country,\n", town=lambda p: range(30, 70),
                                             country=lambda p: range(50, 90), people=lambda p: [80 + 2 * i + 9 * (i == 3) for i in range(40)]),
                                {"column": "people", "row": 5}, "town|parts"),
    "a total among the regions": (both(changed(a_total), text("regions.csv", "Ashwick,", "All together,2,50\nAshwick,")), {"region": "All together"}, "sum"),
    "a name with City": (named("Ashwick City"), {}, "Ashwick City.*Ashwick"),
    "a name in full-width letters": (named("Ａｓｈｗｉｃｋ"), {}, "Ashwick"),
    "a name with a space that can't be seen": (named("Ash\u200bwick"), {}, "Ashwick"),
    "a name with a wrong letter": (named("Ashwik"), {}, "Ashwik.*Ashwick"),
    "a name with 市": (lambda f: in_chinese(f, "广德", "广德市"), {}, "广德市.*广德"),
    "a name in traditional writing": (lambda f: in_chinese(f, "广东", "廣東"), {}, "廣東.*广东"),
    "a total by its name": (lambda f: in_chinese(f, "合计", "合计"), {}, "合计"),
}


def _assigned(frame, key, given):
    frame.loc[key] = given.to_numpy()
    return frame


@pytest.mark.parametrize("name", DOUBTFUL)
def test_a_figure_that_looks_wrong_is_told(folder, name):
    spoil, where, words = DOUBTFUL[name]
    spoil(folder)
    _is_told(gather(folder).problems, where, words)
    told = CliRunner().invoke(cli.app, ["validate", "yangtze", "--data", str(folder)])
    assert told.exit_code in (0, 1) and "Traceback" not in told.output


def test_the_good_spreadsheet_is_taken_in_silence(folder):
    assert gather(folder).problems == []


# ------------------------------------------------------------ good spreadsheets of every form
def _same(folder):
    """The folder gives the figures of the template."""
    found = gather(folder)
    assert found.errors == [], [str(one) for one in found.errors]
    ours = found.tables["panel"].set_index(["region", "year"])[panel().columns].astype(float).sort_index()
    pd.testing.assert_frame_equal(ours, panel().astype(float).sort_index(), check_names=False)
    return found


ZH = {"region": "地区", "year": "年份", "gdp": "地区生产总值（亿克朗）", "gdp_index": "地区生产总值指数（上年=100）", "population": "人口(万人)", "wastewater": "工业废水排放量", "so2": "工业二氧化硫排放量"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_heads_in_every_encoding(folder, encoding):
    panel().reset_index().rename(columns=ZH).to_csv(folder / "panel.csv", index=False, encoding=encoding)
    _same(folder)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(folder, separator):
    put(folder, panel(), sep=separator)
    _same(folder)


def test_excel_with_years_as_numbers_and_a_formula(folder):
    workbook(lambda book, sheet: book.create_sheet("empty"))(folder)
    _same(folder)


def test_parquet(folder):
    (folder / "panel.csv").unlink()
    panel().astype(float).rename_axis(["region", "year"]).to_parquet(folder / "panel.parquet")
    _same(folder)


def wide(column):
    return panel()[column].unstack("year").reset_index()


def test_a_file_for_each_figure_with_a_column_for_each_year(folder):
    (folder / "panel.csv").unlink()
    for column in panel():
        extra(folder, f"{column}.csv", wide(column).rename(columns={"2003": "2003年", "region": "地区"}))
    _same(folder)


def test_a_sheet_for_each_figure_with_a_column_for_each_year(folder):
    (folder / "panel.csv").unlink()
    with pd.ExcelWriter(folder / "yearbook.xlsx") as book:
        for column in panel():
            wide(column).to_excel(book, sheet_name=ZH[column].partition("（")[0].partition("(")[0][:30], index=False)
    _same(folder)


def test_a_line_for_each_figure_with_a_column_for_each_year(folder):
    _tall(folder)
    _same(folder)


def test_a_column_for_each_region(folder):
    (folder / "panel.csv").unlink()
    for column in panel():
        extra(folder, f"{column}.csv", panel()[column].unstack("region").reset_index())
    _same(folder)


def test_a_column_of_one_s_own_and_one_that_nobody_asked_for(folder):
    frame = panel().assign(dust=range(100, 140), notes="x")
    put(folder, frame)
    left = [one for one in gather(folder).problems if "left out" in str(one)]
    assert [one.severity for one in left] == ["warning"] * 2 and "add it to dictionary.csv" in str(left[0])
    with_columns("panel,dust,,,1e4 t\n", dust=lambda p: [100 + (i * 7) % 13 for i in range(len(p))])(folder)
    found = gather(folder)
    assert found.errors == [] and "dust" in found.tables["panel"]


def test_what_is_written_is_what_was_read(folder, tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    gather(folder).write(target)
    ours, theirs = (data.load(where).astype(float) for where in (target, TEMPLATE))
    pd.testing.assert_frame_equal(ours, theirs)
    assert data.settings(target) == data.settings(TEMPLATE)
    with pytest.raises(ValueError, match="1 errors, the first of them"):
        cell("Ashwick", "2002", "gdp", "0")(folder)
        gather(folder).write(target)


def square(x, y):
    return {"type": "Polygon", "coordinates": [[[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]]}


def test_where_neighbours_are_needed_their_absence_is_told(tmp_path):
    spatial = ROOT / "data/templates/beijing-tianjin-hebei"
    shutil.copytree(spatial, tmp_path / "mine", ignore=shutil.ignore_patterns("adjacency.csv", "datapackage.json"))
    found = intake.gather(tmp_path / "mine", spatial)
    assert [str(one) for one in found.errors] == ["adjacency.csv: no neighbours are known; add adjacency.csv with pairs, a .geojson with outlines, "
                                                  "or nearest = 4 under [neighbours] in settings.toml"]


def test_neighbours_from_outlines(folder):
    (folder / "adjacency.csv").unlink()
    names = pd.read_csv(folder / "regions.csv")["region"]
    shapes = [{"type": "Feature", "properties": {"name": name}, "geometry": square(i, 0)} for i, name in enumerate(names)]  # a row of squares
    (folder / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": shapes}))
    found = gather(folder)
    assert found.errors == [] and found.outlines.name == "map.geojson"
    assert found.tables["adjacency"].values.tolist() == [list(pair) for pair in zip(names, names[1:])]


def test_neighbours_from_places(folder):
    (folder / "adjacency.csv").unlink()
    places = pd.read_csv(folder / "regions.csv").assign(longitude=[0, 1, 10, 11, 20], latitude=0)  # 20 is nearest to 11
    places.to_csv(folder / "regions.csv", index=False)
    path = folder / "settings.toml"
    path.write_text(path.read_text() + "\n[neighbours]\nnearest = 1\n")
    a, b, c, d, e = places["region"]
    assert gather(folder).tables["adjacency"].values.tolist() == [[a, b], [c, d], [d, e]]


def test_problems_as_a_table(folder):
    both(cell("Ashwick", "2002", "so2", "39,480"), times("Brinmoor", [2004], "gdp", 1e4))(folder)
    cell("Ashwick", "2002", "so2", "39,480")(folder)
    told = problems.table(gather(folder).problems)
    row = told.iloc[0]
    assert row[["severity", "file", "row", "region", "year", "column", "found", "mend"]].tolist() == [
        "error", "panel.csv", 3, "Ashwick", "2002", "so2", "'39,480'", "write 39480"]


def test_many_regions_are_checked(tmp_path):
    """2,850 regions by 20 years pass through every check."""
    folder = tmp_path / "many"
    folder.mkdir()
    names, years = [f"County {i:04d}" for i in range(2850)], range(2001, 2021)
    rng = np.random.default_rng(0)
    grown = np.exp(np.cumsum(rng.normal(0.05, 0.04, (2850, 20)), axis=1) + rng.normal(3, 1, (2850, 1)))
    frame = pd.DataFrame({"region": np.repeat(names, 20), "year": list(years) * 2850, "gdp": grown.ravel().round(2), "gdp_index": rng.normal(107, 3, 57000).round(2),
                          "population": (grown * np.exp(rng.normal(2, 0.3, (2850, 20)))).ravel().round(2), "wastewater": np.exp(rng.normal(5, 0.1, 57000)).round(1),
                          "so2": np.exp(rng.normal(7, 0.1, 57000)).round(0)})
    frame.loc[777, "gdp"] *= 1e4
    frame.to_csv(folder / "panel.csv", index=False)
    pd.DataFrame({"region": names, "label": names, "longitude": np.arange(2850) % 60, "latitude": np.arange(2850) // 60}).to_csv(folder / "regions.csv", index=False)
    (folder / "settings.toml").write_text((TEMPLATE / "settings.toml").read_text() + "\n[neighbours]\nnearest = 4\n")
    found = gather(folder)
    slips = [one for one in found.problems if one.column == "gdp" and "10,000" in str(one)]
    assert [(one.region, one.year, one.row) for one in slips] == [("County 0038", "2018", 779)]
    assert len(found.tables["adjacency"]) >= 2850 * 4 / 2
