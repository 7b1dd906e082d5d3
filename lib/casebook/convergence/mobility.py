"""Do poor regions stay poor: how often do regions change their class of income?

Quah (1993), doi:10.2307/3440520, for the question; Anderson and Goodman (1957),
doi:10.1214/aoms/1177707039, for the estimates and their tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse, stats
from scipy.sparse import csgraph

from casebook.convergence import checks
from casebook.kuznets.checks import listed
from casebook.panels import one_of

CUTS = {
    "relative": (0.25, 0.5, 1.0, 2.0),
    "quantile": (0.25, 0.5, 0.75),
    "pooled quantile": (0.25, 0.5, 0.75),
    "value": None,
}
"""Ways to draw classes, each with the cuts it takes by default: Quah's, and quartiles."""


ROUNDING = 1e-12
"""What lies above a cut by less, as a fraction, is at it."""


def classes(income: pd.Series, *, by: str = "relative", cuts=None) -> pd.Series:
    """Put each region in a class of income, year by year.

    Parameters
    ----------
    income : Series indexed by (region, year)
        Positive; every region in every year.
    by : {"relative", "quantile", "pooled quantile", "value"}
        What is cut: income over the plain mean of the year's regions; the quantiles of each
        year, whose classes keep their sizes; the quantiles of income over its
        year's mean, of all years together; or the figures as they stand, such as income over a nation's.
    cuts : sequence of float, optional
        Ascending: multiples of the mean, probabilities, or values.  A region at a cut is in
        the class below.  By default those of ``CUTS``; "value" has none.

    Returns
    -------
    Series indexed by (region, year)
        Ordered categories from the lowest class to the highest, with those nobody is in.

    Raises
    ------
    ValueError
        For figures missing or not positive, cuts that don't ascend or are out of range, an unknown way.

    Examples
    --------
    Of 1, 2 and 6, mean 3, the second is at two thirds of the mean.

    >>> key = pd.MultiIndex.from_product([list("ABC"), [2005]], names=["region", "year"])
    >>> classes(pd.Series([1.0, 2, 6], key), cuts=(0.5, 1)).tolist()
    ['up to 0.5', '0.5 to 1', 'above 1']
    """
    one_of(by, tuple(CUTS), "by")
    cuts = _ascending(CUTS[by] if cuts is None else cuts, by)
    table = checks.wide(income, "income")
    values = table if by in ("quantile", "value") else table / table.mean()
    if by == "quantile":
        bounds = np.quantile(values, cuts, axis=0)
    else:
        bounds = np.quantile(values, cuts) if by == "pooled quantile" else np.array(cuts)
        bounds = np.repeat(bounds[:, None], values.shape[1], axis=1)
    places = (values.to_numpy()[None] > bounds[:, None] * (1 + ROUNDING)).sum(axis=0)
    code = pd.DataFrame(places, table.index, table.columns).stack()
    named = pd.Categorical.from_codes(code.to_numpy(), _labels(cuts, by), ordered=True)
    return pd.Series(named, code.index, name="class").reindex(income.index)


def _ascending(cuts, by: str) -> tuple[float, ...]:
    if cuts is None:
        raise ValueError(f"by={by!r} needs cuts, such as cuts=(0.5, 1)")
    cuts = tuple(float(c) for c in np.atleast_1d(cuts))
    top = 1 if "quantile" in by else np.inf
    if not cuts or not all(0 < c < top for c in cuts) or any(a >= b for a, b in zip(cuts, cuts[1:])):
        raise ValueError(f"cuts must ascend and lie between 0 and {top:g}; got {cuts}")
    return cuts


def _labels(cuts: tuple[float, ...], by: str) -> list[str]:
    told = [f"{100 * c:g} %" if "quantile" in by else f"{c:g}" for c in cuts]
    return [f"up to {told[0]}", *(f"{a} to {b}" for a, b in zip(told, told[1:])), f"above {told[-1]}"]


@dataclass(frozen=True)
class Transitions:
    """Moves of regions between classes; made by :func:`transitions`.

    Attributes
    ----------
    counts : DataFrame, classes by classes
        Moves from the row's class to the column's.
    matrix, std_errors : DataFrame, classes by classes
        Probabilities, and sqrt(p (1 - p) / n) for n regions seen to start from the row; a row
        that none did is missing.
    ergodic : Series indexed by class, or None
        The distribution that the chain leaves as it is; none where ``note`` says why.
    note : str
        What a reader has to know about ``ergodic``; empty if nothing.
    mobility : float
        Shorrocks' (k - trace) / (k - 1) over the k classes visited: zero if nobody moves, one if
        a class says nothing of the next; missing where a row is, or k is one.
    stay : Series indexed by class
        Expected years until a region leaves, step / (1 - p); infinite if none left.
    initial, final : Series indexed by class
        Shares of regions in the first and the last year.
    step : int
        Years of a move.
    years : tuple of int
    """

    counts: pd.DataFrame
    matrix: pd.DataFrame
    std_errors: pd.DataFrame = field(repr=False)
    ergodic: pd.Series | None
    note: str
    mobility: float
    stay: pd.Series = field(repr=False)
    initial: pd.Series = field(repr=False)
    final: pd.Series = field(repr=False)
    step: int
    years: tuple[int, ...]

    def __str__(self) -> str:
        end = "; " + self.note if self.note else ""
        return f"{int(self.counts.to_numpy().sum())} moves of {self.step} year(s), mobility {self.mobility:.3f}{end}"

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>" + self.matrix.to_html()


