"""What in the settings still speaks of the example that they were made from?"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pandas as pd

from casebook import data
from casebook.problems import Problem

OWN = ("title", "title_zh", "caution", "noun", "period", "money", "currency", "stages.labels", "stages.cuts")
"""Settings that others would write otherwise, in whichever chapter they stand; columns, years and groups are held against the tables."""

PLAIN = ("regions",)
"""Values that fit everybody."""


def leftovers(settings: Mapping, template: Path, regions: Collection[str]) -> list[Problem]:
    """Find settings that were left as in the example, though most regions are others.

    Parameters
    ----------
    settings : mapping
    template : Path
        Folder of the example.
    regions : collection of str
        Those that the settings are about.

    Returns
    -------
    list of Problem
        Warnings, without the file.
    """
    if not (template / "regions.csv").is_file():
        return []
    example = tomllib.loads((template / "settings.toml").read_text(encoding="utf-8"))
    theirs = set(pd.read_csv(template / "regions.csv", dtype=str)["region"])
    if 2 * len(theirs.intersection(regions)) >= len(set(regions)):
        return []
    mend = "write your own; if it fits your regions too, nothing need be done"
    left = {key: value for key in (*OWN, *_translated(settings, example)) if (value := data.dig(settings, key)) and value == data.dig(example, key) and value not in PLAIN}
    found = [Problem(f"{key} = {textwrap.shorten(repr(value), 70, placeholder=' …')}", "is still the example's", mend, severity="warning") for key, value in left.items()]
    strange = theirs.difference(regions)
    return found + [Problem(f"{key} = {textwrap.shorten(repr(text), 70, placeholder=' …')}", f"names {name}, a region of the example", mend, severity="warning")
                    for key, text in _texts(settings) if key not in left for name in sorted(strange) if text != name and re.search(rf"\b{re.escape(name)}\b", text)]


def _translated(settings: Mapping, example: Mapping) -> list[str]:
    """Keys of labels in Chinese whose English ones were changed."""
    return [f"{key}.labels_zh" for key, section in example.items() if isinstance(section, Mapping) and "labels_zh" in section
            and data.dig(settings, f"{key}.labels") != section["labels"]]


def _texts(settings: Mapping, path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _texts(value, f"{path}{key}.")
        elif isinstance(value, str):
            yield path + key, value
