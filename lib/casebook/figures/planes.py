"""Two quantities against each other: decoupling states, catch-up types, regions and their neighbours."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from adjustText import adjust_text
from matplotlib.patches import Wedge

from casebook import decoupling
from casebook.figures.style import CROWD, PALETTE, RC, STATE_STYLE, TYPE_STYLE, Figure, finish, shrunk

QUADRANT_STYLE = {
    "high-high": (PALETTE["vermilion"], "^", "high among high"),
    "low-high": (PALETTE["sky"], "s", "low among high"),
    "low-low": (PALETTE["blue"], "v", "low among low"),
    "high-low": (PALETTE["orange"], "D", "high among low"),
    "no neighbours": (PALETTE["grey"], "o", "no neighbours"),
}
"""Colour, marker and meaning of each quadrant of the Moran scatter plot."""

LABELLED = CROWD
"""With more regions than this in a Moran scatter plot, names would hide the points."""

FARTHEST = 10
"""Then so many are named: those farthest from the mean."""
NAMED = 20
"""So many regions are named in another crowd of points: those that lie farthest out."""


def states_plane(
    driver_growth: pd.Series,
    value_growth: pd.Series,
    states: pd.Series,
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
    states : Series indexed by region
        As :func:`casebook.decoupling.state` names them.
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
    with plt.rc_context(RC):
        fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.9), width_ratios=(1, 1.2), layout="constrained")
        _sectors(left, 1.0, lower, upper, text=True)
        left.set(xlabel=axes[0].partition(",")[0], ylabel=axes[1].partition(",")[0], xticks=[0], yticks=[0])
        left.set_xticklabels(["0"]), left.set_yticklabels(["0"])
        spans = [(min(0.0, g.min()), max(0.0, g.max())) for g in (driver_growth, value_growth)]
        limits = [(a - 0.1 * (b - a) * (a < 0), b + 0.12 * (b - a) * (b > 0)) for a, b in spans]
        _sectors(right, np.abs(limits).max(), lower, upper, text=False)
        for state in [s for s in STATE_STYLE if (states == s).any()]:
            part, (colour, marker) = states[states == state].index, STATE_STYLE[state]
            right.scatter(driver_growth[part], value_growth[part], c=colour, marker=marker, s=shrunk(34, len(states)),
                          edgecolors="black", linewidths=shrunk(0.5, len(states)), label=state, zorder=3)
        right.set(xlim=limits[0], ylim=limits[1], xlabel=axes[0], ylabel=axes[1])
        right.legend(loc="lower right", fontsize=8)
        told = label_points(right, driver_growth, value_growth)
        return finish(fig, name, caption + told, alt + told)


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
    with plt.rc_context(RC):
        fig, ax = plt.subplots(figsize=(8.4, 5.8), layout="constrained")
        for kind in [t for t in TYPE_STYLE if (types == t).any()]:
            colour, marker, text = TYPE_STYLE[kind]
            part = types.index[types == kind]
            ax.scatter(driver_growth[part], value_growth[part], c=colour, marker=marker, s=shrunk(42, len(types)),
                       edgecolors="black", linewidths=shrunk(0.5, len(types)), label=text, zorder=3)
        ax.axhline(0, color="black", lw=0.8), ax.axvline(0, color="black", lw=0.8)
        bend_axes(ax, driver_growth, value_growth, axes)
        ends = np.array([*ax.get_xlim(), *ax.get_ylim()])
        reach = np.linspace(0, max(ends.max(), 1), 200)
        ax.plot(reach, reach, color=PALETTE["grey"], ls=":", lw=1.2, label="index = 1", scalex=False,
                scaley=False)
        fig.legend(loc="outside lower center", ncols=3, fontsize=8)
        told = label_points(ax, driver_growth, value_growth)
        return finish(fig, name, caption + told, alt + told)


def moran_scatter(
    frame: pd.DataFrame | Mapping[str, pd.DataFrame], *, value_label: str, name: str, caption: str, alt: str
) -> Figure:
    """Each region's value against the lag of its neighbours; the slope is Moran's I.

    Parameters
    ----------
    frame : DataFrame indexed by region, or mapping of panel title to such
        ``z``, ``lag`` and ``quadrant`` as :func:`casebook.spatial.moran.scatter`
        gives them.  Panels stand side by side on the same axes; their regions
        are named where there are ``LABELLED`` or fewer, else the ``FARTHEST`` from zero.
    value_label : str
        What the values are; the axes add that they are in standard deviations.
    name, caption, alt : str
        As in :class:`Figure`.

    Returns
    -------
    Figure
        The slope of the least-squares line, printed above each panel, is Moran's
        I if the weights are row-standardised and every region has neighbours.

    Raises
    ------
    ValueError
        When there is no panel, a column is absent, a region appears twice in a
        panel, a value is missing, or a quadrant is unknown.
    """
    panels = {"": frame} if isinstance(frame, pd.DataFrame) else dict(frame)
    if not panels:
        raise ValueError("there is nothing to draw: give a frame, or a mapping of titles to frames")
    for title, part in panels.items():
        _check_scatter(title, part)
    with plt.rc_context(RC):
        fig, axes = plt.subplots(1, len(panels), figsize=(1.4 + 4.9 * len(panels), 5.4), sharex=True, sharey=True,
                                 squeeze=False, layout="constrained")
        for ax, (title, part) in zip(axes[0], panels.items()):
            _moran_panel(ax, str(title), part)
            ax.set_xlabel(f"{value_label}, standard deviations from the mean")
        axes[0, 0].set_ylabel("spatial lag, standard deviations")
        _legend_below(fig, axes[0])
        for ax, part in zip(axes[0], panels.values()):
            named = part.index if len(part) <= LABELLED else part["z"].abs().nlargest(FARTHEST).index
            label_points(ax, part.loc[named, "z"], part.loc[named, "lag"])
        return finish(fig, name, caption, alt)


def _check_scatter(title: str, frame: pd.DataFrame) -> None:
    where = f" of panel {title!r}" if title else ""
    absent = [column for column in ("z", "lag", "quadrant") if column not in frame]
    if absent:
        raise ValueError(f"the frame{where} has no column {', '.join(absent)}: casebook.spatial.moran.scatter makes it")
    if frame.index.has_duplicates:
        raise ValueError(f"the frame{where} has {frame.index[frame.index.duplicated()][0]} twice")
    missing = frame.index[~np.isfinite(frame[["z", "lag"]].astype(float)).all(axis=1)]
    if len(missing):
        raise ValueError(f"the frame{where} has no finite value for {', '.join(map(str, missing))}")
    unknown = [str(q) for q in frame["quadrant"].unique() if q not in QUADRANT_STYLE]
    if unknown:
        raise ValueError(f"the frame{where} has the unknown quadrant {', '.join(unknown)}; "
                         f"known are {', '.join(QUADRANT_STYLE)}")


def _moran_panel(ax, title: str, frame: pd.DataFrame) -> None:
    """Points by quadrant, lines through zero and the least-squares line, its slope in the title."""
    ax.axhline(0, color="black", lw=0.8), ax.axvline(0, color="black", lw=0.8)
    crowded = len(frame) > LABELLED
    for quadrant, (colour, marker, text) in QUADRANT_STYLE.items():
        part = frame[frame["quadrant"] == quadrant]
        if len(part):
            ax.scatter(part["z"], part["lag"], c=colour, marker=marker, s=9 if crowded else 42, edgecolors="black",
                       linewidths=0.2 if crowded else 0.5,
                       label=text, zorder=3)
    x = frame["z"] - frame["z"].mean()
    slope = float(x @ frame["lag"] / (x @ x))
    ax.axline((frame["z"].mean(), frame["lag"].mean()), slope=slope, color=PALETTE["purple"], ls="--", lw=1.4,
              label="least-squares line", zorder=2)
    ax.margins(0.12)
    ax.set_title(f"{title}, slope ".removeprefix(", ") + f"{slope:.3f}".replace("-", "−"), fontsize=10)


def _legend_below(fig, axes) -> None:
    """One legend for all panels, of what occurs in any."""
    found = {}
    for ax in axes:
        found |= {text: handle for handle, text in zip(*ax.get_legend_handles_labels())}
    order = [text for *_, text in QUADRANT_STYLE.values() if text in found] + ["least-squares line"]
    fig.legend([found[text] for text in order], order, loc="outside lower center", ncols=3, fontsize=8)


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


def label_points(ax, x: pd.Series, y: pd.Series) -> str:
    """Write each region beside its point, without overlaps; of a crowd the ``NAMED`` farthest out.

    Returns
    -------
    str
        What a caption adds where some are not named.
    """
    known = x.notna() & y.notna()
    x, y = x[known], y[known]
    out = sum(((v - v.median()) / (v.std() or 1.0)) ** 2 for v in (x, y))
    named = x.index if len(x) <= CROWD else out.nlargest(NAMED).index
    texts = [ax.text(x[region], y[region], region, fontsize=7, zorder=4) for region in named]
    ax.figure.draw_without_rendering()
    adjust_text(texts, x[named].to_numpy(), y[named].to_numpy(), ax=ax, expand=(1.15, 1.3), iter_lim=300,  # steps, not seconds
                arrowprops={"arrowstyle": "-", "color": "#999999", "lw": 0.5})
    return "" if len(named) == len(x) else f" Named are the {NAMED} of {len(x):,} regions that lie farthest out."


def bend_axes(ax, x: pd.Series, y: pd.Series, axes: tuple[str, str]) -> None:
    """Label the axes; bend one where a few values dwarf the others, and say so."""
    for values, label, axis in zip((x, y), axes, (ax.xaxis, ax.yaxis)):
        size = values.abs().dropna()
        if len(size) and size.max() > 12 * size.median() > 0:
            scale = ax.set_xscale if axis is ax.xaxis else ax.set_yscale
            scale("symlog", linthresh=float(10 ** np.ceil(np.log10(2 * size.median()))))
            label += " (scale bent far from zero)"
        axis.set_label_text(label)
