"""From raw figures to green productivity: a panel worked out by hand, properties, bad input."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from casebook import decoupling, productivity
from casebook.productivity import Reading

SO2 = Reading(pollutants=("so2",))
BOTH = Reading(pollutants=("so2", "dust"))
SETTINGS = {
    "base_year": 2005,
    "periods": {"first": [2005, 2006], "second": [2006, 2007], "whole": [2005, 2007]},
    "stages": {"labels": ["low", "high"], "cuts": [30]},
    "models": {"low": "M", "high": "M"},
}


def panel(years=(2005, 2006, 2007), **columns):
    """A panel of the regions M, A, B: for each column, the values of M in all years, then A's, then B's."""
    key = pd.MultiIndex.from_product([["M", "A", "B"], years], names=["region", "year"])
    return pd.DataFrame(columns, key, dtype=float)


def by_hand():
    """The panel of the tests below; what follows from it:

    real GDP      M 400 480 600   A 100 120 150    B 100 80 80
    income        M 40 48 50      A 10 12 15       B 20 16 20
    index of so2  M 100 80 50     A 50 50 75       B 80 80 80     50 + so2 / 2, for so2 runs from 0 to 100
    productivity  M 4 6 12        A 2 2.4 2        B 1.25 1 1
    """
    return panel(
        gdp=[400, 900, 900, 100, 900, 900, 100, 900, 900],  # only the first year's counts
        gdp_index=[999, 120, 125, 999, 120, 125, 999, 80, 100],  # only the later years' count
        population=[10, 10, 12, 10, 10, 10, 5, 5, 4],
        so2=[100, 60, 0, 0, 0, 50, 60, 60, 60],
    )


@pytest.fixture
def study():
    return productivity.study(by_hand(), SETTINGS, SO2)


# ------------------------------------------------------------------ the steps
def test_real_gdp_is_the_first_value_carried_on_by_growth():
    got = productivity.real_gdp(by_hand(), SO2, 2005)
    assert got.tolist() == pytest.approx([400, 480, 600, 100, 120, 150, 100, 80, 80])
    assert got.index.equals(by_hand().index)


def test_real_gdp_begins_with_the_base_year():
    # M 900 * 1.25, A 900 * 1.25, B 900 * 1.00
    got = productivity.real_gdp(by_hand(), SO2, 2006)
    assert got.tolist() == pytest.approx([900, 1125, 900, 1125, 900, 900])
    assert got.index.unique("year").tolist() == [2006, 2007]


def test_a_missing_growth_index_breaks_the_chain_from_there_on():
    figures = by_hand()
    figures.loc[("A", 2006), "gdp_index"] = np.nan
    got = productivity.real_gdp(figures, SO2, 2005)
    assert got["A"].isna().tolist() == [False, True, True] and got.drop("A").notna().all()


def test_a_year_without_rows_breaks_the_chain_too():
    # From 2005 to 2007 the growth of 2006 is needed and unknown: M 400 * 1.25 would be wrong.
    got = productivity.real_gdp(by_hand().drop(2006, level="year"), SO2, 2005)
    assert got.xs(2005, level="year").tolist() == [400, 100, 100]
    assert got.xs(2007, level="year").isna().all()


def test_income_by_the_people_of_each_year_and_of_the_first():
    each = productivity.income(by_hand(), SO2, 2005)
    first = productivity.income(by_hand(), replace(SO2, population_year="first"), 2005)
    assert each.tolist() == pytest.approx([40, 48, 50, 10, 12, 15, 20, 16, 20])
    assert first.tolist() == pytest.approx([40, 48, 60, 10, 12, 15, 20, 16, 16])  # 600 / 10, 80 / 5


def test_index_of_one_pollutant():
    got = productivity.pollution_index(by_hand(), SO2)
    assert got.tolist() == pytest.approx([100, 80, 50, 50, 50, 75, 80, 80, 80])


def test_index_onto_another_interval():
    # 0 + 10 * so2 / 100
    got = productivity.pollution_index(by_hand(), replace(SO2, interval=(0, 10)))
    assert got.tolist() == pytest.approx([10, 6, 0, 0, 0, 5, 6, 6, 6])


def test_index_of_two_pollutants_weighted_equally():
    # so2 is at 0, 1/2, 1 of the way, dust at 1, 1, 0: 50 + 50 * (mean of the two).
    figures = panel(years=[2005], so2=[1, 2, 3], dust=[7, 7, 3])
    assert productivity.pollution_index(figures, BOTH).tolist() == pytest.approx([75, 87.5, 75])


def test_index_weighted_by_variation_takes_the_raw_figures():
    # so2 1, 2, 3: mean 2, deviation sqrt(2/3). dust 5, 4, 3: mean 4, the same deviation.
    # Variations are as 1/2 to 1/4, so weights 2/3 and 1/3; on [0, 1] both columns would weigh the same.
    figures = panel(years=[2005], so2=[1, 2, 3], dust=[5, 4, 3])
    got = productivity.pollution_index(figures, replace(BOTH, weights="variation"))
    assert got.tolist() == pytest.approx([50 + 50 / 3, 75, 50 + 100 / 3])


def test_index_by_year_keeps_only_the_order_within_a_year():
    # 2005: so2 10, 20, 30. 2006: 0, 0, 5. Pooled 0 to 30; by year each year fills the interval.
    figures = panel(years=[2005, 2006], so2=[10, 0, 20, 0, 30, 5])
    pooled = productivity.pollution_index(figures, replace(SO2, interval=(0, 30)))
    yearly = productivity.pollution_index(figures, replace(SO2, interval=(0, 30), pooling="by-year"))
    assert pooled.tolist() == pytest.approx([10, 0, 20, 0, 30, 5])
    assert yearly.tolist() == pytest.approx([0, 0, 15, 0, 30, 30])


def test_a_missing_pollutant_takes_the_whole_year_away():
    # Without 2006 so2 runs from 20 to 100: 50 + 50 * (so2 - 20) / 80.
    figures = panel(years=[2005, 2006], so2=[20, 0, 60, np.nan, 100, 500])
    got = productivity.pollution_index(figures, SO2)
    assert got.xs(2005, level="year").tolist() == pytest.approx([50, 75, 100])
    assert got.xs(2006, level="year").isna().all() and got.index.equals(figures.index)


def test_a_missing_row_takes_the_whole_year_away_like_a_missing_pollutant():
    figures = by_hand().drop(("B", 2006))
    got = productivity.pollution_index(figures, SO2)
    assert got.xs(2006, level="year").isna().all()
    assert got.drop(2006, level="year").notna().all()


def test_a_cut_belongs_to_the_stage_above_it():
    incomes = pd.Series({"A": 0.0, "B": 9.99, "C": 10.0, "D": 20.0, "E": 1e9, "F": np.nan})
    got = productivity.stages(incomes, [10, 20], ["early", "mid", "late"])
    assert got.dropna().to_dict() == {"A": "early", "B": "early", "C": "mid", "D": "late", "E": "late"}
    assert got.isna()["F"]


def test_leaders_are_found_stage_by_stage():
    levels = pd.Series({"A": 1.0, "B": 3.0, "C": 2.0, "D": np.nan})
    groups = pd.Series({"A": "early", "B": "late", "C": "early", "D": "early"})
    assert productivity.leaders(levels, groups) == {"early": "C", "late": "B"}


# ------------------------------------------------------------ the study by hand
def test_levels(study):
    assert study.panel["productivity"].tolist() == pytest.approx([4, 6, 12, 2, 2.4, 2, 1.25, 1, 1])
    assert list(study.panel) == ["gdp", "income", "pollution", "productivity"]


def test_elasticities_states_and_scores(study):
    # first: M +50 % over +20 %; A +20 % over +20 %; B -20 % over -20 %
    # second: M +100 % over 50 / 48 - 1 = 1/24; A 2 / 2.4 - 1 = -1/6 over +25 %; B nothing over +25 %
    # whole: M +200 % over +25 %; A nothing over +50 %; B -20 % over nothing
    expected = {
        "first": (2.5, 1.0, 1.0), "second": (24.0, -2 / 3, 0.0), "whole": (8.0, 0.0, np.nan),
    }
    for period, values in expected.items():
        assert study.elasticity(period).tolist() == pytest.approx(values, abs=1e-12, nan_ok=True)
    states = study.elasticities["state"].unstack("region")[["M", "A", "B"]]
    assert states.loc["first"].tolist() == ["expansive negative decoupling", "expansive coupling", "recessive coupling"]
    assert states.loc["second"].tolist() == ["expansive negative decoupling", "strong decoupling", "weak decoupling"]
    assert states.loc["whole"].tolist() == ["expansive negative decoupling", "weak decoupling", "undefined"]
    # floor(D / 0.2) + 4: 12 + 4, 5 + 4; 120 + 4, -4 + 4, 0 + 4; 40 + 4, 0 + 4
    points = study.elasticities["score"]
    assert points["first"].tolist() == [16, 9, 9] and points["second"].tolist() == [124, 0, 4]
    assert points["whole"].drop("B").tolist() == [44, 4]


def test_zero_growth_leaves_elasticity_and_score_missing(study):
    row = study.elasticities.loc[("whole", "B")]  # income 20 in 2005 and 20 in 2007
    assert row["income_growth"] == 0 and row["state"] == "undefined"
    assert pd.isna(row["elasticity"]) and pd.isna(row["score"])


def test_the_second_period_may_begin_elsewhere():
    got = productivity.study(by_hand(), SETTINGS, replace(SO2, second_start=2005))
    pd.testing.assert_frame_equal(got.elasticities.loc["second"], got.elasticities.loc["whole"])
    assert got.elasticities.loc["first", "start"].eq(2005).all()


def test_the_rule_is_passed_on():
    # A: productivity +20 %, -1/6; income +20 %, +25 %. Mean of 1 and -2/3; chained (1/5 - 1/6) / (1/5 + 1/4).
    for rule, expected in (("mean-annual", 1 / 6), ("chained", (1 / 30) / (9 / 20))):
        got = productivity.study(by_hand(), SETTINGS, replace(SO2, rule=rule))
        assert got.elasticity("whole")["A"] == pytest.approx(expected)


def test_dispersion(study):
    # CV^2 = n * (sum of squares) / (sum)^2 - 1.
    # Income 2005, 40 10 20: 3 * 2100 / 70^2 - 1 = 2/7. Productivity 2007, 12 2 1: 3 * 149 / 15^2 - 1 = 74/75.
    assert study.dispersion.loc[2005, "income"] == pytest.approx(np.sqrt(2 / 7))
    assert study.dispersion.loc[2007, "productivity"] == pytest.approx(np.sqrt(74 / 75))
    sample = productivity.study(by_hand(), SETTINGS, replace(SO2, ddof=1))
    assert sample.dispersion.loc[2005, "income"] == pytest.approx(np.sqrt(3 / 7))  # times sqrt(3 / 2)


def test_catch_up(study):
    # A: productivity gap 2 -> 10, +400 %; income gap 30 -> 35, +1/6; 4 * 6 = 24.
    # B: productivity gap 2.75 -> 11, +300 %; income gap 20 -> 30, +50 %; 3 / 0.5 = 6.
    assert study.catch_up.index.tolist() == ["A", "B"]
    assert study.catch_up["index"].tolist() == pytest.approx([24, 6])
    assert study.catch_up["type"].tolist() == ["D", "D"]
    assert study.catch_up["driver_gap_growth"].tolist() == pytest.approx([1 / 6, 1 / 2])


def test_stages_of_the_study(study):
    # Incomes of the first year 40, 10, 20; the cut is 30.
    assert study.stages["income"].tolist() == [40, 10, 20]
    assert study.stages["stage"].tolist() == ["high", "low", "low"]
    assert study.stages["model"].tolist() == ["M", "M", "M"]


def test_stages_may_be_cut_by_another_population():
    # Registered 10, 2, 5: incomes 40, 50, 20, so A moves up.
    figures = by_hand().assign(registered=[10.0] * 3 + [2.0] * 3 + [5.0] * 3)
    got = productivity.study(figures, SETTINGS, replace(SO2, stage_population="registered"))
    assert got.stages["stage"].tolist() == ["high", "high", "low"]
    assert got.panel["income"].tolist() == pytest.approx([40, 48, 50, 10, 12, 15, 20, 16, 20])


def test_a_model_of_another_stage_is_its_own_model():
    got = productivity.study(by_hand(), SETTINGS | {"models": {"low": "M"}}, SO2)
    assert got.stages["model"].tolist() == ["M", "M", "M"] and "M" not in got.catch_up.index


def test_without_models_the_leaders_of_the_last_year_are_taken():
    # 2007: M 12 alone in its stage; A 2 against B 1.
    without = {k: v for k, v in SETTINGS.items() if k != "models"}
    got = productivity.study(by_hand(), without, SO2)
    assert got.stages["model"].to_dict() == {"M": "M", "A": "A", "B": "A"}
    assert got.catch_up["model"].to_dict() == {"B": "A"}


def test_without_models_a_year_with_a_missing_figure_does_not_count():
    # 2007 is unknown, so 2006 counts: B's GDP of 250 over 80 is 3.125, more than A's 2.4.
    figures = by_hand()
    figures.loc[("B", 2006), "gdp_index"] = 250
    figures.loc[("A", 2007), "so2"] = np.nan
    got = productivity.study(figures, SETTINGS | {"models": {}}, SO2)
    assert got.stages["model"].to_dict() == {"M": "M", "A": "B", "B": "B"}
    assert got.dispersion["productivity"].isna().tolist() == [False, False, True]
    assert got.elasticity("whole").isna().all() and got.catch_up["type"].tolist() == ["undefined"]


def test_dispersion_of_regions_whose_boundary_never_changed():
    # Without A, income 2005 is 40 and 20: mean 30, deviation 10.
    figures = by_hand().assign(population_flag=["", "", "", "", "vintages;boundary", "", "rounded", "", ""])
    reading = replace(SO2, spread_over="unbroken")
    got = productivity.study(figures, SETTINGS, reading)
    assert got.dispersion.loc[2005, "income"] == pytest.approx(1 / 3)
    assert got.stages.index.tolist() == ["M", "A", "B"]  # only the dispersion leaves A out
    plain = productivity.study(by_hand(), SETTINGS, reading)  # no flags, no boundary known to change
    assert plain.dispersion.loc[2005, "income"] == pytest.approx(np.sqrt(2 / 7))


def test_the_sign_of_a_gap_is_passed_on():
    # Model A stays behind M: productivity 2 - 4 = -2, then 2 - 12 = -10; income -30, then -35.
    # By distance both gaps widen, +400 % and +1/6; by sign both fall, by as much.
    settings_a = SETTINGS | {"models": {"low": "A", "high": "A"}}
    for gap, kind, growth in (("absolute", "D", 4), ("signed", "A", -4)):
        row = productivity.study(by_hand(), settings_a, replace(SO2, gap=gap)).catch_up.loc["M"]
        assert (row["type"], row["index"], row["value_gap_growth"]) == (kind, pytest.approx(24), pytest.approx(growth))


def test_outcomes_hold_every_result_once():
    # 3 periods x 3 regions; 3 years x 2 series; 2 ordinary regions, 3 stages, 3 productivities of 2007.
    parts = {part: productivity.outcomes(by_hand(), SETTINGS, part, pollutants=["so2"]) for part in productivity.MATTERS}
    sizes = {part: got["quantity"].value_counts().to_dict() for part, got in parts.items()}
    assert sizes == {"elasticity": {"elasticity": 9},
                     "dispersion": {"dispersion of income": 3, "dispersion of productivity": 3},
                     "catch-up": {"catch-up": 2, "stage": 3, "productivity": 3}}
    assert all(list(got) == ["quantity", "region", "when", "value", "label"] for got in parts.values())
    tidy = pd.concat(parts.values()).set_index(["quantity", "region"])
    whole = tidy.loc[("elasticity", "M")].set_index("when").loc["whole"]
    assert whole.tolist() == [pytest.approx(8), "expansive negative decoupling"]
    assert tidy.loc[[("productivity", "A"), ("productivity", "B")], "value"].tolist() == pytest.approx([2, 1])
    assert tidy.loc[[("catch-up", "A"), ("catch-up", "B")], "label"].tolist() == ["D", "D"]
    assert tidy.loc[[("stage", "M"), ("stage", "A")], "label"].tolist() == ["high", "low"]


OTHERWISE = {"pollutants": ("so2",), "weights": "variation", "pooling": "by-year", "interval": (10.0, 100.0), "gdp": "gdp_revised",
             "growth": "growth_revised", "population": "registered", "population_year": "first", "rule": "chained",
             "second_start": 2005, "ddof": 1, "spread_over": "unbroken", "gap": "signed", "stage_population": "registered"}


@pytest.mark.parametrize("part", productivity.MATTERS)
@pytest.mark.parametrize("field", OTHERWISE)
def test_a_field_that_is_said_not_to_matter_does_not(part, field):
    assert {f.name for f in fields(Reading)} == set(OTHERWISE)
    figures = by_hand().assign(
        dust=range(9), gdp_revised=by_hand()["gdp"] * [1, 1, 1, 2, 2, 2, 3, 3, 3], growth_revised=by_hand()["gdp_index"] + 1,
        registered=[2.0, 2, 3, 4, 4, 5, 9, 9, 8], population_flag=[""] * 4 + ["boundary"] + [""] * 4)
    plain = productivity.outcomes(figures, SETTINGS, part, pollutants=["so2", "dust"])
    other = productivity.outcomes(figures, SETTINGS, part, **{"pollutants": ["so2", "dust"]} | {field: OTHERWISE[field]})
    if field in productivity.MATTERS[part]:
        assert not other.equals(plain) or field == "gap"  # nobody is ahead of M
    else:
        pd.testing.assert_frame_equal(other, plain)


def test_the_input_stays_as_it_was():
    figures = by_hand()
    productivity.study(figures, SETTINGS, SO2)
    pd.testing.assert_frame_equal(figures, by_hand())


# ------------------------------------------------------------------ properties
few = settings(max_examples=30)  # a whole study takes 20 ms
nine = st.lists(st.integers(1, 1000), min_size=9, max_size=9)
growth = st.lists(st.integers(80, 140), min_size=9, max_size=9)
nine_unlike = st.lists(st.integers(0, 1000), min_size=9, max_size=9, unique=True)
panels = st.builds(lambda gdp, index, people, so2, dust: panel(
    gdp=gdp, gdp_index=index, population=people, so2=so2, dust=dust), nine, growth, nine, nine_unlike, nine_unlike)
ONE_STAGE = SETTINGS | {"stages": {"labels": ["all"], "cuts": []}, "models": {"all": "M"}}


@given(panels, st.sampled_from(["gdp", "population", "so2", "dust"]), st.integers(-20, 20),
       st.sampled_from(["equal", "entropy", "variation"]))
@few
def test_units_do_not_matter(figures, column, power, weights):
    # A power of two keeps every digit, so that even ties and bounds stay where they are.
    reading = replace(BOTH, weights=weights)
    plain = productivity.study(figures, ONE_STAGE, reading)
    scaled = productivity.study(figures.assign(**{column: figures[column] * 2.0**power}), ONE_STAGE, reading)
    pd.testing.assert_frame_equal(scaled.elasticities, plain.elasticities)
    pd.testing.assert_frame_equal(scaled.dispersion, plain.dispersion)
    assert scaled.catch_up["type"].equals(plain.catch_up["type"])


@given(panels, st.permutations(["M", "A", "B"]))
@few
def test_the_order_of_regions_does_not_matter(figures, order):
    mixed = figures.loc[order]
    plain, other = (productivity.study(one, ONE_STAGE, BOTH) for one in (figures, mixed))
    assert other.stages.index.tolist() == other.elasticities.loc["whole"].index.tolist() == list(order)
    pd.testing.assert_frame_equal(other.panel.loc[["M", "A", "B"]], plain.panel)
    pd.testing.assert_frame_equal(other.dispersion, plain.dispersion)
    pd.testing.assert_frame_equal(other.catch_up.loc[["A", "B"]], plain.catch_up)
    for period in SETTINGS["periods"]:
        pd.testing.assert_frame_equal(other.elasticities.loc[period].loc[["M", "A", "B"]], plain.elasticities.loc[period])


def factors(figures, reading):
    """Growth factors from 2005 to 2007 of income, population and index, and the elasticity."""
    study = productivity.study(figures, ONE_STAGE, reading)
    people = figures["population"] if reading.population_year == "each" else figures["population"] * 0 + 1
    levels = (study.panel["income"], people, study.panel["pollution"])
    return *((x.xs(2007, level="year") / x.xs(2005, level="year")).loc[["M", "A", "B"]] for x in levels), study.elasticity("whole")


@given(panels, st.sampled_from(["each", "first"]))
@few
def test_the_elasticity_is_that_of_the_three_growth_factors(figures, population_year):
    g, p, e, elasticity = factors(figures, replace(BOTH, population_year=population_year))
    assume((abs(g - 1) > 1e-3).all())
    np.testing.assert_allclose(elasticity, decoupling.productivity_elasticity(g, p, e), rtol=1e-6, atol=1e-6)


@given(panels, st.sampled_from(["each", "first"]))
@few
def test_above_one_exactly_when_the_index_grows_less_than_population(figures, population_year):
    g, p, e, elasticity = factors(figures, replace(BOTH, population_year=population_year))
    clear = (g > 1.001) & (abs(e - p) > 1e-6)
    assert ((elasticity > 1) == (e < p))[clear].all()


# -------------------------------------------------------------------- bad input
@pytest.mark.parametrize("column", ["gdp", "gdp_index", "population", "so2", "dust"])
def test_a_missing_column_is_named(column):
    figures = by_hand().assign(dust=1.0 + by_hand()["so2"]).drop(columns=column)
    with pytest.raises(ValueError, match=f"lacks the column '{column}'"):
        productivity.study(figures, SETTINGS, BOTH)


def test_a_missing_column_of_the_stages_is_named():
    with pytest.raises(ValueError, match="lacks the column 'registered'"):
        productivity.study(by_hand(), SETTINGS, replace(SO2, stage_population="registered"))


def test_a_region_with_one_year_is_named():
    with pytest.raises(ValueError, match="no row for B in 200[67]"):
        productivity.study(by_hand().drop([("B", 2006), ("B", 2007)]), SETTINGS, SO2)


def test_gdp_of_zero_is_named():
    figures = by_hand()
    figures.loc[("A", 2005), "gdp"] = 0
    with pytest.raises(ValueError, match="of A is (zero|not positive) in 2005"):
        productivity.study(figures, SETTINGS, SO2)


def test_population_of_zero_is_named():
    figures = by_hand()
    figures.loc[("A", 2006), "population"] = 0
    with pytest.raises(ValueError, match="'population' of A.* 2006"):
        productivity.income(figures, SO2, 2005)


def test_a_constant_pollutant_is_named():
    with pytest.raises(ValueError, match="'dust' is constant"):
        productivity.study(by_hand().assign(dust=3.0), SETTINGS, BOTH)


def test_a_pollutant_constant_in_one_year_has_no_index_by_year():
    figures = panel(years=[2005, 2006], so2=[1, 7, 2, 7, 3, 7])
    with pytest.raises(ValueError, match="'so2' is constant in 2006"):
        productivity.pollution_index(figures, replace(SO2, pooling="by-year"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: productivity.real_gdp(by_hand(), SO2, 2004), "no figures for the base year 2004"),
        (lambda: Reading(pollutants=("so2",), population_year="last"), "population_year must be each or first; got 'last'"),
        (lambda: Reading(pollutants=("so2",), spread_over="some"), "spread_over must be all or unbroken; got 'some'"),
        (lambda: productivity.study(by_hand(), SETTINGS, replace(SO2, gap="x")), "gap must be one of absolute, signed; got 'x'"),
        (lambda: productivity.outcomes(by_hand(), SETTINGS, "x", pollutants=["so2"]), "part must be one of elasticity"),
        (lambda: Reading(pollutants=()), "at least one pollutant"),
        (lambda: productivity.pollution_index(by_hand().assign(so2=np.nan), SO2), "no year in which every region has so2"),
        (lambda: productivity.stages(pd.Series({"A": 1.0}), [10], ["early"]), "1 increasing cuts need 2 labels"),
        (lambda: productivity.stages(pd.Series({"A": 1.0}), [20, 10], ["a", "b", "c"]), "increasing cuts"),
        (lambda: productivity.study(by_hand(), SETTINGS | {"models": {"low": "X"}}, SO2), "model region 'X' has no data"),
        (lambda: productivity.study(by_hand(), SETTINGS, replace(SO2, rule="x")), "rule must be one of"),
        (lambda: productivity.study(by_hand(), SETTINGS, replace(SO2, weights="x")), "method must be one of"),
        (lambda: productivity.study(by_hand(), SETTINGS, replace(SO2, second_start=2008)), "2008"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ------------------------------------------------------------------ gaps, and settings left out
def test_a_whole_panel_is_not_refused():
    assert productivity.refuse_gaps(by_hand(), SETTINGS, SO2) is None


@pytest.mark.parametrize(
    ("cell", "column", "reading", "refused"),
    [
        (("A", 2005), "gdp", SO2, True), (("A", 2006), "gdp", SO2, False),  # the level of the base year alone
        (("B", 2006), "gdp_index", SO2, True), (("B", 2007), "gdp_index", SO2, True), (("B", 2005), "gdp_index", SO2, False),  # growth since then
        (("M", 2007), "population", SO2, True), (("M", 2007), "population", replace(SO2, population_year="first"), False),
        (("M", 2005), "population", replace(SO2, population_year="first"), True),
        (("A", 2007), "so2", SO2, True),
    ],
)
def test_a_gap_is_refused_where_the_reading_needs_the_figure(cell, column, reading, refused):
    figures = by_hand()
    figures.loc[cell, column] = np.nan
    if not refused:
        return productivity.refuse_gaps(figures, SETTINGS, reading)
    with pytest.raises(ValueError, match=f"region {cell[0]}, year {cell[1]}, column {column}: no figure, .* needs one; fill it in"):
        productivity.refuse_gaps(figures, SETTINGS, reading)


def test_a_year_between_the_ends_matters_to_annual_rules_only():
    figures = by_hand()
    figures.loc[("A", 2006), "so2"] = np.nan
    ends = SETTINGS | {"periods": {"whole": [2005, 2007]}}
    productivity.refuse_gaps(figures, ends, SO2)
    with pytest.raises(ValueError, match="region A, year 2006, column so2"):
        productivity.refuse_gaps(figures, ends, replace(SO2, rule="chained"))
    # a second period that begins in 2006 needs that year, one that begins in 2005 doesn't
    second = SETTINGS | {"periods": {"second": [2006, 2007]}}
    with pytest.raises(ValueError, match="region A, year 2006, column so2"):
        productivity.refuse_gaps(figures, second, SO2)
    productivity.refuse_gaps(figures, second, replace(SO2, second_start=2005))


def test_rows_that_are_absent_are_gaps_and_the_rest_is_counted():
    with pytest.raises(ValueError, match=r"region B, year 2005, column gdp: .* needs one \(and 3 more\)"):  # population and so2 of 2005, growth of 2006
        productivity.refuse_gaps(by_hand().drop([("B", 2005)]).assign(gdp_index=lambda f: f["gdp_index"].mask(f.index == ("B", 2006))), SETTINGS, SO2)


def test_what_else_is_refused_before_the_study():
    with pytest.raises(ValueError, match="periods.first begins in 2005, before base_year = 2006"):
        productivity.refuse_gaps(by_hand(), SETTINGS | {"base_year": 2006}, SO2)
    with pytest.raises(ValueError, match="M alone can't be compared"):
        productivity.refuse_gaps(by_hand().loc[["M"]], SETTINGS, SO2)
    with pytest.raises(ValueError, match="lacks the column 'dust'"):
        productivity.refuse_gaps(by_hand(), SETTINGS, BOTH)


def test_without_stages_all_regions_are_one_and_the_most_productive_is_the_model():
    bare = {key: value for key, value in SETTINGS.items() if key not in ("stages", "models")}
    told = productivity.study(by_hand(), bare, SO2)
    assert told.stages["stage"].unique().tolist() == ["all regions"]
    assert told.stages["model"].unique().tolist() == ["M"] and told.catch_up.index.tolist() == ["A", "B"]  # 12 in 2007, A 2, B 1


def test_where_every_region_is_a_model_nobody_catches_up():
    alone = SETTINGS | {"stages": {"labels": ["low", "mid", "high"], "cuts": [15, 30]}, "models": {}}  # incomes 40, 10, 20
    assert productivity.study(by_hand(), alone, SO2).catch_up.empty
    assert (productivity.outcomes(by_hand(), alone, "catch-up", pollutants=("so2",))["quantity"] != "catch-up").all()


def test_stages_are_cut_by_the_population_of_income_unless_another_is_named():
    figures = by_hand().assign(registered=lambda f: f["population"] * 2)
    assert productivity.study(figures, SETTINGS, SO2).stages["income"].tolist() == [40, 10, 20]
    assert productivity.study(figures, SETTINGS, replace(SO2, stage_population="registered")).stages["income"].tolist() == [20, 5, 10]
