"""What is left of each cell of a printed table?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pandas as pd

from casebook.audit import described, regression, statements
from casebook.audit.estimates import LEVELS
from casebook.audit.findings import Audit, Finding, gathered, signed
from casebook.audit.regression import Legend
from casebook.audit.tidy import ESTIMATES, SIZES, tidied
from casebook.panels import one_of

VERDICTS = ("sound", "suspicious", "impossible")
"""What is left of a cell of a table of estimates, the best first."""

CHECKS: dict[str, Callable[[pd.DataFrame, Legend], Iterator[Finding]]] = {
    "stars": regression.stars_earned,
    "variance": regression.variance_floor,
    "effects": regression.effects_added,
    "standard errors": regression.errors_closed,
    "spatial parameter": regression.parameter_implied,
    "t": regression.ratio_printed,
    "p": regression.probability_printed,
    "interval": regression.interval_printed,
    "text": regression.text_about,
    "moments": described.moments_possible,
    "whole numbers": described.mean_of_whole_numbers,
} | {name: partial(statements.made, check=name) for name in statements.STATEMENTS}
"""Every check by name: a function of a tidied table and a legend."""

OF_CELLS = ("stars", "variance", "effects", "standard errors")


def questions() -> pd.Series:
    """What each check asks, by its name."""
    asked = CHECKS | statements.STATEMENTS
    return pd.Series({name: asked[name].__doc__.partition("?")[0] + "?" for name in CHECKS}, name="question").rename_axis("check")


def table(printed: pd.DataFrame, *, checks: Iterable[str] = tuple(CHECKS), levels=LEVELS, sides: int = 2, robust: bool = True,
          confidence: float = 0.95) -> Audit:
    """Ask of a printed table everything that its own cells can answer.

    Parameters
    ----------
    printed : DataFrame
        Long, with any of ``COLUMNS``, as :func:`read` returns it: a row per estimate
        (variable, column, estimate, stars, std_error, ...), per described variable (variable, n, mean, sd,
        minimum, maximum) or per statement (check, where, printed, of).  A check is made wherever the
        cells that it reads are filled.
    checks : iterable of str
        Of ``CHECKS``; all by default.
    levels, sides, robust, confidence
        What holds for the table: see :class:`Legend`.

    Returns
    -------
    Audit
        Shows what isn't sound, and counts the checks made.

    Raises
    ------
    TableError
        Naming every bad cell, each with what to do.

    Examples
    --------
    5 is 2.55 and 2.45, but 2 of 3 are 66.7 per cent.

    >>> print(table(pd.DataFrame({"check": ["sum", "share of counts"], "where": ["capital", "cities"], "printed": ["5", "65.1"],
    ...     "of": ["2.55; 2.45", "2; 3"], "unit": ["", "percent"]})))
    error, share of counts, cities: printed 65.1. 2 / 3 = 66.67 per cent.
    2 checks: 1 error, 0 doubts, 0 slips, 1 sound.
    """
    checks = list(checks)
    for name in checks:
        one_of(name, CHECKS, "check")
    cells, unused = tidied(printed, checks=statements.STATEMENTS)
    legend = Legend(levels, sides, robust, confidence)
    found = [finding for name in checks for finding in CHECKS[name](cells, legend)]
    return gathered(found, cells["id"] if "id" in printed else None, unused)


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
    TableError
        A ValueError: when a column is absent, cells occur twice or aren't printed numbers.

    Notes
    -----
    Stars taken from percentile intervals of simulated effects, rather than from
    estimate over standard error, would be an exception that it can't know of.
    """
    cells, _ = tidied(table.filter(items=[*SIZES, *ESTIMATES]), ESTIMATES)
    verdict = dict(zip(("sound", "doubt", "error"), VERDICTS))
    legend, findings = Legend(levels, sides, robust, nobs=nobs), {key: [] for key in cells.index}
    for name in OF_CELLS:
        for one in CHECKS[name](cells, legend):
            for place, key in enumerate(one.cells):  # the first is accused, the others are under suspicion
                findings[key].append((verdict[one.severity if place == 0 or one.severity == "sound" else "doubt"], one.says))
    verdicts = {key: max((v for v, _ in found), key=VERDICTS.index, default="sound") for key, found in findings.items()}
    reasons = {key: _reason(found, verdicts[key]) for key, found in findings.items()}
    told = cells[["table", *ESTIMATES]].assign(verdict=pd.Series(verdicts), reason=pd.Series(reasons))
    return told.set_axis(table.index)


def _reason(found: list[tuple[str, str]], verdict: str) -> str:
    words = [text for v, text in found if (v == "sound") == (verdict == "sound")]
    return signed(" ".join(words)) if words else "Nothing else printed bears on it."
