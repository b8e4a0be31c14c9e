"""What of a file is in memory, as the system tells."""

import mmap
import os
import sys

import pytest

from cascade.index.residency import resident

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="pages are let go by posix_fadvise here")


def written(path, pages):
    with path.open("wb") as file:
        file.write(bytes(pages * mmap.PAGESIZE - 7))
        file.flush()
        os.fsync(file.fileno())
    return path


def test_a_file_that_was_just_written_is_in_memory_whole(tmp_path):
    path = written(tmp_path / "a", 40)
    assert resident([path]) == path.stat().st_size


def test_pages_that_were_let_go_are_not_counted(tmp_path):
    path = written(tmp_path / "a", 4000)
    handle = os.open(path, os.O_RDONLY)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(handle)
    if resident([path]):
        pytest.skip("this file system keeps its files in memory")
    with path.open("rb") as file:
        file.read(10)
    assert 0 < resident([path]) < 4000 * mmap.PAGESIZE


def test_empty_and_missing_files_count_nothing(tmp_path):
    (tmp_path / "empty").touch()
    assert resident([tmp_path / "empty", tmp_path / "none"]) == resident([]) == 0
