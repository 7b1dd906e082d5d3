"""How does a stranger's spreadsheet become a folder of figures?

`gather` reads whatever lies in a folder (CSV, Excel or Parquet; long or wide;
heads in English or Chinese), tells everything that is wrong or looks wrong at
once, and `Gathered.write` puts the tables into a folder as `casebook.data` reads
it.  Figures are read, never mended.
"""

from casebook.intake.choices import read_choices
from casebook.intake.files import FORMATS, Sheet, read
from casebook.intake.folder import Gathered, gather
from casebook.intake.heads import Heads
from casebook.intake.neighbours import neighbours
from casebook.intake.notation import number, year

__all__ = ["FORMATS", "Gathered", "Heads", "Sheet", "gather", "neighbours", "number", "read", "read_choices", "year"]
