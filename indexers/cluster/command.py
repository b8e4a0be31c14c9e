"""`cascade cluster`: what is done on several machines. Each command parses, calls the core and prints."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from indexers.cli import INDEX, columns, encoder_of, language_of, options_of, say

ADDRESS = click.option(
    "--address", default="auto", show_default=True, metavar="WHERE",
    help="The cluster: auto for the one this machine is in, HOST:PORT, or local for this machine alone.",
)  # fmt: skip


@click.group()
def cluster() -> None:
    """Build and serve an index on the machines of a Ray cluster (docs/cluster.md).

    \b
      ray start --head                                 on one machine, and `ray start --address ...` on the others
      cascade cluster add INDEX SOURCE...              build INDEX, a folder that all of them see
      cascade serve INDEX --cluster auto --replicas 2  serve it from all of them
    """


@cluster.command()
@INDEX
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@ADDRESS
@click.option("--workers", default=0, type=click.IntRange(0), metavar="N", help="Parts built at once (default: cores).")
@click.option("--gpus", default=0.0, type=click.FloatRange(0), metavar="N", help="GPUs of each worker; 0.5 for half.")
@click.option("--stage", default="", metavar="WHERE", help="Where workers leave segments (default: in INDEX): s3://...")
@click.option("--encoder", metavar="NAME", help="As of `cascade add`.")
@columns
@click.option("--language", default="english", show_default=True, help="As of `cascade add`.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def add(index: Path, sources: tuple[str, ...], address: str, **flags: Any) -> None:
    """Create or extend INDEX with SOURCE..., which all machines see, and commit it in one step.

    Running it again adds nothing; a run that was stopped, or lost machines, goes on with what is not finished.
    """
    from indexers.cluster import pool
    from indexers.cluster.adding import Work
    from indexers.cluster.adding import add as carry_out
    from indexers.progress import Organising

    specs = [(str(Path(spec).resolve()) if Path(spec).exists() else spec, options_of(flags)) for spec in sources]
    how = Work(flags["workers"], stage=flags["stage"], gpus=flags["gpus"], language=language_of(flags["language"]))
    machines = pool.connect(address)
    try:
        with Organising(quiet=flags["as_json"]) as told:
            report = carry_out(machines, index, specs, encoder_of(index, flags["encoder"]), how, told)
    finally:
        pool.leave()
    if flags["as_json"]:
        click.echo(json.dumps({"event": "done", **asdict(report)}, ensure_ascii=False))
    else:
        say(report)


@cluster.command()
@click.argument("indexes", nargs=-1, required=True, metavar="INDEX...", type=click.Path(path_type=Path))
@ADDRESS
def stop(indexes: tuple[Path, ...], address: str) -> None:
    """End the processes that hold INDEX..., and the servers, where `cascade serve --cluster` was killed."""
    from indexers.cluster import keeper, pool
    from indexers.cluster.fleet import Form

    machines = pool.connect(address)
    try:
        pool.unserve()
        for index in indexes:
            keeper.end(machines, index, Form())
    finally:
        pool.leave()
    click.echo(f"Ended what held {', '.join(map(str, indexes))}.")
