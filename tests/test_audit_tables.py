"""The audit of a whole table: each check by hand, tables made from true numbers, planted faults, files that people save."""

import re
from itertools import product

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as distributions
from typer.testing import CliRunner

from casebook import audit, claims, cli, data, figures


def statement(check, printed, of, unit="", **more):
    return pd.DataFrame([{"check": check, "where": "here", "printed": printed, "of": of, "unit": unit, **more}])


def only(table, check=None, **how):
    """The one finding of a check."""
    found = audit.table(table, **how).findings
    found = found[found["check"] == check] if check else found
    assert len(found) == 1, found
    return found.iloc[0]


def estimate(**cells):
    return pd.DataFrame([{"variable": "x", "estimate": "0.30", "std_error": "0.10", **cells}])


# ---------------------------------------------------------------------- statements by hand
@pytest.mark.parametrize(("check", "printed", "of", "unit", "severity", "recomputed"), [
    ("sum", "5.00", "2.55; 2.45", "", "sound", "5"),
    ("sum", "5.01", "2.55; 2.45", "", "sound", "5"),         # 2.555 + 2.455 = 5.01
    ("sum", "5.02", "2.55; 2.45", "", "error", "5"),         # 5.015 at least
    ("sum", "0.10", "2.55; -2.45", "", "sound", "0.1"),
    ("sum", "0.10", "2.55; −2.65", "", "error", "-0.1"),
    ("count", "15", "26; -3; -8", "", "sound", "15"),
    ("count", "16", "26; -3; -8", "", "error", "15"),        # counts are exact: 15.5 doesn't round
    ("count", "3", "North; South; East", "", "sound", "3"),
    ("count", "3", "North；South", "", "error", "2"),
    ("count", "3", "North; South; North", "", "error", "2"),
    ("count", "2", "North; South; North", "", "error", "2"),  # named twice
    ("share", "51", "2.55; 5", "percent", "sound", "51"),
    ("share", "0.51", "2.55; 5.00", "", "sound", "0.51"),
    ("share", "53", "2.55; 5.00", "percent", "error", "51"),
    ("share of counts", "65.22", "15; 23", "percent", "sound", "65.217"),
    ("share of counts", "65.21", "15; 23", "percent", "doubt", "65.217"),  # cut off: 65.217...
    ("share of counts", "65.20", "15; 23", "percent", "error", "65.217"),
    ("share of counts", "65.23", "15; 23", "percent", "error", "65.217"),  # never rounded up
    ("share", "65.0", "15; 23", "percent", "sound", "65.22"),  # 14.5 / 23.5 = 61.7 to 15.5 / 22.5 = 68.9
    ("growth", "8.4", "19.43; 21.06", "percent", "sound", "8.39"),  # 21.06 / 19.43 = 1.08389
    ("growth", "8.6", "19.43; 21.06", "percent", "error", "8.39"),
    ("growth", "0.0718", "100.0; 200.0; 2010-2020", "", "sound", "0.07177"),  # 2^(1/10) - 1
    ("growth", "0.0730", "100.0; 200.0; 2010-2020", "", "error", "0.07177"),
    ("turning point", "25.0", "0.500; -0.0100", "", "sound", "25"),  # 0.5 / 0.02
    ("turning point", "27.0", "0.500; -0.0100", "", "error", "25"),
    ("turning point", "22026", "2.0000; -0.10000", "log", "sound", "22026.5"),  # exp(10)
    ("turning point", "3.0", "0.5; -0.0", "", "sound", "anything"),
    ("observations", "182", "13; 2006-2019", "", "sound", "182"),  # 14 years
    ("observations", "169", "13; 2006-2019", "", "error", "182"),
    ("observations", "5", "2021—2025", "", "sound", "5"),
    ("years", "2005-2010; 2011-2016", "2005-2016", "", "sound", "2005-2016"),
    ("years", "2004-2009", "2005-2016", "", "slip", "2005-2016"),
    ("years", "2017", "2005; 2016", "", "slip", "2005-2016"),
    ("same", "6.122", "6.112", "", "error", "6.112"),
    ("same", "6.1", "6.112", "", "sound", "6.112"),          # rounds to it
    ("same", "6.11", "6.1", "", "sound", "6.1"),
    ("same", "6.2", "6.112", "", "error", "6.112"),
    ("same", "2", "3", "", "error", "3"),                    # 2.5 is an end of both, and yet they differ
    ("same", "2019", "2020", "", "error", "2020"),
    ("same", "Rising", "rising", "", "sound", "rising"),
    ("same", "rising", "rising; falling", "", "error", "rising; falling"),
    ("quantifier", "most", "9; 14", "", "sound", "64.3%"),
    ("quantifier", "most", "3; 14", "", "error", "21.4%"),
    ("quantifier", "most", "7; 14", "", "error", "50.0%"),
    ("quantifier", "a minority", "7; 14", "", "error", "50.0%"),
    ("quantifier", "a minority", "6; 14", "", "sound", "42.9%"),
    ("quantifier", "nearly half", "10; 26", "", "slip", "38.5%"),
    ("quantifier", "nearly half", "12; 26", "", "sound", "46.2%"),
    ("quantifier", "all", "26; 26", "", "sound", "100.0%"),
    ("quantifier", "none", "1; 26", "", "error", "3.8%"),
    ("shape", "inverted U", "maximum; 2019; 2012-2021", "", "sound", "maximum in 2019"),
    ("shape", "inverted U", "maximum; 2012; 2012-2021", "", "doubt", "maximum in 2012"),
    ("shape", "inverted U", "maximum; 2021; 2012; 2021", "", "doubt", "maximum in 2021"),
    ("shape", "inverted U", "minimum; 2014; 2005-2016", "", "error", "minimum in 2014"),
    ("shape", "U", "minimum; 2015; 2012-2021", "", "sound", "minimum in 2015"),
    ("shape", "U", "minimum; 2010; 2012-2021", "", "error", "minimum in 2010"),
    ("shape", "U", "none; none; 2012-2021", "", "error", "no turn"),
    ("shape", "half inverted U", "none; none; 2012-2021", "", "sound", "no turn"),
    ("shape", "half inverted U", "maximum; 2012; 2012-2021", "", "sound", "maximum in 2012"),
    ("shape", "half inverted U", "maximum; 2019; 2012-2021", "", "slip", "maximum in 2019"),
    ("order", "falling", "44652.8; 41610.9; 32387.68", "", "sound", "falling"),
    ("order", "falling", "44652.8; 32387.68; 41610.9", "", "error", "other"),
    ("order", "rising", "44; 60; 80", "", "sound", "rising"),
    ("order", "rising", "44; 44", "", "error", "other"),
    ("numbering", "1 to 5", "1; 2; 3; 4; 5", "", "sound", "1, 2, 3, 4, 5"),
    ("numbering", "1 to 5", "1; 2; 1; 4; 5", "", "slip", "1, 2, 3, 4, 5"),
    ("at most", "4.776", "100", "log", "error", "at most 100"),  # exp(4.7755) = 118.6
    ("at most", "4.605", "100", "log", "sound", "at most 100"),  # ln 100 = 4.60517
    ("at most", "101", "100", "", "error", "at most 100"),
    ("apart", "North; South", "East; West", "", "sound", "none in common"),
    ("apart", "North; South", "East; South", "", "error", "none in common"),
])
def test_statements_by_hand(check, printed, of, unit, severity, recomputed):
    found = only(statement(check, printed, of, unit))
    assert (found["severity"], found["recomputed"].replace("−", "-")) == (severity, recomputed)
    assert found["arithmetic"] and found["where"] == "here" and found["check"] == check


