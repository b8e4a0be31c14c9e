"""What is fuzzed: a target makes a case from a random number generator, and reads it. Anything but a result, a
`Skipped` or a CascadeError is a failure.

Index files are made worse in a copy of a small real index, with the old checksums and with new ones that fit.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
from mutations import gzipped_worse, json_worse, worse, zipped_worse
from numpy.typing import NDArray
from small import build, cut, prose

from cascade import config
from cascade.config import RerankConfig
from cascade.data import Query
from cascade.engine import agree
from cascade.errors import BadFilter, Corrupt
from cascade.index import backup, fusion
from cascade.index import manifest as manifests
from cascade.index.codes import NO_MASK
from cascade.index.layout import SUMS, Layout
from cascade.index.probe import Statistics
from cascade.index.reading import records_in_order
from cascade.index.segment import files
from cascade.index.snapshot import Snapshot
from cascade.index.store import Folder
from cascade.index.weigh import BINS, ask
from cascade.index.writer import Writer
from cascade.ledger import Ledger
from cascade.models.table import TokenTable
from cascade.models.toy import ToyEncoder
from cascade.models.vocabulary import Vocabulary
from cascade.stages.eyes import Eyes, fusion_of
from cascade.stages.rerank import Rerank
from cascade.stages.retrieve import Retrieve
from eval.journal import rows as journal_rows
from eval.suite import SHIPPED as SUITES
from eval.suite import load as load_suite
from indexers.compact import Shape
from indexers.records import Record, Skipped
from indexers.remove import remove
from indexers.sources.blob import Blob
from indexers.sources.globs import Globs
from indexers.sources.open import open_source
from indexers.sources.options import SourceOptions
from indexers.sources.read import Read

Case = Callable[[], object]
Target = Callable[[Random], Case]
"""Makes a case ready; the case reads it."""


def small_index(root: Path) -> None:
    """An index with every kind of file: lists, two segments, deleted rows, a fusion of its own."""
    build(root, prose(130), cut(130, Shape(exact=100, small=10_000)))
    build(root, prose(150)[130:], cut(20, Shape(exact=100, small=10_000)))
    remove(root, "key in (k3, k140)")
    with Writer(root) as writer:
        writer.fuse(fusion.SHIPPED.read_bytes())
        writer.commit()


def signed(root: Path, change: Callable[[dict], object]) -> None:
    """Change what the manifest says, and give it a hash that fits."""
    path = Layout(root).manifest
    content = json.loads(path.read_bytes())
    del content["hash"]
    change(content)
    body = json.dumps(content, sort_keys=True, ensure_ascii=False)
    whole = json.dumps({**content, "hash": manifests.digest(body.encode("utf-8", "replace"))})
    for written in (path, Layout(root).twin):
        if written.exists():
            written.write_text(whole, "utf-8", "replace")


def resigned(root: Path) -> None:
    """Give every file of an index the checksums it has now."""
    where = Layout(root)

    def change(said: dict) -> None:
        for entry in said["segments"]:
            folder = where.segment(entry["name"])
            names = json.loads((folder / SUMS).read_text())
            found = {name: files.checksum(folder / name) for name in names if (folder / name).exists()}
            listed = {name: {"size": one.size, "blocks": one.blocks} for name, one in found.items()}
            raw = json.dumps(listed, sort_keys=True).encode()
            (folder / SUMS).write_bytes(raw)
            entry["hash"], entry["bytes"] = manifests.digest(raw), sum(s.size for s in found.values()) + len(raw)
        said["rotation"] = manifests.digest(where.rotation.read_bytes())
        for one in said["generations"]:
            one["hash"] = manifests.digest(where.centroids(one["number"]).read_bytes())
        for one in said["graves"]:
            one["hash"] = manifests.digest(where.tombstone(one["segment"], one["commit"]).read_bytes())

    signed(root, change)


@cache
def _lasting() -> tuple[Vocabulary, TokenTable]:
    return Vocabulary(), TokenTable.open()


FAMILIES: list[NDArray[np.int64]] = []
"""Forms of words, of the first index that was used: they take longer to find than all else takes together."""


def _eyes(snapshot: Snapshot) -> Eyes:
    vocabulary, table = _lasting()
    if not FAMILIES:
        FAMILIES.append(snapshot.families(vocabulary.pieces(list(range(vocabulary.size)))))
    statistics = Statistics(int(snapshot.bases[-1]), snapshot.frequencies, snapshot.mean_length, FAMILIES[0])
    return Eyes(vocabulary, table, statistics, fusion_of(snapshot, RerankConfig()))


def used(root: Path) -> str:
    """Everything a reader does with an index: verify, filter, search, read all, look one up."""
    encoder = ToyEncoder()
    with closing(Snapshot(root)) as snapshot:
        agree(snapshot, encoder)
        snapshot.verify()
        query = Query("river bridge unique7", Ledger(), filter='number >= 3 and topic != "x"')
        path = Retrieve(snapshot, encoder) >> Rerank(snapshot, _eyes(snapshot), RerankConfig(keep=5))
        found = path.run(query)
        every = list(records_in_order(snapshot))
        every_row = np.arange(int(snapshot.bases[-1]))
        snapshot.tokens(every_row)
        snapshot.vectors(every_row)
        asked = snapshot.rotate(encoder.encode_query("river bridge"))
        for segment in snapshot.segments:
            if segment.codes is not None and (lists := snapshot.lists[segment.entry.generation]):
                at = segment.codes.stretches(*lists.nearest(asked, len(lists)))
                segment.codes.weigh(at, ask(asked), NO_MASK, np.zeros(BINS, np.int64))
        for passage in found.passages[:1]:
            snapshot.find(passage.id)
        snapshot.whole()  # or a part was left out, which is refused as well
        return f"{snapshot.records} records, {len(every)} read"


def index_targets(folder: Path, base: Path) -> dict[str, Target]:
    """A target for each kind of file in an index, with old checksums and with new ones."""
    root = folder / "index"
    kinds = sorted(
        path.relative_to(base).as_posix() for path in base.rglob("*") if path.is_file() and "lock" not in path.name
    )

    segments = [one["name"] for one in json.loads((base / "manifest.json").read_text())["segments"]]

    def damaged(name: str, fitting: bool) -> Target:
        def make(random: Random) -> Case:
            shutil.rmtree(root, ignore_errors=True)
            shutil.copytree(base, root)
            path = root / name
            data = path.read_bytes()
            if path.suffix == ".json" and random.random() < 0.7 and fitting:
                data = json.dumps(json_worse(json.loads(data), random)).encode("utf-8", "replace")
            else:
                data = worse(data, random, [data])
            path.write_bytes(data)
            if fitting:
                _try_resigned(root, path)
            return lambda: used(root)

        return make

    def claimed(random: Random) -> Case:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(base, root)
        signed(root, lambda said: (made := json_worse(said, random), said.clear(), said.update(made)))
        return lambda: used(root)

    found: dict[str, Target] = {"manifest.json, signed": claimed}
    for name in kinds:
        label = name if "/words/" not in name else f"words/{Path(name).suffix or Path(name).name}"
        for segment, called in zip(segments, ("listed", "plain"), strict=True):
            label = label.removeprefix("segments/").replace(segment, called)
        found.setdefault(f"{label}, old sums", damaged(name, False))
        if name != "manifest.json":
            found.setdefault(f"{label}, new sums", damaged(name, True))
    return found


def _try_resigned(root: Path, changed: Path) -> None:
    """New checksums; for a sums.json that was itself changed, only the manifest's hash of it."""
    if changed.name != SUMS:
        resigned(root)
        return

    def change(said: dict) -> None:
        for entry in said["segments"]:
            if entry["name"] == changed.parent.name:
                entry["hash"] = manifests.digest(changed.read_bytes())

    signed(root, change)


