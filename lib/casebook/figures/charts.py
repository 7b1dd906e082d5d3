"""Series, ranges, readings, verdicts and gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from casebook.figures.style import CROWD, PALETTE, RC, VERDICT_STYLE, Figure, finish

CROWDED = 14        # years above which every second one is named
SHADE = "#eeeeee"   # of years set apart
LINE_HEIGHT = 0.05  # of a name, as a part of the axis


def series(
    lines: pd.DataFrame,
    *,
    axes: tuple[str, str],
    name: str,
    caption: str,
    alt: str,
    marks: pd.DataFrame | None = None,
    band: Mapping[str, pd.DataFrame] | None = None,
    floor: float | None = 0.0,
    span: tuple[tuple[int, int], str] | None = None,
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
    floor : float, optional
        Where the vertical axis begins; by the data if None.
    span : ((int, int), str), optional
        Years shaded, and what they are.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For more lines than can be told apart, which are four.
    """
    looks = list(zip(("blue", "vermilion", "green", "purple"), "osD^", ("-", "--", "-.", ":")))
    if lines.shape[1] > len(looks):
        raise ValueError(f"{lines.shape[1]} lines are more than can be told apart")
    with plt.rc_context(RC):
        fig, ax = plt.subplots(figsize=(7.6, 4.4))
        for column, (colour, marker, dash) in zip(lines, looks):
            y = lines[column].dropna()
            ax.plot(y.index, y, color=PALETTE[colour], marker=marker, ls=dash, lw=1.8, ms=5)
            if band is not None and column in band:
                ax.fill_between(band[column].index, band[column]["low"], band[column]["high"],
                                color=PALETTE[colour], alpha=0.13, lw=0)
        if marks is not None:
            ax.plot(marks["year"], marks["value"], ls="", marker="*", ms=12, mfc="white",
                    mec="black", zorder=4)
            for row in marks.itertuples():
                ax.annotate(row.text, (row.year, row.value), (8, 8), textcoords="offset points",
                            ha="left", fontsize=8)
        ax.set(xlabel=axes[0], ylabel=axes[1], ylim=(floor, None))
        if span is not None:
            ax.axvspan(*span[0], color=SHADE, lw=0, zorder=0)
            ax.annotate(span[1], (np.mean(span[0]), 0.985), xycoords=("data", "axes fraction"), ha="center", va="top", fontsize=8, color="#444444")
        if floor is None:
            ax.axhline(0, color="black", lw=0.8)
        ax.margins(x=0.03)
        years = [int(y) for y in lines.index]
        ax.set_xticks(years if len(years) <= CROWDED else [y for y in years if y % 2 == years[-1] % 2])
        _name_lines(ax, lines, [colour for colour, *_ in looks])
        return finish(fig, name, caption, alt)


def _name_lines(ax, lines: pd.DataFrame, colours: Iterable[str]) -> None:
    """Name each line at its end; names that would touch move apart."""
    ends = pd.DataFrame({c: (lines[c].last_valid_index(), lines[c].dropna().iloc[-1]) for c in lines}, index=["year", "value"]).T
    low, high = ax.get_ylim()
    apart = LINE_HEIGHT * (high - low)
    places, above = {}, -np.inf
    for column, value in ends["value"].astype(float).sort_values().items():
        above = places[column] = max(value, above + apart)
    for column, colour in zip(lines, colours):
        shift = (places[column] - ends.loc[column, "value"]) / (high - low) * ax.get_window_extent().height / ax.figure.dpi * 72
        ax.annotate(column, tuple(ends.loc[column]), (8, shift), textcoords="offset points", va="center", color=PALETTE[colour])


