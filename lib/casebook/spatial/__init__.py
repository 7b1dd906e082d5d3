"""Does what happens in the neighbouring regions matter?

Weights and Moran's I; spatial Durbin, lag and error models of panels with fixed
or random effects, by likelihoods that treat those effects rightly; direct and
indirect effects; and the tests by which one of these models is chosen.
"""

from casebook.spatial.durbin import SpatialDurbin, SpatialError, SpatialLag, SpatialLagOfX, SpatialResults
from casebook.spatial.report import compare
from casebook.spatial.weights import contiguity, inverse_distance, nearest, subset

__all__ = [
    "SpatialDurbin", "SpatialError", "SpatialLag", "SpatialLagOfX", "SpatialResults",
    "compare", "contiguity", "inverse_distance", "nearest", "subset",
]
