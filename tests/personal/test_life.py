"""A generated life: the same from a seed, consistent, and where the manifest says it is."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections import Counter
from contextlib import closing
from datetime import date
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from indexers.personal.life import App, Class, live
from indexers.personal.life.barred import card
from indexers.personal.life.life import BEGIN, END, ROUNDS
from indexers.personal.life.things import canary
from indexers.personal.life.written import Written
from indexers.sources.connectors.base import Caution

pytest.importorskip("PIL")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return live(seed=7, scale=900).write(tmp_path_factory.mktemp("life") / "exports")


def read(folder: Path, name: str) -> bytes:
    """The bytes of a file the manifest names, through archives in archives."""
    outer, *members = name.split("!")
    raw = (folder / outer).read_bytes()
    if (wal := folder / f"{outer}-wal").exists():
        raw += wal.read_bytes()
    for member in members:
        raw = zipfile.ZipFile(io.BytesIO(raw)).read(member)
    return raw


def member(written: Written, part: int, name: str) -> bytes:
    path = written.folder / "takeout" / f"takeout-20260701T090000Z-{part:03d}.zip"
    return zipfile.ZipFile(path).read(f"Takeout/{name}")


def flat(raw: bytes) -> bytes:
    """Without the folds of iCalendar and of quoted-printable, which may lie in a canary."""
    return re.sub(rb"=\r\n|\r\n ", b"", raw)


def test_the_same_seed_gives_the_same_life_and_another_seed_another_one() -> None:
    assert live(3, 400) == live(3, 400)
    assert live(3, 400).cast.owner != live(4, 400).cast.owner or live(3, 400).things != live(4, 400).things


@pytest.mark.parametrize("scale", [100, 1_000, 6_000])
def test_a_life_has_about_as_many_things_as_were_asked_for(scale: int) -> None:
    life = live(1, scale)
    assert scale <= len(life.things) <= scale + 100
    assert set(life.counts()) == set(App)
    assert min(life.counts().values()) >= 2


def test_a_large_life_has_twenty_four_of_each_story_and_every_question_once() -> None:
    life = live(1, 6_000)
    questions = Counter(fact.question for fact in life.facts)
    assert max(questions.values()) == 1
    assert Counter(fact.kind for fact in life.facts) == {
        Class.SINGLE: 2 + 3 * ROUNDS, Class.CROSS: 3 * ROUNDS, Class.TEMPORAL: 3 + 3 * ROUNDS,
        Class.WHO_SAID: 3 * ROUNDS, Class.CHANGED: 2 * ROUNDS, Class.NEVER: 2 * ROUNDS,
    }  # fmt: skip


def test_everything_happens_within_the_life() -> None:
    days = [thing.at.date() for thing in live(5, 2_000).things]
    assert BEGIN.toordinal() - 1 <= min(days).toordinal() and max(days) <= END
    assert max(days) > date(2026, 5, 1)


def test_what_proves_a_fact_says_its_answer_and_may_be_shown() -> None:
    life = live(2, 4_000)
    of = {thing.canary: thing for thing in life.things}
    for fact in life.facts:
        said = " ".join(
            f"{of[one].title} {of[one].text} {of[one].author} {of[one].extra}" for group in fact.proof for one in group
        )
        assert not any(of[one].barred for group in fact.proof for one in group), fact.question
        if fact.kind in (Class.SINGLE, Class.CROSS, Class.WHO_SAID):
            for part in fact.answer.split("; "):
                assert part in said, (fact.question, fact.answer)


def test_a_fact_of_two_sources_needs_two_programs() -> None:
    life = live(2, 4_000)
    of = {thing.canary: thing for thing in life.things}
    for fact in life.facts:
        if fact.kind == Class.CROSS:
            assert len({of[group[0]].app for group in fact.proof}) == 2


def test_two_friends_share_a_first_name_and_the_family_its_last() -> None:
    cast = live(9, 100).cast
    assert cast.friends[0].first == cast.friends[1].first
    assert cast.friends[0].name != cast.friends[1].name
    assert cast.mother.name.split()[-1] == cast.brother.name.split()[-1] == cast.owner.name.split()[-1]
    people = [cast.owner, *cast.everyone, cast.stranger]
    assert len({one.mail for one in people}) == len({one.phone for one in people}) == len(people)


def test_a_canary_is_a_word_of_its_own_and_as_long_as_the_id_of_a_video() -> None:
    words = {canary(seed, number) for seed in range(3) for number in range(5_000)}
    assert len(words) == 15_000
    assert all(re.fullmatch("zq[a-z2-9]{9}", word) for word in words)


def test_each_kind_of_what_must_not_appear_is_there() -> None:
    life = live(7, 900)
    assert {thing.caution for thing in life.things if thing.caution} == {
        Caution.SPAM, Caution.TRASH, Caution.CONFIDENTIAL, Caution.ADVERTISEMENT, Caution.PARTNER, Caution.DISAPPEARING,
        Caution.DELETED, Caution.GROUP, Caution.PROFILE, Caution.INCOGNITO,
    }  # fmt: skip
    wrote = {thing.app for thing in life.things if thing.excluded}
    assert wrote == {App.GMAIL, App.WHATSAPP, App.CONTACT}


def test_every_canary_is_in_the_file_that_the_manifest_names(written: Written) -> None:
    manifest = json.loads(written.manifest.read_text("utf-8"))
    assert len(manifest["records"]) == len(written.life.things)
    for record in manifest["records"]:
        assert record["canary"].encode() in flat(read(written.folder, record["file"])), record


def test_no_canary_is_in_the_file_of_another_export(written: Written) -> None:
    """But for the manifest, which lies outside of every export."""
    for export in written.exports:
        files = [export.root] if export.root.is_file() else [path for path in export.root.rglob("*") if path.is_file()]
        raw = b"".join(_opened(path) for path in files)
        foreign = {word.decode() for word in re.findall(rb"zq[a-z2-9]{9}(?![a-z0-9])", flat(raw))}
        assert foreign == written.canaries(export.name), export.name


def _opened(path: Path) -> bytes:
    raw = path.read_bytes()
    return _unzipped(raw) if path.suffix == ".zip" else raw


def _unzipped(raw: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = [archive.read(name) for name in archive.namelist()]
    return b"\n".join(_unzipped(part) if part.startswith(b"PK") else part for part in parts)


def test_what_may_appear_and_what_must_not_are_apart(written: Written) -> None:
    for export in written.exports:
        may, must_not = written.canaries(export.name, barred=False), written.canaries(export.name, barred=True)
        assert not may & must_not
        assert may | must_not == written.canaries(export.name)
    assert written.canaries("whatsapp", barred=True) and written.canaries("takeout", barred=True)


def test_writing_the_same_life_again_gives_the_same_bytes(tmp_path: Path) -> None:
    life = live(11, 200)
    first, second = life.write(tmp_path / "a"), life.write(tmp_path / "b")
    for path in sorted(first.folder.rglob("*")):
        if path.is_file() and "sqlite" not in path.name and not path.name.startswith("History"):
            assert path.read_bytes() == (second.folder / path.relative_to(first.folder)).read_bytes(), path


def test_the_mbox_of_gmail_has_labels_as_one_encoded_word_and_escaped_lines(written: Written) -> None:
    raw = member(written, 1, "Mail/All mail Including Spam and Trash.mbox")
    mails = re.split(rb"(?m)^From \d+@xxx [^\r]+\r\n", raw)[1:]
    assert len(mails) == len(written.life.of(App.GMAIL))
    labels = Counter()
    for mail in mails:
        said = message_from_bytes(mail, policy=policy.compat32)["X-Gmail-Labels"]
        labels.update(str(make_header(decode_header(said))).split(","))
    assert {"Indbakke", "Spam", "Papirkurv", "Ulæst", "Rejser"} <= set(labels)
    assert b"\r\n>From here on" in raw
    assert b"\r\nFrom here on" not in raw
    assert raw.isascii() is False  # a mail whose charset is not what it says


def test_an_answer_quotes_without_the_canary_of_what_it_answers(written: Written) -> None:
    raw = member(written, 1, "Mail/All mail Including Spam and Trash.mbox")
    assert re.search(rb"(?m)^> ", raw) or b"-----Original Message-----" in raw
    counted = Counter(re.findall(rb"ref (zq[a-z2-9]{9})", flat(raw)))
    both = [thing for thing in written.life.of(App.GMAIL) if thing.extra.get("html") == "yes"]
    assert all(counted[thing.canary.encode()] == 2 for thing in both)
    assert set(counted.values()) == {1, 2}


def test_sidecars_lie_in_the_other_part_and_their_names_are_cut(written: Written) -> None:
    first = zipfile.ZipFile(written.folder / "takeout" / "takeout-20260701T090000Z-001.zip").namelist()
    second = zipfile.ZipFile(written.folder / "takeout" / "takeout-20260701T090000Z-002.zip").namelist()
    assert sum(name.endswith(".jpg") for name in first) > 10
    sidecars = [Path(name).name for name in second if "/Google Photos/" in name]
    assert len(sidecars) == len(written.life.of(App.PHOTO))
    assert max(len(name) for name in sidecars) == 51
    assert any(name.endswith(".supplemental-metadata(1).json") for name in sidecars)
    assert not any("/Google Photos/" in name and name.endswith(".json") for name in first)


def test_pictures_are_real_and_their_place_is_where_they_were_taken(written: Written) -> None:
    from PIL import Image

    for thing in written.life.of(App.PHOTO):
        if thing.defect != "no exif":
            exif = Image.open(io.BytesIO(read(written.folder, written.places[thing.canary].file))).getexif()
            assert thing.canary in exif[0x010E]
            if thing.place:
                degrees, minutes, seconds = (float(one) for one in exif.get_ifd(0x8825)[2])
                assert degrees + minutes / 60 + seconds / 3600 == pytest.approx(abs(thing.place.latitude), abs=0.001)


def test_a_picture_without_exif_is_described_by_its_sidecar_alone(written: Written) -> None:
    bare = [thing for thing in written.life.of(App.PHOTO) if thing.defect == "no exif"]
    assert bare
    for thing in bare:
        said = json.loads(read(written.folder, written.places[thing.canary].file))
        assert thing.canary in said["description"]
        assert int(said["photoTakenTime"]["timestamp"]) == int(thing.at.timestamp())


def test_half_of_what_a_browser_knows_is_in_its_log_alone(written: Written, tmp_path: Path) -> None:
    root = written.export("chrome").root / "google-chrome" / "Default"
    count = "SELECT count(*) FROM urls WHERE title != 'Mine'"
    things = len(written.life.of(App.CHROME))
    with closing(sqlite3.connect(f"file:{root / 'History'}?mode=ro&immutable=1", uri=True)) as base:
        assert base.execute(count).fetchone()[0] == things // 2
    for name in ("History", "History-wal"):
        (tmp_path / name).write_bytes((root / name).read_bytes())
    with closing(sqlite3.connect(tmp_path / "History")) as base:
        assert base.execute(count).fetchone()[0] == things


def test_the_json_of_telegram_is_no_json_until_its_escapes_are_mended(written: Written) -> None:
    raw = (written.export("telegram").root / "DataExport_2026-07-01" / "result.json").read_text("utf-8")
    with pytest.raises(json.JSONDecodeError):
        json.loads(raw)
    whole = json.loads(re.sub(r"\\x([0-9a-f]{2})", r"\\u00\1", raw))
    messages = [one for chat in whole["chats"]["list"] for one in chat["messages"]]
    assert sum("self_destruct_period_seconds" in one for one in messages) >= 1
    assert any(one["type"] == "service" for one in messages)
    assert any(one.get("from", "") is None for one in messages)
    assert any(isinstance(one["text"], list) for one in messages)


def test_the_letters_of_messenger_are_bytes(written: Written) -> None:
    path = next((written.export("messenger").root / "your_facebook_activity").rglob("message_1.json"))
    said = json.loads(path.read_text("utf-8"))
    assert path.read_bytes().isascii()
    names = [one["name"].encode("latin-1").decode("utf-8") for one in said["participants"]]
    assert written.life.cast.owner.name in names
    times = [one["timestamp_ms"] for one in said["messages"]]
    assert times == sorted(times, reverse=True)


def test_the_calendar_has_each_of_its_faults(written: Written) -> None:
    raw = member(written, 2, f"Calendar/{written.life.cast.owner.mail}.ics")
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) == 75
    assert any(_undecodable(line) for line in lines)
    for said in (b"TZID=Romance Standard Time", b"CLASS:CONFIDENTIAL", b"STATUS:CANCELLED", b"VALUE=DATE:", b"RRULE:",
                 b"DTSTART:20240231T250000", b"DTSTART:2"):  # fmt: skip
        assert said in raw, said


def _undecodable(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def test_both_lists_of_netflix_have_their_own_columns(written: Written) -> None:
    root = written.export("netflix").root
    short = list(csv.DictReader(io.StringIO((root / "NetflixViewingHistory.csv").read_text("utf-8"))))
    long = list(csv.DictReader(io.StringIO((root / "CONTENT_INTERACTION" / "ViewingActivity.csv").read_text("utf-8"))))
    assert set(short[0]) == {"Title", "Date"}
    assert {row["Profile Name"] for row in long} == {written.life.cast.owner.first, written.life.cast.partner.first}
    assert len(short) + len([row for row in long if not row["Supplemental Video Type"]]) == len(
        written.life.of(App.NETFLIX)
    )


def test_cards_come_in_three_versions(written: Written) -> None:
    raw = member(written, 2, "Contacts/All Contacts/All Contacts.vcf")
    assert set(re.findall(rb"VERSION:(\d\.\d)", raw)) == {b"2.1", b"3.0", b"4.0"}
    assert b"ENCODING=QUOTED-PRINTABLE" in raw


def test_secrets_lie_where_the_manifest_says(written: Written) -> None:
    assert {kind for kind, _ in written.life.secrets} == {"aws", "github", "card", "word"}
    marked = [thing for thing in written.life.things if "secret" in thing.extra]
    assert len(marked) == len(written.life.secrets)
    for thing, (_, value) in zip(sorted(marked, key=lambda one: one.number), written.life.secrets, strict=True):
        assert value in thing.text


def test_a_card_number_has_the_digit_that_makes_its_sum_right() -> None:
    assert card("411111111111111") == "4111111111111111"  # the test number that everybody knows


def test_the_things_of_a_room_are_between_the_owner_and_whom_it_is_named_after() -> None:
    life = live(7, 900)
    for thing in life.of(App.TELEGRAM, App.MESSENGER, App.GOOGLE_CHAT):
        assert thing.author is not None
        assert thing.author in (life.cast.owner, *life.cast.everyone)
        assert thing.author == life.cast.owner or thing.room == thing.author.name
