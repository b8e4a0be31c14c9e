"""`cascade bench scale`: parses, runs, prints a table or rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.argument("work", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--source",
    "sources",
    multiple=True,
    required=True,
    type=FOLDER,
    metavar="DIR",
    help="Real texts (BEIR); may be repeated.",
)
@click.option(
    "--sets", multiple=True, type=FOLDER, metavar="DIR", help="A labelled set that is joined; may be repeated."
)
@click.option("--leave-out", multiple=True, metavar="NAME", help="A folder not to read; may be repeated.")
@click.option("--sizes", default="1e5,1e6,1e7", show_default=True, metavar="A,B,...", help="Records of each index.")
@click.option("--codes", default="", metavar="A,B,...", help="Generated codes to make and probe, such as 1e8,1e9.")
@click.option(
    "--scanned", default="1e6,2e6,4e6", show_default=True, metavar="A,B,...", help="Codes a question scans there."
)
@click.option(
    "--foretold", default="1e8,1e9", show_default=True, metavar="A,B,...", help="Sizes to extrapolate survival to."
)
@click.option("--encoder", default="static", show_default=True, metavar="NAME", help="As for `cascade add`.")
@click.option(
    "--n", "count", default=70, show_default=True, help="Needles of each class; as many judged questions in all."
)
@click.option("--texts", default=20_000, show_default=True, help="Texts of each kind that are compared; 0 for none.")
@click.option("--cold", default=200, show_default=True, help="Questions asked with nothing in memory.")
@click.option("--like", type=FOLDER, metavar="INDEX", help="Make codes after those of this index.")
@click.option("--tidy", is_flag=True, help="Remove each index and all codes as soon as they were measured.")
@click.option("--seed", default=0, show_default=True, help="What is drawn at random is drawn by this.")
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A TOML file of settings.")
@click.option(
    "--json", "to", type=click.Path(path_type=Path, dir_okay=False), metavar="ROWS", help="Write all rows here too."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write a page with pictures into this folder."
)
@click.option("--beside", multiple=True, type=FILE, metavar="ROWS", help="Rows of another run, for the same page.")
def scale(work: Path, to: Path | None, out: Path | None, beside: tuple[Path, ...], **flags: Any) -> None:
    """What size costs: indexes of real and generated text, and generated codes, in WORK. A killed run goes on.

    At each size: rate of ingest, bytes by kind, memory, time to open, latency by stage warm and cold, and what survives
    each stage of planted needles, judged documents and the exact nearest. Then nomination over generated codes, and
    survival extrapolated to sizes that were not measured, with the error where both are known. Rows go to
    WORK/rows.jsonl, one for each part that is done.
    """
    from eval import journal
    from eval.bench.scale import page, shown
    from eval.bench.scale.run import Run
    from eval.bench.scale.setup import Setup
    from eval.rows import Circumstances
    from eval.tables import footing

    flags |= {name: _numbers(flags[name]) for name in ("sizes", "codes", "scanned", "foretold")}
    if not flags["sizes"] and not flags["codes"]:
        raise click.UsageError("Name at least one size: --sizes 1e5, or --codes 1e8 --like INDEX.")
    setup = Setup(work, **flags)
    run = Circumstances("scale", setup.seed)
    with _bars() as told:
        rows = Run(setup, run, told).all()
    if to:
        to.write_text("".join(map(journal.line, rows)), "utf-8")
    if out:
        page.write([*(row for file in beside for row in journal.rows(file)), *rows], out, setup.seed)
    click.echo(f"{shown.table_of(rows)}\n\n{footing(run)}")


def _numbers(text: str) -> tuple[int, ...]:
    """`1e5,200000` as whole numbers, ascending."""
    try:
        found = sorted({int(float(part)) for part in text.split(",") if part.strip()})
    except (ValueError, OverflowError):
        raise click.UsageError(f"{text!r} is not a list of numbers. Write it like 1e5,1e6.") from None
    if any(number < 1 for number in found):
        raise click.UsageError(f"{text!r} holds a number under 1. Write it like 1e5,1e6.")
    return tuple(found)


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar on stderr, where that is a terminal, for what is being done."""
    from tqdm import tqdm

    with tqdm(unit="", unit_scale=True, disable=None) as bar:
        said, came = "", 0

        def told(what: str, done: int, total: int | None) -> None:
            nonlocal said, came
            if what != said or done < came:
                bar.reset(total)
                bar.set_description(what)
                came = 0
            bar.update(done - came)
            said, came = what, done

        yield told
