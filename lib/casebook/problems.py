"""What is wrong with a table, where, and how is it mended?

Whoever checks a table returns problems; whoever shows them chooses text or table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

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
    file, region, year, column : str
        Where; empty where none is meant.
    row : int
        Line of a text file, row of a sheet, counted from 1 with the head; 0 where none is meant.
    severity : one of ``SEVERITIES``

    Examples
    --------
    >>> print(Problem("-5", "must be above 0", "correct it", "panel.csv", "North", "2001", "gdp", 3))
    panel.csv, line 3: region North, year 2001, column gdp: -5 must be above 0; correct it
    """

    found: str
    expected: str
    mend: str
    file: str = ""
    region: str = ""
    year: str = ""
    column: str = ""
    row: int = 0
    severity: str = "error"

    def __post_init__(self):
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity {self.severity!r} is unknown; use one of {', '.join(SEVERITIES)}")

    def __str__(self) -> str:
        line = f"line {self.row}" if self.row else ""
        cell = [f"{name} {value}" for name in ("region", "year", "column") if (value := getattr(self, name))]
        where = [", ".join(filter(None, (self.file, line))), ", ".join(cell)]
        return ": ".join([*filter(None, where), f"{self.found} {self.expected}".strip()]) + (f"; {self.mend}" if self.mend else "")


def table(problems: Iterable[Problem]) -> pd.DataFrame:
    """Problems as a table, errors first, each in the order it was found.

    Returns
    -------
    DataFrame
        A column for each attribute, and one called ``problem`` for the whole sentence.

    Examples
    --------
    >>> table([Problem("1.5", "looks large", "check it", severity="warning"), Problem("x", "is no year", "correct it")])["found"].tolist()
    ['x', '1.5']
    """
    names = ["severity", "file", "row", "region", "year", "column", "found", "expected", "mend"]
    rows = sorted(problems, key=lambda problem: SEVERITIES.index(problem.severity))
    frame = pd.DataFrame([[getattr(row, name) for name in names] for row in rows], columns=names)
    return frame.assign(row=[row.row or "" for row in rows], problem=[str(row) for row in rows])
