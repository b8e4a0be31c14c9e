"""The works that are disturbed: everything that changes an index or makes one. A new one is a line in WORKS."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb  # noqa: F401
import faiss  # noqa: F401
import numpy as np
import tantivy  # noqa: F401
from harness import Acknowledge, Found, Work, since
from small import LOOSE, Given, prose, record

from cascade.config import Config, RetrieveConfig
from cascade.engine import Engine
from cascade.index import backup as backups
from cascade.index import manifest as manifests
from cascade.index import tokens
from cascade.index.layout import Layout
from cascade.index.reading import passages_in_order
from cascade.index.snapshot import Snapshot
from cascade.index.store import Folder
from cascade.index.tokens import TokenBatch
from cascade.index.upgrade import upgrade
from cascade.index.writer import Writer
from cascade.models.toy import ToyEncoder
from indexers.compact import Shape, compact
from indexers.ingest import IngestConfig, ingest
from indexers.remove import remove
from indexers.repair import repair
from indexers.slices import SliceConfig, build

ENCODER = ToyEncoder()
UNHURRIED = Config(retrieve=RetrieveConfig(lexical_seconds=60.0))
"""Waits for words on a busy machine too: words that come too late are left out, and with them what was wrong there."""

OLD = prose(12)
NEW = [record(r.locator, f"New: {r.text}", title=r.title, key=r.key) if n % 3 else r for n, r in enumerate(prose(16))]
FUSION = (Path(backups.__file__).parent / "fusion.json").read_bytes()
LISTED = Shape(exact=16, most=12, small=100)


def warm(folder: Path) -> None:
    """Have the compiled loops loaded once, here, and not in every child. Starts no thread."""
    folder.mkdir(parents=True, exist_ok=True)
    batch = TokenBatch.of([np.zeros(1, np.uint16)], [np.zeros(1, np.uint16)])
    tokens.write(folder, batch.take(np.arange(1)), 1)


def add(index: Path, records, acknowledge: Acknowledge, size: int = 8, shape: Shape = LOOSE) -> None:
    """Ingest in segments of so many records."""

    def heard(_report, committed):
        if committed:
            acknowledge()

    config = IngestConfig(records=size, passages=size, shape=shape)
    ingest(index, [Given("notes", records)], ENCODER, config, heard=heard)


def commit_of(index: Path) -> int:
    """The commit of an index; -1 where there is none."""
    return manifests.read(Layout(index)).commit if manifests.exists(Layout(index)) else -1


def seen(index: Path, damaged: bool = False) -> Found:
    """Open, verify, read everything and search. Raises where anything is wrong, unless it may be `damaged`."""
    if not manifests.exists(Layout(index)):
        return Found(-1, "")
    began = time.perf_counter()
    snapshot = Snapshot(index)
    took = since(began)
    try:
        residue = tuple(manifests.faults(Layout(index)))
        problems = [problem for problem in snapshot.verify() if problem not in residue]
        if problems and not damaged:
            raise AssertionError(" ".join(problems))
        found = [[p.id, p.locator, p.title, p.text] for p in passages_in_order(snapshot)]
        if len({locator for _, locator, _, _ in found}) != len(found):
            raise AssertionError("a record is there twice")
        if not problems:
            _searched(snapshot, {identity: text for identity, _, _, text in found})
        content = json.dumps([len(problems), found, snapshot.manifest.notes, (snapshot.fusion() or b"").decode()])
        return Found(snapshot.manifest.commit, content, took, residue)
    finally:
        snapshot.close()


def _searched(snapshot: Snapshot, texts: dict[str, str]) -> None:
    for number in (1, 7, 13):
        holding = {identity for identity, text in texts.items() if text.endswith(f"unique{number}.")}
        terms, rows = snapshot.terms(f"unique{number}"), []
        for base, segment, live in zip(snapshot.bases.tolist(), snapshot.segments, snapshot.live, strict=False):
            rows += (segment.words.search(terms, 3, live)[0] + base).tolist()
        hits = {passage.id for passage in snapshot.read(np.array(rows, dtype=np.int64))}
        if hits != holding:
            raise AssertionError(f"a search for unique{number} found {hits} instead of {holding}")


def asked(index: Path) -> None:
    """Ask the whole engine for words of which each is in one passage. Raises where another comes first."""
    engine = Engine(Snapshot(index), ENCODER, UNHURRIED)
    try:
        for text in (passage.text for passage in passages_in_order(engine.snapshot)):
            word = text.split()[-1].rstrip(".")
            if not any(one.passage.text.endswith(f"{word}.") for one in engine.search(word, k=3).ranked):
                raise AssertionError(f"a search for {word} did not find it")
    finally:
        engine.close()


def of_index(name: str, before: Callable[[Path], None], run: Callable[[Path, Acknowledge], None]) -> Work:
    """A work on one index."""
    return Work(
        name, lambda here: before(here / "index"), lambda here, told: run(here / "index", told),
        lambda here: commit_of(here / "index"), lambda here: seen(here / "index"),
    )  # fmt: skip


def nothing(*_: object) -> None:
    """Makes nothing; tells nobody."""


def _old(index: Path) -> None:
    add(index, OLD, nothing)


def _decayed(index: Path) -> None:
    add(index, OLD, nothing, size=5)
    remove(index, "key in (k1, k4)")


def _many(index: Path) -> None:
    add(index, prose(24), nothing, size=8)
    remove(index, "key in (k1, k4)")


def _delete(index: Path, acknowledge: Acknowledge) -> None:
    remove(index, "key in (k1, k3, k9)")
    acknowledge()


def _compact(shape: Shape, thorough: bool) -> Callable[[Path, Acknowledge], None]:
    def run(index: Path, acknowledge: Acknowledge) -> None:
        with Writer(index) as writer:
            compact(writer, shape, thorough=thorough)
        acknowledge()

    return run


def _fuse(index: Path, acknowledge: Acknowledge) -> None:
    with Writer(index) as writer:
        writer.fuse(FUSION)
        writer.commit()
    acknowledge()


def _kept(here: Path) -> None:
    _old(here / "index")
    backups.back_up(here / "index", Folder(here / "store"))
    add(here / "index", NEW, nothing, size=20)


def _back_up(here: Path, acknowledge: Acknowledge) -> None:
    backups.back_up(here / "index", Folder(here / "store"))
    acknowledge()


def _stored(here: Path) -> Found:
    """Verify a store, bring its newest backup back, and see what it holds."""
    store = Folder(here / "store")
    if problems := backups.verify(store):
        raise AssertionError(" ".join(problems))
    again = here.with_name(f"{here.name}.again")
    backups.restore(store, again)
    try:
        found = seen(again)
        return Found(found.mark, found.content, found.milliseconds)
    finally:
        shutil.rmtree(again)


def _backed_up(here: Path) -> int:
    store = Folder(here / "store")
    return backups.read(store).commit


def _gone(here: Path) -> None:
    _kept(here)
    backups.back_up(here / "index", Folder(here / "store"))
    shutil.rmtree(here / "index")


def _restore(here: Path, acknowledge: Acknowledge) -> None:
    if not (here / "index").exists():
        backups.restore(Folder(here / "store"), here / "index")
        acknowledge()


def _damaged(index: Path) -> None:
    add(index, OLD, nothing)
    for name in ("vectors.i8", "tokens.u16"):
        path = next(Layout(index).segments.glob(f"*/{name}"))
        raw = bytearray(path.read_bytes())
        raw[7] ^= 1
        path.write_bytes(raw)


def _repair(index: Path, acknowledge: Acknowledge) -> None:
    repair(index, lambda: ENCODER)
    acknowledge()


def _former(index: Path) -> None:
    _old(index)
    where = Layout(index)
    before = replace(manifests.read(where), format=1)  # as an older program wrote it
    where.twin.unlink()
    manifests.commit(where, before)


def _upgrade(index: Path, acknowledge: Acknowledge) -> None:
    upgrade(index)
    acknowledge()


def _sliced(index: Path, acknowledge: Acknowledge) -> None:
    def heard(_report, committed):
        if committed:
            acknowledge()

    config = SliceConfig(passages=8, ingest=IngestConfig(records=8, shape=LISTED))
    build(index, [Given("first", OLD), Given("second", NEW[12:])], ENCODER, config, heard)


WORKS = (
    of_index("create", nothing, lambda index, told: add(index, OLD[:8], told)),
    of_index("add", _old, lambda index, told: add(index, [*OLD, *NEW[12:]], told, size=20)),
    of_index("replace", _old, lambda index, told: add(index, NEW, told, size=20)),
    of_index("build in slices", nothing, _sliced),
    of_index("delete", _old, _delete),
    of_index("compact", _decayed, _compact(Shape(), True)),
    of_index("compact into lists", _many, _compact(LISTED, False)),
    of_index("fuse", _old, _fuse),
    Work(
        "repair",
        lambda here: _damaged(here / "index"),
        lambda here, told: _repair(here / "index", told),
        lambda here: commit_of(here / "index"),
        lambda here: seen(here / "index", damaged=True),
    ),
    of_index("upgrade", _former, _upgrade),
    Work("backup", _kept, _back_up, _backed_up, _stored),
    Work("restore", _gone, _restore, lambda here: commit_of(here / "index"), lambda here: seen(here / "index")),
)
"""Each with a name that tests and tallies use."""
