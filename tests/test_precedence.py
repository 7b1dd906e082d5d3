"""Whether one thing comes before another: independent references, second computations, what must change nothing, size, power and bad input."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from statsmodels.datasets import grunfeld
from statsmodels.tsa.stattools import grangercausalitytests

from casebook import precedence
from casebook.precedence import OUTCOMES, PERSISTENCES, STATISTICS, TRENDS, both_ways, bootstrap, granger, power

REFERENCE = json.loads((Path(__file__).parent / "references" / "granger.json").read_text())

some = settings(max_examples=25, deadline=None)
seeds, lags_ = st.integers(0, 10_000), st.sampled_from([1, 2])
trends, signed = st.sampled_from(TRENDS), st.sampled_from([-3.0, 1e-6, 0.2, 1e6])


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def series(values, name=None):
    """Regions x years as a Series."""
    index = pd.MultiIndex.from_product([[f"R{i:02}" for i in range(values.shape[0])], range(2003, 2003 + values.shape[1])], names=["region", "year"])
    return pd.Series(values.ravel(), index, name=name)


def simulated(seed, regions=6, years=16, own=0.5, effect=0.0, common=0.0):
    """The effect follows its cause by a year; common shocks meet all regions alike.  Fifty years go before."""
    rng = np.random.default_rng(seed)
    shocks = rng.normal(size=(2, regions, years + 50)) + common * rng.normal(size=(2, 1, years + 50))
    y, x = np.zeros((2, regions, years + 50))
    for t in range(1, years + 50):
        x[:, t] = own * x[:, t - 1] + shocks[0, :, t]
        y[:, t] = own * y[:, t - 1] + effect * x[:, t - 1] + shocks[1, :, t]
    return series(y[:, -years:], "output"), series(x[:, -years:], "use")


def treated(panel, trend):
    """A second route to what `trend` does."""
    if "differences" in trend:
        panel = panel.groupby("region").diff().dropna()
    return panel - panel.groupby("year").transform("mean") if "demeaned" in trend else panel


def regression(effect, cause, lags):
    """One region by statsmodels, from series by year."""
    frame = pd.DataFrame({f"{name}{k}": values.shift(k) for name, values in (("y", effect), ("x", cause)) for k in range(1, lags + 1)})
    return sm.OLS(effect[lags:].to_numpy(), sm.add_constant(frame[lags:].to_numpy())).fit()


def wald(effect, cause, lags):
    restriction = np.eye(2 * lags + 1)[lags + 1:]
    return float(np.squeeze(regression(effect, cause, lags).wald_test(restriction, use_f=False, scalar=True).statistic))


# ------------------------------------------------------------------------------- references
def firms():
    data = grunfeld.load_pandas().data
    data = data[data["firm"] != "American Steel"].rename(columns={"firm": "region"}).astype({"year": int})  # the eleventh, which R leaves out
    return data.set_index(["region", "year"])


@pytest.mark.parametrize("lags", [1, 2])
def test_the_statistics_of_ten_firms_are_those_of_r(lags):
    found = granger(firms()["invest"], firms()["value"], lags=lags, trend="levels")
    assert (found.n_regions, found.n_years, found.lags) == (10, 20 - lags, lags)
    for name, printed in REFERENCE[f"lags_{lags}"].items():
        assert getattr(found, name) == pytest.approx(printed, abs=5e-5 if name[0] == "z" else 0, rel=0 if name[0] == "z" else 6e-4)


def test_each_firm_is_as_in_r():
    data, expected = firms(), REFERENCE["chisq_lags_2"]
    found = granger(data["invest"], data["value"], lags=2, trend="levels").by_region["W"]
    assert list(found.index) == [*expected, "Diamond Match"]
    assert_allclose(found[list(expected)], list(expected.values()), rtol=0, atol=6e-8)
    last, shorter = REFERENCE["Diamond Match"], data[data.index.get_level_values("year") < 1954]
    for name, frame, lags in (("lags_3", data, 3), ("lags_2_without_1954", shorter, 2), ("lags_3_without_1954", shorter, 3)):
        found = granger(frame["invest"], frame["value"], lags=lags, trend="levels").by_region["W"]
        assert found["Diamond Match"] == pytest.approx(last[name], abs=6e-8)


# ------------------------------------------------------------------------------- second computations
@pytest.mark.parametrize("lags", [1, 2, 3])
@pytest.mark.parametrize("trend", TRENDS)
def test_each_region_is_a_regression_of_its_own(lags, trend):
    effect, cause = simulated(1, regions=4, years=18, effect=0.3)
    found = granger(effect, cause, lags=lags, trend=trend).by_region
    y, x = treated(effect, trend), treated(cause, trend)
    for region, row in found.iterrows():
        own = regression(y[region], x[region], lags)
        f = own.f_test(np.eye(2 * lags + 1)[lags + 1:])
        assert row["W"] == pytest.approx(wald(y[region], x[region], lags), rel=1e-9)
        assert row["W"] / lags == pytest.approx(float(np.squeeze(f.fvalue)), rel=1e-9) and row["p"] == pytest.approx(float(f.pvalue), rel=1e-9)
        assert row["coefficients"] == pytest.approx(own.params[lags + 1:].sum(), rel=1e-9)


def test_a_region_is_what_statsmodels_calls_granger_causality():
    effect, cause = simulated(2, regions=3, effect=0.3)
    found = granger(effect, cause, lags=2, trend="levels").by_region
    for region, row in found.iterrows():
        f, p, _, k = grangercausalitytests(np.column_stack([effect[region], cause[region]]), [2])[2][0]["ssr_ftest"]
        assert row["W"] == pytest.approx(k * f, rel=1e-9) and row["p"] == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(("lags", "years", "trend"), [(1, 9, "demeaned"), (1, 16, "differences"), (2, 12, "levels"), (3, 20, "differences, demeaned")])
def test_z_is_w_standardised_by_the_moments_of_its_distribution(lags, years, trend):
    effect, cause = simulated(3, regions=5, years=years, effect=0.4)
    found = granger(effect, cause, lags=lags, trend=trend)
    usable = years - lags - ("differences" in trend)
    assert found.n_years == usable and found.w_bar == pytest.approx(found.by_region["W"].mean())
    endless, short = stats.chi2(lags), stats.f(lags, usable - 2 * lags - 1, scale=lags)
    for law, z, p in ((endless, found.z_bar, found.p_bar), (short, found.z_tilde, found.p_tilde)):
        assert z == pytest.approx(np.sqrt(5) * (found.w_bar - law.mean()) / law.std(), rel=1e-9)
        assert p == pytest.approx(2 * stats.norm.cdf(-abs(z)), rel=1e-9)


@pytest.mark.parametrize(("trend", "fewest"), [("demeaned", 5 + 3 * 2 + 1), ("differences", 5 + 3 * 2 + 2)])
def test_the_fewest_years_are_those_of_the_paper(trend, fewest):
    assert granger(*simulated(4, years=fewest), lags=2, trend=trend).n_years == 5 + 2 * 2 + 1
    with pytest.raises(ValueError, match=f"leave 9 usable years of {fewest - 1}; more than 5 .* = 9 are needed"):
        granger(*simulated(4, years=fewest - 1), lags=2, trend=trend)


def redrawn(effect, cause, lags, trend, rows, push=0):
    """Z-bar and Z-tilde of panels redrawn without effect, region by region and year by year; `push` is draws x regions."""
    y, x = treated(effect, trend).unstack().T, treated(cause, trend).unstack().T  # years x regions
    usable, statistics = len(y) - lags, []
    push = np.broadcast_to(push, (len(rows), y.shape[1]))
    fits = {}
    for region in y:
        past = np.column_stack([np.ones(usable), *(y[region].shift(k)[lags:] for k in range(1, lags + 1))])
        fits[region] = sm.OLS(y[region][lags:].to_numpy(), past).fit()
    for picked, pushed in zip(rows, push):
        new = y.copy()
        for r, (region, fit) in enumerate(fits.items()):
            values, ratio = list(y[region][:lags]), y[region].std() / x[region].std()
            for t in range(lags, len(y)):
                own = fit.params[0] + sum(fit.params[k] * values[t - k] for k in range(1, lags + 1))
                values.append(own + fit.resid[picked[t - lags]] + pushed[r] * ratio * (x[region].iloc[t - 1] - x[region].mean()))
            new[region] = values
        if "demeaned" in trend:
            new = new.sub(new.mean(axis=1), axis=0)
        w = np.mean([wald(new[region], x[region], lags) for region in new])
        short = stats.f(lags, usable - 2 * lags - 1, scale=lags)
        statistics.append([np.sqrt(y.shape[1] / 2 / lags) * (w - lags), np.sqrt(y.shape[1]) * (w - short.mean()) / short.std()])
    return np.array(statistics)


@pytest.mark.parametrize(("lags", "trend"), [(1, "demeaned"), (2, "levels"), (2, "differences, demeaned")])
def test_draws_take_whole_years_and_rebuild_each_region(lags, trend):
    effect, cause = simulated(5, regions=3, years=16, common=1)
    found = bootstrap(effect, cause, lags=lags, trend=trend, persistence="fitted", draws=4, seed=9)
    usable = found.granger.n_years
    rows = np.random.default_rng(9).integers(usable, size=(4, usable))
    expected = redrawn(effect, cause, lags, trend, rows)
    assert_allclose(found.drawn[["Z-bar", "Z-tilde"]], expected, rtol=1e-8)
    for column, p, z in ((0, found.p_bar, found.granger.z_bar), (1, found.p_tilde, found.granger.z_tilde)):
        assert p == (1 + np.sum(np.abs(expected[:, column]) >= abs(z))) / 5


@pytest.mark.parametrize(("lags", "statistic", "share"), [(1, "Z-tilde", 1.0), (2, "Z-bar", 0.5)])
def test_power_is_the_share_of_panels_with_the_effect_beyond_those_without(lags, statistic, share):
    effect, cause = simulated(6, regions=4, years=17)
    found = power(effect, cause, sizes=[0.4], share=share, lags=lags, statistic=statistic, persistence="fitted", draws=19, seed=3, level=0.1)
    usable, rng, column = 17 - lags, np.random.default_rng(3), {"Z-bar": 0, "Z-tilde": 1}[statistic]
    without, rows = (rng.integers(usable, size=(19, usable)) for _ in range(2))
    has = rng.permuted(np.tile(np.arange(4) < 4 * share, (19, 1)), axis=1)
    critical = np.sort(np.abs(redrawn(effect, cause, lags, "demeaned", without)[:, column]))[-2]  # at 10 per cent: one of 19 may be larger
    for size, row in found.iterrows():
        z = redrawn(effect, cause, lags, "demeaned", rows, size * has)
        assert row["power"] == np.mean(np.abs(z[:, column]) > critical)
        assert_allclose(row[["asymptotic Z-bar", "asymptotic Z-tilde"]].astype(float), (np.abs(z) > stats.norm.ppf(0.95)).mean(axis=0))
    assert list(found.index) == [0, 0.4] and 0 < found.loc[0.4, "power"] < 1


def test_corrected_persistence_is_that_of_the_formula_for_one_lag():
    """A fit over n years is too low by (1 + 3 own) / n, near enough; solved for own, (n fit + 1) / (n - 3)."""
    y, x = (panel.unstack().to_numpy() for panel in simulated(7, regions=300, years=21, own=0.5))
    fitted, corrected = (precedence._null(y, x, 1, False, p, np.random.default_rng(1)).own[:, 0] for p in ("fitted", "corrected"))
    assert abs(corrected.mean() - 0.5) < 0.04 < 0.08 < 0.5 - fitted.mean()  # the mean of 300 is known to 0.01
    middling = np.abs(fitted) < 0.5  # at a unit root the correction stops short, and the formula doesn't
    assert_allclose(corrected[middling], (20 * fitted[middling] + 1) / 17, atol=0.12)
    assert abs(np.mean(corrected[middling] - (20 * fitted[middling] + 1) / 17)) < 0.01


def test_the_correction_makes_no_region_run_away():
    y, x = (panel.unstack().to_numpy().cumsum(axis=1) for panel in simulated(8, regions=40, own=0.0))
    for lags in (1, 2):
        fitted, corrected = (precedence._null(y, x, lags, False, p, np.random.default_rng(1)) for p in ("fitted", "corrected"))
        assert (precedence._modulus(corrected.own) <= np.maximum(precedence._modulus(fitted.own), 0.999) + 1e-12).all()
        assert_allclose(corrected.residuals.mean(axis=1), 0, atol=1e-12)
        assert corrected.own.sum(axis=1).mean() > fitted.own.sum(axis=1).mean()


def test_the_largest_root_is_that_of_the_polynomial():
    own = np.random.default_rng(1).normal(size=(5, 3))
    assert_allclose(precedence._modulus(own), [np.abs(np.roots([1, *-row])).max() for row in own])


# ------------------------------------------------------------------------------- what changes nothing
def same(one, other, factor=1.0):
    assert_allclose(other.by_region["W"], one.by_region["W"], rtol=1e-6, atol=1e-9)
    assert_allclose(other.by_region["coefficients"] * factor, one.by_region["coefficients"], rtol=1e-6, atol=1e-9)
    assert_allclose([other.z_bar, other.z_tilde], [one.z_bar, one.z_tilde], rtol=1e-6, atol=1e-6)


@some
@given(seeds, lags_, trends, signed, signed, st.floats(-1000, 1000))
def test_units_and_origins_change_nothing(seed, lags, trend, a, b, origin):
    effect, cause = simulated(seed)
    one = granger(effect, cause, lags=lags, trend=trend)
    same(one, granger(a * (effect + origin), b * (cause - origin), lags=lags, trend=trend), b / a)
    assert (one.by_region["W"] >= 0).all() and one.by_region["p"].between(0, 1).all()


@some
@given(seeds, lags_, trends)
def test_a_level_of_its_own_changes_nothing_in_a_region(seed, lags, trend):
    effect, cause = simulated(seed)
    own = pd.Series(np.repeat(np.random.default_rng(seed).normal(0, 10, 6), 16), effect.index)
    same(granger(effect, cause, lags=lags, trend=trend), granger(effect + own, cause - 2 * own, lags=lags, trend=trend))


@some
@given(seeds, lags_, st.sampled_from([t for t in TRENDS if "demeaned" in t]))
def test_what_meets_all_regions_alike_changes_nothing_once_means_are_removed(seed, lags, trend):
    effect, cause = simulated(seed)
    shock = pd.Series(np.tile(np.random.default_rng(seed).normal(0, 10, 16), 6), effect.index)
    same(granger(effect, cause, lags=lags, trend=trend), granger(effect + shock, cause - 2 * shock, lags=lags, trend=trend))


@some
@given(seeds, lags_, st.sampled_from([t for t in TRENDS if "differences" in t]))
def test_a_steady_trend_of_its_own_changes_nothing_in_differences(seed, lags, trend):
    effect, cause = simulated(seed)
    slopes = np.random.default_rng(seed).normal(0, 10, 6)
    steady = pd.Series(np.outer(slopes, np.arange(16)).ravel(), effect.index)
    same(granger(effect, cause, lags=lags, trend=trend), granger(effect + steady, cause - 2 * steady, lags=lags, trend=trend))


@some
@given(seeds, lags_, trends)
def test_rows_and_regions_can_come_in_any_order(seed, lags, trend):
    effect, cause = simulated(seed)
    one = granger(effect, cause, lags=lags, trend=trend)
    mixed = effect.sample(frac=1, random_state=seed)
    other = granger(mixed, cause.sample(frac=1, random_state=seed + 1), lags=lags, trend=trend)
    assert list(other.by_region.index) == list(mixed.index.unique("region"))
    assert_allclose(other.by_region.loc[one.by_region.index], one.by_region, rtol=1e-7)
    assert_allclose([other.z_bar, other.z_tilde, other.p_bar], [one.z_bar, one.z_tilde, one.p_bar], rtol=1e-7, atol=1e-9)


@settings(max_examples=6, deadline=None)
@given(seeds, lags_, trends, st.sampled_from(PERSISTENCES), signed)
def test_bootstrap_and_power_are_free_of_units_and_repeat_with_their_seed(seed, lags, trend, persistence, factor):
    effect, cause = simulated(seed, regions=4)
    options = {"lags": lags, "trend": trend, "persistence": persistence, "draws": 29, "seed": seed}
    one, other = bootstrap(effect, cause, **options), bootstrap(factor * effect + 7, 5 - cause, **options)
    assert_allclose(other.drawn, one.drawn, rtol=1e-5, atol=1e-5)
    assert (other.p_bar, other.p_tilde) == (one.p_bar, one.p_tilde)
    assert bootstrap(effect, cause, **options).drawn.equals(one.drawn)
    assert not bootstrap(effect, cause, **{**options, "seed": seed + 1}).drawn.equals(one.drawn)
    sizes = power(effect, cause, sizes=[0, 0.5], **options)
    assert sizes.equals(power(abs(factor) * effect, cause + 3, sizes=[0, 0.5], **options))


@settings(max_examples=10, deadline=None)
@given(seeds, st.sampled_from([-0.5, 0.0, 0.5]), st.sampled_from(STATISTICS))
def test_the_other_way_round_is_the_other_way_round(seed, effect, statistic):
    second, first = simulated(seed, effect=effect)
    one, other = (both_ways(*pair, draws=39, seed=seed, statistic=statistic) for pair in ((first, second), (second, first)))
    assert (one.p_forward, one.p_backward) == (other.p_backward, other.p_forward)
    turned = {OUTCOMES[0]: OUTCOMES[1], OUTCOMES[1]: OUTCOMES[0]}
    assert other.outcome == turned.get(one.outcome, one.outcome) and one.outcome in OUTCOMES


# ------------------------------------------------------------------------------- size and power
def test_under_common_shocks_the_bootstrap_keeps_its_promise_and_the_normal_distribution_does_not():
    """Of 200 panels without effect, 5 per cent are 10, give or take 3."""
    found = [bootstrap(*simulated(seed, regions=20, years=14, common=3), trend="levels", persistence="fitted", draws=99, seed=seed) for seed in range(200)]
    p = pd.DataFrame([(one.p_bar, one.p_tilde, one.granger.p_bar, one.granger.p_tilde) for one in found], columns=["bar", "tilde", "normal bar", "normal tilde"])
    shares = (p <= 0.05).mean()
    assert shares[["bar", "tilde"]].between(0.005, 0.095).all()
    assert shares["normal bar"] > 0.4 and shares["normal tilde"] > 0.25


def test_lasting_series_need_the_correction():
    def found(persistence):
        return [bootstrap(*simulated(seed, regions=8, own=0.9), persistence=persistence, draws=59, seed=seed) for seed in range(60)]

    corrected, fitted = (np.mean([one.p_tilde <= 0.05 for one in found(persistence)]) for persistence in PERSISTENCES)
    normal = np.mean([granger(*simulated(seed, regions=8, own=0.9)).p_tilde <= 0.05 for seed in range(60)])
    assert corrected < fitted < normal and corrected < 0.1


def test_power_starts_at_the_level_and_grows_with_the_size_and_the_share():
    effect, cause = simulated(11, regions=15, common=1)
    found = power(effect, cause, sizes=[0.1, 0.2, 0.4, 0.8], draws=399, seed=1)
    assert list(found.index) == [0, 0.1, 0.2, 0.4, 0.8] and found.index.name == "size"
    assert found.loc[0, "power"] == pytest.approx(0.05, abs=0.035)  # two samples of 399 differ by 0.015, give or take
    assert found["power"].is_monotonic_increasing and found.loc[0.2, "power"] > found.loc[0, "power"] + 0.1 and found.loc[0.8, "power"] > 0.99
    assert found.loc[0, "asymptotic Z-bar"] > 0.1
    some_regions = power(effect, cause, sizes=[0.4], share=0.2, draws=399, seed=1)
    assert some_regions.loc[0.4, "power"] < found.loc[0.4, "power"] - 0.2
    assert some_regions.loc[0, "power"] == found.loc[0, "power"]
    wide = power(effect, cause, sizes=[0.0], draws=399, seed=1, level=0.2)
    assert list(wide.index) == [0] and wide.loc[0, "power"] == pytest.approx(0.2, abs=0.06)


def test_power_tells_how_often_both_ways_finds_an_effect():
    """An effect of 0.3 of the shocks' deviation, simulated, is found about as often as the power for the same size says."""
    panels = [simulated(seed, regions=8, effect=0.3) for seed in range(60)]
    found = np.mean([bootstrap(*panel, draws=99, seed=1).p_tilde <= 0.05 for panel in panels])
    effect, cause = simulated(61, regions=8)
    size = 0.3 * treated(cause, "demeaned").groupby("region").std().mean() / treated(effect, "demeaned").groupby("region").std().mean()
    told = power(effect, cause, sizes=[size], draws=399, seed=1).loc[size, "power"]
    assert 0.2 < told < 0.95 and abs(found - told) < 0.25


