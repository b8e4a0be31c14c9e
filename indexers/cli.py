"""`cascade add`, `delete` and `compact`: what changes an index. Each parses, calls the core and prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cascade.models.base import Encoder
    from indexers.ingest import IngestConfig, Report
    from indexers.sources.open import Blobs
    from indexers.sources.options import SourceOptions

INDEX = click.argument("index", type=click.Path(path_type=Path))

COLUMNS = (
    click.option(
        "--id", "id_", default="", metavar="COLUMN", help="The column of rows that names each (default: _id, id)."
    ),
    click.option("--title", default="", metavar="COLUMN", help="The column of rows that holds the title."),
    click.option("--text", default="", metavar="COLUMN", help="The column of rows that holds the text."),
    click.option("--time", default="", metavar="COLUMN", help="The column of rows that holds the date."),
    click.option("--metadata", default="", metavar="A,B", help="Columns to keep besides (default: every short one)."),
    click.option("--include", multiple=True, metavar="GLOB", help="Only files like this; may be repeated."),
    click.option("--exclude", multiple=True, metavar="GLOB", help="No files like this; may be repeated."),
    click.option("--revision", default="", metavar="REV", help="Read a git repository as of this revision."),
    click.option("--encoding", default="", metavar="NAME", help="The encoding of text files (default: found out)."),
)
"""How a source is read."""


def columns(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the options of how a source is read."""
    for option in reversed(COLUMNS):
        command = option(command)
    return command


@click.command()
@INDEX
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--encoder",
    metavar="NAME",
    help="minilm, static, toy, a sentence-transformers id, or an endpoint. Default: the index's own, or static.",
)
@columns
@click.option(
    "--language", default="english", show_default=True, help="The language words are stemmed in; none for none."
)
@click.option(
    "--segment", type=click.IntRange(min=1), metavar="N", help="Commit after so many passages (default: 32768)."
)
@click.option(
    "--bulk",
    is_flag=True,
    help="For millions of passages in a new index: read SOURCE twice, write each passage once.",
)
@click.option("--sync", is_flag=True, help="Also delete what the source no longer has.")
@click.option("--watch", is_flag=True, help="Stay, and add what changes.")
@click.option("--fail-on-error", is_flag=True, help="Exit with 6 when anything could not be read.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per commit, and one at the end.")
def add(index: Path, sources: tuple[str, ...], **flags: Any) -> None:
    """Create or extend INDEX with SOURCE...: files, folders, globs, JSONL, Parquet, archives, git repositories, or -.

    Running it again adds nothing; changed files replace their old passages; an interrupted run goes on where it was.
    """
    from indexers.ingest import IngestConfig
    from indexers.sources.open import open_source

    options = options_of(flags)
    if flags["watch"] and len(sources) > 1:
        raise click.UsageError("--watch takes one SOURCE: watch a folder that holds them all.")
    if flags["bulk"] and (flags["sync"] or flags["watch"] or "-" in sources):
        raise click.UsageError("--bulk reads what stays as it is, twice: leave out --sync, --watch and -.")
    opened = [open_source(spec, options) for spec in sources]
    encoder = encoder_of(index, flags["encoder"])
    config = IngestConfig(language=language_of(flags["language"]))
    if flags["segment"]:
        from dataclasses import replace

        config = replace(config, passages=flags["segment"], records=min(config.records, flags["segment"]))
    failed = _add(index, opened, encoder, config, flags)
    if flags["watch"]:
        _watch(index, sources, opened, (encoder, config, flags))
    if failed and flags["fail_on_error"]:
        from cascade.errors import SomeFilesFailed

        raise SomeFilesFailed(f"{failed:,} things could not be read; they are named above. The rest was added.")


