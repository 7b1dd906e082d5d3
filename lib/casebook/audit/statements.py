"""Does a statement follow from others: sums, shares, counts, years, orders, rates?

A row names a check, what is printed, and what that follows from.  Numbers with decimals stand
for all that round to them; a count is exact.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
import pandas as pd

from casebook.audit.findings import Finding, places, ranged
from casebook.audit.printed import MINUS, extent, interval, meet

SPAN = re.compile(r"(\d{4})\s*[-–—~～至到]\s*(\d{4})")
YEAR = re.compile(r"\d{4}")
SPREAD = {"all": (1, 1), "most": (0.5, 1), "half": (0.45, 0.55), "nearly half": (0.4, 0.5), "a minority": (0, 0.5), "none": (0, 0)}
"""The shares that words stand for; most and a minority, and nearly half, leave out one half itself."""


@dataclass(frozen=True)
class Told:
    """What a statement's sources give; `severity` if that isn't what is printed."""

    holds: bool
    recomputed: str
    arithmetic: str
    says: str = ""
    severity: str = "error"


def total(printed: str, of: list[str], unit: str) -> Told:
    """Do the parts make the printed sum?  A part with a minus is taken off."""
    allowed = tuple(float(sum(ends)) for ends in zip(*map(interval, of)))
    value = _rounded(sum(map(_middle, of)), printed, *of)
    return Told(meet(allowed, interval(printed)), value, f"{_added(of)} = {value}")


def count(printed: str, of: list[str], unit: str) -> Told:
    """Are there as many as printed: of names in a list, or by counts that are added?"""
    numbers = all(re.fullmatch(r"[+-]?\d+", entry.translate(MINUS)) for entry in of)
    if numbers:
        value = sum(int(entry.translate(MINUS)) for entry in of)
        return Told(_whole(printed) == value, str(value), f"{_added(of)} = {value}")
    twice = sorted({entry for entry in of if of.count(entry) > 1})
    listed = f"{', '.join(of[:12])}{', …' if len(of) > 12 else ''}: {len(set(of))}"
    return Told(_whole(printed) == len(set(of)) and not twice, str(len(set(of))), listed, f"Named twice: {', '.join(twice)}." if twice else "")


def share(printed: str, of: list[str], unit: str) -> Told:
    """Is the printed share that of two amounts, part and whole, which may be rounded?"""
    return _share(printed, of, unit, [interval(entry) for entry in of])


def share_of_counts(printed: str, of: list[str], unit: str) -> Told:
    """Is the printed share that of two exact counts?"""
    return _share(printed, of, unit, [(_whole(entry),) * 2 for entry in of])


def growth(printed: str, of: list[str], unit: str) -> Told:
    """Is the printed growth that from the first to the last value: in all, or a year where a span of years follows?"""
    start, end, *span = of
    if min(interval(start) + interval(end)) <= 0:
        raise ValueError("a growth rate needs values above zero; compare them with order instead")
    years = _years(span[0])[-1] - _years(span[0])[0] if span else 1
    if years < 1:
        raise ValueError(f"{span[0]} is no span of years; write it like 2005-2016")
    ratios = [b / a for a in interval(start) for b in interval(end)]
    size = 100 if unit == "percent" else 1
    allowed = extent([size * (ratio ** (1 / years) - 1) for ratio in ratios])
    value = _rounded(size * ((_middle(end) / _middle(start)) ** (1 / years) - 1), printed)
    inner = f"({end} / {start})" + (f"^(1/{years})" if span else "")
    return Told(meet(allowed, interval(printed)), value, f"{inner} − 1 = {value}" + (" per cent" if size == 100 else ""), f"By rounding {ranged(*allowed)}.")


def turning_point(printed: str, of: list[str], unit: str) -> Told:
    """Is the printed turning point that of the coefficients: of x, and of its square?  With unit log, x is a logarithm."""
    linear, square = map(interval, of)
    if square[0] <= 0 <= square[1]:
        return Told(True, "anything", f"−({of[0]}) / (2 × {of[1]})", "The square's coefficient may be zero: its digits don't tell the turning point.")
    form = np.exp if unit == "log" else float
    allowed = extent([form(-b / (2 * c)) for b in linear for c in square])
    value = _rounded(form(-_middle(of[0]) / (2 * _middle(of[1]))), printed)
    text = f"−({of[0]}) / (2 × {of[1]})"
    return Told(meet(allowed, interval(printed)), value, f"{f'exp({text})' if unit == 'log' else text} = {value}", f"By rounding {ranged(*allowed)}.")


def observations(printed: str, of: list[str], unit: str) -> Told:
    """Are there as many observations as units and years make?  A span of years counts as its years."""
    sizes = [_years(entry)[-1] - _years(entry)[0] + 1 if SPAN.fullmatch(entry) else _whole(entry) for entry in of]
    told = [f"{size} ({entry})" if SPAN.fullmatch(entry) else entry for entry, size in zip(of, sizes)]
    return Told(_whole(printed) == math.prod(sizes), str(math.prod(sizes)), f"{' × '.join(told)} = {math.prod(sizes)}")


def years(printed: str, of: list[str], unit: str) -> Told:
    """Do the printed years lie within the years of the study?"""
    said, known = _years(printed), [year for entry in of for year in _years(entry)]
    low, high = min(known), max(known)
    out = [str(year) for year in said if not low <= year <= high]
    shown = f"{low}-{high}" if low < high else str(low)
    told = f"{', '.join(out)} not" if out else f"{said[0]} to {said[-1]}" if len(said) > 1 else str(said[0])
    return Told(not out, shown, f"{told} within {shown}", severity="slip")


def same(printed: str, of: list[str], unit: str) -> Told:
    """Do two places say the same?"""
    other = [entry for entry in of if not _alike(printed, entry)]
    shown = "; ".join(dict.fromkeys(of))
    return Told(not other, shown, f"{printed} {'≠' if other else '='} {'; '.join(dict.fromkeys(other)) or shown}")


def quantifier(printed: str, of: list[str], unit: str) -> Told:
    """Is a share in words the share of the counts?"""
    if printed not in SPREAD:
        raise ValueError(f"{printed!r} has no share; write one of {', '.join(SPREAD)}")
    (low, high), part = SPREAD[printed], _whole(of[0]) / _whole(of[1])
    half = printed in ("most", "a minority", "nearly half") and part == 0.5
    meant = f"{low:.0%}" if low == high else f"{low:.0%} to {high:.0%}"
    return Told(low <= part <= high and not half, f"{part:.1%}", f"{of[0]} / {of[1]} = {part:.1%}; {printed} means {meant}",
                severity="slip" if "half" in printed else "error")


def shape(printed: str, of: list[str], unit: str) -> Told:
    """Can a curve have the printed shape: its extreme (maximum, minimum or none), the year of it, and the years it covers?"""
    extreme, year, span = of[0], of[1], _years("; ".join(of[2:]))
    inside = extreme != "none" and span[0] < int(year) < span[-1]
    told = f"{extreme} in {year}" if extreme != "none" else "no turn"
    if extreme != "none" and not span[0] <= int(year) <= span[-1]:
        return Told(False, told, f"{year} not within {span[0]}-{span[-1]}", "The turn lies outside the years shown.")
    wanted = {"inverted U": "maximum", "U": "minimum"}
    if printed in wanted and extreme != wanted[printed]:
        return Told(False, told, f"{printed} means a {wanted[printed]}, and {told} is none")
    if printed in wanted:
        ends = "" if inside else f"In {span[0]}-{span[-1]} only one arm of the curve is seen; other years would have to show the other."
        return Told(inside, told, f"{span[0]} < {year} < {span[-1]}" if inside else f"{year} is an end of {span[0]}-{span[-1]}", ends, "doubt")
    if printed == "half inverted U":
        return Told(not inside, told, f"{span[0]} < {year} < {span[-1]}: both arms" if inside else f"one arm in {span[0]}-{span[-1]}",
                    "Half a curve has no turn inside." if inside else "", "slip")
    raise ValueError(f"{printed!r} is no shape; write inverted U, U or half inverted U")


def order(printed: str, of: list[str], unit: str) -> Told:
    """Do the values fall, or rise, as printed?"""
    if printed not in ("falling", "rising"):
        raise ValueError(f"{printed!r} is no order; write falling or rising")
    values, sign = [_middle(entry) for entry in of], -1 if printed == "falling" else 1
    wrong = [f"{a}, then {b}" for a, b, x, y in zip(of, of[1:], values, values[1:]) if sign * (y - x) <= 0]
    return Told(not wrong, "other" if wrong else printed, f" {'>' if sign < 0 else '<'} ".join(of) if not wrong else "; ".join(wrong))


def numbering(printed: str, of: list[str], unit: str) -> Told:
    """Do numbers in the text run from one on, without a gap or a repeat?"""
    given, wanted = [_whole(entry) for entry in of], list(range(1, len(of) + 1))
    twice, gaps = sorted({n for n in given if given.count(n) > 1}), sorted(set(wanted) - set(given))
    told = [f"twice {', '.join(map(str, twice))}"] * bool(twice) + [f"missing {', '.join(map(str, gaps))}"] * bool(gaps)
    return Told(given == wanted, ", ".join(map(str, wanted)), f"{', '.join(of)}: {'; '.join(told) or 'in order'}", severity="slip")


def at_most(printed: str, of: list[str], unit: str) -> Told:
    """Is a printed number no larger than it can be?  With unit log it is a logarithm, the bound is not."""
    form, text = (np.exp, f"exp({printed})") if unit == "log" else (float, printed)
    low, bound = form(interval(printed)[0]), _middle(of[0])
    return Told(bool(low <= bound), f"at most {of[0]}", f"{text} = {form(_middle(printed)):.4g} {'≤' if low <= bound else '>'} {of[0]}")


def apart(printed: str, of: list[str], unit: str) -> Told:
    """Do two lists that exclude each other share no name?"""
    both = [entry for entry in split(printed) if entry in of]
    return Told(not both, "none in common", f"in both: {', '.join(both) or 'none'}")


STATEMENTS: dict[str, Callable[[str, list[str], str], Told]] = {
    "sum": total, "count": count, "share": share, "share of counts": share_of_counts, "growth": growth, "turning point": turning_point,
    "observations": observations, "years": years, "same": same, "quantifier": quantifier, "shape": shape, "order": order,
    "numbering": numbering, "at most": at_most, "apart": apart,
}
"""The checks of statements by name."""

NEEDED = {"share": 2, "share of counts": 2, "growth": (2, 3), "turning point": 2, "quantifier": 2, "shape": (3, 4), "at most": 1}
"""How many sources a check needs, where it isn't any number."""


