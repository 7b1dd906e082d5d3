"""Spatial panel models against published data, other software and dense brute force."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from libpysal.weights import W
from numpy.testing import assert_allclose
from scipy import optimize, sparse, stats

from casebook.spatial import (SpatialDurbin, SpatialError, SpatialLag, SpatialLagOfX, contiguity, determinant, likelihood,
                              specification)

REFERENCES = Path(__file__).parent / "references"
EXACT, AFTER, SPLM = (json.loads((REFERENCES / f"munnell_{name}.json").read_text()) for name in ("exact", "after", "splm"))
CLASSES = {"SAR": SpatialLag, "SDM": SpatialDurbin, "SEM": SpatialError}
FIXED = ("entity", "time", "twoways")


# -------------------------------------------------------------------- Munnell's states
@cache
def munnell():
    """Dependent, regressors, weights."""
    data = pd.read_csv(REFERENCES / "munnell.csv").set_index(["state", "year"])
    borders = pd.read_csv(REFERENCES / "munnell_borders.csv")
    return data["lgsp"], data[EXACT["regressors"]], contiguity(borders, data.index.get_level_values(0).unique())


@cache
def states(model, effects, method="ml", lag="before demeaning"):
    return CLASSES[model](*munnell(), effects).fit(method, lag)


def close(actual, expected):
    """To what the optimiser behind the references allows: it stopped within 3e-8 of rho."""
    assert_allclose(actual, expected, rtol=1e-6, atol=1e-7)


def agrees(found, expected):
    """Everything a reference holds: coefficients, sigma2, likelihood, errors, effects."""
    close(found.params.drop("rho"), expected["beta"])
    assert found.rho == pytest.approx(expected.get("rho", expected.get("lam")), abs=1e-6)
    if "sigma2" in expected:
        assert found.sigma2 == pytest.approx(expected["sigma2"], rel=1e-6)
    if "loglik" in expected:
        assert found.loglik == pytest.approx(expected["loglik"], abs=1e-6)
    if "se" in expected:
        assert_allclose(np.sqrt(np.diag(found.cov)), expected["se"], rtol=1e-6)
    if "effects" in expected:
        close(found.effects()["estimate"].to_numpy().reshape(-1, 3), expected["effects"])
    if "effects_se_delta" in expected:
        assert_allclose(found.effects()["std_error"].to_numpy().reshape(-1, 3), expected["effects_se_delta"], rtol=1e-6)


@pytest.mark.parametrize("effects", FIXED)
@pytest.mark.parametrize("model", CLASSES)
def test_exact_likelihood_on_munnell(model, effects):
    agrees(states(model, effects), EXACT[effects][model])


@pytest.mark.parametrize("method", ["lee-yu", "transformation"])
@pytest.mark.parametrize("model", ["SAR", "SDM"])
def test_bias_correction_and_transformation_on_munnell(model, method):
    agrees(states(model, "twoways", method), EXACT["twoways"][model][method.replace("-", "_")])


@pytest.mark.parametrize("effects", FIXED)
@pytest.mark.parametrize("restricted", ["SAR", "SEM"])
def test_likelihood_ratios_on_munnell(restricted, effects):
    found = specification.lr_test(states(restricted, effects), states("SDM", effects))
    assert found.statistic == pytest.approx(EXACT[effects][f"LR_against_{restricted}"], abs=1e-6)
    assert found.df == 4 and found.pvalue == pytest.approx(stats.chi2.sf(found.statistic, 4))
    other = specification.lr_test(*(states(m, effects, lag="after demeaning") for m in (restricted, "SDM")))
    assert other.statistic == pytest.approx(AFTER[effects][f"LR_against_{restricted}"], abs=1e-6)


@pytest.mark.parametrize("effects", FIXED)
@pytest.mark.parametrize("model", CLASSES)
def test_the_other_order_of_lag_and_demeaning_on_munnell(model, effects):
    agrees(states(model, effects, lag="after demeaning"), AFTER[effects][model])


def test_the_other_order_corrected_on_munnell():
    agrees(states("SDM", "twoways", "lee-yu", "after demeaning"), AFTER["twoways"]["SDM_LY"])


def test_the_other_order_stops_below_the_maximum():
    for effects in ("time", "twoways"):
        for model in CLASSES:
            exact, other = states(model, effects), states(model, effects, lag="after demeaning")
            assert other.loglik < exact.loglik - 1e-4 and abs(other.rho - exact.rho) > 1e-6
    exact, other = states("SDM", "twoways"), states("SDM", "twoways", lag="after demeaning")
    assert round(other.loglik, 4) == 1680.4735 < round(exact.loglik, 4) == 1680.6229
    assert round(other.rho, 4) == 0.3688 and round(exact.rho, 4) == 0.3702


def test_the_orders_agree_without_year_effects():
    # A region's mean over the years and a lag over regions may change places.
    for model in CLASSES:
        exact, other = states(model, "entity"), states(model, "entity", lag="after demeaning")
        assert_allclose(other.params, exact.params, rtol=1e-9)
        assert_allclose(other.std_errors, exact.std_errors, rtol=1e-9)
        assert_allclose(other.residuals, exact.residuals, atol=1e-9)
        assert_allclose(other.rsquared, exact.rsquared, rtol=1e-9)
        assert_allclose(other.fixed_effects, exact.fixed_effects, rtol=1e-7, atol=1e-9)


def test_lee_yu_with_region_effects_alone():
    # Lee and Yu (2010): rho and beta are consistent, sigma2 is short of T / (T - 1) = 17 / 16.
    for model in CLASSES:
        plain, corrected = states(model, "entity"), states(model, "entity", "lee-yu")
        assert corrected.sigma2 == pytest.approx(plain.sigma2 * 17 / 16, rel=1e-12)
        assert_allclose(corrected.params, plain.params, rtol=1e-12)
        assert corrected.loglik == plain.loglik
        assert_allclose(corrected.fixed_effects, plain.fixed_effects, rtol=1e-9, atol=1e-12)
        ratio = corrected.std_errors / plain.std_errors
        if model == "SEM":  # the information on beta is apart from that on rho, which doesn't know sigma2
            assert_allclose(ratio, [*[np.sqrt(17 / 16)] * 4, 1.0], rtol=1e-12)
        else:  # rho is known in part from the variance, in part from the mean: in between
            assert ((ratio > 1) & (ratio < np.sqrt(17 / 16) + 1e-12)).all()
        # Lee and Yu's transformation gives the same estimates.
        again = states(model, "entity", "transformation")
        assert_allclose(again.params, plain.params, rtol=1e-8)
        assert again.sigma2 == pytest.approx(corrected.sigma2, rel=1e-9)


@pytest.mark.parametrize("effects", ["none", *FIXED])
def test_lm_tests_on_munnell_equal_splm(effects):
    found = specification.lm_tests(*munnell(), effects, lag="after demeaning")["statistic"]
    assert_allclose(found, [SPLM["lm"][effects][k] for k in ("lml", "lme", "rlml", "rlme")], rtol=1e-8)
    exact = specification.lm_tests(*munnell(), effects)["statistic"]
    if effects in ("none", "entity"):
        assert_allclose(exact, found, rtol=1e-9)
    else:
        assert abs(exact["LM lag"] / found["LM lag"] - 1) > 1e-3


@pytest.mark.parametrize("model", ["SAR", "SDM", "SEM"])
def test_random_effects_on_munnell_equal_splm(model):
    expected = SPLM[model + ("_RE_kkp" if model == "SEM" else "_RE")]
    found = states(model, "random")
    assert_allclose(found.params.drop("rho"), list(expected["coef"].values()), rtol=1e-5)
    assert found.phi == pytest.approx(expected["phi"], rel=1e-5)
    assert found.sigma2 == pytest.approx(expected["sigma2"], rel=1e-6)
    assert found.loglik == pytest.approx(expected["loglik"], abs=1e-6)
    if model == "SEM":
        assert found.rho == pytest.approx(expected["rho"], abs=1e-6)
        assert_allclose(found.std_errors.drop("rho"), expected["se"], rtol=1e-6)


@pytest.mark.parametrize("model", ["SAR", "SDM"])
def test_splm_gives_errors_as_if_rho_were_known(model):
    # splm's are exactly sigma2 (Z*'Z*)^-1, where Z* has 1 - (1 + T phi)^-1/2 of each region's
    # mean taken off; the full information, dense, is larger by up to a fifth, and ours is that.
    expected, found = SPLM[f"{model}_RE"], states(model, "random")
    panel = Panel(*(np.asarray(a) for a in (found.model.arrays.y, found.model.arrays.z, found.model.arrays.matrix.toarray())))
    years, regions = panel.y.shape
    z = panel.x
    star = (z - (1 - (1 + years * expected["phi"]) ** -0.5) * z.mean(axis=0)).reshape(years * regions, -1)
    conditional = np.sqrt(np.diag(np.linalg.inv(star.T @ star)) * expected["sigma2"])
    assert_allclose(conditional, expected["se"], rtol=1e-6)
    ours = found.std_errors.drop("rho")
    assert (ours >= conditional * (1 - 1e-6)).all() and (ours / conditional).max() > 1.1
    if model == "SAR":
        exact = random_information(panel, panel.x.reshape(years * regions, -1), found, error=False)
        assert_allclose(ours, np.sqrt(np.diag(np.linalg.inv(exact)))[:-3], rtol=1e-6)


# -------------------------------------------------------------------- Columbus
def test_durbin_effects_of_a_cross_section():
    # What R's spatialreg gives for HOVAL on INC and CRIME, row-standardised weights.
    data = pd.read_csv(REFERENCES / "columbus.csv")
    data.index = pd.MultiIndex.from_product([range(1, 50), [1980]], names=["region", "year"])
    W = contiguity(pd.read_csv(REFERENCES / "columbus_borders.csv"), range(1, 50))
    found = SpatialDurbin(data["HOVAL"], data[["INC", "CRIME"]], W, "none").fit().effects()["estimate"]
    assert_allclose(found["INC"], [0.8322350, 0.1853805, 1.0176155], atol=5e-7)
    assert_allclose(found["CRIME"], [-0.5936539, 0.3244347, -0.2692192], atol=5e-7)


# -------------------------------------------------------------------- small panels
@dataclass(frozen=True)
class Panel:
    """y of shape (T, N), x of shape (T, N, K), dense weights."""

    y: np.ndarray
    x: np.ndarray
    w: np.ndarray

    @property
    def regions(self):
        return [f"r{i:02d}" for i in range(self.y.shape[1])]

    def data(self):
        index = pd.MultiIndex.from_product([self.regions, range(2001, 2001 + len(self.y))], names=["region", "year"])
        columns = [f"x{i}" for i in range(self.x.shape[2])]
        x = pd.DataFrame(self.x.swapaxes(0, 1).reshape(-1, len(columns)), index, columns)
        return pd.Series(self.y.T.ravel(), index, name="y"), x, as_weights(self.w, self.regions)


def as_weights(w, names):
    links = [np.flatnonzero(row) for row in w]
    return W({a: [names[j] for j in js] for a, js in zip(names, links)},
             {a: w[i, js].tolist() for i, (a, js) in enumerate(zip(names, links))}, id_order=names, silence_warnings=True)


def standard(w):
    return w / np.maximum(w.sum(axis=1, keepdims=True), 1e-300)


def dense_weights(kind, size, rng):
    """A chain with a few more borders, in one form or another; or the two nearest of random places."""
    w = np.eye(size, k=1) + np.eye(size, k=-1)
    w[0, 2] = w[2, 0] = w[1, 3] = w[3, 1] = 1
    if kind == "binary":
        return w
    if kind == "isolate":
        w[-1] = w[:, -1] = 0
    if kind == "nearest":
        places = rng.normal(size=(size, 2))
        gaps = np.linalg.norm(places[:, None] - places, axis=2) + 1e9 * np.eye(size)
        w = (gaps.argsort(axis=1).argsort(axis=1) < 2).astype(float)
        assert (w != w.T).any()
    return standard(w)


KINDS = ("contiguity", "binary", "nearest", "isolate")


@cache
def small(kind, regions=7, years=4, seed=9, spread=1.0):
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    w = dense_weights(kind, regions, rng)
    x = rng.normal(size=(years, regions, 2)) + rng.normal(size=(regions, 2))
    rho = 0.3 / max(np.abs(np.linalg.eigvals(w)))
    right = x @ [1.0, -0.5] + w.dot(x[..., 0].T).T + spread * rng.normal(size=regions) + rng.normal(size=(years, 1))
    y = np.linalg.solve(np.eye(regions) - rho * w, (right + 0.5 * rng.normal(size=(years, regions))).T).T
    return Panel(y, x, w)


def dummies(effects, years, regions):
    """Columns of all dummies, rows by year and then region."""
    region, year = np.kron(np.ones((years, 1)), np.eye(regions)), np.kron(np.eye(years), np.ones((regions, 1)))
    return {"none": np.ones((years * regions, 1)), "entity": region, "time": year,
            "twoways": np.hstack([region, year[:, 1:]]), "random": np.ones((years * regions, 1)), "random+time": year}[effects]


MODELS = {  # class, durbin
    "lag": (SpatialLag, ()), "error": (SpatialError, ()), "durbin": (SpatialDurbin, (0, 1)), "partial": (SpatialDurbin, (1,)),
}


def regressors(panel, lagged):
    parts = [panel.x, *[(panel.x[..., k] @ panel.w.T)[..., None] for k in lagged]]
    return np.concatenate(parts, axis=2).reshape(panel.y.size, -1)


def estimate(panel, model, effects, method="ml"):
    cls, lagged = MODELS[model]
    extra = ([f"x{k}" for k in lagged],) if cls is SpatialDurbin else ()
    return cls(*panel.data(), effects, *extra).fit(method)


def at(rho, y, columns, w, periods, error):
    """Coefficients, residuals, sigma2 and log-likelihood of y on all columns, for one rho."""
    a = np.eye(len(y)) - rho * np.kron(np.eye(periods), w)
    left, right = a @ y, a @ columns if error else columns
    b = np.linalg.lstsq(right, left, rcond=None)[0]
    e = left - right @ b
    sigma2 = e @ e / len(y)
    sign, log_det = np.linalg.slogdet(a)
    assert sign > 0
    return b, e, sigma2, -len(y) / 2 * (np.log(2 * np.pi * sigma2) + 1) + log_det


def highest(y, columns, w, periods, error):
    """The rho of the highest likelihood: a walk over its interval, and then a search."""
    poles = 1 / np.array([v.real for v in np.linalg.eigvals(w) if abs(v.imag) < 1e-9 < abs(v.real)])
    low, high = max(poles[poles < 0], default=-1), min(poles[poles > 0], default=1)
    grid = np.linspace(low, high, 102)[1:-1]
    heights = [at(r, y, columns, w, periods, error)[3] for r in grid]
    best = int(np.argmax(heights))
    assert 0 < best < 99, "the panel of this test has its maximum on the boundary"
    search = optimize.minimize_scalar(lambda r: -at(r, y, columns, w, periods, error)[3],
                                      bounds=(grid[best - 1], grid[best + 1]), method="bounded", options={"xatol": 1e-10})
    return search.x, -search.fun


def expected(mean, variance, params):
    """Expected information of a normal distribution, by dense matrices and central differences."""
    def slope(function, i):
        step = np.zeros(len(params))
        step[i] = 1e-5 * max(1.0, abs(params[i]))
        if function is variance:
            step[i] = min(step[i], 1e-4 * abs(params[i]) or 1e-5)
        return (function(params + step) - function(params - step)) / (2 * step[i])

    inverse = np.linalg.inv(variance(params))
    m = np.array([slope(mean, i) for i in range(len(params))])
    v = [inverse @ d if (d := slope(variance, i)).any() else None for i in range(len(params))]
    traces = [[0.0 if a is None or b is None else (a * b.T).sum() / 2 for a in v] for b in v]
    return np.array(traces) + m @ inverse @ m.T


def fixed_information(columns, w, periods, error, coefficients, rho, sigma2):
    """Expected information on the coefficients of all columns, rho and sigma2."""
    size = len(columns)

    def inverse(r):
        return np.kron(np.eye(periods), np.linalg.inv(np.eye(len(w)) - r * w))

    def mean(p):
        return columns @ p[:-2] if error else inverse(p[-2]) @ columns @ p[:-2]

    def variance(p):
        s = inverse(p[-2])
        return p[-1] * s @ s.T

    assert size == periods * len(w)
    return expected(mean, variance, np.array([*coefficients, rho, sigma2]))


def block(information, columns):
    """Covariance of the first few coefficients, rho and sigma2."""
    keep = [*range(columns), -2, -1]
    return np.linalg.inv(information)[np.ix_(keep, keep)]


@pytest.mark.parametrize("effects", ["none", *FIXED])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", MODELS)
def test_every_dummy_estimated(model, kind, effects):
    panel, error = small(kind), model == "error"
    found = estimate(panel, model, effects)
    years, regions = panel.y.shape
    z = regressors(panel, MODELS[model][1])
    d = dummies(effects, years, regions)
    columns, y = np.hstack([z, d]), panel.y.ravel()
    rho, height = highest(y, columns, panel.w, years, error)
    assert found.rho == pytest.approx(rho, abs=1e-6)
    assert found.loglik == pytest.approx(height, abs=1e-9)
    # With rho as found, everything else to machine precision.
    b, e, sigma2, loglik = at(found.rho, y, columns, panel.w, years, error)
    beta = found.params.drop("rho")
    if effects == "none":
        assert beta.pop("const") == pytest.approx(b[-1], rel=1e-9)
    assert_allclose(beta, b[: z.shape[1]], rtol=1e-9)
    assert found.sigma2 == pytest.approx(sigma2, rel=1e-9) and found.loglik == pytest.approx(loglik, abs=1e-10)
    residuals = found.residuals.to_numpy().reshape(regions, years).T
    assert_allclose(residuals.ravel(), e, atol=1e-9)
    assert_allclose(found.fitted + found.residuals, panel.data()[0], atol=1e-12)
    # The dummies' surface, its mean and the deviations of regions and years from it.
    surface = (d @ b[z.shape[1]:]).reshape(years, regions)
    centre = surface.mean()
    if effects != "none":
        assert found.fixed_effects["const", ""] == pytest.approx(centre, abs=1e-9)
        if effects != "time":
            assert_allclose(found.fixed_effects["region"], surface.mean(axis=0) - centre, atol=1e-9)
        if effects != "entity":
            assert_allclose(found.fixed_effects["year"], surface.mean(axis=1) - centre, atol=1e-9)
    assert found.df_model == np.linalg.matrix_rank(columns) + 1 and found.df_resid == years * regions - found.df_model
    # Standard errors: the dummies' rows and columns of the whole information belong to it.
    whole = fixed_information(columns, panel.w, years, error, b, found.rho, found.sigma2)
    names = [*beta.index, "rho", "sigma2"]
    assert_allclose(found.cov.loc[names, names], block(whole, z.shape[1]), rtol=1e-5, atol=1e-8)
    if effects == "none":
        assert found.std_errors["const"] == pytest.approx(np.sqrt(np.linalg.inv(whole)[-3, -3]), rel=1e-6)


def test_determination_by_its_definitions():
    panel = small("nearest")
    found = estimate(panel, "durbin", "twoways")
    years, regions = panel.y.shape
    project = np.eye(years * regions) - (d := dummies("twoways", years, regions)) @ np.linalg.pinv(d)
    y, e = panel.y.ravel(), found.residuals.to_numpy().reshape(regions, years).T.ravel()
    s = np.kron(np.eye(years), np.linalg.inv(np.eye(regions) - found.rho * panel.w))
    predicted = project @ s @ regressors(panel, (0, 1)) @ found.params.drop("rho")
    assert found.rsquared["within"] == pytest.approx(1 - e @ e / (y @ project @ y))
    assert found.rsquared["with effects"] == pytest.approx(1 - e @ e / ((y - y.mean()) ** 2).sum())
    assert found.rsquared["correlation"] == pytest.approx(np.corrcoef(project @ y, predicted)[0, 1] ** 2)


# -------------------------------------------------------------------- the transformation
def orthonormal(size):
    """Eigenvectors of the centring matrix, without that of its zero."""
    values, vectors = np.linalg.eigh(np.eye(size) - 1 / size)
    return vectors[:, values > 0.5]


@pytest.mark.parametrize(("effects", "kind"), [
    *[("entity", kind) for kind in KINDS], ("time", "contiguity"), ("time", "nearest"),
    ("twoways", "contiguity"), ("twoways", "nearest")])
@pytest.mark.parametrize("model", MODELS)
def test_the_effects_transformed_away(model, effects, kind):
    panel, error = small(kind), model == "error"
    found = estimate(panel, model, effects, "transformation")
    years, regions = panel.y.shape
    f_t = orthonormal(years) if effects != "time" else np.eye(years)
    f_n = orthonormal(regions) if effects != "entity" else np.eye(regions)
    f, w = np.kron(f_t, f_n), f_n.T @ panel.w @ f_n
    z = regressors(panel, MODELS[model][1])
    y, columns, periods = f.T @ panel.y.ravel(), f.T @ z, f_t.shape[1]
    assert len(y) == (years - (effects != "time")) * (regions - (effects != "entity"))
    rho, height = highest(y, columns, w, periods, error)
    assert found.rho == pytest.approx(rho, abs=1e-6) and found.loglik == pytest.approx(height, abs=1e-9)
    b, _, sigma2, loglik = at(found.rho, y, columns, w, periods, error)
    assert_allclose(found.params.drop("rho"), b, rtol=1e-9)
    assert found.sigma2 == pytest.approx(sigma2, rel=1e-9) and found.loglik == pytest.approx(loglik, abs=1e-10)
    whole = fixed_information(columns, w, periods, error, b, found.rho, found.sigma2)
    assert_allclose(found.cov, np.linalg.inv(whole), rtol=1e-5, atol=1e-8)
    # Residuals and effects are those of the dummies, given these coefficients.
    a = np.eye(years * regions) - found.rho * np.kron(np.eye(years), panel.w)
    d, rest = dummies(effects, years, regions), a @ panel.y.ravel() - (a @ z if error else z) @ b
    e = rest - (basis := a @ d if error else d) @ np.linalg.lstsq(basis, rest, rcond=None)[0]
    assert_allclose(found.residuals.to_numpy().reshape(regions, years).T.ravel(), e, atol=1e-9)


@pytest.mark.parametrize("effects", FIXED)
@pytest.mark.parametrize("model", MODELS)
def test_the_bias_correction(model, effects):
    # Lee and Yu (2010): year effects leave a score of -T (0, 1 / (1 - rho), 1 / (2 sigma2)), which moves
    # the estimate by the inverse of the information; then region effects call for T / (T - 1).
    panel, error = small("nearest"), model == "error"
    plain, found = estimate(panel, model, effects), estimate(panel, model, effects, "lee-yu")
    years, regions = panel.y.shape
    z, d = regressors(panel, MODELS[model][1]), dummies(effects, years, regions)
    columns, y = np.hstack([z, d]), panel.y.ravel()
    b = at(plain.rho, y, columns, panel.w, years, error)[0]
    theta = np.array([*plain.params, plain.sigma2])
    if effects != "entity":
        whole = fixed_information(columns, panel.w, years, error, b, plain.rho, plain.sigma2)
        bias = np.array([*np.zeros(z.shape[1]), years / (1 - plain.rho), years / (2 * plain.sigma2)])
        theta = theta + block(whole, z.shape[1]) @ bias
    if effects != "time":
        theta[-1] *= years / (years - 1)
    assert_allclose([*found.params, found.sigma2], theta, rtol=1e-6, atol=1e-9)
    # Standard errors: the information of the likelihood with all dummies, at the corrected values.
    a = np.eye(len(y)) - found.rho * np.kron(np.eye(years), panel.w)
    rest = (a @ y - z @ theta[:-2]) if not error else y - z @ theta[:-2]
    again = np.linalg.lstsq(a @ d, a @ rest, rcond=None)[0] if error else np.linalg.lstsq(d, rest, rcond=None)[0]
    whole = fixed_information(columns, panel.w, years, error, [*theta[:-2], *again], found.rho, found.sigma2)
    assert_allclose(found.cov, block(whole, z.shape[1]), rtol=1e-5, atol=1e-8)


# -------------------------------------------------------------------- random effects
def random_at(params, y, columns, w, years, error):
    """Log-likelihood of y ~ N, written out, with (rho, ln phi) given: coefficients and sigma2 solved for."""
    rho, phi = params[0], np.exp(params[1])
    regions = len(w)
    a = np.eye(len(y)) - rho * np.kron(np.eye(years), w)
    v = np.eye(len(y)) + phi * np.kron(np.ones((years, years)), np.eye(regions))
    inverse = np.linalg.inv(v)
    left, right = a @ y, a @ columns if error else columns
    b = np.linalg.solve(right.T @ inverse @ right, right.T @ inverse @ left)
    e = left - right @ b
    sigma2 = e @ inverse @ e / len(y)
    log_det = np.linalg.slogdet(a)[1] - np.linalg.slogdet(v)[1] / 2
    return b, sigma2, -len(y) / 2 * (np.log(2 * np.pi * sigma2) + 1) + log_det, phi * inverse, e


def random_information(panel, columns, found, error, extra=()):
    """Expected information on the coefficients, rho, sigma2 and phi."""
    years, regions = panel.y.shape

    def inverse(r):
        return np.linalg.inv(np.eye(regions) - r * panel.w)

    def mean(p):
        structural = (columns @ p[:-3]).reshape(years, regions)
        return (structural if error else structural @ inverse(p[-3]).T).ravel()

    def variance(p):
        s = inverse(p[-3])
        return p[-2] * np.kron(np.eye(years) + p[-1] * np.ones((years, years)), s @ s.T)

    beta = found.params.drop("rho")
    return expected(mean, variance, np.array([*beta, *extra, found.rho, found.sigma2, found.phi]))


@pytest.mark.parametrize("effects", ["random", "random+time"])
@pytest.mark.parametrize("kind", ["contiguity", "binary", "isolate"])
@pytest.mark.parametrize("model", ["lag", "error", "durbin"])
def test_random_effects_by_the_dense_likelihood(model, kind, effects):
    panel, error = small(kind, regions=6), model == "error"
    found = estimate(panel, model, effects)
    years, regions = panel.y.shape
    z, d = regressors(panel, MODELS[model][1]), dummies(effects, years, regions)
    columns, y = np.hstack([d, z]), panel.y.ravel()
    assert found.phi > 0.01 and not [f for f in found.flags if "zero" in f]

    def height(p):
        return random_at(p, y, columns, panel.w, years, error)[2]

    b, sigma2, loglik, share, e = random_at([found.rho, np.log(found.phi)], y, columns, panel.w, years, error)
    own = b if effects == "random" else b[d.shape[1]:]
    assert_allclose(found.params.drop("rho"), own, rtol=1e-8)
    assert found.sigma2 == pytest.approx(sigma2, rel=1e-9) and found.loglik == pytest.approx(loglik, abs=1e-9)
    # No other start leads higher.
    limit = 0.98 / max(np.abs(np.linalg.eigvals(panel.w)))
    for start in ([0.7 * limit, -2], [-0.7 * limit, 3]):
        search = optimize.minimize(lambda p: -height(p), start, method="L-BFGS-B", bounds=[(-limit, limit), (-12, 12)])
        assert -search.fun <= found.loglik + 1e-9
    here = np.array([found.rho, np.log(found.phi)])
    for step in np.eye(2) * 1e-5:
        assert height(here + step) - height(here - step) == pytest.approx(0, abs=1e-9)
    # Residuals: the best guess of the regions' effects taken out, phi (1'V^-1)(e of a region).
    guess = np.kron(np.ones((years, years)), np.eye(regions)) @ share @ e
    assert_allclose(found.residuals.to_numpy().reshape(regions, years).T.ravel(), e - guess, atol=1e-7)
    if effects == "random+time":
        surface = b[:years]
        assert_allclose(found.fixed_effects["year"], surface - surface.mean(), atol=1e-8)
    # Covariance: of all coefficients, rho and sigma2, with phi estimated, too.
    extra = () if effects == "random" else b[:years]
    order = columns if effects == "random" else np.hstack([z, d])
    cov = np.linalg.inv(random_information(panel, order, found, error, extra))
    keep = [*range(len(own)), -3, -2]
    assert_allclose(found.cov, cov[np.ix_(keep, keep)], rtol=1e-5, atol=1e-7)


def test_a_slx_model_with_random_effects_is_generalised_least_squares():
    panel = small("contiguity", spread=3.0)
    found = SpatialLagOfX(*panel.data(), "random").fit()
    years = len(panel.y)
    columns = np.hstack([np.ones((panel.y.size, 1)), regressors(panel, (0, 1))])

    def height(log_phi):
        return random_at([0.0, log_phi], panel.y.ravel(), columns, panel.w, years, False)

    b, sigma2, loglik, *_ = height(np.log(found.phi))
    assert_allclose(found.params, b, rtol=1e-8)
    assert found.loglik == pytest.approx(loglik, abs=1e-9) and found.sigma2 == pytest.approx(sigma2, rel=1e-9)
    grid = np.linspace(-8, 8, 2001)
    heights = [height(p)[2] for p in grid]
    assert max(heights) <= found.loglik + 1e-12 and found.loglik - max(heights) < 1e-3
    assert abs(np.log(found.phi) - grid[np.argmax(heights)]) < 0.01


def test_no_variance_between_regions_is_said():
    panel = small("contiguity")
    y = panel.y - panel.y.mean(axis=0) + np.random.default_rng(1).normal(size=7) * 1e-6
    x = panel.x - panel.x.mean(axis=0)
    found = SpatialLag(*Panel(y, x, panel.w).data(), "random").fit()
    assert found.phi == pytest.approx(0, abs=1e-5) and any("variance of the random effects is zero" in f for f in found.flags)


# -------------------------------------------------------------------- direct and indirect effects
def dense_effects(w, rho, beta, theta):
    m = np.linalg.inv(np.eye(len(w)) - rho * w) @ (beta * np.eye(len(w)) + theta * w)
    direct, total = np.diag(m).mean(), m.sum(axis=1).mean()
    return np.array([direct, total - direct, total])


def coefficients(found, params):
    """rho as it multiplies y, and beta and theta of each regressor; of one or of many draws."""
    params = dict(zip(found.params.index, np.asarray(params).T))
    rho = params["rho"] if found.model.where == "lag" else 0.0
    return rho, [(params[name], params.get(f"W*{name}", 0.0)) for name in found.model.exog]


def all_effects(found, w, params):
    rho, pairs = coefficients(found, params)
    return np.concatenate([dense_effects(w, rho, *pair) for pair in pairs])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cls", [SpatialLag, SpatialError, SpatialDurbin, SpatialLagOfX, "partial"])
def test_effects_by_dense_matrices(cls, kind):
    panel = small(kind)
    model = SpatialDurbin(*panel.data(), "entity", ["x1"]) if cls == "partial" else cls(*panel.data(), "entity")
    found = model.fit("ml")
    table, params = found.effects(), found.params.to_numpy()
    assert_allclose(table["estimate"], all_effects(found, panel.w, params), rtol=1e-9, atol=1e-12)
    steps = np.eye(len(params)) * 1e-5
    slopes = np.array([all_effects(found, panel.w, params + s) - all_effects(found, panel.w, params - s) for s in steps]) / 2e-5
    cov = found.cov.iloc[:-1, :-1].to_numpy()
    errors = np.sqrt(np.diag(slopes.T @ cov @ slopes))
    assert_allclose(table["std_error"], errors, rtol=1e-6, atol=1e-9)
    some = table[table["std_error"] > 0]
    assert_allclose(some["z"], some["estimate"] / some["std_error"])
    assert_allclose(some["pvalue"], 2 * stats.norm.sf(abs(some["z"])))
    assert_allclose(some["upper"] - some["lower"], 2 * 1.959963984540054 * some["std_error"])
    narrow = found.effects(level=0.9)
    assert_allclose(narrow["upper"] - narrow["estimate"], 1.6448536269514722 * narrow["std_error"], atol=1e-12)


@pytest.mark.parametrize("kind", ["contiguity", "isolate"])
@pytest.mark.parametrize("cls", [SpatialDurbin, SpatialError, SpatialLagOfX])
def test_effects_by_simulation(cls, kind):
    # Two samples of the same size from one distribution, ours and a dense one: standard deviations apart
    # by chance with a relative error of about sqrt(2 / (2 n)), 3.2 % for n = 1000; four times that is allowed.
    panel = small(kind, regions=8, years=12, seed=4)
    found, n = cls(*panel.data(), "entity").fit("ml"), 1000
    table = found.effects(se="simulation", draws=n, seed=11)
    assert_allclose(table["estimate"], found.effects()["estimate"])
    drawn = np.random.default_rng(5).multivariate_normal(found.params, found.cov.iloc[:-1, :-1], size=n)
    rho, pairs = coefficients(found, drawn)
    rho = np.broadcast_to(rho, n)[:, None, None]
    inverse = np.linalg.inv(np.eye(8) - rho * panel.w)
    sample = []
    for beta, theta in pairs:
        beta, theta = (np.broadcast_to(v, n)[:, None, None] for v in (beta, theta))
        m = inverse @ (beta * np.eye(8) + theta * panel.w)
        direct, total = np.einsum("nii->n", m) / 8, m.sum(axis=(1, 2)) / 8
        sample += [direct, total - direct, total]
    sample = np.array(sample).T
    spread = sample.std(axis=0, ddof=1)
    assert_allclose(table["std_error"], spread, rtol=4 / np.sqrt(n), atol=1e-12)
    # An interval's end at 2.5 % has a standard error of 2.7 sd / sqrt(n), the difference of two 3.8.
    ends = np.quantile(sample, [0.025, 0.975], axis=0)
    assert (abs(table[["lower", "upper"]].T.to_numpy() - ends) <= 4 * 3.8 * spread / np.sqrt(n) + 1e-12).all()
    # The delta method is near, too, where the errors are small.
    assert_allclose(table["std_error"], found.effects()["std_error"], rtol=0.15, atol=1e-12)
    assert table.attrs["outside"] == 0 and found.effects().attrs["outside"] == 0
    pd.testing.assert_frame_equal(table, found.effects(se="simulation", draws=n, seed=11))
    few = [found.effects(se="simulation", draws=20, seed=seed)["std_error"] for seed in (11, 12)]
    assert (few[0] != few[1]).any()


def test_draws_outside_the_interval_are_counted_and_left_out():
    panel = small("contiguity", regions=5, years=3, seed=2)
    found, n = SpatialLag(*panel.data(), "entity").fit("ml"), 5000
    low, high = (np.array(found.interval) - found.rho) / found.std_errors["rho"]
    share = stats.norm.cdf(low) + stats.norm.sf(high)
    assert share > 0.001, "too precise a fit for this test"
    outside = found.effects(se="simulation", draws=n).attrs["outside"]
    assert abs(outside - n * share) <= 4 * np.sqrt(n * share * (1 - share))


# -------------------------------------------------------------------- many regions
@pytest.fixture
def no_eigenvalues(monkeypatch):
    monkeypatch.setattr(determinant, "FEW", 0)


@pytest.mark.parametrize("kind", ["contiguity", "nearest", "isolate", "binary"])
def test_factorisations_equal_eigenvalues(kind, monkeypatch):
    panel = small(kind, regions=60, years=3, seed=10)
    cases = [(SpatialDurbin, "entity", "transformation"), (SpatialError, "twoways", "ml"), (SpatialError, "random", "ml")]
    if kind == "binary":  # where an error model without lagged regressors would have its maximum beyond 1 / 3
        cases = [(SpatialDurbin, *case) for _, *case in cases]
    if kind in ("contiguity", "nearest"):
        cases += [(SpatialDurbin, "twoways", "transformation"), (SpatialDurbin, "twoways", "lee-yu")]
    for cls, effects, method in cases:
        with monkeypatch.context() as patch:
            few = cls(*panel.data(), effects).fit(method)
            patch.setattr(determinant, "FEW", 0)
            many = cls(*panel.data(), effects).fit(method)
            delta, drawn = many.effects(), many.effects(se="simulation", draws=20)
            again = many.effects()
        assert isinstance(few.model._det, determinant.Eigenvalues) and isinstance(many.model._det, determinant.Factorisation)
        # Of random effects the variance is searched for, to 1e-8 of its logarithm or so.
        tolerance = 1e-6 if effects == "random" else 1e-8
        assert_allclose(many.params, few.params, rtol=tolerance, atol=tolerance)
        assert_allclose(many.std_errors, few.std_errors, rtol=tolerance)
        assert_allclose([many.loglik, many.sigma2], [few.loglik, few.sigma2], rtol=tolerance)
        assert_allclose(delta, few.effects(), rtol=100 * tolerance, atol=tolerance)
        if kind != "binary":  # whose interval is narrower without eigenvalues, so that other draws lie inside
            assert_allclose(drawn["std_error"], few.effects(se="simulation", draws=20)["std_error"], rtol=10 * tolerance, atol=1e-9)
        pd.testing.assert_frame_equal(again, delta)


@pytest.mark.parametrize("kind", KINDS)
def test_traces_by_dense_matrices(kind):
    w = small(kind, regions=60, years=2).w
    matrix, identity = sparse.csr_array(w), np.eye(60)
    ways = determinant.Eigenvalues(matrix), determinant.Factorisation(matrix)
    for rho in np.linspace(*ways[1].interval, 7)[1:-1]:
        g = w @ np.linalg.inv(identity - rho * w)
        for way in ways:
            assert way.log_det(rho) == pytest.approx(np.linalg.slogdet(identity - rho * w)[1], abs=1e-11)
            assert_allclose(way.near(rho, rho).traces(rho), [np.trace(g), np.trace(g @ g)], rtol=1e-8, atol=1e-8)
        assert determinant.squared_trace(matrix, rho) == pytest.approx((g**2).sum(), rel=1e-11)
        centred = g - g.mean(axis=0)
        assert determinant.squared_trace(matrix, rho, centred=True) == pytest.approx((centred**2).sum(), rel=1e-11)
    rhos = np.linspace(*ways[1].interval, 5)[1:-1]
    assert_allclose(ways[0].log_det(rhos), ways[1].log_det(rhos), atol=1e-11)
    values = np.random.default_rng(0).normal(size=(3, 60))
    assert_allclose(determinant.multiply(matrix, rho, values), values @ g.T, atol=1e-10)
    assert_allclose(determinant.lag(matrix, values), values @ w.T, atol=1e-13)


def test_blocks_of_columns_leave_none_out(monkeypatch):
    matrix = sparse.csr_array(small("nearest", regions=60, years=2).w)
    whole = determinant.squared_trace(matrix, 0.4, centred=True)
    monkeypatch.setattr(determinant, "BLOCK", 7)
    assert determinant.squared_trace(matrix, 0.4, centred=True) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("number", [1e-3, 1e3])
def test_weights_in_other_units(number):
    # W in units of its own: rho W stays what it is, and so do likelihood and coefficients.
    panel = small("binary")
    for cls in (SpatialLag, SpatialError):
        plain = cls(*panel.data(), "twoways").fit("ml")
        scaled = cls(*Panel(panel.y, panel.x, panel.w * number).data(), "twoways").fit("ml")
        assert not scaled.flags and scaled.rho * number == pytest.approx(plain.rho, rel=1e-9)
        assert scaled.loglik == pytest.approx(plain.loglik, abs=1e-10)
        assert scaled.std_errors["rho"] * number == pytest.approx(plain.std_errors["rho"], rel=1e-9)


def test_a_maximum_beyond_what_factorisations_reach_is_flagged(no_eigenvalues):
    # A star: the largest row sum is 59, the largest eigenvalue sqrt(59), so that rho may be larger than 1 / 59.
    w = np.zeros((60, 60))
    w[0, 1:] = w[1:, 0] = 1
    rng = np.random.default_rng(6)
    x = rng.normal(size=(4, 60, 1))
    y = np.linalg.solve(np.eye(60) - 0.1 * w, (x[..., 0] + rng.normal(size=(4, 60))).T).T
    found = SpatialLag(*Panel(y, x, w).data(), "entity").fit("ml")
    assert found.interval == pytest.approx((-1 / 59, 1 / 59))
    assert any("boundary" in flag for flag in found.flags)


# -------------------------------------------------------------------- tests of specification
@pytest.mark.parametrize(("effects", "method", "kind"), [
    *[(effects, "ml", kind) for effects in ("none", *FIXED) for kind in KINDS],
    *[(effects, "transformation", "nearest") for effects in FIXED], ("entity", "transformation", "isolate")])
def test_lm_statistics_by_the_dense_score_and_information(effects, method, kind):
    panel = small(kind)
    found = specification.lm_tests(*panel.data(), effects, ["x1"], method)["statistic"]
    years, regions = panel.y.shape
    z, d = regressors(panel, (1,)), dummies(effects, years, regions)
    if method == "ml":
        y, columns, w, periods = panel.y.ravel(), np.hstack([z, d]), panel.w, years
    else:
        f_t = orthonormal(years) if effects != "time" else np.eye(years)
        f_n = orthonormal(regions) if effects != "entity" else np.eye(regions)
        f, w, periods = np.kron(f_t, f_n), f_n.T @ panel.w @ f_n, f_t.shape[1]
        y, columns = f.T @ panel.y.ravel(), f.T @ z
    b, _, sigma2, _ = at(0.0, y, columns, w, periods, False)
    score, step = {}, 1e-5
    for name, error in (("LM lag", False), ("LM error", True)):
        heights = [at(r, y, columns, w, periods, error)[3] for r in (-step, step)]
        score[name] = (heights[1] - heights[0]) / (2 * step)  # of the profile: the other scores are zero
        whole = fixed_information(columns, w, periods, error, b, 0.0, sigma2)
        assert found[name] == pytest.approx(score[name] ** 2 * np.linalg.inv(whole)[-2, -2], rel=1e-5)


@pytest.mark.parametrize("kind", ["contiguity", "binary"])
def test_wald_statistics_by_dense_matrices(kind):
    found = estimate(small(kind), "durbin", "entity")
    x0, x1, w0, w1, rho = found.params
    cov = found.cov.iloc[:-1, :-1].to_numpy()
    by_hand = {  # value and its derivatives by x0, x1, W*x0, W*x1, rho
        "SAR": ([w0, w1], [[0, 0, 1, 0, 0], [0, 0, 0, 1, 0]]),
        "SEM": ([w0 + rho * x0, w1 + rho * x1], [[rho, 0, 1, 0, x0], [0, rho, 0, 1, x1]]),
        "SLX": ([rho], [[0, 0, 0, 0, 1]]),
    }
    for against, (value, slope) in by_hand.items():
        value, slope = np.array(value), np.array(slope, dtype=float)
        test = specification.wald_test(found, against)
        assert test.statistic == pytest.approx(value @ np.linalg.inv(slope @ cov @ slope.T) @ value, rel=1e-9)
        assert test.df == len(value) and test.pvalue == pytest.approx(stats.chi2.sf(test.statistic, len(value)))
    partial = estimate(small(kind), "partial", "entity")
    w1, se = partial.params["W*x1"], partial.std_errors["W*x1"]
    assert specification.wald_test(partial, "SAR").statistic == pytest.approx((w1 / se) ** 2)
    with pytest.raises(ValueError, match="every regressor"):  # x0 has no lag to cancel
        specification.wald_test(partial, "SEM")


def test_joint_effects_by_dense_likelihoods():
    panel = small("contiguity")
    years, regions = panel.y.shape
    z = regressors(panel, (0, 1))
    heights = {e: highest(panel.y.ravel(), np.hstack([z, dummies(e, years, regions)]), panel.w, years, False)[1] for e in FIXED}
    found = specification.joint_effects(*panel.data())
    assert found.loc["region effects", "statistic"] == pytest.approx(2 * (heights["twoways"] - heights["time"]), abs=1e-8)
    assert found.loc["year effects", "statistic"] == pytest.approx(2 * (heights["twoways"] - heights["entity"]), abs=1e-8)
    assert found["df"].to_dict() == {"region effects": regions - 1, "year effects": years - 1}
    assert_allclose(found["pvalue"], stats.chi2.sf(found["statistic"], found["df"]))


def test_lr_refuses_what_is_no_restriction():
    y, x, w = small("contiguity").data()
    sar, sdm = SpatialLag(y, x, w).fit("ml"), SpatialDurbin(y, x, w).fit("ml")
    assert specification.lr_test(sar, sdm).df == 2
    with pytest.raises(ValueError, match="restriction"):
        specification.lr_test(sdm, sar)
    with pytest.raises(ValueError, match="methods"):
        specification.lr_test(sar, SpatialDurbin(y, x, w).fit("transformation"))
    with pytest.raises(ValueError, match="effects"):
        specification.lr_test(SpatialLag(y, x, w, "entity").fit("ml"), sdm)
    with pytest.raises(ValueError, match="weights"):
        specification.lr_test(SpatialLag(y, x, small("nearest").data()[2]).fit("ml"), sdm)


def test_lr_refuses_other_regressors():
    y, x, w = small("contiguity").data()
    other = x.assign(x2=x["x0"] ** 2)[["x1", "x2"]]
    with pytest.raises(ValueError, match="restriction"):
        specification.lr_test(SpatialLag(y, x[["x0"]], w).fit("ml"), SpatialLag(y, other, w).fit("ml"))


def test_lr_refuses_an_error_model_within_one_of_lagged_regressors():
    y, x, w = small("contiguity").data()
    with pytest.raises(ValueError, match="restriction"):
        specification.lr_test(SpatialError(y, x, w).fit("ml"), SpatialLagOfX(y, x, w).fit("ml"))


def test_lr_refuses_another_dependent_variable_of_the_same_name():
    y, x, w = small("contiguity").data()
    with pytest.raises(ValueError, match="dependent variables"):
        specification.lr_test(SpatialLag(y, x, w).fit("ml"), SpatialDurbin(y / 3, x, w).fit("ml"))


def test_hausman_says_why_there_is_no_statistic():
    found = specification.hausman(states("SAR", "entity"), states("SAR", "random"))
    assert np.isnan(found.statistic) and np.isnan(found.pvalue) and "not positive definite" in str(found)
    difference = states("SAR", "entity").cov - states("SAR", "random").cov
    names = EXACT["regressors"]
    assert np.linalg.eigvalsh(difference.loc[names, names]).min() < 0
    assert_allclose(found.parts["difference"], found.parts["fixed"] - found.parts["random"])
    assert np.isnan(found.parts.loc["unemp", "std_error"]) and difference.loc["unemp", "unemp"] < 0


@pytest.mark.parametrize("rho", [False, True])
def test_hausman_by_dense_matrices(rho):
    # Regressors that differ between regions far more than over the years: random effects know their coefficients much better.
    rng = np.random.default_rng(12)
    w = dense_weights("contiguity", 30, rng)
    x = 0.3 * rng.normal(size=(4, 30, 2)) + 2 * rng.normal(size=(30, 2))
    right = x @ [1.0, -0.5] + 0.3 * rng.normal(size=30) + rng.normal(size=(4, 30))
    panel = Panel(np.linalg.solve(np.eye(30) - 0.3 * w, right.T).T, x, w)
    fixed, random = (SpatialLag(*panel.data(), e).fit(m) for e, m in (("entity", "transformation"), ("random", "ml")))
    names = ["x0", "x1", *(["rho"] if rho else [])]
    d = (fixed.params - random.params)[names].to_numpy()
    v = (fixed.cov - random.cov).loc[names, names].to_numpy()
    found = specification.hausman(fixed, random, rho=rho)
    assert np.linalg.eigvalsh(v).min() > 0, "this test is for a difference that is positive definite"
    assert found.reason == "" and found.df == len(names)
    assert found.statistic == pytest.approx(d @ np.linalg.inv(v) @ d, rel=1e-9)
    assert found.pvalue == pytest.approx(stats.chi2.sf(found.statistic, len(names)))
    assert_allclose(found.parts["std_error"], np.sqrt(np.diag(v)))


def test_hausman_refuses_fits_that_do_not_belong_together():
    y, x, w = small("contiguity").data()
    fixed = SpatialLag(y, x, w, "entity").fit("ml")
    with pytest.raises(ValueError, match="can't be set against"):
        specification.hausman(fixed, SpatialLag(y, x, w, "random+time").fit())
    with pytest.raises(ValueError, match="dependent variables"):
        specification.hausman(fixed, SpatialLag(y / 3, x, w, "random").fit())


# -------------------------------------------------------------------- names
@pytest.mark.parametrize("name", ["rho", "const", "sigma2", "W*x0"])
def test_a_regressor_called_like_a_parameter_is_refused(name):
    y, x, w = small("contiguity").data()
    with pytest.raises(ValueError, match="rename"):
        SpatialDurbin(y, x.rename(columns={"x1": name}), w, "none")


def test_counts_of_a_likelihood():
    # 4 years and 7 regions: 28 cells; the transformation leaves (T - 1) N, T (N - 1) or (T - 1)(N - 1).
    shape = (4, 7)
    assert likelihood.count(shape, "twoways", "ml") == likelihood.Count(28, 4, 0)
    assert likelihood.count(shape, "entity", "transformation") == likelihood.Count(21, 3, 0)
    assert likelihood.count(shape, "time", "transformation") == likelihood.Count(24, 4, 4)
    assert likelihood.count(shape, "twoways", "transformation") == likelihood.Count(18, 3, 3)
