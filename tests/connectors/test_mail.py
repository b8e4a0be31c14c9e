"""Mails as items: header, date, people, text, parts, attachments, cautions, identity."""

from __future__ import annotations

import base64
import gzip
import io
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mails import mail, multipart, of, one, parts

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Caution, Item, Kind, Origin, Person
from indexers.sources.connectors.mail import connector, headers
from indexers.sources.connectors.mail.message import Owner, items
from indexers.sources.connectors.mail.parts import leaves
from indexers.sources.connectors.mail.raw import Raw

PLAIN = "Content-Type: text/plain; charset=utf-8\n\n"
HTML = "Content-Type: text/html; charset=utf-8\n\n"


def test_a_mail_is_an_item_with_what_its_header_says(tmp_path: Path):
    item = one(tmp_path, mail(Cc='"Dee, C." <DEE@example.org>, carl@example.org (Carl)'))
    assert (item.kind, item.title, item.text) == (Kind.MAIL, "The boiler", "It leaks.")
    assert item.author == Person("Anna Berg", "anna@example.org")
    assert item.people == (
        Person("Bob", "bob@example.com"),
        Person("Dee, C.", "dee@example.org"),
        Person("Carl", "carl@example.org"),
    )
    assert (item.moment.iso, item.moment.basis) == ("2024-05-03T10:30:00+02:00", Basis.OFFSET)
    assert (item.locator, item.thread, item.origin) == ("a.eml", "1@example.org", Origin.OTHER)


# header


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?B?" + base64.b64encode("Größe".encode()).decode() + "?=", "Größe"),
        ("=?iso-8859-1?Q?Gr=F6=DFe_und_mehr?=", "Größe und mehr"),
        ("=?utf-8?Q?Gr=C3?= =?utf-8?Q?=B6=C3=9Fe?=", "Größe"),
        ("=?utf-8?Q?a?= =?utf-8?Q?b?= c", "ab c"),
        ("Re: =?utf-8*en?Q?caf=C3=A9?= today", "Re: café today"),
        ("=?utf-8?Q?with spaces?=", "with spaces"),
        ("=?x-unknown?Q?caf=C3=A9?=", "café"),
        ("=?utf-8?B?not base64!?=", "=?utf-8?B?not base64!?="),
        ("a\n folded\n\tsubject", "a folded subject"),
        ("Grüße", "Grüße"),
    ],
)
def test_a_subject_is_decoded_however_it_is_written(tmp_path: Path, written: str, read: str):
    if "not base64" in written:
        assert one(tmp_path, mail(Subject=written)).title  # whatever it is, it does not raise
    else:
        assert one(tmp_path, mail(Subject=written)).title == read


def test_a_raw_latin_1_header_is_read(tmp_path: Path):
    assert one(tmp_path, mail(Subject="Grüße aus Köln und Mönchengladbach", charset="latin-1")).title.startswith(
        "Grüße"
    )


def test_junk_among_the_header_lines_loses_no_field(tmp_path: Path):
    data = mail().replace(b"To:", b">From anna@example.org Fri May  3 08:30:00 2024\nlost its indent\nTo:")
    item = one(tmp_path, data)
    assert (item.people[0].address, item.title, item.text) == ("bob@example.com", "The boiler", "It leaks.")


def test_a_body_without_an_empty_line_before_it_is_text(tmp_path: Path):
    data = b"From: anna@example.org\nSubject: Now\nThe boiler leaks.\nCome soon.\n\nAnna\n"
    assert one(tmp_path, data).text == "The boiler leaks.\nCome soon.\n\nAnna"


def test_a_mail_that_is_no_mail_is_text(tmp_path: Path):
    assert one(tmp_path, b"just words\nand more\n").text == "just words\nand more"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told(tmp_path: Path, data: bytes):
    (tmp_path / "a.eml").write_bytes(data)
    (told,) = of(tmp_path)
    assert isinstance(told, Skipped)
    assert told.reason == "It is empty."


