"""Audit of printed tables: identities by hand, an independent audit as reference, and tables made from true numbers."""

import json
from decimal import Decimal
from itertools import permutations
from math import log, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from esda.moran import Moran as EsdaMoran
from hypothesis import assume, given
from hypothesis import strategies as st
from libpysal.weights import W
from scipy import stats as distributions

from casebook import audit
from casebook.audit import EFFECTS, Repair

REFERENCES = Path(__file__).parent / "references"
PRINTED = json.loads((REFERENCES / "printed_tables.json").read_text())
RHO = json.loads((REFERENCES / "implied_rho.json").read_text())

NEIGHBOURS = """
Beijing: Tianjin Baoding Zhangjiakou Chengde Langfang
Tianjin: Tangshan Chengde Cangzhou Langfang
Shijiazhuang: Xingtai Baoding Hengshui
Tangshan: Qinhuangdao Chengde
Qinhuangdao: Chengde
Handan: Xingtai
Xingtai: Hengshui
Baoding: Zhangjiakou Cangzhou Langfang Hengshui
Zhangjiakou: Chengde
Cangzhou: Langfang Hengshui
"""
PAIRS = [(a, b) for a, _, others in (s.partition(":") for s in NEIGHBOURS.split("\n")) for b in others.split()]
CITIES = sorted({city for pair in PAIRS for city in pair})
RESOURCE = ["Zhangjiakou", "Chengde", "Tangshan", "Xingtai", "Handan"]
MEMBERS = {"5": CITIES, "6": RESOURCE, "7": [c for c in CITIES if c not in RESOURCE]}


def contiguity(cities, standardised=True):
    links = np.array([[(a, b) in PAIRS or (b, a) in PAIRS for b in cities] for a in cities], dtype=float)
    return links / np.maximum(links.sum(axis=1, keepdims=True), 1) if standardised else links


def network(number):
    """The matrix of a table."""
    return contiguity(MEMBERS[number])


def printed_tables():
    table = pd.DataFrame(PRINTED["cells"], columns=PRINTED["cells_are"])
    sizes = pd.DataFrame(PRINTED["samples"], index=["n_regions", "nobs"]).T
    return table.join(sizes, on="table")


TABLES = printed_tables()
CELL = TABLES.set_index(["table", "variable", "column"]).sort_index()
PAIRED = TABLES[TABLES["std_error"] != ""]


def row(number, variable):
    """Coefficient, lag and effects of a variable as printed."""
    get = CELL["estimate"][number]
    return [get[variable, "regression"], get[f"W*{variable}", "regression"], *(get[variable, e] for e in EFFECTS)]


def make(rows, **more):
    columns = ["variable", "column", "estimate", "stars", "std_error"]
    return pd.DataFrame(rows, columns=columns).assign(**more)


def digits(number, significant=3):
    """A number rounded to significant digits, or to a whole number if that is finer; trailing zeros kept."""
    rounded = Decimal(f"{number:.{significant - 1}e}")
    return f"{number:.0f}" if rounded.as_tuple().exponent > 0 else f"{rounded:f}"


def earn(z, p_of=distributions.norm.sf):
    return "*" * sum(2 * p_of(abs(z)) < level for level in audit.LEVELS)


# ---------------------------------------------------------------------- printed numbers
@pytest.mark.parametrize(
    ("printed", "low", "high"),
    [
        ("0.190", 0.1895, 0.1905),
        ("0.19", 0.185, 0.195),
        ("−0.0186", -0.01865, -0.01855),  # a real minus
        ("–2", -2.5, -1.5),  # a dash
        ("182", 181.5, 182.5),
        ("+.5", 0.45, 0.55),
        (" 1.20e-3 ", 0.001195, 0.001205),
        ("90.3%", 0.9025, 0.9035),
        ("0.00", -0.005, 0.005),
    ],
)
def test_half_the_last_digit_on_either_side(printed, low, high):
    assert audit.interval(printed) == (low, high)


@pytest.mark.parametrize("printed", ["", "n.a.", "1,234", "0.1.2", "--1", "nan", "inf", "1e", "(0.1)", "0.3*"])
def test_what_is_no_number_is_refused(printed):
    with pytest.raises(ValueError, match="is not a printed number"):
        audit.interval(printed)


@pytest.mark.parametrize("printed", [0.19, None, float("nan")])
def test_numbers_must_be_text(printed):
    with pytest.raises(ValueError, match="keep printed numbers as strings"):
        audit.interval(printed)


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_the_interval_holds_what_was_rounded(number, places):
    low, high = audit.interval(f"{number:.{places}f}")
    assert low - 1e-9 <= number <= high + 1e-9 and high - low == pytest.approx(10.0**-places, abs=1e-9)


# ---------------------------------------------------------------------- stars
def test_stars_by_hand():
    # 1.0 / 0.5: from 0.95 / 0.55 = 1.727 (p 0.084) to 1.05 / 0.45 = 2.333 (p 0.0196): one star or two.
    found = audit.stars("1.0", "0.5", "**")
    assert found.z == pytest.approx((0.95 / 0.55, 1.05 / 0.45))
    assert found.p == pytest.approx((2 * distributions.norm.sf(1.05 / 0.45), 2 * distributions.norm.sf(0.95 / 0.55)))
    assert found.earned == (1, 2) and found.agrees and not found.decision and found.verdict == "sound"
    assert [audit.stars("1.0", "0.5", "*" * k).agrees for k in range(4)] == [False, True, True, False]


