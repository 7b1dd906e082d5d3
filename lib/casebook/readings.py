"""What would another choice have given?

A document leaves choices unsaid.  Each is declared with its named levels; the
grid of all combinations is run through any function; the outcome is one tidy
frame, from which the reading closest to the printed figures is chosen by a
stated rule, and a specification curve is drawn.
"""

from __future__ import annotations

import hashlib
import inspect
import itertools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from joblib import Memory, Parallel, delayed
from tqdm import tqdm


@dataclass(frozen=True)
class Choices:
    """Named choices, each with its levels.

    Attributes
    ----------
    levels : mapping of choice to mapping of label to fields
        Each label stands for one or more arguments of the function that is run,
        for instance ``{"population": {"resident": {"population": "pop_res"}}}``.

    Examples
    --------
    >>> choices = Choices({"divisor": {"N": {"ddof": 0}, "N - 1": {"ddof": 1}}})
    >>> choices.table()
            divisor
    reading        
    0             N
    1         N - 1
    >>> choices.fields({"divisor": "N - 1"})
    {'ddof': 1}
    """

    levels: Mapping[str, Mapping[str, Mapping]]

    def table(self) -> pd.DataFrame:
        """Every combination, one row each, a column per choice, cells are labels."""
        rows = itertools.product(*(list(level) for level in self.levels.values()))
        return pd.DataFrame(rows, columns=list(self.levels)).rename_axis("reading")

    def fields(self, labels: Mapping[str, str]) -> dict:
        """The arguments that a set of labels stands for."""
        fields: dict = {}
        for choice, label in labels.items():
            if choice not in self.levels:
                raise ValueError(f"no choice {choice!r}; declared are {', '.join(self.levels)}")
            if label not in self.levels[choice]:
                known = ", ".join(map(repr, self.levels[choice]))
                raise ValueError(f"{choice} has no level {label!r}; it has {known}")
            fields |= self.levels[choice][label]
        return fields


@dataclass(frozen=True)
class Grid:
    """What every reading gives; made by :func:`run`.

    Attributes
    ----------
    table : DataFrame indexed by reading
        The combinations, a column per choice, cells are labels.
    outcomes : DataFrame
        What the function returned for each, with the column ``reading`` first.
    """

    table: pd.DataFrame
    outcomes: pd.DataFrame

    def spread(self, quantity: str, when: str | None = None, cells: str = "value") -> pd.DataFrame:
        """One quantity as a table of readings by regions, or by times if it has no regions.

        Parameters
        ----------
        quantity, when : str
            Values of the outcomes' columns of these names.
        cells : {"value", "label"}

        Returns
        -------
        DataFrame indexed by reading
            What a reading can't tell is missing, the label "undefined" too.
        """
        rows = self.outcomes[self.outcomes["quantity"] == quantity]
        if when is not None:
            rows = rows[rows["when"] == when]
        if rows.empty:
            raise ValueError(f"no outcome {quantity!r}" + (f" at {when!r}" if when else ""))
        key = "when" if rows["region"].isna().all() else "region"
        wide = rows.set_index(["reading", key])[cells].unstack(key)
        wide = wide[rows[key].unique()].reindex(self.table.index)
        return wide if cells == "value" else wide.mask(wide == "undefined")

    def tell(self, rule: Callable, quantity: str, when: str | None = None, cells: str = "value"):
        """Apply a rule to every reading that knows all regions (or times) of a quantity.

        Parameters
        ----------
        rule : callable
            Takes such a table of readings by regions, returns one value per reading.
        quantity, when, cells
            As for :meth:`spread`.

        Returns
        -------
        Series indexed by reading
            Missing for readings that can't tell.
        """
        return rule(self.spread(quantity, when, cells).dropna()).reindex(self.table.index)

    def labels(self, reading: int) -> dict[str, str]:
        """The level of every choice in one reading."""
        return self.table.loc[reading].to_dict()

    def number(self, labels: Mapping[str, str]) -> int:
        """The reading that has these levels."""
        match = (self.table[list(labels)] == pd.Series(labels)).all(axis=1)
        if match.sum() != 1:
            raise ValueError(f"{match.sum()} readings have the levels {dict(labels)}")
        return int(self.table.index[match][0])


