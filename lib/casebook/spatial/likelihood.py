"""Which coefficients make the observed panel most likely?

Plain functions of arrays: `y` of shape (T, N), `z` of shape (T, N, K), W an
N x N sparse array.  Two models, ``lag`` (rho W y) and ``error`` (rho W u), each with
no, region, year or both effects, by three likelihoods: every dummy estimated
(``ml``), the effects transformed away (``transformation``), and ``ml`` with the
correction of its bias (``lee-yu``).  Random region effects for the comparison.

References
----------
Lee and Yu (2010), Journal of Econometrics 154, 165-185, doi:10.1016/j.jeconom.2009.08.001;
Elhorst (2014), Spatial Econometrics, doi:10.1007/978-3-642-40340-8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize

from casebook.spatial.determinant import determinant, lag, multiply, squared_trace

POINTS = 15
"""Values of rho at which the likelihood is looked at to find the neighbourhood of its maximum."""

EDGE = 1e-5
"""A maximum this close to an end of rho's interval, as a part of it, lies on the boundary."""

WITHOUT_YEARS = {"time": "none", "twoways": "entity", "random+time": "random"}
"""Effects, and what remains of them without those of the years."""


@dataclass(frozen=True)
class Count:
    """How a likelihood counts: -n/2 ln(sse) + m ln|I - rho W| - c ln(1 - rho).

    Attributes
    ----------
    n, m, c : int
        Observations, log-determinants, and corrections for the years' effects.
    """

    n: int
    m: int
    c: int


@dataclass(frozen=True)
class Fit:
    """Estimates as arrays.

    Attributes
    ----------
    beta : (K,)
    rho, sigma2, loglik : float
    cov : (K + 2, K + 2)
        Of beta, rho and sigma2 (of beta and sigma2 padded with zeros where there is no rho).
    residual : (T, N)
        With the effects taken out.
    mean : (T, N)
        What the regressors and effects give before the spatial multiplier.
    phi : float
        Variance of the random effects over sigma2; zero without them.
    flags : tuple of str
    """

    beta: np.ndarray
    rho: float
    sigma2: float
    loglik: float
    cov: np.ndarray
    residual: np.ndarray
    mean: np.ndarray
    phi: float = 0.0
    flags: tuple[str, ...] = ()


