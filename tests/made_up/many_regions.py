"""Invent as many counties as a large country has, on a grid, to see what the chapter on spillovers costs:

    python tests/made_up/many_regions.py FOLDER
"""

import sys
from pathlib import Path

from ten_regions import package, tables, write

ROWS, COLUMNS, YEARS = 50, 57, range(2001, 2021)
STEP = 0.5  # degrees
SETTINGS = """# A grid of made-up counties: the choices of the chapter on spillovers, and few of them.

title = "Carbon and industry in a grid of made-up counties"
title_zh = "虚构县域的碳排放与产业"

base_year = 2001
first_year = 2001
last_year = 2020

[groups]
labels = ["coast", "upland"]
labels_zh = ["沿海", "高地"]

[choices.CO2]
register = { co2 = "co2_register" }
satellite = { co2 = "co2_satellite" }

[choices.GDP]
accounts = { gdp = "gdp" }

[choices.upgrading]
ratio = { measure = "ratio" }
level = { measure = "level" }

[choices.weights]
contiguity = { weights = "contiguity" }
"five nearest" = { weights = "nearest", k = 5 }

[choices.years]
"all known" = {}

[choices.controls]
all = { controls = ["income", "energy", "openness", "urban"] }

[choices.method]
transformation = { method = "transformation" }

[choices.isolates]
joined = { isolates = "join" }

[choices.variable]
"intensity, log" = { of = "intensity", scale = "log" }

[choices.rows]
"row-standardised" = { standardise = true }

[reading]
CO2 = "register"
GDP = "accounts"
upgrading = "ratio"
weights = "contiguity"
years = "all known"
controls = "all"
method = "transformation"
isolates = "joined"
variable = "intensity, log"
rows = "row-standardised"
"""


def grid():
    """Places of the counties, and the pairs that share a side."""
    def name(row, column):
        return f"County {row:02d}-{column:02d}"

    cells = [(row, column) for row in range(ROWS) for column in range(COLUMNS)]
    places = {name(r, c): (20 + STEP * c, 30 + STEP * r, "coast" if c < COLUMNS // 3 else "upland") for r, c in cells}
    pairs = [(name(r, c), name(*other)) for r, c in cells for other in ((r + 1, c), (r, c + 1)) if name(*other) in places]
    return places, pairs


if __name__ == "__main__":
    folder, (places, pairs) = Path(sys.argv[1]), grid()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    write(folder, tables(places, pairs, set(), YEARS, [2005, 2015]),
          package("grid", "A grid of made-up counties", "虚构县域", len(places), YEARS, [2005, 2015]))
