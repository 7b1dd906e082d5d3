"""Coupling, coordination, obstacles and classes: references, a second route, properties, and what is refused."""

import itertools
import json
import math
import re
import warnings
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from casebook import composite
from casebook.coupling import CUTS, FORMS, LABELS, LABELS_ZH, MISPRINTS, classes, coordination, coupling, obstacle

REFERENCE = json.loads((Path(__file__).parent / "references" / "coupling.json").read_text())
R, VARIANTS = REFERENCE["mathmodels"], REFERENCE["variants"]
W433 = pd.Series({"s1": 0.4, "s2": 0.3, "s3": 0.3})
EXACT = 1e-12

some = settings(max_examples=40, deadline=None)
levels = st.floats(0.001, 1.0)
rows = st.integers(2, 5).flatmap(lambda k: st.lists(levels, min_size=k, max_size=k))


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def systems(*values, region="A"):
    """One region with these levels."""
    return pd.DataFrame([values], index=[region], columns=[f"s{i}" for i in range(1, len(values) + 1)], dtype=float)


def c(*values, form="standard"):
    return coupling(systems(*values), form=form)["A"]


def d(*values, weights=None, form="standard"):
    named = None if weights is None else pd.Series(weights, [f"s{i}" for i in range(1, len(values) + 1)])
    return coordination(systems(*values), weights=named, form=form).loc["A", "coordination"]


def panel():
    key = pd.MultiIndex.from_product([["A", "B"], [2005, 2006]], names=["region", "year"])
    return pd.DataFrame({"economy": [0.2, 0.4, 0.6, 0.8], "environment": [0.9, 0.7, 0.5, 0.3]}, key)


def changed(row, column, value):
    frame = panel()
    frame.loc[row, column] = value
    return frame


# ----------------------------------------------------------------------------- references
@pytest.mark.parametrize(("name", "columns", "form", "weights"), [
    ("standard_equal", ["s1", "s2", "s3"], "standard", None),
    ("adjusted_w433", ["s1", "s2", "s3"], "corrected", W433),
    ("two_standard", ["s1", "s2"], "standard", None),
    ("two_adjusted", ["s1", "s2"], "corrected", None),
])
def test_coordination_equals_mathmodels(name, columns, form, weights):
    data = pd.DataFrame(R["input"]).set_index("ID")[columns]
    ours = coordination(data, weights=weights, form=form)
    assert list(ours) == ["coupling", "development", "coordination"] and list(ours.index) == list("ABCDEF")
    assert_allclose(ours, pd.DataFrame(R[name])[["coupling", "coord", "coupling_coord"]], rtol=0, atol=1e-9)


def test_obstacles_equal_mathmodels_with_the_columns_left_as_they_are():
    data = pd.DataFrame(R["input"]).set_index("ID")
    expected = pd.DataFrame(R["obstacle_w433_scaled"])
    assert_allclose(obstacle(data, W433), expected, rtol=0, atol=1e-9)
    # "scaled" is of the rows: with columns brought to [0, 1] first the result is another.
    assert np.abs(obstacle(composite.minmax(data), W433).to_numpy() - expected.to_numpy()).max() > 0.1


@pytest.mark.parametrize("form", FORMS + MISPRINTS)
def test_two_systems_equal_the_printed_formulas(form):
    data = pd.DataFrame(VARIANTS)
    assert_allclose(coupling(data[["u", "v"]], form=form), data[form], rtol=0, atol=1e-9)


def by_decimals(values, form):
    """The formulas with forty digits, pair by pair."""
    with localcontext() as context:
        context.prec = 40
        u, n = [Decimal(v) for v in values], len(values)
        product, total, high = math.prod(u), sum(u), max(u)
        if form == "standard":
            return float(n * product ** (1 / Decimal(n)) / total)
        if form == "corrected":
            gaps = [abs(a - b) for a, b in itertools.combinations(u, 2)]
            return float(((1 - sum(gaps) / len(gaps)) * math.prod(x / high for x in u) ** (1 / Decimal(n - 1))).sqrt())
        if form == "missing-coefficient":
            return float(product ** (1 / Decimal(n)) / total)
        if form == "missing-root":
            return float(n**n * product / total**n)
        return float((product / total) ** (1 / Decimal(n)))


