"""Which tables does a folder hold, and what is wrong with them?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from casebook import data, doubts, soundness
from casebook.intake.borders import add_neighbours, check_pairs, nearest
from casebook.intake.choices import check_choices, lined, read_choices
from casebook.intake.dictionary import described
from casebook.intake.files import OTHERS, Sheet, read
from casebook.intake.heads import Heads, parts, plain
from casebook.intake.money import other_money
from casebook.intake.names import strangers
from casebook.intake.notation import PLAIN, number, year
from casebook.intake.origins import Origin, once
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


def gather(folder: str | Path, template: str | Path | None = None, *, chapter: str = "", require: Iterable[str] = (),
           foresee: Callable[[dict[str, pd.DataFrame], dict], list[Problem]] | None = None) -> Gathered:
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
    foresee : callable, optional
        What a chapter will say of the typed tables and the settings.  Figures that
        were found wrong are filled in, so that nothing is told twice.

    Returns
    -------
    Gathered
    """
    folder, require = Path(folder), list(require)
    if not folder.is_dir():
        return Gathered(folder, {"resources": []}, {}, {}, [Problem(f"the folder {folder}", "does not exist", "correct the path")])
    package, problems = described(folder, template)
    settings, files, faults = read_choices(folder, chapter)
    file = files[0].name if files else "settings.toml"
    problems += faults
    shapes = sorted(folder.glob("*.geojson"))
    outlines = shapes[0] if shapes else None
    sheets, used, faults = _sheets(folder, package)
    problems += faults
    elsewhere = outlines.name if outlines and nearest(settings) is None else f"nearest in {file}" if nearest(settings) is not None else ""
    problems += _emptied(package, sheets, elsewhere)
    tables, origins, unread, faults = _tables(package, sheets)
    problems += faults
    borders = next((one for one in package["resources"] if one["name"] == "adjacency"), None)
    if borders and "adjacency" in tables and nearest(settings) is not None:
        problems.append(Problem(f"neighbours.nearest = {nearest(settings)}", f"is not used, for {origins['adjacency'].file} lists pairs", "remove one of the two", file, severity="warning"))
    elif borders and "adjacency" not in unread and "regions" in tables:
        problems += add_neighbours(tables, origins, outlines, settings, file, needed=not borders.get("optional") and "adjacency" not in sheets)
    known = [one["name"] for resource in package["resources"] for one in resource["schema"]["fields"]
             if resource["name"] in unread or resource["name"] not in tables and not resource.get("optional")]
    problems += check_choices(settings, tables, template, require, file=file, known=known, origin=origins.get("regions")) if settings else []
    package["resources"], faults = _present(package, tables, sheets, origins)
    problems += faults
    if package.get("loose"):
        _list_names(package, tables)
    frames = {}
    for resource in package["resources"]:
        faults, frame = _checked(resource, package, tables, origins, problems)
        problems += faults
        frames |= {resource["name"]: frame} if frame is not None else {}
    problems += check_pairs(tables, origins.get("adjacency"), settings, template)
    if foresee and settings and len(frames.get("panel", ())):
        problems += _foreseen(foresee, frames, settings, problems, origins, file)
    placed = {fault.column for fault in problems if fault.severity == "error"} & {"longitude", "latitude"}
    problems = [fault for fault in problems if not (placed and fault.found == "the nearest regions")]
    files += used + [path for path in (*shapes, folder / "dictionary.csv", folder / "datapackage.json") if path.is_file()]
    return Gathered(folder, package, tables, settings, once(lined(problems, folder / file), data.spans), files, outlines)


