"""Dispersion and sigma convergence: hand-derived cases, properties, and tests whose size is known."""

import inspect
import pkgutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import optimize, stats

from casebook import convergence, readings

some = settings(max_examples=25, deadline=None)
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


@some
@given(values, st.floats(0.01, 100), st.sampled_from(convergence.MEASURES), st.sampled_from([0, 1]))
def test_units_do_not_matter(x, factor, measure, ddof):
    a = convergence.dispersion(one_year(x), measure=measure, ddof=ddof)[2005]
    b = convergence.dispersion(one_year(np.array(x) * factor), measure=measure, ddof=ddof)[2005]
    assert a == pytest.approx(b, abs=1e-9)


@some
@given(st.floats(0.1, 1000), st.integers(2, 9))
def test_equal_regions_have_no_dispersion(x, n):
    assert convergence.dispersion(one_year([x] * n))[2005] == pytest.approx(0, abs=1e-12)


@some
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


# -------------------------------------------------------------------- the package
def test_the_package_exports_what_it_says():
    assert set(convergence.__all__) <= set(vars(convergence))
    functions = {n for n in convergence.__all__ if inspect.isfunction(getattr(convergence, n))}
    assert {"dispersion", "sigma_convergence", "sigma_test", "beta_convergence", "spatial_beta", "gini", "theil", "decompose",
            "classes", "transitions", "homogeneity", "log_t", "clubs"} <= functions
    assert not functions & {m.name for m in pkgutil.iter_modules(convergence.__path__)}  # a module would hide it


def test_a_cached_grid_follows_every_module_of_the_package(monkeypatch):
    # The key of the cache is a digest of source; a change in any module has to change it.
    before, real = readings.grid._source(convergence.dispersion), inspect.getsource
    for name in ("sigma", "checks"):
        monkeypatch.setattr(inspect, "getsource", lambda m, name=name: real(m) + "#" * (m.__name__ == f"casebook.convergence.{name}"))
        assert readings.grid._source(convergence.dispersion) != before
    from casebook import productivity  # takes the package whole

    monkeypatch.setattr(inspect, "getsource", real)
    before = readings.grid._source(productivity.outcomes)
    for name in ("", ".sigma", ".checks", ".inequality"):
        monkeypatch.setattr(inspect, "getsource", lambda m, name=name: real(m) + "#" * (m.__name__ == f"casebook.convergence{name}"))
        assert readings.grid._source(productivity.outcomes) != before


