"""Moran's I: hand-derived cases, formulas written out, a reference, properties."""

import itertools
import json
from pathlib import Path

import esda
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.weights import W as Weights
from scipy.stats import norm

from casebook.spatial import weights
from casebook.spatial.moran import kurtosis_needed, moments, moran, scatter

REFERENCE = json.loads((Path(__file__).parent / "references" / "moran_moments.json").read_text())
CHAIN = pd.DataFrame({"region": list("ABC"), "neighbour": list("BCD")})
COLUMNS = ["I", "expected", "sd_normal", "z_normal", "sd_random", "z_random", "p_normal", "p_random",
           "p_normal_two", "p_random_two", "p_permutation", "p_permutation_two"]
REGIONS = list("ABCDEFG")
BORDERS = pd.DataFrame([tuple(b) for b in ("AB", "BC", "CD", "DE", "BD", "AF")], columns=["region", "neighbour"])  # G has none
RANDOM = np.random.default_rng(8)
PANEL = pd.Series(RANDOM.lognormal(size=21), pd.MultiIndex.from_product([REGIONS, [2005, 2006, 2007]], names=["region", "year"]))
pytestmark = pytest.mark.usefixtures("no_warnings")


def one_year(values, regions, year=2005):
    return pd.Series(values, pd.MultiIndex.from_product([list(regions), [year]], names=["region", "year"]), dtype=float)


def map_of(standardise, borders=BORDERS, regions=REGIONS):
    return weights.contiguity(borders, regions, standardise=standardise, isolates="keep")


def dense(W, regions):
    return weights.matrix(W, regions).toarray()


def brute_force(x, w):
    """I and its moments, every sum written as one."""
    n, mean = len(x), sum(x) / len(x)
    z = [value - mean for value in x]
    cells = list(itertools.product(range(n), range(n)))
    s0 = sum(w[i][j] for i, j in cells)
    s1 = sum((w[i][j] + w[j][i]) ** 2 for i, j in cells) / 2
    s2 = sum((sum(w[i][j] for j in range(n)) + sum(w[j][i] for j in range(n))) ** 2 for i in range(n))
    m2, m4 = sum(d**2 for d in z) / n, sum(d**4 for d in z) / n
    k = m4 / m2**2
    i_ = n / s0 * sum(w[i][j] * z[i] * z[j] for i, j in cells) / sum(d**2 for d in z)
    normal = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n - 1) * (n + 1) * s0**2) - 1 / (n - 1) ** 2
    above = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) - k * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    random = above / ((n - 1) * (n - 2) * (n - 3) * s0**2) - 1 / (n - 1) ** 2
    return i_, -1 / (n - 1), normal**0.5, random**0.5


# ------------------------------------------------------------------ by hand, exact
def test_a_chain_by_hand():
    # Deviations -1.5 -0.5 0.5 1.5; products of neighbours 0.75 -0.25 0.75, each twice; S0 6.
    up = one_year([1, 2, 3, 4], "ABCD")
    assert moran(up, map_of(False, CHAIN, "ABCD")).loc[2005, "I"] == pytest.approx(4 / 6 * 2.5 / 5)
    # Means of neighbours -0.5 -0.5 0.5 0.5; S0 4.
    assert moran(up, map_of(True, CHAIN, "ABCD")).loc[2005, "I"] == pytest.approx(2 / 5)


@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize("regions", [REGIONS, REGIONS[:6]], ids=["with an isolate", "without"])
def test_every_year_as_the_formulas_say(standardise, regions):
    W = map_of(standardise, regions=regions)
    values = PANEL[PANEL.index.get_level_values("region").isin(regions)]
    result = moran(values.sample(frac=1, random_state=2), W)
    assert result.columns.tolist() == COLUMNS and result.index.tolist() == [2005, 2006, 2007] and result.index.name == "year"
    for year, row in result.iterrows():
        i, expected, normal, random = brute_force(values.xs(year, level="year").loc[regions].tolist(), dense(W, regions).tolist())
        assert row[["I", "expected", "sd_normal", "sd_random"]].tolist() == pytest.approx([i, expected, normal, random])
        for kind, sd in (("normal", normal), ("random", random)):
            z = (i - expected) / sd
            assert row[f"z_{kind}"] == pytest.approx(z) and row[f"p_{kind}"] == pytest.approx(1 - norm.cdf(z))
            assert row[f"p_{kind}_two"] == pytest.approx(2 * (1 - norm.cdf(abs(z))))


