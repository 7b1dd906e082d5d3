"""Kuznets curves: what can't be told is refused by name or told as such, and no warning escapes."""

import re

import numpy as np
import pandas as pd
import pytest

from casebook import kuznets
from casebook.kuznets.curve import EFFECTS, ERRORS, FORMS

REFUSED = (TypeError, ValueError)
pytestmark = pytest.mark.usefixtures("no_warnings")


def yearly(values, first=2011, name=None):
    return pd.Series(values, range(first, first + len(values)), name=name)


X = yearly(np.arange(1.0, 11), name="gdp")
Y = yearly([1.0, 3, 4.2, 5, 5.1, 5.3, 4.8, 4, 3.1, 1.2], name="SO2")


def changed(series, year, value):
    series = series.copy()
    series[year] = value
    return series


def panel(regions=4, years=7, seed=1):
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([[f"R{i}" for i in range(regions)], range(2011, 2011 + years)], names=["region", "year"])
    x = pd.Series(rng.uniform(1, 9, len(index)), index, name="gdp")
    return (20 - (x - 5) ** 2 + rng.normal(size=len(index))).rename("SO2"), x


def flat(curve):
    """Everything a curve states, as one list of numbers."""
    points = [v for p in curve.turning_points() for v in (p.income, p.std_error, p.lower, p.upper)]
    return [*curve.params, *curve.std_errors, curve.rsquared, curve.sigma, curve.pvalue, *curve.trend, *points]


# --------------------------------------------------------------------- too little, too uniform
@pytest.mark.parametrize(("degree", "n"), [(2, 4), (2, 1), (3, 5)])
def test_fewer_points_than_parameters_plus_two(degree, n):
    needed = degree + 3
    message = f"cannot tell: SO2 by gdp has {n} pairs of figures, and a curve of {degree + 1} parameters needs {needed}"
    with pytest.raises(ValueError, match=message):
        kuznets.fit(Y[:n], X[:n], degree=degree)
    assert kuznets.fit(Y[:needed], X[:needed], degree=degree).df == 2


def test_dummies_count_as_parameters():
    y, x = panel(3, 4)
    assert kuznets.fit(y, x, effects="twoways").df == 12 - 3 - 5
    with pytest.raises(ValueError, match="has 6 pairs of figures, and a curve of 5 parameters needs 7"):
        kuznets.fit(*panel(3, 2), effects="region")


@pytest.mark.parametrize("missing", ["SO2", "gdp", "both"])
def test_figures_missing_everywhere(missing):
    y, x = (series * np.nan if missing in (series.name, "both") else series for series in (Y, X))
    with pytest.raises(ValueError, match="cannot tell: SO2 by gdp has 0 pairs of figures"):
        kuznets.fit(y, x)


@pytest.mark.parametrize("value", [3.0, 0.1, 0.0, 1e8])
@pytest.mark.parametrize("form", FORMS)
def test_constant_income(value, form):
    with pytest.raises(ValueError, match="cannot tell: gdp takes 1 value only"):
        kuznets.fit(Y, 0 * X + value, form=form if value else "levels")


def test_income_that_differs_by_rounding_only():
    # 0.1 + 0.2 is 0.30000000000000004: three values of which no computation can make a curve.
    values = np.array([0.3, 0.1 + 0.2, 0.3 - 6e-17] * 3 + [0.3])
    assert len(set(values)) == 3
    with pytest.raises(ValueError, match="cannot tell: gdp"):
        kuznets.fit(Y, yearly(values, name="gdp"))


@pytest.mark.parametrize(("degree", "values"), [(2, [1, 2]), (3, [1, 2, 3])])
def test_too_few_different_incomes(degree, values):
    with pytest.raises(ValueError, match=f"gdp takes {len(values)} values only, and a curve of degree {degree} needs {degree + 1}"):
        kuznets.fit(Y, yearly(np.resize(np.array(values, float), 10), name="gdp"), degree=degree)


@pytest.mark.parametrize("value", [100.0, 0.1, 0.0, 1.0])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("errors", ["classical", "HC3", "HAC"])
def test_constant_pollution_has_no_shape(value, form, errors):
    # Every sewage plant at 100 %: whatever slope there is, is rounding; zero slopes with zero errors prove nothing.
    if form == "logs" and value == 0:
        return
    with pytest.raises(ValueError, match="cannot tell: SO2"):
        kuznets.fit(0 * Y + value, X, form=form, errors=errors)
    with pytest.raises(ValueError, match="cannot tell: SO2"):
        kuznets.two_lines(0 * Y + value, X)


