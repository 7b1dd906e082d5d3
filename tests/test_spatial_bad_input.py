"""Spatial models: what can't be estimated is refused by name, what is doubtful is flagged, nothing is left out silently."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from libpysal.weights import W
from scipy import optimize

from casebook import spatial
from casebook.spatial import likelihood, small_samples, specification, weights
from casebook.spatial.durbin import EFFECTS, LAGS, METHODS

MODELS = (spatial.SpatialDurbin, spatial.SpatialLag, spatial.SpatialError)
FIXED = ("twoways", "entity", "time")
pytestmark = pytest.mark.usefixtures("no_warnings")


def names(number):
    return [f"R{i}" for i in range(number)]


def ring(number, transform="r"):
    """Each region has two neighbours, one to either side."""
    around = {f"R{i}": [f"R{(i - 1) % number}", f"R{(i + 1) % number}"] for i in range(number)}
    made = W(around, id_order=names(number), silence_warnings=True)
    made.transform = transform
    return made


def table(**columns):
    """Arrays of shape (T, N) as columns by (region, year), years from 2001 on."""
    years, regions = next(iter(columns.values())).shape
    index = pd.MultiIndex.from_product([names(regions), range(2001, 2001 + years)], names=["region", "year"])
    return pd.DataFrame({name: values.T.ravel() for name, values in columns.items()}, index)


def panel(regions=8, years=6, rho=0.4, seed=1):
    rng = np.random.default_rng(seed)
    a, b, noise = rng.normal(size=(3, years, regions))
    mean = a - b + rng.normal(size=regions) + rng.normal(size=(years, 1)) + noise / 2
    y = np.linalg.solve(np.eye(regions) - rho * ring(regions).full()[0], mean.T).T
    return table(y=y, a=a, b=b)


DATA, RING = panel(), ring(8)


def durbin(data=DATA, weights=RING, effects="twoways", model=spatial.SpatialDurbin, **more):
    return model(data["y"], data.drop(columns="y"), weights, effects, **more)


def changed(column, value, region="R3", year=2004):
    data = DATA.copy()
    data.loc[(region, year), column] = value
    return data


def column(values):
    """A column of the panel that is made of its regions and years."""
    region, year = (DATA.index.get_level_values(level) for level in ("region", "year"))
    return DATA.assign(c=values(region.str[1:].astype(float), year.astype(float)))


# ---------------------------------------------------------------------- the panel
@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_dropped_or_reordered_silently(model):
    fitted = durbin(DATA.sample(frac=1, random_state=0), model=model).fit()
    for values in (fitted.fitted, fitted.residuals):
        assert values.index.is_unique and set(values.index) == set(DATA.index)
    whole = (fitted.fitted + fitted.residuals).reindex(DATA.index)
    assert whole.to_numpy() == pytest.approx(DATA["y"].to_numpy())
    assert fitted.nobs == len(DATA) and not fitted.flags


def test_dependent_and_regressors_are_matched_by_region_and_year():
    shuffled = spatial.SpatialDurbin(DATA["y"].sample(frac=1, random_state=0), DATA[["a", "b"]], RING).fit()
    pd.testing.assert_series_equal(shuffled.params, durbin().fit().params)


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (DATA.drop(("R2", 2003)), r"unbalanced: R2 has no row for 2003 \(1 rows are missing\)"),
        (DATA.drop([("R2", 2003), ("R5", 2001)]), r"unbalanced: R\d has no row for \d+ \(2 rows are missing\)"),
        (changed("y", np.nan), "'y' of R3 is missing or not finite in 2004"),
        (changed("b", np.nan), "'b' of R3 is missing or not finite in 2004"),
        (changed("a", np.inf), "'a' of R3 is missing or not finite in 2004"),
        (changed("y", -np.inf), "'y' of R3 is missing or not finite in 2004"),
        (pd.concat([DATA, DATA.loc[[("R6", 2002)]]]), "R6 has more than one row for 2002"),
        (DATA.reset_index("year"), r"dependent variable must be indexed by \(region, year\)"),
        (DATA.reset_index(drop=True), r"dependent variable must be indexed by \(region, year\)"),
        (DATA.swaplevel(), r"indexed by \(region, year\), not \(year, region\)"),
        (DATA.iloc[:0], "the panel has no rows"),
        (DATA.assign(y=3.0), "'y' is the same everywhere"),
        (DATA.assign(y=0.0), "'y' is the same everywhere"),
        (DATA.assign(a=0.0), "'a' is zero everywhere"),
        (DATA.assign(c=2 * DATA["a"] - DATA["b"]), "'c' is a linear combination of a, b"),
        (DATA.assign(c=DATA["a"] * 1e6), "'c' is a linear combination of a "),
        (DATA.assign(y=2 * DATA["a"] - DATA["b"]), "the regressors determine 'y' exactly"),
    ],
)
def test_a_faulty_panel_is_refused_by_name(data, message, effects):
    with pytest.raises(ValueError, match=message):
        durbin(data, effects=effects, durbin=[])


@pytest.mark.parametrize(
    "values",
    [["x"] * 48, pd.date_range("2001", periods=48), np.ones(48, complex), pd.Categorical(["u", "v"] * 24)],
    ids=["text", "dates", "complex", "categories"],
)
def test_a_column_without_numbers_is_named(values):
    with pytest.raises(TypeError, match="'b' is not a column of real numbers"):
        durbin(DATA.assign(b=values))


def test_a_missing_value_among_integers_is_named():
    with pytest.raises(ValueError, match="'b' of R0 is missing or not finite in 2002"):
        durbin(DATA.assign(b=pd.array([1, None, 3, 5] * 12, dtype="Int64")))


def test_rows_of_one_side_only_are_named():
    with pytest.raises(ValueError, match="R4 2005 is in the dependent variable or in the regressors, but not in both"):
        spatial.SpatialDurbin(DATA["y"], DATA[["a"]].drop(("R4", 2005)), RING)


@pytest.mark.parametrize(
    ("dependent", "exog"),
    [
        (DATA["y"], DATA["a"]), (DATA["y"], DATA[["a"]].to_numpy()),
        (DATA[["y"]], DATA[["a"]]), (DATA["y"].to_numpy(), DATA[["a"]]),
    ],
)
def test_other_types_of_data_are_refused(dependent, exog):
    with pytest.raises(TypeError, match="dependent variable as a Series and the regressors as a DataFrame"):
        spatial.SpatialDurbin(dependent, exog, RING)


def test_columns_have_names_of_their_own():
    with pytest.raises(ValueError, match="more than one regressor is called 'a'"):
        spatial.SpatialDurbin(DATA["y"], DATA[["a", "a"]], RING)
    with pytest.raises(ValueError, match="there is no regressor"):
        spatial.SpatialDurbin(DATA["y"], DATA[[]], RING)
    for taken in ("rho", "const", "sigma2", "W*a"):  # each would stand twice in the results
        with pytest.raises(ValueError, match=f"called '{taken}'".replace("*", r"\*")):
            durbin(DATA.rename(columns={"b": taken}))


# ------------------------------------------------------------------ what the effects absorb
@pytest.mark.parametrize(
    ("effects", "values", "message"),
    [
        ("entity", lambda region, year: region**2, "'c' doesn't change over the years in any region"),
        ("twoways", lambda region, year: region**2, "'c' doesn't change over the years in any region"),
        ("time", lambda region, year: np.sin(year), "'c' is the same for all regions in each year"),
        ("twoways", lambda region, year: np.sin(year), "'c' is the same for all regions in each year"),
        ("random+time", lambda region, year: np.sin(year), "'c' is the same for all regions in each year"),
        ("twoways", lambda region, year: region**2 + np.sin(year), "'c' is a sum of region and year effects"),
        ("none", lambda region, year: 0 * year + 7, "'c' is a linear combination of const"),
        ("random", lambda region, year: 0 * year + 7, "'c' is a linear combination of const"),
    ],
)
def test_a_regressor_that_the_effects_absorb_is_named(effects, values, message):
    with pytest.raises(ValueError, match=message):
        durbin(column(values), effects=effects, durbin=["a"])


@pytest.mark.parametrize(
    ("effects", "values"),
    [
        ("time", lambda region, year: region**2), ("none", lambda region, year: region**2),
        ("random", lambda region, year: region**2), ("entity", lambda region, year: np.sin(year)),
        ("entity", lambda region, year: region**2 + np.sin(year)), ("time", lambda region, year: region**2 + np.sin(year)),
    ],
)
def test_other_effects_leave_it_in(effects, values):
    fitted = durbin(column(values), effects=effects, durbin=["a"]).fit("ml")
    assert np.isfinite(fitted.std_errors).all() and fitted.std_errors["c"] > 0


@pytest.mark.parametrize("effects", ["twoways", "time"])
def test_a_dependent_that_the_year_effects_absorb_is_named(effects):
    with pytest.raises(ValueError, match="'y' is the same for all regions in each year"):
        durbin(column(lambda region, year: np.cos(year)).assign(y=lambda d: d.pop("c")), effects=effects)


def test_collinearity_with_a_lag_is_named():
    # c = W a: together with a and its lag there is one column too many.
    lagged = (DATA["a"].unstack("region")[names(8)] @ RING.full()[0].T).set_axis(names(8), axis=1)
    data = DATA.assign(c=lagged.rename_axis(columns="region").stack().swaplevel().reindex(DATA.index))
    with pytest.raises(ValueError, match=r"'W\*a' is a linear combination of c once"):
        durbin(data, durbin=["a"])
    assert "W*b" in durbin(data, durbin=["b"]).fit().params


def test_regressors_near_collinearity_are_not_refused():
    noise = np.random.default_rng(3).normal(size=len(DATA))
    fitted = durbin(DATA.assign(c=DATA["a"] + 1e-4 * noise), durbin=[]).fit()
    assert fitted.std_errors["c"] > 100 * fitted.std_errors["b"]


# ---------------------------------------------------------------------------- weights
def edited(region, neighbours, values):
    around, share = dict(RING.neighbors), dict(RING.weights)
    around[region], share[region] = neighbours, values
    return W(around, share, silence_warnings=True)


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (np.ones((8, 8)) - np.eye(8), TypeError, "must be a libpysal W with region names as ids"),
        (RING.sparse, TypeError, "must be a libpysal W"),
        (None, TypeError, "must be a libpysal W"),
        (ring(7), ValueError, "the weights have no R7"),
        (ring(9), ValueError, "the weights have R8 besides"),
        (W({i: [(i + 1) % 8] for i in range(8)}, silence_warnings=True), ValueError, "have no R0, R1, .* names as ids"),
        (spatial.contiguity(pd.DataFrame({"region": names(8)[:-1], "neighbour": [*names(8)[1:-1], "r7"]}),
                            [*names(8)[:-1], "r7"]), ValueError, "the weights have no R7"),  # misspelt
        (edited("R2", ["R1", "R3"], [-0.5, 1.5]), ValueError, "weight of R1 for R2 is negative: -0.5"),
        (edited("R2", ["R1", "R3"], [np.nan, 0.5]), ValueError, "weight of R1 for R2 is not finite"),
        (edited("R2", ["R2", "R3"], [0.5, 0.5]), ValueError, "R2.*diagonal to zero"),
        (W({r: [] for r in names(8)}, silence_warnings=True), ValueError, "link no two regions"),
    ],
    ids=["array", "sparse", "none", "region not in W", "region only in W", "numbers", "misspelt", "negative", "nan", "itself",
         "empty"],
)
@pytest.mark.parametrize("model", MODELS)
def test_faulty_weights_are_refused_by_name(bad, error, message, model):
    with pytest.raises(error, match=message):
        durbin(weights=bad, model=model)


def test_the_order_of_ids_makes_no_difference():
    turned = W(RING.neighbors, RING.weights, id_order=names(8)[::-1], silence_warnings=True)
    pd.testing.assert_series_equal(durbin(weights=turned).fit().params, durbin().fit().params)


def highest(data, matrix, effects):
    """Maximum over rho of the likelihood with every dummy written out, by least squares at each rho."""
    wide = {name: data[name].unstack("region")[names(len(matrix))].to_numpy() for name in data}
    years, regions = wide["y"].shape
    dummies = []
    if effects in ("entity", "twoways"):
        dummies += [np.tile(row, (years, 1)).ravel() for row in np.eye(regions)]
    if effects in ("time", "twoways"):
        dummies += [np.repeat(row, regions) for row in np.eye(years)]
    own = [wide[name] for name in ("a", "b")]
    x = np.column_stack([values.ravel() for values in (*own, *(values @ matrix.T for values in own), *dummies)])

    def height(rho):
        filtered = (wide["y"] - rho * wide["y"] @ matrix.T).ravel()
        left = filtered - x @ np.linalg.lstsq(x, filtered, rcond=None)[0]
        variance = left @ left / left.size
        return years * np.linalg.slogdet(np.eye(regions) - rho * matrix)[1] - left.size / 2 * (np.log(2 * np.pi * variance) + 1)

    found = optimize.minimize_scalar(lambda rho: -height(rho), bounds=(-0.95, 0.95), method="bounded", options={"xatol": 1e-10})
    return found.x, -found.fun


PLACES = pd.DataFrame({"longitude": [0, 1, 2.5, 4.2, 0.3, 1.8, 3.1, 5.5], "latitude": [0, 0.2, 0, 0.4, 2, 2.2, 1.9, 2.5]}, names(8))


@pytest.mark.parametrize("effects", FIXED)
def test_asymmetric_weights_work(effects):
    near = spatial.nearest(PLACES, 2)
    matrix = weights.matrix(near, names(8)).toarray()
    assert (matrix != matrix.T).any()
    fitted = durbin(weights=near, effects=effects).fit("ml")
    rho, height = highest(DATA, matrix, effects)
    assert fitted.rho == pytest.approx(rho, abs=1e-5) and fitted.loglik == pytest.approx(height, abs=1e-8)
    for method in METHODS:
        assert np.isfinite(durbin(weights=near, effects=effects).fit(method).effects()).all(axis=None)


@pytest.mark.parametrize("effects", FIXED)
def test_weights_that_are_not_standardised_work_by_ml(effects):
    fitted = durbin(weights=ring(8, "b"), effects=effects).fit("ml")
    rho, height = highest(DATA, ring(8, "b").full()[0], effects)
    assert fitted.rho == pytest.approx(rho, abs=1e-5) and fitted.loglik == pytest.approx(height, abs=1e-8)
    # Each of the ring's weights is twice that of the standardised ring: rho and theta are half.
    standard = durbin(effects=effects).fit("ml")
    assert fitted.rho == pytest.approx(standard.rho / 2) and fitted.loglik == pytest.approx(standard.loglik)
    assert fitted.interval == pytest.approx((-0.5, 0.5))


@pytest.mark.parametrize("method", ["transformation", "lee-yu"])
@pytest.mark.parametrize("effects", ["twoways", "time"])
@pytest.mark.parametrize("model", MODELS)
def test_weights_that_are_not_standardised_are_refused_by_the_others(model, effects, method):
    with pytest.raises(ValueError, match=f"method '{method}' with year effects needs weights whose rows all sum to one"):
        durbin(weights=ring(8, "b"), effects=effects, model=model).fit(method)
    assert np.isfinite(durbin(weights=ring(8, "b"), effects="entity", model=model).fit(method).std_errors).all()


def island():
    borders = pd.DataFrame({"region": names(8)[:-2], "neighbour": names(8)[1:-1]})
    return borders, names(8)


def test_an_isolate_is_refused_unless_asked_for():
    borders, regions = island()
    with pytest.raises(ValueError, match="border.* no other.*R7|R7 borders no other"):
        spatial.contiguity(borders, regions)
    far = PLACES.copy()
    far.loc["R7"] = [60, 10]
    with pytest.raises(ValueError, match="R7.*within 500 km|within 500 km.*R7"):
        spatial.inverse_distance(far, cutoff=500)
    with pytest.raises(ValueError, match="R0.*neighbours|neighbours.*R0"):
        spatial.subset(ring(8), ["R0", "R3", "R4"])


@pytest.mark.parametrize("effects", FIXED)
def test_an_isolate_works_by_ml_and_is_named_by_the_others(effects):
    alone = spatial.contiguity(*island(), isolates="keep")
    for method in ("transformation", "lee-yu"):
        if effects == "entity":
            assert np.isfinite(durbin(weights=alone, effects=effects).fit(method).std_errors).all()
        else:
            with pytest.raises(ValueError, match=r"rows all sum to one \(R7 has no neighbour\)"):
                durbin(weights=alone, effects=effects).fit(method)
    fitted = durbin(weights=alone, effects=effects).fit("ml")
    rho, height = highest(DATA, alone.full()[0], effects)
    assert fitted.rho == pytest.approx(rho, abs=1e-5) and fitted.loglik == pytest.approx(height, abs=1e-8)


# ------------------------------------------------------------------------- few years, few regions
@pytest.mark.parametrize("effects", ["twoways", "entity", "random", "random+time"])
def test_one_year_carries_no_region_effects(effects):
    with pytest.raises(ValueError, match=f"{effects} effects need more than one year".replace("+", r"\+")):
        durbin(DATA[DATA.index.get_level_values("year") == 2001], effects=effects)


def test_one_year_is_a_cross_section():
    data, around = panel(40, 1), ring(40)
    for effects in ("none", "time"):
        fitted = durbin(data, around, effects).fit("ml")
        assert np.isfinite(fitted.std_errors).all() and fitted.nobs == 40
    # One year's effect is a constant: both models are the same.
    both = [durbin(data, around, effects).fit("ml") for effects in ("none", "time")]
    assert both[0].loglik == pytest.approx(both[1].loglik) and both[0].rho == pytest.approx(both[1].rho)


def test_few_regions_are_flagged_and_shown():
    # a, b, their lags and rho: five parameters.
    fitted = durbin(panel(5, 8), ring(5)).fit()
    assert fitted.flags == ("5 regions for 5 parameters: standard errors rest on many regions",)
    for text in (str(fitted.summary), fitted._repr_html_(), fitted.summary.to_latex(), str(spatial.compare({"only": fitted}))):
        assert "5 regions for 5 parameters" in text
    assert not durbin(panel(6, 8), ring(6)).fit().flags


def test_more_to_estimate_than_is_observed_is_an_error():
    # 4 regions in 3 years: 12 cells, 4 + 3 - 1 effects, and a, b, their lags, rho and sigma2.
    with pytest.raises(ValueError, match="12 observations can't carry 6 parameters and 6 effects"):
        durbin(panel(4, 3), ring(4))
    assert np.isfinite(durbin(panel(4, 4), ring(4)).fit().std_errors).all()


# ------------------------------------------------------------------------------ boundary
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("effects", "shape", "end"),
    [
        # y is its own lag, or minus it: the likelihood rises without bound towards one, or minus one.
        ("none", np.ones(8), 1), ("entity", np.ones(8), 1), ("random", np.ones(8), 1),
        ("none", np.tile([1.0, -1], 4), -1), ("twoways", np.tile([1.0, -1], 4), -1), ("time", np.tile([1.0, -1], 4), -1),
        # A wave around the ring has W y = cos(pi / 4) y: with the years' effects away, the likelihood rises beyond one.
        ("twoways", np.cos(np.arange(8) * np.pi / 4), 1), ("time", np.cos(np.arange(8) * np.pi / 4), 1),
    ],
)
def test_rho_on_the_boundary_is_flagged(model, effects, shape, end):
    data = DATA.assign(y=table(y=np.random.default_rng(2).normal(size=(6, 1)) * shape)["y"])
    fitted = durbin(data, effects=effects, model=model).fit()
    assert any("rho lies on the boundary of its interval" in flag for flag in fitted.flags)
    assert fitted.rho == pytest.approx(end, abs=1e-4) and abs(fitted.rho) < 1
    assert "Mind: rho lies on the boundary" in str(fitted)


def test_nearly_so_is_found_inside():
    noise = np.random.default_rng(3).normal(size=(6, 8))
    data = DATA.assign(y=table(y=np.random.default_rng(2).normal(size=(6, 1)) + noise / 100)["y"])
    fitted = durbin(data, effects="entity").fit("ml")
    rho, height = highest(data, RING.full()[0], "entity")
    assert not fitted.flags and 0.95 < fitted.rho < 1 and fitted.loglik >= height - 1e-8


@pytest.mark.parametrize("number", [5, 8, 300])
def test_lee_and_yus_correction_stays_inside(number):
    # Waves along the ring: rho near one, where a correction by a fraction of 1 / (1 - rho) may overshoot.
    rng = np.random.default_rng(4)
    wave = np.cos(2 * np.pi * np.arange(number) / number)
    data = panel(number, 6)
    data["y"] = table(y=5 * rng.normal(size=(6, 1)) * wave + 0.01 * rng.normal(size=(6, number)))["y"]
    plain, corrected = (durbin(data, ring(number)).fit(method) for method in ("ml", "lee-yu"))
    assert 0.4 < plain.rho < corrected.rho < 1


# ----------------------------------------------------------------------------- convergence
@pytest.mark.parametrize("effects", ["twoways", "none"])
@pytest.mark.parametrize("model", MODELS)
def test_no_convergence_is_an_error(monkeypatch, model, effects):
    failed = SimpleNamespace(success=False, x=0.3, fun=1.0, message="too many iterations")
    monkeypatch.setattr(likelihood.optimize, "minimize_scalar", lambda *args, **more: failed)
    with pytest.raises(RuntimeError, match="no maximum that can be found in rho between -1.000 and 1.000: too many iterations"):
        durbin(effects=effects, model=model).fit()


def test_no_convergence_of_the_random_effects_is_an_error(monkeypatch):
    real = optimize.minimize_scalar

    def outer_fails(function, bounds, **more):
        found = real(function, bounds=bounds, **more)
        found.success, found.message = bounds[1] != 0, "too many iterations"  # the variance is sought up to zero
        return found

    monkeypatch.setattr(likelihood.optimize, "minimize_scalar", outer_fails)
    with pytest.raises(RuntimeError, match="found in the variance of the random effects: too many iterations"):
        durbin(effects="random").fit()
    durbin(effects="entity").fit()


def test_a_maximum_that_cannot_be_refined_is_flagged(monkeypatch):
    monkeypatch.setattr(likelihood, "_score", lambda *args: 1.0)
    assert "could not be refined" in durbin().fit().flags[0]


# -------------------------------------------------------------------------------- arguments
def test_wrong_names_list_the_right_ones():
    for call, allowed in (
        (lambda: durbin(effects="both"), EFFECTS),
        (lambda: durbin().fit("reml"), METHODS),
        (lambda: durbin().fit("ml", lag="never"), LAGS),
        (lambda: durbin().fit().effects(se="bootstrap"), ("delta", "simulation")),
        (lambda: specification.wald_test(durbin().fit(), "SDM"), specification.RESTRICTIONS),
        (lambda: specification.lm_tests(DATA["y"], DATA[["a"]], RING, method="reml"), ("ml", "transformation")),
        (lambda: small_samples.bias(RING, 5, [0.1], beta=[1], theta=[1], methods=["reml"]), METHODS),
    ):
        with pytest.raises(ValueError) as told:
            call()
        assert all(name in str(told.value) for name in allowed)


def test_durbin_is_a_list_of_regressors():
    with pytest.raises(TypeError, match=r"durbin must be a list of regressors, such as \['a'\]"):
        durbin(durbin="a")
    with pytest.raises(ValueError, match="no regressor 'c' to lag; there are a, b"):
        durbin(durbin=["a", "c"])
    with pytest.raises(ValueError, match="durbin names 'a' twice"):
        durbin(durbin=["a", "a"])
    for model in (spatial.SpatialLag, spatial.SpatialError):
        with pytest.raises(ValueError, match="has no lagged regressors; use SpatialDurbin"):
            durbin(model=model, durbin=["a"])


@pytest.mark.parametrize(("effects", "method"), [("twoways", "transformation"), ("entity", "transformation"), ("random", "ml")])
def test_the_lag_after_demeaning_is_refused_where_it_has_no_meaning(effects, method):
    with pytest.raises(ValueError, match="belongs to fixed effects by method 'ml' or 'lee-yu'"):
        durbin(effects=effects).fit(method, lag="after demeaning")


# ------------------------------------------------------------------------------------ tests
def lag_model(data=DATA, around=RING, effects="twoways", method="ml", **more):
    return durbin(data, around, effects, spatial.SpatialLag).fit(method, **more)


@pytest.mark.parametrize(
    ("restricted", "message"),
    [
        (lambda: lag_model(DATA[DATA.index.get_level_values("year") > 2001]), "different panels"),
        (lambda: lag_model(DATA.assign(y=DATA["y"] ** 3)), "different dependent variables"),  # of the same name
        (lambda: lag_model(effects="entity"), "different effects"),
        (lambda: lag_model(method="transformation"), "different methods"),
        (lambda: lag_model(lag="after demeaning"), "different methods"),
        (lambda: lag_model(around=spatial.nearest(PLACES, 2)), "different weights"),
        (lambda: durbin().fit("ml"), "must be a restriction"),
        (lambda: lag_model(DATA.assign(c=DATA["a"] ** 2)), "must be a restriction"),
    ],
)
def test_the_likelihood_ratio_of_unlike_fits_is_refused(restricted, message):
    with pytest.raises(ValueError, match=message):
        specification.lr_test(restricted(), durbin().fit("ml"))


def test_models_that_are_not_nested_are_refused():
    lag, error = (durbin(model=model).fit("ml") for model in MODELS[1:])
    wide = durbin(DATA.assign(c=DATA["a"] ** 2), model=spatial.SpatialError).fit("ml")
    partly = durbin(durbin=["a"]).fit("ml")
    # An error model is a Durbin model whose lags, all of them, are minus rho times the coefficients.
    for restricted, full in ((lag, error), (error, lag), (lag, wide), (error, partly)):
        with pytest.raises(ValueError, match="must be a restriction"):
            specification.lr_test(restricted, full)
    with pytest.raises(ValueError, match="only where every regressor enters with its lag"):
        specification.wald_test(partly, "SEM")
    assert specification.lr_test(lag, partly).df == 1 and specification.lr_test(error, durbin().fit("ml")).df == 2


@pytest.mark.parametrize("model", [spatial.SpatialLag, spatial.SpatialError, spatial.SpatialLagOfX])
def test_the_wald_test_needs_lags_and_rho(model):
    with pytest.raises(ValueError, match="this test is for a spatial Durbin model"):
        specification.wald_test(durbin(model=model).fit())


def test_hausmans_test_of_unlike_fits_is_refused():
    random = durbin(effects="random").fit()
    for effects in ("twoways", "time", "none", "random"):
        with pytest.raises(ValueError, match=f"{effects} effects can't be set against random: give entity and random"):
            specification.hausman(durbin(effects=effects).fit("ml"), random)
    for other, message in (
        (durbin(effects="entity", model=spatial.SpatialLag), "a spatial lag model can't be set against a spatial Durbin model"),
        (durbin(effects="entity", durbin=["a"]), "or one with other regressors"),
        (durbin(panel(8, 5), effects="entity"), "different panels"),
        (durbin(panel(seed=2), effects="entity"), "different dependent variables"),
        (durbin(weights=spatial.nearest(PLACES, 2), effects="entity"), "different weights"),
    ):
        with pytest.raises(ValueError, match=message):
            specification.hausman(other.fit("ml"), random)
    assert len(specification.hausman(durbin(effects="entity").fit("ml"), random).parts) == 4


def test_lagrange_multiplier_tests_are_for_fixed_effects():
    with pytest.raises(ValueError, match="fixed effects or none"):
        specification.lm_tests(DATA["y"], DATA[["a", "b"]], RING, "random")
    with pytest.raises(ValueError, match="rows all sum to one"):
        specification.lm_tests(DATA["y"], DATA[["a", "b"]], ring(8, "b"), method="transformation")


def test_nothing_to_compare():
    with pytest.raises(ValueError, match="nothing to compare"):
        spatial.compare({})


# ------------------------------------------------------------------------------- simulation
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda **kw: small_samples.bias(RING, 5, [1.2], **kw), r"rho = 1.2 is outside \(-1.000, 1.000\)"),
        (lambda **kw: small_samples.bias(RING, 1, [0.2], **kw), "two years or more"),
        (lambda **kw: small_samples.bias(RING, 5, [0.2], **kw | {"sigma": 0}), "positive sigma"),
        (lambda **kw: small_samples.bias(RING, 5, [0.2], **kw | {"theta": [1, 2]}), "a number for each regressor; got 1 and 2"),
        (lambda **kw: small_samples.bias(ring(8, "b"), 5, [0.2], **kw), "rows all sum to one"),
        (lambda **kw: small_samples.bias(ring(3), 2, [0.2], **kw), "2 years of 3 regions can't carry 2 coefficients"),
        (lambda **kw: small_samples.bias(RING, 5, [0.2], **kw | {"methods": ()}), "methods must be some of"),
    ],
)
def test_what_cannot_be_simulated_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(beta=[1], theta=[0.5], replications=5)
