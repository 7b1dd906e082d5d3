"""Pictures and tables: each drawing function on a few made-up points, what it carries to the page, what moves it."""

import base64
import inspect
import io
import json
import re
from html import unescape
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import BOUND, figure_difference, pixels
from PIL import Image

from casebook import audit, claims, decoupling, figures
from casebook.figures import charts, estimates, planes, style
from casebook.spatial.moran import QUADRANTS

REGIONS = pd.Index(["Ashwick", "Brinmoor", "Caldmere", "Dunfold"], name="region")
ABOUT = {"name": "fig-made-up", "caption": "A few made-up points.", "alt": "Four points, one of them apart."}
PLACES = pd.DataFrame({"longitude": [1.0, 2.0, 1.0, 2.0], "latitude": [50.0, 50.0, 51.0, 51.0]}, REGIONS)
BORDERS = pd.DataFrame({"region": ["Ashwick", "Ashwick"], "neighbour": ["Brinmoor", "Caldmere"]})


READINGS = pd.MultiIndex.from_product([["x", "y"], ["u", "v"]], names=["rule", "basis"])


def by_region(*values):
    return pd.Series(values, REGIONS)
pytestmark = pytest.mark.usefixtures("nothing_open")


# Each draws four regions, readings or bars; with `moved`, one of them stands elsewhere.
def states_plane(moved):
    # elasticities 1.2, 1, below nought, and 2 of a falling income
    states = by_region("expansive coupling", "expansive coupling", "strong decoupling", "recessive decoupling")
    value = by_region(60.0, 20.0 if moved else 100.0, -5.0, -20.0)
    return figures.states_plane(by_region(50.0, 100.0, 80.0, -10.0), value, states, axes=("income, %", "value, %"), **ABOUT)


def region_maps(moved, geojson=None, borders=BORDERS, scores=(9, 10, 4, 4)):
    scores = by_region(*scores).astype("Int64")
    states = by_region("expansive coupling", "expansive negative decoupling", "weak decoupling", "undefined")
    sizes = by_region(1.0, 4.0 if moved else 2.0, 3.0, np.nan)
    return figures.region_maps(PLACES, {"early": scores}, {"early": states}, {"early": sizes}, size_label="income",
                               borders=borders, geojson=geojson, **ABOUT)


def series(moved):
    lines = pd.DataFrame({"income": [0.5, 0.4, 0.3], "output": [0.9, 0.6 if moved else 0.8, np.nan]}, [2005, 2006, 2007])
    marks = pd.DataFrame({"year": [2006], "value": [0.45], "text": ["printed 0.45"]})
    band = {"income": pd.DataFrame({"low": [0.4, 0.3, 0.2], "high": [0.6, 0.5, 0.4]}, [2005, 2006, 2007])}
    return figures.series(lines, marks=marks, band=band, axes=("year", "variation"), **ABOUT)


def quadrants(moved):
    growth = by_region(10.0, -20.0, 30.0, np.nan)
    return figures.quadrants(growth, by_region(15.0, -25.0, -30.0 if moved else -10.0, 5.0), by_region("D", "A", "B", "undefined"),
                             axes=("income gap, %", "value gap, %"), **ABOUT)


def scattered(*lags, quadrants=("high-high", "low-high", "low-low", "high-low")):
    return pd.DataFrame({"z": [1.0, -1.4, -0.6, 1.0], "lag": lags, "quadrant": quadrants}, REGIONS)


def moran_scatter(moved, frame=None, **more):
    if frame is None:
        frame = {2006: scattered(0.5, 0.2, -0.4, -0.3), 2019: scattered(0.5, 0.2, -0.4, -0.8 if moved else -0.3)}
    return figures.moran_scatter(frame, value_label="carbon intensity", **ABOUT, **more)


def dumbbells(moved, **more):
    values = pd.DataFrame({"each year": [1.5, 1.1, 0.9, 0.8], "first year": [1.2, 1.0, 1.4 if moved else 1.0, 0.9]}, REGIONS)
    return figures.dumbbells(values, axis="elasticity", lines={1.0: "as fast", 1.2: "faster"}, **ABOUT, **more)


def specification_curve(moved):
    values = pd.Series([1.0, 2.0, 3.0, 3.6 if moved else 4.0], READINGS)
    return figures.specification_curve(values, printed=2.2, chosen={"rule": "x", "basis": "v"}, axis="elasticity", **ABOUT)


def verdict_bars(moved):
    counts = pd.DataFrame({"reproduced": [5, 2], "close": [1, 0], "contradicted": [2, 5 if moved else 3]}, ["one", "two"])
    return figures.verdict_bars(counts, **ABOUT)


def verdict_grid(moved):
    counts = pd.DataFrame({"reproduced": [5, 2, 0, 1], "close": [1, 0, 0, 4], "contradicted": [2, 5 if moved else 3, 0, 0]},
                          pd.MultiIndex.from_product([["count", "class"], ["one", "two"]]))
    return figures.verdict_grid(counts, **ABOUT)


def checked(moved):
    found = pd.DataFrame({"check": ["stars", "stars", "sum", "sum"], "document": ["a", "b", "a", "a"],
                          "severity": ["sound", "error" if moved else "doubt", "slip", "sound"]})
    return figures.checked(found, {"a": "A", "b": "B"}, **ABOUT)


def coverage(moved):
    key = pd.MultiIndex.from_product([["gdp", "so2"], REGIONS[:2], [2005, 2006]], names=["column", "region", "year"])
    cells = pd.DataFrame({"observed": [True] * 6 + [False] * 2, "flag": ["", "spike"] + [""] * 6}, key)
    cells.loc[("gdp", "Brinmoor", 2006), "observed"] = not moved
    return figures.coverage(cells.reset_index(), **ABOUT)


