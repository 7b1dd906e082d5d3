"""Do regions grow alike?

Whether the differences between regions shrink (:mod:`~casebook.convergence.sigma`) and
poorer ones grow faster (:mod:`~casebook.convergence.beta`); how unequal they are, between
groups of them and within (:mod:`~casebook.convergence.inequality`); how often they change
their class of income (:mod:`~casebook.convergence.mobility`); and whether they converge in the
end, all together (:mod:`~casebook.convergence.logt`) or in clubs (:mod:`~casebook.convergence.membership`).
"""

from casebook.convergence.beta import BetaConvergence, SpatialBeta, Speed, beta_convergence, spatial_beta, speed
from casebook.convergence.inequality import INDICES, Decomposition, decompose, gini, theil
from casebook.convergence.logt import CRITICAL, LogT, log_t
from casebook.convergence.membership import ALONE, RULES, Clubs, clubs
from casebook.convergence.mobility import CUTS, Homogeneity, Transitions, classes, homogeneity, transitions
from casebook.convergence.sigma import MEASURES, SCALES, TESTS, SigmaConvergence, SigmaTest, dispersion, sigma_convergence, sigma_test
from casebook.kuznets.turning import CannotTell

__all__ = [
    "ALONE", "CRITICAL", "CUTS", "INDICES", "MEASURES", "RULES", "SCALES", "TESTS", "BetaConvergence", "CannotTell", "Clubs", "Decomposition", "Homogeneity", "LogT",
    "SigmaConvergence", "SigmaTest", "SpatialBeta", "Speed", "Transitions", "beta_convergence", "classes", "clubs", "decompose", "dispersion",
    "gini", "homogeneity", "log_t", "sigma_convergence", "sigma_test", "spatial_beta", "speed", "theil", "transitions",
]