def backup_targets(folder: Path, base: Path) -> dict[str, Target]:
    """The list of a backup, signed, restored where it may."""
    place, back = folder / "backup", folder / "back"
    store = Folder(place)
    backup.back_up(base, store)
    (path,) = (place / "snapshots").iterdir()
    good = json.loads(path.read_bytes())

    def make(random: Random) -> Case:
        shutil.rmtree(back, ignore_errors=True)
        said = json_worse(good, random)
        said.pop("hash", None)
        body = json.dumps(said, sort_keys=True).encode()
        data = json.dumps({**said, "hash": manifests.digest(body)}).encode()
        path.write_bytes(data if random.random() < 0.8 else worse(data, random))
        return lambda: (backup.verify(store), backup.restore(store, back))

    return {"backup list": make}


def text_targets(folder: Path, base: Path) -> dict[str, Target]:
    """Settings, suites, journals, fusions, and the grammar of filters."""
    toml = folder / "a.toml"
    settings = b'encoder = "toy"\nwindow = 9\n[windows]\n"a/b" = 9\n[rerank]\nfloor = 0.5\n[pack]\nanswer = 3\n'
    suites = [path.read_bytes() for path in SUITES.glob("*.toml")]
    rows = b'{"a": 1, "b": [1.5, null]}\n{"c": "\xc3\xa9"}\n'
    shipped = fusion.SHIPPED.read_bytes()
    snapshot = Snapshot(base)
    whole = '(source = notes or topic in (river, "a \\"b")) and not (time >= 2024-01-01 and number < 7) and title ~ "x"'

    def written(seeds_: list[bytes], read: Callable[[Path], object]) -> Target:
        def make(random: Random) -> Case:
            toml.write_bytes(worse(random.choice(seeds_), random, seeds_))
            return lambda: read(toml)

        return make

    def filters(random: Random) -> Case:
        if random.random() < 0.5:
            text = worse(whole.encode(), random, [whole.encode()]).decode("utf-8", "replace")
        else:
            parts = (*whole.split(), *"()~,\"\\\0';é", "not", "1e999", "-0", "$.a", "--")
            text = " ".join(random.choice(parts) for _ in range(random.randrange(40)))
        return lambda: _matched(snapshot, text)

    def fused(random: Random) -> Case:
        said = json.dumps(json_worse(json.loads(shipped), random)).encode()
        data = random.choice((said, worse(shipped, random)))
        return lambda: fusion.Fusion.parse(data, "here")

    return {
        "settings": written([settings], lambda path: config.load(path, {})),
        "suite": written(suites, lambda path: load_suite(str(path))),
        "journal": written([rows], lambda path: list(journal_rows(path))),
        "filter": filters,
        "fusion": fused,
    }