def forest(moved, frame=None, **more):
    if frame is None:
        frame = pd.DataFrame({
            "estimate": [0.2, 0.5 if moved else -0.1, 0.4, 1.1], "lower": [0.1, -0.3, 0.2, 0.7], "upper": [0.3, 0.6, 0.6, 1.5],
            "group": ["printed", "printed", "ours", "ours"], "note": ["n = 182", "", None, "70"], "hollow": [True, False, False, True],
        }, ["direct, upgrading", "indirect, upgrading", "direct, upgrading", "total"])
    return figures.forest(frame, axis="elasticity", **ABOUT, **more)


DRAWN = [states_plane, region_maps, series, quadrants, moran_scatter, dumbbells, specification_curve, verdict_bars, verdict_grid, checked,
         coverage, forest]
each_kind = pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)


def difference(one, two):
    """RMS difference of two figures, as the notebooks are compared."""
    return figure_difference(*(pixels({"data": figure._repr_mimebundle_()[0]}) for figure in (one, two)))


def test_every_drawing_function_is_tried_here():
    public = {name for name, f in vars(figures).items() if inspect.isfunction(f)
              and not name.startswith("_") and f.__module__.removeprefix("casebook.figures.") not in ("convergence", "kuznets", "structure")
              and inspect.signature(f).return_annotation == "Figure"}
    assert public == {draw.__name__ for draw in DRAWN}


@each_kind
def test_a_figure_carries_picture_name_caption_and_alt_text(draw):
    data, about = draw(moved=False)._repr_mimebundle_()
    picture = base64.b64decode(data["image/png"])
    assert picture.startswith(b"\x89PNG\r\n")
    assert about["image/png"] == ABOUT and all(part in data["text/plain"] for part in ABOUT.values())
    with Image.open(io.BytesIO(picture)) as image:
        colours = image.convert("RGB").getcolors(2**24)
    assert len(colours) > 20  # axes, text, points: not an empty sheet


@each_kind
def test_a_figure_drawn_twice_is_the_same_to_the_byte(draw):
    assert draw(moved=False).png == draw(moved=False).png


@each_kind
def test_a_moved_point_is_seen(draw):
    assert difference(draw(moved=False), draw(moved=True)) > BOUND


@each_kind
def test_no_figure_stays_open_and_no_setting_stays_changed(draw):
    before = dict(plt.rcParams)
    draw(moved=False)
    assert plt.get_fignums() == [] and dict(plt.rcParams) == before


# ---------------------------------------------------------------------- outlines
def square(x, y, side=0.8):
    return [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]]


def shapes(*names, kind="Polygon"):
    """Squares around the places, each a Polygon, or a MultiPolygon with an island beside it."""
    features = []
    for name in names:
        x, y = PLACES.loc[name] - 0.4
        coordinates = square(x, y) if kind == "Polygon" else [square(x, y, 0.5), square(x + 0.6, y + 0.6, 0.2)]
        features.append({"type": "Feature", "properties": {"id": 7, "name": name},
                         "geometry": {"type": kind, "coordinates": coordinates}})
    return {"type": "FeatureCollection", "features": features}


@pytest.fixture
def outlines(tmp_path):
    def write(content):
        file = tmp_path / "outlines.geojson"
        file.write_text(json.dumps(content), encoding="utf-8")
        return file

    return write


@pytest.mark.parametrize("kind", ["Polygon", "MultiPolygon"])
def test_outlines_are_drawn_when_given(outlines, kind):
    file = outlines(shapes(*REGIONS, kind=kind))
    drawn = region_maps(False, geojson=file)
    assert difference(drawn, region_maps(False)) > BOUND
    assert drawn.png == region_maps(False, geojson=str(file)).png  # a path or its name


def test_an_island_is_drawn_as_well(outlines):
    with_islands = region_maps(False, geojson=outlines(shapes(*REGIONS, kind="MultiPolygon")))
    content = shapes(*REGIONS, kind="MultiPolygon")
    for feature in content["features"]:
        feature["geometry"]["coordinates"].pop()
    assert difference(with_islands, region_maps(False, geojson=outlines(content))) > BOUND


def test_outlines_take_the_place_of_the_links(outlines):
    file = outlines(shapes(*REGIONS))
    assert region_maps(False, geojson=file).png == region_maps(False, geojson=file, borders=None).png
    assert difference(region_maps(False), region_maps(False, borders=None)) > 0.5  # two thin lines


def test_an_outline_of_no_region_is_no_fault(outlines, axes):
    content = shapes(*REGIONS)
    without = region_maps(False, geojson=outlines(content))
    for properties in (None, {}, {"name": "Elmstead"}):
        content["features"].append({"type": "Feature", "properties": properties,
                                    "geometry": {"type": "Polygon", "coordinates": square(3, 50)}})
    assert difference(region_maps(False, geojson=outlines(content)), without) > BOUND
    patches = axes()[0].patches
    assert len(patches) == 7 and [patch.get_fc()[3] > 0 for patch in patches] == [True] * 4 + [False] * 3


@pytest.mark.parametrize("kind", ["Polygon", "MultiPolygon"])
def test_outlines_are_filled_by_score(outlines, axes, kind):
    # Scores 9, 10, 4, 4 between 4 and 10: 5/6, 1, 0 and 0 of the way along the scale, lightly.
    region_maps(False, geojson=outlines(shapes(*REGIONS, kind=kind)))
    scale, parts = plt.get_cmap("viridis_r"), 1 if kind == "Polygon" else 2  # an island has the colour of its region
    for i, way in enumerate((5 / 6, 1.0, 0.0, 0.0)):
        for patch in axes()[0].patches[parts * i: parts * (i + 1)]:
            assert patch.get_fc()[:3] == pytest.approx(scale(way)[:3]) and 0 < patch.get_fc()[3] < 1


