"""Growth of income and emissions between two years, by hand."""

import numpy as np
import pandas as pd
import pytest

from casebook import carbon_growth as cg

# Two economies and the world. A: income 1000 -> 1500, CO2 per head 2 -> 2.2, people 10 -> 11 (index 100 -> 110): CO2 +21 %.
# B: income 4000 -> 3600, CO2 per head 5 -> 4, people 40 -> 40: CO2 -20 %.
YEARS = [2004, 2013, 2022]
ROWS = {
    "A": ([800.0, 1000, 1500], [1.0, 2, 2.2], [90.0, 100, 110], [np.nan, 10.0, np.nan]),
    "B": ([2000.0, 4000, 3600], [4.0, 5, 4], [100.0, 100, 100], [np.nan, np.nan, 40.0]),
    "World": ([np.nan] * 3, [2.9, 3.0, 3.1], [np.nan] * 3, [np.nan] * 3),
}


@pytest.fixture
def panel():
    key = pd.MultiIndex.from_product([list(ROWS), YEARS], names=["region", "year"])
    columns = ["gdp_per_head", "co2_per_head", "population_index", "population"]
    return pd.DataFrame({c: np.concatenate([ROWS[r][i] for r in ROWS]) for i, c in enumerate(columns)}, key)


def test_changes_of_each_economy(panel):
    told = cg.changes(panel, 2013, 2022)
    assert told.loc["A"].round(9).to_dict() == {"income_change": 500, "income_growth": 50, "co2_per_head_growth": 10, "co2_growth": 21}
    assert told.loc["B"].round(9).to_dict() == {"income_change": -400, "income_growth": -10, "co2_per_head_growth": -20, "co2_growth": -20}
    assert told.loc["World"].drop("co2_per_head_growth").isna().all()


def test_a_group_by_each_statistic(panel):
    # mean of +500 and -400; pooled: (1500*11 + 3600*40)/51 - (1000*10 + 4000*40)/50 = 3147.0588 - 3400,
    # CO2 (2.2*11 + 4*40) / (2*10 + 5*40) = 184.2 / 220.
    assert cg.group(panel, ["A", "B"], 2013, 2022, "mean")["income_change"] == pytest.approx(50)
    assert cg.group(panel, ["A", "B"], 2013, 2022, "median")["co2_growth"] == pytest.approx(0.5)
    pooled = cg.group(panel, ["A", "B"], 2013, 2022, "pooled")
    assert pooled["income_change"] == pytest.approx(160_500 / 51 - 3400)
    assert pooled["co2_growth"] == pytest.approx((184.2 / 220 - 1) * 100)
    assert pooled["co2_per_head_growth"] == pytest.approx((184.2 / 51 / (220 / 50) - 1) * 100)
    assert pooled["economies"] == 2


def test_an_economy_without_figures_is_counted_out_in_the_open(panel):
    panel.loc[("B", 2022), "co2_per_head"] = np.nan
    told = cg.group(panel, ["A", "B"], 2013, 2022)
    assert told["economies"] == 1 and told["co2_growth"] == pytest.approx(21)


def test_emissions_per_head_over_a_span(panel):
    assert cg.per_head(panel, ["A"], 2013, 2013)["A"] == 2
    assert cg.per_head(panel, ["A"], 2013, 2014).isna().all()  # 2014 isn't known


def test_outcomes_of_both_parts(panel):
    trap = cg.outcomes(panel, 2013, 2022, part="trap", trap=["A", "B"], more_than=20).set_index("quantity")["value"]
    assert trap["share above"] == 50 and trap["earlier income_growth"] == pytest.approx((25 + 100) / 2)
    wide = panel.reindex(pd.MultiIndex.from_product([list(ROWS), range(2013, 2023)], names=panel.index.names)).groupby("region").ffill()
    rich = cg.outcomes(wide, 2013, 2022, part="resources", resources=["B"], within=(4, 6)).set_index("quantity")["value"]
    named = cg.outcomes(wide, 2013, 2022, part="resources", resources=["B", "A"]).set_index("quantity")["label"]
    assert named.dropna().to_dict() == {"lowest": "A", "highest": "B"}
    # B emits 5 for nine years and 4 in the last; A 2 and 2.2; the world about 3
    assert rich["lowest"] == rich["highest"] == pytest.approx(4.9) and rich["others median"] == pytest.approx(2.02)
    assert rich["above world"] == rich["within"] == 100 and rich["others income_growth"] == pytest.approx(50)


@pytest.mark.parametrize(("break_it", "words"), [
    (lambda p: cg.changes(p.drop(columns="co2_per_head"), 2013, 2022), "lacks the column 'co2_per_head'"),
    (lambda p: cg.changes(p, 2013, 2030), "no year 2030; it runs from 2004 to 2022"),
    (lambda p: cg.group(p, ["A", "Atlantis"], 2013, 2022), "no economy 'Atlantis'"),
    (lambda p: cg.group(p, ["A"], 2013, 2022, "mode"), "statistic must be one of median, mean, pooled; got 'mode'"),
    (lambda p: cg.group(p.assign(population=np.nan), ["A"], 2013, 2022, "pooled"), "no population of A"),
])
def test_bad_input_is_named(panel, break_it, words):
    with pytest.raises(ValueError, match=words):
        break_it(panel)