@pytest.mark.parametrize("standardise", [True, False])
def test_the_moments_are_those_of_esda(standardise):
    W = map_of(standardise)
    row, own = moran(PANEL, W).loc[2006], esda.Moran(PANEL.xs(2006, level="year")[REGIONS], W, "R" if standardise else "B", 0)
    theirs = [own.I, own.EI, own.seI_norm, own.z_norm, own.seI_rand, own.z_rand, own.p_norm, own.p_rand]
    assert row[["I", "expected", "sd_normal", "z_normal", "sd_random", "z_random", "p_normal_two", "p_random_two"]].tolist() == \
        pytest.approx(theirs)


def test_weights_are_used_as_they_stand_and_left_so():
    # esda by itself standardises what it is given, in place.
    binary, standard = map_of(False), map_of(True)
    esda.Moran(PANEL.xs(2005, level="year")[REGIONS], spoilt := map_of(False), permutations=0)
    assert spoilt.transform == "R"
    results = [moran(PANEL, W)["I"] for W in (binary, standard)]
    assert (binary.transform, standard.transform) == ("O", "R") and set(sum(binary.weights.values(), [])) == {1.0}
    assert (results[0] - results[1]).abs().min() > 1e-3
    standard.transform = "b"
    assert moran(PANEL, standard)["I"].equals(results[0]) and standard.transform == "B"


def test_the_isolate_counts_in_n():
    result = moran(PANEL, map_of(True), permutations=0)
    assert result["expected"].tolist() == pytest.approx([-1 / 6] * 3)
    assert moments(map_of(True))[0] == pytest.approx(-1 / 6)


def all_arrangements(x, w):
    arrangements = np.array(list(itertools.permutations(x - np.mean(x))))
    return len(x) / w.sum() * np.einsum("pi,ij,pj->p", arrangements, w, arrangements) / (arrangements[0] ** 2).sum()


@pytest.mark.parametrize("standardise", [True, False])
def test_randomisation_is_over_all_arrangements(standardise):
    W = map_of(standardise)
    x = PANEL.xs(2007, level="year")[REGIONS].to_numpy()
    every = all_arrangements(x, dense(W, REGIONS))
    row = moran(PANEL, W, permutations=4000).loc[2007]
    assert [row["expected"], row["sd_random"]] == pytest.approx([every.mean(), every.std()])
    assert row["p_permutation"] == pytest.approx((every >= row["I"] - 1e-12).mean(), abs=0.03)  # four standard errors
    as_far = np.abs(every - every.mean()) >= abs(row["I"] - every.mean()) - 1e-12
    assert row["p_permutation_two"] == pytest.approx(as_far.mean(), abs=0.03)


# ----------------------------------------------------------------- the reference
def bth(name, standardise):
    case = REFERENCE["maps"][name]
    dropped = {frozenset(pair) for pair in case["drop"]}
    borders = [pair for pair in REFERENCE["pairs"] if frozenset(pair) not in dropped] + case["add"]
    regions = sorted({region for pair in REFERENCE["pairs"] for region in pair})
    return case, weights.contiguity(pd.DataFrame(borders, columns=["region", "neighbour"]), regions, standardise=standardise)


