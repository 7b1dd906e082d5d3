"""Who is whose neighbour, and how much does each count?

Every function returns libpysal's ``W`` with region names as ids, so that
nothing depends on the order of rows; :func:`matrix` turns it into a sparse
matrix in a given order.

LeSage and Pace (2009), Introduction to Spatial Econometrics, chapter 1,
doi:10.1201/9781420064254.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import pandas as pd
from libpysal.weights import W as Weights
from scipy import sparse
from scipy.spatial import KDTree

from casebook.panels import listed, one_of

EARTH_RADIUS = 6371.0088
"""Mean radius of the earth in km; Moritz (2000), doi:10.1007/s001900050278."""

ISOLATES = ("refuse", "keep")

SAME_PLACE = 1e-6
"""Places closer than this, in km, are one: a distance has to be divided by."""


def contiguity(
    pairs: pd.DataFrame, regions: Iterable[Hashable], *, isolates: str = "refuse", standardise: bool = True
) -> Weights:
    """Weights of regions that share a border.

    Parameters
    ----------
    pairs : DataFrame with columns ``region`` and ``neighbour``
        A border a row; whether it is listed once or in both directions makes
        no difference.
    regions : iterable of N names
        All regions, in the order of the result.
    isolates : {"refuse", "keep"}
        A region without a neighbour is an error, or stays as a row of zeros:
        its lag is then zero, and ``W.islands`` names it.
    standardise : bool
        Divide each row by its sum, so that a lag is the mean over neighbours;
        else a weight is one, and a lag their sum.

    Returns
    -------
    libpysal.weights.W
        Of N regions; no unit.  They may fall into groups without a link between
        them: ``W.n_components`` counts these.

    Raises
    ------
    ValueError
        For a pair of a region unknown or missing or paired with itself, a region
        listed twice, and isolates, unless kept.

    Examples
    --------
    A chain A - B - C: B has two neighbours, the ends have one.

    >>> chain = pd.DataFrame({"region": ["A", "B"], "neighbour": ["B", "C"]})
    >>> contiguity(chain, ["A", "B", "C"]).full()[0].tolist()
    [[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]
    """
    regions = _distinct(regions)
    absent = [column for column in ("region", "neighbour") if column not in pairs]
    if absent:
        raise ValueError(f"pairs need the columns region and neighbour; {listed(absent)} is absent")
    borders = pairs[["region", "neighbour"]]
    if borders.isna().any(axis=None):
        raise ValueError(f"pairs have a missing name in row {borders.index[borders.isna().any(axis=1)][0]}")
    place = {region: i for i, region in enumerate(regions)}
    unknown = [name for name in pd.unique(borders.to_numpy().ravel()) if name not in place]
    if unknown:
        raise ValueError(f"pairs name {listed(unknown)}, not among the regions: add to the list or drop these pairs")
    alone = borders.loc[borders["region"] == borders["neighbour"], "region"].unique()
    if len(alone):
        raise ValueError(f"pairs link regions with themselves: {listed(alone)}; drop these rows")
    rows, columns = (borders[side].map(place).to_numpy(dtype=int) for side in borders)
    links = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(regions),) * 2).tocsr()
    links = links + links.T
    links.data[:] = 1.0
    return _weights(links, regions, isolates, "border no other", standardise)


def inverse_distance(
    places: pd.DataFrame, *, power: float = 1.0, cutoff: float | None = None, isolates: str = "refuse"
) -> Weights:
    """Weights that fall with the great-circle distance, row-standardised.

    Parameters
    ----------
    places : DataFrame of N rows indexed by region
        ``longitude`` and ``latitude`` in degrees.
    power : float
        The weight before standardisation is distance to minus this power.
    cutoff : float, optional
        Regions farther apart than this many km are no neighbours.  Without it
        all are, N (N - 1) weights: give one for thousands of regions.
    isolates : {"refuse", "keep"}
        As in :func:`contiguity`: regions with no other within the cutoff.

    Returns
    -------
    libpysal.weights.W
        Of N regions, in the order of `places`; no unit.

    Raises
    ------
    ValueError
        For coordinates missing or out of range, two regions at one place, a
        power or cutoff that is not positive, and isolates, unless kept.

    Examples
    --------
    On the equator B is one degree from A and two from C: 1 against 1/2, in sum one.

    >>> places = pd.DataFrame({"longitude": [0, 1, 3], "latitude": 0}, ["A", "B", "C"])
    >>> inverse_distance(places).full()[0].round(3).tolist()[1]
    [0.667, 0.0, 0.333]
    """
    for name, number in (("power", power), ("cutoff", cutoff)):
        if number is not None and not (np.isfinite(number) and number > 0):
            raise ValueError(f"{name} must be positive and finite; got {number!r}")
    regions, points = _points(places)
    reach = np.pi if cutoff is None else min(cutoff / EARTH_RADIUS, np.pi)  # as an angle
    chord = 2 * np.sin(reach / 2) * (1 + 1e-9)  # at the cutoff itself they are neighbours
    pairs = KDTree(points).query_pairs(chord, output_type="ndarray")
    chords = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    angles = 2 * np.arcsin(np.minimum(chords / 2, 1))
    data = (angles / angles.min(initial=np.inf)) ** -power  # from one downwards
    if not data.all():
        raise ValueError(f"with power {power:g} weights vanish in floating point: give a smaller power or a cutoff")
    links = sparse.coo_array((data, pairs.T), shape=(len(regions),) * 2).tocsr()
    return _weights(links + links.T, regions, isolates, f"have no other within {cutoff or np.inf:g} km")


def nearest(places: pd.DataFrame, k: int) -> Weights:
    """Weights of the k nearest regions by great-circle distance, 1/k each.

    Parameters
    ----------
    places : DataFrame of N rows indexed by region
        ``longitude`` and ``latitude`` in degrees.
    k : int
        From 1 to N - 1.  Where several are equally far, to one part in 10^9,
        those whose names come first are taken.

    Returns
    -------
    libpysal.weights.W
        Of N regions, in the order of `places`; no unit; seldom symmetric.

    Raises
    ------
    ValueError
        For coordinates missing or out of range, two regions at one place, a `k`
        out of range.

    Examples
    --------
    B is nearest to C, but A is nearest to B.

    >>> places = pd.DataFrame({"longitude": [0, 1, 3], "latitude": 0}, ["A", "B", "C"])
    >>> nearest(places, 1).neighbors
    {'A': ['B'], 'B': ['A'], 'C': ['B']}
    """
    regions, points = _points(places)
    n = len(regions)
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k < n:
        raise ValueError(f"k must be an integer from 1 to {n - 1}, as there are {n} regions; got {k!r}")
    tree = KDTree(points)
    reach = tree.query(points, [k + 1])[0][:, 0]  # each region is its own nearest
    slack = 1e-9 * reach + 1e-15
    columns = []
    for i, around in enumerate(tree.query_ball_point(points, reach + slack)):
        others = [j for j in around if j != i]
        gaps = np.linalg.norm(points[others] - points[i], axis=1)
        inside = gaps < reach[i] - slack[i]
        sure = [j for j, nearer in zip(others, inside) if nearer]
        tied = sorted((j for j, nearer in zip(others, inside) if not nearer), key=lambda j: str(regions[j]))
        columns += sorted(sure + tied[: k - len(sure)])
    links = sparse.csr_array((np.ones(n * k), columns, np.arange(0, n * k + 1, k)), shape=(n, n))
    return _weights(links, regions, "refuse", "have no neighbour")


def subset(W: Weights, regions: Iterable[Hashable], *, isolates: str = "refuse") -> Weights:
    """Weights among some of the regions: their rows and columns, row-standardised anew.

    Parameters
    ----------
    W : libpysal.weights.W
        Row-standardised or not; the result is.
    regions : iterable of names
        In the order of the result.
    isolates : {"refuse", "keep"}
        As in :func:`contiguity`: regions all of whose neighbours are left out.

    Returns
    -------
    libpysal.weights.W
        Of these regions.

    Raises
    ------
    ValueError
        For a region unknown to `W` or named twice, what :func:`matrix` refuses,
        and isolates, unless kept.

    Examples
    --------
    Of the chain A - B - C - D without D, C has one neighbour left.

    >>> chain = pd.DataFrame({"region": ["A", "B", "C"], "neighbour": ["B", "C", "D"]})
    >>> subset(contiguity(chain, "ABCD"), "ABC").full()[0].tolist()
    [[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]
    """
    regions, everywhere = _distinct(regions), _ids(W)
    unknown = [region for region in regions if region not in W.neighbors]
    if unknown:
        raise ValueError(f"the weights have no {listed(unknown)}; they are of {listed(everywhere)}")
    some = set(regions)
    whole = matrix(W, [*regions, *(region for region in everywhere if region not in some)])
    part = whole[: len(regions), : len(regions)]
    return _weights(part, regions, isolates, "lose all their neighbours")


def matrix(W: Weights, regions: Iterable[Hashable]) -> sparse.csr_array:
    """The weights as a sparse matrix, rows and columns in a given order.

    Parameters
    ----------
    W : libpysal.weights.W
        With region names as ids, in any order; its weights as they stand.
    regions : iterable of N names
        All of them, in the order wanted.

    Returns
    -------
    scipy.sparse.csr_array of shape (N, N)
        A copy; no unit.

    Raises
    ------
    TypeError
        When `W` is no libpysal ``W``: a bare array doesn't say which row is whose.
    ValueError
        When regions and ids differ, when a region is its own neighbour, and for
        weights that are negative or not finite; each named.

    Examples
    --------
    >>> W = contiguity(pd.DataFrame({"region": ["A", "B"], "neighbour": ["B", "C"]}), "ABC")
    >>> matrix(W, ["B", "A", "C"]).toarray().tolist()
    [[0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    ids, regions = _ids(W), _distinct(regions)
    place = {region: i for i, region in enumerate(regions)}
    absent, extra = [r for r in regions if r not in W.neighbors], [r for r in ids if r not in place]
    if absent:
        raise ValueError(f"the weights have no {listed(absent)}: make them of all regions, with names as ids")
    if extra:
        raise ValueError(f"the weights have {listed(extra)} besides: take subset(W, regions), which standardises anew")
    rows = [place[region] for region in regions for _ in W.neighbors[region]]
    columns = [place[other] for region in regions for other in W.neighbors[region]]
    data = np.array([weight for region in regions for weight in W.weights[region]], dtype=float)
    for wrong, fault in ((~np.isfinite(data), "not finite"), (data < 0, "negative")):
        if wrong.any():
            i = wrong.argmax()
            raise ValueError(f"the weight of {regions[columns[i]]} for {regions[rows[i]]} is {fault}: {data[i]:g}")
    alone = [regions[i] for i, j, weight in zip(rows, columns, data) if i == j and weight]
    if alone:
        raise ValueError(f"the weights make regions their own neighbours: {listed(alone)}; set the diagonal to zero")
    shape, where = (len(regions),) * 2, (np.array(rows, dtype=int), np.array(columns, dtype=int))
    result = sparse.coo_array((data, where), shape=shape).tocsr()
    result.eliminate_zeros()
    return result


def is_row_standardised(matrix) -> bool:
    """Whether every row sums to one, to one part in 10^9.

    Parameters
    ----------
    matrix : sparse or dense array of shape (N, N)

    Returns
    -------
    bool
        False with an isolate, whose row is of zeros.

    Examples
    --------
    >>> is_row_standardised(np.array([[0, 1], [1, 0]])), is_row_standardised(np.array([[0, 1], [0, 0]]))
    (True, False)
    """
    return bool(np.allclose(np.asarray(matrix.sum(axis=1)), 1, rtol=0, atol=1e-9))


def _weights(links: sparse.csr_array, regions: list, isolates: str, fault: str, standardise: bool = True) -> Weights:
    """Make libpysal's W of a matrix; isolates have been dealt with, so libpysal need not warn of them."""
    one_of(isolates, ISOLATES, "isolates")
    links.sort_indices()
    ends = list(zip(links.indptr, links.indptr[1:]))
    lonely = [region for region, (a, b) in zip(regions, ends) if a == b]
    if lonely and isolates == "refuse":
        raise ValueError(
            f"these regions {fault}: {listed(lonely)}; give them neighbours, leave them out, "
            "or keep them as rows of zeros by isolates='keep'"
        )
    result = as_weights(links, regions)
    if standardise:
        result.transform = "r"
    return result


def as_weights(links: sparse.csr_array, regions: list) -> Weights:
    """A W of a sparse matrix as it stands, rows and columns in the order of the regions; isolates are not warned of."""
    ends = list(zip(regions, links.indptr, links.indptr[1:]))
    neighbours = {region: [regions[j] for j in links.indices[a:b]] for region, a, b in ends}
    weights = {region: links.data[a:b].tolist() for region, a, b in ends}
    return Weights(neighbours, weights, id_order=regions, silence_warnings=True)


def _points(places: pd.DataFrame) -> tuple[list, np.ndarray]:
    """Regions, and their places as points of the unit sphere, N x 3; refuse what has no place of its own."""
    regions = _distinct(places.index)
    for column, low, high in (("longitude", -180, 360), ("latitude", -90, 90)):
        if column not in places:
            raise ValueError(f"places need the columns longitude and latitude, in degrees; {column} is absent")
        values = places[column].to_numpy(dtype=float, na_value=np.nan)
        wrong = ~((values >= low) & (values <= high))  # a missing one is neither
        if wrong.any():
            raise ValueError(f"the {column} of {listed(np.array(regions, dtype=object)[wrong])} is missing or "
                             f"not between {low} and {high} degrees")
    x, y = (np.radians(places[column].to_numpy(dtype=float)) for column in ("longitude", "latitude"))
    points = np.column_stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])
    twice = sorted(KDTree(points).query_pairs(SAME_PLACE / EARTH_RADIUS))
    if twice:
        one, other = (regions[i] for i in twice[0])
        raise ValueError(f"{one} and {other} have the same coordinates: their distance is zero, so correct or merge them")
    return regions, points


def _distinct(regions: Iterable[Hashable]) -> list:
    """The regions as a list, none twice."""
    regions = list(regions)
    if not regions:
        raise ValueError("there are no regions: give their names")
    twice = pd.Index(regions)[pd.Index(regions).duplicated()].unique()
    if len(twice):
        raise ValueError(f"regions name {listed(twice)} twice: each must be listed once")
    return regions


def _ids(W: Weights) -> list:
    """The regions of a W, which must be one."""
    if not isinstance(W, Weights):
        raise TypeError(
            f"weights must be a libpysal W with region names as ids, which contiguity() makes; got {type(W).__name__}"
        )
    return list(W.id_order)
