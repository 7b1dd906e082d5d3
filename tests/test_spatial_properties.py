"""Spatial panel models: what must not change the results, and what must change them how."""

import re

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from libpysal.weights import W
from numpy.testing import assert_allclose
from scipy import optimize, stats

from casebook.spatial import SpatialDurbin, SpatialError, SpatialLag, SpatialLagOfX, compare, specification
from casebook.spatial.report import stars

MODELS = [SpatialLag, SpatialError, SpatialDurbin, SpatialLagOfX]
EFFECTS = ["twoways", "entity", "time", "none"]
METHODS = ["ml", "transformation", "lee-yu"]
few = settings(max_examples=10)

models, methods = st.sampled_from(MODELS), st.sampled_from(METHODS)
effects_of_all_kinds = st.sampled_from([*EFFECTS, "random", "random+time"])


def weights(w, names):
    links = [np.flatnonzero(row) for row in w]
    return W({a: [names[j] for j in js] for a, js in zip(names, links)},
             {a: w[i, js].tolist() for i, (a, js) in enumerate(zip(names, links))}, id_order=names, silence_warnings=True)


def borders(rng, regions):
    """A ring with a few chords, row-standardised."""
    w = np.roll(np.eye(regions), 1, axis=1)
    chords = np.triu(rng.random((regions, regions)) < 0.15, 2)
    w = ((w + w.T + chords + chords.T) > 0).astype(float)
    return w / w.sum(axis=1, keepdims=True)


def made(seed, regions, years, rho=0.35):
    """Dependent, regressors, dense weights; effects of regions and years in it."""
    rng = np.random.default_rng(seed)
    w, names = borders(rng, regions), [f"r{i:02d}" for i in range(regions)]
    x = rng.normal(size=(years, regions, 2)) + rng.normal(size=(regions, 2))
    right = x @ [1.0, -0.5] + 0.4 * (w @ x[..., 0].T).T + rng.normal(size=regions) + rng.normal(size=(years, 1))
    y = np.linalg.solve(np.eye(regions) - rho * w, (right + 0.5 * rng.normal(size=(years, regions))).T).T
    index = pd.MultiIndex.from_product([names, range(2001, 2001 + years)], names=["region", "year"])
    x = pd.DataFrame(x.swapaxes(0, 1).reshape(-1, 2), index, ["x0", "x1"])
    return pd.Series(y.T.ravel(), index, name="y"), x, w


@st.composite
def panels(draw):
    """Row-standardised weights, and a fit away from the boundary."""
    y, x, w = made(draw(st.integers(0, 10_000)), draw(st.integers(7, 12)), draw(st.integers(4, 7)))
    return y, x, weights(w, y.index.get_level_values(0).unique().tolist())


def fit(cls, y, x, w, effects, method):
    found = cls(y, x, w, effects).fit(method)
    assume(not any("boundary" in flag or "zero" in flag for flag in found.flags))
    return found


def tolerance(effects):
    """Random effects come from a search, to 1e-8 of the logarithm of their variance or so."""
    return 1e-5 if effects.startswith("random") else 1e-7


def same(one, other, effects):
    """Two fits of what is one model: every number."""
    rtol = tolerance(effects)
    assert one.loglik == pytest.approx(other.loglik, rel=1e-9)
    assert one.sigma2 == pytest.approx(other.sigma2, rel=rtol)
    assert_allclose(one.params, other.params, rtol=rtol, atol=rtol)
    assert_allclose(one.std_errors, other.std_errors, rtol=rtol)
    assert_allclose(one.effects()[["estimate", "std_error"]], other.effects()[["estimate", "std_error"]], rtol=rtol, atol=rtol)
    assert_allclose(one.rsquared, other.rsquared, rtol=100 * rtol)


