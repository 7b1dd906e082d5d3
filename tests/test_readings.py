"""Choices, their grid, its cache, and what is read off it: small cases worked out by hand."""

import importlib
import sys

import numpy as np
import pandas as pd
import pytest

from casebook import readings
from casebook.readings import Choices, Grid

CHOICES = Choices({
    "power": {"square": {"exponent": 2}, "cube": {"exponent": 3}},
    "sign": {"plus": {"factor": 1}, "minus": {"factor": -1}, "none": {"factor": 0}},
})


def signed_power(base, log, exponent, factor=1):
    """The function that is run; each call leaves a line in the file `log`."""
    with open(log, "a") as stream:
        stream.write(f"{base} {exponent} {factor}\n")
    return pd.DataFrame({"when": ["now", "later"], "value": [factor * base**exponent, factor * (base + 1) ** exponent]})


@pytest.fixture
def log(tmp_path):
    return tmp_path / "calls"


def calls(log):
    return len(log.read_text().splitlines()) if log.exists() else 0


# ---------------------------------------------------------------------- choices
def test_readings_are_the_full_product_in_declared_order():
    # 2 x 3 levels; the last choice varies fastest.
    assert CHOICES.readings().tolist() == [
        ("square", "plus"), ("square", "minus"), ("square", "none"),
        ("cube", "plus"), ("cube", "minus"), ("cube", "none")]
    assert list(CHOICES.readings().names) == ["power", "sign"]


def test_a_single_choice_gives_readings_of_one_level():
    assert Choices({"power": CHOICES.levels["power"]}).readings().tolist() == [("square",), ("cube",)]


def test_labels_stand_for_fields():
    assert CHOICES.fields({"power": "cube", "sign": "none"}) == {"exponent": 3, "factor": 0}
    assert Choices({"a": {"x": {"one": 1, "two": 2}}}).fields({"a": "x"}) == {"one": 1, "two": 2}
    assert CHOICES.fields({}) == {}


def test_the_table_of_choices_shows_every_level_and_the_one_taken():
    table = CHOICES.table({"sign": "none", "power": "cube"})  # the order declared counts
    assert table.index.tolist() == ["power", "sign"] and table.index.name == "choice"
    assert table.to_dict("list") == {"levels": ["square; cube", "plus; minus; none"], "in this chapter": ["cube", "none"]}


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"power": "cube"}, "no level of sign is chosen; it has 'plus', 'minus', 'none'"),
        ({"power": "cube", "sign": "both"}, "sign has no level 'both'"),
        ({"power": "cube", "sign": "none", "root": "two"}, "no choice 'root'"),
    ],
)
def test_a_table_needs_one_label_of_each_choice(chosen, message):
    with pytest.raises(ValueError, match=message):
        CHOICES.table(chosen)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"root": "square"}, "no choice 'root'; declared are power, sign"),
        ({"power": "fourth"}, "power has no level 'fourth'; it has 'square', 'cube'"),
    ],
)
def test_unknown_choices_and_levels_are_named(labels, message):
    with pytest.raises(ValueError, match=message):
        CHOICES.fields(labels)


def test_choices_that_touch_a_field():
    # "both" sets the factor in one of its levels only.
    choices = Choices(CHOICES.levels | {"both": {"plain": {}, "turned": {"factor": -1}}})
    assert list(choices.touching(["factor"]).levels) == ["sign", "both"]
    assert list(choices.touching({"exponent", "factor"}).levels) == ["power", "sign", "both"]
    assert choices.touching(["root"]).levels == {}


