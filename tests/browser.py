"""Read the built book as a reader does, page by page, from disk, without a network.

    python tests/browser.py

Every page of _build/html is opened at two widths, light and dark, and pictured in _build/screenshots.
The first fault of each kind would be invisible to the other tests: a picture that does not load,
a script from elsewhere, an equation left as source, a link to nowhere, a page wider than a phone.
"""

import io
import itertools
import json
import os
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
SHOTS = ROOT / "_build" / "screenshots"
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]

# What is wrong with the page that is open, as a list of sentences.
FAULTS = """async (theme) => {
  if (window.MathJax) await MathJax.startup.promise;
  const faults = [], all = (selector) => [...document.querySelectorAll(selector)];
  const check = (selector, good, fault) => all(selector).filter((e) => !good(e)).forEach((e) => faults.push(`${fault}: ${e.outerHTML.slice(0, 120)}`));
  check("img", (e) => e.naturalWidth > 0, "picture not loaded");
  check("img", (e) => e.getAttribute("alt")?.trim(), "picture without alt text");
  check(".math", (e) => e.querySelector("mjx-container"), "mathematics not rendered");
  check("mjx-merror", () => false, "mathematics in error");
  check("[src], link[href]", (e) => !/^(https?:)?\\/\\//.test(e.getAttribute("src") ?? e.getAttribute("href")), "resource from elsewhere");
  check("table caption", (e) => e.getBoundingClientRect().width <= innerWidth, "caption wider than the window");
  if (document.documentElement.dataset.theme !== theme) faults.push(`not in ${theme} mode`);
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(`${scrollWidth} px wide in a window of ${clientWidth}`);
  return faults;
}"""

LINKS = """() => [...document.querySelectorAll("a[href]")].map((e) => e.href).filter((href) => href.startsWith("file:"))"""
IDS = """() => [...document.querySelectorAll("[id]")].map((e) => e.id)"""


def watch(page, report):
    """Report what a page asks for and what goes wrong in it."""
    local = ("file:", "data:", "blob:", "about:")
    page.on("request", lambda r: r.url.startswith(local) or report(f"asks the network for {r.url}"))
    page.on("requestfailed", lambda r: report(f"failed to load {r.url}: {r.failure}"))
    page.on("console", lambda m: m.type == "error" and report(f"console error: {m.text}"))
    page.on("pageerror", lambda e: report(f"script error: {e}"))


def table_faults(page):
    """Use the search box and the filters of every searchable table, by keyboard; leave them as they were."""
    for number in range(page.locator("table.searchable").count()):
        table, tools = page.locator("table.searchable").nth(number), page.locator(".table-tools").nth(number)
        rows, shown = table.locator("tbody tr"), table.locator("tbody tr:not([hidden])")
        total = rows.count()

        def fault(step, expected):
            count = shown.count()
            if not expected(count) or tools.locator("output").inner_text() != f"{count} of {total} shown":
                yield f"searchable table {number}, {step}: {count} of {total} rows, {tools.locator('output').inner_text()!r}"

        yield from fault("untouched", lambda count: count == total)
        tools.locator("input").focus()
        page.keyboard.type("no row contains this")
        yield from fault("search for nonsense", lambda count: count == 0)
        tools.locator("input").fill(rows.first.inner_text().split("\t")[0])
        yield from fault("search for the first row", lambda count: 0 < count)
        tools.locator("input").fill("")
        for select in tools.locator("select").all():
            select.select_option(index=1)
            yield from fault("filter", lambda count: 0 < count <= total)
            select.select_option(index=0)
        yield from fault("at the end", lambda count: count == total)


SCROLLS = "(box) => box.scrollHeight > box.clientHeight + 20 && getComputedStyle(box).overflowY === 'auto'"


