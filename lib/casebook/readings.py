"""What would another choice have given?

A document leaves choices unsaid.  Each is declared with its named levels; the
grid of all combinations is run through any function; the outcome is one tidy
frame, from which the reading closest to the printed figures is chosen by a
stated rule, and a specification curve is drawn.
"""

from __future__ import annotations

import hashlib
import inspect
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
    >>> choices.readings().tolist()
    [('N',), ('N - 1',)]
    >>> choices.fields({"divisor": "N - 1"})
    {'ddof': 1}
    """

    levels: Mapping[str, Mapping[str, Mapping]]

    def readings(self) -> pd.MultiIndex:
        """Every combination of labels, in the order declared; a level per choice."""
        return pd.MultiIndex.from_product([list(v) for v in self.levels.values()], names=list(self.levels))

    def touching(self, fields) -> Choices:
        """The choices that set any of these fields; the others can't matter.

        Examples
        --------
        >>> choices = Choices({"a": {"x": {"one": 1}}, "b": {"y": {"two": 2}}})
        >>> list(choices.touching(["two"]).levels)
        ['b']
        """
        wanted = set(fields)
        return Choices({
            choice: levels for choice, levels in self.levels.items()
            if any(wanted & set(set_fields) for set_fields in levels.values())
        })

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

    def named(self) -> set[str]:
        """Every text that a level sets: the columns it names, and ways to reckon.

        Examples
        --------
        >>> choices = Choices({"a": {"x": {"gdp": "gdp_revised", "ddof": 0}, "y": {"pollutants": ["so2"]}}})
        >>> sorted(choices.named())
        ['gdp_revised', 'so2']
        """
        values = [v for levels in self.levels.values() for fields in levels.values() for v in fields.values()]
        return {name for v in values for name in ([v] if isinstance(v, str) else v if isinstance(v, (list, tuple)) else []) if isinstance(name, str)}

    def table(self, chosen: Mapping[str, str]) -> pd.DataFrame:
        """The choices with their levels, and the level that is taken, for a table of the page.

        Parameters
        ----------
        chosen : mapping of choice to label
            For every choice.

        Returns
        -------
        DataFrame indexed by choice
            ``levels``, in one text; ``in this chapter``.

        Raises
        ------
        ValueError
            For a choice without a label, and as :meth:`fields`.

        Examples
        --------
        >>> Choices({"divisor": {"N": {"ddof": 0}, "N - 1": {"ddof": 1}}}).table({"divisor": "N - 1"})
                   levels in this chapter
        choice
        divisor  N; N - 1           N - 1
        """
        self.fields(chosen)
        left = [choice for choice in self.levels if choice not in chosen]
        if left:
            raise ValueError(f"no level of {left[0]} is chosen; it has {', '.join(map(repr, self.levels[left[0]]))}")
        rows = [(choice, "; ".join(levels), chosen[choice]) for choice, levels in self.levels.items()]
        return pd.DataFrame(rows, columns=["choice", "levels", "in this chapter"]).set_index("choice")


@dataclass(frozen=True)
class Grid:
    """What every reading gives; made by :func:`run`.

    Attributes
    ----------
    readings : MultiIndex
        The combinations of labels, a level per choice.
    outcomes : DataFrame
        What the function returned for each, with its position among the
        readings in the column ``reading``.
    """

    readings: pd.MultiIndex
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
        DataFrame indexed by choices
            What a reading can't tell is missing, the label "undefined" too.
        """
        rows = self.outcomes[self.outcomes["quantity"] == quantity]
        if when is not None:
            rows = rows[rows["when"] == when]
        if rows.empty:
            raise ValueError(f"no outcome {quantity!r}" + (f" at {when!r}" if when else ""))
        key = "when" if rows["region"].isna().all() else "region"
        wide = rows.set_index(["reading", key])[cells].unstack(key)
        wide = wide[rows[key].unique()].reindex(range(len(self.readings))).set_axis(self.readings)
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
        Series indexed by choices
            Missing for readings that can't tell.
        """
        return rule(self.spread(quantity, when, cells).dropna()).reindex(self.readings)


def run(
    function: Callable[..., pd.DataFrame],
    choices: Choices,
    *inputs,
    fixed: Mapping | None = None,
    cache: str | Path | None = None,
    jobs: int = -1,
    progress: bool | None = None,
) -> Grid:
    """Run a function under every combination of choices.

    Parameters
    ----------
    function : callable
        Called as ``function(*inputs, **fixed, **fields)``; returns a tidy DataFrame.
    choices : Choices
    *inputs
        The same for every combination.
    fixed : mapping, optional
        Arguments that stay as they are.  Those that any level of a choice sets
        are left to the choice, and where a level doesn't set them, to the
        function's own default.
    cache : path, optional
        Folder that keeps results, keyed by inputs, choices and the source of
        the function's module and of those of its package that it imports, whole or names of them.
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
    chosen = {field for levels in choices.levels.values() for fields in levels.values() for field in fields}
    fixed = {field: value for field, value in (fixed or {}).items() if field not in chosen}
    outcomes = compute(function, choices, choices.readings().tolist(), inputs, fixed, source, jobs=jobs, progress=progress)
    return Grid(choices.readings(), outcomes)


