"""How is a result drawn?

One function per kind of picture, none per chapter.  Each returns a
:class:`Figure`, which carries its name, caption and alternative text to the
page.  Colours are Okabe and Ito's, safe for colour-blind readers, and never the
only cue.
"""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from adjustText import adjust_text
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Wedge

from casebook import decoupling

PALETTE = {
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "grey": "#777777",
}
"""Okabe and Ito's colours by name, and a grey."""

STATE_STYLE = {
    "expansive negative decoupling": (PALETTE["green"], "^"),
    "expansive coupling": (PALETTE["sky"], "o"),
    "weak decoupling": (PALETTE["orange"], "s"),
    "strong decoupling": (PALETTE["vermilion"], "v"),
    "strong negative decoupling": (PALETTE["purple"], "P"),
    "weak negative decoupling": (PALETTE["yellow"], "X"),
    "recessive coupling": (PALETTE["blue"], "D"),
    "recessive decoupling": (PALETTE["grey"], "<"),
    "undefined": ("#ffffff", "o"),
}
"""Colour and marker of each decoupling state."""

STATE_SIGN = dict(zip("^osvPXD<", "▲●■▼✚✖◆◀"))
"""The markers as characters, for tables."""

TYPE_STYLE = {
    "A": (PALETTE["green"], "^", "A: both gaps narrow"),
    "B": (PALETTE["blue"], "D", "B: productivity gap narrows"),
    "C": (PALETTE["orange"], "s", "C: income gap narrows"),
    "D": (PALETTE["vermilion"], "v", "D: both gaps widen"),
    "undefined": (PALETTE["grey"], "o", "undefined"),
}
"""Colour, marker and meaning of each catch-up type."""

VERDICT_STYLE = {
    "reproduced": (PALETTE["green"], ""),
    "close": (PALETTE["sky"], "//"),
    "depends": (PALETTE["yellow"], ".."),
    "contradicted": (PALETTE["vermilion"], "xx"),
    "inconsistent": (PALETTE["purple"], "\\\\"),
    "definition": ("#bbbbbb", ""),
    "not testable": ("#eeeeee", "--"),
    "not examined": ("#ffffff", ""),
}
"""Colour and hatch of each verdict."""

_STYLE = {
    **sns.axes_style("ticks"),
    **sns.plotting_context("notebook", font_scale=0.85),
    "font.family": "DejaVu Sans",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
}


@dataclass(frozen=True)
class Figure:
    """A drawn picture with what a page needs to show it to everyone.

    Attributes
    ----------
    png : bytes
    name : str
        Label by which the page refers to it, such as ``fig-states``.
    caption : str
        A few words.
    alt : str
        What is drawn and what it shows, for readers who can't see it.
    """

    png: bytes
    name: str
    caption: str
    alt: str

    def _repr_mimebundle_(self, include=None, exclude=None):
        text = f"Figure {self.name}: {self.caption}\n{self.alt}"
        data = {"image/png": base64.b64encode(self.png).decode(), "text/plain": text}
        meta = {"name": self.name, "caption": self.caption, "alt": self.alt}
        return data, {"image/png": meta}


@dataclass(frozen=True)
class Table:
    """A table for a page: an HTML table with an anchor and a caption."""

    html: str
    text: str

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html, "text/plain": self.text}


