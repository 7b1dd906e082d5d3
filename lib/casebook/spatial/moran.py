"""Are neighbours alike?

Moran's I of a quantity, year by year, by esda; its moments under normality and
under randomisation, which depend on the map and, of the values, on their
kurtosis only, so that printed statistics can be held against a map.

Moran (1950), doi:10.1093/biomet/37.1-2.17; moments in Cliff and Ord (1981),
Spatial Processes: Models and Applications, Pion, London.
"""

from __future__ import annotations

import esda
import numpy as np
import pandas as pd
from libpysal.weights import W as Weights
from scipy import sparse, stats

from casebook.panels import listed
from casebook.spatial.weights import _ids, as_weights, matrix

QUADRANTS = ("high-high", "low-high", "low-low", "high-low")
"""Quadrants of the Moran scatter plot, from the upper right against the clock."""

LIKE = ("high-high", "low-low")
"""Those in which a region is as its neighbours are."""

ROUNDING = 1e-12
"""Slack for what would be zero or equal but for floating point."""


def moran(values: pd.Series, W: Weights, *, permutations: int = 999, seed: int = 0) -> pd.DataFrame:
    """Moran's I, year by year, with its significance against no spatial pattern.

    Parameters
    ----------
    values : Series indexed by (region, year)
        Of every region of `W` in every year, in any unit and order of rows.
    W : libpysal.weights.W
        N >= 4 regions; used as it stands, row-standardised or not.
    permutations : int
        Random arrangements of the values over the regions; the same for every
        year.  With none their p is missing.
    seed : int
        Of the arrangements; numpy's global generator is left alone.

    Returns
    -------
    DataFrame indexed by year
        ``I``; ``expected``; under normality and under randomisation standard
        deviations ``sd_normal``, ``sd_random``, z statistics ``z_normal``,
        ``z_random`` and p-values, one-sided for likeness of neighbours
        ``p_normal``, ``p_random`` and two-sided ``p_normal_two``,
        ``p_random_two``; ``p_permutation``, one-sided: the share of
        arrangements with no smaller I, the one observed among them; and
        ``p_permutation_two``: of those no nearer to what is expected.  No units.
        z and its p are missing where all arrangements have the same I.

    Raises
    ------
    ValueError
        When a value is missing or not finite, naming region and year; when all
        values of a year are equal, naming it; when regions differ from those of
        `W`; and what :func:`moments` and :func:`casebook.spatial.weights.matrix`
        refuse.

    Notes
    -----
    Isolates kept in `W` count in N and in the mean and variance of the values,
    as in esda, but add nothing to the sum over neighbours; R's spdep leaves them
    out of N unless told otherwise (``adjust.n``).  The permutation p is that of
    Phipson and Smyth (2010), doi:10.2202/1544-6115.1585.

    Examples
    --------
    1, 2, 3, 4 along a chain: deviations -1.5, -0.5, 0.5, 1.5, their lags -0.5,
    -0.5, 0.5, 0.5, so I is (0.75 + 0.25 + 0.25 + 0.75) / 5 = 0.4.

    >>> from casebook.spatial.weights import contiguity
    >>> chain = pd.DataFrame({"region": list("ABC"), "neighbour": list("BCD")})
    >>> key = pd.MultiIndex.from_product([list("ABCD"), [2005]], names=["region", "year"])
    >>> moran(pd.Series([1.0, 2, 3, 4], key), contiguity(chain, "ABCD"))["I"].round(9).to_dict()
    {2005: 0.4}
    """
    if isinstance(permutations, bool) or not isinstance(permutations, (int, np.integer)) or permutations < 0:
        raise ValueError(f"permutations must be an integer of zero or more; got {permutations!r}")
    regions = sorted(_ids(W), key=str)  # so that the arrangements don't depend on the order of W
    wide, links = _by_year(values, regions), matrix(W, regions)
    plain = as_weights(links, regions)  # esda standardises the one it is given, in place
    deviations = (wide - wide.mean()).to_numpy()
    out = pd.DataFrame(index=wide.columns)
    with np.errstate(divide="ignore", invalid="ignore"):  # of its own z, not taken from it
        out["I"] = [esda.Moran(wide[year], plain, transformation="O", permutations=0).I for year in wide]
    curvature = (deviations**4).mean(axis=0) / (deviations**2).mean(axis=0) ** 2
    out["expected"], out["sd_normal"], out["sd_random"] = zip(*(_moments(links, b2) for b2 in curvature))
    for kind in ("normal", "random"):
        out[f"z_{kind}"] = (out["I"] - out["expected"]) / out[f"sd_{kind}"].where(out[f"sd_{kind}"] > 0)
        out[f"p_{kind}"] = stats.norm.sf(out[f"z_{kind}"])
        out[f"p_{kind}_two"] = 2 * stats.norm.sf(out[f"z_{kind}"].abs())
    out["p_permutation"], out["p_permutation_two"] = _permutation_p(deviations, links, permutations, seed)
    return out[["I", "expected", "sd_normal", "z_normal", "sd_random", "z_random", "p_normal", "p_random",
                "p_normal_two", "p_random_two", "p_permutation", "p_permutation_two"]]


