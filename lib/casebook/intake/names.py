"""Which names stand in a table and not in the table that lists them, and what do they seem to mean?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casebook import data, doubts
from casebook.intake.origins import Origin
from casebook.panels import listed
from casebook.problems import Problem

ALL = 3
"""If more names than this are unknown, and none is known, that is one problem."""


def strangers(schema: Mapping, tables: Mapping[str, pd.DataFrame], origins: Mapping[str, Origin], origin: Origin) -> tuple[list[Problem], dict[str, str]]:
    """Find names that must stand in another table and do not.

    Parameters
    ----------
    schema : mapping
        Of the table, with its foreign keys.
    tables : mapping of name to DataFrame
        As text; a table that isn't there allows every name.
    origins : mapping of name to Origin
    origin : Origin
        Of the table.

    Returns
    -------
    problems : list of Problem
        One for each name in each file or sheet.
    called : dict of name to str
        The region that each unknown region seems to be; empty where it seems none.
    """
    problems, called = [], {}
    for rule in schema.get("foreignKeys", []):
        column, table = rule["fields"], rule["reference"]["resource"]
        if rule["reference"]["fields"] not in tables.get(table, ()):
            continue
        known = dict.fromkeys(tables[table][rule["reference"]["fields"]].dropna())
        for file, part in origin.parts:
            names = list(dict.fromkeys(part[column].dropna())) if column in part else []
            unknown = [name for name in names if name not in known]
            if len(unknown) > ALL and len(unknown) == len(names):
                problems.append(Problem(f"none of the names ({listed(names, most=ALL)})", f"is in {origins[table].file}", "write the same names in both", file,
                                        column=column, row=int(part.index[0])))
            else:
                likely = {doubt.region: doubt for doubt in doubts.names(unknown, list(known))}
                problems += [_problem(name, column, part, file, origins[table].file, likely.get(name)) for name in unknown]
            called |= dict.fromkeys(unknown, "") | doubts.meant(unknown, list(known))
    return problems, called


def _problem(name: str, column: str, part: pd.DataFrame, file: str, other: str, likely: Problem | None) -> Problem:
    rows = part.index[part[column] == name]
    years = pd.to_numeric(part.loc[part[column] == name, "year"], errors="coerce").dropna() if "year" in part else pd.Series(dtype=int)
    told = f"is not in {other}" + (f", and {likely.expected}" if likely else "")
    mend = f"correct the spelling, or add it to {other}" if not likely else likely.mend.replace("remove the row", "remove the line")
    return Problem(repr(name), told, mend, file, name if column == "region" else "", data.spans(years.unique()), column=column, row=int(rows[0]))
