"""What does every reading give?

Where nothing else is asked, the environment decides how readings run: on how
many processes (``CASEBOOK_JOBS``) or on which Dask cluster
(``CASEBOOK_SCHEDULER``), how many of them, drawn by which seed
(``CASEBOOK_SAMPLE``, ``CASEBOOK_SEED``), and in which folder they are kept for
the program that has set it (``CASEBOOK_GRIDS``).
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import joblib
import pandas as pd
from joblib import Memory, Parallel, delayed
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from casebook.readings import cluster
from casebook.readings.choices import Choices


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

    def rows(self, quantity: str | None = None) -> pd.DataFrame:
        """What was returned, each row under the labels of its reading.

        Parameters
        ----------
        quantity : str, optional
            Rows of this one only, by the outcomes' column of this name.

        Returns
        -------
        DataFrame indexed by choices
            Columns as the function returned them.

        Examples
        --------
        >>> from casebook.readings import Choices
        >>> choices = Choices({"power": {"square": {"exponent": 2}, "cube": {"exponent": 3}}})
        >>> run(lambda base, exponent: pd.DataFrame({"value": [base**exponent]}), choices, 5, jobs=1).rows().loc["cube", "value"]
        np.int64(125)
        """
        rows = self.outcomes if quantity is None else self.outcomes[self.outcomes["quantity"] == quantity]
        labels = self.readings.take(rows["reading"])
        return rows.drop(columns="reading").set_axis(labels if self.readings.nlevels > 1 else labels.get_level_values(0))

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

    def beside(self, chosen: Mapping[str, str], *choices: str) -> Grid:
        """The readings that differ from a chosen one in some choices only.

        Parameters
        ----------
        chosen : mapping of choice to label
            May name more choices.
        *choices : str
            Those that vary; the others are as chosen.

        Returns
        -------
        Grid
            Its readings have a level for each of `choices`.

        Raises
        ------
        ValueError
            For a choice that this grid doesn't vary.

        Examples
        --------
        >>> from casebook.readings import Choices
        >>> levels = Choices({"a": {"x": {"one": 1}, "y": {"one": 2}}, "b": {"u": {"two": 3}, "v": {"two": 4}}})
        >>> sums = run(lambda one, two: pd.DataFrame({"quantity": ["sum"], "region": ["A"], "when": [None], "value": [one + two]}), levels, jobs=1)
        >>> sums.beside({"a": "y", "b": "u"}, "b").spread("sum")["A"].tolist()
        [5, 6]
        """
        unknown = [choice for choice in choices if choice not in self.readings.names]
        if unknown:
            raise ValueError(f"these readings don't vary {unknown[0]!r}; they vary {', '.join(self.readings.names)}")
        rest = [choice for choice in self.readings.names if choice not in choices]
        kept = [i for i, labels in enumerate(self.readings) if all(chosen[c] == label for c, label in zip(self.readings.names, labels) if c in rest)]
        outcomes = self.outcomes[self.outcomes["reading"].isin(kept)]
        return Grid(self.readings[kept].droplevel(rest), outcomes.assign(reading=outcomes["reading"].map(dict(zip(kept, range(len(kept)))))))

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
    name: str | None = None,
    sample: int | None = None,
    seed: int | None = None,
    cache: str | Path | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: bool | None = None,
) -> Grid:
    """Run a function under every combination of choices, or under a random sample of them.

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
    name : str, optional
        Of the grid, under which it is kept for the program that asks for the
        readings of a page; a grid without one is a table of the page's own,
        and is neither kept nor sampled on that program's behalf.
    sample, seed : int, optional
        As for :meth:`Choices.sample`; all readings by default, and seed 0.
    cache : path, optional
        Folder that keeps results, keyed by inputs, choices and the source of
        the function's module and of those of its package that it imports, whole or names of them.
    jobs : int, optional
        Processes; by default every core.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers run the readings instead.
    progress : bool, optional
        Show a bar; by default only on a terminal.

    Returns
    -------
    Grid
        The same bit for bit, wherever it was computed.

    Raises
    ------
    ClusterError
        As :func:`casebook.readings.cluster.connected`.
    ValueError
        For a cache and a function whose source can't be read, as of one typed
        in a notebook or a shell.

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
    ask = os.environ.get
    sample = int(name and ask("CASEBOOK_SAMPLE") or 0) if sample is None else sample
    seed = int(ask("CASEBOOK_SEED") or 0) if seed is None else seed
    jobs = int(ask("CASEBOOK_JOBS") or -1) if jobs is None else jobs
    wanted = choices.sample(sample, seed) if sample else choices.readings()
    memory = Memory(cache, verbose=0)
    compute = memory.cache(_compute, ignore=["jobs", "scheduler", "progress"])
    source = _source(function) if cache is not None else ""
    chosen = {field for levels in choices.levels.values() for fields in levels.values() for field in fields}
    fixed = {field: value for field, value in (fixed or {}).items() if field not in chosen}
    outcomes = compute(function, choices, wanted.tolist(), inputs, fixed, source,
                       jobs=jobs, scheduler=scheduler or ask("CASEBOOK_SCHEDULER"), progress=progress)
    grid = Grid(wanted, outcomes)
    if name and ask("CASEBOOK_GRIDS"):
        _keep(grid, name, Path(ask("CASEBOOK_GRIDS")))
    return grid


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