def test_a_mail_in_utf_16_is_read(tmp_path: Path):
    assert one(tmp_path, mail("Ærlig.\n").decode().encode("utf-16")).text == "Ærlig."


# dates


@pytest.mark.parametrize(
    ("fields", "iso", "basis"),
    [
        ({"Date": "Fri, 3 May 2024 10:30:00 +0200 (CEST)"}, "2024-05-03T10:30:00+02:00", Basis.OFFSET),
        ({"Date": "Fri, 3 May 2024 08:30:00 GMT"}, "2024-05-03T08:30:00+00:00", Basis.UTC),
        ({"Date": "Fri, 3 May 2024 08:30:00 -0000"}, "2024-05-03T08:30:00+00:00", Basis.UTC),
        ({"Date": "Fri, 3 May 2024 08:30:00 +0000"}, "2024-05-03T08:30:00+00:00", Basis.OFFSET),
        ({"Date": "Fri, 3 May 2024 10:30:00"}, "2024-05-03T10:30:00", Basis.LOCAL),
        ({"Date": "3 May 24 09(comment):  30 : 00 EST"}, "2024-05-03T09:30:00-05:00", Basis.OFFSET),
        ({"Date": "2024-05-03T10:30:00+02:00"}, "2024-05-03T10:30:00+02:00", Basis.OFFSET),
        (
            {"Date": "Thu, 01 Jan 1970 00:00:00 +0000", "Received": "by x; Fri, 3 May 2024 08:31:00 +0000"},
            "2024-05-03T08:31:00+00:00",
            Basis.OFFSET,
        ),
        (
            {
                "Date": "soon",
                "Received": "by y; Fri, 3 May 2024 09:00:00 +0000\nReceived: by x; Fri, 3 May 2024 08:00:00 +0000",
            },
            "2024-05-03T08:00:00+00:00",
            Basis.OFFSET,
        ),
    ],
)
def test_the_time_of_a_mail_and_how_it_is_known(tmp_path: Path, fields: dict[str, str], iso: str, basis: Basis):
    moment = one(tmp_path, mail(**fields)).moment
    assert (moment.iso, moment.basis) == (iso, basis)


def test_a_mail_without_a_date_has_that_of_its_mailbox_line(tmp_path: Path):
    item = one(tmp_path, b"From a@b.c Fri May  3 08:30:00 2024\n" + mail(Date=None), "a.mbox")
    assert (item.moment.iso, item.moment.basis, item.extra["dated_by"]) == (
        "2024-05-03T08:30:00",
        Basis.LOCAL,
        "container",
    )


def test_a_mail_without_any_date_has_that_of_its_file(tmp_path: Path):
    assert one(tmp_path, mail(Date=None)).moment.basis is Basis.FILE


def test_a_date_in_the_far_future_is_not_believed(tmp_path: Path):
    moment = one(tmp_path, mail(Date="Fri, 3 May 2999 10:30:00 +0200")).moment
    assert (moment.basis, moment.raw) == (Basis.FILE, "Fri, 3 May 2999 10:30:00 +0200")


# text


@pytest.mark.parametrize(
    ("charset", "encoded", "read"),
    [
        ("iso-8859-1", "“Größe” – 5 €".encode("cp1252"), "“Größe” – 5 €"),
        ("us-ascii", "Größe".encode(), "Größe"),
        ("x-unknown", "Größe".encode(), "Größe"),
        ("gb2312", "朱镕基".encode("gbk"), "朱镕基"),
        ("ks_c_5601-1987", "한국어 똠방각하".encode("cp949"), "한국어 똠방각하"),
        ("iso-2022-jp", "日本語".encode("iso2022_jp"), "日本語"),
        ("shift_jis", "①日本語".encode("cp932"), "①日本語"),
        ("windows-1255", "שלום".encode("cp1255"), "שלום"),
        ("koi8-r", "привет".encode("koi8_r"), "привет"),
        ("utf-16", "Größe".encode("utf-16"), "Größe"),
        ("utf-8", b"\xef\xbb\xbfyes", "yes"),
        ("punycode", b"plain", "plain"),
    ],
)
def test_text_is_decoded_by_what_it_says_and_by_what_it_is(tmp_path: Path, charset: str, encoded: bytes, read: str):
    data = mail(
        base64.encodebytes(encoded), Content_Type=f'text/plain; charset="{charset}"', Content_Transfer_Encoding="base64"
    )
    assert one(tmp_path, data).text == read


