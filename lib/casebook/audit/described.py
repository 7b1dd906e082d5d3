"""Can mean, deviation, minimum and maximum, as printed, describe one variable?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pandas as pd

from casebook.audit.findings import Finding, ranged
from casebook.audit.moments import description
from casebook.audit.printed import interval, meet
from casebook.audit.tidy import cell_name


def moments_possible(table: pd.DataFrame, legend) -> Iterator[Finding]:
    """Can mean, deviation, minimum and maximum of so many values be those of one variable?"""
    columns = ["n", "mean", "sd", "minimum", "maximum"]
    for key, row in table[(table[columns] != "").all(axis=1)].iterrows():
        if int(row["n"]) < 2:
            continue
        found = description(row["mean"], row["sd"], row["minimum"], row["maximum"], int(row["n"]))
        low, high = found.loc["sd", ["low", "high"]]
        wrong = list(found.index[~found["holds"]])
        says = "They can be those of one variable."
        if wrong:
            told = [f"{name} {found.loc[name, 'printed']}, where the others allow {ranged(*found.loc[name, ['low', 'high']])}" for name in wrong]
            says = f"No {row['n']} values have these: {'; '.join(told)}."
        shown = f"mean {row['mean']}, sd {row['sd']}, from {row['minimum']} to {row['maximum']}, n = {row['n']}"
        most = f"sd at most √(({row['maximum']} − m)(m − {row['minimum']}) · n/(n − 1)) = {high:.3g} with m = {row['mean']}".replace("− -", "+ ")
        yield Finding("moments", cell_name(row), shown, f"sd {ranged(low, high)}", most, "error" if wrong else "sound", says, (key,))


def mean_of_whole_numbers(table: pd.DataFrame, legend) -> Iterator[Finding]:
    """Can the mean of so many whole numbers be printed so?

    Notes
    -----
    The GRIM test: Brown and Heathers (2017), doi:10.1177/1948550616673876.
    """
    rows = table[(table[["n", "mean"]] != "").all(axis=1) & table["whole"].astype(str).str.lower().isin(["yes", "true", "1"])]
    for key, row in rows.iterrows():
        n, bounds = int(row["n"]), interval(row["mean"])
        nearest = round(n * (bounds[0] + bounds[1]) / 2)
        near = [nearest - 1, nearest, nearest + 1]
        sums = [total for total in near if meet((total / n, total / n), bounds)]
        best = sums[0] if sums else min(near, key=lambda total: abs(total / n - np.mean(bounds)))
        value = f"{best / n:.{_places(row['mean']) + 2}f}"
        says = "A sum of whole numbers gives this mean." if sums else f"No sum of {n} whole numbers gives this mean; {best} comes nearest."
        yield Finding("whole numbers", cell_name(row), row["mean"], value, f"{best} / {n} = {value}", "sound" if sums else "error", says, (key,))


def _places(printed: str) -> int:
    return max(-Decimal(printed.strip("%")).as_tuple().exponent, 0)
