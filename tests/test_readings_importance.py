"""Which choice matters most: functions whose variance can be split by hand, and by another route."""

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.formula.api import ols

from casebook import readings
from casebook.readings import Choices, Grid

THREE = pd.MultiIndex.from_product([["x", "y"], ["u", "v", "w"], ["p", "q"]], names=["a", "b", "c"])


def of(function, index=THREE):
    """A function of the places of the levels, under every reading."""
    codes = [dict(zip(level, range(len(level)))) for level in (index.unique(name) for name in index.names)]
    return pd.Series([float(function(*(code[label] for code, label in zip(codes, reading)))) for reading in index], index)


# ------------------------------------------------------------------------ exact
def test_an_additive_function_splits_without_a_rest():
    # Variances: of 2a over {0, 1}: 4/4 = 1; of 3b over {0, 1, 2}: 9 * 2/3 = 6; c has none. Of 7 in all.
    found = readings.importance(of(lambda a, b, c: 2 * a + 3 * b))
    assert found.index.tolist() == ["b", "a", "c"] and found.index.name == "choice"
    np.testing.assert_allclose(found, [[6 / 7, 6 / 7], [1 / 7, 1 / 7], [0, 0]], atol=1e-15)


def test_a_pure_interaction_belongs_to_neither_alone():
    # (-1)^(a + c): the mean over a is zero for each c, and the other way round.
    found = readings.importance(of(lambda a, b, c: (-1) ** (a + c)))
    assert found.index.tolist() == ["a", "c", "b"]  # of equals, the first declared
    np.testing.assert_allclose(found, [[0, 1], [0, 1], [0, 0]], atol=1e-15)
    assert readings.decompose(of(lambda a, b, c: (-1) ** (a + c)))["a × c"] == pytest.approx(1)


def test_a_product_has_both():
    # a * c over four corners is 0, 0, 0, 1: mean 1/4, variance 3/16. Means by a are 0 and 1/2: variance 1/16; so by c. Together 1/16.
    found = readings.importance(of(lambda a, b, c: a * c))
    np.testing.assert_allclose(found.loc[["a", "c", "b"]], [[1 / 3, 2 / 3], [1 / 3, 2 / 3], [0, 0]], atol=1e-15)
    shares = readings.decompose(of(lambda a, b, c: a * c))
    assert list(shares.index) == ["a", "b", "c", "a × b", "a × c", "b × c", "a × b × c"]
    np.testing.assert_allclose(shares, [1 / 3, 0, 1 / 3, 0, 1 / 3, 0, 0], atol=1e-15)


@pytest.mark.parametrize("level", [0.0, 7.0, 0.1, -1e9])
def test_where_nothing_varies_no_share_is_told(level):
    values = of(lambda a, b, c: level)
    assert readings.importance(values).isna().all(axis=None) and readings.decompose(values).isna().all()
    assert readings.importance(values).index.tolist() == ["a", "b", "c"]


def test_the_last_digits_of_floating_point_are_no_variance():
    values = of(lambda a, b, c: 0.1 + 0.2 if a else 0.3)
    assert values.nunique() == 2 and readings.importance(values).isna().all(axis=None)


def test_a_single_choice_has_everything():
    index = pd.MultiIndex.from_arrays([["x", "y", "z"]], names=["a"])
    assert readings.importance(pd.Series([1.0, 2.0, 5.0], index)).loc["a"].tolist() == [1, 1]


def test_several_outcomes_count_by_their_variance():
    # Of 3a: 9/4, of c: 1/4. Together a has 9 parts in 10.
    both = pd.DataFrame({"one": of(lambda a, b, c: 3 * a), "other": of(lambda a, b, c: c)})
    np.testing.assert_allclose(readings.importance(both).loc[["a", "c", "b"], "alone"], [0.9, 0.1, 0])


def test_words_count_as_yes_or_no_each():
    # Whether a word holds has the same share as the word's two indicators, which mirror each other.
    words = of(lambda a, b, c: a * c).map({0.0: "flat", 1.0: "hill"})
    pd.testing.assert_frame_equal(readings.importance(words), readings.importance(words == "hill"))
    three = of(lambda a, b, c: b).map({0.0: "low", 1.0: "middle", 2.0: "high"})
    assert readings.importance(three).loc["b"].tolist() == pytest.approx([1, 1])


def test_yes_and_no_with_gaps_are_numbers_too():
    holds = pd.Series([True, None, False, True, False, False] * 2, THREE, dtype=object)
    assert readings.importance(holds)["alone"].notna().all()


def test_levels_that_no_reading_knows_leave_an_exact_grid():
    # Without w the rest is a full grid of 2 x 2 x 2: a - b has variances 1/4 and 1/4.
    values = of(lambda a, b, c: a - b)
    values[values.index.get_level_values("b") == "w"] = np.nan
    np.testing.assert_allclose(readings.importance(values).loc[["a", "b"]], [[0.5, 0.5], [0.5, 0.5]])