def within(values: np.ndarray, effects: str, direction: np.ndarray | None = None, theta: float = 0.0) -> np.ndarray:
    """Take effects out of an array of shape (T, N) or (T, N, K).

    Parameters
    ----------
    values : array
    effects : {"none", "entity", "time", "twoways", "random", "random+time"}
    direction : (N,), optional
        What a year's effect adds to the regions; the same to each by default.
    theta : float
        Random effects leave this part of the regions' means in.

    Examples
    --------
    >>> within(np.array([[1.0, 2.0], [3.0, 8.0]]), "twoways").tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    if effects in ("entity", "twoways"):
        values = values - values.mean(axis=0)
    if effects in ("random", "random+time"):
        values = values - (1 - theta) * values.mean(axis=0)
    if effects in ("time", "twoways", "random+time"):
        if direction is None:
            return values - values.mean(axis=1, keepdims=True)
        part = np.tensordot(values, direction / (direction @ direction), axes=(1, 0))
        shape = (1, -1) + (1,) * (values.ndim - 2)
        values = values - direction.reshape(shape) * part[:, None]
    return values


def count(shape: tuple[int, int], effects: str, method: str) -> Count:
    """How the likelihood of a method counts a panel of shape (T, N)."""
    years, regions = shape
    if method != "transformation" or effects == "none":
        return Count(years * regions, years, 0)
    t = years - (effects in ("entity", "twoways"))
    by_year = effects in ("time", "twoways")
    return Count(t * (regions - by_year), t, t if by_year else 0)


class _Lag:
    """Least squares of y - rho W y on z, for every rho at once."""

    def __init__(self, y, wy, z):
        basis = z.reshape(-1, z.shape[-1])
        scale = np.sqrt(np.square(basis).sum(axis=0))
        both = np.column_stack([y.ravel(), wy.ravel()])
        solved = np.linalg.lstsq(basis / scale, both, rcond=None)[0]
        self.coefficients = solved / scale[:, None]
        self.residuals = both - (basis / scale) @ solved
        self.products = self.residuals.T @ self.residuals
        self.shape = y.shape

    def at(self, rho):
        """Sum of squares and its derivative."""
        (a, b), (_, c) = self.products
        return a - 2 * rho * b + rho**2 * c, -2 * b + 2 * rho * c

    def solve(self, rho):
        """Coefficients and residual."""
        pair = np.array([1.0, -rho])
        return self.coefficients @ pair, (self.residuals @ pair).reshape(self.shape)


class _Error:
    """Least squares of the filtered y on the filtered z, at one rho after the other."""

    def __init__(self, y, z, matrix, effects, theta, proper):
        self.data = np.concatenate([y[..., None], z], axis=-1)
        self.data = self.data / (scale := np.sqrt(np.square(self.data).mean(axis=(0, 1))))
        self.scale, self.matrix, self.effects, self.theta, self.proper = scale, matrix, effects, theta, proper
        self.lagged = lag(matrix, self.data)

    def _fit(self, rho):
        direction = _years_direction(self.matrix, rho, self.proper)
        filtered = within(self.data - rho * self.lagged, self.effects, direction, self.theta)
        flat = filtered.reshape(-1, filtered.shape[-1])
        b = np.linalg.lstsq(flat[:, 1:], flat[:, 0], rcond=None)[0]
        return b, (flat[:, 0] - flat[:, 1:] @ b).reshape(filtered.shape[:2]), direction

    def at(self, rho):
        """Sum of squares and its derivative, by the envelope theorem."""
        b, e, direction = self._fit(rho)
        pair, rest = np.concatenate([[1.0], -b]), WITHOUT_YEARS.get(self.effects, self.effects)
        lagged = within(self.lagged @ pair, rest, theta=self.theta)
        if direction is not None and rest != self.effects:
            filtered = within(self.data @ pair, rest, theta=self.theta) - rho * lagged
            year = filtered @ direction / (direction @ direction)
            lagged = lagged - year[:, None] * (self.matrix @ np.ones(len(direction)))
        size = self.scale[0] ** 2
        return size * np.square(e).sum(), size * -2 * (e * lagged).sum()

    def solve(self, rho):
        """Coefficients and residual."""
        b, e, _ = self._fit(rho)
        return b * self.scale[0] / self.scale[1:], e * self.scale[0]


def _jacobian(det, counted: Count, rho: float) -> float:
    """What the change of variables from errors to y adds to the log-likelihood."""
    return counted.m * det.log_det(rho) - (counted.c * np.log(1 - rho) if counted.c else 0.0)


def _years_direction(matrix, rho: float, proper: bool) -> np.ndarray | None:
    """What a year's effect adds to the filtered data of an error model; None: the same to every region."""
    ones = np.ones(matrix.shape[0])
    return None if proper else ones - rho * (matrix @ ones)


def _height(profile, det, counted: Count, rho: float) -> float:
    return -counted.n / 2 * np.log(profile.at(rho)[0]) + _jacobian(det, counted, rho)


def _score(profile, det, counted: Count, rho: float) -> float:
    sse, slope = profile.at(rho)
    return -counted.n / 2 * slope / sse - counted.m * det.traces(rho)[0] + counted.c / (1 - rho)


def maximise(profile, det, counted: Count) -> tuple[float, tuple[str, ...]]:
    """The rho of the highest likelihood, to machine precision, and what is to be said of it."""
    low, high = det.interval
    high = min(high, 1.0) if counted.c else high
    inner = 1e-9 * (high - low)
    points = np.linspace(low, high, POINTS + 2)[1:-1]
    heights = [_height(profile, det, counted, p) for p in points]
    best = int(np.argmax(heights))
    ends = np.concatenate([[low + inner], points, [high - inner]])
    found = optimize.minimize_scalar(lambda r: -_height(profile, det, counted, r), bounds=(ends[best], ends[best + 2]),
                                     method="bounded", options={"xatol": EDGE / 4 * (high - low)})
    if not found.success or not np.isfinite(found.fun):
        raise RuntimeError(f"the likelihood has no maximum that can be found in rho between {low:.3f} and {high:.3f}: {found.message}")
    rho = float(found.x)
    if min(rho - low, high - rho) < EDGE * (high - low):
        return rho, (f"rho lies on the boundary of its interval ({low:.3f}, {high:.3f}): standard errors mean nothing",)
    step = min(1e-3, (rho - low) / 2, (high - rho) / 2)
    for _ in range(4):
        a, b = max(rho - step, low + inner), min(rho + step, high - inner)
        local = det.near(a, b)
        if _score(profile, local, counted, a) >= 0 >= _score(profile, local, counted, b):
            return float(optimize.brentq(lambda r: _score(profile, local, counted, r), a, b, xtol=1e-15, rtol=1e-14)), ()
        step *= 4
    return rho, (f"the maximum near rho = {rho:.4f} could not be refined: the likelihood is not smooth there",)