def test_the_standard_error_that_the_stars_need():
    # Two stars: p from 0.05 (z 1.960) down to 0.01 (z 2.576).
    assert audit.stars("0.351", "0.299", "**").needed == pytest.approx((0.3505 / 2.5758, 0.3515 / 1.95996), rel=1e-4)
    assert audit.stars("1.00", "0.20", "").needed == pytest.approx((0.995 / 1.64485, np.inf), rel=1e-4)
    assert audit.stars("1.00", "0.90", "***").needed == pytest.approx((0, 1.005 / 2.5758), rel=1e-4)


@pytest.mark.parametrize(
    ("estimate", "std_error", "given", "sides", "words"),
    [
        ("1.500", "1.000", "*", 2, "a one-sided test"),  # p 0.134, one-sided 0.067
        ("1.500", "1.000", "", 1, "a two-sided test or a legend of p < 0.05, 0.01, 0.001"),
        ("2.100", "1.000", "*", 2, "a legend of p < 0.05, 0.01, 0.001"),  # p 0.036
        ("1.300", "1.000", "*", 2, ""),  # p 0.194, one-sided 0.097: see below
        ("1.200", "1.000", "*", 2, ""),  # one-sided 0.115
        ("-0.500", "1.000", "***", 2, ""),
    ],
)
def test_conventions_that_explain_stars(estimate, std_error, given, sides, words):
    found = audit.stars(estimate, std_error, given, sides=sides, fewest=100)
    words = words or ("a one-sided test" if estimate == "1.300" else "")  # 1.2825 / 1.0005 > 1.2816
    assert not found.agrees and found.explanation == words
    assert found.verdict == ("suspicious" if words else "impossible")


def test_few_degrees_of_freedom_explain_missing_stars_alone():
    # z = 2.5: p 0.012 by the normal, 0.067 by t with 4 degrees of freedom: one star instead of two.
    assert audit.stars("2.500", "1.000", "**").agrees
    # t: p 0.054 with 5 degrees of freedom, 0.047 with 6; the legend: p 0.012 is below 0.05 alone.
    found = audit.stars("2.500", "1.000", "*", levels=(0.1, 0.05), fewest=4)
    assert found.explanation == "a legend of p < 0.05, 0.01, 0.001 or Student’s t with 4 or 5 degrees of freedom"
    assert audit.stars("2.500", "1.000", "*", df=4).agrees and audit.stars("2.500", "1.000", "**", df=4).agrees
    assert audit.stars("2.500", "1.000", "", fewest=4).verdict == "impossible"  # t(4) still gives p < 0.10
    assert audit.stars("2.500", "1.000", "***", fewest=1).verdict == "suspicious"  # one-sided 0.006


def test_an_error_that_decides():
    assert audit.stars("0.100", "1.000", "**").decision  # stars on nothing
    assert audit.stars("3.000", "1.000", "").decision  # none on what is significant
    assert not audit.stars("2.100", "1.000", "***").decision and not audit.stars("3.000", "1.000", "***").decision


def test_a_standard_error_that_rounds_to_zero_earns_any_stars():
    found = audit.stars("0.01", "0.00", "***")  # 0.005 / 0.005 = 1 at least
    assert found.z == pytest.approx((1, np.inf)) and found.earned == (0, 3) and found.agrees


def test_an_estimate_that_rounds_to_zero_may_be_zero():
    assert audit.stars("0.00", "0.10", "").z == pytest.approx((0, 0.005 / 0.095))


def test_a_legend_may_be_given_in_any_order():
    assert audit.stars("0.351", "0.299", "**", (0.01, 0.1, 0.05)) == audit.stars("0.351", "0.299", "**")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("1.0", "-0.5", ""), "-0.5 can't be negative"),
        (("1.0", "0.5", "**a"), "must be no more than 3 asterisks"),
        (("1.0", "0.5", "****"), "must be no more than 3 asterisks"),
        (("1.0", "0.5", "", (5, 1)), "levels must lie between 0 and 1"),
        (("1.0", "0.5", "", audit.LEVELS, 3), "sides must be 1 or 2"),
    ],
)
def test_unusable_stars_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        audit.stars(*arguments)


def test_all_stars_of_the_printed_tables():
    assert len(PAIRED) == 82
    for cell in PAIRED.itertuples():
        found = audit.stars(cell.estimate, cell.std_error, cell.stars)
        assert found.agrees == cell.stars_agree, cell
        assert found.z[0] - 1e-4 <= cell.z <= found.z[1] + 1e-4
    assert (~PAIRED["stars_agree"].astype(bool)).sum() == 8


# ---------------------------------------------------------------------- sums
def test_a_sum_by_hand_and_what_would_repair_it():
    found = audit.sums("0.0342", "-0.0914", "-0.0372", {"direct": ("0.0312", "*"), "total": ("0.0831", "")})
    assert not found.holds and found.allowed == pytest.approx((-0.0573, -0.0571))
    # 0.0542 / 0.0312 = 1.74 earns the star that 0.0342 / 0.0312 = 1.10 doesn't.
    assert found.repairs == (
        Repair("direct", "0.0542", "mended"),
        Repair("indirect", "-0.0714"),
        Repair("total", "-0.0572", "kept"),
    )