@pytest.mark.parametrize("name", REFERENCE["maps"])
@pytest.mark.parametrize(("standardise", "kind"), [(True, "row"), (False, "bin")])
def test_moments_of_thirteen_cities(name, standardise, kind):
    case, W = bth(name, standardise)
    assert moments(W) == pytest.approx((-1 / 12, case[f"sdN_{kind}"], case[f"sdR_b2_3_{kind}"]), rel=1e-12)
    needed = [kurtosis_needed(W, (i + 1 / 12) / z) for i, z in REFERENCE["printed"]]
    assert needed == pytest.approx(case[f"b2_needed_{kind}"], abs=0.0051)


def test_a_kurtosis_below_one_says_that_the_weights_are_others():
    _, binary = bth("true_24", False)
    assert all(kurtosis_needed(binary, (i + 1 / 12) / z) < 1 for i, z in REFERENCE["printed"])


# ----------------------------------------------------------------------- moments
@pytest.mark.parametrize("standardise", [True, False])
def test_the_kurtosis_decides_the_second_deviation_only(standardise):
    W = map_of(standardise)
    low, high = moments(W, 1.5), moments(W, 4.5)
    assert low[:2] == high[:2] and low[2] != high[2]
    x = PANEL.xs(2005, level="year")
    b2 = float(((x - x.mean()) ** 4).mean() / ((x - x.mean()) ** 2).mean() ** 2)
    assert moments(W, b2)[2] == pytest.approx(moran(PANEL, W).loc[2005, "sd_random"])


@given(st.floats(1, 5))
def test_the_kurtosis_needed_is_the_one_put_in(b2):
    for standardise in (True, False):
        assert kurtosis_needed(map_of(standardise), moments(map_of(standardise), b2)[2]) == pytest.approx(b2)


def test_moments_need_four_regions_links_and_a_kurtosis_that_exists():
    three = map_of(True, CHAIN[:2], "ABC")
    for ask in (lambda: moments(three), lambda: kurtosis_needed(three, 0.1), lambda: moran(one_year([1, 2, 4], "ABC"), three)):
        with pytest.raises(ValueError, match="needs four regions or more; the weights have 3"):
            ask()
    for ask in (moments, lambda W: kurtosis_needed(W, 0.1)):
        with pytest.raises(ValueError, match="all weights are zero: no region has a neighbour"):
            ask(map_of(True, BORDERS[:0]))
    for kurtosis in (0.9, np.nan, np.inf, -3):
        with pytest.raises(ValueError, match="no values have the kurtosis"):
            moments(map_of(True), kurtosis)
    with pytest.raises(ValueError, match="no 7 values have the kurtosis 60"):
        moments(map_of(True), 60)
    for sd in (0, -1, np.nan, np.inf):
        with pytest.raises(ValueError, match="sd must be positive and finite"):
            kurtosis_needed(map_of(True), sd)


def test_a_bare_array_has_no_regions():
    for ask in (moments, lambda w: kurtosis_needed(w, 0.1), lambda w: moran(PANEL, w),
                lambda w: scatter(PANEL.xs(2005, level="year"), w)):
        with pytest.raises(TypeError, match=r"contiguity\(\) makes; got ndarray"):
            ask(np.eye(7))


def test_a_deviation_that_no_kurtosis_moves_is_refused():
    # All linked: S0 12, S1 24, S2 144, and (16 - 4) * 24 - 8 * 144 + 6 * 144 = 0.
    everyone = pd.DataFrame(list(itertools.combinations("ABCD", 2)), columns=["region", "neighbour"])
    with pytest.raises(ValueError, match="the same whatever the kurtosis"):
        kurtosis_needed(map_of(False, everyone, "ABCD"), 0.1)


# ------------------------------------------------- where nothing can be told apart
def test_where_all_are_neighbours_there_is_no_z():
    everyone = pd.DataFrame(list(itertools.combinations(REGIONS, 2)), columns=["region", "neighbour"])
    result = moran(PANEL, map_of(True, everyone))
    assert result["I"].tolist() == pytest.approx([-1 / 6] * 3)
    assert (result[["sd_normal", "sd_random"]] == 0).all(axis=None)
    assert result[["z_normal", "z_random", "p_normal", "p_random", "p_normal_two", "p_random_two"]].isna().all(axis=None)
    assert (result["p_permutation"] == 1).all()  # every arrangement is as good


