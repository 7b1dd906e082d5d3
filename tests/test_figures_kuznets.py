"""The interactive figure and the pictures of Kuznets curves: what is drawn is what was given."""

import html
import importlib
import inspect
import json
import re
from contextlib import nullcontext
from itertools import product
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import BOUND, figure_difference, pixels

from casebook import figures, kuznets, page
from casebook.figures import kuznets as pictures

dials = importlib.import_module("casebook.figures.dial")  # its name in the package is the function
ABOUT = {"name": "fig-made-up", "caption": "A few made-up points.", "alt": "Five points and a curve."}
AXES = ("income, thousand", "smoke, t")
X = np.array([10.0, 20.0, 30.0, 40.0, 50.0])
pytestmark = pytest.mark.usefixtures("nothing_open")


# ------------------------------------------------------------------ the interactive figure
def state(used=(0, 1, 2), shift=0.0, **changed):
    """Points on 100 - (x - 30)^2 / 10, that is 60, 90, 100, 90, 60, some used; the curve through them."""
    y = 100 - (X - 30) ** 2 / 10 + shift
    grid = np.linspace(10, 50, 33)
    return {
        "points": [(a, b, str(2001 + i), i in used) for i, (a, b) in enumerate(zip(X, y))],
        "curve": list(zip(grid, 100 - (grid - 30) ** 2 / 10 + shift)), "band": (25.0, 36.0), "turning": [(30.0, "peak")],
        "verdict": f"turns at 30 with {len(used)} points", "details": {"turning point": "30", "p": f"{len(used) / 100}"},
    } | changed


def made(rows, **more):
    """A dial of states by (series, first): the series a drop-down, the year a slider."""
    index = pd.MultiIndex.from_tuples(rows, names=["series", "first"])
    controls = {"series": {"label": "Series", "kind": "select"}, "first": {"label": "First year", "kind": "slider"}}
    options = {"controls": controls, "axes": AXES} | ABOUT | more
    return figures.dial(pd.DataFrame(list(rows.values()), index=index), **options)


def four(**changed):
    return {("smoke", 2001): state(**changed), ("smoke", 2002): state((1, 2, 3)), ("soot", 2001): state((2, 3, 4), 20.0),
            ("soot", 2002): state((0, 4), 20.0)}


def decoded(figure):
    """The data of a dial, and its states by the labels of the controls, as dial.js reads them."""
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', figure.html, re.DOTALL)[1])
    states = [each for part in data["states"] for each in ([None] * part if isinstance(part, int) else [data["states"][int(part)] if isinstance(part, str) else part])]
    return data, dict(zip(product(*data["labels"]), states, strict=True))


def said(data, chosen):
    """Verdict and details of a state."""
    *_, verdict, terms, texts = chosen
    return data["text"][verdict], {data["text"][term]: data["text"][text] for term, text in zip(data["terms"][terms], texts, strict=True)}


