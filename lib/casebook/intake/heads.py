"""Which column does a head mean, and is the table long or wide?

A long table has a row for each region and year and a column for each figure.
A wide one has a column for each year, or for each region.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from casebook.intake.files import Sheet
from casebook.intake.notation import year
from casebook.problems import Problem
from casebook.soundness import uneven
from casebook.units import size

KEYS = {
    "region": ("area", "name", "city", "province", "county", "country", "prefecture", "district", "地区", "地区名称", "区域", "省份", "省市",
               "省", "城市", "市", "县", "国家", "名称"),
    "year": ("time", "period", "年份", "年度", "年", "时间"),
    "neighbour": ("neighbor", "neighbouring region", "相邻地区", "邻近地区", "邻接地区", "邻居"),
    "longitude": ("lon", "lng", "long", "x", "经度"), "latitude": ("lat", "y", "纬度"),
}
"""Other heads of columns that identify a row or a place."""

FIGURE = ("column", "figure", "indicator", "variable", "item", "指标", "指标名称", "项目", "变量")
"""Heads of the column that names the figure of a row, in tables with a column for each year."""

BRACKETS = re.compile(r"[(（\[【](?P<unit>[^()（）\[\]【】]*)[)）\]】]\s*$")



def plain(head: str) -> str:
    """A head without its unit, spelling aside.

    Examples
    --------
    >>> plain("GDP （亿元）"), plain("Gross_Regional  Product")
    ('gdp', 'gross regional product')
    """
    return _spelt(BRACKETS.sub("", unicodedata.normalize("NFKC", head).strip()) or head)


def _spelt(head: str) -> str:
    return re.sub(r"[\s_\-]+", " ", unicodedata.normalize("NFKC", head)).strip().casefold()


class Heads:
    """The columns of a table by all the names they go by.

    Parameters
    ----------
    fields : iterable of mapping
        As in a descriptor: ``name``, and perhaps ``title``, ``title_zh``,
        ``other_heads`` (a list), ``unit``, ``type``.

    Examples
    --------
    >>> heads = Heads([{"name": "gdp", "title_zh": "地区生产总值", "unit": "1e8 yuan"}])
    >>> heads.column("地区生产总值（亿元）"), heads.column("soot") is None
    ('gdp', True)

    Brackets may belong to a name, and a unit follow them.

    >>> heads = Heads([{"name": "a", "title_zh": "排放（登记）"}, {"name": "b", "title_zh": "排放（卫星）"}])
    >>> heads.column("排放（卫星）（万吨）"), heads.column("排放（登记）"), heads.column("排放")
    ('b', 'a', None)
    """

    def __init__(self, fields: Iterable[Mapping]):
        self.fields = {field["name"]: field for field in fields}
        self._names: dict[str, str] = {}
        for rank in (lambda f: [f["name"]], lambda f: f.get("other_heads", []), lambda f: [f.get("title_zh", "")],
                     lambda f: [f.get("title", "")], lambda f: KEYS.get(f["name"], ())):  # the surest first
            for name, field in self.fields.items():
                for head in filter(None, rank(field)):
                    self._names.setdefault(_spelt(head), name)
        short: dict[str, set[str]] = {}
        for head, name in self._names.items():
            short.setdefault(plain(head), set()).add(name)
        self._short = {head: min(names) for head, names in short.items() if len(names) == 1}  # what two names share means neither

    def column(self, head: str) -> str | None:
        """The column that a head means, or None."""
        return next((names[one] for names in (self._names, self._short) for one in (_spelt(head), plain(head)) if one in names), None)

    def other_scale(self, head: str, column: str) -> Problem | None:
        """A problem where the unit in a head is another power of ten than the dictionary's."""
        told = BRACKETS.search(unicodedata.normalize("NFKC", head))
        unit = self.fields[column].get("unit", "")
        ours, theirs = size(unit), size(told["unit"]) if told else None
        if theirs is None or (ours or 1.0) == theirs:
            return None
        factor = theirs / (ours or 1.0)
        act = f"multiply by {factor:,.0f}" if factor > 1 else f"divide by {1 / factor:,.0f}"
        return Problem(f"the head {head}", f"is of another size than the dictionary's unit, {unit}", f"{act}, or change the unit in the dictionary",
                       column=column)


def parts(sheet: Sheet, heads: Heads, regions: Iterable[str] = ()) -> tuple[list[pd.DataFrame], list[Problem]]:
    """A sheet as long tables of text, with the columns' own names, indexed by the number of the line.

    Parameters
    ----------
    sheet : Sheet
    heads : Heads
    regions : iterable of str
        Names by which a table with a column for each region is known.

    Returns
    -------
    frames : list of DataFrame
        One, or one for each figure where years or regions stand side by side; none if the sheet can't be understood.
    problems : list of Problem
        With the name of the file.
    """
    frame, problems = _framed(sheet)
    if frame is None:
        return [], _in(sheet, problems)
    years = [head for head in frame if year(head)[0]] if "year" in heads.fields else []
    known = {head: column for head in frame if head not in years and (column := heads.column(head))}
    places = set(regions) if "region" in heads.fields else set()
    across = [head for head in frame if head in places]
    if years and "year" not in known.values():
        frames, problems = _years_across(sheet, frame, heads, known, years)
    elif len(across) > 1 and "region" not in known.values() and "year" in known.values():
        frames, problems = _regions_across(sheet, frame, heads, known, across)
    else:
        frames, problems = _long(frame, heads, known)
    return frames, _in(sheet, problems)


