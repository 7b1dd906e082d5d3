"""Verdicts: each rule on made-up claims, then the ledger and the verdicts that are committed."""

import csv
import hashlib
import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from casebook import claims, data

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = ["document", "place", "kind", "statement", "quantity", "value", "unit", "tolerance",
           "year_from", "year_to", "regions", "needs"]
MADE_UP = {
    "m-two": ("2.00", "ratio", np.nan, ""),  # printed to two decimals: within 0.005
    "m-half": ("0.50", "ratio", np.nan, ""),
    "m-ten": ("10", "cities", 0.0, ""),  # a count: exact
    "m-nought": ("0", "cities", 0.0, ""),
    "m-below": ("-2.0", "percent", np.nan, ""),
    "m-way": ("rises", "direction", np.nan, ""),
    "m-list": ("South", "class", np.nan, "A; B; C; D"),
    "m-names": ("A; B", "list", np.nan, "all four"),
}


AT = {"evidence": "tbl-made-up"}


@pytest.fixture
def examined(monkeypatch):
    """An examination of a made-up document about 2005 to 2016."""
    rows = [("made-up", "p. 1", "numeric", f"Statement {c}.", "q", value, unit, tolerance, 2005, 2016, regions, f"figures for {c}")
            for c, (value, unit, tolerance, regions) in MADE_UP.items()]
    published = pd.DataFrame(rows, pd.Index(MADE_UP, name="claim_id"), COLUMNS)
    monkeypatch.setattr(claims.data, "load", lambda folder, table: published)
    return claims.Examination("made-up", "closest")


def reason(examined, claim):
    return examined.verdicts().loc[claim, "reason"]


READINGS = pd.MultiIndex.from_product([["x", "y"], ["u", "v"]], names=["rule", "basis"])  # xu, xv, yu, yv


def across(*values):
    """What the first readings observe, in their order."""
    return pd.Series(values, READINGS[: len(values)])


# ----------------------------------------------------------------------- numbers
@pytest.mark.parametrize(
    ("claim", "observed", "verdict"),
    [
        ("m-two", 2.0, "reproduced"),
        ("m-two", 2.005, "reproduced"),  # the edge of the rounding belongs to it
        ("m-two", 1.995, "reproduced"),
        ("m-half", 0.505, "reproduced"),  # in floating point 0.0050000000000000044 off
        ("m-two", 2.0051, "close"),
        ("m-two", 2.2, "close"),  # a tenth off, without a class
        ("m-two", 1.8, "close"),
        ("m-two", 2.21, "contradicted"),
        ("m-two", -2.0, "contradicted"),
        ("m-ten", 10, "reproduced"),
        ("m-ten", 11, "close"),
        ("m-ten", 12, "contradicted"),
        ("m-nought", 0, "reproduced"),
        ("m-nought", 1, "contradicted"),  # no fraction of nothing
        ("m-below", -2.05, "reproduced"),
        ("m-below", -2.19, "close"),
        ("m-below", 2.0, "contradicted"),
    ],
)
def test_a_number_without_a_class(examined, claim, observed, verdict):
    assert examined.number(claim, observed, **AT) == verdict == examined.verdicts().loc[claim, "verdict"]
    assert reason(examined, claim)


@pytest.mark.parametrize(
    ("observed", "verdict"),
    [
        (12.5, "close"),  # above 7.4 like the printed 10, and a quarter of it off
        (12.51, "contradicted"),  # farther than a quarter
        (7.5, "close"),
        (7.45, "contradicted"),  # farther than a quarter, although of the same class
        (9.5, "close"),
        (10, "reproduced"),
    ],
)
def test_a_number_with_a_class(examined, observed, verdict):
    assert examined.number("m-ten", observed, kind=lambda n: n > 7.4, **AT) == verdict


@pytest.mark.parametrize(("claim", "observed"), [("m-ten", 9.5), ("m-ten", 8), ("m-two", 1.96)])
def test_another_class_is_not_close_even_when_near(examined, claim, observed):
    printed = examined.printed(claim)
    assert examined.number(claim, observed, kind=lambda n: n >= printed, **AT) == "contradicted"


def at_least_half(n):
    return n >= 13


def any_at_all(n):
    return n > 0


