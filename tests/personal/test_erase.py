"""Revoking: what is said, in which order, and that nothing is left in any byte."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock
from personal.kept import NOTES, allow
from small import record
from vaults import CHEAP, SECRET, batch, vault

from cascade.errors import Corrupt, NoGrant, UsageError
from indexers.personal.erase import Search, Which, erase, kept, never, revoke
from indexers.personal.expire import Due, due, expire
from indexers.personal.grants import INDEX, Grants, Purpose, Request, Sealed, State, Today, Use, settled
from indexers.personal.receipts import Erasure, Outcome, Scan, Store, parsed
from indexers.personal.sealing import Key, Label, NoKey, unseal
from indexers.personal.vault import agent, backups, folder
from indexers.personal.vault.folder import Vault
from indexers.personal.vault.unlocked import Unlocked
from indexers.records import Record

CANARY = "canary-51c7e0"
PEOPLE = ("Anna Berg <anna@example.org>", "Bob Stone <bob@example.org>")


def note(number: int, whose: str) -> Record:
    """A record with a canary in every part; every third is with Bob, every fourth labelled Work, one a month."""
    made = record(
        f"{whose}/{number}.txt",
        f"{CANARY}-{whose}-{number} says something long enough to be told apart, number {number} of {whose}.",
        title=f"{CANARY}-{whose}-title-{number}",
        key=f"{whose}-{number}",
        metadata={
            "author": PEOPLE[number % 3 == 0],
            "labels": ["Work"] if number % 4 == 0 else ["Home"],
            "memo": f"{CANARY}-{whose}-memo-{number}",
        },
    )
    return replace(made, time=f"{2010 + number}-05-01T00:00:00Z" if number else "")


@dataclass
class Life:
    """A vault with two grants, notes and other, each with records and notes."""

    vault: Vault
    unlocked: Unlocked
    grants: Grants
    mine: str
    other: str

    def canaries(self, whose: str) -> list[bytes]:
        parts = ("", "title-", "memo-")
        return [f"{CANARY}-{whose}-{part}{number}".encode() for part in parts for number in range(12)]


def today(made: Vault) -> Today:
    return Today(made.incarnation, {"notes": 1})


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    base = tmp_path_factory.mktemp("seed")
    made = vault(base / "vault")
    (base / "notes").mkdir()
    with made.unlock(SECRET) as unlocked:
        grants = Grants(made.layout.ledger, Sealed(unlocked), today(made))
        request = settled(Request("notes", (str(base / "notes"),), (INDEX, Purpose(Use.HOSTED, "gpt-x"))))
        ids = []
        for whose in ("mine", "other"):
            grant = allow(grants, replace(request, source=f"{CANARY}-{whose}-source"))
            records = [note(number, whose) for number in range(12)]
            unlocked.add(grant.id, batch(base / f"index-{whose}", records[:7]))
            unlocked.add(grant.id, batch(base / f"index2-{whose}", records[7:]))
            unlocked.notes.put(grant.id, "marks", f"{CANARY}-{whose}-marks".encode())
            ids.append(grant.id)
    return base / "vault", ids[0], ids[1]


@pytest.fixture
def life(seed: tuple[Path, str, str], tmp_path: Path) -> Iterator[Life]:
    shutil.copytree(seed[0], tmp_path / "vault")
    made = folder.opened(tmp_path / "vault")
    with made.unlock(SECRET) as unlocked:
        yield Life(made, unlocked, Grants(made.layout.ledger, Sealed(unlocked), today(made)), seed[1], seed[2])


def readable(root: Path, keys: list[Key], vault_id: str, grants: list[str]) -> bytes:
    """Everything in a folder, as it is and as any of these keys opens it: by other code than the product's scan."""
    import zstandard

    out = b""
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        raw = path.read_bytes()
        out += raw
        for key in keys:
            for grant in grants:
                for kind in ("segment", "note", "live"):
                    try:
                        name = "" if kind == "live" else path.name.removesuffix(".sealed")
                        plain = unseal(key, Label(vault_id, grant, kind, name), raw, path)
                    except Corrupt:
                        continue
                    out += plain
                    at = -1
                    while (at := plain.find(b"\x28\xb5\x2f\xfd", at + 1)) >= 0:
                        try:
                            out += zstandard.ZstdDecompressor().decompressobj().decompress(plain[at:])
                        except zstandard.ZstdError:
                            continue
    return out


def everything(life: Life, *folders: Path) -> bytes:
    keys = [life.unlocked.keys.key(grant) for grant in life.unlocked.grants()]
    ids = [life.mine, life.other, "ledger"]
    return b"".join(readable(root, keys, life.vault.id, ids) for root in (life.vault.layout.root, *folders))


