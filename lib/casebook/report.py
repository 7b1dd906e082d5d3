"""What do all the verdicts amount to?

The report gathers the ledger: the documents beside each other, the findings that matter most, and what
could not be tested.  Which findings matter is chosen in ``data/published/findings.csv``; the numbers in
their sentences are the ledger's.
"""

from __future__ import annotations

import html
import re
from types import SimpleNamespace

import pandas as pd

from casebook import claims, data, ledger

MISSING = "missing: "
"""A verdict begins its reason so, where a figure is missing."""

ITSELF = "the document agrees with itself"
"""A verdict begins its reason so, where no figure of ours was needed."""

MANY = 20
"""Of so many readings or more the report says which per cent, of fewer how many."""

PLACES = {"fig-": "figure", "tbl-": "table", "equation-": "equation"}
"""What a place on a page is, by how its name begins; any other is a section."""

UNTESTED = ("definition", "not testable")
"""Verdicts on claims that were put to no test."""


def tried(book: pd.DataFrame) -> pd.Series:
    """Whether each claim was put to a test: by figures, or by the document itself."""
    return ~book["verdict"].isin(UNTESTED)


def grid(book: pd.DataFrame, every: str = "all") -> pd.DataFrame:
    """Counts of verdicts by kind and document, with their sums, as :func:`casebook.figures.verdict_grid` draws them.

    Parameters
    ----------
    book : DataFrame
        As :func:`casebook.ledger.complete` gives it.
    every : str
        Name of the sums.

    Returns
    -------
    DataFrame
        Indexed by kind, the most frequent first, and document; a column for each verdict.
    """
    kinds, documents = [every, *book["kind"].value_counts().index], [every, *book["document"].unique()]
    whole = pd.concat([book.assign(**{column: every for column in columns})
                       for columns in ([], ["kind"], ["document"], ["kind", "document"])])
    return ledger.counts(whole, ["kind", "document"]).reindex(pd.MultiIndex.from_product([kinds, documents]), fill_value=0)


def side_by_side(book: pd.DataFrame) -> pd.DataFrame:
    """The documents as columns: what each asks, of what, by whose figures, and what came of it.

    Returns
    -------
    DataFrame
        Cells are HTML; numbers of claims lead to their rows in the ledger.
    """
    documents, counts = data.documents().sort_values("order"), ledger.counts(book, "document")
    columns = {}
    for key, about in documents.iterrows():
        row, number = counts.loc[key], tried(book[book["document"] == key]).sum()
        columns[key.replace("industrial", "industri\u00adal")] = {  # a soft hyphen, for a narrow column
            "it asks": html.escape(about["question"]),
            "about": html.escape(about["sample"]),
            "answered here with": html.escape(about["figures"]),
            "claims": asked(row.sum(), document=key),
            **{claims.marks(pd.Series([v]))[0]: asked(n, document=key, verdict=v) for v, n in row.items()},
            "put to a test": str(number),
            "of these hold": f"{row['reproduced'] / number:.0%}",
            "all about it": f'<a href="{key}.html">the chapter</a>',
        }
    return pd.DataFrame(columns).rename_axis("document")


def asked(number: int, **choices: str) -> str:
    """A number that leads to the rows of the ledger which it counts.

    Examples
    --------
    >>> asked(4, document="yangtze", verdict="not testable")
    '<a href="ledger.html#document=yangtze&amp;verdict=not+testable">4</a>'
    """
    if not number:
        return "0"
    address = "&".join(f"{name}={value.replace(' ', '+')}" for name, value in choices.items())
    return f'<a href="ledger.html#{html.escape(address)}">{number}</a>'


