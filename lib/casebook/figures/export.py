"""Where do pictures and tables go besides the page?

Into the folder that the environment variable ``CASEBOOK_EXPORT`` names, if it
names one: pictures as SVG and PNG, tables as CSV, with all their digits, and as
LaTeX, as the page shows them.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import pandas as pd

VARIABLE = "CASEBOOK_EXPORT"


def picture(fig, name: str, png: bytes) -> None:
    """Keep a matplotlib figure that the page shows as `png`; the same figure gives the same bytes."""
    folder = _folder("figures")
    if folder is None:
        return
    (folder / f"{name}.png").write_bytes(png)
    with mpl.rc_context({"svg.hashsalt": name}):
        fig.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})


def tabulated(frame: pd.DataFrame, cells: Mapping[str, Sequence[str]], name: str, caption: str) -> None:
    """Keep a table: its values, and its `cells` as the page shows them."""
    folder = _folder("tables")
    if folder is None:
        return
    values = frame.map(lambda value: untagged(value) if isinstance(value, str) else value)
    values.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    shown = pd.DataFrame({str(column): [untagged(cell).replace("−", "-") for cell in cells[column]] for column in frame})
    latex = shown.to_latex(index=False, caption=caption, label=name, escape=True, longtable=len(shown) > 40)
    (folder / f"{name}.tex").write_text(latex, encoding="utf-8")


def untagged(text: str) -> str:
    """Text without the tags and codes of HTML; an abbreviation becomes what it stands for.

    Examples
    --------
    >>> untagged('<abbr title="weak decoupling">■</abbr> in <b>2011</b>')
    'weak decoupling in 2011'
    """
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r'<abbr title="([^"]*)">.*?</abbr>', r"\1", text)))


def _folder(kind: str) -> Path | None:
    if not os.environ.get(VARIABLE):
        return None
    folder = Path(os.environ[VARIABLE], kind)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