@pytest.mark.parametrize(("effects", "income"), [("region", "region"), ("year", "year"), ("twoways", "region"), ("twoways", "year"),
                                                 ("twoways", "both")])
def test_income_that_the_effects_absorb(effects, income):
    y, x = panel(5, 6)
    region, year = (y.index.get_level_values(level) for level in (0, 1))
    own = 2.0 ** region.str[1].astype(int)
    x[:] = {"region": own, "year": np.sqrt(year - 2010.0), "both": own}[income]
    with pytest.raises(ValueError, match="cannot tell.*gdp"):
        kuznets.fit(y, x, effects=effects)


def test_regions_that_share_no_year_with_others():
    # A to C end in the year before D to F begin: region and year effects can't be told apart.
    early, late = (pd.MultiIndex.from_product([list(names), range(first, first + 5)], names=["region", "year"])
                   for names, first in (("ABC", 2011), ("DEF", 2016)))
    index = early.append(late)
    x = pd.Series(np.random.default_rng(0).uniform(1, 9, 30), index, name="gdp")
    y = (20 - (x - 5) ** 2 + np.random.default_rng(1).normal(size=30)).rename("SO2")
    for errors in ("classical", "HC3", "clustered"):
        with pytest.raises(kuznets.CannotTell, match="share no year"):
            kuznets.fit(y, x, effects="twoways", errors=errors)
        for effects in ("none", "region", "year"):
            assert np.isfinite(flat(kuznets.fit(y, x, effects=effects, errors=errors))).all()


# ----------------------------------------------------------------------------- years and regions
def test_duplicated_years_are_named():
    for y, x, name in ((pd.concat([Y, Y.loc[[2013, 2015]]]), X, "SO2"), (Y, pd.concat([X, X.loc[[2013, 2015]]]), "gdp")):
        with pytest.raises(ValueError, match=f"{name} has two figures for 2013, 2015; keep one of each"):
            kuznets.fit(y, x)
    y, x = panel()
    with pytest.raises(ValueError, match="SO2 has two figures for R1 2012; keep one of each"):
        kuznets.fit(pd.concat([y, y.loc[[("R1", 2012)]]]), x)


@pytest.mark.parametrize("how", ["no row", "no figure", "no income"])
def test_missing_years_inside_are_named_or_skipped(how):
    y, x = (Y.drop([2014, 2016]), X) if how == "no row" else (Y, X.where(X != 4).where(X != 6)) if how == "no income" else (
        Y.where(~Y.index.isin([2014, 2016])), X)
    for call in (kuznets.fit, kuznets.two_lines):
        with pytest.raises(ValueError, match="SO2 by gdp: no pair of figures in 2014, 2016; give them, choose other years") as caught:
            call(y, x)
        assert 'gaps="skip"' in str(caught.value)
    curve = kuznets.fit(y, x, gaps="skip")
    assert curve.skipped == (2014, 2016) and curve.nobs == 8


def test_many_missing_years_are_counted():
    long = yearly(np.arange(40.0), name="gdp")
    with pytest.raises(ValueError, match="no pair of figures in 2012, 2013, 2014, 2015, 2016, 2017 and 24 more"):
        kuznets.fit((long**2).rename("SO2").drop(range(2012, 2042)), long)


def test_missing_years_of_a_panel_are_named_with_their_region():
    y, x = panel()
    with pytest.raises(ValueError, match="no pair of figures in R1 2013, R3 2016"):
        kuznets.fit(y.drop([("R1", 2013), ("R3", 2016)]), x)


def test_a_missing_year_of_whole_numbers():
    curve = kuznets.fit(pd.Series([None, 3, 4, 5, 5, 6, 4, 3, 2, None], X.index, dtype="Int64"), X)
    assert list(curve.data.index) == list(range(2012, 2020))
    with pytest.raises(ValueError, match="no pair of figures in 2013"):
        kuznets.fit(pd.Series([2, 3, None, 5, 5, 6, 4, 3, 2, 1], X.index, dtype="Int64"), X)


def test_indexes_that_share_no_year():
    for y in (Y.set_axis(range(10)), panel()[0]):
        with pytest.raises(ValueError, match="SO2 and gdp share no year; index both by year, or both by region and year"):
            kuznets.fit(y, X)


