"""Which figures look wrong: planted defects are found where they are, clean tables stay silent."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import doubts
from casebook.doubts import copies, grid, levels, shares, spelling, units

REGIONS = ["Ashwick", "Brinmoor", "Caldermouth", "Dunholt", "Eastmere", "Fernley", "Garsdale", "Holmby"]
YEARS = range(2001, 2013)
KEY = pd.MultiIndex.from_product([REGIONS, YEARS], names=["region", "year"])
CELL = ("Dunholt", 2006)


def clean(seed=0, noise=0.02, columns=("gdp", "energy", "people")):
    """Regions of different size that grow by 3 to 9 per cent, with noise; two decimals."""
    rng = np.random.default_rng(seed)
    shape = len(REGIONS), len(YEARS)
    size = 10 ** rng.uniform(2.5, 3.5, (shape[0], 1))
    made = {}
    for column in columns:
        growth = rng.uniform(0.03, 0.09, (shape[0], 1)) + rng.normal(0, noise / 2, shape[1])
        own = 10 ** rng.uniform(-0.1, 0.1, (shape[0], 1)) * size * rng.uniform(0.2, 5)
        made[column] = np.round(own * np.exp(np.cumsum(growth, 1) + rng.normal(0, noise, shape)), 2).ravel()
    return pd.DataFrame(made, KEY)


def planted(value, cell=CELL, column="gdp", **how):
    """A clean panel with one figure changed by a factor."""
    panel = clean(**how)
    panel.loc[cell, column] *= value
    return panel


def scaled(panel, factor, regions=REGIONS, years=YEARS, column="gdp"):
    """The panel with a block of figures multiplied."""
    block = panel.index.get_level_values("region").isin(regions) & panel.index.get_level_values("year").isin(years)
    return panel.assign(**{column: panel[column].where(~block, panel[column] * factor)})


def at(problems, *names):
    """The named attributes of each problem."""
    return [tuple(getattr(problem, name) for name in names) for problem in problems]


def run(check, panel, fields=None):
    return check(grid.read(panel, fields or {}))


def cell(problem):
    return problem.region, problem.year, problem.column


# ------------------------------------------------------------------ clean tables
@settings(max_examples=20)
@given(st.integers(0, 10**6), st.floats(0, 0.12))
def test_growth_with_noise_is_silent(seed, noise):
    assert doubts.figures(clean(seed, max(noise, 0.003)), {}) == []


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.floats(0.5, 400))
def test_counts_are_silent_however_small(seed, mean):
    counts = np.random.default_rng(seed).poisson(mean, (len(KEY), 3))
    assert doubts.figures(pd.DataFrame(counts, KEY, ["a", "b", "c"]), {}) == []


@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_growth_rates_and_missing_figures_are_silent(seed):
    rng = np.random.default_rng(seed)
    panel = pd.DataFrame(np.round(rng.normal(5, 4, (len(KEY), 2)), 1), KEY, ["growth", "change"])
    panel = panel.join(clean(seed)).mask(rng.random((len(KEY), 5)) < 0.2)
    assert doubts.figures(panel, {}) == []


def test_an_empty_column_and_a_single_year_are_silent():
    panel = clean().assign(none=np.nan)
    assert doubts.figures(panel, {}) == []
    assert doubts.figures(panel.xs(2003, level="year", drop_level=False), {}) == []


@settings(max_examples=15)
@given(st.permutations(REGIONS))
def test_the_order_of_regions_changes_nothing(order):
    panel = planted(1e4)
    panel.loc[("Garsdale", 2009), "energy"] *= 2
    panel.loc["Fernley", "people"] = 77.0
    found = doubts.figures(panel, {})
    assert len(found) >= 3
    assert set(doubts.figures(panel.loc[list(order)], {})) == set(found)


@settings(max_examples=20)
@given(st.floats(1e-6, 1e6), st.sampled_from([10, 1e3, 1e4, 1e-2]), st.integers(0, 50))
def test_the_unit_of_a_column_changes_no_slip(scale, factor, seed):
    panel = planted(factor, seed=seed)
    found = at(run(units.unit_slips, panel), "region", "year", "column")
    assert found == [("Dunholt", "2006", "gdp")]
    assert at(run(units.unit_slips, panel.assign(gdp=panel["gdp"] * scale)), "region", "year", "column") == found


# ------------------------------------------------------------------------- units
@pytest.mark.parametrize("factor", [10, 100, 1000, 1e4, 1e6, 1e8])
@pytest.mark.parametrize("year", [2001, 2006, 2012])
def test_a_lone_figure_in_another_unit(factor, year):
    for value, verb in ((factor, "divide"), (1 / factor, "multiply")):
        panel = planted(value, ("Dunholt", year))
        [problem] = run(units.unit_slips, panel)
        assert cell(problem) == ("Dunholt", str(year), "gdp")
        assert problem.found == grid.say(panel.loc[("Dunholt", year), "gdp"])
        right = grid.say(clean().loc[("Dunholt", year), "gdp"])
        assert problem.mend == f"{verb} by {int(factor):,}, which gives {right}"
        assert f"{int(factor):,}" in problem.expected and problem.severity == "warning"


def test_the_years_beside_a_slip_are_named():
    panel = pd.DataFrame({"gdp": [0.41, 0.45, 4512, 0.47, 0.52, 0.55]}, pd.Index(range(2004, 2010), name="year"))
    [problem] = doubts.figures(panel, {})
    assert str(problem) == ("year 2006, column gdp: 4,512 is about 10,000 times the years beside it (0.45 in 2005 and 0.47 in 2007); "
                            "divide by 10,000, which gives 0.4512")


@pytest.mark.parametrize(("years", "span"), [(range(2004, 2007), "2004-2006"), (range(2009, 2013), "2009-2012"),
                                             (range(2001, 2005), "2001-2004")])
def test_a_run_in_another_unit_is_one_problem(years, span):
    panel = scaled(clean(), 1e4, ["Dunholt"], years)
    [problem] = run(units.unit_slips, panel)
    assert cell(problem) == ("Dunholt", span, "gdp")
    right = clean().loc[("Dunholt", list(years)), "gdp"].to_numpy()
    assert problem.mend == f"divide by 10,000, which gives {grid.between(right)}"


def test_two_slips_of_one_region():
    panel = planted(1e3)
    panel.loc[("Dunholt", 2009), "gdp"] /= 100
    assert [cell(problem)[1] for problem in run(units.unit_slips, panel)] == ["2006", "2009"]


def test_half_the_years_leave_open_which_half_is_wrong():
    panel = scaled(clean(), 1e4, ["Dunholt"], range(2007, 2013))
    [problem] = run(units.unit_slips, panel)
    assert "or else mend the other years" in problem.mend


@pytest.mark.parametrize(("wrong", "some"), [(8, ""), (5, " (Ashwick, Brinmoor, Caldermouth and 2 more)")])
def test_a_year_in_another_unit_is_said_once(wrong, some):
    panel = scaled(clean(), 1e4, REGIONS[:wrong], [2006])
    [problem] = run(units.unit_slips, panel)
    assert cell(problem) == ("", "2006", "gdp")
    assert problem.found == f"the figures of {wrong} of 8 regions{some}"


@pytest.mark.parametrize(("factor", "column"), [(100, "gdp"), (1e4, "gdp"), (1e-3, "gdp"), (1e4, "people")])
def test_a_whole_region_in_another_unit(factor, column):
    panel = scaled(clean(), factor, ["Dunholt"], column=column)
    [problem] = run(units.region_slips, panel)
    assert cell(problem) == ("Dunholt", "", column)
    right = clean().loc["Dunholt", column].to_numpy()
    assert problem.mend.endswith(f"by {int(max(factor, 1 / factor)):,}, which gives {grid.between(right)}")
    assert "measured by" in problem.expected and all(other in problem.expected for other in {"gdp", "energy", "people"} - {column})
    assert run(units.unit_slips, panel) == []


def test_two_columns_cannot_tell_which_is_wrong():
    panel = scaled(clean()[["gdp", "energy"]], 1e4, ["Dunholt"])
    panel["gdp"] *= np.repeat([1, 2000, 1, 300, 40, 9000, 1, 70], len(YEARS))  # sizes that say nothing by themselves
    panel["energy"] *= np.repeat([1, 2000, 1, 300, 40, 9000, 1, 70], len(YEARS))
    [problem] = run(units.region_slips, panel)
    assert cell(problem) == ("Dunholt", "", "gdp") and "or else mend energy (multiply by 10,000)" in problem.mend


def test_where_another_region_lies_half_as_far_no_region_is_doubted():
    panel = scaled(scaled(clean(), 100, ["Dunholt"]), 30, ["Garsdale"])  # regions differ that much in this column
    assert run(units.region_slips, panel) == []


def test_years_left_out_count():
    panel = clean(noise=0.003).drop([(region, year) for region in REGIONS for year in range(2005, 2011)])
    panel = panel.assign(gdp=100 * 1.3 ** (panel.index.get_level_values("year") - 2001.0))  # by 30 per cent a year
    assert run(units.unit_slips, panel) == [] and run(levels.spikes_and_breaks, panel) == []


def test_years_left_out_of_one_series_count():
    years = pd.Index([2001, 2002, 2003, 2004, 2010, 2011, 2012, 2013], name="year")
    noise = np.random.default_rng(6).normal(0, 0.01, len(years))
    panel = pd.DataFrame({"gdp": 100 * 1.2 ** (years - 2001) * np.exp(noise)}, years)
    assert doubts.figures(panel, {}) == []


def test_a_calm_series_in_a_volatile_column_may_move():
    panel = clean(noise=0.3)[["gdp"]]
    panel.loc["Dunholt", "gdp"] = 500 * 1.05 ** np.arange(12) * np.exp(np.random.default_rng(7).normal(0, 0.01, 12))
    panel.loc[CELL, "gdp"] *= 1.5
    assert run(levels.spikes_and_breaks, panel) == []


def test_a_large_region_is_no_slip():
    panel = clean()
    for column in panel:
        panel = scaled(panel, 1e3, ["Dunholt"], column=column)
    assert all("energy" not in problem.expected for problem in run(units.region_slips, panel))


def test_a_volatile_series_may_move_tenfold():
    rng = np.random.default_rng(3)
    panel = pd.DataFrame({"fdi": 10 ** rng.normal(2, 0.5, len(KEY))}, KEY)
    assert run(units.unit_slips, panel) == []


def test_zeroes_are_true():
    panel = planted(0)
    assert run(units.unit_slips, panel) == [] and run(levels.spikes_and_breaks, panel) == []


def test_a_negative_figure_does_not_hide_a_slip():
    panel = planted(1e4)
    panel.loc[("Ashwick", 2003), "gdp"] = -5.0
    assert [cell(problem) for problem in run(units.unit_slips, panel)] == [("Dunholt", "2006", "gdp")]


def test_lines_are_passed_on():
    rows = pd.Series(range(2, 2 + len(KEY)), KEY)
    [problem] = doubts.figures(planted(1e4), {}, rows.sample(frac=1, random_state=1))
    assert problem.row == rows[CELL] == 43  # 3 regions of 12 years before it, 5 years, and the head


# ------------------------------------------------------------------------ levels
@pytest.mark.parametrize("factor", [0.5, 1.8, 5])
def test_a_spike(factor):
    panel = planted(factor)
    [problem] = doubts.figures(panel, {})
    assert cell(problem) == ("Dunholt", "2006", "gdp")
    before, after = (clean().loc[("Dunholt", year), "gdp"] for year in (2005, 2007))
    times = panel.loc[CELL, "gdp"] / np.sqrt(before * after)
    assert problem.expected == (f"is {float(f'{times:.2g}'):g} times the years beside it "
                                f"({grid.say(before)} in 2005 and {grid.say(after)} in 2007)")


def test_a_missing_figure_beside_a_jump_is_no_spike():
    panel = clean()
    panel.loc[("Dunholt", 2001), "gdp"] *= 4
    panel.loc[("Dunholt", 2002), "gdp"] = np.nan
    assert [cell(problem) for problem in run(levels.spikes_and_breaks, panel)] == [("Dunholt", "2001", "gdp")]


@pytest.mark.parametrize(("year", "factor", "found"), [(2012, 3, True), (2001, 3, True), (2012, 1.45, False), (2001, 1.45, False)])
def test_the_last_and_first_figure_are_held_against_one_year(year, factor, found):
    problems = doubts.figures(planted(factor, ("Dunholt", year)), {})
    assert [cell(problem) for problem in problems] == [("Dunholt", str(year), "gdp")] * found
    assert all("times the year beside it (" in problem.expected for problem in problems)


def test_beside_a_high_spike_the_next_figure_is_not_low():
    panel = planted(40, noise=0.005)
    panel.loc[("Dunholt", 2007), "gdp"] *= 0.7
    assert ("Dunholt", "2006", "gdp") == cell(run(levels.spikes_and_breaks, panel)[0])
    assert all("2007" != problem.year for problem in run(levels.spikes_and_breaks, panel))


@pytest.mark.parametrize("factor", [0.5, 1.7])
def test_a_jump_that_stays(factor):
    panel = scaled(clean(), factor, ["Dunholt"], range(2007, 2013))
    [problem] = doubts.figures(panel, {})
    assert cell(problem) == ("Dunholt", "2007", "gdp")
    assert "later years stay there" in problem.expected and "in 2006" in problem.expected


def test_a_jump_of_all_regions_is_one_break_of_the_column():
    panel = scaled(clean(), 1.6, years=range(2007, 2013))
    [problem] = doubts.figures(panel, {})
    assert cell(problem) == ("", "2007", "gdp") and problem.expected.endswith("and stay there")
    ratio = float(problem.expected.split("the middle one to ")[1].split()[0])
    assert ratio == pytest.approx(1.6, abs=0.1)


def test_a_year_in_which_most_regions_differ_is_said_once():
    panel = scaled(clean(), 0.4, REGIONS[:6], [2007])  # and those who do not differ are not at fault
    [problem] = doubts.figures(panel, {})
    assert cell(problem) == ("", "2007", "gdp") and problem.expected.endswith("back in the year after")


def test_a_common_crisis_is_no_break_of_its_regions():
    panel = scaled(clean(), 0.8, years=range(2007, 2013))
    assert doubts.figures(panel, {}) == []


# ------------------------------------------------------------------------ copies
def test_a_copied_year():
    panel = clean()
    panel.loc[("Dunholt", 2009)] = panel.loc[("Dunholt", 2008)].to_numpy()
    [problem] = run(copies.copied_years, panel)
    assert cell(problem) == ("Dunholt", "2009", "") and "equal those of 2008" in problem.expected


def test_a_year_copied_for_all_regions_is_said_once():
    panel = clean()
    panel.loc[(slice(None), 2009), :] = panel.loc[(slice(None), 2004), :].to_numpy()
    [problem] = run(copies.copied_years, panel)
    assert cell(problem) == ("", "2009", "") and "equal those of 2004" in problem.expected


@pytest.mark.parametrize("change", ["one column", "few digits", "one moves"])
def test_years_may_agree_by_chance(change):
    panel = clean()
    panel.loc[("Dunholt", 2009)] = panel.loc[("Dunholt", 2008)].to_numpy()
    if change == "one column":
        panel = panel[["gdp"]].assign(area=np.repeat(np.linspace(1234.5, 8765.4, 8), 12))
    elif change == "few digits":
        panel = panel.assign(gdp=panel["gdp"].round(-3), energy=panel["energy"].round(-3), people=panel["people"].round(-3))
    else:
        panel.loc[("Dunholt", 2009), "gdp"] += 0.01
    assert run(copies.copied_years, panel) == []


def test_a_year_missing_in_one_column_may_still_be_a_copy():
    panel = clean()
    panel.loc[("Dunholt", 2009)] = panel.loc[("Dunholt", 2008)].to_numpy()
    panel.loc[("Dunholt", 2009), "people"] = np.nan
    assert [problem.year for problem in run(copies.copied_years, panel)] == ["2009"]
    panel.loc[("Dunholt", 2009), "energy"] = np.nan
    assert run(copies.copied_years, panel) == []


def test_a_copied_region():
    panel = clean()
    panel.loc["Garsdale"] = panel.loc["Dunholt"].to_numpy()
    [problem] = run(copies.copied_regions, panel)
    assert cell(problem) == ("Garsdale", "", "") and problem.expected == "equal those of Dunholt in every year"


def test_a_region_copied_in_one_column():
    panel = clean()
    panel.loc["Garsdale", "gdp"] = panel.loc["Dunholt", "gdp"].to_numpy()
    [problem] = run(copies.copied_regions, panel)
    assert cell(problem) == ("Garsdale", "", "gdp") and problem.expected == "equal those of Dunholt in every year of gdp"


@pytest.mark.parametrize(("factor", "words"), [(1, "equal to"), (1000, "1,000 times"), (0.01, "a 100th of")])
def test_a_copied_column(factor, words):
    panel = clean().assign(copy=lambda frame: frame["energy"] * factor)
    [problem] = run(copies.copied_columns, panel)
    assert problem.column == "copy" and problem.expected == f"are {words} those of energy"
    panel.loc[CELL, "copy"] *= 1.001
    assert run(copies.copied_columns, panel) == []


def test_a_constant_column():
    panel = clean().assign(rate=7.5)
    [problem] = doubts.figures(panel, {})
    assert (problem.column, problem.expected) == ("rate", "are 7.5")
    assert doubts.figures(panel, {"rate": {"constant": True}}) == []


def test_figures_carried_forward():
    panel = clean()
    panel.loc[("Dunholt", [2006, 2007, 2008, 2009]), "gdp"] = panel.loc[("Dunholt", 2006), "gdp"]
    [problem] = doubts.figures(panel, {})
    assert cell(problem) == ("Dunholt", "2006-2009", "gdp") and "carried forward" in problem.mend
    panel.loc[("Dunholt", 2009), "gdp"] *= 1.05
    assert doubts.figures(panel, {}) == []


def test_what_rounding_explains_is_not_carried_forward():
    rng = np.random.default_rng(5)
    slow = np.round(10 * np.exp(np.cumsum(rng.normal(0.002, 0.001, (8, 12)), axis=1)), 1)  # two in a thousand, shown to one
    assert (np.diff(slow) == 0).mean() > 0.5
    assert run(copies.carried, pd.DataFrame({"rate": slow.ravel()}, KEY)) == []


def test_areas_and_zeroes_may_stand_still():
    area = np.repeat(np.linspace(1234.5, 8765.4, 8), 12)
    area[5:12] += 60.3  # a boundary
    none = np.random.default_rng(1).uniform(10, 90, (8, 12))
    none[3] = 0
    assert run(copies.carried, pd.DataFrame({"area": area, "none": none.ravel()}, KEY)) == []


@pytest.mark.parametrize(("how", "words"), [(np.linspace, "lie on a straight line"), (np.geomspace, "grow at exactly one rate")])
def test_interpolated_figures(how, words):
    panel = clean()
    first = panel.loc[("Dunholt", 2004), "gdp"]
    panel.loc[("Dunholt", list(range(2004, 2010))), "gdp"] = how(first, 1.6 * first, 6).round(2)
    [problem] = run(copies.straight, panel)
    assert cell(problem) == ("Dunholt", "2004-2009", "gdp") and problem.expected == words


def test_four_points_are_no_line():
    panel = clean()
    first = panel.loc[("Dunholt", 2004), "gdp"]
    panel.loc[("Dunholt", list(range(2004, 2008))), "gdp"] = np.linspace(first, 1.3 * first, 4).round(2)
    assert run(copies.straight, panel) == []


def test_coarse_figures_lie_on_lines_by_chance():
    stairs = np.add.outer(np.arange(8) * 7, np.arange(12)).astype(float)  # one more each year
    assert run(copies.straight, pd.DataFrame({"stations": stairs.ravel()}, KEY)) == []


def test_a_line_across_missing_years():
    panel = clean().drop([(region, 2006) for region in REGIONS])
    years = [2003, 2004, 2005, 2007, 2008, 2009]
    panel.loc[("Dunholt", years), "gdp"] = [800 + 41.37 * (year - 2003) for year in years]
    assert [cell(problem) for problem in run(copies.straight, panel)] == [("Dunholt", "2003-2009", "gdp")]


def test_a_whole_table_drawn_with_a_ruler_is_said_once():
    panel = clean()
    panel["gdp"] = np.concatenate([np.linspace(100.03 * (1 + i), 217.41 * (1 + i), 12).round(2) for i in range(8)])
    [problem] = run(copies.straight, panel)
    assert cell(problem) == ("", "2001-2012", "gdp") and problem.found == "the figures of 8 of 8 regions"


# ------------------------------------------------------------------------ shares
def share(seed=0, top=90):
    return pd.DataFrame({"share": np.random.default_rng(seed).uniform(5, top, len(KEY)).round(1)}, KEY)


@pytest.mark.parametrize(("kind", "scale", "value"), [("per cent", 1, 130), ("per cent", 1, -3), ("fraction", 0.01, 1.3)])
def test_an_impossible_share_is_an_error(kind, scale, value):
    panel = share() * scale
    panel.loc[CELL, "share"] = value
    [problem] = run(shares.impossible_shares, panel, {"share": {"share": kind}})
    assert cell(problem) == ("Dunholt", "2006", "share") and problem.severity == "error"
    assert problem.expected == f"must lie in 0 to {100 if kind == 'per cent' else 1}"
    assert run(shares.impossible_shares, panel) == []  # nothing declared


def test_shares_in_the_other_unit():
    [problem] = run(shares.impossible_shares, share() / 100, {"share": {"share": "per cent"}})
    assert problem.expected == "look like fractions, though per cent is declared" and problem.mend.startswith("multiply by 100")
    assert (problem.column, problem.region) == ("share", "")
    [problem] = run(shares.impossible_shares, share(), {"share": {"share": "fraction"}})
    assert problem.expected == "look like per cent, though fractions are declared" and problem.mend.startswith("divide by 100")
    small = share()
    small.loc[CELL, "share"] = 0.4
    assert run(shares.impossible_shares, small, {"share": {"share": "per cent"}}) == []
    assert run(shares.impossible_shares, share() / 100, {"share": {"share": "fraction"}}) == []


def test_an_unknown_kind_of_share():
    with pytest.raises(ValueError, match="share 'promille' is unknown; use one of per cent, fraction"):
        run(shares.impossible_shares, share(), {"share": {"share": "promille"}})


@pytest.mark.parametrize(("field", "value", "expected"), [
    ({"positive": True}, -5, "must be above 0"),
    ({"positive": True, "constraints": {"minimum": 0}}, 0, "must be above 0"),
    ({"positive": True, "constraints": {"minimum": 0}}, -5, "must be above 0"),
    ({"constraints": {"minimum": 0}}, -5, "must not be below 0"),
    ({"constraints": {"maximum": 50000}}, 60000, "must not be above 50,000"),
])
def test_declared_bounds(field, value, expected):
    panel = clean()
    panel.loc[CELL, "gdp"] = value
    [problem] = run(shares.bounds, panel, {"gdp": field})
    assert cell(problem) == ("Dunholt", "2006", "gdp")
    assert (problem.found, problem.expected, problem.severity) == (f"{value:,}", expected, "error")
    assert run(shares.bounds, clean(), {"gdp": field}) == []


def test_most_figures_out_of_bounds_are_said_once():
    panel = clean()
    panel.loc["Dunholt", "gdp"] = -panel.loc["Dunholt", "gdp"].to_numpy()
    [problem] = run(shares.bounds, panel, {"gdp": {"positive": True}})
    assert cell(problem) == ("Dunholt", "2001-2012", "gdp") and problem.found.startswith("12 of 12 figures")
    [problem] = run(shares.bounds, -clean(), {"gdp": {"positive": True}})
    assert cell(problem)[0] == "" and problem.found.startswith("96 of 96 figures")


def parts():
    panel = clean(columns=("primary", "secondary", "tertiary"))
    return panel.assign(total=panel.sum(axis=1).round(2)), {"total": {"parts": ["primary", "secondary", "tertiary"]}}


def test_a_total_that_misses_its_parts():
    panel, fields = parts()
    assert run(shares.totals, panel, fields) == []
    panel.loc[CELL] = [100.0, 300.0, 500.0, 990.0]
    [problem] = run(shares.totals, panel, fields)
    assert cell(problem) == ("Dunholt", "2006", "total")
    assert f"{problem.found} {problem.expected}" == "990 differs by 90 from 900, the sum of primary, secondary and tertiary"
    panel.loc[CELL, "total"] = 904.0  # within half a per cent
    assert run(shares.totals, panel, fields) == []


def test_rounded_parts_add_up():
    panel = pd.DataFrame({"a": [1.0], "b": [1.0], "total": [3.0]}, KEY[:1])  # 1.4 and 1.4 make 2.8
    fields = {"total": {"parts": ["a", "b"]}}
    assert run(shares.totals, panel, fields) == []
    assert len(run(shares.totals, panel.assign(total=4.0), fields)) == 1


def test_a_part_left_out_everywhere_is_said_once():
    panel, _ = parts()
    [problem] = run(shares.totals, panel, {"total": {"parts": ["primary", "secondary"]}})
    assert cell(problem) == ("", "2001-2012", "total") and problem.found.startswith("96 of 96 figures")


def test_a_part_above_its_total_is_an_error_even_if_others_are_missing():
    panel, fields = parts()
    panel.loc[CELL] = [np.nan, np.nan, 500.0, 400.0]
    [problem] = run(shares.totals, panel, fields)
    assert (*cell(problem), problem.severity) == ("Dunholt", "2006", "tertiary", "error")


def index(unit="index, previous year = 100"):
    values = np.random.default_rng(2).normal(107, 2, len(KEY)).round(1)
    return pd.DataFrame({"growth": values}, KEY), {"growth": {"unit": unit}}


@pytest.mark.parametrize("unit", ["index, previous year = 100", "指数（上年＝100）"])
@pytest.mark.parametrize(("value", "words", "mend"), [(8.2, "a growth rate", "add 100"), (-3.0, "a growth rate", "add 100"),
                                                      (1.08, "a growth rate or a ratio", "add 100 to a rate, multiply a ratio by 100"),
                                                      (1082.0, "far from 100", "correct it")])
def test_a_yearly_index_in_another_form(unit, value, words, mend):
    panel, fields = index(unit)
    assert doubts.figures(panel, fields) == []
    panel.loc[CELL, "growth"] = value
    [problem] = doubts.figures(panel, fields)
    assert cell(problem) == ("Dunholt", "2006", "growth") and words in problem.expected and problem.mend == mend
    assert problem.severity == "warning"  # one year may be so


@pytest.mark.parametrize(("form", "words"), [(lambda x: x - 100, "a growth rate"), (lambda x: x / 100, "a ratio")])
def test_a_column_of_yearly_indices_in_another_form(form, words):
    panel, fields = index()
    [problem] = run(shares.yearly_indices, form(panel), fields)
    assert cell(problem)[0] == "" and f"look like {words}" in problem.expected and problem.severity == "error"
    panel.loc["Dunholt", "growth"] = form(panel.loc["Dunholt", "growth"]).to_numpy()
    assert {problem.region for problem in run(shares.yearly_indices, panel, fields)} == {"Dunholt"}
    assert all(words in problem.expected for problem in run(shares.yearly_indices, panel, fields))
    assert "error" in {problem.severity for problem in run(shares.yearly_indices, panel, fields)}  # of one region in all years, too


def chain():
    """A level that follows its index, with prices up by about 3 per cent."""
    panel, fields = index()
    prices = np.random.default_rng(4).normal(1.03, 0.01, len(KEY))
    grown = (panel["growth"] / 100 * prices).groupby("region").cumprod()
    return panel.assign(gdp=(grown * 500).round(2)), {**fields, "growth": {**fields["growth"], "index_of": "gdp"}}


def test_an_index_that_its_level_contradicts():
    panel, fields = chain()
    assert run(shares.contradicted_indices, panel, fields) == []
    dear = panel.assign(gdp=panel["gdp"] * np.where(panel.index.get_level_values("year") >= 2006, 1.1, 1))
    assert run(shares.contradicted_indices, dear, fields) == []  # prices up by a tenth once
    panel.loc[CELL, "growth"] = 170.0
    [problem] = run(shares.contradicted_indices, panel, fields)
    assert cell(problem) == ("Dunholt", "2006", "growth")
    grew = 100 * panel.loc[CELL, "gdp"] / panel.loc[("Dunholt", 2005), "gdp"]
    assert f"moved to {grid.say(grew)} of 100" in problem.expected
    assert problem.expected.endswith(f"prices would have moved to {grid.say(grew / 1.7)}")


def test_a_revised_level_contradicts_all_indices_once():
    panel, fields = chain()
    panel = scaled(panel, 1.5, years=range(2007, 2013))
    [problem] = run(shares.contradicted_indices, panel, fields)
    assert cell(problem) == ("", "2007", "growth") and problem.found == "the figures of 8 of 8 regions"


def test_a_total_among_the_regions():
    panel = clean()
    total = panel.groupby("year").sum().assign(people=3.3)  # one column is no sum
    panel = pd.concat([panel, pd.concat({"Whole": total}, names=["region"])])
    [problem] = run(shares.disguised_totals, panel)
    assert problem.region == "Whole" and problem.expected == "are the sum of all other regions in gdp and energy"
    panel.loc[("Ashwick", [2003, 2008]), "gdp"] = np.nan  # sums of what is left do not match, in 2 of 12 years
    assert "gdp and energy" in run(shares.disguised_totals, panel)[0].expected
    panel.loc["Whole", "gdp"] = panel.loc["Whole", "gdp"].to_numpy() * 1.01
    assert run(shares.disguised_totals, panel)[0].expected.endswith("in energy")


# ------------------------------------------------------------------------- names
@pytest.mark.parametrize(("name", "other", "why"), [
    ("Ａshwick", "Ashwick", "letters of full width"),
    ("Ash wick", "Ashwick", "spaces or invisible"),
    ("Ashwick\u200b", "Ashwick", "spaces or invisible"),
    ("\u00a0Ashwick ", "Ashwick", "spaces or invisible"),
    ("ASHWICK", "Ashwick", "capital letters"),
    ("Ashwick*", "Ashwick", "a footnote mark"),
    ("Ashwick²", "Ashwick", "a footnote mark"),
    ("廣東", "广东", "traditional and simplified"),
    ("廣東省", "广东", "the rank of the place"),
    ("广东", "广东省", "the rank of the place"),
    ("广西壮族自治区", "广西", "the rank of the place"),
    ("香港特别行政区", "香港", "the rank of the place"),
    ("Ashwick City", "Ashwick", "the rank of the place"),
    ("ashwick province", "Ashwick", "the rank of the place"),
    ("Ashwik", "Ashwick", "one letter differs"),
    ("Ashwicck", "Ashwick", "one letter differs"),
    ("Ashwcik", "Ashwick", "one letter differs"),
    ("Ashwock", "Ashwick", "one letter differs"),
])
def test_names_that_look_alike(name, other, why):
    for known in (None, [other, "Brinmoor"]):
        [problem] = doubts.names([other, "Brinmoor", name], known)
        assert problem.region == name and problem.severity == "warning"
        assert problem.expected.startswith(f"looks like {other!r}: {why}")


@pytest.mark.parametrize("names", [
    ["承德市", "承德县"],  # two places
    ["Suzhou City", "Suzhou County"],
    ["District 1", "District 2"],
    ["Hebei", "Hubei", "Henan", "Hunan", "Shanxi", "Shaanxi"],  # alike by nature
    ["Ayr", "Ayl"],  # too short
    ["沙市", "沙县", "长沙"],
    ["Ashwick", "Ashwack"],  # both known, below
])
def test_names_that_differ(names):
    assert doubts.names(names, names) == []
    if names != ["Ashwick", "Ashwack"]:
        assert doubts.names(names) == []


@pytest.mark.parametrize("name", ["合计", "合 计", "總計", "全国", "全省合计", "全國總計", "Total", "TOTAL, all regions", "National",
                                  "Ｔｏｔａｌ", "All regions", "Grand total", "平均"])
def test_names_of_totals(name):
    [problem] = doubts.names([*REGIONS, name])
    assert (problem.region, problem.expected) == (name, "looks like a total")
    assert doubts.names([*REGIONS, name], [*REGIONS, name]) == []


@pytest.mark.parametrize("name", ["注：2010年起", "注", "资料来源：统计年鉴", "資料來源：統計年鑑", "Source: yearbook", "Note: revised", "Notes",
                                  "单位：亿元", "* provisional"])
def test_lines_below_a_table(name):
    [problem] = doubts.names([*REGIONS, name])
    assert (problem.region, problem.expected) == (name, "looks like a note")


@pytest.mark.parametrize("name", ["Sourton", "Notting Hill", "Nationsville", "Totalia", "全州县", "注溪", "合川区", "Unity"])
def test_names_that_only_begin_so(name):
    assert doubts.names([*REGIONS, name]) == []


@settings(max_examples=15)
@given(st.permutations([*REGIONS, "Ash wick", "Total"]))
def test_one_of_two_spellings_is_reported_whatever_the_order(order):
    problems = doubts.names(order)
    assert len(problems) == 2 and {problem.region for problem in problems} <= {"Ashwick", "Ash wick", "Total"}


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_one_slip_by_brute_force(one, other):
    def near(word):
        for place in range(len(word) + 1):
            yield word[:place] + word[place + 1:]
            yield word[:place] + word[place:place + 2][::-1] + word[place + 2:]
            for letter in "abc":
                yield word[:place] + letter + word[place:]
                yield word[:place] + letter + word[place + 1:]
    assert spelling.one_slip(one, other) == (one != other and other in set(near(one)))


# --------------------------------------------------------------------- bad input
def test_other_indices_and_double_rows_are_refused():
    with pytest.raises(ValueError, match=r"the index must be \(region, year\) or year"):
        doubts.figures(clean().rename_axis(["city", "year"]), {})
    with pytest.raises(ValueError, match="region Ashwick, year 2001: more than one row"):
        doubts.figures(pd.concat([clean(), clean().iloc[:1]]), {})


def test_whole_years_as_spreadsheets_give_them():
    panel = planted(1e4)
    years = pd.array(panel.index.get_level_values("year"), dtype="Int64")
    panel.index = pd.MultiIndex.from_arrays([panel.index.get_level_values("region"), years], names=["region", "year"])
    [problem] = doubts.figures(panel, {}, pd.Series(range(2, 98), panel.index))
    assert (cell(problem), problem.row) == (("Dunholt", "2006", "gdp"), 43)
