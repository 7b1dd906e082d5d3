"""What does every study of a panel need?

Checks that a choice and the columns it names are there, names in a sentence, a result or the reason
why there is none, a column without its doubtful figures, and the long frame in which a study hands
its outcomes to a grid of readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd


def one_of(value, allowed: Iterable, what: str, *, quoted: bool = False) -> None:
    """Refuse a choice that isn't among those allowed.

    Parameters
    ----------
    value
    allowed : iterable
    what : str
        What is chosen, for the message.
    quoted : bool
        Put what is allowed in quotation marks, where it holds commas.

    Raises
    ------
    ValueError
        Lists what is allowed.

    Examples
    --------
    >>> one_of("C", ("T", "L"), "index")
    Traceback (most recent call last):
    ValueError: index must be one of T, L; got 'C'
    """
    if value not in allowed:
        raise ValueError(f"{what} must be one of {', '.join(map(repr if quoted else str, allowed))}; got {value!r}")


def need(panel: pd.DataFrame, columns: Iterable[str], table: str = "the panel") -> None:
    """Refuse a panel that lacks a column.

    Parameters
    ----------
    panel : DataFrame
    columns : iterable of str
    table : str
        What the error calls the panel.

    Raises
    ------
    ValueError
        Names the first column that is absent, and those that are there.
    """
    absent = [c for c in columns if c not in panel]
    if absent:
        raise ValueError(f"{table} lacks the column {absent[0]!r}; it has {', '.join(panel.columns)}")


def listed(names: Iterable, most: int = 30, by: str = ", ") -> str:
    """Names in a sentence; of many the first, and how many more there are.

    Examples
    --------
    >>> listed(["North", "East", "South"], most=2), listed([])
    ('North, East and 1 more', 'none')
    """
    names = [str(name) for name in names]
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return by.join(names[:most]) + more or "none"


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "star"), counted(0, "check")
    ('1 star', '0 checks')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def lacking(panel: pd.DataFrame, needed: Iterable[tuple[str, Iterable[int]]]) -> list[tuple[str, int, str]]:
    """The figures that are needed and missing.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
    needed : iterable of (column, years)
        Of every region.

    Returns
    -------
    list of (region, year, column)
        Each once, in the order of `needed` and of the panel's regions; a year without a row is missing too.

    Raises
    ------
    ValueError
        For an unknown column.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A", "B"], [2011, 2012]], names=["region", "year"])
    >>> lacking(pd.DataFrame({"gdp": [1.0, None, 3.0, 4.0]}, key), [("gdp", [2012, 2013])])
    [('A', 2012, 'gdp'), ('A', 2013, 'gdp'), ('B', 2013, 'gdp')]
    """
    needed, regions = [(column, sorted(years)) for column, years in needed], panel.index.unique("region")
    need(panel, [column for column, _ in needed])
    known = ((column, panel[column].notna().unstack("year", fill_value=False).loc[regions].reindex(columns=years, fill_value=False)) for column, years in needed)
    return list(dict.fromkeys((region, year, column) for column, table in known for (region, year), there in table.stack().items() if not there))


def within(panel: pd.DataFrame, first: int, last: int, without: Iterable[str] = ()) -> pd.DataFrame:
    """The rows of a span of years, without some regions.

    Parameters
    ----------
    panel : DataFrame indexed by (region, year)
    first, last : int
        Years, both inclusive.
    without : iterable of str
        Regions to leave out.

    Returns
    -------
    DataFrame
        In the order of `panel`.

    Raises
    ------
    ValueError
        For a region to be left out that the panel doesn't have, and where no row remains.

    Examples
    --------
    >>> key = pd.MultiIndex.from_product([["A", "B"], [2011, 2012]], names=["region", "year"])
    >>> within(pd.DataFrame({"gdp": range(4)}, key), 2012, 2013, ["B"]).index.tolist()
    [('A', 2012)]
    """
    regions, years = (panel.index.get_level_values(name) for name in ("region", "year"))
    unknown = [region for region in without if region not in regions]
    if unknown:
        raise ValueError(f"{unknown[0]!r}, to be left out, is not among the regions; they are {', '.join(map(str, regions.unique()[:8]))}")
    rows = panel[(years >= first) & (years <= last) & ~regions.isin(list(without))]
    if rows.empty:
        raise ValueError(f"nothing is left of the panel from {first} to {last}; it runs from {years.min()} to {years.max()}")
    return rows


def kept(panel: pd.DataFrame, column: str, without: Sequence[str] = ()) -> pd.Series:
    """A column as floats, without the figures that carry certain flags.

    Parameters
    ----------
    panel : DataFrame
        With the column, and perhaps ``<column>_flag``: the flags of each figure, joined by semicolons.
    column : str
    without : sequence of str
        Flags; a figure that carries one of them is left out.

    Returns
    -------
    Series
        Indexed as `panel`; a figure that is left out is missing.

    Raises
    ------
    ValueError
        For an unknown column, and for one flag instead of a list of them.

    Examples
    --------
    >>> panel = pd.DataFrame({"soot": [5, 9, 4], "soot_flag": ["", "spike;rounded", "rounded"]}, [2011, 2012, 2013])
    >>> kept(panel, "soot", ["spike"]).tolist()
    [5.0, nan, 4.0]
    """
    if isinstance(without, str):
        raise ValueError(f"without is a list of flags; write [{without!r}]")
    need(panel, [column])
    values = panel[column].astype(float)
    if not len(without) or f"{column}_flag" not in panel:
        return values
    flags = panel[f"{column}_flag"].fillna("").astype(str)
    return values.mask(flags.map(lambda own: not set(without).isdisjoint(own.split(";"))))


def tried(function: Callable, *args, **named) -> tuple:
    """What a function returns, or why it refuses.

    For a page that goes on without a result, and says why it has none.

    Parameters
    ----------
    function : callable
    *args, **named
        Its arguments.

    Returns
    -------
    result : object or None
    reason : str
        The words of the ``ValueError``; empty if there is none.

    Examples
    --------
    >>> tried(int, "12"), tried(one_of, 4, (2, 3), "degree")
    ((12, ''), (None, 'degree must be one of 2, 3; got 4'))
    """
    try:
        return function(*args, **named), ""
    except ValueError as refused:
        return None, str(refused)


def refusals(reasons: Mapping[str, str]) -> str:
    """The reasons of :func:`tried` as sentences, each once, with whom it holds for.

    Parameters
    ----------
    reasons : mapping of what was tried to reason
        Empty where there is none.

    Examples
    --------
    >>> refusals({"test": "", "line": "two regions are few", "curve": "two regions are few"})
    ' Two regions are few (line, curve).'
    """
    told = {reason: ", ".join(what for what in reasons if reasons[what] == reason) for reason in reasons.values() if reason}
    return "".join(f" {reason[0].upper()}{reason[1:]} ({whom})." for reason, whom in told.items())


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
