"""How does a stranger run it?"""

from __future__ import annotations

import contextlib
import shlex
import signal
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from typer.testing import CliRunner

from casebook import audit as audits
from casebook import data, intake, problems, readings, sweep
from casebook import run as running
from casebook import template as templates
from casebook.panels import counted

SHOWN = 60  # problems told on the screen; the table has all

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown",
                  help="Run the chapters of *Green Growth, Reproduced* on your own regions.",
                  epilog="Begin with `casebook chapters`, then `casebook template CHAPTER DIR`.")

ChapterName = Annotated[str, typer.Argument(metavar="CHAPTER", help="A name that `casebook chapters` lists.")]
DataFolder = Annotated[Path, typer.Option("--data", metavar="DIR", help="The folder with your tables and settings.toml.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


def _stop(message: str, code: int = 1):
    typer.echo(message, err=True)
    raise typer.Exit(code)


def _chapter(name: str) -> running.Chapter:
    known = running.chapters()
    if name not in known:
        _stop(f"There is no chapter {name!r}. There are: {', '.join(known)}.", 2)
    return known[name]


@contextlib.contextmanager
def _whole_or_nothing() -> Iterator[None]:
    """Let what stops long work, or who interrupts it, be told in a sentence."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell started it in the background
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    except (running.RunError, data.DataError) as stop:
        _stop(str(stop)[:1].upper() + str(stop)[1:])
    except KeyboardInterrupt:
        _stop("Interrupted: nothing was written.", 130)


def _check_free(table: Path | None, force: bool) -> None:
    if table is not None and table.exists() and not force:
        _stop(f"{table} exists; name another file, or replace it with --force.")


def _tell(found: list[problems.Problem]) -> None:
    """Print problems, errors first."""
    told = problems.table(found)
    for severity in problems.SEVERITIES:
        own = told.loc[told["severity"] == severity, "problem"]
        if len(own):
            which = {"error": "for which the figures are refused", "warning": f"which only inform{'s'[:len(own) == 1]}"}[severity]
            typer.echo(f"\n{len(own)} {severity}{'s'[:len(own) > 1]}, {which}:")
            for line in own[:SHOWN]:
                typer.echo(f"  - {line}")
            if len(own) > SHOWN:
                typer.echo(f"  - and {len(own) - SHOWN} more; --csv FILE writes all into a table")


@app.command()
def chapters():
    """List the chapters, each with its question."""
    for chapter in running.chapters().values():
        typer.echo(f"{chapter.name}\n  {chapter.title}\n  {chapter.question}\n")


@app.command()
def template(chapter: ChapterName, folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")]):
    """Write empty tables, their dictionary, the settings and a filled example into a new folder."""
    one = _chapter(chapter)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        _stop(f"{folder} exists and is not empty; name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    templates.write(one, folder)
    typer.echo(f"The template is in {folder}. Begin with {folder / 'README.md'}.")


@app.command()
def validate(
    chapter: ChapterName, folder: DataFolder,
    table: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the problems into a table as well.")] = None,
    force: Force = False,
):
    """Say everything that is wrong, or looks wrong, with your figures."""
    one = _chapter(chapter)
    _check_free(table, force)
    found = running.gathered(one, folder)
    if table is not None:
        problems.table(found.problems).to_csv(table, index=False, encoding="utf-8-sig")
    _tell(found.problems)
    if found.errors:
        _stop(f"\n{folder} can't be used yet: mend the errors and try again.")
    sizes = ", ".join(f"{name} {counted(len(raw), 'row')}" for name, raw in found.tables.items())
    typer.echo(f"\nNo error in {folder}: {running.extent(one, found)} ({sizes}). Next: casebook run {chapter} --data {folder} --out REPORT")


@app.command()
def run(
    chapter: ChapterName, folder: DataFolder,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder for the report.")],
    choices: Annotated[list[str] | None, typer.Option("--set", metavar="CHOICE=LEVEL", help="Another choice, as `casebook readings` lists them; may be repeated.")] = None,
    force: Force = False,
):
    """Run a chapter on your figures and write a report: pages, notebook, pictures, tables and where they come from."""
    one = _chapter(chapter)
    pairs = [choice.partition("=") for choice in choices or []]
    if wrong := [name for name, sign, level in pairs if not (name and sign and level)]:
        _stop(f"--set {wrong[0]} is no choice: write --set CHOICE=LEVEL.", 2)
    reading = {name.strip(): level.strip() for name, _, level in pairs}
    with _whole_or_nothing():
        found = running.gathered(one, folder, reading)
        _tell(found.problems)
        page = running.run(one, found, out, reading=reading, force=force)
    typer.echo(f"\nThe report is in {out}. Open {out / page.relative_to(out.resolve())}")


@app.command(name="readings")
def readings_(
    chapter: ChapterName,
    folder: Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Your folder; without it the example's choices are listed, and the book's own figures computed.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Compute them, and write into this new folder what each gives.")] = None,
    sample: Annotated[int | None, typer.Option("--sample", metavar="N", min=1, help="Compute only so many of each grid, drawn at random.")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", min=0, help="Of the draw; the same one draws the same readings.")] = 0,
    jobs: Annotated[int, typer.Option("--jobs", metavar="N", help="Processes; every core by default.")] = -1,
    scheduler: Annotated[str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster that computes in their place, such as tcp://10.0.0.5:8786.")] = None,
    force: Force = False,
):
    """List the choices that a chapter leaves to you; with --out, --sample or --scheduler, compute the readings and say which choice matters most."""
    one = _chapter(chapter)
    if out is None and sample is None and scheduler is None:
        return _list_readings(one, folder)
    with _whole_or_nothing(), contextlib.ExitStack() as aside:
        found = running.gathered(one, folder) if folder else None
        if found:
            _tell(found.problems)
        place = out or Path(aside.enter_context(tempfile.TemporaryDirectory(prefix="casebook-")), "readings")
        told = sweep.sweep(one, found, place, sample=sample, seed=seed, jobs=jobs, scheduler=scheduler, force=force)
    typer.echo("What matters most, by the share of the variance that goes with it:")
    for line in sweep.sentences(told):
        typer.echo(f"  {line}")
    typer.echo(f"\nAll outcomes, curves and shares are in {out}" if out else "\nTo keep all outcomes, curves and shares: --out DIR, a new folder.")


def _list_readings(chapter: running.Chapter, folder: Path | None):
    settings, files, faults = intake.read_choices(folder or chapter.template, chapter.name)
    if not files:
        _stop(f"{folder} {'has' if folder.is_dir() else 'is no folder, so it has'} no settings.toml: name the folder that `casebook template {chapter.name} DIR` wrote, "
              "or leave --data out to see the choices of the example.")
    if faults or "choices" not in settings:
        _stop(str(faults[0]) if faults else f"the settings in {folder} name no choices.")
    chosen = readings.Choices(settings["choices"])
    for choice, levels in chosen.levels.items():
        typer.echo(choice)
        for level in levels:
            typer.echo(f"  {'*' if settings.get('reading', {}).get(choice) == level else ' '} {level}")
    typer.echo(f"\n{len(chosen.readings()):,} readings; * is taken. To take another: casebook run {chapter.name} --data DIR --out DIR --set '{choice}={level}'")


@app.command(epilog="**Exit code**: zero if nothing is impossible, one if something is, two if the table can't be audited.\n\n"
             "**Columns** (all may be left out but those that a check reads):\n\n" + "\n".join(f"- `{name}`: {meaning}" for name, meaning in audits.COLUMNS.items())
             + "\n\n**Checks** of statements, for the column `check`: " + ", ".join(audits.STATEMENTS) + ".")
def audit(
    table: Annotated[Path, typer.Argument(metavar="TABLE.csv", help="A row per estimate, described variable or statement, as printed; separated by commas, semicolons or tabs, or an Excel workbook.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write all findings into a table as well.")] = None,
    force: Force = False,
):
    """Ask of a printed table whether it agrees with itself: stars, sums, standard errors, tests, moments, counts, shares, years.

    Stars may follow the estimate (0.30***), and a standard error may stand in brackets, (0.110).
    Between semicolons a number may have a decimal comma (0,30). Heads may be Chinese: 变量, 系数, 标准误, t值, p值, 均值, 标准差, 最小值, 最大值, 样本量.
    """
    _check_free(out, force)
    try:
        found = audits.table(audits.read(table))
    except ValueError as fault:
        _stop(f"{table} can't be audited:\n" + "\n".join(f"  - {line}" for line in str(fault).splitlines()), 2)
    if out is not None:
        try:
            found.findings.to_csv(out, index=False, encoding="utf-8-sig")
        except OSError as fault:
            _stop(f"{out} can't be written ({fault}); name another file.", 2)
    typer.echo(str(found))
    if len(found.findings) == 0 or (found.findings["severity"] == "error").any():
        raise typer.Exit(1 if len(found.findings) else 2)


def told(command: str, folder: str | Path = ".", width: int = 76) -> str:
    """What a command shows when it is given in a folder, below the command itself.

    Parameters
    ----------
    command : str
        Without the name of the program.
    folder : path
    width : int
        Of the lines, in characters.

    Examples
    --------
    >>> print(told("run atlantis --data mine --out report").splitlines()[0])
    $ casebook run atlantis --data mine --out report
    """
    with contextlib.chdir(folder):
        shown = CliRunner().invoke(app, shlex.split(command))
    lines = f"$ casebook {command}\n{shown.output.strip()}".split("\n")
    return "\n".join(textwrap.fill(line, width, subsequent_indent=" " * 6, break_on_hyphens=False) if len(line) > width else line for line in lines)


if __name__ == "__main__":
    app()
