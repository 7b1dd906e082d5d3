"""An interactive figure for a page that has no server: all states are computed here, a small script shows one.

The drawing is done here too, once per state, in the units of the picture; `dial.js` only puts it in place.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import groupby, product

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

COLUMNS = ("points", "curve", "band", "turning", "verdict", "details")
KINDS = ("select", "slider", "radio")
MISSING = "no figures for this choice"

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 84, 622, 56, 334
"""The picture and the frame of its axes, in units of the picture."""

ROWS, ANCHORS = (TOP - 10, TOP + 20), ("start", "middle", "end")
"""Where the words at a turning point stand; the second row is for one that would cover its neighbour."""

FONTS = (19, 12)
"""Size of the points' labels on a phone and elsewhere, as in dial.css, in units of the picture."""

TOLERANCE = 0.5
"""How far the drawn curve may be from the given points, in units of the picture."""

KEY = {
    "used": ("<circle class='used' cx='13' cy='7' r='5'/>", "used in the fit"),
    "unused": ("<circle cx='13' cy='7' r='5'/>", "not used"),
    "curve": ("<path class='dial-curve' d='M1 12Q13 -4 25 12'/>", "fitted curve"),
    "turning": ("<path class='dial-turn' d='M1 7H25'/>", "turning point"),
    "band": ("<rect width='26' height='14' fill='url(#{name}-hatch)'/><path class='dial-edge' d='M.5 0V14M25.5 0V14'/>",
             "not ruled out as turning point"),
}
"""The signs below the picture."""


@dataclass(frozen=True)
class Dial:
    """An interactive figure with a number, an anchor and a caption, complete in itself."""

    html: str
    text: str

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html, "text/plain": self.text}


def dial(
    states: pd.DataFrame,
    *,
    controls: Mapping[Hashable, Mapping[str, str]],
    axes: tuple[str, str],
    name: str,
    caption: str,
    alt: str,
    start: Mapping[Hashable, Hashable] | None = None,
) -> Dial:
    """A figure whose reader chooses among states: data, curve, interval, turning point and verdict follow.

    Parameters
    ----------
    states : DataFrame with one index level per control
        ``points``: list of (x, y, label, used), the points that were not used drawn
        hollow; give all points of a series in each of its states, and they are
        stored once.  ``curve``: list of (x, y), or an empty one.  ``band``: pair of
        incomes, None for an end without bound; a list of pairs for a set in pieces;
        or None.  ``turning``: list of (income, kind).  ``verdict``: a short sentence.
        ``details``: mapping of name to text.  ``ylabel``, optional: label of the
        vertical axis; states with the same one share their axes.
        A combination that is absent shows that there are no figures for it.
    controls : mapping of index level to mapping
        ``label`` and ``kind``, which is "select", "slider" or "radio", in the order
        of the page.  Labels stand in the order in which the states have them; whole
        numbers on a slider stand in ascending order.
    axes : (str, str)
        Labels, with units.
    name, caption, alt : str
        As in :class:`casebook.figures.Figure`.
    start : mapping of index level to label, optional
        The state shown first; the first row if None.

    Returns
    -------
    Dial
        HTML that needs nothing else, neither a server nor a network; without
        scripts it shows the first state.

    Raises
    ------
    ValueError
        When a column is absent, a state appears twice, the controls don't fit the
        index, the first state is absent, or a number to be drawn is not finite.
    """
    keys = _check(states, controls, start)
    _check_numbers(states)
    labels = [_labels(states.index.get_level_values(level), about["kind"]) for level, about in controls.items()]
    first = keys[0] if start is None else tuple(start[level] for level in controls)
    ylabels = list(states["ylabel"]) if "ylabel" in states else [axes[1]] * len(states)
    scales = {label: _Scale.of(part, label) for label, part in states.groupby(np.array(ylabels, dtype=object), sort=False)}
    table, records = _Table(), states.to_dict("records")
    rows = {key: _state(table, scales[label], axes[0], row) for key, label, row in zip(keys, ylabels, records)}
    data = {
        "alt": alt, "names": [about["label"] for about in controls.values()],
        "labels": [[str(label) for label in level] for level in labels], "box": [LEFT, RIGHT, TOP, BOTTOM], "rows": ROWS, "anchors": ANCHORS,
        "first": rows[first][0], "scenes": list(table.scenes), "used": list(table.used), "terms": list(table.terms), "text": list(table.text),
        "states": _once(_packed(rows.get(key) for key in product(*labels))),
    }
    shown = {kind: any(_occurs(kind, row) for row in records) for kind in KEY}
    markup = _markup(data, rows[first], first, labels, list(controls.values()), name, caption, shown)
    return Dial(markup, f"Figure {name}: {caption}\n{_described(data, first, rows[first])}")