def test_the_arithmetic_is_shown():
    shown = {(c, o): only(statement(c, p, o, u))["arithmetic"] for c, p, o, u in [
        ("share of counts", "65.21", "15; 23", "percent"), ("count", "15", "26; -3; -8", ""), ("observations", "182", "13; 2006-2019", ""),
        ("growth", "0.0718", "100.0; 200.0; 2010-2020", ""), ("turning point", "25.0", "0.500; -0.0100", ""), ("at most", "4.776", "100", "log")]}
    assert list(shown.values()) == ["15 / 23 = 65.217 per cent", "26 − 3 − 8 = 15", "13 × 14 (2006-2019) = 182",
                                    "(200.0 / 100.0)^(1/10) − 1 = 0.07177", "−(0.500) / (2 × −0.0100) = 25", "exp(4.776) = 118.6 > 100"]


def test_a_statement_may_be_less_grave_than_usual():
    assert only(statement("same", "crude oil", "fuel oil", severity="slip"))["severity"] == "slip"
    assert only(statement("same", "fuel oil", "fuel oil", severity="slip"))["severity"] == "sound"


@pytest.mark.parametrize(("check", "printed", "of", "words"), [
    ("share", "51", "2.55", "share needs 2 entries under 'of', joined by a semicolon; got 1"),
    ("growth", "51", "2.55", "growth needs 2 or 3 entries"),
    ("growth", "8", "-1; 2", "values above zero"),
    ("growth", "8", "1.0; 2.0; 2010-2010", "2010-2010 is no span of years"),
    ("count", "many", "North; South", "'many' is no whole number"),
    ("share of counts", "51", "2.55; 5", "'2.55' is no whole number; a count is exact"),
    ("share", "51", "2.55; 0", "0 can't be a whole"),
    ("sum", "5", "2.55; x", "'x' is not a printed number"),
    ("quantifier", "some", "1; 2", "'some' has no share; write one of all, most"),
    ("quantifier", "most", "1; 0", "is no number that quantifier can use"),
    ("shape", "a bump", "maximum; 2015; 2012-2021", "'a bump' is no shape"),
    ("order", "level", "1; 2", "'level' is no order; write falling or rising"),
    ("years", "then", "2005", "'then' names no year"),
])
def test_a_statement_that_cannot_be_checked_is_named(check, printed, of, words):
    with pytest.raises(ValueError, match=f"^here: .*{re.escape(words)}"):
        audit.table(statement(check, printed, of))


# ---------------------------------------------------------------------- estimates by hand
@pytest.mark.parametrize(("t", "severity"), [("3.00", "sound"), ("3.2", "sound"), ("3.3", "error"), ("2.8", "sound"), ("2.7", "error"), ("-3.00", "error")])
def test_t_by_hand(t, severity):
    # 0.295 / 0.105 = 2.810 to 0.305 / 0.095 = 3.211
    found = only(estimate(t=t), "t")
    assert found["severity"] == severity and found["arithmetic"] == "0.30 / 0.10 = 2.81 to 3.21"


def test_t_of_a_negative_estimate():
    assert only(estimate(estimate="−0.30", t="-2.9"), "t")["severity"] == "sound"
    assert only(estimate(estimate="−0.30", t="2.9"), "t")["severity"] == "error"