def circles(markup):
    return [(float(x), float(y), used == "used") for x, y, used in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="5" class="(\w*)">', markup)]


def drawn(figure, part):
    """The path of the first state."""
    return re.search(rf'<path class="dial-{part}"[^>]* d="([^"]*)"', figure.html)[1]


def trace(path):
    """Points along a path of quadratic arcs or straight lines."""
    start, *pieces = re.findall(r"([Mql])([^Mql]+)", path)
    here, t, parts = np.array(re.findall(r"-?[\d.]+", start[1]), dtype=float), np.linspace(0, 1, 2001)[:, None], []
    for letter, text in pieces:
        *control, end = np.array(re.findall(r"-?[\d.]+", text), dtype=float).reshape(-1, 2)
        middle = control[0] if letter == "q" else end / 2
        parts.append(here + 2 * t * (1 - t) * middle + t**2 * end)
        here = here + end
    return np.concatenate(parts)


def test_a_dial_carries_name_caption_and_alt_text():
    data, text = made(four())._repr_mimebundle_()["text/html"], made(four()).text
    assert data.startswith('<figure class="casebook-figure" id="fig-made-up"><figcaption>A few made-up points.</figcaption>')
    assert re.search(r'role="img" aria-label="Five points and a curve\. Shown: Series smoke, First year 2001\. turns at 30', data)
    assert all(part in text for part in ABOUT.values())


def test_the_data_of_a_dial_are_its_states():
    rows = four()
    data, states = decoded(made(rows))
    assert data["labels"] == [["smoke", "soot"], ["2001", "2002"]] and data["names"] == ["Series", "First year"]
    for (series, first), row in rows.items():
        found = states[series, str(first)]
        assert said(data, found) == (row["verdict"], row["details"])
        assert data["used"][found[1]] == "".join("1" if used else "0" for *_, used in row["points"])


def test_points_stand_where_they_belong():
    # All states share their axes, so 5 points between x = 10 and 50 are equally far apart, and heights are linear in y.
    figure = made(four())
    data, states = decoded(figure)
    shown = circles(figure.html[:figure.html.index('<script type="application/json">')])
    assert len(shown) == 5 and [used for *_, used in shown] == [True, True, True, False, False]
    for key, shift in (("smoke", 0), ("soot", 20)):
        x, y, _ = np.array(circles(data["scenes"][states[key, "2001"][0]])).T
        assert np.diff(x) == pytest.approx([x[1] - x[0]] * 4, abs=0.11)
        assert (y[0] - y[1]) / (y[1] - y[2]) == pytest.approx(3, abs=0.05)  # 60, 90, 100
        if shift:
            scale = (shown[0][1] - shown[2][1]) / 40  # units per tonne
            assert shown[0][1] - y[0] == pytest.approx(20 * scale, abs=0.2)


def test_the_first_state_is_drawn_without_a_script():
    figure = made(four(), start={"first": 2002, "series": "soot"})
    before = figure.html[:figure.html.index('<script type="application/json">')]
    assert '<output class="dial-verdict" aria-live="polite">turns at 30 with 2 points</output>' in before
    assert "<dt>p</dt><dd>0.02</dd>" in before and [used for *_, used in circles(before)] == [True, False, False, False, True]
    assert '<option value="1" selected>soot</option>' in before and 'value="1" aria-valuetext="2002"' in before
    assert '<form class="dial-controls" autocomplete="off" hidden>' in before  # no controls that do nothing
    data, states = decoded(figure)
    assert data["first"] == states["soot", "2002"][0] and drawn(figure, "curve") == states["soot", "2002"][2]


@pytest.mark.parametrize("formula", [
    lambda x: 100 - (x - 30) ** 2 / 10, lambda x: 20 + (x - 12) * (x - 30) * (x - 47) / 90, lambda x: 90 * np.exp(-((np.log(x) - 3.2) ** 2)),
    lambda x: 2 * x, lambda x: 50 + 30 * np.sin(x), lambda x: np.where(x < 30, 10.0, 80.0)],
    ids=["quadratic", "cubic", "logs", "line", "waves", "step"])
def test_the_curve_passes_through_its_points(formula):
    grid = np.linspace(10, 50, 61)
    points = list(zip(grid, formula(grid)))
    figure = made({("smoke", 2001): state(curve=points, points=[(*point, "", True) for point in points])})
    places = np.array(circles(figure.html[:figure.html.index('<script type="application/json">')]))[:, :2]
    path = trace(drawn(figure, "curve"))
    apart = [np.hypot(*(path - place).T).min() for place in places]
    assert len(places) == 61 and max(apart) < 1.2  # of a picture 640 wide: half a unit each way by rounding, half by simplifying


def test_a_parabola_is_one_arc():
    assert drawn(made(four()), "curve").count("q") == 1 and "l" not in drawn(made(four()), "curve")


def test_the_interval_is_shaded_as_it_is():
    left, right, top, bottom = dials.LEFT, dials.RIGHT, dials.TOP, dials.BOTTOM

    def band(value):
        figure = made({("smoke", 2001): state(band=value)})
        return [tuple(map(float, pair)) for pair in re.findall(r"M([\d.]+) \d+H([\d.]+)V", drawn(figure, "band"))], drawn(figure, "edge").count("M")

    shown = circles(made(four()).html)  # x = 20 and 40 are the second and the fourth point
    inner = pytest.approx((shown[1][0], shown[3][0]))
    assert band((20, 40)) == ([inner], 2)
    assert band((20, None)) == ([(inner.expected[0], right)], 1) and band((None, 40)) == ([(left, inner.expected[1])], 1)
    assert band((None, None)) == ([(left, right)], 0)
    assert band([(None, 20), (40, None)]) == ([(left, inner.expected[0]), (inner.expected[1], right)], 2)  # two rays
    assert band((-90, 40)) == ([(left, inner.expected[1])], 1) and band((20, 900)) == ([(inner.expected[0], right)], 1)  # cut off
    assert band(None) == band((500, 600)) == ([], 0)  # none, or beyond the axes
    assert f"{top}H" in drawn(made(four()), "band") and f"V{bottom}H" in drawn(made(four()), "band")


def turns(value):
    figure = made({("smoke", 2001): state(turning=value)})
    texts = re.search(r'<g class="dial-turns">(.*?)</g>', figure.html)[1]
    return re.findall(r'<text x="([\d.]+)" y="(\d+)" text-anchor="(\w+)">(.*?)</text>', texts), drawn(figure, "turn").count("M")


def test_turning_points_have_a_line_and_a_name():
    (((x, _, anchor, text),), lines) = turns([(30.0, "peak")])
    assert float(x) == pytest.approx(circles(made(four()).html)[2][0]) and (anchor, text, lines) == ("middle", "peak 30", 1)
    assert turns([]) == ([], 0)


def test_a_turning_point_beyond_the_axes_is_named_at_their_edge():
    (((_, _, anchor, text),), lines) = turns([(312345.6, "trough")])
    assert (anchor, text, lines) == ("end", "trough 312,346 →", 0)
    (((_, _, anchor, text),), lines) = turns([(-4.0, "trough")])
    assert (anchor, text, lines) == ("start", "← trough −4", 0)


def test_names_of_turning_points_do_not_cover_each_other():
    (one, two), lines = turns([(30.0, "peak"), (28.0, "trough")])
    assert one[3] == "trough 28" and two[3] == "peak 30" and one[1] != two[1] and lines == 2
    (one, two), _ = turns([(15.0, "trough"), (45.0, "peak")])
    assert one[1] == two[1]


def test_labels_of_points_do_not_cover_each_other():
    rng = np.random.default_rng(0)
    places = [(float(x), float(y)) for x, y in zip(rng.uniform(100, 600, 40), rng.uniform(70, 320, 40))]
    markup = dials._beside(places, [str(1980 + i) for i in range(40)])
    spots = {"start": 0, "end": 1}
    shown = [(float(x), float(y), dy, anchor, kind, text) for x, y, dy, anchor, kind, text in re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)" dy="(.*?)" text-anchor="(\w+)" class="(\w*)">(\d+)<', "".join(markup))]
    assert len(shown) > 20 and {kind for *_, kind, _ in shown} == {"", "wide"}
    for font, kept in ((dials.FONTS[0], [s for s in shown if s[4] == ""]), (dials.FONTS[1], shown)):
        boxes = [dials._box(*places[int(text) - 1980], text, spots.get(anchor, 2 + (dy != "0")), font) for _, _, dy, anchor, _, text in kept]
        assert not [1 for i, one in enumerate(boxes) for two in boxes[:i] if dials._overlap(one, two)]


def test_what_is_said_is_escaped():
    rows = {("<smoke>", 2001): state(verdict='</script><b>"no"</b>', details={"p < 0.1": "<i>"}, ylabel="a < b",
                                     points=[(1.0, 2.0, "<a>", True), (2.0, 3.0, "&", False)])}
    figure = made(rows, caption="c < d", alt='say "<x>"')
    for raw in ("<b>", "<i>", "<a>", "<x>", "<smoke>", "p < 0.1", "a < b", "c < d"):
        assert raw not in figure.html
    data, states = decoded(figure)
    assert said(data, states["<smoke>", "2001"]) == ('</script><b>"no"</b>', {"p < 0.1": "<i>"})
    assert "&lt;/script&gt;&lt;b&gt;" in figure.html and data["alt"] == 'say "<x>"'
    assert figure.html.count("</script>") == 2


def test_a_state_that_is_absent_has_no_figures():
    rows = four()
    del rows["smoke", 2002]
    data, states = decoded(made(rows))
    assert states["smoke", "2002"] is None and data["text"][0] == dials.MISSING == "no figures for this choice"
    assert sum(found is not None for found in states.values()) == 3


def test_labels_keep_their_order_but_years_on_a_slider_ascend():
    rows = {("z", 2003): state(), ("a", 2001): state(), ("m", 2002): state()}
    assert decoded(made(rows))[0]["labels"] == [["z", "a", "m"], ["2001", "2002", "2003"]]


def test_each_kind_of_control_is_a_native_one():
    kinds = {"series": {"label": "Series", "kind": "radio"}, "first": {"label": "From", "kind": "select"}}
    markup = made(four(), controls=kinds).html
    assert re.findall(r'<input type="radio" name="control0" value="(\d)"( checked)?>(\w+)', markup) == [("0", " checked", "smoke"), ("1", "", "soot")]
    assert "<legend>Series</legend>" in markup and '<label data-control><span>From</span><select><option value="0" selected>2001' in markup
    assert '<input type="range" min="0" max="1" step="1" value="0" aria-valuetext="2001">' in made(four()).html


def test_states_of_one_label_share_their_axes_and_others_do_not():
    rows = four()
    data, _ = decoded(made(rows))
    assert len(data["scenes"]) == 2 and len({re.search("dial-frame.*?<g ", scene)[0] for scene in data["scenes"]}) == 1
    for key in rows:
        rows[key]["ylabel"] = f"{key[0]}, t"
    data, _ = decoded(made(rows))
    frames = [re.search("dial-frame.*?<g ", scene)[0] for scene in data["scenes"]]
    assert len(set(frames)) == 2 and "smoke, t" in frames[0] and "soot, t" in frames[1]


def test_ticks_are_round_and_stand_at_their_values():
    scene = decoded(made(four()))[0]["scenes"][0]
    ticks = [(float(x), float(v)) for x, v in re.findall(r'<text x="([\d.]+)" y="342" dy=".9em" text-anchor="middle">([\d.]+)</text>', scene)]
    assert [v for _, v in ticks] == [10, 20, 30, 40, 50]
    assert [x for x, _ in ticks] == [x for x, *_ in circles(scene)]  # where the points are


def test_a_dial_made_twice_is_the_same_to_the_byte():
    assert made(four()).html == made(four()).html


def test_a_dial_needs_nothing_from_elsewhere():
    markup = made(four()).html.replace("http://www.w3.org/2000/svg", "")
    assert "http" not in markup and "src=" not in markup and "import" not in markup.partition("<script>")[2]


def test_two_dials_of_a_page_share_no_name():
    found = [set(re.findall(r'id="([^"]+)"', made(four(), name=name).html)) for name in ("fig-one", "fig-two")]
    assert not found[0] & found[1] and len(found[0]) == 3
    for name, ids in zip(("fig-one", "fig-two"), found):
        assert set(re.findall(r"url\(#(.*?)\)", made(four(), name=name).html)) <= ids


def test_the_key_names_what_occurs():
    def key(**changed):
        return re.findall("</svg>([^<]+)</li>", made({("smoke", 2001): state(**changed)}).html)

    assert key() == ["used in the fit", "not used", "fitted curve", "turning point", "not ruled out as turning point"]
    assert key(used=range(5), curve=[], band=None, turning=[]) == ["used in the fit"]


def test_an_empty_state_is_shown_with_its_reason():
    figure = made({("smoke", 2001): state(points=[], curve=[], band=None, turning=[], verdict="too few", details={})})
    assert circles(figure.html) == [] and drawn(figure, "curve") == "" and ">too few</output>" in figure.html


def test_many_states_stay_small():
    # 4 series, 45 windows, 2 degrees, 2 forms, 2 vintages: 1440 states of 20 points.
    rng, x, grid = np.random.default_rng(0), np.linspace(30, 170, 20), np.linspace(30, 170, 50)
    rows, keys = [], list(product("abcd", range(45), (2, 3), ("levels", "logs"), ("new", "old")))
    for series, first, degree, *_ in keys:
        b = rng.normal(size=4)
        z = (grid - 100) / 70
        rows.append(state(points=[(u, 10 * ord(series) + v, str(2000 + v), v > first / 3) for v, u in enumerate(x)],
                          curve=list(zip(grid, 980 + 5 * np.exp(b[0] + b[1] * z + b[2] * z**2 + (degree - 2) * b[3] * z**3))),
                          band=(rng.uniform(30, 90), rng.uniform(100, 170)), turning=[(rng.uniform(30, 170), "peak")] * (degree - 1),
                          verdict=f"cannot tell: a curve is drawn, but p is {rng.random():.3f}",
                          details={"turning point": f"{rng.random():.3f}", "set": f"{rng.random():.2f} to {rng.random():.2f}",
                                   "p of the U test": f"{rng.random():.3f}", "R2": f"{rng.random():.2f}"}))
    states = pd.DataFrame(rows, pd.MultiIndex.from_tuples(keys, names=["series", "first", "degree", "form", "vintage"]))
    controls = {level: {"label": level, "kind": "slider" if level == "first" else "select"} for level in states.index.names}
    figure = figures.dial(states, controls=controls, axes=AXES, **ABOUT)
    assert len(rows) == 1440 and len(decoded(figure)[0]["scenes"]) == 4
    assert len(figure.html.encode()) < 400_000


@pytest.mark.parametrize(
    ("rows", "more", "message"),
    [
        ({("a", 1): {"points": []}}, {}, "the states have no column curve, band, turning, verdict, details"),
        (four(), {"controls": {"series": {"label": "s", "kind": "select"}}}, r"levels \['series', 'first'\], the controls are \['series'\]"),
        (four(), {"controls": {k: {"label": "s", "kind": "knob"} for k in ("series", "first")}}, "unknown kind of control series: 'knob'"),
        (four(), {"start": {"series": "smoke", "first": 1999}}, "first state .*1999.* is not among the states"),
        (four(), {"start": {"series": "smoke"}}, "give a label for each of"),
        ({("a", 1): state(points=[(1.0, np.nan, "x", True)])}, {}, r"state \('a', 1\): points with a number that is not finite"),
        ({("a", 1): state(curve=[(1.0, np.inf)])}, {}, "curve with a number that is not finite"),
        ({("a", 1): state(turning=[(np.nan, "peak")])}, {}, "turning with a number"),
        ({("a", 1): state(band=(1.0, np.inf))}, {}, "band with a number .* give None for an end without bound"),
    ],
)
def test_states_that_make_no_dial_are_refused(rows, more, message):
    with pytest.raises(ValueError, match=message):
        made(rows, **more)


def test_states_given_twice_are_refused():
    states = pd.DataFrame([state(), state()], pd.Index([1, 1], name="first"))
    with pytest.raises(ValueError, match="the state 1 appears twice"):
        figures.dial(states, controls={"first": {"label": "f", "kind": "slider"}}, axes=AXES, **ABOUT)


def test_a_single_control_will_do():
    states = pd.DataFrame([state(), state((0,))], pd.Index([2001, 2002], name="first"))
    data, found = decoded(figures.dial(states, controls={"first": {"label": "f", "kind": "slider"}}, axes=AXES, **ABOUT))
    assert said(data, found[("2002",)])[0] == "turns at 30 with 1 points"


def test_the_page_takes_a_dial_apart():
    figure = made(four(), caption="c < d & e")
    found = page.DIAL.match(figure.html)
    assert found["name"] == "fig-made-up" and html.unescape(found["caption"]) == "c < d & e"
    assert found["body"].strip().startswith('<div class="casebook-dial">') and found["body"].strip().endswith("</script>\n</div>")
    assert "<figure" not in found["body"] and page.TABLE.match(figure.html) is None


def test_the_page_gives_a_dial_a_caption_and_a_name():
    heard = []
    inner = SimpleNamespace(current_node_context=lambda node: nullcontext(), document=SimpleNamespace(note_implicit_target=lambda *_: None),
                            nested_render_text=lambda text, line, inline: heard.append(text))
    output = SimpleNamespace(mime_type="text/html", string=made(four(), caption="c < d & e").html, line=7)
    (node,) = page.Renderer.handle_mime(SimpleNamespace(renderer=inner), output, inline=False)
    picture, caption = node.children
    assert (node.tagname, node["names"], heard) == ("figure", ["fig-made-up"], ["c < d & e"])
    assert (picture.tagname, picture["format"], caption.tagname) == ("raw", "html", "caption")


# ----------------------------------------------------------------------- pictures of curves
YEARS = pd.Index(range(2011, 2019), name="year")
INCOME = pd.Series([100e3, 108e3, 117e3, 124e3, 133e3, 141e3, 150e3, 158e3], YEARS, name="income")
STEPS = np.array([1, -1, 1, -1, 1, -1, 1, -1])


def hill(top=130e3, noise=0.5, depth=20.0, **options):
    """A curve fitted to 50 - depth ((x - top) / 30,000)^2 but for alternating steps."""
    smoke = (50 - depth * ((INCOME - top) / 30e3) ** 2 + noise * STEPS).rename("smoke")
    return kuznets.fit(smoke, INCOME, **options)


def printed(*rows):
    return pd.DataFrame(rows, columns=["income", "pollution", "label"])


def panel(curve=None, data=None, stated="", verdict="", claim_year=None, stars=None):
    data = curve.data if data is None and curve is not None else pd.DataFrame({"income": INCOME, "pollution": np.nan}) if data is None else data
    return {"data": data, "printed": stars, "curve": curve, "unit": "t", "stated": stated, "verdict": verdict, "claim_year": claim_year}


def kuznets_curve(moved, curve=None, **more):
    return figures.kuznets_curve(curve or hill(140e3 if moved else 130e3), axes=AXES, **ABOUT, **more)


def kuznets_multiples(moved, panels=None, **more):
    if panels is None:
        panels = {"smoke": panel(hill(140e3 if moved else 130e3), stated="inverted U, 2014", verdict="inverted U", claim_year=2014),
                  "noise": panel(stated="U", verdict="no open figures")}
    return figures.kuznets_multiples(panels, axes=AXES, **ABOUT, **more)


def cities(moved=False):
    tracker = pd.Series({1990: 50.0, 2000: 45.0, 2010: 40.0 if moved else 30.0})
    counted = pd.Series({2000: 20.0, 2005: 25.0, 2010: 22.0})
    return {"Ashwick": {"series": pd.DataFrame({"tracker": tracker, "count": counted}), "stated": 1985,
                        "peaks": {"tracker": (1990, "first"), "count": (2005, "")}}}


def peaks(moved, **more):
    return figures.peaks(cities(moved), axes=("year", "emissions, Mt"), **ABOUT, **more)


ECONOMIES = pd.DataFrame({"income": [100.0, 200.0, 600.0, 900.0, 1200.0, 1500.0], "co2": [10.0, 20.0, 60.0, -5.0, -10.0, -30.0],
                          "kind": ["poor"] * 3 + ["rich"] * 3}, pd.Index(list("abcdef"), name="region"))


def changes(moved, frame=None, **more):
    frame = ECONOMIES.assign(income=ECONOMIES["income"].replace(600.0, 1400.0)) if moved else ECONOMIES if frame is None else frame
    options = {"x": "income", "y": "co2", "group": "kind", "axes": ("dollars", "per cent"), "lines": (1000, 30)} | ABOUT | more
    return figures.changes(frame, **options)


DRAWN = [kuznets_curve, kuznets_multiples, peaks, changes]
each_kind = pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)


