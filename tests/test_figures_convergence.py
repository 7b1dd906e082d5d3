"""Paths side by side, growth against its start, parts of a whole, ranks on a map and arguments: what is drawn is what was given."""

import base64
import inspect
import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import BOUND, figure_difference, pixels
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch
from PIL import Image

from casebook import figures
from casebook.figures import convergence as pictures

ABOUT = {"name": "fig-made-up", "caption": "A few made-up points.", "alt": "What is drawn."}
YEARS = pd.Index(range(2014, 2022), name="year")
REGIONS = ["Ashwick", "Brinmoor", "Caldmere", "Dunfold"]
PLACES = pd.DataFrame({"longitude": [1.0, 2, 1, 2], "latitude": [50.0, 50, 51, 51], "label": ["Ash", "Brin", "Cald", "Dun"]}, REGIONS)
BORDERS = pd.DataFrame({"region": ["Ashwick", "Ashwick"], "neighbour": ["Brinmoor", "Caldmere"]})
GROUPS = pd.Series(["south", "south", "north", "north"], REGIONS)
pytestmark = pytest.mark.usefixtures("nothing_open")


def incomes(*ends, names=("east", "west", "lagging")):
    """Straight paths from 100 to given ends."""
    return pd.DataFrame({name: np.linspace(100, end, len(YEARS)) for name, end in zip(names, ends)}, YEARS)


def paths_beside(moved=False, panels=None, **more):
    panels = panels or {"one vintage": incomes(300, 250, 400 if moved else 200), "joined": incomes(300, 250, 90)}
    options = {"highlight": "lagging", "span": (2015, 2020), "axes": ("year", "yuan"), "span_label": "the plan"}
    return figures.paths_beside(panels, **ABOUT, **options | more)


START = pd.DataFrame({"start": [1e3, 2e3, 4e3, 8e3], "growth": [9.0, 7, 6, 3]}, REGIONS)


def growth_against_start(moved=False, panels=None, lines=None, groups=GROUPS):
    panels = panels or {"before": START, "within": START.assign(growth=[5.0, 5, 1 if moved else 4, 5])}
    return figures.growth_against_start(panels, lines or {"before": (29.0, -2.9), "within": (5.0, 0.0)}, groups, axes=("yuan", "per cent"), **ABOUT)


def stacked(moved=False, parts=None, **more):
    if parts is None:
        parts = pd.DataFrame({"between": np.linspace(0.3, 0.1, 8), "within": [0.1] * 7 + [0.3 if moved else 0.1]}, YEARS)
    return figures.stacked(parts, axes=("year", "Theil's index"), **ABOUT, **more)


SCORES = pd.Series([0.45, 0.3, 0.62], REGIONS[:3])  # of Dunfold nothing is known
CLASSES = ((0.3, 0.5, 0.8), ("low", "middling", "good", "high"))


def rank_maps(moved=False, scores=None, classes=CLASSES, borders=BORDERS):
    scores = scores or {"standard": SCORES, "corrected": pd.Series([0.2, 0.25, 0.7 if moved else 0.1, 0.1], REGIONS)}
    return figures.rank_maps(PLACES, scores, classes=classes, borders=borders, **ABOUT)


BOXES = {"one": (0.2, 0.2, "first\nthing"), "other": (0.8, 0.2, "second"), "top": (0.2, 0.9, "third")}
ARROWS = [("one", "other", "there", "found"), ("other", "one", "back", "not found"), ("top", "one", "down", "no test")]
KINDS = {"found": "is so", "not found": "is not", "no test": "no one knows"}


def argument(moved=False, boxes=None, arrows=ARROWS, kinds=KINDS):
    boxes = boxes or BOXES | ({"top": (0.8, 0.9, "third")} if moved else {})
    return figures.argument(boxes, arrows, kinds=kinds, **ABOUT)


DRAWN = [paths_beside, growth_against_start, stacked, rank_maps, argument]
each_kind = pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)