def test_what_a_repair_does_to_stars():
    # 0.2 + 0.1 = 0.3, not 0.9: 0.8 breaks two stars of 0.2 / 0.1, and 0.3 mends the one of 0.9 / 0.18.
    marks = {"direct": ("0.10", "**"), "indirect": ("0.50", "**"), "total": ("0.18", "*")}
    found = {(r.cell, r.printed): r.stars for r in audit.sums("0.20", "0.10", "0.90", marks).repairs}
    assert found == {("direct", "0.80"): "broken", ("indirect", "0.70"): "wrong", ("total", "0.30"): "mended"}


def test_a_lost_minus_is_found():
    assert Repair("indirect", "-0.30") in audit.sums("0.50", "0.30", "0.20").repairs
    assert Repair("total", "0.80") in audit.sums("0.50", "0.30", "−0.80").repairs


def test_rounding_of_all_three_is_allowed_and_no_more():
    # 0.115 to 0.125 twice make 0.23 to 0.25, and a total printed as 0.25 is 0.245 or more.
    holds = {total: audit.sums("0.12", "0.12", total).holds for total in ("0.22", "0.23", "0.25", "0.26", "0.250", "0.251")}
    assert holds == {"0.22": False, "0.23": True, "0.25": True, "0.26": False, "0.250": True, "0.251": False}
    assert audit.sums("0.12", "0.12", "0.3").holds  # 0.25 rounds to 0.3 in one of the two ways


def test_all_sums_and_triangles_of_the_printed_tables():
    for number, variable, sum_holds, correlation, triangle_holds in PRINTED["effects"]:
        get = CELL.loc[(number, variable)]
        assert audit.sums(*get["estimate"][list(EFFECTS)]).holds == sum_holds
        found = audit.triangle(*get["std_error"][list(EFFECTS)])
        assert found.holds == triangle_holds
        assert found.implied[0] - 5e-4 <= correlation <= found.implied[1] + 5e-4
    assert [sum(e[k] for e in PRINTED["effects"]) for k in (2, 4)] == [17, 17]


# ---------------------------------------------------------------------- standard errors of a sum
def test_a_triangle_by_hand():
    found = audit.triangle("3.0", "4.0", "5.0")  # r = (25 - 9 - 16) / 24 = 0 at the printed numbers
    assert found.allowed == pytest.approx((0.9, 7.1)) and found.holds
    # smallest with 3.05, 4.05, 4.95 and largest with 2.95, 3.95, 5.05
    assert found.implied == pytest.approx(((4.95**2 - 3.05**2 - 4.05**2) / 24.705, (5.05**2 - 2.95**2 - 3.95**2) / 23.305))
    assert audit.triangle("3.0", "4.0", "7.1").holds and not audit.triangle("3.0", "4.0", "7.2").holds
    assert audit.triangle("3.0", "4.0", "0.9").holds and not audit.triangle("3.0", "4.0", "0.7").holds


def test_the_triangle_that_does_not_close():
    found = audit.triangle("0.0408", "0.0387", "0.0808")
    assert not found.holds and found.allowed[1] == pytest.approx(0.0796) and 1 < found.implied[0] < 1.066 < found.implied[1]


def test_a_standard_error_of_zero_says_nothing_of_the_correlation():
    assert audit.triangle("0.00", "0.40", "0.40").implied == (-np.inf, np.inf)
    assert audit.triangle("0.00", "0.40", "0.40").holds and not audit.triangle("0.00", "0.40", "0.50").holds


@given(st.lists(st.floats(0.5, 9.5), min_size=3, max_size=3))
def test_the_range_of_the_correlation_is_that_of_a_fine_grid(errors):
    texts = [f"{e:.0f}" if e > 1 else "1" for e in errors]
    a, b, c = (np.linspace(*audit.interval(t), 41) for t in texts)
    a, b, c = np.meshgrid(a, b, c)
    r = (c**2 - a**2 - b**2) / (2 * a * b)
    low, high = audit.triangle(*texts).implied
    assert low <= r.min() + 1e-9 and r.max() - 1e-9 <= high  # nothing is left out ...
    assert low == pytest.approx(r.min()) and high == pytest.approx(r.max(), abs=0.01)  # ... or added


# ---------------------------------------------------------------------- rho
def test_the_contiguity_is_the_one_of_the_reference():
    assert len(PAIRS) == 24 and len(CITIES) == 13
    links = network("5")
    assert np.trace(links @ links) / 13 == pytest.approx(RHO["squared_trace_over_n"]) and links.sum(axis=1).min() > 0
    assert (network("7").sum(axis=1) == 0).sum() == 1  # Qinhuangdao borders Tangshan and Chengde alone


def test_rho_of_a_row_of_effects():
    reference, links = RHO["table5_lnisu"], network("5")
    found = audit.implied_rho(*row("5", "lnisu"), links)
    assert found.loc["total", "rho"] == pytest.approx(reference["total"], abs=1e-9)
    assert found.loc["direct", "rho"] == pytest.approx(reference["direct"], abs=1e-9)
    assert found.loc["total"].round(3).tolist() == RHO["rounded"]["table5_lnisu_total"]
    assert found["low"].max() < found["high"].min()  # one rho gives all three


