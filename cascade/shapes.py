"""The stable shapes in which results leave the program, whatever the door: command line, REST, MCP.

Knows nouns and JSON; knows nothing of doors.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cascade import operating
from cascade.data import Answer, Block, Citation, Context, Passage, Ranked, Ranking
from cascade.errors import Corrupt
from cascade.index.residency import resident
from cascade.index.snapshot import Snapshot
from cascade.ledger import Fate, Ledger


def passage(found: Passage, text: bool = True) -> dict[str, Any]:
    """One passage."""
    body: dict[str, Any] = {
        "id": found.id, "record": found.record, "key": found.key, "source": found.source, "locator": found.locator,
        "title": found.title, "heading": found.heading, "time": found.time, "start": found.start, "end": found.end,
        "metadata": dict(found.metadata),
    }  # fmt: skip
    return {**body, "text": found.text} if text else body


def ranked(one: Ranked, text: bool = True) -> dict[str, Any]:
    """One passage with its place."""
    return {
        "rank": one.rank,
        "score": round(one.score, 6),
        "relevance": round(one.relevance, 4),
        **passage(one.passage, text),
    }


def stages(ledger: Ledger) -> list[dict[str, Any]]:
    """What each stage took in, gave out and cost."""
    return [entry.as_json() for entry in ledger.entries]


def ranking(found: Ranking, text: bool = True) -> dict[str, Any]:
    """What `search` gives."""
    return {
        "query": found.query.text,
        "complete": found.complete,
        **missing(found),
        "passages": [ranked(one, text) for one in found.ranked],
        "stages": stages(found.query.ledger),
    }


def missing(found: Ranking) -> dict[str, list[str]]:
    """What could not be asked, where there is any such thing."""
    return {} if found.complete else {"missing": list(found.candidates.missing)}


def citation(one: Citation) -> dict[str, Any]:
    """One citation: its number, the passage that supports it, and the words that do."""
    return {"number": one.number, "quote": one.quote, "header": one.block.header, "passage": _cited(one.block)}


def _cited(block: Block) -> dict[str, Any]:
    best = min(block.ranked, key=lambda r: r.rank)
    return {
        **passage(best.passage),
        "rank": best.rank,
        "score": round(best.score, 6),
        "passages": [r.passage.id for r in block.ranked],
    }


def answer(given: Answer) -> dict[str, Any]:
    """What `ask` gives."""
    return {
        "question": given.query.text,
        "answer": given.text,
        "abstained": given.abstained,
        "citations": [citation(one) for one in given.citations],
        "unknown_citations": list(given.unknown),
        "context": {
            "tokens": given.context.tokens,
            "budget": given.context.budget,
            "passages": len(given.context.passages),
        },
        "complete": given.context.ranking.complete,
        **missing(given.context.ranking),
        "stages": stages(given.query.ledger),
        "reader": given.reader,
    }


def context(given: Context) -> dict[str, Any]:
    """The packed window."""
    return {
        "query": given.query.text,
        "text": given.text,
        "tokens": given.tokens,
        "budget": given.budget,
        "complete": given.ranking.complete,
        **missing(given.ranking),
        "passages": [{"number": b.number, **ranked(r)} for b in given.blocks for r in b.ranked],
        "stages": stages(given.query.ledger),
    }


def excerpt(found: Sequence[Passage], passage_id: str) -> dict[str, Any]:
    """What `read` gives: neighbouring passages of one record, and their text in one piece."""
    first = found[0]
    return {
        "passage": passage_id,
        **{name: value for name, value in passage(first, text=False).items() if name not in ("id", "heading")},
        "end": found[-1].end,
        "text": "".join(one.text for one in found),
        "passages": [{"id": one.id, "heading": one.heading, "start": one.start, "end": one.end} for one in found],
    }


def explained(query: str, passage_id: str, fates: Sequence[Fate]) -> dict[str, Any]:
    """What `explain` gives: what each stage did to a passage, and the first that lost it."""
    lost = next((fate.stage for fate in fates if not fate.kept), None)
    return {"query": query, "passage": passage_id, "lost": lost, "stages": [fate.as_json() for fate in fates]}


def funnel(ledger: Ledger, tokens: int | None = None) -> str:
    """The narrowing in one line: `12,345 passages -> 12,345 candidates -> 117 reranked -> 8 packed -> 912 tokens`."""
    found = {entry.name: entry for entry in ledger.entries}
    steps = []
    if "retrieve" in found:
        steps += [f"{found['retrieve'].taken:,} passages", f"{found['retrieve'].given:,} candidates"]
    if "select" in found:
        steps.append(f"{found['select'].given:,} reranked")
    if "pack" in found:
        steps.append(f"{found['pack'].given:,} packed")
    if tokens is not None:
        steps.append(f"{tokens:,} tokens")
    return " -> ".join(steps)


def times(ledger: Ledger) -> str:
    """The time of each stage in one line."""
    return ", ".join(f"{entry.name} {entry.ms:,.0f} ms" for entry in ledger.entries)


def status(snapshot: Snapshot) -> dict[str, Any]:
    """What an index is made of."""
    manifest = snapshot.manifest
    kinds: dict[str, int] = {}
    paths: dict[str, list[Path]] = {}
    for segment in snapshot.segments:
        for name, total in segment.sums.items():
            kind = name.split("/")[0].split(".")[0]
            kinds[kind] = kinds.get(kind, 0) + total.size
            paths.setdefault(kind, []).append(segment.folder / name)
    held = {kind: size for kind, files in sorted(paths.items()) if (size := resident(files)) is not None}
    sources: dict[str, int] = {}
    for number in range(len(snapshot.segments)):
        try:
            for name, count in snapshot.catalog.sources(number):
                sources[name] = sources.get(name, 0) + count
        except Corrupt as error:
            snapshot.leave_out(number, None, error)
    whole = sum(path.stat().st_size for path in snapshot.layout.root.rglob("*") if path.is_file())
    newest = manifest.generation
    return {
        "index": str(snapshot.layout.root),
        "passages": len(snapshot),
        "deleted": int(snapshot.bases[-1]) - len(snapshot),
        "records": snapshot.records,
        "segments": [
            {"name": e.name, "passages": e.passages, "records": e.records, "generation": e.generation, "bytes": e.bytes}
            for e in manifest.segments
        ],
        "bytes": whole,
        "bytes_by_kind": dict(sorted(kinds.items())),
        "resident_by_kind": held,
        "bytes_per_passage": round(whole / max(1, len(snapshot))),
        "encoder": {
            "name": snapshot.built.encoder,
            "dim": snapshot.built.dim,
            "fingerprint": snapshot.built.fingerprint,
        },
        "language": snapshot.built.language,
        "search": f"{newest.lists} lists" if newest else "exact",
        "format": manifest.format,
        "snapshot": manifest.commit,
        "created": manifest.created,
        "sources": sources,
        **({operating.NOTE: found} if (found := manifest.notes.get(operating.NOTE)) else {}),
        **({"missing": list(snapshot.missing)} if snapshot.missing else {}),
    }