def table(
    frame: pd.DataFrame,
    *,
    name: str,
    caption: str,
    digits: int | Mapping[str, int] = 3,
    raw: Iterable[str] = (),
    filters: Iterable[str] = (),
    searchable: bool = False,
    index: bool = True,
) -> Table:
    """Show a frame as a table of the page.

    Parameters
    ----------
    frame : DataFrame
    name : str
        Anchor, such as ``tbl-elasticities``.
    caption : str
    digits : int or mapping of column to int
        Decimals of floating-point columns.
    raw : iterable of str
        Columns that hold HTML already.
    filters : iterable of str
        Columns that get a drop-down on the page.
    searchable : bool
        Whether the page offers a search box over the rows.
    index : bool
        Whether the index is shown, as row headers.

    Returns
    -------
    Table
    """
    shown = frame.reset_index() if index else frame
    keys = (frame.index.names if index else [])
    cells = {c: _cells(shown[c], c, digits, c in raw) for c in shown}
    head = "".join(
        f'<th scope="col"{" data-filter" if c in filters else ""}>{html.escape(str(c))}</th>'
        for c in shown
    )
    rows = []
    for i in range(len(shown)):
        row = "".join(
            f'<th scope="row">{cells[c][i]}</th>' if c in keys
            else f"<td{_align(shown[c])}>{cells[c][i]}</td>"
            for c in shown
        )
        rows.append(f"<tr>{row}</tr>")
    kind = "casebook-table searchable" if searchable else "casebook-table"
    body = "\n".join(rows)
    markup = (
        f'<table class="{kind}" id="{name}"><caption>{html.escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )
    return Table(markup, f"Table {name}: {caption} ({len(shown)} rows)")


def state_marks(states: pd.Series) -> pd.Series:
    """States as the signs of the figures, each with its name for pointer and screen reader.

    Parameters
    ----------
    states : Series of str

    Returns
    -------
    Series of str
        HTML, for the `raw` columns of :func:`table`.

    Examples
    --------
    >>> state_marks(pd.Series(["weak decoupling"]))[0]
    '<abbr title="weak decoupling">■</abbr>'
    """
    signs = {s: STATE_SIGN[marker] for s, (_, marker) in STATE_STYLE.items()} | {"undefined": "–"}
    return states.map(lambda s: f'<abbr title="{s}">{signs[s]}</abbr>')


def state_key(states: Iterable[str]) -> str:
    """The signs of the states that occur, in words, for a caption.

    Examples
    --------
    >>> state_key(["weak decoupling", "weak decoupling"])
    '■ weak decoupling'
    """
    present = set(states)
    return ", ".join(f"{STATE_SIGN[STATE_STYLE[s][1]]} {s}" for s in STATE_STYLE if s in present and s != "undefined")


def states_plane(
    driver_growth: Mapping[str, pd.Series] | pd.Series,
    value_growth: Mapping[str, pd.Series] | pd.Series,
    *,
    axes: tuple[str, str],
    name: str,
    caption: str,
    alt: str,
    lower: float = decoupling.LOWER,
    upper: float = decoupling.UPPER,
) -> Figure:
    """The plane of two growth rates with its eight decoupling states, and the regions in it.

    Parameters
    ----------
    driver_growth, value_growth : Series indexed by region
        In per cent.
    axes : (str, str)
        Labels of the horizontal and vertical axis, with units.
    name, caption, alt : str
        As in :class:`Figure`.
    lower, upper : float
        Bounds of coupling.

    Returns
    -------
    Figure
    """
    with plt.rc_context(_STYLE):
        fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.9), width_ratios=(1, 1.2), layout="constrained")
        _sectors(left, 1.0, lower, upper, text=True)
        left.set(xlabel="growth of the driver", ylabel="growth of the value", xticks=[0], yticks=[0])
        left.set_xticklabels(["0"]), left.set_yticklabels(["0"])
        states = decoupling.state(value_growth / driver_growth, driver_growth, lower=lower, upper=upper)
        low = min(0.0, driver_growth.min() * 1.1, value_growth.min() * 1.1)
        wide, high = driver_growth.max() * 1.16, value_growth.max() * 1.08
        _sectors(right, max(wide, high, -low), lower, upper, text=False)
        for state in [s for s in STATE_STYLE if (states == s).any()]:
            part, (colour, marker) = states[states == state].index, STATE_STYLE[state]
            right.scatter(driver_growth[part], value_growth[part], c=colour, marker=marker, s=34,
                          edgecolors="black", linewidths=0.5, label=state, zorder=3)
        right.set(xlim=(low, wide), ylim=(low, high), xlabel=axes[0], ylabel=axes[1])
        right.legend(loc="lower right", fontsize=8)
        _label_points(right, driver_growth, value_growth)
        return _finish(fig, name, caption, alt)


