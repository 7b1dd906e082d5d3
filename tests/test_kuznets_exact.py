"""Kuznets curves against published results, numbers derived by hand, and second implementations from the formulas."""

import html
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from numpy.testing import assert_allclose
from scipy import optimize, stats

from casebook import kuznets
from casebook.kuznets import turning
from casebook.kuznets.lines import _smoothed
from casebook.kuznets.turning import FiellerSet

REFERENCES = Path(__file__).parent / "references"
MTCARS = json.loads((REFERENCES / "kuznets_mtcars.json").read_text())
EXACT = 1e-9


def yearly(values, first=2001, name=None):
    values = np.asarray(values, dtype=float)
    return pd.Series(values, range(first, first + len(values)), name=name)


def pair(pollution, income):
    return yearly(pollution, name="smoke"), yearly(income, name="income")


# ---------------------------------------------------------------------------- the reference
@pytest.fixture(scope="module")
def cars():
    data = pd.read_csv(REFERENCES / "mtcars.csv")
    return yearly(data["mpg"], 1, "mpg"), yearly(data["hp"], 1, "hp")


@pytest.fixture(scope="module")
def mtcars(cars):
    return kuznets.fit(*cars)


def test_mtcars_coefficients_and_covariance(mtcars):
    assert_allclose(mtcars.params[["income", "income^2"]], list(MTCARS["b"].values()), rtol=EXACT)
    assert_allclose(mtcars.cov.iloc[1:, 1:], MTCARS["V"], rtol=EXACT)
    assert_allclose(mtcars.std_errors.iloc[1:] ** 2, np.diag(MTCARS["V"]), rtol=EXACT)
    assert mtcars.df == MTCARS["df"] and mtcars.nobs == 32 and list(mtcars.span) == MTCARS["xrange"]


def test_mtcars_turning_point_and_its_delta_error(mtcars):
    point, = mtcars.turning_points()
    assert_allclose([point.income, point.std_error], [MTCARS["tp"], MTCARS["tp_delta_se"]], rtol=EXACT)
    half = stats.t.ppf(0.975, 29) * MTCARS["tp_delta_se"]
    assert_allclose([point.lower, point.upper], [MTCARS["tp"] - half, MTCARS["tp"] + half], rtol=EXACT)
    assert (point.kind, point.inside, point.below) == ("trough", True, 30)  # only two cars have more than 253 horsepower


def test_mtcars_u_test(mtcars):
    test = mtcars.u_test()
    assert_allclose([test.slope_low, test.slope_high], MTCARS["slopes"], rtol=EXACT)
    assert_allclose([test.t_low, test.t_high], MTCARS["slope_t"], rtol=EXACT)
    assert_allclose([test.p_low, test.p_high], MTCARS["slope_p"], rtol=EXACT)
    assert_allclose([test.statistic, test.pvalue], [MTCARS["overall_t"], MTCARS["overall_p"]], rtol=EXACT)
    assert (test.shape, test.reason) == ("U", "")
    assert mtcars.pvalue == test.pvalue and mtcars.verdict == mtcars.shape == "U"
    assert_allclose(mtcars.slope(np.array(MTCARS["xrange"]))[0], MTCARS["slopes"], rtol=EXACT)


def test_mtcars_fieller_set(mtcars):
    found, expected = mtcars.turning_points()[0].fieller, MTCARS["fieller95_t"]
    assert found.kind == "interval" and expected["type"] == "finite"
    assert_allclose([found.lower, found.upper], expected["roots"], rtol=EXACT)
    # The bounds are two roots of A x^2 + ... with discriminant D: they lie sqrt(D) / A apart.
    assert found.upper - found.lower == pytest.approx(np.sqrt(expected["D"]) / expected["A"], rel=EXACT)


@pytest.mark.parametrize("quantile", ["t", "z"])
def test_mtcars_fieller_set_with_either_quantile(mtcars, quantile):
    critical = {"t": stats.t.ppf(0.975, MTCARS["df"]), "z": stats.norm.ppf(0.975)}[quantile]
    kind, low, high = turning.fieller(mtcars.params.to_numpy(), mtcars.cov.to_numpy(), critical)
    assert kind == "interval"
    assert_allclose([low, high], MTCARS[f"fieller95_{quantile}"]["roots"], rtol=EXACT)


def test_mtcars_u_test_with_the_normal_distribution(mtcars):
    # As t has ever more degrees of freedom: p is the normal distribution's at the same statistic.
    test = turning.u_test(*MTCARS["xrange"], mtcars.params.to_numpy(), mtcars.cov.to_numpy(), np.inf)
    assert_allclose([test.p_low, test.p_high], stats.norm.sf(np.abs(MTCARS["slope_t"])), rtol=1e-8)


def test_mtcars_two_lines_are_no_u(cars):
    found = kuznets.two_lines(*cars)
    assert MTCARS["two_lines"] == "not U" and found.shape == "neither"
    assert found.slope_low < 0 < found.slope_high and found.p_high > 0.05
    assert found.reason == "the line above the break could be level"


# ------------------------------------------------------------------------ derived by hand
# At x = -2 ... 2 the noise K is orthogonal to 1, x, x^2 and x^3, so that y = b x + c x^2 + k K is
# fitted with b and c exactly.  Its squares sum to 70, which leaves s^2 = 70 k^2 / (5 - 3) = 35 k^2;
# as sum x^2 = 10 and sum (x^2 - 2)^2 = 14, var b = s^2 / 10 and var c = s^2 / 14, uncorrelated.
X, K = np.arange(-2.0, 3.0), np.array([1.0, -4, 6, -4, 1])


def bent(b, c, k, **options):
    return kuznets.fit(*pair(b * X + c * X**2 + k * K, X), **options)


def test_every_number_of_a_small_quadratic():
    curve = bent(1, -1, 0.1)
    s2 = 35 * 0.1**2
    assert_allclose(curve.params, [0, 1, -1], atol=1e-12)
    assert_allclose(curve.cov.iloc[1:, 1:], [[s2 / 10, 0], [0, s2 / 14]], atol=1e-15)
    assert (curve.df, curve.sigma) == (2, pytest.approx(np.sqrt(s2)))
    # Squares explained: 10 b^2 + 14 c^2 = 24, of 24 + 70 k^2 = 24.7.
    assert curve.rsquared == pytest.approx(24 / 24.7)
    # The straight line: slope 1; what it leaves is 14 + 0.7 with 3 degrees of freedom; t = 1 / sqrt(14.7 / 3 / 10).
    assert curve.trend == pytest.approx((1, 2 * stats.t.sf(1 / np.sqrt(0.49), 3)))
    point, = curve.turning_points()
    # x* = -b / 2c = 1/2; its variance (var b + (b/c)^2 var c) / 4c^2 = s^2 (1/10 + 1/14) / 4.
    error = np.sqrt(s2 * (1 / 10 + 1 / 14) / 4)
    assert (point.income, point.std_error) == (pytest.approx(0.5), pytest.approx(error))
    assert point.upper - point.lower == pytest.approx(2 * stats.t.ppf(0.975, 2) * error)
    assert (point.kind, point.inside, point.below) == ("peak", True, 3)  # -2, -1 and 0 lie below
    # Slopes 1 + 4 = 5 and 1 - 4 = -3; their variance is s^2 (1/10 + 16/14).
    test, spread = curve.u_test(), np.sqrt(s2 * (1 / 10 + 16 / 14))
    assert_allclose([test.slope_low, test.slope_high, test.t_low, test.t_high], [5, -3, 5 / spread, -3 / spread])
    assert_allclose([test.p_low, test.p_high], stats.t.sf([5 / spread, 3 / spread], 2))
    assert (test.statistic, test.pvalue) == (pytest.approx(3 / spread), test.p_high)  # the weaker end
    assert_allclose(curve.predict([-2, 0, 0.5]), [-6, 0, 0.25], atol=1e-12)
    assert_allclose(curve.table()["p"].iloc[1], 2 * stats.t.sf(1 / np.sqrt(s2 / 10), 2))


