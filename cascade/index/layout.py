"""The only place that spells a file name of the index on disk. docs/format.md explains each.

Knows names and folders; opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FORMAT = 3
"""The format of new indexes. An index keeps its own until `cascade upgrade`."""

READS = (1, 2, 3)
"""The formats this code reads and writes. All others are refused."""

TWINNED = 2
"""The first format with a twin of the manifest."""

LISTED = 3
"""The first format whose inverted lists this code searches; vectors of an older one are compared exactly."""

MANIFEST = "manifest.json"
TWIN = "manifest.twin.json"
MODEL = "model"
ROTATION = "rotation.f32"
CENTROIDS = "centroids.f32"
FUSION = "fusion-"
SEGMENTS = "segments"
TOMBSTONES = "tombstones"
LOCK = "writer.lock"
OWNER = "writer.json"
BUILDING = "building"

VECTORS = "vectors.i8"
CODES = "codes.u64"
GAINS = "codes.gains"
LIST_OFFSETS = "lists.offsets"
OLD_CODES = "codes.faiss"
CODED = (CODES, GAINS, LIST_OFFSETS)
TOKENS = "tokens.u16"
TOKEN_OFFSETS = "tokens.offsets"
HEADS = "tokens.heads"
FREQUENCIES = "tokens.df"
TEXT = "text.zst"
FRAMES = "text.frames"
TEXT_OFFSETS = "text.offsets"
WORDS = "words"
PASSAGES = "passages.duckdb"
SUMS = "sums.json"

LANES = 8
"""Rows in a block of codes; the last block of a file is filled up."""

UNFINISHED = ".unfinished-"
"""Prefix of folders still being written: never read, swept by the next writer."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything of one index lies."""

    root: Path

    @property
    def manifest(self) -> Path:
        """The file that names everything else; written last."""
        return self.root / MANIFEST

    @property
    def twin(self) -> Path:
        """The manifest once more, for when the other is damaged."""
        return self.root / TWIN

    @property
    def rotation(self) -> Path:
        """float32 (dim, dim), orthonormal: stored vectors are encoder vectors times this."""
        return self.root / MODEL / ROTATION

    @property
    def model(self) -> Path:
        """What is shared by segments."""
        return self.root / MODEL

    def fusion(self, hash_: str) -> Path:
        """The index's own fusion of features, JSON."""
        return self.root / MODEL / f"{FUSION}{hash_}.json"

    def generation(self, number: int) -> Path:
        """The folder of one coarse quantizer."""
        return self.root / MODEL / f"generation-{number}"

    def centroids(self, number: int) -> Path:
        """float32 (lists, dim): one coarse quantizer."""
        return self.generation(number) / CENTROIDS

    @property
    def segments(self) -> Path:
        """The folder of segment folders."""
        return self.root / SEGMENTS

    def segment(self, name: str) -> Path:
        """One segment's folder."""
        return self.root / SEGMENTS / name

    @property
    def tombstones(self) -> Path:
        """The folder of folders of deleted rows."""
        return self.root / TOMBSTONES

    def tombstone(self, segment: str, commit: int) -> Path:
        """uint32 row numbers of one segment deleted at one commit."""
        return self.root / TOMBSTONES / segment / f"{commit}.u32"

    @property
    def building(self) -> Path:
        """What workers of a cluster have finished and no commit has taken in yet."""
        return self.root / BUILDING

    @property
    def lock(self) -> Path:
        """Held by the one writer."""
        return self.root / LOCK

    @property
    def owner(self) -> Path:
        """Who holds the lock: pid and host."""
        return self.root / OWNER
