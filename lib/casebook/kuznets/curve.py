"""How is an environmental Kuznets curve fitted, and what does it say?

Grossman and Krueger (1995), Quarterly Journal of Economics 110(2), doi:10.2307/2118443.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from casebook.kuznets import checks, turning
from casebook.panels import one_of

FORMS = ("levels", "logs")
EFFECTS = ("none", "region", "year", "twoways")
ERRORS = ("classical", "HC1", "HC3", "HAC", "clustered")
SHAPES = {(1, -1): "inverted U", (-1, 1): "U", (1, 1): "rising", (-1, -1): "falling",
          (1,): "rising", (-1,): "falling", (1, -1, 1): "N", (-1, 1, -1): "inverted N", (1, 1, 1): "rising", (-1, -1, -1): "falling"}
"""Shape of a curve by the signs of its slopes at the ends of the data, and between two turning points."""

VERDICTS = ("inverted U", "U", "rising", "falling", "N", "inverted N", "cannot tell")
"""What a curve's tests can say."""

SPARE = 2
"""Observations needed beyond the number of parameters."""


@dataclass(frozen=True)
class Curve:
    """A fitted Kuznets curve; made by :func:`fit`.

    Attributes
    ----------
    data : DataFrame
        Columns ``income`` and ``pollution``, the observations used.
    params, std_errors : Series
        ``const``, ``income``, ``income^2`` and so on, of the logarithms if `form` says so;
        with effects the constant is that of the average region and year.
    cov : DataFrame
    df : float
        Degrees of freedom of t: observations less parameters, or clusters less one.
    degree, form, effects, errors, lags, level
        As given to :func:`fit`.
    rsquared, sigma : float
        Share of variance explained, effects included; standard deviation of the residuals.
    trend : (float, float)
        Slope of a straight line through the same data, and its two-sided p.
    skipped : tuple
        Years (or region and year) left out because a figure is missing.
    names : (str, str)
        Of pollution and income.
    scaled : (array, array, float, float)
        Coefficients and covariance by (x - centre) / width, with centre and width: the
        scale on which the tests are computed, so that units don't matter.
    controls : DataFrame or None
        As given to :func:`fit`.
    """

    data: pd.DataFrame
    params: pd.Series
    std_errors: pd.Series
    cov: pd.DataFrame
    df: float
    degree: int
    form: str
    effects: str
    errors: str
    lags: int | None
    level: float
    rsquared: float
    sigma: float
    trend: tuple[float, float]
    skipped: tuple
    names: tuple[str, str]
    scaled: tuple
    controls: pd.DataFrame | None = None

    @property
    def nobs(self) -> int:
        """Number of observations."""
        return len(self.data)

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest income."""
        return float(self.data["income"].min()), float(self.data["income"].max())

    def predict(self, income) -> np.ndarray:
        """Pollution on the curve at these incomes (of logs: its median)."""
        z = self._scale(income)
        fitted = np.polynomial.polynomial.polyval(z, self.scaled[0])
        return np.exp(fitted) if self.form == "logs" else fitted

    def slope(self, income) -> tuple[np.ndarray, np.ndarray]:
        """Slope of the curve and its standard error: per unit of income, or an elasticity if fitted in logs."""
        value, error = turning.slope(self._scale(income), *self.scaled[:2])
        return value / self.scaled[3], error / self.scaled[3]

    @cached_property
    def _points(self) -> tuple[turning.TurningPoint, ...]:
        return tuple(self._point(z) for z in turning.roots(self.scaled[0]))

    def turning_points(self) -> tuple[turning.TurningPoint, ...]:
        """Incomes at which the curve is level, ascending: one of a quadratic, none or two of a cubic."""
        return self._points

    def _point(self, z: float) -> turning.TurningPoint:
        gamma, cov, centre, width = self.scaled
        x, error = centre + width * z, width * turning.delta_error(z, gamma, cov)
        half = stats.t.ppf(0.5 + self.level / 2, self.df) * error
        bends_down = np.polynomial.polynomial.polyval(z, np.polynomial.polynomial.polyder(gamma, 2)) < 0
        income, low, high = (self._income(v) for v in (x, x - half, x + half))
        return turning.TurningPoint(
            income, error * income if self.form == "logs" else error, low, high, "peak" if bends_down else "trough",
            self._within(z), int((self.data["income"] < income).sum()), *(self._fieller(level) if self.degree == 2 else None for level in (self.level, 2 * self.level - 1)),
        )

    def _within(self, z: float) -> bool:
        """Strictly inside the data, and by more than rounding."""
        low, high = self._scale(np.array(self.span))
        slack = checks.NEGLIGIBLE * (high - low)
        return bool(low + slack < z < high - slack)

    def _fieller(self, level: float) -> turning.FiellerSet | None:
        if level <= 0:
            return None  # tests at more than one half have no set
        gamma, cov, centre, width = self.scaled
        kind, low, high = turning.fieller(gamma, cov, stats.t.ppf(0.5 + level / 2, self.df))
        bounds = (self._income(centre + width * bound) for bound in (low, high))
        return turning.FiellerSet(kind, *bounds, positive=bool(self.span[0] > 0))

    def u_test(self) -> turning.UTest:
        """Lind and Mehlum's test of a quadratic; slopes per unit of income, or elasticities.

        Raises
        ------
        ValueError
            For a cubic, whose slopes at both ends say nothing of what lies between.
        """
        if self.degree != 2:
            raise ValueError("the U test is for quadratics; a cubic's verdict tests its slopes at the ends and in between")
        test = turning.u_test(*self._scale(np.array(self.span)), *self.scaled[:2], self.df)
        width = self.scaled[3]
        return turning.UTest(**vars(test) | {"slope_low": test.slope_low / width, "slope_high": test.slope_high / width})

    @cached_property
    def _tested(self) -> tuple[str, float]:
        """The shape over the data, and the largest one-sided p among the slopes that make it."""
        at = list(self._scale(np.array(self.span)))
        if self.degree == 3 and self.scaled[0][3] != 0:
            inflection = -self.scaled[0][2] / (3 * self.scaled[0][3])
            if self._within(inflection):  # the slope there is the extreme one
                at.insert(1, inflection)
        slopes, errors = turning.slope(np.array(at), *self.scaled[:2])
        nil = np.maximum(np.abs(slopes), errors) <= checks.NEGLIGIBLE * np.abs(slopes).max()  # level there, and exactly so
        slopes, errors = slopes[~nil], errors[~nil]
        if len(slopes) == 3 and slopes[0] * slopes[2] < 0:  # a single turn: its ends tell
            slopes, errors = slopes[[0, 2]], errors[[0, 2]]
        shape = SHAPES.get(tuple(int(sign) for sign in np.sign(slopes)), "level")
        return shape, float(stats.t.sf(turning.ratio(np.abs(slopes), errors), self.df).max(initial=0.0))

    @property
    def shape(self) -> str:
        """What the fitted curve looks like over the data, significant or not."""
        return self._tested[0]

    @property
    def pvalue(self) -> float:
        """Of the weakest of the slopes that make the shape, one-sided; of an inverted U it is the U test's."""
        return self._tested[1]

    @property
    def verdict(self) -> str:
        """The shape if every slope that makes it is significant at 1 - `level`, else "cannot tell"."""
        return self.shape if self.pvalue < 1 - self.level and self.shape != "level" else "cannot tell"

    @property
    def sentence(self) -> str:
        """The result in one line."""
        inside = [point for point in self.turning_points() if point.inside]
        turns = " and ".join(f"{'down' if p.kind == 'peak' else 'up'} at {turning.number(p.income)}" for p in inside)
        told = f"p = {self.pvalue:.3f}" if self.pvalue >= 0.001 else "p < 0.001"
        if len(inside) == 1 and inside[0].paired is not None:
            told += f"; {self.paired_level} set of turning points: {inside[0].paired}"
        article = "an" if self.shape.startswith("inverted") or self.shape == "N" else "a"
        what = f"{article} {self.shape}, turning {turns}" if inside else f"{self.shape} throughout"
        if self.verdict == "cannot tell":
            return f"cannot tell: the fitted curve is {what}, but its slopes don't prove it ({told}); {self._average}"
        return f"{what} ({told})"

    @property
    def paired_level(self) -> str:
        """Level of the set that pairs with the tests, such as 90%."""
        return f"{100 * (2 * self.level - 1):.4g}%"

    @property
    def _average(self) -> str:
        slope, p = self.trend
        if p >= 1 - self.level:
            return f"a level line can't be ruled out either (p = {p:.3f})"
        return f"on average it {'rises' if slope > 0 else 'falls'} (straight line, p {f'= {p:.3f}' if p >= 0.001 else '< 0.001'})"

    def __str__(self) -> str:
        return f"{self.names[0]} by {self.names[1]}: {self.sentence}"

    def table(self) -> pd.DataFrame:
        """Coefficients with standard errors, t and two-sided p."""
        t = self.params / self.std_errors
        return pd.DataFrame({"estimate": self.params, "std. error": self.std_errors, "t": t,
                             "p": 2 * stats.t.sf(np.abs(t), self.df)})

    def _repr_html_(self) -> str:
        numbers = self.table().map(lambda v: f"{v:.4g}").to_html(border=0)
        return f"<p><strong>{html.escape(str(self))}.</strong></p>{numbers}"

    def draw(self, *, axes: tuple[str, str] | None = None, name: str = "fig-kuznets", caption: str = "", alt: str = "", **options):
        """Draw data, curve, turning point and interval; see :func:`casebook.figures.kuznets_curve`.

        Parameters
        ----------
        axes : (str, str), optional
            Labels of income and pollution with units; their names by default.
        name, caption, alt : str
            By default made from the names and the verdict.

        Returns
        -------
        casebook.figures.Figure
        """
        from casebook import figures  # drawing knows results, not the other way round

        return figures.kuznets_curve(self, axes=axes or self.names[::-1], name=name, caption=caption or f"{self.names[0]} by {self.names[1]}.",
                                     alt=alt or f"{self.nobs} observations and a fitted curve: {self.sentence}.", **options)

    def _scale(self, income):
        if self.form == "logs" and (np.asarray(income) <= 0).any():
            raise ValueError("a curve in logarithms is defined for positive incomes only")
        x = np.log(income) if self.form == "logs" else np.asarray(income, dtype=float)
        return (x - self.scaled[2]) / self.scaled[3]

    def _income(self, x: float) -> float:
        with np.errstate(over="ignore"):  # an infinite bound stays one
            return float(np.exp(x) if self.form == "logs" else x)