def test_a_region_without_a_score_is_not_filled(outlines, axes):
    region_maps(False, geojson=outlines(shapes(*REGIONS)), scores=(9, pd.NA, 4, 4))
    assert [patch.get_fc()[3] > 0 for patch in axes()[0].patches] == [True, False, True, True]


def test_another_score_is_seen_in_the_outline(outlines):
    file = outlines(shapes(*REGIONS))
    assert difference(region_maps(False, geojson=file), region_maps(False, geojson=file, scores=(9, 10, 8, 4))) > BOUND


def test_outlines_stand_in_any_order_of_the_file(outlines, axes):
    region_maps(False, geojson=outlines(shapes(*reversed(REGIONS))))
    fills = [patch.get_fc() for patch in axes()[0].patches]  # 4, 4, 10, 9
    assert fills[0] == fills[1] and len(set(fills)) == 3 and fills[2][:3] == pytest.approx(plt.get_cmap("viridis_r")(1.0)[:3])


def test_a_region_without_an_outline_is_named(outlines):
    with pytest.raises(ValueError, match="outlines.geojson has no outline with the name of Dunfold among"):
        region_maps(False, geojson=outlines(shapes(*REGIONS[:3])))
    with pytest.raises(ValueError, match="has no outline with the name of Ashwick, Caldmere among"):
        region_maps(False, geojson=outlines(shapes("Dunfold", "Brinmoor")))
    assert plt.get_fignums() == []


@pytest.mark.parametrize("content", [{"type": "Topology", "objects": {}}, {"type": "FeatureCollection", "features": []},
                                     {"type": "FeatureCollection", "features": None}])
def test_a_file_that_holds_no_outlines_is_named(outlines, content):
    with pytest.raises(ValueError, match="outlines.geojson is not a GeoJSON collection: it has no features"):
        region_maps(False, geojson=outlines(content))
    assert plt.get_fignums() == []


# ---------------------------------------------------- details of single pictures
def curve(values, *, printed=2.0, rule="x", basis="u"):
    chosen = {"rule": rule, "basis": basis, "not among them": "z"}  # the closest reading may name more choices
    return figures.specification_curve(values, printed=printed, chosen=chosen, axis="d", **ABOUT)


def star(axes):
    """Where the marked reading stands: its place in the order, its value."""
    marked = [line for line in axes()[0].lines if line.get_marker() == "*"]
    return [point for line in marked for point in zip(*line.get_data())]


def test_readings_stand_in_ascending_order(axes):
    curve(pd.Series([3.0, 1.0, 4.0, 2.0], READINGS), rule="y", basis="v")
    top, bottom = axes()
    assert list(top.lines[0].get_ydata()) == [1, 2, 3, 4]
    assert star(axes) == [(1, 2.0)]  # (y, v) gives 2, the second from below
    # In this order the rules are x y x y and the bases v v u u.
    assert [label.get_text() for label in bottom.get_yticklabels()] == ["rule: x", "rule: y", "basis: v", "basis: u"]
    assert [list(line.get_xdata()) for line in bottom.lines] == [[0, 2], [1, 3], [0, 1], [2, 3]]


def test_readings_without_the_figure_are_left_out(axes):
    values = pd.Series([1.0, 2.0, 3.0, np.nan], READINGS)
    assert curve(values).png == curve(values.dropna()).png
    assert star(axes) == [(0, 1.0)]
    curve(values, rule="y", basis="v")  # the closest reading is the missing one
    assert star(axes) == []


def test_a_choice_that_moves_nothing_is_not_drawn(axes):
    # The values depend on the rule alone; whatever the levels of the other choice are called, the picture is the same.
    values = pd.Series([1.0, 1.0, 2.0, 2.0], READINGS)
    one = curve(values)
    assert [label.get_text() for label in axes()[1].get_yticklabels()] == ["rule: x", "rule: y"]
    assert [list(line.get_xdata()) for line in axes()[1].lines] == [[0, 1], [2, 3]] and star(axes) == [(0, 1.0)]
    renamed = values.rename(index={"u": "first", "v": "second"}, level="basis")
    assert one.png == curve(renamed, basis="first").png


def test_a_figure_that_no_choice_moves_is_drawn_without_choices(axes):
    curve(pd.Series([1.0] * 4, READINGS))
    assert not axes()[1].lines and len(axes()[0].lines[0].get_xdata()) == 4


def test_hits_follow_the_readings_into_their_order(axes):
    # Sorted, the values 4, 3, 2, 1 come from the last reading to the first, and so do their hits.
    hits = pd.DataFrame({"count = 16": [True, False, False, False]}, READINGS)
    figures.specification_curve(pd.Series([4.0, 3.0, 2.0, 1.0], READINGS), printed=None, chosen={"rule": "x", "basis": "u"},
                                hits=hits, axis="d", **ABOUT)
    assert axes()[1].get_yticklabels()[0].get_text() == "count = 16"
    assert list(axes()[1].lines[0].get_xdata()) == [3]


def test_a_single_choice_is_always_drawn(axes):
    curve(pd.Series([1.0, 1.0], pd.MultiIndex.from_arrays([list("xy")], names=["rule"])))
    assert [label.get_text() for label in axes()[1].get_yticklabels()] == ["rule: x", "rule: y"]


def test_floating_point_does_not_make_a_choice_move_anything(axes):
    curve(pd.Series([0.3, 0.1 + 0.2, 2.0, 2.0], READINGS))  # 0.1 + 0.2 is 0.30000000000000004
    assert [label.get_text() for label in axes()[1].get_yticklabels()] == ["rule: x", "rule: y"]


def test_a_figure_that_the_document_does_not_print_has_no_line(axes):
    values = pd.Series([1.0, 2.0, 3.0, 4.0], READINGS)
    curve(values, printed=2.2)
    assert [text.get_text() for text in axes()[0].texts] == ["printed 2.2"]
    assert [list(line.get_ydata()) for line in axes()[0].lines][1] == [2.2, 2.2]
    curve(values, printed=None)
    assert not axes()[0].texts and len(axes()[0].lines) == 2  # the readings and the star


