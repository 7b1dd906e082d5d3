"""Growth on initial income: against least squares by hand, deterministic paths and another package's spatial models."""

import warnings

import numpy as np
import pandas as pd
import pytest
import spreg
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.weights import W
from numpy.testing import assert_allclose
from scipy import optimize, stats

from casebook import convergence
from casebook.convergence.beta import INITIAL

some = settings(max_examples=25, deadline=None)


def regions(n):
    return [f"R{i:02d}" for i in range(n)]


def panel(start, end, years=(2000, 2010)):
    key = pd.MultiIndex.from_product([regions(len(start)), years], names=["region", "year"])
    return pd.Series(np.column_stack([start, end]).ravel().astype(float), key, name="income")


def drawn(seed=1, n=25, beta=-0.02, years=10, noise=0.01):
    """Initial and last incomes whose growth a year is 0.2 + beta ln y + noise, and a control that is part of the noise."""
    rng = np.random.default_rng(seed)
    log = rng.normal(9, 0.5, n)
    control = rng.normal(size=n)
    growth = 0.2 + beta * log + noise * (control + rng.normal(size=n))
    return panel(np.exp(log), np.exp(log + years * growth), (2000, 2000 + years)), pd.DataFrame({"schooling": control}, regions(n))


def parts(income, start=2000, end=2010):
    wide = income.unstack("year")
    x = np.log(wide[start].to_numpy())
    return x, (np.log(wide[end].to_numpy()) - x) / (end - start)


# -------------------------------------------------------------------- least squares
def test_absolute_convergence_by_hand():
    income, _ = drawn()
    x, g = parts(income)
    found = convergence.beta_convergence(income, 2000, 2010, errors="classical")
    line = stats.linregress(x, g)
    assert (found.beta, found.std_error, found.pvalue) == pytest.approx((line.slope, line.stderr, line.pvalue))
    assert (found.rsquared, found.nobs, found.conditional) == (pytest.approx(line.rvalue**2), 25, False)
    assert (found.params["estimate"]["const"]) == pytest.approx(line.intercept)
    assert_allclose(found.residuals, g - line.intercept - line.slope * x, atol=1e-14)
    assert list(found.residuals.index) == regions(25)


@pytest.mark.parametrize("kind", ["HC1", "HC3", "classical"])
def test_conditional_convergence_and_its_errors_by_matrices(kind):
    income, controls = drawn()
    x, g = parts(income)
    z = np.column_stack([np.ones(25), x, controls["schooling"]])
    inverse = np.linalg.inv(z.T @ z)
    b = inverse @ z.T @ g
    e, hat = g - z @ b, np.einsum("ij,jk,ik->i", z, inverse, z)
    square = {"HC1": e**2 * 25 / 22, "HC3": (e / (1 - hat)) ** 2, "classical": np.full(25, e @ e / 22)}[kind]
    cov = inverse @ (z.T * square) @ z @ inverse
    found = convergence.beta_convergence(income, 2000, 2010, controls=controls, errors=kind)
    assert_allclose(found.params["estimate"], b, rtol=1e-8)
    assert_allclose(found.params["std_error"], np.sqrt(np.diag(cov)), rtol=1e-8)
    t = b[1] / np.sqrt(cov[1, 1])
    assert (found.beta, found.pvalue) == (pytest.approx(b[1]), pytest.approx(2 * stats.t.sf(abs(t), 22)))
    assert found.conditional and found.speed.rate == pytest.approx(-np.log(1 + 10 * b[1]) / 10)


def test_speed_of_barro_and_sala_i_martin_by_their_own_regression():
    # growth = a - (1 - exp(-lambda T)) / T ln y0 + e by non-linear least squares, error from its Jacobian.
    income, _ = drawn(3)
    x, g = parts(income)

    def left(p):
        return g - p[0] + (1 - np.exp(-10 * p[1])) / 10 * x

    fit = optimize.least_squares(left, [0.2, 0.02], xtol=1e-15, ftol=1e-15, gtol=1e-15, x_scale=[1, 0.1])
    error = np.sqrt(np.linalg.inv(fit.jac.T @ fit.jac)[1, 1] * (fit.fun @ fit.fun) / 23)
    found = convergence.beta_convergence(income, 2000, 2010, errors="classical").speed
    assert (found.rate, found.std_error) == (pytest.approx(fit.x[1], rel=1e-5), pytest.approx(error, rel=1e-4))
    assert found.half_life == pytest.approx(np.log(2) / found.rate)


