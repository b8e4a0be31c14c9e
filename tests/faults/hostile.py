"""Indexes made in bad faith, each with checksums that fit, opened and used in forked children. Run by test_hostile.py.

    python tests/faults/hostile.py FOLDER

Prints one line of JSON: how each case ended, and what was read, written or missing outside the index.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ["OMP_NUM_THREADS"] = "1"

import duckdb
import numpy as np
import tantivy
import zstandard
from cage import caged
from readers import resigned, signed, small_index, used

from cascade.index import layout
from cascade.index.layout import Layout
from cascade.index.writer import Writer

HUGE = 10**12

Case = Callable[[Path], None]

SOUND: dict[str, Case] = {"as it was": lambda root: None, "with new checksums": resigned}
"""What is no fault, so that cases are refused for what they are."""

CASES: dict[str, Case] = {}
"""By name: what is done to an index."""

WRITTEN: set[str] = set()
"""Cases in which a writer opens the index, not a reader."""


def listed(root: Path) -> Path:
    """The segment with lists."""
    return Layout(root).segment(json.loads((root / layout.MANIFEST).read_text())["segments"][0]["name"])


def outside(root: Path) -> Path:
    """A folder that nothing may touch."""
    return root.parent / "outside"


def case(name: str, written: bool = False) -> Callable[[Case], Case]:
    """Note a case."""

    def note(made: Case) -> Case:
        CASES[name] = made
        if written:
            WRITTEN.add(name)
        return made

    return note


def field(name: str, value: object, *path: str | int) -> None:
    """A case in which one field of the manifest says something else."""

    def change(root: Path) -> None:
        def set_(said: dict) -> None:
            at = said
            for part in path[:-1]:
                at = at[part]
            at[path[-1]] = value

        signed(root, set_)

    CASES[f"manifest: {name}"] = change


NAMES = ("../../outside", "/etc", "..", "", ".", "a\0b", "00000001/../../outside", "0000000١", 7, None, ["00000001"])
COUNTS = (-1, HUGE, 10**40, 0.5, float("nan"), float("inf"), "9", True, None, {}, [])

for name in NAMES:
    field(f"a segment called {name!r}", name, "segments", 0, "name")
    field(f"a grave in {name!r}", name, "graves", 0, "segment")
for name in ("../../outside/secret", "/etc/passwd", "\0", "a" * 300, 7, None, {}):
    field(f"a fusion called {name!r}", name, "notes", "fusion")
for count in COUNTS:
    field(f"{count} passages", count, "segments", 0, "passages")
    field(f"{count} dimensions", count, "built", "dim")
    field(f"{count} ids in the vocabulary", count, "built", "vocabulary_size")
    field(f"{count} lists", count, "generations", 0, "lists")
    field(f"generation number {count}", count, "generations", 0, "number")
    field(f"{count} rows deleted", count, "graves", 0, "rows")
    field(f"grave of commit {count}", count, "graves", 0, "commit")
field("no dimensions", 0, "built", "dim")
field("fewer dimensions", 8, "built", "dim")
field("a language that is none", "klingon", "built", "language")
field("a language that is a path", "../../outside", "built", "language")
field("a segment of a generation that is not there", 9, "segments", 0, "generation")
field("a segment without lists that has some", 0, "segments", 0, "generation")
field("fewer passages", 7, "segments", 0, "passages")
field("more passages", 131, "segments", 0, "passages")
field("rows deleted in a file of another size", 1000, "graves", 0, "rows")
field("a next segment that is there already", 1, "serial")
field("an unknown field", 1, "segments", 0, "more")
field("an unknown field of the whole", 1, "exec")
for part in ("built", "segments", "graves", "generations", "notes", "rotation", "created", "commit"):
    for value in (None, 7, "x", [7], {"x": 7}):
        if (part, value) not in (("rotation", "x"), ("created", "x"), ("commit", 7), ("notes", {"x": 7})):
            field(f"{part} is {value!r}", value, part)


@case("manifest: a missing field")
def _(root: Path) -> None:
    signed(root, lambda said: said["segments"][0].pop("hash"))


@case("manifest: a segment twice")
def _(root: Path) -> None:
    signed(root, lambda said: said["segments"].append(said["segments"][0]))


@case("manifest: nested a hundred thousand deep")
def _(root: Path) -> None:
    (root / layout.MANIFEST).write_text('{"hash": ' + "[" * 100_000 + "]" * 100_000 + "}")


@case("manifest: a number of a million digits")
def _(root: Path) -> None:
    (root / layout.MANIFEST).write_text('{"format": 1, "hash": ' + "9" * 1_000_000 + "}")


@case("manifest: a file that says it has a million million bytes")
def _(root: Path) -> None:
    os.truncate(root / layout.MANIFEST, HUGE)


@case("manifest: a pipe")
def _(root: Path) -> None:
    (root / layout.MANIFEST).unlink()
    os.mkfifo(root / layout.MANIFEST)


def linked(name: str, written: bool = False, of: Callable[[Path], Path] = lambda root: root) -> None:
    """A case in which a file or folder is moved outside, with a link in its place."""

    def change(root: Path) -> None:
        path = of(root) / name
        away = root.parent / "elsewhere" / path.name
        away.parent.mkdir(exist_ok=True)
        shutil.rmtree(away, ignore_errors=True)
        path.rename(away)
        path.symlink_to(away)

    CASES[f"link: {name or 'segment'}{', written' if written else ''}"] = change
    if written:
        WRITTEN.add(f"link: {name or 'segment'}{', written' if written else ''}")


for name in ("manifest.json", "segments", "tombstones", "model"):
    linked(name)
    linked(name, written=True)
for name in ("vectors.i8", "sums.json", "words", "passages.duckdb", "text.zst", "words/meta.json"):
    linked(name, of=listed)
linked("", of=listed)


@case("link: a folder of tombstones whose files a writer would sweep", written=True)
def _(root: Path) -> None:
    (root / layout.TOMBSTONES / "00000077").symlink_to(outside(root))


@case("link: a segment that a writer would sweep", written=True)
def _(root: Path) -> None:
    (root / layout.SEGMENTS / "00000077").symlink_to(outside(root))


@case("link: the lock", written=True)
def _(root: Path) -> None:
    (root / layout.LOCK).unlink(missing_ok=True)
    (root / layout.LOCK).symlink_to(outside(root) / "secret")


@case("link: the owner of the lock", written=True)
def _(root: Path) -> None:
    (root / layout.OWNER).symlink_to(outside(root) / "secret")


def summed(name: str, change: Callable[[dict], object]) -> None:
    """A case in which a segment's sums.json says something else, under a hash that fits."""

    def made(root: Path) -> None:
        path = listed(root) / layout.SUMS
        said = json.loads(path.read_text())
        change(said)
        path.write_text(json.dumps(said))
        raw = path.read_bytes()

        def name_it(manifest: dict) -> None:
            from cascade.index.manifest import digest

            manifest["segments"][0]["hash"] = digest(raw)

        signed(root, name_it)

    CASES[f"sums: {name}"] = made


