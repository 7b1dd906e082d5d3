"""What tests share: figures are compared by sight, no test writes into data/, and some fixtures."""

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
from nbval.plugin import IPyNbCell
from PIL import Image

FAILURES = Path(__file__).parent / "_build" / "figure-failures"
BOUND = 1.0  # of 255: two Python versions differ by 0.01, one point moved by 0.05 gives 2.6

collect_ignore = ["tests/browser.py", "tests/benchmark.py"]

hypothesis.settings.register_profile("casebook", derandomize=True, deadline=None)
hypothesis.settings.load_profile("casebook")


def pytest_configure(config):
    """Let the kernels that nbval starts write their verdicts into a folder that goes away."""
    folder = tempfile.TemporaryDirectory(prefix="casebook-verdicts-")
    config.add_cleanup(folder.cleanup)
    os.environ["CASEBOOK_VERDICTS"] = folder.name


def pytest_collection_modifyitems(items):
    """What looks at the verdicts of all notebooks comes last, whatever the order of the files."""
    items.sort(key=lambda item: item.name == "test_no_verdict_has_drifted")


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
