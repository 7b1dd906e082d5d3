"""Do the settings fit the tables?"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from casebook import data, soundness
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


def check_choices(settings: Mapping, tables: Mapping[str, pd.DataFrame], template: str | Path | None, require: Iterable[str] = ()) -> list[Problem]:
    """Find settings that are missing, contradict each other, or name what no table has.

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

    Returns
    -------
    list of Problem
    """
    places = tables["regions"]["region"].dropna().tolist() if "region" in tables.get("regions", ()) else None
    problems = [Problem(f"{key}", "is missing", "add it; the template shows how") for key in require if data.dig(settings, key) is None]
    problems += soundness.contradictions(settings, places)
    if places is not None and isinstance(settings.get("region"), str) and settings["region"] not in places:
        problems.append(Problem(f"region = {settings['region']!r}", "is not in the table of regions", "correct the spelling"))
    problems += _groups(settings, tables) + _years(settings, tables)
    known = {column for table in tables.values() for column in table}
    for key, name in _columns(settings, template) if template else ():
        if name not in known:
            problems.append(Problem(f"{key} = {name!r}", "is no column of any table", "correct the spelling, add the column, or take the choice out"))
    return [replace(problem, file=FILE) for problem in problems]


def _groups(settings: Mapping, tables: Mapping) -> list[Problem]:
    labels, places = settings.get("groups", {}).get("labels"), tables.get("regions", pd.DataFrame())
    if labels is None or "group" not in places:
        return []
    return [Problem("the group " + repr(group), "is not among groups.labels", f"use one of {', '.join(labels)}, or add it there", region=region)
            for region, group in zip(places["region"], places["group"].fillna("")) if group not in labels]


def _years(settings: Mapping, tables: Mapping) -> list[Problem]:
    panel = tables.get("panel", pd.DataFrame())
    years = pd.to_numeric(panel["year"], errors="coerce").dropna() if "year" in panel else pd.Series(dtype=float)
    if years.empty:
        return []
    span = data.spans(years.unique())
    return [Problem(f"{name} = {settings[name]}", f"is not among the years of the panel, {span}", "correct it, or add the year")
            for name in ("base_year", "first_year", "last_year") if name in settings and settings[name] not in set(years)]


def _columns(settings: Mapping, template: str | Path) -> Iterator[tuple[str, str]]:
    """Every column that the settings name, with the key under which they do."""
    example = tomllib.loads(Path(template, FILE).read_text(encoding="utf-8"))
    columns = set(data.dictionary(template)["column"])
    values, sections = {}, {}
    for path, value in _leaves(example | {"reading": {}}):  # whose labels may be called like columns
        values.setdefault(path[-1], []).append(value in columns)
    for path, section in _sections(example):
        sections[path] = all(key in columns for key in section)
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
