"""Paths of regions side by side, growth against where it began, parts of a whole, and an argument in boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch
from matplotlib.ticker import LogLocator, NullLocator

from casebook.figures.charts import SHADE
from casebook.figures.maps import bare, links
from casebook.figures.planes import label_points
from casebook.figures.style import PALETTE, RC, Figure, finish

LOOKS = list(zip(("blue", "green", "purple", "orange", "sky"), "sD^Pv", ("--", "-.", ":", (0, (5, 1, 1, 1)), (0, (3, 2)))))
TOLERANCE = 1e-9  # of a cut-off, in floating point


def paths_beside(
    panels: Mapping[str, pd.DataFrame], *, highlight: str, span: tuple[int, int], axes: tuple[str, str], name: str, caption: str, alt: str,
    span_label: str = "", unit: str = "{:,.0f}",
) -> Figure:
    """The same few series in two readings, side by side, one of them in front.

    Parameters
    ----------
    panels : mapping of title to DataFrame indexed by year
        A column per series, the same in all panels; at most six.
    highlight : str
        The series drawn in front, with its values at both ends of `span`.
    span : (int, int)
        Years shaded.
    axes : (str, str)
        Labels, with units.
    name, caption, alt : str
        As in :class:`Figure`.
    span_label : str
        What the shaded years are.
    unit : str
        Format of the values written.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        When the highlighted series is not in a panel, the panels have not the same series, or there are too many.
    """
    drawn = list(next(iter(panels.values())))
    for title, frame in panels.items():
        if highlight not in frame or frame.shape[1] > len(LOOKS) + 1:
            raise ValueError(f"panel {title!r} lacks {highlight!r}" if highlight not in frame else f"panel {title!r} has {frame.shape[1]} series, more than can be told apart")
        if list(frame) != drawn:
            raise ValueError(f"panel {title!r} has the series {', '.join(frame)}, the first {', '.join(drawn)}: one key must hold for both")
    with plt.rc_context(RC):
        fig, row = plt.subplots(1, len(panels), figsize=(4.6 * len(panels), 4.3), sharey=True, squeeze=False, layout="constrained")
        for ax, (title, frame) in zip(row[0], panels.items()):
            ax.axvspan(*span, color=SHADE, lw=0, zorder=0)
            for column, (colour, marker, dash) in zip(frame.columns.drop(highlight), LOOKS):
                y = frame[column].dropna()
                ax.plot(y.index, y, color=PALETTE[colour], marker=marker, ls=dash, lw=1.3, ms=3.5, label=column, zorder=2)
            y = frame[highlight].dropna()
            ax.plot(y.index, y, color=PALETTE["vermilion"], marker="o", lw=2.6, ms=5, label=highlight, zorder=3)
            for year, side in zip(span, (12, -16)):
                if year in y.index:
                    ax.annotate(unit.format(y[year]).replace("-", "−"), (year, y[year]), (0, side), textcoords="offset points", ha="center",
                                fontweight="bold", color=PALETTE["vermilion"], fontsize=9, bbox={"fc": "white", "ec": "none", "alpha": 0.8, "pad": 0.6}, zorder=4)
            if span_label:
                ax.annotate(span_label, (np.mean(span), 0.985), xycoords=("data", "axes fraction"), ha="center", va="top", fontsize=8, color="#444444")
            ax.set(xlabel=f"{axes[0]}\n{title}", ylim=(0, None))
            ax.yaxis.set_major_formatter("{x:,.0f}")
            years = sorted({int(v) for v in frame.index})
            ax.set_xticks([v for v in years if v % 5 == 0])
        row[0][0].set_ylabel(axes[1])
        handles, labels = row[0][0].get_legend_handles_labels()
        fig.legend(handles[-1:] + handles[:-1], labels[-1:] + labels[:-1], loc="outside upper center", ncols=len(labels), fontsize=8)
        return finish(fig, name, caption, alt)


def growth_against_start(
    panels: Mapping[str, pd.DataFrame], lines: Mapping[str, tuple[float, float]], groups: pd.Series, *, axes: tuple[str, str],
    name: str, caption: str, alt: str,
) -> Figure:
    """Growth of regions against the income they began with, a panel per period.

    Parameters
    ----------
    panels : mapping of title to DataFrame indexed by region
        Columns ``start``, drawn on a logarithmic scale, and ``growth``.
    lines : mapping of title to (float, float)
        Intercept and slope on the natural logarithm of ``start``.
    groups : Series indexed by region
        Each group has a colour and a marker.
    axes : (str, str)
        Labels, with units.
    name, caption, alt : str
        As in :class:`Figure`.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For a region without a group, a panel without a line, or more groups than can be told apart.
    """
    looks = dict(zip(groups.dropna().unique(), zip(("blue", "green", "purple", "vermilion", "orange"), "sD^oP")))
    if groups.nunique() > len(looks):
        raise ValueError(f"{groups.nunique()} groups are more than can be told apart")
    for title, frame in panels.items():
        without = frame.index.difference(groups.dropna().index)
        if len(without) or title not in lines:
            raise ValueError(f"panel {title!r} has {without[0]}, which has no group" if len(without) else f"panel {title!r} has no line")
    with plt.rc_context(RC):
        fig, row = plt.subplots(1, len(panels), figsize=(4.6 * len(panels), 4.3), sharey=True, squeeze=False, layout="constrained")
        for ax, (title, frame) in zip(row[0], panels.items()):
            for group, (colour, marker) in looks.items():
                here = frame.loc[[r for r in frame.index if groups.get(r) == group]]
                ax.scatter(here["start"], here["growth"], c=PALETTE[colour], marker=marker, s=32, edgecolors="black", linewidths=0.4, zorder=3)
            grid = np.linspace(frame["start"].min(), frame["start"].max(), 60)
            ax.plot(grid, lines[title][0] + lines[title][1] * np.log(grid), color="black", lw=1.6, zorder=2)
            ax.set(xscale="log", xlabel=f"{axes[0]}\n{title}")
            ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            ax.xaxis.set_major_formatter("{x:,.0f}")
            ax.xaxis.set_minor_locator(NullLocator())
            far = (frame["growth"] - (lines[title][0] + lines[title][1] * np.log(frame["start"]))).abs().nlargest(6).index
            ends = frame["start"].sort_values().index[[0, -1]]
            told = frame.loc[frame.index.isin(far.union(ends))]
            label_points(ax, told["start"], told["growth"])
        row[0][0].set_ylabel(axes[1])
        handles = [Line2D([], [], ls="", marker=m, mfc=PALETTE[c], mec="black", ms=7, label=g) for g, (c, m) in looks.items()]
        fig.legend(handles=handles, loc="outside upper center", ncols=len(handles), fontsize=8)
        return finish(fig, name, caption, alt)


def stacked(parts: pd.DataFrame, *, axes: tuple[str, str], name: str, caption: str, alt: str, span: tuple[int, int] | None = None, span_label: str = "") -> Figure:
    """Parts that add up to a whole, over years.

    Parameters
    ----------
    parts : DataFrame indexed by year
        A column per part, from the bottom up; at most four, none negative.
    axes : (str, str)
        Labels, with units.
    name, caption, alt : str
        As in :class:`Figure`.
    span : (int, int), optional
        Years marked by two lines.
    span_label : str

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For a part that is negative or missing, or more than four.
    """
    looks = list(zip(("blue", "orange", "sky", "yellow"), ("", "//", "..", "\\\\")))
    if parts.shape[1] > len(looks):
        raise ValueError(f"{parts.shape[1]} parts are more than can be told apart")
    for column, part in parts.items():
        for fault, word in ((part.isna(), "missing"), (part < 0, "negative")):
            if fault.any():
                raise ValueError(f"{column} is {word} in {fault.idxmax()}, and can't be stacked")
    with plt.rc_context(RC):
        fig, ax = plt.subplots(figsize=(7.6, 4.0), layout="constrained")
        base = np.zeros(len(parts))
        for column, (colour, hatch) in zip(parts, looks):
            top = base + parts[column].to_numpy()
            ax.fill_between(parts.index, base, top, facecolor=PALETTE[colour], edgecolor="white", hatch=hatch, lw=0.5, alpha=0.85)
            base = top
        ax.plot(parts.index, base, color="black", lw=1.6)
        for year in span or ():
            ax.axvline(year, color="black", lw=0.8, ls=":")
        if span:
            ax.annotate(span_label, (np.mean(span), 0.985), xycoords=("data", "axes fraction"), ha="center", va="top", fontsize=8)
        ax.set(xlabel=axes[0], ylabel=axes[1], ylim=(0, base.max() * 1.12), xlim=(parts.index.min(), parts.index.max()))
        ax.set_xticks([int(y) for y in parts.index if y % 2 == 0])
        handles = [Patch(facecolor=PALETTE[c], hatch=h, edgecolor="white", label=column) for column, (c, h) in zip(parts, looks)][::-1]
        fig.legend(handles=[Line2D([], [], color="black", lw=1.6, label="total"), *handles], loc="outside upper center", ncols=len(handles) + 1, fontsize=8)
        return finish(fig, name, caption, alt)


def rank_maps(
    places: pd.DataFrame, scores: Mapping[str, pd.Series], *, classes: tuple[Sequence[float], Sequence[str]], name: str, caption: str, alt: str,
    borders: pd.DataFrame | None = None,
) -> Figure:
    """Schematic maps of a score: colour for its class, a number for its rank.

    Parameters
    ----------
    places : DataFrame indexed by region
        ``longitude``, ``latitude`` and ``label``.
    scores : mapping of panel title to Series indexed by region
        The highest is ranked first; a region without one is drawn hollow.
    classes : (cuts, labels)
        Ascending cut-offs, lower bound inclusive, and one label more than these.
    name, caption, alt : str
        As in :class:`Figure`.
    borders : DataFrame, optional
        Columns ``region`` and ``neighbour``, drawn as thin lines.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For a score of a region without a place, cut-offs that don't ascend, or another number of labels.
    """
    cuts, labels = classes
    if len(labels) != len(cuts) + 1 or list(cuts) != sorted(set(cuts)):
        raise ValueError(f"cut-offs must ascend, and {len(cuts)} of them take {len(cuts) + 1} labels; got {', '.join(map(str, cuts))} with {len(labels)} labels")
    for title, score in scores.items():
        lost = score.index.difference(places.index)
        if len(lost):
            raise ValueError(f"{title!r} has a score of {lost[0]}, which has no place")
    shown = sorted({_class(cuts, value) for score in scores.values() for value in score.dropna()})
    colours = dict(zip(shown, plt.get_cmap("viridis")(np.linspace(0, 1, len(shown)))))
    with plt.rc_context(RC):
        fig, row = plt.subplots(1, len(scores), figsize=(4.8 * len(scores), 4.6), squeeze=False, layout="constrained")
        for ax, (title, score) in zip(row[0], scores.items()):
            if borders is not None:
                links(ax, places, borders)
            rank = score.rank(ascending=False, method="min")
            for region, place in places.iterrows():
                known = pd.notna(score.get(region))
                fill = colours[_class(cuts, score[region])] if known else "#888888"
                ax.scatter(place["longitude"], place["latitude"], s=150, marker="s" if known else "x", color=[fill],
                           zorder=3, **({"edgecolors": "black", "linewidths": 0.6} if known else {}))
                if known:
                    ax.annotate(f"{rank[region]:.0f}", (place["longitude"], place["latitude"]), ha="center", va="center", fontsize=7.5,
                                color="white" if np.dot(fill[:3], (0.3, 0.6, 0.1)) < 0.55 else "black", zorder=4)
                ax.annotate(place["label"], (place["longitude"], place["latitude"]), (0, -14), textcoords="offset points", ha="center", fontsize=6, zorder=4)
            bare(ax, places, title)
        bounds = ["", *(f"{c:g}" for c in cuts), ""]
        span = lambda i: f"below {bounds[1]}" if i == 0 else f"{bounds[i]} and over" if i == len(labels) - 1 else f"{bounds[i]} to {bounds[i + 1]}"
        handles = [Line2D([], [], ls="", marker="s", mfc=colours[i], mec="black", ms=9, label=f"{labels[i]} ({span(i)})") for i in shown]
        if any(score.reindex(places.index).isna().any() for score in scores.values()):
            handles.append(Line2D([], [], ls="", marker="x", color="#888888", ms=9, label="no figure"))
        fig.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8, title="number: rank", title_fontsize=8)
        return finish(fig, name, caption, alt)


def _class(cuts: Sequence[float], value: float) -> int:
    return int(np.searchsorted(cuts, value + TOLERANCE, side="right"))


def argument(
    boxes: Mapping[str, tuple[float, float, str]], arrows: Sequence[tuple[str, str, str, str]], *, kinds: Mapping[str, str], name: str, caption: str, alt: str,
) -> Figure:
    """An argument as boxes and arrows, each arrow in the look of what became of it.

    Parameters
    ----------
    boxes : mapping of key to (x, y, text)
        Centres between 0 and 1; the text may have lines.
    arrows : sequence of (from, to, text, kind)
    kinds : mapping of kind to meaning
        At most four, for the legend, in the order solid, dashed, dotted, dash-dotted.
    name, caption, alt : str
        As in :class:`Figure`.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For an arrow between boxes that aren't there, or of an unknown kind.
    """
    looks = dict(zip(kinds, zip(("green", "vermilion", "grey", "blue"), ("-", "--", ":", "-."))))
    for start, end, _, kind in arrows:
        unknown = [word for word, known in ((start, boxes), (end, boxes), (kind, looks)) if word not in known]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is neither a box nor a kind of arrow")
    with plt.rc_context(RC):
        fig, ax = plt.subplots(figsize=(8.4, 4.0), layout="constrained")
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.axis("off")
        texts = {}
        for key, (x, y, text) in boxes.items():
            texts[key] = ax.text(x, y, text, ha="center", va="center", fontsize=9.5, zorder=4,
                                 bbox={"boxstyle": "round,pad=0.6", "fc": "white", "ec": "black", "lw": 1.1})
        fig.canvas.draw()
        for start, end, text, kind in arrows:
            colour, dash = looks[kind]
            bend = 0.18 if any((b, a) == (start, end) for a, b, *_ in arrows) else 0.0
            ax.add_patch(FancyArrowPatch(boxes[start][:2], boxes[end][:2], arrowstyle="-|>", mutation_scale=16, color=PALETTE[colour], ls=dash, lw=1.8,
                                         connectionstyle=f"arc3,rad={bend}", patchA=texts[start].get_bbox_patch(), patchB=texts[end].get_bbox_patch(), shrinkA=3, shrinkB=3, zorder=2))
            (x0, y0), (x1, y1) = boxes[start][:2], boxes[end][:2]
            ax.text((x0 + x1) / 2 + bend * (y1 - y0) * 0.5, (y0 + y1) / 2 - bend * (x1 - x0) * 0.5, text, ha="center", va="center", fontsize=8, color=PALETTE[colour],
                    zorder=3, bbox={"fc": "white", "ec": "none", "pad": 1.2})
        handles = [Line2D([], [], color=PALETTE[c], ls=d, lw=1.8, label=meaning) for (c, d), meaning in zip(looks.values(), kinds.values())]
        fig.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8)
        return finish(fig, name, caption, alt)