# -------------------------------------------------------------------- units
@few
@given(panels(), models, effects_of_all_kinds, methods, st.sampled_from([1e6, 1e-6]))
def test_units_of_a_regressor(panel, cls, effects, method, unit):
    y, x, w = panel
    plain = fit(cls, y, x, w, effects, method)
    scaled = fit(cls, y, x.assign(x1=x["x1"] * unit), w, effects, method)
    rtol = tolerance(effects)
    factor = pd.Series(np.where(plain.params.index.isin(["x1", "W*x1"]), unit, 1.0), plain.params.index)
    assert_allclose(scaled.params * factor, plain.params, rtol=rtol, atol=rtol)
    assert_allclose(scaled.std_errors * factor, plain.std_errors, rtol=rtol)
    assert scaled.loglik == pytest.approx(plain.loglik, abs=1e-8) and scaled.sigma2 == pytest.approx(plain.sigma2, rel=rtol)
    before, after = (f.effects()[["estimate", "std_error"]] for f in (plain, scaled))
    after.loc["x1"] = (after.loc["x1"] * unit).to_numpy()
    assert_allclose(after, before, rtol=rtol, atol=rtol)
    assert_allclose(scaled.residuals, plain.residuals, atol=10 * rtol)


@few
@given(panels(), models, effects_of_all_kinds, methods, st.floats(-50, 50), st.sampled_from([1e4, 1e-4, -2.0]))
def test_units_and_zero_of_the_dependent_variable(panel, cls, effects, method, shift, unit):
    # y -> a + b y: with row-standardised weights constants and effects take up the shift, and the density of
    # every observation falls by b; the likelihood of the transformation has fewer of them.
    y, x, w = panel
    plain, moved = fit(cls, y, x, w, effects, method), fit(cls, unit * (shift + y), x, w, effects, method)
    rtol, names = 10 * tolerance(effects), [n for n in plain.params.index if n not in ("const", "rho")]
    assert_allclose(moved.params[names] / unit, plain.params[names], rtol=rtol, atol=rtol)
    assert moved.rho == pytest.approx(plain.rho, abs=rtol) and moved.sigma2 / unit**2 == pytest.approx(plain.sigma2, rel=rtol)
    assert_allclose(moved.std_errors[names] / abs(unit), plain.std_errors[names], rtol=rtol)
    years, regions = len(y.index.levels[1]), len(y.index.levels[0])
    count = years * regions
    if method == "transformation" and effects in ("twoways", "entity", "time"):
        count = (years - (effects != "time")) * (regions - (effects != "entity"))
    assert moved.loglik == pytest.approx(plain.loglik - count * np.log(abs(unit)), abs=1e-6)
    assert_allclose(moved.residuals / unit, plain.residuals, atol=10 * rtol)


# -------------------------------------------------------------------- order and names
@few
@given(panels(), models, effects_of_all_kinds, methods, st.randoms(use_true_random=False))
def test_order_of_rows_and_of_weights(panel, cls, effects, method, random):
    y, x, w = panel
    plain = fit(cls, y, x, w, effects, method)
    rows, ids = list(y.index), list(w.id_order)
    random.shuffle(rows)
    random.shuffle(ids)
    again = {a: list(zip(w.neighbors[a], w.weights[a])) for a in ids}
    for links in again.values():
        random.shuffle(links)
    turned = W({a: [b for b, _ in links] for a, links in again.items()},
               {a: [v for _, v in links] for a, links in again.items()}, id_order=ids, silence_warnings=True)
    by_year = y.swaplevel().sort_index().swaplevel().index
    for found in (cls(y.loc[rows], x, w, effects), cls(y, x.loc[rows], w, effects), cls(y.loc[by_year], x.loc[by_year], w, effects),
                  cls(y, x, turned, effects)):
        found = found.fit(method)
        same(found, plain, effects)
        pd.testing.assert_series_equal(found.residuals, plain.residuals, atol=1e-6)
        pd.testing.assert_series_equal(found.fixed_effects, plain.fixed_effects, atol=1e-6)