def test_one_region_apart_on_a_ring_is_anywhere_the_same():
    ring = pd.DataFrame([tuple(b) for b in ("AB", "BC", "CD", "DE", "EA")], columns=["region", "neighbour"])
    row = moran(one_year([0.1, 0.1, 7, 0.1, 0.1], "ABCDE"), map_of(True, ring, "ABCDE")).loc[2005]
    assert row["sd_random"] == 0 and np.isnan(row["z_random"]) and row["p_permutation"] == 1
    assert row["sd_normal"] > 0 and row["z_normal"] == pytest.approx((row["I"] + 1 / 4) / row["sd_normal"])


# ------------------------------------------------------------------- permutations
def test_arrangements_follow_the_seed_and_nothing_else():
    W = map_of(True)
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    one = moran(PANEL, W)
    assert (np.random.get_state()[1] == before).all()
    np.random.seed(2)
    assert moran(PANEL, W).equals(one)
    other = moran(PANEL, W, seed=5)
    assert not other["p_permutation"].equals(one["p_permutation"])
    assert other[COLUMNS[:-2]].equals(one[COLUMNS[:-2]])


def test_a_year_has_the_same_p_alone():
    W = map_of(True)
    alone = pd.concat([moran(PANEL[PANEL.index.get_level_values("year") == year], W) for year in (2005, 2006, 2007)])
    pd.testing.assert_frame_equal(alone, moran(PANEL, W))


def test_p_is_one_sided_and_counts_what_is_observed():
    # Two groups of ten, each of one value: two arrangements of 184,756 are as much alike, and all are where the
    # neighbours are those of the other group.
    regions = list("abcdefghijABCDEFGHIJ")
    values = one_year([0] * 10 + [1] * 10, regions)
    for borders, i, p in (([*itertools.combinations(regions[:10], 2), *itertools.combinations(regions[10:], 2)], 1, 0.01),
                          (itertools.product(regions[:10], regions[10:]), -1, 1)):
        W = map_of(False, pd.DataFrame(borders, columns=["region", "neighbour"]), regions)
        row = moran(values, W, permutations=99, seed=1).loc[2005]
        assert row[["I", "p_permutation"]].tolist() == pytest.approx([i, p])
    assert moran(PANEL, map_of(True), permutations=0)["p_permutation"].isna().all()


@pytest.mark.parametrize("permutations", [-1, 9.0, True, None])
def test_permutations_are_counted(permutations):
    with pytest.raises(ValueError, match="permutations must be an integer of zero or more"):
        moran(PANEL, map_of(True), permutations=permutations)


# ------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.drop(("C", 2006)), "no finite number for C in 2006"),
        (lambda v: v.where(v.index != ("E", 2007)), "no finite number for E in 2007"),
        (lambda v: v.where(v.index != ("E", 2007), np.inf), "no finite number for E in 2007"),
        (lambda v: v.where(v.index != ("A", 2005)).astype("Float64"), "no finite number for A in 2005"),
        (lambda v: v.drop("D", level="region"), r"no values for D, regions of the weights: add them or take subset"),
        (lambda v: v.rename({"D": "X"}, level="region"), "no values for D"),
        (lambda v: pd.concat([v, one_year([1.0], "X")]), "values for X, which the weights don't have"),
        (lambda v: pd.concat([v, v[:1]]), "values have two rows for A in 2005"),
        (lambda v: v.where(v.index.get_level_values("year") != 2006, 3.0), "all values of 2006 are equal: I is undefined"),
        (lambda v: v.xs(2005, level="year"), r"values must be indexed by \(region, year\)"),
        (lambda v: v.swaplevel(), r"values must be indexed by \(region, year\)"),
    ],
)
def test_values_that_have_no_i_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        moran(change(PANEL), map_of(True))


