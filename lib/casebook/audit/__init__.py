"""Does a printed paper agree with itself?

Three lines audit a table::

    from casebook import audit
    findings = audit.table(audit.read("table.csv"))
    findings

The table is long, and has any of the columns that ``audit.COLUMNS`` describes.  A row is

- an estimate: variable, estimate, stars (or ``0.30***``), std_error (``(0.110)`` will do), t, p, low, high;
  column says direct, indirect or total, and said what the text says of it;
- a described variable: variable, n, mean, sd, minimum, maximum;
- or a statement: check, where, printed, of, such as ``sum, capital, 5, 2.55; 2.45``.

Printed numbers are strings, because "0.190" stands for every number from 0.1895
to 0.1905.  Each check carries such intervals through an identity, and says how grave it is:

sound
    It agrees with everything printed that bears on it.
slip
    A wording, a caption, or a number of a heading that doesn't fit the rest.
doubt
    It can be right, but only by something unsaid: another convention (one-sided
    tests, another legend of stars, few degrees of freedom, robust standard
    errors), or because another cell of a broken identity is the wrong one.
error
    No numbers that round to the print satisfy the identity.

Cell by cell, :func:`examine` gives a verdict on tables of estimates: sound, suspicious or impossible.
Where direct and indirect effect (or their standard errors) can't make the total,
the total is impossible, for it isn't what its parts give; the parts are
suspicious, for either may be the misprint instead.

Examples
--------
0.30 / 0.14 = 2.1 earns two stars; 0.20 / 0.13 = 1.5 earns one only in a
one-sided test; 0.10 / 0.20 = 0.5 earns none.

>>> import pandas as pd
>>> printed = pd.DataFrame({"table": "1", "variable": ["a", "b", "c"], "column": "regression",
...     "estimate": ["0.30", "0.20", "0.10"], "stars": ["**", "*", "**"], "std_error": ["0.14", "0.13", "0.20"]})
>>> examined = examine(printed)
>>> examined["verdict"].tolist()
['sound', 'suspicious', 'impossible']
>>> examined["reason"][1]
'One star, but |z| is 1.44 to 1.64 and p 0.101 to 0.149; only a one-sided test would explain it.'
"""

from casebook.audit.estimates import EFFECTS, LEGENDS, LEVELS, Repair, Stars, Sum, stars, sums, triangle
from casebook.audit.findings import SEVERITIES, Audit, Finding
from casebook.audit.moments import Moran, description, moran, sigma2_floor
from casebook.audit.multiplier import Joint, implied_rho, joint_rho
from casebook.audit.printed import Check, interval
from casebook.audit.regression import VARIANCE, Legend
from casebook.audit.statements import STATEMENTS, filled
from casebook.audit.tables import CHECKS, VERDICTS, examine, questions, table
from casebook.audit.tidy import COLUMNS, TableError, read

__all__ = [
    "CHECKS", "COLUMNS", "EFFECTS", "LEGENDS", "LEVELS", "SEVERITIES", "STATEMENTS", "VARIANCE", "VERDICTS", "Audit", "Check", "Finding",
    "Joint", "Legend", "Moran", "Repair", "Stars", "Sum", "TableError", "description", "examine", "filled", "implied_rho", "interval", "joint_rho",
    "moran", "questions", "read", "sigma2_floor", "stars", "sums", "table", "triangle",
]
