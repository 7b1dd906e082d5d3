"""How is a chapter run on other regions?

The very notebook of the book is executed on a folder of figures; the report is
made aside and put in its place when it is whole.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import papermill
import psutil
from papermill.exceptions import PapermillExecutionError
from sphinx_external_toc.parsing import parse_toc_yaml

from casebook import data, execute, intake, problems, readings
from casebook.panels import counted

if TYPE_CHECKING:
    from casebook.figures import Figure

NOTEBOOKS = data.PROJECT / "notebooks"
TEMPLATES = data.PROJECT / "data" / "templates"
PACKAGES = ("casebook", "numpy", "pandas", "scipy", "statsmodels", "libpysal", "esda", "matplotlib", "papermill", "jupyter-book")
RECORD = "provenance.json"
BUILD = "from jupyter_book.cli.main import main; main()"
TOLD = 10
"""Errors that a refused run lists; `validate` has all."""

OF_DOCUMENT = "document"
"""Tag of cells that speak of a document; a report on figures that belong to none goes without them."""

TOC = "format: jb-book\nroot: notebooks/{}\nchapters:\n  - file: notebooks/data\n  - file: book/references\n"


class RunError(RuntimeError):
    """A run that can't be done, and what to do."""


@dataclass(frozen=True)
class Chapter:
    """A chapter that runs on other regions.

    Attributes
    ----------
    name : str
    title : str
    question : str
        What it asks, in a sentence.
    """

    name: str
    title: str
    question: str

    @property
    def notebook(self) -> Path:
        return NOTEBOOKS / f"{self.name}.ipynb"

    @property
    def template(self) -> Path:
        return TEMPLATES / self.name

    @property
    def method(self) -> str:
        """What the chapter asks of its figures, by the descriptor of its template; empty if nothing is foreseen."""
        return json.loads((self.template / "datapackage.json").read_text(encoding="utf-8")).get("method", "")

    @property
    def source(self) -> str:
        """The code of the notebook."""
        return "\n".join(cell.source for cell in execute.read(NOTEBOOKS / "text" / f"{self.name}.md").cells if cell.cell_type == "code")

    def required(self) -> list[str]:
        """The settings that the notebook asks for."""
        calls = [node for node in ast.walk(ast.parse(self.source)) if isinstance(node, ast.Call) and ast.unparse(node.func) == "data.settings"]
        own = [call for call in calls if call.args and ast.unparse(call.args[0]) == "folder"]
        return [key for call in own for given in call.keywords if given.arg == "require" for key in ast.literal_eval(given.value)] or list(data.SETTINGS)


def chapters() -> dict[str, Chapter]:
    """The chapters that run on other regions, in the order of the book."""
    order = [Path(page).name for page in parse_toc_yaml(data.PROJECT / "_toc.yml")]
    found = {}
    for name in (name for name in order if (TEMPLATES / name / "datapackage.json").is_file()):
        first = (NOTEBOOKS / "text" / f"{name}.md").read_text(encoding="utf-8").partition("```")[0]
        title, question = re.search(r"^# (.+)$", first, re.M)[1], re.search(r"^\*(.+)\*$", first, re.M | re.S)[1]
        found[name] = Chapter(name, title, question)
    return found


def gathered(chapter: Chapter, folder: str | Path, reading: Mapping[str, str] | None = None) -> intake.Gathered:
    """Everything in a folder, and what is wrong with it for a chapter, under choices that differ from those in the settings."""
    from casebook import foreseen  # here, for it loads every method, and most commands need none

    return intake.gather(folder, chapter.template, chapter=chapter.name, require=chapter.required(), foresee=foreseen.of(chapter.method, reading or {}))