def test_empty_series_cannot_tell():
    with pytest.raises(kuznets.CannotTell, match="0 pairs of figures"):
        kuznets.fit(Y[:0], X[:0])
    with pytest.raises(ValueError, match="0 pairs of figures|share no year"):
        kuznets.fit(Y[:0], X)


@pytest.mark.parametrize(
    "years",
    [[str(year) for year in X.index], pd.date_range("2011", periods=10, freq="YS"), pd.period_range("2011", periods=10, freq="Y"),
     X.index + 0.5, pd.MultiIndex.from_product([["A"], ["B"], X.index])],
    ids=["text", "dates", "periods", "halves", "three levels"],
)
@pytest.mark.parametrize("call", [kuznets.fit, kuznets.two_lines, lambda y, x: kuznets.moving_window(y, x, 6), lambda y, x: kuznets.peak(y)])
def test_years_are_whole_numbers(years, call):
    with pytest.raises(REFUSED, match="year"):
        call(Y.set_axis(years), X.set_axis(years))


def test_text_years_are_not_called_missing():
    with pytest.raises(REFUSED) as caught:
        kuznets.fit(Y.rename(str), X.rename(str))
    assert "no pair of figures" not in str(caught.value)


@pytest.mark.parametrize("names", [("year", "region"), ("year", "city"), (None, "region")])
@pytest.mark.parametrize("regions", [["A", "B", "C"], [110000, 440300, 310000]], ids=["names", "codes"])
def test_year_before_region_is_refused(regions, names):
    index = pd.MultiIndex.from_product([range(2011, 2017), regions], names=names)
    rng = np.random.default_rng(0)
    y, x = (pd.Series(rng.uniform(1, 9, 18), index, name=name) for name in ("SO2", "gdp"))
    with pytest.raises(ValueError, match="SO2 must be indexed by.*region and year"):
        kuznets.fit(y, x, effects="region", gaps="skip")


# ------------------------------------------------------------------------------------- values
@pytest.mark.parametrize(("series", "name"), [("y", "SO2"), ("x", "gdp")])
@pytest.mark.parametrize(
    "values", [list("abcdefghij"), [True, False] * 5, [object()] * 10, np.arange(10) + 1j, pd.Categorical(list("uv") * 5),
               pd.date_range("2011", periods=10), pd.to_timedelta(range(10), unit="D")],
    ids=["text", "truth", "objects", "complex", "categories", "dates", "durations"],
)
def test_values_that_are_no_numbers(series, name, values):
    wrong = pd.Series(values, X.index, name=name)
    with pytest.raises(REFUSED, match=f"{name} holds no numbers but"):
        kuznets.fit(*((wrong, X) if series == "y" else (Y, wrong)))


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinities_are_named(value):
    with pytest.raises(ValueError, match="SO2 is infinite in 2013"):
        kuznets.fit(changed(Y, 2013, value), X)
    with pytest.raises(ValueError, match="gdp is infinite in 2020"):
        kuznets.two_lines(Y, changed(X, 2020, value))
    with pytest.raises(ValueError, match="infinite in 2013"):
        kuznets.peak(changed(Y, 2013, value))


@pytest.mark.parametrize("wrong", [Y.to_numpy(), list(Y), Y.to_frame(), dict(Y), None], ids=["array", "list", "frame", "dict", "none"])
@pytest.mark.parametrize("call", [kuznets.fit, kuznets.two_lines, lambda y, x: kuznets.moving_window(y, x, 6), lambda y, x: kuznets.peak(y)])
def test_other_types_than_series_are_refused(wrong, call):
    with pytest.raises(REFUSED, match="Series"):
        call(wrong, X)


@pytest.mark.parametrize("wrong", [X.to_numpy(), list(X), X.to_frame()], ids=["array", "list", "frame"])
def test_income_of_other_types_is_refused(wrong):
    with pytest.raises(REFUSED, match="Series"):
        kuznets.fit(Y, wrong)


@pytest.mark.parametrize(
    ("y", "x", "message"),
    [
        (changed(Y, 2014, 0.0), X, "SO2 is 0 in 2014"),
        (changed(Y, 2014, -2.5), X, "SO2 is -2.5 in 2014"),
        (Y, changed(X, 2015, 0.0), "gdp is 0 in 2015"),
        (changed(Y, 2015, -7.0), changed(X, 2015, -1.0), "gdp is -1 in 2015"),  # both: the figure belongs to the name
        (changed(Y, 2012, -7.0), changed(X, 2015, -1.0), "SO2 is -7 in 2012"),
    ],
)
def test_logarithms_need_positive_figures(y, x, message):
    with pytest.raises(ValueError, match=f"logarithms need positive figures; {message}"):
        kuznets.fit(y, x, form="logs")
    assert kuznets.fit(y, x).form == "levels"


