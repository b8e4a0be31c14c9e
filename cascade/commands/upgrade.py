"""`cascade upgrade`: an index of an older format becomes one of the newest."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("index", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def upgrade(index: Path, dry_run: bool, as_json: bool) -> None:
    """Bring INDEX to the newest format.

    An older format is read and written as it is, so this is never a must. Passages, ids and rankings stay the same.
    Versions of Cascade that do not know the newest format refuse INDEX afterwards. If this is stopped, run it again.
    """
    from cascade.index import upgrade as upgrades

    before, steps = upgrades.planned(index) if dry_run else upgrades.upgrade(index)
    after = steps[-1].to if steps else before
    if as_json:
        done = [{"to": step.to, "does": step.says} for step in steps]
        click.echo(json.dumps({"index": str(index), "from": before, "to": after, "done": not dry_run, "steps": done}))
        return
    for step in steps:
        click.echo(f"format {step.to}: {step.says}")
    if not steps:
        click.echo(f"{index} has format {before}, the newest: there is nothing to do")
    elif dry_run:
        click.echo(f"{index} has format {before}; without --dry-run it would be brought to format {after}")
    else:
        click.echo(f"{index} had format {before} and has format {after} now")
