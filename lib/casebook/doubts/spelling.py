"""Which names of regions look like another region, a total or a note?

Keys of text: two spellings of one region count as two regions, and a line
below the table counts as one more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache

import opencc

from casebook.problems import Problem

LONG = 5
"""Names of so many letters at least are compared for typing errors: of shorter ones too many differ by one."""
ALIKE = 0.05
"""Above this share of names one letter apart, names are alike by nature (Hebei and Hubei) and none is reported."""
SUFFIXES = ("维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "自治州", "自治县", "地区", "省", "市", "县", "区", "盟", "州",
            " autonomous region", " province", " prefecture", " municipality", " county", " city", " district")
"""Endings that say the rank of a place; a name with and without one is the same place."""
TOTALS = re.compile(r"(全[国國省市区區县縣]|各[省市县]|)(总计|合计|小计|总数|总和|平均|平均数|均值|全部)|全[国省市区县]|"
                    r"(grand |sub-? ?|national |provincial )?(total|sum|average|mean)s?|total\b.*|national?|nationwide|"
                    r"all (regions|provinces|cities|counties|countries)", re.IGNORECASE)
"""Whole names of sums and averages, in simplified characters."""
NOTES = re.compile(r"(注|备注|附注|说明|资料来源|数据来源|来源|单位)\s*\d*\s*([:：.、)].*|$)|注释.*|"
                   r"(notes?|sources?|units?|remarks?)\s*\d*\s*([:.)].*|$)|[*†‡].*", re.IGNORECASE)
"""Beginnings of lines below a table, in simplified characters."""
MARKS = "*†‡§#"


def names(regions: Sequence[str], known: Sequence[str] | None = None) -> list[Problem]:
    """Find names that look like another name, a total or a note.

    Parameters
    ----------
    regions : sequence of str
        Names of the table; each once.
    known : sequence of str, optional
        Names that are right, of another table.

    Returns
    -------
    list of Problem
        All warnings.  Names among `known` are never doubted.

    Examples
    --------
    >>> for problem in names(["Ashwick", "Ash wick", "合計"]):
    ...     print(problem)
    region Ash wick: the name looks like 'Ashwick': spaces or invisible characters differ; write one of them throughout
    region 合計: the name looks like a total; remove the row if it is one
    """
    doubtful, kinds, alike = _compared(regions, known)
    spelt = "write one of them throughout" if known is None else "write {}"
    found = [_problem(name, f"looks like {kind}", "remove the row if it is one") for name, kind in kinds.items()]
    found += [_problem(name, f"looks like {other!r}: {why}", spelt.format(other)) for name, other, why in alike]
    return sorted(found, key=lambda problem: doubtful.index(problem.region))


def meant(regions: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """The known name that each name seems to mean, where there is one.

    Examples
    --------
    >>> meant(["Ash wick", "Elsewhere"], ["Ashwick"])
    {'Ash wick': 'Ashwick'}
    """
    sure = set(known)
    return {name: other for name, other, _ in reversed(_compared(regions, known)[2]) if other in sure}


def _compared(regions: Sequence[str], known: Sequence[str] | None) -> tuple[list[str], dict[str, str], list[tuple[str, str, str]]]:
    """The names in doubt, those that are a total or a note, and those like another: the name, the other, and why."""
    sure = set(known or ())
    doubtful = [name for name in dict.fromkeys(regions) if name not in sure]
    kinds = {name: kind for name in doubtful if (kind := _kind(name))}
    rest = {name for name in doubtful if name not in kinds}
    candidates = [name for name in dict.fromkeys([*(known or ()), *doubtful]) if name not in kinds]
    same = _same(candidates, rest)
    told = {name for name, *_ in same}
    return doubtful, kinds, same + _typos([name for name in candidates if name not in told], rest, known is not None)


def _problem(name: str, expected: str, mend: str) -> Problem:
    return Problem("the name", expected, mend, region=name, severity="warning")


def _kind(name: str) -> str:
    plain = _simplified(_plain(name)).strip()
    if TOTALS.fullmatch(_spaceless(plain)) or TOTALS.fullmatch(plain):
        return "a total"
    return "a note" if NOTES.fullmatch(plain) else ""


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name)


def _unmarked(name: str) -> str:
    """Without marks of footnotes: stars, and raised or circled numbers."""
    return "".join(letter for letter in name if letter not in MARKS and unicodedata.category(letter) != "No")


def _spaceless(name: str) -> str:
    return "".join(letter for letter in name if unicodedata.category(letter)[0] not in "ZC")


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _simplified(name: str) -> str:
    """In simplified characters; a few change that should not (乾安), but in both spellings alike."""
    return name if name.isascii() else _converter().convert(name)


def _without_rank(name: str) -> str:
    """Without the ending that says the rank; names of one Chinese character keep it."""
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) > 1:
            return name.removesuffix(suffix)
    return name


STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("a footnote mark differs", _unmarked),
    ("letters of full width or another form of letters differ", _plain),
    ("spaces or invisible characters differ", _spaceless),
    ("capital letters differ", str.casefold),
    ("traditional and simplified characters differ", _simplified),
)
"""What may differ between two spellings of one name, and how to take the difference away."""


def _same(candidates: Iterable[str], doubtful: set[str]) -> list[tuple[str, str, str]]:
    """Names that become equal step by step: the name, the earlier one, and the step."""
    found, left = [], {name: name for name in candidates}
    for why, step in STEPS:
        left = {name: step(key) for name, key in left.items()}
        found += _equal(left, doubtful, why)
        left = {name: key for name, key in left.items() if name not in {hit for hit, *_ in found}}
    ranks = {name: _without_rank(_simplified(_unmarked(_plain(name)).casefold().strip())) for name in left}
    bare = {name for name, key in ranks.items() if key == left[name] or _spaceless(key) == left[name]}
    return found + [hit for hit in _equal({name: _spaceless(key) for name, key in ranks.items()}, doubtful,
                                          "the rank of the place is left out in one")
                    if hit[0] in bare or hit[1] in bare]


def _equal(keys: dict[str, str], doubtful: set[str], why: str) -> list[tuple[str, str, str]]:
    first: dict[str, str] = {}
    found = []
    for name, key in keys.items():
        other = first.setdefault(key, name)
        if other != name and name in doubtful:
            found.append((name, other, why))
    return found


def _typos(candidates: Sequence[str], doubtful: set[str], against_known: bool) -> list[tuple[str, str, str]]:
    """Names one letter apart, or with two letters swapped."""
    keys = {name: _spaceless(_plain(name)).casefold() for name in candidates}
    near: dict[str, list[str]] = {}
    found = []
    for name, key in keys.items():
        if len(key) < LONG:
            continue
        shorter = {key} | {key[:place] + key[place + 1:] for place in range(len(key))}
        others = dict.fromkeys(other for short in sorted(shorter) for other in near.get(short, []))
        for short in shorter:
            near.setdefault(short, []).append(name)
        if name in doubtful:
            found += [(name, other, "one letter differs") for other in others
                      if one_slip(key, keys[other]) and not (against_known and other in doubtful)]
    return [] if len(found) > max(1, ALIKE * len(keys)) and not against_known else found


def one_slip(one: str, other: str) -> bool:
    """Whether two words differ by one letter added, left out, changed, or swapped with its neighbour.

    A changed number is no slip: district 1 is not district 2.

    Examples
    --------
    >>> one_slip("suzhou", "suzhuo"), one_slip("suzhou", "suzou"), one_slip("zone1", "zone2"), one_slip("abc", "abc")
    (True, True, False, False)
    """
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if any(letter.isdigit() for letter in one + other):
        return False
    return 1 == max(len(one), len(other)) or (len(one) == len(other) == 2 and one == other[::-1])
