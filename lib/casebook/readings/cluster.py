"""How do readings run on other machines?

On a Dask cluster: a scheduler, and workers that can import this library in the
same versions.  What is computed is the same, bit for bit; a worker that is lost
has its readings run by another.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import pickle
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 30
"""Seconds within which a scheduler has to answer, and a first worker to join it."""

PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "libpysal", "esda")
"""Other versions of these may give other digits."""


class ClusterError(RuntimeError):
    """A cluster that can't be used as it is, and what to do."""


@contextlib.contextmanager
def connected(address: str, function: Callable) -> Iterator[Client]:
    """A connection to a cluster on which every worker can run a function as it runs here.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.
    function : callable

    Raises
    ------
    ClusterError
        If no scheduler or worker answers, or a worker can't import the function
        or has another version of Python, this library or one of ``PACKAGES``; and
        if the scheduler is lost on the way, which forgets every task.

    Notes
    -----
    While every worker is gone, readings wait; so they do after one of them has ended
    more workers than the scheduler allows, three by default.  joblib leaves a cluster
    of a single core idle, and runs the readings here.
    """
    try:
        from distributed import CancelledError, Client  # which only those need who have a cluster
        from distributed.comm import CommClosedError
    except ImportError:
        raise ClusterError("a scheduler needs the package distributed, which is not installed: pip install distributed") from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as fault:
        raise ClusterError(f"no scheduler answers at {address}: start one with `dask scheduler`, or correct the address ({fault})") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise ClusterError(f"no worker has joined the scheduler at {address}: start some with `dask worker {address} --nthreads 1`") from None
        try:
            _refuse_strangers(client, function)
            yield client
        except (CancelledError, CommClosedError):
            raise ClusterError(f"the cluster at {address} was lost on the way, and nothing is kept: see that its scheduler and workers run, and start again") from None


def _refuse_strangers(client: Client, function: Callable) -> None:
    """Stop if a worker can't do what is asked, or not as it would be done here."""
    import cloudpickle  # which comes with distributed

    ours = versions()
    for worker, loaded in client.run(pickle.loads, cloudpickle.dumps((function, versions)), on_error="return").items():
        if isinstance(loaded, Exception):
            raise ClusterError(f"the worker {worker} can't load {function.__module__}.{function.__name__} ({loaded}): install there what is installed here, "
                               "this library among it, or name its folder in PYTHONPATH")
    for worker, theirs in client.run(versions).items():
        for name, version in ours.items():
            if theirs[name] != version:
                raise ClusterError(f"the worker {worker} has {name} {theirs[name]}, and here is {version}, so that results might differ: "
                                   "install there what requirements.lock names")


def call(function: Callable, inputs: tuple, fields: dict):
    """Run a function on a worker, in one thread: sums in several may round otherwise."""
    _one_thread()
    return function(*inputs, **fields)


@functools.cache
def _one_thread() -> None:
    threadpool_limits(1)


def versions() -> dict[str, str]:
    """What the digits of a result may depend on: Python, packages, and the source of this library."""
    source = Path(__file__).parents[1]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(source.rglob("*.py")))).hexdigest()
    return {"Python": platform.python_version(), "casebook": digest[:12]} | {name: importlib.metadata.version(name) for name in PACKAGES}
