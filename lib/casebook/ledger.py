"""Which verdict has every claim, on one page and in one file?

The ledger joins what the documents print to what the chapters found.  A claim without a verdict
is refused, here and when the book is built.
"""

from __future__ import annotations

import html
import json
from pathlib import Path

import pandas as pd

from casebook import claims, data, figures

FIELDS = {
    "claim_id": ("string", "Prefix of the document and running number; the end of the address of its row, as in ledger.html#claim_id."),
    "document": ("string", "Key of the document; its chapter has the same name, except for its ending."),
    "place": ("string", "Section of the document that says it: our English name and the Chinese heading."),
    "kind": ("string", "What sort of statement it is: numeric, count, ordering, direction, classification, method, or internal, "
                       "which is about the document itself."),
    "statement": ("string", "What the document says, in our words."),
    "quantity": ("string", "What is stated."),
    "printed": ("string", "The value as printed, with its digits; a word or a list where no number is printed, empty where nothing is."),
    "unit": ("string", "Unit of the printed value."),
    "rounding": ("number", "How far from the printed number another may lie and be the same: half its last digit, or the tolerance "
                           "stated with the claim; null where no number is printed."),
    "year_from": ("integer", "First year the statement is about; null where it names none."),
    "year_to": ("integer", "Last year the statement is about; null where it names none."),
    "regions": ("string", "Regions the statement is about, joined by a semicolon."),
    "needs": ("string", "Figures it takes to test the statement."),
    "observed": ("string", "What we observe in its place; empty where it can't be tested; for a definition, what implements it."),
    "verdict": ("string", "One of: " + ", ".join(v for v in claims.VERDICTS if v != "not examined") + "."),
    "reason": ("string", "What was compared, how far off it is, which choice decides, or which figure is missing."),
    "reading": ("string", "The reading under which the value was observed."),
    "holds": ("integer", "Readings in which the statement holds; null where it was not held against several."),
    "readings": ("integer", "Readings that can tell; null where it was not held against several."),
    "evidence": ("string", "Page and place that show the figure behind the verdict: page#place."),
}
"""Each column of the ledger, its type and what it means."""


def complete(folder: str | Path | None = None) -> pd.DataFrame:
    """Every published claim with its verdict.

    Parameters
    ----------
    folder : path, optional
        Where the verdicts are; ``data/verdicts`` by default.

    Returns
    -------
    DataFrame indexed by claim
        The other columns of ``FIELDS``, in the order of the documents.

    Raises
    ------
    ValueError
        Names the claims that have no verdict.

    Examples
    --------
    >>> len(complete()), complete().loc["yrd-077", "printed"]
    (611, '0.930')
    """
    ledger = claims.ledger(folder).set_index("claim_id")
    left = ledger.index[ledger["verdict"] == "not examined"]
    if len(left):
        raise ValueError(f"no verdict on {len(left)} of {len(ledger)} claims: {', '.join(left)}; run `make notebooks`")
    unknown = sorted(set(ledger["verdict"]) - set(claims.VERDICTS))
    if unknown:
        raise ValueError(f"unknown verdict {', '.join(unknown)}; known are {', '.join(claims.VERDICTS)}")
    return ledger


def counts(ledger: pd.DataFrame, by: str | list[str]) -> pd.DataFrame:
    """How many claims have each verdict, those of none left out.

    Parameters
    ----------
    ledger : DataFrame
        As :func:`complete` gives it.
    by : str or list of str
        Columns to count by, each group in the order of the ledger.

    Returns
    -------
    DataFrame
        Indexed by `by`, a column for each verdict in the order of ``VERDICTS``.
    """
    table = ledger.groupby(by, sort=False)["verdict"].value_counts().unstack(fill_value=0)
    return table.reindex(columns=[v for v in claims.VERDICTS if v in set(ledger["verdict"])], fill_value=0)


def to_csv(ledger: pd.DataFrame) -> str:
    """The ledger as a table in a file; the same ledger gives the same bytes."""
    return ledger.to_csv(lineterminator="\n")