# ---------------------------------------------------------------------------- what is asked for
def _check(states: pd.DataFrame, controls: Mapping, start: Mapping | None) -> list[tuple]:
    """Return the states' keys in the order of the controls, or say what is wrong."""
    absent = [column for column in COLUMNS if column not in states]
    if absent:
        raise ValueError(f"the states have no column {', '.join(absent)}")
    if set(states.index.names) != set(controls):
        raise ValueError(f"the states have the levels {list(states.index.names)}, the controls are {list(controls)}")
    wrong = [f"{level}: {about.get('kind')!r}" for level, about in controls.items() if about.get("kind") not in KINDS]
    if wrong:
        raise ValueError(f"unknown kind of control {', '.join(wrong)}; known are {', '.join(KINDS)}")
    if states.empty:
        raise ValueError("there are no states to show")
    if states.index.has_duplicates:
        raise ValueError(f"the state {states.index[states.index.duplicated()][0]} appears twice")
    keys = list(zip(*(states.index.get_level_values(level) for level in controls)))
    if start is not None and (set(start) != set(controls) or tuple(start[level] for level in controls) not in keys):
        raise ValueError(f"the first state {dict(start)} is not among the states; give a label for each of {list(controls)}")
    return keys


def _check_numbers(states: pd.DataFrame) -> None:
    for key, row in zip(states.index, states.to_dict("records")):
        numbers = {"points": [point[:2] for point in row["points"]], "curve": row["curve"],
                   "turning": [income for income, _ in row["turning"]],
                   "band": [end for pair in _pairs(row["band"]) for end in pair if end is not None]}
        wrong = [kind for kind, values in numbers.items() if not np.isfinite(np.array(list(values), dtype=float)).all()]
        if wrong:
            raise ValueError(f"state {key}: {', '.join(wrong)} with a number that is not finite; leave out what is unknown, "
                             "and give None for an end without bound")


def _pairs(band) -> list[tuple[float | None, float | None]]:
    """The pieces of an interval, whether one pair or a list of pairs is given."""
    if band is None or len(band) == 0:
        return []
    return list(band) if isinstance(band[0], (tuple, list)) else [band]


def _labels(values: pd.Index, kind: str) -> list:
    labels = values.unique()
    return sorted(labels) if kind == "slider" and pd.api.types.is_integer_dtype(labels) else list(labels)


def _occurs(kind: str, row: Mapping) -> bool:
    """Whether a state has anything of this kind, so that the key names it."""
    if kind in ("used", "unused"):
        return any(bool(point[3]) == (kind == "used") for point in row["points"])
    return len(_pairs(row[kind]) if kind == "band" else row[kind]) > 0


def _once(states: list) -> list:
    """Instead of a state that stands earlier in the list, its place there as text.

    >>> _once([["a"], 3, ["b"], ["a"]])
    [['a'], 3, ['b'], '0']
    """
    seen: dict[str, int] = {}
    return [str(seen[key]) if (key := json.dumps(state)) in seen else (seen.setdefault(key, at), state)[1]
            if isinstance(state, list) else state for at, state in enumerate(states)]


def _packed(states: Iterable[list | None]) -> list[list | int]:
    """Instead of states that are absent in a row, how many they are.

    >>> _packed([None, [7], None, None])
    [1, [7], 2]
    """
    return [part for absent, run in groupby(states, lambda state: state is None)
            for part in ([len(list(run))] if absent else run)]


# ------------------------------------------------------------------------------- how it is drawn
def _number(value: float) -> str:
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return text.replace("-", "−")


def _unit(value: float) -> float | int:
    """A position in the picture, to a tenth of a unit."""
    tenth = round(float(value), 1)
    return int(tenth) if tenth == int(tenth) else tenth