def dumbbells(
    values: pd.DataFrame,
    *,
    axis: str,
    lines: Mapping[float, str],
    name: str,
    caption: str,
    alt: str,
    hollow: Iterable[str] = (),
    legend: str = "lower right",
) -> Figure:
    """The same quantity of every region under two or more choices.

    Parameters
    ----------
    values : DataFrame indexed by region
        A column per choice; regions are drawn from the top down, of a crowd the first
        and the last ``CROWD / 2``, and the caption says so.
    axis : str
        Label, with unit.
    lines : mapping of value to text
        Up to two reference lines, in ascending order.
    name, caption, alt : str
        As in :class:`Figure`.
    hollow : iterable of str
        Regions drawn hollow.
    legend : str
        Corner of the key, where there are many regions.

    Returns
    -------
    Figure
    """
    looks = list(zip(("vermilion", "blue", "green"), "oDs"))
    told = ""
    if len(values) > CROWD:
        told = f" Drawn are the first {CROWD // 2} and the last {CROWD // 2} of {len(values):,} regions in this order."
        values = pd.concat([values.head(CROWD // 2), values.tail(CROWD // 2)])
    solid = ~values.index.isin(list(hollow))
    with plt.rc_context(RC):
        fig, ax = plt.subplots(figsize=(7.6, 1.2 + 0.235 * len(values)))
        rows = np.arange(len(values))[::-1]
        ax.hlines(rows, values.min(axis=1), values.max(axis=1), color="#bbbbbb", lw=2, zorder=1)
        for column, (colour, marker) in zip(values, looks):
            ax.scatter(values[column][solid], rows[solid], c=PALETTE[colour], marker=marker, s=34,
                       label=column, edgecolors="black", linewidths=0.4, zorder=3)
            ax.scatter(values[column][~solid], rows[~solid], c="white", marker=marker, s=34,
                       edgecolors=PALETTE[colour], linewidths=1.2, zorder=3)
        for side, (x, text) in zip(("right", "left"), lines.items()):
            ax.axvline(x, color="black", lw=0.8, ls="--", zorder=0)
            ax.annotate(text, (x, rows[0] + 0.8), (3 if side == "left" else -3, 0), ha=side,
                        textcoords="offset points", fontsize=8)
        ax.set_yticks(rows, values.index)
        ax.margins(x=0.12)
        ax.set(xlabel=axis, ylim=(-0.8, len(values) + 0.6))
        beside = {} if len(values) > 10 else {"bbox_to_anchor": (1.0, 0.5)}  # few rows leave no room inside
        ax.legend(loc="center left" if beside else legend, fontsize=8, **beside)
        if told:
            ax.axhline(CROWD // 2 - 0.5, color="white", lw=6, zorder=0), ax.axhline(CROWD // 2 - 0.5, color="black", lw=0.8, ls=":")
        return finish(fig, name, caption + told, alt + told)


def specification_curve(
    values: pd.Series,
    *,
    printed: float | None,
    chosen: Mapping[str, str],
    axis: str,
    name: str,
    caption: str,
    alt: str,
    hits: pd.DataFrame | None = None,
) -> Figure:
    """A figure under every reading, sorted, above the choices that make each reading.

    Parameters
    ----------
    values : Series indexed by choices
        Missing readings are left out; choices that don't move the figure are not drawn.
    printed : float or None
        The document's figure, drawn as a line.
    chosen : mapping of choice to level
        The closest reading, marked; may name more choices.
    axis : str
        Label, with unit.
    name, caption, alt : str
        As in :class:`Figure`.
    hits : DataFrame of bool indexed as `values`, optional
        A column per printed figure: which readings give it; drawn above the choices.

    Returns
    -------
    Figure

    Notes
    -----
    Simonsohn, Simmons and Nelson (2020), doi:10.1038/s41562-020-0912-z.
    """
    order = values.dropna().sort_values(kind="stable")
    table, ranks = order.index.to_frame(index=False), np.arange(len(order))
    star = ranks[(table == pd.Series({c: chosen[c] for c in table})).all(axis=1)]
    used = [c for c in table if _matters(order.reset_index(drop=True), table, c)]
    if not used and order.nunique() > 1:  # choices that only move together
        used = [c for c in table if table[c].nunique() > 1]
    rows = [(f"{c}: {level}", table[c] == level, "blue" if used.index(c) % 2 else "grey")
            for c in used for level in table[c].unique()]
    if hits is not None:
        sorted_hits = hits.loc[order.index]
        rows = [(text, sorted_hits[text].to_numpy(dtype=bool), "vermilion") for text in hits] + rows
    with plt.rc_context(RC):
        fig, (top, bottom) = plt.subplots(
            2, 1, figsize=(8.4, 3.2 + 0.2 * len(rows)), sharex=True,
            height_ratios=(3, 0.2 * len(rows) + 0.2))
        top.plot(ranks, order, ".", ms=2.5, color=PALETTE["blue"])
        if printed is not None:
            top.axhline(printed, color=PALETTE["vermilion"], ls="--", lw=1.2)
            low = printed < order.median()  # away from the points
            top.annotate(f"printed {printed:g}".replace("-", "−"), (ranks[-1] if low else 0, printed), (-2 if low else 2, 4),
                         textcoords="offset points", ha="right" if low else "left", color=PALETTE["vermilion"], fontsize=8)
        if len(star):
            top.plot(star, order.iloc[star], "*", ms=13, mfc=PALETTE["yellow"], mec="black")
        top.set_ylabel(axis)
        if (order % 1 == 0).all():  # a count has no fractions
            top.yaxis.set_major_locator(MaxNLocator(integer=True))
        for i, (_, where, colour) in enumerate(rows):
            at = ranks[where]
            bottom.plot(at, np.full(len(at), -i), "|", ms=6, mew=0.35, color=PALETTE[colour])
        bottom.set_yticks(-np.arange(len(rows)), [text for text, _, _ in rows], fontsize=7)
        bottom.set(xlabel="readings, in ascending order of the figure", ylim=(-len(rows), 1))
        return finish(fig, name, caption, alt)


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
    with plt.rc_context(RC):
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
        return finish(fig, name, caption, alt)


def verdict_grid(counts: pd.DataFrame, *, name: str, caption: str, alt: str) -> Figure:
    """Shares of verdicts in every group, by colour and hatch, with the size of each group beside its bar.

    Parameters
    ----------
    counts : DataFrame, one column per verdict
        Indexed by row of the grid and panel, both in the order of the page.
    name, caption, alt : str
        As in :class:`Figure`.

    Returns
    -------
    Figure
    """
    rows, panels = (counts.index.unique(level) for level in (0, 1))
    shown = [verdict for verdict in VERDICT_STYLE if verdict in counts and counts[verdict].any()]
    with plt.rc_context(RC):
        fig, axes = plt.subplots(1, len(panels), figsize=(8.4, 1.5 + 0.36 * len(rows)), sharey=True, squeeze=False,
                                 layout="constrained")
        for ax, panel in zip(axes.flat, panels):
            part = counts.xs(panel, level=1).reindex(rows, fill_value=0)[shown]
            sizes = part.sum(axis=1)
            widths = (100 * part.div(sizes.where(sizes > 0), axis=0)).fillna(0.0)
            left = widths.cumsum(axis=1) - widths
            for verdict in shown:
                colour, hatch = VERDICT_STYLE[verdict]
                drawn = widths[verdict].to_numpy() > 0
                ax.barh(np.arange(len(rows))[drawn], widths[verdict][drawn], left=left[verdict][drawn], color=colour, hatch=hatch,
                        edgecolor="black", lw=0.5, height=0.76, label=verdict)
            for row, size in enumerate(sizes):
                ax.text(104 if size else 0, row, f"{size}" if size else "none", fontsize=8, va="center")
            ax.set_title(panel, fontsize=9)
            ax.set(xlim=(0, 128), xticks=(0, 50, 100))
            ax.tick_params(length=0, axis="y")
            ax.spines["bottom"].set_bounds(0, 100)
        axes[0, 0].set_yticks(range(len(rows)), rows)
        axes[0, 0].set_ylim(len(rows) - 0.5, -0.5)
        fig.supxlabel("share of the claims in a row, %; at its end their number", fontsize=9)
        handles = {label: handle for ax in axes.flat for handle, label in zip(*ax.get_legend_handles_labels())}
        fig.legend([handles[verdict] for verdict in shown], shown, loc="outside upper center", ncols=4, fontsize=9, handlelength=2.6)
        return finish(fig, name, caption, alt)


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
    with plt.rc_context(RC):
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
        return finish(fig, name, caption, alt)


def _matters(values: pd.Series, rows: pd.DataFrame, choice: str) -> bool:
    """Whether a choice moves the figure while all others stay as they are."""
    others = [rows[c] for c in rows if c != choice]
    return bool((values.round(12).groupby(others).nunique() > 1).any()) if others else True


def _ramp():
    return ListedColormap(["#f4e3d7", PALETTE["sky"], PALETTE["blue"]])