def difference(one, two):
    return figure_difference(*(pixels({"data": figure._repr_mimebundle_()[0]}) for figure in (one, two)))


def legend(axes):
    return [text.get_text() for text in axes()[0].figure.legends[0].get_texts()]


def said(ax):
    return [text.get_text() for text in ax.texts]


# ------------------------------------------------------------------------ all of them
def test_every_drawing_function_is_tried_here():
    public = {name for name, f in vars(pictures).items() if inspect.isfunction(f) and f.__module__ == pictures.__name__ and not name.startswith("_")}
    assert public == {draw.__name__ for draw in DRAWN} and public <= set(figures.__all__)


@each_kind
def test_a_picture_with_its_words_the_same_twice_and_nothing_left_open(draw):
    before = dict(plt.rcParams)
    one, other = draw(), draw()
    told, about = one._repr_mimebundle_()
    picture = base64.b64decode(told["image/png"])
    with Image.open(io.BytesIO(picture)) as image:
        assert len(image.convert("RGB").getcolors(2**24)) > 20  # axes, text, points: not an empty sheet
    assert about["image/png"] == ABOUT and one.png == other.png
    assert plt.get_fignums() == [] and dict(plt.rcParams) == before
    assert difference(one, draw(moved=True)) > BOUND


# ------------------------------------------------------------------------ paths
def test_each_panel_has_its_paths_and_the_one_in_front_last(axes):
    paths_beside()
    left, right = axes()
    for ax, ends in ((left, [300, 250, 200]), (right, [300, 250, 90])):
        assert [line.get_ydata()[-1] for line in ax.lines] == ends and all(line.get_ydata()[0] == 100 for line in ax.lines)
        widths, levels = [line.get_linewidth() for line in ax.lines], [line.get_zorder() for line in ax.lines]
        assert widths[-1] > max(widths[:-1]) and levels[-1] > max(levels[:-1])
        assert len({(line.get_color(), line.get_marker()) for line in ax.lines}) == 3
        low, high = ax.get_ylim()
        assert low == 0 and high > 300
    assert left.get_ylim() == right.get_ylim() and left.get_ylabel() == "yuan" and right.get_ylabel() == ""
    assert (left.get_xlabel(), right.get_xlabel()) == ("year\none vintage", "year\njoined")
    assert legend(axes) == ["lagging", "east", "west"]


def test_the_values_at_both_ends_of_the_years_shaded_are_written(axes):
    # Straight from 100 in 2014 to 200 in 2021: 114.29 a year later, 185.71 in 2020; and down to 90: 98.57 and 91.43.
    paths_beside()
    assert said(axes()[0]) == ["114", "186", "the plan"] and said(axes()[1]) == ["99", "91", "the plan"]
    shade = axes()[0].patches[0]
    assert (shade.get_x(), shade.get_x() + shade.get_width()) == (2015, 2020) and to_hex(shade.get_facecolor()) == pictures.SHADE
    negative = {"only": incomes(300, 250, -40)}
    paths_beside(panels=negative, unit="{:.1f}", span_label="")
    assert said(axes()[0]) == ["80.0", "−20.0"]  # with a real minus


def test_years_without_figures_are_left_out_and_not_written(axes):
    gappy = incomes(300, 250, 200)
    gappy.loc[2020:, "lagging"] = np.nan
    paths_beside(panels={"only": gappy})
    assert said(axes()[0]) == ["114", "the plan"]
    assert list(axes()[0].lines[-1].get_xdata()) == list(range(2014, 2020))
    assert list(axes()[0].get_xticks()) == [2015, 2020]  # every fifth year