ONE = {"size": 1, "blocks": ["0" * 16]}
AWAY = ("../../../etc/passwd", "/etc/passwd", "words/../../../outside/secret", "words//etc/passwd", "a\0", "..", "x")
for name in AWAY:
    summed(f"a file called {name!r}", lambda said, name=name: said.update({name: ONE}))
for size in (-1, 10**15, 10**40, 0.5, "9", None, True):
    summed(f"{size!r} bytes", lambda said, size=size: said["vectors.i8"].update(size=size))
for blocks in ([], ["0" * 16] * 3, "0" * 16, [7], None, {"0": 1}, [None], ["../../etc/passw"]):
    summed(f"blocks {blocks!r}"[:60], lambda said, blocks=blocks: said["vectors.i8"].update(blocks=blocks))
for name in (layout.VECTORS, layout.TOKENS, layout.TEXT, layout.CODES, layout.LIST_OFFSETS, layout.PASSAGES):
    summed(f"no {name}", lambda said, name=name: said.pop(name))


def rewritten(name: str, file: str, make: Callable[[bytes], bytes]) -> None:
    """A case in which a file of the segment with lists holds other bytes, with checksums that fit."""

    def change(root: Path) -> None:
        path = listed(root) / file
        path.write_bytes(make(path.read_bytes()))
        resigned(root)

    CASES[f"{file}: {name}"] = change