@pytest.mark.parametrize(("p", "cells", "severity"), [
    ("0.073", {"z": "1.452"}, "doubt"),  # one-sided 0.0733
    ("0.147", {"z": "1.452"}, "sound"),  # two-sided 0.1465
    ("0.927", {"z": "1.452"}, "doubt"),  # one-sided, in the other direction
    ("0.200", {"z": "1.452"}, "error"),
    ("0.073", {"z": "1.452", "moran": "0.194"}, "sound"),  # where one-sided tests are usual
    ("0.003", {"estimate": "0.300", "std_error": "0.100"}, "sound"),  # 2 (1 - Phi(3)) = 0.0027
    ("0.012", {"estimate": "0.300", "std_error": "0.100"}, "error"),
    ("0.012", {"estimate": "0.300", "std_error": "0.100", "nobs": "11"}, "sound"),  # t with 10: 0.0133; 0.012 is between
    ("0.005", {"estimate": "0.300", "std_error": "0.100", "t": "2.80"}, "sound"),  # 2.80: 0.0051
])
def test_p_by_hand(p, cells, severity):
    row = {"variable": "x", "p": p, **cells}
    assert only(pd.DataFrame([row]), "p")["severity"] == severity


def test_p_of_a_one_sided_table():
    assert only(pd.DataFrame([{"variable": "x", "p": "0.073", "z": "1.452"}]), "p", sides=1)["severity"] == "sound"


@pytest.mark.parametrize(("low", "high", "severity"), [
    ("0.10", "0.50", "sound"),  # 0.30 -+ 1.96 x 0.10 = 0.104 and 0.496
    ("0.14", "0.46", "doubt"),  # 1.645: of 90 per cent
    ("0.04", "0.56", "doubt"),  # 2.576: of 99
    ("0.10", "0.60", "error"),
    ("0.20", "0.40", "error"),
])
def test_intervals_by_hand(low, high, severity):
    exact = {"estimate": "0.300", "std_error": "0.100"}
    assert only(estimate(**exact, low=low, high=high), "interval")["severity"] == severity


def test_an_interval_of_another_confidence():
    assert only(estimate(estimate="0.300", std_error="0.100", low="0.14", high="0.46"), "interval", confidence=0.9)["severity"] == "sound"


@pytest.mark.parametrize(("said", "cells", "severity"), [
    ("positive", {}, "sound"), ("negative", {}, "error"), ("negative", {"estimate": "−0.30"}, "sound"),
    ("positive, significant", {"stars": "**"}, "sound"), ("not significant", {"stars": "**"}, "error"), ("significant", {"stars": ""}, "error"),
    ("significant at 10 percent", {"stars": "*"}, "sound"), ("positive", {"estimate": "0.00"}, "error"),
    ("significant", {}, "sound"),  # a table without stars doesn't say
])
def test_the_text_by_hand(said, cells, severity):
    assert only(estimate(said=said, **cells), "text")["severity"] == severity


def test_the_spatial_parameter_by_hand():
    # (0.40 + 0.40) / (1 - rho) = 1.00 gives 0.2; (0.20 + 0.10) / (1 - rho) = 0.375 gives 0.2 as well, 0.30 gives 0.
    def rows(name, b, lag, total):
        cells = [(name, "regression", b), (f"W*{name}", "regression", lag), (name, "direct", "0.1"), (name, "indirect", "0.1"), (name, "total", total)]
        return pd.DataFrame(cells, columns=["variable", "column", "estimate"])

    one = rows("x", "0.400", "0.400", "1.000")
    found = only(one, "spatial parameter")
    assert found["severity"] == "sound" and found["recomputed"] == "0.199 to 0.201"  # 1 - 0.801 / 0.9995 to 1 - 0.799 / 1.0005
    assert only(pd.concat([one, rows("y", "0.200", "0.100", "0.375")]), "spatial parameter")["severity"] == "sound"
    two = only(pd.concat([one, rows("y", "0.200", "0.100", "0.300")]), "spatial parameter")
    assert two["severity"] == "doubt" and "x: 1 − (0.400 + 0.400) / 1.000 = 0.199 to 0.201; y: " in two["arithmetic"]
    assert "no value between −1 and 1" in only(rows("x", "0.400", "0.400", "0.200"), "spatial parameter")["arithmetic"]  # 1 - 4


def test_whole_numbers_by_hand():
    # Of 7 whole numbers the mean is a seventh: 24 / 7 = 3.43, 25 / 7 = 3.57.
    row = {"variable": "children", "n": "7", "whole": "yes"}
    assert only(pd.DataFrame([{**row, "mean": "3.43"}]))["severity"] == "sound"
    found = only(pd.DataFrame([{**row, "mean": "3.48"}]))
    assert found["severity"] == "error" and found["arithmetic"] == "24 / 7 = 3.4286"
    assert not len(audit.table(pd.DataFrame([{**row, "mean": "3.48", "whole": "no"}])).findings)


def test_moments_by_hand():
    # 0, x, y, 10 with mean 5: the deviation is 4.08 to 5.77.
    row = {"variable": "x", "n": 4, "mean": "5.00", "minimum": "0.00", "maximum": "10.00"}
    found = [only(pd.DataFrame([{**row, "sd": sd}])) for sd in ("4.50", "6.00")]
    assert [one["severity"] for one in found] == ["sound", "error"] and found[1]["recomputed"] == "sd 4.08 to 5.78"
    assert "sd 6.00, where the others allow 4.08 to 5.78" in found[1]["says"]