def test_nought_is_a_printed_figure(axes):
    curve(pd.Series([1.0, 2.0, 3.0, 4.0], READINGS), printed=0.0)
    assert [text.get_text() for text in axes()[0].texts] == ["printed 0"]


def test_a_star_needs_every_choice_named():
    with pytest.raises(KeyError, match="basis"):
        figures.specification_curve(pd.Series([1.0, 2.0, 3.0, 4.0], READINGS), printed=2.0, chosen={"rule": "x"},
                                    axis="d", **ABOUT)


def test_regions_drawn_hollow(axes):
    dumbbells(False, hollow=["Dunfold", "Brinmoor"])
    white = [1, 1, 1, 1]
    points = [dots for dots in axes()[0].collections if hasattr(dots, "get_offsets") and len(dots.get_offsets())
              and len(dots.get_facecolors())]
    hollow = {tuple(at) for dots in points if list(dots.get_facecolors()[0]) == white for at in dots.get_offsets()}
    solid = {tuple(at) for dots in points if list(dots.get_facecolors()[0]) != white for at in dots.get_offsets()}
    # From the top down Ashwick stands at 3, Brinmoor at 2, Caldmere at 1 and Dunfold at 0; first choice, second choice.
    assert hollow == {(1.1, 2), (1.0, 2), (0.8, 0), (0.9, 0)}
    assert solid == {(1.5, 3), (1.2, 3), (0.9, 1), (1.0, 1)}


def test_hollow_regions_are_seen_and_none_is_hollow_by_default():
    assert difference(dumbbells(False), dumbbells(False, hollow=list(REGIONS))) > BOUND
    assert dumbbells(False).png == dumbbells(False, hollow=[]).png
    assert dumbbells(False, hollow=iter(["Ashwick"])).png == dumbbells(False, hollow=["Ashwick"]).png


def test_points_have_the_shape_of_their_state(axes):
    states_plane(False)
    legend = [text.get_text() for text in axes()[1].get_legend().get_texts()]
    assert legend == ["expansive coupling", "strong decoupling", "recessive decoupling"]  # those that occur, as styled
    points = {dots.get_label(): dots.get_offsets().tolist() for dots in axes()[1].collections}
    assert points["expansive coupling"] == [[50, 60], [100, 100]] and points["recessive decoupling"] == [[-10, -20]]


def test_the_states_given_decide_and_not_the_bounds_drawn():
    growth = by_region(50.0, 100.0, 80.0, 10.0)
    draw = [figures.states_plane(growth, growth, by_region(*[state] * 4), axes=("x", "y"), **ABOUT)
            for state in ("weak decoupling", "expansive coupling")]
    assert difference(*draw) > BOUND


def test_the_plane_names_all_eight_states_and_its_axes(axes):
    states_plane(False)
    left, right = axes()
    named = {text.get_text().replace("\n", " ") for text in left.texts}
    assert named == set(decoupling.STATES.index)
    assert (left.get_xlabel(), left.get_ylabel()) == ("income", "value")
    assert (right.get_xlabel(), right.get_ylabel()) == ("income, %", "value, %")


def test_points_without_a_value_do_not_stop_the_picture():
    missing = by_region(50.0, np.nan, 80.0, -10.0)
    states = by_region("expansive coupling", "undefined", "expansive coupling", "recessive coupling")
    assert figures.states_plane(missing, missing, states, axes=("x", "y"), **ABOUT).png.startswith(b"\x89PNG")


def test_the_slope_of_a_moran_scatter_is_drawn_and_printed(axes):
    # z and lag: sum of products 0.5 - 0.28 + 0.24 - 0.3, of squares 1 + 1.96 + 0.36 + 1; both means are zero.
    moran_scatter(False, scattered(0.5, 0.2, -0.4, -0.3))
    (ax,) = axes()
    assert ax.get_title() == "slope 0.037"
    line = next(line for line in ax.lines if line.get_label() == "least-squares line")
    assert line.get_slope() == pytest.approx(0.16 / 4.32) and line.get_xy1() == pytest.approx((0, 0))
    moran_scatter(False, {"a-b": scattered(-0.5, -0.2, 0.4, 0.3)})
    assert axes()[0].get_title() == "a-b, slope −0.037"


def test_panels_of_a_moran_scatter_share_their_axes(axes):
    moran_scatter(True)
    left, right = axes()
    assert left.get_title().startswith("2006, slope ") and right.get_title().startswith("2019, slope ")
    assert left.get_xlim() == right.get_xlim() and left.get_ylim() == right.get_ylim()
    assert left.get_xlabel() == right.get_xlabel() == "carbon intensity, standard deviations from the mean"
    assert (left.get_ylabel(), right.get_ylabel()) == ("spatial lag, standard deviations", "")
    for ax in (left, right):
        assert {text.get_text() for text in ax.texts} >= set(REGIONS)
        assert [line.get_xydata().tolist() for line in ax.lines[:2]] == [[[0, 0], [1, 0]], [[0, 0], [0, 1]]]  # quadrants


def test_points_of_a_moran_scatter_have_the_shape_of_their_quadrant(axes):
    moran_scatter(False, scattered(0.5, 0.2, 0.0, -0.3, quadrants=("high-high", "low-high", "no neighbours", "high-low")))
    points = {dots.get_label(): dots.get_offsets().tolist() for dots in axes()[0].collections}
    assert points == {"high among high": [[1, 0.5]], "low among high": [[-1.4, 0.2]], "high among low": [[1, -0.3]],
                      "no neighbours": [[-0.6, 0]]}
    legend = [text.get_text() for text in plt.gcf().legends[0].get_texts()]
    assert legend == ["high among high", "low among high", "high among low", "no neighbours", "least-squares line"]


