"""Files: checked block by block as they are touched, and put in place in one step."""

from __future__ import annotations

import mmap
import os
import sys
import time

import numpy as np
import pytest

from cascade.errors import Corrupt
from cascade.index import files
from cascade.index.files import BLOCK, Mapped
from cascade.index.residency import resident


def three_blocks(folder, columns=64):
    path = folder / "data.i8"
    rows = (2 * BLOCK + BLOCK // 2) // columns
    data = np.random.default_rng(0).integers(-127, 127, (rows, columns)).astype(np.int8)
    files.write(path, data)
    return path, data, files.checksum(path)


def test_a_sum_covers_size_and_each_mebibyte(tmp_path):
    _, data, total = three_blocks(tmp_path)
    assert (total.size, len(total.blocks)) == (data.size, 3)


def test_only_the_touched_block_is_checked(tmp_path):
    path, data, total = three_blocks(tmp_path)
    with path.open("r+b") as file:
        file.seek(BLOCK + 5)
        file.write(bytes([data.view(np.uint8).reshape(-1)[BLOCK + 5] ^ 0xFF]))
    mapped = Mapped(path, total, "i1", 64)
    mapped.touch(np.array([0, BLOCK // 64 - 1, 2 * BLOCK // 64]))
    for _ in range(2):  # it is said again, not only once
        with pytest.raises(Corrupt, match=f"at byte {BLOCK}"):
            mapped.touch(np.array([BLOCK // 64]))
    with pytest.raises(Corrupt, match=f"at byte {BLOCK}"):
        mapped.touch()
    with pytest.raises(Corrupt, match=f"at byte {BLOCK}"):
        files.check(path, total)


def test_an_item_across_two_blocks_touches_both(tmp_path):
    path, _, total = three_blocks(tmp_path, columns=96)
    raw = bytearray(path.read_bytes())
    raw[BLOCK] ^= 1
    path.write_bytes(raw)
    with pytest.raises(Corrupt):
        Mapped(path, total, "i1", 96).touch(np.array([BLOCK // 96]))


def let_go(mapped):
    with mapped.path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if resident([mapped.path]):
        pytest.skip("this file system keeps its files in memory")


def eight_mebibytes(folder):
    data = np.random.default_rng(0).integers(-127, 127, (1 << 17, 64)).astype(np.int8)
    files.write(folder / "data.i8", data)
    mapped = Mapped(folder / "data.i8", files.checksum(folder / "data.i8"), "i1", 64)
    mapped.scattered()
    return mapped, data


@pytest.mark.skipif(sys.platform != "linux", reason="pages are let go by posix_fadvise here")
def test_of_a_file_that_is_read_here_and_there_only_what_is_touched_is_brought(tmp_path):
    mapped, data = eight_mebibytes(tmp_path)
    let_go(mapped)
    assert (mapped.data[70_000] == data[70_000]).all()
    assert 0 < resident([mapped.path]) <= 64 * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="pages are let go by posix_fadvise here")
def test_what_is_expected_is_brought_before_it_is_read_and_nothing_else(tmp_path):
    mapped, _ = eight_mebibytes(tmp_path)
    let_go(mapped)
    begins = np.arange(0, 1 << 17, 4096)  # one of 64 pages
    mapped.expect(begins, begins + 1)
    wanted, until = len(begins) * mmap.PAGESIZE, time.monotonic() + 10
    while resident([mapped.path]) < wanted and time.monotonic() < until:
        time.sleep(0.01)
    assert wanted <= resident([mapped.path]) <= 2 * wanted


def test_an_empty_file_is_an_empty_array(tmp_path):
    path = tmp_path / "none.u16"
    files.write(path, b"")
    mapped = Mapped(path, files.checksum(path), "<u2")
    mapped.scattered()
    mapped.touch()
    assert mapped.data.tolist() == []


def test_a_replaced_file_has_the_new_content_and_leaves_nothing_aside(tmp_path):
    path = tmp_path / "manifest.json"
    for content in (b"old", b"new"):
        files.replace(path, content)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_published_folder_has_its_name(tmp_path):
    aside = tmp_path / "aside"
    (aside / "words").mkdir(parents=True)
    files.write(aside / "words" / "one", b"1")
    files.publish(aside, tmp_path / "final")
    assert (tmp_path / "final" / "words" / "one").read_bytes() == b"1"
    assert not aside.exists()