@pytest.mark.parametrize(
    ("b", "c", "k", "kind"),
    [
        # The curvature is significant if c^2 > q s^2 / 14 with q = t^2 = 18.51, that is k < .147 for c = -1.
        (0, -1, 0.1, "interval"),
        (1, 2, 0.1, "interval"),
        # If it isn't, a slope that is significant somewhere leaves two rays; one that isn't anywhere the line.
        (5, -1, 0.2, "two rays"),
        (-5, 0.1, 0.2, "two rays"),
        (0, -1, 0.2, "line"),
        (0.1, 0.1, 1, "line"),
    ],
)
@pytest.mark.parametrize("level", [0.95])
def test_kinds_of_fieller_sets(b, c, k, kind, level):
    found = bent(b, c, k, level=level).turning_points()[0].fieller
    q, s2 = stats.t.ppf(0.5 + level / 2, 2) ** 2, 35 * k**2
    # (b + 2 c x)^2 <= q s^2 (1/10 + 4 x^2 / 14)
    roots = np.roots([4 * c**2 - 4 * q * s2 / 14, 4 * b * c, b**2 - q * s2 / 10])
    assert found.kind == kind
    if kind == "line":
        assert np.iscomplex(roots).all() and (found.lower, found.upper) == (-np.inf, np.inf)
    else:
        assert_allclose([found.lower, found.upper], np.sort(roots))
    middle = (found.lower + found.upper) / 2 if kind != "line" else 0.0
    assert (middle in found) == (kind != "two rays") and (1e9 in found) == (kind != "interval")


@pytest.mark.parametrize("side", [1, -1])
def test_a_fieller_ray_where_the_curvature_is_exactly_critical(side):
    # |3 + 2 c x| <= 2 sqrt(1 + 4 x^2 / 4) with c = 1 gives 9 + 12 x <= 4: x <= -5/12; with c = -1 x >= 5/12.
    kind, low, high = turning.fieller(np.array([0.0, 3, side]), np.diag([0.0, 1, 0.25]), 2.0)
    found = FiellerSet(kind, low, high)
    assert kind == "ray" and (low, high) == pytest.approx((-np.inf, -5 / 12) if side > 0 else (5 / 12, np.inf))
    assert str(found) == ("below -0.4167" if side > 0 else "above 0.4167")
    assert (-side in found) and (side not in found)


def test_a_fieller_line_where_slope_and_curvature_are_exactly_critical():
    # |2 x| <= 2 sqrt(1 + x^2) everywhere.
    found = FiellerSet(*turning.fieller(np.array([0.0, 0, 1]), np.diag([0.0, 1, 0.25]), 2.0))
    assert found == FiellerSet("line", -np.inf, np.inf) and str(found) == "any income" and 1e300 in found


def test_a_fieller_set_without_noise_is_the_turning_point():
    assert turning.fieller(np.array([0.0, 3, -1]), np.zeros((3, 3)), 2.0) == ("interval", 1.5, 1.5)
    x = np.arange(1.0, 9)
    point, = kuznets.fit(*pair(2 + 6 * x - x**2, x)).turning_points()
    assert_allclose([point.income, point.fieller.lower, point.fieller.upper, point.lower, point.upper], 3, rtol=1e-9)


def test_two_rays_are_told_as_what_lies_outside():
    # b = 5, c = -1, k = .2: q s^2 = 25.918 and (5 - 2x)^2 = 25.918 (1/10 + 4 x^2 / 14), or -3.4051 x^2 - 20 x + 22.4082 = 0,
    # at -6.836 and .9626.  The slopes at the ends are 9 and 1 with a spread of sqrt(1.4 (1/10 + 16/14)) = 1.3191, so that
    # t = .7581; with two degrees of freedom p = (1 - t / sqrt(2 + t^2)) / 2 = .2638.  The line: t = 5 / sqrt(16.8 / 30) = 6.68.
    told = bent(5, -1, 0.2)
    assert str(told.turning_points()[0].fieller) == "below -6.836 or above 0.9626"
    assert told.sentence == ("cannot tell: the fitted curve is rising throughout, but its slopes don't prove it (p = 0.264); "
                             "on average it rises (straight line, p = 0.007)")


@pytest.mark.parametrize(
    ("curve", "sentence"),
    [
        # The weaker slope is -3, t = 3 / sqrt(.435) = 4.5486 and p = (1 - t / sqrt(2 + t^2)) / 2 = .02254; the bounds of
        # the paired set, of 90%, solve (1 - 2x)^2 = 8.52632 x .35 (1/10 + 4 x^2 / 14), or 3.14737 x^2 - 4 x + .70158 = 0: .21014 and 1.06076.
        (bent(1, -1, 0.1), "an inverted U, turning down at 0.5 (p = 0.023; 90% set of turning points: 0.2101 to 1.061)"),
        (bent(-1, 1, 0.1), "a U, turning up at 0.5 (p = 0.023; 90% set of turning points: 0.2101 to 1.061)"),
        # t = 3.5 / sqrt(43.5) = .53066, p = .324; the line's t is .5 / sqrt(84 / 30) = .2988 with three degrees of freedom.
        (bent(0.5, -1, 1), ("cannot tell: the fitted curve is an inverted U, turning down at 0.25, but its slopes don't prove it "
                            "(p = 0.324; 90% set of turning points: any income); a level line can't be ruled out either (p = 0.785)")),
        (bent(9, -1, 0.01), "rising throughout (p < 0.001)"),
        (bent(-9, -1, 0.01), "falling throughout (p < 0.001)"),
    ],
)
def test_verdicts_in_words(curve, sentence):
    assert curve.sentence == sentence and str(curve) == f"smoke by income: {sentence}"
    assert html.escape(str(curve)) in curve._repr_html_()


def test_a_verdict_is_as_strict_as_its_level():
    assert bent(1, -1, 0.1).pvalue == pytest.approx(0.02254, abs=5e-6)
    assert bent(1, -1, 0.1, level=0.97).verdict == "inverted U" and bent(1, -1, 0.1, level=0.98).verdict == "cannot tell"
    assert "94% set" in bent(1, -1, 0.1, level=0.97).sentence
    wide, narrow = (bent(1, -1, 0.1, level=level).turning_points()[0] for level in (0.95, 0.8))
    assert wide.fieller.lower < narrow.fieller.lower < narrow.fieller.upper < wide.fieller.upper
    assert narrow.upper - narrow.lower == pytest.approx(2 * stats.t.ppf(0.9, 2) * narrow.std_error)