def test_four_outcomes():
    second, first = simulated(12, effect=1.0, regions=8)
    assert both_ways(first, second, draws=99, seed=1).outcome == "first before second"
    assert both_ways(second, first, draws=99, seed=1).outcome == "second before first"
    assert both_ways(*simulated(13, regions=8), draws=99, seed=1).outcome == "neither"
    rng = np.random.default_rng(1)
    a, b = np.zeros((2, 8, 18))
    for t in range(1, 18):  # each follows the other
        a[:, t], b[:, t] = 0.6 * b[:, t - 1] + rng.normal(size=8), 0.6 * a[:, t - 1] + rng.normal(size=8)
    found = both_ways(series(a), series(b), draws=99, seed=1)
    assert found.outcome == "both" and str(found).startswith("both at 5 per cent: first before second, p 0.0")
    assert found.p_forward == found.forward.p_tilde and found.p_backward == found.backward.p_tilde


def test_less_than_chance_is_no_finding():
    """The cause's lag is orthogonal to all that the effect does: W = 0 in every region, far from zero on the wrong side."""
    effect = simulated(14, regions=8)[0]
    y = treated(effect, "levels").unstack().to_numpy()
    rng, x = np.random.default_rng(1), np.zeros_like(y)
    for r, row in enumerate(y):
        known = np.column_stack([np.ones(15), row[:-1], row[1:]])
        free = rng.normal(size=15)
        x[r, :-1] = free - known @ np.linalg.lstsq(known, free, rcond=None)[0]
    found = both_ways(series(x), effect, trend="levels", draws=99, seed=1, level=0.3)
    assert_allclose(found.forward.granger.by_region["W"], 0, atol=1e-12)
    assert found.p_forward <= 0.3 and found.outcome in ("second before first", "neither")


