"""Spatial models beside other packages: spreg where it is exact, and properties that fail where a package errs.

Only spreg can be run from here (1.9.0, and 1.9.1 on Python 3.12 and later).  What R's splm 1.6-5 and SDPDmod 0.0.6,
Stata's xsmle 1.4.5 and panelbox 1.0.2 do wrong is described where a property
that they lack is tested.
"""

import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest
import spreg
from numpy.testing import assert_allclose
from scipy import optimize, stats

from casebook import spatial
from casebook.spatial import specification, weights

YEARS, REGIONS = 6, 16
NAMES = [f"R{i:02d}" for i in range(REGIONS)]
FIXED = ("entity", "time", "twoways")


def irregular(names=NAMES):
    """A chain with chords from every third region: neither symmetric once standardised nor with columns that sum to one."""
    chain = list(zip(names, names[1:]))
    chords = [(names[i], names[(i * i + 5) % len(names)]) for i in range(0, len(names), 3)]
    pairs = pd.DataFrame([p for p in chain + chords if p[0] != p[1]], columns=["region", "neighbour"])
    return spatial.contiguity(pairs, names)


def simulated(years=YEARS, names=NAMES, rho=0.4, seed=2, effects="twoways"):
    """y, a, b by year and region, of shape (T, N) each; a's lag matters, b's doesn't."""
    rng, matrix = np.random.default_rng(seed), irregular(names).full()[0]
    a, b, noise = rng.normal(size=(3, years, len(names)))
    mean = a + 0.5 * b + 0.6 * a @ matrix.T + 0.7 * noise
    mean = mean + rng.normal(size=len(names)) * (effects != "time") + rng.normal(size=(years, 1)) * (effects != "entity")
    return np.linalg.solve(np.eye(len(names)) - rho * matrix, mean.T).T, a, b


def framed(y, *x, names=NAMES):
    index = pd.MultiIndex.from_product([names, range(2001, 2001 + len(y))], names=["region", "year"])
    return pd.DataFrame({name: values.T.ravel() for name, values in zip("yab", (y, *x))}, index)


MAP = irregular()
MATRIX = MAP.full()[0]
Y, A, B = simulated()
DATA = framed(Y, A, B)


def ours(effects="entity", method="ml", model=spatial.SpatialDurbin, data=DATA, **more):
    return model(data["y"], data[["a", "b"]], MAP, effects, **more).fit(method)


@pytest.fixture(scope="module")
def theirs():
    """spreg wants columns of T N rows, year after year, regions in the order of the weights; it prints and warns."""
    y, x = Y.reshape(-1, 1), np.column_stack([A.ravel(), B.ravel()])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "SAR": spreg.ML_LagFE(y, x, MAP, epsilon=1e-12, spat_impacts="full"),
            "SDM": spreg.ML_LagFE(y, x, MAP, epsilon=1e-12, spat_impacts="full", slx_lags=1),
            "SEM": spreg.ML_ErrorFE(y, x, MAP, epsilon=1e-12),
            "LM": {name: getattr(spreg, f"panel_{name}")(y, x, MAP)[0] for name in ("LMlag", "LMerror", "rLMlag", "rLMerror")},
        }


# --------------------------------------------------------------- spreg, entity effects: an oracle
@pytest.mark.parametrize(
    ("name", "model"), [("SAR", spatial.SpatialLag), ("SDM", spatial.SpatialDurbin), ("SEM", spatial.SpatialError)]
)
def test_region_effects_equal_spreg(theirs, name, model):
    # spreg: regressors, their lags, rho last; sigma2 divides by N T; the likelihood has its constants;
    # standard errors from the expected information, as here.
    them, we = theirs[name], ours(model=model)
    assert_allclose(we.params, them.betas.ravel(), atol=1e-6)
    assert_allclose([we.rho, we.sigma2, we.loglik], [them.betas[-1, 0], np.squeeze(them.sig2), them.logll], atol=1e-6)
    assert_allclose(we.std_errors, them.std_err, rtol=1e-5)
    if name != "SEM":
        assert_allclose(we.cov, them.vm1, rtol=1e-4, atol=1e-10)
    residuals = them.e_filtered if name == "SEM" else them.u
    assert_allclose(we.residuals.unstack("region")[NAMES].to_numpy(), residuals.reshape(YEARS, REGIONS), atol=1e-6)


# ----------------------------------------------------------------------- spreg errs: effects
def brute(beta, theta, rho):
    """Mean direct and total effect: the matrix S (beta + W theta) written out."""
    response = np.linalg.solve(np.eye(REGIONS) - rho * MATRIX, beta * np.eye(REGIONS) + theta * MATRIX)
    return np.trace(response) / REGIONS, response.sum() / REGIONS