def test_the_set_is_told_at_its_level():
    assert "99.8% set" in bent(1, -1, 0.001, level=0.999).sentence


def test_turning_outside_the_data_is_no_u():
    # Turns at 9/2, beyond 2: slopes 13 and 5, both positive, and nothing to test.
    curve = bent(9, -1, 0.01)
    test, point = curve.u_test(), curve.turning_points()[0]
    assert np.isnan(test.pvalue) and np.isnan(test.statistic) and "outside the data" in test.reason
    assert (point.income, point.inside, point.below) == (pytest.approx(4.5), False, 5)
    assert (test.shape, curve.shape, curve.verdict) == ("inverted U", "rising", "rising")
    # One-sided, of the flatter end.
    assert curve.pvalue == pytest.approx(stats.t.sf(5 / np.sqrt(0.0035 * (1 / 10 + 16 / 14)), 2))


CUBIC = [0, 9, -6, 1]  # slope 3 (x - 1)(x - 3): up to 1, down to 3, up again


@pytest.mark.parametrize(
    ("coefficients", "low", "high", "shape", "points"),
    [
        (CUBIC, 0, 5, "N", [(1, "peak", True), (3, "trough", True)]),
        ([0, -9, 6, -1], 0, 5, "inverted N", [(1, "trough", True), (3, "peak", True)]),
        (CUBIC, 1.5, 5, "U", [(1, "peak", False), (3, "trough", True)]),
        (CUBIC, -2, 1.5, "inverted U", [(1, "peak", True), (3, "trough", False)]),
        (CUBIC, 0, 2.5, "inverted U", [(1, "peak", True), (3, "trough", False)]),  # the slope is steepest inside
        (CUBIC, 1.2, 2.8, "falling", [(1, "peak", False), (3, "trough", False)]),
        (CUBIC, 4, 9, "rising", [(1, "peak", False), (3, "trough", False)]),
        (CUBIC, -5, 0, "rising", [(1, "peak", False), (3, "trough", False)]),
        ([0, 1, 0, 1], -3, 3, "rising", []),  # slope 1 + 3 x^2
        ([0, -1, 0, -1], -3, 3, "falling", []),
    ],
)
def test_cubics_with_known_roots(coefficients, low, high, shape, points):
    x = np.linspace(low, high, 11)
    curve = kuznets.fit(*pair(np.polynomial.polynomial.polyval(x, coefficients), x), degree=3)
    assert_allclose(curve.params, coefficients, atol=1e-9)
    assert (curve.shape, curve.verdict) == (shape, shape)
    found = curve.turning_points()
    assert_allclose([p.income for p in found], [p[0] for p in points], rtol=1e-9)
    assert [(p.kind, p.inside) for p in found] == [p[1:] for p in points]
    assert all(p.fieller is None for p in found)
    words = [f"{'down' if kind == 'peak' else 'up'} at {income}" for income, kind, inside in points if inside]
    assert curve.sentence.startswith(f"{'an' if shape[0] in 'iN' else 'a'} {shape}, turning {' and '.join(words)} (" if words
                                     else f"{shape} throughout (")


def test_a_cubic_is_an_n_if_all_three_slopes_are_significant():
    rng = np.random.default_rng(137)  # the dip in the middle is the weakest of the three
    x = np.linspace(-0.3, 4.3, 14)
    curve = kuznets.fit(*pair(np.polynomial.polynomial.polyval(x, CUBIC) + 1.8 * rng.normal(size=14), x), degree=3)
    b, v = curve.params.to_numpy(), curve.cov.to_numpy()
    worst = []
    for at, sign in ((-0.3, 1), (-b[2] / (3 * b[3]), -1), (4.3, 1)):  # ends and inflection
        g = np.array([0, 1, 2 * at, 3 * at**2])
        worst.append(stats.t.sf(sign * (g @ b) / np.sqrt(g @ v @ g), 10))
    assert curve.shape == "N" and curve.pvalue == pytest.approx(max(worst), rel=1e-6)
    assert curve.verdict == "N" and 0.01 < worst[1] < 0.05 and max(worst[0], worst[2]) < 0.01
    # Delta error: the slope's spread at the point over the curvature there.
    for point in curve.turning_points():
        g = np.array([0, 1, 2 * point.income, 3 * point.income**2])
        assert point.std_error == pytest.approx(np.sqrt(g @ v @ g) / abs(2 * b[2] + 6 * b[3] * point.income), rel=1e-6)
    with pytest.raises(ValueError, match="the U test is for quadratics"):
        curve.u_test()


def test_a_cubic_that_turns_once_needs_its_ends_only():
    rng = np.random.default_rng(2)
    x = np.linspace(0, 2.5, 12)  # steepest fall at 2, between the ends
    curve = kuznets.fit(*pair(np.polynomial.polynomial.polyval(x, CUBIC) + 0.05 * rng.normal(size=12), x), degree=3)
    slopes, errors = curve.slope(np.array(curve.span))
    assert curve.shape == "inverted U" and curve.pvalue == pytest.approx(stats.t.sf(np.abs(slopes) / errors, 8).max())


def test_logarithms_turn_at_the_exponential_of_the_vertex():
    # ln y = 1 + 4 ln x - (ln x)^2 + k K at ln x = 0 ... 4, where K is orthogonal as above: it turns at ln x = 2.
    u = np.arange(5.0)
    curve = kuznets.fit(*pair(np.exp(1 + 4 * u - u**2 + 0.1 * K), np.exp(u)), form="logs")
    assert_allclose(curve.params, [1, 4, -1], rtol=1e-9)
    point, = curve.turning_points()
    # As in levels with b = 0 at u - 2: variance s^2 / 10 / 4 with s^2 = .35; times the income for its error.
    error, t = np.sqrt(0.35 / 40), stats.t.ppf(0.975, 2)
    assert_allclose([point.income, point.std_error], [np.exp(2), np.exp(2) * error])
    assert_allclose([point.lower, point.upper], [np.exp(2 - t * error), np.exp(2 + t * error)])
    # Fieller: 4 v^2 = q s^2 (1/10 + 4 v^2 / 14) for v = u - 2.
    v = np.sqrt(t**2 * 0.035 / (4 - t**2 * 0.1))
    assert_allclose([point.fieller.lower, point.fieller.upper], [np.exp(2 - v), np.exp(2 + v)])
    assert_allclose(curve.slope(np.exp([0, 1]))[0], [4, 2])  # elasticities
    assert_allclose(curve.u_test().slope_low, 4)
    assert_allclose(curve.predict(np.exp([0, 2])), np.exp([1, 5]))
    assert (point.kind, point.below, curve.verdict) == ("peak", 2, "inverted U")


def test_rays_in_logarithms_begin_at_zero():
    u = np.arange(5.0)
    found = kuznets.fit(*pair(np.exp(0.1 * u + 0.1 * (u - 2) ** 2 + K), np.exp(u)), form="logs").turning_points()[0].fieller
    assert (found.kind, found.lower, found.upper, str(found)) == ("line", 0, np.inf, "any income")