@dataclass(frozen=True)
class _Scale:
    """The axes that all states of one vertical label share."""

    x: tuple[float, float]
    y: tuple[float, float]
    label: str

    @classmethod
    def of(cls, states: pd.DataFrame, label: str) -> _Scale:
        """Hold every point, and of the curves what is not far from the points."""
        points = np.array([point[:2] for points in states["points"] for point in points], dtype=float).reshape(-1, 2)
        curves = np.array([point for curve in states["curve"] for point in curve], dtype=float).reshape(-1, 2)
        if not len(points):
            points = curves if len(curves) else np.array([[0.0, 0.0], [1.0, 1.0]])
        x, y = points.T
        reach = 0.25 * np.ptp(y)
        y = np.concatenate([y, np.clip(curves[:, 1], y.min() - reach, y.max() + reach)])
        return cls(cls._range(x, 0.05), cls._range(y, 0.07), label)

    @staticmethod
    def _range(values: np.ndarray, margin: float) -> tuple[float, float]:
        low, high = float(values.min()), float(values.max())
        margin *= (high - low) or abs(high) or 1.0
        return low - margin, high + margin

    def across(self, x):
        return LEFT + (np.asarray(x, dtype=float) - self.x[0]) / (self.x[1] - self.x[0]) * (RIGHT - LEFT)

    def up(self, y):
        return BOTTOM - (np.asarray(y, dtype=float) - self.y[0]) / (self.y[1] - self.y[0]) * (BOTTOM - TOP)


@dataclass
class _Table:
    """What many states share, each stored once; the values are the places in the list."""

    scenes: dict = field(default_factory=dict)
    used: dict = field(default_factory=dict)
    terms: dict = field(default_factory=dict)
    text: dict = field(default_factory=lambda: {MISSING: 0})
    seen: dict = field(default_factory=dict)

    def put(self, kind: str, value) -> int:
        return getattr(self, kind).setdefault(value, len(getattr(self, kind)))


def _state(table: _Table, scale: _Scale, xlabel: str, row: Mapping) -> list:
    """One state as dial.js reads it: scene, used points, curve, bands, turning points, verdict, details."""
    points = tuple((float(x), float(y), str(label)) for x, y, label, _ in row["points"])
    curve = np.array(row["curve"], dtype=float).reshape(-1, 2)
    if (scale, xlabel, points) not in table.seen:
        table.seen[scale, xlabel, points] = table.put("scenes", _scene(scale, xlabel, points))
    return [
        table.seen[scale, xlabel, points],
        table.put("used", "".join("1" if point[3] else "0" for point in row["points"])),
        _path(scale.across(curve[:, 0]), scale.up(curve[:, 1])),
        _bands(scale, row["band"]),
        _turns(scale, row["turning"]),
        table.put("text", str(row["verdict"])),
        table.put("terms", tuple(table.put("text", str(key)) for key in row["details"])),
        [table.put("text", str(text)) for text in row["details"].values()],
    ]


def _scene(scale: _Scale, xlabel: str, points: Iterable[tuple[float, float, str]]) -> str:
    """Axes and points, which stay as they are while the fit changes."""
    frame = f"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"
    texts = [f'<text x="{LEFT - 70}" y="{TOP - 10}" dy="-1.5em">{html.escape(scale.label)}</text>',
             f'<text x="{(LEFT + RIGHT) // 2}" y="{BOTTOM + 8}" dy="2.4em" text-anchor="middle">{html.escape(xlabel)}</text>']
    for tick in _ticks(scale.x):
        at = _unit(scale.across(tick))
        frame += f"M{at} {BOTTOM}v5"
        texts.append(f'<text x="{at}" y="{BOTTOM + 8}" dy=".9em" text-anchor="middle">{_tick(tick)}</text>')
    for tick in _ticks(scale.y):
        at = _unit(scale.up(tick))
        frame += f"M{LEFT} {at}h-5"
        texts.append(f'<text x="{LEFT - 9}" y="{at}" dy=".35em" text-anchor="end">{_tick(tick)}</text>')
    places = [(_unit(scale.across(x)), _unit(scale.up(y))) for x, y, _ in points]
    names = _beside(places, [label for *_, label in points])
    dots = [f'<circle cx="{a}" cy="{b}" r="5" class=""><title>{html.escape(label)}: {_number(x)}, {_number(y)}</title></circle>'
            for (a, b), (x, y, label) in zip(places, points)]
    return "".join([f'<path class="dial-frame" d="{frame}"/>', *texts, '<g class="dial-points">', *names, *dots, "</g>"])


def _ticks(span: tuple[float, float]) -> list[float]:
    ticks = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(*span)
    return [float(tick) for tick in ticks if span[0] <= tick <= span[1]]


def _tick(value: float) -> str:
    return f"{round(value, 10):,.10g}".replace("-", "−")


