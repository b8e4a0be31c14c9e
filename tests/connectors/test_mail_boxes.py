"""Where mail lies and what that says of it: mailboxes, labels, flags, in Maildir, Apple Mail, Thunderbird and Gmail."""

from __future__ import annotations

from pathlib import Path

import pytest
from mails import mail, multipart, of, one, only
from open_reader import OpenReader

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Caution, Item, Kind
from indexers.sources.connectors.mail import labels, read
from indexers.sources.connectors.mail.labels import Role

FROM = b"From anna@example.org Fri May  3 08:30:00 2024\n"


def put(root: Path, name: str, data: bytes) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(data)


# Gmail


@pytest.mark.parametrize(
    ("written", "read_"),
    [
        ("Inbox,Important", ("Inbox", "Important")),
        ("=?UTF-8?Q?=C3=85pnet,Kategori:_Reklame?=", ("Åpnet", "Kategori: Reklame")),
        ("=?UTF-8?Q?Dor=C3=A9?=\n =?UTF-8?Q?navant,Travail?=", ("Dorénavant", "Travail")),
        ('Inbox,"House, garden",Work', ("Inbox", "House, garden", "Work")),
        ('Inbox,"never closed', ("Inbox", "never closed")),
    ],
)
def test_labels_of_gmail_are_decoded_as_a_whole_and_then_parted(tmp_path: Path, written: str, read_: tuple[str, ...]):
    assert one(tmp_path, mail(X_Gmail_Labels=written)).labels == read_


@pytest.mark.parametrize(
    ("names", "role"),
    [
        (
            "Spam Junk Спам 迷惑メール 垃圾邮件 垃圾郵件 스팸 Skräppost Søppelpost Roskaposti Levélszemét Ανεπιθύμητα",
            Role.SPAM,
        ),
        (
            "Pourriel Indesiderata Ongewenst Nevyžádaná_pošta Posta_indesiderata Courrier_indésirable No_deseado",
            Role.SPAM,
        ),
        ("Trash Bin Papierkorb Corbeille Papelera Cestino Lixeira Prullenbak Papperskorgen Papirkurv", Role.TRASH),
        (
            "Roskakori Kosz Koš Корзина Кошик Çöp ゴミ箱 已删除邮件 휴지통 Kuka Deleted_Items Gelöschte_Elemente",
            Role.TRASH,
        ),
        ("Sent Gesendet Messages_envoyés Enviados Inviati Posta_inviata Verzonden Skickat Sendt Lähetetyt", Role.SENT),
        (
            "Wysłane Odeslané Отправленные Надіслані Gönderilmiş 送信済み 已发送 寄件備份 보낸편지함 Elküldött",
            Role.SENT,
        ),
        (
            "Drafts Entwürfe Brouillons Borradores Bozze Rascunhos Concepten Utkast Kladder Luonnokset Черновики",
            Role.DRAFT,
        ),
    ],
)
def test_a_mailbox_is_known_by_its_name_in_many_languages(names: str, role: Role):
    assert {name: labels.role(name.replace("_", " ")) for name in names.split()} == dict.fromkeys(names.split(), role)


def test_names_of_other_mailboxes_mean_nothing():
    assert [labels.role(name) for name in ("Inbox", "Work", "Trash talk", "Spam analysis", "")] == [None] * 5


def test_spam_and_trash_of_a_takeout_are_cautioned_and_the_rest_is_not(tmp_path: Path):
    box = b"\n".join(
        FROM + mail(Message_ID=f"<{at}@x>", X_Gmail_Labels=label)
        for at, label in enumerate(["Posteingang", "Spam", "=?UTF-8?Q?Ko=C5=A1?=", "Archiv"])
    )
    put(tmp_path, "Takeout/Mail/Veškerá pošta včetně spamu a koše.mbox", box)
    assert [thing.cautions for thing in of(tmp_path) if isinstance(thing, Item)] == [
        frozenset(), frozenset({Caution.SPAM}), frozenset({Caution.TRASH}), frozenset(),
    ]  # fmt: skip