def test_before_every_canary_is_found_and_after_none_of_that_grant_in_any_byte(life: Life, tmp_path: Path) -> None:
    backups.save(life.vault, tmp_path / "backup")
    shutil.copytree(life.vault.layout.root, tmp_path / "copy", ignore=shutil.ignore_patterns("keys"))
    folders = (tmp_path / "backup", tmp_path / "copy")
    before = everything(life, *folders)
    for whose in ("mine", "other"):
        assert [c for c in [*life.canaries(whose), f"{CANARY}-{whose}-source".encode()] if c not in before] == []
    search = Search([f"{CANARY}-mine".encode()], folders)
    receipt = revoke(life.vault, life.grants, life.mine, life.unlocked, search)
    after = everything(life, *folders)
    assert f"{CANARY}-mine".encode() not in after
    assert [canary for canary in life.canaries("other") if canary not in after] == []
    assert receipt.complete
    assert receipt.scan.unsealed >= 6
    assert life.unlocked.counts(life.other).records == 12
    with pytest.raises(NoKey):
        life.unlocked.counts(life.mine)


def test_the_receipt_says_what_became_of_each_store(life: Life) -> None:
    receipt = revoke(life.vault, life.grants, life.mine, life.unlocked)
    said = {store.name: (store.outcome, store.count) for store in receipt.stores}
    assert said == {
        "key": (Outcome.DESTROYED, 1),
        "records": (Outcome.ERASED, 3),
        "notes": (Outcome.ERASED, 2),
        "memory": (Outcome.ERASED, 0),
        "ledger": (Outcome.ERASED, 0),
        "hosted-model:gpt-x": (Outcome.UNSUPPORTED, 0),
    }
    assert 0 <= receipt.stopped_ms <= receipt.erased_ms
    text = "\n".join(receipt.lines())
    for words in ("use ended in", "key destroyed (1)", "cannot be called back", "0 found", "Complete: yes"):
        assert words in text
    entry = life.grants.history()[-1]
    assert (entry["what"], entry["receipt"]) == ("erased", receipt.hash)
    assert parsed(json.loads(json.dumps(receipt.to_json()))).hash == receipt.hash
    assert receipt.hash == hashlib.sha256(receipt.to_bytes()).hexdigest()


def test_a_receipt_that_was_changed_has_another_hash(life: Life) -> None:
    receipt = revoke(life.vault, life.grants, life.mine, life.unlocked)
    assert parsed(receipt.to_json() | {"grant": "other"}).hash != receipt.hash
    assert not replace(receipt, scan=Scan(1, found=("x",))).complete


def test_use_ends_before_anything_is_erased(life: Life) -> None:
    seen = {}

    def step(name: str) -> None:
        fresh = Grants(life.vault.layout.ledger, Sealed(None), today(life.vault))
        seen[name] = (fresh.standing(life.mine).state, life.unlocked.keys.has(life.mine))

    revoke(life.vault, life.grants, life.mine, life.unlocked, step=step)
    assert list(seen) == ["stop", "key", "records", "notes", "memory", "scan", "receipt"]
    assert seen["stop"] == (State.GRANTED, True)
    assert seen["key"] == (State.REVOKED, True)
    assert seen["records"] == (State.REVOKED, False)


SCRIPT = """
import os, signal, sys
from pathlib import Path
from vaults import SECRET
from indexers.personal.erase import revoke
from indexers.personal.grants import Grants, Sealed, Today
from indexers.personal.vault import folder
root, name, at = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
made = folder.opened(root)
def step(now):
    if now == at:
        os.kill(os.getpid(), signal.SIGKILL)
with made.unlock(SECRET) as unlocked:
    grants = Grants(made.layout.ledger, Sealed(unlocked), Today(made.incarnation, {"notes": 1}))
    revoke(made, grants, name, unlocked, step=step)
"""


@pytest.mark.parametrize("at", ["key", "records", "notes", "memory", "scan", "receipt"])
def test_killed_at_any_step_the_grant_is_unusable_and_a_second_revoke_finishes(life: Life, at: str) -> None:
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", SCRIPT, str(life.vault.layout.root), life.mine, at]
    assert subprocess.run(command, env=env, check=False).returncode == -signal.SIGKILL
    standing = life.grants.standing(life.mine)
    assert (standing.state, standing.erased) == (State.REVOKED, False)
    assert life.grants.permitted(INDEX) == (life.other,)
    with pytest.raises(NoGrant):
        life.grants.permit(life.mine, NOTES)
    assert [one.grant for one in due(life.grants)] == [life.mine]
    receipt = revoke(life.vault, life.grants, life.mine, life.unlocked, Search([f"{CANARY}-mine".encode()]))
    assert receipt.complete
    assert f"{CANARY}-mine".encode() not in everything(life)
    assert life.grants.standing(life.mine).erased


