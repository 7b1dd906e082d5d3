"""Classes of income and moves between them, as a Markov chain: by hand, simulated, and chains without one long run."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from casebook import convergence

some = settings(max_examples=25, deadline=None)


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def panel(rows, first=2000, name="income", apart=1):
    """A row of values per region."""
    rows = np.asarray(rows)
    years = range(first, first + apart * rows.shape[1], apart)
    key = pd.MultiIndex.from_product([[f"R{i:02d}" for i in range(len(rows))], years], names=["region", "year"])
    return pd.Series(rows.ravel(), key, name=name)


def chained(matrix, regions=60, years=30, seed=1):
    """States of regions that follow a chain."""
    rng, steps = np.random.default_rng(seed), np.cumsum(matrix, axis=1)
    states = np.zeros((regions, years), dtype=int)
    states[:, 0] = rng.integers(0, len(matrix), regions)
    for t in range(1, years):
        states[:, t] = (rng.random(regions)[:, None] > steps[states[:, t - 1]]).sum(axis=1)
    return panel(states, name="class")


# -------------------------------------------------------------------- classes
def test_relative_classes_by_hand():
    # 1, 2, 3, 10: mean 4, multiples 0.25, 0.5, 0.75, 2.5; a region at a cut is in the class below.
    told = convergence.classes(panel([[1.0], [2.0], [3.0], [10.0]]))
    assert told.tolist() == ["up to 0.25", "0.25 to 0.5", "0.5 to 1", "above 2"]
    assert list(told.cat.categories) == ["up to 0.25", "0.25 to 0.5", "0.5 to 1", "1 to 2", "above 2"] and told.cat.ordered


def test_a_cut_met_but_for_rounding_is_met():
    # 0.1, 0.4 and 0.7 have the mean 0.4, which their sum over three misses in the last digit.
    assert convergence.classes(panel([[0.1], [0.4], [0.7]]), cuts=1).tolist() == ["up to 1", "up to 1", "above 1"]


def test_quantiles_of_each_year_and_of_all():
    # In the second year incomes are ten times as large, and further apart: the quantiles of each year don't mind. Those of
    # all years cut 0.2, 0.4, 0.4, 0.8, 1.2, 1.6, 1.6, 1.8 times the year's mean, at 0.4, 1 and 1.6.
    income = panel(np.array([[2.0, 10], [4, 20], [6, 80], [8, 90]]))
    low, high = "up to 50 %", "above 50 %"
    for by in ("quantile", "pooled quantile"):
        assert convergence.classes(income, by=by, cuts=[0.5]).tolist() == [low] * 4 + [high] * 4
    quarters = convergence.classes(income, by="pooled quantile").cat.codes.unstack("year").to_numpy()
    assert quarters.tolist() == [[0, 0], [1, 0], [2, 2], [2, 3]]
    assert convergence.classes(income, by="quantile").cat.codes.unstack("year").to_numpy().tolist() == [[0, 0], [1, 1], [2, 2], [3, 3]]


def test_values_as_they_stand():
    assert convergence.classes(panel([[0.5, 1.0], [1.5, 3.0]]), by="value", cuts=[1, 2]).cat.codes.tolist() == [0, 0, 1, 2]


@some
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.sampled_from(["relative", "quantile", "pooled quantile"]))
def test_units_and_common_growth_change_no_class(seed, unit, by):
    income = panel(np.random.default_rng(seed).lognormal(size=(7, 4)))
    year = income.index.get_level_values("year").to_numpy()
    told = convergence.classes(income, by=by)
    assert (convergence.classes(unit * income * 1.07 ** (year - 2000), by=by) == told).all()
    turned = convergence.classes(income.sample(frac=1, random_state=seed), by=by)
    assert (turned.reindex(income.index) == told).all()


# -------------------------------------------------------------------- transitions
def test_two_states_by_hand():
    # From low 4 moves, one of them up; from high 2, one down.
    found = convergence.transitions(panel([["l", "l", "l", "l"], ["l", "h", "h", "l"]]))
    assert (found.counts.loc["l", "l"], found.counts.loc["l", "h"]) == (3, 1)
    low = found.matrix.loc["l"]
    assert (low["l"], low["h"]) == (0.75, 0.25) and found.matrix.loc["h"].tolist() == [0.5, 0.5]
    assert found.ergodic.to_dict() == pytest.approx({"l": 2 / 3, "h": 1 / 3})  # q / (p + q), p = 1/4, q = 1/2
    assert found.std_errors.loc["l", "h"] == pytest.approx(np.sqrt(0.25 * 0.75 / 4))
    assert found.mobility == pytest.approx((2 - 1.25) / 1)
    assert found.stay.to_dict() == {"l": 4, "h": 2}
    assert found.initial.to_dict() == {"l": 1, "h": 0} == found.final.to_dict()
    assert (found.note, found.years, found.step) == ("", (2000, 2001, 2002, 2003), 1)
    assert str(found) == "6 moves of 1 year(s), mobility 0.750"


@some
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_the_long_run_stays_as_it_is(seed, k):
    matrix = np.random.default_rng(seed).dirichlet(np.full(k, 2.0), k)
    found = convergence.transitions(chained(matrix, 40, 20, seed))
    p = found.matrix.to_numpy()
    assert_allclose(p.sum(axis=1), 1)
    assert found.counts.to_numpy().sum() == 40 * 19
    if found.ergodic is None:
        return
    assert_allclose(found.ergodic @ p, found.ergodic, atol=1e-12)
    assert found.ergodic.sum() == pytest.approx(1) and (found.ergodic >= 0).all()
    values, vectors = np.linalg.eig(p.T)  # another route
    leading = np.real(vectors[:, np.argmax(values.real)])
    assert_allclose(found.ergodic, leading / leading.sum(), atol=1e-9)
    assert_allclose(np.linalg.matrix_power(p, 2000)[0], found.ergodic, atol=1e-9)


def test_estimates_come_near_the_truth():
    truth = np.array([[0.9, 0.1, 0], [0.05, 0.9, 0.05], [0, 0.2, 0.8]])
    found = convergence.transitions(chained(truth, 300, 40))
    off = (found.matrix.to_numpy() - truth)[truth > 0] / found.std_errors.to_numpy()[truth > 0]
    assert np.abs(off).max() < 4 and (found.matrix.to_numpy()[truth == 0] == 0).all()
    assert found.mobility == pytest.approx((3 - 2.6) / 2, abs=0.02)


def test_longer_steps():
    states = panel([["a", "b", "a", "b", "b"], ["a", "a", "a", "a", "a"]])
    found = convergence.transitions(states, step=2)
    assert found.counts.loc["a"].tolist() == [4, 1] and found.counts.loc["b"].tolist() == [0, 1]
    yearly = panel(np.array([["a", "b", "a"], ["a", "a", "b"]]), apart=5)
    assert convergence.transitions(yearly, step=5).stay.to_dict() == pytest.approx({"a": 5 / (2 / 3), "b": 5})


def test_several_closed_classes_have_no_unique_long_run():
    found = convergence.transitions(panel([["a", "a", "a"], ["c", "b", "c"], ["d", "a", "a"]]))
    assert found.ergodic is None
    assert "no unique long-run distribution: regions never leave {a} and {b, c}" in found.note
    assert found.stay["a"] == np.inf and found.note in str(found)


def test_a_trap_takes_all_in_the_long_run():
    found = convergence.transitions(panel([["a", "b", "b"], ["a", "a", "b"]]))
    assert found.ergodic.to_dict() == {"a": 0, "b": 1} and found.note == ""


def test_a_class_never_left_or_kept_in_sight_leaves_the_long_run_unknown():
    found = convergence.transitions(panel([["a", "a", "b"], ["a", "a", "a"]]))
    assert found.ergodic is None and "b was entered in the last move only" in found.note
    assert found.matrix.loc["b"].isna().all() and np.isnan(found.mobility) and np.isnan(found.stay["b"])
    assert found.std_errors.loc["b"].isna().all()


def test_a_class_never_visited_has_no_share():
    states = panel([["a", "a", "b", "a"], ["b", "b", "a", "b"]])
    found = convergence.transitions(states.astype(pd.CategoricalDtype(["a", "none", "b"])))
    plain = convergence.transitions(states)
    assert found.ergodic["none"] == 0 and found.note == "nobody was ever in none"
    assert_allclose(found.ergodic.drop("none"), plain.ergodic)
    assert found.mobility == plain.mobility and found.initial["none"] == 0 and np.isnan(found.stay["none"])
    assert list(found.counts.index) == ["a", "none", "b"]


def test_a_chain_in_circles_says_so():
    found = convergence.transitions(panel([["a", "b", "a", "b"], ["b", "a", "b", "a"]]))
    assert found.ergodic.to_dict() == pytest.approx({"a": 0.5, "b": 0.5}) and "runs in circles" in found.note
    assert found.mobility == 2


@some
@given(st.integers(0, 10_000))
def test_order_of_rows_and_years_at_hand(seed):
    states = chained(np.full((3, 3), 1 / 3), 6, 8, seed)
    a, b = convergence.transitions(states), convergence.transitions(states.sample(frac=1, random_state=seed))
    assert a.counts.equals(b.counts) and a.initial.equals(b.initial)
    assert a.initial.sum() == pytest.approx(1) == a.final.sum()


# -------------------------------------------------------------------- homogeneity
def test_homogeneity_by_the_sum_of_anderson_and_goodman():
    states = chained(np.array([[0.8, 0.2, 0], [0.3, 0.4, 0.3], [0.1, 0.1, 0.8]]), 40, 11, 5)
    found = convergence.homogeneity(states, 2005)
    wide = states.unstack("year")
    n = np.zeros((2, 3, 3))
    for year in range(2000, 2010):
        for i, j in zip(wide[year], wide[year + 1]):
            n[int(year >= 2005), i, j] += 1
    p, pooled = n / n.sum(axis=2, keepdims=True), n.sum(axis=0) / n.sum(axis=(0, 2))[:, None]
    terms = n.sum(axis=2)[..., None] * (p - pooled) ** 2 / np.where(pooled > 0, pooled, 1)
    df = ((pooled > 0).sum(axis=1) - 1).sum()
    assert (found.statistic, found.df) == (pytest.approx(terms.sum()), df)
    assert found.pvalue == pytest.approx(stats.chi2.sf(terms.sum(), df))
    assert_allclose(found.before.counts, n[0])
    assert_allclose(found.after.counts, n[1])
    assert_allclose(found.rows["statistic"], terms.sum(axis=(0, 2)))


def test_size_and_power_of_the_homogeneity_test():
    stable = np.array([[0.8, 0.2], [0.3, 0.7]])
    p = [convergence.homogeneity(chained(stable, 50, 11, seed), 2005).pvalue for seed in range(60)]
    assert (np.array(p) < 0.05).sum() <= 9 and 15 <= (np.array(p) < 0.5).sum() <= 45  # of 60 three and thirty, give or take four standard deviations
    calm, wild = chained(stable, 50, 6, 1), chained(1 - stable, 50, 6, 2)
    wide = pd.concat([calm.unstack(), wild.unstack().set_axis(range(2006, 2012), axis=1)], axis=1)
    assert convergence.homogeneity(panel(wide.to_numpy()), 2006).pvalue < 1e-6


def test_results_show_themselves_as_tables():
    told = convergence.transitions(panel([["l", "l", "l", "l"], ["l", "h", "h", "l"]]))._repr_html_()
    assert told.startswith("<p>6 moves") and "0.75" in told
    assert "degrees of freedom" in str(convergence.homogeneity(chained(np.full((2, 2), 0.5)), 2010))


# -------------------------------------------------------------------- bad input
INCOME = panel(np.arange(1.0, 13).reshape(3, 4))
STATES = panel([["a", "b", "a", "b"], ["b", "b", "a", "a"], ["a", "a", "a", "b"]], name="class")


def changed(series, row, value):
    series = series.copy()
    series.loc[row] = value
    return series


@pytest.mark.parametrize(("call", "message"), [
    (lambda: convergence.classes(INCOME, by="rank"), "by must be one of relative, quantile, pooled quantile, value; got 'rank'"),
    (lambda: convergence.classes(INCOME, by="value"), "by='value' needs cuts"),
    (lambda: convergence.classes(INCOME, cuts=[1, 0.5]), "cuts must ascend and lie between 0 and inf"),
    (lambda: convergence.classes(INCOME, cuts=[]), "cuts must ascend"),
    (lambda: convergence.classes(INCOME, by="quantile", cuts=[0.5, 1]), "cuts must ascend and lie between 0 and 1"),
    (lambda: convergence.classes(changed(INCOME, ("R01", 2002), 0)), "'income' of R01 is not positive in 2002"),
    (lambda: convergence.classes(INCOME.drop(("R01", 2002))), "income of R01 is missing in 2002"),
    (lambda: convergence.classes(INCOME.loc[["R00"]]), "needs at least two regions; it has 1"),
    (lambda: convergence.transitions(STATES.drop(("R01", 2002))), "the class of R01 is missing in 2002"),
    (lambda: convergence.transitions(changed(STATES, ("R01", 2002), None)), "the class of R01 is missing in 2002"),
    (lambda: convergence.transitions(STATES.drop(2002, level="year")), "the class has no year 2002, though its years are 1 apart elsewhere"),
    (lambda: convergence.transitions(STATES.loc[["R00"]]), "needs at least two regions"),
    (lambda: convergence.transitions(STATES.xs(2000, level="year", drop_level=False)), "no moves of 1 year"),
    (lambda: convergence.transitions(STATES, step=4), r"no moves of 4 year\(s\): the years are 2000, 2001, 2002, 2003"),
    (lambda: convergence.transitions(STATES, step=0), "step must be a whole number of years, one or more; got 0"),
    (lambda: convergence.transitions(panel([["a", "b", "a"], ["b", "b", "a"]], apart=2), step=3), "no moves of 3"),
    (lambda: convergence.transitions(STATES.where(STATES == "a", "a")), "two classes at least"),
    (lambda: convergence.transitions(STATES.unstack()), "states must be a Series indexed by"),
    (lambda: convergence.transitions(STATES.swaplevel()), "states must be a Series indexed by"),
    (lambda: convergence.transitions(pd.concat([STATES, STATES.iloc[:1]])), "two figures for R00 2000"),
    (lambda: convergence.homogeneity(STATES, 2000), r"2000 leaves a period without a move of 1 year"),
    (lambda: convergence.homogeneity(STATES, 2009), "there is no year 2009 to divide at"),
    (lambda: convergence.homogeneity(panel([["a"] * 5, ["b"] * 5]), 2002), "there is nothing to compare"),
])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
