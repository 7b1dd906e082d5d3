"""Income of regions and groups, growth and dispersion, and the refusal to join vintages."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from casebook import convergence, data, gaps

few, fewer = (settings(max_examples=n, deadline=None) for n in (25, 8))
seeds = st.integers(0, 10_000)
pytestmark = pytest.mark.usefixtures("no_warnings")
GDP, PEOPLE = "gdp_rev5", "population_resident"
UNIT = 1e4  # hundred million yuan over ten thousand people, in yuan a head


def series(rows, years, name=None):
    """A mapping of region to figures as a series by (region, year)."""
    key = pd.MultiIndex.from_product([list(rows), years], names=["region", "year"])
    return pd.Series(np.ravel(list(rows.values())).astype(float), key, name=name)


def drawn(seed, regions=5, years=range(2010, 2015)):
    """Output, residents and yearly indices of made-up regions."""
    rng = np.random.default_rng(seed)
    key = pd.MultiIndex.from_product([[f"R{i}" for i in range(regions)], years], names=["region", "year"])
    return tuple(pd.Series(values, key, name=name) for name, values in {
        "gdp": rng.lognormal(6, 1, len(key)), "residents": rng.lognormal(3, 1, len(key)), "index": rng.uniform(80, 130, len(key))}.items())


@pytest.fixture(scope="module")
def panel():
    return data.load("provinces")


@pytest.fixture(scope="module")
def groups():
    return data.load("provinces", "regions")["group"]


@pytest.fixture(scope="module")
def published():
    return data.load("china", "four_regions")


# ------------------------------------------------------------------------ the observed figures
def test_provinces_add_up_to_the_income_of_their_group_to_the_hundredth(panel, groups, published):
    own = UNIT * gaps.income_of(panel, total=GDP, people=PEOPLE, groups=groups)
    told = published["gdp_per_head_rev5"].dropna()
    assert len(told) == 4 * 19 and (own.reindex(told.index).round(2) - told).abs().max() < 1e-6
    assert list(own.index.unique("region")) == list(groups.unique())  # in the order of the provinces


def test_the_north_east_shrinks_where_vintages_are_joined_and_nowhere_else(published):
    one = gaps.one_vintage(published, "gdp_per_head_rev5", 2015, 2020)
    both = gaps.one_vintage(published, "gdp_per_head_mixed", 2015, 2020, mixed=True)
    # 53,267.42 after 40,881.58, and 52,032.06 after 55,167.77: fifth roots of 1.30297 and 0.94316.
    assert gaps.pace(one, 2015, 2020)["north-east"] == pytest.approx(100 * (1.3029687 ** 0.2 - 1), abs=1e-5)
    assert gaps.pace(both, 2015, 2020)["north-east"] == pytest.approx(100 * (0.9431605 ** 0.2 - 1), abs=1e-5)
    falling = pd.DataFrame({"one": gaps.pace(one, 2015, 2020) < 0, "joined": gaps.pace(both, 2015, 2020) < 0})
    assert not falling["one"].any() and list(falling.index[falling["joined"]]) == ["north-east"]


def test_a_seam_of_the_observed_series_is_refused_by_year(published):
    with pytest.raises(ValueError, match="gdp_per_head_mixed of east joins two vintages at 2019: a change from 2015 to 2020"):
        gaps.one_vintage(published, "gdp_per_head_mixed", 2015, 2020)
    with pytest.raises(ValueError, match="at 2024"):
        gaps.one_vintage(published, "gdp_per_head_mixed", 2019, 2024)
    # On one side of a seam nothing is joined: 2019 is the first figure of a vintage, 2018 the last of another.
    for first, last in ((2005, 2018), (2019, 2023)):
        assert len(gaps.one_vintage(published, "gdp_per_head_mixed", first, last)) == 4 * (last - first + 1)


def test_growth_of_the_groups_as_a_tidy_frame(panel, groups, published):
    told = gaps.outcomes(panel, published, groups, first=2015, last=2020, people=PEOPLE, total=GDP)
    ready = gaps.outcomes(panel, published, groups, first=2015, last=2020, people=PEOPLE, column="gdp_per_head_rev5")
    assert list(told) == ["quantity", "region", "when", "value", "label"] and set(told["quantity"]) == {"growth"}
    assert_allclose(told.set_index("region")["value"].reindex(ready["region"]), ready["value"], atol=1e-5)  # printed to the hundredth yuan
    by_hand = 100 * (np.log(published.xs(2020, level="year")["gdp_per_head_rev5"] / published.xs(2015, level="year")["gdp_per_head_rev5"]) / 5)
    assert_allclose(100 * np.log1p(ready.set_index("region")["value"] / 100), by_hand.reindex(ready["region"]))


def test_no_growth_where_indices_end_before_the_period_does(panel, groups, published):
    # The revised indices end in 2019.
    options = {"people": PEOPLE, "total": "gdp_rev4", "index": "gdp_index_rev4", "base": 2015}
    to_2020 = gaps.outcomes(panel, published, groups, first=2015, last=2020, **options)
    to_2019 = gaps.outcomes(panel, published, groups, first=2015, last=2019, **options)
    assert to_2020["value"].isna().all() and to_2019["value"].notna().all() and len(to_2020) == 4
    assert np.isnan(gaps.narrowing(panel, first=2015, last=2020, **options)["value"]).all()
    assert gaps.narrowing(panel, first=2015, last=2019, **options)["value"].notna().all()


@pytest.mark.parametrize("of", gaps.AMONG)
@pytest.mark.parametrize("measure", gaps.DISPERSIONS)
def test_dispersion_at_both_ends_of_the_plan(panel, groups, measure, of):
    told = gaps.narrowing(panel, first=2015, last=2020, people=PEOPLE, total=GDP, measure=measure, groups=groups, of=of)
    ends = panel[[GDP, PEOPLE]].query("year in (2015, 2020)")
    if of == "groups":
        ends = ends.groupby([ends.index.get_level_values("region").map(groups), "year"]).sum()
    def spread(frame):
        x, w = frame[GDP] / frame[PEOPLE], frame[PEOPLE] / frame[PEOPLE].sum()
        mean, r = (w * x).sum(), x / (w * x).sum()
        return {"variation": x.std(ddof=0) / x.mean(), "log-deviation": np.log(x).std(ddof=0), "theil": (w * r * np.log(r)).sum(),
                "weighted variation": np.sqrt((w * (x - mean) ** 2).sum()) / mean,
                "gini": (np.outer(w, w) * np.abs(np.subtract.outer(x.to_numpy(), x.to_numpy()))).sum() / (2 * mean)}[measure]
    assert told["value"].item() == pytest.approx(spread(ends.xs(2020, level="year")) - spread(ends.xs(2015, level="year")), abs=1e-12)
    assert told[["quantity", "region"]].to_numpy().tolist() == [["dispersion", "all"]]


def test_measures_that_count_people_are_those_said_to():
    # Of incomes 1 and 3, and three people in the second: only what counts people feels that.
    income, alike, more = (series({"A": [a], "B": [b]}, [2010]) for a, b in ((1, 3), (1, 1), (1, 3)))
    feels = {name for name, measure in gaps.DISPERSIONS.items() if measure(income, alike)[2010] != pytest.approx(measure(income, more)[2010])}
    assert feels == {"weighted variation", "theil", "gini"}
    assert gaps.DISPERSIONS["variation"](income, more)[2010] == pytest.approx(0.5)
    assert gaps.DISPERSIONS["weighted variation"](income, more)[2010] ** 2 == pytest.approx(0.12)  # variance 3/4 over 2.5 squared
    assert gaps.DISPERSIONS["gini"](income, more)[2010] == pytest.approx(0.15)  # 3/8 of all pairs are 2 apart: 3/4, halved, over 2.5
    assert gaps.DISPERSIONS["log-deviation"](income, more)[2010] == pytest.approx(np.log(3) / 2)


# ------------------------------------------------------------------------ by hand
def test_a_chain_of_indices_by_hand():
    # From 200 in 2015: 200 / 1.25 and 160 / 2 before it, 200 x 1.1 and 220 x 0.5 after it.
    value = series({"A": [1, 1, 200, 1, 1]}, range(2013, 2018), "gdp")
    index = series({"A": [np.nan, 200, 125, 110, 50]}, range(2013, 2018))
    real = gaps.volume(value, index, 2015)
    assert_allclose(real, [80, 160, 200, 220, 110])
    assert real.index.equals(value.index) and real.name == "gdp"


def test_a_broken_chain_is_missing_beyond_the_break():
    value = series({"A": [5] * 5, "B": [7] * 5}, range(2013, 2018))
    index = series({"A": [100, 100, 100, np.nan, 100], "B": [100, np.nan, 100, 100, 100]}, range(2013, 2018))
    real = gaps.volume(value, index, 2015).unstack("year").notna()
    assert real.loc["A"].tolist() == [True, True, True, False, False] and real.loc["B"].tolist() == [False, True, True, True, True]
    assert gaps.volume(value, index.drop([("A", 2016), ("B", 2014)]), 2015).unstack("year").notna().equals(real)  # a row that isn't there
    assert gaps.volume(value.mask(value.index == ("A", 2015)), index, 2015).loc["A"].isna().all()  # no base, no chain


def test_a_group_as_one_economy_and_as_the_mean_of_its_regions():
    total, people = series({"A": [10, 20], "B": [80, 80], "C": [3, 3]}, [2010, 2020]), series({"A": [10, 10], "B": [20, 20], "C": [1, 1]}, [2010, 2020])
    groups = pd.Series({"B": "big", "A": "big", "C": "small"})
    one, mean = (gaps.per_head(total, people, groups, way=way) for way in gaps.WAYS)
    # 90 / 30 and 100 / 30; the roots of 1 x 4 and of 2 x 4.
    assert_allclose(one["big"], [3, 10 / 3])
    assert_allclose(mean["big"], [2, np.sqrt(8)])
    assert one["small"].tolist() == [3, 3] == pytest.approx(mean["small"].tolist()) and one.name == mean.name == "income"
    assert gaps.per_head(total, people).loc["B"].tolist() == [4, 4]
    # Growth of the mean is the mean of the growth: A doubles, B stays, so log 2 over two regions.
    assert np.log1p(gaps.pace(mean, 2010, 2020)["big"] / 100) * 10 == pytest.approx(np.log(2) / 2)


@pytest.mark.parametrize("way", gaps.WAYS)
def test_a_group_is_missing_where_a_region_of_it_is(way):
    total = series({"A": [10, 20], "B": [80, np.nan], "C": [3, 3]}, [2010, 2020])
    people = series({"A": [10, 10], "B": [20, 20], "C": [1, 1]}, [2010, 2020])
    groups = pd.Series({"A": "ab", "B": "ab", "C": "c"})
    for given_total in (total, total.dropna()):  # a figure that is empty, a row that isn't there
        told = gaps.per_head(given_total, people, groups, way=way)
        assert told.reindex([("ab", 2010), ("ab", 2020), ("c", 2020)]).notna().tolist() == [True, False, True]
    told = gaps.per_head(total.drop(("B", 2020)), people.drop(("B", 2020)), groups, way=way)
    assert np.isnan(told.loc["ab", 2020]) and not np.isnan(told.loc["ab", 2010])


def test_residents_of_other_years_or_in_another_order_change_nothing():
    total = series({"B": [80, 80], "A": [10, 20]}, [2011, 2010])
    people = series({"A": [9, 10, 5], "B": [9, 20, 40]}, [2009, 2010, 2011])
    told = gaps.per_head(total, people)
    assert told.index.equals(total.index) and told.tolist() == [2, 4, 2, 2]


def test_growth_by_hand():
    income = series({"A": [100, 0.5, 121], "B": [1, 1, np.nan], "C": [8, 4, 2]}, [2018, 2019, 2020])
    assert gaps.pace(income, 2018, 2020).tolist() == pytest.approx([10, np.nan, -50], nan_ok=True)
    assert gaps.pace(income, 2019, 2020)["C"] == pytest.approx(-50)


def test_ready_made_figures_know_no_mean_of_regions(panel, groups, published):
    told = gaps.outcomes(panel, published, groups, first=2015, last=2020, people=PEOPLE, column="gdp_per_head_rev5", way="mean")
    assert told["value"].isna().all() and set(told["region"]) == set(groups)


def test_a_seam_in_totals_is_refused_as_in_ready_made_figures():
    key = pd.MultiIndex.from_product([["A", "B"], [2018, 2019]], names=["region", "year"])
    panel = pd.DataFrame({"gdp": [10.0, 9, 5, 4], "gdp_flag": ["", "jump;splice", "", ""], "index": 100.0, "people": 1.0}, key)
    groups, options = pd.Series({"A": "a", "B": "b"}), {"first": 2018, "last": 2019, "people": "people", "total": "gdp"}
    for told in (lambda **more: gaps.outcomes(panel, panel, groups, **options, **more), lambda **more: gaps.narrowing(panel, **options, **more)):
        with pytest.raises(ValueError, match="gdp of A joins two vintages at 2019.*mixed=True"):
            told()
        assert told(mixed=True)["value"].notna().all()
        assert told(index="index", base=2018)["value"].round(9).eq(0).all()  # growth is then that of the indices
    swapped = panel.rename(columns={"gdp": "people", "people": "gdp", "gdp_flag": "people_flag"})
    with pytest.raises(ValueError, match="people of A joins"):
        gaps.narrowing(swapped, **options)


# ------------------------------------------------------------------------ properties
@few
@given(seeds, st.integers(2010, 2014))
def test_volume_keeps_its_base_and_moves_as_the_indices_do(seed, base):
    value, _, index = drawn(seed)
    real = gaps.volume(value, index, base).unstack("year")
    assert_allclose(real[base], value.xs(base, level="year"))
    steps = 100 * (real / real.shift(axis=1)).iloc[:, 1:]
    assert_allclose(steps, index.unstack("year").iloc[:, 1:])
    other = gaps.volume(value, index, 2014).unstack("year")  # of another base: the same but for a factor in each region
    assert_allclose((real / other).std(axis=1, ddof=0) / (real / other).mean(axis=1), 0, atol=1e-9)
    assert_allclose(gaps.volume(gaps.volume(value, index, base), index, 2012), gaps.volume(value, index, base))  # done twice is done once


@few
@given(seeds)
def test_a_group_lies_between_the_lowest_and_the_highest_of_its_regions(seed):
    total, people, _ = drawn(seed)
    groups = pd.Series({f"R{i}": "ab"[i % 2] for i in range(5)})
    own = gaps.per_head(total, people).unstack("year")
    for way in gaps.WAYS:
        told = gaps.per_head(total, people, groups, way=way).unstack("year").loc[["a", "b"]]
        low, high = own.groupby(groups).min(), own.groupby(groups).max()
        assert (told >= low * (1 - 1e-12)).all(axis=None) and (told <= high * (1 + 1e-12)).all(axis=None)
    alone = pd.Series({region: region for region in own.index})
    assert_allclose(gaps.per_head(total, people, alone), gaps.per_head(total, people))


@fewer
@given(seeds, st.sampled_from([1e-6, 0.3, 7.0, 1e8]), st.sampled_from(gaps.WAYS))
def test_growth_and_relative_dispersion_know_no_unit(seed, factor, way):
    total, people, index = drawn(seed)
    panel = pd.DataFrame({"gdp": total, "people": people, "index": index})
    scaled = panel.assign(gdp=panel["gdp"] * factor, people=panel["people"] / factor)
    groups = pd.Series({f"R{i}": "ab"[i % 2] for i in range(5)})
    options = {"first": 2010, "last": 2014, "people": "people", "total": "gdp"}
    for more in ({}, {"index": "index", "base": 2012}):
        one, other = (gaps.outcomes(p, panel, groups, way=way, **options, **more)["value"] for p in (panel, scaled))
        assert_allclose(one, other, rtol=1e-9, atol=1e-9)
    for measure in gaps.DISPERSIONS:
        one, other = (gaps.narrowing(p, measure=measure, **options)["value"] for p in (panel, scaled))
        assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@fewer
@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_groups_is_irrelevant(seed, random):
    total, people, index = drawn(seed)
    panel = pd.DataFrame({"gdp": total, "people": people, "index": index})
    mixed_up = panel.iloc[random.sample(range(len(panel)), len(panel))]
    groups = pd.Series({f"R{i}": "ab"[i % 2] for i in range(5)})
    options = {"total": "gdp", "people": "people", "index": "index", "base": 2011}
    one, other = gaps.income_of(panel, groups=groups, **options), gaps.income_of(mixed_up, groups=groups[::-1], **options)
    assert len(one) == len(other)
    assert_allclose(other.reindex(one.index), one)
    regional = gaps.income_of(mixed_up, **options)
    assert regional.index.equals(mixed_up.index)  # regions stay where they stood
    assert_allclose(gaps.pace(regional, 2010, 2014).sort_index(), gaps.pace(gaps.income_of(panel, **options), 2010, 2014))
    for of in gaps.AMONG:
        told = [gaps.narrowing(p, first=2010, last=2014, groups=groups, of=of, **options)["value"].item() for p in (panel, mixed_up)]
        assert told[0] == pytest.approx(told[1], abs=1e-12)


@fewer
@given(seeds)
def test_between_groups_there_is_no_more_dispersion_of_people_than_between_regions(seed):
    total, people, _ = drawn(seed, regions=6)
    groups = pd.Series({f"R{i}": "abc"[i % 3] for i in range(6)})
    heads = gaps.per_head(people, pd.Series(1.0, people.index), groups) * 2  # the sum of two regions each
    for measure in ("theil", "gini", "weighted variation"):
        among = gaps.DISPERSIONS[measure](gaps.per_head(total, people, groups), heads)
        assert (among <= gaps.DISPERSIONS[measure](gaps.per_head(total, people), people) + 1e-12).all()
    parts = convergence.decompose(gaps.per_head(total, people), people, groups)
    assert_allclose(parts.between, gaps.DISPERSIONS["theil"](gaps.per_head(total, people, groups), heads), atol=1e-12)


# ------------------------------------------------------------------------ bad input
TOTAL, HEADS = series({"A": [10, 20], "B": [80, 80]}, [2018, 2019], "gdp"), series({"A": [1, 1], "B": [2, 2]}, [2018, 2019], "residents")
BOTH = pd.Series({"A": "ab", "B": "ab"})
SMALL = pd.DataFrame({"gdp": TOTAL, "residents": HEADS, "index": 100.0, "old": 1.0, "new": 2.0})
AT = {"first": 2018, "last": 2019, "people": "residents"}


def changed(series, where, value):
    return series.mask(series.index == where, value)


THREE, NAMED = pd.Series({"A": "x", "B": "y", "C": "z"}), {"labels": ["x", "y", "z"], "leading": "x"}


def test_followers_are_all_but_the_two_ends_unless_named_or_none_are_left():
    assert gaps.roles(THREE, NAMED) == ("x", ["y", "z"], None)
    assert gaps.roles(THREE, NAMED | {"lagging": "y"}) == ("x", ["z"], "y")
    assert gaps.roles(THREE, NAMED | {"lagging": "y", "followers": ["y"]}) == ("x", ["y"], "y")
    assert gaps.roles(THREE[:2], {"labels": ["x", "y"], "leading": "y", "lagging": "x"}) == ("y", ["x"], "x")


@pytest.mark.parametrize(("call", "message"), [
    (lambda: gaps.per_head(TOTAL, HEADS, BOTH.drop("B")), "B has no group"),
    (lambda: gaps.per_head(TOTAL, HEADS, BOTH.mask(BOTH.index == "B")), "B has no group"),
    (lambda: gaps.per_head(TOTAL, HEADS, pd.concat([BOTH, pd.Series({"C": "c"})])), "C, of the group 'c', is not among the figures: the group would be another one"),
    (lambda: gaps.per_head(TOTAL.drop("B"), HEADS.drop("B"), BOTH), "B, of the group 'ab', is not among the figures"),
    (lambda: gaps.per_head(TOTAL, HEADS, pd.concat([BOTH, BOTH[:1]])), "A has two groups"),
    (lambda: gaps.per_head(TOTAL.drop("B"), HEADS), "B is among the totals or the people, but not in both"),
    (lambda: gaps.per_head(TOTAL, HEADS, BOTH, way="median"), "way must be one of sum, mean; got 'median'"),
    (lambda: gaps.per_head(TOTAL, changed(HEADS, ("B", 2019), 0)), "'residents' of B is not positive in 2019"),
    (lambda: gaps.per_head(changed(TOTAL, ("A", 2018), -1), HEADS), "'gdp' of A is not positive in 2018"),
    (lambda: gaps.per_head(changed(TOTAL, ("A", 2018), np.inf), HEADS), "gdp is infinite in A 2018"),
    (lambda: gaps.per_head(TOTAL.rename_axis(["city", "year"]), HEADS), r"gdp must be indexed by \(region, year\), not by \(city, year\)"),
    (lambda: gaps.per_head(pd.concat([TOTAL, TOTAL[:1]]), HEADS), "gdp has two figures for A 2018"),
    (lambda: gaps.volume(TOTAL, SMALL["index"], 2015), "no year 2015 among 2018 to 2019: choose a base year that is there"),
    (lambda: gaps.volume(series({"A": [1, 1]}, [2018, 2020]), series({"A": [100, 100]}, [2018, 2020]), 2018), "lacks the year 2019"),
    (lambda: gaps.volume(TOTAL, changed(SMALL["index"], ("B", 2019), 0), 2018), "'index' of B is not positive in 2019"),
    (lambda: gaps.pace(TOTAL, 2018, 2020), "gdp has no year 2020"),
    (lambda: gaps.pace(TOTAL, 2019, 2018), "got 2019 to 2018"),
    (lambda: gaps.pace(TOTAL, 2018, 2018), "got 2018 to 2018"),
    (lambda: gaps.pace(changed(TOTAL, ("B", 2018), 0), 2018, 2019), "'gdp' of B is not positive in 2018"),
    (lambda: gaps.one_vintage(SMALL, "gpd", 2018, 2019), "the panel lacks the column 'gpd'"),
    (lambda: gaps.one_vintage(SMALL, "gdp", 2010, 2019), "gdp has no year 2010"),
    (lambda: gaps.one_vintage(SMALL, "gdp", 2019, 2018), "got 2019 to 2018"),
    (lambda: gaps.income_of(SMALL, total="gdp", people="heads"), "lacks the column 'heads'"),
    (lambda: gaps.income_of(SMALL, total="gdp", people="residents", index="volume", base=2018), "lacks the column 'volume'"),
    (lambda: gaps.income_of(SMALL, total="gdp", people="residents", index="index"), "no year None among 2018 to 2019"),
    (lambda: gaps.outcomes(SMALL, SMALL, BOTH, **AT), "name a total or a column, one of them; got None and None"),
    (lambda: gaps.outcomes(SMALL, SMALL, BOTH, total="gdp", column="old", **AT), "got 'gdp' and 'old'"),
    (lambda: gaps.outcomes(SMALL, SMALL, BOTH, column="old", way="median", **AT), "way must be one of sum, mean"),
    (lambda: gaps.outcomes(SMALL, None, BOTH, column="old", **AT), "'old' is to be taken as published, but there are no published figures of the groups: give them, or name a total"),
    (lambda: gaps.outcomes(SMALL, SMALL, BOTH, total="gdp", **AT | {"last": 2024}), "gdp has no year 2024"),
    (lambda: gaps.roles(BOTH, {"labels": ["ab"], "leading": "ab"}), "groups.labels names ab: two groups at least have a gap between them"),
    (lambda: gaps.roles(THREE, NAMED | {"labels": ["x", "y"]}), "the group of C is 'z', not among groups.labels: x, y"),
    (lambda: gaps.roles(THREE.replace("z", "y"), NAMED), "no region is in the group 'z' of groups.labels"),
    (lambda: gaps.roles(THREE, NAMED | {"leading": "w"}), "groups.leading names 'w', not among groups.labels: x, y, z"),
    (lambda: gaps.roles(THREE, NAMED | {"lagging": "x"}), "groups.lagging names 'x', which is groups.leading"),
    (lambda: gaps.roles(THREE, NAMED | {"followers": ["y", "v"]}), "groups.followers names 'v'"),
    (lambda: gaps.narrowing(SMALL, total="gdp", **AT | {"first": 2000}), "gdp has no year 2000"),
    (lambda: gaps.narrowing(SMALL, total="gdp", measure="range", **AT), "measure must be one of variation, weighted variation, log-deviation, theil, gini; got 'range'"),
    (lambda: gaps.narrowing(SMALL, total="gdp", of="nations", **AT), "of must be one of regions, groups; got 'nations'"),
    (lambda: gaps.narrowing(SMALL, total="gdp", of="groups", **AT), "needs groups"),
])
def test_what_cannot_be_answered_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
