"""The ledger and the report: complete, the same in every form, and counted as a plain count would."""

import csv
import json
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from sphinx.errors import ExtensionError

from casebook import claims, data, figures, ledger, report
from casebook import page as casebook_page

ROOT = Path(__file__).resolve().parents[1]
VERDICTS = ROOT / "data/verdicts"


def rows(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


JUDGED = {row["claim_id"]: row for path in VERDICTS.glob("*.csv") for row in rows(path)}
PUBLISHED = {row["claim_id"]: row for row in rows(ROOT / "data/published/claims.csv")}


@pytest.fixture(scope="module")
def book():
    return ledger.complete()


@pytest.fixture
def copied(tmp_path):
    """A copy of the verdicts, to be spoilt."""
    return Path(shutil.copytree(VERDICTS, tmp_path / "verdicts"))


def spoil(folder, claim, change):
    for path in folder.glob("*.csv"):
        kept = [changed for row in rows(path) if (changed := change(row) if row["claim_id"] == claim else row)]
        with open(path, "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, claims.FIELDS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)


# ------------------------------------------------------------------ complete or refused
def test_every_claim_has_its_row(book):
    assert len(book) == 611 == len(PUBLISHED) and list(book.index) == list(PUBLISHED) and set(JUDGED) == set(PUBLISHED)
    assert ["claim_id", *book] == list(ledger.FIELDS) == list(claims.LEDGER)
    assert set(book["verdict"]) <= set(claims.VERDICTS) - {"not examined"}


@pytest.mark.parametrize("claim", ["yrd-067", "bth-245"])
def test_a_claim_without_a_verdict_is_refused(copied, claim):
    assert len(ledger.complete(copied)) == 611
    spoil(copied, claim, lambda row: None)
    with pytest.raises(ValueError, match=f"no verdict on 1 of 611 claims: {claim}; run `make notebooks`"):
        ledger.complete(copied)


def test_an_empty_or_unknown_verdict_is_refused(copied):
    spoil(copied, "sz-001", lambda row: row | {"verdict": ""})
    with pytest.raises(ValueError, match="no verdict on 1 of 611 claims: sz-001"):
        ledger.complete(copied)
    spoil(copied, "sz-001", lambda row: row | {"verdict": "nearly"})
    with pytest.raises(ValueError, match="unknown verdict nearly; known are reproduced, close"):
        ledger.complete(copied)


def test_no_book_is_built_without_a_verdict(tmp_path):
    app = type("App", (), {"srcdir": tmp_path})
    shutil.copytree(VERDICTS, tmp_path / "data/verdicts")
    casebook_page._refuse_gaps(app)
    spoil(tmp_path / "data/verdicts", "coord-010", lambda row: None)
    with pytest.raises(ExtensionError, match="the ledger is not complete: no verdict on 1 of 611 claims: coord-010"):
        casebook_page._refuse_gaps(app)


# ------------------------------------------------------------------ the files to download
def test_json_and_csv_hold_what_the_verdict_files_hold(book, tmp_path):
    as_csv, as_json = (path.read_text(encoding="utf-8") for path in ledger.write(tmp_path, book))
    table, content = list(csv.DictReader(as_csv.splitlines())), json.loads(as_json)
    assert len(table) == len(content["claims"]) == 611
    for row, entry in zip(table, content["claims"]):
        claim = entry["claim_id"]
        printed, judged = PUBLISHED[claim], JUDGED[claim]
        for name in ("document", "place", "kind", "statement", "quantity", "unit", "regions", "needs"):
            assert entry[name] == printed[name] == row[name], claim
        for name in ("observed", "verdict", "reason", "reading", "evidence"):
            assert entry[name] == judged[name] == row[name], claim
        assert row["claim_id"] == claim and entry["printed"] == printed["value"] == row["printed"]
        for name, given in (("year_from", printed), ("year_to", printed), ("holds", judged), ("readings", judged)):
            assert entry[name] == (int(float(given[name])) if given[name] else None) and row[name] == ("" if entry[name] is None else str(entry[name]))
        assert row["rounding"] == ("" if entry["rounding"] is None else str(entry["rounding"]))


def test_the_json_says_what_its_columns_and_verdicts_mean(book):
    content = json.loads(ledger.to_json(book))
    kinds = {"string": str, "integer": int, "number": float}
    for entry in content["claims"]:
        assert list(entry) == [field["name"] for field in content["fields"]]
        for field in content["fields"]:
            assert isinstance(entry[field["name"]], kinds[field["type"]]) or (entry[field["name"]] is None and field["type"] != "string")
    assert all(field["description"].endswith(".") for field in content["fields"])
    assert set(content["verdicts"]) == set(book["verdict"])


def test_the_files_are_the_same_to_the_byte(book):
    again = ledger.complete()
    assert ledger.to_csv(book) == ledger.to_csv(again) and ledger.to_json(book) == ledger.to_json(again)
    assert "\r" not in ledger.to_csv(book)


@pytest.mark.parametrize(("claim", "rounding"), [
    ("yrd-037", 0.05),    # printed 1.2, with no tolerance stated
    ("yrd-067", 0.0005),  # printed 0.504
    ("yrd-074", None),    # a year in a sentence on the document itself
    ("yrd-047", 0.0),     # a count: exact, as stated with the claim
    ("yrd-003", None),    # a class
])
def test_the_rounding_is_that_of_the_print(book, claim, rounding):
    got = book.loc[claim, "rounding"]
    assert pd.isna(got) if rounding is None else got == pytest.approx(rounding, rel=1e-12)


# ------------------------------------------------------------------ the page
class Records(HTMLParser):
    """Each record of a page, with its facets, its line and its terms."""

    def __init__(self, markup):
        super().__init__()
        self.records, self.options, self.open, self.select = {}, Counter(), [], None
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "details":
            self.record = self.records[attrs["id"]] = {"facets": json.loads(attrs["data-facets"]), "line": "", "dt": [], "dd": [], "links": []}
        if tag in ("dt", "dd"):
            self.record[tag].append("")
        if tag == "a":
            self.record["links"].append(attrs["href"])
        if tag == "select":
            self.select = attrs["name"]
        if tag == "option":
            self.options[self.select] += 1
        if tag in ("summary", "dt", "dd"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, text):
        if self.open[-1:] == ["summary"]:
            self.record["line"] += text
        elif self.open:
            self.record[self.open[-1]][-1] += text


@pytest.fixture(scope="module")
def page(book):
    return Records(ledger.page(book, name="rows", label="Claims").html)


def test_the_page_shows_every_claim_with_all_that_is_known(book, page):
    assert list(page.records) == list(book.index)
    for claim, record in page.records.items():
        row, terms = book.loc[claim], dict(zip(record["dt"], record["dd"]))
        assert record["facets"][:3] == [row["document"], row["verdict"], row["kind"]]
        assert claim in record["line"] and row["statement"] in record["line"] and row["printed"] in record["line"]
        assert terms["the document"] == f"{row['document']}, {row['place']}"
        assert terms["reason"] == row["reason"] and terms["verdict"].startswith(row["verdict"])
        assert terms.get("observed", "") == (row["observed"] if pd.notna(row["observed"]) else "")
        assert ("rounding" in terms) == pd.notna(row["rounding"])
        assert ("holds in" in terms) == bool(pd.notna(row["readings"]) and row["readings"])
        there, _, place = row["evidence"].partition("#")
        assert record["links"] == [f"{there}.html#{place}", f"#{claim}"]


def test_each_facet_offers_its_values_once(book, page):
    regions = {region for names in ledger.regions(book) for region in names}
    assert page.options == {"document": 6, "verdict": 8, "kind": 8, "region": 1 + len(regions)}  # and all
    assert {"Suzhou", "Shenzhen", "26 YRD cities"} <= regions and "" not in regions


def test_regions_come_from_a_printed_list_as_well(book):
    # yrd-102 is about 15 cities and prints which; coord-021 prints kinds of zones.
    assert {"15 cities", "Yancheng", "Ningbo"} <= set(ledger.regions(book)["yrd-102"])
    assert ledger.regions(book)["coord-021"] == ["China"]


def test_text_is_escaped_wherever_it_comes_from(book):
    bad = '<script>alert("1")</script> & \' </details>'
    spoilt = book.head(3).assign(statement=bad, printed=bad, observed=bad, reason=bad, place=bad, regions=bad, quantity=bad, needs=bad, kind=bad)
    markup = ledger.page(spoilt, name="rows", label=bad).html
    assert markup.count("<script>") == 1 and "alert(&quot;" in markup and 'alert("' not in markup
    assert [record["facets"][2] for record in Records(markup).records.values()] == [bad] * 3


def test_records_that_do_not_fit_together_are_refused():
    one = pd.DataFrame({"mark": ["!", "?"], "words": ["a", "b"]}, index=["x", "y"])
    with pytest.raises(ValueError, match="'x' appears twice"):
        figures.records(one.set_axis(["x", "x"]), one, one, name="l", label="L")
    with pytest.raises(ValueError, match="the same records in the same order"):
        figures.records(one, one.iloc[::-1], one, name="l", label="L")


# ------------------------------------------------------------------ the report
def test_counts_are_a_plain_count(book):
    counted = Counter((PUBLISHED[c]["document"], row["verdict"]) for c, row in JUDGED.items())
    counts = ledger.counts(book, "document")
    assert {(d, v): n for d, row in counts.iterrows() for v, n in row.items() if n} == counted
    grid = report.grid(book)
    kinds = Counter((PUBLISHED[c]["kind"], PUBLISHED[c]["document"], row["verdict"]) for c, row in JUDGED.items())
    assert all(grid.loc[(kind, document), verdict] == n for (kind, document, verdict), n in kinds.items())
    inner = grid.drop(index="all", level=0).drop(index="all", level=1)
    assert inner.to_numpy().sum() == 611 == grid.loc[("all", "all")].sum()
    assert inner.groupby(level=0).sum().equals(grid.xs("all", level=1).drop("all").sort_index())


def test_the_documents_beside_each_other(book):
    table = report.side_by_side(book)
    assert len(table.columns) == 5 == len(data.documents())
    for key, column in zip(data.documents().sort_values("order").index, table):
        verdicts = Counter(row["verdict"] for c, row in JUDGED.items() if PUBLISHED[c]["document"] == key)
        tried = sum(verdicts.values()) - verdicts["definition"] - verdicts["not testable"]
        shown = {re.sub("<[^>]+>", "", name): re.sub("<[^>]+>", "", text) for name, text in table[column].items()}
        assert shown["claims"] == str(sum(verdicts.values())) and shown["put to a test"] == str(tried)
        assert all(shown[v] == str(n) for v, n in verdicts.items())
        assert shown["of these hold"] == f"{verdicts['reproduced'] / tried:.0%}"


def test_ten_findings_rest_on_the_verdicts_they_were_written_for(book):
    chosen = rows(ROOT / "data/published/findings.csv")
    assert len(chosen) == 10 and {row["document"] for row in chosen} == set(book["document"])
    assert {v for row in chosen for v in row["verdicts"].split("; ")} >= {"reproduced", "depends", "contradicted", "inconsistent"}
    for row in chosen:
        named = row["claims"].split("; ")
        assert [JUDGED[c]["verdict"] for c in named] == row["verdicts"].split("; ")
        assert {PUBLISHED[c]["document"] for c in named} == {row["document"]}
        used = set(re.findall(r"\{([a-z]+-\d+)\.", row["text"]))
        assert used <= set(named), "a number comes from a claim that is not shown"


def test_no_number_of_a_finding_is_typed():
    for row in rows(ROOT / "data/published/findings.csv"):
        assert not re.search(r"\d", re.sub(r"\{[^}]*\}|\]\([^)]*\)", "", row["text"] + row["title"])), row["finding"]


def test_a_finding_follows_the_ledger(book):
    moved = book.copy()
    moved.loc["coord-004", ["observed", "holds"]] = ["−9.9 per cent a year", 3]
    text = report.findings(moved).loc["north-east", "text"]
    assert "−9.9 per cent a year" in text and "15% of 20 readings" in text
    moved.loc["coord-004", "verdict"] = "reproduced"
    with pytest.raises(ValueError, match="the finding north-east was written for contradicted of coord-004; the ledger has reproduced"):
        report.findings(moved)


def test_a_finding_leads_to_its_rows_and_its_evidence(book):
    told = report.told(report.findings(book), book)
    for row in rows(ROOT / "data/published/findings.csv"):
        for claim in row["claims"].split("; "):
            page, _, place = JUDGED[claim]["evidence"].partition("#")
            assert f'href="ledger.html#{claim}"' in told and f'href="{page}.html#{place}"' in told


def test_what_is_missing_counts_every_untestable_claim_once(book):
    missing = report.missing(book)
    gathered = [claim for part in missing["claims"] for claim in part.index]
    assert sorted(gathered) == sorted(c for c, row in JUDGED.items() if row["verdict"] == "not testable")
    assert missing["settled_by"].str.strip().all() and missing["claims"].map(len).is_monotonic_decreasing
    for part in missing["claims"]:
        assert all(JUDGED[claim]["reason"].startswith(f"missing: {words}") for claim, words in part.items())


def test_what_no_group_takes_stands_by_itself(book):
    odd = book.copy()
    odd.loc["sz-001", "reason"] = "missing: zebras; none were found"
    table = report.missing(odd)
    assert table.loc["zebras", "settled_by"] == "that figure itself" and list(table.loc["zebras", "claims"].index) == ["sz-001"]


def test_the_printed_pages_hold_these_numbers(book):
    # A count of the files by hand, held against the words of the committed page.
    total = Counter(row["verdict"] for row in JUDGED.values())
    tried = 611 - total["definition"] - total["not testable"]
    cells = [c for c in nbformat.read(ROOT / "notebooks/report.ipynb", 4).cells if c.cell_type == "code"]
    words = [o.data["text/markdown"] for c in cells for o in c.outputs if "text/markdown" in o.get("data", {})]
    assert words[0].startswith(f"**Of 611 claims, {tried} could be put to a test: {total['reproduced']} hold, {total['close']} come close, "
                               f"{total['depends']} hold or fall")
    assert f"{total['contradicted']} are at odds with our figures, and {total['inconsistent']} with the document itself" in words[0]
    assert f"{total['not testable']} need something" in words[0] and f"{total['definition']} are definitions" in words[0]
    itself = sum(row["verdict"] == "reproduced" and row["reason"].startswith("the document agrees with itself") for row in JUDGED.values())
    several = [row for row in JUDGED.values() if row["verdict"] == "reproduced" and row["readings"] and float(row["readings"]) > 1]
    firm = sum(row["holds"] == row["readings"] for row in several)
    assert f"{itself} do because the document agrees with itself" in words[1]
    assert f"{len(several)} were computed in several readings, {firm} of which" in words[1]
    for rule in (f"{claims.ROBUST:.0%}", f"{claims.FAR:.0%}", f"{claims.NEAR:.0%}", f"{claims.RARE:.0%}"):
        assert rule in words[-1]