def _in(sheet: Sheet, problems: Iterable[Problem]) -> list[Problem]:
    return [replace(problem, file=sheet.file) for problem in problems]


def _framed(sheet: Sheet) -> tuple[pd.DataFrame | None, list[Problem]]:
    """The cells under their heads; without columns that have neither head nor figures."""
    (line, first), *rest = sheet.lines
    filled = [head for head in first if head]
    if len(filled) == 1 < max((sum(map(bool, cells)) for _, cells in rest), default=0):
        return None, [Problem(f"the one cell {filled[0]!r}", "stands where the heads should", "delete the lines above the heads", row=line)]
    problems = [problem for problem in uneven(first, rest) if problem.row or problem.column]
    if problems:
        return None, problems
    if not rest:
        return None, [Problem("heads,", "and no line below them", "fill in the table", row=line)]
    cells = pd.DataFrame([cells for _, cells in rest], index=[number for number, _ in rest], dtype="str")
    used = [i for i, head in enumerate(first) if head or cells[i].ne("").any()]
    nameless = [i for i in used if not first[i]]
    if nameless:
        return None, [Problem(f"column {nameless[0] + 1}", "has cells and no head", "give it one", row=line)]
    frame = cells[used].set_axis([first[i] for i in used], axis=1)
    blank = frame.eq("").sum(axis=1).iloc[0]
    texts = [cell for cell in frame.iloc[0] if cell]
    if blank and texts and not any(re.search(r"\d", re.sub(r"1e\d+", "", cell)) for cell in texts) and not frame.iloc[0, 0]:
        return None, [Problem(f"a line of units ({', '.join(texts[:3])})", "stands below the heads", "delete it; units stand in the dictionary", row=rest[0][0])]
    return frame, []


def _long(frame: pd.DataFrame, heads: Heads, known: Mapping) -> tuple[list[pd.DataFrame], list[Problem]]:
    problems = [fault for head, column in known.items() if (fault := heads.other_scale(head, column))]
    same = {column: [head for head in known if known[head] == column] for column in known.values()}
    twice = [Problem(f"the heads {' and '.join(own)}", "mean one column", "remove or rename one", column=column)
             for column, own in same.items() if len(own) > 1]
    if twice:
        return [], problems + twice
    problems += [Problem(f"the head {head}", "is not in the dictionary, so the column is left out",
                         "to use it, add it to dictionary.csv; else nothing need be done", severity="warning")
                 for head in frame if head not in known]
    return [frame[list(known)].rename(columns=known)], problems


def _years_across(sheet, frame, heads, known, years) -> tuple[list[pd.DataFrame], list[Problem]]:
    where = {column: head for head, column in known.items()}
    if "region" in heads.fields and "region" not in where:
        return [], [Problem("years side by side,", "and no column of regions", "add one with the head region")]
    named = next((head for head in frame if plain(head) in FIGURE), None)
    figures = frame[named].map(heads.column) if named else pd.Series(heads.column(sheet.name) or _only(heads), frame.index)
    if not named and figures.isna().any():
        return [], [Problem("years side by side,", "and no word of which figure it is",
                            "name the file or the sheet after the figure, or add a column with the head figure")]
    problems = [Problem(f"the figure {frame.loc[line, named]}", "is not in the dictionary, so the line is left out",
                        "to use it, add it to dictionary.csv; else nothing need be done", row=line, severity="warning")
                for line in frame.index[figures.isna()]]
    problems += [fault for head in (dict.fromkeys(frame[named]) if named else [sheet.name])
                 if (column := heads.column(head)) and (fault := heads.other_scale(head, column))]
    frames = []
    for figure in figures.dropna().unique():
        part = frame[figures == figure]
        regions = {"region": part[where["region"]].repeat(len(years))} if "region" in where else {}
        frames.append(pd.DataFrame({**regions, "year": [year(head)[0] for head in years] * len(part), figure: part[years].to_numpy().ravel()},
                                   index=part.index.repeat(len(years))))
    return frames, problems


def _regions_across(sheet, frame, heads, known, across) -> tuple[list[pd.DataFrame], list[Problem]]:
    figure = heads.column(sheet.name) or _only(heads)
    if not figure:
        return [], [Problem("regions side by side,", "and no word of which figure it is", "name the file or the sheet after the figure")]
    when = next(head for head, column in known.items() if column == "year")
    left = [head for head in frame if head not in across and head != when]
    problems = [Problem(f"the head {head}", "is no region of the table of regions, so the column is left out",
                        "correct the spelling, or add the region", severity="warning") for head in left]
    tall = pd.DataFrame({"region": across * len(frame), "year": frame[when].repeat(len(across)), figure: frame[across].to_numpy().ravel()},
                        index=frame.index.repeat(len(across)))
    return [tall], problems


def _only(heads: Heads) -> str | None:
    """The figure of a table that has but one."""
    figures = [name for name in heads.fields if name not in ("region", "year")]
    return figures[0] if len(figures) == 1 else None