def test_a_second_revoke_looks_again_and_writes_nothing(life: Life) -> None:
    revoke(life.vault, life.grants, life.mine, life.unlocked)
    lines = len(life.grants.history())
    search = Search([f"{CANARY}-mine".encode()])
    again = revoke(life.vault, life.grants, life.mine, life.unlocked, search)
    assert again.complete
    assert {store.name: store.count for store in again.stores if store.name in ("key", "records", "notes")} == {
        "key": 0, "records": 0, "notes": 0,
    }  # fmt: skip
    assert again.scan.files > 0
    assert len(life.grants.history()) == lines
    found = revoke(life.vault, life.grants, life.mine, life.unlocked, Search([f"{CANARY}-other".encode()]))
    assert not found.complete
    assert "NO; run it again" in list(found.lines())[-1]


def test_a_vault_whose_passphrase_is_lost_can_be_erased_from_too(life: Life) -> None:
    life.unlocked.lock()
    grants = Grants(life.vault.layout.ledger, Sealed(None), today(life.vault))
    receipt = revoke(life.vault, grants, life.mine)
    assert receipt.complete
    with life.vault.unlock(SECRET) as unlocked:
        assert unlocked.grants() == ["ledger", life.other]
        after = Grants(life.vault.layout.ledger, Sealed(unlocked), today(life.vault))
        assert after.standing(life.mine).erased  # and the head sealed before still holds
        assert unlocked.counts(life.other).records == 12


def test_what_stays_behind_makes_the_receipt_say_no(life: Life, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "x").write_text(f"left: {CANARY}-mine-3")
    where = life.vault.layout
    pieces = [next(record.text for record in kept(life.unlocked, life.mine))]
    (where.root / "stray.tmp").write_text(pieces[0])
    receipt = revoke(
        life.vault, life.grants, life.mine, life.unlocked, Search([f"{CANARY}-mine-3".encode()], [tmp_path / "cache"])
    )
    assert not receipt.complete
    assert sorted(Path(place).name for place in receipt.scan.found) == ["stray.tmp", "x"]
    assert not life.grants.standing(life.mine).erased
    (tmp_path / "cache" / "x").unlink()
    (where.root / "stray.tmp").unlink()
    search = Search([f"{CANARY}-mine-3".encode()], [tmp_path / "cache"])
    assert revoke(life.vault, life.grants, life.mine, life.unlocked, search).complete
    assert life.grants.standing(life.mine).erased


def test_what_another_grant_holds_too_stays_and_is_counted_apart(life: Life, tmp_path: Path) -> None:
    life.unlocked.add(life.other, batch(tmp_path / "index", [note(3, "mine")]))
    receipt = revoke(life.vault, life.grants, life.mine, life.unlocked)
    assert receipt.complete
    assert receipt.scan.shared >= 1
    assert any(f"{CANARY}-mine-3 " in record.text for record in kept(life.unlocked, life.other))


@pytest.mark.skipif(not agent.possible(), reason="this system has no sockets for an agent")
def test_an_agent_drops_what_was_revoked_before_the_receipt_is_made(life: Life) -> None:
    running = agent.launch(life.vault.layout.root, SECRET, "vaults:HANDLERS", idle=60)
    try:
        assert {one["grant"] for one in running.request("search", text=CANARY)} <= {life.mine, life.other}
        assert life.mine in running.request("status")["held"]
        receipt = revoke(life.vault, life.grants, life.mine, life.unlocked)
        assert Store("memory", Outcome.ERASED, note="the agent dropped it") in receipt.stores
        assert life.mine not in running.request("status")["held"]
        assert {one["grant"] for one in running.request("search", text=CANARY)} == {life.other}
    finally:
        running.lock()


def test_keys_that_were_exported_are_said_to_be_out_of_reach(life: Life) -> None:
    backups.export_keys(life.unlocked, b"another", CHEAP)
    receipt = revoke(life.vault, life.grants, life.mine, life.unlocked)
    (found,) = [store for store in receipt.stores if store.name == "exported keys"]
    assert found.outcome is Outcome.UNSUPPORTED