def test_effects_at_an_implied_rho():
    # Print the reference's effects with many digits, and rho must come back from each.
    reference, links = RHO["table5_lnisu"], network("5")
    coefficients = row("5", "lnisu")[:2]
    effects = [f"{reference['direct_at_total']:.12f}", f"{reference['indirect_at_total']:.12f}", "-0.409000000000"]
    assert audit.implied_rho(*coefficients, *effects, links)["rho"].tolist() == pytest.approx([reference["total"]] * 3)


@pytest.mark.parametrize(("number", "variable"), [("5", "lngdp"), ("6", "lnisu"), ("6", "lnei")])
def test_rho_of_the_other_totals(number, variable):
    found = audit.implied_rho(*row(number, variable), network(number)).loc["total"].round(3)
    known = RHO["rounded"][f"table{number}_{variable}_total"]
    assert (found.tolist() if isinstance(known, list) else found["rho"]) == known


@pytest.mark.parametrize("number", ["5", "6", "7"])
def test_the_rho_of_a_table(number):
    found = audit.joint_rho(TABLES[TABLES["table"] == number], network(number))
    assert round(found.rho, 2) == RHO["joint"][number] and found.rms <= found.worst < 0.14
    if number == "7":
        assert round(found.rms, 2) == RHO["joint_rms_7"]


def test_no_lag_no_rho():
    table = TABLES[(TABLES["table"] == "5") & ~TABLES["variable"].str.startswith("W*")]
    with pytest.raises(ValueError, match=r"no variable has a row W\*variable"):
        audit.joint_rho(table, network("5"))


def test_rho_takes_what_is_printed_and_names_what_is_no_number():
    table, links = TABLES[TABLES["table"] == "5"], network("5")
    with pytest.raises(ValueError, match="rho belongs to one table; got 5, 6"):
        audit.joint_rho(TABLES[TABLES["table"].isin(["5", "6"])], links)
    with pytest.raises(ValueError, match="lnisu, regression, column estimate: '0.O396' is not a number"):
        audit.joint_rho(table.replace("0.0396", "0.O396"), links)
    gone = table[(table["variable"] != "lnisu") | (table["column"] != "direct")]
    without = table[~table["variable"].isin(["lnisu", "W*lnisu"])]
    assert audit.joint_rho(gone, links) == audit.joint_rho(without, links)  # a variable without its effects doesn't count


def test_no_rho_gives_what_no_rho_can_give():
    # The direct effect of beta = 1, theta = 0 is at least 1 on two regions: 1 / (1 - rho^2).
    found = audit.implied_rho("1.000", "0.000", "0.500", "0.500", "1.000", [[0, 1], [1, 0]])
    assert found.loc["direct"].isna().all() and found.loc["total", "rho"] == 0
    assert found.loc["total", ["low", "high"]].tolist() == pytest.approx([1 - 1.001 / 0.9995, 1 - 0.999 / 1.0005])


@pytest.mark.parametrize(("weights", "fault"), [
    ([[0, 1, 0], [0, 0, 1], [1, 0, 0]], "must be real"), ([[0, 0], [0, 0]], "links no two regions"), ([1.0, -1.0], "square array"),
])
def test_other_matrices_are_refused(weights, fault):
    with pytest.raises(ValueError, match=fault):
        audit.implied_rho("1.0", "1.0", "1.0", "1.0", "2.0", weights)


@pytest.mark.parametrize("standardised", [True, False])
def test_multipliers_by_the_dense_inverse(standardised):
    # Effects printed from S = (I - rho W)^-1 give rho back, whatever the rows of W sum to; table 7 has an isolate.
    links, rho = contiguity(MEMBERS["7"], standardised), 0.11
    s = np.linalg.inv(np.eye(len(links)) - rho * links)
    response = s @ (0.7 * np.eye(len(links)) - 0.3 * links)
    direct, total = np.diag(response).mean(), response.sum() / len(links)
    printed = [f"{v:.12f}" for v in (direct, total - direct, total)]
    found = audit.implied_rho("0.700000000000", "-0.300000000000", *printed, links)
    assert found["rho"].to_numpy() == pytest.approx(rho, abs=1e-6)


def test_binary_weights_cannot_make_the_effects_of_table_5():
    # Independent computation: the worst cell is off by 0.12 standard errors with rows adding up to one, by over 4 otherwise.
    table = TABLES[TABLES["table"] == "5"]
    assert audit.joint_rho(table, contiguity(MEMBERS["5"])).worst < 0.14
    assert audit.joint_rho(table, contiguity(MEMBERS["5"], standardised=False)).worst > 4


@given(
    st.floats(-0.25, 0.25), st.floats(-1, 1), st.floats(1, 3), st.sampled_from([-1, 1]), st.integers(2, 5),
    st.sampled_from(["5", "7"]),
)
def test_rho_is_never_excluded_by_rounding(rho, share, theta, sign, significant, number):
    # Dense algebra as the oracle: the effects are the means of the diagonal and of the row sums.
    matrix = contiguity(MEMBERS[number])
    theta *= sign
    beta, n = share * abs(theta), len(matrix)
    effects = np.linalg.solve(np.eye(n) - rho * matrix, beta * np.eye(n) + theta * matrix)
    direct, total = np.trace(effects) / n, effects.sum() / n
    assume(min(map(abs, (beta, direct, total, total - direct))) > 1e-6)
    texts = [digits(x, significant) for x in (beta, theta, direct, total - direct, total)]
    found = audit.implied_rho(*texts, network(number))
    assert found.loc["total", "low"] - 1e-9 <= rho <= found.loc["total", "high"] + 1e-9
    if significant >= 4:  # the direct effect can have a second solution further away
        assert found.loc["direct", "low"] - 1e-9 <= rho <= found.loc["direct", "high"] + 1e-9


