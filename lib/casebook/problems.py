"""What is wrong with a table, where, and how is it mended?

Whoever checks a table returns problems; whoever shows them chooses text or table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from casebook.panels import one_of

SEVERITIES = ("error", "warning")
"""An error refuses the table; a warning informs."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or looks wrong.

    Attributes
    ----------
    found : str
        What stands there.
    expected : str
        What should; continues the sentence that `found` begins: ``must be above 0``.
    mend : str
        What to do.
    file, region, year, key, column : str
        Where; empty where none is meant.  `key` is for tables of other things than regions and years.
    row : int
        Line of a text file, row of a sheet, counted from 1 with the head; 0 where none is meant.
    severity : one of ``SEVERITIES``

    Examples
    --------
    >>> print(Problem("-5", "must be above 0", "correct it", "panel.csv", "North", "2001", column="gdp", row=3))
    panel.csv, line 3: region North, year 2001, column gdp: -5 must be above 0; correct it
    """

    found: str
    expected: str
    mend: str
    file: str = ""
    region: str = ""
    year: str = ""
    key: str = ""
    column: str = ""
    row: int = 0
    severity: str = "error"

    def __post_init__(self):
        one_of(self.severity, SEVERITIES, "severity")

    def __str__(self) -> str:
        line = ", ".join(filter(None, (self.file, f"line {self.row}" if self.row else "")))
        named = {name: getattr(self, name) for name in ("region", "year", "column")}
        cell = [f"{name} {value}" for name, value in named.items() if value]
        cell.insert(bool(self.region) + bool(self.year), self.key)
        where = ": ".join(filter(None, (line, ", ".join(filter(None, cell)))))
        told = f"{self.found} {self.expected}".strip()
        joint = (": " if self.found else " ") if where else ""
        return where + joint + told + (f"; {self.mend}" if self.mend else "")


def table(problems: Iterable[Problem]) -> pd.DataFrame:
    """Problems as a table, errors first, by file and line.

    Returns
    -------
    DataFrame
        A column for each attribute, and one called ``problem`` for the whole sentence.

    Examples
    --------
    >>> table([Problem("1.5", "looks large", "check it", severity="warning"), Problem("x", "is no year", "correct it")])["found"].tolist()
    ['x', '1.5']
    """
    names = ["severity", "file", "row", "region", "year", "key", "column", "found", "expected", "mend"]
    rows = sorted(problems, key=lambda problem: (SEVERITIES.index(problem.severity), problem.file, problem.row or sys.maxsize))
    frame = pd.DataFrame([[getattr(row, name) for name in names] for row in rows], columns=names)
    return frame.assign(row=[row.row or "" for row in rows], problem=[str(row) for row in rows])
