"""Which choices does a document leave unsaid?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd


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

    def sample(self, count: int, seed: int) -> pd.MultiIndex:
        """Some of the combinations, drawn at random without repetition, in the order declared.

        Parameters
        ----------
        count : int
            How many; all of them where there are no more.
        seed : int
            The same seed draws the same readings.

        Raises
        ------
        ValueError
            For a count below one.

        Notes
        -----
        Every set of `count` combinations is as likely as any other.  The grid
        itself is not made, so that it may be larger than the memory.

        Examples
        --------
        >>> many = Choices({name: {str(level): {name: level} for level in range(100)} for name in "abcdefgh"})
        >>> few = many.sample(3, seed=0)
        >>> len(few), few.is_unique, few.equals(many.sample(3, seed=0))
        (3, True, True)
        """
        if count < 1:
            raise ValueError(f"a sample needs at least one reading; got {count}")
        sizes = [len(labels) for labels in self.levels.values()]
        if count >= math.prod(sizes):
            return self.readings()
        drawn = np.sort(np.random.default_rng(seed).choice(math.prod(sizes), count, replace=False))
        return pd.MultiIndex([list(labels) for labels in self.levels.values()], np.unravel_index(drawn, sizes), names=list(self.levels))

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
