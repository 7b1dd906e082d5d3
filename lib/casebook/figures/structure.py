"""Paths of shares against income, and which way a share moves where."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.lines import Line2D

from casebook.figures.maps import bare, links
from casebook.figures.planes import label_points
from casebook.figures.style import PALETTE, RC, Figure, finish

LOOKS = list(zip(("vermilion", "blue", "green", "purple", "orange", "sky", "grey", "yellow"), ("-", "--", "-.", ":", "-", "--", "-.", ":"), "os^DvPX<"))
WAYS = {"rising": (PALETTE["green"], "^"), "falling": (PALETTE["vermilion"], "v"), "none": ("#ffffff", "o"), "undefined": ("#dddddd", "x")}
"""Colour and marker of each direction."""


def paths(
    x: pd.Series, y: pd.Series, named: Mapping[str, str], *, axes: tuple[str, str], name: str, caption: str, alt: str,
    curve: pd.DataFrame | None = None,
) -> Figure:
    """Every region's path of a share against income, a few of them named.

    Parameters
    ----------
    x, y : Series indexed by (region, year)
        Income, drawn on a logarithmic scale, and the share.
    named : mapping of region to label
        At most eight; each has a colour, a dash and a marker where it ends.
    axes : (str, str)
        Labels, with units.
    name, caption, alt : str
        As in :class:`Figure`.
    curve : DataFrame with ``x`` and ``y``, optional
        A fitted curve.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For more than eight names, or one without figures.
    """
    both = pd.DataFrame({"x": x, "y": y}).dropna().sort_index()
    regions = both.index.unique(0)
    absent = [region for region in named if region not in regions]
    if absent or len(named) > len(LOOKS):
        raise ValueError(f"no figures of {absent[0]}" if absent else f"{len(named)} names, and no more than {len(LOOKS)} can be told apart")
    with plt.rc_context(RC):
        fig, ax = plt.subplots(figsize=(8.0, 5.0), layout="constrained")
        for region in regions.difference(list(named), sort=False):
            part = both.loc[region]
            ax.plot(part["x"], part["y"], color="#bbbbbb", lw=0.7, alpha=0.7, zorder=1)
        for (region, label), (colour, dash, marker) in zip(named.items(), LOOKS):
            part = both.loc[region]
            ax.plot(part["x"], part["y"], color=PALETTE[colour], ls=dash, lw=2, zorder=3)
            ax.plot(part["x"].iloc[-1:], part["y"].iloc[-1:], marker, color=PALETTE[colour], mec="black", ms=6, zorder=4, ls="")
        if curve is not None:
            ax.plot(curve["x"], curve["y"], color="black", lw=2.2, zorder=2)
        ax.set(xlabel=axes[0], ylabel=axes[1], xscale="log")
        ax.xaxis.set_major_formatter("{x:,.0f}")
        handles = [Line2D([], [], color=PALETTE[c], ls=d, marker=m, mec="black", label=label) for label, (c, d, m) in zip(named.values(), LOOKS)]
        handles += [Line2D([], [], color="#bbbbbb", lw=0.8, label="all others")]
        handles += [Line2D([], [], color="black", lw=2.2, label="fitted curve")] if curve is not None else []
        fig.legend(handles=handles, loc="outside upper center", ncols=5, fontsize=8)
        last = pd.DataFrame({label: both.loc[region].iloc[-1] for region, label in named.items()}).T
        label_points(ax, last["x"], last["y"])
        return finish(fig, name, caption, alt)


def ways_map(
    places: pd.DataFrame, ways: Mapping[str, pd.Series], *, name: str, caption: str, alt: str, borders: pd.DataFrame | None = None
) -> Figure:
    """Schematic maps of which way a share moves in each region.

    Parameters
    ----------
    places : DataFrame indexed by region
        ``longitude``, ``latitude`` and ``label``.
    ways : mapping of panel title to Series indexed by region
        "rising", "falling", "none" or "undefined".
    name, caption, alt : str
        As in :class:`Figure`.
    borders : DataFrame, optional
        Columns ``region`` and ``neighbour``, drawn as thin lines.

    Returns
    -------
    Figure
    """
    with plt.rc_context(RC):
        fig, axes = plt.subplots(1, len(ways), figsize=(4.7 * len(ways), 4.6), squeeze=False, layout="constrained")
        for ax, (title, way) in zip(axes[0], ways.items()):
            if borders is not None:
                links(ax, places, borders)
            for direction, (colour, marker) in WAYS.items():
                here = places.loc[[r for r in places.index if way.get(r, "undefined") == direction]]
                edge = {} if marker == "x" else {"edgecolors": "black", "linewidths": 0.7}
                ax.scatter(here["longitude"], here["latitude"], c=colour if marker != "x" else "#888888", marker=marker, s=70, zorder=3, **edge)
            for region, row in places.iterrows():
                ax.annotate(row["label"], (row["longitude"], row["latitude"]), (0, -10), textcoords="offset points", ha="center", fontsize=5.5, zorder=4)
            bare(ax, places, title)
        handles = [Line2D([], [], ls="", marker=m, mfc=c, mec="black" if m != "x" else "#888888", ms=8, label=w) for w, (c, m) in WAYS.items()
                   if any((v == w).any() for v in ways.values())]
        fig.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=8)
        return finish(fig, name, caption, alt)