def region_maps(
    places: pd.DataFrame,
    scores: Mapping[str, pd.Series],
    states: Mapping[str, pd.Series],
    sizes: Mapping[str, pd.Series],
    *,
    size_label: str,
    name: str,
    caption: str,
    alt: str,
    borders: pd.DataFrame | None = None,
    geojson: str | Path | None = None,
) -> Figure:
    """Maps of regions side by side: score by colour and number, state by shape, income by size.

    Parameters
    ----------
    places : DataFrame indexed by region
        ``longitude`` and ``latitude`` in degrees.
    scores, states, sizes : mapping of panel title to Series indexed by region
        Colour of the symbol and number on it; its shape; its area.
    size_label : str
        What the size means, with its unit.
    name, caption, alt : str
        As in :class:`Figure`.
    borders : DataFrame, optional
        Columns ``region`` and ``neighbour``: contiguous pairs, drawn as thin lines.
    geojson : path, optional
        A GeoJSON file of polygons, drawn instead of the contiguous pairs and
        filled with the colour of the score.  A feature belongs to the region
        whose name is among its properties.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        When a region has no outline in the file.
    """
    with plt.rc_context(_STYLE):
        fig, axes = plt.subplots(1, len(scores), figsize=(4.7 * len(scores), 5.6), squeeze=False)
        largest = max(s.max() for s in sizes.values())
        every = pd.concat(list(scores.values())).dropna().astype(float)
        colours = plt.cm.ScalarMappable(plt.Normalize(every.min(), every.max()), "viridis_r")
        for ax, title in zip(axes[0], scores):
            if geojson is not None:
                _outlines(ax, geojson, places.index, scores[title], colours)
            elif borders is not None:
                _links(ax, places, borders)
            _symbols(ax, places, scores[title], states[title], sizes[title] / largest, colours)
            ax.set_xlabel(title)
            ax.set(xticks=[], yticks=[], aspect=1 / np.cos(np.radians(places["latitude"].mean())))
            sns.despine(ax=ax, left=True, bottom=True)
            ax.margins(0.09)
        present = [s for s in STATE_STYLE if any((v == s).any() for v in states.values())]
        handles = [
            Line2D([], [], ls="", marker=STATE_STYLE[s][1], mfc="white", mec="black", ms=8, label=s)
            for s in present
        ]
        handles.append(Line2D([], [], ls="", label=f"colour and number: score; area: {size_label}"))
        fig.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=8)
        return _finish(fig, name, caption, alt)


def series(
    lines: pd.DataFrame,
    *,
    axes: tuple[str, str],
    name: str,
    caption: str,
    alt: str,
    marks: pd.DataFrame | None = None,
    band: Mapping[str, pd.DataFrame] | None = None,
) -> Figure:
    """A few series over years, each with its own dash, marker and end label.

    Parameters
    ----------
    lines : DataFrame indexed by year
        A column per series.
    axes : (str, str)
        Labels, with units.
    name, caption, alt : str
        As in :class:`Figure`.
    marks : DataFrame, optional
        Columns ``year``, ``value``, ``text``: printed figures to compare with.
    band : mapping of column to DataFrame indexed by year with ``low``, ``high``, optional
        Range over readings.

    Returns
    -------
    Figure
    """
    looks = list(zip(("blue", "vermilion", "green", "purple"), "osD^", ("-", "--", "-.", ":")))
    with plt.rc_context(_STYLE):
        fig, ax = plt.subplots(figsize=(7.6, 4.4))
        for column, (colour, marker, dash) in zip(lines, looks):
            y = lines[column].dropna()
            ax.plot(y.index, y, color=PALETTE[colour], marker=marker, ls=dash, lw=1.8, ms=5)
            ax.annotate(column, (y.index[-1], y.iloc[-1]), (8, 0), textcoords="offset points",
                        va="center", color=PALETTE[colour])
            if band is not None and column in band:
                ax.fill_between(band[column].index, band[column]["low"], band[column]["high"],
                                color=PALETTE[colour], alpha=0.13, lw=0)
        if marks is not None:
            ax.plot(marks["year"], marks["value"], ls="", marker="*", ms=12, mfc="white",
                    mec="black", zorder=4)
            for row in marks.itertuples():
                ax.annotate(row.text, (row.year, row.value), (8, 8), textcoords="offset points",
                            ha="left", fontsize=8)
        ax.set(xlabel=axes[0], ylabel=axes[1], ylim=(0, None))
        ax.margins(x=0.03)
        ax.set_xticks([int(y) for y in lines.index])
        return _finish(fig, name, caption, alt)


