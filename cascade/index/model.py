"""What the segments of a commit share: the rotation of vectors, and the lists they are in.

Knows the folder `model/` and the manifest; knows no segment.
"""

from __future__ import annotations

from cascade.data import Floats
from cascade.errors import Corrupt
from cascade.index import checks, files, layout, vectors
from cascade.index.coarse import Lists
from cascade.index.layout import Layout
from cascade.index.manifest import Generation, Manifest


def rotation(where: Layout, manifest: Manifest) -> Floats:
    """The index's rotation, float32 (dim, dim); a damaged one is made again, and taken if it has the hash the manifest
    names. Raises Corrupt."""
    dim = manifest.built.dim
    try:
        return checks.matrix(where.rotation, manifest.rotation, dim, dim)
    except Corrupt:
        again = vectors.rotation(dim)
        if files.digest(again.tobytes()) != manifest.rotation:
            raise
        return again


def lists(where: Layout, manifest: Manifest, generation: Generation) -> Lists:
    """One coarse quantizer. Raises Corrupt."""
    path = where.centroids(generation.number)
    return Lists(checks.matrix(path, generation.hash, generation.lists, manifest.built.dim), generation.begins)


def newest(where: Layout, manifest: Manifest) -> Lists | None:
    """The coarse quantizer that new segments use; None where none was trained, or not by this format.

    Raises Corrupt.
    """
    if manifest.generation is None or manifest.format < layout.LISTED:
        return None
    return lists(where, manifest, manifest.generation)
