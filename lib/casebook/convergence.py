"""Do regions grow alike?

Sigma convergence is a fall of dispersion over time.  Dispersion has several
measures, and the divisor and the scale change the printed digits: each is named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

MEASURES = ("variation", "log-deviation")


def dispersion(series: pd.Series, *, measure: str = "variation", ddof: int = 0) -> pd.Series:
    """Dispersion across regions, year by year.

    Parameters
    ----------
    series : Series indexed by (region, year)
        Positive levels.
    measure : {"variation", "log-deviation"}
        Standard deviation over mean, or standard deviation of natural logs.
    ddof : {0, 1}
        Divisor N (population) or N - 1 (sample).

    Returns
    -------
    Series indexed by year
        No unit.  Missing in a year in which any region is missing: the
        dispersion of fewer regions is another quantity.

    Raises
    ------
    ValueError
        For an unknown measure or divisor, values of zero or less, one region only.

    Notes
    -----
    Barro and Sala-i-Martin (1992), doi:10.1086/261816, for sigma convergence.

    Examples
    --------
    Two regions at 1 and 3: mean 2, population deviation 1.

    >>> key = pd.MultiIndex.from_product([["A", "B"], [2005]], names=["region", "year"])
    >>> dispersion(pd.Series([1.0, 3.0], key)).to_dict()
    {2005: 0.5}
    >>> round(float(dispersion(pd.Series([1.0, 3.0], key), ddof=1)[2005]), 6)
    0.707107
    """
    if measure not in MEASURES:
        raise ValueError(f"measure must be one of {', '.join(MEASURES)}; got {measure!r}")
    if ddof not in (0, 1):
        raise ValueError(f"ddof must be 0 (divisor N) or 1 (divisor N - 1); got {ddof!r}")
    if (series <= 0).any():
        region, year = series.index[series <= 0][0]
        raise ValueError(f"{series.name!r} of {region} is not positive in {year}")
    wide = series.unstack("year")
    if len(wide) < 2:
        raise ValueError("dispersion needs at least two regions")
    x = wide.to_numpy(dtype=float)
    if measure == "variation":
        values = x.std(axis=0, ddof=ddof) / x.mean(axis=0)
    else:
        values = np.log(x).std(axis=0, ddof=ddof)
    return pd.Series(values, index=wide.columns, name=measure)


@dataclass(frozen=True)
class SigmaConvergence:
    """Outcome of :func:`sigma_convergence`.

    Attributes
    ----------
    verdict : {"consistent", "by stages", "none"}
        Dispersion falls every year; it falls in some stages and rises in
        others; it never falls.
    stages : DataFrame
        Maximal runs of one direction: start, end, direction, change.
    net : float
        Last minus first dispersion.
    """

    verdict: str
    stages: pd.DataFrame
    net: float

    def _repr_html_(self) -> str:
        return f"<p>Sigma convergence: {self.verdict}</p>" + self.stages.to_html(index=False)


def sigma_convergence(dispersion: pd.Series) -> SigmaConvergence:
    """Judge sigma convergence strictly and by stages.

    Parameters
    ----------
    dispersion : Series indexed by year
        As :func:`dispersion` returns it.

    Returns
    -------
    SigmaConvergence

    Raises
    ------
    ValueError
        With fewer than two years or a missing one.

    Examples
    --------
    >>> sigma_convergence(pd.Series({2005: 0.5, 2006: 0.4, 2007: 0.45})).verdict
    'by stages'
    """
    if len(dispersion) < 2 or dispersion.isna().any():
        raise ValueError("sigma convergence needs two or more years and none missing")
    change = dispersion.sort_index().diff().dropna()
    direction = change.apply(lambda c: "falls" if c < 0 else "rises" if c > 0 else "level")
    run = (direction != direction.shift()).cumsum()
    years = dispersion.sort_index().index.to_series().shift().dropna().astype(int)
    stages = pd.DataFrame(
        [
            (int(years[part.index[0]]), int(part.index[-1]), direction[part.index[0]], part.sum())
            for _, part in change.groupby(run)
        ],
        columns=["start", "end", "direction", "change"],
    )
    falls = set(stages["direction"])
    verdict = "consistent" if falls == {"falls"} else "by stages" if "falls" in falls else "none"
    return SigmaConvergence(verdict, stages, float(dispersion.iloc[-1] - dispersion.iloc[0]))