def test_bytes_that_fit_no_charset_are_kept_and_noted(tmp_path: Path):
    item = one(tmp_path, mail(b"caf\xc3\xa9 " * 500 + b"\xff end\n", Content_Type="text/plain; charset=utf-8"))
    assert item.text.startswith("café café")
    assert item.text.endswith(" end")
    assert "lost" in str(item.extra["encoding"])


@pytest.mark.parametrize(
    ("transfer", "body"),
    [
        ("7-bit", "It leaks."),
        ("8bits", "It leaks."),
        ("plain", "It leaks."),
        ("", "It leaks."),
        ("text/html", "It leaks."),
        ("quoted-printable", "It =\nle=61ks."),
        ("Quoted Printable", "It le=61ks."),
        ("quoted-printable;", "It le=61ks."),
        ("base64", "SXQgbGVh\na3Mu"),
        ("BASE64 ", "SXQg\n\nbGVh!\na3Mu===="),
        ("base64", "SXQ=\nIGxlYWtzLg=="),
        ("x-uuencode", "begin 644 a.txt\n)270@;&5A:W,N\n`\nend"),
    ],
)
def test_transfer_encodings_are_undone_however_they_are_spelt(tmp_path: Path, transfer: str, body: str):
    assert one(tmp_path, mail(body + "\n", Content_Transfer_Encoding=transfer)).text == "It leaks."


def test_plain_text_is_preferred_and_its_twin_in_html_is_not_read_twice(tmp_path: Path):
    item = one(tmp_path, multipart(PLAIN + "It leaks badly.", HTML + "<p>It leaks badly.</p>", kind="alternative"))
    assert item.text == "It leaks badly."
    assert item.attachments == ()


def test_html_is_taken_where_the_plain_text_says_nothing(tmp_path: Path):
    stub, page = PLAIN + "Please use an HTML reader.", HTML + f"<p>{'It leaks badly. ' * 20}</p>"
    assert one(tmp_path, multipart(stub, page, kind="alternative")).text.startswith("It leaks badly.")
    assert one(tmp_path, multipart(PLAIN + " ", HTML + "<p>Hi</p>", kind="alternative")).text == "Hi"


def test_flowed_lines_are_joined(tmp_path: Path):
    item = one(tmp_path, mail("It \nleaks \nbadly.\nCome.\n-- \nA\n", Content_Type="text/plain; format=flowed"))
    assert (item.text, item.extra["signature"]) == ("It leaks badly.\nCome.", "A")


def test_text_after_an_attachment_is_text_too(tmp_path: Path):
    picture = "Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\nAAAA"
    item = next(thing for thing in _written(tmp_path, multipart(PLAIN + "Before.", picture, PLAIN + "After.")))
    assert isinstance(item, Item)
    assert (item.text, item.attachments) == ("Before.\n\nAfter.", ("a.png",))


def _written(folder: Path, data: bytes) -> list[Item | Skipped]:
    (folder / "a.eml").write_bytes(data)
    return of(folder)


# parts


def test_a_multipart_that_is_not_divided_is_text(tmp_path: Path):
    data = mail("It leaks.\n", Content_Type="multipart/mixed; boundary=never")
    assert one(tmp_path, data).text == "It leaks."


def test_a_boundary_that_is_not_named_is_found(tmp_path: Path):
    data = mail(parts(PLAIN + "One.", PLAIN + "Two."), Content_Type="multipart/mixed")
    assert one(tmp_path, data).text == "One.\n\nTwo."


