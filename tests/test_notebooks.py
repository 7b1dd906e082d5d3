"""The committed notebooks are whole: nbval, which runs every cell anew, would let these faults pass."""

import ast
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest
import yaml
from conftest import BOUND, drifted, figure_difference, figure_outputs
from nbval.plugin import comment_markers, metadata_tags

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def test_every_notebook_has_its_text_and_its_place_in_the_book():
    names = {path.stem for path in NOTEBOOKS}
    chapters = [chapter for part in yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"] for chapter in part["chapters"]]
    in_book = {Path(chapter["file"]).name for chapter in chapters if chapter["file"].startswith("notebooks/")}
    assert names == {path.stem for path in ROOT.glob("notebooks/text/*.md")} == in_book


@each_notebook
def test_every_cell_has_run_in_order_and_in_silence(path):
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error" and output.get("name") != "stderr", cell.source


@each_notebook
def test_no_cell_is_excused_from_comparison(path):
    for cell in code_cells(path):
        assert not set(cell.metadata.get("tags", [])) & set(metadata_tags), cell.source
        assert not any(marker in cell.source for marker in comment_markers), cell.source


@each_notebook
def test_cells_of_a_document_do_nothing_without_one(path):
    """A report on other figures goes without these cells: the others must not need them."""
    for cell in code_cells(path):
        if "document" in cell.metadata.get("tags", []):
            blocks = ast.parse(cell.source).body
            assert blocks and all(isinstance(block, ast.If) and ast.unparse(block.test) == "document" for block in blocks), cell.source


@each_notebook
def test_every_figure_has_name_caption_and_alt_text(path):
    names = []
    for cell in code_cells(path):
        for output in figure_outputs(cell.outputs):
            about = output.metadata.get("image/png", {})
            assert all(about.get(key) for key in ("name", "caption", "alt")), cell.source
            names.append(about["name"])
        assert not any(mime.startswith("image/") and mime != "image/png"
                       for output in cell.outputs for mime in output.get("data", {})), cell.source
    assert len(names) == len(set(names))


@each_notebook
def test_text_and_notebook_are_in_step(path):
    def content(notebook):
        return [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]

    text = jupytext.read(path.parent / "text" / f"{path.stem}.md", fmt="md:myst")
    assert content(nbformat.read(path, 4)) == content(text), "run `make notebooks`"


def test_a_drift_names_claim_verdict_and_what_was_observed():
    before = {"a-1": {"verdict": "close", "observed": "4", "reason": "x"}, "a-2": {"verdict": "close", "observed": "5", "reason": "x"}, "a-3": {"verdict": "close", "observed": "6", "reason": "x"}}
    after = {"a-1": before["a-1"] | {"reason": "y"}, "a-2": {"verdict": "depends", "observed": "9", "reason": "y"}}
    assert drifted("doc", before, before) == []
    assert drifted("doc", before, after) == [
        "a-2 (doc): verdict 'close' -> 'depends'; observed '5' -> '9'", "a-3 (doc): verdict 'close' -> 'none'; observed '6' -> 'none'", "a-1 (doc): reason 'x' -> 'y'"]


def test_a_small_shift_is_within_the_bound_and_a_moved_point_is_not():
    white = np.full((100, 100, 3), 255.0)
    faint, point = white - 0.5, white.copy()
    point[40:46, 40:46] = 0  # 36 of 10,000 pixels: 255 * sqrt(0.0036) = 15.3
    assert figure_difference(white, faint) == 0.5 < BOUND
    assert figure_difference(white, point) == pytest.approx(15.3) and figure_difference(white, white[1:]) == np.inf
