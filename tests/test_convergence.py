"""Dispersion and sigma convergence: hand-derived cases and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook import convergence

values = st.lists(st.floats(0.1, 1000), min_size=2, max_size=12)


def one_year(x):
    index = pd.MultiIndex.from_product([range(len(x)), [2005]], names=["region", "year"])
    return pd.Series(x, index, dtype=float, name="income")


def test_variation_with_either_divisor():
    # 2, 4, 6: mean 4; squares of deviations add up to 8; sqrt(8/3)/4 and sqrt(8/2)/4 = 1/2.
    assert convergence.dispersion(one_year([2, 4, 6]))[2005] == pytest.approx(np.sqrt(8 / 3) / 4)
    assert convergence.dispersion(one_year([2, 4, 6]), ddof=1)[2005] == pytest.approx(0.5)


def test_log_deviation_by_hand():
    # ln 1 = 0 and ln e^2 = 2: mean 1, deviation 1.
    got = convergence.dispersion(one_year([1, np.e**2]), measure="log-deviation")
    assert got[2005] == pytest.approx(1)


@given(values, st.floats(0.01, 100), st.sampled_from(convergence.MEASURES), st.sampled_from([0, 1]))
def test_units_do_not_matter(x, factor, measure, ddof):
    a = convergence.dispersion(one_year(x), measure=measure, ddof=ddof)[2005]
    b = convergence.dispersion(one_year(np.array(x) * factor), measure=measure, ddof=ddof)[2005]
    assert a == pytest.approx(b, abs=1e-9)


@given(st.floats(0.1, 1000), st.integers(2, 9))
def test_equal_regions_have_no_dispersion(x, n):
    assert convergence.dispersion(one_year([x] * n))[2005] == pytest.approx(0, abs=1e-12)


@given(values)
def test_the_two_divisors_differ_by_a_known_factor(x):
    n = len(x)
    a, b = (convergence.dispersion(one_year(x), ddof=d)[2005] for d in (0, 1))
    assert b == pytest.approx(a * np.sqrt(n / (n - 1)))


@pytest.mark.parametrize(
    ("path", "verdict"),
    [([0.5, 0.4, 0.3], "consistent"), ([0.5, 0.4, 0.45], "by stages"), ([0.3, 0.3, 0.4], "none")],
)
def test_sigma_convergence_verdicts(path, verdict):
    assert convergence.sigma_convergence(pd.Series(path, [2005, 2006, 2007])).verdict == verdict


def test_stages_are_runs_of_one_direction():
    path = pd.Series([0.50, 0.45, 0.40, 0.42, 0.44, 0.43], range(2005, 2011))
    got = convergence.sigma_convergence(path)
    assert got.stages[["start", "end", "direction"]].values.tolist() == [
        [2005, 2007, "falls"], [2007, 2009, "rises"], [2009, 2010, "falls"]]
    np.testing.assert_allclose(got.stages["change"], [-0.10, 0.04, -0.01])
    assert got.net == pytest.approx(-0.07)


def test_a_year_with_a_missing_region_is_missing():
    index = pd.MultiIndex.from_product([["A", "B"], [2005, 2006]], names=["region", "year"])
    got = convergence.dispersion(pd.Series([1.0, 2.0, 3.0, np.nan], index, name="income"))
    assert got.isna().to_dict() == {2005: False, 2006: True}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: convergence.dispersion(one_year([1, 2]), measure="gini"), "measure must be one of"),
        (lambda: convergence.dispersion(one_year([1, 2]), ddof=2), "ddof must be"),
        (lambda: convergence.dispersion(one_year([1, 0])), "'income' of 1 is not positive in 2005"),
        (lambda: convergence.dispersion(one_year([1])), "at least two regions"),
        (lambda: convergence.sigma_convergence(pd.Series({2005: 1.0})), "two or more years"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