@some
@given(st.floats(0.001, 0.3), st.integers(1, 60), st.integers(0, 1000), st.sampled_from(["log-linear", "cumulative"]))
def test_a_deterministic_path_gives_its_speed_back(rate, years, seed, form):
    # Near the steady state of Solow's model ln y_T - ln y* = exp(-lambda T) (ln y_0 - ln y*).
    start = np.exp(np.random.default_rng(seed).normal(8, 1, 6))
    end = np.exp(9 + np.exp(-rate * years) * (np.log(start) - 9))
    if np.ptp(np.log(end)) < 1e-4:
        return  # nothing but rounding is left of the gaps
    found = convergence.beta_convergence(panel(start, end, (2000, 2000 + years)), 2000, 2000 + years, form=form)
    assert found.speed.rate == pytest.approx(rate, rel=1e-6)
    assert found.speed.half_life == pytest.approx(np.log(2) / rate, rel=1e-6)
    assert found.rsquared == pytest.approx(1)


def test_one_speed_with_steady_states_of_their_own():
    # ln y* = 9 + 2 z: conditional on z the speed is 0.05 exactly; without z it is another.
    rng = np.random.default_rng(2)
    z, log = rng.normal(size=8), rng.normal(8, 1, 8)
    steady = 9 + 2 * z
    income = panel(np.exp(log), np.exp(steady + np.exp(-0.5) * (log - steady)))
    told = convergence.beta_convergence(income, 2000, 2010, controls=pd.DataFrame({"z": z}, regions(8)))
    assert told.speed.rate == pytest.approx(0.05, rel=1e-9)
    assert abs(convergence.beta_convergence(income, 2000, 2010).speed.rate - 0.05) > 0.005


@some
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.sampled_from(["HC3", "HC1", "classical"]))
def test_units_order_and_form(seed, unit, errors):
    income, controls = drawn(seed)
    a = convergence.beta_convergence(income, 2000, 2010, controls=controls, errors=errors)
    b = convergence.beta_convergence(unit * income.sample(frac=1, random_state=seed), 2000, 2010, controls=controls.iloc[::-1] * 3 + 1, errors=errors)
    c = convergence.beta_convergence(income, 2000, 2010, controls=controls, errors=errors, form="cumulative")
    assert (b.beta, b.std_error, b.rsquared) == pytest.approx((a.beta, a.std_error, a.rsquared), rel=1e-6)
    assert (c.beta, c.std_error, c.pvalue) == pytest.approx((10 * a.beta, 10 * a.std_error, a.pvalue), rel=1e-6)
    assert (c.speed.rate, c.speed.std_error) == pytest.approx((a.speed.rate, a.speed.std_error), rel=1e-6)


def test_controls_of_a_panel_are_those_of_the_first_year():
    income, controls = drawn()
    both = pd.concat({2000: controls, 2010: controls**2}, names=["year", "region"]).swaplevel()
    a, b = (convergence.beta_convergence(income, 2000, 2010, controls=c) for c in (controls, both))
    pd.testing.assert_frame_equal(a.params, b.params)


def test_errors_of_the_speed_are_those_of_a_bootstrap_of_normal_draws():
    found = convergence.speed(-0.03, 0.002, 10)
    beta = np.random.default_rng(4).normal(-0.03, 0.002, 200_000)
    assert found.std_error == pytest.approx((-np.log(1 + 10 * beta) / 10).std(), rel=0.01)


@pytest.mark.parametrize(("beta", "rate", "note"), [
    (0.01, -np.log(1.1) / 10, "no half-life: poorer regions didn't grow faster"),
    (0.0, 0, "no half-life"),
    (-0.1, None, "no speed"),
    (-0.2, None, "no speed"),
])
def test_what_has_no_speed_or_half_life_says_so(beta, rate, note):
    found = convergence.speed(beta, 0.01, 10)
    assert np.isnan(found.half_life) and note in found.note and note in str(found)
    assert np.isnan(found.rate) if rate is None else found.rate == pytest.approx(rate)


def test_divergence_and_overtaking():
    start = np.array([1.0, 2, 4, 9])
    widening = convergence.beta_convergence(panel(start, start**1.5), 2000, 2010)
    assert widening.beta == pytest.approx(0.05) and widening.speed.rate < 0 and np.isnan(widening.speed.half_life)
    overtaking = convergence.beta_convergence(panel(start, 10 / start), 2000, 2010)
    assert overtaking.beta == pytest.approx(-0.2) and np.isnan(overtaking.speed.rate)
    assert "overtook" in str(overtaking) and "absolute beta -0.2" in str(overtaking)


