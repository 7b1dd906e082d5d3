"""Does a region's industrial structure lower its carbon intensity, and that of its neighbours?

Carries a panel of regions from raw figures to the logged variables of a spatial
Durbin model, to its estimates and effects, and to Moran's I by year.  Every
choice that a published study may leave unsaid is a field of :class:`Reading`.
"""

from casebook.intensity.neighbourhood import ALL_PAIRS, FEWEST, linked, neighbours, sample
from casebook.intensity.reading import CONTROLS, ISOLATES, SIZES, UPGRADING, WEIGHTS, Reading, columns, logged, measure, resized, variables
from casebook.intensity.study import FREEDOM, LIMITS, MATTERS, correlation, estimate, holding, outcomes, signs

__all__ = [
    "ALL_PAIRS", "CONTROLS", "FEWEST", "FREEDOM", "ISOLATES", "LIMITS", "MATTERS", "SIZES", "UPGRADING", "WEIGHTS", "Reading", "columns", "correlation",
    "estimate", "holding", "linked", "logged", "measure", "neighbours", "outcomes", "resized", "sample", "signs", "variables",
]