def _foreseen(foresee: Callable, frames: Mapping, settings: Mapping, before: Sequence[Problem], origins: Mapping[str, Origin], file: str) -> list[Problem]:
    """What the chapter will say, but for what follows from a problem found before."""
    errors = [fault for fault in before if fault.severity == "error"]
    if any(fault.column == "region" and not fault.region for fault in errors):  # whose the figures are isn't known
        return []
    panel, regions = frames["panel"], frames["panel"].index.unique("region")
    figures = list(panel.select_dtypes("number"))
    panel[figures] = panel[figures].astype(float)
    undated = {fault.region for fault in errors if fault.column == "year" and fault.row} & set(regions)
    grid = pd.MultiIndex.from_product([sorted(undated), sorted(panel.index.unique("year"))], names=panel.index.names).difference(panel.index)
    panel = pd.concat([panel, pd.DataFrame(1.0, grid, figures)]) if len(grid) else panel
    for fault in errors:
        cell = fault.region, int(fault.year) if fault.year.isdigit() else 0
        if fault.column in figures and cell in panel.index and fault.mend != "leave the cell empty":
            panel.loc[cell, fault.column] = 1.0
    try:
        found = foresee({**frames, "panel": panel}, settings)
    except (KeyError, TypeError, AttributeError):
        if any(fault.file == file for fault in errors):
            return []
        raise
    years = set(map(str, panel.index.unique("year")))  # of others the settings, or the lines left out, were told
    cells = [origins["panel"].place(fault) for fault in found if fault.region and fault.year in years]
    rest = [replace(fault, file=origins[fault.file].file if fault.file in origins else fault.file or file) for fault in found if not fault.region]
    return _together(once(cells, data.spans, lines=False), len(regions)) + [fault for fault in rest if fault.file != file or not any(one.file == file for one in errors)]


def _together(cells: Sequence[Problem], regions: int) -> list[Problem]:
    """Problems that differ in nothing but the column, as one; and those of all regions."""
    lines: dict[Problem, list[Problem]] = {}
    for cell in cells:
        lines.setdefault(replace(cell, column=""), []).append(cell)
    joined = [replace(line, column=", ".join(cell.column for cell in own)) for line, own in lines.items()]
    places: dict[Problem, list[Problem]] = {}
    for cell in joined:
        places.setdefault(replace(cell, region="", row=0), []).append(cell)
    return [one for place, own in places.items() for one in ([replace(place, found=f"{place.found.removesuffix(',')} of any region,")] if len(own) == regions > 1 else own)]


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


def _emptied(package: Mapping, sheets: dict[str, list[Sheet]], elsewhere: str) -> list[Problem]:
    """Tables that hold heads only; they are taken out, for nothing else can be said of them, but for those that the chapter needs."""
    problems = []
    for resource in package["resources"]:
        name = resource["name"]
        borders = name == "adjacency"
        spared = resource.get("optional") or borders and elsewhere
        for sheet in [sheet for sheet in sheets.get(name, []) if len(sheet.lines) == 1]:
            ways = "fill in the table"
            if borders and not resource.get("optional"):
                ways += ", or delete it" + ("" if elsewhere else " and give a .geojson with outlines, or nearest = 4 under [neighbours] in settings.toml")
            elif spared:
                ways += ", or delete it: the chapter can do without"
            problems.append(Problem("heads,", "and no line below them" + (f", so that neighbours come from {elsewhere}" if borders and elsewhere else ", so that it is left out" if spared else ""),
                                    ways, sheet.file, row=sheet.lines[0][0], severity="warning" if spared else "error"))
        if spared and name in sheets:
            sheets[name] = [sheet for sheet in sheets[name] if len(sheet.lines) > 1]
            if not sheets[name]:
                del sheets[name]
    return problems


def _tables(package: Mapping, sheets: Mapping[str, list[Sheet]]) -> tuple[dict[str, pd.DataFrame], dict[str, Origin], set[str], list[Problem]]:
    """Every table as long text with plain numbers, whence its cells come, and which could not be read whole; regions first, for others are known by them."""
    tables, origins, unread, problems = {}, {}, set(), []
    for resource in sorted(package["resources"], key=lambda one: one["name"] != "regions"):
        name, heads, key = resource["name"], Heads(resource["schema"]["fields"]), soundness.key(resource["schema"])
        if name not in sheets:
            continue
        known = list(tables["regions"].get("region", [])) if "regions" in tables else []
        frames = []
        for sheet in sheets[name]:
            if len(sheet.lines) == 1:  # told before
                unread.add(name)
                continue
            own, faults = parts(sheet, heads, known)
            unread |= set() if own else {name}
            problems += faults + other_money(sheet, heads)
            for frame in own:
                frame, faults = _cells(frame, heads, key)
                problems += [replace(fault, file=sheet.file) for fault in faults]
                frames.append((sheet.file, frame))
        merged, faults = _merged(frames, key)
        problems += faults
        if merged is not None:
            tables[name], origins[name] = merged, Origin(frames, key)
    return tables, origins, unread, problems


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


