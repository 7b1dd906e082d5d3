"""What does a stranger fill in?

Empty tables with the right heads, a dictionary of their columns in words, the
settings to change, and the same once more filled in with made-up figures.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from casebook import intake, soundness
from casebook.intake.dictionary import COLUMNS

EXAMPLE = "example"


def dictionary(package: dict) -> pd.DataFrame:
    """The columns of a descriptor as lines of a dictionary that a folder may change."""
    rows = [
        [resource["name"], field["name"], field.get("description", ""), field.get("title_zh", ""), field.get("unit", ""),
         ";".join(field.get("other_heads", [])), field["type"], field.get("share", ""), "yes" if field.get("positive") else "",
         ";".join(field.get("parts", []))]
        for resource in package["resources"] for field in resource["schema"]["fields"]
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def write(chapter, target: Path) -> None:
    """Write the template of a chapter into an empty folder.

    Parameters
    ----------
    chapter : casebook.run.Chapter
    target : Path
    """
    found = intake.gather(chapter.template, chapter=chapter.name)
    listed = dictionary(found.package)
    example = target / EXAMPLE
    example.mkdir()
    for resource in found.package["resources"]:
        name, raw = resource["name"], found.tables[resource["name"]]
        _save(raw.iloc[:0], target / f"{name}.csv")
        _save(raw, example / f"{name}.csv")
    for folder in (target, example):
        _save(listed, folder / "dictionary.csv")
        shutil.copyfile(chapter.template / "settings.toml", folder / "settings.toml")
    (target / "README.md").write_text(_readme(chapter, found.package), encoding="utf-8")


def _save(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8-sig")  # with the mark that lets Excel read Chinese


def _readme(chapter, package: dict) -> str:
    tables = "\n\n".join(_table(resource) for resource in package["resources"])
    return f"""# {chapter.title}: your own regions

{chapter.question}

## What to do

1. Fill in the tables below, or put your own files here under the same names: `.csv`, `.xlsx` or `.parquet`.
   Delete those that the chapter can do without and you don't have.
   The folder `{EXAMPLE}/` holds all of them filled in with made-up figures.
2. Change `settings.toml`: title, years, groups, and the names of your columns.
3. Look whether something is wrong: `casebook validate {chapter.name} --data .`
4. Make the chapter: `casebook run {chapter.name} --data . --out ../report`

To see the end first: `casebook run {chapter.name} --data {EXAMPLE} --out ../example-report`

## What is accepted

- Text in UTF-8, with or without a mark of byte order, or GB18030, with commas, semicolons or tabs between the cells; Excel; Parquet.
- A row for each region and year with a column for each figure; or a column for each year, with a column `figure` or a file or sheet
  for each figure, named after it.
- Heads by the column's name, its Chinese term (中文名), or another head listed in `dictionary.csv`; a unit in brackets may follow.
- An empty cell where a figure is missing. A dash, a comma within a number, a footnote mark or a unit is refused, and the message says
  what to write instead.
- Names in Chinese; pictures show them where a Chinese font is installed (such as Noto Sans CJK), else take Latin letters.
- Columns of your own: add a line to `dictionary.csv`, and name the column in `settings.toml`. Columns that you don't have: leave them
  out, and take them out of `settings.toml`.
- Neighbours as pairs in `adjacency.csv`, as outlines in a `.geojson` file, or as `nearest = 4` under `[neighbours]` in `settings.toml`,
  if longitude and latitude stand in `regions.csv`; for the last two delete `adjacency.csv`.

## The tables

{tables}
"""


def _table(resource: dict) -> str:
    lines = [f"| `{field['name']}` | {field.get('title_zh', '')} | {field.get('description', '')} | {field.get('unit', '')} |"
             for field in resource["schema"]["fields"]]
    optional = " The chapter can do without it." if resource.get("optional") else ""
    return "\n".join([f"### `{resource['name']}`", "", f"A row for each {' and '.join(soundness.key(resource['schema']))}.{optional}", "",
                      "| column | 中文 | meaning | unit |", "|---|---|---|---|", *lines])
