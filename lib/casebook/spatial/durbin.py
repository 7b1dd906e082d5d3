"""Does what happens in the neighbouring regions matter?

The spatial Durbin model of a panel, y = rho W y + X beta + W X theta + effects + e,
and its restrictions: the spatial lag model (theta = 0), the spatial error model
(theta + rho beta = 0) and the model with lagged regressors only (rho = 0).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from casebook.panels import one_of
from casebook.spatial import effects as spread
from casebook.spatial import likelihood, panel, report, weights as spatial_weights
from casebook.spatial.determinant import determinant, factor, lag

EFFECTS = ("twoways", "entity", "time", "none", "random", "random+time")
"""Fixed effects of regions, years or both; none; random ones of regions, without or with those of years."""

METHODS = ("transformation", "ml", "lee-yu")
"""The effects transformed away; every dummy estimated; that with Lee and Yu's correction."""

LAGS = ("before demeaning", "after demeaning")
"""W y and then the effects taken out, as the likelihood has it; or the habit of much software."""


class SpatialDurbin:
    """Spatial Durbin model of a balanced panel.

    Parameters
    ----------
    dependent : Series indexed by (region, year)
    exog : DataFrame with the same index
        Regressors, without a constant: it is added where effects leave room for one.
    weights : libpysal W
        Its ids are the regions; row-standardised for the default method.
    effects : one of ``EFFECTS``
    durbin : list of str, optional
        Regressors that enter with their spatial lag; all by default.

    References
    ----------
    LeSage and Pace (2009), doi:10.1201/9781420064254; Lee and Yu (2010),
    doi:10.1016/j.jeconom.2009.08.001.

    Examples
    --------
    Each region has two neighbours on a ring; the true rho is 0.4.

    >>> from libpysal.weights import W
    >>> ring = W({i: [(i - 1) % 40, (i + 1) % 40] for i in range(40)}, silence_warnings=True)
    >>> ring.transform = "r"
    >>> rng = np.random.default_rng(1)
    >>> x, noise = rng.normal(size=(2, 10, 40))
    >>> y = np.linalg.solve(np.eye(40) - 0.4 * ring.full()[0], (2 * x + noise).T)
    >>> index = pd.MultiIndex.from_product([range(40), range(2001, 2011)], names=["region", "year"])
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.T.ravel()}, index)
    >>> fitted = SpatialDurbin(data["y"], data[["x"]], ring).fit()
    >>> bool(abs(fitted.rho - 0.4) < 2 * fitted.std_errors["rho"])
    True
    """

    title = "spatial Durbin model"
    where = "lag"

    def __init__(self, dependent, exog, weights, effects: str = "twoways", durbin=None):
        one_of(effects, EFFECTS, "effects")
        lagged = self._lagged(exog, durbin)
        self.arrays = panel.arrays(dependent, exog, weights, effects, lagged)
        self.weights, self.effects, self.durbin = weights, effects, lagged
        self.dependent, self.exog = str(dependent.name), tuple(exog)
        self._proper = spatial_weights.is_row_standardised(self.arrays.matrix)
        self._det = determinant(self.arrays.matrix) if self.where != "none" else None

    def _lagged(self, exog, durbin) -> tuple[str, ...]:
        if isinstance(durbin, str):
            raise TypeError(f"durbin must be a list of regressors, such as [{durbin!r}]")
        return tuple(exog if durbin is None else durbin)

    def fit(self, method: str = "transformation", lag: str = "before demeaning") -> SpatialResults:
        """Estimate.

        Parameters
        ----------
        method : one of ``METHODS``
            Random effects and models without effects have one likelihood: the method makes no difference.
        lag : one of ``LAGS``
            "after demeaning" is for comparison with published numbers, and not the maximum of the likelihood.

        Returns
        -------
        SpatialResults
        """
        one_of(method, METHODS, "method")
        one_of(lag, LAGS, "lag")
        if lag == "after demeaning" and (method == "transformation" or self.effects.startswith("random")):
            raise ValueError("lag='after demeaning' belongs to fixed effects by method 'ml' or 'lee-yu'")
        if method != "ml" and self.effects in ("time", "twoways") and not self._proper:
            raise ValueError(f"method {method!r} with year effects needs weights whose rows all sum to one"
                             + self._islands() + "; use method='ml', or other weights")
        data = self.arrays
        if self.effects.startswith("random"):
            found = likelihood.fit_random(data.y, data.z, data.matrix, model=self.where, effects=self.effects,
                                          proper=self._proper, det=self._det)
        else:
            found = likelihood.fit(data.y, data.z, data.matrix, model=self.where, effects=self.effects, method=method,
                                   order=lag, proper=self._proper, det=self._det)
        return _results(self, found, method, lag)

    def _islands(self) -> str:
        alone = self.arrays.regions[np.asarray(self.arrays.matrix.sum(axis=1)).ravel() == 0]
        return f" ({', '.join(map(str, alone))} has no neighbour)" if len(alone) else ""