@pytest.mark.parametrize(
    ("claim", "of", "kind", "observed", "verdict"),
    [
        # of 26: a tenth is 2.6, a quarter is 6.5
        ("m-ten", 26, None, 12, "close"),
        ("m-ten", 26, None, 13, "contradicted"),
        ("m-ten", 26, None, 8, "close"),
        ("m-ten", 26, None, 7, "contradicted"),
        ("m-ten", 26, at_least_half, 12, "close"),
        ("m-ten", 26, at_least_half, 13, "contradicted"),  # half of 26 is another class
        ("m-ten", 26, at_least_half, 4, "close"),
        ("m-ten", 26, at_least_half, 3, "contradicted"),
        ("m-ten", 4, None, 10.4, "close"),  # a smaller group is judged more strictly: 0.4 and 1
        ("m-ten", 4, None, 10.5, "contradicted"),
        ("m-ten", 4, any_at_all, 11, "close"),
        ("m-ten", 4, any_at_all, 11.1, "contradicted"),
        ("m-nought", 26, None, 2, "close"),  # printed nought, a fraction of the group
        ("m-nought", 26, None, 3, "contradicted"),
        ("m-ten", 26, None, 10, "reproduced"),
        ("m-below", -4, None, -2.4, "close"),  # the size of what it is measured against
    ],
)
def test_a_count_is_measured_against_its_group(examined, claim, of, kind, observed, verdict):
    assert examined.number(claim, observed, of=of, kind=kind, **AT) == verdict


def test_a_number_depends_when_another_reading_hits_it(examined):
    # Readings yu and yv hit 2.00 within 0.005, and both have the rule y.
    assert examined.number("m-two", 2.1, across=across(2.1, 2.3, 2.004, 2.0), **AT) == "depends"
    row = examined.verdicts().loc["m-two"]
    assert (row["holds"], row["readings"]) == (2, 4)
    assert row["reason"] == ("off by +0.100; the readings give 2.000 to 2.300, nearest 2.000, equal in 50%; "
                             "most decided by rule (x 0%, y 100%)")


@pytest.mark.parametrize(("readings", "said"), [(21, False), (20, True)])
def test_what_holds_by_luck_names_no_choice(examined, readings, said):
    # One hit of 21 is less than one in twenty, one of 20 is not.
    index = pd.MultiIndex.from_product([[f"r{i}" for i in range(readings)]], names=["rule"])
    tried = pd.Series([2.0] + [9.0] * (readings - 1), index)
    assert examined.number("m-two", 9.0, across=tried, **AT) == "depends"
    assert ("only with rule r0" in reason(examined, "m-two")) == said != ("too rare" in reason(examined, "m-two"))


def test_far_or_of_another_class_it_depends_as_well(examined):
    assert examined.number("m-two", 9.0, across=across(9.0, 2.0), kind=lambda n: n < 3, **AT) == "depends"


def test_a_number_that_no_reading_hits_is_judged_by_its_distance(examined):
    assert examined.number("m-two", 2.1, across=across(2.1, 2.3), **AT) == "close"
    assert examined.number("m-ten", 13, across=across(13, 12, np.nan), **AT) == "contradicted"
    assert reason(examined, "m-ten") == "off by +3.000; the readings give 12.000 to 13.000, nearest 12.000, equal in none"
    assert examined.verdicts()["holds"].tolist() == [0, 0] and examined.verdicts()["readings"].tolist() == [2, 2]


def test_a_number_depends_when_it_is_near_in_another_reading_only(examined):
    # Within 0.2 of 2.00 are 2.1 and 2.19, in readings xv and yv, both of the basis v; none is within 0.005.
    assert examined.number("m-two", 3.0, across=across(3.0, 2.1, 2.5, 2.19), **AT) == "depends"
    row = examined.verdicts().loc["m-two"]
    assert (row["holds"], row["readings"]) == (2, 4)
    assert row["reason"] == ("off by +1.000; the readings give 2.100 to 3.000, nearest 2.100, near it in 50%; "
                             "most decided by basis (u 0%, v 100%)")


def test_nearness_in_another_reading_is_measured_against_the_group(examined):
    # 12 is 2 from the printed 10: more than a tenth of 10, less than a tenth of 26.
    assert examined.number("m-ten", 20, across=across(20, 12), **AT) == "contradicted"
    assert examined.number("m-nought", 20, of=26, across=across(20, 2), **AT) == "depends"


def test_close_here_goes_before_near_elsewhere(examined):
    assert examined.number("m-two", 2.19, across=across(2.19, 2.01), **AT) == "close"
    assert examined.verdicts().loc["m-two", "holds"] == 0