def with_(kind: str, at: int, value: int) -> Callable[[bytes], bytes]:
    """Bytes in which one number is another."""

    def change(data: bytes) -> bytes:
        numbers = np.frombuffer(data, kind).copy()
        numbers[at] = value
        return numbers.tobytes()

    return change


for file, kind in ((layout.TOKEN_OFFSETS, "<u4"), (layout.TEXT_OFFSETS, "<u4")):
    rewritten("beyond the end", file, with_(kind, 5, 2**32 - 1))
    rewritten("the last beyond the end", file, with_(kind, -1, 2**32 - 1))
    rewritten("backwards", file, lambda data: np.frombuffer(data, "<u4")[::-1].tobytes())
    rewritten("a passage that is everything", file, with_("<u4", 3, 0))
rewritten("a frame beyond the end", layout.FRAMES, with_("<u8", 0, HUGE))
rewritten("a frame of rows that are not there", layout.FRAMES, with_("<u8", -1, HUGE))
rewritten("backwards", layout.FRAMES, lambda data: data[::-1])
rewritten("negative", layout.FRAMES, with_("<u8", -2, 2**63 + 5))
rewritten("longer than their passages", layout.HEADS, lambda data: b"\xff" * len(data))
rewritten("ids that are in no vocabulary", layout.TOKENS, with_("<u2", 40, 65535))


def bomb(claimed: int, real: int) -> bytes:
    """A zstd frame of zeros that claims another size."""
    made = zstandard.ZstdCompressor(1, write_checksum=True).compressobj(size=claimed)
    if claimed == real:
        return made.compress(bytes(real)) + made.flush()
    frame = zstandard.ZstdCompressor(1, write_content_size=False).compress(bytes(real))
    return b"\x28\xb5\x2f\xfd" + bytes([0xC0 | 0x20]) + claimed.to_bytes(8, "little") + frame[6:]


rewritten("a frame that claims a million million bytes", layout.TEXT, lambda data: bomb(HUGE, 1 << 20))
rewritten("a frame of other bytes", layout.TEXT, lambda data: bomb(1 << 28, 1 << 28))
rewritten("no frame", layout.TEXT, lambda data: bytes(len(data)))
rewritten("claims a million million bytes", layout.FREQUENCIES, lambda data: bomb(HUGE, 1 << 20))
rewritten("a bomb", layout.FREQUENCIES, lambda data: bomb(1 << 30, 1 << 30))
rewritten("nothing", layout.FREQUENCIES, lambda data: b"")
rewritten("counts too many passages", layout.FREQUENCIES, lambda data: zstandard.compress(b"\xff" * 4 * 30522))


rewritten("cut short", layout.CODES, lambda data: data[:-64])
rewritten("empty", layout.CODES, lambda data: b"")
rewritten("one block more", layout.GAINS, lambda data: data + bytes(16))
rewritten("beyond the end", layout.LIST_OFFSETS, with_("<u4", 3, 2**32 - 1))
rewritten("the last beyond the end", layout.LIST_OFFSETS, with_("<u4", -1, 2**32 - 1))
rewritten("begins later", layout.LIST_OFFSETS, with_("<u4", 0, 1))
rewritten("backwards", layout.LIST_OFFSETS, lambda data: np.frombuffer(data, "<u4")[::-1].tobytes())
rewritten("more lists", layout.LIST_OFFSETS, lambda data: data + data[-4:])
rewritten("a part of a number", layout.LIST_OFFSETS, lambda data: data[:-2])


def catalogued(name: str, *sql: str) -> None:
    """A case in which statements change the database of the segment with lists."""

    def change(root: Path) -> None:
        path = listed(root) / layout.PASSAGES
        connection = duckdb.connect(config={"threads": 1})
        connection.execute(f"ATTACH '{path}' AS s")
        connection.execute("USE s")
        for one in sql:
            connection.execute(one.replace("{secret}", str(outside(root) / "secret")))
        connection.execute("USE memory")
        connection.execute("CHECKPOINT s")
        connection.close()
        resigned(root)

    CASES[f"passages.duckdb: {name}"] = change


