"""Which kind of deindustrialisation is it, if it is one?

The distinction of aggregate (总量去工业化) and structural deindustrialisation
(结构性去工业化) made measurable: every question of the tree in :func:`classify`
is answered by the rule of :func:`casebook.structure.sustained`.

Tregenna (2009), Cambridge Journal of Economics 33(3), doi:10.1093/cje/ben032.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pandas as pd

from casebook.panels import tidy
from casebook.structure import checks
from casebook.structure.decline import ERRORS, LEAST, Decline, suits, sustained

KINDS = ("industrialising", "aggregate deindustrialisation", "structural deindustrialisation", "none", "cannot tell")

QUESTIONS = {
    "employment": "which way does the employment share move?",
    "value": "which way does the value-added share move?",
    "exports": "which way does the export share move?",
    "productivity": "which way does productivity move?",
}
"""What is asked of each series, in the order of the tree."""


@dataclass(frozen=True)
class Classification:
    """The class of one region; made by :func:`classify`.

    Attributes
    ----------
    kind : str
        One of ``KINDS``.
    path : tuple of (question, answer)
        The questions of the tree that were asked, in order; each answer is
        "rising", "falling", "none" or "cannot tell".
    evidence : mapping of str to Decline
        By series, those that the tree didn't come to as well.
    window : (int, int) or None
        First and last year, common to all series; none if they have no year in common.
    """

    kind: str
    path: tuple[tuple[str, str], ...]
    evidence: Mapping[str, Decline]
    window: tuple[int, int] | None

    @property
    def both_fall(self) -> bool | None:
        """Whether the shares of employment and of value added both fall, as Tregenna (2009) asks; None if that can't be told."""
        ways = [self.evidence[name].direction if name in self.evidence else "cannot tell" for name in ("employment", "value")]
        if "rising" in ways or "none" in ways:
            return False
        return None if "cannot tell" in ways else True

    def __str__(self) -> str:
        return f"{self.kind}: " + "; ".join(f"{question} {answer}" for question, answer in self.path)


def classify(
    employment_share: pd.Series, value_share: pd.Series, export_share: pd.Series | None = None, productivity: pd.Series | None = None, *,
    rule: str = "trend", window: tuple[int, int] | None = None, level: float = 0.95, least: int = LEAST, margin: float = 0.0,
    errors: str = ERRORS[0], lags: int | None = None,
) -> Classification:
    """Class a region by the lasting movements of manufacturing's shares.

    Each movement is "rising", "falling", "none" or "cannot tell" by :func:`casebook.structure.sustained`.

    1. The employment share.  None: the class is **none**.  Cannot tell: **cannot tell**.
    2. If it rises, the value-added share.  Rising: **industrialising**.  Falling or
       none: **none**.  Cannot tell: **cannot tell**.
    3. If it falls, the value-added share, the export share and productivity, in this
       order, those that are given.  The first that rises or holds (rising or none):
       the core is kept, **structural deindustrialisation**, and no more is asked.
    4. If none of them rises or holds: **cannot tell** if one of them cannot tell,
       **aggregate deindustrialisation** if all fall.

    Parameters
    ----------
    employment_share, value_share : Series indexed by year
        Manufacturing's shares, as fractions or in per cent.
    export_share : Series indexed by year, optional
    productivity : Series indexed by year, optional
        Of manufacturing, relative to the whole economy or real, in any unit.
    rule, level, least, margin, errors, lags
        The cut-offs, as for :func:`casebook.structure.sustained`.
    window : (first, last), optional
        By default the years between which all the given series are known.

    Returns
    -------
    Classification

    Raises
    ------
    CannotTell
        For a window longer than one of the series; it is a ValueError.
    ValueError
        For negative figures, shares above a hundred per cent, years that occur
        twice, panels and unknown options.

    Notes
    -----
    What isn't given isn't asked: a reading that trusts only shares leaves
    productivity out.  Since manufacturing's relative productivity rises wherever its
    employment share falls faster than its value-added share, asking for it leaves
    few regions aggregate.  Shares sum to one, so that services are no question of
    their own; which sector gains, :func:`casebook.structure.sustained` says of its share.

    Tregenna (2009) calls a lasting fall of both shares deindustrialisation, and
    that of the employment share alone not: ``Classification.both_fall``.

    Examples
    --------
    Employment falls by one point a year; value added holds, or falls as well:

    >>> falling = pd.Series([0.30, 0.29, 0.28, 0.27, 0.26], range(2001, 2006))
    >>> level = pd.Series([0.25, 0.25, 0.25, 0.25, 0.25], range(2001, 2006))
    >>> classify(falling, level).kind, classify(falling, falling).kind, classify(level, falling).kind
    ('structural deindustrialisation', 'aggregate deindustrialisation', 'none')
    >>> classify(falling, level).path[-1]
    ('which way does the value-added share move?', 'none')
    """
    given = _given(employment_share, value_share, export_share, productivity)
    options = {"rule": rule, "level": level, "least": least, "margin": margin, "errors": errors, "lags": lags}
    common = window if window is not None else _common(given)
    suits(**options)
    if common is None:
        return Classification("cannot tell", ((QUESTIONS["employment"], "cannot tell"),), {}, None)
    evidence = {name: sustained(series, window=common, **options) for name, series in given.items()}
    kind, asked = _decide({name: found.direction for name, found in evidence.items()})
    return Classification(kind, tuple((QUESTIONS[name], evidence[name].direction) for name in asked), evidence, (int(common[0]), int(common[1])))