# ---------------------------------------------------------------------- Moran's I
def randomisation(cities, standardised):
    """sd under normality and (a, b) of the variance a + b k, from two variables by esda."""
    matrix = contiguity(cities, standardised)
    near = {i: np.flatnonzero(r).tolist() for i, r in enumerate(matrix)}
    points = []
    for values in (np.arange(len(cities)), np.arange(len(cities)) ** 3):
        found = EsdaMoran(values, W(near, silence_warnings=True), transformation="R" if standardised else "B", permutations=0)
        points.append((kurtosis(values), found.VI_rand))
    slope = (points[1][1] - points[0][1]) / (points[1][0] - points[0][0])
    return sqrt(found.VI_norm), (points[0][1] - slope * points[0][0], slope)


def kurtosis(values):
    return float(distributions.kurtosis(values, fisher=False))


NORMAL, COEFFICIENTS = randomisation(CITIES, True)
BINARY, COEFFICIENTS_BINARY = randomisation(CITIES, False)


@pytest.mark.parametrize("printed", PRINTED["moran"])
def test_moran_against_the_independent_fingerprint(printed):
    index, z, p, sd_low, sd_high, standardised, binary = printed
    assert [NORMAL, BINARY] == pytest.approx(list(RHO["sd_normal"].values()))
    found = audit.moran(index, z, p, 13, sd_normal=NORMAL, variance=COEFFICIENTS)
    assert found.sides == (1,) and found.sd == pytest.approx((sd_low, sd_high), abs=1e-5)
    assert found.kurtosis[0] - 1e-3 <= standardised <= found.kurtosis[1] + 1e-3
    assert found.possible and not found.normal
    other = audit.moran(index, z, p, 13, sd_normal=BINARY, variance=COEFFICIENTS_BINARY)
    assert other.kurtosis[0] - 1e-3 <= binary <= other.kurtosis[1] + 1e-3 and not other.possible


def test_moran_by_hand():
    # (0.25 + 1 / 4) / 2 = 0.25, exactly the one under normality; p 0.0228 on one side, 0.0455 on two.
    found = audit.moran("0.2500", "2.0000", "0.0455", 5, sd_normal=0.25)
    assert found.sides == (2,) and found.normal and found.possible and found.kurtosis is None
    assert found.one_sided == pytest.approx((0.02275, 0.02275), abs=1e-5)
    assert not audit.moran("0.2500", "2.0000", "0.0455", 5, sd_normal=0.26).possible
    assert audit.moran("0.2500", "2.0000", "0.03", 5).sides == ()
    assert audit.moran("-0.5000", "-1.0000", "0.159", 5).sides == (1,)  # either tail
    assert not audit.moran("0.2500", "-2.0000", "0.0455", 5).possible  # a negative deviation
    assert audit.moran("-0.250", "0.000", "1.000", 5).sd == (0, np.inf)


def test_the_bounds_of_the_kurtosis():
    # n = 5: between 1 and 5 - 2 + 1/4 = 3.25, which one value among equals attains.
    assert kurtosis([0, 0, 0, 0, 1]) == pytest.approx(3.25) and kurtosis([0, 0, 1, 1]) == pytest.approx(1)

    def needs(k):  # z = (0.25 + 0.25) / sd with sd^2 = 0.1 - 0.0125 k
        return audit.moran("0.25000", f"{0.5 / sqrt(0.1 - 0.0125 * k):.5f}", "0.02", 5, variance=(0.1, -0.0125)).possible

    assert [needs(k) for k in (0.99, 1.01, 3.24, 3.26)] == [False, True, True, False]


def test_the_variance_is_that_of_all_permutations():
    # Randomisation means: over all orders of the values.  Five regions in a row, 120 orders.
    matrix = np.eye(5, k=1) + np.eye(5, k=-1)
    values = np.array([0.0, 1.0, 1.5, 4.0, 9.0])
    d = values - values.mean()
    draws = [d[list(o)] @ matrix @ d[list(o)] for o in permutations(range(5))] / (d @ d) * 5 / matrix.sum()
    assert np.mean(draws) == pytest.approx(-1 / 4)
    i, sd = draws.max(), draws.std()
    z = (i + 1 / 4) / sd
    other = np.array([0.0, 1.0, 2.0, 3.0, 4.0]) - 2
    second = np.var([other[list(o)] @ matrix @ other[list(o)] for o in permutations(range(5))]) / (other @ other) ** 2 * 25 / 64
    slope = (second - sd**2) / (kurtosis(other) - kurtosis(values))
    found = audit.moran(f"{i:.6f}", f"{z:.6f}", "0.0", 5, variance=(sd**2 - slope * kurtosis(values), slope))
    assert found.kurtosis[0] <= kurtosis(values) <= found.kurtosis[1] and found.possible


