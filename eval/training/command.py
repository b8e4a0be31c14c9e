"""`cascade train fusion`: parses, gathers lessons, judges by leaving one set out, trains on all, writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cascade.engine import Engine
    from cascade.index.fusion import Fusion
    from eval.datasets import Labelled
    from eval.training.fit import Recipe
    from eval.training.judge import Judged
    from eval.training.lessons import Lesson

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("indexes", nargs=-1, required=True, metavar="INDEX...", type=click.Path(path_type=Path))
@click.option("--sets", multiple=True, required=True, type=FOLDER, metavar="SET", help="In each INDEX; repeatable.")
@click.option("--questions", default=150, show_default=True, type=click.IntRange(1), help="Most of each set.")
@click.option("--prior", default=60.0, show_default=True, help="What leaving the hand-set weights costs.")
@click.option("--turning", default=4.0, show_default=True, help="What letting a question turn the weights costs.")
@click.option("--keep-weights", is_flag=True, help="Learn relevance alone, for the hand-set weights.")
@click.option("--into", "into", is_flag=True, help="Also make it the own fusion of each INDEX.")
@click.option("--seed", default=0, show_default=True, help="Draws the questions.")
@click.option("--json", "as_json", is_flag=True, help="Print the judgment as JSON.")
def fusion(out: Path, indexes: tuple[Path, ...], sets: tuple[Path, ...], questions: int, **how: Any) -> None:
    """Train the fusion of features OUT (.json) on labelled sets that are in INDEX...

    Each set is first scored by what is learned from all the others, against the hand-set fusion; then all are learned
    from. Use it with `fusion = "OUT"` under `[rerank]` in cascade.toml, or --into.
    """
    from eval import datasets
    from eval.training.fit import STEPS, Recipe

    labelled = [datasets.read(folder) for folder in dict.fromkeys(sets)]
    engines = [_hand_set(path) for path in indexes]
    lessons = [_gathered(engine, labelled, questions, how["seed"]) for engine in engines]
    recipe = Recipe(how["prior"], how["turning"], 0 if how["keep_weights"] else STEPS)
    judged, learned = _learned(lessons, engines, recipe, how["seed"])
    for engine in engines:
        engine.close()
    raw = learned.encode()
    out.write_bytes(raw)
    if how["into"]:
        _own(indexes, raw)
    said = [{"index": str(path), "sets": _told(of, how["seed"])} for path, of in zip(indexes, judged, strict=True)]
    click.echo(json.dumps(said, default=float) if how["as_json"] else f"{_table(said)}\n\n{out}: {len(raw):,} B")


def _hand_set(path: Path) -> Engine:
    from dataclasses import replace

    from cascade import config
    from cascade.engine import Engine
    from cascade.stages.eyes import HAND_SET

    settings = config.load()
    return Engine.open(path, replace(settings, rerank=replace(settings.rerank, fusion=HAND_SET)))


def _gathered(engine: Engine, sets: list[Labelled], questions: int, seed: int) -> dict[str, list[Lesson]]:
    from tqdm import tqdm

    from eval.training.lessons import gather

    whole = sum(min(questions, len(one.questions)) for one in sets)
    with tqdm(total=whole, desc=engine.snapshot.layout.root.name, unit=" questions", disable=None) as bar:

        def heard(name: str) -> None:
            bar.set_postfix_str(name)
            bar.update()

        return gather(engine, sets, questions, seed, heard)


def _learned(
    lessons: list[dict[str, list[Lesson]]], engines: list[Engine], recipe: Recipe, seed: int
) -> tuple[list[dict[str, Judged]], Fusion]:
    from dataclasses import asdict, replace

    from cascade.stages.eyes import hand_set
    from eval.training.fit import fit
    from eval.training.judge import leave_one_out

    hand = hand_set(engines[0].config.rerank)
    judged = leave_one_out(lessons, engines, hand, recipe)
    learned = fit([of for by_set in lessons for of in by_set.values()], hand, recipe)
    counts = {name: len(of) for by_set in lessons for name, of in by_set.items()}
    encoders = [engine.snapshot.built.encoder for engine in engines]
    notes = {
        "recipe": asdict(recipe), "sets": len(counts), "questions": sum(counts.values()), "encoders": encoders,
        "seed": seed,
    }  # fmt: skip
    return judged, replace(learned, name="learned", notes=notes)


def _own(indexes: tuple[Path, ...], raw: bytes) -> None:
    from cascade.index.writer import Writer

    for path in indexes:
        with Writer(path) as writer:
            writer.fuse(raw)
            writer.commit()


def _told(judged: dict[str, Judged], seed: int) -> dict[str, Any]:
    from eval.training.judge import error

    found: dict[str, Any] = {}
    for name, one in judged.items():
        found[name] = {
            "questions": len(one.hand),
            "hand-set": [sum(v[m] for v in one.hand) / len(one.hand) for m in (0, 1)],
            "learned": [sum(v[m] for v in one.learned) / len(one.learned) for m in (0, 1)],
            "difference": [list(one.difference(m, seed)) for m in (0, 1)],
            "reliability": one.reliability,
            "calibration_error": error(one.reliability),
        }
    return found


def _table(said: list[dict[str, Any]]) -> str:
    from eval.intervals import Interval
    from eval.tables import between, table

    headings = ["left out", "questions", "hand-set", "learned", "all@117 gained", "nDCG@10 gained", "calibration error"]
    blocks = []
    for one in said:
        rows: list[list[Any]] = []
        for name, of in one["sets"].items():
            pairs = [f"{of[key][0]:.3f} / {of[key][1]:.3f}" for key in ("hand-set", "learned")]
            gains = [between(Interval(*of["difference"][m])) for m in (0, 1)]
            rows.append([name, of["questions"], *pairs, *gains, of["calibration_error"]])
        means = [
            " / ".join(f"{sum(of[key][m] for of in one['sets'].values()) / len(one['sets']):.3f}" for m in (0, 1))
            for key in ("hand-set", "learned")
        ]
        rows.append(["mean", None, *means, "", "", None])
        blocks.append(f"{one['index']}: all@117 / nDCG@10\n{table(headings, rows)}")
    return "\n\n".join(blocks)
