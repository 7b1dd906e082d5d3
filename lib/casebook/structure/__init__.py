"""How is an economy built, how did that change, and has it deindustrialised?

Shares of sectors, their order by year and location quotients (:mod:`~casebook.structure.shares`);
whether a share falls for long, by a stated rule (:mod:`~casebook.structure.decline`, and :mod:`~casebook.structure.reading` for every region at once; :mod:`~casebook.structure.histories` for series beside each other), and which kind of
deindustrialisation that is (:mod:`~casebook.structure.classes`); why manufacturing employment changed
(:mod:`~casebook.structure.tregenna`); what of a region's change is the nation's, its mix of sectors' or its own
(:mod:`~casebook.structure.shift_share`); and how far a structure has moved up (:mod:`~casebook.structure.upgrading`,
beside :mod:`casebook.upgrading`, whose indices are at hand here as well).
"""

from casebook.kuznets.turning import CannotTell
from casebook.structure.classes import KINDS, Classification, classify, kinds
from casebook.structure.decline import Decline, Monotone, Trend, directions, monotone, peak_share, sustained, trend
from casebook.structure.histories import histories
from casebook.structure.reading import BASES, measured, outcomes
from casebook.structure.shares import location_quotient, ordering, orders, share, shares, stages
from casebook.structure.shift_share import ShiftShare, dunn, esteban
from casebook.structure.tregenna import Decomposition, decompose
from casebook.structure.upgrading import structural_height, theil_rationalisation
from casebook.upgrading import level, productivity_weighted, sector_ratio

__all__ = [
    "BASES", "KINDS", "CannotTell", "Classification", "Decline", "Decomposition", "Monotone", "ShiftShare", "Trend", "classify", "decompose", "directions",
    "dunn", "esteban", "histories", "kinds", "level", "location_quotient", "measured", "monotone", "ordering", "orders", "outcomes", "peak_share", "productivity_weighted", "sector_ratio", "share", "shares",
    "stages", "structural_height", "sustained", "theil_rationalisation", "trend",
]