def test_direct_effects_of_a_durbin_model_contain_theta(theirs):
    # spreg 1.9.0, sputils._sp_effects ("assumes all SLX effects are indirect"): direct = beta tr(S) / N, without
    # theta tr(S W) / N, which is nothing only where rho is zero.
    them, we = theirs["SDM"], ours()
    (b, t), rho = them.betas[:4, 0].reshape(2, 2), them.rho
    full = dict(zip(("direct", "indirect", "total"), them.sp_multipliers["full"]))
    reported = them.summary.split("'full' method.")[1].split("\n")[2:4]
    for i, (name, line) in enumerate(zip("ab", reported)):
        direct, total = brute(b[i], t[i], rho)
        printed = [float(cell) for cell in line.split()[1:]]
        assert printed == pytest.approx([b[i] * full["direct"], (b[i] + t[i]) * full["total"] - b[i] * full["direct"],
                                         (b[i] + t[i]) * full["total"]], abs=1e-4)
        assert printed[2] == pytest.approx(total, abs=1e-4)
        if name == "a":  # whose lag matters
            assert abs(printed[0] - direct) > 0.1
        table = we.effects().loc[name, "estimate"]
        assert table[["direct", "indirect", "total"]].tolist() == pytest.approx([direct, total - direct, total], abs=1e-5)


def test_effects_of_a_lag_model_equal_spreg(theirs):
    direct, _, total = theirs["SAR"].sp_multipliers["full"]
    table = ours(model=spatial.SpatialLag).effects()["estimate"].unstack()
    b = theirs["SAR"].betas[:2, 0]
    assert_allclose(table[["direct", "total"]], np.column_stack([b * direct, b * total]), atol=1e-6)


def test_effects_have_standard_errors():
    # spreg gives none, and xsmle only by draws. By the delta method, with every derivative taken numerically.
    we = ours("twoways", "transformation")
    cov = we.cov.drop(index="sigma2", columns="sigma2").to_numpy()

    def effects(params):
        direct, total = np.array([brute(params[i], params[2 + i], params[4]) for i in range(2)]).T
        return np.column_stack([direct, total - direct, total]).ravel()

    at, step = we.params.to_numpy(), 1e-6
    slope = np.array([(effects(at + step * unit) - effects(at - step * unit)) / (2 * step) for unit in np.eye(5)])
    assert_allclose(we.effects()["std_error"], np.sqrt(np.diag(slope.T @ cov @ slope)), rtol=1e-5)


def test_fixed_effects_are_net_of_the_neighbours(theirs):
    # spreg 1.9.0, ML_LagFE: mu_i is the mean of y - X beta, with rho W y left in; 1.9.1 has it otherwise.
    them, we = theirs["SDM"], ours()
    x = np.stack([A, B, A @ MATRIX.T, B @ MATRIX.T], axis=-1)
    mean = (Y - x @ them.betas[:4, 0]).mean(axis=0)
    if version("spreg") == "1.9.0":
        assert_allclose(them.mu_i.ravel(), mean, atol=1e-8)
    effects = we.fixed_effects["region"][NAMES] + we.fixed_effects["const", ""]
    assert_allclose(effects, mean - them.rho * MATRIX @ Y.mean(axis=0), atol=1e-5)
    assert np.abs(effects - mean).max() > 0.1


# --------------------------------------------------------------------------- spreg errs: LM
def test_lagrange_multiplier_statistics_by_brute_force(theirs):
    # spreg 1.9.0, diagnostics_panel: sigma2 divides by N T - K, which is a convention; but panel_LMlag
    # has tr * tr where the information has T * tr, tr being the trace of W W + W'W.
    x = np.column_stack([np.ones(Y.size), A.ravel(), B.ravel()])
    y, big = Y.ravel(), np.kron(np.eye(YEARS), MATRIX)
    b, *_ = np.linalg.lstsq(x, y, rcond=None)
    e, fitted = y - x @ b, big @ x @ b
    annihilator = np.eye(y.size) - x @ np.linalg.solve(x.T @ x, x.T)
    trace = np.trace(MATRIX @ MATRIX + MATRIX.T @ MATRIX)

    def statistics(divisor, part):
        sigma2 = e @ e / divisor
        rise, spread = e @ big @ y / sigma2, fitted @ annihilator @ fitted / sigma2 + part
        other, t = e @ big @ e / sigma2, YEARS * trace
        return {"LMlag": rise**2 / spread, "LMerror": other**2 / t, "rLMlag": (rise - other) ** 2 / (spread - t),
                "rLMerror": (other - t / spread * rise) ** 2 / (t - t**2 / spread)}

    right, theirs_right = statistics(y.size, YEARS * trace), statistics(y.size - 3, YEARS * trace)
    mine = specification.lm_tests(DATA["y"], DATA[["a", "b"]], MAP, "none")["statistic"]
    assert_allclose(mine, [right[name] for name in ("LMlag", "LMerror", "rLMlag", "rLMerror")], rtol=1e-10)
    for name in ("LMerror", "rLMlag", "rLMerror"):
        assert theirs["LM"][name] == pytest.approx(theirs_right[name])
    assert theirs["LM"]["LMlag"] == pytest.approx(statistics(y.size - 3, trace**2)["LMlag"])
    assert abs(theirs["LM"]["LMlag"] / theirs_right["LMlag"] - 1) > 0.05