def made(table: pd.DataFrame, legend, check: str) -> Iterator[Finding]:
    """The findings of one check on the statements of a table."""
    for key, row in table[table["check"] == check].iterrows():
        of = split(row["of"])
        try:
            told = _told(check, row["printed"], of, row["unit"])
        except (ValueError, InvalidOperation, ZeroDivisionError) as fault:
            words = str(fault) if type(fault) is ValueError else f"{row['printed']!r} or {row['of']!r} is no number that {check} can use"
            raise ValueError(f"{row['where'] or check}: {words}") from fault
        severity = "sound" if told.holds else row["severity"] or told.severity
        yield Finding(check, row["where"], row["printed"], told.recomputed, told.arithmetic, severity, told.says, (key,))


def _told(check: str, printed: str, of: list[str], unit: str) -> Told:
    need = NEEDED.get(check)
    if need and len(of) not in (need if isinstance(need, tuple) else (need,)):
        raise ValueError(f"{check} needs {need if isinstance(need, int) else ' or '.join(map(str, need))} entries under 'of', joined by a semicolon; got {len(of)}")
    return STATEMENTS[check](printed, of, unit)


def split(text: str) -> list[str]:
    """The entries of a list, as written with semicolons.

    Examples
    --------
    >>> split("a; b；c")
    ['a', 'b', 'c']
    """
    return [entry.strip() for entry in re.split("[;；]", text) if entry.strip()]


