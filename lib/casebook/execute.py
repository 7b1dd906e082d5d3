"""Execute the chapters: notebooks/text/NAME.md becomes notebooks/NAME.ipynb.

The result depends on the text, the library and the data alone: cell ids come from the text,
and no time, host or Python version is recorded.  A chapter that raises leaves its old notebook as it was.

    python -m casebook.execute [NAME ...]
"""

import hashlib
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

LAST = ("data", "ledger", "report")  # these pages read what the chapters write
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def read(text):
    """Return the notebook written in the file `text`, not executed, with the same cell ids every time."""
    notebook = jupytext.read(text, fmt="md:myst")
    notebook.metadata = nbformat.from_dict(METADATA)
    seen = []
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        cell.id = f"{digest}-{seen.count(digest)}"
        seen.append(digest)
    return notebook


def execute(text, target):
    """Execute the file `text` in the folder of `target`, showing progress, and write the result there."""
    notebook = read(text)
    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    with tqdm(total=total, desc=target.name, unit="cell") as bar:
        client = NotebookClient(
            notebook, timeout=None, record_timing=False, resources={"metadata": {"path": str(target.parent)}},
            on_cell_executed=lambda **_: bar.update(), coalesce_streams=True, extra_arguments=["--log-level=ERROR"],
        )
        client.execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    nbformat.write(notebook, target)


def main(names=(), folder=Path("notebooks")):
    """Execute the chapters called `names`, or all, the pages that gather the others last."""
    names = names or [path.stem for path in sorted(folder.glob("text/*.md"))]
    for name in sorted(names, key=lambda name: (LAST.index(name) + 1 if name in LAST else 0)):
        execute(folder / "text" / f"{name}.md", folder / f"{name}.ipynb")


if __name__ == "__main__":
    main(sys.argv[1:])
