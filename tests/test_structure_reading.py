"""Shares by reading: bases, flags, windows; by hand."""

import numpy as np
import pandas as pd
import pytest

from casebook import structure

YEARS = range(2001, 2008)


@pytest.fixture
def panel():
    # A's industry stands still while its economy grows, B's grows as its economy does.
    key = pd.MultiIndex.from_product([["A", "B"], YEARS], names=["region", "year"])
    made = np.r_[[10.0] * 7, [10.0, 11, 12, 13, 14, 15, 16]]
    whole = np.r_[[20.0, 22, 24, 26, 28, 30, 32], [20.0, 22, 24, 26, 28, 30, 32]]
    return pd.DataFrame({"made": made, "made_flag": "", "all": whole, "other": whole / 2}, key)


def test_shares_of_the_own_whole_and_of_the_nation(panel):
    own, summed = structure.measured(panel, "made", "all"), structure.measured(panel, "made", ["other", "other"])
    assert own["A", 2001] == 0.5 and own["A", 2007] == 10 / 32 and own["B"].eq(0.5).all() and own.equals(summed)
    nation = structure.measured(panel, "made", "all", base="nation")
    assert nation["A", 2007] == 10 / 26 and nation.groupby("year").sum().eq(1).all()


def test_a_flagged_figure_is_left_out_of_the_region_and_of_the_nation(panel):
    panel.loc[("A", 2003), "made_flag"] = "spike;rounded"
    assert structure.measured(panel, "made", "all", without=["spike"]).isna().to_numpy().nonzero()[0].tolist() == [2]
    assert structure.measured(panel, "made", "all", base="nation", without=["spike"]).xs(2003, level="year").isna().all()
    assert structure.measured(panel, "made", "all", without=["other"]).notna().all()


def test_directions_by_reading(panel):
    own = structure.outcomes(panel, part="made", whole="all").set_index("region")
    assert own["label"].tolist() == ["falling", "none"] and own.loc["A", "value"] < -0.05 and set(own["quantity"]) == {"share"}
    nation = structure.outcomes(panel, part="made", whole="all", base="nation", rule="monotone").set_index("region")["label"]
    assert nation.tolist() == ["falling", "rising"]
    short = structure.outcomes(panel, part="made", whole="all", first=2005)
    assert short["label"].eq("undefined").all() and short["value"].isna().all()


def test_a_missing_year_leaves_the_strict_rule_undecided(panel):
    panel.loc[("A", 2004), "made"] = np.nan
    strict = structure.outcomes(panel, part="made", whole="all", rule="monotone").set_index("region").loc["A"]
    assert strict["label"] == "undefined" and np.isnan(strict["value"])
    assert structure.outcomes(panel, part="made", whole="all").set_index("region").loc["A", "label"] == "falling"


def test_years_outside_the_window_and_regions_without_figures(panel):
    panel.loc[("A", 2001), "made"] = np.inf  # before the window: no matter
    panel.loc["B", "made"] = np.nan
    found = structure.outcomes(panel.iloc[::-1], part="made", whole="all", first=2002, last=2006, quantity="industry")
    assert found["region"].tolist() == ["B", "A"] and found["label"].tolist() == ["undefined", "falling"]
    assert set(found["quantity"]) == {"industry"} and found["when"].isna().all()
    # of the shares 10 / 22 to 10 / 30 least squares weigh the years by -2 to 2, over 10; the pace is that over their mean
    shares = 10 / np.array([22.0, 24, 26, 28, 30])
    assert found.loc[1, "value"] == pytest.approx(shares @ [-2, -1, 0, 1, 2] / 10 / shares.mean())


def test_unknown_columns_and_bases(panel):
    with pytest.raises(ValueError, match="lacks the column 'sold'"):
        structure.measured(panel, "sold", "all")
    with pytest.raises(ValueError, match="base must be one of own, nation; got 'world'"):
        structure.measured(panel, "made", "all", base="world")
