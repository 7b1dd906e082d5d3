"""Gini and Theil of regions, and the part of it that lies between groups."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from casebook import convergence

some = settings(max_examples=25, deadline=None)
pairs = st.lists(st.tuples(st.floats(0.1, 1000), st.integers(1, 6)), min_size=2, max_size=10)
indices = st.sampled_from(convergence.INDICES)


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def panel(rows, years=(2000, 2010), name="income"):
    key = pd.MultiIndex.from_product([list("ABCDEFGHIJ")[: len(rows)], years], names=["region", "year"])
    return pd.Series(np.ravel(rows).astype(float), key, name=name)


# -------------------------------------------------------------------- by hand
def test_gini_by_hand():
    assert convergence.gini([1.0, 3.0]) == 0.25
    # 1, 2, 3: mean absolute difference over nine pairs 2 (1 + 2 + 1) / 9 = 8/9, halved, over the mean 2.
    assert convergence.gini([3.0, 1.0, 2.0]) == pytest.approx(2 / 9)
    # 1 held by three people, 3 by one: pairs that differ 2 * 3 of 16, by 2: 12/16, halved, over the mean 3/2.
    assert convergence.gini([1.0, 3.0], [3, 1]) == pytest.approx(0.25)


def test_theil_of_two_regions_by_hand():
    # Shares of income 1/4 and 3/4 against shares of regions 1/2: T = 1/4 ln(1/2) + 3/4 ln(3/2).
    assert convergence.theil([1.0, 3.0]) == pytest.approx(0.25 * np.log(0.5) + 0.75 * np.log(1.5))
    assert convergence.theil([1.0, 3.0], index="L") == pytest.approx(-0.5 * np.log(0.5 * 1.5))
    # People 3 and 1, incomes per head 1 and 3: half of all income each.
    assert convergence.theil([1.0, 3.0], [3, 1]) == pytest.approx(0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(0.5 / 0.25))


def test_years_are_apart():
    income, people = panel([[1, 1], [3, 1]]), panel([[3, 5], [1, 2]], name="people")
    assert convergence.gini(income).to_dict() == {2000: 0.25, 2010: 0}
    assert convergence.theil(income, people).to_dict() == pytest.approx({2000: convergence.theil([1.0, 3.0], [3, 1]), 2010: 0})
    assert convergence.gini(income).index.name == "year"


def test_a_year_with_a_missing_region_is_missing():
    income = panel([[1, 1], [3, np.nan]])
    for told in (convergence.gini(income), convergence.theil(income), convergence.theil(income, panel([[1, 1], [1, np.nan]], name="people"))):
        assert told.isna().to_dict() == {2000: False, 2010: True}


def test_labels_pair_values_with_weights():
    income, people = pd.Series({"A": 1.0, "B": 3.0}), pd.Series({"B": 1.0, "A": 3.0})
    assert convergence.theil(income, people) == pytest.approx(convergence.theil([1.0, 3.0], [3, 1]))


# -------------------------------------------------------------------- another route
@some
@given(pairs)
def test_gini_of_all_pairs(drawn):
    x, w = (np.array(part, dtype=float) for part in zip(*drawn))
    gap = (w[:, None] * w * np.abs(x[:, None] - x)).sum() / w.sum() ** 2
    assert convergence.gini(x, w) == pytest.approx(gap / 2 / np.average(x, weights=w), abs=1e-12)


@some
@given(pairs)
def test_theil_of_shares(drawn):
    x, w = (np.array(part, dtype=float) for part in zip(*drawn))
    q, p = x * w / (x * w).sum(), w / w.sum()
    assert convergence.theil(x, w) == pytest.approx((q * np.log(q / p)).sum(), abs=1e-12)
    assert convergence.theil(x, w, index="L") == pytest.approx((p * np.log(p / q)).sum(), abs=1e-12)


# -------------------------------------------------------------------- properties
MEASURES = {
    "gini": convergence.gini,
    "T": convergence.theil,
    "L": lambda x, w=None: convergence.theil(x, w, index="L"),
}
measures = st.sampled_from(list(MEASURES.values()))


@some
@given(pairs, measures, st.floats(0.001, 1000))
def test_scale_and_replication_change_nothing(drawn, measure, scale):
    x, n = zip(*drawn)
    told = measure(np.array(x), np.array(n))
    assert measure(scale * np.array(x), 7.5 * np.array(n)) == pytest.approx(told, abs=1e-12)
    if sum(n) > 1:
        assert measure(np.repeat(x, n)) == pytest.approx(told, abs=1e-12)  # each head on its own
    assert measure(np.tile(x, 3)) == pytest.approx(measure(np.array(x)), abs=1e-12)


@some
@given(st.floats(0.1, 1000), st.lists(st.integers(1, 9), min_size=2, max_size=8), measures)
def test_equal_regions_are_equal(x, w, measure):
    assert measure(np.full(len(w), x), np.array(w)) == pytest.approx(0, abs=1e-15)


@some
@given(pairs, measures)
def test_unequal_regions_are_unequal_and_a_gift_to_the_poorer_helps(drawn, measure):
    x, w = (np.array(part, dtype=float) for part in zip(*drawn))
    if np.ptp(x) < 1e-3:
        return
    before = measure(x, w)
    assert before > 0
    rich, poor = x.argmax(), x.argmin()
    gift = (x[rich] - x[poor]) * min(w[rich], w[poor]) / 4
    x[rich] -= gift / w[rich]
    x[poor] += gift / w[poor]
    assert measure(x, w) < before


def test_small_differences_keep_their_digits():
    # For 1 - d and 1 + d both indices are d^2 / 2 to fourth order.
    for measure in ("T", "L"):
        assert convergence.theil([1 - 1e-7, 1 + 1e-7], index=measure) == pytest.approx(5e-15, rel=1e-6)


# -------------------------------------------------------------------- between and within
def test_decomposition_by_hand():
    # West: A and B with 1 and 3 per head, one person each; east: C with 4 per head, two people.
    # T within west 1/4 ln(1/2) + 3/4 ln(3/2), weighted by west's income 4 of 12; between: shares of income
    # 1/3 and 2/3 against people 1/2 each.
    income, people = panel([[1, 1], [3, 3], [4, 4]]), panel([[1, 1], [1, 1], [2, 2]], name="people")
    found = convergence.decompose(income, people, {"A": "west", "B": "west", "C": "east"})
    own = 0.25 * np.log(0.5) + 0.75 * np.log(1.5)
    between = np.log(2 / 3) / 3 + 2 * np.log(4 / 3) / 3
    assert found.within[2000] == pytest.approx(own / 3)
    assert found.between[2000] == pytest.approx(between)
    assert found.between_share[2010] == pytest.approx(between / (between + own / 3))
    west = found.groups.loc[("west", 2000)]
    assert west.to_dict() == pytest.approx({"population": 0.5, "income": 1 / 3, "inequality": own, "within": own / 3,
                                            "between": np.log(2 / 3) / 3, "contribution": own / 3 + np.log(2 / 3) / 3})
    mean_log = convergence.decompose(income, people, {"A": "west", "B": "west", "C": "east"}, index="L")
    assert mean_log.within[2000] == pytest.approx(0.5 * -0.5 * np.log(0.75))
    assert mean_log.between[2000] == pytest.approx(0.5 * np.log(1.5) + 0.5 * np.log(0.75))
    assert list(found.table) == ["total", "between", "within", "between_share"]


@some
@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(1, 4), indices)
def test_parts_sum_to_the_whole(seed, regions, groups, index):
    rng = np.random.default_rng(seed)
    income, people = (panel(rng.lognormal(0, 1.5, (regions, 2)), name=name) for name in ("income", "people"))
    belongs = pd.Series(rng.integers(0, groups, regions), list("ABCDEFGHIJ")[:regions])
    found = convergence.decompose(income, people, belongs, index=index)
    assert_allclose(found.between + found.within, found.total, atol=1e-12)
    assert_allclose(found.total, convergence.theil(income, people, index=index), atol=1e-12)
    assert (found.between >= -1e-12).all() and (found.within >= 0).all()
    sums = found.groups.groupby("year").sum()
    assert_allclose(sums[["population", "income"]], 1)
    for part, whole in (("within", found.within), ("between", found.between), ("contribution", found.total)):
        assert_allclose(sums[part], whole, atol=1e-12)
    # The part between is the inequality of groups taken as one region each.
    heads = people.groupby([belongs.reindex(people.index.get_level_values("region")).to_numpy(), "year"]).sum()
    money = (income * people).groupby([belongs.reindex(people.index.get_level_values("region")).to_numpy(), "year"]).sum()
    for year in (2000, 2010):
        told = heads.xs(year, level="year"), (money / heads).xs(year, level="year")
        if len(told[0]) > 1:
            assert found.between[year] == pytest.approx(convergence.theil(told[1].to_numpy(), told[0].to_numpy(), index=index), abs=1e-12)
        else:
            assert found.between[year] == pytest.approx(0, abs=1e-12)


def test_one_group_and_groups_of_one():
    income, people = panel([[1, 2], [3, 3], [4, 9]]), panel([[1, 4], [1, 1], [2, 2]], name="people")
    all_in_one = convergence.decompose(income, people, dict.fromkeys("ABC", "all"))
    assert_allclose(all_in_one.between, 0, atol=1e-15)
    each = convergence.decompose(income, people, {r: r for r in "ABC"})
    assert_allclose(each.within, 0, atol=1e-15)
    assert_allclose(each.between, all_in_one.within)


def test_order_does_not_matter_and_equal_regions_have_no_share():
    income, people = panel([[1, 2], [3, 2], [4, 2]]), panel([[1, 4], [1, 1], [2, 2]], name="people")
    groups = pd.Series({"A": 1, "B": 2, "C": 2})
    a = convergence.decompose(income, people, groups)
    b = convergence.decompose(income.iloc[::-1], people.sample(frac=1, random_state=1), groups)
    c = convergence.decompose(income, people, groups.iloc[::-1])
    assert_allclose(a.table, b.table, atol=1e-15)
    assert_allclose(a.table, c.table, atol=1e-15)
    assert a.total[2010] == pytest.approx(0, abs=1e-24) and np.isnan(a.between_share[2010])


def test_the_decomposition_shows_itself_as_a_table():
    told = convergence.decompose(panel([[1, 2], [3, 3]]), panel([[1, 4], [1, 1]], name="people"), {"A": 1, "B": 1})._repr_html_()
    assert "Theil T" in told and "between_share" in told


# -------------------------------------------------------------------- bad input
INCOME, PEOPLE = panel([[1, 2], [3, 3], [4, 9]]), panel([[1, 4], [1, 1], [2, 2]], name="people")
GROUPS = pd.Series({"A": "west", "B": "west", "C": "east"})


def changed(series, row, value):
    series = series.copy()
    series.loc[row] = value
    return series


@pytest.mark.parametrize(("call", "message"), [
    (lambda: convergence.theil(INCOME, index="S"), "index must be one of T, L; got 'S'"),
    (lambda: convergence.decompose(INCOME, PEOPLE, GROUPS, index="t"), "index must be one of T, L"),
    (lambda: convergence.gini([1.0, 0.0]), "values must be positive and finite; that of 1 is 0"),
    (lambda: convergence.gini([1.0, np.nan]), "values must be positive and finite; that of 1 is nan"),
    (lambda: convergence.gini([1.0, 2.0], [1, -1]), "weights must be positive and finite; that of 1 is -1"),
    (lambda: convergence.gini(["1", "2"]), "values hold no numbers"),
    (lambda: convergence.gini([1.0]), "two regions at least; there is 1"),
    (lambda: convergence.gini(pd.Series([1.0, 2.0], ["A", "A"])), "one row for each region"),
    (lambda: convergence.gini(pd.Series([1.0, 2.0], ["A", "B"]), pd.Series([1.0, 2.0], ["A", "C"])), "B is in the values or in the weights"),
    (lambda: convergence.gini([1.0, 2.0], PEOPLE), "weights must have one row for each region"),
    (lambda: convergence.gini(INCOME.loc[["A"]]), "needs at least two regions; it has 1"),
    (lambda: convergence.gini(changed(INCOME, ("B", 2010), 0)), "'income' of B is not positive in 2010"),
    (lambda: convergence.theil(changed(INCOME, ("B", 2010), -1)), "'income' of B is not positive in 2010"),
    (lambda: convergence.theil(changed(INCOME, ("B", 2010), np.inf)), "income is infinite in B 2010"),
    (lambda: convergence.theil(INCOME, PEOPLE.drop(("C", 2000))), "people of C is missing in 2000"),
    (lambda: convergence.theil(INCOME.drop("C"), PEOPLE), "people names C, which income lacks"),
    (lambda: convergence.theil(INCOME.swaplevel()), r"indexed by \(region, year\), not by \(year, region\)"),
    (lambda: convergence.decompose(INCOME.drop(("B", 2010)), PEOPLE, GROUPS), "income of B is missing in 2010"),
    (lambda: convergence.decompose(INCOME, PEOPLE.drop("C"), GROUPS), "people of C is missing in 2000"),
    (lambda: convergence.decompose(INCOME, PEOPLE.drop(2010, level="year"), GROUPS), "people of A is missing in 2010"),
    (lambda: convergence.decompose(INCOME, changed(PEOPLE, ("A", 2000), 0), GROUPS), "'people' of A is not positive in 2000"),
    (lambda: convergence.decompose(INCOME, PEOPLE, GROUPS.drop("B")), "B has no group"),
    (lambda: convergence.decompose(INCOME, PEOPLE, GROUPS.mask(GROUPS == "east")), "C has no group"),
    (lambda: convergence.decompose(INCOME.drop("C"), PEOPLE.drop("C"), GROUPS), "groups name C, of 'east', which the figures lack"),
    (lambda: convergence.decompose(INCOME, PEOPLE, pd.concat([GROUPS, GROUPS.iloc[:1]])), "groups name A twice"),
    (lambda: convergence.decompose(INCOME, PEOPLE, PEOPLE), "groups must be indexed by region"),
    (lambda: convergence.decompose(pd.concat([INCOME, INCOME.iloc[:1]]), PEOPLE, GROUPS), "two figures for A 2000"),
])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
