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