def fit(y, z, matrix, *, model="lag", effects="twoways", method="ml", order="before demeaning", proper=True, det=None) -> Fit:
    """Estimate one model; see the module for shapes and names.

    Parameters
    ----------
    y : (T, N)
    z : (T, N, K)
        Spatial lags of regressors included as columns.
    matrix : sparse array, N x N
    model : {"lag", "error", "none"}
        Where rho stands; "none" is least squares.
    effects, method : str
    order : {"before demeaning", "after demeaning"}
        Lag y before the effects are taken out, as the likelihood demands,
        or afterwards, as much software does.
    proper : bool
        Whether every row of the matrix sums to one.
    det : Eigenvalues or Factorisation, optional
        Of this matrix, to be used again.

    Returns
    -------
    Fit
    """
    counted = count(y.shape, effects, method)
    if model == "none":
        return _least_squares(y, z, effects, counted)
    det = det or determinant(matrix)
    if order == "after demeaning":
        y, z, kept = within(y, effects), within(z, effects), effects
        effects = "none"
    profile = _profile(y, z, matrix, model, effects, 0.0, proper)
    rho, flags = maximise(profile, det, counted)
    beta, residual = profile.solve(rho)
    sigma2 = np.square(residual).sum() / counted.n
    structural = y - rho * lag(matrix, y) if model == "lag" else y
    mean = structural - residual if model == "lag" else z @ beta
    loglik = _loglik(sigma2, rho, det, counted)
    result = Fit(beta, rho, sigma2, loglik, np.empty((0, 0)), residual, mean, flags=flags)
    if method == "lee-yu":
        shown = kept if order == "after demeaning" else effects
        result = _correct(result, y, z, matrix, det, model, effects, shown)
    return _with_cov(result, z, matrix, det, counted, model, effects, proper)


def fit_random(y, z, matrix, *, model="lag", effects="random", proper=True, det=None) -> Fit:
    """Estimate by maximum likelihood with random region effects.

    In the error model the random effects are filtered like the errors (Kapoor,
    Kelejian and Prucha 2007, doi:10.1016/j.jeconom.2006.09.004).
    """
    det, counted = det or determinant(matrix), count(y.shape, "none", "ml")
    years, regions = y.shape

    def at(log_theta):
        profile = _profile(y, z, matrix, model, effects, np.exp(log_theta), proper)
        rho, flags = (0.0, ()) if model == "none" else maximise(profile, det, counted)
        return profile, rho, flags, _height(profile, det, counted, rho) + regions * log_theta

    found = optimize.minimize_scalar(lambda v: -at(v)[3], bounds=(-9.0, 0.0), method="bounded", options={"xatol": 1e-9})
    if not found.success or not np.isfinite(found.fun):
        raise RuntimeError("the likelihood has no maximum that can be found in the variance of the random effects: "
                           f"{found.message}")
    profile, rho, flags, _ = at(found.x)
    theta = float(np.exp(found.x))
    if found.x > -1e-6:
        flags += ("the variance of the random effects is zero",)
    beta, residual = profile.solve(rho)
    sigma2 = np.square(residual).sum() / counted.n
    mean = z @ beta
    if effects == "random+time":
        ones = np.ones(regions)
        once, left = (ones, y - rho * lag(matrix, y) - mean) if model == "lag" else (
            ones - rho * (matrix @ ones), y - mean - rho * lag(matrix, y - mean))
        mean = mean + (left @ once / (once @ once))[:, None]
    loglik = _loglik(sigma2, rho, det, counted) + regions * np.log(theta)
    result = Fit(beta, rho, sigma2, loglik, np.empty((0, 0)), residual, mean, phi=(theta**-2 - 1) / years, flags=flags)
    return _with_cov(result, z, matrix, det, counted, model, effects, proper)


def _profile(y, z, matrix, model, effects, theta, proper):
    if model == "error":
        return _Error(y, z, matrix, effects, theta, proper)
    wy = lag(matrix, y) if model == "lag" else np.zeros_like(y)
    return _Lag(*(within(a, effects, theta=theta) for a in (y, wy, z)))


def _loglik(sigma2, rho, det, counted: Count) -> float:
    return float(-counted.n / 2 * (np.log(2 * np.pi * sigma2) + 1) + _jacobian(det, counted, rho))