def test_too_few_stars_name_every_degree_of_freedom():
    # z = 2.5: two-sided p is 0.242, 0.130, 0.088 with 1, 2, 3 degrees of freedom: no star with 1 or 2.
    exact = {"estimate": "2.5000", "std_error": "1.0000"}
    assert only(estimate(**exact, stars=""), "stars")["says"].endswith("only Student’s t with 1 or 2 degrees of freedom would explain it.")
    # 0.054 with 5, 0.047 with 6, and 0.088 with 3: one star with 3 to 5, or where the first star is for 5 per cent.
    assert only(estimate(**exact, stars="*"), "stars")["says"].endswith("only a legend of p < 0.05, 0.01, 0.001 or Student’s t with 3 to 5 degrees of freedom would explain it.")
    # z = 6.5: p is 0.097 with 1 and 0.023 with 2, so that one star takes exactly one degree.
    assert only(estimate(estimate="6.5000", std_error="1.0000", stars="*"), "stars")["says"].endswith("Student’s t with 1 degree of freedom would explain it.")


@settings(max_examples=30)
@given(st.floats(1.7, 30), st.integers(1, 12))
def test_the_degrees_named_are_those_that_explain(z, df):
    text = f"{z:.6f}"
    stars = "*" * sum(2 * distributions.t.sf(float(text), df) < level for level in audit.LEVELS)
    found = audit.stars(text, "1.0000000", stars)
    if found.agrees:
        return  # as many by the normal distribution
    low, high = map(int, re.search(r"with (\d+)(?: (?:or|to) (\d+))? degree", found.explanation).groups(default=0))
    high = high or low
    p = 2 * distributions.t.sf(float(text), np.arange(1, 1000))
    fits = 1 + np.flatnonzero((p[:, None] < audit.LEVELS).sum(axis=1) == len(stars))
    assert (low, high) == (fits[0], fits[-1])


# ---------------------------------------------------------------------- whatever is true is sound
decimals = st.integers(0, 4)
amounts = st.floats(0.5, 5000)


@settings(max_examples=30)
@given(st.lists(amounts, min_size=2, max_size=6), decimals)
def test_a_true_sum_is_sound_and_one_beyond_rounding_is_not(parts, places):
    texts = [f"{part:.{places}f}" for part in parts]
    assert only(statement("sum", f"{sum(parts):.{places}f}", "; ".join(texts)))["severity"] == "sound"
    off = (len(parts) + 2) * 10.0**-places
    assert only(statement("sum", f"{sum(parts) + off:.{places}f}", "; ".join(texts)))["severity"] == "error"


@settings(max_examples=30)
@given(st.integers(0, 400), st.integers(1, 400), decimals)
def test_a_true_share_of_counts_is_sound_and_one_of_another_count_is_not(part, more, places):
    whole = part + more
    assert only(statement("share of counts", f"{100 * part / whole:.{places}f}", f"{part}; {whole}", "percent"))["severity"] == "sound"
    if 100 / whole > 2.1 * 10.0**-places:
        assert only(statement("share of counts", f"{100 * (part + 1) / whole:.{places}f}", f"{part}; {whole}", "percent"))["severity"] == "error"


@settings(max_examples=30)
@given(amounts, amounts, st.integers(1, 20), decimals)
def test_a_true_growth_is_sound(start, end, span, places):
    rate = 100 * ((end / start) ** (1 / span) - 1)
    of = f"{start:.{places + 1}f}; {end:.{places + 1}f}; 2000-{2000 + span}"
    assert only(statement("growth", f"{rate:.{places}f}", of, "percent"))["severity"] == "sound"
    low, high = (100 * ((b / a) ** (1 / span) - 1) for a, b in product([start], [end * 0.8, end * 1.2]))
    if min(rate - low, high - rate) > 2 * 10.0**-places + 100 * 10.0 ** -(places + 1) / start:
        assert only(statement("growth", f"{high + 10.0**-places:.{places}f}", of, "percent"))["severity"] == "error"


@settings(max_examples=30)
@given(st.floats(-50, 50), st.floats(0.01, 5), st.sampled_from([-1, 1]), st.integers(2, 5))
def test_a_true_turning_point_is_sound(linear, square, sign, places):
    square *= sign
    of = f"{linear:.{places}f}; {square:.{places}f}"
    assert only(statement("turning point", f"{-linear / (2 * square):.{places}f}", of))["severity"] == "sound"


@settings(max_examples=30)
@given(st.floats(-9, 9), st.floats(0.05, 9), st.integers(1, 4))
def test_true_tests_and_intervals_are_sound(value, error, places):
    cut = distributions.norm.isf(0.025)
    texts = {name: f"{number:.{places}f}" for name, number in {
        "estimate": value, "std_error": error, "t": value / error, "p": 2 * distributions.norm.sf(abs(value / error)),
        "low": value - cut * error, "high": value + cut * error}.items()}
    found = audit.table(estimate(**texts)).findings.set_index("check")["severity"]
    assert set(found.index) == {"t", "p", "interval"} and (found == "sound").all(), (texts, found)
    beyond = (texts["estimate"], texts["std_error"], f"{value / error + 2 * 10.0**-places + 2:.{places}f}")
    room = max(np.abs(audit.interval(beyond[0]))) / max(audit.interval(beyond[1])[0], 1e-9) - min(np.abs(audit.interval(beyond[0]))) / audit.interval(beyond[1])[1]
    if room < 1:
        assert only(estimate(estimate=beyond[0], std_error=beyond[1], t=beyond[2]), "t")["severity"] == "error"


@settings(max_examples=30)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=40), st.integers(1, 4))
def test_whole_numbers_and_their_moments_are_sound(values, places):
    row = {"variable": "x", "n": str(len(values)), "whole": "yes", "mean": f"{np.mean(values):.{places}f}", "sd": f"{np.std(values, ddof=1):.{places}f}",
           "minimum": str(min(values)), "maximum": str(max(values))}
    assert (audit.table(pd.DataFrame([row])).findings["severity"] == "sound").all()


