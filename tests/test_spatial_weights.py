"""Spatial weights: hand-derived cases, brute force, what is refused, properties."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from libpysal.weights import W, lat2W
from scipy import sparse

from casebook.spatial import weights

CHAIN = pd.DataFrame({"region": list("ABC"), "neighbour": list("BCD")})
EQUATOR = pd.DataFrame({"longitude": [0.0, 1.0, 3.0, 7.0], "latitude": 0.0}, list("ABCD"))
DEGREE = np.pi * 6371.0088 / 180  # km along a great circle
pytestmark = pytest.mark.usefixtures("no_warnings")


def pairs(*borders):
    return pd.DataFrame([tuple(border) for border in borders], columns=["region", "neighbour"])


def dense(W, regions=None):
    return weights.matrix(W, W.id_order if regions is None else regions).toarray()


def lattice(side):
    """Regions of a square lattice by row and column, and its borders."""
    names = np.array([f"r{i:02d}c{j:02d}" for i in range(side) for j in range(side)]).reshape(side, side)
    across, down = np.c_[names[:, :-1].ravel(), names[:, 1:].ravel()], np.c_[names[:-1].ravel(), names[1:].ravel()]
    return names.ravel().tolist(), pairs(*across, *down)


@st.composite
def maps(draw, most=8):
    """Regions and borders; each region borders the next, so that none is alone."""
    regions = draw(st.permutations("ABCDEFGH"))[: draw(st.integers(2, most))]
    borders = set(zip(regions, regions[1:])) | draw(st.sets(st.tuples(*[st.sampled_from(regions)] * 2)))
    return regions, pairs(*sorted((a, b) for a, b in borders if a != b))


@st.composite
def spots(draw, least=2):
    """Places on a grid of quarter degrees, each of its own."""
    spots = draw(st.lists(st.tuples(st.integers(-719, 720), st.integers(-359, 359)), min_size=least, max_size=7, unique=True))
    return pd.DataFrame(np.array(spots) / 4, list("ABCDEFG")[: len(spots)], ["longitude", "latitude"])


# -------------------------------------------------------------------- contiguity
def test_contiguity_by_hand():
    assert dense(weights.contiguity(CHAIN, "ABCD")).tolist() == [[0, 1, 0, 0], [.5, 0, .5, 0], [0, .5, 0, .5], [0, 0, 1, 0]]
    binary = weights.contiguity(CHAIN, "ABCD", standardise=False)
    assert dense(binary).tolist() == [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    assert binary.transform == "O" and weights.contiguity(CHAIN, "ABCD").transform == "R"


def test_the_order_of_the_list_is_that_of_the_weights():
    W = weights.contiguity(CHAIN, ["C", "A", "D", "B"])
    assert list(W.id_order) == ["C", "A", "D", "B"] and W.full()[0].tolist()[0] == [0, 0, .5, .5]


def test_a_border_may_be_listed_once_twice_or_in_both_directions():
    plain = dense(weights.contiguity(CHAIN, "ABCD"))
    turned = CHAIN.rename(columns={"region": "neighbour", "neighbour": "region"})
    for borders in (turned, pd.concat([CHAIN, turned]), pd.concat([CHAIN, CHAIN, turned.iloc[:1]])):
        assert (dense(weights.contiguity(borders, "ABCD")) == plain).all()


def test_other_columns_and_other_kinds_of_names_do_no_harm():
    borders = pairs((1, 2), (2, 30)).assign(note="x").astype({"region": "category"})
    assert dense(weights.contiguity(borders, [30, 2, 1])).tolist() == [[0, 1, 0], [.5, 0, .5], [0, 1, 0]]


def test_groups_without_a_link_are_allowed_and_counted():
    W = weights.contiguity(pairs("AB", "CD"), "ABCD")
    assert W.n_components == 2 and weights.is_row_standardised(weights.matrix(W, "ABCD"))


@pytest.mark.parametrize("standardise", [True, False])
def test_an_isolate_is_refused_by_name_or_kept_as_zeros(standardise):
    with pytest.raises(ValueError, match="^these regions border no other: X, Y; .*isolates='keep'"):
        weights.contiguity(pairs("AB"), "XABY", standardise=standardise)
    W = weights.contiguity(pairs("AB"), "XABY", isolates="keep", standardise=standardise)
    assert W.islands == ["X", "Y"]
    assert dense(W).tolist() == [[0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    nobody = weights.contiguity(pairs(), "AB", isolates="keep", standardise=standardise)
    assert dense(nobody).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("borders", "regions", "message"),
    [
        (pairs("AB", "BX", "YA"), "AB", "pairs name X, Y, not among the regions: add to the list or drop"),
        (pairs("AB", "BB"), "AB", "pairs link regions with themselves: B; drop these rows"),
        (pairs("AB"), "ABBA", "regions name B, A twice"),
        (pairs("AB"), [], "there are no regions"),
        (pairs(("A", "B"), ("B", None)), "AB", "pairs have a missing name in row 1"),
        (pairs("AB").rename(columns={"neighbour": "other"}), "AB", "columns region and neighbour; neighbour is absent"),
    ],
)
def test_pairs_that_make_no_map_are_refused(borders, regions, message):
    for isolates in weights.ISOLATES:
        with pytest.raises(ValueError, match=message):
            weights.contiguity(borders, regions, isolates=isolates)


def test_isolates_are_refused_or_kept_and_nothing_else():
    for make in (lambda: weights.contiguity(CHAIN, "ABCD", isolates="drop"),
                 lambda: weights.inverse_distance(EQUATOR, isolates=True),
                 lambda: weights.subset(weights.contiguity(CHAIN, "ABCD"), "AB", isolates="warn")):
        with pytest.raises(ValueError, match="isolates must be one of refuse, keep"):
            make()


def test_many_names_are_cut_short():
    with pytest.raises(ValueError, match="border no other: r00c00, r00c01, .*r04c05 and 6 more; give"):
        weights.contiguity(pairs(), [f"r{i:02d}c{j:02d}" for i in range(6) for j in range(6)])


@given(maps())
def test_contiguity_is_symmetric_and_its_rows_sum_to_one(drawn):
    regions, borders = drawn
    binary = dense(weights.contiguity(borders, regions, standardise=False))
    assert (binary == binary.T).all() and set(np.unique(binary)) <= {0, 1} and not binary.diagonal().any()
    W = weights.contiguity(borders, regions)
    assert dense(W) == pytest.approx(binary / binary.sum(axis=1, keepdims=True))
    assert dense(W).sum(axis=1) == pytest.approx(1) and weights.is_row_standardised(weights.matrix(W, regions))


@given(maps(), st.randoms(use_true_random=False))
def test_permuted_regions_give_the_permuted_matrix(drawn, random):
    regions, borders = drawn
    order = random.sample(range(len(regions)), len(regions))
    moved = [regions[i] for i in order]
    plain, other = weights.contiguity(borders, regions), weights.contiguity(borders.sample(frac=1, random_state=1), moved)
    for standing in (plain, other):
        assert (dense(standing, moved) == dense(plain, regions)[np.ix_(order, order)]).all()


# ---------------------------------------------------------------------- distance
def test_inverse_distance_by_hand():
    # From B at 1 degree: A 1, C 2, D 6 degrees away.
    row = dense(weights.inverse_distance(EQUATOR))[1]
    assert row == pytest.approx(np.array([1, 0, 1 / 2, 1 / 6]) / (1 + 1 / 2 + 1 / 6))
    row = dense(weights.inverse_distance(EQUATOR, power=2))[1]
    assert row == pytest.approx(np.array([1, 0, 1 / 4, 1 / 36]) / (1 + 1 / 4 + 1 / 36))


def test_the_cutoff_is_in_km_and_belongs_to_the_neighbourhood():
    W = weights.inverse_distance(EQUATOR, cutoff=4 * DEGREE)
    assert W.neighbors == {"A": ["B", "C"], "B": ["A", "C"], "C": ["A", "B", "D"], "D": ["C"]}
    near = {"cutoff": 3.99 * DEGREE}
    with pytest.raises(ValueError, match="these regions have no other within 443.6.* km: D;"):
        weights.inverse_distance(EQUATOR, **near)
    assert weights.inverse_distance(EQUATOR, **near, isolates="keep").islands == ["D"]
    alone = weights.inverse_distance(EQUATOR, cutoff=1, isolates="keep")
    assert alone.islands == list("ABCD") and not dense(alone).any()
    everywhere = weights.inverse_distance(EQUATOR, cutoff=1e6)
    assert (dense(everywhere) == dense(weights.inverse_distance(EQUATOR))).all()


def great_circle(places):
    """All distances in km by the haversine, as it is written."""
    x, y = np.radians(places["longitude"].to_numpy()), np.radians(places["latitude"].to_numpy())
    h = (np.sin((y[:, None] - y) / 2) ** 2 + np.cos(y[:, None]) * np.cos(y) * np.sin((x[:, None] - x) / 2) ** 2)
    return 2 * 6371.0088 * np.arcsin(np.sqrt(np.clip(h, 0, 1)))


@given(spots(), st.sampled_from([0.5, 1.0, 2.0]), st.sampled_from([None, 2000.0, 9000.0]))
def test_inverse_distance_by_brute_force(places, power, cutoff):
    d = great_circle(places)
    with np.errstate(divide="ignore"):
        raw = np.where((d > 0) & (d <= (cutoff or np.inf)), d**-power, 0)
    assume(cutoff is None or (np.abs(d - cutoff) > 1e-3).all())
    total = raw.sum(axis=1, keepdims=True)
    expected = np.divide(raw, total, out=np.zeros_like(raw), where=total > 0)
    W = weights.inverse_distance(places, power=power, cutoff=cutoff, isolates="keep")
    assert dense(W) == pytest.approx(expected, rel=1e-6)


def test_opposite_ends_of_the_earth_have_a_distance():
    poles = pd.DataFrame({"longitude": [0, 0, 0], "latitude": [90, -90, 0]}, ["N", "S", "E"])
    assert dense(weights.inverse_distance(poles))[0] == pytest.approx([0, 1 / 3, 2 / 3])  # half round, a quarter round


def test_nearest_by_hand():
    assert weights.nearest(EQUATOR, 1).neighbors == {"A": ["B"], "B": ["A"], "C": ["B"], "D": ["C"]}
    assert dense(weights.nearest(EQUATOR, 2)).tolist() == [[0, .5, .5, 0], [.5, 0, .5, 0], [.5, .5, 0, 0], [0, .5, .5, 0]]
    assert (dense(weights.nearest(EQUATOR, 3)) == (1 - np.eye(4)) / 3).all()


def test_nearest_looks_across_the_date_line():
    places = pd.DataFrame({"longitude": [179.0, -179.0, 170.0], "latitude": 0}, ["A", "B", "C"])
    assert weights.nearest(places, 1).neighbors == {"A": ["B"], "B": ["A"], "C": ["A"]}


def test_of_regions_equally_far_the_first_by_name_is_taken():
    cross = pd.DataFrame({"longitude": [0.0, 1, 0, -1, 0], "latitude": [0.0, 0, 1, 0, -1]}, ["o", "e", "n", "w", "s"])
    assert sorted(weights.nearest(cross, 2).neighbors["o"]) == ["e", "n"]
    turned = weights.nearest(cross.iloc[::-1], 2)
    assert (dense(turned, cross.index) == dense(weights.nearest(cross, 2))).all()


@given(spots(3), st.data())
def test_nearest_by_brute_force(places, data):
    k = data.draw(st.integers(1, len(places) - 1))
    W, d = weights.nearest(places, k), great_circle(places)
    assert dense(W).sum(axis=1) == pytest.approx(1) and {len(n) for n in W.neighbors.values()} == {k}
    for i, region in enumerate(places.index):
        assert region not in W.neighbors[region]
        chosen = sorted(d[i, places.index.get_loc(other)] for other in W.neighbors[region])
        assert chosen == pytest.approx(sorted(np.delete(d[i], i))[:k], abs=1e-2)


@given(spots(3), st.randoms(use_true_random=False))
def test_permuted_places_give_the_permuted_matrix(places, random):
    moved = places.loc[random.sample(list(places.index), len(places))]
    for make in (weights.inverse_distance, lambda p: weights.nearest(p, 2)):
        assert dense(make(moved), places.index) == pytest.approx(dense(make(places)))


@pytest.mark.parametrize("make", [weights.inverse_distance, lambda places: weights.nearest(places, 1)])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.assign(longitude=[0, 1, 3, 1]), "B and D have the same coordinates: their distance is zero"),
        (lambda p: p.assign(longitude=[-180, 1, 180, 7]), "A and C have the same coordinates"),
        (lambda p: p.assign(latitude=[90, 1, 0, 90]), "A and D have the same coordinates"),
        (lambda p: p.assign(latitude=[0, np.nan, 0, 91]), "latitude of B, D is missing or not between -90 and 90"),
        (lambda p: p.assign(longitude=pd.array([None, 1, 3, 7], "Float64")), "longitude of A is missing"),
        (lambda p: p.assign(longitude=[0, 1, 3, 1e5]), "longitude of D is missing or not between -180 and 360"),
        (lambda p: p.rename({"D": "A"}), "regions name A twice"),
        (lambda p: p.rename(columns={"latitude": "lat"}), "latitude is absent"),
    ],
)
def test_places_without_a_place_of_their_own_are_refused(make, change, message):
    with pytest.raises(ValueError, match=message):
        make(change(EQUATOR))


@pytest.mark.parametrize("k", [0, -1, 4, 5, 2.0, True, "2", None])
def test_k_is_fewer_than_the_regions(k):
    with pytest.raises(ValueError, match="k must be an integer from 1 to 3, as there are 4 regions"):
        weights.nearest(EQUATOR, k)


@pytest.mark.parametrize("number", [0, -1, np.nan, np.inf])
def test_power_and_cutoff_are_positive(number):
    for name in ("power", "cutoff"):
        with pytest.raises(ValueError, match=f"{name} must be positive and finite"):
            weights.inverse_distance(EQUATOR, **{name: number})


def test_a_power_that_makes_weights_vanish_is_refused():
    with pytest.raises(ValueError, match="with power 2000 weights vanish"):
        weights.inverse_distance(EQUATOR, power=2000)


# ------------------------------------------------------------------------ subset
def test_a_subset_is_standardised_anew():
    W = weights.contiguity(pairs("AB", "BC", "CD", "DB"), "ABCD")
    part = weights.subset(W, ["D", "B", "A"])
    assert list(part.id_order) == ["D", "B", "A"]
    assert dense(part).tolist() == [[0, 1, 0], [.5, 0, .5], [0, 1, 0]]
    assert dense(W, "ABCD")[1] == pytest.approx(np.array([1, 0, 1, 1]) / 3)  # the whole is as it was


def test_a_subset_of_unequal_weights_keeps_their_proportions():
    part = weights.subset(weights.inverse_distance(EQUATOR), list("ABD"))
    assert dense(part)[1] == pytest.approx([6 / 7, 0, 1 / 7])  # 1 and 1/6
    assert dense(part) == pytest.approx(dense(weights.inverse_distance(EQUATOR.loc[list("ABD")])))


def test_an_isolate_of_the_subset_is_refused_or_kept():
    W = weights.contiguity(CHAIN, "ABCD")
    with pytest.raises(ValueError, match="these regions lose all their neighbours: D;"):
        weights.subset(W, "ABD")
    part = weights.subset(W, "ABD", isolates="keep")
    assert part.islands == ["D"] and dense(part).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match="these regions lose all their neighbours: D;"):
        weights.subset(part, "DAB")  # it has none to begin with


@pytest.mark.parametrize(
    ("regions", "message"),
    [("ABX", "the weights have no X; they are of A, B, C, D"), ("ABA", "regions name A twice"), ("", "there are no regions")],
)
def test_a_subset_names_regions_of_the_whole(regions, message):
    with pytest.raises(ValueError, match=message):
        weights.subset(weights.contiguity(CHAIN, "ABCD"), regions)


@given(maps(), st.data())
def test_a_subset_of_the_map_is_the_map_of_the_subset(drawn, data):
    regions, borders = drawn
    some = data.draw(st.permutations(regions))[: data.draw(st.integers(1, len(regions)))]
    inside = borders[borders["region"].isin(some) & borders["neighbour"].isin(some)]
    for standardise in (True, False):
        part = weights.subset(weights.contiguity(borders, regions, standardise=standardise), some, isolates="keep")
        assert dense(part) == pytest.approx(dense(weights.contiguity(inside, some, isolates="keep")))


# ------------------------------------------------------------------------ matrix
def test_a_matrix_is_sparse_in_the_order_asked_and_a_copy():
    W = weights.contiguity(CHAIN, "ABCD")
    matrix = weights.matrix(W, ["D", "C", "B", "A"])
    assert isinstance(matrix, sparse.csr_array) and matrix.nnz == 6
    assert matrix.toarray().tolist() == [[0, 1, 0, 0], [.5, 0, .5, 0], [0, .5, 0, .5], [0, 0, 1, 0]]
    matrix.data[:] = 7
    assert dense(W)[0].tolist() == [0, 1, 0, 0]


def test_a_matrix_follows_the_transformation_of_the_weights():
    W = weights.contiguity(CHAIN, "ABCD")
    W.transform = "b"
    assert (dense(W) == dense(weights.contiguity(CHAIN, "ABCD", standardise=False))).all() and W.transform == "B"


@pytest.mark.parametrize("bare", [np.eye(3), [[0, 1], [1, 0]], sparse.eye_array(3), None, {"A": ["B"]}])
def test_a_bare_array_is_refused(bare):
    for ask in (lambda: weights.matrix(bare, "ABC"), lambda: weights.subset(bare, "AB")):
        with pytest.raises(TypeError, match=r"a libpysal W with region names as ids, which contiguity\(\) makes; got "):
            ask()


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        ("ABC", r"the weights have D besides: take subset\(W, regions\)"),
        ("ABCDX", "the weights have no X: make them of all regions"),
        ("XYZ", "the weights have no X, Y, Z"),
        ("ABCDA", "regions name A twice"),
    ],
)
def test_regions_and_weights_must_agree(regions, message):
    with pytest.raises(ValueError, match=message):
        weights.matrix(weights.contiguity(CHAIN, "ABCD"), regions)


def test_weights_whose_ids_are_numbers_are_not_taken_for_regions():
    with pytest.raises(ValueError, match="the weights have no A, B, C, D: make them of all regions, with names as ids"):
        weights.matrix(lat2W(2, 2), "ABCD")


@pytest.mark.parametrize(
    ("neighbours", "values", "message"),
    [
        ({"A": ["B"], "B": ["A"]}, {"A": [1.0], "B": [-0.5]}, "the weight of A for B is negative: -0.5"),
        ({"A": ["B"], "B": ["A"]}, {"A": [np.nan], "B": [1.0]}, "the weight of B for A is not finite: nan"),
        ({"A": ["B"], "B": ["A"]}, {"A": [1.0], "B": [np.inf]}, "the weight of A for B is not finite: inf"),
        ({"A": ["B"], "B": ["A", "B"]}, {"A": [1.0], "B": [0.5, 0.5]}, "regions their own neighbours: B; set the diagonal"),
    ],
)
def test_weights_that_are_none_are_refused(neighbours, values, message):
    with pytest.raises(ValueError, match=message):
        weights.matrix(W(neighbours, values, silence_warnings=True), "AB")


def test_a_stored_zero_is_no_neighbour():
    W_ = W({"A": ["A", "B"], "B": ["A", "C"], "C": ["B"]}, {"A": [0.0, 1.0], "B": [1.0, 0.0], "C": [1.0]}, silence_warnings=True)
    assert weights.matrix(W_, "ABC").nnz == 3


def test_row_standardised_means_every_row():
    assert weights.is_row_standardised(sparse.csr_array([[0, 1], [1, 0]])) is True
    assert weights.is_row_standardised(np.array([[0, 1 / 3, 2 / 3 + 1e-12], [1, 0, 0], [1, 0, 0]]))
    assert not weights.is_row_standardised(np.array([[0, 1], [0, 0]]))  # an isolate
    assert not weights.is_row_standardised(np.array([[0, 2], [0.5, 0]]))
    assert not weights.is_row_standardised(weights.matrix(weights.contiguity(CHAIN, "ABCD", standardise=False), "ABCD"))


# ------------------------------------------------------------------------- size
def test_three_thousand_regions_need_no_dense_matrix():
    regions, borders = lattice(55)
    places = pd.DataFrame({"longitude": np.tile(np.arange(55) / 10, 55), "latitude": np.repeat(np.arange(55) / 10, 55)}, regions)
    tracemalloc.start()
    W = weights.contiguity(borders, regions)
    matrices = [weights.matrix(W, regions[::-1]), weights.matrix(weights.nearest(places, 4), regions),
                weights.matrix(weights.inverse_distance(places, cutoff=25), regions),
                weights.matrix(weights.subset(W, regions[:1000]), regions[:1000])]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * len(regions) ** 2 / 2  # half of one dense matrix
    assert [m.nnz for m in matrices[:2]] == [2 * len(borders), 4 * len(regions)]
    assert all(weights.is_row_standardised(m) for m in matrices)
