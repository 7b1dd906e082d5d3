"""What does every study of a panel need?

A check that the columns it names are there, and the long frame in which it hands
its outcomes to a grid of readings.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd


def need(panel: pd.DataFrame, columns: Iterable[str]) -> None:
    """Refuse a panel that lacks a column.

    Parameters
    ----------
    panel : DataFrame
    columns : iterable of str

    Raises
    ------
    ValueError
        Names the first column that is absent, and those that are there.
    """
    absent = [c for c in columns if c not in panel]
    if absent:
        raise ValueError(f"the panel lacks the column {absent[0]!r}; it has {', '.join(panel.columns)}")


def tidy(quantity, value, label=None, region=None, when=None) -> pd.DataFrame:
    """Outcomes as :class:`casebook.readings.Grid` reads them.

    Parameters
    ----------
    quantity, value, label, region, when
        Columns of the frame, each a scalar or a sequence; at least one a sequence.

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> tidy("income", [1.0, 2.0], region=["A", "B"])
      quantity region  when  value label
    0   income      A  None    1.0  None
    1   income      B  None    2.0  None
    """
    columns = {"quantity": quantity, "region": region, "when": when, "value": value, "label": label}
    return pd.DataFrame(columns).astype({"region": object, "when": object, "label": object})