@some
@given(rows, st.sampled_from(FORMS + MISPRINTS))
def test_any_number_of_systems_equals_the_formulas_in_decimals(values, form):
    assert c(*values, form=form) == pytest.approx(by_decimals(values, form), rel=1e-11, abs=EXACT)


def test_three_systems_by_hand():
    # Levels 1, 1/2, 1/4: geometric mean 1/2, arithmetic mean 7/12, C = 6/7.
    assert c(1, 0.5, 0.25) == pytest.approx(6 / 7)
    # Distances 1/2, 3/4, 1/4, mean 1/2; product over the highest 1/8, its root sqrt(1/8): C = sqrt(1/2 sqrt(1/8)).
    assert c(1, 0.5, 0.25, form="corrected") == pytest.approx(math.sqrt(0.5 * math.sqrt(0.125)))
    # (1/2) / (7/4), (6/7)^3 and the cube root of (1/8) / (7/4).
    assert c(1, 0.5, 0.25, form="missing-coefficient") == pytest.approx(2 / 7)
    assert c(1, 0.5, 0.25, form="missing-root") == pytest.approx(216 / 343)
    assert c(1, 0.5, 0.25, form="missing-power") == pytest.approx((1 / 14) ** (1 / 3))


def test_weights_count_in_the_development_alone_and_go_by_name():
    # C = 0.8; T = 0.25 x 0.8 + 0.75 x 0.2 = 0.35; D = sqrt(0.28).
    for weights in (pd.Series({"s1": 0.25, "s2": 0.75}), pd.Series({"s2": 0.75, "s1": 0.25})):
        ours = coordination(systems(0.8, 0.2), weights=weights).loc["A"]
        assert_allclose(ours, [0.8, 0.35, math.sqrt(0.28)], rtol=EXACT)
    # Obstacles: 0.25 x 0.2 = 0.05 and 0.75 x 0.8 = 0.6 of 0.65.
    assert_allclose(obstacle(systems(0.8, 0.2), weights).loc["A"], [1 / 13, 12 / 13], rtol=EXACT)


def test_results_keep_the_rows_as_they_were():
    shuffled = panel().iloc[[2, 0, 3, 1]]
    for result in (coupling(shuffled), coordination(shuffled), obstacle(shuffled, pd.Series({"economy": 0.5, "environment": 0.5})),
                   classes(coordination(shuffled)["coordination"])):
        assert result.index.equals(shuffled.index)
    assert coupling(shuffled)[("B", 2005)] == pytest.approx(2 * math.sqrt(0.3) / 1.1)  # 0.6 and 0.5


def test_nullable_and_whole_numbers_are_numbers():
    assert coupling(pd.DataFrame({"a": [1], "b": [1]}))[0] == 1
    assert coupling(pd.DataFrame({"a": [0.8], "b": [0.2]}, dtype="Float64"))[0] == pytest.approx(0.8)


# ----------------------------------------------------------------------------- properties
@some
@given(rows, st.sampled_from(FORMS + MISPRINTS))
def test_each_form_keeps_to_its_range(values, form):
    n = len(values)
    top = {"missing-coefficient": 1 / n, "missing-power": n ** (-1 / n)}.get(form, 1.0)
    assert 0 < c(*values, form=form) <= top * (1 + EXACT)
    assert c(*[1.0] * n, form=form) == pytest.approx(top)  # and reaches its end


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_no_form_in_use_exceeds_one_even_by_rounding(n, form):
    steps = np.random.default_rng(0).integers(0, 50, size=(1000, n))
    assert (coupling(pd.DataFrame(1 - steps * 2.0**-53), form=form) <= 1).all()  # levels a few roundings below one


