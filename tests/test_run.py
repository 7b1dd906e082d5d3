"""A chapter run by the program on a stranger's folder: whole reports or none, and nothing elsewhere."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from typer.testing import CliRunner

from casebook import cli, data, run

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = [sys.executable, "-m", "casebook.cli"]


def invoke(*words):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def start(*words, **options):
    return subprocess.Popen([*PROGRAM, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def files(folder):
    """Every file below a folder by its content, but for what Python compiles for itself."""
    return {path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def project():
    return {part: files(ROOT / part) for part in ("data", "notebooks", "lib", "book")}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a filled template, and two reports of it that were made at the same time, with nothing written elsewhere."""
    place = tmp_path_factory.mktemp("place")
    home = tmp_path_factory.mktemp("home")
    assert invoke("template", "yangtze", place / "mine").exit_code == 0
    before, environment = project(), os.environ | {"HOME": str(home)}
    words = ["run", "yangtze", "--data", "mine/example", "--set", "weights=entropy"]
    runs = [start(*words, "--out", out, cwd=place, env=environment) for out in ("one", "two")]
    told = [process.communicate()[0] for process in runs]
    assert [process.returncode for process in runs] == [0, 0], told
    assert project() == before and not files(home)
    assert sorted(path.name for path in place.iterdir()) == ["mine", "one", "two"]
    return place


def test_two_runs_at_once_give_the_same_report(place):
    one, two = files(place / "one"), files(place / "two")
    assert one == two and len(one) > 100


def test_the_report_is_whole(place):
    report = place / "one"
    notebook = nbformat.read(report / "yangtze.ipynb", 4)
    shown = [output.metadata["image/png"]["name"] for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
             if "image/png" in output.get("data", {})]
    tables = re.findall(r'<table class=\\?"casebook-table[^>]*? id=\\?"([^"\\]+)', (report / "yangtze.ipynb").read_text(encoding="utf-8"))
    assert len(shown) >= 6 and len(tables) >= 8
    for name in shown:
        assert (report / f"figures/{name}.png").read_bytes()[:4] == b"\x89PNG" and "</svg>" in (report / f"figures/{name}.svg").read_text(encoding="utf-8")
    for name in tables:
        assert len(pd.read_csv(report / f"tables/{name}.csv")) and "\\begin{" in (report / f"tables/{name}.tex").read_text(encoding="utf-8")
    page = (report / "html/notebooks/yangtze.html").read_text(encoding="utf-8")
    assert "claims and verdicts are left out" in page and page.count("<figure") >= len(shown) and "Ashwick" in page
    assert str(place) not in page + (report / "yangtze.ipynb").read_text(encoding="utf-8")


def test_the_notebook_is_the_book_s_own(place):
    ours, theirs = (nbformat.read(path, 4).cells for path in (ROOT / "notebooks/yangtze.ipynb", place / "one/yangtze.ipynb"))
    added = [cell for cell in theirs if "injected-parameters" in cell.metadata.get("tags", [])]
    assert len(added) == 1 and "'weights': 'entropy'" in added[0].source.replace('"', "'")
    added.append(theirs[1])
    assert theirs[1].source == ("**Green growth in five made-up regions** 五个虚构地区的绿色发展: the chapter *Decoupling and green productivity* of the casebook, run on these figures. "
                                "Chosen for this run: weights = *entropy*. They belong to no document: claims and verdicts are left out.")
    kept = [cell.source for cell in ours if run.OF_DOCUMENT not in cell.metadata.get("tags", [])]
    assert kept == [cell.source for cell in theirs if cell not in added] and len(ours) - len(kept) > 20


def test_nothing_is_left_of_what_speaks_of_a_document(place):
    page = (place / "one/html/notebooks/yangtze.html").read_text(encoding="utf-8")
    assert "The reproduction" in page and not re.findall("The verdicts|What the document claims|Code of the verdicts|The study|Markdown object", page)


