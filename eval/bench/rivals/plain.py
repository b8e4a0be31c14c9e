"""Plain FAISS: exact, HNSW, IVF with 4-bit product quantization, IVF with 1-bit RaBitQ; the last two refined on demand.

Index strings, lists (4 sqrt n) and training (64 vectors a list) are those its wiki recommends below and around a
million vectors. Knows FAISS and the protocol of rivals.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cascade.data import Rows
from eval.bench.rivals.base import Asked, Comparison, Facts, Series, Setting, Usual, probes
from eval.bench.rivals.given import Given

INDEX = "index.faiss"
AT_ONCE = 65_536
TRAINED = 64
"""Vectors a list is trained on: the wiki asks for 30 to 256."""


class _Faiss(Usual):
    """One index file, held in memory while it is open."""

    compares = Comparison.NOMINATION
    page = "https://github.com/facebookresearch/faiss/wiki/Guidelines-to-choose-an-index"

    def build(self, given: Given, folder: Path) -> Facts:
        """Train on a sample where there are lists, add everything, write the file."""
        import faiss

        described = self._described(len(given), given.dim)
        index: Any = faiss.index_factory(given.dim, described, faiss.METRIC_INNER_PRODUCT)
        if not index.is_trained:
            inverted = faiss.extract_index_ivf(_under(index))
            inverted.cp.max_points_per_centroid = TRAINED
            count = min(len(given), max(TRAINED * inverted.nlist, 16_384))
            sample = np.sort(np.random.default_rng(0).choice(len(given), count, replace=False))
            index.train(np.ascontiguousarray(given.vectors[sample]))
        for begin in range(0, len(given), AT_ONCE):
            index.add(np.ascontiguousarray(given.vectors[begin : begin + AT_ONCE]))
        faiss.write_index(index, str(folder / INDEX))
        return {"index": described}

    def open(self, given: Given, folder: Path, threads: int) -> None:
        """Read the file into memory."""
        import faiss

        faiss.omp_set_num_threads(threads)
        self._faiss: Any = faiss
        self._index: Any = faiss.read_index(str(folder / INDEX))

    def rows(self, found: Any) -> Rows:
        """Without the places that were not filled."""
        rows: Rows = found[found >= 0]
        return rows

    def _described(self, count: int, dim: int) -> str:
        raise NotImplementedError


class Flat(_Faiss):
    """Every vector, in float32."""

    name = "faiss-flat"

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """The exact nearest."""
        return self._index.search(asked.vector[None, :], k)[1][0]

    def _described(self, count: int, dim: int) -> str:
        return "Flat"


class Graph(_Faiss):
    """HNSW with 32 links over float32 vectors."""

    name = "faiss-hnsw32"

    def settings(self, k: int) -> Sequence[Series]:
        """`efSearch`, which is never under k."""
        return [[{"efSearch": max(1, round(k * times))} for times in (1, 2, 4, 8, 16) if k * times <= 60_000]]

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """The nearest that the graph leads to."""
        how = self._faiss.SearchParametersHNSW(efSearch=int(setting["efSearch"]))
        return self._index.search(asked.vector[None, :], k, params=how)[1][0]

    def _described(self, count: int, dim: int) -> str:
        return "HNSW32"


class _Inverted(_Faiss):
    """Lists of codes, and float32 vectors to refine with: `k_factor` times k codes are compared again, 0: none."""

    def open(self, given: Given, folder: Path, threads: int) -> None:
        """Read the file into memory."""
        import faiss

        super().open(given, folder, threads)
        self._codes: Any = faiss.downcast_index(self._index.base_index)
        self._lists: Any = faiss.downcast_index(faiss.extract_index_ivf(self._codes))

    def settings(self, k: int) -> Sequence[Series]:
        """`nprobe` by what is refined; for many rows also on several threads, which FAISS leaves to its user."""
        lists = self._lists.nlist
        if k > 1_000:
            single = [probes(lists, {"k_factor": factor}) for factor in (0, 1)]
            return [*single, probes(lists, {"k_factor": 0, "threaded": 1})]
        return [probes(lists, {"k_factor": factor}) for factor in (2, 8, 32)]

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """The nearest of the probed lists by their codes, refined or not."""
        self._lists.nprobe = int(setting["nprobe"])
        self._thread(bool(setting.get("threaded")))
        if not setting["k_factor"]:
            return self._codes.search(asked.vector[None, :], k)[1][0]
        how = self._faiss.IndexRefineSearchParameters(k_factor=float(setting["k_factor"]))
        return self._index.search(asked.vector[None, :], k, params=how)[1][0]

    def _thread(self, on: bool) -> None:
        raise NotImplementedError


class Product(_Inverted):
    """IVF with 4-bit product quantization scanned fast, half a byte for every two dimensions."""

    name = "faiss-ivf-pqfs"

    def _described(self, count: int, dim: int) -> str:
        return f"IVF{_lists(count)},PQ{dim // 2}x4fs,RFlat"

    def _thread(self, on: bool) -> None:
        self._lists.implem = 14 if on else 0  # 14: also a single question on several threads


class Binary(_Inverted):
    """IVF with 1-bit RaBitQ codes of rotated vectors."""

    name = "faiss-ivf-rabitq"

    def _described(self, count: int, dim: int) -> str:
        return f"RR{dim},IVF{_lists(count)},RaBitQ,RFlat"

    def _thread(self, on: bool) -> None:
        self._lists.parallel_mode = 1 if on else 0  # 1: the lists of one question on several threads


def _lists(count: int) -> int:
    return max(1, int(4 * np.sqrt(count)))


def _under(index: Any) -> Any:
    """What a refining index refines."""
    import faiss

    return faiss.downcast_index(index.base_index) if hasattr(index, "base_index") else index