def test_a_multipart_that_does_not_close_keeps_its_last_part(tmp_path: Path):
    data = multipart(PLAIN + "One.", PLAIN + "Two.").replace(b"--cut--\n", b"")
    assert one(tmp_path, data).text == "One.\n\nTwo."


def test_boundaries_that_begin_alike_are_told_apart(tmp_path: Path):
    inner = 'Content-Type: multipart/alternative; boundary="cut-2"\n\n' + parts(PLAIN + "In.", boundary="cut-2")
    assert one(tmp_path, multipart(inner, PLAIN + "Out.")).text == "In.\n\nOut."


def test_a_part_without_a_header_is_text(tmp_path: Path):
    assert (
        one(tmp_path, multipart("\nOne.", "Note: this is text.\n\nMore.")).text
        == "One.\n\nNote: this is text.\n\nMore."
    )


def test_parts_are_numbered_as_imap_does_and_every_leaf_comes_once():
    inner = 'Content-Type: multipart/alternative; boundary="in"\n\n' + parts(PLAIN + "a", HTML + "b", boundary="in")
    data = multipart(inner, "Content-Type: image/png\n\nx", "Content-Type: message/rfc822\n\nSubject: in\n\nc")
    head, start = headers.split(data, 0, len(data))
    found = [(part.number, part.type) for part in leaves(data, start, head)]
    assert found == [("1.1", "text/plain"), ("1.2", "text/html"), ("2", "image/png"), ("3", "message/rfc822")]


def test_parts_that_lie_too_deep_are_told(tmp_path: Path):
    body = PLAIN + "Deep."
    for depth in range(15):
        body = f'Content-Type: multipart/mixed; boundary="b{depth}"\n\n' + parts(
            PLAIN + f"{depth}.", body, boundary=f"b{depth}"
        )
    told = [thing for thing in _written(tmp_path, multipart(body)) if isinstance(thing, Skipped)]
    assert [thing.reason for thing in told] == ["Its parts lie more than 10 deep; those below were left out."]


def test_more_parts_than_anybody_sends_are_told(tmp_path: Path):
    things = _written(tmp_path, multipart(*[PLAIN + "x"] * 2_000))
    (told,) = [thing for thing in things if isinstance(thing, Skipped)]
    assert "500 parts" in told.reason


# attachments


def attachment(name: str, data: bytes, kind: str = "application/octet-stream") -> str:
    encoded = base64.encodebytes(data).decode()
    return (
        f'Content-Type: {kind}\nContent-Disposition: attachment; filename="{name}"\n'
        f"Content-Transfer-Encoding: base64\n\n{encoded}"
    )


def test_an_attached_document_is_an_item_of_its_own_in_the_mails_conversation(tmp_path: Path):
    page = b"<html><head><title>Offer</title></head><body><h1>Offer</h1><p>Boiler: 4,200 kr</p></body></html>"
    letter, offer = _written(tmp_path, multipart(PLAIN + "See the offer.", attachment("offer.html", page)))
    assert isinstance(letter, Item)
    assert isinstance(offer, Item)
    assert letter.attachments == ("offer.html",)
    assert (offer.kind, offer.title, offer.locator) == (Kind.DOCUMENT, "offer.html", "a.eml#2/offer.html")
    assert "Boiler: 4,200 kr" in offer.text
    assert (offer.native, offer.thread, offer.author) == (f"{letter.native}/2", letter.thread, letter.author)
    assert offer.moment == letter.moment