def extent(chapter: Chapter, found: intake.Gathered) -> str:
    """How many regions and years a chapter takes from a folder, and how many regions it leaves out because the settings say so."""
    panel, settings = found.tables.get("panel", {}), found.settings
    regions, years = (panel[name].dropna().unique() if name in panel else [] for name in ("region", "year"))
    left = set(regions).intersection(settings.get("without", {})) if 'settings.get("without"' in chapter.source else set()
    taken = [year for year in years if settings.get("first_year", 0) <= int(year) <= settings.get("last_year", 9999)]
    told = f"{counted(len(regions) - len(left), 'region')} x {counted(len(taken), 'year')}"
    return told + (f"; {counted(len(left), 'region')} left out under [without]" if left else "")


def run(chapter: Chapter, found: intake.Gathered, out: str | Path, *, reading: Mapping[str, str] | None = None, force: bool = False,
        progress: bool | None = None) -> Path:
    """Run a chapter on the figures of a folder and write its report.

    Parameters
    ----------
    chapter : Chapter
    found : Gathered
        Of :func:`gathered`.
    out : path
        Folder of the report; nothing is written elsewhere.
    reading : mapping of choice to label, optional
        Choices that differ from those in the settings.
    force : bool
        Whether an earlier report there is replaced.
    progress : bool
        Whether bars are shown; by default on a terminal only.

    Returns
    -------
    Path
        The page to open.

    Raises
    ------
    RunError
        When the figures are refused, the chapter stops, or the folder of the report is taken.
    """
    progress = sys.stderr.isatty() if progress is None else progress
    chosen = _reading(found.settings, reading or {})
    with staged(chapter, found, out, force=force, told={"reading": dict(found.settings.get("reading", {})) | chosen, "set": chosen}) as stage:
        problems.table(found.problems).to_csv(stage / "problems.csv", index=False)
        _execute(chapter.name, stage, {"folder": "data", "reading": chosen}, progress)
        _introduce(chapter, found, chosen, stage / f"{chapter.name}.ipynb")
        _execute("data", stage, {"folder": "data"}, progress)
        _render(chapter.name, stage)
    return Path(out).resolve() / "html" / "notebooks" / f"{chapter.name}.html"


@contextlib.contextmanager
def staged(chapter: Chapter, found: intake.Gathered | None, out: str | Path, *, force: bool, told: Mapping) -> Iterator[Path]:
    """A folder aside to write into, which is put in the place of `out` when it is whole, and goes away if it doesn't become so.

    Parameters
    ----------
    chapter : Chapter
    found : Gathered or None
        Written into its subfolder ``data``; None for the book's own figures.
    out, force
        As for :func:`run`.
    told : mapping
        For the record, beside what was read and written, and with what.

    Raises
    ------
    RunError
        When the figures are refused, or the folder is taken.
    """
    folder, out = found.folder if found else data.PROJECT / "data", Path(out).resolve()
    _check_place(folder.resolve(), out, force)
    if found and found.errors:
        shown = "".join(f"\n  - {error}" for error in found.errors[:TOLD])
        more = f"\n`casebook validate {chapter.name} --data {folder}` lists all." if len(found.errors) > TOLD else ""
        raise RunError(f"{len(found.errors)} {'error' if len(found.errors) == 1 else 'errors'} in {folder}:{shown}{more}")
    stage = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        with _surroundings(stage), _nothing_goes_on():
            if found:
                (stage / "data").mkdir()
                found.write(stage / "data")
            yield stage
        shutil.rmtree(stage / ".scratch")
        _record(chapter, found, told, stage)
        _publish(stage, out, force)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _check_place(folder: Path, out: Path, force: bool) -> None:
    if not out.parent.is_dir():
        raise RunError(f"the folder {out.parent} does not exist; make it, or choose another place for the report")
    if out == folder or folder.is_relative_to(out) or out.is_relative_to(data.PROJECT / "data"):
        raise RunError(f"{out} holds figures; choose another folder for the report")
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        if not force:
            raise RunError(f"{out} exists; choose another folder, or replace the report there with --force")
        if not (out / RECORD).is_file():
            raise RunError(f"{out} is no earlier report (it has no {RECORD}), so it is not replaced; choose another folder")


def _reading(settings: Mapping, reading: Mapping[str, str]) -> dict[str, str]:
    try:
        readings.Choices(settings.get("choices", {})).fields(reading)
    except ValueError as fault:
        raise RunError(f"--set: {fault}; `casebook readings` lists them") from None
    return dict(reading)