@some
@given(st.integers(2, 5), levels, st.sampled_from(FORMS))
def test_equal_levels_are_fully_coupled_and_D_is_the_root_of_the_level(n, level, form):
    assert c(*[level] * n, form=form) == pytest.approx(1)
    assert d(*[level] * n, form=form) == pytest.approx(math.sqrt(level))


@some
@given(rows, st.sampled_from(FORMS))
def test_unequal_levels_are_not(values, form):
    assume(min(values) < 0.99 * max(values))
    assert c(*values, form=form) < 1 - 1e-6


@some
@given(rows.flatmap(lambda row: st.tuples(st.just(row), st.permutations(row))), st.sampled_from(FORMS + MISPRINTS))
def test_no_system_comes_first(pair, form):
    assert c(*pair[0], form=form) == pytest.approx(c(*pair[1], form=form), rel=EXACT)


@some
@given(rows, st.floats(0.001, 0.9))
def test_standard_coupling_does_not_feel_scale_and_corrected_does(values, factor):
    small = [factor * v for v in values]
    for form in ("standard", "missing-coefficient", "missing-root"):
        assert c(*small, form=form) == pytest.approx(c(*values, form=form), rel=1e-9)
    n = len(values)
    # The sum has one power of the factor and the product n: what is left is factor^(n - 1).
    assert c(*small, form="missing-power") == pytest.approx(c(*values, form="missing-power") * factor ** ((n - 1) / n), rel=1e-9)
    if max(values) - min(values) > 0.01:
        assert c(*small, form="corrected") > c(*values, form="corrected")  # shorter distances, the same ratios


@some
@given(levels, levels)
def test_two_systems_are_coupled_no_closer_in_the_corrected_form(u, v):
    assert c(u, v, form="corrected") <= c(u, v) + EXACT


def test_three_systems_may_be():
    # Ratios 1, 1, x at a tiny scale: corrected about x^(1/4), standard 3 x^(1/3) / (2 + x); x = 0.0001: 0.1 against 0.0696.
    tiny = (1e-9, 1e-9, 1e-13)
    assert c(*tiny, form="corrected") == pytest.approx(0.1, rel=1e-6)
    assert c(*tiny) == pytest.approx(3 * 0.0001 ** (1 / 3) / 2.0001)


@some
@given(rows)
def test_with_equal_weights_standard_coordination_is_the_root_of_the_geometric_mean(values):
    mean = math.exp(sum(map(math.log, values)) / len(values))
    assert d(*values) == pytest.approx(math.sqrt(mean))


@some
@given(rows, st.integers(0, 4), st.floats(1.001, 2))
def test_with_equal_weights_standard_coordination_rises_with_every_system(values, which, factor):
    which %= len(values)
    assume(values[which] * factor <= 1)
    assert d(*(v * factor if i == which else v for i, v in enumerate(values))) > d(*values)


def test_coordination_may_fall_while_the_leader_rises():
    # Weights 0.05 and 0.95: levels 0.04 and 0.04 give D^2 = 0.04; 1 and 0.04 give C = 0.4 / 1.04, T = 0.088, D^2 = 0.0338.
    assert d(0.04, 0.04, weights=[0.05, 0.95]) ** 2 == pytest.approx(0.04)
    assert d(1.0, 0.04, weights=[0.05, 0.95]) ** 2 == pytest.approx(0.4 / 1.04 * 0.088)
    # Corrected, equal weights: 0.1 and 0.1 give D^2 = 0.1; 1 and 0.1 give C = sqrt(0.1 x 0.1), T = 0.55, D^2 = 0.055.
    assert d(0.1, 0.1, form="corrected") ** 2 == pytest.approx(0.1)
    assert d(1.0, 0.1, form="corrected") ** 2 == pytest.approx(0.055)


@some
@given(rows, st.lists(st.floats(0.1, 1), min_size=5, max_size=5), st.floats(0.05, 1), st.sampled_from(FORMS))
def test_coordination_never_falls_while_the_last_catches_up(values, raw, share, form):
    weights = np.array(raw[: len(values)]) / sum(raw[: len(values)])
    last, following = sorted(values)[:2]
    closer = [last + share * (following - last) if i == values.index(last) else v for i, v in enumerate(values)]
    assert d(*closer, weights=weights, form=form) >= d(*values, weights=weights, form=form) - EXACT