def test_values_equal_up_to_rounding_are_equal():
    values = one_year([0.3, 0.1 + 0.2, 0.3, 0.3], "ABCD")  # 0.1 + 0.2 is 0.30000000000000004
    with pytest.raises(ValueError, match="all values of 2005 are equal"):
        moran(values, map_of(True, CHAIN, "ABCD"))
    with pytest.raises(ValueError, match="all values are equal"):
        scatter(values.droplevel("year"), map_of(True, CHAIN, "ABCD"))
    tiny = one_year([1e-9, 2e-9, 3e-9, 5e-9], "ABCD")
    assert moran(tiny, map_of(True, CHAIN, "ABCD")).loc[2005, "I"] > 0


def test_negative_weights_are_refused():
    W = Weights({"A": ["B"], "B": ["A"]}, {"A": [1.0], "B": [-1.0]}, silence_warnings=True)
    with pytest.raises(ValueError, match="the weight of A for B is negative"):
        moran(one_year([1, 2], "AB"), W)


# -------------------------------------------------------------------- properties
def numbers(n):
    return st.lists(st.integers(-1000, 1000), min_size=n, max_size=n).filter(lambda x: len(set(x)) > 1)


@settings(max_examples=40)
@given(numbers(7), st.permutations(REGIONS), st.booleans())
def test_the_order_of_regions_changes_nothing(x, order, standardise):
    values = one_year(x, REGIONS)
    plain = moran(values, map_of(standardise), permutations=19)
    moved = moran(values.loc[order], map_of(standardise, regions=order), permutations=19)
    pd.testing.assert_frame_equal(moved, plain)


@settings(max_examples=40)
@given(numbers(7), st.permutations(REGIONS))
def test_renaming_the_regions_changes_no_i(x, order):
    names = dict(zip(REGIONS, order))
    renamed = moran(one_year(x, order), map_of(True, BORDERS.replace(names), order), permutations=0)
    pd.testing.assert_frame_equal(renamed, moran(one_year(x, REGIONS), map_of(True), permutations=0))


@settings(max_examples=40)
@given(numbers(7), st.sampled_from([-3.0, 0.01, 1.0, 250.0]), st.integers(-1000, 1000))
def test_another_unit_and_another_origin_change_nothing(x, slope, origin):
    values = one_year(x, REGIONS)
    W = map_of(True)
    pd.testing.assert_frame_equal(moran(slope * values + origin, W, permutations=19), moran(values, W, permutations=19),
                                  check_exact=False, rtol=1e-6, atol=1e-6)


@settings(max_examples=40)
@given(numbers(6), st.sampled_from([0.5, 2.0, 10.0]))
def test_weights_in_another_unit_change_nothing(x, factor):
    plain = map_of(False, regions=REGIONS[:6])
    scaled = Weights(plain.neighbors, {r: [factor * v for v in w] for r, w in plain.weights.items()}, silence_warnings=True)
    values = one_year(x, REGIONS[:6])
    pd.testing.assert_frame_equal(moran(values, scaled, permutations=19), moran(values, plain, permutations=19))


@settings(max_examples=40)
@given(numbers(6))
def test_the_slope_of_the_scatter_is_i(x):
    W, values = map_of(True, regions=REGIONS[:6]), one_year(x, REGIONS[:6])
    frame = scatter(values.droplevel("year"), W)
    i = moran(values, W, permutations=0).loc[2005, "I"]
    assert np.polyfit(frame["z"], frame["lag"], 1)[0] == pytest.approx(i, abs=1e-9)
    assert frame["z"].mean() == pytest.approx(0, abs=1e-9) and frame["z"].std(ddof=0) == pytest.approx(1)