def _matched(snapshot: Snapshot, text: str) -> object:
    try:
        return [mask.sum() for mask in snapshot.matching(text)]
    except BadFilter:
        return "no filter"
    except Corrupt as error:
        raise AssertionError(f"the database refused {text!r}: {error}") from error


def source_targets(found: dict[str, tuple[str, list[bytes]]]) -> dict[str, Target]:
    """A target for each kind of file that sources read."""

    def target(kind: str, name: str, good: list[bytes]) -> Target:
        zipped = kind in {"docx", "pptx", "xlsx", "epub", "zip"}

        def make(random: Random) -> Case:
            change = random.choice((zipped_worse, zipped_worse, worse)) if zipped else worse
            if kind in {"gzip", "tar.gz"}:
                change = random.choice((gzipped_worse, worse))
            data = change(random.choice(good), random, good)
            streamed = random.random() < 0.3
            return lambda: sum(map(_sane, read_bytes(name, data, streamed)))

        return make

    return {kind: target(kind, name, good) for kind, (name, good) in found.items()}


class _Stream(io.BytesIO):
    """Bytes that cannot be gone back in, as from a pipe."""

    def seekable(self) -> bool:
        return False


def read_bytes(name: str, data: bytes, streamed: bool = False) -> Iterator[Record | Skipped]:
    """What a source makes of a file of this name."""
    made = io.BufferedReader(_Stream(data) if streamed else io.BytesIO(data))  # type: ignore[arg-type]
    return Read(SourceOptions(), Globs.of((), ()))(Blob("fuzz", name, name, lambda: made))


def _sane(thing: Record | Skipped) -> int:
    """One thing of a source, looked at: it has an id, its marks lie in its text, its metadata are JSON."""
    if isinstance(thing, Skipped):
        assert thing.reason and "MemoryError" not in thing.reason and "alloc" not in thing.reason.lower(), thing.reason
        return 1
    assert len(thing.id) == 16 and thing.text
    json.dumps(dict(thing.metadata), allow_nan=False)
    thing.text.encode()
    assert all(0 <= mark.at <= len(thing.text) for mark in thing.marks)
    return 1


def git_targets(folder: Path) -> dict[str, Target]:
    """A repository any file of whose `.git` is made worse, read as a working tree and as a revision."""
    base, root = folder / "repository", folder / "changed"
    base.mkdir()
    (base / "a.txt").write_text("first")
    (base / "sub").mkdir()
    (base / "sub" / "b.md").write_text("# Second")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", base, *command], check=True)
    shutil.rmtree(base / ".git" / "hooks", ignore_errors=True)
    names = sorted(path.relative_to(base) for path in (base / ".git").rglob("*") if path.is_file())

    def make(random: Random) -> Case:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(base, root)
        path = root / random.choice(names)
        path.chmod(0o644)
        path.write_bytes(worse(path.read_bytes(), random))
        spec = random.choice((str(root), f"git+{root}"))
        return lambda: sum(map(_sane, open_source(spec, SourceOptions()).read()))

    return {"git": make}