def test_tables_hold_what_the_page_shows(place):
    page = (place / "one/yangtze.ipynb").read_text(encoding="utf-8")
    for kind in ("csv", "tex"):
        kept = re.findall(r"-?[0-9]+\.[0-9]{3}\b", (place / f"one/tables/tbl-elasticities.{kind}").read_text(encoding="utf-8"))
        assert len(kept) == 15 and all(number.replace("-", "−") in page or number in page for number in kept)  # five regions, three periods


def test_the_report_says_where_it_comes_from(place):
    told = json.loads((place / "one/provenance.json").read_text(encoding="utf-8"))
    assert told["chapter"] == "yangtze" and told["set"] == {"weights": "entropy"} and told["reading"]["weights"] == "entropy"
    digest = lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
    assert {one["file"] for one in told["read"]} == {"panel.csv", "regions.csv", "adjacency.csv", "settings.toml", "dictionary.csv"}
    assert all(digest(place / "mine/example" / one["file"]) == one["sha256"] for one in told["read"])
    assert told["notebook"]["sha256"] == digest(ROOT / "notebooks/yangtze.ipynb")
    assert all(digest(place / "one" / path) == sha for path, sha in told["written"].items()) and len(told["written"]) > 20
    assert {"pandas", "statsmodels", "libpysal", "casebook"} <= set(told["packages"])


def test_the_figures_of_the_report_can_be_run_again(place):
    """The report's own folder of figures is sealed, and holds what the stranger's holds."""
    theirs = pd.read_csv(place / "mine/example/panel.csv", encoding="utf-8-sig").set_index(["region", "year"])
    pd.testing.assert_frame_equal(data.load(place / "one/data"), theirs, check_dtype=False)
    assert invoke("validate", "yangtze", "--data", place / "one/data").exit_code == 0


def test_nothing_is_overwritten_without_force(place):
    before = files(place / "one")
    told = invoke("run", "yangtze", "--data", place / "mine/example", "--out", place / "one")
    assert told.exit_code == 1 and "exists; choose another folder, or replace" in told.output and files(place / "one") == before
    told = invoke("run", "yangtze", "--data", place / "mine/example", "--out", place / "mine", "--force")
    assert told.exit_code == 1 and "holds figures" in told.output
    (place / "letters").mkdir()
    (place / "letters/dear.txt").write_text("dear")
    told = invoke("run", "yangtze", "--data", place / "mine/example", "--out", place / "letters", "--force")
    assert told.exit_code == 1 and "no earlier report" in told.output and (place / "letters/dear.txt").is_file()
    shutil.rmtree(place / "letters")
    told = invoke("template", "yangtze", place / "mine")
    assert told.exit_code == 1 and "not empty" in told.output


@pytest.mark.parametrize(("words", "told"), [
    (["run", "yangtze", "--data", "mine/example", "--out", "three", "--set", "weights=fair"], "weights has no level 'fair'; it has"),
    (["run", "yangtze", "--data", "mine/example", "--out", "three", "--set", "colour=red"], "no choice 'colour'"),
    (["run", "yangtze", "--data", "mine/example", "--out", "three", "--set", "weights"], "write --set CHOICE=LEVEL"),
    (["run", "atlantis", "--data", "mine/example", "--out", "three"], "There is no chapter 'atlantis'"),
    (["run", "yangtze", "--data", "nowhere", "--out", "three"], "does not exist; correct the path"),
    (["run", "yangtze", "--data", "mine", "--out", "three"], "heads, and no line below them"),
    (["run", "yangtze", "--data", "mine/example", "--out", "deep/er/three"], "does not exist; make it"),
    (["validate", "yangtze", "--data", "mine/example", "--csv", "mine/README.md"], "exists; name another file"),
    (["readings", "yangtze", "--data", "nowhere"], "nowhere is no folder, so it has no settings.toml: name the folder that `casebook template yangtze DIR` wrote"),
    (["audit", "nowhere.csv"], "nowhere.csv: the file doesn't exist"),
    (["audit", "mine/example/regions.csv"], "no column that a check reads"),
])
def test_a_refusal_is_a_sentence(place, monkeypatch, words, told):
    monkeypatch.chdir(place)
    shown = invoke(*words)
    assert shown.exit_code in (1, 2) and told in shown.output and isinstance(shown.exception, SystemExit)
    assert sorted(path.name for path in place.iterdir()) == ["mine", "one", "two"]