# ---------------------------------------------------------------- not a full grid
def anova(values):
    """Type II shares by statsmodels."""
    frame = values.rename("value").dropna().reset_index()
    table = sm.stats.anova_lm(ols("value ~ " + " + ".join(f"C({name})" for name in values.index.names), frame).fit(), typ=2)
    shares = table["sum_sq"].drop("Residual") / ((frame["value"] - frame["value"].mean()) ** 2).sum()
    return shares.rename(lambda name: name[2:-1])


@pytest.mark.parametrize("seed", range(5))
def test_with_gaps_the_share_is_that_of_type_two(seed):
    rng = np.random.default_rng(seed)
    values = of(lambda a, b, c: 2 * a + b * c).add(rng.normal(size=12))
    values.iloc[rng.choice(12, 3, replace=False)] = np.nan
    found = readings.importance(values)
    assert found["with others"].isna().all() and found["alone"].is_monotonic_decreasing
    np.testing.assert_allclose(found["alone"], anova(values)[found.index])


def test_on_a_full_grid_type_two_is_the_first_order_index():
    values = of(lambda a, b, c: 2 * a + b * c + a * b)
    np.testing.assert_allclose(readings.importance(values)["alone"].sort_index(), anova(values).sort_index())


def test_entangled_choices_are_told_apart():
    # Outcomes depend on a alone, though b leans on a: by b their means are 0, 2/3 and 1, but once a is known, b adds nothing.
    values = of(lambda a, b, c: a).loc[[("x", "u", "p"), ("x", "u", "q"), ("x", "v", "p"), ("y", "v", "p"), ("y", "v", "q"), ("y", "w", "p")]]
    found = readings.importance(values)
    assert found.index[0] == "a" and found.loc["a", "alone"] > 0.1 and found.loc[["b", "c"], "alone"].abs().max() < 1e-12


def test_a_sample_that_the_model_fits_anyhow_can_not_tell():
    # Five readings, and five free figures of the main effects: 1 + 1 + 2 + 1.
    values = of(lambda a, b, c: a + b + c).iloc[[0, 3, 5, 7, 10]]
    assert readings.importance(values).isna().all(axis=None)


def test_gaps_and_the_whole_analysis_do_not_go_together():
    with pytest.raises(ValueError, match="some readings are missing"):
        readings.decompose(of(lambda a, b, c: a + b).iloc[1:])


def test_no_reading_at_all_tells_nothing():
    assert readings.importance(pd.Series(np.nan, THREE)).isna().all(axis=None)


def test_a_reading_twice_and_an_infinite_outcome_are_named():
    twice = pd.concat([of(lambda a, b, c: a + b), of(lambda a, b, c: a + b).iloc[:1]])
    with pytest.raises(ValueError, match=r"\('x', 'u', 'p'\) occurs twice"):
        readings.importance(twice)
    with pytest.raises(ValueError, match=r"\('y', 'u', 'p'\) is infinite"):
        readings.importance(of(lambda a, b, c: np.inf if (a, b, c) == (1, 0, 0) else 0))


# ------------------------------------------------------------------- properties
NUMBERS = arrays(float, (2, 3, 2), elements=st.floats(-100, 100, allow_nan=False).map(lambda x: round(x, 2)))


@settings(max_examples=50)
@given(NUMBERS)
def test_shares_add_up_and_keep_their_bounds(cube):
    values = pd.Series(cube.ravel(), THREE)
    found, shares = readings.importance(values), readings.decompose(values)
    if found.isna().all(axis=None):
        return
    assert shares.sum() == pytest.approx(1) and (shares > -1e-12).all()
    assert (found["alone"] <= found["with others"] + 1e-9).all() and found["alone"].sum() <= 1 + 1e-9 <= found["with others"].sum() + 2e-9
    for choice in found.index:  # the two ways to the same share
        assert found.loc[choice, "alone"] == pytest.approx(shares[choice], abs=1e-12)
        assert found.loc[choice, "with others"] == pytest.approx(shares[[choice in name.split(" × ") for name in shares.index]].sum(), abs=1e-12)


@settings(max_examples=25)
@given(NUMBERS, st.permutations(range(12)), st.floats(0.1, 10), st.floats(-10, 10))
def test_the_order_of_readings_their_names_and_the_unit_do_not_matter(cube, order, unit, zero):
    values = pd.Series(cube.ravel(), THREE)
    renamed = values.rename(index={"x": "y", "y": "x", "u": "w", "w": "v", "v": "u"})
    found = readings.importance(values).sort_index()
    for other in (values.iloc[list(order)], renamed, unit * values + zero):
        np.testing.assert_allclose(readings.importance(other).sort_index(), found, atol=1e-7)


# --------------------------------------------------------------- sample, curve
MANY = Choices({name: {f"{name}{i}": {name: i} for i in range(4)} for name in "abc"})