@settings(max_examples=30)
@given(st.integers(2, 9), st.integers(0, 300))
def test_a_mean_between_two_sums_is_found(n, total):
    row = {"variable": "x", "n": str(n), "whole": "yes", "mean": f"{(total + 0.5) / n:.3f}"}
    assert only(pd.DataFrame([row]))["severity"] == "error"


# ---------------------------------------------------------------------- tables as people write them
@pytest.mark.parametrize("heads", [["variable", "estimate", "std_error"], ["Variable", "Coef", "SE"], [" variable ", "Coefficient", "Std. error"]])
def test_stars_brackets_and_minus_signs(heads):
    rows = [["a", "0.30**", "(0.14)"], ["b", "−0.10 ∗∗", "（0.20）"], ["c", "–0.25***", "[0.02]"]]
    found = audit.table(pd.DataFrame(rows, columns=heads)).findings.set_index("where")
    assert found["severity"].to_dict() == {"a, regression": "sound", "b, regression": "error", "c, regression": "sound"}
    assert found.loc["b, regression", "printed"] == "−0.10** (0.20)"


def test_a_table_without_stars_is_not_asked_for_them():
    assert audit.table(estimate()).findings.empty
    assert only(estimate(stars=""))["severity"] == "doubt"  # a column of stars, and none where z is 3


def test_every_bad_cell_is_named_at_once():
    rows = pd.DataFrame([["a", "0.30**x", "0.14", "1.5", ""], ["b", "1,234", "(0.2", "", "+"], ["c", "(0.1)", "-0.3", "3", ""], ["d", "0.1**", "0.3", "", "*"]],
                        columns=["variable", "estimate", "std_error", "n", "stars"])
    with pytest.raises(audit.TableError) as stop:
        audit.table(rows)
    told = str(stop.value).split("\n")
    assert sorted(line.split(": ")[0] for line in told) == sorted([
        "a, regression, column estimate", "b, regression, column estimate", "b, regression, column std_error", "b, regression, column stars",
        "c, regression, column estimate", "c, regression, column std_error", "a, regression, column n", "d, regression, column estimate"])
    for words in ("'0.30**x' carries stars; put them behind the estimate", "'1,234' is written with a separator of thousands; write 1234",
                  "'(0.1)' is written in brackets; put a standard error into the column std_error", "'-0.3' can't be negative",
                  "'1.5' is no whole number above zero", "'0.1**' has other stars than the column of stars, *; keep one", "'+' is no row of stars"):
        assert words in str(stop.value)


@pytest.mark.parametrize(("table", "words"), [
    (pd.DataFrame({"a": ["1"]}), "no column that a check reads; it needs some of table, variable"),
    (pd.DataFrame({"estimate": [0.3, 0.4], "std_error": ["0.1", "0.1"]}), "column estimate: 0.3 is not text, nor 1 cell more: last zeros are lost; read the file with audit.read"),
    (pd.DataFrame({"variable": ["a", "a"], "estimate": ["1", "2"]}), "a, regression occurs twice; keep one row per cell"),
    (pd.DataFrame([["1", "2"]], columns=["se", "std_error"]), "se and std_error both stand for std_error; leave out one"),
    (statement("total", "1", "1"), "here, column check: 'total' is no check; write one of sum, count"),
    (statement("sum", "", "1"), "here, column printed: an empty cell says nothing to check"),
    (statement("sum", "1", "1", severity="bad"), "here, column severity: 'bad' is no severity; write error, doubt or slip"),
])
def test_unusable_tables_are_refused(table, words):
    with pytest.raises(audit.TableError, match=re.escape(words)):
        audit.table(table)


def test_unknown_checks_and_unused_columns_are_told():
    with pytest.raises(ValueError, match="check.*stars, variance"):
        audit.table(estimate(), checks=["luck"])
    assert "Not read: colour." in str(audit.table(estimate(t="3", colour="red")))
    assert str(audit.table(estimate())) == "No check could be made: no row fills all the cells that one reads."


def test_chosen_checks_alone_are_made():
    table = estimate(stars="*", t="9")
    assert set(audit.table(table).findings["check"]) == {"stars", "t"} and set(audit.table(table, checks=["t"]).findings["check"]) == {"t"}


def test_an_audit_shows_what_fails_the_worst_first():
    table = pd.concat([statement("years", "2004", "2005-2016"), statement("sum", "5", "2; 3"), statement("count", "3", "a; b")], ignore_index=True).assign(id=["one", "two", "three"])
    found = audit.table(table)
    assert found.findings["severity"].tolist() == ["error", "slip", "sound"] and found.findings["id"].tolist() == ["three", "one", "two"]
    assert found.wrong["check"].tolist() == ["count", "years"]
    assert found.counts.loc["sum"].to_dict() == {"error": 0, "doubt": 0, "slip": 0, "sound": 1}
    assert str(found).split("\n")[-1] == "3 checks: 1 error, 0 doubts, 1 slip, 1 sound." == re.sub(".*<p>|</p>", "", found._repr_html_(), flags=re.S)
    assert "<td>2004</td>" in found._repr_html_() and "<td>5</td>" not in found._repr_html_()


def test_every_check_has_its_question():
    asked = audit.questions()
    assert list(asked.index) == list(audit.CHECKS) and asked.str.endswith("?").all() and asked.is_unique


