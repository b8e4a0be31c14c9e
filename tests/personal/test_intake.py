"""Intake: what is kept of an export, of one that overlaps it, of one that is read again, and after a kill."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from personal.living import (
    MAILS,
    Lived,
    allow,
    box,
    everything,
    excluded,
    in_another_process,
    keys,
    opened,
    read,
    records,
    texts,
)
from vaults import SECRET

from cascade.errors import Locked, NoGrant, NotAllowed, WrongEncoder
from cascade.models import resolve
from cascade.models.toy import ToyEncoder
from indexers.personal import home as homes
from indexers.personal import intake
from indexers.personal.erase import Which, erase
from indexers.personal.grants import INDEX, Scope, Sealed
from indexers.personal.home import Home
from indexers.personal.intake import MARKS, Run, take_in
from indexers.personal.life.written import Written
from indexers.personal.vault import folder
from indexers.sources.connectors import registry
from indexers.sources.connectors.base import Caution, Item, Kind, Moment


def said(home: Home, grant: str) -> list[str]:
    return [text.strip() for text in texts(home, grant)]


def test_the_same_export_again_adds_nothing(lived: Lived) -> None:
    with opened(lived) as home:
        for name, grant in lived.grants.items():
            before = (home.unlocked.counts(grant), texts(home, grant))
            taken = read(home, grant)
            assert (name, taken.records, taken.passages, taken.replaced) == (name, 0, 0, 0)
            assert (home.unlocked.counts(grant), texts(home, grant)) == before


def test_an_overlapping_export_adds_what_is_new_and_replaces_what_changed(home: Home, tmp_path: Path) -> None:
    grant = allow(home, "mail", box(tmp_path / "m" / "a.mbox", *MAILS).parent)
    assert read(home, grant).records == 3
    box(tmp_path / "m" / "a.mbox", "garden", "violin", "harbour")
    taken = read(home, grant)
    assert (taken.records, taken.replaced) == (3, 2)  # two have another date in this export
    assert [(record.title, record.text.strip()) for record in records(home, grant)] == [
        ("The boiler (mail, Anna Berg, 1 May 2024)", "News of the boiler."),  # exports forget, and nothing is dropped
        ("The garden (mail, Anna Berg, 1 May 2024)", "News of the garden."),
        ("The harbour (mail, Anna Berg, 3 May 2024)", "News of the harbour."),
        ("The violin (mail, Anna Berg, 2 May 2024)", "News of the violin."),
    ]


def test_one_thing_met_twice_is_kept_once(home: Home, tmp_path: Path) -> None:
    box(tmp_path / "m" / "Inbox.mbox", *MAILS)
    shutil.copy(tmp_path / "m" / "Inbox.mbox", tmp_path / "m" / "Work.mbox")
    grant = allow(home, "mail", tmp_path / "m")
    taken = read(home, grant)
    assert (taken.records, taken.repeated, taken.files) == (3, 3, 2)
    assert home.unlocked.counts(grant).records == 3


def test_of_a_mailbox_that_grew_only_the_new_is_read(home: Home, tmp_path: Path) -> None:
    path = box(tmp_path / "m" / "a.mbox", *MAILS)
    grant = allow(home, "mail", path.parent)
    first = read(home, grant)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + box(tmp_path / "more.mbox", "harbour").read_bytes())
    taken = read(home, grant)
    assert (first.bytes >= size, taken.records, taken.unchanged) == (True, 1, 0)
    assert taken.bytes < size
    assert len(said(home, grant)) == 4


def test_a_mailbox_that_was_written_anew_is_read_from_its_beginning(home: Home, tmp_path: Path) -> None:
    path = box(tmp_path / "m" / "a.mbox", *MAILS)
    grant = allow(home, "mail", path.parent)
    read(home, grant)
    path.write_bytes(b"X" + box(tmp_path / "other.mbox", "harbour", "anchor", "tide", "canal").read_bytes())
    box(path, "harbour", "anchor", "tide", "canal")
    assert read(home, grant).records == 4


def test_a_grant_that_takes_in_more_is_read_from_the_beginning(home: Home, tmp_path: Path) -> None:
    path = box(tmp_path / "m" / "a.mbox", *MAILS, **{"X-Gmail-Labels": "Spam"})
    path.write_bytes(path.read_bytes() + box(tmp_path / "more.mbox", "harbour").read_bytes())
    grant = allow(home, "mail", path.parent)
    taken = read(home, grant)
    assert (taken.records, taken.left) == (1, {"spam": 3})
    allow(home, "mail", path.parent, scope=Scope(cautions=(Caution.SPAM,)), again=grant)
    taken = read(home, grant)
    assert (taken.records, taken.unchanged, taken.left) == (3, 1, {})


def test_at_most_so_many_things_are_kept_however_often_it_is_read(home: Home, tmp_path: Path) -> None:
    path = box(tmp_path / "m" / "a.mbox", *MAILS)
    grant = allow(home, "mail", path.parent, scope=Scope(most=2))
    assert [read(home, grant).records, read(home, grant).records] == [2, 0]


def test_what_needs_asking_is_left_out_by_reason_and_kept_where_it_was_asked_for(home: Home, life: Written) -> None:
    export = life.export("whatsapp")
    choices = dict(export.choices)
    plain = read(home, allow(home, "whatsapp", export.root, scope=Scope(choices=choices)))
    assert plain.left["group"] > 0 and plain.left["deleted"] > 0
    more = Scope(choices=choices, cautions=(Caution.GROUP,))
    asked = read(home, allow(home, "whatsapp", export.root, scope=more, source="with groups"))
    assert asked.left["group"] == 0 and asked.records > plain.records
    assert asked.records + asked.left.total() == plain.records + plain.left.total()


def test_nothing_barred_and_nobody_excluded_is_in_any_byte_of_the_vault(lived: Lived) -> None:
    cast, owners = lived.written.life.cast, [*lived.grants.values(), "ledger"]
    with opened(lived) as home:
        held = everything(lived.root, keys(home), lived.vault.id, owners)
        shown = [word for name in lived.grants for word in lived.written.canaries(name, barred=True)]
        assert shown and [word for word in shown if word.encode() in held] == []
        for grant in lived.grants.values():
            for record in records(home, grant):
                people = json.dumps(record.metadata, ensure_ascii=False)
                assert not any(name in f"{record.title} {record.text} {people}" for name in excluded(cast))
        kept = [word for name in lived.grants for word in lived.written.canaries(name, barred=False)]
        assert kept and [word for word in kept if word.encode() not in held] == []  # the control


def test_no_planted_secret_is_in_any_byte_of_the_vault(home: Home, life: Written) -> None:
    grants = []
    for export in life.exports:
        if export.connector in ("mail", "telegram", "assistants", "obsidian", "shell", "calendars"):
            grants.append(allow(home, export.connector, export.root, scope=Scope(choices=dict(export.choices))))
    counts = sum((read(home, grant).scrubbed for grant in grants), start=intake.Counter[str]())
    held = everything(home.vault.layout.root, keys(home), home.vault.id, [*grants, "ledger"])
    assert {"password", "link", "token"} <= set(counts)
    assert life.life.secrets
    for _, value in life.life.secrets:
        assert value.encode() not in held
        assert re.sub(r"\D", "", value) not in held.decode("utf-8", "replace") or len(re.sub(r"\D", "", value)) < 8


def test_a_secret_is_taken_out_of_every_part_of_an_item_and_counted(home: Home, tmp_path: Path) -> None:
    card = "4539 1488 0343 6467"
    path = box(tmp_path / "a.mbox", "boiler", Subject=f"My card is {card}")
    grant = allow(home, "mail", path)
    taken = read(home, grant)
    (record,) = records(home, grant)
    assert taken.scrubbed["card"] == 1 or taken.records == 1
    assert card not in record.title
    held = everything(home.vault.layout.root, keys(home), home.vault.id, [grant, "ledger"])
    assert card.encode() not in held and card.replace(" ", "").encode() not in held


def test_what_was_erased_by_part_does_not_come_back(lived: Lived) -> None:
    grant = lived.grants["telegram"]
    with opened(lived) as home:
        name = next(filter(None, (one.metadata.get("author", "").partition(" <")[0] for one in records(home, grant))))
        receipt = erase(home.unlocked, home.grants, grant, Which.of(people=(name,)))
        assert receipt.records >= 1
        left = texts(home, grant)
        taken = read(home, grant)
        assert (taken.records, taken.barred >= 1, texts(home, grant)) == (0, True, left)


KILLED = """
import os, signal
from pathlib import Path
from vaults import SECRET
from cascade.models.toy import ToyEncoder
from indexers.personal import home, intake
intake.AT_ONCE = 4
def heard(taken):
    if taken.records >= {after}:
        os.kill(os.getpid(), signal.SIGKILL)