# ----------------------------------------------------------------------- scatter
def test_a_scatter_by_hand():
    # Mean 3, deviations -2 -1 3 2 -2: squares 22, variance 22 / 5; C among B and D, and so on.
    chain = pd.DataFrame([tuple(b) for b in ("AB", "BC", "CD", "DE")], columns=["region", "neighbour"])
    values = pd.Series([1.0, 2, 6, 5, 1], pd.Index(list("ABCDE"), name="region"))
    frame = scatter(values, map_of(True, chain, "ABCDE"))
    sd = (22 / 5) ** 0.5
    assert frame["z"].tolist() == pytest.approx([-2 / sd, -1 / sd, 3 / sd, 2 / sd, -2 / sd])
    assert frame["lag"].tolist() == pytest.approx([-1 / sd, 0.5 / sd, 0.5 / sd, 0.5 / sd, 2 / sd])
    assert frame["quadrant"].tolist() == ["low-low", "low-high", "high-high", "high-high", "low-high"]
    assert frame.index.equals(values.index) and frame.columns.tolist() == ["z", "lag", "quadrant"]


def test_zero_is_high_whatever_the_rounding():
    # B lies at the mean of 0.1, 0.2, 0.3 up to rounding, and so do its neighbours.
    chain = pd.DataFrame([tuple(b) for b in ("AB", "BC", "DE", "EA")], columns=["region", "neighbour"])
    for step in (0.1, 0.7, 1 / 3):
        frame = scatter(pd.Series([step, 2 * step, 3 * step, step, 3 * step], list("ABCDE")), map_of(True, chain, "ABCDE"))
        assert frame.loc["B", "quadrant"] == "high-high"
    assert scatter(pd.Series([5.0, 1, 4, 2, 10], list("ABCDE")), map_of(True, chain, "ABCDE")).loc["A", "quadrant"] == "high-high"
    assert scatter(pd.Series([5.0, 1, 4, 2, 3], list("ABCDE")), map_of(True, chain, "ABCDE")).loc["A", "quadrant"] == "high-low"


def test_an_isolate_has_no_quadrant():
    frame = scatter(PANEL.xs(2005, level="year"), map_of(True))
    assert frame.loc["G", ["lag", "quadrant"]].tolist() == [0, "no neighbours"]
    assert (frame["quadrant"] == "no neighbours").sum() == 1
    # The slope then is I times the share of regions with neighbours.
    slope, i = np.polyfit(frame["z"], frame["lag"], 1)[0], moran(PANEL, map_of(True), permutations=0).loc[2005, "I"]
    assert slope == pytest.approx(i * 6 / 7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.drop("C"), "no values for C"),
        (lambda v: v.where(v.index != "C"), "no finite value for C"),
        (lambda v: v * 0 + 4, "all values are equal"),
        (lambda v: pd.concat([v, v[:1]]), "values name A twice"),
        (lambda v: v.rename({"A": "X"}), "no values for A"),
        (lambda v: pd.concat([v, pd.Series([1.0], ["X"])]), "values for X, which the weights don't have"),
        (lambda v: PANEL, "values must be of one year"),
    ],
)
def test_values_that_make_no_scatter_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        scatter(change(PANEL.xs(2005, level="year")), map_of(True))


# -------------------------------------------------------------------------- size
def test_three_thousand_regions_on_a_lattice():
    # A plane rising along both axes of 55 x 55: neighbours differ by one step, so I is near one.
    side = 55
    names = np.array([f"r{i:02d}c{j:02d}" for i in range(side) for j in range(side)]).reshape(side, side)
    across, down = np.c_[names[:, :-1].ravel(), names[:, 1:].ravel()], np.c_[names[:-1].ravel(), names[1:].ravel()]
    W = weights.contiguity(pd.DataFrame(np.r_[across, down], columns=["region", "neighbour"]), names.ravel())
    plane = np.add.outer(np.arange(side), np.arange(side)).ravel()
    row = moran(one_year(plane, names.ravel()), W, permutations=19).loc[2005]
    assert 0.97 < row["I"] < 1 and row["p_permutation"] == pytest.approx(0.05) and row["z_normal"] > 50