# ------------------------------------------------------------------------------- bad input
Y, X = simulated(15)


def with_value(panel, where, value):
    panel = panel.copy()
    panel.loc[where] = value
    return panel


def twin(panel, by=0):
    """The first region has the second's series, `by` years later."""
    table = panel.unstack()
    table.loc["R00"] = np.roll(table.loc["R01"], by)
    return table.stack()


CASES = [
    (Y.to_frame(), X, {}, "effect must be a pandas Series"),
    (Y.loc["R00"], X, {}, "output as the effect must have figures indexed by levels named region and year; got 16 indexed by"),
    (Y, X.rename_axis(["province", "year"]), {}, "use as the cause must .* named region and year"),
    (Y.swaplevel(), X, {}, "in this order"),
    (Y[:0], X[:0], {}, "got 0 indexed"),
    (Y.astype(str), X, {}, "output holds no numbers"),
    (with_value(Y, ("R02", 2009), np.inf), X, {}, "infinite in R02 2009"),
    (Y, with_value(X, ("R02", 2009), np.nan), {}, "use as the cause is missing in R02 2009"),
    (pd.concat([Y, Y[:1]]), X, {}, "two figures for R00 2003"),
    (Y.drop(("R02", 2009)), X, {}, "output as the effect has no row for R02 2009; both series need every year from 2003 to 2018"),
    (Y, X.drop("R05", level=0), {}, "use as the cause has no row for R05 2003"),
    (Y.drop(2009, level=1), X.drop(2009, level=1), {}, "no row for R00 2009, R01 2009"),
    (Y, X, {"trend": "detrended"}, "trend must be one of 'demeaned', 'levels', .*; got 'detrended'"),
    (Y, X, {"lags": 0}, "lags must be a whole number of 1 at least; got 0"),
    (Y, X, {"lags": 1.0}, "lags must be a whole number"),
    (Y, X, {"lags": True}, "lags must be a whole number"),
    (Y, X, {"lags": 4}, "leave 12 usable years of 16; more than 5 \\+ 2 x 4 = 13"),
    (Y.loc[["R00"]], X.loc[["R00"]], {}, "needs two regions at least; got R00"),
    (with_value(Y, ("R02", slice(None)), 7.0), X, {"trend": "levels"}, "output doesn't vary in R02 after trend='levels'"),
    (Y, with_value(X, ("R03", slice(None)), 0.1), {"trend": "differences"}, "use doesn't vary in R03"),
    (Y, X * 0 + 1, {}, "use doesn't vary in R00, R01"),
    (Y, with_value(X, ("R03", slice(2003, 2017)), 0.1), {"trend": "levels"}, "collinear in R03"),
    (Y, with_value(X, ("R03", slice(None)), 3 - 2 * Y.loc["R03"].to_numpy()), {"trend": "levels"}, "lags of effect and cause are collinear in R03"),
    (with_value(Y, ("R03", slice(2004, None)), X.loc["R03"].to_numpy()[:-1]), X, {"trend": "levels"}, "fit the effect exactly in R03"),
]