def test_a_class_does_not_stop_a_number_from_being_near_elsewhere(examined):
    # 13 is three tenths off; 10.5 half a tenth.
    assert examined.number("m-ten", 13, kind=lambda n: n > 7, across=across(13, 10.5), **AT) == "depends"
    assert examined.number("m-two", 2.6, kind=lambda n: n > 1, across=across(2.6, 2.3), **AT) == "contradicted"


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ((2.0, 3.0), "reproduced"),  # half is enough
        ((2.0, 3.0, 3.0), "depends"),
        ((2.0, 3.0, 3.0, 3.0), "depends"),
        ((2.0, 2.0, 3.0, 3.0), "reproduced"),
        ((2.0, np.nan, np.nan, 3.0), "reproduced"),  # half of those that can tell
        ((2.0, np.nan, 3.0, 2.1), "depends"),  # near is not hit
        ((np.nan, np.nan), "reproduced"),
    ],
)
def test_a_number_that_is_hit_must_be_hit_in_half_of_the_readings(examined, told, verdict):
    assert examined.number("m-two", 2.0, across=across(*told), **AT) == verdict
    assert reason(examined, "m-two").startswith("equal within the printed rounding")


def test_a_number_hit_in_too_few_readings_says_on_what_it_depends(examined):
    # One of four; the shares by rule are 1/2 and 0, by basis 1/2 and 0: the first declared is named.
    examined.number("m-two", 2.0, across=across(2.0, 3.0, 3.0, 4.0), note="see below", **AT)
    assert reason(examined, "m-two") == ("equal within the printed rounding; the readings give 2.000 to 4.000, nearest 2.000, "
                                         "equal in 25%; most decided by rule (x 50%, y 0%); see below")


def test_numbers_and_statements_are_judged_by_one_rule(examined):
    # Readings with 2.00 hold and those with 9.00 fail, nowhere near: both ways of saying so must agree.
    numbers, statements = ["m-two", "m-below"], ["m-way", "m-list"]
    for here, told in ((True, (True, False, False)), (False, (False, True, True))):
        number, statement = numbers.pop(), statements.pop()
        printed = examined.printed(number)
        values = pd.Series([printed if t else 9.0 for t in told], READINGS[:3])
        assert (examined.number(number, printed if here else 9.0, across=values, **AT)
                == examined.statement(statement, here, "seen", across=across(*told), **AT) == "depends")


def test_readings_that_can_not_tell_do_not_count(examined):
    assert examined.number("m-two", 2.1, across=across(np.nan, np.nan), **AT) == "close"
    assert reason(examined, "m-two") == "off by +0.100" and examined.verdicts().loc["m-two", "readings"] == 0


def test_without_readings_none_is_counted(examined):
    examined.number("m-two", 2.1, **AT)
    assert examined.verdicts().loc["m-two", ["holds", "readings"]].isna().all()


def test_the_reason_shows_by_how_much_with_a_real_minus(examined):
    examined.number("m-two", 1.9, note="one year is missing", **AT)
    assert reason(examined, "m-two") == "off by −0.100; one year is missing"
    examined.number("m-below", -2.2, across=across(-2.2, -1.5), digits=1, **AT)  # farther from zero by a tenth
    assert reason(examined, "m-below") == "off by −0.2; the readings give −2.2 to −1.5, nearest −2.2, equal in none"
    examined.number("m-nought", 1, digits=0, **AT)
    assert reason(examined, "m-nought") == "off by +1" and examined.verdicts().loc["m-nought", "observed"] == "1"


def test_nothing_observed_is_no_number(examined):
    with pytest.raises(ValueError, match="m-two: nothing observed; use not_testable"):
        examined.number("m-two", np.nan, **AT)
    assert examined.verdicts().empty


def test_printed_values_and_their_rounding(examined):
    # Half of the last digit: 2.00 gives 0.005, -2.0 gives 0.05; a stated tolerance goes first.
    assert [examined.printed(c) for c in ("m-two", "m-below")] == [2.0, -2.0]
    assert [examined.rounding(c) for c in ("m-two", "m-below", "m-ten")] == pytest.approx([0.005, 0.05, 0])


def test_the_years_of_a_claim(examined):
    assert examined.span("m-two") == (2005, 2016) and all(type(year) is int for year in examined.span("m-way"))


# -------------------------------------------------------------------- statements
@pytest.mark.parametrize(
    ("holds", "told", "verdict"),
    [
        (True, None, "reproduced"),
        (False, None, "contradicted"),
        (True, (True, True, True, False), "reproduced"),
        (True, (True, False), "reproduced"),  # half is enough
        (True, (True, False, False), "depends"),
        (False, (True, False, False), "depends"),
        (False, (True, True, True), "depends"),
        (False, (False, False), "contradicted"),
        (True, (True, None, None, False), "reproduced"),  # half of those that can tell
        (False, (None, None), "contradicted"),  # none can tell
        (True, (None, None), "reproduced"),
    ],
)
def test_a_statement(examined, holds, told, verdict):
    known = None if told is None else pd.Series(told, READINGS[: len(told)], dtype=object)
    assert examined.statement("m-way", holds, "seen", across=known, **AT) == verdict
    assert reason(examined, "m-way").startswith("holds here" if holds else "fails here")
    row = examined.verdicts().loc["m-way"]
    assert row["observed"] == "seen"
    if told is None:
        assert pd.isna(row["holds"]) and pd.isna(row["readings"])
    else:
        assert (row["holds"], row["readings"]) == (told.count(True), len(told) - told.count(None))