def kinds(
    shares: Mapping[str, Mapping[Hashable, pd.Series]], *, employment: Hashable = "employment", value: Hashable = "value added", exports: Hashable | None = None,
    trust_exports: bool = True, first: int | None = None, last: int | None = None, least: int = LEAST,
) -> pd.DataFrame:
    """The class of each region, as tidy rows for :func:`casebook.readings.run`.

    Parameters
    ----------
    shares : mapping of region to mapping of name to Series indexed by year
        Its shares, among them those named by the next three; a share of exports that isn't
        there, or known in fewer than `least` years, isn't asked.
    employment, value, exports : hashable
    trust_exports : bool
        Whether exports are asked; if not, their years count all the same, so that classes with and without them can be compared.
    first, last : int, optional
        Bounds of the years; of those the years count in which every share is known.
    least : int
        Years needed.

    Returns
    -------
    DataFrame
        For each region "kind", whose ``label`` is one of ``KINDS``; "employment", "value" and "exports", whose ``label``
        is the direction, "unknown" where it isn't asked; and "first" and "last", the years.  Too few years: missing, and the label says so.

    Examples
    --------
    >>> falling, level = (pd.Series(values, range(2001, 2006)) for values in ([0.30, 0.29, 0.28, 0.27, 0.26], [0.25] * 5))
    >>> two = {"A": {"employment": falling, "value added": level}, "B": {"employment": falling, "value added": falling}}
    >>> found = kinds(two, least=5)
    >>> found[found["quantity"] == "kind"].set_index("region")["label"].to_dict()
    {'A': 'structural deindustrialisation', 'B': 'aggregate deindustrialisation'}
    """
    rows = []
    for region, given in shares.items():
        asked = {"employment": given[employment], "value": given[value]}
        if exports in given and given[exports].notna().sum() >= least:
            asked["exports"] = given[exports]
        known = pd.DataFrame(asked).dropna().loc[first:last]
        if len(known) < least:
            reason = f"{len(known)} years in which all shares are known; it takes {least}"
            rows.append(tidy(["kind", "employment", "value", "exports", "first", "last"], float("nan"), reason, region))
            continue
        used = [known[name] for name in asked if trust_exports or name != "exports"]
        found = classify(*used, least=least)
        ways = {name: found.evidence[name].direction if name in found.evidence else "unknown" for name in ("employment", "value", "exports")}
        rows.append(tidy(["kind", *ways, "first", "last"], [0.0] * 4 + [float(year) for year in found.window], [found.kind, *ways.values(), None, None], region))
    return pd.concat(rows, ignore_index=True)


def _decide(ways: Mapping[str, str]) -> tuple[str, list[str]]:
    """The class, and the series that were asked; the tree is in :func:`classify`."""
    work, value = ways["employment"], ways["value"]
    if work in ("none", "cannot tell"):
        return work, ["employment"]
    if work == "rising":
        return {"rising": "industrialising", "cannot tell": "cannot tell"}.get(value, "none"), ["employment", "value"]
    asked = ["employment"]
    for name in ways:
        if name == "employment":
            continue
        asked.append(name)
        if ways[name] in ("rising", "none"):
            return "structural deindustrialisation", asked
    return "cannot tell" if "cannot tell" in ways.values() else "aggregate deindustrialisation", asked


def _given(employment_share, value_share, export_share, productivity) -> dict[str, pd.Series]:
    shares = {"employment": employment_share, "value": value_share, "exports": export_share}
    given = {name: checks.as_share(series, f"the share of {name}") for name, series in shares.items() if series is not None}
    if len(given.keys() & {"employment", "value"}) < 2:
        raise ValueError("the shares of employment and of value added are both needed; the others may be left out")
    return given if productivity is None else given | {"productivity": checks.amounts(productivity, "productivity", panel=False)}


def _common(given: Mapping[str, pd.Series]) -> tuple[int, int] | None:
    """First and last of the years between which every series is known; none if there are no two."""
    spans = [series.dropna().index for series in given.values()]
    if not all(map(len, spans)):
        return None
    first, last = max(int(years[0]) for years in spans), min(int(years[-1]) for years in spans)
    return (first, last) if first < last else None