def test_a_figure_without_its_pair_may_be_nil():
    # An income of zero in a year without pollution isn't used, so that it can't be in the way.
    assert kuznets.fit(Y.drop(2011), changed(X, 2011, 0.0), form="logs").nobs == 9


@pytest.mark.parametrize("income", [0.0, -1.0, [1.0, 0.0]])
def test_a_curve_in_logarithms_has_no_value_at_no_income(income):
    curve = kuznets.fit(Y, X, form="logs")
    for ask in (curve.predict, curve.slope):
        with pytest.raises(ValueError, match="positive"):
            ask(income)


# ------------------------------------------------------------------------------------ options
@pytest.mark.parametrize(
    ("option", "value", "known"),
    [("degree", 1, "2, 3"), ("degree", 4, "2, 3"), ("degree", "2", "2, 3"), ("form", "log", "levels, logs"), ("form", None, "levels, logs"),
     ("effects", "entity", ", ".join(EFFECTS)), ("errors", "HC2", ", ".join(ERRORS)), ("errors", "robust", ", ".join(ERRORS)),
     ("gaps", "fill", "refuse, skip")],
)
def test_unknown_options_are_told_the_known(option, value, known):
    with pytest.raises(ValueError, match=re.escape(f"{option} must be one of {known}; got {value!r}")):
        kuznets.fit(Y, X, **{option: value})
    with pytest.raises(ValueError, match=f"{option} must be one of"):  # not a verdict of each window
        kuznets.moving_window(Y, X, 6, **{option: value})


def test_options_that_are_misspelt():
    for call in (kuznets.fit, lambda *series, **options: kuznets.moving_window(*series, 6, **options)):
        with pytest.raises(TypeError, match="degre"):
            call(Y, X, degre=2)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, np.nan])
def test_levels_out_of_range(level):
    for call in (kuznets.fit, kuznets.two_lines, lambda y, x, level: kuznets.moving_window(y, x, 6, level=level)):
        with pytest.raises(ValueError, match="level must lie between 0 and 1; got"):
            call(Y, X, level=level)


@pytest.mark.parametrize("lags", [-1, 10, 100, 2.5, "3"])
def test_lags_out_of_range(lags):
    # With more lags than years the error shrinks towards nothing: 0.03 of the classical one at 100.
    with pytest.raises(ValueError, match="lags"):
        kuznets.fit(Y, X, errors="HAC", lags=lags)


@pytest.mark.parametrize("errors", ["classical", "HC1", "HC3"])
def test_lags_of_other_errors(errors):
    with pytest.raises(ValueError, match="lags.*HAC"):
        kuznets.fit(Y, X, errors=errors, lags=2)


@pytest.mark.parametrize("options", [{"effects": "region"}, {"effects": "year"}, {"effects": "twoways"}, {"errors": "clustered"}])
def test_options_of_a_panel_for_one_region(options):
    with pytest.raises(ValueError, match="effects and clustered errors need a panel, indexed by region and year"):
        kuznets.fit(Y, X, **options)


def test_hac_errors_of_a_panel():
    with pytest.raises(ValueError, match='HAC errors are for the years of one region; take errors="clustered"'):
        kuznets.fit(*panel(), errors="HAC")


def test_a_panel_of_one_region():
    y, x = panel(1, 9)
    with pytest.raises(ValueError, match="clustered errors.*regions at least"):
        kuznets.fit(y, x, errors="clustered")
    with pytest.raises(ValueError, match="9 pairs of figures, and a curve of 11 parameters needs 13"):
        kuznets.fit(y, x, effects="year")
    alone = kuznets.fit(y.loc["R0"], x.loc["R0"])
    for effects in ("none", "region"):  # no dummy is left for its only region
        assert flat(kuznets.fit(y, x, effects=effects)) == pytest.approx(flat(alone))


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize(("regions", "degree"), [(2, 2), (2, 3), (3, 3)])
def test_fewer_clusters_than_slopes_prove_nothing(effects, regions, degree):
    # The sums of scores by cluster add up to zero: G clusters give a covariance of rank G - 1 at most, and with
    # two regions and year effects of rank 0: standard errors of 1e-8 and p < 0.001 for whatever the data say.
    y, x = panel(regions, 9)
    with pytest.raises(ValueError, match="clustered errors.*regions at least"):
        kuznets.fit(y, x, effects=effects, errors="clustered", degree=degree)


