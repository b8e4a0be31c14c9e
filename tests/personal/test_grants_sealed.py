"""The ledger and a real vault: details sealed, the end of the ledger remembered."""

from __future__ import annotations

from pathlib import Path

import pytest
from personal.kept import NOTES, allow
from vaults import SECRET, vault

from cascade.errors import Corrupt, NoGrant, UnusableIndex
from indexers.personal.grants import Grants, Request, Scope, Sealed, State, Today
from indexers.personal.vault.folder import Vault


@pytest.fixture
def made(tmp_path: Path) -> Vault:
    (tmp_path / "diary").mkdir()
    return vault(tmp_path / "vault")


def today(made: Vault) -> Today:
    return Today(made.incarnation, {"notes": 1})


def test_a_grant_is_sealed_and_nothing_of_it_stands_in_the_vault_in_plain(made: Vault, tmp_path: Path) -> None:
    request = Request("notes", (str(tmp_path / "diary"),), scope=Scope(people=("anna@example.org",)))
    with made.unlock(SECRET) as unlocked:
        grants = Grants(made.layout.ledger, Sealed(unlocked), today(made))
        grant = allow(grants, request)
        assert grants.permit(grant.id, NOTES).grant == grant
        narrowed = grants.narrow(grant.id, retention="1y")
        assert grants.grant(grant.id) == narrowed
        assert len(unlocked.notes.names(grant.id)) == 1
    for path in made.layout.root.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert [word for word in (b"anna", b"diary", b"owner") if word in raw] == []


def test_a_locked_vault_tells_how_grants_stand_and_reads_nothing(made: Vault, tmp_path: Path) -> None:
    with made.unlock(SECRET) as unlocked:
        request = Request("notes", (str(tmp_path / "diary"),))
        grant = allow(Grants(made.layout.ledger, Sealed(unlocked), today(made)), request)
    locked = Grants(made.layout.ledger, Sealed(None), today(made))
    assert locked.standing(grant.id).state is State.GRANTED
    assert [found.terms.id for found in locked.named("notes")] == [grant.id]
    for action in (lambda: locked.permit(grant.id, NOTES), lambda: allow(locked, request)):
        with pytest.raises(UnusableIndex, match="The vault is locked"):
            action()
    assert locked.revoke(grant.id).state is State.REVOKED
    with made.unlock(SECRET) as unlocked:
        assert Grants(made.layout.ledger, Sealed(unlocked), today(made)).standing(grant.id).state is State.REVOKED


def test_a_revocation_that_is_cut_off_the_ledger_is_found_out_when_the_vault_is_unlocked(
    made: Vault, tmp_path: Path
) -> None:
    with made.unlock(SECRET) as unlocked:
        grants = Grants(made.layout.ledger, Sealed(unlocked), today(made))
        grant = allow(grants, Request("notes", (str(tmp_path / "diary"),)))
        before = made.layout.ledger.read_bytes()
        grants.revoke(grant.id)
    made.layout.ledger.write_bytes(before)
    with made.unlock(SECRET) as unlocked, pytest.raises(Corrupt, match=r"Entry 2 of .* missing"):
        Grants(made.layout.ledger, Sealed(unlocked), today(made)).permit(grant.id, NOTES)


def test_a_grant_whose_key_is_gone_cannot_be_read_under(made: Vault, tmp_path: Path) -> None:
    with made.unlock(SECRET) as unlocked:
        grants = Grants(made.layout.ledger, Sealed(unlocked), today(made))
        grant = allow(grants, Request("notes", (str(tmp_path / "diary"),)))
        unlocked.destroy(grant.id)
        with pytest.raises(NoGrant, match="its key is gone"):
            grants.permit(grant.id, NOTES)
