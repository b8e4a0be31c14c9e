"""`cascade bench prompt`: a prompt of millions of tokens sent to a running server, and facts asked for at ten depths.

Starts a server of its own on the loopback and stops it. The first question pays for reading the prompt in, each later
one is a next turn with the same prompt. Knows the server as any client does, over HTTP; knows nothing of its insides.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cascade.errors import ReaderFailed, UsageError
from cascade.models.toy import ToyEncoder
from cascade.models.vocabulary import Vocabulary
from eval.datasets import rows
from eval.intervals import spread
from eval.machine import Peak, spent
from eval.rows import Finding
from indexers.ingest import ingest
from indexers.records import Record

TOWNS = ("Ostrel", "Vannby", "Quillon", "Maresk", "Tolvar", "Brennick", "Sorvath", "Eldmoor", "Pavrin", "Yxholm")
"""Made up, so that no text has them by itself."""

LARGEST = 64 << 20
"""Bytes of a body that the server takes."""

PATIENCE = 600.0
"""Seconds after which a request has failed."""


@dataclass(frozen=True, slots=True)
class Setup:
    """`tokens`: of Cascade's own vocabulary. `reader`: as for `cascade serve`."""

    tokens: int = 10_000_000
    reader: str = "extractive"


@dataclass(frozen=True, slots=True)
class Needle:
    """A made-up fact and where it stands: 0 is the beginning of the prompt, 1 its end."""

    depth: float
    town: str
    code: str

    @property
    def text(self) -> str:
        """The sentence that holds it."""
        return f"The access code of the {self.town} archive is {self.code}."

    @property
    def question(self) -> str:
        """What asks for it."""
        return f"What is the access code of the {self.town} archive?"


def measure(files: Sequence[Path], setup: Setup) -> Finding:
    """One finding: first turn, next turns, memory of the server, needles found. Raises UsageError, ReaderFailed."""
    texts, tokens = taken(texts_of(files), setup.tokens)
    needles = planted(len(TOWNS))
    prompt = joined(texts, needles)
    del texts
    first: dict[str, Any] = {}
    turns: list[dict[str, Any]] = []
    with serving(setup.reader) as (port, process), Peak(process=process) as peak:
        worked = spent(process)
        messages: list[dict[str, str]] = [{"role": "user", "content": prompt}]
        for needle in needles:
            asked = [*messages, {"role": "user", "content": needle.question}]
            took, answer = ask(port, asked)
            one = {"depth": needle.depth, "seconds": took, "found": needle.code in answer, "answer": answer}
            first = first or {**one, "worked": spent(process) - worked}
            turns.append(one)
    summary = {
        "tokens": tokens, "characters": len(prompt), "bytes": len(prompt.encode("utf-8", "replace")),
        "first_seconds": first["seconds"], "first_cpu_seconds": first["worked"],
        "next": spread([turn["seconds"] * 1000 for turn in turns[1:]]),
        "found": sum(turn["found"] for turn in turns), "needles": len(turns),
        "rss_anon_before": peak.before, "rss_anon_peak": peak.anonymous, "vm_hwm": peak.high_water,
    }  # fmt: skip
    return Finding({"tokens": setup.tokens, "reader": setup.reader}, summary, turns)


def texts_of(files: Iterable[Path]) -> Iterator[str]:
    """Titles and texts of corpora, a file after the other."""
    for file in files:
        for row in rows(file):
            yield "\n".join(part for part in (str(row.get("title") or ""), str(row.get("text") or "")) if part)


def taken(texts: Iterator[str], tokens: int) -> tuple[list[str], int]:
    """Texts until they hold so many tokens, and how many those are. Raises UsageError where they do not suffice."""
    vocabulary, found, count, size = Vocabulary(), list[str](), 0, 0
    waiting: list[str] = []
    for text in texts:
        waiting.append(text)
        if len(waiting) == 1000:
            count += sum(map(len, vocabulary.encode(waiting)))
            size += sum(len(json.dumps(each)) + 4 for each in waiting)
            found += waiting
            waiting = []
        if size > LARGEST - (1 << 20):
            raise UsageError(f"{tokens:,} tokens of this text are more than the 64 MB of one request. Ask for fewer.")
        if count >= tokens:
            return found, count
    count += sum(map(len, vocabulary.encode(waiting)))
    if count < tokens:
        raise UsageError(f"There are only {count:,} tokens here. Ask for fewer, or name more corpora.")
    return [*found, *waiting], count


def planted(many: int) -> list[Needle]:
    """Needles from the beginning to the end, evenly."""
    return [
        Needle(place / max(1, many - 1), town, f"{4417 + 359 * place}") for place, town in enumerate(TOWNS[:many])
    ]


def joined(texts: Sequence[str], needles: Sequence[Needle]) -> str:
    """One text with each needle as a paragraph of its own at its depth."""
    parts, last = [], 0
    for needle in needles:
        at = round(len(texts) * needle.depth)
        parts += [*texts[last:at], needle.text]
        last = at
    return "\n\n".join([*parts, *texts[last:]])


def ask(port: int, messages: Sequence[dict[str, str]]) -> tuple[float, str]:
    """Seconds from sending to the last byte, and the answer. The body is made before the clock runs."""
    body = json.dumps({"model": "cascade", "messages": messages}, ensure_ascii=False).encode("utf-8", "replace")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    began = time.perf_counter()
    try:
        connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
        response = connection.getresponse()
        said = json.loads(response.read())
    finally:
        connection.close()
    if response.status != 200:
        raise ReaderFailed(f"The server answered {response.status}: {str(said)[:300]}")
    return time.perf_counter() - began, str(said["choices"][0]["message"]["content"])


class One:
    """A source of a single record, for the index that a server must have."""

    name = "one"

    def read(self) -> Iterator[Record]:
        """The record."""
        yield Record(self.name, "note", "This index holds one note.")


@contextmanager
def serving(reader: str) -> Iterator[tuple[int, int]]:
    """Port and process id of a server that has a folder of its own for prompts, and is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        ingest(Path(folder) / "one", [One()], ToyEncoder())
        command = [sys.executable, "-m", "cascade", "serve", str(Path(folder) / "one"), "--port", str(port)]
        with subprocess.Popen([*command, "--reader", reader, "--prompts", str(Path(folder) / "prompts")]) as server:
            try:
                _wait(port, server)
                yield port, server.pid
            finally:
                server.terminate()
                server.wait(30)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.05)
    raise ReaderFailed("The server did not start within a minute. Start it by hand to see why: cascade serve INDEX.")
