"""What every study of a panel needs: its columns, without their doubtful figures."""

import numpy as np
import pandas as pd
import pytest

from casebook import panels


@pytest.fixture
def panel():
    key = pd.MultiIndex.from_product([["A", "B"], [2011, 2012, 2013]], names=["region", "year"])
    return pd.DataFrame({"soot": [5, 9, 4, 6, 7, 8], "soot_flag": ["", "spike", "spike;rounded", "rounded", None, "spiked"], "rags": 1}, key)


def test_flagged_figures_are_left_out_and_nothing_else(panel):
    before = panel.copy()
    for without, left in (([], []), (["spike"], [1, 2]), (["rounded"], [2, 3]), (["spike", "rounded"], [1, 2, 3]), (["doubtful"], [])):
        found = panels.kept(panel, "soot", without)
        assert np.flatnonzero(found.isna()).tolist() == left
        assert found.drop(found.index[left]).equals(panel["soot"].astype(float).drop(panel.index[left]))
    assert panels.kept(panel, "rags", ["spike"]).eq(1).all()  # a column without flags
    assert panel.equals(before)


def test_refusals(panel):
    with pytest.raises(ValueError, match="lacks the column 'smoke'"):
        panels.kept(panel, "smoke")
    with pytest.raises(ValueError, match=r"a list of flags; write \['spike'\]"):
        panels.kept(panel, "soot", "spike")
    with pytest.raises(ValueError, match="rule must be one of 2, 3; got 4"):
        panels.one_of(4, (2, 3), "rule")
    with pytest.raises(ValueError, match="rule must be one of 'a, b', 'a'; got 'b'"):
        panels.one_of("b", ("a, b", "a"), "rule", quoted=True)


def test_a_span_of_years_without_some_regions(panel):
    before = panel.copy()
    assert panels.within(panel, 2012, 2030, ["A"]).equals(panel.loc[[("B", 2012), ("B", 2013)]])
    assert panels.within(panel, 2000, 2030).equals(panel) and panel.equals(before)
    with pytest.raises(ValueError, match="'C', to be left out, is not among the regions; they are A, B"):
        panels.within(panel, 2011, 2013, ["A", "C"])
    for first, last, without in ((2014, 2020, []), (2011, 2013, ["A", "B"])):
        with pytest.raises(ValueError, match=f"nothing is left of the panel from {first} to {last}; it runs from 2011 to 2013"):
            panels.within(panel, first, last, without)


def test_only_a_refusal_is_caught():
    assert panels.tried(panels.need, pd.DataFrame({"a": [1]}), ["a"]) == (None, "")
    assert panels.tried(panels.need, pd.DataFrame({"a": [1]}), columns=["b"]) == (None, "the panel lacks the column 'b'; it has a")
    with pytest.raises(ZeroDivisionError):
        panels.tried(lambda: 1 / 0)
    assert panels.refusals({}) == panels.refusals({"a": ""}) == ""
    assert panels.refusals({"a": "why not", "b": "no", "c": "why not"}) == " Why not (a, c). No (b)."