def quadrants(
    driver_growth: pd.Series,
    value_growth: pd.Series,
    types: pd.Series,
    *,
    axes: tuple[str, str],
    name: str,
    caption: str,
    alt: str,
) -> Figure:
    """Growth of two gaps against each other; the quadrant is the catch-up type.

    Parameters
    ----------
    driver_growth, value_growth : Series indexed by region
        In per cent.
    types : Series indexed by region
        Keys of ``TYPE_STYLE``.
    axes : (str, str)
        Labels, with units.
    name, caption, alt : str
        As in :class:`Figure`.

    Returns
    -------
    Figure
    """
    with plt.rc_context(_STYLE):
        fig, ax = plt.subplots(figsize=(8.4, 5.8), layout="constrained")
        for kind in [t for t in TYPE_STYLE if (types == t).any()]:
            colour, marker, text = TYPE_STYLE[kind]
            part = types.index[types == kind]
            ax.scatter(driver_growth[part], value_growth[part], c=colour, marker=marker, s=42,
                       edgecolors="black", linewidths=0.5, label=text, zorder=3)
        ax.axhline(0, color="black", lw=0.8), ax.axvline(0, color="black", lw=0.8)
        _bend(ax, driver_growth, value_growth, axes)
        ends = np.array([*ax.get_xlim(), *ax.get_ylim()])
        reach = np.linspace(0, max(ends.max(), 1), 200)
        ax.plot(reach, reach, color=PALETTE["grey"], ls=":", lw=1.2, label="index = 1", scalex=False,
                scaley=False)
        ax.legend(loc="upper right", fontsize=8)
        _label_points(ax, driver_growth, value_growth)
        return _finish(fig, name, caption, alt)


def dumbbells(
    values: pd.DataFrame,
    *,
    axis: str,
    lines: Mapping[float, str],
    name: str,
    caption: str,
    alt: str,
) -> Figure:
    """The same quantity of every region under two or more choices.

    Parameters
    ----------
    values : DataFrame indexed by region
        A column per choice; regions are drawn from the top down.
    axis : str
        Label, with unit.
    lines : mapping of value to text
        Up to two reference lines, in ascending order.
    name, caption, alt : str
        As in :class:`Figure`.

    Returns
    -------
    Figure
    """
    looks = list(zip(("vermilion", "blue", "green"), "oDs"))
    with plt.rc_context(_STYLE):
        fig, ax = plt.subplots(figsize=(7.6, 1.2 + 0.235 * len(values)))
        rows = np.arange(len(values))[::-1]
        ax.hlines(rows, values.min(axis=1), values.max(axis=1), color="#bbbbbb", lw=2, zorder=1)
        for column, (colour, marker) in zip(values, looks):
            ax.scatter(values[column], rows, c=PALETTE[colour], marker=marker, s=34, label=column,
                       edgecolors="black", linewidths=0.4, zorder=3)
        for side, (x, text) in zip(("right", "left"), lines.items()):
            ax.axvline(x, color="black", lw=0.8, ls="--", zorder=0)
            ax.annotate(text, (x, rows[0] + 0.8), (3 if side == "left" else -3, 0), ha=side,
                        textcoords="offset points", fontsize=8)
        ax.set_yticks(rows, values.index)
        ax.margins(x=0.12)
        ax.set(xlabel=axis, ylim=(-0.8, len(values) + 0.6))
        ax.legend(loc="lower right", fontsize=8)
        return _finish(fig, name, caption, alt)