def test_of_many_regions_only_the_farthest_are_named(axes):
    for count, named in ((planes.LABELLED, planes.LABELLED), (planes.LABELLED + 1, planes.FARTHEST)):
        angle = np.linspace(0, 6, count)
        frame = pd.DataFrame({"z": np.cos(angle), "lag": np.sin(angle), "quadrant": "high-high"}, [f"r{i}" for i in range(count)])
        moran_scatter(False, frame)
        names = {text.get_text() for text in axes()[0].texts}
        assert names == set(frame["z"].abs().sort_values().index[-named:])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({}, "there is nothing to draw"),
        (scattered(1, 2, 3, 4).drop(columns="lag"), "the frame has no column lag: casebook.spatial.moran.scatter makes it"),
        ({"a": scattered(1, 2, 3, 4), "b": scattered(1, np.nan, 3, np.inf)}, "of panel 'b' has no finite value for Brinmoor, Dunfold"),
        (scattered(1, 2, 3, 4, quadrants=list("HHLL")), "unknown quadrant H, L; known are high-high, low-high"),
        (scattered(1, 2, 3, 4).rename({"Dunfold": "Ashwick"}), "the frame has Ashwick twice"),
    ],
)
def test_frames_that_make_no_moran_scatter_are_refused(frame, message):
    with pytest.raises(ValueError, match=message):
        moran_scatter(False, frame)
    assert plt.get_fignums() == []


def names_of(axes, lines):
    """Heights at which the lines are named, in parts of the axis, and how far that is from their ends."""
    ax = axes()[0]
    ax.figure.canvas.draw()
    ends = {text.get_text(): ax.transAxes.inverted().transform(ax.transData.transform(text.xy))[1] for text in ax.texts}
    boxes = {text.get_text(): text.get_window_extent().transformed(ax.transAxes.inverted()) for text in ax.texts}
    assert set(boxes) == set(lines)
    return {name: (box.y0, box.y1, (box.y0 + box.y1) / 2 - ends[name]) for name, box in boxes.items()}


def test_names_of_lines_that_end_together_do_not_touch(axes):
    lines = pd.DataFrame({"a": [1.0, 1.00], "b": [1.0, 0.99], "c": [1.0, 1.01], "low": [1.0, 0.2]}, [2005, 2006])
    figures.series(lines, axes=("year", "x"), **ABOUT)
    found = names_of(axes, lines)
    in_order = [found[name] for name in ("low", "b", "a", "c")]  # from below, as the lines end
    assert all(below[1] <= above[0] for below, above in zip(in_order, in_order[1:]))
    assert found["low"][2] == pytest.approx(0, abs=0.01) and found["b"][2] == pytest.approx(0, abs=0.01)  # these two are free
    assert 0.01 < found["a"][2] < found["c"][2] < 0.15


def test_names_of_lines_that_end_apart_stand_at_their_ends(axes):
    lines = pd.DataFrame({"a": [1.0, 1.5, np.nan], "b": [1.0, 1.5, 0.5], "c": [-1.0, -0.5, 0.0]}, [2005, 2006, 2007])
    figures.series(lines, axes=("year", "x"), floor=None, **ABOUT)
    assert all(abs(shift) < 0.01 for *_, shift in names_of(axes, lines).values())
    ends = {text.get_text(): (*map(float, text.xy), text.get_color()) for text in axes()[0].texts}
    colours = [line.get_color() for line in axes()[0].lines]
    assert ends == {"a": (2006, 1.5, colours[0]), "b": (2007, 0.5, colours[1]), "c": (2007, 0.0, colours[2])}  # the last that is known


def test_a_fifth_line_is_refused_and_not_left_out():
    five = pd.DataFrame(1.0, [2005, 2006], list("abcde"))
    assert figures.series(five[list("abcd")], axes=("year", "x"), **ABOUT)
    with pytest.raises(ValueError, match="5 lines are more than can be told apart"):
        figures.series(five, axes=("year", "x"), **ABOUT)
    assert plt.get_fignums() == []


def test_years_set_apart_are_shaded_between_their_ends_and_named(axes):
    lines = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}, range(2005, 2009))
    figures.series(lines, axes=("year", "x"), span=((2006, 2008), "the plan"), **ABOUT)
    shaded = axes()[0].patches[0].get_extents().transformed(axes()[0].transData.inverted())
    assert (shaded.x0, shaded.x1) == pytest.approx((2006, 2008))
    assert [text.xy[0] for text in axes()[0].texts if text.get_text() == "the plan"] == [2007]
    figures.series(lines, axes=("year", "x"), **ABOUT)
    assert not axes()[0].patches


def test_of_many_years_every_second_is_named_and_the_last_always(axes):
    for count, named in ((charts.CROWDED, list(range(2000, 2014))), (charts.CROWDED + 1, list(range(2000, 2015, 2))), (16, list(range(2001, 2016, 2)))):
        years = range(2000, 2000 + count)
        figures.series(pd.DataFrame({"a": np.linspace(1, 2, count)}, years), axes=("year", "x"), **ABOUT)
        assert list(axes()[0].get_xticks()) == named


def test_the_key_of_many_ranges_stands_in_the_corner_asked_for(axes):
    many = pd.DataFrame({"one": np.arange(12.0), "other": 5.0}, [f"r{i}" for i in range(12)])
    for more, side, height in (({}, "right", "lower"), ({"legend": "upper right"}, "right", "upper"), ({"legend": "upper left"}, "left", "upper")):
        figures.dumbbells(many, axis="x", lines={}, **ABOUT, **more)
        ax = axes()[0]
        ax.figure.canvas.draw()
        key = ax.get_legend().get_window_extent().transformed(ax.transAxes.inverted())
        x, y = (key.x0 + key.x1) / 2, (key.y0 + key.y1) / 2
        assert (x > 0.5, y > 0.5) == (side == "right", height == "upper")
    few = dumbbells(False)  # few rows leave no room: beside them, whatever the corner
    assert few.png == dumbbells(False, legend="upper left").png