# -------------------------------------------------------------------- weights
def panel(rows, years=(2000, 2010), name="income"):
    """A row of values per year, regions A, B, C ..."""
    key = pd.MultiIndex.from_product([years, list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")[: len(rows[0])]], names=["year", "region"])
    return pd.Series(np.ravel(rows).astype(float), key, name=name).swaplevel()


def test_williamson_by_hand():
    # Incomes 1 and 3, people 3 and 1: mean 6/4, variance 3/4 * (1/2)^2 + 1/4 * (3/2)^2 = 3/4.
    income, people = panel([[1, 3]], [2005]), panel([[3, 1]], [2005], "people")
    assert convergence.dispersion(income, weights=people)[2005] == pytest.approx(np.sqrt(0.75) / 1.5)


@some
@given(st.lists(st.tuples(st.floats(0.1, 100), st.integers(1, 5)), min_size=2, max_size=8), st.sampled_from(convergence.MEASURES))
def test_a_weight_is_so_many_equal_regions(pairs, measure):
    x, n = zip(*pairs)
    assume(sum(n) > 1)
    weighted = convergence.dispersion(one_year(x), measure=measure, weights=one_year(n).rename("people"))[2005]
    assert weighted == pytest.approx(convergence.dispersion(one_year(np.repeat(x, n)), measure=measure)[2005], abs=1e-9)


def test_equal_weights_are_none_and_order_does_not_matter():
    income = panel([[1, 3, 7], [2, 4, 5]])
    people = (income * 0 + 4).rename("people")
    assert_allclose(convergence.dispersion(income, weights=people.iloc[::-1]), convergence.dispersion(income), rtol=1e-12)
    varied = panel([[1, 2, 3], [3, 2, 1]], name="people")
    assert_allclose(convergence.dispersion(income, weights=varied.iloc[::-1]), convergence.dispersion(income, weights=varied), rtol=1e-12)


# -------------------------------------------------------------------- the test of two years
def draws(seed, n=12, correlation=0.6, spread=1.0):
    """Log incomes of two years, jointly normal, whose deviations are as 1 to `spread`."""
    rng = np.random.default_rng(seed)
    x, e = rng.normal(size=(2, n))
    return np.exp([x, spread * (correlation * x + np.sqrt(1 - correlation**2) * e)])


def test_pitman_morgan_is_the_correlation_of_sum_and_difference():
    rows = draws(1)
    found = convergence.sigma_test(panel(rows), 2000, 2010)
    x, y = np.log(rows)
    other = stats.pearsonr(x + y, x - y)
    t = other.statistic * np.sqrt(10 / (1 - other.statistic**2))
    assert (found.statistic, found.pvalue) == pytest.approx((t, other.pvalue))
    assert found.pvalue_fall == pytest.approx(stats.pearsonr(x + y, x - y, alternative="greater").pvalue)
    assert (found.nobs, found.df, found.correlation) == (12, (10,), pytest.approx(np.corrcoef(x, y)[0, 1]))
    assert_allclose(found.variances, (x.var(ddof=1), y.var(ddof=1)))


def test_carree_and_klomp_as_printed():
    rows = draws(2)
    (a, c), (_, b) = np.cov(*np.log(rows))
    found = convergence.sigma_test(panel(rows), 2000, 2010, test="likelihood-ratio")
    t2 = (12 - 2.5) * np.log(1 + 0.25 * (a - b) ** 2 / (a * b - c**2))
    assert (found.statistic, found.pvalue) == pytest.approx((t2, stats.chi2.sf(t2, 1)))


def test_the_likelihood_ratio_is_one():
    # Twice the difference of maximised normal log-likelihoods is N times the same logarithm: the factor
    # N - 2.5 is a correction. Under equal variances the maximum has the mean variance and the same covariance.
    rows = draws(3)
    x = np.log(rows)
    free = np.cov(x, ddof=0)
    tied = np.array([[free.trace() / 2, free[0, 1]], [free[0, 1], free.trace() / 2]])

    def height(cov):
        return stats.multivariate_normal(x.mean(axis=1), cov).logpdf(x.T).sum()

    ratio = 2 * (height(free) - height(tied))
    found = convergence.sigma_test(panel(rows), 2000, 2010, test="likelihood-ratio")
    assert found.statistic == pytest.approx(ratio * 9.5 / 12)


def test_lichtenberg_is_a_plain_f():
    rows = draws(4)
    a, b = np.log(rows).var(axis=1, ddof=1)
    found = convergence.sigma_test(panel(rows), 2000, 2010, test="lichtenberg")
    assert (found.statistic, found.df) == (pytest.approx(a / b), (10, 10))
    assert found.pvalue_fall == pytest.approx(stats.f.sf(a / b, 10, 10))
    assert found.pvalue == pytest.approx(2 * min(stats.f.sf(a / b, 10, 10), stats.f.cdf(a / b, 10, 10)))


def test_the_interval_holds_the_ratios_that_the_test_does_not_reject():
    rows = draws(5)
    found = convergence.sigma_test(panel(rows), 2000, 2010, level=0.9)
    x, y = np.log(rows)

    def p(ratio):  # of the hypothesis that the variances are as this ratio: scale the second up to it
        return stats.pearsonr(x + y * np.sqrt(ratio), x - y * np.sqrt(ratio)).pvalue - 0.1

    low = optimize.brentq(p, found.ratio / 1e3, found.ratio)
    high = optimize.brentq(p, found.ratio, found.ratio * 1e3)
    assert (found.lower, found.upper) == (pytest.approx(low), pytest.approx(high))
    assert found.ratio == pytest.approx(x.var() / y.var())


@some
@given(st.integers(0, 10_000), st.integers(4, 20), st.floats(-0.9, 0.9), st.floats(0.2, 5), st.sampled_from(convergence.TESTS))
def test_turning_the_years_round_turns_the_ratio(seed, n, correlation, spread, test):
    rows = draws(seed, n, correlation, spread)
    there = convergence.sigma_test(panel(rows), 2000, 2010, test=test)
    back = convergence.sigma_test(panel(rows[::-1]), 2000, 2010, test=test)
    assert there.pvalue == pytest.approx(back.pvalue, abs=1e-12)
    assert there.pvalue_fall + back.pvalue_fall == pytest.approx(1)
    assert (there.ratio * back.ratio, there.lower * back.upper) == (pytest.approx(1), pytest.approx(1))
    assert there.lower < there.ratio < there.upper
    assert {there.direction, back.direction} == {"falls", "rises"}
    if test == "pitman-morgan":  # the interval and the test agree
        assert (there.pvalue < 0.05) == (not there.lower < 1 < there.upper)


@some
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(0.01, 100))
def test_common_growth_and_units_do_not_matter_in_logs(seed, unit, growth):
    x, y = draws(seed)
    a = convergence.sigma_test(panel([x, y]), 2000, 2010)
    b = convergence.sigma_test(panel([unit * x, unit * growth * y]), 2000, 2010)
    assert (a.statistic, a.ratio) == (pytest.approx(b.statistic, rel=1e-6, abs=1e-9), pytest.approx(b.ratio, rel=1e-9))


def test_level_scale_is_of_the_levels():
    rows = draws(6)
    a = convergence.sigma_test(panel(rows), 2000, 2010, scale="level")
    b = convergence.sigma_test(panel(np.exp(rows)), 2000, 2010)
    assert (a.statistic, a.ratio) == (pytest.approx(b.statistic), pytest.approx(b.ratio))
    assert convergence.sigma_test(panel(np.asarray(rows) - 9), 2000, 2010, scale="level").statistic == pytest.approx(a.statistic)


def test_size_of_the_three_tests():
    # Equal variances, 15 regions, two years alike with correlation 0.95. Of 2000 draws 5 % are rejected, +- 4 * 0.5 %;
    # Lichtenberg's test, which takes them for independent, almost never rejects.
    rng, rejected = np.random.default_rng(11), dict.fromkeys(convergence.TESTS, 0)
    cov = [[1, 0.95], [0.95, 1]]
    for _ in range(2000):
        x, y = rng.multivariate_normal([0, 0], cov, 15).T
        (a, c), (_, b) = np.cov(x, y)
        t = (a - b) * np.sqrt(13) / (2 * np.sqrt(a * b - c**2))
        for test in rejected:
            rejected[test] += convergence.sigma._tested(test, t, a / b, 15)[2] < 0.05
    assert 60 <= rejected["pitman-morgan"] <= 140
    assert 60 <= rejected["likelihood-ratio"] <= 150
    assert rejected["lichtenberg"] <= 5


def test_an_exact_line_has_no_error():
    # Every log gap halves: the ratio is 4, for sure.
    base = np.array([0.0, 1, 2, 4])
    found = convergence.sigma_test(panel(np.exp([base, base / 2])), 2000, 2010)
    assert (found.pvalue, found.direction) == (0, "falls")
    assert (found.ratio, found.lower, found.upper) == (pytest.approx(4), pytest.approx(4, rel=1e-4), pytest.approx(4, rel=1e-4))
    assert "falls from 2000 to 2010, 4 regions: ratio 4.000" in str(found)


def test_net_change_is_from_first_to_last_year_whatever_the_order():
    path = pd.Series({2007: 0.3, 2005: 0.5, 2006: 0.4})
    assert convergence.sigma_convergence(path).net == pytest.approx(-0.2)


GOOD = panel(draws(7, 5))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: convergence.sigma_test(GOOD, 2000, 2010, test="f"), "test must be one of pitman-morgan, likelihood-ratio, lichtenberg"),
        (lambda: convergence.sigma_test(GOOD, 2000, 2010, scale="logs"), "scale must be one of log, level"),
        (lambda: convergence.sigma_test(GOOD, 2000, 2010, level=1), "level must lie between 0 and 1"),
        (lambda: convergence.sigma_test(GOOD, 2010, 2000), "end after it starts"),
        (lambda: convergence.sigma_test(GOOD, 2000, 2011), "income has no year 2011; it has 2000, 2010"),
        (lambda: convergence.sigma_test(GOOD.drop(("C", 2010)), 2000, 2010), "income of C is missing in 2010"),
        (lambda: convergence.sigma_test(GOOD.replace(GOOD["B", 2000], 0), 2000, 2010), "'income' of B is not positive in 2000"),
        (lambda: convergence.sigma_test(GOOD.replace(GOOD["B", 2000], np.inf), 2000, 2010), "income is infinite in B 2000"),
        (lambda: convergence.sigma_test(GOOD.iloc[[0, 1, 5, 6]], 2000, 2010), "needs at least three regions; it has 2"),
        (lambda: convergence.sigma_test(panel([[1, 1, 1], [1, 2, 3]]), 2000, 2010), "all regions are equal in 2000"),
        (lambda: convergence.sigma_test(panel([[1, 2, 4], [3, 6, 12]]), 2000, 2010), "as when every region grows alike"),
        (lambda: convergence.sigma_test(pd.concat([GOOD, GOOD.iloc[:1]]), 2000, 2010), "two figures for A 2000"),
        (lambda: convergence.dispersion(GOOD.swaplevel()), r"must be indexed by \(region, year\)"),
        (lambda: convergence.dispersion(GOOD, weights=GOOD, ddof=1), "take them with ddof=0"),
        (lambda: convergence.dispersion(GOOD, weights=GOOD.rename("people").drop(("C", 2010))), "people of C is missing in 2010"),
        (lambda: convergence.dispersion(GOOD.iloc[[0, 1, 5, 6]], weights=GOOD.rename("people")), "people names C, D, E, which income lacks"),
        (lambda: convergence.dispersion(GOOD, weights=(GOOD * 0).rename("people")), "'people' of A is not positive in 2000"),
    ],
)
def test_bad_input_of_tests_and_weights_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
