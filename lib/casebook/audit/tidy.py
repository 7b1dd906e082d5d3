"""Which columns and cells of a table can be audited?

The table is long: a row per printed estimate, per described variable, or per statement.
Every column may be missing; a check is made wherever the cells that it reads are filled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from casebook.audit.heads import OTHER_CELLS, columns
from casebook.audit.printed import interval
from casebook.intake import files, notation
from casebook.panels import counted
from casebook.problems import Problem

COLUMNS = {
    "table": "number of the table, where there are several",
    "variable": "what the row is about; W*income is the spatial lag of income, sigma2_e the variance of the residuals",
    "column": "regression (if left out), direct, indirect or total",
    "estimate": "as printed; stars may follow it: 0.30***",
    "stars": "the stars, where they have a column of their own",
    "std_error": "standard error; brackets around it are left out: (0.110)",
    "t": "t or z of the estimate",
    "p": "p-value, of the estimate or of z",
    "low": "lower end of the interval of confidence",
    "high": "its upper end",
    "said": "what the text says of the estimate: positive, negative, significant, not significant, joined by commas",
    "nobs": "observations",
    "n_regions": "regions, or other clusters",
    "n": "number of values described",
    "mean": "mean",
    "sd": "standard deviation",
    "minimum": "smallest value",
    "maximum": "largest value",
    "whole": "yes, where the values are whole numbers",
    "moran": "Moran's I",
    "z": "its z",
    "check": "the check of a statement",
    "where": "what the statement is about",
    "printed": "what it says",
    "of": "what that follows from, several joined by a semicolon",
    "unit": "percent, where a share or a growth is; log, where a logarithm is",
    "severity": "how grave it is if the statement fails, where that isn't an error",
    "id": "a name of the row, repeated with what is found",
}
"""What a column holds."""

NUMBERS = ("estimate", "std_error", "t", "p", "low", "high", "mean", "sd", "minimum", "maximum", "moran", "z")
COUNTS = ("nobs", "n_regions", "n")
POSITIVE = ("std_error", "sd")
STARS = re.compile(r"(?P<number>[^*]*?)\s*(?P<stars>\*+)")
DECIMAL = re.compile(r"[^\d.,]*(?P<number>\d*[.,]?\d+)([eE][+-]?\d+)?[^\d.,]*")
"""A number with one point or comma at most, and what may stand about it: a sign, brackets, stars."""

BRACKETS = {"(": ")", "[": "]"}
LIKE = str.maketrans("∗＊⁎（）［］", "***()[]")
SIZES = ("table", "nobs", "n_regions")
ESTIMATES = ("variable", "column", "estimate", "stars", "std_error")
"""What a table of estimates needs at least."""


class TableError(ValueError):
    """A table that can't be audited as it is; says all that is wrong with it."""


def refuse(problems: Iterable[Problem]) -> None:
    """Raise a :class:`TableError` that lists problems, if there are any."""
    if told := [str(problem) for problem in problems]:
        raise TableError("\n".join(told))


def read(path: str | Path) -> pd.DataFrame:
    """Read a table to audit, every cell as it stands.

    Parameters
    ----------
    path : path
        CSV with commas, semicolons or tabs, in UTF-8 or GB18030; or an Excel workbook.  Between semicolons
        a decimal comma is read as a point, if no number has a point, and not every comma may part thousands.

    Returns
    -------
    DataFrame
        Text alone, so that 0.190 keeps its last digit; indexed by line.

    Raises
    ------
    TableError
        When there is no such file or it holds no table; says what to do.
    """
    path = Path(path)
    if not path.is_file():
        refuse([Problem("the file", "doesn't exist", "correct the path", str(path))])
    sheets, problems = files.read(path)
    refuse(problems)
    (_, heads), *lines = sheets[0].lines
    twice = sorted({head for head in heads if head and heads.count(head) > 1})
    problems = [Problem(f"the head {head!r}", "stands twice", "rename one", path.name) for head in twice]
    problems += [Problem(f"{len(cells)} cells under {len(heads)} heads", "", "put a cell that holds the separator into quotation marks", path.name, row=number)
                 for number, cells in lines if len(cells) > len(heads)]
    problems += [Problem("heads, and no line below them", "", "fill the table", path.name)] if not lines else []
    refuse(problems)
    cells = [row + [""] * (len(heads) - len(row)) for _, row in lines]
    frame = pd.DataFrame(cells, columns=heads, index=pd.Index([number for number, _ in lines], name="line"), dtype=object)
    return _pointed(frame) if sheets[0].separator == ";" else frame


