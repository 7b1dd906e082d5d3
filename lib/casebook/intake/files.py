"""What stands in a file, cell by cell?"""

from __future__ import annotations

import codecs
import csv
import datetime
import io
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import openpyxl
import pandas as pd
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from casebook.problems import Problem

ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in this order: text of the one is hardly ever text of the other."""

OTHERS = {
    ".xls": "Excel's old format", ".ods": "OpenDocument", ".numbers": "Apple Numbers", ".dta": "Stata", ".sav": "SPSS",
    ".pdf": "a printed page", ".doc": "a text document", ".docx": "a text document",
}
"""Formats that are not read, by their ending."""


@dataclass(frozen=True)
class Sheet:
    """The filled lines of one table of text.

    Attributes
    ----------
    file : str
        Name of the file, and of the sheet where the file has several.
    name : str
        Name of the file without its ending, or of the sheet.
    lines : list of (int, list of str)
        Number of the line, counted from 1, and its cells; the head is the first.
    separator : str
        What parts the cells of a text; empty for other files.
    """

    file: str
    name: str
    lines: list[tuple[int, list[str]]]
    separator: str = ""


def read(path: Path) -> tuple[list[Sheet], list[Problem]]:
    """Read every table of a file as text.

    Parameters
    ----------
    path : Path
        Ends in one of ``FORMATS``.

    Returns
    -------
    sheets : list of Sheet
        Empty if the file can't be read.
    problems : list of Problem
    """
    ending = path.suffix.lower()
    if ending not in FORMATS:
        kind = OTHERS.get(ending, f"{ending or 'a file without an ending'}")
        return [], [Problem(f"the format ({kind})", "is not read", f"save it as one of {', '.join(FORMATS)}", path.name)]
    sheets, problems = FORMATS[ending](path)
    empty = [Problem("no line", "stands in it", "fill it, or remove it", sheet.file) for sheet in sheets if not sheet.lines]
    return [sheet for sheet in sheets if sheet.lines], problems + empty


def _text(path: Path) -> tuple[list[Sheet], list[Problem]]:
    """CSV in UTF-8, with or without a mark of byte order, UTF-16 with one, or GB18030."""
    content = path.read_bytes()
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        return [], [Problem("the text", "is neither UTF-8 nor GB18030", "save it as 'CSV UTF-8'", path.name)]
    if "\0" in text:
        return [], [Problem("the content", "is no text", "export the table again, as 'CSV UTF-8'", path.name)]
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)  # of equals the comma
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        return [], [Problem(f"not a table of separated values: {error},", "", "look for a quotation mark without its pair", path.name)]
    lines = [(number, cells) for number, cells in lines if any(cells)]
    return [Sheet(path.name, path.stem, lines, separator)], []


def _workbook(path: Path) -> tuple[list[Sheet], list[Problem]]:
    """Excel: every visible sheet; a formula counts as the value that Excel saved with it."""
    try:
        formulas = _cells(path, values=False)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        return [], [Problem(f"not a workbook ({error}),", "", "open it in Excel and save it anew as .xlsx", path.name)]
    wanted = any(_is_formula(cell) for rows in formulas.values() for row in rows for cell in row)
    values = _cells(path, values=True) if wanted else formulas
    sheets, problems = [], []
    several = sum(any(cell is not None for row in rows for cell in row) for rows in values.values()) > 1
    for title, rows in values.items():
        file = f"{path.name}, sheet {title}" if several else path.name
        for r, (row, told) in enumerate(zip(rows, formulas[title]), start=1):
            problems += [Problem(f"the formula {formula}", "has no saved value", "open the file in Excel and save it, or paste values",
                                 file, row=r, column=get_column_letter(c))
                         for c, (cell, formula) in enumerate(zip(row, told), start=1) if _is_formula(formula) and cell is None]
        lines = [(number, [_shown(cell) for cell in row]) for number, row in enumerate(rows, start=1)]
        lines = [(number, cells) for number, cells in lines if any(cells)]
        sheets.append(Sheet(file, title if several else path.stem, _squared(lines)))
    filled = [sheet for sheet in sheets if sheet.lines]
    return filled or sheets[:1], problems


def _cells(path: Path, values: bool) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=values)
    try:
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets if sheet.sheet_state == "visible"}
    finally:
        book.close()


def _is_formula(cell) -> bool:
    return isinstance(cell, str) and cell.startswith("=")


def _squared(lines: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Cut empty columns on the right, so that all lines are as long as the longest that is filled."""
    width = max((i + 1 for _, cells in lines for i, cell in enumerate(cells) if cell), default=0)
    return [(number, (cells + [""] * width)[:width]) for number, cells in lines]


def _parquet(path: Path) -> tuple[list[Sheet], list[Problem]]:
    """Parquet: named levels of the index are columns."""
    try:
        frame = pd.read_parquet(path)
    except (ValueError, OSError) as error:
        return [], [Problem(f"not a Parquet file ({str(error).splitlines()[0]}),", "", "write it anew", path.name)]
    if any(frame.index.names):
        frame = frame.reset_index()
    rows = zip(*(frame[column].astype(object).where(frame[column].notna(), None) for column in frame))
    lines = [(1, [str(column) for column in frame])] + [(n, [_shown(cell) for cell in row]) for n, row in enumerate(rows, start=2)]
    return [Sheet(path.name, path.stem, lines)], []


def _shown(cell) -> str:
    """A value as text: whole numbers without a point, days as year-month-day."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, (datetime.datetime, datetime.date)):
        return str(cell)[:10]
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


FORMATS = {".csv": _text, ".txt": _text, ".tsv": _text, ".xlsx": _workbook, ".xlsm": _workbook, ".parquet": _parquet}
"""Formats that are read, by the ending of the file."""
