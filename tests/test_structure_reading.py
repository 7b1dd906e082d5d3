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


# ------------------------------------------------------------------- kinds and orders
DOWN, FLAT = (pd.Series(values, range(2001, 2009)) for values in ([30.0, 29, 28, 27, 26, 25, 24, 23], [25.0] * 8))


def of(found, region, quantity):
    row = found[(found["region"] == region) & (found["quantity"] == quantity)]
    return row["label"].iloc[0] if quantity not in ("first", "last") else row["value"].iloc[0]


def test_exports_decide_where_they_are_trusted_and_their_years_count_either_way():
    held = FLAT.loc[2003:]
    economies = {"A": {"employment": DOWN, "value added": DOWN, "exports": held}, "B": {"employment": DOWN, "value added": FLAT, "exports": held.loc[2008:]}}
    asked, unasked = (structure.kinds(economies, exports="exports", trust_exports=trust, least=5) for trust in (True, False))
    assert of(asked, "A", "kind") == "structural deindustrialisation" and of(unasked, "A", "kind") == "aggregate deindustrialisation"
    assert of(asked, "A", "exports") == "none" and of(unasked, "A", "exports") == "unknown"
    assert [of(found, "A", end) for found in (asked, unasked) for end in ("first", "last")] == [2003, 2008] * 2
    assert of(asked, "B", "exports") == "unknown" and of(asked, "B", "first") == 2001  # one year is too few to be asked


def test_kinds_take_the_series_and_years_that_a_reading_names():
    sets = {"here": {("old", "jobs"): DOWN, ("new", "jobs"): FLAT, ("old", "output"): DOWN.drop(2004)}}
    old = structure.kinds(sets, employment=("old", "jobs"), value=("old", "output"), least=5)
    assert of(old, "here", "kind") == "aggregate deindustrialisation" and of(old, "here", "employment") == "falling"
    assert of(structure.kinds(sets, employment=("new", "jobs"), value=("old", "output"), least=5), "here", "kind") == "none"
    late = structure.kinds(sets, employment=("old", "jobs"), value=("old", "output"), first=2003, least=5)
    assert [of(late, "here", end) for end in ("first", "last")] == [2003, 2008]  # five years, 2004 isn't known
    few = structure.kinds(sets, employment=("old", "jobs"), value=("old", "output"), first=2003, last=2007, least=5)
    assert few["value"].isna().all() and set(few["label"]) == {"4 years in which all shares are known; it takes 5"}


def test_orders_of_sectors_by_run():
    panel = pd.DataFrame({"farms": [5.0, 4, 1, 1], "works": [3.0, 3, np.nan, 5], "shops": [2.0, 2, 2, 3]}, pd.Index(range(2001, 2005), name="year"))
    found = structure.orders(panel, primary="farms", secondary="works", tertiary="shops")
    assert found[["when", "value", "label"]].to_numpy().tolist() == [["2001", 2002, "1-2-3"], ["2004", 2004, "2-3-1"]]
    with pytest.raises(ValueError, match="lacks the column 'mines'; it has farms, works, shops"):
        structure.orders(panel, primary="mines", secondary="works", tertiary="shops")