# -------------------------------------------------------------------------- run
def test_every_reading_is_run_and_numbered(log):
    # Base 2 and then 3: squares 4 and 9, cubes 8 and 27, times 1, -1, 0.
    grid = readings.run(signed_power, CHOICES, 2, log, jobs=1)
    assert list(grid.outcomes) == ["reading", "when", "value"]
    assert grid.outcomes["reading"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert grid.outcomes["value"].tolist() == [4, 9, -4, -9, 0, 0, 8, 27, -8, -27, 0, 0]
    assert grid.outcomes.index.tolist() == list(range(12)) and calls(log) == 6
    pd.testing.assert_index_equal(grid.readings, CHOICES.readings())


def test_fixed_fields_stay_as_they_are(log):
    # 2^2 and 3^2, then 2^3 and 3^3, all times 5.
    grid = readings.run(signed_power, Choices({"power": CHOICES.levels["power"]}), 2, log, fixed={"factor": 5}, jobs=1)
    assert grid.outcomes["value"].tolist() == [20, 45, 40, 135]


def test_a_fixed_field_that_a_choice_sets_is_left_to_the_choice(log):
    # "plain" sets no factor, so the function's own 1 counts and not the fixed 5: 4 and 9, then -4 and -9.
    choices = Choices({"turn": {"plain": {}, "turned": {"factor": -1}}})
    fixed = {"factor": 5, "exponent": 2}
    assert readings.run(signed_power, choices, 2, log, fixed=fixed, jobs=1).outcomes["value"].tolist() == [4, 9, -4, -9]
    assert fixed == {"factor": 5, "exponent": 2}


def test_many_processes_give_what_one_gives(log):
    serial = readings.run(signed_power, CHOICES, 2, log, jobs=1)
    parallel = readings.run(signed_power, CHOICES, 2, log, jobs=2)
    pd.testing.assert_frame_equal(serial.outcomes, parallel.outcomes)
    assert calls(log) == 12


def test_without_a_cache_everything_is_run_again(log):
    for _ in range(2):
        readings.run(signed_power, CHOICES, 2, log, jobs=1)
    assert calls(log) == 12


def test_the_cache_is_used(log, tmp_path):
    first = readings.run(signed_power, CHOICES, 2, log, jobs=1, cache=tmp_path)
    again = readings.run(signed_power, CHOICES, 2, log, jobs=2, progress=False, cache=tmp_path)
    pd.testing.assert_frame_equal(first.outcomes, again.outcomes)
    assert calls(log) == 6


def test_a_changed_input_is_run_anew(log, tmp_path):
    frame = pd.DataFrame({"base": [1.0, 2.0]})
    readings.run(frame_power, CHOICES, frame, log, jobs=1, cache=tmp_path)
    frame.loc[1, "base"] = 3.0
    changed = readings.run(frame_power, CHOICES, frame, log, jobs=1, cache=tmp_path)
    assert calls(log) == 12 and changed.outcomes["value"].iloc[0] == 16  # (1 + 3)^2


def frame_power(frame, log, exponent, factor):
    return signed_power(frame["base"].sum(), log, exponent, factor)


def test_changed_choices_are_run_anew(log, tmp_path):
    other = Choices({"power": {"square": {"exponent": 2}, "cube": {"exponent": 4}}})  # same labels, another field
    some = Choices({"power": CHOICES.levels["power"]})
    for choices, value in ((some, 8), (other, 16)):
        grid = readings.run(signed_power, choices, 2, log, jobs=1, cache=tmp_path)
        assert grid.outcomes["value"].tolist()[2] == value  # 2^3, then 2^4
    assert calls(log) == 4


def test_a_changed_fixed_field_is_run_anew(log, tmp_path):
    choices = Choices({"power": CHOICES.levels["power"]})
    for factor in (1, 3, 1):
        grid = readings.run(signed_power, choices, 2, log, fixed={"factor": factor}, jobs=1, cache=tmp_path)
        assert grid.outcomes["value"].tolist()[0] == 4 * factor
    assert calls(log) == 4  # two readings under each of two factors; the third run is kept


def test_a_fixed_field_that_no_reading_uses_changes_nothing(log, tmp_path):
    for exponent in (7, 8):
        readings.run(signed_power, CHOICES, 2, log, fixed={"exponent": exponent}, jobs=1, cache=tmp_path)
    assert calls(log) == 6


def test_levels_in_another_order_keep_their_own_values(log, tmp_path):
    # The order is part of the key: the second run is computed, and its first reading is the cube, 8 and 27.
    levels = CHOICES.levels["power"]
    turned = Choices({"power": dict(reversed(levels.items()))})
    for choices, values in ((Choices({"power": levels}), [4, 9, 8, 27]), (turned, [8, 27, 4, 9])):
        grid = readings.run(signed_power, choices, 2, log, jobs=1, cache=tmp_path)
        assert grid.outcomes["value"].tolist() == values
        assert grid.readings.tolist().index(("square",)) == values.index(4) // 2
    assert calls(log) == 4


def test_choices_in_another_order_keep_their_own_values(log, tmp_path):
    turned = Choices(dict(reversed(CHOICES.levels.items())))
    readings.run(signed_power, CHOICES, 2, log, jobs=1, cache=tmp_path)
    grid = readings.run(signed_power, turned, 2, log, jobs=1, cache=tmp_path)
    # plus square, plus cube, minus square, minus cube, none twice, each at base 2
    assert grid.outcomes["value"].tolist()[::2] == [4, 8, -4, -8, 0, 0]
    assert grid.readings.tolist()[1] == ("plus", "cube") and calls(log) == 12


@pytest.mark.parametrize(("imported", "called"), [("from made_up import helper", "helper.one()"), ("from made_up.helper import one", "one()")])
@pytest.mark.parametrize("changed", ["method", "helper"])
def test_changed_code_is_run_anew(changed, imported, called, tmp_path, monkeypatch):
    # The method calls a helper from another module of its package, imported whole or by name; each has a 1 that becomes a 2.
    package = tmp_path / "made_up"
    package.mkdir()
    sources = {"__init__": "", "helper": "def one():\n    return 1\n",
               "method": f"import pandas as pd\n{imported}\n"
                         f"def run(factor):\n    return pd.DataFrame({{'value': [{called} * factor * 1]}})\n"}
    monkeypatch.syspath_prepend(tmp_path)
    choices = Choices({"factor": {"ten": {"factor": 10}}})
    values = []
    for sources in (sources, sources | {changed: sources[changed].replace("1", "2")}):
        for name, text in sources.items():
            (package / f"{name}.py").write_text(text)
        for name in [name for name in sys.modules if name.startswith("made_up")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        importlib.invalidate_caches()
        method = importlib.import_module("made_up.method")
        values += readings.run(method.run, choices, jobs=1, cache=tmp_path / "cache").outcomes["value"].tolist()
    assert values == [10, 20]


@pytest.mark.parametrize("progress", [False, None])
def test_without_a_bar_nothing_is_written(progress, log, capfd):
    readings.run(signed_power, CHOICES, 2, log, jobs=1, progress=progress)  # None: no terminal here
    assert capfd.readouterr() == ("", "")


def test_the_bar_counts_the_readings(log, capfd):
    readings.run(signed_power, CHOICES, 2, log, jobs=1, progress=True)
    out, err = capfd.readouterr()
    assert out == "" and "6/6" in err


def test_an_error_of_the_function_comes_through(log):
    with pytest.raises(TypeError, match="exponent"):
        readings.run(signed_power, Choices({"sign": CHOICES.levels["sign"]}), 2, log, jobs=1)


# ------------------------------------------------------------------------- grid
XU_XV_YU = pd.MultiIndex.from_tuples([("x", "u"), ("x", "v"), ("y", "u")], names=["rule", "basis"])


@pytest.fixture
def grid():
    """Three readings of two regions and of a dispersion; the second can't tell B, the third knows no stage."""
    rows = [
        (0, "elasticity", "B", "whole", 1.5, "weak"), (0, "elasticity", "A", "whole", 0.5, "strong"),
        (1, "elasticity", "B", "whole", np.nan, "undefined"), (1, "elasticity", "A", "whole", 0.7, "weak"),
        (2, "elasticity", "B", "whole", 1.1, "weak"), (2, "elasticity", "A", "whole", 1.2, "weak"),
        (0, "elasticity", "B", "first", 9.0, "weak"), (0, "elasticity", "A", "first", 8.0, "weak"),
        (0, "dispersion", None, "2005", 0.4, None), (0, "dispersion", None, "2006", 0.3, None),
        (1, "dispersion", None, "2005", 0.5, None), (1, "dispersion", None, "2006", 0.6, None),
        (2, "dispersion", None, "2005", 0.5, None), (2, "dispersion", None, "2006", np.nan, None),
        (0, "stage", "B", None, 1.0, "late"), (0, "stage", "A", None, 2.0, "late"),
        (1, "stage", "B", None, 1.0, "early"), (1, "stage", "A", None, 2.0, "late"),
    ]
    outcomes = pd.DataFrame(rows, columns=["reading", "quantity", "region", "when", "value", "label"])
    return Grid(XU_XV_YU, outcomes)


def test_spread_by_region(grid):
    wide = grid.spread("elasticity", "whole")
    assert list(wide) == ["B", "A"]  # as they first occur
    pd.testing.assert_index_equal(wide.index, XU_XV_YU)
    np.testing.assert_array_equal(wide, [[1.5, 0.5], [np.nan, 0.7], [1.1, 1.2]])


def test_spread_by_time_where_there_are_no_regions(grid):
    wide = grid.spread("dispersion")
    assert list(wide) == ["2005", "2006"] and wide.index.equals(XU_XV_YU)
    np.testing.assert_array_equal(wide, [[0.4, 0.3], [0.5, 0.6], [0.5, np.nan]])


def test_readings_without_the_quantity_are_missing(grid):
    assert grid.spread("stage").loc["y", "u"].isna().all()
    assert grid.spread("stage", cells="label").isna().all(axis=1).tolist() == [False, False, True]
    assert grid.spread("elasticity", "first").isna().all(axis=1).tolist() == [False, True, True]


def test_the_label_undefined_is_missing(grid):
    labels = grid.spread("elasticity", "whole", cells="label")
    assert labels.loc["x", "u"].tolist() == ["weak", "strong"]
    assert labels.isna().loc["x", "v"].tolist() == [True, False]


def test_tell_leaves_out_readings_that_do_not_know_every_region(grid):
    # above one: 1 of 2, unknown, 2 of 2
    above = grid.tell(lambda d: (d > 1).sum(axis=1), "elasticity", "whole")
    np.testing.assert_array_equal(above, [1, np.nan, 2])
    pd.testing.assert_index_equal(above.index, XU_XV_YU)
    weak = grid.tell(lambda s: (s == "weak").all(axis=1), "elasticity", "whole", cells="label")
    assert weak.dropna().to_dict() == {("x", "u"): False, ("y", "u"): True}
    falls = grid.tell(lambda d: d["2006"] < d["2005"], "dispersion")
    assert falls.dropna().to_dict() == {("x", "u"): True, ("x", "v"): False}


def test_what_is_told_of_run_readings_keeps_their_labels():
    # One choice: the readings still have an index of levels, from which `decisive` reads the choice.
    outcomes = pd.DataFrame({"reading": [1, 0], "quantity": "d", "region": "A", "when": None, "value": [3.0, 2.0]})
    told = Grid(Choices({"power": CHOICES.levels["power"]}).readings(), outcomes).tell(lambda d: d["A"] > 2, "d")
    assert told.to_dict() == {("square",): False, ("cube",): True}
    assert readings.decisive(told)["share"].to_dict() == {("power", "square"): 0, ("power", "cube"): 1}


# ------------------------------------------------------------------------- lift
def test_values_are_lifted_to_readings_with_more_choices():
    # The factor decides alone: whatever the exponent, plus has 1 and none has 3; the order is that of the larger index.
    few, more = CHOICES.touching(["factor"]).readings(), CHOICES.readings()[::-1]
    lifted = readings.lift(pd.Series([1.0, np.nan, 3.0], few), more)
    pd.testing.assert_index_equal(lifted.index, more)
    np.testing.assert_array_equal(lifted, [3, np.nan, 1, 3, np.nan, 1])


def test_lifting_matches_labels_and_not_positions():
    # Declared the other way round, each label keeps its value: minus 2, plus 1.
    few = pd.Series([2, 1], pd.MultiIndex.from_tuples([("minus",), ("plus",)], names=["sign"]))
    more = Choices({"sign": {"plus": {}, "minus": {}}, "power": {"square": {}, "cube": {}}}).readings()
    assert readings.lift(few, more).tolist() == [1, 1, 2, 2]


def test_lifting_to_the_same_choices_in_another_order_changes_no_value():
    values = pd.Series(range(6), CHOICES.readings())
    turned = CHOICES.readings().swaplevel()
    lifted = readings.lift(values, turned)
    assert all(lifted[sign, power] == values[power, sign] for power, sign in values.index)


def test_readings_that_only_the_larger_index_has_are_missing():
    few = pd.Series([1.0], pd.MultiIndex.from_tuples([("plus",)], names=["sign"]))
    np.testing.assert_array_equal(readings.lift(few, CHOICES.readings()), [1, np.nan, np.nan] * 2)


def test_two_values_for_one_reading_are_refused():
    twice = pd.Series([1.0, 2.0], pd.MultiIndex.from_tuples([("plus",), ("plus",)], names=["sign"]))
    with pytest.raises(ValueError, match="not unique"):
        readings.lift(twice, CHOICES.readings())


@pytest.mark.parametrize(
    ("quantity", "when", "message"),
    [("poverty", None, "no outcome 'poverty'$"), ("elasticity", "third", "no outcome 'elasticity' at 'third'")],
)
def test_an_unknown_outcome_is_named(grid, quantity, when, message):
    with pytest.raises(ValueError, match=message):
        grid.spread(quantity, when)


# ------------------------------------------------------------- closest, decisive
PRINTED = pd.Series({"D": 2.0, "count": 10.0})
ROUNDING = pd.Series({"D": 0.05, "count": 0.0})


def test_the_closest_has_the_smallest_mean_relative_distance():
    # 0: (0.5 / 2 + 2.5 / 10) / 2 = 0.25.  1: (1 / 2 + 0) / 2 = 0.25, and it hits one.  2: (0.04 / 2 + 1 / 10) / 2 = 0.06.
    observed = pd.DataFrame({"D": [2.5, 1.0, 2.04], "count": [12.5, 10, 9], "not printed": [7, 8, 9]})
    ranked = readings.closest(observed, PRINTED, ROUNDING)
    assert ranked.index.tolist() == [2, 0, 1]  # of equals, the first declared
    assert ranked["distance"].tolist() == pytest.approx([0.06, 0.25, 0.25])
    assert ranked["hits"].tolist() == [1, 0, 1]


def test_the_last_digits_of_floating_point_do_not_decide():
    # 0.2 / 2 + 4 / 10 is 1 / 2, and in floating point 0.5000000000000001.
    ranked = readings.closest(pd.DataFrame({"D": [2.2, 1.0], "count": [14, 10]}), PRINTED, ROUNDING)
    assert ranked.index.tolist() == [0, 1]
    assert ranked["distance"].nunique() == 1


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
def test_ties_go_to_the_first_declared(order):
    # Both are a quarter off on average: (0.2 / 2 + 4 / 10) / 2 and (1 / 2 + 0) / 2.
    levels = {"first": {}, "second": {}}
    index = Choices({"rule": {name: levels[name] for name in order}}).readings()
    rows = {"first": (2.2, 14.0), "second": (1.0, 10.0)}
    observed = pd.DataFrame([rows[name] for name in order], index, columns=["D", "count"])
    ranked = readings.closest(observed, PRINTED, ROUNDING)
    assert ranked.index.tolist() == [(name,) for name in order] and ranked.index.names == ["rule"]


def test_many_ties_keep_their_order():
    # By turns 0.5 below and above the printed 2: all a quarter off in one of two figures; the last is hit.
    observed = pd.DataFrame({"D": [1.5, 2.5] * 100 + [2.0], "count": 10})
    assert readings.closest(observed, PRINTED, ROUNDING).index.tolist() == [200, *range(200)]


def test_distances_that_differ_are_not_made_equal():
    # 1e-6 / 2 apart in one of two figures: 2.5e-7 apart on average.
    ranked = readings.closest(pd.DataFrame({"D": [2.100001, 2.1], "count": [10, 10]}), PRINTED, ROUNDING)
    assert ranked.index.tolist() == [1, 0]


def test_distances_have_no_sign():
    observed = pd.DataFrame({"D": [-1.0, -3.0], "count": [10, 10]})
    ranked = readings.closest(observed, pd.Series({"D": -2.0, "count": 10.0}), ROUNDING)
    assert ranked["distance"].tolist() == [0.25, 0.25]  # 1 / 2 and nothing, halved


def test_readings_with_a_missing_figure_come_last():
    observed = pd.DataFrame({"D": [2.0, np.nan, 9.0], "count": [np.nan, 10, 90]})
    ranked = readings.closest(observed, PRINTED, ROUNDING)
    assert ranked.index.tolist() == [2, 0, 1]
    assert ranked["distance"].isna().tolist() == [False, True, True] and ranked["hits"].tolist() == [0, 1, 1]


def test_a_figure_at_the_edge_of_the_rounding_is_hit():
    # 2.05 - 2 is 0.04999999999999982 and 1.95 lies as far below; 2.0501 is beyond.
    observed = pd.DataFrame({"D": [2.05, 1.95, 2.0501], "count": [10, 10, 10]})
    assert readings.closest(observed, PRINTED, ROUNDING)["hits"].sort_index().tolist() == [2, 2, 1]


def test_the_decisive_choice_comes_first():
    # Readings: (x, u) yes, (x, v) no, (y, u) yes, (y, v) no, (y, w) yes.
    # By letter: x 1/2, y 2/3, range 1/6. By second letter: u 2/2, v 0/2, w 1/1, range 1.
    index = pd.MultiIndex.from_arrays([list("xxyyy"), list("uvuvw")], names=["first", "second"])
    got = readings.decisive(pd.Series([True, False, True, False, True], index))
    assert got.index.tolist() == [("second", "u"), ("second", "v"), ("second", "w"), ("first", "x"), ("first", "y")]
    assert got.index.names == ["choice", "level"]
    assert got["share"].tolist() == pytest.approx([1, 0, 1, 1 / 2, 2 / 3])
    assert got["readings"].tolist() == [2, 2, 1, 2, 3]


def test_readings_that_can_not_tell_do_not_count():
    # Without reading (x, v), x holds in 1 of 1; y holds in (y, v) only, 1 of 2.
    told = pd.Series([True, None, False, True], Choices({"first": {"x": {}, "y": {}}, "second": {"u": {}, "v": {}}}).readings())
    got = readings.decisive(told.dropna().astype(bool)).loc["first"]
    assert got["share"].tolist() == [1, 0.5] and got["readings"].tolist() == [1, 2]


def test_levels_keep_their_declared_order():
    index = Choices({"rule": {"z": {}, "a": {}, "m": {}}}).readings()
    got = readings.decisive(pd.Series([False, True, True], index))
    assert got.index.tolist() == [("rule", "z"), ("rule", "a"), ("rule", "m")] and got["share"].tolist() == [0, 1, 1]


def test_equally_decisive_choices_keep_their_order():
    index = Choices({"b": {"u": {}, "v": {}}, "a": {"x": {}, "y": {}}}).readings()
    got = readings.decisive(pd.Series([True, False, False, True], index))
    assert got.index.unique("choice").tolist() == ["b", "a"]


def test_rows_stand_under_the_labels_of_their_reading(log):
    grid = readings.run(signed_power, CHOICES, 2, log, jobs=1)
    rows = grid.rows()
    assert list(rows) == ["when", "value"] and rows.index.names == ["power", "sign"]
    assert rows.loc[("cube", "minus"), "value"].tolist() == [-8, -27] and len(rows) == len(grid.outcomes)
    few = readings.run(signed_power, CHOICES, 2, log, jobs=1, sample=2, seed=1)
    assert few.rows().index.unique().tolist() == few.readings.tolist() and few.rows()["value"].tolist() == [v for key in few.readings for v in rows.loc[key, "value"]]
    alone = readings.run(signed_power, Choices({"power": CHOICES.levels["power"]}), 2, log, jobs=1).rows()
    assert alone.index.name == "power" and alone.loc["square", "value"].tolist() == [4, 9]  # one choice: plain labels


def test_rows_of_one_quantity():
    grid = readings.run(lambda n: pd.DataFrame({"quantity": ["one", "two"], "value": [n, 2 * n]}), Choices({"n": {"a": {"n": 1}, "b": {"n": 5}}}), jobs=1)
    assert grid.rows("two")["value"].to_dict() == {"a": 2, "b": 10}


def test_readings_beside_a_chosen_one_differ_in_the_named_choices_only():
    def sums(one, two, three):
        return pd.DataFrame({"quantity": ["sum"], "region": ["A"], "when": [None], "value": [100 * one + 10 * two + three], "label": [None]})

    choices = readings.Choices({"a": {"x": {"one": 1}, "y": {"one": 2}}, "b": {"u": {"two": 3}, "v": {"two": 4}}, "c": {"s": {"three": 5}, "t": {"three": 6}}})
    grid, chosen = readings.run(sums, choices, jobs=1), {"a": "y", "b": "u", "c": "t", "another": "z"}
    assert grid.beside(chosen, "b", "c").spread("sum")["A"].to_dict() == {("u", "s"): 235, ("u", "t"): 236, ("v", "s"): 245, ("v", "t"): 246}
    assert grid.beside(chosen, "a").spread("sum")["A"].to_dict() == {"x": 136, "y": 236}
    with pytest.raises(ValueError, match="don't vary 'd'; they vary a, b, c"):
        grid.beside(chosen, "d")