def dots(axes, group):
    """Markers of a forest in the colour of the words that head its group: (estimate, row, filled or not)."""
    (colour,) = [text.get_color() for text in axes()[0].texts if text.get_text() == group]
    points = [line for line in axes()[0].lines if line.get_markeredgecolor() == colour and line.get_marker() in "oDs^"]
    return [(line.get_xdata()[0], line.get_ydata()[0], line.get_markerfacecolor() == colour) for line in points]


def test_a_forest_has_every_label_note_and_group(axes):
    forest(False)
    (ax,) = axes()
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "direct, upgrading", "indirect, upgrading", "direct, upgrading", "total"]  # a label may occur in each group
    assert {text.get_text() for text in ax.texts} == {"printed", "ours", "n = 182", "", "70"}  # no note is no "None"
    assert ax.get_xlabel() == "elasticity"


def test_markers_of_a_forest_are_hollow_where_asked(axes):
    # Rows go down by one, and by 0.8 more at the second group: 0, -1, -2.8, -3.8.
    forest(False)
    assert dots(axes, "printed") == [(0.2, 0, False), (-0.1, -1, True)]
    assert dots(axes, "ours") == [(0.4, pytest.approx(-2.8), True), (1.1, pytest.approx(-3.8), False)]


def test_intervals_of_a_forest_reach_from_end_to_end(axes):
    forest(False)
    segments = [segment.tolist() for lines in axes()[0].collections for segment in lines.get_segments()]
    ends = [(segment[0][0], segment[1][0]) for segment in segments]
    assert ends == [(0.1, 0.3), (-0.3, 0.6), (0.2, 0.6), (0.7, 1.5)]
    assert [segment[0][1] for segment in segments] == pytest.approx([0, -1, -2.8, -3.8])


def test_a_forest_without_notes_and_hollow_markers_is_filled(axes):
    frame = pd.DataFrame({"estimate": [1.0, 2.0], "lower": [0.5, 1.5], "upper": [1.5, 2.5], "group": "all"}, ["a", "b"])
    plain = forest(False, frame)
    assert [filled for *_, filled in dots(axes, "all")] == [True, True]
    assert plain.png == forest(False, frame.assign(note="", hollow=False)).png
    assert difference(plain, forest(False, frame.assign(hollow=True))) > 0.5  # two small discs


def test_the_line_of_a_forest(axes):
    for line, drawn in ((0.0, [0.0]), (1.0, [1.0]), (None, [])):
        forest(False, line=line)
        assert [at.get_xdata()[0] for at in axes()[0].lines if at.get_linestyle() == "--"] == drawn


def test_no_group_of_a_forest_is_lost(axes):
    count = 15  # more than there are styles
    frame = pd.DataFrame({"estimate": 1.0, "lower": 0.0, "upper": 2.0, "group": [f"g{i}" for i in range(count)]}, range(count))
    forest(False, frame)
    assert {text.get_text() for text in axes()[0].texts} >= set(frame["group"])
    assert sum(line.get_marker() in "oDs^" for line in axes()[0].lines) == count


# ------------------------------------------------------------------------ styles
def distinct(style):
    """Colour and second cue of each entry; all pairs differ."""
    pairs = [(colour.lower(), cue) for colour, cue, *_ in style.values()]
    return len(set(pairs)) == len(pairs)


def test_every_state_has_a_style_of_its_own():
    assert set(figures.STATE_STYLE) == {*decoupling.STATES.index, "undefined"} and distinct(figures.STATE_STYLE)
    markers = [marker for state, (_, marker) in figures.STATE_STYLE.items() if state != "undefined"]
    assert len(set(markers)) == 8 and set(figures.STATE_SIGN) == set(markers)  # told apart without colour
    assert len(set(figures.STATE_SIGN.values())) == 8


def test_every_catch_up_type_has_a_style_of_its_own():
    assert set(figures.TYPE_STYLE) == {"A", "B", "C", "D", "undefined"} and distinct(figures.TYPE_STYLE)
    assert len({marker for _, marker, _ in figures.TYPE_STYLE.values()}) == 5


def test_every_quadrant_has_a_style_of_its_own():
    assert set(planes.QUADRANT_STYLE) == {*QUADRANTS, "no neighbours"} and distinct(planes.QUADRANT_STYLE)
    assert len({marker for _, marker, _ in planes.QUADRANT_STYLE.values()}) == 5


def test_every_verdict_has_a_style_of_its_own():
    assert set(figures.VERDICT_STYLE) == set(claims.VERDICTS) and distinct(figures.VERDICT_STYLE)


def test_states_as_signs_keep_their_names():
    states = pd.Series([*decoupling.STATES.index, "undefined"])
    marks = figures.state_marks(states)
    assert marks.is_unique and [re.search('title="(.*?)"', mark)[1] for mark in marks] == states.tolist()
    assert figures.state_key(["weak decoupling", "undefined", "expansive coupling"]) == "● expansive coupling, ■ weak decoupling"
    assert marks.iloc[-1] == '<abbr title="undefined">–</abbr>' and figures.state_key(["undefined"]) == ""
    for state, mark in zip(decoupling.STATES.index, marks):  # the sign of the key is that of the cell
        assert mark == f'<abbr title="{state}">{figures.state_key([state])[0]}</abbr>'


def test_marks_are_shown_as_they_are_and_keep_their_rows():
    marks = figures.state_marks(by_region("weak decoupling", "undefined", "weak decoupling", "expansive coupling"))
    assert marks.index.equals(REGIONS)
    markup = figures.table(marks.to_frame("state"), name="t", caption="c", raw=["state"]).html
    assert cells(markup) == marks.tolist()


