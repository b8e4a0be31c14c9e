"""Archives as folders: what is in them, in which order, and what is refused."""

from __future__ import annotations

import io
import random
import sqlite3
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from personal.reading import Tree, content, names, plant, reading, reasons, tarred, zipped

from cascade.errors import OutsideScope
from indexers.personal.granted import archives, shelf
from indexers.personal.grants import Scope
from indexers.sources.connectors.base import File
from indexers.sources.faults import FAULTS, Unreadable

TREE: Tree = {"b/2.txt": "two", "a/1.txt": "one", "Party!.txt": "!", "a/.hidden": "no", "__MACOSX/x": "no"}


@pytest.mark.parametrize(
    ("name", "made", "order"),
    [
        ("x.zip", zipped(TREE), ["Party!.txt", "a/1.txt", "b/2.txt"]),
        ("x.zip", zipped(TREE, zipfile.ZIP_STORED), ["Party!.txt", "a/1.txt", "b/2.txt"]),
        ("x.tgz", tarred(TREE), ["b/2.txt", "a/1.txt", "Party!.txt"]),
        ("x.tar.gz", tarred(TREE), ["b/2.txt", "a/1.txt", "Party!.txt"]),
        ("x.TAR", tarred(TREE, "w:"), ["b/2.txt", "a/1.txt", "Party!.txt"]),
        ("x.tar.xz", tarred(TREE, "w:xz"), ["b/2.txt", "a/1.txt", "Party!.txt"]),
        ("x.tar.bz2", tarred(TREE, "w:bz2"), ["b/2.txt", "a/1.txt", "Party!.txt"]),
    ],
)
@pytest.mark.parametrize("as_root", [True, False])
def test_an_archive_is_a_folder(tmp_path: Path, name: str, made: bytes, order: list[str], as_root: bool) -> None:
    plant(tmp_path / "n", {name: made})
    with reading(tmp_path / "s", tmp_path / "n" / name if as_root else tmp_path / "n") as granted:
        files = list(granted.reader.files())
        assert [(file.name, file.path) for file in files] == [(f"{name}!{path}", path) for path in order]
        assert [content(granted, file) for file in files] == [str(TREE[path]).encode() for path in order]
        assert content(granted, files[0]) == str(TREE[order[0]]).encode()  # going back works too
        assert set(reasons(granted)) == {f"{name}!a/.hidden", f"{name}!__MACOSX/"}
        assert names(granted, "A/*.TXT") == [f"{name}!a/1.txt"]
        with granted.reader.open(files[0]) as stream:
            assert not stream.seekable()


def test_members_of_a_tar_can_be_open_at_once(tmp_path: Path) -> None:
    plant(tmp_path / "n", {"x.tgz": tarred({"a": "1" * 100_000, "b": "2" * 100_000})})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        a, b = granted.reader.files()
        with granted.reader.open(b) as second, granted.reader.open(a) as first:
            assert (first.read(), second.read()) == (b"1" * 100_000, b"2" * 100_000)


@pytest.mark.parametrize(("kind", "make"), [("zip", zipped), ("tgz", tarred)])
def test_more_archives_than_can_be_open_are_read_and_an_open_member_stays_open(
    tmp_path: Path, kind: str, make: Callable[[Tree], bytes]
) -> None:
    count = 2 * shelf.OPEN
    plant(tmp_path / "n", {f"part-{n:03}.{kind}": make({f"{n:03}.txt": f"{n}" * 300_000}) for n in range(count)})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        files = list(granted.reader.files())
        with granted.reader.open(files[3]) as stream:
            begin = stream.read(10)
            assert [content(granted, file)[:3] for file in files] == [f"{n}{n}{n}"[:3].encode() for n in range(count)]
            assert begin + stream.read() == b"3" * 300_000


def test_the_parts_of_an_export_are_one_folder_in_the_order_of_paths(tmp_path: Path) -> None:
    parts = {
        "takeout-20240101T000000Z-001.zip": zipped({"Takeout/Photos/b.jpg": "", "Takeout/Mail/x.mbox": ""}),
        "takeout-20240101T000000Z-002.zip": zipped({"Takeout/Photos/a.jpg": "", "Takeout/Photos/b.jpg.json": ""}),
        "takeout-20240101T000000Z-010.zip": b"no zip",
        "zebra.txt": "last",
    }
    plant(tmp_path / "n", parts)
    found = ["Takeout/Mail/x.mbox", "Takeout/Photos/a.jpg", "Takeout/Photos/b.jpg", "Takeout/Photos/b.jpg.json"]
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        assert [file.path for file in granted.reader.files()] == [*found, "zebra.txt"]
        assert list(reasons(granted)) == ["takeout-20240101T000000Z-010.zip"]
    roots = [tmp_path / "n" / name for name in list(parts)[:2]]
    with reading(tmp_path / "s", *roots) as granted:
        assert [file.path for file in granted.reader.files()] == found


