"""How is a long list of records shown, so that it can be searched and each one opened?

The whole list stands in the page; `records.js` hides what isn't asked for, keeps the question in the
address, and opens the record that the address names.  Without scripts the list is complete.
"""

from __future__ import annotations

import html
import json
from importlib.resources import files

import pandas as pd

from casebook.figures.tables import Table

SEVERAL = "; "
"""Joins the values of one facet where a record has several."""


def records(line: pd.DataFrame, details: pd.DataFrame, facets: pd.DataFrame, *, name: str, label: str) -> Table:
    """Show records as lines that open, above them a search box and a drop-down for each facet.

    Parameters
    ----------
    line : DataFrame indexed by the records' anchors
        What each line shows, as HTML, after the anchor: a mark, a sentence, and then values, each with
        its name; an empty one is left out.
    details : DataFrame with the same index
        What a line opens to, as HTML; an empty cell is left out.
    facets : DataFrame with the same index
        What the list can be narrowed down to, as text; several values are joined by ``SEVERAL``.
        A categorical column is offered in its own order, any other in that of the alphabet.
    name : str
        Anchor of the list.
    label : str
        What the list holds, for those who don't see it.

    Returns
    -------
    Table
        HTML that needs nothing else, neither a server nor a network.

    Raises
    ------
    ValueError
        When an anchor appears twice, or the frames differ in their records.

    Examples
    --------
    >>> one = pd.DataFrame({"mark": ["!"], "colour": ["red"]}, index=["a-1"])
    >>> shown = records(one, one, one[["colour"]], name="list", label="Colours").html
    >>> '<details class="record" id="a-1" data-facets="[&quot;red&quot;]">' in shown
    True
    """
    if not line.index.is_unique:
        raise ValueError(f"the record {line.index[line.index.duplicated()][0]!r} appears twice")
    if not (line.index.equals(details.index) and line.index.equals(facets.index)):
        raise ValueError("lines, details and facets must have the same records in the same order")
    style, script = (files("casebook.figures").joinpath(f"records.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    rows = "\n".join(map(_record, line.to_dict("index").items(), details.to_dict("records"), facets.to_dict("records")))
    markup = f"""<div class="casebook-records" id="{name}" role="region" aria-label="{html.escape(label)}">
<style>
{style}</style>
<form class="record-tools" role="search" autocomplete="off" hidden>
<label class="record-search">search<input type="search" name="q"></label>
{"".join(_facet(facet, values) for facet, values in facets.items())}
<output aria-live="polite">{len(line)} of {len(line)} shown</output>
<button type="reset">Show all</button>
</form>
{rows}
<p class="record-none" hidden>Nothing fits. Take away a word or a choice.</p>
<script>
{script}</script>
</div>"""
    return Table(markup, f"List {name}: {label} ({len(line)} records)")


def _facet(title: str, values: pd.Series) -> str:
    """A drop-down with each value and how many records have it."""
    counts = values.astype(str).str.split(SEVERAL).explode().value_counts()
    order = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else sorted(counts.index, key=str.casefold)
    options = "".join(f'<option value="{html.escape(value)}">{html.escape(value)} ({counts[value]})</option>'
                      for value in order if value and counts.get(value))
    return f'<label>{html.escape(title)}<select name="{html.escape(title)}"><option value="">all</option>{options}</select></label>'


def _record(keyed: tuple, details: dict, facets: dict) -> str:
    anchor, (mark, sentence, *values) = keyed[0], keyed[1].values()
    named = "".join(f"<span>{html.escape(str(title))} <b>{text}</b></span>" for title, text in zip(list(keyed[1])[2:], values) if text)
    terms = "".join(f"<dt>{html.escape(str(title))}</dt><dd>{text}</dd>" for title, text in details.items() if text)
    chosen = html.escape(json.dumps(list(facets.values()), ensure_ascii=False, separators=(",", ":")))
    return (f'<details class="record" id="{anchor}" data-facets="{chosen}"><summary><span class="record-id">{anchor}</span>'
            f'<span class="record-mark">{mark}</span><span class="record-main">{sentence}<span class="record-values">{named}</span></span>'
            f"</summary><dl>{terms}</dl></details>")
