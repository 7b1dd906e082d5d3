"""The log t test and the clubs it finds: known slopes, simulated panels and refusals."""

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
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


def panel(rows, apart=1):
    rows = np.asarray(rows, dtype=float)
    years = range(1990, 1990 + apart * rows.shape[1], apart)
    key = pd.MultiIndex.from_product([[f"R{i:02d}" for i in range(len(rows))], years], names=["region", "year"])
    return pd.Series(rows.ravel(), key, name="income")


def club(n, level, years=40, speed=0.5, seed=1, spread=0.1):
    """Regions that grow together and whose relative differences vanish as t^-speed / ln(t + 1), with some noise."""
    rng, t = np.random.default_rng(seed), np.arange(1, years + 1)
    own = level + spread * (rng.normal(size=(n, 1)) + 0.1 * rng.normal(size=(n, years))) / (np.log(t + 1) * t**speed)
    return own * 10 * 1.02**t


CONVERGING = panel(club(12, 1.0))
DIVERGING = panel(np.vstack([club(6, 1.0, seed=2), club(7, 2.0, seed=3) * 1.02 ** np.arange(40)]))
"""Two clubs, the richer of which grows two per cent a year faster."""


# -------------------------------------------------------------------- log t
def two(years, speed):
    """Two regions for which ln(H1 / Ht) - 2 ln ln t is a line of slope 2 * speed in ln t, from the second year on."""
    t = np.arange(1, years + 1.0)
    gap = np.append(0.5, 0.3 / (t[1:] ** speed * np.log(t[1:])))
    return panel([1 + gap, 1 - gap])


@some
@given(st.floats(-0.5, 1.5), st.integers(12, 60), st.floats(0.1, 0.5))
def test_the_slope_is_twice_the_speed(speed, years, trim):
    found = convergence.log_t(two(years, speed), trim=trim)
    assert found.slope == pytest.approx(2 * speed, abs=1e-6)
    assert found.nobs == years - max(int(trim * years + 1e-9), 2) + 1


def test_the_regression_by_hand():
    rng = np.random.default_rng(4)
    income = panel(np.exp(rng.normal(size=(5, 30)).cumsum(axis=1) / 10))
    found = convergence.log_t(income)
    wide = income.unstack("year")
    H = ((wide / wide.mean() - 1) ** 2).mean().to_numpy()
    assert_allclose(found.H, H)
    t = np.arange(10, 31)  # [30 / 3] on
    y = np.log(H[0] / H[9:]) - 2 * np.log(np.log(t))
    x = np.column_stack([np.ones(21), np.log(t)])
    b = np.linalg.lstsq(x, y, rcond=None)[0]
    g = x * (y - x @ b)[:, None]
    lags = int(4 * (21 / 100) ** (2 / 9))
    meat = g.T @ g
    for lag in range(1, lags + 1):  # Bartlett weights
        step = g[lag:].T @ g[:-lag]
        meat += (1 - lag / (lags + 1)) * (step + step.T)
    bread = np.linalg.inv(x.T @ x)
    error = np.sqrt((bread @ meat @ bread)[1, 1] * 21 / 19)
    assert (found.slope, found.std_error, found.lags, found.nobs) == (pytest.approx(b[1]), pytest.approx(error), lags, 21)
    assert (found.t, found.pvalue) == (pytest.approx(b[1] / error), pytest.approx(stats.norm.cdf(b[1] / error)))
    assert found.converges == (found.t >= -1.65)


def test_no_lags_are_white_errors():
    income = panel(np.exp(np.random.default_rng(4).normal(size=(5, 30)).cumsum(axis=1) / 10))
    found = convergence.log_t(income, lags=0)
    t = np.arange(10, 31)
    y = np.log(found.H.iloc[0] / found.H.to_numpy()[9:]) - 2 * np.log(np.log(t))
    assert found.std_error == pytest.approx(sm.OLS(y, sm.add_constant(np.log(t))).fit(cov_type="HC1").bse[1])