def test_a_sample_has_no_reading_twice_and_keeps_the_order():
    everything = MANY.readings()
    for seed in range(5):
        few = MANY.sample(20, seed)
        places = everything.get_indexer(few)
        assert len(few) == 20 and (np.diff(places) > 0).all() and list(few.names) == ["a", "b", "c"]
        assert few.equals(MANY.sample(20, seed)) and not few.equals(MANY.sample(20, seed + 1))


def test_every_reading_can_be_drawn_and_alike_often():
    # 1,000 draws of 16 among 64: each is expected in 250, with a standard deviation of (1000 * 1/4 * 3/4)^1/2 = 13.7.
    counts = pd.concat([pd.Series(1, MANY.sample(16, seed)) for seed in range(1000)]).groupby(level=[0, 1, 2]).sum()
    assert len(counts) == 64 and (abs(counts - 250) < 5 * 13.7).all()


def test_a_sample_as_large_as_the_grid_is_the_grid():
    for count in (64, 65, 10**9):
        pd.testing.assert_index_equal(MANY.sample(count, 0), MANY.readings())
    with pytest.raises(ValueError, match="at least one reading; got 0"):
        MANY.sample(0, 0)


def test_only_the_sample_is_run():
    def told(a, b, c):
        return pd.DataFrame({"value": [100 * a + 10 * b + c]})

    few = readings.run(told, MANY, sample=5, seed=1, jobs=1)
    assert few.readings.equals(MANY.sample(5, 1)) and few.outcomes["reading"].tolist() == [0, 1, 2, 3, 4]
    whole = readings.run(told, MANY, jobs=1)
    assert few.outcomes["value"].tolist() == whole.outcomes["value"].iloc[MANY.readings().get_indexer(few.readings)].tolist()


def test_samples_of_one_grid_are_kept_apart(tmp_path):
    kept = [readings.run(signed, SIGNS, sample=1, seed=seed, jobs=1, cache=tmp_path).outcomes["value"].iloc[0] for seed in range(6)]
    assert kept == [{"plus": 1, "minus": -1}[SIGNS.sample(1, seed)[0][0]] for seed in range(6)] and set(kept) == {1, -1}


SIGNS = Choices({"sign": {"plus": {"factor": 1}, "minus": {"factor": -1}}})


def signed(factor):
    return pd.DataFrame({"value": [factor]})


def test_the_curve_is_sorted_and_equal_outcomes_keep_their_order():
    index = pd.MultiIndex.from_product([["x", "y"], ["u", "v"]], names=["a", "b"])
    told = readings.curve(pd.Series([2.0, np.nan, 1.0, 2.0], index, name="d"))
    assert told.to_dict("list") == {"a": ["y", "x", "y"], "b": ["u", "u", "v"], "value": [1.0, 2.0, 2.0]}
    assert told.index.tolist() == [1, 2, 3] and told.index.name == "rank"


# ---------------------------------------------------------------------- ranking
def test_every_outcome_of_a_grid_is_ranked():
    """Two regions, a word and a constant: d depends on a in A and on b in B, which one reading doesn't know."""
    index = pd.MultiIndex.from_product([["x", "y"], ["u", "v"]], names=["a", "b"])
    rows = []
    for i, (a, b) in enumerate(itertools.product((0, 1), (0, 1))):
        rows += [(i, "d", "A", "2010", float(a), None), (i, "d", "B", "2010", np.inf if i == 0 else float(b) + a / 8, None),
                 (i, "shape", "A", None, 0.0, "undefined" if i == 3 and a == 0 else ["hill", "flat"][b]), (i, "one", "A", None, 1.0, None)]
    told = readings.ranking(Grid(index, pd.DataFrame(rows, columns=["reading", "quantity", "region", "when", "value", "label"])))
    first = told[told["place"] == 1].set_index(["quantity", "when", "region"])
    assert first["choice"].to_dict() == {("d", "2010", "A"): "a", ("shape", "", "A"): "b"}  # three readings of B can't be told apart
    assert first["alone"].tolist() == pytest.approx([1, 1]) and first["readings"].tolist() == [4, 4]
    assert len(told) == 4 and told["place"].tolist() == [1, 2, 1, 2]


def test_a_grid_of_which_nothing_varies_ranks_nothing():
    outcomes = pd.DataFrame({"reading": [0, 1], "quantity": "d", "region": "A", "when": None, "value": 1.0, "label": None})
    assert readings.ranking(Grid(SIGNS.readings(), outcomes)).empty


def test_words_of_several_regions_are_looked_at_together():
    index = pd.MultiIndex.from_product([["x", "y"], ["u", "v"]], names=["a", "b"])
    words = pd.DataFrame({"north": ["A", "A", "B", "B"], "south": ["C", "D", "C", "D"]}, index)  # the one hangs on a, the other on b
    found = readings.importance(words)
    assert found.loc[["a", "b"], "alone"].tolist() == [0.5, 0.5]
    assert readings.importance(words["north"])["alone"].to_dict() == {"a": 1.0, "b": 0.0}