@few
@given(panels(), models, effects_of_all_kinds, methods, st.randoms(use_true_random=False))
def test_names_of_regions(panel, cls, effects, method, random):
    # New names sort otherwise, so that the regions change places inside.
    y, x, w = panel
    old = list(w.id_order)
    names = dict(zip(old, random.sample([f"place {i}" for i in range(20, 90)], len(old))))
    renamed = W({names[a]: [names[b] for b in w.neighbors[a]] for a in old},
                {names[a]: w.weights[a] for a in old}, silence_warnings=True)
    moved = [part.rename(index=names, level=0) for part in (y, x)]
    plain, found = fit(cls, y, x, w, effects, method), fit(cls, *moved, renamed, effects, method)
    same(found, plain, effects)
    expected = plain.residuals.rename(index=names, level=0)
    assert_allclose(found.residuals.loc[expected.index], expected, atol=1e-6)
    if effects in ("twoways", "entity"):
        assert_allclose(found.fixed_effects["region"][list(names.values())], plain.fixed_effects["region"][old], atol=1e-7)


@few
@given(panels(), models, effects_of_all_kinds, methods, st.randoms(use_true_random=False))
def test_order_of_years(panel, cls, effects, method, random):
    # Nothing in the model says which year follows which.
    y, x, w = panel
    years = list(y.index.levels[1])
    other = dict(zip(years, random.sample(years, len(years))))
    plain, found = fit(cls, y, x, w, effects, method), fit(cls, *(p.rename(index=other, level=1) for p in (y, x)), w, effects, method)
    same(found, plain, effects)
    if effects in ("twoways", "time", "random+time"):
        assert_allclose(found.fixed_effects["year"][[other[t] for t in years]], plain.fixed_effects["year"][years], atol=1e-6)


@few
@given(panels(), models, effects_of_all_kinds, methods)
def test_order_of_regressors(panel, cls, effects, method):
    y, x, w = panel
    plain, turned = fit(cls, y, x, w, effects, method), fit(cls, y, x[["x1", "x0"]], w, effects, method)
    assert_allclose(turned.params[plain.params.index], plain.params, rtol=tolerance(effects), atol=tolerance(effects))
    assert_allclose(turned.effects().loc[["x0", "x1"]], plain.effects(), rtol=1e-4, atol=1e-5)


# -------------------------------------------------------------------- effects
@few
@given(panels(), models, effects_of_all_kinds, methods)
def test_direct_and_indirect_make_total(panel, cls, effects, method):
    found = fit(cls, *panel, effects, method)
    for kind in ("delta", "simulation"):
        table = found.effects(kind, draws=20)["estimate"].unstack()
        assert_allclose(table["direct"] + table["indirect"], table["total"], atol=1e-10)
        # Row-standardised: a change everywhere is a change of each region's neighbours, too.
        p = found.params
        rho = 0.0 if cls in (SpatialError, SpatialLagOfX) else found.rho
        for name in ("x0", "x1"):
            assert table.loc[name, "total"] == pytest.approx((p[name] + p.get(f"W*{name}", 0.0)) / (1 - rho), rel=1e-9)
            if rho == 0:
                assert table.loc[name, "direct"] == pytest.approx(p[name], rel=1e-12)
    if cls is SpatialLag:  # one ratio of indirect to direct for all regressors
        delta = found.effects()["estimate"].unstack()
        assert_allclose(*(delta["indirect"] / delta["direct"]), rtol=1e-9)


# -------------------------------------------------------------------- models within models
@few
@given(panels(), effects_of_all_kinds, methods)
def test_a_durbin_model_without_lags_is_a_lag_model(panel, effects, method):
    y, x, w = panel
    lag, durbin = fit(SpatialLag, y, x, w, effects, method), SpatialDurbin(y, x, w, effects, durbin=[]).fit(method)
    pd.testing.assert_frame_equal(durbin.cov, lag.cov, rtol=1e-12)
    pd.testing.assert_series_equal(durbin.params, lag.params, rtol=1e-12)
    pd.testing.assert_frame_equal(durbin.effects(), lag.effects(), rtol=1e-9)
    assert durbin.loglik == lag.loglik


