"""The program computes every reading of a chapter: the readings of the very notebook, in whole folders or none."""

import json
import os

import nbformat
import numpy as np
import pandas as pd
import pytest
from test_readings_cluster import Cluster
from test_run import files, invoke, project, start

from casebook import data, productivity, readings, run, sweep

CHAPTERS = run.chapters()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """All readings of a filled template, computed on this machine and on a cluster at the same time, with nothing written elsewhere."""
    place, home, worked = (tmp_path_factory.mktemp(name) for name in ("place", "home", "worked"))
    assert invoke("template", "yangtze", place / "mine").exit_code == 0
    before, environment = project(), os.environ | {"HOME": str(home)}
    cluster = Cluster(worked)
    try:
        cluster.worker(), cluster.worker()
        words = ["readings", "yangtze", "--data", "mine/example"]
        runs = [start(*words, *where, cwd=place, env=environment) for where in (["--out", "here"], ["--out", "there", "--scheduler", cluster.address])]
        told = [process.communicate()[0] for process in runs]
    finally:
        cluster.end()
    assert [process.returncode for process in runs] == [0, 0], told
    assert project() == before and not files(home)
    assert sorted(path.name for path in place.iterdir()) == ["here", "mine", "there"]
    return place, told[0]


def test_a_cluster_writes_what_this_machine_writes(place):
    here, there = ({path: sha for path, sha in files(place[0] / name).items() if path.name != run.RECORD} for name in ("here", "there"))
    assert here == there and len(here) > 20


def test_every_outcome_of_every_reading_is_there(place):
    settings, panel = data.settings(place[0] / "here/data"), data.load(place[0] / "here/data")
    choices = readings.Choices(settings["choices"])
    kept = [pd.read_parquet(path) for path in sorted((place[0] / "here/outcomes").glob("*.parquet"))]
    assert len(kept) == len(productivity.MATTERS)
    for part, matters in productivity.MATTERS.items():
        own = choices.touching(matters)
        fresh = readings.run(productivity.outcomes, own, panel, settings, fixed=choices.fields(settings["reading"]) | {"part": part}, jobs=1)
        same = [table for table in kept if set(table["quantity"]) == set(fresh.outcomes["quantity"])]
        assert len(same) == 1
        np.testing.assert_array_equal(same[0]["value"].to_numpy(), fresh.outcomes["value"].to_numpy())
        labels = same[0].drop_duplicates("reading")[[f"choice: {choice}" for choice in own.levels]]
        assert [tuple(row) for row in labels.to_numpy()] == fresh.readings.tolist()


def test_what_matters_most_is_told_and_kept(place):
    folder, told = place
    ranked, short = pd.read_csv(folder / "here/importance.csv"), pd.read_csv(folder / "here/summary.csv")
    outcome = ["grid", "quantity", "when", "region"]
    assert (ranked.groupby(outcome, dropna=False)["alone"].sum() <= 1 + 1e-9).all() and (ranked.groupby(outcome, dropna=False)["with others"].sum() >= 1 - 1e-9).all()
    pace = ranked[ranked["quantity"] == "elasticity"]
    row = short[short["quantity"] == "elasticity"].iloc[0]
    own = pace[pace["choice"] == row["choice"]]
    assert row["with others"] == pytest.approx(own["with others"].mean()) and row["first"] == (own["place"] == 1).sum() and row["outcomes"] == len(own) == 15
    line = next(line for line in told.splitlines() if ", elasticity: " in line)
    assert line.strip().endswith("(15 outcomes)") and f": {row['choice']} {row['with others']:.0%}," in line


def test_each_quantity_has_its_curve(place):
    report = place[0] / "here"
    names = {path.stem for path in (report / "curves").glob("*.csv")}
    assert len(names) >= 4 and names == {path.stem for path in (report / "figures").glob("*.png")} == {path.stem for path in (report / "figures").glob("*.svg")}
    for name in names:
        told = pd.read_csv(report / f"curves/{name}.csv")
        assert told["value"].is_monotonic_increasing and told["rank"].tolist() == list(range(1, len(told) + 1))


def test_the_record_says_what_was_asked(place):
    here, there = (json.loads((place[0] / name / run.RECORD).read_text(encoding="utf-8")) for name in ("here", "there"))
    assert here["chapter"] == "yangtze" and here["scheduler"] is None and there["scheduler"].startswith("tcp://127.0.0.1:") and here["sample"] is None
    assert {one["file"] for one in here["read"]} >= {"panel.csv", "settings.toml"} and here["written"] == there["written"]


@pytest.mark.parametrize(("words", "told"), [
    (["--out", "here"], "here exists; choose another folder"),
    (["--out", "mine", "--force"], "holds figures"),
    (["--out", "new", "--sample", "0"], "Invalid value for '--sample'"),
    (["--out", "new", "--scheduler", "nonsense://x"], "no scheduler answers at nonsense://x"),
])
def test_a_refusal_is_a_sentence(place, monkeypatch, words, told):
    monkeypatch.chdir(place[0])
    shown = invoke("readings", "yangtze", "--data", "mine/example", *words)
    assert shown.exit_code in (1, 2) and told in shown.output and isinstance(shown.exception, SystemExit)
    assert sorted(path.name for path in place[0].iterdir()) == ["here", "mine", "there"]


