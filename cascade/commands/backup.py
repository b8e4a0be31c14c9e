"""`cascade backup` and `cascade restore`: copies of an index that are checked on the way out and on the way back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from cascade.commands.bars import byte_bar

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("index", type=click.Path(path_type=Path))
@click.argument("dest", metavar="DEST")
@click.option("--keep", type=click.IntRange(1), help="Afterwards take away all but so many backups.")
@click.option("--verify", "verifies", is_flag=True, help="Afterwards read everything in DEST and compare it.")
@JSON
def backup(index: Path, dest: str, keep: int | None, verifies: bool, as_json: bool) -> None:
    """Back up INDEX to DEST: a folder, or object storage that fsspec knows (s3://bucket/path).

    Copies only what no earlier backup in DEST holds. Works while INDEX is being written. Exit code 4 if a file of INDEX
    is damaged (the backup does not count then), or if --verify finds damage.
    """
    from cascade.errors import Corrupt
    from cascade.index import backup as backups
    from cascade.index.store import opened

    store = opened(dest)
    with byte_bar("backing up") as told:
        made, copied = backups.back_up(index, store, told)
    gone = backups.prune(store, keep) if keep else (0, 0)
    problems = backups.verify(store) if verifies else []
    body: dict[str, Any] = {
        "backup": made.name, "index": str(index), "dest": dest, "commit": made.commit, "passages": made.passages,
        "files": len(made.files), "bytes": made.size, "copied": copied, "removed": gone[0], "problems": problems,
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(body, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(problem, err=True)
        click.echo(
            f"{made.name}: {made.passages:,} passages, {made.size / 1e6:,.1f} MB in {len(made.files):,} files, "
            f"{copied / 1e6:,.1f} MB of it new" + (f"; {gone[0]} older removed" if gone[0] else "")
        )
    sys.exit(Corrupt.exit_code if problems else 0)


@click.command()
@click.argument("dest", metavar="DEST")
@click.argument("index", type=click.Path(path_type=Path), required=False)
@click.option("--backup", "name", default="", metavar="NAME", help="Which one; the newest where not given.")
@click.option("--list", "lists", is_flag=True, help="Only list what there is.")
@JSON
def restore(dest: str, index: Path | None, name: str, lists: bool, as_json: bool) -> None:
    """Bring a backup in DEST back as INDEX, a folder that is not there yet or is empty."""
    from cascade.index import backup as backups
    from cascade.index.store import opened

    store = opened(dest)
    if lists or index is None:
        if not lists:
            raise click.UsageError("Name the folder to restore to, or --list what there is.")
        _listed([backups.read(store, one) for one in backups.backups(store)], as_json)
        return
    with byte_bar("restoring") as told:
        made = backups.restore(store, index, name, told)
    if as_json:
        click.echo(json.dumps({"backup": made.name, "index": str(index), "commit": made.commit, "bytes": made.size}))
    else:
        click.echo(f"{index} is {made.name} again: {made.passages:,} passages, {made.size / 1e6:,.1f} MB")


def _listed(found: list[Any], as_json: bool) -> None:
    for one in found:
        body = {"backup": one.name, "created": one.created, "commit": one.commit, "passages": one.passages}
        click.echo(
            json.dumps({**body, "bytes": one.size}) if as_json
            else f"{one.name}  {one.created}  {one.passages:>12,} passages  {one.size / 1e6:>10,.1f} MB"
        )  # fmt: skip