def fit(
    pollution: pd.Series,
    income: pd.Series,
    *,
    degree: int = 2,
    form: str = "levels",
    effects: str = "none",
    controls: pd.DataFrame | None = None,
    errors: str = "classical",
    lags: int | None = None,
    gaps: str = "refuse",
    level: float = 0.95,
) -> Curve:
    """Fit pollution as a quadratic or cubic of income by least squares.

    Parameters
    ----------
    pollution, income : Series indexed by year, or by (region, year)
        Of one index; a year is used if both are known.
    degree : {2, 3}
    form : {"levels", "logs"}
        Whether both are taken in logarithms.
    effects : {"none", "region", "year", "twoways"}
        Dummies of a panel.
    controls : DataFrame indexed as the series, optional
        Other regressors; the curve is drawn at their means.
    errors : {"classical", "HC1", "HC3", "HAC", "clustered"}
        HAC (Newey-West) is for one region, clustered (by region) for a panel.
    lags : int, optional
        Of HAC; by default the whole part of 4 (n / 100)^(2/9).
    gaps : {"refuse", "skip"}
        What to do where a year between two known ones is missing.
    level : float
        Of intervals; verdicts are at one minus it.

    Returns
    -------
    Curve

    Raises
    ------
    CannotTell
        For fewer observations than parameters plus two, incomes that don't
        vary, values that aren't positive if logs are taken; it is a ValueError.
    ValueError
        For duplicated years, gaps (unless skipped), indexes that differ, an option unknown.

    Examples
    --------
    Exactly 1 + 4x - x^2 but for alternating steps of a tenth, which lower the slope
    by 1.2 / 70, so that the curve turns at (4 - 1.2 / 70) / 2 = 1.991:

    >>> x = pd.Series([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], range(2011, 2017), name="income")
    >>> y = (1 + 4 * x - x**2 + [0.1, -0.1, 0.1, -0.1, 0.1, -0.1]).rename("smoke")
    >>> curve = fit(y, x)
    >>> print(curve)
    smoke by income: an inverted U, turning down at 1.991 (p < 0.001; 90% set of turning points: 1.944 to 2.036)
    >>> curve.turning_points()[0].kind, curve.verdict
    ('peak', 'inverted U')
    """
    for value, known, name in ((degree, (2, 3), "degree"), (form, FORMS, "form"), (effects, EFFECTS, "effects"),
                               (errors, ERRORS, "errors"), (gaps, ("refuse", "skip"), "gaps")):
        one_of(value, known, name)
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1; got {level!r}")
    data, skipped, names = _observed(pollution, income, gaps, form)
    _suits(data, degree, effects, errors, lags)
    dummies = np.column_stack([_dummies(data.index, effects), _others(data.index, controls)])
    _enough(data, names, degree, dummies.shape[1])
    x, y = (np.log(data[c]).to_numpy() if form == "logs" else data[c].to_numpy() for c in ("income", "pollution"))
    centre, width = x.mean(), x.std()
    powers = np.vander((x - centre) / width, degree + 1, increasing=True)
    checks.varies(powers[:, 1:], dummies, names[1])
    exact = checks.leverage_one(np.column_stack([powers, dummies]))
    if errors == "HC3" and exact.any():
        raise turning.CannotTell(f"cannot tell: HC3 errors aren't defined where the curve meets a figure whatever it is, as in "
                                 f"{checks.listed(data.index[exact])}; take HC1")
    fitted, line = (sm.OLS(y, np.column_stack([powers[:, :columns], dummies])).fit(use_t=True, **_covariance(data, errors, lags))
                    for columns in (degree + 1, 2))
    k = degree + 1
    gamma, cov = fitted.params[:k], fitted.cov_params()[:k, :k]
    turn = _unscaled(degree, centre, width)
    labels = ["const", "income", *(f"income^{d}" for d in range(2, k))]
    b, v = pd.Series(turn @ gamma, labels), pd.DataFrame(turn @ cov @ turn.T, labels, labels)
    return Curve(
        data, b, pd.Series(np.sqrt(np.diag(v)), labels), v, float(getattr(fitted, "df_resid_inference", None) or fitted.df_resid),
        degree, form, effects, errors, lags, level, float(fitted.rsquared), float(np.sqrt(fitted.scale)),
        (float(line.params[1] / width), float(line.pvalues[1])), skipped, names,
        (gamma, cov, float(centre), float(width)), controls,
    )