def test_paths_that_cannot_be_told_apart_are_refused():
    six, seven = (incomes(*[100] * n, names=["lagging", *(f"r{i}" for i in range(n - 1))]) for n in (6, 7))
    assert paths_beside(panels={"only": six})
    for panels, message in (
        ({"a": seven}, "panel 'a' has 7 series, more than can be told apart"),
        ({"a": incomes(1, 2, 3), "b": incomes(1, 2)}, "panel 'b' lacks 'lagging'"),
        ({"a": incomes(1, 2, 3), "b": incomes(1, 2, 3, names=("west", "east", "lagging"))}, "panel 'b' has the series west, east, lagging, the first east, west, lagging"),
    ):
        with pytest.raises(ValueError, match=message):
            paths_beside(panels=panels)
    assert plt.get_fignums() == []


# ------------------------------------------------------------------------ growth against its start
def test_each_region_stands_at_its_start_and_growth_in_the_look_of_its_group(axes):
    growth_against_start()
    left, _ = axes()
    south, north = (dots for dots in left.collections if len(dots.get_offsets()))
    assert south.get_offsets().tolist() == [[1e3, 9], [2e3, 7]] and north.get_offsets().tolist() == [[4e3, 6], [8e3, 3]]
    assert to_hex(south.get_facecolor()[0]) != to_hex(north.get_facecolor()[0])
    assert not np.array_equal(south.get_paths()[0].vertices, north.get_paths()[0].vertices)
    assert legend(axes) == ["south", "north"] and left.get_xscale() == "log"
    key = axes()[0].figure.legends[0].legend_handles
    assert [to_hex(handle.get_markerfacecolor()) for handle in key] == [to_hex(dots.get_facecolor()[0]) for dots in (south, north)]


def test_the_line_is_straight_in_the_logarithm_of_the_start(axes):
    growth_against_start()
    for ax, (intercept, slope) in zip(axes(), ((29.0, -2.9), (5.0, 0.0))):
        x, y = ax.lines[0].get_data()
        assert (x[0], x[-1]) == (1e3, 8e3) and y == pytest.approx(intercept + slope * np.log(x))


def test_the_ends_and_those_farthest_from_the_line_are_named(axes):
    many = pd.DataFrame({"start": np.linspace(1e3, 9e3, 20), "growth": 5.0}, [f"R{i}" for i in range(20)])
    far = [f"R{i}" for i in range(3, 9)]
    many.loc[far, "growth"] = np.arange(6.0, 12.0)
    growth_against_start(panels={"only": many}, lines={"only": (5.0, 0.0)}, groups=pd.Series("all", many.index))
    assert set(said(axes()[0])) == {"R0", "R19", *far}


def test_what_would_not_be_drawn_is_refused():
    six = pd.Series([f"g{i}" for i in range(6)], [*REGIONS, "E", "F"])
    for options, message in (
        ({"groups": GROUPS.drop("Caldmere")}, "panel 'before' has Caldmere, which has no group"),
        ({"groups": GROUPS.mask(GROUPS.index == "Dunfold")}, "Dunfold, which has no group"),
        ({"groups": six}, "6 groups are more than can be told apart"),
        ({"lines": {"before": (1.0, 1.0)}}, "panel 'within' has no line"),
    ):
        with pytest.raises(ValueError, match=message):
            growth_against_start(**options)
    assert plt.get_fignums() == []


# ------------------------------------------------------------------------ parts of a whole
def edges(area):
    """The lower and the upper border of a filled area at each year."""
    corners = area.get_paths()[0].vertices
    at = {year: corners[np.isclose(corners[:, 0], year), 1] for year in YEARS}
    return [at[year].min() for year in YEARS], [at[year].max() for year in YEARS]


