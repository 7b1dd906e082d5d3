"""Does a printed claim agree with what we observe?

An :class:`Examination` takes the claims of one document, is told what was
observed for each, and computes a verdict; :func:`ledger` joins the verdicts of
all chapters to all published claims, examined or not.
"""

from __future__ import annotations

import hashlib
import html
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from casebook import data, figures, readings

VERDICTS = {
    "reproduced": "within the printed rounding, or the same class",
    "close": "same direction and class, number outside the printed rounding",
    "depends": "holds in some readings and not in others",
    "contradicted": "holds in no reading",
    "inconsistent": "the document disagrees with itself",
    "definition": "a definition, implemented as stated",
    "not testable": "a figure is missing, which the verdict names",
    "not examined": "its chapter is still to come",
}
"""The verdicts and what each means."""

FIELDS = ("claim_id", "observed", "verdict", "reason", "reading", "holds", "readings", "evidence")
"""Columns of a verdict table, in ``data/verdicts``."""

ROBUST = 0.5
"""A statement that the closest reading supports must hold in this share of all readings."""

NEAR = 0.1
"""A number without a class of its own is close within this fraction of the printed one."""

FAR = 0.5
"""A number farther from the printed one than this fraction of it is never close."""


class Examination:
    """Verdicts on the claims of one document, in the making.

    Parameters
    ----------
    document : str
        Key of the document in ``data/published/documents.csv``.
    reading : str
        The reading under which the observed values were computed.
    table : DataFrame, optional
        All readings, a row each, as in :class:`casebook.readings.Grid`.
    page : str, optional
        Page that shows the evidence; the document's key by default.

    Notes
    -----
    A statement that holds in the closest reading is *reproduced* when it also
    holds in at least half of the readings that can tell (``ROBUST``), else it
    *depends*.  One that fails there *depends* when it holds in another reading,
    else it is *contradicted*.  A number outside the rounding *depends* when another
    reading hits it, and is else *close* when it falls into the class of the
    printed one and is off by no more than half of it (``FAR``).

    Examples
    --------
    >>> examined = Examination("yangtze", "closest")
    >>> examined.number("yrd-067", 0.5041, evidence="fig-dispersion")
    'reproduced'
    >>> examined.number("yrd-068", 0.38, evidence="fig-dispersion")
    'close'
    """

    def __init__(self, document, reading, table=None, page=None):
        published = data.load("published", "claims")
        self.claims = published[published["document"] == document]
        if self.claims.empty:
            raise ValueError(f"no published claims of a document {document!r}")
        self.reading, self._readings, self.page = reading, table, page or document
        self._rows: dict[str, dict] = {}

    def regions(self, claim_id: str) -> list[str]:
        """The regions a claim names, in its order: its value where that is a list."""
        claim = self._claim(claim_id)
        named = claim["value"] if claim["unit"] == "list" else claim["regions"]
        return [region.strip() for region in named.split(";")]

    def printed(self, claim_id: str) -> float:
        """The printed number of a claim."""
        return float(self._claim(claim_id)["value"])

    def rounding(self, claim_id: str) -> float:
        """Half the last printed digit, or the tolerance stated with the claim."""
        claim = self._claim(claim_id)
        if pd.notna(claim["tolerance"]):
            return float(claim["tolerance"])
        digits = len(str(claim["value"]).partition(".")[2])
        return 0.5 * 10.0**-digits

    def number(
        self,
        claim_id: str,
        observed: float,
        *,
        evidence: str,
        across: pd.Series | None = None,
        kind: Callable[[float], object] | None = None,
        digits: int = 3,
        note: str = "",
    ) -> str:
        """Judge a printed number.

        Parameters
        ----------
        claim_id : str
        observed : float
        evidence : str
            Label on the page that shows the figure.
        across : Series indexed by reading, optional
            What every reading observes.
        kind : callable, optional
            Class of a number (``lambda n: n > 13``); equal classes are close.
        digits : int
            Decimals shown.
        note : str
            Added to the reason.

        Returns
        -------
        str
            The verdict.
        """
        printed, rounding = self.printed(claim_id), self.rounding(claim_id) + 1e-9
        if pd.isna(observed):
            raise ValueError(f"{claim_id}: nothing observed; use not_testable and name what is missing")
        within = NEAR if kind is None else FAR
        close = abs(observed - printed) <= within * abs(printed)
        close = close and (kind is None or kind(observed) == kind(printed))
        told = None if across is None else across.dropna()
        hit = None if told is None else (told - printed).abs() <= rounding
        if abs(observed - printed) <= rounding:
            verdict, reason = "reproduced", "equal within the printed rounding"
        else:
            change = f"{(observed - printed) / printed:+.1%} of the printed number" if printed else "not zero"
            verdict = "close" if close else "contradicted"
            reason = change.replace("-", "−")
            if hit is not None and hit.any():
                verdict = "depends"
        if told is not None and len(told):
            nearest = told.loc[(told - printed).abs().idxmin()]
            span = f"{len(told):,} readings give {told.min():.{digits}f} to {told.max():.{digits}f}"
            reason += f"; {span}, nearest {nearest:.{digits}f}"
        reason += self._which(hit) if verdict == "depends" else ""
        return self._record(claim_id, f"{observed:.{digits}f}", verdict, reason, evidence, hit, note)

    def statement(
        self,
        claim_id: str,
        holds: bool,
        observed: str,
        *,
        evidence: str,
        across: pd.Series | None = None,
        note: str = "",
    ) -> str:
        """Judge a direction, an order or a class.

        Parameters
        ----------
        claim_id : str
        holds : bool
            Whether it holds in the closest reading.
        observed : str
            What was observed, in words or figures made by code.
        evidence, note : str
            As in :meth:`number`.
        across : Series of bool indexed by reading, optional
            Whether it holds in each reading that can tell.

        Returns
        -------
        str
            The verdict.
        """
        told = None if across is None else across.dropna().astype(bool)
        share = np.nan if told is None or told.empty else told.mean()
        reason = f"{'holds' if holds else 'fails'} in the reading of the chapter"
        if not pd.isna(share):
            reason += f", holds in {told.sum():,} of the {len(told):,} that can tell"
        if holds:
            verdict = "depends" if share < ROBUST else "reproduced"
        else:
            verdict = "depends" if share > 0 else "contradicted"
        reason += self._which(told) if verdict == "depends" else ""
        return self._record(claim_id, observed, verdict, reason, evidence, told, note)

    def named(
        self, claim_id: str, holds: pd.Series, *, evidence: str, across: pd.DataFrame | None = None, note=""
    ) -> str:
        """Judge a list: of the regions a claim names, for how many does it hold?

        Parameters
        ----------
        claim_id : str
        holds : Series of bool indexed by region
            For every region named.
        across : DataFrame of bool, readings by regions, optional
        evidence, note : str
            As in :meth:`number`.

        Returns
        -------
        str
            *reproduced* for all, *close* for more than half, and so on.
        """
        names = self.regions(claim_id)
        count = int(holds.loc[names].sum())
        missed = [r for r in names if not holds.loc[r]]
        observed = f"{count} of {len(names)}" + (f", not {', '.join(missed)}" if missed else "")
        told = None
        if across is not None:
            told = across.loc[:, names].dropna().astype(bool).all(axis=1)
        verdict = self.statement(claim_id, not missed, observed, evidence=evidence, across=told, note=note)
        if verdict == "contradicted" and count > len(names) / 2:
            self._rows[claim_id]["verdict"] = verdict = "close"
        return verdict

    def definition(self, claim_id: str, by: object, *, holds: bool = True, evidence: str) -> str:
        """Record a definition or stated choice as implemented by a function or field.

        Parameters
        ----------
        claim_id : str
        by : callable or str
            What implements it.
        holds : bool
            A check that it does what is stated.
        evidence : str

        Returns
        -------
        str
        """
        name = by if isinstance(by, str) else f"{by.__module__}.{by.__qualname__}"
        if not holds:
            raise ValueError(f"{claim_id}: {name} doesn't do what the document states")
        return self._record(claim_id, name, "definition", "implemented as stated", evidence, None, "")

    def internal(self, claim_id: str, contradiction: bool, observed: str, *, evidence: str, note="") -> str:
        """Judge the document against itself.

        Parameters
        ----------
        claim_id : str
        contradiction : bool
            Whether two of its own statements disagree.
        observed : str
            The two, or the computation that compares them.
        evidence, note : str

        Returns
        -------
        str
            *inconsistent* or *reproduced*.
        """
        verdict = "inconsistent" if contradiction else "reproduced"
        reason = "the document disagrees with itself" if contradiction else "the document agrees with itself"
        return self._record(claim_id, observed, verdict, reason, evidence, None, note)

    def not_testable(self, claim_id: str, missing: str = "", *, evidence: str) -> str:
        """Say that a claim can't be tested and which figure is missing.

        Parameters
        ----------
        claim_id : str
        missing : str
            By default what the published claim says it needs.
        evidence : str

        Returns
        -------
        str
        """
        missing = missing or str(self._claim(claim_id)["needs"])
        return self._record(claim_id, "", "not testable", f"missing: {missing}", evidence, None, "")

    def verdicts(self) -> pd.DataFrame:
        """Verdicts so far, in the order of the published claims."""
        order = [c for c in self.claims.index if c in self._rows]
        rows = [{"claim_id": c, **self._rows[c]} for c in order]
        return pd.DataFrame(rows, columns=list(FIELDS)).set_index("claim_id")

    def save(self, folder: str | Path | None = None) -> str:
        """Write the verdicts; refuses while a claim of the document has none.

        Parameters
        ----------
        folder : path, optional
            By default the folder that the environment variable
            ``CASEBOOK_VERDICTS`` names, else ``data/verdicts``.

        Returns
        -------
        str
            Number of verdicts and a fingerprint of all of them, so that a page
            shows whether any has changed.
        """
        left = [c for c in self.claims.index if c not in self._rows]
        if left:
            raise ValueError(f"no verdict yet on {', '.join(left)}")
        folder = Path(folder or os.environ.get("CASEBOOK_VERDICTS") or data.PROJECT / "data" / "verdicts")
        folder.mkdir(parents=True, exist_ok=True)
        text = self.verdicts().to_csv(lineterminator="\n")
        (folder / f"{self.page}.csv").write_text(text, encoding="utf-8")
        return f"{len(self._rows)} verdicts, fingerprint {fingerprint(text)}"

    def _claim(self, claim_id: str) -> pd.Series:
        if claim_id not in self.claims.index:
            raise KeyError(f"no claim {claim_id!r} in this document")
        return self.claims.loc[claim_id]

    def _which(self, holds: pd.Series | None) -> str:
        """The choice that separates the readings in which a claim holds from the others."""
        if holds is None or self._readings is None or not holds.any() or holds.all():
            return ""
        shares = readings.decisive(self._readings, holds)["share"]
        choice = shares.index[0][0]
        parts = ", ".join(f"{level} {share:.0%}" for level, share in shares.loc[choice].items())
        return f"; most decided by {choice} ({parts})"

    def _record(self, claim_id, observed, verdict, reason, evidence, holds, note) -> str:
        self._claim(claim_id)
        if claim_id in self._rows:
            raise ValueError(f"{claim_id} has a verdict already")
        known = holds is not None
        self._rows[claim_id] = {
            "observed": observed,
            "verdict": verdict,
            "reason": "; ".join(part for part in (reason, note) if part),
            "reading": self.reading,
            "holds": int(holds.sum()) if known else None,
            "readings": len(holds) if known else None,
            "evidence": f"{self.page}#{evidence}",
        }
        return verdict


