"""What do we know, from whom, and is it sound?

The only code that reads data.  A folder holds CSV tables, a ``datapackage.json``
that describes them (`Frictionless <https://specs.frictionlessdata.io>`_) and, if
need be, a ``settings.toml``.  The descriptor that documents a table also checks
it when it is loaded.  Nothing is repaired.

Beyond the standard, a column marked ``"positive": true`` must be above zero, and
a column called ``<column>_flag`` or ``<column>_source`` belongs to ``<column>``:
its cells hold names from the descriptor's lists ``flags`` and ``sources``.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import tomllib
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from casebook import soundness

PROJECT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("CASEBOOK_CACHE") or PROJECT / "_build" / "readings")
"""Where results of many readings are kept for the next time; the environment may name another place."""
SHOWN = 8  # problems listed before "and n more"
SETTINGS = ("title", "base_year", "first_year", "last_year")


class DataError(ValueError):
    """A table, descriptor or settings file that cannot be used as it is."""


class ChangedDataWarning(UserWarning):
    """A table that differs from the one its descriptor was sealed for."""


# --------------------------------------------------------------------- loading
def load(folder: str | Path, table: str = "panel") -> pd.DataFrame:
    """Read one table and check it against its own descriptor.

    Parameters
    ----------
    folder : str or Path
        Name of a folder in the project's ``data/``, or a path to any folder
        with a ``datapackage.json``.
    table : str
        Name of the table in the descriptor.

    Returns
    -------
    DataFrame
        Indexed by the primary key, rows in the order of the file.  Missing
        numbers are NaN (``<NA>`` in columns of whole numbers), empty text is "".

    Raises
    ------
    DataError
        If the table does not fit its descriptor; names file, region, year and
        column, shows the value and says what to do.

    Warns
    -----
    ChangedDataWarning
        If the file is not the one that was sealed; see `seal`.

    Examples
    --------
    >>> panel = load("yangtze")
    >>> float(panel.loc[("Shanghai", 2005), "gdp_yearbook"])
    9154.18
    >>> panel.index.names, len(panel)
    (FrozenList(['region', 'year']), 312)
    >>> load("published", "claims").loc["yrd-077", "value"]
    '0.930'
    """
    folder, package = _package(folder)
    resource = _resource(folder, package, table)
    _compare_seal(folder, resource)
    return _checked(folder, package, resource)


def claims() -> pd.DataFrame:
    """Return every claim of the documents, indexed by ``claim_id``.

    Examples
    --------
    >>> len(claims())
    611
    """
    return load("published", "claims")


def documents() -> pd.DataFrame:
    """Return the documents the book reproduces, indexed by their short key.

    Examples
    --------
    >>> list(documents().index)[:2]
    ['yangtze', 'coordination']
    """
    return load("published", "documents")


def settings(folder: str | Path, require: Iterable[str] = SETTINGS, *, chapter: str = "") -> dict:
    """Read the choices that a folder makes for a chapter.

    Parameters
    ----------
    folder : str or Path
        As in `load`.
    require : iterable of str
        Keys that must be there; a dot leads into a section.
    chapter : str
        Where several chapters read one folder, each may have its own ``<chapter>.toml``;
        the others read ``settings.toml``.

    Returns
    -------
    dict
        As written; ``models`` is empty if absent.

    Raises
    ------
    DataError
        If a key is missing or the choices contradict each other.

    Examples
    --------
    >>> settings("yangtze", require=["periods.whole"])["periods"]["whole"]
    [2005, 2016]
    """
    file = settings_file(_find(folder), chapter)
    try:
        chosen = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{_shown(file)} does not exist: write one (data/yangtze has an example).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{_shown(file)} is not a TOML file in UTF-8: {error}.") from None
    missing = [key for key in require if dig(chosen, key) is None]
    _refuse(file, [f"{key} is missing; add it" for key in missing])
    chosen.setdefault("models", {})
    _refuse(file, soundness.contradictions(chosen, _region_names(folder)))
    return chosen


def settings_file(folder: Path, chapter: str = "") -> Path:
    """The file in which a folder makes its choices for a chapter, whether it exists or not."""
    own = folder / f"{chapter}.toml"
    return own if own.is_file() else folder / "settings.toml"


def beside(folder: str | Path, name: str) -> str | Path:
    """Find a folder that the settings of another one name.

    Parameters
    ----------
    folder : str or Path
        As in `load`.
    name : str
        A folder within it, or one in the project's ``data/``.

    Returns
    -------
    str or Path
        For `load`.

    Raises
    ------
    DataError
        If there is neither.

    Examples
    --------
    >>> beside("shenzhen", "countries")
    'countries'
    """
    within = _find(folder) / name
    found = within if (within / "datapackage.json").is_file() else name
    _find(found)
    return found


def file(folder: str | Path, name: str) -> Path:
    """Find a file that the settings of a folder name.

    Raises
    ------
    DataError
        If it isn't there.

    Examples
    --------
    >>> file("yangtze", "panel.csv").name
    'panel.csv'
    """
    path = _find(folder) / name
    if not path.is_file():
        raise DataError(f"{_shown(path)} does not exist, though the settings name it: add it, or take it out of them.")
    return path


def seal(folder: str | Path) -> None:
    """Check every table of a folder and record its sha256, size and rows in the descriptor.

    Use it after a deliberate change of the data.

    Raises
    ------
    DataError
        If a table does not fit the descriptor; nothing is written then.
    """
    folder, package = _package(folder)
    for resource in package["resources"]:
        frame = _checked(folder, package, resource)
        content = (folder / resource["path"]).read_bytes()
        resource.update(hash=_sha256(content), bytes=len(content), rows=len(frame))
    text = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    (folder / "datapackage.json").write_text(text, encoding="utf-8")


# ----------------------------------------------------------------- description
def dictionary(folder: str | Path) -> pd.DataFrame:
    """List every column of every table with its meaning and origin.

    Examples
    --------
    >>> columns = dictionary("yangtze").set_index(["table", "column"])
    >>> columns.loc[("panel", "industrial_so2"), ["term_zh", "unit"]].tolist()
    ['工业二氧化硫排放量', 't']
    """
    _, package = _package(folder)
    rows = [
        {"table": resource["name"], "column": field["name"], "meaning": field.get("description", ""),
         "term_zh": field.get("title_zh", ""),
         **{key: field.get(key, "") for key in ("unit", "source", "via", "licence", "vintage")}}
        for resource in package["resources"] for field in resource["schema"]["fields"]
    ]
    return pd.DataFrame(rows)


def tables(folder: str | Path) -> pd.DataFrame:
    """List the tables of a folder: rows, coverage, known gaps, status and sha256.

    Examples
    --------
    >>> tables("yangtze").set_index("table").loc["panel", "coverage"]
    '26 regions, 2005-2016'
    """
    folder, package = _package(folder)
    rows = []
    for resource in package["resources"]:
        status = [resource.get(key, "") for key in ("status", "status_reason")]
        rows.append({
            "table": resource["name"], "rows": resource["rows"] if "rows" in resource else len(_raw(folder, resource)),
            "coverage": _coverage_text(resource.get("coverage", {})),
            "gaps": " ".join(resource.get("gaps", [])), "status": ": ".join(filter(None, status)),
            "sha256": resource.get("hash", "").removeprefix("sha256:"),
        })
    return pd.DataFrame(rows)


def gaps(folder: str | Path, table: str = "panel", columns: Iterable[str] | None = None) -> list[str]:
    """What the descriptor says is missing in a table, a sentence each.

    Parameters
    ----------
    folder, table
        As in `load`.
    columns : iterable of str, optional
        Leave out sentences that begin with the name of another column and a colon.

    Examples
    --------
    >>> gaps("countries", columns=["gdp_per_head"])[0]
    'gdp_per_head: 2625 of 2660 cells. The world is missing.'
    """
    folder, package = _package(folder)
    resource = _resource(folder, package, table)
    names = {field["name"] for field in resource["schema"]["fields"]}
    others = names - set(names if columns is None else columns)
    return [told for told in resource.get("gaps", []) if told.partition(":")[0] not in others]


def coverage(folder: str | Path, table: str = "panel") -> pd.DataFrame:
    """Say for every region, year and column of figures whether a value is there and flagged.

    Returns
    -------
    DataFrame
        Columns region, year, column, observed (bool), flag (codes or "").

    Examples
    --------
    >>> coverage("yangtze").groupby("column")["observed"].sum()["industrial_smoke_dust"]
    np.int64(281)
    """
    return _long(load(folder, table)).drop(columns="value")


def flagged(folder: str | Path, table: str = "panel") -> pd.DataFrame:
    """List the flagged cells, one row for each flag on a cell.

    Returns
    -------
    DataFrame
        Columns region, year, column, value, flag, meaning, rule.

    Examples
    --------
    >>> cells = flagged("yangtze").query("flag == 'spike' and column == 'industrial_so2'")
    >>> cells[["region", "year", "value"]].values.tolist()
    [['Suzhou', 2010, 496377.0]]
    """
    _, package = _package(folder)
    words = pd.DataFrame(package.get("flags", []), columns=["name", "meaning", "rule"]).set_index("name")
    cells = _long(load(folder, table)).query("flag != ''").drop(columns="observed")
    cells = cells.assign(flag=cells["flag"].str.split(";")).explode("flag")
    return cells.join(words, on="flag").reset_index(drop=True)


def sources(folder: str | Path) -> pd.DataFrame:
    """List the sources that the columns ``<column>_source`` refer to.

    Returns
    -------
    DataFrame
        Indexed by source; columns title, via.

    Examples
    --------
    >>> sources("yangtze").loc["yearbook-course", "via"]
    'github.com/sijichun/EconometricsCode_backup'
    """
    _, package = _package(folder)
    return pd.DataFrame(package.get("sources", []), columns=["name", "title", "via"]).set_index("name").rename_axis("source")


def spans(years: Iterable[int]) -> str:
    """Years in words, runs of them as one.

    Examples
    --------
    >>> spans([2011, 2015, 2016, 2017, 2020])
    '2011, 2015-2017, 2020'
    """
    runs: list[list[int]] = []
    for year in sorted(int(y) for y in years):
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join("-".join(map(str, dict.fromkeys(run))) for run in runs)


def _long(frame: pd.DataFrame) -> pd.DataFrame:
    """Stack the columns of figures; keep the key, the value and its flag."""
    figures = [name for name in frame if pd.api.types.is_numeric_dtype(frame[name]) and frame[name].dtype != "boolean"]
    parts = []
    for name in figures:
        flags = frame.get(f"{name}_flag", pd.Series("", index=frame.index))
        part = pd.DataFrame({"column": name, "value": frame[name], "observed": frame[name].notna(), "flag": flags})
        parts.append(part.reset_index())
    return pd.concat(parts, ignore_index=True)


# ------------------------------------------------------------ finding and reading
def _find(folder: str | Path) -> Path:
    """Turn the name of a folder, or its path, into a path that exists."""
    named = PROJECT / "data" / str(folder)
    path = named if len(Path(folder).parts) == 1 and named.is_dir() else Path(folder)
    if not (path / "datapackage.json").is_file():
        known = sorted(file.parent.name for file in (PROJECT / "data").glob("*/datapackage.json"))
        raise DataError(
            f"{folder}: no folder with a datapackage.json. Give the path of one, or a name: {', '.join(known)}."
        )
    return path


def _package(folder: str | Path) -> tuple[Path, dict]:
    folder = _find(folder)
    try:
        return folder, json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{_shown(folder / 'datapackage.json')} is not JSON in UTF-8: {error}.") from None


def _resource(folder: Path, package: dict, table: str) -> dict:
    resources = {resource["name"]: resource for resource in package.get("resources", [])}
    if table not in resources:
        raise DataError(
            f"{_shown(folder / 'datapackage.json')} describes no table {table!r}. It has: {', '.join(resources)}."
        )
    return resources[table]


def _raw(folder: Path, resource: dict) -> pd.DataFrame:
    """Read a table as text, indexed by line number; empty cells are missing."""
    file = folder / resource["path"]
    try:
        with open(file, encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            lines = [(reader.line_num, cells) for cells in reader if cells]
    except FileNotFoundError:
        raise DataError(f"{_shown(file)} does not exist, though the descriptor lists it: add it.") from None
    except UnicodeDecodeError:
        raise DataError(f"{_shown(file)} is not in UTF-8: save it as 'CSV UTF-8'.") from None
    except csv.Error as error:
        raise DataError(f"{_shown(file)} is not a table of comma-separated values: {error}.") from None
    header = lines[0][1] if lines else []
    _refuse(file, soundness.uneven(header, lines[1:]))
    frame = pd.DataFrame([cells for _, cells in lines[1:]], columns=header, dtype="str")
    return frame.set_axis([number for number, _ in lines[1:]]).mask(lambda cells: cells == "")


def _checked(folder: Path, package: dict, resource: dict) -> pd.DataFrame:
    """Read a table, hold it against its descriptor and index it."""
    file, schema = folder / resource["path"], resource["schema"]
    raw = _raw(folder, resource)
    _refuse(file, soundness.wrong_columns(raw, schema))
    allowed = {}
    for rule in schema.get("foreignKeys", []):
        other = _resource(folder, package, rule["reference"]["resource"])
        allowed[rule["fields"]] = other["path"], _raw(folder, other).get(rule["reference"]["fields"])
    frame, problems = soundness.typed(raw, schema)
    _refuse(file, problems + soundness.problems(frame, raw, schema, package, allowed))
    full = {"Int64": "int64", "boolean": "bool"}  # nothing missing: the plain type
    whole = {name: full[str(frame[name].dtype)] for name in frame
             if str(frame[name].dtype) in full and frame[name].notna().all()}
    frame = frame.astype(whole).fillna(dict.fromkeys(frame.select_dtypes("str"), ""))
    return frame.set_index(soundness.key(schema)) if soundness.key(schema) else frame


def _refuse(file: Path, problems: Sequence[str]) -> None:
    if problems:
        shown = "".join(f"\n  - {problem}." for problem in problems[:SHOWN])
        more = f"\n  - and {len(problems) - SHOWN} more." if len(problems) > SHOWN else ""
        raise DataError(f"{_shown(file)} has {len(problems)} problem{'s'[:len(problems) > 1]}:{shown}{more}")


def _shown(file: Path) -> str:
    """Give a path as a reader of the project would write it."""
    resolved = file.resolve()
    return str(resolved.relative_to(PROJECT) if resolved.is_relative_to(PROJECT) else file)


def _sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _compare_seal(folder: Path, resource: dict) -> None:
    file = folder / resource["path"]
    if resource.get("hash") and file.is_file() and _sha256(file.read_bytes()) != resource["hash"]:
        name = folder.name if folder.parent == PROJECT / "data" else _shown(folder)
        warnings.warn(
            f"{_shown(file)} has changed since its descriptor was sealed. If that was meant, run "
            f"python -c \"from casebook import data; data.seal('{name}')\"",
            ChangedDataWarning,
            stacklevel=3,
        )


def dig(chosen: dict, key: str):
    for part in key.split("."):
        chosen = chosen.get(part) if isinstance(chosen, dict) else None
    return chosen


def _region_names(folder: str | Path) -> list[str] | None:
    """List the regions a folder knows, or None if it has no table of them."""
    folder, package = _package(folder)
    known = [resource for resource in package["resources"] if resource["name"] == "regions"]
    return list(_raw(folder, known[0]).get("region", [])) if known else None


def _coverage_text(extent: dict) -> str:
    """Say {"regions": 26, "years": [2005, 2016]} as "26 regions, 2005-2016"."""
    years = extent.get("years", [])
    spans = ["-".join(map(str, dict.fromkeys(years)))] if years else []
    counts = [f"{count} {name if count != 1 else name.removesuffix('s')}"
              for name, count in extent.items() if name != "years"]
    return ", ".join(counts + spans)
