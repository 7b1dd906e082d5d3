"""What would every other reading have given, on these figures?

The cells of a chapter's notebook that its readings need are executed, and no
others; :func:`casebook.readings.run` hands every grid over, so that this module
knows no chapter, and what it tells of is what the page shows.
"""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterator, Sequence
from pathlib import Path

import joblib
import nbformat
import pandas as pd

from casebook import intake, readings
from casebook import run as running

SHARE = 0.05
"""A choice that matters less, on average, is not named in the short summary; the tables have all."""


def sweep(chapter: running.Chapter, found: intake.Gathered | None, out: str | Path, *, sample: int | None = None, seed: int = 0,
          jobs: int = -1, scheduler: str | None = None, force: bool = False, progress: bool | None = None) -> pd.DataFrame:
    """Compute a chapter under all its readings, and write what each gives and what matters most.

    Parameters
    ----------
    chapter : Chapter
    found : Gathered or None
        Of :func:`casebook.run.gathered`; None for the book's own figures.
    out : path
        A new folder, for ``outcomes`` (a Parquet table for each grid), ``figures`` and
        ``curves`` (the specification curve of each quantity, drawn and as a table),
        ``importance.csv`` and ``summary.csv``.
    sample, seed, jobs, scheduler
        As for :func:`casebook.readings.run`.
    force, progress
        As for :func:`casebook.run.run`.

    Returns
    -------
    DataFrame
        As :func:`summary`.

    Raises
    ------
    RunError
        As :func:`casebook.run.run`.
    """
    asked = {"CASEBOOK_SAMPLE": sample, "CASEBOOK_SEED": seed, "CASEBOOK_JOBS": jobs, "CASEBOOK_SCHEDULER": scheduler}
    with running.staged(chapter, found, out, force=force, told={key.lower().removeprefix("casebook_"): value for key, value in asked.items()}) as stage:
        grids = stage / ".scratch" / "grids"
        grids.mkdir()
        cells = needed(nbformat.read(chapter.notebook, 4).cells)
        with running.environment(asked | {"CASEBOOK_GRIDS": grids, "CASEBOOK_EXPORT": None}):
            running.execute_cells(cells, stage, {"folder": "data"} if found else {}, progress)
        return _write({path.stem[4:]: joblib.load(path) for path in sorted(grids.glob("*.grid"))}, stage)


def needed(cells: Sequence) -> list:
    """The code cells that run readings under a name, and those before them that give a name they use.

    Parameters
    ----------
    cells : sequence of notebook cells

    Examples
    --------
    >>> sources = ["x = 1", "y = x + 1", "z = [x for x in 'abc']", "g = readings.run(f, y, name='all')", "print(g, z)"]
    >>> [cell.source for cell in needed([nbformat.v4.new_code_cell(source) for source in sources])]
    ['x = 1', 'y = x + 1', "g = readings.run(f, y, name='all')"]
    """
    kept, wanted = [], set()
    for cell in reversed([cell for cell in cells if cell.cell_type == "code"]):
        gives, takes = _names(cell.source)
        if gives & wanted or _runs(cell.source):
            kept.append(cell)
            wanted |= takes
    return kept[::-1]


def summary(importance: pd.DataFrame) -> pd.DataFrame:
    """Which choice matters most for each quantity, over all its regions and times, each counting alike.

    Parameters
    ----------
    importance : DataFrame
        As :func:`casebook.readings.ranking`, with a column ``grid``.

    Returns
    -------
    DataFrame
        ``grid``, ``quantity``, ``choice``, the means of ``alone`` and of ``with others``,
        ``first``, the number of outcomes for which it matters most, and ``outcomes``, that of those that vary.
    """
    keys = ["grid", "quantity", "choice"]
    told = importance.assign(first=importance["place"] == 1).groupby(keys, sort=False).agg(
        **{"alone": ("alone", "mean"), "with others": ("with others", "mean"), "first": ("first", "sum"), "outcomes": ("place", "size")}).reset_index()
    order = told.assign(by=-told["with others"].fillna(told["alone"]), place=told.groupby(keys[:2], sort=False).ngroup())
    return told.loc[order.sort_values(["place", "by"], kind="stable").index].reset_index(drop=True)