def transitions(states: pd.Series, *, step: int = 1) -> Transitions:
    """Count how regions move between classes, as a Markov chain.

    Parameters
    ----------
    states : Series indexed by (region, year)
        Classes, such as :func:`classes` gives, every region in every year; of categories, those
        never seen are kept.
    step : int
        Years of a move.  Moves that overlap, of a step longer than the years are apart,
        are all counted; the errors then are too small.

    Returns
    -------
    Transitions

    Raises
    ------
    ValueError
        For classes missing, years that are unevenly apart or not `step` apart, one region or class.

    Notes
    -----
    Estimates and errors suppose that regions move independently of each other, of their past and of
    the year (:func:`homogeneity` tests the last).  A class that nobody reaches or leaves has
    no share in the long run.  If a class was entered but never seen to be left or kept, nothing is known
    of the long run.  Shorrocks (1978), doi:10.2307/1911433.

    Examples
    --------
    Four moves from "low", one of them up; two from "high", one of them down: with p = 1/4
    and q = 1/2 the long run has q / (p + q) = 2/3 in "low".

    >>> key = pd.MultiIndex.from_product([list("AB"), range(2000, 2004)], names=["region", "year"])
    >>> path = ["low", "low", "low", "low", "low", "high", "high", "low"]
    >>> found = transitions(pd.Series(pd.Categorical(path, ["low", "high"]), key))
    >>> found.matrix.to_numpy().tolist(), found.ergodic.round(6).to_dict()
    ([[0.75, 0.25], [0.5, 0.5]], {'low': 0.666667, 'high': 0.333333})
    """
    codes, names = _coded(states, step)
    counts = _counted(codes, names, step)
    n = counts.sum(axis=1)
    matrix = counts.div(n.where(n > 0), axis=0)
    errors = np.sqrt(matrix * (1 - matrix).clip(lower=0)).div(np.sqrt(n), axis=0)
    ergodic, note = _long_run(matrix, counts)
    seen = (counts.sum() + n) > 0
    held = pd.Series(np.diag(matrix), names, name="stay")
    k = int(seen.sum())
    mobility = float((k - held[seen].sum(skipna=False)) / (k - 1)) if k > 1 else np.nan
    leave = 1 - held
    stay = (step / leave.where(leave > 0)).mask(leave <= 0, np.inf)
    first, last = (codes[year].value_counts(normalize=True).reindex(range(len(names)), fill_value=0.0).set_axis(names)
                   for year in (codes.columns[0], codes.columns[-1]))
    return Transitions(counts, matrix, errors, ergodic, note, mobility, stay, first.rename("initial"), last.rename("final"),
                       int(step), tuple(int(year) for year in codes))


@dataclass(frozen=True)
class Homogeneity:
    """Whether two periods have the same chain; made by :func:`homogeneity`.

    Attributes
    ----------
    statistic, pvalue : float
        Chi-squared.
    df : int
    rows : DataFrame indexed by class
        ``statistic`` and ``df`` of each class that regions started from in both periods.
    least : float
        Smallest expected count; below five the p is rough.
    before, after : Transitions
    """

    statistic: float
    df: int
    pvalue: float
    rows: pd.DataFrame
    least: float
    before: Transitions = field(repr=False)
    after: Transitions = field(repr=False)

    def __str__(self) -> str:
        return f"chi-squared {self.statistic:.3f}, {self.df} degrees of freedom, p = {self.pvalue:.2g}, smallest expected count {self.least:.1f}"


def homogeneity(states: pd.Series, year: int, *, step: int = 1) -> Homogeneity:
    """Test whether regions moved between classes alike before and after a year.

    Parameters
    ----------
    states, step
        As for :func:`transitions`.
    year : int
        Moves that end by it belong to the first period, those that start in it or later to the
        second; those across it, of steps longer than the years are apart, to neither.

    Returns
    -------
    Homogeneity

    Raises
    ------
    ValueError
        As :func:`transitions`, for a year that leaves a period without a move, and when no class
        was left in different ways that could be compared.

    Notes
    -----
    For each class Pearson's chi-squared of the table of periods by classes reached, without those nobody
    reached; summed (Anderson and Goodman 1957, section 3, doi:10.1214/aoms/1177707039).
    """
    codes, _ = _coded(states, step)
    if year not in codes:
        raise ValueError(f"there is no year {year} to divide at; there are {listed(codes.columns)}")
    own = states.index.get_level_values("year")
    before, after = (transitions(_kept(states, part, year, step), step=step) for part in (own <= year, own >= year))
    rows, least = {}, np.inf
    for name in before.counts.index:
        table = np.array([before.counts.loc[name], after.counts.loc[name]])
        table = table[:, table.sum(axis=0) > 0]
        if (table.sum(axis=1) == 0).any() or table.shape[1] < 2:
            continue
        found = stats.chi2_contingency(table, correction=False)
        rows[name], least = (found.statistic, found.dof), min(least, found.expected_freq.min())
    if not rows:
        raise ValueError(f"no class was started from before and after {year} and left in more than one way: there is nothing to compare")
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["statistic", "df"]).rename_axis("class")
    statistic, df = float(frame["statistic"].sum()), int(frame["df"].sum())
    return Homogeneity(statistic, df, float(stats.chi2.sf(statistic, df)), frame, float(least), before, after)


