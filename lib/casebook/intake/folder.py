"""Which tables does a folder hold, and what is wrong with them?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from casebook import data, doubts, soundness
from casebook.intake.choices import check_choices, read_choices
from casebook.intake.dictionary import described
from casebook.intake.files import OTHERS, Sheet, read
from casebook.intake.heads import Heads, parts, plain
from casebook.intake.neighbours import neighbours
from casebook.intake.notation import PLAIN, number, year
from casebook.problems import Problem

ASIDE = ("readme", "datapackage", "dictionary", "problems")
"""Files of these names are no tables."""

CALLED = {"panel": ("data", "面板", "数据"), "regions": ("places", "地区"), "adjacency": ("neighbours", "neighbors", "borders", "邻接")}
"""Other names of tables."""

NOTES = ("注", "资料来源", "数据来源", "来源", "说明", "note", "notes", "source", "sources", "*")
"""How lines of notes begin, in small letters."""


@dataclass(frozen=True)
class Gathered:
    """What lies in a folder.

    Attributes
    ----------
    folder : Path
    package : dict
        The descriptor of the tables found.
    tables : dict of name to DataFrame
        As text, with the columns' own names; missing where empty.
    settings : dict
        The choices; empty if they can't be read.
    problems : list of Problem
    files : list of Path
        That were read.
    outlines : Path or None
        A GeoJSON file of the regions.
    """

    folder: Path
    package: dict
    tables: dict[str, pd.DataFrame]
    settings: dict
    problems: list[Problem]
    files: list[Path] = field(default_factory=list)
    outlines: Path | None = None

    @property
    def errors(self) -> list[Problem]:
        """The problems for which the folder is refused."""
        return [problem for problem in self.problems if problem.severity == "error"]

    def write(self, target: Path) -> None:
        """Put everything into a folder as :func:`casebook.data.load` reads it, and seal it.

        Parameters
        ----------
        target : Path
            An empty folder.

        Raises
        ------
        ValueError
            If there are errors.
        """
        if self.errors:
            raise ValueError(f"{self.folder} has {len(self.errors)} errors, the first of them: {self.errors[0]}")
        resources = []
        for resource in self.package["resources"]:
            raw = self.tables[resource["name"]]
            known = {one["name"]: one for one in resource["schema"]["fields"]}
            schema = resource["schema"] | {"fields": [known[column] for column in raw]}
            resources.append(resource | {"path": f"{resource['name']}.csv", "schema": schema})
            raw.to_csv(target / f"{resource['name']}.csv", index=False, lineterminator="\n")
        text = json.dumps(self.package | {"resources": resources}, ensure_ascii=False, indent=2)
        (target / "datapackage.json").write_text(text + "\n", encoding="utf-8")
        for path in self.files:
            if path.suffix in (".toml", ".geojson"):
                shutil.copyfile(path, target / ("settings.toml" if path.suffix == ".toml" else path.name))
        for name in _within(self.folder, self.settings):
            shutil.copytree(self.folder / name, target / name)
        data.seal(target)


def gather(folder: str | Path, template: str | Path | None = None, *, chapter: str = "", require: Iterable[str] = ()) -> Gathered:
    """Read everything in a folder and tell all that is wrong.

    Parameters
    ----------
    folder : path
        With a ``datapackage.json``, or described by the template and a ``dictionary.csv``.
    template : path, optional
        Folder of an example whose descriptor says which tables and columns are meant.
    chapter : str
        Whose settings are read, as by :func:`casebook.data.settings`.
    require : iterable of str
        Settings that must be there, as for :func:`casebook.data.settings`.

    Returns
    -------
    Gathered
    """
    folder = Path(folder)
    if not folder.is_dir():
        return Gathered(folder, {"resources": []}, {}, {}, [Problem(f"the folder {folder}", "does not exist", "correct the path")])
    package, problems = described(folder, template)
    settings, files, faults = read_choices(folder, chapter)
    problems += faults
    shapes = sorted(folder.glob("*.geojson"))
    outlines = shapes[0] if shapes else None
    sheets, used, faults = _sheets(folder, package)
    problems += faults
    tables, faults = _tables(package, sheets)
    problems += faults
    borders = next((one for one in package["resources"] if one["name"] == "adjacency"), None)
    if borders and "adjacency" not in tables and "regions" in tables:
        k = settings.get("neighbours", {}).get("nearest")
        problems += _add_neighbours(tables, outlines, k) if outlines or k or not borders.get("optional") else []
    problems += check_choices(settings, tables, template, require) if settings else []
    package["resources"], faults = _present(package, tables, sheets)
    problems += faults
    if package.get("loose"):
        _list_names(package, tables)
    for resource in package["resources"]:
        problems += _checked(resource, package, tables, problems)
    problems += _pairs(tables)
    files += used + [path for path in (*shapes, folder / "dictionary.csv", folder / "datapackage.json") if path.is_file()]
    return Gathered(folder, package, tables, settings, list(dict.fromkeys(problems)), files, outlines)


def _within(folder: Path, settings: Mapping) -> list[str]:
    """Folders in the folder that its settings name."""
    return [name for name in settings.values() if isinstance(name, str) and name and (folder / name / "datapackage.json").is_file()]


def _sheets(folder: Path, package: Mapping) -> tuple[dict[str, list[Sheet]], list[Path], list[Problem]]:
    """The sheets of every table, the files they stand in, and what can't be used."""
    resources = {resource["name"]: resource for resource in package["resources"]}
    owner = {plain(name): table for table in resources for name in (table, *CALLED.get(table, ()))}
    files = {Path(resource.get("path", "")).name: table for table, resource in resources.items()}
    figures = Heads(resources["panel"]["schema"]["fields"]) if "panel" in resources else None
    found, used, problems, spare = {}, [], [], []
    for path in sorted(folder.iterdir()):
        if path.is_dir() or path.name.startswith((".", "~$")) or path.stem.casefold() in ASIDE or path.suffix.lower() in (".toml", ".geojson", ".md", ".py"):
            continue
        sheets, faults = read(path)
        problems += [replace(fault, severity="warning") for fault in faults] if not sheets and path.suffix.lower() in OTHERS else faults
        used += [path] if sheets else []
        for sheet in sheets:
            table = files.get(sheet.file) or owner.get(plain(sheet.name)) or ("panel" if figures and figures.column(sheet.name) else None)
            found.setdefault(table, []).append(sheet) if table else spare.append(sheet)
    if len(spare) == 1 and "panel" in resources and "panel" not in found:  # one spreadsheet of any name
        found["panel"] = [spare.pop()]
    problems += [Problem("the table", "is not in the dictionary, so it is left out", f"call it one of {', '.join(resources)}, or after a figure",
                         sheet.file, severity="warning") for sheet in spare]
    return found, used, problems


