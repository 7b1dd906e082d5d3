"""What is left of each cell of a printed table?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import contextmanager

import numpy as np
import pandas as pd

from casebook.audit.estimates import EFFECTS, LEVELS, stars, sums, triangle
from casebook.audit.moments import sigma2_floor
from casebook.audit.printed import interval

VERDICTS = ("sound", "suspicious", "impossible")

VARIANCE = "sigma2_e"
"""The variable whose estimate is the variance of the residuals."""

WORDS = ("no star", "one star", "two stars", "three stars")


def examine(
    table: pd.DataFrame, nobs: int | None = None, *, levels=LEVELS, sides: int = 2, robust: bool = True
) -> pd.DataFrame:
    """Give a verdict on every printed cell of regression tables, with the reason in words.

    Parameters
    ----------
    table : DataFrame
        A row per cell: ``variable``, ``column`` (regression, direct, indirect or
        total), ``estimate``, ``stars``, ``std_error`` as printed, and where they
        are known ``table``, ``n_regions``, ``nobs``.  A spatial lag is called
        ``W*variable``, the residual variance ``sigma2_e``.
    nobs : int, optional
        Observations; by default those of the column.
    levels, sides
        The legend of the stars; see :func:`stars`.
    robust : bool
        Whether standard errors may be robust, which explains that of a variance
        below the floor of maximum likelihood; false if the document rules it out.

    Returns
    -------
    DataFrame
        The index and cells of `table` with ``verdict`` and ``reason``.

    Raises
    ------
    ValueError
        When a column is absent, a cell occurs twice or isn't a printed number.

    Notes
    -----
    Stars taken from percentile intervals of simulated effects, rather than from
    estimate over standard error, would be an exception that it can't know of.
    """
    cells = laid_out(table).reset_index(drop=True)  # whatever the index, a number for each cell
    findings: dict = {key: [] for key in cells.index}
    for _, part in cells.groupby("table", sort=False):
        size = nobs if nobs is not None else _known(part, "nobs")
        fitted = part[(part["column"] == "regression") & (part["std_error"] != "") & (part["variable"] != VARIANCE)]
        df = np.inf if size is None else max(size - len(fitted), 1)
        legend = {"levels": levels, "sides": sides, "df": df, "fewest": max((_known(part, "n_regions") or 2) - 1, 1)}
        for key, cell in part[(part["estimate"] != "") & (part["std_error"] != "")].iterrows():
            with naming(cell):
                findings[key].append(_of_stars(cell, legend))
                if cell["variable"] == VARIANCE and size is not None:
                    findings[key].append(_of_floor(cell, size, robust))
        for _, row in part[part["column"].isin(EFFECTS)].groupby("variable", sort=False):
            if len(row) == len(EFFECTS):
                with naming(row.iloc[0]):
                    for key, finding in _of_effects(row, legend):
                        findings[key].append(finding)
    verdicts = {key: max((v for v, _ in found), key=VERDICTS.index, default="sound") for key, found in findings.items()}
    reasons = {key: _reason(found, verdicts[key]) for key, found in findings.items()}
    cells = cells.drop(columns=["nobs", "n_regions"]).assign(verdict=pd.Series(verdicts), reason=pd.Series(reasons))
    return cells.set_axis(table.index)


def _of_stars(cell: pd.Series, legend: Mapping) -> tuple[str, str]:
    found = stars(cell["estimate"], cell["std_error"], cell["stars"], **legend)
    count = WORDS[found.given] if found.given < len(WORDS) else f"{found.given} stars"
    facts = f"|z| is {_range(*found.z)} and p {_range(*found.p)}"
    if found.agrees:
        return "sound", f"{count.capitalize()}, as {facts}."
    if found.explanation:
        return "suspicious", f"{count.capitalize()}, but {facts}; only {found.explanation} would explain it."
    needed = f"the standard error would have to be {_range(*found.needed)}, not {cell['std_error']}"
    return "impossible", f"{count.capitalize()}, but {facts}; {needed}."


def _of_floor(cell: pd.Series, nobs: int, robust: bool) -> tuple[str, str]:
    found = sigma2_floor(cell["estimate"], cell["std_error"], nobs)
    if found.holds:
        return "sound", f"Its standard error is one that {nobs} observations allow."
    why = "a robust standard error could be so small" if robust else f"it takes {np.ceil(found.implied[0]):.0f} observations"
    least = np.mean(interval(cell["estimate"])) * np.sqrt(2 / nobs)
    least = f"{cell['estimate']} × √(2/{nobs}) = {_say(least)}, the least by maximum likelihood"
    return "suspicious" if robust else "impossible", f"{cell['std_error']} is below {least}; {why}."


def _of_effects(row: pd.DataFrame, legend: Mapping) -> list[tuple]:
    """Findings on the sum and the triangle of one variable: the total is accused, its parts under suspicion."""
    cells = row.reset_index(names="key").set_index("column")
    keys, estimate, error = cells["key"], cells["estimate"], cells["std_error"]
    out = []
    if (estimate != "").all():
        marks = {e: (error[e], cells.loc[e, "stars"]) for e in EFFECTS if error[e] != ""}
        found = sums(*estimate[list(EFFECTS)], marks, **legend)
        words = "Direct and indirect effect add up to the total."
        if not found.holds:
            fixes = [f"{r.printed} for {r.cell}" + " (its stars too)" * (r.stars == "mended") for r in found.repairs]
            cure = f"one character would repair it: {' or '.join(fixes)}" if fixes else "no change of one character repairs it"
            made = f"{estimate['direct']} and {estimate['indirect']} make {_range(*found.allowed)}"
            words = f"{made}, not {estimate['total']}; {cure}."
        out += _shared(keys, found.holds, words)
    if (error != "").all():
        found = triangle(*error[list(EFFECTS)])
        words = f"The standard errors of the effects fit a correlation of {_range(*found.implied)}."
        if not found.holds:
            words = (
                f"Standard errors {error['direct']} and {error['indirect']} allow a total of {_range(*found.allowed)}; "
                f"{error['total']} takes a correlation of {_range(*found.implied)}."
            )
        out += _shared(keys, found.holds, words)
    return out


def _shared(keys: pd.Series, holds: bool, words: str) -> list[tuple]:
    broken = {effect: "impossible" if effect == "total" else "suspicious" for effect in EFFECTS}
    return [(keys[effect], ("sound" if holds else broken[effect], words)) for effect in EFFECTS]


def _reason(found: list[tuple[str, str]], verdict: str) -> str:
    words = [text for v, text in found if (v == "sound") == (verdict == "sound")]
    return re.sub(r"(?<!\w)-(?=[\d.])", "−", " ".join(words)) if words else "Nothing else printed bears on it."


def laid_out(table: pd.DataFrame) -> pd.DataFrame:
    """The columns needed, blanks for what is missing; refuses absent columns and repeated cells."""
    absent = [c for c in ("variable", "column", "estimate", "stars", "std_error") if c not in table]
    if absent:
        raise ValueError(f"the table has no column {absent[0]!r}; it needs variable, column, estimate, stars, std_error")
    wanted = ["table", "n_regions", "nobs", "variable", "column", "estimate", "stars", "std_error"]
    cells = table.reindex(columns=wanted).astype(object)
    cells = cells.where(cells.notna(), "")
    twice = cells.duplicated(["table", "variable", "column"])
    if twice.any():
        raise ValueError(f"{_cell_name(cells[twice].iloc[0])} occurs twice; keep one row per cell")
    return cells


def _known(part: pd.DataFrame, column: str) -> int | None:
    values = {str(v) for v in part[column]} - {""}
    if len(values) > 1:
        raise ValueError(f"table {part['table'].iloc[0]} has several {column}: {', '.join(sorted(values))}; it must have one")
    return int(float(values.pop())) if values else None


def _cell_name(cell) -> str:
    return f"table {cell['table']}, {cell['variable']}, {cell['column']}".removeprefix("table , ")


@contextmanager
def naming(cell):
    """Put the name of the cell before whatever is wrong with it."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{_cell_name(cell)}: {error}") from error


def _range(low: float, high: float) -> str:
    if high < 0.001 and low >= 0:
        return "below 0.001"
    if np.isinf(high):
        return f"{_say(low)} or more"
    if low == 0 < high:
        return f"{_say(high)} or less"
    return _say(low) if _say(low) == _say(high) else f"{_say(low)} to {_say(high)}"


def _say(number: float) -> str:
    return f"{number:.3g}"