def filled(statements: pd.DataFrame, tables: Mapping[str, pd.DataFrame], values: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Put the printed values in the place of references to them.

    Parameters
    ----------
    statements : DataFrame
        With the columns ``printed`` and ``of``.  An entry ``table.column`` or ``table.column[condition]``, the
        condition as :meth:`pandas.DataFrame.query` reads it, stands for the values there, and with # before it
        for how many there are; a key of `values` stands for its value.  All else is left as it is.
    tables : mapping of name to DataFrame
        Their index may be named like a column.
    values : mapping of str to str, optional

    Examples
    --------
    >>> tables = {"parts": pd.DataFrame({"kind": ["a", "a", "b"], "value": ["2.55", "2.45", "9"]})}
    >>> filled(pd.DataFrame({"printed": ["5"], "of": ["parts.value[kind == 'a']"]}), tables)["of"][0]
    '2.55; 2.45'
    """
    flat = {name: frame.reset_index() for name, frame in tables.items()}
    looked = re.compile(rf"(#?)({'|'.join(map(re.escape, flat))})\.(\w+)(?:\[(.+)\])?")

    def value(entry: str) -> str:
        found = looked.fullmatch(entry)
        if not found:
            return entry if values is None else values.get(entry, entry)
        number, name, column, condition = found.groups()
        part = flat[name].query(condition, engine="python") if condition else flat[name]
        chosen = [str(cell) for cell in part[column].dropna() if str(cell)]
        if number:
            return str(len(chosen))
        if not chosen:
            raise ValueError(f"{entry} stands for nothing; correct the reference")
        return "; ".join(chosen)

    columns = {column: ["; ".join(map(value, split(text))) for text in statements[column]] for column in ("printed", "of")}
    return statements.assign(**columns)


# ------------------------------------------------------------------------- pieces
def _share(printed: str, of: list[str], unit: str, bounds) -> Told:
    (a, b), (c, d) = bounds
    if c <= 0:
        raise ValueError(f"{of[1]} can't be a whole: it must be above zero")
    size = 100 if unit == "percent" else 1
    allowed, value = (size * a / d, size * b / c), size * (a + b) / (c + d)
    low, high = interval(printed)
    cut = not meet(allowed, (low, high)) and meet(allowed, tuple(np.add((low, high), (high - low) / 2)))
    shown = _rounded(value, printed)
    return Told(meet(allowed, (low, high)), shown, f"{of[0]} / {of[1]} = {shown}" + (" per cent" if size == 100 else ""),
                "Its digits are cut off, not rounded." if cut else "", "doubt" if cut else "error")


def _middle(printed: str) -> float:
    return float(np.mean(interval(printed)))


def _whole(printed: str) -> int:
    bare = printed.strip().translate(MINUS)
    if not re.fullmatch(r"[+-]?\d+", bare):
        raise ValueError(f"{printed!r} is no whole number; a count is exact")
    return int(bare)


def _rounded(value: float, *printed: str) -> str:
    """With one decimal more than the first printed number, and at least as many as the others; zeros cut."""
    decimals = max([places(printed[0], 1), *(places(text) for text in printed[1:])])
    return f"{Decimal(f'{value:.{decimals}f}').normalize():f}"


def _added(of: list[str]) -> str:
    return " + ".join(of).translate(MINUS).replace("+ -", "− ")


def _years(text: str) -> list[int]:
    """All years named in a text."""
    found = [int(year) for year in YEAR.findall(text)]
    if not found:
        raise ValueError(f"{text!r} names no year; write it like 2005 or 2005-2016")
    return sorted(found)


def _alike(one: str, other: str) -> bool:
    """Whether one is the other, or what it rounds to."""
    try:
        rough, fine = sorted((one, other), key=lambda text: np.ptp(interval(text)), reverse=True)
    except ValueError:
        return one.casefold() == other.casefold()
    return meet(interval(rough), (_middle(fine),) * 2)