def _tables(package: Mapping, sheets: Mapping[str, list[Sheet]]) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Every table as long text with plain numbers; regions first, for others are known by them."""
    tables, problems = {}, []
    for resource in sorted(package["resources"], key=lambda one: one["name"] != "regions"):
        name, heads = resource["name"], Heads(resource["schema"]["fields"])
        if name not in sheets:
            continue
        known = list(tables["regions"].get("region", [])) if "regions" in tables else []
        frames = []
        for sheet in sheets[name]:
            own, faults = parts(sheet, heads, known)
            problems += faults
            for frame in own:
                frame, faults = _cells(frame, heads, soundness.key(resource["schema"]))
                problems += [replace(fault, file=sheet.file) for fault in faults]
                frames.append((sheet.file, frame))
        merged, faults = _merged(frames, soundness.key(resource["schema"]))
        problems += faults
        if merged is not None:
            tables[name] = merged
    return tables, problems


def _cells(frame: pd.DataFrame, heads: Heads, key: Sequence[str]) -> tuple[pd.DataFrame, list[Problem]]:
    """Text with plain numbers and years; what is neither is a problem, and missing."""
    problems, drop = [], []
    first = frame[key[0]] if key and key[0] in frame else pd.Series("-", frame.index)
    rest = frame.drop(columns=[name for name in key[:1] if name in frame]).eq("").all(axis=1)
    for i in np.flatnonzero(first.eq("") | (rest & (len(frame.columns) > 1) & first.str.casefold().str.startswith(NOTES))):
        drop.append(i)
        problems.append(Problem(f"a line with nothing but {first.iloc[i]!r}", "looks like a note", "delete it", row=int(frame.index[i])) if first.iloc[i]
                        else Problem("an empty cell", f"where a {key[0]} should stand", "write it on every line (merged cells keep it on the first only), or delete the line",
                                     column=key[0], row=int(frame.index[i])))
    frame = frame.iloc[np.setdiff1d(np.arange(len(frame)), drop)].copy()
    place = {name: frame[name] for name in ("region", "year") if name in frame}
    for column in frame:
        kind, text = heads.fields[column]["type"], frame[column]
        if kind in ("string", "boolean"):
            continue
        read_one = year if kind == "year" else number
        odd = text.ne("") & ~text.str.fullmatch("[12][0-9]{3}" if kind == "year" else PLAIN)
        values = text.to_numpy(dtype=object, copy=True)
        for i in np.flatnonzero(odd):
            values[i], fault = read_one(text.iloc[i])
            if fault:
                where = {name: cells.iloc[i] for name, cells in place.items() if name != column}
                problems.append(Problem(repr(text.iloc[i]), *fault, **where, column=column, row=int(frame.index[i])))
        frame[column] = values
    return frame.mask(frame.eq("")), problems


def _merged(frames: Sequence[tuple[str, pd.DataFrame]], key: Sequence[str]) -> tuple[pd.DataFrame | None, list[Problem]]:
    """One table of the parts that share its key."""
    if len(frames) < 2:
        return (frames[0][1] if frames else None), []
    seen, joined, problems = {}, None, []
    for file, frame in frames:
        own = [column for column in frame if column not in key]
        lacking = [column for column in key if column not in frame]
        twice = [column for column in own if column in seen]
        if lacking:
            problems.append(Problem("", "is missing", "add it, for the table is one of several to be joined", file, column=lacking[0]))
        for column in twice:
            problems.append(Problem(f"figures that stand in {seen[column]} too,", "", "keep one of the two", file, column=column))
        known = frame.dropna(subset=[column for column in key if column in frame])
        for i in np.flatnonzero(known.duplicated(list(key))) if not lacking else []:
            problems.append(Problem("a row with this region and year", "stands above", "keep one", file, str(known["region"].iloc[i]) if "region" in known else "",
                                    str(known["year"].iloc[i]) if "year" in known else "", row=int(known.index[i])))
        if lacking or twice or known.duplicated(list(key)).any():
            continue
        seen |= dict.fromkeys(own, file)
        joined = known.set_index(list(key)) if joined is None else joined.join(known.set_index(list(key)), how="outer", sort=False)
    if joined is None:
        return None, problems
    flat = joined.reset_index()
    return flat.set_axis([0] * len(flat)), problems


def _add_neighbours(tables: dict, outlines: Path | None, k: int | None) -> list[Problem]:
    """Neighbours from outlines or places, where no pairs are listed."""
    if outlines is None and k is None:
        return [Problem("no neighbours", "are known", "add adjacency.csv with pairs, a .geojson with outlines, or nearest = 4 under [neighbours] in "
                        "settings.toml", "adjacency.csv")]
    places = tables["regions"].dropna(subset=["region"]).drop_duplicates("region").set_index("region")
    places = places.assign(**{name: pd.to_numeric(places[name]) for name in ("longitude", "latitude") if name in places})
    pairs, problems = neighbours(places, outlines, k)
    tables["adjacency"] = pairs.set_axis([0] * len(pairs))
    return problems


def _present(package: Mapping, tables: Mapping, sheets: Mapping) -> tuple[list[dict], list[Problem]]:
    """The descriptor of what is there, and what is missing that is needed."""
    found, problems = [], []
    for resource in package["resources"]:
        name, schema = resource["name"], resource["schema"]
        if name not in tables:
            if not resource.get("optional") and name != "adjacency" and name not in sheets:
                problems.append(Problem(f"the table {name}", "is missing", f"add {name}.csv, .xlsx or .parquet", f"{name}.csv"))
            continue
        free = name == "panel" and package.get("loose")  # its columns are those that the settings name
        needed = [one["name"] for one in schema["fields"] if one["name"] in soundness.key(schema) or not free
                  and (not package.get("loose") or one.get("constraints", {}).get("required"))]
        problems += [Problem("", "is missing", "add it, or name it in dictionary.csv under other_heads", f"{name}.csv", column=column)
                     for column in needed if column not in tables[name]]
        fields = [one for one in schema["fields"] if one["name"] in tables[name]]
        found.append(resource | {"schema": schema | {"fields": fields}})
    return found, problems


def _list_names(package: dict, tables: Mapping) -> None:
    """List the flags and sources that occur: a folder without a descriptor explains them elsewhere."""
    for ending, kind in soundness.NAMED.items():
        known = {one["name"] for one in package.get(kind, [])}
        cells = [raw[column].dropna() for raw in tables.values() for column in raw if column.endswith(ending) and column.removesuffix(ending) in raw]
        names = dict.fromkeys(name for column in cells for cell in column.unique() for name in cell.split(";") if name not in known)
        package[kind] = package.get(kind, []) + [{"name": name, "title": "", "meaning": ""} for name in names]


def _checked(resource: Mapping, package: Mapping, tables: Mapping, before: Sequence[Problem]) -> list[Problem]:
    """Hold one table against its descriptor, and look for figures that can't be right; what follows from a problem found before isn't told again."""
    raw, schema, name = tables[resource["name"]], resource["schema"], resource["name"]
    if any(column not in raw for column in soundness.key(schema)) or raw.empty:
        return []
    schema = schema | {"foreignKeys": [rule for rule in schema.get("foreignKeys", []) if rule["reference"]["resource"] in tables]}
    allowed = {rule["fields"]: (rule["reference"]["resource"], tables[rule["reference"]["resource"]].get(rule["reference"]["fields"]))
               for rule in schema["foreignKeys"]}
    frame, faults = soundness.typed(raw, schema)
    unread = {(fault.row, fault.column) for fault in before if fault.row}
    undated = {fault.region for fault in before if fault.column == "year"}
    problems = [fault for fault in faults + soundness.problems(frame, raw, schema, package, allowed)
                if (fault.row, fault.column) not in unread and not (fault.column == "year" and not fault.row and fault.region in undated)]
    said = {(fault.region, fault.year, fault.column) for fault in problems}
    key = soundness.key(schema)
    keyed = frame.dropna(subset=key).drop_duplicates(key)
    if key in (["region", "year"], ["year"]):
        problems += [doubt for doubt in _doubts(keyed, raw, schema, key) if (doubt.region, doubt.year, doubt.column) not in said]
    if name == "regions":
        problems += doubts.names(list(keyed["region"]))
    elif "region" in key and "regions" in tables:
        known = dict.fromkeys(tables["regions"]["region"].dropna())
        problems += doubts.names([one for one in keyed["region"].unique() if one not in known], list(known))
    return [replace(problem, file=problem.file or resource.get("path") or f"{name}.csv") for problem in problems]


def _doubts(keyed: pd.DataFrame, raw: pd.DataFrame, schema: Mapping, key: Sequence[str]) -> list[Problem]:
    """Figures that look wrong, but for those that carry a flag: about these somebody knows."""
    fields = {one["name"]: one for one in schema["fields"] if one["type"] in ("number", "integer") and one["name"] not in key}
    panel = keyed.set_index(list(key))
    figures = panel[list(fields)].astype(float)
    for column in (column for column in fields if f"{column}_flag" in panel):
        figures[column] = figures[column].mask(panel[f"{column}_flag"].notna())
    return doubts.figures(figures, fields, pd.Series(keyed.index, panel.index))


def _pairs(tables: Mapping) -> list[Problem]:
    """Regions that border themselves, and regions without a neighbour."""
    if "adjacency" not in tables or "regions" not in tables or not {"region", "neighbour"} <= set(tables["adjacency"]):
        return []
    pairs = tables["adjacency"].dropna(subset=["region", "neighbour"])
    problems = [Problem("a region as its own neighbour", "", "delete the line", "adjacency.csv", region, row=int(line))
                for line, region in pairs.loc[pairs["region"] == pairs["neighbour"], "region"].items()]
    joined = {*pairs["region"], *pairs["neighbour"]}
    alone = [region for region in tables["regions"]["region"].dropna() if region not in joined]
    return problems + [Problem("no neighbour", "is listed", "add one, or choose in settings.toml how a region without neighbours is treated",
                               "adjacency.csv", region, severity="warning") for region in alone]