# ------------------------------------------------------------------------ tables
def cells(markup, tag="td"):
    return re.findall(rf"<{tag}(?: [^>]*)?>(.*?)</{tag}>", markup, re.S)


@pytest.fixture
def frame():
    return pd.DataFrame(
        {"sum": [1234.5678, -0.25, np.nan], "count": pd.array([3, None, -2], "Int64"), "note": ["a < b & c", "", None]},
        pd.Index(["<A>", "B", "C"], name="region"))


def test_a_table_has_its_anchor_and_its_caption_first(frame):
    table = figures.table(frame, name="tbl-a", caption="Less < more")
    assert re.match(r'<table class="casebook-table" id="tbl-a"><caption>Less &lt; more</caption>\n<thead>', table.html)
    assert table._repr_mimebundle_() == {"text/html": table.html, "text/plain": "Table tbl-a: Less < more (3 rows)"}


def test_text_is_escaped_and_missing_cells_are_empty(frame):
    markup = figures.table(frame, name="t", caption="c").html
    assert cells(markup, "th") == ["region", "sum", "count", "note", "&lt;A&gt;", "B", "C"]
    assert cells(markup)[2::3] == ["a &lt; b &amp; c", "", ""] and cells(markup)[6] == cells(markup)[4] == ""


def test_numbers_have_their_digits_and_a_real_minus(frame):
    assert cells(figures.table(frame, name="t", caption="c").html)[::3] == ["1,234.568", "−0.250", ""]
    assert cells(figures.table(frame, name="t", caption="c", digits=1).html)[::3] == ["1,234.6", "−0.2", ""]  # half to even
    assert cells(figures.table(frame, name="t", caption="c", digits={"sum": 0}).html)[0] == "1,235"


def test_whole_numbers_have_a_real_minus_too(frame):
    assert cells(figures.table(frame, name="t", caption="c").html)[1::3] == ["3", "", "−2"]
    plain = pd.DataFrame({"count": [-12, 0]}, pd.Index([-1, 1], name="year"))
    markup = figures.table(plain, name="t", caption="c").html
    assert cells(markup) == ["−12", "0"] and cells(markup, "th") == ["year", "count", "−1", "1"]


def test_a_hyphen_in_words_stays_one():
    frame = pd.DataFrame({"rule": ["end-to-end", "-"]})
    assert cells(figures.table(frame, name="t", caption="c", index=False).html) == ["end-to-end", "-"]


def test_raw_columns_stay_as_they_are(frame):
    markup = figures.table(frame.assign(note="<b>x</b>"), name="t", caption="c", raw=["note"]).html
    assert cells(markup)[2::3] == ["<b>x</b>"] * 3


def test_row_headers_are_the_index(frame):
    assert figures.table(frame, name="t", caption="c").html.count('scope="row"') == 3
    without = figures.table(frame, name="t", caption="c", index=False).html
    assert 'scope="row"' not in without and cells(without, "th") == ["sum", "count", "note"]


def test_an_index_of_several_levels_gives_several_headers():
    key = pd.MultiIndex.from_tuples([("rule", "x"), ("rule", "y")], names=["choice", "level"])
    markup = figures.table(pd.DataFrame({"mean": [1.0, 2.0]}, key), name="t", caption="c", digits=0).html
    assert cells(markup, "th") == ["choice", "level", "mean", "rule", "x", "rule", "y"] and cells(markup) == ["1", "2"]


def test_search_and_filters_are_marked_for_the_page(frame):
    plain = figures.table(frame, name="t", caption="c").html
    assert "searchable" not in plain and "data-filter" not in plain
    marked = figures.table(frame, name="t", caption="c", searchable=True, filters=["note", "absent"]).html
    assert '<table class="casebook-table searchable"' in marked
    assert re.findall(r"<th[^>]* data-filter[^>]*>(.*?)</th>", marked) == ["note"]


# ---------------------------------------------------------------- audited tables
EXAMINED = pd.DataFrame({
    "variable": ["lnx", "lnx", "W*lnx", "R2"], "column": ["regression", "direct", "regression", "regression"],
    "printed": ["0.19** (0.08)", "−0.20 (0.40)", "<0.01", "0.9"],
    "verdict": ["sound", "impossible", "suspicious", "sound"],
    "reason": ["Two stars.", 'z < 1, "none" & no star.', "It's one-sided.", ""],
})


def audited(examined=EXAMINED):
    return figures.audited(examined, name="tbl-audit", caption="Table 5 < as printed")


def spans(markup):
    """Verdict, reason and print of each marked cell, unescaped."""
    found = re.findall(r'<td[^>]*><span class="audit-(\w+)" title="([^"]*)"(?: tabindex="0")?>(.*?)</span></td>', markup.replace("<br>(", " ("))
    return [tuple(map(unescape, cell)) for cell in found]


def test_an_audited_table_carries_name_and_caption():
    table = audited()
    assert '<table class="casebook-table" id="tbl-audit"><caption>Table 5 &lt; as printed</caption>' in table.html
    assert table.text == "Table tbl-audit: Table 5 < as printed (3 rows)"


def test_cells_carry_their_verdict_and_the_reason_as_title():
    assert set(spans(audited().html)) == set(EXAMINED[["verdict", "reason", "printed"]].itertuples(index=False, name=None))
    assert 'title="z &lt; 1, &quot;none&quot; &amp; no star."' in audited().html and "&lt;0.01</span>" in audited().html


def test_an_audited_table_keeps_the_order_and_leaves_blank_what_is_not_printed():
    assert cells(audited().html, "th") == ["variable", "regression", "direct", "lnx", "W*lnx", "R2"]
    shown = [re.sub("<.*?>", "", cell.replace("<br>(", " (")) for cell in cells(audited().html)]
    assert shown == ["0.19** (0.08)", "−0.20 (0.40)", "&lt;0.01", "", "0.9", ""]
    assert cells(audited(EXAMINED[::-1]).html, "th") == ["variable", "regression", "direct", "R2", "W*lnx", "lnx"]