def findings(book: pd.DataFrame) -> pd.DataFrame:
    """The findings that matter most, with the numbers of the ledger in their sentences.

    Returns
    -------
    DataFrame indexed by finding
        ``document``, ``title``, ``text`` in Markdown, ``claims`` as lists.

    Raises
    ------
    ValueError
        When a sentence was written for another verdict than the ledger has.
    """
    chosen = data.load("published", "findings").sort_values("order")
    values = {claim: SimpleNamespace(**row, part=part(row["holds"], row["readings"])) for claim, row in book.to_dict("index").items()}
    named = chosen["claims"].str.split("; ")
    for finding, written in chosen["verdicts"].str.split("; ").items():
        now = [values[claim].verdict for claim in named[finding]]
        if now != written:
            raise ValueError(f"the finding {finding} was written for {', '.join(written)} of {', '.join(named[finding])}; the ledger has "
                             f"{', '.join(now)}: reword it in data/published/findings.csv")
    return chosen[["document", "title"]].assign(text=chosen["text"].map(lambda text: text.format_map(values)), claims=named)


def part(holds: int, readings: int) -> str:
    """In how many of the readings something holds, in words.

    Examples
    --------
    >>> part(14, 14), part(0, 20), part(1, 3), part(92, 784)
    ('all 14', 'none of 20', '1 of 3', '12% of 784')
    """
    if pd.isna(readings) or not readings:
        return "its one reading"
    if holds in (0, readings):
        return f"all {readings:,}" if holds else f"none of {readings:,}"
    if readings < MANY:
        return f"{holds} of {readings}"
    return f"{claims.share(pd.Series([True] * holds + [False] * (readings - holds)))} of {readings:,}"


def told(chosen: pd.DataFrame, book: pd.DataFrame) -> str:
    """Findings as a numbered list in Markdown: each with its verdicts, its rows of the ledger and its evidence."""
    return "\n".join(
        f"1. **{row.title}.** {row.text}\n\n   <span class=\"finding-claims\">{' '.join(_proof(book.loc[claim], claim) for claim in row.claims)}</span>\n"
        for row in chosen.itertuples())


def _proof(row: pd.Series, claim: str) -> str:
    page, _, place = row["evidence"].partition("#")
    kind = next((word for start, word in PLACES.items() if place.startswith(start)), "section")
    return (f'<span>{claims.marks(pd.Series([row["verdict"]]))[0]} <a href="ledger.html#{claim}">{claim}</a>, '
            f'<a href="{page}.html#{place}">the {kind} in the chapter</a></span>')


def missing(book: pd.DataFrame) -> pd.DataFrame:
    """What could not be tested, gathered by the missing figure, the most frequent first.

    Parameters
    ----------
    book : DataFrame
        As :func:`casebook.ledger.complete` gives it.

    Returns
    -------
    DataFrame indexed by what is missing
        ``claims``, each a Series of words by claim; ``settled_by``.  A claim that no group of
        ``data/published/missing.csv`` takes stands under the words of its verdict.
    """
    left = book.loc[book["verdict"] == "not testable", "reason"].str.removeprefix(MISSING).str.partition("; ")[0]
    groups = data.load("published", "missing")

    def group(words: str) -> str:
        return next((row.missing for row in groups.itertuples() if re.search(row.pattern, words)), words)

    claimed = {missing: part for missing, part in left.groupby(left.map(group))}
    settled = groups.set_index("missing")["settled_by"].reindex(list(claimed), fill_value="that figure itself")
    table = pd.DataFrame({"claims": list(claimed.values()), "settled_by": settled}, index=pd.Index(list(claimed), name="missing"))
    return table.sort_values("claims", key=lambda parts: -parts.map(len), kind="stable")


def opened(words: pd.Series) -> str:
    """A number of claims that opens to their rows in the ledger, with what is said of each, as HTML.

    Examples
    --------
    >>> opened(pd.Series({"m-1": "the plan itself"}))
    '<details><summary>1 claim</summary>the plan itself: <a href="ledger.html#m-1">m-1</a></details>'
    """
    rows = "<br>".join(f"{html.escape(text)}: " + " ".join(f'<a href="ledger.html#{claim}">{claim}</a>' for claim in part.index)
                       for text, part in words.groupby(words, sort=False))
    return f"<details><summary>{len(words)} claim{'s' * (len(words) > 1)}</summary>{rows}</details>"