@few
@given(panels(), effects_of_all_kinds)
def test_a_model_within_another_fits_no_better(panel, effects):
    y, x, w = panel
    full = fit(SpatialDurbin, y, x, w, effects, "ml").loglik
    partial = SpatialDurbin(y, x, w, effects, durbin=["x0"]).fit("ml").loglik
    inner = {cls: cls(y, x, w, effects).fit("ml").loglik for cls in (SpatialLag, SpatialError, SpatialLagOfX)}
    assert max(inner.values()) <= full + 1e-8 and inner[SpatialLag] <= partial + 1e-8 and partial <= full + 1e-8


@few
@given(panels(), st.sampled_from(EFFECTS), st.sampled_from(["ml", "transformation"]), st.sampled_from([None, [], ["x1"]]))
def test_lagged_regressors_alone_are_least_squares(panel, effects, method, durbin):
    y, x, w = panel
    found = SpatialLagOfX(y, x, w, effects, durbin).fit(method)
    matrix = w.full()[0]
    regions, years = (y.index.levels[i] for i in (0, 1))
    columns = x.copy()
    for name in x if durbin is None else durbin:
        columns[f"W*{name}"] = (matrix @ x[name].unstack().loc[list(w.id_order)].to_numpy()).ravel()
    groups = pd.DataFrame(index=y.index)
    if effects in ("twoways", "entity"):
        groups = groups.join(pd.get_dummies(y.index.get_level_values(0), dtype=float, drop_first=True).set_axis(y.index))
    if effects in ("twoways", "time"):
        groups = groups.join(pd.get_dummies(y.index.get_level_values(1), dtype=float, drop_first=True).set_axis(y.index))
    ols = sm.OLS(y, pd.concat([pd.Series(1.0, y.index, name="const"), columns, groups], axis=1)).fit()
    names = list(found.params.index)
    assert_allclose(found.params, ols.params[names], rtol=1e-8, atol=1e-10)
    assert_allclose(found.residuals, ols.resid, atol=1e-9)
    assert found.df_resid == ols.df_resid and found.rsquared["with effects"] == pytest.approx(ols.rsquared)
    # Least squares divides the sum of squares by the degrees of freedom, the likelihood by its observations.
    count = len(y)
    if method == "transformation" and effects != "none":
        count = (len(years) - (effects != "time")) * (len(regions) - (effects != "entity"))
    else:
        assert found.loglik == pytest.approx(ols.llf, abs=1e-8)
    assert_allclose(found.std_errors, ols.bse[names] * np.sqrt(ols.df_resid / count), rtol=1e-8)


@few
@given(panels(), st.sampled_from(EFFECTS), st.integers(0, 1000), st.sampled_from([SpatialLag, SpatialError]))
def test_where_the_score_is_zero_rho_is_zero(panel, effects, seed, cls):
    # The likelihood is flat in rho at zero where e'Wy (or e'We) is zero, as W has no diagonal. y + c v is moved
    # until it is: then the spatial model is least squares, and its LM statistic zero.
    y, x, w = panel
    regions, years = (len(level) for level in y.index.levels)
    v = pd.Series(np.random.default_rng(seed).normal(size=len(y)), y.index)
    columns = [x, np.ones((len(y), 1))]
    columns += [np.kron(np.eye(regions), np.ones((years, 1)))] * (effects in ("twoways", "entity"))
    columns += [np.kron(np.ones((regions, 1)), np.eye(years))] * (effects in ("twoways", "time"))
    z = np.hstack(columns)
    project, lag = np.eye(len(y)) - z @ np.linalg.pinv(z), np.kron(w.full()[0], np.eye(years))

    def score(c):
        moved = (y + c * v).to_numpy()
        e = project @ moved
        return e @ lag @ (moved if cls is SpatialLag else e) / (e @ e)

    grid = np.linspace(-4, 4, 41)
    signs = np.sign([score(c) for c in grid])
    change = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    assume(len(change))
    c = optimize.brentq(score, grid[change[0]], grid[change[0] + 1], xtol=1e-14)
    moved = y + c * v
    found, flat = cls(moved, x, w, effects).fit("ml"), SpatialLagOfX(moved, x, w, effects, []).fit("ml")
    assume(abs(found.rho) < 0.5)  # else another maximum is the higher one
    assert found.rho == pytest.approx(0, abs=1e-9)
    assert_allclose(found.params.drop("rho"), flat.params, rtol=1e-6, atol=1e-8)
    assert found.loglik == pytest.approx(flat.loglik, abs=1e-9)
    name = "LM lag" if cls is SpatialLag else "LM error"
    assert specification.lm_tests(moved, x, w, effects).loc[name, "statistic"] == pytest.approx(0, abs=1e-12)