def test_the_members_of_an_attached_zip_are_items(tmp_path: Path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("plan/a.txt", "The plan.")
        archive.writestr("plan/b.txt", "The cost.")
    letter, *members = _written(tmp_path, multipart(PLAIN + "Packed.", attachment("x.zip", packed.getvalue())))
    assert [thing.text for thing in members if isinstance(thing, Item)] == ["The plan.", "The cost."]
    assert len({thing.native for thing in (letter, *members) if isinstance(thing, Item)}) == 3


def test_what_is_attached_is_never_copied_to_disk_however_it_is_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.txt", "The plan.")
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("bundle", gzip.compress(inner.getvalue(), 1))
    mail = multipart(PLAIN + "Packed.", attachment("x.zip", outer.getvalue()))
    monkeypatch.setattr("tempfile.SpooledTemporaryFile", None)
    things = _written(tmp_path, mail)
    assert [thing.text for thing in things[1:] if isinstance(thing, Item)] == ["The plan."]


@pytest.mark.parametrize(
    ("name", "data", "kind", "reason", "fault"),
    [
        ("a.jpg", b"\xff\xd8\xff", "image/jpeg", "picture", False),
        ("winmail.dat", b"\x78\x9f\x3e\x22", "application/ms-tnef", "winmail.dat", True),
        ("meet.ics", b"BEGIN:VCALENDAR", "text/calendar", "calendar", False),
        ("smime.p7s", b"\x30", "application/pkcs7-signature", "signature", False),
        ("old.doc", b"\xd0\xcf\x11\xe0", "application/msword", "office format", True),
        ("a.tar.gz", b"\x1f\x8b\x08", "application/gzip", "packed", True),
        ("broken.pdf", b"%PDF-1.4 no", "application/pdf", "PDF", True),
    ],
)
def test_an_attachment_that_is_not_read_is_named_and_told(
    tmp_path: Path, name: str, data: bytes, kind: str, reason: str, fault: bool
):
    letter, told = _written(tmp_path, multipart(PLAIN + "Here.", attachment(name, data, kind)))
    assert isinstance(letter, Item)
    assert isinstance(told, Skipped)
    assert letter.attachments == (name,)
    assert reason in told.reason
    assert (told.fault, told.locator) == (fault, f"a.eml#2/{name}")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=UTF-8''r%C3%A9sum%C3%A9.png", "résumé.png"),
        ("attachment; filename*0*=UTF-8''r%C3%A9; filename*1*=sum%C3%A9; filename*2=.png", "résumé.png"),
        ('attachment; filename="=?utf-8?Q?r=C3=A9sum=C3=A9.png?="', "résumé.png"),
        ("attachment; filename=my photo.png", "my photo.png"),
        ('attachment; filename="..\\\\..\\\\etc/passwd.png"', "passwd.png"),
        ('attachment; filename="never closed.png', "never closed.png"),
        ("attachment", "(image/png)"),
    ],
)
def test_the_name_of_an_attachment_is_read_however_it_is_written(tmp_path: Path, disposition: str, name: str):
    part = f"Content-Type: image/png\nContent-Disposition: {disposition}\n\nx"
    item = _written(tmp_path, multipart(PLAIN + "x", part))[0]
    assert isinstance(item, Item)
    assert item.attachments == (name,)


def test_a_mail_in_a_mail_is_an_item_of_its_own_in_the_same_conversation(tmp_path: Path):
    inner = mail("Original words.\n", Message_ID="<in@x>", From="carl@example.org", Subject="Old").decode()
    outer, found = _written(tmp_path, multipart(PLAIN + "See below.", "Content-Type: message/rfc822\n\n" + inner))
    assert isinstance(outer, Item)
    assert isinstance(found, Item)
    assert (found.text, found.title, found.author) == ("Original words.", "Old", Person("", "carl@example.org"))
    assert (found.thread, found.locator, outer.attachments) == (outer.thread, "a.eml#2", ("(message/rfc822)",))
    alone = one(tmp_path, inner.encode(), "alone.eml")
    assert found.native == alone.native


def test_mails_within_mails_without_end_are_told(tmp_path: Path):
    data = b"Subject: x\n\nend\n"
    for _ in range(14):
        data = b"Subject: x\nContent-Type: message/rfc822\n\n" + data
    things = _written(tmp_path, data)
    assert sum(isinstance(thing, Item) for thing in things) == 11
    assert [thing.reason for thing in things if isinstance(thing, Skipped)] == [
        "It is a mail within more than 10 mails; it was left out."
    ]


# who, and identity


