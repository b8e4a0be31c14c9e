"""What a picture shows: the text in it, and whether another looks the same. Decodes pixels, within bounds.

Text is read by rapidocr-onnxruntime (Apache-2.0), whose three models come in its wheel: nothing is fetched. It takes
3 to 13 s a picture on two busy cores, and is done only where the grant asks for it. Likeness is that of two hashes of
a small grey copy (`imagehash`, BSD-2): gradients (dHash) and frequencies (pHash), both close, so that two blank
screens are not alike for being blank. Knows pictures; knows nothing of where they lie.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from indexers.sources.extras import need
from indexers.sources.faults import Unreadable, sentence

MOST_PIXELS = 60_000_000
"""Pixels past which a picture is not decoded: as RGB they take 180 MB, and a colour may take four bytes."""
_MOST_SCALED = 120_000_000
"""The same for a JPEG that is not progressive: it is scaled down while it is decoded, a row at a time."""
_SIDE = 1_600
"""Longest side, in pixels, of what text is looked for in."""
_SURE = 0.5
_CLOSE, _CLOSER = 6, 8
"""Bits of 64 that two pictures' gradients, and frequencies, may differ by and be alike."""
_PLAIN = 6
"""Bits of gradients, set or not, below which a picture is too plain to be compared."""


def decoded(picture: Any, side: int) -> Any:
    """A copy in RGB whose longest side is at most about `side`. Raises Unreadable past `MOST_PIXELS`."""
    ops = need("PIL.ImageOps", "photos")
    width, height = picture.size
    scaled = picture.format in {"JPEG", "MPO"} and not picture.info.get("progressive")
    if width * height > (_MOST_SCALED if scaled else MOST_PIXELS):
        raise Unreadable(f"It has {width * height / 1e6:.0f} million pixels, too many to look at.")
    picture.draft("RGB", (side, side))
    picture.thumbnail((side * 2, side * 2))
    small = ops.exif_transpose(picture).convert("RGB")
    small.thumbnail((side, side))
    return small


@cache
def _recognizer() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return need("rapidocr_onnxruntime", "photos").RapidOCR()


class Text:
    """Reads the text in pictures; the same picture is read once in a run."""

    def __init__(self) -> None:
        self._read: dict[str, str] = {}

    def of(self, picture: Any, digest: str) -> str:
        """The lines of text in an opened picture, parted by line ends; empty where there is none.

        `digest` is that of its bytes. Raises Unreadable where it cannot be decoded or the models are not installed.
        """
        if digest not in self._read:
            self._read[digest] = self._lines(picture)
        return self._read[digest]

    def _lines(self, picture: Any) -> str:
        array = need("numpy", "photos").asarray(decoded(picture, _SIDE))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found, _ = _recognizer()(array)
        except Exception as error:  # a model may fail on any picture
            raise Unreadable(f"The text in it cannot be read: {sentence(error)}") from error
        lines = (" ".join(str(text).split()) for _, text, sure in found or () if float(sure) >= _SURE)
        return "\n".join(line for line in lines if line)


@dataclass(slots=True)
class Likeness:
    """Pictures seen in this run, by hash. Two that differ in at most 7 of 64 bits agree in one of eight bytes."""

    _bands: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    _seen: list[tuple[int, int, str]] = field(default_factory=list)

    def first(self, picture: Any, name: str) -> str:
        """The name of the first picture seen that this one is nearly the same as; else empty, and this one is seen.

        Raises Unreadable where it cannot be decoded.
        """
        hashes = need("imagehash", "photos")
        small = decoded(picture, 128)
        gradients, frequencies = (int(str(hashed(small)), 16) for hashed in (hashes.dhash, hashes.phash))
        if not _PLAIN <= gradients.bit_count() <= 64 - _PLAIN:
            return ""
        for row in self._near(gradients):
            other, others, first = self._seen[row]
            if (gradients ^ other).bit_count() <= _CLOSE and (frequencies ^ others).bit_count() <= _CLOSER:
                return first
        for band in _bytes(gradients):
            self._bands.setdefault(band, []).append(len(self._seen))
        self._seen.append((gradients, frequencies, name))
        return ""

    def _near(self, gradients: int) -> list[int]:
        return sorted({row for band in _bytes(gradients) for row in self._bands.get(band, ())})


def _bytes(value: int) -> Iterator[tuple[int, int]]:
    yield from ((place, value >> 8 * place & 0xFF) for place in range(8))