def _observed(pollution, income, gaps: str, form: str) -> tuple[pd.DataFrame, tuple, tuple[str, str]]:
    """Both series side by side where both are known, in order of region and year."""
    y, x = checks.figures(pollution, "pollution"), checks.figures(income, "income")
    names = (y.name, x.name)
    if len(y) and len(x) and (y.index.nlevels != x.index.nlevels or not y.index.isin(x.index).any()):
        raise ValueError(f"{y.name} and {x.name} share no year; index both by year, or both by region and year")
    both = pd.DataFrame({"income": x, "pollution": y}).sort_index()
    known = both.dropna()
    skipped = _between(known)
    if skipped and gaps == "refuse":
        raise ValueError(f"{y.name} by {x.name}: no pair of figures in {checks.listed(skipped)}; give them, choose other years, "
                         'or say gaps="skip" to fit what is known')
    low = known[(known <= 0).any(axis=1)]
    if form == "logs" and len(low):
        column = "income" if low["income"].iloc[0] <= 0 else "pollution"
        raise turning.CannotTell(f"cannot tell: logarithms need positive figures; {names[column == 'income']} is {low[column].iloc[0]:g} in "
                                 f"{checks.listed(low.index[:1])}")
    return known, skipped, names


def _between(known: pd.DataFrame) -> tuple:
    """What lies between the first and the last known year of each region and isn't known."""
    regions = known.groupby(level=0, sort=False) if known.index.nlevels == 2 else [(None, known)]
    missing = []
    for region, part in regions if len(known) else ():
        years = set(part.index.get_level_values(-1))
        gaps = (year for year in range(int(min(years)), int(max(years)) + 1) if year not in years)
        missing += [year if region is None else (region, year) for year in gaps]
    return tuple(missing)


