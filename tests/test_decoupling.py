"""Elasticities, states, scores and gaps: hand-derived cases, a reference, properties."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from casebook import decoupling

CASES = json.loads((Path(__file__).parent / "references" / "tapio.json").read_text())["cases"]
levels = st.floats(0.5, 1000)


def series(name="x", **regions):
    """A series of one value per year from 2005 on for each region."""
    rows = {(r, 2005 + i): v for r, values in regions.items() for i, v in enumerate(values)}
    index = pd.MultiIndex.from_tuples(rows, names=["region", "year"])
    return pd.Series(list(rows.values()), index, dtype=float, name=name)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['state']} at {c['e']}")
def test_states_equal_the_reference(case):
    v = series(A=[case["v0"], case["v1"]])
    g = series(A=[case["g0"], case["g1"]])
    e = decoupling.elasticity(v, g, 2005, 2006)
    if case["e"] is None:
        assert e.isna().all()
    else:
        assert e["A"] == pytest.approx(case["e"], abs=1e-12)
    assert decoupling.state(e, decoupling.growth(g, 2005, 2006))["A"] == case["state"]


def test_the_three_rules_by_hand():
    # Value 100, 110, 99: annual +10 %, -10 %; end to end -1 %.
    # Driver 100, 120, 132: annual +20 %, +10 %; end to end +32 %.
    v, g = series(A=[100, 110, 99]), series(A=[100, 120, 132])
    at = {r: decoupling.elasticity(v, g, 2005, 2007, rule=r)["A"] for r in decoupling.RULES}
    assert at["end-to-end"] == pytest.approx(-0.01 / 0.32)
    assert at["mean-annual"] == pytest.approx((0.5 - 1.0) / 2)
    assert at["chained"] == pytest.approx(0.0, abs=1e-12)


def test_one_idle_year_leaves_the_mean_undefined_but_not_the_chain():
    v, g = series(A=[100, 110, 121]), series(A=[100, 100, 110])
    assert np.isnan(decoupling.elasticity(v, g, 2005, 2007, rule="mean-annual")["A"])
    assert decoupling.elasticity(v, g, 2005, 2007, rule="chained")["A"] == pytest.approx(2.0)


@given(levels, levels, levels, levels, st.floats(0.001, 1000), st.floats(0.001, 1000))
def test_units_do_not_matter(v0, v1, g0, g1, a, b):
    assume(abs(g1 / g0 - 1) > 1e-3)
    plain = decoupling.elasticity(series(A=[v0, v1]), series(A=[g0, g1]), 2005, 2006)["A"]
    scaled = decoupling.elasticity(series(A=[v0 * a, v1 * a]), series(A=[g0 * b, g1 * b]), 2005, 2006)
    assert scaled["A"] == pytest.approx(plain, rel=1e-6, abs=1e-9)


@given(st.lists(levels, min_size=3, max_size=6), st.sampled_from(decoupling.RULES))
def test_a_quantity_against_itself_has_elasticity_one(x, rule):
    steps = np.abs(np.diff(x) / np.array(x[:-1]))
    assume((steps > 1e-3).all() and abs(x[-1] / x[0] - 1) > 1e-3 and abs((np.diff(x) / x[:-1]).sum()) > 1e-3)
    e = decoupling.elasticity(series(A=x), series(A=x), 2005, 2005 + len(x) - 1, rule=rule)["A"]
    assert e == pytest.approx(1)


@given(st.floats(1.001, 4), st.floats(0.5, 2), st.floats(0.5, 2))
def test_above_one_exactly_when_pollution_grows_less_than_population(income, population, pollution):
    assume(abs(population - pollution) > 1e-6)
    d = decoupling.productivity_elasticity(income, population, pollution)
    assert (d > 1) == (pollution < population)


@given(levels, levels, levels, levels, levels, levels)
def test_the_three_factors_give_the_elasticity_of_productivity(g0, g1, p0, p1, e0, e1):
    assume(abs(g1 / g0 - 1) > 1e-3)
    productivity = series(A=[g0 * p0 / e0, g1 * p1 / e1])
    direct = decoupling.elasticity(productivity, series(A=[g0, g1]), 2005, 2006)["A"]
    factors = decoupling.productivity_elasticity(g1 / g0, p1 / p0, e1 / e0)
    assert direct == pytest.approx(factors, rel=1e-6, abs=1e-6)


def test_constant_income_leaves_the_identity_undefined():
    assert np.isnan(decoupling.productivity_elasticity(1.0, 1.1, 1.0))


@pytest.mark.parametrize(("e", "points"), [(-0.41, 1), (-0.2, 3), (0.0, 4), (0.19, 4), (0.2, 5),
                                           (0.6, 7), (1.0, 9), (1.1999, 9), (1.2, 10), (2.199, 14)])
def test_scores_by_hand(e, points):
    # floor(e / 0.2) + 4; 0.6 / 0.2 is 2.9999999999999996 in floating point.
    assert decoupling.score(e) == points


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.05, 2))
def test_scores_keep_the_order(a, b, width):
    low, high = sorted((a, b))
    assert decoupling.score(low, width=width) <= decoupling.score(high, width=width)


def test_scores_of_undefined_elasticities_are_missing():
    assert decoupling.score(pd.Series({"A": np.nan, "B": 1.0})).isna().tolist() == [True, False]


def test_the_four_catch_up_types():
    # The model stands at productivity 20 and income 100 throughout, so each gap is read off.
    v = series(M=[20, 20], A=[10, 12], B=[10, 12], C=[10, 8], D=[10, 8])
    g = series(M=[100, 100], A=[50, 60], B=[50, 40], C=[50, 60], D=[50, 40])
    out = decoupling.catch_up(v, g, dict.fromkeys("MABCD", "M"), 2005, 2006)
    assert out["type"].to_dict() == {"A": "A", "B": "B", "C": "C", "D": "D"}
    # A: productivity gap 10 -> 8, -20 %; income gap 50 -> 40, -20 %; index 1. D: +20 % over +20 %.
    np.testing.assert_allclose(out["index"], [1, -1, -1, 1])


def test_a_region_ahead_that_draws_away_widens_the_gap():
    v = series(M=[10, 10], A=[12, 14])
    g = series(M=[100, 100], A=[90, 95])
    out = decoupling.catch_up(v, g, {"M": "M", "A": "M"}, 2005, 2006)
    assert out.loc["A", "value_gap_growth"] == pytest.approx(1.0) and out.loc["A", "type"] == "C"


def test_a_gap_that_starts_at_zero_is_undefined():
    v = series(M=[10, 12], A=[10, 11])
    out = decoupling.catch_up(v, series(M=[5, 6], A=[4, 5]), {"M": "M", "A": "M"}, 2005, 2006)
    assert out.loc["A", "type"] == "undefined" and np.isnan(out.loc["A", "index"])


def test_input_is_not_reordered():
    v = series(Z=[1, 2], A=[1, 3])
    assert list(decoupling.growth(v, 2005, 2006).index) == ["Z", "A"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: decoupling.growth(series("income", A=[1, 2]), 2005, 2010), "'income' has no year 2010"),
        (lambda: decoupling.growth(series("income", A=[0, 2]), 2005, 2006), "'income' of A is zero in 2005"),
        (lambda: decoupling.growth(series("income", A=[1], B=[1, 2]), 2005, 2006), "no row for A in 2006"),
        (lambda: decoupling.growth(pd.Series([1.0]), 2005, 2006), r"indexed by \(region, year\)"),
        (lambda: decoupling.elasticity(series(A=[1, 2]), series(A=[1, 2]), 2006, 2005), "must end after"),
        (lambda: decoupling.elasticity(series(A=[1, 2]), series(A=[1, 2]), 2005, 2006, rule="x"), "rule must"),
        (
            lambda: decoupling.elasticity(
                series("p", A=[1, 0, 2]), series(A=[1, 2, 3]), 2005, 2007, rule="chained"
            ),
            "'p' of A is zero in 2006",
        ),
        (
            lambda: decoupling.elasticity(
                series("p", A=[1, 2, 3]).drop(("A", 2006)), series(A=[1, 2, 3]), 2005, 2007, rule="chained"
            ),
            "'p' has no year 2006",
        ),
        (lambda: decoupling.score(1.0, width=0), "width must be positive"),
        (lambda: decoupling.catch_up(series(A=[1, 2]), series(A=[1, 2]), {"A": "M"}, 2005, 2006), "'M'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_region_twice_in_a_year_is_refused():
    twice = pd.concat([series("p", A=[1, 2]), series("p", A=[1, 2]).iloc[:1]])
    with pytest.raises(ValueError, match="two rows for A in 2005"):
        decoupling.growth(twice, 2005, 2006)


# Model minus region, or the distance: productivity of A, with the model at 10 throughout.
@pytest.mark.parametrize(
    ("first", "last", "signed", "absolute"),
    [
        (12, 14, -1.0, 1.0),  # ahead and drawing away: -2 -> -4, by 2 over 2; 2 -> 4
        (14, 12, 0.5, -0.5),  # ahead and falling back: -4 -> -2; 4 -> 2
        (8, 13, -2.5, 0.5),  # overtaking: 2 -> -3, by -5 over 2; 2 -> 3
        (13, 8, 5 / 3, -1 / 3),  # overtaken: -3 -> 2, by 5 over 3; 3 -> 2
        (8, 9, -0.5, -0.5),  # behind and catching up: 2 -> 1 either way
        (8, 7, 0.5, 0.5),  # behind and falling back: 2 -> 3 either way
    ],
)
def test_growth_of_a_gap_with_and_without_its_sign(first, last, signed, absolute):
    v, g = series(M=[10, 10], A=[first, last]), series(M=[100, 100], A=[90, 95])  # income gap 10 -> 5: -1/2
    for gap, growth in (("signed", signed), ("absolute", absolute)):
        got = decoupling.catch_up(v, g, {"M": "M", "A": "M"}, 2005, 2006, gap=gap).loc["A"]
        assert got["value_gap_growth"] == pytest.approx(growth) and got["driver_gap_growth"] == pytest.approx(-0.5)
        assert got["index"] == pytest.approx(growth / -0.5)
        assert got["type"] == ("A" if growth < 0 else "C")


def test_a_signed_gap_is_model_minus_region():
    v, g = series(M=[10, 10], A=[12, 14]), series(M=[100, 100], A=[90, 105])
    got = decoupling.catch_up(v, g, {"M": "M", "A": "M"}, 2005, 2006, gap="signed").loc["A"]
    assert got[["value_gap_start", "value_gap_end", "driver_gap_start", "driver_gap_end"]].tolist() == [-2, -4, 10, -5]
    assert got["driver_gap_growth"] == pytest.approx(-1.5)  # by -15 over 10


def test_the_distance_is_the_default():
    v, g = series(M=[10, 10], A=[12, 14]), series(M=[100, 100], A=[90, 95])
    plain, named = (decoupling.catch_up(v, g, {"A": "M"}, 2005, 2006, **gap) for gap in ({}, {"gap": "absolute"}))
    pd.testing.assert_frame_equal(plain, named)


@given(levels, levels, levels, levels)
def test_model_and_region_exchanged_turn_a_signed_gap_and_leave_the_distance(m0, m1, a0, a1):
    assume(abs(m0 - a0) > 1e-3)
    v = series(M=[m0, m1], A=[a0, a1])
    for gap, sign in (("signed", -1), ("absolute", 1)):
        there = decoupling.catch_up(v, v, {"A": "M"}, 2005, 2006, gap=gap).loc["A"]
        back = decoupling.catch_up(v, v, {"M": "A"}, 2005, 2006, gap=gap).loc["M"]
        for column in ("value_gap_start", "value_gap_end", "value_gap_growth"):
            assert back[column] == pytest.approx(sign * there[column])


@given(levels, levels, st.floats(0.1, 100), st.floats(0.1, 100))
def test_behind_the_model_both_gaps_are_one(a0, a1, d0, d1):
    v = series(M=[a0 + d0, a1 + d1], A=[a0, a1])
    signed, absolute = (decoupling.catch_up(v, v, {"A": "M"}, 2005, 2006, gap=gap) for gap in ("signed", "absolute"))
    pd.testing.assert_frame_equal(signed, absolute)


def test_a_signed_gap_that_starts_at_zero_is_undefined():
    v = series(M=[10, 12], A=[10, 15])
    out = decoupling.catch_up(v, series(M=[5, 6], A=[4, 5]), {"A": "M"}, 2005, 2006, gap="signed")
    assert out.loc["A", "type"] == "undefined" and np.isnan(out.loc["A", "value_gap_growth"])


def test_an_unknown_gap_is_refused():
    v = series(M=[10, 12], A=[10, 15])
    with pytest.raises(ValueError, match="gap must be one of absolute, signed; got 'relative'"):
        decoupling.catch_up(v, v, {"A": "M"}, 2005, 2006, gap="relative")
