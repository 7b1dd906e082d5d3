"""Bad spreadsheets: each is caught with its place and its reason, and none ends in a traceback."""

import json
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from casebook import cli, data, intake, problems, soundness

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
    "a column missing": (changed(lambda p: p.drop(columns="population")), {"file": "panel.csv", "column": "population"}, "is missing; add it"),
    "a column of a choice missing": (changed(lambda p: p.drop(columns="so2")), {"file": "settings.toml"}, "choices.pollutants.SO2 alone.pollutants = 'so2' is no column"),
    "a unit of another size": (changed(lambda p: p.rename(columns={"gdp": "地区生产总值（万元）"})), {"column": "gdp"}, "of another size than the dictionary's unit, 1e8 .*divide by 10,000"),
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
    "no neighbours": (without("adjacency.csv"), {"file": "adjacency.csv"}, "no neighbours are known; add adjacency.csv with pairs, a .geojson"),
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
    import re

    fitting = [one for one in found if all(getattr(one, key) == value for key, value in where.items())]
    assert any(re.search(words, str(one)) for one in fitting), [str(one) for one in found]
    assert all(one.mend or "must" in one.expected or "not among" in one.expected for one in found)


def test_the_good_spreadsheet_is_taken_in_silence(folder):
    assert gather(folder).problems == []
