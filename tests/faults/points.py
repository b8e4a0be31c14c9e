"""Every step at which a work is killed, by name: what harness.plain leaves of a path. A new one must be listed."""

from __future__ import annotations


def written(*paths: str) -> set[str]:
    """Files that are written through the file layer: before, and with half of the bytes there."""
    return {f"{kind} {path}" for path in paths for kind in ("write", "write half")}


def replaced(path: str) -> set[str]:
    """A file that is written aside, renamed, and its folder flushed."""
    folder = path.rpartition("/")[0] or "."
    return {*written(f"{path}.tmp"), f"rename to {path}", f"flush folder {folder}"}


OWN = ("vectors.i8", "tokens.u16", "tokens.offsets", "tokens.heads", "tokens.df", "text.zst", "text.frames",
       "text.offsets", "sums.json")  # fmt: skip
WORDS = tuple(f"words/{name}" for name in (
    ".managed.json", "H.fast", "H.fieldnorm", "H.idx", "H.pos", "H.store", "H.term", "meta.json"))  # fmt: skip
LOCKS = ("words/.tantivy-meta.lock", "words/.tantivy-writer.lock")
ASIDE, SEGMENT = "index/segments/.unfinished-N", "index/segments/N"

MANIFEST = {"flush folder ."} | replaced("index/manifest.json") | replaced("index/manifest.twin.json")
SEGMENTS = {
    f"clear {ASIDE}", f"clear {SEGMENT}", f"make {ASIDE}", f"make {ASIDE}/words",
    *written(*(f"{ASIDE}/{name}" for name in OWN)),
    *(f"flush {ASIDE}/{name}" for name in (*WORDS, "passages.duckdb")), *(f"remove {ASIDE}/{name}" for name in LOCKS),
    f"flush folder {ASIDE}", f"flush folder {ASIDE}/words", f"rename to {SEGMENT}", "flush folder index/segments",
}  # fmt: skip
GRAVES = {"make index/tombstones/N", *replaced("index/tombstones/N/C.u32"), "flush folder index/tombstones"}
SWEPT = {"remove index/tombstones/N/C.u32", "remove index/tombstones/N"}
LAID_OUT = {
    "make index", "flush folder .", "make index/model", "make index/segments", "make index/tombstones",
    *written("index/model/rotation.f32"), "flush folder index/model",
}  # fmt: skip
LISTS = {
    "clear index/model/generation-G", "make index/model/generation-G",
    *written("index/model/generation-G/centroids.f32"), "flush folder index/model/generation-G",
    "flush folder index/model",
    *written(*(f"{ASIDE}/{name}" for name in ("codes.u64", "codes.gains", "lists.offsets"))),
}  # fmt: skip
STORED = {
    "make store/objects/HH", *replaced("store/objects/HH/H"), "flush folder store/objects", "flush folder store",
    "flush folder .", "make store/snapshots", *replaced("store/snapshots/LIST.json"),
}  # fmt: skip
BESIDE = ".unfinished-index"
RESTORED = {
    f"clear {BESIDE}", f"make {BESIDE}", "flush folder .", "rename to index",
    *(f"make {BESIDE}/{name}" for name in ("model", "segments", "tombstones", "segments/N", "segments/N/words")),
    *(f"flush folder {BESIDE}{name}" for name in ("", "/model", "/segments", "/segments/N", "/segments/N/words")),
    *written(*(f"{BESIDE}/{name}" for name in ("manifest.json", "manifest.twin.json", "model/rotation.f32"))),
    *written(*(f"{BESIDE}/segments/N/{name}" for name in (*OWN, *WORDS, "passages.duckdb"))),
}  # fmt: skip

POINTS = {
    "create": LAID_OUT | MANIFEST | SEGMENTS,
    "add": SEGMENTS | MANIFEST,
    "replace": SEGMENTS | GRAVES | MANIFEST | SWEPT,
    "build in slices": LAID_OUT | SEGMENTS | MANIFEST,
    "delete": GRAVES | MANIFEST,
    "compact": SEGMENTS | MANIFEST | SWEPT,
    "compact into lists": LISTS | SEGMENTS | MANIFEST | SWEPT,
    "repair": SEGMENTS | MANIFEST,
    "upgrade": MANIFEST | {"remove index/manifest.twin.json"},
    "fuse": replaced("index/model/fusion-H.json") | MANIFEST,
    "backup": STORED,
    "restore": RESTORED,
}
