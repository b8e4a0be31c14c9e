"""The spine of sources: standard input, a folder of everything that can go wrong, extras that are missing, watching."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import threading
import time
import zipfile

import pytest

from cascade.errors import UsageError
from indexers.records import Record, Skipped
from indexers.sources.extras import need
from indexers.sources.faults import Unreadable
from indexers.sources.watch import changes

READ_STDIN = """
import sys
from indexers.sources.open import open_source
for thing in open_source("-").read():
    print(thing.source, thing.locator, thing.text.strip())
"""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (b"plain text\n", "stdin stdin plain text\n"),
        (b'{"text": "one"}\n{"text": "two"}\n', "stdin stdin#1 one\nstdin stdin#2 two\n"),
        (gzip.compress(b"packed\n", mtime=0), "stdin stdin packed\n"),
        (b"<!doctype html><p>page", "stdin stdin page\n"),
    ],
)
def test_standard_input_is_told_by_its_first_bytes(given, told):
    ran = subprocess.run([sys.executable, "-c", READ_STDIN], input=given, capture_output=True, check=True)
    assert ran.stdout.decode() == told


def test_standard_input_may_be_an_archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "inside")
    ran = subprocess.run([sys.executable, "-c", READ_STDIN], input=out.getvalue(), capture_output=True, check=True)
    assert ran.stdout == b"stdin stdin!a.txt inside\n"


BAD = {
    "binary.txt": (bytes(range(256)) * 8, "It is named like text but holds binary data."),
    "pdf.md": (b"%PDF-1.4\n" + bytes(range(32)) * 9, "It is named like Markdown but holds a PDF file."),
    "empty.txt": (b"", "It is empty (0 bytes)."),
    "blank.md": (b" \n\n", "It holds no text."),
    "cut.zip": (b"PK\x03\x04" + bytes(100), "Its compressed data are damaged (File is not a zip file)."),
    "cut.gz": (gzip.compress(b"x" * 1000, mtime=0)[:-9], "It ends too early: the compressed data are cut short."),
    "latin.txt": (b"valid text \xff\xfe broken", "Its bytes are not valid UTF-8 (the first bad one is at 11)"),
    "mail.msg": (b"\xd0\xcf", "It is a mail of Outlook, a calendar, contacts or a note export"),
    "no.docx": (b"text", "It is named DOCX but is no zip, as DOCX files are; it may be cut short."),
    "deep.html": (b"<div>" * 200_000 + b"x", "Its elements are nested more than 2,000 deep"),
    "quote.csv": (b'a,b\n1,"' + b"x\n" * 1_000_000, "It is not a table that can be parsed"),
}


def test_every_kind_of_bad_file_is_named_with_its_reason_and_the_rest_is_read(tmp_path, read):
    for name, (data, _) in BAD.items():
        (tmp_path / name).write_bytes(data)
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "good.txt").write_text("good")
    outcome = read(tmp_path, max_line_bytes=1 << 20)
    assert set(outcome.faults) == {*BAD, "pipe.txt"}
    for name, (_, reason) in BAD.items():
        assert outcome.faults[name].startswith(reason), name
    assert list(outcome.records) == ["good.txt"]


def test_every_reason_is_one_sentence(tmp_path, read):
    for name, (data, _) in BAD.items():
        (tmp_path / name).write_bytes(data)
    for reason in read(tmp_path, max_line_bytes=1 << 20).faults.values():
        assert reason[0].isupper() and reason.endswith(".") and "\n" not in reason


@pytest.mark.parametrize(("name", "next_step"), [("a.doc", "save it as DOCX"), ("a.rar", "pack it anew as zip")])
def test_a_format_that_a_person_would_miss_is_a_fault_with_a_next_step(tmp_path, read, name, next_step):
    (tmp_path / name).write_bytes(bytes(range(256)))
    assert next_step in read(tmp_path).faults[name]


def test_a_binary_file_of_an_unknown_kind_is_passed_over(tmp_path, read):
    (tmp_path / "thing.xyz").write_bytes(bytes(range(256)))
    assert list(read(tmp_path).passed) == ["thing.xyz"]


def test_a_missing_extra_is_named_with_how_to_install_it():
    with pytest.raises(Unreadable, match=r"takes the extra `documents`.*pip install 'cascade-retrieval\[documents\]'"):
        need("no_such_parser", "documents")


def test_what_is_read_depends_on_no_other_file(tmp_path, read):
    for n in range(5):
        (tmp_path / f"{n}.json").write_text(json.dumps({"n": n}))
    together = read(tmp_path).records
    assert [read(tmp_path, include=(name,)).only.id for name in together] == [r.id for r in together.values()]


def test_opening_imports_no_parser():
    heavy = "pypdfium2 docx pptx openpyxl pyarrow tree_sitter selectolax markdown_it charset_normalizer zstandard"
    imports = "import sys, indexers.sources.open, indexers.sources.watch"
    code = f"{imports}; print([m for m in {heavy.split()} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"[]\n"


def test_a_change_under_a_folder_is_told_of_once_per_burst(tmp_path):
    pytest.importorskip("watchfiles")
    stop, told = threading.Event(), []

    def watch():
        for _ in changes(str(tmp_path), stop):
            told.append(time.monotonic())
            stop.set()

    thread = threading.Thread(target=watch)
    thread.start()
    until = time.monotonic() + 20
    while not told and time.monotonic() < until:
        (tmp_path / ".hidden").write_text(str(time.monotonic()))
        (tmp_path / "a.txt").write_text(str(time.monotonic()))
        time.sleep(0.2 if not told else 0)
        time.sleep(0.6)
    stop.set()
    thread.join(20)
    assert len(told) == 1


def test_standard_input_and_revisions_cannot_be_watched():
    with pytest.raises(UsageError, match="cannot be watched"):
        next(changes("-"))


def test_a_record_and_what_was_left_out_are_told_apart(tmp_path, read):
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "b.txt").write_text("")
    assert [type(thing) for thing in read(tmp_path).things] == [Record, Skipped]
