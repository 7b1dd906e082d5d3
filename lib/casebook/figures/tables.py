"""How is a table shown on a page?"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from casebook.figures import export
from casebook.figures.style import STATE_SIGN, STATE_STYLE

ROWS = 60
"""Of a table with a row for each region so many are shown at most."""

LONG = 100
"""A table of more rows gets a search box."""


@dataclass(frozen=True)
class Table:
    """A table for a page: an HTML table with an anchor and a caption."""

    html: str
    text: str

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html, "text/plain": self.text}


def table(
    frame: pd.DataFrame,
    *,
    name: str,
    caption: str,
    digits: int | Mapping[str, int] = 3,
    raw: Iterable[str] = (),
    filters: Iterable[str] = (),
    searchable: bool | None = None,
    index: bool = True,
) -> Table:
    """Show a frame as a table of the page.

    Parameters
    ----------
    frame : DataFrame
    name : str
        Anchor, such as ``tbl-elasticities``.
    caption : str
    digits : int or mapping of column to int
        Decimals of floating-point columns.
    raw : iterable of str
        Columns that hold HTML already.
    filters : iterable of str
        Columns that get a drop-down on the page.
    searchable : bool, optional
        Whether the page offers a search box over the rows; by default over more than ``LONG``.
    index : bool
        Whether the index is shown, as row headers.

    Returns
    -------
    Table
    """
    shown = frame.reset_index() if index else frame
    keys = (frame.index.names if index else [])
    cells = {c: _cells(shown[c], c, digits, c in raw) for c in shown}
    export.tabulated(shown, cells, name, caption)
    sides = {c: _align(shown[c]) for c in shown}
    head = "".join(
        f'<th scope="col"{" data-filter" if c in filters else ""}>{html.escape(str(c))}</th>'
        for c in shown
    )
    rows = []
    for i in range(len(shown)):
        row = "".join(
            f'<th scope="row">{cells[c][i]}</th>' if c in keys
            else f"<td{sides[c]}>{cells[c][i]}</td>"
            for c in shown
        )
        rows.append(f"<tr>{row}</tr>")
    kind = "casebook-table searchable" if searchable or (searchable is None and len(shown) > LONG) else "casebook-table"
    body = "\n".join(rows)
    markup = (
        f'<table class="{kind}" id="{name}"><caption>{html.escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )
    return Table(markup, f"Table {name}: {caption} ({len(shown)} rows)")


def telling(frame: pd.DataFrame, by: str, rows: int = ROWS) -> tuple[pd.DataFrame, str]:
    """The rows that tell most of a table too long to be read, and words that say so.

    Parameters
    ----------
    frame : DataFrame
    by : str
        Column; the rows with its largest and its smallest values are kept.
    rows : int
        How many.

    Returns
    -------
    (DataFrame, str)
        In the order of the frame; for the end of a caption, empty where every row is shown.

    Examples
    --------
    >>> long = pd.DataFrame({"income": [3.0, 1.0, 2.0, 4.0]}, list("ABCD"))
    >>> part, words = telling(long, "income", rows=2)
    >>> list(part.index), words
    (['B', 'D'], ' Shown are 2 of 4 rows, those with the highest and the lowest income.')
    """
    if len(frame) <= rows:
        return frame, ""
    place = frame[by].reset_index(drop=True).sort_values(kind="stable").dropna().index
    chosen = sorted({*place[:rows // 2], *place[len(place) - (rows - rows // 2):]})
    return frame.iloc[chosen], f" Shown are {len(chosen)} of {len(frame):,} rows, those with the highest and the lowest {by}."
def state_marks(states: pd.Series) -> pd.Series:
    """States as the signs of the figures, each with its name for pointer and screen reader.

    Parameters
    ----------
    states : Series of str

    Returns
    -------
    Series of str
        HTML, for the `raw` columns of :func:`table`.

    Examples
    --------
    >>> state_marks(pd.Series(["weak decoupling"]))[0]
    '<abbr title="weak decoupling">■</abbr>'
    """
    signs = {s: STATE_SIGN[marker] for s, (_, marker) in STATE_STYLE.items()} | {"undefined": "–"}
    return states.map(lambda s: f'<abbr title="{s}">{signs[s]}</abbr>')


def state_key(states: Iterable[str]) -> str:
    """The signs of the states that occur, in words, for a caption.

    Examples
    --------
    >>> state_key(["weak decoupling", "weak decoupling"])
    '■ weak decoupling'
    """
    present = set(states)
    return ", ".join(f"{STATE_SIGN[STATE_STYLE[s][1]]} {s}" for s in STATE_STYLE if s in present and s != "undefined")


def _cells(column: pd.Series, key, digits, raw: bool) -> list[str]:
    places = digits.get(key, 3) if isinstance(digits, Mapping) else digits
    if pd.api.types.is_float_dtype(column):
        return ["" if pd.isna(v) else f"{v:,.{places}f}".replace("-", "−") for v in column]
    if pd.api.types.is_integer_dtype(column):
        return ["" if pd.isna(v) else str(v).replace("-", "−") for v in column]
    texts = ["" if pd.isna(v) else str(v) for v in column]
    return texts if raw else [html.escape(t) for t in texts]


def _align(column: pd.Series) -> str:
    """Numbers to the right; columns of sentences get room."""
    if pd.api.types.is_numeric_dtype(column):
        return ' class="number"'
    words = column.astype(str).str.replace("<[^>]+>", "", regex=True)
    return ' class="text"' if words.str.len().median() > 30 else ""
