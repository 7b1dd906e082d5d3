"""Measures of upgrading: hand-derived numbers, what a change of unit does, bad input by name."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook import upgrading
from casebook.upgrading import FORMS, SECTORS

amounts = st.lists(st.floats(0.01, 1e4), min_size=3, max_size=3)
factors = st.floats(1e-3, 1e3)
KEY = pd.MultiIndex.from_product([["Ashwick", "Brinmoor"], [2006, 2007]], names=["region", "year"])


def one(values):
    """A frame of one row, a column per sector."""
    return pd.DataFrame([values], columns=list(SECTORS), dtype=float)


def panel(**changed):
    """Two regions in two years; cells changed by the name of a sector, in Brinmoor 2006."""
    frame = pd.DataFrame({"primary": 10.0, "secondary": 40.0, "tertiary": 50.0}, KEY)
    for sector, value in changed.items():
        frame.loc[("Brinmoor", 2006), sector] = value
    return frame


@pytest.mark.parametrize(
    ("value", "workers", "ratio", "level", "linear", "root"),
    [
        # Shares 0.2, 0.3, 0.5; productivity 1, 4, 25: 0.2 + 1.2 + 12.5, with roots 0.2 + 0.6 + 2.5.
        ([20, 30, 50], [20, 7.5, 2], 5 / 3, 2.3, 13.9, 3.3),
        # Thirds, and nine of everything per worker.
        ([9, 9, 9], [1, 1, 1], 1, 2, 9, 3),
    ],
)
def test_the_measures_by_hand(value, workers, ratio, level, linear, root):
    assert upgrading.sector_ratio(one(value))[0] == pytest.approx(ratio)
    assert upgrading.level(one(value))[0] == pytest.approx(level)
    found = [upgrading.productivity_weighted(one(value), one(workers), form)[0] for form in FORMS]
    assert found == pytest.approx([linear, root])


@given(amounts, amounts, factors)
def test_a_unit_of_money_moves_productivity_alone(value, workers, c):
    value, scaled, workers = one(value), one(value) * c, one(workers)
    for measure in (upgrading.sector_ratio, upgrading.level):
        assert measure(scaled)[0] == pytest.approx(measure(value)[0])
    for form, factor in zip(FORMS, (c, np.sqrt(c)), strict=True):
        plain = upgrading.productivity_weighted(value, workers, form)[0]
        assert upgrading.productivity_weighted(scaled, workers, form)[0] == pytest.approx(factor * plain)
        fewer = upgrading.productivity_weighted(value, workers / c, form)[0]  # as many times fewer workers do the same
        assert fewer == pytest.approx(factor * plain)


@given(amounts)
def test_the_level_lies_between_all_primary_and_all_tertiary(value):
    assert 1 <= upgrading.level(one(value))[0] <= 3
    up = upgrading.level(one([value[0] / 2, value[1], value[2] + value[0] / 2]))[0]  # value added moves up two sectors
    assert up - upgrading.level(one(value))[0] == pytest.approx(2 * value[0] / 2 / sum(value))


@given(amounts, st.floats(0.01, 100))
def test_alike_productivity_is_all_there_is(value, p):
    value = one(value)
    assert upgrading.productivity_weighted(value, value / p)[0] == pytest.approx(p)
    assert upgrading.productivity_weighted(value, value / p, "root")[0] == pytest.approx(np.sqrt(p))


@given(amounts, amounts)
def test_the_mean_of_roots_is_at_most_the_root_of_the_mean(value, workers):
    linear, root = (upgrading.productivity_weighted(one(value), one(workers), form)[0] for form in FORMS)
    assert root <= np.sqrt(linear) * (1 + 1e-12)


def test_unknown_workers_leave_the_cell_missing():
    missing = [False, False, True, False]
    found = upgrading.productivity_weighted(panel(), panel(secondary=np.nan))
    assert found.isna().tolist() == missing and found.index.equals(KEY)
    rows = panel().drop(("Brinmoor", 2006))  # a row that isn't there is unknown as well, and one too many no matter
    assert upgrading.productivity_weighted(panel(), rows).isna().tolist() == missing
    assert upgrading.productivity_weighted(rows, panel()).index.equals(rows.index)


def test_rows_are_matched_by_name_and_other_columns_ignored():
    workers = panel(primary=1.0).assign(note=np.nan)[::-1]
    found = upgrading.productivity_weighted(panel().assign(gdp=0.0), workers)
    # Shares 0.1, 0.4, 0.5 with one unit per worker; in Brinmoor 2006 ten in farming: 0.1 * 10 + 0.4 + 0.5.
    assert found.to_numpy() == pytest.approx([1, 1, 1.9, 1]) and found.index.equals(KEY)


@pytest.mark.parametrize("measure", [upgrading.sector_ratio, upgrading.level,
                                     lambda v: upgrading.productivity_weighted(v, panel())])
@pytest.mark.parametrize(("value", "fault"), [(0.0, "not positive and finite"), (-1.0, "not positive and finite"),
                                              (np.inf, "not positive and finite"), (np.nan, "missing")])
def test_value_added_that_cannot_be_is_named(measure, value, fault):
    with pytest.raises(ValueError, match=f"value added of the secondary sector is {fault} in Brinmoor 2006"):
        measure(panel(secondary=value))


@pytest.mark.parametrize("value", [0.0, -1.0, np.inf])
def test_workers_who_cannot_be_are_named(value):
    workers = panel(primary=np.nan, tertiary=value).assign(note=np.nan)  # a cell unknown excuses no other
    with pytest.raises(ValueError, match="workers of the tertiary sector is not positive and finite in Brinmoor 2006"):
        upgrading.productivity_weighted(panel(), workers)


def test_absent_columns_and_unknown_forms_are_named():
    with pytest.raises(ValueError, match="value added: no column 'tertiary'; there must be primary, secondary, tertiary"):
        upgrading.level(panel().drop(columns="tertiary"))
    with pytest.raises(ValueError, match="workers: no column 'primary'"):
        upgrading.productivity_weighted(panel(), panel().drop(columns="primary"))
    with pytest.raises(ValueError, match="form must be one of linear, root; got 'square'"):
        upgrading.productivity_weighted(panel(), panel(), "square")
