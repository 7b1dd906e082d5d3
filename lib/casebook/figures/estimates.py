"""Estimates with their intervals, and printed tables with what an audit found."""

from __future__ import annotations

import html
from collections.abc import Mapping
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from casebook.figures.style import PALETTE, RC, Figure, finish
from casebook.figures.tables import Table, table

AUDIT_SIGN = {"sound": "", "suspicious": "?", "impossible": "✗"}
"""The sign beside a printed cell; colour comes from the page's style."""

SEVERITY_STYLE = {"error": ("#f2b48a", "✗"), "doubt": (PALETTE["yellow"], "?"), "slip": ("#b9dcf2", "~"), "sound": ("#eeeeee", "")}
"""Colour and sign of what a check found, the gravest first."""

TABBED = ' tabindex="0"'
"""What makes a cell reachable by keyboard."""

GROUP_STYLE = list(zip(("black", PALETTE["blue"], PALETTE["green"], PALETTE["purple"]), "oDs^"))
"""Colour and marker of each group of estimates."""


def forest(
    estimates: pd.DataFrame, *, axis: str, name: str, caption: str, alt: str, line: float | None = 0.0
) -> Figure:
    """Estimates with their intervals, in groups, from the top down.

    Parameters
    ----------
    estimates : DataFrame indexed by label
        ``estimate``, ``lower``, ``upper``, ``group``; optionally ``note``, written at
        the right end, and ``hollow``, bool: drawn with an empty marker.
    axis : str
        Label, with unit.
    name, caption, alt : str
        As in :class:`Figure`.
    line : float, optional
        Where a vertical line is drawn.

    Returns
    -------
    Figure
    """
    groups = list(estimates["group"].unique())
    hollow = estimates.get("hollow", pd.Series(False, estimates.index)).to_numpy(dtype=bool)
    notes = estimates.get("note", pd.Series("", estimates.index)).fillna("")
    rows = -(np.arange(len(estimates)) + 0.8 * estimates["group"].map(groups.index).to_numpy())
    with plt.rc_context(RC):
        fig, ax = plt.subplots(figsize=(8.2, 1.1 + 0.34 * len(estimates) + 0.25 * len(groups)))
        for group, (colour, marker) in zip(groups, cycle(GROUP_STYLE)):
            at = (estimates["group"] == group).to_numpy()
            part = estimates[at]
            ax.hlines(rows[at], part["lower"], part["upper"], color=colour, lw=1.8)
            for row, value, empty in zip(rows[at], part["estimate"], hollow[at]):
                ax.plot(value, row, marker, ms=8, mfc="white" if empty else colour, mec=colour, mew=1.6)
            ax.text(0.01, rows[at].max() + 0.55, group, transform=ax.get_yaxis_transform(), ha="left", va="bottom",
                    fontsize=9, color=colour, weight="bold")
        for row, text in zip(rows, notes):
            ax.text(1.01, row, text, transform=ax.get_yaxis_transform(), va="center", fontsize=8)
        if line is not None:
            ax.axvline(line, color="black", lw=0.9, ls="--", zorder=0)
        ax.set_yticks(rows, estimates.index)
        ax.set(xlabel=axis, ylim=(rows.min() - 0.6, rows.max() + 1.4))
        return finish(fig, name, caption, alt)


def checked(found: pd.DataFrame, documents: Mapping[str, str], *, name: str, caption: str, alt: str) -> Figure:
    """How many checks fail, of how many: kinds of checks by documents.

    Parameters
    ----------
    found : DataFrame
        A row per check made: ``check``, drawn in the order of the rows, ``document``, and
        ``severity``, a key of ``SEVERITY_STYLE``; a field takes the looks of its gravest.
    documents : mapping of document to str
        Their labels, from the left.
    name, caption, alt : str
        As in :class:`Figure`.

    Returns
    -------
    Figure
    """
    checks, grades = list(found["check"].unique()), list(SEVERITY_STYLE)
    with plt.rc_context(RC):
        fig, ax = plt.subplots(figsize=(8.2, 1.3 + 0.31 * len(checks)))
        for (check, document), column in found.groupby(["check", "document"])["severity"]:
            grave = min(column, key=grades.index)
            colour, sign = SEVERITY_STYLE[grave]
            x, y = list(documents).index(document), checks.index(check)
            ax.add_patch(plt.Rectangle((x - 0.47, y - 0.44), 0.94, 0.88, color=colour, lw=0))
            ax.text(x, y, f"{(column != 'sound').sum()} of {len(column)} {sign}".strip(), ha="center", va="center", fontsize=9, color="black")
        ax.set(xlim=(-0.5, len(documents) - 0.5), ylim=(len(checks) - 0.5, -0.5))
        ax.set_xticks(range(len(documents)), documents.values())
        ax.set_yticks(range(len(checks)), checks)
        ax.tick_params(length=0, labeltop=True, labelbottom=False)
        ax.spines[:].set_visible(False)
        signs = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour, _ in SEVERITY_STYLE.values()]
        ax.legend(signs, [f"{grade} {sign}".strip() for grade, (_, sign) in SEVERITY_STYLE.items()], loc="upper center",
                  bbox_to_anchor=(0.4, -0.01), ncols=len(signs), fontsize=9)
        return finish(fig, name, caption, alt)


def audited(examined: pd.DataFrame, *, name: str, caption: str) -> Table:
    """A printed table of estimates, each cell marked with what an audit found.

    Parameters
    ----------
    examined : DataFrame
        ``variable``, ``column``, ``printed`` (as a reader sees it), ``verdict`` (a key of
        ``AUDIT_SIGN``) and ``reason``, shown on hover.
    name, caption : str
        As for :func:`table`.

    Returns
    -------
    Table
    """
    unknown = set(examined["verdict"]) - set(AUDIT_SIGN)
    if unknown:
        raise ValueError(f"unknown verdict {', '.join(map(str, unknown))}; known are {', '.join(AUDIT_SIGN)}")
    focus = {"sound": ""}  # the others can be reached by keyboard and by touch
    cells = pd.Series([
        f'<span class="audit-{row.verdict}" title="{html.escape(row.reason)}"{focus.get(row.verdict, TABBED)}>{html.escape(row.printed).replace(" (", "<br>(")}</span>'
        for row in examined.itertuples()
    ], index=pd.MultiIndex.from_frame(examined[["variable", "column"]]))
    wide = cells.unstack("column").loc[examined["variable"].unique(), examined["column"].unique()]
    return table(wide.rename_axis(columns=None), name=name, caption=caption, raw=list(wide))
