"""Do poorer regions grow faster, and how soon is half the gap gone?

Growth of regions on their initial income (beta convergence), alone or beside
other conditions, by least squares or by the spatial models of
:mod:`casebook.spatial`; the speed of convergence and its half-life from either.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import statsmodels.api as sm

from casebook.convergence import checks
from casebook.kuznets.checks import distinct, figures, leverage_one, listed
from casebook.kuznets.turning import CannotTell
from casebook.panels import one_of
from casebook.spatial import SpatialDurbin, SpatialError, SpatialLag, SpatialResults
from casebook.spatial.moran import moran

FORMS = ("log-linear", "cumulative")
"""Mean log growth a year, or log growth over the whole period."""

ERRORS = ("HC3", "HC1", "classical")

MODELS = {"durbin": SpatialDurbin, "lag": SpatialLag, "error": SpatialError}

INITIAL = "initial income"
"""Its natural logarithm, among the regressors."""


@dataclass(frozen=True)
class Speed:
    """How fast a gap closes; made by :func:`speed`.

    Attributes
    ----------
    rate, std_error : float
        Part of the gap to the steady state that closes in a year, with continuous decay; negative
        where gaps widen, missing where no rate gives the coefficient.
    half_life : float
        Years; missing unless gaps close.
    note : str
        Why something is missing; empty if nothing is.
    """

    rate: float
    std_error: float
    half_life: float
    note: str = ""

    def __str__(self) -> str:
        return self.note or f"{self.rate:.4f} a year (s.e. {self.std_error:.4f}), half-life {self.half_life:.1f} years"


def speed(beta: float, std_error: float, years: int) -> Speed:
    """Speed of convergence from the coefficient of initial income.

    Parameters
    ----------
    beta, std_error : float
        Of mean log growth a year on log initial income.
    years : int
        T, from the initial year to the last.

    Returns
    -------
    Speed
        lambda = -ln(1 + beta T) / T, its error by the delta method, se / (1 + beta T), and ln 2 / lambda.

    Notes
    -----
    Barro and Sala-i-Martin (1992), doi:10.1086/261816.

    Examples
    --------
    Over 10 years a gap that halves has 1 + 10 beta = 1/2.

    >>> found = speed(-0.05, 0.01, 10)
    >>> round(found.rate / float(np.log(2)), 9), round(found.std_error, 9), round(found.half_life, 9)
    (0.1, 0.02, 10.0)
    """
    left = 1 + float(beta) * years
    if left <= 0:
        return Speed(np.nan, np.nan, np.nan, "no speed: poorer regions grew so much faster that they overtook the richer ones, which no decay of gaps does")
    rate, error = -np.log(left) / years, std_error / left
    if beta >= 0:
        return Speed(float(rate), float(error), np.nan, "no half-life: poorer regions didn't grow faster, so that gaps don't close")
    return Speed(float(rate), float(error), float(np.log(2) / rate))


@dataclass(frozen=True)
class BetaConvergence:
    """A growth regression; made by :func:`beta_convergence`.

    Attributes
    ----------
    beta, std_error, pvalue : float
        Coefficient of log initial income, in the unit of `form`; two-sided p by Student's t.
    speed : Speed
    params : DataFrame indexed by regressor
        ``estimate``, ``std_error``, ``t``, ``pvalue``.
    rsquared : float
    residuals : Series indexed by region
    start, end : int
    form, errors : str
    """

    beta: float
    std_error: float
    pvalue: float
    speed: Speed
    params: pd.DataFrame = field(repr=False)
    rsquared: float
    residuals: pd.Series = field(repr=False)
    start: int
    end: int
    form: str
    errors: str

    @property
    def nobs(self) -> int:
        """Regions."""
        return len(self.residuals)

    @property
    def conditional(self) -> bool:
        """Whether there are controls."""
        return len(self.params) > 2

    def __str__(self) -> str:
        kind = "conditional" if self.conditional else "absolute"
        return (f"{kind} beta {self.beta:.5f} (s.e. {self.std_error:.5f}, p = {self.pvalue:.2g}), {self.nobs} regions, "
                f"{self.start} to {self.end}; {self.speed}")

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>" + self.params.to_html()


def beta_convergence(
    income: pd.Series, start: int, end: int, *, controls: pd.DataFrame | None = None, form: str = "log-linear", errors: str = "HC3",
) -> BetaConvergence:
    """Regress growth on initial income.

    Parameters
    ----------
    income : Series indexed by (region, year)
        Positive, in any unit; only two years are used.
    start, end : int
    controls : DataFrame indexed by region, or by (region, year), optional
        Conditions; with years, those of `start`.  Without them convergence is absolute.
    form : {"log-linear", "cumulative"}
        Growth is ln(y_T / y_0) / T, or ln(y_T / y_0); the coefficient is T times as large, the speed the same.
    errors : {"HC3", "HC1", "classical"}

    Returns
    -------
    BetaConvergence

    Raises
    ------
    CannotTell
        When regions don't differ in initial income or in growth, or HC3 isn't defined; it is a ValueError.
    ValueError
        For figures missing or not positive, controls missing or collinear, too few regions, unknown options.

    Notes
    -----
    Barro and Sala-i-Martin (1992), doi:10.1086/261816.  A negative coefficient doesn't make
    dispersion fall, and errors of measurement in initial income make one where there is none.
    By least squares; the non-linear regression on (1 - exp(-lambda T)) / T of that paper gives the same lambda.

    Examples
    --------
    Each gap shrinks by half in ten years: from 1, 4, 16 to 1, 2, 4 times a base.

    >>> key = pd.MultiIndex.from_product([[2000, 2010], list("ABC")], names=["year", "region"]).swaplevel()
    >>> found = beta_convergence(pd.Series([1.0, 4, 16, 1, 2, 4], key, name="income"), 2000, 2010)
    >>> round(found.beta, 9), round(found.speed.half_life, 9)
    (-0.05, 10.0)
    """
    one_of(form, FORMS, "form")
    one_of(errors, ERRORS, "errors")
    growth, design = _cross_section(income, start, end, controls)
    years = end - start
    full = sm.add_constant(design, has_constant="add")
    exact = leverage_one(full.to_numpy())
    if errors == "HC3" and exact.any():
        raise CannotTell(f"cannot tell: HC3 errors aren't defined where a region is fitted whatever it is, as {listed(growth.index[exact])}; take HC1")
    y = growth * years if form == "cumulative" else growth
    fitted = sm.OLS(y, full).fit(use_t=True, **({} if errors == "classical" else {"cov_type": errors}))
    params = pd.DataFrame({"estimate": fitted.params, "std_error": fitted.bse, "t": fitted.tvalues, "pvalue": fitted.pvalues})
    own, unit = params.loc[INITIAL], years if form == "cumulative" else 1
    return BetaConvergence(
        float(own["estimate"]), float(own["std_error"]), float(own["pvalue"]), speed(own["estimate"] / unit, own["std_error"] / unit, years),
        params, float(fitted.rsquared), fitted.resid.rename("residual"), int(start), int(end), form, errors)


@dataclass(frozen=True)
class SpatialBeta:
    """A growth regression with neighbours; made by :func:`spatial_beta`.

    Attributes
    ----------
    model : {"durbin", "lag", "error"}
    effects : DataFrame indexed by effect
        Of log initial income on growth a year: ``direct``, ``indirect`` and ``total``,
        with columns ``estimate``, ``std_error``, ``z``, ``pvalue``, ``lower``, ``upper``.
    rho, rho_error : float
        Spatial parameter; of the errors in the model "error".
    speed : Speed
        From the total effect: what a gap of all regions alike would close at.
    moran : Series
        Of the residuals of `ols`, as a year's row of :func:`casebook.spatial.moran.moran`.
    ols : BetaConvergence
        The same regression without neighbours.
    results : SpatialResults
    """

    model: str
    effects: pd.DataFrame
    rho: float
    rho_error: float
    speed: Speed
    moran: pd.Series = field(repr=False)
    ols: BetaConvergence = field(repr=False)
    results: SpatialResults = field(repr=False)

    def __str__(self) -> str:
        total = self.effects.loc["total"]
        return (f"spatial {self.model} model, {self.ols.start} to {self.ols.end}: rho {self.rho:.3f} (s.e. {self.rho_error:.3f}), total effect "
                f"{total['estimate']:.5f} (s.e. {total['std_error']:.5f}); {self.speed}")

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>" + self.effects.to_html()


def spatial_beta(
    income: pd.Series, start: int, end: int, weights, *, model: str = "durbin", controls: pd.DataFrame | None = None,
    errors: str = "HC3", permutations: int = 999, seed: int = 0,
) -> SpatialBeta:
    """Regress growth on initial income and on what happens in neighbouring regions.

    Parameters
    ----------
    income, start, end, controls
        As for :func:`beta_convergence`; growth is ln(y_T / y_0) / T.
    weights : libpysal W
        Its ids are the regions.
    model : {"durbin", "lag", "error"}
        Growth on neighbours' growth and their regressors; on their growth; neighbours' errors.
    errors : {"HC3", "HC1", "classical"}
        Of the regression without neighbours.
    permutations, seed : int
        Of Moran's I.

    Returns
    -------
    SpatialBeta

    Raises
    ------
    ValueError
        As :func:`beta_convergence`, for regions that differ from those of the weights, and what
        :class:`casebook.spatial.SpatialDurbin` refuses, such as a growth that its regressors determine exactly.

    Notes
    -----
    By maximum likelihood; errors of the effects by the delta method.  LeSage and Pace
    (2009), doi:10.1201/9781420064254, for the effects.  The p of Moran's I take the residuals for
    plain values, so that those against likeness of neighbours come out too large: by 0.1 on average with 25 regions
    and three regressors that are themselves alike among neighbours.

    Examples
    --------
    With neighbours only in the errors, what happens at home stays there: the total effect is the direct one.

    >>> from libpysal.weights import W
    >>> ring = W({i: [(i - 1) % 20, (i + 1) % 20] for i in range(20)}, silence_warnings=True)
    >>> ring.transform = "r"
    >>> key = pd.MultiIndex.from_product([range(20), [2000, 2010]], names=["region", "year"])
    >>> income = pd.Series(np.random.default_rng(1).lognormal(size=40), key, name="income")
    >>> found = spatial_beta(income, 2000, 2010, ring, model="error", permutations=0)
    >>> float(found.effects.loc["indirect", "estimate"]), bool(found.effects.loc["total", "estimate"] == found.effects.loc["direct", "estimate"])
    (0.0, True)
    """
    one_of(model, MODELS, "model")
    growth, design = _cross_section(income, start, end, controls)
    ols = beta_convergence(income, start, end, controls=controls, errors=errors)
    key = pd.MultiIndex.from_arrays([growth.index, np.full(len(growth), int(start))], names=checks.LEVELS)
    results = MODELS[model](growth.set_axis(key), design.set_axis(key), weights, "none").fit(method="ml")
    effects = results.effects().loc[INITIAL]
    total = effects.loc["total"]
    told = moran(ols.residuals.set_axis(key), weights, permutations=permutations, seed=seed).loc[int(start)]
    return SpatialBeta(
        model, effects, results.rho, float(results.std_errors["rho"]), speed(total["estimate"], total["std_error"], end - start),
        told.rename("moran"), ols, results)


def _cross_section(income: pd.Series, start: int, end: int, controls) -> tuple[pd.Series, pd.DataFrame]:
    """Growth a year, and log initial income beside the controls, a row per region."""
    checks.period(start, end)
    wide = checks.wide(income, "income", years=(start, end))
    growth = (np.log(wide[end] / wide[start]) / (end - start)).rename("growth")
    for values, what in ((wide[start], f"the same income in {start}"), (wide[end] / wide[start], "grown at the same rate")):
        if distinct(values) < 2:
            raise CannotTell(f"cannot tell: all regions have {what}")
    design = pd.DataFrame({INITIAL: np.log(wide[start])})
    if controls is not None:
        design = design.join(_controls(controls, wide.index, start))
    if len(design) <= design.shape[1] + 1:
        raise ValueError(f"{len(design)} regions can't carry {design.shape[1] + 1} coefficients; drop controls, or add regions")
    around = design - design.mean()
    size = np.sqrt((around**2).sum())
    flat = size[size <= 1e-9 * np.sqrt((design**2).sum())].index
    if len(flat):
        raise ValueError(f"the control {flat[0]!r} is the same in all regions; drop it")
    if np.linalg.matrix_rank(around / size, tol=1e-9) < design.shape[1]:
        raise ValueError(f"{', '.join(map(str, design))} are linearly dependent: drop a control")
    return growth, design


def _controls(controls: pd.DataFrame, regions: pd.Index, start: int) -> pd.DataFrame:
    if not isinstance(controls, pd.DataFrame) or not controls.shape[1]:
        raise ValueError("controls must be a DataFrame with a column for each")
    taken = [name for name in controls if name in ("const", INITIAL)] + list(controls.columns[controls.columns.duplicated()])
    if taken:
        raise ValueError(f"a control is called {taken[0]!r}, as another regressor is; rename it")
    if controls.index.nlevels == 2:
        columns = {name: checks.wide(controls[name], str(name), years=(start,), least=1, positive=False, known=False)[start] for name in controls}
    else:
        columns = {name: figures(controls[name].set_axis(_keys(controls.index, start)), str(name)).droplevel("year") for name in controls}
    table = pd.DataFrame(columns)
    extra = table.index.difference(regions)
    if len(extra):
        raise ValueError(f"the controls name {listed(extra)}, which have no income; leave them out, or add it")
    table = table.reindex(regions)
    gaps = table.isna().to_numpy()
    if gaps.any():
        row, column = np.argwhere(gaps)[0]
        raise ValueError(f"the control {table.columns[column]!r} of {table.index[row]} is missing in {start}; add it, or leave the region out")
    return table


def _keys(regions: pd.Index, year: int) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([regions, np.full(len(regions), int(year))], names=checks.LEVELS)
