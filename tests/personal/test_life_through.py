"""A life from export to receipt: an independent scanner finds all of a grant before it is revoked, and nothing after.

The scanner is code of its own (`living.everything`): it tries every key that is left on every file, under every label,
and unpacks what opens.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from personal.living import Lived, everything, keys, opened
from vaults import CHEAP, SECRET

from cascade.errors import NoGrant
from cascade.models.toy import ToyEncoder
from indexers.personal import asking
from indexers.personal import home as homes
from indexers.personal.erase import Search, revoke
from indexers.personal.grants import State
from indexers.personal.home import Home
from indexers.personal.receipts import Outcome
from indexers.personal.vault import backups, folder
from indexers.personal.vault.desk import Desk

GONE = "telegram"


def canaries(lived: Lived, name: str) -> list[bytes]:
    return sorted(word.encode() for word in lived.written.canaries(name, barred=False))


def scanned(lived: Lived, home: Home, *folders: Path) -> bytes:
    owners = [*lived.grants.values(), "ledger", ""]
    return b"".join(everything(root, keys(home), lived.vault.id, owners) for root in (lived.root, *folders))


def missing(words: list[bytes], among: bytes) -> list[bytes]:
    return [word for word in words if word not in among]


def test_everything_of_a_grant_is_found_before_it_is_revoked_and_nothing_after(lived: Lived, tmp_path: Path) -> None:
    backups.save(lived.vault, tmp_path / "backup")
    shutil.copytree(lived.root, tmp_path / "copy", ignore=shutil.ignore_patterns("keys"))
    aside = tmp_path / "temporary"
    aside.mkdir()
    folders = (tmp_path / "backup", tmp_path / "copy", aside)
    gone = lived.grants[GONE]
    with opened(lived) as home:
        desk = Desk(home.unlocked, encoder=ToyEncoder())
        asking.ask(desk, "what did we say?", reader="toy", filter="source = telegram")
        before = scanned(lived, home, *folders)
        for name in lived.grants:
            assert (name, missing(canaries(lived, name), before)) == (name, [])  # the control
        receipt = revoke(lived.vault, home.grants, gone, home.unlocked, Search(canaries(lived, GONE), folders))
        after = scanned(lived, home, *folders)
        assert [word for word in canaries(lived, GONE) if word in after] == []
        for name in lived.grants.keys() - {GONE}:
            assert (name, missing(canaries(lived, name), after)) == (name, [])
            found = asking.search(desk, canaries(lived, name)[0].decode(), 1)["passages"]
            assert found and found[0]["metadata"]["grant"] != gone
        assert receipt.complete and receipt.scan.found == ()
        files = [path for root in (lived.root, *folders) for path in root.rglob("*") if path.is_file()]
        assert receipt.scan.files <= len(files) + 1 and receipt.scan.files >= len(files) - 3  # locks come and go
        outcomes = {store.name: store.outcome for store in receipt.stores}
        assert (outcomes["key"], outcomes["records"], outcomes["notes"]) == (
            Outcome.DESTROYED, Outcome.ERASED, Outcome.ERASED,
        )  # fmt: skip
        layout = lived.vault.layout
        assert not any(path.exists() for path in (layout.key(gone), layout.records(gone), layout.kept(gone)))
        with pytest.raises(NoGrant):
            home.grants.check(gone)


def test_the_scanner_of_the_test_finds_what_is_left_on_purpose(lived: Lived) -> None:
    """That it can fail: a key that was kept opens what a copy holds."""
    gone = lived.grants[GONE]
    copy = lived.root.parent / "copy"
    shutil.copytree(lived.root, copy)
    with opened(lived) as home:
        assert revoke(lived.vault, home.grants, gone, home.unlocked).complete
    with homes.unlocked(copy, SECRET) as older:
        held = everything(copy, keys(older), lived.vault.id, [gone])
    assert missing(canaries(lived, GONE), held) == []


def test_a_receipt_says_where_something_is_left(lived: Lived, tmp_path: Path) -> None:
    stray = tmp_path / "temporary" / "left.txt"
    stray.parent.mkdir()
    stray.write_bytes(b"... " + canaries(lived, GONE)[0])
    with opened(lived) as home:
        search = Search(canaries(lived, GONE), (stray.parent,))
        receipt = revoke(lived.vault, home.grants, lived.grants[GONE], home.unlocked, search)
        assert (receipt.complete, receipt.scan.found) == (False, (str(stray),))
        stray.unlink()
        assert revoke(lived.vault, home.grants, lived.grants[GONE], home.unlocked, search).complete


def test_a_second_revocation_looks_through_everything_again(lived: Lived) -> None:
    with opened(lived) as home:
        first = revoke(lived.vault, home.grants, lived.grants[GONE], home.unlocked)
        again = revoke(lived.vault, home.grants, lived.grants[GONE], home.unlocked)
        assert first.complete and again.complete
        assert again.scan.files > 0
        assert {store.name: store.count for store in again.stores}["key"] == 0
        assert home.grants.standing(lived.grants[GONE]).erased


def test_revoked_while_locked_it_is_gone_as_well(lived: Lived) -> None:
    home = homes.at(lived.root)
    assert revoke(home.vault, home.grants, lived.grants[GONE]).complete
    with opened(lived) as after:
        held = scanned(lived, after)
        assert [word for word in canaries(lived, GONE) if word in held] == []
        assert missing(canaries(lived, "maildir"), held) == []


def test_a_backup_that_was_made_before_permits_nothing_and_opens_only_what_still_has_a_key(
    lived: Lived, tmp_path: Path
) -> None:
    backups.save(lived.vault, tmp_path / "backup")
    gone = lived.grants[GONE]
    with opened(lived) as home:
        assert revoke(lived.vault, home.grants, gone, home.unlocked).complete
        armoured = backups.export_keys(home.unlocked, b"of the keys", CHEAP)  # after it: the key is not in it
    restored = backups.restore(tmp_path / "backup", tmp_path / "restored")
    backups.import_keys(restored, armoured, b"of the keys", SECRET, CHEAP)
    with homes.unlocked(tmp_path / "restored", SECRET) as home:
        assert home.grants.permitted(asking.INDEX) == ()
        assert {one.state for one in home.grants.all()} == {State.PENDING}
        held = everything(tmp_path / "restored", keys(home), restored.id, [*lived.grants.values(), "ledger"])
    assert [word for word in canaries(lived, GONE) if word in held] == []
    assert missing(canaries(lived, "maildir"), held) == []


def test_nothing_of_a_life_can_be_read_in_the_folder_without_keys(lived: Lived) -> None:
    raw = b"".join(path.read_bytes() for path in sorted(lived.root.rglob("*")) if path.is_file())
    names = b"\n".join(str(path).encode() for path in lived.root.rglob("*"))
    words = [word for name in lived.grants for word in canaries(lived, name)]
    people = [one.name.encode() for one in lived.written.life.cast.everyone]
    assert [word for word in (*words, *people) if word in raw or word in names] == []
    assert folder.opened(lived.root).id == lived.vault.id