@contextlib.contextmanager
def _surroundings(stage: Path) -> Iterator[None]:
    """Let everything that the kernels and the renderer write fall into the report's own folder."""
    scratch = stage / ".scratch"
    changed = {
        "CASEBOOK_EXPORT": stage, "CASEBOOK_VERDICTS": stage / "verdicts", "CASEBOOK_CACHE": scratch / "readings",
        "JUPYTER_RUNTIME_DIR": scratch / "jupyter", "JUPYTER_DATA_DIR": scratch / "jupyter-data", "JUPYTER_CONFIG_DIR": scratch / "jupyter-config",
        "IPYTHONDIR": scratch / "ipython", "MPLCONFIGDIR": scratch / "matplotlib", "XDG_CACHE_HOME": scratch / "cache", "TMPDIR": scratch / "temporary", "JOBLIB_TEMP_FOLDER": scratch / "temporary",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    place = tempfile.tempdir
    (scratch / "temporary").mkdir(parents=True)
    tempfile.tempdir = str(scratch / "temporary")  # which Python asks the environment for but once
    try:
        with environment(changed):
            yield
    finally:
        tempfile.tempdir = place


@contextlib.contextmanager
def environment(changed: Mapping[str, object]) -> Iterator[None]:
    """Set variables of the environment for a while; those that are None are taken out."""
    before = {name: os.environ.pop(name, None) for name in changed}
    os.environ.update({name: str(value) for name, value in changed.items() if value is not None})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)


@contextlib.contextmanager
def _nothing_goes_on() -> Iterator[None]:
    """End the processes that were started, if what follows fails or is interrupted."""
    own = psutil.Process()
    before = set(own.children(recursive=True))
    try:
        yield
    except BaseException:
        started = [child for child in own.children(recursive=True) if child not in before]
        for child in started:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(started, timeout=10)
        raise


def execute_cells(cells: Sequence, stage: Path, parameters: Mapping, progress: bool | None = None) -> nbformat.NotebookNode:
    """Execute cells of a chapter in the stage."""
    notebook = nbformat.v4.new_notebook(cells=list(cells), metadata=nbformat.from_dict(execute.METADATA))
    progress = sys.stderr.isatty() if progress is None else progress
    try:
        return papermill.execute_notebook(notebook, None, parameters=parameters, cwd=stage, kernel_name="python3", progress_bar=progress,
                                          coalesce_streams=True, extra_arguments=["--log-level=CRITICAL"])
    except PapermillExecutionError as stop:
        raise RunError(f"the chapter stopped: {stop.evalue.strip()}") from None


def _execute(page: str, stage: Path, parameters: Mapping, progress: bool) -> None:
    """Execute a notebook of the book on the figures of the stage, and keep it there."""
    notebook = execute_cells(nbformat.read(NOTEBOOKS / f"{page}.ipynb", 4).cells, stage, parameters, progress)
    notebook.metadata = nbformat.from_dict(execute.METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"  # else another in every run
            cell.metadata |= {"tags": ["injected-parameters", "hide-input"], "mystnb": {"code_prompt_show": "Parameters of this run"}}
    nbformat.write(notebook, stage / f"{page}.ipynb")


def _introduce(chapter: Chapter, found: intake.Gathered, reading: Mapping[str, str], target: Path) -> None:
    """Say below the title whose figures these are, and leave out what speaks of a document that they don't belong to."""
    notebook, settings = nbformat.read(target, 4), found.settings
    titles = " ".join(filter(None, [f"**{settings.get('title', '')}**", settings.get("title_zh", "")]))
    told = [f"{titles}: the chapter *{chapter.title}* of the casebook, run on these figures."]
    if reading:
        told.append("Chosen for this run: " + "; ".join(f"{choice} = *{label}*" for choice, label in reading.items()) + ".")
    if not settings.get("document"):
        notebook.cells = [cell for cell in notebook.cells if OF_DOCUMENT not in cell.metadata.get("tags", [])]
        told.append("They belong to no document: claims and verdicts are left out.")
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell(" ".join(told), id="introduction"))
    nbformat.write(notebook, target)


