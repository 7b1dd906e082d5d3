"""The tables of the data as they stand in their files, read without the library, for the tests of the data."""

import csv


def rows(folder, table="panel"):
    """The rows of a table, all as text."""
    with open(folder / f"{table}.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def flagged(folder, code):
    """Cells of a panel that carry a flag: region, year and column."""
    return {(row["region"], int(row["year"]), name.removesuffix("_flag"))
            for row in rows(folder) for name in row if name.endswith("_flag") and code in row[name].split(";")}


def cells(mask, *names):
    """Cells of some columns, by default that of the mask's name, where a mask by region and year is true."""
    return {(region, int(year), name) for (region, year), hit in mask.items() if hit for name in names or [mask.name]}
