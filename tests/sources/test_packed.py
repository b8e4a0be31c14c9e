"""Archives and compressed files: members are records, damage is named, bombs are refused, names are only names."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import tracemalloc
import zipfile
import zlib

import pytest
import zstandard

FILES = {"a.txt": b"first", "sub/b.md": b"# Second\n", "photo.png": b"\x89PNG", ".hidden": b"x"}


def zipped(files, compression=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


ARCHIVES = {
    "x.zip": zipped(FILES),
    "x.tar": tarred(FILES),
    "x.tar.gz": gzip.compress(tarred(FILES)),
    "x.tgz": gzip.compress(tarred(FILES)),
    "x.tar.bz2": bz2.compress(tarred(FILES)),
    "x.tar.xz": lzma.compress(tarred(FILES)),
    "x.tar.zst": zstandard.ZstdCompressor().compress(tarred(FILES)),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_the_members_of_an_archive_are_records(tmp_path, read, name):
    (tmp_path / name).write_bytes(ARCHIVES[name])
    outcome = read(tmp_path / name)
    assert {locator: record.text for locator, record in outcome.records.items()} == {
        f"{name}!a.txt": "first",
        f"{name}!sub/b.md": "# Second\n",
    }
    assert set(outcome.passed) == {f"{name}!photo.png", f"{name}!.hidden"}
    assert outcome.records[f"{name}!sub/b.md"].title == "Second"


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_in_a_folder_gives_the_same_locators(tmp_path, read, name):
    (tmp_path / name).write_bytes(ARCHIVES[name])
    assert list(read(tmp_path).records) == list(read(tmp_path / name).records)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress])
def test_a_compressed_file_is_read_by_the_name_inside(tmp_path, read, pack):
    suffix = {gzip.compress: "gz", bz2.compress: "bz2", lzma.compress: "xz"}.get(pack, "zst")
    (tmp_path / f"notes.md.{suffix}").write_bytes(pack(b"# Notes\n"))
    record = read(tmp_path).only
    assert (record.locator, record.title, record.text) == (f"notes.md.{suffix}", "Notes", "# Notes\n")


def test_an_archive_in_an_archive_is_opened_once_and_no_deeper(tmp_path, read):
    inner = zipped({"deep.zip": zipped({"c.txt": b"third"}), "b.txt": b"second"})
    (tmp_path / "x.zip").write_bytes(zipped({"inner.zip": inner}))
    outcome = read(tmp_path)
    assert list(outcome.records) == ["x.zip!inner.zip!b.txt"]
    assert outcome.faults["x.zip!inner.zip!deep.zip"].startswith("It is an archive within an archive within an archive")


def test_an_archive_in_a_streamed_tar_is_opened(tmp_path, read):
    (tmp_path / "x.tgz").write_bytes(gzip.compress(tarred({"in.zip": zipped({"a.txt": b"first"}), "b.txt": b"second"})))
    assert list(read(tmp_path).records) == ["x.tgz!in.zip!a.txt", "x.tgz!b.txt"]


def test_names_in_an_archive_reach_no_file(tmp_path, read):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.zip").write_bytes(zipped({"../../evil.txt": b"text", "/abs.txt": b"text"}))
    before = sorted(tmp_path.rglob("*"))
    read(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_links_and_devices_in_a_tar_are_left_alone(tmp_path, read):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            member = tarfile.TarInfo(f"m{kind.decode()}.txt")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    (tmp_path / "x.tar").write_bytes(out.getvalue())
    assert read(tmp_path).records == {}


def test_an_encrypted_member_is_named_and_the_others_are_read(tmp_path, read):
    data = bytearray(zipped({"a.txt": b"first", "b.txt": b"second"}, zipfile.ZIP_STORED))
    entry = data.index(b"PK\x01\x02")
    for at in (data.index(b"PK\x03\x04") + 6, entry + 8):
        struct.pack_into("<H", data, at, 1)
    (tmp_path / "x.zip").write_bytes(bytes(data))
    outcome = read(tmp_path)
    assert outcome.faults == {"x.zip!a.txt": "It is encrypted; unpack the archive with its password first."}
    assert list(outcome.records) == ["x.zip!b.txt"]


def test_a_damaged_member_is_named_and_the_others_are_read(tmp_path, read):
    data = bytearray(zipped({"a.txt": b"first text", "b.txt": b"second"}, zipfile.ZIP_STORED))
    data[data.index(b"first text")] ^= 1
    (tmp_path / "x.zip").write_bytes(bytes(data))
    outcome = read(tmp_path)
    assert outcome.faults["x.zip!a.txt"].startswith("Its compressed data are damaged (Bad CRC-32")
    assert list(outcome.records) == ["x.zip!b.txt"]


@pytest.mark.parametrize("name", [name for name in ARCHIVES if name != "x.tar"])
def test_an_archive_cut_short_is_named(tmp_path, read, name):
    (tmp_path / name).write_bytes(ARCHIVES[name][: len(ARCHIVES[name]) // 2])
    (tmp_path / "y.txt").write_text("the rest")
    outcome = read(tmp_path)
    assert name in outcome.faults
    assert outcome.records["y.txt"].text == "the rest"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress])
def test_a_compressed_file_cut_short_is_named_as_such(tmp_path, read, pack):
    (tmp_path / "data").write_bytes(pack(bytes(str(list(range(5000))), "ascii"))[:-12])
    assert read(tmp_path).faults["data"].startswith(("It ends too early", "Its compressed data are damaged"))


def test_rows_before_the_damage_are_kept(tmp_path, read):
    rows = b"".join(b'{"text": "row %d"}\n' % n for n in range(20_000))
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(rows)[:-100])
    outcome = read(tmp_path)
    assert outcome.faults["c.jsonl.gz"] == "It ends too early: the compressed data are cut short."
    assert len(outcome.records) > 10_000


def bomb(size: int) -> bytes:
    """A gzip file of zeros that unpacks to `size` MiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(size)), packer.flush()])


@pytest.mark.parametrize("name", ["x.txt.gz", "x.csv.gz", "x.html.gz", "x.jsonl.gz"])
def test_a_bomb_is_refused_and_not_held(tmp_path, read, name):
    (tmp_path / name).write_bytes(bomb(100))
    tracemalloc.start()
    outcome = read(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert list(outcome.faults) == [name]
    assert outcome.records == {}
    assert peak < 64 << 20 or name == "x.html.gz"


def test_a_bomb_in_a_tar_is_refused(tmp_path, read):
    (tmp_path / "x.tar.gz").write_bytes(gzip.compress(tarred({"a.jsonl": b"x" * (100 << 20)}), 9))
    assert "x.tar.gz" in "".join(read(tmp_path).faults)


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path, read):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.txt", "w") as member:
        for _ in range(100):
            member.write(bytes(1 << 20))
    (tmp_path / "x.zip").write_bytes(out.getvalue())
    assert read(tmp_path).faults["x.zip"].startswith("It unpacks to more than 200 times its size")


def test_a_file_compressed_twice_is_named(tmp_path, read):
    (tmp_path / "a.gz").write_bytes(gzip.compress(gzip.compress(b"text")))
    assert read(tmp_path).faults == {"a.gz": "It is compressed twice; unpack it first."}