def moments(W: Weights, kurtosis: float = 3.0) -> tuple[float, float, float]:
    """Expectation and standard deviations of Moran's I when there is no spatial pattern.

    Parameters
    ----------
    W : libpysal.weights.W
        N >= 4 regions; used as it stands.
    kurtosis : float
        Of the values, N sum z^4 / (sum z^2)^2, three for a normal distribution.
        It enters the second deviation only.

    Returns
    -------
    expected, sd_normal, sd_random : float
        -1 / (N - 1); the deviation for independent normal values; that over
        all arrangements of given values with this kurtosis.  No unit.

    Raises
    ------
    ValueError
        For fewer than four regions, weights that are all zero, and a kurtosis
        that no N values have.

    Notes
    -----
    With S0 the sum of weights, S1 half the sum of (w_ij + w_ji)^2 and S2 the
    sum of squares of row plus column sums (Cliff and Ord 1981).  N counts all
    regions of `W`, isolates with them.

    Examples
    --------
    A chain of four, each weight one: S0 6, S1 12, S2 40, so the variance under
    normality is (16 * 12 - 4 * 40 + 3 * 36) / (15 * 36) - 1/9 = 4/27.

    >>> from casebook.spatial.weights import contiguity
    >>> chain = pd.DataFrame({"region": list("ABC"), "neighbour": list("BCD")})
    >>> expected, sd, _ = moments(contiguity(chain, "ABCD", standardise=False), kurtosis=2)
    >>> round(expected * 3, 9), round(sd**2 * 27, 9)
    (-1.0, 4.0)
    """
    return _moments(matrix(W, _ids(W)), kurtosis)


def variance_by_kurtosis(W: Weights) -> tuple[float, float]:
    """The variance of I under randomisation as a + b times the kurtosis of the values.

    Parameters
    ----------
    W : libpysal.weights.W
        N >= 4 regions; used as it stands.

    Returns
    -------
    a, b : float
        No unit.

    Examples
    --------
    >>> from casebook.spatial.weights import contiguity
    >>> W = contiguity(pd.DataFrame({"region": list("ABCDE"), "neighbour": list("BCDEF")}), "ABCDEF")
    >>> a, b = variance_by_kurtosis(W)
    >>> bool(np.isclose(a + 2.5 * b, moments(W, kurtosis=2.5)[2] ** 2))
    True
    """
    n, level, slope = _second_moment(matrix(W, _ids(W)))
    return float(level - 1 / (n - 1) ** 2), float(-slope)