@pytest.mark.parametrize(
    ("fields", "origin"),
    [
        ({"From": "ME@example.com"}, Origin.MINE),
        ({"X-Gmail-Labels": "Gesendet,Arbeit"}, Origin.MINE),
        ({"List-Unsubscribe": "<mailto:x@y>"}, Origin.MACHINE),
        ({"List-Unsubscribe": "<mailto:x@y>", "List-Post": "<mailto:list@y>"}, Origin.OTHER),
        ({"Precedence": "bulk"}, Origin.MACHINE),
        ({"Precedence": "bulk", "List-Post": "<mailto:list@y>"}, Origin.OTHER),
        ({"Auto-Submitted": "auto-replied"}, Origin.MACHINE),
        ({"Auto-Submitted": "no"}, Origin.OTHER),
        ({"From": "no-reply@shop.example"}, Origin.MACHINE),
        ({}, Origin.OTHER),
    ],
)
def test_whose_words_a_mail_holds(tmp_path: Path, fields: dict[str, str], origin: Origin):
    assert one(tmp_path, mail(**fields), me="me@example.com, other@example.com").origin is origin


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("Anna <anna@x.org>; Bob <bob@x.org>", [Person("Anna", "anna@x.org"), Person("Bob", "bob@x.org")]),
        ("undisclosed-recipients:;", []),
        ("Friends: anna@x.org, Bob <bob@x.org>;", [Person("", "anna@x.org"), Person("Bob", "bob@x.org")]),
        ("'anna@x.org' <anna@x.org>", [Person("", "anna@x.org")]),
        ("Pete(A wonderful \\) chap) <pete(his account)@silly.test>", [Person("Pete", "pete@silly.test")]),
        ("=?utf-8?Q?J=C3=B8rn?= <jorn@x.no>", [Person("Jørn", "jorn@x.no")]),
        ("<<<(((", []),
    ],
)
def test_recipients_are_read_however_they_are_written(tmp_path: Path, written: str, people: list[Person]):
    assert list(one(tmp_path, mail(To=written)).people) == people


def test_a_mail_is_the_same_in_every_container(tmp_path: Path):
    data = mail("Hello.\nFrom here on.\n\n> quoted\n")
    eml = one(tmp_path, data, "a.eml").native
    escaped = data.replace(b"\nFrom here", b"\n>From here")
    assert one(tmp_path, b"From a@b Fri May  3 08:30:00 2024\n" + escaped + b"\n", "b.mbox").native == eml
    assert one(tmp_path, data.replace(b"\n", b"\r\n"), "c.eml").native == eml
    assert one(tmp_path, f"{len(data)}\n".encode() + data + b"<plist/>", "1.emlx").native == eml
    assert one(tmp_path, mail("Other.\n"), "d.eml").native != eml


def test_mails_without_an_id_are_told_apart_by_what_they_say(tmp_path: Path):
    first = one(tmp_path, mail("One.\n", Message_ID=None))
    second = one(tmp_path, mail("One.\n", Message_ID=None, Date="Fri, 3 May 2024 10:31:00 +0200"))
    assert first.native != second.native
    assert one(tmp_path, mail("One.\n", Message_ID=None)).native == first.native


@pytest.mark.parametrize(
    ("fields", "thread"),
    [
        ({}, "1@example.org"),
        ({"References": "<root@x> <next@x>", "In-Reply-To": "<next@x>"}, "root@x"),
        ({"In-Reply-To": "<next@x>"}, "next@x"),
        ({"In-Reply-To": "your mail of Friday"}, "1@example.org"),
        ({"X-GM-THRID": "1790000000000000000", "References": "<root@x>"}, "gmail:1790000000000000000"),
    ],
)
def test_a_conversation_is_known_by_its_first_mail(tmp_path: Path, fields: dict[str, str], thread: str):
    assert one(tmp_path, mail(**fields)).thread == thread


# every part, any bytes