@pytest.mark.parametrize(
    ("kind", "lower", "upper", "told"),
    [
        ("interval", 2, 5, "2 to 5"), ("interval", -2, 5, "below 5"), ("two rays", 2, 5, "below 2 or above 5"),
        ("two rays", -2, 5, "above 5"), ("two rays", -5, -2, "any income"), ("ray", -np.inf, 5, "below 5"),
        ("ray", 5, np.inf, "above 5"), ("ray", -5, np.inf, "any income"), ("line", -np.inf, np.inf, "any income"),
        ("interval", -5, -2, "no income"), ("ray", -np.inf, -2, "no income"),
    ],
)
def test_sets_of_positive_incomes_in_words(kind, lower, upper, told):
    assert str(FiellerSet(kind, lower, upper, positive=True)) == told


def test_a_set_in_thousands():
    for kind in ("interval", "two rays", "ray"):
        assert FiellerSet(kind, 2000.0, 5000.0).per(1000) == FiellerSet(kind, 2.0, 5.0)
    assert FiellerSet("line", -np.inf, np.inf).per(1000) == FiellerSet("line", -np.inf, np.inf)


def test_numbers_for_readers():
    assert [turning.number(v) for v in (1234567.8, 1000, 12.3456, -4321.9, 0.00012346)] == [
        "1,234,568", "1,000", "12.35", "-4,322", "0.0001235"]


def test_which_observations_are_used():
    x, y = yearly(np.arange(12.0), 2005), yearly(-(np.arange(12.0) - 5) ** 2, 2004)
    curve = kuznets.fit(y + [0, 0.1] * 6, x)
    assert list(curve.data.index) == list(range(2005, 2016)) and curve.skipped == ()
    assert list(curve.data.columns) == ["income", "pollution"] and curve.names == ("pollution", "income")
    assert_allclose(curve.data["income"], np.arange(11)) and curve.data["pollution"].loc[2005] == -15.9
    skipping = kuznets.fit((y + [0, 0.1] * 6).drop([2008, 2009]), x, gaps="skip")
    assert skipping.skipped == (2008, 2009) and skipping.nobs == 9


# ------------------------------------------------------ errors and effects, from the formulas
def oracle(x, y, errors="classical", degree=2, dummies=(), groups=None, lags=2):
    """Coefficients and covariance by regressors that aren't scaled."""
    design = np.column_stack([x**k for k in range(degree + 1)] + list(dummies))
    n, k = design.shape
    bread = np.linalg.inv(design.T @ design)
    b = bread @ design.T @ y
    e = y - design @ b
    scores = design * e[:, None]
    if errors == "classical":
        return b, e @ e / (n - k) * bread
    if errors == "HC1":
        meat = n / (n - k) * scores.T @ scores
    if errors == "HC3":
        scores = scores / (1 - np.array([row @ bread @ row for row in design]))[:, None]
        meat = scores.T @ scores
    if errors == "HAC":
        meat = scores.T @ scores
        for lag in range(1, lags + 1):
            product = scores[lag:].T @ scores[:-lag]
            meat = meat + (1 - lag / (lags + 1)) * (product + product.T)
        meat = n / (n - k) * meat
    if errors == "clustered":
        sums = np.array([scores[groups == g].sum(axis=0) for g in np.unique(groups)])
        meat = len(sums) / (len(sums) - 1) * (n - 1) / (n - k) * sums.T @ sums
    return b, bread @ meat @ bread


def noisy(n=14, seed=3):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(1, 5, n))
    return pair(2 + 3 * x - 0.5 * x**2 + rng.normal(size=n) * x / 5, x)


@pytest.mark.parametrize("degree", [2, 3])
@pytest.mark.parametrize(
    ("errors", "lags"), [("classical", None), ("HC1", None), ("HC3", None), ("HAC", None), ("HAC", 0), ("HAC", 1), ("HAC", 4)])
def test_covariances_of_one_region(errors, lags, degree):
    y, x = noisy()
    curve = kuznets.fit(y, x, degree=degree, errors=errors, lags=lags)
    used = 2 if lags is None else lags  # 4 (14 / 100)^(2/9) = 2.58
    b, v = oracle(x.to_numpy(), y.to_numpy(), errors, degree, lags=used)
    assert_allclose(curve.params, b, rtol=1e-8)
    assert_allclose(curve.cov, v, rtol=1e-7)
    assert_allclose(curve.std_errors, np.sqrt(np.diag(v)), rtol=1e-7)
    assert curve.df == 14 - degree - 1
    options = {"HAC": {"cov_kwds": {"maxlags": used, "use_correction": True}}}.get(errors, {})
    frame = pd.DataFrame({"x": x, "y": y})
    powers = " + ".join(f"I(x**{k})" for k in range(1, degree + 1))
    other = smf.ols(f"y ~ {powers}", frame).fit(cov_type={"classical": "nonrobust"}.get(errors, errors), use_t=True, **options)
    assert_allclose(curve.table().to_numpy(), np.column_stack([other.params, other.bse, other.tvalues, other.pvalues]), rtol=1e-7)
    assert (curve.rsquared, curve.sigma) == (pytest.approx(other.rsquared), pytest.approx(np.sqrt(other.scale)))
    line = smf.ols("y ~ x", frame).fit(cov_type={"classical": "nonrobust"}.get(errors, errors), use_t=True, **options)
    assert curve.trend == pytest.approx((line.params["x"], line.pvalues["x"]))


@pytest.mark.parametrize(("n", "lags"), [(10, 2), (14, 2), (28, 3), (40, 3), (110, 4)])
def test_lags_by_default(n, lags):
    # 4 (n / 100)^(2/9): 2.40, 2.58, 3.01, 3.26, 4.09
    y, x = noisy(n)
    assert_allclose(kuznets.fit(y, x, errors="HAC").cov, kuznets.fit(y, x, errors="HAC", lags=lags).cov)


def panel(regions=5, years=6, seed=8, holes=()):
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([[f"R{i}" for i in range(regions)], range(2001, 2001 + years)], names=["region", "year"])
    own, time = np.repeat(rng.normal(size=regions), years), np.tile(rng.normal(size=years), regions)
    x = 3 + own / 2 + np.tile(np.arange(years) / 3, regions) + 0.4 * rng.normal(size=regions * years)
    y = 1 + 4 * x - 0.6 * x**2 + own + time + 0.5 * rng.normal(size=regions * years)
    frame = pd.DataFrame({"x": x, "y": y}, index).drop([index[i] for i in holes])
    return frame["y"], frame["x"]


