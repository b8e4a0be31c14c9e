"""What a cluster costs beside one machine, on four Ray nodes of this machine.

    python tests/cluster/measure.py INDEX QUERIES.jsonl.gz CORPUS.jsonl.gz [QUESTIONS]

Prints lines of JSON: whether all answers are the same, milliseconds of both, bytes a question by what is asked, and how
long after a node was killed under load the answers were complete again; then how long it takes to build an index of
CORPUS alone, on four nodes, and on four of which one is killed meanwhile, and whether all three are the same. Questions
(40, if no other number is given) go to both in turn, so that both meet the same load, which is given with each line
(that of the last minute).
"""

from __future__ import annotations

import gzip
import json
import os
import pickle
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from nodes import Nodes, four

from cascade.engine import Engine
from cascade.index.reading import passages_in_order
from cascade.index.snapshot import Snapshot
from cascade.models import resolve
from indexers.cluster.adding import Work, add
from indexers.cluster.asking import Asking
from indexers.cluster.fleet import Form
from indexers.cluster.opened import Way, opened
from indexers.ingest import ingest
from indexers.sources.open import open_source
from indexers.sources.options import SourceOptions

WARM = 3

PARTS = 24
"""Into how many parts a source is divided, about."""

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


class Seen(NamedTuple):
    """An answer: when it came and how long it took, in seconds. `late`: a stage was cut short, as words are after a
    second. `wrong`: complete and not late, but not what one machine says."""

    at: float
    took: float
    complete: bool
    late: bool
    wrong: bool


class Load:
    """Asks the same questions over and over, as long as this lasts."""

    def __init__(self, many: Engine, one: Engine, texts: list[str]) -> None:
        self.many, self.expected = many, {text: timed(one, text)[1] for text in texts}
        self.seen: list[Seen] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            for text, expected in self.expected.items():
                began = time.monotonic()
                ranking = self.many.search(text, k=117)
                late = any(entry.notes.get("late") for entry in ranking.query.ledger.entries)
                same = [(one.passage.id, one.score) for one in ranking.ranked] == expected
                now = time.monotonic()
                wrong = ranking.complete and not late and not same
                self.seen.append(Seen(now, now - began, ranking.complete, late, wrong))


def killed(many: Engine, one: Engine, nodes: Nodes, texts: list[str]) -> dict[str, Any]:
    """A node killed under load: seconds without it, and what was said meanwhile and until 3 s later."""
    fleet: Any = many.corpus._fleet
    with Load(many, one, texts) as load:
        while len(load.seen) < len(texts):
            time.sleep(0.01)
        node = next(copy.process.node for copy in fleet.every() if copy.process.node in nodes.workers)
        lost = sum(copy.process.node == node for copy in fleet.every())
        began = time.monotonic()
        nodes.kill(node)
        ended = time.monotonic() - began
        while len(fleet.replaced) < lost:
            time.sleep(0.01)
        back = time.monotonic() - began
        time.sleep(3)
    after = [one._replace(at=one.at - began) for one in load.seen if one.at > began]
    incomplete = [one.at for one in after if not one.complete]
    return {
        "copies_lost": lost, "killed_s": round(ended, 2), "replaced_s": round(back, 2),
        "after_it_was_noticed_s": round(max(fleet.replaced), 2),
        "answers_meanwhile": sum(one.at < back for one in after), "answers": len(after),
        "slowest_ms": round(max(one.took for one in after) * 1000),
        "incomplete": len(incomplete), "last_incomplete_s": round(max(incomplete, default=0), 2),
        "wrong": sum(one.wrong for one in after), "late": sum(one.late for one in after),
    }  # fmt: skip


def held(root: Path) -> list[tuple[str, str]]:
    """The ids and texts of an index that was built, which must be whole."""
    snapshot = Snapshot(root)
    found = [(one.id, one.text) for one in passages_in_order(snapshot)]
    faults = snapshot.verify()
    snapshot.close()
    if faults:
        raise SystemExit(f"{root} is not whole: {faults}")
    return found


def building(nodes: Nodes, corpus: Path) -> dict[str, Any]:
    """One source built by this process, by four nodes, and by four of which one is killed at a third of the way."""
    encoder, folder = resolve.encoder("static", 1), Path(tempfile.mkdtemp())
    source = folder / "corpus.jsonl"
    with gzip.open(corpus) as packed, source.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    how, specs = Work(workers=4, size=source.stat().st_size // PARTS), [(str(source), SourceOptions())]
    took: dict[str, float] = {}

    def timed_(name: str, work: Any) -> list[tuple[str, str]]:
        began = time.monotonic()
        work(folder / name)
        took[f"{name}_s"] = round(time.monotonic() - began, 1)
        return held(folder / name)

    victim, again = nodes.workers[-1], list[int]()

    def told(what: str, done: int, total: int) -> None:
        if what == "building parts":
            again.append(total)
            if done >= total // 3 and victim in nodes.workers:
                nodes.kill(victim)

    alone = timed_("alone", lambda root: ingest(root, [open_source(str(source))], encoder))
    many = timed_("four_nodes", lambda root: add(nodes.machines, root, specs, encoder, how))
    fewer = timed_("one_killed", lambda root: add(nodes.machines, root, specs, encoder, how, told))
    shutil.rmtree(folder)
    return {
        "built": len(alone), "parts": again[-1], "killed": victim not in nodes.workers,
        "same": alone == many, "same_with_one_killed": alone == fewer, **took,
    }  # fmt: skip


def said(row: dict[str, Any]) -> None:
    """Print a line, with the load."""
    print(json.dumps({**row, "load": round(os.getloadavg()[0], 1)}), flush=True)


def main(root: Path, questions: Path, corpus: Path, count: int = 40) -> None:
    """Measure with two copies of each shard, with one, and building."""
    with gzip.open(questions, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, count)]
    one = Engine.open(root)
    with four() as nodes:
        for replicas in (2, 1):
            began = time.monotonic()
            many = opened(nodes.machines, root, Way(Form(shards=4, replicas=replicas)), encoder=one.encoder)
            ready = round(time.monotonic() - began, 1)
            said({"replicas": replicas, "passages": len(one.corpus), "opened_s": ready})
            if replicas == 2:
                said(compared(one, many, texts))
                said(weighed(many, texts[:10]))
            said(killed(many, one, nodes, texts[:5]))
            many.close()
            nodes.add()
        said(building(nodes, corpus))
    one.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), *map(int, sys.argv[4:5]))