def test_every_drawing_function_of_the_module_is_tried_here():
    public = {name for name, f in vars(pictures).items() if inspect.isfunction(f) and f.__module__ == pictures.__name__
              and not name.startswith("_") and inspect.signature(f).return_annotation == "Figure"}
    assert public == {draw.__name__ for draw in DRAWN} and public <= set(figures.__all__)


@each_kind
def test_a_figure_carries_picture_name_caption_and_alt_text(draw):
    data, about = draw(moved=False)._repr_mimebundle_()
    assert about["image/png"] == ABOUT and all(part in data["text/plain"] for part in ABOUT.values())


@each_kind
def test_a_figure_drawn_twice_is_the_same_to_the_byte_and_a_moved_point_is_seen(draw):
    one, same, moved = draw(moved=False), draw(moved=False), draw(moved=True)
    assert one.png == same.png
    assert figure_difference(*(pixels({"data": figure._repr_mimebundle_()[0]}) for figure in (one, moved))) > BOUND


@each_kind
def test_no_figure_stays_open_and_no_setting_stays_changed(draw):
    before = dict(plt.rcParams)
    draw(moved=False)
    assert plt.get_fignums() == [] and dict(plt.rcParams) == before


def lines(ax, **looks):
    """Data of the lines with these looks."""
    return [line.get_xydata() for line in ax.lines if all(getattr(line, f"get_{key}")() == value for key, value in looks.items())]