@given(st.lists(st.integers(0, 1000), min_size=13, max_size=13).filter(lambda v: len(set(v)) > 1), st.integers(3, 6))
def test_what_moran_computes_is_never_impossible(values, places):
    near = {i: np.flatnonzero(r).tolist() for i, r in enumerate(contiguity(CITIES))}
    found = EsdaMoran(np.array(values), W(near, silence_warnings=True), permutations=0, two_tailed=False)
    texts = [f"{x:.{places}f}" for x in (found.I, found.z_rand, found.p_rand)]
    checked = audit.moran(*texts, 13, variance=COEFFICIENTS)
    assert checked.possible and 1 in checked.sides
    assert checked.kurtosis[0] - 1e-6 <= kurtosis(values) <= checked.kurtosis[1] + 1e-6
    texts = [f"{x:.{places}f}" for x in (found.I, found.z_norm, 2 * distributions.norm.sf(abs(found.z_norm)))]
    checked = audit.moran(*texts, 13, sd_normal=NORMAL)
    assert checked.possible and checked.normal and 2 in checked.sides


# ---------------------------------------------------------------------- residual variance
@pytest.mark.parametrize(
    ("number", "holds", "fewest", "most"), [("5", True, 181.3, 183.2), ("6", True, 66.5, 67.7), ("7", False, 118.9, 120.6)]
)
def test_the_floor_under_the_printed_tables(number, holds, fewest, most):
    cell = CELL.loc[(number, "sigma2_e", "regression")]
    found = audit.sigma2_floor(cell["estimate"], cell["std_error"], cell["nobs"])
    assert found.holds == holds and np.round(found.implied, 1).tolist() == [fewest, most]
    assert found.allowed[0] == pytest.approx(audit.interval(cell["estimate"])[0] * sqrt(2 / cell["nobs"]))


# ---------------------------------------------------------------------- descriptions
def test_a_description_by_hand():
    # 0, x, y, 10 with mean 5, within rounding: x = y = 5 gives sqrt(50 / 3), ends alone sqrt(100 / 3).
    found = audit.description("5.0000", "4.5000", "0.0000", "10.0000", 4)
    assert found.loc["sd", ["low", "high"]].astype(float).tolist() == pytest.approx([sqrt(50 / 3), sqrt(100 / 3)], abs=1e-3)
    # The mean is lowest with 0, 0, 0, 10 and highest with 0, 10, 10, 10.
    assert found.loc["mean", ["low", "high"]].astype(float).tolist() == pytest.approx([2.5, 7.5], abs=1e-3)
    assert found["holds"].all()
    population = audit.description("5.0000", "3.5000", "0.0000", "10.0000", 4, ddof=0)
    assert population.loc["sd", ["low", "high"]].astype(float).tolist() == pytest.approx([sqrt(50 / 4), sqrt(100 / 4)], abs=1e-3)


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        (("5.0", "3.9", "0.0", "10.0"), "sd"),  # below 4.08, or 4.04 from 0.05 to 9.95
        (("5.0", "6.0", "0.0", "10.0"), "sd"),  # above 5.77
        (("2.0", "4.6", "0.0", "10.0"), "mean"),  # three zeros and 10 make 2.5
        (("8.0", "4.6", "0.0", "10.0"), "mean"),
    ],
)
def test_what_four_values_cannot_be(texts, wrong):
    assert not audit.description(*texts, 4).loc[wrong, "holds"]


def test_logical_bounds():
    for variable, *texts in PRINTED["descriptions"]:
        found = audit.description(*texts, 182, bounds=(None, log(100)) if variable == "lnurban" else (None, None))
        assert found.index[~found["holds"]].tolist() == (["maximum"] if variable == "lnurban" else [])
    assert audit.description("4.0", "0.5", "3.0", "4.6", 9, bounds=(3.05, log(100)))["holds"].all()  # 4.6 may be 4.605
    assert not audit.description("4.0", "0.5", "3.0", "4.6", 9, bounds=(3.1, None)).loc["minimum", "holds"]
    assert not audit.description("3.0", "0.1", "2.9", "3.0", 9, bounds=(3.1, None)).loc["maximum", "holds"]
    assert not audit.description("4.0", "0.5", "5.0", "4.6", 9)["holds"][["minimum", "maximum"]].any()


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0, 9], ("5", "4.50", "0.0", "9.0")),
        ([-0.04, 9.04], ("5", "4.54", "0.0", "9.0")),  # most at a mean of 4.5, not of 5
        ([0, 4.5, 9], ("5", "3.67", "0.0", "9.0")),  # least at a mean of 4.5, not of 5
        ([1 / 60] * 3 + [9.95], ("2.500", "4.301", "0", "9.95")),  # a minimum of 0.5 would leave the others below it
    ],
)
def test_deviations_that_rounding_of_the_others_allows(values, texts):
    assert f"{np.std(values):.{len(texts[1]) - 2}f}" == texts[1]
    assert audit.description(*texts, len(values), ddof=0)["holds"].all()


def test_the_rest_of_the_values_count_as_well():
    # 0, 2, 10 have mean 4 and nothing else has: 56 / 3 = 4.32 squared, where 0 and 10 alone give 52 / 3 = 4.16 squared.
    assert audit.description("4.0000", "4.3205", "0.0000", "10.0000", 3, ddof=0)["holds"].all()
    assert not audit.description("4.0000", "4.2500", "0.0000", "10.0000", 3, ddof=0).loc["sd", "holds"]


def test_one_value_has_no_deviation():
    with pytest.raises(ValueError, match="two observations or more; got 1"):
        audit.description("1", "0", "1", "1", 1)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=9), st.integers(0, 3), st.sampled_from([0, 1]))
