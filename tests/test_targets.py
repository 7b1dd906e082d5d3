"""Targets and the figures they are held against: met, missed, open or unknown."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import targets

few = settings(max_examples=40, deadline=None)
pytestmark = pytest.mark.usefixtures("no_warnings")
AT = {"direction": "up", "start": 2015, "latest": 2022}


def follow(values, goal, by, **more):
    return targets.follow(pd.Series(values, name="forest", dtype=float), goal, by, **AT | more)


@pytest.mark.parametrize(("values", "goal", "by", "more", "expected"), [
    ({2015: 90, 2016: 60, 2020: 80}, 80, 2020, {}, ("met", 80, 2020, 2020)),  # at the goal is met; the base year doesn't count
    ({2016: 85, 2020: 79}, 80, 2020, {}, ("missed", 79, 2020, 2016)),  # met for a while
    ({2016: 85, 2020: 79, 2021: 90}, 80, 2020, {}, ("missed", 79, 2020, 2016)),  # what comes later doesn't count
    ({2016: 70, 2020: 79}, 80, 2025, {}, ("open", 79, 2020, None)),
    ({2016: 70, 2020: np.nan}, 80, 2020, {}, ("no figure", 70, 2016, None)),  # not to be had, though the year is over
    ({2016: 70, 2021: 79}, 80, 2022, {}, ("no figure", 79, 2021, None)),  # of the last year for which figures could be had
    ({}, 80, 2025, {}, ("no figure", None, None, None)),
    ({2016: 12, 2020: 4}, 5, 2020, {"direction": "down"}, ("met", 4, 2020, 2020)),
    ({2015: 50, 2020: 40}, -18, 2020, {"direction": "down", "change": "relative"}, ("met", -20, 2020, 2020)),  # 40 / 50 - 1
    ({2018: 13, 2020: 16}, -15, 2020, {"direction": "down", "change": "cut"}, ("met", -16, 2020, 2020)),
    ({2015: -50, 2016: -10, 2017: -10}, -18, 2017, {"direction": "down", "change": "chained"}, ("met", -19, 2017, 2017)),  # 0.9 * 0.9; the base year's own change doesn't count
])
def test_a_target_and_its_state(values, goal, by, more, expected):
    found = follow(values, goal, by, **more)
    assert (found.state, found.year, found.first) == (expected[0], *expected[2:])
    assert np.isnan(found.last) if expected[1] is None else found.last == pytest.approx(expected[1])


@few
@given(st.lists(st.floats(-20, 20), min_size=2, max_size=6), st.floats(-30, 30))
def test_chained_changes_are_the_relative_change_of_what_they_chain(steps, goal):
    years = range(2016, 2016 + len(steps))
    level = pd.Series(np.cumprod([100.0, *(1 + s / 100 for s in steps)]), [2015, *years])
    one = follow(dict(zip(years, steps)), goal, years[-1], change="chained")
    other = follow(level, goal, years[-1], change="relative")
    assert one.last == pytest.approx(other.last)
    if abs(one.last - goal) > 1e-6:
        assert one.state == other.state == ("met" if one.last > goal else "missed")


@pytest.mark.parametrize(("call", "message"), [
    (lambda: follow({2016: 1}, 1, 2020, direction="better"), "direction must be one of up, down; got 'better'"),
    (lambda: follow({2016: 1}, 1, 2020, change="total"), "change must be one of level, relative, chained, cut; got 'total'"),
    (lambda: follow({2016: 1}, 1, 2015), "the target is of 2015, not after its base year 2015"),
    (lambda: follow({2016: 1}, 1, 2020, change="relative"), "forest has no figure for the base year 2015"),
    (lambda: follow({2016: np.inf}, 1, 2020), "forest is infinite in 2016"),
])
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
