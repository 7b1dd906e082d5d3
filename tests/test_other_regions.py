"""One notebook for any regions: the pages run on made-up ones and on other real ones, and speak of those alone."""

import csv
import json
import re
import tomllib
from functools import cache
from pathlib import Path

import nbformat
import papermill
import pytest

from casebook import data

ROOT = Path(__file__).resolve().parents[1]
BOOK = ("yangtze", "beijing-tianjin-hebei", "shenzhen", "coordination", "deindustrialisation")
FOLDERS = {page: ROOT / "data/templates" / page for page in BOOK}
PROVINCES = ROOT / "data/provinces"
CASES = [  # chapters that have settings of their own in the folder of others
    ("yangtze", PROVINCES),
    ("beijing-tianjin-hebei", PROVINCES),
    ("shenzhen", ROOT / "data/countries"),
]
DRAWN = {
    "yangtze": {"fig-states", "fig-maps", "fig-dispersion", "fig-quadrants", "fig-curve"},
    "beijing-tianjin-hebei": {"fig-spillover", "fig-moran", "fig-scatter", "fig-energy", "fig-bias", "fig-curve"},
    "shenzhen": {"fig-ten", "fig-income", "fig-example", "fig-economies", "fig-curve"},
    "coordination": {"fig-dispersion", "fig-beta", "fig-theil", "fig-map", "fig-ranks", "fig-systems", "fig-argument"},
    "deindustrialisation": {"fig-map"},
}
PRINTED = {"fig-verdicts", "fig-curve-income", "fig-cities", "fig-vintages", "fig-towns"}  # figures of claims, of what a document prints, and of its nation


def column(folder, *names):
    """The names of regions, in all their spellings, in a table of regions."""
    file = next(file for table in ("regions.csv", "economies.csv") if (file := folder / table).exists())
    with open(file, encoding="utf-8", newline="") as stream:
        return {row[name] for row in csv.DictReader(stream) for name in names if name in row}


def spoken_of(page, folder):
    """The regions a page is about: the one that its settings name, or all but those that they leave out."""
    own = folder / f"{page}.toml"
    chosen = tomllib.loads((own if own.exists() else folder / "settings.toml").read_text(encoding="utf-8"))
    return {chosen["region"]} if "region" in chosen else column(folder, "region") - set(chosen.get("without", {}))


WRITTEN_FOR = {page: page for page in BOOK} | dict.fromkeys(["coordination", "deindustrialisation"], "provinces")  # the folder each chapter reads in the book
OURS = {"Yangtze", "长江", "长三角", "Jing-Jin-Ji", "京津冀", "特区"}.union(
    *(column(ROOT / "data" / name, "region", "name_zh", "label", "province") for name in WRITTEN_FOR.values()))
NEVER = {"Suzhou", "Wuxi", "苏州", "长三角", "Jing-Jin-Ji", "京津冀", "Tangshan", "唐山", "Zhangjiakou", "Shenzhen", "深圳"}  # words that no case may use
PREFIXES = [f"{prefix}-" for prefix in data.documents()["prefix"]]


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Run a page on made-up regions, once; give its notebook, the verdicts written, and data/ before and after."""

    @cache
    def execute(page, regions):
        folder, before = tmp_path_factory.mktemp(page), content(ROOT / "data")
        (folder / "verdicts").mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CASEBOOK_VERDICTS", str(folder / "verdicts"))
            patch.setenv("CASEBOOK_JOBS", "1")  # to start processes takes longer than these readings; those of the book run in several
            notebook = papermill.execute_notebook(
                ROOT / f"notebooks/{page}.ipynb", folder / "run.ipynb", parameters={"folder": str(regions)},
                cwd=ROOT / "notebooks", kernel_name="python3", progress_bar=False)
        return notebook, content(folder / "verdicts"), before, content(ROOT / "data")

    return execute


@pytest.fixture
def run(request, executed):
    return executed(*request.param)


def of(pages):
    """Run a test on each page, and give it the page's name and the folder of the regions."""
    return pytest.mark.parametrize(("run", "page", "regions"), [(pair, *pair) for pair in pages], indirect=["run"],
                                   ids=[f"{page}-{regions.name}" for page, regions in pages])


chapter = of([*FOLDERS.items(), *CASES])
each_page = of([*FOLDERS.items(), *CASES, *(("data", regions) for regions in FOLDERS.values())])


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def words(output):
    """What a reader gets from an output: its text, or the caption and alt text of a picture."""
    shown = {mime: text for mime, text in output.get("data", {}).items() if mime != "image/png"}
    return json.dumps([output.get("text", ""), shown, output.get("metadata", {})], ensure_ascii=False)


