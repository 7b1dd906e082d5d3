"""How is a spatial regression read? Summaries and side-by-side tables as text, HTML and LaTeX."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

STARS = (0.1, 0.05, 0.01)
"""One star for each of these levels that a p-value lies below."""

TEX = str.maketrans({"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
                     **{plain: f"\\{plain}" for plain in "{}_%&#$"}})
"""What LaTeX would read as a command."""

METHODS = {
    "transformation": "transformation likelihood (Lee and Yu 2010)",
    "ml": "maximum likelihood",
    "lee-yu": "maximum likelihood, bias corrected (Lee and Yu 2010)",
}

EFFECTS = {"twoways": "region and year effects", "entity": "region effects", "time": "year effects",
           "none": "no effects", "random": "random region effects", "random+time": "random region and fixed year effects"}


@dataclass(frozen=True)
class Table:
    """A table that prints itself; ``frame`` holds its cells as text.

    Attributes
    ----------
    title : str
    frame : DataFrame of str
    notes : tuple of str
    """

    title: str
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.title, self.frame.to_string(), *self.notes])

    def _repr_html_(self) -> str:
        notes = "<br>".join(html.escape(n) for n in self.notes)
        body = self.frame.to_html(border=0, escape=True, classes="casebook-regression")
        return f"<p><strong>{html.escape(self.title)}</strong></p>{body}<p><small>{notes}</small></p>"

    def to_latex(self) -> str:
        """A tabular environment with booktabs rules, and the notes below it."""
        body = self.frame.map(_tex_cell).rename(index=_tex, columns=_tex)
        lines = [" & ".join(["", *map(str, body.columns)]) + r" \\", r"\midrule"]
        lines += [" & ".join([str(name), *row]) + r" \\" for name, row in zip(body.index, body.to_numpy())]
        notes = [rf"\par\footnotesize {_tex(n)}" for n in self.notes]
        return "\n".join([rf"\begin{{tabular}}{{l{'r' * body.shape[1]}}}", r"\toprule", *lines, r"\bottomrule", r"\end{tabular}", *notes])


def stars(pvalue: float) -> str:
    """One star for each level of ``STARS`` the p-value lies below.

    Examples
    --------
    >>> stars(0.03), stars(0.2)
    ('**', '')
    """
    return "*" * sum(pvalue < level for level in STARS)


def summary(results) -> Table:
    """The table behind ``SpatialResults.summary``."""
    frame = pd.DataFrame({
        "estimate": results.params.map("{:.4f}".format), "std. error": results.std_errors.map("{:.4f}".format),
        "z": results.tstats.map("{:.2f}".format), "p": results.pvalues.map("{:.3f}".format),
        "": results.pvalues.map(stars),
    })
    model = results.model
    title = f"{model.title[0].upper()}{model.title[1:]} of {model.dependent}: {EFFECTS[model.effects]}, {METHODS[results.method]}"
    lags = "" if results.lag == "before demeaning" else "lag taken after demeaning, so not the maximum of the likelihood"
    shown = ", ".join(f"{name} {value:.3f}" for name, value in results.rsquared.items())
    notes = (
        f"{len(model.arrays.regions)} regions, {len(model.arrays.years)} years, {results.nobs} observations",
        f"sigma2 {results.sigma2:.6g}, log-likelihood {results.loglik:.3f}; R2: {shown}",
        *([lags] if lags else []), *(f"Mind: {flag}." for flag in results.flags),
        "*, **, ***: p below 0.1, 0.05, 0.01, two-sided, normal.",
    )
    return Table(title, frame, notes)


def compare(fits: Mapping[str, object], *, effects: bool = False, digits: int = 3) -> Table:
    """Several fits side by side, with stars and standard errors.

    Parameters
    ----------
    fits : mapping of heading to SpatialResults
    effects : bool
        Direct, indirect and total effects in place of coefficients.
    digits : int
        Decimals of estimates and standard errors.

    Returns
    -------
    Table
    """
    if not fits:
        raise ValueError("nothing to compare")
    columns = {}
    for heading, fitted in fits.items():
        if effects:
            table = fitted.effects()
            table.index = [f"{variable}, {kind}" for variable, kind in table.index]
            cells = table[["estimate", "std_error", "pvalue"]]
        else:
            cells = pd.DataFrame({"estimate": fitted.params, "std_error": fitted.std_errors, "pvalue": fitted.pvalues})
        column = {name: _cell(*row, digits) for name, row in zip(cells.index, cells.to_numpy())}
        columns[heading] = column | {
            "sigma2": f"{fitted.sigma2:.4g}", "log-likelihood": f"{fitted.loglik:.2f}",
            "R2 within": f"{fitted.rsquared['within']:.3f}", "observations": str(fitted.nobs),
        }
    foot = ["sigma2", "log-likelihood", "R2 within", "observations"]
    rows = list(dict.fromkeys(name for column in columns.values() for name in column if name not in foot))
    rows = [r for r in rows if r != "rho"] + (["rho"] if "rho" in rows else []) + foot
    frame = pd.DataFrame(columns).reindex(rows).fillna("")
    notes = ["Standard errors in parentheses; *, **, ***: p below 0.1, 0.05, 0.01, two-sided, normal."]
    notes += [f"{heading}: {flag}." for heading, fitted in fits.items() for flag in fitted.flags]
    return Table("Effects" if effects else "Estimates", frame, tuple(notes))


def _cell(estimate: float, error: float, pvalue: float, digits: int) -> str:
    if not np.isfinite(error) or error == 0:
        return f"{estimate:.{digits}f}"
    return f"{estimate:.{digits}f}{stars(pvalue)} ({error:.{digits}f})"


def _tex(value) -> str:
    return str(value).translate(TEX)


def _tex_cell(value) -> str:
    return re.sub(r"(?<=\d)(\*+)", r"$^{\1}$", _tex(value))