def test_the_threshold_is_half():
    assert claims.ROBUST == 0.5 and claims.NEAR == 0.1 and claims.FAR == 0.25  # as the tests above take them


def test_a_statement_that_depends_says_on_what(examined):
    # It holds in readings xv and yv, which are those of basis v.
    examined.statement("m-way", False, "seen", across=across(False, True, False, True), note="see below", **AT)
    assert reason(examined, "m-way") == ("fails here; holds in 50% of 4 readings; "
                                         "most decided by basis (u 0%, v 100%); see below")


def test_a_statement_that_fails_where_all_others_hold_has_nothing_to_split(examined):
    assert examined.statement("m-way", False, "seen", across=across(True, True), **AT) == "depends"
    assert reason(examined, "m-way") == "fails here; holds in 100% of 2 readings"


@pytest.mark.parametrize(
    ("yes", "of", "words"),
    [
        (0, 3, "none of 3"), (3, 3, "100% of 3"), (2, 3, "67% of 3"),
        (1, 201, "less than 1% of 201"),  # 0.4975 %
        (1, 199, "1% of 199"),  # 0.5025 %
        (200, 201, "more than 99% of 201"),  # 99.5025 %
        (198, 199, "99% of 199"),  # 99.4975 %
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(examined, yes, of, words):
    told = pd.Series([True] * yes + [False] * (of - yes), pd.MultiIndex.from_product([range(of)], names=["one"]))
    examined.statement("m-way", True, "seen", across=told, **AT)
    assert reason(examined, "m-way").partition(";")[2].startswith(f" holds in {words} readings")


def test_many_readings_are_counted_with_a_separator(examined):
    told = pd.Series(True, pd.MultiIndex.from_product([range(30), range(50)], names=["one", "two"]))
    examined.statement("m-way", True, "seen", across=told, **AT)
    assert reason(examined, "m-way") == "holds here; holds in 100% of 1,500 readings"


@pytest.mark.parametrize("unknown", [np.nan, None, pd.NA])
def test_a_statement_of_which_nothing_is_known_is_refused(examined, unknown):
    with pytest.raises(ValueError, match="m-way: unknown whether it holds; use not_testable"):
        examined.statement("m-way", unknown, "seen", across=across(True, False), **AT)
    assert examined.verdicts().empty


# ------------------------------------------------------------------------- lists
@pytest.mark.parametrize(
    ("hit", "verdict", "observed"),
    [
        ("ABCD", "reproduced", "4 of 4"),
        ("ABC", "close", "3 of 4, not D"),
        ("AB", "contradicted", "2 of 4, not C, D"),  # half is not most
        ("", "contradicted", "0 of 4, not A, B, C, D"),
    ],
)
def test_a_list_of_regions(examined, hit, verdict, observed):
    holds = pd.Series({region: region in hit for region in "ABCDE"})
    assert examined.named("m-list", holds, **AT) == verdict
    assert examined.verdicts().loc["m-list", ["verdict", "observed"]].tolist() == [verdict, observed]


def test_a_list_depends_when_all_of_it_holds_in_another_reading(examined):
    # Reading xu has all four; xv can't tell C; yu has three.
    told = pd.DataFrame([[True] * 4, [True, True, None, True], [True, True, True, False]], READINGS[:3], list("ABCD"), dtype=object)
    assert examined.named("m-list", pd.Series(dict.fromkeys("ABCD", False)), across=told, **AT) == "depends"
    assert examined.verdicts().loc["m-list", ["holds", "readings"]].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        (["ABCD", "ABCD", "ABC"], "reproduced"),  # 2 of 3
        (["ABCD", "ABC", "ABC"], "depends"),  # 1 of 3
        (["ABCDE", "ABCDE", "AB"], "reproduced"),  # E is not named, and nothing says that it may not
    ],
)
def test_a_list_must_hold_in_half_of_the_readings(examined, told, verdict):
    told = pd.DataFrame([{r: r in hit for r in "ABCDE"} for hit in told], READINGS[:3])
    assert examined.named("m-list", pd.Series({r: r in "ABCD" for r in "ABCDE"}), across=told, **AT) == verdict


