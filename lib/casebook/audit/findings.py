"""What did a check find, and how is it told?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from casebook.audit.printed import MINUS
from casebook.panels import counted

SEVERITIES = {
    "error": "impossible: no numbers that round to the print fit, or two places exclude each other",
    "doubt": "possible, but only by something unsaid, such as another convention",
    "slip": "a wording, a caption or a number of a heading that doesn't fit the rest",
    "sound": "agrees",
}
"""What is left of something printed, the worst first."""


@dataclass(frozen=True)
class Finding:
    """What one check found at one place.

    Attributes
    ----------
    check : str
        A key of ``CHECKS``.
    where : str
        The cell or the statement.
    printed, recomputed : str
        What stands there, and what follows from the rest.
    arithmetic : str
        How that follows.
    severity : a key of ``SEVERITIES``
    says : str
        What it means, and what would mend or explain it.
    cells : tuple of int
        Rows of the table it rests on; the one it accuses is the first.
    """

    check: str
    where: str
    printed: str
    recomputed: str
    arithmetic: str
    severity: str
    says: str = ""
    cells: tuple[int, ...] = ()


@dataclass(frozen=True)
class Audit:
    """All findings on a table; made by :func:`casebook.audit.table`.

    Attributes
    ----------
    findings : DataFrame
        A row per check that could be made, the worst first: the attributes of :class:`Finding`
        in words, and ``id`` where the table has such a column.
    unused : tuple of str
        Columns of the table that no check reads.
    """

    findings: pd.DataFrame
    unused: tuple[str, ...] = ()

    @property
    def wrong(self) -> pd.DataFrame:
        """The findings that aren't sound."""
        return self.findings[self.findings["severity"] != "sound"].reset_index(drop=True)

    @property
    def counts(self) -> pd.DataFrame:
        """How many checks of each kind were made, and with what result."""
        made = self.findings.groupby("check", sort=False)["severity"].value_counts().unstack(fill_value=0)
        return made.reindex(columns=list(SEVERITIES), fill_value=0).rename_axis(columns=None).sort_index()

    def __str__(self) -> str:
        lines = [f"{row.severity}, {row.check}, {row.where}: printed {row.printed}. {row.arithmetic}. {row.says}".strip() for row in self.wrong.itertuples()]
        return "\n".join([*lines, self._summary()])

    __repr__ = __str__

    def _summary(self) -> str:
        each = self.findings["severity"].value_counts().reindex(list(SEVERITIES), fill_value=0)
        told = f"{counted(len(self.findings), 'check')}: " + ", ".join(counted(n, s) if s != "sound" else f"{n} sound" for s, n in each.items()) + "."
        told = told if len(self.findings) else "No check could be made: no row fills all the cells that one reads."
        return told + (f" Not read: {', '.join(self.unused)}." if self.unused else "")

    def _repr_html_(self) -> str:
        return self.wrong.drop(columns="id", errors="ignore").to_html(index=False, border=0) + f"<p>{self._summary()}</p>"


def gathered(findings: Iterable[Finding], ids: pd.Series | None = None, unused: tuple[str, ...] = ()) -> Audit:
    """Findings as an :class:`Audit`; each takes its id from the row it accuses."""
    names = [field.name for field in fields(Finding) if field.name != "cells"]
    found = sorted(findings, key=lambda one: list(SEVERITIES).index(one.severity))
    frame = pd.DataFrame([[signed(getattr(one, name)) for name in names] for one in found], columns=names)
    if ids is not None:
        frame["id"] = [ids.iloc[one.cells[0]] if one.cells else "" for one in found]
    return Audit(frame, unused)


# ------------------------------------------------------------------------ in words
def ranged(low: float, high: float) -> str:
    """A range in three digits; one number where they are the same."""
    if high < 0.001 and low >= 0:
        return "below 0.001"
    if np.isinf(high):
        return "anything" if np.isinf(low) else f"{brief(low)} or more"
    if np.isinf(low) or low == 0 < high:
        return f"{brief(high)} or less"
    return brief(low) if brief(low) == brief(high) else f"{brief(low)} to {brief(high)}"


def brief(number: float) -> str:
    """Three digits."""
    return f"{number:.3g}"


def signed(text: str) -> str:
    """Each hyphen that stands for a minus as a minus."""
    return re.sub(r"(?<!\w)-(?=[\d.])", "−", text)


def places(printed: str, more: int = 0) -> int:
    """Decimals of a printed number, and some more."""
    bare = printed.strip().translate(MINUS).rstrip("%")
    return len(re.split("[eE]", bare)[0].partition(".")[2]) + more
