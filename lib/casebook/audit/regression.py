"""Do the cells of a table of estimates agree: stars, sums, standard errors, tests, intervals, text?

Each check takes a tidied table and the legend, and gives a finding for every place where it can be made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats as distributions

from casebook.audit.estimates import EFFECTS, LEVELS, stars, sums, triangle
from casebook.audit.findings import Finding, brief, counted, ranged
from casebook.audit.moments import sigma2_floor
from casebook.audit.multiplier import implied_rho
from casebook.audit.printed import extent, interval, magnitude, meet, positive, ratio
from casebook.audit.tidy import cell_name

VARIANCE = "sigma2_e"
"""The variable whose estimate is the variance of the residuals."""

WORDS = ("no star", "one star", "two stars", "three stars")
SAID = ("positive", "negative", "significant", "not significant")
CONFIDENCES = (0.90, 0.95, 0.99)


@dataclass(frozen=True)
class Legend:
    """What holds for a whole table, unless it says otherwise.

    Attributes
    ----------
    levels : tuple of float
        p below the largest earns one star, and so on.
    sides : {1, 2}
        Of the tests.
    robust : bool
        Whether standard errors may be robust, which explains that of a variance below the floor of maximum likelihood.
    confidence : float
        Of the intervals.
    nobs : int, optional
        Observations; by default those of the column.
    """

    levels: tuple[float, ...] = LEVELS
    sides: int = 2
    robust: bool = True
    confidence: float = 0.95
    nobs: int | None = None


def stars_earned(table: pd.DataFrame, legend: Legend) -> Iterator[Finding]:
    """Do the stars follow from estimate and standard error?"""
    for part, rule, _ in _parts(table, legend):
        for key, cell in _filled(part, "estimate", "std_error"):
            if not cell["starred"]:
                continue
            found = stars(cell["estimate"], cell["std_error"], cell["stars"], **rule)
            count = WORDS[found.given] if found.given < len(WORDS) else f"{found.given} stars"
            facts = f"|z| is {ranged(*found.z)} and p {ranged(*found.p)}"
            if found.agrees:
                severity, says = "sound", f"{count.capitalize()}, as {facts}."
            elif found.explanation:
                severity, says = "doubt", f"{count.capitalize()}, but {facts}; only {found.explanation} would explain it."
            else:
                needed = f"the standard error would have to be {ranged(*found.needed)}, not {cell['std_error']}"
                severity, says = "error", f"{count.capitalize()}, but {facts}; {needed}."
            low, high = (WORDS[k] if k < len(WORDS) else f"{k} stars" for k in found.earned)
            yield Finding("stars", cell_name(cell), _shown(cell), low if low == high else f"{low} to {high}",
                          f"|{cell['estimate']}| / {cell['std_error']} = {ranged(*found.z)}", severity, says, (key,))


def variance_floor(table: pd.DataFrame, legend: Legend) -> Iterator[Finding]:
    """Is the standard error of the residual variance one that so many observations allow?"""
    for part, _, size in _parts(table, legend):
        for key, cell in _filled(part[part["variable"] == VARIANCE], "estimate", "std_error") if size else ():
            found = sigma2_floor(cell["estimate"], cell["std_error"], size)
            floor = f"{cell['estimate']} × √(2/{size}) = {brief(np.mean(interval(cell['estimate'])) * np.sqrt(2 / size))}"
            says = f"Its standard error is one that {size} observations allow."
            if not found.holds:
                why = "a robust standard error could be so small" if legend.robust else f"it takes {np.ceil(found.implied[0]):.0f} observations"
                says = f"{cell['std_error']} is below {floor}, the least by maximum likelihood; {why}."
            yield Finding("variance", cell_name(cell), cell["std_error"], f"at least {brief(found.allowed[0])}", floor,
                          "sound" if found.holds else "doubt" if legend.robust else "error", says, (key,))


def effects_added(table: pd.DataFrame, legend: Legend) -> Iterator[Finding]:
    """Do direct and indirect effect make the total?"""
    for keys, cells, rule in _effects(table, legend, "estimate"):
        estimate = cells["estimate"]
        marks = {e: (cells.loc[e, "std_error"], cells.loc[e, "stars"]) for e in EFFECTS if cells.loc[e, "std_error"] and cells.loc[e, "starred"]}
        found = sums(*estimate[list(EFFECTS)], marks, **rule)
        says = "Direct and indirect effect add up to the total."
        if not found.holds:
            fixes = [f"{r.printed} for {r.cell}" + " (its stars too)" * (r.stars == "mended") for r in found.repairs]
            cure = f"one character would repair it: {' or '.join(fixes)}" if fixes else "no change of one character repairs it"
            says = f"{estimate['direct']} and {estimate['indirect']} make {ranged(*found.allowed)}, not {estimate['total']}; {cure}."
        made = f"{estimate['direct']} + {estimate['indirect']} = {ranged(*found.allowed)}".replace("+ -", "− ")
        yield Finding("effects", cell_name(cells.loc["total"]), estimate["total"], ranged(*found.allowed), made,
                      "sound" if found.holds else "error", says, keys)


def errors_closed(table: pd.DataFrame, legend: Legend) -> Iterator[Finding]:
    """Can the standard errors of two effects and of their total belong together?"""
    for keys, cells, _ in _effects(table, legend, "std_error"):
        error = cells["std_error"]
        found = triangle(*error[list(EFFECTS)])
        says = f"The standard errors of the effects fit a correlation of {ranged(*found.implied)}."
        if not found.holds:
            says = (f"Standard errors {error['direct']} and {error['indirect']} allow a total of {ranged(*found.allowed)}; "
                    f"{error['total']} takes a correlation of {ranged(*found.implied)}.")
        yield Finding("standard errors", cell_name(cells.loc["total"]), error["total"], ranged(*found.allowed),
                      f"({error['total']}² − {error['direct']}² − {error['indirect']}²) / (2 × {error['direct']} × {error['indirect']}) = "
                      f"{ranged(*found.implied)}, and a correlation lies between -1 and 1",
                      "sound" if found.holds else "error", says, keys)


def parameter_implied(table: pd.DataFrame, legend: Legend) -> Iterator[Finding]:
    """Is there one spatial parameter that leads from the printed coefficients to the printed totals?

    With rows of W that sum to one, the total is (estimate + lag) / (1 - rho).
    """
    pair = np.array([[0, 1], [1, 0]])  # any W whose rows sum to one gives the same
    for part, _, _ in _parts(table, legend):
        text = part[part["estimate"] != ""].set_index(["variable", "column"])["estimate"]
        rows = {}
        for name in [v for v in part["variable"].unique() if isinstance(v, str)]:
            wanted = [(name, "regression"), (f"W*{name}", "regression"), *((name, effect) for effect in EFFECTS)]
            if set(wanted) <= set(text.index):
                rho = implied_rho(*text.loc[wanted], pair).loc["total"]
                share = f"({text[wanted[0]]} + {text[wanted[1]]}) / {text[wanted[4]]}".replace("+ -", "− ")
                told = ranged(rho["low"], rho["high"]) if np.isfinite(rho["low"]) else "no value between -1 and 1"
                rows[name] = (rho["low"], rho["high"], f"{name}: 1 − {share} = {told}")
        if not rows:
            continue
        known = [bounds[:2] for bounds in rows.values() if np.isfinite(bounds[0])]
        low, high = max((one[0] for one in known), default=1.0), min((one[1] for one in known), default=-1.0)
        holds = low <= high and len(known) == len(rows)
        says = ("One spatial parameter gives all the printed totals." if holds else
                "No single spatial parameter gives all the printed totals; only effects by simulation, or rows of W that don't sum to one, would explain it.")
        keys = tuple(part.index[(part["column"] == "total") & part["variable"].isin(list(rows))])
        yield Finding("spatial parameter", f"table {part['table'].iloc[0]}" if part["table"].iloc[0] else "the table", "not printed",
                      ranged(low, high) if holds else "none", "; ".join(row[2] for row in rows.values()), "sound" if holds else "doubt", says, keys)


def ratio_printed(table: pd.DataFrame, legend: Legend) -> Iterator[Finding]:
    """Is t the estimate over its standard error?"""
    for key, cell in _filled(table, "estimate", "std_error", "t"):
        allowed, printed = _quotient(cell), interval(cell["t"])
        yield _plain("t", key, cell, cell["t"], allowed, meet(allowed, printed), f"{cell['estimate']} / {cell['std_error']} = {ranged(*allowed)}")


def probability_printed(table: pd.DataFrame, legend: Legend) -> Iterator[Finding]:
    """Does p follow from z, from t, or from estimate and standard error?"""
    for part, rule, _ in _parts(table, legend):
        for key, cell in _filled(part, "p"):
            score = cell["z"] or cell["t"]
            if not score and not (cell["estimate"] and cell["std_error"]):
                continue
            z = interval(score) if score else _quotient(cell)
            printed, size = interval(cell["p"]), magnitude(z)
            one = (float(distributions.norm.sf(size[1])), float(distributions.t.sf(size[0], rule["df"])))
            ranges = {"two-sided": (2 * one[0], 2 * one[1]), "one-sided": one}
            other = (1 - one[1], 1 - one[0])  # one-sided, in the other direction
            fits = [name for name, allowed in ranges.items() if meet(printed, allowed) or (name == "one-sided" and meet(printed, other))]
            usual = {"two-sided"} if legend.sides == 2 and not cell["moran"] else set(ranges)
            severity = "sound" if usual & set(fits) else "doubt" if fits else "error"
            says = f"It follows from a {' or '.join(fits)} test." if fits else "It follows from neither a one-sided nor a two-sided test."
            start = f"z = {score}" if score else f"{cell['estimate']} / {cell['std_error']} = {ranged(*z)}"
            told = ", ".join(f"{name} p {ranged(*allowed)}" for name, allowed in ranges.items())
            yield Finding("p", cell_name(cell), cell["p"], ranged(*ranges[fits[0] if fits else "two-sided"]), f"{start}: {told}", severity, says, (key,))


def interval_printed(table: pd.DataFrame, legend: Legend) -> Iterator[Finding]:
    """Are the ends of the interval of confidence where estimate and standard error put them?"""
    for part, rule, _ in _parts(table, legend):
        for key, cell in _filled(part, "estimate", "std_error", "low", "high"):
            fits, arithmetic, shown = [], "", ""
            for level in sorted({legend.confidence, *CONFIDENCES}, key=lambda level: level != legend.confidence):
                cuts = distributions.norm.isf((1 - level) / 2), distributions.t.isf((1 - level) / 2, rule["df"])
                centre, error = interval(cell["estimate"]), positive(cell["std_error"])
                reach = (cuts[0] * error[0], cuts[1] * error[1])
                ends = {"low": (centre[0] - reach[1], centre[1] - reach[0]), "high": (centre[0] + reach[0], centre[1] + reach[1])}
                if level == legend.confidence:
                    arithmetic = f"{cell['estimate']} ± {brief(cuts[0])} × {cell['std_error']}"
                    shown = f"{ranged(*ends['low'])}; {ranged(*ends['high'])}"
                if all(meet(ends[end], interval(cell[end])) for end in ends):
                    fits.append(level)
            holds = legend.confidence in fits
            says = (f"It is one of {legend.confidence:.0%}." if holds else f"Only a confidence of {' or '.join(f'{level:.0%}' for level in fits)} would explain it."
                    if fits else "No usual confidence gives these ends.")
            yield Finding("interval", cell_name(cell), f"{cell['low']}; {cell['high']}", shown, f"{arithmetic} = {shown}",
                          "sound" if holds else "doubt" if fits else "error", says, (key,))


def text_about(table: pd.DataFrame, legend: Legend) -> Iterator[Finding]:
    """Does the text say of an estimate what the table shows?"""
    for key, cell in _filled(table, "estimate", "said"):
        bounds, words = interval(cell["estimate"]), [word.strip() for word in cell["said"].split(",")]
        shown = ["positive" if bounds[0] > 0 else "negative" if bounds[1] < 0 else "near zero"]
        shown += ["significant" if cell["stars"] else "not significant"] if cell["starred"] else []
        clash = [word for word in words if (word in SAID[:2] and word != shown[0])
                 or (word.startswith(SAID[2:]) and len(shown) > 1 and word.startswith("not") != shown[1].startswith("not"))]
        says = f"The text says {' and '.join(clash)}, the table shows {_shown(cell)}." if clash else "Text and table agree."
        yield Finding("text", cell_name(cell), cell["said"], ", ".join(shown), f"{_shown(cell)} is {' and '.join(shown)}",
                      "error" if clash else "sound", says, (key,))


# ------------------------------------------------------------------------- pieces
def _parts(table: pd.DataFrame, legend: Legend) -> Iterator[tuple[pd.DataFrame, dict, int | None]]:
    """Each printed table, the keywords of :func:`stars` for it, and its observations."""
    for _, part in table[(table[["estimate", "p"]] != "").any(axis=1)].groupby("table", sort=False):
        size = legend.nobs if legend.nobs is not None else _known(part, "nobs")
        fitted = part[(part["column"] == "regression") & (part["std_error"] != "") & (part["variable"] != VARIANCE)]
        df = np.inf if size is None else max(size - len(fitted), 1)
        yield part, {"levels": legend.levels, "sides": legend.sides, "df": df, "fewest": max((_known(part, "n_regions") or 2) - 1, 1)}, size


def _known(part: pd.DataFrame, column: str) -> int | None:
    values = {str(v) for v in part[column]} - {""}
    if len(values) > 1:
        raise ValueError(f"table {part['table'].iloc[0]} has several {column}: {', '.join(sorted(values))}; it must have one")
    return int(values.pop()) if values else None


def _filled(table: pd.DataFrame, *columns: str) -> Iterator[tuple[int, pd.Series]]:
    return table[(table[list(columns)] != "").all(axis=1)].iterrows()


def _effects(table: pd.DataFrame, legend: Legend, column: str) -> Iterator[tuple[tuple[int, ...], pd.DataFrame, dict]]:
    """The three effects of each variable, where all are printed; the total is the one accused."""
    for part, rule, _ in _parts(table, legend):
        for _, row in part[part["column"].isin(EFFECTS) & (part[column] != "")].groupby("variable", sort=False):
            if len(row) == len(EFFECTS):
                cells = row.reset_index(names="key").set_index("column")
                yield tuple(cells.loc[["total", "direct", "indirect"], "key"]), cells.assign(column=cells.index), rule


def _quotient(cell) -> tuple[float, float]:
    estimate, error = interval(cell["estimate"]), positive(cell["std_error"])
    return extent([ratio(a, b) * (1 if b else np.sign(a)) for a in estimate for b in error])


def _plain(check: str, key: int, cell, printed: str, allowed, holds: bool, arithmetic: str) -> Finding:
    return Finding(check, cell_name(cell), printed, ranged(*allowed), arithmetic, "sound" if holds else "error",
                   "It agrees." if holds else f"{printed} isn't within rounding.", (key,))


def _shown(cell) -> str:
    return f"{cell['estimate']}{cell['stars']}" + (f" ({cell['std_error']})" if cell["std_error"] else "")
