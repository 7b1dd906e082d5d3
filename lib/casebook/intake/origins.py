"""In which file, sheet and line does a cell stand?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pandas as pd

from casebook.problems import Problem


class Origin:
    """The parts of which a table was put together.

    Parameters
    ----------
    parts : sequence of (str, DataFrame)
        File, with its sheet where it has several, and cells as text with the
        columns' own names, indexed by the number of the line.
    key : sequence of str
        Columns that identify a row.

    Examples
    --------
    >>> gdp = pd.DataFrame({"region": ["North"], "year": ["2001"], "gdp": ["7"]}, index=[5])
    >>> print(Origin([("gdp.csv", gdp)], ["region", "year"]).place(Problem("7", "is odd", "", region="North", year="2001", column="gdp")))
    gdp.csv, line 5: region North, year 2001, column gdp: 7 is odd
    """

    def __init__(self, parts: Sequence[tuple[str, pd.DataFrame]], key: Sequence[str]):
        self.parts, self.key = list(parts), list(key)
        self._lines: list[dict | None] = [None] * len(self.parts)

    @property
    def file(self) -> str:
        """The file, or the files, without their sheets if they have several."""
        whole = list(dict.fromkeys(file for file, _ in self.parts))
        files = whole if len(whole) == 1 else list(dict.fromkeys(file.partition(", sheet ")[0] for file in whole))
        return ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")

    def place(self, problem: Problem) -> Problem:
        """The problem with its file and line, as far as they can be told."""
        if problem.file:
            return problem
        if problem.row and len(self.parts) == 1:
            return replace(problem, file=self.parts[0][0])
        own = [i for i, (_, frame) in enumerate(self.parts) if not problem.column or problem.column in frame]
        for i in own:
            if line := self._line(i, problem):
                return replace(problem, file=self.parts[i][0], row=line)
        return replace(problem, file=self.parts[own[0]][0] if len(own) == 1 else self.file, row=0)

    def _line(self, i: int, problem: Problem) -> int:
        if self._lines[i] is None:
            frame = self.parts[i][1]
            names = [name for name in ("region", "year") if name in frame and name in self.key]
            cells = zip(*(frame[name].fillna("") for name in names)) if names else ()
            self._lines[i] = {}
            for cell, line in zip(cells, frame.index):
                told = dict(zip(names, cell))
                self._lines[i].setdefault((told.get("region", ""), told.get("year", "")), int(line))
                self._lines[i].setdefault((told.get("region", ""), ""), int(line))
        return self._lines[i].get((problem.region, problem.year[:4]), 0) if problem.region or problem.year else 0


def once(problems: Iterable[Problem], spans: Callable[[set[int]], str], *, lines: bool = True) -> list[Problem]:
    """Tell what holds in many years once: problems that differ in nothing but the year, as those of one line of a wide table.

    Parameters
    ----------
    problems : iterable of Problem
        Each of one year at most.
    spans : callable
        Years in words, as :func:`casebook.data.spans`.
    lines : bool
        Whether problems of different lines are different problems.

    Returns
    -------
    list of Problem
        In the order in which they begin, each with the line of its first year.
    """
    alike: dict[Problem, list[Problem]] = {}
    for problem in problems:
        alike.setdefault(replace(problem, year="", row=problem.row if lines else 0), []).append(problem)
    return [replace(same[0], year=spans({int(one.year) for one in same}) if all(one.year.isdigit() for one in same) else same[0].year)
            for same in alike.values()]
