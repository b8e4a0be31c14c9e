"""`cascade eval`: suites of conditions. Each command parses, calls the core and prints a table or JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from eval.corpora import Places
    from eval.run import Plan

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
ONLY = click.option("--only", multiple=True, metavar="NAME", help="A condition, its first part, or a glob; repeatable.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
CONFIG = click.option("--config", type=click.Path(path_type=Path), help="A TOML file of settings.")


@click.group("eval")
def evaluate() -> None:
    """Measure whether what matters survives each stage: suites of conditions with expected scores.

    A SUITE is the name of one that is shipped (`cascade eval suites`) or a TOML file; docs/evaluation.md says what it
    may hold.
    """


@evaluate.command()
@JSON
def suites(as_json: bool) -> None:
    """The suites that are shipped."""
    from eval import suite

    found = {name: suite.load(name) for name in suite.shipped()}
    if as_json:
        click.echo(json.dumps({name: one.description for name, one in found.items()}, ensure_ascii=False))
        return
    for name, one in found.items():
        click.echo(f"{name:<10}{len(one.conditions):>4} conditions  {one.description}")


@evaluate.command()
@click.argument("suite")
@click.option("--data", type=FOLDER, envvar="CASCADE_EVAL_DATA", help="Where sets and haystacks are.")
@click.option("--set", "sets", multiple=True, type=FOLDER, metavar="FOLDER", help="A labelled set to join; repeatable.")
@click.option("--out", default="results", show_default=True, type=click.Path(path_type=Path), help="Where rows go.")
@click.option("--cache", type=click.Path(path_type=Path), envvar="CASCADE_CACHE", help="Where indexes are kept.")
@click.option("--index", multiple=True, metavar="CORPUS=PATH", help="An index to take for a corpus; repeatable.")
@ONLY
@click.option("--limit", default=0, metavar="N", help="Most questions of a condition (default: as the suite says).")
@click.option("--resume/--again", default=True, help="Go on where a run ended (default), or measure all anew.")
@click.option("--dry-run", is_flag=True, help="Only say what would be measured.")
@CONFIG
@JSON
def run(suite: str, only: tuple[str, ...], dry_run: bool, as_json: bool, **flags: Any) -> None:
    """Measure SUITE. A run that was killed goes on where it was; what is finished is not measured again."""
    from eval import run as runner
    from eval.suite import load
    from indexers.progress import Bar

    chosen = load(suite)
    if dry_run:
        for one in chosen.chosen(only):
            click.echo(json.dumps({"condition": one.name, **one.settings}) if as_json else one.name)
        return
    with Bar(quiet=as_json, unit=" questions") as bar:
        for condition, row, measured in runner.run(chosen, _plan(chosen.folder, only, bar, flags)):
            bar.close()
            if as_json:
                click.echo(json.dumps(row, ensure_ascii=False))
            else:
                click.echo(f"{condition.name}: {'measured' if measured else 'was measured before'}", err=True)
    if not as_json:
        click.echo(f"{runner.results(flags['out'], chosen)}")


@evaluate.command()
@click.argument("a", type=click.Path(path_type=Path, exists=True))
@click.argument("b", type=click.Path(path_type=Path, exists=True))
@click.option("--seed", default=0, show_default=True, help="Draws the resamples of the intervals.")
@JSON
def compare(a: Path, b: Path, seed: int, as_json: bool) -> None:
    """Whether results B are better than A, the same or worse: paired by question, measure by measure."""
    from dataclasses import asdict

    from eval import compare as comparing

    found = comparing.compare(a, b, seed)
    click.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else comparing.shown(found))


@evaluate.command()
@click.argument("results", type=click.Path(path_type=Path, exists=True))
@click.option("--suite", required=True, help="What is expected.")
@ONLY
@JSON
def gate(results: Path, suite: str, only: tuple[str, ...], as_json: bool) -> None:
    """Exit with 1 when a score in RESULTS is not what SUITE expects, with a sentence for each."""
    from eval.gate import failures
    from eval.run import results as file_of
    from eval.suite import load

    chosen = load(suite)
    failed = list(failures(file_of(results, chosen) if results.is_dir() else results, chosen, only))
    if as_json:
        click.echo(json.dumps({"suite": chosen.name, "failed": failed}, ensure_ascii=False))
    else:
        click.echo("\n".join(failed) or f"Every score is what the suite {chosen.name} expects.")
    if failed:
        sys.exit(1)


@evaluate.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True), metavar="RESULTS...")
@click.option("--out", default="report", show_default=True, type=click.Path(path_type=Path), help="A folder.")
@JSON
def report(results: tuple[Path, ...], out: Path, as_json: bool) -> None:
    """Write RESULTS as one HTML page that needs nothing else, its pictures as PNG, and a summary."""
    from eval.report.build import write

    done = write(results, out)
    if as_json:
        click.echo(json.dumps({"page": str(done.page), "rows": done.rows, "unread": done.unread}))
        return
    click.echo(f"{done.page}: {done.rows:,} rows, {len(done.pictures)} pictures")
    if done.unread:
        click.echo(f"{done.unread:,} lines are no rows; the page names them.", err=True)


@evaluate.command()
@click.argument("name")
@click.option("--most", default=8_000, show_default=True, help="The largest window to try, in tokens.")
@click.option("--n", "count", default=50, show_default=True, help="Facts asked for at each size.")
@click.option("--index", type=click.Path(path_type=Path), help="Fill windows from this index (default: Python's text).")
@click.option("--seed", default=0, show_default=True, help="What is drawn at random is drawn by this.")
@click.option("--dry-run", is_flag=True, help="Measure, and write nothing.")
@CONFIG
@JSON
def reader(name: str, config: Path | None, dry_run: bool, as_json: bool, **flags: Any) -> None:
    """Measure how large a window the reader NAME can use, and write it where `cascade ask` reads it.

    It is written into the table [windows] of cascade.toml in this folder, or of the file --config names.
    """
    from cascade import config as settings
    from eval import window
    from eval.rows import Circumstances
    from indexers.progress import Bar

    circumstances = Circumstances("reader", flags["seed"])
    with Bar(quiet=as_json, unit=" questions") as bar:
        base = settings.load(config if config and config.exists() else None)
        found = window.measured(name, flags["index"], flags["count"], window.Setup(
            flags["most"], flags["seed"], base, bar.show))  # fmt: skip
    row = circumstances.row(found)
    click.echo(json.dumps(row, ensure_ascii=False) if as_json else window.shown(found))
    if not dry_run and found.summary["window"]:
        file = config or Path("cascade.toml")
        settings.remember(file, name, found.summary["window"])
        click.echo(f"Written to {file}.", err=True)


def _plan(suite: Path, only: tuple[str, ...], bar: Any, flags: dict[str, Any]) -> Plan:
    from cascade import config
    from cascade.config import Config
    from eval.run import Plan

    settings = config.load(flags["config"], {}) if flags["config"] else Config()
    return Plan(
        flags["out"], _places(suite, bar, flags), only, flags["limit"], not flags["resume"], settings, bar.show
    )  # fmt: skip


def _places(suite: Path, bar: Any, flags: dict[str, Any]) -> Places:
    from eval.corpora import Places

    given: dict[str, tuple[Path, ...]] = {}
    for text in flags["index"]:
        name, _, path = text.partition("=")
        if not path:
            raise click.UsageError(f"{text!r} names no index for a corpus. Write --index CORPUS=PATH.")
        given[name] = (*given.get(name, ()), Path(path))
    cache = flags["cache"] or Path.home() / ".cache" / "cascade"
    return Places(cache, flags["data"], suite, given, flags["sets"], bar.show)
