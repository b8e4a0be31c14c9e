"""`cascade bench peers`: Cascade beside LanceDB, Qdrant, FAISS and bm25s over the same passages. Parses and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.argument("work", type=click.Path(path_type=Path, file_okay=False))
@click.argument("sets", nargs=-1, required=True, type=FOLDER, metavar="SET...")
@click.option("--haystack", multiple=True, type=FOLDER, help="A corpus without questions, or a folder of such.")
@click.option("--leave-out", multiple=True, metavar="NAME", help="A folder not to read; may be repeated.")
@click.option(
    "--passages", default="100000,1000000", show_default=True, metavar="A,B,...", help="How many, drawn evenly."
)
@click.option("--words", default=50, show_default=True, help="Most words of a passage; longer documents are cut.")
@click.option("--k", "ks", default="117,30000", show_default=True, metavar="A,B,...", help="Rows that are asked for.")
@click.option("--n", "count", default=100, show_default=True, help="Questions, drawn evenly from the sets.")
@click.option("--ask", default=0, metavar="N", help="So many of those questions alone, for a quick look.")
@click.option("--only", multiple=True, metavar="NAME", help="A peer to take; may be repeated (default: every one).")
@click.option("--encoder", default="static", show_default=True, metavar="NAME", help="Whose vectors everybody gets.")
@click.option("--threads", default=2, show_default=True, help="That each engine's process may use.")
@click.option(
    "--patience", default=1800.0, show_default=True, help="Seconds a build, or an answer to a block, may take."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write tables, picture and rows here.")
@click.option("--seed", default=0, show_default=True, help="What is drawn at random is drawn by this.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON rows with every query's values.")
def peers(work: Path, sets: tuple[Path, ...], out: Path | None, as_json: bool, **flags: Any) -> None:
    """Other engines over the same passages and vectors: build, disk, memory, and latency at equal survival.

    SET... are labelled sets in BEIR's layout. Everything is built in WORK, each engine by a process of its own; the
    same command again goes on where it was stopped, and measures only what is new. Engines that are not installed are
    named and left out (extra `peers`).
    """
    from cascade.models import resolve
    from eval.bench.rivals import shown
    from eval.bench.rivals.building import Care
    from eval.bench.rivals.resolve import NAMES
    from eval.bench.rivals.run import Plan, run

    care = Care(flags["threads"], flags["patience"])
    sizes, ks = _numbers(flags["passages"]), _numbers(flags["ks"])
    plan = Plan(sizes, ks, tuple(dict.fromkeys(flags["only"])) or NAMES, care, ask=flags["ask"])
    wanted = _wanted(sets, flags)
    rows = list(run(work, plan, wanted, resolve.encoder(flags["encoder"]), lambda said: click.echo(said, err=True)))
    if out:
        for path in shown.write(rows, out):
            click.echo(f"wrote {path}", err=True)
    click.echo("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) if as_json else shown.summary(rows))


def _wanted(sets: tuple[Path, ...], flags: dict[str, Any]) -> Any:
    from eval import datasets
    from eval.bench.rivals.laying import Wanted

    corpora = datasets.corpora([*sets, *flags["haystack"]], flags["leave_out"])
    labelled = tuple(datasets.read(folder) for folder in dict.fromkeys(sets))
    return Wanted(labelled, tuple(corpora), flags["words"], flags["count"], flags["seed"])


def _numbers(text: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        found = ()
    if not found or min(found) < 1:
        raise click.UsageError(f"{text!r} is not a list of numbers over 0. Write it like 1000,2000.")
    return found
