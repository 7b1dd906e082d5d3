"""One fit among many: which income, which years, which form?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pandas as pd

from casebook.kuznets.curve import FORMS, Curve, fit
from casebook.kuznets.peaks import peak
from casebook.kuznets.turning import CannotTell
from casebook.panels import kept, need, one_of, tidy

MATTERS = {
    "curve": ("income", "first", "last", "degree", "form", "errors", "without"),
    "series": ("first", "last", "without"),
}
"""Fields that can change a fitted curve, and those that can change the series itself."""


ENOUGH = 7
"""Years below which a chapter tests no curve."""


@dataclass(frozen=True)
class Reading:
    """The choices behind a fitted curve.

    Attributes
    ----------
    income : str
        Column of income per head.
    first, last : int, optional
        Window of years; all that are known by default.
    degree, form, errors
        As for :func:`casebook.kuznets.fit`.
    without : sequence of str
        Flags; figures that carry one of them are left out.
    """

    income: str = "gdp_per_head"
    first: int | None = None
    last: int | None = None
    degree: int = 2
    form: str = "levels"
    errors: str = "classical"
    without: Sequence[str] = ()

    def __post_init__(self):
        if isinstance(self.without, str):
            raise ValueError(f"without is a list of flags; write [{self.without!r}]")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"the window begins in {self.first} and ends in {self.last}")


def sample(panel: pd.DataFrame, region: str, indicator: str, reading: Reading) -> pd.DataFrame:
    """Income and pollution of one region in a reading's window, gaps and all.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
        With the columns of income and of the indicator, and perhaps ``<indicator>_flag``.
    region, indicator : str
    reading : Reading

    Returns
    -------
    DataFrame indexed by year
        ``income``, ``pollution``; a figure that is left out is missing.

    Raises
    ------
    ValueError
        For an unknown column or region.
    """
    need(panel, [reading.income, indicator])
    if region not in panel.index.get_level_values("region"):
        raise ValueError(f"no region {region!r} in the panel; it has {', '.join(panel.index.unique('region')[:8])}")
    rows = panel.xs(region, level="region").sort_index().loc[reading.first : reading.last]
    return pd.DataFrame({"income": rows[reading.income].astype(float), "pollution": kept(rows, indicator, reading.without)})


def estimate(panel: pd.DataFrame, region: str, indicator: str, reading: Reading) -> Curve:
    """Fit the curve of one region and indicator under a reading, skipping years without figures.

    Parameters
    ----------
    panel, region, indicator, reading
        As for :func:`sample`.

    Returns
    -------
    Curve
    """
    data = sample(panel, region, indicator, reading)
    return fit(data["pollution"].rename(indicator), data["income"].rename(reading.income), degree=reading.degree,
               form=reading.form, errors=reading.errors, gaps="skip")


def every(
    panel: pd.DataFrame, region: str, indicators: Iterable[str], *, incomes: Mapping[str, str],
    degrees: Iterable[int] = (2, 3), forms: Iterable[str] = FORMS, errors: str = "classical", labels: Mapping[str, str] | None = None,
) -> pd.Series:
    """Fit every window of years, degree, form and income: all positions of a dial.

    Parameters
    ----------
    panel, region
        As for :func:`sample`.
    indicators : iterable of str
    incomes : mapping of label to column
    degrees, forms, errors
        As for :func:`casebook.kuznets.fit`.
    labels : mapping of indicator to str, optional
        What refusals call them.

    Returns
    -------
    Series indexed by (indicator, income, form, degree, first, last)
        A :class:`Curve`, or why there is none.  Windows run between any two years in
        which some indicator is known; of an indicator, the years known within it count.
    """
    known = {(i, label): sample(panel, region, i, Reading(income=column)).dropna() for i, (label, column) in product(indicators, incomes.items())}
    years = sorted({int(year) for data in known.values() for year in data.index})
    fits = {}
    for (indicator, label), data in known.items():
        name, seen = (labels or {}).get(indicator, indicator), {}
        for form, degree, first, last in product(forms, degrees, years, years):
            part = data.loc[first:last]
            key = (form, degree, *part.index)
            if key not in seen:
                seen[key] = _fitted(part.rename(columns={"pollution": name}), name, degree=degree, form=form, errors=errors)
            fits[indicator, label, form, degree, first, last] = seen[key] if first <= last else "The window ends before it begins"
    return pd.Series(fits, dtype=object).rename_axis(["indicator", "income", "form", "degree", "first", "last"])


def _fitted(part: pd.DataFrame, name: str, **options) -> Curve | str:
    try:
        return fit(part[name], part["income"], gaps="skip", **options)
    except CannotTell as error:
        return str(error)


def outcomes(panel: pd.DataFrame, region: str, indicators: tuple[str, ...], *, part: str = "curve", **fields) -> pd.DataFrame:
    """What a reading gives for each indicator, as tidy rows for :func:`casebook.readings.run`.

    Parameters
    ----------
    panel, region
        As for :func:`sample`.
    indicators : sequence of str
    part : {"curve", "series"}
        The fitted curve, or the peak of the series itself.
    **fields
        Of :class:`Reading`.

    Returns
    -------
    DataFrame
        Columns ``region`` (the indicator), ``quantity``, ``when``, ``value``,
        ``label``; where a reading can't tell, the label says why.  For "series" also
        "pollution", the figures themselves, by year.
    """
    one_of(part, MATTERS, "part")
    reading, rows = Reading(**fields), []
    for indicator in indicators:
        try:
            if part == "curve":
                told = _of_curve(estimate(panel, region, indicator, reading))
            else:
                found = peak(sample(panel, region, indicator, reading)["pollution"].rename(indicator))
                told = [("peak year", found.year, found.censored)]
        except CannotTell as error:
            told = [(quantity, float("nan"), str(error)) for quantity in
                    (("verdict", "shape", "turning point", "p", "trend") if part == "curve" else ("peak year",))]
        quantities, values, labels = zip(*told)
        rows.append(tidy(list(quantities), list(values), list(labels), region=indicator))
        if part == "series":
            series = sample(panel, region, indicator, reading)["pollution"]
            rows.append(tidy("pollution", series.array, region=indicator, when=series.index.astype(str)))
    return pd.concat(rows, ignore_index=True)


def panel_outcomes(
    panel: pd.DataFrame, *, pollution: str, income: str, controls: Sequence[str] = (), degree: int = 2, form: str = "levels", effects: str = "region",
    errors: str = "clustered",
) -> pd.DataFrame:
    """What a curve through many regions gives, as tidy rows for :func:`casebook.readings.run`.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
    pollution, income : str
        Columns.
    controls : sequence of str
        Columns of other regressors.
    degree, form, effects, errors
        As for :func:`casebook.kuznets.fit`.

    Returns
    -------
    DataFrame
        ``quantity``, ``value``, ``label``: "peak" and "trough", where there is one inside the
        incomes observed, with the set that pairs with the U test; "p" and "verdict" of the curve;
        "observations" and "regions", those with every figure.  Where the figures can't tell, the label says why.

    Raises
    ------
    ValueError
        For a column the panel lacks, and as :func:`casebook.kuznets.fit`.

    Examples
    --------
    Two regions on y = 1 + 4x - x^2, but for alternating steps of a tenth: see :func:`casebook.kuznets.fit`.

    >>> key = pd.MultiIndex.from_product([["A", "B"], range(2011, 2017)], names=["region", "year"])
    >>> panel = pd.DataFrame({"x": 2 * [0.0, 1, 2, 3, 4, 5], "y": 2 * [1.1, 3.9, 5.1, 3.9, 1.1, -4.1]}, key)
    >>> found = panel_outcomes(panel, pollution="y", income="x", effects="none", errors="classical").set_index("quantity")
    >>> found.loc["peak", "value"].round(3), found.loc["verdict", "label"], found.loc["regions", "value"]
    (np.float64(1.991), 'inverted U', np.float64(2.0))
    """
    columns = [pollution, income, *controls]
    need(panel, columns)
    known = panel[columns].dropna()
    counts = [("observations", float(len(known)), None), ("regions", float(known.index.unique("region").size), None)]
    try:
        curve = fit(known[pollution], known[income], degree=degree, form=form, effects=effects, errors=errors,
                    controls=known[list(controls)] if controls else None, gaps="skip")
    except CannotTell as error:
        told = [(quantity, float("nan"), str(error)) for quantity in ("peak", "trough", "p", "verdict")]
    else:
        turns = {point.kind: point for point in curve.turning_points() if point.inside}
        told = [(kind, turns[kind].income, str(turns[kind].paired or "")) if kind in turns else (kind, float("nan"), "") for kind in ("peak", "trough")]
        told += [("p", curve.pvalue, None), ("verdict", 0.0, curve.verdict)]
    quantities, values, labels = zip(*told, *counts)
    return tidy(list(quantities), list(values), list(labels))


def _of_curve(curve: Curve) -> list[tuple[str, float, str]]:
    inside = [point.income for point in curve.turning_points() if point.inside]
    turn = inside[0] if inside else float("nan")
    return [("verdict", 0.0, curve.verdict), ("shape", 0.0, curve.shape),
            ("turning point", turn, ""), ("p", curve.pvalue, ""),
            ("trend", curve.trend[0], "" if curve.trend[1] >= 1 - curve.level else "rising" if curve.trend[0] > 0 else "falling")]
