"""A backup holds no key, a restored vault permits nothing, and keys leave a vault on purpose alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from small import prose
from vaults import CHEAP, SECRET, batch, vault

from cascade.errors import Corrupt, UnusableIndex, UsageError
from indexers.personal import layout
from indexers.personal.layout import NoVault
from indexers.personal.sealing import NoKey, WrongKey
from indexers.personal.vault import backups, folder
from indexers.personal.vault.unlocked import Unlocked

OWN = b"a passphrase of the export"
NEW = b"a passphrase of the new vault"


@pytest.fixture
def unlocked(tmp_path: Path) -> Iterator[Unlocked]:
    """A vault with two grants of five records, a note and a ledger."""
    whole = batch(tmp_path / "index", prose(10))
    with vault(tmp_path / "vault").unlock(SECRET) as open_:
        for at, grant in enumerate(("mail", "chats")):
            open_.keys.new(grant)
            open_.add(grant, whole.take(np.arange(at * 5, at * 5 + 5)))
            open_.notes.put(grant, "details", grant.encode())
        layout.put(open_.vault.layout.ledger, b"{}\n")
        yield open_


def count(open_: Unlocked, grant: str) -> int:
    return len(open_.held([grant]))


def test_a_backup_has_everything_but_the_keys(tmp_path: Path, unlocked: Unlocked) -> None:
    (unlocked.vault.layout.kept("mail") / ".details.sealed.1.0123abcd.tmp").write_bytes(b"half")
    saved = backups.save(unlocked.vault, tmp_path / "saved")
    there = {
        path.relative_to(tmp_path / "saved").as_posix() for path in (tmp_path / "saved").rglob("*") if path.is_file()
    }
    assert len(there) == saved == 8
    assert {name.split("/")[0] for name in there} == {"vault.json", "grants.log", "segments", "notes"}
    for path in (tmp_path / "saved", *(tmp_path / "saved").rglob("*")):
        assert path.stat().st_mode & 0o077 == 0


def test_a_restored_vault_is_the_same_in_a_new_life_and_cannot_be_read(tmp_path: Path, unlocked: Unlocked) -> None:
    backups.save(unlocked.vault, tmp_path / "saved")
    again = backups.restore(tmp_path / "saved", tmp_path / "again")
    assert again.id == unlocked.vault.id
    assert again.incarnation not in (unlocked.vault.incarnation, folder.opened(tmp_path / "saved").incarnation)
    assert folder.opened(tmp_path / "again") == again
    with pytest.raises(NoKey, match="no keys"):
        again.unlock(SECRET)


def test_with_exported_keys_a_restored_vault_opens_under_a_passphrase_of_its_own(
    tmp_path: Path, unlocked: Unlocked
) -> None:  # fmt: skip
    backups.save(unlocked.vault, tmp_path / "saved")
    armoured = backups.export_keys(unlocked, OWN, CHEAP)
    again = backups.restore(tmp_path / "saved", tmp_path / "again")
    assert backups.import_keys(again, armoured, OWN, NEW, CHEAP) == ["chats", "mail"]
    with again.unlock(NEW) as open_:
        assert [count(open_, grant) for grant in ("mail", "chats")] == [5, 5]
        assert open_.notes.get("mail", "details") == b"mail"
    with pytest.raises(WrongKey):
        again.unlock(SECRET)


def test_a_backup_of_a_revoked_grant_stays_noise(tmp_path: Path, unlocked: Unlocked) -> None:
    backups.save(unlocked.vault, tmp_path / "saved")
    unlocked.destroy("mail")
    armoured = backups.export_keys(unlocked, OWN, CHEAP)
    again = backups.restore(tmp_path / "saved", tmp_path / "again")
    assert backups.import_keys(again, armoured, OWN, NEW, CHEAP) == ["chats"]
    with again.unlock(NEW) as open_:
        assert count(open_, "chats") == 5
        with pytest.raises(NoKey):
            open_.held(["mail"])


def test_an_export_is_noted_in_each_grant(unlocked: Unlocked) -> None:
    assert backups.exports(unlocked, "mail") == []
    backups.export_keys(unlocked, OWN, CHEAP)
    backups.export_keys(unlocked, OWN, CHEAP)
    assert len(backups.exports(unlocked, "mail")) == len(backups.exports(unlocked, "chats")) == 2


def test_exported_keys_are_text_and_show_no_key(unlocked: Unlocked) -> None:
    armoured = backups.export_keys(unlocked, OWN, CHEAP)
    assert armoured.isascii() and armoured.startswith(backups.HEAD) and max(map(len, armoured.splitlines())) <= 76
    assert bytes(unlocked.keys.key("mail").raw).hex() not in armoured


def test_keys_are_not_taken_with_a_wrong_passphrase_damaged_or_of_another_vault(
    tmp_path: Path, unlocked: Unlocked
) -> None:
    armoured = backups.export_keys(unlocked, OWN, CHEAP)
    here = unlocked.vault
    with pytest.raises(WrongKey):
        backups.import_keys(here, armoured, SECRET, SECRET)
    with pytest.raises(WrongKey):
        backups.import_keys(here, armoured, OWN, b"not that of the vault")
    for broken in ("", armoured[:100], armoured.replace(backups.END, ""), backups.HEAD + "!!" + backups.END):
        with pytest.raises(Corrupt):
            backups.import_keys(here, broken, OWN, SECRET)
    with pytest.raises(UnusableIndex, match="another vault"):
        backups.import_keys(vault(tmp_path / "other"), armoured, OWN, SECRET)
    with pytest.raises(UsageError):
        backups.export_keys(unlocked, b"", CHEAP)


def test_a_grant_that_has_a_key_keeps_it(unlocked: Unlocked) -> None:
    armoured = backups.export_keys(unlocked, OWN, CHEAP)
    before = bytes(unlocked.keys.key("chats").raw)
    unlocked.keys.destroy("mail")
    assert backups.import_keys(unlocked.vault, armoured, OWN, SECRET) == ["mail"]
    assert bytes(unlocked.keys.key("chats").raw) == before
    assert count(unlocked, "mail") == 5


def test_nothing_is_copied_over_something_or_from_nothing(tmp_path: Path, unlocked: Unlocked) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    with pytest.raises(UnusableIndex, match="not empty"):
        backups.save(unlocked.vault, tmp_path / "full")
    with pytest.raises(NoVault):
        backups.restore(tmp_path / "full", tmp_path / "again")