def test_a_converging_panel_is_not_refused_and_diverging_clubs_are():
    assert convergence.log_t(CONVERGING).converges and convergence.log_t(CONVERGING).slope > 0
    told = convergence.log_t(DIVERGING)
    assert not told.converges and told.t < -1.65 and told.pvalue < 0.05
    assert "convergence is rejected" in str(told)


@some
@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_units_common_growth_and_order_do_not_matter(seed, unit):
    income = panel(np.random.default_rng(seed).lognormal(0, 0.3, size=(6, 25)))
    year = income.index.get_level_values("year").to_numpy()
    a = convergence.log_t(income)
    b = convergence.log_t((unit * income * 1.05 ** (year - 1990)).sample(frac=1, random_state=seed))
    assert (a.slope, a.std_error) == (pytest.approx(b.slope), pytest.approx(b.std_error))


def test_years_five_apart_count_as_one_step():
    rows = np.random.default_rng(1).lognormal(0, 0.3, size=(6, 25))
    assert convergence.log_t(panel(rows, apart=5)).slope == pytest.approx(convergence.log_t(panel(rows)).slope)


# -------------------------------------------------------------------- clubs
def test_a_converging_panel_is_one_club():
    found = convergence.clubs(CONVERGING)
    assert (found.members == 1).all() and len(found.table) == 1
    assert found.table.loc[1, "t"] == pytest.approx(found.whole.t)


def test_two_diverging_clubs_are_found():
    found = convergence.clubs(DIVERGING)
    assert found.members.to_numpy().tolist() == [2] * 6 + [1] * 7  # the richer first
    assert not found.whole.converges
    for number, row in found.table.iterrows():
        own = convergence.log_t(DIVERGING[DIVERGING.index.get_level_values("region").isin(row["names"])])
        assert (row["t"], row["slope"], row["converges"]) == (pytest.approx(own.t), pytest.approx(own.slope), True)
        assert row["regions"] == len(row["names"]) == (found.members == number).sum()
    assert "2 club(s) by log-t" in str(found)


def test_a_region_that_runs_away_is_in_no_club():
    away = np.vstack([club(6, 1.0, seed=2), [10 * 1.1 ** np.arange(1, 41)]])
    found = convergence.clubs(panel(away))
    assert found.members["R06"] == convergence.ALONE
    assert (found.members.drop("R06") == 1).all() and "in none: R06" in str(found)


@some
@given(st.integers(0, 10_000))
def test_every_club_passes_the_test_and_nobody_is_in_two(seed):
    rng = np.random.default_rng(seed)
    income = panel(np.exp(rng.normal(size=(8, 1)) + (0.1 * rng.normal(size=(8, 30))).cumsum(axis=1)))
    found = convergence.clubs(income)
    assert (found.table["t"] >= convergence.CRITICAL).all() and (found.table["regions"] > 1).all()
    names = [name for club in found.table["names"] for name in club]
    assert len(names) == len(set(names)) == (found.members != convergence.ALONE).sum()
    assert found.whole.converges == (len(found.table) == 1 and len(names) == 8)
    turned = convergence.clubs(income.sample(frac=1, random_state=seed))
    assert (turned.members.reindex(found.members.index) == found.members).all()


def scripted(values):
    """A t statistic that is told, by group; low for others."""
    return lambda rows: values.get(frozenset(rows), -9.0)


def test_the_steps_of_the_clustering():
    # Ordered 0, 1, 2, 3, 4. The first pair fails, so that the core begins at 1: {1, 2} 1, {1, 2, 3} 3, {1, 2, 3, 4} 2, and
    # all fits within the bound, so that {1, 2, 3} is the core. With it 0 has t 0.5 and 4 has t 2, both above the sieve;
    # together they fail, and the lower, 0, leaves. Nobody is left for a second club.
    known = scripted({frozenset({1, 2}): 1, frozenset({1, 2, 3}): 3, frozenset({1, 2, 3, 4}): 2, frozenset({0, 1, 2, 3}): 0.5})
    last = np.array([5.0, 4, 3, 2, 1])
    assert convergence.membership._cluster(last, known, -1.65, 0.0) == [[1, 2, 3, 4]]
    assert convergence.membership._cluster(last, known, -1.65, 2.5) == [[1, 2, 3]]  # a closer sieve; 0 and 4 then fail together
    # The core stops before the first group that fails, even if a longer one would do well again.
    known = scripted({frozenset({0, 1}): 1, frozenset({0, 1, 2, 3}): 8, frozenset({2, 3}): -1, frozenset({2, 3, 4}): -1.2})
    assert convergence.membership._cluster(last, known, -1.65, 0.0) == [[0, 1], [2, 3, 4]]