def _compute(function, choices, order, inputs, fixed, source, *, jobs, scheduler, progress) -> pd.DataFrame:
    # `order` is the readings again: joblib's key of a dict ignores the order of its items.
    labels = [dict(zip(choices.levels, reading)) for reading in order]
    shown = sys.stderr.isatty() if progress is None else progress
    rows = tqdm(labels, desc="readings", disable=not shown)
    with _workplace(function, jobs, scheduler) as call:
        frames = Parallel()(delayed(call)(function, inputs, fixed | choices.fields(row)) for row in rows)
    joined = pd.concat(frames, keys=range(len(frames)), names=["reading", None])
    return joined.reset_index(level=0).reset_index(drop=True)


def _call(function, inputs: tuple, fields: dict) -> pd.DataFrame:
    # joblib hands a tuple to Dask with every batch; inputs by themselves it would leave with one worker, and they were lost with it.
    return function(*inputs, **fields)


@contextlib.contextmanager
def _workplace(function, jobs: int, scheduler: str | None) -> Iterator[Callable]:
    """Let joblib run on a cluster, or on processes; each reckons in one thread, for sums in several may round otherwise."""
    call = _call
    with contextlib.ExitStack() as stack:
        if scheduler:
            client = stack.enter_context(cluster.connected(scheduler, function))
            stack.enter_context(joblib.parallel_config(backend="dask", client=client))
            call = cluster.call
        elif jobs == 1:
            stack.enter_context(threadpool_limits(1))
            stack.enter_context(joblib.parallel_config(backend="sequential"))
        else:
            stack.enter_context(joblib.parallel_config(backend="loky", n_jobs=jobs, inner_max_num_threads=1))
        yield call


def _keep(grid: Grid, name: str, folder: Path) -> None:
    """Put a grid into a folder under its place in the order and its name, numbered where the name is taken."""
    name = re.sub(r"[^\w ,-]+", "-", name)
    taken = {path.stem[4:] for path in folder.glob("*.grid")}
    free = name if name not in taken else next(f"{name} {n}" for n in itertools.count(2) if f"{name} {n}" not in taken)
    joblib.dump(grid, folder / f"{len(taken):03d} {free}.grid")


def _source(function) -> str:
    """Digest of the source of the function's module and of those of its package it imports."""
    first = inspect.getmodule(function)
    seen, package = {}, first.__name__.partition(".")[0]
    waiting = [first]
    while waiting:
        module = waiting.pop()
        if module.__name__ in seen:
            continue
        try:
            seen[module.__name__] = inspect.getsource(module)
        except (OSError, TypeError):
            raise ValueError(f"the source of {function.__name__} can't be read, so that a change in it would go unseen: "
                             "put it into a module, or leave out the cache") from None
        imported = {inspect.getmodule(v) for v in vars(module).values()} - {None}  # whole, or a name of it
        waiting += [m for m in imported if m.__name__.partition(".")[0] == package]
    return hashlib.sha256("".join(seen[name] for name in sorted(seen)).encode()).hexdigest()
