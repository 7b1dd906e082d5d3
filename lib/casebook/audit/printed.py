"""Which numbers can a printed one stand for?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

SLACK = 1e-12
"""Relative slack of comparisons: in floating point 0.1 + 0.2 isn't 0.3."""

MINUS = dict.fromkeys(map(ord, "−–‐‑－"), "-")
"""What a minus may look like in print."""


@dataclass(frozen=True)
class Check:
    """What the other numbers allow a printed one to be, whether it is, and a quantity they imply."""

    allowed: tuple[float, float]
    holds: bool
    implied: tuple[float, float] | None = None


def interval(printed: str) -> tuple[float, float]:
    """Every number that rounds to a printed one: half the last digit on either side.

    Parameters
    ----------
    printed : str
        Digits with an optional sign (any minus), exponent or per cent sign.
        The zeros that end a whole number count: 120 is no rounded 118.

    Raises
    ------
    ValueError
        When it isn't text, or isn't a number.

    Examples
    --------
    >>> interval("0.190"), interval("−2")
    ((0.1895, 0.1905), (-2.5, -1.5))
    """
    if not isinstance(printed, str):
        raise ValueError(f"{printed!r} is not text; keep printed numbers as strings, with their trailing zeros")
    text = printed.strip().translate(MINUS)
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?", text):
        raise ValueError(f"{printed!r} is not a printed number; write it like 0.190 or -2.5")
    value = Decimal(text.rstrip("%"))
    half = Decimal(5).scaleb(value.as_tuple().exponent - 1)
    unit = Decimal("0.01") if text.endswith("%") else 1
    return float((value - half) * unit), float((value + half) * unit)


def positive(printed: str) -> tuple[float, float]:
    """The interval of a standard error or variance, from zero on."""
    low, high = interval(printed)
    if high <= 0 or printed.strip().translate(MINUS)[0] == "-":
        raise ValueError(f"{printed} can't be negative: correct the standard error or variance")
    return max(low, 0.0), high


def magnitude(span) -> tuple[float, float]:
    """Range of the absolute value."""
    low, high = sorted(map(abs, span))
    return (0.0 if span[0] <= 0 <= span[1] else low), high


def ratio(a: float, b: float) -> float:
    """Quotient, infinite over zero."""
    return float(a / b) if b else np.inf


def extent(values) -> tuple[float, float]:
    """Smallest and largest of an array."""
    return float(np.min(values)), float(np.max(values))


def meet(one, other) -> bool:
    """Whether two intervals have a number in common."""
    slack = SLACK * max((abs(x) for x in (*one, *other) if np.isfinite(x)), default=0)
    return bool(one[0] <= other[1] + slack and other[0] <= one[1] + slack)