@pytest.mark.parametrize(("effect", "cause", "options", "message"), CASES)
def test_what_cannot_be_tested_is_refused_by_name(effect, cause, options, message):
    with pytest.raises(ValueError, match=message):
        granger(effect, cause, **options)
    with pytest.raises(ValueError, match=message):
        bootstrap(effect, cause, draws=19, seed=1, **options)
    with pytest.raises(ValueError, match=message):
        power(effect, cause, sizes=[0.5], draws=19, seed=1, **options)


@pytest.mark.parametrize(("options", "message"), [
    ({"draws": 0}, "draws must be a whole number of 1 at least; got 0"),
    ({"draws": 18}, "18 draws can give no p-value of 0.05 or less; take 19 at least"),
    ({"level": 0}, "level must lie between 0 and 0.5; got 0"),
    ({"level": 0.6}, "level must lie between 0 and 0.5; got 0.6"),
    ({"statistic": "W"}, "statistic must be one of 'Z-tilde', 'Z-bar'; got 'W'"),
    ({"persistence": "true"}, "persistence must be one of 'corrected', 'fitted'; got 'true'"),
])
def test_arguments_of_power_and_both_ways(options, message):
    options = {"draws": 19, "seed": 1, **options}
    for ask in (lambda: power(Y, X, sizes=[0.5], **options), lambda: both_ways(Y, X, **options)):
        with pytest.raises(ValueError, match=message):
            ask()


@pytest.mark.parametrize(("options", "message"), [
    ({"sizes": []}, "sizes must be different numbers, one at least; got \\[\\]"),
    ({"sizes": [0.1, np.nan]}, "sizes must be different numbers"),
    ({"sizes": [0.1, 0.1]}, "sizes must be different numbers"),
    ({"sizes": [0.1], "share": 0}, "share must be above 0, at most 1 and at least one region of 6; got 0"),
    ({"sizes": [0.1], "share": 1.1}, "share must be above 0"),
    ({"sizes": [0.1], "share": 0.05}, "at least one region of 6"),
])
def test_arguments_of_power(options, message):
    with pytest.raises(ValueError, match=message):
        power(Y, X, draws=19, seed=1, **options)


def test_as_few_draws_as_the_level_allows():
    assert both_ways(Y, X, draws=19, seed=1, level=0.05).level == 0.05
    assert bootstrap(Y, X, draws=1, seed=1).p_bar in (0.5, 1.0)
