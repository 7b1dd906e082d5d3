"""Structural change against numbers derived by hand, and second implementations from the formulas."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from numpy.testing import assert_allclose
from scipy import integrate, stats

from casebook import structure
from casebook.structure.classes import QUESTIONS
from casebook.structure.shift_share import EFFECTS
from casebook.structure.tregenna import LEVEL, SHARE

EXACT = 1e-12
NAN = float("nan")


def yearly(values, first=2001, name=None):
    return pd.Series(np.asarray(values, dtype=float), range(first, first + len(values)), name=name)


def panel(regions, years):
    return pd.MultiIndex.from_product([regions, years], names=["region", "year"])


# ------------------------------------------------------------------------------- shares
def test_a_share_keeps_the_order_and_the_gaps_of_its_part():
    part = pd.Series([30.0, NAN, 10.0], [2013, 2011, 2012], name="manufacturing")
    whole = yearly([100, 40, 60, 80], 2011)  # 30 / 60 and 10 / 40; 2014 isn't asked for
    found = structure.share(part, whole)
    assert list(found.index) == [2013, 2011, 2012] and found.name == "share of manufacturing"
    assert_allclose(found, [0.5, NAN, 0.25])
    assert_allclose(structure.share(whole, whole), 1)


def test_a_share_of_a_panel():
    index = panel(["B", "A"], [2011, 2012])
    found = structure.share(pd.Series([1.0, 2, 3, 4], index), pd.Series([4.0, 4, 4, 4], index))
    assert found.index.equals(index) and found.tolist() == [0.25, 0.5, 0.75, 1.0]


def test_a_region_as_a_share_of_the_nation():
    index = panel(["B", "A"], [2011, 2012])
    found = structure.share(pd.Series([1.0, 2, 3, 4], index), yearly([4, 8], 2011))
    assert found.index.equals(index) and found.tolist() == [0.25, 0.25, 0.75, 0.5]


def sectors(*rows, first=2011, columns=("primary", "secondary", "tertiary")):
    return pd.DataFrame([*rows], range(first, first + len(rows)), columns=list(columns), dtype=float)


def test_shares_are_of_the_total_and_not_rescaled():
    found = structure.shares(sectors([10, 50, 39], [10, 50, 41]))  # 99 and 101 of a hundred
    assert_allclose(found, [[0.1, 0.5, 0.39], [0.1, 0.5, 0.41]])
    assert_allclose(structure.shares(sectors([0.1, 0.5, 0.39])), [[0.1, 0.5, 0.39]])
    amounts = structure.shares(sectors([100, 500, 390]), yearly([1000], 2011))  # 99 per cent of a thousand
    assert_allclose(amounts, [[0.1, 0.5, 0.39]])


def test_rows_of_shares_in_which_nothing_is_known_stay():
    found = structure.shares(sectors([10, 50, 40], [NAN, NAN, NAN]))
    assert found.loc[2012].isna().all() and found.loc[2011].sum() == pytest.approx(1)
    total = pd.Series([100.0, NAN], [2011, 2012])
    pd.testing.assert_frame_equal(structure.shares(sectors([10, 50, 40], [NAN, NAN, NAN]), total), found)


@pytest.mark.parametrize(("last", "passes"), [(38, True), (42, True), (37.9, False), (42.1, False)])
def test_the_tolerance_is_a_fraction_of_the_total_and_belongs_to_it(last, passes):
    frame = sectors([10, 50, last])  # 98 and 102 are two per cent off
    if passes:
        structure.shares(frame)
    else:
        with pytest.raises(ValueError, match=f"sum to {60 + last:g} in 2011, not to 100"):
            structure.shares(frame)
    structure.shares(frame, tolerance=0.03)


def test_location_quotients_by_year_and_with_a_nation():
    # 2011: A has 1/4 of its 40 in X, the nation 30 of 100; B 20 of 60.  2012: A half of 20, the nation 30 of 60.
    frame = pd.DataFrame({"X": [10.0, 10, 20, 20], "Y": [30.0, 10, 40, 20]}, panel(["A", "B"], [2011, 2012]))
    found = structure.location_quotient(frame)
    assert_allclose(found["X"], [0.25 / 0.3, 1.0, (1 / 3) / 0.3, 1.0])
    assert_allclose(found.loc[("A", 2011), "Y"], 0.75 / 0.7)
    # Against a nation with a half in X every year, its columns the other way round:
    nation = pd.DataFrame({"Y": [50.0, 70], "X": [50.0, 70]}, [2011, 2012])
    against = structure.location_quotient(frame, nation)
    assert list(against) == ["X", "Y"]
    assert_allclose(against["X"], [0.5, 1, 2 / 3, 1])
    one = structure.location_quotient(frame.xs("A", drop_level=False).xs(2011, level=1), pd.Series({"Y": 50.0, "X": 50.0}))
    assert_allclose(one, [[0.5, 1.5]])  # of one region, as the nation is given


def test_orders_of_sectors():
    frame = sectors([50, 20, 30], [20, 50, 30], [30, 35, 35], [1, 1, 1], [NAN, NAN, NAN])
    assert structure.ordering(frame).tolist()[:4] == ["1-3-2", "2-3-1", "2=3-1", "1=2=3"]
    assert pd.isna(structure.ordering(frame).iloc[4])
    assert structure.ordering(frame, tie=10).tolist()[:2] == ["1-2=3", "2-1=3"]
    # A tie that is printed as 0.7 counts as 0.7: 45.3 - 44.6 is 0.6999999999999957, 45.5 - 44.8 0.7000000000000028.
    assert set(structure.ordering(sectors([10, 45.3, 44.6], [10, 45.5, 44.8]), tie=0.7)) == {"2=3-1"}
    assert set(structure.ordering(sectors([10, 45.3, 44.6]), tie=0.69)) == {"2-3-1"}
    goods = sectors([2, 3], columns=("farms", "shops"))
    assert structure.ordering(goods, labels={"farms": "F", "shops": "S"}).tolist() == ["S-F"]


def test_ties_chain():
    # 50 and 45 are five apart, 45 and 40 too; 50 and 40 are not.
    assert structure.ordering(sectors([40, 45, 50]), tie=5).tolist() == ["1=2=3"]


def test_stages_end_at_what_is_unknown():
    orders = pd.Series(["a", "a", "a", "b", "a", "a"], [2011, 2012, 2014, 2015, 2017, 2016])
    found = structure.stages(orders)
    assert found.values.tolist() == [["a", 2011, 2012], ["a", 2014, 2014], ["b", 2015, 2015], ["a", 2016, 2017]]
    assert structure.stages(pd.Series(["a", NAN, "a"], range(2011, 2014)))["first"].tolist() == [2011, 2013]
    assert structure.stages(pd.Series([NAN], [2011], dtype=object)).empty


# ------------------------------------------------------------------------------- trends
# 4, 3, 3, 1 on x = -1.5 ... 1.5: slope -4.5 / 5 = -0.9; the residuals u are -0.1, -0.2, 0.7, -0.4, and x u
# 0.15, 0.1, 0.35, -0.6, whose squares sum to 0.515 and neighbouring products to 0.015 + 0.035 - 0.21 = -0.16.
FOUR = yearly([4, 3, 3, 1])
VARIANCES = {
    ("classical", None): 0.7 / 2 / 5,
    ("HC1", None): 0.515 / 25 * 2,  # n / (n - 2) = 2
    ("HAC", 0): 0.515 / 25 * 2,
    ("HAC", 1): (0.515 + 2 * 0.5 * -0.16) / 25 * 2,  # Bartlett's weight of lag 1 of 1
    # Leverages 1/4 + x^2 / 5 are 0.7, 0.3, 0.3, 0.7: u / (1 - h) = -1/3, -2/7, 1, -4/3, and times x 1/2, 1/7, 1/2, -2.
    ("HC3", None): (0.25 + 1 / 49 + 0.25 + 4) / 25,
}


@pytest.mark.parametrize(("errors", "lags"), VARIANCES)
def test_the_errors_of_a_trend(errors, lags):
    line = structure.trend(FOUR, errors=errors, lags=lags)
    error = np.sqrt(VARIANCES[errors, lags])
    assert_allclose([line.slope, line.std_error], [-0.9, error], rtol=EXACT)
    assert line.pvalue == pytest.approx(2 * stats.t.sf(0.9 / error, 2), rel=1e-9)
    half = stats.t.ppf(0.975, 2) * error
    assert_allclose([line.lower, line.upper], [-0.9 - half, -0.9 + half], rtol=1e-9)
    assert (line.first, line.last, line.nobs, line.missing, line.errors, line.lags) == (2001, 2004, 4, (), errors, lags)


def test_hac_is_the_default_with_newey_and_wests_lags():
    rng = np.random.default_rng(3)
    for n, lags in ((5, 2), (12, 2), (26, 2), (40, 3), (100, 4)):  # 4 (n / 100)^(2/9), cut off
        line = structure.trend(yearly(rng.normal(size=n).cumsum()))
        assert (line.errors, line.lags) == ("HAC", lags)
    data = pd.DataFrame({"t": range(100), "y": rng.normal(size=100).cumsum()})
    other = smf.ols("y ~ t", data).fit(cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": True}, use_t=True)
    line = structure.trend(yearly(data["y"]))
    assert_allclose([line.slope, line.std_error, line.pvalue], [other.params["t"], other.bse["t"], other.pvalues["t"]], rtol=1e-8)
    assert line.lags == 4


def test_the_direction_of_a_trend_is_its_sign_if_it_is_significant():
    p = structure.trend(FOUR, errors="classical").pvalue
    assert 0.05 < p < 0.1
    assert structure.trend(FOUR, errors="classical").direction == "none"
    assert structure.trend(FOUR, errors="classical", level=0.9).direction == "falling"
    assert structure.trend(-FOUR, errors="classical", level=0.9).direction == "rising"
    # The interval of the level leaves zero out just then.
    assert structure.trend(FOUR, errors="classical", level=0.9).upper < 0 < structure.trend(FOUR, errors="classical").upper


def test_lines_without_a_residual_and_without_a_slope():
    up, flat = structure.trend(yearly(0.1 * np.arange(7) + 0.3)), structure.trend(yearly([0.1 + 0.2, 0.3, 0.3, 0.3]))
    assert up.slope == pytest.approx(0.1) and (up.std_error, up.pvalue, up.direction) == (0, 0, "rising")
    assert (flat.slope, flat.std_error, flat.pvalue, flat.direction) == (0, 0, 1, "none")


def test_a_trend_takes_the_window_and_tells_its_gaps():
    series = pd.Series([9.0, 4, 3, 3, NAN, 1, 7], range(2000, 2007))
    line = structure.trend(series, window=(2001, 2005), errors="classical")
    years = np.array([2001, 2002, 2003, 2005])
    assert line.slope == pytest.approx(np.polyfit(years - 2000, [4, 3, 3, 1], 1)[0])
    assert (line.first, line.last, line.nobs, line.missing) == (2001, 2005, 4, (2004,))
    assert "2004 unknown" in str(line)


# ------------------------------------------------------------------------------ decline
def test_a_monotone_series_and_what_stands_against_one():
    found = structure.monotone(yearly([5, 4, 4, 3]))
    assert found.direction == "none" and found.falling.against == ((2002, 2003),)  # level is no fall
    assert structure.monotone(yearly([5, 4, 4, 3]), 2003, 2004).direction == "falling"
    gap = yearly([5, 4, NAN, 3])
    assert structure.monotone(gap).direction == "cannot tell" and structure.monotone(gap).falling.missing == (2003,)
    assert structure.monotone(yearly([5, 4, NAN, 4.5])).direction == "none"  # both ways are refuted, whatever the gap holds
    assert structure.monotone(yearly([1, 2])).direction == "rising"


JUMPY = yearly([10, 9, 9.2, 7, 6, 5, 3])  # falls, but not in every year
BENT = yearly([10, 9.99, 9.98, 9.97, 9.96, 9.95, 5])  # falls in every year, nearly all of it in one


@pytest.mark.parametrize(("series", "by_trend", "monotone", "both"), [
    (JUMPY, "falling", "none", "none"),
    (-1 * JUMPY + 20, "rising", "none", "none"),
    (yearly([7, 6, 5, 4, 3]), "falling", "falling", "falling"),
    (BENT, "none", "falling", "none"),
    (yearly([7, 6, NAN, 4, 3, 2]), "falling", "cannot tell", "cannot tell"),
    (yearly([8, 6, NAN, 6.1, 3, 1]), "falling", "none", "none"),
    (yearly([10, 9.99, 9.98, NAN, 9.96, 9.95, 5]), "none", "cannot tell", "none"),  # the trend refutes both
    (yearly([7, 6, NAN, 3, 2]), "cannot tell", "cannot tell", "cannot tell"),  # four years known
])
def test_rules_of_a_sustained_decline(series, by_trend, monotone, both):
    options = {"errors": "classical"}
    found = {rule: structure.sustained(series, rule=rule, **options) for rule in ("trend", "monotone", "both")}
    assert [found[rule].direction for rule in found] == [by_trend, monotone, both]
    assert found["trend"].monotone is None and found["monotone"].trend is None
    assert found["both"].nobs == series.notna().sum()
    if by_trend != "cannot tell":
        assert found["both"].trend == structure.trend(series, **options) and found["both"].monotone == structure.monotone(series)


def test_years_needed_are_a_cut_off():
    short = yearly([5, 4, 3])
    found = structure.sustained(short)
    assert (found.direction, found.reason, found.trend) == ("cannot tell", "3 years known, 5 needed", None)
    assert structure.sustained(short, least=3).direction == "falling"
    assert structure.sustained(yearly([5, 4, 3, 2, 1]), window=(2001, 2004)).direction == "cannot tell"


def test_slow_movements_count_as_none():
    series = yearly([105, 104, 103, 102, 101, 100, 99, 98, 97, 96, 95])  # one a year of a mean of a hundred
    for rule in ("trend", "monotone", "both"):
        found = structure.sustained(series, rule=rule)
        assert found.pace == pytest.approx(-0.01) and found.direction == "falling"
        assert structure.sustained(series, rule=rule, margin=0.0099).direction == "falling"
        slow = structure.sustained(series, rule=rule, margin=0.0101)
        assert slow.direction == "none" and "slower than 1.01%" in slow.reason


def test_directions_of_many_regions_are_tidy():
    index = panel(["B", "A", "C", "D"], range(2001, 2007))
    values = [6, 5, 4, 3, 2, 1] + [1, 2, 3, 4, 5, 6] + [NAN, 1, 2, 3, 4, 5] + [NAN] * 6
    found = structure.directions(pd.Series(values, index, dtype=float, name="share"), window=(2001, 2006)).set_index("region")
    assert found["label"].to_dict() == {"A": "rising", "B": "falling", "C": "cannot tell", "D": "cannot tell"}
    assert found.loc["A", "value"] == pytest.approx(1 / 3.5) and found.loc[["C", "D"], "value"].isna().all()
    assert set(found["quantity"]) == {"share"} and set(found["when"]) == {"2001-2006"}
    found = structure.directions(pd.Series(values, index, dtype=float)).set_index("region")  # each in its own years
    assert found.loc["C", ["when", "label"]].tolist() == ["2002-2006", "rising"]
    assert list(found.index) == ["B", "A", "C", "D"]  # as they occur
    turned = pd.Series(values, index, dtype=float)[::-1]
    assert list(structure.directions(turned)["region"]) == ["D", "C", "A", "B"] and structure.directions(turned).set_index("region").loc["B", "label"] == "falling"


def test_the_peak_of_a_share():
    found = structure.peak_share(yearly([30, 32, 36, 35, 31]))
    assert (found.year, found.value, found.later, found.censored) == (2003, 36, 2, "")
    assert structure.peak_share(yearly([30, 32, 36])).censored == "last"


# ------------------------------------------------------------------------------ classes
# By the rule "monotone" these four are each what they are called: one step against, or a missing year.
WAYS = {"rising": yearly([20, 21, 22, 23, 24, 25]), "falling": yearly([25, 24, 23, 22, 21, 20]),
        "none": yearly([25, 24, 25, 24, 25, 24]), "cannot tell": yearly([25, 24, 23, NAN, 21, 20])}


def class_of(work, *others):
    """The tree once more, in other words: `others` are the movements of value added and of what else is given."""
    if work == "rising":
        return {"rising": "industrialising", "cannot tell": "cannot tell"}.get(others[0], "none")
    if work != "falling":
        return work
    if {"rising", "none"} & set(others):
        return "structural deindustrialisation"
    return "aggregate deindustrialisation" if set(others) == {"falling"} else "cannot tell"


@pytest.mark.parametrize("given", [(), ("productivity",), ("exports", "productivity")])
def test_every_branch_of_the_tree(given):
    names = {"exports": "export_share", "productivity": "productivity"}
    works = WAYS if len(given) < 2 else ["falling"]  # what else is given matters there only
    for ways in product(works, *[WAYS] * (1 + len(given))):
        extra = {names[name]: WAYS[way] for name, way in zip(given, ways[2:])}
        found = structure.classify(WAYS[ways[0]], WAYS[ways[1]], **extra, rule="monotone")
        assert found.kind == class_of(*ways), ways
        told = dict(zip(("employment", "value", *given), ways))
        assert {name: evidence.direction for name, evidence in found.evidence.items()} == told
        assert all(answer == told[name] for question, answer in found.path for name in told if QUESTIONS[name] == question)


@pytest.mark.parametrize(("ways", "kind", "asked"), [
    (("none", "falling", "falling"), "none", 1),
    (("cannot tell", "rising", "rising"), "cannot tell", 1),
    (("rising", "rising", "falling"), "industrialising", 2),
    (("rising", "none", "rising"), "none", 2),
    (("falling", "rising", "falling"), "structural deindustrialisation", 2),
    (("falling", "falling", "none"), "structural deindustrialisation", 3),
    (("falling", "cannot tell", "rising"), "structural deindustrialisation", 3),
    (("falling", "cannot tell", "falling"), "cannot tell", 3),
    (("falling", "falling", "falling"), "aggregate deindustrialisation", 3),
])
def test_classes_by_name(ways, kind, asked):
    found = structure.classify(*(WAYS[way] for way in ways), rule="monotone")
    assert found.kind == kind and len(found.path) == asked and found.kind in structure.KINDS
    assert str(found).startswith(f"{kind}: which way does the employment share move? {ways[0]}")


@pytest.mark.parametrize(("work", "value", "expected"), [
    ("falling", "falling", True), ("falling", "none", False), ("falling", "rising", False), ("rising", "cannot tell", False),
    ("falling", "cannot tell", None), ("cannot tell", "falling", None),
])
def test_tregennas_definition_beside_the_class(work, value, expected):
    assert structure.classify(WAYS[work], WAYS[value], rule="monotone").both_fall is expected


def test_the_window_is_common_to_all_series():
    long, late = yearly(range(30, 10, -1)), yearly([20, 19, 18, 17, 16, 15], 2010)
    found = structure.classify(long, late)
    assert found.window == (2010, 2015) and {(e.first, e.last) for e in found.evidence.values()} == {(2010, 2015)}
    assert structure.classify(long, late, window=(2011, 2015)).window == (2011, 2015)
    apart = structure.classify(long, yearly([1, 2, 3], 2040))
    assert (apart.kind, apart.window, apart.path[0][1], apart.both_fall) == ("cannot tell", None, "cannot tell", None)


def test_cut_offs_reach_every_question():
    slow, fast = yearly(np.linspace(30, 29, 11)), yearly(np.linspace(30, 10, 11))
    assert structure.classify(fast, slow).kind == "aggregate deindustrialisation"
    assert structure.classify(fast, slow, margin=0.01).kind == "structural deindustrialisation"
    assert structure.classify(slow, slow, margin=0.01).kind == "none"
    assert structure.classify(fast, slow, least=12).kind == "cannot tell"
    shaky = yearly([30, 29, 29.5, 28, 29, 28.2])
    p = structure.trend(shaky, errors="classical").pvalue
    assert structure.classify(shaky, shaky, errors="classical", level=1 - p * 1.01).kind == "aggregate deindustrialisation"
    assert structure.classify(shaky, shaky, errors="classical", level=1 - p * 0.99).kind == "none"


# ----------------------------------------------------------------------------- tregenna
def ends(start, end, name=None):
    return pd.Series([float(start), float(end)], [2000, 2010], name=name)


def test_the_share_is_decomposed_by_hand():
    # L 80 -> 40 of N 200 -> 200: 0.4 -> 0.2, M = 0.2 / ln 2.  L / Q halves (Q stays at 20), Q / Y halves (Y doubles from
    # 100 to 200), Y / N doubles: -0.2, -0.2 and +0.2.
    found = structure.decompose(ends(80, 40, "factories"), ends(20, 20), ends(100, 200), ends(200, 200), start=2000, end=2010)
    assert list(found.level) == ["start", "end", "change", *LEVEL] and list(found.share) == ["start", "end", "change", *SHARE]
    assert_allclose(found.share.loc["factories"], [0.4, 0.2, -0.2, -0.2, -0.2, 0.2], rtol=EXACT)
    assert_allclose(found.level.loc["factories"], [80, 40, -40, -40, -40, 40], rtol=EXACT)
    assert structure.decompose(ends(80, 40), ends(20, 20), ends(100, 200), start=2000, end=2010).share is None


def test_effects_are_integrals_along_a_path_of_steady_growth():
    # If every factor grows at a steady rate, its effect is the integral of L d ln x: a second way to the same weights.
    work, output, economy = (50, 120), (30, 95), (200, 310)
    found = structure.decompose(ends(*work), ends(*output), ends(*economy), start=2000, end=2010).level.iloc[0]
    area = integrate.quad(lambda t: work[0] ** (1 - t) * work[1] ** t, 0, 1)[0]
    logs = [np.log(b / a) for a, b in (work, output, economy)]
    assert_allclose(found[list(LEVEL)].astype(float), [area * (logs[0] - logs[1]), area * (logs[1] - logs[2]), area * logs[2]], rtol=1e-10)


def test_no_change_leaves_effects_that_cancel():
    # L stays at 50 while Q doubles and Y quadruples: the logarithmic mean is 50 itself, effects -50 ln 2, -50 ln 2, 50 ln 4.
    found = structure.decompose(ends(50, 50), ends(10, 20), ends(40, 160), start=2000, end=2010).level.iloc[0]
    assert_allclose(found[list(LEVEL)].astype(float), [-50 * np.log(2), -50 * np.log(2), 50 * np.log(4)], rtol=EXACT)
    assert found["change"] == 0


def test_weights_stay_exact_where_employment_hardly_changes():
    # The next number above 3 is 3 + 4.4e-16; their ratio is rounded to 1 + 2.2e-16, whose logarithm would make a mean of 2.
    found = structure.decompose(ends(3, np.nextafter(3, 4)), ends(10, 20), ends(40, 40), start=2000, end=2010).level.iloc[0]
    assert found["sector share"] == pytest.approx(3 * np.log(2), rel=1e-9)


def test_regions_are_decomposed_one_by_one_in_their_order():
    key = panel(["B", "A"], [2000, 2005, 2010])
    work, output, economy = (pd.Series(v, key, dtype=float) for v in ([80, 0, 40, 50, 60, 120], [20, 1, 20, 30, 9, 95], [100, 9, 200, 200, 9, 310]))
    found = structure.decompose(work, output, economy, start=2000, end=2010).level  # the zero of 2005 isn't used
    assert list(found.index) == ["B", "A"]
    assert_allclose(found.loc["B"], [80, 40, -40, -40, -40, 40], rtol=EXACT)
    alone = structure.decompose(work["A"], output["A"], economy["A"], start=2000, end=2010).level
    assert_allclose(found.loc["A"], alone.iloc[0], rtol=EXACT)


# -------------------------------------------------------------------------- shift-share
# Region A of Farhauer and Kroell's textbook, as the R package REAT has it: the nation grows from 1100 to 1265, by 0.15,
# its sectors by 0.1, 0.4, -0.1 and 0.2.
NATION = pd.DataFrame({"a": [400.0, 440], "b": [150.0, 210], "c": [150.0, 135], "d": [400.0, 480]}, [1, 2])
REGION = pd.DataFrame({"a": [90.0, 100], "b": [20.0, 40], "c": [10.0, 10], "d": [60.0, 55]}, panel(["A"], [1, 2]))


def test_a_textbook_region_in_dunns_form():
    found = structure.dunn(REGION, 1, 2, nation=NATION).effects.loc["A"]
    assert_allclose(found["national"], [13.5, 3, 1.5, 9])  # 0.15 of each
    assert_allclose(found["industry mix"], [-4.5, 5, -2.5, 3])  # -0.05, 0.25, -0.25, 0.05 of each
    assert_allclose(found["competitive"], [1, 12, 1, -17])  # 100 - 99, 40 - 28, 10 - 9, 55 - 72
    assert_allclose(structure.dunn(REGION, 1, 2, nation=NATION).by_region.loc["A"], [27, 1, -3, 25])  # 205 - 180


def test_a_textbook_region_in_estebans_form():
    # Homothetic: 180 of 1100 is 9/55 of 400, 150, 150, 400; growth beyond the nation's 1/90, 0.6, 0.1, -17/60.
    found = structure.esteban(REGION, 1, 2, nation=NATION).effects.loc["A"]
    own, like = np.array([1 / 90, 0.6, 0.1, -17 / 60]), np.array([400, 150, 150, 400]) * 9 / 55
    assert_allclose(found["competitive"], like * own)
    assert_allclose(found["allocation"], (np.array([90, 20, 10, 60]) - like) * own)
    dunn = structure.dunn(REGION, 1, 2, nation=NATION).effects.loc["A"]
    assert_allclose(found["competitive"] + found["allocation"], dunn["competitive"])
    assert_allclose(found[["national", "industry mix"]], dunn[["national", "industry mix"]])


def test_dynamic_effects_by_hand():
    # Nation 100 -> 110 -> 99 and 100 -> 120 -> 132, in all 200 -> 230 -> 231.  A's X: 10 -> 12 -> 9.
    nation = pd.DataFrame({"X": [100.0, 110, 99], "Y": [100.0, 120, 132]}, [1, 2, 3])
    region = pd.DataFrame({"X": [10.0, 12, 9], "Y": [5.0, 5, 5]}, panel(["A"], [1, 2, 3]))
    found = structure.dunn(region, 1, 3, nation=nation, dynamic=True)
    steps = found.annual.xs(("A", "X"), level=("region", "sector"))
    # First year: 0.15, then 0.1 - 0.15, then 0.2 - 0.1, of 10.  Second: 1/230, then -0.1 - 1/230, then -0.25 + 0.1, of 12.
    assert_allclose(steps.loc[2], [1.5, -0.5, 1, 2])
    assert_allclose(steps.loc[3], [12 / 230, -1.2 - 12 / 230, -1.8, -3])
    assert_allclose(found.effects.loc[("A", "X")], [1.5 + 12 / 230, -1.7 - 12 / 230, -0.8, -1])
    # Static, of 10: 31 / 200, then -0.01 - 0.155, then -0.1 + 0.01.
    assert_allclose(structure.dunn(region, 1, 3, nation=nation).effects.loc[("A", "X")], [1.55, -1.65, -0.9, -1])


def test_regions_and_sectors_keep_their_order_and_forms_their_columns():
    key = panel(["B", "A"], [1, 2])
    frame = pd.DataFrame({"Y": [10.0, 20, 30, 40], "X": [5.0, 6, 7, 8]}, key)
    for form, effects in EFFECTS.items():
        found = getattr(structure, form)(frame, 1, 2)
        assert list(found.effects.index) == [("B", "Y"), ("B", "X"), ("A", "Y"), ("A", "X")]
        assert list(found.effects) == [*effects, "change"] and list(found.by_region.index) == ["B", "A"]
        assert (found.form, found.start, found.end, found.dynamic) == (form, 1, 2, False)
        assert form.capitalize() in found._repr_html_()


def test_a_sector_that_begins_at_zero_is_competitive_in_dunns_form():
    frame = pd.DataFrame({"X": [0.0, 6, 10, 10], "Y": [10.0, 10, 10, 10]}, panel(["A", "B"], [1, 2]))
    assert structure.dunn(frame, 1, 2).effects.loc[("A", "X")].tolist() == [0, 0, 6, 6]


# ---------------------------------------------------------------------------- upgrading
def test_theils_index_by_hand():
    # Output 1/2, 1/2; labour 3/4, 1/4: 0.5 ln(2/3) + 0.5 ln 2.  Proportional: zero.  All output in a quarter of labour: ln 4.
    output = sectors([50, 50], [30, 10], [0, 7], [NAN, NAN], columns=("primary", "secondary"))
    labour = sectors([25, 75], [25, 75], [25, 75], [25, 75], [1, 1], columns=("secondary", "primary"))  # 2015 isn't asked for
    assert_allclose(structure.theil_rationalisation(output, labour), [0.5 * np.log(4 / 3), 0, np.log(4), NAN], atol=EXACT)
    assert structure.theil_rationalisation(output[:1], labour.mask(labour > 0)[:1]).isna().all()


def test_the_height_of_a_structure_by_hand():
    # Productivity 2 and 6; normed (2 - 1) / (5 - 1) = 1/4 and (6 - 2) / (4 - 2) = 2; shares 1/4 and 3/4: 1/16 + 24/16.
    output, labour = sectors([20, 60], columns=("primary", "secondary")), sectors([10, 10], columns=("primary", "secondary"))
    found = structure.structural_height(output, labour, begin={"primary": 1, "secondary": 2}, done={"primary": 5, "secondary": 4})
    assert found.to_dict() == {2011: pytest.approx(25 / 16)}


def test_without_norms_the_height_is_the_index_of_upgrading():
    rng = np.random.default_rng(5)
    output, labour = (pd.DataFrame(rng.uniform(1, 9, (4, 3)), range(2011, 2015), ["primary", "secondary", "tertiary"]) for _ in range(2))
    bounds = {"begin": dict.fromkeys(output, 0), "done": dict.fromkeys(output, 1)}
    assert_allclose(structure.structural_height(output, labour, **bounds), structure.productivity_weighted(output, labour))
