"""One notebook for any regions: the chapter and the Data page run on five made-up ones, and speak of those alone."""

import csv
import json
import re
from pathlib import Path

import nbformat
import papermill
import pytest

ROOT = Path(__file__).resolve().parents[1]
FIVE = ROOT / "tests/data/five"


def column(folder, *names):
    """The names of regions, in all their spellings, in a table of regions."""
    with open(folder / "regions.csv", encoding="utf-8", newline="") as stream:
        return {row[name] for row in csv.DictReader(stream) for name in names}


OURS = column(ROOT / "data/yangtze", "region", "name_zh", "label", "province") | {"Yangtze", "长江", "长三角"}
MADE_UP = column(FIVE, "region")


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def run(request, tmp_path_factory):
    """Run a page on the five regions; give its notebook, the verdicts written, and data/ before and after."""
    folder, before = tmp_path_factory.mktemp(request.param), content(ROOT / "data")
    (folder / "verdicts").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEBOOK_VERDICTS", str(folder / "verdicts"))
        notebook = papermill.execute_notebook(
            ROOT / f"notebooks/{request.param}.ipynb", folder / "run.ipynb", parameters={"folder": str(FIVE)},
            cwd=ROOT / "notebooks", kernel_name="python3", progress_bar=False)
    return notebook, content(folder / "verdicts"), before, content(ROOT / "data")


each_page = pytest.mark.parametrize("run", ["yangtze", "data"], indirect=True)
chapter = pytest.mark.parametrize("run", ["yangtze"], indirect=True)


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def words(output):
    """What a reader gets from an output: its text, or the caption and alt text of a picture."""
    data = {mime: text for mime, text in output.get("data", {}).items() if mime != "image/png"}
    return json.dumps([output.get("text", ""), data, output.get("metadata", {})], ensure_ascii=False)


def figures(notebook):
    return [output.metadata["image/png"] for output in outputs(notebook) if "image/png" in output.get("data", {})]


@each_page
def test_the_page_runs_to_its_end_without_a_warning(run):
    notebook = run[0]
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    assert not [o for o in outputs(notebook) if o.output_type == "error" or o.get("name") == "stderr"]


@each_page
def test_no_output_speaks_of_other_regions(run):
    for output in outputs(run[0]):
        told = words(output)
        assert not [region for region in OURS if region in told] and "yrd-" not in told, told


@each_page
def test_pictures_are_about_the_five(run):
    about = figures(run[0])
    assert about and all(figure["name"] and figure["caption"] and figure["alt"] for figure in about)
    assert "5 regions" in " ".join(figure["alt"] for figure in about)


@chapter
def test_tables_and_alt_texts_name_the_five(run):
    tables = " ".join(output.data.get("text/html", "") for output in outputs(run[0]) if "data" in output)
    assert all(region in tables for region in MADE_UP)
    assert any(region in figure["alt"] for region in MADE_UP for figure in figures(run[0]))


@chapter
def test_the_chapter_says_that_claims_are_left_out(run):
    told = [o.data.get("text/markdown", "") for o in outputs(run[0]) if "data" in o]
    assert any("claims and verdicts are left out" in text for text in told)


@chapter
def test_the_chapter_prints_nothing_of_a_document(run):
    names = {figure["name"] for figure in figures(run[0])}
    assert {"fig-states", "fig-maps", "fig-dispersion", "fig-quadrants", "fig-curve"} <= names
    assert not names & {"fig-verdicts", "fig-curve-income"}
    told = " ".join(map(words, outputs(run[0])))
    assert not re.search(r"tbl-(claims|closest|verdicts|fit)|\bprinted\b|fingerprint", told)


@each_page
def test_nothing_is_written_into_the_project(run):
    _, verdicts, before, after = run
    assert verdicts == {} and before == after


@pytest.mark.parametrize("path", sorted(ROOT.glob("notebooks/*.ipynb")), ids=lambda path: path.stem)
def test_prose_names_no_region_and_no_number(path):
    # Prose can't follow the data; numbers of formulas, citations, links and exercises are no data.
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type != "markdown":
            continue
        prose = re.sub(r"```\{math\}.*?```|\$.*?\$|`[^`\n]*`|\]\(.*?\)|\*\*Exercise \d+\.\*\*", "", cell.source, flags=re.S)
        assert not [region for region in OURS if region in prose], prose
        assert not re.search(r"\d", prose), prose