def shade_faults(page):
    """A box that holds more rows than it shows is shaded at its lower edge, and no longer so when its end is reached."""
    box = next((box for box in page.locator(".table-box").all() if box.evaluate(SCROLLS)), None)
    if box is None:
        return
    seen = []
    for end in (0, 1e6):
        box.evaluate("(box, end) => { box.scrollTop = end }", end)
        picture = Image.open(io.BytesIO(box.screenshot())).convert("L")
        line = picture.crop((0, picture.height - 4, picture.width, picture.height - 3))
        seen.append(max(line.getcolors())[1])  # the commonest brightness, behind the words
    box.evaluate("(box) => { box.scrollTop = 0 }")
    page_itself = picture.getpixel((0, picture.height // 2))
    if abs(seen[0] - page_itself) < 20 or abs(seen[1] - page_itself) > 2:
        yield f"{box.get_attribute('id')}: brightness {seen[0]} at the lower edge, {seen[1]} at the end, on a page of {page_itself}"


# What an interactive figure shows: words, drawing, and the drawing in words.
DIAL = """(dial) => ({
  words: dial.querySelector(".dial-verdict").textContent + dial.querySelector(".dial-details").textContent,
  drawing: dial.querySelector(".dial-picture").innerHTML,
  curve: dial.querySelector(".dial-curve").getAttribute("d"),
  spoken: dial.querySelector(".dial-picture").getAttribute("aria-label"),
  values: [...dial.querySelectorAll(".dial-value, [type=range]")].map((e) => e.getAttribute("aria-valuetext") ?? e.textContent),
})"""
POSITIONS = """(control) => control.querySelectorAll("option, [type=radio]").length
  || 1 + Number(control.querySelector("[type=range]").max)"""
FOCUSED = "(control) => control.contains(document.activeElement) && document.activeElement.matches(':focus-visible')"
MOVES = ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowRight")


def dial_faults(page):
    """Drive every interactive figure with Tab, arrow keys and Enter; leave it as it was."""
    for number, dial in enumerate(page.locator(".casebook-dial").all()):
        where, first = f"interactive figure {number}", dial.evaluate(DIAL)
        curves = {first["curve"]}
        controls = dial.locator("[data-control]").all()
        controls[0].locator("select, input").first.focus()
        page.keyboard.press("Shift+Tab")
        for control in controls:
            title = f"{where}, {control.locator('span, legend').first.inner_text()!r}"
            page.keyboard.press("Tab")
            if not control.evaluate(FOCUSED):
                yield f"{title}: not reached by the Tab key, or its focus is not seen"
                return
            dial.locator("form").evaluate("(form) => form.reset()")  # each control moves from the first state
            page.wait_for_timeout(50)
            seen, wrong = [dial.evaluate(DIAL)], {}
            for key in MOVES:
                page.keyboard.press(key)
                seen.append(dial.evaluate(DIAL))
                wrong |= dict.fromkeys(_empty(dial, seen[-1], title))
            yield from wrong
            curves |= {state["curve"] for state in seen}
            for part in ("words", "drawing", "spoken"):
                if control.evaluate(POSITIONS) > 1 and len({state[part] for state in seen}) == 1:
                    yield f"{title}: the arrow keys don't change its {part}"
        if len(curves) == 1:
            yield f"{where}: no control changes its curve"
        for key in MOVES:  # leave the first state, so that there is something to reset
            if dial.evaluate(DIAL) == first:
                page.keyboard.press(key)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_timeout(50)
        if (last := dial.evaluate(DIAL)) != first:
            yield f"{where}: reset does not bring back its {', '.join(part for part in first if last[part] != first[part])}"


def _empty(dial, state, title):
    output = dial.locator("output[aria-live=polite]")
    if output.count() != 1 or not output.inner_text().strip():
        yield f"{title}: nothing is said aloud"
    if not (state["spoken"] or "").strip():
        yield f"{title}: a picture without words"
    values = state["values"]
    if values[::2] != values[1::2]:
        yield f"{title}: shown and spoken values of the sliders differ: {values}"


SHOWN = "(list) => list.querySelectorAll('.record:not([hidden])').length"
FACETS = ("document", "verdict", "kind")


def ledger_faults(page):
    """Ask the ledger by each field, by keyboard and by address, and count in the file that the page offers; leave it as it was."""
    rows = json.loads((HTML / "ledger.json").read_text(encoding="utf-8"))["claims"]
    here, everything = page.url.partition("#")[0], (None, len(rows))
    ledger = page.locator(".casebook-records")
    search, output, reset = ledger.locator("input"), ledger.locator("output"), ledger.locator("button")

    def fault(step, expected, address=None):
        shown, at = ledger.evaluate(SHOWN), page.url.partition("#")[2]
        if shown != expected or output.inner_text() != f"{shown} of {len(rows)} shown":
            yield f"ledger, {step}: {shown} rows shown, {expected} expected, {output.inner_text()!r}"
        if address is not None and at != address:
            yield f"ledger, {step}: the address ends in {at!r}, not in {address!r}"

    yield from fault("untouched", len(rows), "")
    for facet in FACETS:
        for value in dict.fromkeys(row[facet] for row in rows):
            ledger.locator(f"select[name={facet}]").select_option(value)
            expected = sum(row[facet] == value for row in rows)
            yield from fault(f"{facet} {value}", expected, f"{facet}={value.replace(' ', '+')}")
        reset.click()
        page.wait_for_timeout(50)
        yield from fault(f"after {facet}, all again", len(rows), "")
    for value in ("Suzhou", "Shenzhen", "26 YRD cities"):
        ledger.locator("select[name=region]").select_option(value)
        expected = sum(value in [name.strip() for name in f"{row['regions']};{row['printed'] * (row['unit'] == 'list')}".split(";")] for row in rows)
        yield from fault(f"region {value}", expected)
    reset.click()
    page.wait_for_timeout(50)
    search.focus()
    page.keyboard.type("Solid WASTE patents zebra")
    yield from fault("nonsense", 0)
    if not ledger.locator(".record-none").is_visible():
        yield "ledger: nothing is said when nothing fits"
    search.fill("yrd-067")
    yield from fault("a claim's number", 1, "q=yrd-067")
    search.fill("Coefficient 0.504")
    yield from fault("two words", sum("coefficient" in (text := json.dumps(row).lower()) and "0.504" in text for row in rows))

    # A row opens by the keyboard, and says what it should.
    page.keyboard.press("Tab")
    row = ledger.locator("#yrd-067")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    about = next(entry for entry in rows if entry["claim_id"] == "yrd-067")
    said = row.locator("dl").inner_text() if row.locator("dl").is_visible() else ""
    wanted = [about["place"], about["printed"], about["observed"], about["reason"], f"±{about['rounding']:g}", f"{about['holds']} of {about['readings']} readings"]
    yield from (f"ledger, the opened row doesn't say {text!r}" for text in wanted if text not in said)
    if row.evaluate("(row) => getComputedStyle(row.querySelector('summary')).outlineStyle") == "none":
        yield "ledger: the focus of a row is not seen"

    # An address opens a row, or asks a question; one that asks for what there isn't shows everything.
    for end, expected in (("#sz-009", len(rows)), ("#verdict=close&document=shenzhen", sum(r["verdict"] == "close" and r["document"] == "shenzhen" for r in rows)),
                          ("#verdict=nearly", len(rows))):
        page.goto("about:blank")
        page.goto(here + end)
        page.wait_for_timeout(100)
        yield from fault(f"opened at {end}", expected)
        if ledger.locator("select").evaluate_all("(all) => all.some((select) => select.selectedIndex < 0)"):
            yield f"ledger, opened at {end}: a field is blank"
        if "=" not in end:
            place = ledger.locator(f"{end} summary").evaluate("(e) => [e.closest('details').open, document.activeElement === e, e.getBoundingClientRect().top, "
                                                              "document.elementFromPoint(innerWidth / 2, e.getBoundingClientRect().top + 5)?.closest('summary') === e]")
            if not (place[0] and place[1] and 0 <= place[2] < page.viewport_size["height"] and place[3]):
                yield f"ledger, opened at {end}: open, focused, top, uncovered: {place}"
    page.goto("about:blank")
    page.goto((HTML / "notebooks/report.html").as_uri())
    asked = page.evaluate("() => [...document.querySelectorAll('a[href*=\"ledger.html#\"]')].map((a) => [a.getAttribute('href').split('#')[1], a.textContent]).filter(([end]) => end.includes('='))")
    page.goto(here)
    for end, text in asked:
        page.evaluate("(end) => { location.hash = end }", end)
        page.wait_for_timeout(30)
        yield from fault(f"the report's link #{end}", int(text))
    if not asked:
        yield "the report doesn't lead to the ledger"


def plain_faults(playwright):
    """Without scripts the ledger is whole: every row can be read and opened, and nothing offers what can't work."""
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((HTML / "notebooks/ledger.html").as_uri())
    rows = json.loads((HTML / "ledger.json").read_text(encoding="utf-8"))["claims"]
    seen = page.locator(".record summary:visible").count()
    if seen != len(rows) or page.locator(".record-tools").is_visible():
        yield f"ledger without scripts: {seen} of {len(rows)} rows, fields visible: {page.locator('.record-tools').is_visible()}"
    page.locator("#yrd-067 summary").click()
    if not page.locator("#yrd-067 dl").is_visible():
        yield "ledger without scripts: a row doesn't open"
    browser.close()


def download_faults(page):
    """Each page of the book offers its source and the data."""
    for target in ("_sources/", "casebook-data.zip"):
        if not page.locator(f'.article-header-buttons a[href*="{target}"]').count():
            yield f"no download of {target}"


def link_faults(links, ids):
    """Each link within the book must lead to a file, and to a place in it; ledger_faults follows the questions (#verdict=close)."""
    for source, url in sorted(links):
        parts = urlsplit(url)
        path, anchor = Path(unquote(parts.path)), unquote(parts.fragment)
        if not path.is_file():
            yield f"{source}: link to nowhere: {url}"
        elif anchor and "=" not in anchor and path in ids and anchor not in ids[path]:
            yield f"{source}: no place #{anchor} in {path.relative_to(HTML)}"


def read(pages, device, theme):
    """Read all pages at one width, light or dark, in a browser of their own; give faults, links, and the places in each page."""
    faults, links, ids = [], set(), {}
    width, height = WIDTHS[device]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=shutil.which("chromium"), args=FLAGS, offline=True,
            viewport={"width": width, "height": height}, color_scheme=theme,
        )
        for path in pages:
            name = path.relative_to(HTML).with_suffix("").as_posix()
            print(f"{device} {theme} {name}", flush=True)

            def report(fault, where=f"{name} ({device}, {theme})"):
                faults.append(f"{where}: {fault}")

            page = context.new_page()
            watch(page, report)
            page.goto(path.as_uri())
            checks = [page.evaluate(FAULTS, theme)]
            page.screenshot(path=SHOTS / f"{name.replace('/', '-')}-{device}-{theme}.png", full_page=True)
            checks += [table_faults(page), shade_faults(page), dial_faults(page), download_faults(page) if name not in ("search", "genindex") else ()]
            for fault in itertools.chain(*checks):
                report(fault)
            links |= {(name, url) for url in page.evaluate(LINKS)}
            ids[path] = set(page.evaluate(IDS))
            for fault in ledger_faults(page) if theme == "light" and page.locator(".casebook-records").count() else ():
                report(fault)
            page.close()
        page = context.new_page()
        watch(page, faults.append)
        page.goto((HTML / "search.html").as_uri() + "?q=verdict")
        try:
            page.locator("#search-results li a").first.wait_for(timeout=10_000)
        except Exception:
            faults.append(f"search finds nothing ({device}, {theme})")
        context.close()
    return faults, links, ids


def main():
    pages = sorted(p for p in HTML.rglob("*.html") if "_static" not in p.parts and p != HTML / "index.html")
    shutil.rmtree(SHOTS, ignore_errors=True)
    faults, links, ids = [], set(), {}
    with ProcessPoolExecutor(min(4, os.cpu_count())) as browsers:
        readers = [browsers.submit(read, pages, device, theme) for device, theme in itertools.product(WIDTHS, ("light", "dark"))]
    for found, leads, places in (reader.result() for reader in readers):
        faults += found
        links |= leads
        for path in pages:
            ids.setdefault(path, set()).update(places[path])
    with sync_playwright() as playwright:
        faults += plain_faults(playwright)
    faults += link_faults(links, ids)
    print(*faults, f"{len(pages)} pages read, {len(faults)} faults", sep="\n")
    sys.exit(bool(faults) or not pages)


if __name__ == "__main__":
    main()