def test_a_zip_in_a_zip_is_a_folder_too_one_level_deep(tmp_path: Path) -> None:
    deepest = zipped({"z.md": ""})
    inner = zipped({"Page a.md": "a", "deeper.zip": deepest, "t.tar": tarred({"q": ""}, "w:")})
    outer = {"Export-1-Part-1.zip": inner, "Export-1-Part-2.zip": zipped({"Page b.md": "b"}), "index.html": "i"}
    plant(tmp_path / "n", {"Export.zip": zipped(outer, zipfile.ZIP_STORED), "x.tar": tarred({"in.zip": deepest}, "w:")})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        files = list(granted.reader.files())
        assert [(file.name, content(granted, file)) for file in files] == [
            ("Export.zip!Export-1-Part-1.zip!Page a.md", b"a"),
            ("Export.zip!Export-1-Part-2.zip!Page b.md", b"b"),
            ("Export.zip!index.html", b"i"),
        ]
        assert sorted(reasons(granted)) == [
            "Export.zip!Export-1-Part-1.zip!deeper.zip", "Export.zip!Export-1-Part-1.zip!t.tar", "x.tar!in.zip",
        ]  # fmt: skip


def test_a_large_zip_in_a_zip_is_sought_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "SMALL", 100)
    inner = zipped({f"{n}.md": f"{n}" * 300 for n in range(5)})
    plant(tmp_path / "n", {"x.zip": zipped({"in.zip": inner})})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        found = [(file.path, content(granted, file)) for file in granted.reader.files()]
    assert found == [(f"{n}.md", f"{n}".encode() * 300) for n in range(5)]


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/etc/passwd", "..\\x", "C:\\x", "C:x", "\\\\host\\x", "a//b", "./x/./y"]
)
@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_member_whose_name_points_out_is_refused_and_told(
    tmp_path: Path, name: str, make: Callable[[Tree], bytes]
) -> None:
    kind = "zip" if make is zipped else "tgz"
    plant(tmp_path / "n", {f"x.{kind}": make({name: "evil", "ok.txt": "fine"})})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        assert names(granted) == [f"x.{kind}!ok.txt"]
        assert [t.fault for t in granted.reader.told()] == [True]
        with pytest.raises(OutsideScope):
            content(granted, File(f"x.{kind}!{name}", 1))


