"""`cascade me revoke`, `erase`, `expire`, `audit`: what ends, what is left of it, and whether the ledger is whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from personal.living import MAILS, Lived, allow, box, cascade, opened, read, records
from vaults import SECRET

from indexers.personal import home as homes
from indexers.personal.commands.ending import INCOMPLETE
from indexers.personal.grants import State
from indexers.personal.receipts import parsed


def handed(*words: object, root: Path) -> tuple[object, ...]:
    return ("me", words[0], "--vault", root, *words[1:], "--passphrase-fd", "FD")


@pytest.fixture
def granted(place: Path, tmp_path: Path) -> str:
    with homes.unlocked(place, SECRET) as home:
        grant = allow(home, "mail", box(tmp_path / "a.mbox", *MAILS))
        read(home, grant)
    return grant


def test_revoke_is_one_word_needs_no_passphrase_and_tells_what_became_of_each_store(lived: Lived) -> None:
    ran = cascade("me", "revoke", "telegram", "--vault", lived.root)
    assert ran.code == 0
    for said in ("use ended in", "key destroyed (1)", "records", "0 found", "Complete: yes"):
        assert said in ran.out
    assert homes.at(lived.root).grants.standing(lived.grants["telegram"]).erased
    assert homes.at(lived.root).grants.standing(lived.grants["maildir"]).state is State.GRANTED


def test_revoke_as_json_is_the_receipt_whose_hash_the_ledger_holds(place: Path, granted: str) -> None:
    (receipt,) = cascade("me", "revoke", granted, "--vault", place, "--json").json
    assert (receipt["grant"], receipt["whole"], receipt["complete"]) == (granted, True, True)
    assert parsed(receipt).hash == receipt["sha256"]
    entry = homes.at(place).grants.history()[-1]
    assert (entry["what"], entry["receipt"]) == ("erased", receipt["sha256"])


def test_revoke_again_by_its_id_looks_through_everything_once_more(place: Path, granted: str) -> None:
    for name in ("mail", granted, granted):
        ran = cascade("me", "revoke", name, "--vault", place)
        assert ran.code == 0 and "Complete: yes" in ran.out
    assert cascade("me", "revoke", "mail", "--vault", place).code == 7


def test_what_is_still_somewhere_makes_the_exit_code_say_so(lived: Lived, tmp_path: Path) -> None:
    grant = lived.grants["telegram"]
    with opened(lived) as home:
        text = max((record.text for record in records(home, grant)), key=len)
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "copy.txt").write_text(text)
    ran = cascade(*handed("revoke", "telegram", "--look", "--beside", tmp_path / "beside", root=lived.root))
    assert ran.code == INCOMPLETE
    assert "copy.txt" in ran.out and "Complete: NO" in ran.out


def test_what_was_never_granted_cannot_be_revoked_erased_or_read(place: Path) -> None:
    assert cascade("me", "revoke", "nothing", "--vault", place).code == 7
    assert cascade(*handed("erase", "nothing", "--match", "x", root=place)).code == 7
    assert cascade("me", "revoke", "ledger", "--vault", place).code == 7
    assert cascade("me", "revoke", "mail", "--vault", place, "--beside", "/nowhere").code == 2


def test_a_part_is_erased_and_does_not_come_back(place: Path, granted: str) -> None:
    ran = cascade(*handed("erase", "mail", "--match", "news of the garden", root=place))
    assert ran.code == 2 and "1 things" in ran.error and "--yes" in ran.error
    ran = cascade(*handed("erase", "mail", "--match", "news of the garden", "--yes", "--json", root=place))
    assert (ran.code, ran.json[0]["records"], ran.json[0]["complete"]) == (0, 1, True)
    ran = cascade("search", "--me", "garden", "--vault", place, "--passphrase-fd", "FD", "--json")
    assert ran.code == 0 and "News of the garden" not in ran.out and "News of the violin" in ran.out


@pytest.mark.parametrize(
    ("flags", "count"),
    [
        (("--person", "anna@example.org"), 3),
        (("--label", "a"), 3),
        (("--since", "2024-05-02", "--until", "2024-05-02"), 1),
        (("--match", "violin", "--since", "2024-05-03"), 1),
        (("--match", "violin", "--until", "2024-05-02"), 0),
        (("--person", "carl"), 0),
    ],
)
def test_every_flag_of_erase_must_hold(place: Path, granted: str, flags: tuple[str, ...], count: int) -> None:
    ran = cascade(*handed("erase", granted, *flags, "--yes", "--json", root=place))
    assert (ran.code, ran.json[0]["records"]) == (0, count)


@pytest.mark.parametrize("flags", [(), ("--since", "soon"), ("--person", " "), ("--until", "2024-02-31")])
def test_erase_without_saying_what_erases_nothing(place: Path, granted: str, flags: tuple[str, ...]) -> None:
    ran = cascade(*handed("erase", granted, *flags, "--yes", root=place))
    assert ran.code == 2 and ran.error
    with homes.unlocked(place, SECRET) as home:
        assert home.unlocked.counts(granted).records == 3


def test_what_is_due_is_erased_and_nothing_else(place: Path, granted: str, tmp_path: Path) -> None:
    assert cascade(*handed("expire", root=place)).out == "Nothing is due.\n"
    assert cascade(*handed("expire", "--json", root=place)).json == []
    with homes.unlocked(place, SECRET) as home:
        ended = allow(home, "mail", box(tmp_path / "b.mbox", "harbour"), source="ended")
        read(home, ended)
        home.grants.narrow(ended, expires="2024-01-01")
        home.grants.narrow(granted, retention="1y")  # all of it is older
    receipts = cascade(*handed("expire", "--json", root=place)).json
    assert {(one["grant"], one["whole"], one["records"]) for one in receipts} == {(granted, False, 3), (ended, True, 0)}
    with homes.unlocked(place, SECRET) as home:
        assert home.unlocked.counts(granted).records == 0
        assert home.grants.standing(ended).erased


def ledger(place: Path) -> Path:
    return homes.at(place).vault.layout.ledger


def test_audit_reads_the_ledger_and_gives_its_head(place: Path, granted: str) -> None:
    found = cascade(*handed("audit", "--json", root=place)).json
    assert (found["whole"], [entry["what"] for entry in found["entries"]]) == (True, ["allowed"])
    assert cascade(*handed("audit", "--head", found["head"], root=place)).code == 0
    assert "Whole: no entry of 1 was changed" in cascade(*handed("audit", root=place)).out


def lines(place: Path) -> list[bytes]:
    return ledger(place).read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("how", ["edited", "deleted", "reordered", "cut off", "emptied", "removed", "torn", "added to"])
def test_a_ledger_that_was_tampered_with_is_found_out_and_permits_nothing(
    place: Path, granted: str, tmp_path: Path, how: str
) -> None:
    with homes.unlocked(place, SECRET) as home:
        for name in ("one", "two"):
            allow(home, "mail", box(tmp_path / f"{name}.mbox", name), source=name)
    head = cascade(*handed("audit", "--json", root=place)).json["head"]
    every = lines(place)
    changed = {
        "edited": [every[0].replace(b'"retention":""', b'"retention":"9y"'), *every[1:]],
        "deleted": [every[0], *every[2:]],
        "reordered": [every[0], every[2], every[1]],
        "cut off": every[:-1],
        "emptied": [],
        "removed": [],
        "torn": [*every[:-1], every[-1][:-20]],
        "added to": [*every, every[-1]],
    }[how]
    assert b"".join(changed) != b"".join(every)
    ledger(place).write_bytes(b"".join(changed))
    if how == "removed":
        ledger(place).unlink()
    for flags in ((), ("--head", head)):
        ran = cascade(*handed("audit", *flags, root=place))
        assert ran.code == 4 and ran.error, ran
    assert cascade(*handed("ingest", root=place)).code != 0
    assert cascade("search", "--me", "garden", "--vault", place, "--passphrase-fd", "FD").code != 0
    assert cascade(*handed("audit", "--anew", root=place)).code == 0
    assert cascade(*handed("ingest", root=place)).code == 7  # nothing is permitted any more
    assert cascade("me", "revoke", granted, "--vault", place).code == 0  # and it can still be erased


@pytest.mark.parametrize("by", ["id", "connector"])
def test_a_ledger_that_was_tampered_with_does_not_keep_a_grant_alive(place: Path, granted: str, by: str) -> None:
    ledger(place).write_bytes(ledger(place).read_bytes().replace(b'"retention":""', b'"retention":"9y"', 1))
    (receipt,) = cascade("me", "revoke", granted if by == "id" else "mail", "--vault", place, "--json").json
    assert (receipt["grant"], receipt["complete"]) == (granted, True)
    assert not homes.at(place).vault.layout.key(granted).exists()
    assert cascade("me", "revoke", "ledger", "--vault", place).code != 0
    assert cascade(*handed("audit", "--anew", root=place)).code == 0  # whose key is still there


def test_a_head_that_was_noted_finds_what_a_whole_but_older_ledger_lacks(place: Path, granted: str) -> None:
    """As from a copy of the whole vault: the ledger and the vault's own note of it agree."""
    import shutil

    copy = place.with_name("copy")
    shutil.copytree(place, copy)
    homes.at(place).grants.revoke(granted)
    with homes.unlocked(place, SECRET):
        pass
    head = cascade(*handed("audit", "--json", root=place)).json["head"]
    assert cascade(*handed("audit", root=copy)).code == 0
    assert cascade(*handed("audit", "--head", head, root=copy)).code == 4


@pytest.mark.parametrize("head", ["nonsense", "3", "-1:00", "1:zz"])
def test_a_head_that_is_none_is_refused(place: Path, granted: str, head: str) -> None:
    ran = cascade(*handed("audit", "--head", head, root=place))
    assert ran.code == 2 and "is no head of a ledger" in ran.error


def test_no_entry_of_the_ledger_says_anything_personal(lived: Lived) -> None:
    raw = ledger(lived.root).read_text()
    cast = lived.written.life.cast
    for word in (*(one.name for one in cast.everyone), cast.owner.name, str(lived.written.folder), "obsidian Vault"):
        assert word not in raw
    assert len(raw.splitlines()) == len(lived.grants)
