"""Regions in space: schematic, or in outlines of the reader's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from casebook.figures.style import CROWD, RC, STATE_STYLE, Figure, finish, shrunk


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

    In a crowd of more than ``CROWD`` regions neither names nor numbers fit: the caption says so.

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
    features = None if geojson is None else _features(geojson, places.index)
    with plt.rc_context(RC):
        fig, axes = plt.subplots(1, len(scores), figsize=(4.7 * len(scores), 5.6), squeeze=False)
        largest = max(s.max() for s in sizes.values())
        every = pd.concat(list(scores.values())).dropna().astype(float)
        colours = plt.cm.ScalarMappable(plt.Normalize(every.min(), every.max()), "viridis_r")
        for ax, title in zip(axes[0], scores):
            if features is not None:
                _outlines(ax, features, places.index, scores[title], colours)
            elif borders is not None:
                links(ax, places, borders)
            _symbols(ax, places, scores[title], states[title], sizes[title] / largest, colours)
            bare(ax, places, title)
            ax.margins(0.09)
        present = [s for s in STATE_STYLE if any((v == s).any() for v in states.values())]
        handles = [
            Line2D([], [], ls="", marker=STATE_STYLE[s][1], mfc="white", mec="black", ms=8, label=s)
            for s in present
        ]
        crowd = len(places) > CROWD
        handles.append(Line2D([], [], ls="", label=f"colour{'' if crowd else ' and number'}: score; area: {size_label}"))
        fig.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=8)
        if crowd:
            fig.colorbar(colours, ax=axes, shrink=0.6, label="score")
        told = f" None of the {len(places):,} regions is named, for want of room." if crowd else ""
        return finish(fig, name, caption + told, alt + told)


def _symbols(ax, places, score, state, size, colours) -> None:
    if len(places) > CROWD:
        return _crowd(ax, places, score, state, size, colours)
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


def _crowd(ax, places, score, state, size, colours) -> None:
    """Small symbols without names or numbers."""
    frame = pd.DataFrame({"score": score, "state": state, "size": size}).reindex(places.index)
    area = (70 + 420 * frame["size"].fillna(0.0)).map(lambda full: shrunk(full, len(places)))
    fill = colours.to_rgba(np.ma.masked_invalid(frame["score"].astype(float)))
    for kind, rows in frame.groupby(frame["state"].fillna("undefined")).indices.items():
        ax.scatter(places["longitude"].iloc[rows], places["latitude"].iloc[rows], s=area.iloc[rows], color=fill[rows],
                   marker=STATE_STYLE[kind][1], edgecolors="black", linewidths=shrunk(0.6, len(places)), zorder=3)


def links(ax, places: pd.DataFrame, borders: pd.DataFrame) -> None:
    """Thin lines between contiguous regions, those of `places`."""
    pairs = borders.reset_index()[["region", "neighbour"]]
    pairs = pairs[pairs.isin(places.index).all(axis=1)]
    ends = [places.loc[pairs[end], ["longitude", "latitude"]].to_numpy(dtype=float) for end in pairs]
    ax.add_collection(LineCollection(np.stack(ends, axis=1), colors="#cccccc", linewidths=0.8, zorder=1))


def bare(ax, places: pd.DataFrame, title: str) -> None:
    """Turn axes of degrees into a map: a title below, no frame, and as wide as the latitude has it."""
    ax.set_xlabel(title)
    ax.set(xticks=[], yticks=[], aspect=1 / np.cos(np.radians(places["latitude"].mean())))
    sns.despine(ax=ax, left=True, bottom=True)


def _outlines(ax, features, regions, score, colours) -> None:
    for feature in features:
        region, shape = _owner(feature, regions), feature["geometry"] or {}
        value = score.get(region)
        fill = "none" if region is None or pd.isna(value) else (*colours.to_rgba(float(value))[:3], 0.45)
        parts = {"MultiPolygon": shape.get("coordinates"), "Polygon": [shape.get("coordinates")]}.get(shape.get("type"), [])
        for rings in parts:
            ax.add_patch(Polygon(rings[0], fc=fill, ec="#777777", lw=0.7, zorder=0))
            ax.update_datalim(rings[0])
    ax.autoscale_view()


def _features(geojson, regions) -> list[dict]:
    """The features of a GeoJSON file, which must cover every region."""
    features = json.loads(Path(geojson).read_text(encoding="utf-8")).get("features")
    if not features:
        raise ValueError(f"{geojson} is not a GeoJSON collection: it has no features")
    left = set(regions) - {_owner(feature, regions) for feature in features}
    if left:
        raise ValueError(f"{geojson} has no outline with the name of {', '.join(sorted(left))} among its properties")
    return features


def _owner(feature: dict, regions) -> str | None:
    """The region whose name is among the properties of a polygon."""
    if (feature.get("geometry") or {}).get("type") not in ("Polygon", "MultiPolygon"):
        return None
    return next((v for v in (feature.get("properties") or {}).values() if isinstance(v, str) and v in regions), None)