# ---------------------------------------------------------------------- files
TABLE = "variable,estimate,std_error\n北京,0.30**,(0.14)\nb,0.10**,0.20\n"


@pytest.mark.parametrize(("text", "encoding"), [
    (TABLE, "utf-8"), (TABLE, "utf-8-sig"), (TABLE, "gb18030"), (TABLE.replace(",", ";"), "utf-8"), (TABLE.replace(",", "\t"), "utf-16"), (TABLE.replace("\n", "\r\n\r\n"), "utf-8"),
])
def test_files_are_read_however_saved(tmp_path, text, encoding):
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    found = audit.table(audit.read(tmp_path / "t.csv")).findings
    assert found[["where", "severity"]].to_numpy().tolist() == [["b, regression", "error"], ["北京, regression", "sound"]]


def test_a_workbook_is_read(tmp_path):
    book = openpyxl.Workbook()
    for line in TABLE.strip().split("\n"):
        book.active.append(line.split(","))
    book.save(tmp_path / "t.xlsx")
    assert audit.read(tmp_path / "t.xlsx").loc[2, "estimate"] == "0.30**"


def findings_of(tmp_path, text, name="t.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return audit.table(audit.read(tmp_path / name))


@pytest.mark.parametrize(("comma", "point"), [
    ("variable;estimate;std_error\na;0,30**;(0,14)\nb;−0,10**;0,20\nc;1,234;,5\n", "variable;estimate;std_error\na;0.30**;(0.14)\nb;−0.10**;0.20\nc;1.234;.5\n"),
    ("check;where;printed;of;unit\nsum;a;5,02;\"2,55; 2,45\";\nshare;North, 2 towns;51,0;\"2,55; 5,00\";percent\ncount;b;2;\"North, 1; South, 2\";\n",
     "check;where;printed;of;unit\nsum;a;5.02;\"2.55; 2.45\";\nshare;North, 2 towns;51.0;\"2.55; 5.00\";percent\ncount;b;2;\"North, 1; South, 2\";\n"),
    ("variable;n;mean;sd;minimum;maximum\na;1204;0,87;0,5;0;2,1e1\n", "variable;n;mean;sd;minimum;maximum\na;1204;0.87;0.5;0;2.1e1\n"),
])
def test_decimal_commas_between_semicolons_are_points(tmp_path, comma, point):
    one, other = findings_of(tmp_path, comma), findings_of(tmp_path, point)
    assert len(one.findings) and one.findings.equals(other.findings)


@pytest.mark.parametrize(("text", "words"), [
    ("variable;estimate;std_error\na;1,234;0.5\nb;0,87;0.5\n", "'1,234' is written with a separator of thousands; write 1234"),  # points and commas
    ("variable;estimate;std_error\na;1,234;5\n", "'1,234' is written with a separator of thousands; write 1234"),                # it may be either
    ('variable,estimate,std_error\na,"0,87",0.5\n', "'0,87' is written with a decimal comma; write 0.87"),
    ('variable\testimate\tstd_error\na\t0,87\t0,5\n', "'0,87' is written with a decimal comma; write 0.87"),
    ("variable;estimate;std_error\na;1.234,5;0,5\n", "'1.234,5' is written with a decimal comma; write 1234.5"),
    ("variable;estimate;std_error;nobs\na;0,87;0,5;1,204\n", "'1,204' is no whole number above zero"),
])
def test_a_comma_that_may_mean_anything_else_is_refused(tmp_path, text, words):
    with pytest.raises(audit.TableError, match=re.escape(words)):
        findings_of(tmp_path, text)


@pytest.mark.parametrize(("chinese", "english"), [
    ("变量,系数,标准误,t值,P值,样本量,R²", "variable,estimate,std_error,t,p,nobs,R²"),
    ("解释变量,回归系数,稳健标准误（聚类）,t 统计量,p值,观测值,R2", "variable,estimate,std_error,t,p,nobs,R2"),
])
def test_chinese_heads_of_a_regression_are_read(tmp_path, chinese, english):
    lines = "\n收入,0.30**,(0.14),2.14,0.033,100,0.51\n人口,0.10**,0.20,0.50,0.618,100,0.51\n"
    one, other = findings_of(tmp_path, chinese + lines), findings_of(tmp_path, english + lines)
    assert one.findings.equals(other.findings) and set(one.findings["check"]) >= {"stars", "t", "p"} and (one.findings["severity"] == "error").any()
    assert len(one.unused) == 1 and one.unused[0] in ("R²", "R2")  # by which no cell can be checked


def test_chinese_heads_of_a_description_are_read(tmp_path):
    lines = "\n收入,10,5,9,0,10\n"  # ten values between 0 and 10 with mean 5 deviate by 5.27 at most
    one = findings_of(tmp_path, "变量名,观测值,均值,标准差,最小值,最大值" + lines)
    assert one.findings.equals(findings_of(tmp_path, "variable,n,mean,sd,minimum,maximum" + lines).findings)
    assert one.findings["severity"].tolist() == ["error"] and not one.unused


def test_chinese_effects_are_read(tmp_path):
    lines = [("收入", "直接效应", "0.10"), ("收入", "间接效应", "0.20"), ("收入", "总效应", "0.40")]
    found = findings_of(tmp_path, "\n".join(map(",".join, [("变量", "效应", "系数"), *lines])))
    assert found.findings[["check", "severity"]].to_numpy().tolist() == [["effects", "error"]]


def test_chinese_heads_that_mean_one_column_are_told(tmp_path):
    with pytest.raises(audit.TableError, match="系数 and 估计值 both stand for estimate; leave out one"):
        findings_of(tmp_path, "变量,系数,估计值\na,1,2\n")


@pytest.mark.parametrize(("text", "words"), [
    (None, "doesn't exist; correct the path"), ("", "no line stands in it"), ("variable,estimate\n", "heads, and no line below them"),
    ("a,a\n1,2\n", "the head 'a' stands twice; rename one"), ("a,b\n1,2,3\n", "t.csv, line 2: 3 cells under 2 heads"), ('a,b\n"1,2\n', "look for a quotation mark without its pair"),
])
def test_files_that_are_no_table_are_refused(tmp_path, text, words):
    if text is not None:
        (tmp_path / "t.csv").write_text(text)
    with pytest.raises(audit.TableError, match=re.escape(words)):
        audit.read(tmp_path / "t.csv")


def invoke(*words):
    return CliRunner().invoke(cli.app, ["audit", *map(str, words)])


def test_the_program_names_lines_and_ends_with_its_codes(tmp_path):
    good, bad, wrong, mute = (tmp_path / f"{name}.csv" for name in ("good", "bad", "wrong", "mute"))
    good.write_text("check,where,printed,of\nsum,capital,5,2.55; 2.45\nyears,title,2004,2005-2016\n")
    wrong.write_text(TABLE)
    bad.write_text("variable;estimate;std_error\n\na;0.30x;(0.1)\nb;0.1;-2\n")
    mute.write_text("variable,estimate\na,0.3\n")
    shown = {path: invoke(path) for path in (good, wrong, bad, mute, tmp_path / "nowhere.csv", tmp_path)}
    assert [one.exit_code for one in shown.values()] == [0, 1, 2, 2, 2, 2]
    assert "slip, years, title: printed 2004. 2004 not within 2005-2016." in shown[good].output
    assert "error, stars, b, regression: printed 0.10** (0.20)." in shown[wrong].output and "2 checks: 1 error, 0 doubts, 0 slips, 1 sound." in shown[wrong].output
    assert "line 3: a, regression, column estimate: '0.30x'" in shown[bad].output and "line 4: b, regression, column std_error: '-2' can't be negative" in shown[bad].output
    assert "No check could be made" in shown[mute].output
    assert not any(word in one.output for one in shown.values() for word in ("Errno", "Traceback", "pandas", "None"))


def test_the_program_writes_all_findings_and_replaces_nothing(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    assert invoke(tmp_path / "t.csv", "--out", tmp_path / "o.csv").exit_code == 1
    assert pd.read_csv(tmp_path / "o.csv")["severity"].tolist() == ["error", "sound"]
    assert "exists; name another file" in invoke(tmp_path / "t.csv", "--out", tmp_path / "o.csv").output
    lost = invoke(tmp_path / "t.csv", "--out", tmp_path / "no/o.csv")
    assert lost.exit_code == 2 and "can't be written" in lost.output and isinstance(lost.exception, SystemExit)


def test_the_help_says_columns_checks_and_codes():
    shown = re.sub(r"\s+", " ", CliRunner(env={"COLUMNS": "200"}).invoke(cli.app, ["audit", "--help"]).output)
    assert "Exit code" in shown and "one if something is" in shown
    assert all(name in shown for name in [*audit.COLUMNS, *audit.STATEMENTS])


# ---------------------------------------------------------------------- the five documents
LISTED = data.load("published", "audit").fillna("").reset_index()
PUBLISHED = {name: data.load("published", name) for name in data.tables("published")["table"] if name != "audit"}
STATEMENTS = audit.filled(LISTED[LISTED["check"] != "none"], PUBLISHED, data.claims()["value"])


def published(name, **more):
    frame = PUBLISHED[name].reset_index()
    return frame.astype({column: str for column in frame if column in ("table", "nobs", "n_regions", "n")}).assign(**more)


def test_the_statements_name_claims_and_documents_that_exist():
    known = set(data.claims().index)
    assert all(one in known for row in LISTED["claim"] for one in row.split(";"))
    prefixes = data.documents()["prefix"]
    assert all(one.startswith(prefixes[row.document]) for row in LISTED.itertuples() for one in row.claim.split(";"))
    assert set(LISTED["document"]) == set(prefixes.index) and LISTED.loc[LISTED["check"] == "none", "note"].ne("").all()


def test_each_reference_was_replaced_by_what_is_printed():
    assert not STATEMENTS[["printed", "of"]].map(lambda cell: bool(re.search(r"\w\.\w+\[|\b(yrd|coord|sz|bth|deind)-\d", cell))).any(axis=None)
    row = STATEMENTS.set_index("where").loc["share of cities that did not catch up"]
    assert (row["printed"], row["of"]) == ("65.21", "15; 23")
    assert STATEMENTS.set_index("where").loc["social share of the first project", "of"] == "2.55; 5"


def test_a_reference_to_nothing_is_refused():
    with pytest.raises(ValueError, match="stands for nothing; correct the reference"):
        audit.filled(statement("sum", "1", "sz_ppp.value[item == 'gold']"), PUBLISHED)
    assert audit.filled(statement("count", "0", "#sz_ppp.value[item == 'gold']"), PUBLISHED)["of"][0] == "0"


def test_every_contradiction_that_the_chapters_found_is_found_again():
    failing = set()
    for _, part in STATEMENTS.groupby("document"):
        failing |= {one for ids in audit.table(part.assign(id=part["claim"]).drop(columns="document")).wrong["id"] for one in ids.split(";")}
    ledger = claims.ledger().set_index("claim_id")
    inconsistent = set(ledger.index[ledger["verdict"] == "inconsistent"])
    of_cells = {"bth-215", "bth-222", "bth-223", "bth-225", "bth-233", "bth-237"}  # stars, and the text about cells: see the next test
    assert inconsistent - of_cells <= failing
    reproduced = set(ledger.index[(ledger["verdict"] == "reproduced") & (ledger["kind"] == "internal")])
    assert not reproduced & failing


def test_the_tables_of_estimates_hold_the_faults_that_an_independent_audit_found():
    said = PUBLISHED["bth_text_signs"].fillna("").agg(lambda row: ", ".join(filter(None, row)), axis=1).rename("said")
    table = published("bth_regressions").assign(said=PUBLISHED["bth_regressions"].join(said)["said"].to_numpy())
    found = audit.table(table)
    assert found.counts.loc["stars"].to_dict() == {"error": 7, "doubt": 1, "slip": 0, "sound": 74}  # 82 pairs, 8 wrong
    assert found.counts.loc[["effects", "standard errors"], "error"].tolist() == [1, 1] and found.counts.loc[["effects", "standard errors"], "sound"].tolist() == [17, 17]
    text = found.wrong[found.wrong["check"] == "text"]
    assert set(text["where"]) == {"table 5, lnei, total", "table 5, lnopen, direct", "table 5, lntech, direct", "table 7, lnopen, indirect"}
    moran = audit.table(published("bth_moran").rename(columns={"year": "variable"}))
    assert moran.counts.loc["p"].to_dict() == {"error": 0, "doubt": 0, "slip": 0, "sound": 14}


@pytest.mark.parametrize(("name", "row", "column", "change", "check"), [
    ("bth_regressions", {"table": "6", "variable": "lnopen", "column": "total"}, "estimate", "-0.00550", "effects"),
    ("bth_regressions", {"table": "5", "variable": "lnei", "column": "total"}, "std_error", "0.0575", "standard errors"),
    ("bth_regressions", {"table": "7", "variable": "lngdp", "column": "regression"}, "stars", "*", "stars"),
    ("bth_regressions", {"table": "5", "variable": "sigma2_e", "column": "regression"}, "std_error", "0.000296", "variance"),
    ("bth_descriptives", {"variable": "lnisu"}, "sd", "0.910", "moments"),
    ("bth_descriptives", {"variable": "lnei"}, "mean", "2.626", "moments"),
    ("bth_moran", {"variable": 2013}, "p", "0.052", "p"),
])
def test_a_planted_cell_is_found(name, row, column, change, check):
    table = published(name).rename(columns={"year": "variable"})
    at = np.logical_and.reduce([table[key] == value for key, value in row.items()])
    assert at.sum() == 1
    before, table = audit.table(table).wrong, table.copy()
    table.loc[at, column] = change
    after = audit.table(table).wrong
    where = ", ".join(str(value) if key != "table" else f"table {value}" for key, value in row.items())
    assert not ((before["check"] == check) & (before["where"] == where)).any()
    assert ((after["check"] == check) & (after["where"] == where)).any()


NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")


def test_a_planted_number_is_found_in_every_statement_of_numbers():
    plain = STATEMENTS.drop(columns=["document", "claim", "note"])
    sound, tried = audit.table(plain).findings.query("severity == 'sound'")[["check", "where"]].itertuples(index=False), {}
    for row in plain.set_index(["check", "where"], drop=False).loc[list(sound)].to_dict("records"):
        if row["check"] not in ("sum", "count", "share", "share of counts", "observations", "same", "at most") or not NUMBER.fullmatch(row["printed"]):
            continue
        times = 20 if row["check"] == "share" else 2  # a whole printed without decimals may be rounded itself
        last = row["printed"].replace("-", "")
        changed = f"{float(row['printed']) + times * 10.0 ** -len(last.partition('.')[2]):.{len(last.partition('.')[2])}f}" if row["check"] != "at most" else "4.9"
        tried.setdefault(row["check"], []).append(only(pd.DataFrame([row | {"printed": changed}]))["severity"])
    assert {"sum", "count", "share", "observations", "same", "at most"} <= set(tried)
    assert {severity for found in tried.values() for severity in found} <= {"error", "doubt", "slip"}, tried


def test_a_planted_order_is_found():
    rows = [row for row in STATEMENTS.drop(columns=["document", "claim", "note"]).to_dict("records") if row["check"] == "order"]
    for row in rows:
        turned = "; ".join(row["of"].split("; ")[::-1])
        assert only(pd.DataFrame([row]))["severity"] == "sound" and only(pd.DataFrame([row | {"of": turned}]))["severity"] == "error"
    assert len(rows) >= 9


# ---------------------------------------------------------------------- the picture
def test_the_picture_counts_what_fails_and_shows_the_gravest(axes):
    found = pd.DataFrame([("sum", "b", "sound"), ("sum", "b", "slip"), ("sum", "b", "doubt"), ("count", "a", "sound"), ("count", "b", "error")],
                         columns=["check", "document", "severity"])
    drawn = figures.checked(found, {"a": "A", "b": "B"}, name="fig-x", caption="c", alt="alt")
    ax, = axes()
    placed = {(round(text.get_position()[0]), round(text.get_position()[1])): text.get_text() for text in ax.texts}
    assert placed == {(1, 0): "2 of 3 ?", (0, 1): "0 of 1", (1, 1): "1 of 1 ✗"}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["A", "B"] and [label.get_text() for label in ax.get_yticklabels()] == ["sum", "count"]
    assert tuple(figures.SEVERITY_STYLE) == tuple(audit.SEVERITIES) and drawn.alt == "alt"