def _beside(places: list[tuple[float, float]], texts: list[str]) -> list[str]:
    """A label beside each point where there is room: first at the size on a phone, then at the smaller one."""
    order = sorted(range(len(texts)), key=lambda i: (i not in (0, len(texts) - 1), i))
    taken, found = [(x - 6, y - 6, x + 6, y + 6) for x, y in places], {}
    for font, kind in zip(FONTS, ("", "wide")):
        boxes = taken + [_box(*places[i], texts[i], spot, font) for i, (spot, _) in found.items()]
        for i in [i for i in order if i not in found]:
            for spot in range(4):
                box = _box(*places[i], texts[i], spot, font)
                inside = LEFT < box[0] and box[2] < RIGHT + 10 and TOP - 8 < box[1] and box[3] < BOTTOM
                if inside and not any(_overlap(box, other) for other in boxes):
                    found[i] = spot, kind
                    boxes.append(box)
                    break
    spots = ((8, 0, ".35em", "start"), (-8, 0, ".35em", "end"), (0, -8, "0", "middle"), (0, 8, ".8em", "middle"))
    return [f'<text x="{_unit(places[i][0] + x)}" y="{_unit(places[i][1] + y)}" dy="{dy}" text-anchor="{anchor}" '
            f'class="{kind}">{html.escape(texts[i])}</text>'
            for i, (spot, kind) in sorted(found.items()) for x, y, dy, anchor in [spots[spot]]]


def _box(x: float, y: float, text: str, spot: int, font: float) -> tuple[float, float, float, float]:
    """Where a label would stand: to the right, to the left, above or below its point."""
    wide, high = 0.6 * font * len(text), 0.8 * font
    left = (x + 7, x - 7 - wide, x - wide / 2, x - wide / 2)[spot]
    top = (y - high / 2, y - high / 2, y - 7 - high, y + 7)[spot]
    return left, top, left + wide, top + high


def _overlap(one: tuple, two: tuple) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def _path(x: np.ndarray, y: np.ndarray) -> str:
    """The curve in the fewest quadratic arcs that pass through its points, or else in straight lines.

    >>> x = np.linspace(100, 200, 41)
    >>> _path(x, 300 - (x - 150) ** 2 / 25)
    'M100 200q50 200 100 0'
    """
    if len(x) < 2:
        return ""
    letter, steps = "l", np.column_stack([x, y])[1:, None]
    for count in (1, 2, 4, 8) if (np.diff(x) > 0).all() else ():
        knots, ends, control, error = _arcs(x, y, count)
        if error < TOLERANCE:
            letter, steps = "q", np.stack([np.column_stack([knots[1::2], control]), np.column_stack([knots[2::2], ends[1:]])], axis=1)
            break
    here, steps = np.rint([x[0], y[0]]).astype(int), np.rint(steps).astype(int)
    path = f"M{here[0]} {here[1]}"
    for step in steps:
        path += letter + " ".join(f"{a} {b}" for a, b in step - here)
        here = step[-1]
    return path.replace(" -", "-")


