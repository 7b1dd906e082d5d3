"""What tests share: figures are compared by sight, verdicts claim by claim, no test writes into data/, and some fixtures."""

import csv
import io
import os
import tempfile
import warnings
from binascii import a2b_base64
from pathlib import Path

import hypothesis
import matplotlib.pyplot as plt
import numpy as np
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile
from PIL import Image

ROOT = Path(__file__).parent
FAILURES = ROOT / "_build" / "figure-failures"
VERDICTS = ROOT / "data" / "verdicts"
LONG = ("test_other_regions", "test_sweep", "test_run")
BOUND = 1.0  # of 255: two Python versions differ by 0.01, one point moved by 0.05 gives 2.6

collect_ignore = ["tests/browser.py", "tests/benchmark.py"]

hypothesis.settings.register_profile("casebook", derandomize=True, deadline=None)
hypothesis.settings.load_profile("casebook")


def pytest_configure(config):
    """Let the kernels that nbval starts write their verdicts into a folder that goes away; several workers share the cores."""
    folder = tempfile.TemporaryDirectory(prefix="casebook-verdicts-")
    config.add_cleanup(folder.cleanup)
    os.environ["CASEBOOK_VERDICTS"] = folder.name
    if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):
        os.environ.setdefault("CASEBOOK_JOBS", str(max(2, os.cpu_count() // int(workers))))


def pytest_collection_modifyitems(items):
    """What takes minutes comes first, so that of several workers none is left with it at the end."""
    items.sort(key=lambda item: item.path.stem not in LONG)


def read_verdicts(path):
    """Return the rows of a table of verdicts by their claims."""
    with open(path, encoding="utf-8", newline="") as stream:
        return {row["claim_id"]: row for row in csv.DictReader(stream)}


def drifted(document, before, after):
    """Claims that two tables of verdicts judge otherwise, then those of which only other words changed: a line for each, old -> new."""
    lines = {True: [], False: []}
    for claim in dict.fromkeys([*before, *after]):
        old, new = before.get(claim, {}), after.get(claim, {})
        changed = [column for column in old | new if old.get(column) != new.get(column)]
        told = [column for column in ("verdict", "observed") if column in changed] or changed
        if told:
            lines["verdict" in told].append(f"{claim} ({document}): " + "; ".join(f"{c} {old.get(c, 'none')!r} -> {new.get(c, 'none')!r}" for c in told))
    return lines[True] + lines[False]


class Verdicts(pytest.Item):
    """After the last cell of a notebook: the verdicts that it found are held against the committed ones."""

    def runtest(self):
        document, committed = self.path.stem, VERDICTS / f"{self.path.stem}.csv"
        before, found = read_verdicts(committed), Path(os.environ["CASEBOOK_VERDICTS"], committed.name)
        if not found.exists():
            pytest.fail(f"{min(before)} to {max(before)} ({document}): no verdict, because the notebook stopped before the first; its first cell that failed says why", pytrace=False)
        drift = drifted(document, before, read_verdicts(found)) or [f"{document}: the same in another order"] * (found.read_bytes() != committed.read_bytes())
        if drift:
            pytest.fail("\n".join([*drift, f"That is {len(drift)} in all, data/verdicts -> what the notebook finds now."]), pytrace=False)

    def reportinfo(self):
        return self.path, None, self.nodeid


cells = IPyNbFile.collect


def collect(notebook):
    """Collect the cells of a notebook and, if it gives verdicts, what looks at them: the worker that ran the cells runs it after the last."""
    yield from cells(notebook)
    if (VERDICTS / f"{notebook.path.stem}.csv").exists():
        yield Verdicts.from_parent(notebook, name="verdicts")


IPyNbFile.collect = collect


def figure_outputs(outputs):
    """Return the outputs of a cell that hold a picture."""
    return [output for output in outputs if "image/png" in output.get("data", {})]


def pixels(output):
    """Return the picture of an output as an array of height x width x 3 numbers from 0 to 255."""
    with Image.open(io.BytesIO(a2b_base64(output["data"]["image/png"]))) as image:
        return np.asarray(image.convert("RGB"), dtype=float)


def figure_difference(expected, actual):
    """Return the RMS difference of two pictures; infinite if their sizes differ."""
    if expected.shape != actual.shape:
        return np.inf
    return float(np.sqrt(np.mean((expected - actual) ** 2)))


def save_failure(name, expected, actual):
    """Save two pictures that should be one, and where they differ."""
    FAILURES.mkdir(parents=True, exist_ok=True)
    pictures = {"expected": expected, "actual": actual}
    if expected.shape == actual.shape:
        pictures["difference"] = 255 - np.clip(5 * np.abs(expected - actual), 0, 255)
    for kind, array in pictures.items():
        Image.fromarray(array.astype("uint8")).save(FAILURES / f"{name}-{kind}.png")


def compare_figures(test, reference):
    """Return what is wrong with the figures of one cell, as lines of text; none if all is well."""
    test, reference = figure_outputs(test), figure_outputs(reference)
    if len(test) != len(reference):
        return [f"{len(reference)} figures expected, {len(test)} drawn"]
    problems = []
    for new, old in zip(test, reference):
        name = old["metadata"].get("image/png", {}).get("name", "figure")
        if new["metadata"] != old["metadata"]:
            problems.append(f"{name}: name, caption or alt text changed:\n{old['metadata']}\n{new['metadata']}")
        expected, actual = pixels(old), pixels(new)
        if (difference := figure_difference(expected, actual)) > BOUND:
            save_failure(name, expected, actual)
            problems.append(f"{name}: RMS difference {difference:.2f} of 255, bound {BOUND}; see {FAILURES}")
    return problems


compare_text = IPyNbCell.compare_outputs


def compare_outputs(cell, test, ref, skip_compare=None):
    """Compare all outputs of a cell: text as nbval does, and then the figures, which it leaves out."""
    if not compare_text(cell, test, ref, skip_compare):
        return False
    cell.comparison_traceback += compare_figures(test, ref)
    return not cell.comparison_traceback


IPyNbCell.compare_outputs = compare_outputs


@pytest.fixture
def no_warnings():
    """Every warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def nothing_open():
    """No figure is open before the test, nor after it."""
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture
def axes(nothing_open, monkeypatch):
    """The axes of the figure drawn last, which is left open until the test ends."""
    monkeypatch.setattr(plt, "close", lambda *_: None)
    return lambda: plt.gcf().axes