SEEDS = [
    mail("On Fri, 3 May 2024, Bob <b@x> wrote:\n> q\n\nNew.\n-- \nA\n"),
    multipart(PLAIN, HTML + "<p style='display:none'>b</p><blockquote type=cite>c</blockquote>d", kind="alternative"),
    multipart(PLAIN + "x", attachment("a.csv", b"a,b\n1,2\n"), "Content-Type: message/rfc822\n\n" + mail().decode()),
    mail(base64.encodebytes("日本語".encode("iso2022_jp")), Content_Type="text/plain; charset=iso-2022-jp",
         Content_Transfer_Encoding="base64", Subject="=?iso-2022-jp?B?GyRCRnxLXBsoQg==?="),
]  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.integers(0, len(SEEDS) - 1), st.integers(0, 2**32))
def test_no_damage_to_a_mail_raises(seed, dice):
    chosen = random.Random(dice)
    data = bytearray(SEEDS[seed])
    for _ in range(chosen.randint(1, 12)):
        at = chosen.randrange(len(data))
        match chosen.randrange(4):
            case 0:
                data[at] = chosen.randrange(256)
            case 1:
                del data[at : at + chosen.randrange(40)]
            case 2:
                data[at:at] = data[at : at + chosen.randrange(200)]
            case _:
                data[at:at] = chosen.choice([b"\n", b"\r", b"\0", b"--cut\n", b'"', b";", b"=?", b"?=", b"<", b"\xff"])
        if not data:
            data = bytearray(b"x")
    for thing in items(Raw(bytes(data), "fuzz"), Owner("fuzz")):
        assert isinstance(thing, Item | Skipped)


@pytest.mark.parametrize(
    "data",
    [
        mail(Content_Type="multipart/mixed; boundary=" + "a" * 70_000),
        mail(To="(" * 60_000),
        mail(To=",".join(["a@b"] * 20_000)),
        mail(Subject="=?utf-8?Q?" * 6_000),
        mail("On " + "a " * 500_000),
        mail("<" * 500_000, Content_Type="text/html"),
        mail("<div>" * 200_000, Content_Type="text/html"),
        mail("<b style='color:white'>x" * 30_000, Content_Type="text/html"),
        mail("<blockquote type=cite>x</blockquote>" * 20_000, Content_Type="text/html"),
        mail("<style>" + "a{" * 100_000 + "</style>", Content_Type="text/html"),
        mail("--b\n" * 200_000, Content_Type="multipart/mixed; boundary=b"),
        b"a: b\n" * 300_000,
        b"a:" + b"\n " * 400_000,
        mail(References="<a@b>" * 20_000),
        mail(Content_Type="text/plain; " + "a=b; " * 20_000),
        mail("> " * 400_000 + "\n>" * 200_000),
        mail("From: a\n" * 100_000),
        mail("begin 644 x\n" + "M\n" * 300_000, Content_Transfer_Encoding="x-uuencode"),
    ],
    ids=lambda data: repr(bytes(data[:60] + data[-20:])),
)
def test_hostile_mails_take_no_long_time(data: bytes):
    import time

    began = time.process_time()
    list(items(Raw(data, "hostile"), Owner("hostile")))
    assert time.process_time() - began < 8


def test_the_connector_names_what_it_reads():
    assert connector.CONNECTOR.name == "mail"
    assert set(connector.CONNECTOR.kinds) == {Kind.MAIL, Kind.DOCUMENT}
    assert "me" in connector.CONNECTOR.asks


@pytest.mark.parametrize(
    ("fields", "caution"),
    [
        ({"X-Gmail-Labels": "Spam"}, Caution.SPAM),
        ({"X-Spam-Flag": "YES"}, Caution.SPAM),
        ({"X-Mozilla-Status": "0009"}, Caution.DELETED),
        ({"X-Status": "D"}, Caution.DELETED),
    ],
)
def test_what_a_mail_says_of_itself_is_a_caution_that_its_attachments_share(
    tmp_path: Path, fields: dict[str, str], caution: Caution
):
    things = _written(tmp_path, multipart(PLAIN + "x", attachment("a.txt", b"text"), **fields))
    assert [thing.cautions for thing in things if isinstance(thing, Item)] == [frozenset({caution})] * 2