# --------------------------------------------------- splm and Elhorst's code: the lag of demeaned y
def demeaned(values, effects):
    values = values - values.mean(axis=0) if effects in ("entity", "twoways") else values
    return values - values.mean(axis=1, keepdims=True) if effects in ("time", "twoways") else values


def parts(effects):
    """What is left of y, W y and Z = (a, b, W a, W b) with the effects taken out, lags first."""
    columns = [Y, Y @ MATRIX.T, A, B, A @ MATRIX.T, B @ MATRIX.T]
    y, wy, *z = (demeaned(values, effects).ravel() for values in columns)
    return y, wy, np.column_stack(z)


def exact(rho, effects):
    """Likelihood with every dummy estimated, at one rho."""
    y, wy, z = parts(effects)
    left = (y - rho * wy) - z @ np.linalg.lstsq(z, y - rho * wy, rcond=None)[0]
    size = left.size
    return YEARS * np.linalg.slogdet(np.eye(REGIONS) - rho * MATRIX)[1] - size / 2 * (np.log(2 * np.pi * (left @ left) / size) + 1)


@pytest.mark.parametrize("effects", ["time", "twoways"])
def test_the_lag_is_taken_before_the_effects_are_taken_out(effects):
    # splm 1.6-5 and Elhorst's code lag the demeaned y and stop below the maximum: W Q y is not Q W y.
    best = ours(effects)
    after = spatial.SpatialDurbin(DATA["y"], DATA[["a", "b"]], MAP, effects).fit("ml", lag="after demeaning")
    assert after.loglik < best.loglik - 1e-3 and abs(after.rho - best.rho) > 1e-3
    assert exact(after.rho, effects) < exact(best.rho, effects) - 1e-4
    found = optimize.minimize_scalar(lambda rho: -exact(rho, effects), bounds=(-0.9, 0.9), method="bounded",
                                     options={"xatol": 1e-11})
    assert best.loglik == pytest.approx(-found.fun, abs=1e-9) and best.rho == pytest.approx(found.x, abs=1e-6)


def test_region_effects_are_the_same_in_either_order():
    after = spatial.SpatialDurbin(DATA["y"], DATA[["a", "b"]], MAP, "entity").fit("ml", lag="after demeaning")
    assert_allclose(after.params, ours().params, atol=1e-9)


@pytest.mark.parametrize("model", [spatial.SpatialLag, spatial.SpatialDurbin, spatial.SpatialError])
@pytest.mark.parametrize("effects", ["none", *FIXED])
def test_the_likelihood_has_its_constants(effects, model):
    # splm's likelihood of an error model has them not: here it is the density of what was observed.
    we = ours(effects, model=model)
    spread = np.linalg.inv(np.eye(REGIONS) - we.rho * MATRIX)
    residuals = we.residuals.unstack("region")[NAMES].to_numpy()  # y is S times these and what is not random
    density = stats.multivariate_normal(cov=we.sigma2 * spread @ spread.T)
    assert we.loglik == pytest.approx(sum(density.logpdf(spread @ year) for year in residuals), abs=1e-6)


def test_standard_errors_with_random_effects_allow_for_rho():
    # splm 1.6-5: those of its lag models with random effects are sigma2 (Z*'Z*)^-1, as if rho were known.
    we = ours("random", model=spatial.SpatialLag)
    part = 1 - (1 + YEARS * we.phi) ** -0.5
    z = np.stack([values - part * values.mean(axis=0) for values in (np.ones_like(A), A, B)], axis=-1).reshape(-1, 3)
    known = np.sqrt(np.diag(we.sigma2 * np.linalg.inv(z.T @ z)))
    assert (we.std_errors[["const", "a", "b"]] > known * (1 + 1e-6)).all()
    conditional = np.linalg.inv(np.linalg.inv(we.cov.drop(index="sigma2", columns="sigma2"))[:3, :3])
    assert_allclose(np.sqrt(np.diag(conditional)), known, rtol=0.02)


