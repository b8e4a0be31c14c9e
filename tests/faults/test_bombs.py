"""Files that claim more than they are, lead elsewhere or name commands are read within bounds, or left out."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from random import Random

import pytest
import seeds
from cage import caged
from small import build, prose

from cascade.errors import CascadeError, Corrupt, WrongEncoder
from cascade.index import backup
from cascade.index.manifest import digest
from cascade.index.store import Folder
from cascade.models import resolve
from cascade.models.toy import ToyEncoder
from indexers.sources.blob import Blob
from indexers.sources.globs import Globs
from indexers.sources.open import open_source
from indexers.sources.options import SourceOptions
from indexers.sources.read import Read

HUGE = 10**12


def told(name: str, data: bytes, streamed: bool = False) -> str:
    """Texts and reasons of a file, read in a child with bounds on time and memory."""

    def work() -> str:
        blob = Blob("s", name, name, lambda: io.BufferedReader(io.BytesIO(data)))
        things = Read(SourceOptions(), Globs.of((), ()))(blob)
        return "\n".join(getattr(thing, "reason", "") or thing.text[:500] for thing in things)

    ended = caged(work)
    assert ended.kind == "fine", ended
    return ended.said


def remade(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """A zip with something replaced in one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for member in archive.infolist():
            content = archive.read(member)
            if member.filename == name:
                assert re.search(old, content)
                content = re.sub(old, new, content)
            made.writestr(member.filename, content)
    return out.getvalue()


def test_a_cell_that_spans_a_thousand_million_columns_is_refused():
    data = remade(seeds.docx(), "word/document.xml", b'gridSpan w:val="2"', b'gridSpan w:val="1000000000"')
    assert "spans more than 1,000 columns" in told("a.docx", data)


def test_a_row_with_a_huge_number_is_refused():
    sheet = "xl/worksheets/sheet1.xml"
    data = remade(seeds.xlsx(), sheet, b'<dimension ref="A1:C3"/>', b"")
    data = remade(data, sheet, b'<row r="3"', b'<row r="1000000000000"')
    assert "more than 1,048,576 rows" in told("a.xlsx", data)


def test_a_sheet_that_claims_to_be_huge_is_read():
    data = remade(seeds.xlsx(), "xl/worksheets/sheet1.xml", b'ref="A1:C3"', b'ref="A1:ZZZ1000000000000"')
    assert told("a.xlsx", data).startswith("name: bridge | size: 3 | day: 2024-01-02\nname: boat | size: 2.5")


def test_a_chapter_that_is_named_often_is_read_once():
    data = remade(seeds.epub(), "a/b.opf", b'<itemref idref="1"/>', b'<itemref idref="1"/>' * 100_000)
    assert told("a.epub", data).count("over the & river") == 2


ENTITIES = b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">' + b"".join(
    b'<!ENTITY e%d "%s">' % (n, (b"&e%d;" % (n - 1)) * 20 if n else b"a" * 20) for n in range(10)
) + b"]>"


@pytest.mark.parametrize("entity", [b"e", b"e9"])
@pytest.mark.parametrize(
    ("name", "member", "tag"),
    [
        ("a.docx", "word/document.xml", b"<w:t>"), ("a.pptx", "ppt/slides/slide1.xml", b"<a:t>"),
        ("a.xlsx", "xl/worksheets/sheet1.xml", b"<t>"), ("a.epub", "a/b.opf", b"<dc:title>"),
    ],
)  # fmt: skip
def test_entities_neither_read_files_nor_grow(name, member, tag, entity):
    made = {"a.docx": seeds.docx, "a.pptx": seeds.pptx, "a.xlsx": seeds.xlsx, "a.epub": seeds.epub}[name]()
    data = remade(made, member, b"(?s)^(<[?]xml[^>]*>)?(.*?)" + tag, ENTITIES + b"\\2" + tag + b"&" + entity + b";")
    said = told(name, data)
    assert "root:" not in said
    assert len(said) < 2_000


def test_a_sparse_file_in_a_tar_is_left_out():
    member = tarfile.TarInfo("a.txt")
    member.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": f"0,5,{HUGE},0",
                          "GNU.sparse.size": str(HUGE)}  # fmt: skip
    member.size = 5
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(b"first"))
    assert "It is sparse" in told("a.tar", out.getvalue())