@click.command()
@INDEX
@click.option("--record", metavar="ID", help="A record id, as `search --json` prints it.")
@click.option("--key", metavar="KEY", help="The source's own id.")
@click.option("--source", metavar="NAME", help="Everything of this source, named as `status` names it.")
@click.option("--filter", "filter_", metavar="EXPR", help="Everything that matches.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def delete(index: Path, filter_: str | None, dry_run: bool, as_json: bool, **which: str | None) -> None:
    """Delete records from INDEX. They are gone from every answer at once, and from the disk after `compact`."""
    from cascade.index.filters import quoted
    from indexers.remove import remove

    parts = [f"{field} = {quoted(value)}" for field, value in which.items() if value]
    parts += [f"({filter_})"] if filter_ else []
    if not parts:
        raise click.UsageError("Say what to delete: --record, --key, --source or --filter.")
    passages, records = remove(index, " and ".join(parts), dry_run)
    if as_json:
        click.echo(json.dumps({"passages": passages, "records": records, "dry_run": dry_run}))
    else:
        click.echo(f"{'Would delete' if dry_run else 'Deleted'} {passages:,} passages of {records:,} records.")


@click.command()
@INDEX
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compact(index: Path, as_json: bool) -> None:
    """Drop deleted passages of INDEX from the disk, merge small segments, and organise a large index."""
    from cascade.index.writer import Writer
    from indexers.compact import Shape
    from indexers.compact import compact as carry_out
    from indexers.progress import Organising

    with Writer(index) as writer, Organising(quiet=as_json) as told:
        rewritten = carry_out(writer, Shape(), thorough=True, told=told)
        body = {"rewritten": rewritten, "segments": len(writer.manifest.segments)}
    click.echo(json.dumps(body) if as_json else f"Rewrote {rewritten} segments; there are {body['segments']} now.")


def _add(index: Path, sources: list[Blobs], encoder: Encoder, config: IngestConfig, flags: dict[str, Any]) -> int:
    from indexers.ingest import ingest
    from indexers.progress import Adding
    from indexers.slices import SliceConfig, build

    with Adding(as_json=flags["as_json"]) as shown:
        if flags["bulk"]:
            settings = SliceConfig(passages=flags["segment"] or SliceConfig().passages, ingest=config)
            report = build(index, sources, encoder, settings, heard=shown.heard, told=shown.told)
        else:
            report = ingest(index, sources, encoder, config, flags["sync"], heard=shown.heard, told=shown.told)
    if flags["as_json"]:
        done = {"event": "done", "sources": [source.name for source in sources], **asdict(report)}
        click.echo(json.dumps(done, ensure_ascii=False))
    else:
        say(report)
    return report.failed


def say(report: Report) -> None:
    """Print what a run did, and on stderr what it left out."""
    rate = report.passages / max(report.seconds, 1e-9)
    click.echo(
        f"Added {report.records:,} records as {report.passages:,} passages in {report.seconds:.1f} s ({rate:,.0f}/s); "
        f"{report.unchanged:,} were there already, {report.replaced:,} old ones replaced, {report.dropped:,} dropped."
    )
    for thing in report.skipped[:20]:
        click.echo(f"  left out {thing.locator}: {thing.reason}", err=True)
    if report.failed:
        more = f", {report.failed - 20:,} of them not shown" if report.failed > 20 else ""
        click.echo(f"{report.failed:,} things could not be read{more}.", err=True)
    if report.passed:
        click.echo(f"{report.passed:,} files hold no text (images, programs and the like).", err=True)


def _watch(
    index: Path, specs: tuple[str, ...], opened: list[Blobs], how: tuple[Encoder, IngestConfig, dict[str, Any]]
) -> None:
    from indexers.sources.watch import changes

    encoder, config, flags = how
    click.echo(f"Watching {', '.join(specs)}; stop with Ctrl-C.", err=True)
    for _ in changes(specs[0]):
        _add(index, opened, encoder, config, flags)
        sys.stdout.flush()


def options_of(flags: dict[str, Any]) -> SourceOptions:
    """How a source is read, by the options of `columns`."""
    from indexers.sources.options import SourceOptions

    return SourceOptions(
        id=flags["id_"], title=flags["title"], text=flags["text"], time=flags["time"],
        metadata=tuple(name.strip() for name in flags["metadata"].split(",") if name.strip()),
        revision=flags["revision"], encoding=flags["encoding"], include=flags["include"], exclude=flags["exclude"],
    )  # fmt: skip


def encoder_of(index: Path, name: str | None) -> Encoder:
    """The encoder of that name, or the index's own. Raises UnknownName, WrongEncoder."""
    from cascade import config
    from cascade.index import manifest
    from cascade.index.layout import Layout
    from cascade.models import resolve

    if name is not None:
        return resolve.encoder(name)
    where, chosen = Layout(index), config.load().encoder
    if not manifest.exists(where):
        return resolve.encoder(chosen)
    return resolve.encoder_of(index, manifest.read(where).built.encoder, chosen)


def language_of(name: str) -> str:
    """A language that words are stemmed in, or `none`. Raises UnknownName."""
    from cascade.errors import UnknownName
    from cascade.index.analyzer import STEMMERS

    if name != "none" and name not in STEMMERS:
        raise UnknownName(f"There is no stemmer for {name!r}. There are: none, {', '.join(STEMMERS)}.")
    return name
