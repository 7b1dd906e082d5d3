"""Descriptions of candidates and their distance from print: by hand, and what a unit may and may not change."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook import description
from casebook.description import STATISTICS

PRINTED = pd.Series({"mean": 1.0, "sd": 0.5, "minimum": 0.0, "maximum": 2.0})
LOCATION = ["mean", "minimum", "maximum"]
numbers = st.floats(-100, 100)
lines = st.tuples(numbers, st.floats(0.01, 10), numbers, numbers)


def line(*values, name="x"):
    """A described candidate: mean, deviation, minimum, maximum."""
    return pd.DataFrame([values], [name], list(STATISTICS), dtype=float)


def test_a_description_by_hand():
    # 1, 3, 8: mean 4, squares 9 + 1 + 16 = 26 over 2 or 3.
    data = pd.DataFrame({"x": [1.0, 3.0, 8.0, None], "y": [2.0, 2.0, 2.0, 2.0]})
    found = description.describe(data)
    assert list(found.columns) == ["n", *STATISTICS]
    assert found.loc["x"].tolist() == pytest.approx([3, 4, np.sqrt(13), 1, 8])
    assert found.loc["y"].tolist() == [4, 2, 0, 2, 2]
    assert description.describe(data, ddof=0).loc["x", "sd"] == pytest.approx(np.sqrt(26 / 3))


def test_a_distance_by_hand():
    # The mean is off by 0.5, one printed deviation: sqrt((1 + 0 + 0 + 0) / 4) = 0.5.
    found = description.distance(line(1.5, 0.5, 0, 2), PRINTED)
    assert found.loc["x"].tolist() == pytest.approx([0.5, 0])
    # Moved by -1/6, the mean of -1/2, 0 and 0, the gaps are -1/3, 1/6 and 1/6: squares 1/6, in printed deviations 4/6.
    free = description.distance(line(1.5, 0.5, 0, 2), PRINTED, free_unit=True)
    assert free.loc["x"].tolist() == pytest.approx([np.sqrt(4 / 6 / 4), -1 / 6])
    # A unit can't change a deviation: 1.0 instead of 0.5 is off by one.
    assert description.distance(line(1, 1, 0, 2), PRINTED, free_unit=True).loc["x"].tolist() == pytest.approx([0.5, 0])


@given(lines, lines, st.floats(-10, 10))
def test_a_constant_added_changes_the_shift_alone(values, printed, constant):
    printed = pd.Series(printed, list(STATISTICS))
    plain, moved = line(*values), line(*values)
    moved[LOCATION] += constant
    one, other = (description.distance(d, printed, free_unit=True).loc["x"] for d in (plain, moved))
    assert other["distance"] == pytest.approx(one["distance"], abs=1e-9 / printed["sd"])
    assert other["shift"] == pytest.approx(one["shift"] - constant, abs=1e-9)


@given(lines, st.floats(-10, 10))
def test_no_other_shift_comes_nearer(values, constant):
    described = line(*values)
    best = description.distance(described, PRINTED, free_unit=True).loc["x", "distance"]
    described[LOCATION] += constant
    assert best <= description.distance(described, PRINTED).loc["x", "distance"] + 1e-9


@given(st.lists(st.floats(0.1, 100), min_size=3, max_size=8).filter(lambda v: np.std(np.log(v)) > 0.01), st.floats(1e-3, 1e3))
def test_the_variable_itself_has_no_distance_in_any_unit(values, unit):
    logs = pd.DataFrame({"ours": np.log(np.array(values) * unit)})
    printed = description.describe(pd.DataFrame({"theirs": np.log(values)})).loc["theirs"]
    found = description.distance(description.describe(logs), printed, free_unit=True).loc["ours"]
    assert found.tolist() == pytest.approx([0, -np.log(unit)], abs=1e-6)


def test_the_nearest_comes_first_and_equals_keep_their_order():
    described = pd.concat([line(2, 0.5, 0, 2, name="far"), line(1, 0.5, 0, 2, name="a"), line(1, 0.5, 0, 2, name="b")])
    assert list(description.distance(described, PRINTED).index) == ["a", "b", "far"]


@pytest.mark.parametrize("free_unit", [False, True])
def test_a_candidate_without_all_statistics_is_not_near(free_unit):
    # One observation has no deviation; the other three statistics must not count for it.
    described = pd.concat([line(1, np.nan, 0, 2, name="one"), line(np.nan, 0.5, 0, 2, name="no mean"), line(9, 9, 9, 9)])
    found = description.distance(described, PRINTED, free_unit=free_unit)
    assert found.index[0] == "x" and found.loc[["one", "no mean"], "distance"].isna().all()


@pytest.mark.parametrize("printed", [PRINTED.drop("maximum"), PRINTED.replace(0.5, 0.0), PRINTED.replace(0.5, -1.0),
                                     PRINTED.replace(0.5, np.nan), PRINTED.replace(1.0, np.nan)])
def test_an_unusable_printed_line_is_refused(printed):
    with pytest.raises(ValueError, match="must have mean, sd, minimum, maximum, the deviation above zero"):
        description.distance(line(1, 1, 1, 1), printed)


def test_the_printed_line_may_hold_more_and_in_any_order():
    wider = pd.concat([PRINTED[::-1], pd.Series({"n": 182.0})])
    pd.testing.assert_frame_equal(description.distance(line(1, 2, 3, 4), wider), description.distance(line(1, 2, 3, 4), PRINTED))
