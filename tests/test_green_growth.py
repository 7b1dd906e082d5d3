"""Indicators, levels and coordination of two systems, nearness to the common income, and which series comes first."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from casebook import composite, coupling, data, gaps, green_growth, precedence

few, fewer = (settings(max_examples=n, deadline=None) for n in (25, 12))
seeds = st.integers(0, 10_000)
pytestmark = pytest.mark.usefixtures("no_warnings")
factors = st.sampled_from([1e-6, 0.3, 7.0, 1e8])

SYSTEMS = {
    "economy": {"output": {"part": "gdp", "whole": "people"}, "services": {"part": "services", "whole": "gdp"}},
    "environment": {"SO2": {"part": "so2", "whole": "gdp", "direction": -1}, "energy": {"part": "energy", "whole": "people", "direction": -1}},
}
SPAN = {"first": 2010, "last": 2012}


def drawn(seed=1, regions=5, years=range(2010, 2013)):
    rng = np.random.default_rng(seed)
    key = pd.MultiIndex.from_product([[f"R{i}" for i in range(regions)], years], names=["region", "year"])
    return pd.DataFrame(rng.lognormal(3, 1, (len(key), 5)), key, ["gdp", "people", "services", "so2", "energy"])


def changed(column, where, value):
    """The panel with one other figure."""
    panel = drawn()
    panel.loc[where, column] = value
    return panel


@pytest.fixture(scope="module")
def provinces():
    panel = data.load("provinces")
    return panel.assign(gdp_real=gaps.volume(panel["gdp_rev4"].astype(float), panel["gdp_index_rev4"], 2015))


@pytest.fixture(scope="module")
def settings_of_the_chapter():
    return data.settings("provinces", chapter="coordination", require=["systems.economy", "systems.environment"])


# ------------------------------------------------------------------------ the observed figures
def test_levels_of_the_provinces_by_plain_arithmetic(provinces, settings_of_the_chapter):
    systems = settings_of_the_chapter["systems"]
    found, weights = green_growth.levels(provinces, systems, first=2006, last=2019, without=["Tibet"])
    panel = provinces.query("2006 <= year <= 2019 and region != 'Tibet'")
    assert len(found) == 30 * 14 and list(found) == list(systems) and (found.index == panel.index).all()
    for system, wanted in systems.items():
        level, apart = 0, {}
        for name, one in wanted.items():
            x = (panel[one["part"]].astype(float) / (panel[one["whole"]].astype(float) if "whole" in one else 1.0)).to_numpy()
            x = (x - x.min()) / (x.max() - x.min())
            x = 1 - x if one.get("direction") == -1 else x
            shares = x[x > 0] / x.sum()
            level = level + weights[system, name] * x
            apart[name] = 1 + (shares * np.log(shares)).sum() / np.log(len(x))
        assert_allclose(weights[system], pd.Series(apart) / sum(apart.values()))
        assert_allclose(found[system], level)


def test_each_region_and_year_has_three_outcomes(provinces, settings_of_the_chapter):
    systems = settings_of_the_chapter["systems"]
    told = green_growth.outcomes(provinces, systems, first=2006, last=2019, without=["Tibet"])
    assert told["quantity"].value_counts().to_dict() == dict.fromkeys(["coupling", "development", "coordination"], 30 * 14)
    wide = told.pivot(index=["region", "when"], columns="quantity", values="value")
    found, _ = green_growth.levels(provinces, systems, first=2006, last=2019, without=["Tibet"])
    u, v = (found.rename_axis(["region", "when"]).reindex(wide.index)[system] for system in systems)
    assert_allclose(wide["development"], (u + v) / 2)
    assert_allclose(wide["coordination"], (u * v) ** 0.25)  # the root of the geometric mean, in the standard form
    assert_allclose(wide["coupling"], 2 * np.sqrt(u * v) / (u + v))


def test_the_region_without_figures_of_energy_has_to_be_named(provinces, settings_of_the_chapter):
    systems = settings_of_the_chapter["systems"]
    with pytest.raises(ValueError, match="industrial_so2 of Tibet is missing in 2006: choose other years or another indicator, or leave Tibet out by name"):
        green_growth.levels(provinces, systems, first=2006, last=2019)
    other = settings_of_the_chapter["choices"]["environment"]["CO2 and electricity"]["environment"]
    told = green_growth.outcomes(provinces, systems, first=2006, last=2019, environment=other)
    assert "Tibet" in set(told["region"]) and told["value"].notna().all()


def test_nearness_in_the_year_2020(provinces):
    income, people = 1e4 * provinces["gdp_rev5"] / provinces["population_resident"], provinces["population_resident"]
    only = income.index.get_level_values("year") == 2020
    near = green_growth.closeness(income[only], people[only]).droplevel("year")
    mean = 1e4 * provinces["gdp_rev5"].xs(2020, level="year").sum() / people.xs(2020, level="year").sum()
    gap = np.abs(np.log(income.xs(2020, level="year") / mean))
    assert_allclose(near, -gap)
    assert near.idxmin() == "Beijing" and (near <= 0).all()


# ------------------------------------------------------------------------ by hand
KEY = pd.MultiIndex.from_product([["A", "B", "C"], [2010, 2011]], names=["region", "year"])
HAND = pd.DataFrame({"gdp": [1.0, 2, 3, 4, 5, 6], "people": [1.0, 1, 1, 2, 1, 2], "so2": [10.0, 8, 6, 5, 4, 0]}, KEY)


def test_indicators_are_a_column_or_one_over_another():
    told = green_growth.indicators(HAND, {"a head": {"part": "gdp", "whole": "people"}, "smoke": {"part": "so2"}}, first=2010, last=2011)
    assert told["a head"].tolist() == [1, 2, 3, 2, 5, 3] and told["smoke"].tolist() == [10, 8, 6, 5, 4, 0]
    one = green_growth.indicators(HAND, {"smoke": {"part": "so2"}}, first=2011, last=2011, without=["B"])
    assert one["smoke"].to_dict() == {("A", 2011): 8, ("C", 2011): 0}


def test_levels_by_hand():
    systems = {"economy": {"a head": {"part": "gdp", "whole": "people"}}, "environment": {"smoke": {"part": "so2", "direction": -1}}}
    found, weights = green_growth.levels(HAND, systems, first=2010, last=2011, weighting="equal")
    assert_allclose(found["economy"], [0, 0.25, 0.5, 0.25, 1, 0.5])  # (x - 1) / 4
    assert_allclose(found["environment"], [0, 0.2, 0.4, 0.5, 0.6, 1])  # less smoke is better: 1 - x / 10
    assert weights.to_dict() == {("economy", "a head"): 1, ("environment", "smoke"): 1}
    yearly, _ = green_growth.levels(HAND, systems, first=2010, last=2011, weighting="equal", pooling="by-year")
    assert_allclose(yearly["economy"], [0, 0, 0.5, 0, 1, 1])  # 1, 3, 5 and 2, 2, 3
    above, _ = green_growth.levels(HAND, systems, first=2010, last=2011, weighting="equal", to=[0.5, 1])
    assert_allclose(above, 0.5 + found / 2)


def test_a_system_at_zero_is_coupled_with_none_and_two_are_refused():
    systems = {"economy": {"output": {"part": "gdp"}}, "environment": {"smoke": {"part": "so2", "direction": -1}}}
    with pytest.raises(ValueError, match="all systems are zero in A,? 2010"):
        green_growth.outcomes(HAND, systems, first=2010, last=2011)  # A has least output and most smoke
    upwards = {"economy": systems["economy"], "environment": {"smoke": {"part": "so2"}}}
    told = green_growth.outcomes(HAND, upwards, first=2010, last=2011).set_index(["quantity", "region", "when"])["value"]
    for quantity in ("coupling", "coordination"):
        assert told[quantity, "A", 2010] == told[quantity, "C", 2011] == 0 < told[quantity, "B", 2010]
    assert told["development", "A", 2010] == told["development", "C", 2011] == 0.5  # nought and one
    raised = green_growth.outcomes(HAND, systems, first=2010, last=2011, to=(0.01, 1)).set_index(["quantity", "region", "when"])["value"]
    assert (raised > 0).all() and raised["coupling", "A", 2010] == 1  # both at the lower end


@pytest.mark.parametrize("form", coupling.FORMS)
def test_another_environment_takes_the_place_of_the_first(form):
    panel, other = drawn(), {"soot": {"part": "so2", "direction": -1}}
    one = green_growth.outcomes(panel, SYSTEMS, environment=other, form=form, **SPAN)
    assert_frame_equal(one, green_growth.outcomes(panel, SYSTEMS | {"environment": other}, form=form, **SPAN))
    assert not one.equals(green_growth.outcomes(panel, SYSTEMS, form=form, **SPAN))
    found, _ = green_growth.levels(panel, SYSTEMS, **SPAN)
    plain = green_growth.outcomes(panel, SYSTEMS, form=form, **SPAN).query("quantity == 'coupling'")["value"]
    assert_allclose(plain, coupling.coupling(found, form=form))


def test_nearness_by_hand():
    # Means of 3 (one person at 1, one at 5, the third's 3) and of (2 + 4 x 2 + 6 x 2) / 5 = 4.4.
    people = pd.Series([1.0, 1, 1, 2, 1, 2], KEY)
    near = green_growth.closeness(HAND["gdp"], people)
    assert_allclose(near, -np.abs(np.log([1 / 3, 2 / 4.4, 1, 4 / 4.4, 5 / 3, 6 / 4.4])))
    assert near.index.equals(KEY) and near.name == "closeness"


def test_the_order_of_two_series_comes_from_the_bootstrap_and_keeps_its_sides():
    rng = np.random.default_rng(3)
    key = pd.MultiIndex.from_product([list("ABCDEF"), range(2001, 2016)], names=["region", "year"])
    first = pd.Series(rng.normal(size=len(key)), key)
    second = first.groupby("region").shift().fillna(0) + 0.1 * pd.Series(rng.normal(size=len(key)), key)
    given_order = {"ones": {"x": first, "unused": second}, "others": {"y": second}}
    told = green_growth.order(**given_order, one="x", other="y", trend="demeaned", draws=99, seed=1)
    alone, told = told[told["region"].notna()], told[told["region"].isna()]
    each = precedence.granger(second, first, trend="demeaned").by_region
    for quantity in ("W", "coefficients"):
        assert alone[alone["quantity"] == quantity].set_index("region")["value"].to_dict() == each[quantity].to_dict()
    assert told["quantity"].tolist() == ["forward", "backward"] and set(told["label"]) == {"first before second"}
    assert told["value"].tolist() == [0.01, pytest.approx(precedence.bootstrap(first, second, lags=1, trend="demeaned", draws=99, seed=1).p_tilde)]
    back = green_growth.order(given_order["others"], given_order["ones"], one="y", other="x", trend="demeaned", draws=99, seed=1)
    both = back[back["region"].isna()]
    assert both["value"].tolist() == told["value"].tolist()[::-1] and set(both["label"]) == {"second before first"}
    with pytest.raises(ValueError, match="one must be one of x, unused; got 'z'"):
        green_growth.order(**given_order, one="z", other="y")
    with pytest.raises(ValueError, match="other must be one of y; got 'x'"):
        green_growth.order(**given_order, one="x", other="x")


# ------------------------------------------------------------------------ properties
@fewer
@given(seeds, st.sampled_from(composite.WEIGHTINGS[:3]), st.sampled_from(composite.POOLINGS))
def test_levels_lie_between_nought_and_one_and_weights_add_up(seed, weighting, pooling):
    found, weights = green_growth.levels(drawn(seed), SYSTEMS, weighting=weighting, pooling=pooling, **SPAN)
    assert found.ge(-1e-12).all(axis=None) and found.le(1 + 1e-12).all(axis=None)
    assert (weights >= 0).all() and weights.groupby(level="system").sum().to_dict() == pytest.approx({"economy": 1, "environment": 1})
    inside, _ = green_growth.levels(drawn(seed), SYSTEMS, weighting=weighting, pooling=pooling, to=(0.2, 0.7), **SPAN)
    assert inside.ge(0.2 - 1e-12).all(axis=None) and inside.le(0.7 + 1e-12).all(axis=None)


@fewer
@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(seed, random):
    panel = drawn(seed)
    mixed_up = panel.iloc[random.sample(range(len(panel)), len(panel))]
    wanted = SYSTEMS["economy"]
    one, other = (green_growth.indicators(p, wanted, **SPAN) for p in (panel, mixed_up))
    assert other.index.equals(mixed_up.index)  # rows stay where they stood
    assert_frame_equal(other.reindex(one.index), one)
    told = [green_growth.outcomes(p, SYSTEMS, **SPAN).sort_values(["quantity", "region", "when"], ignore_index=True) for p in (panel, mixed_up)]
    assert_frame_equal(*told)
    near = [green_growth.closeness(p["gdp"], p["people"]) for p in (panel, mixed_up)]
    assert near[1].index.equals(mixed_up.index)
    assert_allclose(near[1].reindex(panel.index), near[0])


@fewer
@given(seeds, factors, st.sampled_from(["gdp", "people", "so2", "energy", "services"]))
def test_coordination_knows_no_unit(seed, factor, column):
    panel = drawn(seed)
    one, other = (green_growth.outcomes(p, SYSTEMS, **SPAN)["value"] for p in (panel, panel.assign(**{column: factor * panel[column]})))
    assert_allclose(one, other, rtol=1e-7, atol=1e-7)


@few
@given(seeds, factors, factors)
def test_nearness_is_zero_at_the_mean_alone_and_knows_no_unit(seed, money, heads):
    panel = drawn(seed)
    near = green_growth.closeness(panel["gdp"], panel["people"])
    assert (near <= 0).all()
    year = panel.index.get_level_values("year")
    mean = (panel["gdp"] * panel["people"]).groupby(year).transform("sum") / panel["people"].groupby(year).transform("sum")
    assert ((near > -1e-9) == np.isclose(panel["gdp"], mean, rtol=1e-9)).all() and (near < 0).any()
    assert_allclose(green_growth.closeness(mean, panel["people"]), 0, atol=1e-12)  # all alike
    assert_allclose(green_growth.closeness(money * panel["gdp"], heads * panel["people"]), near, atol=1e-9)
    # Twice and half the mean are equally far: what the others earn is chosen so that the mean is one.
    key = pd.MultiIndex.from_product([list("ABC"), [2010]], names=["region", "year"])
    twice, half = green_growth.closeness(pd.Series([2.0, 0.5, 1.0], key), pd.Series([1.0, 2.0, 1.0], key)).iloc[:2]
    assert twice == pytest.approx(half)


@few
@given(seeds)
def test_a_cleaner_region_is_never_at_a_lower_level(seed):
    panel = drawn(seed)
    inner = panel["so2"].div(panel["gdp"]).sort_values().index[5]  # neither the cleanest nor the dirtiest: the scale stays
    cleaner = panel.copy()
    cleaner.loc[inner, "so2"] *= 0.99
    one, other = (green_growth.scaled(p, SYSTEMS, **SPAN) for p in (panel, cleaner))
    lifted = other["environment", "SO2"] - one["environment", "SO2"]
    assert lifted[inner] > 0 and lifted.drop([inner]).abs().max() < 1e-12
    assert_frame_equal(one.drop(columns=("environment", "SO2")), other.drop(columns=("environment", "SO2")))


# ------------------------------------------------------------------------ bad input
def told(panel, systems=SYSTEMS, **more):
    return green_growth.outcomes(panel, systems, **SPAN | more)


INCOME, PEOPLE = drawn()["gdp"], drawn()["people"]


@pytest.mark.parametrize(("call", "message"), [
    (lambda: told(drawn(), without=["R9"]), "R9, to be left out, is not among the regions: correct the spelling"),
    (lambda: told(drawn().drop(columns="so2")), "the panel lacks the column 'so2'; it has gdp, people"),
    (lambda: told(drawn(), first=2008), "the panel has no year 2008"),
    (lambda: told(drawn(), first=2013, last=2012), "2013 is after 2012"),
    (lambda: told(changed("so2", ("R2", 2011), np.nan)), "so2 of R2 is missing in 2011: choose other years or another indicator, or leave R2 out by name"),
    (lambda: told(changed("people", ("R3", 2012), np.nan)), "people of R3 is missing in 2012"),
    (lambda: told(drawn().drop(("R1", 2011))), "gdp of R1 is missing in 2011"),
    (lambda: told(drawn().drop(2011, level="year")), "the panel has no year 2011"),
    (lambda: told(changed("gdp", ("R4", 2010), np.inf)), "gdp is infinite in R4 2010"),
    (lambda: told(changed("people", ("R4", 2010), 0.0)), "people of R4 is zero, and nothing can be divided by it, in 2010"),
    (lambda: told(pd.concat([drawn(), drawn()[:1]])), "gdp has two figures for R0 2010"),
    (lambda: told(drawn().assign(services=drawn()["gdp"] * 0.5)), "indicator 'services' is constant: it carries no information"),
    (lambda: told(drawn().assign(so2=[2.0, 1, 3] * 5, gdp=1.0), {"economy": SYSTEMS["economy"], "environment": SYSTEMS["environment"]}, pooling="by-year"), "is constant in 2010"),
    (lambda: told(drawn(), {"economy": {"output": {"part": "gdp", "direction": 0}}, "environment": SYSTEMS["environment"]}), "direction of 'output' must be 1 or -1, not 0"),
    (lambda: told(drawn(), weighting="expert"), "method must be one of equal, entropy"),
    (lambda: told(drawn(), pooling="yearly"), "pooling must be one of pooled, by-year"),
    (lambda: told(drawn(), form="geometric"), "form must be one of standard, corrected"),
    (lambda: told(drawn(), {"economy": SYSTEMS["economy"]}), "it takes two systems at least; got economy"),
    (lambda: told(drawn(), {"economy": SYSTEMS["economy"], "nature": SYSTEMS["environment"]}, environment=SYSTEMS["environment"]),
     "there is no system 'environment' to replace; there are economy, nature"),
    (lambda: green_growth.levels(drawn(), {"economy": SYSTEMS["economy"]}, environment=SYSTEMS["environment"], **SPAN), "there is no system 'environment' to replace; there are economy"),
    (lambda: green_growth.order({"x": INCOME}, {"y": PEOPLE}, one="x", other="y", without=["R9"]), "R9, to be left out, is not among the regions"),
    (lambda: green_growth.closeness(INCOME, PEOPLE.drop("R2")), "R2"),
    (lambda: green_growth.closeness(INCOME.drop("R2"), PEOPLE), "R2"),
    (lambda: green_growth.closeness(changed("gdp", ("R1", 2012), np.nan)["gdp"], PEOPLE), "gdp of R1 is missing in 2012"),
    (lambda: green_growth.closeness(INCOME, changed("people", ("R1", 2012), np.nan)["people"]), "people of R1 is missing in 2012"),
    (lambda: green_growth.closeness(changed("gdp", ("R1", 2012), 0.0)["gdp"], PEOPLE), "'gdp' of R1 is not positive in 2012"),
])
def test_what_cannot_be_answered_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_weights_that_do_not_add_up_to_one_are_refused():
    whole = green_growth.scaled(drawn(), SYSTEMS, **SPAN)
    _, weights = green_growth.levels(drawn(), SYSTEMS, **SPAN)
    with pytest.raises(ValueError, match="weights add up to 0.9, not to one"):
        composite.weighted_sum(whole["economy"], 0.9 * weights["economy"])
    with pytest.raises(ValueError, match="add up to 2"):  # of both systems at once: they add up to one in each
        coupling.obstacle(whole, weights)
    assert coupling.obstacle(whole, weights / 2).sum(axis=1).to_numpy() == pytest.approx(1)


def test_an_indicator_left_out_is_not_needed():
    panel = changed("energy", ("R2", 2011), np.nan)
    fewer = SYSTEMS | {"environment": {"SO2": SYSTEMS["environment"]["SO2"]}}
    assert told(panel, fewer)["value"].notna().all()
    without = told(panel, without=["R2"])
    assert "R2" not in set(without["region"]) and without["value"].notna().all()
    later = told(drawn(years=range(2010, 2014)).assign(energy=lambda p: p["energy"].mask(p.index == ("R2", 2013))))
    assert set(later["when"]) == {2010, 2011, 2012}  # a figure missing in another year