COLUMNS = "record, ordinal, start, stop, heading, digest"
catalogued("a view that reads a file", "ALTER TABLE passages RENAME TO real",
    "CREATE VIEW passages AS SELECT record, ordinal, start, stop, "
    "(SELECT content FROM read_text('{secret}')) AS heading, digest FROM real")  # fmt: skip
catalogued("a view of records that reads a file", "ALTER TABLE records RENAME TO real",
    "CREATE VIEW records AS SELECT * REPLACE ((SELECT content FROM read_text('{secret}')) AS title) "
    "FROM real")  # fmt: skip
catalogued("a view of a million million rows", "DROP TABLE passages",
    "CREATE VIEW passages AS SELECT 0::UINTEGER AS record, range::UINTEGER AS ordinal, 0::UBIGINT AS start, "
    f"0::UBIGINT AS stop, '' AS heading, 0::UBIGINT AS digest FROM range({HUGE})")  # fmt: skip
catalogued("a column that is computed", "ALTER TABLE passages RENAME TO real",
    "CREATE TABLE passages(record UINTEGER, ordinal UINTEGER, start UBIGINT, stop UBIGINT, "
    "heading VARCHAR GENERATED ALWAYS AS (repeat('x', 1000000000)), digest UBIGINT)",
    "INSERT INTO passages SELECT record, ordinal, start, stop, digest FROM real", "DROP TABLE real")  # fmt: skip
catalogued("rows by the million", "INSERT INTO passages SELECT 0, 0, 0, 0, '', 0 FROM range(5000000)")
catalogued("no rows", "DELETE FROM passages")
catalogued("fewer rows", "DELETE FROM passages WHERE rowid = 7")
catalogued("records that are not there", "UPDATE passages SET record = 4000000000 WHERE rowid = 7")
catalogued("no records", "DELETE FROM records")
catalogued("a record that is nothing", "UPDATE passages SET record = NULL WHERE rowid = 7")
catalogued("an ordinal that is nothing", "UPDATE passages SET ordinal = NULL")
catalogued("a title that is nothing", "UPDATE records SET title = NULL")
catalogued("another type", "ALTER TABLE passages ALTER ordinal TYPE VARCHAR")
catalogued("no table", "DROP TABLE passages")
catalogued("another column", "ALTER TABLE passages ADD COLUMN more INTEGER")
for text in ("[1]", "nothing", "", "{", "7", "null", "[" * 5000):
    catalogued(f"metadata {text[:12]!r}", f"UPDATE records SET metadata = '{text}'")


@case("passages.duckdb: a journal beside it")
def _(root: Path) -> None:
    path = listed(root) / layout.PASSAGES
    copy = path.with_name("copy.duckdb")
    shutil.copy(path, copy)
    connection = duckdb.connect(config={"threads": 1, "checkpoint_threshold": "1TB"})
    connection.execute(f"ATTACH '{copy}' AS s")
    connection.execute("SET debug_checkpoint_abort = 'none'")
    connection.execute("UPDATE s.records SET title = 'from a journal'")
    shutil.copy(f"{copy}.wal", f"{path}.wal")
    connection.close()
    copy.unlink()


def worded(name: str, change: Callable[[Path], object]) -> None:
    """A case in which the Tantivy index of the segment with lists is another."""

    def made(root: Path) -> None:
        change(listed(root) / layout.WORDS)
        resigned(root)

    CASES[f"words: {name}"] = made


def meta(change: Callable[[dict], object]) -> Callable[[Path], None]:
    """Changes of Tantivy's meta.json."""

    def made(folder: Path) -> None:
        path = folder / "meta.json"
        said = json.loads(path.read_text())
        change(said)
        path.write_text(json.dumps(said))

    return made