def specification_curve(
    values: pd.Series,
    table: pd.DataFrame,
    *,
    printed: float,
    chosen: int,
    axis: str,
    name: str,
    caption: str,
    alt: str,
) -> Figure:
    """A figure under every reading, sorted, above the choices that make each reading.

    Parameters
    ----------
    values : Series indexed by reading
        Missing readings are left out.
    table : DataFrame indexed by reading
        A column per choice; choices that don't move the figure are not drawn.
    printed : float
        The document's figure, drawn as a line.
    chosen : int
        The closest reading, marked.
    axis : str
        Label, with unit.
    name, caption, alt : str
        As in :class:`Figure`.

    Returns
    -------
    Figure

    Notes
    -----
    Simonsohn, Simmons and Nelson (2020), doi:10.1038/s41562-020-0912-z.
    """
    order = values.dropna().sort_values(kind="stable")
    ranks = pd.Series(np.arange(len(order)), order.index)
    rows = table.loc[order.index]
    used = [c for c in table if _matters(order, rows, c)]
    rows = [(c, level) for c in used for level in table.loc[order.index, c].unique()]
    with plt.rc_context(_STYLE):
        fig, (top, bottom) = plt.subplots(
            2, 1, figsize=(8.4, 3.2 + 0.2 * len(rows)), sharex=True,
            height_ratios=(3, 0.2 * len(rows) + 0.2))
        top.plot(ranks, order, ".", ms=2.5, color=PALETTE["blue"])
        top.axhline(printed, color=PALETTE["vermilion"], ls="--", lw=1.2)
        top.annotate(f"printed {printed:g}", (0, printed), (2, 4), textcoords="offset points",
                     color=PALETTE["vermilion"], fontsize=8)
        if chosen in ranks.index:
            top.plot(ranks[chosen], order[chosen], "*", ms=13, mfc=PALETTE["yellow"], mec="black")
        top.set_ylabel(axis)
        for i, (choice, level) in enumerate(rows):
            at = ranks[table.loc[order.index, choice] == level]
            bottom.plot(at, np.full(len(at), -i), "|", ms=6, mew=0.35,
                        color=PALETTE["blue" if used.index(choice) % 2 else "grey"])
        bottom.set_yticks(-np.arange(len(rows)), [f"{c}: {level}" for c, level in rows], fontsize=7)
        bottom.set(xlabel="readings, in ascending order of the figure", ylim=(-len(rows), 1))
        return _finish(fig, name, caption, alt)


def verdict_bars(counts: pd.DataFrame, *, name: str, caption: str, alt: str) -> Figure:
    """Counts of verdicts as stacked bars, by colour and hatch, with the numbers written on.

    Parameters
    ----------
    counts : DataFrame, one row per bar, one column per verdict
    name, caption, alt : str
        As in :class:`Figure`.

    Returns
    -------
    Figure
    """
    with plt.rc_context(_STYLE):
        fig, ax = plt.subplots(figsize=(8.4, 1.35 + 0.42 * len(counts)))
        rows, left = np.arange(len(counts))[::-1], np.zeros(len(counts))
        for verdict in [v for v in VERDICT_STYLE if v in counts and counts[v].any()]:
            colour, hatch = VERDICT_STYLE[verdict]
            width = counts[verdict].to_numpy()
            ax.barh(rows, width, left=left, color=colour, hatch=hatch, edgecolor="black",
                    lw=0.6, label=verdict, height=0.7)
            for row, x, w in zip(rows, left, width):
                if w >= 0.035 * counts.sum(axis=1).max():
                    ax.text(x + w / 2, row, f"{int(w)}", ha="center", va="center", fontsize=8,
                            bbox={"facecolor": "white", "pad": 1, "lw": 0})
            left = left + width
        ax.set_yticks(rows, counts.index)
        ax.set_xlabel("number of claims")
        ax.margins(x=0)
        ax.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=4, fontsize=8)
        return _finish(fig, name, caption, alt)


