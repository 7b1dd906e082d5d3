"""Does a table keep the promises of its descriptor?

Pure: takes the text of a table and its Table Schema, returns problems, each a
:class:`casebook.problems.Problem` without the name of the file.  Reading and
refusing is the business of `casebook.data`.

Arguments that recur: `raw`, a table as text, indexed by line number, empty cells
missing; `schema`, the Table Schema of the descriptor as a dict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from pandera.errors import SchemaErrors
from pandera.io.pandas_io import from_frictionless_schema
from pandera.pandas import Check

from casebook.problems import Problem

DTYPES = {"string": "str", "number": "float64", "integer": "Int64", "year": "Int64", "boolean": "boolean"}
NOUNS = {"number": "a number", "integer": "a whole number", "year": "a year", "boolean": "true or false"}
NAMED = {"_flag": "flags", "_source": "sources"}  # ending of a column: list of the package that explains its cells
ADVICE = {  # by the name of pandera's check
    "not_nullable": "but a value is required; fill it in",
    "field_uniqueness": "occurs more than once, every value must differ; correct it",
    "greater_than": "must be above {}; correct it, or leave the cell empty if it may be",
    "greater_than_or_equal_to": "must not be below {}; correct it, or leave the cell empty if it may be",
    "less_than_or_equal_to": "must not be above {}; correct it",
    "in_range": "must lie between {}; correct it",
    "isin": "must be one of {}; correct it",
    "str_matches": "must have the form {}; correct it",
}


def key(schema: Mapping) -> list[str]:
    """Return the names of the primary key.

    Examples
    --------
    >>> key({"primaryKey": "year"}), key({})
    (['year'], [])
    """
    names = schema.get("primaryKey", [])
    return [names] if isinstance(names, str) else list(names)


def uneven(header: Sequence[str], lines: Iterable[tuple[int, Sequence[str]]]) -> list[Problem]:
    """Find columns that share a name and lines with too few or too many cells.

    Examples
    --------
    >>> print(*uneven(["region", "gdp"], [(2, ["North", "1", "2"])]))
    line 2: 3 cells where the header has 2; look for a comma too many or too few
    """
    twice = [Problem("", "occurs more than once", "rename or remove one", column=name)
             for name in dict.fromkeys(header) if header.count(name) > 1]
    return twice + [Problem(f"{len(cells)} cells", f"where the header has {len(header)}", "look for a comma too many or too few", row=number)
                    for number, cells in lines if len(cells) != len(header)]


def wrong_columns(raw: pd.DataFrame, schema: Mapping) -> list[Problem]:
    """Find columns that are missing or not described, and a table without rows.

    Examples
    --------
    >>> print(wrong_columns(pd.DataFrame({"a": ["1"]}), {"fields": [{"name": "b"}]})[0])
    column b is missing; add it, or take it out of the descriptor
    """
    described = [field["name"] for field in schema["fields"]]
    missing = [Problem("", "is missing", "add it, or take it out of the descriptor", column=name) for name in described if name not in raw]
    extra = [Problem("", "is not described", "describe it in datapackage.json, or remove it", column=name)
             for name in raw if name not in described]
    return missing + extra or ([Problem("no rows", "", "add at least one")] if raw.empty else [])


def typed(raw: pd.DataFrame, schema: Mapping) -> tuple[pd.DataFrame, list[Problem]]:
    """Turn text into the types of the schema; what cannot be turned is a problem, and missing.

    Examples
    --------
    >>> raw = pd.DataFrame({"year": ["2001", "2oo2"]}, index=[2, 3])
    >>> print(*typed(raw, {"fields": [{"name": "year", "type": "year"}]})[1])
    line 3: column year: '2oo2' is not a year; correct it, or leave the cell empty
    """
    columns, found = {}, []
    for field in schema["fields"]:
        name, kind, text = field["name"], field["type"], raw[field["name"]]
        values = _values(text, kind)
        columns[name] = values.astype(DTYPES[kind])
        for row in np.flatnonzero(text.notna() & values.isna()):
            found.append(Problem(repr(text.iloc[row]), f"is not {NOUNS[kind]}",
                                 "correct it" + ("" if _required(field, schema) else ", or leave the cell empty"),
                                 **_where(raw, schema, row, name)))
    return pd.DataFrame(columns, index=raw.index), found


def problems(frame: pd.DataFrame, raw: pd.DataFrame, schema: Mapping, package: Mapping, allowed: Mapping) -> list[Problem]:
    """Find everything in a typed table that the descriptor does not allow.

    Parameters
    ----------
    frame : DataFrame
        The table as `typed` returns it.
    package : dict
        The descriptor: its lists ``flags`` and ``sources`` explain the names in
        columns called ``<column>_flag`` and ``<column>_source``.
    allowed : mapping of column to (file, values)
        Values that stand in another table (foreign keys).
    """
    return (_rows(frame, raw, schema) + _rules(frame, raw, schema)
            + _names(raw, schema, package) + _references(raw, schema, allowed) + _years(frame, schema))


def contradictions(chosen: Mapping, regions: Sequence[str] | None = None, years: Sequence[int] = ()) -> list[Problem]:
    """Find settings that do not fit together, or not the regions and the years that there are.

    Examples
    --------
    >>> print(*contradictions({"first_year": 2001, "last_year": 2008, "base_year": 1999}))
    base_year = 1999 must lie within first_year to last_year, 2001 to 2008; set another, or change these
    """
    bounds, within, found = _bounds(chosen, years)
    found += _periods(chosen.get("periods", {}), bounds, within)
    stages = chosen.get("stages", {})
    labels, cuts = stages.get("labels", []), stages.get("cuts", [])
    if stages and len(labels) != len(cuts) + 1:
        found.append(Problem(f"stages.labels has {len(labels)} entries and stages.cuts {len(cuts)}", "", "give one label more than cuts"))
    if not all(low < high for low, high in zip(cuts, cuts[1:])):
        found.append(Problem(f"stages.cuts = {cuts}", "must rise", "write the lowest first"))
    for stage, region in chosen.get("models", {}).items():
        if stage not in labels:
            found.append(Problem(f"models names the stage {stage!r}", "", f"use one of stages.labels: {labels}"))
        if regions is not None and region not in regions:
            found.append(Problem(f"models names the region {region!r},", "which is not in regions.csv", "correct the spelling"))
    for choice, label in chosen.get("reading", {}).items():
        levels = chosen.get("choices", {}).get(choice, {})
        if label not in levels:
            found.append(Problem(f"reading.{choice} = {label!r}", f"is not among choices.{choice}: {', '.join(levels) or 'none'}", "take one of these, or add the level" if levels else f"add the section [choices.{choice}], or take the line out"))
    return found


def _is_year(year) -> bool:
    return isinstance(year, int) and not isinstance(year, bool)


def _bounds(chosen: Mapping, years: Sequence[int]) -> tuple[tuple[float, float], str, list[Problem]]:
    """The years within which all others must lie, in words too, and what is wrong with single ones; where the settings give no sound bound, the panel does."""
    found = [Problem(f"{name} = {chosen[name]!r}", "must be a year", "write four figures, without quotation marks")
             for name in ("first_year", "last_year", "base_year") if name in chosen and not _is_year(chosen[name])]
    sound = {name: year for name, year in chosen.items() if name in ("first_year", "last_year", "base_year") and _is_year(year) and (not years or year in years)}
    if sound.get("first_year", -np.inf) >= sound.get("last_year", np.inf):
        found.append(Problem(f"first_year = {sound['first_year']}", f"must lie before last_year = {sound['last_year']}", "correct one of the two"))
        sound = {name: year for name, year in sound.items() if name == "base_year"}
    first, last = sound.get("first_year", min(years, default=-np.inf)), sound.get("last_year", max(years, default=np.inf))
    low, high = ("the first year of the panel" if years and "first_year" not in sound else "first_year"), ("the last of the panel" if years and "last_year" not in sound else "last_year")
    within = f"within {low} to {high}" + (f", {first} to {last}" if np.isfinite(last - first) else "")
    if not first <= sound.get("base_year", first) <= last:
        found.append(Problem(f"base_year = {sound['base_year']}", f"must lie {within}", "set another, or change these"))
    return (first, last), within, found


def _periods(periods: Mapping, bounds: tuple[float, float], within: str) -> list[Problem]:
    """Periods that are none, that lie outside their bounds, or outside the whole."""
    first, last = bounds
    sound = {name: period for name, period in periods.items()
             if isinstance(period, list) and len(period) == 2 and all(map(_is_year, period)) and first <= period[0] < period[1] <= last}
    mend = "write its first and its last year" + (f", as in [{first}, {last}]" if np.isfinite(last - first) else "") + (", or change first_year or last_year" if "_year" in within else "")
    found = [Problem(f"periods.{name} = {period}", f"must be two years in order, {within}", mend) for name, period in periods.items() if name not in sound]
    for name in sorted({"tested", "before"} & set(sound if "whole" in sound else ())):
        if not sound["whole"][0] <= sound[name][0] < sound[name][1] <= sound["whole"][1]:
            found.append(Problem(f"periods.{name} = {sound[name]}", f"must lie within periods.whole = {sound['whole']}", "change one of the two"))
    return found


def _values(text: pd.Series, kind: str) -> pd.Series:
    """Turn text into values; what does not fit becomes missing."""
    if kind == "string":
        return text
    if kind == "boolean":
        return text.map({"true": True, "false": False})
    values = pd.to_numeric(text, errors="coerce").replace([np.inf, -np.inf], np.nan)
    return values if kind == "number" else values.where(values % 1 == 0)


def _required(field: Mapping, schema: Mapping) -> bool:
    return field["name"] in key(schema) or field.get("constraints", {}).get("required", False)


def _where(raw: pd.DataFrame, schema: Mapping, row: int, column: str = "") -> dict:
    """Say which cell is meant: row 17, region Suzhou, year 2010, column industrial_so2."""
    cells = {name: "(empty)" if pd.isna(cell := raw[name].iloc[row]) else str(cell) for name in key(schema) if name != column}
    place = {name: cells.pop(name) for name in ("region", "year") if name in cells}
    return {"row": int(raw.index[row]), "column": column, "key": ", ".join(f"{name} {cell}" for name, cell in cells.items()), **place}


def _rows(frame: pd.DataFrame, raw: pd.DataFrame, schema: Mapping) -> list[Problem]:
    """Find rows whose key stands in the table already."""
    twice = np.flatnonzero(frame.duplicated(key(schema))) if key(schema) else []
    return [Problem(f"a row with this {' and '.join(key(schema))}", "stands above", "keep one", **_where(raw, schema, row)) for row in twice]


def _rules(frame: pd.DataFrame, raw: pd.DataFrame, schema: Mapping) -> list[Problem]:
    """Hold every cell against the constraints of its column, with pandera."""
    rules = from_frictionless_schema({name: schema[name] for name in ("fields", "primaryKey") if name in schema})
    rules.coerce, rules.unique = False, None  # types are read above, keys are compared above
    for field in schema["fields"]:
        column = rules.columns[field["name"]]
        column.dtype, column.coerce = None, False
        column.unique = field.get("constraints", {}).get("unique", False)
        if field.get("positive"):  # a lower bound that is excluded, which Table Schema 1 cannot say
            weaker = "greater_than_or_equal_to"
            column.checks = [check for check in column.checks if check.name != weaker] + [Check.gt(0)]
    try:
        rules.validate(frame.reset_index(drop=True), lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return []
    found = []
    for case in cases.sort_values("index", kind="stable").itertuples():
        value = raw[case.column].iloc[int(case.index)]
        name, _, bound = str(case.check).removesuffix(")").partition("(")
        if name == "not_nullable" and pd.notna(value):
            continue  # said before: the text is not of the type
        bound = bound.replace(", ", " and ") if name == "in_range" else bound
        expected, _, mend = ADVICE.get(name, f"breaks the rule {name} {{}}; correct it").format(bound).partition("; ")
        found.append(Problem("empty" if pd.isna(value) else str(value), expected, mend, **_where(raw, schema, int(case.index), case.column)))
    return found


def _names(raw: pd.DataFrame, schema: Mapping, package: Mapping) -> list[Problem]:
    """Find flags and sources that the descriptor does not explain."""
    found = []
    for ending, kind in NAMED.items():
        known = {entry.get("name") for entry in package.get(kind, [])}
        for name in (name for name in raw if name.endswith(ending) and name.removesuffix(ending) in raw):
            for row in np.flatnonzero(raw[name].notna()):
                found += [Problem(repr(code), f"is not in the list of {kind}", f"correct it, or explain it under {kind} in datapackage.json",
                                  **_where(raw, schema, row, name))
                          for code in raw[name].iloc[row].split(";") if code not in known]
    return found


def _references(raw: pd.DataFrame, schema: Mapping, allowed: Mapping) -> list[Problem]:
    """Find values that must stand in another table and do not."""
    return [Problem(repr(raw[column].iloc[row]), f"is not in {file}", "correct the spelling, or add it there",
                    **_where(raw, schema, row) | {"column": column})
            for column, (file, values) in allowed.items()
            for row in np.flatnonzero(raw[column].notna() & ~raw[column].isin([] if values is None else list(values)))]


def _years(frame: pd.DataFrame, schema: Mapping) -> list[Problem]:
    """Find years left out, and regions with one year only, where year ends the key."""
    names = key(schema)
    if names[-1:] != ["year"] or len(names) > 2:
        return []
    known, found = frame.dropna(subset=names), []
    for name, years in known.groupby(names[:-1] or (lambda row: ""), sort=False)["year"]:
        who = {("region" if part == "region" else "key"): value if part == "region" else f"{part} {value}" for part, value in zip(names[:-1], name)}
        first, last = years.min(), years.max()
        found += [Problem("no row,", f"though {first} and {last} are there", "add it, with empty cells where nothing is known",
                          **who, year=str(year), column="year")
                  for year in range(first, last) if year not in set(years)]
        if who and first == last:
            found.append(Problem("the only year there is,", "so nothing can be compared", "add years, or remove the row",
                                 **who, year=str(first), column="year"))
    return found