def test_the_same_mail_under_two_labels_is_one_thing(tmp_path: Path):
    for name in ("Work", "Garden"):
        put(tmp_path, f"Mail/{name}.mbox", FROM + mail(X_Gmail_Labels="Work,Garden"))
    first, second = (thing for thing in of(tmp_path) if isinstance(thing, Item))
    assert (first.native, first.labels) == (second.native, second.labels)
    assert first.locator != second.locator


# Thunderbird


def test_thunderbirds_mailboxes_are_known_by_the_index_beside_them(tmp_path: Path):
    put(tmp_path, "Mail/Local Folders/Inbox", FROM + mail(Message_ID="<1@x>"))
    put(tmp_path, "Mail/Local Folders/Inbox.msf", b"// <!-- mork -->")
    put(
        tmp_path, "Mail/Local Folders/Inbox.sbd/House", FROM + mail(Message_ID="<2@x>", X_Mozilla_Keys="$label1 urgent")
    )
    put(tmp_path, "Mail/Local Folders/Inbox.sbd/House.msf", b"// <!-- mork -->")
    put(tmp_path, "Mail/Local Folders/filterlog", b"From the filters: nothing")
    reader = OpenReader(tmp_path)
    found = [thing for thing in read(reader) if isinstance(thing, Item)]
    assert [item.labels for item in found] == [("Inbox",), ("Inbox", "House", "$label1", "urgent")]
    assert not any("filterlog" in name or name.endswith(".msf") for name in reader.opened)


@pytest.mark.parametrize(
    ("status", "gone"), [("0001", False), ("0009", True), ("0019", True), ("8008", True), ("x", False)]
)
def test_mails_that_thunderbird_deleted_but_did_not_yet_remove_are_cautioned(tmp_path: Path, status: str, gone: bool):
    item = one(tmp_path, FROM + mail(X_Mozilla_Status=status), "Inbox.mbox")
    assert item.cautions == (frozenset({Caution.DELETED}) if gone else frozenset())


# Maildir


@pytest.mark.parametrize(
    ("name", "cautions", "folder"),
    [
        ("cur/1714725000.M1P1.host:2,S", frozenset(), ()),
        ("new/1714725000.M1P1.host", frozenset(), ()),
        ("Maildir/cur/1714725000.M1P1.host:2,ST", frozenset({Caution.TRASH}), ("Maildir",)),
        ("Maildir/.House.Garden/cur/1714725000.M1P1.host;2,S", frozenset(), ("House", "Garden")),
        (
            "Maildir/.Gel&APY-scht.Papierkorb/cur/1714725000.M1P1.host:2,",
            frozenset({Caution.TRASH}),
            ("Gelöscht", "Papierkorb"),
        ),
        ("Maildir/.Junk/cur/1714725000.M1P1.host:2,", frozenset({Caution.SPAM}), ("Junk",)),
    ],
)
def test_a_maildir_tells_by_its_names(tmp_path: Path, name: str, cautions: frozenset[Caution], folder: tuple[str, ...]):
    put(tmp_path, name, mail(Date=None))
    item = only(tmp_path)
    assert (item.cautions, item.labels) == (cautions, folder)
    assert (item.moment.iso, item.moment.basis) == ("2024-05-03T08:30:00+00:00", Basis.UTC)


def test_files_of_a_maildir_that_are_no_mail_are_told(tmp_path: Path):
    put(tmp_path, "cur/notes", b"not a mail\n")
    put(tmp_path, "cur/.hidden", b"x")
    put(tmp_path, "tmp/1714725000.M1P1.host", mail())
    (told,) = of(tmp_path)
    assert isinstance(told, Skipped)
    assert told.locator == "cur/notes"


# Apple Mail


