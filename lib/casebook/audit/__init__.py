"""Does a printed regression table agree with itself?

Printed numbers are strings, because "0.190" stands for every number from 0.1895
to 0.1905.  Each check carries such intervals through an identity; a verdict says
what is left of a cell:

sound
    It agrees with everything printed that bears on it.
suspicious
    It can be right, but only by something unsaid: another convention (one-sided
    tests, another legend of stars, few degrees of freedom, robust standard
    errors), or because another cell of a broken identity is the wrong one.
impossible
    No numbers that round to the print satisfy the identity.

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
from casebook.audit.moments import Moran, description, moran, sigma2_floor
from casebook.audit.multiplier import Joint, implied_rho, joint_rho
from casebook.audit.printed import Check, interval
from casebook.audit.tables import VARIANCE, VERDICTS, examine

__all__ = [
    "EFFECTS", "LEGENDS", "LEVELS", "VARIANCE", "VERDICTS", "Check", "Joint", "Moran", "Repair", "Stars", "Sum",
    "description", "examine", "implied_rho", "interval", "joint_rho", "moran", "sigma2_floor", "stars", "sums", "triangle",
]
