"""Do an estimate, its standard error and its stars agree, and effects with their total?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats as distributions

from casebook.audit.printed import MINUS, SLACK, Check, interval, magnitude, meet, positive, ratio

LEVELS = (0.10, 0.05, 0.01)
"""The usual legend of one, two and three stars."""

LEGENDS = (LEVELS, (0.05, 0.01, 0.001))
"""Legends in common use; one that isn't stated can still explain a number of stars."""

MANY = 1000
"""Degrees of freedom from which Student's t counts as normal."""

EFFECTS = ("direct", "indirect", "total")


@dataclass(frozen=True)
class Stars:
    """Printed stars against those earned; made by :func:`stars`.

    Attributes
    ----------
    given : int
    earned : (int, int)
        Fewest and most stars that unrounded numbers could earn.
    z, p : (float, float)
        Ranges of \\|z\\| and of its p.
    needed : (float, float)
        The standard errors with which the estimate would earn the stars given.
    explanation : str
        The unstated conventions that would earn them, if they aren't earned, joined by "or".
    """

    given: int
    earned: tuple[int, int]
    z: tuple[float, float]
    p: tuple[float, float]
    needed: tuple[float, float]
    explanation: str = ""

    @property
    def agrees(self) -> bool:
        return self.earned[0] <= self.given <= self.earned[1]

    @property
    def decision(self) -> bool:
        """Whether the error decides: stars on nothing significant, or none on what is (statcheck's decision error)."""
        return not self.agrees and 0 in (self.given, self.earned[1])

    @property
    def verdict(self) -> str:
        return "sound" if self.agrees else "suspicious" if self.explanation else "impossible"


@dataclass(frozen=True)
class Repair:
    """A change of one digit or sign; what it does to the cell's stars: mended, kept, broken, wrong, or unknown ("")."""

    cell: str
    printed: str
    stars: str = ""


@dataclass(frozen=True)
class Sum(Check):
    """A :class:`Check` of a sum with the changes of one digit or sign that would repair it."""

    repairs: tuple[Repair, ...] = ()


def stars(
    estimate: str, std_error: str, stars: str, levels=LEVELS, sides: int = 2, *, df: float = np.inf, fewest: float = 1
) -> Stars:
    """Do the stars follow from estimate and standard error?

    Parameters
    ----------
    estimate, std_error, stars : str
        As printed; no stars are "".
    levels : sequence of float
        The legend: p below the largest earns one star, and so on.
    sides : {1, 2}
        A one-sided test is in the direction of the estimate.
    df : float
        Stars by Student's t with so many degrees of freedom are earned as those
        by the normal distribution are.
    fewest : float
        Fewest degrees of freedom, as of clustered standard errors, that may
        explain stars that are missing; few make p larger, so that they never
        explain stars that are too many.

    Notes
    -----
    Error and decision error as in statcheck: Nuijten et al. (2016), doi:10.3758/s13428-015-0664-2.

    Examples
    --------
    0.351 / 0.299 = 1.17, but p = 0.05 is at 1.96 and p = 0.01 at 2.58.

    >>> found = stars("0.351", "0.299", "**")
    >>> found.earned, found.decision, [round(e, 3) for e in found.needed]
    ((0, 0), True, [0.136, 0.179])
    """
    levels, given = _legend(levels, sides), stars.count("*")
    if stars.strip("* ") or given > len(levels):
        raise ValueError(f"{stars!r} must be no more than {len(levels)} asterisks: the legend has levels {levels}")
    size, error = magnitude(interval(estimate)), positive(std_error)
    z = (ratio(size[0], error[1]), ratio(size[1], error[0]))
    cuts = [np.inf, *distributions.norm.isf(np.array(levels[::-1]) / sides), 0.0][::-1]
    needed = (ratio(size[0], cuts[given + 1]), ratio(size[1], cuts[given]))
    p, earned = _earned(z, levels, sides, df)
    explained = "" if earned[0] <= given <= earned[1] else " or ".join(_explaining(given, z, levels, sides, df, fewest))
    return Stars(given, earned, z, p, needed, explained)


def sums(direct: str, indirect: str, total: str, cells: Mapping[str, tuple[str, str]] | None = None, **legend) -> Sum:
    """Do direct and indirect effect add up to the total?

    Parameters
    ----------
    direct, indirect, total : str
    cells : mapping of effect to (standard error, stars), optional
        To see whether a repair mends the stars of its cell as well.
    **legend
        Keywords of :func:`stars`.

    Examples
    --------
    >>> sums("0.25", "0.11", "0.46").repairs[0]
    Repair(cell='direct', printed='0.35', stars='')
    """
    printed = dict(zip(EFFECTS, (direct, indirect, total), strict=True))

    def parts(p):
        return tuple(np.add(interval(p["direct"]), interval(p["indirect"])).tolist())

    allowed = parts(printed)
    if meet(allowed, interval(total)):
        return Sum(allowed, True)
    repairs = []
    for cell, text in printed.items():
        for other in _misprints(text):
            changed = printed | {cell: other}
            if meet(parts(changed), interval(changed["total"])):
                repairs.append(Repair(cell, other, _mends(text, other, (cells or {}).get(cell), legend)))
    return Sum(allowed, False, repairs=tuple(repairs))