@pytest.mark.parametrize(
    ("hit", "exactly", "verdict", "observed"),
    [
        ("ABCD", True, "reproduced", "4 of 4"),
        ("ABCDE", True, "close", "4 of 4; besides E"),
        ("ABCDE", False, "reproduced", "4 of 4"),
        ("ABCEF", True, "close", "3 of 4, not D; besides E, F"),
        ("ABEF", True, "contradicted", "2 of 4, not C, D; besides E, F"),  # half is not most
        ("ABCDEFG", True, "close", "4 of 4; besides E, F, G"),
        ("ABCDEFGH", True, "contradicted", "4 of 4; besides E, F, G, H"),  # as many others as named
    ],
)
def test_a_list_may_have_to_be_complete(examined, hit, exactly, verdict, observed):
    holds = pd.Series({region: region in hit for region in "ABCDEFGH"})
    assert examined.named("m-list", holds, exactly=exactly, **AT) == verdict
    assert examined.verdicts().loc["m-list", ["verdict", "observed"]].tolist() == [verdict, observed]


@pytest.mark.parametrize(("exactly", "verdict", "count"), [(True, "depends", 1), (False, "reproduced", 3)])
def test_exactly_counts_readings_without_others_only(examined, exactly, verdict, count):
    # All four hold in xu, xv and yu; E as well in xv and yu.
    told = pd.DataFrame([{r: r in hit for r in "ABCDE"} for hit in ("ABCD", "ABCDE", "ABCDE")], READINGS[:3])
    assert examined.named("m-list", told.iloc[0], across=told, exactly=exactly, **AT) == verdict
    assert examined.verdicts().loc["m-list", ["holds", "readings"]].tolist() == [count, 3]


def test_the_note_of_a_list_is_kept_when_it_is_close(examined):
    holds = pd.Series({region: region in "ABC" for region in "ABCDE"})
    assert examined.named("m-list", holds, note="see below", **AT) == "close"
    assert reason(examined, "m-list") == "fails here; see below"


def test_regions_come_from_the_value_where_that_is_a_list(examined):
    assert examined.regions("m-list") == ["A", "B", "C", "D"] and examined.regions("m-names") == ["A", "B"]


# ------------------------------------------------- the document, what it lacks
@pytest.mark.parametrize(("contradiction", "verdict"), [(True, "inconsistent"), (False, "reproduced")])
def test_the_document_against_itself(examined, contradiction, verdict):
    assert examined.internal("m-ten", contradiction, "4 and 6 make 10", note="by its own count", **AT) == verdict
    assert reason(examined, "m-ten").endswith("itself; by its own count")


def test_a_definition_names_what_implements_it(examined):
    assert examined.definition("m-way", claims.fingerprint, holds=True, **AT) == "definition"
    assert examined.definition("m-list", "casebook.decoupling.UPPER", holds=True, note="both bounds", **AT) == "definition"
    assert reason(examined, "m-way") == "implemented as stated"
    assert reason(examined, "m-list") == "implemented as stated; both bounds"
    assert examined.verdicts()["observed"].tolist() == ["casebook.claims.fingerprint", "casebook.decoupling.UPPER"]


def test_a_definition_that_is_not_kept_is_refused(examined):
    with pytest.raises(ValueError, match="m-way: casebook.claims.fingerprint doesn't do what the document states"):
        examined.definition("m-way", claims.fingerprint, holds=False, **AT)
    assert examined.verdicts().empty


def test_a_definition_needs_a_check(examined):
    with pytest.raises(TypeError, match="holds"):
        examined.definition("m-way", claims.fingerprint, **AT)
    assert examined.verdicts().empty


def test_what_is_missing_is_named(examined):
    assert examined.not_testable("m-two", "solid waste by city", **AT) == examined.not_testable("m-ten", **AT) == "not testable"
    assert reason(examined, "m-two") == "missing: solid waste by city"
    assert reason(examined, "m-ten") == "missing: figures for m-ten"
    examined.not_testable("m-way", note="no yearbook has it", **AT)
    assert reason(examined, "m-way") == "missing: figures for m-way; no yearbook has it"


# ------------------------------------------------------------------ bookkeeping
def judge(examined, rest=True, two=2.0):
    """Give one claim, or each, a verdict."""
    examined.number("m-two", two, evidence="tbl-two")
    for claim in [c for c in MADE_UP if c != "m-two" and rest]:
        examined.not_testable(claim, **AT)
    return examined


def test_a_verdict_carries_reading_and_evidence(examined):
    judge(examined)
    row = examined.verdicts().loc["m-two"]
    assert (row["observed"], row["reading"], row["evidence"]) == ("2.000", "closest", "made-up#tbl-two")
    assert examined.verdicts().loc["m-ten", "evidence"] == "made-up#tbl-made-up"