def test_what_an_audit_finds_can_be_shown():
    printed = pd.DataFrame({"variable": ["x", "x", "x"], "column": audit.EFFECTS, "estimate": ["0.25", "0.11", "0.46"],
                            "stars": ["", "", "***"], "std_error": ["0.20", "0.10", "0.30"]})
    found = audit.examine(printed)
    shown = spans(audited(found.assign(printed=found["estimate"] + found["stars"])).html)
    assert [cell[0] for cell in shown] == found["verdict"].tolist() == ["suspicious", "suspicious", "impossible"]
    assert [cell[1] for cell in shown] == found["reason"].tolist()


def test_every_verdict_of_an_audit_has_its_sign_on_the_page():
    style = (Path(__file__).parents[1] / "book/_static/casebook.css").read_text(encoding="utf-8")
    signs = dict(re.findall(r'\.audit-(\w+)::after { content: " (.)"', style))
    assert tuple(estimates.AUDIT_SIGN) == audit.VERDICTS
    assert signs == {verdict: sign for verdict, sign in estimates.AUDIT_SIGN.items() if sign}


def test_cells_in_doubt_can_be_reached_by_keyboard_and_no_others():
    for verdict, found in re.findall(r'class="audit-(\w+)" title="[^"]*"( tabindex="0")?', audited().html):
        assert bool(found) == (verdict != "sound")


def test_an_unknown_verdict_is_named():
    with pytest.raises(ValueError, match="unknown verdict doubtful; known are sound, suspicious, impossible"):
        audited(EXAMINED.replace("sound", "doubtful"))


# ------------------------------------------------------------------ crowds
CROWD = pd.Index([f"r{i:03d}" for i in range(200)], name="region")


def test_of_a_crowd_the_regions_farthest_out_are_named_and_the_caption_says_so(axes, monkeypatch):
    monkeypatch.setattr(planes, "CROWD", 3), monkeypatch.setattr(planes, "NAMED", 2)
    drawn, told = states_plane(False), " Named are the 2 of 4 regions that lie farthest out."
    assert drawn.caption == ABOUT["caption"] + told and drawn.alt == ABOUT["alt"] + told
    # growths (50, 60), (100, 100), (80, -5), (-10, -20): the second and the last lie farthest from the medians 65 and 27.5
    assert {text.get_text() for text in axes()[1].texts} == {"Brinmoor", "Dunfold"}
    monkeypatch.setattr(planes, "CROWD", 2), monkeypatch.setattr(planes, "NAMED", 1)
    assert quadrants(False).caption.endswith("Named are the 1 of 3 regions that lie farthest out.")  # one is unknown
    assert len(axes()[0].texts) == 1


def test_as_many_regions_as_can_be_named_are_named(axes, monkeypatch):
    monkeypatch.setattr(planes, "CROWD", 4), monkeypatch.setattr(planes, "NAMED", 2)
    assert states_plane(False).caption == ABOUT["caption"]
    assert len(axes()[1].texts) == 4


def test_of_a_crowd_the_first_and_the_last_rows_are_drawn(axes):
    values = pd.DataFrame({"one": np.arange(200.0), "other": 5.0}, CROWD)
    drawn = figures.dumbbells(values, axis="x", lines={1.0: "here"}, **ABOUT)
    rows = [text.get_text() for text in axes()[0].get_yticklabels()]
    assert rows == [*CROWD[:30], *CROWD[-30:]]
    assert drawn.caption.endswith("Drawn are the first 30 and the last 30 of 200 regions in this order.")
    just = figures.dumbbells(values.head(60), axis="x", lines={}, **ABOUT)
    assert just.caption == ABOUT["caption"] and len(axes()[0].get_yticklabels()) == 60


def test_a_map_of_a_crowd_has_no_names_and_says_so(axes):
    places = pd.DataFrame({"longitude": np.arange(200) % 20, "latitude": np.arange(200) // 20 + 40.0}, CROWD)
    scores = pd.Series(np.arange(200) % 9, CROWD).astype("Int64").where(CROWD != "r005")
    states = pd.Series(np.where(np.arange(200) % 2, "weak decoupling", "expansive coupling"), CROWD)
    drawn = figures.region_maps(places, {"a": scores}, {"a": states}, {"a": pd.Series(1.0, CROWD)}, size_label="income",
                                borders=pd.DataFrame({"region": ["r000"], "neighbour": ["r001"]}), **ABOUT)
    ax = axes()[0]
    assert not ax.texts and drawn.caption.endswith("None of the 200 regions is named, for want of room.")
    points = [c for c in ax.collections if len(c.get_offsets()) > 1]
    assert sorted(len(c.get_offsets()) for c in points) == [100, 100]  # a marker for each state
    fills = {tuple(place): tuple(fill) for c in points for place, fill in zip(c.get_offsets().tolist(), c.get_facecolors())}
    assert fills[tuple(places.iloc[0])] == fills[tuple(places.iloc[18])] != fills[tuple(places.iloc[1])]  # scores 0, 0, 1
    assert fills[tuple(places.loc["r005"])][3] == 0  # unknown: not filled


def test_a_long_table_gets_a_search_box():
    for count, searchable in ((100, False), (101, True)):
        shown = figures.table(pd.DataFrame({"x": range(count)}), name="tbl-x", caption="c")
        assert ('class="casebook-table searchable"' in shown.html) is searchable
    assert "searchable" not in figures.table(pd.DataFrame({"x": range(101)}), name="tbl-x", caption="c", searchable=False).html


def test_chinese_names_are_written_in_a_font_that_is_there():
    first, *others = style.RC["font.family"]
    there = [name for name in style.CHINESE if name in style.INSTALLED]
    assert first == "DejaVu Sans" and others == there[:1] and first in style.INSTALLED