@pytest.mark.parametrize("effects", EFFECTS)
def test_as_many_clusters_as_needed(effects):
    curve = kuznets.fit(*panel(3, 9), effects=effects, errors="clustered")
    assert np.isfinite(flat(curve)).all() and (curve.std_errors > 0).all() and curve.df == 2


# ---------------------------------------------------------------- errors that aren't defined
ALONE = yearly([1.1, 1.1, 1.1, 1.1, 2.7, 3.3], name="gdp")  # a parabola goes through 2014 and 2016 exactly
THERE = yearly([1.0, 3, 2, 4, 3.5, 1], name="SO2")


@pytest.mark.parametrize("scale", [1, 0.7, 3, 1.1, 13])
def test_hc3_errors_where_an_observation_has_no_residual(scale):
    # Leverage one: 0 / 0.  What comes out is nan or rounding, and must never be p = 0.
    with pytest.raises(ValueError, match="HC3.*2015, 2016"):
        kuznets.fit(THERE, scale * ALONE, errors="HC3")
    assert np.isfinite(flat(kuznets.fit(THERE, scale * ALONE, errors="HC1"))).all()


def test_hc3_errors_of_a_region_seen_once():
    y, x = panel()
    y, x = (pd.concat([s, pd.Series([v], pd.MultiIndex.from_tuples([("Z", 2013)], names=["region", "year"]), name=s.name)])
            for s, v in ((y, 5.0), (x, 4.0)))
    with pytest.raises(ValueError, match="HC3.*Z 2013"):
        kuznets.fit(y, x, effects="region", errors="HC3")
    # Its dummy takes it out: nothing changes without it but the constant.
    with_it, without = (kuznets.fit(v, w, effects="region", errors="clustered") for v, w in ((y, x), (y.drop("Z"), x.drop("Z"))))
    assert with_it.params.iloc[1:].to_list() == pytest.approx(without.params.iloc[1:].to_list())


def test_a_missing_error_is_never_significant():
    curve = kuznets.fit(Y, X)
    broken = type(curve)(**{**vars(curve), "scaled": (curve.scaled[0], curve.scaled[1] * np.nan, *curve.scaled[2:])})
    assert broken.verdict == "cannot tell" and not broken.u_test().pvalue < 0.05


def test_a_curve_that_is_level_everywhere_proves_nothing():
    curve = kuznets.fit(Y, X)
    level = type(curve)(**{**vars(curve), "scaled": (np.array([5.0, 0, 0]), np.zeros((3, 3)), *curve.scaled[2:])})
    assert level.verdict == "cannot tell" and not level.turning_points()