@some
@given(rows, st.lists(st.floats(0.1, 1), min_size=5, max_size=5))
def test_obstacles_add_up_to_one_and_follow_their_definition(values, raw):
    weights = [w / sum(raw[: len(values)]) for w in raw[: len(values)]]
    assume(min(values) < 0.999)
    shares = obstacle(systems(*values), pd.Series(weights, [f"s{i}" for i in range(1, len(values) + 1)])).loc["A"]
    assert shares.sum() == pytest.approx(1) and (shares >= 0).all()
    for (i, a), (j, b) in itertools.combinations(enumerate(values), 2):  # two shares are as their shortfalls
        assert shares.iloc[i] * weights[j] * (1 - b) == pytest.approx(shares.iloc[j] * weights[i] * (1 - a), abs=EXACT)


@some
@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6, unique=True))
def test_a_higher_degree_is_in_no_lower_class(values, cuts):
    cuts = sorted(cuts)
    named = classes(pd.Series(sorted(values)), cuts=cuts, labels=range(len(cuts) + 1))
    assert named.cat.codes.is_monotonic_increasing
    near = [any(0 < cut - v < 1e-8 for cut in cuts) for v in sorted(values)]
    counted = [sum(v >= cut for cut in cuts) for v in sorted(values)]  # how many cut-offs have been reached
    assert all(skip or a == b for skip, a, b in zip(near, named, counted))


# ------------------------------------------------------------------------------ at the ends
@pytest.mark.parametrize("form", FORMS + MISPRINTS)
@pytest.mark.parametrize("values", [(0, 1), (0.3, 0), (0, 0.5, 0.7), (0, 0, 0.7)])
def test_a_system_at_zero_couples_with_nothing(values, form):
    assert c(*values, form=form) == 0
    assert d(*values, form=form) == 0


@pytest.mark.parametrize("form", FORMS + MISPRINTS)
def test_all_systems_at_zero_are_refused_by_region_and_year(form):
    frame = panel()
    frame.loc[("B", 2006)] = 0.0
    with pytest.raises(ValueError, match=r"zero in B 2006, and their coupling is 0 / 0; scale them with a lower end above zero"):
        coupling(frame, form=form)
    with pytest.raises(ValueError, match="zero in B 2006"):
        coordination(frame, form=form)


def test_the_advice_for_zeros_works():
    raw = pd.DataFrame({"a": [1.0, 2, 5], "b": [10.0, 30, 20]})
    with pytest.raises(ValueError, match="zero in 0"):
        coupling(composite.minmax(raw))
    assert (coupling(composite.minmax(raw, to=(0.01, 1))) > 0).all()


def test_tiny_levels_are_not_zero():
    assert c(1e-300, 1e-300) == 1 and c(5e-324, 5e-324, 5e-324) == 1
    assert c(1e-200, 1e-300, form="standard") == pytest.approx(2e-50)


def test_rounding_beyond_the_ends_is_taken_for_the_end():
    for form in FORMS:
        assert c(1 + 1e-12, 1, form=form) == 1
        assert c(-1e-17, 1 + 1e-12, form=form) == 0
    assert obstacle(systems(1 + 1e-12, 0.5), pd.Series({"s1": 0.5, "s2": 0.5})).loc["A"].tolist() == [0, 1]


def test_where_nothing_is_lacking_no_indicator_has_a_share():
    x = pd.DataFrame({"a": [1.0, 0.0, 1.0, 1.0], "b": [1.0, 0.0, 0.5, 1 - 1e-12]}, index=list("ABCD"))
    shares = obstacle(x, pd.Series({"a": 0.25, "b": 0.75}))
    assert shares.loc[["A", "D"]].isna().all(axis=None)
    assert shares.loc["B"].tolist() == [0.25, 0.75] and shares.loc["C"].tolist() == [0, 1]
    assert obstacle(x, pd.Series({"a": 1.0, "b": 0.0})).loc["C"].isna().all()  # what is lacking doesn't count