def fingerprint(text: str) -> str:
    """The first twelve digits of the sha256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def ledger(folder: str | Path | None = None) -> pd.DataFrame:
    """Every published claim with its verdict.

    Parameters
    ----------
    folder : path, optional
        Where the verdicts are; ``data/verdicts`` by default.

    Returns
    -------
    DataFrame
        ``claim_id``, ``document``, ``kind``, ``statement``, ``printed``,
        ``observed``, ``verdict``, ``reading``, ``evidence``, ``reason``,
        ``place``; claims without a verdict are *not examined*.

    Examples
    --------
    >>> len(ledger())
    611
    """
    folder = Path(folder or data.PROJECT / "data" / "verdicts")
    published = data.load("published", "claims")
    parts = [pd.read_csv(p, index_col="claim_id", dtype=str) for p in sorted(folder.glob("*.csv"))]
    verdicts = pd.concat(parts) if parts else pd.DataFrame(columns=list(FIELDS)[1:])
    stray = verdicts.index.difference(published.index)
    if len(stray):
        raise ValueError(f"verdicts on claims that no document prints: {', '.join(stray)}")
    joined = published.join(verdicts[["observed", "verdict", "reason", "reading", "evidence"]])
    joined["verdict"] = joined["verdict"].fillna("not examined")
    joined = joined.rename(columns={"value": "printed"}).reset_index()
    return joined[["claim_id", "document", "kind", "statement", "printed", "observed", "verdict",
                   "reading", "evidence", "reason", "place"]]


def show(frame: pd.DataFrame, *, name: str, caption: str, searchable: bool = True):
    """Verdicts as a table of the page: each marked, with its reason, each claim linked to its evidence.

    Parameters
    ----------
    frame : DataFrame indexed by claim
        Needs the columns ``verdict``, ``reason``, ``reading`` and ``evidence``; others are shown as they are.
    name, caption, searchable
        As for :func:`casebook.figures.table`.

    Returns
    -------
    casebook.figures.Table
    """
    shown = frame.reset_index()
    reading = frame["reading"].fillna("")
    reasons = (frame["reason"].fillna("") + ("; reading: " + reading).where(reading != "", "")).map(html.escape)
    shown["verdict"] = [
        f'<span class="verdict-{v.replace(" ", "-")}" data-value="{v}">{v}</span><br><small>{reason}</small>'
        for v, reason in zip(frame["verdict"], reasons)
    ]
    links = frame["evidence"].fillna("").str.partition("#")
    shown[frame.index.name] = [
        f'<a href="{page}.html{mark}{anchor}">{claim}</a>' if page else claim
        for claim, (page, mark, anchor) in zip(frame.index, links.itertuples(index=False))
    ]
    shown = shown.drop(columns=["reason", "reading", "evidence"]).rename(columns={frame.index.name: "claim"})
    return figures.table(shown.set_index("claim"), name=name, caption=caption, raw=("claim", "verdict"),
                         filters=("document", "kind", "verdict"), searchable=searchable)