def to_json(ledger: pd.DataFrame) -> str:
    """The ledger with the meaning of its columns; the same ledger gives the same bytes."""
    rows = ledger.reset_index().astype(object)
    content = {
        "title": "Every claim of the documents, with its verdict",
        "licence": "CC-BY-4.0",
        "verdicts": {verdict: meaning for verdict, meaning in claims.VERDICTS.items() if verdict in set(ledger["verdict"])},
        "fields": [{"name": name, "type": kind, "description": meaning} for name, (kind, meaning) in FIELDS.items()],
        "claims": [{name: _plain(row[name], kind) for name, (kind, _) in FIELDS.items()} for row in rows.to_dict("records")],
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write(folder: str | Path, ledger: pd.DataFrame) -> list[Path]:
    """Write the ledger into a folder as ledger.csv and ledger.json."""
    files = {Path(folder, "ledger.csv"): to_csv(ledger), Path(folder, "ledger.json"): to_json(ledger)}
    for path, text in files.items():
        path.write_bytes(text.encode())
    return list(files)


def regions(ledger: pd.DataFrame) -> pd.Series:
    """The regions each claim names: those it is about, and those of a printed list that some claim is about.

    Examples
    --------
    >>> regions(complete())["yrd-082"]
    ['Nantong', 'Hangzhou', 'Shanghai']
    """
    about, listed = (column.str.split(";").map(lambda names: [name.strip() for name in names if name.strip()])
                     for column in (ledger["regions"], ledger["printed"].where(ledger["unit"] == "list", "")))
    known = set(about.explode())
    return (about + listed).map(lambda names: [name for name in dict.fromkeys(names) if name in known])


def page(ledger: pd.DataFrame, *, name: str, label: str) -> figures.Table:
    """The ledger as a list to search; each claim opens to all that is known of it.

    Parameters
    ----------
    ledger : DataFrame
        As :func:`complete` gives it.
    name, label : str
        As for :func:`casebook.figures.records`.

    Returns
    -------
    casebook.figures.Table
    """
    text = ledger.astype(object).where(ledger.notna(), "").map(lambda value: html.escape(str(value)))
    line = pd.DataFrame({
        "verdict": claims.marks(ledger["verdict"]), "statement": text["statement"],
        "printed": text["printed"], "observed": text["observed"],
    }).rename_axis("claim")
    facets = pd.DataFrame({
        "document": pd.Categorical(ledger["document"], ledger["document"].unique()),
        "verdict": pd.Categorical(ledger["verdict"], list(claims.VERDICTS)),
        "kind": ledger["kind"], "region": regions(ledger).str.join(figures.SEVERAL),
    }, index=line.index)
    return figures.records(line, _details(ledger, text).set_axis(line.index), facets, name=name, label=label)


def _details(ledger: pd.DataFrame, text: pd.DataFrame) -> pd.DataFrame:
    page, _, place = (ledger["evidence"].str.partition("#")[i] for i in range(3))
    years = text["year_from"].where(ledger["year_from"] == ledger["year_to"], text["year_from"] + "–" + text["year_to"])
    return pd.DataFrame({
        "the document": text["document"] + ", " + text["place"],
        "what is stated": text["quantity"],
        "printed": (text["printed"] + " " + text["unit"].where(~text["unit"].isin(["list", "class", "order"]), "")).str.strip(),
        "rounding": [_rounding(value) for value in ledger["rounding"]],
        "observed": text["observed"],
        "reading": text["reading"].replace(claims.CLOSEST, "the closest to the printed numbers"),
        "holds in": [f"{held} of {tried:,} readings" if pd.notna(tried) and tried else ""
                     for held, tried in zip(ledger["holds"], ledger["readings"])],
        "verdict": claims.marks(ledger["verdict"]) + ": " + ledger["verdict"].map(claims.VERDICTS),
        "reason": text["reason"],
        "regions": text["regions"],
        "years": years.where(ledger["year_from"].notna(), ""),
        "figures it takes": text["needs"],
        "evidence": [f'<a href="{there}.html#{at}">{there}, {at}</a>' for there, at in zip(page.map(html.escape), place.map(html.escape))],
        "this row": [f'<a href="#{claim}">its own address</a>' for claim in ledger.index],
    })


def _rounding(value: float) -> str:
    """
    >>> _rounding(0.0005), _rounding(0.0)
    ('±0.0005', 'none: equal or not')
    """
    return "" if pd.isna(value) else f"±{value:.10g}" if value else "none: equal or not"


def _plain(value, kind: str):
    """A value as JSON knows it."""
    if kind == "string":
        return "" if pd.isna(value) else str(value)
    return None if pd.isna(value) else int(value) if kind == "integer" else float(value)