def lift(values: pd.Series, readings: pd.MultiIndex) -> pd.Series:
    """Carry values over to readings with more choices.

    Parameters
    ----------
    values : Series indexed by choices
    readings : MultiIndex
        Has these choices among its levels.

    Returns
    -------
    Series indexed by `readings`

    Examples
    --------
    >>> few = pd.Series([1, 2], pd.MultiIndex.from_product([["x", "y"]], names=["a"]))
    >>> more = pd.MultiIndex.from_product([["u", "v"], ["x", "y"]], names=["b", "a"])
    >>> lift(few, more).tolist()
    [1, 2, 1, 2]
    """
    table = readings.to_frame(index=False)
    own = values.index.to_frame(index=False)
    own[None] = values.array  # a name that no choice has
    joined = table.merge(own, how="left", on=list(values.index.names), validate="many_to_one")
    return joined[None].rename(None).set_axis(readings)


def closest(observed: pd.DataFrame, printed: pd.Series, rounding: pd.Series) -> pd.DataFrame:
    """Rank readings by their distance from printed figures.

    The rule: among readings that give every figure, the smallest mean of
    \\|observed - printed\\| / \\|printed\\| comes first; of equals, the first declared.

    Parameters
    ----------
    observed : DataFrame indexed by reading, one column per figure
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
    distance = (gap / printed.abs()).mean(axis=1, skipna=False).round(12)
    ranked = pd.DataFrame({"distance": distance, "hits": hits})
    return ranked.sort_values("distance", kind="stable", na_position="last")


def decisive(holds: pd.Series) -> pd.DataFrame:
    """Which choice decides whether a statement holds?

    Parameters
    ----------
    holds : Series of bool indexed by choices
        Readings that can't tell are left out of it.

    Returns
    -------
    DataFrame indexed by (choice, level)
        ``share`` of readings in which the statement holds, ``readings``;
        choices in descending order of the range of their shares.

    Examples
    --------
    >>> index = Choices({"a": {"x": {}, "y": {}}, "b": {"u": {}, "v": {}}}).readings()
    >>> decisive(pd.Series([True, True, False, True], index)).loc["a"]
           share  readings
    level                 
    x        1.0         2
    y        0.5         2
    """
    held = holds.dropna().astype(float)
    parts = {c: held.groupby(level=c, sort=False).agg(["mean", "size"]) for c in holds.index.names}
    order = sorted(parts, key=lambda c: parts[c]["mean"].min() - parts[c]["mean"].max())
    out = pd.concat({c: parts[c] for c in order}, names=["choice", "level"])
    return out.set_axis(["share", "readings"], axis=1)


def _compute(function, choices, order, inputs, fixed, source, *, jobs, progress) -> pd.DataFrame:
    # `order` is the readings again: joblib's key of a dict ignores the order of its items.
    labels = [dict(zip(choices.levels, reading)) for reading in order]
    shown = sys.stderr.isatty() if progress is None else progress
    rows = tqdm(labels, desc="readings", disable=not shown)
    frames = Parallel(n_jobs=jobs)(
        delayed(function)(*inputs, **(fixed | choices.fields(row))) for row in rows
    )
    joined = pd.concat(frames, keys=range(len(frames)), names=["reading", None])
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
        imported = {inspect.getmodule(v) for v in vars(module).values()} - {None}  # whole, or a name of it
        waiting += [m for m in imported if m.__name__.partition(".")[0] == package]
    return hashlib.sha256("".join(seen[name] for name in sorted(seen)).encode()).hexdigest()