# ----------------------------------------------------------- one side of the vertex, and rounding
@pytest.mark.parametrize("side", ["below", "above"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("form", FORMS)
def test_all_points_on_one_side_of_the_vertex(side, sign, form):
    u = np.linspace(0.2, 2, 9)
    rises = (side == "below") == (sign > 0)
    noise = 0.02 * np.tile([1, -1, 0], 3)
    bend = 3 - sign * (u - (2.6 if side == "below" else -0.4)) ** 2 / 8 + noise / 10
    y, x = (np.exp(bend), np.exp(u)) if form == "logs" else (bend, u)
    curve = kuznets.fit(yearly(y), yearly(x), form=form)
    test, point = curve.u_test(), curve.turning_points()[0]
    assert not point.inside and point.below == (9 if side == "below" else 0)
    assert np.isnan(test.pvalue) and test.reason == "the curve turns outside the data, so that no slope changes sign within them"
    assert curve.verdict in ("rising" if rises else "falling", "cannot tell") and "turning down" not in curve.sentence
    assert kuznets.depth(curve) == 0


def test_a_cubic_without_turning_points_says_so():
    x = np.arange(-4.0, 5)
    curve = kuznets.fit(yearly(x**3 + x), yearly(x), degree=3)
    assert curve.turning_points() == () and curve.verdict == "rising" and curve.sentence == "rising throughout (p < 0.001)"
    assert kuznets.depth(curve) == 0


@pytest.mark.parametrize("degree", [2, 3])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("errors", ["classical", "HC1", "HC3", "HAC"])
def test_data_without_noise_warn_of_nothing(degree, form, errors):
    for values in (2 * X, 3 + X / 7, 120 - (X - 6) ** 2, X**3, 1 / X, np.exp(X), np.sqrt(X)):
        curve = kuznets.fit(values, X, degree=degree, form=form, errors=errors)
        assert np.isfinite([curve.pvalue, curve.sigma, curve.rsquared]).all() and str(curve) and curve._repr_html_()
        assert not any("nan" in str(p) for p in curve.turning_points())
        assert kuznets.leave_one_out(curve)["verdict"].notna().all()


# ---------------------------------------------------------------------------------- two lines
@pytest.mark.parametrize("at", [99.0, -5.0, 2.5, 8.5, np.nan, np.inf])
def test_a_break_outside_the_data_or_near_its_end(at):
    with pytest.raises(ValueError, match=r"cannot tell: \d+ observations lie below or at the break of .* above; each line needs 3"):
        kuznets.two_lines(Y, X, breakpoint=at)


@pytest.mark.parametrize("at", ["robinhood", "middle", None, [4.0], X])
def test_an_unknown_break(at):
    with pytest.raises(REFUSED, match="breakpoint must be"):
        kuznets.two_lines(Y, X, breakpoint=at)


@pytest.mark.parametrize("errors", ["HC2", "HAC", "clustered", None])
def test_unknown_errors_of_two_lines(errors):
    with pytest.raises(ValueError, match="errors must be one of HC3, HC1, classical; got"):
        kuznets.two_lines(Y, X, errors=errors)


@pytest.mark.parametrize("n", [5, 6])
def test_too_few_points_for_two_lines(n):
    with pytest.raises(ValueError, match="each line needs 3"):
        kuznets.two_lines(Y[:n], X[:n])


@pytest.mark.parametrize("errors", ["HC3", "HC1", "classical"])
@pytest.mark.parametrize("flip", [1, -1])
def test_a_line_through_one_income_has_no_slope(errors, flip):
    x = flip * yearly([1.0, 2, 3, 4, 5, 6, 6, 6, 6, 6])
    with pytest.raises(ValueError, match="cannot tell.*same income"):
        kuznets.two_lines(Y, x, breakpoint=flip * 5.5, errors=errors)


@pytest.mark.parametrize("errors", ["HC3", "HC1", "classical"])
def test_ties_at_the_break(errors):
    # Three incomes below the break, one at it three times over: the lower line takes them in, the upper one too.
    x, y = yearly([1.0, 1, 2, 2, 2, 3, 3, 4, 4, 5]), yearly([1.0, 1.2, 2, 2.2, 1.9, 1.4, 1, 0.7, 0.6, 0.1])
    found = kuznets.two_lines(y, x, breakpoint=2, errors=errors)
    assert found.slope_low == pytest.approx(np.polyfit(x[:5], y[:5], 1)[0]) and found.nobs == (5, 5)
    assert found.slope_high == pytest.approx(np.polyfit(x[2:], y[2:], 1)[0]) and np.isfinite([found.se_low, found.se_high]).all()


@pytest.mark.parametrize("shift", [0, 0.1, 0.7, 5])
def test_a_line_that_one_point_settles_takes_hc1(shift):
    # Above the break three at 3 and one at 4, which the line meets exactly: HC3 would divide zero by zero; Simonsohn takes HC1.
    x, y = yearly(np.array([1.0, 1.5, 2, 2.2, 3, 3, 3, 4]) + shift), yearly([1.0, 1.1, 2, 2.2, 3, 1, 2, 1.2])
    found, other = (kuznets.two_lines(y, x, breakpoint=2.5 + shift, errors=errors) for errors in ("HC3", "HC1"))
    assert found.se_high == pytest.approx(other.se_high) and found.p_high == pytest.approx(other.p_high)
    assert found.shape == "neither"


def test_two_lines_through_data_without_noise():
    for values in (2 * X, 100 - (X - 5.5).abs(), (X - 5.5) ** 2, np.exp(X / 3)):
        for at in ("robin hood", 5.5):
            try:
                found = kuznets.two_lines(values, X, breakpoint=at)
            except ValueError as error:
                assert "cannot tell" in str(error) and at == "robin hood"
            else:
                assert found.shape == ("neither" if values.is_monotonic_increasing else "inverted U" if values[2011] < values[2015] else "U")


@pytest.mark.parametrize(("low", "high"), [((1.0, 0.01), (-1e-15, 1e-17)), ((1e-14, 1e-17), (-1.0, 0.01))])
def test_a_slope_of_rounding_size_is_level(monkeypatch, low, high):
    # A line through figures that are all alike comes out at 1e-15 with an error of 1e-17: t = -100, and still no fall.
    monkeypatch.setattr("casebook.kuznets.lines._slopes", lambda *args: [low, high])
    assert kuznets.two_lines(Y, X, breakpoint=5.5).shape == "neither"


@pytest.mark.parametrize(("low", "high"), [((1.0, np.nan), (-1.0, 0.01)), ((1.0, 0.01), (-1.0, np.nan))])
def test_a_line_without_an_error_proves_nothing(monkeypatch, low, high):
    monkeypatch.setattr("casebook.kuznets.lines._slopes", lambda *args: [low, high])
    found = kuznets.two_lines(Y, X, breakpoint=5.5)
    assert found.shape == "neither" and "could be level" in found.reason


def test_two_lines_parted_at_the_vertex_of_a_straight_line():
    with pytest.raises(ValueError, match="cannot tell"):
        kuznets.two_lines(yearly(2 * X.to_numpy()), X, breakpoint="vertex")


# ------------------------------------------------------------------------- windows and peaks
def test_windows_wider_than_the_series():
    for y, years in ((Y, 10), (Y.drop([2011, 2020]), 8), (Y * np.nan, 0)):
        with pytest.raises(ValueError, match=f"windows of 11 years are wider than the series, which has {years}"):
            kuznets.moving_window(y, X, 11)
    assert len(kuznets.moving_window(Y, X, 10)) == 1


@pytest.mark.parametrize("width", [0, -3, 6.5, "6"])
def test_widths_that_are_no_number_of_years(width):
    with pytest.raises(REFUSED, match="width"):
        kuznets.moving_window(Y, X, width)


@pytest.mark.parametrize("year", [2012, 2015, 2019])
def test_windows_with_a_missing_year(year):
    with pytest.raises(ValueError, match=f"no pair of figures in {year}"):
        kuznets.moving_window(Y.drop(year), X, 7)
    assert len(kuznets.moving_window(Y.drop(year), X, 7, gaps="skip")) == 4


def test_a_window_in_a_gap_cannot_tell():
    y, x = yearly(np.arange(20.0) ** 2), yearly(np.arange(20.0))
    found = kuznets.moving_window(y.drop(range(2017, 2024)), x, 6, gaps="skip")["verdict"]
    assert found.loc[2017] == found.loc[2018] == "cannot tell: pollution by income has 0 pairs of figures, and a curve of 3 parameters needs 5 at least"
    assert found.loc[2011] == "rising" and len(found) == 15


def test_windows_of_a_panel_or_of_twins():
    with pytest.raises(REFUSED, match="one region|indexed by year"):
        kuznets.moving_window(*panel(), 6)
    with pytest.raises(ValueError, match="two figures for 2013"):
        kuznets.moving_window(pd.concat([Y, Y.loc[[2013]]]), X, 6)


def test_leaving_one_out_of_too_few_says_so():
    found = kuznets.leave_one_out(kuznets.fit(Y[:5], X[:5]))
    assert found["verdict"].str.startswith("cannot tell").all() and found["pvalue"].isna().all()


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2], [1.0, np.nan, 2, np.nan]])
def test_a_peak_needs_three_years(values):
    with pytest.raises(ValueError, match="SO2 is known in . years; a peak needs three at least"):
        kuznets.peak(pd.Series(values, range(2011, 2011 + len(values)), name="SO2", dtype=float))


