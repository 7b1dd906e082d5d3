"""Indices of several indicators: exact cases, an independent reference, and properties."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from casebook import composite

REFERENCE = json.loads((Path(__file__).parent / "references" / "entropy.json").read_text())

matrices = arrays(float, (8, 3), elements=st.floats(0, 1000), unique=True)


def key(regions, years):
    return pd.MultiIndex.from_product([regions, years], names=["region", "year"])


def test_minmax_equals_the_reference():
    direction = dict(enumerate(REFERENCE["sign"]))
    z = composite.minmax(np.array(REFERENCE["X"]), direction=direction)
    np.testing.assert_allclose(z, REFERENCE["Z"], rtol=0, atol=1e-12)


def test_entropy_weights_equal_the_reference():
    w = composite.weights(np.array(REFERENCE["Z"]), method="entropy")
    np.testing.assert_allclose(w, REFERENCE["w"], rtol=0, atol=1e-12)


def test_pooled_and_by_year_answer_different_questions():
    # Every region doubles: pooled, the index rises; by year, nobody moves.
    x = pd.DataFrame({"so2": [1.0, 2.0, 3.0, 6.0]}, key(["A", "B"], [2005, 2006]))
    pooled = composite.minmax(x, to=(50, 100))["so2"]
    yearly = composite.minmax(x, to=(50, 100), pooling="by-year")["so2"]
    assert pooled.tolist() == [50, 60, 70, 100]  # (x - 1) / 5 of the way
    assert yearly.tolist() == [50, 50, 100, 100]


def test_weights_of_variation_by_hand():
    # a: mean 2, deviation 1, variation 1/2; b: mean 4, deviation 1, variation 1/4.
    w = composite.weights(pd.DataFrame({"a": [1.0, 3.0], "b": [3.0, 5.0]}), method="variation")
    np.testing.assert_allclose(w, [2 / 3, 1 / 3])


def test_first_component_of_an_equicorrelated_triple_is_equal():
    # Three columns with the same pairwise correlation have the leading eigenvector (1, 1, 1).
    x = pd.DataFrame(np.eye(3) + 0.0, columns=list("abc"))
    x = pd.concat([x, pd.DataFrame([[5.0, 5.0, 5.0]], columns=list("abc"))])
    np.testing.assert_allclose(composite.weights(x, method="principal-component"), [1 / 3] * 3)


def test_first_component_of_mixed_signs_is_refused():
    x = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [4.0, 3, 2, 1], "c": [4.0, 3, 2, 1.5]})
    with pytest.raises(ValueError, match=r"mixed signs.*a -"):
        composite.weights(x, method="principal-component")


@given(matrices, st.sampled_from(composite.WEIGHTINGS[:3]))
def test_weights_add_up_to_one_and_are_not_negative(x, method):
    x = x - x.min(axis=0)
    w = composite.weights(x, method=method)
    assert w.sum() == pytest.approx(1) and (w >= -1e-12).all()


@given(matrices, st.floats(0.01, 100))
def test_minmax_does_not_feel_units(x, factor):
    np.testing.assert_allclose(composite.minmax(x * factor), composite.minmax(x), atol=1e-7)


@given(matrices, st.sampled_from(composite.WEIGHTINGS[:3]))
def test_the_index_lies_between_the_ends_of_its_interval(x, method):
    z = composite.minmax(x)
    index = composite.weighted_sum(50 + 50 * z, composite.weights(z, method=method))
    assert index.between(50 - 1e-9, 100 + 1e-9).all()


@given(arrays(float, (12, 2), elements=st.floats(0, 100), unique=True))
def test_two_indicators_give_equal_first_component_weights(x):
    if np.corrcoef(x.T)[0, 1] > 1e-6:
        w = composite.weights(x, method="principal-component")
        np.testing.assert_allclose(w, [0.5, 0.5], atol=1e-6)


@pytest.mark.parametrize("method", ["entropy", "variation", "principal-component"])
def test_a_constant_pollutant_has_no_weight(method):
    x = pd.DataFrame({"so2": [1.0, 2.0, 3.0], "dust": [7.0, 7.0, 7.0]})
    with pytest.raises(ValueError, match="'dust' is constant"):
        composite.weights(x, method=method)


def test_a_constant_pollutant_has_no_position():
    x = pd.DataFrame({"so2": [1.0, 2.0, 3.0, 3.0]}, key(["A", "B"], [2005, 2006]))
    x.loc[("B", 2006), "so2"] = 2.0
    with pytest.raises(ValueError, match="'so2' is constant in 2006"):
        composite.minmax(x, pooling="by-year")


def test_a_missing_value_has_no_weight_and_is_named():
    x = pd.DataFrame({"so2": [1.0, np.nan]}, key(["A"], [2005, 2006]))
    with pytest.raises(ValueError, match="'so2' is missing at A, 2006"):
        composite.weights(x)


def test_a_negative_value_is_named_too():
    x = pd.DataFrame({"so2": [1.0, -2.0]}, key(["A"], [2005, 2006]))
    with pytest.raises(ValueError, match="'so2' is negative at A, 2006"):
        composite.weights(x)


def test_a_missing_value_stays_missing_in_the_sum():
    x = pd.DataFrame({"a": [1.0, np.nan], "b": [3.0, 4.0]})
    total = composite.weighted_sum(x, pd.Series({"a": 0.5, "b": 0.5}))
    assert total[0] == 2 and np.isnan(total[1])


def test_weights_that_do_not_add_up_are_refused():
    x = pd.DataFrame({"a": [1.0], "b": [3.0]})
    with pytest.raises(ValueError, match="add up to 0.9"):
        composite.weighted_sum(x, pd.Series({"a": 0.5, "b": 0.4}))
    with pytest.raises(ValueError, match="weights name"):
        composite.weighted_sum(x, pd.Series({"a": 0.5, "c": 0.5}))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: composite.minmax([[1.0], [2.0]], pooling="monthly"), "pooling must be one of"),
        (lambda: composite.minmax([[1.0], [2.0]], pooling="by-year"), "level named 'year'"),
        (lambda: composite.minmax([[1.0], [2.0]], direction=0), "must be 1 or -1"),
        (lambda: composite.weights([[1.0], [2.0]], method="votes"), "method must be one of"),
        (lambda: composite.weights([[-1.0], [2.0]]), "negative"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