def test_parts_lie_on_each_other_and_reach_the_total(axes):
    parts = pd.DataFrame({"a": np.linspace(3, 1, 8), "b": np.linspace(1, 2, 8), "c": 0.5}, YEARS)
    stacked(parts=parts, span=(2015, 2020), span_label="the plan")
    (ax,) = axes()
    floors = [np.zeros(8), parts["a"], parts["a"] + parts["b"]]
    for area, floor, column in zip(ax.collections, floors, parts, strict=True):
        low, high = edges(area)
        assert low == pytest.approx(list(floor)) and high == pytest.approx(list(floor + parts[column]))
    total, *marks = ax.lines
    assert list(total.get_ydata()) == pytest.approx(list(parts.sum(axis=1)))
    assert [line.get_xdata()[0] for line in marks] == [2015, 2020] and said(ax) == ["the plan"]
    assert legend(axes) == ["total", "c", "b", "a"]  # from the top down
    assert len({(to_hex(area.get_facecolor()[0]), area.get_hatch()) for area in ax.collections}) == 3
    assert ax.get_xlim() == (2014, 2021) and ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > parts.sum(axis=1).max()
    assert list(ax.get_xticks()) == [2014, 2016, 2018, 2020]


def test_without_a_span_none_is_marked(axes):
    stacked()
    assert len(axes()[0].lines) == 1 and said(axes()[0]) == []


def test_parts_that_cannot_be_stacked_are_refused_by_year():
    parts = pd.DataFrame({"a": [1.0] * 8, "b": [1.0] * 8}, YEARS)
    for bad, message in (
        (parts.assign(b=parts["b"].mask(YEARS == 2017, -0.1)), "b is negative in 2017, and can't be stacked"),
        (parts.assign(a=parts["a"].mask(YEARS == 2019)), "a is missing in 2019"),
        (pd.concat([parts] * 3, axis=1).set_axis(list("abcdef"), axis=1), "6 parts are more than can be told apart"),
    ):
        with pytest.raises(ValueError, match=message):
            stacked(parts=bad)
    assert plt.get_fignums() == []
    assert stacked(parts=parts.assign(b=0.0))  # nothing is not negative


# ------------------------------------------------------------------------ maps of ranks
def test_ranks_stand_at_their_places_and_ties_share_the_better(axes):
    rank_maps()
    left, right = axes()
    numbers = lambda ax: {tuple(text.xy): text.get_text() for text in ax.texts if text.get_text().isdigit()}
    # 0.62 before 0.45 before 0.3; then 0.25, 0.2 and twice 0.1.
    assert numbers(left) == {(1, 51): "1", (1, 50): "2", (2, 50): "3"}
    assert numbers(right) == {(2, 50): "1", (1, 50): "2", (1, 51): "3", (2, 51): "3"}
    for ax in (left, right):
        assert {text.get_text() for text in ax.texts} >= set(PLACES["label"])
        assert borders_of(ax) == [[[1, 50], [2, 50]], [[1, 50], [1, 51]]]
    assert (left.get_xlabel(), right.get_xlabel()) == ("standard", "corrected")
    rank_maps(borders=None)
    assert not borders_of(axes()[0])


def borders_of(ax):
    return [segment.tolist() for lines in ax.collections if isinstance(lines, LineCollection) for segment in lines.get_segments()]


def dots_of(ax):
    return [dots for dots in ax.collections if isinstance(dots, PathCollection)]


def fills(ax):
    return {tuple(dots.get_offsets()[0]): to_hex(dots.get_facecolor()[0]) for dots in dots_of(ax)}


def test_colours_are_those_of_the_classes_on_both_maps(axes):
    rank_maps()
    left, right = axes()
    key = dict(zip(legend(axes), (to_hex(handle.get_markerfacecolor()) for handle in plt.gcf().legends[0].legend_handles)))
    assert list(key) == ["low (below 0.3)", "middling (0.3 to 0.5)", "good (0.5 to 0.8)", "no figure"]  # only those that occur
    low, middling, good, _ = key.values()
    assert len({low, middling, good}) == 3
    one, other = fills(left), fills(right)
    assert [one[1, 50], one[2, 50], one[1, 51]] == [middling, middling, good]  # 0.3 is at the cut-off, and above it
    assert set(other.values()) == {low}
    assert plt.gcf().legends[0].get_title().get_text() == "number: rank"


