"""Readings on a real Dask scheduler and workers in processes of their own: the same bits, though a worker is killed on the way."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from _thread import interrupt_main
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from casebook import data, productivity, readings
from casebook.readings import Choices, cluster

LIBRARY = Path(readings.__file__).parents[2]
CHOICES = Choices({"power": {str(n): {"power": n} for n in range(12)}, "sign": {"plus": {"factor": 1.0}, "minus": {"factor": -1.0}}})


def until(known, process, seconds=60):
    """Wait for something to become true while a process lives."""
    end = time.monotonic() + seconds
    while not known():
        assert process.poll() is None and time.monotonic() < end, process.args
        time.sleep(0.02)


class Cluster:
    """A scheduler and workers on this machine's loopback, which write below one folder and end with the test."""

    def __init__(self, folder: Path):
        self.folder, self.processes, self.log = folder, [], open(folder / "log", "w")
        self.place = folder / "scheduler.json"
        scheduler = self.start("scheduler", "--port", "0", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", self.place)
        until(lambda: self.place.exists() and self.place.stat().st_size, scheduler)
        self.address = json.loads(self.place.read_text())["address"]

    def worker(self, library: Path = LIBRARY) -> subprocess.Popen:
        return self.start("worker", self.address, "--nthreads", "1", "--no-nanny", "--local-directory", self.folder, library=library)

    def start(self, kind, *words, library=LIBRARY) -> subprocess.Popen:
        # Outside the project's folder, which Python would put on the path by itself.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PYTHONPATH": str(library), "HOME": str(self.folder), "TMPDIR": str(self.folder)}
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--host", "127.0.0.1", "--no-dashboard", *map(str, words)]
        self.processes.append(subprocess.Popen(command, cwd=self.folder, env=environment, stdout=self.log, stderr=self.log))
        return self.processes[-1]

    def end(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        self.log.close()


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A scheduler with two workers."""
    both = Cluster(tmp_path_factory.mktemp("pair"))
    try:
        both.worker(), both.worker()
        yield both
    finally:
        both.end()


@pytest.fixture
def alone(tmp_path):
    """A scheduler that waits for workers."""
    (tmp_path / "cluster").mkdir()
    cluster = Cluster(tmp_path / "cluster")
    try:
        yield cluster
    finally:
        cluster.end()


def test_a_cluster_gives_the_same_bits_as_processes_and_as_one(pair):
    settings, panel = data.settings(data.PROJECT / "data/templates/yangtze"), data.load(data.PROJECT / "data/templates/yangtze")
    choices = Choices(settings["choices"]).touching(productivity.MATTERS["elasticity"])
    run = lambda **where: readings.run(productivity.outcomes, choices, panel, settings, fixed={"part": "elasticity"}, **where)
    one, two, far = run(jobs=1), run(jobs=2), run(scheduler=pair.address)
    for grid in (two, far):
        pd.testing.assert_frame_equal(grid.outcomes, one.outcomes, check_exact=True)
        assert grid.outcomes["value"].to_numpy().tobytes() == one.outcomes["value"].to_numpy().tobytes()
        assert grid.readings.equals(one.readings)
    assert len(one.outcomes) > 100


def test_large_sums_round_alike_everywhere(pair):
    matrix = np.random.default_rng(0).normal(size=(300, 300))  # solved by two threads, it differs in the last bits

    def product(factor, power):
        return pd.DataFrame({"value": [*np.linalg.solve(matrix, factor * matrix[:, power] + 1)]})

    found = [readings.run(product, CHOICES, **where).outcomes["value"].to_numpy().tobytes() for where in ({"jobs": 1}, {"jobs": 2}, {"scheduler": pair.address})]
    assert found[0] == found[1] == found[2]


def test_a_sample_is_the_same_on_a_cluster(pair, monkeypatch):
    def power(power, factor):
        return pd.DataFrame({"value": [factor * 3.0**power]})

    here = readings.run(power, CHOICES, sample=7, seed=3, jobs=1)
    monkeypatch.setenv("CASEBOOK_SCHEDULER", pair.address)
    monkeypatch.setenv("CASEBOOK_SAMPLE", "7")
    monkeypatch.setenv("CASEBOOK_SEED", "3")
    there = readings.run(power, CHOICES, name="powers")
    pd.testing.assert_frame_equal(there.outcomes, here.outcomes, check_exact=True)
    assert there.readings.equals(here.readings) and len(there.readings) == 7
    assert len(readings.run(power, CHOICES).readings) == len(CHOICES.readings()) > 7  # a table of the page's own


def test_a_worker_killed_on_the_way_loses_and_doubles_nothing(alone, tmp_path):
    signs = tmp_path / "signs"
    signs.mkdir()
    frame = pd.DataFrame({"x": np.arange(5000.0)})  # large enough to be left with one worker, were it an argument by itself

    def slow(frame, signs, power, factor):
        told = signs / f"{power} {factor}"
        with open(told, "a") as stream:
            stream.write(f"{os.getpid()}\n")
        if (power, factor) == (5, -1.0) and len(told.read_text().split()) == 1:  # the first time, wait for the end
            (signs / "waiting").write_text(str(os.getpid()))
            time.sleep(600)
        time.sleep(0.02)
        return pd.DataFrame({"quantity": "sum", "value": [factor * float((frame["x"] ** (power / 4)).sum())]})

    workers = {worker.pid: worker for worker in (alone.worker(), alone.worker())}
    grids = []
    runner = threading.Thread(target=lambda: grids.append(readings.run(slow, CHOICES, frame, signs, scheduler=alone.address)), daemon=True)
    runner.start()
    until((signs / "waiting").exists, alone.processes[0])
    until(lambda: (signs / "waiting").read_text(), alone.processes[0])
    struck = workers.pop(int((signs / "waiting").read_text()))
    os.kill(struck.pid, signal.SIGKILL)
    struck.wait()
    runner.join(120)
    assert not runner.is_alive() and len(grids) == 1
    rows = grids[0].outcomes
    assert rows["reading"].tolist() == list(range(24))  # each once, in order
    assert (signs / "5 -1.0").read_text().split() == [str(struck.pid), str(*workers)]  # begun, lost, and run by the other
    pd.testing.assert_frame_equal(rows, readings.run(slow, CHOICES, frame, signs, jobs=1).outcomes, check_exact=True)


def test_a_lost_scheduler_is_told(alone, tmp_path):
    sign, over = tmp_path / "sign", threading.Event()

    def endless(power, factor):
        if power > 4:
            sign.touch()
            time.sleep(600)
        return pd.DataFrame({"value": [factor]})

    def strike():
        until(sign.exists, alone.processes[0])
        alone.processes[0].kill()
        over.wait(60) or interrupt_main()

    alone.worker(), alone.worker()
    threading.Thread(target=strike, daemon=True).start()
    try:
        with pytest.raises(readings.ClusterError, match=f"the cluster at {alone.address} was lost on the way, and nothing is kept: see that its scheduler and workers run, and start again"):
            readings.run(endless, CHOICES, scheduler=alone.address)
    except KeyboardInterrupt:
        pytest.fail("it still waits for a scheduler that is gone")
    finally:
        over.set()


def test_an_error_of_the_function_comes_through(pair):
    def picky(power, factor):
        if power == 7:
            raise ZeroDivisionError("seven is too much")
        return pd.DataFrame({"value": [factor]})

    with pytest.raises(ZeroDivisionError, match="seven is too much"):
        readings.run(picky, CHOICES, scheduler=pair.address)


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(readings.ClusterError, match="no scheduler answers at tcp://127.0.0.1:1: start one with `dask scheduler`"):
        readings.run(productivity.outcomes, CHOICES, scheduler="tcp://127.0.0.1:1")


def test_a_scheduler_without_workers_is_named(alone, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 5)  # the scheduler itself has to answer within it, on a busy machine too
    with pytest.raises(readings.ClusterError, match="no worker has joined .*: start some with `dask worker tcp://127"):
        readings.run(productivity.outcomes, CHOICES, scheduler=alone.address)


def test_a_worker_without_the_library_is_named(alone, tmp_path):
    (tmp_path / "empty/casebook").mkdir(parents=True)  # hides the installed one
    (tmp_path / "empty/casebook/__init__.py").touch()
    alone.worker(library=tmp_path / "empty")
    with pytest.raises(readings.ClusterError, match="can't load casebook.productivity.outcomes .*No module named 'casebook.productivity'.*: install there"):
        readings.run(productivity.outcomes, CHOICES, scheduler=alone.address)


def test_a_worker_with_another_library_is_named(pair, monkeypatch):
    theirs = cluster.versions()["Python"]
    monkeypatch.setattr(cluster.platform, "python_version", lambda: "3.0")
    with pytest.raises(readings.ClusterError, match=f"has Python {theirs}, and here is 3.0, so that results might differ"):
        readings.run(productivity.outcomes, CHOICES, scheduler=pair.address)


def test_a_cluster_is_not_asked_for_what_is_kept(tmp_path):
    run = lambda **where: readings.run(productivity.outcomes, choices, panel, settings, fixed={"part": "elasticity"}, cache=tmp_path, **where)
    settings, panel = data.settings(data.PROJECT / "data/templates/yangtze"), data.load(data.PROJECT / "data/templates/yangtze")
    choices = Choices({"rule": settings["choices"]["rule"]})
    choices = Choices(choices.levels | {"pollutants": settings["choices"]["pollutants"]})
    fresh = run(jobs=1)
    pd.testing.assert_frame_equal(run(scheduler="tcp://127.0.0.1:1").outcomes, fresh.outcomes, check_exact=True)