def emlx(data: bytes, flags: int = 1) -> bytes:
    plist = (
        f"<plist><dict><key>date-received</key><integer>1714725000</integer><key>flags</key><integer>{flags}</integer>"
    )
    return f"{len(data):<11}\n".encode() + data + plist.encode() + b"</dict></plist>\n"


def test_apple_mail_is_read_without_its_list(tmp_path: Path):
    put(tmp_path, "V10/A/INBOX.mbox/B/Data/Messages/7.emlx", emlx(mail(Date=None)))
    item = only(tmp_path)
    assert (item.text, item.labels, item.cautions) == ("It leaks.", ("INBOX",), frozenset())
    assert (item.moment.iso, item.extra["dated_by"]) == ("2024-05-03T08:30:00+00:00", "container")


@pytest.mark.parametrize(
    ("box", "flags", "cautions"),
    [
        ("Deleted Messages", 1, {Caution.TRASH}),
        ("[Gmail].mbox/Spam", 1, {Caution.SPAM}),
        ("INBOX", 3, {Caution.DELETED}),
        ("INBOX", 0x40, set()),
    ],
)
def test_apples_mailboxes_and_flags_are_cautions(tmp_path: Path, box: str, flags: int, cautions: set[Caution]):
    put(tmp_path, f"V10/A/{box}.mbox/Messages/7.emlx", emlx(mail(), flags))
    assert only(tmp_path).cautions == cautions


def test_attachments_of_a_partial_mail_are_read_from_beside_it(tmp_path: Path):
    stub = "Content-Type: {}; name={}\nContent-Disposition: attachment\nX-Apple-Content-Length: 12\n\n"
    data = multipart(
        "Content-Type: text/plain\n\nTwo plans.", stub.format("text/plain", "a.txt"), stub.format("text/plain", "b.txt")
    )
    messages = "V10/A/INBOX.mbox/B/Data/Messages"
    put(tmp_path, f"{messages}/7.partial.emlx", emlx(data))
    put(tmp_path, "V10/A/INBOX.mbox/B/Data/Attachments/7/2/a.txt", b"The first plan.")
    put(tmp_path, "V10/A/INBOX.mbox/B/Data/Attachments/8/3/b.txt", b"Of another mail.")
    letter, plan, told = of(tmp_path)
    assert isinstance(letter, Item)
    assert isinstance(plan, Item)
    assert isinstance(told, Skipped)
    assert letter.attachments == ("a.txt", "b.txt")
    assert (plan.kind, plan.text) == (Kind.DOCUMENT, "The first plan.")
    assert "not in the export" in told.reason


def test_an_emlx_without_its_number_is_told(tmp_path: Path):
    put(tmp_path, "7.emlx", mail())
    (told,) = of(tmp_path)
    assert isinstance(told, Skipped)
    assert "number of bytes" in told.reason


# anything else


def test_only_files_that_hold_mail_are_opened(tmp_path: Path):
    for name in ("a.txt", "b.pdf", "Photos/c.jpg", "._d.eml", "mail.html", "x.mboxes", "Inbox"):
        put(tmp_path, name, mail())
    reader = OpenReader(tmp_path)
    assert list(read(reader)) == []
    assert reader.opened == []


def test_an_export_read_again_gives_the_same(tmp_path: Path):
    put(tmp_path, "a.mbox", FROM + mail() + b"\n" + FROM + mail(Message_ID=None))
    put(tmp_path, "b.eml", mail(Message_ID="<2@x>"))
    assert of(tmp_path) == of(tmp_path)


@pytest.mark.parametrize(
    ("name", "read_"),
    [("Gel&APY-scht", "Gelöscht"), ("a&-b", "a&b"), ("&BB4-", "О"), ("&bad", "&bad"), ("R&D-x", "R&D-x")],
)
def test_names_of_folders_are_decoded(name: str, read_: str):
    assert labels.modified_utf7(name) == read_