def test_a_region_without_a_score_has_a_cross_and_no_number(axes):
    rank_maps()
    shapes = {tuple(dots.get_offsets()[0]): len(dots.get_paths()[0].vertices) for dots in dots_of(axes()[0])}
    assert shapes[2, 51] != shapes[1, 50] == shapes[2, 50] == shapes[1, 51]
    one = rank_maps(scores={"only": SCORES})
    assert one.png == rank_maps(scores={"only": SCORES.reindex(REGIONS)}).png  # missing is as good as absent


def test_a_cut_off_in_floating_point_belongs_to_the_class_above(axes):
    # 0.7 - 0.4 is 0.29999999999999993.
    rank_maps(scores={"only": pd.Series([0.7 - 0.4, 0.9, 0.3 - 1e-6, 0.8], REGIONS)})
    assert legend(axes) == ["low (below 0.3)", "middling (0.3 to 0.5)", "high (0.8 and over)"]
    found = fills(axes()[0])
    assert found[2, 50] == found[2, 51] and len(set(found.values())) == 3


def test_scores_and_classes_that_do_not_fit_are_refused():
    for options, message in (
        ({"scores": {"only": pd.Series({"Ashwick": 0.1, "Elmstead": 0.2})}}, "'only' has a score of Elmstead, which has no place"),
        ({"classes": ((0.3, 0.5), ("low", "high"))}, "2 of them take 3 labels; got 0.3, 0.5 with 2 labels"),
        ({"classes": ((0.5, 0.3), ("low", "middling", "high"))}, "cut-offs must ascend"),
    ):
        with pytest.raises(ValueError, match=message):
            rank_maps(**options)
    assert plt.get_fignums() == []


# ------------------------------------------------------------------------ arguments
def test_boxes_stand_where_asked_and_arrows_have_the_look_of_their_kind(axes):
    argument()
    (ax,) = axes()
    for x, y, text in BOXES.values():
        assert (text, (x, y)) in [(each.get_text(), each.get_position()) for each in ax.texts]
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    looks = [(to_hex(arrow.get_edgecolor()), arrow.get_linestyle()) for arrow in arrows]
    assert len(set(looks)) == 3 and len({dash for _, dash in looks}) == 3  # told apart without colour
    key = plt.gcf().legends[0]
    assert [text.get_text() for text in key.get_texts()] == list(KINDS.values())
    assert [(to_hex(handle.get_color()), handle.get_linestyle()) for handle in key.legend_handles] == looks
    words = {text.get_text(): to_hex(text.get_color()) for text in ax.texts}
    assert [words[text] for *_, text, _ in ARROWS] == [colour for colour, _ in looks]


def test_arrows_go_from_box_to_box_and_only_pairs_are_bent(axes):
    argument()
    ax = axes()[0]
    ends = []
    for arrow in (patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)):
        path = arrow.get_connectionstyle()(*arrow._posA_posB)
        ends.append((tuple(path.vertices[0]), tuple(path.vertices[-1]), not np.allclose(path.vertices[1], (path.vertices[0] + path.vertices[-1]) / 2)))
    at = {key: box[:2] for key, box in BOXES.items()}
    assert ends == [(at["one"], at["other"], True), (at["other"], at["one"], True), (at["top"], at["one"], False)]
    heights = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert heights["there"] < 0.2 < heights["back"]  # on the side to which each is bent


def test_an_arrow_to_nowhere_or_of_no_kind_is_refused():
    for arrow, word in ((("one", "nowhere", "", "found"), "nowhere"), (("lost", "one", "", "found"), "lost"), (("one", "other", "", "fuond"), "fuond")):
        with pytest.raises(ValueError, match=f"'{word}' is neither a box nor a kind of arrow"):
            argument(arrows=[arrow])
    assert plt.get_fignums() == []
