"""`cascade search`, `ask` and `explain`: questions to an index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cascade.errors import SourceError

if TYPE_CHECKING:
    from cascade.data import Ranking
    from cascade.engine import Engine

F = TypeVar("F", bound=Callable[..., Any])
INDEX = click.argument("index", type=click.Path(path_type=Path))


def how(command: F) -> F:
    """The flags that narrow and bound any question."""
    for option in (
        click.option(
            "--filter", "filter_", default="", metavar="EXPR", help="As in: source = mail and time >= 2024-01."
        ),
        click.option("--since", default="", metavar="TIME", help="Only what is dated at or after this (ISO 8601)."),
        click.option("--until", default="", metavar="TIME", help="Only what is dated before this (ISO 8601)."),
        click.option("--source", default="", metavar="NAME", help="Only from this source (or part of its name)."),
        click.option(
            "--effort", type=click.Choice(["low", "normal", "high", "max"]), help="How much compute to spend."
        ),
        click.option("--deadline", type=click.FloatRange(min=0.01), metavar="SECONDS", help="Answer within this time."),
        click.option("--scorer", metavar="NAME", help="A cross-encoder that judges the best passages."),
        click.option("--config", type=click.Path(path_type=Path), help="A TOML file of settings."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    ):
        command = option(command)
    return command


def personal(command: F) -> F:
    """The flags that ask a vault of personal data, alone or together with indexes; see `cascade me`."""
    for option in (
        click.option("--me", is_flag=True, help="Ask your own vault (`cascade me`); INDEX, where given, is asked too."),
        click.option("--with", "beside", multiple=True, type=click.Path(path_type=Path), metavar="INDEX",
                     help="Ask this index too."),
        click.option("--vault", type=click.Path(path_type=Path), envvar="CASCADE_VAULT", default="~/.cascade/vault",
                     metavar="FOLDER", help="With --me: which vault."),
        click.option("--passphrase-fd", "descriptor", type=click.IntRange(0), metavar="N",
                     help="With --me: read its passphrase from this descriptor."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.argument("index", required=False)
@click.argument("query", required=False)
@click.option("-k", default=10, show_default=True, type=click.IntRange(1, 30_000), help="How many passages.")
@click.option(
    "--queries", type=click.Path(path_type=Path), help="JSON lines with _id, text, history; one result a line."
)
@click.option("--no-text", is_flag=True, help="Leave the text out.")
@how
@personal
def search(
    index: str | None, query: str | None, k: int, queries: Path | None, no_text: bool, me: bool, **flags: Any
) -> None:
    """The passages of INDEX that answer QUERY best, with scores."""
    if me:
        if queries:
            raise click.UsageError("--queries asks an INDEX. Ask your vault one question at a time.")
        question, others = _split(index, query)
        _of_vault().search(question, k, not no_text, _flags(flags, others))
        return
    place = _needed(index)
    if (query is None) == (queries is None):
        raise click.UsageError("Give either a QUERY or --queries FILE.")
    engine, asked = _open(place, flags)
    from cascade import shapes

    if flags["beside"]:
        raise click.UsageError("`search` takes --with together with --me alone. To ask several indexes: cascade ask.")
    if queries is not None:
        for line in _questions(queries):
            found = engine.search(line["text"], k, history=tuple(line.get("history") or ()), **asked)
            body = {"_id": line.get("_id", ""), **shapes.ranking(found, not no_text)}
            click.echo(json.dumps(body, ensure_ascii=False))
        return
    found = engine.search(str(query), k, **asked)
    if flags["as_json"]:
        click.echo(json.dumps(shapes.ranking(found, not no_text), ensure_ascii=False))
        return
    for one in found.ranked:
        whence = one.passage.key or one.passage.locator
        click.secho(f"{one.rank:>3}  {one.passage.name or whence}", bold=True, nl=False)
        click.secho(f"  {whence}  {one.score:.2f}", dim=True)
        if not no_text:
            click.echo(f"     {_short(one.passage.text)}")
    _say_missing(found)
    click.echo(f"\n{shapes.funnel(found.query.ledger)}\n{shapes.times(found.query.ledger)}", err=True)


@click.command()
@click.argument("index", required=False)
@click.argument("question", required=False)
@click.option("--reader", metavar="NAME", help="local, extractive, or an OpenAI-compatible endpoint.")
@click.option("--window", type=click.IntRange(1), metavar="N", help="Tokens the reader can use (default: as measured).")
@click.option("--show-context", is_flag=True, help="Print what the reader saw.")
@how
@personal
def ask(
    index: str | None, question: str | None, reader: str | None, window: int | None, show_context: bool, me: bool,
    **flags: Any,
) -> None:  # fmt: skip
    """Answer QUESTION from INDEX, with citations."""
    if me:
        text, others = _split(index, question)
        _of_vault().ask(text, show_context, _flags(flags, others, reader=reader or "", window=window))
        return
    place = _needed(index)
    if question is None:
        raise click.UsageError("Give a QUESTION.")
    engine, asked = _open(place, flags, reader=reader, window=window)
    from cascade import shapes

    beside = [_open(path, flags, reader=reader, window=window)[0] for path in flags["beside"]]
    answer = engine.ask(question, beside, **asked)
    if flags["as_json"]:
        body = shapes.answer(answer)
        click.echo(json.dumps({**body, "window": answer.context.text} if show_context else body, ensure_ascii=False))
        return
    if show_context:
        click.secho(f"{answer.context.text}\n", dim=True, err=True)
    click.echo(f"{answer.text}\n")
    for citation in answer.citations:
        click.secho(f"  {citation.block.header}", bold=True)
        if citation.quote:
            click.echo(f'      "{_short(citation.quote)}"')
    ledger = answer.query.ledger
    _say_missing(answer.context.ranking)
    click.echo(f"\n{shapes.funnel(ledger, answer.context.tokens)}\n{shapes.times(ledger)}", err=True)


@click.command()
@INDEX
@click.argument("query")
@click.option("--passage", required=True, metavar="ID", help="A passage id, as `search --json` prints it.")
@how
def explain(index: Path, query: str, passage: str, **flags: Any) -> None:
    """Where a passage of INDEX is on its way to answering QUERY, and where it was lost, by what margin."""
    engine, asked = _open(index, flags, reader="extractive")
    fates = engine.explain(query, passage, **asked)
    if flags["as_json"]:
        from cascade import shapes

        click.echo(json.dumps(shapes.explained(query, passage, fates)))
        return
    for fate in fates:
        click.secho(f"{fate.stage:<10}{'kept' if fate.kept else 'LOST':<6}", bold=True, nl=False)
        figures = [
            f"rank {fate.rank:,}" if fate.rank else "",
            f"score {fate.score:.3f}" if fate.score is not None else "",
        ]
        figures.append(f"margin {fate.margin:+.3f}" if fate.margin is not None else "")
        click.echo(f"{', '.join(f for f in figures if f)}\n{'':<16}{fate.why}")


def _split(index: str | None, question: str | None) -> tuple[str, tuple[Path, ...]]:
    """The question and what is asked beside the vault, of `INDEX QUESTION` or of `QUESTION` alone."""
    if index is None:
        raise click.UsageError("Give a QUESTION.")
    return (index, ()) if question is None else (question, (Path(index),))


def _needed(index: str | None) -> Path:
    if index is None:
        raise click.UsageError("Give an INDEX, or --me to ask your own vault.")
    return Path(index)


def _of_vault() -> Any:
    """What asks a vault: found by its entry point, since it stands above this."""
    from importlib.metadata import entry_points

    return next(iter(entry_points(group="cascade.personal"))).load()


def _flags(flags: dict[str, Any], others: tuple[Path, ...], **more: Any) -> Any:
    beside = tuple(str(path.resolve()) for path in (*others, *flags["beside"]))
    said = {"filter": _filter(flags), "deadline": flags["deadline"], "effort": flags["effort"] or "", "beside": beside}
    config = str(flags["config"].resolve()) if flags["config"] else ""
    return _of_vault().Flags(flags["vault"], flags["descriptor"], flags["as_json"], {**said, "config": config, **more})


def _open(
    index: Path, flags: dict[str, Any], reader: str | None = None, window: int | None = None
) -> tuple[Engine, dict[str, Any]]:
    from cascade import config
    from cascade.data import Effort
    from cascade.engine import Engine

    settings = config.load(flags["config"], reader=reader, scorer=flags["scorer"], window=window)
    asked: dict[str, Any] = {"filter": _filter(flags), "deadline": flags["deadline"]}
    if flags["effort"]:
        asked["effort"] = Effort(flags["effort"])
    return Engine.open(index, settings), asked


def _filter(flags: dict[str, Any]) -> str:
    from cascade.index.filters import quoted

    parts = [f"({flags['filter_']})"] if flags["filter_"] else []
    for flag, operator, field in (("since", ">=", "time"), ("until", "<", "time"), ("source", "~", "source")):
        if flags[flag]:
            parts.append(f"{field} {operator} {quoted(flags[flag])}")
    return flags["filter_"] if parts == [f"({flags['filter_']})"] else " and ".join(parts)


def _questions(path: Path) -> Iterator[dict[str, Any]]:
    import gzip

    opener: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    try:
                        found = json.loads(line)
                        found["text"]
                    except (ValueError, KeyError, TypeError):
                        raise SourceError(
                            f'Line {number} of {path} is not a question. Write {{"_id": ..., "text": ...}}.'
                        ) from None
                    yield found
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error


def _say_missing(found: Ranking) -> None:
    for said in found.candidates.missing:
        click.secho(f"Not complete: {said}", err=True, fg="yellow")


def _short(text: str, most: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most].rstrip()}…"