def _pointed(table: pd.DataFrame) -> pd.DataFrame:
    """A table with points for decimal commas, where that is what its commas are."""
    of_numbers = [head for head, column in columns(table, COLUMNS).items() if column in (*NUMBERS, "printed", "of")]
    entries = [entry for head in of_numbers for cell in table[head] for entry in cell.split(";")]
    numbers = [found["number"] for entry in entries if (found := DECIMAL.fullmatch(entry))]
    if any("." in number for number in numbers) or all(re.fullmatch(r"[1-9]\d{0,2},\d{3}|\d+", number) for number in numbers):
        return table
    pointed = lambda cell: ";".join(entry.replace(",", ".") if DECIMAL.fullmatch(entry) else entry for entry in cell.split(";"))
    return table.assign(**{head: table[head].map(pointed) for head in of_numbers})


def tidied(table: pd.DataFrame, need: Iterable[str] = (), checks: Iterable[str] = ()) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Bring a table into the form that the checks read.

    Parameters
    ----------
    table : DataFrame
        With any of ``COLUMNS``; printed numbers are text.
    need : iterable of str
        Columns it must have.
    checks : iterable of str
        Names that its column ``check`` may hold.

    Returns
    -------
    cells : DataFrame
        All of ``COLUMNS`` as text, blanks for what is missing, rows numbered from zero; ``starred`` is whether
        the table has a column of stars, or a star behind an estimate.
    unused : tuple of str
        Columns that no check reads.

    Raises
    ------
    TableError
        Naming every bad cell, each with what to do.
    """
    heads = columns(table, COLUMNS)
    absent = [column for column in need if column not in heads.values()]
    if absent or not set(heads.values()) & set(COLUMNS):
        wanted = ", ".join(need) or f"some of {', '.join(COLUMNS)}"
        raise TableError(f"the table has no column {repr(absent[0]) if absent else 'that a check reads'}; it needs {wanted}")
    twice = [name for name in COLUMNS if list(heads.values()).count(name) > 1]
    refuse(Problem(f"{' and '.join(str(c) for c, h in heads.items() if h == name)}", f"both stand for {name}", "leave out one") for name in twice)
    lines = list(table.index) if table.index.name == "line" else [0] * len(table)
    rows = {name: [""] * len(table) for name in COLUMNS}
    rows |= {head: [_bare(cell) for cell in table[column]] for column, head in heads.items() if head in COLUMNS}
    rows["column"] = [OTHER_CELLS.get(name, name) or "regression" * (estimate != "") for name, estimate in zip(rows["column"], rows["estimate"])]
    problems = _clean(rows, lines)
    starred = "stars" in heads.values() or any(rows["stars"])
    cells = pd.DataFrame(rows | {"starred": [starred] * len(table)}, dtype=object)
    problems += _unknown(cells, lines, list(checks))
    refuse(problems)
    again = cells.duplicated(["table", "variable", "column"]) & (cells[["estimate", "std_error"]] != "").any(axis=1)
    refuse(Problem(cell_name(cells.loc[key]), "occurs twice", "keep one row per cell", row=lines[key]) for key in cells.index[again])
    return cells, tuple(str(column) for column, head in heads.items() if head not in COLUMNS)


def _bare(cell) -> object:
    return cell.strip() if isinstance(cell, str) else "" if pd.isna(cell) else cell


def _clean(rows: dict[str, list], lines: list[int]) -> list[Problem]:
    """Take stars and brackets off the cells, in place, and list those that are no numbers then."""
    problems = []

    def fault(at: int, column: str, found: str, what: str, mend: str):
        key = cell_name({name: rows[name][at] for name in ("table", "variable", "column", "where")})
        problems.append(Problem(found, what, mend, key=key, column=column, row=lines[at]))

    rows["stars"] = [str(stars).translate(LIKE) for stars in rows["stars"]]
    for column in NUMBERS + COUNTS:
        floats = [cell for cell in rows[column] if not isinstance(cell, str)]
        if column in NUMBERS and floats:
            problems.append(Problem(f"{floats[0]!r}", f"is not text, nor {counted(len(floats) - 1, 'cell')} more: last zeros are lost",
                                    "read the file with audit.read, or by pandas with dtype=str", column=column))
            continue
        for at, cell in enumerate(rows[column]):
            if cell == "":
                continue
            rows[column][at], stars, wrong = _cell(cell, column)
            if wrong:
                fault(at, column, repr(cell), *wrong)
            elif stars and rows["stars"][at] not in ("", stars):
                fault(at, column, repr(cell), f"has other stars than the column of stars, {rows['stars'][at]}", "keep one of them")
            rows["stars"][at] = stars or rows["stars"][at]
    for at, stars in enumerate(rows["stars"]):
        if stars.strip("* "):
            fault(at, "stars", repr(stars), "is no row of stars", "write *, ** or ***, or leave the cell empty")
    return problems


def _cell(cell, column: str) -> tuple[str, str, tuple[str, str] | None]:
    """A cell's number as text, its stars, and what is wrong with it."""
    if column in COUNTS:
        bare = re.sub(r"\.0+$", "", str(cell))
        return bare, "", None if bare.isdigit() and int(bare) else ("is no whole number above zero", "correct it, or leave the cell empty")
    text, stars = cell.translate(LIKE), ""
    if column == "estimate" and (starred := STARS.fullmatch(text)):
        text, stars = starred["number"], starred["stars"]
    if column != "estimate" and BRACKETS.get(text[:1]) == text[-1:]:
        text = text[1:-1].strip()
    try:
        bounds = interval(text)
    except ValueError:
        what, mend = notation.number(text.strip() or "?")[1] or ("is no printed number", "write it like 0.190 or -2.5")
        if column == "estimate" and text[:1] in BRACKETS:
            mend = "put a standard error into the column std_error; write a negative number with a minus"
        elif "*" in text:
            what, mend = "carries stars", "put them behind the estimate, or into the column stars"
        return text, stars, (what, mend)
    if column in POSITIVE and (bounds[1] <= 0 or text.translate(notation.MINUS).startswith("-")):
        return text, stars, ("can't be negative", "correct the standard error or deviation")
    return text, stars, None


def _unknown(cells: pd.DataFrame, lines: list[int], checks: list[str]) -> list[Problem]:
    """What is wrong with the statements of a table."""
    found = []
    for key, row in cells[cells["check"] != ""].iterrows():
        where = dict(key=row["where"] or cell_name(row), row=lines[key])
        if row["check"] not in checks:
            found.append(Problem(repr(row["check"]), "is no check", f"write one of {', '.join(checks)}", column="check", **where))
        found += [Problem("an empty cell", "says nothing to check", "fill it, or leave out the row", column=column, **where)
                  for column in ("printed", "of") if row[column] == ""]
        if row["severity"] not in ("", "error", "doubt", "slip"):
            found.append(Problem(repr(row["severity"]), "is no severity", "write error, doubt or slip", column="severity", **where))
    return found


def cell_name(cell) -> str:
    """Where a row is: its table, variable and column, or what its statement is about."""
    parts = [f"table {cell['table']}" if cell["table"] else "", cell["variable"], cell["column"]]
    return ", ".join(str(part) for part in parts if part) or cell.get("where", "")