def overlapping(times: int) -> bytes:
    """A zip whose members are all the same bytes, as in Fifield's bomb."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", Random(1).randbytes(1 << 21).hex())
    data = out.getvalue()
    at = data.rindex(b"PK\x01\x02")
    end = data.rindex(b"PK\x05\x06")
    names = b"".join(data[at:end].replace(b"a.txt", b"%05d" % n) for n in range(times))
    count = times.to_bytes(2, "little")
    return data[:at] + names + data[end : end + 8] + count * 2 + len(names).to_bytes(4, "little") + data[end + 16 :]


def test_a_zip_whose_members_overlap_is_refused():
    assert "decompression bomb" in told("a.zip", overlapping(2_000))


def test_a_member_that_claims_a_million_million_bytes_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"x" * 99)
    for name in ("a.zip", "a.docx"):
        data = out.getvalue().replace((99).to_bytes(4, "little"), (2**32 - 2).to_bytes(4, "little"))
        assert "zip" in told(name, data) or "bomb" in told(name, data)


@pytest.mark.parametrize("at", [16, 42])
def test_a_zip_whose_directory_leads_before_its_beginning_is_left_out(at):
    """At 16 of the end stands where the directory begins, at 42 of an entry where its member does."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"first")
        archive.writestr("b.txt", b"second")
    data = bytearray(out.getvalue())
    place = (data.rindex(b"PK\x05\x06") if at == 16 else data.rindex(b"PK\x01\x02")) + at
    data[place : place + 4] = (int.from_bytes(data[place : place + 4], "little") + 30).to_bytes(4, "little")
    said = told("a.zip", bytes(data))
    assert "damaged" in said
    assert at == 16 or said.startswith("first")


def test_a_member_without_a_name_is_read():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"first")
        archive.writestr("a", b"second")
    data = bytearray(out.getvalue())
    local, entry = data.rindex(b"PK\x03\x04"), data.rindex(b"PK\x01\x02")
    data[entry + 28 : entry + 30] = bytes(2)
    data[entry + 46 : entry + 47] = b""
    data[local + 26 : local + 28] = bytes(2)
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 16] = (int.from_bytes(data[end + 12 : end + 16], "little") - 1).to_bytes(4, "little")
    assert "first" in told("a.zip", bytes(data))


def test_archives_within_archives_end(tmp_path):
    data = b"innermost"
    for _ in range(30):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("a.zip" if data != b"innermost" else "a.txt", data)
            archive.writestr("b.zip" if data != b"innermost" else "b.txt", data)
        data = out.getvalue() if len(out.getvalue()) < 1 << 22 else data
    assert "an archive within an archive" in told("a.zip", data)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", *arguments], check=True)


@pytest.fixture
def repository(tmp_path):
    """A repository of two files."""
    root = tmp_path / "repository"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_text("first")
    (root / "sub" / "secret.txt").write_text("harmless")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "x")
    return root


def read(spec: object) -> list[str]:
    things = open_source(str(spec), SourceOptions()).read()
    return [getattr(thing, "reason", "") or thing.text for thing in things]


def test_a_tracked_folder_that_is_a_link_now_is_not_followed(repository, tmp_path):
    assert "harmless" in read(repository)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("the secret")
    shutil.rmtree(repository / "sub")
    (repository / "sub").symlink_to(outside)
    said = read(repository)
    assert "first" in said
    assert not any("the secret" in text for text in said)