# -------------------------------------------------------------------- neighbours
def ring(n, names=None):
    names = names or regions(n)
    made = W({names[i]: [names[i - 1], names[(i + 1) % n], names[(i + 3) % n]] for i in range(n)}, silence_warnings=True)
    made.transform = "r"
    return made


@pytest.fixture(scope="module")
def spatial():
    """Growth with rho 0.4 and spillovers, of 40 regions."""
    rng, n = np.random.default_rng(8), 40
    w = ring(n).full()[0]
    log, z = rng.normal(9, 0.6, n), rng.normal(size=n)
    growth = np.linalg.solve(np.eye(n) - 0.4 * w, 0.3 - 0.025 * log + 0.01 * w @ log + 0.004 * z + 0.005 * rng.normal(size=n))
    return panel(np.exp(log), np.exp(log + 10 * growth)), pd.DataFrame({"z": z}, regions(n))


def by_spreg(model, income, controls, w):
    x, g = parts(income)
    z = np.column_stack([x, controls["z"]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if model == "error":
            return spreg.ML_Error(g[:, None], z, w)
        return spreg.ML_Lag(g[:, None], z, w, slx_lags=int(model == "durbin"), spat_diag=False)


@pytest.mark.parametrize("model", ["durbin", "lag", "error"])
def test_spatial_models_against_spreg(spatial, model):
    income, controls = spatial
    w = ring(40)
    found = convergence.spatial_beta(income, 2000, 2010, w, model=model, controls=controls, permutations=0)
    other = by_spreg(model, income, controls, w)
    b = other.betas.ravel()
    assert found.rho == pytest.approx(b[-1], abs=1e-5)
    assert_allclose(found.results.params[["const", INITIAL, "z"]], b[:3], atol=1e-5)
    # For row-standardised weights the total effect is (beta + theta) / (1 - rho), its error by the delta method.
    theta = b[3] if model == "durbin" else 0.0
    rho = 0.0 if model == "error" else b[-1]
    total = (b[1] + theta) / (1 - rho)
    multiplier = np.linalg.inv(np.eye(40) - rho * w.full()[0])
    direct = np.trace(multiplier @ (b[1] * np.eye(40) + theta * w.full()[0])) / 40
    assert_allclose(found.effects["estimate"], [direct, total - direct, total], atol=1e-5)
    assert list(found.effects.index) == ["direct", "indirect", "total"]
    assert found.speed.rate == pytest.approx(-np.log(1 + 10 * total) / 10, abs=1e-5)
    error = found.effects.loc["total", "std_error"]
    assert found.speed.std_error == pytest.approx(error / (1 + 10 * total), rel=1e-3)
    if model != "error":
        places = [1, 3, -1] if model == "durbin" else [1, -1]
        names = [INITIAL, f"W*{INITIAL}", "rho"] if model == "durbin" else [INITIAL, "rho"]
        slope = np.array([*[1 / (1 - rho)] * (len(places) - 1), total / (1 - rho)])
        cov = found.results.cov.loc[names, names].to_numpy()
        assert error == pytest.approx(np.sqrt(slope @ cov @ slope), rel=1e-6)
    else:
        assert error == pytest.approx(other.std_err[1], rel=0.02)
    assert found.rho_error == pytest.approx(other.std_err[-1], rel=0.05)


def test_moran_of_the_residuals(spatial):
    income, controls = spatial
    w = ring(40)
    found = convergence.spatial_beta(income, 2000, 2010, w, controls=controls, permutations=99, seed=3)
    e = found.ols.residuals.to_numpy()
    assert found.moran["I"] == pytest.approx(e @ w.full()[0] @ e / (e @ e))
    assert 0.01 <= found.moran["p_permutation"] <= 1
    assert found.ols.params.equals(convergence.beta_convergence(income, 2000, 2010, controls=controls).params)
    assert "spatial durbin model, 2000 to 2010: rho" in str(found)


def test_the_order_of_weights_and_rows_does_not_matter(spatial):
    income, controls = spatial
    a = convergence.spatial_beta(income, 2000, 2010, ring(40), controls=controls, permutations=0)
    w = ring(40)
    names = regions(40)[::-1]
    turned = W({r: w.neighbors[r] for r in names}, {r: w.weights[r] for r in names}, id_order=names, silence_warnings=True)
    b = convergence.spatial_beta(income.sample(frac=1, random_state=1), 2000, 2010, turned, controls=controls.iloc[::-1], permutations=0)
    assert_allclose(a.effects, b.effects, rtol=1e-5)


def test_results_show_themselves_as_tables(spatial):
    income, controls = spatial
    assert INITIAL in convergence.beta_convergence(income, 2000, 2010, controls=controls)._repr_html_()
    assert "indirect" in convergence.spatial_beta(income, 2000, 2010, ring(40), permutations=0)._repr_html_()


# -------------------------------------------------------------------- bad input
INCOME, CONTROLS = drawn()
FEW = INCOME.loc[["R00", "R01", "R02"]]


def changed(frame, row, value):
    frame = frame.copy()
    frame.loc[row] = value
    return frame


def absolute(income=INCOME, start=2000, end=2010, **options):
    return convergence.beta_convergence(income, start, end, **options)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: absolute(form="levels"), "form must be one of log-linear, cumulative; got 'levels'"),
    (lambda: absolute(errors="HC0"), "errors must be one of HC3, HC1, classical; got 'HC0'"),
    (lambda: absolute(start=2010, end=2000), "end after it starts"),
    (lambda: absolute(start=2000.0), "whole year"),
    (lambda: absolute(end=2005), "income has no year 2005"),
    (lambda: absolute(changed(INCOME, ("R03", 2010), 0)), "'income' of R03 is not positive in 2010"),
    (lambda: absolute(changed(INCOME, ("R03", 2010), np.nan)), "income of R03 is missing in 2010"),
    (lambda: absolute(INCOME.drop(("R03", 2000))), "income of R03 is missing in 2000"),
    (lambda: absolute(INCOME.loc[["R00"]]), "needs at least two regions; it has 1"),
    (lambda: absolute(INCOME.loc[["R00", "R01"]]), "2 regions can't carry 2 coefficients"),
    (lambda: absolute(FEW, controls=CONTROLS.iloc[:3]), "3 regions can't carry 3 coefficients; drop controls"),
    (lambda: absolute(panel([5, 5, 5, 5], [1, 2, 3, 4])), "all regions have the same income in 2000"),
    (lambda: absolute(panel([1, 2, 3, 4], [2, 4, 6, 8])), "all regions have grown at the same rate"),
    (lambda: absolute(controls=CONTROLS.drop("R07")), "the control 'schooling' of R07 is missing in 2000"),
    (lambda: absolute(controls=changed(CONTROLS, "R07", np.nan)), "the control 'schooling' of R07 is missing in 2000"),
    (lambda: absolute(FEW, controls=CONTROLS), "the controls name R03, R04.* which have no income"),
    (lambda: absolute(controls=CONTROLS["schooling"]), "controls must be a DataFrame"),
    (lambda: absolute(controls=CONTROLS.rename(columns={"schooling": "const"})), "a control is called 'const'"),
    (lambda: absolute(controls=CONTROLS * 0 + 2), "the control 'schooling' is the same in all regions"),
    (lambda: absolute(controls=CONTROLS.assign(twice=2 * CONTROLS["schooling"] - 1)), "initial income, schooling, twice are linearly dependent"),
    (lambda: absolute(controls=CONTROLS.astype(str)), "schooling holds no numbers"),
    (lambda: absolute(controls=pd.concat([CONTROLS, CONTROLS.iloc[:1]])), "schooling has two figures for R00 2000"),
    (lambda: absolute(controls=pd.DataFrame({"capital": [1.0] + 24 * [0.0]}, regions(25))), "HC3 errors aren't defined .* R00; take HC1"),
    (lambda: convergence.spatial_beta(INCOME, 2000, 2010, ring(25), model="slx"), "model must be one of durbin, lag, error; got 'slx'"),
    (lambda: convergence.spatial_beta(INCOME, 2000, 2010, ring(26)), "R25"),
    (lambda: convergence.spatial_beta(INCOME, 2000, 2010, ring(24)), "R24"),
])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_leverage_of_one_is_no_obstacle_to_other_errors():
    told = absolute(controls=pd.DataFrame({"capital": [1.0] + 24 * [0.0]}, regions(25)), errors="HC1")
    assert told.beta == pytest.approx(absolute(INCOME.drop("R00"), errors="HC1").beta)