def test_what_data_give_is_never_impossible(values, places, ddof):
    values = np.array(values)
    numbers = (values.mean(), values.std(ddof=ddof), values.min(), values.max())
    texts = [f"{x:.{places}f}" for x in numbers]
    assert audit.description(*texts, len(values), ddof=ddof, bounds=(-100, 100))["holds"].all()


@given(st.lists(st.integers(-100, 100), min_size=3, max_size=9).filter(lambda v: len(set(v)) > 1))
def test_a_deviation_beyond_the_ends_is_found(values):
    mean, low, high = np.mean(values), min(values), max(values)
    most = sqrt((high - mean) * (mean - low) * len(values) / (len(values) - 1))
    texts = [f"{mean:.4f}", f"{most + 0.1:.4f}", f"{low:.4f}", f"{high:.4f}"]
    assert not audit.description(*texts, len(values)).loc["sd", "holds"]


# ---------------------------------------------------------------------- whole tables
def test_the_verdicts_on_the_printed_tables():
    examined = audit.examine(TABLES).set_index(["table", "variable", "column"])
    found = {v: set(examined.index[examined["verdict"] == v]) for v in audit.VERDICTS}
    assert found["impossible"] == {
        ("5", "lngdp", "indirect"), ("5", "W*lngdp", "regression"), ("5", "lntech", "direct"),  # stars
        ("5", "lntech", "total"), ("5", "lnurban", "total"),  # sum, triangle
        ("6", "lnisu", "indirect"), ("6", "W*lnisu", "regression"),
        ("7", "lnisu", "indirect"), ("7", "W*lnisu", "regression"),
    }  # fmt: skip
    assert found["suspicious"] == {
        ("5", "lntech", "indirect"), ("5", "lnurban", "direct"), ("5", "lnurban", "indirect"),
        ("7", "lnopen", "indirect"), ("7", "sigma2_e", "regression"),
    }  # fmt: skip
    assert len(found["sound"]) == len(TABLES) - 14


def test_reasons_give_the_computed_numbers():
    reasons = audit.examine(TABLES).set_index(["table", "variable", "column"])["reason"]
    assert reasons["6", "lnisu", "indirect"] == (
        "Two stars, but |z| is 1.17 to 1.18 and p 0.239 to 0.246; the standard error would have to be 0.136 to 0.179, not 0.299."
    )
    assert reasons["7", "lnopen", "indirect"].endswith("only a one-sided test would explain it.")
    assert "−0.0573 to −0.0571, not −0.0372" in reasons["5", "lntech", "total"]
    assert "0.0542 for direct (its stars too) or −0.0714 for indirect or −0.0572 for total" in reasons["5", "lntech", "total"]
    assert "a total of 0.002 to 0.0796; 0.0808 takes a correlation of 1.06 to 1.07" in reasons["5", "lnurban", "direct"]
    assert reasons["7", "sigma2_e", "regression"].startswith("0.000327 is below 0.00253 × √(2/112) = 0.000338")
    assert reasons["5", "R2", "regression"] == "Nothing else printed bears on it."


def test_a_variance_is_impossible_where_robust_errors_are_ruled_out():
    table = make([["sigma2_e", "regression", "0.00253", "***", "0.000327"]])
    assert audit.examine(table, 112)["verdict"].tolist() == ["suspicious"]
    strict = audit.examine(table, 112, robust=False)
    assert strict["verdict"].tolist() == ["impossible"] and "it takes 119 observations" in strict["reason"][0]
    assert audit.examine(table, 119, robust=False)["verdict"].tolist() == ["sound"]
    assert audit.examine(table)["verdict"].tolist() == ["sound"]  # no number of observations, no floor


def test_clusters_bound_what_few_degrees_of_freedom_explain():
    # No star at z = 2.5: p < 0.10 even by t with 4 degrees of freedom, not by t with 1 (0.24).
    table = make([["x", "regression", "2.500", "", "1.000"]])
    assert audit.examine(table)["verdict"].tolist() == ["suspicious"]
    assert audit.examine(table.assign(n_regions=5))["verdict"].tolist() == ["impossible"]


def test_students_t_with_the_printed_observations_is_sound():
    # z = 1.66, p 0.097 by the normal, but 0.107 by t with 30 - 1 degrees of freedom.
    table = make([["x", "regression", "1.660", "", "1.000"]], n_regions=200)
    assert audit.examine(table, 30)["verdict"].tolist() == ["sound"]
    assert audit.examine(table, 3000)["reason"][0].endswith("only a legend of p < 0.05, 0.01, 0.001 would explain it.")


def test_cells_not_printed_are_left_alone():
    table = make([["x", "direct", "0.5", "", ""], ["x", "indirect", None, None, None], ["x", "total", "0.9", "***", "0.1"]])
    assert audit.examine(table)["verdict"].tolist() == ["sound"] * 3


def test_index_and_order_are_kept():
    shuffled = TABLES.sample(frac=1, random_state=1).rename(lambda i: f"r{i}")
    examined = audit.examine(shuffled)
    assert examined.index.equals(shuffled.index)
    plain = audit.examine(TABLES).rename(lambda i: f"r{i}")
    pd.testing.assert_frame_equal(examined.sort_index(), plain.sort_index())