@pytest.mark.parametrize("errors", ["classical", "HC1", "HC3", "clustered"])
@pytest.mark.parametrize("effects", ["none", "region", "year", "twoways"])
@pytest.mark.parametrize("holes", [(), (0, 11, 23, 24)], ids=["balanced", "unbalanced"])
def test_effects_are_dummies(effects, errors, holes):
    y, x = panel(holes=holes)
    curve = kuznets.fit(y, x, effects=effects, errors=errors)
    regions, years = (y.index.get_level_values(level) for level in (0, 1))
    dummies = [(regions == r).astype(float) for r in regions.unique()[1:] if effects in ("region", "twoways")]
    dummies += [(years == t).astype(float) for t in sorted(years.unique())[1:] if effects in ("year", "twoways")]
    b, v = oracle(x.to_numpy(), y.to_numpy(), errors, dummies=dummies, groups=regions.to_numpy())
    assert_allclose(curve.params.iloc[1:], b[1:3], rtol=1e-8)
    assert_allclose(curve.cov.iloc[1:, 1:], v[1:3, 1:3], rtol=1e-7)
    assert curve.df == (4 if errors == "clustered" else len(y) - 3 - len(dummies))
    # The constant is the average region's and year's: with it the residuals sum to zero.
    assert curve.params["const"] == pytest.approx(y.mean() - b[1] * x.mean() - b[2] * (x**2).mean(), rel=1e-8)
    right = {"none": "", "region": " + C(region)", "year": " + C(year)", "twoways": " + C(region) + C(year)"}[effects]
    frame = pd.DataFrame({"x": x, "y": y}).reset_index()
    cov = {"classical": {}, "clustered": {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(frame["region"])[0]}}}
    other = smf.ols("y ~ x + I(x**2)" + right, frame).fit(use_t=True, **cov.get(errors, {"cov_type": errors}))
    columns = ["x", "I(x ** 2)"]
    assert_allclose(curve.table().iloc[1:, 3], other.pvalues[columns], rtol=1e-6)
    assert curve.rsquared == pytest.approx(other.rsquared)


@pytest.mark.parametrize("effects", ["region", "year", "twoways"])
def test_effects_are_the_within_transformation(effects):
    y, x = panel()
    frame = pd.DataFrame({"y": y, "x": x, "x2": x**2})
    mean = {level: frame.groupby(level=level).transform("mean") for level in ("region", "year")}
    within = frame - (mean["region"] + mean["year"] - frame.mean() if effects == "twoways" else mean[effects])
    design = within[["x", "x2"]].to_numpy()
    b = np.linalg.solve(design.T @ design, design.T @ within["y"].to_numpy())
    lost = {"region": 5, "year": 6, "twoways": 10}[effects]
    rest = within["y"].to_numpy() - design @ b
    v = rest @ rest / (30 - lost - 2) * np.linalg.inv(design.T @ design)
    curve = kuznets.fit(y, x, effects=effects)
    assert_allclose(curve.params.iloc[1:], b, rtol=1e-8)
    assert_allclose(curve.cov.iloc[1:, 1:], v, rtol=1e-7)
    assert curve.sigma == pytest.approx(np.sqrt(rest @ rest / (30 - lost - 2)))
    assert curve.turning_points()[0].income == pytest.approx(-b[0] / (2 * b[1]))


def test_a_panel_skips_its_own_gaps():
    y, x = panel(holes=(8, 9, 20))
    assert kuznets.fit(y, x, gaps="skip").skipped == (("R1", 2003), ("R1", 2004), ("R3", 2003))


# -------------------------------------------------------------------------------- two lines
def straight(x, y, rows, errors, n):
    """Slope and error of a line of its own; HC1 and classical as in one regression of both lines."""
    design = np.column_stack([np.ones(rows.sum()), x[rows]])
    bread = np.linalg.inv(design.T @ design)
    b = bread @ design.T @ y[rows]
    e = y[rows] - design @ b
    if errors == "HC3":
        e = e / (1 - np.array([row @ bread @ row for row in design]))
    meat = (design * e[:, None]).T @ (design * e[:, None]) * (n / (n - 4) if errors == "HC1" else 1)
    return b[1], (bread @ meat @ bread)[1, 1] ** 0.5, e @ e, bread[1, 1]


@pytest.mark.parametrize("errors", ["HC3", "HC1", "classical"])
@pytest.mark.parametrize("at", [3.2, "an income observed"])
def test_two_lines_are_two_regressions(errors, at):
    y, x = noisy(15, seed=11)
    u, v, n = x.to_numpy(), y.to_numpy(), 15
    at = u[8] if isinstance(at, str) else at
    found = kuznets.two_lines(y, x, breakpoint=at, errors=errors)
    # What lies at the break counts with both.
    for own, slope, error, p in ((u <= at, found.slope_low, found.se_low, found.p_low),
                                 (u >= at, found.slope_high, found.se_high, found.p_high)):
        other = u > at if own[0] else u < at
        expected, robust, squares, inverse = straight(u, v, own, errors, n)
        if errors == "classical":
            robust = np.sqrt((squares + straight(u, v, other, errors, n)[2]) / (n - 4) * inverse)
        assert slope == pytest.approx(expected, rel=1e-8) and error == pytest.approx(robust, rel=1e-8)
        assert p == pytest.approx(2 * stats.t.sf(abs(expected / robust), n - 4), rel=1e-6)
    assert found.nobs == ((u <= at).sum(), (u > at).sum()) and found.breakpoint == at


def simonsohn(x, y, smooth, error):
    """The published rule, in loops: where the flat part is, which line is weaker, where the break goes."""
    powers = np.column_stack([np.ones_like(x), x, x**2])
    b = np.linalg.lstsq(powers, y, rcond=None)[0]
    up = b[1] + 2 * b[2] * min(x) > 0  # rising at first: an inverted U, if anything
    tenth, ninetieth = np.percentile(x, 10), np.percentile(x, 90)
    middle = [i for i in range(len(x)) if tenth < x[i] < ninetieth]
    extreme = max(smooth[i] for i in middle) if up else min(smooth[i] for i in middle)
    flat = sorted(x[i] for i in middle if (smooth[i] + error[i] > extreme if up else smooth[i] - error[i] < extreme))
    half = flat[len(flat) // 2] if len(flat) % 2 else (flat[len(flat) // 2 - 1] + flat[len(flat) // 2]) / 2
    low, high = (abs(np.divide(*straight(x, y, rows, "HC3", len(x))[:2])) for rows in (x <= half, x >= half))
    place = (len(flat) - 1) * high / (low + high)  # a strong upper line moves the break up, to give more to the lower
    left = int(place)
    right = min(left + 1, len(flat) - 1)
    return flat[left] + (place - left) * (flat[right] - flat[left])


def hill(seed, sign=1, low=0.3, high=0.3, n=22):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0, 10, n))
    y = sign * (5 - np.abs(x - 5)) + np.where(x < 5, low, high) * rng.normal(size=n)
    return x, y


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("low", "high"), [(0.3, 0.3), (0.1, 1.5), (1.5, 0.1)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_robin_hood_is_the_published_rule(seed, low, high, sign):
    x, y = hill(seed, sign, low, high)
    found = kuznets.two_lines(*pair(y, x))
    assert found.breakpoint == pytest.approx(simonsohn(x, y, *_smoothed(x, y)), rel=1e-9)
    assert found.shape == ("inverted U" if sign > 0 else "U") or found.reason


def test_robin_hood_gives_to_the_weaker_line(monkeypatch):
    # Flat from 3 to 7: with equal lines the break would lie near 5; noise above moves it down, noise below up.
    def level(x, y):
        return np.where(np.abs(x - 5) < 2, 1.0, 0.0), np.full_like(x, 0.01)
    monkeypatch.setattr("casebook.kuznets.lines._smoothed", level)
    breaks = [kuznets.two_lines(*pair(*hill(4, 1, low, high)[::-1])).breakpoint for low, high in ((0.05, 2), (0.5, 0.5), (2, 0.05))]
    assert breaks[0] < breaks[1] < breaks[2]


def test_the_smoother_follows_a_curve_and_knows_how_well():
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(0, 6, 60))
    smooth, error = _smoothed(x, np.sin(x) + 0.1 * rng.normal(size=60))
    assert np.abs(smooth - np.sin(x)).max() < 0.12 and (0.01 < error).all() and (error < 0.12).all()
    assert (np.abs(smooth - np.sin(x)) < 2 * error).mean() > 0.85
    # A straight line with noise is left nearly straight.
    y = x + rng.normal(size=60)
    line = np.polyval(np.polyfit(x, y, 1), x)
    assert np.abs(_smoothed(x, y)[0] - line).max() < 0.35