def kurtosis_needed(W: Weights, sd: float) -> float:
    """The kurtosis of the values at which I has a given deviation under randomisation.

    Parameters
    ----------
    W : libpysal.weights.W
        N >= 4 regions; used as it stands.
    sd : float
        Such as (I + 1 / (N - 1)) / z of a printed I and z.

    Returns
    -------
    float
        No values have a kurtosis below one or above N - 2 + 1 / (N - 1): then
        the deviation can't be that of `W` under randomisation.

    Raises
    ------
    ValueError
        For an `sd` that is not positive and finite, fewer than four regions,
        weights that are all zero, and weights under which the deviation doesn't
        depend on the kurtosis.

    Examples
    --------
    >>> from casebook.spatial.weights import contiguity
    >>> W = contiguity(pd.DataFrame({"region": list("ABCDE"), "neighbour": list("BCDEF")}), "ABCDEF")
    >>> round(kurtosis_needed(W, moments(W, kurtosis=2.5)[2]), 9)
    2.5
    """
    if not (np.isfinite(sd) and sd > 0):
        raise ValueError(f"sd must be positive and finite; got {sd!r}")
    level, slope = variance_by_kurtosis(W)
    if abs(slope) <= ROUNDING * abs(level):
        raise ValueError("under these weights the deviation of I is the same whatever the kurtosis of the values")
    return float((sd**2 - level) / slope)


def scatter(values: pd.Series, W: Weights) -> pd.DataFrame:
    """Each region against its neighbours, in one year.

    Parameters
    ----------
    values : Series indexed by region
        Of every region of `W`, in any unit.
    W : libpysal.weights.W
        Used as it stands; row-standardised, so that a lag is a mean.

    Returns
    -------
    DataFrame indexed by region, in the order of `values`
        ``z``, in standard deviations (divisor N) from the mean; ``lag``, its
        spatial lag; ``quadrant``, the region's own level and then its
        neighbours', such as "low-high", zero counted as high, and
        "no neighbours" for an isolate, whose lag is zero.  With
        row-standardised `W` the slope of ``lag`` on ``z`` is Moran's I; each
        isolate kept lowers it by I / N.

    Raises
    ------
    ValueError
        When values are missing, not finite or all equal; when regions differ
        from those of `W`.

    Notes
    -----
    Anselin (1995), doi:10.1111/j.1538-4632.1995.tb00338.x.

    Examples
    --------
    >>> from casebook.spatial.weights import contiguity
    >>> chain = pd.DataFrame({"region": list("ABC"), "neighbour": list("BCD")})
    >>> scatter(pd.Series([1.0, 2, 3, 4], list("ABCD")), contiguity(chain, "ABCD"))["quadrant"].tolist()
    ['low-low', 'low-low', 'high-high', 'high-high']
    """
    if values.index.nlevels > 1:
        raise ValueError("values must be of one year, indexed by region: values.xs(year, level='year') takes one")
    if values.index.has_duplicates:
        raise ValueError(f"values name {listed(values.index[values.index.duplicated()].unique())} twice")
    _need_regions(values.index, _ids(W))
    links = matrix(W, values.index)
    x = values.to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(x).all():
        raise ValueError(f"no finite value for {listed(values.index[~np.isfinite(x)])}")
    if _constant(x):
        raise ValueError("all values are equal: none is high or low")
    z = (x - x.mean()) / x.std()
    lag = links @ z
    high, among_high = z >= -ROUNDING, lag >= -ROUNDING
    quadrant = np.select([high & among_high, among_high, ~high], QUADRANTS[:3], QUADRANTS[3])
    quadrant = np.where(np.diff(links.indptr) == 0, "no neighbours", quadrant)
    frame = pd.DataFrame({"z": z, "lag": lag, "quadrant": quadrant}, values.index)
    return frame.rename_axis("region")


def _second_moment(links: sparse.csr_array) -> tuple[int, float, float]:
    """N, and a and b of E(I^2) = a - b * kurtosis under randomisation."""
    n = links.shape[0]
    if n < 4:
        raise ValueError(f"the variance of I needs four regions or more; the weights have {n}")
    s0, s1, s2 = _sums(links)
    scale = (n - 1) * (n - 2) * (n - 3) * s0**2
    level = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) / scale
    return n, level, ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2) / scale