@pytest.mark.parametrize("judged", [lambda e: e.number("m-two", 2.0), lambda e: e.statement("m-way", True, "seen"),
                                    lambda e: e.named("m-names", pd.Series({"A": True, "B": True})),
                                    lambda e: e.definition("m-way", "x", holds=True), lambda e: e.internal("m-ten", True, "seen"),
                                    lambda e: e.not_testable("m-two")])
def test_no_verdict_goes_without_evidence(examined, judged):
    with pytest.raises(TypeError, match="evidence"):
        judged(examined)
    assert examined.verdicts().empty


def test_the_page_is_the_document_or_another(examined, tmp_path):
    other = judge(claims.Examination("made-up", "closest", page="second"))
    other.save(tmp_path)
    assert other.verdicts().loc["m-two", "evidence"] == "second#tbl-two"
    assert [path.name for path in tmp_path.iterdir()] == ["second.csv"]


def test_verdicts_stand_in_the_order_of_the_document(examined):
    for claim in reversed(list(MADE_UP)):
        examined.not_testable(claim, **AT)
    assert examined.verdicts().index.tolist() == list(MADE_UP)
    assert ["claim_id", *examined.verdicts()] == list(claims.FIELDS)


def test_verdicts_are_counted_and_listed_beside_what_is_printed(examined):
    examined.statement("m-way", True, "3 up", **AT)
    examined.number("m-two", 2.0, **AT)
    examined.not_testable("m-ten", "a list", **AT)
    counts = examined.counts()
    assert list(counts.index) == list(claims.VERDICTS)
    assert counts[counts > 0].to_dict() == {"reproduced": 2, "not testable": 1}
    listed = examined.listed()
    assert list(listed) == ["verdict", "statement", "printed", "observed", "reason", "reading", "evidence"]
    assert listed[["verdict", "statement", "printed", "observed"]].to_dict("split") == {
        "index": ["m-two", "m-ten", "m-way"], "columns": ["verdict", "statement", "printed", "observed"],
        "data": [["reproduced", "Statement m-two.", "2.00", "2.000"], ["not testable", "Statement m-ten.", "10", ""],
                 ["reproduced", "Statement m-way.", "rises", "3 up"]]}
    assert 'made-up.html#tbl-made-up">m-ten' in claims.show(listed, name="tbl-x", caption="All.").html


@pytest.mark.parametrize("again", [lambda e: e.number("m-two", 2.0, **AT), lambda e: e.not_testable("m-two", **AT),
                                   lambda e: e.internal("m-two", True, "", **AT), lambda e: e.statement("m-two", True, "", **AT)])
def test_a_claim_is_judged_once(examined, again):
    judge(examined, rest=False)
    with pytest.raises(ValueError, match="m-two has a verdict already"):
        again(examined)


@pytest.mark.parametrize("judged", [lambda e: e.number("m-one", 1.0, **AT), lambda e: e.statement("m-one", True, "", **AT),
                                    lambda e: e.named("m-one", pd.Series(dtype=bool), **AT), lambda e: e.not_testable("m-one", **AT),
                                    lambda e: e.internal("m-one", True, "", **AT), lambda e: e.definition("m-one", "x", holds=True, **AT),
                                    lambda e: e.printed("m-one"), lambda e: e.span("m-one"), lambda e: e.regions("m-one")])
def test_an_unknown_claim_is_refused(examined, judged):
    with pytest.raises(KeyError, match="no claim 'm-one'"):
        judged(examined)


def test_an_unknown_document_is_refused(examined):
    with pytest.raises(ValueError, match="no published claims of a document 'other'"):
        claims.Examination("other", "closest")