def _present(package: Mapping, tables: Mapping, sheets: Mapping, origins: Mapping[str, Origin]) -> tuple[list[dict], list[Problem]]:
    """The descriptor of what is there, and what is missing that is needed."""
    found, problems = [], []
    for resource in package["resources"]:
        name, schema = resource["name"], resource["schema"]
        if name not in tables:
            if not resource.get("optional") and name != "adjacency" and name not in sheets:
                problems.append(Problem(f"the table {name}", "is missing", f"add {name}.csv, .xlsx or .parquet", f"{name}.csv"))
            continue
        free = name == "panel" and package.get("loose")  # its columns are those that the settings name
        made = name == "adjacency" and name not in sheets  # from places or outlines, which say no more than the pairs
        needed = [one["name"] for one in schema["fields"] if one["name"] in soundness.key(schema) or not free and not made
                  and (not package.get("loose") or one.get("constraints", {}).get("required"))]
        problems += [Problem("", "is missing", "add it, or name it in dictionary.csv under other_heads", origins[name].file, column=column)
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


def _checked(resource: Mapping, package: Mapping, tables: Mapping, origins: Mapping[str, Origin], before: Sequence[Problem]) -> tuple[list[Problem], pd.DataFrame | None]:
    """Hold one table against its descriptor, and look for figures that can't be right; what follows from a problem found before isn't told again.

    Returns the problems, and the figures with their key, regions by the names that were meant.
    """
    raw, schema, name = tables[resource["name"]], resource["schema"], resource["name"]
    key, origin = soundness.key(schema), origins[name]
    if any(column not in raw for column in key) or raw.empty:
        return [], None
    strange, called = strangers(schema, tables, origins, origin)
    frame, faults = soundness.typed(raw, schema)
    keyed = frame.dropna(subset=key).drop_duplicates(key)
    if "region" in key and called:
        meant = keyed["region"].map(lambda own: called.get(own, own))
        keyed = keyed.assign(region=meant)[meant.ne("")]
        lines = keyed.assign(line=keyed.index).groupby(key, sort=False).first()  # of a cell that two spellings share
        keyed = lines.drop(columns="line").reset_index().set_axis(lines["line"])[list(frame)]
    there = {(region, str(year)) for region, year in zip(keyed["region"], keyed["year"])} if {"region", "year"} <= set(key) else set()
    unread = {(fault.row, fault.column) for fault in before if fault.row} | {(fault.region, fault.year, fault.column) for fault in before if fault.region}
    undated = {fault.region for fault in before if fault.column == "year"} | set(called)
    follows = lambda fault: fault.column == "year" and not fault.row and (fault.region in undated or fault.found == "no row," and (fault.region, fault.year) in there)
    problems = [fault for fault in faults + soundness.problems(frame, raw, schema | {"foreignKeys": []}, package, {})
                if not unread & {(fault.row, fault.column), (fault.region, fault.year, fault.column)} and not follows(fault)]
    said = {(fault.region, fault.year, fault.column) for fault in problems}
    if key in (["region", "year"], ["year"]) and len(keyed):
        problems += [doubt for doubt in _doubts(keyed, raw, schema, key) if (doubt.region, doubt.year, doubt.column) not in said]
    if name == "regions":
        problems += doubts.names(list(keyed["region"]))
    return strange + once([origin.place(problem) for problem in problems if problem.column == "year" and not problem.row], data.spans, lines=False) + [
        origin.place(problem) for problem in problems if not (problem.column == "year" and not problem.row)], keyed.set_index(key)


def _doubts(keyed: pd.DataFrame, raw: pd.DataFrame, schema: Mapping, key: Sequence[str]) -> list[Problem]:
    """Figures that look wrong, but for those that carry a flag: about these somebody knows."""
    fields = {one["name"]: one for one in schema["fields"] if one["type"] in ("number", "integer") and one["name"] not in key}
    panel = keyed.set_index(list(key))
    figures = panel[list(fields)].astype(float)
    for column in (column for column in fields if f"{column}_flag" in panel):
        figures[column] = figures[column].mask(panel[f"{column}_flag"].notna())
    return doubts.figures(figures, fields, pd.Series(keyed.index, panel.index))