def texts(ax):
    return {text.get_text() for text in ax.texts}


def legend():
    return [text.get_text() for text in plt.gcf().legends[0].get_texts()]


def shaded(ax):
    """The horizontal extent of each band."""
    return [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]


def test_a_curve_is_drawn_with_its_data(axes):
    curve = hill()
    kuznets_curve(False, curve)
    (ax,) = axes()
    (points,) = lines(ax, marker="o")
    assert points.tolist() == curve.data[["income", "pollution"]].to_numpy().tolist()
    (fitted,) = [xy for xy in lines(ax, color=pictures.CURVE) if len(xy) == 200]
    assert fitted[:, 1] == pytest.approx(curve.predict(fitted[:, 0])) and (fitted[0, 0], fitted[-1, 0]) == curve.span
    assert texts(ax) == {*map(str, YEARS), f"inverted U, p = {curve.pvalue:.3f}"}


def test_a_turning_point_has_its_line_and_both_intervals(axes):
    curve = hill()
    (point,) = curve.turning_points()
    kuznets_curve(False, curve)
    (ax,) = axes()
    assert [xy[0, 0] for xy in lines(ax, linestyle="--", color=pictures.TURN) if len(xy)] == [point.income]
    assert point.paired.kind == "interval" and shaded(ax) == [pytest.approx((point.paired.lower, point.paired.upper))]
    assert sorted(xy[0, 0] for xy in lines(ax, linestyle=":")) == [point.paired.lower, point.paired.upper]
    (delta,) = lines(ax, marker="|")
    assert delta[:, 0].tolist() == [point.lower, point.upper]
    assert legend()[2:] == [f"peak at {point.income:,.0f}", "delta interval", f"not ruled out: {point.paired}"]