# --------------------------------------------------------------------------- xsmle, SDPDmod
def test_lee_yu_with_both_effects_has_both():
    # xsmle 1.4.5 with its option leeyu drops the years' effects without a word.
    both, regions = ours("twoways", "lee-yu"), ours("entity", "lee-yu")
    assert abs(both.rho - regions.rho) > 0.01 and both.df_model == regions.df_model + YEARS - 1
    assert set(both.fixed_effects.index.get_level_values("kind")) == {"const", "region", "year"}
    for axis in (0, 1):
        wide = both.residuals.unstack("region").to_numpy()
        assert_allclose(wide.mean(axis=axis), 0, atol=1e-12)
    # A year in which everything is higher by the same changes it not at all.
    moved = framed(Y + np.arange(YEARS)[:, None] ** 2, A, B)
    assert ours("twoways", "lee-yu", data=moved).rho == pytest.approx(both.rho, abs=1e-9)
    assert abs(ours("entity", "lee-yu", data=moved).rho - regions.rho) > 0.01


@pytest.mark.parametrize("effects", FIXED)
@pytest.mark.parametrize("method", ["ml", "lee-yu", "transformation"])
@pytest.mark.parametrize("model", [spatial.SpatialLag, spatial.SpatialDurbin, spatial.SpatialError])
def test_units_of_regressors_do_not_matter(model, method, effects):
    # SDPDmod 0.0.6: with regressors of very unequal size its correction for both effects gives a rho above one.
    plain = ours(effects, method, model)
    scaled = ours(effects, method, model, data=DATA * {"y": 1, "a": 1e6, "b": 1e-6})
    assert scaled.rho == pytest.approx(plain.rho, abs=1e-9) and abs(scaled.rho) < 1
    units = pd.Series([{"a": 1e6, "b": 1e-6}.get(n.removeprefix("W*"), 1) for n in plain.params.index], plain.params.index)
    assert_allclose(scaled.params * units, plain.params, rtol=1e-6)
    assert_allclose(scaled.std_errors * units, plain.std_errors, rtol=1e-6)
    assert scaled.loglik == pytest.approx(plain.loglik, abs=1e-6)


@pytest.mark.parametrize("effects", FIXED)
def test_rho_is_not_read_off_a_grid(effects):
    # SDPDmod 0.0.6 takes the best of a grid with steps of 0.001; here the likelihood is flat to 1e-6 at its top.
    rho, step = ours(effects).rho, 1e-4
    slope = (exact(rho + step, effects) - exact(rho - step, effects)) / (2 * step)
    curve = (exact(rho + step, effects) + exact(rho - step, effects) - 2 * exact(rho, effects)) / step**2
    assert abs(slope / curve) < 1e-6
    assert abs(1000 * rho - round(1000 * rho)) > 1e-3


# --------------------------------------------------------------------------------- panelbox
@pytest.mark.parametrize("effects", FIXED)
def test_durbin_standard_errors_equal_numerical_ones(effects):
    # panelbox 1.0.2 has a placeholder for them.  The curvature of the likelihood at its top, in a panel so large
    # that observed and expected information are near each other.
    names = [f"R{i:03d}" for i in range(80)]
    y, a, b = simulated(20, names, effects=effects)
    around = irregular(names)
    matrix = weights.matrix(around, names).toarray()
    data = framed(y, a, b, names=names)
    we = spatial.SpatialDurbin(data["y"], data[["a", "b"]], around, effects).fit("ml")
    left, lagged, *z = (demeaned(v, effects).ravel() for v in (y, y @ matrix.T, a, b, a @ matrix.T, b @ matrix.T))
    z, values = np.column_stack(z), np.linalg.eigvals(matrix)

    def height(params):
        beta, rho, sigma2 = params[:4], params[4], params[5]
        e = left - rho * lagged - z @ beta
        return 20 * np.log(np.abs(1 - rho * values)).sum() - y.size / 2 * np.log(2 * np.pi * sigma2) - e @ e / (2 * sigma2)

    at, steps = np.append(we.params.to_numpy(), we.sigma2), 1e-4 * np.eye(6)
    assert height(at) == pytest.approx(we.loglik)
    curve = np.array([[height(at + s + t) - height(at + s - t) - height(at - s + t) + height(at - s - t)
                       for t in steps] for s in steps]) / (4 * 1e-4**2)
    numerical = np.sqrt(np.diag(np.linalg.inv(-curve)))
    assert_allclose(np.sqrt(np.diag(we.cov)), numerical, rtol=0.05)
