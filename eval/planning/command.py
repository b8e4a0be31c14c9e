"""`cascade plan`: parses, calls the model, the calibration or the check, and prints."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from eval.planning.constants import Constants
    from eval.planning.existing import Existing
    from eval.planning.prices import Prices
    from eval.planning.wanted import Wanted

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
EXPONENTS = range(6, 11)


@click.command()
@click.argument("index", required=False, type=click.Path(path_type=Path))
@click.option("--passages", metavar="N", help="How many passages: 1e9, 250M.")
@click.option("--bytes", "text", metavar="N", help="Or how much text: 4TB.")
@click.option("--words", metavar="N", help="Words of a passage (default: INDEX's, or 100).")
@click.option("--encoder", metavar="NAME", help="static or minilm (default: INDEX's, or static).")
@click.option("--dim", type=click.IntRange(8), metavar="N", help="Dimensions of a vector (default: the encoder's).")
@click.option("--qps", default="10", show_default=True, metavar="N", help="Questions a second.")
@click.option("--latency", default="200", show_default=True, metavar="MS", help="Most a question may take, median.")
@click.option("--survival", default=0.95, show_default=True, metavar="SHARE", help="Of the exact nearest 117, kept.")
@click.option("--memory", metavar="BYTES", help="Most memory of one machine: 64GB.")
@click.option("--replicas", default=1, show_default=True, type=click.IntRange(1), help="Least copies of each shard.")
@click.option("--machines", multiple=True, metavar="NAME", help="Of the prices, this one may be taken; repeatable.")
@click.option("--prices", type=FILE, metavar="FILE.toml", help="What machines cost (default: round assumptions).")
@click.option("--constants", type=FILE, metavar="FILE.toml", help="Measured constants (default: yours, or shipped).")
@click.option("--explain", is_flag=True, help="Also each formula, and the values behind it.")
@click.option("--table", is_flag=True, help="One line a size, from 10^6 to 10^10 passages.")
@click.option("--calibrate", "calibrating", is_flag=True, help="Measure the constants, on INDEX or one made for it.")
@click.option("--queries", "sets", multiple=True, type=FOLDER, metavar="SET", help="Questions to calibrate with.")
@click.option("--check", "rows", type=FILE, metavar="ROWS.jsonl", help="Hold the model against rows of `bench scale`.")
@click.option("--out", type=FILE, metavar="FILE.toml", help="Where measured constants, or checks, are written.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plan(index: Path | None, as_json: bool, **flags: Any) -> None:
    """What an index of a size will take: machines, memory, disk, building, time and cost of a question.

    Every figure comes with its formula (--explain) and the constants behind it, which were measured: those that are
    shipped on a machine of two cores, yours with --calibrate. The last lines say how far the model was off when it was
    last held against a measured index. With INDEX the plan is for it, or for one like it of another size: its
    encoder, the words of its passages, and the survival that `cascade tune` measured on it.
    """
    from eval.planning import constants, prices

    known = constants.load(flags["constants"])
    if flags["calibrating"]:
        _calibrate(index, known, flags, as_json)
        return
    costs = prices.load(flags["prices"])
    if flags["rows"]:
        _check(flags, known, costs, as_json)
        return
    memory = _number(flags, "memory", "bytes") if flags["memory"] else None
    flags["like"] = _like(index)
    _print(flags, known, costs.chosen(flags["machines"], memory), as_json)


def _print(flags: dict[str, Any], known: Constants, costs: Prices, as_json: bool) -> None:
    from eval.planning import shown
    from eval.planning.choosing import plan as planned

    if flags["table"]:
        plans = [planned(_wanted(flags, 10.0**exponent), known, costs) for exponent in EXPONENTS]
        rows = [json.dumps(shown.body(one, known), ensure_ascii=False) for one in plans]
        click.echo("\n".join(rows) if as_json else shown.sizes(plans, known, costs))
        return
    one = planned(_wanted(flags), known, costs)
    if as_json:
        click.echo(json.dumps(shown.body(one, known), ensure_ascii=False))
    else:
        click.echo(shown.page(one, known, costs, flags["explain"]))


def _like(index: Path | None) -> Existing | None:
    from eval.planning import existing

    return existing.read(index) if index is not None else None


def _wanted(flags: dict[str, Any], passages: float | None = None) -> Wanted:
    from eval.planning.wanted import DIMS, LETTERS, Wanted

    like: Existing | None = flags["like"]
    words = _number(flags, "words", "words") if flags["words"] else like.words if like else 100.0
    encoder = flags["encoder"] or (like.encoder if like else "static")
    usual = like.dim if like and encoder == like.encoder else DIMS.get(encoder, 8)
    if passages is None:
        passages = _passages(flags, words * LETTERS, like)
    return Wanted(
        passages, words, flags["dim"] or usual, encoder, _number(flags, "qps", "questions a second"),
        _number(flags, "latency", "milliseconds"), flags["survival"], flags["replicas"],
        tuned=like.tuned if like and encoder == like.encoder else None,
    )  # fmt: skip


def _passages(flags: dict[str, Any], letters: float, like: Existing | None) -> float:
    """As many as were asked for, or hold so much text, or INDEX has."""
    given = bool(flags["passages"]) + bool(flags["text"])
    if given > 1 or not (given or like):
        raise click.UsageError("Say how large the index is to be: --passages 1e9, or --bytes 4TB of text; not both.")
    if flags["passages"]:
        return _number(flags, "passages", "passages", whole=True)
    if flags["text"]:
        return max(1.0, float(round(_number(flags, "text", "bytes") / letters)))
    return like.passages if like else 0.0


def _number(flags: dict[str, Any], name: str, what: str, whole: bool = False) -> float:
    from eval.planning import units

    return units.read(flags[name], what, whole)


def _calibrate(index: Path | None, before: Constants, flags: dict[str, Any], as_json: bool) -> None:
    from eval.planning import calibrate, constants
    from indexers.progress import Bar

    out = flags["out"] or constants.place()
    with Bar(quiet=as_json, unit=" steps") as bar:
        setup = calibrate.Setup(flags["sets"], encoder=flags["encoder"] or "static", told=bar.show)
        with calibrate.index(index, setup) as root:
            made = calibrate.calibrate(root, setup, before)
    constants.save(made, out)
    click.echo(json.dumps(asdict(made), ensure_ascii=False) if as_json else constants.text(made).rstrip())
    click.echo(f"Written to {out}; plans are made with them from now on.", err=True)


def _check(flags: dict[str, Any], known: Constants, costs: Prices, as_json: bool) -> None:
    from datetime import UTC, datetime

    from eval.machine import commit
    from eval.planning import checking, constants, measured, shown

    found = checking.compare(measured.read(flags["rows"], known.cores), known, costs)
    if as_json:
        click.echo(json.dumps([{**asdict(one), "error": one.error} for one in found]))
    else:
        click.echo(shown.compared(found, checking.AIM))
    if out := flags["out"] or (constants.place() if constants.place().exists() else None):
        kept = checking.checks(found, datetime.now(UTC).date().isoformat(), commit())
        constants.save(replace(known, circumstances=dict(known.circumstances)).with_checks(kept), out)
        click.echo(f"Written to {out}.", err=True)
