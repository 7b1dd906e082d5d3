"""Rank correlation along an axis: hand-derived cases and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from casebook.gradient import Gradient, gradient, rises

numbers = st.integers(-1000, 1000)
orders = st.integers(3, 9).flatmap(lambda n: st.permutations(range(n)))


def regions(values):
    return pd.Series(list(values), list("ABCDEFGHIJ")[: len(values)], dtype=float)


@pytest.mark.parametrize(
    ("values", "correlation"),
    [
        ([1, 2, 3, 4], 1),
        ([4, 3, 2, 1], -1),
        ([10, 20, 40, 30], 0.8),  # differences of ranks 0 0 1 1: 1 - 6 * 2 / (4 * 15)
        ([2, 4, 1, 3], 0),  # 1 2 -2 -1: 1 - 6 * 10 / 60
        ([20, 10, 30], 0.5),  # 1 1 0: 1 - 6 * 2 / (3 * 8)
        ([5, 5, 9], np.sqrt(0.75)),  # ranks 1.5 1.5 3: 1.5 / sqrt(1.5 * 2)
    ],
)
def test_the_correlation_by_hand(values, correlation):
    assert gradient(regions(values), regions(range(len(values)))).correlation == pytest.approx(correlation)


@pytest.mark.parametrize(
    ("values", "pvalue"),
    [
        # n - 2 = 2: p = 1 - t / sqrt(t^2 + 2), which is 1 - |r|
        ([1, 2, 4, 3], 0.2),
        ([3, 4, 2, 1], 0.2),
        ([2, 4, 1, 3], 1.0),
        # n - 2 = 1: r = 1/2 gives t = 1 / sqrt(3), p = 1 - 2 / pi * atan(t) = 1 - 1/3
        ([2, 1, 3], 2 / 3),
    ],
)
def test_the_significance_by_hand(values, pvalue):
    assert gradient(regions(values), regions(range(len(values)))).pvalue == pytest.approx(pvalue)


def test_it_rises_where_it_is_positive_and_significant():
    up = gradient(regions([1, 2, 4, 3]), regions(range(4)))  # 0.8 with p 0.2
    assert not up.rises() and up.rises(level=0.21) and not up.rises(level=0.19)
    down = gradient(regions([3, 4, 2, 1]), regions(range(4)))  # -0.8 with p 0.2
    assert not down.rises(level=0.21)


def test_the_level_itself_is_not_significant():
    assert not Gradient(0.5, 0.05).rises() and Gradient(0.5, 0.0499).rises()
    assert Gradient(0.5, 0.01).rises() is True and Gradient(-0.5, 0.01).rises() is False


def test_in_words_with_a_real_minus():
    assert str(Gradient(-0.456, 0.0123)) == "rank correlation −0.46, p 0.012"
    assert str(Gradient(0.9, 0.0009)) == "rank correlation 0.90, p < 0.001"
    assert str(Gradient(0.9, 0.001)) == "rank correlation 0.90, p 0.001"


def test_regions_are_matched_by_name():
    # A 1, B 2, C 3, D 4 along A 1, B 2, C 4, D 3, with a region besides: 0.8 as above.
    along = pd.Series({"D": 3, "X": -9, "C": 4, "B": 2, "A": 1})
    assert gradient(regions([1, 2, 3, 4]), along).correlation == pytest.approx(0.8)
    table = pd.DataFrame([[1, 2, 3, 4]], columns=list("ABCD"))
    assert rises(table, along, level=0.21).tolist() == [True]
    assert rises(table[list("CADB")], along, level=0.21).tolist() == [True]


@given(orders)
def test_increasing_transformations_change_nothing(order):
    # Integers below ten are apart by more than any rounding: x^3 and e^x keep their order.
    values, axis = regions(order), regions(range(len(order)))
    plain = gradient(values, axis)
    for moved, along in ((values**3 + 7, axis), (values, np.exp(axis)), (np.exp(values), axis * 1e6 - 5)):
        got = gradient(moved, along)
        assert got.correlation == plain.correlation and got.pvalue == pytest.approx(plain.pvalue, nan_ok=True)


@given(orders)
def test_a_reversed_axis_turns_the_sign(order):
    values, axis = regions(order), regions(range(len(order)))
    plain = gradient(values, axis)
    for turned in (gradient(values, -axis), gradient(-values, axis)):
        assert turned.correlation == pytest.approx(-plain.correlation, abs=1e-12)
        assert turned.pvalue == pytest.approx(plain.pvalue, abs=1e-6)
        assert not (turned.rises() and plain.rises())


@given(st.permutations(range(6)), st.permutations(range(6)))
def test_quantity_and_axis_may_change_places(one, other):
    there, back = gradient(regions(one), regions(other)), gradient(regions(other), regions(one))
    assert there.correlation == pytest.approx(back.correlation) and there.pvalue == pytest.approx(back.pvalue, abs=1e-6)


@pytest.mark.parametrize(
    ("values", "along", "message"),
    [
        ([1, 2, 3, 4], [1, 2, 3], "no value for D$"),
        ([1, np.nan, 3, 4], [1, 2, 3, 4], "no value for B$"),
        ([1, 2, 3, 4], [np.nan, 2, 3, 4], "no value for A$"),
        ([1, np.nan, 3, 4], [np.nan, 2, 3], "no value for A, B, D$"),
    ],
)
def test_a_missing_region_is_named(values, along, message):
    with pytest.raises(ValueError, match=message):
        gradient(regions(values), regions(along))


# -------------------------------------------------------------------- row by row
def test_rows_rise_beyond_the_critical_value():
    # Of four regions p = 1 - |r|, so that r must pass 0.95 at the level 0.05 and 0.75 at 0.25.
    table = pd.DataFrame([[1, 2, 3, 4], [1, 2, 4, 3], [2, 1, 4, 3], [4, 3, 2, 1]], columns=list("ABCD"))  # 1, 0.8, 0.6, -1
    axis = regions(range(4))
    assert rises(table, axis).tolist() == [True, False, False, False]
    assert rises(table, axis, level=0.25).tolist() == [True, True, False, False]
    assert rises(table, axis, level=0.41).tolist() == [True, True, True, False]


def test_rows_with_a_missing_region_are_left_out():
    index = pd.MultiIndex.from_product([["x", "y"], ["u", "v"]], names=["rule", "basis"])
    table = pd.DataFrame([[1, 2, 3], [1, np.nan, 3], [3, 2, 1], [np.nan] * 3], index, columns=list("ABC"))
    assert rises(table, regions(range(3))).to_dict() == {("x", "u"): True, ("y", "u"): False}


@given(st.integers(3, 8).flatmap(lambda n: st.tuples(
    st.permutations(range(n)), st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=1, max_size=6))),
    st.sampled_from([0.01, 0.05, 0.2]))
def test_rows_rise_as_each_does_alone(drawn, level):
    axis, rows = regions(drawn[0]), pd.DataFrame(drawn[1], columns=list("ABCDEFGHIJ")[: len(drawn[0])])
    assume((rows.nunique(axis=1) > 1).all())
    alone = [gradient(row, axis) for _, row in rows.iterrows()]
    assume(all(abs(g.pvalue - level) > 1e-9 for g in alone))  # at the critical value either may be meant
    assert rises(rows, axis, level=level).tolist() == [g.rises(level) for g in alone]