def _kept(states: pd.Series, rows: np.ndarray, year: int, step: int) -> pd.Series:
    """A period of the states, with all classes."""
    part = states[rows]
    years = part.index.get_level_values("year").unique()
    if len(years) < 2 or years.max() - years.min() < step:
        raise ValueError(f"{year} leaves a period without a move of {step} year(s); choose a year in between")
    kinds = states.cat.categories if isinstance(states.dtype, pd.CategoricalDtype) else pd.Index(states.unique()).sort_values()
    return pd.Series(pd.Categorical(part, kinds), part.index)


def _coded(states: pd.Series, step: int) -> tuple[pd.DataFrame, pd.Index]:
    """Regions by years with the number of the class, and the classes."""
    if not isinstance(states, pd.Series) or list(states.index.names) != checks.LEVELS:
        raise ValueError("states must be a Series indexed by (region, year)")
    lost = states.index[states.isna()]
    if len(lost):
        raise ValueError(f"the class of {lost[0][0]} is missing in {lost[0][1]}; add it, or leave the region or the year out")
    kind = states.astype("category")
    if len(kind.cat.categories) < 2:
        raise ValueError("transitions need two classes at least")
    codes = checks.wide(pd.Series(kind.cat.codes.to_numpy().astype(float), states.index, name="the class"), "the class", positive=False)
    if isinstance(step, bool) or not isinstance(step, (int, np.integer)) or step < 1:
        raise ValueError(f"step must be a whole number of years, one or more; got {step!r}")
    apart = checks.spaced(codes.columns, "the class")
    if not apart or step % apart or step > codes.columns[-1] - codes.columns[0]:
        raise ValueError(f"no moves of {step} year(s): the years are {listed(codes.columns)}; choose a step that fits them")
    return codes.astype(int), pd.Index(kind.cat.categories, name="class")


def _counted(codes: pd.DataFrame, names: pd.Index, step: int) -> pd.DataFrame:
    starts = [year for year in codes if year + step in codes]
    pairs = [(codes[year].to_numpy(), codes[year + step].to_numpy()) for year in starts]
    counts = np.zeros((len(names), len(names)), dtype=int)
    for before, after in pairs:
        np.add.at(counts, (before, after), 1)
    return pd.DataFrame(counts, names.rename("from"), names.rename("to"))


def _long_run(matrix: pd.DataFrame, counts: pd.DataFrame) -> tuple[pd.Series | None, str]:
    """The distribution that stays as it is, if there is one and only one, and what to know about it."""
    names = list(matrix.index)
    arrives, starts = counts.sum().to_numpy() > 0, counts.sum(axis=1).to_numpy() > 0
    unknown = [name for name, a, s in zip(names, arrives, starts) if a and not s]
    if unknown:
        return None, f"no long-run distribution: {listed(unknown)} was entered in the last move only, so that where one goes from there isn't known"
    p = np.nan_to_num(matrix.to_numpy())
    used = np.flatnonzero(starts)
    inner = p[np.ix_(used, used)]
    count, member = csgraph.connected_components(sparse.csr_array(inner > 0), directed=True, connection="strong")
    closed = [used[member == c] for c in range(count) if not inner[np.ix_(member == c, member != c)].any()]
    if len(closed) > 1:
        told = " and ".join("{" + ", ".join(str(names[i]) for i in group) + "}" for group in closed)
        return None, f"no unique long-run distribution: regions never leave {told}, so that it hangs on where they start"
    own = p[np.ix_(closed[0], closed[0])]
    k = len(own)
    system = np.vstack([own.T - np.eye(k), np.ones(k)])
    share = np.linalg.lstsq(system, np.append(np.zeros(k), 1.0), rcond=None)[0]
    whole = np.zeros(len(names))
    whole[closed[0]] = np.maximum(share, 0)
    empty = [name for name, a, s in zip(names, arrives, starts) if not (a or s)]
    notes = [f"nobody was ever in {listed(empty)}"] if empty else []
    if (np.abs(np.abs(np.linalg.eigvals(own)) - 1) < 1e-9).sum() > 1:
        notes.append("the chain runs in circles: shares keep returning and don't settle at the long-run distribution")
    return pd.Series(whole, matrix.index.rename("class"), name="ergodic"), "; ".join(notes)
