"""Which columns may a folder have, and what do they mean?"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from casebook import soundness
from casebook.intake.files import read
from casebook.intake.heads import Heads, parts
from casebook.problems import Problem

FILE = "dictionary.csv"
KINDS = ("number", "integer", "year", "string", "boolean")
SHARES = ("per cent", "fraction")
COLUMNS = {
    "table": "table in which the column stands",
    "column": "name of the column, as settings.toml uses it",
    "meaning": "what is counted",
    "term_zh": "the Chinese term; it may head the column too",
    "unit": "unit, with the power of ten before it: 1e8 yuan",
    "other_heads": "other heads the column may have in your files, separated by semicolons",
    "kind": f"one of {', '.join(KINDS)}; a number if empty",
    "share": f"for shares: {' or '.join(SHARES)}",
    "positive": "yes if zero can't be",
    "parts": "columns that add up to this one, separated by semicolons",
}
"""Columns of the dictionary, and what stands in them."""

ORIGIN = ("source", "via", "licence", "vintage")


def described(folder: Path, template: str | Path | None) -> tuple[dict, list[Problem]]:
    """The descriptor of a folder: its own, or the template's, changed by its dictionary.

    Returns
    -------
    package : dict
        ``loose`` is true where it comes from a template: a column that is absent
        then is one that the folder doesn't have.
    problems : list of Problem
    """
    own = folder / "datapackage.json"
    if own.is_file():
        try:
            return json.loads(own.read_text(encoding="utf-8")), []
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            return {"resources": []}, [Problem(f"not JSON in UTF-8 ({error}),", "", "correct it", own.name)]
    if template is None:
        return {"resources": []}, [Problem("no description of the tables", "stands in the folder", "add a datapackage.json", own.name)]
    package = loosened(json.loads(Path(template, "datapackage.json").read_text(encoding="utf-8")))
    file = folder / FILE
    return _changed(package, file) if file.is_file() else (package, [])


def loosened(package: Mapping) -> dict:
    """A template's descriptor without what is true of its own figures alone."""
    package = copy.deepcopy(dict(package)) | {"loose": True, "sources": [], "licenses": []}
    for name in ("name", "title", "title_zh", "description"):
        package.pop(name, None)
    for resource in package["resources"]:
        for name in ("hash", "bytes", "rows", "coverage", "gaps", "status", "status_reason", "description"):
            resource.pop(name, None)
        resource["title"] = resource["name"]
        key = soundness.key(resource["schema"])
        for field in resource["schema"]["fields"]:
            field |= dict.fromkeys(ORIGIN, "")
            rules = field.get("constraints", {})
            bounds = field["type"] == "year" or "enum" in rules
            figure = resource["name"] == "panel" and field["name"] not in key
            field["constraints"] = {rule: value for rule, value in rules.items()
                                    if not (bounds and rule in ("minimum", "maximum", "enum")) and not (figure and rule == "required")}
    return package


def _changed(package: dict, file: Path) -> tuple[dict, list[Problem]]:
    """The columns that a dictionary lists: those of the template it changes, others it adds."""
    sheets, problems = read(file)
    if not sheets:
        return package, problems
    frames, faults = parts(sheets[0], Heads([{"name": name, "type": "string"} for name in COLUMNS]))
    problems += faults
    if not frames or not {"table", "column"} <= set(frames[0]):
        return package, problems + ([Problem("the columns table and column", "must be there", "take dictionary.csv from the template", FILE)] if frames else [])
    listed = frames[0].reindex(columns=list(COLUMNS), fill_value="")
    resources = {resource["name"]: resource for resource in package["resources"]}
    fields = {name: {field["name"]: field for field in resource["schema"]["fields"]} for name, resource in resources.items()}
    kept: dict[str, dict] = {name: {} for name in resources}
    for line, row in listed.iterrows():
        fault = _fault(row, resources)
        if fault:
            problems.append(Problem(*fault, FILE, column=row["column"], row=int(line)))
        else:
            kept[row["table"]][row["column"]] = fields[row["table"]].get(row["column"], {"name": row["column"], "type": "number"}) | _told(row)
    for name, resource in resources.items():
        resource["schema"]["fields"] = list((kept[name] or fields[name]).values())
    return package, problems


def _fault(row: pd.Series, resources: Mapping) -> tuple[str, str, str] | None:
    if row["table"] not in resources:
        return f"the table {row['table']!r}", "is unknown", f"use one of {', '.join(resources)}"
    if not row["column"]:
        return "an empty cell", "where the name of a column should stand", "name it"
    for name, allowed in (("kind", KINDS), ("share", SHARES), ("positive", ("yes", "no"))):
        if row[name] and row[name] not in allowed:
            return f"{name} = {row[name]!r}", "is unknown", f"use one of {', '.join(allowed)}, or leave it empty"
    return None


def _told(row: pd.Series) -> dict:
    """What a line of the dictionary says, as properties of a field."""
    split = lambda text: [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]
    told = {"description": row["meaning"], "title_zh": row["term_zh"], "unit": row["unit"], "type": row["kind"], "share": row["share"],
            "positive": row["positive"] == "yes", "other_heads": split(row["other_heads"]), "parts": split(row["parts"])}
    return {name: value for name, value in told.items() if value} | dict.fromkeys(ORIGIN, "")