def coverage(cells: pd.DataFrame, *, name: str, caption: str, alt: str) -> Figure:
    """Which figures exist: regions by years, one panel per column, flags marked.

    Parameters
    ----------
    cells : DataFrame
        Columns ``region``, ``year``, ``column``, ``observed`` (bool), ``flag`` (str).
    name, caption, alt : str
        As in :class:`Figure`.

    Returns
    -------
    Figure
    """
    columns, regions = cells["column"].unique(), cells["region"].unique()
    across = 5
    down = -(-len(columns) // across)
    with plt.rc_context(_STYLE):
        fig, axes = plt.subplots(down, across, figsize=(9.6, down * (0.9 + 0.13 * len(regions))),
                                 sharex=True, sharey=True, squeeze=False)
        for ax, column in zip(axes.flat, columns):
            part = cells[cells["column"] == column]
            level = part["observed"].astype(int) + (part["flag"] != "").astype(int) * part["observed"]
            wide = part.assign(level=level).pivot(index="region", columns="year", values="level")
            wide = wide.loc[regions]
            ax.pcolormesh(np.arange(wide.shape[1] + 1), np.arange(wide.shape[0] + 1), wide.to_numpy(),
                          cmap=_ramp(), vmin=0, vmax=2, edgecolors="white", lw=0.3)
            y, x = np.nonzero(wide.to_numpy() == 2)
            ax.plot(x + 0.5, y + 0.5, "k.", ms=1.6)
            ax.set_xlabel(column.replace("_", " "), fontsize=7)
            ax.set_xticks([0.5, wide.shape[1] - 0.5], [wide.columns[0], wide.columns[-1]], fontsize=7)
            ax.set_yticks(np.arange(len(regions)) + 0.5, regions, fontsize=6)
            ax.xaxis.set_tick_params(labelbottom=True)
        axes[0, 0].invert_yaxis()
        for ax in axes.flat[len(columns):]:
            ax.set_visible(False)
        colours = _ramp().colors
        handles = [
            Line2D([], [], ls="", marker="s", ms=9, mfc=colours[1], mec="grey", label="observed"),
            Line2D([], [], ls="", marker="s", ms=9, mfc=colours[2], mec="grey", label="observed, flagged (dot)"),
            Line2D([], [], ls="", marker="s", ms=9, mfc=colours[0], mec="grey", label="missing"),
        ]
        fig.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8)
        return _finish(fig, name, caption, alt)


def _finish(fig, name: str, caption: str, alt: str) -> Figure:
    if not fig.get_layout_engine():
        fig.set_layout_engine("constrained")
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    plt.close(fig)
    return Figure(buffer.getvalue(), name, caption, alt)


def _matters(values: pd.Series, rows: pd.DataFrame, choice: str) -> bool:
    """Whether a choice moves the figure while all others stay as they are."""
    others = [rows[c] for c in rows if c != choice]
    return bool((values.round(12).groupby(others).nunique() > 1).any()) if others else True


def _cells(column: pd.Series, key, digits, raw: bool) -> list[str]:
    places = digits.get(key, 3) if isinstance(digits, Mapping) else digits
    if pd.api.types.is_float_dtype(column):
        return ["" if pd.isna(v) else f"{v:,.{places}f}".replace("-", "−") for v in column]
    texts = ["" if pd.isna(v) else str(v) for v in column]
    return texts if raw else [html.escape(t) for t in texts]


def _align(column: pd.Series) -> str:
    """Numbers to the right; columns of sentences get room."""
    if pd.api.types.is_numeric_dtype(column):
        return ' class="number"'
    return ' class="text"' if column.astype(str).str.len().median() > 30 else ""


def _sectors(ax, reach: float, lower: float, upper: float, *, text: bool) -> None:
    """The lines that cut the plane into eight states; with text, the sectors coloured and named."""
    for slope in (lower, upper):
        ax.plot([-reach, reach], [-slope * reach, slope * reach], color="black", lw=0.8, ls="--")
    ax.axhline(0, color="black", lw=0.8), ax.axvline(0, color="black", lw=0.8)
    if not text:
        return
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    cuts = [-90, 0, *np.degrees(np.arctan([lower, upper])), 90]
    right = ["strong decoupling", "weak decoupling", "expansive coupling", "expansive negative decoupling"]
    left = ["strong negative decoupling", "weak negative decoupling", "recessive coupling", "recessive decoupling"]
    for turn, names in ((0, right), (180, left)):
        for state, a, b in zip(names, cuts, cuts[1:]):
            colour, marker = STATE_STYLE[state]
            ax.add_patch(Wedge((0, 0), 2 * reach, a + turn, b + turn, color=colour, alpha=0.22, lw=0))
            middle, far = np.radians((a + b) / 2 + turn), 0.93 if "coupling" in state.split() else 0.66
            x, y = far * reach * np.cos(middle), far * reach * np.sin(middle)
            ax.plot(x, y, marker=marker, mfc=colour, mec="black", mew=0.5, ms=8)
            ax.annotate("\n".join(state.split(" ")), (x, y), (0, -7), textcoords="offset points",
                        ha="center", va="top", fontsize=7, linespacing=0.95)