def _suits(data: pd.DataFrame, degree: int, effects: str, errors: str, lags: int | None) -> None:
    panel = data.index.nlevels == 2
    if not panel and (effects != "none" or errors == "clustered"):
        raise ValueError("effects and clustered errors need a panel, indexed by region and year")
    if panel and errors == "HAC":
        raise ValueError('HAC errors are for the years of one region; take errors="clustered" for a panel')
    if lags is not None and errors != "HAC":
        raise ValueError(f"lags are an option of HAC errors; got {lags!r} with {errors} ones")
    if lags is not None and not (isinstance(lags, (int, np.integer)) and 0 <= lags < len(data)):
        raise ValueError(f"lags must be a whole number from 0 to {len(data) - 1}, the years less one; got {lags!r}")
    if errors == "clustered" and data.index.get_level_values(0).nunique() <= degree:
        raise ValueError(f"clustered errors of a curve of degree {degree} need {degree + 1} regions at least: fewer make errors of nothing")


def _enough(data: pd.DataFrame, names, degree: int, dummies: int) -> None:
    needed = degree + 1 + dummies + SPARE
    if len(data) < needed:
        raise turning.CannotTell(f"cannot tell: {names[0]} by {names[1]} has {len(data)} pairs of figures, and a curve of "
                                 f"{needed - SPARE} parameters needs {needed} at least")
    for name, column, least in ((names[1], "income", degree + 1), (names[0], "pollution", 2)):
        found = checks.distinct(data[column])
        if found < least:
            raise turning.CannotTell(f"cannot tell: {name} takes {found} value{'s'[:found > 1]} only, and a curve of degree {degree} needs {least}")