def _sums(links: sparse.csr_array) -> tuple[float, float, float]:
    """S0, S1 and S2 of Cliff and Ord."""
    s0 = float(links.sum())
    if s0 == 0:
        raise ValueError("all weights are zero: no region has a neighbour")
    both = links + links.T
    return s0, float((both.data**2).sum() / 2), float((np.asarray(both.sum(axis=1)) ** 2).sum())


def _moments(links: sparse.csr_array, kurtosis: float) -> tuple[float, float, float]:
    if not (np.isfinite(kurtosis) and kurtosis >= 1 - 1e-9):
        raise ValueError(f"no values have the kurtosis {kurtosis}: it is one or more")
    n, level, slope = _second_moment(links)
    s0, s1, s2 = _sums(links)
    normal = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2)
    random, square = level - slope * kurtosis, 1 / (n - 1) ** 2
    slack = 1e-10 * (level + abs(slope) * kurtosis)  # so near to zero a variance is zero
    if random - square < -slack:
        raise ValueError(f"no {n} values have the kurtosis {kurtosis:g}: the variance of I would be negative")
    variances = [0.0 if moment - square <= slack else moment - square for moment in (normal, random)]
    return -1 / (n - 1), float(np.sqrt(variances[0])), float(np.sqrt(variances[1]))


def _by_year(values: pd.Series, regions: list) -> pd.DataFrame:
    """Values as a table of regions by years, every cell finite and no year constant."""
    if list(values.index.names) != ["region", "year"]:
        raise ValueError(f"values must be indexed by (region, year), not {values.index.names}")
    if values.index.has_duplicates:
        region, year = values.index[values.index.duplicated()][0]
        raise ValueError(f"values have two rows for {region} in {year}")
    _need_regions(values.index.get_level_values("region").unique(), regions)
    numbers = pd.Series(values.to_numpy(dtype=float, na_value=np.nan), values.index)
    wide = numbers.unstack("year").sort_index(axis=1).loc[regions]
    missing = ~np.isfinite(wide.to_numpy())
    if missing.any():
        i, j = np.argwhere(missing)[0]
        raise ValueError(f"values have no finite number for {wide.index[i]} in {wide.columns[j]}: "
                         "I needs every region of W; fill it, leave out the year or take a subset of W")
    flat = [year for year in wide if _constant(wide[year].to_numpy())]
    if flat:
        raise ValueError(f"all values of {listed(flat)} are equal: I is undefined; leave out the year")
    return wide


def _need_regions(given, regions: list) -> None:
    absent = [region for region in regions if region not in given]
    if absent:
        raise ValueError(f"no values for {listed(absent)}, regions of the weights: add them or take subset(W, ...)")
    known = set(regions)
    extra = [region for region in given if region not in known]
    if extra:
        raise ValueError(f"values for {listed(extra)}, which the weights don't have: drop them or make other weights")


def _constant(x: np.ndarray) -> bool:
    """Whether values are equal, up to rounding."""
    return np.ptp(x) <= ROUNDING * np.abs(x).max()


def _permutation_p(deviations: np.ndarray, links: sparse.csr_array, permutations: int, seed: int) -> np.ndarray:
    """One-sided and two-sided p of each year; esda draws from numpy's global generator, which takes no seed of ours."""
    if permutations == 0:
        return np.full((2, deviations.shape[1]), np.nan)
    n = len(deviations)
    expected = -links.sum() * np.square(deviations).sum(axis=0) / (n * (n - 1))

    def products(x):
        return (x * (links @ x)).sum(axis=0) - expected

    rng = np.random.default_rng(seed)
    slack = ROUNDING * (np.abs(deviations) * (links @ np.abs(deviations))).sum(axis=0)  # ties count
    bound, larger = products(deviations), np.zeros((2, deviations.shape[1]))
    for _ in range(permutations):
        drawn = products(deviations[rng.permutation(n)])
        larger += [drawn >= bound - slack, np.abs(drawn) >= np.abs(bound) - slack]
    return (larger + 1) / (permutations + 1)