class SpatialLag(SpatialDurbin):
    """Spatial lag model (SAR): a spatial Durbin model without lagged regressors."""

    title = "spatial lag model"

    def _lagged(self, exog, durbin):
        if durbin:
            raise ValueError("a spatial lag model has no lagged regressors; use SpatialDurbin")
        return ()


class SpatialError(SpatialLag):
    """Spatial error model (SEM): y = X beta + effects + u, u = rho W u + e."""

    title = "spatial error model"
    where = "error"


class SpatialLagOfX(SpatialDurbin):
    """Model with lagged regressors only (SLX): least squares, no rho."""

    title = "model with spatially lagged regressors"
    where = "none"


@dataclass(frozen=True)
class SpatialResults:
    """Estimates of a spatial panel model.

    Attributes
    ----------
    model : SpatialDurbin
    method, lag : str
    params, std_errors, tstats, pvalues : Series
        ``const`` where there is one, the regressors, ``W*`` their lags, ``rho``.
        The p-values are two-sided and normal.
    cov : DataFrame
        Of the parameters and ``sigma2``.
    rho : float
        Spatial parameter; of the errors in a spatial error model, zero in SLX.
    sigma2, loglik : float
    rsquared : Series
        ``within``: 1 - e'e over the squares of y with the effects taken out;
        ``with effects``: the same over the squares of y about its mean;
        ``correlation``: squared correlation of y with what the model predicts
        through the spatial multiplier, both with the effects taken out.
    nobs, df_model, df_resid : int
        Cells of the panel; coefficients and effects; the difference.
    fitted, residuals : Series indexed by (region, year)
    fixed_effects : Series indexed by (kind, label)
        ``const`` and deviations from it, summing to zero over ``region`` and over ``year``.
    interval : (float, float)
        Within which rho was sought.
    phi : float
        Variance of random effects over sigma2; zero without them.
    flags : tuple of str
        What a reader has to know before trusting the numbers.
    """

    model: SpatialDurbin = field(repr=False)
    method: str
    lag: str
    params: pd.Series
    std_errors: pd.Series = field(repr=False)
    cov: pd.DataFrame = field(repr=False)
    rho: float
    sigma2: float
    loglik: float
    rsquared: pd.Series = field(repr=False)
    df_model: int
    fitted: pd.Series = field(repr=False)
    residuals: pd.Series = field(repr=False)
    fixed_effects: pd.Series = field(repr=False)
    interval: tuple[float, float]
    phi: float
    flags: tuple[str, ...]

    @property
    def tstats(self) -> pd.Series:
        """Estimates over their standard errors."""
        return (self.params / self.std_errors).rename("t")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values, from the normal distribution."""
        return pd.Series(2 * stats.norm.sf(self.tstats.abs()), self.params.index, name="p")

    @property
    def nobs(self) -> int:
        """Cells of the panel."""
        return len(self.residuals)

    @property
    def df_resid(self) -> int:
        """Cells less coefficients and effects."""
        return self.nobs - self.df_model

    @property
    def weights(self):
        """The spatial weights."""
        return self.model.weights

    def effects(self, se: str = "delta", draws: int = 1000, seed: int = 0, level: float = 0.95) -> pd.DataFrame:
        """Direct, indirect and total effects.

        Parameters
        ----------
        se : {"delta", "simulation"}
            Standard errors from derivatives, or from draws of the coefficients;
            then the interval runs between quantiles of the draws.
        draws, seed : int
            Draws with rho outside its interval are left out; ``attrs["outside"]`` counts them.
        level : float
            Of the interval.

        Returns
        -------
        DataFrame indexed by (variable, effect)
            ``estimate``, ``std_error``, ``z``, ``pvalue``, ``lower``, ``upper``.
        """
        if se not in ("delta", "simulation"):
            raise ValueError(f"se must be delta or simulation; got {se!r}")
        names, matrix = self.model.exog, self.model.arrays.matrix
        places = self._places()
        padded = np.append(self.params.to_numpy(), 0.0)
        beta, theta = padded[places[:, 0]], padded[places[:, 1]]
        lagging = self.model.where == "lag"
        det = self.model._det if lagging else determinant(matrix)
        of = spread.multiplier(matrix, self.rho if lagging else 0.0, det)
        estimate, outside, interval = spread.means(beta, theta, of), 0, None
        cov = self.cov.drop(index="sigma2", columns="sigma2").to_numpy()
        if se == "delta":
            error = spread.delta(beta, theta, of, self._triples(places, cov, lagging))
        else:
            params, moves = self.params.to_numpy(), cov
            if not lagging:
                keep = [n for n in self.params.index if n != "rho"]
                size = len(keep)
                params, moves = np.append(self.params[keep], 0.0), np.zeros((size + 1, size + 1))
                moves[:size, :size] = self.cov.loc[keep, keep]
            drawn, outside = spread.draws(matrix, det, params, moves, places, draws, seed)
            error = drawn.std(axis=0, ddof=1)
            interval = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
        cells = spread.table(estimate, error, level, interval).reshape(-1, 6)
        index = pd.MultiIndex.from_product([names, spread.EFFECTS], names=["variable", "effect"])
        out = pd.DataFrame(cells, index, ["estimate", "std_error", "z", "pvalue", "lower", "upper"])
        out.attrs["outside"] = outside
        return out

    def _places(self) -> np.ndarray:
        """Where the coefficient and the lag of each regressor stand among the parameters; -1 for none."""
        order = {name: place for place, name in enumerate(self.params.index)}
        return np.array([[order[name], order.get(f"W*{name}", -1)] for name in self.model.exog])

    def _triples(self, places, cov, lagging: bool) -> np.ndarray:
        wide = np.zeros((len(cov) + 1, len(cov) + 1))
        wide[:-1, :-1] = cov
        rho = len(cov) - 1 if lagging else -1
        rows = np.column_stack([places, np.full(len(places), rho)])
        return wide[rows[:, :, None], rows[:, None, :]]

    @property
    def summary(self) -> report.Table:
        """Everything a reader asks of a regression: prints as text, in a notebook and as LaTeX."""
        return report.summary(self)

    def _repr_html_(self) -> str:
        return self.summary._repr_html_()

    def __str__(self) -> str:
        return str(self.summary)


def _results(model: SpatialDurbin, found: likelihood.Fit, method: str, order: str) -> SpatialResults:
    data, kind = model.arrays, model.effects
    has_rho = model.where != "none"
    names = [*data.names, *(["rho"] if has_rho else [])]
    keep = list(range(len(names))) + [len(found.cov) - 1]
    cov = pd.DataFrame(found.cov[np.ix_(keep, keep)], [*names, "sigma2"], [*names, "sigma2"])
    values = np.append(found.beta, found.rho) if has_rho else found.beta
    effects = _fixed_effects(model, found, order)
    dummies = len(effects) - 1 - (kind == "twoways") if len(effects) else 0
    index = pd.MultiIndex.from_product([data.regions, data.years], names=["region", "year"])
    residual = _residual(model, found)
    fitted = data.y - residual
    flags, variances = found.flags, np.diag(cov)
    if (variances < 0).any():
        flags += ("the information matrix is close to singular: some standard errors are missing",)
    if len(data.regions) <= len(names):
        flags += (f"{len(data.regions)} regions for {len(names)} parameters: standard errors rest on many regions",)
    return SpatialResults(
        model, method if not kind.startswith("random") else "ml", order,
        pd.Series(values, names, name="estimate"),
        pd.Series(np.sqrt(np.where(variances < 0, np.nan, variances))[:-1], names, name="std_error"), cov,
        found.rho, float(found.sigma2), found.loglik, _fits(model, found),
        len(names) + dummies, pd.Series(fitted.T.ravel(), index, name="fitted"),
        pd.Series(residual.T.ravel(), index, name="residual"), effects,
        model._det.interval if has_rho else (0.0, 0.0), found.phi, flags,
    )


def _residual(model: SpatialDurbin, found: likelihood.Fit) -> np.ndarray:
    """What is left; under random effects with the best guess of them taken out, too."""
    if not model.effects.startswith("random"):
        return found.residual
    left = _filtered(model, found) - (found.mean if model.where != "error" else 0)
    theta = (1 + len(model.arrays.years) * found.phi) ** -0.5
    return left - (1 - theta**2) * left.mean(axis=0)


def _filtered(model: SpatialDurbin, found: likelihood.Fit) -> np.ndarray:
    """y - rho W y, or the same of y less its mean in an error model."""
    data = model.arrays
    y = data.y - found.mean if model.where == "error" else data.y
    return y - found.rho * lag(data.matrix, y)


def _fixed_effects(model: SpatialDurbin, found: likelihood.Fit, order: str) -> pd.Series:
    """What y has beyond its regressors, neighbours and residual, taken apart."""
    data, kind = model.arrays, model.effects
    if kind in ("none", "random"):
        return pd.Series(dtype=float, name="effect", index=pd.MultiIndex.from_arrays([[], []], names=["kind", "label"]))
    if model.where == "error" and kind != "random+time":
        rest = data.y - data.z @ found.beta - factor(data.matrix, found.rho).solve(found.residual.T).T
    else:
        rest = found.mean - data.z @ found.beta
    if order == "after demeaning":  # found.mean is of demeaned data
        rest = (data.y - found.rho * lag(data.matrix, data.y) if model.where == "lag" else data.y) - data.z @ found.beta
    parts = {("const", ""): rest.mean()}
    if kind in ("entity", "twoways"):
        parts |= {("region", r): v for r, v in zip(data.regions, rest.mean(axis=0) - rest.mean())}
    if kind in ("time", "twoways", "random+time"):
        parts |= {("year", t): v for t, v in zip(data.years, rest.mean(axis=1) - rest.mean())}
    return pd.Series(parts, name="effect").rename_axis(["kind", "label"])


def _fits(model: SpatialDurbin, found: likelihood.Fit) -> pd.Series:
    data, kind = model.arrays, model.effects
    theta = (1 + len(data.years) * found.phi) ** -0.5 if kind.startswith("random") else 0.0
    y = likelihood.within(data.y, kind, theta=theta)
    e = np.square(found.residual).sum()
    structural = data.z @ found.beta
    reduced = factor(data.matrix, found.rho).solve(structural.T).T if model.where == "lag" else structural
    predicted = likelihood.within(reduced, kind, theta=theta)
    centred = (y - y.mean()).ravel()
    return pd.Series({
        "within": 1 - e / np.square(y if kind not in ("none", "random") else y - y.mean()).sum(),
        "with effects": 1 - e / np.square(data.y - data.y.mean()).sum(),
        "correlation": np.corrcoef(centred, predicted.ravel())[0, 1] ** 2,
    }, name="R2")
