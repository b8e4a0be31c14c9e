"""Mail files among ordinary files: what a folder of documents may hold."""

from __future__ import annotations

import zipfile

MAIL = (
    b"Message-ID: <%d@x>\nFrom: Anna Berg <anna@example.org>\nTo: bob@example.com\nSubject: The boiler\n"
    b"Date: Fri, 3 May 2024 10:30:00 +0200\n"
)
ATTACHED = (
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee the plan.\n"
    b"--b\nContent-Type: text/markdown; name=plan.md\nContent-Disposition: attachment\n\n# Plan\n\nDig.\n--b--\n"
)
FROM = b"From anna@example.org Fri May  3 08:30:00 2024\n"


def test_a_mail_in_a_folder_is_a_record(tmp_path, read):
    (tmp_path / "a.eml").write_bytes(MAIL % 1 + b"\nIt leaks.\n\n> Does it leak?\n")
    record = read(tmp_path).only
    assert (record.locator, record.title, record.text) == ("a.eml", "The boiler", "It leaks.")
    assert record.time == "2024-05-03T08:30:00Z"
    assert record.metadata == {"from": "Anna Berg <anna@example.org>", "to": "bob@example.com"}


def test_a_mail_without_a_text_is_read_by_its_subject(tmp_path, read):
    (tmp_path / "a.eml").write_bytes(MAIL % 1 + b"\n")
    assert read(tmp_path).only.text == "The boiler"


def test_an_attached_document_is_a_record_with_its_structure(tmp_path, read):
    (tmp_path / "a.eml").write_bytes(MAIL % 1 + ATTACHED)
    records = read(tmp_path).records
    assert list(records) == ["a.eml", "a.eml#2/plan.md"]
    assert [mark.name for mark in records["a.eml#2/plan.md"].marks] == ["Plan"]
    assert records["a.eml"].metadata["attachments"] == "plan.md"


def test_mails_of_an_mbox_are_records_that_keep_their_place_when_the_mailbox_changes(tmp_path, read):
    first, second = FROM + MAIL % 1 + b"\nOne.\n\n", FROM + MAIL % 2 + ATTACHED
    (tmp_path / "a.mbox").write_bytes(first + second)
    before = read(tmp_path).records
    assert list(before) == ["a.mbox#0", f"a.mbox#{len(first)}", f"a.mbox#{len(first)}/2/plan.md"]
    (tmp_path / "a.mbox").write_bytes(second)
    after = read(tmp_path).records
    assert [record.place for record in after.values()] == [record.place for record in before.values()][1:]
    assert [record.id for record in after.values()] == [record.id for record in before.values()][1:]


def test_what_was_thrown_away_is_left_out_and_counted(tmp_path, read):
    spam = MAIL.replace(b"\n", b"\nX-Gmail-Labels: Spam\n", 1) % 1
    (tmp_path / "a.mbox").write_bytes(FROM + spam + b"\nBuy.\n\n" + FROM + MAIL % 2 + b"\nKeep.\n")
    outcome = read(tmp_path)
    assert [record.text for record in outcome.records.values()] == ["Keep."]
    assert outcome.passed == {"a.mbox#0": "It is marked as spam."}


def test_a_mailbox_in_an_archive_is_read(tmp_path, read):
    with zipfile.ZipFile(tmp_path / "old.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mail/a.mbox", FROM + MAIL % 1 + b"\nOne.\n")
    assert list(read(tmp_path).records) == ["old.zip!mail/a.mbox#0"]


def test_an_empty_mail_is_a_fault(tmp_path, read):
    (tmp_path / "a.eml").write_bytes(b"\n\n")
    assert read(tmp_path).faults == {"a.eml": "It is empty."}