@pytest.mark.parametrize(("top", "noise", "kind"), [(145e3, 11.0, "two rays"), (130e3, 9.0, "line")])
def test_a_set_without_bounds_is_drawn_as_what_it_is(axes, top, noise, kind):
    curve = hill(top, noise)
    found = curve.turning_points()[0].paired
    assert found.kind == kind and curve.verdict == "cannot tell"
    kuznets_curve(False, curve)
    (ax,) = axes()
    left, right = ax.get_xlim()
    whole = [(left, found.lower), (found.upper, right)] if kind == "two rays" else [(left, right)]
    assert shaded(ax) == [pytest.approx(piece) for piece in whole if piece[0] < piece[1]]
    assert f"not ruled out: {found}" in legend() and any(text.startswith("cannot tell, p = ") for text in texts(ax))


def test_a_turning_point_outside_the_data_is_said_and_not_drawn(axes):
    curve = hill(top=190e3)
    kuznets_curve(False, curve)
    (ax,) = axes()
    assert not [xy for xy in lines(ax, linestyle="--") if len(xy)]
    assert any(re.fullmatch(r"peak at 189,\d\d\d, outside the data", text) for text in legend())
    assert ax.get_xlim()[1] < 170e3


def test_a_cubic_shows_both_turning_points(axes):
    x = (INCOME - 129e3) / 1e4
    curve = kuznets.fit((x**3 - 4 * x + 0.05 * STEPS + 40).rename("smoke"), INCOME, degree=3)
    kuznets_curve(False, curve)
    (ax,) = axes()
    drawn = [xy[0, 0] for xy in lines(ax, linestyle="--", color=pictures.TURN)]
    assert drawn == [point.income for point in curve.turning_points()] and len(drawn) == 2 and not ax.patches  # no Fieller set
    assert len(lines(ax, marker="|")) == 2