def _label_points(ax, x: pd.Series, y: pd.Series) -> None:
    """Write each region beside its point, without overlaps."""
    known = x.notna() & y.notna()
    x, y = x[known], y[known]
    texts = [ax.text(x[region], y[region], region, fontsize=7, zorder=4) for region in x.index]
    ax.figure.draw_without_rendering()
    adjust_text(texts, x.to_numpy(), y.to_numpy(), ax=ax, expand=(1.15, 1.3), iter_lim=300,  # steps, not seconds
                arrowprops={"arrowstyle": "-", "color": "#999999", "lw": 0.5})


def _symbols(ax, places, score, state, size, colours) -> None:
    for region, row in places.iterrows():
        marker, value = STATE_STYLE[state.get(region, "undefined")][1], score.get(region)
        known = not pd.isna(value)
        area = 70 + 420 * np.nan_to_num(size.get(region, 0.0))
        reach, sink = np.sqrt(area) / 2, {"^": -0.24, "v": 0.24}.get(marker, 0)
        at = (row["longitude"], row["latitude"])
        fill = colours.to_rgba(float(value)) if known else "white"
        ax.scatter(*at, s=area, color=[fill], marker=marker, edgecolors="black", linewidths=0.6, zorder=3)
        ink = "white" if known and np.dot(fill[:3], [0.3, 0.59, 0.11]) < 0.5 else "black"
        ax.annotate(f"{value:.0f}" if known else "", at, (0, sink * reach), textcoords="offset points",
                    ha="center", va="center", fontsize=7.5, color=ink, zorder=5)
        ax.annotate(region, at, (0, -reach - 1), textcoords="offset points",
                    ha="center", va="top", fontsize=6.5, zorder=4)


def _links(ax, places, borders) -> None:
    for a, b in borders.reset_index()[["region", "neighbour"]].itertuples(index=False):
        if a in places.index and b in places.index:
            ax.plot(places.loc[[a, b], "longitude"], places.loc[[a, b], "latitude"],
                    color="#cccccc", lw=0.8, zorder=1)


def _outlines(ax, geojson, regions, score, colours) -> None:
    left = set(regions)
    for feature in json.loads(Path(geojson).read_text(encoding="utf-8"))["features"]:
        region = next((v for v in feature["properties"].values() if v in regions), None)
        left.discard(region)
        value = score.get(region)
        fill = "none" if region is None or pd.isna(value) else (*colours.to_rgba(float(value))[:3], 0.45)
        shape = feature["geometry"]
        parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        for rings in parts:
            ax.add_patch(Polygon(rings[0], fc=fill, ec="#777777", lw=0.7, zorder=0))
            ax.update_datalim(rings[0])
    if left:
        raise ValueError(f"{geojson} has no outline with the name of {', '.join(sorted(left))} among its properties")
    ax.autoscale_view()


def _bend(ax, x: pd.Series, y: pd.Series, axes: tuple[str, str]) -> None:
    """Label the axes; bend one where a few values dwarf the others, and say so."""
    for values, label, axis in zip((x, y), axes, (ax.xaxis, ax.yaxis)):
        size = values.abs().dropna()
        if len(size) and size.max() > 12 * size.median() > 0:
            scale = ax.set_xscale if axis is ax.xaxis else ax.set_yscale
            scale("symlog", linthresh=float(10 ** np.ceil(np.log10(2 * size.median()))))
            label += " (scale bent far from zero)"
        axis.set_label_text(label)


def _ramp():
    from matplotlib.colors import ListedColormap

    return ListedColormap(["#f4e3d7", PALETTE["sky"], PALETTE["blue"]])