@few
@given(panels(), st.sampled_from(EFFECTS))
def test_lm_statistics_depend_on_no_unit_or_order(panel, effects):
    y, x, w = panel
    plain = specification.lm_tests(y, x, w, effects)
    again = specification.lm_tests(1e3 * y.iloc[::-1], x.assign(x0=x["x0"] * 1e-5), w, effects)
    assert_allclose(again, plain, rtol=1e-7, atol=1e-10)
    # Both pairs add up to the joint test of lag and error.
    s = plain["statistic"]
    assert s["LM lag"] + s["robust LM error"] == pytest.approx(s["LM error"] + s["robust LM lag"], rel=1e-8)


# -------------------------------------------------------------------- tables
NAMES = ["50% & more_of #it$", "a<b>", "x^2", "~{z}", "x2*z", "back\\slash", "plain", "a*** 1"]


def stars_of(p):
    return "***" if p < 0.01 else "**" if p < 0.05 else "*" if p < 0.1 else ""


@pytest.mark.parametrize("effects", [False, True])
def test_a_comparison_holds_the_numbers_of_the_fits(effects):
    y, x, w = made(3, 12, 6)
    w = weights(w, y.index.get_level_values(0).unique().tolist())
    noise = pd.Series(np.random.default_rng(1).normal(size=len(y)), y.index)
    x = x.assign(noise=noise)
    fits = {"lag": SpatialLag(y, x, w).fit(), "Durbin": SpatialDurbin(y, x, w).fit("ml"), "error": SpatialError(y, x, w).fit("lee-yu")}
    table = compare(fits, effects=effects, digits=4)
    seen = set()
    for heading, found in fits.items():
        column = table.frame[heading]
        if effects:
            cells = found.effects()
            rows = {f"{v}, {k}": (r["estimate"], r["std_error"], r["pvalue"]) for (v, k), r in cells.iterrows()}
        else:
            rows = {n: (found.params[n], found.std_errors[n], found.pvalues[n]) for n in found.params.index}
        for name, (estimate, error, p) in rows.items():
            if error == 0:  # an error model has no indirect effect
                assert column[name] == "0.0000" and heading == "error" and "indirect" in name
                continue
            number, printed, bracket = re.fullmatch(r"(-?[\d.]+)(\**) \(([\d.]+)\)", column[name]).groups()
            assert float(number) == pytest.approx(estimate, abs=5.1e-5) and float(bracket) == pytest.approx(error, abs=5.1e-5)
            assert printed == stars_of(p) == stars_of(2 * stats.norm.sf(abs(estimate / error)))
            seen.add(printed)
        absent = set(table.frame.index) - set(rows) - {"sigma2", "log-likelihood", "R2 within", "observations"}
        assert (column[list(absent)] == "").all()
        assert float(column["sigma2"]) == pytest.approx(found.sigma2, rel=1e-3) and column["observations"] == "72"
        assert float(column["log-likelihood"]) == pytest.approx(found.loglik, abs=0.0051)
        assert float(column["R2 within"]) == pytest.approx(found.rsquared["within"], abs=5.1e-4)
    assert {"", "***"} <= seen
    if not effects:
        assert list(table.frame.index) == ["x0", "x1", "noise", "W*x0", "W*x1", "W*noise", "rho",
                                           "sigma2", "log-likelihood", "R2 within", "observations"]


