"""Paths and maps of directions: what is drawn is what was given."""

import base64

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection

from casebook import figures

ABOUT = {"name": "fig-x", "caption": "A caption.", "alt": "What is drawn."}
KEY = pd.MultiIndex.from_product([["A", "B", "C"], [2001, 2002, 2003]], names=["region", "year"])
INCOME = pd.Series([1e3, 2e3, 4e3, 1e4, 2e4, 3e4, 5e2, 6e2, np.nan], KEY)
SHARE = pd.Series([10.0, 14, 18, 25, 20, 15, 5, 6, 7], KEY)
PLACES = pd.DataFrame({"longitude": [100.0, 110, 120], "latitude": [30.0, 35, 40], "label": list("ABC")}, list("ABC"))
BORDERS = pd.DataFrame({"region": ["A", "B"], "neighbour": ["B", "C"]})
WAYS = pd.Series({"A": "rising", "B": "falling"})
pytestmark = pytest.mark.usefixtures("nothing_open")


def drawn_paths(**more):
    return figures.paths(INCOME, SHARE, {"A": "Aland"}, axes=("income", "share"), **ABOUT | more)


def drawn_map(ways=WAYS):
    return figures.ways_map(PLACES, {"output": ways}, borders=BORDERS, **ABOUT)


@pytest.mark.parametrize("draw", [drawn_paths, drawn_map])
def test_a_picture_with_its_words_and_the_same_twice(draw):
    one, other = draw(), draw()
    data, about = one._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG") and about["image/png"] == ABOUT
    assert one.png == other.png


def test_every_path_is_drawn_and_the_named_ones_end_in_a_mark(axes):
    drawn_paths(curve=pd.DataFrame({"x": [1e3, 1e4], "y": [10.0, 20.0]}))
    (ax,) = axes()
    lines = [tuple(map(tuple, line.get_xydata())) for line in ax.lines]
    assert ((1e4, 25.0), (2e4, 20.0), (3e4, 15.0)) in lines and ((5e2, 5.0), (6e2, 6.0)) in lines  # C's last income is unknown
    assert ((1e3, 10.0), (2e3, 14.0), (4e3, 18.0)) in lines and ((4e3, 18.0),) in lines and ((1e3, 10.0), (1e4, 20.0)) in lines
    assert ax.get_xscale() == "log" and "Aland" in [text.get_text() for text in ax.texts]


def test_each_direction_has_its_mark_and_the_unknown_its_own(axes):
    drawn_map()
    (ax,) = axes()
    found = {tuple(map(tuple, points.get_offsets())) for points in ax.collections if isinstance(points, PathCollection) and len(points.get_offsets())}
    assert found == {((100.0, 30.0),), ((110.0, 35.0),), ((120.0, 40.0),)}
    legend = [text.get_text() for text in ax.figure.legends[0].get_texts()]
    assert legend == ["rising", "falling"] and sum(len(lines.get_segments()) for lines in ax.collections if isinstance(lines, LineCollection)) == 2


def test_names_without_figures_or_too_many_are_refused():
    with pytest.raises(ValueError, match="no figures of Z"):
        figures.paths(INCOME, SHARE, {"Z": "Z"}, axes=("x", "y"), **ABOUT)
    many = pd.concat({f"R{i}": SHARE.loc["A"] for i in range(9)}, names=["region", "year"])
    with pytest.raises(ValueError, match="9 names"):
        figures.paths(many, many, {f"R{i}": "x" for i in range(9)}, axes=("x", "y"), **ABOUT)