def test_printed_figures_are_hollow_stars_with_their_labels(axes):
    kuznets_curve(False, printed=printed((112e3, 41.0, "2012"), (165e3, 30.0, "2019")), note="our words")
    (ax,) = axes()
    (stars,) = lines(ax, marker="*")
    assert stars.tolist() == [[112e3, 41.0], [165e3, 30.0]]
    assert {line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "*"} == {"none"}
    assert texts(ax) >= {"2012", "2012, printed", "2019", "our words"} and ax.get_xlim()[1] > 165e3


def test_points_of_a_panel_are_neither_joined_nor_named(axes):
    index = pd.MultiIndex.from_product([["a", "b"], YEARS], names=["region", "year"])
    income = pd.Series(np.tile(INCOME, 2), index, name="income")
    smoke = pd.Series(np.tile(50 - ((INCOME - 130e3) / 3e4) ** 2, 2) + np.repeat([0.0, 1.0], 8) + 0.01 * np.tile(STEPS, 2), index, name="smoke")
    kuznets_curve(False, kuznets.fit(smoke, income, effects="region"))
    (ax,) = axes()
    assert not lines(ax, color="#999999") and len(lines(ax, marker="o")[0]) == 16
    assert [text for text in texts(ax) if text.isdigit()] == []


def test_a_curve_draws_itself():
    figure = hill().draw()
    assert figure.caption == "smoke by income." and "an inverted U, turning down at 129,8" in figure.alt


