"""Which spatial model do the data ask for?

Lagrange multiplier tests of a model without spatial terms against lag and error,
likelihood ratio and Wald tests of the spatial Durbin model against its
restrictions, the joint significance of region and year effects, and Hausman's
test of random against fixed effects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from casebook.panels import one_of
from casebook.spatial import likelihood
from casebook.spatial.determinant import lag, squared_trace
from casebook.spatial.durbin import LAGS, SpatialDurbin, SpatialLagOfX, SpatialResults

RESTRICTIONS = {
    "SAR": "no lagged regressors: theta = 0",
    "SEM": "common factors: theta + rho beta = 0",
    "SLX": "no lagged dependent variable: rho = 0",
}
"""What a spatial Durbin model must satisfy to be each of these."""


@dataclass(frozen=True)
class Test:
    """A test statistic, or the reason why there is none.

    Attributes
    ----------
    name : str
    statistic, df, pvalue : float, int, float
        Chi-squared; the statistic is missing where ``reason`` says why.
    reason : str
    parts : DataFrame
        What the statistic is made of; empty for most tests.
    """

    name: str
    statistic: float
    df: int
    pvalue: float
    reason: str = ""
    parts: pd.DataFrame | None = None

    def __str__(self) -> str:
        if self.reason:
            return f"{self.name}: no statistic; {self.reason}"
        return f"{self.name}: {self.statistic:.3f}, {self.df} degrees of freedom, p = {self.pvalue:.4f}"


def lm_tests(dependent, exog, weights, effects="twoways", durbin=(), method="ml", lag="before demeaning") -> pd.DataFrame:
    """Lagrange multiplier tests of a model without rho against spatial lag and error.

    Parameters
    ----------
    dependent, exog, weights, effects
        As for :class:`casebook.spatial.SpatialDurbin`; fixed effects or none.
    durbin : list of str
        Regressors whose lags the model without rho contains already.
    method : {"ml", "transformation"}
        With every dummy counted, as usual; or by the likelihood that has the
        effects transformed away, which takes the bias of the scores off.
    lag : {"before demeaning", "after demeaning"}
        The second, with ``ml`` only, for comparison with published statistics.

    Returns
    -------
    DataFrame indexed by test
        ``statistic``, ``df``, ``pvalue``, of "LM lag", "LM error", and the robust
        form of each, which allows for the other.

    References
    ----------
    Anselin, Bera, Florax and Yoon (1996), doi:10.1016/0166-0462(95)02111-6;
    Debarsy and Ertur (2010), doi:10.1016/j.regsciurbeco.2010.06.001.
    """
    model = SpatialLagOfX(dependent, exog, weights, effects, durbin)
    if effects.startswith("random"):
        raise ValueError("these tests are for fixed effects or none")
    if method not in ("ml", "transformation") or (method == "transformation" and lag != LAGS[0]):
        raise ValueError("method must be 'ml', or 'transformation' with the lag before demeaning")
    counted, scores, spread = _scores(model, method, lag)
    (s_lag, s_error), (j, t) = scores, spread
    if j - t <= 0:
        raise ValueError("the lag of the fitted values adds nothing to the regressors: lag and error can't be told apart")
    statistics = {
        "LM lag": s_lag**2 / j,
        "LM error": s_error**2 / t,
        "robust LM lag": (s_lag - s_error) ** 2 / (j - t),
        "robust LM error": (s_error - t / j * s_lag) ** 2 / (t - t**2 / j),
    }
    out = pd.DataFrame({"statistic": statistics})
    return out.assign(df=1, pvalue=stats.chi2.sf(out["statistic"], 1)).rename_axis("test")


def _scores(model: SpatialDurbin, method: str, order: str):
    data, effects = model.arrays, model.effects
    if method == "transformation" and effects in ("time", "twoways") and not model._proper:
        raise ValueError("the transformation needs weights whose rows all sum to one; use method='ml'")
    counted = likelihood.count(data.y.shape, effects, method)
    y, z = data.y, data.z
    if order == "after demeaning":
        y, z, effects = likelihood.within(y, effects), likelihood.within(z, effects), "none"
    fitted = likelihood.fit(y, z, data.matrix, model="none", effects=effects)
    e, sigma2 = fitted.residual, np.square(fitted.residual).sum() / counted.n
    drift = counted.m * data.matrix.trace() - counted.c
    lag_score = (e * lag(data.matrix, y)).sum() / sigma2 - drift
    error_score = (e * lag(data.matrix, e)).sum() / sigma2 - drift
    squares = data.matrix.multiply(data.matrix.T).sum() * counted.m - counted.c
    squares += counted.m * squared_trace(data.matrix, 0.0, centred=bool(counted.c))
    squares -= 2 * counted.c**2 / counted.n  # sigma2 is estimated, and W without the year effects has a trace of -1
    pulled = likelihood.within(lag(data.matrix, y - e), effects).ravel()
    basis = likelihood.within(z, effects).reshape(-1, z.shape[-1])
    basis = basis / np.linalg.norm(basis, axis=0)
    left = pulled - basis @ np.linalg.lstsq(basis, pulled, rcond=None)[0]
    return counted, (lag_score, error_score), (left @ left / sigma2 + squares, squares)


def lr_test(restricted: SpatialResults, full: SpatialResults) -> Test:
    """Likelihood ratio test of a restriction.

    Parameters
    ----------
    restricted, full : SpatialResults
        Of the same panel, weights, effects and method.

    Returns
    -------
    Test
    """
    _alike(restricted, full, "their likelihoods can't be compared")
    if (restricted.method, restricted.lag) != (full.method, full.lag):
        raise ValueError("the two fits have different methods: their likelihoods can't be compared")
    if restricted.model.effects != full.model.effects:
        raise ValueError("the two fits have different effects: their likelihoods can't be compared")
    df = len(full.params) - len(restricted.params)
    statistic = 2 * (full.loglik - restricted.loglik)
    if df <= 0 or statistic < -1e-6 or not _nested(restricted, full):
        raise ValueError("the first fit must be a restriction of the second")
    statistic = max(statistic, 0.0)
    return Test(f"LR test of the {restricted.model.title}", statistic, df, float(stats.chi2.sf(statistic, df)))


def _alike(one: SpatialResults, other: SpatialResults, otherwise: str) -> None:
    """Two fits must be of the same data."""
    for what, a, b in (
        ("panels", one.residuals.index.tolist(), other.residuals.index.tolist()),
        ("dependent variables", one.model.arrays.y.tolist(), other.model.arrays.y.tolist()),
    ):
        if a != b:
            raise ValueError(f"the two fits have different {what}: {otherwise}")
    if (one.model.arrays.matrix != other.model.arrays.matrix).nnz:
        raise ValueError(f"the two fits have different weights: {otherwise}")


def _nested(restricted: SpatialResults, full: SpatialResults) -> bool:
    """Whether one model is a case of the other; an error model is one if every regressor is lagged there."""
    if not set(restricted.params.index) <= set(full.params.index):
        return False
    places = restricted.model.where, full.model.where
    common = set(full.model.durbin) == set(full.model.exog) == set(restricted.model.exog)
    return places != ("lag", "error") and (places != ("error", "lag") or common)


def wald_test(full: SpatialResults, against: str = "SAR") -> Test:
    """Wald test of a spatial Durbin model against one of its restrictions.

    Parameters
    ----------
    full : SpatialResults
        With lagged regressors.
    against : one of ``RESTRICTIONS``

    Returns
    -------
    Test
    """
    one_of(against, RESTRICTIONS, "against")
    params = full.params
    lagged = [f"W*{name}" for name in full.model.durbin]
    if "rho" not in params or not lagged:
        raise ValueError("this test is for a spatial Durbin model")
    own = list(full.model.durbin)
    if against == "SEM" and set(own) != set(full.model.exog):
        raise ValueError("a spatial error model is a restriction only where every regressor enters with its lag")
    place = {name: i for i, name in enumerate(params.index)}
    if against == "SLX":
        value, gradient = params[["rho"]].to_numpy(), np.zeros((1, len(params)))
        gradient[0, place["rho"]] = 1
    else:
        value, gradient = params[lagged].to_numpy(copy=True), np.zeros((len(lagged), len(params)))
        gradient[range(len(lagged)), [place[n] for n in lagged]] = 1
        if against == "SEM":
            value += full.rho * params[own].to_numpy()
            gradient[range(len(own)), [place[n] for n in own]] = full.rho
            gradient[:, place["rho"]] = params[own]
    cov = gradient @ full.cov.drop(index="sigma2", columns="sigma2").to_numpy() @ gradient.T
    statistic = float(value @ np.linalg.solve(cov, value))
    return Test(f"Wald test of {against} ({RESTRICTIONS[against]})", statistic, len(value), float(stats.chi2.sf(statistic, len(value))))


def joint_effects(dependent, exog, weights, durbin=None, model=SpatialDurbin) -> pd.DataFrame:
    """Likelihood ratio tests of region and year effects, by the likelihood with every dummy.

    Parameters
    ----------
    dependent, exog, weights, durbin
        As for :class:`casebook.spatial.SpatialDurbin`.
    model : class
        SpatialDurbin or one of its restrictions.

    Returns
    -------
    DataFrame indexed by test
        ``statistic``, ``df``, ``pvalue`` of "region effects" and "year effects",
        each given the other.

    Notes
    -----
    The number of region effects grows with the regions: the chi-squared
    distribution is poor where years are few.
    """
    extra = () if durbin is None or not issubclass(model, SpatialDurbin) else (durbin,)
    fits = {kind: model(dependent, exog, weights, kind, *extra).fit("ml") for kind in ("twoways", "entity", "time")}
    data = fits["twoways"].model.arrays
    rows = {
        "region effects": (fits["time"], len(data.regions) - 1),
        "year effects": (fits["entity"], len(data.years) - 1),
    }
    out = pd.DataFrame({name: {"statistic": 2 * (fits["twoways"].loglik - other.loglik), "df": df}
                        for name, (other, df) in rows.items()}).T
    return out.assign(df=out["df"].astype(int), pvalue=stats.chi2.sf(out["statistic"], out["df"])).rename_axis("test")


def hausman(fixed: SpatialResults, random: SpatialResults, rho: bool = False) -> Test:
    """Hausman's test of random against fixed region effects.

    Parameters
    ----------
    fixed, random : SpatialResults
        The same model with fixed and with random region effects.  With few years take
        the fixed one by ``transformation``: ``ml`` understates its variance.
    rho : bool
        Compare the spatial parameter, too.

    Returns
    -------
    Test
        ``parts`` holds both estimates, their difference and its standard error.
        Where the difference of the two variances is not positive definite there
        is no statistic, and ``reason`` says so.

    References
    ----------
    Hausman (1978), doi:10.2307/1913827; Mutl and Pfaffermayr (2011), doi:10.1111/j.1368-423X.2010.00325.x.
    """
    pairs = {"entity": "random", "twoways": "random+time"}
    if pairs.get(fixed.model.effects) != random.model.effects:
        raise ValueError(f"{fixed.model.effects} effects can't be set against {random.model.effects}: "
                         "give entity and random, or twoways and random+time")
    _alike(fixed, random, "their estimates can't be compared")
    if fixed.model.title != random.model.title or set(fixed.params.index) != set(random.params.index) - {"const"}:
        raise ValueError(f"a {fixed.model.title} can't be set against a {random.model.title} or one with other regressors")
    names = [n for n in fixed.params.index if n in random.params.index and n != "const" and (rho or n != "rho")]
    difference = (fixed.params - random.params)[names]
    variance = (fixed.cov - random.cov).loc[names, names]
    own = np.diag(variance)
    parts = pd.DataFrame({"fixed": fixed.params[names], "random": random.params[names], "difference": difference,
                          "std_error": np.sqrt(np.where(own > 0, own, np.nan))})
    scale = np.sqrt(np.diag(fixed.cov.loc[names, names]))
    lowest = np.linalg.eigvalsh(variance / np.outer(scale, scale)).min()
    title = "Hausman test of random against fixed region effects"
    if lowest <= 0:
        reason = "the difference of the two variances is not positive definite, so that a statistic would mean nothing"
        return Test(title, np.nan, len(names), np.nan, reason, parts)
    statistic = float(difference @ np.linalg.solve(variance, difference))
    return Test(title, statistic, len(names), float(stats.chi2.sf(statistic, len(names))), "", parts)