@pytest.mark.parametrize("index", [[0] * len(TABLES), pd.MultiIndex.from_frame(TABLES[["table", "variable"]])])
def test_rows_may_be_called_alike(index):
    examined = audit.examine(TABLES.set_axis(index))
    assert examined.index.equals(pd.Index(index))
    assert examined["verdict"].tolist() == audit.examine(TABLES)["verdict"].tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="stars"), "no column 'stars'"),
        (lambda t: pd.concat([t, t.head(1)]), "table 5, lnisu, regression occurs twice"),
        (lambda t: t.replace("0.0899", "0.O899"), "table 5, lnisu, regression, column std_error: '0.O899' is not a number; correct it"),
        (lambda t: t.replace("-0.0372", "?"), "table 5, lntech, total, column estimate: '[?]' is not a number"),
        (lambda t: t.assign(nobs=range(1, len(t) + 1)), "table 5 has several nobs"),
        (lambda t: t.assign(std_error=0.1), "column std_error: 0.1 is not text, nor 84 cells more: last zeros are lost; read the file with audit.read"),
    ],
)
def test_what_cannot_be_examined_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        audit.examine(change(TABLES))


sizes = st.floats(0.01, 10)


@st.composite
def true_tables(draw):
    """Unrounded effects with coherent standard errors: a dict by column of (estimate, standard error)."""
    signs = st.sampled_from([-1, 1])
    direct, indirect = draw(sizes) * draw(signs), draw(sizes) * draw(signs)
    se_direct, se_indirect, r = draw(sizes), draw(sizes), draw(st.floats(-1, 1))
    total = sqrt(max(se_direct**2 + se_indirect**2 + 2 * r * se_direct * se_indirect, 0))
    assume(total > 1e-3 and abs(direct + indirect) > 1e-3)
    return {"direct": (direct, se_direct), "indirect": (indirect, se_indirect), "total": (direct + indirect, total)}


def printed(truth, significant, p_of=distributions.norm.sf):
    return make([["x", e, digits(b, significant), earn(b / s, p_of), digits(s, significant)] for e, (b, s) in truth.items()])


@given(true_tables(), st.integers(1, 5), st.floats(0.001, 10), st.floats(1, 3), st.integers(20, 500))
def test_a_true_table_is_sound_however_rounded(truth, significant, variance, more, nobs):
    table = printed(truth, significant)
    error = variance * sqrt(2 / nobs) * more  # at or above the floor
    table.loc[3] = ["sigma2_e", "regression", digits(variance, significant), earn(variance / error), digits(error, significant)]
    assert audit.examine(table, nobs, robust=False)["verdict"].tolist() == ["sound"] * 4


@given(true_tables(), st.integers(1, 5), st.integers(2, 30), st.integers(0, 60))
def test_stars_by_any_distribution_in_use_are_never_impossible(truth, significant, regions, more):
    def p_of(z):
        return distributions.t.sf(z, regions - 1 + more)

    table = printed(truth, significant, p_of).assign(n_regions=regions)
    assert "impossible" not in set(audit.examine(table)["verdict"])
    assert "impossible" not in set(audit.examine(table, regions + more)["verdict"])


@given(true_tables(), st.integers(2, 5), st.sampled_from([-1, 1]), st.floats(1.01, 50))
def test_a_sum_beyond_rounding_is_found(truth, significant, sign, times):
    # Off by more than all rounding together: what is printed, moved by half a digit of each cell and more.
    table = printed(truth, significant)
    room = sum(np.ptp(audit.interval(t)) for t in table["estimate"])
    moved = truth["total"][0] + sign * room * times
    table.loc[2, "estimate"] = f"{moved:.8f}"
    assert audit.examine(table).loc[2, "verdict"] == "impossible"
    assert not audit.sums(*table["estimate"]).holds


@given(true_tables(), st.integers(2, 5), st.floats(1.01, 3))
def test_a_total_with_too_large_an_error_is_found(truth, significant, times):
    table = printed(truth, significant)
    most = sum(audit.interval(t)[1] for t in table["std_error"][:2])
    table.loc[2, "std_error"] = f"{most * times:.8f}"
    examined = audit.examine(table.assign(stars=""))
    assert examined.loc[2, "verdict"] == "impossible" and "sound" not in set(examined["verdict"])


@given(st.floats(0.1, 10), st.floats(0.1, 10), st.integers(0, 3))
def test_too_many_stars_are_found(estimate, std_error, given):
    z = estimate / std_error
    texts = digits(estimate, 5), digits(std_error, 5)
    limits = [distributions.norm.isf(level) for level in audit.LEVELS]  # one-sided, the most lenient
    if given and z < 0.99 * limits[given - 1]:
        assert audit.stars(*texts, "*" * given).verdict == "impossible"
    if given < 3 and z < 0.99 * distributions.norm.isf(0.05):
        assert audit.stars(*texts, "").agrees


@given(st.integers(3, 40), st.data())
def test_the_kurtosis_of_numbers_keeps_its_bounds(n, data):
    values = data.draw(st.lists(st.integers(-50, 50), min_size=n, max_size=n).filter(lambda v: len(set(v)) > 1))
    assert 1 - 1e-9 <= kurtosis(values) <= n - 2 + 1 / (n - 1) + 1e-9
    assert kurtosis([1] + [0] * (n - 1)) == pytest.approx(n - 2 + 1 / (n - 1))