with home.unlocked(Path({root!r}), SECRET) as opened:
    intake.take_in(opened, {grant!r}, ToyEncoder(), heard)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill so")
def test_a_run_that_is_killed_and_run_again_gives_what_one_run_gives(tmp_path: Path) -> None:
    from vaults import vault

    topics = [f"topic{number}" for number in range(14)]
    path = box(tmp_path / "m" / "a.mbox", *topics)
    root = vault(tmp_path / "vault").layout.root
    with homes.unlocked(root, SECRET) as home:
        grant = allow(home, "mail", path.parent)
        whole = allow(home, "mail", path.parent, source="mail")
        read(home, whole)
    for after in (4, 4):
        code = KILLED.format(root=str(root), grant=grant, after=after)
        done = subprocess.run(in_another_process(code), capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
    with homes.unlocked(root, SECRET) as home:
        assert home.unlocked.counts(grant).records == 8  # what was committed is there
        taken = read(home, grant)
        assert (taken.records, taken.bytes < path.stat().st_size) == (6, True)
        assert [(one.text, one.title, one.time) for one in records(home, grant)] == [
            (one.text, one.title, one.time) for one in records(home, whole)
        ]


def test_only_one_process_takes_in_at_a_time(home: Home, place: Path, tmp_path: Path) -> None:
    grant = allow(home, "mail", box(tmp_path / "a.mbox", "boiler"))
    with folder.writing(home.vault.layout), pytest.raises(Locked):
        read(home, grant)
    assert read(home, grant).records == 1


def test_another_encoder_than_the_vaults_is_refused_before_anything_is_read(home: Home, tmp_path: Path) -> None:
    class Other(ToyEncoder):
        name, fingerprint = "other", "other-1"

    grant = allow(home, "mail", box(tmp_path / "a.mbox", "boiler"))
    with pytest.raises(WrongEncoder, match="toy"):
        take_in(home, grant, Other())
    assert home.unlocked.counts(grant).records == 0


def test_no_text_goes_to_an_encoder_on_another_machine(home: Home, tmp_path: Path) -> None:
    grant = allow(home, "mail", box(tmp_path / "a.mbox", "boiler"))
    for name in ("https://models.example.org/v1#embed", "openai:text-embedding-3-small"):
        with pytest.raises(NotAllowed, match="cascade me init"):
            take_in(home, grant, resolve.encoder(name))
    intake.near(resolve.encoder("http://127.0.0.1:1/v1#embed"))


def test_a_grant_that_ends_while_it_is_read_ends_the_reading(home: Home, tmp_path: Path) -> None:
    grant = allow(home, "mail", box(tmp_path / "a.mbox", *MAILS))
    take_in(home, grant, ToyEncoder(), lambda taken: homes.at(home.vault.layout.root).grants.revoke(grant))
    with pytest.raises(NoGrant):
        read(home, grant)


def test_faults_are_counted_with_their_place_and_the_rest_is_kept(home: Home, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "good.ics").write_text(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20240501T100000Z\r\nSUMMARY:Dentist\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    (tmp_path / "m" / "bad.ics").write_bytes(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:nonsense\r\nEND:VEVENT\r\n")
    taken = read(home, allow(home, "calendars", tmp_path / "m"))
    assert (taken.records, home.unlocked.counts(taken.grant).records) == (1, 1)
    assert taken.passed == {"There is no text in it.": 1}  # which was kept without its time, and says nothing else
    assert taken.failed == len(taken.faults) == 1
    assert all(fault.locator.startswith("bad.ics") and fault.reason for fault in taken.faults)


def stretch(native: str, *lines: str) -> Item:
    """A stretch of a chat, as the connectors of chats make them."""
    when = Moment("2024-05-01T10:00:00+00:00")
    return Item(Kind.CHAT, native, "\n".join(lines), f"chat#{native}", when, extra={"messages": len(lines)})


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("newer_first", [True, False])
def test_the_longer_of_two_versions_of_a_stretch_stays_in_whichever_order(
    home: Home, tmp_path: Path, apart: bool, newer_first: bool
) -> None:
    grant = allow(home, "telegram", tmp_path)
    longer, shorter = stretch("1", "one", "two", "three"), stretch("1", "one", "two")
    order = [longer, shorter] if newer_first else [shorter, longer]
    run = Run(home, grant, ToyEncoder())
    for items in ([order[0]], [order[1]]) if apart else (order,):
        run.add([*items, stretch(f"other {items[0].text}", "alone")], "telegram")
    assert [text for text in texts(home, grant) if text != "alone"] == [longer.text]
    again = Run(home, grant, ToyEncoder())
    again.add(order, "telegram")
    assert (again.taken.records, again.taken.replaced) == (0, 0)
    assert longer.text in texts(home, grant)


def test_a_stretch_that_was_edited_is_replaced_where_it_is_as_long(home: Home, tmp_path: Path) -> None:
    grant = allow(home, "telegram", tmp_path)
    Run(home, grant, ToyEncoder()).add([stretch("1", "one", "two")], "telegram")
    run = Run(home, grant, ToyEncoder())
    run.add([stretch("1", "one", "2")], "telegram")
    assert (texts(home, grant), run.taken.replaced) == (["one\n2"], 1)


def test_how_far_was_read_is_sealed_and_goes_with_the_grant(home: Home, tmp_path: Path) -> None:
    grant = allow(home, "mail", box(tmp_path / "a.mbox", "boiler"))
    read(home, grant)
    assert Sealed(home.unlocked).get(grant, MARKS)
    assert not any(b"a.mbox" in path.read_bytes() for path in home.vault.layout.root.rglob("*") if path.is_file())


def test_the_vault_itself_is_never_read_though_it_lies_in_what_is_granted(home: Home, tmp_path: Path) -> None:
    box(tmp_path / "a.mbox", "boiler")
    grant = allow(home, "documents", tmp_path)
    read(home, grant)
    assert not any("vault" in record.title for record in records(home, grant))


def test_every_connector_names_itself_as_the_registry_does() -> None:
    assert [registry.connector(name).name for name in registry.names()] == list(registry.names())
    assert INDEX.use.value == "index"