def test_small_pictures_show_what_each_panel_holds(axes):
    curve = hill()
    stars = pd.DataFrame({"income": [112e3], "pollution": [41.0]}, [2012])
    kuznets_multiples(False, {"smoke": panel(curve, stated="inverted U, 2014", verdict="inverted U", claim_year=2014, stars=stars),
                              "noise": panel(stated="half inverted U", verdict="no open figures", claim_year=2016)})
    one, two = [ax for ax in axes() if ax.get_visible()]
    assert lines(one, marker="o")[0].tolist() == [[x / 1000, y] for x, y in curve.data[["income", "pollution"]].to_numpy()]
    assert lines(one, marker="*")[0].tolist() == [[112, 41]] and "none" in {line.get_markerfacecolor() for line in one.lines}
    assert [xy[0, 0] for xy in lines(one, linestyle="--")] == [curve.turning_points()[0].income / 1000]
    assert [xy[0, 0] for ax in (one, two) for xy in lines(ax, marker="v")] == [INCOME[2014] / 1000, INCOME[2016] / 1000]
    assert {"smoke", "t", "stated: inverted U, 2014\nfound: ✔ inverted U", "’11", "’18", "’12"} == texts(one)
    assert {"noise", "t", "stated: half inverted U\nfound: ? no open figures", "no open figures"} == texts(two)
    assert one.get_xlim() == two.get_xlim() and not lines(two, marker="o")
    assert legend() == ["observed", "printed", "fitted curve", "it turns here", "income of the stated turning year"]


def test_a_panel_with_printed_figures_alone_says_so(axes):
    stars = pd.DataFrame({"income": [112e3], "pollution": [41.0]}, [2012])
    kuznets_multiples(False, {"smoke": panel(stated="U, 2015", verdict="no open figures", stars=stars)})
    (ax,) = axes()
    assert "no open figures" in texts(ax) and lines(ax, marker="*")[0].tolist() == [[112, 41]] and "’12" in texts(ax)


def test_a_year_both_observed_and_printed_is_named_once(axes):
    stars = pd.DataFrame({"income": [100e3], "pollution": [31.0]}, [2011])
    kuznets_multiples(False, {"smoke": panel(hill(), stars=stars)})
    assert sorted(text.get_text() for text in axes()[0].texts if text.get_text().startswith("’")) == ["’11", "’18"]


@pytest.mark.parametrize(
    ("stated", "verdict", "sign"),
    [("inverted U, 2019", "inverted U", "✔ "), ("inverted U, 2019", "falling", "✘ "), ("U, 2015", "cannot tell", "? "),
     ("half inverted U", "rising", "? "), ("inverted U", "6 years: too few", "? "), ("", "falling", "")])
def test_what_is_found_has_a_sign(stated, verdict, sign):
    assert pictures._sign(panel(stated=stated, verdict=verdict)) == sign


def test_the_shapes_that_get_a_sign_are_those_that_tests_can_find():
    assert {*pictures.SHAPES, "cannot tell"} == set(kuznets.VERDICTS)


def test_small_pictures_fill_their_rows(axes):
    kuznets_multiples(False, {name: panel() for name in "abcdefg"}, columns=3)
    assert [ax.get_visible() for ax in axes()] == [True] * 7 + [False] * 2
    assert all("no open figures" in texts(ax) for ax in axes()[:7])


def test_words_of_small_pictures_can_be_read(axes):
    kuznets_multiples(False)
    inches = plt.gcf().get_size_inches()[0]
    for panels in (2, 10):
        kuznets_multiples(False, {str(i): panel() for i in range(panels)})
        inches = plt.gcf().get_size_inches()[0]
        sizes = [text.get_fontsize() for ax in axes() for text in [*ax.texts, *ax.get_xticklabels()] if text.get_text()]
        assert min(sizes) >= 7.5 and inches <= 8  # of a column of 7 inches or so


def test_peaks_mark_what_is_highest_and_what_is_only_first(axes):
    peaks(False)
    ax = axes()[0]
    assert [xy.tolist() for xy in lines(ax, marker="s", markersize=10)] == [[[1990, 50]]]
    assert [xy.tolist() for xy in lines(ax, marker="o", markersize=10)] == [[[2005, 25]]]
    assert [xy[0, 0] for xy in lines(ax, linestyle="--")] == [1985] and shaded(ax) == [(1981, 1989.5)]
    assert [xy.tolist() for xy in lines(ax, markersize=3.5)] == [[[1990, 50], [2000, 45], [2010, 30]], [[2000, 20], [2005, 25], [2010, 22]]]
    assert len({line.get_marker() for line in ax.lines if line.get_markersize() == 3.5}) == 2
    assert legend()[:2] == ["tracker", "count"] and "highest, but the series starts here" in legend()