@pytest.mark.parametrize("values", [list("abcd"), [True, False, True, False], [1 + 1j] * 4])
def test_a_peak_of_what_are_no_numbers(values):
    with pytest.raises(REFUSED, match="SO2 holds no numbers"):
        kuznets.peak(yearly(values, name="SO2"))


def test_peaks_of_twins_panels_and_unknown_kinds():
    with pytest.raises(ValueError, match="SO2 has two figures for 2012; keep one of each"):
        kuznets.peak(pd.concat([Y, Y.loc[[2012]]]))
    with pytest.raises(REFUSED, match="one region|indexed by year"):
        kuznets.peak(panel()[0])
    with pytest.raises(ValueError, match='kind must be "peak" or "trough"; got \'top\''):
        kuznets.peak(Y, "top")


def test_steps_of_twins_are_refused():
    with pytest.raises(ValueError, match="two figures for 2012"):
        kuznets.steady(pd.concat([Y, Y.loc[[2012]]]), 2011, 2015, "rising")
    with pytest.raises(ValueError, match='direction must be "rising" or "falling"'):
        kuznets.steady(Y, 2011, 2015, "up")
    for first, last in ((2015, 2011), (2015, 2015)):
        with pytest.raises(ValueError, match="the span must end after it begins"):
            kuznets.steady(Y, first, last, "rising")


