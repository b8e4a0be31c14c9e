"""What a cluster costs beside one machine, on four Ray nodes of this machine.

    python tests/cluster/measure.py INDEX QUERIES.jsonl.gz

Prints lines of JSON: whether all answers are the same, milliseconds of both, bytes a question by what is asked, and how
long after a node was killed under load the answers were complete again. Questions go to both in turn, so that both meet
the same load.
"""

from __future__ import annotations

import gzip
import json
import pickle
import statistics
import sys
import threading
import time
from collections import Counter
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from typing import Any

from nodes import four

from cascade.engine import Engine
from indexers.cluster.asking import Asking
from indexers.cluster.fleet import Form
from indexers.cluster.opened import Way, opened

QUESTIONS, WARM = 40, 3


BYTES: Counter[str] = Counter()
CALLS: Counter[str] = Counter()


class Weighed(Asking):
    """Counts the bytes of what is asked and answered, as they are pickled."""

    def give(self, call: Any, copy: Any) -> Future[Any]:
        future = super().give(call, copy)
        CALLS[call.kind] += 1
        BYTES[f"{call.kind} out"] += len(pickle.dumps(call.given))
        future.add_done_callback(lambda done: self._count(call.kind, done))
        return future

    def _count(self, kind: str, done: Future[Any]) -> None:
        if done.exception() is None:
            BYTES[f"{kind} back"] += len(pickle.dumps(done.result()))


def timed(engine: Engine, text: str) -> tuple[float, list[tuple[str, float]]]:
    """Milliseconds of a search, and its 117 passages with their scores."""
    began = time.perf_counter()
    ranking = engine.search(text, k=117)
    return (time.perf_counter() - began) * 1000, [(one.passage.id, one.score) for one in ranking.ranked]


def compared(one: Engine, many: Engine, texts: list[str]) -> dict[str, Any]:
    """Both asked in turn."""
    for text in texts[:WARM]:
        timed(one, text)
        timed(many, text)
    took: dict[str, list[float]] = {"one": [], "many": []}
    apart, order = 0.0, 0
    for text in texts:
        mine, alone = timed(one, text)
        theirs, spread = timed(many, text)
        took["one"].append(mine)
        took["many"].append(theirs)
        order += [name for name, _ in alone] != [name for name, _ in spread]
        apart = max([apart, *(abs(a - b) for (_, a), (_, b) in zip(alone, spread, strict=True))])
    medians = {f"ms_{name}": round(statistics.median(each), 1) for name, each in took.items()}
    return {"questions": len(texts), "other_order": order, "scores_apart": apart, **medians}


def weighed(many: Engine, texts: list[str]) -> dict[str, Any]:
    """Bytes and calls of one question, on average."""
    corpus: Any = many.corpus
    BYTES.clear()
    CALLS.clear()
    corpus._asking.__class__ = Weighed
    for text in texts:
        many.search(text, k=117)
    time.sleep(1)
    corpus._asking.__class__ = Asking
    bytes_ = {name: round(size / len(texts)) for name, size in BYTES.most_common()}
    calls = round(sum(CALLS.values()) / len(texts), 1)
    return {"bytes": sum(bytes_.values()), "calls": calls, "bytes_by_kind": bytes_}


def killed(many: Engine, nodes: Any, texts: list[str]) -> dict[str, Any]:
    """A node killed under load: seconds without it, and what was said meanwhile."""
    seen: list[tuple[float, bool]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            for text in texts:
                seen.append((time.monotonic(), many.search(text, k=10).complete))

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(2)
    fleet: Any = many.corpus._fleet
    node = next(copy.process.node for copy in fleet.every() if copy.process.node in nodes.workers)
    lost = sum(copy.process.node == node for copy in fleet.every())
    began = time.monotonic()
    nodes.kill(node)
    while len(fleet.replaced) < lost:
        time.sleep(0.01)
    back = time.monotonic() - began
    time.sleep(3)
    stop.set()
    asking.join()
    after = [(at - began, whole) for at, whole in seen if at > began]
    incomplete = [at for at, whole in after if not whole]
    return {
        "copies_lost": lost, "replaced_s": round(back, 2), "answers_meanwhile": sum(at < back for at, _ in after),
        "incomplete": len(incomplete), "last_incomplete_s": round(max(incomplete, default=0), 2),
    }  # fmt: skip


def main(root: Path, questions: Path) -> None:
    """Measure, once with two copies of each shard and once with one."""
    with gzip.open(questions, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, QUESTIONS)]
    one = Engine.open(root)
    with four() as nodes:
        for replicas in (2, 1):
            many = opened(nodes.machines, root, Way(Form(shards=4, replicas=replicas)), encoder=one.encoder)
            said = {"replicas": replicas, "passages": len(one.corpus), **compared(one, many, texts)}
            said |= weighed(many, texts[:10]) | killed(many, nodes, texts[:5])
            print(json.dumps(said), flush=True)
            many.close()
            nodes.add()
    one.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
