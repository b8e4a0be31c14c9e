"""Rows of results as a whole run of the suites would write them: made up, by a seed, in the shape of the contract.

Every summary is worked out from its own queries, so that what the report shows can be checked against them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from math import log10, sqrt
from pathlib import Path
from random import Random
from typing import Any

from eval.intervals import wilson

Made = dict[str, Any]

SYSTEMS = {"cascade": 0.0, "hand-set": -0.03, "rrf": -0.06, "dense": -0.11, "bm25": -0.10, "cross-encoder": -0.05}
MEASURES = ("all@117", "recall@117", "ndcg@10", "mrr")
SIX = {
    "cranfield": 0.55,
    "cosqa": 0.62,
    "musique_100": 0.48,
    "2wiki_multihop": 0.66,
    "mtrag_un": 0.7,
    "vaswani_npl": 0.4,
}
OTHERS = {"medquad_liveqa_open": 0.3, "debian_known_item": 0.74}
CLASSES = {"single": 0.999, "multi-key": 0.995, "multi-hop": 0.97, "no-overlap": 0.9, "conflict": 0.98, "absent": 0.99}
SIZES = (1_000, 10_000, 100_000, 1_000_000)
STAGES = ("dense", "lexical", "retrieved", "reranked", "packed")
BLAME = {"retrieved": "retrieve", "reranked": "rerank", "packed": "pack"}
QUESTIONS = (
    "What is the recovery code that Ilse Marrendorf wrote on the back of the harbour ledger?",
    "Which valve did the night shift at Ostrava close after the second alarm?",
    "Où se trouve la clé du clocher de Saint-Évroult depuis la rénovation ?",
    "Who signed for parcel 88-KX-401 when it reached the depot that Tomas Veld once managed?",
)


def row(kind: str, condition: str, settings: Made, summary: Made, queries: Sequence[Made] = ()) -> Made:
    return {
        "benchmark": "suite",
        "suite": "full",
        "condition": condition,
        "kind": kind,
        "date": "2026-11-20T07:12:44+00:00",
        "commit": "807651b0c0de",
        "machine": {
            "cpu": "AMD EPYC 7B13", "cores": 2, "memory": 25 * 2**30, "system": "Linux x86_64",
            "load_before": 0.31, "load_after": 1.94,
        },
        "versions": {"python": "3.11.7", "cascade-retrieval": "0.1.0", "numpy": "2.4.6", "faiss-cpu": "1.15.1"},
        "seed": 7,
        "settings": settings,
        "summary": summary,
        "queries": list(queries),
    }  # fmt: skip


def share(flags: Iterable[bool]) -> list[float]:
    held = list(flags)
    return list(wilson(sum(held), len(held)))


def mean(values: Sequence[float]) -> list[float]:
    middle = sum(values) / len(values)
    half = 1.96 * sqrt(sum((one - middle) ** 2 for one in values) / len(values)) / sqrt(len(values))
    return [middle, middle - half, middle + half]


def times(random: Random, passages: int) -> dict[str, list[float]]:
    grown = 1 + 9 * max(0.0, log10(passages) - 3) / 3
    stages = {"encode": 6.0, "retrieve": 3.1 * grown, "scan": 4.2 * grown, "select": 2.0}
    found = {
        name: [base * random.uniform(0.95, 1.05), base * random.uniform(1.3, 1.6)] for name, base in stages.items()
    }
    return {**found, "total": [sum(one[0] for one in found.values()), sum(one[1] for one in found.values()) * 0.9]}


def sets_row(random: Random, name: str, level: float, count: int = 60, **more: Any) -> Made:
    queries = [_judged(random, f"{name}-{i}", level) for i in range(count)]
    systems = {
        who: {one: mean([query["systems"][who][one] for query in queries]) for one in MEASURES} for who in SYSTEMS
    }
    apart = {
        who: {
            one: mean([query["systems"]["cascade"][one] - query["systems"][who][one] for query in queries])
            for one in MEASURES
        }
        for who in SYSTEMS
        if who != "cascade"
    }
    links = [passage for query in queries for passage in query["passages"]]
    said = [(i + 0.5) / 10 for i in range(10)]
    summary = {
        "systems": systems,
        "kept": share(bool(query["kept"]) for query in queries),
        "differences": apart,
        "stages": {
            "dense": share(link["dense"] is not None for link in links),
            "lexical": share(link["lexical"] is not None for link in links),
            "retrieved": share(link["retrieved"] for link in links),
            "reranked": share((link["rank"] or 118) <= 117 for link in links),
            "packed": share(link["packed"] for link in links),
        },
        "blame": _blame(links),
        "calibration": [
            {"said": one, "true": one ** random.uniform(1, 1.5), "n": round(900 * (1 - one) ** 3) + 8} for one in said
        ],
        "latency_ms": times(random, 437_902),
    }
    settings = {"set": name, "questions": count, "encoder": "minilm", "effort": "normal", "passages": 437_902, **more}
    condition = "-".join(["sets", name, *(str(value) for key, value in more.items() if key != "group")])
    return row("sets", condition, settings, summary, queries)


def needle_row(random: Random, kind: str, passages: int, count: int = 50, **depth: float) -> Made:
    depth = {"length": 120, "position": 0.5, "insertion": 1.0, **depth}
    hops = 3 if kind == "multi-hop" else 1
    worse = 0.01 * (log10(passages) - 3) + 0.02 * depth["position"] * (log10(passages) - 2)
    queries = [_sought(random, i, kind, CLASSES[kind] - worse, hops) for i in range(count)]
    summary = {
        "stages": {stage: share(query["kept"][stage] for query in queries) for stage in STAGES},
        "all@117": share(query["kept"]["reranked"] for query in queries),
        "ndcg@10": mean([random.uniform(0.7, 1) for _ in queries]),
        "mrr": mean([random.uniform(0.7, 1) for _ in queries]),
        "blame": _blame([link for query in queries for link in query["links"]]),
        "latency_ms": times(random, passages),
        "tokens": 871,
        "bytes": 41_000_000,
    }
    settings = {
        "class": kind, "count": count, "hops": hops, "passages": passages, "depth": depth,
        "encoder": "minilm", "effort": "high" if kind == "multi-hop" else "normal", "window": 1000,
    }  # fmt: skip
    return row("needles", f"{kind}-{passages}-{depth['position']}-{depth['length']}", settings, summary, queries)


def answers_row(random: Random, kind: str, passages: int, count: int = 60) -> Made:
    alone, filled = 0.93, max(0.02, 0.9 - 0.42 * (log10(passages) - 2))
    chances = {"cascade": alone - 0.01 * (log10(passages) - 2), "passage alone": alone, "window filled": filled}
    queries = [
        {
            "_id": f"{kind}-{i}", "question": random.choice(QUESTIONS), "answers": ["4417-B"],
            "said": dict.fromkeys(chances, "4417-B"), "right": {who: random.random() < p for who, p in chances.items()},
            "kept": {stage: random.random() < 0.98 for stage in STAGES}, "cited": True, "ms": {"read": 900.0},
            "tokens": 900,
        }
        for i in range(count)
    ]  # fmt: skip
    summary = {
        "accuracy": {who: share(query["right"][who] for query in queries) for who in chances},
        "abstention": {"right": share([True] * 28 + [False] * 2), "wrong": share([True] + [False] * 59)},
        "citations": {"precision": mean([random.uniform(0.8, 1) for _ in queries]), "recall": mean([0.9, 1.0, 0.8])},
        "controls": {"gold": share([True] * 200), "vague wrong": share([False] * 200), "specific wrong": 0.005},
        "cost": {
            "tokens_per_correct": 1013.5,
            "ms_per_correct": {"retrieve": 41.0, "rerank": 52.0, "pack": 1.1, "generate": 1830.0},
        },
        "stages": {stage: share(query["kept"][stage] for query in queries) for stage in STAGES},
    }
    settings = {"class": kind, "count": count, "passages": passages, "reader": "local", "window": 1000}
    return row("answers", f"answers-{kind}-{passages}", settings, summary, queries)


def latency_row(random: Random, passages: int) -> Made:
    summary = {"stages": times(random, passages), "survival": 0.9971, "tokens": 2_400_000, "bytes": 96_000_000}
    settings = {"passages": passages, "questions": 200, "encoder": "minilm", "effort": "normal"}
    return row("latency", f"latency-{passages}", settings, summary)


def everything(seed: int = 7, sizes: Sequence[int] = SIZES) -> list[Made]:
    """A full run: sets with languages and special kinds, six classes at every size and three depths, answers, times."""
    random = Random(seed)
    rows = [sets_row(random, name, level, group="six") for name, level in SIX.items()]
    rows += [sets_row(random, name, level) for name, level in OTHERS.items()]
    for language, level in (("en", 0.95), ("de", 0.7), ("ar", 0.41)):
        rows.append(sets_row(random, "xquad_xling", level, 40, language=language, kind_of_query=f"language {language}"))
    for kind, level in (("very short", 0.5), ("very long", 0.55), ("negation", 0.45), ("code", 0.6)):
        rows.append(sets_row(random, f"kind-{kind}", level, 40, kind_of_query=kind))
    for kind in CLASSES:
        for passages in sizes:
            rows += [needle_row(random, kind, passages, position=position) for position in (0.0, 0.5, 1.0)]
    for passages in sizes:
        rows += [needle_row(random, "single", passages, length=length) for length in (40, 400)]
        rows += [answers_row(random, kind, passages) for kind in ("single", "conflict")]
        rows.append(latency_row(random, passages))
    return rows


def write(rows: Iterable[Made], file: Path) -> Path:
    file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), "utf-8")
    return file


def but(made: Made, change: Callable[[Made], None]) -> Made:
    """A copy of a row with something changed."""
    copy: Made = json.loads(json.dumps(made))
    change(copy)
    return copy


def _judged(random: Random, key: str, level: float) -> Made:
    hard = random.gauss(0, 0.25)
    passages = [_passage(random, f"{key}-p{i}", min(0.99, level + 0.35)) for i in range(random.randint(1, 3))]
    kept = int(all(passage["retrieved"] for passage in passages))
    systems = {}
    for who, apart in SYSTEMS.items():
        good = min(1.0, max(0.0, level + apart + hard + random.gauss(0, 0.08)))
        whole = float(good > random.uniform(0.1, 0.8))
        systems[who] = {"all@117": whole, "recall@117": min(1, good + 0.2), "ndcg@10": good, "mrr": good**0.8}
    return {"_id": key, "relevant": len(passages), "kept": kept, "systems": systems, "passages": passages, "ms": {}}


def _passage(random: Random, key: str, chance: float) -> Made:
    dense = random.randint(1, 29_000) if random.random() < chance else None
    lexical = random.randint(1, 29_000) if random.random() < chance * 0.9 else None
    retrieved = dense is not None or lexical is not None
    reranked = retrieved and random.random() < chance
    packed = reranked and random.random() < 0.9
    rank = None if not retrieved else random.randint(1, 117) if reranked else random.randint(118, 9_000)
    blame = None if packed else "pack" if reranked else "rerank" if retrieved else "retrieve"
    margin = None if not retrieved else round(random.uniform(0, 3) if reranked else -random.uniform(0.01, 2), 3)
    return {
        "key": key, "dense": dense, "lexical": lexical, "retrieved": retrieved, "rank": rank, "margin": margin,
        "packed": packed, "blame": blame,
    }  # fmt: skip


def _sought(random: Random, i: int, kind: str, chance: float, hops: int) -> Made:
    links = []
    for hop in range(hops):
        link = _passage(random, f"{kind}-{i}-{hop}", chance ** (1 / hops) if hops > 1 else chance)
        if random.random() < chance:
            link |= {
                "dense": 3,
                "lexical": 9,
                "retrieved": True,
                "rank": 1,
                "margin": 2.5,
                "packed": True,
                "blame": None,
            }
        links.append({**link, "segment": hop, "list_size": random.choice((40, 180, 700, 2500))})
    kept = {
        "dense": all(link["dense"] is not None for link in links),
        "lexical": all(link["lexical"] is not None for link in links),
        "retrieved": all(link["retrieved"] for link in links),
        "reranked": all((link["rank"] or 118) <= 117 for link in links),
        "packed": all(link["packed"] for link in links),
    }
    shown = [{key: one for key, one in link.items() if key not in ("retrieved", "packed")} for link in links]
    return {
        "_id": f"{kind}-{i}",
        "question": random.choice(QUESTIONS),
        "kept": kept,
        "links": shown,
        "ms": {},
        "tokens": 871,
    }


def _blame(links: Iterable[Made]) -> dict[str, int]:
    found: dict[str, int] = {}
    for link in links:
        if link["blame"] is not None:
            found[link["blame"]] = found.get(link["blame"], 0) + 1
    return found
