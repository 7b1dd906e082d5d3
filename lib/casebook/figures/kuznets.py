"""Fitted Kuznets curves, peaks of series, and what economies gained and added."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from adjustText import adjust_text
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from casebook.figures.dial import Dial, dial
from casebook.figures.planes import bend_axes, label_points
from casebook.figures.style import PALETTE, RC, Figure, finish

POINTS, CURVE, TURN, PRINTED = "black", PALETTE["blue"], PALETTE["vermilion"], PALETTE["purple"]
SHAPES = ("inverted U", "U", "rising", "falling", "N", "inverted N")
LOOKS = list(zip(("blue", "vermilion", "green", "purple", "orange", "sky", "grey"), "osD^vPX"))


def kuznets_curve(
    curve, *, axes: tuple[str, str], name: str, caption: str, alt: str, printed: pd.DataFrame | None = None, note: str | None = None
) -> Figure:
    """One fitted curve with its data, turning points and the set of incomes at which it may turn.

    Parameters
    ----------
    curve : casebook.kuznets.Curve
        Of a panel, the points are neither joined nor named.
    axes : (str, str)
        Labels of income and pollution, with units.
    name, caption, alt : str
        As in :class:`Figure`.
    printed : DataFrame, optional
        Columns ``income``, ``pollution``, ``label``: figures of a document, drawn as hollow stars.
    note : str, optional
        Words in a free corner; by default the verdict and its p.

    Returns
    -------
    Figure
    """
    data, x = curve.data.sort_index(), np.linspace(*curve.span, 200)
    with plt.rc_context(RC):
        fig, ax = plt.subplots(figsize=(7.6, 4.8), layout="constrained")
        named = _observed(ax, data, printed)
        ax.plot(x, curve.predict(x), color=CURVE, lw=2.4, label="fitted curve", zorder=2)
        _frame(ax, data, printed, len(curve.turning_points()))
        for i, point in enumerate(curve.turning_points()):
            if point.paired is not None:
                _reach(ax, point.paired)
            _turn(ax, point, i)
        ax.set(xlabel=axes[0], ylabel=axes[1])
        ax.xaxis.set_major_formatter("{x:,.10g}")
        ax.yaxis.set_major_formatter("{x:,.10g}")
        fig.legend(loc="outside upper center", ncols=2, fontsize=8)
        drawn = pd.concat([data, named, pd.DataFrame({"income": x, "pollution": curve.predict(x)})])
        _in_corner(ax, f"{curve.verdict}, p = {curve.pvalue:.3f}" if note is None else note, drawn["income"], drawn["pollution"])
        label_points(ax, named["income"], named["pollution"])
        return finish(fig, name, caption, alt)


def _observed(ax, data: pd.DataFrame, printed: pd.DataFrame | None) -> pd.DataFrame:
    """Draw the figures of one region or a panel, and the printed ones; return those to be named."""
    single = data.index.nlevels == 1
    if single:
        ax.plot(data["income"], data["pollution"], color="#999999", lw=0.8, zorder=1)
    ax.plot(data["income"], data["pollution"], "o", color=POINTS, ms=5 if single else 2, zorder=3,
            label="observed, joined by year" if single else "observed")
    named = data.set_axis(data.index.map(str)) if single else data.iloc[:0]
    if printed is None:
        return named
    ax.plot(printed["income"], printed["pollution"], "*", ms=12, mfc="none", mec=PRINTED, ls="", label="printed", zorder=4)
    labels = printed["label"].astype(str)
    stars = printed[["income", "pollution"]].set_axis(labels.where(~labels.isin(named.index), labels + ", printed"))
    return pd.concat([named, stars]) if single else stars


def kuznets_multiples(
    panels: Mapping[str, Mapping], *, axes: tuple[str, str], name: str, caption: str, alt: str, columns: int = 4
) -> Figure:
    """Small pictures of several indicators against the same range of income, those without figures too.

    Parameters
    ----------
    panels : mapping of label to mapping
        ``data``: DataFrame indexed by year with ``income`` and ``pollution``, missing
        where unknown; ``printed``: DataFrame like it, or None; ``curve``: a fitted
        curve or None; ``unit``, ``stated``, ``verdict``: words; ``claim_year``: the
        stated turning year, or None.  What is found gets a sign: ✔ or ✘ if the
        verdict is or isn't the stated shape, "?" if the tests or the figures can't tell.
    axes : (str, str)
        Labels of income, shown once, and of pollution; income is drawn in thousands.
    name, caption, alt : str
        As in :class:`Figure`.
    columns : int

    Returns
    -------
    Figure
    """
    with plt.rc_context(RC):
        fig, grid = _grid(len(panels), columns, width=1.95 * max(min(columns, len(panels)), 2), height=2.35, beside=0.6)
        incomes = pd.concat([part["income"].dropna() for panel in panels.values() for part in (panel["data"], panel["printed"]) if part is not None])
        pad = 0.06 * (incomes.max() - incomes.min()) if len(incomes) else 0.0
        for ax, (label, panel) in zip(grid.flat, panels.items()):
            if len(incomes):
                ax.set_xlim((incomes.min() - pad) / 1000, (incomes.max() + pad) / 1000)
            _small(ax, label, panel)
        fig.get_layout_engine().set(hspace=0.06)
        fig.supxlabel(axes[0], fontsize=9)
        fig.supylabel(axes[1], fontsize=9)
        fig.legend(handles=_signs(panels), loc="outside upper center", ncols=3, fontsize=8)
        fig.draw_without_rendering()
        for ax, panel in zip(grid.flat, panels.values()):
            _name_ends(ax, panel)
        return finish(fig, name, caption, alt)


def _grid(number: int, columns: int, *, width: float, height: float, beside: float) -> tuple:
    """A figure and its grid of axes for so many small pictures, those left over hidden; sizes in inches, `height` of a row."""
    columns = min(columns, number)
    down = -(-number // columns)
    fig, grid = plt.subplots(down, columns, figsize=(width, height * down + beside), squeeze=False, layout="constrained")
    for ax in grid.flat[number:]:
        ax.set_visible(False)
    return fig, grid


def _signs(panels: Mapping[str, Mapping]) -> list[Line2D]:
    """The legend of small pictures: what occurs in them."""
    signs = [
        (True, Line2D([], [], marker="o", ls="", color=POINTS, ms=4, label="observed")),
        (any(p["printed"] is not None for p in panels.values()), Line2D([], [], marker="*", ls="", mfc="none", mec=PRINTED, ms=9, label="printed")),
        (any(p["curve"] is not None for p in panels.values()), Line2D([], [], color=CURVE, lw=2, label="fitted curve")),
        (any(p["curve"] is not None for p in panels.values()), Line2D([], [], color=TURN, ls="--", label="it turns here")),
        (any(p["claim_year"] is not None for p in panels.values()),
         Line2D([], [], marker="v", ls="", color=TURN, ms=6, label="income of the stated turning year")),
    ]
    return [line for occurs, line in signs if occurs]


def _small(ax, label: str, panel: Mapping) -> None:
    """One panel: title, what is stated and found below it, points, printed figures and the curve."""
    known, printed, curve = panel["data"].dropna(), panel["printed"], panel["curve"]
    stated = f"stated: {panel['stated']}\n" if panel["stated"] else ""
    found = f"{stated}found: {_sign(panel)}{panel['verdict']}"
    for text, corner, shift, align, weight in ((label, (0, 1), 14, "bottom", "bold"), (panel["unit"], (0, 1), 4, "bottom", "normal"),
                                               (found, (0, 0), -18, "top", "normal")):
        ax.annotate(text, corner, (-24, shift), xycoords="axes fraction", textcoords="offset points", fontsize=8, va=align, weight=weight)
    ax.tick_params(labelsize=8, pad=2)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 4, 5, 10]))
    income = panel["data"]["income"].get(panel["claim_year"])
    if income is not None and pd.notna(income):
        ax.plot([income / 1000], [1], "v", color=TURN, ms=6, transform=ax.get_xaxis_transform(), clip_on=False, zorder=5)
    if known.empty:
        ax.text(0.5, 0.5 if printed is None else 0.25, "no open figures", transform=ax.transAxes, ha="center", va="center",
                fontsize=8, color="#555555", style="italic")
    if known.empty and printed is None:
        ax.set(yticks=[])
        return
    ax.plot(known["income"] / 1000, known["pollution"], "o", color=POINTS, ms=3.5, zorder=3)
    if printed is not None:
        ax.plot(printed["income"] / 1000, printed["pollution"], "*", ms=9, mfc="none", mec=PRINTED, zorder=4)
    if curve is not None:
        x = np.linspace(*curve.span, 100)
        ax.plot(x / 1000, curve.predict(x), color=CURVE, lw=1.8, zorder=2)
        for point in curve.turning_points():
            if point.inside:
                ax.axvline(point.income / 1000, color=TURN, ls="--", lw=1.2)
    ax.margins(y=0.2)
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_formatter("{x:,.10g}")


def _name_ends(ax, panel: Mapping) -> None:
    """The first and last observed year and the printed years, clear of points and curve."""
    known, printed, curve = panel["data"].dropna(), panel["printed"], panel["curve"]
    stars = known.iloc[:0] if printed is None else printed
    ends = known.iloc[sorted({0, len(known) - 1})] if len(known) else known
    named, obstacles = [ends.drop(stars.index, errors="ignore"), stars], [known, stars]
    if curve is not None:
        x = np.linspace(*curve.span, 15)
        obstacles.append(pd.DataFrame({"income": x, "pollution": curve.predict(x)}))
    texts = [ax.text(row["income"] / 1000, row["pollution"], f"’{str(year)[-2:]}", fontsize=8, zorder=5)
             for rows in named for year, row in rows.iterrows()]
    at = pd.concat(obstacles)
    if texts:
        adjust_text(texts, (at["income"] / 1000).to_numpy(), at["pollution"].to_numpy(), ax=ax, expand=(1.2, 1.25), iter_lim=300)


def _sign(panel: Mapping) -> str:
    """Whether what is found is what is stated, as a sign; a question mark if nobody can tell."""
    shape = panel["stated"].partition(",")[0]
    if not shape:
        return ""
    if panel["verdict"] not in SHAPES or shape not in SHAPES:
        return "? "
    return "✔ " if shape == panel["verdict"] else "✘ "


def kuznets_dial(
    fits: pd.Series, samples: Mapping[str, Mapping[str, pd.DataFrame]], *, labels: Mapping[str, str], units: Mapping[str, str],
    money: str, axes: tuple[str, str], name: str, caption: str, alt: str, start: Mapping | None = None,
) -> Dial:
    """All fitted curves of some indicators behind one set of controls.

    Parameters
    ----------
    fits : Series indexed by (indicator, income, form, degree, first, last)
        Curves, or why there is none; from :func:`casebook.kuznets.every`.
    samples : mapping of indicator to mapping of income to DataFrame indexed by year
        ``income`` and ``pollution``, every known figure.
    labels, units : mapping of indicator to str
    money : str
        Unit of income.
    axes : (str, str)
        Label of income; the other is made from `labels` and `units`.
    name, caption, alt, start
        As for :func:`dial`; `start` by the levels of `fits`.

    Returns
    -------
    Dial
    """
    rows = []
    for (indicator, income, form, degree, first, last), curve in fits.items():
        known = samples[indicator][income].dropna()
        points = [(row.income / 1000, row.pollution, str(row.Index), first <= row.Index <= last) for row in known.itertuples()]
        rows.append(_dial_state(curve, points, money) | {"ylabel": f"{labels[indicator]}, {units[indicator]}"})
    states = pd.DataFrame(rows, index=fits.index)
    words = {"indicator": labels, "degree": {2: "quadratic", 3: "cubic"}}
    told = states.index.to_frame(index=False)
    states.index = pd.MultiIndex.from_frame(told.assign(**{level: told[level].map(names) for level, names in words.items()}))
    controls = {
        "indicator": {"label": "indicator", "kind": "select"}, "income": {"label": "vintage of income", "kind": "radio"},
        "form": {"label": "variables in", "kind": "radio"}, "degree": {"label": "curve", "kind": "radio"},
        "first": {"label": "first year", "kind": "slider"}, "last": {"label": "last year", "kind": "slider"},
    }
    chosen = None if start is None else {level: words.get(level, {}).get(value, value) for level, value in start.items()}
    return dial(states, controls=controls, axes=axes, name=name, caption=caption, alt=alt, start=chosen)


def _dial_state(curve, points: list, money: str) -> dict:
    """What the dial shows of one curve, or of its absence."""
    if isinstance(curve, str):
        return {"points": points, "curve": [], "band": None, "turning": [], "verdict": curve, "details": {}}
    x = np.linspace(*curve.span, 60)
    inside = [point for point in curve.turning_points() if point.inside]
    told = {f"turning point, {money}": " and ".join(f"{p.income:,.0f}" for p in inside) or "none within the data"}
    band = None
    if len(inside) == 1 and inside[0].paired is not None:
        told[f"not ruled out ({curve.paired_level} set), {money}"] = str(inside[0].paired)
        band = _band(inside[0].paired)
    told |= {"R²": f"{curve.rsquared:.2f}", "years used": f"{curve.nobs}" + (f", {len(curve.skipped)} without a figure" if curve.skipped else "")}
    p = f"p = {curve.pvalue:.3f}" if curve.pvalue >= 0.001 else "p < 0.001"
    proven = curve.sentence.partition(" (")[0] + f", {money}" * bool(inside)
    shape = f"{proven} ({p})" if curve.verdict != "cannot tell" else f"Cannot tell: the curve drawn is {'an ' if curve.shape[0] == 'i' else 'a ' if curve.shape in ('U', 'N') else ''}{curve.shape}, {p}"
    return {"points": points, "curve": list(zip(x / 1000, curve.predict(x))), "band": band, "verdict": shape[0].upper() + shape[1:],
            "turning": [(p.income / 1000, p.kind) for p in curve.turning_points() if p.inside], "details": told}


def _band(found) -> list[tuple[float | None, float | None]]:
    low, high = (v / 1000 if np.isfinite(v) else None for v in (found.lower, found.upper))
    if found.kind == "two rays" and found.positive and found.lower < 0:
        return [(high, None)]
    return [(None, low), (high, None)] if found.kind == "two rays" else [(low, high)]


def peaks(cities: Mapping[str, Mapping], *, axes: tuple[str, str], name: str, caption: str, alt: str, columns: int = 3) -> Figure:
    """Series from several inventories, the stated peak year and what came before the first observation.

    Parameters
    ----------
    cities : mapping of label to mapping
        ``series``: DataFrame of year by inventory; ``stated``: year; ``peaks``: mapping of
        inventory to (year, censored).
    axes : (str, str)
    name, caption, alt : str
        As in :class:`Figure`.
    columns : int

    Returns
    -------
    Figure
    """
    inventories = list(dict.fromkeys(i for city in cities.values() for i in city["series"]))
    looks = {i: (PALETTE[colour], marker) for i, (colour, marker) in zip(inventories, LOOKS * 3)}
    with plt.rc_context(RC):
        fig, grid = _grid(len(cities), columns, width=8.4, height=2.5, beside=1.1)
        for ax, (label, city) in zip(grid.flat, cities.items()):
            _inventories(ax, label, city, looks)
        handles = [Line2D([], [], color=c, marker=m, ms=4, lw=1, label=i) for i, (c, m) in looks.items()]
        handles += [Line2D([], [], color="black", ls="--", label="stated peak"),
                    Line2D([], [], marker="o", ls="", mfc="none", mec="black", ms=10, label="highest of its series"),
                    Line2D([], [], marker="s", ls="", mfc="none", mec="black", ms=10, label="highest, but the series starts here"),
                    Patch(facecolor="#eeeeee", hatch="///", edgecolor="#bbbbbb", label="before the first count")]
        for column in grid.T:
            [ax for ax in column if ax.get_visible()][-1].set_xlabel(axes[0], fontsize=9)
        fig.supylabel(axes[1], fontsize=9)
        fig.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8)
        return finish(fig, name, caption, alt)


def _inventories(ax, label: str, city: Mapping, looks: Mapping) -> None:
    """One city: a line per inventory, a ring where it is highest, a square if that is where it starts."""
    wide = city["series"]
    years = wide.dropna(how="all").index
    start = min(years.min(), city["stated"]) - 4
    ax.axvspan(start, years.min() - 0.5, facecolor="#eeeeee", hatch="///", edgecolor="#bbbbbb", lw=0)
    ax.axvline(city["stated"], color="black", ls="--", lw=1.2)
    for inventory, values in wide.items():
        known = values.dropna()
        colour, marker = looks[inventory]
        ax.plot(known.index, known, color=colour, marker=marker, ms=3.5, lw=1)
        if inventory in city["peaks"]:
            year, censored = city["peaks"][inventory]
            ax.plot([year], [known[year]], "s" if censored == "first" else "o", mfc="none", mec="black", ms=10, mew=0.9, ls="")
    ax.set_title(f"{label}: {city['stated']} stated", fontsize=8.5, loc="left", weight="bold")
    ax.set(xlim=(start, years.max() + 1.5), ylim=(0, 1.12 * wide.max().max()))
    ax.tick_params(labelsize=8)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))


def changes(
    frame: pd.DataFrame, *, x: str, y: str, group: str, axes: tuple[str, str], name: str, caption: str, alt: str,
    lines: tuple[float, float] | None = None, labelled: int = 8,
) -> Figure:
    """What regions gained in one quantity and added in another, by group.

    Parameters
    ----------
    frame : DataFrame indexed by region
    x, y, group : str
        Columns; nothing missing.
    axes : (str, str)
        Labels, with units.
    name, caption, alt : str
        As in :class:`Figure`.
    lines : (float, float), optional
        Reference values of x and y.
    labelled : int
        Regions named: those farthest from the middle.

    Returns
    -------
    Figure
    """
    groups = list(dict.fromkeys(frame[group]))
    with plt.rc_context(RC):
        fig, ax = plt.subplots(figsize=(7.6, 5.2), layout="constrained")
        middles = frame.groupby(group, sort=False)[[x, y]].median()
        for label, (colour, marker) in zip(groups, LOOKS):
            part, middle = frame[frame[group] == label], middles.loc[label]
            told = f"{label} ({len(part)}): {middle[x]:,.0f} and {middle[y]:,.0f}".replace("-", "−")
            ax.scatter(part[x], part[y], c=PALETTE[colour], marker=marker, s=26, alpha=0.75, edgecolors="white", linewidths=0.4, label=told)
            if len(part) > 1:
                ax.scatter([middle[x]], [middle[y]], c=PALETTE[colour], marker=marker, s=190, edgecolors="black", linewidths=1.3, zorder=5)
        ax.axhline(0, color="#aaaaaa", lw=0.8, zorder=0)
        ax.axvline(0, color="#aaaaaa", lw=0.8, zorder=0)
        ax.margins(0.07)
        if lines is not None:
            ax.axvline(lines[0], color="black", ls="--", lw=1)
            ax.axhline(lines[1], color="black", ls="--", lw=1)
            for text, at, shift, align, frame_of in (
                (f"stated {lines[0]:,.10g}", (lines[0], 0), (3, 4), "left", ax.get_xaxis_transform()),
                (f"stated {lines[1]:,.10g}", (1, lines[1]), (0, 3), "right", ax.get_yaxis_transform()),
            ):
                ax.annotate(text, at, shift, xycoords=frame_of, textcoords="offset points", ha=align, fontsize=8)
        bend_axes(ax, frame[x], frame[y], axes)
        for axis in (ax.xaxis, ax.yaxis):
            _round_ticks(axis)
        fig.legend(fontsize=8, title="group (members): its medians, drawn as a large sign", title_fontsize=8, ncols=2, loc="outside upper center")
        far = frame.loc[_far(frame[[x, y]], labelled)]
        label_points(ax, far[x], far[y])
        return finish(fig, name, caption, alt)


def _round_ticks(axis) -> None:
    """Round numbers as ticks, also on a bent scale, whose own are few."""
    axis.set_major_formatter("{x:,.10g}")
    if axis.get_scale() != "symlog":
        return
    low, high = axis.get_view_interval()
    bend = axis.get_transform().linthresh
    ticks = [*MaxNLocator(4).tick_values(max(low, -bend), min(high, bend)), *(sign * step * bend for sign in (-1, 1) for step in (1, 2, 5, 10, 100))]
    axis.set_ticks(sorted({float(tick) for tick in ticks if low <= tick <= high}), minor=False)
    axis.set_ticks([], minor=True)


def _far(frame: pd.DataFrame, count: int) -> pd.Index:
    """The rows farthest from the medians, in standard deviations."""
    return frame.sub(frame.median()).div(frame.std()).pow(2).sum(axis=1).nlargest(count).index


def _frame(ax, data: pd.DataFrame, printed: pd.DataFrame | None, turns: int) -> None:
    """Fix the range to the data, so that an unbounded set can reach its ends, with room below for the delta intervals."""
    x = data["income"] if printed is None else pd.concat([data["income"], printed["income"]])
    pad = 0.06 * (x.max() - x.min())
    ax.set_xlim(x.min() - pad, x.max() + pad)
    low, high = ax.get_ylim()
    ax.set_ylim(low - 0.06 * turns * (high - low), high)


def _reach(ax, found) -> None:
    """Widen the axis, by a quarter at most, to a bound of the set that lies just beyond the data."""
    left, right = ax.get_xlim()
    room = 0.25 * (right - left)
    lower = [bound - 0.1 * room for bound in (found.lower, found.upper) if left - room < bound < left]
    upper = [bound + 0.4 * room for bound in (found.lower, found.upper) if right < bound < right + room]
    ax.set_xlim(min([left, *lower]), max([right, *upper]))


def _turn(ax, point, row: int) -> None:
    """A turning point with its delta interval, and the incomes at which the slope may be zero, as a hatched band."""
    left, right = ax.get_xlim()
    told = f"{point.kind} at {point.income:,.4g}" if point.income < 1000 else f"{point.kind} at {point.income:,.0f}"
    if left < point.income < right:
        ax.axvline(point.income, color=TURN, ls="--", lw=1.6, label=told)
    else:
        ax.plot([], [], color=TURN, ls="--", lw=1.6, label=f"{told}, outside the data")
    ends, height = np.clip([point.lower, point.upper], left, right), 0.04 + 0.04 * row
    if ends[0] < ends[1]:
        caps = [i for i, end in enumerate((point.lower, point.upper)) if left < end < right]
        ax.plot(ends, [height] * 2, color="black", marker="|", markevery=caps, ms=8, lw=1.2, transform=ax.get_xaxis_transform(),
                label="delta interval", zorder=4)
    if point.paired is not None:
        _set(ax, point.paired)


def _set(ax, found) -> None:
    """Fieller's set as it is: an interval, a ray, two rays or the whole line, with its bounds dotted."""
    left, right = ax.get_xlim()
    pieces = [(left, found.lower), (found.upper, right)] if found.kind == "two rays" else [(found.lower, found.upper)]
    words = f"not ruled out: {found}"
    for low, high in pieces:
        low, high = max(low, left), min(high, right)
        if low < high:
            ax.axvspan(low, high, facecolor=TURN, alpha=0.12, hatch="//", edgecolor=TURN, lw=0, label=words)
            words = ""
    for bound in (found.lower, found.upper):
        if left < bound < right:
            ax.axvline(bound, color=TURN, ls=":", lw=1)
    if words:
        ax.plot([], [], " ", label=f"{words}, outside the data")


def _in_corner(ax, words: str, x: pd.Series, y: pd.Series) -> None:
    """Write in the corner with the fewest points near it."""
    at = ax.transAxes.inverted().transform(ax.transData.transform(np.column_stack([x, y])))
    corners = [(across, up) for up in (0.97, 0.12) for across in (0.02, 0.98)]
    near = [int(((np.abs(at[:, 0] - across) < 0.4) & (np.abs(at[:, 1] - up) < 0.2)).sum()) for across, up in corners]
    across, up = corners[int(np.argmin(near))]
    ax.text(across, up, words, transform=ax.transAxes, ha="left" if across < 0.5 else "right", va="top" if up > 0.5 else "bottom",
            fontsize=9, weight="bold", bbox={"facecolor": "white", "alpha": 0.85, "pad": 2, "lw": 0}, zorder=6)