@pytest.mark.parametrize(("value", "label"), [
    (0.0, "extreme imbalance"), (0.0999, "extreme imbalance"), (0.1, "severe imbalance"), (0.2, "moderate imbalance"), (0.3, "mild imbalance"),
    (0.7 - 0.4, "mild imbalance"),  # 0.29999999999999993
    (0.4, "near imbalance"), (0.5, "bare coordination"), (0.5 - 1e-8, "near imbalance"), (0.6, "primary coordination"),
    (0.7, "intermediate coordination"), (0.8, "good coordination"), (0.9, "superior coordination"), (1.0, "superior coordination"),
])
def test_the_ten_classes_begin_at_tenths(value, label):
    named = classes(pd.Series([value]))
    assert named[0] == label and named.name == "class"


def test_classes_are_ordered_and_may_be_others():
    degrees = pd.Series([0.05, np.nan, 0.45, 0.95], list("ABCD"))
    named = classes(degrees, labels=LABELS_ZH)
    assert named.cat.ordered and tuple(named.cat.categories) == LABELS_ZH
    assert (named < "中度失调").tolist() == [True, False, False, False] and named.max() == "优质协调"
    assert named.dropna().tolist() == ["极度失调", "濒临失调", "优质协调"] and named.isna().tolist() == [False, True, False, False]
    three = classes(degrees, cuts=(0.4, 0.8), labels=("low", "middle", "high"))
    assert three.dropna().tolist() == ["low", "middle", "high"]
    assert len(LABELS) == len(LABELS_ZH) == len(CUTS) + 1 == 10


# ------------------------------------------------------------------------------- bad input
@pytest.mark.parametrize(("frame", "message"), [
    (changed(("A", 2006), "economy", np.nan), "'economy' is missing in A 2006; leave out"),
    (changed(("A", 2006), "economy", np.inf), "'economy' is infinite in A 2006; correct"),
    (changed(("B", 2005), "environment", -np.inf), "'environment' is infinite in B 2005"),
    (changed(("B", 2005), "environment", 1.2), "'environment' is outside 0 to 1 in B 2005, at 1.2; bring .* as composite.minmax does"),
    (changed(("B", 2005), "environment", 1 + 1e-8), "outside 0 to 1 in B 2005"),
    (changed(("B", 2005), "environment", -0.01), "outside 0 to 1 in B 2005, at -0.01"),
    (changed(("B", 2005), "environment", -1e-8), "outside 0 to 1 in B 2005"),
    (panel()[["economy"]], "takes two .*s at least; got economy"),
    (panel()[[]], "takes two .*s at least; got none"),
    (panel().iloc[:0], "there are no rows"),
    (panel().iloc[[0, 1, 1]], "two rows for A 2006; keep one"),
    (pd.DataFrame(0.5, ["A", "A"], ["a", "b"]), "two rows for A; keep one"),
    (pd.DataFrame(0.5, ["A"], ["a", "a"]), "'a' has two columns"),
    (panel().swaplevel(), r"indexed by \(region, year\), not \('year', 'region'\)"),
    (panel().rename_axis([None, None]), r"indexed by \(region, year\)"),
    (panel().assign(economy=["1"] * 4), "'economy' holds no numbers but"),
    (panel().assign(economy=[True] * 4), "'economy' holds no numbers but bool"),
    (panel().assign(economy=[0.5 + 0j] * 4), "'economy' holds no numbers but complex"),
    (panel()["economy"], "must be a DataFrame with a column for each .*; got Series"),
    ([[0.1, 0.2]], "must be a DataFrame .*; got list"),
])
def test_levels_that_are_refused(frame, message):
    for call in (coupling, coordination, lambda x: obstacle(x, pd.Series({"economy": 0.5, "environment": 0.5}))):
        with pytest.raises(ValueError, match=message):
            call(frame)


