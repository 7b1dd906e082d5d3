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
    "contradicted": "our figures say otherwise, in every reading tried",
    "inconsistent": "the document disagrees with itself",
    "definition": "a definition, implemented as stated",
    "not testable": "a figure is missing in open form; the verdict names it",
    "not examined": "its chapter is still to come",
}
"""The verdicts and what each means."""

FIELDS = ("claim_id", "observed", "verdict", "reason", "reading", "holds", "readings", "evidence")
"""Columns of a verdict table, in ``data/verdicts``."""

LEDGER = ("claim_id", "document", "place", "kind", "statement", "quantity", "printed", "unit", "rounding", "year_from", "year_to",
          "regions", "needs", "observed", "verdict", "reason", "reading", "holds", "readings", "evidence")
"""Columns of the ledger; `casebook.ledger` says what each means."""

CLOSEST = "closest"
"""The reading that comes closest to the printed numbers; tables name only others."""

ROBUST = 0.5
"""What holds in the closest reading must hold in this share of all readings, else it depends."""

NEAR = 0.1
"""A number within this fraction of the printed one is near it."""

FAR = 0.25
"""A number farther from the printed one than this fraction is not close, whatever its class."""

RARE = 0.05
"""What holds in a smaller share of readings than this may hold by luck."""


class Examination:
    """Verdicts on the claims of one document, in the making.

    Parameters
    ----------
    document : str
        Key of the document in ``data/published/documents.csv``.
    reading : str
        The reading under which the observed values were computed.
    page : str, optional
        Page that shows the evidence; the document's key by default.

    Notes
    -----
    One rule for all claims.  What holds in the closest reading is *reproduced*
    if it also holds in at least half of the readings that can tell
    (``ROBUST``), else it *depends*.  What fails there *depends* if it holds in
    another reading, else it is *contradicted*.  A number holds within the
    printed rounding.  A number that fails and that no reading hits is *close*
    if it has the printed one's class and is off by no more than a quarter
    (``FAR``; without a class, a tenth, ``NEAR``), and *depends* if it is near
    only in another reading.

    Examples
    --------
    >>> examined = Examination("yangtze", "closest")
    >>> examined.number("yrd-067", 0.5041, evidence="fig-dispersion")
    'reproduced'
    >>> examined.number("yrd-068", 0.38, evidence="fig-dispersion")
    'close'
    """

    def __init__(self, document, reading, page=None):
        published = data.load("published", "claims")
        self.claims = published[published["document"] == document]
        if self.claims.empty:
            raise ValueError(f"no published claims of a document {document!r}")
        self.reading, self.page = reading, page or document
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
        return rounding(*self._claim(claim_id)[["value", "tolerance"]])

    def number(
        self,
        claim_id: str,
        observed: float,
        *,
        evidence: str,
        across: pd.Series | None = None,
        kind: Callable[[float], object] | None = None,
        of: float | None = None,
        digits: int = 3,
        precision: float = 0.0,
        note: str = "",
    ) -> str:
        """Judge a printed number.

        Parameters
        ----------
        claim_id : str
        observed : float
        evidence : str
            Label on the page that shows the figure.
        across : Series indexed by choices, optional
            What every reading observes, as :class:`casebook.readings.Grid` gives it.
        kind : callable, optional
            Class of a number (``lambda n: n > 13``).
        of : float, optional
            What distances are measured against: for a count, the size of the
            group; the printed number by default.
        digits : int
            Decimals shown.
        precision : float
            Half the last digit of the observed figure, where that is coarser than the printed one.
        note : str
            Added to the reason.

        Returns
        -------
        str
            The verdict.
        """
        printed, rounding = self.printed(claim_id), max(self.rounding(claim_id), precision) + 1e-9
        if pd.isna(observed):
            raise ValueError(f"{claim_id}: nothing observed; use not_testable and name what is missing")
        told = pd.Series(dtype=float) if across is None else across.dropna()
        hit, holds = (told - printed).abs() <= rounding, abs(observed - printed) <= rounding
        scale = abs(of or printed)
        verdict = self._verdict(holds, hit)
        if verdict == "contradicted":
            within = NEAR if kind is None else FAR

            def alike(value):
                return kind is None or kind(value) == kind(printed)

            near = told.map(alike).astype(bool) & ((told - printed).abs() <= NEAR * scale + 1e-9)
            if abs(observed - printed) <= within * scale + 1e-9 and alike(observed):
                verdict = "close"
            elif near.any():
                verdict, hit = "depends", near
        reason = f"equal {'as far as our source goes' if precision > self.rounding(claim_id) else 'within the printed rounding'}" if holds else f"off by {observed - printed:+.{digits}f}"
        if len(told) and told.nunique() == 1:
            reason += f"; every reading gives {told.iloc[0]:.{digits}f}" if len(told) > 1 else ""
        elif len(told):
            nearest = told.loc[(told - printed).abs().idxmin()]
            reason += f"; the readings give {told.min():.{digits}f} to {told.max():.{digits}f}, nearest {nearest:.{digits}f}"
            word = "near it" if verdict == "depends" and not holds and abs(nearest - printed) > rounding else "equal"
            reason += f", {word} in {share(hit)}"
        reason = reason.replace("-", "−") + (self._which(hit) if verdict == "depends" else "")
        shown = hit if across is not None else None
        return self._record(claim_id, f"{observed:.{digits}f}", verdict, reason, evidence, shown, note)

    def statement(
        self,
        claim_id: str,
        holds: bool,
        observed: str,
        *,
        evidence: str,
        across: pd.Series | None = None,
        near: bool = False,
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
        across : Series of bool indexed by choices, optional
            Whether it holds in each reading that can tell.
        near : bool
            Whether it is *close* where it holds in no reading.

        Returns
        -------
        str
            The verdict.
        """
        self._known(claim_id, holds)
        told = pd.Series(dtype=bool) if across is None else across.dropna().astype(bool)
        verdict = self._verdict(bool(holds), told)
        verdict = "close" if verdict == "contradicted" and near else verdict
        reason = "holds here" if holds else "fails here"
        if len(told) > 1:
            reason += f"; holds in {share(told)} of {len(told):,} readings"
        reason += self._which(told) if verdict == "depends" else ""
        return self._record(claim_id, observed, verdict, reason, evidence, None if across is None else told, note)

    def named(
        self,
        claim_id: str,
        holds: pd.Series,
        *,
        evidence: str,
        across: pd.DataFrame | None = None,
        exactly: bool = False,
        note: str = "",
    ) -> str:
        """Judge a list: of the regions a claim names, for how many does it hold?

        Parameters
        ----------
        claim_id : str
        holds : Series of bool indexed by region
            For every region named.
        across : DataFrame of bool, readings by regions, optional
            Readings with a missing region can't tell.
        exactly : bool
            Whether it must hold for no other region.
        evidence, note : str
            As in :meth:`number`.

        Returns
        -------
        str
            *close* where it holds for more than half of those named, in no
            reading for all, and for fewer others than named.
        """
        names = self.regions(claim_id)
        for region in names:
            self._known(claim_id, holds.get(region, np.nan), region)
        missed = [r for r in names if not holds.loc[r]]
        others = [r for r in holds.index[holds.astype(bool)] if r not in names] if exactly else []
        observed = f"{len(names) - len(missed)} of {len(names)}" + (f", not {', '.join(missed)}" if missed else "")
        observed += f"; besides {', '.join(others)}" if others else ""
        told = None
        if across is not None:
            known = across.dropna().astype(bool)
            told = known[names].all(axis=1)
            if exactly:
                told &= known.sum(axis=1) == len(names)
        return self.statement(
            claim_id, not missed and not others, observed, evidence=evidence, across=told, note=note,
            near=len(missed) < len(names) / 2 and len(others) < len(names),
        )

    def decided(
        self,
        claim_id: str,
        found: str,
        told: pd.Series,
        *,
        wanted: str,
        missing: str,
        observed: str,
        evidence: str,
        undecided: str = "cannot tell",
        note: str = "",
    ) -> str:
        """Judge a shape by a test that may be unable to tell.

        Parameters
        ----------
        claim_id : str
        found : str
            What the test says in the closest reading.
        told : Series of str indexed by choices
            What it says in each reading; missing where it can't be made.
        wanted : str
            What the claim says.
        missing : str
            What it would take to tell.
        observed, evidence, note : str
            As in :meth:`statement`.
        undecided : str
            The test's word for not being able to tell.

        Returns
        -------
        str
            *not testable* where the closest reading can't tell and no other
            finds what the claim says; else as for a statement.

        Examples
        --------
        >>> told = pd.Series(["cannot tell", "falling"], pd.Index(["levels", "logs"], name="form"))
        >>> Examination("shenzhen", "closest").decided("sz-086", "cannot tell", told, wanted="inverted U",
        ...     missing="more years", observed="cannot tell", evidence="tbl-tests")
        'not testable'
        """
        holds = told.dropna() == wanted
        if found == undecided and not holds.any():
            others = told[(told != undecided)].dropna().value_counts()
            seen = "; ".join(f"{n} of {len(holds):,} readings say {shape}" for shape, n in others.items())
            return self.not_testable(claim_id, missing, evidence=evidence, note="; ".join(filter(None, [seen, note])))
        return self.statement(claim_id, found == wanted, observed, evidence=evidence, across=holds, note=note)

    def definition(self, claim_id: str, by: object, *, holds: bool, evidence: str, note: str = "") -> str:
        """Record a definition or stated choice as implemented by a function or field.

        Parameters
        ----------
        claim_id : str
        by : callable or str
            What implements it.
        holds : bool
            A check that it does what is stated.
        evidence, note : str

        Returns
        -------
        str
        """
        self._known(claim_id, holds)
        name = by if isinstance(by, str) else f"{by.__module__}.{by.__qualname__}"
        if not holds:
            raise ValueError(f"{claim_id}: {name} doesn't do what the document states")
        return self._record(claim_id, name, "definition", "implemented as stated", evidence, None, note)

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
        self._known(claim_id, contradiction)
        verdict = "inconsistent" if contradiction else "reproduced"
        reason = "the document disagrees with itself" if contradiction else "the document agrees with itself"
        return self._record(claim_id, observed, verdict, reason, evidence, None, note)

    def not_testable(self, claim_id: str, missing: str = "", *, evidence: str, note: str = "") -> str:
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
        return self._record(claim_id, "", "not testable", f"missing: {missing}", evidence, None, note)

    def verdicts(self) -> pd.DataFrame:
        """Verdicts so far, in the order of the published claims."""
        order = [c for c in self.claims.index if c in self._rows]
        rows = [{"claim_id": c, **self._rows[c]} for c in order]
        return pd.DataFrame(rows, columns=list(FIELDS)).set_index("claim_id")

    def counts(self) -> pd.Series:
        """How many claims have each verdict so far: all of ``VERDICTS`` in their order, those of none as well."""
        return self.verdicts()["verdict"].value_counts().reindex(list(VERDICTS), fill_value=0)

    def listed(self) -> pd.DataFrame:
        """The claims with their verdicts so far, as :func:`show` takes them.

        Returns
        -------
        DataFrame indexed by claim
            ``verdict``, ``statement``, ``printed``, ``observed``, ``reason``, ``reading``, ``evidence``.

        Examples
        --------
        >>> examined = Examination("yangtze", "closest")
        >>> verdict = examined.number("yrd-067", 0.5041, evidence="fig-dispersion")
        >>> examined.listed()[["verdict", "printed", "observed"]].loc["yrd-067"].tolist()
        ['reproduced', '0.504', '0.504']
        """
        joined = self.claims[["statement", "value"]].join(self.verdicts(), how="inner").rename(columns={"value": "printed"})
        return joined[["verdict", "statement", "printed", "observed", "reason", "reading", "evidence"]]

    def save(self, folder: str | Path | None = None) -> str:
        """Write the verdicts; refuses while a claim of the document has none.

        Parameters
        ----------
        folder : path, optional
            By default the folder that the environment variable ``CASEBOOK_VERDICTS`` names, which
            gets those that there are even so, for tests to compare; else ``data/verdicts``.

        Returns
        -------
        str
            Number of verdicts and a fingerprint of all of them, so that a page
            shows whether any has changed.
        """
        left = [c for c in self.claims.index if c not in self._rows]
        handed = folder is None and os.environ.get("CASEBOOK_VERDICTS")
        folder = Path(folder or handed or data.PROJECT / "data" / "verdicts")
        text = self.verdicts().to_csv(lineterminator="\n")
        if handed or not left:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{self.page}.csv").write_text(text, encoding="utf-8")
        if left:
            raise ValueError(f"no verdict yet on {', '.join(left)}")
        return f"{len(self._rows)} verdicts, fingerprint {fingerprint(text)}"

    def _claim(self, claim_id: str) -> pd.Series:
        if claim_id not in self.claims.index:
            raise KeyError(f"no claim {claim_id!r} in this document")
        return self.claims.loc[claim_id]

    @staticmethod
    def _verdict(holds: bool, told: pd.Series) -> str:
        part = told.mean() if len(told) else float(holds)
        if holds:
            return "reproduced" if part >= ROBUST else "depends"
        return "depends" if part > 0 else "contradicted"

    def span(self, claim_id: str) -> tuple[int, int]:
        """First and last year of a claim."""
        years = self._claim(claim_id)[["year_from", "year_to"]]
        if years.isna().any():
            raise ValueError(f"{claim_id} names no years")
        return int(years["year_from"]), int(years["year_to"])

    @staticmethod
    def _known(claim_id: str, holds, region: str = "") -> None:
        if pd.isna(holds):
            where = f" in {region}" if region else ""
            raise ValueError(f"{claim_id}: unknown whether it holds{where}; use not_testable and name what is missing")

    @staticmethod
    def _which(holds: pd.Series) -> str:
        """The choice that separates the readings in which a claim holds from the others."""
        if not holds.any() or holds.all():
            return ""
        if holds.mean() < RARE:
            return "; too rare to say which choice decides"
        shares = readings.decisive(holds)["share"]
        choice = shares.index[0][0]
        shares = shares.loc[choice]
        if len(shares) > 2 and set(shares) == {0.0, 1.0}:
            return f"; only with {choice} {' or '.join(map(str, shares.index[shares == 1]))}"
        parts = ", ".join(f"{level} {share:.0%}" for level, share in shares.items())
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


def rounding(printed: str, tolerance: float = np.nan) -> float:
    """Half the last printed digit, or the tolerance stated with the claim; unknown where no number is printed.

    Parameters
    ----------
    printed : str
    tolerance : float

    Returns
    -------
    float

    Examples
    --------
    >>> rounding("0.50"), rounding("26", 0.0), rounding("falls")
    (0.005, 0.0, nan)
    """
    if pd.notna(tolerance):
        return float(tolerance)
    if pd.isna(pd.to_numeric(printed, errors="coerce")):
        return np.nan
    return 0.5 * 10.0 ** -len(str(printed).partition(".")[2])


def share(holds: pd.Series) -> str:
    """In how many readings something holds, never a false 0 or 100 per cent.

    Parameters
    ----------
    holds : Series of bool

    Returns
    -------
    str

    Examples
    --------
    >>> share(pd.Series([True, False, False])), share(pd.Series([False]))
    ('33%', 'none')
    """
    part = holds.mean()
    if not holds.any():
        return "none"
    return "less than 1%" if part < 0.005 else "more than 99%" if 0.995 <= part < 1 else f"{part:.0%}"


def marks(verdicts: pd.Series) -> pd.Series:
    """Verdicts with their sign and colour, as HTML for a table of the page.

    Examples
    --------
    >>> marks(pd.Series(["close"]))[0]
    '<span class="verdict-close" data-value="close">close</span>'
    """
    return verdicts.map(lambda v: f'<span class="verdict-{v.replace(" ", "-")}" data-value="{v}">{v}</span>')


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
        ``LEDGER``; claims without a verdict are *not examined*.

    Examples
    --------
    >>> len(ledger())
    611
    """
    folder = Path(folder or data.PROJECT / "data" / "verdicts")
    published = data.load("published", "claims")
    parts = [pd.read_csv(p, index_col="claim_id", dtype=str) for p in sorted(folder.glob("*.csv"))]
    verdicts = pd.concat(parts) if parts else pd.DataFrame(columns=list(FIELDS)[1:])
    twice = verdicts.index[verdicts.index.duplicated()]
    if len(twice):
        raise ValueError(f"more than one verdict on {', '.join(twice.unique())} in {folder}")
    stray = verdicts.index.difference(published.index)
    if len(stray):
        raise ValueError(f"verdicts on claims that no document prints: {', '.join(stray)}")
    joined = published.join(verdicts[list(FIELDS)[1:]]).rename(columns={"value": "printed"}).reset_index()
    joined["verdict"] = joined["verdict"].fillna("not examined")
    joined["rounding"] = [rounding(*pair) for pair in zip(joined["printed"], joined["tolerance"])]
    joined["rounding"] = joined["rounding"].where(joined["tolerance"].notna() | joined["kind"].isin(["numeric", "count"]))  # a year named in words has none
    joined[["holds", "readings"]] = joined[["holds", "readings"]].astype(float).astype("Int64")
    return joined[list(LEDGER)]


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
    other = frame["reading"].fillna("").replace(CLOSEST, "")
    reasons = (frame["reason"].fillna("") + ("; reading: " + other).where(other != "", "")).map(html.escape)
    shown["verdict"] = (marks(frame["verdict"]) + "<br><small>" + reasons + "</small>").array
    links = frame["evidence"].fillna("").str.partition("#")
    shown[frame.index.name] = [
        f'<a href="{page}.html{mark}{anchor}">{claim}</a>' if page else claim
        for claim, (page, mark, anchor) in zip(frame.index, links.itertuples(index=False))
    ]
    shown = shown.drop(columns=["reason", "reading", "evidence"]).rename(columns={frame.index.name: "claim"})
    return figures.table(shown.set_index("claim"), name=name, caption=caption, raw=("claim", "verdict"),
                         filters=("document", "kind", "verdict"), searchable=searchable)