def test_a_break_at_the_vertex():
    y, x = noisy(15, seed=11)
    vertex = kuznets.fit(y, x).turning_points()[0].income
    assert kuznets.two_lines(y, x, breakpoint="vertex") == kuznets.two_lines(y, x, breakpoint=vertex)


@pytest.mark.parametrize(
    ("slopes", "shape", "reason"),
    [
        ((1, -1), "inverted U", ""), ((-1, 1), "U", ""), ((1, 1), "neither", "both lines slope the same way"),
        ((1, -0.01), "neither", "the line above the break could be level"),
        ((0.01, -1), "neither", "the line below the break could be level"),
        ((-0.01, 0.01), "neither", "the line below and the line above the break could be level"),
    ],
)
def test_what_two_lines_say(slopes, shape, reason):
    x = np.arange(12.0)
    y = np.where(x < 5.5, slopes[0] * x, 20 + slopes[1] * x) + np.tile([0.1, -0.1, -0.1, 0.1], 3)
    found = kuznets.two_lines(*pair(y, x), breakpoint=5.5)
    assert (found.shape, found.reason) == (shape, reason)


def test_two_lines_are_as_strict_as_their_level():
    y, x = noisy(15, seed=11)
    found = kuznets.two_lines(y, x, breakpoint=2.9)
    worst = max(found.p_low, found.p_high)
    shapes = {kuznets.two_lines(y, x, breakpoint=2.9, level=1 - alpha).shape for alpha in (worst * 1.01, worst * 0.99)}
    assert found.slope_low * found.slope_high < 0 and shapes == {"inverted U", "neither"}


# --------------------------------------------------------------------- peaks, stability, power
@pytest.mark.parametrize(
    ("values", "year", "position", "censored", "later", "tied"),
    [
        ([9, 8, 7, 6], 2001, 1, "first", 3, ()),
        ([8, 9, 7, 6], 2002, 2, "second", 2, ()),
        ([7, 8, 9, 6, 5], 2003, 3, "", 2, ()),
        ([6, 7, 8, 9], 2004, 4, "last", 0, ()),
        ([6, 7, 9], 2003, 3, "last", 0, ()),
        ([9, 7, 8, 9, 6], 2001, 1, "first", 4, (2004,)),
        ([np.nan, 9, 8, 7], 2002, 1, "first", 2, ()),  # the first observed
        ([5, np.nan, 9, 7], 2003, 2, "second", 1, ()),
        ([5, 6, 9, np.nan], 2003, 3, "last", 0, ()),
    ],
)
def test_peaks_and_where_they_are_censored(values, year, position, censored, later, tied):
    for kind, sign in (("peak", 1), ("trough", -1)):
        found = kuznets.peak(sign * yearly(values), kind)
        assert (found.year, found.position, found.censored, found.later, found.tied) == (year, position, censored, later, tied)
        assert (found.value, found.nobs) == (sign * 9, np.isfinite(values).sum())
    assert kuznets.peak(yearly(values)[::-1]) == kuznets.peak(yearly(values))


def test_peaks_in_words():
    said = [str(kuznets.peak(yearly(v))) for v in ([3, 1, 2, 2], [1, 3, 2, 2], [1, 2, 3, 2], [1, 2, 2, 3])]
    assert said == ["highest in 2001, the first year observed: whether it peaked then can't be known",
                    "highest in 2002, with a single earlier year", "highest in 2003, with 2 years before and 1 after",
                    "highest in 2004, the last year observed: it hasn't been seen to fall"]


@pytest.mark.parametrize("values", [[1, 3, 2, 2], [3, 1, 2, 2], [3, 2, 1, 2], [3, 2, 2, 1]])
def test_a_trough_is_told_as_the_lowest(values):
    said = str(kuznets.peak(yearly(values), "trough"))
    assert said.startswith("lowest in 200") and "highest" not in said and "fall" not in said


@pytest.mark.parametrize(
    ("values", "direction", "holds", "against", "missing"),
    [
        ([1, 2, 3, 4], "rising", True, (), ()),
        ([1, 2, 2, 4], "rising", False, ((2002, 2003),), ()),  # standing still is no rise
        ([4, 3, 2, 1], "falling", True, (), ()),
        ([4, 3, 5, 1], "falling", False, ((2002, 2003),), ()),
        ([1, np.nan, 3, 4], "rising", None, (), (2002,)),
        ([3, np.nan, 1, 4], "rising", False, ((2001, 2003),), (2002,)),
        ([1, 2, 3, np.nan], "rising", None, (), (2004,)),
        ([np.nan] * 4, "rising", None, (), (2001, 2002, 2003, 2004)),
    ],
)
def test_a_steady_series(values, direction, holds, against, missing):
    found = kuznets.steady(yearly(values)[::-1], 2001, 2004, direction)
    assert (found.holds, found.against, found.missing) == (holds, against, missing)


def told(curve):
    inside = [p.income for p in curve.turning_points() if p.inside]
    return [inside[0] if inside else np.nan, curve.shape, curve.pvalue, curve.verdict]


@pytest.mark.parametrize("options", [{}, {"degree": 3}, {"form": "logs", "errors": "HC1"}, {"errors": "HAC", "lags": 1}, {"level": 0.5}])
def test_leaving_one_out_is_a_loop(options):
    y, x = noisy(12)
    found = kuznets.leave_one_out(kuznets.fit(y, x, **options))
    for year in y.index:
        expected = told(kuznets.fit(y.drop(year), x.drop(year), gaps="skip", **options))
        for one, other in zip(found.loc[year], expected):
            assert one == pytest.approx(other, nan_ok=True) if isinstance(other, float) else one == other
    assert list(found.index) == list(y.index)


def test_leaving_one_out_of_a_panel_keeps_its_effects():
    y, x = panel()
    options = {"effects": "twoways", "errors": "clustered"}
    found = kuznets.leave_one_out(kuznets.fit(y, x, **options))
    assert len(found) == 30
    for label in (("R0", 2001), ("R3", 2004)):
        one = kuznets.fit(y.drop(label), x.drop(label), gaps="skip", **options)
        assert found.loc[label, "pvalue"] == pytest.approx(one.pvalue)


