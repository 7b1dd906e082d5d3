"""Do the settings fit the tables?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from casebook import data, soundness
from casebook.intake.example import leftovers
from casebook.intake.origins import Origin
from casebook.panels import listed
from casebook.problems import Problem

FILE = "settings.toml"


def read_choices(folder: Path, chapter: str = "") -> tuple[dict, list[Path], list[Problem]]:
    """The settings of a folder as :func:`casebook.data.settings` would read them, their file, and why they can't be read."""
    file = data.settings_file(folder, chapter)
    if not file.is_file():
        return {}, [], [Problem("no settings", "stand in the folder", "take settings.toml from the template, and change it", FILE)]
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig")), [file], []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [file], [Problem(f"not TOML in UTF-8 ({error}),", "", "correct that line", file.name)]


def check_choices(settings: Mapping, tables: Mapping[str, pd.DataFrame], template: str | Path | None, require: Iterable[str] = (), *,
                  file: str = FILE, known: Iterable[str] = (), origin: Origin | None = None) -> list[Problem]:
    """Find settings that are missing, contradict each other, name what no table has, or were left as in the example.

    Parameters
    ----------
    settings : dict
        As read from TOML.
    tables : mapping of name to DataFrame
        As text, with the columns' own names.
    template : path, optional
        Folder of an example: a key under which all its settings name columns, names columns here too.
    require : iterable of str
        Keys that must be there; a dot leads into a section.
    file : str
        Where they stand.
    known : iterable of str
        Columns that may be there, of tables that could not be read.
    origin : Origin, optional
        Of the table of regions.

    Returns
    -------
    list of Problem
    """
    require = list(require)
    places = tables["regions"]["region"].dropna().tolist() if "region" in tables.get("regions", ()) else None
    problems = [_missing(key, settings, require) for key in require if data.dig(settings, key) is None]
    years = _years_of(tables.get("panel", pd.DataFrame()))
    problems += soundness.contradictions(settings, places, years)
    if places is not None and isinstance(settings.get("region"), str) and settings["region"] not in places:
        problems.append(Problem(f"region = {settings['region']!r}", "is not in the table of regions", "correct the spelling"))
    problems += [Problem(f"{name} = {settings[name]}", f"is not among the years of the panel, {data.spans(years)}", "correct it, or add the year")
                 for name in ("base_year", "first_year", "last_year") if years and isinstance(settings.get(name), int) and settings[name] not in years]
    known = {*known, *(column for table in tables.values() for column in table)}
    for key, name in _columns(settings, template) if template else ():
        if name and name not in known:  # none, where it is empty
            problems.append(Problem(f"{key} = {name!r}", "is no column of any table", "correct the spelling, add the column, or take the choice out"))
    problems += leftovers(settings, Path(template), places) if template and places else []
    problems = [replace(problem, file=file) for problem in problems]
    return problems + [origin.place(problem) if origin else problem for problem in _groups(settings, tables, file)]


def lined(problems: Iterable[Problem], path: Path) -> list[Problem]:
    """The problems, those of a file of settings with the line of the key that they begin with."""
    lines = _lines(path.read_text(encoding="utf-8-sig", errors="replace")) if path.is_file() else {}
    return [problem if problem.file != path.name or problem.row else replace(problem, row=_line(problem.found.partition(" = ")[0], lines)) for problem in problems]


def _missing(key: str, settings: Mapping, require: Sequence[str]) -> Problem:
    """A setting that isn't there; the names of periods are fixed, which nobody can guess."""
    names = [one.removeprefix("periods.") for one in require if one.startswith("periods.")]
    if not key.startswith("periods."):
        return Problem(key, "is missing", "add it; the template shows how")
    others = [name for name in settings.get("periods", {}) if name not in names]
    return Problem(key, "is missing", f"add it: the names under [periods] are fixed, {', '.join(names)}" + (f"; {', '.join(others)} may be one of them" if others else ""))


def _groups(settings: Mapping, tables: Mapping, file: str) -> list[Problem]:
    """Groups that the settings don't name, each once."""
    labels, places = settings.get("groups", {}).get("labels"), tables.get("regions", pd.DataFrame())
    if labels is None or not {"region", "group"} <= set(places):
        return []
    members = places.dropna(subset=["region", "group"]).groupby("group", sort=False)["region"]
    return [Problem(f"the group {group!r}" + (f" of {len(own)} regions ({listed(own, most=3)})" if len(own) > 1 else ""), f"is not among groups.labels in {file}",
                    f"write one of {', '.join(labels)}, or add it there", region=own.iloc[0] if len(own) == 1 else "", column="group", row=int(own.index[0]))
            for group, own in members if group not in labels]


def _years_of(panel: pd.DataFrame) -> list[int]:
    return sorted(pd.to_numeric(panel["year"], errors="coerce").dropna().astype(int).unique().tolist()) if "year" in panel else []


def _columns(settings: Mapping, template: str | Path) -> Iterator[tuple[str, str]]:
    """Every column that the settings name, with the key under which they do."""
    example = tomllib.loads(Path(template, FILE).read_text(encoding="utf-8"))
    columns = set(data.dictionary(template)["column"])
    values, sections = {}, {}
    for path, value in _leaves(example | {"reading": {}}):  # whose labels may be called like columns
        values.setdefault(path[-1], []).append(value in columns)
    for path, section in _sections(example):
        sections[path] = all(key in columns for key in section) and not any(isinstance(one, str) and one in columns for one in section.values())
    for path, value in _leaves(settings | {"reading": {}}):
        if all(values.get(path[-1], [False])):
            yield ".".join(path), value
    for path, section in _sections(settings):
        if sections.get(path):
            yield from ((".".join(path), key) for key in section)


def _leaves(settings: Mapping, path: tuple = ()) -> Iterator[tuple[tuple, str]]:
    """Every text in the settings, and in lists of them, with the keys that lead to it."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, key))
        else:
            yield from (((*path, key), one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))


def _sections(settings: Mapping, path: tuple = ()) -> Iterator[tuple[tuple, Mapping]]:
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield (*path, key), value
            yield from _sections(value, (*path, key))


def _lines(text: str) -> dict[str, int]:
    """The line of each section and key of a TOML file, as far as each stands on a line of its own."""
    found, section = {}, ""
    bare = lambda path: ".".join(one.strip("\"'") for one in re.findall(r"\"[^\"]*\"|'[^']*'|[\w-]+", path))
    for number, line in enumerate(text.split("\n"), start=1):
        if head := re.match(r"\s*\[([^\[\]]+)\]\s*(#.*)?$", line):
            section = bare(head[1]) + "."
            found.setdefault(section[:-1], number)
        elif key := re.match(r"\s*((?:\"[^\"]*\"|'[^']*'|[\w.-]+)+)\s*=", line):
            found.setdefault(section + bare(key[1]), number)
    return found


def _line(path: str, lines: Mapping[str, int]) -> int:
    """The line of a key, or of that within which it stands; 0 if there is none."""
    fitting = [key for key in lines if path == key or path.startswith(key + ".")]
    return lines[max(fitting, key=len)] if fitting else 0