@pytest.mark.parametrize("time", ["99999999999", "253402300800", "1e5"])
def test_a_commit_of_a_time_that_is_none_is_read(repository, time):
    (repository / "b.txt").write_text("second")
    git(repository, "add", ".")
    tree = subprocess.run(["git", "-C", repository, "write-tree"], capture_output=True, text=True, check=True)
    body = f"tree {tree.stdout.strip()}\nauthor a <a@b> {time} +0000\ncommitter a <a@b> {time} +0000\n\nx\n"
    made = subprocess.run(
        ["git", "-C", repository, "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        input=body, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (repository / ".git" / "HEAD").write_text(made.stdout)
    assert sorted(read(f"git+{repository}")) == ["first", "harmless", "second"]


def test_a_file_whose_name_looks_like_a_time_is_read(repository):
    (repository / "\x01abc.txt").write_text("named")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "y")
    assert sorted(read(f"git+{repository}")) == ["first", "harmless", "named"]


def test_an_index_that_names_the_folder_itself_is_not_read_for_ever(repository):
    index = repository / ".git" / "index"
    data = index.read_bytes()[:-20].replace(b"a.txt", b"./\0\0\0")
    index.write_bytes(data + hashlib.sha1(data).digest())
    ended = caged(lambda: read(repository))
    assert ended.kind == "fine", ended
    assert "harmless" in ended.said


def test_a_repository_whose_git_gives_up_half_way_is_read_as_far_as_it_goes(repository, tmp_path, monkeypatch):
    real = shutil.which("git")
    (tmp_path / "bin").mkdir()
    quitter = tmp_path / "bin" / "git"
    gone = "*cat-file*) exec 0<&-; echo gone; exit 128;;"
    quitter.write_text(f'#!/bin/sh\ncase "$*" in {gone} *) exec {real} "$@";; esac\n')
    quitter.chmod(0o755)
    monkeypatch.setenv("PATH", f"{quitter.parent}:{os.environ['PATH']}")
    said = read(f"git+{repository}")
    assert len(said) == 2
    assert all("missing" in text or "cannot be read" in text for text in said)


def test_a_repository_cannot_have_a_command_run_to_fetch_what_is_missing(repository, tmp_path):
    pwned = tmp_path / "pwned"
    for key, value in (
        ("core.repositoryformatversion", "1"), ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", f"ext::sh -c touch% {pwned}"), ("protocol.ext.allow", "always"),
        ("core.fsmonitor", f"touch {pwned}"), ("core.sshCommand", f"touch {pwned}"),
    ):  # fmt: skip
        git(repository, "config", key, value)
    found = subprocess.run(
        ["git", "-C", repository, "rev-parse", "HEAD:a.txt"], capture_output=True, text=True, check=True
    )
    digest_ = found.stdout.strip()
    (repository / ".git" / "objects" / digest_[:2] / digest_[2:]).unlink()
    pwned.unlink(missing_ok=True)
    said = read(f"git+{repository}")
    assert "harmless" in said
    assert any("missing" in text for text in said)
    read(repository)
    assert not pwned.exists()


@pytest.fixture(scope="module")
def a_backup(fresh):
    """A backup of a small index, to be copied."""
    root = fresh()
    build(root / "index", prose(5))
    backup.back_up(root / "index", Folder(root / "backup"))
    return root / "backup"


@pytest.fixture
def backed_up(a_backup, tmp_path):
    """A backup, and how to have its list say something else under a hash that fits."""
    store = Folder(shutil.copytree(a_backup, tmp_path / "backup"))
    (path,) = (tmp_path / "backup" / "snapshots").iterdir()

    def change(how) -> Folder:
        said = json.loads(path.read_text())
        del said["hash"]
        how(said)
        path.write_text(json.dumps({**said, "hash": digest(json.dumps(said, sort_keys=True).encode())}))
        return store

    return change


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, "../up"), (0, "/etc/up"), (0, "a\0b"), (0, "a/../../up"), (0, ""), (0, 7), (0, "x" * 5000), (1, -1), (1, 0.5),
     (1, "9"), (1, 10**40), (1, None), (2, "../../../etc/passwd"), (2, "/etc/passwd"), (2, 7), (2, "A" * 32)],
)  # fmt: skip
def test_a_list_whose_names_lead_elsewhere_is_refused(backed_up, tmp_path, at, value):
    store = backed_up(lambda said: said["files"][0].__setitem__(at, value))
    with pytest.raises(Corrupt, match="cannot be read"):
        backup.restore(store, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"backup"}


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [[]], [7], [["a", 1]], 1e999])
@pytest.mark.parametrize("name", ["files", "commit", "format"])
def test_a_list_of_other_kinds_is_refused(backed_up, tmp_path, name, value):
    if (name, value) in (("commit", 7), ("files", []), ("files", {})):
        pytest.skip("this may be")
    store = backed_up(lambda said: said.__setitem__(name, value))
    with pytest.raises(CascadeError):
        backup.restore(store, tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_what_is_brought_back_is_not_written_through_a_link(backed_up, tmp_path):
    store = backed_up(lambda said: None)
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / ".unfinished-back").symlink_to(outside)
    backup.restore(store, tmp_path / "back")
    assert list(outside.iterdir()) == []
    assert (tmp_path / "back" / "manifest.json").is_file()


def test_an_object_that_is_a_pipe_does_not_hold_a_restore_up(backed_up, tmp_path):
    store = backed_up(lambda said: None)
    path = next(path for path in (tmp_path / "backup" / "objects").rglob("*") if path.is_file())
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(Corrupt, match="is missing"):
        backup.restore(store, tmp_path / "back")


@pytest.mark.parametrize("name", ["https://a.example/v1#m", "http://127.0.0.1:1/v1#m", "/etc/model", "../m", "a/b/c"])
def test_an_index_cannot_choose_a_server_or_a_folder_as_its_encoder(tmp_path, name):
    with pytest.raises(WrongEncoder, match="name it yourself"):
        resolve.encoder_of(tmp_path, name, "static")


def test_a_folder_called_like_a_model_of_the_hub_is_a_folder(tmp_path, monkeypatch):
    (tmp_path / "org" / "model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongEncoder, match="name it yourself"):
        resolve.encoder_of(tmp_path, "org/model", "static")
    assert resolve.encoder_of(tmp_path, "org/other", "static").name == "org/other"
    assert resolve.encoder_of(tmp_path, "org/model", "org/model").name == "org/model"


def test_an_encoder_of_our_own_is_taken_at_its_word(tmp_path):
    assert isinstance(resolve.encoder_of(tmp_path, "toy", "static"), ToyEncoder)