def test_keys_left_by_a_writer_that_was_killed_are_destroyed_too(life: Life) -> None:
    path = life.vault.layout.key(life.mine)
    aside = path.with_name(f".{path.name}.99999999.0a0a0a0a.tmp")
    deeper = path.with_name(f".{aside.name}.99999999.0a0a0a0a.tmp")
    for copy in (aside, deeper):
        shutil.copy(path, copy)
    receipt = revoke(life.vault, life.grants, life.mine, life.unlocked)
    assert receipt.complete
    assert [copy.exists() for copy in (aside, deeper)] == [False, False]
    assert life.unlocked.keys.has(life.other)


def test_a_ledger_that_was_tampered_with_keeps_nothing_from_being_erased(life: Life) -> None:
    path = life.vault.layout.ledger
    path.write_bytes(path.read_bytes().replace(b'"retention":""', b'"retention":"9y"', 1))
    receipt = revoke(life.vault, life.grants, life.mine, life.unlocked, Search([f"{CANARY}-mine".encode()]))
    assert receipt.complete
    assert [store.outcome for store in receipt.stores if store.name == "ledger"] == [Outcome.UNSUPPORTED]
    assert f"{CANARY}-mine".encode() not in everything(life)


def test_what_a_ledger_begun_anew_knows_nothing_of_can_still_be_erased(life: Life) -> None:
    path = life.vault.layout.ledger
    path.write_bytes(path.read_bytes()[:-40])
    aside = life.grants.begin_anew()
    assert aside.read_bytes()
    assert (life.grants.all(), life.grants.verify().head.count) == ((), 0)
    receipt = revoke(life.vault, life.grants, life.mine, life.unlocked, Search([f"{CANARY}-mine".encode()]))
    assert receipt.complete
    assert f"{CANARY}-mine".encode() not in everything(life)
    grant = allow(life.grants, Request("notes", (str(life.vault.layout.root.parent),)))
    assert life.grants.permitted(INDEX) == (grant.id,)
    fresh = Grants(life.vault.layout.ledger, Sealed(life.unlocked), today(life.vault))
    assert fresh.verify().head == life.grants.head


def test_a_ledger_that_is_busy_keeps_no_key_alive_and_the_receipt_says_so(life: Life) -> None:
    life.grants.wait = 0.05
    with FileLock(life.vault.layout.ledger.with_suffix(".lock")):
        receipt = revoke(life.vault, life.grants, life.mine, life.unlocked)
    assert not receipt.complete
    assert receipt.scan.found == ("grants.log (not written)",)
    assert not life.unlocked.keys.has(life.mine)
    with pytest.raises(NoGrant):
        life.grants.permit(life.mine, NOTES)
    assert revoke(life.vault, life.grants, life.mine, life.unlocked).complete
    assert life.grants.standing(life.mine).erased


def test_what_was_never_granted_is_not_erased(life: Life) -> None:
    for name in ("nothing", "../keys", "", "ledger"):
        with pytest.raises((NoGrant, UsageError)):
            revoke(life.vault, life.grants, name, life.unlocked)
    assert life.unlocked.counts(life.mine).records == 12
    assert life.unlocked.grants() == sorted(["ledger", life.mine, life.other])


def test_other_keepers_are_told_and_stand_in_the_receipt(life: Life) -> None:
    told = []

    class Cache:
        def erase(self, grant: str, ids: object) -> Store:
            told.append((grant, ids))
            return Store("cache", Outcome.REBUILT, 2)

    receipt = revoke(life.vault, life.grants, life.mine, life.unlocked, Search(keepers=[Cache()]))
    assert told == [(life.mine, None)]
    assert Store("cache", Outcome.REBUILT, 2) in receipt.stores


def test_a_restored_backup_permits_nothing_and_what_was_revoked_stays_noise(life: Life, tmp_path: Path) -> None:
    backups.save(life.vault, tmp_path / "backup")
    armoured = backups.export_keys(life.unlocked, b"another", CHEAP)
    revoke(life.vault, life.grants, life.mine, life.unlocked)
    restored = backups.restore(tmp_path / "backup", tmp_path / "restored")
    grants = Grants(restored.layout.ledger, Sealed(None), today(restored))
    assert [found.state for found in grants.all()] == [State.PENDING, State.PENDING]
    assert grants.permitted(INDEX) == ()
    backups.import_keys(restored, armoured, b"another", SECRET, CHEAP)
    with restored.unlock(SECRET) as unlocked:
        grants = Grants(restored.layout.ledger, Sealed(unlocked), today(restored))
        with pytest.raises(NoGrant, match="restored"):
            grants.permit(life.other, NOTES)


