"""Series beside each other: peak, last value, and the way from the peak and from one year for all; by hand."""

import numpy as np
import pandas as pd
import pytest

from casebook import structure
from casebook.kuznets import CannotTell

YEARS = range(2001, 2011)
HUMP = pd.Series([10.0, 12, 14, 16, 18, 17, 16, 15, 14, 13], YEARS)  # up by two, then down by one from 2005
UP = pd.Series(np.arange(1.0, 11.0), YEARS)


def test_peak_last_value_and_both_directions():
    told = structure.histories({("a", "jobs"): HUMP, ("b", "jobs"): UP}, since=2001)
    assert list(told.index) == [("a", "jobs"), ("b", "jobs")] and told.index.nlevels == 2
    assert told.loc[("a", "jobs")].tolist() == [tuple(YEARS), 18.0, 2005, 13.0, "falling", "none"]
    assert told.loc[("b", "jobs"), ["highest", "peak", "last", "after", "since"]].tolist() == [10.0, 2010, 10.0, "too few years", "rising"]


def test_a_span_needs_its_years():
    def of(**options):
        return structure.histories({"a": HUMP}, **options).loc["a", ["after", "since"]].tolist()

    assert of(since=2006) == ["falling", "falling"]  # six years from the peak, five from 2006
    assert of(since=2006, least=6) == ["falling", "too few years"] and of(since=2006, least=7) == ["too few years"] * 2
    assert of(since=2030) == ["falling", "too few years"]


def test_unknown_years_are_left_out_and_the_order_of_rows_is_no_matter():
    gaps = HUMP.where(HUMP.index != 2005).iloc[::-1]
    told = structure.histories({"a": gaps}, since=2001).loc["a"]
    assert told["years"] == (2001, 2002, 2003, 2004, 2006, 2007, 2008, 2009, 2010)
    assert told[["highest", "peak", "last"]].tolist() == [17.0, 2006, 13.0]


def test_the_rule_is_the_readers():
    wavering = pd.Series([9.0, 8, 8, 7, 6, 5], range(2001, 2007))  # one year stands still
    ways = {rule: structure.histories({"a": wavering}, since=2001, rule=rule).loc["a", "since"] for rule in ("trend", "monotone")}
    assert ways == {"trend": "falling", "monotone": "none"}


def test_no_series_give_no_rows():
    assert structure.histories({}, since=2001).shape == (0, 6)


def test_bad_input():
    with pytest.raises(CannotTell, match="cannot tell"):
        structure.histories({"a": HUMP.iloc[:2]}, since=2001)
    with pytest.raises(ValueError, match="negative in 2003"):
        structure.histories({"a": HUMP.where(HUMP.index != 2003, -1.0)}, since=2001)
    with pytest.raises(ValueError, match="rule must be one of"):
        structure.histories({"a": HUMP}, since=2001, rule="always")