@pytest.mark.parametrize("options", [{}, {"degree": 3, "errors": "HC1"}, {"form": "logs"}])
def test_moving_windows_are_a_loop(options):
    y, x = noisy(13)
    x = x.sample(frac=1, random_state=1).set_axis(x.index)  # income needn't grow with time
    found = kuznets.moving_window(y, x, 9, **options)
    assert list(found.index) == list(range(2001, 2006))
    for first in found.index:
        expected = told(kuznets.fit(y.loc[first : first + 8], x.loc[first : first + 8], **options))
        for one, other in zip(found.loc[first], expected):
            assert one == pytest.approx(other, nan_ok=True) if isinstance(other, float) else one == other


def test_a_window_says_why_it_cannot_tell():
    y, x = noisy(9)
    assert set(kuznets.moving_window(y, x, 4)["verdict"]) == {
        "cannot tell: pollution by income has 4 pairs of figures, and a curve of 3 parameters needs 5 at least"}
    left = kuznets.leave_one_out(kuznets.fit(y[:5], x[:5]))
    assert left["turning_point"].isna().all() and left["verdict"].str.startswith("cannot tell: pollution by income has 4").all()


@pytest.mark.parametrize(("turn", "level"), [(0.5, 0.05), (0.3, 0.1)])
def test_power_is_a_slow_loop(turn, level):
    x = yearly([1.0, 1.2, 1.9, 2.3, 2.4, 3.1, 3.3, 4.0])
    depths, replications = (0.0, 1.5, 4.0), 60
    noise = np.random.default_rng(7).standard_normal((replications, len(x)))
    peak = 1 + turn * 3
    for depth in depths:
        # A parabola with its top at the peak that is lower by `depth` at the nearer end.
        nearer = min(peak - 1, 4 - peak)
        mean = -depth * ((x - peak) / nearer) ** 2
        curves = [kuznets.fit(mean + row, x, level=1 - level) for row in noise]
        tests = [curve.u_test() for curve in curves]
        found = [test.shape == "inverted U" and test.pvalue < level for test in tests]
        assert found == [curve.verdict == "inverted U" for curve in curves]
        bounded = [curve.turning_points()[0].fieller.kind == "interval" for curve in curves]
        row = kuznets.power(x, depths, turn=turn, replications=replications, seed=7, level=level).loc[depth]
        assert (row["found"], row["interval"], row["nobs"]) == (np.mean(found), np.mean(bounded), 8)


def test_power_by_an_integral():
    # n large: t is normal, and the slopes at both ends, b + 2 c z at z = 0 and 1, are bivariate normal.
    x = np.linspace(0, 1, 60)
    inverse = np.linalg.inv(np.vander(x, 3, increasing=True).T @ np.vander(x, 3, increasing=True))
    ends = np.array([[0, 1.0, 0], [0, 1.0, 2]])
    v = ends @ inverse @ ends.T
    slopes = np.array([4.0, -4.0])  # -4 d (z - 1/2)^2 with d = 1
    t = slopes / np.sqrt(np.diag(v))
    correlation = v[0, 1] / np.sqrt(v[0, 0] * v[1, 1])
    c = stats.t.isf(0.05, 57)
    expected = stats.multivariate_normal([-t[0], t[1]], [[1, -correlation], [-correlation, 1]]).cdf([-c, -c])
    found = kuznets.power(x, [1.0], replications=4000).loc[1.0, "found"]
    assert found == pytest.approx(expected, abs=0.025) and 0.2 < expected < 0.9


def test_depth_of_a_curve():
    # bent(0, -1, k) is 4 lower at both ends than at 0, with s = sqrt(35) k; bent(1, -1, k) turns at 1/2, 1/4 high;
    # it is 2.25 lower at 2 and 6.25 lower at -2.
    assert kuznets.depth(bent(0, -1, 0.1)) == pytest.approx(4 / (0.1 * np.sqrt(35)))
    assert kuznets.depth(bent(1, -1, 0.1)) == pytest.approx(2.25 / (0.1 * np.sqrt(35)))
    assert kuznets.depth(bent(-1, 1, 0.1)) == pytest.approx(2.25 / (0.1 * np.sqrt(35)))
    assert kuznets.depth(bent(9, -1, 0.1)) == 0.0
    u = np.arange(5.0)
    logs = kuznets.fit(*pair(np.exp(1 + 4 * u - u**2 + 0.1 * K), np.exp(u)), form="logs")
    assert kuznets.depth(logs) == pytest.approx(4 / (0.1 * np.sqrt(35)))


def test_a_true_depth_of_power_is_the_depth_of_the_curve():
    z = np.linspace(0, 1, 9)
    mean = -2.5 * ((z - 0.4) / 0.4) ** 2  # 2.5 lower at 0, the nearer end
    curve = kuznets.fit(*pair(mean + 1e-3 * np.tile([1, -2, 1], 3), z))
    assert kuznets.depth(curve) * curve.sigma == pytest.approx(2.5, abs=0.01)
    assert optimize.minimize_scalar(lambda v: -curve.predict(v)).x == pytest.approx(curve.turning_points()[0].income)


# ---------------------------------------------------------------------------------- readings
@pytest.fixture
def table():
    index = pd.MultiIndex.from_product([["A", "B"], range(2011, 2021)], names=["region", "year"])
    x = np.arange(1.0, 11)
    so2 = -((x - 3) ** 2) + np.tile([0.1, -0.1], 5) + 60
    frame = pd.DataFrame({"gdp_per_head": np.r_[x, x / 2], "first": np.r_[x, x] + 1, "so2": np.r_[so2, so2[::-1]],
                          "so2_flag": ""}, index)
    frame.loc[("A", 2014), ["so2", "so2_flag"]] = 90.0, "linked;spike"
    return frame.sample(frac=1, random_state=0)


def test_a_reading_takes_its_region_window_and_income(table):
    data = kuznets.sample(table, "B", "so2", kuznets.Reading(income="first", first=2012, last=2016))
    assert list(data.index) == list(range(2012, 2017)) and list(data["income"]) == [3, 4, 5, 6, 7]
    assert list(data.columns) == ["income", "pollution"]


def test_a_reading_keeps_or_leaves_out_what_is_doubtful(table):
    keep, leave = (kuznets.estimate(table, "A", "so2", kuznets.Reading(without=w)) for w in ((), ["spike"]))
    assert keep.data.loc[2014, "pollution"] == 90 and keep.skipped == ()
    assert leave.skipped == (2014,) and leave.verdict == "inverted U" and keep.verdict == "cannot tell"
    other = kuznets.Reading(without=("scope",))
    assert kuznets.estimate(table, "A", "so2", other).skipped == ()
    assert leave.names == ("so2", "gdp_per_head")


def test_a_reading_passes_its_options_on(table):
    reading = kuznets.Reading(degree=3, form="logs", errors="HC1")
    curve = kuznets.estimate(table, "A", "so2", reading)
    assert (curve.degree, curve.form, curve.errors) == (3, "logs", "HC1")


