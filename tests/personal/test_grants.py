"""Consent: what stands, what must be asked for again, and what a ledger never holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from personal.kept import INCARNATION, NOTES, Kept, allow, grants

from cascade.errors import Corrupt, NoGrant, NotFound, OutsideScope, UsageError
from indexers.personal import chain
from indexers.personal.grants import (
    EXPORT,
    INDEX,
    LOCAL,
    Purpose,
    Request,
    Scope,
    State,
    Today,
    Use,
    asked,
    disclosure,
    settled,
    wider,
)
from indexers.sources.connectors.base import Caution, Kind

HOSTED = Purpose(Use.HOSTED, "gpt-x")


@pytest.fixture
def notes(tmp_path: Path) -> Request:
    (tmp_path / "notes").mkdir()
    return settled(Request("notes", (str(tmp_path / "notes"),), (INDEX, LOCAL)))


def test_what_was_allowed_stands_and_is_read_back_whole(tmp_path: Path, notes: Request) -> None:
    request = replace(notes, scope=Scope(labels=("Work",), kinds=(Kind.NOTE,), most=3, choices={"a": "b"}))
    store = Kept()
    grant = allow(grants(tmp_path, store), request)
    ledger = grants(tmp_path, store)
    assert ledger.grant(grant.id) == grant
    assert ledger.standing(grant.id).state is State.GRANTED
    assert (grant.details.source, grant.details.roots) == ("notes", request.roots)
    assert grant.scope == request.scope
    assert ledger.permitted(LOCAL) == (grant.id,)


def test_the_ledger_holds_nothing_personal(tmp_path: Path, notes: Request) -> None:
    secret = Scope(people=("anna@example.org",), labels=("Divorce",), exclude=("diary/*",), since="2020")
    grant = allow(ledger := grants(tmp_path), replace(notes, source="my-diary", scope=secret))
    ledger.revoke(grant.id)
    ledger.erased(grant.id, b"receipt")
    text = (tmp_path / "grants.log").read_text()
    for personal in ("anna", "Divorce", "diary", str(tmp_path), "owner", "2020-01-01"):
        assert personal not in text
    again = allow(ledger, replace(notes, source="my-diary", scope=secret))
    assert again.terms.details != grant.terms.details  # salted: equal details cannot be told to be equal


def test_a_purpose_is_granted_by_itself_and_by_nothing_else(tmp_path: Path, notes: Request) -> None:
    ledger = grants(tmp_path)
    grant = allow(ledger, replace(notes, purposes=(INDEX, HOSTED)))
    ledger.check(grant.id, INDEX)
    ledger.check(grant.id, HOSTED)
    for other in (LOCAL, EXPORT, Purpose(Use.HOSTED, "gpt-y")):
        with pytest.raises(NoGrant, match=r"is for hosted-model:gpt-x, index, and not for"):
            ledger.check(grant.id, other)
        assert ledger.permitted(other) == ()


@pytest.mark.parametrize("text", ["hosted-model", "hosted-model:", "index:x", "show", "", "local_model"])
def test_what_is_no_purpose_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no purpose"):
        Purpose.parse(text)


def test_a_revoked_grant_stays_revoked_and_a_second_time_changes_nothing(tmp_path: Path, notes: Request) -> None:
    grant = allow(ledger := grants(tmp_path), notes)
    assert ledger.revoke(grant.id).state is State.REVOKED
    lines = len(ledger.history())
    ledger.revoke(grant.id)
    assert len(ledger.history()) == lines
    with pytest.raises(NoGrant, match="was revoked on"):
        ledger.check(grant.id)
    with pytest.raises(NoGrant, match="does not come back"):
        allow(ledger, notes, again=grant.id)


def test_a_locked_vault_can_still_revoke(tmp_path: Path, notes: Request) -> None:
    class Locked(Kept):
        def remember(self, head: bytes) -> None:
            raise Corrupt("locked")

        def get(self, grant: str, name: str) -> bytes | None:
            raise Corrupt("locked")

    store = Kept()
    grant = allow(grants(tmp_path, store), notes)
    assert grants(tmp_path, Locked()).revoke(grant.id).state is State.REVOKED
    assert grants(tmp_path, store).standing(grant.id).state is State.REVOKED


def test_a_grant_ends_after_its_last_day(tmp_path: Path, notes: Request) -> None:
    ledger = grants(tmp_path)
    grant = allow(ledger, replace(notes, expires="2030-06"))
    assert grant.terms.expires == "2030-06-30"
    last, after = (datetime(2030, 6, 30, 12).astimezone(), datetime(2030, 7, 1, 12).astimezone())
    assert ledger.standing(grant.id, last).state is State.GRANTED
    assert ledger.standing(grant.id, after).state is State.EXPIRED
    assert (ledger.permitted(INDEX, last), ledger.permitted(INDEX, after)) == ((grant.id,), ())
    with pytest.raises(NoGrant, match="ended after 2030-06-30"):
        ledger.check(grant.id, INDEX, after)


@pytest.mark.parametrize(
    ("today", "why"),
    [
        (Today("1e" * 16, {"notes": 1}), "restored"),
        (Today(INCARNATION, {"notes": 2}), "which is now 2"),
        (Today(INCARNATION, {}), "not there"),
        (Today(INCARNATION, {"notes": 1}, "Other promises."), "other promises"),
    ],
)
def test_what_changed_since_makes_a_grant_pending(tmp_path: Path, notes: Request, today: Today, why: str) -> None:
    store = Kept()
    grant = allow(grants(tmp_path, store), notes)
    ledger = grants(tmp_path, store, today)
    found = ledger.standing(grant.id)
    assert (found.state, why in found.why) == (State.PENDING, True)
    assert ledger.permitted(INDEX) == ()
    with pytest.raises(NoGrant, match=why):
        ledger.permit(grant.id, NOTES)


def test_a_pending_grant_stands_again_once_it_is_asked_for_again(tmp_path: Path, notes: Request) -> None:
    store = Kept()
    old = allow(grants(tmp_path, store), notes)
    ledger = grants(tmp_path, store, Today(INCARNATION, {"notes": 2}))
    newer = replace(NOTES, version=2)
    with pytest.raises(NoGrant, match="Read it again"):
        ledger.allow(notes, newer, agreed=old.terms.policy, by="owner", again=old.id)
    grant = allow(ledger, notes, newer, again=old.id)
    assert (grant.id, ledger.standing(grant.id).state) == (old.id, State.GRANTED)
    assert len(store.bytes) == 1  # the details of before are gone
    ledger.permit(grant.id, newer)


def test_only_the_connector_that_was_granted_gets_leave(tmp_path: Path, notes: Request) -> None:
    grant = allow(ledger := grants(tmp_path), notes)
    for other in (replace(NOTES, name="mail"), replace(NOTES, version=2)):
        with pytest.raises(NoGrant, match="is for notes version 1"):
            ledger.permit(grant.id, other)
    with pytest.raises(NoGrant, match="There is no grant other"):
        ledger.permit("other", NOTES)


def test_leave_ends_with_the_grant_even_when_another_process_revokes(tmp_path: Path, notes: Request) -> None:
    store = Kept()
    grant = allow(ledger := grants(tmp_path, store), notes)
    permit = ledger.permit(grant.id, NOTES)
    permit.check()
    grants(tmp_path, store).revoke(grant.id)
    with pytest.raises(NoGrant, match="was revoked"):
        permit.check()


def test_leave_ends_when_less_was_granted_meanwhile(tmp_path: Path, notes: Request) -> None:
    store = Kept()
    grant = allow(ledger := grants(tmp_path, store), notes)
    permit = ledger.permit(grant.id, NOTES)
    grants(tmp_path, store).narrow(grant.id, purposes=(INDEX,))
    with pytest.raises(NoGrant, match="was changed meanwhile"):
        permit.check()


def test_narrowing_needs_no_asking_and_widening_is_refused(tmp_path: Path, notes: Request) -> None:
    ledger = grants(tmp_path)
    grant = allow(ledger, replace(notes, scope=Scope(since="2020"), retention="5y"))
    less = ledger.narrow(grant.id, purposes=(INDEX,), retention="1y", scope=Scope(since="2021-01-01", most=5))
    assert ledger.grant(grant.id) == less
    assert (less.terms.purposes, less.terms.retention, less.scope.most) == ((INDEX,), "1y", 5)
    assert ledger.standing(grant.id).state is State.GRANTED
    for wider_one in ({"purposes": (INDEX, LOCAL)}, {"retention": "2y"}, {"retention": ""}, {"scope": Scope()}):
        with pytest.raises(UsageError, match="more than was granted"):
            ledger.narrow(grant.id, **wider_one)


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        (Scope(), Scope(include=("a",), labels=("b",), since="2020-01-01", exclude=("c",), most=1), 0),
        (Scope(include=("a", "b")), Scope(include=("a",)), 0),
        (Scope(include=("a",)), Scope(), 1),
        (Scope(include=("a",)), Scope(include=("a", "b")), 1),
        (Scope(not_people=("bob",)), Scope(), 1),
        (Scope(kinds=(Kind.MAIL,)), Scope(kinds=(Kind.MAIL, Kind.CHAT)), 1),
        (Scope(), Scope(cautions=(Caution.SPAM,)), 1),
        (Scope(until="2020-12-31"), Scope(until="2021-12-31"), 1),
        (Scope(since="2020-01-01"), Scope(since="2019-12-31"), 1),
        (Scope(most=5), Scope(most=0), 1),
        (Scope(choices={"gps": "rough"}), Scope(choices={"gps": "exact"}), 1),
    ],
)
def test_a_scope_is_wider_where_it_is_not_certain_to_be_narrower(
    tmp_path: Path, notes: Request, old: Scope, new: Scope, more: int
) -> None:
    one = allow(grants(tmp_path), replace(notes, scope=old))
    other = replace(one, details=replace(one.details, scope=new))
    assert len(wider(one, other)) == more


def test_nobody_consents_to_what_was_not_shown(tmp_path: Path, notes: Request) -> None:
    ledger = grants(tmp_path)
    (tmp_path / "link").symlink_to(notes.roots[0])
    for unsettled in (replace(notes, retention="5 Y"), replace(notes, roots=(str(tmp_path / "link"),))):
        with pytest.raises(UsageError, match="must be what was shown"):
            ledger.allow(unsettled, NOTES, agreed=asked(unsettled, NOTES), by="owner")
    with pytest.raises(NoGrant, match="is not what notes asks today"):
        ledger.allow(replace(notes, purposes=(EXPORT, INDEX)), NOTES, agreed=asked(notes, NOTES), by="owner")
    with pytest.raises(UsageError, match="Add the purpose: index"):
        allow(ledger, replace(notes, purposes=(LOCAL,)))
    assert ledger.history() == ()


def test_a_root_is_a_real_file_or_folder_and_not_the_whole_disk(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "fifo")
    real = settled(Request("notes", (str(tmp_path / "link"), str(tmp_path / "a")))).roots
    assert real == (str(tmp_path.resolve() / "a"),)
    for root, error in (("/", OutsideScope), (str(tmp_path / "fifo"), OutsideScope), (str(tmp_path / "b"), NotFound)):
        with pytest.raises(error):
            settled(Request("notes", (root,)))
    for roots in ((), (str(tmp_path), str(tmp_path / "a")), (str(tmp_path / "a\udcff"),)):
        with pytest.raises((UsageError, NotFound)):
            settled(Request("notes", roots))


@pytest.mark.parametrize(
    ("field", "text"), [("since", "20"), ("since", "2023-02-30"), ("until", "yesterday"), ("since", "2023-13")]
)
def test_a_day_that_is_none_is_refused(notes: Request, field: str, text: str) -> None:
    with pytest.raises(UsageError, match="is no day"):
        settled(replace(notes, scope=replace(Scope(), **{field: text})))


@pytest.mark.parametrize("text", ["5", "y", "0d", "5 years", "-1d", "1.5y"])
def test_a_span_that_is_none_is_refused(notes: Request, text: str) -> None:
    with pytest.raises(UsageError, match="no span"):
        settled(replace(notes, retention=text))


def test_a_ledger_that_was_tampered_with_permits_nothing(tmp_path: Path, notes: Request) -> None:
    ledger = grants(tmp_path, store := Kept())
    grant = allow(ledger, notes)
    ledger.revoke(grant.id)
    path = tmp_path / "grants.log"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])  # the revocation is taken off
    for fresh in (ledger, grants(tmp_path, store)):
        for question in (
            lambda g: g.permit(grant.id, NOTES),
            lambda g: g.permitted(INDEX),
            lambda g: g.all(),
            lambda g: allow(g, notes),
        ):
            with pytest.raises(Corrupt, match=r"Entry 2 of .* missing"):
                question(fresh)


def test_details_that_were_exchanged_are_refused(tmp_path: Path, notes: Request) -> None:
    ledger = grants(tmp_path, store := Kept())
    grant = allow(ledger, notes)
    key = next(iter(store.bytes))
    store.bytes[key] = store.bytes[key].replace(b'"most":0', b'"most":9')
    with pytest.raises(Corrupt, match="is not what the ledger says"):
        ledger.permit(grant.id, NOTES)
    store.bytes.clear()
    with pytest.raises(NoGrant, match="its key is gone"):
        ledger.permit(grant.id, NOTES)


def test_an_entry_of_a_newer_version_stops_everything(tmp_path: Path, notes: Request) -> None:
    grant = allow(ledger := grants(tmp_path), notes)
    chain.append(ledger.path, {"what": "suspended", "id": grant.id}, ledger.verify())
    with pytest.raises(Corrupt, match="newer version"):
        ledger.check(grant.id)


def test_a_grant_is_found_by_id_connector_or_source(tmp_path: Path, notes: Request) -> None:
    ledger = grants(tmp_path)
    one, other = (allow(ledger, replace(notes, source=name)) for name in ("work", "home"))
    assert [found.terms.id for found in ledger.named("notes")] == [one.id, other.id]
    assert [found.terms.id for found in ledger.named("home")] == [other.id]
    ledger.revoke(other.id)
    assert [found.state for found in ledger.named(other.id)] == [State.REVOKED]
    ledger.erased(other.id, b"receipt")
    assert [found.terms.id for found in ledger.named("notes")] == [one.id]
    assert ledger.named("nothing") == ()


def test_what_was_not_revoked_cannot_be_said_to_be_erased(tmp_path: Path, notes: Request) -> None:
    grant = allow(ledger := grants(tmp_path), notes)
    with pytest.raises(UsageError, match="was not revoked"):
        ledger.erased(grant.id, b"receipt")


def test_two_writers_at_once_leave_one_whole_ledger(tmp_path: Path, notes: Request) -> None:
    store = Kept()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: allow(grants(tmp_path, store), notes).id, range(24)))
    assert sorted(found) == sorted(s.terms.id for s in grants(tmp_path, store).all())


def test_another_process_sees_a_grant_and_its_revocation(tmp_path: Path, notes: Request) -> None:
    grant = allow(ledger := grants(tmp_path, store := Kept()), notes)
    script = (
        "from pathlib import Path; from personal.kept import grants\n"
        f"grants(Path({str(tmp_path)!r})).revoke({grant.id!r})"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script], check=True, env=env)
    assert ledger.standing(grant.id).state is State.REVOKED
    assert len(grants(tmp_path, store).history()) == 2


def test_the_disclosure_says_all_there_is_to_know(tmp_path: Path, notes: Request) -> None:
    scope = Scope(
        include=("*.md",), labels=("Work",), not_people=("bob@example.org",), since="2020-01-01",
        cautions=(Caution.SPAM,), most=9, choices={"date-order": "dmy"},
    )  # fmt: skip
    request = settled(replace(notes, purposes=(INDEX, HOSTED, EXPORT), scope=scope, retention="5y", expires="2030"))
    text = disclosure(request, NOTES)
    for said in (
        "notes, version 1: Notes in text files", notes.roots[0], "*.md", "label: Work",
        "with or about: bob@example.org",
        "from 2020-01-01 to now and later; nothing undated", "also: spam", "at most 9 things", "date-order: dmy",
        "for 5 years from its own date", "after 2030-12-31", "gpt-x, a model that runs elsewhere", "unencrypted",
        "nobody else", "group chats", "messages that were to disappear", "cascade me revoke notes",
    ):  # fmt: skip
        assert said in text
    assert "a model that runs on this machine" not in text
    grant = allow(grants(tmp_path), request)
    assert f"cascade me revoke {grant.id}" in disclosure(grant, NOTES)


def test_a_head_tells_later_that_the_ledger_only_grew(tmp_path: Path, notes: Request) -> None:
    ledger = grants(tmp_path)
    allow(ledger, notes)
    head = ledger.head
    allow(ledger, notes)
    assert ledger.verify(head).head == ledger.head != head
    assert json.loads(ledger.path.read_text().splitlines()[-1])["hash"] == ledger.head.hash
    assert datetime.fromisoformat(ledger.history()[0]["granted_at"]).tzinfo is UTC