def test_links_in_a_tar_are_not_followed(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("dev", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("ok"))
    plant(tmp_path / "n", {"x.tar": out.getvalue()})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        assert names(granted) == ["x.tar!ok"]


def test_an_encrypted_zip_is_told_once(tmp_path: Path) -> None:
    made = bytearray(zipped({"a.txt": "one", "b.txt": "two"}))
    at = -1
    while (at := made.find(b"PK\1\2", at + 1)) >= 0:
        made[at + 8] |= 1
    plant(tmp_path / "n", {"x.zip": bytes(made)})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        assert names(granted) == []
        assert reasons(granted) == {"x.zip": archives.ENCRYPTED}


def test_paths_of_the_scope_hold_in_archives_too(tmp_path: Path) -> None:
    made = {"Takeout/Mail/a": "1", "Takeout/Photos/b": "2", "Takeout/Photos/Secret/c": "3"}
    plant(tmp_path / "n", {"x.zip": zipped(made), "y.tgz": tarred(made), "z/Takeout/Mail/a": "4"})
    for scope, found in (
        (Scope(include=("Takeout/Mail",)), ["x.zip!Takeout/Mail/a", "y.tgz!Takeout/Mail/a"]),
        (
            Scope(include=("Takeout/Photos/**",), exclude=("secret",)),
            ["x.zip!Takeout/Photos/b", "y.tgz!Takeout/Photos/b"],
        ),
        (Scope(exclude=("*.tgz", "z", "x.zip!Takeout/Photos")), ["x.zip!Takeout/Mail/a"]),
    ):
        with reading(tmp_path / "s", tmp_path / "n", scope=scope) as granted:
            assert names(granted) == found
            with pytest.raises(OutsideScope):
                content(granted, File("x.zip!Takeout/Photos/Secret/c", 1))


def test_names_in_utf8_that_do_not_say_so_are_read_as_such(tmp_path: Path) -> None:
    made = zipped({"Träume.txt": "x"})
    flags = struct.pack("<H", 0x800)
    assert made.count(flags) == 2
    plant(tmp_path / "n", {"x.zip": made.replace(flags, b"\0\0")})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        assert names(granted) == ["x.zip!Träume.txt"]


def test_the_time_of_a_member_is_that_in_the_archive(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(zipfile.ZipInfo("dated", (2024, 5, 1, 12, 0, 0)), "")
        archive.writestr(zipfile.ZipInfo("undated"), "")
    plant(tmp_path / "n", {"x.zip": made.getvalue(), "y.tar": tarred({"t": ""}, "w:")})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        assert [file.modified for file in granted.reader.files()] == [1_714_564_800.0, 0.0, 1_700_000_000.0]


def test_bombs_are_told_and_not_unpacked(tmp_path: Path) -> None:
    bomb = zipped({"zeros": bytes(80 << 20), "ok.txt": random.Random(1).randbytes(1 << 20)})
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        info = tarfile.TarInfo("zeros")
        info.size = 80 << 20
        archive.addfile(info, io.BytesIO(bytes(80 << 20)))
    plant(tmp_path / "n", {"x.zip": bomb, "y.tgz": tar.getvalue()})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        assert names(granted) == ["x.zip!ok.txt", "y.tgz!zeros"]
        assert {name: "bomb" in why for name, why in reasons(granted).items()} == {"x.zip!zeros": True, "y.tgz": True}
        with (
            granted.reader.open(next(granted.reader.files("zeros"))) as stream,
            pytest.raises(Unreadable, match="bomb"),
        ):
            while stream.read(1 << 20):
                pass


def test_a_zip_whose_directory_is_beyond_measure_is_not_opened(tmp_path: Path) -> None:
    made = bytearray(zipped({"a": "x"}))
    at = made.rfind(b"PK\5\6")
    made[at + 12 : at + 16] = struct.pack("<I", archives.DIRECTORY + 1)
    plant(tmp_path / "n", {"x.zip": bytes(made)})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        assert names(granted) == []
        assert "more files than" in reasons(granted)["x.zip"]


def test_a_header_of_a_tar_beyond_measure_is_not_held(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("ok"))
        info = tarfile.TarInfo("long")
        info.pax_headers = {"comment": "x" * (archives.HEADER + 10)}
        archive.addfile(info)
    plant(tmp_path / "n", {"x.tar": out.getvalue()})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        assert names(granted) == ["x.tar!ok"]
        assert "It is damaged from here on" in reasons(granted)["x.tar"]


def test_a_member_that_is_damaged_is_told_by_whoever_reads_it(tmp_path: Path) -> None:
    made = bytearray(zipped({"a": "x" * 1000, "b": "fine"}, zipfile.ZIP_STORED))
    made[100] ^= 1
    plant(tmp_path / "n", {"x.zip": bytes(made)})
    with reading(tmp_path / "s", tmp_path / "n") as granted:
        a, b = granted.reader.files()
        with pytest.raises(zipfile.BadZipFile):
            content(granted, a)
        assert content(granted, b) == b"fine"


def test_a_database_in_an_archive_is_read_with_its_log(tmp_path: Path) -> None:
    db = tmp_path / "History"
    connection = sqlite3.connect(db)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t(x)")
    connection.execute("INSERT INTO t VALUES ('kept')")
    connection.commit()
    members = {"p/History": db.read_bytes(), "p/History-wal": Path(f"{db}-wal").read_bytes()}
    connection.close()
    for name, made in (("x.zip", zipped(members)), ("x.tgz", tarred(members))):
        plant(tmp_path / name[2:], {name: made})
        with reading(tmp_path / "s", tmp_path / name[2:]) as granted:
            (file,) = granted.reader.files("*history")
            with granted.reader.database(file) as copy:
                assert copy.execute("SELECT x FROM t").fetchall() == [("kept",)]


SEEDS = [zipped(TREE), zipped({"in.zip": zipped(TREE)}), tarred(TREE), tarred(TREE, "w:")]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.integers(0, 3), edits=st.lists(st.tuples(st.integers(0, 1 << 14), st.integers(0, 255)), max_size=8),
    cut=st.integers(0, 1 << 14),
)  # fmt: skip
def test_damaged_archives_never_crash(tmp_path: Path, which: int, edits: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(SEEDS[which])
    for at, value in edits:
        data[at % len(data)] = value
    name = ("x.zip", "x.zip", "x.tgz", "x.tar")[which]
    folder = plant(tmp_path / "n", {name: bytes(data[: cut or None])})
    with reading(tmp_path / "s", folder / name) as granted:
        for file in granted.reader.files():
            try:
                content(granted, file)
            except FAULTS:
                continue
