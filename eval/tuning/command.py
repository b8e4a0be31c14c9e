"""`cascade tune`: parses, tunes with a progress bar, prints the table or JSON, draws, writes the choice."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cascade.config import Config
    from eval.tuning.choose import Aim
    from eval.tuning.search import Heard
    from eval.tuning.spine import Tuned

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
NOT_MET = 1
"""Exit code where no setting meets the aim, or an operating point no longer holds."""


@click.command()
@click.argument("index", type=click.Path(path_type=Path))
@click.option("--survival", default=0.95, show_default=True, type=click.FloatRange(0.01, 0.999), help="Keep this much.")
@click.option(
    "--latency",
    default=150.0,
    show_default=True,
    type=click.FloatRange(min=0.1),
    metavar="MS",
    help="In at most so many milliseconds (median).",
)
@click.option(
    "--queries",
    "sets",
    multiple=True,
    type=FOLDER,
    metavar="SET",
    help="A labelled set that is in INDEX, in BEIR's layout; may be repeated.",
)
@click.option("--needles", type=click.IntRange(1), metavar="N", help="Plant so many needles in a copy of INDEX.")
@click.option(
    "--questions",
    default=200,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="Most of the sets, or made of passages.",
)
@click.option(
    "--stage",
    "kept",
    type=click.Choice(["candidates", "ranked", "window"]),
    help="Where it must survive (default: ranked; for own questions: candidates).",
)
@click.option("--absolute", is_flag=True, help="Of everything, not of what the widest setting keeps.")
@click.option(
    "--picture", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Draw it (.svg, .png)."
)
@click.option("--dry-run", is_flag=True, help="Write nothing into INDEX.")
@click.option("--check", is_flag=True, help="Measure the operating point again; exit code 1 if it no longer holds.")
@click.option("--clear", is_flag=True, help="Take the operating point out of INDEX.")
@click.option("--reader", metavar="NAME", help="Whose window, with --stage window.")
@click.option("--scorer", metavar="NAME", help="A cross-encoder that judges the best passages.")
@click.option(
    "--first",
    default=16,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="Questions that every setting is asked; those left are asked more.",
)
@click.option("--seed", default=0, show_default=True, help="Draws the questions.")
@click.option("--config", "file", type=click.Path(path_type=Path), help="A TOML file of settings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def tune(index: Path, sets: tuple[Path, ...], needles: int | None, **flags: Any) -> None:
    """Choose how wide to search INDEX, from what survives on INDEX itself and in what time.

    Tried together: codes compared, candidates, words, passages judged (with --scorer) and tokens packed (with --stage
    window). The cheapest setting that keeps --survival, by the low end of its 95% interval, within --latency is
    written into INDEX as its operating point: every later question is asked so, at --effort normal. cascade.toml,
    CASCADE_* and flags come before it.

    Questions are of labelled sets (--queries), of made-up facts planted in a copy (--needles), or else made of
    passages of INDEX. Exit code 1 where no setting keeps so much, or not in that time; then nothing is written.
    """
    from cascade import config
    from eval.tuning import spine

    if flags["check"] + flags["clear"] > 1 or (needles and sets):
        raise click.UsageError("Give --check or --clear, and --queries or --needles, not both.")
    if (picture := flags["picture"]) and picture.suffix not in (".svg", ".png"):
        raise click.UsageError(f"{picture} is neither .svg nor .png.")
    settings = config.load(flags["file"], reader=flags["reader"], scorer=flags["scorer"])
    if flags["clear"]:
        _clear(index, flags["as_json"])
        return
    if flags["check"]:
        _check(index, settings, sets, flags["as_json"])
        return
    from eval.tuning.asked import Source
    from eval.tuning.search import Rungs

    source = Source(needles or 0, sets, flags["questions"], flags["seed"])
    with _bar() as heard:
        tuned = spine.tune(index, settings, _aim(source.by, flags), source, heard, Rungs(flags["first"]))
    _show(index, tuned, flags)
    sys.exit(0 if tuned.point else NOT_MET)


def _aim(by: str, flags: dict[str, Any]) -> Aim:
    from eval.tuning.asked import PASSAGES
    from eval.tuning.choose import Aim
    from eval.tuning.knobs import CANDIDATES, RANKED

    kept = flags["kept"] or (CANDIDATES if by == PASSAGES else RANKED)
    return Aim(flags["survival"], flags["latency"], kept, by, not flags["absolute"])


def _show(index: Path, tuned: Tuned, flags: dict[str, Any]) -> None:
    """Print and draw first, so that a lock held by another writer loses nothing that was measured."""
    from eval.tuning import shown, spine

    if picture := flags["picture"]:
        from eval.report.pictures import alone

        picture.write_bytes(alone(shown.drawing(tuned), picture.suffix[1:]))
    writes = tuned.point is not None and not flags["dry_run"]
    click.echo(json.dumps(shown.as_json(tuned), ensure_ascii=False) if flags["as_json"] else shown.text(tuned))
    if writes:
        spine.write(index, tuned.point)
    if not flags["as_json"] and tuned.point is not None:
        click.echo(f"{'Written into' if writes else 'Not written into'} {index}: {shown.mapping(tuned.point.settings)}")


def _check(index: Path, settings: Config, sets: tuple[Path, ...], as_json: bool) -> None:
    from eval.tuning import shown, spine

    with _bar() as heard:
        found = spine.check(index, settings, sets, heard)
    click.echo(json.dumps(shown.checked_json(found), ensure_ascii=False) if as_json else shown.checked(found))
    sys.exit(NOT_MET if found.wrong else 0)


def _clear(index: Path, as_json: bool) -> None:
    from eval.tuning import shown, spine

    point = spine.standing(index)
    spine.write(index, None)
    said = f"Taken out of {index}: {shown.mapping(point.settings)}"
    click.echo(json.dumps({"cleared": point.as_json()}, ensure_ascii=False) if as_json else said)


@contextmanager
def _bar() -> Iterator[Heard]:
    from tqdm import tqdm

    with tqdm(unit=" questions", desc="tuning", disable=None) as bar:

        def heard(done: int, whole: int, running: int) -> None:
            bar.total = whole
            bar.set_postfix_str(f"{running} settings", refresh=False)
            bar.update(done - bar.n)

        yield heard
