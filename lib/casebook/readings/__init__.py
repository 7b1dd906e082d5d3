"""What would another choice have given?

A document leaves choices unsaid.  Each is declared with its named levels; the
grid of all combinations, or a random sample of it, is run through any function,
on the cores of this machine or on a cluster; the outcome is one tidy frame.
From it the reading closest to the printed figures is chosen by a stated rule,
the choice that matters most is found, and a specification curve is drawn.
"""

from casebook.readings.choices import Choices
from casebook.readings.cluster import ClusterError
from casebook.readings.grid import Grid, lift, run
from casebook.readings.sensitivity import closest, curve, decisive, decompose, importance, ranking

__all__ = ["Choices", "ClusterError", "Grid", "closest", "curve", "decisive", "decompose", "importance", "lift", "ranking", "run"]
