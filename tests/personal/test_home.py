"""A vault with its ledger: what can be done locked, and what belongs together."""

from __future__ import annotations

from pathlib import Path

import pytest
from personal.living import Lived, allow, box, opened
from vaults import SECRET

from cascade.errors import UnusableIndex
from indexers.personal import home as homes
from indexers.personal.grants import INDEX, State
from indexers.personal.home import Home, Versions
from indexers.personal.sealing import NoKey, WrongKey
from indexers.sources.connectors import registry


def test_a_locked_vault_tells_how_grants_stand_and_of_nothing_else(home: Home, place: Path, tmp_path: Path) -> None:
    grant = allow(home, "mail", box(tmp_path / "a.mbox", "boiler"))
    locked = homes.at(place)
    assert [(one.terms.id, one.state) for one in locked.grants.all()] == [(grant, State.GRANTED)]
    with pytest.raises(NoKey, match="cascade me unlock"):
        _ = locked.unlocked
    with pytest.raises(UnusableIndex, match="locked"):
        locked.grants.grant(grant)


def test_a_grant_can_be_ended_in_a_locked_vault(lived: Lived) -> None:
    homes.at(lived.root).grants.revoke(lived.grants["telegram"])
    with opened(lived) as home:
        assert home.grants.standing(lived.grants["telegram"]).state is State.REVOKED


def test_a_wrong_passphrase_opens_nothing(place: Path) -> None:
    with pytest.raises(WrongKey), homes.unlocked(place, b"another"):
        pytest.fail("it opened")


def test_the_key_of_placeholders_is_made_once_and_stays(home: Home, place: Path) -> None:
    first = home.placeholders
    assert len(first) == 32 and home.placeholders == first
    with homes.unlocked(place, SECRET) as again:
        assert again.placeholders == first


def test_the_ledgers_own_key_is_no_grant(home: Home) -> None:
    assert home.placeholders
    assert home.unlocked.grants() == ["ledger"]
    assert (home.grants.all(), home.grants.permitted(INDEX)) == ((), ())


def test_every_connector_has_a_version_and_an_unknown_one_has_none() -> None:
    versions = Versions()
    assert set(versions) == set(registry.names()) and len(versions) == len(registry.names())
    assert all(versions[name] == registry.connector(name).version >= 1 for name in versions)
    with pytest.raises(KeyError):
        _ = versions["nothing"]
    assert versions.get("nothing") is None