worded("no JSON", lambda folder: (folder / "meta.json").write_text("{"))
worded("nested deeply", lambda folder: (folder / "meta.json").write_text("[" * 10**5))
worded("no segments", meta(lambda said: said.update(segments=[])))
worded("documents by the million", meta(lambda said: said["segments"][0].update(max_doc=2**32 - 1)))
worded("fewer documents", meta(lambda said: said["segments"][0].update(max_doc=3)))
worded("a segment elsewhere", meta(lambda said: said["segments"][0].update(segment_id="../../../outside/secret")))
worded("the segment twice", meta(lambda said: said["segments"].append(said["segments"][0])))
worded("other fields", meta(lambda said: said["schema"][0].update(name="line")))
worded("fields of another type", meta(lambda said: said["schema"][1].update(type="u64", options={"indexed": True})))
worded("no fields", meta(lambda said: said.update(schema=[])))


def _tantivy(folder: Path, rows: Callable[[int], int]) -> None:
    """The words of other documents in the place of the real ones."""
    from cascade.index.analyzer import Analyzer
    from cascade.index.lexical import _register, _schema

    shutil.rmtree(folder)
    folder.mkdir()
    index = tantivy.Index(_schema(), str(folder))
    _register(index, Analyzer())
    writer = index.writer(num_threads=1)
    for number in range(130):
        document = tantivy.Document()
        document.add_unsigned("row", rows(number))
        document.add_text("words", f"river bridge unique{number}")
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    segment = folder.parent
    names = [f"{layout.WORDS}/{path.name}" for path in folder.iterdir() if not path.name.endswith(".lock")]
    said = json.loads((segment / layout.SUMS).read_text())
    kept = {name: one for name, one in said.items() if not name.startswith(layout.WORDS)}
    (segment / layout.SUMS).write_text(json.dumps({**kept, **dict.fromkeys(names)}))


worded("rows out of range", lambda folder: _tantivy(folder, lambda number: number + 10**9))
worded("rows beyond any integer", lambda folder: _tantivy(folder, lambda number: 2**64 - 1 - number))


@case("model: numbers that are none")
def _(root: Path) -> None:
    path = root / "model" / "rotation.f32"
    path.write_bytes(with_("<f4", 3, float("nan"))(path.read_bytes()))  # type: ignore[arg-type]
    resigned(root)


@case("model: centroids of another size")
def _(root: Path) -> None:
    (path,) = (root / "model").rglob("centroids.f32")
    path.write_bytes(path.read_bytes() * 2)
    resigned(root)


@case("tombstones: rows that are not there")
def _(root: Path) -> None:
    path = next((root / layout.TOMBSTONES).rglob("*.u32"))
    path.write_bytes(with_("<u4", 0, 2**32 - 1)(path.read_bytes()))
    resigned(root)


@case("tombstones: a part of a row")
def _(root: Path) -> None:
    path = next((root / layout.TOMBSTONES).rglob("*.u32"))
    path.write_bytes(path.read_bytes() + b"\0")
    resigned(root)


def written(root: Path) -> str:
    """What a writer does first."""
    with Writer(root):
        return "written"


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder, and what it holds."""
    return {path.name: path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def main(folder: Path) -> None:
    """Every case, one after the other."""
    base, root, told = folder / "base", folder / "index", {}
    kept = folder / "outside"
    kept.mkdir()
    (kept / "secret").write_text("the secret")
    (kept / "9.u32").write_text("kept")
    assert caged(lambda: small_index(base), 120, 1 << 34).kind == "fine"
    used(base)  # what is loaded here need not be loaded in every child
    for name, change in {**SOUND, **CASES}.items():
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(base, root)
        Layout(root).twin.unlink()  # or that would be read where the manifest is refused
        made = caged(lambda: change(root), 60, 1 << 34)  # noqa: B023
        work = written if name in WRITTEN else used
        ended = caged(lambda: work(root), 20)  # noqa: B023
        told[name] = {"made": made.kind, "kind": ended.kind, "said": ended.said, "took": round(ended.took, 2),
                      "outside": tree(kept)}  # fmt: skip
        if made.kind != "fine":
            told[name]["said"] = made.said
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
