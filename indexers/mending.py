"""`cascade repair`: what is damaged is made again, or taken from a copy; what cannot be is listed."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from indexers.repair import Report


@click.command()
@click.argument("index", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--from", "copy", metavar="COPY", help="Another copy of INDEX, or a backup of it, to take from.")
@click.option("--undelete", is_flag=True, help="Where it is lost which rows were deleted, bring them back to life.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def repair(index: Path, dry_run: bool, copy: str | None, undelete: bool, as_json: bool) -> None:
    """Mend a damaged INDEX: everything is made again from its texts, or taken from a copy.

    Lists by record what cannot be brought back; adding the sources of those again does. Exit code 4 if anything is
    lost or left, or, with --dry-run, if anything is damaged.
    """
    from cascade import config
    from cascade.errors import Corrupt
    from cascade.index import manifest
    from cascade.index.layout import Layout
    from cascade.models import resolve
    from indexers.repair import repair as mend

    def said(what: str) -> None:
        if not as_json:
            click.echo(what, err=True)

    name = manifest.read(Layout(index)).built.encoder
    chosen = config.load().encoder
    with _copy(copy) as replica:
        report = mend(index, lambda: resolve.encoder_of(index, name, chosen), replica, dry_run, undelete, said)
    if as_json:
        body = {"index": str(index), "ok": report.ok, "dry_run": dry_run, **asdict(report)}
        click.echo(json.dumps(body, ensure_ascii=False))
    else:
        _print(report, dry_run)
    sys.exit(0 if report.ok and not (dry_run and report.problems) else Corrupt.exit_code)


def _print(report: Report, dry_run: bool) -> None:
    for problem in report.problems:
        click.secho(f"damaged  {problem}", err=True)
    for mended in report.mended:
        click.echo(f"{'would mend' if dry_run else 'mended'}  {mended}")
    for lost in report.lost[:50]:
        name = lost.title or lost.key or lost.locator
        click.echo(f"lost  {lost.passages:,} of {lost.of:,} passages of {name} ({lost.source}, {lost.locator})")
    if len(report.lost) > 50:
        click.echo(f"lost  ... and passages of {len(report.lost) - 50:,} more records: --json lists all")
    for left in report.left:
        click.echo(f"left  {left}")
    if not report.problems:
        click.echo("Nothing is damaged.")
    elif report.lost:
        click.echo("Add the sources of these records again to have them whole.")


@contextmanager
def _copy(where: str | None) -> Iterator[Path | None]:
    """A copy of the index as a folder: as given, or brought back from a backup for as long as it is needed."""
    from cascade.index.backup import restore
    from cascade.index.layout import Layout
    from cascade.index.store import opened

    if where is None or ("://" not in where and Layout(Path(where)).manifest.exists()):
        yield Path(where) if where else None
        return
    with tempfile.TemporaryDirectory() as folder:
        restore(opened(where), Path(folder) / "copy")
        yield Path(folder) / "copy"