def test_changes_show_every_economy_and_the_medians(axes):
    changes(False)
    (ax,) = axes()
    poor, middle, rich, middle_rich = [points.get_offsets().tolist() for points in ax.collections]
    assert poor == ECONOMIES[["income", "co2"]].to_numpy()[:3].tolist() and rich == ECONOMIES[["income", "co2"]].to_numpy()[3:].tolist()
    assert (middle, middle_rich) == ([[200, 20]], [[1200, -10]])
    assert legend() == ["poor (3): 200 and 20", "rich (3): 1,200 and −10"]
    dashed = [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines if line.get_linestyle() == "--"]
    assert dashed == [([1000, 1000], [0, 1]), ([0, 1], [30, 30])] and {"stated 1,000", "stated 30"} <= texts(ax)


def test_changes_name_the_farthest_economies(axes):
    changes(False, labelled=2)
    named = texts(axes()[0]) & set("abcdef")
    z = ((ECONOMIES[["income", "co2"]] - ECONOMIES[["income", "co2"]].median()) / ECONOMIES[["income", "co2"]].std()).pow(2).sum(axis=1)
    assert named == set(z.sort_values().index[-2:])


def test_groups_of_changes_differ_in_shape_and_need_no_lines(axes):
    changes(False, lines=None)
    (ax,) = axes()
    assert not [text for text in texts(ax) if text.startswith("stated")] and not [line for line in ax.lines if line.get_linestyle() == "--"]
    shapes = [points.get_paths()[0].vertices.tolist() for points in ax.collections]
    assert shapes[0] == shapes[1] != shapes[2] == shapes[3]


def test_a_bent_scale_has_round_ticks_on_both_sides(axes):
    frame = ECONOMIES.assign(income=[100.0, -200.0, 300.0, 400.0, 500.0, 50e3])
    changes(False, frame)
    (ax,) = axes()
    ticks = ax.get_xticks()
    assert "scale bent far from zero" in ax.get_xlabel() and "scale bent" not in ax.get_ylabel()
    assert len(ticks) >= 4 and 0 in ticks and ticks.max() >= 10e3 and all(float(f"{tick:.2g}") == tick for tick in ticks)


# ----------------------------------------------------------------------- a dial of curves
def curves_by_window():
    fits, samples = {}, {"smoke": {}}
    for label, factor in (("new", 1.0), ("old", 1.1)):
        smoke = (50 - 20 * ((INCOME - 130e3) / 30e3) ** 2 + 0.5 * STEPS).rename("smoke")
        samples["smoke"][label] = pd.DataFrame({"income": factor * INCOME, "pollution": smoke})
        for first, last in ((2011, 2018), (2011, 2017), (2015, 2018)):
            chosen = slice(first, last)
            try:
                fit = kuznets.fit(smoke.loc[chosen], factor * INCOME.loc[chosen])
            except ValueError as error:
                fit = str(error)
            fits["smoke", label, "levels", 2, first, last] = fit
    return pd.Series(fits, dtype=object).rename_axis(["indicator", "income", "form", "degree", "first", "last"]), samples


def kuznets_dial(**more):
    fits, samples = curves_by_window()
    return fits, figures.kuznets_dial(fits, samples, labels={"smoke": "Smoke"}, units={"smoke": "t"}, money="CNY",
                                      axes=("income, thousand CNY", ""), **ABOUT, **more)


def test_a_dial_of_curves_says_what_each_curve_says():
    fits, figure = kuznets_dial()
    data, states = decoded(figure)
    for (_, income, form, _, first, last), curve in fits.items():
        found = states["Smoke", income, form, "quadratic", str(first), str(last)]
        verdict, details = said(data, found)
        if isinstance(curve, str):  # four years are too few
            assert verdict == curve and details == {} and found[2] == "" and (first, last) == (2015, 2018)
            continue
        (point,) = curve.turning_points()
        assert verdict.lower().startswith(curve.sentence.partition(" (")[0].lower())
        assert details["turning point, CNY"] == f"{point.income:,.0f}" and details["not ruled out (90% set), CNY"] == str(point.paired)
        assert [turn[1] for turn in found[4]] == [f"peak {point.income / 1000:.4g}"] and len(found[3]) == 1
        assert data["used"][found[1]] == "".join("1" if first <= year <= last else "0" for year in YEARS)


@pytest.mark.parametrize(
    ("found", "band"),
    [(("interval", 1e3, 2e3), [(1, 2)]), (("two rays", 1e3, 2e3), [(None, 1), (2, None)]),
     (("ray", -np.inf, 2e3), [(None, 2)]), (("line", -np.inf, np.inf), [(None, None)])])
def test_a_dial_shades_a_fieller_set_as_it_is(found, band):
    assert pictures._band(kuznets.FiellerSet(*found)) == band


def test_a_dial_of_curves_starts_where_it_is_told():
    start = {"indicator": "smoke", "income": "old", "form": "levels", "degree": 2, "first": 2011, "last": 2017}
    fits, figure = kuznets_dial(start=start)
    point = fits[tuple(start.values())].turning_points()[0]
    assert "Shown: indicator Smoke, vintage of income old, variables in levels, curve quadratic, first year 2011, last year 2017." in figure.text
    assert f"<dd>{point.income:,.0f}</dd>" in figure.html and "Smoke, t</text>" in figure.html
