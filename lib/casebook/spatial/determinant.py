"""What does the spatial filter I - rho W cost the likelihood, and how far does it reach?

The log-determinant of I - rho W and the traces of G = W (I - rho W)^-1 that the
information matrix and the effects need: from the eigenvalues of W for few
regions, from sparse factorisations for many.  No dense N x N inverse is ever
formed for many regions, and nothing is read off a grid.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.polynomial import Chebyshev
from scipy import sparse
from scipy.sparse import linalg as sparse_linalg

FEW = 250
"""Up to this many regions the eigenvalues are taken; beyond, sparse factorisations."""

BLOCK = 128
"""Columns solved for at a time where all N are needed."""

NODES = 14
"""Chebyshev nodes of the log-determinant beside an optimum."""

WIDTH = 0.02
"""Half the width of the interval those nodes span."""


@dataclass(frozen=True)
class Eigenvalues:
    """Log-determinant from the eigenvalues of W; exact, for few regions.

    Examples
    --------
    >>> two = Eigenvalues(sparse.csr_array([[0.0, 1.0], [1.0, 0.0]]))
    >>> bool(np.isclose(two.log_det(0.5), np.log(1 - 0.5**2)))
    True
    >>> [round(float(t), 6) for t in two.traces(0.5)]  # of G and of G G: G = [[2, 4], [4, 2]] / 3
    [1.333333, 4.444444]
    """

    matrix: sparse.csr_array
    values: np.ndarray = field(init=False, repr=False)
    interval: tuple[float, float] = field(init=False)

    def __post_init__(self):
        values = np.linalg.eigvals(self.matrix.toarray())
        real = values.real[np.abs(values.imag) < 1e-9]
        low, high = min(real.min(initial=0), 0), max(real.max(initial=0), 0)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "interval", (1 / low if low < -1e-9 else -1.0, 1 / high if high > 1e-9 else 1.0))

    def log_det(self, rho) -> np.ndarray:
        """Log of the determinant of I - rho W; `rho` a number or an array of shape (m,)."""
        return np.log(np.abs(1 - np.multiply.outer(rho, self.values))).sum(axis=-1)

    def traces(self, rho) -> tuple[np.ndarray, np.ndarray]:
        """Traces of G and of G G, with G = W (I - rho W)^-1."""
        ratio = self.values / (1 - np.multiply.outer(rho, self.values))
        return ratio.sum(axis=-1).real, (ratio**2).sum(axis=-1).real

    def near(self, low: float, high: float) -> Eigenvalues:
        """The same, to be evaluated between two values of rho."""
        return self


@dataclass(frozen=True)
class Factorisation:
    """Log-determinant from sparse LU factorisations; for many regions.

    Traces follow from the derivatives of the log-determinant, which
    :meth:`near` interpolates through Chebyshev nodes to machine precision.
    Rho is sought between -1 / r and 1 / r, where r is the largest row sum:
    there the filter can always be inverted.
    """

    matrix: sparse.csr_array
    interval: tuple[float, float] = field(init=False)
    interpolated: list[Interpolated] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self):
        reach = np.abs(self.matrix).sum(axis=1).max()
        object.__setattr__(self, "interval", (-1 / reach, 1 / reach))

    def log_det(self, rho) -> np.ndarray:
        """Log of the determinant of I - rho W; `rho` a number or an array of shape (m,)."""
        return np.vectorize(self._one, otypes=[float])(rho)

    def _one(self, rho: float) -> float:
        lu = factor(self.matrix, rho)
        return np.log(np.abs(lu.L.diagonal())).sum() + np.log(np.abs(lu.U.diagonal())).sum()

    def near(self, low: float, high: float) -> Interpolated:
        """Interpolate the log-determinant between two values of rho, and a little beyond."""
        for known in self.interpolated:
            if known.polynomial.domain[0] <= low and high <= known.polynomial.domain[1]:
                return known
        low, high = min(low, (low + high) / 2 - WIDTH), max(high, (low + high) / 2 + WIDTH)
        low, high = max(low, 0.999999 * self.interval[0]), min(high, 0.999999 * self.interval[1])
        nodes = min(NODES + 4 * int((high - low) / (2 * WIDTH)), 60)  # more for a wider stretch
        self.interpolated.append(Interpolated(Chebyshev.interpolate(self.log_det, nodes, [low, high])))
        return self.interpolated[-1]


@dataclass(frozen=True)
class Interpolated:
    """A log-determinant and its derivatives on a short interval of rho."""

    polynomial: Chebyshev

    def log_det(self, rho) -> np.ndarray:
        """Log of the determinant of I - rho W."""
        return self.polynomial(rho)

    def traces(self, rho) -> tuple[np.ndarray, np.ndarray]:
        """Traces of G and of G G: minus the first and second derivative of the log-determinant."""
        return -self.polynomial.deriv()(rho), -self.polynomial.deriv(2)(rho)


def determinant(matrix: sparse.csr_array) -> Eigenvalues | Factorisation:
    """The log-determinant suited to a matrix of weights, by its number of regions."""
    return Eigenvalues(matrix) if matrix.shape[0] <= FEW else Factorisation(matrix)


def factor(matrix: sparse.csr_array, rho: float):
    """Sparse LU factorisation of I - rho W, pivoting on the diagonal."""
    identity = sparse.eye_array(matrix.shape[0], format="csc")
    return sparse_linalg.splu((identity - rho * matrix).tocsc(), permc_spec="MMD_AT_PLUS_A",
                              diag_pivot_thresh=0.0, options={"SymmetricMode": True})


def squared_trace(matrix: sparse.csr_array, rho: float, *, centred: bool = False) -> float:
    """Trace of G'G, the sum of squares of G = W (I - rho W)^-1, without forming G.

    Parameters
    ----------
    matrix : sparse array, N x N
    rho : float
    centred : bool
        Of (J G)'(J G), where J takes each column's mean off.

    Examples
    --------
    >>> round(float(squared_trace(sparse.csr_array([[0.0, 1.0], [1.0, 0.0]]), 0.5)), 6)
    4.444444
    """
    solver, columns = factor(matrix, rho), matrix.tocsc()
    total = 0.0
    for start in range(0, matrix.shape[0], BLOCK):
        block = solver.solve(columns[:, start:start + BLOCK].toarray())
        total += np.square(block - block.mean(axis=0) if centred else block).sum()
    return total


def lag(matrix: sparse.csr_array, values: np.ndarray) -> np.ndarray:
    """Spatial lag along the second axis of an array of shape (T, N) or (T, N, K)."""
    flat = np.moveaxis(values, 1, 0).reshape(values.shape[1], -1)
    shape = (values.shape[1], values.shape[0], *values.shape[2:])
    return np.moveaxis((matrix @ flat).reshape(shape), 0, 1)


def multiply(matrix: sparse.csr_array, rho: float, values: np.ndarray) -> np.ndarray:
    """G times an array of shape (T, N): W (I - rho W)^-1 applied to every year."""
    return (matrix @ factor(matrix, rho).solve(np.ascontiguousarray(values.T))).T