@given(st.floats(0, 1))
def test_stars(p):
    assert stars(p) == stars_of(p)


def test_levels_themselves_have_the_fewer_stars():
    assert [stars(p) for p in (0.1, 0.05, 0.01)] == ["", "*", "**"]


def test_a_summary_holds_the_numbers_of_the_fit():
    y, x, w = made(5, 9, 5)
    found = SpatialDurbin(y, x, weights(w, y.index.get_level_values(0).unique().tolist()), "entity").fit("ml")
    frame = found.summary.frame
    assert list(frame.index) == list(found.params.index)
    assert_allclose(frame["estimate"].astype(float), found.params, atol=5.1e-5)
    assert_allclose(frame["std. error"].astype(float), found.std_errors, atol=5.1e-5)
    assert_allclose(frame["z"].astype(float), found.params / found.std_errors, atol=5.1e-3)
    assert_allclose(frame["p"].astype(float), found.pvalues, atol=5.1e-4)
    assert frame[""].tolist() == [stars_of(p) for p in found.pvalues]
    text = str(found)
    assert "9 regions, 5 years, 45 observations" in text and f"log-likelihood {found.loglik:.3f}" in text


def odd_fit(names):
    y, x, w = made(7, 9, 5)
    return SpatialDurbin(y, x.set_axis(names, axis=1), weights(w, y.index.get_level_values(0).unique().tolist()), durbin=[names[0]]).fit()


@pytest.mark.parametrize("names", list(zip(NAMES[::2], NAMES[1::2])), ids=str)
def test_latex_is_whole(names):
    found = odd_fit(list(names))
    for table in (compare({names[0]: found, names[1]: found}), compare({"a": found}, effects=True), found.summary):
        text = table.to_latex()
        assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 1
        columns = len(re.search(r"\\begin\{tabular\}\{(\w+)\}", text)[1])
        assert columns == table.frame.shape[1] + 1
        body = text.split(r"\toprule")[1].split(r"\bottomrule")[0].replace(r"\midrule", "")
        rows = [row for row in body.strip().split("\n") if row]
        assert len(rows) == len(table.frame) + 1
        for row in rows:
            assert row.endswith(r" \\") and len(re.findall(r"(?<!\\)&", row)) == columns - 1
        assert text.replace(r"\{", "").count("{") == text.replace(r"\}", "").count("}")
        assert text.count("$") - text.count(r"\$") == 2 * len(re.findall(r"\$\^\{\*+\}\$", text))


@pytest.mark.parametrize(("name", "latex"), [
    ("x_1", r"x\_1"), ("50% & #1", r"50\% \& \#1"), ("$", r"\$"), ("back\\slash", r"back\textbackslash{}slash"),
    ("x^2", r"x\textasciicircum{}2"), ("a~b", r"a\textasciitilde{}b"), ("{z}", r"\{z\}"),
])
def test_names_in_latex(name, latex):
    assert f"\n{latex} & " in compare({"a": odd_fit([name, "other"])}).to_latex()


def test_stars_in_latex_are_those_of_estimates():
    text = compare({"a": odd_fit(["x2*z", "other"])}).to_latex()
    assert "\nx2*z & " in text and "\nW*x2*z & " in text and re.search(r"\d\$\^\{\*\*\*\}\$ \(", text)


def test_html_is_escaped():
    found = odd_fit(["<script>alert(1)</script>", "a & b"])
    for table in (compare({"<i>head</i>": found}), compare({"a": found}, effects=True), found.summary, found):
        text = table._repr_html_()
        assert "<script" not in text and "<i>" not in text and "&lt;script&gt;" in text and "a &amp; b" in text