# -------------------------------------------------------------------------------------- power
@pytest.mark.parametrize(
    ("incomes", "message"),
    [([1, 2, 3, 4], "five incomes at least"), ([2] * 8, "five incomes|alike"), ([1, 2] * 4, "incomes"), ([], "five incomes at least"),
     ([1, 2, 3, np.nan, np.nan], "five incomes at least"), ([1, 2, 3, 4, 5, np.inf], "infinite")],
)
def test_incomes_that_no_simulation_can_use(incomes, message):
    with pytest.raises(ValueError, match=message):
        kuznets.power(np.array(incomes, dtype=float), [1], replications=10)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"turn": 0}, "turn must lie between 0 and 1"), ({"turn": 1.5}, "turn must lie"), ({"turn": np.nan}, "turn must lie"),
     ({"level": 0}, "level"), ({"level": 2}, "level"), ({"level": 0.95}, "level"), ({"level": np.nan}, "level"),
     ({"replications": 0}, "replications"), ({"replications": -1}, "replications|negative"),
     ({"depths": [-1.0]}, "depth"), ({"depths": [1.0, np.nan]}, "depth"), ({"depths": []}, "depth")],
)
def test_simulations_that_mean_nothing(options, message):
    # 0.95 is the level of fit(); taken for a size it would find a turn in everything.
    with pytest.raises(ValueError, match=message):
        kuznets.power(X, **({"depths": [3.0], "replications": 10} | options))


def test_unknown_incomes_are_left_out_of_a_simulation():
    assert kuznets.power(changed(X, 2013, np.nan), [2.0], replications=50).equals(kuznets.power(X.drop(2013), [2.0], replications=50))


# ----------------------------------------------------------------------------------- readings
def table():
    index = pd.MultiIndex.from_product([["A", "B"], X.index], names=["region", "year"])
    return pd.DataFrame({"gdp_per_head": np.r_[X, X], "SO2": np.r_[Y, Y], "SO2_flag": ""}, index)


@pytest.mark.parametrize("fields", [{"degree": 4}, {"form": "log"}, {"errors": "robust"}, {"without": "spike"}, {"first": 2015, "last": 2012}])
def test_a_reading_that_can_have_no_outcome(fields):
    with pytest.raises(ValueError):
        kuznets.outcomes(table(), "A", ("SO2",), **fields)


def test_flags_in_a_word_would_be_letters():
    data = table()
    data.loc[("A", 2013), "SO2_flag"] = "spike"
    with pytest.raises(REFUSED, match="list of flags"):
        kuznets.estimate(data, "A", "SO2", kuznets.Reading(without="spike"))


@pytest.mark.parametrize("missing", [None, np.nan])
def test_cells_without_a_flag(missing):
    data = table()
    data["SO2_flag"] = pd.Series(missing, data.index, dtype=object)
    data.loc[("A", 2013), "SO2_flag"] = "linked;spike"
    assert kuznets.estimate(data, "A", "SO2", kuznets.Reading(without=["spike"])).skipped == (2013,)
    assert kuznets.estimate(data, "B", "SO2", kuznets.Reading(without=["spike"])).skipped == ()


def test_unknown_columns_regions_and_parts():
    for call in (lambda *a: kuznets.sample(table(), *a, kuznets.Reading()), lambda *a: kuznets.estimate(table(), *a, kuznets.Reading()),
                 lambda region, column: kuznets.outcomes(table(), region, (column,)),
                 lambda region, column: kuznets.every(table(), region, [column], incomes={"first": "gdp_per_head"})):
        with pytest.raises(ValueError, match="the panel lacks the column 'NOx'; it has gdp_per_head, SO2"):
            call("A", "NOx")
        with pytest.raises(ValueError, match="no region 'Z' in the panel; it has A, B"):
            call("Z", "SO2")
    with pytest.raises(ValueError, match="part"):
        kuznets.outcomes(table(), "A", ("SO2",), part="curves")


def test_a_window_without_figures_cannot_tell():
    found = kuznets.outcomes(table(), "A", ("SO2",), first=1950, last=1960)
    assert found["value"].isna().all() and (found["label"] != "").all()
    assert kuznets.outcomes(table(), "A", ("SO2",), part="series", first=2019)["label"].str.contains("known in 2 years").all()