@pytest.mark.parametrize(
    ("which", "gone"),
    [
        (Which.of(people=("bob@example.org",)), [0, 3, 6, 9]),
        (Which.of(people=("bob",)), [0, 3, 6, 9]),
        (Which.of(labels=("work",)), [0, 4, 8]),
        (Which.of(phrases=("NUMBER 11 of",)), [11]),
        (Which.of(phrases=(f"{CANARY}-mine-memo-5",)), [5]),
        (Which.of(since="2015", until="2017"), [5, 6, 7]),
        (Which.of(until="2012"), [1, 2]),
        (Which(until="2012-12-31", undated=True), [0, 1, 2]),
        (Which.of(people=("bob",), labels=("Work",)), [0]),
        (Which.of(people=("bob", "anna"), since="2020"), [10, 11]),
        (Which.of(people=("carl",)), []),
    ],
)
def test_a_part_is_erased_by_person_phrase_label_or_days(life: Life, which: Which, gone: list[int]) -> None:
    before = {record.place for record in kept(life.unlocked, life.mine)}
    receipt = erase(life.unlocked, life.grants, life.mine, which)
    assert (receipt.records, receipt.complete, receipt.whole) == (len(gone), True, False)
    stay = sorted(set(range(12)) - set(gone))
    found = sorted(int(record.title.rpartition("-")[2]) for record in kept(life.unlocked, life.mine))
    assert found == stay
    after = everything(life)
    for number in range(12):
        for part in (f"{CANARY}-mine-{number} ", f'{CANARY}-mine-memo-{number}"'):
            assert (part.encode() in after.replace(b'\\"', b'"')) is (number in stay)
    assert never(life.unlocked, life.mine) == before - {record.place for record in kept(life.unlocked, life.mine)}
    assert life.unlocked.counts(life.other).records == 12
    assert life.grants.standing(life.mine).state is State.GRANTED
    assert [entry["what"] for entry in life.grants.history()[2:]] == ["reduced"] * bool(gone)
    told = {store.name: store.outcome for store in receipt.stores}
    assert told.get("key") == ("key destroyed" if gone else None)
    assert told["records"] == ("rebuilt" if gone else "erased")


def test_a_part_that_was_erased_cannot_be_read_in_older_copies(life: Life, tmp_path: Path) -> None:
    backups.save(life.vault, tmp_path / "backup")
    erase(life.unlocked, life.grants, life.mine, Which.of(phrases=("number 7 of",)))
    assert f"{CANARY}-mine-7 ".encode() not in everything(life, tmp_path / "backup")


def test_parts_erased_one_after_the_other_all_stay_away(life: Life) -> None:
    for number in (3, 7):
        erase(life.unlocked, life.grants, life.mine, Which.of(phrases=(f"number {number} of",)))
    places = {int.from_bytes(note(number, "mine").place[:8], "big") for number in (3, 7)}
    assert never(life.unlocked, life.mine) == places
    assert never(life.unlocked, life.other) == frozenset()


def test_nothing_said_is_nothing_erased() -> None:
    for said in ({}, {"people": (" ",)}, {"since": "tomorrow"}):
        with pytest.raises(UsageError):
            Which.of(**said)  # type: ignore[arg-type]


def whole(life: Life, one: Due) -> Erasure:
    return revoke(life.vault, life.grants, one.grant, life.unlocked, why="expired")


def part(life: Life, one: Due) -> Erasure:
    return erase(life.unlocked, life.grants, one.grant, Which(until=one.until, undated=one.undated))


def test_what_is_due_is_erased_and_nothing_else(life: Life) -> None:
    life.grants.narrow(life.mine, retention="5y")
    life.grants.narrow(life.other, expires="2030")
    now = datetime(2021, 1, 1, tzinfo=UTC)
    assert list(due(life.grants, now)) == [Due(life.mine, "Things are kept for 5 years.", "2015-12-31")]
    (receipt,) = expire(life.grants, lambda one: whole(life, one), lambda one: part(life, one), now)
    assert (receipt.grant, receipt.records, receipt.complete) == (life.mine, 5, True)
    assert sorted(record.time[:4] for record in kept(life.unlocked, life.mine)) == [
        "", "2016", "2017", "2018", "2019", "2020", "2021",
    ]  # fmt: skip
    later = datetime(2040, 6, 1, tzinfo=UTC)
    receipts = list(expire(life.grants, lambda one: whole(life, one), lambda one: part(life, one), later))
    assert [(one.grant, one.whole) for one in receipts] == [(life.mine, False), (life.other, True)]
    assert list(kept(life.unlocked, life.mine)) == []  # the undated went five years after the grant
    assert life.grants.history()[-2]["why"] == "expired"
    assert [one.grant for one in due(life.grants, later)] == [life.mine]