def figures(notebook):
    return [output.metadata["image/png"] for output in outputs(notebook) if "image/png" in output.get("data", {})]


@each_page
def test_the_page_runs_to_its_end_without_a_warning(run, page, regions):
    notebook = run[0]
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    assert not [o for o in outputs(notebook) if o.output_type == "error" or o.get("name") == "stderr"]
    assert all(o.data["text/markdown"].strip() for o in outputs(notebook) if "text/markdown" in o.get("data", {}))  # an empty one is shown as the name of its class


@each_page
def test_no_output_speaks_of_other_regions(run, page, regions):
    foreign = OURS - column(regions, "region", "name_zh", "label")  # to the provinces Shanghai is no stranger
    assert NEVER <= foreign
    for output in outputs(run[0]):
        told = words(output)
        assert not [word for word in (*foreign, *PREFIXES) if word in told], told


@each_page
def test_pictures_are_about_the_regions(run, page, regions):
    about, known = figures(run[0]), spoken_of(page, regions)
    assert about and all(figure["name"] and figure["caption"] and figure["alt"] for figure in about)
    assert len(known) == 1 or f"{len(known)} regions" in " ".join(figure["alt"] for figure in about)


@chapter
def test_tables_name_the_regions(run, page, regions):
    tables = " ".join(output.data.get("text/html", "") for output in outputs(run[0]) if "data" in output)
    assert all(region in tables for region in spoken_of(page, regions))


@of([("yangtze", FOLDERS["yangtze"]), ("yangtze", PROVINCES)])
def test_alt_texts_name_the_regions(run, page, regions):
    assert any(region in figure["alt"] for region in spoken_of(page, regions) for figure in figures(run[0]))


@of([("yangtze", PROVINCES)])
def test_the_page_says_which_regions_are_left_out_and_why(run, page, regions):
    told = " ".join(map(words, outputs(run[0])))
    assert "**What is left out.** Tibet: no figures of industrial pollution." in told


@of([("deindustrialisation", FOLDERS["deindustrialisation"])])
def test_without_a_nation_no_economy_is_named(run, page, regions):
    prose = " ".join(cell.source for cell in run[0].cells if cell.cell_type == "markdown")
    told = prose + " ".join(map(words, outputs(run[0])))
    members = data.load("countries", "economies")
    assert not [name for name in {*members.index, *members["label"]} if re.search(rf"\b{re.escape(name)}\b", told)]
    assert "The nation's own figures are not given: this part is left out." in told and "No economies are given" in told


@chapter
def test_the_chapter_says_that_claims_are_left_out(run, page, regions):
    told = [o.data.get("text/markdown", "") for o in outputs(run[0]) if "data" in o]
    assert any("claims and verdicts are left out" in text for text in told)


@chapter
def test_the_chapter_prints_nothing_of_a_document(run, page, regions):
    names = {figure["name"] for figure in figures(run[0])}
    assert DRAWN[page] <= names
    assert not names & PRINTED
    told = " ".join(map(words, outputs(run[0])))
    assert not re.findall(r".{50}(?:tbl-(?:claims|contradictions|projects|record|ten|closest|verdicts|fit|headline|audit|reasons|implied)\b|\bprint(?:ed|s)?\b|\bstudy\b|fingerprint).{50}", told)


@each_page
def test_nothing_is_written_into_the_project(run, page, regions):
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


@pytest.mark.parametrize("page", BOOK)
def test_what_a_stranger_reads_speaks_of_no_study(page):
    kept = [cell for cell in nbformat.read(ROOT / f"notebooks/{page}.ipynb", 4).cells if "document" not in cell.metadata.get("tags", [])]
    prose = "\n".join(cell.source for cell in kept if cell.cell_type == "markdown").partition("## Your own region")[0]
    prompts = " ".join(cell.metadata.get("mystnb", {}).get("code_prompt_show", "") for cell in kept)
    assert len(prose) > 3000 and not re.findall(r".*(?:\b[Tt]he (?:study|essay|authors|print) |EDGAR|CEADs|[Vv]erdict).*", prose + prompts)


# ------------------------------------------------- a shipped case: the provinces and their own borders
@of([("beijing-tianjin-hebei", PROVINCES)])
def test_the_page_says_which_province_is_left_out_and_which_joined(run, page, regions):
    told = " ".join(output.data.get("text/markdown", "") for output in outputs(run[0]) if "data" in output)
    assert "30 of 31 regions" in told and "Tibet lacks energy" in told  # no energy balance is published for Tibet
    assert "Hainan to Guangdong" in told  # an island
    assert "no rate of exchange" in told and "no census of workers" in told