def _dummies(index: pd.Index, effects: str) -> np.ndarray:
    """Dummies with a mean of zero, so that the constant is the average region's and year's."""
    parts = [pd.get_dummies(index.get_level_values(level), drop_first=True, dtype=float).to_numpy()
             for level, kinds in ((0, ("region", "twoways")), (-1, ("year", "twoways"))) if effects in kinds]
    columns = np.column_stack(parts) if parts else np.empty((len(index), 0))
    return columns - columns.mean(axis=0) if columns.size else columns


def _others(index: pd.Index, controls: pd.DataFrame | None) -> np.ndarray:
    """Other regressors of the observations used, with a mean of zero."""
    if controls is None:
        return np.empty((len(index), 0))
    known = controls.reindex(index).astype(float)
    lost = known.index[known.isna().any(axis=1)]
    if len(lost):
        raise ValueError(f"the controls are unknown in {checks.listed(lost)}; leave these years out of the series, or give them")
    return (known - known.mean()).to_numpy()


def _covariance(data: pd.DataFrame, errors: str, lags: int | None) -> dict:
    if errors == "classical":
        return {}
    if errors == "HAC":
        return {"cov_type": "HAC", "cov_kwds": {"maxlags": int(4 * (len(data) / 100) ** (2 / 9)) if lags is None else lags,
                                                "use_correction": True}}
    if errors == "clustered":
        groups = pd.factorize(data.index.get_level_values(0))[0]
        return {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
    return {"cov_type": errors}


def _unscaled(degree: int, centre: float, width: float) -> np.ndarray:
    """Matrix from coefficients by (x - centre) / width to coefficients by x."""
    k = range(degree + 1)
    return np.array([[comb(j, i) * (-centre) ** (j - i) / width**j if j >= i else 0.0 for j in k] for i in k])