def test_a_missing_nullable_figure_is_missing():
    with pytest.raises(ValueError, match="'a' is missing in 1"):
        coupling(pd.DataFrame({"a": pd.array([0.5, pd.NA], dtype="Float64"), "b": [0.5, 0.5]}))


@pytest.mark.parametrize(("weights", "message"), [
    (pd.Series({"economy": 0.5, "environment": 0.4}), "add up to 0.9, not to one"),
    (pd.Series({"economy": 0.5, "environment": 0.500001}), "add up to 1.000001, not to one"),
    (pd.Series({"economy": 0.5, "society": 0.5}), r"weights name \['economy', 'society'\], the \w+s are \['economy', 'environment'\]"),
    (pd.Series({"economy": 1.0}), "give one weight for each"),
    (pd.Series({"economy": 0.4, "environment": 0.3, "society": 0.3}), "give one weight for each"),
    (pd.Series([0.5, 0.25, 0.25], ["economy", "environment", "environment"]), "give one weight for each"),
    (pd.Series({"economy": 1.5, "environment": -0.5}), "weight of 'environment' is -0.5"),
    (pd.Series({"economy": 1.0, "environment": np.nan}), "weight of 'environment' is nan"),
    (pd.Series({"economy": 1.0, "environment": np.inf}), "weight of 'environment' is inf"),
    (pd.Series({"economy": "1", "environment": "0"}), "must be a pandas Series of numbers"),
    ({"economy": 0.5, "environment": 0.5}, "must be a pandas Series of numbers"),
    ([0.5, 0.5], "must be a pandas Series of numbers"),
])
def test_weights_that_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        coordination(panel(), weights=weights)
    with pytest.raises(ValueError, match=message):
        obstacle(panel(), weights)


@pytest.mark.parametrize("form", ["adjusted", "Standard", "", None, 2])
def test_an_unknown_form_is_told_the_known_ones(form):
    known = re.escape(", ".join(FORMS)) + ".*misprints " + re.escape(", ".join(MISPRINTS))
    for call in (coupling, coordination):
        with pytest.raises(ValueError, match=f"form must be one of {known}; got {re.escape(repr(form))}"):
            call(panel(), form=form)


@pytest.mark.parametrize(("options", "message"), [
    ({"cuts": (0.5, 0.4), "labels": "abc"}, "cuts must ascend"),
    ({"cuts": (0.5, 0.5), "labels": "abc"}, "cuts must ascend"),
    ({"cuts": (0.0, 0.5), "labels": "abc"}, "lie between 0 and 1"),
    ({"cuts": (0.5, 1.0), "labels": "abc"}, "lie between 0 and 1"),
    ({"cuts": (0.5, np.nan), "labels": "abc"}, "cuts must ascend"),
    ({"cuts": (), "labels": "a"}, "cuts must ascend"),
    ({"cuts": 0.5, "labels": "ab"}, "cuts must ascend"),
    ({"cuts": (0.5,)}, "1 cuts make 2 classes; got 10 labels"),
    ({"labels": ("low", "high")}, "9 cuts make 10 classes; got 2 labels"),
    ({"cuts": (0.4, 0.8), "labels": ("low", "high", "high")}, "label of its own; got low, high, high"),
])
def test_classes_that_are_none(options, message):
    with pytest.raises(ValueError, match=message):
        classes(pd.Series([0.5]), **options)


@pytest.mark.parametrize(("values", "message"), [
    (changed(("A", 2006), "economy", 1.2)["economy"], "outside 0 to 1 in A 2006, at 1.2"),
    (changed(("A", 2006), "economy", np.inf)["economy"], "infinite in A 2006"),
    (panel()["economy"].iloc[[0, 0]], "two rows for A 2005"),
    (pd.Series(["0.5"]), "holds no numbers"),
    (panel(), "must be a pandas Series, such as .*; got DataFrame"),
    (0.5, "must be a pandas Series, such as .*; got float"),
])
def test_degrees_that_have_no_class(values, message):
    with pytest.raises(ValueError, match=message):
        classes(values)
