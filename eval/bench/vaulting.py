"""`cascade bench vault`: how large a vault may be: time to seal, time to unlock, memory and time of a question.

Records are made up: words drawn so that few are common and many rare, as in prose. Sealing is timed here, unlocking in
a process of its own, whose anonymous memory is the vault's. Knows vaults from outside; knows nothing of consent.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from cascade.errors import UnusableIndex, UsageError
from cascade.index.manifest import Built
from cascade.index.segment import Batch
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import rotation
from cascade.models.base import Encoder
from cascade.models.vocabulary import Vocabulary
from eval.bench.corpus import size
from eval.intervals import spread
from eval.machine import Peak, field, this
from eval.rows import Finding
from indexers.embed import Embedder, digests
from indexers.known import Keys, Known
from indexers.passages import Cutter, Rules, embedded, head
from indexers.personal.vault import folder
from indexers.records import Record
from indexers.segments import catalog_batch

WORDS = 100
"""Words of a record: a passage of about 200 tokens, since many of the words are no words."""

GRANT = "made-up"
PART = 8_192


@dataclass(frozen=True, slots=True)
class Setup:
    """`passages` records of one passage each; `questions` to ask of them; `seed` draws their words."""

    passages: int = 10_000
    questions: int = 20
    seed: int = 0


def measure(root: Path, encoder: Encoder, setup: Setup) -> Finding:
    """Make a vault, and unlock it elsewhere. Raises UsageError where there is something already."""
    if root.exists():
        raise UsageError(f"{root} exists, and this measures a fresh vault. Name a folder that does not.")
    secret = secrets.token_hex(16)
    vocabulary = Vocabulary()
    built = Built(
        encoder.name, encoder.dim, encoder.limit, encoder.fingerprint, vocabulary.fingerprint, vocabulary.size
    )  # fmt: skip
    seconds = 0.0
    with folder.create(root, secret.encode(), built).unlock(secret.encode()) as unlocked:
        unlocked.keys.new(GRANT)
        for batch in _batches(encoder, vocabulary, setup):
            begin = time.perf_counter()
            unlocked.add(GRANT, batch)
            seconds += time.perf_counter() - begin
        passages = unlocked.counts(GRANT).passages
    found = _elsewhere(root, secret, setup)
    memory = found["held_bytes"] / max(passages, 1)
    summary: dict[str, Any] = {
        "passages": passages,
        "sealing_seconds": seconds,
        **size(root, setup.passages, passages),
        **{name: found[name] for name in ("passphrase_seconds", "unsealing_seconds", "engine_seconds", "peak_bytes")},
        "memory_per_passage": memory,
        "passages_in_half_of_memory": int(this().memory / 2 / memory) if memory else 0,
        "question_ms": spread(found["questions_ms"]),
    }
    settings = {"encoder": encoder.name, "passages": setup.passages}
    return Finding(settings, summary, [{"ms": ms} for ms in found["questions_ms"]])


def _batches(encoder: Encoder, vocabulary: Vocabulary, setup: Setup) -> Iterator[Batch]:
    """Records cut, embedded and laid out as ingest does it."""
    cutter = Cutter(vocabulary, Rules(limit=min(encoder.limit, 256)))
    embedder = Embedder(encoder, rotation(encoder.dim), Known())
    random = Random(setup.seed)
    for at in range(0, setup.passages, PART):
        records = [_record(number, random) for number in range(at, min(at + PART, setup.passages))]
        pieces = cutter.cut(records)
        pairs = [(record, piece) for record, of_record in zip(records, pieces, strict=True) for piece in of_record]
        texts = [embedded(record, piece) for record, piece in pairs]
        hashes = digests(texts)
        heads = vocabulary.encode([head(record, piece) for record, piece in pairs])
        tokens = TokenBatch.of(heads, [piece.tokens for _, piece in pairs])
        raw = [record.text[piece.start : piece.end].encode() for record, piece in pairs]
        columns = catalog_batch(records, pieces, Keys.of(records), hashes)
        yield Batch(embedder.embed(texts, hashes, tokens), tokens, raw, columns)


def _record(number: int, random: Random) -> Record:
    text = " ".join(_word(random) for _ in range(WORDS))
    return Record(
        "mail", f"mbox@{number}", f"{text}.", title=f"About {_word(random)} {_word(random)}",
        key=f"<{number}@example.org>", time=f"20{number % 25:02d}-05-01T08:30:00+00:00",
        metadata={"kind": "mail", "from": f"p{number % 500}@example.org", "thread": f"t{number // 5}", "basis": "utc"},
    )  # fmt: skip


def _word(random: Random) -> str:
    """One of 50,000 words, few of them common."""
    number, word = int(random.paretovariate(0.7)) % 50_000, ""
    while number or not word:
        number, at = divmod(number, len(SYLLABLES))
        word += SYLLABLES[at]
    return word


SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aeiou"]


def _elsewhere(root: Path, secret: str, setup: Setup) -> dict[str, Any]:
    """What a fresh process finds."""
    code = "from eval.bench.vaulting import main; main()"
    given = json.dumps([str(root), secret, setup.questions, setup.seed])
    done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnusableIndex(f"{root} could not be unlocked by another process: {done.stderr.strip()[-300:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Unlock what standard input names, ask it, and print the figures as JSON."""
    from cascade.config import Config
    from cascade.engine import Engine
    from cascade.models import resolve

    root, secret, questions, seed = json.load(sys.stdin)
    vault = folder.opened(Path(root))
    encoder = resolve.encoder(vault.built.encoder)
    _warm(encoder)
    began = time.perf_counter()
    with vault.unlock(secret.encode()) as unlocked, Peak() as peak:
        opened = time.perf_counter()
        held = unlocked.held()
        unsealed = time.perf_counter()
        now = field("RssAnon")
        engine = Engine(held, encoder, Config())
        ready = time.perf_counter()
        random = Random(seed + 1)
        asked = [" ".join(_word(random) for _ in range(6)) for _ in range(questions + 1)]
        took = [_took(engine, text) for text in asked][1:]
    found = {
        "passphrase_seconds": opened - began, "unsealing_seconds": unsealed - opened,
        "engine_seconds": ready - unsealed, "held_bytes": max(0, now - (peak.before or 0)),
        "peak_bytes": peak.anonymous or 0, "questions_ms": took,
    }  # fmt: skip
    sys.stdout.write(json.dumps(found))


def _warm(encoder: Encoder) -> None:
    """Load what is loaded once: it is neither the vault's time nor its memory."""
    import duckdb
    import tantivy  # noqa: F401

    duckdb.connect().execute("SELECT 1").fetchall()
    encoder.encode_query("warm")


def _took(engine: Any, text: str) -> float:
    begin = time.perf_counter()
    engine.search(text, k=10)
    return (time.perf_counter() - begin) * 1000