def _render(page: str, stage: Path) -> None:
    """Make the pages of the executed notebooks, as the book makes its own."""
    site = stage / ".scratch" / "site"
    shutil.copytree(data.PROJECT / "book", site / "book")
    shutil.copytree(stage / "data", site / "data")
    shutil.copyfile(data.PROJECT / "_config.yml", site / "_config.yml")
    (site / "_toc.yml").write_text(TOC.format(page), encoding="utf-8")
    (site / "notebooks").mkdir()
    for name in (page, "data"):
        text = (stage / f"{name}.ipynb").read_text(encoding="utf-8")
        alone = re.sub(r"\[([^\[\]]+)\]\((?!data)[a-z-]+\.ipynb[^)]*\)", r"\1", text)  # other chapters are not in the report
        (site / "notebooks" / f"{name}.ipynb").write_text(alone, encoding="utf-8")
    built = subprocess.run([sys.executable, "-c", BUILD, "build", "-q", str(site)], capture_output=True, text=True)
    pages = site / "_build" / "html"
    if built.returncode or not (pages / "notebooks" / f"{page}.html").is_file():
        raise RunError(f"the page could not be made: {(built.stderr or built.stdout).strip()[-2000:]}")
    pages.rename(stage / "html")


def _record(chapter: Chapter, found: intake.Gathered | None, told: Mapping, stage: Path) -> None:
    """Write down what the report was made from and with."""
    files = found.files if found else sorted(path for path in (data.PROJECT / "data").rglob("*") if path.is_file())
    told = {
        "chapter": chapter.name, "title": found.settings.get("title", "") if found else chapter.title, **told,
        "notebook": {"file": f"notebooks/{chapter.name}.ipynb", "sha256": _sha256(chapter.notebook)},
        "read": [{"file": path.name if found else path.relative_to(data.PROJECT).as_posix(), "sha256": _sha256(path), "bytes": path.stat().st_size} for path in files],
        "python": platform.python_version(), "system": platform.platform(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "library": _digest(sorted((data.PROJECT / "lib" / "casebook").rglob("*.py"))),
        "written": {str(path.relative_to(stage)): _sha256(path) for path in sorted(stage.rglob("*"))
                    if path.is_file() and path.relative_to(stage).parts[0] != "html"},
    }
    (stage / RECORD).write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _publish(stage: Path, out: Path, force: bool) -> None:
    """Put the finished report in its place in one step."""
    stage.chmod(0o755)
    if out.exists() and force:
        old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent)) / "report"
        out.rename(old)
        stage.rename(out)
        shutil.rmtree(old.parent)
        return
    try:
        stage.rename(out)
    except OSError:
        raise RunError(f"{out} was written by somebody else in the meantime; choose another folder, or use --force") from None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(paths: Sequence[Path]) -> str:
    return hashlib.sha256("".join(map(_sha256, paths)).encode()).hexdigest()


def pictures(report: str | Path, chapter: str) -> dict[str, Figure]:
    """The pictures of a report by name, each with its caption and alternative text.

    Parameters
    ----------
    report : path
    chapter : str
    """
    from casebook.figures import Figure  # here, for matplotlib leaves a list of fonts in the reader's home when it is first imported

    return {about["name"]: Figure(base64.b64decode(output.data["image/png"]), **about) for output in _outputs(report, chapter)
            if (about := output.get("metadata", {}).get("image/png", {})).get("name")}


def paragraphs(report: str | Path, chapter: str) -> list[str]:
    """The computed paragraphs of a report, in its own order."""
    return [output.data["text/markdown"] for output in _outputs(report, chapter) if "text/markdown" in output.get("data", {})]


def _outputs(report: str | Path, chapter: str) -> list:
    cells = nbformat.read(Path(report, f"{chapter}.ipynb"), 4).cells
    return [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