def sentences(told: pd.DataFrame) -> Iterator[str]:
    """A summary in a line for each quantity."""
    for (grid, quantity), rows in told.groupby(["grid", "quantity"], sort=False):
        share = rows["with others"].fillna(rows["alone"])
        named = [f"{choice} {part:.0%}" for choice, part in zip(rows["choice"], share) if part >= SHARE] or ["no choice much"]
        count = int(rows["outcomes"].iloc[0])
        yield f"{grid}, {quantity}: {', '.join(named)} ({count} outcome{'s'[:count != 1]})"


def middle(grid: readings.Grid, quantity: str) -> pd.Series:
    """One figure for each reading: the median over regions and times.

    Only those regions and times count that every reading knows which knows any; if there are none, the one that most readings know.

    Parameters
    ----------
    grid : Grid
    quantity : str

    Returns
    -------
    Series indexed by choices
    """
    rows = grid.outcomes[grid.outcomes["quantity"] == quantity]
    keys = [rows["reading"], *(rows[column].where(rows[column].notna(), "") for column in ("when", "region"))]
    wide = rows["value"].groupby(keys, sort=False).first().unstack([1, 2]).reindex(range(len(grid.readings)))
    known = wide.dropna(how="all").notna()
    common = wide.loc[:, known.all()] if known.all().any() else wide.loc[:, [known.sum().idxmax()]]
    return common.median(axis=1).set_axis(grid.readings)


def _write(grids: dict[str, readings.Grid], stage: Path) -> pd.DataFrame:
    from casebook import figures  # here, for matplotlib leaves a list of fonts in the reader's home when it is first imported

    for folder in ("outcomes", "curves"):
        (stage / folder).mkdir()
    ranked = []
    for name, grid in grids.items():
        labels = grid.readings.to_frame(index=False).iloc[grid.outcomes["reading"]].reset_index(drop=True)
        texts = {column: grid.outcomes[column].map(str, na_action="ignore") for column in ("region", "when", "label") if column in grid.outcomes}
        labels.add_prefix("choice: ").join(grid.outcomes.assign(**texts)).to_parquet(stage / "outcomes" / f"{name}.parquet", index=False)
        ranked.append(readings.ranking(grid).assign(grid=name))
        for quantity in grid.outcomes["quantity"].unique():
            values = middle(grid, quantity)
            if values.nunique() < 2 or not values.abs().max() < float("inf"):
                continue
            title = re.sub(r"[^\w]+", "-", f"{name} {quantity}")
            readings.curve(values).to_csv(stage / "curves" / f"{title}.csv")
            figures.specification_curve(
                values, printed=None, chosen=dict.fromkeys(values.index.names), axis=f"{quantity}, median", name=title,
                caption=f"{quantity}, the median over regions and times, under {values.notna().sum():,} readings.",
                alt=f"A curve of {values.notna().sum():,} sorted values from {values.min():.4g} to {values.max():.4g}, and below it the choices behind each value.")
    columns = ["grid", "quantity", "when", "region", "choice", "alone", "with others", "readings", "place"]
    importance = pd.concat(ranked, ignore_index=True)[columns]
    importance.to_csv(stage / "importance.csv", index=False)
    told = summary(importance)
    told.to_csv(stage / "summary.csv", index=False)
    return told


def _runs(source: str) -> bool:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and ast.unparse(node.func) == "readings.run"]
    return any(keyword.arg == "name" for call in calls for keyword in call.keywords)


def _names(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell gives, and those that it takes."""
    top = symtable.symtable(source, "cell", "exec")
    gives = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    takes, waiting = set(), [top]
    while waiting:
        table = waiting.pop()
        takes |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced() and (table is top or symbol.is_global())}
        waiting += table.get_children()
    return gives, takes