# ------------------------------------------------------------------------ saving
def test_nothing_is_saved_while_a_claim_has_no_verdict(examined, tmp_path):
    judge(examined, rest=False)
    with pytest.raises(ValueError, match="no verdict yet on m-half, m-ten, m-nought, m-below, m-way, m-list, m-names"):
        examined.save(tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_tests_compare_is_handed_over_even_if_a_claim_has_no_verdict(examined, tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_VERDICTS", str(tmp_path))
    judge(examined, rest=False)
    with pytest.raises(ValueError, match="no verdict yet on m-half"):
        examined.save()
    assert pd.read_csv(tmp_path / "made-up.csv")["claim_id"].tolist() == ["m-two"]


def test_saved_verdicts_are_read_as_they_were(examined, tmp_path):
    told = judge(examined).save(tmp_path)
    text = (tmp_path / "made-up.csv").read_bytes()
    assert told == f"8 verdicts, fingerprint {hashlib.sha256(text).hexdigest()[:12]}"
    back = pd.read_csv(tmp_path / "made-up.csv", index_col="claim_id")
    assert back["verdict"].tolist() == examined.verdicts()["verdict"].tolist() and b"\r" not in text


def test_the_fingerprint_changes_with_a_number_and_with_nothing_else(examined, tmp_path):
    def save(two):
        again = claims.Examination("made-up", "closest")
        return judge(again, two=two).save(tmp_path)

    assert save(2.0) == save(2.0) != save(2.001)  # both reproduced: 2.000 and 2.001 are shown


def test_the_folder_may_come_from_the_environment(examined, tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_VERDICTS", str(tmp_path / "new"))
    judge(examined).save()
    assert (tmp_path / "new" / "made-up.csv").is_file()


# ------------------------------------------------------------------------ ledger
@pytest.fixture(scope="module")
def ledger():
    return claims.ledger()


def test_the_ledger_holds_every_claim_once(ledger):
    # 113 + 48 + 141 + 245 + 64 claims of the five documents
    assert len(ledger) == 611 and ledger["claim_id"].is_unique
    assert ledger.groupby("document", sort=False).size().tolist() == [113, 48, 141, 245, 64]
    assert {"claim_id", "document", "kind", "printed", "observed", "verdict", "reading", "evidence"} <= set(ledger)
    assert set(ledger["verdict"]) <= set(claims.VERDICTS)


def test_claims_not_yet_examined_are_listed(ledger):
    judged = {path.stem for path in (ROOT / "data/verdicts").glob("*.csv")}
    rest = ledger[~ledger["document"].isin(judged)]
    assert (rest["verdict"] == "not examined").all() and rest["observed"].isna().all()
    assert not (ledger[ledger["document"].isin(judged)]["verdict"] == "not examined").any()


def test_a_ledger_without_verdicts(tmp_path):
    empty = claims.ledger(tmp_path)
    assert len(empty) == 611 and (empty["verdict"] == "not examined").all()


def write(folder, *names, page="page"):
    lines = [",".join(claims.FIELDS), *(f"{name},1,reproduced,because,closest,,,page" for name in names)]
    (folder / f"{page}.csv").write_text("\n".join(lines) + "\n")


def test_a_ledger_joins_the_verdicts_of_all_pages(tmp_path):
    write(tmp_path, "yrd-001", page="one")
    write(tmp_path, "sz-001", "sz-002", page="two")
    got = claims.ledger(tmp_path).set_index("claim_id")["verdict"]
    assert got[got == "reproduced"].index.tolist() == ["yrd-001", "sz-001", "sz-002"] and len(got) == 611


def test_verdicts_on_claims_that_nobody_made_are_refused(tmp_path):
    write(tmp_path, "yrd-001", "yrd-999")
    with pytest.raises(ValueError, match="no document prints: yrd-999$"):
        claims.ledger(tmp_path)


def test_a_claim_judged_on_two_pages_is_refused(tmp_path):
    write(tmp_path, "yrd-001", "yrd-002", page="one")
    write(tmp_path, "yrd-003", "yrd-001", page="two")
    with pytest.raises(ValueError, match="more than one verdict on yrd-001 in "):
        claims.ledger(tmp_path)


def test_a_claim_judged_twice_on_one_page_is_refused(tmp_path):
    write(tmp_path, "yrd-001", "yrd-002", "yrd-001")
    with pytest.raises(ValueError, match="more than one verdict on yrd-001 in "):
        claims.ledger(tmp_path)


def test_shown_verdicts_are_marked_and_linked():
    frame = pd.DataFrame(
        {"printed": ["<1>", "2"], "verdict": ["not testable", "not examined"], "reason": ["a < b", np.nan],
         "reading": ["entropy", np.nan], "evidence": ["page#tbl-a", np.nan]}, pd.Index(["m-1", "m-2"], name="claim_id"))
    markup = claims.show(frame, name="tbl-v", caption="Verdicts").html
    assert 'class="verdict-not-testable"' in markup and "a &lt; b; reading: entropy" in markup and "&lt;1&gt;" in markup
    assert claims.CLOSEST not in claims.show(frame.assign(reading=claims.CLOSEST), name="tbl-v", caption="Verdicts").html
    assert '<a href="page.html#tbl-a">m-1</a>' in markup and markup.count("<a ") == 1 and "nan" not in markup


SHAPES = pd.MultiIndex.from_product([["levels", "logs"], ["kept", "left out"]], names=["form", "flagged"])


@pytest.mark.parametrize(("found", "told", "verdict"), [
    ("inverted U", ["inverted U", "inverted U", "cannot tell", "U"], "reproduced"),      # half of four
    ("inverted U", ["inverted U", "cannot tell", "cannot tell", "U"], "depends"),        # a quarter
    ("cannot tell", ["cannot tell", "inverted U", "cannot tell", None], "depends"),      # another reading finds it
    ("cannot tell", ["cannot tell", "U", "cannot tell", None], "not testable"),          # nobody finds it, this one can't tell
    ("cannot tell", [None] * 4, "not testable"),
    ("falling", ["falling", "cannot tell", "U", None], "contradicted"),
])
def test_a_test_that_cannot_tell_contradicts_nothing(found, told, verdict):
    examined = claims.Examination("shenzhen", "closest")
    got = examined.decided("sz-086", found, pd.Series(told, SHAPES, dtype=object), wanted="inverted U",
                           missing="SO2 of 2020", observed=found, evidence="tbl-t")
    assert got == verdict
    row = examined.verdicts().loc["sz-086"]
    assert row["reason"].startswith("missing: SO2 of 2020") == (verdict == "not testable")
    assert ("1 of 3 readings say U" in row["reason"]) == (verdict == "not testable" and "U" in told)


# ------------------------------------------------------- the committed verdicts
CHAPTERS = {"yangtze": ("yrd", 113), "coordination": ("coord", 48), "shenzhen": ("sz", 141), "beijing-tianjin-hebei": ("bth", 245), "deindustrialisation": ("deind", 64)}
each_chapter = pytest.mark.parametrize("page", CHAPTERS)


def committed(page):
    with open(ROOT / f"data/verdicts/{page}.csv", encoding="utf-8", newline="") as stream:
        return {row["claim_id"]: row for row in csv.DictReader(stream)}


def outputs(page):
    cells = nbformat.read(ROOT / f"notebooks/{page}.ipynb", 4).cells
    return [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]


def test_every_verdict_belongs_to_a_chapter():
    assert {path.stem for path in (ROOT / "data/verdicts").glob("*.csv")} == set(CHAPTERS)


@each_chapter
def test_every_claim_of_the_chapter_has_a_verdict_and_a_reason(page):
    (prefix, total), rows = CHAPTERS[page], committed(page)
    assert len(rows) == total and list(rows) == [c for c in data.claims().index if c.startswith(f"{prefix}-")]
    for claim, row in rows.items():
        assert row["verdict"] in claims.VERDICTS and row["verdict"] != "not examined", claim
        assert row["reason"].strip() and row["reading"], claim
        assert row["observed"] or row["verdict"] == "not testable", claim
        if row["verdict"] == "not testable":
            assert re.fullmatch(r"missing: (?!none|nan|\s*$).+", row["reason"]), claim


@each_chapter
def test_the_committed_verdicts_follow_from_their_counts(page):
    # What is reproduced holds in half of its readings, what is close or contradicted in none; what depends, in some:
    # fewer than half where it holds in the closest reading.
    for claim, row in committed(page).items():
        if not row["readings"] or not float(row["readings"]):
            assert row["verdict"] != "depends", claim
            continue
        share = float(row["holds"]) / float(row["readings"])
        here = row["reason"].startswith(("holds", "equal"))
        expected = {"reproduced": here and share >= 0.5, "depends": 0 < share and (share < 0.5 or not here),
                    "close": not here and share == 0, "contradicted": not here and share == 0}
        assert expected[row["verdict"]], f"{claim}: {row}"


@each_chapter
def test_evidence_is_found_on_the_page(page):
    cells = nbformat.read(ROOT / f"notebooks/{page}.ipynb", 4).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    anchors = {f"equation-{label}" for label in re.findall(r"^:label: (\S+)$", prose, re.M)}
    anchors |= {re.sub(r"[^a-z]+", "-", title.lower()) for title in re.findall(r"^#+ (.+)$", prose, re.M)}
    for output in outputs(page):
        anchors |= {output.metadata["image/png"]["name"]} if "image/png" in output.get("data", {}) else set()
        anchors |= set(re.findall(r'<table [^>]*id="([^"]+)"', output.get("data", {}).get("text/html", "")))
    for claim, row in committed(page).items():
        there, _, anchor = row["evidence"].partition("#")
        assert there == page and anchor in anchors, f"{claim}: {row['evidence']}"


@each_chapter
def test_the_page_shows_the_fingerprint_of_the_committed_verdicts(page):
    content = (ROOT / f"data/verdicts/{page}.csv").read_bytes()
    printed = [o.text for o in outputs(page) if o.output_type == "stream" and "fingerprint" in o.text]
    assert printed == [f"{CHAPTERS[page][1]} verdicts, fingerprint {hashlib.sha256(content).hexdigest()[:12]}\n"]