def test_a_chapter_that_stops_leaves_nothing(place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setattr(run, "_render", lambda page, stage: (_ for _ in ()).throw(run.RunError("the page could not be made: no ink")))
    monkeypatch.setattr(run, "_execute", lambda page, stage, asked, progress: nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("half")]), stage / f"{page}.ipynb"))
    shown = invoke("run", "yangtze", "--data", "mine/example", "--out", "three")
    assert shown.exit_code == 1 and "no ink" in shown.output
    assert sorted(path.name for path in place.iterdir()) == ["mine", "one", "two"]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing(place, sign):
    process = start("run", "yangtze", "--data", "mine/example", "--out", "three", cwd=place, start_new_session=True)
    while not list(place.glob(".three-*/.scratch/temporary/*.json")):  # the kernel runs
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    os.killpg(process.pid, sign) if sign == signal.SIGINT else process.send_signal(sign)
    shown = process.communicate()[0]
    assert process.returncode in (130, 143) and "Traceback" not in shown, shown
    assert sorted(path.name for path in place.iterdir()) == ["mine", "one", "two"]


def test_an_earlier_report_is_replaced_whole(place, monkeypatch):
    """Force puts the new report in the place of the old one; who comes second without it is refused."""
    new = place / ".new"
    shutil.copytree(place / "two", new)
    (new / "mark").write_text("new")
    shutil.copytree(place / "two", place / "three")
    with pytest.raises(run.RunError, match="in the meantime"):
        run._publish(new, place / "three", force=False)
    run._publish(new, place / "three", force=True)
    assert (place / "three/mark").is_file() and not new.exists()
    shutil.rmtree(place / "three")
    assert sorted(path.name for path in place.iterdir()) == ["mine", "one", "two"]


def test_the_template_of_every_chapter_is_taken_as_it_is(tmp_path):
    assert list(run.chapters())
    for name in run.chapters():
        assert invoke("template", name, tmp_path / name).exit_code == 0
        shown = invoke("validate", name, "--data", tmp_path / name / "example")
        assert shown.exit_code == 0 and "error" not in shown.output.replace("No error", ""), shown.output
        readme = (tmp_path / name / "README.md").read_text(encoding="utf-8")
        assert f"casebook validate {name} --data ." in readme and "invented" not in readme.casefold() and "made up." not in readme.casefold()


def test_every_command_helps():
    for words in ([], ["chapters"], ["template"], ["validate"], ["run"], ["readings"], ["audit"]):
        shown = invoke(*words, "--help")
        assert shown.exit_code == 0 and "Usage" in shown.output


def test_readings_lists_what_can_be_set(place):
    shown = invoke("readings", "yangtze", "--data", place / "mine/example").output
    assert "  * equal" in shown and "    entropy" in shown and "48 readings" in shown  # 2 x 2 x 2 x 3 x 2


def test_readings_of_an_empty_folder_says_what_to_name(tmp_path):
    shown = invoke("readings", "yangtze", "--data", tmp_path)
    assert shown.exit_code == 1 and f"{tmp_path} has no settings.toml" in shown.output and "leave --data out" in shown.output


def test_the_fixed_names_of_periods_are_told_in_every_template():
    for name, chapter in run.chapters().items():
        fixed = [key.removeprefix("periods.") for key in chapter.required() if key.startswith("periods.")]
        text = (chapter.template / "settings.toml").read_text(encoding="utf-8")
        above = text.partition("\n[periods]")[0].rpartition("\n")[2]
        assert not fixed or "names are fixed" in above, name
        assert set(fixed) <= set(data.settings(chapter.template).get("periods", {}))