def test_without_a_folder_only_the_summary_is_told(place, monkeypatch):
    monkeypatch.chdir(place[0])
    asked = {}
    monkeypatch.setattr(sweep, "sweep", lambda chapter, found, out, **how: asked.update(out=out, **how) or pd.read_csv(place[0] / "here/summary.csv"))
    shown = invoke("readings", "yangtze", "--data", "mine/example", "--sample", "4")
    assert shown.exit_code == 0 and ", elasticity: " in shown.output and "To keep all outcomes" in shown.output
    assert asked["sample"] == 4 and not asked["out"].parent.exists()
    assert sorted(path.name for path in place[0].iterdir()) == ["here", "mine", "there"]


@pytest.mark.parametrize("name", ["beijing-tianjin-hebei", "deindustrialisation"])  # with groups, and with a nation's own figures; the cells of all are looked at below
def test_other_chapters_hand_their_readings_over(name, tmp_path):
    one, out = CHAPTERS[name], tmp_path / "out"
    sweep.sweep(one, run.gathered(one, one.template), out, sample=4, seed=1, jobs=1)
    tables = {path.stem: pd.read_parquet(path) for path in (out / "outcomes").glob("*.parquet")}
    assert len(tables) >= 2 and all(0 < table["reading"].nunique() <= 4 for table in tables.values())


# ------------------------------------------------------------------------ parts
def test_the_book_s_own_figures_need_no_folder(tmp_path, monkeypatch):
    asked = {}
    monkeypatch.setattr(run, "execute_cells", lambda cells, stage, parameters, progress: asked.update(parameters=parameters, grids=os.environ["CASEBOOK_GRIDS"]))
    monkeypatch.setattr(sweep, "_write", lambda grids, stage: (stage / "mark").write_text("made"))
    sweep.sweep(CHAPTERS["shenzhen"], None, tmp_path / "out", sample=3)
    assert asked["parameters"] == {} and ".scratch" in asked["grids"] and "CASEBOOK_GRIDS" not in os.environ
    told = json.loads((tmp_path / "out" / run.RECORD).read_text(encoding="utf-8"))
    assert told["sample"] == 3 and "data/shenzhen/panel.csv" in {one["file"] for one in told["read"]}


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_cells_needed_run_every_reading_and_little_else(name):
    cells = nbformat.read(CHAPTERS[name].notebook, 4).cells
    kept = sweep.needed(cells)
    named = lambda cell: any("name=" in call.partition("cache=")[0] for call in cell.source.split("readings.run(")[1:])
    assert [cell for cell in cells if named(cell)] == [cell for cell in kept if named(cell)] != []
    assert "parameters" in kept[0].metadata["tags"] and len(kept) <= 8 < sum(cell.cell_type == "code" for cell in cells) / 3


def test_names_within_a_comprehension_are_its_own():
    sources = ["n = 3", "f = [n for n in 'abc']", "import pandas as pd", "def g(n):\n    return pd.DataFrame({'n': [n]})", "k = readings.run(g, [m for m in range(3)], name='k')"]
    kept = [cell.source for cell in sweep.needed([nbformat.v4.new_code_cell(source) for source in sources])]
    assert kept == sources[2:]


INDEX = pd.MultiIndex.from_product([["x", "y"]], names=["a"])


@pytest.mark.parametrize(("rows", "expected"), [
    ([(0, "A", 1.0), (0, "B", 3.0), (1, "A", 2.0), (1, "B", 5.0)], [2.0, 3.5]),
    ([(0, "A", 1.0), (0, "B", 3.0), (1, "A", np.nan), (1, "B", 5.0)], [3.0, 5.0]),         # B alone is known to both
    ([(0, "A", 1.0), (0, "B", np.nan), (1, "A", np.nan), (1, "B", 5.0), (1, "C", 6.0)], [1.0, np.nan]),  # none: the first of those known most
    ([(1, "A", 2.0), (1, "B", 5.0)], [np.nan, 3.5]),                                         # the first can't tell at all
])
def test_the_middle_counts_what_every_reading_knows(rows, expected):
    outcomes = pd.DataFrame(rows, columns=["reading", "region", "value"]).assign(quantity="d", when=None)
    found = sweep.middle(readings.Grid(INDEX, outcomes), "d")
    np.testing.assert_array_equal(found, expected)
    assert found.index.equals(INDEX)


def test_a_grid_is_kept_under_its_name_numbered_where_that_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_GRIDS", str(tmp_path))
    for name in ("a/b", "a/b", None):
        readings.run(told, readings.Choices({"a": {"x": {"a": 1}}}), name=name, jobs=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000 a-b.grid", "001 a-b 2.grid"]  # the one without a name is a table of its page


def told(a):
    return pd.DataFrame({"value": [a]})
