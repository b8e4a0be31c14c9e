"""Whether anything of a grant is left: every byte of every file is looked through, sealed ones also as they unseal.

What is sought are pieces of the erased texts that were taken before (`sampled`), and whatever the caller gives. Sealed
files are tried with every key that is left, as what they say they are and as what the erased grant would have made of
them. A piece that another grant holds too, because the same was read under it, is no remnant: it is counted apart.
Knows sealed files and bytes; knows nothing of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cascade.errors import CascadeError, Corrupt
from cascade.index.catalog import TEXT
from indexers.personal import layout
from indexers.personal.layout import Layout
from indexers.personal.receipts import Scan
from indexers.personal.sealing import MAGIC, Label, unseal
from indexers.personal.vault.notes import KIND as NOTE
from indexers.personal.vault.packing import Packed, unpack
from indexers.personal.vault.records import LIVE, SEGMENT
from indexers.personal.vault.resident import HeldTexts
from indexers.personal.vault.unlocked import Unlocked

PIECES, LENGTH = 32, 40
"""How many pieces of what is erased are sought, and how many characters each has."""

_PART = 1 << 22
_KINDS = (SEGMENT, NOTE, LIVE)


def sampled(unlocked: Unlocked, grant: str) -> list[bytes]:
    """Pieces of the texts of a grant, spread over all of its segments. Raises NoKey, Corrupt."""
    entries = unlocked.records.live(grant).segments
    each = max(1, PIECES // max(1, len(entries)))
    found: dict[bytes, None] = {}
    for entry in entries:
        packed = unlocked.records.segment(grant, entry.name)
        rows = np.unique(np.linspace(0, len(packed) - 1, min(each, len(packed))).astype(np.int64))
        found.update((piece, None) for text in texts(packed, rows) if (piece := _piece(text)))
    return list(found)


def pieces(given: Iterable[str]) -> list[bytes]:
    """Pieces of texts, at most `PIECES`."""
    found = list(dict.fromkeys(piece for text in given if (piece := _piece(text))))
    return found[:: max(1, len(found) // PIECES)]


def texts(packed: Packed, rows: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None) -> list[str]:
    """The texts of passages."""
    wanted = np.arange(len(packed), dtype=np.int64) if rows is None else rows
    return [text.decode("utf-8", "replace") for text in HeldTexts(Path("segment"), packed).read(wanted)[0]]


def scan(
    where: Layout, unlocked: Unlocked | None, gone: str, given: Iterable[bytes], sample: Iterable[bytes], *also: Path
) -> Scan:
    """Look through a vault and the folders in `also` (temporary files, backups).

    `gone` is the erased grant. `given` pieces must be nowhere at all; `sample` pieces may be with other grants.
    """
    search = _Search(where, unlocked, gone, tuple(set(given)), tuple(set(sample) - set(given)))
    for folder in (where.root, *also):
        for path in _files(folder):
            search.look(path)
    return search.told()


@dataclass(slots=True)
class _Search:
    where: Layout
    unlocked: Unlocked | None
    gone: str
    given: tuple[bytes, ...]
    sample: tuple[bytes, ...]
    files: int = 0
    size: int = 0
    unsealed: int = 0
    found: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    shared: set[bytes] = field(default_factory=set)

    def look(self, path: Path) -> None:
        """One file: as it is, and as it unseals."""
        try:
            begin = self._raw(path)
            if self.unlocked and begin.startswith(MAGIC):
                self._sealed(self.unlocked, path)
        except FileNotFoundError:  # another process removed it meanwhile
            return
        except OSError:
            self.unread.append(str(path))
        self.files += 1

    def _raw(self, path: Path) -> bytes:
        """Look through the bytes as they are; the first of them."""
        every = (*self.given, *self.sample)
        overlap = max(map(len, every), default=1) - 1
        begin, held, hit = b"", b"", False
        with path.open("rb") as file:
            while part := file.read(_PART):
                begin = begin or part[: len(MAGIC)]
                self.size += len(part)
                held = (held[-overlap:] if overlap else b"") + part
                hit = hit or any(piece in held for piece in every)
        if hit:
            self.found.append(str(path))
        return begin

    def _sealed(self, unlocked: Unlocked, path: Path) -> None:
        owner, content = _unsealed(unlocked, path, path.read_bytes(), self.gone)
        if not owner:
            return
        self.unsealed += 1
        hits = {piece for piece in self.sample if piece in content}
        if any(piece in content for piece in self.given) or (hits and owner == self.gone):
            self.found.append(f"{path} (unsealed)")
        self.shared |= hits

    def told(self) -> Scan:
        """What was seen."""
        sought = len(self.given) + len(self.sample)
        found, unread = tuple(self.found), tuple(self.unread)
        return Scan(sought, self.files, self.size, self.unsealed, found, len(self.shared), unread)


def _unsealed(unlocked: Unlocked, path: Path, raw: bytes, gone: str) -> tuple[str, bytes]:
    """The grant that a sealed file belongs to and what it holds, by whichever key and label open it; empty for none."""
    name, folder = path.name.removesuffix(layout.SEALED), path.parent.name
    for grant in unlocked.grants():
        for owner in dict.fromkeys((folder, grant, gone)):
            for kind in _KINDS:
                label = Label(unlocked.vault.id, owner, kind, "" if kind == LIVE else name)
                with suppress(CascadeError):
                    content = _opened(unlocked, grant, label, raw, path)
                    return owner, _spelled(content) if kind == SEGMENT else content
    return "", b""


def _opened(unlocked: Unlocked, grant: str, label: Label, raw: bytes, path: Path) -> bytes:
    if label.grant == grant:
        return unlocked.keys.unseal(label, raw, path)
    return unseal(unlocked.keys.key(grant), label, raw, path)


def _spelled(content: bytes) -> bytes:
    """A segment with its texts and columns of strings unpacked."""
    try:
        packed = unpack(content)
    except Corrupt:
        return content
    columns = (*packed.catalog.records.values(), *packed.catalog.passages.values())
    said = [str(value) for column in columns if column.dtype == TEXT for value in column.tolist()]
    words = [term for postings in packed.words.values() for term in postings.terms]
    return "\n".join((*texts(packed), *said, *words)).encode("utf-8", "surrogatepass")


def _piece(text: str) -> bytes:
    """The middle of a text, where it is long enough to be no other's."""
    at = max(0, len(text) // 2 - LENGTH // 2)
    piece = text[at : at + LENGTH].encode("utf-8", "surrogatepass")
    return piece if len(piece) >= LENGTH // 2 else b""


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path