def _least_squares(y, z, effects, counted: Count) -> Fit:
    profile = _Lag(within(y, effects), np.zeros_like(y), within(z, effects))
    beta, residual = profile.solve(0.0)
    sigma2 = np.square(residual).sum() / counted.n
    columns = z.shape[-1]
    cov = np.zeros((columns + 2, columns + 2))
    cov[:columns, :columns] = sigma2 * _inverse(np.einsum("tik,til->kl", within(z, effects), within(z, effects)))
    cov[-1, -1] = 2 * sigma2**2 / counted.n
    loglik = -counted.n / 2 * (np.log(2 * np.pi * sigma2) + 1)
    return Fit(beta, 0.0, sigma2, loglik, cov, residual, y - residual)


def information(result: Fit, z, matrix, det, counted: Count, model, effects, proper=True) -> np.ndarray:
    """Expected information on (beta, rho, sigma2), and on phi where effects are random.

    Returns
    -------
    (K + 2, K + 2) array, or (K + 3, K + 3)
    """
    columns, rho, sigma2 = z.shape[-1], result.rho, result.sigma2
    random = effects.startswith("random")
    size = columns + 2 + random
    info = np.zeros((size, size))
    years = z.shape[0]
    theta = (1 + years * result.phi) ** -0.5
    direction = None
    if model == "error":
        z = z - rho * lag(matrix, z)
        direction = _years_direction(matrix, rho, proper)
    free = within(z, effects, direction, theta)
    info[:columns, :columns] = np.einsum("tik,til->kl", free, free) / sigma2
    local = det.near(rho, rho)
    first, second = local.traces(rho)
    first = counted.m * first - (counted.c / (1 - rho) if counted.c else 0)
    second = counted.m * second - (counted.c / (1 - rho) ** 2 if counted.c else 0)
    info[columns, columns] = second + counted.m * squared_trace(matrix, rho, centred=bool(counted.c))
    info[columns, columns + 1] = info[columns + 1, columns] = first / sigma2
    info[columns + 1, columns + 1] = counted.n / (2 * sigma2**2)
    if model == "lag":
        pulled = within(multiply(matrix, rho, result.mean), effects, theta=theta)
        info[:columns, columns] = info[columns, :columns] = np.einsum("tik,ti->k", free, pulled) / sigma2
        info[columns, columns] += np.square(pulled).sum() / sigma2
    if random:
        share = years / (1 + years * result.phi)
        info[-1, -1] = matrix.shape[0] * share**2 / 2
        info[-1, columns] = info[columns, -1] = share * local.traces(rho)[0]
        info[-1, columns + 1] = info[columns + 1, -1] = matrix.shape[0] * share / (2 * sigma2)
    return info


def _inverse(info: np.ndarray) -> np.ndarray:
    scale = np.sqrt(np.abs(np.diag(info)))
    return np.linalg.inv(info / np.outer(scale, scale)) / np.outer(scale, scale)


def _with_cov(result: Fit, z, matrix, det, counted, model, effects, proper) -> Fit:
    info = information(result, z, matrix, det, counted, model, effects, proper)
    keep = z.shape[-1] + 2
    free = [i for i in range(len(info)) if model != "none" or i != keep - 2]
    cov = np.zeros_like(info)
    cov[np.ix_(free, free)] = _inverse(info[np.ix_(free, free)])
    return replace(result, cov=cov[:keep, :keep])


def _correct(result: Fit, y, z, matrix, det, model, effects, shown) -> Fit:
    """Lee and Yu's correction of the bias that estimated effects cause."""
    years, regions = y.shape
    rho, sigma2, beta = result.rho, result.sigma2, result.beta
    if shown in ("time", "twoways"):
        info = information(result, z, matrix, det, count(y.shape, "none", "ml"), model, effects)
        bias = np.zeros(len(info))
        bias[-2:] = years / (1 - rho), years / (2 * sigma2)
        step = _inverse(info) @ bias
        beta, rho, sigma2 = beta + step[:-2], rho + step[-2], sigma2 + step[-1]
    if shown in ("entity", "twoways"):
        sigma2 = sigma2 * years / (years - 1)
    rest = y - z @ beta
    structural = rest - rho * lag(matrix, rest if model == "error" else y)
    residual = within(structural, effects)
    mean = z @ beta if model == "error" else structural + z @ beta - residual
    return replace(result, beta=beta, rho=float(rho), sigma2=float(sigma2), residual=residual, mean=mean)
