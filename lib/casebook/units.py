"""How large is a unit?"""

from __future__ import annotations

import re
import unicodedata

SIZES = {
    "亿": 1e8, "千万": 1e7, "百万": 1e6, "十万": 1e5, "万": 1e4, "千": 1e3, "百": 1e2,
    "billion": 1e9, "100 million": 1e8, "million": 1e6, "10,000": 1e4, "10000": 1e4, "1,000": 1e3, "1000": 1e3, "thousand": 1e3, "mn": 1e6, "bn": 1e9,
}
"""Words before a unit that multiply it."""

TONNES = {"Gt": 1e9, "Mt": 1e6, "kt": 1e3}
"""Multiples of a tonne; their letters' case tells them apart."""


def size(unit: str) -> float | None:
    """The power of ten in a unit, or None where it has no word for one.

    Parameters
    ----------
    unit : str
        As written in a dictionary or beside a head.

    Examples
    --------
    >>> size("亿元"), size("1e4 persons"), size("million dollars"), size("Mt CO2"), size("t")
    (100000000.0, 10000.0, 1000000.0, 1000000.0, None)
    """
    text = unicodedata.normalize("NFKC", unit).strip()
    if tonnes := re.match(r"(Gt|Mt|kt)\b", text):
        return TONNES[tonnes[1]]
    text = text.casefold()
    if power := re.match(r"1e(\d+)\b", text):
        return 10.0 ** int(power[1])
    words = [word for word in SIZES if text.startswith(word)]
    return SIZES[max(words, key=len)] if words else None
