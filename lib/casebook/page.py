"""How an executed notebook becomes a page: numbered figures and tables, and the data and the ledger to download.

This is a Sphinx extension and a MyST-NB renderer; nothing else in the library imports it.
`python -m casebook.page` checks a built book and names the page to open.
"""

import re
import sys
import zipfile
from html import unescape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx_external_toc.parsing import parse_toc_yaml

from casebook import ledger

FIGURE_KEYS = ("name", "caption", "alt")
TABLE = re.compile(r'\A\s*(?P<head><table class="casebook-table[^>]*) id="(?P<name>[^"]+)"(?P<rest>[^>]*>\s*<caption>)')
DIAL = re.compile(r'\A\s*<figure class="casebook-figure" id="(?P<name>[^"]+)"><figcaption>(?P<caption>.*?)</figcaption>'
                  r'(?P<body>.*)</figure>\s*\Z', re.DOTALL)
RECORDS = '<div class="casebook-records"'
ARCHIVE = "casebook-data.zip"


class table_block(nodes.General, nodes.Element):
    """A ready-made HTML table in a box of its own, numbered among the tables of the book."""


class Renderer:
    """Turn the outputs that `casebook.figures` emits into nodes which Sphinx numbers and links."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Return the nodes for one output, or None to leave it to MyST-NB."""
        if data.mime_type == "image/png" and not inline:
            return [_figure(renderer, data)]
        if data.mime_type == "text/html" and (match := TABLE.match(data.string)):
            return [_table(renderer, data, match)]
        if data.mime_type == "text/html" and (match := DIAL.match(data.string)):
            return [_dial(renderer, data, match)]
        if data.mime_type == "text/html" and data.string.startswith(RECORDS):
            return [nodes.raw("", data.string, format="html")]  # outside the light box that the theme gives to other HTML
        return None


def _figure(renderer, data):
    about = data.output_metadata.get("image/png", {})
    missing = [key for key in FIGURE_KEYS if not about.get(key)]
    if missing:
        renderer.logger.warning(f"figure without {', '.join(missing)}", subtype="image", line=data.line)
        return nodes.comment()
    image, = renderer.render_image(data)
    image["alt"] = about["alt"]
    return _captioned(renderer, data, image, about["caption"], about["name"])


def _dial(renderer, data, match):
    """The caption and the anchor become Sphinx's; the rest stays as it is, its script included."""
    return _captioned(renderer, data, nodes.raw("", match["body"], format="html"), unescape(match["caption"]), match["name"])


def _captioned(renderer, data, picture, text, name):
    caption = nodes.caption(text)
    with renderer.renderer.current_node_context(caption):
        renderer.renderer.nested_render_text(text, data.line or 0, inline=True)
    return _named(renderer, nodes.figure("", picture, caption), name)


def _table(renderer, data, match):
    head, body = match["head"] + match["rest"], data.string[match.end():]
    title = re.sub("<[^>]+>", "", body.partition("</caption>")[0])
    return _named(renderer, table_block("", nodes.raw("", body, format="html"), head=head, title=title), match["name"])


def _named(renderer, node, name):
    node["names"].append(nodes.fully_normalize_name(name))
    renderer.renderer.document.note_implicit_target(node, node)  # known on its page only: chapters share names
    return node


def _visit_table(translator, node):
    translator.body.append(f'<div class="table-box" id="{node["ids"][0]}" tabindex="0">{node["head"]}')
    translator.add_fignumber(node)


def _skip_table(translator, node):
    raise nodes.SkipNode


def _offer_data(app, pagename, templatename, context, doctree):
    """Put the data beside the notebook in the download menu of every page."""
    for group in context.get("header_buttons", []):
        if group["label"] == "download-buttons":
            group["buttons"].append({
                "type": "link", "url": context["pathto"](ARCHIVE, 1), "text": "data (.zip)",
                "tooltip": "Download all data of the book", "icon": "fas fa-table", "label": "download-data-button",
            })


def _verdicts(app):
    return Path(app.srcdir, "data", "verdicts")


def _refuse_gaps(app):
    """No book is built while a claim has no verdict; the report on a stranger's figures has neither."""
    if not _verdicts(app).is_dir():
        return
    try:
        ledger.complete(_verdicts(app))
    except ValueError as gap:
        raise ExtensionError(f"the ledger is not complete: {gap}") from gap


def _write_data(app, error):
    """Write the ledger, and zip it with the folder data/: the same bytes for the same files."""
    if error:
        return
    html, data = Path(app.outdir), Path(app.srcdir, "data")
    files = {path.relative_to(app.srcdir).as_posix(): path
             for path in sorted(p for p in data.rglob("*") if p.is_file() and not p.name.startswith("."))}
    if _verdicts(app).is_dir():
        files |= {path.name: path for path in ledger.write(html, ledger.complete(_verdicts(app)))}
    with zipfile.ZipFile(html / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())


def setup(app):
    """Register the extension with Sphinx."""
    app.add_enumerable_node(
        table_block, "table", lambda node: node["title"],
        html=(_visit_table, lambda translator, node: translator.body.append("</div>\n")),
        latex=(_skip_table, None), text=(_skip_table, None),
    )
    app.connect("builder-inited", _refuse_gaps)
    app.connect("html-page-context", _offer_data, priority=502)
    app.connect("build-finished", _write_data)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def main(root=Path()):
    """Assert that every page of the table of contents was built; print the page to open."""
    html = Path(root, "_build", "html").resolve()
    missing = [page for page in parse_toc_yaml(Path(root, "_toc.yml")) if not (html / f"{page}.html").exists()]
    if missing:
        sys.exit(f"The build left out: {', '.join(missing)}. Try `make clean book`.")
    print(f"The book is ready. Open {(html / 'index.html').as_uri()}")


if __name__ == "__main__":
    main()