def _arcs(x: np.ndarray, y: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Knots, ends and control points of arcs of equal width, and how far they stray inside the frame."""
    knots = np.linspace(x[0], x[-1], 2 * count + 1)
    height = np.interp(knots, x, y)
    ends = height[::2]
    control = 2 * height[1::2] - (ends[:-1] + ends[1:]) / 2
    at = np.clip(np.searchsorted(knots[::2], x, side="right") - 1, 0, count - 1)
    t = (x - knots[::2][at]) / (knots[2] - knots[0])
    drawn = (1 - t) ** 2 * ends[at] + 2 * t * (1 - t) * control[at] + t**2 * ends[at + 1]
    visible = (np.minimum(y, drawn) < BOTTOM) & (np.maximum(y, drawn) > TOP)
    return knots, ends, control, float(np.abs(drawn - y)[visible].max(initial=0.0))


def _bands(scale: _Scale, band) -> list[list[float]]:
    """The parts of the interval that lie within the axes, each as its two ends in the picture."""
    ends = []
    for low, high in _pairs(band):
        left = LEFT if low is None else max(LEFT, float(scale.across(low)))
        right = RIGHT if high is None else min(RIGHT, float(scale.across(high)))
        if left < right:
            ends.append([_unit(left), _unit(right)])
    return ends


def _turns(scale: _Scale, turning: Iterable[tuple[float, str]]) -> list[list]:
    """Position, text, anchor and row of each turning point; those outside the axes stand at their edge."""
    turns, free = [], -np.inf
    for income, kind in sorted(turning):
        x, text = float(scale.across(income)), f"{kind} {_number(income)}"
        text = f"← {text}" if x <= LEFT else f"{text} →" if x >= RIGHT else text
        half = 0.3 * 22 * len(text)
        anchor = 1 if LEFT + half < x < RIGHT - half else 0 if x < (LEFT + RIGHT) / 2 else 2
        x = min(max(x, LEFT), RIGHT)
        left = x - anchor * half
        turns.append([_unit(x), text, anchor, int(left < free)])
        free = max(free, left + 2 * half)
    return turns


# ----------------------------------------------------------------------------- what the page gets
def _described(data: Mapping, key: tuple, state: list) -> str:
    """The picture in words, for those who don't see it; dial.js writes the same."""
    choice = ", ".join(f"{name} {label}" for name, label in zip(data["names"], key))
    return f"{data['alt']} Shown: {choice}. {data['text'][state[5]]}"


def _control(level: str, labels: list, chosen, about: Mapping[str, str]) -> str:
    title, at = html.escape(about["label"]), labels.index(chosen)
    texts = [html.escape(str(label)) for label in labels]
    if about["kind"] == "select":
        options = "".join(f'<option value="{i}"{" selected" * (i == at)}>{text}</option>' for i, text in enumerate(texts))
        return f"<label data-control><span>{title}</span><select>{options}</select></label>"
    if about["kind"] == "slider":
        slider = (f'<input type="range" min="0" max="{len(labels) - 1}" step="1" value="{at}" aria-valuetext="{texts[at]}">'
                  f'<span class="dial-value" aria-hidden="true">{texts[at]}</span>')
        return f'<label class="dial-slide" data-control><span>{title}</span><span class="dial-row">{slider}</span></label>'
    buttons = "".join(f'<label><input type="radio" name="{level}" value="{i}"{" checked" * (i == at)}>{text}</label>'
                      for i, text in enumerate(texts))
    return f'<fieldset data-control><legend>{title}</legend><div class="dial-row">{buttons}</div></fieldset>'


def _picture(data: Mapping, state: list, described: str, name: str) -> str:
    scene, used, curve, bands, turns, *_ = state
    used = iter(data["used"][used])
    points = re.sub(' class=""><title>', lambda empty: empty[0].replace('""', '"used"') if next(used) == "1" else empty[0],
                    data["scenes"][scene])
    band = "".join(f"M{a} {TOP}H{b}V{BOTTOM}H{a}Z" for a, b in bands)
    edge = "".join(f"M{x} {TOP}V{BOTTOM}" for pair in bands for x in pair if LEFT < x < RIGHT)
    lines = "".join(f"M{turn[0]} {TOP}V{BOTTOM}" for turn in turns if LEFT < turn[0] < RIGHT)
    texts = "".join(f'<text x="{x}" y="{ROWS[row]}" text-anchor="{ANCHORS[anchor]}">{html.escape(text)}</text>'
                    for x, text, anchor, row in turns)
    return f"""<svg class="dial-picture" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(described)}">
<defs><pattern id="{name}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
<rect class="dial-tint" width="7" height="7"/><path class="dial-hatch" d="M0 0V7"/></pattern>
<clipPath id="{name}-frame"><rect x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" height="{BOTTOM - TOP}"/></clipPath></defs>
<path class="dial-band" fill="url(#{name}-hatch)" d="{band}"/><path class="dial-edge" d="{edge}"/>
<path class="dial-turn" d="{lines}"/><g class="dial-turns">{texts}</g>
<path class="dial-curve" clip-path="url(#{name}-frame)" d="{curve}"/><g class="dial-scene">{points}</g>
</svg>"""


def _markup(data: Mapping, state: list, key: tuple, labels: list, controls: list, name: str, caption: str, shown: Mapping) -> str:
    text = [html.escape(entry) for entry in data["text"]]
    controls = "".join(_control(f"control{i}", *parts) for i, parts in enumerate(zip(labels, key, controls)))
    signs = "".join(f"<li><svg viewBox='0 0 26 14' aria-hidden='true'>{sign.format(name=name)}</svg>{words}</li>"
                    for kind, (sign, words) in KEY.items() if shown[kind])
    details = "".join(f"<div><dt>{text[name]}</dt><dd>{text[value]}</dd></div>" for name, value in zip(data["terms"][state[6]], state[7]))
    packed = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    style, script = (files("casebook.figures").joinpath(f"dial.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return f"""<figure class="casebook-figure" id="{name}"><figcaption>{html.escape(caption)}</figcaption>
<div class="casebook-dial">
<style>
{style}</style>
<form class="dial-controls" autocomplete="off" hidden>{controls}<button type="reset">Reset</button></form>
<output class="dial-verdict" aria-live="polite">{text[state[5]]}</output>
{_picture(data, state, _described(data, key, state), name)}
<ul class="dial-key">{signs}</ul>
<dl class="dial-details">{details}</dl>
<script type="application/json">{packed}</script>
<script>
{script}</script>
</div>
</figure>"""