def run(
    function: Callable[..., pd.DataFrame],
    choices: Choices,
    *inputs,
    cache: str | Path | None = None,
    jobs: int = -1,
    progress: bool | None = None,
) -> Grid:
    """Run a function under every combination of choices.

    Parameters
    ----------
    function : callable
        Called as ``function(*inputs, **fields)``; returns a tidy DataFrame.
    choices : Choices
    *inputs
        The same for every combination.
    cache : path, optional
        Folder that keeps results, keyed by inputs, choices and the source of
        the function's module and of those of its package that it imports.
    jobs : int
        Processes; -1 takes every core.
    progress : bool, optional
        Show a bar; by default only on a terminal.

    Returns
    -------
    Grid

    Examples
    --------
    >>> def power(base, exponent):
    ...     return pd.DataFrame({"value": [base**exponent]})
    >>> choices = Choices({"power": {"square": {"exponent": 2}, "cube": {"exponent": 3}}})
    >>> run(power, choices, 5, jobs=1).outcomes
       reading  value
    0        0     25
    1        1    125
    """
    memory = Memory(cache, verbose=0)
    compute = memory.cache(_compute, ignore=["jobs", "progress"])
    source = _source(function) if cache is not None else ""
    outcomes = compute(function, choices, inputs, source, jobs=jobs, progress=progress)
    return Grid(choices.table(), outcomes)


def closest(observed: pd.DataFrame, printed: pd.Series, rounding: pd.Series) -> pd.DataFrame:
    """Rank readings by their distance from printed figures.

    The rule: among readings that give every figure, the smallest mean of
    \\|observed - printed\\| / \\|printed\\| comes first; of equals, the first declared.

    Parameters
    ----------
    observed : DataFrame, one row per reading, one column per figure
    printed : Series indexed by figure
        Not zero.
    rounding : Series indexed by figure
        Half the last printed digit; a figure within it is hit.

    Returns
    -------
    DataFrame indexed by reading, nearest first
        ``distance`` (fraction; missing, and last, where a figure is missing),
        ``hits``.

    Examples
    --------
    >>> observed = pd.DataFrame({"D": [2.48, 1.41], "count": [20, 16]})
    >>> closest(observed, pd.Series({"D": 2.2, "count": 16}), pd.Series({"D": 0.05, "count": 0}))
       distance  hits
    1  0.179545     1
    0  0.188636     0
    """
    columns = list(printed.index)
    gap = (observed[columns] - printed).abs()
    hits = (gap <= rounding[columns] + 1e-9).sum(axis=1)
    distance = (gap / printed.abs()).mean(axis=1, skipna=False)
    ranked = pd.DataFrame({"distance": distance, "hits": hits})
    return ranked.sort_values("distance", kind="stable", na_position="last")


def decisive(table: pd.DataFrame, holds: pd.Series) -> pd.DataFrame:
    """Which choice decides whether a statement holds?

    Parameters
    ----------
    table : DataFrame indexed by reading
        As :func:`run` returns it.
    holds : Series of bool indexed by reading
        Readings that can't tell are left out of it.

    Returns
    -------
    DataFrame indexed by (choice, level)
        ``share`` of readings in which the statement holds, ``readings``;
        choices in descending order of the range of their shares.

    Examples
    --------
    >>> table = Choices({"a": {"x": {}, "y": {}}, "b": {"u": {}, "v": {}}}).table()
    >>> decisive(table, pd.Series([True, True, False, True])).loc["a"]
           share  readings
    level                 
    x        1.0         2
    y        0.5         2
    """
    held = holds.astype(float)
    rows = table.loc[held.index]
    parts = {c: held.groupby(rows[c], sort=False).agg(["mean", "size"]) for c in table}
    order = sorted(parts, key=lambda c: parts[c]["mean"].min() - parts[c]["mean"].max())
    out = pd.concat({c: parts[c] for c in order}, names=["choice", "level"])
    return out.set_axis(["share", "readings"], axis=1)


def _compute(function, choices, inputs, source, *, jobs, progress) -> pd.DataFrame:
    table = choices.table()
    shown = sys.stderr.isatty() if progress is None else progress
    rows = tqdm(table.to_dict("records"), desc="readings", disable=not shown)
    frames = Parallel(n_jobs=jobs)(
        delayed(function)(*inputs, **choices.fields(row)) for row in rows
    )
    joined = pd.concat(frames, keys=table.index, names=["reading", None])
    return joined.reset_index(level=0).reset_index(drop=True)


def _source(function) -> str:
    """Digest of the source of the function's module and of those of its package it imports."""
    first = inspect.getmodule(function)
    seen, package = {}, first.__name__.partition(".")[0]
    waiting = [first]
    while waiting:
        module = waiting.pop()
        if module.__name__ in seen:
            continue
        seen[module.__name__] = inspect.getsource(module)
        imported = (v for v in vars(module).values() if inspect.ismodule(v))
        waiting += [m for m in imported if m.__name__.partition(".")[0] == package]
    return hashlib.sha256("".join(seen[name] for name in sorted(seen)).encode()).hexdigest()