def test_outcomes_are_rows_of_each_indicator(table):
    found = kuznets.outcomes(table, "A", ("so2",), without=["spike"]).set_index("quantity")
    curve = kuznets.estimate(table, "A", "so2", kuznets.Reading(without=["spike"]))
    assert set(found["region"]) == {"so2"} and found.loc["verdict", "label"] == found.loc["shape", "label"] == "inverted U"
    assert found.loc["turning point", "value"] == curve.turning_points()[0].income
    assert found.loc["p", "value"] == curve.pvalue and found.loc["trend", "value"] == curve.trend[0]
    assert found.loc["trend", "label"] == "falling"  # from 56 in 2011 to 11 in 2020
    short = kuznets.outcomes(table, "A", ("so2",), last=2013)
    assert short["value"].isna().all() and short["label"].str.contains("cannot tell: so2 by gdp_per_head has 3 pairs").all()
    series = kuznets.outcomes(table, "A", ("so2",), part="series").set_index("quantity")
    assert series.loc["peak year", ["value", "label"]].tolist() == [2014, ""]
    seen = kuznets.outcomes(table, "A", ("so2",), part="series", without=["spike"]).query("quantity == 'pollution'").set_index("when")["value"]
    assert seen.rename(int).equals(kuznets.sample(table, "A", "so2", kuznets.Reading(without=["spike"]))["pollution"].rename("value").rename_axis("when"))
    assert seen.isna().sum() == 1
    assert kuznets.outcomes(table, "A", ("so2",), part="series", first=2014)["label"].dropna().tolist() == ["first"]


def test_a_curve_through_a_panel_is_that_of_least_squares():
    rng = np.random.default_rng(5)
    key = pd.MultiIndex.from_product([list("ABCDE"), range(2001, 2013)], names=["region", "year"])
    x, z = rng.uniform(1, 5, len(key)), rng.normal(size=len(key))
    panel = pd.DataFrame({"x": x, "z": z, "y": np.repeat(rng.normal(size=5), 12) + 6 * x - x**2 + 2 * z + 0.2 * rng.normal(size=len(key))}, key)
    panel.loc[("B", 2004), "z"] = np.nan
    known = panel.dropna().reset_index()
    told = kuznets.panel_outcomes(panel, pollution="y", income="x", controls=["z"]).set_index("quantity")
    line = smf.ols("y ~ x + I(x**2) + z + C(region)", known).fit()
    assert told.loc["peak", "value"] == pytest.approx(-line.params["x"] / 2 / line.params["I(x ** 2)"])
    assert told.loc["verdict", "label"] == "inverted U" and told.loc["p", "value"] < 0.001 and np.isnan(told.loc["trough", "value"])
    assert told.loc["observations", "value"] == 59 and told.loc["regions", "value"] == 5
    assert "to" in told.loc["peak", "label"]
    turned = kuznets.panel_outcomes(panel.assign(y=-panel["y"]), pollution="y", income="x", controls=["z"]).set_index("quantity")
    assert turned.loc["trough", "value"] == pytest.approx(told.loc["peak", "value"]) and np.isnan(turned.loc["peak", "value"]) and turned.loc["verdict", "label"] == "U"
    rising = kuznets.panel_outcomes(panel.assign(y=panel["x"] ** 2 + 0.1 * panel["z"]), pollution="y", income="x").set_index("quantity")["value"]
    assert np.isnan(rising[["peak", "trough"]]).all()  # the trough lies near zero, below every x
    plain = kuznets.panel_outcomes(panel, pollution="y", income="x").set_index("quantity")["value"]
    assert plain["observations"] == 60 and plain["peak"] != pytest.approx(told.loc["peak", "value"], abs=1e-9)


def test_a_panel_too_small_for_its_curve_says_so():
    key = pd.MultiIndex.from_product([["A", "B"], [2001, 2002]], names=["region", "year"])
    told = kuznets.panel_outcomes(pd.DataFrame({"x": [1.0, 2, 3, 4], "y": [1.0, 2, 2, 1]}, key), pollution="y", income="x", effects="none", errors="classical")
    four = told[told["quantity"].isin(["peak", "trough", "p", "verdict"])]
    assert four["value"].isna().all() and four["label"].str.startswith("cannot tell").all()
    assert told.set_index("quantity")["value"][["observations", "regions"]].tolist() == [4, 2]
    with pytest.raises(ValueError, match="the panel lacks the column 'z'; it has x, y"):
        kuznets.panel_outcomes(pd.DataFrame({"x": [1.0, 2, 3, 4], "y": [1.0, 2, 2, 1]}, key), pollution="y", income="x", controls=["z"])


def test_every_position_of_a_dial_is_its_own_fit(table):
    table.loc[("A", 2013), "so2"] = np.nan
    found = kuznets.every(table, "A", ["so2"], incomes={"revised": "gdp_per_head", "first": "first"}, labels={"so2": "smoke"})
    years = [year for year in range(2011, 2021) if year != 2013]
    assert len(found) == 2 * 2 * 2 * len(years) ** 2
    assert found["so2", "first", "logs", 2, 2015, 2014] == "The window ends before it begins"
    assert "before it begins" not in found["so2", "first", "logs", 2, 2015, 2015]  # one year, and too few figures
    for (first, last), degree, form in (((2011, 2016), 2, "levels"), ((2015, 2020), 3, "logs"), ((2012, 2020), 3, "levels"), ((2017, 2019), 2, "logs")):
        curve = found["so2", "first", form, degree, first, last]
        rows = table.loc["A"].sort_index().loc[first:last]
        try:
            one = kuznets.fit(rows["so2"].rename("smoke"), rows["first"].rename("income"), degree=degree, form=form, gaps="skip")
        except ValueError as error:
            assert curve == str(error)
        else:
            assert curve.pvalue == pytest.approx(one.pvalue) and curve.skipped == one.skipped
    assert isinstance(found["so2", "revised", "levels", 3, 2011, 2016], str)  # five pairs, and a cubic needs six


# ------------------------------------------------------------------------------- other regressors
def test_controls_are_regressors_beside_income():
    y, x = panel()
    rng = np.random.default_rng(5)
    extra = pd.DataFrame({"people": rng.normal(size=len(y)), "trade": rng.uniform(1, 2, len(y))}, y.index)
    curve = kuznets.fit(y, x, effects="region", controls=extra)
    regions = pd.get_dummies(y.index.get_level_values(0), dtype=float).to_numpy()
    design = np.column_stack([x, x**2, extra, regions])
    slopes = np.linalg.lstsq(design, y.to_numpy(), rcond=None)[0]
    assert_allclose(curve.params[["income", "income^2"]], slopes[:2], rtol=1e-9)
    assert curve.df == len(y) - design.shape[1]
    # with income explained by the controls the curve stays as it is drawn: at their means it meets the mean
    assert_allclose(curve.predict(x.to_numpy()).mean(), y.mean(), rtol=1e-9)
    assert np.isfinite(kuznets.leave_one_out(curve)["pvalue"]).all()
    refit = kuznets.fit(y.iloc[1:], x.iloc[1:], effects="region", controls=extra, gaps="skip")
    assert kuznets.leave_one_out(curve)["pvalue"].iloc[0] == pytest.approx(refit.pvalue)
    with pytest.raises(ValueError, match="controls are unknown in"):
        kuznets.fit(y, x, controls=extra.iloc[1:])