def triangle(se_direct: str, se_indirect: str, se_total: str) -> Check:
    """Can these be standard errors of two effects and of their sum?

    The variance of the sum is a² + b² + 2rab with a correlation r from -1 to 1.

    Returns
    -------
    Check
        Of `se_total`; implied is the range of r.

    Examples
    --------
    >>> found = triangle("0.3", "0.4", "0.9")  # at most 0.35 + 0.45 = 0.8, and 0.9 is 0.85 at least
    >>> found.holds, round(found.implied[0], 3)
    (False, 1.262)
    """
    (a0, a1), (b0, b1), (c0, c1) = map(positive, (se_direct, se_indirect, se_total))
    allowed = (max(0.0, a0 - b1, b0 - a1), a1 + b1)
    holds = meet(allowed, (c0, c1))
    if not a0 * b0:
        return Check(allowed, holds, (-np.inf, np.inf))
    corners = [(a, b) for a in (a0, a1) for b in (b0, b1)]
    # Along an edge r has a maximum inside where a² = b² - c², and nowhere a minimum.
    peaks = [(np.sqrt(max(b * b - c1 * c1, 0)), b) for b in (b0, b1)]
    peaks += [(a, np.sqrt(max(a * a - c1 * c1, 0))) for a in (a0, a1)]
    peaks = [(a, b) for a, b in peaks if a0 <= a <= a1 and b0 <= b <= b1]

    def r(a, b, c):
        return float((c * c - a * a - b * b) / (2 * a * b))

    return Check(allowed, holds, (min(r(a, b, c0) for a, b in corners), max(r(a, b, c1) for a, b in corners + peaks)))


def _legend(levels, sides: int) -> tuple[float, ...]:
    if sides not in (1, 2):
        raise ValueError(f"sides must be 1 or 2; got {sides!r}")
    if not levels or not all(0 < level < 1 for level in levels):
        raise ValueError(f"levels must lie between 0 and 1; got {levels!r}")
    return tuple(sorted(levels, reverse=True))


def _earned(z, levels, sides, df):
    """Range of p and fewest and most stars for a range of |z|, by the normal distribution or by t."""
    p = float(sides * distributions.norm.sf(z[1])), float(sides * distributions.t.sf(z[0], df))
    return p, (sum(p[1] < level * (1 - SLACK) for level in levels), sum(p[0] <= level * (1 + SLACK) for level in levels))


def _explaining(given: int, z, levels, sides: int, df: float, fewest: float) -> list[str]:
    """Every convention that gives so many stars."""
    tries = {f"a {'one' if sides == 2 else 'two'}-sided test": (levels, 3 - sides, df)}
    tries |= {f"a legend of p < {', '.join(map(str, legend))}": (legend, sides, df) for legend in LEGENDS}
    tries |= {words: (levels, sides, min(df, fewest)) for words in _freedom(given, z, levels, sides, df, fewest)}
    ranges = {words: _earned(z, *how)[1] for words, how in tries.items()}
    return [words for words, (least, most) in ranges.items() if least <= given <= most]


def _freedom(given: int, z, levels, sides: int, df: float, fewest: float) -> list[str]:
    """The degrees of freedom, fewer than those of the table, with which Student's t gives so many stars."""
    tried = np.arange(fewest, max(min(df, MANY), fewest + 1))
    p = sides * distributions.t.sf(np.array(z)[:, None], tried)  # falls with them: what fits is one stretch
    cuts = np.array(levels)[:, None]
    fit = tried[((p[0] < cuts * (1 - SLACK)).sum(axis=0) <= given) & (given <= (p[1] <= cuts * (1 + SLACK)).sum(axis=0))]
    if not len(fit):
        return ["Student’s t with degrees of freedom that are no whole number"]
    low, high = fit[0], fit[-1]
    many = f"{low:g} {'or' if high == low + 1 else 'to'} {high:g} degrees" if low < high else f"{low:g} degree" + "s" * int(low != 1)
    return [f"Student’s t with {many} of freedom"]


def _misprints(text: str):
    """Every text that differs in one digit or in the sign."""
    end = next((i for i, c in enumerate(text) if c in "eE"), len(text))
    for i, old in enumerate(text[:end]):
        if old.isdigit():
            yield from (text[:i] + new + text[i + 1 :] for new in "0123456789" if new != old)
    bare = text.strip().translate(MINUS)
    yield bare[1:] if bare[0] == "-" else "-" + bare.removeprefix("+")


def _mends(old: str, new: str, marks: tuple[str, str] | None, legend: Mapping) -> str:
    if marks is None:
        return ""
    before, after = (stars(text, *marks, **legend).agrees for text in (old, new))
    return ("kept" if before else "mended") if after else ("broken" if before else "wrong")
