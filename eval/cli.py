"""`cascade bench`: measurements of an index. Each command parses, calls a benchmark and prints a table or JSON rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from eval.bench.rivals.command import peers
from eval.bench.scale.command import scale

if TYPE_CHECKING:
    from cascade.config import RerankConfig
    from cascade.engine import Engine
    from eval.rows import Circumstances, Finding

F = TypeVar("F", bound=Callable[..., Any])
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
INDEX = click.argument("index", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON rows with every query's values.")
SEED = click.option("--seed", default=0, show_default=True, help="What is drawn at random is drawn by this.")
CONFIG = click.option("--config", type=click.Path(path_type=Path), help="A TOML file of settings.")


@click.group()
def bench() -> None:
    """Measure ingest, ageing, latency, the scan, and each feature of the ranking.

    Sets and haystacks are folders in BEIR's layout (corpus.jsonl, queries.jsonl, qrels.tsv, gzipped or not). Times are
    medians and 95th percentiles over all runs; intervals are 95%.
    """


@bench.command()
@INDEX
@click.argument("sets", nargs=-1, type=FOLDER, metavar="SET...")
@click.option("--haystack", multiple=True, type=FOLDER, help="A corpus without questions, or a folder of such.")
@click.option("--leave-out", multiple=True, metavar="NAME", help="A folder not to read; may be repeated.")
@click.option("--encoder", default="static", show_default=True, metavar="NAME", help="As for `cascade add`.")
@click.option("--limit", default=0, metavar="N", help="Records in all, shared evenly (default: every one).")
@click.option("--alone", is_flag=True, help="Also time the encoder alone on the same passages.")
@JSON
def corpus(
    index: Path, sets: tuple[Path, ...], haystack: tuple[Path, ...], leave_out: tuple[str, ...], **flags: Any
) -> None:
    """Make INDEX, which must not exist, of the corpora of SET... and of haystacks: rate, memory, disk, opening."""
    from cascade.models import resolve
    from eval.bench import shown
    from eval.bench.corpus import Setup, measure
    from eval.datasets import corpora

    files = corpora([*sets, *haystack], leave_out)
    if not files:
        raise click.UsageError("Name at least one SET or --haystack.")
    run = _begin("corpus", 0)
    found = measure(index, files, resolve.encoder(flags["encoder"]), Setup(flags["limit"], flags["alone"]))
    _print(run, [found], shown.corpus, flags["as_json"])


@bench.command()
@INDEX
@click.option("--queries", "sets", multiple=True, required=True, type=FOLDER, metavar="SET", help="May be repeated.")
@click.option("--n", "count", default=200, show_default=True, help="Questions, drawn evenly from the sets.")
@click.option("--scanned", default="", metavar="A,B,...", help="Most codes a query, to compare (default: as set).")
@click.option("--lexical", default="", metavar="A,B,...", help="Numbers nominated by words to compare.")
@click.option("--peer/--no-peer", default=True, help="Also time plain FAISS and Tantivy in the same run.")
@click.option("--cold", default=7, show_default=True, help="Runs of `cascade search` in a fresh process; 0 for none.")
@SEED
@CONFIG
@JSON
def latency(index: Path, sets: tuple[Path, ...], count: int, scanned: str, lexical: str, **flags: Any) -> None:
    """Time of each stage, one question at a time, with the share of the exact top 117 that survives it."""
    from eval import datasets
    from eval.bench import shown
    from eval.bench.latency import Setup, measure

    run = _begin("latency", flags["seed"])
    asked = datasets.spread([datasets.read(folder) for folder in sets], count, flags["seed"])
    setup = Setup(_numbers(scanned, int), _numbers(lexical, int), flags["peer"], flags["cold"], flags["seed"])
    with _open(index, flags["config"]) as engine:
        _print(run, measure(engine, asked, setup), shown.latency, flags["as_json"])


@bench.command()
@INDEX
@click.option("--sets", multiple=True, required=True, type=FOLDER, metavar="SET", help="In INDEX; may be repeated.")
@click.option("--questions", default=100, show_default=True, help="Most questions of each set.")
@click.option("--history", default="engine", show_default=True, metavar="HOW", help="engine, none, last, users or all.")
@click.option("--weights", multiple=True, metavar="NAME=dense:1.2,bm25:0.7", help="Also try this fusion; repeatable.")
@SEED
@CONFIG
@JSON
def quality(
    index: Path, sets: tuple[Path, ...], questions: int, history: str, weights: tuple[str, ...], **flags: Any
) -> None:
    """Rankings of labelled sets within INDEX against BM25, vectors and both, and without each feature."""
    from cascade.errors import UnknownName
    from eval import datasets
    from eval.bench import shown
    from eval.bench.conversation import History
    from eval.bench.quality import Setup, measure

    if history not in list(History):
        raise UnknownName(f"There is no way {history!r} to use history. There are: {', '.join(History)}.")
    run = _begin("quality", flags["seed"])
    with _open(index, flags["config"]) as engine:
        tried = dict(_fusion(text, engine.config.rerank) for text in weights)
        setup = Setup(questions, flags["seed"], History(history), tried)
        found = measure(engine, [datasets.read(folder) for folder in dict.fromkeys(sets)], setup)
    _print(run, found, shown.quality, flags["as_json"])


@bench.command()
@INDEX
@click.option("--queries", "sets", multiple=True, type=FOLDER, metavar="SET", help="Default: words of the passages.")
@click.option("--candidates", default=30_000, show_default=True, help="How many the scan reads.")
@click.option("--n", "count", default=20, show_default=True, help="Questions.")
@click.option("--runs", default=5, show_default=True, help="Scans of each question.")
@SEED
@CONFIG
@JSON
def scan(index: Path, sets: tuple[Path, ...], candidates: int, count: int, runs: int, **flags: Any) -> None:
    """The scan alone over so many candidates: time, time per million tokens, bytes it touches."""
    from eval import datasets
    from eval.bench import shown
    from eval.bench.scanning import measure, own_words

    run = _begin("scan", flags["seed"])
    with _open(index, flags["config"]) as engine:
        drawn = datasets.spread([datasets.read(folder) for folder in sets], count, flags["seed"])
        texts = [question.text for _, question in drawn] or own_words(engine.snapshot, count, flags["seed"])
        _print(run, [measure(engine, texts, candidates, runs)], shown.scan, flags["as_json"])


@bench.command()
@INDEX
@click.option("--adds", default=5_000, show_default=True, help="Additions, each a run of its own.")
@click.option("--records", default=10, show_default=True, help="Short records of one passage in each.")
@click.option("--encoder", default="toy", show_default=True, metavar="NAME", help="As for `cascade add`.")
@SEED
@JSON
def ageing(index: Path, adds: int, records: int, **flags: Any) -> None:
    """Make INDEX, which must not exist, of thousands of small additions: time of each, bytes written, segments."""
    from cascade.models import resolve
    from eval.bench import shown
    from eval.bench.ageing import Setup, measure

    run = _begin("ageing", flags["seed"])
    found = measure(index, resolve.encoder(flags["encoder"]), Setup(adds, records, flags["seed"]))
    _print(run, [found], shown.ageing, flags["as_json"])


@bench.command()
@INDEX
@click.option("--queries", "sets", multiple=True, type=FOLDER, metavar="SET", help="Default: words of the passages.")
@click.option("--n", "count", default=50, show_default=True, help="Questions.")
@click.option("--runs", default=4, show_default=True, help="Times each is asked with checks, and without.")
@SEED
@CONFIG
@JSON
def checks(index: Path, sets: tuple[Path, ...], count: int, runs: int, **flags: Any) -> None:
    """What the checksums cost a query: each question with them and without, in turn."""
    from cascade import config
    from cascade.engine import Engine
    from eval import datasets
    from eval.bench import shown
    from eval.bench.checking import measure
    from eval.bench.scanning import own_words

    run = _begin("checks", flags["seed"])
    drawn = datasets.spread([datasets.read(folder) for folder in sets], count, flags["seed"])
    texts = [question.text for _, question in drawn]
    if not texts:
        with _open(index, flags["config"]) as engine:
            texts = own_words(engine.snapshot, count, flags["seed"])
    found = measure(lambda: Engine.open(index, config.load(flags["config"])), texts, runs)
    _print(run, [found], shown.checks, flags["as_json"])


@bench.command()
@click.argument("queries", type=FOLDER, metavar="SET")
@click.option("--runs", default=20, show_default=True, help="Times each number of questions is encoded, either way.")
@SEED
@JSON
def encoding(queries: Path, runs: int, seed: int, as_json: bool) -> None:
    """Questions of SET encoded together, as waiting ones are, beside the same one by one in two threads."""
    from eval import datasets
    from eval.bench import shown
    from eval.bench.encoding import SIZES, measure

    run = _begin("encoding", seed)
    texts = [question.text for _, question in datasets.spread([datasets.read(queries)], max(SIZES), seed)]
    _print(run, [measure(texts, runs)], shown.encoding, as_json)


@bench.command()
@click.argument("sets", nargs=-1, required=True, type=FOLDER, metavar="CORPUS...")
@click.option("--tokens", default=10_000_000, show_default=True, help="Length of the prompt.")
@click.option("--leave-out", multiple=True, metavar="NAME", help="A folder not to read; may be repeated.")
@click.option("--reader", default="extractive", show_default=True, metavar="NAME", help="As for `cascade serve`.")
@JSON
def prompt(sets: tuple[Path, ...], tokens: int, leave_out: tuple[str, ...], reader: str, as_json: bool) -> None:
    """One request as long as all of CORPUS... to a server of its own: first and next turns, memory, needles found."""
    from eval.bench import shown
    from eval.bench.prompting import Setup, measure
    from eval.datasets import corpora

    run = _begin("prompt", 0)
    _print(run, [measure(corpora(sets, leave_out), Setup(tokens, reader))], shown.prompt, as_json)


@bench.command()
@INDEX
@click.option("--queries", "sets", multiple=True, type=FOLDER, metavar="SET", help="Default: words of the passages.")
@click.option("--clients", default="1,4,16,64", show_default=True, metavar="A,B,...", help="How many ask at once.")
@click.option("--seconds", default=10.0, show_default=True, help="How long each number of them asks.")
@click.option("--workers", default=1, show_default=True, help="Processes that serve.")
@click.option("--n", "count", default=50, show_default=True, help="Different questions.")
@click.option("--overhead", is_flag=True, help="Instead: what the API adds to the same search by the library.")
@SEED
@CONFIG
@JSON
def load(index: Path, sets: tuple[Path, ...], clients: str, seconds: float, **flags: Any) -> None:
    """A server of INDEX, on this machine and stopped at the end, under so many clients at once."""
    from eval import datasets
    from eval.bench import shown
    from eval.bench.load import Setup, measure, overhead
    from eval.bench.scanning import own_words

    run = _begin("load", flags["seed"])
    with _open(index, flags["config"]) as engine:
        drawn = datasets.spread([datasets.read(folder) for folder in sets], flags["count"], flags["seed"])
        texts = [question.text for _, question in drawn] or own_words(engine.snapshot, flags["count"], flags["seed"])
        if flags["overhead"]:
            _print(run, [overhead(engine, texts, 4)], shown.overhead, flags["as_json"])
            return
    setup = Setup(_numbers(clients, int), seconds, flags=("--workers", str(flags["workers"])))
    _print(run, measure(index, texts, setup), shown.load, flags["as_json"])


@bench.command()
@click.argument("vault", type=click.Path(path_type=Path))
@click.option("--passages", default=10_000, show_default=True, help="How many are kept.")
@click.option("--n", "count", default=20, show_default=True, help="Questions.")
@click.option("--encoder", default="static", show_default=True, metavar="NAME", help="As for `cascade add`.")
@SEED
@JSON
def vault(vault: Path, passages: int, count: int, **flags: Any) -> None:
    """Make VAULT, which must not exist, of made-up records: memory a passage takes, time to unlock and to ask."""
    from cascade.models import resolve
    from eval.bench import shown
    from eval.bench.vaulting import Setup, measure

    run = _begin("vault", flags["seed"])
    found = measure(vault, resolve.encoder(flags["encoder"]), Setup(passages, count, flags["seed"]))
    _print(run, [found], shown.vault, flags["as_json"])


bench.add_command(peers)
bench.add_command(scale)


def _begin(name: str, seed: int) -> Circumstances:
    from eval.rows import Circumstances

    return Circumstances(name, seed)


def _open(index: Path, file: Path | None) -> Any:
    from contextlib import closing

    from cascade import config
    from cascade.engine import Engine

    engine: Engine = Engine.open(index, config.load(file))
    return closing(engine)


def _print(run: Circumstances, found: list[Finding], show: Callable[[list[Finding]], str], as_json: bool) -> None:
    from eval.tables import footing

    if as_json:
        for one in found:
            click.echo(json.dumps(run.row(one), ensure_ascii=False, default=float))
        return
    click.echo(f"{show(found)}\n\n{footing(run)}")


def _numbers(text: str, kind: Callable[[str], Any]) -> tuple[Any, ...]:
    try:
        return tuple(kind(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise click.UsageError(f"{text!r} is not a list of numbers. Write it like 0.1,0.2.") from None


def _fusion(text: str, base: RerankConfig) -> tuple[str, RerankConfig]:
    from cascade.config import apply

    name, _, listed = text.partition("=")
    pairs = [part.partition(":") for part in listed.split(",")]
    if not name or not all(value for _, _, value in pairs):
        raise click.UsageError(f"{text!r} is not a fusion. Write NAME=dense:1.2,bm25:0.7.")
    return name, apply(base, {feature.strip(): value for feature, _, value in pairs}, f"--weights {name}")