def test_clubs_by_where_regions_began():
    rows = np.outer([1.0, 2, 3, 10, 20, 30], 1.02 ** np.arange(20)) + np.random.default_rng(1).random((6, 20)) / 10
    rows[:, 0] = [1, 2, 3, 10, 20, 30]  # mean 11
    assert convergence.clubs(panel(rows), rule="initial mean").members.tolist() == [2, 2, 2, 2, 1, 1]
    found = convergence.clubs(panel(rows), rule="initial terciles")  # cuts at 8/3 and 40/3
    assert found.members.tolist() == [3, 3, 2, 2, 1, 1]
    assert found.table["names"].tolist() == [("R04", "R05"), ("R02", "R03"), ("R00", "R01")]
    assert found.table.loc[2, "t"] == pytest.approx(convergence.log_t(panel(rows).loc[["R02", "R03"]]).t)
    even = panel(np.outer(range(1, 8), 1.02 ** np.arange(20)) + np.random.default_rng(1).random((7, 20)) * (np.arange(20) > 0))
    assert convergence.clubs(even, rule="initial terciles").members.tolist() == [3, 3, 3, 2, 2, 1, 1]  # 3 and 5 are at the cuts
    single = convergence.clubs(panel(rows).loc[["R00", "R01", "R05"]], rule="initial mean")
    assert single.table.loc[1, "names"] == ("R05",) and np.isnan(single.table.loc[1, "t"]) and single.table.loc[1, "converges"] is None


def test_results_show_themselves_as_tables():
    told = convergence.clubs(DIVERGING)._repr_html_()
    assert "convergence is rejected" in told and told.count("<table") == 1 and "R12" in told


# -------------------------------------------------------------------- bad input
def changed(row, value):
    series = CONVERGING.copy()
    series.loc[row] = value
    return series


@pytest.mark.parametrize(("call", "message"), [
    (lambda: convergence.clubs(CONVERGING, rule="k-means"), "rule must be one of log-t, initial mean, initial terciles; got 'k-means'"),
    (lambda: convergence.log_t(CONVERGING, trim=0), "trim must lie between 0 and 1; got 0"),
    (lambda: convergence.log_t(CONVERGING, trim="1/3"), "trim must lie between 0 and 1"),
    (lambda: convergence.log_t(CONVERGING, critical=-40), "critical must lie between -10 and 10"),
    (lambda: convergence.clubs(CONVERGING, sieve=np.nan), "sieve must lie between -10 and 10"),
    (lambda: convergence.log_t(CONVERGING, lags=-1), "lags must be a whole number from 0 to 27"),
    (lambda: convergence.log_t(changed(("R01", 1999), 0)), "'income' of R01 is not positive in 1999"),
    (lambda: convergence.log_t(changed(("R01", 1999), np.nan)), "income of R01 is missing in 1999"),
    (lambda: convergence.log_t(CONVERGING.drop(1999, level="year")), "income has no year 1999, though its years are 1 apart elsewhere"),
    (lambda: convergence.clubs(CONVERGING.drop(("R01", 1999))), "income of R01 is missing in 1999"),
    (lambda: convergence.log_t(CONVERGING.loc[["R00"]]), "needs at least two regions; it has 1"),
    (lambda: convergence.log_t(panel(club(5, 1.0, years=5))), "with trim 0.333 4 of 5 years are left for the regression, which needs 5"),
    (lambda: convergence.log_t(panel(np.ones((3, 20)))), "R00, R01, R02 are equal in 1990"),
])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_six_years_are_enough_for_the_regression_on_five():
    assert convergence.log_t(panel(club(5, 1.0, years=6))).nobs == 5
